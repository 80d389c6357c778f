//! A flood that nobody looks at: its copies are under way together, as one frame and a list of devices.
//! To which ports it goes is decided in `device::bridge`.

use crate::engine::Exhausted;
use crate::kernel::device::{DeviceKind, group_mark};
use crate::kernel::ipv6::quiet_group;
use crate::kernel::rx::{ethernet_header, packet_type};
use crate::kernel::tx::VETH_CROSSING;
use crate::kernel::world::{Event, World};
use crate::units::{DevId, MacAddr};
use crate::wire::{ETH_P_8021AD, ETH_P_8021Q, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, Frame};

/// The number of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ListNo(usize);

/// Lists of devices, whose memory is used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lists {
    lists: Vec<Vec<DevId>>,
    free: Vec<usize>,
}

impl Lists {
    /// An empty list, to be filled and put back under its number.
    fn open(&mut self) -> (ListNo, Vec<DevId>) {
        let number = self.free.pop().unwrap_or_else(|| {
            self.lists.push(Vec::new());
            self.lists.len() - 1
        });
        (ListNo(number), self.take(ListNo(number)))
    }

    fn take(&mut self, list: ListNo) -> Vec<DevId> {
        self.lists
            .get_mut(list.0)
            .map(std::mem::take)
            .unwrap_or_default()
    }

    fn put(&mut self, list: ListNo, devices: Vec<DevId>) {
        if let Some(place) = self.lists.get_mut(list.0) {
            *place = devices;
        }
    }

    /// Nobody needs the list any more; its memory stays.
    fn close(&mut self, list: ListNo, mut devices: Vec<DevId>) {
        devices.clear();
        if list.0 < self.lists.len() {
            self.put(list, devices);
            self.free.push(list.0);
        }
    }

    /// The first device of a list.
    pub(crate) fn first(&self, list: ListNo) -> Option<DevId> {
        self.lists.get(list.0)?.first().copied()
    }
}

impl World {
    /// Copies of a frame that nobody looks at go out of ports, in their order.
    pub(crate) fn flood_plain(&mut self, ports: &[DevId], frame: &Frame) {
        let (list, mut peers) = self.lists.open();
        let mut list = list;
        for &port in ports {
            match self.plain_way(port) {
                Some((peer, longest)) if frame.link_len() <= longest && frame.mark == 0 => {
                    if let Some(device) = self.devices.find_mut(port) {
                        device.stats.tx_packets += 1;
                        device.stats.tx_bytes += frame.link_len() as u64;
                    }
                    peers.push(peer);
                }
                _ => {
                    // What goes before it has to be on its way before it.
                    self.send_spread(list, peers, frame);
                    self.push_to_port(port, frame.clone());
                    (list, peers) = self.lists.open();
                }
            }
        }
        self.send_spread(list, peers, frame);
    }

    fn send_spread(&mut self, list: ListNo, peers: Vec<DevId>, frame: &Frame) {
        let at = self.now + VETH_CROSSING;
        match peers[..] {
            [] => self.lists.close(list, peers),
            [peer] => {
                self.lists.close(list, peers);
                self.queue.push(at, Event::Receive(peer, frame.clone()));
            }
            _ => {
                self.lists.put(list, peers);
                self.queue.push(at, Event::Spread(list, frame.clone()));
            }
        }
    }

    /// Copies of a frame arrive, each as an event of its own would.
    ///
    /// # Errors
    /// Where the budget is used up.
    pub(crate) fn spread(&mut self, list: ListNo, mut frame: Frame) -> Result<(), Exhausted> {
        let devices = self.lists.take(list);
        frame.ct = 0;
        let Some((dst, _, ethertype)) = ethernet_header(frame.bytes()) else {
            self.lists.close(list, devices);
            return Ok(());
        };
        let mut done = Ok(());
        // Where the frame is for an IPv6 group: the mark of those that may listen to it.
        let mark = quiet_group(frame.bytes()).map(group_mark);
        for (before, &dev) in devices.iter().enumerate() {
            // The first one was counted as the event.
            done = match before {
                0 => Ok(()),
                _ => self.begin_copy(dev),
            };
            if done.is_err() {
                break;
            }
            self.arrive_copy(dev, &frame, (dst, ethertype), mark);
        }
        self.lists.close(list, devices);
        self.spare.put(frame);
        done
    }

    /// One copy arrives; it is only made where something is done with it.
    #[inline]
    fn arrive_copy(
        &mut self,
        dev: DevId,
        frame: &Frame,
        (dst, ethertype): (MacAddr, u16),
        mark: Option<u64>,
    ) {
        let plain = self.is_plain();
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        let station = matches!(device.kind, DeviceKind::Veth { .. })
            && device.master.is_none()
            && device.above.is_none()
            && device.is_up();
        let upwards = matches!(
            ethertype,
            ETH_P_IP | ETH_P_IPV6 | ETH_P_8021Q | ETH_P_8021AD
        );
        let unheard = mark.is_some_and(|mark| device.group_marks & mark == 0);
        if !plain || !station || (upwards && !unheard) {
            self.arrive(dev, frame.clone());
            return;
        }
        device.stats.rx_packets += 1;
        device.stats.rx_bytes += frame.link_len() as u64;
        if ethertype == ETH_P_ARP {
            let (netns, ifindex) = (device.netns, device.ifindex);
            let for_whom = packet_type(dst, device.address);
            self.receive_arp(netns, ifindex, frame, for_whom);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_used_again_when_nobody_needs_it() {
        let mut lists = Lists::default();
        let (one, devices) = lists.open();
        let (other, _) = lists.open();
        assert_ne!(one, other);
        lists.close(one, devices);
        assert_eq!(lists.open().0, one);
    }
}
