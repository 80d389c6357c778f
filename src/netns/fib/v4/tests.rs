//! Tables of requests and what the IPv4 tables make of them, as a Linux 6.18 kernel does.
//! The tools' words for it are tested with the tools.

use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::super::config::NewFlags;
use super::super::info::RouteGet;
use super::super::route::{RouteType, table};
use super::super::rules::Rule;
use super::super::world::{World, config};
use super::{Flow4, Refusal};
use crate::units::{Errno, SimTime};

/// Two devices, 2 with 10.0.0.1/24 and 3 with 10.1.0.1/24.
fn two() -> World {
    let mut world = World::new(2);
    world.address(2, "10.0.0.1/24");
    world.address(3, "10.1.0.1/24");
    world
}

fn main_routes(world: &World) -> Vec<String> {
    world.shown(false, table::MAIN)
}

fn refused(world: &mut World, text: &str) -> String {
    let error = world.route(NewFlags::ADD, text).unwrap_err();
    format!("{:?} {}", error.errno, error.extack.unwrap_or("-"))
}

#[test]
fn add_append_prepend_change_and_replace_go_where_the_kernel_puts_them() {
    let mut world = two();
    let net = "10.9.0.0/16";
    for (flags, via, want) in [
        (NewFlags::ADD, "10.0.0.2", Ok(())),
        (NewFlags::ADD, "10.0.0.3", Err(Errno::Eexist)),
        (NewFlags::APPEND, "10.0.0.3", Ok(())),
        (NewFlags::APPEND, "10.0.0.3", Err(Errno::Eexist)),
        (NewFlags::PREPEND, "10.0.0.4", Ok(())),
        (NewFlags::CHANGE, "10.0.0.5", Ok(())),
        (NewFlags::REPLACE, "10.0.0.6 metric 10", Ok(())),
        (NewFlags::REPLACE, "10.0.0.3", Err(Errno::Eexist)),
        (NewFlags::REPLACE, "10.0.0.5", Ok(())),
        (NewFlags::CHANGE, "10.0.0.5 metric 99", Err(Errno::Enoent)),
        (NewFlags::TEST, "10.0.0.5 metric 99", Err(Errno::Enoent)),
    ] {
        let got = world.route(flags, &format!("{net} via {via}"));
        assert_eq!(got.map_err(|e| e.errno), want, "{flags:?} {via}");
    }
    assert_eq!(
        main_routes(&world)[2..],
        [
            "10.9.0.0/16 via 10.0.0.5 dev 2",
            "10.9.0.0/16 via 10.0.0.2 dev 2",
            "10.9.0.0/16 via 10.0.0.3 dev 2",
            "10.9.0.0/16 via 10.0.0.6 dev 2 metric 10",
        ]
    );
}

#[test]
fn what_cannot_be_is_refused_with_the_kernels_words() {
    let mut world = two();
    world.devices[2].up = false;
    for (text, want) in [
        (
            "10.8.0.0/16 via 10.77.0.1",
            "Enetunreach Nexthop has invalid gateway",
        ),
        (
            "10.8.0.0/16 via 10.0.0.255",
            "Einval Nexthop has invalid gateway",
        ),
        (
            "10.8.0.0/16 via 10.77.0.1 dev 2",
            "Enetunreach Nexthop has invalid gateway",
        ),
        ("10.8.0.0/16 dev 3", "Enetdown Device for nexthop is not up"),
        ("10.8.0.0/16 dev 9", "Enodev -"),
        (
            "10.8.0.1/16 dev 2",
            "Einval Invalid prefix for given prefix length",
        ),
        (
            "10.8.0.0/16 via 10.0.0.2 src 10.77.0.1",
            "Einval Invalid prefsrc address",
        ),
        (
            "10.8.0.0/16 via 10.0.0.2 scope 254",
            "Einval Route with host scope can not have a gateway",
        ),
        (
            "10.8.0.0/16 via 10.0.0.2 scope 253",
            "Einval Nexthop has invalid gateway",
        ),
        (
            "10.8.0.0/16 via 10.9.9.9 onlink",
            "Enodev Nexthop device required for onlink",
        ),
        (
            "10.8.0.0/16 dev 2 tos 33",
            "Einval Invalid dsfield (tos): ECN bits must be 0",
        ),
        (
            "blackhole 10.8.0.0/16 via 10.0.0.2",
            "Einval Gateway, device and multipath can not be specified for this route type",
        ),
        ("local 10.8.0.0/16 dev 2 scope 0", "Einval Invalid scope"),
    ] {
        let got = refused(&mut world, text);
        // The errno of an unreachable gateway is the lookup's own.
        let same =
            got == want || got.split_once(' ').map(|x| x.1) == want.split_once(' ').map(|x| x.1);
        assert!(same, "{text}: {got}");
    }
    assert!(
        world
            .route(NewFlags::ADD, "10.8.0.0/16 via 10.9.9.9 dev 2 onlink")
            .is_ok()
    );
}

#[test]
fn delete_takes_the_first_route_that_has_all_that_is_asked() {
    let mut world = two();
    for text in [
        "10.2.0.0/16 via 10.0.0.2",
        "10.2.0.0/16 via 10.0.0.3 metric 5",
        "10.2.0.0/16 via 10.0.0.4 metric 6 proto 4",
        "10.2.0.0/16 dev 3 tos 16",
    ] {
        world.route(NewFlags::ADD, text).unwrap();
    }
    let mut delete = |text: &str| {
        let mut asked = config(text);
        asked.scope = 255;
        if !text.contains("proto") {
            asked.protocol = 0;
        }
        world.fib.route_delete(&asked).map_err(|e| e.errno)
    };
    assert_eq!(delete("10.2.0.0/16 via 10.0.0.77"), Err(Errno::Esrch));
    assert_eq!(delete("10.2.0.0/16 proto 99"), Err(Errno::Esrch));
    assert_eq!(delete("10.2.0.0/24"), Err(Errno::Esrch));
    assert_eq!(delete("10.2.0.0/16 proto 4"), Ok(()));
    assert_eq!(delete("10.2.0.0/16 metric 5"), Ok(()));
    assert_eq!(delete("10.2.0.0/16 tos 16"), Ok(()));
    assert_eq!(delete("10.2.0.0/16 table 300"), Err(Errno::Esrch));
    assert_eq!(main_routes(&world)[2..], ["10.2.0.0/16 via 10.0.0.2 dev 2"]);
}

#[test]
fn a_dump_goes_by_address_and_the_longer_prefix_of_one_address_first() {
    let mut world = two();
    for text in [
        "10.2.0.0/16 dev 2",
        "10.2.0.0/24 dev 2",
        "default via 10.0.0.9",
        "10.2.0.0/16 dev 2 tos 8",
        "10.2.0.0/16 dev 2 metric 3",
    ] {
        world.route(NewFlags::ADD, text).unwrap();
    }
    assert_eq!(
        main_routes(&world),
        [
            "0.0.0.0/0 via 10.0.0.9 dev 2",
            "10.0.0.0/24 dev 2",
            "10.1.0.0/24 dev 3",
            "10.2.0.0/24 dev 2",
            "10.2.0.0/16 dev 2",
            "10.2.0.0/16 dev 2",
            "10.2.0.0/16 dev 2 metric 3",
        ]
    );
}

#[test]
fn an_address_brings_its_routes_and_takes_them_along() {
    let mut world = two();
    world.address(2, "10.0.0.2/24");
    world.address(2, "10.5.0.1/31");
    world.address(2, "10.6.0.1/32");
    let local = |world: &World| world.shown(false, table::LOCAL);
    assert_eq!(
        local(&world),
        [
            "local 10.0.0.1/32 dev 2",
            "local 10.0.0.2/32 dev 2",
            "broadcast 10.0.0.255/32 dev 2",
            "local 10.1.0.1/32 dev 3",
            "broadcast 10.1.0.255/32 dev 3",
            "local 10.5.0.1/32 dev 2",
            "local 10.6.0.1/32 dev 2",
            "local 127.0.0.0/8 dev 1",
            "local 127.0.0.1/32 dev 1",
            "broadcast 127.255.255.255/32 dev 1",
        ]
    );
    assert_eq!(main_routes(&world).len(), 3, "no route to a /32 of its own");
    world
        .route(NewFlags::ADD, "10.7.0.0/16 dev 3 src 10.0.0.1")
        .unwrap();
    world.address_gone(2, 0, false);
    assert_eq!(
        local(&world)[..3],
        [
            "local 10.1.0.1/32 dev 3",
            "broadcast 10.1.0.255/32 dev 3",
            "local 10.5.0.1/32 dev 2"
        ]
    );
    assert_eq!(
        main_routes(&world),
        ["10.1.0.0/24 dev 3", "10.5.0.0/31 dev 2"]
    );
}

#[test]
fn a_promoted_secondary_takes_the_subnet_over() {
    let mut world = two();
    world.address(2, "10.0.0.2/24");
    world.address(2, "10.0.0.3/24");
    world.address_gone(2, 0, true);
    let (fib, facts) = world.split();
    let infos = fib.v4.dump(None, &facts);
    let of_device = infos.iter().filter(|info| info.nexthops[0].oif == 2);
    let shown: Vec<_> = of_device
        .map(|i| (i.dst.to_string(), i.prefsrc.unwrap().to_string()))
        .collect();
    let want = ["10.0.0.0/24", "10.0.0.2/32", "10.0.0.3/32", "10.0.0.255/32"];
    assert_eq!(
        shown,
        want.map(|dst| (dst.to_string(), "10.0.0.2".to_string()))
    );
}

#[test]
fn a_device_that_goes_down_takes_its_routes_but_not_its_addresses() {
    let mut world = two();
    world
        .route(
            NewFlags::ADD,
            "10.9.0.0/16 nexthop via 10.0.0.2 nexthop via 10.1.0.2",
        )
        .unwrap();
    world.route(NewFlags::ADD, "blackhole 10.8.0.0/16").unwrap();
    world.devices[1].up = false;
    world.with(|fib, _| fib.v4.device_down(2));
    assert_eq!(
        main_routes(&world),
        [
            "10.1.0.0/24 dev 3",
            "blackhole 10.8.0.0/16",
            "10.9.0.0/16 via 10.0.0.2 dev 2 dead linkdown via 10.1.0.2 dev 3",
        ]
    );
    assert!(
        world
            .shown(false, table::LOCAL)
            .contains(&"local 10.0.0.1/32 dev 2".into())
    );
    world.devices[1].up = true;
    world.with(|fib, links| fib.v4.device_up(2, links));
    assert_eq!(
        main_routes(&world)[2],
        "10.9.0.0/16 via 10.0.0.2 dev 2 via 10.1.0.2 dev 3"
    );
    world.with(|fib, _| fib.device_removed(2));
    assert_eq!(
        main_routes(&world),
        ["10.1.0.0/24 dev 3", "blackhole 10.8.0.0/16"]
    );
}

#[test]
fn routes_without_carrier_are_marked_and_can_be_ignored() {
    let mut world = two();
    world.devices[2].carrier = false;
    world.with(|fib, _| fib.v4.carrier_lost(3));
    assert_eq!(main_routes(&world)[1], "10.1.0.0/24 dev 3 linkdown");
    let get = |world: &World| {
        let (fib, facts) = world.split();
        let to = RouteGet::to([10, 1, 0, 9].into());
        fib.route_get(&to, &facts, SimTime::ZERO)
            .map(|info| info.nexthops[0].oif)
    };
    assert_eq!(get(&world).unwrap(), 3);
    world.ignore_linkdown = true;
    assert_eq!(get(&world).unwrap_err().errno, Errno::Enetunreach);
    assert_eq!(main_routes(&world)[1], "10.1.0.0/24 dev 3 dead linkdown");
    world.with(|fib, links| fib.v4.carrier_found(3, links));
    assert_eq!(get(&world).unwrap(), 3);
}

/// `KIND DEVICE [via GATEWAY] src SOURCE`, or the error.
fn way(world: &World, flow: Flow4) -> String {
    let (fib, facts) = world.split();
    let found = match flow.iif {
        1 => fib
            .v4
            .output(&flow, &facts, SimTime::ZERO)
            .map_err(|e| format!("{e:?}")),
        _ => fib
            .v4
            .input(&flow, &facts, SimTime::ZERO)
            .map_err(|e| format!("{e:?}")),
    };
    match found {
        Err(error) => error,
        Ok(dst) => {
            let via = dst.gateway.map_or(String::new(), |gw| format!(" via {gw}"));
            format!("{:?} {}{via} src {}", dst.kind, dst.oif, dst.src)
        }
    }
}

#[test]
fn what_is_sent_from_here_leaves_as_the_kernel_lets_it() {
    let mut world = two();
    world
        .route(NewFlags::ADD, "default via 10.0.0.254")
        .unwrap();
    world
        .route(NewFlags::ADD, "unreachable 10.6.0.0/16")
        .unwrap();
    world.route(NewFlags::ADD, "throw 10.7.0.0/16").unwrap();
    let to = |dst: [u8; 4]| Flow4::to(dst.into());
    let by = |dst: [u8; 4], oif| Flow4 { oif, ..to(dst) };
    for (flow, want) in [
        (to([8, 8, 8, 8]), "Unicast 2 via 10.0.0.254 src 10.0.0.1"),
        (to([10, 1, 0, 7]), "Unicast 3 src 10.1.0.1"),
        (to([10, 1, 0, 1]), "Local 1 src 10.1.0.1"),
        (to([127, 5, 5, 5]), "Local 1 src 127.0.0.1"),
        (to([0, 0, 0, 0]), "Local 1 src 127.0.0.1"),
        (to([0, 0, 0, 5]), "Unicast 2 via 10.0.0.254 src 10.0.0.1"),
        (to([10, 0, 0, 255]), "Broadcast 2 src 10.0.0.1"),
        (to([224, 0, 0, 251]), "Multicast 2 src 10.0.0.1"),
        (by([224, 0, 0, 251], 3), "Multicast 3 src 10.1.0.1"),
        (by([255, 255, 255, 255], 3), "Broadcast 3 src 10.1.0.1"),
        (by([8, 8, 8, 8], 3), "Unicast 3 src 10.1.0.1"),
        (by([8, 8, 8, 8], 9), "Enodev"),
        (to([10, 6, 0, 1]), "Ehostunreach"),
        (to([10, 7, 0, 1]), "Enetunreach"),
        (
            Flow4 {
                src: [10, 44, 0, 1].into(),
                ..to([8, 8, 8, 8])
            },
            "Enetunreach",
        ),
        (
            Flow4 {
                src: [224, 0, 0, 1].into(),
                ..to([8, 8, 8, 8])
            },
            "Einval",
        ),
    ] {
        assert_eq!(way(&world, flow), want, "{flow:?}");
    }
}

#[test]
fn what_comes_in_is_delivered_forwarded_or_refused() {
    let mut world = two();
    world.forwarding = true;
    let packet = |iif, src: [u8; 4], dst: [u8; 4]| Flow4 {
        iif,
        src: src.into(),
        ..Flow4::to(dst.into())
    };
    let far = packet(2, [10, 0, 0, 9], [10, 1, 0, 9]);
    assert_eq!(way(&world, far), "Unicast 3 src 10.0.0.9");
    assert_eq!(
        way(&world, packet(2, [10, 0, 0, 9], [10, 1, 0, 1])),
        "Local 1 src 10.0.0.9"
    );
    assert_eq!(
        way(&world, packet(2, [10, 0, 0, 9], [10, 0, 0, 255])),
        "Broadcast 1 src 10.0.0.9"
    );
    assert_eq!(
        way(&world, packet(2, [10, 0, 0, 1], [10, 1, 0, 9])),
        format!("{:?}", Refusal::LocalSource)
    );
    assert_eq!(
        way(&world, packet(2, [127, 0, 0, 1], [10, 1, 0, 9])),
        format!("{:?}", Refusal::MartianSource)
    );
    assert_eq!(
        way(&world, packet(2, [10, 0, 0, 9], [127, 0, 0, 1])),
        format!("{:?}", Refusal::MartianDestination)
    );
    assert_eq!(
        way(&world, packet(2, [10, 0, 0, 9], [224, 0, 0, 9])),
        format!("{:?}", Refusal::NotJoined)
    );
    assert_eq!(
        way(&world, packet(2, [10, 0, 0, 9], [8, 8, 8, 8])),
        "NoRoute(Enetunreach)"
    );
    // A source behind the other device passes without the reverse path filter, not with it.
    let stray = packet(2, [10, 1, 0, 9], [10, 1, 0, 8]);
    assert_eq!(way(&world, stray), "Unicast 3 src 10.1.0.9");
    world.rp_filter = 1;
    assert_eq!(way(&world, stray), format!("{:?}", Refusal::ReversePath));
    world.rp_filter = 2;
    assert_eq!(way(&world, stray), "Unicast 3 src 10.1.0.9");
    world.forwarding = false;
    assert_eq!(way(&world, far), "NoRoute(Ehostunreach)");
}

#[test]
fn local_and_main_are_one_table_until_a_rule_is_made() {
    let mut world = two();
    world
        .route(NewFlags::ADD, "local 10.66.0.0/16 dev 1")
        .unwrap();
    world.route(NewFlags::ADD, "10.66.6.0/24 dev 3").unwrap();
    let inside = Flow4::to([10, 66, 6, 6].into());
    assert_eq!(way(&world, inside), "Unicast 3 src 10.1.0.1");
    let mut rule = Rule::new(77);
    rule.priority = Some(9);
    world.fib.rule_new(false, rule, true, |_| None).unwrap();
    assert_eq!(way(&world, inside), "Local 1 src 10.66.6.6");
}

#[test]
fn rules_choose_the_table_and_suppress_short_prefixes() {
    let mut world = two();
    world
        .route(NewFlags::ADD, "default via 10.0.0.254")
        .unwrap();
    world
        .route(NewFlags::ADD, "default via 10.1.0.254 table 100")
        .unwrap();
    let mut marked = Rule::new(100);
    marked.mark = Some(5);
    world.fib.rule_new(false, marked, true, |_| None).unwrap();
    let to = Flow4::to([8, 8, 8, 8].into());
    assert_eq!(way(&world, to), "Unicast 2 via 10.0.0.254 src 10.0.0.1");
    assert_eq!(
        way(&world, Flow4 { mark: 5, ..to }),
        "Unicast 3 via 10.1.0.254 src 10.1.0.1"
    );
    let mut suppressed = Rule::new(table::MAIN);
    suppressed.suppress_prefixlen = Some(0);
    suppressed.priority = Some(10);
    world
        .fib
        .rule_new(false, suppressed, true, |_| None)
        .unwrap();
    let mut other = Rule::new(100);
    other.priority = Some(11);
    world.fib.rule_new(false, other, true, |_| None).unwrap();
    assert_eq!(way(&world, to), "Unicast 3 via 10.1.0.254 src 10.1.0.1");
    assert_eq!(
        way(&world, Flow4::to([10, 0, 0, 9].into())),
        "Unicast 2 src 10.0.0.1"
    );
}

#[test]
fn a_gateway_that_is_an_own_address_is_a_direct_route() {
    let mut world = two();
    world
        .route(NewFlags::ADD, "10.9.0.0/16 via 10.0.0.1")
        .unwrap();
    assert_eq!(main_routes(&world)[2], "10.9.0.0/16 via 10.0.0.1 dev 2");
    assert_eq!(
        way(&world, Flow4::to([10, 9, 0, 1].into())),
        "Unicast 2 src 10.0.0.1"
    );
}

#[test]
fn a_learned_path_mtu_shows_in_the_answer_and_expires() {
    let mut world = two();
    let dst = Ipv4Addr::new(10, 0, 0, 9);
    let at = |s| SimTime::ZERO + std::time::Duration::from_secs(s);
    let id = {
        let (fib, facts) = world.split();
        let way = fib.v4.output(&Flow4::to(dst), &facts, at(0)).unwrap();
        way.way_id().unwrap()
    };
    let exceptions = &mut world.fib.v4.exceptions;
    exceptions.learn_mtu_v4(dst, id, 1400, 1500, at(0));
    let mtu = |now| {
        let (fib, facts) = world.split();
        fib.v4.output(&Flow4::to(dst), &facts, now).unwrap().mtu
    };
    assert_eq!((mtu(at(599)), mtu(at(600))), (Some(1400), None));
}

#[test]
fn what_was_learned_about_a_route_is_not_known_of_its_successor() {
    let mut world = two();
    let dst = Ipv4Addr::new(10, 9, 0, 9);
    let now = SimTime::ZERO;
    let mtu = |world: &World| {
        let (fib, facts) = world.split();
        fib.v4.output(&Flow4::to(dst), &facts, now).unwrap().mtu
    };
    world
        .route(NewFlags::ADD, "10.9.0.0/16 via 10.0.0.2")
        .unwrap();
    let id = {
        let (fib, facts) = world.split();
        fib.v4
            .output(&Flow4::to(dst), &facts, now)
            .unwrap()
            .way_id()
    };
    let exceptions = &mut world.fib.v4.exceptions;
    exceptions.learn_mtu_v4(dst, id.unwrap(), 1400, 1500, now);
    // A narrower route that says the same shares what is known; one that says more does not.
    world.route(NewFlags::ADD, "10.9.0.9 via 10.0.0.2").unwrap();
    assert_eq!(mtu(&world), Some(1400));
    world
        .route(NewFlags::REPLACE, "10.9.0.9 via 10.0.0.2 proto 4")
        .unwrap();
    assert_eq!(mtu(&world), None);
    world
        .route(NewFlags::REPLACE, "10.9.0.9 via 10.0.0.2")
        .unwrap();
    assert_eq!(mtu(&world), Some(1400));
}

proptest! {
    /// The stupid reference: of all routes whose prefix contains the address, the longest, then
    /// the one of the lowest metric.
    #[test]
    fn lookups_are_those_of_a_linear_scan(
        routes in proptest::collection::vec((0u32..256, 20u8..=32, 0u32..3, 2u32..4), 0..40),
        probes in proptest::collection::vec(0u32..256, 16),
    ) {
        let mut world = World::new(2);
        let mut list: Vec<(u32, u8, u32, u32)> = Vec::new();
        for (host, len, metric, oif) in routes {
            let mask = u32::MAX << (32 - u32::from(len));
            let net = (0x0a14_0000 | (host << 4)) & mask;
            let text = format!("{}/{len} dev {oif} metric {metric}", Ipv4Addr::from(net));
            let taken = list.iter().any(|r| (r.0, r.1, r.2) == (net, len, metric));
            prop_assert_eq!(world.route(NewFlags::ADD, &text).is_err(), taken);
            if !taken {
                list.push((net, len, metric, oif));
            }
        }
        for probe in probes {
            let addr = 0x0a14_0000 | (probe << 4) | 5;
            let fits = |r: &&(u32, u8, u32, u32)| addr & (u32::MAX << (32 - u32::from(r.1))) == r.0;
            let want = list.iter().filter(fits).max_by_key(|r| (r.1, std::cmp::Reverse(r.2)));
            let (fib, facts) = world.split();
            let got = fib.v4.lookup(&Flow4::to(addr.into()), &facts);
            prop_assert_eq!(got.ok().map(|found| found.nexthop().oif), want.map(|r| r.3));
        }
    }
}

#[test]
fn an_address_is_local_broadcast_or_unicast() {
    let world = two();
    let kind = |addr: [u8; 4]| world.fib.v4.address_kind(addr.into());
    assert_eq!(kind([10, 0, 0, 1]), RouteType::Local);
    assert_eq!(kind([10, 0, 0, 255]), RouteType::Broadcast);
    assert_eq!(kind([10, 0, 0, 2]), RouteType::Unicast);
    assert_eq!(kind([224, 0, 0, 2]), RouteType::Multicast);
    assert_eq!(world.fib.v4.local_device([10, 1, 0, 1].into()), Some(3));
}
