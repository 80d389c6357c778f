//! The way of an IPv6 packet through a namespace (ip6_input.c, ip6_output.c).
//! Each decision is made in `netns::v6`; ICMPv6 is in `icmpv6`, neighbour discovery in `ndisc`.

use std::net::Ipv6Addr;

use crate::engine::trace::{By, DropReason, Verdict, Wait};
use crate::kernel::decider::destination;
use crate::kernel::hook::At;
use crate::kernel::ipv4::Came;
use crate::kernel::timer::Timer;
use crate::kernel::tx::LOOPBACK_CROSSING;
use crate::kernel::world::{Event, World};
use crate::netns::conf::Conf6;
use crate::netns::fib::{Flow6, IPV6_MIN_MTU, RouteType};
use crate::netns::filter::rule::Family;
use crate::netns::filter::tables::Hook;
use crate::netns::ip::route::Way6;
use crate::netns::socket::{MtuDiscover, PacketType};
use crate::netns::sysctl::Hot;
use crate::netns::v6::extension::{self, BAD_NEXT_HEADER, Carried, Fault};
use crate::netns::v6::fragment;
use crate::netns::v6::icmp::{Icmp6Error, NDISC_FIRST, NDISC_LAST};
use crate::units::{DevId, Errno, MacAddr, NetnsId};
use crate::wire::Frame;
use crate::wire::ipv4::{IPPROTO_TCP, IPPROTO_UDP};
use crate::wire::ipv6::{
    self, IPPROTO_HOPOPTS, IPPROTO_ICMPV6, IPPROTO_NONE, Ipv6Fault, Ipv6Header, Ipv6View,
};

/// The group of a frame to an IPv6 group whose headers are such that nobody would be told of a fault in them: where
/// nobody listens to it the frame just ends. Most copies of a flood do.
#[inline]
pub(crate) fn quiet_group(bytes: &[u8]) -> Option<MacAddr> {
    let [
        0x33,
        0x33,
        a,
        b,
        c,
        d,
        _,
        _,
        _,
        _,
        _,
        _,
        0x86,
        0xdd,
        head @ ..,
    ]: &[u8; 62] = bytes.first_chunk()?
    else {
        return None;
    };
    // Without hop-by-hop options, or with the router alert of a listener report (RFC 3810, 5).
    let harmless = head[6] != IPPROTO_HOPOPTS || head[40..] == ROUTER_ALERT;
    let same = head[24] == 0xff && head[36..40] == [*a, *b, *c, *d];
    (harmless && same).then_some(MacAddr([0x33, 0x33, *a, *b, *c, *d]))
}

/// Hop-by-hop options of a listener report: ICMPv6 next, a router alert of value 0, and padding.
const ROUTER_ALERT: [u8; 8] = [IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0];

impl World {
    /// A packet has come to a device (`ipv6_rcv`, `ip6_rcv_core`).
    pub(crate) fn receive_ipv6(&mut self, dev: DevId, mut packet: Frame, for_whom: PacketType) {
        let Some((netns, ifindex)) = self.place_of(dev) else {
            return;
        };
        if for_whom == PacketType::OtherHost {
            return self.lose(dev, &packet, DropReason::Otherhost);
        }
        let Some(interface) = self.interface(dev).filter(|i| i.has_ipv6()) else {
            return self.lose(dev, &packet, DropReason::Ipv6Disabled);
        };
        let loopback = interface.loopback;
        if let Err(fault) = ipv6::check(&mut packet) {
            let reason = match fault {
                Ipv6Fault::Truncated => DropReason::PktTooSmall,
                Ipv6Fault::Header => DropReason::IpInhdr,
            };
            return self.lose(dev, &packet, reason);
        }
        let came = Came {
            netns,
            dev,
            ifindex,
            for_whom,
        };
        if let Err(reason) = self.check_addresses6(came, &packet, loopback) {
            return self.lose(dev, &packet, reason);
        }
        let most = self.options_max(netns, |hot| hot.hop_options_max);
        match extension::hop_by_hop(packet.bytes(), most) {
            Ok(_) if self.is_hooked(netns, Family::V6, Hook::PreRouting) => {
                self.receive_hooked6(came, packet);
            }
            Ok(_) => self.route_ipv6(came, packet),
            Err(fault) => self.refuse_headers6(came, &packet, fault),
        }
    }

    /// Shows a packet to what stands at the first hook.
    #[cold]
    fn receive_hooked6(&mut self, came: Came, mut packet: Frame) {
        let at = At::incoming(Family::V6, Hook::PreRouting, came);
        // Its bridge may have shown it already.
        if self.bridge_port_in.is_some() || self.at_hook(&at, &mut packet).is_some() {
            self.route_ipv6(came, packet);
        }
    }

    /// Addresses that no packet from a link may have.
    fn check_addresses6(
        &self,
        came: Came,
        packet: &Frame,
        loopback: bool,
    ) -> Result<(), DropReason> {
        let view = Ipv6View::new(packet.bytes()).ok_or(DropReason::PktTooSmall)?;
        let (src, dst) = (view.src(), view.dst());
        if (src.is_loopback() || dst.is_loopback()) && !loopback {
            return Err(DropReason::IpLocalnet);
        }
        if src.is_multicast() {
            return Err(DropReason::IpInvalidSource);
        }
        if dst.is_multicast() {
            let from_here = loopback || came.for_whom == PacketType::Loopback;
            return match scope_of_group(dst) {
                0 => Err(DropReason::IpInvalidDest),
                1 if !from_here => Err(DropReason::IpInvalidDest),
                _ => Ok(()),
            };
        }
        let shared = matches!(came.for_whom, PacketType::Broadcast | PacketType::Multicast);
        let strict = self
            .interface(came.dev)
            .is_some_and(|interface| interface.conf6.on(Conf6::DropUnicastInL2Multicast));
        match shared && strict {
            true => Err(DropReason::IpInvalidDest),
            false => Ok(()),
        }
    }

    fn options_max(&self, netns: NetnsId, of: impl Fn(Hot) -> u32) -> usize {
        let most = self.netns.find(netns).map_or(0, |ns| of(ns.sysctls.hot()));
        usize::try_from(most).unwrap_or(usize::MAX)
    }

    fn refuse_headers6(&mut self, came: Came, packet: &Frame, fault: Fault) {
        match fault {
            Fault::Problem(code, pointer) => {
                self.lose(came.dev, packet, DropReason::IpInhdr);
                self.answer_icmp6(came, packet, Icmp6Error::problem(code, pointer));
            }
            Fault::Dropped(reason) => self.lose(came.dev, packet, reason),
        }
    }

    /// Delivers, forwards or refuses (`ip6_rcv_finish`).
    fn route_ipv6(&mut self, mut came: Came, packet: Frame) {
        let now = self.now;
        let (Some(ns), Some(view)) = (self.netns.find(came.netns), Ipv6View::new(packet.bytes()))
        else {
            return;
        };
        let facts = ns.facts(now);
        let loopback = facts.interface(came.ifindex).is_some_and(|i| i.loopback);
        let flow = Flow6 {
            src: view.src(),
            // What comes round the loopback has been routed already: its device is that of the address.
            iif: if loopback { 0 } else { came.ifindex },
            mark: packet.mark,
            tos: view.traffic_class(),
            proto: view.next_header(),
            ..Flow6::to(view.dst())
        };
        if view.dst().is_multicast() {
            return match facts.listens6(came.ifindex, view.dst()) {
                true => self.deliver_ipv6(came, packet),
                false => self.lose(came.dev, &packet, DropReason::IpInvalidDest),
            };
        }
        match facts.route_input6(&flow) {
            Ok(way) if way.is_local() => {
                if loopback {
                    came.ifindex = way.dev;
                }
                self.deliver_ipv6(came, packet);
            }
            Ok(way) => self.forward_ipv6(came, packet, &way),
            Err(errno) => self.refuse_ipv6(came, &packet, errno),
        }
    }

    /// A packet that goes nowhere, and what its sender is told (`ip6_pkt_drop`).
    fn refuse_ipv6(&mut self, came: Came, packet: &Frame, errno: Errno) {
        if self.watching {
            let by = destination(packet.bytes()).map(|dst| match errno {
                Errno::Eacces => By::Route("prohibit", dst),
                Errno::Einval => By::Route("blackhole", dst),
                Errno::Ehostunreach => By::Route("unreachable", dst),
                _ => By::NoRoute(dst),
            });
            let reason = Verdict::Dropped(DropReason::IpInnoroutes);
            self.record_hop(came.dev, packet, reason, by);
        }
        match errno {
            Errno::Eacces => self.answer_icmp6(came, packet, Icmp6Error::ADM_PROHIBITED),
            // A blackhole says nothing.
            Errno::Einval => {}
            _ => self.answer_icmp6(came, packet, Icmp6Error::NO_ROUTE),
        }
    }

    /// A packet for us (`ip6_input`).
    fn deliver_ipv6(&mut self, came: Came, mut packet: Frame) {
        if self.is_hooked(came.netns, Family::V6, Hook::Input) {
            let at = At::incoming(Family::V6, Hook::Input, came);
            if self.at_hook(&at, &mut packet).is_none() {
                return;
            }
        }
        self.open_headers6(came, packet);
    }

    /// Header by header to what a packet carries (`ip6_protocol_deliver_rcu`).
    fn open_headers6(&mut self, came: Came, packet: Frame) {
        let most = self.options_max(came.netns, |hot| hot.destination_options_max);
        match extension::walk(packet.bytes(), most) {
            Ok(Carried::Upper {
                protocol,
                at,
                named_at,
            }) => self.deliver_upper6(came, packet, protocol, at, named_at),
            Ok(Carried::Fragment { at, named_at }) => {
                self.reassemble6(came, packet, (at, named_at));
            }
            Err(fault) => self.refuse_headers6(came, &packet, fault),
        }
    }

    fn reassemble6(&mut self, came: Came, packet: Frame, places: (usize, usize)) {
        let now = self.now;
        let Some(ns) = self.netns.find_mut(came.netns) else {
            return;
        };
        let copy = packet.clone();
        let taken = ns.reassembly6.insert(now, came.ifindex, packet, places);
        if let Some(next) = ns.reassembly6.next_timer() {
            self.arm(next, Timer::Reassembly6(came.netns));
        }
        match taken {
            Ok(Some(whole)) => {
                let mut whole = whole.continues(&copy);
                self.pass(came.dev, &mut whole, |_| Verdict::Reassembled);
                let nested = matches!(
                    extension::walk(whole.bytes(), usize::MAX),
                    Ok(Carried::Fragment { .. })
                );
                if nested {
                    return self.lose(came.dev, &whole, DropReason::IpInhdr);
                }
                self.open_headers6(came, whole);
            }
            Ok(None) => self.hop(came.dev, &copy, Verdict::Queued(Wait::Fragments)),
            Err(fault) => self.refuse_headers6(came, &copy, fault),
        }
    }

    /// Fragments that did not come in time (`ip6frag_expire_frag_queue`).
    pub(crate) fn run_reassembly6(&mut self, netns: NetnsId) {
        let now = self.now;
        while let Some(expired) = self
            .netns
            .find_mut(netns)
            .and_then(|ns| ns.reassembly6.expire(now))
        {
            let (Some(first), Some(dev)) = (expired.first, self.dev_at(netns, expired.ifindex))
            else {
                continue;
            };
            self.lose(dev, &first, DropReason::FragReasmTimeout);
            let came = Came {
                netns,
                dev,
                ifindex: expired.ifindex,
                for_whom: PacketType::Host,
            };
            self.answer_icmp6(came, &first, Icmp6Error::FRAGTIME);
        }
        let ns = self.netns.find(netns);
        if let Some(next) = ns.and_then(|ns| ns.reassembly6.next_timer()) {
            self.arm(next, Timer::Reassembly6(netns));
        }
    }

    /// To the raw sockets and the protocol above.
    fn deliver_upper6(
        &mut self,
        came: Came,
        mut packet: Frame,
        protocol: u8,
        at: usize,
        named_at: usize,
    ) {
        self.pass(came.dev, &mut packet, |_| Verdict::Delivered);
        if self.has_tunnels() && protocol == IPPROTO_UDP {
            let Some(not_theirs) = self.receive_tunnel6(came, packet, at) else {
                return;
            };
            packet = not_theirs;
        }
        let taken = self.deliver_to_sockets(came, packet.bytes(), false);
        self.tell_taken(came.dev, &packet, taken);
        match protocol {
            IPPROTO_ICMPV6 => self.receive_icmpv6(came, &packet, at, taken.by.is_some()),
            IPPROTO_UDP if taken.is_noted() => {}
            // Nobody answers a multicast that no socket takes.
            IPPROTO_UDP if taken.socket => self.lose(came.dev, &packet, DropReason::NoSocket),
            IPPROTO_UDP => {
                self.lose(came.dev, &packet, DropReason::NoSocket);
                self.answer_icmp6(came, &packet, Icmp6Error::PORT_UNREACH);
            }
            IPPROTO_TCP => self.receive_tcp6(came, &packet, at),
            _ if taken.raw => {}
            IPPROTO_NONE => self.lose(came.dev, &packet, DropReason::IpNoproto),
            _ => {
                self.lose(came.dev, &packet, DropReason::IpNoproto);
                let pointer = u32::try_from(named_at).unwrap_or(u32::MAX);
                let problem = Icmp6Error::problem(BAD_NEXT_HEADER, pointer);
                self.answer_icmp6(came, &packet, problem);
            }
        }
    }

    /// On to another device (`ip6_forward`).
    fn forward_ipv6(&mut self, came: Came, mut packet: Frame, way: &Way6) {
        let (Some(ns), Some(view)) = (self.netns.find(came.netns), Ipv6View::new(packet.bytes()))
        else {
            return;
        };
        let forced = ns
            .interfaces
            .get(&came.ifindex)
            .is_some_and(|i| i.conf6.on(Conf6::ForceForwarding));
        if !ns.all6.on(Conf6::Forwarding) && !forced {
            return self.lose(came.dev, &packet, DropReason::IpInnoroutes);
        }
        if came.for_whom != PacketType::Host {
            return self.lose(came.dev, &packet, DropReason::IpInvalidDest);
        }
        let (src, dst) = (view.src(), view.dst());
        if view.hop_limit() <= 1 {
            self.lose(came.dev, &packet, DropReason::TtlExceeded);
            return self.answer_icmp6(came, &packet, Icmp6Error::HOP_LIMIT);
        }
        match self.proxied6(came, &packet, dst) {
            Proxied::No => {}
            Proxied::ForUs => return self.deliver_ipv6(came, packet),
            Proxied::Lost => return self.lose(came.dev, &packet, DropReason::IpInvalidDest),
        }
        if way.oif == came.ifindex {
            self.send_redirect6(came, &packet, way);
        } else if src.is_unspecified() || src.is_loopback() {
            return self.lose(came.dev, &packet, DropReason::IpInvalidSource);
        } else if src.is_unicast_link_local() {
            self.lose(came.dev, &packet, DropReason::IpInvalidSource);
            return self.answer_icmp6(came, &packet, Icmp6Error::NOT_NEIGHBOUR);
        }
        let mtu = way.mtu.max(IPV6_MIN_MTU);
        if packet.len() > mtu as usize {
            self.lose_by(came.dev, &packet, DropReason::PktTooBig, || By::Mtu(mtu));
            return self.answer_icmp6(came, &packet, Icmp6Error::too_big(mtu));
        }
        ipv6::decrease_hop_limit(&mut packet);
        if self.is_hooked(came.netns, Family::V6, Hook::Forward) {
            let mut at = At::incoming(Family::V6, Hook::Forward, came);
            at.oif = way.oif;
            if self.at_hook(&at, &mut packet).is_none() {
                return;
            }
        }
        if let Some(out) = self.dev_at(came.netns, way.oif) {
            self.pass(came.dev, &mut packet, |_| way.told(out));
        }
        if self.leaves6(came.netns, &mut packet, way) {
            self.output_neigh6(came.netns, way.oif, way.next_hop(), packet);
        }
    }

    /// The last hook; says whether the packet goes on.
    #[inline]
    fn leaves6(&mut self, netns: NetnsId, packet: &mut Frame, way: &Way6) -> bool {
        if !self.is_hooked(netns, Family::V6, Hook::PostRouting) {
            return true;
        }
        let mut at = At::outgoing(netns, Family::V6, Hook::PostRouting, way.oif);
        at.next_hop = Some(way.next_hop().into());
        self.at_hook(&at, packet).is_some()
    }

    /// A router that answers for a neighbour takes that one's discovery itself (`ip6_forward_proxy_check`).
    fn proxied6(&self, came: Came, packet: &Frame, dst: Ipv6Addr) -> Proxied {
        let Some(ns) = self.netns.find(came.netns) else {
            return Proxied::No;
        };
        let own = ns.interfaces.get(&came.ifindex);
        let on = ns.all6.on(Conf6::ProxyNdp) || own.is_some_and(|i| i.conf6.on(Conf6::ProxyNdp));
        if !on || ns.neigh6.proxy(came.ifindex, dst).is_none() {
            return Proxied::No;
        }
        match extension::upper(packet.bytes()) {
            Some((IPPROTO_ICMPV6, [NDISC_FIRST..=NDISC_LAST, ..])) => Proxied::ForUs,
            _ if dst.is_unicast_link_local() => Proxied::Lost,
            _ => Proxied::No,
        }
    }

    /// Sends a packet of our own that has its header and a way (`ip6_local_out`, `ip6_output`).
    /// A flow label is given to packets that have none.
    ///
    /// # Errors
    /// `EMSGSIZE` where it is too long and may not be fragmented, `ENOBUFS` where the driver refuses it at once.
    pub(crate) fn output_ipv6(
        &mut self,
        netns: NetnsId,
        mut packet: Frame,
        way: &Way6,
        discover: MtuDiscover,
    ) -> Result<(), Errno> {
        let fits = packet.len() <= way.mtu as usize;
        if !fits && matches!(discover, MtuDiscover::Do | MtuDiscover::Probe) {
            return Err(Errno::Emsgsize);
        }
        self.label_flow(netns, &mut packet);
        self.stamp_frame_id(netns, &mut packet);
        let mut again = *way;
        if self.is_hooked(netns, Family::V6, Hook::Output) {
            again = self.local_out6(netns, &mut packet, way)?;
        }
        let way = &again;
        if self.watching
            && let Some(dev) = self.dev_at(netns, way.oif)
        {
            packet.hop = self.record_in(netns, &packet, way.told(dev), None);
        }
        if !self.leaves6(netns, &mut packet, way) {
            return Ok(());
        }
        self.xmit_dropped = false;
        if fits {
            self.finish_output6(netns, packet, way);
        } else {
            self.output_parts6(netns, packet, way);
        }
        match std::mem::take(&mut self.xmit_dropped) {
            true => Err(Errno::Enobufs),
            false => Ok(()),
        }
    }

    /// Sends the packet of a tunnel: its label is set already, it is never fragmented, and what goes to a group
    /// is not heard here (`udp_tunnel6_xmit_skb`).
    ///
    /// # Errors
    /// As [`World::output_ipv6`].
    pub(crate) fn output_tunnel6(
        &mut self,
        netns: NetnsId,
        mut packet: Frame,
        way: &Way6,
    ) -> Result<(), Errno> {
        self.stamp_frame_id(netns, &mut packet);
        if packet.len() > way.mtu as usize {
            if let Some(dev) = self.dev_at(netns, way.oif) {
                self.lose(dev, &packet, DropReason::PktTooBig);
            }
            return Err(Errno::Emsgsize);
        }
        self.xmit_dropped = false;
        self.output_neigh6(netns, way.oif, way.next_hop(), packet);
        match std::mem::take(&mut self.xmit_dropped) {
            true => Err(Errno::Enobufs),
            false => Ok(()),
        }
    }

    fn output_parts6(&mut self, netns: NetnsId, mut packet: Frame, way: &Way6) {
        let id = self
            .netns
            .find_mut(netns)
            .map_or(0, |ns| ns.random.next_u32());
        let parts = fragment::split(&packet, way.mtu as usize, id);
        self.fragmented(netns, &mut packet, parts.len());
        for part in parts {
            self.finish_output6(netns, part.continues(&packet), way);
        }
    }

    /// Every flow has a label of its own (`ip6_make_flowlabel`, `net.ipv6.auto_flowlabels`).
    fn label_flow(&self, netns: NetnsId, packet: &mut Frame) {
        let on = self
            .netns
            .find(netns)
            .is_some_and(|ns| ns.sysctls.hot().auto_flowlabels);
        let Some(view) = Ipv6View::new(packet.bytes()).filter(|_| on) else {
            return;
        };
        let ports = match view.next_header() {
            IPPROTO_TCP | IPPROTO_UDP => view.payload().get(..4).unwrap_or_default(),
            _ => &[],
        };
        // The kernel's hash has a secret of each boot, so any that spreads will do.
        let parts = [
            &view.src().octets()[..],
            &view.dst().octets(),
            ports,
            &[view.next_header()],
        ];
        let hash = parts.concat().iter().fold(0x811c_9dc5_u32, |hash, &byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        ipv6::label_flow(packet, (hash >> 12 ^ hash).max(1));
    }

    /// The last part of sending: members of a group here, then the neighbour (`ip6_finish_output2`).
    pub(crate) fn finish_output6(&mut self, netns: NetnsId, packet: Frame, way: &Way6) {
        let Some(view) = Ipv6View::new(packet.bytes()) else {
            return;
        };
        let (dst, hop_limit) = (view.dst(), view.hop_limit());
        let Some(dev) = self.dev_at(netns, way.oif) else {
            return;
        };
        let now = self.now;
        if dst.is_multicast() {
            let facts = self.netns.find(netns).map(|ns| ns.facts(now));
            let loopback = self.interface(dev).is_some_and(|i| i.loopback);
            let member = facts.is_some_and(|facts| facts.listens6(way.oif, dst));
            if member && !loopback {
                self.schedule(now + LOOPBACK_CROSSING, Event::Hear(dev, packet.clone()));
            }
            if (hop_limit == 0 && member) || (scope_of_group(dst) <= 1 && !loopback) {
                if !member {
                    self.lose(dev, &packet, DropReason::IpInvalidDest);
                }
                return;
            }
        }
        self.output_neigh6(netns, way.oif, way.next_hop(), packet);
    }

    /// Answers a TCP segment that nobody takes with a reset (`tcp_v6_send_reset`).
    pub(super) fn refuse_tcp6(&mut self, came: Came, packet: &Frame, at: usize) {
        self.lose(came.dev, packet, DropReason::NoSocket);
        let Some(view) = Ipv6View::new(packet.bytes()).filter(|view| !view.dst().is_multicast())
        else {
            return;
        };
        let segment = packet.bytes().get(at..).unwrap_or_default();
        let (src, dst) = (view.dst(), view.src());
        let Some(mut reset) = crate::netns::ip::reset::answer(dst.into(), src.into(), segment)
        else {
            return;
        };
        let flow = Flow6 {
            src,
            oif: if dst.is_unicast_link_local() {
                came.ifindex
            } else {
                0
            },
            proto: IPPROTO_TCP,
            ..Flow6::to(dst)
        };
        let ns = self.netns.find(came.netns);
        let Some(Ok(way)) = ns.map(|ns| ns.facts(self.now).route_output6(&flow)) else {
            return;
        };
        let header = Ipv6Header {
            src,
            dst,
            next_header: IPPROTO_TCP,
            hop_limit: way.hop_limit,
            traffic_class: 0,
        };
        header.push(&mut reset);
        let _ = self.output_ipv6(came.netns, reset, &way, MtuDiscover::Want);
    }

    /// The path to a destination takes less than was thought (`ip6_update_pmtu`).
    pub(crate) fn learn_mtu6(&mut self, netns: NetnsId, flow: &Flow6, mtu: u32) {
        let now = self.now;
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        let facts = ns.facts(now);
        let Ok(dst) = ns.fib.v6.output(flow, &facts.links, now) else {
            return;
        };
        let way = dst.found.way_id();
        let Ok(old) = facts.route_output6(flow).map(|way| way.mtu) else {
            return;
        };
        if dst.kind == RouteType::Unicast {
            let exceptions = &mut ns.fib.v6.exceptions;
            exceptions.learn_mtu_v6(flow.dst, way, mtu, old, now);
        }
    }
}

/// What a proxy does with a packet.
enum Proxied {
    /// It is forwarded as any other.
    No,
    /// It is neighbour discovery, which the proxy takes itself.
    ForUs,
    /// A packet to a link-local address beyond the link.
    Lost,
}

/// The scope of a group (RFC 4291, section 2.7): 1 is the device, 2 the link.
fn scope_of_group(group: Ipv6Addr) -> u8 {
    group.octets()[1] & 0x0f
}

#[cfg(test)]
mod quiet_tests {
    use super::*;

    /// A frame to ff02::1:2 with that next header, and what comes behind the first header.
    fn frame(next: u8, behind: [u8; 8]) -> Vec<u8> {
        let mut bytes = vec![0x33, 0x33, 0, 1, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd];
        bytes.extend([0x60, 0, 0, 0, 0, 8, next, 1]);
        bytes.extend([0; 16]);
        bytes.extend([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2]);
        bytes.extend(behind);
        bytes
    }

    #[test]
    fn a_group_is_quiet_where_no_header_could_be_complained_about() {
        let group = Some(MacAddr([0x33, 0x33, 0, 1, 0, 2]));
        assert_eq!(quiet_group(&frame(IPPROTO_ICMPV6, [0; 8])), group);
        assert_eq!(quiet_group(&frame(IPPROTO_HOPOPTS, ROUTER_ALERT)), group);
        // An option that asks for an answer (RFC 8200, 4.2), a header cut short, another group than the frame's.
        let strange = [IPPROTO_ICMPV6, 0, 0x80, 4, 0, 0, 0, 0];
        assert_eq!(quiet_group(&frame(IPPROTO_HOPOPTS, strange)), None);
        assert_eq!(quiet_group(&frame(IPPROTO_ICMPV6, [0; 8])[..61]), None);
        let mut other = frame(IPPROTO_ICMPV6, [0; 8]);
        other[53] = 3;
        assert_eq!(quiet_group(&other), None);
    }
}
