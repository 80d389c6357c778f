//! A map that nearly always has a handful of entries: a sorted list with no more room than it needs.
//! Who needs no order and has many entries is better off with a hash map.

/// So many entries are looked through one by one; among more it is halved.
const FEW: usize = 8;

/// A map in the order of its keys. New keys are nearly always the largest, as the numbers of devices are: to put one
/// in before others moves those.
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
pub struct FewMap<K, V> {
    /// In order. A key without a value was taken out of a long list, which closes its gaps when half of it are gaps.
    list: Vec<(K, Option<V>)>,
    gaps: usize,
}

impl<K, V> Default for FewMap<K, V> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            gaps: 0,
        }
    }
}

impl<K: Ord, V> FewMap<K, V> {
    /// Where a key stands, or would.
    #[inline]
    fn place(&self, key: &K) -> Result<usize, usize> {
        if self.list.len() > FEW {
            return self.list.binary_search_by(|(known, _)| known.cmp(key));
        }
        match self.list.iter().position(|(known, _)| known >= key) {
            Some(at) if self.list[at].0 == *key => Ok(at),
            Some(at) => Err(at),
            None => Err(self.list.len()),
        }
    }

    /// The value of a key.
    #[inline]
    pub fn get(&self, key: &K) -> Option<&V> {
        let at = self.find(key)?;
        self.list[at].1.as_ref()
    }

    /// The value of a key, to change it.
    #[inline]
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.find(key)?;
        self.list[at].1.as_mut()
    }

    /// Where a key stands: where there are few, in fewer steps than with its order.
    #[inline]
    fn find(&self, key: &K) -> Option<usize> {
        if self.list.len() > FEW {
            return self.place(key).ok();
        }
        self.list.iter().position(|(known, _)| known == key)
    }

    /// Whether there is a value.
    #[inline]
    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// Gives a key a value, and gives back the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(at) => {
                let old = self.list[at].1.replace(value);
                self.gaps -= usize::from(old.is_none());
                old
            }
            Err(at) => {
                make_room(&mut self.list, 2);
                self.list.insert(at, (key, Some(value)));
                None
            }
        }
    }

    /// Takes a key out, and gives its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.place(key).ok()?;
        if self.list.len() <= FEW {
            return self.list.remove(at).1;
        }
        let value = self.list[at].1.take()?;
        self.gaps += 1;
        if self.gaps * 2 > self.list.len() {
            self.list.retain(|(_, value)| value.is_some());
            self.gaps = 0;
        }
        Some(value)
    }

    /// The entries, in order.
    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + Clone {
        self.list
            .iter()
            .filter_map(|(key, value)| Some((key, value.as_ref()?)))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// The values, in the order of their keys.
    #[inline]
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone {
        self.list.iter().filter_map(|(_, value)| value.as_ref())
    }

    /// The values, to change them, in the order of their keys.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.list.iter_mut().filter_map(|(_, value)| value.as_mut())
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.list.len() - self.gaps
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
    use std::collections::BTreeMap;

    proptest! {
        /// A tree is the oracle, for short lists and for long ones with gaps.
        #[test]
        fn a_map_is_what_a_tree_is(steps in prop::collection::vec((any::<bool>(), 0u8..20), 0..90)) {
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
