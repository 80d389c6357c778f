//! Ipvlan devices (drivers/net/ipvlan): made and changed, and the packets between them.
//! Whose a packet is is decided in `device::ipvlan`; what is shared with other stacked devices is in `stacked`.

use std::net::IpAddr;

use crate::device::ipvlan::{IpvlanMode, IpvlanPort, IpvlanReceive, IpvlanTransmit};
use crate::device::stacked::{AbovePort, StackedKind};
use crate::engine::trace::{DropReason, Verdict};
use crate::kernel::device::Device;
use crate::kernel::link::apply_at_creation;
use crate::kernel::netlink::{IpvlanInfo, IpvlanOptions, LinkChange, LinkFlags, LinkNew, NlResult};
use crate::kernel::rx::ethernet_header;
use crate::kernel::stacked::{LowerEvent, check_new_mtu};
use crate::kernel::tx::LOOPBACK_CROSSING;
use crate::kernel::world::{Event, World};
use crate::netns::fib::{Flow4, Flow6, RouteType};
use crate::units::{DevId, Errno, NetnsId};
use crate::wire::ipv4::Ipv4View;
use crate::wire::ipv6::Ipv6View;
use crate::wire::{ETH_HLEN, ETH_P_IP, ETH_P_IPV6, Frame};

impl World {
    /// Makes an ipvlan device (`ipvlan_link_new`).
    pub(crate) fn add_ipvlan(
        &mut self,
        netns: NetnsId,
        target: NetnsId,
        new: &LinkNew,
        options: IpvlanOptions,
    ) -> NlResult<DevId> {
        let mut lower = self.asked_lower(netns, new)?.ok_or(Errno::Einval)?;
        if let Some(StackedKind::Ipvlan(below)) = self.stacked(lower).map(|s| &s.kind) {
            lower = *below;
        }
        let below = self.devices.find(lower).ok_or(Errno::Enodev)?;
        let (address, loopback, in_bridge) =
            (below.address, below.is_loopback(), below.master.is_some());
        let kind = ("ipvlan%d", StackedKind::Ipvlan(lower));
        let mut device = self.new_stacked(target, new, kind, Some(address))?;
        check_new_mtu(&device, new)?;
        if loopback {
            return Err(Errno::Einval.into());
        }
        match self.above(lower).map(|above| &above.port) {
            Some(AbovePort::Macvlan(_)) => return Err(Errno::Ebusy.into()),
            Some(AbovePort::Ipvlan(_)) => {}
            Some(AbovePort::None) | None if in_bridge => return Err(Errno::Ebusy.into()),
            Some(AbovePort::None) | None => {}
        }
        self.check_height(lower)?;
        apply_at_creation(&mut device, &new.attributes)?;
        // The address is always that of the device below, whatever was asked for.
        device.address = address;
        device.seldom.permanent_address = new.attributes.address.is_none().then_some(address);
        let dev = self.register(device, new.ifindex)?;
        if let Some(above) = self.above_mut(lower)
            && matches!(above.port, AbovePort::None)
        {
            above.port = AbovePort::Ipvlan(IpvlanPort::default());
        }
        let options = IpvlanOptions {
            mode: Some(options.mode.unwrap_or_default()),
            ..options
        };
        self.configure_ipvlan_port(lower, options)?;
        if let Some(AbovePort::Ipvlan(port)) = self.above_mut(lower).map(|above| &mut above.port) {
            port.children.push(dev);
        }
        self.follow_lower(dev);
        self.linkwatch_fire(dev);
        Ok(dev)
    }

    /// Changes the mode and the flag of all children of a device (`ipvlan_nl_changelink`).
    pub(crate) fn configure_ipvlan(&mut self, dev: DevId, options: IpvlanOptions) -> NlResult<()> {
        match self.stacked(dev).map(|stacked| &stacked.kind) {
            Some(StackedKind::Ipvlan(lower)) => self.configure_ipvlan_port(*lower, options),
            _ => Err(Errno::Eopnotsupp.into()),
        }
    }

    fn configure_ipvlan_port(&mut self, lower: DevId, options: IpvlanOptions) -> NlResult<()> {
        let port = self
            .devices
            .find_mut(lower)
            .and_then(|device| device.above.as_deref_mut()?.ipvlan_mut())
            .ok_or(Errno::Enodev)?;
        port.flag = options.flag.unwrap_or(port.flag);
        let Some(mode) = options.mode else {
            return Ok(());
        };
        port.mode = mode;
        let children = port.children.clone();
        // Neighbours are the parent's business but in mode l2 (`ipvlan_set_port_mode`).
        let resolves = LinkChange {
            arp: Some(mode == IpvlanMode::L2),
            ..LinkChange::default()
        };
        for child in children {
            let noarp = |device: &Device| device.flags & LinkFlags::NOARP != 0;
            let differs = self
                .devices
                .find(child)
                .is_some_and(|device| noarp(device) != (mode != IpvlanMode::L2));
            if differs {
                self.set_flags(child, &resolves)?;
            }
        }
        Ok(())
    }

    /// A child resolves neighbours in mode l2 only (`ipvlan_open`).
    pub(super) fn open_ipvlan(&mut self, dev: DevId) {
        let lower = self.lower_dev(dev);
        let port = lower.and_then(|lower| self.above(lower)?.ipvlan());
        let resolves = port.is_none_or(|port| port.mode == IpvlanMode::L2);
        if let Some(device) = self.devices.find_mut(dev) {
            match resolves {
                true => device.flags &= !LinkFlags::NOARP,
                false => device.flags |= LinkFlags::NOARP,
            }
        }
    }

    pub(super) fn ipvlan_info(&self, lower: DevId) -> IpvlanInfo {
        let port = self.above(lower).and_then(|above| above.ipvlan());
        IpvlanInfo {
            mode: port.map_or_else(Default::default, |port| port.mode),
            flag: port.map_or_else(Default::default, |port| port.flag),
        }
    }

    /// The child that is up and has an address (`ipvlan_ht_addr_lookup`).
    fn ipvlan_child(&self, port: &IpvlanPort, address: IpAddr) -> Option<DevId> {
        let up = |child: &DevId| self.devices.find(*child).is_some_and(Device::is_up);
        let mut children = port.children.iter().copied();
        children.find(|child| up(child) && self.has_address(*child, address))
    }

    pub(super) fn has_address(&self, dev: DevId, address: IpAddr) -> bool {
        let Some(interface) = self.interface(dev) else {
            return false;
        };
        match address {
            IpAddr::V4(v4) => interface.inet.addrs().iter().any(|known| known.local == v4),
            IpAddr::V6(v6) => {
                let in6 = interface.in6.get();
                in6.is_some_and(|in6| in6.addresses().iter().any(|known| known.addr == v6))
            }
        }
    }

    /// Whether another child of the same device has an address already (`ipvlan_addr_busy`).
    pub(crate) fn ipvlan_address_taken(&self, dev: DevId, address: IpAddr) -> bool {
        let Some(StackedKind::Ipvlan(lower)) = self.stacked(dev).map(|stacked| &stacked.kind)
        else {
            return false;
        };
        let port = self.above(*lower).and_then(|above| above.ipvlan());
        port.is_some_and(|port| {
            let mut children = port.children.iter();
            children.any(|child| *child != dev && self.has_address(*child, address))
        })
    }

    /// `ipvlan_device_event`.
    pub(super) fn ipvlan_event(&mut self, dev: DevId, lower: DevId, event: LowerEvent) {
        let Some(below) = self.devices.find(lower) else {
            return;
        };
        let (address, mtu) = (below.address, below.mtu);
        match event {
            LowerEvent::Up | LowerEvent::Down | LowerEvent::Change => self.follow_lower(dev),
            LowerEvent::Address => self.inherit_address(dev, address),
            LowerEvent::Mtu => self.clamp_mtu(dev, mtu, false),
        }
    }

    /// A frame has come to a device that has ipvlan children (`ipvlan_handle_frame`).
    pub(super) fn receive_above_ipvlan(&mut self, dev: DevId, frame: Frame) {
        let port = self.above(dev).and_then(|above| above.ipvlan());
        let (Some(port), Some(device)) = (port, self.devices.find(dev)) else {
            return;
        };
        let child_of = |address| self.ipvlan_child(port, address);
        match port.receive(device.address, frame.bytes(), child_of) {
            IpvlanReceive::Child(child) => self.receive(child, frame),
            IpvlanReceive::Pass => self.receive_local(dev, frame),
            IpvlanReceive::PassToAll => {
                let children = port.children.clone();
                self.tell_ipvlan_children(&children, None, &frame);
                self.receive_local(dev, frame);
            }
        }
    }

    /// Copies for the children that listen to the group (`ipvlan_process_multicast`).
    fn tell_ipvlan_children(&mut self, children: &[DevId], but: Option<DevId>, frame: &Frame) {
        let Some((dst, _, _)) = ethernet_header(frame.bytes()) else {
            return;
        };
        for &child in children.iter().filter(|child| Some(**child) != but) {
            let Some(device) = self.devices.find_mut(child) else {
                continue;
            };
            if device.is_up() && (dst.is_broadcast() || device.wants_group(dst)) {
                device.stats.more.multicast += 1;
                self.schedule(self.now, Event::Receive(child, frame.clone()));
            }
        }
    }

    /// A frame leaves by an ipvlan device (`ipvlan_queue_xmit`).
    pub(super) fn transmit_ipvlan(&mut self, dev: DevId, frame: Frame) {
        let Some(lower) = self.lower_dev(dev) else {
            return;
        };
        let Some(port) = self.above(lower).and_then(|above| above.ipvlan()) else {
            return;
        };
        let child_of = |address| self.ipvlan_child(port, address);
        match port.transmit(frame.bytes(), child_of) {
            IpvlanTransmit::Wire => self.transmit(lower, frame),
            IpvlanTransmit::All => {
                let children = port.children.clone();
                self.tell_ipvlan_children(&children, Some(dev), &frame);
                self.transmit(lower, frame);
            }
            IpvlanTransmit::Child(child) => {
                self.schedule(self.now + LOOPBACK_CROSSING, Event::Receive(child, frame));
            }
            IpvlanTransmit::Loop => self.loop_at(lower, frame),
            IpvlanTransmit::Route => self.route_below(dev, lower, frame),
            IpvlanTransmit::Private => {
                self.xmit_dropped = true;
                self.lose(dev, &frame, DropReason::NotSpecified);
            }
        }
    }

    /// The namespace of the device below routes a packet, out of that device (`ipvlan_process_outbound`).
    fn route_below(&mut self, dev: DevId, lower: DevId, mut frame: Frame) {
        let Some((netns, oif)) = self.place_of(lower) else {
            return;
        };
        let ethertype = ethernet_header(frame.bytes()).map(|(_, _, ethertype)| ethertype);
        frame.pull(ETH_HLEN);
        let routed = match ethertype {
            Some(ETH_P_IP) => self.route_below4(netns, oif, &frame),
            Some(ETH_P_IPV6) => self.route_below6(netns, oif, &frame),
            Some(_) | None => None,
        };
        match routed {
            Some(out) => {
                self.pass(dev, &mut frame, |_| Verdict::Routed {
                    dev: lower,
                    gateway: None,
                    table: 254,
                });
                out(self, frame);
            }
            None => {
                self.xmit_dropped = true;
                self.lose(dev, &frame, DropReason::IpOutnoroutes);
            }
        }
    }

    fn route_below4(&self, netns: NetnsId, oif: u32, packet: &Frame) -> Option<Outbound> {
        let view = Ipv4View::new(packet.bytes())?;
        let dst = view.dst();
        let flow = Flow4 {
            src: view.src(),
            oif,
            tos: view.tos() & 0x1e,
            mark: packet.mark,
            proto: view.protocol(),
            any_source: true,
            ..Flow4::to(dst)
        };
        let way = self
            .netns
            .find(netns)?
            .facts(self.now)
            .route_output4(&flow)
            .ok()?;
        let goes = matches!(way.kind, RouteType::Unicast | RouteType::Local);
        goes.then(|| -> Outbound {
            Box::new(move |world, packet| world.finish_output4(netns, packet, dst, &way))
        })
    }

    fn route_below6(&self, netns: NetnsId, oif: u32, packet: &Frame) -> Option<Outbound> {
        let view = Ipv6View::new(packet.bytes())?;
        let flow = Flow6 {
            src: view.src(),
            oif,
            mark: packet.mark,
            ..Flow6::to(view.dst())
        };
        let way = self
            .netns
            .find(netns)?
            .facts(self.now)
            .route_output6(&flow)
            .ok()?;
        Some(Box::new(move |world, packet| {
            world.finish_output6(netns, packet, &way);
        }))
    }
}

/// The last part of sending a packet by a route that was found.
type Outbound = Box<dyn FnOnce(&mut World, Frame)>;
