//! A case: a network, and what is done in it step by step, watched by the invariants.
//! What may be done is in `step`; how a case that fails is written down is in `travel`, how cases are drawn in `strategy`.

use std::time::Duration;

use super::invariant::{self, Broken, Fingerprint};
use super::step::{Act, Step};
use super::{Lab, Monitor, Network, Part, Reference, Travel};
use crate::engine::Mutant;

/// Until addresses are tried out and neighbours asked.
const QUIET: Duration = Duration::from_secs(3);
/// Until the spanning tree has converged.
const CONVERGED: Duration = Duration::from_secs(60);
/// Events of a millisecond that are a storm in networks of this size.
const STORM: u64 = 20_000;

/// A network with what is done in it.
///
/// ```
/// use vethlab::check::{Case, Part};
///
/// let parts = vec![Part::Station { on: 0 }, Part::Station { on: 0 }];
/// let case = Case { parts, steps: Vec::new() };
/// assert!(case.run(0).is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct Case {
    /// The parts of the network.
    pub parts: Vec<Part>,
    /// What is done, in order.
    pub steps: Vec<Step>,
}

/// A case that failed: the rule, and the lines up to there.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The rule that is broken.
    pub broken: Broken,
    /// How to get there again.
    pub travel: Travel,
}

impl Case {
    /// Runs it in a world of its own, made from a seed, and asks after every event whether the rules hold.
    ///
    /// # Errors
    /// The first rule that is broken, with the lines that were run.
    pub fn run(&self, seed: u64) -> Result<Monitor, Box<Failed>> {
        self.run_with(seed, None)
    }

    /// The same with a fault planted in the simulator.
    ///
    /// # Errors
    /// The first rule that is broken, with the lines that were run.
    pub fn run_with(&self, seed: u64, mutant: Option<Mutant>) -> Result<Monitor, Box<Failed>> {
        let network = Network::new(&self.parts);
        let mut lab = Lab::new(network.world(seed));
        if let Some(mutant) = mutant {
            lab.world.plant(mutant);
        }
        lab.world.budget.events_per_ms = STORM;
        let mut run = Run {
            reference: Reference::new(&network),
            network: &network,
            monitor: Monitor::new(&mut lab.world),
            known: true,
        };
        match run.all(&mut lab, &self.steps) {
            Ok(()) => Ok(run.monitor),
            Err(broken) => {
                let travel = lab.travel;
                Err(Box::new(Failed { broken, travel }))
            }
        }
    }
}

/// A case as it runs.
struct Run<'n> {
    network: &'n Network,
    reference: Reference<'n>,
    monitor: Monitor,
    /// Whether broadcasts must arrive as the reference says.
    known: bool,
}

impl Run<'_> {
    fn all(&mut self, lab: &mut Lab, steps: &[Step]) -> Result<(), Broken> {
        if let Err((line, finished)) = self.network.build_in(lab) {
            return Err(Broken {
                rule: "the network builds",
                what: format!("{line}: {}", finished.stderr),
                place: "setup".to_owned(),
            });
        }
        self.monitor.judge_all(&mut lab.world)?;
        self.settle(lab)?;
        for step in steps {
            self.step(lab, step)?;
        }
        Ok(())
    }

    fn step(&mut self, lab: &mut Lab, step: &Step) -> Result<(), Broken> {
        if let Step::Wait(seconds) = *step {
            self.wait(lab, Duration::from_secs(seconds.into()))?;
            return self.monitor.judge_all(&mut lab.world);
        }
        let Some(act) = step.act(self.network).filter(|act| !act.lines.is_empty()) else {
            return Ok(());
        };
        if let Step::Fault(fault) = step {
            self.wait(lab, fault.after)?;
            if !fault.matters(self.network, &self.reference) {
                return Ok(());
            }
            fault.tell(self.network, &mut self.reference);
        }
        let since = lab.world.now();
        for line in &act.lines {
            self.line(lab, line, &act)?;
        }
        self.known &= !act.unknown;
        if act.change {
            return self.settle(lab);
        }
        self.wait(lab, QUIET)?;
        self.monitor.judge_all(&mut lab.world)?;
        match self.known {
            true => {
                let story = self.monitor.story(&lab.world);
                invariant::broadcasts_arrive_once(&story, self.network, &self.reference, since)
            }
            false => Ok(()),
        }
    }

    fn line(&mut self, lab: &mut Lab, line: &str, act: &Act) -> Result<(), Broken> {
        let twin = act.request.then(|| lab.world.clone());
        let status = lab.run(line).status;
        self.monitor.judge(&mut lab.world)?;
        if let Some(mut twin) = twin.filter(|_| status != 0) {
            // The same time has passed for somebody who did not ask.
            let _ = twin.run_until(lab.world.now());
            Fingerprint::of(&twin).unchanged(&lab.world)?;
        }
        Ok(())
    }

    /// After a change, until nothing changes any more.
    fn settle(&mut self, lab: &mut Lab) -> Result<(), Broken> {
        let time = if self.network.ring { CONVERGED } else { QUIET };
        self.wait(lab, time)?;
        self.monitor.judge_all(&mut lab.world)?;
        match self.known {
            true => invariant::tree(&self.monitor.story(&lab.world)),
            false => Ok(()),
        }
    }

    fn wait(&mut self, lab: &mut Lab, time: Duration) -> Result<(), Broken> {
        lab.travel.waited(time);
        let until = lab.world.now() + time;
        self.monitor.run_until(&mut lab.world, until)
    }
}
