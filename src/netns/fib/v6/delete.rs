//! Deleting IPv6 routes: the first that has all that is asked for, with its siblings.
//! After `ip6_route_del` and `ip6_route_multipath_del` of net/ipv6/route.c.

use ipnet::Ipv6Net;

use super::check::{LOOPBACK, destination};
use super::{Fib6, Route6, Table6};
use crate::netns::fib::config::{NexthopConfig, RouteConfig, RouteError};
use crate::units::Errno;

impl Fib6 {
    /// Deletes a route (RTM_DELROUTE): what `config` does not say fits all. Without a gateway all
    /// ways of a route go, with one only that.
    ///
    /// # Errors
    /// ESRCH where no route fits.
    pub fn delete(&mut self, config: &RouteConfig) -> Result<(), RouteError> {
        let dst = destination(config)?;
        if config.nexthops.is_empty() {
            return self.delete_way(config, dst, &config.nexthop, true);
        }
        let mut last = Ok(());
        for way in &config.nexthops {
            let deleted = self.delete_way(config, dst, way, false);
            last = last.and(deleted);
        }
        last
    }

    fn delete_way(
        &mut self,
        config: &RouteConfig,
        dst: Ipv6Net,
        way: &NexthopConfig,
        with_siblings: bool,
    ) -> Result<(), RouteError> {
        let no_table = RouteError::new(Errno::Esrch, "FIB table does not exist");
        let id = config.table_id();
        let table = self.tables.find_mut(id).ok_or(no_table)?;
        let (addr, len) = (dst.addr().to_bits(), dst.prefix_len());
        let gone = table.edit(addr, len, |list| {
            let at = list.iter().position(|route| fits(route, config, way))?;
            let gone = list.remove(at)?;
            if way.gateway.is_none() && with_siblings {
                list.retain(|other| !other.is_sibling_of(&gone));
            }
            Some(gone)
        });
        let gone = gone
            .flatten()
            .ok_or_else(|| self.none_fits(config, dst, way))?;
        self.exceptions.forget_route(gone.digest(id, addr, len));
        Ok(())
    }
}

impl Fib6 {
    /// ESRCH, but ENOENT where the place of a default route is empty: what stands there instead is found, and
    /// may not be deleted (`fib6_null_entry`, `__ip6_del_rt`).
    fn none_fits(&self, config: &RouteConfig, dst: Ipv6Net, way: &NexthopConfig) -> Errno {
        let routes = self.tables.find(config.table_id()).map(Table6::routes);
        let empty = routes.is_some_and(|routes| {
            let there = routes.find(0, 0);
            there.is_none_or(|list| list.iter().next().is_none())
        });
        let any = config.metric == 0 && config.protocol == 0 && way.gateway.is_none();
        match dst.prefix_len() == 0 && empty && any && way.oif <= LOOPBACK {
            true => Errno::Enoent,
            false => Errno::Esrch,
        }
    }
}

/// Whether a route has all that a delete asks for. Its type is not asked.
fn fits(route: &Route6, asked: &RouteConfig, way: &NexthopConfig) -> bool {
    (asked.metric == 0 || asked.metric == route.metric)
        && (asked.protocol == 0 || asked.protocol == route.protocol)
        && (way.oif == 0 || way.oif == route.nexthop.oif)
        && (way.gateway.is_none() || way.gateway == route.nexthop.gateway)
}
