//! The world as a graph: what joins devices, loops, and the drawings of it.
//! The commands that build it are tested elsewhere.

use vethlab::kernel::World;
use vethlab::tool::Shell;
use vethlab::topology::Topology;

fn topology(lines: &[&str]) -> Topology {
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    for line in lines {
        assert_eq!(shell.run(line).status, 0, "{line}");
    }
    // A carrier is told of a little later.
    shell.run("sleep 0.002");
    Topology::of(&mut world)
}

const TWO_BRIDGES: &[&str] = &[
    "ip netns add red",
    "ip link add br0 type bridge",
    "ip link add br1 type bridge",
    "ip link add p0 type veth peer name eth0 netns red",
    "ip link set p0 master br0",
    "ip link add a0 type veth peer name a1",
    "ip link set a0 master br0",
    "ip link set a1 master br1",
    "ip link set br0 up",
    "ip link set br1 up",
    "ip link set p0 up",
    "ip -n red link set eth0 up",
    "ip link set a0 up",
    "ip link set a1 up",
    "ip -n red addr add 10.0.0.1/24 dev eth0",
];

#[test]
fn frames_pass_cables_and_bridges_that_are_up() {
    let topology = topology(TWO_BRIDGES);
    assert!(topology.reaches("red/eth0", "br1"));
    assert!(topology.loops().is_empty());
    assert_eq!(topology.segments().len(), 1);
    let down = [TWO_BRIDGES, &["ip link set a0 down"]].concat();
    let topology = crate::topology(&down);
    assert!(!topology.reaches("red/eth0", "br1"));
    assert!(topology.reaches("red/eth0", "br0"));
}

#[test]
fn second_cable_closes_a_loop_until_a_port_is_blocked() {
    let second = [
        "ip link add b0 type veth peer name b1",
        "ip link set b0 master br0",
        "ip link set b1 master br1",
        "ip link set b0 up",
        "ip link set b1 up",
    ];
    let lines = [TWO_BRIDGES, &second].concat();
    let topology = crate::topology(&lines);
    let loops = topology.loops();
    assert_eq!(loops.len(), 1);
    let mut names: Vec<&str> = loops[0].iter().map(|node| node.dev.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["a0", "a1", "b0", "b1", "br0", "br1"]);
    let blocked = [lines.as_slice(), &["bridge link set dev b1 state 0"]].concat();
    assert!(crate::topology(&blocked).loops().is_empty());
}

#[test]
fn drawings_name_boxes_devices_and_cables() {
    let topology = topology(TWO_BRIDGES);
    let dot = topology.dot();
    for part in ["graph", "subgraph", "label=\"red\"", "eth0", "10.0.0.1/24"] {
        assert!(dot.contains(part), "{part}: {dot}");
    }
    let mermaid = topology.mermaid();
    assert!(mermaid.starts_with("flowchart LR\n"), "{mermaid}");
    let json: serde_json::Value = serde_json::from_str(&topology.json()).unwrap();
    assert_eq!(json["devices"].as_array().unwrap().len(), 6);
    assert_eq!(json["links"].as_array().unwrap().len(), 5);
}
