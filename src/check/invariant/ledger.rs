//! That no copy of a frame vanishes: a ledger, kept hop by hop.
//! What else must hold of frames is in `frames`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Broken, Story};
use crate::engine::trace::{HopNo, Noted, Verdict};
use crate::kernel::device::DeviceKind;

const RULE: &str = "conservation";

/// Each copy of a frame is taken, dropped with a reason, waits, or is under way.
///
/// # Errors
/// A copy that vanished.
pub fn conservation(story: &Story<'_>) -> Result<(), Broken> {
    Ledger::default().judge(&story.after(0))
}

/// The copies that came on from each hop, and the hops from which more are due.
#[derive(Clone, Debug, Default)]
pub(in crate::check) struct Ledger {
    came: BTreeMap<HopNo, usize>,
    open: BTreeSet<HopNo>,
}

impl Ledger {
    /// Enters the fresh hops, and asks whether every copy is accounted for.
    pub fn judge(&mut self, story: &Story<'_>) -> Result<(), Broken> {
        let mut touched = Vec::new();
        for noted in story.fresh() {
            if let Some(before) = story.before(noted) {
                *self.came.entry(before.no).or_default() += 1;
                touched.push(before);
            }
            if copies_due(noted) > 0 {
                self.open.insert(noted.no);
            }
        }
        let came = &self.came;
        let came = |no: HopNo| came.get(&no).copied().unwrap_or(0);
        self.open.retain(|&no| {
            let due = story.hop(no).map_or(0, copies_due);
            came(no) < due
        });
        if self.open.is_empty() && touched.is_empty() {
            return Ok(());
        }
        let under_way = story.world.under_way();
        let found = |no: HopNo| came(no) + usize::from(under_way.contains(&no));
        let pairs = touched
            .into_iter()
            .filter(|noted| is_from_pair(story, noted));
        for noted in pairs {
            if found(noted.no) > 1 {
                let what = format!("a pair carries one copy, and {} came on", found(noted.no));
                return Err(story.broken(RULE, noted, what));
            }
        }
        for noted in self.open.iter().filter_map(|&no| story.hop(no)) {
            let due = copies_due(noted);
            if found(noted.no) < due {
                let what = format!(
                    "{due} copies go on from here ({}), and {} came on",
                    noted.hop.verdict.name(),
                    found(noted.no)
                );
                return Err(story.broken(RULE, noted, what));
            }
        }
        Ok(())
    }
}

/// Whether a pair carries the frame from here: one copy, whatever else may make more of them.
fn is_from_pair(story: &Story<'_>, noted: &Noted) -> bool {
    let device = noted.hop.dev.and_then(|dev| story.world.devices.find(dev));
    noted.hop.verdict == Verdict::Transmitted
        && device.is_some_and(|device| matches!(device.kind, DeviceKind::Veth { .. }))
}

/// How many copies of a frame go on from a hop, at least.
fn copies_due(noted: &Noted) -> usize {
    match &noted.hop.verdict {
        Verdict::Taken(_) | Verdict::Dropped(_) | Verdict::Queued(_) => 0,
        Verdict::Flooded(ports) => ports.len(),
        Verdict::Fragmented(parts) => usize::try_from(*parts).unwrap_or(usize::MAX),
        _ => 1,
    }
}
