//! Network cards and the underlay that joins hosts: switches and cables between them.
//! What a frame meets on a wire is decided in `device::underlay`.

use std::time::Duration;

use crate::device::underlay::{Crossing, Lane, Segment, WireSpec};
use crate::engine::trace::DropReason;
use crate::kernel::device::{Device, DeviceKind};
use crate::kernel::netlink::{LinkFlags, NlResult};
use crate::kernel::rx::ethernet_header;
use crate::kernel::world::{Event, World};
use crate::units::{DevId, Errno, HostId, IfName, MacAddr, SegmentId};
use crate::wire::{ETH_HLEN, Frame};

/// How long a frame takes over a cable that nothing else is said about.
pub const CABLE_CROSSING: Duration = Duration::from_micros(25);
/// Room that a receiver grants beyond its mtu, for one VLAN tag.
const VLAN_HLEN: usize = 4;
/// The first half of the address of a network card: what QEMU gives its machines.
const OUI: [u8; 3] = [0x52, 0x54, 0x00];

/// What a network card has that other devices have not: a plug.
#[derive(Clone, Debug)]
pub struct Nic {
    /// The host that it was built into.
    home: HostId,
    /// The address that it was made with.
    permanent: MacAddr,
    plug: Option<Plug>,
}

/// A network card's place at a segment, with its cable.
#[derive(Clone, Debug)]
struct Plug {
    segment: SegmentId,
    /// Whether the cable is cut.
    cut: bool,
    /// From the network card to the switch, or to the far end of a cable.
    up: Lane,
    /// From the switch to the network card.
    down: Lane,
}

impl World {
    /// Builds a network card into a host: down, and not plugged in. Its address is that of a QEMU machine
    /// (`52:54:00:...`), drawn from a stream of host and name.
    ///
    /// # Errors
    /// `EEXIST` where the host's root namespace has a device of that name, `ENOMEM` where a budget is used up.
    pub fn nic_add(&mut self, host: HostId, name: IfName) -> NlResult<DevId> {
        let root = self.host(host).root;
        let address = self.nic_address(host, name);
        let nic = Nic {
            home: host,
            permanent: address,
            plug: None,
        };
        let kind = DeviceKind::Nic(Box::new(nic));
        let mut device = Device::new(kind, root, name, address);
        device.carrier = false;
        self.register(device, None)
    }

    /// An address that no other network card of the world has.
    fn nic_address(&self, host: HostId, name: IfName) -> MacAddr {
        let mut random = self.stream(self.host(host).root, &format!("nic {name}"));
        let taken = |address| {
            self.devices.iter().any(|(_, device)| {
                matches!(&device.kind, DeviceKind::Nic(nic) if nic.permanent == address)
            })
        };
        loop {
            let [_, low @ ..] = random.next_u32().to_be_bytes();
            let ([a, b, c], [d, e, f]) = (OUI, low);
            let address = MacAddr([a, b, c, d, e, f]);
            if !taken(address) {
                return address;
            }
        }
    }

    /// Adds a switch, into which network cards can be plugged.
    pub fn segment_add(&mut self, name: &str) -> SegmentId {
        self.segments.insert(Segment::new(name, false))
    }

    /// The name of a switch or cable.
    pub fn segment_name(&self, segment: SegmentId) -> Option<&str> {
        Some(self.segments.find(segment)?.name.as_str())
    }

    /// The network cards at a switch or cable, in the order in which they were plugged in.
    pub fn segment_ports(&self, segment: SegmentId) -> &[DevId] {
        self.segments.find(segment).map_or(&[], Segment::ports)
    }

    /// All switches and cables, in the order in which they were made.
    pub fn segment_list(&self) -> Vec<SegmentId> {
        self.segments.iter().map(|(id, _)| id).collect()
    }

    /// The switch or cable that a network card is plugged into.
    pub fn segment_of(&self, dev: DevId) -> Option<SegmentId> {
        Some(self.plug_ref(dev)?.segment)
    }

    /// The network cards of a host, wherever they are now, in the order in which they were built in.
    pub fn nics(&self, host: HostId) -> Vec<DevId> {
        let devices = self.devices.iter();
        let mine =
            |device: &Device| matches!(&device.kind, DeviceKind::Nic(nic) if nic.home == host);
        devices
            .filter(|(_, device)| mine(device))
            .map(|(dev, _)| dev)
            .collect()
    }

    /// Plugs a network card into a switch: `up` is the wire from the card to the switch, `down` the way back.
    ///
    /// # Errors
    /// `ENODEV` where one of them is not there, `EBUSY` where the card is plugged in already.
    pub fn plug(
        &mut self,
        dev: DevId,
        segment: SegmentId,
        up: WireSpec,
        down: WireSpec,
    ) -> NlResult<()> {
        let lane = |world: &Self, spec, what: &str| {
            let device = world.devices.find(dev)?;
            Some(Lane::new(spec, world.device_stream(device, what)))
        };
        let up = lane(self, up, "wire up").ok_or(Errno::Enodev)?;
        let down = lane(self, down, "wire down").ok_or(Errno::Enodev)?;
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        let DeviceKind::Nic(nic) = &mut device.kind else {
            return Err(Errno::Eopnotsupp.into());
        };
        let place = self.segments.find_mut(segment).ok_or(Errno::Enodev)?;
        if nic.plug.is_some() || !place.plug(dev) {
            return Err(Errno::Ebusy.into());
        }
        nic.plug = Some(Plug {
            segment,
            cut: false,
            up,
            down,
        });
        self.nics_carrier(segment);
        Ok(())
    }

    /// Takes a network card off its switch or cable.
    pub fn unplug(&mut self, dev: DevId) {
        let Some(DeviceKind::Nic(nic)) = self.devices.find_mut(dev).map(|device| &mut device.kind)
        else {
            return;
        };
        let Some(plug) = nic.plug.take() else {
            return;
        };
        if let Some(segment) = self.segments.find_mut(plug.segment) {
            segment.unplug(dev);
        }
        self.nic_carrier(dev);
        self.nics_carrier(plug.segment);
    }

    /// Joins two network cards by a cable of their own, alike in both directions.
    ///
    /// # Errors
    /// As [`World::plug`]; nothing is joined then.
    pub fn cable(&mut self, a: DevId, b: DevId, spec: WireSpec) -> NlResult<SegmentId> {
        let name = |dev| self.devices.find(dev).map(|device| device.name);
        let name = match (name(a), name(b)) {
            (Some(one), Some(other)) => format!("{one}-{other}"),
            _ => return Err(Errno::Enodev.into()),
        };
        let segment = self.segments.insert(Segment::new(&name, true));
        let plugged = self
            .plug(a, segment, spec, spec)
            .and_then(|()| self.plug(b, segment, spec, spec));
        if let Err(error) = plugged {
            if self.segment_of(a) == Some(segment) {
                self.unplug(a);
            }
            self.segments.remove(segment);
            return Err(error);
        }
        Ok(segment)
    }

    /// How the wires of a network card are: from the card, and to it.
    pub fn wire(&self, dev: DevId) -> Option<(WireSpec, WireSpec)> {
        let plug = self.plug_ref(dev)?;
        Some((plug.up.spec(), plug.down.spec()))
    }

    /// Makes the wires of a network card so from now on: from the card, and to it.
    pub fn set_wire(&mut self, dev: DevId, up: WireSpec, down: WireSpec) {
        if let Some(plug) = self.plug_mut(dev) {
            plug.up.change(up);
            plug.down.change(down);
        }
    }

    /// Cuts the cable of a network card, or mends it: the carrier goes and comes back. A cable between two
    /// cards is cut for both.
    pub fn cut(&mut self, dev: DevId, cut: bool) {
        let Some(segment) = self.segment_of(dev) else {
            return;
        };
        let mut ends = vec![dev];
        if let Some(place) = self.segments.find_mut(segment) {
            place.forget(dev);
            if place.cable {
                ends.extend(place.far_end(dev));
            }
        }
        for end in ends {
            if let Some(plug) = self.plug_mut(end) {
                plug.cut = cut;
            }
            self.nic_carrier(end);
        }
    }

    /// Whether the cable of a network card is cut.
    pub fn is_cut(&self, dev: DevId) -> bool {
        self.plug_ref(dev).is_some_and(|plug| plug.cut)
    }

    /// Cuts a host off the underlay, or mends all of its cables.
    pub fn host_cut(&mut self, host: HostId, cut: bool) {
        for dev in self.nics(host) {
            self.cut(dev, cut);
        }
    }

    fn plug_ref(&self, dev: DevId) -> Option<&Plug> {
        match &self.devices.find(dev)?.kind {
            DeviceKind::Nic(nic) => nic.plug.as_ref(),
            _ => None,
        }
    }

    fn plug_mut(&mut self, dev: DevId) -> Option<&mut Plug> {
        match &mut self.devices.find_mut(dev)?.kind {
            DeviceKind::Nic(nic) => nic.plug.as_mut(),
            _ => None,
        }
    }

    /// Whether the network card sees a link: an open card at a cable that is whole, with a switch or an
    /// open card at the other end.
    fn nic_has_link(&self, dev: DevId) -> bool {
        let up = |dev| self.devices.find(dev).is_some_and(Device::is_up);
        let Some(plug) = self.plug_ref(dev).filter(|plug| !plug.cut && up(dev)) else {
            return false;
        };
        let segment = self.segments.find(plug.segment);
        segment.is_some_and(|segment| !segment.cable || segment.far_end(dev).is_some_and(up))
    }

    fn nic_carrier(&mut self, dev: DevId) {
        match self.nic_has_link(dev) {
            true => self.carrier_on(dev),
            false => self.carrier_off(dev),
        }
    }

    /// Looks at the carriers of both ends of a cable; a switch's ports do not depend on one another.
    fn nics_carrier(&mut self, segment: SegmentId) {
        for dev in self.segment_ports(segment).to_vec() {
            self.nic_carrier(dev);
        }
    }

    pub(crate) fn open_nic(&mut self, dev: DevId) {
        self.nic_carrier(dev);
        self.far_end_follows(dev);
    }

    pub(crate) fn close_nic(&mut self, dev: DevId) {
        if let Some(segment) = self.segment_of(dev)
            && let Some(segment) = self.segments.find_mut(segment)
        {
            segment.forget(dev);
        }
        self.carrier_off(dev);
        self.far_end_follows(dev);
    }

    fn far_end_follows(&mut self, dev: DevId) {
        let segment = self.segment_of(dev);
        let cable = segment.and_then(|segment| self.segments.find(segment));
        let cable = cable.filter(|segment| segment.cable);
        if let Some(far) = cable.and_then(|cable| cable.far_end(dev)) {
            self.nic_carrier(far);
        }
    }

    /// A namespace ends: a network card in it goes back to its host's root namespace (`default_device_exit`).
    /// Says whether it is one.
    pub(crate) fn nic_goes_home(&mut self, dev: DevId) -> bool {
        let Some(device) = self.devices.find(dev) else {
            return false;
        };
        let DeviceKind::Nic(nic) = &device.kind else {
            return false;
        };
        let root = self.host(nic.home).root;
        let spare = format!("dev{}", device.ifindex).parse().ok();
        self.move_to_netns(dev, root, spare, None).is_ok()
    }

    /// Puts a frame on the wire of a network card.
    pub(crate) fn transmit_nic(&mut self, dev: DevId, mut frame: Frame) {
        frame.mark = 0;
        frame.sum_up();
        let now = self.now;
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        let DeviceKind::Nic(nic) = &mut device.kind else {
            return;
        };
        let Some(plug) = nic.plug.as_mut().filter(|plug| !plug.cut) else {
            device.stats.more.tx_dropped += 1;
            return self.lose(dev, &frame, DropReason::DevReady);
        };
        let segment = plug.segment;
        match plug.up.carry(now, frame.len()) {
            Crossing::QueueFull => {
                device.stats.more.tx_dropped += 1;
                self.xmit_dropped = true;
                self.lose(dev, &frame, DropReason::QdiscDrop);
            }
            crossing => {
                device.stats.tx_packets += 1;
                device.stats.tx_bytes += frame.len() as u64;
                let Crossing::Arrives(at) = crossing else {
                    return self.lose(dev, &frame, DropReason::LinkLoss);
                };
                match self.segments.find(segment) {
                    Some(cable) if cable.cable => {
                        if let Some(far) = cable.far_end(dev) {
                            self.schedule(at, Event::Wire(far, frame));
                        }
                    }
                    Some(_) => self.schedule(at, Event::Switch(dev, frame)),
                    None => {}
                }
            }
        }
    }

    /// A frame has come to the switch from a network card: on it goes, over the wires of other cards.
    pub(crate) fn switch(&mut self, from: DevId, frame: Frame) {
        let Some((dst, src, _)) = ethernet_header(frame.bytes()) else {
            return self.lose(from, &frame, DropReason::PktTooSmall);
        };
        let now = self.now;
        let Some(plug) = self.plug_ref(from).filter(|plug| !plug.cut) else {
            return self.lose(from, &frame, DropReason::LinkLoss);
        };
        let Some(segment) = self.segments.find_mut(plug.segment) else {
            return;
        };
        let mut targets = std::mem::take(&mut self.flood_list);
        segment.forward(now, from, (dst, src), &mut targets);
        for &to in &targets {
            self.switch_to(to, &frame);
        }
        self.flood_list = targets;
    }

    fn switch_to(&mut self, to: DevId, frame: &Frame) {
        let now = self.now;
        let Some(plug) = self.plug_mut(to).filter(|plug| !plug.cut) else {
            return;
        };
        match plug.down.carry(now, frame.len()) {
            Crossing::Arrives(at) => self.schedule(at, Event::Wire(to, frame.clone())),
            Crossing::Lost => self.lose(to, frame, DropReason::LinkLoss),
            Crossing::QueueFull => self.lose(to, frame, DropReason::QdiscDrop),
        }
    }

    /// A frame comes out of the cable: the card takes what is for it, and no more than it has room for.
    pub(crate) fn receive_nic(&mut self, dev: DevId, frame: Frame) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        let DeviceKind::Nic(nic) = &device.kind else {
            return;
        };
        if nic.plug.as_ref().is_none_or(|plug| plug.cut) {
            return self.lose(dev, &frame, DropReason::LinkLoss);
        }
        if device.is_up() {
            if !passes_filter(device, &frame) {
                return self.lose(dev, &frame, DropReason::Otherhost);
            }
            if frame.len() > device.mtu as usize + ETH_HLEN + VLAN_HLEN {
                device.stats.more.rx_errors += 1;
                return self.lose(dev, &frame, DropReason::PktTooBig);
            }
        }
        self.receive(dev, frame);
    }
}

/// Whether the card's filter lets a frame in: unicast for another station only where somebody asks for all.
fn passes_filter(device: &Device, frame: &Frame) -> bool {
    let Some(dst) = frame.bytes().first_chunk().map(|&dst| MacAddr(dst)) else {
        return true;
    };
    dst == device.address
        || dst.is_multicast()
        || device.promiscuity > 0
        || device.flags & LinkFlags::PROMISC != 0
        || device.seldom.unicast.contains(&dst)
}
