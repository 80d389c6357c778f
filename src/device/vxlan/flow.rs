//! The source port of an outer packet, from the flow of the inner one (`udp_flow_src_port`).
//! Only that packets of one flow get one port is promised, as by the kernel.

use crate::wire::{ETH_HLEN, ETH_P_IP, ETH_P_IPV6};

/// The ports where a device says nothing (`net.ipv4.ip_local_port_range`).
const PORTS_DEFAULT: (u16, u16) = (32_768, 60_999);

/// A number that packets of one flow share, in both directions: of the addresses and ports of IP, else of the
/// stations (`skb_get_hash`). The kernel's has a secret of each boot, so any that spreads will do.
pub fn flow_hash(frame: &[u8]) -> u32 {
    let ethertype = match frame.get(12..14) {
        Some(&[high, low]) => u16::from_be_bytes([high, low]),
        _ => 0,
    };
    let ends = match ethertype {
        ETH_P_IP => frame.get(ETH_HLEN..).and_then(ends4),
        ETH_P_IPV6 => frame.get(ETH_HLEN..).and_then(ends6),
        _ => None,
    };
    let stations = || frame.get(..12).map_or(0, |stations| sum(&[stations]));
    mix(ends.unwrap_or_else(stations))
}

/// Addresses, ports and protocol of an IPv4 packet, the same from both ends.
fn ends4(packet: &[u8]) -> Option<u64> {
    let header = packet.get(..20)?;
    let fragment = header[6] & 0x3f != 0 || header[7] != 0;
    let ports = match fragment {
        true => &[],
        false => ports(header[9], packet.get(usize::from(header[0] & 0x0f) * 4..)),
    };
    let (near, far) = ports.split_at(ports.len() / 2);
    let protocol = u64::from(header[9]);
    Some(sum(&[&header[12..16], near]) ^ sum(&[&header[16..20], far]) ^ protocol)
}

fn ends6(packet: &[u8]) -> Option<u64> {
    let header = packet.get(..40)?;
    let ports = ports(header[6], packet.get(40..));
    let (near, far) = ports.split_at(ports.len() / 2);
    let protocol = u64::from(header[6]);
    Some(sum(&[&header[8..24], near]) ^ sum(&[&header[24..40], far]) ^ protocol)
}

/// Both ports of TCP and UDP.
fn ports(protocol: u8, payload: Option<&[u8]>) -> &[u8] {
    match protocol {
        6 | 17 => payload.and_then(|bytes| bytes.get(..4)).unwrap_or_default(),
        _ => &[],
    }
}

fn sum(parts: &[&[u8]]) -> u64 {
    parts
        .iter()
        .copied()
        .flatten()
        .fold(0x9e37_79b9, |sum, &byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

/// Spreads a sum over 32 bits (the finalizer of SplitMix64).
fn mix(sum: u64) -> u32 {
    let sum = (sum ^ (sum >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let sum = (sum ^ (sum >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (sum >> 32) as u32
}

/// The port that a flow gets out of a range.
pub fn source_port(hash: u32, (low, high): (u16, u16)) -> u16 {
    let (low, high) = match low < high {
        true => (low, high),
        false => PORTS_DEFAULT,
    };
    let hash = hash ^ (hash << 16);
    let offset = (u64::from(hash) * u64::from(high - low)) >> 32;
    low + u16::try_from(offset).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of UDP from one end to another.
    fn frame(from: ([u8; 4], u16), to: ([u8; 4], u16)) -> Vec<u8> {
        let mut frame = vec![2; 12];
        frame.extend([0x08, 0x00, 0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0]);
        frame.extend(from.0);
        frame.extend(to.0);
        frame.extend(from.1.to_be_bytes());
        frame.extend(to.1.to_be_bytes());
        frame.extend([0, 12, 0, 0, 1, 2, 3, 4]);
        frame
    }

    #[test]
    fn both_directions_of_a_flow_have_one_hash_and_other_flows_another() {
        let (a, b) = (([10, 0, 0, 1], 1000), ([10, 0, 0, 2], 2000));
        assert_eq!(flow_hash(&frame(a, b)), flow_hash(&frame(b, a)));
        assert_ne!(
            flow_hash(&frame(a, b)),
            flow_hash(&frame(a, ([10, 0, 0, 2], 2001)))
        );
        assert_ne!(
            flow_hash(&frame(a, b)),
            flow_hash(&frame(([10, 0, 0, 1], 2000), ([10, 0, 0, 2], 1000)))
        );
    }

    #[test]
    fn ports_stay_in_their_range() {
        for hash in [0, 1, 77, 0x8000_0000, u32::MAX] {
            assert!((5000..5010).contains(&source_port(hash, (5000, 5010))));
            assert!((32_768..60_999).contains(&source_port(hash, (0, 0))));
        }
        assert_ne!(source_port(1 << 20, (0, 0)), source_port(7 << 28, (0, 0)));
    }

    #[test]
    fn a_frame_that_is_cut_off_has_a_hash_too() {
        let whole = frame(([10, 0, 0, 1], 1), ([10, 0, 0, 2], 2));
        for len in 0..whole.len() {
            flow_hash(&whole[..len]);
        }
    }
}
