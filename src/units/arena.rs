//! Slots addressed by small `Copy` keys that notice when their value is gone.
//! It does not order by anything but the slot's index.

use std::marker::PhantomData;

/// Where a value stands in an [`Arena`], and which of the slot's tenants it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    index: u32,
    generation: u32,
}

impl Key {
    /// The key as a number, to be carried where only text goes.
    pub fn to_bits(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.index)
    }

    /// The key of such a number; it may name nothing.
    pub fn from_bits(bits: u64) -> Self {
        Self {
            index: (bits & 0xffff_ffff) as u32,
            generation: (bits >> 32) as u32,
        }
    }
}

/// From so many values on a table no longer doubles.
const GROWS_SLOWLY_FROM: usize = 1024;

#[derive(Clone, Debug)]
struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

/// A table of values, each found by the key that [`Arena::insert`] gave. A key
/// of a removed value finds nothing, also when the slot has a new tenant.
#[derive(Clone, Debug)]
pub struct Arena<I, T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
    id: PhantomData<I>,
}

impl<I, T> Default for Arena<I, T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            id: PhantomData,
        }
    }
}

impl<I: From<Key> + Into<Key> + Copy, T> Arena<I, T> {
    /// Puts a value in and gives its id.
    pub fn insert(&mut self, value: T) -> I {
        if let Some(index) = self.free.pop() {
            let slot = &mut self.slots[index as usize];
            slot.value = Some(value);
            return I::from(Key {
                index,
                generation: slot.generation,
            });
        }
        let index = u32::try_from(self.slots.len()).expect("budgets keep arenas below 2^32 values");
        self.make_room();
        self.slots.push(Slot {
            generation: 0,
            value: Some(value),
        });
        I::from(Key {
            index,
            generation: 0,
        })
    }

    /// Room for one more: a large table grows by an eighth, so that it has no more empty places than that.
    fn make_room(&mut self) {
        let len = self.slots.len();
        if len == self.slots.capacity() && len >= GROWS_SLOWLY_FROM {
            self.slots.reserve_exact(len / 8);
        }
    }

    /// Takes a value out; its id finds nothing from now on.
    pub fn remove(&mut self, id: I) -> Option<T> {
        let key: Key = id.into();
        let slot = self.slots.get_mut(key.index as usize)?;
        if slot.generation != key.generation {
            return None;
        }
        let value = slot.value.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(key.index);
        Some(value)
    }

    /// The value of `id`, if it is still there.
    #[inline]
    pub fn find(&self, id: I) -> Option<&T> {
        let key: Key = id.into();
        let slot = self.slots.get(key.index as usize)?;
        if slot.generation != key.generation {
            return None;
        }
        slot.value.as_ref()
    }

    /// The value of `id`, to change it, if it is still there.
    #[inline]
    pub fn find_mut(&mut self, id: I) -> Option<&mut T> {
        let key: Key = id.into();
        let slot = self.slots.get_mut(key.index as usize)?;
        if slot.generation != key.generation {
            return None;
        }
        slot.value.as_mut()
    }

    /// Every id and value, in the order of the slots.
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        (0u32..).zip(&self.slots).filter_map(|(index, slot)| {
            let id = I::from(Key {
                index,
                generation: slot.generation,
            });
            slot.value.as_ref().map(|value| (id, value))
        })
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::DevId;

    #[test]
    fn the_key_of_a_removed_value_does_not_find_the_next_tenant() {
        let mut arena: Arena<DevId, &str> = Arena::default();
        let first = arena.insert("first");
        assert_eq!(arena.remove(first), Some("first"));
        let second = arena.insert("second");
        assert_eq!(arena.find(first), None);
        assert_eq!(arena.find(second), Some(&"second"));
        assert_eq!(arena.remove(first), None);
        assert_eq!(arena.len(), 1);
    }
}
