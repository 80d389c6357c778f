//! What devices and time do to IPv6 routes.
//! After `rt6_sync_down_dev`, `rt6_sync_up` and `fib6_run_gc` of net/ipv6.

use std::net::Ipv6Addr;

use super::create::GC_INTERVAL;
use super::{Fib6, Route6, Table6};
use crate::netns::fib::exceptions::IPV6_MIN_MTU;
use crate::netns::fib::few::Few;
use crate::netns::fib::links::Links;
use crate::netns::fib::metrics::Metric;
use crate::netns::fib::route::nexthop_flags::{DEAD, LINKDOWN};
use crate::netns::fib::route::{RouteType, table};
use crate::units::{IfIndex, SimTime};

impl Fib6 {
    /// The device went down (`rt6_disable_ip`): all routes by it go; of several ways only when
    /// all are dead.
    pub fn device_down(&mut self, ifindex: IfIndex) {
        self.retain_lists(|list| lose_device(list, ifindex));
    }

    /// The device is gone.
    pub fn device_removed(&mut self, ifindex: IfIndex) {
        self.retain_lists(|list| {
            list.retain(|route| route.nexthop.oif != ifindex);
        });
        self.exceptions.forget_device(ifindex);
    }

    /// The device lost its carrier while up. Routes to own addresses do not care.
    pub fn carrier_lost(&mut self, ifindex: IfIndex) {
        for route in self.routes_mut() {
            let own = matches!(route.kind, RouteType::Local | RouteType::Anycast);
            if route.nexthop.oif == ifindex && !own {
                route.nexthop.flags |= LINKDOWN;
            }
        }
    }

    /// The device found its carrier while up.
    pub fn carrier_found(&mut self, ifindex: IfIndex) {
        self.revive(ifindex, LINKDOWN);
    }

    /// The mtu of a device has changed: that of routes by it which had one as large follows, and
    /// none is larger (`rt6_mtu_change_route`).
    pub fn device_mtu(&mut self, ifindex: IfIndex, old: u32, new: u32) {
        self.exceptions.device_mtu(ifindex, old, new);
        for route in self.routes_mut() {
            let by_device = route.nexthop.oif == ifindex && new >= IPV6_MIN_MTU;
            let Some(metrics) = route.metrics.as_deref_mut().filter(|_| by_device) else {
                continue;
            };
            let follows = |mtu| mtu >= new || mtu == old;
            if !metrics.is_locked(Metric::Mtu) && metrics.value(Metric::Mtu).is_some_and(follows) {
                metrics.insert(Metric::Mtu, new);
            }
        }
    }

    /// The device is up.
    pub fn device_up(&mut self, ifindex: IfIndex, links: &impl Links) {
        let carrier = links.has_carrier(ifindex);
        self.revive(ifindex, if carrier { DEAD | LINKDOWN } else { DEAD });
    }

    /// When expired routes are to be looked for.
    pub fn next_timer(&self) -> Option<SimTime> {
        self.gc_at
    }

    /// Takes expired routes away, where it is time to look for them.
    pub fn handle_timer(&mut self, now: SimTime) {
        if self.gc_at.is_none_or(|at| at > now) {
            return;
        }
        let mut more = false;
        self.retain_lists(|list| {
            list.retain(|route| route.expires > now);
            more |= list.iter().any(|route| route.expires != SimTime::NEVER);
        });
        self.gc_at = more.then(|| now + GC_INTERVAL);
    }

    /// The default routes that routers announced go (`rt6_purge_dflt_routers`).
    pub fn purge_default_routers(&mut self) {
        for table in self.tables.iter_mut() {
            table.edit(0, 0, |list| list.retain(|route| !route.addrconf));
        }
    }

    /// The metric of the default route that a router announced, where there is one (`rt6_get_dflt_router`).
    pub fn default_router(&self, router: Ipv6Addr, ifindex: IfIndex) -> Option<u32> {
        let list = self.table(table::MAIN)?.routes().find(0, 0)?;
        let theirs = |route: &&Route6| {
            route.addrconf && route.nexthop.oif == ifindex && route.gateway() == Some(router)
        };
        list.iter().find(theirs).map(|route| route.metric)
    }

    /// A router is one no more: what it announced by itself goes (`rt6_clean_tohost`).
    pub fn router_is_host(&mut self, router: Ipv6Addr) {
        self.retain_lists(|list| {
            list.retain(|route| !route.addrconf || route.gateway() != Some(router));
        });
    }

    /// An address is gone, and no route prefers it any more (`rt6_remove_prefsrc`).
    pub fn forget_source(&mut self, addr: Ipv6Addr) {
        for route in self.routes_mut() {
            route.prefsrc = route.prefsrc.filter(|source| *source != addr);
        }
    }

    fn revive(&mut self, ifindex: IfIndex, flags: u8) {
        for route in self.routes_mut() {
            if route.nexthop.oif == ifindex {
                route.nexthop.flags &= !flags;
            }
        }
    }

    fn routes_mut(&mut self) -> impl Iterator<Item = &mut Route6> {
        self.tables.iter_mut().flat_map(Table6::routes_mut)
    }

    fn retain_lists(&mut self, mut change: impl FnMut(&mut Few<Route6>)) {
        for table in self.tables.iter_mut() {
            table.edit_all(&mut change);
        }
    }
}

/// `fib6_ifdown` of a device that went down.
fn lose_device(list: &mut Few<Route6>, ifindex: IfIndex) {
    for at in 0..list.len() {
        if list[at].nexthop.oif == ifindex {
            list[at].nexthop.flags |= DEAD | LINKDOWN;
        }
    }
    let dead: Vec<bool> = (0..list.len())
        .map(|at| {
            let route = &list[at];
            let mut ways = list.iter().filter(|other| other.is_sibling_of(route));
            route.nexthop.has(DEAD) && ways.all(|way| way.nexthop.has(DEAD))
        })
        .collect();
    let mut dead = dead.into_iter();
    list.retain(|_| !dead.next().unwrap_or(false));
}
