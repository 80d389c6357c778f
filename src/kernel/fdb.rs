//! Requests about forwarding databases (rtnl_fdb_add and its kin of net/core/rtnetlink.c).
//! The rules of a bridge's table are in `device::bridge`; here a request finds its table.

use crate::device::bridge::fdb::FdbFlags;
use crate::device::bridge::forward::is_link_local;
use crate::device::bridge::{Bridge, FdbAdd, FdbDump, FdbFlush, FdbRow, FdbState, Refusal, Ticks};
use crate::kernel::bridge::refused;
use crate::kernel::netlink::{
    FdbEntryInfo, FdbFlushRequest, FdbGet, FdbRequest, LinkRef, NlError, NlResult,
};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, IfIndex, NetnsId};

fn invalid(text: &'static str) -> NlError {
    NlError::with_text(Errno::Einval, text)
}

/// The VLAN of a request, which must be one (`fdb_vid_parse`).
fn checked_vid(vid: Option<u16>) -> NlResult<u16> {
    match vid {
        Some(0 | 4095..) => Err(invalid("invalid vlan id")),
        vid => Ok(vid.unwrap_or(0)),
    }
}

impl World {
    fn fdb_device(&self, netns: NetnsId, link: IfIndex) -> NlResult<DevId> {
        self.dev_at(netns, link)
            .ok_or_else(|| NlError::with_text(Errno::Enodev, "unknown ifindex"))
    }

    /// What a bridge answers to a request.
    fn bridge_does(
        &mut self,
        bridge: DevId,
        does: impl FnOnce(&mut Bridge) -> Result<(), Refusal>,
    ) -> NlResult<()> {
        let done = self.with_bridge(bridge, does);
        done.ok_or(Errno::Eopnotsupp)?.map_err(refused)
    }

    /// The bridge of which a device is a port.
    fn bridge_of(&self, dev: DevId) -> Option<DevId> {
        self.devices
            .find(dev)?
            .master
            .filter(|master| self.bridge_ref(*master).is_some())
    }

    fn is_ethernet(&self, dev: DevId) -> bool {
        self.devices
            .find(dev)
            .is_some_and(|device| !device.is_loopback())
    }

    /// Writes an entry (`rtnl_fdb_add`).
    ///
    /// # Errors
    /// As the kernel's.
    pub fn fdb_add(&mut self, netns: NetnsId, request: &FdbRequest) -> NlResult<()> {
        let dev = self.fdb_device(netns, request.link)?;
        let vid = checked_vid(request.vid)?;
        if !self.is_ethernet(dev) {
            return Err(invalid("FDB add only supported for Ethernet devices"));
        }
        let mut done = Err(Errno::Eopnotsupp.into());
        if let Some(bridge) = self
            .bridge_of(dev)
            .filter(|_| request.to_master || !request.to_self)
        {
            self.fdb_add_at(bridge, Some(dev), vid, request)?;
            done = Ok(());
        }
        if request.to_self {
            done = match self.bridge_ref(dev) {
                Some(_) => self.fdb_add_at(dev, None, vid, request),
                None if self.tunnel(dev).is_some() => self.vxlan_fdb_add(dev, request),
                None => self.own_address_add(dev, vid, request),
            };
        }
        done
    }

    fn fdb_add_at(
        &mut self,
        bridge: DevId,
        port: Option<DevId>,
        vid: u16,
        request: &FdbRequest,
    ) -> NlResult<()> {
        let add = FdbAdd {
            mac: request.mac,
            vid,
            port,
            state: request.state,
            flags: request.flags,
            sticky: request.sticky,
            use_now: request.use_now,
            extern_learn: request.extern_learn,
        };
        let now = self.now;
        self.bridge_does(bridge, |bridge| bridge.fdb_add(now, &add))
    }

    /// Adds to the addresses of a device that has no table of its own (`ndo_dflt_fdb_add`).
    fn own_address_add(&mut self, dev: DevId, vid: u16, request: &FdbRequest) -> NlResult<()> {
        if request.state != FdbState::Permanent || vid != 0 {
            return Err(Errno::Einval.into());
        }
        let (mac, exclusive) = (request.mac, request.flags.exclusive);
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        let group = mac.is_multicast() && !is_link_local(mac);
        let known = match group {
            true => device.multicast.iter().any(|(known, _)| *known == mac),
            false => device.seldom.unicast.contains(&mac),
        };
        match (known, group) {
            (true, _) if exclusive => return Err(Errno::Eexist.into()),
            (true, _) => {}
            (false, true) => device.join(mac),
            (false, false) => device.seldom.unicast.push(mac),
        }
        self.unicast_changed(dev);
        Ok(())
    }

    /// Deletes an entry (`rtnl_fdb_del`).
    ///
    /// # Errors
    /// As the kernel's.
    pub fn fdb_del(&mut self, netns: NetnsId, request: &FdbRequest) -> NlResult<()> {
        let dev = self.fdb_device(netns, request.link)?;
        let vid = checked_vid(request.vid)?;
        if !self.is_ethernet(dev) {
            return Err(invalid("FDB delete only supported for Ethernet devices"));
        }
        let mac = request.mac;
        let mut done = Err(Errno::Eopnotsupp.into());
        if let Some(bridge) = self
            .bridge_of(dev)
            .filter(|_| request.to_master || !request.to_self)
        {
            self.bridge_does(bridge, |bridge| bridge.fdb_delete(Some(dev), mac, vid))?;
            done = Ok(());
        }
        if request.to_self {
            done = match self.bridge_ref(dev) {
                Some(_) => self.bridge_does(dev, |bridge| bridge.fdb_delete(None, mac, vid)),
                None if self.tunnel(dev).is_some() => self.vxlan_fdb_delete(dev, request),
                None => self.own_address_del(dev, request),
            };
        }
        done
    }

    /// `ndo_dflt_fdb_del`.
    fn own_address_del(&mut self, dev: DevId, request: &FdbRequest) -> NlResult<()> {
        if request.state != FdbState::Permanent {
            return Err(Errno::Einval.into());
        }
        let mac = request.mac;
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        if mac.is_multicast() && !is_link_local(mac) {
            if !device.multicast.iter().any(|(known, _)| *known == mac) {
                return Err(Errno::Enoent.into());
            }
            device.leave(mac);
            return Ok(());
        }
        let position = device.seldom.unicast.iter().position(|known| *known == mac);
        device.seldom.unicast.remove(position.ok_or(Errno::Enoent)?);
        self.unicast_changed(dev);
        Ok(())
    }

    /// Deletes many entries (`NLM_F_BULK`).
    ///
    /// # Errors
    /// As the kernel's.
    pub fn fdb_flush(&mut self, netns: NetnsId, request: &FdbFlushRequest) -> NlResult<()> {
        let dev = self.fdb_device(netns, request.link)?;
        let mut done = Err(Errno::Eopnotsupp.into());
        if let Some(bridge) = self
            .bridge_of(dev)
            .filter(|_| request.to_master || !request.to_self)
        {
            self.fdb_flush_at(netns, bridge, Some(dev), request)?;
            done = Ok(());
        }
        if request.to_self {
            done = match self.bridge_ref(dev) {
                Some(_) => self.fdb_flush_at(netns, dev, None, request),
                None if self.tunnel(dev).is_some() => self.vxlan_fdb_flush(dev, request),
                None => Err(Errno::Eopnotsupp.into()),
            };
        }
        done
    }

    fn fdb_flush_at(
        &mut self,
        netns: NetnsId,
        bridge: DevId,
        port: Option<DevId>,
        request: &FdbFlushRequest,
    ) -> NlResult<()> {
        let port = match request.brport {
            Some(brport) => Some(self.flush_port(netns, bridge, brport)?),
            None => port.map(Some),
        };
        let flush = FdbFlush {
            port,
            vid: request.vid.unwrap_or(0),
            mask: request.mask,
            flags: request.flags,
        };
        self.bridge_does(bridge, |bridge| bridge.fdb_flush(&flush))
    }

    /// The port that a flush names, nothing for the bridge itself (`__fdb_flush_validate_ifindex`).
    fn flush_port(
        &self,
        netns: NetnsId,
        bridge: DevId,
        brport: IfIndex,
    ) -> NlResult<Option<DevId>> {
        let unknown = || NlError::with_text(Errno::Enodev, "bridge: Unknown flush device ifindex");
        let dev = self.dev_at(netns, brport).ok_or_else(unknown)?;
        match (self.bridge_ref(dev), self.bridge_of(dev)) {
            (Some(_), _) if dev == bridge => Ok(None),
            (Some(_), _) => Err(invalid(
                "bridge: Flush bridge device does not match target bridge device",
            )),
            (None, Some(master)) if master == bridge => Ok(Some(dev)),
            (None, Some(_)) => Err(invalid("bridge: Port belongs to a different bridge device")),
            (None, None) => Err(invalid(
                "bridge: Flush device is not a bridge or bridge port",
            )),
        }
    }

    /// One entry (`rtnl_fdb_get`).
    ///
    /// # Errors
    /// As the kernel's.
    pub fn fdb_get(&self, netns: NetnsId, request: &FdbGet) -> NlResult<FdbEntryInfo> {
        let vid = checked_vid(request.vid)?;
        let dev = match request.link {
            Some(link) => Some(
                self.dev_at(netns, link)
                    .ok_or_else(|| NlError::with_text(Errno::Enodev, "Unknown device ifindex"))?,
            ),
            None => None,
        };
        let table = match (request.master, dev) {
            (Some(_), Some(_)) => return Err(invalid("Master and device are mutually exclusive")),
            (Some(master), None) => self
                .dev_at(netns, master)
                .ok_or_else(|| invalid("Invalid master ifindex"))?,
            (None, Some(dev)) if request.to_master || !request.to_self => self
                .bridge_of(dev)
                .ok_or_else(|| invalid("Device is not a bridge port"))?,
            (None, Some(dev)) => dev,
            (None, None) => {
                return Err(NlError::with_text(Errno::Enodev, "No device specified"));
            }
        };
        if self.tunnel(table).is_some() {
            return self.vxlan_fdb_get(table, request);
        }
        let bridge = self.bridge_ref(table).ok_or_else(|| {
            NlError::with_text(
                Errno::Eopnotsupp,
                "Fdb get operation not supported by device",
            )
        })?;
        let told = bridge
            .fdb_get(self.now, request.mac, vid)
            .map_err(refused)?;
        Ok(self.fdb_told(table, &told))
    }

    /// All entries, device by device; of one device and of one bridge only where such are
    /// given (`rtnl_fdb_dump`).
    pub fn fdb_dump(
        &self,
        netns: NetnsId,
        link: Option<IfIndex>,
        master: Option<IfIndex>,
    ) -> Vec<FdbEntryInfo> {
        let mut entries = Vec::new();
        let Some(ns) = self.netns.find(netns) else {
            return entries;
        };
        let master = master.map(|master| {
            let dev = self.dev_at(netns, master);
            dev.filter(|dev| self.bridge_ref(*dev).is_some())
        });
        if master == Some(None) {
            return entries;
        }
        for (ifindex, interface) in ns.interfaces.iter() {
            let dev = interface.dev;
            let skipped = link.is_some_and(|link| link != *ifindex)
                || master
                    .is_some_and(|master| master != Some(dev) && self.bridge_of(dev) != master);
            if !skipped {
                self.fdb_dump_device(dev, *ifindex, &mut entries);
            }
        }
        entries
    }

    /// A port's entries in its bridge's table, then its own; a bridge's own, then those
    /// in its table that are at no port.
    fn fdb_dump_device(&self, dev: DevId, ifindex: IfIndex, entries: &mut Vec<FdbEntryInfo>) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        if device.is_loopback() {
            return;
        }
        if let Some(master) = self.bridge_of(dev) {
            self.fdb_dump_table(master, Some(dev), entries);
        }
        if self.tunnel(dev).is_some() {
            return self.vxlan_fdb_dump(dev, entries);
        }
        let own = device
            .seldom
            .unicast
            .iter()
            .chain(device.multicast.iter().map(|(mac, _)| mac));
        entries.extend(own.map(|mac| FdbEntryInfo::own(ifindex, *mac)));
        if self.bridge_ref(dev).is_some() {
            self.fdb_dump_table(dev, None, entries);
        }
    }

    fn fdb_dump_table(&self, table: DevId, port: Option<DevId>, entries: &mut Vec<FdbEntryInfo>) {
        let Some(bridge) = self.bridge_ref(table) else {
            return;
        };
        let told = bridge.fdb_dump(self.now);
        let here = told.iter().filter(|told| told.dev == port);
        entries.extend(here.map(|told| self.fdb_told(table, told)));
    }

    fn fdb_told(&self, table: DevId, told: &FdbDump) -> FdbEntryInfo {
        let number = |dev| self.devices.find(dev).map_or(0, |device| device.ifindex);
        let entry = told.entry;
        let age = |at| Ticks::from_duration(self.now - at).clock();
        FdbEntryInfo {
            vid: entry.vid,
            state: told.state,
            of_self: false,
            extern_learn: entry.flags.has(FdbFlags::ADDED_BY_EXT_LEARN),
            offload: entry.flags.has(FdbFlags::OFFLOADED),
            sticky: entry.flags.has(FdbFlags::STICKY),
            master: Some(number(table)),
            cache: Some((age(entry.used), age(entry.updated))),
            ..FdbEntryInfo::own(number(told.dev.unwrap_or(table)), entry.mac)
        }
    }

    /// What `brctl showmacs` reads of a bridge.
    ///
    /// # Errors
    /// `ENODEV` where there is no such device, `EOPNOTSUPP` where it is no bridge.
    pub fn fdb_rows(&self, netns: NetnsId, link: &LinkRef) -> NlResult<Vec<FdbRow>> {
        let dev = self.find_link(netns, link)?;
        let bridge = self.bridge_ref(dev).ok_or(Errno::Eopnotsupp)?;
        Ok(bridge.fdb_rows(self.now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::bridge::PortState;
    use crate::kernel::netlink::{LinkChange, LinkFlags, LinkKind, LinkNew, VethPeer};
    use crate::units::{MacAddr, SimTime};
    use std::time::Duration;

    fn name(name: &str) -> LinkRef {
        LinkRef::Name(name.to_owned())
    }

    fn new(world: &mut World, kind: LinkKind, called: &str, address: Option<MacAddr>) {
        let attributes = LinkChange {
            name: Some(called.parse().unwrap()),
            address,
            ..LinkChange::default()
        };
        let new = LinkNew {
            kind,
            ifindex: None,
            link: None,
            tx_queues: None,
            rx_queues: None,
            attributes,
        };
        let root = world.host(world.default_host()).root;
        world.link_add(root, &new).unwrap();
    }

    /// A world with br0 and the pair va, vb.
    fn lab(address: Option<MacAddr>) -> (World, NetnsId) {
        let mut world = World::new(0);
        let root = world.host(world.default_host()).root;
        new(&mut world, LinkKind::Bridge(Box::default()), "br0", address);
        let peer = LinkChange {
            name: Some("vb".parse().unwrap()),
            ..LinkChange::default()
        };
        let peer = VethPeer {
            attributes: peer,
            ..VethPeer::default()
        };
        new(
            &mut world,
            LinkKind::Veth(Some(Box::new(peer))),
            "va",
            Some(MacAddr([2, 0, 0, 0, 0, 1])),
        );
        (world, root)
    }

    fn set(world: &mut World, netns: NetnsId, link: &str, change: LinkChange) -> NlResult<()> {
        world.link_set(netns, &name(link), &change)
    }

    fn up() -> LinkChange {
        LinkChange {
            up: Some(true),
            ..LinkChange::default()
        }
    }

    fn master(world: &mut World, netns: NetnsId, link: &str) -> LinkChange {
        let ifindex = world.link(netns, &name(link)).unwrap().ifindex;
        LinkChange {
            master: Some(ifindex),
            ..LinkChange::default()
        }
    }

    #[test]
    fn a_port_that_gets_a_carrier_forwards_and_gives_the_bridge_its_address() {
        let (mut world, root) = lab(None);
        let to_br0 = master(&mut world, root, "br0");
        set(&mut world, root, "va", to_br0).unwrap();
        for link in ["br0", "va", "vb"] {
            set(&mut world, root, link, up()).unwrap();
        }
        world
            .run_until(SimTime::ZERO + Duration::from_secs(2))
            .unwrap();
        let port = world.link(root, &name("va")).unwrap();
        let info = port.bridge_port.unwrap();
        assert_eq!(
            (info.state, info.port_id, info.cost),
            (PortState::Forwarding.number(), 0x8001, 2)
        );
        assert_eq!((port.promiscuity, port.allmulti), (1, 1));
        let bridge = world.link(root, &name("br0")).unwrap();
        assert_eq!(bridge.address, MacAddr([2, 0, 0, 0, 0, 1]));
        assert!(bridge.flags.has(LinkFlags::LOWER_UP));
        let told = world.fdb_dump(root, None, Some(bridge.ifindex));
        assert!(
            told.iter()
                .any(|e| e.mac == bridge.address && e.ifindex == port.ifindex)
        );
        world.link_del(root, &name("br0")).unwrap();
        let port = world.link(root, &name("va")).unwrap();
        assert_eq!((port.master, port.promiscuity), (None, 0));
    }

    #[test]
    fn a_bridge_takes_no_bridge_and_no_loopback() {
        let (mut world, root) = lab(None);
        let to_br0 = master(&mut world, root, "br0");
        let error = set(&mut world, root, "br0", to_br0.clone()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Error: Can not enslave a bridge to a bridge."
        );
        let error = set(&mut world, root, "lo", to_br0).unwrap_err();
        assert_eq!(error.errno, Errno::Einval);
    }

    #[test]
    fn a_bridge_of_a_chosen_address_keeps_it_and_has_no_carrier_without_ports() {
        let mac = MacAddr([2, 0, 0, 0, 0, 0xf0]);
        let (mut world, root) = lab(Some(mac));
        let to_br0 = master(&mut world, root, "br0");
        set(&mut world, root, "va", to_br0).unwrap();
        set(&mut world, root, "br0", up()).unwrap();
        let bridge = world.link(root, &name("br0")).unwrap();
        assert_eq!(bridge.address, mac);
        assert!(!bridge.flags.has(LinkFlags::LOWER_UP));
    }

    #[test]
    fn the_mtu_of_a_bridge_follows_its_ports() {
        let (mut world, root) = lab(None);
        let to_br0 = master(&mut world, root, "br0");
        set(&mut world, root, "va", to_br0).unwrap();
        let small = LinkChange {
            mtu: Some(1400),
            ..LinkChange::default()
        };
        set(&mut world, root, "va", small).unwrap();
        assert_eq!(world.link(root, &name("br0")).unwrap().mtu, 1400);
        let large = LinkChange {
            mtu: Some(1450),
            ..LinkChange::default()
        };
        set(&mut world, root, "br0", large).unwrap();
        let none = LinkChange {
            master: Some(0),
            ..LinkChange::default()
        };
        set(&mut world, root, "va", none).unwrap();
        assert_eq!(world.link(root, &name("br0")).unwrap().mtu, 1450);
    }
}
