//! How an IPv6 packet leaves a namespace (ip6_output.c).
//! Its way is given; the frame's header is the neighbour's.

use super::scope_of_group;
use crate::engine::trace::DropReason;
use crate::kernel::hook::At;
use crate::kernel::tx::LOOPBACK_CROSSING;
use crate::kernel::world::{Event, World};
use crate::netns::fib::{Flow6, RouteType};
use crate::netns::filter::rule::Family;
use crate::netns::filter::tables::Hook;
use crate::netns::ip::route::Way6;
use crate::netns::socket::MtuDiscover;
use crate::netns::v6::fragment;
use crate::units::{Errno, NetnsId};
use crate::wire::Frame;
use crate::wire::ipv4::{IPPROTO_TCP, IPPROTO_UDP};
use crate::wire::ipv6::{self, Ipv6View};

impl World {
    /// The last hook; says whether the packet goes on.
    #[inline]
    pub(super) fn leaves6(&mut self, netns: NetnsId, packet: &mut Frame, way: &Way6) -> bool {
        if !self.is_hooked(netns, Family::V6, Hook::PostRouting) {
            return true;
        }
        let mut at = At::outgoing(netns, Family::V6, Hook::PostRouting, way.oif);
        at.next_hop = Some(way.next_hop().into());
        self.at_hook(&at, packet).is_some()
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
