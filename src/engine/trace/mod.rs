//! What happened to a frame, as plain data: hops, reasons of losses, and the journey that they make up.
//! Who records hops, and where they are written, is decided above.

mod digest;
mod hop;
mod journey;
mod reason;
mod relation;
mod sentence;
#[cfg(test)]
mod tests;

pub use digest::Digest;
pub use hop::{By, FrameId, Hop, HopNo, Maker, Taker, Verdict, Wait};
pub use journey::{Journey, Loss, Names, Noted, Place, Station};
pub use reason::DropReason;
pub use relation::Relation;
