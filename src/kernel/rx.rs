//! The way of a frame into a namespace: counted, captured, given to its master or to IP (dev.c).
//! What IP does with it is in `ipv4` and `ipv6`.

use crate::engine::trace::{DropReason, Verdict};
use crate::kernel::device::DeviceKind;
use crate::kernel::world::World;
use crate::netns::socket::PacketType;
use crate::units::{DevId, MacAddr};
use crate::wire::{ETH_HLEN, ETH_P_8021AD, ETH_P_8021Q, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, Frame};

/// For whom a frame is, seen from the device where it came in (`eth_type_trans`).
#[inline]
pub(crate) fn packet_type(dst: MacAddr, own: MacAddr) -> PacketType {
    if dst == own {
        PacketType::Host
    } else if dst.is_broadcast() {
        PacketType::Broadcast
    } else if dst.is_multicast() {
        PacketType::Multicast
    } else {
        PacketType::OtherHost
    }
}

/// Destination, source and type of an Ethernet frame.
#[inline]
pub(crate) fn ethernet_header(bytes: &[u8]) -> Option<(MacAddr, MacAddr, u16)> {
    let header: &[u8; ETH_HLEN] = bytes.first_chunk()?;
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = *header;
    Some((
        MacAddr([a, b, c, d, e, f]),
        MacAddr([g, h, i, j, k, l]),
        u16::from_be_bytes([m, n]),
    ))
}

impl World {
    /// A frame has come to a device (`netif_receive_skb`).
    pub(crate) fn receive(&mut self, dev: DevId, frame: Frame) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if !device.is_up() {
            device.stats.more.rx_dropped += 1;
            return self.lose(dev, &frame, DropReason::DevDown);
        }
        // A tunnel has counted already what came out of it.
        if !matches!(device.kind, DeviceKind::Vxlan(_)) {
            device.stats.rx_packets += 1;
            // The loopback counts without the header (`loopback_xmit`).
            let header = if device.is_loopback() { ETH_HLEN } else { 0 };
            device.stats.rx_bytes += frame.link_len().saturating_sub(header) as u64;
        }
        self.receive_past_driver(dev, frame);
    }

    /// A frame that the driver has counted, or that comes in again without it (`netif_rx`).
    pub(crate) fn receive_past_driver(&mut self, dev: DevId, mut frame: Frame) {
        self.pass(dev, &mut frame, |_| Verdict::Received);
        if self.watchers > 0 {
            self.capture(dev, &frame, false);
        }
        self.hand_on(dev, frame);
    }

    /// To the devices above, to the master, or to IP.
    #[inline]
    pub(crate) fn hand_on(&mut self, dev: DevId, mut frame: Frame) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        if !device.is_loopback() {
            // Only round the loopback a packet keeps its connection.
            frame.ct = 0;
        }
        if device.above.is_some() {
            return self.receive_below(dev, frame);
        }
        match device.master {
            Some(master) => self.receive_at_port(dev, master, frame),
            None => self.receive_local(dev, frame),
        }
    }

    /// As [`World::hand_on`], for a device that is a master itself.
    #[inline]
    pub(crate) fn hand_up(&mut self, dev: DevId, frame: Frame) {
        match self
            .devices
            .find(dev)
            .is_some_and(|device| device.above.is_some())
        {
            true => self.receive_below(dev, frame),
            false => self.receive_local(dev, frame),
        }
    }

    /// The frame is for the layers above this device.
    pub(crate) fn receive_local(&mut self, dev: DevId, mut frame: Frame) {
        let Some((dst, _, ethertype)) = ethernet_header(frame.bytes()) else {
            return self.lose(dev, &frame, DropReason::PktTooSmall);
        };
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let (netns, ifindex) = (device.netns, device.ifindex);
        let for_whom = packet_type(dst, device.address);
        match ethertype {
            ETH_P_ARP => {
                self.receive_arp(netns, ifindex, &frame, for_whom);
                self.spare.put(frame);
            }
            ETH_P_IP => {
                frame.pull(ETH_HLEN);
                self.receive_ipv4(dev, frame, for_whom);
            }
            ETH_P_IPV6 => {
                frame.pull(ETH_HLEN);
                self.receive_ipv6(dev, frame, for_whom);
            }
            ETH_P_8021Q | ETH_P_8021AD => self.receive_tagged(dev, frame),
            _ => {
                self.lose(dev, &frame, DropReason::UnhandledProto);
                self.spare.put(frame);
            }
        }
    }

    /// A packet of our own to a group that a device is in (`dev_loopback_xmit`).
    pub(crate) fn hear(&mut self, dev: DevId, packet: Frame) {
        match packet.bytes().first() {
            Some(first) if first >> 4 == 4 => {
                self.receive_ipv4(dev, packet, PacketType::Loopback);
            }
            Some(_) | None => self.receive_ipv6(dev, packet, PacketType::Loopback),
        }
    }
}
