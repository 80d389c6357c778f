//! A datagram comes out of a tunnel (`vxlan_rcv`): whose it is, what is learned from it, and the frame in it.
//! What the device decides is in `device::vxlan`.

use std::net::IpAddr;

use crate::device::vxlan::{Ecn, Flags, ecn_decapsulate};
use crate::engine::trace::{By, DropReason, Verdict};
use crate::kernel::ipv4::Came;
use crate::kernel::rx::ethernet_header;
use crate::kernel::world::{Event, World};
use crate::units::{DevId, NetnsId};
use crate::wire::ipv4::{self, Ipv4View};
use crate::wire::ipv6::{self, Ipv6View};
use crate::wire::{
    ETH_HLEN, ETH_P_IP, ETH_P_IPV6, Frame, TunnelInfo, UDP_HLEN, VXLAN_HLEN, VxlanPacket, VxlanRepr,
};

use super::socket::Door;

/// Tunnels inside tunnels that are opened at once; those further inside wait for their turn.
const DEPTH_MAX: u8 = 4;

/// What the headers around a datagram say.
#[derive(Clone, Copy)]
struct Around {
    from: IpAddr,
    tos: u8,
    /// Where the UDP header begins.
    at: usize,
}

impl World {
    /// A UDP datagram of IPv4 for this host; gives it back where no tunnel takes it.
    pub(crate) fn receive_tunnel4(&mut self, came: Came, packet: Frame) -> Option<Frame> {
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return Some(packet);
        };
        let around = Around {
            from: view.src().into(),
            tos: view.tos(),
            at: view.header_len(),
        };
        self.receive_tunnel(came, packet, around)
    }

    /// The same of IPv6; the UDP header is `at` that place.
    pub(crate) fn receive_tunnel6(
        &mut self,
        came: Came,
        packet: Frame,
        at: usize,
    ) -> Option<Frame> {
        let Some(view) = Ipv6View::new(packet.bytes()) else {
            return Some(packet);
        };
        let around = Around {
            from: view.src().into(),
            tos: view.traffic_class(),
            at,
        };
        self.receive_tunnel(came, packet, around)
    }

    fn receive_tunnel(&mut self, came: Came, packet: Frame, around: Around) -> Option<Frame> {
        let udp = packet.bytes().get(around.at..).unwrap_or_default();
        let Some(&[_, _, p0, p1, l0, l1, s0, s1]) = udp.first_chunk::<UDP_HLEN>() else {
            return Some(packet);
        };
        let v6 = around.from.is_ipv6();
        let door = Door {
            net: came.netns,
            v6,
            port: u16::from_be_bytes([p0, p1]),
        };
        let Some(shared) = self.tunnel_socket(door) else {
            return Some(packet);
        };
        let len = usize::from(u16::from_be_bytes([l0, l1]));
        if v6 && (s0, s1) == (0, 0) && !shared.flags.has(Flags::ZERO_CSUM6_RX) {
            self.lose(came.dev, &packet, DropReason::UdpCsum);
            return None;
        }
        let header = udp.get(UDP_HLEN..len.min(udp.len())).unwrap_or_default();
        let policies = shared.flags.has(Flags::GBP);
        let parsed =
            VxlanPacket::new_checked(header).and_then(|header| VxlanRepr::parse(&header, policies));
        let Ok(repr) = parsed else {
            self.lose(came.dev, &packet, DropReason::VxlanInvalidHdr);
            return None;
        };
        let found = shared.device(repr.vni.value(), came.ifindex);
        #[cfg(feature = "proptest")]
        let found = match self.is(crate::engine::Mutant::VniIgnored) {
            true => found.or_else(|| shared.first_device()),
            false => found,
        };
        match found {
            Some(dev) => self.decapsulate(dev, came, packet, (around, len), repr),
            None => {
                let by = || By::Vni(repr.vni.value());
                self.lose_by(came.dev, &packet, DropReason::VxlanVniNotFound, by);
            }
        }
        None
    }

    /// The frame in a datagram is its device's.
    fn decapsulate(
        &mut self,
        dev: DevId,
        came: Came,
        mut frame: Frame,
        (around, len): (Around, usize),
        repr: VxlanRepr,
    ) {
        frame.truncate(around.at + len);
        frame.pull(around.at + UDP_HLEN + VXLAN_HLEN);
        let Some((_, source, ethertype)) = ethernet_header(frame.bytes()) else {
            return self.lose(dev, &frame, DropReason::PktTooSmall);
        };
        let now = self.now;
        let Some((own, netns)) = self
            .devices
            .find(dev)
            .map(|device| (device.address, device.netns))
        else {
            return;
        };
        let Some(tunnel) = self.tunnel_mut(dev) else {
            return;
        };
        let (vni, external) = (repr.vni.value(), tunnel.vxlan.config.is_external());
        let from = (around.from, came.ifindex);
        let learned = tunnel.vxlan.learn(now, source, own, from, vni);
        let net = tunnel.net;
        if let Err(reason) = learned {
            return self.lose(dev, &frame, reason);
        }
        if around.tos & 3 != 0 && !mend_ecn(&mut frame, ethertype, around.tos) {
            self.count_bad_frame(dev);
            self.count_vni(dev, vni, |stats| stats.rx_errors += 1);
            return self.lose(dev, &frame, DropReason::IpTunnelEcn);
        }
        frame.mark = policy_mark(&frame, repr, net, netns);
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if !device.is_up() {
            device.stats.more.rx_dropped += 1;
            self.count_vni(dev, vni, |stats| stats.rx_drops += 1);
            return self.lose(dev, &frame, DropReason::DevReady);
        }
        device.stats.rx_packets += 1;
        device.stats.rx_bytes += (frame.len() - ETH_HLEN) as u64;
        let bytes = (frame.len() - ETH_HLEN) as u64;
        self.count_vni(dev, vni, |stats| {
            stats.rx_packets += 1;
            stats.rx_bytes += bytes;
        });
        if external {
            frame.set_tunnel(Some(TunnelInfo::Received(vni)));
        }
        self.pass(dev, &mut frame, |_| Verdict::Decapsulated { vni });
        self.enter_from_tunnel(dev, frame);
    }

    /// At once, or after all else where tunnels are inside tunnels inside tunnels.
    fn enter_from_tunnel(&mut self, dev: DevId, frame: Frame) {
        if self.tunnels.depth >= DEPTH_MAX {
            return self.schedule(self.now, Event::Receive(dev, frame));
        }
        self.tunnels.depth += 1;
        self.receive(dev, frame);
        self.tunnels.depth -= 1;
    }

    fn count_bad_frame(&mut self, dev: DevId) {
        if let Some(device) = self.devices.find_mut(dev) {
            device.stats.more.rx_errors += 1;
        }
    }
}

/// The mark of a frame that came out: its group policy, else what its packet had, if it stays in its namespace.
fn policy_mark(frame: &Frame, repr: VxlanRepr, net: NetnsId, netns: NetnsId) -> u32 {
    match repr.policy {
        Some(policy) => policy,
        None if net == netns => frame.mark,
        None => 0,
    }
}

/// Congestion that the outer packet met is told to the inner one (RFC 6040); false where it cannot be.
fn mend_ecn(frame: &mut Frame, ethertype: u16, outer: u8) -> bool {
    let packet = frame.bytes().get(ETH_HLEN..).unwrap_or_default();
    let inner = match ethertype {
        ETH_P_IP => Ipv4View::new(packet).map(Ipv4View::tos),
        ETH_P_IPV6 => Ipv6View::new(packet).map(Ipv6View::traffic_class),
        _ => None,
    };
    let Some(inner) = inner else {
        return true;
    };
    let ecn = match ecn_decapsulate(outer, inner) {
        Ecn::Keep => return true,
        Ecn::Drop => return false,
        Ecn::Set(ecn) => ecn,
    };
    let head: Vec<u8> = frame.bytes()[..ETH_HLEN].to_vec();
    frame.pull(ETH_HLEN);
    match ethertype {
        ETH_P_IP => {
            frame.bytes_mut()[1] = (inner & !3) | ecn;
            ipv4::mend_checksum(frame);
        }
        _ => ipv6::set_traffic_class(frame, (inner & !3) | ecn),
    }
    frame.push(&head);
    true
}
