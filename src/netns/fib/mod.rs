//! Routing of one namespace: tables, policy rules, what was learned about single ways.
//! It answers lookups and says what a device's change does to the routes; it sends nothing.

mod config;
mod exceptions;
mod few;
mod info;
mod links;
mod metrics;
mod multipath;
mod prefixes;
mod route;
mod rules;
mod tables;
pub mod v4;
pub mod v6;
#[cfg(test)]
mod world;

use ipnet::IpNet;

pub use config::{NewFlags, NexthopConfig, RouteConfig, RouteError};
pub use exceptions::{
    Exception, Exceptions, IPV6_MIN_MTU, MIN_PMTU, MTU_EXPIRES, REDIRECT_EXPIRES, WayId,
};
pub use few::Few;
pub use info::{RouteGet, RouteInfo, info_flags};
pub use links::Links;
pub use metrics::{Metric, Metrics};
pub use prefixes::{Bits, Matches, PrefixMap};
pub use route::{Nexthop, RouteType, nexthop_flags, protocol, scope, table};
pub use rules::{Range, Rule, RuleAction, RuleInfo, Rules};
pub use v4::{Dst4, Fib4, Flow4, Owner4, Refusal, Result4, Route4};
pub use v6::{Dst6, Fib6, Flow6, Result6, Route6};

use crate::units::{Errno, IfIndex, IfName, SimTime};

/// The routing of a namespace, both families.
#[derive(Clone, Debug, Default)]
pub struct Fib {
    /// IPv4.
    pub v4: Fib4,
    /// IPv6.
    pub v6: Fib6,
}

/// Which routes a dump is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DumpFilter {
    /// Only IPv6, or only IPv4.
    pub v6: Option<bool>,
    /// Only this table.
    pub table: Option<u32>,
}

impl Fib {
    /// Adds, replaces or changes a route (RTM_NEWROUTE).
    ///
    /// # Errors
    /// With the kernel's number and words.
    pub fn route_new(
        &mut self,
        config: &RouteConfig,
        flags: NewFlags,
        links: &impl Links,
        now: SimTime,
    ) -> Result<(), RouteError> {
        match config.dst {
            IpNet::V4(_) => self.v4.add(config, flags, links, &self.v6),
            IpNet::V6(_) => self.v6.add(config, flags, links, now),
        }
    }

    /// Deletes a route (RTM_DELROUTE).
    ///
    /// # Errors
    /// ESRCH where no route fits.
    pub fn route_delete(&mut self, config: &RouteConfig) -> Result<(), RouteError> {
        match config.dst {
            IpNet::V4(_) => self.v4.delete(config),
            IpNet::V6(_) => self.v6.delete(config),
        }
    }

    /// The routes in the kernel's order, IPv4 before IPv6 (RTM_GETROUTE with NLM_F_DUMP).
    ///
    /// # Errors
    /// ENOENT where a family and a table are asked for that there is not.
    pub fn route_dump(
        &self,
        filter: DumpFilter,
        links: &impl Links,
    ) -> Result<Vec<RouteInfo>, RouteError> {
        let mut infos = Vec::new();
        if filter.v6 != Some(true) {
            let missing = filter.table.is_some_and(|id| !self.v4.has_table(id));
            if missing && filter.v6.is_some() {
                let text = "ipv4: FIB table does not exist";
                return Err(RouteError::new(Errno::Enoent, text));
            }
            infos.extend(self.v4.dump(filter.table, links));
        }
        if filter.v6 != Some(false) {
            let missing = filter.table.is_some_and(|id| !self.v6.has_table(id));
            if missing && filter.v6.is_some() {
                let text = "ipv6: FIB table does not exist";
                return Err(RouteError::new(Errno::Enoent, text));
            }
            infos.extend(self.v6.dump(filter.table, links));
        }
        Ok(infos)
    }

    /// What was learned about single destinations, as routes (a dump with RTM_F_CLONED).
    pub fn cache_dump(
        &self,
        filter: DumpFilter,
        links: &impl Links,
        now: SimTime,
    ) -> Vec<RouteInfo> {
        let mut infos = Vec::new();
        if filter.v6 != Some(true) {
            infos.extend(self.v4.cache_dump(links, now));
        }
        if filter.v6 != Some(false) {
            infos.extend(self.v6.cache_dump(links, now));
        }
        infos.retain(|info| filter.table.is_none_or(|id| id == info.table));
        infos
    }

    /// The way of a packet (RTM_GETROUTE).
    ///
    /// # Errors
    /// As a packet would get.
    pub fn route_get(
        &self,
        asked: &RouteGet,
        links: &impl Links,
        now: SimTime,
    ) -> Result<RouteInfo, RouteError> {
        match asked.dst {
            std::net::IpAddr::V4(_) => self.v4.get(asked, links, now),
            std::net::IpAddr::V6(_) => self.v6.get(asked, links, now),
        }
    }

    /// The policy rules of a family.
    pub fn rules(&self, v6: bool) -> &Rules {
        match v6 {
            false => &self.v4.rules,
            true => &self.v6.rules,
        }
    }

    /// Adds a rule (RTM_NEWRULE); `excl` is NLM_F_EXCL, `find` the number of a device.
    ///
    /// # Errors
    /// With the kernel's number and words.
    pub fn rule_new(
        &mut self,
        v6: bool,
        mut rule: Rule,
        excl: bool,
        find: impl Fn(&IfName) -> Option<IfIndex>,
    ) -> Result<(), RouteError> {
        if rule.action == RuleAction::ToTable && !rule.l3mdev {
            match (v6, rule.table) {
                (true, table::UNSPEC) => {
                    return Err(RouteError::new(Errno::Einval, "Invalid table"));
                }
                (true, id) => self.v6.ensure_table(id),
                (false, table::UNSPEC) => rule.table = self.v4.empty_table(),
                (false, _) => {}
            }
        }
        self.rules_mut(v6).add(rule, excl, find)
    }

    /// Deletes the first rule that fits (RTM_DELRULE).
    ///
    /// # Errors
    /// ENOENT where none fits.
    pub fn rule_delete(&mut self, v6: bool, asked: &Rule) -> Result<(), RouteError> {
        let rules = match v6 {
            false => &mut self.v4.rules,
            true => &mut self.v6.rules,
        };
        rules.delete(asked)?;
        // A rule that is not there changes nothing.
        self.rules_mut(v6);
        Ok(())
    }

    /// The rules, to change them; with the first change of IPv4's the tables `local` and `main`
    /// are two.
    fn rules_mut(&mut self, v6: bool) -> &mut Rules {
        match v6 {
            false => {
                self.v4.custom_rules = true;
                &mut self.v4.rules
            }
            true => {
                self.v6.custom_rules = true;
                &mut self.v6.rules
            }
        }
    }

    /// A device has this name now: rules may name it.
    pub fn device_named(&mut self, name: &IfName, ifindex: IfIndex) {
        for rules in [&mut self.v4.rules, &mut self.v6.rules] {
            rules.detach(ifindex);
            rules.attach(name, ifindex);
        }
    }

    /// The mtu of a device has changed from `old` to `new`.
    pub fn device_mtu(&mut self, ifindex: IfIndex, old: u32, new: u32) {
        self.v4.exceptions.device_mtu(ifindex, old, new);
        self.v6.device_mtu(ifindex, old, new);
    }

    /// A device is gone, from routes and rules.
    pub fn device_removed(&mut self, ifindex: IfIndex) {
        self.v4.device_removed(ifindex);
        self.v6.device_removed(ifindex);
        self.v4.rules.detach(ifindex);
        self.v6.rules.detach(ifindex);
    }
}
