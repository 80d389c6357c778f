//! A network as a list of parts: what stands where, and the command lines that build it.
//! Who can reach whom in it is predicted by `reference`.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use petgraph::unionfind::UnionFind;

use crate::kernel::World;
use crate::tool::{Finished, Shell};

/// A part of a network. Bridges are meant by number, modulo how many there are before it,
/// so that every list of parts is a network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// A bridge in the root namespace.
    Bridge,
    /// A namespace with one device, on a bridge.
    Station {
        /// Its bridge.
        on: u8,
    },
    /// A cable between two bridges.
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
    /// A namespace that forwards, with a device on each of two bridges.
    Router {
        /// One bridge.
        a: u8,
        /// The other.
        b: u8,
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

impl OverlayNet {
    /// The line that makes the device `ov0` of a namespace.
    fn command(self, netns: &str) -> String {
        match self {
            Self::Vxlan(vni) => format!(
                "ip -n {netns} link add ov0 type vxlan id {} group 239.1.1.1 dev eth0 dstport 4789",
                100 + u32::from(vni)
            ),
            Self::Vlan(vid) => format!(
                "ip -n {netns} link add link eth0 name ov0 type vlan id {}",
                10 + u32::from(vid)
            ),
        }
    }
}

/// A cable of a network, which may be cut: the end of it that stands in the root namespace.
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
}

impl Link {
    /// The device in the root namespace.
    pub fn device(self) -> String {
        match self {
            Self::Station(number) => format!("p{number}"),
            Self::Overlay(number) => format!("u{number}"),
            Self::Trunk(number) => format!("t{number}a"),
            Self::Router(number, second) => format!("q{number}{}", if second { 'b' } else { 'a' }),
        }
    }
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

/// A network, judged: every number means something.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Network {
    /// How many bridges there are.
    pub bridges: usize,
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
}

impl Network {
    /// The network of these parts. A bridge that nothing was said of stands at the beginning; a router
    /// within one subnet is a cable.
    pub fn new(parts: &[Part]) -> Self {
        let mut network = Self {
            bridges: 1 + parts.iter().filter(|part| **part == Part::Bridge).count(),
            ..Self::default()
        };
        let bridges = network.bridges;
        let pick = |number: u8| usize::from(number) % bridges;
        let mut joined = UnionFind::new(bridges);
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
                Part::Bridge | Part::Trunk { .. } => {}
                Part::Station { on } => network.add_station(pick(on)),
                Part::Router { a, b } => network.add_router([pick(a), pick(b)]),
                Part::Overlay { on, net } => network.add_member(pick(on), net),
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
        if self.subnets[bridges[0]] == self.subnets[bridges[1]] || number >= 50 {
            return;
        }
        let addresses = bridges.map(|bridge| self.address(bridge, 200 + number));
        self.routers.push(Router { bridges, addresses });
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

    /// The devices that stand on the bridges, stations, routers and members of overlays: namespace and name of each.
    pub fn legs(&self) -> Vec<(String, String)> {
        let eth0 = |netns: String| (netns, "eth0".to_owned());
        let stations = (0..self.stations.len()).map(|number| eth0(format!("s{number}")));
        let routers = (0..self.routers.len())
            .flat_map(|number| [0, 1].map(|side| (format!("r{number}"), format!("eth{side}"))));
        let members = (0..self.members.len()).map(|number| eth0(format!("v{number}")));
        stations.chain(routers).chain(members).collect()
    }

    /// Whoever has an address that may be reached: namespace and address, stations first, then members of overlays.
    pub fn endpoints(&self) -> Vec<(String, Ipv4Addr)> {
        let stations = self.stations.iter().enumerate();
        let stations = stations.map(|(number, station)| (format!("s{number}"), station.address));
        let members = self.members.iter().enumerate();
        let members = members.map(|(number, member)| (format!("v{number}"), member.inner));
        stations.chain(members).collect()
    }

    /// The command lines that build it, on this simulator as on a real machine as root.
    pub fn commands(&self) -> Vec<String> {
        let mut text = String::new();
        for bridge in 0..self.bridges {
            let stp = u8::from(self.ring);
            let _ = writeln!(text, "ip link add br{bridge} type bridge stp_state {stp}");
            let _ = writeln!(text, "ip link set br{bridge} up");
        }
        for (number, [a, b]) in self.trunks.iter().enumerate() {
            let _ = writeln!(
                text,
                "ip link add t{number}a type veth peer name t{number}b"
            );
            let _ = writeln!(text, "ip link set t{number}a master br{a} up");
            let _ = writeln!(text, "ip link set t{number}b master br{b} up");
        }
        for (number, station) in self.stations.iter().enumerate() {
            let netns = format!("s{number}");
            let _ = writeln!(text, "ip netns add {netns}");
            let port = Link::Station(number).device();
            plug(
                &mut text,
                (&netns, "eth0"),
                &port,
                station.bridge,
                station.address,
            );
            if let Some(gateway) = self.gateway(station) {
                let _ = writeln!(text, "ip -n {netns} route add default via {gateway}");
            }
        }
        for (number, router) in self.routers.iter().enumerate() {
            let netns = format!("r{number}");
            let _ = writeln!(text, "ip netns add {netns}");
            let _ = writeln!(
                text,
                "ip netns exec {netns} sysctl -qw net.ipv4.ip_forward=1"
            );
            for side in 0..2 {
                let port = Link::Router(number, side == 1).device();
                let device = format!("eth{side}");
                let (bridge, address) = (router.bridges[side], router.addresses[side]);
                plug(&mut text, (&netns, &device), &port, bridge, address);
            }
        }
        for (number, member) in self.members.iter().enumerate() {
            let netns = format!("v{number}");
            let _ = writeln!(text, "ip netns add {netns}");
            let port = Link::Overlay(number).device();
            let (bridge, address) = (member.bridge, member.address);
            plug(&mut text, (&netns, "eth0"), &port, bridge, address);
            let _ = writeln!(text, "{}", member.net.command(&netns));
            let _ = writeln!(text, "ip -n {netns} addr add {}/24 dev ov0", member.inner);
            let _ = writeln!(text, "ip -n {netns} link set ov0 up");
        }
        text.lines().map(str::to_owned).collect()
    }

    /// Builds it in a world of one host, which is otherwise empty.
    ///
    /// # Errors
    /// The first line that failed, and what became of it.
    pub fn build(&self, world: &mut World) -> Result<(), (String, Finished)> {
        let mut shell = Shell::new(world);
        for line in self.commands() {
            let finished = shell.run(&line);
            if finished.status != 0 {
                return Err((line, finished));
            }
        }
        Ok(())
    }
}

/// The lines for one device of a namespace and its port of a bridge.
fn plug(
    text: &mut String,
    (netns, device): (&str, &str),
    port: &str,
    bridge: usize,
    address: Ipv4Addr,
) {
    let _ = writeln!(
        text,
        "ip link add {port} type veth peer name {device} netns {netns}"
    );
    let _ = writeln!(text, "ip link set {port} master br{bridge} up");
    let _ = writeln!(text, "ip -n {netns} addr add {address}/24 dev {device}");
    let _ = writeln!(text, "ip -n {netns} link set {device} up");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_list_of_parts_is_a_network_that_builds() {
        let parts = [
            Part::Station { on: 9 },
            Part::Bridge,
            Part::Router { a: 0, b: 1 },
            Part::Router { a: 1, b: 1 },
            Part::Station { on: 1 },
            Part::Trunk { a: 5, b: 5 },
        ];
        let network = Network::new(&parts);
        assert_eq!(
            (network.bridges, network.routers.len(), network.trunks.len()),
            (2, 1, 0)
        );
        assert_eq!(network.build(&mut World::new(0)), Ok(()));
    }

    #[test]
    fn a_second_cable_between_bridges_is_a_ring() {
        let trunk = Part::Trunk { a: 0, b: 1 };
        assert!(!Network::new(&[Part::Bridge, trunk]).ring);
        assert!(Network::new(&[Part::Bridge, trunk, trunk]).ring);
    }
}
