//! What the IPv4 tables say of themselves: a dump, and the answer to `ip route get`.
//! Words for people are made by the tools.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use super::{Dst4, Fib4, Flow4, Result4, Route4, Table4};
use crate::netns::fib::config::RouteError;
use crate::netns::fib::info::info_flags::CLONED;
use crate::netns::fib::info::{RouteGet, RouteInfo};
use crate::netns::fib::links::Links;
use crate::netns::fib::metrics::{Metric, Metrics};
use crate::netns::fib::route::nexthop_flags::{DEAD, LINKDOWN, OFFLOAD, ONLINK};
use crate::netns::fib::route::{Nexthop, protocol, scope};
use crate::units::{Errno, SimTime};

impl Fib4 {
    /// All routes in the kernel's order, or those of one table (`inet_dump_fib`).
    pub fn dump(&self, table: Option<u32>, links: &impl Links) -> Vec<RouteInfo> {
        let wanted = |found: &&Table4| table.is_none_or(|id| found.id == id);
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
        let ways = known.filter_map(|(dst, _)| self.output(&Flow4::to(dst), links, now).ok());
        ways.filter(|dst| dst.expires.is_some())
            .map(|dst| dst.info())
            .collect()
    }

    /// The answer to a lookup (`inet_rtm_getroute`).
    ///
    /// # Errors
    /// As a packet would get.
    pub fn get(
        &self,
        asked: &RouteGet,
        links: &impl Links,
        now: SimTime,
    ) -> Result<RouteInfo, RouteError> {
        let IpAddr::V4(to) = asked.dst else {
            return Err(Errno::Eafnosupport.into());
        };
        let from = match asked.src {
            Some(IpAddr::V4(from)) => from,
            _ => Ipv4Addr::UNSPECIFIED,
        };
        let flow = Flow4 {
            src: from,
            oif: asked.oif,
            mark: asked.mark,
            tos: asked.tos,
            proto: asked.proto,
            sport: asked.sport,
            dport: asked.dport,
            uid: asked.uid,
            ..Flow4::to(to)
        };
        let dst = match asked.iif {
            0 => self.output(&flow, links, now)?,
            iif if !links.exists(iif) => return Err(Errno::Enodev.into()),
            iif => self.came_in(&Flow4 { iif, ..flow }, links, now)?,
        };
        if asked.fib_match {
            let found = dst.found.ok_or(Errno::Ehostunreach)?;
            return Ok(found.info(links));
        }
        let mut info = dst.info();
        info.dst = prefix(to, 32);
        info.src = (!from.is_unspecified()).then_some(from.into());
        info.mark = asked.mark;
        if asked.iif == 0 {
            info.uid = Some(asked.uid);
            info.prefsrc = (dst.src != from).then_some(dst.src.into());
        } else {
            info.iif = Some(asked.iif);
        }
        Ok(info)
    }

    /// The way of a packet that is asked about as if it had come in. Of the loopback, too, it is asked as of any device,
    /// though what that carries has its way from where it was sent.
    fn came_in(
        &self,
        flow: &Flow4,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Dst4<'_>, RouteError> {
        let (iif, src) = (flow.iif, flow.src);
        let loopback = links.is_loopback(iif);
        let outside = src.is_loopback() || flow.dst.is_loopback();
        if loopback && outside && !links.routes_localnet(iif) {
            return Err(Errno::Einval.into());
        }
        let way = self.input(flow, links, now);
        let way = way.map_err(|refusal| refusal.errno())?;
        let own = !src.is_unspecified() && self.is_own(src);
        match loopback && own && !links.accepts_local(iif) {
            true => Err(Errno::Einval.into()),
            false => Ok(way),
        }
    }
}

impl Table4 {
    fn dump(&self, links: &impl Links) -> Vec<RouteInfo> {
        let mut infos = Vec::new();
        let mut leaf = Vec::new();
        for (addr, len, list) in self.routes().iter() {
            // The prefixes of one address are one leaf, the longest first.
            if leaf.first().is_some_and(|&(first, _, _)| first != addr) {
                self.dump_leaf(&mut leaf, &mut infos, links);
            }
            leaf.push((addr, len, list));
        }
        self.dump_leaf(&mut leaf, &mut infos, links);
        infos
    }

    fn dump_leaf(
        &self,
        leaf: &mut Vec<(u32, u8, &super::Few<Route4>)>,
        infos: &mut Vec<RouteInfo>,
        links: &impl Links,
    ) {
        for (addr, len, list) in leaf.drain(..).rev() {
            let routes = list.iter();
            infos.extend(routes.map(|route| route.info(self.id, prefix(addr.into(), len), links)));
        }
    }
}

fn prefix(addr: Ipv4Addr, len: u8) -> IpNet {
    Ipv4Net::new(addr, len.min(32))
        .expect("at most 32 bits")
        .into()
}

impl Route4 {
    /// As `fib_dump_info` reports it.
    fn info(&self, table: u32, dst: IpNet, links: &impl Links) -> RouteInfo {
        let multipath = self.nexthops.len() > 1;
        let nexthops: Vec<Nexthop> = self.nexthops.iter().map(|hop| shown(hop, links)).collect();
        let mut flags = u32::from(self.flags);
        if let ([hop], false) = (&nexthops[..], multipath) {
            flags |= u32::from(hop.flags);
        }
        RouteInfo {
            tos: self.tos,
            protocol: self.protocol,
            scope: self.scope,
            metric: (self.priority != 0).then_some(self.priority),
            prefsrc: self.prefsrc.map(IpAddr::V4),
            nexthops,
            multipath,
            flags,
            metrics: self.metrics.as_deref().cloned().unwrap_or_default(),
            ..RouteInfo::new(table, dst, self.kind)
        }
    }
}

/// A next hop as it is reported (`fib_nexthop_info`): without carrier it is dead where such
/// routes are ignored.
fn shown(hop: &Nexthop, links: &impl Links) -> Nexthop {
    let mut flags = hop.flags & (DEAD | LINKDOWN | ONLINK | OFFLOAD);
    if hop.has(LINKDOWN) && links.ignores_linkdown4(hop.oif) {
        flags |= DEAD;
    }
    Nexthop { flags, ..*hop }
}

impl Result4<'_> {
    /// The route that was found, as it is in its table (`fibmatch`).
    pub fn info(&self, links: &impl Links) -> RouteInfo {
        let dst = prefix(self.prefix, self.prefix_len);
        self.route.info(self.table, dst, links)
    }
}

impl Dst4<'_> {
    /// As `rt_fill_info` reports it.
    fn info(&self) -> RouteInfo {
        let mut metrics = self.metrics().cloned().unwrap_or_default();
        if self.expires.is_some() {
            self.learned(&mut metrics);
        }
        RouteInfo {
            tos: self.found.map_or(0, |found| found.route.tos),
            protocol: protocol::UNSPEC,
            scope: scope::UNIVERSE,
            nexthops: vec![Nexthop {
                oif: self.oif,
                gateway: self.gateway,
                weight: 1,
                flags: 0,
                scope: scope::UNIVERSE,
                realms: 0,
            }],
            flags: self.flags | CLONED,
            metrics,
            expires: self.expires,
            ..RouteInfo::new(self.table(), prefix(self.dst, 32), self.kind)
        }
    }

    fn learned(&self, metrics: &mut Metrics) {
        if let Some(mtu) = self.mtu {
            metrics.insert(Metric::Mtu, mtu);
        }
        if self.mtu_locked {
            metrics.lock(Metric::Mtu);
        }
    }
}
