//! The way of a frame as a tree of stations, with the names of places: plain data.
//! Sentences are in `sentence`; who wants which journeys is decided above.

use std::collections::BTreeMap;
use std::fmt;

use super::hop::{By, FrameId, Hop, HopNo, Taker, Verdict, Wait};
use super::reason::DropReason;
use super::relation::{Relation, is_packet};
use crate::units::{DevId, NetnsId, SimTime};
use crate::wire::Frame;
use crate::wire::print::{self, LinkType, PrintOptions};

/// A hop as a journal keeps it, with its number and the bytes of the frame at that place.
#[derive(Clone, Debug)]
pub struct Noted {
    /// Its number, from 1.
    pub no: HopNo,
    /// The hop.
    pub hop: Hop,
    /// The bytes: from the Ethernet header on, or from the IP header on within IP.
    pub bytes: Frame,
}

/// How namespaces and devices are called.
pub trait Names {
    /// The names of a place.
    fn place(&self, netns: NetnsId, dev: Option<DevId>) -> Place;
    /// The name of a device in its namespace.
    fn device(&self, dev: DevId) -> String;
}

/// Where something happened.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Place {
    /// The host.
    pub host: String,
    /// The namespace; empty for the root namespace of the host.
    pub netns: String,
    /// The device; empty where it was at none.
    pub dev: String,
}

impl fmt::Display for Place {
    /// `netns/dev`; the root namespace is called `root`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.netns_word())?;
        match self.dev.as_str() {
            "" => Ok(()),
            dev => write!(f, "/{dev}"),
        }
    }
}

impl Place {
    /// The name of the namespace, `root` for that of the host.
    pub fn netns_word(&self) -> &str {
        match self.netns.as_str() {
            "" => "root",
            name => name,
        }
    }

    /// With the host in front: `host:netns/dev`.
    pub fn with_host(&self) -> String {
        format!("{}:{self}", self.host)
    }
}

/// One station of a journey.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Station {
    /// When.
    pub at: SimTime,
    /// Where.
    pub place: Place,
    /// What was done; devices by their names.
    pub verdict: Verdict<String>,
    /// Of a loss: what decided.
    pub by: Option<By>,
    /// The station before it, by its place in [`Journey::stations`].
    pub before: Option<usize>,
    /// In how many tunnels the frame is.
    pub tunnels: u32,
}

/// A frame that was lost: why, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Loss<'a> {
    /// Why.
    pub reason: DropReason,
    /// What decided, where that is known.
    pub by: Option<&'a By>,
    /// Where.
    pub place: &'a Place,
    /// When.
    pub at: SimTime,
}

/// The way of one frame, with all its copies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Journey {
    /// The number of the frame.
    pub frame: FrameId,
    /// The frame because of which it was made.
    pub cause: Option<FrameId>,
    /// What it is to that one.
    pub relation: Relation,
    /// What it is, as `tcpdump -n` prints it.
    pub what: String,
    /// The stations, in order of time.
    pub stations: Vec<Station>,
    /// The frames that were made because of it: at which station, and what they are to it.
    pub effects: Vec<(usize, FrameId, Relation)>,
}

impl Journey {
    /// The journeys of all frames of a journal, in the order in which the frames began.
    pub fn all(noted: &[Noted], names: &impl Names) -> Vec<Self> {
        let mut journeys: Vec<Self> = Vec::new();
        let mut place_of: BTreeMap<FrameId, usize> = BTreeMap::new();
        let mut station_of: BTreeMap<HopNo, (usize, usize)> = BTreeMap::new();
        for Noted { no, hop, bytes } in noted.iter().filter(|noted| noted.hop.frame != 0) {
            let after = station_of.get(&hop.after).copied();
            let index = *place_of.entry(hop.frame).or_insert_with(|| {
                let begun = Self::begin(hop.frame, bytes);
                journeys.push(begun);
                journeys.len() - 1
            });
            let before = after.filter(|&(frame, _)| frame == index);
            if let Some((cause, at)) = after.filter(|&(frame, _)| frame != index) {
                let relation = Relation::of(bytes.bytes());
                let cause = &mut journeys[cause];
                cause.effects.push((at, hop.frame, relation));
                let number = cause.frame;
                journeys[index].cause = Some(number);
                journeys[index].relation = relation;
            }
            let station = journeys[index].station(hop, before.map(|(_, at)| at), names);
            journeys[index].stations.push(station);
            station_of.insert(*no, (index, journeys[index].stations.len() - 1));
        }
        journeys
    }

    fn begin(frame: FrameId, bytes: &Frame) -> Self {
        Self {
            frame,
            cause: None,
            relation: Relation::Consequence,
            what: described(bytes.bytes()),
            stations: Vec::new(),
            effects: Vec::new(),
        }
    }

    fn station(&self, hop: &Hop, before: Option<usize>, names: &impl Names) -> Station {
        let tunnels = before
            .and_then(|before| self.stations.get(before))
            .map_or(0, |before| match before.verdict {
                Verdict::Encapsulated { .. } => before.tunnels + 1,
                _ => before.tunnels,
            });
        Station {
            at: hop.at,
            place: names.place(hop.netns, hop.dev),
            verdict: hop.verdict.map(|&dev| names.device(dev)),
            by: hop.by.clone(),
            before,
            tunnels: match hop.verdict {
                Verdict::Decapsulated { .. } => tunnels.saturating_sub(1),
                _ => tunnels,
            },
        }
    }

    /// The stations of the copy that got farthest, in order: the one that was answered, else taken,
    /// else waits, else was lost last.
    pub fn main_way(&self) -> Vec<&Station> {
        let mut best: Option<(u8, usize)> = None;
        let mut goes_on = vec![false; self.stations.len()];
        for before in self.stations.iter().filter_map(|station| station.before) {
            goes_on[before] = true;
        }
        let ends = self.stations.iter().enumerate();
        for (index, station) in ends.filter(|&(index, _)| !goes_on[index]) {
            let rank = self.rank(index, station);
            if rank > 0 && best.is_none_or(|(known, _)| rank >= known && (rank < 4 || rank > known))
            {
                best = Some((rank, index));
            }
        }
        let mut way = Vec::new();
        let mut next = best.map(|(_, index)| index);
        while let Some(station) = next.and_then(|index| self.stations.get(index)) {
            way.push(station);
            next = station.before;
        }
        way.reverse();
        way
    }

    /// How far a copy got that was at this station last.
    fn rank(&self, index: usize, station: &Station) -> u8 {
        // What neighbour discovery answers is made while it looks at the message.
        let answered = self.effects.iter().any(|&(at, _, relation)| {
            (at == index || Some(at) == station.before)
                && matches!(relation, Relation::Answer | Relation::Refusal)
        });
        match &station.verdict {
            Verdict::Taken(_) if answered => 7,
            Verdict::Taken(Taker::Socket(_)) => 6,
            Verdict::Taken(_) => 5,
            Verdict::Delivered => 4,
            Verdict::Dropped(DropReason::Otherhost | DropReason::ArpIgnored) => 2,
            Verdict::Dropped(_) | Verdict::Queued(_) => 3,
            _ => 1,
        }
    }

    /// The devices that the copy that got farthest passed, in order.
    pub fn path(&self) -> Vec<&Place> {
        let mut path: Vec<&Place> = Vec::new();
        for station in self.main_way() {
            let passes = matches!(station.verdict, Verdict::Transmitted | Verdict::Received);
            if passes && path.last() != Some(&&station.place) {
                path.push(&station.place);
            }
        }
        path
    }

    /// Whether somebody took it.
    pub fn is_taken(&self) -> bool {
        self.stations
            .iter()
            .any(|station| matches!(station.verdict, Verdict::Taken(_)))
    }

    /// The loss of the frame: nothing where a copy of it was taken or is under way.
    pub fn loss(&self) -> Option<Loss<'_>> {
        self.main_way().last().and_then(|station| station.loss())
    }

    /// Every copy that was lost.
    pub fn losses(&self) -> impl Iterator<Item = Loss<'_>> {
        self.stations.iter().filter_map(Station::loss)
    }

    /// Whether it still waits for the station of a neighbour, and whose.
    pub fn waits_for(&self) -> Option<std::net::IpAddr> {
        match self.main_way().last()?.verdict {
            Verdict::Queued(Wait::Neighbour(addr)) => Some(addr),
            _ => None,
        }
    }

    /// The frame's own effects of a kind.
    pub fn effects_of(&self, relation: Relation) -> impl Iterator<Item = FrameId> + '_ {
        let of = move |&&(_, _, known): &&(usize, FrameId, Relation)| known == relation;
        self.effects.iter().filter(of).map(|&(_, frame, _)| frame)
    }
}

impl Station {
    /// The loss, where the frame was lost here.
    pub fn loss(&self) -> Option<Loss<'_>> {
        match self.verdict {
            Verdict::Dropped(reason) => Some(Loss {
                reason,
                by: self.by.as_ref(),
                place: &self.place,
                at: self.at,
            }),
            _ => None,
        }
    }
}

/// A frame, or an IP packet, in one line.
fn described(bytes: &[u8]) -> String {
    let link = match is_packet(bytes) {
        true => LinkType::Raw,
        false => LinkType::Ethernet,
    };
    let options = PrintOptions {
        numeric: true,
        ..PrintOptions::default()
    };
    let text = print::frame(bytes, bytes.len(), link, &options);
    text.lines().next().unwrap_or_default().trim().to_owned()
}
