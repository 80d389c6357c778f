//! Tables of what ARP packets make a namespace do.
//! Nothing here is built into the library.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::arp::{ArpConf, LocalFacts, Received, Verdict, process, solicit_source};
use super::*;
use crate::engine::Seed;
use crate::units::{IfIndex, MacAddr, SimTime};
use crate::wire::{Arp, Frame};

const OWN: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
const FAR: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);

fn ip(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, last)
}

/// A host with 10.0.0.1/24 on device 2 and 10.5.0.1/24 on device 3.
struct Host;

impl Host {
    fn device_of(addr: Ipv4Addr) -> Option<IfIndex> {
        match addr.octets() {
            [10, 0, 0, _] => Some(2),
            [10, 5, 0, _] => Some(3),
            _ => None,
        }
    }

    fn is_own(addr: Ipv4Addr) -> bool {
        addr == ip(1) || addr == Ipv4Addr::new(10, 5, 0, 1)
    }
}

impl LocalFacts for Host {
    fn addr_kind(&self, _ifindex: IfIndex, addr: Ipv4Addr) -> AddrKind {
        match addr {
            addr if Self::is_own(addr) => AddrKind::Local,
            addr if addr == ip(255) => AddrKind::Broadcast,
            _ => AddrKind::Unicast,
        }
    }

    fn route_input(
        &self,
        _ifindex: IfIndex,
        _source: Ipv4Addr,
        target: Ipv4Addr,
    ) -> Option<(AddrKind, IfIndex)> {
        if Self::is_own(target) {
            return Some((AddrKind::Local, 1));
        }
        Some((AddrKind::Unicast, Self::device_of(target)?))
    }

    fn route_output(&self, target: Ipv4Addr, _source: Ipv4Addr) -> Option<IfIndex> {
        Self::device_of(target)
    }

    fn confirm_addr(
        &self,
        ifindex: Option<IfIndex>,
        target: Ipv4Addr,
        local: Ipv4Addr,
        _scope: u8,
    ) -> bool {
        let here = |addr: Ipv4Addr| ifindex.is_none_or(|dev| Self::device_of(addr) == Some(dev));
        let own = local.is_unspecified() || (Self::is_own(local) && here(local));
        let near = target.is_unspecified() || here(target);
        own && near
    }

    fn are_onlink(&self, ifindex: IfIndex, target: Ipv4Addr, source: Ipv4Addr) -> bool {
        Self::device_of(target) == Some(ifindex) && Self::device_of(source) == Some(ifindex)
    }

    fn select_source(&self, ifindex: IfIndex, _target: Ipv4Addr) -> Ipv4Addr {
        match ifindex {
            2 => ip(1),
            _ => Ipv4Addr::new(10, 5, 0, 1),
        }
    }

    fn medium_id(&self, _ifindex: IfIndex) -> i64 {
        0
    }
}

type Table = NeighTable<Ipv4Addr, Frame>;

fn table() -> Table {
    let mut table = Table::new(Seed(0).stream("arp"));
    table.add_device(2, NeighDevice::ethernet(OWN));
    table
}

fn at(millis: u64) -> SimTime {
    SimTime::ZERO + Duration::from_millis(millis)
}

/// What becomes of a packet: the reply's sender and target, or a word.
fn hear(table: &mut Table, conf: &ArpConf, now: SimTime, arp: &Arp, to: MacAddr) -> String {
    let frame = arp.frame(arp.sender_mac, to);
    let received = Received {
        ifindex: 2,
        own_mac: OWN,
        frame: &frame,
        to_host: to == OWN,
        locally_enqueued: false,
    };
    match process(table, &Host, conf, now, &received, &mut Vec::new()) {
        Verdict::Reply(reply) => {
            let answer = Arp::parse(&reply.bytes()[14..]).expect("a reply is well formed");
            assert_eq!(reply.bytes()[..6], arp.sender_mac.0);
            assert_eq!((answer.is_request, answer.sender_mac), (false, OWN));
            format!("reply {} to {}", answer.sender_ip, answer.target_ip)
        }
        Verdict::Consumed => "consumed".to_owned(),
        Verdict::Delayed => "delayed".to_owned(),
        Verdict::Dropped(_) => "dropped".to_owned(),
    }
}

fn known(table: &Table, addr: Ipv4Addr) -> Option<(Nud, Option<MacAddr>)> {
    let info = table.get(at(0), 2, addr).ok()?;
    Some((info.state, info.lladdr))
}

fn question(sender: Ipv4Addr, target: Ipv4Addr) -> Arp {
    Arp::request(FAR, sender, target)
}

fn announcement(addr: Ipv4Addr, is_request: bool) -> Arp {
    Arp {
        is_request,
        sender_mac: FAR,
        sender_ip: addr,
        target_mac: if is_request { MacAddr::BROADCAST } else { FAR },
        target_ip: addr,
    }
}

#[test]
fn questions_are_answered_by_the_settings() {
    let other = Ipv4Addr::new(10, 5, 0, 1);
    let beyond = Ipv4Addr::new(10, 5, 0, 9);
    let plain = ArpConf::default();
    let ignore = |ignore| ArpConf { ignore, ..plain };
    let router = ArpConf {
        forwarding: true,
        ..plain
    };
    let proxy = ArpConf {
        proxy: true,
        ..router
    };
    let pvlan = ArpConf {
        proxy_pvlan: true,
        ..router
    };
    let filter = ArpConf {
        filter: true,
        ..plain
    };
    for (name, conf, sender, target, want) in [
        ("own", plain, ip(2), ip(1), "reply 10.0.0.1 to 10.0.0.2"),
        (
            "own, of another device",
            plain,
            ip(2),
            other,
            "reply 10.5.0.1 to 10.0.0.2",
        ),
        ("ignore 1", ignore(1), ip(2), other, "dropped"),
        (
            "ignore 1, own",
            ignore(1),
            ip(2),
            ip(1),
            "reply 10.0.0.1 to 10.0.0.2",
        ),
        (
            "ignore 2, from elsewhere",
            ignore(2),
            beyond,
            ip(1),
            "dropped",
        ),
        ("ignore 8", ignore(8), ip(2), ip(1), "dropped"),
        ("filter", filter, ip(2), ip(1), "reply 10.0.0.1 to 10.0.0.2"),
        (
            "filter, answer leaves elsewhere",
            filter,
            beyond,
            ip(1),
            "dropped",
        ),
        ("nobody's", plain, ip(2), ip(9), "consumed"),
        ("beyond", router, ip(2), beyond, "consumed"),
        (
            "proxy without forwarding",
            ArpConf {
                proxy: true,
                ..plain
            },
            ip(2),
            beyond,
            "consumed",
        ),
        ("proxy", proxy, ip(2), beyond, "delayed"),
        ("proxy, same device", proxy, ip(2), ip(9), "consumed"),
        (
            "proxy, no route",
            proxy,
            ip(2),
            Ipv4Addr::new(10, 77, 0, 1),
            "consumed",
        ),
        ("private vlan", pvlan, ip(2), ip(9), "delayed"),
        (
            "probe",
            plain,
            Ipv4Addr::UNSPECIFIED,
            ip(1),
            "reply 10.0.0.1 to 0.0.0.0",
        ),
        (
            "probe, free",
            plain,
            Ipv4Addr::UNSPECIFIED,
            ip(66),
            "consumed",
        ),
        (
            "group",
            plain,
            ip(2),
            Ipv4Addr::new(224, 0, 0, 1),
            "dropped",
        ),
        ("loopback", plain, ip(2), Ipv4Addr::LOCALHOST, "dropped"),
    ] {
        let arp = question(sender, target);
        let got = hear(&mut table(), &conf, at(0), &arp, MacAddr::BROADCAST);
        assert_eq!(got, want, "{name}");
    }
}

#[test]
fn only_who_asks_for_us_becomes_known() {
    let mut table = table();
    let conf = ArpConf::default();
    hear(
        &mut table,
        &conf,
        at(0),
        &question(ip(2), ip(1)),
        MacAddr::BROADCAST,
    );
    assert_eq!(known(&table, ip(2)), Some((Nud::Stale, Some(FAR))));
    hear(
        &mut table,
        &conf,
        at(0),
        &question(ip(3), ip(9)),
        MacAddr::BROADCAST,
    );
    assert_eq!(known(&table, ip(3)), None);
}

#[test]
fn a_delayed_answer_comes_within_proxy_delay() {
    let mut table = table();
    let conf = ArpConf {
        proxy: true,
        forwarding: true,
        ..ArpConf::default()
    };
    let arp = question(ip(2), Ipv4Addr::new(10, 5, 0, 9));
    assert_eq!(
        hear(&mut table, &conf, at(0), &arp, MacAddr::BROADCAST),
        "delayed"
    );
    let due = table.next_timer().expect("it waits");
    assert!(due <= at(800), "{due}");
    let mut out = Vec::new();
    table.handle_timers(due, &mut out);
    let [Action::ProxyRedo { ifindex, frame }] = &out[..] else {
        panic!("{out:?}")
    };
    let received = Received {
        ifindex: *ifindex,
        own_mac: OWN,
        frame,
        to_host: true,
        locally_enqueued: true,
    };
    let verdict = process(&mut table, &Host, &conf, due, &received, &mut Vec::new());
    assert!(matches!(verdict, Verdict::Reply(_)));
}

#[test]
fn announcements_make_entries_only_where_they_are_accepted() {
    let accept = |accept| ArpConf {
        accept,
        ..ArpConf::default()
    };
    let near = ip(35);
    let elsewhere = Ipv4Addr::new(10, 5, 0, 35);
    for (conf, addr, is_request, want) in [
        (accept(0), near, true, None),
        (accept(1), near, true, Some((Nud::Stale, Some(FAR)))),
        (accept(1), near, false, Some((Nud::Stale, Some(FAR)))),
        (accept(2), near, true, Some((Nud::Stale, Some(FAR)))),
        (accept(2), elsewhere, true, None),
    ] {
        let mut table = table();
        let arp = announcement(addr, is_request);
        hear(&mut table, &conf, at(0), &arp, MacAddr::BROADCAST);
        assert_eq!(known(&table, addr), want, "{conf:?} {addr} {is_request}");
    }
}

#[test]
fn an_announcement_moves_a_known_station_at_once_and_a_reply_after_the_locktime() {
    let mut table = table();
    let conf = ArpConf::default();
    let old = MacAddr([2, 0, 0, 0, 0, 9]);
    let stale = Update {
        lladdr: Some(old),
        state: Nud::Stale,
        flags: UpdateFlags::OVERRIDE,
    };
    table
        .learn(at(0), 2, ip(2), stale, &mut Vec::new())
        .expect("there is room");
    let reply = Arp {
        is_request: false,
        target_ip: ip(1),
        target_mac: OWN,
        ..announcement(ip(2), false)
    };
    hear(&mut table, &conf, at(500), &reply, OWN);
    assert_eq!(known(&table, ip(2)), Some((Nud::Stale, Some(old))));
    hear(
        &mut table,
        &conf,
        at(600),
        &announcement(ip(2), true),
        MacAddr::BROADCAST,
    );
    assert_eq!(known(&table, ip(2)), Some((Nud::Stale, Some(FAR))));
    hear(&mut table, &conf, at(2000), &reply, OWN);
    assert_eq!(known(&table, ip(2)), Some((Nud::Reachable, Some(FAR))));
}

#[test]
fn a_broadcast_reply_confirms_nothing() {
    let mut table = table();
    let mut out = Vec::new();
    let packet = Frame::new(&[0; 40]);
    table.resolve(at(0), 2, ip(2), AddrKind::Unicast, packet, &mut out);
    let reply = Arp {
        is_request: false,
        target_ip: ip(1),
        target_mac: OWN,
        ..announcement(ip(2), false)
    };
    hear(
        &mut table,
        &ArpConf::default(),
        at(1),
        &reply,
        MacAddr::BROADCAST,
    );
    assert_eq!(known(&table, ip(2)), Some((Nud::Stale, Some(FAR))));
}

#[test]
fn the_source_of_a_question_follows_arp_announce() {
    let other = Some(Ipv4Addr::new(10, 5, 0, 1));
    let source = |announce, source| {
        let conf = ArpConf {
            announce,
            ..ArpConf::default()
        };
        solicit_source(&Host, &conf, 2, ip(2), source)
    };
    assert_eq!(source(0, other), Ipv4Addr::new(10, 5, 0, 1));
    assert_eq!(
        source(0, Some(ip(77))),
        ip(1),
        "a forwarded packet's source is not ours"
    );
    assert_eq!(source(0, None), ip(1));
    assert_eq!(source(1, other), ip(1));
    assert_eq!(source(2, other), ip(1));
}
