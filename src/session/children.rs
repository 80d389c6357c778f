//! What a client does with real commands: becomes one, runs several, runs one for a limited time.
//! Which commands, and for how long, is decided by the session.

use std::io::{self, ErrorKind};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal as Number, kill_current_process_group, kill_process, setpgid};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGKILL, SIGQUIT, SIGTERM};

use super::backend::{Exec, error_text};
use super::client::{Client, End, Failure, print};
use super::proto::{Reply, Timed};
use super::signals::{self, Caught};
use crate::tool::STATUS_WORD;

/// The exit status of `timeout` where the time was over.
const TIMED_OUT: i32 = 124;

/// Becomes another command. Comes back with an exit status only where that failed.
pub(super) fn become_command(exec: &Exec) -> i32 {
    announce(exec);
    let error = command(exec).exec();
    failed(exec, &error)
}

/// Runs commands one after another.
pub(super) fn run_each(runs: &[(Vec<u8>, Exec)], status: Option<i32>) -> i32 {
    let mut last = 0;
    // What ends one command must not keep the next from running.
    let caught = status.is_none().then(catch);
    for (before, exec) in runs {
        let _ = print(io::stdout(), before);
        announce(exec);
        let mut exec = exec.clone();
        if status.is_none() {
            for word in exec.argv.iter_mut().filter(|word| *word == STATUS_WORD) {
                *word = last.to_string();
            }
        }
        last = match command(&exec).status() {
            Ok(ended) => status_of(ended),
            Err(error) => failed(&exec, &error),
        };
    }
    drop(caught);
    status.unwrap_or(last)
}

/// The exit status as a shell has it.
pub(super) fn status_of(ended: ExitStatus) -> i32 {
    ended
        .code()
        .or_else(|| ended.signal().map(|signal| 128 + signal))
        .unwrap_or(1)
}

fn announce(exec: &Exec) {
    if let Some(notice) = &exec.notice {
        let _ = print(io::stderr(), format!("{notice}\n").as_bytes());
    }
}

fn failed(exec: &Exec, error: &io::Error) -> i32 {
    let text = error_text(error.raw_os_error().unwrap_or_default());
    let mut line = exec.failure.replace("{}", &text);
    if !line.is_empty() && !line.ends_with('\n') {
        line.push('\n');
    }
    let _ = print(io::stderr(), line.as_bytes());
    exec.failure_status
}

fn command(exec: &Exec) -> Command {
    let mut words = exec.argv.iter();
    let mut command = Command::new(words.next().map_or("", String::as_str));
    command.args(words);
    for (name, value) in &exec.env {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Runs a command until it ends by itself or its time is over, as `timeout` does.
pub(super) fn run_timed(client: &mut Client, timed: &Timed) -> Result<End, Failure> {
    if !timed.foreground {
        // The command and its children can be signalled together then.
        let _ = setpgid(None, None);
    }
    let mut caught = catch().map_err(|error| Failure(format!("vethlab: {error}")))?;
    let mut words = timed.argv.iter();
    let name = words.next().map_or("", String::as_str);
    let mut child = match Command::new(name).args(words).spawn() {
        Ok(child) => child,
        Err(error) => return Ok(End::Exit(not_started(name, &error))),
    };
    let mut timed_out = None;
    loop {
        if let Ok(Some(ended)) = child.try_wait() {
            return Ok(end_of(timed, timed_out, ended));
        }
        let mut fds = [
            PollFd::new(&client.stream, PollFlags::IN),
            PollFd::new(&caught, PollFlags::IN),
        ];
        if poll(&mut fds, None).is_err() {
            continue;
        }
        let from_session = !fds[0].revents().is_empty();
        for number in caught.take() {
            if number != SIGCHLD {
                send(timed, &mut caught, &child, number);
            }
        }
        if from_session {
            if let Err(gone) = client.receive() {
                // Nobody keeps the time any more.
                send(timed, &mut caught, &child, SIGTERM);
                let _ = child.wait();
                return Err(gone);
            }
            while let Some(reply) = client.take_reply()? {
                match reply {
                    Reply::Kill(number) => {
                        timed_out.get_or_insert(number);
                        if number == SIGKILL {
                            timed_out = Some(SIGKILL);
                        }
                        say(timed, number);
                        send(timed, &mut caught, &child, number);
                    }
                    Reply::End => send(timed, &mut caught, &child, SIGTERM),
                    _ => {}
                }
            }
        }
    }
}

fn catch() -> io::Result<Caught> {
    let mut caught = Caught::new()?;
    for number in [SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT] {
        caught.add(number)?;
    }
    Ok(caught)
}

fn not_started(name: &str, error: &io::Error) -> i32 {
    let text = error_text(error.raw_os_error().unwrap_or_default());
    let line = format!("timeout: failed to run command '{name}': {text}\n");
    let _ = print(io::stderr(), line.as_bytes());
    match error.kind() {
        ErrorKind::NotFound => 127,
        _ => 126,
    }
}

fn say(timed: &Timed, number: i32) {
    if timed.verbose {
        let name = timed.argv.first().map_or("", String::as_str);
        let line = format!(
            "timeout: sending signal {} to command '{name}'\n",
            signals::name(number)
        );
        let _ = print(io::stderr(), line.as_bytes());
    }
}

/// Sends a signal to the command, and to its whole group where it has one of its own.
fn send(timed: &Timed, caught: &mut Caught, child: &Child, number: i32) {
    let signal = Number::from_named_raw(number);
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let (Some(signal), Some(pid)) = (signal, pid) else {
        return;
    };
    let _ = kill_process(pid, signal);
    if timed.foreground {
        return;
    }
    // We are in that group ourselves: catch the signal, and do not take it for one to be passed on.
    // Nothing withstands a kill, and `timeout` dies of it as the real one does.
    if number == SIGKILL || caught.add(number).is_ok() {
        let _ = kill_current_process_group(signal);
        caught.take();
    }
    let _ = kill_process(pid, Number::CONT);
}

fn end_of(timed: &Timed, timed_out: Option<i32>, ended: ExitStatus) -> End {
    match (timed_out, ended.signal()) {
        (None, Some(number)) => End::Signal(number),
        (Some(_), Some(number)) if number == SIGKILL => End::Exit(128 + number),
        (Some(_), _) if !timed.preserve_status => End::Exit(TIMED_OUT),
        _ => End::Exit(status_of(ended)),
    }
}
