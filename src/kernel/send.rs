//! Binding, connecting and sending (af_inet.c, datagram.c, raw.c, udp.c, af_packet.c): the part of the
//! sockets that needs routes and addresses. IPv6 is in `send6`, the sockets themselves in `netns::socket`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::kernel::world::World;
use crate::netns::fib::{Flow4, RouteType, scope};
use crate::netns::ip::route::Way4;
use crate::netns::socket::{MtuDiscover, Options, SocketKind};
use crate::units::{Errno, IfIndex, NetnsId, SockId};
use crate::wire::{ETH_HLEN, Frame};

/// The longest IP packet without a jumbo option.
pub(super) const PACKET_MAX: usize = 65_535;

impl World {
    /// Binds a socket to an address of its namespace and to a port; port 0 draws one.
    ///
    /// # Errors
    /// EADDRNOTAVAIL for an address that is not here, EADDRINUSE for a port that is taken, EINVAL for
    /// a link-local address without a device and for a socket that has a port.
    pub fn bind(&mut self, socket: SockId, to: SocketAddr) -> Result<(), Errno> {
        let netns = self.home(socket)?;
        let ns = self.ns(netns)?;
        match to.ip() {
            IpAddr::V4(v4) => {
                let kind = ns.fib.v4.address_kind(v4);
                let ours = matches!(
                    kind,
                    RouteType::Local | RouteType::Broadcast | RouteType::Multicast
                );
                if !v4.is_unspecified() && !ours {
                    return Err(Errno::Eaddrnotavail);
                }
            }
            IpAddr::V6(_) => self.bind6(netns, socket, to)?,
        }
        if self.kind(socket)?.is_tcp() {
            return self.bind_stream(socket, to);
        }
        let ns = self.ns_mut(netns)?;
        ns.sockets.bind(socket, to, &mut ns.random)
    }

    /// Connects a socket: for datagrams this chooses the source address and filters what comes.
    ///
    /// # Errors
    /// EINPROGRESS at a TCP socket that begins to connect: it is among the woken when that has ended, then
    /// [`World::tcp_state`] and [`World::socket_error`] say how. EALREADY and EISCONN where that was done.
    /// What the route says (ENETUNREACH, EHOSTUNREACH, ...), EACCES for a broadcast address without
    /// [`SocketOption::Broadcast`](crate::netns::socket::SocketOption::Broadcast).
    pub fn connect(&mut self, socket: SockId, to: SocketAddr) -> Result<(), Errno> {
        let netns = self.home(socket)?;
        let (kind, options) = self.kind_and_options(socket)?;
        if kind.is_tcp() {
            let to = self.some_target(socket, to);
            return self.connect_stream(socket, to);
        }
        if kind.is_v6() != to.is_ipv6() {
            return Err(Errno::Eafnosupport);
        }
        let to = self.some_target(socket, to);
        let source = match to.ip() {
            IpAddr::V4(v4) => {
                let to = (v4, to.port());
                let way = self.way_of_socket4(netns, socket, &options, to, None)?;
                // The rules are asked again with the source that was found (`ip_route_connect`).
                let way = self.way_of_socket4(netns, socket, &options, to, Some(way.src))?;
                IpAddr::V4(way.src)
            }
            IpAddr::V6(_) => self.connect6(netns, socket, to, &options)?,
        };
        let ns = self.ns_mut(netns)?;
        ns.sockets.connect(socket, to, source, &mut ns.random)
    }

    /// Sends a datagram, or the payload of a raw packet, to an address or to where the
    /// socket is connected; says how many bytes were sent. Of a TCP socket: writes what there is room for.
    ///
    /// # Errors
    /// EDESTADDRREQ without an address, what the route says, EMSGSIZE for what may not be fragmented
    /// or fits no packet, EACCES for a broadcast; and the error that was pending.
    /// TCP: EAGAIN without room, EPIPE where it is closed for writing.
    pub fn send(
        &mut self,
        socket: SockId,
        to: Option<SocketAddr>,
        payload: &[u8],
    ) -> Result<usize, Errno> {
        let netns = self.home(socket)?;
        if self.kind(socket)?.is_tcp() {
            return self.write_stream(socket, payload);
        }
        let (kind, options) = self.kind_and_options(socket)?;
        let connected = self.ns(netns)?.sockets.remote(socket);
        let to = to.or(connected).ok_or(Errno::Edestaddrreq)?;
        if kind.is_v6() != to.is_ipv6() {
            return Err(Errno::Eafnosupport);
        }
        if payload.len() > PACKET_MAX {
            return Err(Errno::Emsgsize);
        }
        let to = self.some_target(socket, to);
        let ns = self.ns_mut(netns)?;
        ns.sockets.ensure_port(socket, &mut ns.random)?;
        self.sent_by(socket);
        let sent = match to.ip() {
            IpAddr::V4(v4) => self.send4(netns, socket, kind, &options, (v4, to.port()), payload),
            IpAddr::V6(_) => self.send6(netns, socket, kind, &options, to, payload),
        };
        self.forget_cause();
        sent.map(|()| payload.len())
    }

    /// Sends a frame as it is through a device (SOCK_RAW of AF_PACKET).
    ///
    /// # Errors
    /// ENXIO where the device is not there, ENETDOWN where it is down, EMSGSIZE where the frame is
    /// too long, EINVAL where it has no Ethernet header.
    pub fn send_frame(
        &mut self,
        socket: SockId,
        ifindex: IfIndex,
        frame: &[u8],
    ) -> Result<usize, Errno> {
        let netns = self.home(socket)?;
        let dev = self.dev_at(netns, ifindex).ok_or(Errno::Enxio)?;
        let device = self.devices.find(dev).ok_or(Errno::Enxio)?;
        if !device.is_up() {
            return Err(Errno::Enetdown);
        }
        if frame.len() > device.mtu as usize + ETH_HLEN {
            return Err(Errno::Emsgsize);
        }
        if frame.len() < ETH_HLEN {
            return Err(Errno::Einval);
        }
        let len = frame.len();
        let frame = self.spare.frame(frame);
        if self.is_plain()
            && let Some((peer, longest)) = self.plain_way(dev)
            && len <= longest
        {
            self.cross_plain(dev, peer, frame);
            return Ok(len);
        }
        self.sent_by(socket);
        self.transmit(dev, frame);
        self.forget_cause();
        Ok(len)
    }

    pub(super) fn kind_and_options(&self, socket: SockId) -> Result<(SocketKind, Options), Errno> {
        let ns = self.ns(self.home(socket)?)?;
        let kind = ns.sockets.kind(socket).ok_or(Errno::Ebadf)?;
        let options = ns.sockets.options(socket).ok_or(Errno::Ebadf)?;
        Ok((kind, options.clone()))
    }

    /// The unspecified address means this host (`ip_route_output_key_hash_rcu`).
    fn some_target(&self, socket: SockId, mut to: SocketAddr) -> SocketAddr {
        if to.ip().is_unspecified() {
            let bound = self.home(socket).and_then(|netns| self.ns(netns)).ok();
            let bound = bound.and_then(|ns| ns.sockets.bound_source(socket));
            to.set_ip(bound.unwrap_or(match to.is_ipv4() {
                true => IpAddr::V4(Ipv4Addr::LOCALHOST),
                false => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
            }));
        }
        to
    }

    /// The route of a socket's packets to an address (`ip_route_connect`, `raw_sendmsg`).
    fn way_of_socket4(
        &self,
        netns: NetnsId,
        socket: SockId,
        options: &Options,
        (to, port): (Ipv4Addr, u16),
        found: Option<Ipv4Addr>,
    ) -> Result<Way4, Errno> {
        let ns = self.ns(netns)?;
        let kind = ns.sockets.kind(socket).ok_or(Errno::Ebadf)?;
        let bound = match ns.sockets.bound_source(socket) {
            Some(IpAddr::V4(bound)) => bound,
            _ => found.unwrap_or(Ipv4Addr::UNSPECIFIED),
        };
        let group_if = options.multicast_if.filter(|_| to.is_multicast());
        let flow = Flow4 {
            src: bound,
            oif: options.bound_dev.or(group_if).unwrap_or(0),
            mark: options.mark,
            tos: options.tos & 0x1e,
            scope: if options.dont_route {
                scope::LINK
            } else {
                scope::UNIVERSE
            },
            proto: kind.protocol(),
            sport: ns.sockets.local(socket).map_or(0, |local| local.port()),
            dport: if kind.has_ports() { port } else { 0 },
            ..Flow4::to(to)
        };
        let way = ns.facts(self.now).route_output4(&flow)?;
        if way.kind == RouteType::Broadcast && !options.broadcast {
            return Err(Errno::Eacces);
        }
        Ok(way)
    }

    fn send4(
        &mut self,
        netns: NetnsId,
        socket: SockId,
        kind: SocketKind,
        options: &Options,
        (to, port): (Ipv4Addr, u16),
        payload: &[u8],
    ) -> Result<(), Errno> {
        let mut way = self.way_of_socket4(netns, socket, options, (to, port), None)?;
        if options.mtu_discover == MtuDiscover::Probe {
            way.mtu = self.device_mtu(netns, way.oif).unwrap_or(way.mtu);
        }
        way.mtu = way.mtu.min(PACKET_MAX as u32);
        let target = SocketAddr::new(IpAddr::V4(to), port);
        let options_len = options.ip_options.len().next_multiple_of(4);
        let upper_len = payload.len() + if kind.has_ports() { 8 } else { 0 };
        let len = 20 + options_len + upper_len;
        let longest = match options.mtu_discover {
            MtuDiscover::Do | MtuDiscover::Probe => way.mtu as usize,
            MtuDiscover::Dont | MtuDiscover::Want => PACKET_MAX,
        };
        let now = self.now;
        let ns = self.ns_mut(netns)?;
        if len > longest {
            let takes = way.mtu.saturating_sub(options_len as u32);
            ns.sockets
                .local_error(now, socket, Errno::Emsgsize, target, takes);
            return Err(Errno::Emsgsize);
        }
        if let Some(pending) = ns.sockets.take_error(socket) {
            return Err(pending);
        }
        let from = (IpAddr::V4(way.src), ns.default_ttl());
        let sockets = &mut ns.sockets;
        let bytes = sockets.compose_with(now, socket, target, from, payload)?;
        let mut packet = Frame::new(&bytes);
        packet.mark = options.mark;
        // What is sent whole is summed up by the device (`__ip_append_data`); raw packets have no sum of ours.
        if kind.has_ports() && len <= way.mtu as usize {
            packet.leave_sum(upper_len);
        }
        self.output_ipv4(netns, packet, &way, options.mtu_discover)
    }

    pub(super) fn device_mtu(&self, netns: NetnsId, ifindex: IfIndex) -> Option<u32> {
        let dev = self.dev_at(netns, ifindex)?;
        Some(self.devices.find(dev)?.mtu)
    }
}
