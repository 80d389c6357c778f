//! The network that the tests of journeys and of `explain` begin with.
//! What goes wrong in it is each test's own.

use vethlab::kernel::World;
use vethlab::tool::Shell;

/// red (10.0.0.1) and blue (10.0.0.2) on a bridge; blue also has 10.1.0.1 towards green (10.1.0.2).
const LAB: &[&str] = &[
    "ip netns add red",
    "ip netns add blue",
    "ip netns add green",
    "ip link add br0 type bridge",
    "ip link set br0 up",
    "ip link add r0 netns red type veth peer name pr",
    "ip link add b0 netns blue type veth peer name pb",
    "ip link add b1 netns blue type veth peer name g0 netns green",
    "ip link set pr master br0 up",
    "ip link set pb master br0 up",
    "ip -n red addr add 10.0.0.1/24 dev r0",
    "ip -n blue addr add 10.0.0.2/24 dev b0",
    "ip -n blue addr add 10.1.0.1/24 dev b1",
    "ip -n green addr add 10.1.0.2/24 dev g0",
    "ip -n red link set r0 up",
    "ip -n blue link set b0 up",
    "ip -n blue link set b1 up",
    "ip -n green link set g0 up",
    "ip -n red route add default via 10.0.0.2",
    "ip -n green route add default via 10.1.0.1",
    "ip netns exec blue sysctl -wq net.ipv4.ip_forward=1",
    "sleep 5",
];

/// The network, after more commands, none of which may fail.
pub fn lab(more: &[&str]) -> World {
    let mut world = World::new(0);
    build(&mut world, more);
    world
}

/// Makes the network in a world, and has more commands run in it, none of which may fail.
pub fn build(world: &mut World, more: &[&str]) {
    let mut shell = Shell::new(world);
    for line in LAB.iter().chain(more) {
        let finished = shell.run(line);
        assert_eq!(finished.status, 0, "{line}: {}", finished.stderr);
    }
}
