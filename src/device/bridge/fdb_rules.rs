//! What becomes of the forwarding database by itself: learning, ageing, local entries (net/bridge/br_fdb.c of Linux 6.18).
//! What netlink may do to it is in `fdb_request`.

use crate::units::{Errno, MacAddr, SimTime};

use super::fdb::{FdbEntry, FdbFlags};
use super::fdb_request::FdbState;
use super::port::PortNo;
use super::ticks::Ticks;
use super::vlan::VlanGroup;
use super::{Bridge, Refusal};

impl Bridge {
    /// How long a dynamic entry lives (`hold_time`).
    #[inline]
    pub fn hold_time(&self) -> Ticks {
        if self.stp.topology_change {
            self.stp.forward_delay
        } else {
            self.stp.ageing_time
        }
    }

    /// Whether an entry has outlived its time (`has_expired`). It stays in use until
    /// [`Bridge::gc`] sweeps it up.
    pub(super) fn has_expired(&self, now: SimTime, entry: &FdbEntry) -> bool {
        !entry
            .flags
            .has_any(FdbFlags::STATIC.union(FdbFlags::ADDED_BY_EXT_LEARN))
            && entry.updated + self.hold_time().duration() <= now
    }

    /// What an entry counts as (`fdb_to_nud`).
    pub(super) fn fdb_state(&self, now: SimTime, entry: &FdbEntry) -> FdbState {
        if entry.flags.has(FdbFlags::LOCAL) {
            FdbState::Permanent
        } else if entry.flags.has(FdbFlags::STATIC) {
            FdbState::Static
        } else if self.has_expired(now, entry) {
            FdbState::Stale
        } else {
            FdbState::Reachable
        }
    }

    /// Notes that a frame of `mac` came in at a port; tells whether that made or
    /// moved an entry (`br_fdb_update`).
    #[inline]
    pub(super) fn learn(
        &mut self,
        now: SimTime,
        port_no: PortNo,
        mac: MacAddr,
        vid: u16,
        flags: FdbFlags,
    ) -> bool {
        if self.hold_time() == Ticks::ZERO {
            return false;
        }
        let Some(entry) = self.fdb.find_mut(mac, vid) else {
            return self.fdb.create(now, mac, vid, port_no, flags).is_some();
        };
        if entry.flags.has(FdbFlags::LOCAL) {
            return false;
        }
        entry.updated = now;
        let moved = entry.port_no != port_no && !entry.flags.has(FdbFlags::STICKY);
        if moved {
            entry.port_no = port_no;
            entry
                .flags
                .set(FdbFlags::ADDED_BY_EXT_LEARN.union(FdbFlags::LOCKED), false);
        }
        if flags.has(FdbFlags::ADDED_BY_USER) {
            entry.flags.set(FdbFlags::ADDED_BY_USER, true);
            self.fdb.forget_learned(mac, vid);
        }
        moved
    }

    /// Writes the local entry of a device's address (`fdb_add_local`). Port 0 is the bridge.
    pub(super) fn add_local(
        &mut self,
        now: SimTime,
        port_no: PortNo,
        mac: MacAddr,
    ) -> Result<(), Refusal> {
        self.add_local_in(now, port_no, mac, 0)
    }

    /// The same in a VLAN.
    pub(super) fn add_local_in(
        &mut self,
        now: SimTime,
        port_no: PortNo,
        mac: MacAddr,
        vid: u16,
    ) -> Result<(), Refusal> {
        if !mac.is_station() {
            return Err(Errno::Einval.into());
        }
        match self.fdb.find(mac, vid) {
            Some(entry) if entry.flags.has(FdbFlags::LOCAL) => return Ok(()),
            Some(_) => {
                self.fdb.remove(mac, vid);
            }
            None => {}
        }
        let flags = FdbFlags::LOCAL.union(FdbFlags::STATIC);
        self.fdb.create(now, mac, vid, port_no, flags);
        Ok(())
    }

    /// Takes a local entry from a port, and gives it to another device that has the
    /// same address, if there is one (`fdb_delete_local`).
    pub(super) fn delete_local(&mut self, port_no: PortNo, mac: MacAddr, vid: u16) {
        let in_vlan = |vlans: &VlanGroup| vid == 0 || vlans.find(vid).is_some();
        let own = vid == 0 || self.has_vid(0, vid);
        let heir = self
            .ports()
            .find(|port| port.port_no != port_no && port.device.mac == mac && in_vlan(&port.vlans))
            .map(|port| port.port_no)
            .or((port_no != 0 && self.mac == mac && own).then_some(0));
        match heir {
            Some(heir) => {
                if let Some(entry) = self.fdb.find_mut(mac, vid) {
                    entry.port_no = heir;
                    entry.flags.set(FdbFlags::ADDED_BY_USER, false);
                }
            }
            None => {
                self.fdb.remove(mac, vid);
            }
        }
    }

    /// A port's device changed its address (`br_fdb_changeaddr`).
    pub(super) fn fdb_change_port_mac(&mut self, now: SimTime, port_no: PortNo, mac: MacAddr) {
        let vids = self.vids(port_no);
        let entries = self.fdb.unordered();
        let mut old: Vec<FdbEntry> = entries
            .filter(|e| e.is_own_local(port_no))
            .copied()
            .collect();
        old.sort_unstable_by_key(|e| std::cmp::Reverse(e.sequence));
        // Without VLANs one is all there is.
        old.truncate(if vids.is_empty() { 1 } else { old.len() });
        for entry in old {
            self.delete_local(port_no, entry.mac, entry.vid);
        }
        // An address that cannot be one leaves the port without a local entry.
        for vid in std::iter::once(0).chain(vids) {
            let _ = self.add_local_in(now, port_no, mac, vid);
        }
    }

    /// A new bridge knows its own address without a VLAN (`br_dev_newlink` of Linux 6.18).
    pub fn install_own_address(&mut self, now: SimTime) {
        // An address that cannot be one leaves the bridge without a local entry.
        let _ = self.add_local(now, 0, self.mac);
    }

    /// The bridge itself changes its address (`br_fdb_change_mac_address`).
    pub(super) fn fdb_change_own_mac(&mut self, now: SimTime, mac: MacAddr) {
        let own = self.mac;
        for vid in std::iter::once(0).chain(self.vids(0)) {
            if self.fdb.find(own, vid).is_some_and(|e| e.is_own_local(0)) {
                self.delete_local(0, own, vid);
            }
            let _ = self.add_local_in(now, 0, mac, vid);
        }
    }

    /// A port went down (`all` false) or left (`br_fdb_delete_by_port`).
    pub(super) fn fdb_delete_by_port(&mut self, port_no: PortNo, all: bool) {
        let lasting = |e: &FdbEntry| {
            e.flags.has(FdbFlags::STATIC)
                || e.flags.has(FdbFlags::ADDED_BY_EXT_LEARN) && !e.flags.has(FdbFlags::OFFLOADED)
        };
        let mut local: Vec<FdbEntry> = Vec::new();
        self.fdb.remove_where(|e| {
            let goes = e.port_no == port_no && (all || !lasting(e));
            if goes && e.flags.has(FdbFlags::LOCAL) {
                local.push(*e);
                return false;
            }
            goes
        });
        local.sort_unstable_by_key(|e| std::cmp::Reverse(e.sequence));
        for entry in local {
            self.delete_local(port_no, entry.mac, entry.vid);
        }
    }

    /// A port, or with 0 the bridge device, left a VLAN (`br_fdb_delete_by_port`).
    pub(super) fn fdb_delete_by_port_in(&mut self, port_no: PortNo, vid: u16) {
        self.fdb.remove_where(|e| {
            let lasts = e.flags.has(FdbFlags::STATIC)
                || e.flags.has(FdbFlags::ADDED_BY_EXT_LEARN) && !e.flags.has(FdbFlags::OFFLOADED);
            e.port_no == port_no && e.vid == vid && !lasts
        });
    }

    /// When [`Bridge::gc`] is due.
    pub fn next_gc(&self) -> Option<SimTime> {
        self.stp.timers.gc
    }

    /// Sweeps aged entries up, and plans the next sweep (`br_fdb_cleanup`).
    pub fn gc(&mut self, now: SimTime) {
        let hold = self.hold_time().duration();
        #[cfg(feature = "proptest")]
        if self.mutant == Some(crate::engine::Mutant::NoAgeing) {
            self.stp.timers.gc = Some(now + hold);
            return;
        }
        let lasting = FdbFlags::STATIC.union(FdbFlags::ADDED_BY_EXT_LEARN);
        let mut next = now + hold;
        self.fdb.remove_where(|e| {
            if e.flags.has_any(lasting) {
                return false;
            }
            let ends = e.updated + hold;
            if ends > now {
                next = next.min(ends);
            }
            ends <= now
        });
        self.stp.timers.gc = Some(next.max(now + std::time::Duration::from_millis(12)));
    }
}
