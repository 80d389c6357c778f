//! Marks a packet as having met congestion (RFC 3168, `INET_ECN_set_ce`).
//! It changes nothing where the sender does not understand the mark.

use crate::wire::{ETH_HLEN, ETH_P_IP, ETH_P_IPV6, Frame};

/// Marks the packet in a frame; says whether it carries the mark now.
pub(super) fn mark(frame: &mut Frame) -> bool {
    const CE: u8 = 3;
    let bytes = frame.bytes();
    let ethertype = match bytes.get(12..ETH_HLEN) {
        Some(&[high, low]) => u16::from_be_bytes([high, low]),
        _ => return false,
    };
    // The two bits are the last of the second byte of IPv4, and cross from it in IPv6.
    let ecn = match (ethertype, bytes.get(ETH_HLEN + 1)) {
        (ETH_P_IP, Some(tos)) if bytes.len() >= ETH_HLEN + 20 => tos & CE,
        (ETH_P_IPV6, Some(second)) if bytes.len() >= ETH_HLEN + 40 => (second >> 4) & CE,
        _ => return false,
    };
    match ecn {
        0 => return false,
        CE => return true,
        _ => {}
    }
    let Some(packet) = frame.bytes_mut().get_mut(ETH_HLEN..) else {
        return false;
    };
    if ethertype == ETH_P_IPV6 {
        packet[1] |= CE << 4;
        return true;
    }
    // The header's checksum follows by difference (RFC 1624).
    let old = u16::from_be_bytes([packet[0], packet[1]]);
    packet[1] |= CE;
    let new = u16::from_be_bytes([packet[0], packet[1]]);
    let sum = u16::from_be_bytes([packet[10], packet[11]]);
    let mut sum = u32::from(!sum) + u32::from(!old) + u32::from(new);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let sum = !u16::try_from(sum).expect("folded to 16 bits");
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(tos: u8) -> Frame {
        let mut bytes = vec![0; 14];
        bytes[12..14].copy_from_slice(&ETH_P_IP.to_be_bytes());
        let mut header = vec![
            0x45, tos, 0, 20, 0, 1, 0, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
        ];
        let sum = !checksum(&header);
        header[10..12].copy_from_slice(&sum.to_be_bytes());
        bytes.extend(header);
        Frame::new(&bytes)
    }

    fn checksum(header: &[u8]) -> u16 {
        let words = header
            .chunks(2)
            .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])));
        let sum: u32 = words.sum();
        ((sum & 0xffff) + (sum >> 16)) as u16
    }

    #[test]
    fn only_packets_that_understand_it_are_marked() {
        for (tos, marked, after) in [(0, false, 0), (1, true, 3), (2, true, 3), (3, true, 3)] {
            let mut frame = packet(0xb8 | tos);
            assert_eq!(mark(&mut frame), marked, "{tos}");
            assert_eq!(frame.bytes()[15], 0xb8 | after, "{tos}");
            assert_eq!(checksum(&frame.bytes()[14..]), 0xffff, "{tos}");
        }
        assert!(!mark(&mut Frame::new(&[0; 20])));
        assert!(!mark(&mut Frame::new(&[])));
    }
}
