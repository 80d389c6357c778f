//! Round-trip times and the retransmission timeout (RFC 6298, `tcp_rtt_estimator`).
//! In microseconds and integers, as Linux computes them.

use std::time::Duration;

/// `TCP_RTO_MIN`, in microseconds.
const RTO_MIN_US: u32 = 200_000;
/// `TCP_RTO_MAX`, in milliseconds.
pub const RTO_MAX_MS: u32 = 120_000;
/// `TCP_TIMEOUT_INIT`, in milliseconds.
const RTO_INIT_MS: u32 = 1_000;
/// A tick of the kernel's clock (250 Hz), in microseconds: the timeout is a number of them.
const JIFFY_US: u32 = 4_000;

/// The estimate of one connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rtt {
    /// Smoothed, times 8; 0 before the first sample.
    srtt8_us: u32,
    /// Mean deviation, times 4.
    mdev4_us: u32,
    /// The timeout without its backoff, in milliseconds.
    rto_ms: u32,
}

impl Default for Rtt {
    fn default() -> Self {
        Self {
            srtt8_us: 0,
            mdev4_us: 0,
            rto_ms: RTO_INIT_MS,
        }
    }
}

impl Rtt {
    /// Takes in a sample.
    pub fn sample(&mut self, span: Duration) {
        let us = u32::try_from(span.as_micros())
            .unwrap_or(u32::MAX / 16)
            .clamp(1, 120_000_000);
        if self.srtt8_us == 0 {
            self.srtt8_us = us * 8;
            self.mdev4_us = us * 2;
        } else {
            let error = i64::from(us) - i64::from(self.srtt8_us / 8);
            self.srtt8_us = (i64::from(self.srtt8_us) + error).clamp(8, 1 << 30) as u32;
            let mut deviation = error.abs() - i64::from(self.mdev4_us / 4);
            if error < 0 && deviation > 0 {
                // A shorter time says less about the next one.
                deviation /= 8;
            }
            self.mdev4_us = (i64::from(self.mdev4_us) + deviation).clamp(0, 1 << 30) as u32;
        }
        let rto_us = self.srtt8_us / 8 + self.mdev4_us.max(RTO_MIN_US);
        self.rto_ms = (rto_us.div_ceil(JIFFY_US) * JIFFY_US / 1_000).min(RTO_MAX_MS);
    }

    /// The smoothed round-trip time; nothing before the first sample.
    pub fn smoothed(&self) -> Option<Duration> {
        (self.srtt8_us != 0).then(|| Duration::from_micros(u64::from(self.srtt8_us / 8)))
    }

    /// The mean deviation.
    pub fn deviation(&self) -> Duration {
        Duration::from_micros(u64::from(self.mdev4_us / 4))
    }

    /// The timeout after so many timeouts without an answer.
    pub fn timeout(&self, backoff: u32) -> Duration {
        let ms = u64::from(self.rto_ms) << backoff.min(20);
        Duration::from_millis(ms.min(u64::from(RTO_MAX_MS)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_is_a_second_until_something_is_measured_and_then_at_least_200_ms() {
        let mut rtt = Rtt::default();
        assert_eq!(rtt.timeout(0), Duration::from_secs(1));
        rtt.sample(Duration::from_micros(40));
        // As `ss -i` shows on a veth pair.
        assert_eq!(rtt.timeout(0), Duration::from_millis(204));
        assert_eq!(rtt.timeout(3), Duration::from_millis(1_632));
        assert_eq!(rtt.timeout(40), Duration::from_secs(120));
    }

    #[test]
    fn a_steady_path_is_measured_as_it_is() {
        let mut rtt = Rtt::default();
        (0..200).for_each(|_| rtt.sample(Duration::from_millis(100)));
        assert_eq!(rtt.smoothed(), Some(Duration::from_millis(100)));
        assert!(rtt.timeout(0) >= Duration::from_millis(300));
        assert!(rtt.timeout(0) <= Duration::from_millis(308));
    }
}
