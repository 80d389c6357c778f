//! What comes back to a ping: replies, ICMP messages on the raw socket, entries of the error queue.
//! When to look for them is decided in the main loop.

use std::net::{IpAddr, SocketAddr};

use super::stats::from_timeval;
use super::words::{icmp4, icmp6, round_trip};
use super::{Ping, TIMEVAL_LEN};
use crate::kernel::World;
use crate::netns::socket::{Datagram, ErrorOrigin, SocketError, SocketOption};
use crate::program::Console;
use crate::program::resolve::with_scope;
use crate::units::Errno;

/// ICMP types that a ping does not want to see once errors come through the error queue:
/// all but source quench, redirect and echo reply.
const FILTER_AFTER_ERROR: u32 = !((1 << 4) | (1 << 5) | 1);
/// A longer round trip is no measurement.
const ROUND_TRIP_US_MAX: i64 = 1_000_000_000_000;

/// The Internet checksum (RFC 1071).
pub(in crate::program) fn checksum(bytes: &[u8]) -> u16 {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let whole: u64 = pairs
        .iter()
        .map(|&pair| u64::from(u16::from_be_bytes(pair)))
        .sum();
    let mut sum = whole + odd.first().map_or(0, |&last| u64::from(last) << 8);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// The identifier and sequence number of an echo message.
fn echo(message: &[u8]) -> Option<(u8, u16, u16)> {
    let &[kind, _, _, _, id_high, id_low, seq_high, seq_low] = message.first_chunk::<8>()?;
    Some((
        kind,
        u16::from_be_bytes([id_high, id_low]),
        u16::from_be_bytes([seq_high, seq_low]),
    ))
}

impl Ping {
    /// A packet that the raw socket got.
    pub(super) fn take(&mut self, world: &World, console: &mut Console, datagram: &Datagram) {
        match datagram.from.is_ipv4() {
            true => self.take_v4(world, console, datagram),
            false => self.take_v6(world, console, datagram),
        }
    }

    /// `ping4_parse_reply`.
    fn take_v4(&mut self, world: &World, console: &mut Console, datagram: &Datagram) {
        let header_len = datagram
            .bytes
            .first()
            .map_or(0, |first| 4 * usize::from(first & 0xf));
        let Some(message) = datagram.bytes.get(header_len.max(20)..) else {
            return;
        };
        let Some((kind, ident, seq)) = echo(message) else {
            if self.options.verbose {
                let from = self.name(world, datagram.from);
                let len = datagram.bytes.len();
                self.complain(
                    console,
                    format_args!("packet too short ({len} bytes) from {from}"),
                );
            }
            return;
        };
        match kind {
            0 if ident == self.options.ident => {
                self.replied(world, console, datagram, message, seq)
            }
            0 | 8 => {}
            3 | 4 | 5 | 11 | 12 => self.take_icmp4(world, console, datagram, message),
            _ => {}
        }
    }

    /// An ICMP error on the raw socket itself: acknowledged, for its entry in the error queue
    /// tells of it; a redirect is told of here.
    fn take_icmp4(
        &mut self,
        world: &World,
        console: &mut Console,
        datagram: &Datagram,
        message: &[u8],
    ) {
        let Some(quoted) = message.get(8..) else {
            return;
        };
        let header_len = quoted
            .first()
            .map_or(0, |first| 4 * usize::from(first & 0xf));
        let destination = quoted.get(16..20).and_then(|d| d.first_chunk::<4>());
        let Some((kind, ident, seq)) = quoted.get(header_len.max(20)..).and_then(echo) else {
            return;
        };
        let ours = kind == 8
            && ident == self.options.ident
            && destination.is_some_and(|&d| IpAddr::from(d) == self.to.ip());
        if !ours {
            return;
        }
        if !matches!(message[0], 4 | 5) {
            return self.stats.acknowledge(seq);
        }
        if self.options.quiet || self.options.flood {
            return;
        }
        self.print_timestamp(world.now(), console);
        let from = self.name(world, datagram.from);
        let info = message.get(4..8).and_then(|i| i.first_chunk::<4>());
        let info = info.map_or(0, |&info| u32::from_be_bytes(info));
        let words = icmp4(message[0], message[1], info, |ip| {
            self.name(world, SocketAddr::new(IpAddr::V4(ip), 0))
        });
        console.out(format!("From {from}: icmp_seq={seq} {words}"));
    }

    /// `ping6_parse_reply`.
    fn take_v6(&mut self, world: &World, console: &mut Console, datagram: &Datagram) {
        match echo(&datagram.bytes) {
            Some((129, ident, seq)) if ident == self.options.ident => {
                self.replied(world, console, datagram, &datagram.bytes, seq);
            }
            Some(_) => {}
            None if self.options.verbose => {
                let len = datagram.bytes.len();
                self.complain(console, format_args!("packet too short: {len} bytes"));
            }
            None => {}
        }
    }

    /// A reply: counted, and printed (`gather_statistics`).
    fn replied(
        &mut self,
        world: &World,
        console: &mut Console,
        datagram: &Datagram,
        message: &[u8],
        seq: u16,
    ) {
        self.stats.acknowledge(seq);
        let data = message.get(8..).unwrap_or(&[]);
        let read_at = if self.options.latency {
            world.now()
        } else {
            datagram.at
        };
        let mut round_trip_us = 0;
        if let Some(sent) = from_timeval(data).filter(|_| self.timing) {
            let read = i64::try_from(read_at.as_micros()).unwrap_or(i64::MAX);
            round_trip_us = read.saturating_sub(sent).clamp(0, ROUND_TRIP_US_MAX);
            self.stats.timed(round_trip_us);
            if self.options.adaptive {
                self.adapt();
            }
        }
        let duplicate = self.stats.reply(seq);
        if self.options.quiet {
            return;
        }
        if self.options.flood {
            console.out("\x08 \x08");
            return;
        }
        self.print_timestamp(world.now(), console);
        let from = self.name(world, datagram.from);
        console.out(format!(
            "{} bytes from {from}: icmp_seq={seq}",
            message.len()
        ));
        if self.options.verbose {
            console.out(format!(" ident={}", self.options.ident));
        }
        console.out(format!(" ttl={}", datagram.ttl));
        if data.len() < self.options.size {
            console.out(" (truncated)\n");
            return;
        }
        if self.timing {
            console.out(round_trip(round_trip_us));
        }
        if duplicate && (!self.is_group() || self.options.verbose) {
            console.out(" (DUP!)");
        }
        if !self.any_source && datagram.from.ip() != self.to.ip() {
            console.out(" (DIFFERENT ADDRESS!)");
        }
        self.compare(console, data);
        if self.options.audible {
            console.out("\x07");
        }
        if datagram.from.is_ipv4() {
            self.print_options(world, console, &datagram.bytes);
        }
        console.out("\n");
    }

    fn is_group(&self) -> bool {
        self.options.broadcast || self.to.ip().is_multicast()
    }

    /// Shows the first data byte that came back wrong, and all of them.
    fn compare(&self, console: &mut Console, data: &[u8]) {
        let (Some(got), Some(want)) = (data.get(TIMEVAL_LEN..), self.data.get(TIMEVAL_LEN..))
        else {
            return;
        };
        let wrong = got.iter().zip(want).position(|(got, want)| got != want);
        let Some(at) = wrong else {
            return;
        };
        let (is, should) = (got[at], want[at]);
        let number = at + TIMEVAL_LEN;
        console.out(format!(
            "\nwrong data byte #{number} should be 0x{should:x} but was 0x{is:x}"
        ));
        for (number, byte) in (TIMEVAL_LEN..self.options.size).zip(got) {
            if number % 32 == TIMEVAL_LEN {
                console.out(format!("\n#{number}\t"));
            }
            console.out(format!("{byte:x} "));
        }
    }

    /// An adaptive ping follows the round trip (`update_interval`).
    fn adapt(&mut self) {
        let estimate = match self.stats.rtt_smoothed {
            0 => self.interval_ms * 1_000,
            smoothed => smoothed / 8,
        };
        self.interval_ms = (estimate + 500) / 1_000;
    }

    /// Reads an entry of the error queue: 1 where it was about a packet of ours, 0 where it was not,
    /// -1 where this kernel refused to send or nothing waits (`ping4_receive_error_msg`).
    pub(super) fn receive_error(&mut self, world: &mut World, console: &mut Console) -> i32 {
        let Some(error) = world.recv_error(self.socket) else {
            return -1;
        };
        match error.origin {
            ErrorOrigin::Local => {
                self.local_error(console, &error);
                -1
            }
            ErrorOrigin::Icmp | ErrorOrigin::Icmp6 => self.icmp_error(world, console, &error),
        }
    }

    fn local_error(&mut self, console: &mut Console, error: &SocketError) {
        if self.options.quiet {
            return;
        }
        self.stats.errors += 1;
        if self.options.flood {
            return console.out("E");
        }
        let (v6, info) = (self.to.is_ipv6(), error.info);
        match error.errno {
            Errno::Emsgsize if v6 => {
                self.complain(
                    console,
                    format_args!("local error: message too long, mtu: {info}"),
                );
            }
            Errno::Emsgsize => {
                self.complain(
                    console,
                    format_args!("local error: message too long, mtu={info}"),
                );
            }
            errno => self.complain(console, format_args!("local error: {errno}")),
        }
    }

    fn icmp_error(&mut self, world: &mut World, console: &mut Console, error: &SocketError) -> i32 {
        let v6 = self.to.is_ipv6();
        let request = if v6 { 128 } else { 8 };
        let seq = match echo(&error.bytes) {
            Some((kind, ident, seq)) if kind == request && ident == self.options.ident => seq,
            _ => return 0,
        };
        if error.to.ip() != self.to.ip() {
            return 0;
        }
        if !v6 {
            self.stats.acknowledge(seq);
            let _ = world.socket_option(self.socket, SocketOption::IcmpFilter(FILTER_AFTER_ERROR));
        }
        self.stats.errors += 1;
        if self.options.quiet {
            return 1;
        }
        if self.options.flood {
            console.out("\x08E");
            return 1;
        }
        self.print_timestamp(world.now(), console);
        let from = self.name(
            world,
            with_scope(error.offender.unwrap_or(error.to.ip()), error.ifindex),
        );
        let words = match v6 {
            true => icmp6(error.kind, error.code, error.info) + "\n",
            false => icmp4(error.kind, error.code, error.info, |ip| {
                self.name(world, SocketAddr::new(IpAddr::V4(ip), 0))
            }),
        };
        console.out(format!("From {from} icmp_seq={seq} {words}"));
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_over_itself_is_zero() {
        let mut packet = vec![8, 0, 0, 0, 0x12, 0x34, 0, 1, 0xff];
        let sum = checksum(&packet);
        packet[2..4].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(checksum(&packet), 0);
    }
}
