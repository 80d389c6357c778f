//! What a tool is called with, beside its words: the caller's files, terminal and environment.
//! It reads nothing itself: the session or a scenario hands everything in.

use std::collections::BTreeMap;

use crate::docker::Engines;
use crate::kernel::World;
use crate::program::{Console, Program};
use crate::units::{Errno, HostId, NetnsId, SockId};

/// One call of a tool: where it runs, and what it can see and say.
pub struct Call<'a> {
    /// The world that it looks at and changes.
    pub world: &'a mut World,
    /// The container engines of the world's hosts.
    pub docker: &'a mut Engines,
    /// The host on which it runs.
    pub host: HostId,
    /// The namespace in which it runs.
    pub netns: NetnsId,
    /// Where it prints.
    pub console: &'a mut Console,
    /// The caller's files.
    pub files: &'a mut dyn Files,
    /// The caller's terminal, environment and process.
    pub env: &'a Env,
}

/// Stands for an exit status among the words of a command: see [`Outcome::Then`].
pub const STATUS_WORD: &str = "{status}";

/// How a call of a tool goes on.
pub enum Outcome {
    /// It has ended with this exit status.
    Exit(i32),
    /// It runs on in virtual time.
    Start(Box<Program>),
    /// The caller becomes another command.
    Exec(ExecRequest),
    /// The caller runs commands one after another, and then ends with status 0; each
    /// comes with what is printed to standard output before it.
    Each(Vec<(String, ExecRequest)>),
    /// The caller runs one command and then another, among whose words [`STATUS_WORD`] stands for the first
    /// one's exit status. It ends with the second one's.
    Then(Box<[ExecRequest; 2]>),
    /// A file is not there yet ([`FileError::Wait`]): the call is to be started again.
    Wait,
}

/// Why a file could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileError {
    /// It comes at its writer's pace (a pipe, a terminal) and is not complete yet. The tool must
    /// end with [`Outcome::Wait`], having changed and printed nothing: it is started again.
    Wait,
    /// The system's error.
    Errno(Errno),
    /// An error that [`Errno`] does not have, in words (`File too large`).
    Other(String),
}

impl From<Errno> for FileError {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

impl std::fmt::Display for FileError {
    /// As `strerror` says it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Wait => f.write_str("not yet readable"),
            Self::Errno(errno) => write!(f, "{errno}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// The caller's files. Paths are relative to the caller's working directory.
pub trait Files {
    /// The content of a file.
    ///
    /// # Errors
    /// As opening and reading it gives.
    fn read(&mut self, path: &str) -> Result<Vec<u8>, FileError>;

    /// Standard input up to its end.
    ///
    /// # Errors
    /// [`FileError::Wait`] where the end has not come yet.
    fn stdin(&mut self) -> Result<Vec<u8>, FileError>;
}

/// No files at all, for callers that have none: standard input is empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&mut self, _path: &str) -> Result<Vec<u8>, FileError> {
        Err(Errno::Enoent.into())
    }

    fn stdin(&mut self) -> Result<Vec<u8>, FileError> {
        Ok(Vec::new())
    }
}

/// The caller's terminal, environment and process.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Env {
    /// Whether standard input is a terminal.
    pub stdin_tty: bool,
    /// Whether standard output is a terminal.
    pub stdout_tty: bool,
    /// The width of the terminal, where there is one.
    pub columns: Option<u16>,
    /// The working directory.
    pub cwd: String,
    /// The caller's process number.
    pub pid: u32,
    /// The process's number as frames show it (the id of an echo request): unlike `pid` the same at every run.
    pub ident: u16,
    /// The process number of the shell that called it (`$$` in a script); 0 where the command names no process.
    pub ppid: u32,
    /// Environment variables that tools look at (`NO_COLOR`, `COLORFGBG`, ...).
    pub vars: BTreeMap<String, String>,
    /// Processes that are known to run in a namespace: what `ip netns pids` lists.
    pub processes: BTreeMap<u32, NetnsId>,
    /// The name and number of the process of each socket: what `ss -p` shows.
    pub owners: BTreeMap<SockId, (String, u32)>,
}

impl ExecRequest {
    /// The command with the exit status of the one before it ([`Outcome::Then`]).
    pub fn after(mut self, status: i32) -> Self {
        for word in &mut self.argv {
            if word == STATUS_WORD {
                *word = status.to_string();
            }
        }
        self
    }
}

/// A command to run in a namespace: a simulated tool, or a real one by the client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExecRequest {
    /// The host on which it runs.
    pub host: HostId,
    /// The namespace in which it runs.
    pub netns: NetnsId,
    /// The name of the namespace, where it was entered by name.
    pub netns_name: Option<String>,
    /// The words of the command.
    pub argv: Vec<String>,
    /// What is printed to standard error where the command cannot be executed;
    /// `{}` stands for the system's words. A whole text, newline included.
    pub failure: String,
    /// The exit status then.
    pub failure_status: i32,
}
