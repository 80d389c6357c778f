//! A map from prefixes to values with longest-prefix match: sorted, and linked to the parents.
//! It knows no routes.

use crate::units::make_room;

/// An address as a number.
pub trait Bits: Copy + Ord {
    /// How many bits there are.
    const WIDTH: u8;
    /// The address with all but its first `len` bits cleared.
    fn masked(self, len: u8) -> Self;
}

impl Bits for u32 {
    const WIDTH: u8 = 32;
    #[inline]
    fn masked(self, len: u8) -> Self {
        self & Self::MAX
            .checked_shl(32 - u32::from(len.min(32)))
            .unwrap_or(0)
    }
}

impl Bits for u128 {
    const WIDTH: u8 = 128;
    #[inline]
    fn masked(self, len: u8) -> Self {
        self & Self::MAX
            .checked_shl(128 - u32::from(len.min(128)))
            .unwrap_or(0)
    }
}

/// No parent.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node<K> {
    addr: K,
    len: u8,
    /// The longest shorter prefix that contains this one; it stands before it.
    parent: u32,
}

/// Prefixes in the order of (address, length), each with a link to the prefix around it.
///
/// A lookup is a binary search for the last prefix that is not after the address; every
/// prefix that contains the address is that one or around it. No allocation, and with the
/// handful of routes that a container has all of it is in two cache lines. Where there are
/// many, the search is among the first addresses of blocks, and then within one block: a step
/// of a search among all of them would be a miss of the cache.
#[derive(Clone, Debug)]
pub struct PrefixMap<K, V> {
    nodes: Vec<Node<K>>,
    values: Vec<V>,
    /// Nothing where there are few.
    blocks: Option<Box<Blocks<K>>>,
}

/// The first address of each block of nodes.
#[derive(Clone, Debug)]
struct Blocks<K> {
    firsts: Vec<K>,
}

/// Nodes in a block: three lines of the cache with addresses of IPv4.
const BLOCK: usize = 16;
/// From so many nodes on there are blocks.
const MANY: usize = 64;

impl<K, V> Default for PrefixMap<K, V> {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            values: Vec::new(),
            blocks: None,
        }
    }
}

impl<K: Bits, V> PrefixMap<K, V> {
    /// The value of exactly this prefix.
    pub fn find(&self, addr: K, len: u8) -> Option<&V> {
        self.values.get(self.position(addr, len).ok()?)
    }

    /// The value of exactly this prefix, to change it.
    pub fn find_mut(&mut self, addr: K, len: u8) -> Option<&mut V> {
        let at = self.position(addr, len).ok()?;
        self.values.get_mut(at)
    }

    /// The value of this prefix, made by `make` where there is none.
    pub fn find_or_insert_with(&mut self, addr: K, len: u8, make: impl FnOnce() -> V) -> &mut V {
        let at = match self.position(addr, len) {
            Ok(at) => at,
            Err(at) => {
                self.insert_at(at, addr, len, make());
                at
            }
        };
        &mut self.values[at]
    }

    /// Takes a prefix out.
    pub fn remove(&mut self, addr: K, len: u8) -> Option<V> {
        let at = self.position(addr, len).ok()?;
        Some(self.remove_at(at))
    }

    /// Keeps the prefixes for which `keep` holds; it may change their values.
    pub fn retain(&mut self, mut keep: impl FnMut(&mut V) -> bool) {
        let before = self.values.len();
        let mut nodes = self.nodes.iter();
        let mut kept: Vec<Node<K>> = Vec::with_capacity(before);
        self.values.retain_mut(|value| {
            let stays = keep(value);
            kept.extend(nodes.next().filter(|_| stays));
            stays
        });
        if self.values.len() < before {
            self.nodes = kept;
            self.link_parents();
            self.note_blocks(0);
        }
    }

    /// Finds the parent of every prefix anew: it is the one before, or around that one.
    fn link_parents(&mut self) {
        for at in 0..self.nodes.len() {
            let Node { addr, len, .. } = self.nodes[at];
            self.nodes[at].parent = self.parent_before(at, addr, len);
        }
    }

    /// The parent of a prefix that stands at `at`, given those of all before it.
    fn parent_before(&self, at: usize, addr: K, len: u8) -> u32 {
        let mut parent = index_before(at);
        while let Some(node) = self.nodes.get(parent as usize) {
            if node.len <= len && addr.masked(node.len) == node.addr {
                break;
            }
            parent = node.parent;
        }
        parent
    }

    /// The prefixes that contain `addr`, longest first.
    #[inline]
    pub fn matches(&self, addr: K) -> Matches<'_, K, V> {
        let mut at = index_before(self.end_of(addr));
        while let Some(node) = self.nodes.get(at as usize) {
            if addr.masked(node.len) == node.addr {
                break;
            }
            at = node.parent;
        }
        Matches { map: self, at }
    }

    /// How many prefixes begin at `addr` or before it.
    #[inline]
    fn end_of(&self, addr: K) -> usize {
        let Some(blocks) = &self.blocks else {
            return self.nodes.partition_point(|node| node.addr <= addr);
        };
        let before = blocks.firsts.partition_point(|first| *first <= addr);
        let start = before.saturating_sub(1) * BLOCK;
        let rest = self.nodes.get(start..).unwrap_or_default();
        let block = rest.get(..BLOCK).unwrap_or(rest);
        start + block.partition_point(|node| node.addr <= addr)
    }

    /// Notes the blocks anew from the one of node `at` on: what is before it has not moved.
    fn note_blocks(&mut self, at: usize) {
        if self.nodes.len() < MANY {
            self.blocks = None;
            return;
        }
        let none = || Box::new(Blocks { firsts: Vec::new() });
        let firsts = &mut self.blocks.get_or_insert_with(none).firsts;
        firsts.truncate(at.div_ceil(BLOCK));
        let rest = self.nodes.get(firsts.len() * BLOCK..).unwrap_or_default();
        firsts.extend(rest.iter().step_by(BLOCK).map(|node| node.addr));
    }

    /// All prefixes in the order of (address, length).
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (K, u8, &V)> {
        self.nodes
            .iter()
            .zip(&self.values)
            .map(|(node, value)| (node.addr, node.len, value))
    }

    /// All values, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.values.iter_mut()
    }

    /// How many prefixes there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no prefix.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn position(&self, addr: K, len: u8) -> Result<usize, usize> {
        self.nodes
            .binary_search_by(|node| (node.addr, node.len).cmp(&(addr, len)))
    }

    fn insert_at(&mut self, at: usize, addr: K, len: u8, value: V) {
        let parent = self.parent_before(at, addr, len);
        let index = index_before(at + 1);
        for node in self.nodes.iter_mut().skip(at) {
            let inside = node.len > len && node.addr.masked(len) == addr;
            if node.parent == parent && inside {
                node.parent = index;
            } else if node.parent != NONE && node.parent >= index {
                node.parent += 1;
            }
        }
        make_room(&mut self.nodes, 1);
        make_room(&mut self.values, 1);
        self.nodes.insert(at, Node { addr, len, parent });
        self.values.insert(at, value);
        self.note_blocks(at);
    }

    fn remove_at(&mut self, at: usize) -> V {
        let gone = self.nodes.remove(at);
        let index = index_before(at + 1);
        for node in self.nodes.iter_mut().skip(at) {
            if node.parent == index {
                node.parent = gone.parent;
            } else if node.parent != NONE && node.parent > index {
                node.parent -= 1;
            }
        }
        self.note_blocks(at);
        self.values.remove(at)
    }
}

/// The index before `at` as a link; none before the first.
fn index_before(at: usize) -> u32 {
    at.checked_sub(1)
        .map_or(NONE, |at| u32::try_from(at).unwrap_or(NONE))
}

/// See [`PrefixMap::matches`].
#[derive(Clone, Debug)]
pub struct Matches<'a, K, V> {
    map: &'a PrefixMap<K, V>,
    at: u32,
}

impl<K, V> Matches<'_, K, V> {
    /// The length of the next prefix.
    #[inline]
    pub fn peek_len(&self) -> Option<u8> {
        self.map.nodes.get(self.at as usize).map(|node| node.len)
    }
}

impl<'a, K: Bits, V> Iterator for Matches<'a, K, V> {
    type Item = (u8, &'a V);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at as usize;
        let node = self.map.nodes.get(at)?;
        self.at = node.parent;
        Some((node.len, self.map.values.get(at)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn masks_hold_at_both_ends() {
        assert_eq!(0xffff_ffff_u32.masked(0), 0);
        assert_eq!(0xffff_ffff_u32.masked(32), u32::MAX);
        assert_eq!(u128::MAX.masked(1), 1 << 127);
        assert_eq!(u128::MAX.masked(200), u128::MAX);
    }

    #[test]
    fn blocks_find_what_a_search_among_all_finds() {
        let mut map = PrefixMap::default();
        let check = |map: &PrefixMap<u32, ()>, probe: u32| {
            for addr in [0, probe.wrapping_sub(1), probe, probe + 1, u32::MAX] {
                let all = map.nodes.partition_point(|node| node.addr <= addr);
                assert_eq!(map.end_of(addr), all, "{addr} of {}", map.len());
            }
        };
        // 61 and 500 have no divisor in common: every number comes once, in no order.
        let addresses = (0..500_u32).map(|number| (number * 61 % 500 + 1) << 16);
        for addr in addresses.clone() {
            for len in [16, 17 + u8::from(addr & 1 << 16 == 0)] {
                map.find_or_insert_with(addr, len, || ());
            }
            check(&map, addr);
        }
        assert!(map.blocks.is_some());
        for addr in addresses {
            map.remove(addr, 16);
            check(&map, addr);
        }
        map.retain(|()| false);
        check(&map, 1 << 16);
        assert!(map.blocks.is_none());
    }

    /// The stupid reference: all prefixes that contain `addr`, longest first.
    fn naive(list: &[(u32, u8)], addr: u32) -> Vec<u8> {
        let mut found: Vec<u8> = list
            .iter()
            .filter(|(net, len)| addr.masked(*len) == *net)
            .map(|(_, len)| *len)
            .collect();
        found.sort_unstable();
        found.reverse();
        found
    }

    proptest! {
        #[test]
        fn matches_are_those_of_a_linear_scan(
            ops in proptest::collection::vec((any::<bool>(), 0u32..64, 0u8..=6), 1..60),
            probes in proptest::collection::vec(0u32..64, 8),
        ) {
            let mut map = PrefixMap::default();
            let mut list: Vec<(u32, u8)> = Vec::new();
            for (add, addr, len) in ops {
                // Six bits at the top of the word make prefixes that nest often.
                let key = ((addr << 26).masked(len), len);
                if add {
                    map.find_or_insert_with(key.0, key.1, || key);
                    if !list.contains(&key) {
                        list.push(key);
                    }
                } else {
                    prop_assert_eq!(map.remove(key.0, key.1).is_some(), list.contains(&key));
                    list.retain(|k| *k != key);
                }
                if addr % 16 == 15 {
                    // Now and then all odd prefixes of some length go at once.
                    map.retain(|(net, own)| *own != len || (*net >> 26) % 2 == 0);
                    list.retain(|(net, own)| *own != len || (*net >> 26) % 2 == 0);
                }
                for probe in &probes {
                    let addr = probe << 26;
                    let got: Vec<u8> = map.matches(addr).map(|(len, _)| len).collect();
                    prop_assert_eq!(got, naive(&list, addr));
                }
            }
            prop_assert_eq!(map.len(), list.len());
        }
    }
}
