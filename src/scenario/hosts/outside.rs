//! The simulated outside: a router in the network, a few more behind it, and a last one that is every public address.
//! It answers pings and refuses all else, as a host without servers does.
//!
//! The router does what a router with NAT at its far side would do for the machines of its own networks: they get
//! answers. Other private sources get none: the answer reaches the router, which has no way back for it.
//! ```text
//! h1 --- lan --- outside --- isp1 --- isp2 --- internet
//!                  unreachable: private and special prefixes         local: all the rest
//! ```

use ipnet::IpNet;

use super::build::{address_add, ifindex, quietly_up, route_add};
use crate::device::underlay::WireSpec;
use crate::kernel::World;
use crate::kernel::netlink::{LinkChange, LinkRef, NlResult};
use crate::netns::fib::{NexthopConfig, RouteType, scope};
use crate::units::{HostId, IfName, NetnsId, SegmentId};

/// The host that is the router to the outside.
pub const OUTSIDE: &str = "outside";

/// From one router of the outside to the next.
const HOP: std::time::Duration = std::time::Duration::from_millis(2);
/// The namespaces behind the router: each is one hop further away.
const BEHIND: [&str; 3] = ["isp1", "isp2", "internet"];
/// Of which addresses the answers are sent back to the router (RFC 1918).
const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
/// Where no public address is (RFC 6890).
const SPECIAL: [&str; 10] = [
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
];

/// Builds the outside, with the router plugged into each of the networks by an address of its own.
pub(super) fn build(world: &mut World, networks: &[(SegmentId, IpNet)]) -> NlResult<()> {
    let host = world.host_add(OUTSIDE)?;
    let root = world.host(host).root;
    for (number, &(segment, address)) in networks.iter().enumerate() {
        let name = format!("eth{number}");
        let card = world.nic_add(host, named(&name))?;
        let (up, down) = near(world, segment);
        world.plug(card, segment, up, down)?;
        address_add(world, root, &name, address)?;
        quietly_up(world, root, &name)?;
    }
    forwards(world, root)?;
    for prefix in SPECIAL {
        route_add(
            world,
            root,
            net(prefix),
            RouteType::Unreachable,
            NexthopConfig::default(),
        )?;
    }
    let mut before = root;
    for (number, name) in BEHIND.into_iter().enumerate() {
        before = behind(world, host, before, number, name)?;
    }
    let lo = NexthopConfig {
        oif: ifindex(world, before, "lo"),
        ..NexthopConfig::default()
    };
    // Behind the ways back, so that these win: in the main table.
    route_add_host(world, before, lo)
}

/// The router stands as near to the switch as its nearest card, and loses nothing.
fn near(world: &World, segment: SegmentId) -> (WireSpec, WireSpec) {
    let cards = world.segment_ports(segment).iter();
    let wires = cards.filter_map(|&card| world.wire(card));
    let nearest = wires.min_by_key(|(up, down)| up.latency + down.latency);
    let (up, down) = nearest.map_or((HOP, HOP), |(up, down)| (up.latency, down.latency));
    (WireSpec::of_latency(up), WireSpec::of_latency(down))
}

/// Adds a namespace one hop behind `before`, with a cable between them and the ways there and back.
fn behind(
    world: &mut World,
    host: HostId,
    before: NetnsId,
    number: usize,
    name: &str,
) -> NlResult<NetnsId> {
    let netns = world.netns_add(host, name)?;
    let here = world.nic_add(host, named(&format!("wan{number}")))?;
    let there = world.nic_add(host, named(&format!("lan{number}")))?;
    world.cable(here, there, WireSpec::of_latency(HOP))?;
    let root = world.host(host).root;
    for (card, into, name) in [("wan", before, "wan"), ("lan", netns, "lan")] {
        let change = LinkChange {
            netns: Some(into),
            name: Some(named(name)),
            ..LinkChange::default()
        };
        world.link_set(root, &LinkRef::Name(format!("{card}{number}")), &change)?;
    }
    let pair = [1, 2].map(|end| net(&format!("203.0.113.{}/30", 4 * number + end)));
    address_add(world, before, "wan", pair[0])?;
    address_add(world, netns, "lan", pair[1])?;
    quietly_up(world, before, "wan")?;
    quietly_up(world, netns, "lan")?;
    let up = LinkChange {
        up: Some(true),
        ..LinkChange::default()
    };
    world.link_set(netns, &LinkRef::Name("lo".to_owned()), &up)?;
    forwards(world, netns)?;
    let via = |address: IpNet| NexthopConfig {
        gateway: Some(address.addr()),
        ..NexthopConfig::default()
    };
    route_add(
        world,
        before,
        net("0.0.0.0/0"),
        RouteType::Unicast,
        via(pair[1]),
    )?;
    for prefix in PRIVATE.into_iter().chain(["203.0.113.0/24"]) {
        route_add(world, netns, net(prefix), RouteType::Unicast, via(pair[0]))?;
    }
    Ok(netns)
}

/// Every other address is this machine's: `ip route add local default dev lo table main`.
fn route_add_host(world: &mut World, netns: NetnsId, lo: NexthopConfig) -> NlResult<()> {
    let config = crate::netns::fib::RouteConfig {
        kind: RouteType::Local,
        scope: scope::HOST,
        nexthop: lo,
        ..crate::netns::fib::RouteConfig::new(net("0.0.0.0/0"))
    };
    world.route_new(netns, &config, crate::netns::fib::NewFlags::ADD)
}

fn forwards(world: &mut World, netns: NetnsId) -> NlResult<()> {
    Ok(world.sysctl_write(netns, "net.ipv4.ip_forward", "1")?)
}

fn named(name: &str) -> IfName {
    name.parse().expect("a short name without a slash")
}

fn net(text: &str) -> IpNet {
    text.parse().expect("a prefix that is written here")
}
