//! From the wire and from IP to the sockets of a namespace: packets, errors, captured frames.
//! Which socket takes what is decided in `netns::socket`.

use crate::kernel::ipv4::Came;
use crate::kernel::rx::{ethernet_header, packet_type};
use crate::kernel::world::World;
use crate::netns::socket::{Arrival, FrameArrival, IcmpArrival, PacketType, Taken};
use crate::units::{DevId, NetnsId};
use crate::wire::{Frame, unsummed};

impl World {
    /// Gives a whole packet, IP header first, to the sockets that take it.
    pub(crate) fn deliver_to_sockets(
        &mut self,
        came: Came,
        packet: &[u8],
        broadcast: bool,
    ) -> Taken {
        let now = self.now;
        let arrival = Arrival {
            packet,
            ifindex: came.bound,
            packet_type: came.for_whom,
            broadcast,
        };
        let ns = self.netns.find_mut(came.netns);
        match ns.and_then(|ns| ns.sockets.some()) {
            Some(sockets) => sockets.deliver(now, &arrival, &mut self.woken),
            None => Taken::default(),
        }
    }

    /// Tells the sockets that sent a packet what an ICMP message says of it.
    pub(crate) fn tell_sockets(&mut self, netns: NetnsId, arrival: &IcmpArrival<'_>) {
        let now = self.now;
        let ns = self.netns.find_mut(netns);
        if let Some(sockets) = ns.and_then(|ns| ns.sockets.some()) {
            sockets.icmp_error(now, arrival, &mut self.woken);
            for stream in std::mem::take(&mut sockets.touched) {
                self.path_changed(netns, stream);
            }
        }
    }

    /// Gives a copy of a frame to the packet sockets of a device.
    #[cold]
    pub(crate) fn capture(&mut self, dev: DevId, frame: &Frame, leaves: bool) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let kind = match ethernet_header(frame.bytes()) {
            _ if leaves => PacketType::Outgoing,
            Some((dst, _, _)) => packet_type(dst, device.address),
            None => PacketType::OtherHost,
        };
        let seen = unsummed::as_captured(frame);
        let arrival = FrameArrival {
            frame: seen.as_deref().unwrap_or(frame.bytes()),
            ifindex: device.ifindex,
            packet_type: kind,
        };
        let (netns, now) = (device.netns, self.now);
        if let Some(ns) = self.netns.find_mut(netns) {
            ns.sockets.frame(now, &arrival, &mut self.woken);
        }
    }
}
