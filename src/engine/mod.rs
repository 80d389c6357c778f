//! F2: the queue of events, seeded random streams and budgets.
//! It knows no network: an event is whatever the caller says.

mod budget;
mod queue;
mod random;
pub mod trace;

pub use budget::{Budget, Exhausted};
pub use queue::Queue;
pub use random::{Label, Random, Seed};
