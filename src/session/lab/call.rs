//! One call of a simulated tool: where it runs, what it sees of its caller, and what comes of it.
//! Programs that run on afterwards are in `runner`.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::runner::Runner;
use super::{HOST_NAME, Lab, NETNS_KEY, NETNS_NAME, TOOL_FAILED};
use crate::capture::Input;
use crate::engine::trace::Names;
use crate::program::Console;
use crate::session::backend::{ClientId, Each, Exec, HostError, HostIo, Invocation, Status};
use crate::session::{leaves_simulation, processes};
use crate::tool::{self, Call, Env, ExecRequest, FileError, Files, Outcome};
use crate::units::{Errno, HostId, Key, NetnsId, SockId};

impl Lab {
    /// The namespace and host of a caller; nothing where the namespace is gone.
    fn place(&self, call: &Invocation) -> Option<(HostId, NetnsId)> {
        let host = self.world.default_host();
        let netns = match call.env.get(NETNS_KEY) {
            Some(key) => NetnsId::from(Key::from_bits(key.parse().ok()?)),
            None => self.world.host(host).root,
        };
        Some((self.world.host_of(netns)?, netns))
    }

    /// The processes in namespaces, where the command asks for them.
    fn processes_of(&mut self, invocation: &Invocation) -> BTreeMap<u32, NetnsId> {
        if !processes::are_asked_for(&invocation.argv) {
            return BTreeMap::new();
        }
        self.all_processes(invocation)
    }

    /// Namespaces whose last process has ended go.
    fn release_nameless(&mut self, invocation: &Invocation) {
        if self.nameless.is_empty() {
            return;
        }
        let found = self.all_processes(invocation);
        let (alive, idle): (Vec<_>, Vec<_>) = std::mem::take(&mut self.nameless)
            .into_iter()
            .partition(|netns| found.values().any(|of| of == netns));
        self.nameless = alive;
        for netns in idle {
            self.world.netns_release(netns);
        }
    }

    /// Has the processes in namespaces hold them, before a command that may take their names away.
    fn hold_namespaces(&mut self, invocation: &Invocation) -> Vec<NetnsId> {
        if self.processes.is_empty() || !processes::may_delete_names(&invocation.argv) {
            return Vec::new();
        }
        let mut inside: Vec<NetnsId> = self.all_processes(invocation).into_values().collect();
        inside.sort_unstable();
        inside.dedup();
        inside.retain(|&netns| self.world.netns_hold(netns));
        inside
    }

    /// Those that still have a name need nobody to hold them.
    fn let_go(&mut self, held: Vec<NetnsId>) {
        for netns in held {
            match self.world.netns_is_nameless(netns) {
                true => self.nameless.push(netns),
                false => self.world.netns_release(netns),
            }
        }
    }

    fn all_processes(&mut self, invocation: &Invocation) -> BTreeMap<u32, NetnsId> {
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
    pub(super) fn exec(&mut self, pid: u32, request: ExecRequest) -> Exec {
        self.processes.insert(pid, request.netns);
        if self.world.netns_is_nameless(request.netns) && !self.nameless.contains(&request.netns) {
            self.world.netns_hold(request.netns);
            self.nameless.push(request.netns);
        }
        let root = self.world.host(request.host).root == request.netns;
        let home = root && request.host == self.world.default_host();
        let key = (!home).then(|| Key::from(request.netns).to_bits().to_string());
        let name = request.netns_name.filter(|_| !root);
        let host = self.world.host(request.host).name.clone();
        let simulated = request.argv.first().is_some_and(|name| {
            tool::find(name).is_some() && !tool::stays_real(&request.argv, "/")
        });
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

    /// Runs a tool; gives what a trace says of the call too.
    pub(super) fn call(
        &mut self,
        client: ClientId,
        invocation: &Invocation,
        host: &mut dyn HostIo,
    ) -> (Status, Option<Input>) {
        if let Some(fault) = self.fault.clone() {
            self.say(client, &format!("vethlab: {fault}\n"));
            return (Status::Done(TOOL_FAILED), None);
        }
        self.release_nameless(invocation);
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
            ppid: match processes::may_be_named(&invocation.argv) {
                true => parent_of(invocation.pid),
                false => 0,
            },
            vars: invocation.env.clone(),
            processes: self.processes_of(invocation),
            owners: self.owners(invocation),
        };
        let held = self.hold_namespaces(invocation);
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
        let outcome = tool::run(&mut call, &invocation.argv);
        self.let_go(held);
        let Some(outcome) = outcome else {
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
