//! Hosts files, from their text to machines that ping each other.
//! What a single wire does is tested beside it.

use std::time::Duration;

use super::HostsFile;
use crate::kernel::World;
use crate::scenario::read;
use crate::tool::Shell;

fn world(text: &str) -> World {
    let file: HostsFile = read(text.as_bytes()).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    let plan = file
        .plan()
        .unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
    plan.world(7).unwrap()
}

/// What is wrong with a file, all of it.
fn faults(text: &str) -> Vec<String> {
    match read::<HostsFile>(text.as_bytes()) {
        Err(fault) => vec![fault.to_string()],
        Ok(file) => {
            let faults = file.plan().err().unwrap_or_default();
            faults.iter().map(ToString::to_string).collect()
        }
    }
}

fn run(world: &mut World, line: &str) -> String {
    let done = Shell::new(world).run(line);
    done.stderr + &done.stdout
}

fn received(world: &mut World, line: &str) -> usize {
    let text = run(world, line);
    let summary = text.split(" packets transmitted, ").nth(1);
    let count = summary.and_then(|rest| rest.split(' ').next()?.parse().ok());
    count.unwrap_or_else(|| panic!("{line}: {text}"))
}

#[test]
fn three_names_are_three_machines_that_reach_each_other() {
    let mut world = world("hosts: [h1, h2, h3]\n");
    for (from, to) in [
        ("h1", "192.168.0.12"),
        ("h3", "192.168.0.11"),
        ("h2", "192.168.0.13"),
    ] {
        assert_eq!(
            received(&mut world, &format!("on {from} ping -c 2 {to}")),
            2
        );
    }
    let shown = run(&mut world, "on h2 ip -br addr show eth0");
    assert!(
        shown.starts_with("eth0             UP             192.168.0.12/24 fe80::"),
        "{shown}"
    );
    let link = run(&mut world, "on h2 ip link");
    assert!(link.contains("\n2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP mode DEFAULT group default qlen 1000\n"), "{link}");
    let link_local = shown
        .split(' ')
        .find(|word| word.starts_with("fe80"))
        .unwrap();
    let link_local = link_local.split('/').next().unwrap();
    assert_eq!(
        received(&mut world, &format!("on h1 ping -c 1 {link_local}%eth0")),
        1
    );
}

#[test]
fn machines_begin_quiet_and_without_tentative_addresses() {
    let mut world = world("hosts: [h1, h2]\n");
    let shown = run(&mut world, "ip addr show eth0");
    assert!(!shown.contains("tentative"), "{shown}");
    assert_eq!(
        run(&mut world, "sysctl -n net.ipv6.conf.eth0.accept_dad"),
        "1\n"
    );
    assert_eq!(
        run(
            &mut world,
            "sysctl -n net.ipv6.conf.eth0.router_solicitations"
        ),
        "-1\n"
    );
}

#[test]
fn the_same_seed_gives_the_same_cards() {
    let text = "hosts: [h1, h2]\n";
    let links = |seed: u64, text: &str| {
        let file: HostsFile = read(text.as_bytes()).unwrap();
        let mut world = file.plan().unwrap().world(seed).unwrap();
        run(&mut world, "on h2 ip link show eth0")
    };
    assert_eq!(links(1, text), links(1, "hosts: [h0, h1, h2, h3]\n"));
    assert_ne!(links(1, text), links(2, text));
    assert!(links(1, text).contains("link/ether 52:54:00:"));
}

#[test]
fn networks_cards_and_cables_are_as_the_file_says() {
    let mut world = world(
        "hosts:
  h1:
    nics:
      eth0: {network: front}
      eth1: {network: back, address: [10.0.0.1/24, 'fd00::1/64'], mtu: 9000}
  h2: {network: back, address: [10.0.0.2/24], mac: '02:00:00:00:00:02', gateway: [10.0.0.1]}
  h3: {nics: {}}
networks:
  front: {subnet: 172.20.0.0/16, mtu: 1400}
  back: {latency: 10ms}
cables:
  - {a: {dev: 'h1:port0', address: [10.9.0.1/30]}, b: {dev: 'h3:port0', address: [10.9.0.2/30]}, latency: 3ms}
",
    );
    let shown = run(&mut world, "ip -br addr");
    for line in [
        "eth0             UP             172.20.0.11/16",
        "eth1             UP             10.0.0.1/24 fd00::1/64",
        "port0            UP             10.9.0.1/30",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    assert!(run(&mut world, "ip link show eth0").contains("mtu 1400"));
    assert!(run(&mut world, "on h2 ip link").contains("02:00:00:00:00:02"));
    assert!(run(&mut world, "on h2 ip route").starts_with("default via 10.0.0.1 dev eth0 \n"));
    run(&mut world, "ping -c 1 10.0.0.2");
    let text = run(&mut world, "ping -c 1 10.0.0.2");
    assert!(text.contains("time=20.0 ms"), "{text}");
    run(&mut world, "ping -c 1 10.9.0.2");
    let text = run(&mut world, "ping -c 1 10.9.0.2");
    assert!(
        text.contains("time=6.00 ms") || text.contains("time=6.01 ms"),
        "{text}"
    );
}

#[test]
fn loss_is_drawn_from_the_seed() {
    let text = "hosts: [h1, h2]\nnetworks: {lan: {loss: 20%}}\n";
    let pings = |seed: u64| {
        let file: HostsFile = read(text.as_bytes()).unwrap();
        let mut world = file.plan().unwrap().world(seed).unwrap();
        run(&mut world, "ping -i 0.1 -c 100 192.168.0.12")
    };
    assert_eq!(pings(1), pings(1));
    assert_ne!(pings(1), pings(2));
    let summary = pings(1);
    let lost = summary.split("% packet loss").next().unwrap();
    let lost: u32 = lost.rsplit(' ').next().unwrap().parse().unwrap();
    assert!((25..50).contains(&lost), "two ways at 20 %: {lost}");
}

#[test]
fn rate_is_that_of_the_slowest_cable() {
    let mut world = world("hosts: {h1: {rate: 1mbit}, h2: }\n");
    run(&mut world, "ping -c 1 192.168.0.12");
    let text = run(&mut world, "ping -c 1 -s 1472 192.168.0.12");
    // 1538 bytes at 1 Mbit/s, there and back: 12.3 ms each.
    assert!(text.contains("time=24.7 ms"), "{text}");
}

#[test]
fn cut_host_has_no_carrier_until_it_is_mended() {
    let mut world = world("hosts: [h1, h2, h3]\n");
    assert_eq!(received(&mut world, "ping -c 1 192.168.0.12"), 1);
    let h2 = world.host_named("h2").unwrap();
    world.host_cut(h2, true);
    let shown = run(&mut world, "on h2 ip link show eth0");
    assert!(
        shown.contains("<NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc pfifo_fast state DOWN"),
        "{shown}"
    );
    assert_eq!(received(&mut world, "ping -c 1 -W 1 192.168.0.12"), 0);
    assert_eq!(received(&mut world, "ping -c 1 192.168.0.13"), 1);
    let route = run(&mut world, "on h2 ip route");
    assert!(route.contains("linkdown"), "{route}");
    world.host_cut(h2, false);
    world
        .run_until(world.now() + Duration::from_secs(2))
        .unwrap();
    assert_eq!(received(&mut world, "ping -c 1 192.168.0.12"), 1);
}

#[test]
fn card_that_is_moved_comes_home_when_its_namespace_ends() {
    let mut world = world("hosts: [h1, h2]\n");
    for line in ["ip netns add red", "ip link set eth0 netns red"] {
        assert_eq!(run(&mut world, line), "", "{line}");
    }
    assert!(run(&mut world, "ip link").lines().count() == 2);
    run(&mut world, "ip netns del red");
    assert!(run(&mut world, "ip link").contains("2: eth0: "));
    assert_eq!(
        run(&mut world, "ip link del eth0"),
        "RTNETLINK answers: Operation not supported\n"
    );
}

#[test]
fn outside_answers_for_public_addresses() {
    let mut world = world("hosts: {h1: {uplink: true}, h2: }\n");
    let text = run(&mut world, "ping -c 1 8.8.8.8");
    assert!(
        text.contains("64 bytes from 8.8.8.8: icmp_seq=1 ttl=61 time="),
        "{text}"
    );
    assert_eq!(received(&mut world, "ping -c 1 192.168.0.1"), 1);
    let text = run(&mut world, "ping -c 1 10.1.2.3");
    assert!(
        text.contains("From 192.168.0.1 icmp_seq=1 Destination Host Unreachable"),
        "{text}"
    );
    let text = run(&mut world, "on h2 ping -c 1 8.8.8.8");
    assert_eq!(text, "ping: connect: Network is unreachable\n");
    let trace = run(&mut world, "traceroute -n 1.1.1.1");
    let last = trace.lines().last().unwrap();
    assert!(last.starts_with(" 4  1.1.1.1"), "{trace}");
}

#[test]
fn outside_has_no_way_back_to_private_sources() {
    let mut world = world("hosts: [h1, h2]\nnetworks: {lan: {uplink: true}}\n");
    for line in [
        "ip netns add c",
        "ip link add v0 type veth peer name eth0 netns c",
        "ip addr add 172.17.0.1/16 dev v0",
        "ip link set v0 up",
        "ip -n c addr add 172.17.0.2/16 dev eth0",
        "ip -n c link set eth0 up",
        "ip -n c route add default via 172.17.0.1",
        "sysctl -q -w net.ipv4.ip_forward=1",
    ] {
        assert_eq!(run(&mut world, line), "", "{line}");
    }
    assert_eq!(received(&mut world, "ping -c 1 8.8.8.8"), 1);
    assert_eq!(
        received(&mut world, "ip netns exec c ping -c 1 -W 1 8.8.8.8"),
        0
    );
    assert_eq!(received(&mut world, "on h2 ping -c 1 9.9.9.9"), 1);
}

#[test]
fn what_is_wrong_with_a_file_has_a_place() {
    for (text, want) in [
        ("hosts: []\n", "1:1: no host: give at least one a name"),
        ("hosts: 3\n", "1:1: "),
        (
            "hosts: [a, b, a]\n",
            "1:15: a second host `a`, the first is at 1:9",
        ),
        ("hosts: {a: , a: }\n", "1:14: "),
        (
            "hosts: [a]\nhostz: 1\n",
            "2:1: unknown field `hostz` (did you mean `hosts`?)",
        ),
        (
            "hosts: [outside]\n",
            "1:9: `outside` is the name of the router",
        ),
        ("hosts: ['a b']\n", "1:9: `a b` is no name of a host"),
        (
            "hosts: {a: {network: bakc}}\nnetworks: {back: }\n",
            "1:22: no network `bakc` (did you mean `back`?)",
        ),
        (
            "hosts: {a: {address: [10.0.0.300/24]}}\n",
            "1:23: `10.0.0.300/24` is no address",
        ),
        ("hosts: {a: {mtu: 20}}\n", "1:18: an MTU of 20: 68 to 65535"),
        ("hosts: {a: {mtu: big}}\n", "1:18: "),
        (
            "hosts: {a: {loss: 200%}}\n",
            "1:19: `200%` is more than all",
        ),
        ("hosts: {a: {rate: fast}}\n", "1:19: `fast` is no rate"),
        ("hosts: {a: {mac: '01:00:00:00:00:01'}}\n", "1:18: "),
        (
            "hosts: {a: {gateway: [10.0.0.1]}}\n",
            "1:23: 10.0.0.1: the gateway is in no subnet of this host",
        ),
        (
            "hosts: {a: {address: [10.0.0.1/24]}, b: {address: [10.0.0.1/24]}}\n",
            "1:52: 10.0.0.1 is the address of a:eth0 already",
        ),
        (
            "hosts: [a]\ncables: [{a: a:eth0, b: b:eth0}]\n",
            "2:25: no host `b`",
        ),
        (
            "hosts: [a, b]\ncables: [{a: a:eth1, b: b:lo}]\n",
            "2:25: a network card cannot be called `lo`",
        ),
        (
            "hosts: [a, b]\ncables: [{a: a:eth1, b: a:eth1}]\n",
            "2:25: the network card `a:eth1` is plugged in already",
        ),
        (
            "hosts: {a: {uplink: true}}\nnetworks: {v6: {subnet: 'fd00::/64'}}\n",
            "1:21: an uplink needs a `subnet` of IPv4",
        ),
        (
            "hosts: {a: {uplink: true, gateway: [192.168.0.9]}}\n",
            "1:21: a `gateway` and an `uplink`",
        ),
        (
            "hosts: {a: {address: [192.168.0.1/24], uplink: true}}\n",
            "1:48: the router to the outside has 192.168.0.1, which is the address of a:eth0",
        ),
        (
            "hosts: {a: {nics: {'eth0%d': }}}\n",
            "1:20: a network card cannot be called `eth0%d`",
        ),
        ("hosts: &h [*h]\n", "1:"),
    ] {
        let faults = faults(text);
        assert!(
            faults.iter().any(|fault| fault.starts_with(want)),
            "{text}: {faults:?}"
        );
    }
}

#[test]
fn files_that_ask_for_too_much_are_refused() {
    let many: Vec<String> = (0..5000).map(|number| format!("h{number}")).collect();
    let text = format!("hosts: [{}]\n", many.join(","));
    assert_eq!(faults(&text), ["1:9: 5000 hosts: at most 1024"]);
    let few = format!("hosts: [{}]\n", many[..300].join(","));
    assert!(
        faults(&few)[0].contains("no address left in 192.168.0.0/24 for h"),
        "{:?}",
        faults(&few)
    );
    let wide = format!("{few}networks: {{lan: {{subnet: 10.0.0.0/16}}}}\n");
    assert_eq!(faults(&wide), Vec::<String>::new());
    let small = "hosts: [a, b, c]\nnetworks: {lan: {subnet: 10.0.0.0/30}}\n";
    assert!(
        faults(small)[0].contains("no address left"),
        "{:?}",
        faults(small)
    );
}
