//! Tables of (now, in, actions) of one IPv6 device.
//! Nothing here is built into the library.

use std::net::Ipv6Addr;
use std::time::Duration;

use proptest::prelude::*;

use super::in6::{
    IFA_F_DADFAILED, IFA_F_DEPRECATED, IFA_F_NODAD, IFA_F_PERMANENT, IFA_F_TENTATIVE,
};
use super::ndisc::{Facts, Parts, Received, Verdict, receive};
use super::*;
use crate::engine::Seed;
use crate::netns::conf::Settings6;
use crate::netns::neigh::{NeighDevice, NeighTable, Nud};
use crate::wire::{NdBody, NdMessage, NdPrefix, solicited_node};

const OWN: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
const FAR: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);

fn addr(text: &str) -> Ipv6Addr {
    text.parse().unwrap()
}

fn at(millis: u64) -> SimTime {
    SimTime::ZERO + Duration::from_millis(millis)
}

/// A device with its settings, its neighbours, and what it wanted when.
struct Bench {
    all: Settings6,
    dev: Settings6,
    device: Inet6Device,
    table: NeighTable<Ipv6Addr, Frame>,
    done: Vec<(SimTime, Action)>,
    now: SimTime,
    oper_up: bool,
}

impl Bench {
    fn new(change: impl FnOnce(&mut Settings6)) -> Self {
        let all = Settings6::default();
        let mut dev = Settings6::default();
        change(&mut dev);
        let mut out = Vec::new();
        let link = Link {
            up: false,
            oper_up: false,
            ..Link::ethernet(2, OWN, &all, &dev)
        };
        let device = Inet6Device::register(at(0), &link, Seed(3).stream("v6"), &mut out);
        let mut table = NeighTable::new(Seed(3).stream("nd"));
        table.add_device(2, NeighDevice::ethernet(OWN));
        Self {
            all,
            dev,
            device,
            table,
            done: out.into_iter().map(|action| (at(0), action)).collect(),
            now: at(0),
            oper_up: true,
        }
    }

    fn up(change: impl FnOnce(&mut Settings6)) -> Self {
        let mut bench = Self::new(change);
        bench.with(|device, now, link, out| device.link_up(now, link, out));
        bench
    }

    fn with<R>(
        &mut self,
        f: impl FnOnce(&mut Inet6Device, SimTime, &Link<'_>, &mut Vec<Action>) -> R,
    ) -> R {
        let link = Link {
            oper_up: self.oper_up,
            ..Link::ethernet(2, OWN, &self.all, &self.dev)
        };
        let mut out = Vec::new();
        let result = f(&mut self.device, self.now, &link, &mut out);
        let now = self.now;
        self.done
            .extend(out.into_iter().map(|action| (now, action)));
        result
    }

    fn run(&mut self, until: SimTime) {
        let mut rounds = 0;
        while let Some(next) = self.device.next_timer().filter(|next| *next <= until) {
            self.now = next.max(self.now);
            self.with(|device, now, link, out| device.handle_timers(now, link, out));
            rounds += 1;
            assert!(rounds < 50_000, "the timers make no progress at {next}");
        }
        self.now = until;
    }

    fn add(&mut self, text: &str, flags: u32) -> Result<(), AddressError> {
        let request = AddressRequest {
            addr: addr(text),
            prefix_len: 64,
            peer: None,
            flags,
            valid: None,
            preferred: None,
            metric: 0,
            proto: 0,
            replace: false,
            exclusive: true,
        };
        self.with(|device, now, link, out| device.add_address(now, link, &request, out))
    }

    fn hear(&mut self, source: &str, target: Ipv6Addr, message: &NdMessage) -> Verdict {
        let packet = message.packet(addr(source), target);
        let link = Link::ethernet(2, OWN, &self.all, &self.dev);
        let (mut out, mut neigh_out) = (Vec::new(), Vec::new());
        let received = Received {
            packet: &packet,
            source: addr(source),
            target,
            message: &packet.bytes()[40..],
            to_host: !target.is_multicast(),
            locally_enqueued: false,
        };
        let mut parts = Parts {
            device: &mut self.device,
            link: &link,
            table: &mut self.table,
            out: &mut out,
            neigh_out: &mut neigh_out,
        };
        let verdict = receive(self.now, &received, &Facts::default(), &mut parts);
        let now = self.now;
        self.done
            .extend(out.into_iter().map(|action| (now, action)));
        verdict
    }

    fn flags(&self, text: &str) -> Option<u32> {
        let mut all = self.device.addresses().iter();
        all.find(|ifa| ifa.addr == addr(text)).map(|ifa| ifa.flags)
    }

    /// What was sent since the last call: time, kind, source.
    fn sent(&mut self) -> Vec<(u64, String, Ipv6Addr)> {
        let done = std::mem::take(&mut self.done);
        let packets = done.into_iter().filter_map(|(when, action)| match action {
            Action::Output { packet, .. } => Some((when, packet)),
            _ => None,
        });
        packets
            .map(|(when, packet)| {
                let bytes = packet.bytes();
                let source: [u8; 16] = bytes[8..24].try_into().unwrap();
                let kind = match bytes[6] {
                    0 => format!("mld {}", bytes[55]),
                    _ => format!("nd {}", bytes[40]),
                };
                (when.as_millis(), kind, source.into())
            })
            .collect()
    }

    fn groups(&self) -> Vec<(String, u32)> {
        let groups = self.device.groups();
        groups
            .map(|(group, users)| (group.to_string(), users))
            .collect()
    }
}

fn solicitation(target: &str) -> NdMessage {
    NdMessage::new(NdBody::NeighbourSolicitation {
        target: addr(target),
    })
}

#[test]
fn a_device_that_comes_up_sends_what_the_kernel_sends() {
    let mut bench = Bench::up(|_| {});
    bench.run(at(17_000));
    let sent = bench.sent();
    let own = addr("fe80::ff:fe00:1");
    let none = Ipv6Addr::UNSPECIFIED;
    let probe_at = sent.iter().find(|(_, kind, _)| kind == "nd 135").unwrap().0;
    assert!(probe_at < 1000);
    let reports: Vec<_> = sent.iter().filter(|(_, kind, _)| kind == "mld 1").collect();
    assert_eq!(reports[0].0, 8);
    assert!(reports[1].0 < 1016 && reports[1].2 == none || reports[1].2 == own);
    let ready: Vec<_> = sent
        .iter()
        .filter(|(at, ..)| *at == probe_at + 1000)
        .collect();
    assert_eq!(ready[0], &(probe_at + 1000, "mld 1".to_owned(), own));
    assert_eq!(ready[1], &(probe_at + 1000, "nd 133".to_owned(), own));
    let asked: Vec<_> = sent
        .iter()
        .filter(|(_, kind, _)| kind == "nd 133")
        .collect();
    assert_eq!(reports.len(), 4);
    assert_eq!(asked.len(), 3);
    let wait = asked[1].0 - asked[0].0;
    assert!((3600..=4400).contains(&wait), "{wait}");
    let longer = asked[2].0 - asked[1].0;
    assert!(
        longer >= wait * 19 / 10 - 1 && longer <= wait * 21 / 10 + 1,
        "{wait} {longer}"
    );
}

#[test]
fn groups_are_listed_as_ip_maddr_lists_them() {
    let mut bench = Bench::up(|dev| dev.assign(Conf6::Forwarding, 1));
    bench.with(|device, now, link, out| device.forwarding_changed(now, link, out));
    bench.run(at(4000));
    bench.add("fd00::1", IFA_F_NODAD).unwrap();
    let groups = bench.groups();
    let names: Vec<_> = groups
        .iter()
        .map(|(name, users)| format!("{name} {users}"))
        .collect();
    assert_eq!(
        names,
        [
            "ff02::1:ff00:0 2",
            "ff05::2 1",
            "ff01::2 1",
            "ff02::1:ff00:1 2",
            "ff02::2 2",
            "ff02::1 1",
            "ff01::1 1",
        ]
    );
}

#[test]
fn an_address_that_is_added_makes_all_groups_be_reported_twice() {
    let mut bench = Bench::up(|_| {});
    bench.run(at(20_000));
    bench.sent();
    bench.add("fd00::7", 0).unwrap();
    assert_eq!(
        bench.flags("fd00::7"),
        Some(IFA_F_TENTATIVE | IFA_F_PERMANENT)
    );
    bench.run(at(24_000));
    let sent = bench.sent();
    let reports: Vec<_> = sent.iter().filter(|(_, kind, _)| kind == "mld 2").collect();
    assert_eq!(reports.len(), 2, "{sent:?}");
    assert_eq!(bench.flags("fd00::7"), Some(IFA_F_PERMANENT));
    let gone = bench
        .with(|device, now, link, out| device.delete_address(now, link, addr("fd00::7"), 64, out));
    assert_eq!(gone, Ok(()));
    bench.run(at(30_000));
    let sent = bench.sent();
    let reports: Vec<_> = sent.iter().filter(|(_, kind, _)| kind == "mld 1").collect();
    assert_eq!(reports.len(), 2, "{sent:?}");
}

#[test]
fn a_second_owner_makes_the_probe_fail() {
    let mut bench = Bench::up(|_| {});
    bench.run(at(3000));
    bench.add("fd00::9", 0).unwrap();
    let answer = NdMessage::new(NdBody::NeighbourAdvertisement {
        router: false,
        solicited: false,
        over: true,
        target: addr("fd00::9"),
    });
    bench.hear("fd00::9", mld::ALL_NODES, &answer);
    bench.run(at(6000));
    let expected = IFA_F_TENTATIVE | IFA_F_PERMANENT | IFA_F_DADFAILED;
    assert_eq!(bench.flags("fd00::9"), Some(expected));
    assert!(!bench.device.is_own(addr("fd00::9")));
}

#[test]
fn two_hosts_that_probe_at_once_both_fail_but_an_echo_does_not() {
    let mut bench = Bench::up(|_| {});
    let target = "fe80::ff:fe00:1";
    let nonce = bench.device.addresses()[0].nonce;
    let mut message = solicitation(target);
    message.options.nonce = nonce;
    let group = solicited_node(addr(target));
    bench.hear("::", group, &message);
    assert_eq!(bench.device.addresses()[0].state, in6::DadState::Running);
    message.options.nonce = Some([9; 6]);
    bench.hear("::", group, &message);
    bench.run(at(10));
    assert!(bench.flags(target).unwrap() & IFA_F_DADFAILED != 0);
}

#[test]
fn strict_dad_switches_ipv6_off_when_the_station_address_is_taken() {
    let mut bench = Bench::up(|dev| dev.assign(Conf6::AcceptDad, 2));
    let target = "fe80::ff:fe00:1";
    let group = solicited_node(addr(target));
    bench.hear("::", group, &solicitation(target));
    bench.run(at(10));
    assert!(
        bench
            .done
            .iter()
            .any(|(_, action)| *action == Action::Disable)
    );
    assert!(bench.device.addresses().is_empty());
}

#[test]
fn a_question_is_answered_to_the_asker_who_is_stale_then() {
    let mut bench = Bench::up(|_| {});
    bench.add("fd00::1", IFA_F_NODAD).unwrap();
    bench.run(at(3000));
    bench.sent();
    let mut message = solicitation("fd00::1");
    message.options.source_lladdr = Some(FAR);
    let group = solicited_node(addr("fd00::1"));
    assert_eq!(bench.hear("fd00::2", group, &message), Verdict::Consumed);
    let known = bench.table.get(at(3000), 2, addr("fd00::2")).unwrap();
    assert_eq!((known.state, known.lladdr), (Nud::Stale, Some(FAR)));
    let (_, action) = bench.done.last().unwrap().clone();
    let Action::Output { packet, next_hop } = action else {
        panic!("{action:?}")
    };
    assert_eq!(next_hop, addr("fd00::2"));
    let answer = NdMessage::parse(&packet.bytes()[40..]).unwrap();
    let expected = NdBody::NeighbourAdvertisement {
        router: false,
        solicited: true,
        over: true,
        target: addr("fd00::1"),
    };
    assert_eq!(
        (answer.body, answer.options.target_lladdr),
        (expected, Some(OWN))
    );
}

#[test]
fn a_unicast_question_is_answered_without_override_and_station() {
    let mut bench = Bench::up(|_| {});
    bench.add("fd00::1", IFA_F_NODAD).unwrap();
    bench.run(at(3000));
    let mut message = solicitation("fd00::1");
    message.options.source_lladdr = Some(FAR);
    bench.hear("fe80::2", addr("fd00::1"), &message);
    let (_, Action::Output { packet, .. }) = bench.done.last().unwrap().clone() else {
        panic!("nothing was sent")
    };
    assert_eq!(packet.len(), 64);
}

#[test]
fn a_probe_for_our_address_is_answered_to_all_nodes() {
    let mut bench = Bench::up(|_| {});
    bench.add("fd00::1", IFA_F_NODAD).unwrap();
    bench.run(at(3000));
    let group = solicited_node(addr("fd00::1"));
    bench.hear("::", group, &solicitation("fd00::1"));
    let (_, Action::Output { next_hop, .. }) = bench.done.last().unwrap().clone() else {
        panic!("nothing was sent")
    };
    assert_eq!(next_hop, mld::ALL_NODES);
    bench.sent();
    assert!(matches!(
        bench.hear("::", group, &solicitation("fd00::5")),
        Verdict::Dropped(_)
    ));
    assert!(bench.sent().is_empty());
}

#[test]
fn an_answer_tells_whether_the_neighbour_is_a_router() {
    let mut bench = Bench::up(|_| {});
    bench.run(at(3000));
    let mut out = Vec::new();
    let packet = Frame::new(&[0; 60]);
    let kind = crate::netns::neigh::AddrKind::Unicast;
    bench
        .table
        .resolve(at(3000), 2, addr("fd00::2"), kind, packet, &mut out);
    let mut answer = NdMessage::new(NdBody::NeighbourAdvertisement {
        router: true,
        solicited: true,
        over: true,
        target: addr("fd00::2"),
    });
    answer.options.target_lladdr = Some(FAR);
    bench.hear("fd00::2", addr("fe80::ff:fe00:1"), &answer);
    let known = bench.table.get(at(3000), 2, addr("fd00::2")).unwrap();
    assert_eq!(known.state, Nud::Reachable);
    assert!(known.flags.has(crate::netns::neigh::NeighFlags::ROUTER));
    answer.body = NdBody::NeighbourAdvertisement {
        router: false,
        solicited: true,
        over: true,
        target: addr("fd00::2"),
    };
    let verdict = bench.hear("fd00::2", addr("fe80::ff:fe00:1"), &answer);
    assert_eq!(verdict, Verdict::NotARouter(addr("fd00::2")));
}

#[test]
fn addresses_are_refused_with_the_kernels_words() {
    let mut bench = Bench::up(|_| {});
    bench.add("fd00::1", IFA_F_NODAD).unwrap();
    assert_eq!(bench.add("fd00::1", 0), Err(AddressError::Exists));
    assert_eq!(AddressError::Exists.to_string(), "address already assigned");
    assert_eq!(bench.add("::", 0), Err(AddressError::Unspecified));
    assert_eq!(bench.add("ff02::5", 0), Err(AddressError::Multicast));
    assert_eq!(bench.add("::1", 0), Err(AddressError::Loopback));
    bench.dev.assign(Conf6::DisableIpv6, 1);
    let refused = bench.add("fd00::5", 0).unwrap_err();
    assert_eq!(refused.to_string(), "IPv6 is disabled on this device");
    let missing = bench
        .with(|device, now, link, out| device.delete_address(now, link, addr("fd00::1"), 128, out));
    assert_eq!(missing, Err(AddressError::NotFound));
}

#[test]
fn lifetimes_deprecate_and_remove() {
    let mut bench = Bench::up(|_| {});
    let request = AddressRequest {
        addr: addr("fd01::1"),
        prefix_len: 64,
        peer: None,
        flags: IFA_F_NODAD,
        valid: Some(Duration::from_secs(2)),
        preferred: Some(Duration::from_secs(1)),
        metric: 0,
        proto: 0,
        replace: false,
        exclusive: true,
    };
    let added = bench.with(|device, now, link, out| device.add_address(now, link, &request, out));
    assert_eq!(added, Ok(()));
    let ifa = bench.device.addresses()[0].clone();
    assert_eq!(
        (ifa.valid_s(at(0)), ifa.preferred_s(at(0))),
        (Some(2), Some(1))
    );
    bench.run(at(1000));
    assert!(bench.flags("fd01::1").unwrap() & IFA_F_DEPRECATED != 0);
    bench.run(at(2000));
    assert_eq!(bench.flags("fd01::1"), None);
}

#[test]
fn down_takes_all_addresses_unless_they_are_to_be_kept() {
    let mut bench = Bench::up(|_| {});
    bench.add("fd00::1", IFA_F_NODAD).unwrap();
    bench.run(at(3000));
    bench.with(|device, now, link, out| device.link_down(now, link, out));
    assert!(bench.device.addresses().is_empty());
    assert_eq!(
        bench.groups(),
        [("ff02::1".to_owned(), 1), ("ff01::1".to_owned(), 1)]
    );

    let mut bench = Bench::up(|dev| dev.assign(Conf6::KeepAddrOnDown, 1));
    bench.add("fd00::1", 0).unwrap();
    bench.run(at(3000));
    bench.with(|device, now, link, out| device.link_down(now, link, out));
    assert_eq!(
        bench.flags("fd00::1"),
        Some(IFA_F_PERMANENT | IFA_F_TENTATIVE)
    );
    bench.with(|device, now, link, out| device.link_up(now, link, out));
    bench.run(at(6000));
    assert_eq!(bench.flags("fd00::1"), Some(IFA_F_PERMANENT));
    assert_eq!(bench.device.addresses().len(), 2);
}

#[test]
fn an_address_of_a_device_without_carrier_waits_tentative() {
    let mut bench = Bench::new(|_| {});
    bench.oper_up = false;
    bench.add("fd00::9", 0).unwrap();
    bench.with(|device, now, link, out| device.link_up(now, link, out));
    bench.run(at(5000));
    assert_eq!(
        bench.flags("fd00::9"),
        Some(IFA_F_PERMANENT | IFA_F_TENTATIVE)
    );
    bench.oper_up = true;
    bench.with(|device, now, link, out| device.link_changed(now, link, out));
    bench.run(at(8000));
    assert_eq!(bench.flags("fd00::9"), Some(IFA_F_PERMANENT));
}

#[test]
fn a_router_gives_an_address_a_route_and_settings() {
    let mut bench = Bench::up(|_| {});
    bench.run(at(3000));
    bench.done.clear();
    let mut message = NdMessage::new(NdBody::RouterAdvertisement {
        hop_limit: 32,
        managed: false,
        other: false,
        preference: 1,
        lifetime_s: 1800,
        reachable_ms: 0,
        retrans_ms: 0,
    });
    message.options.mtu = Some(1400);
    message.options.prefixes.push(NdPrefix {
        prefix: addr("fd00:5::"),
        prefix_len: 64,
        on_link: true,
        autonomous: true,
        valid_s: 3600,
        preferred_s: 1800,
    });
    bench.hear("fe80::2", mld::ALL_NODES, &message);
    let routes: Vec<_> = bench
        .done
        .iter()
        .filter_map(|(_, action)| match action {
            Action::AddRoute(route) => Some((route.kind, route.metric, route.from_router)),
            _ => None,
        })
        .collect();
    assert_eq!(
        routes,
        [
            (RouteKind::Default, 1024, true),
            (RouteKind::Prefix, 256, true)
        ]
    );
    bench.run(at(6000));
    assert!(bench.flags("fd00:5::ff:fe00:1").unwrap() & IFA_F_TENTATIVE == 0);
    let asked = bench
        .sent()
        .iter()
        .filter(|(_, kind, _)| kind == "nd 133")
        .count();
    assert_eq!(asked, 0, "an answered host asks no more");
}

#[derive(Clone, Debug)]
enum Step {
    Up,
    Change(bool),
    Down,
    Add(u8, bool, u8),
    Delete(u8),
    Wait(u32),
    Forward(bool),
    Disable(bool),
    Hear(u8, Vec<u8>),
    Mld(Vec<u8>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..60);
    let step = prop_oneof![
        2 => Just(Step::Up),
        1 => any::<bool>().prop_map(Step::Change),
        1 => Just(Step::Down),
        4 => (0..6u8, any::<bool>(), 0..4u8).prop_map(|(a, n, l)| Step::Add(a, n, l)),
        2 => (0..6u8).prop_map(Step::Delete),
        4 => (0..5000u32).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Forward),
        1 => any::<bool>().prop_map(Step::Disable),
        3 => (133..138u8, bytes()).prop_map(|(kind, rest)| Step::Hear(kind, rest)),
        1 => bytes().prop_map(Step::Mld),
    ];
    proptest::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn whatever_happens_stations_are_joined_and_left_in_pairs(steps in steps()) {
        let mut bench = Bench::new(|_| {});
        for step in steps {
            match step {
                Step::Up => bench.with(|d, now, link, out| d.link_up(now, link, out)),
                Step::Change(oper_up) => {
                    bench.oper_up = oper_up;
                    bench.with(|d, now, link, out| d.link_changed(now, link, out));
                }
                Step::Down => bench.with(|d, now, link, out| d.link_down(now, link, out)),
                Step::Add(last, nodad, life) => {
                    let life = (life > 0).then(|| Duration::from_secs(u64::from(life)));
                    let request = AddressRequest {
                        addr: in6::with_interface_id(addr("fd00::"), u64::from(last)),
                        prefix_len: 64,
                        peer: None,
                        flags: if nodad { IFA_F_NODAD } else { 0 },
                        valid: life,
                        preferred: life,
                        metric: 0,
                        proto: 0,
                        replace: true,
                        exclusive: false,
                    };
                    let _ = bench.with(|d, now, link, out| d.add_address(now, link, &request, out));
                }
                Step::Delete(last) => {
                    let own = in6::with_interface_id(addr("fd00::"), u64::from(last));
                    let _ = bench.with(|d, now, link, out| d.delete_address(now, link, own, 64, out));
                }
                Step::Wait(millis) => {
                    let until = bench.now + Duration::from_millis(u64::from(millis));
                    bench.run(until);
                }
                Step::Forward(on) => {
                    if bench.dev.on(Conf6::Forwarding) != on {
                        bench.dev.assign(Conf6::Forwarding, i64::from(on));
                        bench.with(|d, now, link, out| d.forwarding_changed(now, link, out));
                    }
                }
                Step::Disable(on) => {
                    bench.dev.assign(Conf6::DisableIpv6, i64::from(on));
                    bench.with(|d, now, link, out| match on {
                        true => d.link_down(now, link, out),
                        false => d.link_up(now, link, out),
                    });
                }
                Step::Hear(kind, rest) => {
                    let mut bytes = vec![kind, 0, 0, 0];
                    bytes.extend(rest);
                    let packet = crate::wire::icmpv6_packet(addr("fe80::2"), mld::ALL_NODES, 255, &bytes);
                    let link = Link::ethernet(2, OWN, &bench.all, &bench.dev);
                    let (mut out, mut neigh_out) = (Vec::new(), Vec::new());
                    let received = Received {
                        packet: &packet,
                        source: addr("fe80::2"),
                        target: mld::ALL_NODES,
                        message: &packet.bytes()[40..],
                        to_host: false,
                        locally_enqueued: false,
                    };
                    let mut parts = Parts {
                        device: &mut bench.device,
                        link: &link,
                        table: &mut bench.table,
                        out: &mut out,
                        neigh_out: &mut neigh_out,
                    };
                    receive(bench.now, &received, &Facts::default(), &mut parts);
                    let now = bench.now;
                    bench.done.extend(out.into_iter().map(|action| (now, action)));
                }
                Step::Mld(bytes) => {
                    let mut message = vec![130];
                    message.extend(bytes);
                    bench.with(|d, now, link, _| d.receive_mld(now, link, addr("fe80::2"), &message));
                }
            }
            prop_assert!(bench.device.addresses().len() < 40);
            prop_assert!(bench.table.len() <= 1024);
        }
        bench.with(|d, now, link, out| d.unregister(now, link, out));
        let mut joined = std::collections::BTreeMap::new();
        for (_, action) in &bench.done {
            match action {
                Action::JoinMac(mac) => *joined.entry(*mac).or_insert(0) += 1,
                Action::LeaveMac(mac) => *joined.entry(*mac).or_insert(0) -= 1,
                _ => {}
            }
        }
        prop_assert!(joined.values().all(|users| *users == 0), "{joined:?}");
        prop_assert_eq!(bench.device.next_timer(), None);
    }
}
