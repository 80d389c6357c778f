//! The way of a frame out of a namespace: captured, then given to the device (dev.c, veth.c, loopback.c).
//! The header in front of it is put there by IP's output or by a bridge.

use std::time::Duration;

use crate::engine::trace::{By, DropReason, Taker, Verdict};
use crate::kernel::device::DeviceKind;
use crate::kernel::world::{Event, World};
use crate::units::DevId;
use crate::wire::{ETH_HLEN, Frame, VLAN_HLEN};

/// How long a frame takes from one end of a veth pair to the other.
pub const VETH_CROSSING: Duration = Duration::from_micros(8);
/// How long a frame takes round the loopback.
pub const LOOPBACK_CROSSING: Duration = Duration::from_micros(4);

impl World {
    /// Hands a frame with its Ethernet header to a device (`dev_queue_xmit`).
    pub(crate) fn transmit(&mut self, dev: DevId, mut frame: Frame) {
        self.stamp_at(dev, &mut frame);
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if !device.is_up() || !device.carrier {
            // Without a carrier the qdisc is noop and swallows it.
            device.stats.more.tx_dropped += 1;
            return self.lose(dev, &frame, DropReason::DevReady);
        }
        if device.queue.is_some() {
            return self.transmit_queued(dev, frame);
        }
        self.start_xmit(dev, frame);
    }

    /// Hands a frame to the driver (`dev_hard_start_xmit`).
    #[inline]
    pub(crate) fn start_xmit(&mut self, dev: DevId, mut frame: Frame) {
        if self.watchers > 0 {
            if frame.unsummed().is_some() && self.sums_up(dev) {
                frame.sum_up();
            }
            self.capture(dev, &frame, true);
        }
        self.pass(dev, &mut frame, |_| Verdict::Transmitted);
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        match device.kind {
            DeviceKind::Veth { peer: Some(peer) } => self.transmit_veth(dev, peer, frame),
            DeviceKind::Loopback => {
                // The loopback counts what it carries without the Ethernet header.
                device.stats.tx_packets += 1;
                device.stats.tx_bytes += frame.len().saturating_sub(ETH_HLEN) as u64;
                if std::mem::take(&mut self.loop_at_once) {
                    return self.receive(dev, frame);
                }
                self.schedule(self.now + LOOPBACK_CROSSING, Event::Receive(dev, frame));
            }
            DeviceKind::Bridge(_) => self.transmit_bridge(dev, frame),
            DeviceKind::Nic(_) => self.transmit_nic(dev, frame),
            DeviceKind::Vxlan(_) => self.transmit_vxlan(dev, frame),
            DeviceKind::Stacked(_) => self.transmit_stacked(dev, frame),
            DeviceKind::Dummy => {
                device.stats.tx_packets += 1;
                device.stats.tx_bytes += frame.len() as u64;
                self.hop(dev, &frame, Verdict::Taken(Taker::Device("dummy")));
            }
            DeviceKind::Veth { peer: None } => {
                device.stats.more.tx_dropped += 1;
                self.xmit_dropped = true;
                self.lose(dev, &frame, DropReason::DevReady);
            }
        }
    }

    /// The peer takes no such frame.
    #[cold]
    fn lose_at_peer(&mut self, dev: DevId, peer: DevId, frame: &Frame) {
        let (up, mtu) = self
            .devices
            .find(peer)
            .map_or((false, 0), |peer| (peer.is_up(), peer.mtu));
        match up {
            true => self.lose_by(dev, frame, DropReason::PktTooBig, || By::Mtu(mtu)),
            false => self.lose_by(dev, frame, DropReason::DevDown, || {
                By::Link("has a peer that is down")
            }),
        }
    }

    /// What is beside a frame stays behind, and its mark does not go to another namespace with it (`skb_scrub_packet`).
    #[inline]
    pub(crate) fn scrub(&self, dev: DevId, peer: DevId, frame: &mut Frame) {
        frame.set_tunnel(None);
        if frame.mark == 0 {
            return;
        }
        let netns = |dev| self.devices.find(dev).map(|device| device.netns);
        if netns(dev) != netns(peer) {
            frame.mark = 0;
        }
    }

    /// Across to the peer, which must be up and take frames of that length (`veth_xmit`).
    fn transmit_veth(&mut self, dev: DevId, peer: DevId, mut frame: Frame) {
        let takes = self.devices.find(peer).is_some_and(|peer| {
            peer.is_up() && frame.link_len() <= peer.mtu as usize + ETH_HLEN + VLAN_HLEN
        });
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if !takes {
            device.stats.more.tx_dropped += 1;
            self.xmit_dropped = true;
            if let Some(peer) = self.devices.find_mut(peer) {
                peer.stats.more.rx_dropped += 1;
            }
            return self.lose_at_peer(dev, peer, &frame);
        }
        device.stats.tx_packets += 1;
        device.stats.tx_bytes += frame.link_len() as u64;
        self.scrub(dev, peer, &mut frame);
        #[cfg(feature = "proptest")]
        if self.mutant.is_some() && !self.cross_wrongly(dev, peer, &frame) {
            return;
        }
        self.schedule(self.now + VETH_CROSSING, Event::Receive(peer, frame));
    }
}
