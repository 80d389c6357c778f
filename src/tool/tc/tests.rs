//! Frames through what `tc qdisc` makes.
//! What it prints is held against recorded transcripts.

use crate::kernel::World;
use crate::tool::Shell;

/// Two namespaces with addresses, joined by a veth pair.
fn pair() -> World {
    let mut world = World::new(3);
    let mut shell = Shell::new(&mut world);
    for line in [
        "ip netns add a",
        "ip link add v0 type veth peer name v1",
        "ip link set v1 netns a up",
        "ip link set v0 up",
        "ip addr add 10.0.0.1/24 dev v0",
        "ip -n a addr add 10.0.0.2/24 dev v1",
        "sleep 3",
        "ping -c 1 10.0.0.2",
    ] {
        assert_eq!(shell.run(line).status, 0, "{line}");
    }
    world
}

fn run(world: &mut World, line: &str) -> String {
    let done = Shell::new(world).run(line);
    done.stderr + &done.stdout
}

#[test]
fn delay_is_what_a_ping_takes_longer() {
    let mut world = pair();
    run(&mut world, "tc qdisc add dev v0 root netem delay 100ms");
    let text = run(&mut world, "ping -c 1 10.0.0.2");
    assert!(text.contains("time=100 ms"), "{text}");
    let link = run(&mut world, "ip link show v0");
    assert!(link.contains(" qdisc netem state UP"), "{link}");
    let stats = run(&mut world, "tc -s qdisc show dev v0");
    assert!(
        stats.contains(" Sent 98 bytes 1 pkt (dropped 0, overlimits 0 requeues 0) "),
        "{stats}"
    );
    run(&mut world, "tc qdisc del dev v0 root");
    let text = run(&mut world, "ping -c 1 10.0.0.2");
    assert!(text.contains("time=0.0"), "{text}");
}

#[test]
fn losses_replay_and_are_counted() {
    let pings = |seed: &str| {
        let mut world = pair();
        run(
            &mut world,
            &format!("tc qdisc add dev v0 root netem loss 30%{seed}"),
        );
        let pings = run(&mut world, "ping -i 0.01 -c 100 10.0.0.2");
        (pings, run(&mut world, "tc -s qdisc show dev v0"))
    };
    assert_eq!(pings(""), pings(""));
    assert_ne!(pings(" seed 1"), pings(" seed 2"));
    let (text, stats) = pings("");
    let received = text
        .split(" received")
        .next()
        .unwrap()
        .rsplit(' ')
        .next()
        .unwrap();
    let received: u32 = received.parse().unwrap();
    assert!((55..85).contains(&received), "{text}");
    let dropped = stats
        .split("(dropped ")
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap();
    assert_eq!(dropped.parse::<u32>().unwrap(), 100 - received, "{stats}");
}

#[test]
fn frames_that_wait_are_lost_with_the_carrier() {
    let mut world = pair();
    run(&mut world, "tc qdisc add dev v0 root netem delay 2s");
    run(&mut world, "ping -c 1 -W 0.1 10.0.0.2");
    let waiting = run(&mut world, "tc -s qdisc show dev v0");
    assert!(waiting.contains(" backlog 98b 1p"), "{waiting}");
    run(&mut world, "ip -n a link set v1 down");
    let gone = run(&mut world, "tc -s qdisc show dev v0");
    assert!(gone.contains(" backlog 0b 0p"), "{gone}");
}

#[test]
fn what_is_not_simulated_says_so() {
    let mut world = pair();
    for line in [
        "tc class show dev v0",
        "tc filter add dev v0 parent 1: u32",
        "tc qdisc add dev v0 root htb",
        "tc qdisc add dev v0 ingress",
    ] {
        let done = Shell::new(&mut world).run(line);
        assert_eq!((done.status, done.stderr.lines().count()), (3, 1), "{line}");
    }
}
