//! Watches a world run, and asks after every event whether the invariants hold.
//! What they are is in `invariant`.

use std::collections::BTreeMap;

use super::invariant::{self, ALWAYS, Ages, Broken, Heard, Ledger, Story, Tables};
use crate::engine::trace::{Digest, FrameId, Names, Noted, Verdict};
use crate::kernel::World;
use crate::units::{DevId, SimTime};

/// The hops of a world since it was watched, and how many of them were judged.
///
/// ```
/// use vethlab::check::Monitor;
/// use vethlab::kernel::World;
/// use vethlab::tool::Shell;
///
/// let mut world = World::new(0);
/// let mut monitor = Monitor::new(&mut world);
/// Shell::new(&mut world).run("ping -c 1 127.0.0.1");
/// assert_eq!(monitor.judge_all(&mut world), Ok(()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Monitor {
    noted: Vec<Noted>,
    judged: usize,
    /// How often each frame came to each device.
    visits: BTreeMap<(FrameId, DevId), u32>,
    ledger: Ledger,
    heard: Heard,
    ages: Ages,
    tables: Tables,
}

/// A frame that comes to one device more often than any time to live allows goes round for ever.
const VISITS_MAX: u32 = 300;

impl Monitor {
    /// Begins to watch.
    pub fn new(world: &mut World) -> Self {
        world.watch();
        Self {
            heard: Heard::of(world),
            ..Self::default()
        }
    }

    /// The story so far, of which nothing is fresh.
    pub fn story<'a>(&'a self, world: &'a World) -> Story<'a> {
        Story::new(world, &self.noted).after(self.judged)
    }

    /// Asks of what has happened since the last time, and of what it has left.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn judge(&mut self, world: &mut World) -> Result<(), Broken> {
        self.noted.append(&mut world.take_noted());
        if self.judged < self.noted.len() {
            self.goes_round(world)?;
        }
        let seen = std::mem::replace(&mut self.judged, self.noted.len());
        let story = Story::new(world, &self.noted).after(seen);
        if seen < self.noted.len() {
            ALWAYS.iter().try_for_each(|invariant| invariant(&story))?;
            self.ledger.judge(&story)?;
            self.heard.judge(&story)?;
        }
        self.ages.judge(&story)?;
        self.tables.judge(&story)
    }

    /// No frame goes round for ever.
    fn goes_round(&mut self, world: &World) -> Result<(), Broken> {
        for noted in &self.noted[self.judged..] {
            let (Verdict::Received, Some(dev)) = (&noted.hop.verdict, noted.hop.dev) else {
                continue;
            };
            let visits = self.visits.entry((noted.hop.frame, dev)).or_default();
            *visits += 1;
            if *visits > VISITS_MAX {
                let place = world.place(noted.hop.netns, noted.hop.dev);
                invariant::tree(&self.story(world))?;
                return Err(storm(
                    format!("frame {} goes round", noted.hop.frame),
                    place.to_string(),
                ));
            }
        }
        Ok(())
    }

    /// The same, and of all that is there: for when something was changed that no frame tells of.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn judge_all(&mut self, world: &mut World) -> Result<(), Broken> {
        self.judge(world)?;
        self.ages = Ages::default();
        let story = Story::new(world, &self.noted).after(self.judged);
        self.ages.judge(&story)?;
        self.heard.judge_all(&story)?;
        invariant::consistent_tables(&story)
    }

    /// Lets time pass, and asks after every event.
    ///
    /// # Errors
    /// The first rule that is broken; a storm is one, told as the ring through which it runs where one is found.
    pub fn run_until(&mut self, world: &mut World, until: SimTime) -> Result<(), Broken> {
        while world.next_event().is_some_and(|next| next <= until) {
            if let Err(exhausted) = world.step() {
                self.noted.append(&mut world.take_noted());
                invariant::tree(&self.story(world))?;
                let place = world.loop_place().unwrap_or("nowhere").to_owned();
                return Err(storm(exhausted.to_string(), place));
            }
            self.judge(world)?;
        }
        // Nothing is left to happen until then.
        let _ = world.run_until(until);
        Ok(())
    }

    /// The digest of all hops: when, which frame, where, what, and the bytes. The same seed makes the same digest.
    pub fn digest(&self) -> String {
        let mut digest = Digest::default();
        for noted in &self.noted {
            digest.add(format!("{:?}", noted.hop).as_bytes());
            digest.add(noted.bytes.bytes());
        }
        digest.hex()
    }
}

fn storm(what: String, place: String) -> Broken {
    let rule = "no storm";
    Broken { rule, what, place }
}
