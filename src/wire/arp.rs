//! ARP over Ethernet for IPv4 (RFC 826), read and written through smoltcp's packet.
//! Who is answered is decided in `netns::neigh::arp`.

use std::net::Ipv4Addr;

use super::{ArpOperation, ArpPacket, ArpRepr, ETH_HLEN, ETH_P_ARP, EthernetAddress, Frame};
use crate::units::MacAddr;

/// Length of an ARP packet for IPv4 over Ethernet.
pub const ARP_LEN: usize = 28;

/// One ARP packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arp {
    /// A request, or else a reply.
    pub is_request: bool,
    /// The sender's station.
    pub sender_mac: MacAddr,
    /// The sender's address; unspecified in a probe (RFC 5227).
    pub sender_ip: Ipv4Addr,
    /// The target's station; zero in a request.
    pub target_mac: MacAddr,
    /// The target's address.
    pub target_ip: Ipv4Addr,
}

impl Arp {
    /// A question for `target_ip`, as the kernel writes it.
    pub fn request(sender_mac: MacAddr, sender_ip: Ipv4Addr, target_ip: Ipv4Addr) -> Self {
        Self {
            is_request: true,
            sender_mac,
            sender_ip,
            target_mac: MacAddr::ZERO,
            target_ip,
        }
    }

    /// The answer of `own_mac` to this packet.
    #[must_use]
    pub fn reply(&self, own_mac: MacAddr) -> Self {
        Self {
            is_request: false,
            sender_mac: own_mac,
            sender_ip: self.target_ip,
            target_mac: self.sender_mac,
            target_ip: self.sender_ip,
        }
    }

    /// Reads what follows an Ethernet header; nothing where it is cut off, of another
    /// hardware or protocol, or neither a request nor a reply.
    ///
    /// ```
    /// use vethlab::units::MacAddr;
    /// use vethlab::wire::Arp;
    ///
    /// let own = MacAddr([2, 0, 0, 0, 0, 1]);
    /// let question = Arp::request(own, [10, 0, 0, 1].into(), [10, 0, 0, 2].into());
    /// let frame = question.frame(own, MacAddr::BROADCAST);
    /// assert_eq!(frame.len(), 42);
    /// assert_eq!(Arp::parse(&frame.bytes()[14..]), Some(question));
    /// ```
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let packet = ArpPacket::new_checked(bytes).ok()?;
        let ArpRepr::EthernetIpv4 {
            operation,
            source_hardware_addr,
            source_protocol_addr,
            target_hardware_addr,
            target_protocol_addr,
        } = ArpRepr::parse(&packet).ok()?
        else {
            return None;
        };
        let is_request = match operation {
            ArpOperation::Request => true,
            ArpOperation::Reply => false,
            ArpOperation::Unknown(_) => return None,
        };
        Some(Self {
            is_request,
            sender_mac: MacAddr(source_hardware_addr.0),
            sender_ip: source_protocol_addr,
            target_mac: MacAddr(target_hardware_addr.0),
            target_ip: target_protocol_addr,
        })
    }

    /// The packet in an Ethernet frame from `source` to `destination`.
    pub fn frame(&self, source: MacAddr, destination: MacAddr) -> Frame {
        let mut frame = Frame::zeroed(ARP_LEN);
        let repr = ArpRepr::EthernetIpv4 {
            operation: match self.is_request {
                true => ArpOperation::Request,
                false => ArpOperation::Reply,
            },
            source_hardware_addr: EthernetAddress(self.sender_mac.0),
            source_protocol_addr: self.sender_ip,
            target_hardware_addr: EthernetAddress(self.target_mac.0),
            target_protocol_addr: self.target_ip,
        };
        repr.emit(&mut ArpPacket::new_unchecked(frame.bytes_mut()));
        push_ethernet(&mut frame, source, destination, ETH_P_ARP);
        frame
    }
}

/// Puts an Ethernet header in front.
pub fn push_ethernet(frame: &mut Frame, source: MacAddr, destination: MacAddr, ethertype: u16) {
    frame.push(&ethernet_bytes(source, destination, ethertype));
}

/// An Ethernet header.
#[inline]
pub fn ethernet_bytes(source: MacAddr, destination: MacAddr, ethertype: u16) -> [u8; ETH_HLEN] {
    let mut header = [0; ETH_HLEN];
    let (to, rest) = header.split_at_mut(6);
    let (from, kind) = rest.split_at_mut(6);
    to.copy_from_slice(&destination.0);
    from.copy_from_slice(&source.0);
    kind.copy_from_slice(&ethertype.to_be_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reply_turns_the_question_around() {
        let asker = MacAddr([2, 0, 0, 0, 0, 2]);
        let own = MacAddr([2, 0, 0, 0, 0, 1]);
        let question = Arp::request(asker, [10, 0, 0, 2].into(), [10, 0, 0, 1].into());
        let bytes = question.reply(own).frame(own, asker);
        assert_eq!(
            bytes.bytes(),
            [
                2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 6, // Ethernet
                0, 1, 8, 0, 6, 4, 0, 2, // hardware, protocol, lengths, reply
                2, 0, 0, 0, 0, 1, 10, 0, 0, 1, // sender
                2, 0, 0, 0, 0, 2, 10, 0, 0, 2, // target
            ]
        );
    }

    #[test]
    fn other_operations_and_short_packets_are_refused() {
        let own = MacAddr([2, 0, 0, 0, 0, 1]);
        let question = Arp::request(own, [10, 0, 0, 2].into(), [10, 0, 0, 1].into());
        let frame = question.frame(own, own);
        let mut bytes = frame.bytes()[14..].to_vec();
        assert_eq!(Arp::parse(&bytes[..27]), None);
        bytes[7] = 3;
        assert_eq!(Arp::parse(&bytes), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Arp::parse(&bytes);
        }
    }
}
