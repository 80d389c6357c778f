//! F7: the `ip` command: its arguments, its names, its objects.
//! It holds no state: each object turns argv into requests and dumps into text.

pub mod args;
pub mod names;
