//! How a session serves one call: the world's tools, its own `sleep` and `timeout`, and commands in between.
//! In which order calls are served is the server's business.

use std::time::Duration;

use super::backend::{
    Backend, ClientId, Event, Exec, Invocation, Output, Running, Signal, Status, TOOL_COST_NS,
    base_name,
};
use super::clock::Due;
use super::connection::Host;
use super::duration::{Plan, plan_sleep, plan_timeout};
use super::proto::{Reply, Request};
use super::server::{Client, Server, State, Work};

/// How many commands may stand before one another: `sudo ip netns exec a ip netns exec b ..`.
const DEPTH_MAX: usize = 64;

/// Where the system keeps its commands: a tool called by such a path is simulated too.
const SYSTEM_DIRS: [&str; 7] = [
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "",
];

impl<B: Backend> Server<B> {
    /// Does one thing for a client.
    pub(super) fn serve(&mut self, work: Work, id: u64) {
        self.catch_up();
        match work {
            Work::HangUp => {
                self.forget_call(id);
                self.clients.remove(&id);
            }
            Work::Signal | Work::Input => self.take_message(id),
            Work::Call => self.take_call(id),
        }
        self.clock.touch(self.backend.now_ns());
        self.deliver();
        self.flush();
    }

    /// The tool of a client that is gone stops.
    pub(super) fn forget_call(&mut self, id: u64) {
        self.clock.cancel(id);
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        if let Some(call) = client.call.take() {
            self.calls.remove(&call);
            if matches!(client.state, State::Running { .. }) {
                self.backend.hang_up(call);
            }
        }
    }

    /// A message of a client whose call was taken up.
    fn take_message(&mut self, id: u64) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let Some(request) = client.connection.take() else {
            return;
        };
        let running = matches!(client.state, State::Running { .. });
        match (request, client.call) {
            (Request::Signal(signal), Some(call)) if running => self.backend.signal(call, signal),
            (Request::Input(bytes), Some(call)) if running => {
                client.reads_stdin = !bytes.is_empty();
                self.backend.stdin(call, &bytes);
            }
            (request, _) => fetch_more(client, request),
        }
    }

    /// Serves a call.
    fn take_call(&mut self, id: u64) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let State::Called(mut call) = std::mem::replace(&mut client.state, State::Away) else {
            return;
        };
        let number = *client.call.get_or_insert_with(|| {
            self.next_call += 1;
            ClientId(self.next_call)
        });
        self.calls.insert(number, id);
        for _ in 0..DEPTH_MAX {
            match self.start(id, number, &call) {
                Status::Exec(exec) => match self.simulated(&call, &exec) {
                    Some(next) => {
                        self.notify(id, &exec);
                        *call = next;
                    }
                    None => return self.replace(id, exec),
                },
                status => return self.conclude(id, call, status),
            }
        }
        self.fail(id, "vethlab: too many commands before one another\n", 3);
    }

    /// Starts one command, of the session or of the world.
    fn start(&mut self, id: u64, number: ClientId, call: &Invocation) -> Status {
        let plan = match call.tool() {
            "sleep" => plan_sleep(call),
            "timeout" => plan_timeout(call),
            _ => return self.start_in_world(id, number, call),
        };
        self.spend(TOOL_COST_NS);
        self.follow_plan(id, plan)
    }

    fn start_in_world(&mut self, id: u64, number: ClientId, call: &Invocation) -> Status {
        let Some(client) = self.clients.get_mut(&id) else {
            return Status::Done(3);
        };
        if !self.tools.contains(call.tool()) {
            let words = format!("vethlab: {}: this command is not simulated\n", call.tool());
            self.post_bytes(id, words.as_bytes(), Reply::Stderr);
            return Status::Done(3);
        }
        let mut host = Host {
            connection: &mut client.connection,
            fetched: &mut client.fetched,
            next_handle: &mut client.next_handle,
        };
        self.backend.start(number, call, &mut host)
    }

    /// Does what a call of `sleep` or `timeout` comes to. Where a timer runs the
    /// state says so, and the status is not looked at.
    fn follow_plan(&mut self, id: u64, plan: Plan) -> Status {
        let now_ns = self.backend.now_ns();
        let Some(client) = self.clients.get_mut(&id) else {
            return Status::Done(3);
        };
        match plan {
            Plan::Sleep(span_ns) => {
                self.clock
                    .set(now_ns.saturating_add(span_ns), id, Due::Wake);
                client.state = State::Sleeping;
            }
            Plan::Timeout {
                command,
                limit_ns,
                signal,
                kill_after_ns,
            } => {
                if limit_ns > 0 {
                    let due = Due::TimeUp {
                        signal,
                        kill_after_ns,
                    };
                    self.clock.set(now_ns.saturating_add(limit_ns), id, due);
                }
                client.state = State::Timing;
                self.post(id, &Reply::Timed(command));
            }
            Plan::Print(text) => {
                self.post_bytes(id, text.as_bytes(), Reply::Stdout);
            }
            Plan::Fail(text, status) => {
                self.post_bytes(id, text.as_bytes(), Reply::Stderr);
                return Status::Done(status);
            }
        }
        Status::Done(0)
    }

    /// How a started call goes on.
    fn conclude(&mut self, id: u64, call: Box<Invocation>, status: Status) {
        self.deliver();
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        // A timer of the session runs for it.
        if matches!(client.state, State::Sleeping | State::Timing) {
            return;
        }
        match status {
            Status::Done(status) => self.leave(id, &Reply::Exit(status)),
            Status::Running(running) => self.run_on(id, &running),
            Status::Each(each) => {
                client.state = State::Away;
                let (runs, status) = (each.runs, each.status);
                self.post(id, &Reply::Each { runs, status });
            }
            Status::Wait if client.fetched.iter().any(|file| file.end.is_none()) => {
                client.state = State::Fetching(call);
            }
            Status::Wait | Status::Exec(_) => self.fail(id, "vethlab: nothing to wait for\n", 3),
        }
    }

    /// The tool runs on; it may have ended in the meantime.
    fn run_on(&mut self, id: u64, running: &Running) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        if matches!(client.state, State::Leaving) {
            return;
        }
        client.state = State::Running {
            drives_clock: running.drives_clock,
            interruptible: running.signals.contains(&Signal::Interrupt),
        };
        client.reads_stdin = running.stdin;
        let reply = Reply::Running {
            signals: running
                .signals
                .iter()
                .fold(0, |bits, signal| bits | signal.bit()),
            stdin: running.stdin,
        };
        self.post(id, &reply);
    }

    /// The call that a command comes to, where it is simulated.
    fn simulated(&self, call: &Invocation, exec: &Exec) -> Option<Invocation> {
        let word = exec.argv.first()?;
        let (dir, name) = word.rsplit_once('/').unwrap_or(("", word));
        let known = SYSTEM_DIRS.contains(&dir) && !(dir.is_empty() && word.starts_with('/'));
        // `timeout` starts its command itself, which finds the namespace in its environment: the client
        // must become it.
        if name == "timeout"
            || !self.tools.contains(name)
            || !(known || self.bin.as_os_str() == dir)
        {
            return None;
        }
        let mut next = call.clone();
        next.argv.clone_from(&exec.argv);
        next.argv[0] = name.to_owned();
        for (name, value) in &exec.env {
            match value {
                Some(value) => next.env.insert(name.clone(), value.clone()),
                None => next.env.remove(name),
            };
        }
        Some(next)
    }

    fn notify(&mut self, id: u64, exec: &Exec) {
        if let Some(notice) = &exec.notice {
            let line = format!("{notice}\n");
            self.post_bytes(id, line.as_bytes(), Reply::Stderr);
        }
    }

    /// The client becomes a real command.
    fn replace(&mut self, id: u64, mut exec: Exec) {
        self.deliver();
        if let (Some(rcfile), [shell]) = (&self.rcfile, exec.argv.as_slice())
            && base_name(shell) == "bash"
        {
            let rcfile = rcfile.to_string_lossy().into_owned();
            exec.argv.extend(["--rcfile".to_owned(), rcfile]);
        }
        self.leave(id, &Reply::Exec(exec));
    }

    /// The last word to a client.
    pub(super) fn leave(&mut self, id: u64, reply: &Reply) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        client.state = State::Leaving;
        self.clock.cancel(id);
        if let Some(call) = client.call.take() {
            self.calls.remove(&call);
        }
        self.post(id, reply);
    }

    /// Ends a client with words of ours.
    pub(super) fn fail(&mut self, id: u64, words: &str, status: i32) {
        self.post_bytes(id, words.as_bytes(), Reply::Stderr);
        self.leave(id, &Reply::Exit(status));
    }

    /// Hands out what happened in the world. Whether something did.
    pub(super) fn deliver(&mut self) -> bool {
        let events = self.backend.drain();
        let any = !events.is_empty();
        for (number, event) in events {
            let Some(id) = self.calls.get(&number).copied() else {
                continue;
            };
            match event {
                Event::Output(output) => self.post_output(id, output),
                Event::Ended(status) => self.leave(id, &Reply::Exit(status)),
                Event::Died(signal) => self.leave(id, &Reply::Die(signal)),
            }
        }
        any
    }

    fn post_output(&mut self, id: u64, output: Output) {
        match output {
            Output::Stdout(bytes) => self.post_bytes(id, &bytes, Reply::Stdout),
            Output::Stderr(bytes) => self.post_bytes(id, &bytes, Reply::Stderr),
            Output::File(handle, bytes) => {
                self.post_bytes(id, &bytes, |bytes| Reply::File(handle, bytes));
            }
            Output::Close(handle) => self.post(id, &Reply::Close(handle)),
        }
    }

    /// A passive tool for which nothing happens any more is stopped as by Ctrl-C.
    pub(super) fn stop_idle(&mut self, after: Duration) {
        let idle: Vec<u64> = self
            .clients
            .iter()
            .filter(|(_, client)| matches!(client.state, State::Running { .. }))
            .map(|(id, _)| *id)
            .collect();
        for id in idle {
            let Some(client) = self.clients.get_mut(&id) else {
                continue;
            };
            let interruptible = matches!(
                client.state,
                State::Running {
                    interruptible: true,
                    ..
                }
            );
            let words = format!(
                "vethlab: {} is stopped: {}, and nobody is left who could act\n",
                client.tool,
                idle_words(after)
            );
            let call = client.call.filter(|_| interruptible);
            self.post_bytes(id, words.as_bytes(), Reply::Stderr);
            if let Some(call) = call {
                self.backend.signal(call, Signal::Interrupt);
                self.deliver();
            }
            if self
                .clients
                .get(&id)
                .is_some_and(|client| !matches!(client.state, State::Leaving))
            {
                self.forget_call(id);
                self.leave(id, &Reply::Exit(3));
            }
        }
        self.flush();
    }
}

fn idle_words(after: Duration) -> String {
    match after.as_secs() {
        0 => "nothing will happen any more".to_owned(),
        seconds => format!("nothing happened for {seconds} s of virtual time"),
    }
}

/// A part of a file that a call waits for; anything else is of no use any more.
fn fetch_more(client: &mut Client, request: Request) {
    let Some(file) = client.fetched.last_mut().filter(|file| file.end.is_none()) else {
        return;
    };
    if !file.take(request) {
        return;
    }
    match std::mem::replace(&mut client.state, State::Away) {
        State::Fetching(call) => client.state = State::Called(call),
        other => client.state = other,
    }
}
