//! Deleting IPv4 routes: the first that has all that is asked for.
//! After `inet_rtm_delroute`, `fib_table_delete` and `fib_nh_match` of net/ipv4.

use super::create::destination;
use super::{Fib4, Route4};
use crate::netns::fib::config::{NexthopConfig, RouteConfig, RouteError};
use crate::netns::fib::route::{Nexthop, RouteType, scope};
use crate::units::Errno;

impl Fib4 {
    /// Deletes a route (RTM_DELROUTE): what `config` does not say fits all.
    ///
    /// # Errors
    /// ESRCH where no route fits.
    pub fn delete(&mut self, config: &RouteConfig) -> Result<(), RouteError> {
        let dst = destination(config)?;
        let no_table = RouteError::new(Errno::Esrch, "FIB table does not exist");
        let table = self.tables.find_mut(config.table_id()).ok_or(no_table)?;
        let (addr, len) = (dst.addr().to_bits(), dst.prefix_len());
        let gone = table.edit(addr, len, |list| {
            let at = list.iter().position(|route| fits(route, config));
            at.and_then(|at| list.remove(at))
        });
        self.forget_ways_of(config.table_id(), &gone.flatten().ok_or(Errno::Esrch)?);
        Ok(())
    }

    /// What was learned about the ways of a route goes with it, where no other route has the same
    /// (the exceptions of a `fib_info`).
    pub(super) fn forget_ways_of(&mut self, id: u32, gone: &Route4) {
        let same = |route: &Route4| route.same_info(gone);
        if self.exceptions.is_empty() || self.table(id).is_some_and(|table| table.any(same)) {
            return;
        }
        self.exceptions.forget_route(gone.digest(id));
    }
}

/// Whether a route has all that a delete asks for.
fn fits(route: &Route4, asked: &RouteConfig) -> bool {
    let prefsrc = asked.prefsrc.filter(|source| !source.is_unspecified());
    let metrics = match &route.metrics {
        Some(metrics) => metrics.has_all(&asked.metrics),
        None => asked.metrics.iter().all(|(_, value)| value == 0),
    };
    route.tos == asked.tos
        && (asked.kind == RouteType::Unspec || route.kind == asked.kind)
        && (asked.scope == scope::NOWHERE || route.scope == asked.scope)
        && (prefsrc.is_none() || route.prefsrc.map(Into::into) == prefsrc)
        && (asked.protocol == 0 || route.protocol == asked.protocol)
        && (asked.metric == 0 || route.priority == asked.metric)
        && fits_nexthops(route, asked)
        && metrics
}

/// `fib_nh_match`: a device or gateway is compared with the first way, a list with all.
fn fits_nexthops(route: &Route4, asked: &RouteConfig) -> bool {
    let way = &asked.nexthop;
    if way.oif != 0 || way.gateway.is_some_and(|gateway| !gateway.is_unspecified()) {
        return route.nexthops.first().is_some_and(|own| fits_way(own, way));
    }
    asked.nexthops.is_empty()
        || asked.nexthops.len() >= route.nexthops.len()
            && route
                .nexthops
                .iter()
                .zip(&asked.nexthops)
                .all(|(own, way)| fits_way(own, way))
}

fn fits_way(own: &Nexthop, way: &NexthopConfig) -> bool {
    let gateway = way.gateway.filter(|gateway| !gateway.is_unspecified());
    (way.oif == 0 || way.oif == own.oif) && (gateway.is_none() || gateway == own.gateway)
}
