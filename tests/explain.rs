//! What `explain` says after a ping failed: each cause, with the setting that decides it.

mod common;

use common::lab;
use vethlab::kernel::World;
use vethlab::tool::Shell;

/// What `explain` says after a ping that fails.
fn explained(more: &[&str], ping: &str) -> String {
    let mut world = lab(more);
    let mut shell = Shell::new(&mut world);
    let failed = shell.run(ping);
    assert_ne!(failed.status, 0, "{ping}: {}", failed.stdout);
    shell.run("explain").stdout
}

const FAR: &str = "ip netns exec red ping -c 1 -W 1 10.1.0.2";
const NEAR: &str = "ip netns exec red ping -c 1 -W 1 10.0.0.2";

#[test]
fn each_cause_of_a_failed_ping_is_named_with_the_setting_that_decides() {
    let cases: &[(&str, &[&str], &str, &[&str])] = &[
        (
            "no forwarding",
            &["ip netns exec blue sysctl -wq net.ipv4.ip_forward=0"],
            FAR,
            &[
                "at b0 in namespace blue",
                "IP_INNOROUTES",
                "net.ipv4.ip_forward = 0",
                "ip netns exec blue sysctl -w net.ipv4.ip_forward=1",
            ],
        ),
        (
            "no way back",
            &["ip -n green route del default"],
            FAR,
            &[
                "arrived in namespace green",
                "cannot answer",
                "no route to 10.0.0.1",
                "ip netns exec green ip route add default",
            ],
        ),
        (
            "no route",
            &["ip -n red route del default"],
            FAR,
            &["Nothing was sent: no route to 10.1.0.2 in namespace red"],
        ),
        (
            "link down here",
            &["ip -n red link set r0 down"],
            NEAR,
            &[
                "Nothing was sent: no route to 10.0.0.2",
                "r0: it has an address of that network, but it is down",
                "ip netns exec red ip link set r0 up",
            ],
        ),
        (
            "loopback down",
            &["ip -n red route del default"],
            "ip netns exec red ping -c 1 127.0.0.1",
            &[
                "Nothing was sent: no route to 127.0.0.1",
                "ip netns exec red ip link set lo up",
            ],
        ),
        (
            "nobody listens",
            &[],
            "ip netns exec red nc -n -z 10.0.0.2 80",
            &[
                "Flags [S]",
                "at b0 in namespace blue, because no socket takes it",
                "no program listens there: ip netns exec blue ss -tuln",
            ],
        ),
        (
            "link down there",
            &["ip -n blue link set b0 down"],
            NEAR,
            &["in namespace red"],
        ),
        (
            "nobody has the address",
            &[],
            "ip netns exec red ping -c 1 -W 4 10.0.0.77",
            &[
                "NEIGH_FAILED",
                "10.0.0.77 did not answer",
                "reached root/br0, blue/b0",
                "none of them has that address",
            ],
        ),
        (
            "arp_ignore",
            &["ip netns exec blue sysctl -wq net.ipv4.conf.b0.arp_ignore=8"],
            NEAR,
            &[
                "does not answer because of",
                "net.ipv4.conf.b0.arp_ignore = 8",
            ],
        ),
        (
            "rp_filter",
            &[
                "ip netns exec red ping -c 1 10.1.0.2",
                "ip netns exec blue sysctl -wq net.ipv4.conf.all.rp_filter=1",
                "ip -n blue route add 10.0.0.1/32 via 10.1.0.2",
            ],
            FAR,
            &["IP_RPFILTER", "net.ipv4.conf.b0.rp_filter = 1"],
        ),
        (
            "echo ignored",
            &["ip netns exec blue sysctl -wq net.ipv4.icmp_echo_ignore_all=1"],
            NEAR,
            &[
                "net.ipv4.icmp_echo_ignore_all = 1",
                "ip netns exec blue sysctl -w net.ipv4.icmp_echo_ignore_all=0",
            ],
        ),
        (
            "port isolated",
            &[
                "bridge link set dev pr isolated on",
                "bridge link set dev pb isolated on",
            ],
            NEAR,
            &["isolated is on", "bridge link set dev PORT isolated off"],
        ),
        (
            "port blocking",
            &[
                "ip link set br0 down",
                "ip link set br0 type bridge stp_state 1 forward_delay 400",
                "ip link set br0 up",
            ],
            NEAR,
            &["BRIDGE_INGRESS_STP_STATE", "listening"],
        ),
        (
            "blackhole",
            &["ip -n blue route add blackhole 10.1.0.2/32"],
            FAR,
            &["the route to 10.1.0.2 is of type blackhole"],
        ),
        (
            "prohibit",
            &["ip -n blue route add prohibit 10.1.0.2/32"],
            FAR,
            &["the route to 10.1.0.2 is of type prohibit"],
        ),
        (
            "ttl",
            &[],
            "ip netns exec red ping -c 1 -W 1 -t 1 10.1.0.2",
            &["IP_TTL_EXCEEDED"],
        ),
        (
            "mtu",
            &[
                "ip -n blue link set b1 mtu 1000",
                "ip -n green link set g0 mtu 1000",
            ],
            "ip netns exec red ping -c 1 -W 1 -M do -s 1200 10.1.0.2",
            &["PKT_TOO_BIG_DF", "mtu 1000"],
        ),
        (
            "permanent wrong neighbour",
            &["ip -n red neigh replace 10.0.0.2 lladdr 02:00:00:00:00:99 dev r0"],
            NEAR,
            &["OTHERHOST"],
        ),
    ];
    let mut wrong = String::new();
    for (name, more, ping, wanted) in cases {
        let text = explained(more, ping);
        for part in wanted.iter().filter(|part| !text.contains(**part)) {
            wrong.push_str(&format!("{name}: no {part:?} in\n{text}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn explain_tells_the_way_of_each_frame_that_a_command_caused() {
    let mut world = lab(&[]);
    let finished = Shell::new(&mut world).run("explain ip netns exec red ping -c 1 10.1.0.2");
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    for part in [
        "1 packets transmitted, 1 received",
        "ICMP echo request",
        "routed to the gateway 10.0.0.2, through r0 (table main)",
        "the bridge floods it to",
        "ARP, Reply 10.0.0.2 is-at",
        "routed through b1, the destination is on that link (table main)",
        "answered by frame",
        "a program gets it",
    ] {
        assert!(
            finished.stdout.contains(part),
            "no {part:?} in\n{}",
            finished.stdout
        );
    }
    assert!(
        !finished.stdout.contains("router solicitation"),
        "other frames are left out"
    );
}

#[test]
fn explain_without_a_failure_says_so() {
    let mut world = World::new(0);
    let finished = Shell::new(&mut world).run("explain");
    assert!(
        finished
            .stdout
            .starts_with("No command that probes the network")
    );
    assert_eq!(finished.status, 0);
}

#[test]
fn explain_of_what_is_not_simulated_is_refused() {
    let mut world = World::new(0);
    let finished = Shell::new(&mut world).run("explain frobnicate");
    assert_eq!(finished.status, 2);
    assert!(finished.stderr.contains("frobnicate"));
    assert!(!world.is_watched());
}

#[test]
fn the_command_of_a_container_that_is_run_in_the_foreground_is_explained() {
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    let web = shell.run("docker run -d --name web nginx");
    assert_eq!(web.status, 0, "{}", web.stderr);
    let finished = shell.run("explain docker run --rm --name pings alpine ping -c 1 172.17.0.2");
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    for part in ["1 received", "The way of each frame:", "answered by frame"] {
        assert!(finished.stdout.contains(part), "{}", finished.stdout);
    }
    let left = shell.run("docker ps -a --format {{.Names}}");
    assert_eq!(left.stdout, "web\n", "--rm holds although it was explained");
}
