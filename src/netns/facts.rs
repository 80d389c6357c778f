//! What a namespace's tables ask about its devices, its addresses and its routes.
//! Views without state, so that one table can change while the rest is read.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::netns::conf::{Conf4, Conf6, Settings4, Settings6};
use crate::netns::fib::{
    Dst4, Dst6, Fib, Flow4, Flow6, IPV6_MIN_MTU, Links, Metric, RouteType, WayId, info_flags,
};
use crate::netns::inet::SCOPE_LINK;
use crate::netns::interface::{Interface, Interfaces};
use crate::netns::ip::route::{Way4, Way6};
use crate::netns::neigh::AddrKind;
use crate::netns::neigh::arp::LocalFacts;
use crate::netns::v6::{Ifaddr6, select};
use crate::units::{Errno, IfIndex, SimTime};
use crate::wire::ipv4::Ipv4View;

/// The devices and addresses of one namespace.
#[derive(Clone, Copy, Debug)]
pub struct LinkFacts<'a> {
    /// Its devices.
    pub interfaces: &'a Interfaces,
    /// `net.ipv4.conf.all`.
    pub all4: &'a Settings4,
    /// `net.ipv6.conf.all`.
    pub all6: &'a Settings6,
}

impl<'a> LinkFacts<'a> {
    /// What IP knows of a device.
    #[inline]
    pub fn interface(&self, ifindex: IfIndex) -> Option<&'a Interface> {
        self.interfaces.get(&ifindex).map(Box::as_ref)
    }

    fn either4(&self, ifindex: IfIndex, setting: Conf4) -> bool {
        let interface = self.interface(ifindex);
        interface.is_some_and(|interface| interface.either(self.all4, setting))
    }

    /// Whether an address that `counts` is one of a device's, or of any where none is said.
    pub fn has_ifaddr6(
        &self,
        addr: Ipv6Addr,
        on: Option<IfIndex>,
        counts: impl Fn(&Ifaddr6) -> bool,
    ) -> bool {
        let has = |interface: &Interface| {
            let addrs = interface.in6.get().map_or(&[][..], |in6| in6.addresses());
            addrs.iter().any(|ifa| ifa.addr == addr && counts(ifa))
        };
        match on {
            Some(ifindex) => self.interface(ifindex).is_some_and(has),
            None => self.interfaces.values().map(Box::as_ref).any(has),
        }
    }

    /// The source of packets to `dst` that leave by a device; 0 for any (`ipv6_dev_get_saddr`).
    pub fn source6(&self, oif: IfIndex, dst: Ipv6Addr) -> Option<Ipv6Addr> {
        let only_out = self.all6.on(Conf6::UseOifAddrsOnly)
            || self
                .interface(oif)
                .is_some_and(|interface| interface.conf6.on(Conf6::UseOifAddrsOnly));
        let out = (oif != 0).then_some(oif);
        let candidates = self.interfaces.values().flat_map(|interface| {
            let addrs = interface.in6.get().map_or(&[][..], |in6| in6.addresses());
            addrs.iter().map(|ifa| select::Candidate {
                ifindex: interface.ifindex,
                conf: &interface.conf6,
                ifa,
            })
        });
        select::source(dst, out, only_out, candidates)
    }

    fn both4(&self, ifindex: IfIndex, setting: Conf4) -> bool {
        let interface = self.interface(ifindex);
        interface.is_some_and(|interface| interface.both(self.all4, setting))
    }
}

impl Links for LinkFacts<'_> {
    fn exists(&self, ifindex: IfIndex) -> bool {
        self.interfaces.contains_key(&ifindex)
    }

    fn is_up(&self, ifindex: IfIndex) -> bool {
        self.interface(ifindex)
            .is_some_and(|interface| interface.up)
    }

    fn has_carrier(&self, ifindex: IfIndex) -> bool {
        self.interface(ifindex)
            .is_some_and(|interface| interface.carrier)
    }

    fn select_addr4(&self, oif: IfIndex, dst: Option<Ipv4Addr>, scope: u8) -> Option<Ipv4Addr> {
        let own = self
            .interface(oif)
            .and_then(|interface| interface.inet.select(dst, scope));
        own.or_else(|| {
            self.interfaces
                .values()
                .find_map(|interface| interface.inet.select_for_others(scope))
        })
    }

    fn select_addr6(&self, oif: IfIndex, dst: Ipv6Addr) -> Option<Ipv6Addr> {
        self.source6(oif, dst)
    }

    fn has_addr6(&self, addr: Ipv6Addr, on: Option<IfIndex>) -> bool {
        self.has_ifaddr6(addr, on, Ifaddr6::is_usable)
    }

    fn has_addr6_even_tentative(&self, addr: Ipv6Addr, on: Option<IfIndex>) -> bool {
        self.has_ifaddr6(addr, on, |_| true)
    }

    fn is_loopback(&self, ifindex: IfIndex) -> bool {
        self.interface(ifindex)
            .is_some_and(|interface| interface.loopback)
    }

    fn has_any_addr4(&self, ifindex: IfIndex) -> bool {
        self.interface(ifindex)
            .is_some_and(|interface| !interface.inet.addrs().is_empty())
    }

    fn lacks_ipv6(&self, ifindex: IfIndex) -> bool {
        self.interface(ifindex)
            .is_some_and(|interface| !interface.in6.is_on())
    }

    fn has_ipv6(&self, ifindex: IfIndex) -> bool {
        self.interface(ifindex)
            .is_some_and(|interface| interface.has_ipv6())
    }

    fn ignores_linkdown4(&self, ifindex: IfIndex) -> bool {
        self.either4(ifindex, Conf4::IgnoreRoutesWithLinkdown)
    }

    fn ignores_linkdown6(&self, ifindex: IfIndex) -> bool {
        let interface = self.interface(ifindex);
        self.all6.on(Conf6::IgnoreRoutesWithLinkdown)
            || interface
                .is_some_and(|interface| interface.conf6.on(Conf6::IgnoreRoutesWithLinkdown))
    }

    fn forwards4(&self, ifindex: IfIndex) -> bool {
        self.interface(ifindex)
            .is_some_and(|interface| interface.conf4.on(Conf4::Forwarding))
    }

    fn forwards6(&self) -> bool {
        self.all6.on(Conf6::Forwarding)
    }

    fn is_member4(&self, ifindex: IfIndex, group: Ipv4Addr) -> bool {
        self.interface(ifindex)
            .is_some_and(|interface| interface.is_member4(group))
    }

    fn rp_filter(&self, ifindex: IfIndex) -> u8 {
        let interface = self.interface(ifindex);
        let larger = interface.map_or(0, |interface| interface.larger(self.all4, Conf4::RpFilter));
        u8::try_from(larger).unwrap_or(0)
    }

    fn accepts_local(&self, ifindex: IfIndex) -> bool {
        self.either4(ifindex, Conf4::AcceptLocal)
    }

    fn routes_localnet(&self, ifindex: IfIndex) -> bool {
        self.either4(ifindex, Conf4::RouteLocalnet)
    }

    fn sends_redirects(&self, ifindex: IfIndex) -> bool {
        self.either4(ifindex, Conf4::SendRedirects)
    }

    fn has_shared_media(&self, ifindex: IfIndex) -> bool {
        self.either4(ifindex, Conf4::SharedMedia)
    }

    fn forwards_broadcast(&self, ifindex: IfIndex) -> bool {
        self.both4(ifindex, Conf4::BcForwarding)
    }

    fn checks_source_with_mark(&self, ifindex: IfIndex) -> bool {
        self.either4(ifindex, Conf4::SrcValidMark)
    }

    fn same_subnet4(&self, ifindex: IfIndex, a: Ipv4Addr, b: Option<Ipv4Addr>) -> bool {
        let interface = self.interface(ifindex);
        interface.is_some_and(|interface| match b {
            Some(b) => interface.inet.is_onlink_with(a, b),
            None => interface.inet.is_onlink(a),
        })
    }
}

/// Devices, addresses and routes of one namespace.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Devices and addresses.
    pub links: LinkFacts<'a>,
    /// The routes.
    pub fib: &'a Fib,
    /// The time, for what routes have learned.
    pub now: SimTime,
}

impl<'a> Facts<'a> {
    /// What IP knows of a device.
    #[inline]
    pub fn interface(&self, ifindex: IfIndex) -> Option<&'a Interface> {
        self.links.interface(ifindex)
    }

    /// The way of a packet of our own.
    ///
    /// # Errors
    /// `ENETUNREACH`, or what the route says.
    #[inline]
    pub fn route_output4(&self, flow: &Flow4) -> Result<Way4, Errno> {
        let dst = self.fib.v4.output(flow, &self.links, self.now)?;
        Ok(self.way(&dst))
    }

    /// As [`Self::route_output4`], with that by which what is learned about the way is known.
    ///
    /// # Errors
    /// The same.
    pub fn route_and_id4(&self, flow: &Flow4) -> Result<(Way4, Option<WayId>), Errno> {
        let dst = self.fib.v4.output(flow, &self.links, self.now)?;
        Ok((self.way(&dst), dst.way_id()))
    }

    /// The way of a route, with the mtu of its device where nothing smaller is known.
    #[inline]
    pub fn way(&self, dst: &Dst4<'_>) -> Way4 {
        let device = self.interface(dst.oif).map_or(0, |interface| interface.mtu);
        Way4 {
            kind: dst.kind,
            src: dst.src,
            dst: dst.dst,
            oif: dst.oif,
            gateway: dst.gateway,
            flags: dst.flags,
            table: dst.found.map_or(0, |found| found.owner()),
            mtu: dst.mtu.map_or(device, |mtu| {
                if dst.expires.is_some() {
                    mtu.min(device)
                } else {
                    mtu
                }
            }),
        }
    }

    /// The way of an IPv6 packet of our own, with a source where the flow has none (`ip6_dst_lookup`).
    ///
    /// # Errors
    /// `ENETUNREACH`, or what the route says; `EADDRNOTAVAIL` where no address of ours will do.
    pub fn route_output6(&self, flow: &Flow6) -> Result<Way6, Errno> {
        let dst = match self.fib.v6.output(flow, &self.links, self.now) {
            Ok(dst) => dst,
            // A source is looked for first, and where there is none that is what is wrong.
            Err(errno) => {
                let named = !flow.src.is_unspecified() || self.links.source6(0, flow.dst).is_some();
                return Err(if named { errno } else { Errno::Eaddrnotavail });
            }
        };
        let mut way = self.way6(&dst);
        way.src = match flow.src.is_unspecified() {
            true => self
                .fib
                .v6
                .source_of(&dst, &self.links)
                .ok_or(Errno::Eaddrnotavail)?,
            false => flow.src,
        };
        Ok(way)
    }

    /// The way of an IPv6 packet that came in by `flow.iif`; its source stays the flow's.
    ///
    /// # Errors
    /// As what is told to its sender.
    pub fn route_input6(&self, flow: &Flow6) -> Result<Way6, Errno> {
        let dst = self.fib.v6.input(flow, &self.links, self.now)?;
        let mut way = self.way6(&dst);
        way.src = flow.src;
        Ok(way)
    }

    fn way6(&self, dst: &Dst6<'_>) -> Way6 {
        let out = self.interface(dst.oif);
        let route = dst.found.route;
        let metric = |which| route.metrics.as_deref().and_then(|m| m.value(which));
        let own = |setting| out.map_or(0, |interface| interface.conf6.of(setting));
        let device = match u32::try_from(own(Conf6::Mtu)) {
            Ok(mtu) if mtu >= IPV6_MIN_MTU => mtu,
            Ok(_) | Err(_) => IPV6_MIN_MTU,
        };
        let device = out.map_or(device, |interface| device.min(interface.mtu));
        let hop_limit = metric(Metric::HopLimit).map_or(own(Conf6::HopLimit), i64::from);
        Way6 {
            kind: dst.kind,
            src: Ipv6Addr::UNSPECIFIED,
            dst: dst.dst,
            oif: dst.oif,
            dev: route.nexthop.oif,
            gateway: dst.gateway,
            prefix_len: dst.found.prefix_len,
            mtu: dst.mtu.map_or(device, |mtu| mtu.min(device)),
            hop_limit: u8::try_from(hop_limit).unwrap_or(64),
            table: dst.found.table,
        }
    }

    /// The source of an ICMPv6 error about a packet that came in by a device: the address that it was
    /// for, where it is ours (`icmp6_send`).
    pub fn icmp_source6(&self, dst: Ipv6Addr, ifindex: IfIndex) -> Option<Ipv6Addr> {
        let near = dst.is_unicast_link_local() || dst.is_loopback();
        let on = near.then_some(ifindex);
        let anycast = self
            .interface(ifindex)
            .and_then(|interface| interface.in6.get())
            .is_some_and(|in6| in6.anycast().any(|own| own == dst));
        (anycast || self.links.has_addr6(dst, on)).then_some(dst)
    }

    /// Whether a packet to a group is for a device (`ipv6_chk_mcast_addr`).
    pub fn listens6(&self, ifindex: IfIndex, group: Ipv6Addr) -> bool {
        self.interface(ifindex)
            .and_then(|interface| interface.in6.get())
            .is_some_and(|in6| in6.listens_to(group))
    }

    /// The source of an ICMP error about a packet: the address that it was for, where it is ours; nothing
    /// leaves the choice to the route (`icmp_send`).
    pub fn icmp_source(&self, packet: Ipv4View<'_>) -> Option<Ipv4Addr> {
        let ours = self.fib.v4.address_kind(packet.dst()) == RouteType::Local;
        ours.then_some(packet.dst())
    }
}

impl LocalFacts for Facts<'_> {
    fn addr_kind(&self, _ifindex: IfIndex, addr: Ipv4Addr) -> AddrKind {
        kind_of(self.fib.v4.address_kind(addr))
    }

    fn route_input(
        &self,
        ifindex: IfIndex,
        source: Ipv4Addr,
        target: Ipv4Addr,
    ) -> Option<(AddrKind, IfIndex)> {
        let flow = Flow4 {
            src: source,
            iif: ifindex,
            ..Flow4::to(target)
        };
        let dst = self.fib.v4.input(&flow, &self.links, self.now).ok()?;
        Some((kind_of(dst.kind), dst.oif))
    }

    fn route_output(&self, target: Ipv4Addr, source: Ipv4Addr) -> Option<IfIndex> {
        let flow = Flow4 {
            src: source,
            ..Flow4::to(target)
        };
        Some(self.fib.v4.output(&flow, &self.links, self.now).ok()?.oif)
    }

    fn confirm_addr(
        &self,
        ifindex: Option<IfIndex>,
        target: Ipv4Addr,
        local: Ipv4Addr,
        scope: u8,
    ) -> bool {
        let confirms = |interface: &Interface| {
            let of_scope =
                interface.inet.addrs().iter().any(|addr| {
                    addr.scope <= scope && (local.is_unspecified() || addr.local == local)
                });
            let on_subnet = interface.inet.addrs().iter().any(|addr| {
                (local.is_unspecified() || addr.covers(local))
                    && (target.is_unspecified() || addr.covers(target))
            });
            of_scope && on_subnet
        };
        match ifindex {
            Some(ifindex) => self.interface(ifindex).is_some_and(confirms),
            None => self
                .links
                .interfaces
                .values()
                .map(Box::as_ref)
                .any(confirms),
        }
    }

    fn are_onlink(&self, ifindex: IfIndex, target: Ipv4Addr, source: Ipv4Addr) -> bool {
        self.interface(ifindex)
            .is_some_and(|interface| interface.inet.is_onlink_with(target, source))
    }

    fn select_source(&self, ifindex: IfIndex, target: Ipv4Addr) -> Ipv4Addr {
        let chosen = self.links.select_addr4(ifindex, Some(target), SCOPE_LINK);
        chosen.unwrap_or(Ipv4Addr::UNSPECIFIED)
    }

    fn medium_id(&self, ifindex: IfIndex) -> i64 {
        self.interface(ifindex)
            .map_or(0, |interface| interface.conf4.of(Conf4::MediumId))
    }
}

/// What kind of address a route's type stands for.
pub fn kind_of(kind: RouteType) -> AddrKind {
    match kind {
        RouteType::Local => AddrKind::Local,
        RouteType::Broadcast => AddrKind::Broadcast,
        RouteType::Multicast => AddrKind::Multicast,
        _ => AddrKind::Unicast,
    }
}

/// Whether a packet on this way is also heard here (`RTCF_LOCAL` of a broadcast or group).
pub fn heard_here(way: &Way4) -> bool {
    let shared = matches!(way.kind, RouteType::Broadcast | RouteType::Multicast);
    shared && way.flags & info_flags::LOCAL != 0
}

/// The gateway as an IPv4 address.
pub fn gateway4(way: &Way4) -> Option<Ipv4Addr> {
    match way.gateway {
        Some(IpAddr::V4(gateway)) => Some(gateway),
        Some(IpAddr::V6(_)) | None => None,
    }
}
