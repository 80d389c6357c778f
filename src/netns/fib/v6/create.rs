//! New IPv6 routes: where in its table a route goes, and what that does to those that are there.
//! After `ip6_route_add`, `ip6_route_multipath_add` and `fib6_add_rt2node` of net/ipv6.

use ipnet::Ipv6Net;

use super::check::destination;
use super::{Fib6, Route6};
use crate::netns::fib::config::{NewFlags, NexthopConfig, RouteConfig, RouteError};
use crate::netns::fib::few::Few;
use crate::netns::fib::links::Links;
use crate::units::{Errno, SimTime};

/// How often expired routes are looked for (`net.ipv6.route.gc_interval`).
pub(super) const GC_INTERVAL: std::time::Duration = std::time::Duration::from_secs(30);

impl Fib6 {
    /// Adds, replaces or changes a route (RTM_NEWROUTE). Several ways become siblings.
    ///
    /// # Errors
    /// With the kernel's number and words; the routes are as before.
    pub fn add(
        &mut self,
        config: &RouteConfig,
        flags: NewFlags,
        links: &impl Links,
        now: SimTime,
    ) -> Result<(), RouteError> {
        let dst = destination(config)?;
        let id = config.table_id();
        self.ensure_table(id);
        let routes = match &config.nexthops[..] {
            [] => Few::One(self.judge(config, &config.nexthop, links, now)?),
            ways => Few::Many(self.judge_ways(config, ways, links, now)?),
        };
        let mut flags = flags;
        for (count, route) in routes.iter().enumerate() {
            let expires = route.expires != SimTime::NEVER;
            if let Err(error) = self.insert(id, dst, route.clone(), flags) {
                self.take_back(id, dst, routes.get(..count).unwrap_or_default());
                return Err(error);
            }
            if expires && self.gc_at.is_none() {
                self.gc_at = Some(now + GC_INTERVAL);
            }
            // The first way replaces what is there, the others join it.
            flags.excl = false;
            flags.replace = false;
            flags.create = true;
        }
        Ok(())
    }

    fn judge_ways(
        &self,
        config: &RouteConfig,
        ways: &[NexthopConfig],
        links: &impl Links,
        now: SimTime,
    ) -> Result<Vec<Route6>, RouteError> {
        let mut routes: Vec<Route6> = Vec::with_capacity(ways.len());
        for way in ways {
            let way = NexthopConfig {
                oif: if way.oif == 0 {
                    config.nexthop.oif
                } else {
                    way.oif
                },
                ..*way
            };
            let route = self.judge(config, &way, links, now)?;
            if !route.may_have_siblings() {
                return Err(RouteError::new(
                    Errno::Einval,
                    "Device only routes can not be added for IPv6 using the multipath API.",
                ));
            }
            if routes.iter().any(|other| other.same_way(&route)) {
                return Err(Errno::Eexist.into());
            }
            routes.push(route);
        }
        Ok(routes)
    }

    fn take_back(&mut self, id: u32, dst: Ipv6Net, routes: &[Route6]) {
        let (addr, len) = (dst.addr().to_bits(), dst.prefix_len());
        let table = self.tables.make(id);
        table.edit(addr, len, |list| list.retain(|old| !routes.contains(old)));
    }

    fn insert(
        &mut self,
        id: u32,
        dst: Ipv6Net,
        route: Route6,
        flags: NewFlags,
    ) -> Result<(), RouteError> {
        let (addr, len) = (dst.addr().to_bits(), dst.prefix_len());
        let table = self.tables.make(id);
        if table.routes().find(addr, len).is_none() {
            if !flags.create && flags.replace {
                // The root of the tree is there, whether it has a route or not.
                return Err(match len {
                    0 => Errno::Enoent.into(),
                    _ => no_match(),
                });
            }
            table.put(addr, len, route);
            return Ok(());
        }
        let among = table.edit(addr, len, |list| insert_among(list, route, flags));
        for old in among.transpose()?.iter().flatten() {
            self.exceptions.forget_route(old.digest(id, addr, len));
        }
        Ok(())
    }
}

fn no_match() -> RouteError {
    let text = "Can not replace route - no match found";
    RouteError::new(Errno::Enoent, text)
}

/// Puts a route among those of its prefix; gives those that it replaces.
fn insert_among(
    list: &mut Few<Route6>,
    route: Route6,
    flags: NewFlags,
) -> Result<Vec<Route6>, RouteError> {
    let equals = |old: &&Route6| old.metric == route.metric;
    let rivals = list.iter().filter(equals).count();
    if rivals > 0 && flags.excl {
        return Err(Errno::Eexist.into());
    }
    if flags.replace {
        return replace(list, route, flags);
    }
    if let Some(twin) = list
        .iter_mut()
        .find(|old| old.metric == route.metric && old.same_way(&route))
    {
        if twin.expires != SimTime::NEVER {
            twin.expires = route.expires;
        }
        return Err(Errno::Eexist.into());
    }
    let at = list.iter().take_while(|old| old.metric <= route.metric);
    let at = at.count();
    list.insert(at, route);
    Ok(Vec::new())
}

/// Puts a route in place of the first of its metric that is alike in having siblings, or of the
/// first of its metric; siblings of that one go too.
fn replace(
    list: &mut Few<Route6>,
    route: Route6,
    flags: NewFlags,
) -> Result<Vec<Route6>, RouteError> {
    let rival = |old: &Route6| old.metric == route.metric;
    let alike = |old: &Route6| rival(old) && old.may_have_siblings() == route.may_have_siblings();
    let at = list
        .iter()
        .position(alike)
        .or_else(|| list.iter().position(rival));
    let Some(at) = at else {
        if !flags.create {
            return Err(Errno::Enoent.into());
        }
        let at = list.iter().take_while(|old| old.metric <= route.metric);
        let at = at.count();
        list.insert(at, route);
        return Ok(Vec::new());
    };
    let mut gone = vec![std::mem::replace(&mut list[at], route)];
    let mut later = 0..;
    list.retain(|other| {
        let index = later.next().unwrap_or(usize::MAX);
        let stays = index <= at || !other.is_sibling_of(&gone[0]);
        if !stays {
            gone.push(other.clone());
        }
        stays
    });
    Ok(gone)
}
