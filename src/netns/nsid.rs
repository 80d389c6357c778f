//! The ids by which a namespace knows others (`struct net`'s `netns_ids`).
//! When one is given is for the kernel floor.

use std::collections::BTreeMap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::units::NetnsId;

/// Ids of namespaces, each found by the other.
#[derive(Clone, Debug, Default)]
pub struct Nsids {
    by_id: BTreeMap<i32, NetnsId>,
    by_netns: HashMap<NetnsId, i32, FixedState>,
    /// No lower id is free.
    lowest_free: i32,
}

impl Nsids {
    /// The id of a namespace (`peernet2id`).
    pub fn id_of(&self, netns: NetnsId) -> Option<i32> {
        self.by_netns.get(&netns).copied()
    }

    /// Whether an id is taken.
    pub fn has(&self, nsid: i32) -> bool {
        self.by_id.contains_key(&nsid)
    }

    /// Gives a namespace an id: that one, which must be free, or the lowest free one.
    pub fn insert(&mut self, nsid: Option<i32>, netns: NetnsId) -> i32 {
        let nsid = nsid.unwrap_or_else(|| self.next_free());
        self.by_id.insert(nsid, netns);
        self.by_netns.insert(netns, nsid);
        nsid
    }

    fn next_free(&mut self) -> i32 {
        while self.by_id.contains_key(&self.lowest_free) {
            self.lowest_free += 1;
        }
        self.lowest_free
    }

    /// Takes the id of a namespace away.
    pub fn remove(&mut self, netns: NetnsId) {
        if let Some(nsid) = self.by_netns.remove(&netns) {
            self.by_id.remove(&nsid);
            self.lowest_free = self.lowest_free.min(nsid).max(0);
        }
    }

    /// All ids with their namespaces, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (i32, NetnsId)> {
        self.by_id.iter().map(|(&nsid, &netns)| (nsid, netns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Arena;

    #[test]
    fn the_lowest_free_id_is_given() {
        let mut arena: Arena<NetnsId, ()> = Arena::default();
        let all: Vec<NetnsId> = (0..5).map(|_| arena.insert(())).collect();
        let mut ids = Nsids::default();
        assert_eq!(ids.insert(None, all[0]), 0);
        assert_eq!(ids.insert(Some(1), all[1]), 1);
        assert_eq!(ids.insert(None, all[2]), 2);
        ids.remove(all[0]);
        assert_eq!(ids.insert(None, all[3]), 0);
        assert_eq!(ids.insert(None, all[4]), 3);
        assert_eq!(ids.id_of(all[1]), Some(1));
    }
}
