//! A capture on a device of the world: a packet socket, a filter, and where the frames go.
//! As with the kernel's ring, frames are handed over in blocks: when one is full, or a time after it began.
//! Other than there, frames that wait when tcpdump is stopped are not lost.

use std::time::Duration;

use super::cooked::cooked;
use super::devices::{device, interfaces, is_loopback, link_type};
use super::ring::{Buffer, Ring};
use super::words;
use super::{Direction, Lines, Options};
use crate::kernel::World;
use crate::netns::socket::{Datagram, PacketType, SocketKind};
use crate::program::{Console, Piece, Poll, Signal};
use crate::units::{IfIndex, NetnsId, SimTime, SockId};
use crate::wire::filter::{Filter, Source};
use crate::wire::pcap::{LinkNumber, Record, Writer};
use crate::wire::print::LinkType;

/// All frames, and what leaves too.
const ETH_P_ALL: u16 = 3;
/// After what time a block is handed over: where frames are written, and where lines are watched.
const BLOCK_TIME: Duration = Duration::from_secs(1);
const BLOCK_TIME_WATCHED: Duration = Duration::from_millis(100);

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
            frames: Default::default(),
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
            LinkType::LinuxSll | LinkType::LinuxSll2 => {
                cooked(world, self.netns, datagram, self.link)
            }
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
