//! The world behind a session: tools that are called, programs that run on, one clock.
//! Who calls, and how the words travel, is the session's business.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::backend::{
    Backend, ClientId, Create, Each, Event, Exec, FileHandle, HostError, HostIo, Invocation,
    Output, Running, Signal, Status, TOOL_COST_NS,
};
use super::sinks::{Ending, Sinks};
use super::{leaves_simulation, processes};
use crate::capture::Input;
use crate::docker::Engines;
use crate::engine::Exhausted;
use crate::engine::trace::Names;
use crate::kernel::World;
use crate::program::{self, Console, Piece, Poll, Program};
use crate::tool::{self, Call, Env, ExecRequest, FileError, Files, Outcome};
use crate::units::{Errno, HostId, Key, NetnsId, SimTime, SockId};

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
    /// Why the simulation cannot go on.
    fault: Option<String>,
    /// What is written of the session.
    sinks: Sinks,
    /// A call is being started: what happens meanwhile is written behind it.
    starting: bool,
}

/// What a program gets beside a poll.
enum News<'n> {
    Signal(program::Signal),
    /// A part of standard input; an empty one is its end.
    Input(&'n [u8]),
}

/// A program that runs on.
struct Runner {
    program: Program,
    /// The name and the number of its process.
    name: String,
    pid: u32,
    wake: Option<SimTime>,
    files: HashMap<String, FileHandle>,
    /// The command, where its failure is kept for `explain`.
    probe: Option<ExecRequest>,
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

    /// The namespace and host of a caller; nothing where the namespace is gone.
    fn place(&self, call: &Invocation) -> Option<(HostId, NetnsId)> {
        let host = self.world.default_host();
        let netns = match call.env.get(NETNS_KEY) {
            Some(key) => NetnsId::from(Key::from_bits(key.parse().ok()?)),
            None => self.world.host(host).root,
        };
        Some((self.world.host_of(netns)?, netns))
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

    /// Passes on what was printed; files are opened when their first piece comes. Only tcpdump writes files.
    fn print(
        &mut self,
        client: ClientId,
        console: &mut Console,
        files: &mut HashMap<String, FileHandle>,
        mut host: Option<&mut dyn HostIo>,
    ) -> Result<(), String> {
        for piece in console.take() {
            let output = match piece {
                Piece::Out(bytes) => Output::Stdout(bytes),
                Piece::Err(bytes) => Output::Stderr(bytes),
                Piece::File {
                    path,
                    fresh: _,
                    bytes,
                } => {
                    let handle = match (files.get(&path), host.as_deref_mut()) {
                        (Some(&handle), _) => handle,
                        (None, Some(host)) => {
                            let opened = host.create_file(&path, Create::Truncate);
                            let handle =
                                opened.map_err(|error| format!("tcpdump: {path}: {error}\n"))?;
                            files.insert(path, handle);
                            handle
                        }
                        (None, None) => continue,
                    };
                    Output::File(handle, bytes)
                }
            };
            self.events.push((client, Event::Output(output)));
        }
        Ok(())
    }

    /// The processes in namespaces, where the command asks for them.
    fn processes_of(&mut self, invocation: &Invocation) -> BTreeMap<u32, NetnsId> {
        if !processes::are_asked_for(&invocation.argv) {
            return BTreeMap::new();
        }
        let root = self.world.host(self.world.default_host()).root;
        let found = processes::of_session(invocation.pid, &self.processes, root);
        self.processes.retain(|pid, _| found.contains_key(pid));
        found
    }

    /// Who has which socket, where the command lists sockets.
    fn owners(&self, invocation: &Invocation) -> BTreeMap<SockId, (String, u32)> {
        if !matches!(invocation.tool(), "ss" | "netstat") {
            return BTreeMap::new();
        }
        let of = |runner: &Runner| {
            let process = (runner.name.clone(), runner.pid);
            let sockets = runner.program.sockets().into_iter();
            sockets
                .map(move |socket| (socket, process.clone()))
                .collect::<Vec<_>>()
        };
        self.running.values().flat_map(of).collect()
    }

    /// What a caller becomes: a simulated tool or a real command, in another namespace.
    fn exec(&mut self, pid: u32, request: ExecRequest) -> Exec {
        self.processes.insert(pid, request.netns);
        let root = self.world.host(request.host).root == request.netns;
        let home = root && request.host == self.world.default_host();
        let key = (!home).then(|| Key::from(request.netns).to_bits().to_string());
        let name = request.netns_name.filter(|_| !root);
        let host = self.world.host(request.host).name.clone();
        let simulated = request
            .argv
            .first()
            .is_some_and(|name| tool::find(name).is_some());
        let notice = if simulated {
            None
        } else {
            leaves_simulation(
                request.argv.first().map_or("", String::as_str),
                name.as_deref().unwrap_or(""),
            )
        };
        Exec {
            argv: request.argv,
            env: vec![
                (NETNS_KEY.to_owned(), key),
                (NETNS_NAME.to_owned(), name),
                (HOST_NAME.to_owned(), Some(host)),
            ],
            notice,
            failure: request.failure,
            failure_status: request.failure_status,
        }
    }

    /// A program begins: its first poll may open files, which later ones only add to.
    fn begin(
        &mut self,
        client: ClientId,
        mut program: Program,
        invocation: &Invocation,
        host: &mut dyn HostIo,
        probe: Option<ExecRequest>,
    ) -> Status {
        let mut console = Console::default();
        let poll = program.poll(&mut self.world, &mut console);
        let mut files = HashMap::new();
        if let Err(error) = self.print(client, &mut console, &mut files, Some(host)) {
            program.close(&mut self.world);
            self.say(client, &error);
            return Status::Done(1);
        }
        match poll {
            Poll::Exit(status) => {
                self.close_files(client, &files);
                program.close(&mut self.world);
                self.end_probe(probe, status);
                Status::Done(status)
            }
            Poll::Wait(wake) => {
                let running = Running {
                    drives_clock: program.is_active(),
                    signals: program
                        .signals()
                        .iter()
                        .map(|&signal| to_session(signal))
                        .collect(),
                    stdin: program.reads_stdin(),
                };
                let runner = Runner {
                    program,
                    name: invocation.tool().to_owned(),
                    pid: invocation.pid,
                    wake,
                    files,
                    probe,
                };
                self.running.insert(client, runner);
                Status::Running(running)
            }
        }
    }

    fn close_files(&mut self, client: ClientId, files: &HashMap<String, FileHandle>) {
        let mut handles: Vec<FileHandle> = files.values().copied().collect();
        handles.sort_unstable();
        for handle in handles {
            self.events
                .push((client, Event::Output(Output::Close(handle))));
        }
    }

    /// Polls a program, or gives it a signal or input, and passes on what came of it.
    fn poll(&mut self, client: ClientId, news: Option<News<'_>>) {
        let Some(mut runner) = self.running.remove(&client) else {
            return;
        };
        let mut console = Console::default();
        let program = &mut runner.program;
        let poll = match news {
            Some(News::Signal(signal)) => program.signal(&mut self.world, &mut console, signal),
            Some(News::Input(bytes)) => program.stdin(&mut self.world, &mut console, bytes),
            None => program.poll(&mut self.world, &mut console),
        };
        let printed = self.print(client, &mut console, &mut runner.files, None);
        debug_assert!(printed.is_ok(), "without a host no file is opened");
        match poll {
            Poll::Exit(status) => {
                self.close_files(client, &runner.files);
                runner.program.close(&mut self.world);
                self.end_probe(runner.probe, status);
                self.write_hops();
                let now = self.world.now();
                self.sinks.output(now, client.0, Ending::Status(status));
                self.events.push((client, Event::Ended(status)));
            }
            Poll::Wait(wake) => {
                runner.wake = wake;
                self.running.insert(client, runner);
            }
        }
    }

    /// A command that probes the network has ended.
    fn end_probe(&mut self, probe: Option<ExecRequest>, status: i32) {
        if let Some(request) = probe {
            tool::explain::end_probe(&mut self.world, &request, status);
        }
    }

    /// A command is called: it goes into the trace once it is known which files it read.
    fn input_of(&self, client: ClientId, call: &Invocation, on: HostId, netns: NetnsId) -> Input {
        let key = call.env.get_key_value(NETNS_KEY);
        let place = self.world.place(netns, None);
        Input {
            number: client.0,
            host: self.world.host(on).name.clone(),
            netns: place.netns,
            argv: call.argv.clone(),
            env: key
                .map(|(key, value)| (key.clone(), value.clone()))
                .into_iter()
                .collect(),
            files: Vec::new(),
        }
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

impl Lab {
    /// Runs a tool; gives what a trace says of the call too.
    fn call(
        &mut self,
        client: ClientId,
        invocation: &Invocation,
        host: &mut dyn HostIo,
    ) -> (Status, Option<Input>) {
        if let Some(fault) = self.fault.clone() {
            self.say(client, &format!("vethlab: {fault}\n"));
            return (Status::Done(TOOL_FAILED), None);
        }
        let Some((on, netns)) = self.place(invocation) else {
            self.say(
                client,
                "vethlab: the network namespace of this process is gone\n",
            );
            return (Status::Done(TOOL_FAILED), None);
        };
        let mut input = match self.sinks.wants_inputs() {
            true => Some(self.input_of(client, invocation, on, netns)),
            false => None,
        };
        let request = || ExecRequest {
            host: on,
            netns,
            netns_name: None,
            argv: invocation.argv.clone(),
            failure: String::new(),
            failure_status: 127,
        };
        // While another command runs on, its hops are being kept.
        let alone = self.running.values().all(|runner| runner.probe.is_none());
        let probe = (alone && tool::explain::is_probe(&invocation.argv)).then(request);
        if probe.is_some() {
            self.world.begin_story();
        }
        let env = Env {
            stdin_tty: invocation.stdin_tty,
            stdout_tty: invocation.stdout_tty,
            columns: invocation.columns,
            cwd: invocation.cwd.to_string_lossy().into_owned(),
            pid: invocation.pid,
            ident: ident_of(client),
            ppid: parent_of(invocation.pid),
            vars: invocation.env.clone(),
            processes: self.processes_of(invocation),
            owners: self.owners(invocation),
        };
        let mut console = Console::default();
        let mut files = HostFiles {
            host,
            read: Vec::new(),
        };
        let mut call = Call {
            world: &mut self.world,
            docker: &mut self.docker,
            host: on,
            netns,
            console: &mut console,
            files: &mut files,
            env: &env,
        };
        let Some(outcome) = tool::run(&mut call, &invocation.argv) else {
            self.say(
                client,
                &format!("vethlab: {} is not simulated\n", invocation.tool()),
            );
            return (Status::Done(TOOL_FAILED), input);
        };
        if let Some(input) = &mut input {
            input.files = std::mem::take(&mut files.read);
        }
        let mut opened = HashMap::new();
        if let Err(error) = self.print(client, &mut console, &mut opened, Some(host)) {
            self.say(client, &error);
            return (Status::Done(1), input);
        }
        self.close_files(client, &opened);
        let status = match outcome {
            Outcome::Exit(status) => {
                self.end_probe(probe, status);
                Status::Done(status)
            }
            Outcome::Start(program) => self.begin(client, *program, invocation, host, probe),
            Outcome::Exec(request) => Status::Exec(self.exec(invocation.pid, request)),
            Outcome::Each(runs) => {
                let run = |(before, request): (String, ExecRequest)| {
                    (before.into_bytes(), self.exec(invocation.pid, request))
                };
                Status::Each(Each {
                    runs: runs.into_iter().map(run).collect(),
                    status: Some(0),
                })
            }
            Outcome::Then(both) => {
                let run = |request| (Vec::new(), self.exec(invocation.pid, request));
                Status::Each(Each {
                    runs: both.into_iter().map(run).collect(),
                    status: None,
                })
            }
            Outcome::Wait => Status::Wait,
        };
        (status, input)
    }
}

/// The caller's files, as tools ask for them.
struct HostFiles<'h> {
    host: &'h mut dyn HostIo,
    /// What was read, `-` for standard input.
    read: Vec<(String, Vec<u8>)>,
}

impl Files for HostFiles<'_> {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, FileError> {
        let content = self.host.read_file(path).map_err(file_error)?;
        self.read.push((path.to_owned(), content.clone()));
        Ok(content)
    }

    fn stdin(&mut self) -> Result<Vec<u8>, FileError> {
        let content = self.host.read_stdin().map_err(file_error)?;
        self.read.push(("-".to_owned(), content.clone()));
        Ok(content)
    }
}

/// What stands for a call's process number where the network sees it: calls next to one another differ.
fn ident_of(client: ClientId) -> u16 {
    const FIRST: u64 = 1000;
    ((FIRST + client.0) & 0xffff) as u16
}

/// The process that started a process; 0 where the system does not tell.
fn parent_of(pid: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    line.and_then(|number| number.trim().parse().ok())
        .unwrap_or(0)
}

fn file_error(error: HostError) -> FileError {
    match error {
        HostError::Wait => FileError::Wait,
        HostError::Os(2) => Errno::Enoent.into(),
        HostError::Os(13) => Errno::Eacces.into(),
        other => FileError::Other(other.to_string()),
    }
}

fn to_session(signal: program::Signal) -> Signal {
    match signal {
        program::Signal::Interrupt => Signal::Interrupt,
        program::Signal::Quit => Signal::Quit,
        program::Signal::Terminate => Signal::Terminate,
        program::Signal::Hangup => Signal::Hangup,
        program::Signal::Alarm => Signal::Alarm,
        program::Signal::User1 => Signal::User1,
        program::Signal::User2 => Signal::User2,
    }
}

fn to_program(signal: Signal) -> program::Signal {
    match signal {
        Signal::Interrupt => program::Signal::Interrupt,
        Signal::Quit => program::Signal::Quit,
        Signal::Terminate => program::Signal::Terminate,
        Signal::Hangup => program::Signal::Hangup,
        Signal::Alarm => program::Signal::Alarm,
        Signal::User1 => program::Signal::User1,
        Signal::User2 => program::Signal::User2,
    }
}
