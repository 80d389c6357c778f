//! The names of a namespace's devices, alternative ones included, and how often each name was born.
//! What may be a name is for `IfName` and for the requests.

use std::collections::BTreeMap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::units::{Blank, IfIndex, IfName, Rare, make_room};

/// So many names are a list that is looked through.
const FEW: usize = 8;

/// Device names in use, each with the number of its device.
#[derive(Clone, Debug, Default)]
pub struct DeviceNames {
    known: Known,
    /// Alternative names that are too long for a device, or are none for other reasons.
    others: Rare<BTreeMap<String, IfIndex>>,
}

impl Blank for BTreeMap<String, IfIndex> {
    const BLANK: Self = Self::new();
    const SHARED: &'static Self = &Self::new();
}

/// What is known of a name.
#[derive(Clone, Copy, Debug, Default)]
struct Named {
    /// The device that has it; 0 for none now.
    ifindex: IfIndex,
    /// How many devices were made with it.
    births: u32,
}

/// Nothing that can be seen follows the order of either.
#[derive(Clone, Debug)]
enum Known {
    Few(Vec<(IfName, Named)>),
    Many(Box<HashMap<IfName, Named, FixedState>>),
}

impl Default for Known {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Known {
    fn find(&self, name: &IfName) -> Option<&Named> {
        match self {
            Self::Few(list) => {
                let mut list = list.iter();
                list.find(|(known, _)| known == name)
                    .map(|(_, named)| named)
            }
            Self::Many(map) => map.get(name),
        }
    }

    /// What is known of a name, to be changed; of a new one that there is nothing yet.
    fn entry(&mut self, name: IfName) -> &mut Named {
        if let Self::Few(list) = self
            && list.len() == FEW
            && !list.iter().any(|(known, _)| *known == name)
        {
            *self = Self::Many(Box::new(list.drain(..).collect()));
        }
        match self {
            Self::Few(list) => {
                let at = list.iter().position(|(known, _)| *known == name);
                let at = at.unwrap_or_else(|| {
                    make_room(list, 2);
                    list.push((name, Named::default()));
                    list.len() - 1
                });
                &mut list[at].1
            }
            Self::Many(map) => map.entry(name).or_default(),
        }
    }

    /// Takes a name from its device; of one that was never born nothing is left.
    fn release(&mut self, name: &IfName) {
        let named = match self {
            Self::Few(list) => {
                let mut list = list.iter_mut();
                list.find(|(known, _)| known == name)
                    .map(|(_, named)| named)
            }
            Self::Many(map) => map.get_mut(name),
        };
        match named {
            Some(named) if named.births > 0 => named.ifindex = 0,
            Some(_) => self.erase(name),
            None => {}
        }
    }

    fn erase(&mut self, name: &IfName) {
        match self {
            Self::Few(list) => list.retain(|(known, _)| known != name),
            Self::Many(map) => {
                map.remove(name);
            }
        }
    }
}

impl DeviceNames {
    /// The device that has a name.
    pub fn find(&self, name: &IfName) -> Option<IfIndex> {
        let named = self.known.find(name)?;
        (named.ifindex != 0).then_some(named.ifindex)
    }

    /// The device that has a name, which may be an alternative one.
    pub fn find_text(&self, name: &str) -> Option<IfIndex> {
        match name.parse() {
            Ok(name) => self.find(&name),
            Err(_) => self.others.get(name).copied(),
        }
    }

    /// Whether a name is in use.
    pub fn has(&self, name: &IfName) -> bool {
        self.find(name).is_some()
    }

    /// Whether a name is in use, which may be an alternative one.
    pub fn has_text(&self, name: &str) -> bool {
        self.find_text(name).is_some()
    }

    /// Gives a device a name.
    pub fn insert(&mut self, name: IfName, ifindex: IfIndex) {
        self.known.entry(name).ifindex = ifindex;
    }

    /// Gives a device a name, which may be an alternative one.
    pub fn insert_text(&mut self, name: &str, ifindex: IfIndex) {
        match name.parse() {
            Ok(name) => self.insert(name, ifindex),
            Err(_) => {
                self.others.insert(name.to_owned(), ifindex);
            }
        }
    }

    /// Takes a name from its device.
    pub fn remove(&mut self, name: &IfName) {
        self.known.release(name);
    }

    /// Takes a name from its device, which may be an alternative one.
    pub fn remove_text(&mut self, name: &str) {
        match name.parse() {
            Ok(name) => self.remove(&name),
            Err(_) => {
                self.others.remove(name);
            }
        }
    }

    /// How many devices were made with a name: what their random streams are told apart by.
    pub fn births(&self, name: &IfName) -> u32 {
        self.known.find(name).map_or(0, |named| named.births)
    }

    /// A device is made with a name; gives how many there have been, this one among them.
    pub fn born(&mut self, name: IfName) -> u32 {
        let named = self.known.entry(name);
        named.births += 1;
        named.births
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: u32) -> IfName {
        format!("veth{number}").parse().unwrap()
    }

    #[test]
    fn a_name_is_found_as_long_as_a_device_has_it_and_its_births_are_counted_on() {
        let mut names = DeviceNames::default();
        for number in 1..=20 {
            assert_eq!(names.born(name(number)), 1);
            assert!(!names.has(&name(number)), "its device is still to come");
            names.insert(name(number), number);
            assert_eq!(names.find(&name(1)), Some(1), "of {number} names");
        }
        names.remove(&name(7));
        assert!(!names.has(&name(7)) && names.has(&name(8)));
        assert_eq!(names.births(&name(7)), 1);
        assert_eq!(names.born(name(7)), 2);
    }

    #[test]
    fn alternative_names_may_be_longer() {
        let mut names = DeviceNames::default();
        let long = "a-name-of-more-than-fifteen-bytes";
        names.insert(name(1), 4);
        names.insert_text(long, 4);
        names.insert_text("short", 4);
        assert_eq!(
            (names.find_text(long), names.find_text("short")),
            (Some(4), Some(4))
        );
        names.remove_text("short");
        assert!(!names.has_text("short"));
        names.remove_text(long);
        assert!(!names.has_text(long) && names.has(&name(1)));
    }
}
