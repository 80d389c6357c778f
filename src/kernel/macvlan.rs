//! Macvlan devices (drivers/net/macvlan.c): made and changed, up and down, frames between them.
//! Who hears what is decided in `device::macvlan`; what is shared with other stacked devices is in `stacked`.

use crate::device::macvlan::{Macvlan, MacvlanMode, MacvlanPort, MacvlanReceive, MacvlanTransmit};
use crate::device::stacked::{AbovePort, StackedKind};
use crate::engine::trace::DropReason;
use crate::kernel::link::apply_at_creation;
use crate::kernel::netlink::{LinkNew, MacvlanInfo, MacvlanOptions, NlResult};
use crate::kernel::rx::ethernet_header;
use crate::kernel::stacked::{LowerEvent, check_new_mtu};
use crate::kernel::tx::LOOPBACK_CROSSING;
use crate::kernel::world::{Event, World};
use crate::units::{DevId, Errno, MacAddr, NetnsId};
use crate::wire::{ETH_HLEN, Frame, VLAN_HLEN};

/// `MACVLAN_DEFAULT_BC_QUEUE_LEN`.
const QUEUE_LEN: u32 = 1000;

impl World {
    /// Makes a macvlan device (`macvlan_common_newlink`).
    pub(crate) fn add_macvlan(
        &mut self,
        netns: NetnsId,
        target: NetnsId,
        new: &LinkNew,
        options: &MacvlanOptions,
    ) -> NlResult<DevId> {
        let mut lower = self.asked_lower(netns, new)?.ok_or(Errno::Einval)?;
        if let Some(macvlan) = self.macvlan(lower) {
            lower = macvlan.lower;
        }
        let mode = options.mode.unwrap_or_default();
        let below = self.devices.find(lower).ok_or(Errno::Enodev)?;
        let macvlan = Macvlan {
            lower,
            mode,
            flags: options.flags.unwrap_or(0),
            bcqueuelen: options.bcqueuelen.unwrap_or(QUEUE_LEN),
        };
        let address = (mode == MacvlanMode::Passthru).then_some(below.address);
        let (max_mtu, loopback, in_bridge) =
            (below.max_mtu, below.is_loopback(), below.master.is_some());
        let kind = ("macvlan%d", StackedKind::Macvlan(macvlan));
        let mut device = self.new_stacked(target, new, kind, address)?;
        (device.min_mtu, device.max_mtu) = (68, max_mtu);
        check_new_mtu(&device, new)?;
        if loopback {
            return Err(Errno::Einval.into());
        }
        match self.above(lower).map(|above| &above.port) {
            Some(AbovePort::Ipvlan(_)) => return Err(Errno::Ebusy.into()),
            Some(AbovePort::Macvlan(port)) if port.passthru || address.is_some() => {
                return Err(Errno::Einval.into());
            }
            Some(AbovePort::Macvlan(_)) => {}
            Some(AbovePort::None) | None if in_bridge => return Err(Errno::Ebusy.into()),
            Some(AbovePort::None) | None => {}
        }
        self.check_height(lower)?;
        apply_at_creation(&mut device, &new.attributes)?;
        if let Some(address) = address {
            device.address = address;
        }
        let dev = self.register(device, new.ifindex)?;
        if let Some(above) = self.above_mut(lower) {
            if matches!(above.port, AbovePort::None) {
                above.port = AbovePort::Macvlan(MacvlanPort::default());
            }
            if let AbovePort::Macvlan(port) = &mut above.port {
                port.add(dev, mode);
            }
        }
        self.update_queue(lower);
        self.follow_lower(dev);
        self.linkwatch_fire(dev);
        Ok(dev)
    }

    pub(super) fn macvlan(&self, dev: DevId) -> Option<&Macvlan> {
        match &self.stacked(dev)?.kind {
            StackedKind::Macvlan(macvlan) => Some(macvlan),
            StackedKind::Vlan(_) | StackedKind::Ipvlan(_) => None,
        }
    }

    fn macvlan_mut(&mut self, dev: DevId) -> Option<&mut Macvlan> {
        match &mut self.stacked_mut(dev)?.kind {
            StackedKind::Macvlan(macvlan) => Some(macvlan),
            StackedKind::Vlan(_) | StackedKind::Ipvlan(_) => None,
        }
    }

    fn macvlan_port_mut(&mut self, lower: DevId) -> Option<&mut MacvlanPort> {
        self.devices
            .find_mut(lower)?
            .above
            .as_deref_mut()?
            .macvlan_mut()
    }

    /// The queue in use is the longest that a child asked for (`update_port_bc_queue_len`).
    fn update_queue(&mut self, lower: DevId) {
        let children: Vec<DevId> = match self.above(lower).and_then(|above| above.macvlan()) {
            Some(port) => port.children().collect(),
            None => return,
        };
        let asked = children.iter().filter_map(|child| self.macvlan(*child));
        let longest = asked.map(|macvlan| macvlan.bcqueuelen).max().unwrap_or(0);
        if let Some(port) = self.macvlan_port_mut(lower) {
            port.bcqueuelen = longest;
        }
    }

    /// Changes a macvlan device (`macvlan_changelink`).
    pub(crate) fn configure_macvlan(
        &mut self,
        dev: DevId,
        options: &MacvlanOptions,
    ) -> NlResult<()> {
        let macvlan = self.macvlan_mut(dev).ok_or(Errno::Eopnotsupp)?;
        let passthru = |mode| mode == MacvlanMode::Passthru;
        if let Some(mode) = options.mode {
            if passthru(mode) != passthru(macvlan.mode) {
                return Err(Errno::Einval.into());
            }
            macvlan.mode = mode;
        }
        macvlan.flags = options.flags.unwrap_or(macvlan.flags);
        macvlan.bcqueuelen = options.bcqueuelen.unwrap_or(macvlan.bcqueuelen);
        let (lower, mode) = (macvlan.lower, macvlan.mode);
        if let Some(port) = self.macvlan_port_mut(lower) {
            port.set_mode(dev, mode);
        }
        self.update_queue(lower);
        self.sync_lower(dev);
        Ok(())
    }

    pub(super) fn macvlan_info(&self, macvlan: &Macvlan) -> MacvlanInfo {
        let port = self.above(macvlan.lower).and_then(|above| above.macvlan());
        MacvlanInfo {
            mode: macvlan.mode,
            flags: macvlan.flags,
            bcqueuelen: macvlan.bcqueuelen,
            bcqueuelen_used: port.map_or(QUEUE_LEN, |port| port.bcqueuelen),
        }
    }

    /// Whether the device below, or a child of it that is up, has an address (`macvlan_addr_busy`).
    fn macvlan_busy(&self, lower: DevId, address: MacAddr) -> bool {
        let own = self
            .devices
            .find(lower)
            .is_some_and(|lower| lower.address == address);
        let port = self.above(lower).and_then(|above| above.macvlan());
        port.is_some_and(|port| own && !port.passthru || port.has_address(address))
    }

    /// `macvlan_open`.
    pub(super) fn open_macvlan(&mut self, dev: DevId) -> NlResult<()> {
        let macvlan = self.macvlan(dev).ok_or(Errno::Enodev)?;
        let (lower, passthru) = (macvlan.lower, macvlan.is_passthru());
        let address = self.devices.find(dev).ok_or(Errno::Enodev)?.address;
        if !passthru && self.macvlan_busy(lower, address) {
            return Err(Errno::Eaddrinuse.into());
        }
        if let Some(port) = self.macvlan_port_mut(lower) {
            port.set_address(dev, Some(address));
        }
        Ok(())
    }

    /// `macvlan_stop`.
    pub(super) fn close_macvlan(&mut self, dev: DevId) {
        if let Some(lower) = self.lower_dev(dev)
            && let Some(port) = self.macvlan_port_mut(lower)
        {
            port.set_address(dev, None);
        }
    }

    /// Another address; a passthru child gives it to the device below (`macvlan_set_mac_address`).
    pub(crate) fn set_macvlan_address(&mut self, dev: DevId, address: MacAddr) -> NlResult<()> {
        let macvlan = self.macvlan(dev).ok_or(Errno::Enodev)?;
        let (lower, passthru) = (macvlan.lower, macvlan.is_passthru());
        let device = self.devices.find(dev).ok_or(Errno::Enodev)?;
        if device.address == address {
            return Ok(());
        }
        if passthru {
            return self.set_address(lower, address);
        }
        if self.macvlan_busy(lower, address) {
            return Err(Errno::Eaddrinuse.into());
        }
        self.take_macvlan_address(dev, lower, address);
        Ok(())
    }

    fn take_macvlan_address(&mut self, dev: DevId, lower: DevId, address: MacAddr) {
        let up = self.devices.find(dev).is_some_and(|device| device.is_up());
        if up && let Some(port) = self.macvlan_port_mut(lower) {
            port.set_address(dev, Some(address));
        }
        self.inherit_address(dev, address);
        self.sync_lower(dev);
    }

    /// `macvlan_device_event`.
    pub(super) fn macvlan_event(&mut self, dev: DevId, lower: DevId, event: LowerEvent) {
        let Some(below) = self.devices.find(lower) else {
            return;
        };
        let (address, mtu) = (below.address, below.mtu);
        match event {
            LowerEvent::Up | LowerEvent::Down | LowerEvent::Change => self.follow_lower(dev),
            LowerEvent::Address => {
                if self.macvlan(dev).is_some_and(Macvlan::is_passthru) {
                    self.take_macvlan_address(dev, lower, address);
                }
            }
            LowerEvent::Mtu => self.clamp_mtu(dev, mtu, true),
        }
    }

    /// Copies for the children of a list that listen to the group (`macvlan_broadcast`).
    fn tell_children(&mut self, children: &[DevId], dst: MacAddr, frame: &Frame) {
        for &child in children {
            let Some(device) = self.devices.find_mut(child) else {
                continue;
            };
            if device.is_up() && (dst.is_broadcast() || device.wants_group(dst)) {
                device.stats.more.multicast += 1;
                self.schedule(self.now, Event::Receive(child, frame.clone()));
            }
        }
    }

    /// A frame has come to a device that has macvlan children (`macvlan_handle_frame`).
    pub(super) fn receive_above_macvlan(&mut self, dev: DevId, frame: Frame) {
        let Some((dst, src, _)) = ethernet_header(frame.bytes()) else {
            return self.lose(dev, &frame, DropReason::PktTooSmall);
        };
        let mut children = Vec::new();
        let port = self.above(dev).and_then(|above| above.macvlan());
        let decided = port.map(|port| port.receive(dst, src, &mut children));
        match decided {
            Some(MacvlanReceive::Child(child)) => self.receive(child, frame),
            Some(MacvlanReceive::Pass) => {
                self.tell_children(&children, dst, &frame);
                self.receive_local(dev, frame);
            }
            None => self.receive_local(dev, frame),
        }
    }

    /// A frame leaves by a macvlan device (`macvlan_queue_xmit`).
    pub(super) fn transmit_macvlan(&mut self, dev: DevId, frame: Frame) {
        let (Some(lower), Some((dst, _, _))) =
            (self.lower_dev(dev), ethernet_header(frame.bytes()))
        else {
            return;
        };
        let mut children = Vec::new();
        let port = self.above(lower).and_then(|above| above.macvlan());
        match port.map(|port| port.transmit(dev, dst, &mut children)) {
            Some(MacvlanTransmit::Loop) => self.loop_at(lower, frame),
            Some(MacvlanTransmit::Wire) => {
                self.tell_children(&children, dst, &frame);
                self.transmit(lower, frame);
            }
            None => {}
        }
    }

    /// A frame comes in again at a device, past its driver, where it fits (`dev_forward_skb`).
    pub(super) fn loop_at(&mut self, dev: DevId, frame: Frame) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if !device.is_up() || frame.link_len() > device.mtu as usize + ETH_HLEN + VLAN_HLEN {
            device.stats.more.rx_dropped += 1;
            let reason = match device.is_up() {
                true => DropReason::PktTooBig,
                false => DropReason::DevDown,
            };
            return self.lose(dev, &frame, reason);
        }
        self.schedule(self.now + LOOPBACK_CROSSING, Event::Loop(dev, frame));
    }
}
