//! What a packet says of itself, as far as finding its socket needs it.
//! Which socket it is for is decided beside this.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use super::Arrival;
use crate::netns::socket::kinds::Datagram;
use crate::units::{IfIndex, SimTime};
use crate::wire::{IpProtocol, Ipv4Packet, Ipv6ExtHeader, Ipv6Packet};

/// What lookups need to know of a packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parsed<'p> {
    pub(super) v6: bool,
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) protocol: u8,
    pub(super) ttl: u8,
    pub(super) tos: u8,
    /// Behind the IP header and the extension headers.
    pub(super) payload: &'p [u8],
    /// The IP header with its options (of IPv4).
    pub(super) header: &'p [u8],
}

impl<'p> Parsed<'p> {
    /// Reads the headers; `whole` wants the packet to be as long as it says.
    pub(super) fn new(packet: &'p [u8], whole: bool) -> Option<Self> {
        match packet.first()? >> 4 {
            4 => Self::v4(packet, whole),
            6 => Self::v6(packet, whole),
            _ => None,
        }
    }

    pub(super) fn v4(packet: &'p [u8], whole: bool) -> Option<Self> {
        let header = Ipv4Packet::new_unchecked(packet.get(..20).map(|_| packet)?);
        let len = usize::from(header.header_len());
        let end = match usize::from(header.total_len()) {
            total if total <= packet.len() => total,
            _ if whole => return None,
            _ => packet.len(),
        };
        Some(Self {
            v6: false,
            source: IpAddr::V4(header.src_addr()),
            destination: IpAddr::V4(header.dst_addr()),
            protocol: u8::from(header.next_header()),
            ttl: header.hop_limit(),
            tos: packet[1],
            payload: packet.get(len..end)?,
            header: packet.get(..len)?,
        })
    }

    pub(super) fn v6(packet: &'p [u8], whole: bool) -> Option<Self> {
        let header = Ipv6Packet::new_unchecked(packet.get(..40).map(|_| packet)?);
        let end = match header.total_len() {
            total if total <= packet.len() => total,
            _ if whole => return None,
            _ => packet.len(),
        };
        let (protocol, payload) = skip_extensions(header.next_header(), packet.get(40..end)?)?;
        Some(Self {
            v6: true,
            source: IpAddr::V6(header.src_addr()),
            destination: IpAddr::V6(header.dst_addr()),
            protocol: u8::from(protocol),
            ttl: header.hop_limit(),
            tos: header.traffic_class(),
            payload,
            header: packet.get(..40)?,
        })
    }

    /// The two ports of TCP and UDP.
    pub(super) fn ports(&self) -> Option<(u16, u16)> {
        let ports = self.payload.get(..4)?;
        Some((
            u16::from_be_bytes([ports[0], ports[1]]),
            u16::from_be_bytes([ports[2], ports[3]]),
        ))
    }

    /// The packet without extension headers, as a socket's stack takes it.
    pub(super) fn plain(&self, packet: &'p [u8]) -> std::borrow::Cow<'p, [u8]> {
        if !self.v6 || self.header.len() + self.payload.len() == packet.len() {
            return packet.into();
        }
        let mut plain = self.header.to_vec();
        plain.extend_from_slice(self.payload);
        let mut header = Ipv6Packet::new_unchecked(&mut plain[..]);
        header.set_next_header(IpProtocol::from(self.protocol));
        header.set_payload_len(u16::try_from(self.payload.len()).unwrap_or(u16::MAX));
        plain.into()
    }

    pub(super) fn datagram(&self, arrival: &Arrival<'_>, bytes: Vec<u8>, now: SimTime) -> Datagram {
        let port = match self.protocol {
            6 | 17 => self.ports().map_or(0, |(source, _)| source),
            _ => 0,
        };
        Datagram {
            from: scoped(self.source, port, arrival.ifindex),
            to: self.destination,
            bytes,
            ttl: self.ttl,
            tos: self.tos,
            ifindex: arrival.ifindex,
            packet_type: arrival.packet_type,
            at: now,
        }
    }
}

/// An address with its port; link-local addresses say on which device (`ipv6_iface_scope_id`).
pub(in crate::netns::socket) fn scoped(ip: IpAddr, port: u16, ifindex: IfIndex) -> SocketAddr {
    match ip {
        IpAddr::V6(v6) if v6.is_unicast_link_local() => {
            SocketAddr::V6(SocketAddrV6::new(v6, port, 0, ifindex))
        }
        ip => SocketAddr::new(ip, port),
    }
}

/// Passes over hop-by-hop, routing and destination options and fragment headers (RFC 8200, section 4).
fn skip_extensions(mut next: IpProtocol, mut rest: &[u8]) -> Option<(IpProtocol, &[u8])> {
    loop {
        let len = match next {
            IpProtocol::HopByHop | IpProtocol::Ipv6Route | IpProtocol::Ipv6Opts => {
                let header = Ipv6ExtHeader::new_checked(rest).ok()?;
                8 + 8 * usize::from(header.header_len())
            }
            IpProtocol::Ipv6Frag => 8,
            _ => return Some((next, rest)),
        };
        next = IpProtocol::from(*rest.first()?);
        rest = rest.get(len..)?;
    }
}
