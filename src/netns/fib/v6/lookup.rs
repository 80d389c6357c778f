//! Which IPv6 route a packet takes: rules, the longest prefix, the best of its routes, siblings.
//! After `fib6_rule_lookup`, `fib6_table_lookup` and `ip6_pol_route` of net/ipv6.

use std::net::{IpAddr, Ipv6Addr};

use super::{Fib6, Route6};
use crate::netns::fib::exceptions::WayId;
use crate::netns::fib::few::Few;
use crate::netns::fib::links::Links;
use crate::netns::fib::metrics::Metric;
use crate::netns::fib::multipath;
use crate::netns::fib::prefixes::Bits;
use crate::netns::fib::route::nexthop_flags::{DEAD, LINKDOWN};
use crate::netns::fib::route::{Nexthop, RouteType, table};
use crate::netns::fib::rules::{RuleAction, RuleInfo, Selector};
use crate::units::{Errno, IfIndex, SimTime};

/// What of a packet decides about its route (`struct flowi6`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flow6 {
    /// Destination.
    pub dst: Ipv6Addr,
    /// Source; all zeros where it is still to be chosen.
    pub src: Ipv6Addr,
    /// The device that it must leave by; 0 for any.
    pub oif: IfIndex,
    /// The device that it came in by; 1, the loopback, for what is sent from here.
    pub iif: IfIndex,
    /// The mark.
    pub mark: u32,
    /// Traffic class.
    pub tos: u8,
    /// Upper protocol; 0 where it is not known.
    pub proto: u8,
    /// Source port; 0 where it is not known.
    pub sport: u16,
    /// Destination port; 0 where it is not known.
    pub dport: u16,
    /// The user that sends.
    pub uid: u32,
}

impl Flow6 {
    /// A packet from here to `dst`, with nothing else said.
    pub const fn to(dst: Ipv6Addr) -> Self {
        Self {
            dst,
            src: Ipv6Addr::UNSPECIFIED,
            oif: 0,
            iif: 1,
            mark: 0,
            tos: 0,
            proto: 0,
            sport: 0,
            dport: 0,
            uid: 0,
        }
    }

    fn selector(&self) -> Selector {
        Selector {
            src: self.src.into(),
            dst: self.dst.into(),
            tos: self.tos & 0xfc,
            iif: self.iif,
            oif: self.oif,
            mark: self.mark,
            proto: self.proto,
            sport: self.sport,
            dport: self.dport,
            uid: self.uid,
        }
    }

    /// Whether the device matters whatever the routes say (`rt6_need_strict`).
    fn needs_device(&self) -> bool {
        self.dst.is_multicast() || self.dst.is_unicast_link_local() || self.dst.is_loopback()
    }
}

/// How a lookup is to be done (`RT6_LOOKUP_F_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lookup {
    /// Only routes by the device that is asked for.
    pub iface: bool,
    /// Routers that do not answer come last.
    pub reachable: bool,
    /// A missing carrier does not matter.
    pub ignore_linkstate: bool,
}

/// The route that a lookup found (`struct fib6_result`).
#[derive(Clone, Copy, Debug)]
pub struct Result6<'a> {
    /// The route.
    pub route: &'a Route6,
    /// All routes of its prefix.
    pub(super) list: &'a Few<Route6>,
    /// Its prefix.
    pub prefix: Ipv6Addr,
    /// The length of its prefix.
    pub prefix_len: u8,
    /// The table.
    pub table: u32,
}

impl Result6<'_> {
    /// The way that something may be learned about.
    pub fn way_id(&self) -> WayId {
        let hop = &self.route.nexthop;
        WayId {
            oif: hop.oif,
            via: hop.gateway,
            route: self
                .route
                .digest(self.table, self.prefix.to_bits(), self.prefix_len),
        }
    }
}

/// Where an IPv6 packet goes (`struct rt6_info`).
#[derive(Clone, Copy, Debug)]
pub struct Dst6<'a> {
    /// Unicast, local, anycast or multicast.
    pub kind: RouteType,
    /// The destination.
    pub dst: Ipv6Addr,
    /// The device that it leaves by; the loopback where it is for this host.
    pub oif: IfIndex,
    /// The gateway; without one the destination is on the link.
    pub gateway: Option<Ipv6Addr>,
    /// Largest packet that the route or the path takes, where that is known.
    pub mtu: Option<u32>,
    /// When the path MTU or redirect is forgotten.
    pub expires: Option<SimTime>,
    /// The route.
    pub found: Result6<'a>,
}

impl Dst6<'_> {
    /// Whether it is delivered to this host: to an address, or to a group that it may be in.
    pub fn is_local(&self) -> bool {
        matches!(self.kind, RouteType::Local | RouteType::Anycast)
    }

    /// The address whose neighbour the packet goes to.
    pub fn next_address(&self) -> Ipv6Addr {
        self.gateway.unwrap_or(self.dst)
    }
}

impl Fib6 {
    /// The way of a packet of this host (`ip6_route_output`).
    ///
    /// # Errors
    /// ENETUNREACH where there is none, else what the route or rule says: EINVAL of a blackhole,
    /// EHOSTUNREACH, EACCES.
    pub fn output(
        &self,
        flow: &Flow6,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Dst6<'_>, Errno> {
        refuse_loops(self.asked_output(flow, links, now)?)
    }

    /// The same, asked by somebody who sends nothing: a route through the loopback is told, though it takes no packet.
    ///
    /// # Errors
    /// As [`Self::output`].
    pub(super) fn asked_output(
        &self,
        flow: &Flow6,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Dst6<'_>, Errno> {
        let bound = flow.oif != 0 && flow.src.is_unspecified();
        let how = Lookup {
            iface: flow.needs_device() || bound,
            reachable: !links.forwards6(),
            ignore_linkstate: false,
        };
        let found = self.lookup(flow, how, links, now)?;
        self.resolve(flow, found, how, links, now)
    }

    /// The way of a packet that came in by `flow.iif` (`ip6_route_input`).
    ///
    /// # Errors
    /// As [`Self::output`].
    pub fn input(&self, flow: &Flow6, links: &impl Links, now: SimTime) -> Result<Dst6<'_>, Errno> {
        refuse_loops(self.asked_input(flow, links, now)?)
    }

    /// The same, asked by somebody who has no packet.
    ///
    /// # Errors
    /// As [`Self::output`].
    pub(super) fn asked_input(
        &self,
        flow: &Flow6,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Dst6<'_>, Errno> {
        let how = Lookup {
            iface: flow.needs_device(),
            reachable: !links.forwards6(),
            ignore_linkstate: false,
        };
        // Among equal routes the one by the device that it came in by is preferred.
        let found = self.lookup_by(flow, flow.iif, how, links, now)?;
        self.resolve(flow, found, how, links, now)
    }

    /// The source address of packets to `dst` by a route (`ip6_route_get_saddr`).
    pub fn source_of(&self, found: &Dst6<'_>, links: &impl Links) -> Option<Ipv6Addr> {
        let route = found.found.route;
        route
            .prefsrc
            .or_else(|| links.select_addr6(route.nexthop.oif, found.dst))
    }

    fn resolve<'a>(
        &'a self,
        flow: &Flow6,
        found: Result6<'a>,
        how: Lookup,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Dst6<'a>, Errno> {
        if let Some(errno) = found.route.kind.error() {
            return Err(errno);
        }
        let found = select_path(found, flow, how, links);
        let route = found.route;
        let hop = &route.nexthop;
        let local = matches!(route.kind, RouteType::Local | RouteType::Anycast);
        let mut dst = Dst6 {
            kind: route.kind,
            dst: flow.dst,
            oif: if local { 1 } else { hop.oif },
            gateway: route.gateway(),
            mtu: route.metrics.as_deref().and_then(|m| m.value(Metric::Mtu)),
            expires: None,
            found,
        };
        let known = match self.exceptions.is_empty() {
            true => None,
            false => self.exceptions.find(flow.dst, found.way_id(), now),
        };
        if let Some(known) = known {
            if let Some(IpAddr::V6(gateway)) = known.gateway {
                dst.gateway = Some(gateway);
            }
            dst.mtu = known.mtu.or(dst.mtu);
            dst.expires = Some(known.expires);
        }
        Ok(dst)
    }

    /// The route of a packet (`fib6_rule_lookup`).
    ///
    /// # Errors
    /// ENETUNREACH where there is none, or what a rule says. A route that stands for an error is
    /// found as it is.
    #[inline]
    pub fn lookup(
        &self,
        flow: &Flow6,
        how: Lookup,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Result6<'_>, Errno> {
        self.lookup_by(flow, flow.oif, how, links, now)
    }

    fn lookup_by(
        &self,
        flow: &Flow6,
        device: IfIndex,
        how: Lookup,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Result6<'_>, Errno> {
        let flow = Flow6 {
            oif: device,
            ..*flow
        };
        if self.custom_rules {
            return self.lookup_by_rules(&flow, how, links, now);
        }
        [table::LOCAL, table::MAIN]
            .into_iter()
            .filter_map(|id| self.lookup_table(id, &flow, how, links, now))
            .find(|found| found.route.kind != RouteType::Throw)
            .ok_or(Errno::Enetunreach)
    }

    fn lookup_by_rules(
        &self,
        flow: &Flow6,
        how: Lookup,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Result6<'_>, Errno> {
        self.rules.walk(&flow.selector(), |info| {
            match info.rule.action {
                RuleAction::ToTable => {}
                RuleAction::Unreachable => return Err(Errno::Enetunreach),
                RuleAction::Prohibit => return Err(Errno::Eacces),
                RuleAction::Blackhole
                | RuleAction::Other(_)
                | RuleAction::Goto(_)
                | RuleAction::Nop => {
                    return Err(Errno::Einval);
                }
            }
            self.lookup_table(info.rule.table, flow, how, links, now)
                .filter(|found| found.route.kind != RouteType::Throw)
                .filter(|found| !suppressed(info, found, links))
                .ok_or(Errno::Eagain)
        })
    }

    /// The route of a packet by one table (`fib6_table_lookup`).
    pub(super) fn lookup_table(
        &self,
        id: u32,
        flow: &Flow6,
        how: Lookup,
        links: &impl Links,
        now: SimTime,
    ) -> Option<Result6<'_>> {
        let table = self.table(id)?;
        let dst = flow.dst.to_bits();
        let find = |how| {
            table.routes().matches(dst).find_map(|(prefix_len, list)| {
                let route = best(list, flow.oif, how, links, now)?;
                Some(Result6 {
                    route,
                    list,
                    prefix: dst.masked(prefix_len).into(),
                    prefix_len,
                    table: id,
                })
            })
        };
        let unreachable_too = Lookup {
            reachable: false,
            ..how
        };
        let first = find(how);
        match how.reachable {
            true => first.or_else(|| find(unreachable_too)),
            false => first,
        }
    }
}

fn suppressed(info: &RuleInfo, found: &Result6<'_>, links: &impl Links) -> bool {
    let oif = found.route.nexthop.oif;
    info.suppresses(found.prefix_len, || Some(links.group(oif)))
}

/// The best route of a prefix (`rt6_select`): of the lowest metric, or where none of those will
/// do, of all others.
fn best<'a>(
    list: &'a [Route6],
    oif: IfIndex,
    how: Lookup,
    links: &impl Links,
    now: SimTime,
) -> Option<&'a Route6> {
    let lowest = list.first()?.metric;
    let end = list.iter().take_while(|route| route.metric == lowest);
    let (first, others) = list.split_at_checked(end.count())?;
    [first, others].into_iter().find_map(|group| {
        let mut best = None;
        for route in group.iter().filter(|route| route.expires > now) {
            let Some(score) = score(route, oif, how, links) else {
                continue;
            };
            if best.is_none_or(|(high, _)| score > high) {
                best = Some((score, route));
            }
        }
        best.map(|(_, route)| route)
    })
}

/// How good a route is; nothing where it will not do (`find_match`, `rt6_score_route`).
fn score(route: &Route6, oif: IfIndex, how: Lookup, links: &impl Links) -> Option<u8> {
    let hop = &route.nexthop;
    if hop.has(DEAD) {
        return None;
    }
    if hop.has(LINKDOWN) && !how.ignore_linkstate && links.ignores_linkdown6(hop.oif) {
        return None;
    }
    let on_device = oif == 0 || hop.oif == oif;
    if !on_device && how.iface {
        return None;
    }
    if how.reachable
        && let Some(gateway) = route.gateway()
        && links.router_failed6(hop.oif, gateway)
    {
        return None;
    }
    // Low is 3 on the wire and below medium: 3, 0, 1 become 0, 1, 2.
    let pref = (route.pref + 1) & 3;
    Some(pref << 2 | if on_device { 2 } else { 0 })
}

/// Chooses among siblings by the hash of the flow (`fib6_select_path`).
fn select_path<'a>(
    found: Result6<'a>,
    flow: &Flow6,
    how: Lookup,
    links: &impl Links,
) -> Result6<'a> {
    let siblings = || {
        found
            .list
            .iter()
            .filter(|route| route.is_sibling_of(found.route))
    };
    if !found.route.may_have_siblings() || siblings().nth(1).is_none() {
        return found;
    }
    let alive =
        |hop: &Nexthop| !hop.has(DEAD) && (!hop.has(LINKDOWN) || !links.ignores_linkdown6(hop.oif));
    let hash = multipath::hash(flow.src.into(), flow.dst.into());
    let hops = siblings().map(|route| &route.nexthop);
    let chosen = multipath::select(hops, hash, alive).and_then(|at| siblings().nth(at));
    let chosen = chosen.filter(|route| score(route, flow.oif, how, links).is_some());
    Result6 {
        route: chosen.unwrap_or(found.route),
        ..found
    }
}

/// A route through the loopback takes no packet (`ip6_pkt_discard`).
fn refuse_loops(dst: Dst6<'_>) -> Result<Dst6<'_>, Errno> {
    match dst.found.route.reject {
        true => Err(Errno::Enetunreach),
        false => Ok(dst),
    }
}
