//! The way of frames that nobody looks at, in few steps: over a port of a bridge, to another veth.
//! Whatever is not plain is left to `rx`, `bridge` and `tx`, which know everything.

use crate::device::bridge::PortNo;
use crate::kernel::device::{DeviceKind, group_mark};
use crate::kernel::ipv6::quiet_group;
use crate::kernel::tx::VETH_CROSSING;
use crate::kernel::world::{Event, World};
use crate::units::DevId;
use crate::wire::{ETH_HLEN, Frame, VLAN_HLEN};

/// Destination and source of an Ethernet header.
const ADDRESSES: usize = 12;

/// The way that a frame took over a bridge. Another frame of the same addresses that comes in at the same place takes
/// the same way, as long as the instant is the same and nothing but such frames was moved in between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lane {
    /// Where frames come in.
    from: DevId,
    addresses: [u8; ADDRESSES],
    /// The port by which they leave, and its peer.
    to: DevId,
    peer: DevId,
    /// The longest frame that passes both.
    longest: usize,
}

impl Lane {
    /// Whether a frame that comes in at `dev` takes this way.
    #[inline]
    pub(crate) fn takes(&self, dev: DevId, frame: &Frame) -> bool {
        dev == self.from
            && frame.mark == 0
            && frame.bytes().first_chunk() == Some(&self.addresses)
            && frame.link_len() <= self.longest
    }
}

impl World {
    /// Whether nobody looks at frames on their way: no journey, no packet socket, no filter, no planted fault.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        #[cfg(feature = "proptest")]
        if self.mutant.is_some() {
            return false;
        }
        !self.watching && self.watchers | self.filters == 0
    }

    /// A frame has come to a device: as [`World::receive`], which it leaves whatever is not plain to. Gives the way, where it
    /// was plain.
    #[inline]
    pub(crate) fn arrive(&mut self, dev: DevId, mut frame: Frame) -> Option<Lane> {
        let plain = self.is_plain();
        let device = self.devices.find_mut(dev)?;
        match (&device.kind, device.master) {
            (DeviceKind::Veth { .. }, Some(master))
                if plain && device.is_up() && device.above.is_none() =>
            {
                device.stats.rx_packets += 1;
                device.stats.rx_bytes += frame.link_len() as u64;
                let port_no = device.port_no;
                frame.ct = 0;
                match self.express((dev, port_no), master, frame) {
                    Ok(lane) => lane,
                    Err(frame) => {
                        self.decide_at_port(dev, master, frame);
                        None
                    }
                }
            }
            (DeviceKind::Veth { .. }, None)
                if plain && device.is_up() && device.above.is_none() =>
            {
                device.stats.rx_packets += 1;
                device.stats.rx_bytes += frame.link_len() as u64;
                let unheard = quiet_group(frame.bytes())
                    .is_some_and(|group| device.group_marks & group_mark(group) == 0);
                if unheard {
                    self.spare.put(frame);
                } else {
                    frame.ct = 0;
                    self.receive_local(dev, frame);
                }
                None
            }
            _ => {
                self.receive(dev, frame);
                None
            }
        }
    }

    /// Takes a frame along a way that another one took just now.
    #[inline]
    pub(crate) fn follow(&mut self, lane: &Lane, mut frame: Frame) {
        let len = frame.link_len() as u64;
        if let Some(device) = self.devices.find_mut(lane.from) {
            device.stats.rx_packets += 1;
            device.stats.rx_bytes += len;
        }
        if let Some(device) = self.devices.find_mut(lane.to) {
            device.stats.tx_packets += 1;
            device.stats.tx_bytes += len;
        }
        frame.ct = 0;
        self.queue
            .push(self.now + VETH_CROSSING, Event::Receive(lane.peer, frame));
    }

    /// A frame that nobody looks at has come to a port of a bridge, which counted it: where it takes the plain way, gives that.
    ///
    /// # Errors
    /// Gives the frame back where the bridge has more to decide.
    #[inline]
    pub(crate) fn express(
        &mut self,
        (dev, port_no): (DevId, PortNo),
        master: DevId,
        frame: Frame,
    ) -> Result<Option<Lane>, Frame> {
        let now = self.now;
        let bridge = match self.devices.find_mut(master) {
            Some(device) => match &mut device.kind {
                DeviceKind::Bridge(bridge) => bridge,
                _ => return Err(frame),
            },
            None => return Err(frame),
        };
        let Some(to) = bridge.express(now, dev, port_no, frame.bytes()) else {
            return Err(frame);
        };
        let addresses = *frame.bytes().first_chunk().unwrap_or(&[0; ADDRESSES]);
        Ok(self.transmit_plain(to, frame).map(|(peer, longest)| Lane {
            from: dev,
            addresses,
            to,
            peer,
            longest,
        }))
    }

    /// Out of a port, where that is one end of a veth pair and all is well with it; gives the other end, and the longest frame that
    /// passes. In any other case the frame goes the long way.
    #[inline]
    pub(crate) fn transmit_plain(&mut self, port: DevId, frame: Frame) -> Option<(DevId, usize)> {
        match self.plain_way(port) {
            Some((peer, longest)) if frame.link_len() <= longest && frame.mark == 0 => {
                self.cross_plain(port, peer, frame);
                Some((peer, longest))
            }
            _ => {
                self.push_to_port(port, frame);
                None
            }
        }
    }

    /// From one end of a veth pair to the other, which [`Self::plain_way`] gave.
    #[inline]
    pub(crate) fn cross_plain(&mut self, port: DevId, peer: DevId, mut frame: Frame) {
        frame.set_tunnel(None);
        if let Some(device) = self.devices.find_mut(port) {
            device.stats.tx_packets += 1;
            device.stats.tx_bytes += frame.link_len() as u64;
        }
        self.queue
            .push(self.now + VETH_CROSSING, Event::Receive(peer, frame));
    }

    /// The other end of a veth pair that takes frames as they are, and the longest that both ends take.
    #[inline]
    pub(crate) fn plain_way(&self, port: DevId) -> Option<(DevId, usize)> {
        let device = self.devices.find(port)?;
        let DeviceKind::Veth { peer: Some(peer) } = device.kind else {
            return None;
        };
        let other = self.devices.find(peer)?;
        if !device.is_up() || !device.carrier || device.queue.is_some() || !other.is_up() {
            return None;
        }
        let longest = device.mtu.min(other.mtu) as usize + ETH_HLEN + VLAN_HLEN;
        Some((peer, longest))
    }
}
