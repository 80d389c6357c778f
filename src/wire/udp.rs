//! Checksums of UDP datagrams (RFC 768, RFC 8200 section 8.1).
//! Headers are read with smoltcp's packet.

use std::net::IpAddr;

use super::ipv4::{IPPROTO_UDP, checksum};

/// Addresses, protocol and length, as they count in the checksum.
fn pseudo_header(source: IpAddr, target: IpAddr, len: usize) -> ([u8; 40], usize) {
    let mut bytes = [0; 40];
    let end = match (source, target) {
        (IpAddr::V4(source), IpAddr::V4(target)) => {
            bytes[..4].copy_from_slice(&source.octets());
            bytes[4..8].copy_from_slice(&target.octets());
            8
        }
        (source, target) => {
            bytes[..16].copy_from_slice(&v6(source));
            bytes[16..32].copy_from_slice(&v6(target));
            32
        }
    };
    let len = u32::try_from(len).unwrap_or(u32::MAX);
    bytes[end..end + 4].copy_from_slice(&len.to_be_bytes());
    bytes[end + 7] = IPPROTO_UDP;
    (bytes, end + 8)
}

fn v6(addr: IpAddr) -> [u8; 16] {
    match addr {
        IpAddr::V4(addr) => addr.to_ipv6_mapped().octets(),
        IpAddr::V6(addr) => addr.octets(),
    }
}

/// The sum of the pseudo-header of a datagram of `len` bytes, not complemented: what the kernel leaves in the
/// header where the device out is to fill the checksum (`CHECKSUM_PARTIAL`).
pub fn udp_pseudo_sum(source: IpAddr, target: IpAddr, len: usize) -> u16 {
    let words = |bytes: &[u8]| -> u64 {
        let pairs = bytes.chunks_exact(2);
        pairs
            .map(|pair| u64::from(pair[0]) << 8 | u64::from(pair[1]))
            .sum()
    };
    let addresses = match (source, target) {
        (IpAddr::V4(source), IpAddr::V4(target)) => {
            words(&source.octets()) + words(&target.octets())
        }
        (source, target) => words(&v6(source)) + words(&v6(target)),
    };
    let len = u32::try_from(len).unwrap_or(u32::MAX);
    let mut sum =
        addresses + u64::from(len >> 16) + u64::from(len & 0xffff) + u64::from(IPPROTO_UDP);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// The checksum of a datagram, whose own field counts as 0; never 0, which means none.
pub fn udp_checksum(source: IpAddr, target: IpAddr, datagram: &[u8]) -> u16 {
    let (pseudo, end) = pseudo_header(source, target, datagram.len());
    let (head, rest) = datagram.split_at(datagram.len().min(8));
    let mut bytes = pseudo[..end].to_vec();
    bytes.extend_from_slice(head.get(..6).unwrap_or(head));
    let sums = [!checksum(&bytes), !checksum(rest)];
    let sum: u32 = sums.iter().map(|sum| u32::from(*sum)).sum();
    match !(((sum & 0xffff) + (sum >> 16)) as u16) {
        0 => 0xffff,
        sum => sum,
    }
}

#[cfg(test)]
mod tests {
    use super::super::UdpPacket;
    use super::*;

    #[test]
    fn the_checksum_is_the_one_that_smoltcp_writes() {
        let pairs: [(IpAddr, IpAddr); 2] = [
            ([10, 0, 0, 1].into(), [10, 0, 0, 2].into()),
            ("fd00::1".parse().unwrap(), "fd00::2".parse().unwrap()),
        ];
        for (source, target) in pairs {
            let mut bytes = [0u8; 13];
            bytes[..6].copy_from_slice(&[0x12, 0x34, 0x12, 0xb5, 0, 13]);
            bytes[8..].copy_from_slice(b"hello");
            let ours = udp_checksum(source, target, &bytes);
            let mut packet = UdpPacket::new_unchecked(&mut bytes[..]);
            packet.fill_checksum(&source.into(), &target.into());
            assert_eq!(packet.checksum(), ours);
        }
    }

    #[test]
    fn the_sum_of_the_pseudo_header_is_that_of_its_bytes() {
        for (source, target, len) in [
            ("10.0.0.1", "192.168.255.254", 80_000),
            ("255.255.255.255", "255.255.255.255", 65_535),
            ("0.0.0.0", "0.0.0.0", 0),
            ("fd00::ffff:1", "2001:db8::2", 1_500),
        ] {
            let (source, target) = (source.parse().unwrap(), target.parse().unwrap());
            let (bytes, end) = pseudo_header(source, target, len);
            assert_eq!(
                udp_pseudo_sum(source, target, len),
                !checksum(&bytes[..end])
            );
        }
    }

    #[test]
    fn the_sum_of_the_pseudo_header_is_what_linux_leaves() {
        // As captured on a veth of Linux 6.18.
        let (source, target) = ("fd01::1".parse().unwrap(), "fd01::2".parse().unwrap());
        assert_eq!(udp_pseudo_sum(source, target, 58), 0xfa51);
    }
}
