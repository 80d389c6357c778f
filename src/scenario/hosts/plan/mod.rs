//! From what a hosts file says to what it means: every name found, every address given, or all that is wrong.
//! It makes no world: that is `build`'s part.

mod addresses;
mod cards;

use std::net::{IpAddr, Ipv4Addr};

use hashbrown::HashMap;
use ipnet::IpNet;

use self::cards::{queue, rate};
use super::outside::OUTSIDE;
use super::{Cable, Hosts, NetworkSpec, Networks};
use crate::device::underlay::WireSpec;
use crate::kernel::nic::CABLE_CROSSING;
use crate::scenario::fault::near;
use crate::scenario::schema::{At, End};
use crate::scenario::{Fault, Place};
use crate::units::{IfName, MacAddr};

/// Machines in one file.
pub const HOSTS_MAX: usize = 1024;
/// Network cards in one machine.
const NICS_MAX: usize = 64;
/// Networks in one file, and cables.
const NETWORKS_MAX: usize = 256;
const CABLES_MAX: usize = 4096;
/// The network that is there where none is given.
const LAN: &str = "lan";
/// The first address that a machine gets by itself, counted from that of the subnet.
const FIRST: u128 = 11;
/// The MTU of Ethernet.
const MTU: u32 = 1500;

/// Machines, switches and cables that make sense, ready to be built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    pub(super) hosts: Vec<Host>,
    pub(super) networks: Vec<Network>,
    pub(super) cables: Vec<(CardRef, CardRef, WireSpec, Place)>,
}

/// A machine of the plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Host {
    pub name: String,
    pub place: Place,
    pub cards: Vec<Card>,
    pub gateways: Vec<At<IpAddr>>,
}

/// A network card of the plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Card {
    pub name: IfName,
    pub place: Place,
    pub mac: Option<MacAddr>,
    pub mtu: u32,
    pub up: bool,
    pub addresses: Vec<At<IpNet>>,
    /// The network that it is plugged into, with its wires up and down; nothing for the end of a cable.
    pub plug: Option<(usize, WireSpec, WireSpec)>,
}

/// A card by the number of its machine and its own there.
pub(super) type CardRef = (usize, usize);

/// A switch of the plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Network {
    pub name: String,
    pub place: Place,
    pub subnet: IpNet,
    pub mtu: u32,
    /// The address of the router to the outside.
    pub router: Option<Ipv4Addr>,
    spec: NetworkSpec,
    /// Addresses that are taken, and by whom.
    taken: HashMap<IpAddr, String>,
}

/// Judges the machines of a file with what joins them.
///
/// # Errors
/// All that is wrong, in the order of the file's parts, each with its place.
pub fn plan(hosts: &Hosts, networks: &Networks, cables: &[Cable]) -> Result<Plan, Vec<Fault>> {
    let mut judge = Judge {
        faults: Vec::new(),
        plan: Plan {
            hosts: Vec::new(),
            networks: Vec::new(),
            cables: Vec::new(),
        },
    };
    judge.counts(hosts, networks, cables);
    if judge.faults.is_empty() {
        judge.networks(networks);
        judge.hosts(hosts, cables);
        judge.cables(cables);
        judge.addresses(hosts);
        judge.uplinks(hosts);
        judge.gateways();
    }
    match judge.faults.is_empty() {
        true => Ok(judge.plan),
        false => Err(judge.faults),
    }
}

struct Judge {
    faults: Vec<Fault>,
    plan: Plan,
}

impl Judge {
    fn fault(&mut self, place: Place, words: impl Into<String>) {
        self.faults.push(Fault::new(place, words));
    }

    /// The value of a text; a fault where it has none.
    fn parse<T: std::str::FromStr>(&mut self, text: &At<String>, what: &str) -> Option<T> {
        let parsed = text.value.parse().ok();
        if parsed.is_none() {
            self.fault(text.place, format!("`{}` is no {what}", shown(&text.value)));
        }
        parsed
    }

    fn counts(&mut self, hosts: &Hosts, networks: &Networks, cables: &[Cable]) {
        let first = hosts.0.first().map_or(Place::START, |(name, _)| name.place);
        if hosts.0.is_empty() {
            self.fault(Place::START, "no host: give at least one a name");
        }
        for (number, max, what) in [
            (hosts.0.len(), HOSTS_MAX, "hosts"),
            (networks.0.len(), NETWORKS_MAX, "networks"),
            (cables.len(), CABLES_MAX, "cables"),
        ] {
            if number > max {
                self.fault(first, format!("{number} {what}: at most {max}"));
            }
        }
    }

    fn networks(&mut self, networks: &Networks) {
        let lan = [(At::start(LAN.to_owned()), NetworkSpec::default())];
        let all = match networks.0.as_slice() {
            [] => lan.as_slice(),
            given => given,
        };
        for (index, (name, spec)) in all.iter().enumerate() {
            self.plain_name(name, "network");
            let third = u8::try_from(index).unwrap_or(u8::MAX);
            let own = format!("192.168.{third}.0/24");
            let subnet = spec.subnet.clone().unwrap_or_else(|| At::start(own));
            let what = "subnet: write 192.168.0.0/24";
            let Some(subnet) = self.parse::<IpNet>(&subnet, what) else {
                continue;
            };
            let mtu = self.mtu(spec.mtu.as_ref(), MTU);
            self.plan.networks.push(Network {
                name: name.value.clone(),
                place: name.place,
                subnet: subnet.trunc(),
                mtu,
                router: None,
                spec: spec.clone(),
                taken: HashMap::new(),
            });
        }
    }

    fn mtu(&mut self, mtu: Option<&At<u32>>, otherwise: u32) -> u32 {
        match mtu {
            Some(mtu) if !(68..=65535).contains(&mtu.value) => {
                self.fault(mtu.place, format!("an MTU of {}: 68 to 65535", mtu.value));
                otherwise
            }
            Some(mtu) => mtu.value,
            None => otherwise,
        }
    }

    /// A name as hosts have them (RFC 1123, 2.1).
    fn plain_name(&mut self, name: &At<String>, what: &str) {
        let text = name.value.as_bytes();
        let good = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let ends = text.first().zip(text.last());
        let ends =
            ends.is_some_and(|(a, b)| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric());
        if !ends || text.len() > 63 || !text.iter().all(good) {
            let words = format!("`{}` is no name of a {what}", shown(&name.value));
            self.fault(name.place, words);
        }
    }

    fn hosts(&mut self, hosts: &Hosts, cables: &[Cable]) {
        let mut seen: HashMap<&str, Place> = HashMap::new();
        for (name, spec) in &hosts.0 {
            self.plain_name(name, "host");
            if let Some(first) = seen.insert(&name.value, name.place) {
                let words = format!("a second host `{}`, the first is at {first}", name.value);
                self.fault(name.place, words);
            }
            if name.value == OUTSIDE {
                let words =
                    format!("`{OUTSIDE}` is the name of the router to the simulated outside");
                self.fault(name.place, words);
            }
            let eth0 = format!("{}:eth0", name.value);
            let cabled = |cable: &Cable| {
                [&cable.a, &cable.b]
                    .into_iter()
                    .any(|end| end.value.dev.value == eth0)
            };
            let nics = self.nics_of(name, spec, cables.iter().any(cabled));
            let cards = nics.iter().filter_map(|(dev, nic)| self.card(dev, nic));
            let cards = cards.collect();
            self.plan.hosts.push(Host {
                name: name.value.clone(),
                place: name.place,
                cards,
                gateways: Vec::new(),
            });
        }
    }

    /// The number of a network.
    fn network(&mut self, name: Option<&At<String>>) -> Option<usize> {
        let Some(name) = name else {
            return (!self.plan.networks.is_empty()).then_some(0);
        };
        let networks = &self.plan.networks;
        let found = networks.iter().position(|known| known.name == name.value);
        if found.is_none() {
            let near = near(
                &name.value,
                networks.iter().map(|known| known.name.as_str()),
            );
            self.fault(
                name.place,
                format!("no network `{}`{near}", shown(&name.value)),
            );
        }
        found
    }

    fn cables(&mut self, cables: &[Cable]) {
        for cable in cables {
            let a = self.cable_end(&cable.a);
            let b = self.cable_end(&cable.b);
            let wire = WireSpec {
                latency: cable
                    .latency
                    .as_ref()
                    .map_or(CABLE_CROSSING, |span| span.value.0),
                rate_bps: rate(&[&cable.rate]),
                loss_ppm: cable.loss.as_ref().map_or(0, |part| part.value.0),
                queue_bytes: queue(&[&cable.queue]),
            };
            if let (Some(a), Some(b)) = (a, b) {
                self.plan.cables.push((a, b, wire, cable.a.place));
            }
        }
    }

    /// Builds a card in for the end of a cable.
    fn cable_end(&mut self, end: &At<End>) -> Option<CardRef> {
        let place = end.place;
        let end = &end.value;
        let Some((host, dev)) = end.dev.value.split_once(':') else {
            let words = format!(
                "`{}` is no end of a cable: write h1:eth1",
                shown(&end.dev.value)
            );
            self.fault(place, words);
            return None;
        };
        let hosts = &self.plan.hosts;
        let Some(number) = hosts.iter().position(|known| known.name == host) else {
            let near = near(host, hosts.iter().map(|known| known.name.as_str()));
            self.fault(place, format!("no host `{}`{near}", shown(host)));
            return None;
        };
        if let Some(master) = &end.master {
            self.fault(
                master.place,
                "a cable's end has no master: add it to one later",
            );
        }
        let name = self.ifname(&At {
            value: dev.to_owned(),
            place,
        })?;
        let card = Card {
            name,
            place,
            mac: end.mac.as_ref().and_then(|mac| self.mac(mac)),
            mtu: self.mtu(end.mtu.as_ref(), MTU),
            up: end.up,
            addresses: self.parse_addresses(&end.address),
            plug: None,
        };
        let host = self.plan.hosts.get_mut(number)?;
        if host.cards.iter().any(|known| known.name == name) {
            let words = format!(
                "the network card `{host}:{name}` is plugged in already",
                host = host.name
            );
            self.fault(place, words);
            return None;
        }
        if host.cards.len() >= NICS_MAX {
            self.fault(
                place,
                format!("more than {NICS_MAX} network cards in one host"),
            );
            return None;
        }
        host.cards.push(card);
        Some((number, host.cards.len() - 1))
    }
}

/// A text of a file in a message: short, and on one line.
fn shown(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(60).collect()
}
