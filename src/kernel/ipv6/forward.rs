//! An IPv6 packet that goes on to another device (`ip6_forward`), as a proxy of neighbours has it too.
//! Its way is chosen when it is received.

use std::net::Ipv6Addr;

use crate::engine::trace::{By, DropReason};
use crate::kernel::hook::At;
use crate::kernel::ipv4::Came;
use crate::kernel::world::World;
use crate::netns::conf::Conf6;
use crate::netns::fib::IPV6_MIN_MTU;
use crate::netns::filter::rule::Family;
use crate::netns::filter::tables::Hook;
use crate::netns::ip::route::Way6;
use crate::netns::socket::PacketType;
use crate::netns::v6::extension::{self};
use crate::netns::v6::icmp::{Icmp6Error, NDISC_FIRST, NDISC_LAST};
use crate::wire::Frame;
use crate::wire::ipv6::{self, IPPROTO_ICMPV6, Ipv6View};

impl World {
    /// On to another device (`ip6_forward`).
    pub(super) fn forward_ipv6(&mut self, came: Came, mut packet: Frame, way: &Way6) {
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
