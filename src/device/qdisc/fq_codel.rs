//! `fq_codel` with its settings (sch_fq_codel.c).
//! The devices here take frames at once, so nothing waits long enough for its flows and delays to matter.

use super::{Fifo, Unit};

/// The settings of an `fq_codel`, and its frames in one queue.
#[derive(Clone, Debug)]
pub struct FqCodel {
    /// How many flows there are.
    pub flows: u32,
    /// What a flow may send in its turn, in bytes.
    pub quantum: u32,
    /// The delay that is accepted, in units of 1024 ns as the kernel keeps it.
    pub target: u32,
    /// The time in which a delay must come down, in units of 1024 ns.
    pub interval: u32,
    /// Bytes of memory at most.
    pub memory_limit: u32,
    /// Whether packets are marked rather than lost.
    pub ecn: bool,
    /// Frames that are lost at once where there are too many.
    pub drop_batch: u32,
    /// The frames; the limit is the discipline's.
    pub fifo: Fifo,
}

impl FqCodel {
    /// The kernel's defaults for a device of that mtu.
    pub fn new(mtu: u32) -> Self {
        Self {
            flows: 1024,
            quantum: mtu.saturating_add(14),
            target: ticks(5_000),
            interval: ticks(100_000),
            memory_limit: 32 << 20,
            ecn: true,
            drop_batch: 64,
            fifo: Fifo::new(Unit::Packets, 10_240),
        }
    }
}

/// Microseconds in units of 1024 ns (`(us * NSEC_PER_USEC) >> CODEL_SHIFT`).
pub fn ticks(micros: u32) -> u32 {
    u32::try_from((u64::from(micros) * 1000) >> 10).unwrap_or(u32::MAX)
}

/// The same back, in microseconds (`codel_time_to_us`).
pub fn micros(ticks: u32) -> u32 {
    u32::try_from((u64::from(ticks) << 10) / 1000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_milliseconds_read_back_a_little_less() {
        assert_eq!(
            (micros(ticks(5_000)), micros(ticks(100_000))),
            (4999, 99_999)
        );
    }
}
