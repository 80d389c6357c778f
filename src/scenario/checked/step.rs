//! A step judged: one action as commands, and what must hold after it.
//! `fail` and `heal` are commands too: the ones that a person would type.

use std::time::Duration;

use super::expect::{self, Expectation};
use super::known::Known;
use super::topology::shortened;
use super::{COMMANDS_MAX, Command, TIME_MAX, line};
use crate::scenario::fault::{Fault, Place};
use crate::scenario::names::{DevName, NetnsName};
use crate::scenario::schema::{self, At, Span};

/// Echo requests of one step.
const PINGS_MAX: u32 = 100_000;
/// Bytes of an echo request's payload: what an IPv4 packet can carry.
const PING_SIZE_MAX: u32 = 65_507;
/// Random losses are counted of so many.
const MILLION: u32 = 1_000_000;

/// One thing that happens.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it begins.
    pub place: Place,
    /// What happens and why, in a sentence.
    pub say: Option<String>,
    /// What happens.
    pub action: Action,
    /// What must hold after it.
    pub expect: Vec<Expectation>,
    /// So long after its beginning at the latest.
    pub within: Option<Duration>,
    /// At this virtual time at the latest.
    pub by: Option<Duration>,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum Action {
    /// Commands, one after another.
    Run(Vec<Command>),
    /// Echo requests.
    Ping {
        /// The namespace from which.
        from: NetnsName,
        /// How many.
        count: u32,
        /// The command that sends them.
        command: Command,
    },
    /// Time passes.
    Wait(Duration),
    /// Something is broken or mended, by commands.
    Fault(Vec<Command>),
    /// Hosts whose cables are unplugged, or plugged in again.
    Cut {
        /// The hosts.
        hosts: Vec<String>,
        /// Whether they are unplugged.
        cut: bool,
    },
    /// Nothing: the step only looks.
    Look,
}

/// Judges a step.
pub(super) fn check(step: &schema::Step, known: &Known) -> Result<Step, Fault> {
    let action = action(step, known)?;
    let place = place_of(step);
    if let (Some(netns), None) = (&step.netns, &step.run) {
        return Err(Fault::new(netns.place, "`in` goes with `run`"));
    }
    let expected = step.expect.as_ref().map(|expect| &expect.value);
    let expect = expected.map(|expect| expect::check(expect, known, &action));
    let time = |time: Option<&At<Span>>| time.map(check_time).transpose();
    Ok(Step {
        place,
        say: step.say.as_ref().map(|say| say.value.trim().to_owned()),
        action,
        expect: expect.transpose()?.unwrap_or_default(),
        within: time(expected.and_then(|expect| expect.within.as_ref()))?,
        by: time(expected.and_then(|expect| expect.by.as_ref()))?,
    })
}

/// The first thing that a step says.
pub(super) fn place_of(step: &schema::Step) -> Place {
    let places = [
        step.say.as_ref().map(|it| it.place),
        step.netns.as_ref().map(|it| it.place),
        step.run.as_ref().map(|it| it.place),
        step.ping.as_ref().map(|it| it.place),
        step.wait.as_ref().map(|it| it.place),
        step.fail.as_ref().map(|it| it.place),
        step.heal.as_ref().map(|it| it.place),
        step.expect.as_ref().map(|it| it.place),
    ];
    places.into_iter().flatten().min().unwrap_or(Place::START)
}

fn action(step: &schema::Step, known: &Known) -> Result<Action, Fault> {
    let said = [
        ("run", step.run.as_ref().map(|it| it.place)),
        ("ping", step.ping.as_ref().map(|it| it.place)),
        ("wait", step.wait.as_ref().map(|it| it.place)),
        ("fail", step.fail.as_ref().map(|it| it.place)),
        ("heal", step.heal.as_ref().map(|it| it.place)),
    ];
    let mut said = said
        .iter()
        .filter_map(|(name, place)| place.map(|place| (name, place)));
    if let (Some((one, _)), Some((other, place))) = (said.next(), said.next()) {
        let words = format!("a step does one thing: `{one}` and `{other}` are two");
        return Err(Fault::new(place, words));
    }
    if let Some(run) = &step.run {
        run_action(run, step.netns.as_ref(), known)
    } else if let Some(ping) = &step.ping {
        ping_action(ping, known)
    } else if let Some(wait) = &step.wait {
        check_time(wait).map(Action::Wait)
    } else if let Some(fault) = &step.fail {
        fault_action(fault, true, known)
    } else if let Some(fault) = &step.heal {
        fault_action(fault, false, known)
    } else {
        Ok(Action::Look)
    }
}

/// A time within bounds.
pub(super) fn check_time(time: &At<Span>) -> Result<Duration, Fault> {
    if time.value.0 > TIME_MAX {
        return Err(Fault::new(time.place, "a time of more than 24h"));
    }
    Ok(time.value.0)
}

fn run_action(
    run: &At<schema::Lines>,
    netns: Option<&At<String>>,
    known: &Known,
) -> Result<Action, Fault> {
    let netns = known.netns(netns)?;
    let lines = &run.value.0;
    if lines.is_empty() {
        return Err(Fault::new(run.place, "nothing to run"));
    }
    if lines.len() > COMMANDS_MAX {
        return Err(Fault::new(
            run.place,
            format!("more than {COMMANDS_MAX} commands"),
        ));
    }
    let command = |text: &At<String>| {
        let words = line::words(&text.value).map_err(|words| Fault::new(text.place, words))?;
        Ok(Command::inside(&netns, words, text.place))
    };
    Ok(Action::Run(
        lines.iter().map(command).collect::<Result<_, _>>()?,
    ))
}

fn ping_action(ping: &At<schema::Ping>, known: &Known) -> Result<Action, Fault> {
    let place = ping.place;
    let ping = &ping.value;
    let from = known.netns(ping.from.as_ref())?;
    let mut words = vec!["ping".to_owned()];
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    let count = bounded(ping.count.as_ref(), 1, PINGS_MAX)?.unwrap_or(1);
    option("-c", count.to_string());
    if let Some(size) = bounded(ping.size.as_ref(), 0, PING_SIZE_MAX)? {
        option("-s", size.to_string());
    }
    if let Some(ttl) = bounded(ping.ttl.as_ref(), 1, 255)? {
        option("-t", ttl.to_string());
    }
    for (name, time) in [("-i", &ping.interval), ("-W", &ping.timeout)] {
        if let Some(time) = time {
            option(name, seconds(check_time(time)?));
        }
    }
    if let Some(df) = ping.df {
        option("-M", if df { "do" } else { "dont" }.to_owned());
    }
    if let Some(source) = &ping.source {
        option("-I", one_word(source)?);
    }
    words.push(one_word(&ping.to)?);
    let command = Command::inside(&from, words, ping.to.place.max(place));
    Ok(Action::Ping {
        from,
        count,
        command,
    })
}

fn bounded(number: Option<&At<u32>>, min: u32, max: u32) -> Result<Option<u32>, Fault> {
    match number {
        Some(number) if !(min..=max).contains(&number.value) => {
            let words = format!("{} is not from {min} to {max}", number.value);
            Err(Fault::new(number.place, words))
        }
        number => Ok(number.map(|number| number.value)),
    }
}

fn one_word(text: &At<String>) -> Result<String, Fault> {
    let word = text.value.trim();
    let bad = word.is_empty() || word.starts_with('-');
    if bad || word.chars().any(|c| c.is_whitespace() || c.is_control()) {
        let words = format!("`{}` is no address or name", shortened(&text.value));
        return Err(Fault::new(text.place, words));
    }
    Ok(word.to_owned())
}

/// Seconds as `ping` takes them, with as many decimals as there are.
fn seconds(time: Duration) -> String {
    let text = format!("{}.{:09}", time.as_secs(), time.subsec_nanos());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn fault_action(fault: &At<schema::Fault>, fail: bool, known: &Known) -> Result<Action, Fault> {
    let place = fault.place;
    let fault = &fault.value;
    let mut commands = Vec::new();
    for name in fault.link.iter().flat_map(|link| &link.0) {
        let dev = known.device(name)?;
        let state = if fail { "down" } else { "up" };
        let set = format!("link set {} {state}", dev.dev);
        commands.push(Command::aimed(&dev.netns, "ip", &set, name.place));
    }
    for name in fault.port.iter().flat_map(|port| &port.0) {
        let dev = known.device(name)?;
        // The states of a port by number: 0 is disabled, 3 is forwarding.
        let set = format!(
            "link set dev {} state {}",
            dev.dev,
            if fail { 0 } else { 3 }
        );
        commands.push(Command::aimed(&dev.netns, "bridge", &set, name.place));
    }
    let mut hosts = Vec::new();
    for name in fault.host.iter().flat_map(|host| &host.0) {
        known.check_host(Some(&name.value), name.place)?;
        hosts.push(name.value.clone());
    }
    if let Some(loss) = &fault.loss {
        let dev = known.device(&loss.on)?;
        commands.push(loss_command(&dev, loss, fail)?);
    }
    if !hosts.is_empty() {
        if commands.is_empty() {
            return Ok(Action::Cut { hosts, cut: fail });
        }
        let words = "a host and a device are cut off in two steps";
        return Err(Fault::new(place, words));
    }
    if commands.is_empty() {
        return Err(Fault::new(
            place,
            "nothing to fail or heal: say `link`, `port`, `host` or `loss`",
        ));
    }
    Ok(Action::Fault(commands))
}

fn loss_command(dev: &DevName, loss: &schema::Loss, fail: bool) -> Result<Command, Fault> {
    let place = loss.on.place;
    let words = match (fail, bounded(loss.ppm.as_ref(), 0, MILLION)?) {
        (true, Some(ppm)) => {
            let percent = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
            format!("qdisc replace dev {} root netem loss {percent}%", dev.dev)
        }
        (true, None) => {
            return Err(Fault::new(
                place,
                "`loss` needs `ppm`: how many of a million frames",
            ));
        }
        (false, None) => format!("qdisc del dev {} root", dev.dev),
        (false, Some(_)) => {
            return Err(Fault::new(
                place,
                "`heal` takes the whole loss away, without `ppm`",
            ));
        }
    };
    Ok(Command::aimed(&dev.netns, "tc", &words, place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::checked::tests::checked;

    fn typed(step: &str) -> Vec<String> {
        let text = format!(
            "name: x\nnamespaces: [red]\nveths: [{{a: p0, b: red/eth0}}]\nsteps:\n  - {step}\n"
        );
        let checked = checked(&text).unwrap();
        match &checked.steps[0].action {
            Action::Run(commands) | Action::Fault(commands) => {
                commands.iter().map(Command::typed).collect()
            }
            Action::Ping { command, .. } => vec![command.typed()],
            Action::Wait(_) | Action::Cut { .. } | Action::Look => Vec::new(),
        }
    }

    #[test]
    fn actions_are_the_commands_that_a_person_types() {
        for (step, want) in [
            ("{run: ip a, in: red}", "ip netns exec red ip a"),
            (
                "{ping: {from: red, to: 10.0.0.2}}",
                "ip netns exec red ping -c 1 10.0.0.2",
            ),
            (
                "{ping: {to: 10.0.0.2, count: 3, size: 1400, df: true, interval: 250ms}}",
                "ping -c 3 -s 1400 -i 0.25 -M do 10.0.0.2",
            ),
            ("{fail: {link: red/eth0}}", "ip -n red link set eth0 down"),
            ("{heal: {link: p0}}", "ip link set p0 up"),
            ("{fail: {port: p0}}", "bridge link set dev p0 state 0"),
            (
                "{fail: {loss: {on: p0, ppm: 12500}}}",
                "tc qdisc replace dev p0 root netem loss 1.2500%",
            ),
            ("{heal: {loss: {on: p0}}}", "tc qdisc del dev p0 root"),
        ] {
            assert_eq!(typed(step), [want], "{step}");
        }
    }
}
