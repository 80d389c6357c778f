//! Networks to be built: so many namespaces, each on one bridge by a veth pair, with an address.
//! The same by typed requests and by command lines.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};

use super::{End, bridge, enslave, veth};
use crate::kernel::World;
use crate::kernel::netlink::{AddrNew, LinkRef};
use crate::tool::Shell;
use crate::units::NetnsId;

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
    let mut made = Vec::with_capacity(count as usize);
    for number in 0..count {
        let netns = world
            .netns_add(host, &format!("n{number}"))
            .expect("names differ");
        let port = format!("v{number}");
        veth(&mut world, End::new(root, &port), End::new(netns, "eth0")).expect("new names");
        enslave(&mut world, root, &port, "br0").expect("both are there");
        let ifindex = world
            .link(netns, &LinkRef::Name("eth0".to_owned()))
            .expect("it was just made")
            .ifindex;
        let prefix = Ipv4Net::new(address(number), 8).expect("8 is a prefix length");
        let request = AddrNew::new(ifindex, IpNet::V4(prefix));
        world.addr_add(netns, &request).expect("a first address");
        made.push(netns);
    }
    (world, made)
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
