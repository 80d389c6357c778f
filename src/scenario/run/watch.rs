//! Who is told what happens in a run while it does: for progress, traces and captures.
//! A watcher changes nothing: the digest of a run that is watched is that of one that is not.

use crate::engine::trace::Noted;
use crate::kernel::World;
use crate::scenario::checked::{Command, Step};
use crate::units::SimTime;

/// Somebody who is told.
pub trait Watcher {
    /// The step of this index, of so many, begins.
    fn step(&mut self, _at: SimTime, _index: usize, _steps: usize, _step: &Step) {}

    /// The command of this number, from 1, is typed on a host.
    fn command(&mut self, _at: SimTime, _number: u64, _host: &str, _command: &Command) {}

    /// The command of this number has ended with a status.
    fn ended(&mut self, _at: SimTime, _number: u64, _status: i32) {}

    /// What has happened to frames since the last time.
    fn hops(&mut self, _noted: &[Noted], _world: &World) {}

    /// The run is over.
    fn end(&mut self, _at: SimTime) {}
}

/// Nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Nobody;

impl Watcher for Nobody {}
