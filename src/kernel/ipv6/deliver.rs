//! An IPv6 packet that is for this namespace: headers, fragments, and who takes it (ip6_input.c, reassembly.c).
//! How headers and fragments are read is in `netns::v6`.

use crate::engine::trace::{DropReason, Verdict, Wait};
use crate::kernel::hook::At;
use crate::kernel::ipv4::Came;
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::netns::fib::Flow6;
use crate::netns::filter::rule::Family;
use crate::netns::filter::tables::Hook;
use crate::netns::socket::{MtuDiscover, PacketType};
use crate::netns::v6::extension::{self, BAD_NEXT_HEADER, Carried};
use crate::netns::v6::icmp::Icmp6Error;
use crate::units::NetnsId;
use crate::wire::Frame;
use crate::wire::ipv4::{IPPROTO_TCP, IPPROTO_UDP};
use crate::wire::ipv6::{IPPROTO_ICMPV6, IPPROTO_NONE, Ipv6Header, Ipv6View};

impl World {
    /// A packet for us (`ip6_input`).
    pub(super) fn deliver_ipv6(&mut self, came: Came, mut packet: Frame) {
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
                bound: expired.ifindex,
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

    /// Answers a TCP segment that nobody takes with a reset (`tcp_v6_send_reset`).
    pub(in crate::kernel) fn refuse_tcp6(&mut self, came: Came, packet: &Frame, at: usize) {
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
}
