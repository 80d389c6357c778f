//! Packet sockets: copies of the frames of a device, as tcpdump and arping read them.
//! Frames that they send go to the device as they are; the kernel floor does that.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::kinds::{Datagram, PacketType, SocketKind};
use super::table::Sockets;
use crate::units::{IfIndex, SimTime, SockId};

/// `ETH_P_ALL`: every ethertype, and what leaves too.
const ETH_P_ALL: u16 = 3;

/// A frame that passes a device.
#[derive(Clone, Copy, Debug)]
pub struct FrameArrival<'p> {
    /// The frame, from its Ethernet header on.
    pub frame: &'p [u8],
    /// The device.
    pub ifindex: IfIndex,
    /// For whom it is, or that it leaves.
    pub packet_type: PacketType,
}

impl Sockets {
    /// Whether there is any packet socket, so that nobody copies frames in vain.
    pub fn watches_frames(&self) -> bool {
        !self.packets.is_empty()
    }

    /// Gives a frame to the packet sockets of its device and ethertype. What leaves is seen
    /// by those for all ethertypes only (`dev_queue_xmit_nit`).
    pub fn frame(&mut self, now: SimTime, arrival: &FrameArrival<'_>, woken: &mut Vec<SockId>) {
        let Some(&[high, low]) = arrival.frame.get(12..14) else {
            return;
        };
        let frame_type = u16::from_be_bytes([high, low]);
        let leaves = arrival.packet_type == PacketType::Outgoing;
        for &id in &self.packets {
            let Some(socket) = self.sockets.get_mut(&id) else {
                continue;
            };
            let SocketKind::Packet { ifindex, ethertype } = socket.kind else {
                continue;
            };
            let wanted = ethertype == ETH_P_ALL || (ethertype == frame_type && !leaves);
            if !wanted || ifindex.is_some_and(|dev| dev != arrival.ifindex) {
                continue;
            }
            let taken = socket.receive(Datagram {
                from: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
                to: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                bytes: arrival.frame.to_vec(),
                ttl: 0,
                tos: 0,
                ifindex: arrival.ifindex,
                packet_type: arrival.packet_type,
                at: now,
            });
            if taken {
                woken.push(id);
            }
        }
    }

    /// How many frames a packet socket lost because its buffer was full.
    pub fn frames_lost(&self, id: SockId) -> u64 {
        self.sockets.get(&id).map_or(0, |socket| socket.overflowed)
    }
}
