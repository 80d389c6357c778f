//! The way of an IPv4 packet through a namespace (ip_input.c, ip_forward.c, ip_output.c).
//! Each decision is made in `netns::ip`; this moves the packets. ICMP is in `icmp`.

use std::net::{IpAddr, Ipv4Addr};

use crate::engine::trace::{By, DropReason, Taker, Verdict, Wait};
use crate::kernel::hook::At;
use crate::kernel::timer::Timer;
use crate::kernel::tx::LOOPBACK_CROSSING;
use crate::kernel::world::{Event, World};
use crate::netns::Netns;
use crate::netns::conf::Conf4;
use crate::netns::facts::{gateway4, heard_here, kind_of};
use crate::netns::fib::{Flow4, Links, RouteType, info_flags};
use crate::netns::filter::rule::Family;
use crate::netns::filter::tables::Hook;
use crate::netns::ip::icmp::IcmpError;
use crate::netns::ip::route::Way4;
use crate::netns::ip::{fragment, options};
use crate::netns::neigh::AddrKind;
use crate::netns::socket::{MtuDiscover, PacketType, Taken};
use crate::netns::ways::In4;
use crate::units::{DevId, Errno, IfIndex, NetnsId};
use crate::wire::Frame;
use crate::wire::ipv4::{
    self, IPPROTO_ICMP, IPPROTO_IGMP, IPPROTO_TCP, IPPROTO_UDP, Ipv4Fault, Ipv4View,
};

/// Where a packet that came in stands: namespace, device, and for whom its frame was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Came {
    pub(crate) netns: NetnsId,
    pub(crate) dev: DevId,
    pub(crate) ifindex: IfIndex,
    /// The device to which a socket that takes it may be bound: round the loopback that of the address (`rt_iif`).
    pub(crate) bound: IfIndex,
    pub(crate) for_whom: PacketType,
}

impl World {
    /// A packet has come to a device (`ip_rcv`).
    pub(crate) fn receive_ipv4(&mut self, dev: DevId, mut packet: Frame, for_whom: PacketType) {
        let Some((netns, ifindex)) = self.place_of(dev) else {
            return;
        };
        if for_whom == PacketType::OtherHost {
            return self.lose(dev, &packet, DropReason::Otherhost);
        }
        if let Err(fault) = ipv4::check(&mut packet) {
            let reason = match fault {
                Ipv4Fault::Truncated => DropReason::PktTooSmall,
                Ipv4Fault::Header => DropReason::IpInhdr,
                Ipv4Fault::Checksum => DropReason::IpCsum,
            };
            return self.lose(dev, &packet, reason);
        }
        let came = Came {
            netns,
            dev,
            ifindex,
            bound: ifindex,
            for_whom,
        };
        if self.is_hooked(netns, Family::V4, Hook::PreRouting) {
            return self.receive_hooked4(came, packet);
        }
        self.route_ipv4(came, packet);
    }

    /// Shows a packet to what stands at the first hook; connections are followed of whole packets only
    /// (`ipv4_conntrack_defrag`).
    #[cold]
    fn receive_hooked4(&mut self, came: Came, mut packet: Frame) {
        if self.bridge_port_in.is_some() {
            // Its bridge has shown it already (`ip_sabotage_in`).
            return self.route_ipv4(came, packet);
        }
        let ns = self.netns.find(came.netns);
        let follows = ns
            .and_then(|ns| ns.filter.as_deref())
            .is_some_and(|filter| filter.follows(Family::V4));
        let fragment = Ipv4View::new(packet.bytes()).is_some_and(Ipv4View::is_fragment);
        if follows && fragment {
            match self.gather4(came, packet) {
                Some(whole) => packet = whole,
                None => return,
            }
        }
        let at = At::incoming(Family::V4, Hook::PreRouting, came);
        if self.at_hook(&at, &mut packet).is_some() {
            self.route_ipv4(came, packet);
        }
    }

    /// Delivers, forwards or refuses (`ip_rcv_finish`).
    fn route_ipv4(&mut self, mut came: Came, packet: Frame) {
        let (now, plain) = (self.now, self.is_plain());
        let Some(ns) = self.netns.find_mut(came.netns) else {
            return;
        };
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return;
        };
        if packet.is_for_here() {
            return self.deliver_ipv4(came, packet, RouteType::Local);
        }
        if came.for_whom == PacketType::Loopback {
            // Its route was found when it was sent.
            let kind = ns.fib.v4.address_kind(view.dst());
            return self.deliver_ipv4(came, packet, kind);
        }
        let flow = Flow4 {
            src: view.src(),
            iif: came.ifindex,
            mark: packet.mark,
            tos: view.tos(),
            proto: view.protocol(),
            ..Flow4::to(view.dst())
        };
        let into = match plain {
            true => ns.way_in4(now, &flow),
            false => ns.find_in4(now, &flow),
        };
        match into {
            Ok(In4::Here(kind)) => {
                if came.ifindex == LOOPBACK && kind == RouteType::Local {
                    came.bound = ns.fib.v4.local_device(flow.dst).unwrap_or(LOOPBACK);
                }
                let link_broadcast =
                    matches!(came.for_whom, PacketType::Broadcast | PacketType::Multicast);
                if kind == RouteType::Local
                    && link_broadcast
                    && self.drops_unicast_in_multicast(came)
                {
                    return self.lose(came.dev, &packet, DropReason::IpInvalidDest);
                }
                self.deliver_ipv4(came, packet, kind);
            }
            Ok(In4::On(way)) => self.forward_ipv4(came, packet, &way),
            Err(refusal) => self.refuse_ipv4(came, &packet, refusal),
        }
    }

    fn drops_unicast_in_multicast(&self, came: Came) -> bool {
        let ns = self.netns.find(came.netns);
        ns.is_some_and(|ns| {
            let interface = ns.interfaces.get(&came.ifindex);
            interface.is_some_and(|i| i.either(&ns.all4, Conf4::DropUnicastInL2Multicast))
        })
    }

    /// A packet for us, whole or a part (`ip_local_deliver`).
    fn deliver_ipv4(&mut self, came: Came, packet: Frame, kind: RouteType) {
        let fragment = Ipv4View::new(packet.bytes()).is_some_and(Ipv4View::is_fragment);
        if !fragment {
            return self.deliver_whole(came, packet, kind);
        }
        if let Some(whole) = self.gather4(came, packet) {
            self.deliver_whole(came, whole, kind);
        }
    }

    /// Keeps a fragment until all of its packet are there, and gives the packet then.
    fn gather4(&mut self, came: Came, packet: Frame) -> Option<Frame> {
        let now = self.now;
        let ns = self.netns.find_mut(came.netns)?;
        let part = packet.clone();
        let taken = ns.reassembly4.insert(now, came.ifindex, packet);
        let next = ns.reassembly4.next_timer();
        if let Some(next) = next {
            self.arm(next, Timer::Reassembly4(came.netns));
        }
        match taken {
            Ok(Some(whole)) => {
                let mut whole = whole.continues(&part);
                self.pass(came.dev, &mut whole, |_| Verdict::Reassembled);
                return Some(whole);
            }
            Ok(None) => self.hop(came.dev, &part, Verdict::Queued(Wait::Fragments)),
            Err(reason) => self.lose(came.dev, &part, reason),
        }
        None
    }

    pub(crate) fn run_reassembly4(&mut self, netns: NetnsId) {
        let now = self.now;
        while let Some(expired) = self
            .netns
            .find_mut(netns)
            .and_then(|ns| ns.reassembly4.expire(now))
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
                bound: expired.ifindex,
                for_whom: PacketType::Host,
            };
            self.send_icmp_error(netns, &first, IcmpError::FRAGTIME, Some(came));
        }
        if let Some(next) = self
            .netns
            .find(netns)
            .and_then(|ns| ns.reassembly4.next_timer())
        {
            self.arm(next, Timer::Reassembly4(netns));
        }
    }

    /// To the raw sockets and the protocol above (`ip_local_deliver_finish`).
    fn deliver_whole(&mut self, came: Came, mut packet: Frame, kind: RouteType) {
        if self.is_hooked(came.netns, Family::V4, Hook::Input) {
            let at = At::incoming(Family::V4, Hook::Input, came);
            if self.at_hook(&at, &mut packet).is_none() {
                return;
            }
        }
        self.pass(came.dev, &mut packet, |_| Verdict::Delivered);
        self.record_here(came, &mut packet, kind);
        if self.has_tunnels() && is_udp(&packet) {
            let Some(not_theirs) = self.receive_tunnel4(came, packet) else {
                return;
            };
            packet = not_theirs;
        }
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return;
        };
        let broadcast = kind != RouteType::Local;
        let taken = self.deliver_to_sockets(came, packet.bytes(), broadcast);
        self.tell_taken(came.dev, &packet, taken);
        match view.protocol() {
            IPPROTO_ICMP => self.receive_icmp(came, &packet, kind, taken.by.is_some()),
            IPPROTO_IGMP => {
                let taker = Taker::Protocol("IGMP");
                self.hop(came.dev, &packet, Verdict::Taken(taker));
                self.receive_igmp(came, &packet);
            }
            IPPROTO_UDP if taken.is_noted() => {}
            // Nobody answers a broadcast or multicast that no socket takes.
            IPPROTO_UDP if taken.socket => self.lose(came.dev, &packet, DropReason::NoSocket),
            IPPROTO_UDP => {
                self.lose(came.dev, &packet, DropReason::NoSocket);
                self.send_icmp_error(came.netns, &packet, IcmpError::PORT_UNREACH, Some(came));
            }
            IPPROTO_TCP => self.receive_tcp4(came, &packet, kind),
            _ if taken.raw => {}
            _ => {
                self.lose(came.dev, &packet, DropReason::IpNoproto);
                self.send_icmp_error(came.netns, &packet, IcmpError::PROT_UNREACH, Some(came));
            }
        }
    }

    /// Which socket got a packet, or had no room for it.
    #[inline]
    pub(crate) fn tell_taken(&mut self, dev: DevId, packet: &Frame, taken: Taken) {
        if !self.watching {
            return;
        }
        match taken.by {
            Some(socket) => {
                self.hop(dev, packet, Verdict::Taken(Taker::Socket(socket)));
                #[cfg(feature = "proptest")]
                if self.is(crate::engine::Mutant::DeliverTwice) {
                    self.hop(dev, packet, Verdict::Taken(Taker::Socket(socket)));
                }
            }
            None if taken.full => self.lose(dev, packet, DropReason::SocketRcvbuff),
            None => {}
        }
    }

    /// A packet is cut into parts, each of which goes on.
    pub(crate) fn fragmented(&mut self, netns: NetnsId, packet: &mut Frame, parts: usize) {
        if self.watching {
            let parts = u32::try_from(parts).unwrap_or(u32::MAX);
            packet.hop = self.record_in(netns, packet, Verdict::Fragmented(parts), None);
        }
    }

    /// Options that record the way get the address that answers would come from (`fib_compute_spec_dst`).
    fn record_here(&self, came: Came, packet: &mut Frame, kind: RouteType) {
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return;
        };
        if options::of(view.bytes()).is_none() {
            return;
        }
        let links = self.netns.find(came.netns).map(|ns| ns.links());
        let chosen = match kind {
            RouteType::Local => Some(view.dst()),
            _ => links.and_then(|links| links.select_addr4(came.ifindex, Some(view.src()), 0)),
        };
        let now = self.now;
        options::record(
            packet.bytes_mut(),
            chosen.unwrap_or(Ipv4Addr::UNSPECIFIED),
            now,
        );
        ipv4::mend_checksum(packet);
    }

    /// Options that record the way get the address of the device out, timestamps that of the device
    /// in (`ip_forward_options`, `ip_options_compile`).
    fn record_passing(&self, came: Came, packet: &mut Frame, route: &Way4) {
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return;
        };
        if options::of(view.bytes()).is_none() {
            return;
        }
        let Some(links) = self.netns.find(came.netns).map(|ns| ns.links()) else {
            return;
        };
        let next = gateway4(route).unwrap_or(route.dst);
        let out = links.select_addr4(route.oif, Some(next), 0);
        let inward = links.select_addr4(came.ifindex, Some(view.src()), 0);
        let [out, inward] = [out, inward].map(|addr| addr.unwrap_or(Ipv4Addr::UNSPECIFIED));
        options::record_both(packet.bytes_mut(), out, inward, self.now);
        ipv4::mend_checksum(packet);
    }

    /// On to another device (`ip_forward`).
    fn forward_ipv4(&mut self, came: Came, mut packet: Frame, route: &Way4) {
        if came.for_whom != PacketType::Host {
            return self.lose(came.dev, &packet, DropReason::IpInvalidDest);
        }
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return;
        };
        if view.ttl() <= 1 {
            self.lose(came.dev, &packet, DropReason::TtlExceeded);
            return self.send_icmp_error(came.netns, &packet, IcmpError::TTL_EXCEEDED, Some(came));
        }
        if packet.len() > route.mtu as usize && view.dont_fragment() {
            self.lose_by(came.dev, &packet, DropReason::FragNeeded, || {
                By::Mtu(route.mtu)
            });
            return self.send_icmp_error(
                came.netns,
                &packet,
                IcmpError::frag_needed(route.mtu),
                Some(came),
            );
        }
        #[cfg(feature = "proptest")]
        let falls = !self.is(crate::engine::Mutant::TtlKept);
        #[cfg(not(feature = "proptest"))]
        let falls = true;
        if falls {
            ipv4::decrease_ttl(&mut packet);
        }
        if route.flags & info_flags::DOREDIRECT != 0 {
            self.send_redirect(came, &packet, route);
        }
        if let Some(out) = self.dev_at(came.netns, route.oif) {
            self.pass(came.dev, &mut packet, |_| route.told(out));
        }
        if self.is_hooked(came.netns, Family::V4, Hook::Forward) {
            let mut at = At::incoming(Family::V4, Hook::Forward, came);
            at.oif = route.oif;
            if self.at_hook(&at, &mut packet).is_none() {
                return;
            }
        }
        let dst = Ipv4View::new(packet.bytes()).map(Ipv4View::dst);
        if let Some(dst) = dst {
            self.record_passing(came, &mut packet, route);
            self.finish_output4(came.netns, packet, dst, route);
        }
    }

    /// The last part of sending: fragments, then the neighbour (`ip_finish_output`).
    pub(crate) fn finish_output4(
        &mut self,
        netns: NetnsId,
        mut packet: Frame,
        dst: Ipv4Addr,
        route: &Way4,
    ) {
        if self.is_hooked(netns, Family::V4, Hook::PostRouting) {
            let mut at = At::outgoing(netns, Family::V4, Hook::PostRouting, route.oif);
            at.next_hop = Some(route.gateway.unwrap_or(dst.into()));
            if self.at_hook(&at, &mut packet).is_none() {
                return;
            }
        }
        if packet.len() <= route.mtu as usize {
            return self.output_link4(netns, packet, dst, route);
        }
        let parts = fragment::split(&packet, route.mtu as usize);
        self.fragmented(netns, &mut packet, parts.len());
        for part in parts {
            self.output_link4(netns, part.continues(&packet), dst, route);
        }
    }

    /// To the neighbour that the route names (`ip_finish_output2`).
    fn output_link4(&mut self, netns: NetnsId, packet: Frame, dst: Ipv4Addr, route: &Way4) {
        let kind = kind_of(route.kind);
        match route.gateway {
            Some(IpAddr::V4(gateway)) => {
                self.output_neigh4(netns, route.oif, gateway, AddrKind::Unicast, packet)
            }
            Some(IpAddr::V6(gateway)) => {
                self.output_neigh6_for_ipv4(netns, route.oif, gateway, packet)
            }
            None => self.output_neigh4(netns, route.oif, dst, kind, packet),
        }
    }

    /// Sends a packet of our own that has its header and a route (`ip_local_out`, `ip_output`).
    /// The identification and DF are set here.
    ///
    /// # Errors
    /// `EMSGSIZE` where it is too long and may not be fragmented, `ENOBUFS` where the driver refuses it at once.
    pub(crate) fn output_ipv4(
        &mut self,
        netns: NetnsId,
        packet: Frame,
        route: &Way4,
        discover: MtuDiscover,
    ) -> Result<(), Errno> {
        let id = self.next_ip_id(netns);
        self.output_identified(netns, packet, route, discover, id)
    }

    /// The same for what no connected socket sends, and may not be fragmented: its identification is 0 (`ip_select_ident`, RFC 6864).
    pub(crate) fn output_atomic(
        &mut self,
        netns: NetnsId,
        packet: Frame,
        route: &Way4,
    ) -> Result<(), Errno> {
        self.output_identified(netns, packet, route, MtuDiscover::Do, 0)
    }

    fn output_identified(
        &mut self,
        netns: NetnsId,
        mut packet: Frame,
        route: &Way4,
        discover: MtuDiscover,
        id: u16,
    ) -> Result<(), Errno> {
        let Some(view) = Ipv4View::new(packet.bytes()) else {
            return Err(Errno::Einval);
        };
        let (dst, fits) = (view.dst(), packet.len() <= route.mtu as usize);
        let dont_fragment = match discover {
            MtuDiscover::Dont => false,
            MtuDiscover::Want => fits,
            MtuDiscover::Do | MtuDiscover::Probe => true,
        };
        if !fits && dont_fragment {
            return Err(Errno::Emsgsize);
        }
        stamp(&mut packet, id, dont_fragment);
        self.stamp_frame_id(netns, &mut packet);
        let (mut again, mut dst) = (*route, dst);
        if self.is_hooked(netns, Family::V4, Hook::Output) {
            again = self.local_out4(netns, &mut packet, route)?;
            dst = Ipv4View::new(packet.bytes()).map_or(dst, Ipv4View::dst);
        }
        let route = &again;
        if route.oif == LOOPBACK && route.kind == RouteType::Unicast {
            packet.set_for_here();
        }
        if self.watching
            && let Some(dev) = self.dev_at(netns, route.oif)
        {
            packet.hop = self.record_in(netns, &packet, route.told(dev), None);
        }
        if heard_here(route) {
            let copy = packet.clone();
            self.loop_back(netns, route.oif, copy);
        }
        self.xmit_dropped = false;
        self.finish_output4(netns, packet, dst, route);
        if std::mem::take(&mut self.xmit_dropped) {
            return Err(Errno::Enobufs);
        }
        Ok(())
    }

    /// A packet that we sent to all or to a group that we are in is heard here too (`ip_mc_output`).
    fn loop_back(&mut self, netns: NetnsId, oif: IfIndex, packet: Frame) {
        if let Some(dev) = self.dev_at(netns, oif) {
            self.schedule(self.now + LOOPBACK_CROSSING, Event::Hear(dev, packet));
        }
    }

    /// The identification of the next packet: random per namespace, counted up.
    fn next_ip_id(&mut self, netns: NetnsId) -> u16 {
        self.netns.find_mut(netns).map_or(0, Netns::next_ip_id)
    }
}

/// The loopback's number.
const LOOPBACK: u32 = 1;

fn is_udp(packet: &Frame) -> bool {
    Ipv4View::new(packet.bytes()).is_some_and(|view| view.protocol() == IPPROTO_UDP)
}

/// Writes identification and DF and mends the checksum.
fn stamp(packet: &mut Frame, id: u16, dont_fragment: bool) {
    let header_len = Ipv4View::new(packet.bytes()).map_or(0, Ipv4View::header_len);
    let bytes = packet.bytes_mut();
    if bytes.len() < header_len || header_len < ipv4::IPV4_HLEN {
        return;
    }
    bytes[4..6].copy_from_slice(&id.to_be_bytes());
    bytes[6] = (bytes[6] & !0x40) | if dont_fragment { 0x40 } else { 0 };
    bytes[10..12].fill(0);
    let sum = ipv4::checksum(&bytes[..header_len]);
    bytes[10..12].copy_from_slice(&sum.to_be_bytes());
}
