//! Binding, connecting and sending of IPv6 sockets (datagram.c and raw.c of net/ipv6).
//! What both families have in common is in `send`.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::kernel::send::PACKET_MAX;
use crate::kernel::world::World;
use crate::netns::fib::{Flow6, Links};
use crate::netns::ip::route::Way6;
use crate::netns::socket::{MtuDiscover, Options, SocketKind, SocketOption};
use crate::units::{Errno, IfIndex, NetnsId, SockId};
use crate::wire::Frame;
use crate::wire::ipv6::IPV6_HLEN;

impl World {
    /// Whether a socket may be bound to an address (`inet6_bind`, `rawv6_bind`); a link-local one binds
    /// it to its device too.
    pub(super) fn bind6(
        &mut self,
        netns: NetnsId,
        socket: SockId,
        to: SocketAddr,
    ) -> Result<(), Errno> {
        let addr = v6(to)?;
        if addr.is_unspecified() {
            return Ok(());
        }
        let (_, options) = self.kind_and_options(socket)?;
        let near = needs_device(addr);
        let dev = match near {
            true => scope_of(to).or(options.bound_dev),
            false => options.bound_dev,
        };
        if near && dev.is_none() {
            return Err(Errno::Einval);
        }
        let ns = self.ns_mut(netns)?;
        let links = ns.links();
        if dev.is_some_and(|dev| !links.exists(dev)) {
            return Err(Errno::Enodev);
        }
        let on = dev.filter(|_| near);
        if !addr.is_multicast() && !links.has_addr6(addr, on) {
            return Err(Errno::Eaddrnotavail);
        }
        match near {
            true => ns.sockets.set(socket, SocketOption::BindToDevice(dev)),
            false => Ok(()),
        }
    }

    /// The source of a socket that is connected to an address (`__ip6_datagram_connect`); a link-local
    /// one binds it to its device too.
    pub(super) fn connect6(
        &mut self,
        netns: NetnsId,
        socket: SockId,
        to: SocketAddr,
        options: &Options,
    ) -> Result<IpAddr, Errno> {
        let addr = v6(to)?;
        let mut options = options.clone();
        if needs_device(addr) {
            let group_if = options.multicast_if.filter(|_| addr.is_multicast());
            let dev = scope_of(to).or(options.bound_dev).or(group_if);
            let bound = options.bound_dev;
            if dev.is_none() || (bound.is_some() && bound != dev) {
                return Err(Errno::Einval);
            }
            options.bound_dev = dev;
            self.ns_mut(netns)?
                .sockets
                .set(socket, SocketOption::BindToDevice(dev))?;
        }
        let way = self.way_of_socket6(netns, socket, &options, to)?;
        Ok(way.src.into())
    }

    /// The route of a socket's packets to an address (`rawv6_sendmsg`, `udpv6_sendmsg`).
    fn way_of_socket6(
        &self,
        netns: NetnsId,
        socket: SockId,
        options: &Options,
        to: SocketAddr,
    ) -> Result<Way6, Errno> {
        let addr = v6(to)?;
        let ns = self.ns(netns)?;
        let kind = ns.sockets.kind(socket).ok_or(Errno::Ebadf)?;
        let bound = match ns.sockets.bound_source(socket) {
            Some(IpAddr::V6(bound)) => bound,
            Some(IpAddr::V4(_)) | None => Ipv6Addr::UNSPECIFIED,
        };
        let named = scope_of(to).filter(|_| needs_device(addr));
        if named.is_some() && options.bound_dev.is_some() && named != options.bound_dev {
            return Err(Errno::Einval);
        }
        // IPV6_MULTICAST_IF, and for other addresses IPV6_UNICAST_IF or IPV6_PKTINFO.
        let oif = named.or(options.bound_dev).or(options.multicast_if);
        let flow = Flow6 {
            src: bound,
            oif: oif.unwrap_or(0),
            mark: options.mark,
            tos: options.tos,
            proto: kind.protocol(),
            sport: ns.sockets.local(socket).map_or(0, |local| local.port()),
            dport: if kind.has_ports() { to.port() } else { 0 },
            ..Flow6::to(addr)
        };
        ns.facts(self.now).route_output6(&flow)
    }

    pub(super) fn send6(
        &mut self,
        netns: NetnsId,
        socket: SockId,
        kind: SocketKind,
        options: &Options,
        to: SocketAddr,
        payload: &[u8],
    ) -> Result<(), Errno> {
        let mut way = self.way_of_socket6(netns, socket, options, to)?;
        if options.mtu_discover == MtuDiscover::Probe {
            way.mtu = self.device_mtu(netns, way.oif).unwrap_or(way.mtu);
        }
        let len = payload.len() + if kind.has_ports() { 8 } else { 0 };
        let longest = match options.mtu_discover {
            MtuDiscover::Do | MtuDiscover::Probe => way.mtu as usize,
            MtuDiscover::Dont | MtuDiscover::Want => IPV6_HLEN + PACKET_MAX,
        };
        let target = SocketAddr::new(to.ip(), to.port());
        let now = self.now;
        let ns = self.ns_mut(netns)?;
        if IPV6_HLEN + len > longest {
            let sockets = &mut ns.sockets;
            sockets.local_error(now, socket, Errno::Emsgsize, target, way.mtu);
            return Err(Errno::Emsgsize);
        }
        if let Some(pending) = ns.sockets.take_error(socket) {
            return Err(pending);
        }
        let from = (IpAddr::V6(way.src), way.hop_limit);
        let sockets = &mut ns.sockets;
        let bytes = sockets.compose_with(now, socket, target, from, payload)?;
        let mut packet = Frame::new(&bytes);
        packet.mark = options.mark;
        if kind.has_ports() && IPV6_HLEN + len <= way.mtu as usize {
            packet.leave_sum(len);
        }
        self.output_ipv6(netns, packet, &way, options.mtu_discover)
    }
}

fn v6(addr: SocketAddr) -> Result<Ipv6Addr, Errno> {
    match addr.ip() {
        IpAddr::V6(addr) => Ok(addr),
        IpAddr::V4(_) => Err(Errno::Eafnosupport),
    }
}

/// The device that an address was written with (`sin6_scope_id`).
fn scope_of(addr: SocketAddr) -> Option<IfIndex> {
    match addr {
        SocketAddr::V6(addr) => Some(addr.scope_id()).filter(|&id| id != 0),
        SocketAddr::V4(_) => None,
    }
}

/// Whether an address says nothing without a device (`__ipv6_addr_needs_scope_id`).
fn needs_device(addr: Ipv6Addr) -> bool {
    let near_group = addr.is_multicast() && matches!(addr.octets()[1] & 0x0f, 1 | 2);
    addr.is_unicast_link_local() || near_group
}
