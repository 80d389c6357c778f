//! What netlink may do to the forwarding database of a VXLAN device: write, delete, flush (vxlan_core.c).
//! Learning is in `forward`; names and numbers of devices are the caller's to check.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::device::bridge::fdb::FdbFlags;
use crate::device::bridge::{FdbState, NewFlags, Refusal};
use crate::units::{Errno, IfIndex, MacAddr, SimTime};

use super::Vxlan;
use super::fdb::{Entry, EntryFlags, Remote};

/// An entry to write or to delete.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryRequest {
    /// The station.
    pub mac: MacAddr,
    /// How long it lives.
    pub state: FdbState,
    /// Create, replace, exclusive, append.
    pub new: NewFlags,
    /// Its flags.
    pub flags: EntryFlags,
    /// As if it had been heard of just now (`NTF_USE`).
    pub use_now: bool,
    /// The far end, where one is given.
    pub dst: Option<IpAddr>,
    /// The UDP port there.
    pub port: Option<u16>,
    /// The network there.
    pub vni: Option<u32>,
    /// The network here.
    pub src_vni: Option<u32>,
    /// The device through which it is reached.
    pub via: Option<IfIndex>,
}

impl Vxlan {
    /// The network under which a station is looked for: only a device of many has several.
    #[inline]
    pub(super) fn table_vni(&self, vni: u32) -> u32 {
        match self.config.is_external() {
            true => vni,
            false => self.config.vni.value(),
        }
    }

    /// The far end that a request means (`vxlan_fdb_parse`).
    fn remote_of(&self, request: &EntryRequest) -> Remote {
        let any = match self.config.is_v6() {
            true => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            false => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        Remote {
            ip: request.dst.unwrap_or(any),
            port: request.port.unwrap_or(self.config.port),
            vni: request.vni.unwrap_or(self.config.vni.value()),
            ifindex: request.via.unwrap_or(0),
        }
    }

    /// Writes an entry (`vxlan_fdb_add`).
    ///
    /// # Errors
    /// As the kernel's.
    pub fn fdb_add(&mut self, now: SimTime, request: &EntryRequest) -> Result<(), Refusal> {
        let dst = request.dst.ok_or(Errno::Einval)?;
        if request.state == FdbState::Stale {
            return Err(Errno::Einval.into());
        }
        if dst.is_ipv6() != self.config.is_v6() {
            return Err(Errno::Eafnosupport.into());
        }
        let remote = self.remote_of(request);
        let vni = self.table_vni(request.src_vni.unwrap_or(self.config.vni.value()));
        match self.fdb.get_mut(request.mac, vni) {
            Some(_) if request.new.exclusive => Err(Errno::Eexist.into()),
            Some(entry) => update(now, entry, request, remote),
            None if !request.new.create => Err(Errno::Enoent.into()),
            None => self.create(now, (request.mac, vni), request, remote),
        }
    }

    fn create(
        &mut self,
        now: SimTime,
        (mac, vni): (MacAddr, u32),
        request: &EntryRequest,
        remote: Remote,
    ) -> Result<(), Refusal> {
        let shared = mac.is_multicast() || mac == MacAddr::ZERO;
        if request.new.replace && shared {
            return Err(Errno::Eopnotsupp.into());
        }
        if !self.fdb.has_room(self.config.addresses_max) {
            return Err(Errno::Enospc.into());
        }
        self.fdb
            .insert(now, (mac, vni), request.state, request.flags, remote);
        Ok(())
    }

    /// Deletes an entry or one of its far ends (`vxlan_fdb_delete`): with a far end that it has not, nothing.
    ///
    /// # Errors
    /// `ENOENT` where the station has no entry.
    pub fn fdb_delete(&mut self, request: &EntryRequest) -> Result<(), Refusal> {
        let remote = self.remote_of(request);
        let vni = self.table_vni(request.src_vni.unwrap_or(self.config.vni.value()));
        self.remove_remote(request.mac, vni, remote)
    }

    pub(super) fn remove_remote(
        &mut self,
        mac: MacAddr,
        vni: u32,
        remote: Remote,
    ) -> Result<(), Refusal> {
        let entry = self.fdb.get_mut(mac, vni).ok_or(Errno::Enoent)?;
        if !remote.ip.is_unspecified() {
            let Some(at) = entry.remotes.iter().position(|known| *known == remote) else {
                return Ok(());
            };
            if entry.remotes.len() > 1 {
                entry.remotes.remove(at);
                return Ok(());
            }
        }
        self.fdb.remove(mac, vni);
        Ok(())
    }

    /// Where frames go that have no entry, at the making of the device and after a change of its remote
    /// (`__vxlan_dev_create`, `vxlan_changelink`).
    pub(super) fn move_default(&mut self, now: SimTime, old: Option<Remote>) {
        let vni = self.config.vni.value();
        let remote = self.default_remote();
        if old.is_some_and(|old| old.ip == remote.ip) {
            return;
        }
        if !remote.ip.is_unspecified() {
            self.add_default(now, vni, remote.ip);
        }
        if let Some(old) = old.filter(|old| !old.ip.is_unspecified()) {
            let gone = self.remove_remote(MacAddr::ZERO, vni, old);
            debug_assert!(gone.is_ok() || self.fdb.get(MacAddr::ZERO, vni).is_none());
        }
    }

    pub(super) fn default_remote(&self) -> Remote {
        Remote {
            ip: self.config.remote,
            port: self.config.port,
            vni: self.config.vni.value(),
            ifindex: self.config.ifindex,
        }
    }

    /// Deletes the entries that have such states and flags (`vxlan_fdb_delete_bulk`).
    ///
    /// # Errors
    /// `EINVAL` for flags that such a table does not know, and for a VLAN.
    pub fn fdb_flush(
        &mut self,
        mask: FdbFlags,
        flags: FdbFlags,
        vlan: bool,
    ) -> Result<(), Refusal> {
        if vlan {
            return Err(Errno::Einval.into());
        }
        let known = FdbFlags::LOCAL
            .union(FdbFlags::STATIC)
            .union(FdbFlags::ADDED_BY_EXT_LEARN)
            .union(FdbFlags::OFFLOADED);
        if mask.union(known) != known {
            return Err(Refusal {
                errno: Errno::Einval,
                extack: Some("Unsupported fdb flush ndm flag bits"),
            });
        }
        self.fdb.retain(|entry| {
            let fits = |flag, is| !mask.has(flag) || flags.has(flag) == is;
            let goes = fits(FdbFlags::LOCAL, entry.state == FdbState::Permanent)
                && fits(FdbFlags::STATIC, entry.state == FdbState::Static)
                && fits(FdbFlags::ADDED_BY_EXT_LEARN, entry.flags.extern_learn)
                && fits(FdbFlags::OFFLOADED, false);
            !goes
        });
        Ok(())
    }
}

/// Changes an entry that is there (`vxlan_fdb_update_existing`).
fn update(
    now: SimTime,
    entry: &mut Entry,
    request: &EntryRequest,
    remote: Remote,
) -> Result<(), Refusal> {
    // What a user put there stays the user's.
    if !request.flags.extern_learn || !entry.flags.by_user {
        (entry.state, entry.flags) = (request.state, request.flags);
    }
    let known = entry.remotes.contains(&remote);
    if request.new.replace {
        if entry.is_shared() {
            return Err(Refusal {
                errno: Errno::Eopnotsupp,
                extack: Some("Cannot replace non-unicast fdb entries"),
            });
        }
        match entry.remotes.first_mut() {
            Some(first) if !known => *first = remote,
            Some(_) | None => {}
        }
    }
    if request.new.append && entry.is_shared() && !known {
        entry.remotes.push(remote);
    }
    if request.use_now {
        (entry.used, entry.updated) = (now, now);
    }
    Ok(())
}
