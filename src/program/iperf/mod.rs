//! `iperf3`: how much passes in a time, by TCP or UDP, one way or the other.
//! Its control connection is simpler than the real one's, so that a real `iperf3` could not speak with it.
//!
//! A process takes time to hand over its bytes: without it a path without a rate would carry as much as its
//! windows let through in no time at all. One sender hands over 10 Gbit/s, as one processor of a machine does.
//!
//! The control connection carries lines: the client says what is to be done, the server that it is ready; then each
//! stream begins with its number. At the end the client says so, and the server how much came.

pub mod client;
mod report;
pub mod server;
mod stream;

use std::time::Duration;

/// The port of a server (`DEFAULT_PORT`).
pub const PORT: u16 = 5_201;
/// A write of TCP, in bytes (`DEFAULT_TCP_BLKSIZE`).
pub const BLOCK: usize = 131_072;
/// The rate of UDP without `-b`, in bits a second.
pub const UDP_RATE: u64 = 1 << 20;
/// What one process hands over, in bits a second.
const PROCESS_RATE: u64 = 10_000_000_000;

/// What is to be measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Test {
    /// `-u`.
    pub udp: bool,
    /// `-R`: the server sends.
    pub reverse: bool,
    /// `-P`: how many streams.
    pub streams: u32,
    /// `-t`.
    pub span: Duration,
    /// `-n`: so many bytes instead of a time.
    pub bytes: Option<u64>,
    /// `-l`: the length of a write or a datagram.
    pub block: usize,
    /// `-b`: bits a second of each stream; nothing is as fast as it goes.
    pub rate: Option<u64>,
    /// `-i`: a line after so long; nothing without lines in between.
    pub interval: Option<Duration>,
}

impl Default for Test {
    fn default() -> Self {
        Self {
            udp: false,
            reverse: false,
            streams: 1,
            span: Duration::from_secs(10),
            bytes: None,
            block: BLOCK,
            rate: None,
            interval: Some(Duration::from_secs(1)),
        }
    }
}

impl Test {
    /// As a line of the control connection.
    fn line(&self) -> String {
        format!(
            "test {} {} {} {} {} {} {}\n",
            u8::from(self.udp),
            u8::from(self.reverse),
            self.streams,
            self.span.as_millis(),
            self.bytes.unwrap_or(0),
            self.block,
            self.rate.unwrap_or(0)
        )
    }

    /// Reads such a line.
    fn parse(line: &str) -> Option<Self> {
        let numbers: Option<Vec<u64>> = line
            .strip_prefix("test ")?
            .split_whitespace()
            .map(|word| word.parse().ok())
            .collect();
        let [udp, reverse, streams, span, bytes, block, rate] = numbers?[..] else {
            return None;
        };
        Some(Self {
            udp: udp != 0,
            reverse: reverse != 0,
            streams: u32::try_from(streams).ok()?.clamp(1, 128),
            span: Duration::from_millis(span),
            bytes: (bytes > 0).then_some(bytes),
            block: usize::try_from(block).ok()?.clamp(16, 1 << 20),
            rate: (rate > 0).then_some(rate),
            ..Self::default()
        })
    }

    /// How long a write keeps its sender busy, `streams` of which share a process.
    fn pause(&self, bytes: usize) -> Duration {
        let rate = self
            .rate
            .unwrap_or(PROCESS_RATE / u64::from(self.streams))
            .max(1);
        let bits = bytes as u128 * 8;
        let nanos = bits * 1_000_000_000 / u128::from(rate);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_survives_its_line() {
        let test = Test {
            reverse: true,
            streams: 4,
            rate: Some(5_000_000),
            ..Test::default()
        };
        assert_eq!(Test::parse(test.line().trim()), Some(test));
        assert_eq!(Test::parse("test 1 2"), None);
    }

    #[test]
    fn a_process_hands_over_ten_gigabits_a_second() {
        assert_eq!(Test::default().pause(1_250), Duration::from_micros(1));
    }
}
