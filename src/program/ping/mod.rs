//! `ping`: echo requests at an interval, replies and errors as they come, statistics at the end.
//! Its words, waits and exit statuses are those of iputils 20221126; the command line is read in `tool::ping`.

mod options;
mod reply;
mod start;
mod stats;
#[cfg(test)]
mod tests;
mod words;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

pub(super) use self::reply::checksum;
use self::stats::{Closing, Stats, timeval};
use super::{Console, Poll, Signal, resolve};
use crate::kernel::World;
use crate::netns::socket::MtuDiscover;
use crate::units::{Errno, NetnsId, SimTime, SockId};

/// Milliseconds below which ping does not wait (`MININTERVAL`).
const SHORTEST_WAIT_MS: i64 = 10;
/// How late a socket's receive timeout ends: it is rounded up to a tick of 250 Hz.
const TICK: Duration = Duration::from_millis(4);
/// How long a process takes to run after its socket had news: what comes meanwhile is read with it.
const WAKE_UP: Duration = Duration::from_micros(10);
/// Bytes in front of the data that hold the time of sending.
const TIMEVAL_LEN: usize = 16;
/// No packet is longer: more data than this is refused by the socket all the same.
const DATA_KEPT_MAX: usize = 0x1_0000;

/// What a packet's header records on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Record {
    /// The addresses of the nodes.
    Route,
    /// The time at each node.
    Time,
    /// Address and time of each node.
    AddressAndTime,
}

/// What the command line asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each is named as the option in ping(8)")]
pub struct Options {
    /// The name in front of its complaints: `ping`, `ping6`.
    pub tool: String,
    /// `-4`, `-6`, or either.
    pub v6: Option<bool>,
    pub count: Option<u64>,
    pub interval_ms: i64,
    /// Whether `-i` was given: a flood then keeps it.
    pub interval_given: bool,
    /// `-w`; 0 is none.
    pub deadline_s: u32,
    /// `-W`.
    pub linger_ms: u32,
    pub size: usize,
    pub ttl: Option<u8>,
    pub mtu_discover: Option<MtuDiscover>,
    pub device: Option<String>,
    pub source4: Option<Ipv4Addr>,
    pub source6: Option<Ipv6Addr>,
    pub strict_source: bool,
    pub quiet: bool,
    pub numeric: bool,
    pub timestamps: bool,
    pub flood: bool,
    pub broadcast: bool,
    pub audible: bool,
    pub adaptive: bool,
    pub preload: u32,
    pub no_loop: bool,
    pub tos: u8,
    /// The bytes of `-p`; none is 0, 1, 2, and so on.
    pub pattern: Option<Vec<u8>>,
    pub verbose: bool,
    pub latency: bool,
    pub outstanding: bool,
    pub mark: Option<u32>,
    pub dont_route: bool,
    pub connect: bool,
    /// What the packets' headers record on their way: `-R`, `-T`.
    pub record: Option<Record>,
    pub flow_label: Option<u32>,
    /// The identifier of the echo requests.
    pub ident: u16,
    /// Columns of the terminal: a flood prints no more dots than that.
    pub columns: Option<u16>,
}

impl Default for Options {
    /// As without options: a packet of 56 data bytes each second, for ever.
    fn default() -> Self {
        Self {
            tool: "ping".to_owned(),
            v6: None,
            count: None,
            interval_ms: 1_000,
            interval_given: false,
            deadline_s: 0,
            linger_ms: 10_000,
            size: 56,
            ttl: None,
            mtu_discover: None,
            device: None,
            source4: None,
            source6: None,
            strict_source: false,
            quiet: false,
            numeric: false,
            timestamps: false,
            flood: false,
            broadcast: false,
            audible: false,
            adaptive: false,
            preload: 1,
            no_loop: false,
            tos: 0,
            pattern: None,
            verbose: false,
            latency: false,
            outstanding: false,
            mark: None,
            dont_route: false,
            connect: false,
            record: None,
            flow_label: None,
            ident: 0,
            columns: None,
        }
    }
}

/// Where a ping stands between two calls of `poll`.
///
/// ```text
/// Top --(nothing due)--> Wait --(news, or the time has come)--> Top
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// About to look whether to end, and to send what is due.
    Top,
    /// Waiting for a packet, as `recvmsg` or `poll` does.
    Wait {
        until: SimTime,
        polling: bool,
        /// When the process runs, where its socket has had news.
        running: Option<SimTime>,
    },
}

/// A ping that has begun.
#[derive(Clone, Debug)]
pub struct Ping {
    options: Options,
    netns: NetnsId,
    hostname: String,
    socket: SockId,
    to: SocketAddr,
    /// The target as typed, for the closing line.
    target: String,
    /// Whether replies may come from any address.
    any_source: bool,
    timing: bool,
    data: Vec<u8>,
    interval_ms: i64,
    stats: Stats,
    started: SimTime,
    /// When the last packet was sent.
    last_sent: Option<SimTime>,
    tokens_ms: i64,
    /// How often in a row the device refused a packet.
    refused: i64,
    alarm: Option<SimTime>,
    /// The route that the last reply had recorded.
    old_route: Vec<u8>,
    /// Whether the last wait has begun.
    last_wait: bool,
    exiting: bool,
    snapshot: bool,
    phase: Phase,
}

impl Ping {
    /// Its socket.
    pub fn socket(&self) -> SockId {
        self.socket
    }

    /// SIGINT and SIGALRM end it with statistics, SIGQUIT asks for a line of them.
    pub fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Interrupt | Signal::Alarm => self.exiting = true,
            Signal::Quit => self.snapshot = true,
            Signal::Terminate | Signal::Hangup | Signal::User1 | Signal::User2 => {}
        }
    }

    /// Sends what is due, reads what came (`main_loop`).
    pub fn poll(&mut self, world: &mut World, console: &mut Console) -> Poll {
        if self.alarm.is_some_and(|alarm| alarm <= world.now()) {
            self.alarm = None;
            self.exiting = true;
        }
        loop {
            match self.phase {
                Phase::Top => {
                    if self.is_over() {
                        return Poll::Exit(self.finish(console));
                    }
                    self.phase = self.top(world, console);
                }
                Phase::Wait {
                    until,
                    polling,
                    running,
                } => {
                    let news = match polling {
                        true => {
                            world.is_readable(self.socket) || world.has_socket_error(self.socket)
                        }
                        false => world.is_readable(self.socket),
                    };
                    if news && !self.exiting {
                        let at = running.unwrap_or(world.now() + WAKE_UP);
                        if world.now() < at {
                            self.phase = Phase::Wait {
                                until,
                                polling,
                                running: Some(at),
                            };
                            return Poll::Wait(Some(at));
                        }
                        self.read(world, console, polling);
                    } else if !self.exiting && !self.snapshot && world.now() < until {
                        let wake = self.alarm.map_or(until, |alarm| alarm.min(until));
                        return Poll::Wait(Some(wake));
                    }
                    self.phase = Phase::Top;
                }
            }
        }
    }

    fn is_over(&self) -> bool {
        let heard = self.stats.received + self.stats.errors;
        self.exiting
            || self.options.count.is_some_and(|count| heard >= count)
            || (self.options.deadline_s > 0 && self.stats.errors > 0)
    }

    /// Sends, and says how long to wait then.
    fn top(&mut self, world: &mut World, console: &mut Console) -> Phase {
        if std::mem::take(&mut self.snapshot) {
            console.err(self.stats.snapshot(self.timing));
        }
        let next = loop {
            let next = self.send_due(world, console);
            let next = self.schedule_exit(world.now(), next);
            if next > 0 {
                break next;
            }
        };
        let interval = self.interval_ms.max(SHORTEST_WAIT_MS);
        let short = self.options.adaptive || next < interval;
        let polling = short && (self.options.adaptive || self.interval_ms != 0);
        let wait_ms = match short {
            false => interval,
            true if next <= SHORTEST_WAIT_MS && self.stats.in_flight() > 0 => SHORTEST_WAIT_MS,
            true => next,
        };
        Phase::Wait {
            until: world.now() + millis(wait_ms) + if short { Duration::ZERO } else { TICK },
            polling,
            running: None,
        }
    }

    /// Whether all packets are sent and the last wait is on.
    fn all_sent(&self) -> bool {
        self.options
            .count
            .is_some_and(|count| self.stats.transmitted >= count && self.options.deadline_s == 0)
    }

    /// Sets the alarm for the last wait once all packets are sent (`__schedule_exit`).
    fn schedule_exit(&mut self, now: SimTime, next: i64) -> i64 {
        if !self.all_sent() || self.last_wait {
            return next;
        }
        let wait_us = match self.stats.received {
            0 => i64::from(self.options.linger_ms) * 1_000,
            _ => (2 * self.stats.rtt_max).max(1_000 * self.interval_ms),
        };
        if wait_us <= 0 {
            return next;
        }
        self.last_wait = true;
        self.alarm = Some(now + Duration::from_micros(wait_us.unsigned_abs()));
        next.max(wait_us / 1_000)
    }

    /// Sends a packet where one is due; the milliseconds until the next one is (`pinger`).
    fn send_due(&mut self, world: &mut World, console: &mut Console) -> i64 {
        if self.exiting || self.all_sent() {
            return 1_000;
        }
        let now = world.now();
        let Some(last) = self.last_sent else {
            self.last_sent = Some(now);
            self.tokens_ms = self.interval_ms * (i64::from(self.options.preload) - 1);
            return self.send(world, console);
        };
        let elapsed = i64::try_from(now.since(last).as_millis()).unwrap_or(i64::MAX);
        let full = self.stats.in_flight() >= u64::from(self.options.preload);
        if self.interval_ms == 0 && elapsed < SHORTEST_WAIT_MS && full {
            return SHORTEST_WAIT_MS - elapsed;
        }
        let most = self.interval_ms * i64::from(self.options.preload);
        let tokens = elapsed.saturating_add(self.tokens_ms).min(most);
        if tokens < self.interval_ms {
            return self.interval_ms - tokens;
        }
        self.last_sent = Some(now);
        self.tokens_ms = tokens - self.interval_ms;
        self.send(world, console)
    }

    fn send(&mut self, world: &mut World, console: &mut Console) -> i64 {
        let last = (self.stats.transmitted & 0xffff) as u16;
        if self.options.outstanding && self.stats.transmitted > 0 && !self.stats.has_seen(last) {
            self.print_timestamp(world.now(), console);
            console.out(format!("no answer yet for icmp_seq={last}\n"));
        }
        let mut reported = loop {
            let Err(errno) = self.send_probe(world) else {
                self.refused = 0;
                self.stats.sent();
                self.flood_dot(console);
                return self.interval_ms - self.tokens_ms;
            };
            match errno {
                Errno::Eagain => {
                    self.tokens_ms += self.interval_ms;
                    return SHORTEST_WAIT_MS;
                }
                Errno::Enobufs | Errno::Enomem => {
                    self.tokens_ms = 0;
                    let wait = (self.interval_ms / 2).clamp(SHORTEST_WAIT_MS, 500);
                    self.refused += 1;
                    if self.refused * wait < i64::from(self.options.linger_ms) {
                        return wait;
                    }
                    break (0, errno);
                }
                _ => {}
            }
            match self.receive_error(world, console) {
                // Somebody else's error: the packet is sent again.
                0 => {}
                reported => break (reported, errno),
            }
        };
        self.stats.sent();
        if reported.0 > 0 {
            reported.0 = 0;
        }
        if reported.0 == 0 && !self.options.quiet {
            match self.options.flood {
                true => console.out("E"),
                false => self.complain(console, format_args!("sendmsg: {}", reported.1)),
            }
        }
        self.tokens_ms = 0;
        self.interval_ms.max(SHORTEST_WAIT_MS)
    }

    fn flood_dot(&self, console: &mut Console) {
        let columns = self.options.columns.map_or(i64::MAX, i64::from);
        let fits = (i64::from(self.options.preload) < columns && self.stats.pipe < columns)
            || i64::try_from(self.stats.in_flight()).is_ok_and(|waiting| waiting < columns);
        if self.options.flood && !self.options.quiet && fits {
            console.out(".");
        }
    }

    /// Composes and sends an echo request (`ping4_send_probe`, `build_echo`).
    fn send_probe(&mut self, world: &mut World) -> Result<(), Errno> {
        let seq = ((self.stats.transmitted + 1) & 0xffff) as u16;
        self.stats.forget(seq);
        let mut packet = Vec::with_capacity(8 + self.data.len());
        packet.extend_from_slice(&[if self.to.is_ipv6() { 128 } else { 8 }, 0, 0, 0]);
        packet.extend_from_slice(&self.options.ident.to_be_bytes());
        packet.extend_from_slice(&seq.to_be_bytes());
        packet.extend_from_slice(&self.data);
        if self.timing {
            packet[8..8 + TIMEVAL_LEN].copy_from_slice(&timeval(world.now()));
        }
        if self.to.is_ipv4() {
            let sum = reply::checksum(&packet);
            packet[2..4].copy_from_slice(&sum.to_be_bytes());
        }
        world.send(self.socket, Some(self.to), &packet).map(|_| ())
    }

    /// Reads until nothing more has come or nothing more is expected.
    fn read(&mut self, world: &mut World, console: &mut Console, polling: bool) {
        let mut queued = polling && world.has_socket_error(self.socket);
        loop {
            if let Some(errno) = world.socket_error(self.socket) {
                queued = false;
                if self.receive_error(world, console) == 0 && errno == Errno::Eintr {
                    return;
                }
            } else if let Some(datagram) = world.recv(self.socket) {
                self.take(world, console, &datagram);
            } else if queued {
                queued = false;
                self.receive_error(world, console);
            } else {
                return;
            }
            if self.stats.in_flight() == 0 {
                return;
            }
        }
    }

    /// The closing lines, and the exit status (`finish`).
    fn finish(&self, console: &mut Console) -> i32 {
        let span = self
            .last_sent
            .map_or(Duration::ZERO, |last| last.since(self.started));
        let closing = Closing {
            timing: self.timing,
            gap: self.interval_ms == 0 || self.options.flood || self.options.adaptive,
            span_ns: u64::try_from(span.as_nanos()).unwrap_or(u64::MAX),
        };
        console.out(self.stats.report(&self.target, closing));
        let few =
            self.options.deadline_s > 0 && self.stats.received < self.options.count.unwrap_or(0);
        i32::from(self.stats.received == 0 || few)
    }

    fn complain(&self, console: &mut Console, words: std::fmt::Arguments<'_>) {
        console.err(format!("{}: {words}\n", self.options.tool));
    }

    /// The time in front of a line, where `-D` asks for it.
    fn print_timestamp(&self, now: SimTime, console: &mut Console) {
        if self.options.timestamps {
            let micros = now.as_micros();
            console.out(format!(
                "[{}.{:06}] ",
                micros / 1_000_000,
                micros % 1_000_000
            ));
        }
    }

    /// An address as ping prints it: with its name in front, where it has one and is to have one.
    fn name(&self, world: &World, address: SocketAddr) -> String {
        let numeric = resolve::numeric(world, self.netns, address);
        if self.options.numeric || self.exiting {
            return numeric;
        }
        match resolve::name_of(world, self.netns, &self.hostname, address.ip()) {
            Some(name) => format!("{name} ({numeric})"),
            None => numeric,
        }
    }
}

fn millis(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
