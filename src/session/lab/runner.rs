//! The programs that run on in a lab: how they begin, are polled, print and end.
//! Which one is due, and when, is the lab's business.

use hashbrown::HashMap;

use super::Lab;
use crate::program::{self, Console, Piece, Poll, Program};
use crate::session::backend::{
    ClientId, Create, Event, FileHandle, HostIo, Invocation, Output, Running, Signal, Status,
};
use crate::session::sinks::Ending;
use crate::tool::{self, ExecRequest};
use crate::units::SimTime;

/// What a program gets beside a poll.
pub(super) enum News<'n> {
    Signal(program::Signal),
    /// A part of standard input; an empty one is its end.
    Input(&'n [u8]),
}

/// A program that runs on.
pub(super) struct Runner {
    pub(super) program: Program,
    /// The name and the number of its process.
    pub(super) name: String,
    pub(super) pid: u32,
    pub(super) wake: Option<SimTime>,
    pub(super) files: HashMap<String, FileHandle>,
    /// The command, where its failure is kept for `explain`.
    pub(super) probe: Option<ExecRequest>,
}

impl Lab {
    /// Passes on what was printed; files are opened when their first piece comes. Only tcpdump writes files.
    pub(super) fn print(
        &mut self,
        client: ClientId,
        console: &mut Console,
        files: &mut HashMap<String, FileHandle>,
        mut host: Option<&mut dyn HostIo>,
    ) -> Result<(), String> {
        for piece in console.take() {
            let output = match piece {
                Piece::Out(bytes) => Output::Stdout(bytes),
                Piece::Err(bytes) => Output::Stderr(bytes),
                Piece::File {
                    path,
                    fresh: _,
                    bytes,
                } => {
                    let handle = match (files.get(&path), host.as_deref_mut()) {
                        (Some(&handle), _) => handle,
                        (None, Some(host)) => {
                            let opened = host.create_file(&path, Create::Truncate);
                            let handle =
                                opened.map_err(|error| format!("tcpdump: {path}: {error}\n"))?;
                            files.insert(path, handle);
                            handle
                        }
                        (None, None) => continue,
                    };
                    Output::File(handle, bytes)
                }
            };
            self.events.push((client, Event::Output(output)));
        }
        Ok(())
    }

    /// A program begins: its first poll may open files, which later ones only add to.
    pub(super) fn begin(
        &mut self,
        client: ClientId,
        mut program: Program,
        invocation: &Invocation,
        host: &mut dyn HostIo,
        probe: Option<ExecRequest>,
    ) -> Status {
        let mut console = Console::default();
        let poll = program.poll(&mut self.world, &mut console);
        let mut files = HashMap::new();
        if let Err(error) = self.print(client, &mut console, &mut files, Some(host)) {
            program.close(&mut self.world);
            self.say(client, &error);
            return Status::Done(1);
        }
        match poll {
            Poll::Exit(status) => {
                self.close_files(client, &files);
                program.close(&mut self.world);
                self.end_probe(probe, status);
                Status::Done(status)
            }
            Poll::Wait(wake) => {
                let running = Running {
                    drives_clock: program.is_active(),
                    signals: program
                        .signals()
                        .iter()
                        .map(|&signal| to_session(signal))
                        .collect(),
                    stdin: program.reads_stdin(),
                };
                let runner = Runner {
                    program,
                    name: invocation.tool().to_owned(),
                    pid: invocation.pid,
                    wake,
                    files,
                    probe,
                };
                self.running.insert(client, runner);
                Status::Running(running)
            }
        }
    }

    pub(super) fn close_files(&mut self, client: ClientId, files: &HashMap<String, FileHandle>) {
        let mut handles: Vec<FileHandle> = files.values().copied().collect();
        handles.sort_unstable();
        for handle in handles {
            self.events
                .push((client, Event::Output(Output::Close(handle))));
        }
    }

    /// Polls a program, or gives it a signal or input, and passes on what came of it.
    pub(super) fn poll(&mut self, client: ClientId, news: Option<News<'_>>) {
        let Some(mut runner) = self.running.remove(&client) else {
            return;
        };
        let mut console = Console::default();
        let program = &mut runner.program;
        let poll = match news {
            Some(News::Signal(signal)) => program.signal(&mut self.world, &mut console, signal),
            Some(News::Input(bytes)) => program.stdin(&mut self.world, &mut console, bytes),
            None => program.poll(&mut self.world, &mut console),
        };
        let printed = self.print(client, &mut console, &mut runner.files, None);
        debug_assert!(printed.is_ok(), "without a host no file is opened");
        match poll {
            Poll::Exit(status) => {
                self.close_files(client, &runner.files);
                runner.program.close(&mut self.world);
                self.end_probe(runner.probe, status);
                self.write_hops();
                let now = self.world.now();
                self.sinks.output(now, client.0, Ending::Status(status));
                self.events.push((client, Event::Ended(status)));
            }
            Poll::Wait(wake) => {
                runner.wake = wake;
                self.running.insert(client, runner);
            }
        }
    }

    /// A command that probes the network has ended.
    pub(super) fn end_probe(&mut self, probe: Option<ExecRequest>, status: i32) {
        if let Some(request) = probe {
            tool::explain::end_probe(&mut self.world, &request, status);
        }
    }
}

fn to_session(signal: program::Signal) -> Signal {
    match signal {
        program::Signal::Interrupt => Signal::Interrupt,
        program::Signal::Quit => Signal::Quit,
        program::Signal::Terminate => Signal::Terminate,
        program::Signal::Hangup => Signal::Hangup,
        program::Signal::Alarm => Signal::Alarm,
        program::Signal::User1 => Signal::User1,
        program::Signal::User2 => Signal::User2,
    }
}

pub(super) fn to_program(signal: Signal) -> program::Signal {
    match signal {
        Signal::Interrupt => program::Signal::Interrupt,
        Signal::Quit => program::Signal::Quit,
        Signal::Terminate => program::Signal::Terminate,
        Signal::Hangup => program::Signal::Hangup,
        Signal::Alarm => program::Signal::Alarm,
        Signal::User1 => program::Signal::User1,
        Signal::User2 => program::Signal::User2,
    }
}
