//! The way of an IPv6 packet through a namespace (ip6_input.c, ip6_output.c): here, what comes from a device.
//! Each decision is made in `netns::v6`; ICMPv6 is in `icmpv6`, neighbour discovery in `ndisc`.

mod deliver;
mod forward;
mod output;

use std::net::Ipv6Addr;

use crate::engine::trace::{By, DropReason, Verdict};
use crate::kernel::decider::destination;
use crate::kernel::hook::At;
use crate::kernel::ipv4::Came;
use crate::kernel::world::World;
use crate::netns::conf::Conf6;
use crate::netns::fib::Flow6;
use crate::netns::filter::rule::Family;
use crate::netns::filter::tables::Hook;
use crate::netns::socket::PacketType;
use crate::netns::sysctl::Hot;
use crate::netns::v6::extension::{self, Fault};
use crate::netns::v6::icmp::Icmp6Error;
use crate::units::{DevId, Errno, MacAddr, NetnsId};
use crate::wire::Frame;
use crate::wire::ipv6::{self, IPPROTO_HOPOPTS, IPPROTO_ICMPV6, Ipv6Fault, Ipv6View};

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
            bound: ifindex,
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
                    (came.ifindex, came.bound) = (way.dev, way.dev);
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
