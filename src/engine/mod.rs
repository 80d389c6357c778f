//! F2: the queue of events, seeded random streams and budgets.
//! It knows no network: an event is whatever the caller says.

mod budget;
#[cfg(feature = "proptest")]
mod mutant;
mod queue;
mod random;
pub mod trace;

pub use budget::{Budget, Exhausted};
#[cfg(feature = "proptest")]
pub use mutant::Mutant;
pub use queue::Queue;
pub use random::{Label, Random, Seed};
