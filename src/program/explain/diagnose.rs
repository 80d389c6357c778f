//! Why a command failed: the losses of its frames, questions that nobody answered, ways that are not there.
//! The journeys tell what happened; words for what to do are in `advice`.

use std::net::IpAddr;

use super::advice::{advice, device_is_down};
use super::select::{caused_by, sender};
use crate::engine::trace::{By, DropReason, Journey, Loss, Names, Relation, Verdict};
use crate::kernel::{Failure, World};
use crate::units::NetnsId;

/// What stopped a command, in sentences for learners.
pub fn diagnose(world: &World, failure: &Failure) -> String {
    let journeys = world.journeys(&failure.noted);
    let chosen = caused_by(&journeys, &[]);
    let mut findings: Vec<(String, usize)> = Vec::new();
    let mut found = |text: String| match findings.iter_mut().find(|(known, _)| *known == text) {
        Some((_, times)) => *times += 1,
        None => findings.push((text, 1)),
    };
    for journey in chosen.iter().filter(|journey| sender(journey).is_some()) {
        for text in of_frame(&journeys, journey) {
            found(text);
        }
    }
    if findings.is_empty() {
        findings.extend(without_frames(world, failure).map(|text| (text, 1)));
    }
    let command = failure.argv.join(" ");
    let place = place_words(world, failure.netns);
    let mut text = format!(
        "\"{command}\" in {place} ended with status {}.\n",
        failure.status
    );
    if findings.is_empty() {
        text.push_str("No frame of it was lost: nothing on the way stopped it.\n");
    }
    for (finding, times) in findings {
        text.push_str("- ");
        text.push_str(&finding);
        if times > 1 {
            text.push_str(&format!(" ({times} times)"));
        }
        text.push('\n');
    }
    text
}

fn place_words(world: &World, netns: NetnsId) -> String {
    match world.place(netns, None).netns.as_str() {
        "" => "the root namespace".to_owned(),
        name => format!("namespace {name}"),
    }
}

/// What stopped a frame that a program sent, or its answer.
fn of_frame(all: &[Journey], journey: &Journey) -> Vec<String> {
    if let Some(loss) = journey.loss() {
        let mut texts = vec![of_loss("the packet", journey, loss)];
        texts.extend(of_questions(all, journey));
        return texts;
    }
    if let Some(addr) = journey.waits_for() {
        let mut texts = vec![format!(
            "The packet to {addr} still waits: the station of {addr} is not known."
        )];
        texts.extend(of_questions(all, journey));
        return texts;
    }
    let end = journey.main_way().last().copied();
    if let Some((station, by)) = end.and_then(|s| s.by.as_ref().map(|by| (s, by))) {
        let netns = match station.place.netns.as_str() {
            "" => "the root namespace".to_owned(),
            name => format!("namespace {name}"),
        };
        let loss = Loss {
            reason: DropReason::IpOutnoroutes,
            by: Some(by),
            place: &station.place,
            at: station.at,
        };
        return vec![format!(
            "The packet arrived in {netns}, which cannot answer: {}. {}",
            by.told(&station.place.dev),
            advice(loss)
        )];
    }
    answers(all, journey)
}

/// What became of the answers to a frame that arrived.
fn answers(all: &[Journey], journey: &Journey) -> Vec<String> {
    let mut texts = Vec::new();
    for relation in [Relation::Answer, Relation::Refusal] {
        for frame in journey.effects_of(relation) {
            let Some(answer) = all.iter().find(|known| known.frame == frame) else {
                continue;
            };
            if let Some(loss) = answer.loss() {
                texts.push(of_loss("the packet arrived, but its answer", answer, loss));
                texts.extend(of_questions(all, answer));
            } else if let Some(addr) = answer.waits_for() {
                texts.push(format!(
                    "The packet arrived, but its answer still waits: the station of {addr} is not known."
                ));
                texts.extend(of_questions(all, answer));
            }
        }
    }
    texts
}

/// A loss as a sentence, with what to do about it.
fn of_loss(what: &str, journey: &Journey, loss: Loss<'_>) -> String {
    let by = loss
        .by
        .map_or_else(String::new, |by| format!(": {}", by.told(&loss.place.dev)));
    let mut what = what.to_owned();
    if let Some(first) = what.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let advice = advice(loss);
    format!(
        "{what} ({}) was lost {}, because {} ({}){by}.{}{advice}",
        journey.what,
        loss.place_told(),
        loss.reason.told(),
        loss.reason.name(),
        if advice.is_empty() { "" } else { " " }
    )
}

/// Why a question for the neighbour, which a frame had to ask first, was not answered.
fn of_questions(all: &[Journey], journey: &Journey) -> Vec<String> {
    let mut texts = Vec::new();
    for frame in journey.effects_of(Relation::Question) {
        let Some(question) = all.iter().find(|known| known.frame == frame) else {
            continue;
        };
        if question.effects_of(Relation::Answer).next().is_some() {
            continue;
        }
        if let Some(loss) = question.loss() {
            texts.push(of_loss("the question for its station", question, loss));
            continue;
        }
        texts.push(unanswered(question));
    }
    texts.dedup();
    texts
}

/// Who heard a question, and why nobody answered.
fn unanswered(question: &Journey) -> String {
    let mut heard: Vec<String> = Vec::new();
    let mut setting = None;
    let mut left_out: Vec<&str> = Vec::new();
    for station in &question.stations {
        if let (Verdict::Flooded(_), Some(By::Rule(words))) = (&station.verdict, &station.by) {
            left_out.push(words);
        }
        let ends = matches!(
            station.verdict,
            Verdict::Taken(_) | Verdict::Dropped(DropReason::ArpIgnored)
        );
        if !ends {
            continue;
        }
        if let Some(by @ By::Setting(..)) = &station.by {
            setting = Some(format!(
                "{}: {}",
                station.place,
                by.told(&station.place.dev)
            ));
        }
        heard.push(station.place.to_string());
    }
    let what = &question.what;
    let left_out = match left_out.is_empty() {
        true => String::new(),
        false => format!(
            " A bridge on the way left out ports ({}). bridge -d link shows their states and flags; isolated ports, for one, reach one another again with bridge link set dev PORT isolated off.",
            left_out.join("; ")
        ),
    };
    match (setting, heard.is_empty()) {
        (Some(setting), _) => {
            format!(
                "The question \"{what}\" reached the address, which does not answer because of {setting}."
            )
        }
        (None, true) => format!("The question \"{what}\" reached nobody.{left_out}"),
        (None, false) => format!(
            "The question \"{what}\" reached {}, and none of them has that address: is it another network, or is the address set at all?{left_out}",
            heard.join(", ")
        ),
    }
}

/// Why a command sent nothing: no way to the address that it names.
fn without_frames<'a>(world: &'a World, failure: &'a Failure) -> impl Iterator<Item = String> + 'a {
    let addrs = failure
        .argv
        .iter()
        .skip(1)
        .filter_map(|word| word.parse::<IpAddr>().ok());
    addrs.take(1).filter_map(move |addr| {
        let by = world.no_way_to(failure.netns, addr)?;
        let place = world.place(failure.netns, None);
        let loss = Loss {
            reason: DropReason::IpOutnoroutes,
            by: Some(&by),
            place: &place,
            at: world.now(),
        };
        let todo = match world.down_device_for(failure.netns, addr) {
            Some(dev) => device_is_down(&place.netns, &dev, addr),
            None => advice(loss),
        };
        Some(format!(
            "Nothing was sent: {} {}. {todo}",
            by.told(""),
            loss.place_told(),
        ))
    })
}
