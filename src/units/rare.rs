//! Values that few have: nothing but a pointer where the value is as it was at the beginning.
//! It saves room, not time: what every packet asks for belongs elsewhere.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// A value that all share as long as they have none of their own.
pub trait Blank: Sized + 'static {
    /// What it is at the beginning.
    const BLANK: Self;
    /// The same, to be read by all who have no other.
    const SHARED: &'static Self;
}

impl<T: 'static> Blank for Vec<T> {
    const BLANK: Self = Self::new();
    const SHARED: &'static Self = &Self::new();
}

/// A value that is blank nearly always: the first that borrows it for a change makes it.
///
/// ```
/// use vethlab::units::Rare;
///
/// let mut names: Rare<Vec<&str>> = Rare::default();
/// assert!(names.is_empty());
/// assert_eq!(size_of_val(&names), 8);
/// names.push("uplink");
/// assert_eq!(**names, ["uplink"]);
/// ```
pub struct Rare<T>(Option<Box<T>>);

impl<T> Rare<T> {
    /// The blank value.
    pub const fn new() -> Self {
        Self(None)
    }

    /// The value to be changed, where there is one: a blank one is not made for what does nothing to it.
    #[inline]
    pub fn made(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Blank> Deref for Rare<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.0 {
            Some(made) => made,
            None => T::SHARED,
        }
    }
}

impl<T: Blank> DerefMut for Rare<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_with(|| Box::new(T::BLANK))
    }
}

impl<T: Clone> Clone for Rare<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Blank + PartialEq> PartialEq for Rare<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Blank + Eq> Eq for Rare<T> {}

impl<T: fmt::Debug> fmt::Debug for Rare<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(made) => made.fmt(f),
            None => f.write_str("blank"),
        }
    }
}

impl<T> From<T> for Rare<T> {
    fn from(value: T) -> Self {
        Self(Some(Box::new(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_by_a_change_and_not_by_a_look() {
        let mut list: Rare<Vec<u32>> = Rare::default();
        assert_eq!((list.len(), list.made()), (0, None));
        list.push(7);
        let copy = list.clone();
        list.clear();
        assert_eq!((**copy).to_vec(), [7]);
        assert_eq!(list, Rare::default(), "empty and never made are the same");
    }
}
