//! The token bucket: frames leave at a rate, and up to a burst at once (sch_tbf.c).
//! What waits for tokens is in the qdisc below it.

use std::time::Duration;

use super::{Dequeued, Enqueued, Fifo, Kind, Qdisc, Stats, Unit};
use crate::units::SimTime;
use crate::wire::Frame;

/// The settings of a token bucket.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TbfConfig {
    /// Bytes per second.
    pub rate: u64,
    /// The bucket, in bytes: as much may leave at once.
    pub burst: u32,
    /// Bytes per second within a burst; 0 where nothing bounds it.
    pub peakrate: u64,
    /// The bucket of the peak rate, in bytes.
    pub mtu: u32,
    /// Bytes that wait at most.
    pub limit: u32,
    /// The least that a frame counts, in bytes.
    pub mpu: u32,
    /// What is added to every frame, in bytes.
    pub overhead: u16,
    /// Whether frames travel in ATM cells of 48 bytes in 53.
    pub atm: bool,
}

/// A token bucket.
#[derive(Clone, Debug)]
pub struct Tbf {
    /// Its settings.
    pub config: TbfConfig,
    /// What waits.
    pub child: Qdisc,
    /// A frame that was looked at and had to wait.
    peeked: Option<Frame>,
    /// Tokens, in nanoseconds of sending; negative in no state that is kept.
    tokens: i64,
    peak_tokens: i64,
    /// When the tokens were counted.
    counted_at: SimTime,
}

impl Tbf {
    /// A full bucket over a queue of bytes.
    pub fn new(now: SimTime, config: TbfConfig) -> Self {
        let fifo = Kind::Fifo(Fifo::new(Unit::Bytes, config.limit));
        let mut tbf = Self {
            config,
            child: Qdisc::new(0, 0, fifo),
            peeked: None,
            tokens: 0,
            peak_tokens: 0,
            counted_at: now,
        };
        tbf.fill();
        tbf
    }

    /// Takes other settings: the bucket is full again.
    pub fn change(&mut self, config: TbfConfig) {
        self.config = config;
        if let Kind::Fifo(fifo) = &mut self.child.kind
            && self.child.handle == 0
        {
            fifo.limit = config.limit;
        }
        self.fill();
    }

    fn fill(&mut self) {
        self.tokens = self.buffer_ns();
        self.peak_tokens = self.peak_buffer_ns();
    }

    /// How long the burst takes at the rate: what is shown as `burst`.
    pub fn buffer_ns(&self) -> i64 {
        self.nanos(self.config.burst as usize, self.config.rate)
    }

    /// How long the peak rate's bucket takes at it.
    pub fn peak_buffer_ns(&self) -> i64 {
        match self.config.peakrate {
            0 => 0,
            rate => self.nanos(self.config.mtu as usize, rate),
        }
    }

    /// How long so many bytes take at a rate (`psched_l2t_ns`).
    fn nanos(&self, bytes: usize, rate: u64) -> i64 {
        let mut len = bytes as u64 + u64::from(self.config.overhead);
        len = len.max(self.config.mpu.into());
        if self.config.atm {
            len = len.div_ceil(48) * 53;
        }
        let nanos = u128::from(len) * 1_000_000_000 / u128::from(rate.max(1));
        i64::try_from(nanos).unwrap_or(i64::MAX)
    }

    /// The largest frame that ever finds tokens enough.
    fn max_size(&self) -> u64 {
        match self.config.peakrate {
            0 => self.config.burst.into(),
            _ => u64::from(self.config.burst.min(self.config.mtu)),
        }
    }

    pub(super) fn enqueue(
        &mut self,
        now: SimTime,
        stats: &mut Stats,
        frame: Frame,
        lost: &mut Vec<Frame>,
    ) -> Enqueued {
        if frame.len() as u64 > self.max_size() {
            stats.drops += 1;
            lost.push(frame);
            return Enqueued::REFUSED;
        }
        let done = self.child.enqueue(now, frame, lost);
        if done.refused {
            stats.drops += 1;
        }
        stats.wait(done.frames, done.bytes);
        done
    }

    pub(super) fn dequeue(
        &mut self,
        now: SimTime,
        stats: &mut Stats,
        lost: &mut Vec<Frame>,
    ) -> Dequeued {
        let bytes = match self.head(now, lost) {
            Ok(bytes) => bytes,
            Err(other) => return other,
        };
        if let Err(missing) = self.pay(now, bytes) {
            stats.overlimits = stats.overlimits.saturating_add(1);
            return Dequeued::Later(now + missing);
        }
        let frame = match self.peeked.take() {
            Some(frame) => Dequeued::Frame(frame),
            None => self.child.dequeue(now, lost),
        };
        if let Dequeued::Frame(frame) = &frame {
            stats.leave(frame.len());
        }
        frame
    }

    /// The length of the frame that is next, where there is one. A plain queue is only looked into; of another
    /// qdisc the frame is taken and kept (`qdisc_peek_dequeued`).
    fn head(&mut self, now: SimTime, lost: &mut Vec<Frame>) -> Result<usize, Dequeued> {
        if let Some(frame) = &self.peeked {
            return Ok(frame.len());
        }
        if let Kind::Fifo(fifo) = &self.child.kind {
            return fifo.head().ok_or(Dequeued::Empty);
        }
        match self.child.dequeue(now, lost) {
            Dequeued::Frame(frame) => Ok(self.peeked.insert(frame).len()),
            other => Err(other),
        }
    }

    /// Takes the tokens for a frame, or says how long they take to come.
    fn pay(&mut self, now: SimTime, bytes: usize) -> Result<(), Duration> {
        let passed = i64::try_from(now.since(self.counted_at).as_nanos()).unwrap_or(i64::MAX);
        let fresh = passed.min(self.buffer_ns());
        let peak = match self.config.peakrate {
            0 => 0,
            rate => {
                let tokens = fresh.saturating_add(self.peak_tokens);
                tokens.min(self.peak_buffer_ns()) - self.nanos(bytes, rate)
            }
        };
        let tokens = fresh.saturating_add(self.tokens).min(self.buffer_ns());
        let tokens = tokens - self.nanos(bytes, self.config.rate);
        if tokens < 0 || peak < 0 {
            return Err(Duration::from_nanos(tokens.min(peak).unsigned_abs()));
        }
        (self.tokens, self.peak_tokens, self.counted_at) = (tokens, peak, now);
        Ok(())
    }

    pub(super) fn reset(&mut self, lost: &mut Vec<Frame>) {
        lost.extend(self.peeked.take());
        self.child.reset(lost);
        self.fill();
    }
}
