//! The judged form of a scenario: what it means, as commands and expectations.
//! It runs nothing.

mod expect;
mod known;
mod step;
mod topology;

pub use expect::{Expectation, Look, LossPlace, Rule, Stream, Table, TextRule};
pub use step::{Action, Step};

use std::time::Duration;

use crate::docker::Era;

use super::fault::{Fault, Place};
use super::hosts::{self, Plan};
use super::line;
use super::names::NetnsName;
use super::schema;
use known::Known;

/// Steps in one scenario.
const STEPS_MAX: usize = 10_000;
/// Commands that declare a network or run in one step.
const COMMANDS_MAX: usize = 100_000;
/// The longest time that a scenario may name: a day.
pub(crate) const TIME_MAX: Duration = Duration::from_secs(86_400);

/// What a scenario means.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What it is called.
    pub name: String,
    /// What it teaches or guards.
    pub about: Option<String>,
    /// Decides every random number.
    pub seed: u64,
    /// As which Docker the engines behave.
    pub docker_era: Era,
    /// The machines.
    pub hosts: Option<Plan>,
    /// What builds the network.
    pub setup: Vec<Command>,
    /// What happens then.
    pub steps: Vec<Step>,
}

/// A command line of a scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Command {
    /// The host in whose root namespace it is typed; the first where none is named.
    pub host: Option<String>,
    /// Its words.
    pub words: Vec<String>,
    /// Where the file says so.
    pub place: Place,
}

impl Command {
    /// The command as typed in the root namespace of its host.
    pub fn typed(&self) -> String {
        line::joined(&self.words)
    }

    /// Words of a command to be run in a namespace.
    fn inside(netns: &NetnsName, words: Vec<String>, place: Place) -> Self {
        let words = if netns.is_root() {
            words
        } else {
            let exec = ["ip", "netns", "exec", &netns.netns].map(str::to_owned);
            exec.into_iter().chain(words).collect()
        };
        Self {
            host: netns.host.clone(),
            words,
            place,
        }
    }

    /// A command of `ip` or `bridge` that names its namespace by `-n`.
    fn aimed(netns: &NetnsName, tool: &str, text: &str, place: Place) -> Self {
        let mut words = vec![tool.to_owned()];
        if !netns.is_root() {
            words.extend(["-n".to_owned(), netns.netns.clone()]);
        }
        words.extend(text.split_ascii_whitespace().map(str::to_owned));
        Self {
            host: netns.host.clone(),
            words,
            place,
        }
    }
}

/// Judges a scenario.
///
/// # Errors
/// The first thing in it that makes no sense.
pub fn check(scenario: &schema::Scenario) -> Result<Checked, Fault> {
    let name = scenario.name.value.trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Fault::new(
            scenario.name.place,
            "a name is one line of text",
        ));
    }
    if let Some(step) = scenario.steps.get(STEPS_MAX) {
        return Err(Fault::new(
            step::place_of(step),
            format!("more than {STEPS_MAX} steps"),
        ));
    }
    let known = Known::of(scenario)?;
    let setup = topology::commands(scenario, &known)?;
    if setup.len() > COMMANDS_MAX {
        let words = format!("a network of more than {COMMANDS_MAX} commands");
        return Err(Fault::new(setup[COMMANDS_MAX].place, words));
    }
    let steps = scenario.steps.iter().map(|step| step::check(step, &known));
    Ok(Checked {
        name: name.to_owned(),
        about: scenario.about.clone(),
        seed: scenario.seed.unwrap_or(0),
        docker_era: scenario.docker_era.map(Era::from).unwrap_or_default(),
        hosts: machines(scenario)?,
        setup,
        steps: steps.collect::<Result<_, _>>()?,
    })
}

/// The machines, where any are given.
fn machines(scenario: &schema::Scenario) -> Result<Option<Plan>, Fault> {
    let Some(hosts) = &scenario.hosts else {
        if let Some(cable) = scenario.cables.first() {
            return Err(Fault::new(cable.a.place, "cables go with `hosts`"));
        }
        return Ok(None);
    };
    let plan = hosts::plan(&hosts.value, &scenario.networks, &scenario.cables);
    let first = |faults: Vec<Fault>| {
        let first = faults.into_iter().next();
        first.unwrap_or_else(|| Fault::new(hosts.place, "these hosts make no sense"))
    };
    plan.map(Some).map_err(first)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn checked(text: &str) -> Result<Checked, Fault> {
        check(&crate::scenario::read(text.as_bytes())?)
    }

    fn commands(text: &str) -> Vec<String> {
        let checked = checked(text).unwrap();
        checked.setup.iter().map(Command::typed).collect()
    }

    #[test]
    fn a_declared_network_is_commands() {
        let text = "
name: x
namespaces: [red]
bridges: [{dev: br0, ports: [p0], address: 10.0.0.254/24, stp: true}]
veths:
  - {a: p0, b: {dev: red/eth0, address: [10.0.0.1/24, 2001:db8::1/64 nodad], mac: '02:00:00:00:00:01'}}
sysctls: [{in: red, set: net.ipv4.ip_forward=1}]
neighbours: [{dev: red/eth0, address: 10.0.0.9, mac: '02:00:00:00:00:09'}]
routes: [{in: red, add: default via 10.0.0.254}]
";
        let want = [
            "ip netns add red",
            "ip -n red link set lo up",
            "ip link add br0 type bridge",
            "ip link set br0 type bridge stp_state 1",
            "ip link add p0 type veth peer name eth0 address 02:00:00:00:00:01 netns red",
            "ip link set p0 master br0",
            "ip netns exec red sysctl -w net.ipv4.ip_forward=1",
            "ip address add 10.0.0.254/24 dev br0",
            "ip -n red address add 10.0.0.1/24 dev eth0",
            "ip -n red address add 2001:db8::1/64 dev eth0 nodad",
            "ip link set br0 up",
            "ip link set p0 up",
            "ip -n red link set eth0 up",
            "ip -n red neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0",
            "ip -n red route add default via 10.0.0.254",
        ];
        assert_eq!(commands(text), want);
    }

    #[test]
    fn what_makes_no_sense_has_a_place() {
        for (text, want) in [
            (
                "name: x\nnamespaces: [red, red]\n",
                "2:19: namespace `red` is there twice",
            ),
            (
                "name: x\nnamespaces: [red]\nveths:\n  - {a: rde/eth0, b: x}\n",
                "4:9: no namespace `rde` (did you mean `red`?)",
            ),
            (
                "name: x\nsteps:\n  - run: ip a\n    wait: 3s\n",
                "4:11: a step does one thing: `run` and `wait` are two",
            ),
            (
                "name: x\nveths: [{a: p0, b: p1}]\naddresses: [{dev: p2, address: 10.0.0.1/24}]\n",
                "3:19: no device `p2` is declared (did you mean `p0`?)",
            ),
            (
                "name: x\nsteps:\n  - run: ip a\n    in: h2:red\n",
                "4:9: no host `h2`",
            ),
            (
                "name: x\nsteps:\n  - run: ip a | wc\n",
                "3:10: a pipe needs",
            ),
            ("name: ''\n", "1:7: a name is"),
        ] {
            let fault = checked(text).unwrap_err().to_string();
            assert!(fault.starts_with(want), "{text}: {fault}");
        }
    }
}
