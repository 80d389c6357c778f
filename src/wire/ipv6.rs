//! IPv6 headers (RFC 8200): checked once, then read and changed in place; packets that carry ICMPv6.
//! What is in those is in `ndisc` and `mld`; headers behind the first are in `netns::v6::extension`.

use std::net::Ipv6Addr;

use super::{Frame, Icmpv6Packet, IpProtocol, Ipv6Packet};

/// Length of an IPv6 header.
pub const IPV6_HLEN: usize = 40;
/// Next header: hop-by-hop options.
pub const IPPROTO_HOPOPTS: u8 = 0;
/// Next header: a routing header.
pub const IPPROTO_ROUTING: u8 = 43;
/// Next header: a fragment header.
pub const IPPROTO_FRAGMENT: u8 = 44;
/// Next header: ICMPv6.
pub const IPPROTO_ICMPV6: u8 = 58;
/// Next header: nothing follows.
pub const IPPROTO_NONE: u8 = 59;
/// Next header: destination options.
pub const IPPROTO_DSTOPTS: u8 = 60;

/// What is wrong with an IPv6 header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ipv6Fault {
    /// Shorter than a header, or than it says.
    Truncated,
    /// Not version 6, or a payload of no length.
    Header,
}

/// Checks the header in front of `frame` and cuts off what follows the packet (`ip6_rcv_core`).
///
/// # Errors
/// What is wrong with it.
pub fn check(frame: &mut Frame) -> Result<(), Ipv6Fault> {
    let bytes = frame.bytes();
    if bytes.len() < IPV6_HLEN {
        return Err(Ipv6Fault::Truncated);
    }
    let packet = Ipv6Packet::new_unchecked(bytes);
    if packet.version() != 6 {
        return Err(Ipv6Fault::Header);
    }
    let payload = usize::from(packet.payload_len());
    // No length at all would be that of a jumbogram, which Linux takes behind hop-by-hop options only.
    if payload == 0 && packet.next_header() == IpProtocol::HopByHop {
        return Err(Ipv6Fault::Header);
    }
    if bytes.len() < IPV6_HLEN + payload {
        return Err(Ipv6Fault::Truncated);
    }
    frame.truncate(IPV6_HLEN + payload);
    Ok(())
}

/// A packet with a whole first header: accessors on its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Ipv6View<'a> {
    head: &'a [u8; IPV6_HLEN],
    bytes: &'a [u8],
}

impl<'a> Ipv6View<'a> {
    /// Views the packet; nothing where the header would be cut off.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let head = bytes.first_chunk()?;
        Some(Self { head, bytes })
    }

    fn addr(self, at: usize) -> Ipv6Addr {
        let mut octets = [0; 16];
        octets.copy_from_slice(&self.head[at..at + 16]);
        octets.into()
    }

    /// The source address.
    #[inline]
    pub fn src(self) -> Ipv6Addr {
        self.addr(8)
    }

    /// The destination address.
    #[inline]
    pub fn dst(self) -> Ipv6Addr {
        self.addr(24)
    }

    /// What follows the header.
    #[inline]
    pub fn next_header(self) -> u8 {
        self.head[6]
    }

    /// How many routers it may still pass.
    #[inline]
    pub fn hop_limit(self) -> u8 {
        self.head[7]
    }

    /// The traffic class.
    #[inline]
    pub fn traffic_class(self) -> u8 {
        self.head[0] << 4 | self.head[1] >> 4
    }

    /// The flow label.
    pub fn flow_label(self) -> u32 {
        u32::from_be_bytes([0, self.head[1] & 0x0f, self.head[2], self.head[3]])
    }

    /// What the packet carries, extension headers first.
    #[inline]
    pub fn payload(self) -> &'a [u8] {
        &self.bytes[IPV6_HLEN..]
    }

    /// All of it.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }
}

/// What a sender decides about a packet's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ipv6Header {
    /// The source address.
    pub src: Ipv6Addr,
    /// The destination address.
    pub dst: Ipv6Addr,
    /// What follows.
    pub next_header: u8,
    /// How many routers it may pass.
    pub hop_limit: u8,
    /// The traffic class.
    pub traffic_class: u8,
}

impl Ipv6Header {
    /// Puts the header in front of a payload.
    pub fn push(&self, frame: &mut Frame) {
        push_ipv6(
            frame,
            self.src,
            self.dst,
            self.hop_limit,
            self.next_header.into(),
        );
        let class = u32::from(self.traffic_class);
        write_first_word(frame, 6 << 28 | class << 20);
    }
}

/// Sets the traffic class.
pub fn set_traffic_class(frame: &mut Frame, class: u8) {
    if let Some(word) = frame.bytes().first_chunk().copied() {
        let rest = u32::from_be_bytes(word) & 0xf00f_ffff;
        write_first_word(frame, rest | u32::from(class) << 20);
    }
}

/// Gives a packet a flow label, where it has none.
pub fn label_flow(frame: &mut Frame, label: u32) {
    let Some(word) = frame.bytes().first_chunk().copied() else {
        return;
    };
    let word = u32::from_be_bytes(word);
    if word & 0xf_ffff == 0 {
        write_first_word(frame, word | label & 0xf_ffff);
    }
}

fn write_first_word(frame: &mut Frame, word: u32) {
    if let Some(head) = frame.bytes_mut().first_chunk_mut() {
        *head = word.to_be_bytes();
    }
}

/// Lowers the hop limit by one.
pub fn decrease_hop_limit(frame: &mut Frame) {
    if let Some(hops) = frame.bytes_mut().get_mut(7) {
        *hops = hops.saturating_sub(1);
    }
}

/// Whether the checksum of an ICMPv6 message between these addresses is right.
pub fn icmpv6_checksum_is_right(source: Ipv6Addr, target: Ipv6Addr, message: &[u8]) -> bool {
    message.len() >= 4 && Icmpv6Packet::new_unchecked(message).verify_checksum(&source, &target)
}

/// Fills the checksum of an ICMPv6 message in.
pub fn fill_icmpv6_checksum(frame: &mut Frame, source: Ipv6Addr, target: Ipv6Addr) {
    if frame.len() >= 4 {
        Icmpv6Packet::new_unchecked(frame.bytes_mut()).fill_checksum(&source, &target);
    }
}

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
    use proptest::prelude::*;

    #[test]
    fn a_header_is_read_back_and_changed() {
        let header = Ipv6Header {
            src: "fd00::1".parse().unwrap(),
            dst: "fd00::2".parse().unwrap(),
            next_header: 17,
            hop_limit: 9,
            traffic_class: 0xab,
        };
        let mut frame = Frame::new(b"payload and trailer");
        frame.truncate(7);
        header.push(&mut frame);
        frame.extend(b"trailer");
        assert_eq!(check(&mut frame), Ok(()));
        label_flow(&mut frame, 0x12345);
        decrease_hop_limit(&mut frame);
        let view = Ipv6View::new(frame.bytes()).unwrap();
        assert_eq!((view.src(), view.dst()), (header.src, header.dst));
        assert_eq!((view.traffic_class(), view.flow_label()), (0xab, 0x12345));
        assert_eq!((view.hop_limit(), view.next_header()), (8, 17));
        assert_eq!(view.payload(), b"payload");
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_check_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = check(&mut Frame::new(&bytes));
            let _ = icmpv6_checksum_is_right(Ipv6Addr::LOCALHOST, Ipv6Addr::LOCALHOST, &bytes);
        }
    }

    #[test]
    fn the_solicited_node_group_keeps_24_bits() {
        let addr: Ipv6Addr = "fe80::ff:fe12:3456".parse().unwrap();
        let group: Ipv6Addr = "ff02::1:ff12:3456".parse().unwrap();
        assert_eq!(solicited_node(addr), group);
        assert!(is_solicited_node(group) && !is_solicited_node(addr));
    }
}
