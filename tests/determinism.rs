//! The same script and seed give the same bytes and the same hops; another seed gives other random numbers.

use vethlab::kernel::World;
use vethlab::tool::Shell;

const LAB: &[&str] = &[
    "ip netns add testns",
    "ip link add veth1 type veth peer name veth2",
    "ip link set veth2 netns testns up",
    "ip link set veth1 up",
    "ip addr add 10.0.0.1/24 dev veth1",
    "ip netns exec testns ip addr add 10.0.0.2/24 dev veth2",
    "brctl addbr mybr0",
    "ip link set mybr0 up",
    "sleep 3",
    "ping -c 2 10.0.0.2",
    "ip netns exec testns ping -c 1 -W 1 10.0.0.77",
    "ip -d link",
    "ip neigh",
];

/// What the lab printed, and every hop of every frame.
fn run(seed: u64) -> (String, String) {
    let mut world = World::new(seed);
    world.watch();
    let mut shell = Shell::new(&mut world);
    let mut printed = String::new();
    for line in LAB {
        let finished = shell.run(line);
        printed.push_str(&format!(
            "$ {line}\n{}{}[{}]\n",
            finished.stdout, finished.stderr, finished.status
        ));
    }
    let journal = world.unwatch().expect("it was watched");
    assert!(journal.hops.len() > 20, "frames were seen");
    (printed, format!("{:?}", journal.hops))
}

#[test]
fn output_and_journal_are_the_same_at_every_run() {
    let first = run(7);
    assert!(
        first.0.contains("2 packets transmitted, 2 received"),
        "{}",
        first.0
    );
    assert_eq!(run(7), first);
}

#[test]
fn another_seed_draws_other_addresses() {
    assert_ne!(run(7).0, run(8).0);
}

#[test]
fn a_clone_of_a_world_goes_the_same_way() {
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    for line in &LAB[..9] {
        shell.run(line);
    }
    let mut fork = world.clone();
    let ask = |world: &mut World| Shell::new(world).run("ping -c 3 10.0.0.2");
    assert_eq!(ask(&mut world), ask(&mut fork));
}
