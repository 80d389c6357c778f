//! Building IPv6 packets that carry ICMPv6: the header, the checksum, the router alert.
//! What is in them is in `ndisc` and `mld`.

use std::net::Ipv6Addr;

use super::{Frame, Icmpv6Packet, IpProtocol, Ipv6Packet};

/// Length of an IPv6 header.
pub const IPV6_HLEN: usize = 40;

/// A hop-by-hop header with the router alert of MLD (RFC 2711), as the kernel writes it.
const ROUTER_ALERT: [u8; 8] = [58, 0, 5, 2, 0, 0, 1, 0];

/// An ICMPv6 message in an IPv6 packet; its checksum is filled in.
pub fn icmpv6_packet(source: Ipv6Addr, target: Ipv6Addr, hop_limit: u8, message: &[u8]) -> Frame {
    let mut frame = Frame::new(message);
    Icmpv6Packet::new_unchecked(frame.bytes_mut()).fill_checksum(&source, &target);
    push_ipv6(&mut frame, source, target, hop_limit, IpProtocol::Icmpv6);
    frame
}

/// The same behind a router alert, with the hop limit of 1 that MLD has.
pub fn mld_packet(source: Ipv6Addr, target: Ipv6Addr, message: &[u8]) -> Frame {
    let mut frame = Frame::new(message);
    Icmpv6Packet::new_unchecked(frame.bytes_mut()).fill_checksum(&source, &target);
    frame.push(&ROUTER_ALERT);
    push_ipv6(&mut frame, source, target, 1, IpProtocol::HopByHop);
    frame
}

fn push_ipv6(
    frame: &mut Frame,
    source: Ipv6Addr,
    target: Ipv6Addr,
    hop_limit: u8,
    next_header: IpProtocol,
) {
    let len = u16::try_from(frame.len()).unwrap_or(u16::MAX);
    frame.push(&[0; IPV6_HLEN]);
    let mut packet = Ipv6Packet::new_unchecked(frame.bytes_mut());
    packet.set_version(6);
    packet.set_payload_len(len);
    packet.set_next_header(next_header);
    packet.set_hop_limit(hop_limit);
    packet.set_src_addr(source);
    packet.set_dst_addr(target);
}

/// The solicited-node group of an address (RFC 4291, section 2.7.1).
pub fn solicited_node(addr: Ipv6Addr) -> Ipv6Addr {
    let [.., a, b, c] = addr.octets();
    Ipv6Addr::new(
        0xff02,
        0,
        0,
        0,
        0,
        1,
        0xff00 | u16::from(a),
        u16::from_be_bytes([b, c]),
    )
}

/// Whether it is a solicited-node group.
pub fn is_solicited_node(addr: Ipv6Addr) -> bool {
    solicited_node(addr) == addr
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_solicited_node_group_keeps_24_bits() {
        let addr: Ipv6Addr = "fe80::ff:fe12:3456".parse().unwrap();
        let group: Ipv6Addr = "ff02::1:ff12:3456".parse().unwrap();
        assert_eq!(solicited_node(addr), group);
        assert!(is_solicited_node(group) && !is_solicited_node(addr));
    }
}
