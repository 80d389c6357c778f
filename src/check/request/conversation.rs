//! Requests asked one after another in a world of two namespaces, and what must hold whoever asks what.
//! What may be asked is in the module above.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::{Request, request};
use crate::check::Monitor;
use crate::check::invariant::{Broken, Fingerprint};
use crate::engine::Mutant;
use crate::kernel::World;

/// Events of a millisecond that are a storm among so few devices.
const STORM: u64 = 2_000;

/// Requests, each with where it is asked and how many milliseconds pass afterwards.
///
/// ```
/// use proptest::test_runner::TestRunner;
/// use vethlab::check::strategy::conversations;
///
/// let mut runner = TestRunner::deterministic();
/// let held = runner.run(&conversations(6), |asked| {
///     assert!(asked.run(0).is_ok());
///     Ok(())
/// });
/// assert!(held.is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct Conversation {
    /// The namespace by number, modulo two; the request; the time.
    pub asked: Vec<(Index, Request, u16)>,
}

/// Conversations of at most so many requests.
pub fn conversations(most: usize) -> impl Strategy<Value = Conversation> {
    let pause = prop_oneof![2 => Just(0_u16), 1 => 0..3000_u16];
    vec((any::<Index>(), request(), pause), 0..=most).prop_map(|asked| Conversation { asked })
}

impl Conversation {
    /// Asks it all in a world of its own, made from a seed; a request that is refused must change nothing, and the
    /// rules of a [`Monitor`] hold after each, and after every event. It gives a text that says all that came of it.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn run(&self, seed: u64) -> Result<String, Broken> {
        self.run_with(seed, None)
    }

    /// The same with a fault planted in the simulator.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn run_with(&self, seed: u64, mutant: Option<Mutant>) -> Result<String, Broken> {
        let mut world = World::new(seed);
        let host = world.default_host();
        let root = world.host(host).root;
        let red = world.netns_add(host, "red").expect("no other has the name");
        if let Some(mutant) = mutant {
            world.plant(mutant);
        }
        world.budget.events_per_ms = STORM;
        let mut monitor = Monitor::new(&mut world);
        let mut refused = 0;
        for (place, request, pause) in &self.asked {
            let before = Fingerprint::of(&world);
            if request.ask(&mut world, *place.get(&[root, red])).is_err() {
                if !request.leaves_a_trace() {
                    before.unchanged(&world)?;
                }
                refused += 1;
            }
            monitor.judge_all(&mut world)?;
            let until = world.now() + Duration::from_millis((*pause).into());
            match monitor.run_until(&mut world, until) {
                // Somebody has asked for a ring without a spanning tree.
                Err(broken) if is_ring(&broken) => break,
                judged => judged?,
            }
        }
        let shown = Fingerprint::of(&world);
        Ok(format!("{} {refused} {shown:?}", monitor.digest()))
    }
}

fn is_ring(broken: &Broken) -> bool {
    matches!(broken.rule, "no storm" | "the active topology is a tree")
}
