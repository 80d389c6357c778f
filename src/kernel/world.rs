//! The world as a value: hosts, namespaces and devices, and the events that wait.
//! What an event does is in the modules of the things that it is about.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::device::underlay::Segment;
use crate::engine::{Budget, Exhausted, Label, Queue, Random, Seed};
use crate::kernel::device::Device;
use crate::kernel::express::Lane;
use crate::kernel::flood::{ListNo, Lists};
use crate::kernel::host::Host;
use crate::kernel::journal::Journal;
use crate::kernel::names::Names;
use crate::kernel::story::Failure;
use crate::kernel::timer::Timer;
use crate::kernel::vxlan::Tunnels;
use crate::netns::Netns;
use crate::netns::igmp::Igmp4Action;
use crate::netns::v6::Action as Action6;
use crate::units::{Arena, DevId, Errno, HostId, IfIndex, NetnsId, SegmentId, SimTime, SockId};
use crate::wire::{Frame, Spare};

/// Everything there is: clone it to fork history, send it to another thread to run it there.
///
/// ```
/// use vethlab::kernel::World;
///
/// let mut world = World::new(0);
/// let host = world.default_host();
/// let red = world.netns_add(host, "red").expect("a first namespace of that name");
/// assert_eq!(world.netns_named(host, "red"), Some(red));
/// ```
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) now: SimTime,
    pub(crate) seed: Seed,
    pub(crate) queue: Queue<Event>,
    pub(crate) budget: Budget,
    pub(crate) hosts: Arena<HostId, Host>,
    pub(crate) first_host: HostId,
    pub(crate) netns: Arena<NetnsId, Netns>,
    pub(crate) devices: Arena<DevId, Device>,
    /// The switches and cables between hosts.
    pub(crate) segments: Arena<SegmentId, Segment>,
    /// The instant at which each running timer is looked at next.
    pub(crate) armed: HashMap<Timer, SimTime, FixedState>,
    /// When changes of carriers that are not urgent may be told again.
    pub(crate) linkwatch_next: SimTime,
    /// The namespace of each open socket.
    pub(crate) socket_homes: Arena<SockId, NetnsId>,
    /// Packet sockets that have a device take every frame.
    pub(crate) promiscuous: HashMap<SockId, DevId, FixedState>,
    /// Devices whose change of carrier waits to be told.
    pub(crate) linkwatch_waiting: Vec<DevId>,
    /// Sockets with news that nobody has taken yet.
    pub(crate) woken: Vec<SockId>,
    /// How many packet sockets there are: without one no frame is copied.
    pub(crate) watchers: u32,
    /// What was switched of the features and channels of devices.
    pub(crate) switched: std::collections::BTreeMap<DevId, crate::device::offload::Switched>,
    /// Whether bridges know of VLANs, since somebody spoke of one.
    pub(crate) vlans_known: bool,
    /// Whether a driver refused a frame since the sender last looked (NET_XMIT_DROP).
    pub(crate) xmit_dropped: bool,
    /// How many stacked devices a frame is just being sent through.
    pub(crate) xmit_depth: u8,
    /// The port of a bridge at which the packet that is being looked at came in, where hooks of IP saw it there.
    pub(crate) bridge_port_in: Option<DevId>,
    /// A packet round the loopback arrives at once, while its sender still waits: the answer of a rule to it.
    pub(crate) loop_at_once: bool,
    /// How many namespaces have tables of netfilter: without one no hook is looked at.
    pub(crate) filters: u32,
    /// Kept so that a flood allocates nothing.
    pub(crate) flood_list: Vec<DevId>,
    /// Kept so that what IP of a device wants done allocates nothing.
    pub(crate) igmp_actions: Vec<Igmp4Action>,
    pub(crate) inet6_actions: Vec<Action6>,
    /// The devices at which copies of frames arrive that are under way.
    pub(crate) lists: Lists,
    /// The memory of frames that have come to their end.
    pub(crate) spare: Spare,
    /// Names that namespaces have of their own.
    pub(crate) names: Names,
    /// Whether hops are noted: decided here once, so that nobody else pays.
    pub(crate) watching: bool,
    /// The VXLAN devices and their sockets.
    pub(crate) tunnels: Tunnels,
    /// The hops of watched frames.
    pub(crate) journal: Option<Box<Journal>>,
    pub(crate) last_frame_id: u64,
    /// The number of the last process that had one from here.
    pub(crate) last_process: u16,
    /// The number of the last hop; numbers go on where watching ends and begins again.
    pub(crate) last_hop: u32,
    /// The last command that failed.
    pub(crate) failure: Option<Box<Failure>>,
    /// Where a budget was used up.
    pub(crate) loop_place: Option<String>,
    /// A fault that a test planted.
    #[cfg(feature = "proptest")]
    pub(crate) mutant: Option<crate::engine::Mutant>,
}

/// Processes are numbered from here.
const FIRST_PROCESS: u16 = 1000;

/// What waits in the queue.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A frame arrives at a device.
    Receive(DevId, Frame),
    /// Copies of a frame arrive at the devices of a list, one after the other.
    Spread(ListNo, Frame),
    /// A frame of a network card has come to the switch that it is plugged into.
    Switch(DevId, Frame),
    /// A frame comes out of the cable of a network card.
    Wire(DevId, Frame),
    /// A frame comes in at a device again, past its driver.
    Loop(DevId, Frame),
    /// A packet that was sent to a group by a device is heard by its own host too.
    Hear(DevId, Frame),
    /// Something has to be looked at.
    Timer(Timer),
}

impl World {
    /// A world of one host, named `host`, whose loopback is up; `seed` decides every random number.
    pub fn new(seed: u64) -> Self {
        Self::with_host(seed, "host")
    }

    /// A world whose first host has that name.
    pub fn with_host(seed: u64, name: &str) -> Self {
        let mut world = Self {
            now: SimTime::ZERO,
            seed: Seed(seed),
            queue: Queue::default(),
            budget: Budget::default(),
            hosts: Arena::default(),
            // The arena's first key is the same for every world.
            first_host: Arena::<HostId, ()>::default().insert(()),
            netns: Arena::default(),
            devices: Arena::default(),
            segments: Arena::default(),
            armed: HashMap::default(),
            linkwatch_next: SimTime::ZERO,
            socket_homes: Arena::default(),
            promiscuous: HashMap::default(),
            linkwatch_waiting: Vec::new(),
            woken: Vec::new(),
            watchers: 0,
            switched: std::collections::BTreeMap::new(),
            vlans_known: false,
            xmit_dropped: false,
            xmit_depth: 0,
            bridge_port_in: None,
            loop_at_once: false,
            filters: 0,
            flood_list: Vec::new(),
            igmp_actions: Vec::new(),
            inet6_actions: Vec::new(),
            lists: Lists::default(),
            spare: Spare::default(),
            names: Names::default(),
            watching: false,
            tunnels: Tunnels::default(),
            journal: None,
            last_frame_id: 0,
            last_process: FIRST_PROCESS,
            last_hop: 0,
            failure: None,
            loop_place: None,
            #[cfg(feature = "proptest")]
            mutant: None,
        };
        world
            .host_add(name)
            .expect("an empty world has room for a host");
        world
    }

    /// The instant that the world has reached.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// A number for a process that is started now, as frames show it (the identifier of an echo request): those of
    /// 65536 processes in turn differ, and the same world gives the same ones.
    pub fn next_process(&mut self) -> u16 {
        self.last_process = self.last_process.wrapping_add(1);
        self.last_process
    }

    /// When the next event is.
    pub fn next_event(&self) -> Option<SimTime> {
        self.queue.next_time()
    }

    /// Lets the next event happen; says whether there was one.
    ///
    /// # Errors
    /// Where a budget is used up: frames are running in a loop.
    pub fn step(&mut self) -> Result<bool, Exhausted> {
        let Some((time, event)) = self.queue.pop() else {
            return Ok(false);
        };
        self.begin_event(time, &event)?;
        match event {
            Event::Receive(dev, frame) => {
                self.arrive(dev, frame);
            }
            other => self.handle(other)?,
        }
        Ok(true)
    }

    /// An event is to happen: it is its time, and a part of the budget.
    ///
    /// # Errors
    /// Where the budget is used up.
    #[inline]
    fn begin_event(&mut self, time: SimTime, event: &Event) -> Result<(), Exhausted> {
        self.now = self.now.max(time);
        self.forget_cause();
        let spent = self.budget.spend_event(self.now, self.queue.len());
        if spent.is_err() {
            self.note_loop(self.device_of(event));
        }
        spent
    }

    /// Another copy of a frame is to arrive at a device, within one event.
    ///
    /// # Errors
    /// Where the budget is used up.
    #[inline]
    pub(crate) fn begin_copy(&mut self, dev: DevId) -> Result<(), Exhausted> {
        self.forget_cause();
        let spent = self.budget.spend_event(self.now, self.queue.len());
        if spent.is_err() {
            self.note_loop(Some(dev));
        }
        spent
    }

    /// Lets an event happen.
    ///
    /// # Errors
    /// Where it is many events, and the budget is used up.
    fn handle(&mut self, event: Event) -> Result<(), Exhausted> {
        match event {
            Event::Receive(dev, frame) => self.receive(dev, frame),
            Event::Spread(list, frame) => return self.spread(list, frame),
            Event::Switch(dev, frame) => self.switch(dev, frame),
            Event::Wire(dev, frame) => self.receive_nic(dev, frame),
            Event::Loop(dev, frame) => self.receive_past_driver(dev, frame),
            Event::Hear(dev, packet) => self.hear(dev, packet),
            Event::Timer(timer) => self.handle_timer(timer),
        }
        Ok(())
    }

    /// The device at which an event is, to be told where it is one too many.
    #[cold]
    fn device_of(&self, event: &Event) -> Option<DevId> {
        match event {
            Event::Receive(dev, _)
            | Event::Switch(dev, _)
            | Event::Wire(dev, _)
            | Event::Loop(dev, _)
            | Event::Hear(dev, _) => Some(*dev),
            Event::Spread(list, _) => self.lists.first(*list),
            Event::Timer(_) => None,
        }
    }

    /// A budget is used up: remembers where, and lets go of all frames and timers that wait.
    #[cold]
    fn note_loop(&mut self, dev: Option<DevId>) {
        let device = dev.and_then(|dev| self.devices.find(dev));
        self.loop_place = device.map(|device| {
            let label = self.netns.find(device.netns).map_or("", |ns| &*ns.label);
            match label {
                "" => format!("device {}", device.name),
                label => format!("device {} of namespace {label}", device.name),
            }
        });
        self.queue = Queue::default();
        self.lists = Lists::default();
        self.armed.clear();
    }

    /// Where a budget was used up: the device at which the last frame of the storm came in.
    pub fn loop_place(&self) -> Option<&str> {
        self.loop_place.as_deref()
    }

    /// Lets everything happen up to and at `until`, which is then the time.
    ///
    /// # Errors
    /// Where a budget is used up: frames are running in a loop.
    pub fn run_until(&mut self, until: SimTime) -> Result<(), Exhausted> {
        let mut lane: Option<Lane> = None;
        while let Some((time, event)) = self.queue.pop_until(until) {
            if time != self.now {
                lane = None;
            }
            self.begin_event(time, &event)?;
            match event {
                Event::Receive(dev, frame) => match &lane {
                    Some(lane) if lane.takes(dev, &frame) => self.follow(lane, frame),
                    _ => lane = self.arrive(dev, frame),
                },
                other => {
                    lane = None;
                    self.handle(other)?;
                }
            }
        }
        self.forget_cause();
        self.now = self.now.max(until);
        Ok(())
    }

    pub(crate) fn schedule(&mut self, at: SimTime, event: Event) {
        self.queue.push(at.max(self.now), event);
    }

    /// The namespace, which the caller knows to be there or else gets an error for.
    pub(crate) fn ns(&self, netns: NetnsId) -> Result<&Netns, Errno> {
        self.netns.find(netns).ok_or(Errno::Enodev)
    }

    pub(crate) fn ns_mut(&mut self, netns: NetnsId) -> Result<&mut Netns, Errno> {
        self.netns.find_mut(netns).ok_or(Errno::Enodev)
    }

    /// The device of a number.
    pub(crate) fn dev_at(&self, netns: NetnsId, ifindex: IfIndex) -> Option<DevId> {
        Some(self.netns.find(netns)?.interfaces.get(&ifindex)?.dev)
    }

    /// A random stream of a namespace.
    pub(crate) fn stream(&self, netns: NetnsId, what: &str) -> Random {
        self.label(netns).text(what).stream()
    }

    /// What the labels of a namespace's streams begin with.
    pub(crate) fn label(&self, netns: NetnsId) -> Label {
        let label = self.seed.label();
        match self.netns.find(netns) {
            Some(ns) => {
                let host = label.text(&self.host(ns.host).name);
                host.text("/").text(&ns.label).text("/")
            }
            None => label,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_can_be_cloned_and_sent_away() {
        fn is_value<T: Clone + Send>(_: &T) {}
        is_value(&World::new(0));
    }
}
