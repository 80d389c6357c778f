//! IPv6 packets between hosts: echoes, errors, forwarding, fragments, what a host says by itself.
//! Addresses and their lives are elsewhere.

use std::net::SocketAddr;

use super::*;
use crate::kernel::netlink::AddrFlags;
use crate::netns::conf::Conf6;
use crate::netns::fib::{NewFlags, NexthopConfig, RouteConfig};
use crate::netns::socket::{MtuDiscover, SocketKind, SocketOption};
use crate::units::{Errno, SockId};

const NODAD: u32 = AddrFlags::NODAD;

/// A raw ICMPv6 socket that hears of errors.
fn icmp_socket(world: &mut World, netns: NetnsId) -> SockId {
    let socket = world.socket(netns, SocketKind::Raw6(58)).unwrap();
    world
        .socket_option(socket, SocketOption::RecvErr(true))
        .unwrap();
    socket
}

fn at(addr: &str) -> Option<SocketAddr> {
    Some(SocketAddr::new(addr.parse().unwrap(), 0))
}

/// Sends an echo request with so many bytes of payload.
fn echo(world: &mut World, socket: SockId, to: &str, len: usize) -> Result<usize, Errno> {
    let mut request = vec![128, 0, 0, 0, 0, 7, 0, 1];
    request.resize(8 + len, 0x55);
    world.send(socket, at(to), &request)
}

/// The types of the messages that a socket got, with where they came from.
fn heard(world: &mut World, socket: SockId) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(datagram) = world.recv(socket) {
        all.push(format!("{} {}", datagram.from.ip(), datagram.bytes[0]));
    }
    all
}

/// The errors that a socket got: offender, type, code and information.
fn errors(world: &mut World, socket: SockId) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(error) = world.recv_error(socket) {
        let offender = error.offender.map_or("-".to_owned(), |by| by.to_string());
        let (kind, code, info) = (error.kind, error.code, error.info);
        all.push(format!("{offender} {kind}/{code} {info}"));
    }
    all
}

#[test]
fn an_echo_is_answered_between_link_local_addresses() {
    let mut pair = Pair::up();
    pair.pass(3000);
    let socket = icmp_socket(&mut pair.world, pair.left);
    let bind = SocketOption::BindToDevice(Some(VETH));
    pair.world.socket_option(socket, bind).unwrap();
    echo(&mut pair.world, socket, "fe80::ff:fe00:b", 56).unwrap();
    pair.pass(10);
    let heard = heard(&mut pair.world, socket);
    assert!(
        heard.contains(&"fe80::ff:fe00:b 129".to_owned()),
        "{heard:?}"
    );
}

#[test]
fn all_nodes_of_the_link_and_this_one_answer_an_echo_to_their_group() {
    let mut pair = Pair::up();
    pair.pass(3000);
    let socket = icmp_socket(&mut pair.world, pair.left);
    let bind = SocketOption::BindToDevice(Some(VETH));
    pair.world.socket_option(socket, bind).unwrap();
    echo(&mut pair.world, socket, "ff02::1", 56).unwrap();
    pair.pass(10);
    let mut replies = heard(&mut pair.world, socket);
    replies.retain(|reply| reply.ends_with(" 129"));
    assert_eq!(replies, ["fe80::ff:fe00:a 129", "fe80::ff:fe00:b 129"]);
}

#[test]
fn an_address_that_the_neighbour_has_is_a_duplicate() {
    let mut pair = Pair::up();
    add_addr(&mut pair.world, pair.right, VETH, "fd00::1/64", NODAD);
    pair.add_addr(pair.left, VETH, "fd00::1/64");
    pair.pass(3000);
    let own = addrs6(&mut pair.world, pair.left);
    let flags = AddrFlags::PERMANENT | AddrFlags::TENTATIVE | AddrFlags::DADFAILED;
    assert_eq!(own[0], ("fd00::1/64".to_owned(), flags));
}

#[test]
fn a_neighbour_that_does_not_answer_is_an_unreachable_address_after_three_seconds() {
    let mut pair = Pair::up();
    add_addr(&mut pair.world, pair.left, VETH, "fd00::1/64", NODAD);
    pair.pass(3000);
    let socket = icmp_socket(&mut pair.world, pair.left);
    echo(&mut pair.world, socket, "fd00::77", 56).unwrap();
    pair.pass(2900);
    assert_eq!(errors(&mut pair.world, socket), [""; 0]);
    pair.pass(400);
    assert_eq!(errors(&mut pair.world, socket), ["fd00::1 1/3 0"]);
}

/// `left` and `right` of the pair are host and router; a second pair leads on to `far`.
struct Chain {
    pair: Pair,
    far: NetnsId,
}

fn default_route(world: &mut World, netns: NetnsId, via: &str) {
    let config = RouteConfig {
        nexthop: NexthopConfig {
            gateway: Some(via.parse().unwrap()),
            ..NexthopConfig::default()
        },
        ..RouteConfig::new("::/0".parse().unwrap())
    };
    let flags = NewFlags {
        create: true,
        excl: true,
        ..NewFlags::default()
    };
    world.route_new(netns, &config, flags).unwrap();
}

fn chain() -> Chain {
    let mut pair = Pair::up();
    let world = &mut pair.world;
    let far = world.netns_add(world.default_host(), "far").unwrap();
    let mac = |last| MacAddr([2, 0, 0, 0, 1, last]);
    add_veth(world, (pair.right, "vc", mac(1)), (far, "vd", mac(2)));
    let key = "net.ipv6.conf.all.forwarding";
    world.sysctl_write(pair.right, key, "1").unwrap();
    for (netns, ifindex, addr) in [
        (pair.left, VETH, "fd00:1::2/64"),
        (pair.right, VETH, "fd00:1::1/64"),
        (pair.right, VETH + 1, "fd00:2::1/64"),
        (far, VETH, "fd00:2::2/64"),
    ] {
        add_addr(world, netns, ifindex, addr, NODAD);
        set(world, netns, ifindex, |change| change.up = Some(true));
    }
    pair.pass(3000);
    default_route(&mut pair.world, pair.left, "fd00:1::1");
    default_route(&mut pair.world, far, "fd00:2::1");
    Chain { pair, far }
}

#[test]
fn a_router_forwards_and_tells_of_a_used_up_hop_limit_and_of_a_missing_route() {
    let Pair {
        mut world, left, ..
    } = chain().pair;
    let socket = icmp_socket(&mut world, left);
    echo(&mut world, socket, "fd00:2::2", 56).unwrap();
    pass(&mut world, 10);
    assert_eq!(heard(&mut world, socket).last().unwrap(), "fd00:2::2 129");
    world.socket_option(socket, SocketOption::Ttl(1)).unwrap();
    echo(&mut world, socket, "fd00:2::2", 56).unwrap();
    pass(&mut world, 10);
    assert_eq!(errors(&mut world, socket), ["fd00:1::1 3/0 0"]);
    world.socket_option(socket, SocketOption::Ttl(9)).unwrap();
    let _ = world.socket_error(socket);
    echo(&mut world, socket, "fd00:9::2", 56).unwrap();
    pass(&mut world, 10);
    assert_eq!(errors(&mut world, socket), ["fd00:1::1 1/0 0"]);
}

#[test]
fn a_packet_too_big_for_a_link_is_fragmented_at_its_source_the_next_time() {
    let mut chain = chain();
    let (right, left) = (chain.pair.right, chain.pair.left);
    let world = &mut chain.pair.world;
    for (netns, ifindex) in [(right, VETH + 1), (chain.far, VETH)] {
        set(world, netns, ifindex, |change| change.mtu = Some(1300));
    }
    let socket = icmp_socket(world, left);
    echo(world, socket, "fd00:2::2", 1400).unwrap();
    pass(world, 10);
    assert_eq!(errors(world, socket), ["fd00:1::1 2/0 1300"]);
    let _ = world.socket_error(socket);
    echo(world, socket, "fd00:2::2", 1400).unwrap();
    pass(world, 10);
    assert_eq!(heard(world, socket).last().unwrap(), "fd00:2::2 129");
    let forced = SocketOption::MtuDiscover(MtuDiscover::Do);
    world.socket_option(socket, forced).unwrap();
    assert_eq!(echo(world, socket, "fd00:2::2", 1400), Err(Errno::Emsgsize));
    assert_eq!(errors(world, socket), ["- 0/0 1300"]);
}

#[test]
fn nobody_at_a_port_is_told_of_by_icmp_and_an_unknown_protocol_by_its_place() {
    let mut pair = Pair::up();
    add_addr(&mut pair.world, pair.left, VETH, "fd00::1/64", NODAD);
    add_addr(&mut pair.world, pair.right, VETH, "fd00::2/64", NODAD);
    pair.pass(3000);
    let world = &mut pair.world;
    let udp = world.socket(pair.left, SocketKind::Udp6).unwrap();
    let hear = SocketOption::RecvErr(true);
    world.socket_option(udp, hear).unwrap();
    let to = SocketAddr::new("fd00::2".parse().unwrap(), 33434);
    world.send(udp, Some(to), b"hello").unwrap();
    let raw = world.socket(pair.left, SocketKind::Raw6(200)).unwrap();
    world.socket_option(raw, hear).unwrap();
    world.send(raw, at("fd00::2"), b"what is this").unwrap();
    pass(world, 10);
    assert_eq!(errors(world, udp), ["fd00::2 1/4 0"]);
    assert_eq!(errors(world, raw), ["fd00::2 4/1 6"]);
}

#[test]
fn without_forwarding_nothing_is_forwarded() {
    let Pair {
        mut world,
        left,
        right,
    } = chain().pair;
    let key = "net.ipv6.conf.all.forwarding";
    world.sysctl_write(right, key, "0").unwrap();
    let socket = icmp_socket(&mut world, left);
    echo(&mut world, socket, "fd00:2::2", 56).unwrap();
    pass(&mut world, 100);
    assert!(!heard(&mut world, socket).contains(&"fd00:2::2 129".to_owned()));
    assert_eq!(errors(&mut world, socket), [""; 0]);
}

#[test]
fn a_router_is_in_the_groups_of_routers_and_an_anycast_host() {
    let Chain { pair, .. } = chain();
    let ns = pair.world.netns.find(pair.right).unwrap();
    let interface = &ns.interfaces[&VETH];
    assert!(interface.conf6.on(Conf6::Forwarding));
    let in6 = interface.in6.get().unwrap();
    let groups: Vec<String> = in6.groups().map(|(group, _)| group.to_string()).collect();
    assert_eq!(
        groups,
        [
            "ff02::1:ff00:0",
            "ff02::1:ff00:1",
            "ff05::2",
            "ff01::2",
            "ff02::2",
            "ff02::1:ff00:b",
            "ff02::1",
            "ff01::1"
        ]
    );
    let anycast: Vec<String> = in6.anycast().map(|addr| addr.to_string()).collect();
    assert_eq!(anycast, ["fe80::", "fd00:1::"]);
}

/// The lengths of the frames that a packet socket saw, and their types' first byte.
fn frames(world: &mut World, socket: SockId) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(datagram) = world.recv(socket) {
        all.push(format!("{} {}", datagram.bytes.len(), datagram.bytes[12]));
    }
    all.sort();
    all
}

#[test]
fn a_device_that_comes_up_says_what_linux_says() {
    let mut pair = Pair::down();
    for key in [
        "net.ipv6.conf.all.disable_ipv6",
        "net.ipv6.conf.default.disable_ipv6",
    ] {
        pair.world.sysctl_write(pair.right, key, "1").unwrap();
    }
    pair.set_up(pair.right, VETH);
    let kind = SocketKind::Packet {
        ifindex: Some(VETH),
        ethertype: 3,
    };
    let socket = pair.world.socket(pair.right, kind).unwrap();
    pair.set_up(pair.left, VETH);
    pair.pass(9000);
    let frames = frames(&mut pair.world, socket);
    // Four listener reports, one probe, two solicitations of routers.
    let want = [
        "70 134", "70 134", "86 134", "90 134", "90 134", "90 134", "90 134",
    ];
    assert_eq!(frames, want);
}
