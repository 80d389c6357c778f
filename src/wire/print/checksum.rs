//! The Internet checksum as the printers check it (RFC 1071), with pseudo-headers.
//! Writes no checksum into a packet.

use super::context::{Context, Result};

/// Folded one's complement sum of the parts, complemented: 0 where the checksum in them is right.
pub(super) fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum: u64 = 0;
    let mut odd = None;
    for byte in parts.iter().flat_map(|part| part.iter().copied()) {
        odd = match odd {
            None => Some(byte),
            Some(high) => {
                sum += u64::from(u16::from_be_bytes([high, byte]));
                None
            }
        };
    }
    if let Some(high) = odd {
        sum += u64::from(u16::from_be_bytes([high, 0]));
    }
    !fold(sum)
}

/// The checksum that `found` should have been, given the sum over the packet (`in_cksum_shouldbe`).
pub(super) fn should_be(found: u16, computed: u16) -> u16 {
    fold(u64::from(found) + u64::from(computed))
}

fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// Where the network header of a packet is, and its version.
#[derive(Clone, Copy)]
pub(super) struct NetworkHeader {
    pub(super) at: usize,
    pub(super) version: u8,
}

/// Checksum of `len` bytes at `at` of an upper protocol over IPv4 or IPv6.
pub(super) fn with_pseudo_header(
    cx: &Context<'_>,
    network: NetworkHeader,
    at: usize,
    len: usize,
    protocol: u8,
) -> Result<u16> {
    let payload = cx.bytes(at, len)?;
    let mut pseudo = Vec::with_capacity(40);
    if network.version == 6 {
        pseudo.extend_from_slice(cx.bytes(network.at + 8, 16)?);
        pseudo.extend_from_slice(cx.bytes(super::ip6::final_destination(cx, network.at), 16)?);
        pseudo.extend_from_slice(&(len as u32).to_be_bytes());
        pseudo.extend_from_slice(&[0, 0, 0, protocol]);
    } else {
        pseudo.extend_from_slice(cx.bytes(network.at + 12, 4)?);
        pseudo.extend_from_slice(cx.bytes(super::ip::final_destination(cx, network.at)?, 4)?);
        pseudo.extend_from_slice(&[0, protocol]);
        pseudo.extend_from_slice(&(len as u16).to_be_bytes());
    }
    Ok(checksum(&[&pseudo, payload]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_its_checksum_sums_to_zero() {
        let header = [
            0x45, 0, 0, 0x3c, 0x1c, 0x46, 0x40, 0, 0x40, 6, 0xb1, 0xe6, 172, 16, 10, 99, 172, 16,
            10, 12,
        ];
        assert_eq!(checksum(&[&header]), 0);
        assert_eq!(checksum(&[&header[..7], &header[7..]]), 0);
    }

    #[test]
    fn the_right_checksum_is_named_where_it_is_wrong() {
        let mut header = [
            0x45, 0, 0, 0x3c, 0x1c, 0x46, 0x40, 0, 0x40, 6, 0, 1, 172, 16, 10, 99, 172, 16, 10, 12,
        ];
        let sum = checksum(&[&header]);
        assert_eq!(should_be(1, sum), 0xb1e6);
        header[10..12].copy_from_slice(&0xb1e6u16.to_be_bytes());
        assert_eq!(checksum(&[&header]), 0);
    }
}
