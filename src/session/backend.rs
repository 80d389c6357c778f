//! What a session asks of the world behind it: the trait [`Backend`] and its words.
//! It holds no world and opens no socket.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// A client of a session: one running call of one tool.
///
/// Numbers grow in the order in which the calls are taken up and are never
/// used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ClientId(pub u64);

/// One call of a tool, as the client sent it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Invocation {
    /// The words of the command; the first is the name of the tool.
    pub argv: Vec<String>,
    /// The part of the environment that a simulated tool may look at:
    /// `VETHLAB_*`, the locale, `TERM`, `COLUMNS` and the like.
    pub env: BTreeMap<String, String>,
    /// The working directory of the caller.
    pub cwd: PathBuf,
    /// The caller's process number.
    pub pid: u32,
    /// Whether standard input is a terminal.
    pub stdin_tty: bool,
    /// Whether standard output is a terminal.
    pub stdout_tty: bool,
    /// Whether standard error is a terminal.
    pub stderr_tty: bool,
    /// The width of the terminal, where standard output is one.
    pub columns: Option<u16>,
}

impl Invocation {
    /// The name of the tool that was called, without its directory.
    pub fn tool(&self) -> &str {
        self.argv.first().map_or("", |name| base_name(name))
    }
}

/// The last part of a path: `ip` of `/sbin/ip`.
pub fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A signal that a simulated tool can handle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Signal {
    /// SIGHUP: the terminal went away.
    Hangup,
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGQUIT: Ctrl-\, at which `ping` prints a line of statistics and goes on.
    Quit,
    /// SIGALRM.
    Alarm,
    /// SIGTERM: what `kill` sends.
    Terminate,
    /// SIGUSR1.
    User1,
    /// SIGUSR2.
    User2,
}

impl Signal {
    /// Every signal that can be handled.
    pub const ALL: [Self; 7] = [
        Self::Hangup,
        Self::Interrupt,
        Self::Quit,
        Self::Alarm,
        Self::Terminate,
        Self::User1,
        Self::User2,
    ];

    /// The signal's place in a set of bits.
    pub(super) fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

/// How a tool's call goes on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Status {
    /// It ended with this exit status. What it printed is in [`Backend::drain`].
    Done(i32),
    /// It runs on in virtual time, until an [`Event::Ended`] for it is drained.
    Running(Running),
    /// The caller becomes another command. A simulated one is started
    /// at once in its place; a real one is executed by the client.
    Exec(Exec),
    /// The caller runs several commands one after another, and then ends.
    Each(Each),
    /// A file or standard input that was asked for ([`HostError::Wait`]) is not there
    /// yet. The call is started again, from the beginning, once it is: nothing may
    /// have been changed or printed before.
    Wait,
}

/// A tool that runs on in virtual time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Running {
    /// Whether it drives the clock, as `ping` and `sleep` do. One that only
    /// listens (`tcpdump`, `nc -l`) does not.
    pub drives_clock: bool,
    /// The signals that it handles; of any other the client dies.
    pub signals: Vec<Signal>,
    /// Whether it reads its standard input ([`Backend::stdin`]).
    pub stdin: bool,
}

/// Another command that a caller becomes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Exec {
    /// The words of the command.
    pub argv: Vec<String>,
    /// What changes in the environment: a value, or `None` to take it out.
    pub env: Vec<(String, Option<String>)>,
    /// Printed to standard error first, as a line: see
    /// [`leaves_simulation`](super::leaves_simulation).
    pub notice: Option<String>,
    /// What is printed where the command cannot be executed; `{}` stands
    /// for the system's words (`No such file or directory`).
    pub failure: String,
    /// The exit status then.
    pub failure_status: i32,
}

/// Several commands that a caller runs one after another.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Each {
    /// The commands, each with what is printed to standard output before it.
    pub runs: Vec<(Vec<u8>, Exec)>,
    /// The exit status at the end; where `None`, that of the last command. Then a word
    /// `{status}` of a command stands for the exit status of the one before it.
    pub status: Option<i32>,
}

/// A file that the client has opened for a tool, in the order of opening.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileHandle(pub u32);

/// Something that a tool prints or writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Bytes for standard output.
    Stdout(Vec<u8>),
    /// Bytes for standard error.
    Stderr(Vec<u8>),
    /// Bytes for the end of a file that [`HostIo::create_file`] opened.
    File(FileHandle, Vec<u8>),
    /// The file is complete.
    Close(FileHandle),
}

/// What happened to a client since the last [`Backend::drain`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// It printed or wrote something.
    Output(Output),
    /// It ended with this exit status.
    Ended(i32),
    /// It died of a signal.
    Died(Signal),
}

/// How a file is opened for writing. It gets the caller's umask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Create {
    /// An existing file loses its content.
    Truncate,
    /// An existing file is added to.
    Append,
    /// The file must not exist.
    New,
}

/// Why the host gave no file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HostError {
    /// It is read at its writer's pace (a pipe, a terminal): answer
    /// [`Status::Wait`], and ask again when started again.
    Wait,
    /// The system's error number.
    Os(i32),
    /// It is larger than a session takes.
    TooLarge,
    /// The client is gone, or does not answer as agreed.
    Gone,
}

impl fmt::Display for HostError {
    /// The C library's words where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wait => f.write_str("not yet readable"),
            Self::Os(number) => f.write_str(&error_text(*number)),
            Self::TooLarge => f.write_str("File too large"),
            Self::Gone => f.write_str("the client is gone"),
        }
    }
}

/// The C library's words for an error number, without the number.
pub(super) fn error_text(number: i32) -> String {
    let text = io::Error::from_raw_os_error(number).to_string();
    match text.rfind(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// The caller's files. Paths are taken relative to the caller's working directory.
pub trait HostIo {
    /// The content of a file.
    fn read_file(&mut self, path: &str) -> Result<Vec<u8>, HostError>;
    /// Standard input up to its end.
    fn read_stdin(&mut self) -> Result<Vec<u8>, HostError>;
    /// Opens a file for writing.
    fn create_file(&mut self, path: &str, how: Create) -> Result<FileHandle, HostError>;
}

/// The world behind a session, with its tools.
///
/// A call is [`start`](Backend::start)ed, and while it runs on the session moves the clock with
/// [`advance`](Backend::advance). After each of these the session takes what
/// happened from [`drain`](Backend::drain).
pub trait Backend: Send {
    /// The names of the tools that it knows. `sleep` and `timeout` are the session's own.
    fn tools(&self) -> Vec<&'static str>;

    /// What the command's environment says of the place where it begins.
    fn environment(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// Starts a call. The time that a process takes ([`TOOL_COST_NS`]) is
    /// spent here, by the world itself.
    fn start(&mut self, client: ClientId, call: &Invocation, host: &mut dyn HostIo) -> Status;

    /// A part of a running client's standard input; an empty one is its end.
    fn stdin(&mut self, client: ClientId, bytes: &[u8]);

    /// A signal reached a running client that handles it.
    fn signal(&mut self, client: ClientId, signal: Signal);

    /// A running client is gone. Nothing more may be drained for it.
    fn hang_up(&mut self, client: ClientId);

    /// Lets time pass up to `until_ns`, but not beyond the first instant at
    /// which a client has output or ends.
    fn advance(&mut self, until_ns: u64);

    /// The time of the next event, where there is one.
    fn next_event_ns(&self) -> Option<u64>;

    /// The virtual time, in nanoseconds since the world began.
    fn now_ns(&self) -> u64;

    /// What happened to clients since the last call, in order.
    fn drain(&mut self) -> Vec<(ClientId, Event)>;

    /// The session ends: whatever is to be written at the end is written now.
    /// The error is a line for the user.
    fn finish(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// The virtual time that a tool's process takes, in nanoseconds.
pub const TOOL_COST_NS: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_tool_is_without_directory() {
        let call = Invocation {
            argv: vec!["/usr/sbin/ip".into(), "link".into()],
            ..Invocation::default()
        };
        assert_eq!(call.tool(), "ip");
        assert_eq!(Invocation::default().tool(), "");
    }

    #[test]
    fn error_of_host_has_the_words_of_the_system() {
        assert_eq!(HostError::Os(2).to_string(), "No such file or directory");
        assert_eq!(HostError::Os(13).to_string(), "Permission denied");
    }
}
