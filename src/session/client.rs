//! The client of a session: sends its call, prints what comes back, and ends as it is told.
//! It knows no tool; it starts fast, so it reads no more of its environment than it must.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::SIGPIPE;

use super::backend::{Create, FileHandle, Signal};
use super::children;
use super::frame::split_frame;
use super::proto::{CHUNK, HELLO_MAX, Hello, Reply, Request};
use super::signals::{Caught, die};

/// The variable that names the session's socket.
pub(super) const SOCKET: &str = "VETHLAB_SOCKET";
/// The variable that holds the session's secret.
pub(super) const TOKEN: &str = "VETHLAB_TOKEN";

/// The exit status where vethlab itself failed.
pub(super) const FAILED: i32 = 3;

/// How often a signal may be left unanswered before the client dies of it.
const PATIENCE: u32 = 3;

/// How a client ends.
pub(super) enum End {
    /// With this status.
    Exit(i32),
    /// Of this signal.
    Signal(i32),
}

/// Runs as the tool that `argv` names, within the session that the environment names.
pub fn run(argv: Vec<OsString>) -> i32 {
    let tool = tool_name(&argv);
    let argv = match super::stand_in::become_real(&tool, argv) {
        Ok(status) => return status,
        Err(argv) => argv,
    };
    let end = Client::call(&tool, argv).and_then(|mut client| client.serve());
    match end {
        Ok(End::Exit(status)) => status,
        Ok(End::Signal(number)) => die(number),
        Err(Failure(words)) => {
            let line = format!("{tool}: {words}\n");
            let _ = io::stderr().write_all(line.as_bytes());
            FAILED
        }
    }
}

fn tool_name(argv: &[OsString]) -> String {
    let name = argv.first().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    name.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Why a client cannot go on: a fragment that reads after the tool's name.
pub(super) struct Failure(pub String);

impl Failure {
    fn gone() -> Self {
        Self("vethlab: the session is gone".into())
    }
}

/// A client that is connected.
pub(super) struct Client {
    pub stream: UnixStream,
    tool: String,
    input: Vec<u8>,
    files: BTreeMap<FileHandle, File>,
    caught: Option<Caught>,
    /// How often each signal was passed on.
    passed_on: BTreeMap<i32, u32>,
    stdin_open: bool,
}

impl Client {
    /// Connects, and sends the call in one piece.
    fn call(tool: &str, argv: Vec<OsString>) -> Result<Self, Failure> {
        let (socket, hello) = describe(argv)?;
        let mut stream = UnixStream::connect(&socket).map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
                Failure("vethlab: the session that this belonged to has ended".into())
            }
            _ => Failure(format!("vethlab: failed to reach the session: {error}")),
        })?;
        let mut bytes = Vec::with_capacity(1024);
        Request::Hello(hello).encode(&mut bytes);
        // Where it is refused at the door, the reason is still to be read.
        let _ = stream.write_all(&bytes);
        Ok(Self {
            stream,
            tool: tool.to_owned(),
            input: Vec::new(),
            files: BTreeMap::new(),
            caught: None,
            passed_on: BTreeMap::new(),
            stdin_open: false,
        })
    }

    /// Does what it is told until it is told to end.
    fn serve(&mut self) -> Result<End, Failure> {
        loop {
            let reply = self.next_reply()?;
            match reply {
                Reply::Stdout(bytes) => match print(io::stdout(), &bytes) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                        return Ok(End::Signal(SIGPIPE));
                    }
                    Err(error) => return self.write_failed(&error),
                },
                Reply::Stderr(bytes) => drop(print(io::stderr(), &bytes)),
                Reply::Exit(status) => return Ok(End::Exit(status)),
                Reply::Die(signal) => return Ok(End::Signal(signal.number())),
                Reply::Running { signals, stdin } => self.run_on(signals, stdin)?,
                Reply::Exec(exec) => return Ok(End::Exit(children::become_command(&exec))),
                Reply::Each { runs, status } => {
                    return Ok(End::Exit(children::run_each(&runs, status)));
                }
                Reply::Timed(timed) => return children::run_timed(self, &timed),
                Reply::Read(path) => self.send_file(path)?,
                Reply::Create { handle, how, path } => self.create(handle, how, &path)?,
                Reply::File(handle, bytes) => {
                    if let Some(Err(error)) =
                        self.files.get_mut(&handle).map(|f| f.write_all(&bytes))
                    {
                        return self.write_failed(&error);
                    }
                }
                Reply::Close(handle) => drop(self.files.remove(&handle)),
                Reply::End => return Ok(End::Exit(128 + Signal::Terminate.number())),
                Reply::Refuse(words) => return Err(Failure(format!("vethlab: {words}"))),
                Reply::Kill(_) => {}
            }
        }
    }

    fn write_failed(&self, error: &io::Error) -> Result<End, Failure> {
        let text = super::backend::error_text(error.raw_os_error().unwrap_or_default());
        let _ = print(
            io::stderr(),
            format!("{}: write error: {text}\n", self.tool).as_bytes(),
        );
        Ok(End::Exit(1))
    }

    /// The next message, where meanwhile signals and standard input are passed on.
    fn next_reply(&mut self) -> Result<Reply, Failure> {
        loop {
            if let Some(reply) = self.take_reply()? {
                return Ok(reply);
            }
            if self.caught.is_some() || self.stdin_open {
                self.watch()?;
            } else {
                self.receive()?;
            }
        }
    }

    /// A message that has come whole.
    pub(super) fn take_reply(&mut self) -> Result<Option<Reply>, Failure> {
        let malformed = |_| Failure("vethlab: the session speaks another protocol".into());
        let Some((end, frame)) = split_frame(&self.input, HELLO_MAX).map_err(malformed)? else {
            return Ok(None);
        };
        let reply = Reply::decode(frame).map_err(malformed)?;
        self.input.drain(..end);
        Ok(Some(reply))
    }

    /// Reads what comes.
    pub(super) fn receive(&mut self) -> Result<(), Failure> {
        let mut room = [0; 8 << 10];
        match self.stream.read(&mut room) {
            Ok(0) => Err(Failure::gone()),
            Ok(length) => {
                self.input.extend_from_slice(&room[..length]);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(_) => Err(Failure::gone()),
        }
    }

    fn send(&mut self, request: &Request) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        request.encode(&mut bytes);
        self.stream.write_all(&bytes).map_err(|_| Failure::gone())
    }

    /// The tool runs on: its signals are caught from now on.
    fn run_on(&mut self, signals: u32, stdin: bool) -> Result<(), Failure> {
        self.stdin_open = stdin;
        if signals == 0 {
            return Ok(());
        }
        let failed =
            |error: io::Error| Failure(format!("vethlab: failed to catch signals: {error}"));
        let mut caught = Caught::new().map_err(failed)?;
        for signal in Signal::ALL {
            if signals & signal.bit() != 0 {
                caught.add(signal.number()).map_err(failed)?;
            }
        }
        self.caught = Some(caught);
        Ok(())
    }

    /// Waits for the session, a signal or standard input.
    fn watch(&mut self) -> Result<(), Failure> {
        let stdin = io::stdin();
        let mut fds = vec![PollFd::new(&self.stream, PollFlags::IN)];
        if let Some(caught) = &self.caught {
            fds.push(PollFd::new(caught, PollFlags::IN));
        }
        if self.stdin_open {
            fds.push(PollFd::new(&stdin, PollFlags::IN));
        }
        if poll(&mut fds, None).is_err() {
            return Ok(());
        }
        let ready = |index: usize| fds.get(index).is_some_and(|fd| !fd.revents().is_empty());
        let from_session = ready(0);
        let from_stdin = self.stdin_open && ready(fds.len() - 1);
        let signalled = self.caught.is_some() && ready(1);
        if signalled {
            self.pass_signals()?;
        }
        if from_stdin {
            self.pass_stdin()?;
        }
        if from_session {
            self.receive()?;
        }
        Ok(())
    }

    fn pass_signals(&mut self) -> Result<(), Failure> {
        let numbers = self.caught.as_mut().map_or_else(Vec::new, Caught::take);
        for number in numbers {
            let count = self.passed_on.entry(number).or_default();
            *count += 1;
            let is_repeatable = number == Signal::Quit.number();
            if *count > PATIENCE && !is_repeatable {
                die(number);
            }
            let signal = Signal::ALL
                .into_iter()
                .find(|signal| signal.number() == number);
            if let Some(signal) = signal {
                self.send(&Request::Signal(signal))?;
            }
        }
        Ok(())
    }

    fn pass_stdin(&mut self) -> Result<(), Failure> {
        let mut room = vec![0; CHUNK];
        let length = rustix::io::read(io::stdin().as_fd(), &mut room).unwrap_or(0);
        self.stdin_open = length > 0;
        room.truncate(length);
        self.send(&Request::Input(room))
    }

    /// Sends a file's content: a plain one at once, any other when it has come to its end.
    fn send_file(&mut self, path: Option<Vec<u8>>) -> Result<(), Failure> {
        match self.send_content(path)? {
            Ok(()) => self.send(&Request::DataEnd),
            Err(error) => self.send(&Request::DataError(error.raw_os_error().unwrap_or(5))),
        }
    }

    /// The outer error is that of the session, the inner one that of the file.
    fn send_content(&mut self, path: Option<Vec<u8>>) -> Result<io::Result<()>, Failure> {
        let path = match path {
            Some(path) => OsString::from_vec(path),
            None => "/dev/stdin".into(),
        };
        let is_stdin = path == "/dev/stdin";
        let meta = match is_stdin {
            true => File::from(match io::stdin().as_fd().try_clone_to_owned() {
                Ok(fd) => fd,
                Err(error) => return Ok(Err(error)),
            })
            .metadata(),
            false => fs::metadata(&path),
        };
        let meta = match meta {
            Ok(meta) => meta,
            Err(error) => return Ok(Err(error)),
        };
        let null = fs::metadata("/dev/null");
        let is_null = null.is_ok_and(|null| same_device(&null, &meta));
        if !meta.is_file() && !meta.is_dir() && !is_null {
            self.send(&Request::DataLater)?;
        }
        let opened: io::Result<Box<dyn Read>> = match is_stdin {
            true => Ok(Box::new(io::stdin())),
            false => File::open(&path).map(|file| Box::new(file) as Box<dyn Read>),
        };
        let mut file = match opened {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        let mut room = vec![0; CHUNK];
        loop {
            match file.read(&mut room) {
                Ok(0) => return Ok(Ok(())),
                Ok(length) => self.send(&Request::Data(room[..length].to_vec()))?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    fn create(&mut self, handle: FileHandle, how: Create, path: &[u8]) -> Result<(), Failure> {
        let mut options = OpenOptions::new();
        match how {
            Create::Truncate => options.write(true).create(true).truncate(true),
            Create::Append => options.append(true).create(true),
            Create::New => options.write(true).create_new(true),
        };
        match options.open(std::ffi::OsStr::from_bytes(path)) {
            Ok(file) => {
                self.files.insert(handle, file);
                self.send(&Request::DataEnd)
            }
            Err(error) => self.send(&Request::DataError(error.raw_os_error().unwrap_or(5))),
        }
    }
}

fn same_device(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    one.rdev() == other.rdev() && one.mode() == other.mode()
}

/// Writes past the buffers of the standard library.
pub(super) fn print(file: impl AsFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(&file, bytes) {
            Ok(length) => bytes = bytes.get(length..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => {
                // Somebody left the file non-blocking: wait as if it were not.
                let mut fds = [PollFd::new(&file, PollFlags::OUT)];
                let _ = poll(&mut fds, None);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The session's socket and the call, from the process's surroundings.
fn describe(argv: Vec<OsString>) -> Result<(OsString, Hello), Failure> {
    let mut socket = None;
    let mut hello = Hello {
        terminals: terminals(),
        columns: columns(),
        cwd: std::env::current_dir()
            .map_or_else(|_| b"/".to_vec(), |cwd| cwd.into_os_string().into_vec()),
        argv: argv.into_iter().map(OsString::into_vec).collect(),
        ..Hello::default()
    };
    for (name, value) in std::env::vars_os() {
        if name == SOCKET {
            socket = Some(value);
        } else if name == TOKEN {
            hello.token = value.into_vec();
        } else if is_wanted(name.as_bytes()) {
            let mut pair = name.into_vec();
            pair.push(b'=');
            pair.extend(value.into_vec());
            hello.env.push(pair);
        }
    }
    let outside = "vethlab: this command works inside `vethlab exec` and `vethlab shell` only";
    Ok((socket.ok_or_else(|| Failure(outside.into()))?, hello))
}

/// What a simulated tool may see of the environment.
fn is_wanted(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 12] = [
        b"LANG",
        b"TERM",
        b"NO_COLOR",
        b"COLORFGBG",
        b"COLUMNS",
        b"LINES",
        b"TZ",
        b"HOME",
        b"USER",
        b"SHELL",
        b"PATH",
        b"POSIXLY_CORRECT",
    ];
    name.starts_with(b"VETHLAB_")
        || name.starts_with(b"LC_")
        || name.starts_with(b"SUDO_")
        || NAMES.contains(&name)
}

fn terminals() -> u8 {
    let bit = |is: bool, bit: u8| if is { bit } else { 0 };
    bit(rustix::termios::isatty(rustix::stdio::stdin()), 1)
        | bit(rustix::termios::isatty(rustix::stdio::stdout()), 2)
        | bit(rustix::termios::isatty(rustix::stdio::stderr()), 4)
}

fn columns() -> u16 {
    rustix::termios::tcgetwinsize(rustix::stdio::stdout()).map_or(0, |size| size.ws_col)
}
