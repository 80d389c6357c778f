//! A list that is nearly always of one: held inline then, on the heap otherwise.
//! It is a slice in all else.

use std::ops::{Deref, DerefMut};

/// One value inline, or any number on the heap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Few<T> {
    /// Exactly one.
    One(T),
    /// None, or more than one as a rule.
    Many(Vec<T>),
}

impl<T> Few<T> {
    /// No value at all.
    pub const fn none() -> Self {
        Self::Many(Vec::new())
    }

    /// Puts `value` at `at`, or at the end where that is past it.
    pub fn insert(&mut self, at: usize, value: T) {
        match std::mem::replace(self, Self::none()) {
            Self::Many(list) if list.is_empty() => *self = Self::One(value),
            Self::Many(mut list) => {
                list.insert(at.min(list.len()), value);
                *self = Self::Many(list);
            }
            Self::One(first) if at == 0 => *self = Self::Many(vec![value, first]),
            Self::One(first) => *self = Self::Many(vec![first, value]),
        }
    }

    /// Takes the value at `at` out, if there is one.
    pub fn remove(&mut self, at: usize) -> Option<T> {
        if at >= self.len() {
            return None;
        }
        match std::mem::replace(self, Self::none()) {
            Self::One(value) => Some(value),
            Self::Many(mut list) => {
                let value = list.remove(at);
                *self = match list.len() {
                    1 => list.pop().map_or_else(Self::none, Self::One),
                    _ => Self::Many(list),
                };
                Some(value)
            }
        }
    }

    /// Keeps the values for which `keep` holds; gives how many went.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) -> usize {
        let before = self.len();
        match self {
            Self::One(value) => {
                if !keep(value) {
                    *self = Self::none();
                }
            }
            Self::Many(list) => list.retain(keep),
        }
        before - self.len()
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(list) => list,
        }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Self::One(value) => std::slice::from_mut(value),
            Self::Many(list) => list,
        }
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (None, _) => Self::none(),
            (Some(one), None) => Self::One(one),
            (Some(one), Some(two)) => Self::Many([one, two].into_iter().chain(values).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_in_order_however_many_there_are() {
        let mut few = Few::none();
        few.insert(5, 2);
        few.insert(0, 1);
        few.insert(2, 3);
        assert_eq!(&few[..], &[1, 2, 3]);
        assert_eq!(few.remove(1), Some(2));
        assert_eq!(few.remove(7), None);
        assert_eq!(few.remove(1), Some(3));
        assert_eq!(few, Few::One(1));
        assert_eq!(few.retain(|_| false), 1);
        assert!(few.is_empty());
    }
}
