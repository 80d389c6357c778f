//! What netfilter reads of a packet, and how addresses and ports in it are changed.
//! It decides nothing.

use crate::netns::filter::rule::Family;
use crate::netns::v6::extension;
use crate::wire::Frame;
use crate::wire::ipv4::{self, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, Ipv4View};
use crate::wire::ipv6::{IPPROTO_ICMPV6, Ipv6View};

/// Protocol number of SCTP.
pub const IPPROTO_SCTP: u8 = 132;

/// The parts of a packet that rules and connections look at. IPv4 addresses are in the low 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parts {
    /// Its family.
    pub family: Family,
    /// The source.
    pub src: u128,
    /// The destination.
    pub dst: u128,
    /// The protocol above.
    pub protocol: u8,
    /// Where the header above begins.
    pub upper: usize,
    /// Whether it is a fragment but the first: there is no header above then.
    pub later_fragment: bool,
    /// Its length in bytes, from the IP header on.
    pub len: usize,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// Type of service, or traffic class.
    pub tos: u8,
}

impl Parts {
    /// Reads a packet whose header has been checked.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes.first()? >> 4 {
            4 => {
                let view = Ipv4View::new(bytes)?;
                Some(Self {
                    family: Family::V4,
                    src: view.src().to_bits().into(),
                    dst: view.dst().to_bits().into(),
                    protocol: view.protocol(),
                    upper: view.header_len(),
                    later_fragment: view.fragment_offset() != 0,
                    len: bytes.len(),
                    ttl: view.ttl(),
                    tos: view.tos(),
                })
            }
            _ => {
                let view = Ipv6View::new(bytes)?;
                let (protocol, upper) = extension::upper(bytes).unwrap_or((59, &[]));
                Some(Self {
                    family: Family::V6,
                    src: view.src().to_bits(),
                    dst: view.dst().to_bits(),
                    protocol,
                    upper: bytes.len() - upper.len(),
                    later_fragment: false,
                    len: bytes.len(),
                    ttl: view.hop_limit(),
                    tos: view.traffic_class(),
                })
            }
        }
    }

    /// The header above and what follows.
    pub fn above<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        match self.later_fragment {
            true => &[],
            false => bytes.get(self.upper..).unwrap_or(&[]),
        }
    }

    /// Source and destination port, where the protocol has some.
    pub fn ports(&self, bytes: &[u8]) -> Option<(u16, u16)> {
        let has = matches!(
            self.protocol,
            IPPROTO_TCP | IPPROTO_UDP | IPPROTO_SCTP | 33 | 136
        );
        let &[a, b, c, d] = self.above(bytes).first_chunk().filter(|_| has)?;
        Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
    }

    /// Type and code of an ICMP or ICMPv6 message.
    pub fn icmp(&self, bytes: &[u8]) -> Option<(u8, u8)> {
        let icmp = match self.family {
            Family::V4 => IPPROTO_ICMP,
            Family::V6 => IPPROTO_ICMPV6,
        };
        let &[kind, code] = self
            .above(bytes)
            .first_chunk()
            .filter(|_| self.protocol == icmp)?;
        Some((kind, code))
    }

    /// Whether it is an ICMP error.
    pub fn is_icmp_error(&self, bytes: &[u8]) -> bool {
        match (self.family, self.icmp(bytes)) {
            (Family::V4, Some((kind, _))) => matches!(kind, 3 | 4 | 5 | 11 | 12),
            (Family::V6, Some((kind, _))) => kind < 128,
            (_, None) => false,
        }
    }
}

/// Which end of a packet is changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The source.
    Source,
    /// The destination.
    Destination,
}

impl Side {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Source => Self::Destination,
            Self::Destination => Self::Source,
        }
    }
}

/// A sum that the header of an inner packet may have room for or not.
fn fix(bytes: &mut [u8], at: usize, old: &[u8], new: &[u8]) {
    let Some(&[high, low]) = bytes.get(at..).and_then(|rest| rest.first_chunk()) else {
        return;
    };
    // RFC 1624, equation 3.
    let mut sum = u64::from(!u16::from_be_bytes([high, low]));
    for pair in old.chunks_exact(2) {
        sum += u64::from(!u16::from_be_bytes([pair[0], pair[1]]));
    }
    for pair in new.chunks_exact(2) {
        sum += u64::from(u16::from_be_bytes([pair[0], pair[1]]));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    bytes[at..at + 2].copy_from_slice(&(!(sum as u16)).to_be_bytes());
}

/// Mends the sum at a place after a word that it covers was changed.
pub(super) fn fix_sum(bytes: &mut [u8], at: usize, old: u16, new: u16) {
    fix(bytes, at, &old.to_be_bytes(), &new.to_be_bytes());
}

/// Gives one side of the packet that begins at `start` another address, and another port or query id
/// where one is given; checksums follow (`nf_nat_ipv4_manip_pkt`).
pub fn change(bytes: &mut [u8], start: usize, side: Side, addr: u128, port: Option<u16>) {
    let Some(parts) = bytes.get(start..).and_then(Parts::of) else {
        return;
    };
    let (at, size) = match (parts.family, side) {
        (Family::V4, Side::Source) => (start + 12, 4),
        (Family::V4, Side::Destination) => (start + 16, 4),
        (Family::V6, Side::Source) => (start + 8, 16),
        (Family::V6, Side::Destination) => (start + 24, 16),
    };
    let whole = addr.to_be_bytes();
    let new = &whole[16 - size..];
    let mut old = [0; 16];
    let old = &mut old[..size];
    old.copy_from_slice(&bytes[at..at + size]);
    bytes[at..at + size].copy_from_slice(new);
    if parts.family == Family::V4 {
        fix(bytes, start + 10, old, new);
    }
    if parts.later_fragment {
        return;
    }
    let upper = start + parts.upper;
    let sum_at = match parts.protocol {
        IPPROTO_TCP => Some(upper + 16),
        IPPROTO_UDP => {
            let sum = bytes.get(upper + 6..upper + 8);
            sum.is_some_and(|sum| sum != [0, 0]).then_some(upper + 6)
        }
        IPPROTO_ICMPV6 if parts.family == Family::V6 => Some(upper + 2),
        _ => None,
    };
    if let Some(sum_at) = sum_at {
        fix(bytes, sum_at, old, new);
    }
    let Some(port) = port else {
        return;
    };
    let icmp = matches!(parts.protocol, IPPROTO_ICMP | IPPROTO_ICMPV6);
    let port_at = match (icmp, side) {
        (true, _) => upper + 4,
        (false, Side::Source) => upper,
        (false, Side::Destination) => upper + 2,
    };
    let Some(&old) = bytes
        .get(port_at..)
        .and_then(|rest| rest.first_chunk::<2>())
    else {
        return;
    };
    let new = port.to_be_bytes();
    bytes[port_at..port_at + 2].copy_from_slice(&new);
    match (icmp, sum_at) {
        (true, _) => fix(bytes, upper + 2, &old, &new),
        (false, Some(sum_at)) => fix(bytes, sum_at, &old, &new),
        (false, None) => {}
    }
}

/// Fills the checksum of an ICMP or ICMPv6 message in anew, after what it quotes was changed.
pub fn mend_icmp(frame: &mut Frame) {
    let Some(parts) = Parts::of(frame.bytes()) else {
        return;
    };
    match parts.family {
        Family::V4 => {
            let Some(message) = frame.bytes_mut().get_mut(parts.upper..) else {
                return;
            };
            if message.len() >= 4 {
                message[2..4].fill(0);
                let sum = ipv4::checksum(message).to_be_bytes();
                message[2..4].copy_from_slice(&sum);
            }
        }
        Family::V6 => {
            let Some(view) = Ipv6View::new(frame.bytes()) else {
                return;
            };
            let (src, dst) = (view.src(), view.dst());
            let mut message = Frame::new(parts.above(frame.bytes()));
            crate::wire::ipv6::fill_icmpv6_checksum(&mut message, src, dst);
            if let Some(place) = frame.bytes_mut().get_mut(parts.upper..) {
                place.copy_from_slice(message.bytes());
            }
        }
    }
}
