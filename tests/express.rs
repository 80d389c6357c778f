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

fn seen(world: &mut World) -> String {
    let mut shell = Shell::new(world);
    let mut seen = String::new();
    for command in [
        "ip -s -s link",
        "ip -n a -s -s link",
        "ip -n b -s -s link",
        "ip -n c -s -s link",
        "bridge -s fdb show",
    ] {
        seen += &shell.run(command).stdout;
    }
    seen
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

#[test]
fn the_short_way_leaves_the_same_traces_as_the_long_one() {
    let mut short = World::new(7);
    let mut long = World::new(7);
    for world in [&mut short, &mut long] {
        for command in NETWORK.lines().filter(|line| !line.is_empty()) {
            let done = Shell::new(world).run(command);
            assert_eq!(done.status, 0, "{command}: {}", done.stderr);
        }
    }
    long.watch();
    for change in CHANGES {
        let told = [&mut short, &mut long].map(|world| {
            traffic(world);
            let told = seen(world);
            let done = Shell::new(world).run(change);
            assert_eq!(done.status, 0, "{change}: {}", done.stderr);
            told
        });
        for (short, long) in told[0].lines().zip(told[1].lines()) {
            assert_eq!(short, long, "before {change}");
        }
        assert_eq!(told[0].len(), told[1].len(), "before {change}");
    }
}
