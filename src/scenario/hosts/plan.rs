//! From what a hosts file says to what it means: every name found, every address given, or all that is wrong.
//! It makes no world: that is `build`'s part.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use hashbrown::HashMap;
use ipnet::IpNet;

use super::outside::OUTSIDE;
use super::{Bytes, Cable, HostSpec, Hosts, NetworkSpec, Networks, NicSpec, Part, Speed};
use crate::device::underlay::{QUEUE_BYTES, WireSpec};
use crate::kernel::nic::CABLE_CROSSING;
use crate::scenario::fault::near;
use crate::scenario::schema::{At, End, Span};
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

    /// The network cards that a host says it has: `eth0` where it says nothing of any.
    fn nics_of(
        &mut self,
        name: &At<String>,
        spec: &HostSpec,
        cabled: bool,
    ) -> Vec<(At<String>, NicSpec)> {
        let eth0 = NicSpec {
            network: spec.network.clone(),
            address: spec.address.clone(),
            mac: spec.mac.clone(),
            mtu: spec.mtu.clone(),
            latency: spec.latency.clone(),
            rate: spec.rate.clone(),
            loss: spec.loss.clone(),
            queue: spec.queue.clone(),
        };
        let silent = eth0 == NicSpec::default();
        match &spec.nics {
            Some(nics) => {
                if !silent {
                    self.fault(
                        name.place,
                        "say of each of the `nics` what is said beside them",
                    );
                }
                if nics.0.len() > NICS_MAX {
                    let words = format!("{} network cards: at most {NICS_MAX}", nics.0.len());
                    self.fault(name.place, words);
                    return Vec::new();
                }
                nics.0.clone()
            }
            // A machine whose eth0 is the end of a cable is in no network by itself.
            None if silent && cabled => Vec::new(),
            None => vec![(
                At {
                    value: "eth0".to_owned(),
                    place: name.place,
                },
                eth0,
            )],
        }
    }

    fn card(&mut self, dev: &At<String>, nic: &NicSpec) -> Option<Card> {
        let name = self.ifname(dev)?;
        let network = self.network(nic.network.as_ref())?;
        let found = self.plan.networks.get(network)?;
        let (up, down) = wires(&found.spec, nic);
        let mtu = found.mtu;
        Some(Card {
            name,
            place: dev.place,
            mac: nic.mac.as_ref().and_then(|mac| self.mac(mac)),
            mtu: self.mtu(nic.mtu.as_ref(), mtu),
            up: true,
            addresses: self.parse_addresses(&nic.address.0),
            plug: Some((network, up, down)),
        })
    }

    fn ifname(&mut self, dev: &At<String>) -> Option<IfName> {
        let name = self.parse::<IfName>(dev, "name of a device")?;
        if name.as_str() == "lo" || name.as_str().contains('%') {
            self.fault(
                dev.place,
                format!("a network card cannot be called `{name}`"),
            );
            return None;
        }
        Some(name)
    }

    fn mac(&mut self, mac: &At<String>) -> Option<MacAddr> {
        let parsed = self.parse::<MacAddr>(mac, "station address")?;
        if !parsed.is_station() {
            self.fault(mac.place, format!("`{parsed}` is no address of a station"));
        }
        Some(parsed)
    }

    fn parse_addresses(&mut self, texts: &[At<String>]) -> Vec<At<IpNet>> {
        let what = "address with a prefix length: write 192.168.0.11/24";
        let mut all = Vec::new();
        for text in texts {
            if let Some(value) = self.parse(text, what) {
                all.push(At {
                    value,
                    place: text.place,
                });
            }
        }
        all
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

    /// Addresses that are given are taken; the other cards in networks get what is free.
    fn addresses(&mut self, hosts: &Hosts) {
        let mut faults = Vec::new();
        for host in &self.plan.hosts {
            for card in &host.cards {
                let Some((number, ..)) = card.plug else {
                    continue;
                };
                let Some(network) = self.plan.networks.get_mut(number) else {
                    continue;
                };
                for address in &card.addresses {
                    let taker = format!("{}:{}", host.name, card.name);
                    if let Some(other) = network.taken.insert(address.value.addr(), taker) {
                        let words =
                            format!("{} is the address of {other} already", address.value.addr());
                        faults.push(Fault::new(address.place, words));
                    }
                }
            }
        }
        self.faults.append(&mut faults);
        self.routers(hosts);
        for (number, host) in self.plan.hosts.iter_mut().enumerate() {
            for card in host
                .cards
                .iter_mut()
                .filter(|card| card.addresses.is_empty())
            {
                let Some(network) = card
                    .plug
                    .and_then(|(network, ..)| self.plan.networks.get_mut(network))
                else {
                    continue;
                };
                let taker = format!("{}:{}", host.name, card.name);
                match network.free(number, taker) {
                    Some(value) => card.addresses.push(At {
                        value,
                        place: card.place,
                    }),
                    None => {
                        let words = format!(
                            "no address left in {} for {}:{}: give network `{}` a larger `subnet`",
                            network.subnet, host.name, card.name, network.name
                        );
                        self.faults.push(Fault::new(card.place, words));
                        return;
                    }
                }
            }
        }
    }

    /// The routers to the outside: the first address of each network that has one.
    fn routers(&mut self, hosts: &Hosts) {
        let mut wanted: Vec<(usize, Place)> = Vec::new();
        for (number, network) in self.plan.networks.iter().enumerate() {
            if network.spec.uplink {
                wanted.push((number, network.place));
            }
        }
        for (host, (_, spec)) in self.plan.hosts.iter().zip(&hosts.0) {
            let Some(uplink) = spec.uplink.as_ref().filter(|uplink| uplink.value) else {
                continue;
            };
            let network = host.cards.iter().find_map(|card| card.plug);
            match network {
                Some((number, ..)) => wanted.push((number, uplink.place)),
                None => {
                    let words = "an uplink needs a network card that is plugged into a network";
                    self.faults.push(Fault::new(uplink.place, words));
                }
            }
        }
        for (number, place) in wanted {
            let Some(network) = self.plan.networks.get_mut(number) else {
                continue;
            };
            if network.router.is_some() {
                continue;
            }
            let words = match network.nth(1).map(|net| net.addr()) {
                Some(IpAddr::V4(router)) => {
                    network.router = Some(router);
                    match network
                        .taken
                        .insert(router.into(), format!("the router `{OUTSIDE}`"))
                    {
                        Some(other) => format!(
                            "the router to the outside has {router}, which is the address of {other}"
                        ),
                        None => continue,
                    }
                }
                Some(IpAddr::V6(_)) | None => {
                    "an uplink needs a `subnet` of IPv4 with room for a router".to_owned()
                }
            };
            self.faults.push(Fault::new(place, words));
        }
    }

    /// Who goes out by the router: machines of a network with an uplink, but for those that say otherwise.
    fn uplinks(&mut self, hosts: &Hosts) {
        for (host, (_, spec)) in self.plan.hosts.iter_mut().zip(&hosts.0) {
            for text in &spec.gateway.0 {
                match text.value.parse() {
                    Ok(value) => host.gateways.push(At {
                        value,
                        place: text.place,
                    }),
                    Err(_) => {
                        let words = format!("`{}` is no address of a gateway", shown(&text.value));
                        self.faults.push(Fault::new(text.place, words));
                    }
                }
            }
            if !spec.gateway.0.is_empty() {
                if let Some(uplink) = spec.uplink.as_ref().filter(|uplink| uplink.value) {
                    let words = "a `gateway` and an `uplink`: say one of them";
                    self.faults.push(Fault::new(uplink.place, words));
                }
                continue;
            }
            if spec.uplink.as_ref().is_some_and(|uplink| !uplink.value) {
                continue;
            }
            let said = spec.uplink.is_some();
            let networks = host.cards.iter().filter_map(|card| card.plug);
            let mut routers = networks.filter_map(|(number, ..)| {
                let network = self.plan.networks.get(number)?;
                network.router.filter(|_| said || network.spec.uplink)
            });
            if let Some(router) = routers.next() {
                host.gateways.push(At {
                    value: router.into(),
                    place: host.place,
                });
            }
        }
    }

    /// A gateway is in a subnet of the machine, and not its own address.
    fn gateways(&mut self) {
        let mut faults = Vec::new();
        for host in &self.plan.hosts {
            let addresses = || host.cards.iter().flat_map(|card| &card.addresses);
            let mut families = [false; 2];
            for gateway in &host.gateways {
                let ip = gateway.value;
                let near = addresses().any(|address| address.value.contains(&ip));
                let own = addresses().any(|address| address.value.addr() == ip);
                let second = std::mem::replace(&mut families[usize::from(ip.is_ipv6())], true);
                let words = match (near, own, second) {
                    (_, _, true) => "a second default gateway of the same family",
                    (false, ..) => "the gateway is in no subnet of this host",
                    (true, true, _) => "the gateway is an address of this host itself",
                    (true, false, _) => continue,
                };
                faults.push(Fault::new(gateway.place, format!("{ip}: {words}")));
            }
        }
        self.faults.append(&mut faults);
    }
}

impl Network {
    /// The `number`th address of the subnet, where it has that and it is no broadcast address.
    fn nth(&self, number: u128) -> Option<IpNet> {
        let bits = u32::from(self.subnet.max_prefix_len() - self.subnet.prefix_len());
        let size = 1u128.checked_shl(bits).unwrap_or(u128::MAX);
        let last = if self.subnet.addr().is_ipv4() {
            size.saturating_sub(2)
        } else {
            size - 1
        };
        if number == 0 || number > last {
            return None;
        }
        let addr = match self.subnet.addr() {
            IpAddr::V4(v4) => {
                Ipv4Addr::from_bits(v4.to_bits() + u32::try_from(number).ok()?).into()
            }
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() + number).into(),
        };
        IpNet::new(addr, self.subnet.prefix_len()).ok()
    }

    /// An address for the `number`th machine: .11 for the first where there is room for that, or else the next free.
    fn free(&mut self, number: usize, taker: String) -> Option<IpNet> {
        let usual = FIRST + number as u128;
        let others = 2..FIRST + HOSTS_MAX as u128 + NICS_MAX as u128;
        let mut candidates = std::iter::once(usual).chain(others);
        let found = candidates.find_map(|number| {
            let net = self.nth(number)?;
            (!self.taken.contains_key(&net.addr())).then_some(net)
        })?;
        self.taken.insert(found.addr(), taker);
        Some(found)
    }
}

/// The wires of a card in a network: the network's latency and loss are met once, on the way to the receiver,
/// and the card's own on both ways.
fn wires(network: &NetworkSpec, nic: &NicSpec) -> (WireSpec, WireSpec) {
    let own = nic
        .latency
        .as_ref()
        .map_or(Duration::ZERO, |span| span.value.0);
    let (up, down) = match &network.latency {
        Some(At {
            value: Span(latency),
            ..
        }) => (Duration::ZERO, *latency),
        None => (CABLE_CROSSING, CABLE_CROSSING),
    };
    let ppm = |loss: &Option<At<Part>>| loss.as_ref().map_or(0, |part| part.value.0);
    let wire = |latency: Duration, loss_ppm: u32| WireSpec {
        latency: latency.saturating_add(own),
        rate_bps: rate(&[&nic.rate, &network.rate]),
        loss_ppm,
        queue_bytes: queue(&[&nic.queue, &network.queue]),
    };
    let lossy = either(ppm(&nic.loss), ppm(&network.loss));
    (wire(up, ppm(&nic.loss)), wire(down, lossy))
}

/// The part that one loss or another takes.
fn either(one: u32, other: u32) -> u32 {
    let both = u64::from(one) * u64::from(other) / 1_000_000;
    u32::try_from(u64::from(one) + u64::from(other) - both).unwrap_or(1_000_000)
}

fn rate(given: &[&Option<At<Speed>>]) -> Option<u64> {
    given
        .iter()
        .find_map(|rate| rate.as_ref().map(|rate| rate.value.0))
}

fn queue(given: &[&Option<At<Bytes>>]) -> u32 {
    let given = given.iter().find_map(|queue| queue.as_ref());
    given.map_or(QUEUE_BYTES, |queue| queue.value.0)
}

/// A text of a file in a message: short, and on one line.
fn shown(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(60).collect()
}
