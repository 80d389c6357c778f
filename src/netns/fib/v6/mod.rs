//! The IPv6 tables of a namespace and what may be asked of them.
//! Requests are in `create` and `delete`, lookups in `lookup`, devices in `events`.

mod check;
mod create;
mod delete;
mod dump;
mod events;
mod ifaddr;
mod lookup;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv6Addr};

pub use lookup::{Dst6, Flow6, Result6};

use super::exceptions::{Digest, Exceptions};
use super::metrics::Metrics;
use super::route::{Nexthop, RouteType, table};
use super::rules::Rules;
use super::tables::{Table, Tables};
use crate::units::SimTime;

/// One IPv6 route (`struct fib6_info`). A route of several ways is several of these, of one
/// metric: siblings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route6 {
    /// The type.
    pub kind: RouteType,
    /// Whether packets are refused (RTF_REJECT): by type, or as the loopback takes no others' packets.
    pub reject: bool,
    /// `RTPROT_*`.
    pub protocol: u8,
    /// Whether a router advertisement made it (RTF_ADDRCONF).
    pub addrconf: bool,
    /// Router preference: 0 medium, 1 high, 3 low.
    pub pref: u8,
    /// The metric.
    pub metric: u32,
    /// The preferred source address.
    pub prefsrc: Option<Ipv6Addr>,
    /// The way.
    pub nexthop: Nexthop,
    /// When it ends; [`SimTime::NEVER`] for never.
    pub expires: SimTime,
    /// Metrics, where it has some.
    pub metrics: Option<Box<Metrics>>,
}

impl Route6 {
    /// The gateway.
    pub fn gateway(&self) -> Option<Ipv6Addr> {
        match self.nexthop.gateway {
            Some(IpAddr::V6(gateway)) => Some(gateway),
            _ => None,
        }
    }

    /// Whether it may be one of several ways (`rt6_qualify_for_ecmp`).
    fn may_have_siblings(&self) -> bool {
        !self.addrconf && self.nexthop.gateway.is_some()
    }

    /// A digest by which the route is known to what was learned about it.
    fn digest(&self, table: u32, addr: u128, len: u8) -> u64 {
        let way = (self.nexthop.oif, self.nexthop.gateway);
        Digest::of(&(table, addr, len, self.metric, self.kind, way))
    }

    /// Whether both are ways of one route.
    fn is_sibling_of(&self, other: &Self) -> bool {
        self.metric == other.metric && self.may_have_siblings() && other.may_have_siblings()
    }

    /// Whether both lead the same way (`rt6_duplicate_nexthop`).
    fn same_way(&self, other: &Self) -> bool {
        self.nexthop.oif == other.nexthop.oif && self.nexthop.gateway == other.nexthop.gateway
    }
}

/// One table: for each prefix its routes, by rising metric.
type Table6 = Table<u128, Route6>;

/// The IPv6 tables, rules and exceptions of a namespace.
#[derive(Clone, Debug)]
pub struct Fib6 {
    tables: Tables<u128, Route6>,
    pub(super) rules: Rules,
    /// Whether a rule was ever added or deleted.
    pub(super) custom_rules: bool,
    /// Path MTUs and redirects that were learned.
    pub exceptions: Exceptions<Ipv6Addr>,
    /// When expired routes are looked for (`ip6_fib_timer`).
    gc_at: Option<SimTime>,
}

impl Default for Fib6 {
    fn default() -> Self {
        let mut tables = Tables::default();
        tables.make(table::MAIN);
        tables.make(table::LOCAL);
        Self {
            tables,
            rules: Rules::new(true),
            custom_rules: false,
            exceptions: Exceptions::default(),
            gc_at: None,
        }
    }
}

impl Fib6 {
    /// The policy rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Whether there is a table of this id.
    pub fn has_table(&self, id: u32) -> bool {
        self.table(id).is_some()
    }

    /// How many routes there are in all tables.
    pub fn len(&self) -> usize {
        self.tables.count()
    }

    /// Whether there is no route.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    fn table(&self, id: u32) -> Option<&Table6> {
        self.tables.find(id)
    }

    /// Makes a table where there is none (`fib6_new_table`).
    pub(super) fn ensure_table(&mut self, id: u32) {
        self.tables.make(id);
    }
}
