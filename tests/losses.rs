//! Losses with their reasons, each provoked by commands; and what must hold of every journey.

mod common;

use std::collections::BTreeSet;

use vethlab::engine::trace::{DropReason, Journey, Verdict};
use vethlab::kernel::World;
use vethlab::tool::Shell;

/// The journeys of what the last line causes.
fn journeys(more: &[&str], last: &str) -> Vec<Journey> {
    const WARM: &[&str] = &[FAR];
    let mut world = common::lab(&[WARM, more].concat());
    world.watch();
    Shell::new(&mut world).run(last);
    let noted = world.take_noted();
    world.journeys(&noted)
}

const NEAR: &str = "ip netns exec red ping -c 1 -W 1 10.0.0.2";
const FAR: &str = "ip netns exec red ping -c 1 -W 1 10.1.0.2";

#[test]
fn each_reason_is_provoked_by_what_it_says() {
    use DropReason as R;
    let cases: &[(R, &[&str], &str)] = &[
        (
            R::Otherhost,
            &["ip -n red neigh replace 10.0.0.2 lladdr 02:00:00:00:00:99 dev r0"],
            NEAR,
        ),
        (
            R::NoSocket,
            &[],
            "ip netns exec red traceroute -n -m 1 -q 1 10.0.0.2",
        ),
        (
            R::TtlExceeded,
            &[],
            "ip netns exec red ping -c 1 -W 1 -t 1 10.1.0.2",
        ),
        (
            R::IpInnoroutes,
            &["ip netns exec blue sysctl -wq net.ipv4.ip_forward=0"],
            FAR,
        ),
        (
            R::IpRpfilter,
            &[
                "ip netns exec blue sysctl -wq net.ipv4.conf.all.rp_filter=1",
                "ip -n blue route add 10.0.0.1/32 via 10.1.0.2",
            ],
            FAR,
        ),
        (
            R::FragNeeded,
            &[
                "ip -n blue link set b1 mtu 1000",
                "ip -n green link set g0 mtu 1000",
            ],
            "ip netns exec red ping -c 1 -W 1 -M do -s 1200 10.1.0.2",
        ),
        (
            R::PktTooBig,
            &["ip link set pb mtu 1000"],
            "ip netns exec red ping -c 1 -W 1 -s 1200 10.0.0.2",
        ),
        (
            R::NeighFailed,
            &[],
            "ip netns exec red ping -c 1 -W 5 10.0.0.77",
        ),
        (
            R::IcmpEchoIgnored,
            &["ip netns exec blue sysctl -wq net.ipv4.icmp_echo_ignore_all=1"],
            NEAR,
        ),
        (
            R::BridgeNonForwarding,
            &[
                "bridge link set dev pr isolated on",
                "bridge link set dev pb isolated on",
            ],
            NEAR,
        ),
        (
            R::BridgeIngressStpState,
            &[
                "ip link set br0 down",
                "ip link set br0 type bridge stp_state 1 forward_delay 400",
                "ip link set br0 up",
            ],
            NEAR,
        ),
        (
            R::BridgeLocked,
            &[
                "bridge link set dev pr locked on learning off",
                "ip link set br0 type bridge fdb_flush",
            ],
            NEAR,
        ),
        (
            R::NoTxTarget,
            &[
                "ip link set pb nomaster",
                "ip -n red neigh replace 10.0.0.2 lladdr 02:00:00:00:00:99 dev r0",
            ],
            NEAR,
        ),
    ];
    let mut wrong = Vec::new();
    for (reason, more, last) in cases {
        let journeys = journeys(more, last);
        let seen: BTreeSet<&str> = journeys
            .iter()
            .flat_map(Journey::losses)
            .map(|loss| loss.reason.name())
            .collect();
        if !seen.contains(reason.name()) {
            wrong.push(format!("{}: {last} lost {seen:?}", reason.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_copy_of_a_frame_ends_somewhere() {
    let lines = [
        NEAR,
        FAR,
        "ip netns exec red ping -c 1 -s 4000 10.1.0.2",
        "ip netns exec red ping -c 1 -W 5 10.0.0.77",
        "ip netns exec red ping -c 2 -b 10.0.0.255",
        "ip netns exec red arping -c 2 -I r0 10.0.0.2",
        "ip netns exec red traceroute -n 10.1.0.2",
        "ip netns exec red ping -6 -c 1 -I r0 ff02::1",
    ];
    for line in lines {
        for journey in journeys(&[], line) {
            for (index, station) in journey.stations.iter().enumerate() {
                let goes_on = journey
                    .stations
                    .iter()
                    .any(|next| next.before == Some(index));
                let waits = matches!(station.verdict, Verdict::Queued(_));
                let under_way = matches!(station.verdict, Verdict::Transmitted)
                    && station.at + std::time::Duration::from_micros(50)
                        > journey.stations.last().map_or(station.at, |last| last.at);
                let ends = station.verdict.is_end() || waits || goes_on || under_way;
                assert!(ends, "{line}: station {index} of\n{}", journey.tell(false));
            }
        }
    }
}

#[test]
fn every_frame_has_a_number() {
    let mut world = World::new(0);
    world.watch();
    common::build(
        &mut world,
        &[FAR, "ip link set br0 type bridge stp_state 1", "sleep 10"],
    );
    let noted = world.take_noted();
    assert!(noted.len() > 300);
    assert!(noted.iter().all(|noted| noted.hop.frame != 0));
}
