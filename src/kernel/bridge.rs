//! What the world does with a bridge's decisions (br_input.c, br_device.c, br_forward.c).
//! The decisions are in `device::bridge`; ports come and go in `bridge_port`, requests about
//! bridges are in `bridge_config`.

use crate::device::bridge::{Action, BpduFate, Bridge, Forward};
use crate::engine::trace::{By, DropReason, Taker, Verdict};
use crate::kernel::device::DeviceKind;
use crate::kernel::netlink::{LinkFlags, NlError, NlResult};
use crate::kernel::rx::ethernet_header;
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::units::{DevId, Errno, MacAddr, SimTime};
use crate::wire::{ETH_HLEN, Frame, VLAN_HLEN};

impl World {
    pub(crate) fn new_bridge(&self, address: MacAddr) -> DeviceKind {
        let mut bridge = Bridge::new(address);
        if self.vlans_known {
            bridge.know_vlans(self.now);
        }
        #[cfg(feature = "proptest")]
        bridge.mutant.clone_from(&self.mutant);
        bridge.install_own_address(self.now);
        DeviceKind::Bridge(Box::new(bridge))
    }

    pub(crate) fn bridge_mut(&mut self, bridge: DevId) -> Option<&mut Bridge> {
        match &mut self.devices.find_mut(bridge)?.kind {
            DeviceKind::Bridge(bridge) => Some(bridge),
            DeviceKind::Loopback
            | DeviceKind::Veth { .. }
            | DeviceKind::Dummy
            | DeviceKind::Vxlan(_)
            | DeviceKind::Nic(_)
            | DeviceKind::Stacked(_) => None,
        }
    }

    pub(crate) fn bridge_ref(&self, bridge: DevId) -> Option<&Bridge> {
        match &self.devices.find(bridge)?.kind {
            DeviceKind::Bridge(bridge) => Some(bridge),
            DeviceKind::Loopback
            | DeviceKind::Veth { .. }
            | DeviceKind::Dummy
            | DeviceKind::Vxlan(_)
            | DeviceKind::Nic(_)
            | DeviceKind::Stacked(_) => None,
        }
    }

    /// Changes a bridge and does what follows.
    pub(crate) fn with_bridge<T>(
        &mut self,
        bridge: DevId,
        change: impl FnOnce(&mut Bridge) -> T,
    ) -> Option<T> {
        let answer = change(self.bridge_mut(bridge)?);
        self.act_bridge(bridge);
        Some(answer)
    }

    pub(crate) fn open_bridge(&mut self, dev: DevId) {
        let now = self.now;
        self.with_bridge(dev, |bridge| bridge.set_up(now, true));
        if self.snoops(dev) {
            self.bridge_snoopers(dev, true);
        }
    }

    pub(crate) fn close_bridge(&mut self, dev: DevId) {
        let now = self.now;
        self.with_bridge(dev, |bridge| bridge.set_up(now, false));
        if self.snoops(dev) {
            self.bridge_snoopers(dev, false);
        }
    }

    /// Carries out what a bridge wants done, and sees to its next deadline.
    fn act_bridge(&mut self, dev: DevId) {
        let Some(bridge) = self.bridge_mut(dev) else {
            return;
        };
        let (actions, next) = (bridge.take_actions(), bridge.next_timer());
        for action in actions {
            match action {
                Action::Transmit { dev, frame } => self.transmit(dev, Frame::new(&frame)),
                Action::PortState { dev, .. } => self.tell_link(dev),
                Action::Carrier(true) => self.carrier_on(dev),
                Action::Carrier(false) => self.carrier_off(dev),
                Action::Address(address) => self.bridge_address(dev, address),
                Action::AskMembers { dev: port, ipv6 } => self.ask_members(dev, port, ipv6),
            }
        }
        if let Some(next) = next {
            self.arm(next, Timer::Bridge(dev));
        }
    }

    pub(crate) fn run_bridge_timers(&mut self, dev: DevId) {
        let now = self.now;
        self.with_bridge(dev, |bridge| bridge.expire_timers(now));
    }

    /// A user gives the bridge device an address (`br_set_mac_address`).
    pub(crate) fn set_bridge_address(&mut self, dev: DevId, address: MacAddr) -> NlResult<()> {
        let now = self.now;
        let done = self.with_bridge(dev, |bridge| bridge.set_mac(now, address));
        done.ok_or(Errno::Eopnotsupp)?.map_err(refused)
    }

    /// The bridge took the address of another port.
    fn bridge_address(&mut self, dev: DevId, address: MacAddr) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if device.address == address {
            return;
        }
        device.address = address;
        self.sync_interface(dev);
        self.notify_address(dev);
    }

    /// A frame has come to a port (`br_handle_frame`).
    pub(crate) fn receive_at_port(&mut self, dev: DevId, master: DevId, mut frame: Frame) {
        if frame.tunnel().is_some() {
            self.enter_vlan_of_tunnel(dev, master, &mut frame);
        }
        let port_no = self.devices.find(dev).map_or(0, |device| device.port_no);
        if !self.is_plain() {
            return self.decide_at_port(dev, master, frame);
        }
        if let Err(frame) = self.express((dev, port_no), master, frame) {
            self.decide_at_port(dev, master, frame);
        }
    }

    /// The same, where there is more to decide than by what port a known station is reached.
    pub(crate) fn decide_at_port(&mut self, dev: DevId, master: DevId, mut frame: Frame) {
        let now = self.now;
        if let Some(place) = self.bridge_family(master, &frame)
            && !self.bridge_pre_routing(place, dev, master, &mut frame)
        {
            return;
        }
        let mut ports = std::mem::take(&mut self.flood_list);
        let Some(bridge) = self.bridge_mut(master) else {
            self.flood_list = ports;
            return self.receive_local(dev, frame);
        };
        let mut decision = bridge.receive(now, dev, frame.bytes(), &mut ports);
        let answers = bridge.answers();
        let listeners = match decision.forward {
            Forward::Flood { .. } => bridge.take_listeners(),
            _ => Vec::new(),
        };
        if bridge.take_timer_moved() {
            let next = bridge.next_timer();
            self.arm(next.unwrap_or(SimTime::NEVER), Timer::Bridge(master));
        }
        if decision.learned {
            self.pass(dev, &mut frame, |_| Verdict::Learned);
        }
        if answers {
            let forward = (decision.forward, decision.tag);
            decision.forward =
                self.answer_at_bridge((Some(dev), master), &frame, forward, &mut ports);
        }
        if let Some(tag) = decision.tag {
            self.forward_in_vlan(
                dev,
                master,
                frame,
                (decision.forward, tag),
                (&ports, listeners),
            );
            ports.clear();
            self.flood_list = ports;
            return;
        }
        match decision.forward {
            Forward::Pass => self.pass_to_port(dev, master, frame),
            Forward::Local => {
                // A flood that finds no open port is one too.
                let group = frame.bytes().first().is_some_and(|first| first & 1 != 0);
                self.pass(dev, &mut frame, |_| match group {
                    true => flooded(&[], Some(master)),
                    false => Verdict::ForwardedTo(master),
                });
                self.pass_up(master, frame);
            }
            Forward::Unicast { to, local } => {
                self.pass(dev, &mut frame, |_| Verdict::ForwardedTo(to));
                if local {
                    self.forward_to_port((dev, master), to, frame.clone());
                    self.pass_up(master, frame);
                } else {
                    self.forward_to_port((dev, master), to, frame);
                }
            }
            Forward::Flood { local } => {
                self.pass(dev, &mut frame, |_| {
                    flooded(&ports, local.then_some(master))
                });
                if !listeners.is_empty() {
                    for (port, copy) in addressed(&ports, listeners, &frame) {
                        self.forward_to_port((dev, master), port, copy);
                    }
                } else if self.is_plain() {
                    self.flood_plain(&ports, &frame);
                } else {
                    for &port in &ports {
                        self.forward_to_port((dev, master), port, frame.clone());
                    }
                }
                if local {
                    self.pass_up(master, frame);
                }
            }
            Forward::Drop(reason) => self.lose(dev, &frame, reason),
        }
        ports.clear();
        self.flood_list = ports;
        self.bridge_port_in = None;
    }

    /// From one port to another, where no rule forbids it (`br_forward`).
    #[inline]
    fn forward_to_port(&mut self, (from, master): (DevId, DevId), to: DevId, mut frame: Frame) {
        if self.bridge_forwards(from, master, to, &mut frame) {
            self.push_to_port(to, frame);
        }
    }

    /// Out of a port, where it fits (`br_dev_queue_push_xmit`).
    pub(super) fn push_to_port(&mut self, port: DevId, frame: Frame) {
        let mtu = self
            .devices
            .find(port)
            .map_or(0, |device| device.mtu as usize);
        #[cfg(feature = "proptest")]
        let mtu = match self.is(crate::engine::Mutant::MtuIgnored) {
            true => usize::MAX / 2,
            false => mtu,
        };
        #[cfg(feature = "proptest")]
        let frame = self.forwarded_wrongly(frame);
        if frame.link_len() > mtu + ETH_HLEN + VLAN_HLEN {
            return self.lose(port, &frame, DropReason::PktTooBig);
        }
        self.transmit(port, frame);
    }

    /// A link-local group: a BPDU for the spanning tree, else for the port's own layers.
    fn pass_to_port(&mut self, dev: DevId, master: DevId, frame: Frame) {
        let now = self.now;
        let Some((dst, _, ethertype)) = ethernet_header(frame.bytes()) else {
            return;
        };
        let llc = usize::from(ethertype) <= 1500;
        #[cfg(feature = "proptest")]
        if llc && self.is(crate::engine::Mutant::DeafToBpdus) {
            return self.lose(dev, &frame, DropReason::UnhandledProto);
        }
        if !llc {
            return self.receive_local(dev, frame);
        }
        let body = frame.bytes().get(ETH_HLEN..).unwrap_or(&[]).to_vec();
        let fate = self.with_bridge(master, |bridge| bridge.receive_bpdu(now, dev, dst, &body));
        match fate {
            Some(BpduFate::Taken) => {
                self.hop(
                    dev,
                    &frame,
                    Verdict::Taken(Taker::Protocol("the spanning tree")),
                );
            }
            Some(BpduFate::Guarded(_)) => {
                let by = || By::PortFlag("guard", true);
                self.lose_by(dev, &frame, DropReason::BridgeIngressStpState, by);
            }
            Some(BpduFate::Ignored) | None => {
                self.lose(dev, &frame, DropReason::UnhandledProto);
            }
        }
    }

    /// To the bridge device itself (`br_pass_frame_up`).
    pub(super) fn pass_up(&mut self, master: DevId, mut frame: Frame) {
        let Some(device) = self.devices.find_mut(master) else {
            return;
        };
        if device.flags & LinkFlags::UP == 0 {
            return self.lose(master, &frame, DropReason::DevDown);
        }
        // The Ethernet header is off already where a bridge counts.
        device.stats.rx_packets += 1;
        // The header is off already where the bridge counts.
        device.stats.rx_bytes += frame.link_len().saturating_sub(ETH_HLEN) as u64;
        if frame
            .bytes()
            .first()
            .is_some_and(|first| first & 1 != 0 && frame.bytes()[..6] != [0xff; 6])
        {
            device.stats.more.multicast += 1;
        }
        self.pass(master, &mut frame, |_| Verdict::Received);
        if self.watchers > 0 {
            self.capture(master, &frame, false);
        }
        self.hand_up(master, frame);
    }

    /// The bridge device itself sends a frame (`br_dev_xmit`).
    pub(crate) fn transmit_bridge(&mut self, dev: DevId, mut frame: Frame) {
        let now = self.now;
        if let Some(device) = self.devices.find_mut(dev) {
            device.stats.tx_packets += 1;
            device.stats.tx_bytes += frame.link_len() as u64;
        }
        let filters = |bridge: &Bridge| bridge.options.vlan_filtering;
        if self.bridge_ref(dev).is_some_and(filters) {
            return self.transmit_bridge_in_vlan(dev, frame);
        }
        let mut ports = std::mem::take(&mut self.flood_list);
        let Some(bridge) = self.bridge_mut(dev) else {
            self.flood_list = ports;
            return;
        };
        let mut forward = bridge.transmit(now, frame.bytes(), &mut ports);
        let answers = bridge.answers();
        let listeners = match forward {
            Forward::Flood { .. } => bridge.take_listeners(),
            _ => Vec::new(),
        };
        if bridge.take_timer_moved() {
            let next = bridge.next_timer();
            self.arm(next.unwrap_or(SimTime::NEVER), Timer::Bridge(dev));
        }
        if answers {
            forward = self.answer_at_bridge((None, dev), &frame, (forward, None), &mut ports);
        }
        match forward {
            Forward::Unicast { to, local: _ } => {
                self.pass(dev, &mut frame, |_| Verdict::ForwardedTo(to));
                self.push_to_port(to, frame);
            }
            Forward::Flood { local: _ } => {
                self.pass(dev, &mut frame, |_| flooded(&ports, None));
                if !listeners.is_empty() {
                    for (port, copy) in addressed(&ports, listeners, &frame) {
                        self.push_to_port(port, copy);
                    }
                } else if self.is_plain() {
                    self.flood_plain(&ports, &frame);
                } else {
                    for &port in &ports {
                        self.push_to_port(port, frame.clone());
                    }
                }
            }
            // Nothing goes out, and the bridge device does not hear itself.
            Forward::Pass | Forward::Local => self.lose(dev, &frame, DropReason::NoTxTarget),
            Forward::Drop(reason) => self.lose(dev, &frame, reason),
        }
        ports.clear();
        self.flood_list = ports;
    }
}

/// A flood as its journey tells it: to ports, and to the bridge itself.
pub(super) fn flooded(ports: &[DevId], local: Option<DevId>) -> Verdict {
    Verdict::Flooded(ports.iter().copied().chain(local).collect())
}

/// The copies of a frame for a group, each for its listener (`maybe_deliver_addr`). The listeners are in the order of
/// the devices, which may be fewer by now.
#[cold]
pub(super) fn addressed(
    ports: &[DevId],
    listeners: Vec<(DevId, MacAddr)>,
    frame: &Frame,
) -> Vec<(DevId, Frame)> {
    let mut listeners = listeners.into_iter();
    let copies = ports.iter().map(|&port| {
        let mut copy = frame.clone();
        let station = listeners.find(|(dev, _)| *dev == port);
        if let Some((_, station)) = station.filter(|(_, station)| !station.is_broadcast())
            && let Some(destination) = copy.bytes_mut().get_mut(..6)
        {
            destination.copy_from_slice(&station.0);
        }
        (port, copy)
    });
    copies.collect()
}

/// A bridge's refusal as the answer to a request.
pub(crate) fn refused(refusal: crate::device::bridge::Refusal) -> NlError {
    NlError {
        errno: refusal.errno,
        extack: refusal.extack.map(Into::into),
    }
}
