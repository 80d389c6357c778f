//! A network as a list of parts: what stands where, and who has which address.
//! Its command lines are in `build`; who can reach whom in it is predicted by `reference`.

use std::net::Ipv4Addr;

use petgraph::unionfind::UnionFind;

/// A part of a network. Hosts, bridges and docker networks are meant by number, modulo how many there are,
/// so that every list of parts is a network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// One more machine, on the underlay that joins them all.
    Host,
    /// A bridge in the root namespace of a host.
    Bridge {
        /// Its host.
        host: u8,
    },
    /// A namespace with one device, on a bridge.
    Station {
        /// Its bridge.
        on: u8,
    },
    /// A cable between two bridges; a VXLAN tunnel where they are on two hosts, whose VTEPs are ports of the bridges.
    Trunk {
        /// One bridge.
        a: u8,
        /// The other.
        b: u8,
    },
    /// A namespace with a device on a bridge, and on that one a device of a network of its own.
    Overlay {
        /// Its bridge.
        on: u8,
        /// The network of its own.
        net: OverlayNet,
    },
    /// A namespace that forwards, with a device on each of two bridges of one host.
    Router {
        /// One bridge.
        a: u8,
        /// The other.
        b: u8,
    },
    /// A bridge network of docker.
    DockerNet {
        /// The host of the engine.
        host: u8,
    },
    /// A container with a web server; it is nothing without a docker network.
    Container {
        /// Its docker network.
        on: u8,
    },
}

/// A network over another one: whoever is in the same and is joined below reaches one another, and nobody else does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OverlayNet {
    /// A VXLAN network of that VNI, whose members find one another by a group.
    Vxlan(u8),
    /// A VLAN of that number.
    Vlan(u8),
}

/// A cable of a network, which may be cut.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Link {
    /// That of a station.
    Station(usize),
    /// One between bridges.
    Trunk(usize),
    /// The first or the second of a router.
    Router(usize, bool),
    /// That of a member of an overlay.
    Overlay(usize),
    /// That of a host, to the underlay.
    Host(usize),
    /// A container's connection to its docker network.
    Container(usize),
}

impl Link {
    /// The end of it that is a port of a bridge, or the card of the host; nothing for a container's, whose name is
    /// left to chance.
    pub fn device(self) -> Option<String> {
        match self {
            Self::Station(number) => Some(format!("p{number}")),
            Self::Overlay(number) => Some(format!("u{number}")),
            Self::Trunk(number) => Some(format!("t{number}a")),
            Self::Router(number, second) => {
                Some(format!("q{number}{}", if second { 'b' } else { 'a' }))
            }
            Self::Host(_) => Some("eth0".to_owned()),
            Self::Container(_) => None,
        }
    }

    /// Whether it ends at a bridge that the network's commands name.
    pub fn is_port(self) -> bool {
        !matches!(self, Self::Host(_) | Self::Container(_))
    }
}

/// Somebody who may ask and be asked, by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Endpoint {
    /// A station.
    Station(usize),
    /// A member of an overlay, by its address there.
    Member(usize),
    /// A host, by its address on the underlay.
    Host(usize),
    /// A container.
    Container(usize),
}

/// A station of a network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Station {
    /// Its bridge.
    pub bridge: usize,
    /// Its address, of a /24.
    pub address: Ipv4Addr,
}

/// A member of an overlay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Member {
    /// Its bridge.
    pub bridge: usize,
    /// Its address below, of a /24.
    pub address: Ipv4Addr,
    /// Its network.
    pub net: OverlayNet,
    /// Its address there, of the /24 that all overlays have.
    pub inner: Ipv4Addr,
}

/// A router of a network: its bridges, and its address at each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Router {
    /// The bridges, which are of two subnets.
    pub bridges: [usize; 2],
    /// The addresses, of a /24 each.
    pub addresses: [Ipv4Addr; 2],
}

/// A container.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Container {
    /// Its docker network.
    pub net: usize,
    /// Its address, of a /24.
    pub address: Ipv4Addr,
}

/// A network, judged: every number means something.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Network {
    /// How many hosts there are.
    pub hosts: usize,
    /// The host of each bridge.
    pub bridges: Vec<usize>,
    /// The subnet of each bridge: bridges that cables join have one.
    pub subnets: Vec<usize>,
    /// Whether cables between bridges form a ring, so that the spanning tree must run.
    pub ring: bool,
    /// The stations, `s0` and on.
    pub stations: Vec<Station>,
    /// The cables between bridges, with both ends.
    pub trunks: Vec<[usize; 2]>,
    /// The routers, `r0` and on.
    pub routers: Vec<Router>,
    /// The members of overlays, `v0` and on.
    pub members: Vec<Member>,
    /// The host of each docker network, `n0` and on.
    pub docker_nets: Vec<usize>,
    /// The containers, `c0` and on.
    pub containers: Vec<Container>,
}

/// Hosts, docker networks, containers, routers: more of each are left out.
const MOST: usize = 50;

impl Network {
    /// The network of these parts. A host, and on it a bridge that nothing was said of, stand at the beginning; a
    /// router within one subnet is left out, and so is one between two hosts.
    pub fn new(parts: &[Part]) -> Self {
        let hosts = 1 + parts.iter().filter(|part| **part == Part::Host).count();
        let mut network = Self {
            hosts: hosts.min(MOST),
            ..Self::default()
        };
        let host = |number: u8| usize::from(number) % network.hosts;
        let bridges = parts.iter().filter_map(|part| match *part {
            Part::Bridge { host } => Some(host),
            _ => None,
        });
        network.bridges = std::iter::once(0).chain(bridges).map(host).collect();
        let nets = parts.iter().filter_map(|part| match *part {
            Part::DockerNet { host } => Some(host),
            _ => None,
        });
        network.docker_nets = nets.map(host).take(MOST).collect();
        let count = network.bridges.len();
        let pick = |number: u8| usize::from(number) % count;
        let mut joined = UnionFind::new(count);
        for part in parts {
            if let Part::Trunk { a, b } = *part
                && pick(a) != pick(b)
            {
                network.ring |= !joined.union(pick(a), pick(b));
                network.trunks.push([pick(a), pick(b)]);
            }
        }
        network.subnets = joined.into_labeling();
        for part in parts {
            match *part {
                Part::Host | Part::Bridge { .. } | Part::Trunk { .. } | Part::DockerNet { .. } => {}
                Part::Station { on } => network.add_station(pick(on)),
                Part::Router { a, b } => network.add_router([pick(a), pick(b)]),
                Part::Overlay { on, net } => network.add_member(pick(on), net),
                Part::Container { on } => network.add_container(on),
            }
        }
        network
    }

    /// Addresses 1 to 149 of a subnet are stations', 150 to 199 members', 200 and on routers'.
    fn add_station(&mut self, bridge: usize) {
        let host = u8::try_from(self.stations.len() + 1).unwrap_or(u8::MAX);
        if host >= 150 {
            return;
        }
        let address = self.address(bridge, host);
        self.stations.push(Station { bridge, address });
    }

    fn add_member(&mut self, bridge: usize, net: OverlayNet) {
        let number = u8::try_from(self.members.len()).unwrap_or(u8::MAX);
        if number >= 50 {
            return;
        }
        let address = self.address(bridge, 150 + number);
        self.members.push(Member {
            bridge,
            address,
            net,
            inner: Ipv4Addr::new(10, 99, 0, 1 + number),
        });
    }

    fn add_router(&mut self, bridges: [usize; 2]) {
        let number = u8::try_from(self.routers.len()).unwrap_or(u8::MAX);
        let hosts = bridges.map(|bridge| self.bridges[bridge]);
        let one_subnet = self.subnets[bridges[0]] == self.subnets[bridges[1]];
        if one_subnet || hosts[0] != hosts[1] || number >= 50 {
            return;
        }
        let addresses = bridges.map(|bridge| self.address(bridge, 200 + number));
        self.routers.push(Router { bridges, addresses });
    }

    fn add_container(&mut self, on: u8) {
        let number = self.containers.len();
        if self.docker_nets.is_empty() || number >= MOST {
            return;
        }
        let net = usize::from(on) % self.docker_nets.len();
        let part = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
        let address = Ipv4Addr::new(172, 30, part(net), 2 + part(number));
        self.containers.push(Container { net, address });
    }

    fn address(&self, bridge: usize, host: u8) -> Ipv4Addr {
        let subnet = u8::try_from(self.subnets[bridge]).unwrap_or(u8::MAX);
        Ipv4Addr::new(10, 0, subnet, host)
    }

    /// The router that a station's default route leads to: the first of its subnet.
    pub fn gateway(&self, station: &Station) -> Option<Ipv4Addr> {
        let subnet = self.subnets[station.bridge];
        self.routers.iter().find_map(|router| {
            let side = router
                .bridges
                .iter()
                .position(|bridge| self.subnets[*bridge] == subnet)?;
            Some(router.addresses[side])
        })
    }

    /// Every cable that may be cut.
    pub fn links(&self) -> Vec<Link> {
        let hosts = if self.hosts > 1 { self.hosts } else { 0 };
        let hosts = (0..hosts).map(Link::Host);
        self.ports()
            .into_iter()
            .chain(hosts)
            .chain((0..self.containers.len()).map(Link::Container))
            .collect()
    }

    /// The cables that end at a bridge.
    pub fn ports(&self) -> Vec<Link> {
        let stations = (0..self.stations.len()).map(Link::Station);
        let trunks = (0..self.trunks.len()).map(Link::Trunk);
        let routers = (0..self.routers.len())
            .flat_map(|number| [false, true].map(|second| Link::Router(number, second)));
        let members = (0..self.members.len()).map(Link::Overlay);
        stations
            .chain(trunks)
            .chain(routers)
            .chain(members)
            .collect()
    }

    /// The host on which a cable ends.
    pub fn host_of(&self, link: Link) -> usize {
        match link {
            Link::Station(number) => self.bridges[self.stations[number].bridge],
            Link::Trunk(number) => self.bridges[self.trunks[number][0]],
            Link::Router(number, _) => self.bridges[self.routers[number].bridges[0]],
            Link::Overlay(number) => self.bridges[self.members[number].bridge],
            Link::Host(number) => number,
            Link::Container(number) => self.docker_nets[self.containers[number].net],
        }
    }

    /// The devices that stand on the bridges, stations, routers and members of overlays: host, namespace and name
    /// of each.
    pub fn legs(&self) -> Vec<(usize, String, String)> {
        let host = |bridge: usize| self.bridges[bridge];
        let eth0 = |bridge, netns: String| (host(bridge), netns, "eth0".to_owned());
        let stations = self.stations.iter().enumerate();
        let stations = stations.map(|(number, at)| eth0(at.bridge, format!("s{number}")));
        let routers = self
            .routers
            .iter()
            .enumerate()
            .flat_map(|(number, router)| {
                [0, 1].map(|side| {
                    let home = host(router.bridges[side]);
                    (home, format!("r{number}"), format!("eth{side}"))
                })
            });
        let members = self.members.iter().enumerate();
        let members = members.map(|(number, at)| eth0(at.bridge, format!("v{number}")));
        stations.chain(routers).chain(members).collect()
    }

    /// Whoever has an address that may be reached: stations, members of overlays, hosts where there are several,
    /// containers.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let hosts = if self.hosts > 1 { self.hosts } else { 0 };
        let stations = (0..self.stations.len()).map(Endpoint::Station);
        let members = (0..self.members.len()).map(Endpoint::Member);
        let containers = (0..self.containers.len()).map(Endpoint::Container);
        let hosts = (0..hosts).map(Endpoint::Host);
        stations
            .chain(members)
            .chain(hosts)
            .chain(containers)
            .collect()
    }

    /// Its address.
    pub fn address_of(&self, endpoint: Endpoint) -> Ipv4Addr {
        match endpoint {
            Endpoint::Station(number) => self.stations[number].address,
            Endpoint::Member(number) => self.members[number].inner,
            Endpoint::Host(number) => host_address(number),
            Endpoint::Container(number) => self.containers[number].address,
        }
    }

    /// What stands before a command that it runs, a space at the end: `ip netns exec s0 `.
    pub fn enter(&self, endpoint: Endpoint) -> String {
        match endpoint {
            Endpoint::Station(number) => {
                self.in_netns(Link::Station(number), &format!("s{number}"))
            }
            Endpoint::Member(number) => self.in_netns(Link::Overlay(number), &format!("v{number}")),
            Endpoint::Host(number) => self.on(number),
            Endpoint::Container(number) => {
                let host = self.host_of(Link::Container(number));
                format!("{}docker exec c{number} ", self.on(host))
            }
        }
    }

    fn in_netns(&self, link: Link, netns: &str) -> String {
        format!("{}ip netns exec {netns} ", self.on(self.host_of(link)))
    }
}

/// The address of a host on the underlay, of a /24.
pub(super) fn host_address(number: usize) -> Ipv4Addr {
    let last = u8::try_from(11 + number).unwrap_or(u8::MAX);
    Ipv4Addr::new(192, 168, 0, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_list_of_parts_is_a_network_that_builds() {
        let parts = [
            Part::Station { on: 9 },
            Part::Bridge { host: 3 },
            Part::Router { a: 0, b: 1 },
            Part::Router { a: 1, b: 1 },
            Part::Station { on: 1 },
            Part::Trunk { a: 5, b: 5 },
            Part::Container { on: 7 },
        ];
        let network = Network::new(&parts);
        assert_eq!(
            (
                network.bridges.len(),
                network.routers.len(),
                network.trunks.len()
            ),
            (2, 1, 0)
        );
        assert!(network.build(0).is_ok());
    }

    #[test]
    fn a_second_cable_between_bridges_is_a_ring() {
        let trunk = Part::Trunk { a: 0, b: 1 };
        assert!(!Network::new(&[Part::Bridge { host: 0 }, trunk]).ring);
        assert!(Network::new(&[Part::Bridge { host: 0 }, trunk, trunk]).ring);
    }

    #[test]
    fn hosts_are_joined_by_tunnels_and_have_containers() {
        let network = Network::new(&[
            Part::Host,
            Part::Bridge { host: 1 },
            Part::Trunk { a: 0, b: 1 },
            Part::Station { on: 0 },
            Part::Station { on: 1 },
            Part::DockerNet { host: 1 },
            Part::Container { on: 0 },
            Part::Container { on: 0 },
        ]);
        let mut lab = network.build(0).expect("every network builds");
        for line in [
            "on h1 ip netns exec s0 ping -c 1 -W 1 10.0.0.2",
            "on h2 docker exec c0 ping -c 1 -W 1 192.168.0.11",
            "on h2 docker exec c0 curl -s -m 3 http://172.30.0.3/",
        ] {
            let done = lab.run(line);
            assert_eq!(done.status, 0, "{line}: {done:?}");
        }
    }
}
