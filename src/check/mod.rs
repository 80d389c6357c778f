//! F8: networks, traffic and faults as proptest strategies, and what must hold of them (feature `proptest`).
//! It changes a world as any user does, by command lines; the invariants look into it.
//!
//! A [`Network`] is a list of parts, each of which stands on the parts before it, so that any part may be
//! left out: a failing case shrinks to the few that matter, and stays a network. It is built by command
//! lines, and so a counterexample travels as a script.
//!
//! To test an assumption of your own, let proptest draw [`networks`](strategy::networks) and
//! [`faults`](strategy::faults), build each network as a [`Lab`], type command lines into it, and give the
//! lab's [`Travel`] back where the assumption fails:
//!
//! ```
//! use proptest::test_runner::{TestCaseError, TestRunner};
//! use vethlab::check::strategy::networks;
//!
//! // "Everybody reaches himself."
//! let mut runner = TestRunner::deterministic();
//! let held = runner.run(&networks(3), |network| {
//!     let mut lab = network.build(0).expect("every network builds");
//!     for one in network.endpoints() {
//!         let line = format!("{}ping -c 1 -W 1 {}", network.enter(one), network.address_of(one));
//!         if lab.run(&line).status != 0 {
//!             return Err(TestCaseError::fail(lab.travel.script("Lonely")));
//!         }
//!     }
//!     Ok(())
//! });
//! assert!(held.is_err(), "lo is down in a new namespace");
//! ```
//!
//! To watch a world of your own, give it to a [`Monitor`]; to compare who reaches whom with what a naive model
//! says, ask a [`Reference`].

mod build;
pub mod case;
pub mod fault;
pub mod frame;
pub mod invariant;
mod lab;
mod monitor;
pub mod network;
pub mod reference;
pub mod request;
pub mod step;
pub mod strategy;
mod travel;

pub use crate::engine::Mutant;
pub use build::Machine;
pub use case::{Case, Failed};
pub use fault::{Fault, FaultKind, Trouble};
pub use frame::RawFrame;
pub use invariant::{Broken, Story};
pub use lab::Lab;
pub use monitor::Monitor;
pub use network::{Endpoint, Link, Network, OverlayNet, Part};
pub use reference::Reference;
pub use request::{Conversation, Request};
pub use step::{Refusal, Step};
pub use travel::Travel;
