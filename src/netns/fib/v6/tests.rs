//! Tables of requests and what the IPv6 tables make of them, as a Linux 6.18 kernel does.
//! The tools' words for it are tested with the tools.

use super::super::config::NewFlags;
use super::super::route::{RouteType, table};
use super::super::world::{World, config};
use super::Flow6;
use crate::units::{Errno, SimTime};

/// Two devices; 2 has fd00::1/64.
fn two() -> World {
    let mut world = World::new(2);
    world.devices[1].addrs6.push("fd00::1".parse().unwrap());
    world.with(|fib, links| {
        let now = SimTime::ZERO;
        fib.v6
            .add_prefix("fd00::/64".parse().unwrap(), 2, 0, None, links, now)
            .unwrap();
        let own = "fd00::1".parse().unwrap();
        fib.v6
            .add_own_address(RouteType::Local, own, 2, links, now)
            .unwrap();
        for device in [2, 3] {
            fib.v6
                .add_prefix("fe80::/64".parse().unwrap(), device, 0, None, links, now)
                .unwrap();
            fib.v6.add_multicast(device, links, now).unwrap();
        }
    });
    world
}

fn main_routes(world: &World) -> Vec<String> {
    world.shown(true, table::MAIN)
}

fn add(world: &mut World, texts: &[&str]) {
    for text in texts {
        world.route(NewFlags::ADD, text).unwrap();
    }
}

#[test]
fn a_dump_has_what_is_inside_a_prefix_before_it() {
    let mut world = two();
    add(
        &mut world,
        &[
            "::/0 via fe80::9 dev 2",
            "fd00::/16 dev 3",
            "fd01::/64 via fd00::2",
            "::/0 via fd00::9 metric 10",
        ],
    );
    assert_eq!(
        main_routes(&world),
        [
            "fd00::/64 dev 2 metric 256",
            "fd00::/16 dev 3 metric 1024",
            "fd01::/64 via fd00::2 dev 2 metric 1024",
            "fe80::/64 dev 2 metric 256",
            "fe80::/64 dev 3 metric 256",
            "::/0 via fd00::9 dev 2 metric 10",
            "::/0 via fe80::9 dev 2 metric 1024",
        ]
    );
    assert_eq!(
        world.shown(true, table::LOCAL),
        [
            "local fd00::1/128 dev 2 metric 0",
            "multicast ff00::/8 dev 2 metric 256",
            "multicast ff00::/8 dev 3 metric 256",
        ]
    );
}

#[test]
fn append_makes_siblings_and_replace_takes_them_all() {
    let mut world = two();
    add(&mut world, &["fd01::/64 via fd00::2"]);
    let again = world
        .route(NewFlags::ADD, "fd01::/64 via fd00::3")
        .unwrap_err();
    assert_eq!(again.errno, Errno::Eexist);
    world
        .route(NewFlags::APPEND, "fd01::/64 via fd00::3")
        .unwrap();
    assert_eq!(
        main_routes(&world)[1],
        "fd01::/64 via fd00::2 dev 2 via fd00::3 dev 2 metric 1024"
    );
    world
        .route(NewFlags::REPLACE, "fd01::/64 via fd00::4")
        .unwrap();
    assert_eq!(
        main_routes(&world)[1],
        "fd01::/64 via fd00::4 dev 2 metric 1024"
    );
    let none = world
        .route(NewFlags::CHANGE, "fd99::/64 via fd00::4")
        .unwrap_err();
    assert_eq!(
        (none.errno, none.extack),
        (
            Errno::Enoent,
            Some("Can not replace route - no match found")
        )
    );
}

#[test]
fn a_direct_route_and_a_gateway_of_one_metric_are_two_routes() {
    let mut world = two();
    add(&mut world, &["fd02::/64 dev 2"]);
    world
        .route(NewFlags::APPEND, "fd02::/64 via fd00::9")
        .unwrap();
    world.route(NewFlags::REPLACE, "fd02::/64 dev 3").unwrap();
    assert_eq!(
        main_routes(&world)[1..3],
        [
            "fd02::/64 dev 3 metric 1024",
            "fd02::/64 via fd00::9 dev 2 metric 1024"
        ]
    );
}

#[test]
fn what_cannot_be_is_refused_with_the_kernels_words() {
    let mut world = two();
    for (text, want) in [
        (
            "fd03::/64 via fe80::5",
            "Einval Egress device not specified",
        ),
        ("fd03::/64 via fd55::5", "Ehostunreach -"),
        ("fd03::/64 via fd55::5 dev 2", "Ehostunreach -"),
        (
            "fd03::/64 via fd00::1",
            "Einval Gateway can not be a local address",
        ),
        (
            "fd03::/64 via fd00::1 dev 2",
            "Einval Gateway can not be a local address",
        ),
        ("fd03::/64", "Enodev -"),
        (
            "fd03::/64 dev 2 src fd00::7",
            "Einval Invalid source address",
        ),
        (
            "fd03::/64 nexthop via fd00::9 dev 2 nexthop dev 2",
            "Einval Device only routes can not be added for IPv6 using the multipath API.",
        ),
    ] {
        let error = world.route(NewFlags::ADD, text).unwrap_err();
        assert_eq!(
            format!("{:?} {}", error.errno, error.extack.unwrap_or("-")),
            want,
            "{text}"
        );
    }
    assert!(
        world
            .route(NewFlags::ADD, "fd04::/64 via fd55::5 dev 2 onlink")
            .is_ok()
    );
    assert!(
        world.route(NewFlags::ADD, "fd05::1/64 dev 2").is_ok(),
        "host bits are cleared"
    );
}

#[test]
fn delete_takes_all_ways_or_the_one_that_is_named() {
    let mut world = two();
    let ways = "fd0c::/64 nexthop via fd00::9 nexthop via fd00::a weight 5";
    add(&mut world, &[ways]);
    let delete = |world: &mut World, text| {
        let mut asked = config(text);
        asked.protocol = 0;
        world.fib.route_delete(&asked).map_err(|error| error.errno)
    };
    assert_eq!(delete(&mut world, "fd0c::/64 via fd00::a"), Ok(()));
    assert_eq!(
        main_routes(&world)[1],
        "fd0c::/64 via fd00::9 dev 2 metric 1024"
    );
    world.route(NewFlags::REPLACE, ways).unwrap();
    assert_eq!(delete(&mut world, "fd0c::/64"), Ok(()));
    assert_eq!(delete(&mut world, "fd0c::/64"), Err(Errno::Esrch));
}

/// `KIND DEVICE [via GATEWAY]`, or the error.
fn way(world: &World, to: &str, oif: u32) -> String {
    let (fib, facts) = world.split();
    let flow = Flow6 {
        oif,
        ..Flow6::to(to.parse().unwrap())
    };
    match fib.v6.output(&flow, &facts, SimTime::ZERO) {
        Err(errno) => format!("{errno:?}"),
        Ok(dst) => {
            let via = dst.gateway.map_or(String::new(), |gw| format!(" via {gw}"));
            format!("{:?} {}{via}", dst.kind, dst.oif)
        }
    }
}

#[test]
fn lookups_find_what_the_kernel_finds() {
    let mut world = two();
    add(
        &mut world,
        &[
            "::/0 via fe80::9 dev 2",
            "prohibit fd09::/64",
            "throw fd0a::/64",
            "blackhole fd0b::/64",
            "fd06::/64 dev 1",
        ],
    );
    for (to, oif, want) in [
        ("fd00::5", 0, "Unicast 2"),
        ("fd00::1", 0, "Local 1"),
        ("2001:db8::1", 0, "Unicast 2 via fe80::9"),
        ("2001:db8::1", 3, "Enetunreach"),
        ("fe80::77", 0, "Unicast 2"),
        ("fe80::77", 3, "Unicast 3"),
        ("ff02::1", 3, "Multicast 3"),
        ("fd09::1", 0, "Eacces"),
        ("fd0a::1", 0, "Enetunreach"),
        ("fd0b::1", 0, "Einval"),
        ("fd06::1", 0, "Enetunreach"),
    ] {
        assert_eq!(way(&world, to, oif), want, "{to} by {oif}");
    }
}

#[test]
fn a_higher_preference_wins_among_routes_of_one_metric() {
    let mut world = two();
    add(&mut world, &["::/0 via fe80::8 dev 2"]);
    let mut high = config("::/0 via fe80::9 dev 3");
    high.pref = 1;
    high.addrconf = true;
    world
        .with(|fib, links| fib.v6.add(&high, NewFlags::PREPEND, links, SimTime::ZERO))
        .unwrap();
    assert_eq!(way(&world, "2001:db8::1", 0), "Unicast 3 via fe80::9");
}

#[test]
fn a_device_that_goes_down_takes_everything_but_living_siblings() {
    let mut world = two();
    world.with(|fib, links| {
        fib.v6
            .add_prefix(
                "fd22::/64".parse().unwrap(),
                3,
                0,
                None,
                links,
                SimTime::ZERO,
            )
            .unwrap();
    });
    add(
        &mut world,
        &["fd0c::/64 nexthop via fd00::9 nexthop via fd22::9"],
    );
    world.devices[1].up = false;
    world.with(|fib, _| fib.v6.device_down(2));
    assert_eq!(
        main_routes(&world),
        [
            "fd0c::/64 via fd00::9 dev 2 dead linkdown via fd22::9 dev 3 metric 1024",
            "fd22::/64 dev 3 metric 256",
            "fe80::/64 dev 3 metric 256",
        ]
    );
    world.with(|fib, _| fib.v6.device_down(3));
    assert!(main_routes(&world).is_empty());
}

#[test]
fn a_route_that_has_expired_is_not_found_and_goes_with_the_next_sweep() {
    let mut world = two();
    let mut short = config("fd0b::/64 dev 2");
    short.expires_s = Some(10);
    world
        .with(|fib, links| fib.v6.add(&short, NewFlags::ADD, links, SimTime::ZERO))
        .unwrap();
    let at = |s| SimTime::ZERO + std::time::Duration::from_secs(s);
    let found = |world: &World, now| {
        let (fib, facts) = world.split();
        fib.v6
            .output(&Flow6::to("fd0b::1".parse().unwrap()), &facts, now)
            .is_ok()
    };
    assert!(found(&world, at(9)) && !found(&world, at(10)));
    assert_eq!(world.fib.v6.next_timer(), Some(at(30)));
    world.fib.v6.handle_timer(at(30));
    assert_eq!(main_routes(&world).len(), 3);
    assert_eq!(world.fib.v6.next_timer(), None);
}
