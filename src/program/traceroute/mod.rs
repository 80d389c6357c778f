//! `traceroute`: probes with growing TTL, and who answers to them.
//! Order, waits and words are those of the modern traceroute 2.1.2; the command line is read in `tool::traceroute`.

mod answer;
mod print;
mod probe;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use self::probe::Probe;
use super::{Console, Poll};
use crate::kernel::World;
use crate::units::{Errno, NetnsId, SimTime, SockId};

/// Added to a measured round trip before it is multiplied (`DEF_WAIT_PREC`).
const WAIT_PRECISION: Duration = Duration::from_millis(1);
/// The length of a probe that discovers the path MTU, before it is cut.
const MTU_PACKET_LEN: usize = 65_000;
/// What a probe carries without a length given, IP header aside.
const DEFAULT_DATA_LEN: usize = 40;

/// How probes are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// UDP to a port that grows with each probe.
    Default,
    /// UDP to one port.
    Udp,
    /// Echo requests.
    Icmp,
    /// TCP SYN segments.
    Tcp,
}

/// What the command line asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each is named as the option in traceroute(8)")]
pub struct Options {
    pub method: Method,
    pub first_hop: u32,
    pub max_hops: u32,
    pub sim_probes: u32,
    pub probes_per_hop: u32,
    /// The length of a packet with its IP header, where one is given.
    pub packet_len: Option<usize>,
    /// The longest wait for a probe.
    pub wait: Duration,
    /// Thousandths of the round trip of the same hop to wait; 0 does not look at it.
    pub here_factor: u64,
    /// Thousandths of the round trip of a later hop to wait; 0 does not look at it.
    pub near_factor: u64,
    pub send_wait: Duration,
    pub numeric: bool,
    pub dont_fragment: bool,
    pub discover_mtu: bool,
    pub backward: bool,
    pub dont_route: bool,
    pub device: Option<String>,
    pub source: Option<IpAddr>,
    pub source_port: u16,
    /// Destination port, or first sequence number of ICMP; 0 is the method's own.
    pub port: u16,
    pub tos: u8,
    pub flow_label: u32,
    pub mark: Option<u32>,
    /// The identifier of echo requests.
    pub ident: u16,
}

impl Default for Options {
    /// As without options: three UDP probes for each of 30 hops, 16 at once.
    fn default() -> Self {
        Self {
            method: Method::Default,
            first_hop: 1,
            max_hops: 30,
            sim_probes: 16,
            probes_per_hop: 3,
            packet_len: None,
            wait: Duration::from_secs(5),
            here_factor: 3_000,
            near_factor: 10_000,
            send_wait: Duration::ZERO,
            numeric: false,
            dont_fragment: false,
            discover_mtu: false,
            backward: false,
            dont_route: false,
            device: None,
            source: None,
            source_port: 0,
            port: 0,
            tos: 0,
            flow_label: 0,
            mark: None,
            ident: 0,
        }
    }
}

/// A traceroute that has begun.
#[derive(Clone, Debug)]
pub struct Traceroute {
    options: Options,
    netns: NetnsId,
    hostname: String,
    to: SocketAddr,
    header_len: usize,
    data_len: usize,
    probes: Vec<Probe>,
    /// The first probe that is not printed yet.
    start: usize,
    /// Behind the last probe that is wanted.
    end: usize,
    last_send: Option<SimTime>,
    /// The socket of all probes: of ICMP and TCP.
    shared: Option<SockId>,
    /// The port of the next UDP probe, or the next sequence number.
    next: u16,
    /// The TTL that the shared socket has.
    ttl: u8,
    waiting: Option<SimTime>,
    random: u32,
    source: Option<IpAddr>,
}

/// What ends a traceroute before it is done: the call that failed, and why.
struct Failed(&'static str, Errno);

/// What became of a probe that was to be sent.
enum Sent {
    /// It is on its way, or the error queue says why not.
    OnTheWay,
    /// The device takes nothing now.
    Refused(Errno),
}

impl Traceroute {
    /// Begins to trace the way from a namespace to `to`, as `target` was typed; `hostname` is
    /// the name of its host.
    ///
    /// # Errors
    /// The exit status, where it ends at once. The words are on the console then.
    pub fn start(
        world: &mut World,
        netns: NetnsId,
        hostname: &str,
        mut options: Options,
        (target, to): (&str, SocketAddr),
        console: &mut Console,
    ) -> Result<Self, i32> {
        if options.source_port != 0 || options.discover_mtu {
            options.sim_probes = 1;
        }
        if options.source_port != 0 {
            (options.here_factor, options.near_factor) = (0, 0);
        }
        if options.discover_mtu {
            options.dont_fragment = true;
            options.packet_len.get_or_insert(MTU_PACKET_LEN);
        }
        let upper_len = match options.method {
            Method::Default | Method::Udp => 8,
            Method::Icmp | Method::Tcp => 0,
        };
        let header_len = if to.is_ipv4() { 20 } else { 40 } + upper_len;
        let data_len = match options.packet_len {
            None => DEFAULT_DATA_LEN - upper_len,
            Some(len) => len.saturating_sub(header_len),
        };
        let count = options.max_hops * options.probes_per_hop;
        let start = (options.first_hop.saturating_sub(1)) * options.probes_per_hop;
        let mut traceroute = Self {
            netns,
            hostname: hostname.to_owned(),
            to,
            header_len,
            data_len,
            probes: vec![Probe::default(); count as usize],
            start: start as usize,
            end: count as usize,
            last_send: None,
            shared: None,
            next: 0,
            ttl: 0,
            waiting: None,
            random: u32::from(options.ident),
            source: options.source,
            options,
        };
        if let Err(Failed(what, errno)) = traceroute.init(world) {
            traceroute.close(world);
            console.err(format!("\n{what}: {errno}\n"));
            return Err(1);
        }
        traceroute.print_header(world, target, console);
        Ok(traceroute)
    }

    /// Its sockets.
    pub fn sockets(&self) -> Vec<SockId> {
        let own = self.probes.iter().filter_map(|probe| probe.socket);
        own.chain(self.shared).collect()
    }

    fn close(&self, world: &mut World) {
        for socket in self.sockets() {
            world.close_socket(socket);
        }
    }

    /// Sends, reads and prints what can be now (`do_it`).
    pub fn poll(&mut self, world: &mut World, console: &mut Console) -> Poll {
        loop {
            if let Some(until) = self.waiting {
                let news = match self.read(world) {
                    Ok(news) => news,
                    Err(failed) => return Self::fail(console, &failed),
                };
                if !news && world.now() < until {
                    return Poll::Wait(Some(until));
                }
                self.waiting = None;
            }
            if self.start >= self.end {
                console.out("\n");
                return Poll::Exit(0);
            }
            match self.pass(world, console) {
                Ok(None) => {}
                Ok(Some(next)) => {
                    // poll(2) waits for whole milliseconds.
                    let wait = next.since(world.now()).as_nanos().div_ceil(1_000_000);
                    let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(u64::MAX));
                    self.waiting = Some(world.now() + wait);
                }
                Err(failed) => return Self::fail(console, &failed),
            }
        }
    }

    fn fail(console: &mut Console, Failed(what, errno): &Failed) -> Poll {
        console.err(format!("\n{what}: {errno}\n"));
        Poll::Exit(1)
    }

    /// Goes once over the probes: prints those that are decided, sends those that may
    /// be on the way. Says when something is to be looked at again.
    fn pass(
        &mut self,
        world: &mut World,
        console: &mut Console,
    ) -> Result<Option<SimTime>, Failed> {
        let now = world.now();
        let mut next_time = None;
        let mut on_the_way = 0;
        let mut index = self.start;
        while index < self.end {
            let first = index == self.start;
            if first && !self.probes[index].done && self.probes[index].sent.is_some() {
                next_time = self.look_at_first(world, index, now);
            }
            if self.probes[index].done {
                if first {
                    self.print_probe(world, index, console);
                    self.start += 1;
                }
                if self.probes[index].is_final {
                    let per_hop = self.options.probes_per_hop as usize;
                    self.end = (index / per_hop + 1) * per_hop;
                }
                index += 1;
                continue;
            }
            if self.probes[index].sent.is_none() {
                let soonest = self.last_send.map(|last| last + self.options.send_wait);
                if let Some(soonest) = soonest.filter(|&soonest| soonest > now) {
                    return Ok(Some(soonest));
                }
                match self.send_probe(world, index)? {
                    Sent::OnTheWay => {}
                    // There are chances later, where something is waited for.
                    Sent::Refused(_) if next_time.is_some() => return Ok(next_time),
                    Sent::Refused(errno) => return Err(Failed("send probe", errno)),
                }
                self.last_send = self.probes[index].sent;
            }
            if next_time.is_none() {
                next_time = Some(self.expiry(index, now));
            }
            on_the_way += 1;
            if on_the_way >= self.options.sim_probes {
                break;
            }
            index += 1;
        }
        Ok(next_time)
    }

    /// The first probe that is not printed may have waited long enough; else says until when.
    fn look_at_first(&mut self, world: &mut World, index: usize, now: SimTime) -> Option<SimTime> {
        let expiry = self.expiry(index, now);
        if !self.probes[index].stale && expiry > now {
            return Some(expiry);
        }
        self.done(world, index);
        self.check_expired(index);
        None
    }

    fn expiry(&self, index: usize, now: SimTime) -> SimTime {
        self.probes[index].sent.unwrap_or(now) + self.timeout(index)
    }

    /// How long to wait for a probe (`get_timeout`).
    fn timeout(&self, index: usize) -> Duration {
        let (options, per_hop) = (&self.options, self.options.probes_per_hop as usize);
        let scaled = |round_trip: Duration, factor: u64| {
            let nanos = (round_trip + WAIT_PRECISION).as_nanos() * u128::from(factor) / 1_000;
            Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)).min(options.wait)
        };
        let hop = index / per_hop * per_hop;
        let here = self.probes[hop..hop + per_hop]
            .iter()
            .find_map(Probe::round_trip);
        if let Some(round_trip) = here.filter(|_| options.here_factor > 0) {
            return scaled(round_trip, options.here_factor);
        }
        let later = self.probes[index + 1..]
            .iter()
            .take_while(|probe| probe.sent.is_some());
        let near = later.into_iter().find_map(Probe::round_trip);
        if let Some(round_trip) = near.filter(|_| options.near_factor > 0) {
            return scaled(round_trip, options.near_factor);
        }
        options.wait
    }

    /// A probe is decided: its socket goes (`probe_done`).
    fn done(&mut self, world: &mut World, index: usize) {
        let probe = &mut self.probes[index];
        if let Some(socket) = probe.socket.take() {
            world.close_socket(socket);
        }
        probe.seq = 0;
        probe.done = true;
    }
}
