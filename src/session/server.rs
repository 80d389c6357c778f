//! The server of a session: connections, what they ask for, and in which order it is done.
//! How a call is served is in `calls`, how time moves in `clock`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, ErrorKind};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};

use super::backend::{Backend, ClientId, Invocation};
use super::clock::Clock;
use super::connection::{Connection, Fetched, timespec};
use super::proto::{CHUNK, Hello, Reply, Request};
use super::signals::Caught;
use super::tree::{Clients, Look, Pace, Place, ProcessTree};

/// For how much processor time a process is waited for before a request is served all the same.
pub(super) const REQUEST_ALLOWANCE: Duration = Duration::from_millis(50);
/// The same before the clock moves.
pub(super) const CLOCK_ALLOWANCE: Duration = Duration::from_millis(500);
/// How long to wait for processes that get too little of a processor to use their allowance.
const PATIENCE: Duration = Duration::from_secs(4);
/// Where the process tree cannot be seen: how long nothing may happen before all are taken to wait.
const GRACE: Duration = Duration::from_millis(2);
/// How long to wait between two looks at a busy tree.
const GLANCE: Duration = Duration::from_micros(30);
/// How long a connection may take to say what it wants.
const GREETING_MAX: Duration = Duration::from_secs(10);

/// What a client is about.
#[derive(Debug)]
pub(super) enum State {
    /// It has not said what it wants.
    Greeting(Instant),
    /// Its call waits to be served.
    Called(Box<Invocation>),
    /// Its call waits for a file that comes at its writer's pace.
    Fetching(Box<Invocation>),
    /// Its tool runs in the world, and drives the clock or does not.
    Running {
        drives_clock: bool,
        interruptible: bool,
    },
    /// It sleeps, up to a timer.
    Sleeping,
    /// It watches a command of its own, up to a timer.
    Timing,
    /// It runs other commands.
    Away,
    /// It was told how to end.
    Leaving,
}

/// A client with its connection.
pub(super) struct Client {
    pub connection: Connection,
    pub pid: u32,
    /// When it began to wait for its turn, and its place among those who began then.
    pub turn: Option<(u64, Place)>,
    pub state: State,
    /// Its number, once its call was taken up.
    pub call: Option<ClientId>,
    /// The tool's name, for messages.
    pub tool: String,
    pub fetched: Vec<Fetched>,
    pub next_handle: u32,
    /// Its tool gets its standard input, which has not ended.
    pub reads_stdin: bool,
    /// It did not read for long, and is not waited for.
    pub stalled: bool,
}

/// Something to be done for a client, in the order in which it is done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Work {
    HangUp,
    Signal,
    Input,
    Call,
}

/// What a session is made of.
pub(super) struct Parts {
    pub listener: UnixListener,
    pub token: String,
    pub tree: ProcessTree,
    /// The directory of the links, whose names are tools with it too.
    pub bin: PathBuf,
    /// The rc file that gives an interactive `bash` its prompt.
    pub rcfile: Option<PathBuf>,
    /// Whether the clock follows the wall (`shell`).
    pub follow: bool,
    pub clients_max: usize,
    pub caught: Option<Caught>,
}

/// The server of one session.
pub(super) struct Server<B: Backend> {
    pub(super) backend: B,
    listener: UnixListener,
    token: Vec<u8>,
    pub(super) tree: ProcessTree,
    pub(super) bin: PathBuf,
    pub(super) rcfile: Option<PathBuf>,
    pub(super) clients: BTreeMap<u64, Client>,
    /// Frames that are to be sent, one client after the other.
    outbox: VecDeque<(u64, Vec<u8>)>,
    next_connection: u64,
    /// How much was done.
    round: u64,
    clients_max: usize,
    /// Which connection a call belongs to.
    pub(super) calls: BTreeMap<ClientId, u64>,
    pub(super) next_call: u64,
    pub(super) tools: BTreeSet<&'static str>,
    pub(super) clock: Clock,
    caught: Option<Caught>,
    /// A signal came and was not taken yet.
    pub(super) alarmed: bool,
}

impl<B: Backend> Server<B> {
    /// A server for `backend`.
    pub(super) fn new(backend: B, parts: Parts) -> io::Result<Self> {
        parts.listener.set_nonblocking(true)?;
        Ok(Self {
            tools: backend
                .tools()
                .into_iter()
                .chain(super::OWN_TOOLS)
                .collect(),
            backend,
            listener: parts.listener,
            token: parts.token.into_bytes(),
            tree: parts.tree,
            bin: parts.bin,
            rcfile: parts.rcfile,
            clients: BTreeMap::new(),
            outbox: VecDeque::new(),
            next_connection: 0,
            round: 0,
            clients_max: parts.clients_max,
            calls: BTreeMap::new(),
            next_call: 0,
            clock: Clock::new(parts.follow),
            caught: parts.caught,
            alarmed: false,
        })
    }

    /// The signals that came since the last call.
    pub(super) fn take_signals(&mut self) -> Vec<i32> {
        self.alarmed = false;
        self.caught.as_mut().map_or_else(Vec::new, Caught::take)
    }

    /// Does one thing: serves the first of what waits, or moves the clock.
    /// The answer says how long nothing will be to do, unless somebody calls.
    pub(super) fn step(&mut self) -> Option<Duration> {
        if !self.has_work() {
            return self.tick();
        }
        self.settle(REQUEST_ALLOWANCE);
        if self.alarmed {
            return Some(Duration::ZERO);
        }
        self.line_up();
        if let Some((work, id)) = self.first_work() {
            self.round += 1;
            if let Some(client) = self.clients.get_mut(&id) {
                client.turn = None;
            }
            self.serve(work, id);
        }
        Some(Duration::ZERO)
    }

    /// Whether something is to be done.
    pub(super) fn has_work(&self) -> bool {
        self.clients
            .values()
            .any(|client| work_of(client).is_some())
    }

    /// Everybody who wants something, and did not before, stands in line.
    fn line_up(&mut self) {
        for client in self.clients.values_mut() {
            if client.turn.is_none() && work_of(client).is_some() {
                client.turn = Some((self.round, self.tree.place_of(client.pid)));
            }
        }
    }

    /// What is to be done first: what ends before what begins, then who has waited longest,
    /// then in the order of the forks.
    fn first_work(&self) -> Option<(Work, u64)> {
        self.clients
            .iter()
            .filter_map(|(id, client)| Some((work_of(client)?, client.turn.as_ref()?, *id)))
            .min()
            .map(|(work, _, id)| (work, id))
    }

    /// Waits until all processes below wait, or have run for long enough.
    pub(super) fn settle(&mut self, allowance: Duration) -> Pace {
        if !self.tree.is_visible() {
            while self.pump(Some(GRACE)) {}
            return Pace::Jump;
        }
        self.tree.begin();
        let since = Instant::now();
        loop {
            self.pump(Some(Duration::ZERO));
            if self.alarmed {
                return Pace::Wall;
            }
            if self.is_sending() && since.elapsed() < allowance {
                self.pump(Some(GLANCE));
                continue;
            }
            self.mark_stalled();
            let connected = self.connected();
            let force = since.elapsed() > PATIENCE;
            let look = self.tree.look(&connected, allowance, force);
            match look {
                Look::Quiet(pace) if force || !self.pump(Some(Duration::ZERO)) => return pace,
                Look::Quiet(_) => {}
                Look::Busy => drop(self.pump(Some(GLANCE))),
            }
        }
    }

    /// Puts a message into the outbox.
    pub(super) fn post(&mut self, id: u64, reply: &Reply) {
        match self.outbox.back_mut() {
            Some((last, bytes)) if *last == id => reply.encode(bytes),
            _ => {
                let mut bytes = Vec::new();
                reply.encode(&mut bytes);
                self.outbox.push_back((id, bytes));
            }
        }
    }

    /// Puts bytes into the outbox, in frames of bounded size.
    pub(super) fn post_bytes(&mut self, id: u64, bytes: &[u8], frame: impl Fn(Vec<u8>) -> Reply) {
        for chunk in bytes.chunks(CHUNK) {
            self.post(id, &frame(chunk.to_vec()));
        }
    }

    /// Sends what is in the outbox: one client at a time, and the next when that one has
    /// printed, so that two that share a terminal always print in the same order.
    pub(super) fn flush(&mut self) {
        while let Some((id, frames)) = self.outbox.pop_front() {
            if let Some(client) = self.clients.get_mut(&id) {
                client.connection.send_frames(&frames);
                client.connection.flush();
            }
            if !self.outbox.is_empty() {
                self.settle(REQUEST_ALLOWANCE);
            }
        }
    }

    /// The processes of the clients, and which of them read their standard input.
    fn connected(&self) -> Clients {
        let reads =
            |client: &Client| client.reads_stdin || matches!(client.state, State::Fetching(_));
        self.clients
            .values()
            .map(|client| (client.pid, reads(client)))
            .collect()
    }

    /// Whether a client has not got all its output yet, and was not found stuck.
    fn is_sending(&self) -> bool {
        self.clients
            .values()
            .any(|client| !client.stalled && !client.connection.is_flushed())
    }

    fn mark_stalled(&mut self) {
        for client in self.clients.values_mut() {
            client.stalled = !client.connection.is_flushed();
        }
    }

    /// Waits for somebody to speak, up to `timeout`, and moves bytes. Whether something came.
    pub(super) fn pump(&mut self, timeout: Option<Duration>) -> bool {
        let ready = self.wait_ready(timeout);
        let mut progress = false;
        for (id, flags) in ready.clients {
            progress |= self.exchange(id, flags);
        }
        if ready.listener {
            progress |= self.accept();
        }
        self.alarmed |= ready.alarmed;
        progress |= self.greet();
        self.clients.retain(|_, client| {
            !(client.connection.is_gone() && matches!(client.state, State::Leaving))
        });
        progress || ready.alarmed
    }

    fn wait_ready(&self, timeout: Option<Duration>) -> Ready {
        let full = self.clients.len() >= self.clients_max;
        let listen = if full {
            PollFlags::empty()
        } else {
            PollFlags::IN
        };
        let mut fds = vec![PollFd::new(&self.listener, listen)];
        if let Some(caught) = &self.caught {
            let interest = if self.alarmed {
                PollFlags::empty()
            } else {
                PollFlags::IN
            };
            fds.push(PollFd::new(caught, interest));
        }
        let others = fds.len();
        let present: Vec<_> = self
            .clients
            .iter()
            .filter(|(_, client)| !client.connection.is_gone())
            .collect();
        for (_, client) in &present {
            fds.push(PollFd::new(
                &client.connection,
                client.connection.interest(),
            ));
        }
        // A full house looks from time to time whether a silent guest is to be shown out.
        let timeout = match full {
            true => Some(timeout.unwrap_or(Duration::MAX).min(Duration::from_secs(1))),
            false => timeout,
        };
        if poll(&mut fds, timeout.map(timespec).as_ref()).is_err() {
            return Ready::default();
        }
        let is_ready = |fd: Option<&PollFd<'_>>| fd.is_some_and(|fd| !fd.revents().is_empty());
        Ready {
            listener: is_ready(fds.first()),
            alarmed: self.caught.is_some() && is_ready(fds.get(1)),
            clients: present
                .iter()
                .zip(&fds[others..])
                .filter(|(_, fd)| !fd.revents().is_empty())
                .map(|((id, _), fd)| (**id, fd.revents()))
                .collect(),
        }
    }

    /// Moves bytes for one client. Whether it said something.
    fn exchange(&mut self, id: u64, flags: PollFlags) -> bool {
        let Some(client) = self.clients.get_mut(&id) else {
            return false;
        };
        if flags.contains(PollFlags::OUT) {
            client.connection.flush();
        }
        if flags.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR) {
            client.connection.receive();
            if flags.intersects(PollFlags::ERR) {
                client.connection.give_up();
            }
            return true;
        }
        false
    }

    /// Takes in whoever knocks, if it is the same user.
    fn accept(&mut self) -> bool {
        let mut progress = false;
        while self.clients.len() < self.clients_max {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return progress,
            };
            let Some(pid) = peer_of(&stream) else {
                continue;
            };
            let Ok(mut connection) = Connection::new(stream) else {
                continue;
            };
            connection.receive();
            self.next_connection += 1;
            let client = Client {
                connection,
                pid,
                turn: None,
                state: State::Greeting(Instant::now()),
                call: None,
                tool: String::new(),
                fetched: Vec::new(),
                next_handle: 0,
                reads_stdin: false,
                stalled: false,
            };
            self.clients.insert(self.next_connection, client);
            progress = true;
        }
        progress
    }

    /// Hears what new connections want, and shows out who says nothing or the wrong word.
    fn greet(&mut self) -> bool {
        let mut progress = false;
        for client in self.clients.values_mut() {
            let State::Greeting(since) = client.state else {
                continue;
            };
            match client.connection.take() {
                Some(Request::Hello(hello)) if hello.token == self.token => {
                    let call = invocation_of(hello, client.pid);
                    client.tool = call.tool().to_owned();
                    client.state = State::Called(Box::new(call));
                    progress = true;
                }
                Some(_) => {
                    let words = "this is not the session's token".to_owned();
                    client.connection.send(&Reply::Refuse(words));
                    client.connection.flush();
                    client.state = State::Leaving;
                }
                None if client.connection.is_gone() || since.elapsed() > GREETING_MAX => {
                    client.connection.give_up();
                    client.state = State::Leaving;
                }
                None => {}
            }
        }
        progress
    }

    /// The session is over: every client ends.
    pub(super) fn close(&mut self) {
        let ids: Vec<u64> = self.clients.keys().copied().collect();
        for id in ids {
            self.forget_call(id);
            if let Some(client) = self.clients.get_mut(&id) {
                client.connection.send(&Reply::End);
                client.connection.flush();
                client.state = State::Leaving;
            }
        }
        // Files are being written by the clients: let them finish.
        let until = Instant::now() + Duration::from_millis(200);
        while !self.clients.is_empty() && Instant::now() < until {
            self.pump(Some(Duration::from_millis(10)));
        }
    }
}

/// What `poll` found.
#[derive(Default)]
struct Ready {
    listener: bool,
    alarmed: bool,
    clients: Vec<(u64, PollFlags)>,
}

/// What is to be done for a client.
fn work_of(client: &Client) -> Option<Work> {
    if matches!(client.state, State::Greeting(_) | State::Leaving) {
        return None;
    }
    if client.connection.is_gone() {
        return Some(Work::HangUp);
    }
    if matches!(client.state, State::Called(_)) {
        return Some(Work::Call);
    }
    match client.connection.first()? {
        Request::Signal(_) => Some(Work::Signal),
        _ => Some(Work::Input),
    }
}

/// The process on the other side, if it belongs to the same user.
#[cfg(target_os = "linux")]
fn peer_of(stream: &UnixStream) -> Option<u32> {
    let peer = rustix::net::sockopt::socket_peercred(stream).ok()?;
    let same = peer.uid == rustix::process::geteuid();
    same.then(|| peer.pid.as_raw_nonzero().get().unsigned_abs())
}

/// The directory's mode keeps other users out; the process is not known.
#[cfg(not(target_os = "linux"))]
fn peer_of(_: &UnixStream) -> Option<u32> {
    Some(0)
}

fn invocation_of(hello: Hello, pid: u32) -> Invocation {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let pair = |bytes: &Vec<u8>| {
        let pair = text(bytes);
        let (name, value) = pair.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    Invocation {
        argv: hello.argv.iter().map(text).collect(),
        env: hello.env.iter().filter_map(pair).collect(),
        cwd: PathBuf::from(text(&hello.cwd)),
        pid,
        stdin_tty: hello.terminals & 1 != 0,
        stdout_tty: hello.terminals & 2 != 0,
        stderr_tty: hello.terminals & 4 != 0,
        columns: (hello.columns > 0).then_some(hello.columns),
    }
}
