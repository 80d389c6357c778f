//! `vethlab exec` and `vethlab shell`: a session around one command, from its first breath to its last.
//! It serves no call itself: that is the server's part.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::{
    Pid, Resource, Rlimit, Signal as Number, WaitOptions, getpgrp, getrlimit, kill_process,
    setrlimit, wait,
};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::backend::{Backend, error_text};
use super::client::{FAILED, SOCKET, TOKEN, print};
use super::directory::{Directory, secret};
use super::prompt;
use super::server::{Parts, Server};
use super::signals::{Caught, was_ignored};
use super::tree::ProcessTree;

/// How many clients are served at once, where the system lets us open so many files.
const CLIENTS_MAX: u64 = 4096;
/// How many files are for other use than one client: for each process of the tree some are kept open.
const FILES_SPARE: u64 = 64;
const FILES_PER_CLIENT: u64 = 4;

/// Runs `command` in a session before `backend`, and gives its exit status.
pub fn exec<B: Backend>(backend: B, command: &[OsString]) -> i32 {
    let Some((name, arguments)) = command.split_first() else {
        return fail("failed to run a command: none is given");
    };
    let mut child = Command::new(name);
    child.args(arguments);
    match Session::new(backend.tools()) {
        Ok(session) => session.run(backend, child, None),
        Err(error) => fail(&format!("failed to begin a session: {error}")),
    }
}

/// Runs the user's shell in a session whose clock follows the wall.
pub fn shell<B: Backend>(backend: B) -> i32 {
    let session = Session::new(backend.tools());
    let shell = session.and_then(|session| {
        let shell = prompt::shell(session.directory.path())?;
        Ok((session, shell))
    });
    match shell {
        Ok((session, shell)) => session.run(backend, shell.command, Some(shell.rcfile)),
        Err(error) => fail(&format!("failed to begin a session: {error}")),
    }
}

fn fail(words: &str) -> i32 {
    let _ = print(io::stderr(), format!("vethlab: {words}\n").as_bytes());
    FAILED
}

/// What a session has in the system: a directory, a socket, a secret, the signals.
struct Session {
    directory: Directory,
    listener: UnixListener,
    token: String,
    caught: Caught,
    tools: Vec<&'static str>,
}

impl Session {
    fn new(tools: Vec<&'static str>) -> io::Result<Self> {
        let mut caught = Caught::new()?;
        for number in [SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            if !was_ignored(number) {
                caught.add(number)?;
            }
        }
        let directory = Directory::new(&places())?;
        let own = super::OWN_TOOLS;
        let others = tools.into_iter().filter(|tool| !own.contains(tool));
        let tools: Vec<_> = others.chain(own).collect();
        directory.link(&std::env::current_exe()?, tools.iter().copied())?;
        Ok(Self {
            listener: UnixListener::bind(directory.socket())?,
            token: secret()?,
            directory,
            caught,
            tools,
        })
    }

    /// Runs the command to its end.
    fn run<B: Backend>(self, backend: B, mut command: Command, rcfile: Option<PathBuf>) -> i32 {
        let old = std::env::var_os("PATH").unwrap_or_default();
        let mut path = self.directory.bin().into_os_string();
        if !old.is_empty() {
            path.push(":");
            path.push(old);
        }
        command
            .env("PATH", path)
            .env(SOCKET, self.directory.socket())
            .env(TOKEN, &self.token)
            .envs(backend.environment());
        let name = command.get_program().to_owned();
        adopt_orphans();
        let child = match command.spawn() {
            Ok(child) => i32::try_from(child.id()).ok().and_then(Pid::from_raw),
            Err(error) => return not_started(&name, &error),
        };
        let Some(child) = child else {
            return fail("failed to run the command: it has no number");
        };
        wake_in_time();
        let parts = Parts {
            listener: self.listener,
            token: self.token,
            tree: ProcessTree::below_self(self.tools.iter().copied()),
            bin: self.directory.bin(),
            follow: rcfile.is_some(),
            rcfile,
            clients_max: clients_max(),
            caught: Some(self.caught),
        };
        match Server::new(backend, parts) {
            Ok(server) => Overseer {
                server,
                child,
                told: false,
            }
            .oversee(),
            Err(error) => fail(&format!("failed to begin a session: {error}")),
        }
    }
}

/// Where a session's directory may be, the best first.
fn places() -> Vec<PathBuf> {
    ["XDG_RUNTIME_DIR", "TMPDIR"]
        .iter()
        .filter_map(std::env::var_os)
        .map(PathBuf::from)
        .chain([PathBuf::from("/tmp")])
        .collect()
}

/// Processes below whose parent ends become ours, so that the tree stays whole.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Short waits are short from now on: by default the kernel may add 50 us to each (`PR_SET_TIMERSLACK`).
/// For us only: the command has been started with its own. Where it cannot be said, the waits are as they were.
fn wake_in_time() {
    #[cfg(target_os = "linux")]
    let _ = std::fs::write("/proc/self/timerslack_ns", "1");
}

/// How many clients can be served. The limit on open files is raised for us only:
/// the command has been started with its own.
fn clients_max() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let clients = (files.unwrap_or(u64::MAX) / FILES_PER_CLIENT).saturating_sub(FILES_SPARE);
    usize::try_from(clients.clamp(8, CLIENTS_MAX)).unwrap_or(8)
}

fn not_started(name: &OsString, error: &io::Error) -> i32 {
    let name = name.to_string_lossy();
    let (text, status) = match error.kind() {
        ErrorKind::NotFound if !name.contains('/') => ("command not found".to_owned(), 127),
        ErrorKind::NotFound => ("No such file or directory".to_owned(), 127),
        _ => (error_text(error.raw_os_error().unwrap_or_default()), 126),
    };
    let _ = print(
        io::stderr(),
        format!("vethlab: {name}: {text}\n").as_bytes(),
    );
    status
}

/// Serves until the command ends.
struct Overseer<B: Backend> {
    server: Server<B>,
    child: Pid,
    /// The command has been told to end.
    told: bool,
}

impl<B: Backend> Overseer<B> {
    fn oversee(mut self) -> i32 {
        let mut timeout = None;
        let status = loop {
            self.server.pump(timeout);
            for number in self.server.take_signals() {
                self.pass_on(number);
            }
            if let Some(status) = self.reap() {
                break status;
            }
            timeout = self.server.step();
        };
        self.server.close();
        match self.server.backend.finish() {
            Ok(()) => status,
            Err(words) => {
                fail(&words);
                if status == 0 { FAILED } else { status }
            }
        }
    }

    /// Takes note of all children that ended. The exit status of the command, once it did.
    fn reap(&mut self) -> Option<i32> {
        let mut ended = None;
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid == self.child {
                let signal = status.terminating_signal().map(|signal| 128 + signal);
                ended = status.exit_status().or(signal).or(Some(1));
            }
        }
        ended
    }

    /// A signal came to us: the command gets it, unless it has it already.
    fn pass_on(&mut self, number: i32) {
        match number {
            SIGINT | SIGQUIT if !is_in_foreground() => {
                let group = getpgrp().as_raw_nonzero().get().unsigned_abs();
                for pid in self.server.tree.in_group(group) {
                    send(i32::try_from(pid).ok().and_then(Pid::from_raw), number);
                }
            }
            SIGTERM | SIGHUP => {
                let number = if self.told {
                    signal_hook::consts::SIGKILL
                } else {
                    number
                };
                send(Some(self.child), number);
                self.told = true;
            }
            _ => {}
        }
    }
}

/// Whether the terminal sends its signals to us: then it has sent them to the command as well.
fn is_in_foreground() -> bool {
    std::fs::File::open("/dev/tty")
        .is_ok_and(|terminal| rustix::termios::tcgetpgrp(terminal).ok() == Some(getpgrp()))
}

fn send(pid: Option<Pid>, number: i32) {
    if let (Some(pid), Some(signal)) = (pid, Number::from_named_raw(number)) {
        let _ = kill_process(pid, signal);
    }
}
