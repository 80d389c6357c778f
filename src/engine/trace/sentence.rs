//! A journey in plain sentences, a line for each station, indented by tunnel and by copy.
//! What was decided is in the stations; nothing is found out here.

use std::fmt::Write;
use std::net::IpAddr;

use super::hop::{By, Maker, Taker, Verdict, Wait};
use super::journey::{Journey, Loss, Place, Station};

impl Journey {
    /// The journey, line by line. `with_host` puts the names of hosts in front of the places.
    pub fn tell(&self, with_host: bool) -> String {
        let mut text = format!("frame {}: {}\n", self.frame, self.what);
        if let Some(cause) = self.cause {
            let _ = writeln!(text, "  because of frame {cause}");
        }
        let places: Vec<String> = self
            .stations
            .iter()
            .map(|station| match with_host {
                true => station.place.with_host(),
                false => station.place.to_string(),
            })
            .collect();
        let width = places.iter().map(String::len).max().unwrap_or(0).min(40);
        let depths = self.depths();
        for index in self.by_copy() {
            let (station, place) = (&self.stations[index], &places[index]);
            let indent = "  ".repeat(depths.get(index).copied().unwrap_or(0));
            let at = station.at.as_nanos() / 1000;
            let (seconds, micros) = (at / 1_000_000, at % 1_000_000);
            let told = station.told();
            let _ = writeln!(
                text,
                "  {seconds:>3}.{micros:06} {place:width$} {indent}{told}"
            );
            for &(_, frame, relation) in self.effects.iter().filter(|effect| effect.0 == index) {
                let word = relation.word();
                let _ = writeln!(
                    text,
                    "             {:width$} {indent}{word} frame {frame}",
                    ""
                );
            }
        }
        text
    }

    /// The stations copy by copy: all that follows from a station comes before its next sibling.
    fn by_copy(&self) -> Vec<usize> {
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); self.stations.len()];
        let mut open: Vec<usize> = Vec::new();
        for (index, station) in self.stations.iter().enumerate().rev() {
            match station.before {
                Some(before) => next[before].push(index),
                None => open.push(index),
            }
        }
        let mut order = Vec::with_capacity(self.stations.len());
        while let Some(index) = open.pop() {
            order.push(index);
            open.append(&mut next[index]);
        }
        order
    }

    /// How far each station is indented: by tunnels, and by the copies of a flood.
    fn depths(&self) -> Vec<usize> {
        let mut depths: Vec<usize> = Vec::with_capacity(self.stations.len());
        for station in &self.stations {
            let copies = station.before.map_or(0, |before| {
                let above = &self.stations[before];
                let is_copy = matches!(above.verdict, Verdict::Flooded(_) | Verdict::Fragmented(_));
                let tunnels = usize::try_from(above.tunnels).unwrap_or(0);
                depths[before].saturating_sub(tunnels) + usize::from(is_copy)
            });
            // A storm of copies of copies stays within the page.
            let tunnels = usize::try_from(station.tunnels).unwrap_or(0);
            depths.push((copies + tunnels).min(20));
        }
        depths
    }
}

impl Station {
    /// What was done here, in words.
    pub fn told(&self) -> String {
        match &self.verdict {
            Verdict::Made(Maker::Socket(_)) => "sent by a program".to_owned(),
            Verdict::Made(Maker::Stack) => "sent by the network stack".to_owned(),
            Verdict::Made(Maker::Device) => "sent by the device itself".to_owned(),
            Verdict::Received => "comes in".to_owned(),
            Verdict::Transmitted => "goes out".to_owned(),
            Verdict::Learned => "the bridge learns that its source is behind this port".to_owned(),
            Verdict::ForwardedTo(port) => format!("the bridge forwards it to {port}"),
            Verdict::Flooded(ports) => {
                let to = match &**ports {
                    [port] => format!("the bridge floods it, to {port} only"),
                    ports => format!("the bridge floods it to {}", ports.join(", ")),
                };
                match &self.by {
                    Some(By::Rule(left_out)) => format!("{to} ({left_out})"),
                    _ => to,
                }
            }
            Verdict::Routed {
                dev,
                gateway,
                table,
            } => routed(dev, *gateway, *table),
            Verdict::Delivered => "it is for this namespace".to_owned(),
            Verdict::Taken(Taker::Socket(_)) => "a program gets it".to_owned(),
            Verdict::Taken(Taker::Protocol(name)) => match &self.by {
                Some(by) => {
                    let by = by.told(&self.place.dev);
                    format!("{name} takes note of it and does not answer: {by}")
                }
                None => format!("{name} takes it"),
            },
            Verdict::Taken(Taker::Device(what)) => format!("the device takes it ({what})"),
            Verdict::Encapsulated { vni, local, remote } => {
                let ends = [local, remote].map(|end| format!("{}.{}", end.ip(), end.port()));
                let [from, to] = ends;
                format!(
                    "wrapped into VXLAN {vni}, for the tunnel's end {}: UDP {from} > {to}",
                    remote.ip()
                )
            }
            Verdict::Decapsulated { vni } => format!("unwrapped from VXLAN {vni}"),
            Verdict::Queued(wait) => waits(wait),
            Verdict::Fragmented(parts) => format!("cut into {parts} fragments"),
            Verdict::Reassembled => "the last fragment is there: whole again".to_owned(),
            Verdict::Translated(from, to) => format!("translated: {from} becomes {to}"),
            Verdict::Dropped(_) => match self.loss() {
                Some(loss) => loss.told(),
                None => String::new(),
            },
        }
    }
}

impl Loss<'_> {
    /// Why it was lost: reason, the kernel's name for it, and what decided.
    pub fn told(&self) -> String {
        let by = self
            .by
            .map_or_else(String::new, |by| format!(": {}", by.told(&self.place.dev)));
        let reason = self.reason;
        format!("LOST, {} ({}){by}", reason.told(), reason.name())
    }

    /// Where, for a sentence: "at veth1 in namespace red".
    pub fn place_told(&self) -> String {
        place_told(self.place)
    }
}

/// A place for a sentence.
pub(super) fn place_told(place: &Place) -> String {
    let netns = match place.netns.as_str() {
        "" => "the root namespace".to_owned(),
        name => format!("namespace {name}"),
    };
    match place.dev.as_str() {
        "" => format!("in {netns}"),
        dev => format!("at {dev} in {netns}"),
    }
}

impl By {
    /// What decided, in words; `dev` is the device's name.
    pub fn told(&self, dev: &str) -> String {
        match self {
            Self::Setting(key, value) => format!("{} = {value}", key.replace("{dev}", dev)),
            Self::PortFlag(flag, on) => format!("{flag} is {} at the port", on_off(*on)),
            Self::PortState(state) => format!("the port is {state}"),
            Self::Link(state) => format!("{dev} {state}"),
            Self::Mtu(mtu) => format!("mtu {mtu}"),
            Self::Route(kind, addr) => format!("the route to {addr} is of type {kind}"),
            Self::NoRoute(addr) => format!("no route to {addr}"),
            Self::NoAddress(addr) => format!("{addr} is no address of this namespace"),
            Self::Neighbour(addr) => format!("{addr} did not answer"),
            Self::Vni(vni) => format!("VNI {vni}"),
            Self::Vlan(vid) => format!("VLAN {vid}"),
            Self::Rule(rule) => rule.to_string(),
        }
    }
}

const fn on_off(on: bool) -> &'static str {
    match on {
        true => "on",
        false => "off",
    }
}

fn routed(dev: &str, gateway: Option<IpAddr>, table: u32) -> String {
    let way = match gateway {
        Some(gateway) => format!("routed to the gateway {gateway}, through {dev}"),
        None => format!("routed through {dev}, the destination is on that link"),
    };
    match table {
        0 => way,
        254 => format!("{way} (table main)"),
        255 => format!("{way} (table local)"),
        253 => format!("{way} (table default)"),
        table => format!("{way} (table {table})"),
    }
}

fn waits(wait: &Wait) -> String {
    match wait {
        Wait::Neighbour(addr) => format!("waits until the station of {addr} is known"),
        Wait::Fragments => "waits for the other fragments".to_owned(),
        Wait::Proxy => "waits for the delay of the proxy".to_owned(),
        Wait::Qdisc => "waits in the queueing discipline".to_owned(),
    }
}
