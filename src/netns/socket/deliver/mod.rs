//! To which sockets a packet goes that is for this namespace, and an ICMP message about one of ours.
//! Answers to packets that nobody takes (unreachable, reset) are the caller's.

mod parsed;

use std::net::{IpAddr, SocketAddr};

use self::parsed::Parsed;
pub(super) use self::parsed::scoped;
use super::error::{ErrorOrigin, IcmpArrival, SocketError, meaning_v4, meaning_v6};
use super::kinds::{Options, PacketType};
use super::table::{Socket, Sockets};
use crate::units::{IfIndex, SimTime, SockId};

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
            return self.stream_icmp(now, arrival, &quoted);
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
    fn stream_icmp(&mut self, now: SimTime, arrival: &IcmpArrival<'_>, quoted: &Parsed<'_>) {
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
            self.stream_unreachable(now, stream, meaning.errno);
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
mod tests;
