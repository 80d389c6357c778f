//! What must hold, judged: each rule by itself, with the place where it stands.
//! How a rule is held is in `scenario::expect`.

use regex::{Regex, RegexBuilder};

use super::known::Known;
use super::step::Action;
use super::topology::shortened;
use crate::engine::trace::DropReason;
use crate::scenario::fault::{Fault, Place, near};
use crate::scenario::names::{DevName, NetnsName};
use crate::scenario::schema::{self, At, Count, Many};
use crate::wire::filter::Filter;

/// Memory of one compiled expression, in bytes.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// One rule of what must hold.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Where it stands.
    pub place: Place,
    /// The rule.
    pub rule: Rule,
}

/// Which stream of a command's output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Errors,
}

/// Which table of a namespace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Table {
    /// `bridge fdb show`.
    Fdb,
    /// `ip neigh show`.
    Neighbours,
    /// `ip route show`, and the same of IPv6.
    Routes,
    /// `ip -o address show`.
    Addresses,
}

/// What a text must be.
#[derive(Clone, Debug)]
pub enum TextRule {
    /// It stands in the text.
    Contains(String),
    /// It does not.
    Lacks(String),
    /// It is the text.
    Equals(String),
    /// It matches somewhere.
    Matches(Regex),
}

/// A rule.
#[derive(Clone, Debug)]
pub enum Rule {
    /// The exit status of the last command.
    Status(i32),
    /// What was printed.
    Text(Stream, TextRule),
    /// So many echo replies came.
    Received(Count),
    /// So many echo requests got none.
    Lost(Count),
    /// The devices on the way of the first frame.
    Path(Vec<DevName>),
    /// A loss, by its reason; nothing was lost where there is none.
    Drop {
        /// The reason.
        reason: Option<DropReason>,
        /// Where.
        at: Option<LossPlace>,
    },
    /// A table has a line.
    Has(Look, String),
    /// A table has no such line.
    Lacks(Look, String),
    /// A table has so many lines.
    Lines(Look, Count),
    /// Frames at a device.
    Frames {
        /// The device.
        dev: DevName,
        /// The filter as typed; empty where all count.
        filter: String,
        /// How many.
        count: Count,
    },
}

/// Where a frame was lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LossPlace {
    /// At a device.
    Device(DevName),
    /// Anywhere in a namespace.
    Netns(NetnsName),
    /// At a device of the root namespace, or anywhere in a namespace: only command lines have that name.
    Either(DevName, NetnsName),
}

impl std::fmt::Display for LossPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device(name) | Self::Either(name, _) => name.fmt(f),
            Self::Netns(name) => name.fmt(f),
        }
    }
}

/// Which table is looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Look {
    /// Which.
    pub table: Table,
    /// Of which namespace.
    pub netns: NetnsName,
    /// Only what belongs to this device.
    pub dev: Option<String>,
}

/// Judges what a step expects.
pub(super) fn check(
    expect: &schema::Expect,
    known: &Known,
    action: &Action,
) -> Result<Vec<Expectation>, Fault> {
    let mut all = Vec::new();
    let mut add = |place: Place, rule: Rule| all.push(Expectation { place, rule });
    if let Some(status) = &expect.status {
        printed(action, status.place, "status")?;
        add(status.place, Rule::Status(status.value));
    }
    for (stream, text) in [
        (Stream::Output, &expect.output),
        (Stream::Errors, &expect.errors),
    ] {
        for (place, rule) in text.iter().flat_map(text_rules) {
            printed(action, place, "output")?;
            add(place, Rule::Text(stream, rule?));
        }
    }
    for (count, rule) in [
        (&expect.received, Rule::Received as fn(Count) -> Rule),
        (&expect.lost, Rule::Lost),
    ] {
        if let Some(count) = count {
            if !matches!(action, Action::Ping { .. }) {
                return Err(Fault::new(
                    count.place,
                    "`received` and `lost` go with `ping`",
                ));
            }
            add(count.place, rule(count.value));
        }
    }
    if let Some(path) = &expect.path {
        if !matches!(action, Action::Ping { .. }) {
            return Err(Fault::new(path.place, "`path` goes with `ping`"));
        }
        let names = path.value.iter().map(|name| known.device(name));
        add(path.place, Rule::Path(names.collect::<Result<_, _>>()?));
    }
    if let Some(drop) = &expect.drop {
        add(drop.place, drop_rule(&drop.value, known)?);
    }
    for (table, many) in [
        (Table::Fdb, &expect.fdb),
        (Table::Neighbours, &expect.neighbours),
        (Table::Routes, &expect.routes),
        (Table::Addresses, &expect.addresses),
    ] {
        for look in &many.0 {
            all.extend(table_rules(table, look, known)?);
        }
    }
    all.extend(frame_rules(&expect.frames, known)?);
    Ok(all)
}

/// A rule about what was printed needs something that prints.
fn printed(action: &Action, place: Place, what: &str) -> Result<(), Fault> {
    match action {
        Action::Run(_) | Action::Ping { .. } => Ok(()),
        Action::Wait(_) | Action::Fault(_) | Action::Cut { .. } | Action::Look => Err(Fault::new(
            place,
            format!("`{what}` goes with `run` or `ping`"),
        )),
    }
}

type Judged = (Place, Result<TextRule, Fault>);

fn text_rules(text: &schema::TextExpect) -> Vec<Judged> {
    let each = |many: &Many<At<String>>, rule: fn(String) -> TextRule| -> Vec<Judged> {
        let judged = many
            .0
            .iter()
            .map(|text| (text.place, Ok(rule(text.value.clone()))));
        judged.collect()
    };
    let mut rules = each(&text.contains, TextRule::Contains);
    rules.extend(each(&text.lacks, TextRule::Lacks));
    rules.extend(
        text.equals
            .iter()
            .map(|text| (text.place, Ok(TextRule::Equals(text.value.clone())))),
    );
    rules.extend(
        text.matches
            .0
            .iter()
            .map(|text| (text.place, pattern(text).map(TextRule::Matches))),
    );
    rules
}

fn pattern(text: &At<String>) -> Result<Regex, Fault> {
    let built = RegexBuilder::new(&text.value)
        .multi_line(true)
        .size_limit(REGEX_BYTES_MAX)
        .build();
    built.map_err(|error| {
        let words = error.to_string();
        let last = words
            .lines()
            .last()
            .unwrap_or("")
            .trim_start_matches("error: ");
        Fault::new(text.place, format!("no regular expression: {last}"))
    })
}

fn drop_rule(drop: &schema::DropExpect, known: &Known) -> Result<Rule, Fault> {
    let name = drop.reason.value.as_str();
    if name == "none" {
        if let Some(at) = &drop.at {
            return Err(Fault::new(at.place, "`at` goes with a reason"));
        }
        return Ok(Rule::Drop {
            reason: None,
            at: None,
        });
    }
    let reason = DropReason::ALL.iter().find(|reason| reason.name() == name);
    let Some(&reason) = reason else {
        let near = near(name, DropReason::ALL.iter().map(|reason| reason.name()));
        let words = format!("no frame is lost for `{}`{near}", shortened(name));
        return Err(Fault::new(drop.reason.place, words));
    };
    let at = drop.at.as_ref().map(|at| loss_place(at, known));
    Ok(Rule::Drop {
        reason: Some(reason),
        at: at.transpose()?,
    })
}

/// A namespace that is known by that name, else a device.
fn loss_place(at: &At<String>, known: &Known) -> Result<LossPlace, Fault> {
    match (known.netns(Some(at)), known.device(at)) {
        (Ok(netns), Ok(dev)) if !known.is_declared(&netns) => Ok(LossPlace::Either(dev, netns)),
        (Ok(netns), _) => Ok(LossPlace::Netns(netns)),
        (Err(_), dev) => dev.map(LossPlace::Device),
    }
}

fn table_rules(
    table: Table,
    look: &schema::TableExpect,
    known: &Known,
) -> Result<Vec<Expectation>, Fault> {
    let mut netns = known.netns(look.netns.as_ref())?;
    let mut name = None;
    if let Some(dev) = &look.dev {
        let dev_name = known.device(dev)?;
        if look.netns.is_some() && dev_name.netns != netns && !dev_name.netns.is_root() {
            let words = format!("`{}` is not in `{netns}`", dev.value);
            return Err(Fault::new(dev.place, words));
        }
        if look.netns.is_none() {
            netns = dev_name.netns;
        }
        name = Some(dev_name.dev);
    }
    let at = Look {
        table,
        netns,
        dev: name,
    };
    let has = look
        .has
        .0
        .iter()
        .map(|line| (line.place, Rule::Has(at.clone(), line.value.clone())));
    let lacks = look
        .lacks
        .0
        .iter()
        .map(|line| (line.place, Rule::Lacks(at.clone(), line.value.clone())));
    let count = look
        .count
        .iter()
        .map(|count| (count.place, Rule::Lines(at.clone(), count.value)));
    let rules = has.chain(lacks).chain(count);
    Ok(rules
        .map(|(place, rule)| Expectation { place, rule })
        .collect())
}

fn frame_rules(frames: &Many<schema::Frames>, known: &Known) -> Result<Vec<Expectation>, Fault> {
    let rule = |frames: &schema::Frames| {
        let dev = known.device(&frames.dev)?;
        let filter = match &frames.filter {
            Some(filter) => {
                if let Err(error) = Filter::compile(&filter.value) {
                    let words = format!("no filter of tcpdump: {error}");
                    return Err(Fault::new(filter.place, words));
                }
                filter.value.clone()
            }
            None => String::new(),
        };
        Ok(Expectation {
            place: frames.count.place,
            rule: Rule::Frames {
                dev,
                filter,
                count: frames.count.value,
            },
        })
    };
    frames.0.iter().map(rule).collect()
}
