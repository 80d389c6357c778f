//! What must hold of the tables of bridges: what they learn, they have heard, and they forget it in time.
//! What they forward is in `bridges`.

use std::collections::BTreeSet;
use std::time::Duration;

use super::bridges::{bridges, source};
use super::{Broken, Story};
use crate::device::bridge::Bridge;
use crate::device::bridge::fdb::{FdbEntry, FdbFlags};
use crate::engine::trace::Verdict;
use crate::kernel::World;
use crate::units::{DevId, MacAddr, SimTime};

/// How much later than it should an entry may be swept up.
const SWEEP: Duration = Duration::from_secs(1);

/// What a bridge has learned it has heard: an entry points to a port at which a frame of that source came in.
/// The story must be watched from the beginning.
///
/// # Errors
/// An entry that points elsewhere.
pub fn learns_where_heard(story: &Story<'_>) -> Result<(), Broken> {
    let mut heard = Heard::default();
    heard.listen(&story.after(0));
    heard.judge_all(story)
}

/// The sources that were heard at each device.
#[derive(Clone, Debug, Default)]
pub(in crate::check) struct Heard {
    at: BTreeSet<(DevId, MacAddr)>,
}

impl Heard {
    /// What bridges have learned before anybody watched counts as heard.
    pub fn of(world: &World) -> Self {
        let mut heard = Self::default();
        for (_, bridge) in bridges(world) {
            for entry in bridge.fdb.newest_first() {
                let port = bridge.ports().find(|port| port.port_no == entry.port_no);
                heard.at.extend(port.map(|port| (port.dev, entry.mac)));
            }
        }
        heard
    }

    /// Judges the tables of the bridges at which something has just happened.
    pub fn judge(&mut self, story: &Story<'_>) -> Result<(), Broken> {
        self.listen(story);
        let mut judged = BTreeSet::new();
        for noted in story.fresh() {
            let device = noted.hop.dev.and_then(|dev| story.world.devices.find(dev));
            let master = device.and_then(|device| device.master).or(noted.hop.dev);
            let Some(dev) = master.filter(|&dev| judged.insert(dev)) else {
                continue;
            };
            if let Some(bridge) = story.world.bridge_ref(dev) {
                self.judge_bridge(story, dev, bridge)?;
            }
        }
        Ok(())
    }

    /// Judges the tables of all bridges.
    pub fn judge_all(&self, story: &Story<'_>) -> Result<(), Broken> {
        let mut all = bridges(story.world);
        all.try_for_each(|(dev, bridge)| self.judge_bridge(story, dev, bridge))
    }

    fn listen(&mut self, story: &Story<'_>) {
        for noted in story.fresh() {
            if let (Verdict::Received, Some(dev)) = (&noted.hop.verdict, noted.hop.dev)
                && let Some(source) = source(noted.bytes.bytes())
            {
                self.at.insert((dev, source));
            }
        }
    }

    fn judge_bridge(&self, story: &Story<'_>, dev: DevId, bridge: &Bridge) -> Result<(), Broken> {
        const RULE: &str = "learns where it was heard";
        let entries = bridge.fdb.newest_first().into_iter();
        for entry in entries.filter(is_learned) {
            let port = bridge.ports().find(|port| port.port_no == entry.port_no);
            let port = port.filter(|port| !self.at.contains(&(port.dev, entry.mac)));
            if let Some(port) = port {
                let what = format!(
                    "{} is behind {}, where it was never heard",
                    entry.mac,
                    story.name(port.dev)
                );
                return Err(story.broken_dev(RULE, dev, what));
            }
        }
        Ok(())
    }
}

fn is_learned(entry: &FdbEntry) -> bool {
    let given = FdbFlags::ADDED_BY_EXT_LEARN.union(FdbFlags::STATIC);
    entry.flags.has(FdbFlags::DYNAMIC_LEARNED) && !entry.flags.has_any(given)
}

/// What a bridge has learned it forgets in time.
///
/// # Errors
/// An entry that is older than the ageing time.
pub fn ages(story: &Story<'_>) -> Result<(), Broken> {
    Ages::default().judge(story)
}

/// When the next entry is too old.
#[derive(Clone, Debug, Default)]
pub(in crate::check) struct Ages {
    next: SimTime,
}

impl Ages {
    /// Judges all tables, unless nothing in them can be too old yet. Ask a new one where ageing times were changed.
    pub fn judge(&mut self, story: &Story<'_>) -> Result<(), Broken> {
        const RULE: &str = "ages";
        let now = story.world.now();
        if now < self.next {
            return Ok(());
        }
        let mut next = None;
        let mut is_due = |at: SimTime| next = Some(next.map_or(at, |next: SimTime| next.min(at)));
        let lasting = FdbFlags::STATIC.union(FdbFlags::ADDED_BY_EXT_LEARN);
        for (dev, bridge) in bridges(story.world) {
            let most = longest(bridge);
            // What is learned from now on.
            is_due(now + most);
            for entry in bridge.fdb.newest_first() {
                let age = now.since(entry.updated);
                if entry.flags.has_any(lasting) {
                    continue;
                }
                if age > most {
                    let what = format!("{} was last heard {} s ago", entry.mac, age.as_secs());
                    return Err(story.broken_dev(RULE, dev, what));
                }
                is_due(entry.updated + most);
            }
        }
        // The entry is too old behind that instant, not at it.
        self.next = next.map_or(now, |next| next + Duration::from_nanos(1));
        Ok(())
    }
}

/// How long an entry of a bridge may live.
fn longest(bridge: &Bridge) -> Duration {
    let stp = &bridge.stp;
    // A topology change shortens the time and plans no sweep (`__br_set_topology_change`, seen on Linux 6.18): the
    // entry lives until the sweep that the longer time has planned.
    let longest = stp.bridge_ageing_time.max(stp.ageing_time);
    longest.max(stp.forward_delay).duration() + SWEEP
}
