//! What qdiscs let through, when, and what they lose.
//! What `tc` says of them is tested with the tool.

use std::time::Duration;

use super::*;
use crate::engine::Seed;

const MS: u64 = 1_000_000;

fn at(millis: u64) -> SimTime {
    SimTime::from_nanos(millis * MS)
}

fn frame(number: u8, len: usize) -> Frame {
    let mut bytes = vec![0; len];
    bytes[0] = number;
    Frame::new(&bytes)
}

fn netem(change: NetemChange) -> Qdisc {
    let change = NetemChange {
        limit: if change.limit == 0 {
            1000
        } else {
            change.limit
        },
        ..change
    };
    let netem = Netem::new(SimTime::ZERO, change, Seed(3).stream("netem"));
    Qdisc::new(0x8001_0000, ROOT, Kind::Netem(Box::new(netem)))
}

/// Gives frames in, and takes out all that comes: their first bytes with their instants in milliseconds.
fn run(qdisc: &mut Qdisc, frames: impl IntoIterator<Item = (u64, Frame)>) -> Vec<(u8, u64)> {
    let (mut out, mut lost) = (Vec::new(), Vec::new());
    let mut wake = SimTime::NEVER;
    let mut drain = |qdisc: &mut Qdisc, now: SimTime, lost: &mut Vec<Frame>| loop {
        match qdisc.dequeue(now, lost) {
            Dequeued::Frame(frame) => out.push((frame.bytes()[0], now.as_nanos() / MS)),
            Dequeued::Later(at) => return at,
            Dequeued::Empty => return SimTime::NEVER,
        }
    };
    for (millis, frame) in frames {
        while wake <= at(millis) {
            wake = drain(qdisc, wake, &mut lost);
        }
        qdisc.enqueue(at(millis), frame, &mut lost);
        wake = drain(qdisc, at(millis), &mut lost);
    }
    while wake != SimTime::NEVER {
        wake = drain(qdisc, wake, &mut lost);
    }
    out
}

#[test]
fn delay_holds_every_frame_and_keeps_the_order() {
    let mut qdisc = netem(NetemChange {
        latency_ns: 100 * MS as i64,
        ..NetemChange::default()
    });
    let out = run(
        &mut qdisc,
        [(0, frame(1, 60)), (10, frame(2, 60)), (10, frame(3, 60))],
    );
    assert_eq!(out, [(1, 100), (2, 110), (3, 110)]);
    assert_eq!(
        (qdisc.stats.packets, qdisc.stats.bytes, qdisc.stats.qlen),
        (3, 180, 0)
    );
}

#[test]
fn jitter_reorders_by_instant() {
    let mut qdisc = netem(NetemChange {
        latency_ns: 100 * MS as i64,
        jitter_ns: 50 * MS as i64,
        ..NetemChange::default()
    });
    let out = run(&mut qdisc, (0..100).map(|n| (n, frame(n as u8, 60))));
    assert_eq!(out.len(), 100);
    assert!(out.windows(2).all(|pair| pair[0].1 <= pair[1].1));
    assert!(out.windows(2).any(|pair| pair[0].0 > pair[1].0), "{out:?}");
    assert!(
        out.iter()
            .all(|&(n, at)| (50..=150).contains(&(at - u64::from(n))))
    );
}

#[test]
fn loss_is_the_same_for_the_same_seed() {
    let lost = |seed: u64| {
        let mut qdisc = netem(NetemChange {
            loss: u32::MAX / 10,
            seed: Some(seed),
            ..NetemChange::default()
        });
        let out = run(&mut qdisc, (0..200).map(|n| (n, frame(n as u8, 60))));
        assert_eq!(u64::from(qdisc.stats.drops) + qdisc.stats.packets, 200);
        out
    };
    assert_eq!(lost(5), lost(5));
    assert_ne!(lost(5), lost(6));
    assert!((165..195).contains(&lost(5).len()));
}

#[test]
fn doubled_frames_come_twice_and_are_counted() {
    let mut qdisc = netem(NetemChange {
        duplicate: u32::MAX,
        ..NetemChange::default()
    });
    let out = run(&mut qdisc, [(0, frame(1, 60)), (1, frame(2, 60))]);
    assert_eq!(
        out.iter().map(|&(n, _)| n).collect::<Vec<_>>(),
        [1, 1, 2, 2]
    );
    assert_eq!(qdisc.stats.packets, 4);
}

#[test]
fn corruption_turns_one_bit() {
    let mut qdisc = netem(NetemChange {
        corrupt: Some((u32::MAX, 0)),
        ..NetemChange::default()
    });
    let mut lost = Vec::new();
    let whole = frame(0, 100);
    qdisc.enqueue(SimTime::ZERO, whole.clone(), &mut lost);
    let Dequeued::Frame(frame) = qdisc.dequeue(SimTime::ZERO, &mut lost) else {
        panic!("nothing delays it");
    };
    let turned = frame.bytes().iter().zip(whole.bytes());
    let turned: u32 = turned.map(|(a, b)| (a ^ b).count_ones()).sum();
    assert_eq!(turned, 1);
}

#[test]
fn every_fifth_frame_overtakes_with_a_gap_of_five() {
    let mut qdisc = netem(NetemChange {
        latency_ns: 100 * MS as i64,
        gap: 5,
        reorder: Some((u32::MAX, 0)),
        ..NetemChange::default()
    });
    let out = run(&mut qdisc, (1..11).map(|n| (n, frame(n as u8, 60))));
    let early: Vec<u8> = out
        .iter()
        .filter(|&&(n, at)| at == u64::from(n))
        .map(|&(n, _)| n)
        .collect();
    assert_eq!(early, [5, 10]);
    assert_eq!(qdisc.stats.requeues, 2);
}

#[test]
fn rate_spaces_frames_and_the_limit_bounds_the_queue() {
    let mut qdisc = netem(NetemChange {
        limit: 3,
        rate: Some(NetemRate {
            rate: 100_000,
            ..NetemRate::default()
        }),
        ..NetemChange::default()
    });
    let out = run(&mut qdisc, (0..5).map(|n| (0, frame(n, 1000))));
    assert_eq!(out, [(0, 10), (1, 20), (2, 30)]);
    assert_eq!(qdisc.stats.drops, 2);
}

#[test]
fn slots_let_frames_out_in_bunches() {
    let mut qdisc = netem(NetemChange {
        slot: Some(NetemSlot {
            min_delay: 50 * MS as i64,
            max_delay: 50 * MS as i64,
            max_packets: 2,
            ..NetemSlot::default()
        }),
        ..NetemChange::default()
    });
    let out = run(&mut qdisc, (0..6).map(|n| (10, frame(n, 60))));
    let instants: Vec<u64> = out.iter().map(|&(_, at)| at).collect();
    assert_eq!(instants, [60, 60, 110, 110, 160, 160]);
}

#[test]
fn token_bucket_lets_a_burst_through_and_then_its_rate() {
    let config = TbfConfig {
        rate: 100_000,
        burst: 2000,
        limit: 3000,
        ..TbfConfig::default()
    };
    let tbf = Tbf::new(SimTime::ZERO, config);
    let mut qdisc = Qdisc::new(0x10000, ROOT, Kind::Tbf(Box::new(tbf)));
    let out = run(&mut qdisc, (0..8).map(|n| (0, frame(n, 1000))));
    assert_eq!(out, [(0, 0), (1, 0), (2, 10), (3, 20), (4, 30)]);
    assert_eq!(qdisc.stats.drops, 3);
    assert!(qdisc.stats.overlimits >= 3);
    let mut lost = Vec::new();
    assert!(
        qdisc.enqueue(at(100), frame(9, 2001), &mut lost).refused,
        "never tokens enough"
    );
}

#[test]
fn emulator_above_a_token_bucket_delays_first() {
    let mut qdisc = netem(NetemChange {
        latency_ns: 50 * MS as i64,
        ..NetemChange::default()
    });
    let config = TbfConfig {
        rate: 100_000,
        burst: 1000,
        limit: 10_000,
        ..TbfConfig::default()
    };
    let tbf = Kind::Tbf(Box::new(Tbf::new(SimTime::ZERO, config)));
    if let Kind::Netem(netem) = &mut qdisc.kind {
        netem.child = Some(Box::new(Qdisc::new(0x10_0000, 0x8001_0001, tbf)));
    }
    let out = run(&mut qdisc, (0..3).map(|n| (0, frame(n, 1000))));
    assert_eq!(out, [(0, 50), (1, 60), (2, 70)]);
    assert_eq!((qdisc.stats.qlen, qdisc.stats.backlog), (0, 0));
}

#[test]
fn queues_are_bounded_by_packets_or_by_bytes() {
    for (unit, limit, fits) in [
        (Unit::Packets, 2, 2),
        (Unit::Bytes, 250, 2),
        (Unit::Packets, 0, 0),
    ] {
        let mut qdisc = Qdisc::new(0x10000, ROOT, Kind::Fifo(Fifo::new(unit, limit)));
        let mut lost = Vec::new();
        let taken = (0..5).filter(|&n| {
            qdisc
                .enqueue(SimTime::ZERO, frame(n, 100), &mut lost)
                .frames
                == 1
        });
        assert_eq!(taken.count(), fits);
        assert_eq!(lost.len(), 5 - fits);
        qdisc.reset(&mut lost);
        assert_eq!(lost.len(), 5);
        assert_eq!(qdisc.stats.qlen, 0);
    }
}

#[test]
fn hostile_settings_neither_panic_nor_hang() {
    let extreme = NetemChange {
        limit: u32::MAX,
        latency_ns: i64::MAX,
        jitter_ns: i64::MIN,
        gap: u32::MAX,
        rate: Some(NetemRate {
            rate: 1,
            packet_overhead: i32::MIN,
            cell_size: u32::MAX,
            cell_overhead: i32::MIN,
        }),
        slot: Some(NetemSlot {
            min_delay: 0,
            max_delay: i64::MAX,
            dist_delay: i64::MAX,
            dist_jitter: i64::MAX,
            max_packets: 1,
            max_bytes: 1,
        }),
        slot_dist: Distribution::named("pareto"),
        delay_dist: Distribution::named("normal"),
        ..NetemChange::default()
    };
    let mut qdisc = netem(extreme);
    let mut lost = Vec::new();
    for n in 0..10 {
        qdisc.enqueue(at(n), frame(1, 60), &mut lost);
        let _ = qdisc.dequeue(at(n) + Duration::from_secs(1 << 30), &mut lost);
    }
}
