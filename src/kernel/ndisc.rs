//! Neighbour and listener discovery that comes in, and redirects that a router sends (ndisc.c, mcast.c).
//! What a message does is decided in `netns::v6::ndisc` and `mld`.

use std::net::Ipv6Addr;
use std::time::Duration;

use crate::engine::trace::{DropReason, Taker, Verdict as Station, Wait};
use crate::kernel::ipv4::Came;
use crate::kernel::neigh6::Actions6;
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::netns::fib::Flow6;
use crate::netns::ip::route::Way6;
use crate::netns::socket::PacketType;
use crate::netns::v6::ndisc::{self, Facts, Parts, Received, Verdict};
use crate::netns::v6::{RouterFacts, extension, icmp};
use crate::units::{IfIndex, NetnsId};
use crate::wire::ipv6::Ipv6View;
use crate::wire::{Frame, NdBody, NdMessage};

impl World {
    /// A message of neighbour discovery, which begins at `at` (`ndisc_rcv`); `again` where it has waited
    /// for a proxy's delay.
    pub(crate) fn receive_ndisc(&mut self, came: Came, packet: &Frame, at: usize, again: bool) {
        let Some(view) = Ipv6View::new(packet.bytes()) else {
            return;
        };
        if view.hop_limit() != 255 {
            return self.lose(came.dev, packet, DropReason::NdiscIgnored);
        }
        let received = Received {
            packet,
            source: view.src(),
            target: view.dst(),
            message: packet.bytes().get(at..).unwrap_or_default(),
            to_host: came.for_whom == PacketType::Host,
            locally_enqueued: again,
        };
        match self.decide_ndisc(came, &received) {
            None | Some(Verdict::Consumed) => self.takes_ndisc(came, packet),
            Some(Verdict::Delayed) => self.hop(came.dev, packet, Station::Queued(Wait::Proxy)),
            Some(Verdict::Dropped(reason)) => self.lose(came.dev, packet, reason),
            Some(Verdict::NotARouter(addr)) => {
                self.takes_ndisc(came, packet);
                if let Some(ns) = self.netns.find_mut(came.netns) {
                    ns.fib.v6.router_is_host(addr);
                }
            }
            Some(Verdict::Redirect {
                destination,
                next_hop,
            }) => {
                self.takes_ndisc(came, packet);
                self.learn_redirect6(came, view.src(), destination, next_hop);
            }
        }
    }

    /// Neighbour discovery takes a message; its answers were made while it was decided.
    fn takes_ndisc(&mut self, came: Came, packet: &Frame) {
        let taker = Taker::Protocol("neighbour discovery");
        self.hop(came.dev, packet, Station::Taken(taker));
    }

    /// Has the message decided, and what the device and the table want done.
    fn decide_ndisc(&mut self, came: Came, received: &Received<'_>) -> Option<Verdict> {
        let now = self.now;
        let ns = self.netns.find_mut(came.netns)?;
        let links = ns.links();
        let facts = Facts {
            router: RouterFacts {
                default_route: ns.fib.v6.default_router(received.source, came.ifindex),
                source_is_own: links.has_ifaddr6(received.source, None, |_| true),
            },
            source_for_proxy: links.source6(came.ifindex, received.source),
        };
        let retrans_time = ns.neigh6.params(Some(came.ifindex)).retrans_time;
        let interface = ns.interfaces.get_mut(&came.ifindex)?;
        let (in6, link) = interface.in6_and_link(&ns.all6, retrans_time);
        let device = in6.live()?;
        let (mut out, mut neigh_out) = (Vec::new(), Actions6::new());
        let mut parts = Parts {
            device,
            link: &link,
            table: &mut ns.neigh6,
            out: &mut out,
            neigh_out: &mut neigh_out,
        };
        let verdict = ndisc::receive(now, received, &facts, &mut parts);
        let next = device.next_timer();
        self.act_neigh6(came.netns, neigh_out);
        self.act_inet6(came.dev, out);
        if let Some(next) = next {
            self.arm(next, Timer::Inet6(came.dev));
        }
        Some(verdict)
    }

    /// The delay of a proxied question is over (`pndisc_redo`).
    pub(crate) fn redo_ndisc(&mut self, netns: NetnsId, ifindex: IfIndex, packet: &Frame) {
        let Some(dev) = self.dev_at(netns, ifindex) else {
            return;
        };
        let came = Came {
            netns,
            dev,
            ifindex,
            bound: ifindex,
            for_whom: PacketType::Multicast,
        };
        let bytes = packet.bytes();
        if let Some((_, message)) = extension::upper(bytes) {
            let at = bytes.len().saturating_sub(message.len());
            self.receive_ndisc(came, packet, at, true);
        }
    }

    /// A message about listeners (`igmp6_event_query`, `igmp6_event_report`).
    pub(crate) fn receive_mld(&mut self, came: Came, packet: &Frame, at: usize) {
        let (bytes, Some(view)) = (packet.bytes(), Ipv6View::new(packet.bytes())) else {
            return;
        };
        let message = bytes.get(at..).unwrap_or_default();
        let query = message.first() == Some(&icmp::MLD_QUERY);
        let alert = extension::hop_by_hop(bytes, usize::MAX) == Ok(true);
        let wanted = match query {
            true => view.hop_limit() == 1 && alert,
            false => matches!(came.for_whom, PacketType::Multicast | PacketType::Broadcast),
        };
        if !wanted {
            return self.lose(came.dev, packet, DropReason::NdiscIgnored);
        }
        let source = view.src();
        self.hop(came.dev, packet, Station::Taken(Taker::Protocol("MLD")));
        self.with_in6(came.dev, |now, in6, link, _| {
            in6.receive_mld(now, link, source, message);
        });
    }

    /// There is a nearer router on the link where the packet came from (`ndisc_send_redirect`).
    pub(crate) fn send_redirect6(&mut self, came: Came, packet: &Frame, way: &Way6) {
        let now = self.now;
        let (Some(ns), Some(view)) = (
            self.netns.find_mut(came.netns),
            Ipv6View::new(packet.bytes()),
        ) else {
            return;
        };
        let (destination, target) = (view.dst(), way.next_hop());
        if target != destination && !target.is_unicast_link_local() {
            return;
        }
        let own = ns.interfaces.get(&came.ifindex);
        let own = own.and_then(|interface| interface.in6.get()?.link_local());
        let flow = Flow6 {
            oif: came.ifindex,
            ..Flow6::to(view.src())
        };
        let back = ns.facts(now).route_output6(&flow);
        let (Some(own), Ok(back)) = (own, back) else {
            return;
        };
        if back.gateway.is_some() || !ns.icmp_limit.allow(now, view.src(), Duration::from_secs(1)) {
            return;
        }
        let mut message = NdMessage::new(NdBody::Redirect {
            target,
            destination,
        });
        message.options.target_lladdr = ns.neigh6.station(came.ifindex, target);
        // The whole answer fits into 1280 bytes: headers take 40 and 40, the options 8 each.
        let room = 1280 - 40 - 40 - 8 - 8;
        message.options.redirected = packet.bytes().get(..room).unwrap_or(view.bytes()).to_vec();
        let answer = message.packet(own, view.src());
        self.output_neigh6(came.netns, back.oif, back.next_hop(), answer);
    }

    /// A router says that another one is nearer (`rt6_do_redirect`); a host believes its own router only.
    fn learn_redirect6(
        &mut self,
        came: Came,
        from: Ipv6Addr,
        destination: Ipv6Addr,
        next_hop: Ipv6Addr,
    ) {
        let now = self.now;
        let Some(ns) = self.netns.find_mut(came.netns) else {
            return;
        };
        let flow = Flow6 {
            oif: came.ifindex,
            ..Flow6::to(destination)
        };
        let links = ns.links();
        let Ok(dst) = ns.fib.v6.output(&flow, &links, now) else {
            return;
        };
        let way = dst.found.way_id();
        let by_device = dst.found.route.nexthop.oif == came.ifindex;
        if dst.gateway == Some(from) && by_device {
            let exceptions = &mut ns.fib.v6.exceptions;
            exceptions.learn_gateway(destination, way, next_hop.into(), now);
        }
    }
}
