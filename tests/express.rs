//! Frames that nobody looks at go the short way, watched ones the long way: all counters and tables must agree.
//! What a frame does on its way is for the tests of the bridge and the devices.

use std::time::Duration;

use vethlab::kernel::World;
use vethlab::kernel::netlink::LinkRef;
use vethlab::netns::socket::SocketKind;
use vethlab::tool::Shell;

/// Bridges in a row, a group of ports behind one of them, and stations at the ends; then what changes between bursts.
const NETWORK: &str = "
ip netns add a
ip netns add b
ip netns add c
ip link add br0 up type bridge
ip link add br1 up type bridge
ip link add left up type veth peer name right
ip link set left master br0
ip link set right up master br1
ip link add pa up type veth peer name eth0 netns a
ip link add pb up type veth peer name eth0 netns b
ip link add pc up type veth peer name eth0 netns c
ip link set pa master br0
ip link set pb master br1
ip link set pc master br1
ip -n a link set eth0 up
ip -n b link set eth0 up
ip -n c link set eth0 up
ip addr add 10.0.0.9/24 dev br0
";

const CHANGES: [&str; 16] = [
    "ip -n b link set eth0 address 02:00:00:00:00:77",
    "bridge link set dev pa learning off",
    "ip link set br0 type bridge fdb_flush",
    "bridge link set dev pa learning on",
    "ip link set pc mtu 600",
    "bridge link set dev pb isolated on",
    "bridge link set dev pc isolated on",
    "ip link set br1 type bridge ageing_time 0",
    "bridge link set dev pb isolated off",
    "ip link set pa nomaster",
    "ip link set pa master br0",
    "ip link set br1 type bridge ageing_time 30000",
    "tc qdisc add dev pb root netem delay 3ms",
    "ip link set br0 promisc on",
    "ip link set br0 type bridge vlan_filtering 1",
    "ip -n c link set eth0 down",
];

const TABLES: [&str; 5] = [
    "ip -s -s link",
    "ip -n a -s -s link",
    "ip -n b -s -s link",
    "ip -n c -s -s link",
    "bridge -s fdb show",
];

/// Two hosts with a tunnel between them, by two wires, and a container on a bridge of each; then what changes between bursts:
/// all that the way of an outer packet follows from.
const TUNNEL: &str = "
ip netns add h1
ip netns add h2
ip netns add a
ip netns add b
ip -n h1 link add wire up address 02:00:00:00:01:01 type veth peer name wire netns h2 address 02:00:00:00:02:01
ip -n h2 link set wire up
ip -n h1 link add other up type veth peer name other netns h2
ip -n h2 link set other up
ip -n h1 addr add 192.0.2.1/24 dev wire
ip -n h2 addr add 192.0.2.2/24 dev wire
ip -n h1 addr add 198.51.100.1/24 dev other
ip -n h2 addr add 198.51.100.2/24 dev other
ip -n h1 addr add 203.0.113.1/32 dev other
ip -n h2 addr add 203.0.113.2/32 dev other
ip -n h1 link add vx up type vxlan id 42 dstport 4789 remote 192.0.2.2
ip -n h2 link add vx up type vxlan id 42 dstport 4789 remote 192.0.2.1
ip -n h1 link add br0 up type bridge
ip -n h2 link add br0 up type bridge
ip -n h1 link set vx master br0
ip -n h2 link set vx master br0
ip -n h1 link add p up type veth peer name eth0 netns a
ip -n h2 link add p up type veth peer name eth0 netns b
ip -n h1 link set p master br0
ip -n h2 link set p master br0
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a link set eth0 up
ip -n b link set eth0 up
";

const TUNNEL_CHANGES: [&str; 33] = [
    "ip -n h1 addr add 192.0.2.3/24 dev wire",
    "ip -n h1 route add 192.0.2.2/32 via 198.51.100.2",
    "ip -n h2 link set wire address 02:00:00:00:02:77",
    "ip -n h1 route del 192.0.2.2/32",
    "ip -n h2 route add 192.0.2.1/32 via 198.51.100.1 src 203.0.113.2",
    "ip netns exec h1 sysctl -w net.ipv4.conf.all.rp_filter=1",
    "ip netns exec h1 sysctl -w net.ipv4.conf.all.rp_filter=2",
    "ip netns exec h1 sysctl -w net.ipv4.conf.wire.rp_filter=0",
    "ip netns exec h1 sysctl -w net.ipv4.conf.all.rp_filter=0",
    "ip -n h2 route del 192.0.2.1/32",
    "ip -n h1 neigh replace 192.0.2.2 lladdr 02:00:00:00:02:99 dev wire",
    "ip -n h1 neigh del 192.0.2.2 dev wire",
    "ip -n h1 link set wire mtu 1400",
    "ip -n h1 link set wire mtu 1500",
    "ip -n h1 rule add to 192.0.2.2 lookup 7",
    "ip -n h1 route add 192.0.2.2/32 via 198.51.100.2 table 7",
    "ip -n h1 rule del to 192.0.2.2 lookup 7",
    "ip netns exec h1 sysctl -w net.ipv4.ip_default_ttl=9",
    "ip -n h1 link set vx type vxlan id 42 remote 198.51.100.2",
    "ip -n h1 link set vx type vxlan id 42 remote 192.0.2.2 ttl 3 tos 8",
    "ip -n h2 addr del 192.0.2.2/24 dev wire",
    "ip -n h2 addr add 192.0.2.2/24 dev wire",
    "ip -n h1 route add blackhole 192.0.2.2/32",
    "ip -n h1 route replace 192.0.2.2/32 dev wire mtu 600",
    "ip -n h1 route del 192.0.2.2/32",
    "tc -n h1 qdisc add dev wire root netem delay 3ms",
    "tc -n h1 qdisc del dev wire root",
    "ip -n h2 link set wire down",
    "ip -n h2 link set wire up",
    "ip -n h1 route add 192.0.2.2/32 nexthop via 198.51.100.2 nexthop dev wire",
    "ip netns exec h2 sysctl -w net.ipv4.conf.wire.accept_local=1",
    "ip netns exec h2 iptables -A INPUT -p udp --dport 4789 -m statistic --mode nth --every 3 --packet 0 -j DROP",
    "ip -n h1 link del wire",
];

const TUNNEL_TABLES: [&str; 8] = [
    "ip -n h1 -s -s link",
    "ip -n h2 -s -s link",
    "ip -n a -s -s link",
    "ip -n b -s -s link",
    "bridge -n h1 -s fdb show",
    "bridge -n h2 -s fdb show",
    "ip -n h1 -s neigh",
    "ip -n h2 -s neigh",
];

/// Containers send to each other, frames that fit into the tunnel and some that need fragments on the way.
fn tunnel_traffic(world: &mut World) -> String {
    let host = world.default_host();
    let ends = ["a", "b"].map(|name| {
        let netns = world.netns_named(host, name).expect("it is there");
        let eth0 = LinkRef::Name("eth0".to_owned());
        let link = world.link(netns, &eth0).expect("it is there");
        let kind = SocketKind::Packet {
            ifindex: Some(link.ifindex),
            ethertype: 0,
        };
        let socket = world.socket(netns, kind).expect("it is there");
        (socket, link.ifindex, link.address.0)
    });
    for len in [60, 60, 900, 1440, 1514, 60] {
        for (from, to) in [(0, 1), (1, 0), (0, 1), (0, 1)] {
            let (socket, ifindex, own) = ends[from];
            let mut frame = [ends[to].2, own].concat();
            frame.extend([0x88, 0xb5]);
            frame.resize(len, 0);
            world
                .send_frame(socket, ifindex, &frame)
                .expect("the device is up");
        }
        let until = world.now() + Duration::from_millis(300);
        world.run_until(until).expect("a tunnel has no loop");
    }
    for (socket, _, _) in ends {
        world.close_socket(socket);
    }
    String::new()
}

fn seen(world: &mut World, tables: &[&str]) -> String {
    let mut shell = Shell::new(world);
    let told = tables.iter().map(|command| shell.run(command).stdout);
    told.collect()
}

/// Stations send to each other in bursts, to all, and to one that is not there; a while passes now and then.
fn traffic(world: &mut World) {
    let host = world.default_host();
    let stations: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|name| {
            let netns = world.netns_named(host, name).expect("the network is there");
            let link = world
                .link(netns, &LinkRef::Name("eth0".to_owned()))
                .expect("the network is there");
            let kind = SocketKind::Packet {
                ifindex: Some(link.ifindex),
                ethertype: 0,
            };
            let socket = world.socket(netns, kind).expect("the network is there");
            (socket, link.ifindex, link.address.0)
        })
        .collect();
    let absent = [2, 0, 0, 0, 0, 0x99];
    for (round, (from, to, len)) in [
        (0, Some(1), 60),
        (1, Some(0), 60),
        (0, Some(1), 900),
        (1, Some(2), 60),
        (2, Some(0), 300),
        (0, Some(2), 1514),
        (1, None, 60),
        (0, Some(1), 60),
    ]
    .into_iter()
    .enumerate()
    {
        let (socket, ifindex, own) = stations[from];
        let to = to.map_or(absent, |to: usize| stations[to].2);
        for target in [to, to, to, [0xff; 6], to, absent, to] {
            let mut frame = [target, own].concat();
            frame.extend([0x88, 0xb5]);
            frame.resize(len, 0);
            // A device that is down refuses it, in both worlds.
            let _ = world.send_frame(socket, ifindex, &frame);
        }
        let wait = Duration::from_millis(if round % 2 == 0 { 1 } else { 1100 });
        world
            .run_until(world.now() + wait)
            .expect("the network is there");
    }
    for (socket, _, _) in stations {
        world.close_socket(socket);
    }
}

/// Runs two worlds, one of them watched, through the changes: what is seen after each must be the same.
fn compare(
    network: &str,
    changes: &[&str],
    tables: &[&str],
    traffic: impl Fn(&mut World) -> String,
) {
    let mut short = World::new(7);
    let mut long = World::new(7);
    for world in [&mut short, &mut long] {
        for command in network.lines().filter(|line| !line.is_empty()) {
            let done = Shell::new(world).run(command);
            assert_eq!(done.status, 0, "{command}: {}", done.stderr);
        }
    }
    long.watch();
    for change in changes.iter().chain(&["true"]) {
        let told = [&mut short, &mut long].map(|world| {
            let told = traffic(world) + &seen(world, tables);
            if *change != "true" {
                let done = Shell::new(world).run(change);
                assert_eq!(done.status, 0, "{change}: {}", done.stderr);
            }
            told
        });
        for (short, long) in told[0].lines().zip(told[1].lines()) {
            assert_eq!(short, long, "before {change}");
        }
        assert_eq!(told[0].len(), told[1].len(), "before {change}");
    }
}

#[test]
fn the_short_way_leaves_the_same_traces_as_the_long_one() {
    compare(NETWORK, &CHANGES, &TABLES, |world| {
        traffic(world);
        String::new()
    });
}

/// Two hosts whose answers go by another wire than what they answer to.
const ONE_SIDED: &str = "ip -n h2 route add 192.0.2.1/32 via 198.51.100.1 src 192.0.2.2";

/// Each changes the version of one thing only that a kept way follows from: what is set for all devices, or the devices.
/// Nothing else happens between the frames before and those after it.
#[test]
fn a_way_is_not_kept_beyond_a_setting_of_all_devices_or_of_one() {
    let mut world = World::new(7);
    for command in TUNNEL.lines().filter(|line| !line.is_empty()) {
        assert_eq!(Shell::new(&mut world).run(command).status, 0, "{command}");
    }
    assert_eq!(Shell::new(&mut world).run(ONE_SIDED).status, 0);
    let settled = world.now() + Duration::from_secs(60);
    world.run_until(settled).expect("a tunnel has no loop");
    let host = world.default_host();
    let [a, b, h2] =
        ["a", "b", "h2"].map(|name| world.netns_named(host, name).expect("it is there"));
    let eth0 = LinkRef::Name("eth0".to_owned());
    let [near, far] = [a, b].map(|netns| world.link(netns, &eth0).expect("it is there"));
    let kind = SocketKind::Packet {
        ifindex: Some(near.ifindex),
        ethertype: 0,
    };
    // A way in is kept where nobody looks at frames; this socket is closed again before they move.
    let arrived = |world: &mut World| {
        let before = world.link(b, &eth0).expect("it is there").stats.rx_packets;
        let socket = world.socket(a, kind).expect("it is there");
        for _ in 0..4 {
            let mut frame = [far.address.0, near.address.0].concat();
            frame.extend([0x88, 0xb5]);
            frame.resize(60, 0);
            world
                .send_frame(socket, near.ifindex, &frame)
                .expect("the device is up");
        }
        world.close_socket(socket);
        let passed = world.now() + Duration::from_millis(10);
        world.run_until(passed).expect("a tunnel has no loop");
        world.link(b, &eth0).expect("it is there").stats.rx_packets - before
    };
    // Neighbours and stations are learned.
    arrived(&mut world);
    for (key, value, passing) in [
        ("net.ipv4.conf.all.rp_filter", "1", 0),
        ("net.ipv4.conf.all.rp_filter", "0", 4),
        ("net.ipv4.conf.wire.rp_filter", "1", 0),
        ("net.ipv4.conf.wire.rp_filter", "0", 4),
    ] {
        let before = arrived(&mut world);
        assert_eq!(before, 4 - passing, "before {key} is {value}");
        world
            .sysctl_write(h2, key, value)
            .expect("every namespace has it");
        assert_eq!(arrived(&mut world), passing, "{key} is {value}");
    }
}

#[test]
fn the_short_way_through_a_tunnel_follows_every_change() {
    compare(TUNNEL, &TUNNEL_CHANGES, &TUNNEL_TABLES, tunnel_traffic);
}
