//! Sequences of typed requests, valid and not, and what the world looks like afterwards.
//! Each byte of a request is a choice from a short list, so that requests meet each other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use vethlab::device::bridge::{FdbState, Group, GroupKey, NewFlags as FdbNew};
use vethlab::kernel::netlink::{
    AddrDelete, AddrNew, BridgeOptions, BridgePortOptions, BridgeVlanRequest, FdbRequest, IpNet,
    IpvlanOptions, LinkChange, LinkKind, LinkNew, LinkRef, MacvlanMode, MacvlanOptions, MdbRequest,
    NeighNew, NeighRef, QdiscDelete, QdiscKind, QdiscRequest, VethPeer, VlanOptions, VxlanOptions,
};
use vethlab::kernel::{BridgeSide, World};
use vethlab::netns::fib::{
    DumpFilter, NewFlags, NexthopConfig, RouteConfig, RouteGet, RouteType, Rule,
};
use vethlab::netns::neigh::{NeighFlags, Nud};
use vethlab::units::{IfIndex, IfName, MacAddr, NetnsId, Vni};

use super::bytes::Bytes;
use super::frames;

/// No input asks for more.
const REQUESTS_MAX: usize = 96;
const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "br0", "br1", "vx0", "lo", "x.1"];

/// Requests, each of a byte for its kind and those that the kind takes.
pub fn requests(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let mut world = World::new(0);
    let host = world.default_host();
    let mut spaces = vec![world.host(host).root];
    for name in ["red", "blue"] {
        spaces.push(world.netns_add(host, name).expect("a first namespace"));
    }
    for _ in 0..REQUESTS_MAX {
        if bytes.is_empty() {
            break;
        }
        request(&mut world, &spaces, &mut bytes);
    }
    // What was built may be a loop: that ends in a budget.
    let until = world.now() + Duration::from_secs(3);
    let _ = world.run_until(until);
    frames::show(&mut world, &["red"]);
}

fn request(world: &mut World, spaces: &[NetnsId], bytes: &mut Bytes<'_>) {
    let kind = bytes.byte();
    let netns = bytes.pick(spaces);
    match kind % 20 {
        0..=2 => drop(world.link_add(netns, &new_link(spaces, bytes))),
        3..=5 => drop(world.link_set(netns, &link(bytes), &change(spaces, bytes))),
        6 => drop(world.link_del(netns, &link(bytes))),
        7 => drop(world.addr_add(netns, &new_addr(bytes))),
        8 => drop(world.addr_del(
            netns,
            &AddrDelete {
                ifindex: index(bytes),
                local: net(bytes),
                peer: None,
                label: None,
            },
        )),
        9 => drop(world.route_new(netns, &route(bytes), new_flags(bytes))),
        10 => drop(world.route_delete(netns, &route(bytes))),
        11 => {
            let mut asked = RouteGet::to(ip(bytes));
            asked.src = bytes.maybe(ip);
            (asked.iif, asked.oif) = (index(bytes) % 4, index(bytes) % 4);
            asked.fib_match = bytes.bool();
            drop(world.route_get(netns, &asked));
            drop(world.route_dump(
                netns,
                DumpFilter {
                    v6: None,
                    table: None,
                },
            ));
        }
        12 => {
            let rule = rule(bytes);
            let v6 = bytes.bool();
            drop(match bytes.bool() {
                true => world.rule_new(netns, v6, rule, true),
                false => world.rule_delete(netns, v6, &rule),
            });
        }
        13 => drop(world.neigh_add(netns, &neigh(bytes))),
        14 => drop(world.neigh_delete(
            netns,
            &NeighRef {
                ifindex: bytes.maybe(index),
                addr: ip(bytes),
                proxy: bytes.bool(),
            },
        )),
        15 => {
            let request = fdb(bytes);
            drop(match bytes.bool() {
                true => world.fdb_add(netns, &request),
                false => world.fdb_del(netns, &request),
            });
        }
        16 => drop(world.mdb_add(
            netns,
            &MdbRequest {
                bridge: index(bytes),
                port: index(bytes),
                key: GroupKey::from(group(bytes)),
                permanent: bytes.bool(),
            },
        )),
        17 => drop(world.bridge_vlan(
            netns,
            &BridgeVlanRequest {
                link: index(bytes),
                side: side(bytes),
                vids: (bytes.u16() & 0x1fff, bytes.u16() & 0x1fff),
                pvid: bytes.bool(),
                untagged: bytes.bool(),
                tunnel: match bytes.bool() {
                    true => Some((bytes.u16().into(), Some(bytes.u16().into()))),
                    false => None,
                },
                add: bytes.bool(),
            },
        )),
        18 => qdisc(world, netns, bytes),
        _ => {
            let until = world.now() + Duration::from_millis(u64::from(bytes.byte()) * 16);
            let _ = world.run_until(until);
        }
    }
}

fn name(bytes: &mut Bytes<'_>) -> IfName {
    bytes.pick(&NAMES).parse().expect("these are names")
}

fn index(bytes: &mut Bytes<'_>) -> IfIndex {
    match bytes.byte() {
        255 => u32::MAX,
        byte => u32::from(byte) % 12,
    }
}

fn link(bytes: &mut Bytes<'_>) -> LinkRef {
    match bytes.bool() {
        true => LinkRef::Index(index(bytes)),
        false => LinkRef::Name(bytes.pick(&NAMES).to_owned()),
    }
}

fn ip(bytes: &mut Bytes<'_>) -> IpAddr {
    let last = bytes.byte();
    match bytes.byte() % 8 {
        0..=3 => Ipv4Addr::new(10, 0, last >> 6, last & 63).into(),
        4 => Ipv4Addr::new(224, 0, last & 1, last).into(),
        5 => Ipv4Addr::from(bytes.u32()).into(),
        6 => Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, last.into()).into(),
        _ => Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, last.into()).into(),
    }
}

fn net(bytes: &mut Bytes<'_>) -> IpNet {
    let addr = ip(bytes);
    let most = if addr.is_ipv4() { 32 } else { 128 };
    let length = bytes.pick(&[24, 32, 0, 8, 64, 128, 31, 1]);
    IpNet::new(addr, length.min(most)).expect("it is no longer than its family's")
}

fn mac(bytes: &mut Bytes<'_>) -> MacAddr {
    match bytes.byte() {
        0 => MacAddr([0; 6]),
        1 => MacAddr([0xff; 6]),
        2 => MacAddr([1, 0, 0x5e, 0, 0, 1]),
        byte => MacAddr([2, 0, 0, 0, 0, byte & 7]),
    }
}

fn group(bytes: &mut Bytes<'_>) -> Group {
    match ip(bytes) {
        IpAddr::V4(v4) => Group::V4(v4),
        IpAddr::V6(v6) if bytes.bool() => Group::V6(v6),
        IpAddr::V6(_) => Group::Mac(mac(bytes)),
    }
}

fn side(bytes: &mut Bytes<'_>) -> BridgeSide {
    BridgeSide {
        own: bytes.bool(),
        master: bytes.bool(),
    }
}

fn change(spaces: &[NetnsId], bytes: &mut Bytes<'_>) -> LinkChange {
    let mut change = LinkChange::default();
    for _ in 0..1 + bytes.byte() % 4 {
        match bytes.byte() % 20 {
            0 => change.name = Some(name(bytes)),
            1..=4 => change.up = Some(bytes.byte() & 3 != 0),
            5..=7 => change.master = Some(index(bytes)),
            8 => change.address = Some(mac(bytes)),
            9 => change.mtu = Some(bytes.pick(&[1500, 68, 67, 0, 1280, 9000, 65535, u32::MAX])),
            10 => change.netns = Some(bytes.pick(spaces)),
            11 => change.new_ifindex = Some(index(bytes)),
            12 => change.promisc = Some(bytes.bool()),
            13 => change.arp = Some(bytes.bool()),
            14 => change.txqlen = Some(bytes.u32()),
            15 => change.altnames_add = vec![bytes.pick(&NAMES).to_owned()],
            16 => change.kind = Some(kind(spaces, bytes)),
            17 => change.bridge_port = Some(port(bytes)),
            18 => change.protodown = Some(bytes.bool()),
            _ => change.group = Some(bytes.u32()),
        }
    }
    change
}

fn new_link(spaces: &[NetnsId], bytes: &mut Bytes<'_>) -> LinkNew {
    let kind = kind(spaces, bytes);
    LinkNew {
        kind,
        ifindex: bytes.maybe(index),
        link: bytes.maybe(index),
        tx_queues: None,
        rx_queues: None,
        attributes: LinkChange {
            name: Some(name(bytes)),
            ..change(spaces, bytes)
        },
    }
}

fn kind(spaces: &[NetnsId], bytes: &mut Bytes<'_>) -> LinkKind {
    match bytes.byte() % 10 {
        0 => LinkKind::Veth(None),
        1 | 2 => LinkKind::Veth(Some(Box::new(VethPeer {
            ifindex: bytes.maybe(index),
            attributes: LinkChange {
                name: Some(name(bytes)),
                ..change(spaces, bytes)
            },
            ..VethPeer::default()
        }))),
        3 | 4 => LinkKind::Bridge(Box::new(bridge(bytes))),
        5 => LinkKind::Dummy,
        6 => LinkKind::Vxlan(Box::new(vxlan(bytes))),
        7 => LinkKind::Vlan(Box::new(VlanOptions {
            id: bytes.maybe(Bytes::u16),
            protocol: bytes.maybe(|bytes| bytes.pick(&[0x8100, 0x88a8, 0])),
            ingress_qos: vec![(bytes.u32(), bytes.u32())],
            ..VlanOptions::default()
        })),
        8 => LinkKind::Macvlan(MacvlanOptions {
            mode: bytes.maybe(|bytes| {
                bytes.pick(&[
                    MacvlanMode::Bridge,
                    MacvlanMode::Passthru,
                    MacvlanMode::Private,
                ])
            }),
            flags: bytes.maybe(Bytes::u16),
            bcqueuelen: bytes.maybe(Bytes::u32),
        }),
        _ => LinkKind::Ipvlan(IpvlanOptions::default()),
    }
}

fn bridge(bytes: &mut Bytes<'_>) -> BridgeOptions {
    BridgeOptions {
        forward_delay: bytes.maybe(Bytes::u32),
        hello_time: bytes.maybe(|bytes| u32::from(bytes.u16())),
        max_age: bytes.maybe(|bytes| u32::from(bytes.u16())),
        ageing_time: bytes.maybe(Bytes::u32),
        stp_state: bytes.maybe(|bytes| u32::from(bytes.byte() % 3)),
        priority: bytes.maybe(Bytes::u16),
        vlan_filtering: bytes.maybe(Bytes::bool),
        vlan_default_pvid: bytes.maybe(Bytes::u16),
        group_fwd_mask: bytes.maybe(Bytes::u16),
        mcast_snooping: bytes.maybe(Bytes::bool),
        mcast_querier: bytes.maybe(Bytes::bool),
        mcast_query_interval: bytes.maybe(|bytes| u64::from(bytes.u32())),
        mcast_startup_query_interval: bytes.maybe(|bytes| u64::from(bytes.u32())),
        fdb_max_learned: bytes.maybe(|bytes| u32::from(bytes.byte())),
        ..BridgeOptions::default()
    }
}

fn port(bytes: &mut Bytes<'_>) -> BridgePortOptions {
    BridgePortOptions {
        state: bytes.maybe(Bytes::byte),
        priority: bytes.maybe(Bytes::u16),
        cost: bytes.maybe(Bytes::u32),
        hairpin: bytes.maybe(Bytes::bool),
        isolated: bytes.maybe(Bytes::bool),
        backup_port: bytes.maybe(index),
        fdb_flush: bytes.bool(),
        ..BridgePortOptions::default()
    }
}

fn vxlan(bytes: &mut Bytes<'_>) -> VxlanOptions {
    VxlanOptions {
        id: Vni::new(u32::from(bytes.byte() % 4)),
        remote: bytes.maybe(ip),
        group: bytes.maybe(ip),
        local: bytes.maybe(ip),
        dev: bytes.maybe(index),
        dstport: bytes.maybe(|bytes| bytes.pick(&[4789, 8472, 0])),
        srcport: bytes.maybe(|bytes| (bytes.u16(), bytes.u16())),
        ttl: bytes.maybe(Bytes::byte),
        learning: bytes.maybe(Bytes::bool),
        ageing: bytes.maybe(Bytes::u32),
        maxaddress: bytes.maybe(|bytes| u32::from(bytes.byte())),
        external: bytes.maybe(Bytes::bool),
        ..VxlanOptions::default()
    }
}

fn new_addr(bytes: &mut Bytes<'_>) -> AddrNew {
    let seconds = |bytes: &mut Bytes<'_>| Duration::from_secs(u64::from(bytes.u32()));
    AddrNew {
        peer: bytes.maybe(ip),
        broadcast: bytes.maybe(ip),
        label: bytes.maybe(|bytes| bytes.pick(&NAMES).to_owned()),
        scope: bytes.pick(&[0, 253, 254, 255, 7]),
        flags: bytes.u32(),
        valid: bytes.maybe(seconds),
        preferred: bytes.maybe(seconds),
        metric: bytes.maybe(Bytes::u32),
        replace: bytes.bool(),
        create: !bytes.bool(),
        excl: bytes.bool(),
        ..AddrNew::new(index(bytes), net(bytes))
    }
}

fn nexthop(bytes: &mut Bytes<'_>) -> NexthopConfig {
    NexthopConfig {
        oif: index(bytes),
        gateway: bytes.maybe(ip),
        weight: bytes.u16(),
        flags: bytes.byte(),
        realms: u32::from(bytes.byte()),
    }
}

fn route(bytes: &mut Bytes<'_>) -> RouteConfig {
    let kinds = [
        RouteType::Unicast,
        RouteType::Local,
        RouteType::Broadcast,
        RouteType::Anycast,
        RouteType::Multicast,
        RouteType::Blackhole,
        RouteType::Unspec,
    ];
    let ways = bytes.byte() % 4;
    RouteConfig {
        table: bytes.pick(&[0, 254, 255, 253, 100, u32::MAX]),
        tos: bytes.pick(&[0, 0, 4, 255]),
        kind: bytes.pick(&kinds),
        protocol: bytes.pick(&[3, 2, 0, 255]),
        scope: bytes.pick(&[0, 253, 254, 255, 200]),
        metric: bytes.pick(&[0, 1, 100, u32::MAX]),
        prefsrc: bytes.maybe(ip),
        nexthop: nexthop(bytes),
        nexthops: (1..ways).map(|_| nexthop(bytes)).collect(),
        pref: bytes.byte() % 4,
        expires_s: bytes.maybe(Bytes::u32),
        ..RouteConfig::new(net(bytes))
    }
}

fn new_flags(bytes: &mut Bytes<'_>) -> NewFlags {
    NewFlags {
        create: !bytes.bool(),
        excl: bytes.bool(),
        replace: bytes.bool(),
        append: bytes.bool(),
    }
}

fn rule(bytes: &mut Bytes<'_>) -> Rule {
    Rule {
        priority: bytes.maybe(|bytes| bytes.pick(&[0, 1, 100, 32766, 32767, u32::MAX])),
        src: bytes.maybe(net),
        dst: bytes.maybe(net),
        iif: bytes.maybe(name),
        oif: bytes.maybe(name),
        mark: bytes.maybe(Bytes::u32),
        ..Rule::new(bytes.pick(&[0, 254, 255, 100]))
    }
}

fn neigh(bytes: &mut Bytes<'_>) -> NeighNew {
    let states = [
        Nud::Reachable,
        Nud::Stale,
        Nud::None,
        Nud::Incomplete,
        Nud::Delay,
        Nud::Probe,
    ];
    NeighNew {
        ifindex: bytes.maybe(index),
        addr: ip(bytes),
        lladdr: bytes.maybe(|bytes| {
            let length = bytes.pick(&[6, 6, 6, 0, 8]);
            bytes.take(length).to_vec()
        }),
        state: bytes.pick(&states),
        flags: NeighFlags(bytes.byte().into()),
        protocol: bytes.byte(),
        create: !bytes.bool(),
        excl: bytes.bool(),
        replace: bytes.bool(),
    }
}

fn fdb(bytes: &mut Bytes<'_>) -> FdbRequest {
    FdbRequest {
        link: index(bytes),
        mac: mac(bytes),
        vid: bytes.maybe(Bytes::u16),
        state: bytes.pick(&[FdbState::Permanent, FdbState::Static, FdbState::Reachable]),
        flags: FdbNew {
            create: !bytes.bool(),
            exclusive: bytes.bool(),
            append: bytes.bool(),
            replace: bytes.bool(),
        },
        to_self: bytes.bool(),
        to_master: bytes.bool(),
        router: bytes.bool(),
        sticky: bytes.bool(),
        use_now: bytes.bool(),
        extern_learn: bytes.bool(),
        dst: bytes.maybe(ip),
        port: bytes.maybe(Bytes::u16),
        vni: bytes.maybe(Bytes::u32),
        src_vni: bytes.maybe(Bytes::u32),
        via: bytes.maybe(index),
        nhid: None,
    }
}

fn qdisc(world: &mut World, netns: NetnsId, bytes: &mut Bytes<'_>) {
    let ifindex = index(bytes);
    let parent = bytes.pick(&[u32::MAX, 0x1_0001, 0, 0x1_0000]);
    let handle = bytes.pick(&[0, 0x1_0000, 0x2_0000, u32::MAX]);
    if bytes.bool() {
        let gone = QdiscDelete {
            ifindex,
            parent,
            handle,
            kind: None,
        };
        return drop(world.qdisc_delete(netns, &gone));
    }
    let kinds = [
        QdiscKind::Noqueue,
        QdiscKind::PfifoFast,
        QdiscKind::FqCodel(Default::default()),
        QdiscKind::Netem(Box::default()),
        QdiscKind::Unknown("htb".to_owned()),
    ];
    let request = QdiscRequest {
        ifindex,
        parent,
        handle,
        kind: Some(bytes.pick(&kinds)),
        create: !bytes.bool(),
        excl: bytes.bool(),
        replace: bytes.bool(),
    };
    drop(world.qdisc_modify(netns, &request));
}
