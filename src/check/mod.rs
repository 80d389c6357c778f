//! F8: networks, traffic and faults as proptest strategies, and what must hold of them (feature `proptest`).
//! It changes a world as any user does, by command lines; the invariants look into it.
//!
//! A [`Network`] is a list of parts, each of which stands on the parts before it, so that any part may be
//! left out: a failing case shrinks to the few that matter, and stays a network. It is built by command
//! lines, and so a counterexample travels as a script.

pub mod case;
pub mod invariant;
mod monitor;
pub mod network;
pub mod reference;
pub mod strategy;
mod travel;

pub use crate::engine::Mutant;
pub use case::{Case, Failed, Refusal, Step};
pub use invariant::{Broken, Story};
pub use monitor::Monitor;
pub use network::{Link, Network, OverlayNet, Part};
pub use reference::Reference;
pub use travel::Travel;
