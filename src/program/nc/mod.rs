//! `nc` as Debian's netcat-traditional: connects, listens and scans over TCP and UDP.
//! Its words are read in `tool::nc`; what passes over a connection is in `talk`.

mod connect;
mod listen;
mod talk;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::{Console, Poll, Signal};
use crate::kernel::World;
use crate::units::{HostId, NetnsId, SockId};
use talk::Talk;

/// What the words say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Config {
    /// `-l`.
    pub listen: bool,
    /// `-u`.
    pub udp: bool,
    /// How many `-v`.
    pub verbose: u32,
    /// `-z`: only whether a port is open.
    pub zero: bool,
    /// `-n`.
    pub numeric: bool,
    /// `-w`: how long to wait for a connection, and for the other end once the input has ended.
    pub wait: Option<Duration>,
    /// `-q`: how long to wait once the input has ended; then, the end of the input is passed on.
    pub quit: Option<Duration>,
    /// `-k` with `-l`: the next connection when one has ended (as OpenBSD's).
    pub keep: bool,
    /// `-C`: lines end with CR and LF.
    pub crlf: bool,
    /// `-i`: the pause between ports.
    pub pause: Option<Duration>,
    /// `-p`; 0 without.
    pub local_port: u16,
    /// `-s`.
    pub source: Option<IpAddr>,
    /// `-6`, or an IPv6 address.
    pub v6: bool,
    /// `-T`.
    pub tos: Option<u8>,
    /// `-b`.
    pub broadcast: bool,
    /// The other end, with port 0: to connect to, or to listen for.
    pub target: Option<SocketAddr>,
    /// Its name as it is printed.
    pub name: String,
    /// The ports, in the order in which they are tried.
    pub ports: Vec<u16>,
}

/// What it is at.
#[derive(Clone, Debug)]
enum Phase {
    /// Nothing was done yet.
    Begin,
    /// A port is being connected to.
    Connect(connect::Attempt),
    /// A connection is waited for.
    Listen(SockId),
    /// Bytes pass.
    Talk(Talk),
    /// A pause between two ports ends then.
    Pause(crate::units::SimTime),
    /// It ends with this status, once that takes no more time.
    Leave(i32),
}

/// A running `nc`.
#[derive(Clone, Debug)]
pub struct Nc {
    netns: NetnsId,
    host: HostId,
    config: Config,
    phase: Phase,
    /// The place of the port that is tried.
    port_at: usize,
    input: Input,
    /// Bytes sent and received so far.
    sent: u64,
    received: u64,
    /// The status where nothing comes in between.
    status: i32,
    /// Ends when polled next.
    ended: bool,
    /// It does not end before.
    leave_at: crate::units::SimTime,
}

/// Standard input, as far as it has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Input {
    bytes: Vec<u8>,
    ended: bool,
}

impl Nc {
    /// The signals that it handles: it prints an empty line and ends.
    pub const SIGNALS: &'static [Signal] = &[Signal::Interrupt, Signal::Quit, Signal::Terminate];

    /// An `nc` that has not done anything yet.
    pub fn new(netns: NetnsId, host: HostId, config: Config) -> Self {
        Self {
            netns,
            host,
            config,
            phase: Phase::Begin,
            port_at: 0,
            input: Input::default(),
            sent: 0,
            received: 0,
            status: 0,
            ended: false,
            leave_at: crate::units::SimTime::ZERO,
        }
    }

    /// Whether it drives the clock: one that listens does not.
    pub fn is_active(&self) -> bool {
        !self.config.listen
    }

    /// Whether it reads standard input.
    pub fn reads_stdin(&self) -> bool {
        !self.config.zero
    }

    /// The sockets whose news it waits for.
    pub fn sockets(&self) -> Vec<SockId> {
        match &self.phase {
            Phase::Begin | Phase::Pause(_) | Phase::Leave(_) => Vec::new(),
            Phase::Connect(attempt) => vec![attempt.socket],
            Phase::Listen(socket) => vec![*socket],
            Phase::Talk(talk) => talk.sockets(),
        }
    }

    /// A part of standard input has come; an empty one is its end.
    pub fn stdin(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            self.input.ended = true;
        } else if self.config.crlf {
            for &byte in bytes {
                if byte == b'\n' {
                    self.input.bytes.push(b'\r');
                }
                self.input.bytes.push(byte);
            }
        } else {
            self.input.bytes.extend_from_slice(bytes);
        }
    }

    /// It ends, after an empty line (`catch`).
    pub fn signal(&mut self, console: &mut Console) {
        console.err("\n");
        (self.ended, self.status) = (true, 1);
    }

    /// Does what can be done now.
    pub fn poll(&mut self, world: &mut World, console: &mut Console) -> Poll {
        while !self.ended {
            let step = match &mut self.phase {
                Phase::Begin if self.config.listen => self.begin_listening(world, console),
                Phase::Begin => self.try_port(world, console),
                Phase::Connect(_) => self.look_at_attempt(world, console),
                Phase::Listen(_) => self.look_at_listener(world, console),
                Phase::Pause(until) if *until > world.now() => Step::Wait(Some(*until)),
                Phase::Pause(_) => self.try_port(world, console),
                Phase::Talk(_) => self.talk_on(world, console),
                Phase::Leave(_) if self.leave_at > world.now() => Step::Wait(Some(self.leave_at)),
                Phase::Leave(status) => Step::End(*status),
            };
            match step {
                Step::Go => {}
                Step::Wait(until) => return Poll::Wait(until),
                Step::End(status) if self.leave_at > world.now() => {
                    self.phase = Phase::Leave(status);
                }
                Step::End(status) => {
                    if self.config.verbose > 1 {
                        console.err(format!(" sent {}, rcvd {}\n", self.sent, self.received));
                    }
                    return Poll::Exit(status);
                }
            }
        }
        Poll::Exit(self.status)
    }

    /// A port is done with: the next one, or the end.
    fn next_port(&mut self, world: &World) -> Step {
        self.port_at += 1;
        if self.port_at >= self.config.ports.len() {
            return Step::End(self.status);
        }
        self.phase = match self.config.pause {
            Some(pause) => Phase::Pause(world.now() + pause),
            None => Phase::Begin,
        };
        Step::Go
    }

    /// How an address is printed: with its name, where one is asked for and there is one.
    fn name_of(&self, world: &World, console: &mut Console, ip: IpAddr) -> String {
        if self.config.numeric {
            return "(UNKNOWN)".to_owned();
        }
        let host = world.host(self.host).name.clone();
        match super::resolve::name_of(world, self.netns, &host, ip) {
            Some(name) => name,
            None => {
                if self.config.verbose > 0 {
                    console.err(format!(
                        "{ip}: inverse host lookup failed: Host name lookup failure\n"
                    ));
                }
                "(UNKNOWN)".to_owned()
            }
        }
    }
}

/// How it goes on.
enum Step {
    /// At once.
    Go,
    /// With news, or at that time.
    Wait(Option<crate::units::SimTime>),
    /// Not.
    End(i32),
}
