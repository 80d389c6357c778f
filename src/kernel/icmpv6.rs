//! ICMPv6 of a namespace: errors that it sends, echoes, messages that come in (icmp.c of net/ipv6).
//! Neighbour discovery is in `ndisc`.

use std::net::Ipv6Addr;
use std::time::Duration;

use crate::engine::trace::{By, DropReason, Taker, Verdict};
use crate::kernel::ipv4::Came;
use crate::kernel::world::World;
use crate::netns::fib::{Flow6, Links};
use crate::netns::filter::conntrack::answer_to;
use crate::netns::socket::{IcmpArrival, MtuDiscover, PacketType};
use crate::netns::v6::extension;
use crate::netns::v6::icmp::{
    self, DEST_UNREACH, ECHO_REPLY, ECHO_REQUEST, Icmp6Error, MLD_DONE, MLD_QUERY, MLD_REPORT,
    NDISC_FIRST, NDISC_LAST, PARAMPROB, PKT_TOOBIG, TIME_EXCEED,
};
use crate::units::{IfIndex, NetnsId};
use crate::wire::ipv6::{
    IPPROTO_ICMPV6, Ipv6Header, Ipv6View, fill_icmpv6_checksum, icmpv6_checksum_is_right,
};
use crate::wire::{Frame, unsummed};

/// ICMPv6 itself takes a message.
const TAKEN: Verdict = Verdict::Taken(Taker::Protocol("ICMPv6"));

impl World {
    /// Sends an error about a packet that came in.
    pub(crate) fn answer_icmp6(&mut self, came: Came, packet: &Frame, error: Icmp6Error) {
        self.send_icmp6_error(came.netns, came.ifindex, packet, error, Some(came.for_whom));
    }

    /// Sends an error about a packet at a device to its source (`icmp6_send`). `for_whom` is nothing
    /// for a packet that was to leave by the device.
    pub(crate) fn send_icmp6_error(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        packet: &Frame,
        error: Icmp6Error,
        for_whom: Option<PacketType>,
    ) {
        let Some(view) = Ipv6View::new(packet.bytes()) else {
            return;
        };
        let (from, to) = (view.src(), view.dst());
        let to_group = to.is_multicast() || for_whom.is_some_and(|whom| whom != PacketType::Host);
        if to_group && !error.answers_groups() {
            return;
        }
        if from.is_unspecified() || from.is_multicast() || !icmp::deserves_error(packet.bytes()) {
            return;
        }
        let now = self.now;
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        let facts = ns.facts(now);
        let own = facts.icmp_source6(to, ifindex).filter(|_| !to_group);
        let flow = Flow6 {
            src: own.unwrap_or(std::net::Ipv6Addr::UNSPECIFIED),
            oif: if from.is_unicast_link_local() {
                ifindex
            } else {
                0
            },
            proto: IPPROTO_ICMPV6,
            ..Flow6::to(from)
        };
        let Ok(way) = facts.route_output6(&flow) else {
            return;
        };
        let here = facts.interface(way.oif).is_some_and(|i| i.loopback);
        let mask = ns.sysctls.text("net.ipv6.icmp.ratemask").unwrap_or("");
        let limited = !here && icmp::is_limited(mask, error.kind);
        let ms = u64::try_from(ns.sysctls.number("net.ipv6.icmp.ratelimit")).unwrap_or(0);
        // Wider prefixes have more room (`icmpv6_xrlim_allow`).
        let narrower = u32::from(128 - way.prefix_len.min(128)) >> 5;
        let limit = Duration::from_millis(ms) / (1 << narrower);
        if limited && !ns.icmp_limit.allow(now, from, limit) {
            return;
        }
        // It quotes what there is, a sum that is still to be added up included.
        let seen = unsummed::as_captured(packet);
        let mut message = icmp::error_message(seen.as_deref().unwrap_or(packet.bytes()), error);
        fill_icmpv6_checksum(&mut message, way.src, from);
        let header = Ipv6Header {
            src: way.src,
            dst: from,
            next_header: IPPROTO_ICMPV6,
            hop_limit: way.hop_limit,
            traffic_class: 0,
        };
        header.push(&mut message);
        message.ct = answer_to(packet.ct);
        // Nobody waits for what the driver says of it.
        let _ = self.output_ipv6(netns, message, &way, MtuDiscover::Want);
    }

    /// An ICMPv6 message for us, which begins at `at` (`icmpv6_rcv`).
    /// `noted` where a socket has got it already.
    pub(crate) fn receive_icmpv6(&mut self, came: Came, packet: &Frame, at: usize, noted: bool) {
        let Some(view) = Ipv6View::new(packet.bytes()) else {
            return;
        };
        let message = packet.bytes().get(at..).unwrap_or_default();
        let Some(&[kind, code, _, _, a, b, c, d]) = message.first_chunk() else {
            return self.lose(came.dev, packet, DropReason::PktTooSmall);
        };
        if !icmpv6_checksum_is_right(view.src(), view.dst(), message) {
            return self.lose(came.dev, packet, DropReason::IcmpCsum);
        }
        match kind {
            ECHO_REQUEST => match self.ignores_echo6(came.netns, view.dst()) {
                Some(setting) => {
                    let by = || By::Setting(setting, 1);
                    self.lose_by(came.dev, packet, DropReason::IcmpEchoIgnored, by);
                }
                None => self.answer_echo6(came, packet, view, message),
            },
            DEST_UNREACH | PKT_TOOBIG | TIME_EXCEED | PARAMPROB => {
                self.hop(came.dev, packet, TAKEN);
                let info = u32::from_be_bytes([a, b, c, d]);
                self.take_icmp6_error(came, view, (kind, code, info), message);
            }
            MLD_QUERY | MLD_REPORT | MLD_DONE => self.receive_mld(came, packet, at),
            NDISC_FIRST..=NDISC_LAST => self.receive_ndisc(came, packet, at, false),
            // Other errors are passed on too, other information is not.
            0..=127 => {
                self.hop(came.dev, packet, TAKEN);
                self.take_icmp6_error(came, view, (kind, code, 0), message);
            }
            _ if noted => {}
            ECHO_REPLY => self.lose(came.dev, packet, DropReason::NoSocket),
            _ => self.lose(came.dev, packet, DropReason::UnhandledProto),
        }
    }

    /// The setting that says not to answer an echo request.
    fn ignores_echo6(&self, netns: NetnsId, to: Ipv6Addr) -> Option<&'static str> {
        let ns = self.netns.find(netns)?;
        let on = |key: &'static str| (ns.sysctls.number(key) != 0).then_some(key);
        let own = || !to.is_multicast() && ns.links().has_addr6(to, None);
        on("net.ipv6.icmp.echo_ignore_all").or_else(|| match to.is_multicast() {
            true => on("net.ipv6.icmp.echo_ignore_multicast"),
            false => on("net.ipv6.icmp.echo_ignore_anycast").filter(|_| !own()),
        })
    }

    /// Answers an echo request in place (`icmpv6_echo_reply`).
    fn answer_echo6(&mut self, came: Came, packet: &Frame, request: Ipv6View<'_>, message: &[u8]) {
        let now = self.now;
        let Some(ns) = self.netns.find(came.netns) else {
            return;
        };
        let on = |key| ns.sysctls.number(key) != 0;
        let (from, to) = (request.src(), request.dst());
        let facts = ns.facts(now);
        let unicast = !to.is_multicast() && facts.links.has_addr6(to, None);
        let anycast = !to.is_multicast() && !unicast;
        let as_asked = unicast || (anycast && on("net.ipv6.anycast_src_echo_reply"));
        let flow = Flow6 {
            src: if as_asked {
                to
            } else {
                std::net::Ipv6Addr::UNSPECIFIED
            },
            oif: came.ifindex,
            proto: IPPROTO_ICMPV6,
            ..Flow6::to(from)
        };
        let way = facts.route_output6(&flow);
        if self.watching {
            let by = way.is_err().then(|| By::NoRoute(from.into()));
            self.record_hop(came.dev, packet, TAKEN, by);
        }
        let Ok(way) = way else {
            return;
        };
        let mut reply = Frame::new(message);
        if let Some(kind) = reply.bytes_mut().first_mut() {
            *kind = ECHO_REPLY;
        }
        fill_icmpv6_checksum(&mut reply, way.src, from);
        let header = Ipv6Header {
            src: way.src,
            dst: from,
            next_header: IPPROTO_ICMPV6,
            hop_limit: way.hop_limit,
            traffic_class: request.traffic_class(),
        };
        header.push(&mut reply);
        // Nobody waits for what the driver says of it.
        let _ = self.output_ipv6(came.netns, reply, &way, MtuDiscover::Want);
    }

    /// An error about a packet of ours: the path's mtu is learned, then its socket is told (`icmpv6_notify`).
    fn take_icmp6_error(
        &mut self,
        came: Came,
        view: Ipv6View<'_>,
        (kind, code, info): (u8, u8, u32),
        message: &[u8],
    ) {
        let quoted = message.get(8..).unwrap_or_default();
        let Some(inner) = Ipv6View::new(quoted) else {
            return;
        };
        if kind == PKT_TOOBIG {
            let near = inner.dst().is_unicast_link_local();
            let flow = Flow6 {
                src: inner.src(),
                oif: if near { came.ifindex } else { 0 },
                proto: extension::upper(quoted).map_or(0, |(protocol, _)| protocol),
                ..Flow6::to(inner.dst())
            };
            self.learn_mtu6(came.netns, &flow, info);
        }
        let arrival = IcmpArrival {
            kind,
            code,
            info,
            offender: view.src().into(),
            ttl: view.hop_limit(),
            quoted,
            ifindex: came.ifindex,
        };
        self.tell_sockets(came.netns, &arrival);
    }
}
