//! A capture on a device of the world: a packet socket, a filter, and where the frames go.
//! As with the kernel's ring, frames are handed over in blocks: when one is full, or a time after it began.
//! Other than there, frames that wait when tcpdump is stopped are not lost.

use std::collections::VecDeque;
use std::time::Duration;

use super::words::{self, Interface};
use super::{Direction, Lines, Options};
use crate::kernel::World;
use crate::kernel::netlink::LinkFlags;
use crate::netns::socket::{Datagram, PacketType, SocketKind};
use crate::program::{Console, Piece, Poll, Signal};
use crate::units::{IfIndex, NetnsId, SimTime, SockId};
use crate::wire::ETH_HLEN;
use crate::wire::filter::{Filter, Source};
use crate::wire::pcap::{LinkNumber, Record, Writer};
use crate::wire::print::LinkType;

/// All frames, and what leaves too.
const ETH_P_ALL: u16 = 3;
/// What the C library gathers before it writes to a pipe or a file.
const STDIO_BUFFER: usize = 4096;
/// A block of the ring (`tp_block_size`).
const BLOCK: usize = 262_144;
/// After what time a block is handed over: where frames are written, and where lines are watched.
const BLOCK_TIME: Duration = Duration::from_secs(1);
const BLOCK_TIME_WATCHED: Duration = Duration::from_millis(100);
/// The length of the cooked headers.
const SLL_LEN: usize = 16;
const SLL2_LEN: usize = 20;
/// An EtherType below this is a length.
const ETHERTYPE_MIN: u16 = 0x0600;
const ARPHRD_ETHER: u16 = 1;
const ARPHRD_LOOPBACK: u16 = 772;

/// Where a capture is to run, and what it may know of its caller.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The namespace.
    pub netns: NetnsId,
    /// Whether standard output is a terminal, so that each line is printed at once.
    pub stdout_tty: bool,
}

/// A capture that runs.
#[derive(Clone, Debug)]
pub struct Capture {
    options: Options,
    netns: NetnsId,
    socket: SockId,
    /// The device; nothing for `any`.
    ifindex: Option<IfIndex>,
    name: String,
    link: LinkType,
    filter: Filter,
    lines: Lines,
    writer: Option<Writer>,
    stdout: Buffer,
    file: Buffer,
    begun: bool,
    file_begun: bool,
    captured: u64,
    received: u64,
    ring: Ring,
    /// When `Got N` is looked at next, and what it said last.
    progress: Option<(SimTime, Option<u64>)>,
}

/// Frames that arrived and were not handed over yet.
#[derive(Clone, Debug)]
struct Ring {
    frames: VecDeque<Datagram>,
    bytes: usize,
    /// When the ring was opened: blocks end at whole periods behind it.
    opened: SimTime,
    period: Duration,
    due: Option<SimTime>,
}

impl Ring {
    /// Takes what has arrived; whether frames are handed over now.
    fn fill(&mut self, world: &mut World, socket: SockId) -> bool {
        while let Some(datagram) = world.recv(socket) {
            self.bytes += datagram.bytes.len();
            self.frames.push_back(datagram);
        }
        let now = world.now();
        if self.frames.is_empty() {
            self.due = None;
            return false;
        }
        let due = *self
            .due
            .get_or_insert(next_end(self.opened, self.period, now));
        now >= due || self.bytes >= BLOCK
    }

    fn take(&mut self) -> Option<Datagram> {
        let datagram = self.frames.pop_front();
        if datagram.is_none() {
            (self.bytes, self.due) = (0, None);
        }
        datagram
    }
}

/// The next end of a period; at once where there is no period.
fn next_end(opened: SimTime, period: Duration, now: SimTime) -> SimTime {
    let period = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX);
    let since = now.as_nanos().saturating_sub(opened.as_nanos());
    let periods = since.checked_div(period).map_or(0, |whole| whole + 1);
    match period {
        0 => now,
        _ => opened + Duration::from_nanos(periods.saturating_mul(period)),
    }
}

/// Bytes that wait until there are enough of them.
#[derive(Clone, Debug, Default)]
struct Buffer {
    waiting: Vec<u8>,
    unbuffered: bool,
}

impl Buffer {
    fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// What is to be written now.
    fn ready(&mut self) -> Vec<u8> {
        let len = if self.unbuffered {
            self.waiting.len()
        } else {
            self.waiting.len() / STDIO_BUFFER * STDIO_BUFFER
        };
        self.waiting.drain(..len).collect()
    }

    fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.waiting)
    }
}

impl Capture {
    /// Opens the device and compiles the filter; an error was said already, and is the exit status.
    ///
    /// # Errors
    /// 1 where there is no such device, it is down, or the filter makes no sense.
    pub fn open(
        world: &mut World,
        place: Place,
        options: Options,
        filter: &str,
        console: &mut Console,
    ) -> Result<Self, i32> {
        Self::try_open(world, place, options, filter, console).map_err(|complaint| {
            console.err(format!("tcpdump: {complaint}\n"));
            1
        })
    }

    fn try_open(
        world: &mut World,
        place: Place,
        mut options: Options,
        filter: &str,
        console: &mut Console,
    ) -> Result<Self, String> {
        let netns = place.netns;
        let asked = match &options.interface {
            Some(name) => name.clone(),
            None => words::listed(&interfaces(world, netns), 1).unwrap_or_default(),
        };
        let (name, ifindex) = device(world, netns, &asked)?;
        let link = match ifindex {
            Some(_) => LinkType::Ethernet,
            None if asked.starts_with("any") => LinkType::LinuxSll2,
            None => LinkType::LinuxSll,
        };
        let link = link_type(&options, link, console)?;
        let source = Source { link, live: true };
        let filter = Filter::compile_for(filter, source).map_err(|error| error.to_string())?;
        let kind = SocketKind::Packet {
            ifindex,
            ethertype: ETH_P_ALL,
        };
        let socket = world
            .socket(netns, kind)
            .map_err(|errno| format!("{name}: {errno}"))?;
        if options.promiscuous && ifindex.is_some() {
            world
                .socket_promiscuous(socket)
                .map_err(|errno| format!("{name}: {errno}"))?;
        }
        if options.snaplen == 0 {
            options.snaplen = crate::wire::pcap::SNAPLEN_DEFAULT;
        }
        let writer = options.write.as_ref().map(|_| {
            let number = LinkNumber::from(link);
            Writer::with_precision(number, options.snaplen, options.nanoseconds)
        });
        let watched = options.line_buffered || place.stdout_tty;
        let ring = Ring {
            frames: VecDeque::new(),
            bytes: 0,
            opened: world.now(),
            period: match (options.immediate, options.prints() && watched) {
                (true, _) => Duration::ZERO,
                (false, true) => BLOCK_TIME_WATCHED,
                (false, false) => BLOCK_TIME,
            },
            due: None,
        };
        let quiet_file = options.write.is_some() && !options.print_too;
        let counts_aloud = options.print.verbose > 0 && quiet_file;
        Ok(Self {
            lines: Lines::new(&options),
            stdout: Buffer {
                waiting: Vec::new(),
                unbuffered: watched,
            },
            file: Buffer {
                waiting: Vec::new(),
                unbuffered: options.packet_buffered,
            },
            progress: counts_aloud.then(|| (world.now() + Duration::from_secs(1), None)),
            options,
            netns,
            socket,
            ifindex,
            name,
            link,
            filter,
            writer,
            begun: false,
            file_begun: false,
            captured: 0,
            received: 0,
            ring,
        })
    }

    /// The name of its device.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its packet socket.
    pub fn socket(&self) -> SockId {
        self.socket
    }

    /// The signals that it ends by, and that by which it tells its counts.
    pub const SIGNALS: &'static [Signal] = &[
        Signal::Interrupt,
        Signal::Terminate,
        Signal::Hangup,
        Signal::User1,
        Signal::User2,
    ];

    /// Takes what has arrived.
    pub fn poll(&mut self, world: &mut World, console: &mut Console) -> Poll {
        if !self.begun {
            self.begin(console);
        }
        if self.ring.fill(world, self.socket)
            && let Some(ended) = self.take_block(world, console)
        {
            return ended;
        }
        if self
            .ifindex
            .is_some_and(|ifindex| world.ifname(self.netns, ifindex).is_none())
        {
            let complaint = "tcpdump: pcap_loop: The interface disappeared\n";
            return self.end(world, console, complaint, 1);
        }
        let progress = self.say_progress(world.now(), console);
        Poll::Wait(progress.into_iter().chain(self.ring.due).min())
    }

    /// All frames that wait; ends at the count.
    fn take_block(&mut self, world: &World, console: &mut Console) -> Option<Poll> {
        while let Some(datagram) = self.ring.take() {
            self.take(world, &datagram);
            let wanted = self.options.count.map(u64::from);
            if wanted.is_some_and(|wanted| self.captured >= wanted) {
                self.count_rest(world);
                return Some(self.end(world, console, "", 0));
            }
        }
        self.flush(console);
        None
    }

    /// A signal has come.
    pub fn signal(&mut self, world: &mut World, console: &mut Console, signal: Signal) -> Poll {
        match signal {
            Signal::User1 => {
                let lost = world.frames_lost(self.socket);
                console.err(words::short_statistics(self.captured, self.received, lost));
                self.poll(world, console)
            }
            Signal::User2 => {
                self.file_now(console);
                self.poll(world, console)
            }
            Signal::Interrupt
            | Signal::Quit
            | Signal::Terminate
            | Signal::Hangup
            | Signal::Alarm => self.interrupted(world, console),
        }
    }

    fn interrupted(&mut self, world: &mut World, console: &mut Console) -> Poll {
        self.ring.fill(world, self.socket);
        if let Some(ended) = self.take_block(world, console) {
            return ended;
        }
        if self.options.write.is_none() {
            self.stdout.push(b"\n");
        }
        self.end(world, console, "", 0)
    }

    /// What had arrived behind the last wanted frame was received too.
    fn count_rest(&mut self, world: &World) {
        while let Some(datagram) = self.ring.take() {
            let frame = self.frame(world, &datagram);
            let matches = frame.is_some_and(|frame| self.filter.matches(&frame, frame.len()));
            self.received += u64::from(matches);
        }
    }

    fn begin(&mut self, console: &mut Console) {
        self.begun = true;
        if let Some(writer) = &mut self.writer {
            self.file.push(&writer.take());
        }
        // The file is there from the beginning, even while nothing is in it.
        self.write_file(console, Vec::new());
        self.flush(console);
        let number = LinkNumber::from(self.link);
        console.err(words::listening(&self.options, &self.name, number));
    }

    /// One frame: filtered, cut, printed or written.
    fn take(&mut self, world: &World, datagram: &Datagram) {
        let Some(frame) = self.frame(world, datagram) else {
            return;
        };
        if !self.filter.matches(&frame, frame.len()) {
            return;
        }
        self.received += 1;
        if !self.wants(world, datagram) {
            return;
        }
        self.captured += 1;
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        let kept = frame.len().min(self.options.snaplen as usize);
        let record = Record {
            time_ns: datagram.at.as_nanos(),
            original_len: length,
            bytes: &frame[..kept],
        };
        if let Some(writer) = &mut self.writer {
            writer.record(record.time_ns, length, record.bytes);
            self.file.push(&writer.take());
        }
        if self.options.prints() {
            if self.link == LinkType::LinuxSll2
                && let Some(name) = world.ifname(self.netns, datagram.ifindex)
            {
                self.lines.name_interface(datagram.ifindex, name.as_str());
            }
            let lines = self.lines.frame(&record, self.link);
            self.stdout.push(lines.as_bytes());
        }
    }

    /// The frame with the link header of this capture.
    fn frame(&self, world: &World, datagram: &Datagram) -> Option<Vec<u8>> {
        match self.link {
            LinkType::Ethernet | LinkType::Raw => Some(datagram.bytes.clone()),
            LinkType::LinuxSll | LinkType::LinuxSll2 => self.cooked(world, datagram),
        }
    }

    /// By direction; what leaves by the loopback is seen when it comes back (`linux_check_direction`).
    fn wants(&self, world: &World, datagram: &Datagram) -> bool {
        let outgoing = datagram.packet_type == PacketType::Outgoing;
        if outgoing && is_loopback(world, self.netns, datagram.ifindex) {
            return false;
        }
        match self.options.direction {
            Direction::Both => true,
            Direction::In => !outgoing,
            Direction::Out => outgoing,
        }
    }

    /// A frame of any device, with a cooked header instead of Ethernet's.
    fn cooked(&self, world: &World, datagram: &Datagram) -> Option<Vec<u8>> {
        let header = datagram.bytes.get(..ETH_HLEN)?;
        let payload = datagram.bytes.get(ETH_HLEN..)?;
        let ethertype = u16::from_be_bytes([header[12], header[13]]);
        let protocol = if ethertype < ETHERTYPE_MIN {
            4
        } else {
            ethertype
        };
        let hardware = if is_loopback(world, self.netns, datagram.ifindex) {
            ARPHRD_LOOPBACK
        } else {
            ARPHRD_ETHER
        };
        let kind: u8 = match datagram.packet_type {
            PacketType::Host => 0,
            PacketType::Broadcast => 1,
            PacketType::Multicast => 2,
            PacketType::OtherHost => 3,
            PacketType::Outgoing | PacketType::Loopback => 4,
        };
        let mut cooked = Vec::with_capacity(SLL2_LEN + payload.len());
        if self.link == LinkType::LinuxSll2 {
            cooked.extend_from_slice(&protocol.to_be_bytes());
            cooked.extend_from_slice(&[0, 0]);
            cooked.extend_from_slice(&datagram.ifindex.to_be_bytes());
            cooked.extend_from_slice(&hardware.to_be_bytes());
            cooked.extend_from_slice(&[kind, 6]);
            cooked.extend_from_slice(&header[6..12]);
            cooked.extend_from_slice(&[0, 0]);
        } else {
            cooked.extend_from_slice(&[0, kind]);
            cooked.extend_from_slice(&hardware.to_be_bytes());
            cooked.extend_from_slice(&[0, 6]);
            cooked.extend_from_slice(&header[6..12]);
            cooked.extend_from_slice(&[0, 0]);
            cooked.extend_from_slice(&protocol.to_be_bytes());
            debug_assert_eq!(cooked.len(), SLL_LEN, "the first cooked header");
        }
        cooked.extend_from_slice(payload);
        Some(cooked)
    }

    // --- Output ----------------------------------------------------------------------------

    fn flush(&mut self, console: &mut Console) {
        console.out(self.stdout.ready());
        let bytes = self.file.ready();
        if !bytes.is_empty() {
            self.write_file(console, bytes);
        }
    }

    fn file_now(&mut self, console: &mut Console) {
        let bytes = self.file.rest();
        if !bytes.is_empty() {
            self.write_file(console, bytes);
        }
    }

    fn write_file(&mut self, console: &mut Console, bytes: Vec<u8>) {
        match self.options.write.as_deref() {
            None => {}
            Some("-") => console.out(bytes),
            Some(path) => {
                console.pieces.push(Piece::File {
                    path: path.to_owned(),
                    fresh: !self.file_begun,
                    bytes,
                });
                self.file_begun = true;
            }
        }
    }

    /// `Got N`, once a second, where it has changed; gives when to look again.
    fn say_progress(&mut self, now: SimTime, console: &mut Console) -> Option<SimTime> {
        let (mut at, mut said) = self.progress?;
        if now >= at {
            if said != Some(self.captured) {
                console.err(format!("Got {}\r", self.captured));
                said = Some(self.captured);
            }
            while at <= now {
                at += Duration::from_secs(1);
            }
        }
        self.progress = Some((at, said));
        Some(at)
    }

    /// The last words: what was printed, the complaint, the statistics, what was written.
    fn end(&mut self, world: &World, console: &mut Console, complaint: &str, status: i32) -> Poll {
        if self.options.write.is_none() {
            console.out(self.stdout.rest());
        }
        console.err(complaint);
        let lost = world.frames_lost(self.socket);
        console.err(words::statistics(self.captured, self.received, lost));
        self.file_now(console);
        console.out(self.stdout.rest());
        Poll::Exit(status)
    }
}

fn is_loopback(world: &World, netns: NetnsId, ifindex: IfIndex) -> bool {
    let dev = world.dev_at(netns, ifindex);
    dev.and_then(|dev| world.devices.find(dev))
        .is_some_and(|device| device.is_loopback())
}

/// The devices that can be captured on, in the order of their numbers.
pub(super) fn interfaces(world: &World, netns: NetnsId) -> Vec<Interface> {
    let Ok(ns) = world.ns(netns) else {
        return Vec::new();
    };
    let devices = ns.interfaces.values();
    devices
        .filter_map(|interface| world.devices.find(interface.dev))
        .map(|device| {
            let flags = device.shown_flags().0;
            Interface {
                name: device.name.as_str().to_owned(),
                up: flags & LinkFlags::UP != 0,
                running: flags & LinkFlags::RUNNING != 0,
                loopback: flags & LinkFlags::LOOPBACK != 0,
                connected: flags & LinkFlags::LOWER_UP != 0,
            }
        })
        .collect()
}

/// The link type that was asked for, which the device must have.
fn link_type(options: &Options, link: LinkType, console: &mut Console) -> Result<LinkType, String> {
    let own = match link {
        LinkType::LinuxSll2 => Some("LINUX_SLL2"),
        _ => None,
    };
    let Some(name) = options.link_type.or(own) else {
        return Ok(link);
    };
    let chosen = match (name, link) {
        ("EN10MB", LinkType::Ethernet) => LinkType::Ethernet,
        ("LINUX_SLL", LinkType::LinuxSll | LinkType::LinuxSll2) => LinkType::LinuxSll,
        ("LINUX_SLL2", LinkType::LinuxSll | LinkType::LinuxSll2) => LinkType::LinuxSll2,
        _ => {
            return Err(format!(
                "{name} is not one of the DLTs supported by this device"
            ));
        }
    };
    console.err(format!("tcpdump: data link type {name}\n"));
    Ok(chosen)
}

/// The device of that name or number, which must be up; nothing for `any`.
fn device(world: &World, netns: NetnsId, asked: &str) -> Result<(String, Option<IfIndex>), String> {
    let name = match (asked, world.ifindex(netns, asked), asked.parse::<usize>()) {
        ("any", ..) | (_, Some(_), _) => asked.to_owned(),
        (_, None, Ok(number)) => words::listed(&interfaces(world, netns), number)
            .ok_or_else(|| "Invalid adapter index".to_owned())?,
        (_, None, Err(_)) => {
            return Err(format!(
                "{asked}: No such device exists\n(No such device exists)"
            ));
        }
    };
    if name == "any" {
        return Ok((name, None));
    }
    let ifindex = world
        .ifindex(netns, &name)
        .ok_or_else(|| format!("{name}: That device doesn't support capturing"))?;
    let dev = world.dev_at(netns, ifindex);
    let up = dev
        .and_then(|dev| world.devices.find(dev))
        .is_some_and(|device| device.is_up());
    if !up {
        return Err(format!("{name}: That device is not up"));
    }
    Ok((name, Some(ifindex)))
}
