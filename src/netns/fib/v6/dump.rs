//! What the IPv6 tables say of themselves: a dump, and the answer to `ip -6 route get`.
//! Words for people are made by the tools.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Net};

use super::{Dst6, Fib6, Flow6, Result6, Route6, Table6};
use crate::netns::fib::config::RouteError;
use crate::netns::fib::info::info_flags::CLONED;
use crate::netns::fib::info::{RouteGet, RouteInfo};
use crate::netns::fib::links::Links;
use crate::netns::fib::metrics::Metric;
use crate::netns::fib::route::nexthop_flags::{DEAD, LINKDOWN, OFFLOAD, ONLINK};
use crate::netns::fib::route::{Nexthop, RouteType};
use crate::units::{Errno, SimTime};

impl Fib6 {
    /// All routes in the kernel's order, or those of one table (`inet6_dump_fib`).
    pub fn dump(&self, table: Option<u32>, links: &impl Links) -> Vec<RouteInfo> {
        let wanted = |found: &&Table6| table.is_none_or(|id| found.id == id);
        let tables = self.tables.iter().filter(wanted);
        tables.flat_map(|table| table.dump(links)).collect()
    }

    /// The ways to the destinations of which something was learned, that still go that way.
    pub(in crate::netns::fib) fn cache_dump(
        &self,
        links: &impl Links,
        now: SimTime,
    ) -> Vec<RouteInfo> {
        let known = self.exceptions.iter(now);
        let ways = known.filter_map(|(dst, _)| self.output(&Flow6::to(dst), links, now).ok());
        ways.filter(|dst| dst.expires.is_some())
            .map(|dst| dst.info())
            .collect()
    }

    /// The answer to a lookup (`inet6_rtm_getroute`).
    ///
    /// # Errors
    /// As a packet would get.
    pub fn get(
        &self,
        asked: &RouteGet,
        links: &impl Links,
        now: SimTime,
    ) -> Result<RouteInfo, RouteError> {
        let IpAddr::V6(to) = asked.dst else {
            return Err(Errno::Eafnosupport.into());
        };
        let from = match asked.src {
            Some(IpAddr::V6(from)) => from,
            _ => Ipv6Addr::UNSPECIFIED,
        };
        let flow = Flow6 {
            src: from,
            oif: asked.oif,
            mark: asked.mark,
            tos: asked.tos,
            proto: asked.proto,
            sport: asked.sport,
            dport: asked.dport,
            uid: asked.uid,
            ..Flow6::to(to)
        };
        let dst = match asked.iif {
            0 => self.asked_output(&flow, links, now)?,
            iif if !links.exists(iif) => return Err(Errno::Enodev.into()),
            iif => self.asked_input(&Flow6 { iif, ..flow }, links, now)?,
        };
        if asked.fib_match {
            return Ok(dst.found.info(links));
        }
        let mut info = dst.info();
        info.src = Some(from.into());
        if asked.iif == 0 {
            info.prefsrc = self.source_of(&dst, links).map(IpAddr::V6);
        } else {
            info.iif = Some(asked.iif);
            info.prefsrc = dst.found.route.prefsrc.map(IpAddr::V6);
        }
        Ok(info)
    }
}

impl Table6 {
    /// The tree is walked children first: what is inside a prefix comes before it.
    fn dump(&self, links: &impl Links) -> Vec<RouteInfo> {
        let mut leaves: Vec<_> = self.routes().iter().collect();
        let last = |addr: u128, len: u8| addr | u128::MAX.checked_shr(len.into()).unwrap_or(0);
        leaves.sort_by_key(|&(addr, len, _)| (last(addr, len), 128 - len.min(128)));
        let mut infos = Vec::new();
        for (addr, len, list) in leaves {
            dump_leaf(list, self.id, prefix(addr.into(), len), &mut infos, links);
        }
        infos
    }
}

/// The routes of a prefix; siblings are one route of several ways, and the walk goes on behind
/// the last of them.
fn dump_leaf(
    list: &[Route6],
    table: u32,
    dst: IpNet,
    infos: &mut Vec<RouteInfo>,
    links: &impl Links,
) {
    let mut at = 0;
    while let Some(route) = list.get(at) {
        infos.push(route.info_among(list, table, dst, links));
        let last = list.iter().rposition(|other| other.is_sibling_of(route));
        at = last.unwrap_or(at).max(at) + 1;
    }
}

fn prefix(addr: Ipv6Addr, len: u8) -> IpNet {
    Ipv6Net::new(addr, len.min(128))
        .expect("at most 128 bits")
        .into()
}

impl Route6 {
    /// As `rt6_fill_node` reports it, with its siblings.
    fn info_among(&self, list: &[Route6], table: u32, dst: IpNet, links: &impl Links) -> RouteInfo {
        let mut ways = vec![shown(&self.nexthop, links)];
        let siblings = list.iter().filter(|other| other.is_sibling_of(self));
        let others = siblings.filter(|other| !std::ptr::eq(*other, self));
        ways.extend(others.map(|other| shown(&other.nexthop, links)));
        let multipath = ways.len() > 1;
        let flags = match &ways[..] {
            [only] => u32::from(only.flags),
            _ => 0,
        };
        RouteInfo {
            nexthops: ways,
            multipath,
            flags,
            prefsrc: self.prefsrc.map(IpAddr::V6),
            expires: (self.expires != SimTime::NEVER).then_some(self.expires),
            metrics: self.metrics.as_deref().cloned().unwrap_or_default(),
            ..self.bare_info(table, dst)
        }
    }

    fn bare_info(&self, table: u32, dst: IpNet) -> RouteInfo {
        RouteInfo {
            protocol: self.protocol,
            metric: Some(self.metric),
            pref: Some(self.pref),
            ..RouteInfo::new(table, dst, self.kind)
        }
    }
}

fn shown(hop: &Nexthop, links: &impl Links) -> Nexthop {
    let mut flags = hop.flags & (DEAD | LINKDOWN | ONLINK | OFFLOAD);
    if hop.has(LINKDOWN) && links.ignores_linkdown6(hop.oif) {
        flags |= DEAD;
    }
    Nexthop { flags, ..*hop }
}

impl Result6<'_> {
    /// The route that was found, as it is in its table (`fibmatch`).
    pub fn info(&self, links: &impl Links) -> RouteInfo {
        let dst = prefix(self.prefix, self.prefix_len);
        let first = self
            .list
            .iter()
            .find(|other| other.is_sibling_of(self.route));
        first
            .unwrap_or(self.route)
            .info_among(self.list, self.table, dst, links)
    }
}

impl Dst6<'_> {
    fn info(&self) -> RouteInfo {
        let route = self.found.route;
        let mut metrics = route.metrics.as_deref().cloned().unwrap_or_default();
        if let Some(mtu) = self.mtu {
            metrics.insert(Metric::Mtu, mtu);
        }
        let cloned = if self.expires.is_some() { CLONED } else { 0 };
        RouteInfo {
            kind: match self.kind {
                RouteType::Unspec => RouteType::Unicast,
                kind => kind,
            },
            nexthops: vec![Nexthop {
                oif: self.oif,
                gateway: self.gateway.map(IpAddr::V6),
                flags: 0,
                ..route.nexthop
            }],
            flags: cloned,
            metrics,
            expires: self.expires,
            ..route.bare_info(self.found.table, prefix(self.dst, 128))
        }
    }
}
