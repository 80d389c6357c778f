//! The world behind a session: tools that are called, programs that run on, one clock.
//! Who calls, and how the words travel, is the session's business.

mod call;
mod runner;

use std::collections::BTreeMap;

use self::runner::{News, Runner, to_program};
use super::backend::{
    Backend, ClientId, Event, HostIo, Invocation, Output, Signal, Status, TOOL_COST_NS,
};
use super::sinks::{Ending, Sinks};
use crate::docker::Engines;
use crate::engine::Exhausted;
use crate::kernel::World;
use crate::tool;
use crate::units::{NetnsId, SimTime};

/// The variable that says in which namespace a process runs: its key in the world.
pub(super) const NETNS_KEY: &str = "VETHLAB_NETNS_KEY";
/// The variable with the name of the namespace, for people and prompts.
const NETNS_NAME: &str = "VETHLAB_NETNS";
/// The variable with the name of the host, for people and prompts.
const HOST_NAME: &str = "VETHLAB_HOST";
/// How many hops may wait to be written: what one event leads to.
const HOPS_WAITING_MAX: usize = 1 << 20;
/// Exit status where the simulation cannot go on.
const TOOL_FAILED: i32 = 3;

/// A world with the programs that run in it.
pub struct Lab {
    world: World,
    docker: Engines,
    running: BTreeMap<ClientId, Runner>,
    events: Vec<(ClientId, Event)>,
    /// Processes that entered a namespace by executing a command in it.
    processes: BTreeMap<u32, NetnsId>,
    /// Namespaces without a name that live as long as a process in them.
    nameless: Vec<NetnsId>,
    /// Why the simulation cannot go on.
    fault: Option<String>,
    /// What is written of the session.
    sinks: Sinks,
    /// A call is being started: what happens meanwhile is written behind it.
    starting: bool,
}

impl Lab {
    /// A lab over a world.
    pub fn new(world: World) -> Self {
        Self {
            world,
            docker: Engines::default(),
            running: BTreeMap::new(),
            events: Vec::new(),
            processes: BTreeMap::new(),
            nameless: Vec::new(),
            fault: None,
            sinks: Sinks::default(),
            starting: false,
        }
    }

    /// Has a trace, captures or a scenario written from now on.
    pub fn set_sinks(&mut self, sinks: Sinks) {
        self.sinks = sinks;
        if self.sinks.wants_hops() {
            self.world.watch_at_most(HOPS_WAITING_MAX);
        }
    }

    /// Writes what has happened since the last time.
    fn write_hops(&mut self) {
        if self.sinks.wants_hops() && !self.starting {
            let noted = self.world.take_noted();
            self.sinks.hops(&noted, &self.world);
        }
    }

    /// All that happens at this instant happens, so that a replay finds the same order.
    pub(super) fn settle_instant(&mut self) {
        if self.sinks.wants_order() && self.fault.is_none() {
            self.pass(self.world.now(), false);
        }
    }

    /// The same lab with container engines of a generation.
    pub fn with_docker(mut self, engines: Engines) -> Self {
        self.docker = engines;
        self
    }

    /// Lets the time of one process pass.
    fn spend(&mut self) {
        let until = SimTime::from_nanos(self.world.now().as_nanos().saturating_add(TOOL_COST_NS));
        self.pass(until, false);
    }

    /// Lets time pass up to `until`, or to the first instant at which a client has news.
    fn pass(&mut self, until: SimTime, stops_at_news: bool) {
        while self.fault.is_none() {
            self.poll_due();
            if stops_at_news && !self.events.is_empty() {
                return;
            }
            let next = self.next_event().filter(|&next| next <= until);
            let moved = match next {
                Some(next) if self.world.next_event() == Some(next) => {
                    self.world.step().map(|_| ())
                }
                Some(next) => self.world.run_until(next),
                None => {
                    if let Err(fault) = self.world.run_until(until) {
                        self.fail(fault);
                    }
                    return;
                }
            };
            self.write_hops();
            if let Err(fault) = moved {
                self.fail(fault);
            }
        }
        if !stops_at_news || self.events.is_empty() {
            // Nothing moves any more, but time does: whoever sleeps wakes up.
            let _ = self.world.run_until(until);
        }
    }

    fn say(&mut self, client: ClientId, text: &str) {
        let output = Output::Stderr(text.as_bytes().to_vec());
        self.events.push((client, Event::Output(output)));
    }

    /// Polls every program whose time has come or whose sockets have news; in the order of the calls.
    fn poll_due(&mut self) {
        let now = self.world.now();
        let mut woken = Vec::new();
        self.world.take_woken(&mut woken);
        self.docker.poll_servers(&mut self.world, &woken);
        let due = |runner: &Runner| {
            let news = || {
                runner
                    .program
                    .sockets()
                    .iter()
                    .any(|socket| woken.contains(socket))
            };
            runner.wake.is_some_and(|wake| wake <= now) || (!woken.is_empty() && news())
        };
        let clients = self.running.iter().filter(|(_, runner)| due(runner));
        let clients: Vec<ClientId> = clients.map(|(&client, _)| client).collect();
        for client in clients {
            self.poll(client, None);
        }
    }

    fn next_event(&self) -> Option<SimTime> {
        let wakes = self.running.values().filter_map(|runner| runner.wake);
        let served = self.docker.next_wake();
        wakes.chain(self.world.next_event()).chain(served).min()
    }

    /// The simulation cannot go on: every program ends, and says why.
    fn fail(&mut self, fault: Exhausted) {
        let place = self
            .world
            .loop_place()
            .map_or_else(String::new, |place| format!(", at {place}"));
        let fault = format!("{fault}{place}");
        self.fault = Some(fault.clone());
        let running = std::mem::take(&mut self.running);
        for (client, mut runner) in running {
            runner.program.close(&mut self.world);
            self.say(client, &format!("vethlab: {fault}\n"));
            self.events.push((client, Event::Ended(TOOL_FAILED)));
        }
    }
}

impl Backend for Lab {
    fn tools(&self) -> Vec<&'static str> {
        // What is not simulated yet is linked too: it must say so, and never act on the real machine.
        let mut names: Vec<&'static str> = tool::names().chain(super::TOOLS).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn environment(&self) -> Vec<(String, String)> {
        let host = self.world.host(self.world.default_host());
        vec![(HOST_NAME.to_owned(), host.name.clone())]
    }

    fn start(
        &mut self,
        client: ClientId,
        invocation: &Invocation,
        host: &mut dyn HostIo,
    ) -> Status {
        self.settle_instant();
        let begun = self.world.now();
        self.starting = true;
        self.spend();
        let (status, input) = self.call(client, invocation, host);
        self.starting = false;
        if let Some(input) = input.filter(|_| status != Status::Wait) {
            self.sinks.input(begun, invocation.pid, &input);
        }
        self.write_hops();
        let now = self.world.now();
        match &status {
            Status::Done(status) => self.sinks.output(now, client.0, Ending::Status(*status)),
            Status::Exec(exec) => {
                let name = exec.argv.first().map_or("", String::as_str);
                let simulated = tool::find(name).is_some();
                self.sinks
                    .output(now, client.0, Ending::Becomes { simulated });
            }
            Status::Each(_) => {
                self.sinks
                    .output(now, client.0, Ending::Becomes { simulated: false });
            }
            Status::Running(running) if !running.drives_clock => {
                self.sinks.output(now, client.0, Ending::Listens);
            }
            Status::Running(_) | Status::Wait => {}
        }
        status
    }

    fn stdin(&mut self, client: ClientId, bytes: &[u8]) {
        self.settle_instant();
        if self.running.contains_key(&client) {
            self.sinks.stdin(self.world.now(), client.0, bytes);
        }
        self.poll(client, Some(News::Input(bytes)));
        self.write_hops();
    }

    fn signal(&mut self, client: ClientId, signal: Signal) {
        self.settle_instant();
        if self.running.contains_key(&client) {
            let now = self.world.now();
            self.sinks.signal(now, client.0, &format!("{signal:?}"));
        }
        self.poll(client, Some(News::Signal(to_program(signal))));
        self.write_hops();
    }

    fn hang_up(&mut self, client: ClientId) {
        self.settle_instant();
        if let Some(mut runner) = self.running.remove(&client) {
            let now = self.world.now();
            self.sinks.signal(now, client.0, "gone");
            runner.program.close(&mut self.world);
            self.end_probe(runner.probe, 130);
            self.write_hops();
        }
        self.events.retain(|&(to, _)| to != client);
    }

    fn advance(&mut self, until_ns: u64) {
        self.pass(SimTime::from_nanos(until_ns), true);
    }

    fn next_event_ns(&self) -> Option<u64> {
        self.next_event().map(SimTime::as_nanos)
    }

    fn now_ns(&self) -> u64 {
        self.world.now().as_nanos()
    }

    fn drain(&mut self) -> Vec<(ClientId, Event)> {
        std::mem::take(&mut self.events)
    }

    fn finish(&mut self) -> Result<(), String> {
        self.settle_instant();
        self.write_hops();
        let now = self.world.now();
        self.sinks.finish(now)
    }
}
