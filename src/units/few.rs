//! A map that nearly always has a handful of entries: a list in order then, a tree otherwise.
//! Who needs no order and has many entries is better off with a hash map.

use std::collections::BTreeMap;

/// So many entries are a list: as many as are looked through in the time of a step down a tree.
const FEW: usize = 8;

/// A map in the order of its keys.
///
/// ```
/// use vethlab::units::FewMap;
///
/// let mut ports: FewMap<u32, &str> = FewMap::default();
/// ports.insert(2, "eth0");
/// ports.insert(1, "lo");
/// assert_eq!(ports.get(&2), Some(&"eth0"));
/// assert_eq!(ports.keys().collect::<Vec<_>>(), [&1, &2]);
/// ```
#[derive(Clone, Debug)]
pub enum FewMap<K, V> {
    /// At most eight, sorted, in a list with no more room than it needs.
    Few(Vec<(K, V)>),
    /// More, once there were.
    Many(Box<BTreeMap<K, V>>),
}

impl<K, V> Default for FewMap<K, V> {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl<K: Ord, V> FewMap<K, V> {
    /// Where a key stands in a sorted list, or would.
    #[inline]
    fn place(list: &[(K, V)], key: &K) -> Result<usize, usize> {
        match list.iter().position(|(known, _)| known >= key) {
            Some(at) if list[at].0 == *key => Ok(at),
            Some(at) => Err(at),
            None => Err(list.len()),
        }
    }

    /// The value of a key.
    #[inline]
    pub fn get(&self, key: &K) -> Option<&V> {
        match self {
            Self::Few(list) => list
                .iter()
                .find(|(known, _)| known == key)
                .map(|(_, value)| value),
            Self::Many(tree) => tree.get(key),
        }
    }

    /// The value of a key, to change it.
    #[inline]
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        match self {
            Self::Few(list) => list
                .iter_mut()
                .find(|(known, _)| known == key)
                .map(|(_, value)| value),
            Self::Many(tree) => tree.get_mut(key),
        }
    }

    /// Whether there is a value.
    #[inline]
    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// Gives a key a value, and gives back the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let list = match self {
            Self::Few(list) => list,
            Self::Many(tree) => return tree.insert(key, value),
        };
        match Self::place(list, &key) {
            Ok(at) => Some(std::mem::replace(&mut list[at].1, value)),
            Err(at) if list.len() < FEW => {
                make_room(list, 1);
                list.insert(at, (key, value));
                None
            }
            Err(_) => {
                let mut tree: BTreeMap<K, V> = std::mem::take(list).into_iter().collect();
                tree.insert(key, value);
                *self = Self::Many(Box::new(tree));
                None
            }
        }
    }

    /// Takes a key out, and gives its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        match self {
            Self::Few(list) => {
                let at = Self::place(list, key).ok()?;
                Some(list.remove(at).1)
            }
            Self::Many(tree) => tree.remove(key),
        }
    }

    /// The entries, in order.
    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + Clone {
        let (list, tree) = match self {
            Self::Few(list) => (list.as_slice(), None),
            Self::Many(tree) => (&[][..], Some(tree)),
        };
        let few = list.iter().map(|(key, value)| (key, value));
        few.chain(tree.into_iter().flat_map(|tree| tree.iter()))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// The values, in the order of their keys.
    #[inline]
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// The values, to change them, in the order of their keys.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        let (list, tree) = match self {
            Self::Few(list) => (list.as_mut_slice(), None),
            Self::Many(tree) => (&mut [][..], Some(tree.as_mut())),
        };
        let few = list.iter_mut().map(|(_, value)| value);
        few.chain(tree.into_iter().flat_map(BTreeMap::values_mut))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Few(list) => list.len(),
            Self::Many(tree) => tree.len(),
        }
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K: Ord, V> std::ops::Index<&K> for FewMap<K, V> {
    type Output = V;

    fn index(&self, key: &K) -> &V {
        self.get(key)
            .expect("whoever indexes knows that it is there")
    }
}

/// Room for one more in a list that nearly always stays short: `first` places at first, then one after the other.
/// A `Vec` by itself begins with four.
#[inline]
pub fn make_room<T>(list: &mut Vec<T>, first: usize) {
    if list.len() == list.capacity() && list.len() < FEW {
        list.reserve_exact(if list.is_empty() { first } else { 1 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A tree is the oracle, on both sides of the change from a list to one.
        #[test]
        fn a_map_is_what_a_tree_is(steps in prop::collection::vec((any::<bool>(), 0u8..20), 0..60)) {
            let (mut map, mut tree) = (FewMap::default(), BTreeMap::new());
            for (at, (insert, key)) in steps.into_iter().enumerate() {
                match insert {
                    true => prop_assert_eq!(map.insert(key, at), tree.insert(key, at)),
                    false => prop_assert_eq!(map.remove(&key), tree.remove(&key)),
                }
                prop_assert_eq!(map.get(&key), tree.get(&key));
                prop_assert_eq!(map.len(), tree.len());
                prop_assert!(map.iter().eq(tree.iter()) && map.iter().rev().eq(tree.iter().rev()));
                prop_assert!(map.values_mut().eq(tree.values_mut()));
            }
        }
    }

    #[test]
    fn a_short_list_has_no_room_to_spare() {
        let mut list = Vec::new();
        for number in 0..5 {
            make_room(&mut list, 2);
            list.push(number);
            assert_eq!(list.capacity(), list.len().max(2));
        }
    }
}
