//! The server of a session: connections, what they ask for, and in which order it is done.
//! How a call is served is in `calls`, how time moves in `clock`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::backend::{Backend, ClientId, Invocation};
use super::clock::Clock;
use super::connection::{Connection, Fetched};
use super::proto::{CHUNK, Reply, Request};
use super::signals::Caught;
use super::tree::{Clients, Look, Pace, Place, ProcessTree};

/// For how much processor time a process is waited for before a request is served all the same.
pub(super) const REQUEST_ALLOWANCE: Duration = Duration::from_millis(500);
/// The same before the clock moves.
pub(super) const CLOCK_ALLOWANCE: Duration = Duration::from_secs(2);
/// How long to wait for processes that neither sleep nor use their allowance: they are starved, or wait for a disk.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often to look before patience may end: on a machine that is overloaded we run as seldom as those
/// that we wait for, and they must have had their chance.
const LOOKS_MAX: u32 = 50_000;
/// Where the process tree cannot be seen: how long nothing may happen before all are taken to wait.
const GRACE: Duration = Duration::from_millis(2);
/// How long to wait between two looks at a busy tree.
const GLANCE: Duration = Duration::from_micros(30);

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
    pub(super) listener: UnixListener,
    pub(super) token: Vec<u8>,
    pub(super) tree: ProcessTree,
    pub(super) bin: PathBuf,
    pub(super) rcfile: Option<PathBuf>,
    pub(super) clients: BTreeMap<u64, Client>,
    /// Frames that are to be sent, one client after the other.
    outbox: VecDeque<(u64, Vec<u8>)>,
    pub(super) next_connection: u64,
    /// How much was done.
    round: u64,
    pub(super) clients_max: usize,
    /// Which connection a call belongs to.
    pub(super) calls: BTreeMap<ClientId, u64>,
    pub(super) next_call: u64,
    pub(super) tools: BTreeSet<&'static str>,
    pub(super) clock: Clock,
    pub(super) caught: Option<Caught>,
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
        let mut looks = 0_u32;
        loop {
            looks += 1;
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
            let force = since.elapsed() > PATIENCE && looks > LOOKS_MAX;
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
