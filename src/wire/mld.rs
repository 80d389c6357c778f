//! Multicast listener discovery: queries and reports of both versions (RFC 2710, RFC 3810).
//! Who reports what and when is in `netns::v6::mld`.

use std::net::Ipv6Addr;

use super::Frame;
use super::igmp::RecordKind;
use super::ipv6::mld_packet;

/// Where reports of version 2 go: all routers that speak it.
pub const ALL_MLDV2_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x16);

/// What a listener reads of a query.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MldQuery {
    /// The group; unspecified in a general query.
    pub group: Ipv6Addr,
    /// How long answers may be delayed, in milliseconds.
    pub delay_max_ms: u32,
    /// Fields of version 2: robustness, query interval in seconds, number of sources.
    pub v2: Option<(u8, u32, u16)>,
}

impl MldQuery {
    /// Reads an ICMPv6 message of type 130, from its type on; `v1_only` reads it as version 1
    /// whatever its length.
    pub fn parse(bytes: &[u8], v1_only: bool) -> Option<Self> {
        if bytes.first() != Some(&130) {
            return None;
        }
        let group: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
        let group = Ipv6Addr::from(group);
        if !group.is_unspecified() && !group.is_multicast() {
            return None;
        }
        let code = u16::from_be_bytes(bytes.get(4..6)?.try_into().ok()?);
        if bytes.len() == 24 || v1_only {
            return Some(Self {
                group,
                delay_max_ms: u32::from(code).max(1),
                v2: None,
            });
        }
        let [robust, interval, s0, s1] = bytes.get(24..28)?.try_into().ok()?;
        Some(Self {
            group,
            delay_max_ms: exponential(u32::from(code), 12).max(1),
            v2: Some((
                robust & 7,
                exponential(u32::from(interval), 4),
                u16::from_be_bytes([s0, s1]),
            )),
        })
    }
}

/// A value with a floating point form from its highest bit on: `mantissa_bits` of mantissa
/// below three bits of exponent (RFC 3810, sections 5.1.3 and 5.1.9).
fn exponential(value: u32, mantissa_bits: u32) -> u32 {
    let linear = 1 << (mantissa_bits + 3);
    if value < linear {
        return value;
    }
    let exponent = value >> mantissa_bits & 7;
    let mantissa = value & ((1 << mantissa_bits) - 1);
    (mantissa | 1 << mantissa_bits) << (exponent + 3)
}

/// A report of version 2 as an IPv6 packet to ff02::16.
pub fn mld2_report(source: Ipv6Addr, records: &[(RecordKind, Ipv6Addr)]) -> Frame {
    let count = u16::try_from(records.len()).unwrap_or(u16::MAX);
    let [high, low] = count.to_be_bytes();
    let mut bytes = vec![143, 0, 0, 0, 0, 0, high, low];
    for (kind, group) in records {
        bytes.extend([*kind as u8, 0, 0, 0]);
        bytes.extend(group.octets());
    }
    mld_packet(source, ALL_MLDV2_ROUTERS, &bytes)
}

/// A report of version 1, sent to the group itself.
pub fn mld1_report(source: Ipv6Addr, group: Ipv6Addr) -> Frame {
    mld_packet(source, group, &version1(131, group))
}

/// The farewell of version 1, sent to all routers.
pub fn mld1_done(source: Ipv6Addr, group: Ipv6Addr) -> Frame {
    let all_routers = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 2);
    mld_packet(source, all_routers, &version1(132, group))
}

/// A general query to all nodes, of version 2 with the robustness and interval given, or else of version 1.
pub fn mld_query(source: Ipv6Addr, response_ms: u16, version2: Option<(u8, u8)>) -> Frame {
    let mut bytes = version1(130, Ipv6Addr::UNSPECIFIED);
    if let Some(field) = bytes.get_mut(4..6) {
        field.copy_from_slice(&response_ms.to_be_bytes());
    }
    if let Some((robustness, interval)) = version2 {
        bytes.extend([robustness, interval, 0, 0]);
    }
    let all_nodes = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
    let mut frame = mld_packet(source, all_nodes, &bytes);
    // A bridge pads with two single bytes (Pad1), where a host uses one option (PadN).
    if let Some(pad) = frame.bytes_mut().get_mut(46..48) {
        pad.fill(0);
    }
    frame
}

fn version1(kind: u8, group: Ipv6Addr) -> Vec<u8> {
    let mut bytes = vec![kind, 0, 0, 0, 0, 0, 0, 0];
    bytes.extend(group.octets());
    bytes
}

/// The group of a version 1 report from its type on.
pub fn mld1_reported(bytes: &[u8]) -> Option<Ipv6Addr> {
    if bytes.first() != Some(&131) {
        return None;
    }
    let group: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
    Some(Ipv6Addr::from(group)).filter(Ipv6Addr::is_multicast)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_report_of_one_group_is_90_bytes_with_ethernet() {
        let group: Ipv6Addr = "ff02::1:ff00:1".parse().unwrap();
        let report = mld2_report(Ipv6Addr::UNSPECIFIED, &[(RecordKind::ToExclude, group)]);
        let bytes = report.bytes();
        assert_eq!(bytes.len() + 14, 90);
        assert_eq!(bytes[40..48], [58, 0, 5, 2, 0, 0, 1, 0]);
        assert_eq!((bytes[7], bytes[48], bytes[56]), (1, 143, 4));
    }

    #[test]
    fn long_delays_are_written_with_an_exponent() {
        assert_eq!(exponential(10_000, 12), 10_000);
        assert_eq!(exponential(0x8000, 12), 0x8000);
        assert_eq!(exponential(0xffff, 12), 0x1fff << 10);
        assert_eq!(exponential(125, 4), 125);
        assert_eq!(exponential(0xff, 4), 0x1f << 10);
    }

    #[test]
    fn the_length_tells_the_version_of_a_query() {
        let mut bytes = vec![0; 28];
        bytes[0] = 130;
        bytes[4..6].copy_from_slice(&1000_u16.to_be_bytes());
        assert_eq!(MldQuery::parse(&bytes[..24], false).unwrap().v2, None);
        assert_eq!(MldQuery::parse(&bytes, false).unwrap().v2, Some((0, 0, 0)));
        assert_eq!(MldQuery::parse(&bytes[..26], false), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Some(first) = bytes.first_mut() {
                *first = 130;
            }
            let _ = MldQuery::parse(&bytes, false);
            let _ = MldQuery::parse(&bytes, true);
            let _ = mld1_reported(&bytes);
        }
    }
}
