//! One client's connection in the server: bounded buffers on a socket that never blocks.
//! What a message means is decided by the server.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::backend::{Create, FileHandle, HostError, HostIo};
use super::frame::split_frame;
use super::proto::{FRAME_MAX, HELLO_MAX, Reply, Request};

/// How much output may wait for a client that does not read. One that lets it grow beyond is dropped.
pub(super) const OUTPUT_MAX: usize = 64 << 20;
/// How much input may wait before a client is no longer read from.
const INPUT_MAX: usize = 4 << 20;
/// The largest file that is taken from a client.
const FILE_MAX: usize = 256 << 20;
/// How long a client may take to answer for a plain file.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// How much is read at once.
const READ_SIZE: usize = 64 << 10;

/// A connection with what waits on it.
pub(super) struct Connection {
    stream: UnixStream,
    input: Vec<u8>,
    output: VecDeque<u8>,
    /// Messages that are not handled yet, and how many bytes they have.
    inbox: VecDeque<Request>,
    inbox_bytes: usize,
    /// Whether the hello is over: only it may be long.
    greeted: bool,
    /// The client hung up, or spoke no sense.
    gone: bool,
}

impl Connection {
    /// Takes over a fresh stream.
    pub(super) fn new(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            input: Vec::new(),
            output: VecDeque::new(),
            inbox: VecDeque::new(),
            inbox_bytes: 0,
            greeted: false,
            gone: false,
        })
    }

    /// Whether the other side is gone, or was given up.
    pub(super) fn is_gone(&self) -> bool {
        self.gone
    }

    /// Gives up on the other side.
    pub(super) fn give_up(&mut self) {
        self.gone = true;
        self.output.clear();
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }

    /// Whether everything is sent.
    pub(super) fn is_flushed(&self) -> bool {
        self.output.is_empty()
    }

    /// What to poll the stream for.
    pub(super) fn interest(&self) -> PollFlags {
        let mut flags = PollFlags::empty();
        if self.inbox_bytes < INPUT_MAX {
            flags |= PollFlags::IN;
        }
        if !self.output.is_empty() {
            flags |= PollFlags::OUT;
        }
        flags
    }

    /// The first message that is not handled yet.
    pub(super) fn first(&self) -> Option<&Request> {
        self.inbox.front()
    }

    /// Takes the first message.
    pub(super) fn take(&mut self) -> Option<Request> {
        let request = self.inbox.pop_front()?;
        self.inbox_bytes -= size_of_request(&request);
        Some(request)
    }

    /// Reads what is there.
    pub(super) fn receive(&mut self) {
        let mut room = [0; READ_SIZE];
        while !self.gone && self.inbox_bytes < INPUT_MAX {
            match self.stream.read(&mut room) {
                Ok(0) => self.gone = true,
                Ok(length) => {
                    self.input.extend_from_slice(&room[..length]);
                    self.split();
                    if length < room.len() {
                        // Most often all; if not, the stream stays readable.
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.gone = true,
            }
        }
    }

    /// Turns bytes into messages.
    fn split(&mut self) {
        let mut start = 0;
        loop {
            let max = if self.greeted { FRAME_MAX } else { HELLO_MAX };
            let rest = self.input.get(start..).unwrap_or_default();
            let request = match split_frame(rest, max) {
                Ok(None) => break,
                Ok(Some((end, frame))) => {
                    start += end;
                    Request::decode(frame)
                }
                Err(error) => Err(error),
            };
            match request {
                Ok(request) if matches!(request, Request::Hello(_)) != self.greeted => {
                    self.greeted = true;
                    self.inbox_bytes += size_of_request(&request);
                    self.inbox.push_back(request);
                }
                _ => return self.give_up(),
            }
        }
        self.input.drain(..start);
    }

    /// Puts a message behind what waits to be sent. A client that lets too much wait is given up.
    pub(super) fn send(&mut self, reply: &Reply) {
        let mut bytes = Vec::new();
        reply.encode(&mut bytes);
        self.send_frames(&bytes);
    }

    /// Puts whole frames behind what waits to be sent.
    pub(super) fn send_frames(&mut self, frames: &[u8]) {
        if self.gone {
            return;
        }
        self.output.extend(frames);
        if self.output.len() > OUTPUT_MAX {
            self.give_up();
        }
    }

    /// Writes as much as the socket takes.
    pub(super) fn flush(&mut self) {
        while !self.gone && !self.output.is_empty() {
            let (front, _) = self.output.as_slices();
            match self.stream.write(front) {
                Ok(length) => drop(self.output.drain(..length)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => {
                    // It closed its end. What it sent before may still be read.
                    self.output.clear();
                    self.receive();
                    self.gone = true;
                }
            }
        }
        if self.output.is_empty() && self.output.capacity() > READ_SIZE * 4 {
            self.output.shrink_to(READ_SIZE);
        }
    }

    /// Waits for the next message that answers a question about a file.
    fn answer(&mut self, until: Instant) -> Result<Request, HostError> {
        loop {
            self.flush();
            self.receive();
            let place = self.inbox.iter().position(is_answer);
            if let Some(request) = place.and_then(|place| self.inbox.remove(place)) {
                self.inbox_bytes -= size_of_request(&request);
                return Ok(request);
            }
            let left = until.saturating_duration_since(Instant::now());
            if self.gone || left.is_zero() {
                self.give_up();
                return Err(HostError::Gone);
            }
            let flags = self.interest() | PollFlags::IN;
            let mut fds = [PollFd::new(&self.stream, flags)];
            let _ = poll(&mut fds, Some(&timespec(left)));
        }
    }

    /// Asks for a file's content; a plain file comes at once.
    fn fetch(&mut self, path: Option<&str>) -> Result<Vec<u8>, HostError> {
        self.send(&Reply::Read(path.map(|path| path.as_bytes().to_vec())));
        let mut content = Vec::new();
        loop {
            match self.answer(Instant::now() + ANSWER_MAX)? {
                Request::Data(bytes) => content.extend_from_slice(&bytes),
                Request::DataEnd => return Ok(content),
                Request::DataError(number) => return Err(HostError::Os(number)),
                _ => return Err(HostError::Wait),
            }
            if content.len() > FILE_MAX {
                self.give_up();
                return Err(HostError::TooLarge);
            }
        }
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// A timeout as `poll` takes it.
pub(super) fn timespec(span: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(span.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: span.subsec_nanos().into(),
    }
}

fn size_of_request(request: &Request) -> usize {
    16 + match request {
        Request::Hello(hello) => hello.argv.iter().chain(&hello.env).map(Vec::len).sum(),
        Request::Input(bytes) | Request::Data(bytes) => bytes.len(),
        Request::Signal(_) | Request::DataEnd | Request::DataError(_) | Request::DataLater => 0,
    }
}

fn is_answer(request: &Request) -> bool {
    match request {
        Request::Data(_) | Request::DataEnd | Request::DataError(_) | Request::DataLater => true,
        Request::Hello(_) | Request::Signal(_) | Request::Input(_) => false,
    }
}

/// A file that came at its writer's pace, or why it did not.
#[derive(Default, Debug)]
pub(super) struct Fetched {
    /// Its path; `None` is standard input.
    pub path: Option<String>,
    /// What came so far.
    pub content: Vec<u8>,
    /// How it ended, once it has.
    pub end: Option<Result<(), HostError>>,
}

impl Fetched {
    /// Takes the next part of the file. Whether it is complete.
    pub(super) fn take(&mut self, request: Request) -> bool {
        match request {
            Request::Data(bytes) => self.content.extend_from_slice(&bytes),
            Request::DataEnd => self.end = Some(Ok(())),
            Request::DataError(number) => self.end = Some(Err(HostError::Os(number))),
            _ => {}
        }
        if self.content.len() > FILE_MAX {
            self.content = Vec::new();
            self.end = Some(Err(HostError::TooLarge));
        }
        self.end.is_some()
    }
}

/// The caller's files, for one start of its tool.
pub(super) struct Host<'a> {
    /// Where to ask.
    pub connection: &'a mut Connection,
    /// What has come already.
    pub fetched: &'a mut Vec<Fetched>,
    /// The number of the next file that is opened.
    pub next_handle: &'a mut u32,
}

impl Host<'_> {
    fn read(&mut self, path: Option<&str>) -> Result<Vec<u8>, HostError> {
        let known = self
            .fetched
            .iter()
            .find(|file| file.path.as_deref() == path);
        match known.map(|file| (&file.end, &file.content)) {
            Some((Some(Ok(())), content)) => return Ok(content.clone()),
            Some((Some(Err(error)), _)) => return Err(error.clone()),
            Some((None, _)) => return Err(HostError::Wait),
            None => {}
        }
        // One at a time: the answers carry no name.
        if self.fetched.iter().any(|file| file.end.is_none()) {
            return Err(HostError::Wait);
        }
        let answer = self.connection.fetch(path);
        if answer == Err(HostError::Wait) {
            self.fetched.push(Fetched {
                path: path.map(str::to_owned),
                ..Fetched::default()
            });
        } else if path.is_none() {
            // Standard input can be read once only.
            let (content, end) = match &answer {
                Ok(content) => (content.clone(), Ok(())),
                Err(error) => (Vec::new(), Err(error.clone())),
            };
            self.fetched.push(Fetched {
                path: None,
                content,
                end: Some(end),
            });
        }
        answer
    }
}

impl HostIo for Host<'_> {
    fn read_file(&mut self, path: &str) -> Result<Vec<u8>, HostError> {
        self.read(Some(path))
    }

    fn read_stdin(&mut self) -> Result<Vec<u8>, HostError> {
        self.read(None)
    }

    fn create_file(&mut self, path: &str, how: Create) -> Result<FileHandle, HostError> {
        let handle = FileHandle(*self.next_handle);
        self.connection.send(&Reply::Create {
            handle,
            how,
            path: path.as_bytes().to_vec(),
        });
        match self.connection.answer(Instant::now() + ANSWER_MAX)? {
            Request::DataEnd => {
                *self.next_handle += 1;
                Ok(handle)
            }
            Request::DataError(number) => Err(HostError::Os(number)),
            _ => {
                self.connection.give_up();
                Err(HostError::Gone)
            }
        }
    }
}
