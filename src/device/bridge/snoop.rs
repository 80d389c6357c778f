//! A look into IGMP and MLD messages: who joins, leaves or asks (RFC 2236, 3376, 2710, 3810).
//! It only reads; what follows is decided in `mdb`.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::units::MacAddr;

use super::mdb::Group;

/// What a frame for a group is, seen by a bridge that keeps track of groups.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Seen {
    /// Data for a group; nobody but routers gets it where nobody has joined.
    Data {
        /// The group.
        group: Group,
        /// Whether it is of the kind that routers want.
        routers_only: bool,
    },
    /// Members come and go, in this order.
    Reports(Vec<(Group, Change)>),
    /// Somebody asks who is a member.
    Query(Query),
    /// Other messages of the protocol.
    Other,
    /// A malformed message, which the kernel drops.
    Malformed,
}

/// What a report says of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    /// Somebody joins or stays.
    Join,
    /// Somebody leaves.
    Leave,
}

/// A question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Query {
    /// The group; nothing where all are meant.
    pub group: Option<Group>,
    /// Whether it is MLD.
    pub ipv6: bool,
    /// Who asks, as a number: the lowest address wins.
    pub source: u128,
    /// Within how many milliseconds members answer.
    pub response_ms: u32,
}

/// Reads a frame, from its Ethernet header on.
pub(super) fn look(frame: &[u8]) -> Seen {
    let Some((header, packet)) = frame.split_first_chunk::<14>() else {
        return Seen::Malformed;
    };
    match [header[12], header[13]] {
        [0x08, 0x00] => look_ipv4(packet).unwrap_or(Seen::Malformed),
        [0x86, 0xdd] => look_ipv6(packet).unwrap_or(Seen::Malformed),
        _ => {
            let [a, b, c, d, e, f, ..] = *header;
            let group = Group::Mac(MacAddr([a, b, c, d, e, f]));
            Seen::Data {
                group,
                routers_only: false,
            }
        }
    }
}

fn look_ipv4(packet: &[u8]) -> Option<Seen> {
    let header: &[u8; 20] = packet.first_chunk()?;
    let len = usize::from(header[0] & 0xf) * 4;
    let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let [.., a, b, c, d] = *header;
    let destination = Ipv4Addr::new(a, b, c, d);
    if header[0] >> 4 != 4 || len < 20 {
        return None;
    }
    if header[9] != 2 {
        let routers_only = destination.octets()[..3] != [224, 0, 0];
        return Some(Seen::Data {
            group: Group::V4(destination),
            routers_only,
        });
    }
    let source = u32::from_be_bytes([header[12], header[13], header[14], header[15]]);
    let message = packet.get(len..total)?;
    if checksum(message, 0) != 0xffff {
        return None;
    }
    look_igmp(message, source.into())
}

fn look_igmp(message: &[u8], source: u128) -> Option<Seen> {
    let head: &[u8; 8] = message.first_chunk()?;
    let group = Group::V4(Ipv4Addr::new(head[4], head[5], head[6], head[7]));
    Some(match head[0] {
        0x11 => Seen::Query(Query {
            group: Some(group).filter(|group| *group != Group::V4(Ipv4Addr::UNSPECIFIED)),
            ipv6: false,
            source,
            // A query of version 1 has no code: ten seconds.
            response_ms: match head[1] {
                0 => 10_000,
                code => igmp_code(code) * 100,
            },
        }),
        0x12 | 0x16 => Seen::Reports(vec![(group, Change::Join)]),
        0x17 => Seen::Reports(vec![(group, Change::Leave)]),
        0x22 => Seen::Reports(records::<4>(message, |group: [u8; 4]| {
            Group::V4(group.into())
        })?),
        _ => Seen::Other,
    })
}

/// A code of eight bits, floating above 127 (RFC 3376, 4.1.1).
fn igmp_code(code: u8) -> u32 {
    match code {
        0..=127 => code.into(),
        _ => (u32::from(code & 0xf) | 0x10) << (u32::from(code >> 4 & 0x7) + 3),
    }
}

/// The group records of a report of IGMPv3 or MLDv2; sources make no difference, except
/// that a group without any that is to include them is left.
fn records<const N: usize>(
    message: &[u8],
    group: impl Fn([u8; N]) -> Group,
) -> Option<Vec<(Group, Change)>> {
    let (head, mut rest) = message.split_first_chunk::<8>()?;
    let count = u16::from_be_bytes([head[6], head[7]]);
    let mut changes = Vec::new();
    for _ in 0..count {
        let (record, tail) = rest.split_first_chunk::<4>()?;
        let (address, tail) = tail.split_first_chunk::<N>()?;
        let sources = usize::from(u16::from_be_bytes([record[2], record[3]]));
        rest = tail.get(sources * N + usize::from(record[1]) * 4..)?;
        let change = match record[0] {
            1 | 3 if sources == 0 => Change::Leave,
            1..=6 => Change::Join,
            _ => continue,
        };
        changes.push((group(*address), change));
    }
    Some(changes)
}

fn look_ipv6(packet: &[u8]) -> Option<Seen> {
    let (header, rest) = packet.split_first_chunk::<40>()?;
    let address = |at: usize| -> [u8; 16] {
        let mut address = [0; 16];
        address.copy_from_slice(&header[at..at + 16]);
        address
    };
    let destination = Ipv6Addr::from(address(24));
    let payload = usize::from(u16::from_be_bytes([header[4], header[5]]));
    let all_nodes = destination == Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
    let data = Seen::Data {
        group: Group::V6(destination),
        routers_only: !all_nodes,
    };
    if header[6] != 0 {
        return Some(data);
    }
    // MLD comes behind hop-by-hop options with a router alert.
    let rest = rest.get(..payload)?;
    let options: &[u8; 2] = rest.first_chunk()?;
    let message = rest.get(usize::from(options[1]) * 8 + 8..)?;
    if options[0] != 58 {
        return Some(data);
    }
    let kind = *message.first()?;
    if !matches!(kind, 130..=132 | 143) {
        return Some(data);
    }
    let len = u32::try_from(message.len()).ok()?;
    let pseudo = sum(&header[8..40], 0) + (len >> 16) + (len & 0xffff) + 58;
    if checksum(message, pseudo) != 0xffff {
        return None;
    }
    look_mld(message, u128::from_be_bytes(address(8)))
}

fn look_mld(message: &[u8], source: u128) -> Option<Seen> {
    if message.first() == Some(&143) {
        let group = |group: [u8; 16]| Group::V6(group.into());
        return Some(Seen::Reports(records::<16>(message, group)?));
    }
    let head: &[u8; 24] = message.first_chunk()?;
    let mut group = [0; 16];
    group.copy_from_slice(&head[8..24]);
    let group = Group::V6(group.into());
    Some(match head[0] {
        131 => Seen::Reports(vec![(group, Change::Join)]),
        132 => Seen::Reports(vec![(group, Change::Leave)]),
        _ => Seen::Query(Query {
            group: Some(group).filter(|group| *group != Group::V6(Ipv6Addr::UNSPECIFIED)),
            ipv6: true,
            source,
            response_ms: u16::from_be_bytes([head[4], head[5]]).into(),
        }),
    })
}

/// The sum of 16-bit words (RFC 1071), not folded.
fn sum(bytes: &[u8], start: u32) -> u32 {
    bytes.chunks(2).fold(start, |sum, pair| {
        let word = [pair[0], pair.get(1).copied().unwrap_or(0)];
        sum.wrapping_add(u16::from_be_bytes(word).into())
    })
}

/// The folded sum: all ones over bytes whose checksum is right.
fn checksum(bytes: &[u8], start: u32) -> u16 {
    let mut sum = sum(bytes, start);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An Ethernet frame with an IPv4 packet of IGMP.
    pub(crate) fn igmp(message: &[u8]) -> Vec<u8> {
        let mut message = message.to_vec();
        let check = !checksum(&message, 0);
        message[2..4].copy_from_slice(&check.to_be_bytes());
        let total = 20 + message.len() as u16;
        let mut frame = vec![1, 0, 0x5e, 0, 0, 0x16, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0];
        frame.extend_from_slice(&total.to_be_bytes());
        frame.extend_from_slice(&[0, 0, 0x40, 0, 1, 2, 0, 0, 10, 0, 0, 1, 224, 0, 0, 22]);
        frame.extend_from_slice(&message);
        frame
    }

    #[test]
    fn reports_and_leaves_of_igmp_are_understood() {
        let group = Group::V4(Ipv4Addr::new(239, 1, 1, 1));
        for (message, want) in [
            (vec![0x16, 0, 0, 0, 239, 1, 1, 1], Change::Join),
            (vec![0x17, 0, 0, 0, 239, 1, 1, 1], Change::Leave),
            (
                vec![0x22, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 239, 1, 1, 1],
                Change::Join,
            ),
            (
                vec![0x22, 0, 0, 0, 0, 0, 0, 1, 3, 0, 0, 0, 239, 1, 1, 1],
                Change::Leave,
            ),
        ] {
            assert_eq!(
                look(&igmp(&message)),
                Seen::Reports(vec![(group, want)]),
                "{message:?}"
            );
        }
    }

    #[test]
    fn a_wrong_checksum_and_a_cut_report_are_malformed() {
        let mut frame = igmp(&[0x16, 0, 0, 0, 239, 1, 1, 1]);
        frame[41] ^= 1;
        assert_eq!(look(&frame), Seen::Malformed);
        let cut = igmp(&[0x22, 0, 0, 0, 0, 0, 0, 2, 4, 0, 0, 0, 239, 1, 1, 1]);
        assert_eq!(look(&cut), Seen::Malformed);
    }

    #[test]
    fn data_for_a_local_group_is_not_for_routers_only() {
        let mut frame = igmp(&[0; 8]);
        frame[23] = 17;
        assert_eq!(
            look(&frame),
            Seen::Data {
                group: Group::V4(Ipv4Addr::new(224, 0, 0, 22)),
                routers_only: false
            }
        );
    }

    #[test]
    fn long_response_times_are_floating() {
        assert_eq!(igmp_code(100), 100);
        assert_eq!(igmp_code(0x80), 128);
        assert_eq!(igmp_code(0xff), 31744);
    }
}
