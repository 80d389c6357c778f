//! `sleep`: it waits, and lets the clock run.
//! How long is found out from the words in `tool::sleep`.

use std::time::Duration;

use super::Poll;
use crate::kernel::World;
use crate::units::SimTime;

/// A sleep that has begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sleep {
    until: Option<SimTime>,
}

impl Sleep {
    /// Begins to sleep so long, or for ever.
    pub fn start(world: &World, span: Option<Duration>) -> Self {
        Self {
            until: span.map(|span| world.now() + span),
        }
    }

    /// Ends when the time has come.
    pub fn poll(&mut self, world: &World) -> Poll {
        match self.until {
            Some(until) if until <= world.now() => Poll::Exit(0),
            until => Poll::Wait(until),
        }
    }
}
