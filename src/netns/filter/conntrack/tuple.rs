//! The two ends of a connection as one direction shows them (`nf_conntrack_tuple`).
//! Which connection has a tuple is in the table.

use crate::netns::filter::packet::Parts;
use crate::netns::filter::rule::Family;
use crate::wire::ipv4::IPPROTO_ICMP;
use crate::wire::ipv6::IPPROTO_ICMPV6;

/// Addresses, ports and protocol of one direction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Tuple {
    /// Its family.
    pub family: Family,
    /// The protocol above.
    pub protocol: u8,
    /// The source.
    pub src: u128,
    /// The destination.
    pub dst: u128,
    /// The source port; of ICMP the id of the query.
    pub sport: u16,
    /// The destination port; of ICMP type and code.
    pub dport: u16,
}

impl Tuple {
    /// The tuple of a packet; nothing where its header above is cut off.
    pub fn of(parts: &Parts, bytes: &[u8]) -> Option<Self> {
        let (sport, dport) = match parts.icmp(bytes) {
            Some((kind, code)) => {
                let id = parts.above(bytes).get(4..6)?;
                (
                    u16::from_be_bytes([id[0], id[1]]),
                    u16::from_be_bytes([kind, code]),
                )
            }
            None => match parts.protocol {
                6 | 17 | 132 | 33 | 136 => parts.ports(bytes)?,
                _ => (0, 0),
            },
        };
        Some(Self {
            family: parts.family,
            protocol: parts.protocol,
            src: parts.src,
            dst: parts.dst,
            sport,
            dport,
        })
    }

    /// Whether it is of ICMP, whose "ports" are an id, a type and a code.
    pub fn is_icmp(&self) -> bool {
        match self.family {
            Family::V4 => self.protocol == IPPROTO_ICMP,
            Family::V6 => self.protocol == IPPROTO_ICMPV6,
        }
    }

    /// The tuple of the answers; nothing for an ICMP message that has none.
    pub fn invert(&self) -> Option<Self> {
        let (sport, dport) = match self.is_icmp() {
            false => (self.dport, self.sport),
            true => {
                let [kind, code] = self.dport.to_be_bytes();
                let answer = match (self.family, kind) {
                    (Family::V4, 8) => 0,
                    (Family::V4, 0) => 8,
                    (Family::V4, 13) => 14,
                    (Family::V4, 14) => 13,
                    (Family::V4, 15) => 16,
                    (Family::V4, 16) => 15,
                    (Family::V4, 17) => 18,
                    (Family::V4, 18) => 17,
                    (Family::V6, 128) => 129,
                    (Family::V6, 129) => 128,
                    (Family::V6, 139) => 140,
                    (Family::V6, 140) => 139,
                    _ => return None,
                };
                (self.sport, u16::from_be_bytes([answer, code]))
            }
        };
        Some(Self {
            src: self.dst,
            dst: self.src,
            sport,
            dport,
            ..*self
        })
    }
}
