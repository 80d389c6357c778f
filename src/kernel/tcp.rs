//! TCP between the sockets of processes and IP: calls, arrivals, what is due, timers.
//! What a connection does is decided in `netns::socket::tcp`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::engine::trace::{DropReason, Taker, Verdict};
use crate::kernel::ipv4::Came;
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::netns::fib::{Flow4, Flow6, RouteType};
use crate::netns::ip::route::{Way4, Way6};
use crate::netns::socket::tcp::{
    self, Detail, Params, Received, Segment, Settings, TcpInfo, TcpState,
};
use crate::netns::socket::{MtuDiscover, SocketKind};
use crate::units::{Errno, NetnsId, SockId, TcpId};
use crate::wire::ipv4::{IPPROTO_TCP, Ipv4Header, Ipv4View};
use crate::wire::ipv6::{Ipv6Header, Ipv6View};
use crate::wire::{Frame, TcpPacket};

/// The way of a segment.
enum Way {
    V4(Way4),
    V6(Way6),
}

impl Way {
    fn source(&self) -> IpAddr {
        match self {
            Self::V4(way) => way.src.into(),
            Self::V6(way) => way.src.into(),
        }
    }

    fn mtu(&self) -> u32 {
        match self {
            Self::V4(way) => way.mtu,
            Self::V6(way) => way.mtu,
        }
    }
}

impl World {
    pub(super) fn open_stream(&mut self, netns: NetnsId, id: SockId, kind: SocketKind) {
        if let Some(ns) = self.netns.find_mut(netns) {
            let params = Params::new(&ns.sysctls);
            ns.sockets.open_stream(id, kind, params);
        }
    }

    /// The ports that are drawn from (`net.ipv4.ip_local_port_range`).
    fn port_range(&self, netns: NetnsId) -> (u16, u16) {
        const DEFAULT: (u16, u16) = (32_768, 60_999);
        let ns = self.netns.find(netns);
        let text = ns.and_then(|ns| ns.sysctls.text("net.ipv4.ip_local_port_range"));
        let mut words = text.unwrap_or_default().split_whitespace();
        let mut next = || words.next().and_then(|word| word.parse().ok());
        match (next(), next()) {
            (Some(low), Some(high)) if low > 0 && low <= high => (low, high),
            _ => DEFAULT,
        }
    }

    pub(super) fn bind_stream(&mut self, socket: SockId, to: SocketAddr) -> Result<(), Errno> {
        let netns = self.home(socket)?;
        let range = self.port_range(netns);
        self.ns_mut(netns)?.sockets.bind_stream(socket, to, range)
    }

    /// Has a TCP socket take connections: `backlog` of them and one more may wait to be accepted.
    ///
    /// # Errors
    /// EADDRINUSE where another socket listens at its port, EINVAL where it is connected, EOPNOTSUPP for a
    /// socket that is no stream.
    pub fn listen(&mut self, socket: SockId, backlog: u32) -> Result<(), Errno> {
        let netns = self.home(socket)?;
        let range = self.port_range(netns);
        self.ns_mut(netns)?.sockets.listen(socket, backlog, range)
    }

    /// Takes the oldest connection that waits at a listener: its socket, and where it comes from.
    ///
    /// # Errors
    /// EAGAIN where none waits: the socket is among the woken when one does. EINVAL where it does not listen.
    pub fn accept(&mut self, socket: SockId) -> Result<(SockId, SocketAddr), Errno> {
        let netns = self.home(socket)?;
        let homes = &mut self.socket_homes;
        let ns = self.netns.find_mut(netns).ok_or(Errno::Ebadf)?;
        let id = ns.sockets.accept(socket, || homes.insert(netns))?;
        let remote = ns.sockets.remote(id).ok_or(Errno::Econnaborted)?;
        Ok((id, remote))
    }

    /// Begins to connect a TCP socket; its end is among the woken then: [`World::tcp_state`] says how it
    /// went, [`World::socket_error`] why not.
    pub(super) fn connect_stream(&mut self, socket: SockId, to: SocketAddr) -> Result<(), Errno> {
        let netns = self.home(socket)?;
        let (kind, options) = self.kind_and_options(socket)?;
        let ns = self.ns_mut(netns)?;
        ns.sockets.may_connect(socket)?;
        let to = match unmapped(to) {
            to if to.is_ipv6() && !kind.is_v6() => return Err(Errno::Eafnosupport),
            to if to.is_ipv4() && kind.is_v6() && options.v6_only => {
                return Err(Errno::Enetunreach);
            }
            to => to,
        };
        if to.ip().is_multicast() {
            return Err(Errno::Enetunreach);
        }
        let bound = ns
            .sockets
            .bound_source(socket)
            .map(|ip| unmapped(SocketAddr::new(ip, 0)).ip());
        let settings = Settings::from(&options);
        let way = self.way_of_stream(netns, bound, to, &settings)?;
        // The rules are asked again with the source that was found (`ip_route_connect`).
        let found = bound.unwrap_or(way.source());
        let way = self.way_of_stream(netns, Some(found), to, &settings)?;
        let kind_of_way = match &way {
            Way::V4(way) => way.kind,
            Way::V6(way) => way.kind,
        };
        if matches!(kind_of_way, RouteType::Broadcast | RouteType::Multicast) {
            return Err(Errno::Enetunreach);
        }
        let range = self.port_range(netns);
        let path = (bound.unwrap_or(way.source()), way.mtu());
        let ns = self.ns_mut(netns)?;
        ns.sockets.connect_stream(socket, to, path, range)?;
        let stream = ns.sockets.stream(socket).ok_or(Errno::Ebadf)?;
        self.flush_stream(netns, stream);
        Err(Errno::Einprogress)
    }

    /// Reads up to `limit` bytes of a TCP socket, and puts them behind `into`; 0 is the end.
    ///
    /// # Errors
    /// EAGAIN where nothing has come: the socket is among the woken when something does. ENOTCONN without a
    /// connection; the error that is pending.
    pub fn recv_stream(
        &mut self,
        socket: SockId,
        into: &mut Vec<u8>,
        limit: usize,
    ) -> Result<usize, Errno> {
        self.read_stream(socket, Some(into), limit)
    }

    /// As [`World::recv_stream`], but the bytes are only counted.
    ///
    /// # Errors
    /// The same.
    pub fn skip_stream(&mut self, socket: SockId, limit: usize) -> Result<usize, Errno> {
        self.read_stream(socket, None, limit)
    }

    fn read_stream(
        &mut self,
        socket: SockId,
        into: Option<&mut Vec<u8>>,
        limit: usize,
    ) -> Result<usize, Errno> {
        let netns = self.home(socket)?;
        let now = self.now;
        let sockets = &mut self.ns_mut(netns)?.sockets;
        let count = sockets.read(now, socket, into, limit)?;
        if let Some(stream) = sockets.stream(socket) {
            self.flush_stream(netns, stream);
        }
        Ok(count)
    }

    pub(super) fn write_stream(&mut self, socket: SockId, bytes: &[u8]) -> Result<usize, Errno> {
        let netns = self.home(socket)?;
        let sockets = &mut self.ns_mut(netns)?.sockets;
        let count = sockets.write(socket, bytes)?;
        if let Some(stream) = sockets.stream(socket) {
            self.flush_stream(netns, stream);
        }
        Ok(count)
    }

    /// Says of a TCP socket that nothing more will be read, or written: then a FIN follows what was.
    ///
    /// # Errors
    /// ENOTCONN without a connection.
    pub fn shutdown(&mut self, socket: SockId, reading: bool, writing: bool) -> Result<(), Errno> {
        let netns = self.home(socket)?;
        let sockets = &mut self.ns_mut(netns)?.sockets;
        sockets.shut_down(socket, reading, writing)?;
        if let Some(stream) = sockets.stream(socket) {
            self.flush_stream(netns, stream);
        }
        Ok(())
    }

    pub(super) fn close_stream(&mut self, netns: NetnsId, socket: SockId) {
        let now = self.now;
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        for stream in ns.sockets.close_stream(now, socket) {
            self.flush_stream(netns, stream);
        }
    }

    /// The state of a TCP socket; nothing for other sockets.
    pub fn tcp_state(&self, socket: SockId) -> Option<TcpState> {
        let ns = self.ns(self.home(socket).ok()?).ok()?;
        ns.sockets.stream_state(socket)
    }

    /// The inner state of a TCP socket.
    pub fn tcp_detail(&self, socket: SockId) -> Option<Detail> {
        let ns = self.ns(self.home(socket).ok()?).ok()?;
        let stream = ns.sockets.stream(socket)?;
        ns.sockets.tcp.info(stream).map(|info| info.detail)
    }

    /// How many bytes [`World::send`] would take of a TCP socket.
    pub fn stream_room(&self, socket: SockId) -> usize {
        let ns = self.home(socket).and_then(|netns| self.ns(netns));
        ns.map_or(0, |ns| ns.sockets.stream_room(socket))
    }

    /// The address and port of the other end.
    pub fn peer_addr(&self, socket: SockId) -> Option<SocketAddr> {
        let netns = self.home(socket).ok()?;
        self.ns(netns).ok()?.sockets.remote(socket)
    }

    /// The connections and listeners of a namespace, in the order in which they were made; also
    /// those that no process has any more.
    pub fn tcp_list(&self, netns: NetnsId) -> Vec<TcpInfo> {
        self.ns(netns)
            .map_or_else(|_| Vec::new(), |ns| ns.sockets.tcp.list())
    }

    fn way_of_stream(
        &self,
        netns: NetnsId,
        from: Option<IpAddr>,
        to: SocketAddr,
        settings: &Settings,
    ) -> Result<Way, Errno> {
        let facts = self.ns(netns)?.facts(self.now);
        match to {
            SocketAddr::V4(to) => {
                let flow = Flow4 {
                    src: match from {
                        Some(IpAddr::V4(from)) => from,
                        _ => Ipv4Addr::UNSPECIFIED,
                    },
                    oif: settings.bound_dev.unwrap_or(0),
                    mark: settings.mark,
                    tos: settings.tos & 0x1e,
                    proto: IPPROTO_TCP,
                    dport: to.port(),
                    ..Flow4::to(*to.ip())
                };
                facts.route_output4(&flow).map(Way::V4)
            }
            SocketAddr::V6(to) => {
                let scope = Some(to.scope_id()).filter(|&id| id != 0);
                let near = to.ip().is_unicast_link_local();
                let named = scope.filter(|_| near).or(settings.bound_dev);
                if near && named.is_none() {
                    return Err(Errno::Einval);
                }
                let flow = Flow6 {
                    src: match from {
                        Some(IpAddr::V6(from)) => from,
                        _ => Ipv6Addr::UNSPECIFIED,
                    },
                    oif: named.unwrap_or(0),
                    mark: settings.mark,
                    tos: settings.tos,
                    proto: IPPROTO_TCP,
                    dport: to.port(),
                    ..Flow6::to(*to.ip())
                };
                facts.route_output6(&flow).map(Way::V6)
            }
        }
    }

    /// A segment has come for an IPv4 address of ours (`tcp_v4_rcv`).
    pub(crate) fn receive_tcp4(&mut self, came: Came, packet: &Frame, kind: RouteType) {
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return;
        };
        if kind != RouteType::Local {
            return self.lose(came.dev, packet, DropReason::NotSpecified);
        }
        let ends = (view.src().into(), view.dst().into());
        if self.receive_tcp(came, packet, ends, view.payload()) {
            self.refuse_tcp(came, packet);
        }
    }

    /// A segment has come for an IPv6 address of ours (`tcp_v6_rcv`); it begins at `at`.
    pub(crate) fn receive_tcp6(&mut self, came: Came, packet: &Frame, at: usize) {
        let Some(view) = Ipv6View::new(packet.bytes()) else {
            return;
        };
        let (src, dst) = (view.src(), view.dst());
        if dst.is_multicast() {
            return self.lose(came.dev, packet, DropReason::NotSpecified);
        }
        let bytes = packet.bytes().get(at..).unwrap_or_default();
        if self.receive_tcp(came, packet, (src.into(), dst.into()), bytes) {
            self.refuse_tcp6(came, packet, at);
        }
    }

    /// Whether the segment is to be refused with a reset.
    fn receive_tcp(
        &mut self,
        came: Came,
        packet: &Frame,
        (src, dst): (IpAddr, IpAddr),
        bytes: &[u8],
    ) -> bool {
        let now = self.now;
        let Some(ns) = self.netns.find_mut(came.netns) else {
            return false;
        };
        if ns.sockets.tcp.is_empty() {
            return true;
        }
        let Some(segment) = Segment::parse(bytes) else {
            self.lose(came.dev, packet, DropReason::PktTooSmall);
            return false;
        };
        if !TcpPacket::new_unchecked(bytes).verify_checksum(&src.into(), &dst.into()) {
            self.lose(came.dev, packet, DropReason::TcpCsum);
            return false;
        }
        let arrival = tcp::Came {
            src,
            dst,
            ifindex: came.bound,
            segment,
        };
        match ns.sockets.tcp.receive(now, &arrival) {
            Received::Nobody => return true,
            Received::Ignored => self.lose(came.dev, packet, DropReason::TcpFlags),
            Received::Taken(stream) => {
                self.tell_taken_by_stream(came, packet, stream);
                self.flush_stream(came.netns, stream);
            }
            Received::Refused(stream) => {
                self.flush_stream(came.netns, stream);
                return true;
            }
            Received::Asked(listener) => {
                self.tell_taken_by_stream(came, packet, listener);
                self.answer_syn(came.netns, listener, &arrival);
            }
        }
        false
    }

    /// A connection or a listener took a segment: its socket, where a program has it.
    #[inline]
    fn tell_taken_by_stream(&mut self, came: Came, packet: &Frame, stream: TcpId) {
        if !self.watching {
            return;
        }
        let taker = match self.owner_of(came.netns, stream) {
            Some(socket) => Taker::Socket(socket),
            None => Taker::Protocol("TCP"),
        };
        self.hop(came.dev, packet, Verdict::Taken(taker));
    }

    fn owner_of(&self, netns: NetnsId, stream: TcpId) -> Option<SockId> {
        self.netns.find(netns)?.sockets.tcp.owner(stream)
    }

    fn answer_syn(&mut self, netns: NetnsId, listener: TcpId, arrival: &tcp::Came<'_>) {
        let settings = Settings::default();
        let port = arrival.segment.src_port;
        let mut back = SocketAddr::new(arrival.src, port);
        if let SocketAddr::V6(back) = &mut back {
            back.set_scope_id(arrival.ifindex);
        }
        let Ok(way) = self.way_of_stream(netns, Some(arrival.dst), back, &settings) else {
            return;
        };
        let Ok(ns) = self.ns_mut(netns) else {
            return;
        };
        if let Some(child) = ns.sockets.tcp.answer_syn(listener, arrival, way.mtu()) {
            self.flush_stream(netns, child);
        }
    }

    /// Sends what a connection has to send, tells its process, and sets its timer.
    pub(crate) fn flush_stream(&mut self, netns: NetnsId, stream: TcpId) {
        let owner = match self.watching {
            true => self.owner_of(netns, stream),
            false => None,
        };
        let own_cause = owner.is_some_and(|socket| self.sent_by_unless_caused(socket));
        self.send_segments(netns, stream);
        if own_cause {
            self.forget_cause();
        }
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        ns.sockets.tcp.settle(stream, &mut self.woken);
        if let Some(at) = ns.sockets.tcp.deadline(stream) {
            self.arm(at, Timer::Tcp(netns, stream));
        }
    }

    fn send_segments(&mut self, netns: NetnsId, stream: TcpId) {
        let now = self.now;
        let mut way = None;
        loop {
            let Some(ns) = self.netns.find_mut(netns) else {
                return;
            };
            let Some((from, to, settings)) = ns.sockets.stream_way(stream) else {
                break;
            };
            let Some(segment) = ns.sockets.tcp.dispatch(now, stream) else {
                break;
            };
            if way.is_none() {
                way = self.find_way(netns, stream, (from, to), &settings);
            }
            if let Some(way) = &way {
                self.send_segment(netns, segment, way, (from, to.ip()), &settings);
            }
        }
    }

    /// The way to the other end as it is now; the connection hears what it takes.
    fn find_way(
        &mut self,
        netns: NetnsId,
        stream: TcpId,
        (from, to): (IpAddr, SocketAddr),
        settings: &Settings,
    ) -> Option<Way> {
        let found = self.way_of_stream(netns, Some(from), to, settings);
        let sockets = &mut self.netns.find_mut(netns)?.sockets;
        match found {
            Ok(way) => {
                sockets.stream_path_takes(stream, way.mtu());
                Some(way)
            }
            Err(_) => None,
        }
    }

    /// The path of a connection may take less than it did: what is out and too long goes again.
    pub(super) fn path_changed(&mut self, netns: NetnsId, stream: TcpId) {
        let ns = self.netns.find(netns);
        if let Some((from, to, settings)) = ns.and_then(|ns| ns.sockets.stream_way(stream)) {
            self.find_way(netns, stream, (from, to), &settings);
        }
        self.flush_stream(netns, stream);
    }

    /// Puts the IP header in front and sends the packet.
    fn send_segment(
        &mut self,
        netns: NetnsId,
        mut segment: Frame,
        way: &Way,
        ends: (IpAddr, IpAddr),
        settings: &Settings,
    ) {
        segment.mark = settings.mark;
        // The device sums it up (`tcp_v4_send_check`).
        segment.leave_sum(segment.len());
        // What does not get through is the connection's to find out.
        let _ = match (way, ends) {
            (Way::V4(way), (IpAddr::V4(src), IpAddr::V4(dst))) => {
                let default = self.netns.find(netns).map_or(64, |ns| ns.default_ttl());
                let header = Ipv4Header {
                    src,
                    dst,
                    protocol: IPPROTO_TCP,
                    ttl: settings.ttl.unwrap_or(default),
                    tos: settings.tos,
                    id: 0,
                    dont_fragment: true,
                    router_alert: false,
                };
                // The answer to a SYN is sent before there is a socket for it.
                let answers_syn = segment
                    .bytes()
                    .get(13)
                    .is_some_and(|flags| flags & 0x12 == 0x12);
                header.push(&mut segment);
                match answers_syn {
                    true => self.output_atomic(netns, segment, way),
                    false => self.output_ipv4(netns, segment, way, MtuDiscover::Do),
                }
            }
            (Way::V6(way), (IpAddr::V6(src), IpAddr::V6(dst))) => {
                let header = Ipv6Header {
                    src,
                    dst,
                    next_header: IPPROTO_TCP,
                    hop_limit: settings.ttl.unwrap_or(way.hop_limit),
                    traffic_class: settings.tos,
                };
                header.push(&mut segment);
                self.output_ipv6(netns, segment, way, MtuDiscover::Do)
            }
            _ => Ok(()),
        };
    }

    pub(super) fn run_stream_timers(&mut self, netns: NetnsId, stream: TcpId) {
        let now = self.now;
        if let Some(ns) = self.netns.find_mut(netns) {
            ns.sockets.tcp.run_timers(now, stream);
        }
        self.flush_stream(netns, stream);
    }
}

/// A mapped IPv4 address as what it stands for (RFC 4291, section 2.5.5.2).
fn unmapped(to: SocketAddr) -> SocketAddr {
    match to.ip() {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => SocketAddr::new(v4.into(), to.port()),
            None => to,
        },
        IpAddr::V4(_) => to,
    }
}
