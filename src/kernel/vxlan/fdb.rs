//! Requests about the forwarding database of a VXLAN device (`vxlan_fdb_add` and its kin).
//! The rules of the table are in `device::vxlan`.

use crate::device::bridge::Ticks;
use crate::device::vxlan::{Entry, EntryFlags, EntryRequest, Remote, Vxlan};
use crate::kernel::bridge::refused;
use crate::kernel::netlink::{
    FdbEntryInfo, FdbFlushRequest, FdbGet, FdbRequest, NlError, NlResult,
};
use crate::kernel::world::World;
use crate::units::{DevId, Errno};

impl World {
    fn vxlan_of(&mut self, dev: DevId) -> NlResult<&mut Vxlan> {
        let tunnel = self.tunnel_mut(dev).ok_or(Errno::Eopnotsupp)?;
        Ok(&mut tunnel.vxlan)
    }

    /// What a request says of the table, as far as it can be done here.
    fn entry_request(&self, dev: DevId, request: &FdbRequest) -> NlResult<EntryRequest> {
        let netns = self.devices.find(dev).ok_or(Errno::Enodev)?.netns;
        if request
            .via
            .is_some_and(|via| self.dev_at(netns, via).is_none())
        {
            return Err(NlError::with_text(Errno::Eaddrnotavail, "Device not found"));
        }
        // There are no next hop objects.
        if request.nhid.is_some_and(|nhid| nhid != 0) {
            let text = "Nexthop id does not exist";
            return Err(NlError::with_text(Errno::Einval, text));
        }
        Ok(EntryRequest {
            mac: request.mac,
            state: request.state,
            new: request.flags,
            flags: EntryFlags {
                router: request.router,
                extern_learn: request.extern_learn,
                sticky: request.sticky,
                by_user: true,
            },
            use_now: request.use_now,
            dst: request.dst,
            port: request.port,
            vni: request.vni,
            src_vni: request.src_vni,
            via: request.via,
        })
    }

    pub(crate) fn vxlan_fdb_add(&mut self, dev: DevId, request: &FdbRequest) -> NlResult<()> {
        let request = self.entry_request(dev, request)?;
        let now = self.now;
        self.vxlan_of(dev)?.fdb_add(now, &request).map_err(refused)
    }

    pub(crate) fn vxlan_fdb_delete(&mut self, dev: DevId, request: &FdbRequest) -> NlResult<()> {
        let request = self.entry_request(dev, request)?;
        self.vxlan_of(dev)?.fdb_delete(&request).map_err(refused)
    }

    pub(crate) fn vxlan_fdb_flush(
        &mut self,
        dev: DevId,
        request: &FdbFlushRequest,
    ) -> NlResult<()> {
        let (mask, flags, vlan) = (request.mask, request.flags, request.vid.is_some());
        let done = self.vxlan_of(dev)?.fdb_flush(mask, flags, vlan);
        done.map_err(refused)
    }

    pub(crate) fn vxlan_fdb_get(&self, dev: DevId, request: &FdbGet) -> NlResult<FdbEntryInfo> {
        let tunnel = self.tunnel(dev).ok_or(Errno::Eopnotsupp)?;
        let own = tunnel.vxlan.config.vni.value();
        let vni = match tunnel.vxlan.config.is_external() {
            true => request.vni.unwrap_or(own),
            false => own,
        };
        let entry = tunnel.vxlan.fdb.get(request.mac, vni);
        let told = entry.and_then(|entry| Some((entry, *entry.remotes.first()?)));
        let (entry, remote) =
            told.ok_or_else(|| NlError::with_text(Errno::Enoent, "Fdb entry not found"))?;
        let told = self.vxlan_told(dev, entry, &remote);
        Ok(told.ok_or(Errno::Enodev)?)
    }

    /// Every far end of every station, the newest station first (`vxlan_fdb_dump`).
    pub(crate) fn vxlan_fdb_dump(&self, dev: DevId, entries: &mut Vec<FdbEntryInfo>) {
        let Some(tunnel) = self.tunnel(dev) else {
            return;
        };
        for entry in tunnel.vxlan.fdb.list() {
            let remotes = entry.remotes.iter();
            entries.extend(remotes.filter_map(|remote| self.vxlan_told(dev, entry, remote)));
        }
    }

    /// One line of a dump (`vxlan_fdb_info`).
    fn vxlan_told(&self, dev: DevId, entry: &Entry, remote: &Remote) -> Option<FdbEntryInfo> {
        let device = self.devices.find(dev)?;
        let tunnel = self.tunnel(dev)?;
        let config = &tunnel.vxlan.config;
        let age = |at| Ticks::from_duration(self.now - at).clock();
        let netns = self.netns.find(device.netns)?;
        let away = tunnel.net != device.netns;
        Some(FdbEntryInfo {
            state: entry.state,
            router: entry.flags.router,
            extern_learn: entry.flags.extern_learn,
            sticky: entry.flags.sticky,
            cache: Some((age(entry.used), age(entry.updated))),
            dst: Some(remote.ip),
            port: Some(remote.port).filter(|port| *port != 0 && *port != config.port),
            vni: Some(remote.vni).filter(|vni| *vni != config.vni.value()),
            src_vni: Some(entry.vni).filter(|vni| config.is_external() && *vni != 0),
            via: Some(remote.ifindex).filter(|via| *via != 0),
            link_netnsid: away.then(|| netns.nsids.id_of(tunnel.net).unwrap_or(-1)),
            ..FdbEntryInfo::own(device.ifindex, entry.mac)
        })
    }
}
