//! The hooks of netfilter on the way of a packet: who is asked, and what follows (core.c, br_netfilter_hooks.c).
//! The decisions are in `netns::filter`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::engine::trace::{By, DropReason, Verdict};
use crate::kernel::ipv4::Came;
use crate::kernel::rx::{ethernet_header, packet_type};
use crate::kernel::world::World;
use crate::netns::fib::{Flow4, Flow6, Links, RouteType};
use crate::netns::filter::conntrack::{answer_to, unpack};
use crate::netns::filter::eval::{Place, Way};
use crate::netns::filter::hook::Outcome;
use crate::netns::filter::packet::Parts;
use crate::netns::filter::rule::{Family, Reject};
use crate::netns::filter::tables::Hook;
use crate::netns::ip::icmp::IcmpError;
use crate::netns::ip::reset;
use crate::netns::ip::route::{Way4, Way6};
use crate::netns::socket::{MtuDiscover, PacketType};
use crate::netns::v6::icmp::Icmp6Error;
use crate::units::{DevId, Errno, IfIndex, NetnsId};
use crate::wire::ipv4::{IPPROTO_TCP, Ipv4Header};
use crate::wire::ipv6::Ipv6Header;
use crate::wire::{ETH_HLEN, ETH_P_IP, ETH_P_IPV6, Frame};

/// Where a packet is when a hook is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub(crate) netns: NetnsId,
    pub(crate) family: Family,
    pub(crate) hook: Hook,
    pub(crate) iif: IfIndex,
    pub(crate) oif: IfIndex,
    /// How it came in, where it did.
    pub(crate) came: Option<Came>,
    pub(crate) next_hop: Option<IpAddr>,
    /// The bridge ports that it passes.
    pub(crate) ports: [Option<DevId>; 2],
}

impl At {
    /// A hook for a packet that came in.
    pub(crate) fn incoming(family: Family, hook: Hook, came: Came) -> Self {
        Self {
            netns: came.netns,
            family,
            hook,
            iif: came.ifindex,
            oif: 0,
            came: Some(came),
            next_hop: None,
            ports: [None; 2],
        }
    }

    /// A hook for a packet that leaves by a device.
    pub(crate) fn outgoing(netns: NetnsId, family: Family, hook: Hook, oif: IfIndex) -> Self {
        Self {
            netns,
            family,
            hook,
            iif: 0,
            oif,
            came: None,
            next_hop: None,
            ports: [None; 2],
        }
    }
}

impl World {
    /// Whether something stands at a hook: the one question that every packet costs.
    #[inline]
    pub(crate) fn is_hooked(&self, netns: NetnsId, family: Family, hook: Hook) -> bool {
        self.filters > 0 && self.is_hooked_there(netns, family, hook)
    }

    fn is_hooked_there(&self, netns: NetnsId, family: Family, hook: Hook) -> bool {
        let ns = self.netns.find(netns);
        let filter = ns.and_then(|ns| ns.filter.as_deref());
        filter.is_some_and(|filter| filter.is_at(family, hook))
    }

    /// Shows a packet to a hook; nothing where it is lost, else whether its way has to be found again.
    #[cold]
    pub(crate) fn at_hook(&mut self, at: &At, packet: &mut Frame) -> Option<bool> {
        let now = self.now;
        let [port_in, port_out] = match at.hook {
            Hook::Output | Hook::PostRouting => at.ports,
            _ => [at.ports[0].or(self.bridge_port_in), at.ports[1]],
        };
        let named = |dev: Option<DevId>| dev.and_then(|dev| Some(self.devices.find(dev)?.name));
        let (phys_in, phys_out) = (named(port_in), named(port_out));
        let ns = self.netns.find_mut(at.netns)?;
        let mut filter = ns.filter.take()?;
        let name = |ifindex| ns.interfaces.get(&ifindex).map(|interface| interface.name);
        let (in_name, out_name) = (name(at.iif), name(at.oif));
        let mac = at.came.and_then(|_| {
            let mut whole = packet.clone();
            whole.unpull(ETH_HLEN);
            ethernet_header(whole.bytes()).map(|(to, from, _)| (to, from))
        });
        let text = |name: &Option<crate::units::IfName>| -> String {
            name.as_ref()
                .map_or_else(String::new, |name| name.as_str().to_owned())
        };
        let (in_name, out_name) = (text(&in_name), text(&out_name));
        let (phys_in, phys_out) = (text(&phys_in), text(&phys_out));
        let way = Way {
            hook: at.hook,
            iif: at.iif,
            oif: at.oif,
            in_name: &in_name,
            out_name: &out_name,
            phys_in: &phys_in,
            phys_out: &phys_out,
            mac,
            for_whom: at.came.map_or(PacketType::Host, |came| came.for_whom),
            next_hop: at.next_hop,
        };
        let before = self.watching.then(|| Parts::of(packet.bytes()));
        let facts = ns.facts(now);
        let outcome = filter.at_hook(&way, packet, &facts, &ns.sysctls);
        let decided = match outcome {
            Outcome::Drop(Some(place)) | Outcome::Reject(place, _) if self.watching => {
                Some(filter.describe(at.family, place))
            }
            _ => None,
        };
        ns.filter = Some(filter);
        match outcome {
            Outcome::Accept { reroute } => {
                if let Some(Some(before)) = before {
                    self.note_translation(at, packet, &before);
                }
                Some(reroute)
            }
            Outcome::Drop(_) => {
                self.note_loss(at, packet, decided);
                None
            }
            Outcome::Reject(place, kind) => {
                self.note_loss(at, packet, decided);
                self.reject(at, packet, place, kind);
                None
            }
        }
    }

    /// The device at which a loss at a hook is noted.
    fn device_at(&self, at: &At) -> Option<DevId> {
        let came = at.came.map(|came| came.dev);
        at.ports[0]
            .or(came)
            .or_else(|| self.dev_at(at.netns, at.oif))
    }

    fn note_loss(&mut self, at: &At, packet: &Frame, decided: Option<String>) {
        let Some(dev) = self.device_at(at) else {
            return;
        };
        match decided {
            Some(rule) => self.lose_by(dev, packet, DropReason::NetfilterDrop, || {
                By::Rule(rule.into_boxed_str())
            }),
            None => self.lose(dev, packet, DropReason::NetfilterDrop),
        }
    }

    /// An address or a port became another.
    #[cold]
    fn note_translation(&mut self, at: &At, packet: &mut Frame, before: &Parts) {
        let (Some(after), Some(dev)) = (Parts::of(packet.bytes()), self.device_at(at)) else {
            return;
        };
        let changes = [(before.src, after.src), (before.dst, after.dst)];
        for (old, new) in changes {
            if old != new {
                let (old, new) = (at.family.addr(old), at.family.addr(new));
                let verdict = Verdict::Translated(old.to_string().into(), new.to_string().into());
                self.pass(dev, packet, |_| verdict);
            }
        }
    }

    /// Tells the sender of a packet that a rule rejects (nf_reject_ipv4.c, nf_reject_ipv6.c).
    fn reject(&mut self, at: &At, packet: &Frame, _place: Place, kind: Reject) {
        self.loop_at_once = at.came.is_none();
        match (kind, at.family) {
            (Reject::Icmp(kind, code), Family::V4) => {
                let error = IcmpError {
                    kind,
                    code,
                    info: 0,
                };
                self.send_icmp_error(at.netns, packet, error, at.came);
            }
            (Reject::Icmp(kind, code), Family::V6) => {
                let error = Icmp6Error {
                    kind,
                    code,
                    info: 0,
                };
                match at.came {
                    Some(came) => self.answer_icmp6(came, packet, error),
                    None => self.send_icmp6_error(at.netns, at.oif, packet, error, None),
                }
            }
            (Reject::TcpReset, _) => self.reject_with_reset(at, packet),
        }
        self.loop_at_once = false;
        let ns = self.netns.find_mut(at.netns);
        if let Some(filter) = ns.and_then(|ns| ns.filter.as_deref_mut())
            && let Some((id, _)) = unpack(packet.ct)
        {
            filter.connections.give_up(id);
        }
    }

    /// A reset in the name of the one that the segment was for (`nf_send_reset`).
    fn reject_with_reset(&mut self, at: &At, packet: &Frame) {
        let Some(parts) = Parts::of(packet.bytes()).filter(|parts| !parts.later_fragment) else {
            return;
        };
        let (src, dst) = (at.family.addr(parts.src), at.family.addr(parts.dst));
        let Some(mut answer) = reset::answer(src, dst, parts.above(packet.bytes())) else {
            return;
        };
        answer.leave_sum(answer.len());
        let ct = answer_to(packet.ct);
        let Some(ns) = self.netns.find(at.netns) else {
            return;
        };
        let facts = ns.facts(self.now);
        match (src, dst) {
            (IpAddr::V4(src), IpAddr::V4(dst)) => {
                let ours = ns.fib.v4.address_kind(dst) == RouteType::Local;
                let flow = Flow4 {
                    src: if ours { dst } else { Ipv4Addr::UNSPECIFIED },
                    proto: IPPROTO_TCP,
                    ..Flow4::to(src)
                };
                let Ok(way) = facts.route_output4(&flow) else {
                    return;
                };
                let header = Ipv4Header {
                    src: dst,
                    dst: src,
                    protocol: IPPROTO_TCP,
                    ttl: ns.default_ttl(),
                    tos: 0,
                    id: 0,
                    dont_fragment: true,
                    router_alert: false,
                };
                header.push(&mut answer);
                answer.ct = ct;
                let _ = self.output_atomic(at.netns, answer, &way);
            }
            (IpAddr::V6(src), IpAddr::V6(dst)) => {
                let flow = Flow6 {
                    src: dst,
                    proto: IPPROTO_TCP,
                    ..Flow6::to(src)
                };
                let Ok(way) = facts.route_output6(&flow) else {
                    return;
                };
                let header = Ipv6Header {
                    src: dst,
                    dst: src,
                    next_header: IPPROTO_TCP,
                    hop_limit: way.hop_limit,
                    traffic_class: 0,
                };
                header.push(&mut answer);
                answer.ct = ct;
                let _ = self.output_ipv6(at.netns, answer, &way, MtuDiscover::Want);
            }
            _ => {}
        }
    }

    /// The way of a packet of our own after a hook changed what it depends on (`ip_route_me_harder`).
    ///
    /// # Errors
    /// As the route says it; `EINVAL` for a loopback source that would leave the host.
    fn route_again4(&self, netns: NetnsId, packet: &Frame) -> Result<Way4, Errno> {
        let parts = Parts::of(packet.bytes()).ok_or(Errno::Einval)?;
        let ns = self.ns(netns)?;
        let (src, dst) = (
            Ipv4Addr::from_bits(parts.src as u32),
            Ipv4Addr::from_bits(parts.dst as u32),
        );
        let ours = ns.fib.v4.address_kind(src) == RouteType::Local;
        let flow = Flow4 {
            src: if ours { src } else { Ipv4Addr::UNSPECIFIED },
            mark: packet.mark,
            tos: parts.tos & 0x1e,
            proto: parts.protocol,
            ..Flow4::to(dst)
        };
        let facts = ns.facts(self.now);
        let way = facts.route_output4(&flow)?;
        let stays = facts.links.is_loopback(way.oif) || facts.links.routes_localnet(way.oif);
        match src.is_loopback() && !stays {
            true => Err(Errno::Einval),
            false => Ok(way),
        }
    }

    /// The same for IPv6 (`ip6_route_me_harder`).
    ///
    /// # Errors
    /// As the route says it.
    fn route_again6(&self, netns: NetnsId, packet: &Frame) -> Result<Way6, Errno> {
        let parts = Parts::of(packet.bytes()).ok_or(Errno::Einval)?;
        let ns = self.ns(netns)?;
        let flow = Flow6 {
            src: Ipv6Addr::from_bits(parts.src),
            mark: packet.mark,
            tos: parts.tos,
            proto: parts.protocol,
            ..Flow6::to(Ipv6Addr::from_bits(parts.dst))
        };
        ns.facts(self.now).route_output6(&flow)
    }

    /// A packet of our own is to leave (`NF_INET_LOCAL_OUT`): its way, which may be another now.
    ///
    /// # Errors
    /// `EPERM` where it is lost, and as its new route says it.
    #[cold]
    pub(crate) fn local_out4(
        &mut self,
        netns: NetnsId,
        packet: &mut Frame,
        way: &Way4,
    ) -> Result<Way4, Errno> {
        let at = At::outgoing(netns, Family::V4, Hook::Output, way.oif);
        match self.at_hook(&at, packet) {
            None => Err(Errno::Eperm),
            Some(false) => Ok(*way),
            Some(true) => self.route_again4(netns, packet),
        }
    }

    /// The same for IPv6.
    ///
    /// # Errors
    /// `EPERM` where it is lost, and as its new route says it.
    #[cold]
    pub(crate) fn local_out6(
        &mut self,
        netns: NetnsId,
        packet: &mut Frame,
        way: &Way6,
    ) -> Result<Way6, Errno> {
        let at = At::outgoing(netns, Family::V6, Hook::Output, way.oif);
        match self.at_hook(&at, packet) {
            None => Err(Errno::Eperm),
            Some(false) => Ok(*way),
            Some(true) => self.route_again6(netns, packet),
        }
    }

    /// Whether frames of a bridge are shown to the hooks of IP, and of which family this one is
    /// (`net.bridge.bridge-nf-call-iptables`, or `nf_call_iptables` of the bridge).
    #[inline]
    pub(crate) fn bridge_family(&self, bridge: DevId, frame: &Frame) -> Option<(NetnsId, Family)> {
        if self.filters == 0 {
            return None;
        }
        self.bridge_family_there(bridge, frame)
    }

    fn bridge_family_there(&self, bridge: DevId, frame: &Frame) -> Option<(NetnsId, Family)> {
        let device = self.devices.find(bridge)?;
        let netns = device.netns;
        let ns = self.netns.find(netns)?;
        ns.filter.as_deref()?;
        let (_, _, ethertype) = ethernet_header(frame.bytes())?;
        let (family, key) = match ethertype {
            ETH_P_IP => (Family::V4, "net.bridge.bridge-nf-call-iptables"),
            ETH_P_IPV6 => (Family::V6, "net.bridge.bridge-nf-call-ip6tables"),
            _ => return None,
        };
        let by_bridge = self.bridge(bridge).is_some_and(|bridge| match family {
            Family::V4 => bridge.options.nf_call_iptables,
            Family::V6 => bridge.options.nf_call_ip6tables,
        });
        (by_bridge || ns.sysctls.number(key) != 0).then_some((netns, family))
    }

    /// A frame has come to a port: IP's first hook, as if it had come to the bridge (`br_nf_pre_routing`).
    /// Says whether it goes on.
    #[cold]
    pub(crate) fn bridge_pre_routing(
        &mut self,
        (netns, family): (NetnsId, Family),
        port: DevId,
        bridge: DevId,
        frame: &mut Frame,
    ) -> bool {
        let target = |frame: &Frame| {
            let packet = frame.bytes().get(ETH_HLEN..).unwrap_or(&[]);
            Parts::of(packet).map(|parts| parts.dst)
        };
        let before = target(frame);
        if self.is_hooked(netns, family, Hook::PreRouting)
            && !self.at_bridge_hook(family, Hook::PreRouting, bridge, [Some(port), None], frame)
        {
            return false;
        }
        self.bridge_port_in = Some(port);
        let after = target(frame);
        if before != after {
            self.aim_again(netns, family, bridge, frame);
        }
        true
    }

    /// A destination was translated before a bridge looked: the frame goes to the neighbour where that is
    /// behind the same bridge, else to the bridge device (`br_nf_pre_routing_finish`).
    fn aim_again(&mut self, netns: NetnsId, family: Family, bridge: DevId, frame: &mut Frame) {
        let Some(device) = self.devices.find(bridge) else {
            return;
        };
        let (ifindex, own) = (device.ifindex, device.address);
        let packet = frame.bytes().get(ETH_HLEN..).unwrap_or(&[]);
        let (Some(parts), Some(ns)) = (Parts::of(packet), self.netns.find(netns)) else {
            return;
        };
        let facts = ns.facts(self.now);
        let mac = match family {
            Family::V4 => {
                let flow = Flow4 {
                    src: Ipv4Addr::from_bits(parts.src as u32),
                    iif: ifindex,
                    proto: parts.protocol,
                    ..Flow4::to(Ipv4Addr::from_bits(parts.dst as u32))
                };
                let found = ns.fib.v4.input(&flow, &facts.links, self.now).ok();
                let way = found.map(|found| facts.way(&found));
                way.filter(|way| way.oif == ifindex).and_then(|way| {
                    let next = crate::netns::facts::gateway4(&way).unwrap_or(way.dst);
                    ns.neigh4.station(ifindex, next)
                })
            }
            Family::V6 => None,
        };
        let to = mac.unwrap_or(own);
        frame.bytes_mut()[..6].copy_from_slice(&to.0);
    }

    /// A frame goes from one port to another: IP's hooks for what is forwarded, and for what leaves
    /// (`br_nf_forward`, `br_nf_post_routing`). Says whether it goes on.
    #[inline]
    pub(crate) fn bridge_forwards(
        &mut self,
        from: DevId,
        bridge: DevId,
        to: DevId,
        frame: &mut Frame,
    ) -> bool {
        match self.bridge_family(bridge, frame) {
            None => true,
            Some(place) => self.bridge_forwards_hooked(place, from, bridge, to, frame),
        }
    }

    #[cold]
    fn bridge_forwards_hooked(
        &mut self,
        (netns, family): (NetnsId, Family),
        from: DevId,
        bridge: DevId,
        to: DevId,
        frame: &mut Frame,
    ) -> bool {
        let ports = [Some(from), Some(to)];
        [Hook::Forward, Hook::PostRouting].into_iter().all(|hook| {
            !self.is_hooked(netns, family, hook)
                || self.at_bridge_hook(family, hook, bridge, ports, frame)
        })
    }

    /// Shows a frame of a bridge to a hook of IP; says whether it goes on.
    #[cold]
    pub(crate) fn at_bridge_hook(
        &mut self,
        family: Family,
        hook: Hook,
        bridge: DevId,
        ports: [Option<DevId>; 2],
        frame: &mut Frame,
    ) -> bool {
        let Some((netns, ifindex)) = self.place_of(bridge) else {
            return false;
        };
        let Some(address) = self.devices.find(bridge).map(|device| device.address) else {
            return false;
        };
        let Some((dst, _, _)) = ethernet_header(frame.bytes()) else {
            return false;
        };
        let len = frame.len();
        let mut packet = frame.clone();
        packet.pull(ETH_HLEN);
        let whole = match family {
            Family::V4 => crate::wire::ipv4::check(&mut packet).is_ok(),
            Family::V6 => crate::wire::ipv6::check(&mut packet).is_ok(),
        };
        if !whole {
            return false;
        }
        let at = At {
            netns,
            family,
            hook,
            iif: if hook == Hook::PostRouting {
                0
            } else {
                ifindex
            },
            oif: if hook == Hook::PreRouting { 0 } else { ifindex },
            came: (hook != Hook::PostRouting).then_some(Came {
                netns,
                dev: bridge,
                ifindex,
                bound: ifindex,
                for_whom: packet_type(dst, address),
            }),
            next_hop: None,
            ports,
        };
        let trimmed = packet.len() + ETH_HLEN < len;
        if self.at_hook(&at, &mut packet).is_none() {
            return false;
        }
        packet.unpull(ETH_HLEN);
        if !trimmed {
            *frame = packet;
        } else {
            (frame.ct, frame.mark) = (packet.ct, packet.mark);
        }
        true
    }
}
