//! What ping counts, and the lines that it prints of it.
//! It decides nothing about when to send.

use super::words::{millis, percent};
use crate::units::SimTime;

/// Sequence numbers that are told apart (`MAX_DUP_CHK`).
const SEQUENCES: usize = 0x1_0000;

/// The counts of a run. Times are in microseconds.
#[derive(Clone, Debug)]
pub(super) struct Stats {
    pub(super) transmitted: u64,
    pub(super) received: u64,
    repeats: u64,
    pub(super) errors: u64,
    pub(super) rtt_min: i64,
    pub(super) rtt_max: i64,
    rtt_sum: i64,
    rtt_sum_of_squares: i128,
    /// Eight times the smoothed round trip.
    pub(super) rtt_smoothed: i64,
    acked: u16,
    pub(super) pipe: i64,
    seen: Vec<u64>,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            transmitted: 0,
            received: 0,
            repeats: 0,
            errors: 0,
            rtt_min: i64::MAX,
            rtt_max: 0,
            rtt_sum: 0,
            rtt_sum_of_squares: 0,
            rtt_smoothed: 0,
            acked: 0,
            pipe: -1,
            seen: vec![0; SEQUENCES / 64],
        }
    }
}

/// What the last line says beside the round trips.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closing {
    /// Whether packets carried a time.
    pub(super) timing: bool,
    /// Whether the gap between packets is shown (`-f`, `-A`, no interval).
    pub(super) gap: bool,
    /// From the start to the last packet sent.
    pub(super) span_ns: u64,
}

impl Stats {
    pub(super) fn forget(&mut self, seq: u16) {
        self.seen[usize::from(seq) / 64] &= !(1 << (seq % 64));
    }

    pub(super) fn has_seen(&self, seq: u16) -> bool {
        self.seen[usize::from(seq) / 64] & (1 << (seq % 64)) != 0
    }

    /// The low 16 bits of the count of packets sent.
    fn transmitted16(&self) -> u16 {
        (self.transmitted & 0xffff) as u16
    }

    /// Counts a packet sent (`advance_ntransmitted`).
    pub(super) fn sent(&mut self) {
        self.transmitted += 1;
        if self.transmitted16().wrapping_sub(self.acked) > 0x7fff {
            self.acked = self.transmitted16().wrapping_add(1);
        }
    }

    /// How many packets wait for an answer (`in_flight`).
    pub(super) fn in_flight(&self) -> u64 {
        match self.transmitted16().wrapping_sub(self.acked) {
            few @ 0..=0x7fff => u64::from(few),
            _ => self
                .transmitted
                .saturating_sub(self.received)
                .saturating_sub(self.errors),
        }
    }

    /// Something answered to this packet (`acknowledge`).
    pub(super) fn acknowledge(&mut self, seq: u16) {
        let behind = self.transmitted16().wrapping_sub(seq);
        if behind > 0x7fff {
            return;
        }
        self.pipe = self.pipe.max(i64::from(behind) + 1);
        let ahead = seq.wrapping_sub(self.acked);
        let newer = (1..=0x7fff).contains(&ahead);
        if newer || self.transmitted16().wrapping_sub(self.acked) > 0x7fff {
            self.acked = seq;
        }
    }

    /// Counts a round trip.
    pub(super) fn timed(&mut self, us: i64) {
        self.rtt_sum += us;
        self.rtt_sum_of_squares += i128::from(us) * i128::from(us);
        self.rtt_min = self.rtt_min.min(us);
        self.rtt_max = self.rtt_max.max(us);
        self.rtt_smoothed = match self.rtt_smoothed {
            0 => us * 8,
            smoothed => smoothed + us - smoothed / 8,
        };
    }

    /// Counts a reply; says whether it is a duplicate.
    pub(super) fn reply(&mut self, seq: u16) -> bool {
        if self.has_seen(seq) {
            self.repeats += 1;
            return true;
        }
        self.received += 1;
        self.seen[usize::from(seq) / 64] |= 1 << (seq % 64);
        false
    }

    fn average(&self) -> i64 {
        let replies = i64::try_from(self.received + self.repeats).unwrap_or(i64::MAX);
        self.rtt_sum / replies.max(1)
    }

    /// The whole root of the variance, as ping's integers give it (`llsqrt`).
    fn deviation(&self) -> i64 {
        let total = i128::from(self.received + self.repeats).max(1);
        let sum = i128::from(self.rtt_sum);
        let variance = (self.rtt_sum_of_squares * total - sum * sum) / (total * total);
        i64::try_from(variance.max(0).isqrt()).unwrap_or(i64::MAX)
    }

    /// The closing lines (`finish`).
    pub(super) fn report(&self, target: &str, closing: Closing) -> String {
        let mut text = format!("\n--- {target} ping statistics ---\n");
        text += &format!("{} packets transmitted, ", self.transmitted);
        text += &format!("{} received", self.received);
        if self.repeats > 0 {
            text += &format!(", +{} duplicates", self.repeats);
        }
        if self.errors > 0 {
            text += &format!(", +{} errors", self.errors);
        }
        if self.transmitted > 0 {
            let lost = self.transmitted.saturating_sub(self.received);
            text += &format!(", {}% packet loss", percent(lost, self.transmitted));
            text += &format!(", time {}ms", (closing.span_ns + 500_000) / 1_000_000);
        }
        text += "\n";
        text += &self.last_line(closing);
        text + "\n"
    }

    fn last_line(&self, closing: Closing) -> String {
        let mut parts = Vec::new();
        if self.received > 0 && closing.timing {
            parts.push(format!(
                "rtt min/avg/max/mdev = {}/{}/{}/{} ms",
                millis(self.rtt_min),
                millis(self.average()),
                millis(self.rtt_max),
                millis(self.deviation())
            ));
        }
        if self.pipe > 1 {
            parts.push(format!("pipe {}", self.pipe));
        }
        if self.received > 0 && closing.gap && self.transmitted > 1 {
            let gap = closing.span_ns / 1_000 / (self.transmitted - 1);
            let gap = i64::try_from(gap).unwrap_or(i64::MAX);
            let smoothed = self.rtt_smoothed / 8;
            parts.push(format!("ipg/ewma {}/{} ms", millis(gap), millis(smoothed)));
        }
        parts.join(", ")
    }

    /// The line at SIGQUIT (`status`).
    pub(super) fn snapshot(&self, timing: bool) -> String {
        let lost = self.transmitted.saturating_sub(self.received);
        let loss = (lost * 100).checked_div(self.transmitted).unwrap_or(0);
        let mut text = format!(
            "\r{}/{} packets, {loss}% loss",
            self.received, self.transmitted
        );
        if self.received > 0 && timing {
            text += &format!(
                ", min/avg/ewma/max = {}/{}/{}/{} ms",
                millis(self.rtt_min),
                millis(self.average()),
                millis(self.rtt_smoothed / 8),
                millis(self.rtt_max)
            );
        }
        text + "\n"
    }
}

/// The seconds and microseconds of a time, as `struct timeval` holds them.
pub(super) fn timeval(at: SimTime) -> [u8; 16] {
    let (seconds, micros) = (at.as_micros() / 1_000_000, at.as_micros() % 1_000_000);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&seconds.to_le_bytes());
    bytes[8..].copy_from_slice(&micros.to_le_bytes());
    bytes
}

/// The microseconds that a `struct timeval` says.
pub(super) fn from_timeval(bytes: &[u8]) -> Option<i64> {
    let (seconds, rest) = bytes.split_first_chunk::<8>()?;
    let micros = rest.first_chunk::<8>()?;
    let seconds = i64::from_le_bytes(*seconds);
    seconds
        .checked_mul(1_000_000)?
        .checked_add(i64::from_le_bytes(*micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOSING: Closing = Closing {
        timing: true,
        gap: false,
        span_ns: 1_001_200_000,
    };

    #[test]
    fn two_replies_give_their_mean_and_deviation() {
        let mut stats = Stats::default();
        for (seq, us) in [(1, 91), (2, 119)] {
            stats.sent();
            stats.acknowledge(seq);
            stats.timed(us);
            assert!(!stats.reply(seq));
        }
        assert_eq!(
            stats.report("a", CLOSING),
            "\n--- a ping statistics ---\n2 packets transmitted, 2 received, 0% packet loss, \
             time 1001ms\nrtt min/avg/max/mdev = 0.091/0.105/0.119/0.014 ms\n"
        );
    }

    #[test]
    fn a_second_reply_is_a_duplicate_and_no_reply() {
        let mut stats = Stats::default();
        stats.sent();
        stats.timed(10);
        assert!(!stats.reply(1));
        stats.timed(20);
        assert!(stats.reply(1));
        assert!(
            stats
                .report("a", CLOSING)
                .contains("1 received, +1 duplicates, 0% packet loss")
        );
    }

    #[test]
    fn packets_that_wait_together_make_a_pipe() {
        let mut stats = Stats::default();
        (0..3).for_each(|_| stats.sent());
        assert_eq!(stats.in_flight(), 3);
        stats.acknowledge(1);
        assert_eq!((stats.in_flight(), stats.pipe), (2, 3));
        stats.errors = 1;
        assert!(
            stats
                .report("a", CLOSING)
                .ends_with("time 1001ms\npipe 3\n")
        );
    }

    #[test]
    fn a_time_in_a_packet_comes_back() {
        let at = SimTime::from_nanos(12_345_678_901);
        assert_eq!(from_timeval(&timeval(at)), Some(12_345_678));
        assert_eq!(from_timeval(&[0; 15]), None);
    }
}
