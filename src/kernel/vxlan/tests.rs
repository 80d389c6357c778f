//! Tunnels in small worlds: which way frames take, and what is named when they are lost.

use crate::device::vxlan::VxlanOptions;
use crate::engine::trace::{DropReason, Verdict};
use crate::kernel::World;
use crate::kernel::netlink::{LinkChange, LinkKind, LinkRef, NeighNew};
use crate::kernel::tests::{Pair, VETH, add_addr, add_link, pass, set};
use crate::netns::neigh::{NeighFlags, Nud};
use crate::netns::socket::SocketKind;
use crate::units::{IfIndex, MacAddr, NetnsId, Vni};

const LEFT: MacAddr = MacAddr([2, 0, 0, 0, 0, 0x1a]);
const RIGHT: MacAddr = MacAddr([2, 0, 0, 0, 0, 0x1b]);
/// The number of the first tunnel in each namespace.
const TUNNEL: IfIndex = 3;

fn options(vni: u32, remote: &str) -> VxlanOptions {
    VxlanOptions {
        id: Vni::new(vni),
        dstport: Some(4789),
        remote: Some(remote.parse().unwrap()),
        ..VxlanOptions::default()
    }
}

fn add(world: &mut World, netns: NetnsId, address: MacAddr, options: VxlanOptions) {
    let attributes = LinkChange {
        address: Some(address),
        up: Some(true),
        ..LinkChange::default()
    };
    add_link(world, netns, LinkKind::Vxlan(Box::new(options)), attributes);
}

/// The pair with a tunnel between its ends: 10.1.0.x below, 10.9.0.x inside, all neighbours known.
fn lab(left: VxlanOptions, right: VxlanOptions) -> Pair {
    let mut pair = Pair::up();
    let (a, b) = (pair.left, pair.right);
    pair.add_addr(a, VETH, "10.1.0.1/24");
    pair.add_addr(b, VETH, "10.1.0.2/24");
    add(&mut pair.world, a, LEFT, left);
    add(&mut pair.world, b, RIGHT, right);
    pair.add_addr(a, TUNNEL, "10.9.0.1/24");
    pair.add_addr(b, TUNNEL, "10.9.0.2/24");
    pair.pass(3000);
    pair
}

fn straight() -> Pair {
    lab(options(42, "10.1.0.2"), options(42, "10.1.0.1"))
}

/// What becomes of a datagram from the left to 10.9.0.2, on a port that nobody has.
fn send(world: &mut World, from: NetnsId) -> Vec<Verdict> {
    world.watch();
    let socket = world.socket(from, SocketKind::Udp4).unwrap();
    let to = "10.9.0.2:9".parse().unwrap();
    world.send(socket, Some(to), b"hello").unwrap();
    pass(world, 100);
    world.close_socket(socket);
    let journal = world.unwatch().unwrap();
    journal
        .hops
        .into_iter()
        .map(|noted| noted.hop.verdict)
        .collect()
}

fn losses(verdicts: &[Verdict]) -> Vec<DropReason> {
    let loss = |verdict: &Verdict| match verdict {
        Verdict::Dropped(reason) => Some(*reason),
        _ => None,
    };
    verdicts.iter().filter_map(loss).collect()
}

#[test]
fn a_datagram_is_wrapped_and_unwrapped_with_the_network_and_the_far_end() {
    let mut pair = straight();
    let verdicts = send(&mut pair.world, pair.left);
    let outer = verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Encapsulated { vni, local, remote } => Some((*vni, local.ip(), *remote)),
        _ => None,
    });
    let (local, remote) = (
        "10.1.0.1".parse().unwrap(),
        "10.1.0.2:4789".parse().unwrap(),
    );
    assert_eq!(outer, Some((42, local, remote)));
    assert!(verdicts.contains(&Verdict::Decapsulated { vni: 42 }));
    assert_eq!(losses(&verdicts), [DropReason::NoSocket]);
}

#[test]
fn a_frame_of_another_network_is_lost_by_that_name() {
    let mut pair = lab(options(42, "10.1.0.2"), options(43, "10.1.0.1"));
    let verdicts = send(&mut pair.world, pair.left);
    assert_eq!(losses(&verdicts), [DropReason::VxlanVniNotFound]);
}

#[test]
fn a_device_of_many_networks_loses_a_frame_that_names_none() {
    let left = VxlanOptions {
        id: None,
        remote: None,
        external: Some(true),
        ..options(42, "10.1.0.2")
    };
    let mut pair = lab(left, options(42, "10.1.0.1"));
    let verdicts = send(&mut pair.world, pair.left);
    assert_eq!(losses(&verdicts), [DropReason::TunnelTxinfo]);
}

#[test]
fn a_port_that_no_tunnel_has_refuses_as_any_other() {
    let mut right = options(42, "10.1.0.1");
    right.dstport = Some(4790);
    let mut pair = lab(options(42, "10.1.0.2"), right);
    let verdicts = send(&mut pair.world, pair.left);
    assert!(losses(&verdicts).contains(&DropReason::NoSocket));
    assert!(!verdicts.contains(&Verdict::Decapsulated { vni: 42 }));
}

#[test]
fn a_tunnel_without_a_remote_loses_what_it_does_not_know() {
    let mut left = options(42, "10.1.0.2");
    left.remote = None;
    let mut pair = lab(left, options(42, "10.1.0.1"));
    let verdicts = send(&mut pair.world, pair.left);
    assert_eq!(losses(&verdicts), [DropReason::VxlanNoRemote]);
}

#[test]
fn a_moved_tunnel_keeps_its_socket_and_its_way_out() {
    let mut pair = straight();
    let (left, host) = (pair.left, pair.world.default_host());
    let inner = pair.world.netns_add(host, "inner").unwrap();
    set(&mut pair.world, left, TUNNEL, |change| {
        change.netns = Some(inner)
    });
    let link = pair.world.links(inner).pop().unwrap();
    assert_eq!(
        link.link,
        Some(link.ifindex),
        "linked to itself in another namespace"
    );
    assert_eq!(link.link_netnsid, pair.world.nsid(inner, left));
    set(&mut pair.world, inner, link.ifindex, |change| {
        change.up = Some(true)
    });
    add_addr(&mut pair.world, inner, link.ifindex, "10.9.0.1/24", 0);
    pair.pass(3000);
    let verdicts = send(&mut pair.world, inner);
    assert!(verdicts.contains(&Verdict::Decapsulated { vni: 42 }));
    let sockets = |world: &World, netns| world.ns(netns).unwrap().sockets.iter().count();
    assert_eq!(sockets(&pair.world, left), 1);
    assert_eq!(sockets(&pair.world, inner), 0);
    pair.world.netns_delete(host, "left").unwrap();
    assert!(
        pair.world
            .link(inner, &LinkRef::Index(link.ifindex))
            .is_err()
    );
}

#[test]
fn a_tunnel_goes_with_the_device_that_it_stands_on() {
    let mut left = options(42, "10.1.0.2");
    left.dev = Some(VETH);
    let mut pair = lab(left, options(42, "10.1.0.1"));
    let netns = pair.left;
    let mtu = |world: &mut World, link| world.link(netns, &LinkRef::Index(link)).map(|l| l.mtu);
    assert_eq!(mtu(&mut pair.world, TUNNEL), Ok(1450));
    pair.world.link_del(netns, &LinkRef::Index(VETH)).unwrap();
    assert!(mtu(&mut pair.world, TUNNEL).is_err());
    assert_eq!(pair.world.links(netns).len(), 1, "the loopback is left");
}

#[test]
fn a_tunnel_whose_far_end_is_inside_itself_is_no_loop() {
    let mut pair = Pair::up();
    let netns = pair.left;
    add(&mut pair.world, netns, LEFT, options(42, "10.9.0.2"));
    pair.add_addr(netns, TUNNEL, "10.9.0.1/24");
    pair.pass(3000);
    let verdicts = send(&mut pair.world, netns);
    assert_eq!(losses(&verdicts), [DropReason::IpOutnoroutes]);
    let stats = pair.world.links(netns).pop().unwrap().stats;
    assert!(stats.collisions > 0);
}

#[test]
fn tunnels_that_lead_into_each_other_end_at_a_bound() {
    let mut pair = Pair::up();
    let netns = pair.left;
    for (vni, subnet, remote) in [
        (1, "10.8.0.1/24", "10.9.0.2"),
        (2, "10.9.0.1/24", "10.8.0.2"),
    ] {
        let own = MacAddr([2, 0, 0, 0, 1, vni]);
        let ifindex = 2 + IfIndex::from(vni);
        add(&mut pair.world, netns, own, options(vni.into(), remote));
        pair.add_addr(netns, ifindex, subnet);
        let request = NeighNew {
            ifindex: Some(ifindex),
            addr: remote_of(vni).parse().unwrap(),
            lladdr: Some(RIGHT.0.to_vec()),
            state: Nud::Permanent,
            flags: NeighFlags::default(),
            protocol: 0,
            create: true,
            excl: false,
            replace: true,
        };
        pair.world.neigh_add(netns, &request).unwrap();
    }
    let verdicts = send(&mut pair.world, netns);
    assert!(losses(&verdicts).contains(&DropReason::RecursionLimit));
}

/// The neighbour that a tunnel's packets inside are for.
fn remote_of(vni: u8) -> &'static str {
    if vni == 1 { "10.8.0.2" } else { "10.9.0.2" }
}
