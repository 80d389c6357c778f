//! Networks, addresses, traffic, changes and faults as proptest draws and shrinks them.
//! What must hold of them is for the caller.
//!
//! Whatever is drawn makes sense as it stands, and so does all to which it shrinks: fewer parts, fewer steps, smaller
//! numbers and addresses, and the simpler kinds of each.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

use super::case::Case;
use super::fault::{Fault, FaultKind, Trouble};
use super::frame::{Body, RawFrame};
use super::network::{Network, OverlayNet, Part};
pub use super::request::{conversations, request, requests};
use super::step::{Refusal, Step};
use crate::units::MacAddr;

/// An IPv4 address that a host may have, private ones most of the time. It shrinks towards 10.0.0.1.
///
/// ```
/// use proptest::test_runner::TestRunner;
/// use vethlab::check::strategy::ipv4;
///
/// let mut runner = TestRunner::deterministic();
/// let held = runner.run(&ipv4(), |address| {
///     assert!(!address.is_multicast() && !address.is_unspecified() && !address.is_broadcast());
///     Ok(())
/// });
/// assert!(held.is_ok());
/// ```
pub fn ipv4() -> impl Strategy<Value = Ipv4Addr> {
    let private = (0..4_u8, 0..4_u8, 1..255_u8).prop_map(|(a, b, c)| Ipv4Addr::new(10, a, b, c));
    let any = (1..224_u8, any::<u8>(), any::<u8>(), 1..255_u8);
    let any = any.prop_filter_map("loopback", |(a, b, c, d)| {
        (a != 127).then(|| Ipv4Addr::new(a, b, c, d))
    });
    prop_oneof![4 => private, 1 => any]
}

/// An IPv6 address that a host may have, unique local ones most of the time. It shrinks towards fd00::1.
pub fn ipv6() -> impl Strategy<Value = Ipv6Addr> {
    let local = (0..4_u16, 1..=u16::MAX)
        .prop_map(|(net, host)| Ipv6Addr::new(0xfd00, net, 0, 0, 0, 0, 0, host));
    let global = (any::<u32>(), 1..=u64::MAX).prop_map(|(net, host)| {
        let prefix = 0x2000_u128 << 112 | u128::from(net) << 80;
        Ipv6Addr::from(prefix | u128::from(host))
    });
    prop_oneof![4 => local, 1 => global]
}

/// An address of either family.
pub fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![ipv4().prop_map(IpAddr::V4), ipv6().prop_map(IpAddr::V6)]
}

/// A prefix without host bits: of IPv4, from /8 to /32. It shrinks towards 10.0.0.0/8.
pub fn prefix_v4() -> impl Strategy<Value = Ipv4Net> {
    (ipv4(), 8..=32_u8).prop_map(|(address, len)| {
        let net = Ipv4Net::new(address, len).expect("32 at most");
        net.trunc()
    })
}

/// A prefix without host bits: of IPv6, from /16 to /128. It shrinks towards fd00::/16.
pub fn prefix_v6() -> impl Strategy<Value = Ipv6Net> {
    (ipv6(), 16..=128_u8).prop_map(|(address, len)| {
        let net = Ipv6Net::new(address, len).expect("128 at most");
        net.trunc()
    })
}

/// A prefix of either family.
///
/// ```
/// use proptest::test_runner::TestRunner;
/// use vethlab::check::strategy::prefix;
/// use vethlab::kernel::World;
/// use vethlab::tool::Shell;
///
/// // "A route that was added is found again by its prefix."
/// let held = TestRunner::deterministic().run(&prefix(), |prefix| {
///     let mut world = World::new(0);
///     let mut shell = Shell::new(&mut world);
///     assert_eq!(shell.run(&format!("ip route add blackhole {prefix}")).status, 0);
///     assert_eq!(shell.run(&format!("ip route del blackhole {prefix}")).status, 0);
///     Ok(())
/// });
/// assert_eq!(held, Ok(()));
/// ```
pub fn prefix() -> impl Strategy<Value = IpNet> {
    prop_oneof![
        prefix_v4().prop_map(IpNet::V4),
        prefix_v6().prop_map(IpNet::V6)
    ]
}

/// A station address that a device may have: locally administered, unicast. It shrinks towards 02:00:00:00:00:00.
pub fn mac() -> impl Strategy<Value = MacAddr> {
    any::<[u8; 5]>().prop_map(|[a, b, c, d, e]| MacAddr([2, a, b, c, d, e]))
}

/// Networks of at most `parts` parts beside the first bridge.
///
/// They shrink by leaving parts out and by lower numbers, and are networks at every step.
pub fn networks(parts: usize) -> impl Strategy<Value = Network> {
    vec(part(), 0..=parts).prop_map(|parts| Network::new(&parts))
}

/// One part: stations are the most frequent. To test a kind of network only, draw lists of parts of your own.
pub fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        4 => (0..4_u8).prop_map(|on| Part::Station { on }),
        2 => (0..3_u8).prop_map(|host| Part::Bridge { host }),
        1 => (0..4_u8, 0..4_u8).prop_map(|(a, b)| Part::Trunk { a, b }),
        1 => (0..4_u8, 0..4_u8).prop_map(|(a, b)| Part::Router { a, b }),
        2 => (0..4_u8, overlay_net()).prop_map(|(on, net)| Part::Overlay { on, net }),
        1 => Just(Part::Host),
        1 => (0..3_u8).prop_map(|host| Part::DockerNet { host }),
        2 => (0..3_u8).prop_map(|on| Part::Container { on }),
    ]
}

fn overlay_net() -> impl Strategy<Value = OverlayNet> {
    prop_oneof![
        (0..3_u8).prop_map(OverlayNet::Vxlan),
        (0..3_u8).prop_map(OverlayNet::Vlan),
    ]
}

/// Cases of at most so many parts and steps.
pub fn cases(parts: usize, steps: usize) -> impl Strategy<Value = Case> {
    let parts = vec(part(), 0..=parts);
    let steps = vec(step(), 0..=steps);
    (parts, steps).prop_map(|(parts, steps)| Case { parts, steps })
}

/// One step: traffic most of the time.
pub fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        4 => traffic(),
        1 => (1..700_u16).prop_map(Step::Wait),
        3 => fault().prop_map(Step::Fault),
        1 => (index(), any::<bool>()).prop_map(|(which, blocked)| Step::Blocked(which, blocked)),
        1 => (index(), 600..1500_u16).prop_map(|(which, mtu)| Step::Mtu(which, mtu)),
        1 => index().prop_map(Step::Delete),
        2 => (index(), refusal()).prop_map(|(which, refusal)| Step::Refused(which, refusal)),
    ]
}

/// One step that sends something, and changes nothing.
pub fn traffic() -> impl Strategy<Value = Step> {
    let both = || (any::<Index>(), any::<Index>());
    let ttl = prop_oneof![4 => Just(64_u8), 1 => 1..5_u8];
    prop_oneof![
        4 => (both(), 0..2000_u16, ttl)
            .prop_map(|((from, to), size, ttl)| Step::Ping { from, to, size, ttl }),
        1 => (both(), 28..1600_u16).prop_map(|((from, to), size)| Step::Trace(from, to, size)),
        1 => both().prop_map(|(from, to)| Step::Ask(from, to)),
        1 => both().prop_map(|(from, to)| Step::Connect(from, to)),
        1 => both().prop_map(|(from, to)| Step::Fetch(from, to)),
        2 => (any::<Index>(), raw_frame()).prop_map(|(from, frame)| Step::Raw(from, frame)),
    ]
}

/// A raw frame: one that is as it should be, or one with bits turned over, cut off, or with impossible addresses.
pub fn raw_frame() -> impl Strategy<Value = RawFrame> {
    let to = prop_oneof![
        3 => Just(MacAddr([0xff; 6])),
        1 => (0..4_u8).prop_map(|last| MacAddr([2, 0, 0, 0, 0, last])),
        1 => (1..4_u8).prop_map(|last| MacAddr([1, 0, 0x5e, 0, 0, last])),
        1 => (0..15_u8).prop_map(|last| MacAddr([1, 0x80, 0xc2, 0, 0, last])),
    ];
    let from = prop_oneof![
        6 => (0..4_u8).prop_map(|last| MacAddr([2, 0, 0, 0, 0, last])),
        1 => Just(MacAddr([0; 6])),
        1 => Just(MacAddr([0xff; 6])),
    ];
    let flips = prop_oneof![2 => Just(Vec::new()), 1 => vec((14..80_u16, 0..8_u8), 1..4)];
    let cut = prop_oneof![3 => Just(None), 1 => (0..40_u16).prop_map(Some)];
    (
        to,
        from,
        option::weighted(0.2, 1..13_u16),
        body(),
        flips,
        cut,
    )
        .prop_map(|(to, from, vlan, body, flips, cut)| RawFrame {
            to,
            from,
            vlan,
            body,
            flips,
            cut,
        })
}

fn body() -> impl Strategy<Value = Body> {
    // Addresses as networks have them, so that some frames are for somebody.
    let near = || (0..3_u8, 1..5_u8).prop_map(|(net, host)| Ipv4Addr::new(10, 0, net, host));
    prop_oneof![
        (1..4_u16, near(), near())
            .prop_map(|(operation, asks, asked)| Body::Arp(operation, asks, asked)),
        (
            near(),
            prop_oneof![4 => near().boxed(), 1 => ipv4().boxed()],
            0..4_u8,
            0..3_u16,
            0..100_u8
        )
            .prop_map(|(from, to, ttl, port, len)| Body::Udp {
                from,
                to,
                ttl,
                port,
                len
            }),
        (any::<u16>(), vec(any::<u8>(), 0..60)).prop_map(|(kind, rest)| Body::Other(kind, rest)),
    ]
}

fn refusal() -> impl Strategy<Value = Refusal> {
    prop_oneof![
        Just(Refusal::Mtu),
        Just(Refusal::BridgeUnderBridge),
        Just(Refusal::NameTaken),
        Just(Refusal::NoMaster),
        Just(Refusal::GatewayNowhere),
        Just(Refusal::GroupEntry),
    ]
}

/// A fault: a cable that is cut or mended, a bad cable, a restart; at an instant within ten minutes of the one before.
pub fn fault() -> impl Strategy<Value = Fault> {
    let kind = prop_oneof![
        2 => Just(FaultKind::Cut),
        2 => Just(FaultKind::Mend),
        2 => trouble().prop_map(FaultKind::Bad),
        1 => Just(FaultKind::Restart),
    ];
    let after = prop_oneof![2 => Just(0_u64), 1 => 0..600_000_u64];
    (any::<Index>(), kind, after).prop_map(|(which, kind, after)| Fault {
        which,
        kind,
        after: Duration::from_millis(after),
    })
}

/// What is bad about a cable. No more than a fifth of the frames is lost, so that the spanning tree stands.
fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        Just(Trouble::None),
        (1..300_u16).prop_map(Trouble::Delay),
        (1..=100_u8).prop_map(Trouble::Duplicate),
        (1..=100_u8).prop_map(Trouble::Reorder),
        (1..=20_u8).prop_map(Trouble::Loss),
    ]
}

/// At most `most` faults, one after another.
pub fn faults(most: usize) -> impl Strategy<Value = Vec<Fault>> {
    vec(fault(), 0..=most)
}
