//! F8: networks, traffic and faults as proptest strategies, and what must hold of them (feature `proptest`).
//! It knows no kernel: it speaks to a world as any user does, in command lines and requests.
//!
//! A [`Network`] is a list of parts, each of which stands on the parts before it, so that any part may be
//! left out: a failing case shrinks to the few that matter, and stays a network. It is built by command
//! lines, and so a counterexample travels as a script.

pub mod network;
pub mod reference;
pub mod strategy;

pub use network::{Link, Network, Part};
pub use reference::Reference;
