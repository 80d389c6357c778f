//! What a VXLAN device answers by itself: ARP and ND (`arp_reduce`, `neigh_reduce`), and the senders of packets
//! that do not fit (`iptunnel_pmtud_check_icmp`). The neighbour tables are the caller's.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::units::MacAddr;
use crate::wire::ipv4::{self, IPPROTO_ICMP, Ipv4Header, Ipv4View};
use crate::wire::ipv6::{IPPROTO_ICMPV6, IPV6_HLEN, Ipv6View};
use crate::wire::{
    Arp, ETH_HLEN, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, Frame, NdBody, NdMessage, icmpv6_packet,
    push_ethernet,
};

use super::{Flags, Vxlan};

/// What a frame wants of the device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    /// To be sent to far ends.
    Forward,
    /// An answer to this ARP request, where the neighbour is known.
    Arp(Arp),
    /// An answer to this solicitation: of whom, from whom, and from which station.
    Solicitation {
        /// The address that is looked for.
        target: Ipv6Addr,
        /// Who asks.
        from: Ipv6Addr,
        /// The asker's station.
        station: MacAddr,
    },
    /// Nothing: it is ARP or ND that a proxy neither answers nor sends on.
    Swallow,
    /// Metadata that says where it goes, and it has none.
    TunnelInfo,
}

fn addresses(frame: &[u8]) -> Option<(MacAddr, MacAddr, u16)> {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = *frame.first_chunk::<ETH_HLEN>()?;
    let target = MacAddr([a, b, c, d, e, f]);
    let source = MacAddr([g, h, i, j, k, l]);
    Some((target, source, u16::from_be_bytes([m, n])))
}

impl Vxlan {
    /// What a frame wants that the device is to send, `told` its network or not (`vxlan_xmit`).
    #[inline]
    pub fn ask_of(&self, frame: &[u8], told: bool) -> Ask {
        if self.config.is_external() && !told {
            return Ask::TunnelInfo;
        }
        match self.config.flags.has(Flags::PROXY) {
            true => ask_of_proxy(frame),
            false => Ask::Forward,
        }
    }

    /// Whether a station is behind this host, as its entry says: it answers for itself.
    pub fn is_here(&self, station: MacAddr, vni: u32) -> bool {
        let entry = self.fdb.get(station, self.table_vni(vni));
        entry.is_some_and(super::Entry::is_here)
    }

    /// Whether a station's entry says that it is a router.
    pub fn is_router(&self, station: MacAddr, vni: u32) -> bool {
        let entry = self.fdb.get(station, self.table_vni(vni));
        entry.is_some_and(|entry| entry.flags.router)
    }
}

fn ask_of_proxy(frame: &[u8]) -> Ask {
    let Some((_, source, ethertype)) = addresses(frame) else {
        return Ask::Swallow;
    };
    let packet = &frame[ETH_HLEN..];
    match ethertype {
        ETH_P_ARP => match Arp::parse(packet) {
            Some(arp) if arp.is_request && !is_odd(arp.target_ip) => Ask::Arp(arp),
            Some(_) | None => Ask::Swallow,
        },
        ETH_P_IPV6 => ask_of_solicitation(packet, source),
        _ => Ask::Forward,
    }
}

fn is_odd(addr: Ipv4Addr) -> bool {
    addr.is_loopback() || addr.is_multicast()
}

fn ask_of_solicitation(packet: &[u8], source: MacAddr) -> Ask {
    let Some(view) = Ipv6View::new(packet).filter(|view| view.next_header() == IPPROTO_ICMPV6)
    else {
        return Ask::Forward;
    };
    // The kernel looks at type and code first, and needs the target to be there.
    if view.payload().len() < 24 || view.payload()[..2] != [135, 0] {
        return Ask::Forward;
    }
    let Ok(message) = NdMessage::parse(view.payload()) else {
        return Ask::Swallow;
    };
    let NdBody::NeighbourSolicitation { target } = message.body else {
        return Ask::Forward;
    };
    if view.dst().is_loopback() || target.is_multicast() {
        return Ask::Swallow;
    }
    Ask::Solicitation {
        target,
        from: view.src(),
        station: message.options.source_lladdr.unwrap_or(source),
    }
}

/// The advertisement of a neighbour in its name (`vxlan_na_create`).
pub fn advertisement(
    (target, at): (Ipv6Addr, MacAddr),
    (to, station): (Ipv6Addr, MacAddr),
    router: bool,
) -> Frame {
    let mut message = NdMessage::new(NdBody::NeighbourAdvertisement {
        router,
        solicited: true,
        over: true,
        target,
    });
    message.options.target_lladdr = Some(at);
    let mut frame = message.packet(target, to);
    push_ethernet(&mut frame, at, station, ETH_P_IPV6);
    frame
}

/// Least path mtu that is told of over IPv4.
const MTU4_MIN: u32 = 576;
/// Least path mtu that is told of over IPv6 (`IPV6_MIN_MTU`).
const MTU6_MIN: u32 = 1280;

/// The answer of the far end, as it were, to a packet of IPv4 that does not fit: nothing where it may be
/// fragmented, or is to be told nothing (`iptunnel_pmtud_check_icmp`, `iptunnel_pmtud_build_icmp`).
pub fn too_big4(frame: &[u8], mtu: u32) -> Option<Frame> {
    let (target, source, _) = addresses(frame).filter(|(_, _, kind)| *kind == ETH_P_IP)?;
    let packet = Ipv4View::new(&frame[ETH_HLEN..])?;
    let whole = packet.dont_fragment() && !packet.is_fragment();
    let (src, dst) = (packet.src(), packet.dst());
    let shared = |addr: Ipv4Addr| addr.is_broadcast() || addr.is_multicast();
    let odd = shared(src) || shared(dst) || src.octets()[0] == 0 || src.is_loopback();
    if mtu < MTU4_MIN || !whole || odd || is_icmp_error(packet) {
        return None;
    }
    let room = MTU4_MIN as usize - 28;
    let quoted = &packet.bytes()[..packet.bytes().len().min(room)];
    let mut message = vec![3, 4, 0, 0, 0, 0];
    message.extend(u16::try_from(mtu).unwrap_or(u16::MAX).to_be_bytes());
    message.extend_from_slice(quoted);
    let sum = ipv4::checksum(&message).to_be_bytes();
    message[2..4].copy_from_slice(&sum);
    let mut answer = Frame::new(&message);
    let header = Ipv4Header {
        src: dst,
        dst: src,
        protocol: IPPROTO_ICMP,
        ttl: packet.ttl(),
        tos: 0,
        id: 0,
        dont_fragment: true,
        router_alert: false,
    };
    header.push(&mut answer);
    push_ethernet(&mut answer, target, source, ETH_P_IP);
    Some(answer)
}

fn is_icmp_error(packet: Ipv4View<'_>) -> bool {
    let kind = packet.payload().first();
    packet.protocol() == IPPROTO_ICMP && matches!(kind, Some(3 | 4 | 5 | 11 | 12))
}

/// The same for a packet of IPv6 (`iptunnel_pmtud_check_icmpv6`, `iptunnel_pmtud_build_icmpv6`).
pub fn too_big6(frame: &[u8], mtu: u32) -> Option<Frame> {
    let (target, source, _) = addresses(frame).filter(|(_, _, kind)| *kind == ETH_P_IPV6)?;
    let packet = Ipv6View::new(&frame[ETH_HLEN..])?;
    let (src, dst) = (packet.src(), packet.dst());
    let odd = src.is_unspecified() || src.is_multicast() || src.is_loopback();
    let error = packet.next_header() == IPPROTO_ICMPV6
        && packet.payload().first().is_none_or(|kind| *kind < 128);
    if mtu < MTU6_MIN || odd || error {
        return None;
    }
    let room = MTU6_MIN as usize - IPV6_HLEN - 8;
    let quoted = &packet.bytes()[..packet.bytes().len().min(room)];
    let mut message = vec![2, 0, 0, 0];
    message.extend(mtu.to_be_bytes());
    message.extend_from_slice(quoted);
    let mut answer = icmpv6_packet(dst, src, packet.hop_limit(), &message);
    push_ethernet(&mut answer, target, source, ETH_P_IPV6);
    Some(answer)
}
