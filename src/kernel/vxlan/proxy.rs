//! A VXLAN device answers ARP and ND in the name of neighbours that its namespace knows (`arp_reduce`,
//! `neigh_reduce`), and cuts routers short (`route_shortcircuit`). Misses are told to nobody: no program listens.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::device::vxlan::advertisement;
use crate::engine::trace::{Taker, Verdict};
use crate::kernel::netlink::LinkFlags;
use crate::kernel::rx::ethernet_header;
use crate::kernel::tx::LOOPBACK_CROSSING;
use crate::kernel::world::{Event, World};
use crate::units::{DevId, MacAddr};
use crate::wire::ipv4::Ipv4View;
use crate::wire::ipv6::Ipv6View;
use crate::wire::{Arp, ETH_HLEN, ETH_P_IP, ETH_P_IPV6, Frame};

impl World {
    /// The station of a neighbour that is believed without a check.
    fn known_station4(&self, dev: DevId, addr: Ipv4Addr) -> Option<MacAddr> {
        let (netns, ifindex) = self.place_of(dev)?;
        let table = &self.netns.find(netns)?.neigh4;
        let known = table.known(self.now, ifindex, addr)?;
        known.state.is_connected().then_some(())?;
        table.station(ifindex, addr)
    }

    fn known_station6(&self, dev: DevId, addr: Ipv6Addr) -> Option<MacAddr> {
        let (netns, ifindex) = self.place_of(dev)?;
        let table = &self.netns.find(netns)?.neigh6;
        let known = table.known(self.now, ifindex, addr)?;
        known.state.is_connected().then_some(())?;
        table.station(ifindex, addr)
    }

    /// Whether the device may answer for a station: not where it is behind this host.
    fn may_answer(&self, dev: DevId, station: MacAddr) -> bool {
        let noarp = self
            .devices
            .find(dev)
            .is_none_or(|device| device.flags & LinkFlags::NOARP != 0);
        let tunnel = self.tunnel(dev);
        !noarp && tunnel.is_some_and(|tunnel| !tunnel.vxlan.is_here(station, 0))
    }

    /// An ARP request, which ends here in any case.
    pub(super) fn answer_arp(&mut self, dev: DevId, frame: &Frame, request: &Arp) {
        self.hop(dev, frame, Verdict::Taken(Taker::Device("vxlan proxy")));
        let station = self.known_station4(dev, request.target_ip);
        if let Some(station) = station.filter(|station| self.may_answer(dev, *station)) {
            let reply = request.reply(station).frame(station, request.sender_mac);
            self.answer_at(dev, reply);
        }
    }

    /// A neighbour solicitation, which ends here in any case.
    pub(super) fn answer_solicitation(
        &mut self,
        dev: DevId,
        frame: &Frame,
        target: Ipv6Addr,
        asker: (Ipv6Addr, MacAddr),
    ) {
        self.hop(dev, frame, Verdict::Taken(Taker::Device("vxlan proxy")));
        let station = self.known_station6(dev, target);
        let Some(station) = station.filter(|station| self.may_answer(dev, *station)) else {
            return;
        };
        let tunnel = self.tunnel(dev);
        let router = tunnel.is_some_and(|tunnel| tunnel.vxlan.is_router(station, 0));
        let reply = advertisement((target, station), asker, router);
        self.answer_at(dev, reply);
    }

    /// An answer is received by the device itself, as if it had come out of the tunnel; it is not counted.
    fn answer_at(&mut self, dev: DevId, mut reply: Frame) {
        self.stamp_made(dev, &mut reply);
        self.schedule(self.now + LOOPBACK_CROSSING, Event::Receive(dev, reply));
    }

    /// A frame to a router whose next station is known goes there at once; says whether it does.
    pub(super) fn cut_short(&mut self, dev: DevId, frame: &mut Frame) -> bool {
        let Some((target, _, ethertype)) = ethernet_header(frame.bytes()) else {
            return false;
        };
        let tunnel = self.tunnel(dev);
        if target.is_multicast() || !tunnel.is_some_and(|t| t.vxlan.cuts_short(target, 0)) {
            return false;
        }
        let packet = frame.bytes().get(ETH_HLEN..).unwrap_or_default();
        let (netns, ifindex) = match self.place_of(dev) {
            Some(place) => place,
            None => return false,
        };
        let Some(ns) = self.netns.find(netns) else {
            return false;
        };
        let next = match ethertype {
            ETH_P_IP => Ipv4View::new(packet).and_then(|p| ns.neigh4.station(ifindex, p.dst())),
            ETH_P_IPV6 => Ipv6View::new(packet).and_then(|p| ns.neigh6.station(ifindex, p.dst())),
            _ => None,
        };
        let Some(next) = next.filter(|next| *next != target) else {
            return false;
        };
        let bytes = frame.bytes_mut();
        bytes[6..12].copy_from_slice(&target.0);
        bytes[..6].copy_from_slice(&next.0);
        true
    }
}
