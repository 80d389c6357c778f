//! One direction of a cable: latency, rate with a bounded queue in front, and loss.
//! It holds no frames: it only says when one would arrive.

use std::time::Duration;

use crate::engine::Random;
use crate::units::SimTime;

/// Bytes that wait at most in front of a slow wire, unless it says otherwise: about 170 full frames.
pub const QUEUE_BYTES: u32 = 256 * 1024;
/// What a frame takes on the wire besides its bytes: preamble, frame check sequence and the gap
/// (IEEE 802.3, 4.2.3 and 4.4.2).
const WIRE_OVERHEAD: u64 = 8 + 4 + 12;
/// The shortest frame without its check sequence: a shorter one is padded on the wire.
const FRAME_MIN: u64 = 60;
/// A part in a million is the unit of loss.
const MILLION: u32 = 1_000_000;

/// How one direction of a cable is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WireSpec {
    /// From the last bit sent to the last bit received.
    pub latency: Duration,
    /// In bits per second; nothing for a wire that is never the bottleneck.
    pub rate_bps: Option<u64>,
    /// Of a million frames so many are lost.
    pub loss_ppm: u32,
    /// Bytes that wait at most for the wire to be free, those of the frame on it included; of no meaning without a rate.
    pub queue_bytes: u32,
}

impl WireSpec {
    /// A wire that only takes its time.
    pub const fn of_latency(latency: Duration) -> Self {
        Self {
            latency,
            rate_bps: None,
            loss_ppm: 0,
            queue_bytes: QUEUE_BYTES,
        }
    }
}

/// What becomes of a frame on its way over a lane.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Crossing {
    /// It arrives then.
    Arrives(SimTime),
    /// The wire loses it.
    Lost,
    /// The queue in front of the wire is full.
    QueueFull,
}

/// One direction of a cable.
#[derive(Clone, Debug)]
pub struct Lane {
    spec: WireSpec,
    /// When the last frame that was accepted has left.
    free_at: SimTime,
    random: Random,
}

impl Lane {
    /// A lane that draws its losses from `random`.
    pub fn new(spec: WireSpec, random: Random) -> Self {
        Self {
            spec,
            free_at: SimTime::ZERO,
            random,
        }
    }

    /// How it is.
    pub fn spec(&self) -> WireSpec {
        self.spec
    }

    /// Makes it so from now on; what is on its way is not touched, and the losses go on where they were.
    pub fn change(&mut self, spec: WireSpec) {
        self.spec = spec;
    }

    /// A frame of `len` bytes is put on the lane.
    pub fn carry(&mut self, now: SimTime, len: usize) -> Crossing {
        let left = match self.spec.rate_bps {
            None => now,
            Some(rate) => match self.serialise(now, len, rate) {
                Some(left) => left,
                None => return Crossing::QueueFull,
            },
        };
        // A frame that gets lost has taken its time on the wire nevertheless.
        if self.spec.loss_ppm > 0 && self.random.below(MILLION) < self.spec.loss_ppm {
            return Crossing::Lost;
        }
        Crossing::Arrives(left + self.spec.latency)
    }

    /// When the last bit has left; nothing where the queue is full.
    fn serialise(&mut self, now: SimTime, len: usize, rate: u64) -> Option<SimTime> {
        let waits = self.free_at.since(now);
        let backlog = waits.as_nanos().saturating_mul(u128::from(rate)) / 8_000_000_000;
        if backlog > 0 && backlog + len as u128 > u128::from(self.spec.queue_bytes) {
            return None;
        }
        let bits = ((len as u64).max(FRAME_MIN) + WIRE_OVERHEAD) * 8;
        let nanos = (u128::from(bits) * 1_000_000_000).div_ceil(u128::from(rate.max(1)));
        let takes = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        self.free_at = self.free_at.max(now) + takes;
        Some(self.free_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Seed;

    fn lane(spec: WireSpec) -> Lane {
        Lane::new(spec, Seed(1).stream("lane"))
    }

    fn at(micros: u64) -> Crossing {
        Crossing::Arrives(SimTime::from_nanos(micros * 1000))
    }

    #[test]
    fn a_wire_without_a_rate_takes_its_latency_only() {
        let mut lane = lane(WireSpec::of_latency(Duration::from_micros(50)));
        for _ in 0..3 {
            assert_eq!(lane.carry(SimTime::ZERO, 1514), at(50));
        }
    }

    #[test]
    fn frames_leave_one_after_another_at_the_rate() {
        let mut lane = lane(WireSpec {
            rate_bps: Some(8_000_000),
            ..WireSpec::of_latency(Duration::from_micros(50))
        });
        // 1514 bytes and 24 of overhead at a byte a microsecond; the shortest frame has 60.
        assert_eq!(lane.carry(SimTime::ZERO, 1514), at(1538 + 50));
        assert_eq!(lane.carry(SimTime::ZERO, 42), at(1538 + 84 + 50));
        let later = SimTime::from_nanos(1_000_000_000);
        assert_eq!(lane.carry(later, 60), at(1_000_000 + 84 + 50));
    }

    #[test]
    fn queue_in_front_of_a_slow_wire_is_bounded() {
        let mut lane = lane(WireSpec {
            rate_bps: Some(8000),
            queue_bytes: 3100,
            ..WireSpec::of_latency(Duration::ZERO)
        });
        let taken = (0..10)
            .filter(|_| lane.carry(SimTime::ZERO, 1000) != Crossing::QueueFull)
            .count();
        assert_eq!(taken, 3, "the one on the wire counts too");
        let mut lane = Lane::new(
            WireSpec {
                queue_bytes: 0,
                ..lane.spec()
            },
            Seed(1).stream("lane"),
        );
        assert_ne!(lane.carry(SimTime::ZERO, 9000), Crossing::QueueFull);
    }

    #[test]
    fn losses_come_from_the_seed() {
        let lossy = WireSpec {
            loss_ppm: 300_000,
            ..WireSpec::of_latency(Duration::ZERO)
        };
        let run = |seed: u64| -> Vec<bool> {
            let mut lane = Lane::new(lossy, Seed(seed).stream("lane"));
            let lost = |_| lane.carry(SimTime::ZERO, 100) == Crossing::Lost;
            (0..1000).map(lost).collect()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let lost = run(1).iter().filter(|&&lost| lost).count();
        assert!((250..350).contains(&lost), "{lost}");
        let mut dead = lane(WireSpec {
            loss_ppm: 1_000_000,
            ..lossy
        });
        assert!((0..1000).all(|_| dead.carry(SimTime::ZERO, 100) == Crossing::Lost));
    }
}
