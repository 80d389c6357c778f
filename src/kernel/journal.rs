//! The hops of the frames that somebody watches: numbered, linked, bounded.
//! What they mean, and how they are told, is for the floors above; what decided a loss is in `decider`.

use crate::engine::trace::{
    By, DropReason, FrameId, Hop, HopNo, Journey, Maker, Names, Noted, Place, Verdict,
};
use crate::kernel::world::{Event, World};
use crate::units::{DevId, NetnsId, SockId};
use crate::wire::Frame;

/// Hops that are kept at most, unless the watcher says otherwise; later ones are counted and not kept.
const HOPS_MAX: usize = 1_000_000;

/// The hops since watching began.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// The hops that nobody has taken yet, in the order in which they happened.
    pub hops: Vec<Noted>,
    /// Hops that found no room.
    pub missed: u64,
    /// How many may wait.
    most: usize,
    /// Whether somebody takes them.
    pub(super) streaming: bool,
    /// The hops since a command began, where they are kept.
    pub(super) kept: Vec<Noted>,
    /// Whether more are to be kept.
    pub(super) keeping: bool,
    /// The hop that is being acted on: what is made now is made because of it.
    current: HopNo,
    /// The socket that sends just now.
    sender: Option<SockId>,
}

impl World {
    /// Begins to note every hop.
    pub fn watch(&mut self) {
        self.watch_at_most(HOPS_MAX);
    }

    /// Begins to note hops, and keeps so many at most until they are taken; none that was noted
    /// before stays.
    pub fn watch_at_most(&mut self, most: usize) {
        self.watching = true;
        self.journal = Some(Box::new(Journal {
            most,
            streaming: true,
            ..Journal::default()
        }));
    }

    /// Whether hops are noted.
    pub fn is_watched(&self) -> bool {
        self.watching
    }

    /// Ends noting hops and gives those that were noted.
    pub fn unwatch(&mut self) -> Option<Journal> {
        self.watching = false;
        self.journal.take().map(|journal| *journal)
    }

    /// Takes what was noted so far, and goes on: hops keep their numbers.
    pub fn take_noted(&mut self) -> Vec<Noted> {
        self.journal
            .as_mut()
            .map_or_else(Vec::new, |journal| std::mem::take(&mut journal.hops))
    }

    /// The journeys that hops make up, with the names that places have now.
    ///
    /// ```
    /// use vethlab::engine::trace::Verdict;
    /// use vethlab::kernel::World;
    /// use vethlab::tool::Shell;
    ///
    /// let mut world = World::new(0);
    /// world.watch();
    /// Shell::new(&mut world).run("ping -c 1 127.0.0.1");
    /// let noted = world.take_noted();
    /// let journeys = world.journeys(&noted);
    /// let path: Vec<&str> = journeys[0].path().iter().map(|place| place.dev.as_str()).collect();
    /// assert_eq!(path, ["lo"]);
    /// assert!(journeys[0].what.contains("ICMP echo request"));
    /// assert_eq!(journeys[1].cause, Some(journeys[0].frame), "the answer");
    /// ```
    pub fn journeys(&self, noted: &[Noted]) -> Vec<Journey> {
        Journey::all(noted, self)
    }

    /// Nothing is being acted on: what is made from now on has no cause among frames.
    #[inline]
    pub(crate) fn forget_cause(&mut self) {
        if self.watching {
            self.set_cause(0, None);
        }
    }

    /// What is made from now on is made because of what was at this station; 0 changes nothing.
    #[inline]
    pub(crate) fn because_of(&mut self, station: HopNo) {
        if self.watching && station != 0 {
            self.set_cause(station, None);
        }
    }

    /// What a program sends from now on has no cause among frames.
    #[inline]
    pub(crate) fn sent_by(&mut self, socket: SockId) {
        if self.watching {
            self.set_cause(0, Some(socket));
        }
    }

    /// The same, unless what is made now is made because of a frame; says whether it is the socket's.
    #[cold]
    pub(crate) fn sent_by_unless_caused(&mut self, socket: SockId) -> bool {
        match &mut self.journal {
            Some(journal) if journal.current == 0 => {
                journal.sender = Some(socket);
                true
            }
            _ => false,
        }
    }

    /// What is made from now on is made because of a hop, or by a socket.
    #[cold]
    pub(crate) fn set_cause(&mut self, hop: HopNo, sender: Option<SockId>) {
        if let Some(journal) = &mut self.journal {
            journal.current = hop;
            journal.sender = sender;
        }
    }

    /// Gives a new packet of IP its number, where somebody watches, and notes that it begins.
    #[inline]
    pub(crate) fn stamp_frame_id(&mut self, netns: NetnsId, packet: &mut Frame) {
        if self.watching && packet.id == 0 {
            self.begin_frame(netns, None, packet, Maker::Stack);
        }
    }

    /// The same for a frame that a device is to transmit.
    #[inline]
    pub(crate) fn stamp_at(&mut self, dev: DevId, frame: &mut Frame) {
        if self.watching && frame.id == 0 {
            self.begin_at(dev, frame);
        }
    }

    /// The same for a frame that a device makes by itself and receives.
    #[inline]
    pub(crate) fn stamp_made(&mut self, dev: DevId, frame: &mut Frame) {
        if self.watching
            && frame.id == 0
            && let Some(netns) = self.devices.find(dev).map(|device| device.netns)
        {
            self.begin_frame(netns, Some(dev), frame, Maker::Device);
        }
    }

    #[cold]
    fn begin_at(&mut self, dev: DevId, frame: &mut Frame) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let netns = device.netns;
        let maker = match device.master {
            Some(_) => Maker::Device,
            None => Maker::Stack,
        };
        self.begin_frame(netns, Some(dev), frame, maker);
    }

    #[cold]
    fn begin_frame(&mut self, netns: NetnsId, dev: Option<DevId>, frame: &mut Frame, maker: Maker) {
        let Some(journal) = &mut self.journal else {
            return;
        };
        // What a socket sends is the first frame only: what follows, a question to a neighbour, is the stack's.
        let maker = journal.sender.take().map_or(maker, Maker::Socket);
        self.last_frame_id += 1;
        (frame.id, frame.hop) = (self.last_frame_id, journal.current);
        frame.hop = self.note(netns, dev, frame, Verdict::Made(maker), None);
    }

    /// Notes a station at a device; gives its number.
    #[cold]
    pub(crate) fn record_hop(
        &mut self,
        dev: DevId,
        frame: &Frame,
        verdict: Verdict,
        by: Option<By>,
    ) -> HopNo {
        let Some(netns) = self.devices.find(dev).map(|device| device.netns) else {
            return frame.hop;
        };
        let by = match verdict {
            Verdict::Dropped(reason) => by.or_else(|| self.decider(dev, netns, reason, frame)),
            _ => by,
        };
        self.note(netns, Some(dev), frame, verdict, by)
    }

    /// Notes a station within a namespace, at no device in particular.
    #[cold]
    pub(crate) fn record_in(
        &mut self,
        netns: NetnsId,
        frame: &Frame,
        verdict: Verdict,
        by: Option<By>,
    ) -> HopNo {
        self.note(netns, None, frame, verdict, by)
    }

    fn note(
        &mut self,
        netns: NetnsId,
        dev: Option<DevId>,
        frame: &Frame,
        verdict: Verdict,
        by: Option<By>,
    ) -> HopNo {
        let Some(journal) = &mut self.journal else {
            return 0;
        };
        self.last_hop = self.last_hop.wrapping_add(1).max(1);
        let no = self.last_hop;
        journal.current = no;
        let (streaming, keeping) = (journal.streaming, journal.keeping);
        let room = journal.hops.len() < journal.most;
        if streaming && !room {
            journal.missed += 1;
        }
        let hop = Hop {
            at: self.now,
            frame: frame.id,
            after: frame.hop,
            netns,
            dev,
            verdict,
            by,
        };
        let noted = Noted {
            no,
            hop,
            bytes: frame.clone(),
        };
        if keeping {
            self.is_kept(&noted);
        }
        if let Some(journal) = self.journal.as_mut().filter(|_| streaming && room) {
            journal.hops.push(noted);
        }
        no
    }

    /// Whether a device is a loopback.
    pub fn is_loopback(&self, dev: DevId) -> bool {
        self.devices
            .find(dev)
            .is_some_and(|device| device.is_loopback())
    }

    /// The number of the newest frame that was watched.
    pub fn last_frame(&self) -> FrameId {
        self.last_frame_id
    }

    /// Notes that a frame was lost at a device, and why.
    #[inline]
    pub(crate) fn lose(&mut self, dev: DevId, frame: &Frame, reason: DropReason) {
        if self.watching {
            self.record_hop(dev, frame, Verdict::Dropped(reason), None);
        }
    }

    /// What is on its way to a device that goes is lost with it.
    #[cold]
    pub(crate) fn lose_under_way(&mut self, dev: DevId) {
        let events = self.queue.unordered();
        let frames = events.filter_map(|event| match event {
            Event::Receive(to, frame)
            | Event::Switch(to, frame)
            | Event::Wire(to, frame)
            | Event::Loop(to, frame)
            | Event::Hear(to, frame) => (*to == dev).then(|| frame.clone()),
            Event::Spread(..) | Event::Timer(_) => None,
        });
        let mut frames: Vec<Frame> = frames.collect();
        frames.sort_by_key(|frame| frame.hop);
        for frame in frames {
            self.lose(dev, &frame, DropReason::DevReady);
        }
    }

    /// The same where the caller knows what decided.
    #[inline]
    pub(crate) fn lose_by(
        &mut self,
        dev: DevId,
        frame: &Frame,
        reason: DropReason,
        by: impl FnOnce() -> By,
    ) {
        if self.watching {
            self.record_hop(dev, frame, Verdict::Dropped(reason), Some(by()));
        }
    }

    /// Notes a station where a copy of a frame ends or only is noticed; where it goes on, see [`Self::pass`].
    #[inline]
    pub(crate) fn hop(&mut self, dev: DevId, frame: &Frame, verdict: Verdict) {
        if self.watching {
            self.record_hop(dev, frame, verdict, None);
        }
    }

    /// Notes a station from which a frame goes on: what happens next to it, or to its copies, comes after this.
    #[inline]
    pub(crate) fn pass(
        &mut self,
        dev: DevId,
        frame: &mut Frame,
        verdict: impl FnOnce(&Self) -> Verdict,
    ) {
        if self.watching {
            let verdict = verdict(self);
            let by = match &verdict {
                Verdict::Flooded(ports) => self.left_out(dev, ports),
                _ => None,
            };
            frame.hop = self.record_hop(dev, frame, verdict, by);
        }
    }
}

impl Names for World {
    fn place(&self, netns: NetnsId, dev: Option<DevId>) -> Place {
        let ns = self.netns.find(netns);
        let host = ns.map(|ns| self.host(ns.host));
        let named = host.and_then(|host| match host.root == netns {
            true => Some(""),
            false => host.name_of(netns),
        });
        let label = ns.map_or("(gone)", |ns| &*ns.label);
        Place {
            host: host.map_or_else(String::new, |host| host.name.clone()),
            netns: named.unwrap_or(label).to_owned(),
            dev: dev.map_or_else(String::new, |dev| self.device(dev)),
        }
    }

    fn device(&self, dev: DevId) -> String {
        let device = self.devices.find(dev);
        device.map_or_else(
            || "(gone)".to_owned(),
            |device| device.name.as_str().to_owned(),
        )
    }
}
