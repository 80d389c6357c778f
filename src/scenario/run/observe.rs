//! Watches a step: every hop of every frame, with the bytes at that place.
//! What they mean for a rule is in `scenario::expect`.

use super::Watcher;
use crate::engine::trace::Noted;
use crate::kernel::World;

/// Hops of one step that are kept; later ones are counted and not kept.
const HOPS_MAX: usize = 400_000;

/// A watch that runs, and what was seen since the step began.
#[derive(Debug, Default)]
pub struct Observer {
    /// Every hop.
    pub noted: Vec<Noted>,
}

impl Observer {
    /// Begins to watch.
    pub fn begin(world: &mut World) -> Self {
        world.watch_at_most(HOPS_MAX);
        Self::default()
    }

    /// Takes what was seen since the last look, and shows it to a watcher.
    pub fn look(&mut self, world: &mut World, watcher: &mut dyn Watcher) {
        if self.noted.len() < HOPS_MAX {
            let noted = world.take_noted();
            watcher.hops(&noted, world);
            self.noted.extend(noted);
        }
    }

    /// Ends watching, after a last look; gives every hop, and how many more there were.
    pub fn end(self, world: &mut World) -> (Vec<Noted>, u64) {
        let missed = world.unwatch().map_or(0, |journal| journal.missed);
        (self.noted, missed)
    }
}
