//! The hops of the frames that somebody watches.
//! What they mean, and how they are told, is for the floors above.

use crate::engine::trace::{FrameId, Hop, Verdict};
use crate::kernel::world::World;
use crate::units::DevId;

/// Hops that are kept at most; later ones are counted and not kept.
const HOPS_MAX: usize = 1_000_000;

/// The hops since watching began.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// The hops, in the order in which they happened.
    pub hops: Vec<Hop>,
    /// Hops that found no room.
    pub missed: u64,
}

impl World {
    /// Begins to note every hop.
    pub fn watch(&mut self) {
        self.journal = Some(Box::default());
    }

    /// Ends noting hops and gives those that were noted.
    pub fn unwatch(&mut self) -> Option<Journal> {
        self.journal.take().map(|journal| *journal)
    }

    #[cold]
    pub(crate) fn record_hop(&mut self, dev: DevId, frame: FrameId, verdict: Verdict) {
        let Some(netns) = self.devices.find(dev).map(|device| device.netns) else {
            return;
        };
        let Some(journal) = &mut self.journal else {
            return;
        };
        if journal.hops.len() >= HOPS_MAX {
            journal.missed += 1;
            return;
        }
        journal.hops.push(Hop {
            at: self.now,
            frame,
            netns,
            dev: Some(dev),
            verdict,
        });
    }
}
