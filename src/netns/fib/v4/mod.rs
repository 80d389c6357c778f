//! The IPv4 tables of a namespace and what may be asked of them.
//! Requests are in `create` and `delete`, lookups in `lookup`, `output` and `input`, devices in `events`.

mod check;
mod create;
mod delete;
mod dump;
mod events;
mod ifaddr;
mod input;
mod lookup;
mod output;
#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;

pub use ifaddr::Owner4;
pub use input::Refusal;
pub use lookup::{Flow4, Result4};
pub use output::Dst4;

use super::exceptions::{Digest, Exceptions};
use super::few::Few;
use super::metrics::Metrics;
use super::route::nexthop_flags::{DEAD, LINKDOWN, OFFLOAD};
use super::route::{Nexthop, RouteType, table};
use super::rules::Rules;
use super::tables::{Table, Tables};

/// One IPv4 route (`struct fib_alias` with its `struct fib_info`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route4 {
    /// Type of service; 0 fits all.
    pub tos: u8,
    /// The type.
    pub kind: RouteType,
    /// `RTPROT_*`.
    pub protocol: u8,
    /// `RT_SCOPE_*`.
    pub scope: u8,
    /// `RTNH_F_*`, where they hold for all its next hops.
    pub flags: u8,
    /// The metric.
    pub priority: u32,
    /// The preferred source address.
    pub prefsrc: Option<Ipv4Addr>,
    /// The ways; one without device for types that lead nowhere.
    pub nexthops: Few<Nexthop>,
    /// Metrics, where it has some.
    pub metrics: Option<Box<Metrics>>,
}

impl Route4 {
    /// A digest of all that [`Self::same_info`] compares, and of the table.
    fn digest(&self, table: u32) -> u64 {
        let compared = !(DEAD | LINKDOWN | OFFLOAD);
        let hop = |hop: &Nexthop| {
            let flags = hop.flags & compared;
            (
                hop.oif,
                hop.gateway,
                hop.weight,
                hop.scope,
                hop.realms,
                flags,
            )
        };
        let hops: Vec<_> = self.nexthops.iter().map(hop).collect();
        let own = (self.kind, self.protocol, self.scope, self.priority);
        let more = (self.prefsrc, &self.metrics, self.flags & compared);
        Digest::of(&(table, own, more, hops))
    }

    /// Whether both have the same `fib_info` (`fib_find_info`).
    fn same_info(&self, other: &Self) -> bool {
        let compared = !(DEAD | LINKDOWN | OFFLOAD);
        self.kind == other.kind
            && self.protocol == other.protocol
            && self.scope == other.scope
            && self.priority == other.priority
            && self.prefsrc == other.prefsrc
            && self.metrics == other.metrics
            && (self.flags ^ other.flags) & compared == 0
            && self.nexthops.len() == other.nexthops.len()
            && self
                .nexthops
                .iter()
                .zip(other.nexthops.iter())
                .all(|(a, b)| a.same_way(b))
    }
}

/// One table: for each prefix its routes, by falling type of service and rising metric.
type Table4 = Table<u32, Route4>;

/// The IPv4 tables, rules and exceptions of a namespace.
#[derive(Clone, Debug)]
pub struct Fib4 {
    tables: Tables<u32, Route4>,
    pub(super) rules: Rules,
    /// Whether a rule was ever added or deleted. Until then the tables `local` and `main` are one
    /// (`fib_unmerge`): the longest prefix of both wins.
    pub(super) custom_rules: bool,
    /// Whether anybody but the kernel has added a local route.
    custom_local: bool,
    /// Path MTUs and redirects that were learned.
    pub exceptions: Exceptions<Ipv4Addr>,
}

impl Default for Fib4 {
    fn default() -> Self {
        Self {
            tables: Tables::default(),
            rules: Rules::new(false),
            custom_rules: false,
            custom_local: false,
            exceptions: Exceptions::default(),
        }
    }
}

impl Fib4 {
    /// The policy rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Whether there is a table of this id.
    pub fn has_table(&self, id: u32) -> bool {
        self.table(id).is_some()
    }

    /// Whether the way of a packet only changes with the tables: there are no rules that look at more of it than
    /// addresses and type of service, and nothing that was learned for a while.
    #[inline]
    pub fn is_lasting(&self) -> bool {
        !self.custom_rules && self.exceptions.is_empty()
    }

    /// How many routes there are in all tables.
    pub fn len(&self) -> usize {
        self.tables.count()
    }

    /// Whether there is no route.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes the first table that there is not yet (`fib_empty_table`), and gives its id.
    pub(super) fn empty_table(&mut self) -> u32 {
        let id = (1..).find(|id| !self.has_table(*id)).unwrap_or(1);
        self.make_table(id);
        id
    }

    #[inline]
    fn table(&self, id: u32) -> Option<&Table4> {
        self.tables.find(id)
    }

    /// The table of this id, made where there is none (`fib_new_table`). The local one brings the
    /// main one along as long as they are one.
    fn make_table(&mut self, id: u32) -> &mut Table4 {
        if id == table::LOCAL && !self.custom_rules {
            self.tables.make(table::MAIN);
        }
        self.tables.make(id)
    }
}
