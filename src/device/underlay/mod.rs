//! The underlay between hosts: what carries a frame from one network card to another.
//! It decides when a frame arrives, or that it does not; putting it there is the kernel floor's.

mod lane;
mod segment;

pub use lane::{Crossing, Lane, QUEUE_BYTES, WireSpec};
pub use segment::Segment;
