//! Rules about the way of frames: the devices that one passes, and losses.
//! The words of a way are the trace's.

use std::collections::BTreeMap;

use super::{Context, Differs};
use crate::engine::trace::{By, DropReason, Journey, Loss, Place, Relation, Verdict};
use crate::kernel::World;
use crate::scenario::checked::Action;
use crate::scenario::names::{DevName, NetnsName};

/// Lines of a way in a failure.
const LINES_MAX: usize = 60;

/// The devices on the way of the first echo request.
pub(super) fn path(context: &Context<'_>, want: &[DevName]) -> Option<Differs> {
    let journeys = context.world.journeys(context.noted);
    let request = journeys.iter().find(|journey| is_request(journey));
    let Some(request) = request else {
        return Some(Differs::new(listed(want), "no echo request was sent"));
    };
    let got = request.path();
    let same = got.len() == want.len()
        && got
            .iter()
            .zip(want)
            .all(|(place, name)| is_at(context.world, place, name));
    (!same).then(|| {
        let got: Vec<String> = got
            .iter()
            .map(|place| shown(context.world, place))
            .collect();
        Differs {
            expected: listed(want),
            got: match got.join(", ") {
                none if none.is_empty() => "no device".to_owned(),
                got => got,
            },
            journey: told(context.world, request),
        }
    })
}

fn listed(path: &[DevName]) -> String {
    let names: Vec<String> = path.iter().map(DevName::to_string).collect();
    names.join(", ")
}

/// A loss for a reason at a place; no loss at all where there is no reason.
pub(super) fn drop(
    context: &Context<'_>,
    reason: Option<DropReason>,
    at: Option<&At>,
) -> Option<Differs> {
    let journeys = context.world.journeys(context.noted);
    let losses: Vec<(&Journey, Loss<'_>)> = journeys
        .iter()
        .flat_map(|journey| {
            let losses = journey.losses().chain(unanswered(journey));
            losses.map(move |loss| (journey, loss))
        })
        .collect();
    let Some(reason) = reason else {
        return no_loss(context.world, &journeys);
    };
    let here = |loss: &Loss<'_>| at.is_none_or(|at| at.holds(context.world, loss.place));
    if losses
        .iter()
        .any(|(_, loss)| loss.reason == reason && here(loss))
    {
        return None;
    }
    let place = at.map_or_else(String::new, |at| format!(" at {at}"));
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for (_, loss) in losses.iter().filter(|(_, loss)| !is_noise(loss.reason)) {
        let what = format!(
            "{} at {}",
            loss.reason.name(),
            shown(context.world, loss.place)
        );
        *counts.entry(what).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(what, n)| format!("{n} x {what}"))
        .collect();
    Some(Differs {
        expected: format!("a frame that is lost: {}{place}", reason.name()),
        got: match counts.join(", ") {
            none if none.is_empty() => "nothing was lost".to_owned(),
            counts => counts,
        },
        journey: lost_frame(context),
    })
}

/// The answers that were not made because no route leads to who asked: as lost as one that was.
fn unanswered(journey: &Journey) -> impl Iterator<Item = Loss<'_>> {
    journey.stations.iter().filter_map(|station| {
        let by = station.by.as_ref();
        let by = by.filter(|by| matches!(by, By::NoRoute(_)))?;
        let taken = matches!(station.verdict, Verdict::Taken(_));
        taken.then_some(Loss {
            reason: DropReason::IpOutnoroutes,
            by: Some(by),
            place: &station.place,
            at: station.at,
        })
    })
}

fn no_loss(world: &World, journeys: &[Journey]) -> Option<Differs> {
    let lost = journeys.iter().find_map(|journey| {
        let loss = journey.loss().filter(|loss| !is_noise(loss.reason));
        loss.map(|loss| (journey, loss))
    });
    let (journey, loss) = lost?;
    Some(Differs {
        expected: "no frame that is lost".to_owned(),
        got: format!(
            "{} at {}: {}",
            loss.reason.name(),
            shown(world, loss.place),
            journey.what
        ),
        journey: told(world, journey),
    })
}

/// What a station gets that is not for it, as every flooded frame does: nobody misses it.
fn is_noise(reason: DropReason) -> bool {
    matches!(reason, DropReason::Otherhost | DropReason::ArpIgnored)
}

/// The way of the first echo request that was not answered, and of the answer that was lost.
pub(super) fn lost_frame(context: &Context<'_>) -> Vec<String> {
    if !matches!(context.step.action, Action::Ping { .. }) {
        return Vec::new();
    }
    let journeys = context.world.journeys(context.noted);
    let by_number = |frame| journeys.iter().find(move |journey| journey.frame == frame);
    for request in journeys.iter().filter(|journey| is_request(journey)) {
        let answer = request.effects_of(Relation::Answer).find_map(by_number);
        if answer.is_some_and(Journey::is_taken) {
            continue;
        }
        let mut lines = told(context.world, request);
        if let Some(answer) = answer {
            lines.extend(told(context.world, answer));
        }
        lines.truncate(LINES_MAX);
        return lines;
    }
    Vec::new()
}

fn told(world: &World, journey: &Journey) -> Vec<String> {
    let text = journey.tell(world.host_list().len() > 1);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.truncate(LINES_MAX);
    lines
}

fn is_request(journey: &Journey) -> bool {
    let what = &journey.what;
    let echo = what.contains("ICMP echo request") || what.contains("ICMP6, echo request");
    let made = journey.stations.first();
    let made = made.is_none_or(|first| matches!(first.verdict, Verdict::Made(_)));
    echo && made && journey.cause.is_none()
}

/// Where a frame was, as a scenario writes it.
fn shown(world: &World, place: &Place) -> String {
    let netns = NetnsName {
        host: (world.host_list().len() > 1).then(|| place.host.clone()),
        netns: place.netns.clone(),
    };
    match place.dev.as_str() {
        "" => netns.to_string(),
        dev => DevName {
            netns,
            dev: dev.to_owned(),
        }
        .to_string(),
    }
}

fn is_in(world: &World, place: &Place, name: &NetnsName) -> bool {
    let host = match &name.host {
        Some(host) => host,
        None => &world.host(world.default_host()).name,
    };
    place.host == *host && place.netns == name.netns
}

fn is_at(world: &World, place: &Place, name: &DevName) -> bool {
    place.dev == name.dev && is_in(world, place, &name.netns)
}

impl At {
    fn holds(&self, world: &World, place: &Place) -> bool {
        match self {
            Self::Device(name) => is_at(world, place, name),
            Self::Netns(name) => is_in(world, place, name),
            Self::Either(dev, netns) => is_at(world, place, dev) || is_in(world, place, netns),
        }
    }
}

pub(crate) use crate::scenario::checked::LossPlace as At;
