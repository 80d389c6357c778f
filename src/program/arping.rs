//! `arping`: ARP requests at an interval, replies as they come, counts at the end.
//! Its words and exit statuses are those of iputils 20221126; the command line is read in `tool::arping`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::{Console, Poll, resolve};
use crate::kernel::World;
use crate::kernel::netlink::{LinkFlags, LinkInfo};
use crate::netns::fib::RouteGet;
use crate::netns::socket::{Datagram, PacketType, SocketKind, SocketOption};
use crate::units::{Errno, IfIndex, MacAddr, NetnsId, SimTime, SockId};
use crate::wire::{ETH_HLEN, ETH_P_ARP};

/// The port of the socket that finds out the source address.
const PROBE_PORT: u16 = 1_025;

/// What the command line asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each is named as the option in arping(8)")]
pub struct Options {
    /// The name in front of its complaints.
    pub tool: String,
    pub count: Option<u32>,
    /// Seconds; 0 is for ever.
    pub timeout_s: u32,
    /// Seconds; 0 sends once.
    pub interval_s: u32,
    pub device: Option<String>,
    pub source: Option<String>,
    pub broadcast_only: bool,
    /// `-D`.
    pub detect_duplicates: bool,
    /// `-U`, and `-A`.
    pub unsolicited: bool,
    /// `-A`.
    pub answer: bool,
    pub quiet: bool,
    pub quit_on_reply: bool,
}

impl Default for Options {
    /// As without options: a request each second, for ever.
    fn default() -> Self {
        Self {
            tool: "arping".to_owned(),
            count: None,
            timeout_s: 0,
            interval_s: 1,
            device: None,
            source: None,
            broadcast_only: false,
            detect_duplicates: false,
            unsolicited: false,
            answer: false,
            quiet: false,
            quit_on_reply: false,
        }
    }
}

/// An arping that has begun.
#[derive(Clone, Debug)]
pub struct Arping {
    options: Options,
    socket: SockId,
    ifindex: IfIndex,
    station: MacAddr,
    /// Where requests go: all stations, or the one that answered.
    peer: MacAddr,
    source: Ipv4Addr,
    target: Ipv4Addr,
    /// When the next request is due; nothing without an interval.
    next_send: Option<SimTime>,
    /// When the whole is over.
    timeout: Option<SimTime>,
    last_send: SimTime,
    begun: bool,
    over: bool,
    unicasting: bool,
    /// How often the interval has begun.
    rounds: u32,
    sent: u32,
    sent_broadcast: u32,
    received: u32,
    received_broadcast: u32,
    received_requests: u32,
}

/// How an arping that fails before it begins leaves.
struct Leaves {
    status: i32,
    /// On standard output or on standard error, a newline included.
    says: Says,
}

enum Says {
    Nothing,
    Out(String),
    Err(String),
}

/// The device that requests leave by.
struct Device {
    name: String,
    ifindex: IfIndex,
    station: MacAddr,
    broadcast: MacAddr,
}

impl Options {
    fn fail(&self, words: impl std::fmt::Display) -> Leaves {
        Leaves {
            status: 2,
            says: Says::Err(format!("{}: {words}\n", self.tool)),
        }
    }
}

impl Arping {
    /// Begins to ask for `target` from a namespace; `hostname` is the name of its host.
    ///
    /// # Errors
    /// The exit status, where it ends at once. The words are on the console then.
    pub fn start(
        world: &mut World,
        netns: NetnsId,
        hostname: &str,
        options: Options,
        target: &str,
        console: &mut Console,
    ) -> Result<Self, i32> {
        match Self::begin(world, netns, hostname, options, target, console) {
            Ok(arping) => Ok(arping),
            Err(leaves) => {
                match leaves.says {
                    Says::Nothing => {}
                    Says::Out(words) => console.out(words),
                    Says::Err(words) => console.err(words),
                }
                Err(leaves.status)
            }
        }
    }

    fn begin(
        world: &mut World,
        netns: NetnsId,
        hostname: &str,
        options: Options,
        target: &str,
        console: &mut Console,
    ) -> Result<Self, Leaves> {
        let to = target_address(world, netns, hostname, &options, target)?;
        let device = find_device(world, netns, &options, to)?;
        let source = find_source(world, netns, &options, &device, to)?;
        let kind = SocketKind::Packet {
            ifindex: Some(device.ifindex),
            ethertype: ETH_P_ARP,
        };
        let socket = world
            .socket(netns, kind)
            .map_err(|errno| options.fail(format_args!("bind: {errno}")))?;
        if !options.quiet {
            console.out(format!("ARPING {to} from {source} {}\n", device.name));
        }
        if options.source.is_none() && source.is_unspecified() && !options.detect_duplicates {
            world.close_socket(socket);
            return Err(options.fail("no source address in not-DAD mode"));
        }
        let now = world.now();
        let after = |seconds: u32| now + Duration::from_secs(u64::from(seconds));
        Ok(Self {
            socket,
            ifindex: device.ifindex,
            station: device.station,
            peer: device.broadcast,
            source,
            target: to,
            next_send: (options.interval_s > 0).then(|| after(options.interval_s)),
            timeout: (options.timeout_s > 0).then(|| after(options.timeout_s)),
            last_send: now,
            begun: false,
            over: false,
            unicasting: false,
            rounds: 1,
            sent: 0,
            sent_broadcast: 0,
            received: 0,
            received_broadcast: 0,
            received_requests: 0,
            options,
        })
    }

    /// Its socket.
    pub fn socket(&self) -> SockId {
        self.socket
    }

    /// SIGINT, SIGQUIT and SIGTERM end it with its counts.
    pub fn signal(&mut self) {
        self.over = true;
    }

    /// Sends what is due, reads what came (`event_loop`).
    pub fn poll(&mut self, world: &mut World, console: &mut Console) -> Poll {
        if !std::mem::replace(&mut self.begun, true) {
            self.send(world);
        }
        let now = world.now();
        while let Some(due) = self.next_send.filter(|&due| due <= now && !self.over) {
            self.next_send = Some(due + Duration::from_secs(u64::from(self.options.interval_s)));
            self.rounds += 1;
            if self.options.count.is_some_and(|count| count < self.rounds) {
                self.over = true;
            } else {
                self.send(world);
            }
        }
        self.over |= self.timeout.is_some_and(|timeout| timeout <= now);
        while let Some(datagram) = world.recv(self.socket) {
            self.over |= self.take(console, &datagram);
            if self.over {
                break;
            }
        }
        if self.over {
            return Poll::Exit(self.finish(console));
        }
        let wakes = [self.next_send, self.timeout];
        Poll::Wait(wakes.into_iter().flatten().min())
    }

    /// Sends a request, or an answer that nobody asked for (`send_pack`).
    fn send(&mut self, world: &mut World) {
        let mut frame = Vec::with_capacity(ETH_HLEN + 28);
        frame.extend_from_slice(&self.peer.0);
        frame.extend_from_slice(&self.station.0);
        frame.extend_from_slice(&ETH_P_ARP.to_be_bytes());
        let operation = if self.options.answer { 2 } else { 1 };
        frame.extend_from_slice(&[0, 1, 8, 0, 6, 4, 0, operation]);
        frame.extend_from_slice(&self.station.0);
        frame.extend_from_slice(&self.source.octets());
        let hardware = if self.options.answer {
            self.station
        } else {
            self.peer
        };
        frame.extend_from_slice(&hardware.0);
        frame.extend_from_slice(&self.target.octets());
        let now = world.now();
        if world.send_frame(self.socket, self.ifindex, &frame).is_ok() {
            self.last_send = now;
            self.sent += 1;
            self.sent_broadcast += u32::from(!self.unicasting);
        }
    }

    /// A frame that came; says whether it was the last one that is waited for (`recv_pack`).
    fn take(&mut self, console: &mut Console, datagram: &Datagram) -> bool {
        if matches!(
            datagram.packet_type,
            PacketType::OtherHost | PacketType::Outgoing
        ) {
            return false;
        }
        let Some(packet) = Packet::read(&datagram.bytes).filter(|packet| self.wants(packet)) else {
            return false;
        };
        let to_host = datagram.packet_type == PacketType::Host;
        if !self.options.quiet {
            self.print(console, &packet, to_host, datagram.at);
        }
        self.received += 1;
        if self.options.timeout_s > 0 && self.options.count == Some(self.received) {
            return true;
        }
        self.received_broadcast += u32::from(!to_host);
        self.received_requests += u32::from(packet.operation == 1);
        if self.options.quit_on_reply {
            return true;
        }
        if !self.options.broadcast_only {
            self.peer = packet.sender;
            self.unicasting = true;
        }
        false
    }

    /// Whether a packet answers the question; when detecting duplicates, whether somebody else
    /// claims the address.
    fn wants(&self, packet: &Packet) -> bool {
        if packet.sender_address != self.target {
            return false;
        }
        if self.options.detect_duplicates {
            return packet.sender != self.station
                && (self.source.is_unspecified() || packet.target_address == self.source);
        }
        packet.target_address == self.source && packet.target == self.station
    }

    fn print(&self, console: &mut Console, packet: &Packet, to_host: bool, at: SimTime) {
        let cast = if to_host { "Unicast" } else { "Broadcast" };
        let what = if packet.operation == 2 {
            "reply"
        } else {
            "request"
        };
        let (address, sender) = (packet.sender_address, upper(packet.sender));
        console.out(format!("{cast} {what} from {address} [{sender}] "));
        let elsewhere = packet.target_address != self.source;
        if elsewhere {
            console.out(format!("for {} ", packet.target_address));
        }
        if packet.target != self.station {
            let word = if elsewhere { "" } else { "for " };
            console.out(format!("{word}[{}]", upper(packet.target)));
        }
        // Half a millisecond stays in the fraction, as arping has it.
        let micros = (at.since(self.last_send).as_nanos() + 500) / 1_000;
        let millis = (micros + 500) / 1_000;
        let fraction = micros + 500 - millis * 1_000;
        console.out(format!(" {millis}.{fraction:03}ms\n"));
    }

    /// The counts, and the exit status (`finish`).
    fn finish(&self, console: &mut Console) -> i32 {
        if !self.options.quiet {
            console.out(format!(
                "Sent {} probes ({} broadcast(s))\nReceived {} response(s)",
                self.sent, self.sent_broadcast, self.received
            ));
            let requests = match self.received_requests {
                0 => None,
                count => Some(format!("{count} request(s)")),
            };
            let broadcasts = match self.received_broadcast {
                0 => None,
                count => Some(format!("{count} broadcast(s)")),
            };
            let more: Vec<String> = [requests, broadcasts].into_iter().flatten().collect();
            if !more.is_empty() {
                console.out(format!(" ({})", more.join(", ")));
            }
            console.out("\n");
        }
        i32::from(self.failed())
    }

    fn failed(&self) -> bool {
        let options = &self.options;
        if options.detect_duplicates {
            // A duplicate was found, or a question has had an answer.
            return self.received > 0
                || (options.quit_on_reply && self.sent_broadcast == self.received);
        }
        if options.unsolicited {
            return false;
        }
        let missing = match (options.timeout_s, options.count) {
            (1.., None) => self.received == 0,
            _ => self.sent != self.received,
        };
        self.received == 0 || missing
    }
}

/// An ARP packet of Ethernet and IPv4, request or reply.
struct Packet {
    operation: u8,
    sender: MacAddr,
    sender_address: Ipv4Addr,
    target: MacAddr,
    target_address: Ipv4Addr,
}

impl Packet {
    fn read(frame: &[u8]) -> Option<Self> {
        let arp: &[u8; 28] = frame.get(ETH_HLEN..)?.first_chunk()?;
        let (head, body) = arp.split_first_chunk::<8>()?;
        let &[0, 1, 8, 0, 6, 4, 0, operation @ (1 | 2)] = head else {
            return None;
        };
        let mac = |at: usize| body.get(at..)?.first_chunk::<6>().map(|&mac| MacAddr(mac));
        let ip = |at: usize| {
            body.get(at..)?
                .first_chunk::<4>()
                .map(|&ip| Ipv4Addr::from(ip))
        };
        Some(Self {
            operation,
            sender: mac(0)?,
            sender_address: ip(6)?,
            target: mac(10)?,
            target_address: ip(16)?,
        })
    }
}

/// A station address in capitals.
fn upper(mac: MacAddr) -> String {
    mac.to_string().to_uppercase()
}

fn target_address(
    world: &World,
    netns: NetnsId,
    hostname: &str,
    options: &Options,
    target: &str,
) -> Result<Ipv4Addr, Leaves> {
    if let Some(literal) = resolve::inet_aton(target) {
        return Ok(literal);
    }
    let fail = |error| options.fail(format_args!("{target}: {error}"));
    let found = resolve::lookup(world, netns, hostname, target).map_err(fail)?;
    let v4 = found.iter().find_map(|address| match address.ip() {
        IpAddr::V4(v4) => Some(v4),
        IpAddr::V6(_) => None,
    });
    v4.ok_or_else(|| fail(resolve::NameError::Family))
}

/// The device of `-I`, or that by which the route leads (`guess_device`, `check_device`).
fn find_device(
    world: &mut World,
    netns: NetnsId,
    options: &Options,
    to: Ipv4Addr,
) -> Result<Device, Leaves> {
    let given = options.device.clone().filter(|name| !name.is_empty());
    let name = match given {
        Some(name) => name,
        None => guess_device(world, netns, options, to)?,
    };
    let links = world.links(netns);
    let Some(link) = links.iter().find(|link| link.name.as_str() == name) else {
        return Err(options.fail(format_args!("Device {name} not available.")));
    };
    check_flags(options, link, &name)?;
    Ok(Device {
        ifindex: link.ifindex,
        station: link.address,
        broadcast: link.broadcast,
        name,
    })
}

fn guess_device(
    world: &mut World,
    netns: NetnsId,
    options: &Options,
    to: Ipv4Addr,
) -> Result<String, Leaves> {
    let asked = RouteGet::to(IpAddr::V4(to));
    let device = world
        .route_get(netns, &asked)
        .ok()
        .and_then(|info| info.nexthops.first().map(|nexthop| nexthop.oif))
        .and_then(|oif| world.ifname(netns, oif));
    device.map(|name| name.to_string()).ok_or_else(|| Leaves {
        status: 1,
        ..options.fail("NETLINK_ROUTE unexpected iov element")
    })
}

/// The device must be up and know ARP (`check_ifflags`).
fn check_flags(options: &Options, link: &LinkInfo, name: &str) -> Result<(), Leaves> {
    let flags = link.flags;
    let leaves = |status: i32, words: &str| Leaves {
        status,
        says: match options.quiet {
            true => Says::Nothing,
            false => Says::Out(format!("Interface \"{name}\" {words}\n")),
        },
    };
    if !flags.has(LinkFlags::UP) {
        return Err(leaves(2, "is down"));
    }
    if flags.has(LinkFlags::NOARP) || flags.has(LinkFlags::LOOPBACK) {
        let status = if options.detect_duplicates { 0 } else { 2 };
        return Err(leaves(status, "is not ARPable"));
    }
    Ok(())
}

/// The source address: the one of `-s`, which must be here, or the one that the device would use.
fn find_source(
    world: &mut World,
    netns: NetnsId,
    options: &Options,
    device: &Device,
    to: Ipv4Addr,
) -> Result<Ipv4Addr, Leaves> {
    let mut source = match &options.source {
        None => Ipv4Addr::UNSPECIFIED,
        Some(text) => resolve::inet_aton(text)
            .ok_or_else(|| options.fail(format_args!("invalid source {text}")))?,
    };
    if !options.detect_duplicates && options.unsolicited && options.source.is_none() {
        source = to;
    }
    if options.detect_duplicates && options.source.is_none() {
        return Ok(source);
    }
    let probe = world
        .socket(netns, SocketKind::Udp4)
        .map_err(|errno| options.fail(format_args!("socket: {errno}")))?;
    let bound = SocketOption::BindToDevice(Some(device.ifindex));
    let given = options.source.is_some() || !source.is_unspecified();
    let found = world
        .socket_option(probe, bound)
        .map_err(|_| ("bind", Errno::Enodev))
        .and_then(|()| {
            probe_source(
                world,
                probe,
                given.then_some(source),
                to,
                options.unsolicited,
            )
        });
    world.close_socket(probe);
    found.map_err(|(what, errno)| options.fail(format_args!("{what}: {errno}")))
}

/// Binds to the source that is given, or connects without gateways to find one.
fn probe_source(
    world: &mut World,
    probe: SockId,
    given: Option<Ipv4Addr>,
    to: Ipv4Addr,
    unsolicited: bool,
) -> Result<Ipv4Addr, (&'static str, Errno)> {
    if let Some(source) = given {
        let address = SocketAddr::new(IpAddr::V4(source), 0);
        world
            .bind(probe, address)
            .map_err(|errno| ("bind", errno))?;
        return Ok(source);
    }
    if unsolicited {
        return Ok(to);
    }
    let _ = world.socket_option(probe, SocketOption::DontRoute(true));
    world
        .connect(probe, SocketAddr::new(IpAddr::V4(to), PROBE_PORT))
        .map_err(|errno| ("connect", errno))?;
    match world.local_addr(probe).map(|local| local.ip()) {
        Some(IpAddr::V4(source)) => Ok(source),
        _ => Ok(Ipv4Addr::UNSPECIFIED),
    }
}
