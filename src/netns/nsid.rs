//! The ids by which a namespace knows others (`struct net`'s `netns_ids`).
//! When one is given is for the kernel floor.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::units::{Blank, FewMap, NetnsId, Rare};

/// So many ids are looked through.
const FEW: usize = 8;

/// Ids of namespaces, each found by the other.
#[derive(Clone, Debug, Default)]
pub struct Nsids {
    by_id: FewMap<i32, NetnsId>,
    /// The same the other way round; nothing where there are few.
    by_netns: Rare<HashMap<NetnsId, i32, FixedState>>,
    /// No lower id is free.
    lowest_free: i32,
}

impl Blank for HashMap<NetnsId, i32, FixedState> {
    const BLANK: Self = Self::with_hasher(FixedState::with_seed(0));
    const SHARED: &'static Self = &Self::BLANK;
}

impl Nsids {
    /// The id of a namespace (`peernet2id`).
    pub fn id_of(&self, netns: NetnsId) -> Option<i32> {
        match self.by_netns.is_empty() {
            true => self
                .iter()
                .find(|&(_, id)| id == netns)
                .map(|(nsid, _)| nsid),
            false => self.by_netns.get(&netns).copied(),
        }
    }

    /// Whether an id is taken.
    pub fn has(&self, nsid: i32) -> bool {
        self.by_id.contains_key(&nsid)
    }

    /// Gives a namespace an id: that one, which must be free, or the lowest free one.
    pub fn insert(&mut self, nsid: Option<i32>, netns: NetnsId) -> i32 {
        let nsid = nsid.unwrap_or_else(|| self.next_free());
        self.by_id.insert(nsid, netns);
        if !self.by_netns.is_empty() {
            self.by_netns.insert(netns, nsid);
        } else if self.by_id.len() > FEW {
            let all: Vec<_> = self.iter().map(|(nsid, netns)| (netns, nsid)).collect();
            self.by_netns.extend(all);
        }
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
        if let Some(nsid) = self.id_of(netns) {
            if let Some(by_netns) = self.by_netns.made() {
                by_netns.remove(&netns);
            }
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
    fn an_id_is_found_by_its_namespace_however_many_there_are() {
        let mut arena: Arena<NetnsId, ()> = Arena::default();
        let all: Vec<NetnsId> = (0..20).map(|_| arena.insert(())).collect();
        let mut ids = Nsids::default();
        for (nsid, netns) in (0..).zip(&all) {
            assert_eq!(ids.insert(None, *netns), nsid);
            assert_eq!(ids.id_of(all[0]), Some(0), "of {} ids", nsid + 1);
            assert_eq!(ids.id_of(*netns), Some(nsid));
        }
        for netns in &all {
            ids.remove(*netns);
            assert_eq!(ids.id_of(*netns), None);
        }
        assert_eq!(ids.iter().count(), 0);
    }

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
