//! Requests that make, change and remove devices (rtnetlink.c, veth.c).
//! The effects on other layers are in `register`, `linkwatch` and `notify`.

use crate::device::stacked::StackedKind;
use crate::kernel::device::{Device, DeviceKind, Qdisc};
use crate::kernel::netlink::{
    LinkChange, LinkFlags, LinkKind, LinkNew, LinkRef, NlError, NlResult, VethPeer, VxlanOptions,
};
use crate::kernel::vxlan::validate_vxlan;
use crate::kernel::world::World;
use crate::units::{DevId, Errno, IfIndex, IfName, MacAddr, NetnsId};

/// Queues that a device may ask for.
const QUEUES_MAX: u32 = 4096;

impl World {
    /// Makes a device (`RTM_NEWLINK`).
    ///
    /// # Errors
    /// As the kernel's: a name that is taken, an mtu or address that the kind does not take.
    pub fn link_add(&mut self, netns: NetnsId, new: &LinkNew) -> NlResult<()> {
        let target = new.attributes.netns.unwrap_or(netns);
        validate(target, new)?;
        let taken = |ifindex| self.dev_at(target, ifindex).is_some();
        if new.ifindex.is_some_and(taken) {
            return Err(Errno::Eexist.into());
        }
        if let Some(name) = new.attributes.name
            && self.ns(target)?.names.has(&name)
        {
            return Err(Errno::Eexist.into());
        }
        let dev = match &new.kind {
            LinkKind::Veth(peer) => self.add_veth(netns, target, new, peer.as_deref())?,
            LinkKind::Bridge(options) => {
                let dev = self.add_simple(target, new, "bridge%d")?;
                if let Some(address) = new.attributes.address {
                    self.set_bridge_address(dev, address)?;
                }
                self.configure_bridge(dev, options)
                    .inspect_err(|_| self.unregister(dev))?;
                dev
            }
            LinkKind::Dummy => self.add_simple(target, new, "dummy%d")?,
            LinkKind::Vxlan(options) => self.add_vxlan(netns, target, new, options)?,
            LinkKind::Vlan(options) => self.add_vlan(netns, target, new, options)?,
            LinkKind::Macvlan(options) => self.add_macvlan(netns, target, new, options)?,
            LinkKind::Ipvlan(options) => self.add_ipvlan(netns, target, new, *options)?,
        };
        self.configure_new(dev, &new.attributes)
    }

    /// The part of a new link that comes after its registration (`rtnl_configure_link`, master).
    fn configure_new(&mut self, dev: DevId, attributes: &LinkChange) -> NlResult<()> {
        if attributes.up == Some(true) {
            self.open(dev).inspect_err(|_| self.unregister(dev))?;
        }
        self.tell_link(dev);
        if let Some(master) = attributes.master {
            self.change_master(dev, master)
                .inspect_err(|_| self.unregister(dev))?;
        }
        Ok(())
    }

    fn add_simple(&mut self, target: NetnsId, new: &LinkNew, template: &str) -> NlResult<DevId> {
        let name = self.name_for(target, new.attributes.name, template)?;
        let address = self.random_mac(target, name);
        let kind = match &new.kind {
            LinkKind::Bridge(_) => self.new_bridge(address),
            _ => DeviceKind::Dummy,
        };
        let mut device = Device::new(kind, target, name, address);
        if matches!(device.kind, DeviceKind::Dummy) {
            device.flags = (device.flags | LinkFlags::NOARP) & !LinkFlags::MULTICAST;
            // A dummy takes any mtu (`dummy_setup`).
            (device.min_mtu, device.max_mtu) = (0, 0);
        }
        device.queues = queues(new.rx_queues, new.tx_queues, 1)?;
        apply_at_creation(&mut device, &new.attributes)?;
        self.register(device, new.ifindex)
    }

    /// Makes a tunnel, whose socket stays in the namespace of the request.
    fn add_vxlan(
        &mut self,
        netns: NetnsId,
        target: NetnsId,
        new: &LinkNew,
        options: &VxlanOptions,
    ) -> NlResult<DevId> {
        let mut device = self.new_vxlan(netns, target, new, options)?;
        device.queues = queues(new.rx_queues, new.tx_queues, 1)?;
        apply_at_creation(&mut device, &new.attributes)?;
        self.fit_vxlan(&mut device, new.attributes.mtu.is_some());
        let dev = self.register(device, new.ifindex)?;
        self.vxlan_registered(dev);
        Ok(dev)
    }

    /// Makes a pair: the peer is registered first and so gets the lower number (`veth_newlink`).
    fn add_veth(
        &mut self,
        netns: NetnsId,
        target: NetnsId,
        new: &LinkNew,
        peer: Option<&VethPeer>,
    ) -> NlResult<DevId> {
        let nothing = VethPeer::default();
        let peer = peer.unwrap_or(&nothing);
        let peer_netns = peer.attributes.netns.unwrap_or(netns);
        let far = self.veth_end(
            peer_netns,
            &peer.attributes,
            (peer.rx_queues, peer.tx_queues),
        )?;
        // The peer's number counts only where this end asks for one too.
        let far = self.register(far, peer.ifindex.filter(|_| new.ifindex.is_some()))?;
        self.carrier_off(far);
        if peer.attributes.up == Some(true) {
            // The peer would go up before it is connected.
            self.unregister(far);
            return Err(Errno::Enotconn.into());
        }
        let near = self
            .veth_end(target, &new.attributes, (new.rx_queues, new.tx_queues))
            .and_then(|near| self.register(near, new.ifindex))
            .inspect_err(|_| self.unregister(far))?;
        self.carrier_off(near);
        for (end, other) in [(far, near), (near, far)] {
            if let Some(device) = self.devices.find_mut(end) {
                device.kind = DeviceKind::Veth { peer: Some(other) };
            }
        }
        self.tell_link(far);
        Ok(near)
    }

    fn veth_end(
        &mut self,
        netns: NetnsId,
        attributes: &LinkChange,
        (rx, tx): (Option<u32>, Option<u32>),
    ) -> NlResult<Device> {
        let name = self.name_for(netns, attributes.name, "veth%d")?;
        let address = self.random_mac(netns, name);
        let mut device = Device::new(DeviceKind::Veth { peer: None }, netns, name, address);
        device.queues = queues(rx, tx, 2)?;
        apply_at_creation(&mut device, attributes)?;
        Ok(device)
    }

    /// Changes a device (`RTM_SETLINK`): one attribute after the other, so that what came before
    /// the one that failed stays changed, as in the kernel's `do_setlink`.
    ///
    /// # Errors
    /// As the kernel's.
    pub fn link_set(
        &mut self,
        netns: NetnsId,
        link: &LinkRef,
        change: &LinkChange,
    ) -> NlResult<()> {
        let done = self.link_change(netns, link, change);
        #[cfg(feature = "proptest")]
        if self.mutant.is_some() && done.is_err() {
            self.leave_something();
        }
        done
    }

    fn link_change(&mut self, netns: NetnsId, link: &LinkRef, change: &LinkChange) -> NlResult<()> {
        let dev = self.find_link(netns, link)?;
        let mut name = change.name;
        if let Some(target) = change.netns {
            self.move_to_netns(dev, target, change.name, change.new_ifindex)?;
            name = name.filter(|_| {
                self.devices
                    .find(dev)
                    .is_some_and(|device| Some(device.name) != change.name)
            });
        }
        if let Some(address) = change.address {
            self.set_address(dev, address)?;
        }
        if let Some(mtu) = change.mtu {
            self.set_mtu(dev, mtu)?;
        }
        if let Some(name) = name {
            self.rename(dev, name)?;
        }
        self.set_plain(dev, change)?;
        self.set_altnames(dev, change)?;
        self.set_flags(dev, change)?;
        if let Some(master) = change.master {
            self.change_master(dev, master)?;
        }
        self.set_kind_options(dev, change)?;
        self.tell_settings(dev, change);
        self.tell_link(dev);
        Ok(())
    }

    /// Some settings are told to all as a change of the device (`DO_SETLINK_NOTIFY`): groups of IPv6 are
    /// reported again then.
    fn tell_settings(&mut self, dev: DevId, change: &LinkChange) {
        let told = change.kind.is_some()
            || change.bridge_port.is_some()
            || change.group.is_some()
            || change.alias.is_some();
        let up = |device: &Device| device.flags & LinkFlags::UP != 0;
        if told && self.devices.find(dev).is_some_and(up) {
            self.notify_change(dev);
        }
    }

    /// What concerns nobody but the device.
    fn set_plain(&mut self, dev: DevId, change: &LinkChange) -> NlResult<()> {
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        device.group = change.group.unwrap_or(device.group);
        device.txqlen = change.txqlen.unwrap_or(device.txqlen);
        device.broadcast = change.broadcast.unwrap_or(device.broadcast);
        device.dormant_mode = change.dormant_mode.unwrap_or(device.dormant_mode);
        if change.protodown.is_some() {
            return Err(NlError::with_text(
                Errno::Eopnotsupp,
                "Protodown not supported by device",
            ));
        }
        device.operstate = change.operstate.unwrap_or(device.operstate);
        if let Some(alias) = &change.alias {
            if alias.len() >= 256 {
                return Err(Errno::Einval.into());
            }
            device.seldom.alias = (!alias.is_empty()).then(|| alias.clone());
        }
        if let Some(mode) = change.addrgenmode {
            device.addrgenmode = mode;
            self.notify_addrgenmode(dev);
        }
        Ok(())
    }

    fn set_altnames(&mut self, dev: DevId, change: &LinkChange) -> NlResult<()> {
        for name in &change.altnames_add {
            if name.is_empty() || name.len() >= 128 {
                return Err(Errno::Einval.into());
            }
            let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
            let ns = self.netns.find_mut(device.netns).ok_or(Errno::Enodev)?;
            if ns.names.has_text(name) {
                return Err(Errno::Eexist.into());
            }
            ns.names.insert_text(name, device.ifindex);
            device.seldom.altnames.push(name.clone());
        }
        for name in &change.altnames_del {
            let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
            let position = device
                .seldom
                .altnames
                .iter()
                .position(|known| known == name);
            let Some(position) = position else {
                return Err(Errno::Enoent.into());
            };
            device.seldom.altnames.remove(position);
            if let Some(ns) = self.netns.find_mut(device.netns) {
                ns.names.remove_text(name);
            }
        }
        Ok(())
    }

    /// Flags, up and down last (`__dev_change_flags`).
    pub(crate) fn set_flags(&mut self, dev: DevId, change: &LinkChange) -> NlResult<()> {
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        let mut flags = device.flags;
        for (asked, bit) in [
            (change.arp.map(|arp| !arp), LinkFlags::NOARP),
            (change.multicast, LinkFlags::MULTICAST),
            (change.trailers.map(|on| !on), LinkFlags::NOTRAILERS),
            (change.dynamic, LinkFlags::DYNAMIC),
        ] {
            match asked {
                Some(true) => flags |= bit,
                Some(false) => flags &= !bit,
                None => {}
            }
        }
        let noarp_changed = (device.flags ^ flags) & LinkFlags::NOARP != 0;
        device.flags = flags;
        self.sync_interface(dev);
        match change.up {
            Some(true) => self.open(dev)?,
            Some(false) => self.close(dev),
            None => {}
        }
        if noarp_changed {
            self.noarp_changed(dev);
        }
        if let Some(on) = change.promisc {
            self.ask_flag(dev, LinkFlags::PROMISC, on);
        }
        if let Some(on) = change.allmulticast {
            self.ask_flag(dev, LinkFlags::ALLMULTI, on);
        }
        if let Some(on) = change.carrier {
            self.set_carrier_by_hand(dev, on)?;
        }
        Ok(())
    }

    /// The device resolves no more, or again: its neighbours go (`arp_netdev_event`, `ndisc_netdev_event`). Of a
    /// device that is down nobody hears, and it keeps them (`__dev_notify_flags`).
    fn noarp_changed(&mut self, dev: DevId) {
        if self.devices.find(dev).is_some_and(Device::is_up) {
            self.neigh_device_changed(dev);
            self.notify_change(dev);
        } else {
            self.neigh_add_device(dev);
        }
    }

    /// What user space asks for counts once, whatever else wants it.
    fn ask_flag(&mut self, dev: DevId, bit: u32, on: bool) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if (device.flags & bit != 0) == on {
            return;
        }
        device.flags ^= bit;
        let count = match bit {
            LinkFlags::PROMISC => &mut device.promiscuity,
            _ => &mut device.allmulti,
        };
        *count = if on {
            *count + 1
        } else {
            count.saturating_sub(1)
        };
        self.bridge_listening_changed(dev);
        self.sync_lower(dev);
    }

    fn set_carrier_by_hand(&mut self, dev: DevId, on: bool) -> NlResult<()> {
        let device = self.devices.find(dev).ok_or(Errno::Enodev)?;
        match device.kind {
            DeviceKind::Dummy if on => self.carrier_on(dev),
            DeviceKind::Dummy => self.carrier_off(dev),
            DeviceKind::Loopback
            | DeviceKind::Veth { .. }
            | DeviceKind::Bridge(_)
            | DeviceKind::Vxlan(_)
            | DeviceKind::Nic(_)
            | DeviceKind::Stacked(_) => {
                return Err(Errno::Eopnotsupp.into());
            }
        }
        Ok(())
    }

    pub(crate) fn set_address(&mut self, dev: DevId, address: MacAddr) -> NlResult<()> {
        let device = self.devices.find(dev).ok_or(Errno::Enodev)?;
        // The address that it has is not looked at again (`netif_set_mac_address`): zeros, for `lo`.
        if device.address != address && !address.is_station() {
            return Err(Errno::Eaddrnotavail.into());
        }
        match self.stacked(dev).map(|stacked| &stacked.kind) {
            Some(StackedKind::Macvlan(_)) => return self.set_macvlan_address(dev, address),
            Some(StackedKind::Ipvlan(_)) => return Err(Errno::Eopnotsupp.into()),
            Some(StackedKind::Vlan(_)) => self.vlan_has_own_address(dev),
            None => {}
        }
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        device.address_set = true;
        if self.bridge_ref(dev).is_some() {
            return self.set_bridge_address(dev, address);
        }
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        device.address = address;
        self.sync_interface(dev);
        self.notify_address(dev);
        self.sync_lower(dev);
        Ok(())
    }

    fn set_mtu(&mut self, dev: DevId, mtu: u32) -> NlResult<()> {
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        if device.mtu == mtu {
            return Ok(());
        }
        check_mtu(device, mtu)?;
        self.check_vxlan_mtu(dev, mtu)?;
        self.check_lower_mtu(dev, mtu)?;
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        let old = std::mem::replace(&mut device.mtu, mtu);
        if let Some(bridge) = self.bridge_mut(dev) {
            bridge.set_mtu();
        }
        self.sync_interface(dev);
        self.notify_mtu(dev, old);
        Ok(())
    }

    /// A vlan or macvlan takes no larger packets than the device below (`vlan_dev_change_mtu`,
    /// `macvlan_change_mtu`).
    fn check_lower_mtu(&self, dev: DevId, mtu: u32) -> NlResult<()> {
        let Some(stacked) = self.stacked(dev) else {
            return Ok(());
        };
        let lower = self.devices.find(stacked.lower());
        let fits = lower.is_none_or(|lower| mtu <= lower.mtu);
        match stacked.kind {
            StackedKind::Vlan(_) if !fits => Err(Errno::Erange.into()),
            StackedKind::Macvlan(_) if !fits => Err(Errno::Einval.into()),
            StackedKind::Vlan(_) | StackedKind::Macvlan(_) | StackedKind::Ipvlan(_) => Ok(()),
        }
    }

    fn rename(&mut self, dev: DevId, name: IfName) -> NlResult<()> {
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        if device.name == name {
            return Ok(());
        }
        let ns = self.netns.find_mut(device.netns).ok_or(Errno::Enodev)?;
        if ns.names.has(&name) {
            return Err(Errno::Eexist.into());
        }
        ns.names.remove(&device.name);
        ns.names.insert(name, device.ifindex);
        let old = std::mem::replace(&mut device.name, name);
        self.sync_interface(dev);
        self.notify_rename(dev, old);
        Ok(())
    }

    fn set_kind_options(&mut self, dev: DevId, change: &LinkChange) -> NlResult<()> {
        match &change.kind {
            Some(LinkKind::Bridge(options)) => self.configure_bridge(dev, options)?,
            Some(LinkKind::Vxlan(options)) => self.configure_vxlan(dev, options)?,
            Some(LinkKind::Vlan(options)) => self.configure_vlan(dev, options)?,
            Some(LinkKind::Macvlan(options)) => self.configure_macvlan(dev, options)?,
            Some(LinkKind::Ipvlan(options)) => self.configure_ipvlan(dev, *options)?,
            Some(LinkKind::Veth(_) | LinkKind::Dummy) => {
                return Err(Errno::Eopnotsupp.into());
            }
            None => {}
        }
        match &change.bridge_port {
            Some(options) => self.configure_bridge_port(dev, options),
            None => Ok(()),
        }
    }

    /// Enslaves a device, or releases it with 0 (`do_set_master`).
    pub(crate) fn change_master(&mut self, dev: DevId, master: IfIndex) -> NlResult<()> {
        let device = self.devices.find(dev).ok_or(Errno::Enodev)?;
        let netns = device.netns;
        if device.master.is_some() {
            let current = device
                .master
                .and_then(|master| self.devices.find(master))
                .map(|m| m.ifindex);
            if current == Some(master) {
                return Ok(());
            }
            self.release_port(dev);
        }
        if master == 0 {
            return Ok(());
        }
        let master = self.dev_at(netns, master).ok_or(Errno::Einval)?;
        match self.devices.find(master).map(|master| &master.kind) {
            Some(DeviceKind::Bridge(_)) => self.enslave(dev, master),
            Some(
                DeviceKind::Loopback
                | DeviceKind::Veth { .. }
                | DeviceKind::Dummy
                | DeviceKind::Vxlan(_)
                | DeviceKind::Nic(_)
                | DeviceKind::Stacked(_),
            )
            | None => Err(Errno::Eopnotsupp.into()),
        }
    }

    /// Removes a device (`RTM_DELLINK`).
    ///
    /// # Errors
    /// `ENODEV` where there is none, `EOPNOTSUPP` for the loopback.
    pub fn link_del(&mut self, netns: NetnsId, link: &LinkRef) -> NlResult<()> {
        let dev = self.find_link(netns, link)?;
        if self.devices.find(dev).is_some_and(Device::is_permanent) {
            return Err(Errno::Eopnotsupp.into());
        }
        self.unregister(dev);
        Ok(())
    }

    /// Removes all devices of a group.
    ///
    /// # Errors
    /// `EPERM` for the default group, `ENODEV` where the group is empty, `EOPNOTSUPP` where one of
    /// them cannot be removed.
    pub fn link_del_group(&mut self, netns: NetnsId, group: u32) -> NlResult<()> {
        if group == 0 {
            return Err(Errno::Eperm.into());
        }
        let inside = self
            .devices
            .iter()
            .filter(|(_, device)| device.netns == netns && device.group == group);
        let members: Vec<DevId> = inside.map(|(dev, _)| dev).collect();
        if members.is_empty() {
            return Err(Errno::Enodev.into());
        }
        if members
            .iter()
            .any(|&dev| self.devices.find(dev).is_some_and(Device::is_permanent))
        {
            return Err(Errno::Eopnotsupp.into());
        }
        for dev in members {
            self.unregister(dev);
        }
        Ok(())
    }

    /// The device that a request names.
    pub(crate) fn find_link(&self, netns: NetnsId, link: &LinkRef) -> NlResult<DevId> {
        let ns = self.ns(netns)?;
        let ifindex = match link {
            LinkRef::Index(ifindex) => Some(*ifindex),
            LinkRef::Name(name) => ns.names.find_text(name),
        };
        let interface = ifindex.and_then(|ifindex| ns.interfaces.get(&ifindex));
        Ok(interface.ok_or(Errno::Enodev)?.dev)
    }
}

/// What a kind refuses before anybody looks whether the device is there (`rtnl_link_ops::validate`).
fn validate(target: NetnsId, new: &LinkNew) -> NlResult<()> {
    match &new.kind {
        LinkKind::Veth(_) => {
            let name = "veth".parse().map_err(|_| Errno::Einval)?;
            let kind = DeviceKind::Veth { peer: None };
            let mut trial = Device::new(kind, target, name, MacAddr::ZERO);
            apply_at_creation(&mut trial, &new.attributes)
        }
        LinkKind::Vxlan(options) => validate_vxlan(new, options),
        _ => Ok(()),
    }
}

/// What a new link may already have before it is registered (`rtnl_create_link`).
pub(crate) fn apply_at_creation(device: &mut Device, attributes: &LinkChange) -> NlResult<()> {
    if let Some(mtu) = attributes.mtu {
        // A veth checks first and has no words (`veth_validate`).
        let wordless = matches!(device.kind, DeviceKind::Veth { .. });
        check_mtu(device, mtu).map_err(|error| match wordless {
            true => NlError::from(error.errno),
            false => error,
        })?;
        device.mtu = mtu;
    }
    if let Some(address) = attributes.address {
        if !address.is_station() {
            return Err(Errno::Eaddrnotavail.into());
        }
        device.address = address;
        device.address_set = true;
    }
    device.broadcast = attributes.broadcast.unwrap_or(device.broadcast);
    device.txqlen = attributes.txqlen.unwrap_or(device.txqlen);
    device.group = attributes.group.unwrap_or(device.group);
    device.qdisc = Qdisc::Noop;
    Ok(())
}

/// The bounds of a device's mtu (`dev_validate_mtu`).
fn check_mtu(device: &Device, mtu: u32) -> NlResult<()> {
    if mtu < device.min_mtu {
        return Err(NlError::with_text(
            Errno::Einval,
            "mtu less than device minimum",
        ));
    }
    if device.max_mtu > 0 && mtu > device.max_mtu {
        return Err(NlError::with_text(
            Errno::Einval,
            "mtu greater than device maximum",
        ));
    }
    Ok(())
}

pub(crate) fn queues(rx: Option<u32>, tx: Option<u32>, standard: u32) -> NlResult<(u32, u32)> {
    for (asked, text) in [
        (tx, "Invalid number of transmit queues"),
        (rx, "Invalid number of receive queues"),
    ] {
        if asked.is_some_and(|asked| asked == 0 || asked > QUEUES_MAX) {
            return Err(NlError::with_text(Errno::Einval, text));
        }
    }
    Ok((rx.unwrap_or(standard), tx.unwrap_or(standard)))
}
