//! A frame goes into a tunnel (`vxlan_xmit`, `vxlan_xmit_one`): its far ends, outer headers, and out through the
//! namespace of the socket. What the device decides is in `device::vxlan`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::device::vxlan::{Ask, Outer, Remote, VniStats};
use crate::engine::trace::{DropReason, Taker, Verdict};
use crate::kernel::rx::ethernet_header;
use crate::kernel::tx::LOOPBACK_CROSSING;
use crate::kernel::world::{Event, World};
use crate::netns::fib::{Flow4, Flow6, RouteType, info_flags};
use crate::netns::ip::route::Way6;
use crate::netns::socket::MtuDiscover;
use crate::netns::ways::Out4;
use crate::units::{DevId, Errno, NetnsId};
use crate::wire::ipv4::{IPPROTO_UDP, IPV4_HLEN, Ipv4Header};
use crate::wire::ipv6::{self, IPV6_HLEN, Ipv6Header};
use crate::wire::{
    ETH_HLEN, ETH_P_IP, Frame, TunnelInfo, UDP_HLEN, VXLAN_HLEN, ethernet_bytes, udp_checksum,
    udp_pseudo_sum, unsummed,
};

/// Tunnels through tunnels that a frame may enter before it is taken for a loop (`XMIT_RECURSION_LIMIT`).
const DEPTH_MAX: u8 = 8;
/// Longest frame that fits in a UDP datagram.
const INNER_MAX: usize = 65_535 - IPV6_HLEN - UDP_HLEN - VXLAN_HLEN;

/// How a device stands, as far as its packets care.
#[derive(Clone, Copy)]
struct Stand {
    /// The namespace of the socket.
    net: NetnsId,
    /// Whether the device is in another one now (`xnet`).
    away: bool,
    /// The address that packets leave from, where one is given.
    local: IpAddr,
    /// Bytes that a frame grows by, less its own Ethernet header.
    headroom: u32,
    /// The flow label of IPv6.
    label: u32,
}

impl World {
    fn stand(&self, dev: DevId) -> Option<Stand> {
        let netns = self.devices.find(dev)?.netns;
        let tunnel = self.tunnel(dev)?;
        let config = &tunnel.vxlan.config;
        Some(Stand {
            net: tunnel.net,
            away: tunnel.net != netns,
            local: config.local,
            headroom: config.headroom(),
            label: config.label,
        })
    }

    /// The device is to send a frame (`vxlan_xmit`).
    pub(crate) fn transmit_vxlan(&mut self, dev: DevId, mut frame: Frame) {
        let vni = match frame.tunnel() {
            Some(TunnelInfo::ToSend(vni)) => Some(vni),
            Some(TunnelInfo::Received(_)) | None => None,
        };
        frame.set_tunnel(None);
        let Some(ask) = self
            .tunnel(dev)
            .map(|tunnel| tunnel.vxlan.ask_of(frame.bytes(), vni.is_some()))
        else {
            return;
        };
        match ask {
            Ask::Forward => self.send_into_tunnel(dev, frame, vni.unwrap_or(0)),
            Ask::Arp(request) => self.answer_arp(dev, &frame, &request),
            Ask::Solicitation {
                target,
                from,
                station,
            } => self.answer_solicitation(dev, &frame, target, (from, station)),
            Ask::Swallow => self.hop(dev, &frame, Verdict::Taken(Taker::Device("vxlan proxy"))),
            Ask::TunnelInfo => self.lose(dev, &frame, DropReason::TunnelTxinfo),
        }
    }

    fn send_into_tunnel(&mut self, dev: DevId, mut frame: Frame, vni: u32) {
        if frame.len() > INNER_MAX || self.tunnels.depth >= DEPTH_MAX {
            return self.tunnel_dropped(dev, &frame, DropReason::RecursionLimit);
        }
        let shortcut = self.cut_short(dev, &mut frame);
        let Some((target, _, _)) = ethernet_header(frame.bytes()) else {
            return self.tunnel_dropped(dev, &frame, DropReason::PktTooSmall);
        };
        let now = self.now;
        let mut remotes = std::mem::take(&mut self.tunnels.remotes);
        remotes.clear();
        let routed = match self.tunnel_mut(dev) {
            Some(tunnel) => tunnel.vxlan.route(now, target, vni, &mut remotes),
            None => return,
        };
        self.tunnels.depth += 1;
        match (routed, remotes.split_last()) {
            (Ok(()), Some((last, others))) => {
                for remote in others {
                    self.encapsulate(dev, frame.clone(), remote, (vni, shortcut));
                }
                self.encapsulate(dev, frame, last, (vni, shortcut));
            }
            (Ok(()), None) => self.no_remote(dev, &frame, vni, DropReason::VxlanNoRemote),
            (Err(reason), _) => self.no_remote(dev, &frame, vni, reason),
        }
        self.tunnels.depth -= 1;
        self.tunnels.remotes = remotes;
    }

    /// Lost for want of a far end.
    fn no_remote(&mut self, dev: DevId, frame: &Frame, vni: u32, reason: DropReason) {
        self.count_vni(dev, vni, |stats| stats.tx_drops += 1);
        self.tunnel_dropped(dev, frame, reason);
    }

    /// Counts in a network of a device that has several.
    pub(super) fn count_vni(&mut self, dev: DevId, vni: u32, count: impl FnOnce(&mut VniStats)) {
        if let Some(tunnel) = self.tunnel_mut(dev) {
            tunnel.vxlan.count(vni, count);
        }
    }

    /// Lost before any route was looked for.
    fn tunnel_dropped(&mut self, dev: DevId, frame: &Frame, reason: DropReason) {
        if let Some(device) = self.devices.find_mut(dev) {
            device.stats.more.tx_dropped += 1;
        }
        self.lose(dev, frame, reason);
    }

    /// Lost for want of a way.
    fn tunnel_failed(
        &mut self,
        (dev, outer): (DevId, &Outer),
        frame: &Frame,
        reason: DropReason,
        errno: Errno,
    ) {
        let vni = outer.header.vni.value();
        self.count_vni(dev, vni, |stats| stats.tx_errors += 1);
        if let Some(device) = self.devices.find_mut(dev) {
            device.stats.more.tx_errors += 1;
            match errno {
                Errno::Eloop => device.stats.more.collisions += 1,
                Errno::Enetunreach => device.stats.more.tx_carrier += 1,
                _ => {}
            }
        }
        self.lose(dev, frame, reason);
    }

    /// What the lower layers said of a packet (`iptunnel_xmit_stats`).
    fn tunnel_sent(
        &mut self,
        (dev, outer): (DevId, &Outer),
        inner: usize,
        sent: Result<(), Errno>,
    ) {
        self.count_vni(dev, outer.header.vni.value(), |stats| {
            stats.tx_packets += 1;
            stats.tx_bytes += (inner + ETH_HLEN) as u64;
        });
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        match sent {
            Ok(()) => {
                device.stats.tx_packets += 1;
                device.stats.tx_bytes += inner as u64;
            }
            Err(_) => device.stats.more.tx_dropped += 1,
        }
    }

    /// One copy to one far end (`vxlan_xmit_one`).
    fn encapsulate(
        &mut self,
        dev: DevId,
        frame: Frame,
        remote: &Remote,
        (vni, shortcut): (u32, bool),
    ) {
        if remote.ip.is_unspecified() {
            if shortcut {
                // The frame came from behind this host, and goes back there.
                return self.bypass_tunnel(dev, dev, frame, true);
            }
            return self.no_remote(dev, &frame, vni, DropReason::VxlanNoRemote);
        }
        let (Some(stand), Some(tunnel)) = (self.stand(dev), self.tunnel(dev)) else {
            return;
        };
        let outer = tunnel.vxlan.outer(frame.bytes(), remote, frame.mark, vni);
        match remote.ip {
            IpAddr::V4(to) => self.encapsulate4(dev, frame, (remote, to), stand, &outer),
            IpAddr::V6(to) => self.encapsulate6(dev, frame, (remote, to), stand, &outer),
        }
    }

    fn encapsulate4(
        &mut self,
        dev: DevId,
        frame: Frame,
        (remote, to): (&Remote, Ipv4Addr),
        stand: Stand,
        outer: &Outer,
    ) {
        let out = match self.way_out4(dev, &frame, (remote, to), stand, outer) {
            Ok(out) => out,
            Err(errno) => {
                return self.tunnel_failed((dev, outer), &frame, DropReason::IpOutnoroutes, errno);
            }
        };
        let way = out.way;
        if way.kind == RouteType::Local {
            return self.send_here(dev, frame, outer);
        }
        if self.answered_too_big(dev, &frame, way.mtu.saturating_sub(stand.headroom)) {
            return;
        }
        let Some(mut frame) = self.encapsulate_plain4(dev, frame, &out, stand, outer) else {
            return;
        };
        self.note_encapsulated(dev, &mut frame, outer, (way.src.into(), to.into()));
        let inner = frame.len() - ETH_HLEN;
        let default_ttl = self.netns.find(stand.net).map_or(64, |ns| ns.default_ttl());
        frame.push(
            &outer
                .header
                .behind_udp(outer.source_port, outer.port, frame.len()),
        );
        if outer.checksum {
            let whole = frame.len() + 20 > way.mtu as usize;
            fill_checksum(&mut frame, way.src.into(), to.into(), whole);
        }
        let header = Ipv4Header {
            src: way.src,
            dst: to,
            protocol: IPPROTO_UDP,
            ttl: if outer.ttl == 0 {
                default_ttl
            } else {
                outer.ttl
            },
            tos: outer.tos,
            id: 0,
            dont_fragment: outer.dont_fragment,
            router_alert: false,
        };
        header.push(&mut frame);
        if stand.away {
            frame.mark = 0;
        }
        frame.ct = 0;
        let discover = match outer.dont_fragment {
            true => MtuDiscover::Do,
            false => MtuDiscover::Dont,
        };
        let sent = self.output_ipv4(stand.net, frame, &way, discover);
        self.tunnel_sent((dev, outer), inner, sent);
    }

    /// The commonest case in few steps, where nobody looks: the neighbour is known, the device out is one end of a veth
    /// pair, and the packet fits. Gives the frame back where there is more to decide.
    fn encapsulate_plain4(
        &mut self,
        dev: DevId,
        mut frame: Frame,
        out: &Out4,
        stand: Stand,
        outer: &Outer,
    ) -> Option<Frame> {
        let way = &out.way;
        let datagram = UDP_HLEN + VXLAN_HLEN + frame.len();
        let whole = ETH_HLEN + IPV4_HLEN + datagram;
        let fits = IPV4_HLEN + datagram <= way.mtu as usize;
        if !fits || !self.is_plain() || frame.mark != 0 || way.kind != RouteType::Unicast {
            return Some(frame);
        }
        let (Some(port), Some(hop)) = (out.dev, out.next_hop()) else {
            return Some(frame);
        };
        let (Some((peer, longest)), Some(ns)) =
            (self.plain_way(port), self.netns.find_mut(stand.net))
        else {
            return Some(frame);
        };
        let Some(station) = ns
            .neigh4
            .connected(way.oif, hop)
            .filter(|_| whole <= longest)
        else {
            return Some(frame);
        };
        let header = Ipv4Header {
            src: way.src,
            dst: way.dst,
            protocol: IPPROTO_UDP,
            ttl: match outer.ttl {
                0 => ns.default_ttl(),
                ttl => ttl,
            },
            tos: outer.tos,
            id: ns.next_ip_id(),
            dont_fragment: outer.dont_fragment,
            router_alert: false,
        };
        let inner = frame.len();
        let udp = outer
            .header
            .behind_udp(outer.source_port, outer.port, inner);
        let mut headers = [0; ETH_HLEN + IPV4_HLEN + UDP_HLEN + VXLAN_HLEN];
        headers[ETH_HLEN..ETH_HLEN + IPV4_HLEN].copy_from_slice(&header.plain(datagram));
        headers[ETH_HLEN + IPV4_HLEN..].copy_from_slice(&udp);
        if outer.checksum {
            let sum = udp_pseudo_sum(way.src.into(), way.dst.into(), datagram);
            headers[ETH_HLEN + IPV4_HLEN + 6..][..2].copy_from_slice(&sum.to_be_bytes());
        }
        let Some(own) = self.devices.find(port).map(|device| device.address) else {
            return Some(frame);
        };
        headers[..ETH_HLEN].copy_from_slice(&ethernet_bytes(own, station, ETH_P_IP));
        frame.push(&headers);
        frame.ct = 0;
        self.xmit_dropped = false;
        self.cross_plain(port, peer, frame);
        self.tunnel_sent((dev, outer), inner - ETH_HLEN, Ok(()));
        None
    }

    /// The way of the outer packet (`udp_tunnel_dst_lookup`).
    fn way_out4(
        &mut self,
        dev: DevId,
        frame: &Frame,
        (remote, to): (&Remote, Ipv4Addr),
        stand: Stand,
        outer: &Outer,
    ) -> Result<Out4, Errno> {
        let IpAddr::V4(local) = stand.local else {
            return Err(Errno::Eafnosupport);
        };
        let flow = Flow4 {
            src: local,
            oif: remote.ifindex,
            mark: frame.mark,
            tos: outer.route_tos & 0x1c,
            proto: IPPROTO_UDP,
            sport: outer.source_port,
            dport: outer.port,
            ..Flow4::to(to)
        };
        let (now, plain) = (self.now, self.is_plain());
        let ns = self.ns_mut(stand.net).map_err(|_| Errno::Enetunreach)?;
        let found = match plain {
            true => ns.way_out4(now, &flow),
            false => ns.find_out4(now, &flow),
        };
        let mut out = found.map_err(|_| Errno::Enetunreach)?;
        // The sockets of tunnels do not hear what they send to a group (`setup_udp_tunnel_sock`).
        out.way.flags &= !info_flags::LOCAL;
        match out.dev == Some(dev) {
            true => Err(Errno::Eloop),
            false => Ok(out),
        }
    }

    fn encapsulate6(
        &mut self,
        dev: DevId,
        mut frame: Frame,
        (remote, to): (&Remote, Ipv6Addr),
        stand: Stand,
        outer: &Outer,
    ) {
        let way = match self.way_out6(dev, &frame, (remote, to), stand, outer) {
            Ok(way) => way,
            Err(errno) => {
                return self.tunnel_failed((dev, outer), &frame, DropReason::IpOutnoroutes, errno);
            }
        };
        if way.kind == RouteType::Local {
            return self.send_here(dev, frame, outer);
        }
        if self.answered_too_big(dev, &frame, way.mtu.saturating_sub(stand.headroom)) {
            return;
        }
        self.note_encapsulated(dev, &mut frame, outer, (way.src.into(), to.into()));
        let inner = frame.len() - ETH_HLEN;
        frame.push(
            &outer
                .header
                .behind_udp(outer.source_port, outer.port, frame.len()),
        );
        if outer.checksum {
            fill_checksum(&mut frame, way.src.into(), to.into(), false);
        }
        let header = Ipv6Header {
            src: way.src,
            dst: to,
            next_header: IPPROTO_UDP,
            hop_limit: if outer.ttl == 0 {
                way.hop_limit
            } else {
                outer.ttl
            },
            traffic_class: outer.tos,
        };
        header.push(&mut frame);
        if stand.label != 0 {
            ipv6::label_flow(&mut frame, stand.label);
        }
        if stand.away {
            frame.mark = 0;
        }
        frame.ct = 0;
        let sent = self.output_tunnel6(stand.net, frame, &way);
        self.tunnel_sent((dev, outer), inner, sent);
    }

    /// The same for IPv6 (`udp_tunnel6_dst_lookup`).
    fn way_out6(
        &self,
        dev: DevId,
        frame: &Frame,
        (remote, to): (&Remote, Ipv6Addr),
        stand: Stand,
        outer: &Outer,
    ) -> Result<Way6, Errno> {
        let IpAddr::V6(local) = stand.local else {
            return Err(Errno::Eafnosupport);
        };
        let flow = Flow6 {
            src: local,
            oif: remote.ifindex,
            mark: frame.mark,
            tos: outer.route_tos,
            proto: IPPROTO_UDP,
            sport: outer.source_port,
            dport: outer.port,
            ..Flow6::to(to)
        };
        let ns = self.ns(stand.net).map_err(|_| Errno::Enetunreach)?;
        let found = ns.facts(self.now).route_output6(&flow);
        let way = found.map_err(|_| Errno::Enetunreach)?;
        match self.dev_at(stand.net, way.oif) == Some(dev) {
            true => Err(Errno::Eloop),
            false => Ok(way),
        }
    }

    #[inline]
    fn note_encapsulated(
        &mut self,
        dev: DevId,
        frame: &mut Frame,
        outer: &Outer,
        (src, dst): (IpAddr, IpAddr),
    ) {
        self.pass(dev, frame, |_| Verdict::Encapsulated {
            vni: outer.header.vni.value(),
            local: SocketAddr::new(src, outer.source_port),
            remote: SocketAddr::new(dst, outer.port),
        });
    }

    /// The far end is on this host: the frame goes to its device without any headers (`encap_bypass_if_local`).
    fn send_here(&mut self, dev: DevId, frame: Frame, outer: &Outer) {
        let vni = outer.header.vni.value();
        match self.tunnel_here(dev, outer.port, vni) {
            Some(other) => self.bypass_tunnel(dev, other, frame, true),
            None => {
                let reason = DropReason::VxlanVniNotFound;
                self.tunnel_failed((dev, outer), &frame, reason, Errno::Enoent);
            }
        }
    }

    /// A frame of one device is received by another of this host, or by itself (`vxlan_encap_bypass`).
    pub(super) fn bypass_tunnel(&mut self, dev: DevId, other: DevId, frame: Frame, learn: bool) {
        let (now, len) = (self.now, frame.len() as u64);
        let Some(device) = self.devices.find_mut(other) else {
            return;
        };
        if !device.is_up() {
            device.stats.more.rx_dropped += 1;
            return self.lose(other, &frame, DropReason::DevReady);
        }
        device.stats.rx_packets += 1;
        device.stats.rx_bytes += len;
        let source = ethernet_header(frame.bytes()).map(|(_, source, _)| source);
        if let (true, Some(source), Some(tunnel)) = (learn, source, self.tunnel_mut(other)) {
            let vni = tunnel.vxlan.config.vni.value();
            tunnel.vxlan.learn_from_here(now, source, vni);
        }
        if let Some(device) = self.devices.find_mut(dev) {
            device.stats.tx_packets += 1;
            device.stats.tx_bytes += len;
        }
        self.schedule(now + LOOPBACK_CROSSING, Event::Receive(other, frame));
    }
}

/// Fills the checksum of a UDP datagram. A network card would do it, so on a wire between namespaces the kernel
/// leaves the sum of the pseudo-header (`udp_set_csum`, `CHECKSUM_PARTIAL`); fragments need the `whole` one.
fn fill_checksum(datagram: &mut Frame, source: IpAddr, target: IpAddr, whole: bool) {
    let sum = match whole {
        true => udp_checksum(source, target, datagram.bytes()),
        false => unsummed::outer_sum(source, target, datagram)
            .unwrap_or_else(|| udp_pseudo_sum(source, target, datagram.len())),
    };
    if let Some(field) = datagram.bytes_mut().get_mut(6..8) {
        field.copy_from_slice(&sum.to_be_bytes());
    }
}
