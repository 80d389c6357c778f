//! ICMPv6 errors (RFC 4443): which there are, what they quote, what deserves one (icmp.c of net/ipv6).
//! Neighbour and listener discovery are in `ndisc` and `mld`.

use super::extension::upper;
use crate::wire::Frame;
use crate::wire::ipv6::IPPROTO_ICMPV6;

/// Type of destination unreachable.
pub const DEST_UNREACH: u8 = 1;
/// Type of packet too big.
pub const PKT_TOOBIG: u8 = 2;
/// Type of time exceeded.
pub const TIME_EXCEED: u8 = 3;
/// Type of a parameter problem.
pub const PARAMPROB: u8 = 4;
/// Type of an echo request.
pub const ECHO_REQUEST: u8 = 128;
/// Type of an echo reply.
pub const ECHO_REPLY: u8 = 129;
/// Type of a listener query.
pub const MLD_QUERY: u8 = 130;
/// Type of a listener report of version 1.
pub const MLD_REPORT: u8 = 131;
/// Type of a farewell of version 1.
pub const MLD_DONE: u8 = 132;
/// First type of neighbour discovery, a router solicitation.
pub const NDISC_FIRST: u8 = 133;
/// Last type of neighbour discovery, a redirect.
pub const NDISC_LAST: u8 = 137;

/// Bytes of the smallest MTU, which no error exceeds.
const ERROR_MAX: usize = 1280;

/// An error's type, code and second word: an mtu or a pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Icmp6Error {
    /// The type.
    pub kind: u8,
    /// The code.
    pub code: u8,
    /// The second word.
    pub info: u32,
}

impl Icmp6Error {
    const fn new(kind: u8, code: u8) -> Self {
        Self {
            kind,
            code,
            info: 0,
        }
    }

    /// No route leads there.
    pub const NO_ROUTE: Self = Self::new(DEST_UNREACH, 0);
    /// A route forbids it.
    pub const ADM_PROHIBITED: Self = Self::new(DEST_UNREACH, 1);
    /// A link-local source beyond its link.
    pub const NOT_NEIGHBOUR: Self = Self::new(DEST_UNREACH, 2);
    /// The neighbour does not answer.
    pub const ADDR_UNREACH: Self = Self::new(DEST_UNREACH, 3);
    /// Nothing listens at the port.
    pub const PORT_UNREACH: Self = Self::new(DEST_UNREACH, 4);
    /// The hop limit is used up.
    pub const HOP_LIMIT: Self = Self::new(TIME_EXCEED, 0);
    /// Fragments did not come in time.
    pub const FRAGTIME: Self = Self::new(TIME_EXCEED, 1);

    /// It is longer than the way takes.
    pub const fn too_big(mtu: u32) -> Self {
        Self {
            kind: PKT_TOOBIG,
            code: 0,
            info: mtu,
        }
    }

    /// Something in the packet cannot be.
    pub const fn problem(code: u8, pointer: u32) -> Self {
        Self {
            kind: PARAMPROB,
            code,
            info: pointer,
        }
    }

    /// Whether it answers a packet to a group too (RFC 4443, section 2.4, e.3).
    pub const fn answers_groups(self) -> bool {
        self.kind == PKT_TOOBIG || (self.kind == PARAMPROB && self.code == 2)
    }
}

/// The message of an error about `packet`, without an IPv6 header and with its checksum to be filled in.
pub fn error_message(packet: &[u8], error: Icmp6Error) -> Frame {
    let room = ERROR_MAX - 40 - 8;
    let quoted = packet.get(..room).unwrap_or(packet);
    let [a, b, c, d] = error.info.to_be_bytes();
    let mut message = vec![error.kind, error.code, 0, 0, a, b, c, d];
    message.extend(quoted);
    Frame::new(&message)
}

/// Whether a packet may be answered with an error at all: not where it is one itself
/// (`is_ineligible`).
pub fn deserves_error(packet: &[u8]) -> bool {
    match upper(packet) {
        Some((IPPROTO_ICMPV6, message)) => message.first().is_some_and(|kind| kind & 0x80 != 0),
        Some(_) | None => true,
    }
}

/// Whether messages of this type are limited in number (`net.ipv6.icmp.ratemask`: ranges of types).
pub fn is_limited(mask: &str, kind: u8) -> bool {
    mask.split(',').any(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        match (first.trim().parse::<u8>(), last.trim().parse::<u8>()) {
            (Ok(first), Ok(last)) => (first..=last).contains(&kind),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::icmpv6_packet;
    use std::net::Ipv6Addr;

    #[test]
    fn an_error_quotes_at_most_1232_bytes() {
        let message = error_message(&[7; 1500], Icmp6Error::too_big(1300));
        assert_eq!(message.len(), 1240);
        assert_eq!(message.bytes()[..8], [2, 0, 0, 0, 0, 0, 5, 20]);
    }

    #[test]
    fn an_error_is_not_answered_with_an_error() {
        let own = Ipv6Addr::LOCALHOST;
        let of = |kind: u8| icmpv6_packet(own, own, 64, &[kind, 0, 0, 0, 0, 0, 0, 0]);
        assert!(deserves_error(of(ECHO_REQUEST).bytes()));
        assert!(!deserves_error(of(DEST_UNREACH).bytes()));
    }

    #[test]
    fn too_big_is_the_error_without_a_limit() {
        let limited: Vec<u8> = (0..6).filter(|&k| is_limited("0-1,3-127", k)).collect();
        assert_eq!(limited, [0, 1, 3, 4, 5]);
    }
}
