//! Requests about forwarding databases (rtnl_fdb_add and its kin of net/core/rtnetlink.c).
//! The rules of a bridge's table are in `device::bridge`; here a request finds its table.

use crate::device::bridge::fdb::FdbFlags;
use crate::device::bridge::forward::is_link_local;
use crate::device::bridge::{Bridge, FdbAdd, FdbDump, FdbFlush, FdbRow, FdbState, Ticks};
use crate::kernel::device::DeviceKind;
use crate::kernel::netlink::{
    FdbEntryInfo, FdbFlushRequest, FdbGet, FdbRequest, LinkRef, NlError, NlResult,
};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, IfIndex, NetnsId};

fn refused(text: &'static str) -> NlError {
    NlError::with_text(Errno::Einval, text)
}

/// The VLAN of a request, which must be one (`fdb_vid_parse`).
fn checked_vid(vid: Option<u16>) -> NlResult<u16> {
    match vid {
        Some(0 | 4095..) => Err(refused("invalid vlan id")),
        vid => Ok(vid.unwrap_or(0)),
    }
}

impl World {
    fn fdb_device(&self, netns: NetnsId, link: IfIndex) -> NlResult<DevId> {
        self.dev_at(netns, link)
            .ok_or_else(|| NlError::with_text(Errno::Enodev, "unknown ifindex"))
    }

    /// The bridge of which a device is a port.
    fn bridge_of(&self, dev: DevId) -> Option<DevId> {
        self.devices
            .find(dev)?
            .master
            .filter(|master| self.bridge(*master).is_some())
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
            return Err(refused("FDB add only supported for Ethernet devices"));
        }
        let mut done = Err(Errno::Eopnotsupp.into());
        if request.to_master || !request.to_self {
            if let Some(bridge) = self.bridge_of(dev) {
                done = self.fdb_add_at(bridge, Some(dev), vid, request);
                if done.is_err() {
                    return done;
                }
            }
        }
        if request.to_self {
            done = match self.bridge(dev) {
                Some(_) => self.fdb_add_at(dev, None, vid, request),
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
        self.with_bridge(bridge, |bridge, now| bridge.fdb_add(now, &add))
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
            false => device.unicast.contains(&mac),
        };
        match (known, group) {
            (true, _) if exclusive => return Err(Errno::Eexist.into()),
            (true, _) => {}
            (false, true) => device.join(mac),
            (false, false) => device.unicast.push(mac),
        }
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
            return Err(refused("FDB delete only supported for Ethernet devices"));
        }
        let mac = request.mac;
        let mut done = Err(Errno::Eopnotsupp.into());
        if request.to_master || !request.to_self {
            if let Some(bridge) = self.bridge_of(dev) {
                done = self.with_bridge(bridge, |bridge, _| bridge.fdb_delete(Some(dev), mac, vid));
                if done.is_err() {
                    return done;
                }
            }
        }
        if request.to_self {
            done = match self.bridge(dev) {
                Some(_) => self.with_bridge(dev, |bridge, _| bridge.fdb_delete(None, mac, vid)),
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
        let position = device.unicast.iter().position(|known| *known == mac);
        device.unicast.remove(position.ok_or(Errno::Enoent)?);
        Ok(())
    }

    /// Deletes many entries (`NLM_F_BULK`).
    ///
    /// # Errors
    /// As the kernel's.
    pub fn fdb_flush(&mut self, netns: NetnsId, request: &FdbFlushRequest) -> NlResult<()> {
        let dev = self.fdb_device(netns, request.link)?;
        let mut done = Err(Errno::Eopnotsupp.into());
        if request.to_master || !request.to_self {
            if let Some(bridge) = self.bridge_of(dev) {
                done = self.fdb_flush_at(netns, bridge, Some(dev), request);
                if done.is_err() {
                    return done;
                }
            }
        }
        if request.to_self {
            done = match self.bridge(dev) {
                Some(_) => self.fdb_flush_at(netns, dev, None, request),
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
        self.with_bridge(bridge, |bridge, _| bridge.fdb_flush(&flush))
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
        match (self.bridge(dev), self.bridge_of(dev)) {
            (Some(_), _) if dev == bridge => Ok(None),
            (Some(_), _) => Err(refused(
                "bridge: Flush bridge device does not match target bridge device",
            )),
            (None, Some(master)) if master == bridge => Ok(Some(dev)),
            (None, Some(_)) => Err(refused("bridge: Port belongs to a different bridge device")),
            (None, None) => Err(refused(
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
            (Some(_), Some(_)) => return Err(refused("Master and device are mutually exclusive")),
            (Some(master), None) => self
                .dev_at(netns, master)
                .ok_or_else(|| refused("Invalid master ifindex"))?,
            (None, Some(dev)) if request.to_master || !request.to_self => self
                .bridge_of(dev)
                .ok_or_else(|| refused("Device is not a bridge port"))?,
            (None, Some(dev)) => dev,
            (None, None) => {
                return Err(NlError::with_text(Errno::Enodev, "No device specified"));
            }
        };
        let bridge = self.bridge(table).ok_or_else(|| {
            NlError::with_text(
                Errno::Eopnotsupp,
                "Fdb get operation not supported by device",
            )
        })?;
        let told = bridge.fdb_get(self.now, request.mac, vid)?;
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
        let master = master.map(|master| self.dev_at(netns, master));
        for (ifindex, interface) in &ns.interfaces {
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
        let own = device
            .unicast
            .iter()
            .chain(device.multicast.iter().map(|(mac, _)| mac));
        entries.extend(own.map(|mac| FdbEntryInfo::own(ifindex, *mac)));
        if self.bridge(dev).is_some() {
            self.fdb_dump_table(dev, None, entries);
        }
    }

    fn fdb_dump_table(&self, table: DevId, port: Option<DevId>, entries: &mut Vec<FdbEntryInfo>) {
        let Some(bridge) = self.bridge(table) else {
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
        let bridge = self.bridge(dev).ok_or(Errno::Eopnotsupp)?;
        Ok(bridge.fdb_rows(self.now))
    }

    /// The bridge that a device is.
    pub(crate) fn bridge(&self, dev: DevId) -> Option<&Bridge> {
        match &self.devices.find(dev)?.kind {
            DeviceKind::Bridge(bridge) => Some(bridge),
            _ => None,
        }
    }
}
