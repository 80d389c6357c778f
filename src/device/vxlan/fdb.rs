//! The forwarding database of a VXLAN device: stations and the VTEPs behind which they are (vxlan_core.c).
//! Requests to change it are judged in `fdb_request`; it sends nothing.

use std::net::IpAddr;
use std::time::Duration;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::device::bridge::FdbState;
use crate::units::{IfIndex, MacAddr, SimTime};

/// Entries that a table holds at most, whatever the device allows: a flood of made-up stations ends there.
const ENTRIES_MAX: usize = 1 << 20;
/// How often the table is swept at least while the device is up (`FDB_AGE_INTERVAL`).
pub const SWEEP_INTERVAL: Duration = Duration::from_secs(10);

/// One far end (`struct vxlan_rdst`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Remote {
    /// The VTEP or group; unspecified for a station behind this host.
    pub ip: IpAddr,
    /// Its UDP port.
    pub port: u16,
    /// The network there.
    pub vni: u32,
    /// The device through which it is reached, 0 for whatever the route says.
    pub ifindex: IfIndex,
}

/// Flags of an entry (`NTF_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EntryFlags {
    /// The station is a router.
    pub router: bool,
    /// A control plane learned it.
    pub extern_learn: bool,
    /// It stays where it is.
    pub sticky: bool,
    /// A request put it there.
    pub by_user: bool,
}

/// One station (`struct vxlan_fdb`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The station; zero for all that have no entry.
    pub mac: MacAddr,
    /// The network here.
    pub vni: u32,
    /// How long it lives.
    pub state: FdbState,
    /// Its flags.
    pub flags: EntryFlags,
    /// Where it is; for groups and unknown stations every one gets a copy.
    pub remotes: Vec<Remote>,
    /// When a frame to it was sent.
    pub used: SimTime,
    /// When a frame from it came in.
    pub updated: SimTime,
    /// Counts up with every entry.
    order: u64,
}

impl Entry {
    /// Whether it neither ages nor moves.
    pub fn is_static(&self) -> bool {
        matches!(self.state, FdbState::Permanent | FdbState::Static)
    }

    /// Whether it may have several far ends.
    pub fn is_shared(&self) -> bool {
        self.mac.is_multicast() || self.mac == MacAddr::ZERO
    }

    /// Whether it is of a station behind this host.
    pub fn is_here(&self) -> bool {
        self.remotes
            .first()
            .is_some_and(|remote| remote.ip.is_unspecified())
    }
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Fdb {
    entries: HashMap<(u64, u32), Entry, FixedState>,
    orders: u64,
}

fn key(mac: MacAddr, vni: u32) -> (u64, u32) {
    (mac.as_u64(), vni)
}

impl Fdb {
    /// The entry of a station.
    pub fn get(&self, mac: MacAddr, vni: u32) -> Option<&Entry> {
        self.entries.get(&key(mac, vni))
    }

    /// The entry of a station, to change it.
    #[inline]
    pub fn get_mut(&mut self, mac: MacAddr, vni: u32) -> Option<&mut Entry> {
        self.entries.get_mut(&key(mac, vni))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether one more finds room; `limit` is the device's, 0 for none.
    pub fn has_room(&self, limit: u32) -> bool {
        let device = limit == 0 || self.len() < limit as usize;
        device && self.len() < ENTRIES_MAX
    }

    /// Puts in a new entry with one far end.
    pub fn insert(
        &mut self,
        now: SimTime,
        (mac, vni): (MacAddr, u32),
        state: FdbState,
        flags: EntryFlags,
        remote: Remote,
    ) {
        self.orders += 1;
        let entry = Entry {
            mac,
            vni,
            state,
            flags,
            remotes: vec![remote],
            used: now,
            updated: now,
            order: self.orders,
        };
        self.entries.insert(key(mac, vni), entry);
    }

    /// Takes an entry out.
    pub fn remove(&mut self, mac: MacAddr, vni: u32) -> Option<Entry> {
        self.entries.remove(&key(mac, vni))
    }

    /// Keeps the entries that `keep` wants.
    pub fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        self.entries.retain(|_, entry| keep(entry));
    }

    /// The entries, the newest first, as the kernel lists them.
    pub fn list(&self) -> Vec<&Entry> {
        let mut all: Vec<&Entry> = self.entries.values().collect();
        all.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.order));
        all
    }

    /// Takes out what has not been heard of for `ageing_s` seconds; gives when to look again (`vxlan_cleanup`).
    pub fn sweep(&mut self, now: SimTime, ageing_s: u32) -> SimTime {
        let ageing = Duration::from_secs(ageing_s.into());
        let mut next = now + SWEEP_INTERVAL;
        self.entries.retain(|_, entry| {
            if entry.is_static() || entry.flags.extern_learn {
                return true;
            }
            let ends = entry.updated + ageing;
            if ends > now {
                next = next.min(ends);
            }
            ends > now
        });
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(last: u8) -> Remote {
        Remote {
            ip: [192, 168, 0, last].into(),
            port: 4789,
            vni: 42,
            ifindex: 0,
        }
    }

    fn insert(fdb: &mut Fdb, now: SimTime, last: u8, state: FdbState) -> MacAddr {
        let mac = MacAddr([2, 0, 0, 0, 0, last]);
        fdb.insert(now, (mac, 42), state, EntryFlags::default(), remote(last));
        mac
    }

    #[test]
    fn the_newest_entry_is_listed_first() {
        let mut fdb = Fdb::default();
        for last in [3, 1, 2] {
            insert(&mut fdb, SimTime::ZERO, last, FdbState::Permanent);
        }
        let lasts: Vec<u8> = fdb.list().iter().map(|entry| entry.mac.0[5]).collect();
        assert_eq!(lasts, [2, 1, 3]);
    }

    #[test]
    fn a_station_of_another_network_is_another_entry() {
        let mut fdb = Fdb::default();
        let mac = insert(&mut fdb, SimTime::ZERO, 1, FdbState::Permanent);
        assert!(fdb.get(mac, 42).is_some());
        assert!(fdb.get(mac, 43).is_none());
    }

    #[test]
    fn a_sweep_takes_what_is_old_and_learned_and_says_when_to_look_again() {
        let mut fdb = Fdb::default();
        let at = |secs| SimTime::ZERO + Duration::from_secs(secs);
        let fixed = insert(&mut fdb, at(0), 1, FdbState::Permanent);
        let old = insert(&mut fdb, at(0), 2, FdbState::Reachable);
        let young = insert(&mut fdb, at(3), 3, FdbState::Reachable);
        assert_eq!(fdb.sweep(at(5), 5), at(8));
        assert!(fdb.get(old, 42).is_none());
        assert!(fdb.get(fixed, 42).is_some() && fdb.get(young, 42).is_some());
        assert_eq!(fdb.sweep(at(8), 5), at(18));
        assert!(fdb.get(young, 42).is_none());
    }

    #[test]
    fn a_limit_counts_every_entry() {
        let mut fdb = Fdb::default();
        insert(&mut fdb, SimTime::ZERO, 1, FdbState::Permanent);
        assert!(fdb.has_room(2) && fdb.has_room(0));
        insert(&mut fdb, SimTime::ZERO, 2, FdbState::Reachable);
        assert!(!fdb.has_room(2));
    }
}
