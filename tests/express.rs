//! Frames that nobody looks at go the short way, watched ones the long way: all counters and tables must agree.
//! What a frame does on its way is for the tests of the bridge and the devices.

use vethlab::kernel::World;
use vethlab::tool::Shell;

/// Bridges in a row, a group of ports behind one of them, and stations at the ends; then what changes between pings.
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
ip -n a addr add 10.0.0.1/24 dev eth0
ip -n b addr add 10.0.0.2/24 dev eth0
ip -n c addr add 10.0.0.3/24 dev eth0
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

#[test]
fn the_short_way_leaves_the_same_traces_as_the_long_one() {
    let mut short = World::new(7);
    let mut long = World::new(7);
    long.watch();
    for world in [&mut short, &mut long] {
        for command in NETWORK.lines().filter(|line| !line.is_empty()) {
            let done = Shell::new(world).run(command);
            assert_eq!(done.status, 0, "{command}: {}", done.stderr);
        }
    }
    for change in CHANGES {
        let mut told = Vec::new();
        for world in [&mut short, &mut long] {
            let mut said = String::new();
            for command in [
                "ip netns exec a ping -c 3 -i 1.3 -W 1 10.0.0.2",
                "ip netns exec b ping -c 3 -i 0.002 -W 1 10.0.0.3",
                "ip netns exec c ping -c 2 -s 900 -W 1 10.0.0.1",
                "ping -c 2 -W 1 10.0.0.3",
                change,
            ] {
                let done = Shell::new(world).run(command);
                assert!(
                    done.status == 0 || command != change,
                    "{command}: {}",
                    done.stderr
                );
                said += &(done.stdout + &done.stderr);
            }
            told.push((said, seen(world)));
        }
        assert_eq!(told[0].0, told[1].0, "before {change}");
        assert_eq!(told[0].1, told[1].1, "before {change}");
    }
}
