//! IPv6 addresses of devices that come, change and go.
//! Packets between hosts are elsewhere.

use super::*;
use crate::kernel::netlink::AddrFlags;
use crate::netns::fib::DumpFilter;

const PERMANENT: u32 = AddrFlags::PERMANENT;
const LL_A: &str = "fe80::ff:fe00:a/64";

/// The routes of a namespace as text, without those of the loopback.
fn routes6(world: &mut World, netns: NetnsId) -> Vec<String> {
    let filter = DumpFilter {
        v6: Some(true),
        table: None,
    };
    let dump = world.route_dump(netns, filter).unwrap();
    dump.iter()
        .filter(|route| route.nexthops[0].oif != 1)
        .map(|route| {
            format!(
                "{:?} {} {}",
                route.kind,
                route.dst,
                route.metric.unwrap_or(0)
            )
        })
        .collect()
}

#[test]
fn after_three_seconds_both_ends_have_a_link_local_address() {
    let mut pair = Pair::up();
    pair.pass(1);
    let tentative = AddrFlags::TENTATIVE | PERMANENT;
    assert_eq!(
        addrs6(&mut pair.world, pair.left),
        [(LL_A.to_owned(), tentative)]
    );
    pair.pass(3000);
    assert_eq!(
        addrs6(&mut pair.world, pair.left),
        [(LL_A.to_owned(), PERMANENT)]
    );
    assert_eq!(
        routes6(&mut pair.world, pair.left),
        [
            "Unicast fe80::/64 256",
            "Local fe80::ff:fe00:a/128 0",
            "Multicast ff00::/8 256"
        ]
    );
}

#[test]
fn a_device_that_goes_down_loses_its_addresses_and_routes() {
    let mut pair = Pair::up();
    pair.add_addr(pair.left, VETH, "fd00::1/64");
    pair.pass(3000);
    assert_eq!(addrs6(&mut pair.world, pair.left).len(), 2);
    set(&mut pair.world, pair.left, VETH, |change| {
        change.up = Some(false)
    });
    assert_eq!(addrs6(&mut pair.world, pair.left), []);
    assert_eq!(routes6(&mut pair.world, pair.left), [""; 0]);
}

#[test]
fn ipv6_is_switched_off_and_on() {
    let mut pair = Pair::up();
    pair.pass(3000);
    let key = "net.ipv6.conf.va.disable_ipv6";
    pair.world.sysctl_write(pair.left, key, "1").unwrap();
    assert_eq!(addrs6(&mut pair.world, pair.left), []);
    pair.world.sysctl_write(pair.left, key, "0").unwrap();
    assert_eq!(addrs6(&mut pair.world, pair.left).len(), 1);
}

#[test]
fn an_mtu_below_1280_ends_ipv6_and_a_larger_one_brings_it_back() {
    let mut pair = Pair::up();
    pair.add_addr(pair.left, VETH, "fd00::1/64");
    pair.pass(3000);
    set(&mut pair.world, pair.left, VETH, |change| {
        change.mtu = Some(1279)
    });
    assert_eq!(addrs6(&mut pair.world, pair.left), []);
    set(&mut pair.world, pair.left, VETH, |change| {
        change.mtu = Some(1280)
    });
    pair.pass(3000);
    assert_eq!(
        addrs6(&mut pair.world, pair.left),
        [(LL_A.to_owned(), PERMANENT)]
    );
}

#[test]
fn the_loopback_has_its_address() {
    let mut pair = Pair::up();
    pair.set_up(pair.left, 1);
    let own = pair.world.addrs(pair.left);
    assert!(own.iter().any(|info| info.local.to_string() == "::1"));
}
