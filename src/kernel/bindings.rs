//! Names that are bound to namespaces: found by either, listed newest first as a tmpfs does.
//! Where the files lie is for [`super::host`].

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::units::NetnsId;

/// Names of namespaces; a namespace may have several.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    /// By order of binding.
    entries: BTreeMap<u64, (Arc<str>, NetnsId)>,
    by_name: HashMap<Arc<str>, u64, FixedState>,
    /// The newest name of each namespace, and how many it has.
    by_netns: HashMap<NetnsId, (u64, u32), FixedState>,
    bound: u64,
}

impl Bindings {
    /// Binds a name, which an older binding of the same name then hides no more than it is gone.
    pub fn insert(&mut self, name: &str, netns: NetnsId) {
        self.remove(name);
        self.bound += 1;
        let name: Arc<str> = name.into();
        self.entries.insert(self.bound, (Arc::clone(&name), netns));
        self.by_name.insert(name, self.bound);
        let known = self.by_netns.entry(netns).or_insert((0, 0));
        *known = (self.bound, known.1 + 1);
    }

    /// Takes a name away; gives what it was bound to.
    pub fn remove(&mut self, name: &str) -> Option<NetnsId> {
        let order = self.by_name.remove(name)?;
        let (_, netns) = self.entries.remove(&order)?;
        let (newest, count) = self.by_netns.remove(&netns)?;
        if count > 1 {
            let newest = match newest == order {
                true => self.newest_of(netns)?,
                false => newest,
            };
            self.by_netns.insert(netns, (newest, count - 1));
        }
        Some(netns)
    }

    fn newest_of(&self, netns: NetnsId) -> Option<u64> {
        let mut newest_first = self.entries.iter().rev();
        newest_first
            .find(|(_, (_, id))| *id == netns)
            .map(|(&order, _)| order)
    }

    /// The namespace of a name.
    pub fn find(&self, name: &str) -> Option<NetnsId> {
        let order = self.by_name.get(name)?;
        self.entries.get(order).map(|&(_, netns)| netns)
    }

    /// The newest name of a namespace.
    pub fn name_of(&self, netns: NetnsId) -> Option<&str> {
        let (newest, _) = self.by_netns.get(&netns)?;
        self.entries.get(newest).map(|(name, _)| &**name)
    }

    /// Whether a namespace has a name.
    pub fn has(&self, netns: NetnsId) -> bool {
        self.by_netns.contains_key(&netns)
    }

    /// All names, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, NetnsId)> {
        self.entries
            .values()
            .rev()
            .map(|(name, netns)| (&**name, *netns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Arena;

    #[test]
    fn the_newest_name_of_a_namespace_is_its_name_until_it_goes() {
        let mut arena: Arena<NetnsId, ()> = Arena::default();
        let (red, blue) = (arena.insert(()), arena.insert(()));
        let mut names = Bindings::default();
        for (name, netns) in [("a", red), ("b", blue), ("c", red)] {
            names.insert(name, netns);
        }
        assert_eq!(names.name_of(red), Some("c"));
        assert_eq!(
            names.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            ["c", "b", "a"]
        );
        assert_eq!(names.remove("c"), Some(red));
        assert_eq!(names.name_of(red), Some("a"));
        assert_eq!(names.remove("a"), Some(red));
        assert!(!names.has(red) && names.has(blue));
        assert_eq!(names.remove("a"), None);
    }

    #[test]
    fn a_name_that_is_bound_again_means_the_new_namespace() {
        let mut arena: Arena<NetnsId, ()> = Arena::default();
        let (red, blue) = (arena.insert(()), arena.insert(()));
        let mut names = Bindings::default();
        names.insert("a", red);
        names.insert("a", blue);
        assert_eq!((names.find("a"), names.has(red)), (Some(blue), false));
        assert_eq!(names.iter().count(), 1);
    }
}
