//! The network emulator: delay with jitter, loss, doubling, corruption, reordering, a rate, and slots (sch_netem.c).
//! Frames that wait leave in the order of their instants, and of their coming where these are equal.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::distribution::{Distribution, SCALE};
use super::prandom::Prandom;
use super::{Dequeued, Enqueued, FRAMES_MAX, LossModel, Qdisc, Stats, ecn, narrow};
use crate::engine::Random;
use crate::units::SimTime;
use crate::wire::Frame;

/// A rate, and what a frame counts for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NetemRate {
    /// Bytes per second; 0 where nothing bounds it.
    pub rate: u64,
    /// Added to every frame, in bytes.
    pub packet_overhead: i32,
    /// Frames travel in cells of so many bytes; 0 for none.
    pub cell_size: u32,
    /// Added to every cell, in bytes.
    pub cell_overhead: i32,
}

/// Frames leave in bunches, with pauses between them. Times are in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NetemSlot {
    /// The shortest pause.
    pub min_delay: i64,
    /// The longest pause.
    pub max_delay: i64,
    /// The mean of a pause that is drawn from a distribution.
    pub dist_delay: i64,
    /// Its deviation; 0 where a pause is between the shortest and the longest.
    pub dist_jitter: i64,
    /// Frames in a bunch at most; 0 for any number.
    pub max_packets: i32,
    /// Bytes in a bunch at most; 0 for any number.
    pub max_bytes: i32,
}

impl NetemSlot {
    fn is_on(&self) -> bool {
        self.min_delay | self.max_delay | self.dist_jitter != 0
    }
}

/// What a request says (`TCA_NETEM_*`). What is not there stays as it was, as in the kernel.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NetemChange {
    /// Frames that wait at most.
    pub limit: u32,
    /// Nanoseconds.
    pub latency_ns: i64,
    /// Nanoseconds.
    pub jitter_ns: i64,
    /// A part of 2^32 - 1.
    pub loss: u32,
    /// A part of 2^32 - 1.
    pub duplicate: u32,
    /// Every how many frames one is sent out of turn.
    pub gap: u32,
    /// The correlations of delay, loss and doubling.
    pub correlations: Option<(u32, u32, u32)>,
    /// The part that is sent out of turn, and its correlation.
    pub reorder: Option<(u32, u32)>,
    /// The part that is corrupted, and its correlation.
    pub corrupt: Option<(u32, u32)>,
    /// A chain instead of losses at random.
    pub loss_model: Option<LossModel>,
    /// A rate.
    pub rate: Option<NetemRate>,
    /// Whether to mark instead of losing.
    pub ecn: bool,
    /// Bunches.
    pub slot: Option<NetemSlot>,
    /// How jitter is distributed.
    pub delay_dist: Option<Distribution>,
    /// How pauses between bunches are.
    pub slot_dist: Option<Distribution>,
    /// What the random numbers follow from.
    pub seed: Option<u64>,
}

/// Numbers of which each depends on the one before (`struct crndstate`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Correlated {
    last: u32,
    /// How much it depends, a part of 2^32 - 1.
    pub rho: u32,
}

impl Correlated {
    fn next(&mut self, random: &mut Prandom) -> u32 {
        let drawn = random.next_u32();
        if self.rho == 0 {
            return drawn;
        }
        let rho = u64::from(self.rho) + 1;
        let mixed = u64::from(drawn) * ((1 << 32) - rho) + u64::from(self.last) * rho;
        self.last = u32::try_from(mixed >> 32).expect("32 of 64 bits");
        self.last
    }
}

/// A network emulator.
#[derive(Clone, Debug)]
pub struct Netem {
    /// Its settings, as the last requests left them.
    pub config: NetemChange,
    /// The correlation of the delay.
    pub delay_cor: Correlated,
    /// The correlation of losses.
    pub loss_cor: Correlated,
    /// The correlation of doubling.
    pub dup_cor: Correlated,
    /// The correlation of reordering.
    pub reorder_cor: Correlated,
    /// The correlation of corruption.
    pub corrupt_cor: Correlated,
    /// Where frames go when their time has come, where it is not the device itself.
    pub child: Option<Box<Qdisc>>,
    prandom: Prandom,
    /// For what the kernel draws from its own pool.
    random: Random,
    /// Frames since the last one that was sent out of turn.
    counter: u32,
    /// Frames by their instant and the order of their coming.
    waiting: BTreeMap<(u64, u64), Frame>,
    sequence: u64,
    /// Frames that are sent out of turn.
    ahead: VecDeque<(u64, Frame)>,
    /// When the next bunch may leave; 0 without bunches.
    slot_next: u64,
    packets_left: i32,
    bytes_left: i32,
}

impl Netem {
    /// An emulator that draws from `random` what no seed decides.
    pub fn new(now: SimTime, change: NetemChange, mut random: Random) -> Self {
        let mut netem = Self {
            config: NetemChange::default(),
            delay_cor: Correlated::default(),
            loss_cor: Correlated::default(),
            dup_cor: Correlated::default(),
            reorder_cor: Correlated::default(),
            corrupt_cor: Correlated::default(),
            child: None,
            prandom: Prandom::new(random.next_u64()),
            random,
            counter: 0,
            waiting: BTreeMap::new(),
            sequence: 0,
            ahead: VecDeque::new(),
            slot_next: 0,
            packets_left: 0,
            bytes_left: 0,
        };
        netem.change(now, change);
        netem
    }

    /// Takes what a request says (`netem_change`): the plain settings always, the others where they are there.
    pub fn change(&mut self, now: SimTime, change: NetemChange) {
        let old = std::mem::take(&mut self.config);
        self.counter = 0;
        if let Some((delay, loss, dup)) = change.correlations {
            self.delay_cor = self.correlated(delay);
            self.loss_cor = self.correlated(loss);
            self.dup_cor = self.correlated(dup);
        }
        if let Some((_, rho)) = change.reorder {
            self.reorder_cor = self.correlated(rho);
        }
        if let Some((_, rho)) = change.corrupt {
            self.corrupt_cor = self.correlated(rho);
        }
        if let Some(seed) = change.seed {
            self.prandom = Prandom::new(seed);
        }
        if let Some(slot) = change.slot {
            self.slot_next = if slot.is_on() {
                now.as_nanos().max(1)
            } else {
                0
            };
            self.open_slot(&slot);
        }
        // A gap without a part means all of them.
        let old_reorder = match change.gap {
            0 => old.reorder,
            _ => Some((u32::MAX, self.reorder_cor.rho)),
        };
        self.config = NetemChange {
            jitter_ns: change.jitter_ns.saturating_abs().min(i32::MAX.into()),
            correlations: None,
            reorder: change.reorder.or(old_reorder),
            corrupt: change.corrupt.or(old.corrupt),
            rate: change.rate.or(old.rate),
            ecn: change.ecn || old.ecn,
            slot: change.slot.or(old.slot),
            delay_dist: change.delay_dist.or(old.delay_dist),
            slot_dist: change.slot_dist.or(old.slot_dist),
            seed: change.seed.or(old.seed),
            ..change
        };
    }

    fn correlated(&mut self, rho: u32) -> Correlated {
        Correlated {
            last: self.random.next_u32(),
            rho,
        }
    }

    fn open_slot(&mut self, slot: &NetemSlot) {
        let bound = |max: i32| if max == 0 { i32::MAX } else { max };
        self.packets_left = bound(slot.max_packets);
        self.bytes_left = bound(slot.max_bytes);
    }

    /// Whether this packet is lost.
    fn loses(&mut self) -> bool {
        match &mut self.config.loss_model {
            Some(model) => model.loses(&mut self.prandom),
            None => {
                let loss = self.config.loss;
                loss > 0 && loss >= self.loss_cor.next(&mut self.prandom)
            }
        }
    }

    pub(super) fn enqueue(
        &mut self,
        now: SimTime,
        stats: &mut Stats,
        frame: Frame,
        lost: &mut Vec<Frame>,
    ) -> Enqueued {
        self.admit(now, stats, frame, lost, true)
    }

    /// A frame, or the copy of one, which is not doubled again.
    fn admit(
        &mut self,
        now: SimTime,
        stats: &mut Stats,
        mut frame: Frame,
        lost: &mut Vec<Frame>,
        original: bool,
    ) -> Enqueued {
        let duplicate = self.config.duplicate;
        let doubled =
            duplicate > 0 && original && duplicate >= self.dup_cor.next(&mut self.prandom);
        let mut count = 1 + u32::from(doubled);
        if self.loses() {
            stats.drops = stats.drops.saturating_add(1);
            if !(self.config.ecn && ecn::mark(&mut frame)) {
                count -= 1;
            }
            if count == 0 {
                lost.push(frame);
                return Enqueued::LOST;
            }
        }
        let copy = (count > 1).then(|| frame.clone());
        if let Some((corrupt, _)) = self.config.corrupt.filter(|&(part, _)| part > 0)
            && corrupt >= self.corrupt_cor.next(&mut self.prandom)
        {
            self.corrupt(&mut frame);
        }
        if stats.qlen >= self.config.limit || self.waiting.len() + self.ahead.len() >= FRAMES_MAX {
            stats.drops = stats.drops.saturating_add(1);
            lost.push(frame);
            lost.extend(copy);
            return Enqueued::REFUSED;
        }
        let mut done = Enqueued::default();
        if let Some(copy) = copy {
            done = self.admit(now, stats, copy, lost, false);
        }
        let bytes = frame.len();
        stats.wait(1, bytes);
        self.queue(now, stats, frame);
        Enqueued {
            frames: done.frames + 1,
            bytes: done.bytes + bytes,
            refused: false,
        }
    }

    /// Turns one bit of a frame.
    fn corrupt(&mut self, frame: &mut Frame) {
        let len = narrow(frame.len());
        if len > 0 {
            let (at, bit) = (self.random.below(len), self.random.below(8));
            frame.bytes_mut()[at as usize] ^= 1 << bit;
        }
    }

    /// Gives a frame its instant, or sends it out of turn.
    fn queue(&mut self, now: SimTime, stats: &mut Stats, frame: Frame) {
        let gap = self.config.gap;
        let reorder = self.config.reorder.map_or(0, |(part, _)| part);
        let in_turn = gap == 0
            || self.counter < gap - 1
            || reorder < self.reorder_cor.next(&mut self.prandom);
        if !in_turn {
            self.counter = 0;
            stats.requeues = stats.requeues.saturating_add(1);
            self.ahead.push_front((now.as_nanos(), frame));
            return;
        }
        let delay = table_value(
            (self.config.latency_ns, self.config.jitter_ns),
            Some(&mut self.delay_cor),
            &mut self.prandom,
            self.config.delay_dist.as_ref(),
        );
        let at = self.instant(now, delay, frame.len());
        self.counter = self.counter.saturating_add(1);
        self.sequence += 1;
        self.waiting.insert((at, self.sequence), frame);
    }

    /// When a frame of that delay leaves: with a rate, after all that wait.
    fn instant(&self, now: SimTime, delay: i64, bytes: usize) -> u64 {
        let mut base = i128::from(now.as_nanos());
        let mut delay = i128::from(delay);
        if let Some(rate) = self.config.rate.filter(|rate| rate.rate > 0) {
            let ahead = self.ahead.back().map(|&(at, _)| at);
            let last = self.waiting.last_key_value().map(|(&(at, _), _)| at);
            if let Some(last) = ahead.max(last) {
                delay = (delay - (i128::from(last) - base)).max(0);
                base = i128::from(last);
            }
            delay += i128::from(packet_time_ns(&rate, bytes));
        }
        u64::try_from((base + delay).max(0)).unwrap_or(u64::MAX)
    }

    pub(super) fn dequeue(
        &mut self,
        now: SimTime,
        stats: &mut Stats,
        lost: &mut Vec<Frame>,
    ) -> Dequeued {
        if let Some((_, frame)) = self.ahead.pop_front() {
            stats.leave(frame.len());
            return Dequeued::Frame(frame);
        }
        let mut later = SimTime::NEVER;
        while let Some((&(at, _), _)) = self.waiting.first_key_value() {
            if self.slot_next != 0 && self.slot_next < at {
                self.next_slot(now);
            }
            let due = at.max(self.slot_next);
            if due > now.as_nanos() {
                later = SimTime::from_nanos(due);
                break;
            }
            let Some((_, frame)) = self.waiting.pop_first() else {
                break;
            };
            if self.slot_next != 0 {
                self.packets_left = self.packets_left.saturating_sub(1);
                let bytes = i32::try_from(frame.len()).unwrap_or(i32::MAX);
                self.bytes_left = self.bytes_left.saturating_sub(bytes);
                if self.packets_left <= 0 || self.bytes_left <= 0 {
                    self.next_slot(now);
                }
            }
            let Some(child) = &mut self.child else {
                stats.leave(frame.len());
                return Dequeued::Frame(frame);
            };
            let bytes = frame.len();
            let done = child.enqueue(now, frame, lost);
            if done.frames == 0 {
                stats.drops = stats.drops.saturating_add(u32::from(done.refused));
                stats.qlen = stats.qlen.saturating_sub(1);
                stats.backlog = stats.backlog.saturating_sub(narrow(bytes));
            }
        }
        self.dequeue_child(now, stats, later, lost)
    }

    fn dequeue_child(
        &mut self,
        now: SimTime,
        stats: &mut Stats,
        later: SimTime,
        lost: &mut Vec<Frame>,
    ) -> Dequeued {
        let below = match &mut self.child {
            Some(child) => child.dequeue(now, lost),
            None => Dequeued::Empty,
        };
        match below {
            Dequeued::Frame(frame) => {
                stats.leave(frame.len());
                Dequeued::Frame(frame)
            }
            Dequeued::Later(at) => Dequeued::Later(at.min(later)),
            Dequeued::Empty if later == SimTime::NEVER => Dequeued::Empty,
            Dequeued::Empty => Dequeued::Later(later),
        }
    }

    /// The next bunch leaves after a pause.
    fn next_slot(&mut self, now: SimTime) {
        let Some(slot) = self.config.slot else {
            return;
        };
        let pause = match &self.config.slot_dist {
            None => {
                let span =
                    u64::try_from(slot.max_delay.saturating_sub(slot.min_delay)).unwrap_or(0);
                let part = (u128::from(span) * u128::from(self.random.next_u32())) >> 32;
                slot.min_delay
                    .saturating_add(i64::try_from(part).unwrap_or(i64::MAX))
            }
            Some(dist) => {
                let jitter = slot.dist_jitter.min(i32::MAX.into());
                table_value(
                    (slot.dist_delay, jitter),
                    None,
                    &mut self.prandom,
                    Some(dist),
                )
            }
        };
        let pause = Duration::from_nanos(u64::try_from(pause).unwrap_or(0));
        self.slot_next = (now + pause).as_nanos();
        self.open_slot(&slot);
    }

    pub(super) fn reset(&mut self, lost: &mut Vec<Frame>) {
        lost.extend(self.ahead.drain(..).map(|(_, frame)| frame));
        lost.extend(std::mem::take(&mut self.waiting).into_values());
        if let Some(child) = &mut self.child {
            child.reset(lost);
        }
    }
}

/// A delay around `mean` with a deviation, in nanoseconds (`tabledist`).
fn table_value(
    (mean, deviation): (i64, i64),
    correlated: Option<&mut Correlated>,
    random: &mut Prandom,
    distribution: Option<&Distribution>,
) -> i64 {
    if deviation == 0 {
        return mean;
    }
    let drawn = match correlated {
        Some(correlated) => correlated.next(random),
        None => random.next_u32(),
    };
    let Some(distribution) = distribution else {
        return (i64::from(drawn) % (2 * deviation) - deviation).saturating_add(mean);
    };
    let value = distribution.value(drawn);
    let low = (deviation % SCALE) * value;
    let rounded = low + if low >= 0 { SCALE / 2 } else { -SCALE / 2 };
    (rounded / SCALE + (deviation / SCALE) * value).saturating_add(mean)
}

/// How long a frame takes at a rate (`packet_time_ns`).
fn packet_time_ns(rate: &NetemRate, bytes: usize) -> u64 {
    let len = i128::from(rate.packet_overhead) + bytes as i128;
    let mut len = len.max(0);
    if rate.cell_size > 0 {
        let cell = i128::from(rate.cell_size);
        let cells = (len + cell - 1) / cell;
        len = (cells * (cell + i128::from(rate.cell_overhead))).max(0);
    }
    let nanos = len * 1_000_000_000 / i128::from(rate.rate.max(1));
    u64::try_from(nanos).unwrap_or(u64::MAX)
}
