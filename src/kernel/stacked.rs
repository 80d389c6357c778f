//! Devices that stand on another one: made, taken down with it, told of what happens to it.
//! What frames do there is in `vlan`, `macvlan` and `ipvlan`.

use crate::device::stacked::{Above, AbovePort, NEST_MAX, Stacked, StackedKind};
use crate::device::vlan::VlanFlags;
use crate::engine::trace::DropReason;
use crate::kernel::device::{Device, DeviceKind};
use crate::kernel::netlink::{LinkFlags, LinkKindInfo, LinkNew, NlError, NlResult};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, MacAddr, NetnsId};
use crate::wire::Frame;

/// Stacked devices that a frame may enter from within one another before it is taken for a loop
/// (`XMIT_RECURSION_LIMIT`): `ipvlan` devices route, and a route may lead back to them.
const XMIT_DEPTH_MAX: u8 = 8;

/// What happened to the device below.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LowerEvent {
    /// It went up.
    Up,
    /// It went down.
    Down,
    /// Its carrier or state changed.
    Change,
    /// It has another address.
    Address,
    /// It has another mtu.
    Mtu,
}

impl World {
    /// The stacked device, where it is one.
    pub(crate) fn stacked(&self, dev: DevId) -> Option<&Stacked> {
        match &self.devices.find(dev)?.kind {
            DeviceKind::Stacked(stacked) => Some(stacked),
            _ => None,
        }
    }

    pub(crate) fn stacked_mut(&mut self, dev: DevId) -> Option<&mut Stacked> {
        match &mut self.devices.find_mut(dev)?.kind {
            DeviceKind::Stacked(stacked) => Some(stacked),
            _ => None,
        }
    }

    /// The device below.
    pub(crate) fn lower_dev(&self, dev: DevId) -> Option<DevId> {
        self.stacked(dev).map(Stacked::lower)
    }

    pub(crate) fn above(&self, dev: DevId) -> Option<&Above> {
        self.devices.find(dev)?.above.as_deref()
    }

    /// What stands on a device, made where nothing does yet.
    pub(crate) fn above_mut(&mut self, dev: DevId) -> Option<&mut Above> {
        let device = self.devices.find_mut(dev)?;
        Some(&mut **device.above.get_or_insert_with(Box::default))
    }

    /// The devices that stand on a device.
    pub(super) fn uppers(&self, dev: DevId) -> Vec<DevId> {
        self.above(dev).map_or_else(Vec::new, Above::devices)
    }

    /// The device below that a request names.
    pub(crate) fn asked_lower(&self, netns: NetnsId, new: &LinkNew) -> NlResult<Option<DevId>> {
        match new.link {
            None => Ok(None),
            Some(link) => self
                .dev_at(netns, link)
                .map(Some)
                .ok_or_else(|| Errno::Enodev.into()),
        }
    }

    /// Whether `upper` stands on `lower`, at whatever height, or has it for a port.
    pub(crate) fn stands_on(&self, upper: DevId, lower: DevId) -> bool {
        let mut at = upper;
        for _ in 0..=2 * NEST_MAX {
            match self.lower_dev(at) {
                Some(below) if below == lower => return true,
                Some(below) => at = below,
                None => return false,
            }
        }
        true
    }

    /// One more device on `lower` must not stand too high (`netdev_upper_dev_link`).
    pub(crate) fn check_height(&self, lower: DevId) -> NlResult<()> {
        let mut height = 1;
        let mut at = lower;
        while let Some(below) = self.lower_dev(at) {
            (at, height) = (below, height + 1);
        }
        match height > NEST_MAX {
            true => Err(Errno::Emlink.into()),
            false => Ok(()),
        }
    }

    /// A new device takes the carrier of the device below, and has it told (`netif_stacked_transfer_operstate`).
    pub(crate) fn follow_lower(&mut self, dev: DevId) {
        let Some(stacked) = self.stacked(dev) else {
            return;
        };
        if let StackedKind::Vlan(vlan) = &stacked.kind
            && vlan.flags.has(VlanFlags::BRIDGE_BINDING)
        {
            return;
        }
        let lower = stacked.lower();
        match self.devices.find(lower).is_some_and(|lower| lower.carrier) {
            true => self.carrier_on(dev),
            false => self.carrier_off(dev),
        }
    }

    /// What the driver does when the device goes up; refused, the device stays down.
    pub(crate) fn open_stacked(&mut self, dev: DevId) -> NlResult<()> {
        match self.stacked(dev).map(|stacked| &stacked.kind) {
            Some(StackedKind::Vlan(_)) => self.open_vlan(dev)?,
            Some(StackedKind::Macvlan(_)) => self.open_macvlan(dev)?,
            Some(StackedKind::Ipvlan(_)) => self.open_ipvlan(dev),
            None => {}
        }
        self.sync_lower(dev);
        Ok(())
    }

    /// What the driver does when the device goes down.
    pub(crate) fn close_stacked(&mut self, dev: DevId) {
        self.sync_lower(dev);
        match self.stacked(dev).map(|stacked| &stacked.kind) {
            Some(StackedKind::Vlan(_)) => self.close_vlan(dev),
            Some(StackedKind::Macvlan(_)) => self.close_macvlan(dev),
            Some(StackedKind::Ipvlan(_)) | None => {}
        }
    }

    /// The device below has something new to tell (the notifiers of each kind).
    #[cold]
    pub(crate) fn tell_uppers(&mut self, dev: DevId, event: LowerEvent) {
        for upper in self.uppers(dev) {
            match self.stacked(upper).map(|stacked| &stacked.kind) {
                Some(StackedKind::Vlan(_)) => self.vlan_event(upper, dev, event),
                Some(StackedKind::Macvlan(_)) => self.macvlan_event(upper, dev, event),
                Some(StackedKind::Ipvlan(_)) => self.ipvlan_event(upper, dev, event),
                None => {}
            }
        }
    }

    /// No packet may be larger than the device below takes.
    pub(crate) fn clamp_mtu(&mut self, dev: DevId, mtu: u32, shrink_only: bool) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if device.mtu == mtu || shrink_only && device.mtu < mtu {
            return;
        }
        let old = std::mem::replace(&mut device.mtu, mtu);
        self.sync_interface(dev);
        self.notify_mtu(dev, old);
    }

    /// Another address that came from below, without being asked.
    pub(crate) fn inherit_address(&mut self, dev: DevId, address: MacAddr) {
        if let Some(device) = self.devices.find_mut(dev) {
            device.address = address;
        }
        self.sync_interface(dev);
        self.notify_address(dev);
    }

    /// Everything that stands on a device goes with it (NETDEV_UNREGISTER).
    pub(crate) fn unregister_uppers(&mut self, dev: DevId) {
        #[cfg(feature = "proptest")]
        if self.is(crate::engine::Mutant::UppersStay) {
            return;
        }
        for upper in self.uppers(dev) {
            self.unregister(upper);
        }
    }

    /// A stacked device lets go of the device below.
    pub(crate) fn detach(&mut self, dev: DevId) {
        let Some(lower) = self.lower_dev(dev) else {
            return;
        };
        let Some(device) = self.devices.find_mut(lower) else {
            return;
        };
        let Some(above) = &mut device.above else {
            return;
        };
        above.vlans.remove(dev);
        let empty = match &mut above.port {
            AbovePort::None => true,
            AbovePort::Macvlan(port) => {
                port.remove(dev);
                port.is_empty()
            }
            AbovePort::Ipvlan(port) => {
                port.children.retain(|child| *child != dev);
                port.children.is_empty()
            }
        };
        if empty {
            above.port = AbovePort::None;
        }
        if above.is_empty() {
            device.above = None;
        }
    }

    /// Has the device below listen to what this one wants to hear, and no longer to what it wanted:
    /// addresses, groups, everything (`dev_uc_sync`, `dev_mc_sync`, `ndo_change_rx_flags`).
    pub(crate) fn sync_lower(&mut self, dev: DevId) {
        let Some(lower) = self.lower_dev(dev) else {
            return;
        };
        let wanted = self.wanted_below(dev);
        let Some(stacked) = self.stacked_mut(dev) else {
            return;
        };
        let old = std::mem::replace(&mut stacked.synced, wanted.clone());
        for group in old.groups.iter().filter(|g| !wanted.groups.contains(g)) {
            self.leave_group(lower, *group);
        }
        for group in wanted.groups.iter().filter(|g| !old.groups.contains(g)) {
            self.join_group(lower, *group);
        }
        for mac in old.unicast.iter().filter(|m| !wanted.unicast.contains(m)) {
            self.drop_unicast(lower, *mac);
        }
        if let Some(device) = self.devices.find_mut(lower) {
            for mac in &wanted.unicast {
                if !device.seldom.unicast.contains(mac) {
                    device.seldom.unicast.push(*mac);
                }
            }
            device.promiscuity = (device.promiscuity + wanted.promisc).saturating_sub(old.promisc);
            device.allmulti = (device.allmulti + wanted.allmulti).saturating_sub(old.allmulti);
        }
        if (old.promisc, old.allmulti) != (wanted.promisc, wanted.allmulti) {
            self.bridge_listening_changed(lower);
        }
        self.unicast_changed(lower);
    }

    /// The unicast addresses of a device changed, or it went up: without a filter of them in the driver it
    /// takes every frame while there are some (`__dev_set_rx_mode`).
    pub(crate) fn unicast_changed(&mut self, dev: DevId) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        let wanted = !device.seldom.unicast.is_empty() && !device.filters_unicast();
        if device.is_up() && wanted != device.unicast_promisc {
            device.unicast_promisc = wanted;
            device.promiscuity = match wanted {
                true => device.promiscuity + 1,
                false => device.promiscuity.saturating_sub(1),
            };
            self.bridge_listening_changed(dev);
        }
        self.sync_lower(dev);
    }

    /// Takes an address off a device, unless another one above it wants it too.
    fn drop_unicast(&mut self, lower: DevId, mac: MacAddr) {
        let wants = |upper: &DevId| {
            self.stacked(*upper)
                .is_some_and(|stacked| stacked.synced.unicast.contains(&mac))
        };
        if self.uppers(lower).iter().any(wants) {
            return;
        }
        if let Some(device) = self.devices.find_mut(lower) {
            device.seldom.unicast.retain(|known| *known != mac);
        }
    }

    /// What a stacked device wants the one below to listen to: nothing while it is down.
    fn wanted_below(&self, dev: DevId) -> crate::device::stacked::Synced {
        let mut wanted = crate::device::stacked::Synced::default();
        let (Some(device), Some(stacked)) = (self.devices.find(dev), self.stacked(dev)) else {
            return wanted;
        };
        if !device.is_up() {
            return wanted;
        }
        wanted.groups = device.multicast.iter().map(|(group, _)| *group).collect();
        wanted.unicast = device.seldom.unicast.clone();
        wanted.promisc = u32::from(device.promiscuity > 0);
        wanted.allmulti = u32::from(device.allmulti > 0);
        let lower = self.devices.find(stacked.lower());
        match &stacked.kind {
            StackedKind::Vlan(_) => {
                if lower.is_some_and(|lower| lower.address != device.address) {
                    wanted.unicast.insert(0, device.address);
                }
            }
            StackedKind::Macvlan(macvlan) => match macvlan.is_passthru() {
                true => wanted.promisc += u32::from(macvlan.flags & 1 == 0),
                false => wanted.unicast.insert(0, device.address),
            },
            StackedKind::Ipvlan(_) => wanted.promisc = 0,
        }
        wanted
    }

    /// What a report says of the kind of a stacked device.
    pub(crate) fn stacked_info(&self, stacked: &Stacked) -> LinkKindInfo {
        match &stacked.kind {
            StackedKind::Vlan(vlan) => LinkKindInfo::Vlan(Box::new(super::vlan::info(vlan))),
            StackedKind::Macvlan(macvlan) => LinkKindInfo::Macvlan(self.macvlan_info(macvlan)),
            StackedKind::Ipvlan(lower) => LinkKindInfo::Ipvlan(self.ipvlan_info(*lower)),
        }
    }

    /// A frame at a device on which others stand: for a vlan, for a child, or for the device itself
    /// (`__netif_receive_skb_core`).
    #[cold]
    pub(crate) fn receive_below(&mut self, dev: DevId, frame: Frame) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let master = device.master;
        let Some(above) = device.above.as_deref() else {
            return self.receive_local(dev, frame);
        };
        let vlan = super::vlan::of_frame(&above.vlans, &frame);
        #[cfg(feature = "proptest")]
        let vlan = match self.is(crate::engine::Mutant::VlanIgnored) {
            true if crate::wire::VlanTag::of(frame.bytes()).is_some() => above.vlans.iter().next(),
            _ => vlan,
        };
        if let Some(vlan) = vlan {
            return self.receive_vlan(vlan, frame);
        }
        match (&above.port, master) {
            (AbovePort::Macvlan(_), _) => self.receive_above_macvlan(dev, frame),
            (AbovePort::Ipvlan(_), _) => self.receive_above_ipvlan(dev, frame),
            (AbovePort::None, Some(master)) => self.receive_at_port(dev, master, frame),
            (AbovePort::None, None) => self.receive_local(dev, frame),
        }
    }

    /// A stacked device sends a frame; what the one below refuses counts as dropped here.
    pub(crate) fn transmit_stacked(&mut self, dev: DevId, frame: Frame) {
        let before = std::mem::take(&mut self.xmit_dropped);
        let len = frame.len() as u64;
        if self.xmit_depth > XMIT_DEPTH_MAX {
            self.xmit_dropped = true;
            self.lose(dev, &frame, DropReason::RecursionLimit);
        } else {
            self.xmit_depth += 1;
            match self.stacked(dev).map(|stacked| &stacked.kind) {
                Some(StackedKind::Vlan(_)) => self.transmit_vlan(dev, frame),
                Some(StackedKind::Macvlan(_)) => self.transmit_macvlan(dev, frame),
                Some(StackedKind::Ipvlan(_)) => self.transmit_ipvlan(dev, frame),
                None => {}
            }
            self.xmit_depth -= 1;
        }
        let dropped = self.xmit_dropped;
        self.xmit_dropped |= before;
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if dropped {
            device.stats.more.tx_dropped += 1;
        } else {
            device.stats.tx_packets += 1;
            device.stats.tx_bytes += len;
        }
    }

    /// A new device of a stacked kind, not registered yet: with the name that is asked for or that of the kind.
    pub(crate) fn new_stacked(
        &mut self,
        target: NetnsId,
        new: &LinkNew,
        (template, kind): (&str, StackedKind),
        address: Option<MacAddr>,
    ) -> NlResult<Device> {
        let name = self.name_for(target, new.attributes.name, template)?;
        let asked = new.attributes.address.or(address);
        let address = match asked {
            Some(address) => address,
            None => self.random_mac(target, name),
        };
        let stacked = Stacked {
            kind,
            synced: Default::default(),
        };
        let lower = stacked.lower();
        let kind = DeviceKind::Stacked(Box::new(stacked));
        let mut device = Device::new(kind, target, name, address);
        device.queues = super::link::queues(new.rx_queues, new.tx_queues, 1)?;
        if let Some(lower) = self.devices.find(lower) {
            device.mtu = lower.mtu;
            device.tso_max_size = lower.tso_max_size;
            device.carrier = lower.carrier;
        }
        Ok(device)
    }
}

/// A device must take the mtu that is asked for at its creation, without words where it does not.
pub(crate) fn check_new_mtu(device: &Device, new: &LinkNew) -> NlResult<()> {
    match new.attributes.mtu {
        Some(mtu) if mtu > device.mtu => Err(Errno::Einval.into()),
        Some(_) | None => Ok(()),
    }
}

/// The flags that a vlan takes from the device below.
pub(crate) fn inherited_flags(lower: &Device) -> u32 {
    lower.flags & !(LinkFlags::UP | LinkFlags::PROMISC | LinkFlags::ALLMULTI)
}

pub(crate) fn invalid(text: &'static str) -> NlError {
    NlError::with_text(Errno::Einval, text)
}
