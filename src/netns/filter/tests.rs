use std::time::Duration;

use super::conntrack::{Conntrack, Info, Seen};
use super::packet::{Parts, Side};
use super::rule::{Family, NatTo, Range};
use super::*;
use crate::engine::Seed;
use crate::netns::sysctl::Sysctls;
use crate::units::SimTime;
use crate::wire::Frame;
use crate::wire::ipv4::{Ipv4Header, check};

fn udp(src: [u8; 4], sport: u16, dst: [u8; 4], dport: u16) -> Frame {
    let mut bytes = [0; 12];
    bytes[..2].copy_from_slice(&sport.to_be_bytes());
    bytes[2..4].copy_from_slice(&dport.to_be_bytes());
    bytes[5] = 12;
    let mut frame = Frame::new(&bytes);
    let header = Ipv4Header {
        src: src.into(),
        dst: dst.into(),
        protocol: 17,
        ttl: 64,
        tos: 0,
        id: 1,
        dont_fragment: false,
        router_alert: false,
    };
    header.push(&mut frame);
    frame
}

fn see(table: &mut Conntrack, now: SimTime, frame: &Frame) -> Seen {
    let parts = Parts::of(frame.bytes()).unwrap();
    table.see(now, frame.bytes(), &parts, &Sysctls::default())
}

#[test]
fn an_answer_establishes_a_connection_that_then_times_out() {
    let mut table = Conntrack::default();
    let start = SimTime::from_nanos(1_000_000_000);
    let ask = udp([10, 0, 0, 1], 1000, [10, 0, 0, 2], 53);
    let answer = udp([10, 0, 0, 2], 53, [10, 0, 0, 1], 1000);
    let Seen::Of(id, Info::New) = see(&mut table, start, &ask) else {
        panic!("a first packet is new");
    };
    assert!(table.confirm(id));
    assert_eq!(
        see(&mut table, start, &answer),
        Seen::Of(id, Info::EstablishedReply)
    );
    assert_eq!(
        see(&mut table, start, &ask),
        Seen::Of(id, Info::Established)
    );
    assert!(matches!(
        see(&mut table, start + Duration::from_secs(31), &ask),
        Seen::Of(other, Info::New) if other != id
    ));
}

#[test]
fn a_full_table_takes_no_more_connections_that_are_assured() {
    let mut table = Conntrack::default();
    let mut sysctls = Sysctls::default();
    sysctls
        .assign("net.netfilter.nf_conntrack_max", "1")
        .unwrap();
    let now = SimTime::from_nanos(1);
    let mut last = None;
    for port in [1, 2, 3] {
        let frame = udp([10, 0, 0, 1], port, [10, 0, 0, 2], 53);
        let parts = Parts::of(frame.bytes()).unwrap();
        match table.see(now, frame.bytes(), &parts, &sysctls) {
            Seen::Of(id, Info::New) => {
                assert!(table.confirm(id));
                if let Some(entry) = table.entry_mut(id) {
                    entry.status.assured = port == 2;
                }
                last = Some(port);
            }
            seen => assert_eq!((port, seen), (3, Seen::Full)),
        }
        assert_eq!(table.count(now), 1);
    }
    assert_eq!(
        last,
        Some(2),
        "the second made room for itself, the third found none"
    );
}

#[test]
fn a_port_that_is_taken_becomes_another_and_sums_stay_right() {
    let mut table = Conntrack::default();
    let mut nat = nat::Nat::default();
    let mut random = Seed(7).stream("test");
    let now = SimTime::from_nanos(1);
    let outside = super::rule::number(std::net::Ipv4Addr::new(192, 0, 2, 1).into());
    let to = NatTo {
        addrs: Some((outside, outside)),
        ..NatTo::default()
    };
    let mut ports = Vec::new();
    for client in [1, 2] {
        let mut frame = udp([10, 0, 0, client], 4000, [203, 0, 113, 9], 53);
        let Seen::Of(id, info) = see(&mut table, now, &frame) else {
            panic!("a connection");
        };
        nat.setup(&mut table, id, Side::Source, Some(&to), &mut random);
        let entry = table.entry(id).unwrap();
        assert!(nat::translate(entry, info, Hook::PostRouting, &mut frame));
        assert!(table.confirm(id));
        assert_eq!(check(&mut frame), Ok(()));
        let parts = Parts::of(frame.bytes()).unwrap();
        assert_eq!(parts.family.addr(parts.src).to_string(), "192.0.2.1");
        ports.push(parts.ports(frame.bytes()).unwrap().0);
    }
    assert_eq!(ports[0], 4000);
    assert!(ports[1] >= 1024 && ports[1] != 4000, "{ports:?}");
}

#[test]
fn a_range_of_ports_is_taken_from_its_start_for_destinations() {
    let mut table = Conntrack::default();
    let mut nat = nat::Nat::default();
    let mut random = Seed(7).stream("test");
    let inside = super::rule::number(std::net::Ipv4Addr::new(10, 0, 0, 9).into());
    let to = NatTo {
        addrs: Some((inside, inside)),
        ports: Some(Range {
            first: 80,
            last: 90,
        }),
        ..NatTo::default()
    };
    let frame = udp([10, 0, 0, 1], 4000, [192, 0, 2, 1], 8080);
    let Seen::Of(id, _) = see(&mut table, SimTime::ZERO, &frame) else {
        panic!("a connection");
    };
    nat.setup(&mut table, id, Side::Destination, Some(&to), &mut random);
    let entry = table.entry(id).unwrap();
    assert_eq!((entry.reply.src, entry.reply.sport), (inside, 80));
    assert_eq!(entry.original.family, Family::V4);
}

#[test]
fn nothing_stands_at_a_hook_without_rules() {
    let mut filter = Filter::new(Seed(1).stream("test"));
    assert!(!filter.is_at(Family::V4, Hook::Input));
    filter
        .tables_mut(Family::V4)
        .change(
            tables::TableName::Filter,
            tables::Change::NewChain("X".to_owned()),
        )
        .unwrap();
    filter.settle();
    assert!(filter.is_at(Family::V4, Hook::Input));
    assert!(!filter.is_at(Family::V4, Hook::PreRouting));
    assert!(!filter.is_at(Family::V6, Hook::Input));
    assert!(!filter.follows(Family::V4), "nobody asks for connections");
}
