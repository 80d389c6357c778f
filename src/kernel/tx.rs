//! The way of a frame out of a namespace: captured, then given to the device (dev.c, veth.c, loopback.c).
//! The header in front of it is put there by IP's output or by a bridge.

use std::time::Duration;

use crate::engine::trace::{DropReason, Verdict};
use crate::kernel::device::DeviceKind;
use crate::kernel::world::{Event, World};
use crate::units::DevId;
use crate::wire::{ETH_HLEN, Frame};

/// How long a frame takes from one end of a veth pair to the other.
pub const VETH_CROSSING: Duration = Duration::from_micros(8);
/// How long a frame takes round the loopback.
pub const LOOPBACK_CROSSING: Duration = Duration::from_micros(4);
/// Room that a receiver grants beyond its mtu, for one VLAN tag (`is_skb_forwardable`).
const VLAN_HLEN: usize = 4;

impl World {
    /// Hands a frame with its Ethernet header to a device (`dev_queue_xmit`).
    pub(crate) fn transmit(&mut self, dev: DevId, frame: Frame) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if !device.is_up() || !device.carrier {
            // Without a carrier the qdisc is noop and swallows it.
            device.stats.tx_dropped += 1;
            return self.lose(dev, &frame, DropReason::DevReady);
        }
        if self.watchers > 0 {
            self.capture(dev, &frame, true);
        }
        self.hop(dev, &frame, Verdict::Transmitted);
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        match device.kind {
            DeviceKind::Veth { peer: Some(peer) } => self.transmit_veth(dev, peer, frame),
            DeviceKind::Loopback => {
                // The loopback counts what it carries without the Ethernet header.
                device.stats.tx_packets += 1;
                device.stats.tx_bytes += frame.len().saturating_sub(ETH_HLEN) as u64;
                self.schedule(self.now + LOOPBACK_CROSSING, Event::Receive(dev, frame));
            }
            DeviceKind::Bridge(_) => self.transmit_bridge(dev, frame),
            DeviceKind::Nic(_) => self.transmit_nic(dev, frame),
            DeviceKind::Dummy => {
                device.stats.tx_packets += 1;
                device.stats.tx_bytes += frame.len() as u64;
            }
            DeviceKind::Veth { peer: None } => {
                device.stats.tx_dropped += 1;
                self.xmit_dropped = true;
            }
        }
    }

    /// Across to the peer, which must be up and take frames of that length (`veth_xmit`).
    fn transmit_veth(&mut self, dev: DevId, peer: DevId, frame: Frame) {
        let takes = self.devices.find(peer).is_some_and(|peer| {
            peer.is_up() && frame.len() <= peer.mtu as usize + ETH_HLEN + VLAN_HLEN
        });
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if !takes {
            device.stats.tx_dropped += 1;
            self.xmit_dropped = true;
            if let Some(peer) = self.devices.find_mut(peer) {
                peer.stats.rx_dropped += 1;
            }
            return self.lose(dev, &frame, DropReason::PktTooBig);
        }
        device.stats.tx_packets += 1;
        device.stats.tx_bytes += frame.len() as u64;
        self.schedule(self.now + VETH_CROSSING, Event::Receive(peer, frame));
    }

    /// Notes that a frame was lost at a device, and why.
    pub(crate) fn lose(&mut self, dev: DevId, frame: &Frame, reason: DropReason) {
        self.hop(dev, frame, Verdict::Dropped(reason));
    }

    /// Notes a station on the way of a frame, where somebody watches.
    #[inline]
    pub(crate) fn hop(&mut self, dev: DevId, frame: &Frame, verdict: Verdict) {
        if self.journal.is_some() {
            self.record_hop(dev, frame.id, verdict);
        }
    }
}
