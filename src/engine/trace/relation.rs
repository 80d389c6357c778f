//! How a frame stands to the one because of which it was made, read from its bytes.
//! An answer is what its protocol calls one.

use crate::wire::{ETH_HLEN, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6};

/// What a frame is to the one that caused it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// An answer: an echo reply, an ARP reply, a neighbour advertisement.
    Answer,
    /// A refusal: a TCP reset or an ICMP error.
    Refusal,
    /// A question that has to be answered first: an ARP request or a neighbour solicitation.
    Question,
    /// Anything else.
    Consequence,
}

impl Relation {
    /// Reads it from a frame with its Ethernet header, or from an IP packet.
    pub fn of(bytes: &[u8]) -> Self {
        if is_packet(bytes) {
            return of_packet(bytes);
        }
        let body = bytes.get(ETH_HLEN..).unwrap_or_default();
        match bytes.get(12..14) {
            Some(&[a, b]) => match u16::from_be_bytes([a, b]) {
                ETH_P_ARP if body.get(7) == Some(&1) => Self::Question,
                ETH_P_ARP if body.get(7) == Some(&2) => Self::Answer,
                ETH_P_IP | ETH_P_IPV6 => of_packet(body),
                _ => Self::Consequence,
            },
            _ => Self::Consequence,
        }
    }

    /// The word for the cause's story: "answered by frame 4".
    pub const fn word(self) -> &'static str {
        match self {
            Self::Answer => "answered by",
            Self::Refusal => "refused by",
            Self::Question => "first asks with",
            Self::Consequence => "causes",
        }
    }
}

/// Whether bytes are an IP packet rather than a frame: an IP header that tells the right length.
pub(super) fn is_packet(bytes: &[u8]) -> bool {
    let word = |at: usize| match bytes.get(at..at + 2) {
        Some(&[a, b]) => usize::from(u16::from_be_bytes([a, b])),
        _ => usize::MAX,
    };
    match bytes.first().map(|first| first >> 4) {
        Some(4) => word(2) == bytes.len() && bytes[0] & 0x0f >= 5,
        Some(6) => word(4).checked_add(40) == Some(bytes.len()),
        _ => false,
    }
}

fn of_packet(packet: &[u8]) -> Relation {
    let (protocol, body) = match packet.first().map(|first| first >> 4) {
        Some(4) => {
            let len = usize::from(packet[0] & 0x0f) * 4;
            (packet.get(9), packet.get(len..))
        }
        Some(6) => (packet.get(6), packet.get(40..)),
        _ => (None, None),
    };
    let body = body.unwrap_or_default();
    match (protocol, body.first()) {
        (Some(1), Some(0 | 14)) | (Some(58), Some(129 | 136)) => Relation::Answer,
        (Some(1), Some(3 | 4 | 5 | 11 | 12)) | (Some(58), Some(1..=4)) => Relation::Refusal,
        (Some(58), Some(135)) => Relation::Question,
        (Some(6), _) if body.get(13).is_some_and(|flags| flags & 0x04 != 0) => Relation::Refusal,
        _ => Relation::Consequence,
    }
}
