//! Requests about routes and rules, and what devices and addresses do to the tables (fib_frontend.c).
//! The tables are in `netns::fib`.

use std::net::{IpAddr, Ipv4Addr};

use crate::kernel::netlink::{NlError, NlResult};
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::netns::facts::LinkFacts;
use crate::netns::fib::{
    DumpFilter, Fib4, Flow4, NewFlags, Owner4, RouteConfig, RouteError, RouteGet, RouteInfo, Rule,
    RuleInfo,
};
use crate::netns::inet::{Ifaddr4, Removed};
use crate::units::{DevId, Errno, IfIndex, IfName, NetnsId};

impl From<RouteError> for NlError {
    fn from(error: RouteError) -> Self {
        Self {
            errno: error.errno,
            extack: error.extack.map(Into::into),
        }
    }
}

impl World {
    /// Adds, changes or replaces a route (RTM_NEWROUTE).
    ///
    /// # Errors
    /// As the kernel's, with its words.
    pub fn route_new(
        &mut self,
        netns: NetnsId,
        config: &RouteConfig,
        flags: NewFlags,
    ) -> NlResult<()> {
        let (now, limit) = (self.now, self.budget.table_entries);
        let ns = self.ns_mut(netns)?;
        if ns.fib.v4.len() >= limit || ns.fib.v6.len() >= limit {
            return Err(Errno::Enobufs.into());
        }
        let (fib, links) = ns.fib_and_links();
        fib.route_new(config, flags, &links, now)?;
        self.arm_routes(netns);
        Ok(())
    }

    /// Deletes a route (RTM_DELROUTE).
    ///
    /// # Errors
    /// `ESRCH` where it is not there.
    pub fn route_delete(&mut self, netns: NetnsId, config: &RouteConfig) -> NlResult<()> {
        Ok(self.ns_mut(netns)?.fib.route_delete(config)?)
    }

    /// The routes of a namespace in the kernel's order.
    ///
    /// # Errors
    /// `ENOENT` where a table is asked for that there is not.
    pub fn route_dump(&mut self, netns: NetnsId, filter: DumpFilter) -> NlResult<Vec<RouteInfo>> {
        let (fib, links) = self.ns_mut(netns)?.fib_and_links();
        Ok(fib.route_dump(filter, &links)?)
    }

    /// The way that a packet would take (RTM_GETROUTE).
    ///
    /// # Errors
    /// As the packet would get.
    pub fn route_get(&mut self, netns: NetnsId, asked: &RouteGet) -> NlResult<RouteInfo> {
        let now = self.now;
        let (fib, links) = self.ns_mut(netns)?.fib_and_links();
        Ok(fib.route_get(asked, &links, now)?)
    }

    /// What was learned about single destinations (`ip route show cache`).
    pub fn route_cache_dump(&mut self, netns: NetnsId, filter: DumpFilter) -> Vec<RouteInfo> {
        let now = self.now;
        self.netns.find_mut(netns).map_or_else(Vec::new, |ns| {
            let (fib, links) = ns.fib_and_links();
            fib.cache_dump(filter, &links, now)
        })
    }

    /// The rules of a family, in their order.
    pub fn rules(&self, netns: NetnsId, v6: bool) -> Vec<RuleInfo> {
        self.netns
            .find(netns)
            .map_or_else(Vec::new, |ns| ns.fib.rules(v6).list().to_vec())
    }

    /// Adds a rule (RTM_NEWRULE); `excl` makes an equal one an error.
    ///
    /// # Errors
    /// As the kernel's, with its words.
    pub fn rule_new(&mut self, netns: NetnsId, v6: bool, rule: Rule, excl: bool) -> NlResult<()> {
        let ns = self.ns_mut(netns)?;
        let names = &ns.names;
        let find = |name: &IfName| names.find(name);
        Ok(ns.fib.rule_new(v6, rule, excl, find)?)
    }

    /// Deletes the first rule that fits (RTM_DELRULE).
    ///
    /// # Errors
    /// `ENOENT` where none fits.
    pub fn rule_delete(&mut self, netns: NetnsId, v6: bool, rule: &Rule) -> NlResult<()> {
        Ok(self.ns_mut(netns)?.fib.rule_delete(v6, rule)?)
    }

    /// Forgets what was learned about single destinations (`ip route flush cache`).
    pub fn route_flush_cache(&mut self, netns: NetnsId, v6: bool) {
        if let Some(ns) = self.netns.find_mut(netns) {
            match v6 {
                false => ns.fib.v4.exceptions.clear(),
                true => ns.fib.v6.exceptions.clear(),
            }
        }
    }

    /// The mtu of a device is another one: path MTUs follow (`fib_sync_mtu`, `rt6_mtu_change`).
    pub(crate) fn routes_mtu(&mut self, dev: DevId, old: u32) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let (netns, ifindex, new) = (device.netns, device.ifindex, device.mtu);
        if let Some(ns) = self.netns.find_mut(netns) {
            ns.fib.device_mtu(ifindex, old, new);
        }
    }

    /// Rules may name a device that is here now.
    pub(crate) fn attach_rules(&mut self, dev: DevId) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        if let Some(ns) = self.netns.find_mut(device.netns) {
            ns.fib.device_named(&device.name, device.ifindex);
        }
    }

    pub(crate) fn arm_routes(&mut self, netns: NetnsId) {
        if let Some(next) = self.netns.find(netns).and_then(|ns| ns.fib.v6.next_timer()) {
            self.arm(next, Timer::Routes6(netns));
        }
    }

    pub(crate) fn run_routes6(&mut self, netns: NetnsId) {
        let now = self.now;
        if let Some(ns) = self.netns.find_mut(netns) {
            ns.fib.v6.handle_timer(now);
        }
        self.arm_routes(netns);
    }

    /// The routes of all addresses of a device that went up, and those that lived with it.
    pub(crate) fn routes_device_up(&mut self, netns: NetnsId, ifindex: IfIndex) {
        self.with_owner4(netns, ifindex, |fib, owner, links| {
            for addr in owner.addrs {
                fib.address_added(owner, addr, links);
            }
            fib.device_up(ifindex, links);
        });
        if let Some(ns) = self.netns.find_mut(netns) {
            let (fib, links) = ns.fib_and_links();
            fib.v6.device_up(ifindex, &links);
        }
    }

    pub(crate) fn routes_device_down(&mut self, netns: NetnsId, ifindex: IfIndex) {
        #[cfg(feature = "proptest")]
        if self.is(crate::engine::Mutant::RoutesStay) {
            return;
        }
        if let Some(ns) = self.netns.find_mut(netns) {
            ns.fib.v4.device_down(ifindex);
        }
    }

    pub(crate) fn routes_device_gone(&mut self, netns: NetnsId, ifindex: IfIndex) {
        #[cfg(feature = "proptest")]
        if self.is(crate::engine::Mutant::RoutesStay) {
            return;
        }
        if let Some(ns) = self.netns.find_mut(netns) {
            ns.fib.device_removed(ifindex);
        }
    }

    pub(crate) fn routes_carrier(&mut self, netns: NetnsId, ifindex: IfIndex, carrier: bool) {
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        let (fib, links) = ns.fib_and_links();
        if carrier {
            fib.v4.carrier_found(ifindex, &links);
            fib.v6.carrier_found(ifindex);
        } else {
            fib.v4.carrier_lost(ifindex);
            fib.v6.carrier_lost(ifindex);
        }
    }

    /// An address is new on a device.
    pub(crate) fn address_added(&mut self, netns: NetnsId, ifindex: IfIndex, addr: &Ifaddr4) {
        self.with_owner4(netns, ifindex, |fib, owner, links| {
            fib.address_added(owner, addr, links)
        });
    }

    /// Addresses are gone from a device, or promoted.
    pub(crate) fn routes_addresses_removed(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        removed: &Removed,
    ) {
        #[cfg(feature = "proptest")]
        if self.is(crate::engine::Mutant::RoutesStay) {
            return;
        }
        self.with_owner4(netns, ifindex, |fib, owner, links| {
            fib.addresses_removed(owner, removed, links)
        });
    }

    fn with_owner4(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        change: impl FnOnce(&mut Fib4, Owner4<'_>, &LinkFacts<'_>),
    ) {
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        let (fib, links) = ns.fib_and_links();
        let addrs = links
            .interface(ifindex)
            .map_or(&[][..], |interface| interface.inet.addrs());
        let owner = Owner4 { ifindex, addrs };
        change(&mut fib.v4, owner, &links);
    }

    /// The metric of an address, and so of its subnet's route, is another one.
    pub(crate) fn address_metric_changed(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        addr: &Ifaddr4,
        old: u32,
    ) {
        self.with_owner4(netns, ifindex, |fib, owner, links| {
            fib.change_metric(owner, addr, old, links)
        });
    }

    /// The path to `dst` takes less than was thought (`ip_rt_update_pmtu`).
    pub(crate) fn learn_mtu4(&mut self, netns: NetnsId, flow: &Flow4, mtu: u32) {
        let now = self.now;
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        let Ok((way, Some(id))) = ns.facts(now).route_and_id4(flow) else {
            return;
        };
        let exceptions = &mut ns.fib.v4.exceptions;
        exceptions.learn_mtu_v4(flow.dst, id, mtu, way.mtu, now);
    }

    /// A router says that another one is nearer (`__ip_do_redirect`); a host believes its own gateway only.
    pub(crate) fn learn_redirect4(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        from: Ipv4Addr,
        dst: Ipv4Addr,
        to: Ipv4Addr,
    ) {
        let now = self.now;
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        if !ns.accepts_redirect(ifindex, from, to) {
            return;
        }
        let flow = Flow4 {
            oif: ifindex,
            ..Flow4::to(dst)
        };
        let Ok((way, Some(id))) = ns.facts(now).route_and_id4(&flow) else {
            return;
        };
        if way.gateway != Some(IpAddr::V4(from)) {
            return;
        }
        // A gateway that is not known to answer is asked first; the next redirect finds it.
        let mut asked = Vec::new();
        let known = ns.neigh4.is_known_or_asked(now, ifindex, to, &mut asked);
        self.act_neigh4(netns, asked);
        let Some(ns) = self.netns.find_mut(netns).filter(|_| known) else {
            return;
        };
        let exceptions = &mut ns.fib.v4.exceptions;
        exceptions.learn_gateway(dst, id, to.into(), now);
    }
}
