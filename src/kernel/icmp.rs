//! ICMP's way through a namespace: errors sent and taken, echo requests answered, refusals (icmp.c).
//! Which message is right is decided in `netns::ip::icmp`.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::engine::trace::{By, DropReason, Taker, Verdict};
use crate::kernel::decider::destination;
use crate::kernel::ipv4::Came;
use crate::kernel::world::World;
use crate::netns::conf::Conf4;
use crate::netns::facts::gateway4;
use crate::netns::fib::{Flow4, Links, Refusal, RouteType};
use crate::netns::filter::conntrack::answer_to;
use crate::netns::ip::icmp::{self, IcmpError};
use crate::netns::ip::options;
use crate::netns::ip::route::Way4;
use crate::netns::socket::{IcmpArrival, MtuDiscover, PacketType};
use crate::units::{Errno, NetnsId};
use crate::wire::ipv4::{self, IPPROTO_ICMP, IPPROTO_TCP, Ipv4Header, Ipv4View};
use crate::wire::{Frame, unsummed};

impl World {
    /// A packet that goes nowhere, and what its sender is told (`ip_error`).
    pub(crate) fn refuse_ipv4(&mut self, came: Came, packet: &Frame, refusal: Refusal) {
        let reason = match refusal {
            Refusal::MartianSource | Refusal::LocalSource => DropReason::IpInvalidSource,
            Refusal::ReversePath => DropReason::IpRpfilter,
            Refusal::MartianDestination | Refusal::NotJoined => DropReason::IpInvalidDest,
            Refusal::NoRoute(_) => DropReason::IpInnoroutes,
        };
        if self.watching {
            let by = self.refusal_by(came, packet, refusal);
            self.record_hop(came.dev, packet, Verdict::Dropped(reason), by);
        }
        let Refusal::NoRoute(errno) = refusal else {
            return;
        };
        let told = match errno {
            Errno::Ehostunreach => IcmpError::HOST_UNREACH,
            Errno::Enetunreach => IcmpError::NET_UNREACH,
            Errno::Eacces => IcmpError::PKT_FILTERED,
            _ => return,
        };
        let forwards = self
            .interface(came.dev)
            .is_some_and(|interface| interface.conf4.on(Conf4::Forwarding));
        if !forwards {
            return;
        }
        // `ip_error` has a limit of its own, from the same bucket as every other error.
        let now = self.now;
        let (src, limit) = (
            Ipv4View::new(packet.bytes()).map(Ipv4View::src),
            self.icmp_ratelimit(came.netns),
        );
        let allowed = match (self.netns.find_mut(came.netns), src) {
            (Some(ns), Some(src)) => ns.icmp_limit.allow_route_error(now, src, limit),
            _ => false,
        };
        if allowed {
            self.send_icmp_error(came.netns, packet, told, Some(came));
        }
    }

    /// What decided that a packet is refused.
    fn refusal_by(&self, came: Came, packet: &Frame, refusal: Refusal) -> Option<By> {
        let dst = destination(packet.bytes())?;
        let interface = self.interface(came.dev)?;
        match refusal {
            Refusal::LocalSource => Some(By::Setting("net.ipv4.conf.{dev}.accept_local", 0)),
            Refusal::NoRoute(_) if !interface.conf4.on(Conf4::Forwarding) => {
                let all = self.netns.find(came.netns)?.all4.on(Conf4::Forwarding);
                Some(match all {
                    false => By::Setting("net.ipv4.ip_forward", 0),
                    true => By::Setting("net.ipv4.conf.{dev}.forwarding", 0),
                })
            }
            Refusal::NoRoute(Errno::Ehostunreach) => Some(By::Route("unreachable", dst)),
            Refusal::NoRoute(Errno::Eacces) => Some(By::Route("prohibit", dst)),
            Refusal::NoRoute(Errno::Einval) => Some(By::Route("blackhole", dst)),
            Refusal::NoRoute(_) => Some(By::NoRoute(dst)),
            Refusal::MartianSource
            | Refusal::ReversePath
            | Refusal::MartianDestination
            | Refusal::NotJoined => None,
        }
    }

    pub(crate) fn icmp_ratelimit(&self, netns: NetnsId) -> Duration {
        let ms = self
            .netns
            .find(netns)
            .map_or(0, |ns| ns.sysctls.number("net.ipv4.icmp_ratelimit"));
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }

    /// There is a nearer gateway on the link where the packet came from (`ip_rt_send_redirect`).
    pub(crate) fn send_redirect(&mut self, came: Came, packet: &Frame, route: &Way4) {
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return;
        };
        let nearer = match route.gateway {
            Some(_) => match gateway4(route) {
                Some(gateway) => gateway,
                None => return,
            },
            None => view.dst(),
        };
        let (now, src) = (self.now, view.src());
        let allowed = self
            .netns
            .find_mut(came.netns)
            .is_some_and(|ns| ns.icmp_limit.allow_redirect(now, src));
        if allowed {
            self.send_icmp_error(
                came.netns,
                packet,
                IcmpError::redirect_host(nearer),
                Some(came),
            );
        }
    }

    /// Sends an ICMP error about a packet to its source (`__icmp_send`). `came` says where the packet came
    /// in; nothing for one that was to leave.
    pub(crate) fn send_icmp_error(
        &mut self,
        netns: NetnsId,
        packet: &Frame,
        error: IcmpError,
        came: Option<Came>,
    ) {
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return;
        };
        let link_host = came.is_none_or(|came| came.for_whom == PacketType::Host);
        if !link_host || !icmp::deserves_error(view) {
            return;
        }
        let (now, dst) = (self.now, view.src());
        let Some(ns) = self.netns.find(netns) else {
            return;
        };
        // The error would come from an address that is another's, and so it cannot be sent.
        if packet.is_for_here() && ns.fib.v4.local_device(view.dst()).is_none() {
            return;
        }
        let facts = ns.facts(now);
        let odd = |addr: Ipv4Addr| {
            !matches!(
                ns.fib.v4.address_kind(addr),
                RouteType::Unicast | RouteType::Local
            )
        };
        if odd(view.dst()) || dst.is_unspecified() || odd(dst) {
            return;
        }
        let tos = (view.tos() & 0x1e) | 0xc0;
        let flow = Flow4 {
            src: facts.icmp_source(view).unwrap_or(Ipv4Addr::UNSPECIFIED),
            tos,
            proto: IPPROTO_ICMP,
            ..Flow4::to(dst)
        };
        let Ok(route) = facts.route_output4(&flow) else {
            return;
        };
        let limit = self.icmp_ratelimit(netns);
        let mask = ns.sysctls.number("net.ipv4.icmp_ratemask");
        let limited = mask & (1 << error.kind) != 0 && !facts.links.is_loopback(route.oif);
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        if limited && !ns.icmp_limit.allow(now, dst, limit) {
            return;
        }
        // It quotes what there is, a sum that is still to be added up included.
        let seen = unsummed::as_captured(packet);
        let message = icmp::error_message(seen.as_deref().unwrap_or(packet.bytes()), error);
        let header = Ipv4Header {
            src: route.src,
            dst,
            protocol: IPPROTO_ICMP,
            ttl: ns.default_ttl(),
            tos,
            id: 0,
            dont_fragment: false,
            router_alert: false,
        };
        let mut reply = message;
        header.push(&mut reply);
        reply.ct = answer_to(packet.ct);
        // Nobody waits for what the driver says of it.
        let _ = self.output_ipv4(netns, reply, &route, MtuDiscover::Dont);
    }

    /// An ICMP message for us (`icmp_rcv`).
    /// `noted` where a socket has got it already.
    pub(crate) fn receive_icmp(
        &mut self,
        came: Came,
        packet: &Frame,
        kind: RouteType,
        noted: bool,
    ) {
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return;
        };
        let message = view.payload();
        if message.len() < 8 {
            return self.lose(came.dev, packet, DropReason::PktTooSmall);
        }
        if ipv4::checksum(message) != 0 {
            return self.lose(came.dev, packet, DropReason::IcmpCsum);
        }
        let (icmp_type, code) = (message[0], message[1]);
        match icmp_type {
            icmp::ICMP_ECHO => match self.ignores_echo(came.netns, kind) {
                Some(setting) => {
                    let by = || By::Setting(setting, 1);
                    self.lose_by(came.dev, packet, DropReason::IcmpEchoIgnored, by);
                }
                None => self.answer_echo(came, packet, view, kind),
            },
            _ if icmp::is_error(icmp_type) => {
                self.hop(came.dev, packet, Verdict::Taken(Taker::Protocol("ICMP")));
                let info = u32::from_be_bytes([message[4], message[5], message[6], message[7]]);
                self.take_icmp_error(came, view, icmp_type, code, info, &message[8..]);
            }
            _ if noted => {}
            icmp::ICMP_ECHOREPLY => self.lose(came.dev, packet, DropReason::NoSocket),
            _ => self.lose(came.dev, packet, DropReason::UnhandledProto),
        }
    }

    /// The setting that says not to answer an echo request.
    fn ignores_echo(&self, netns: NetnsId, kind: RouteType) -> Option<&'static str> {
        let hot = self.netns.find(netns)?.sysctls.hot();
        let shared = kind != RouteType::Local;
        match (hot.echo_ignore_all, shared && hot.echo_ignore_broadcasts) {
            (true, _) => Some("net.ipv4.icmp_echo_ignore_all"),
            (_, true) => Some("net.ipv4.icmp_echo_ignore_broadcasts"),
            _ => None,
        }
    }

    /// Answers an echo request in place (`icmp_echo`, `icmp_reply`).
    fn answer_echo(&mut self, came: Came, packet: &Frame, request: Ipv4View<'_>, kind: RouteType) {
        let now = self.now;
        let Some(ns) = self.netns.find(came.netns) else {
            return;
        };
        let shared = kind != RouteType::Local;
        let flow = Flow4 {
            src: if shared {
                Ipv4Addr::UNSPECIFIED
            } else {
                request.dst()
            },
            tos: request.tos(),
            proto: IPPROTO_ICMP,
            ..Flow4::to(request.src())
        };
        let (ttl, way) = (ns.default_ttl(), ns.facts(now).route_output4(&flow));
        if self.watching {
            let by = way.is_err().then(|| By::NoRoute(request.src().into()));
            let taken = Verdict::Taken(Taker::Protocol("ICMP"));
            self.record_hop(came.dev, packet, taken, by);
        }
        let Ok(route) = way else {
            return;
        };
        let mut reply = Frame::new(request.payload());
        icmp::turn_into_reply(reply.bytes_mut());
        let header = Ipv4Header {
            src: route.src,
            dst: request.src(),
            protocol: IPPROTO_ICMP,
            ttl,
            tos: request.tos(),
            id: 0,
            dont_fragment: false,
            router_alert: false,
        };
        header.push(&mut reply);
        if let Some(recorded) = options::of(request.bytes()) {
            let mut bytes = options::insert(reply.bytes(), &options::echo(recorded));
            options::record(&mut bytes, route.src, now);
            reply = Frame::new(&bytes);
        }
        let _ = self.output_ipv4(came.netns, reply, &route, MtuDiscover::Dont);
    }

    /// An error about a packet of ours: the path's mtu or gateway is learned, then its socket is told.
    pub(crate) fn take_icmp_error(
        &mut self,
        came: Came,
        outer: Ipv4View<'_>,
        kind: u8,
        code: u8,
        info: u32,
        quoted: &[u8],
    ) {
        let Some(inner) = Ipv4View::new(quoted) else {
            return;
        };
        let mut told = info;
        if kind == icmp::ICMP_DEST_UNREACH && code == 4 {
            told = info & 0xffff;
            let flow = Flow4 {
                src: inner.src(),
                tos: inner.tos(),
                proto: inner.protocol(),
                ..Flow4::to(inner.dst())
            };
            self.learn_mtu4(came.netns, &flow, told);
        }
        if kind == icmp::ICMP_REDIRECT {
            self.learn_redirect4(
                came.netns,
                came.ifindex,
                outer.src(),
                inner.dst(),
                Ipv4Addr::from_bits(info),
            );
        }
        if kind == icmp::ICMP_PARAMETERPROB {
            told = info >> 24;
        }
        let arrival = IcmpArrival {
            kind,
            code,
            info: told,
            offender: outer.src().into(),
            ttl: outer.ttl(),
            quoted,
            ifindex: came.ifindex,
        };
        self.tell_sockets(came.netns, &arrival);
    }

    /// Answers a TCP segment that nobody takes with a reset (`tcp_v4_send_reset`).
    pub(crate) fn refuse_tcp(&mut self, came: Came, packet: &Frame) {
        self.lose(came.dev, packet, DropReason::NoSocket);
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return;
        };
        let Some(mut reset) =
            crate::netns::ip::reset::answer(view.src().into(), view.dst().into(), view.payload())
        else {
            return;
        };
        let Some(ns) = self.netns.find(came.netns) else {
            return;
        };
        let flow = Flow4 {
            src: view.dst(),
            tos: view.tos(),
            proto: IPPROTO_TCP,
            ..Flow4::to(view.src())
        };
        let Ok(route) = ns.facts(self.now).route_output4(&flow) else {
            return;
        };
        let header = Ipv4Header {
            src: view.dst(),
            dst: view.src(),
            protocol: IPPROTO_TCP,
            ttl: ns.default_ttl(),
            tos: view.tos(),
            id: 0,
            dont_fragment: true,
            router_alert: false,
        };
        header.push(&mut reset);
        let _ = self.output_atomic(came.netns, reset, &route);
    }
}
