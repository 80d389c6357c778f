//! The cooked headers that stand for Ethernet's where frames of any device are captured (libpcap's `sll.h`).
//! Devices are Ethernet or the loopback.

use super::devices::is_loopback;
use crate::kernel::World;
use crate::netns::socket::{Datagram, PacketType};
use crate::units::NetnsId;
use crate::wire::ETH_HLEN;
use crate::wire::print::LinkType;

/// The length of the longer header.
const SLL2_LEN: usize = 20;
/// An EtherType below this is a length.
const ETHERTYPE_MIN: u16 = 0x0600;
/// Stands for the type where there is a length instead (`LINUX_SLL_P_802_2`).
const LINK_802_2: u16 = 4;
const ARPHRD_ETHER: u16 = 1;
const ARPHRD_LOOPBACK: u16 = 772;
const MAC_LEN: u8 = 6;

/// A frame with a cooked header instead of Ethernet's; nothing where it is too short for one.
pub(super) fn cooked(
    world: &World,
    netns: NetnsId,
    datagram: &Datagram,
    link: LinkType,
) -> Option<Vec<u8>> {
    let (header, payload) = datagram.bytes.split_first_chunk::<ETH_HLEN>()?;
    let ethertype = u16::from_be_bytes([header[12], header[13]]);
    let protocol = if ethertype < ETHERTYPE_MIN {
        LINK_802_2
    } else {
        ethertype
    };
    let hardware = if is_loopback(world, netns, datagram.ifindex) {
        ARPHRD_LOOPBACK
    } else {
        ARPHRD_ETHER
    };
    let kind = packet_type(datagram.packet_type);
    let mut cooked = Vec::with_capacity(SLL2_LEN + payload.len());
    if link == LinkType::LinuxSll2 {
        cooked.extend_from_slice(&protocol.to_be_bytes());
        cooked.extend_from_slice(&[0, 0]);
        cooked.extend_from_slice(&datagram.ifindex.to_be_bytes());
        cooked.extend_from_slice(&hardware.to_be_bytes());
        cooked.extend_from_slice(&[kind, MAC_LEN]);
        cooked.extend_from_slice(&header[6..12]);
        cooked.extend_from_slice(&[0, 0]);
    } else {
        cooked.extend_from_slice(&[0, kind]);
        cooked.extend_from_slice(&hardware.to_be_bytes());
        cooked.extend_from_slice(&[0, MAC_LEN]);
        cooked.extend_from_slice(&header[6..12]);
        cooked.extend_from_slice(&[0, 0]);
        cooked.extend_from_slice(&protocol.to_be_bytes());
    }
    cooked.extend_from_slice(payload);
    Some(cooked)
}

fn packet_type(kind: PacketType) -> u8 {
    match kind {
        PacketType::Host => 0,
        PacketType::Broadcast => 1,
        PacketType::Multicast => 2,
        PacketType::OtherHost => 3,
        PacketType::Outgoing | PacketType::Loopback => 4,
    }
}
