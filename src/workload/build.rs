//! Networks to be built: so many namespaces, each on one bridge by a veth pair, with an address.
//! The same by typed requests and by command lines.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net};

use super::{End, add, bridge, enslave, quiet_netns, set_up, silence, veth};
use crate::kernel::World;
use crate::kernel::netlink::{
    AddrNew, BridgeOptions, LinkChange, LinkKind, LinkNew, LinkRef, VethPeer,
};
use crate::netns::socket::SocketKind;
use crate::tool::Shell;
use crate::units::{IfIndex, NetnsId};

/// The address of a station: they fill 10.0.0.0/8 from its first on.
fn address(number: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 0, 0, 1)) + number)
}

/// A world with `count` namespaces, each on one bridge by a veth pair, with an address, up.
///
/// # Panics
/// Where a request fails, which is a fault of the simulator, or `count` is beyond its budgets.
pub fn namespaces(count: u32) -> (World, Vec<NetnsId>) {
    let mut world = World::new(0);
    let host = world.default_host();
    let root = world.host(host).root;
    bridge(&mut world, End::new(root, "br0")).expect("a new name");
    let master = world.ifindex(root, "br0").expect("it was just made");
    let mut made = Vec::with_capacity(count as usize);
    for number in 0..count {
        let netns = world
            .netns_add(host, &format!("n{number}"))
            .expect("names differ");
        station(&mut world, (root, master), number, netns);
        made.push(netns);
    }
    (world, made)
}

/// A world with `count` namespaces that have nothing but their loopback.
///
/// # Panics
/// Where `count` is beyond its budgets.
pub fn bare_namespaces(count: u32) -> World {
    let mut world = World::new(0);
    let host = world.default_host();
    for number in 0..count {
        let added = world.netns_add(host, &format!("n{number}"));
        added.expect("names differ");
    }
    world
}

/// A world with `count` veth pairs in one namespace, all down.
///
/// # Panics
/// Where `count` is beyond its budgets.
pub fn veth_pairs(count: u32) -> World {
    let mut world = World::new(0);
    let host = world.default_host();
    let root = world.host(host).root;
    for number in 0..count {
        let (near, far) = (format!("a{number}"), format!("b{number}"));
        let peer = VethPeer {
            attributes: End::new(root, &far).attributes(),
            ..VethPeer::default()
        };
        let kind = LinkKind::Veth(Some(Box::new(peer)));
        add(&mut world, End::new(root, &near), kind).expect("names differ");
    }
    world
}

/// Puts a namespace on a bridge of another one, by a veth pair, with the address of its number: three requests.
fn station(world: &mut World, (root, master): (NetnsId, IfIndex), number: u32, netns: NetnsId) {
    let port = format!("v{number}");
    let far = End::new(netns, "eth0");
    let peer = VethPeer {
        attributes: far.attributes(),
        ..VethPeer::default()
    };
    let new = LinkNew {
        kind: LinkKind::Veth(Some(Box::new(peer))),
        ifindex: None,
        link: None,
        tx_queues: None,
        rx_queues: None,
        attributes: LinkChange {
            up: Some(true),
            master: Some(master),
            ..End::new(root, &port).attributes()
        },
    };
    world.link_add(root, &new).expect("new names");
    let ifindex = world.ifindex(netns, "eth0").expect("it was just made");
    let up = LinkChange {
        up: Some(true),
        ..LinkChange::default()
    };
    world
        .link_set(netns, &LinkRef::Index(ifindex), &up)
        .expect("its peer is there");
    let prefix = Ipv4Net::new(address(number), 8).expect("8 is a prefix length");
    let request = AddrNew::new(ifindex, IpNet::V4(prefix));
    world.addr_add(netns, &request).expect("a first address");
}

/// A bridge that joins no group.
fn silent_bridge(world: &mut World, at: End<'_>) {
    let silent = BridgeOptions {
        mcast_snooping: Some(false),
        ..BridgeOptions::default()
    };
    add(world, at, LinkKind::Bridge(Box::new(silent))).expect("a new name");
    set_up(world, at).expect("it was just made");
}

/// Ports of a Linux bridge (`BR_MAX_PORTS` is 1024, and number 0 is none), less one for the way up.
const LEAF_PORTS: u32 = 1022;

/// Namespaces that say nothing of their own accord, more than one bridge has ports for: each on a bridge by a veth
/// pair, with an address, up, and the bridges on one more. Bridges that snoop would tell all stations of the group that
/// they join: these do not.
#[derive(Clone, Debug)]
pub struct Tree {
    world: World,
    stations: Vec<NetnsId>,
}

impl Tree {
    /// A tree with `count` namespaces.
    ///
    /// # Panics
    /// Where a request fails, which is a fault of the simulator, or `count` is beyond its budgets.
    pub fn new(count: u32) -> Self {
        let mut world = World::new(0);
        let host = world.default_host();
        let root = world.host(host).root;
        silence(&mut world, root);
        silent_bridge(&mut world, End::new(root, "top"));
        let mut stations = Vec::with_capacity(count as usize);
        for number in 0..count {
            let leaf = format!("br{}", number / LEAF_PORTS);
            if number % LEAF_PORTS == 0 {
                let (up, down) = (format!("u{leaf}"), format!("d{leaf}"));
                silent_bridge(&mut world, End::new(root, &leaf));
                veth(&mut world, End::new(root, &up), End::new(root, &down)).expect("new names");
                enslave(&mut world, root, &up, &leaf).expect("both are there");
                enslave(&mut world, root, &down, "top").expect("both are there");
            }
            let netns = quiet_netns(&mut world, &format!("n{number}"));
            let master = world.ifindex(root, &leaf).expect("it was made");
            station(&mut world, (root, master), number, netns);
            stations.push(netns);
        }
        Self { world, stations }
    }

    /// The world that it is in.
    pub(super) fn into_world(self) -> World {
        self.world
    }

    /// The first station pings the last; says whether it was answered.
    ///
    /// # Panics
    /// Where there is a loop, which is a fault of the simulator.
    pub fn ping_across(&mut self) -> bool {
        let Some(last) = self.stations.len().checked_sub(1) else {
            return false;
        };
        let first = self.stations[0];
        let socket = self.world.socket(first, SocketKind::Raw4(1));
        let socket = socket.expect("a first socket");
        let target = address(u32::try_from(last).expect("budgets are below 2^32"));
        // Echo request 1 of process 1, with its checksum.
        let request = [8, 0, 0xf7, 0xfd, 0, 1, 0, 1];
        let sent = self
            .world
            .send(socket, Some((IpAddr::V4(target), 0).into()), &request);
        let until = self.world.now() + Duration::from_secs(1);
        self.world.run_until(until).expect("a tree has no loop");
        let reply = self.world.recv(socket);
        self.world.close_socket(socket);
        sent.is_ok() && reply.is_some_and(|reply| reply.bytes.get(20) == Some(&0))
    }
}

/// The addresses of the ordered pairs of `count` stations: who pings, and whom.
pub fn pairs_of(count: u32) -> impl Iterator<Item = (u32, Ipv4Addr)> {
    (0..count).flat_map(move |from| {
        (0..count)
            .filter(move |&to| to != from)
            .map(move |to| (from, address(to)))
    })
}

/// The command lines that build the network of [`namespaces`], on this simulator as on a real machine.
pub fn commands(count: u32) -> String {
    let mut lines = String::from("ip link add br0 type bridge\nip link set br0 up\n");
    for number in 0..count {
        let address = address(number);
        lines.push_str(&format!(
            "ip netns add n{number}\n\
             ip link add v{number} type veth peer name eth0 netns n{number}\n\
             ip link set v{number} master br0 up\n\
             ip -n n{number} addr add {address}/8 dev eth0\n\
             ip -n n{number} link set eth0 up\n"
        ));
    }
    lines
}

/// Runs the lines of [`commands`] in a new world; gives how many namespaces there are.
///
/// # Panics
/// Where a line fails, which is a fault of the simulator.
pub fn run_commands(lines: &str) -> u64 {
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    for line in lines.lines() {
        let finished = shell.run(line);
        assert_eq!(finished.status, 0, "{line}: {}", finished.stderr);
    }
    world.netns_names(world.default_host()).len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_of_bridges_reaches_from_its_first_to_its_last_station() {
        assert!(Tree::new(LEAF_PORTS + 2).ping_across());
        assert!(!Tree::new(0).ping_across());
    }
}
