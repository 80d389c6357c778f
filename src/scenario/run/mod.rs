//! Runs a judged scenario in a world of its own, and says what happened and what did not hold.
//! It prints nothing: the reports do.

mod actor;
mod digest;
mod observe;
mod watch;

pub(crate) use actor::{Actor, device, netns};
pub use digest::Digest;
pub use watch::{Nobody, Watcher};

use std::time::Duration;

use super::checked::{Action, Checked, Command, Expectation, Rule, Step};
use super::expect::{self, Context};
use super::fault::{Fault, Place};
use crate::kernel::World;
use crate::tool::Finished;
use crate::units::SimTime;
use observe::Observer;

/// The time between two looks at what has to hold by and by.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// The time that it takes to look at a table.
const LOOK_COST: Duration = Duration::from_millis(1);
/// Events and outputs that are kept as lines, so that two runs can be compared.
const LINES_MAX: usize = 1_000_000;

/// How a run is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Decides every random number; the file's own seed where none is given.
    pub seed: Option<u64>,
    /// Whether every event is kept as a line, to be compared with another run's.
    pub keep_lines: bool,
}

/// What became of a scenario.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it is called.
    pub name: String,
    /// The seed that it ran with.
    pub seed: u64,
    /// What built the network: the command that failed, where one did.
    pub setup: Option<Failure>,
    /// The commands that built the network.
    pub built: Vec<Done>,
    /// The steps that were taken.
    pub steps: Vec<StepReport>,
    /// The virtual time at the end.
    pub ended: SimTime,
    /// A digest of every command, output, event and instant.
    pub digest: String,
    /// Every event as a line, where that was asked for.
    pub lines: Vec<String>,
}

/// What became of a step.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// Where it begins.
    pub place: Place,
    /// Its sentence.
    pub say: Option<String>,
    /// When it began.
    pub began: SimTime,
    /// When it ended.
    pub ended: SimTime,
    /// What was typed, and what came of it.
    pub done: Vec<Done>,
    /// So many rules were held.
    pub rules: usize,
    /// The rules that did not hold.
    pub failures: Vec<Failure>,
    /// The tool failed here: nothing comes after it.
    pub broken: bool,
}

/// A command that was typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// The host on which it was typed; the first where there is but one.
    pub host: Option<String>,
    /// The command line.
    pub typed: String,
    /// What came of it.
    pub finished: Finished,
}

/// A rule that did not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Where the rule stands.
    pub place: Place,
    /// What was looked at: `status`, `output`, `path`, ...
    pub what: &'static str,
    /// What should have been.
    pub expected: String,
    /// What was.
    pub got: String,
    /// The way of the frame that was lost, line by line, where there is one.
    pub journey: Vec<String>,
}

impl Report {
    /// All rules that did not hold.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        let steps = self.steps.iter().flat_map(|step| &step.failures);
        self.setup.iter().chain(steps)
    }

    /// Whether everything held.
    pub fn held(&self) -> bool {
        self.failures().next().is_none()
    }

    /// How many rules were held against what happened.
    pub fn rules(&self) -> usize {
        self.steps.iter().map(|step| step.rules).sum()
    }
}

/// Runs a scenario from its beginning.
pub fn run(checked: &Checked, options: Options) -> Report {
    run_watched(checked, options, &mut Nobody)
}

/// Runs a scenario two times: where the second run differs from the first, the first event that does is a failure.
pub fn run_twice(checked: &Checked, options: Options) -> Report {
    run_twice_watched(checked, options, &mut Nobody)
}

/// The same; the first run is watched.
pub fn run_twice_watched(checked: &Checked, options: Options, watcher: &mut dyn Watcher) -> Report {
    let keep = Options {
        keep_lines: true,
        ..options
    };
    let mut report = run_watched(checked, keep, watcher);
    let again = run(checked, keep);
    if report.digest != again.digest {
        report.steps.push(differing(&report, &again));
    }
    report.lines = Vec::new();
    report
}

/// A step that tells the first event in which two runs differ.
fn differing(one: &Report, other: &Report) -> StepReport {
    let pairs = one.lines.iter().zip(&other.lines);
    let first = pairs.take_while(|(a, b)| a == b).count();
    let line = |report: &Report| {
        let line = report.lines.get(first).cloned();
        line.unwrap_or_else(|| "the end".to_owned())
    };
    let failure = Failure {
        place: Place::START,
        what: "second run",
        expected: format!("the same events: number {} was `{}`", first + 1, line(one)),
        got: line(other),
        journey: Vec::new(),
    };
    StepReport {
        place: Place::START,
        say: Some("Run again: the same seed gives the same events.".to_owned()),
        began: one.ended,
        ended: one.ended,
        done: Vec::new(),
        rules: 1,
        failures: vec![failure],
        broken: false,
    }
}

/// Runs a scenario, and tells somebody what happens while it does.
pub fn run_watched(checked: &Checked, options: Options, watcher: &mut dyn Watcher) -> Report {
    let mut runner = Runner::new(checked, options, watcher);
    runner.all(checked, &checked.steps)
}

/// The world after the network was built and so many steps were taken, and what became of them.
pub fn world_after(checked: &Checked, steps: usize) -> (World, Report) {
    let mut nobody = Nobody;
    let mut runner = Runner::new(checked, Options::default(), &mut nobody);
    let steps = checked.steps.get(..steps).unwrap_or(&checked.steps);
    let report = runner.all(checked, steps);
    let _ = runner.world.run_until(runner.world.now() + LOOK_COST);
    (runner.world, report)
}

struct Runner<'w> {
    world: World,
    watcher: &'w mut dyn Watcher,
    /// So many commands were typed.
    typed: u64,
    seed: u64,
    /// Why the machines could not be built.
    refused: Option<Fault>,
    actor: Actor,
    digest: Digest,
}

impl<'w> Runner<'w> {
    fn new(checked: &Checked, options: Options, watcher: &'w mut dyn Watcher) -> Self {
        let seed = options.seed.unwrap_or(checked.seed);
        let built = match &checked.hosts {
            Some(plan) => plan.world(seed),
            None => Ok(World::new(seed)),
        };
        let (world, refused) = match built {
            Ok(world) => (world, None),
            Err(fault) => (World::new(seed), Some(fault)),
        };
        let mut digest = Digest::new(if options.keep_lines { LINES_MAX } else { 0 });
        digest.line(&format!("scenario {} seed {seed}", checked.name));
        Self {
            world,
            watcher,
            typed: 0,
            seed,
            refused,
            actor: Actor::new(checked.docker_era),
            digest,
        }
    }

    /// Builds the network and takes the steps.
    fn all(&mut self, checked: &Checked, steps: &[Step]) -> Report {
        let mut report = Report {
            name: checked.name.clone(),
            seed: self.seed,
            setup: None,
            built: Vec::new(),
            steps: Vec::new(),
            ended: SimTime::ZERO,
            digest: String::new(),
            lines: Vec::new(),
        };
        report.setup = self.build(checked, &mut report.built);
        for (index, step) in steps.iter().enumerate() {
            if report.setup.is_some() || report.steps.last().is_some_and(|step| step.broken) {
                break;
            }
            let now = self.world.now();
            self.watcher.step(now, index, steps.len(), step);
            report.steps.push(self.step(step));
        }
        report.ended = self.world.now();
        self.watcher.end(report.ended);
        (report.digest, report.lines) = std::mem::take(&mut self.digest).finish();
        report
    }

    /// Types what builds the network; gives the first command that failed.
    fn build(&mut self, checked: &Checked, built: &mut Vec<Done>) -> Option<Failure> {
        if let Some(fault) = self.refused.take() {
            return Some(Failure {
                place: fault.place,
                what: "hosts",
                expected: "the hosts can be built".to_owned(),
                got: fault.words,
                journey: Vec::new(),
            });
        }
        let mut observer = Observer::begin(&mut self.world);
        let mut failed = None;
        for command in &checked.setup {
            let done = self.type_in(command, &mut observer);
            failed = failed_command(command, &done.finished, 0);
            built.push(done);
            if failed.is_some() {
                break;
            }
        }
        observer.look(&mut self.world, self.watcher);
        let (noted, missed) = observer.end(&mut self.world);
        self.digest.hops(&noted, missed);
        failed
    }

    fn type_in(&mut self, command: &Command, observer: &mut Observer) -> Done {
        self.typed += 1;
        let host = actor::host(&self.world, command.host.as_deref());
        let name = host.map_or("", |host| self.world.host(host).name.as_str());
        self.watcher
            .command(self.world.now(), self.typed, name, command);
        let finished = self.actor.run(&mut self.world, command);
        observer.look(&mut self.world, self.watcher);
        self.watcher
            .ended(self.world.now(), self.typed, finished.status);
        let typed = command.typed();
        self.digest
            .command(self.world.now(), command.host.as_deref(), &typed, &finished);
        Done {
            host: command.host.clone(),
            typed,
            finished,
        }
    }

    fn step(&mut self, step: &Step) -> StepReport {
        let began = self.world.now();
        let mut observer = Observer::begin(&mut self.world);
        let mut report = StepReport {
            place: step.place,
            say: step.say.clone(),
            began,
            ended: began,
            done: Vec::new(),
            rules: step.expect.len(),
            failures: Vec::new(),
            broken: false,
        };
        self.act(step, &mut observer, &mut report);
        report.ended = self.world.now();
        if !report.broken {
            self.hold(step, &mut observer, &mut report);
        }
        observer.look(&mut self.world, self.watcher);
        let (noted, missed) = observer.end(&mut self.world);
        self.digest.hops(&noted, missed);
        report
    }

    fn act(&mut self, step: &Step, observer: &mut Observer, report: &mut StepReport) {
        match &step.action {
            Action::Run(commands) => {
                let asked = step
                    .expect
                    .iter()
                    .any(|rule| matches!(rule.rule, Rule::Status(_)));
                self.type_all(commands, asked, observer, report);
            }
            Action::Fault(commands) => self.type_all(commands, false, observer, report),
            Action::Ping { command, .. } => {
                let asked = step.expect.iter().any(|rule| about_ping(&rule.rule));
                self.type_all(std::slice::from_ref(command), asked, observer, report);
            }
            Action::Wait(time) => {
                if let Err(fault) = self.world.run_until(self.world.now() + *time) {
                    report.broken = true;
                    report
                        .failures
                        .push(storm(step.place, &fault.to_string(), &self.world));
                }
            }
            Action::Cut { hosts, cut } => {
                for name in hosts {
                    if let Some(host) = actor::host(&self.world, Some(name)) {
                        self.world.host_cut(host, *cut);
                    }
                }
            }
            Action::Look => {}
        }
    }

    /// Types commands, each of which must end with 0; the last one may do otherwise where its status is `asked` about.
    fn type_all(
        &mut self,
        commands: &[Command],
        asked: bool,
        observer: &mut Observer,
        report: &mut StepReport,
    ) {
        for (index, command) in commands.iter().enumerate() {
            let done = self.type_in(command, observer);
            let last = index + 1 == commands.len();
            let storm_place = self.world.loop_place().is_some();
            let failed = failed_command(command, &done.finished, 0);
            report.done.push(done);
            if storm_place {
                let words = report
                    .done
                    .last()
                    .map_or("", |done| done.finished.stderr.trim_end());
                report
                    .failures
                    .push(storm(command.place, words, &self.world));
                report.broken = true;
                return;
            }
            match failed {
                Some(failed) if !(last && asked) => {
                    report.failures.push(failed);
                    return;
                }
                Some(_) | None => {}
            }
        }
    }

    /// Holds the rules of a step against the world, again and again where they have time.
    fn hold(&mut self, step: &Step, observer: &mut Observer, report: &mut StepReport) {
        let deadline = deadline(step, report.began);
        if step.expect.iter().any(|rule| is_look(&rule.rule)) {
            // To look at a table takes as long as a command does, so that what is about to happen has happened.
            let _ = self.world.run_until(self.world.now() + LOOK_COST);
        }
        let late = deadline.filter(|&deadline| report.ended > deadline);
        loop {
            observer.look(&mut self.world, self.watcher);
            let failures = self.failures(step, observer, report);
            let open = failures
                .iter()
                .any(|failure| !failure.what.starts_with("status"));
            let now = self.world.now();
            let more = deadline.filter(|&deadline| !failures.is_empty() && open && now < deadline);
            let Some(deadline) = more else {
                report.failures.extend(failures);
                break;
            };
            let next = self
                .world
                .next_event()
                .unwrap_or(deadline)
                .max(now + LOOK_EVERY);
            if let Err(fault) = self.world.run_until(next.min(deadline)) {
                report.broken = true;
                report
                    .failures
                    .push(storm(step.place, &fault.to_string(), &self.world));
                break;
            }
            report.ended = self.world.now();
        }
        if let Some(deadline) = late {
            report.failures.push(Failure {
                place: step.place,
                what: "time",
                expected: format!("the step has ended at {}", shown(deadline)),
                got: format!("it ended at {}", shown(report.ended)),
                journey: Vec::new(),
            });
        }
    }

    fn failures(&mut self, step: &Step, observer: &Observer, report: &StepReport) -> Vec<Failure> {
        let mut context = Context {
            world: &mut self.world,
            actor: &mut self.actor,
            step,
            done: &report.done,
            noted: &observer.noted,
        };
        let held = step
            .expect
            .iter()
            .map(|rule: &Expectation| expect::hold(&mut context, rule));
        held.flatten().collect()
    }
}

/// The last instant at which a step's rules may begin to hold.
fn deadline(step: &Step, began: SimTime) -> Option<SimTime> {
    let within = step.within.map(|within| began + within);
    let by = step.by.map(|by| SimTime::ZERO + by);
    within.into_iter().chain(by).min()
}

/// Rules that say how a ping ends, so that its status need not be 0.
fn about_ping(rule: &Rule) -> bool {
    match rule {
        Rule::Status(_) | Rule::Received(_) | Rule::Lost(_) | Rule::Drop { .. } => true,
        Rule::Text(..) | Rule::Path(_) => true,
        Rule::Has(..) | Rule::Lacks(..) | Rule::Lines(..) | Rule::Frames { .. } => false,
    }
}

/// Rules that look at a table.
fn is_look(rule: &Rule) -> bool {
    matches!(rule, Rule::Has(..) | Rule::Lacks(..) | Rule::Lines(..))
}

fn failed_command(command: &Command, finished: &Finished, status: i32) -> Option<Failure> {
    (finished.status != status).then(|| Failure {
        place: command.place,
        what: "command",
        expected: format!("`{}` ends with status {status}", command.typed()),
        got: expect::ending(finished),
        journey: Vec::new(),
    })
}

fn storm(place: Place, words: &str, world: &World) -> Failure {
    let at = world
        .loop_place()
        .map_or_else(String::new, |place| format!(", at {place}"));
    Failure {
        place,
        what: "simulation",
        expected: "frames come to an end".to_owned(),
        got: format!("{}{at}", words.trim_start_matches("vethlab: ")),
        journey: Vec::new(),
    }
}

/// An instant in seconds, with as many decimals as it has.
pub(crate) fn shown(at: SimTime) -> String {
    let ns = at.as_nanos();
    let text = format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000);
    format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
}
