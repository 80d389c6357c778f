//! The forwarding database as a table: entries by address and VLAN.
//! When to learn, age or refuse is decided in `fdb_rules`.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::units::{MacAddr, SimTime};

use super::port::PortNo;

macro_rules! fdb_flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        /// What is said about an entry, a set (`BR_FDB_*`).
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
        pub struct FdbFlags(u16);

        impl FdbFlags {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*
        }
    };
}

fdb_flags! {
    /// Frames to it are for this machine (shown as `permanent`).
    LOCAL = 0;
    /// It never ages (shown as `static` where it is not local).
    STATIC = 1;
    /// It stays at its port whatever is heard elsewhere.
    STICKY = 2;
    /// A user wrote it.
    ADDED_BY_USER = 3;
    /// A control plane wrote it; it never ages.
    ADDED_BY_EXT_LEARN = 4;
    /// Hardware has it too.
    OFFLOADED = 5;
    /// The bridge learned it from a frame.
    DYNAMIC_LEARNED = 6;
    /// A station behind a locked port that may not send yet.
    LOCKED = 7;
}

impl FdbFlags {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// Whether all of `flags` are on.
    #[inline]
    pub const fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Whether any of `flags` is on.
    #[inline]
    pub const fn has_any(self, flags: Self) -> bool {
        self.0 & flags.0 != 0
    }

    /// Both sets together.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both sets have.
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Switches `flags`.
    pub fn set(&mut self, flags: Self, on: bool) {
        if on {
            self.0 |= flags.0;
        } else {
            self.0 &= !flags.0;
        }
    }
}

/// Where a station is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FdbEntry {
    /// Its address.
    pub mac: MacAddr,
    /// Its VLAN, 0 for none.
    pub vid: u16,
    /// Its port; 0 is the bridge device itself.
    pub port_no: PortNo,
    /// What is said about it.
    pub flags: FdbFlags,
    /// When a frame was last sent to it.
    pub used: SimTime,
    /// When it was last heard.
    pub updated: SimTime,
    /// Which entry of this bridge it was, counted from the first.
    pub sequence: u64,
}

impl FdbEntry {
    /// Whether it is the local entry that a port, or with 0 the bridge, has for its own address.
    pub(super) fn is_own_local(&self, port_no: PortNo) -> bool {
        let looked_at = FdbFlags::LOCAL.union(FdbFlags::ADDED_BY_USER);
        self.port_no == port_no && self.flags.intersection(looked_at) == FdbFlags::LOCAL
    }
}

/// The entries of one bridge.
#[derive(Clone, Debug, Default)]
pub struct Fdb {
    entries: HashMap<u64, FdbEntry, FixedState>,
    created: u64,
    learned: u32,
    /// How many entries may be learned, 0 for any number (`fdb_max_learned`).
    pub max_learned: u32,
}

/// Address and VLAN in one number.
#[inline]
fn key(mac: MacAddr, vid: u16) -> u64 {
    mac.as_u64() | u64::from(vid) << 48
}

impl Fdb {
    /// The entry of a station.
    #[inline]
    pub fn find(&self, mac: MacAddr, vid: u16) -> Option<&FdbEntry> {
        self.entries.get(&key(mac, vid))
    }

    /// The entry of a station, to change it. Its address, and whether it counts as
    /// learned, must stay: for the latter see [`Fdb::forget_learned`].
    #[inline]
    pub(super) fn find_mut(&mut self, mac: MacAddr, vid: u16) -> Option<&mut FdbEntry> {
        self.entries.get_mut(&key(mac, vid))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many entries were learned from frames (`fdb_n_learned`).
    pub fn learned(&self) -> u32 {
        self.learned
    }

    /// Writes a new entry, or refuses where the bound on learned ones is reached (`fdb_create`).
    pub(super) fn create(
        &mut self,
        now: SimTime,
        mac: MacAddr,
        vid: u16,
        port_no: PortNo,
        mut flags: FdbFlags,
    ) -> Option<&mut FdbEntry> {
        if !flags.has_any(FdbFlags::ADDED_BY_USER.union(FdbFlags::LOCAL)) {
            if self.max_learned != 0 && self.learned >= self.max_learned {
                return None;
            }
            flags.set(FdbFlags::DYNAMIC_LEARNED, true);
            self.learned += 1;
        }
        // Every second number stays free, for what a VLAN has beside it.
        self.created += 2;
        let entry = FdbEntry {
            mac,
            vid,
            port_no,
            flags,
            used: now,
            updated: now,
            sequence: self.created,
        };
        let slot = self.entries.entry(key(mac, vid)).insert(entry);
        Some(slot.into_mut())
    }

    /// Dates the entry of a VLAN right behind that of the same station without one.
    pub(super) fn place_beside(&mut self, mac: MacAddr, vid: u16) {
        let Some(beside) = self.find(mac, 0).map(|entry| entry.sequence) else {
            return;
        };
        if let Some(entry) = self.find_mut(mac, vid) {
            entry.sequence = beside + 1;
        }
    }

    /// Takes an entry out (`fdb_delete`).
    pub(super) fn remove(&mut self, mac: MacAddr, vid: u16) -> Option<FdbEntry> {
        let entry = self.entries.remove(&key(mac, vid))?;
        if entry.flags.has(FdbFlags::DYNAMIC_LEARNED) {
            self.learned -= 1;
        }
        Some(entry)
    }

    /// Marks an entry as a user's, so that it no longer counts as learned.
    pub(super) fn forget_learned(&mut self, mac: MacAddr, vid: u16) {
        let Some(entry) = self.entries.get_mut(&key(mac, vid)) else {
            return;
        };
        if entry.flags.has(FdbFlags::DYNAMIC_LEARNED) {
            entry.flags.set(FdbFlags::DYNAMIC_LEARNED, false);
            self.learned -= 1;
        }
    }

    /// Takes out all entries for which `goes` says so.
    pub(super) fn remove_where(&mut self, mut goes: impl FnMut(&FdbEntry) -> bool) {
        let learned = &mut self.learned;
        self.entries.retain(|_, entry| {
            let stays = !goes(entry);
            if !stays && entry.flags.has(FdbFlags::DYNAMIC_LEARNED) {
                *learned -= 1;
            }
            stays
        });
    }

    /// All entries, in no order that may be seen.
    pub(super) fn unordered(&self) -> impl Iterator<Item = &FdbEntry> {
        self.entries.values()
    }

    /// All entries, the newest first, as the kernel's list has them.
    pub fn newest_first(&self) -> Vec<FdbEntry> {
        let mut entries: Vec<FdbEntry> = self.entries.values().copied().collect();
        entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.sequence));
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
    const B: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);

    #[test]
    fn a_station_is_one_entry_per_vlan() {
        let mut fdb = Fdb::default();
        fdb.create(SimTime::ZERO, A, 0, 1, FdbFlags::NONE);
        fdb.create(SimTime::ZERO, A, 7, 2, FdbFlags::NONE);
        assert_eq!(fdb.find(A, 0).map(|e| e.port_no), Some(1));
        assert_eq!(fdb.find(A, 7).map(|e| e.port_no), Some(2));
        assert_eq!(fdb.find(A, 8), None);
    }

    #[test]
    fn the_bound_counts_learned_entries_only() {
        let mut fdb = Fdb {
            max_learned: 1,
            ..Fdb::default()
        };
        assert!(fdb.create(SimTime::ZERO, A, 0, 1, FdbFlags::NONE).is_some());
        assert!(fdb.create(SimTime::ZERO, B, 0, 1, FdbFlags::NONE).is_none());
        assert!(
            fdb.create(SimTime::ZERO, B, 0, 1, FdbFlags::ADDED_BY_USER)
                .is_some()
        );
        fdb.remove(A, 0);
        assert_eq!(fdb.learned(), 0);
    }

    #[test]
    fn the_dump_has_the_newest_first() {
        let mut fdb = Fdb::default();
        for mac in [B, A] {
            fdb.create(SimTime::ZERO, mac, 0, 1, FdbFlags::NONE);
        }
        let macs: Vec<MacAddr> = fdb.newest_first().iter().map(|e| e.mac).collect();
        assert_eq!(macs, [A, B]);
    }
}
