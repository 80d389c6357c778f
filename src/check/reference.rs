//! Who reaches whom, predicted by means that are naive on purpose: sets of bridges, and a scan of prefixes.
//! It shares nothing with the simulator but the description of the network.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use petgraph::unionfind::UnionFind;

use super::network::{Endpoint, Link, Network};

/// A network with some of its cables cut.
///
/// ```
/// use vethlab::check::{Endpoint, Link, Network, Part, Reference};
///
/// let network = Network::new(&[Part::Station { on: 0 }, Part::Station { on: 0 }]);
/// let mut reference = Reference::new(&network);
/// let (one, other) = (Endpoint::Station(0), Endpoint::Station(1));
/// assert!(reference.answers(one, other));
/// reference.set(Link::Station(1), false);
/// assert!(!reference.answers(one, other));
/// ```
#[derive(Clone, Debug)]
pub struct Reference<'n> {
    network: &'n Network,
    cut: BTreeSet<Link>,
}

/// Somebody with an address: where it is plugged in.
#[derive(Clone, Copy)]
struct Leg {
    link: Link,
    bridge: usize,
    address: Ipv4Addr,
}

impl<'n> Reference<'n> {
    /// The network with all cables whole.
    pub fn new(network: &'n Network) -> Self {
        Self {
            network,
            cut: BTreeSet::new(),
        }
    }

    /// Cuts a cable, or mends it.
    pub fn set(&mut self, link: Link, whole: bool) {
        match whole {
            true => self.cut.remove(&link),
            false => self.cut.insert(link),
        };
    }

    /// Whether a cable is whole.
    pub fn is_whole(&self, link: Link) -> bool {
        !self.cut.contains(&link)
    }

    /// Whether a ping from one endpoint to the address of another is answered.
    pub fn answers(&self, from: Endpoint, to: Endpoint) -> bool {
        match (from, to) {
            (Endpoint::Station(from), Endpoint::Station(to)) => {
                self.reaches(from, to) && self.reaches(to, from)
            }
            (Endpoint::Member(from), Endpoint::Member(to)) => self.members_answer(from, to),
            // A member stands in the subnet below, too.
            (Endpoint::Member(from), Endpoint::Station(to)) => {
                let (from, to) = (self.member_leg(from), self.station(to));
                to.is_some_and(|to| on_link(from.address, to.address) && self.are_joined(from, to))
            }
            (Endpoint::Host(from), Endpoint::Host(to)) => self.hosts_joined(from, to),
            (Endpoint::Host(from), Endpoint::Container(to)) => {
                self.is_whole(Link::Container(to)) && self.host_of(to) == from
            }
            // The host hides it behind its own address.
            (Endpoint::Container(from), Endpoint::Host(to)) => {
                self.is_whole(Link::Container(from)) && self.hosts_joined(self.host_of(from), to)
            }
            (Endpoint::Container(from), Endpoint::Container(to)) => {
                let net = |number: usize| self.network.containers[number].net;
                let connected = [from, to].map(|number| self.is_whole(Link::Container(number)));
                net(from) == net(to) && connected == [true, true]
            }
            // Nobody has a route there.
            (
                Endpoint::Station(_)
                | Endpoint::Member(_)
                | Endpoint::Host(_)
                | Endpoint::Container(_),
                _,
            ) => false,
        }
    }

    /// Whether two hosts hear each other on the underlay.
    fn hosts_joined(&self, one: usize, other: usize) -> bool {
        one == other
            || [one, other]
                .into_iter()
                .all(|host| self.is_whole(Link::Host(host)))
    }

    /// The host of a container.
    fn host_of(&self, container: usize) -> usize {
        self.network.host_of(Link::Container(container))
    }

    /// Whether packets of one station arrive at another.
    fn reaches(&self, from: usize, to: usize) -> bool {
        let (Some(mut here), Some(there)) = (self.station(from), self.station(to)) else {
            return false;
        };
        let mut gateway = self.network.gateway(&self.network.stations[from]);
        // As many routers as there may be, and no more: a packet that goes round is not delivered.
        for _ in 0..=self.network.routers.len() {
            if on_link(here.address, there.address) {
                return self.are_joined(here, there);
            }
            let Some(next) = gateway.and_then(|address| self.router_leg(address)) else {
                return false;
            };
            if !self.are_joined(here, next.0) {
                return false;
            }
            // A router knows the subnets that it is on, and no other.
            let Some(out) = self
                .legs_of(next.1)
                .into_iter()
                .find(|leg| on_link(leg.address, there.address))
            else {
                return false;
            };
            (here, gateway) = (out, None);
        }
        false
    }

    /// Whether a ping from one member of an overlay to another is answered, by their addresses there.
    fn members_answer(&self, from: usize, to: usize) -> bool {
        let members = &self.network.members;
        let (Some(one), Some(other)) = (members.get(from), members.get(to)) else {
            return false;
        };
        one.net == other.net && self.are_joined(self.member_leg(from), self.member_leg(to))
    }

    /// Whether a frame gets from one device that stands on a bridge to another without a router, both by their
    /// places in [`Network::legs`].
    pub fn same_segment(&self, from: usize, to: usize) -> bool {
        let stations = (0..self.network.stations.len()).filter_map(|number| self.station(number));
        let routers = (0..self.network.routers.len()).flat_map(|number| self.legs_of(number));
        let members = (0..self.network.members.len()).map(|number| self.member_leg(number));
        let legs: Vec<Leg> = stations.chain(routers).chain(members).collect();
        match (legs.get(from), legs.get(to)) {
            (Some(one), Some(other)) => self.are_joined(*one, *other),
            _ => false,
        }
    }

    fn member_leg(&self, number: usize) -> Leg {
        let member = &self.network.members[number];
        Leg {
            link: Link::Overlay(number),
            bridge: member.bridge,
            address: member.address,
        }
    }

    fn station(&self, number: usize) -> Option<Leg> {
        let station = self.network.stations.get(number)?;
        Some(Leg {
            link: Link::Station(number),
            bridge: station.bridge,
            address: station.address,
        })
    }

    fn legs_of(&self, number: usize) -> [Leg; 2] {
        let router = &self.network.routers[number];
        [false, true].map(|second| Leg {
            link: Link::Router(number, second),
            bridge: router.bridges[usize::from(second)],
            address: router.addresses[usize::from(second)],
        })
    }

    fn router_leg(&self, address: Ipv4Addr) -> Option<(Leg, usize)> {
        (0..self.network.routers.len()).find_map(|number| {
            let legs = self.legs_of(number);
            let leg = legs.into_iter().find(|leg| leg.address == address)?;
            Some((leg, number))
        })
    }

    /// Whether frames go between two legs: both cables whole, and bridges that cables join.
    fn are_joined(&self, a: Leg, b: Leg) -> bool {
        let mut joined = UnionFind::new(self.network.bridges.len());
        for (number, [left, right]) in self.network.trunks.iter().enumerate() {
            let homes = [left, right].map(|bridge| self.network.bridges[*bridge]);
            if self.is_whole(Link::Trunk(number)) && self.hosts_joined(homes[0], homes[1]) {
                joined.union(*left, *right);
            }
        }
        let whole = |leg: Leg| !self.cut.contains(&leg.link);
        whole(a) && whole(b) && joined.equiv(a.bridge, b.bridge)
    }
}

/// Whether two addresses share their /24.
fn on_link(a: Ipv4Addr, b: Ipv4Addr) -> bool {
    a.octets()[..3] == b.octets()[..3]
}
