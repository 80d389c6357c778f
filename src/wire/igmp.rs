//! Group membership of IPv4: queries, and reports of versions 1 to 3 (RFC 1112, 2236, 3376).
//! Who reports what and when is in `netns::igmp`.

use std::net::Ipv4Addr;

use super::{Frame, IpProtocol, Ipv4Packet};

/// Where reports of version 3 go.
pub const ALL_IGMPV3_ROUTERS: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 22);

/// What a record of a report says (RFC 3376, section 4.2.12; RFC 3810, section 5.2.12).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum RecordKind {
    /// The group is listened to.
    IsExclude = 2,
    /// The group is no longer listened to.
    ToInclude = 3,
    /// The group is listened to from now on.
    ToExclude = 4,
}

/// Which version a query speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IgmpVersion {
    /// RFC 1112.
    V1,
    /// RFC 2236.
    V2,
    /// RFC 3376, with robustness, query interval in seconds and number of sources.
    V3(u8, u32, u16),
}

/// What a host reads of a query.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IgmpQuery {
    /// The group; unspecified in a general query.
    pub group: Ipv4Addr,
    /// How long answers may be delayed, in milliseconds.
    pub delay_max_ms: u32,
    /// Its version.
    pub version: IgmpVersion,
}

/// A message that a host reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Igmp {
    /// A router asks.
    Query(IgmpQuery),
    /// Somebody else is a member of this group (versions 1 and 2).
    Report(Ipv4Addr),
    /// Another message, of no use to a host.
    Other(u8),
}

impl Igmp {
    /// Reads what follows the IPv4 header; nothing where it is short or its checksum is wrong.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let [kind, code, _, _, a, b, c, d] = bytes.first_chunk().copied()?;
        if checksum(bytes) != 0 {
            return None;
        }
        let group = Ipv4Addr::new(a, b, c, d);
        Some(match kind {
            0x11 => Self::Query(IgmpQuery::read(group, code, bytes)?),
            0x12 | 0x16 => Self::Report(group),
            other => Self::Other(other),
        })
    }
}

impl IgmpQuery {
    fn read(group: Ipv4Addr, code: u8, bytes: &[u8]) -> Option<Self> {
        let tenths = |code: u32| code.saturating_mul(100);
        let (delay_max_ms, version) = match bytes.get(8..12) {
            None if bytes.len() > 8 => return None,
            None if code == 0 => (10_000, IgmpVersion::V1),
            None => (tenths(u32::from(code)), IgmpVersion::V2),
            Some(rest) => {
                let [flags, interval, s0, s1] = rest.try_into().ok()?;
                let interval = exponential(interval);
                let sources = u16::from_be_bytes([s0, s1]);
                let delay = tenths(exponential(code)).max(1);
                (delay, IgmpVersion::V3(flags & 7, interval, sources))
            }
        };
        Some(Self {
            group,
            delay_max_ms,
            version,
        })
    }
}

/// A code with four bits of mantissa from 128 on (RFC 3376, section 4.1.1).
fn exponential(code: u8) -> u32 {
    let value = u32::from(code);
    if value < 128 {
        return value;
    }
    (value & 0x0f | 0x10) << ((value >> 4 & 7) + 3)
}

/// A report of version 3 as an IPv4 packet to 224.0.0.22, with router alert and TOS 0xc0.
pub fn igmp3_report(source: Ipv4Addr, records: &[(RecordKind, Ipv4Addr)]) -> Frame {
    let count = u16::try_from(records.len()).unwrap_or(u16::MAX);
    let [high, low] = count.to_be_bytes();
    let mut bytes = vec![0x22, 0, 0, 0, 0, 0, high, low];
    for (kind, group) in records {
        bytes.extend([*kind as u8, 0, 0, 0]);
        bytes.extend(group.octets());
    }
    packet(source, ALL_IGMPV3_ROUTERS, bytes)
}

/// A report of version 1 or 2, sent to the group.
pub fn igmp_report(source: Ipv4Addr, group: Ipv4Addr, version1: bool) -> Frame {
    let kind = if version1 { 0x12 } else { 0x16 };
    packet(source, group, short(kind, group))
}

/// The farewell of version 2, sent to all routers.
pub fn igmp_leave(source: Ipv4Addr, group: Ipv4Addr) -> Frame {
    packet(source, Ipv4Addr::new(224, 0, 0, 2), short(0x17, group))
}

/// A general query to all hosts, of version 3 with the robustness and interval given, or else of version 2.
pub fn igmp_query(source: Ipv4Addr, response_tenths: u8, version3: Option<(u8, u8)>) -> Frame {
    let mut bytes = short(0x11, Ipv4Addr::UNSPECIFIED);
    if let Some(code) = bytes.get_mut(1) {
        *code = response_tenths;
    }
    if let Some((robustness, interval)) = version3 {
        bytes.extend([robustness, interval, 0, 0]);
    }
    packet(source, Ipv4Addr::new(224, 0, 0, 1), bytes)
}

fn short(kind: u8, group: Ipv4Addr) -> Vec<u8> {
    let [a, b, c, d] = group.octets();
    vec![kind, 0, 0, 0, a, b, c, d]
}

/// The message behind a 24-byte header: TTL 1, DF, id 0, router alert (RFC 2113).
fn packet(source: Ipv4Addr, target: Ipv4Addr, mut message: Vec<u8>) -> Frame {
    let sum = checksum(&message).to_be_bytes();
    if let Some(field) = message.get_mut(2..4) {
        field.copy_from_slice(&sum);
    }
    let mut frame = Frame::new(&message);
    let len = u16::try_from(message.len().saturating_add(24)).unwrap_or(u16::MAX);
    frame.push(&[0x94, 4, 0, 0]);
    frame.push(&[0; 20]);
    let mut ip = Ipv4Packet::new_unchecked(frame.bytes_mut());
    ip.set_version(4);
    ip.set_header_len(24);
    ip.set_total_len(len);
    ip.set_dscp(0x30);
    ip.set_dont_frag(true);
    ip.set_hop_limit(1);
    ip.set_next_header(IpProtocol::Igmp);
    ip.set_src_addr(source);
    ip.set_dst_addr(target);
    ip.fill_checksum();
    frame
}

/// The Internet checksum (RFC 1071); zero over a message that holds a right one.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| match *pair {
        [high, low] => u32::from(u16::from_be_bytes([high, low])),
        [high] => u32::from(high) << 8,
        _ => 0,
    });
    let mut sum = words.fold(0_u32, u32::wrapping_add);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_report_carries_the_router_alert_and_a_right_checksum() {
        let group = Ipv4Addr::new(239, 1, 2, 3);
        let own = Ipv4Addr::new(10, 0, 0, 1);
        let frame = igmp3_report(own, &[(RecordKind::ToExclude, group)]);
        let bytes = frame.bytes();
        assert_eq!(bytes.len(), 40);
        assert_eq!(bytes[..2], [0x46, 0xc0]);
        assert_eq!(bytes[20..24], [0x94, 4, 0, 0]);
        assert!(Ipv4Packet::new_unchecked(bytes).verify_checksum());
        assert_eq!(Igmp::parse(&bytes[24..]), Some(Igmp::Other(0x22)));
        let report = igmp_report(own, group, false);
        assert_eq!(
            Igmp::parse(&report.bytes()[24..]),
            Some(Igmp::Report(group))
        );
    }

    #[test]
    fn the_form_of_a_query_tells_its_version() {
        let query = |code: u8, extra: &[u8]| {
            let mut bytes = vec![0x11, code, 0, 0, 0, 0, 0, 0];
            bytes.extend(extra);
            let sum = checksum(&bytes).to_be_bytes();
            bytes[2..4].copy_from_slice(&sum);
            Igmp::parse(&bytes)
        };
        let version = |igmp: Option<Igmp>| match igmp {
            Some(Igmp::Query(query)) => Some((query.version, query.delay_max_ms)),
            _ => None,
        };
        assert_eq!(version(query(0, &[])), Some((IgmpVersion::V1, 10_000)));
        assert_eq!(version(query(100, &[])), Some((IgmpVersion::V2, 10_000)));
        let v3 = version(query(100, &[2, 125, 0, 0]));
        assert_eq!(v3, Some((IgmpVersion::V3(2, 125, 0), 10_000)));
        assert_eq!(version(query(100, &[2, 125])), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if bytes.len() >= 4 {
                bytes[0] = 0x11;
                bytes[2..4].copy_from_slice(&[0, 0]);
                let sum = checksum(&bytes).to_be_bytes();
                bytes[2..4].copy_from_slice(&sum);
            }
            let _ = Igmp::parse(&bytes);
        }
    }
}
