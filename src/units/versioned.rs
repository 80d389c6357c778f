//! A value with a number that changes whenever the value may have changed.
//! It does not compare: to borrow the value for a change counts as one.

use std::ops::{Deref, DerefMut};

/// A value with the number of its version. What was found out from the value holds as long as the number is the same:
/// nothing can change the value without it.
///
/// ```
/// use vethlab::units::Versioned;
///
/// let mut list = Versioned::new(vec![1]);
/// let before = list.version();
/// assert_eq!(list.len(), 1);
/// assert_eq!(list.version(), before);
/// list.push(2);
/// assert_ne!(list.version(), before);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Versioned<T> {
    value: T,
    version: u64,
}

impl<T> Versioned<T> {
    /// The first version of a value.
    pub const fn new(value: T) -> Self {
        Self { value, version: 0 }
    }

    /// The number of the version.
    #[inline]
    pub const fn version(&self) -> u64 {
        self.version
    }
}

impl<T> Deref for Versioned<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Versioned<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.version += 1;
        &mut self.value
    }
}
