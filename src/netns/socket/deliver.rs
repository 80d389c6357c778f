//! To which sockets a packet goes that is for this namespace, and an ICMP message about one of ours.
//! Answers to packets that nobody takes (unreachable, reset) are the caller's.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use super::error::{ErrorOrigin, IcmpArrival, SocketError, meaning_v4, meaning_v6};
use super::kinds::{Datagram, Options, PacketType};
use super::table::{Socket, Sockets};
use crate::units::{IfIndex, SimTime, SockId};
use crate::wire::{IpProtocol, Ipv4Packet, Ipv6ExtHeader, Ipv6Packet};

/// A whole packet (put together again, where it came in fragments) for this namespace.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'p> {
    /// The packet, from its IP header on.
    pub packet: &'p [u8],
    /// The device by which it came; the loopback for packets of our own.
    pub ifindex: IfIndex,
    /// For whom its frame was.
    pub packet_type: PacketType,
    /// Whether the destination is a broadcast address of a local network (multicast is seen here).
    pub broadcast: bool,
}

/// Who took a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Taken {
    /// A raw socket got a copy.
    pub raw: bool,
    /// The socket of the protocol took it, or its protocol has no sockets.
    pub socket: bool,
    /// The last socket that got it.
    pub by: Option<SockId>,
    /// A socket wanted it and had no room.
    pub full: bool,
}

impl Taken {
    /// Whether a socket wanted it.
    pub fn is_noted(&self) -> bool {
        self.by.is_some() || self.full
    }

    /// A socket got it, or had no room for it.
    fn note(&mut self, socket: SockId, got: bool) {
        match got {
            true => self.by = Some(socket),
            false => self.full = true,
        }
    }
}

/// What lookups need to know of a packet.
#[derive(Clone, Copy, Debug)]
struct Parsed<'p> {
    v6: bool,
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    ttl: u8,
    tos: u8,
    /// Behind the IP header and the extension headers.
    payload: &'p [u8],
    /// The IP header with its options (of IPv4).
    header: &'p [u8],
}

impl<'p> Parsed<'p> {
    /// Reads the headers; `whole` wants the packet to be as long as it says.
    fn new(packet: &'p [u8], whole: bool) -> Option<Self> {
        match packet.first()? >> 4 {
            4 => Self::v4(packet, whole),
            6 => Self::v6(packet, whole),
            _ => None,
        }
    }

    fn v4(packet: &'p [u8], whole: bool) -> Option<Self> {
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

    fn v6(packet: &'p [u8], whole: bool) -> Option<Self> {
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
    fn ports(&self) -> Option<(u16, u16)> {
        let ports = self.payload.get(..4)?;
        Some((
            u16::from_be_bytes([ports[0], ports[1]]),
            u16::from_be_bytes([ports[2], ports[3]]),
        ))
    }

    /// The packet without extension headers, as a socket's stack takes it.
    fn plain(&self, packet: &'p [u8]) -> std::borrow::Cow<'p, [u8]> {
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

    fn datagram(&self, arrival: &Arrival<'_>, bytes: Vec<u8>, now: SimTime) -> Datagram {
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
pub(super) fn scoped(ip: IpAddr, port: u16, ifindex: IfIndex) -> SocketAddr {
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

impl Sockets {
    /// Gives a packet to the raw sockets of its protocol, each a copy, and to the socket of
    /// its ports. Sockets with news are put behind `woken`.
    pub fn deliver(
        &mut self,
        now: SimTime,
        arrival: &Arrival<'_>,
        woken: &mut Vec<SockId>,
    ) -> Taken {
        let Some(parsed) = Parsed::new(arrival.packet, true) else {
            return Taken::default();
        };
        let mut taken = Taken::default();
        taken.raw = self.deliver_raw(now, arrival, &parsed, woken, &mut taken);
        taken.socket = match parsed.protocol {
            17 => self.deliver_udp(now, arrival, &parsed, woken, &mut taken),
            6 => false,
            _ => taken.raw,
        };
        taken
    }

    fn deliver_raw(
        &mut self,
        now: SimTime,
        arrival: &Arrival<'_>,
        parsed: &Parsed<'_>,
        woken: &mut Vec<SockId>,
        taken: &mut Taken,
    ) -> bool {
        let mut matched = false;
        for &id in &self.raws {
            let Some(socket) = self.sockets.get_mut(&id) else {
                continue;
            };
            if !raw_matches(socket, parsed, arrival.ifindex) {
                continue;
            }
            matched = true;
            if icmp_filtered(socket, parsed) {
                continue;
            }
            let plain = parsed.plain(arrival.packet);
            let Some(payload) = socket.stack.as_mut().and_then(|s| s.receive(now, &plain)) else {
                continue;
            };
            let bytes = match parsed.v6 {
                true => payload,
                // smoltcp's header has lost the TOS and the options: the packet's own goes in front.
                false => [parsed.header, &payload].concat(),
            };
            let got = socket.receive(parsed.datagram(arrival, bytes, now));
            taken.note(id, got);
            if got {
                woken.push(id);
            }
        }
        matched
    }

    fn deliver_udp(
        &mut self,
        now: SimTime,
        arrival: &Arrival<'_>,
        parsed: &Parsed<'_>,
        woken: &mut Vec<SockId>,
        taken: &mut Taken,
    ) -> bool {
        let Some((source, destination)) = parsed.ports() else {
            return true;
        };
        let from = SocketAddr::new(parsed.source, source);
        let to = SocketAddr::new(parsed.destination, destination);
        let everyone = arrival.broadcast || parsed.destination.is_multicast();
        let mut takers = self.lookup(17, from, to, arrival.ifindex, everyone);
        if !everyone {
            takers.truncate(1);
        }
        let found = !takers.is_empty();
        for id in takers {
            let Some(socket) = self.sockets.get_mut(&id) else {
                continue;
            };
            let plain = parsed.plain(arrival.packet);
            let Some(bytes) = socket.stack.as_mut().and_then(|s| s.receive(now, &plain)) else {
                continue;
            };
            let got = socket.receive(parsed.datagram(arrival, bytes, now));
            taken.note(id, got);
            if got {
                woken.push(id);
            }
        }
        // Nobody answers a multicast or a broadcast.
        found || everyone
    }

    /// The sockets that take a packet from `from` to `to`, the best match first
    /// (`__udp4_lib_lookup`, `compute_score`): connected before bound before wildcard.
    pub(super) fn lookup(
        &self,
        protocol: u8,
        from: SocketAddr,
        to: SocketAddr,
        ifindex: IfIndex,
        group: bool,
    ) -> Vec<SockId> {
        let Some(chain) = self.ports.get(&(protocol, to.port())) else {
            return Vec::new();
        };
        let mut found: Vec<(u32, SockId)> = chain
            .iter()
            .filter_map(|&id| {
                let socket = self.sockets.get(&id)?;
                score(socket, from, to.ip(), ifindex, group).map(|score| (score, id))
            })
            .collect();
        found.sort_by_key(|&(score, _)| std::cmp::Reverse(score));
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Tells the sockets that sent the quoted packet (`icmp_socket_deliver`, `icmpv6_notify`).
    pub fn icmp_error(&mut self, now: SimTime, arrival: &IcmpArrival<'_>, woken: &mut Vec<SockId>) {
        let Some(quoted) = Parsed::new(arrival.quoted, false) else {
            return;
        };
        for index in 0..self.raws.len() {
            let id = self.raws[index];
            let matches = self
                .sockets
                .get(&id)
                .is_some_and(|socket| raw_sent(socket, &quoted, arrival.ifindex));
            if matches {
                self.report(now, id, arrival, &quoted, 0, quoted.payload, woken);
            }
        }
        if quoted.protocol == 6 {
            return self.stream_icmp(arrival, &quoted);
        }
        if quoted.protocol != 17 {
            return;
        }
        let Some((source, destination)) = quoted.ports() else {
            return;
        };
        let from = SocketAddr::new(quoted.destination, destination);
        let to = SocketAddr::new(quoted.source, source);
        let takers = self.lookup(quoted.protocol, from, to, arrival.ifindex, false);
        if let Some(&id) = takers.first() {
            let payload = quoted.payload.get(8..).unwrap_or(&[]);
            self.report(now, id, arrival, &quoted, destination, payload, woken);
        }
    }

    /// A connection hears of an error (`tcp_v4_err`, `tcp_v6_err`); what it does about a smaller mtu it does
    /// when it sends next.
    fn stream_icmp(&mut self, arrival: &IcmpArrival<'_>, quoted: &Parsed<'_>) {
        let Some((source, destination)) = quoted.ports() else {
            return;
        };
        let local = scoped(quoted.source, source, arrival.ifindex);
        let remote = scoped(quoted.destination, destination, arrival.ifindex);
        let Some(stream) = self.tcp.between(local, remote) else {
            return;
        };
        let options = Options::default();
        let meaning = match (quoted.v6, arrival.kind, arrival.code) {
            (false, 3, 4) | (true, 2, _) => None,
            (false, kind, code) => meaning_v4(kind, code, &options),
            (true, kind, code) => meaning_v6(kind, code, &options),
        };
        if let Some(meaning) = meaning {
            self.stream_unreachable(stream, meaning.errno);
        }
        self.touched.push(stream);
    }

    /// One socket hears of an error (`raw_err`, `__udp4_lib_err`, and their IPv6 twins).
    #[expect(
        clippy::too_many_arguments,
        reason = "the message, the quoted packet and their place"
    )]
    fn report(
        &mut self,
        now: SimTime,
        id: SockId,
        arrival: &IcmpArrival<'_>,
        quoted: &Parsed<'_>,
        port: u16,
        payload: &[u8],
        woken: &mut Vec<SockId>,
    ) {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        let options = &socket.options;
        let meaning = match quoted.v6 {
            false => meaning_v4(arrival.kind, arrival.code, options),
            true => meaning_v6(arrival.kind, arrival.code, options),
        };
        let Some(meaning) = meaning else {
            return;
        };
        if options.recv_err {
            socket.errors.push(SocketError {
                errno: meaning.errno,
                origin: match quoted.v6 {
                    false => ErrorOrigin::Icmp,
                    true => ErrorOrigin::Icmp6,
                },
                kind: arrival.kind,
                code: arrival.code,
                info: arrival.info,
                offender: Some(arrival.offender),
                ttl: arrival.ttl,
                ifindex: arrival.ifindex,
                to: SocketAddr::new(quoted.destination, port),
                bytes: payload.to_vec(),
                at: now,
            });
        } else if socket.remote.is_none() || !meaning.hard {
            return;
        }
        socket.errors.pending = Some(meaning.errno);
        woken.push(id);
    }
}

/// Whether a raw socket takes a packet (`raw_v4_match`, `raw_v6_match`).
fn raw_matches(socket: &Socket, parsed: &Parsed<'_>, ifindex: IfIndex) -> bool {
    let local = socket.local.ip();
    socket.kind.protocol() == parsed.protocol
        && socket.kind.is_v6() == parsed.v6
        && socket
            .remote
            .is_none_or(|remote| remote.ip() == parsed.source)
        && (local.is_unspecified()
            || local == parsed.destination
            || parsed.destination.is_multicast())
        && socket.options.bound_dev.is_none_or(|dev| dev == ifindex)
}

/// Whether a raw socket may have sent the quoted packet.
fn raw_sent(socket: &Socket, quoted: &Parsed<'_>, ifindex: IfIndex) -> bool {
    let local = socket.local.ip();
    socket.kind.protocol() == quoted.protocol
        && socket.kind.is_v6() == quoted.v6
        && socket
            .remote
            .is_none_or(|remote| remote.ip() == quoted.destination)
        && (local.is_unspecified() || local == quoted.source)
        && socket.options.bound_dev.is_none_or(|dev| dev == ifindex)
}

/// Whether the ICMP filter of a raw socket blocks the packet (`icmp_filter`, `icmpv6_filter`).
fn icmp_filtered(socket: &Socket, parsed: &Parsed<'_>) -> bool {
    let Some(&kind) = parsed.payload.first() else {
        return matches!(parsed.protocol, 1 | 58);
    };
    match parsed.protocol {
        1 => kind < 32 && socket.options.icmp_filter & (1 << kind) != 0,
        58 => {
            let word = socket.options.icmp6_filter[usize::from(kind >> 5)];
            word & (1 << (kind & 31)) != 0
        }
        _ => false,
    }
}

/// How well a socket fits (`compute_score`); nothing where it does not. A group address
/// fits sockets bound to any address or to the group.
fn score(
    socket: &Socket,
    from: SocketAddr,
    to: IpAddr,
    ifindex: IfIndex,
    group: bool,
) -> Option<u32> {
    if socket.kind.is_v6() != to.is_ipv6() {
        return None;
    }
    let mut score = 1;
    let local = socket.local.ip();
    if !local.is_unspecified() {
        if local != to && !(group && socket.remote.is_some()) {
            return None;
        }
        score += 4;
    }
    if let Some(remote) = socket.remote {
        if remote.ip() != from.ip() || remote.port() != from.port() {
            return None;
        }
        score += 8;
    }
    if let Some(dev) = socket.options.bound_dev {
        if dev != ifindex {
            return None;
        }
        score += 4;
    }
    Some(score)
}

#[cfg(test)]
mod tests {
    use super::super::kinds::{SocketKind, SocketOption};
    use super::*;
    use crate::engine::Seed;
    use crate::units::{Arena, Errno};

    struct Bench {
        ids: Arena<SockId, ()>,
        sockets: Sockets,
        random: crate::engine::Random,
    }

    impl Bench {
        fn new() -> Self {
            Self {
                ids: Arena::default(),
                sockets: Sockets::new(crate::engine::Seed(1).stream("tcp")),
                random: Seed(0).stream("ports"),
            }
        }

        fn open(&mut self, kind: SocketKind) -> SockId {
            let id = self.ids.insert(());
            self.sockets.open(id, kind);
            id
        }

        fn bound(&mut self, kind: SocketKind, to: &str) -> SockId {
            let id = self.open(kind);
            let to = to.parse().expect("an address");
            self.sockets.bind(id, to, &mut self.random).expect("free");
            id
        }

        fn connected(&mut self, kind: SocketKind, to: &str, source: &str) -> SockId {
            let id = self.open(kind);
            let (to, source) = (to.parse().expect("to"), source.parse().expect("source"));
            self.sockets
                .connect(id, to, source, &mut self.random)
                .expect("connected");
            id
        }

        fn deliver(&mut self, packet: &[u8]) -> (Taken, Vec<SockId>) {
            let mut woken = Vec::new();
            let arrival = Arrival {
                packet,
                ifindex: 2,
                packet_type: PacketType::Host,
                broadcast: false,
            };
            let taken = self.sockets.deliver(SimTime::ZERO, &arrival, &mut woken);
            (taken, woken)
        }

        fn udp(&mut self, from: &str, to: &str) -> Vec<u8> {
            let from: SocketAddr = from.parse().expect("from");
            let mut far = Bench::new();
            let id = far.bound(SocketKind::Udp4, &from.to_string());
            far.sockets
                .compose(SimTime::ZERO, id, to.parse().expect("to"), from.ip(), b"hi")
                .expect("a packet")
        }
    }

    #[test]
    fn a_connected_socket_goes_before_a_bound_one_and_a_bound_one_before_the_wildcard() {
        let mut bench = Bench::new();
        let wildcard = bench.bound(SocketKind::Udp4, "0.0.0.0:53");
        let packet = bench.udp("10.0.0.2:4000", "10.0.0.1:53");
        assert_eq!(bench.deliver(&packet).1, [wildcard]);
        let id = bench.open(SocketKind::Udp4);
        let reuse = SocketOption::ReuseAddr(true);
        let to = "10.0.0.1:53".parse().expect("an address");
        assert_eq!(
            bench.sockets.bind(id, to, &mut bench.random),
            Err(Errno::Eaddrinuse)
        );
        bench.sockets.set(id, reuse).expect("open");
        bench.sockets.set(wildcard, reuse).expect("open");
        bench
            .sockets
            .bind(id, to, &mut bench.random)
            .expect("both reuse");
        assert_eq!(bench.deliver(&packet).1, [id]);
        let other = bench.udp("10.0.0.3:4000", "10.0.0.9:53");
        assert_eq!(bench.deliver(&other).1, [wildcard]);
        let far = "10.0.0.2:4000".parse().expect("an address");
        let source = "10.0.0.1".parse().expect("an address");
        bench
            .sockets
            .connect(wildcard, far, source, &mut bench.random)
            .expect("connected");
        assert_eq!(bench.deliver(&packet).1, [wildcard]);
        assert_eq!(
            bench.sockets.recv(wildcard).expect("a datagram").bytes,
            b"hi"
        );
    }

    #[test]
    fn nobody_at_the_port_is_for_the_caller_to_answer() {
        let mut bench = Bench::new();
        let packet = bench.udp("10.0.0.2:4000", "10.0.0.1:53");
        assert_eq!(bench.deliver(&packet).0, Taken::default());
    }

    #[test]
    fn every_raw_socket_gets_a_copy_with_the_header_as_it_came() {
        let mut bench = Bench::new();
        let first = bench.open(SocketKind::Raw4(1));
        let second = bench.open(SocketKind::Raw4(1));
        let udp = bench.open(SocketKind::Raw4(17));
        bench
            .sockets
            .set(first, SocketOption::Tos(0x10))
            .expect("open");
        let to = "10.0.0.1:0".parse().expect("an address");
        let source = "10.0.0.2".parse().expect("an address");
        let echo = [0, 0, 0, 0, 0, 1, 0, 1];
        let packet = bench
            .sockets
            .compose(SimTime::ZERO, first, to, source, &echo)
            .expect("a packet");
        assert_eq!(bench.deliver(&packet).1, [first, second]);
        assert_eq!(bench.sockets.recv(second).expect("a copy").bytes, packet);
        assert!(bench.sockets.recv(udp).is_none());
        bench
            .sockets
            .set(second, SocketOption::IcmpFilter(1))
            .expect("open");
        assert_eq!(bench.deliver(&packet).1, [first]);
    }

    #[test]
    fn a_quoted_datagram_finds_its_sender() {
        let mut bench = Bench::new();
        let id = bench.connected(SocketKind::Udp4, "10.0.0.2:33434", "10.0.0.1");
        bench
            .sockets
            .set(id, SocketOption::RecvErr(true))
            .expect("open");
        let local = bench.sockets.local(id).expect("bound");
        assert!((32_768..=60_999).contains(&local.port()));
        let quoted = bench
            .sockets
            .compose(
                SimTime::ZERO,
                id,
                "10.0.0.2:33434".parse().expect("to"),
                local.ip(),
                b"probe",
            )
            .expect("a packet");
        let arrival = IcmpArrival {
            kind: 11,
            code: 0,
            info: 0,
            offender: "10.0.0.254".parse().expect("an address"),
            ttl: 64,
            quoted: &quoted,
            ifindex: 2,
        };
        let mut woken = Vec::new();
        bench
            .sockets
            .icmp_error(SimTime::ZERO, &arrival, &mut woken);
        assert_eq!(woken, [id]);
        assert_eq!(bench.sockets.take_error(id), Some(Errno::Ehostunreach));
        let error = bench.sockets.recv_error(id).expect("queued");
        assert_eq!(
            (error.kind, error.to.port(), &error.bytes[..]),
            (11, 33_434, &b"probe"[..])
        );
    }

    #[test]
    fn a_clone_goes_its_own_way() {
        let mut bench = Bench::new();
        let id = bench.bound(SocketKind::Udp4, "0.0.0.0:53");
        let packet = bench.udp("10.0.0.2:4000", "10.0.0.1:53");
        bench.deliver(&packet);
        let mut fork = bench.sockets.clone();
        assert!(bench.sockets.recv(id).is_some() && bench.sockets.recv(id).is_none());
        assert_eq!(fork.recv(id).expect("kept in the fork").bytes, b"hi");
    }

    #[test]
    fn broken_packets_reach_nobody() {
        let mut bench = Bench::new();
        bench.open(SocketKind::Raw4(1));
        bench.open(SocketKind::Raw6(58));
        for len in 0..60 {
            for version in [0x40_u8, 0x45, 0x4f, 0x60, 0xf0] {
                let mut packet = vec![0xff; len];
                if let Some(first) = packet.first_mut() {
                    *first = version;
                }
                bench.deliver(&packet);
            }
        }
    }
}
