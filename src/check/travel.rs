//! A failing case as files that travel: a scenario, which `vethlab run` replays, and a shell script, which does the same
//! on a real machine.
//! What failed is for the caller to say.

use std::fmt::Write as _;
use std::time::Duration;

/// Command lines that build a network, and those that were run in it, with what became of each.
///
/// ```
/// use vethlab::check::Travel;
///
/// let mut travel = Travel::new(vec!["ip netns add red".to_owned()]);
/// travel.ran("ip netns exec red ping -c 1 -W 1 10.0.0.1", 2);
/// let file = travel.scenario("Nobody is there", "Found by a property.");
/// assert!(file.starts_with("name: \"Nobody is there\"\n"));
/// assert!(file.contains("expect: {status: 2}"));
/// assert!(travel.script("Nobody is there").ends_with("ping -c 1 -W 1 10.0.0.1\n"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Travel {
    hosts: usize,
    setup: Vec<String>,
    steps: Vec<Stage>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Stage {
    Ran { line: String, status: i32 },
    Waited(Duration),
}

impl Travel {
    /// Nothing happened yet in a network that these lines build.
    pub fn new(setup: Vec<String>) -> Self {
        Self {
            setup,
            ..Self::default()
        }
    }

    /// The same where there are so many hosts, `h1` and on, at one underlay.
    #[must_use]
    pub fn with_hosts(self, hosts: usize) -> Self {
        Self { hosts, ..self }
    }

    /// A line ended with a status: that is what the scenario expects again. Give the status that you claim where
    /// the file is to fail until the claim holds.
    pub fn ran(&mut self, line: &str, status: i32) {
        let line = line.to_owned();
        self.steps.push(Stage::Ran { line, status });
    }

    /// Time passed; whole seconds and milliseconds are written.
    pub fn waited(&mut self, time: Duration) {
        match self.steps.last_mut() {
            Some(Stage::Waited(before)) => *before += time,
            _ => self.steps.push(Stage::Waited(time)),
        }
    }

    /// How many lines were run after the network stood.
    pub fn lines(&self) -> usize {
        let ran = |stage: &&Stage| matches!(stage, Stage::Ran { .. });
        self.steps.iter().filter(ran).count()
    }

    /// The scenario file: each line must end as it did.
    pub fn scenario(&self, name: &str, about: &str) -> String {
        let mut text = format!("name: {}\nabout: {}\n", quoted(name), quoted(about));
        if self.hosts > 1 {
            let _ = writeln!(text, "hosts: [{}]", self.host_names().join(", "));
        }
        text += "setup:\n";
        for line in &self.setup {
            let _ = writeln!(text, "  - {}", quoted(line));
        }
        text += "steps:\n";
        for stage in &self.steps {
            let _ = match stage {
                Stage::Waited(time) => writeln!(text, "  - wait: {}ms", time.as_millis()),
                Stage::Ran { line, status } => writeln!(
                    text,
                    "  - run: {}\n    expect: {{status: {status}}}",
                    quoted(line)
                ),
            };
        }
        text
    }

    fn host_names(&self) -> Vec<String> {
        (1..=self.hosts)
            .map(|number| format!("h{number}"))
            .collect()
    }

    /// Lines that make a namespace for each host, and a bridge between them. Engines of docker they do not make:
    /// a machine has one.
    fn stage(&self) -> String {
        let mut text = ON.to_owned();
        for (number, host) in self.host_names().iter().enumerate() {
            let address = super::network::host_address(number);
            let _ = write!(
                text,
                "ip netns add {host}\n\
                 ip link add eth0 netns {host} type veth peer name {host} netns underlay\n\
                 ip -n underlay link set {host} master switch up\n\
                 ip -n {host} addr add {address}/24 brd + dev eth0\n\
                 ip -n {host} link set lo up\n\
                 ip -n {host} link set eth0 up\n"
            );
        }
        text
    }

    /// The script, for a shell of root in namespaces of its own. Hosts are namespaces there.
    pub fn script(&self, name: &str) -> String {
        let mut text = format!("#!/bin/sh\n# {}\n", name.replace('\n', " "));
        if self.hosts > 1 {
            text += &self.stage();
        }
        for line in &self.setup {
            let _ = writeln!(text, "{line}");
        }
        for stage in &self.steps {
            let _ = match stage {
                Stage::Waited(time) => {
                    writeln!(text, "sleep {}.{:03}", time.as_secs(), time.subsec_millis())
                }
                Stage::Ran { line, .. } => writeln!(text, "{line}"),
            };
        }
        text
    }
}

/// `on HOST CMD` for a real machine, and the namespace in which the hosts are joined.
const ON: &str = "on() { host=$1; shift; nsenter --net=/run/netns/$host \"$@\"; }
ip netns add underlay
ip -n underlay link add switch type bridge
ip -n underlay link set switch up
";

/// A text as a double-quoted scalar of YAML, which JSON's strings are.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
