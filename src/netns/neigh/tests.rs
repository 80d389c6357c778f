//! Tables of (now, in, decision) and properties of the neighbour table.
//! Nothing here is built into the library.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::engine::Seed;
use crate::engine::trace::DropReason;
use crate::units::{MacAddr, SimTime};

type Table = NeighTable<Ipv4Addr, Packet>;
type Actions = Vec<Action<Ipv4Addr, Packet>>;

/// A packet that counts for `size` bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Packet {
    number: u32,
    size: usize,
}

impl<A> Waiting<A> for Packet {
    fn truesize(&self) -> usize {
        self.size
    }

    fn source(&self) -> Option<A> {
        None
    }
}

const DEV: u32 = 2;
const OWN: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
const FAR: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);
const OTHER: MacAddr = MacAddr([2, 0, 0, 0, 0, 3]);

fn far() -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, 2)
}

fn at(millis: u64) -> SimTime {
    SimTime::ZERO + Duration::from_millis(millis)
}

fn table() -> Table {
    let mut table = Table::new(Seed(1).stream("arp"));
    table.add_device(DEV, NeighDevice::ethernet(OWN));
    table.add_device(1, NeighDevice::loopback());
    table
}

fn packet(number: u32) -> Packet {
    Packet { number, size: 768 }
}

fn send(table: &mut Table, now: SimTime, number: u32, out: &mut Actions) -> Resolution<Packet> {
    table.resolve(now, DEV, far(), AddrKind::Unicast, packet(number), out)
}

fn answer(lladdr: MacAddr, state: Nud, flags: UpdateFlags) -> Update {
    Update {
        lladdr: Some(lladdr),
        state,
        flags,
    }
}

fn state(table: &Table, now: SimTime) -> Option<Nud> {
    table.get(now, DEV, far()).ok().map(|info| info.state)
}

/// Runs the timers up to `until`, collecting what they want.
fn run(table: &mut Table, until: SimTime) -> Vec<(SimTime, Action<Ipv4Addr, Packet>)> {
    let mut all = Vec::new();
    let mut rounds = 0;
    while let Some(next) = table.next_timer().filter(|next| *next <= until) {
        let mut out = Vec::new();
        table.handle_timers(next, &mut out);
        all.extend(out.into_iter().map(|action| (next, action)));
        rounds += 1;
        assert!(rounds < 100_000, "the timers make no progress at {next}");
    }
    all
}

fn learned(table: &mut Table, now: SimTime) {
    let mut out = Vec::new();
    send(table, now, 0, &mut out);
    let update = answer(FAR, Nud::Reachable, UpdateFlags::OVERRIDE);
    table.update(now, DEV, far(), update, &mut out).unwrap();
}

#[test]
fn three_questions_a_second_apart_and_then_it_is_unreachable() {
    let mut table = table();
    let mut out = Vec::new();
    assert_eq!(send(&mut table, at(0), 1, &mut out), Resolution::Queued);
    assert!(matches!(
        out[..],
        [Action::Solicit { addr, unicast_to: None, .. }] if addr == far()
    ));
    let happened = run(&mut table, at(60_000));
    let times: Vec<_> = happened.iter().map(|(at, _)| at.as_millis()).collect();
    assert_eq!(times, [1000, 2000, 3000]);
    assert_eq!(
        happened[2].1,
        Action::Unreachable {
            ifindex: DEV,
            addr: far(),
            packets: vec![packet(1)],
        }
    );
    assert_eq!(state(&table, at(60_000)), Some(Nud::Failed));
    assert_eq!(
        table.next_timer(),
        None,
        "a failed entry of a small table stays"
    );
}

#[test]
fn an_answer_releases_what_waits_in_order() {
    let mut table = table();
    let mut out = Vec::new();
    for number in 1..4 {
        send(&mut table, at(0), number, &mut out);
    }
    out.clear();
    let update = answer(FAR, Nud::Reachable, UpdateFlags::OVERRIDE);
    table.update(at(1), DEV, far(), update, &mut out).unwrap();
    assert_eq!(
        out,
        [Action::Release {
            ifindex: DEV,
            addr: far(),
            mac: FAR,
            packets: vec![packet(1), packet(2), packet(3)],
        }]
    );
    let sent = send(&mut table, at(2), 4, &mut out);
    assert_eq!(sent, Resolution::Send(FAR, packet(4)));
}

#[test]
fn a_used_neighbour_is_delayed_probed_by_unicast_and_fails() {
    let mut table = table();
    let mut out = Vec::new();
    let update = answer(FAR, Nud::Stale, UpdateFlags::OVERRIDE);
    table.learn(at(0), DEV, far(), update, &mut out).unwrap();
    assert_eq!(
        send(&mut table, at(10), 1, &mut out),
        Resolution::Send(FAR, packet(1))
    );
    assert_eq!(state(&table, at(10)), Some(Nud::Delay));
    let happened = run(&mut table, at(60_000));
    let asked: Vec<_> = happened
        .iter()
        .map(|(at, action)| match action {
            Action::Solicit { unicast_to, .. } => (at.as_millis(), *unicast_to),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        asked,
        [(5010, Some(FAR)), (6010, Some(FAR)), (7010, Some(FAR))]
    );
    assert_eq!(state(&table, at(60_000)), Some(Nud::Failed));
    assert_eq!(table.get(at(60_000), DEV, far()).unwrap().lladdr, None);
}

#[test]
fn a_confirmation_during_the_delay_makes_it_reachable_without_a_question() {
    let mut table = table();
    let mut out = Vec::new();
    let update = answer(FAR, Nud::Stale, UpdateFlags::OVERRIDE);
    table.learn(at(0), DEV, far(), update, &mut out).unwrap();
    send(&mut table, at(0), 1, &mut out);
    table.confirm(at(1), DEV, far());
    assert!(run(&mut table, at(5000)).is_empty());
    assert_eq!(state(&table, at(5000)), Some(Nud::Reachable));
}

#[test]
fn an_unused_neighbour_becomes_stale_within_45_seconds() {
    let mut table = table();
    learned(&mut table, at(0));
    assert_eq!(state(&table, at(0)), Some(Nud::Reachable));
    assert!(run(&mut table, at(14_999)).is_empty());
    assert_eq!(state(&table, at(14_999)), Some(Nud::Reachable));
    run(&mut table, at(45_000));
    assert_eq!(state(&table, at(45_000)), Some(Nud::Stale));
}

#[test]
fn within_the_locktime_another_station_is_not_believed() {
    let mut table = table();
    learned(&mut table, at(0));
    assert!(table.known(at(999), DEV, far()).unwrap().locked);
    assert!(!table.known(at(1001), DEV, far()).unwrap().locked);
    let mut out = Vec::new();
    let other = answer(OTHER, Nud::Stale, UpdateFlags::EMPTY);
    table.update(at(500), DEV, far(), other, &mut out).unwrap();
    assert_eq!(table.station(DEV, far()), Some(FAR));
    let other = answer(OTHER, Nud::Stale, UpdateFlags::OVERRIDE);
    table.update(at(1500), DEV, far(), other, &mut out).unwrap();
    assert_eq!(table.station(DEV, far()), Some(OTHER));
    assert_eq!(state(&table, at(1500)), Some(Nud::Stale));
}

#[test]
fn a_weak_contradiction_makes_a_reachable_neighbour_stale() {
    let mut table = table();
    learned(&mut table, at(0));
    let mut out = Vec::new();
    let other = answer(OTHER, Nud::Reachable, UpdateFlags::WEAK_OVERRIDE);
    table.update(at(1), DEV, far(), other, &mut out).unwrap();
    assert_eq!(table.station(DEV, far()), Some(FAR));
    assert_eq!(state(&table, at(1)), Some(Nud::Stale));
}

#[test]
fn a_static_entry_is_changed_by_an_administrator_only() {
    let mut table = table();
    let mut out = Vec::new();
    table
        .add(at(0), &request(Nud::Permanent), AddrKind::Unicast, &mut out)
        .unwrap();
    let other = answer(OTHER, Nud::Reachable, UpdateFlags::OVERRIDE);
    let refused = table.update(at(1), DEV, far(), other, &mut out);
    assert_eq!(refused, Err(UpdateError::Static));
    assert_eq!(table.station(DEV, far()), Some(FAR));
}

fn request(state: Nud) -> NeighRequest<Ipv4Addr> {
    NeighRequest {
        ifindex: Some(DEV),
        addr: far(),
        lladdr: Some(FAR),
        state,
        flags: NeighFlags::EMPTY,
        protocol: 0,
        create: true,
        exclusive: true,
        replace: false,
    }
}

#[test]
fn add_change_and_delete_answer_as_the_kernel() {
    let mut table = table();
    let mut out = Vec::new();
    let add = request(Nud::Permanent);
    let change = NeighRequest {
        create: false,
        exclusive: false,
        replace: true,
        ..add
    };
    let ask = |table: &mut Table, request: &NeighRequest<Ipv4Addr>| {
        table.add(at(0), request, AddrKind::Unicast, &mut Vec::new())
    };
    assert_eq!(ask(&mut table, &change), Err(NeighError::NotFound));
    assert_eq!(ask(&mut table, &add), Ok(()));
    assert_eq!(ask(&mut table, &add), Err(NeighError::Exists));
    let other = NeighRequest {
        lladdr: Some(OTHER),
        ..change
    };
    assert_eq!(ask(&mut table, &other), Ok(()));
    assert_eq!(table.station(DEV, far()), Some(OTHER));
    assert_eq!(
        table.delete(at(0), Some(DEV), far(), false, &mut out),
        Ok(())
    );
    let again = table.delete(at(0), Some(DEV), far(), false, &mut out);
    assert_eq!(again, Err(NeighError::NotFound));
    let nameless = NeighRequest {
        lladdr: None,
        ..add
    };
    assert_eq!(
        ask(&mut table, &nameless),
        Err(NeighError::NoLinkLayerAddress)
    );
    assert_eq!(
        state(&table, at(0)),
        Some(Nud::None),
        "the kernel leaves it behind"
    );
}

#[test]
fn an_entry_to_use_is_resolved_at_once() {
    let mut table = table();
    let mut out = Vec::new();
    let used = NeighRequest {
        flags: NeighFlags::USE,
        ..request(Nud::Permanent)
    };
    table
        .add(at(0), &used, AddrKind::Unicast, &mut out)
        .unwrap();
    assert_eq!(state(&table, at(0)), Some(Nud::Incomplete));
    assert!(matches!(out[..], [Action::Solicit { .. }]));
}

#[test]
fn loopback_has_one_entry_for_all_addresses() {
    let mut table = table();
    let mut out = Vec::new();
    let on_lo = NeighRequest {
        ifindex: Some(1),
        ..request(Nud::Permanent)
    };
    table
        .add(at(0), &on_lo, AddrKind::Unicast, &mut out)
        .unwrap();
    let dump = table.dump(at(0));
    assert_eq!(dump.len(), 1);
    assert_eq!(dump[0].addr, Ipv4Addr::UNSPECIFIED);
}

#[test]
fn groups_and_broadcasts_need_no_question() {
    let mut table = table();
    let mut out = Vec::new();
    let group = Ipv4Addr::new(224, 0, 0, 22);
    let sent = table.resolve(at(0), DEV, group, AddrKind::Multicast, packet(1), &mut out);
    let mac = MacAddr([1, 0, 0x5e, 0, 0, 22]);
    assert_eq!(sent, Resolution::Send(mac, packet(1)));
    let all = Ipv4Addr::new(10, 0, 0, 255);
    let sent = table.resolve(at(0), DEV, all, AddrKind::Broadcast, packet(2), &mut out);
    assert_eq!(sent, Resolution::Send(MacAddr::BROADCAST, packet(2)));
    assert!(out.is_empty());
}

#[test]
fn without_carrier_only_permanent_entries_stay_and_down_takes_all() {
    let mut table = table();
    learned(&mut table, at(0));
    let mut out = Vec::new();
    let fixed = NeighRequest {
        addr: [10, 0, 0, 9].into(),
        ..request(Nud::Permanent)
    };
    table
        .add(at(0), &fixed, AddrKind::Unicast, &mut out)
        .unwrap();
    table.carrier_lost(DEV, &mut out);
    assert_eq!(table.dump(at(0)).len(), 1);
    table.device_down(DEV, &mut out);
    assert!(table.is_empty());
    assert_eq!(table.next_timer(), None);
}

#[test]
fn the_queue_drops_its_oldest_packets() {
    let mut table = table();
    let mut params = table.params(Some(DEV)).clone();
    params.unres_qlen_bytes = 3 * 768;
    table.set_params(Some(DEV), params);
    let mut out = Vec::new();
    for number in 1..=4 {
        assert_eq!(
            send(&mut table, at(0), number, &mut out),
            Resolution::Queued
        );
    }
    assert_eq!(
        out[1..],
        [Action::Dropped {
            ifindex: DEV,
            packet: packet(1),
            reason: DropReason::NeighQueuefull,
        }]
    );
}

#[test]
fn a_full_table_refuses_until_entries_are_of_no_use() {
    let mut table = table();
    table.kept.limits = TableLimits {
        gc_thresh1: 4,
        gc_thresh2: 6,
        gc_thresh3: 8,
        ..table.kept.limits
    };
    let mut out = Vec::new();
    let mut ask = |table: &mut Table, now, last: u8| {
        let addr = Ipv4Addr::new(10, 0, 0, last);
        table.resolve(
            now,
            DEV,
            addr,
            AddrKind::Unicast,
            packet(u32::from(last)),
            &mut out,
        )
    };
    for last in 10..18 {
        assert_eq!(ask(&mut table, at(0), last), Resolution::Queued);
    }
    let refused = ask(&mut table, at(1), 20);
    assert_eq!(
        refused,
        Resolution::Dropped(DropReason::NeighCreatefail, packet(20))
    );
    run(&mut table, at(9_000));
    assert_eq!(ask(&mut table, at(9_000), 20), Resolution::Queued);
    assert!(table.len() <= 8);
}

#[test]
fn default_parameters_reach_only_devices_to_come() {
    let mut table = table();
    let mut params = table.params(None).clone();
    params.retrans_time = Duration::from_millis(200);
    table.set_params(None, params);
    table.add_device(7, NeighDevice::ethernet(OTHER));
    assert_eq!(table.params(Some(DEV)).retrans_time, Duration::from_secs(1));
    assert_eq!(
        table.params(Some(7)).retrans_time,
        Duration::from_millis(200)
    );
}

#[test]
fn ipv6_asks_for_a_group_only_for_stations() {
    let mut table: NeighTable<Ipv6Addr, Packet> = NeighTable::new(Seed(1).stream("nd"));
    table.add_device(DEV, NeighDevice::ethernet(OWN));
    let mut out = Vec::new();
    let group: Ipv6Addr = "ff02::16".parse().unwrap();
    let sent = table.resolve(at(0), DEV, group, AddrKind::Unicast, packet(1), &mut out);
    assert_eq!(
        sent,
        Resolution::Send(MacAddr([0x33, 0x33, 0, 0, 0, 0x16]), packet(1))
    );
    let station: Ipv6Addr = "fd00::1".parse().unwrap();
    let sent = table.resolve(at(0), DEV, station, AddrKind::Unicast, packet(2), &mut out);
    assert_eq!(sent, Resolution::Queued);
}

#[derive(Clone, Debug)]
enum Step {
    Send(u8),
    Answer(u8, u8, u8, u16),
    Confirm(u8),
    Add(u8, u8, u16),
    Delete(u8),
    Wait(u32),
    Carrier,
    Down,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..12u8).prop_map(Step::Send),
        3 => (0..12u8, 0..3u8, 0..9u8, 0..256u16).prop_map(|(a, m, s, f)| Step::Answer(a, m, s, f)),
        1 => (0..12u8).prop_map(Step::Confirm),
        1 => (0..12u8, 0..9u8, 0..0x200u16).prop_map(|(a, s, f)| Step::Add(a, s, f)),
        1 => (0..12u8).prop_map(Step::Delete),
        4 => (0..40_000u32).prop_map(Step::Wait),
        1 => Just(Step::Carrier),
        1 => Just(Step::Down),
    ];
    proptest::collection::vec(step, 0..80)
}

fn nth_state(n: u8) -> Nud {
    Nud::of_bits(match n {
        0 => 0,
        n => 1 << (n - 1).min(7),
    })
    .unwrap()
}

/// Counts the packets that came out.
fn came_out(out: &mut Actions) -> usize {
    out.drain(..)
        .map(|action| match action {
            Action::Release { packets, .. } | Action::Unreachable { packets, .. } => packets.len(),
            Action::Dropped { .. } => 1,
            Action::Solicit { .. } | Action::ProxyRedo { .. } => 0,
        })
        .sum()
}

proptest! {
    #[test]
    fn no_packet_is_lost_silently_and_the_table_stays_bounded(steps in steps()) {
        let mut table = table();
        table.kept.limits = TableLimits { gc_thresh1: 2, gc_thresh2: 4, gc_thresh3: 6, ..table.kept.limits };
        let (mut now, mut gone_in, mut gone_out) = (at(0), 0, 0);
        let mut out = Vec::new();
        for step in steps {
            let addr = |last: u8| Ipv4Addr::new(10, 0, 0, last);
            match step {
                Step::Send(last) => {
                    gone_in += 1;
                    let sent = table.resolve(now, DEV, addr(last), AddrKind::Unicast, packet(0), &mut out);
                    gone_out += usize::from(!matches!(sent, Resolution::Queued));
                }
                Step::Answer(last, mac, state, flags) => {
                    let lladdr = (mac > 0).then_some(MacAddr([2, 0, 0, 0, 0, mac]));
                    let update = Update { lladdr, state: nth_state(state), flags: UpdateFlags(flags) };
                    let _ = table.learn(now, DEV, addr(last), update, &mut out);
                }
                Step::Confirm(last) => table.confirm(now, DEV, addr(last)),
                Step::Add(last, state, flags) => {
                    let request = NeighRequest {
                        addr: addr(last),
                        flags: NeighFlags(flags),
                        exclusive: false,
                        replace: true,
                        ..request(nth_state(state))
                    };
                    let _ = table.add(now, &request, AddrKind::Unicast, &mut out);
                }
                Step::Delete(last) => {
                    let _ = table.delete(now, Some(DEV), addr(last), false, &mut out);
                }
                Step::Wait(millis) => {
                    let until = now + Duration::from_millis(u64::from(millis));
                    out.extend(run(&mut table, until).into_iter().map(|(_, action)| action));
                    now = until;
                }
                Step::Carrier => table.carrier_lost(DEV, &mut out),
                Step::Down => table.device_down(DEV, &mut out),
            }
            gone_out += came_out(&mut out);
            prop_assert!(table.kept.counted <= 6 + 12, "{} entries", table.kept.counted);
            let with_timer = table.kept.entries.values().filter(|e| e.deadline.is_some()).count();
            prop_assert_eq!(table.kept.deadlines.len(), with_timer);
            let managed = table.kept.entries.values().filter(|e| e.flags.has(NeighFlags::MANAGED)).count();
            prop_assert_eq!(table.kept.managed, managed);
            let counted = table.kept.entries.values().filter(|e| e.counted).count();
            prop_assert_eq!(table.kept.counted, counted);
        }
        table.remove_device(DEV, &mut out);
        gone_out += came_out(&mut out);
        prop_assert_eq!(gone_in, gone_out);
        prop_assert_eq!(table.len(), 0);
    }
}

#[test]
fn an_answered_probe_counts_as_a_use_so_that_it_is_delayed_again() {
    // Recorded: with base_reachable_time 3 s an idle neighbour goes round and round.
    let mut table = table();
    let mut params = table.params(Some(DEV)).clone();
    params.base_reachable_time = Duration::from_secs(3);
    table.set_params(Some(DEV), params);
    learned(&mut table, at(0));
    let mut seen = Vec::new();
    for second in 1..40 {
        for (when, action) in run(&mut table, at(second * 1000)) {
            assert!(matches!(
                action,
                Action::Solicit {
                    unicast_to: Some(FAR),
                    ..
                }
            ));
            let update = answer(FAR, Nud::Reachable, UpdateFlags::OVERRIDE);
            table
                .update(when, DEV, far(), update, &mut Vec::new())
                .unwrap();
        }
        seen.push(state(&table, at(second * 1000)).unwrap());
    }
    assert!(!seen.contains(&Nud::Stale), "{seen:?}");
    assert!(seen.contains(&Nud::Delay) && seen[20..].contains(&Nud::Reachable));
}
