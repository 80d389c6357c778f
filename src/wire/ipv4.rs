//! IPv4 headers (RFC 791): checked once, then read and changed in place.
//! It routes nothing and keeps no state.

use std::net::Ipv4Addr;

use super::{Frame, Ipv4Packet};

/// Length of a header without options.
pub const IPV4_HLEN: usize = 20;
/// Protocol number of ICMP.
pub const IPPROTO_ICMP: u8 = 1;
/// Protocol number of IGMP.
pub const IPPROTO_IGMP: u8 = 2;
/// Protocol number of TCP.
pub const IPPROTO_TCP: u8 = 6;
/// Protocol number of UDP.
pub const IPPROTO_UDP: u8 = 17;

/// What is wrong with an IPv4 header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ipv4Fault {
    /// Shorter than a header, or than it says.
    Truncated,
    /// Not version 4, or a header length below 20 or beyond the packet.
    Header,
    /// The header's checksum is wrong.
    Checksum,
}

/// Checks the header in front of `frame` and cuts off what follows the packet (`ip_rcv_core`).
///
/// # Errors
/// What is wrong with it.
pub fn check(frame: &mut Frame) -> Result<(), Ipv4Fault> {
    let bytes = frame.bytes();
    if bytes.len() < IPV4_HLEN {
        return Err(Ipv4Fault::Truncated);
    }
    let packet = Ipv4Packet::new_unchecked(bytes);
    let (header, total) = (
        usize::from(packet.header_len()),
        usize::from(packet.total_len()),
    );
    if packet.version() != 4 || header < IPV4_HLEN || bytes.len() < header {
        return Err(Ipv4Fault::Header);
    }
    if checksum(&bytes[..header]) != 0 {
        return Err(Ipv4Fault::Checksum);
    }
    if bytes.len() < total || total < header {
        return Err(Ipv4Fault::Truncated);
    }
    frame.truncate(total);
    Ok(())
}

/// Writes the header's checksum anew, after a change.
pub fn mend_checksum(frame: &mut Frame) {
    let len = 4 * usize::from(frame.bytes().first().map_or(0, |first| first & 0x0f));
    if let Some(header) = frame
        .bytes_mut()
        .get_mut(..len)
        .filter(|_| len >= IPV4_HLEN)
    {
        header[10..12].fill(0);
        let sum = checksum(header).to_be_bytes();
        header[10..12].copy_from_slice(&sum);
    }
}

/// A checked packet: accessors on the bytes of a frame whose header [`check`] has passed.
#[derive(Clone, Copy, Debug)]
pub struct Ipv4View<'a>(&'a [u8]);

impl<'a> Ipv4View<'a> {
    /// Views the packet; nothing where a header would be cut off.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let header = usize::from(bytes.first()? & 0x0f) * 4;
        (header >= IPV4_HLEN && bytes.len() >= header).then_some(Self(bytes))
    }

    /// The source address.
    #[inline]
    pub fn src(self) -> Ipv4Addr {
        Ipv4Addr::new(self.0[12], self.0[13], self.0[14], self.0[15])
    }

    /// The destination address.
    #[inline]
    pub fn dst(self) -> Ipv4Addr {
        Ipv4Addr::new(self.0[16], self.0[17], self.0[18], self.0[19])
    }

    /// The protocol above.
    #[inline]
    pub fn protocol(self) -> u8 {
        self.0[9]
    }

    /// Time to live.
    #[inline]
    pub fn ttl(self) -> u8 {
        self.0[8]
    }

    /// Type of service.
    #[inline]
    pub fn tos(self) -> u8 {
        self.0[1]
    }

    /// The identification.
    pub fn id(self) -> u16 {
        u16::from_be_bytes([self.0[4], self.0[5]])
    }

    /// Whether it may not be fragmented.
    pub fn dont_fragment(self) -> bool {
        self.0[6] & 0x40 != 0
    }

    /// Whether more fragments follow.
    pub fn more_fragments(self) -> bool {
        self.0[6] & 0x20 != 0
    }

    /// Where this fragment's payload belongs, in bytes.
    pub fn fragment_offset(self) -> usize {
        usize::from(u16::from_be_bytes([self.0[6] & 0x1f, self.0[7]])) * 8
    }

    /// Whether it is a fragment of a larger packet.
    #[inline]
    pub fn is_fragment(self) -> bool {
        self.0[6] & 0x3f != 0 || self.0[7] != 0
    }

    /// Length of the header with its options.
    #[inline]
    pub fn header_len(self) -> usize {
        usize::from(self.0[0] & 0x0f) * 4
    }

    /// The options.
    pub fn options(self) -> &'a [u8] {
        &self.0[IPV4_HLEN..self.header_len()]
    }

    /// What the packet carries.
    #[inline]
    pub fn payload(self) -> &'a [u8] {
        &self.0[self.header_len()..]
    }

    /// All of it.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }
}

/// What a sender decides about a packet's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ipv4Header {
    /// The source address.
    pub src: Ipv4Addr,
    /// The destination address.
    pub dst: Ipv4Addr,
    /// The protocol above.
    pub protocol: u8,
    /// Time to live.
    pub ttl: u8,
    /// Type of service.
    pub tos: u8,
    /// The identification.
    pub id: u16,
    /// Whether it may not be fragmented.
    pub dont_fragment: bool,
    /// Whether it carries the router alert option (RFC 2113).
    pub router_alert: bool,
}

impl Ipv4Header {
    /// Puts the header in front of a payload.
    pub fn push(&self, frame: &mut Frame) {
        if !self.router_alert {
            return frame.push(&self.plain(frame.len()));
        }
        let mut bytes = [0; IPV4_HLEN + 4];
        bytes[..IPV4_HLEN].copy_from_slice(&self.plain(4 + frame.len()));
        bytes[IPV4_HLEN..].copy_from_slice(&[0x94, 0x04, 0, 0]);
        bytes[0] = 0x46;
        bytes[10..12].fill(0);
        let sum = checksum(&bytes).to_be_bytes();
        bytes[10..12].copy_from_slice(&sum);
        frame.push(&bytes);
    }

    /// The header without options, of a packet with so many bytes behind it.
    #[inline]
    pub fn plain(&self, payload: usize) -> [u8; IPV4_HLEN] {
        let mut bytes = [0; IPV4_HLEN];
        let total = u16::try_from(IPV4_HLEN + payload).unwrap_or(u16::MAX);
        (bytes[0], bytes[1]) = (0x45, self.tos);
        bytes[2..4].copy_from_slice(&total.to_be_bytes());
        bytes[4..6].copy_from_slice(&self.id.to_be_bytes());
        bytes[6] = if self.dont_fragment { 0x40 } else { 0 };
        (bytes[8], bytes[9]) = (self.ttl, self.protocol);
        bytes[12..16].copy_from_slice(&self.src.octets());
        bytes[16..20].copy_from_slice(&self.dst.octets());
        let sum = checksum(&bytes).to_be_bytes();
        bytes[10..12].copy_from_slice(&sum);
        bytes
    }
}

/// Lowers the time to live by one and mends the checksum (`ip_decrease_ttl`).
pub fn decrease_ttl(frame: &mut Frame) {
    let bytes = frame.bytes_mut();
    if bytes.len() < IPV4_HLEN {
        return;
    }
    bytes[8] = bytes[8].saturating_sub(1);
    // RFC 1624: one less in the high byte of a word is 0x0100 more in the checksum.
    let sum = u32::from(u16::from_be_bytes([bytes[10], bytes[11]])) + 0x0100;
    let folded = (sum & 0xffff) + (sum >> 16);
    bytes[10..12].copy_from_slice(&(folded as u16).to_be_bytes());
}

/// The Internet checksum of `bytes` (RFC 1071).
pub fn checksum(bytes: &[u8]) -> u16 {
    // Words of 32 bits give the same sum: 2^16 and 2^32 are both 1 modulo 65535 (RFC 1071, section 2).
    let (words, rest) = bytes.as_chunks::<4>();
    let whole: u64 = words
        .iter()
        .map(|word| u64::from(u32::from_be_bytes(*word)))
        .sum();
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    let mut sum = whole + u64::from(u32::from_be_bytes(last));
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Ipv4Header {
        Ipv4Header {
            src: [10, 0, 0, 1].into(),
            dst: [10, 0, 0, 2].into(),
            protocol: IPPROTO_ICMP,
            ttl: 64,
            tos: 0x10,
            id: 7,
            dont_fragment: true,
            router_alert: false,
        }
    }

    fn packet(payload: &[u8]) -> Frame {
        let mut frame = Frame::new(payload);
        header().push(&mut frame);
        frame
    }

    #[test]
    fn what_is_pushed_passes_the_check_and_reads_back() {
        let mut frame = packet(b"hello");
        assert_eq!(check(&mut frame), Ok(()));
        let view = Ipv4View::new(frame.bytes()).unwrap();
        assert_eq!((view.src(), view.dst()), (header().src, header().dst));
        assert_eq!(
            (view.ttl(), view.tos(), view.id(), view.protocol()),
            (64, 0x10, 7, 1)
        );
        assert!(view.dont_fragment() && !view.is_fragment());
        assert_eq!(view.payload(), b"hello");
    }

    #[test]
    fn a_lower_ttl_keeps_the_checksum_right_down_to_zero() {
        let mut frame = packet(b"");
        for ttl in (0..64).rev() {
            decrease_ttl(&mut frame);
            assert_eq!(check(&mut frame), Ok(()), "ttl {ttl}");
            assert_eq!(frame.bytes()[8], ttl);
        }
    }

    #[test]
    fn padding_of_the_link_is_cut_off() {
        let mut frame = packet(b"x");
        frame.extend(&[0; 25]);
        assert_eq!(check(&mut frame), Ok(()));
        assert_eq!(frame.len(), 21);
    }

    #[test]
    fn broken_headers_are_told_apart() {
        let mut short = Frame::new(&[0x45; 19]);
        assert_eq!(check(&mut short), Err(Ipv4Fault::Truncated));
        let mut version = packet(b"");
        version.bytes_mut()[0] = 0x65;
        assert_eq!(check(&mut version), Err(Ipv4Fault::Header));
        let mut sum = packet(b"");
        sum.bytes_mut()[8] = 3;
        assert_eq!(check(&mut sum), Err(Ipv4Fault::Checksum));
        let mut long = packet(b"");
        long.bytes_mut()[3] = 99;
        let zeroed = {
            long.bytes_mut()[10..12].fill(0);
            checksum(long.bytes())
        };
        long.bytes_mut()[10..12].copy_from_slice(&zeroed.to_be_bytes());
        assert_eq!(check(&mut long), Err(Ipv4Fault::Truncated));
    }

    #[test]
    fn a_router_alert_makes_the_header_24_bytes() {
        let mut frame = Frame::new(b"");
        Ipv4Header {
            router_alert: true,
            ..header()
        }
        .push(&mut frame);
        assert_eq!(check(&mut frame), Ok(()));
        assert_eq!(
            Ipv4View::new(frame.bytes()).unwrap().options(),
            [0x94, 4, 0, 0]
        );
    }
}
