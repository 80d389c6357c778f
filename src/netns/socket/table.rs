//! All sockets of a namespace: opening, binding, connecting, sending, reading, closing.
//! What arrives is given to them elsewhere (`deliver`, `packet`).

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use super::error::{ErrorOrigin, Errors, SocketError};
use super::kinds::{Datagram, Options, SocketKind, SocketOption};
use super::stack::{Shape, Stack};
use super::tcp::TcpTable;
use crate::engine::Random;
use crate::netns::ip::options;
use crate::units::{Errno, IfIndex, SimTime, SockId, TcpId};
use crate::wire::{Icmpv6Packet, Ipv6Packet};

/// The ports that the kernel chooses from (`net.ipv4.ip_local_port_range`).
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32_768..=60_999;
/// What a waiting packet costs beside its bytes (`skb->truesize` of a small packet).
const PACKET_OVERHEAD: usize = 576;

/// One socket.
#[derive(Clone, Debug)]
pub(super) struct Socket {
    pub(super) kind: SocketKind,
    pub(super) options: Options,
    /// The address that it was bound to, unspecified where it was not; the port, 0 without one.
    pub(super) local: SocketAddr,
    /// Whether `bind` was called with an address.
    pub(super) bound: bool,
    pub(super) remote: Option<SocketAddr>,
    pub(super) errors: Errors,
    pub(super) stack: Option<Stack>,
    /// The connection or listener of a TCP socket.
    pub(super) tcp: Option<TcpId>,
    received: VecDeque<Datagram>,
    received_bytes: usize,
    /// Packets lost because the buffer was full.
    pub(super) overflowed: u64,
}

impl Socket {
    pub(super) fn new(kind: SocketKind) -> Self {
        let stack = match kind {
            SocketKind::Raw4(protocol) | SocketKind::Raw6(protocol) => {
                let v6 = kind.is_v6();
                Some(Stack::new(Shape::Raw { v6, protocol }))
            }
            _ => None,
        };
        Self {
            kind,
            options: Options::default(),
            local: kind.unspecified(),
            bound: false,
            remote: None,
            errors: Errors::default(),
            stack,
            tcp: None,
            received: VecDeque::new(),
            received_bytes: 0,
            overflowed: 0,
        }
    }

    /// Queues what arrived, or counts it where the buffer is full (`sock_queue_rcv_skb`).
    pub(super) fn receive(&mut self, datagram: Datagram) -> bool {
        let cost = datagram.bytes.len() + PACKET_OVERHEAD;
        if self.received_bytes + cost > self.options.receive_buffer {
            self.overflowed += 1;
            return false;
        }
        self.received_bytes += cost;
        self.received.push_back(datagram);
        true
    }

    fn take(&mut self) -> Option<Datagram> {
        let datagram = self.received.pop_front()?;
        self.received_bytes -= datagram.bytes.len() + PACKET_OVERHEAD;
        Some(datagram)
    }
}

/// A socket without a connection, as it is listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DatagramInfo {
    /// The socket.
    pub socket: SockId,
    /// What it is.
    pub kind: SocketKind,
    /// Its address and port.
    pub local: SocketAddr,
    /// Where it is connected to.
    pub remote: Option<SocketAddr>,
    /// What waits to be read, with what it costs, in bytes.
    pub receive_queue: u32,
    /// The device that it is bound to.
    pub bound_dev: Option<IfIndex>,
}

/// The sockets of one namespace. It takes in calls of programs and packets of the network and
/// gives out packets to be routed; the ids are the kernel's.
#[derive(Clone, Debug)]
pub struct Sockets {
    pub(super) sockets: BTreeMap<SockId, Socket>,
    /// Sockets with a port, by IP protocol and port; the newest first.
    pub(super) ports: BTreeMap<(u8, u16), Vec<SockId>>,
    /// Raw sockets, in the order in which they were opened.
    pub(super) raws: Vec<SockId>,
    /// Packet sockets, in the order in which they were opened.
    pub(super) packets: Vec<SockId>,
    /// TCP: what sockets, listeners and closed sockets have to do with it.
    pub tcp: TcpTable,
    /// Connections that an ICMP message has told something: they may have something to send.
    pub touched: Vec<TcpId>,
}

impl Sockets {
    /// No sockets; `random` is the stream of TCP's numbers.
    pub fn new(random: Random) -> Self {
        Self {
            sockets: BTreeMap::new(),
            ports: BTreeMap::new(),
            raws: Vec::new(),
            packets: Vec::new(),
            tcp: TcpTable::new(random),
            touched: Vec::new(),
        }
    }

    /// Opens a socket under this id.
    pub fn open(&mut self, id: SockId, kind: SocketKind) {
        match kind {
            SocketKind::Raw4(_) | SocketKind::Raw6(_) => self.raws.push(id),
            SocketKind::Packet { .. } => self.packets.push(id),
            _ => {}
        }
        self.sockets.insert(id, Socket::new(kind));
    }

    /// Closes a socket; what it had not read is gone.
    pub fn close(&mut self, id: SockId) {
        self.unhash(id);
        self.raws.retain(|&raw| raw != id);
        self.packets.retain(|&packet| packet != id);
        self.sockets.remove(&id);
    }

    /// Every socket with its kind, local address and remote address, in the order of the ids.
    pub fn iter(
        &self,
    ) -> impl Iterator<Item = (SockId, SocketKind, SocketAddr, Option<SocketAddr>)> {
        self.sockets
            .iter()
            .map(|(&id, socket)| (id, socket.kind, socket.local, socket.remote))
    }

    /// Every socket but TCP's, in the order of the ids.
    pub fn datagram_list(&self) -> Vec<DatagramInfo> {
        let others = self
            .sockets
            .iter()
            .filter(|(_, socket)| socket.tcp.is_none());
        let info = |(&id, socket): (&SockId, &Socket)| DatagramInfo {
            socket: id,
            kind: socket.kind,
            local: socket.local,
            remote: socket.remote,
            receive_queue: u32::try_from(socket.received_bytes).unwrap_or(u32::MAX),
            bound_dev: socket.options.bound_dev,
        };
        others.map(info).collect()
    }

    /// Whether there is no socket.
    pub fn is_empty(&self) -> bool {
        self.sockets.is_empty() && self.tcp.is_empty()
    }

    /// The kind of a socket.
    pub fn kind(&self, id: SockId) -> Option<SocketKind> {
        self.sockets.get(&id).map(|socket| socket.kind)
    }

    /// The options of a socket.
    pub fn options(&self, id: SockId) -> Option<&Options> {
        self.sockets.get(&id).map(|socket| &socket.options)
    }

    /// Sets an option.
    pub fn set(&mut self, id: SockId, option: SocketOption) -> Result<(), Errno> {
        let socket = self.sockets.get_mut(&id).ok_or(Errno::Ebadf)?;
        socket.options.set(option);
        self.settings_changed(id);
        Ok(())
    }

    /// Sets the options of the IPv4 header of packets that are sent; at most 40 bytes.
    pub fn set_ip_options(&mut self, id: SockId, options: &[u8]) -> Result<(), Errno> {
        if options.len() > 40 {
            return Err(Errno::Einval);
        }
        let socket = self.sockets.get_mut(&id).ok_or(Errno::Ebadf)?;
        socket.options.ip_options = options.to_vec();
        Ok(())
    }

    /// The local address, with the port where there is one.
    pub fn local(&self, id: SockId) -> Option<SocketAddr> {
        match self.tcb(id) {
            Some(tcb) => Some(tcb.local),
            None => self.sockets.get(&id).map(|socket| socket.local),
        }
    }

    /// The address that `bind` gave, where it gave one: packets leave from there.
    pub fn bound_source(&self, id: SockId) -> Option<IpAddr> {
        let ip = self.local(id)?.ip();
        (!ip.is_unspecified()).then_some(ip)
    }

    /// Where the socket is connected to.
    pub fn remote(&self, id: SockId) -> Option<SocketAddr> {
        match self.tcb(id) {
            Some(tcb) => tcb.remote,
            None => self.sockets.get(&id)?.remote,
        }
    }

    /// Binds to an address that the caller has found to be local, and to a port; port 0 draws one.
    pub fn bind(&mut self, id: SockId, to: SocketAddr, random: &mut Random) -> Result<(), Errno> {
        let socket = self.sockets.get(&id).ok_or(Errno::Ebadf)?;
        if socket.kind.is_v6() != to.is_ipv6() {
            return Err(Errno::Eafnosupport);
        }
        debug_assert!(!socket.kind.is_tcp(), "streams are bound by bind_stream");
        if socket.kind.has_ports() {
            if socket.local.port() != 0 {
                return Err(Errno::Einval);
            }
            let port = match to.port() {
                0 => self.draw_port(id, to.ip(), random)?,
                port if self.conflicts(id, to.ip(), port) => return Err(Errno::Eaddrinuse),
                port => port,
            };
            self.hash(id, SocketAddr::new(to.ip(), port));
        }
        let socket = self.sockets.get_mut(&id).ok_or(Errno::Ebadf)?;
        socket.local.set_ip(to.ip());
        socket.bound = true;
        Ok(())
    }

    /// Connects: packets go there and come from there only. `source` is what the route gives.
    pub fn connect(
        &mut self,
        id: SockId,
        to: SocketAddr,
        source: IpAddr,
        random: &mut Random,
    ) -> Result<(), Errno> {
        self.ensure_port(id, random)?;
        let socket = self.sockets.get_mut(&id).ok_or(Errno::Ebadf)?;
        if socket.local.ip().is_unspecified() {
            socket.local.set_ip(source);
        }
        socket.remote = Some(to);
        Ok(())
    }

    /// Gives a socket of a protocol with ports a port, where it has none (`inet_autobind`).
    pub fn ensure_port(&mut self, id: SockId, random: &mut Random) -> Result<(), Errno> {
        let socket = self.sockets.get(&id).ok_or(Errno::Ebadf)?;
        if socket.kind.has_ports() && socket.local.port() == 0 {
            let ip = socket.local.ip();
            let port = self.draw_port(id, ip, random)?;
            self.hash(id, SocketAddr::new(ip, port));
        }
        Ok(())
    }

    /// The packet that carries a payload from `source` to `to`, as the module's page says.
    /// EMSGSIZE where it would be longer than a packet can be, EINVAL for a destination
    /// that cannot be one.
    pub fn compose(
        &mut self,
        now: SimTime,
        id: SockId,
        to: SocketAddr,
        source: IpAddr,
        payload: &[u8],
    ) -> Result<Vec<u8>, Errno> {
        self.compose_with(now, id, to, (source, 64), payload)
    }

    /// The same where packets leave with another TTL, if the socket says nothing of it.
    pub fn compose_with(
        &mut self,
        now: SimTime,
        id: SockId,
        to: SocketAddr,
        (source, ttl): (IpAddr, u8),
        payload: &[u8],
    ) -> Result<Vec<u8>, Errno> {
        let socket = self.sockets.get_mut(&id).ok_or(Errno::Ebadf)?;
        if socket.kind.has_ports() && to.port() == 0 {
            return Err(Errno::Einval);
        }
        let stack = socket.stack.as_mut().ok_or(Errno::Eopnotsupp)?;
        let mut packet = stack
            .send(now, source, to, payload)
            .ok_or(Errno::Emsgsize)?;
        finish(&mut packet, socket.kind, &socket.options, to.ip(), ttl);
        if !socket.options.ip_options.is_empty() && !socket.kind.is_v6() {
            packet = options::insert(&packet, &socket.options.ip_options);
            if let IpAddr::V4(here) = source {
                options::record(&mut packet, here, now);
            }
        }
        if socket.kind == SocketKind::Raw6(58) {
            fill_icmp6_checksum(&mut packet);
        }
        Ok(packet)
    }

    /// Takes what is pending for the next call (`sock_error`).
    pub fn take_error(&mut self, id: SockId) -> Option<Errno> {
        if let Some(tcb) = self.tcb_mut(id) {
            tcb.told = false;
            return tcb.error.take();
        }
        self.sockets.get_mut(&id)?.errors.pending.take()
    }

    /// Takes the oldest packet received.
    pub fn recv(&mut self, id: SockId) -> Option<Datagram> {
        self.sockets.get_mut(&id)?.take()
    }

    /// Takes the oldest entry of the error queue.
    pub fn recv_error(&mut self, id: SockId) -> Option<SocketError> {
        self.sockets.get_mut(&id)?.errors.pop()
    }

    /// Whether a read would give something: a packet, or the error that is pending.
    pub fn is_readable(&self, id: SockId) -> bool {
        if let Some(tcb) = self.tcb(id) {
            return tcb.is_readable();
        }
        self.sockets
            .get(&id)
            .is_some_and(|socket| !socket.received.is_empty() || socket.errors.pending.is_some())
    }

    /// Whether an error is pending or queued (POLLERR).
    pub fn has_error(&self, id: SockId) -> bool {
        if let Some(tcb) = self.tcb(id) {
            return tcb.error.is_some();
        }
        self.sockets
            .get(&id)
            .is_some_and(|socket| socket.errors.waiting())
    }

    /// Queues an error of this kernel's own, where the socket asked for such (`ip_local_error`).
    pub fn local_error(
        &mut self,
        now: SimTime,
        id: SockId,
        errno: Errno,
        to: SocketAddr,
        info: u32,
    ) {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        if socket.options.recv_err {
            socket.errors.push(SocketError {
                errno,
                origin: ErrorOrigin::Local,
                kind: 0,
                code: 0,
                info,
                offender: None,
                ttl: 0,
                ifindex: 0,
                to,
                bytes: Vec::new(),
                at: now,
            });
        }
    }

    fn hash(&mut self, id: SockId, local: SocketAddr) {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        socket.local = local;
        if matches!(socket.kind, SocketKind::Udp4 | SocketKind::Udp6) {
            let port = local.port();
            socket.stack = Some(Stack::new(Shape::Udp { port }));
        }
        let key = (socket.kind.protocol(), local.port());
        self.ports.entry(key).or_default().insert(0, id);
    }

    fn unhash(&mut self, id: SockId) {
        let Some(socket) = self.sockets.get(&id) else {
            return;
        };
        let key = (socket.kind.protocol(), socket.local.port());
        if let Some(chain) = self.ports.get_mut(&key) {
            chain.retain(|&other| other != id);
            if chain.is_empty() {
                self.ports.remove(&key);
            }
        }
    }

    /// Whether another socket holds the port on an overlapping address and device.
    fn conflicts(&self, id: SockId, ip: IpAddr, port: u16) -> bool {
        let Some(socket) = self.sockets.get(&id) else {
            return false;
        };
        let chain = self.ports.get(&(socket.kind.protocol(), port));
        chain.into_iter().flatten().any(|other| {
            self.sockets.get(other).is_some_and(|other| {
                let address = other.local.ip();
                other.kind == socket.kind
                    && !(other.options.reuse_addr && socket.options.reuse_addr)
                    && !(other.options.reuse_port && socket.options.reuse_port)
                    && devices_overlap(other.options.bound_dev, socket.options.bound_dev)
                    && (address == ip || address.is_unspecified() || ip.is_unspecified())
            })
        })
    }

    /// A free port: the first one from a random place on (`udp_lib_get_port`).
    fn draw_port(&self, id: SockId, ip: IpAddr, random: &mut Random) -> Result<u16, Errno> {
        let count = u32::from(EPHEMERAL.end() - EPHEMERAL.start()) + 1;
        let first = random.below(count);
        (0..count)
            .filter_map(|step| u16::try_from((first + step) % count).ok())
            .map(|offset| EPHEMERAL.start() + offset)
            .find(|&port| !self.conflicts(id, ip, port))
            .ok_or(Errno::Eaddrinuse)
    }
}

fn devices_overlap(a: Option<IfIndex>, b: Option<IfIndex>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// Raw ICMPv6 sockets have their checksum computed by the kernel (RFC 3542, section 3.1).
fn fill_icmp6_checksum(packet: &mut [u8]) {
    let header = Ipv6Packet::new_unchecked(&*packet);
    let (source, destination) = (header.src_addr(), header.dst_addr());
    let message = packet.get_mut(40..).filter(|message| message.len() >= 4);
    if let Some(message) = message {
        Icmpv6Packet::new_unchecked(message).fill_checksum(&source, &destination);
    }
}

/// Writes what the options say into the header that smoltcp made.
fn finish(packet: &mut [u8], kind: SocketKind, options: &Options, to: IpAddr, ttl: u8) {
    let ttl = match to.is_multicast() {
        true => options.multicast_ttl,
        false => options.ttl.unwrap_or(ttl),
    };
    if kind.is_v6() {
        let word = 0x6000_0000 | (u32::from(options.tos) << 20) | options.flow_label;
        if let Some(head) = packet.get_mut(..4) {
            head.copy_from_slice(&word.to_be_bytes());
        }
        if let Some(hops) = packet.get_mut(7) {
            *hops = ttl;
        }
        return;
    }
    if let Some(tos) = packet.get_mut(1) {
        *tos = options.tos;
    }
    if let Some(at) = packet.get_mut(8) {
        *at = ttl;
    }
}
