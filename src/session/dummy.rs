//! A small world for tests of the session: tools that are easy to reckon with.
//! It simulates no network.

use std::collections::BTreeMap;

use super::backend::*;

/// A second.
pub(super) const S: u64 = 1_000_000_000;

/// A world with tools that are easy to reckon with.
#[derive(Default)]
pub(super) struct Dummy {
    pub now_ns: u64,
    pub events: Vec<(ClientId, Event)>,
    /// Who prints at which times: `tick N` and `listen`.
    pub ticking: BTreeMap<ClientId, (u64, u64)>,
    pub listening: Vec<ClientId>,
    pub hung_up: Vec<ClientId>,
    /// Tool calls in the order in which they were served.
    pub log: Vec<String>,
}

impl Dummy {
    fn print(&mut self, client: ClientId, text: &str) {
        let output = Output::Stdout(text.as_bytes().to_vec());
        self.events.push((client, Event::Output(output)));
    }

    fn host_call(&mut self, client: ClientId, content: Result<Vec<u8>, HostError>) -> Status {
        match content {
            Err(HostError::Wait) => Status::Wait,
            Err(error) => {
                self.print(client, &format!("error: {error}"));
                Status::Done(1)
            }
            Ok(bytes) => {
                self.print(client, &format!("{} bytes", bytes.len()));
                Status::Done(0)
            }
        }
    }
}

impl Backend for Dummy {
    fn tools(&self) -> Vec<&'static str> {
        vec![
            "say", "tick", "listen", "cat", "stdin", "write", "as", "flood", "echo",
        ]
    }

    fn start(&mut self, client: ClientId, call: &Invocation, host: &mut dyn HostIo) -> Status {
        let word = call.argv.get(1).cloned().unwrap_or_default();
        if !matches!(call.tool(), "cat" | "stdin") {
            self.log.push(call.argv.join(" "));
        }
        self.now_ns += TOOL_COST_NS;
        match call.tool() {
            "say" => {
                self.print(client, &format!("{word}\n"));
                Status::Done(7)
            }
            "tick" => {
                let count = word.parse().unwrap();
                self.ticking.insert(client, (self.now_ns + S, count));
                Status::Running(Running {
                    drives_clock: true,
                    signals: vec![Signal::Interrupt],
                    stdin: false,
                })
            }
            "listen" | "echo" => {
                self.listening.push(client);
                Status::Running(Running {
                    stdin: call.tool() == "echo",
                    ..Running::default()
                })
            }
            "cat" => {
                let content = host.read_file(&word);
                self.host_call(client, content)
            }
            "stdin" => {
                let content = host.read_stdin();
                self.host_call(client, content)
            }
            "write" => match host.create_file(&word, Create::Truncate) {
                Ok(handle) => {
                    let bytes = b"written".to_vec();
                    self.events
                        .push((client, Event::Output(Output::File(handle, bytes))));
                    self.events
                        .push((client, Event::Output(Output::Close(handle))));
                    Status::Done(0)
                }
                error => self.host_call(client, error.map(|_| vec![])),
            },
            "as" => Status::Exec(Exec {
                argv: call.argv[2..].to_vec(),
                env: vec![("VETHLAB_NETNS".into(), Some(word))],
                ..Exec::default()
            }),
            "flood" => {
                for _ in 0..1000 {
                    let bytes = vec![b'x'; 100_000];
                    self.events
                        .push((client, Event::Output(Output::Stdout(bytes))));
                }
                Status::Done(0)
            }
            _ => unreachable!(),
        }
    }

    fn stdin(&mut self, client: ClientId, bytes: &[u8]) {
        match bytes {
            [] => self.events.push((client, Event::Ended(0))),
            bytes => self.print(client, &String::from_utf8_lossy(bytes)),
        }
    }

    fn signal(&mut self, client: ClientId, signal: Signal) {
        self.print(client, &format!("{signal:?}\n"));
        self.ticking.remove(&client);
        self.events.push((client, Event::Ended(0)));
    }

    fn hang_up(&mut self, client: ClientId) {
        self.ticking.remove(&client);
        self.listening.retain(|other| *other != client);
        self.hung_up.push(client);
    }

    fn advance(&mut self, until_ns: u64) {
        let first = self.ticking.values().map(|(due, _)| *due).min();
        self.now_ns = first.map_or(until_ns, |first| first.min(until_ns));
        let due: Vec<_> = self
            .ticking
            .iter()
            .filter(|(_, (due, _))| *due <= self.now_ns)
            .map(|(client, _)| *client)
            .collect();
        for client in due {
            let (due, left) = self.ticking[&client];
            self.print(client, &format!("{}\n", self.now_ns / S));
            self.ticking.insert(client, (due + S, left - 1));
            if left == 1 {
                self.ticking.remove(&client);
                self.events.push((client, Event::Ended(0)));
            }
        }
    }

    fn next_event_ns(&self) -> Option<u64> {
        self.ticking.values().map(|(due, _)| *due).min()
    }

    fn now_ns(&self) -> u64 {
        self.now_ns
    }

    fn drain(&mut self) -> Vec<(ClientId, Event)> {
        std::mem::take(&mut self.events)
    }
}
