//! Which IPv4 route a packet takes: rules, the longest prefix, type of service, living next hops.
//! After `fib_lookup`, `fib_table_lookup` and `fib_select_path` of net/ipv4.

use std::net::{IpAddr, Ipv4Addr};

use super::{Fib4, Route4, Table4};
use crate::netns::fib::exceptions::WayId;
use crate::netns::fib::few::Few;
use crate::netns::fib::links::Links;
use crate::netns::fib::multipath;
use crate::netns::fib::prefixes::{Bits, Matches};
use crate::netns::fib::route::nexthop_flags::{DEAD, LINKDOWN};
use crate::netns::fib::route::{Nexthop, RouteType, table};
use crate::netns::fib::rules::{RuleAction, RuleInfo, Selector};
use crate::units::{Errno, IfIndex};

/// What of a packet decides about its route (`struct flowi4`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flow4 {
    /// Destination.
    pub dst: Ipv4Addr,
    /// Source; all zeros where it is still to be chosen.
    pub src: Ipv4Addr,
    /// The device that it must leave by; 0 for any.
    pub oif: IfIndex,
    /// The device that it came in by; 1, the loopback, for what is sent from here.
    pub iif: IfIndex,
    /// The mark.
    pub mark: u32,
    /// Type of service.
    pub tos: u8,
    /// Routes of a wider scope than this do not count (`RT_SCOPE_*`).
    pub scope: u8,
    /// IP protocol; 0 where it is not known.
    pub proto: u8,
    /// Source port; 0 where it is not known.
    pub sport: u16,
    /// Destination port; 0 where it is not known.
    pub dport: u16,
    /// The user that sends.
    pub uid: u32,
    /// Whether any source will do, also one that is not ours (`FLOWI_FLAG_ANYSRC`).
    pub any_source: bool,
}

impl Flow4 {
    /// A packet from here to `dst`, with nothing else said.
    pub const fn to(dst: Ipv4Addr) -> Self {
        Self {
            dst,
            src: Ipv4Addr::UNSPECIFIED,
            oif: 0,
            iif: 1,
            mark: 0,
            tos: 0,
            scope: 0,
            proto: 0,
            sport: 0,
            dport: 0,
            uid: 0,
            any_source: false,
        }
    }

    fn selector(&self) -> Selector {
        Selector {
            src: self.src.into(),
            dst: self.dst.into(),
            tos: self.tos & TOS_MASK,
            iif: self.iif,
            oif: self.oif,
            mark: self.mark,
            proto: self.proto,
            sport: self.sport,
            dport: self.dport,
            uid: self.uid,
        }
    }
}

/// The bits of the type of service that routes look at (`fib_dscp_masked_match`).
const TOS_MASK: u8 = 0x1c;

/// The route that a lookup found (`struct fib_result`).
#[derive(Clone, Copy, Debug)]
pub struct Result4<'a> {
    /// The route.
    pub route: &'a Route4,
    /// Its prefix.
    pub prefix: Ipv4Addr,
    /// The length of its prefix.
    pub prefix_len: u8,
    /// Which of its next hops.
    pub nexthop: usize,
    /// The table, as `ip route get` tells it.
    pub table: u32,
    /// The table that the route is in; `local` and `main` may be told as one.
    pub(super) owner: u32,
}

impl<'a> Result4<'a> {
    /// The next hop.
    #[inline]
    pub fn nexthop(&self) -> &'a Nexthop {
        let hops: &'a [Nexthop] = &self.route.nexthops;
        hops.get(self.nexthop)
            .expect("a lookup gives an index within the route")
    }

    /// The table that the route is in.
    #[inline]
    pub fn owner(&self) -> u32 {
        self.owner
    }

    /// The way that something may be learned about.
    pub(super) fn way_id(&self) -> WayId {
        let hop = self.nexthop();
        WayId {
            oif: hop.oif,
            via: hop.gateway,
            route: self.route.digest(self.owner),
        }
    }

    pub(super) fn first_oif(&self) -> IfIndex {
        self.route.nexthops.first().map_or(0, |nexthop| nexthop.oif)
    }
}

/// How a lookup is to be done (`FIB_LOOKUP_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct LookupFlags {
    ignore_linkstate: bool,
}

impl LookupFlags {
    /// As packets are looked up.
    pub(super) const NONE: Self = Self {
        ignore_linkstate: false,
    };
    /// A missing carrier does not matter.
    pub(super) const IGNORE_LINKSTATE: Self = Self {
        ignore_linkstate: true,
    };
}

/// The tables that one step of a lookup searches together.
type Pair<'a> = [Option<&'a Table4>; 2];

impl Fib4 {
    /// The route of a packet (`fib_lookup`); among several ways the first that lives.
    /// [`Self::select_path`] chooses among them.
    ///
    /// # Errors
    /// ENETUNREACH where there is none, else what the route or rule says: EINVAL of a blackhole,
    /// EHOSTUNREACH, EACCES.
    #[inline]
    pub fn lookup(&self, flow: &Flow4, links: &impl Links) -> Result<Result4<'_>, Errno> {
        self.lookup_with(flow, LookupFlags::NONE, links)
    }

    pub(super) fn lookup_with(
        &self,
        flow: &Flow4,
        flags: LookupFlags,
        links: &impl Links,
    ) -> Result<Result4<'_>, Errno> {
        if self.custom_rules {
            return self.lookup_by_rules(flow, flags, links);
        }
        let mut found = self.lookup_table(table::MAIN, flow, flags, links);
        if found.is_err() && self.has_table(table::DEFAULT) {
            found = self.lookup_table(table::DEFAULT, flow, flags, links);
        }
        found.map_err(|errno| match errno {
            Errno::Eagain => Errno::Enetunreach,
            errno => errno,
        })
    }

    fn lookup_by_rules(
        &self,
        flow: &Flow4,
        flags: LookupFlags,
        links: &impl Links,
    ) -> Result<Result4<'_>, Errno> {
        self.rules.walk(&flow.selector(), |info| {
            let found = match info.rule.action {
                RuleAction::ToTable => self.lookup_table(info.rule.table, flow, flags, links)?,
                RuleAction::Unreachable => return Err(Errno::Enetunreach),
                RuleAction::Prohibit => return Err(Errno::Eacces),
                RuleAction::Blackhole
                | RuleAction::Other(_)
                | RuleAction::Goto(_)
                | RuleAction::Nop => {
                    return Err(Errno::Einval);
                }
            };
            match suppressed(info, &found, links) {
                true => Err(Errno::Eagain),
                false => Ok(found),
            }
        })
    }

    /// The route of a packet by one table (`fib_table_lookup`).
    #[inline]
    pub(super) fn lookup_table(
        &self,
        id: u32,
        flow: &Flow4,
        flags: LookupFlags,
        links: &impl Links,
    ) -> Result<Result4<'_>, Errno> {
        let good = |nexthop: &Nexthop| {
            (flow.oif == 0 || flow.oif == nexthop.oif)
                && !nexthop.has(DEAD)
                && (flags.ignore_linkstate
                    || !nexthop.has(LINKDOWN)
                    || !links.ignores_linkdown4(nexthop.oif))
        };
        search(self.tables_of(id), id, flow, good)
    }

    /// As [`Self::lookup_table`], for what an address is: carriers do not matter.
    pub(super) fn lookup_table_blind(&self, id: u32, flow: &Flow4) -> Result<Result4<'_>, Errno> {
        search(self.tables_of(id), id, flow, |nexthop| !nexthop.has(DEAD))
    }

    /// What is searched for a table: `local` and `main` together as long as they are one.
    #[inline]
    fn tables_of(&self, id: u32) -> Pair<'_> {
        if !self.custom_rules && matches!(id, table::LOCAL | table::MAIN) {
            [self.table(table::LOCAL), self.table(table::MAIN)]
        } else {
            [self.table(id), None]
        }
    }

    /// What an address is to this host (`inet_addr_type`): local, broadcast, multicast or unicast.
    pub fn address_kind(&self, addr: Ipv4Addr) -> RouteType {
        self.address_type(addr, table::LOCAL, None)
    }

    /// As [`Self::address_kind`], where a match by another device does not count
    /// (`inet_dev_addr_type`).
    pub fn address_kind_on(&self, addr: Ipv4Addr, ifindex: IfIndex) -> RouteType {
        self.address_type(addr, table::LOCAL, Some(ifindex))
    }

    /// Whether an address is one of ours itself, and not in a network that is (`inet_lookup_ifaddr_rcu`).
    pub(super) fn is_own(&self, addr: Ipv4Addr) -> bool {
        let found = self.lookup_table_blind(table::LOCAL, &Flow4::to(addr));
        found.is_ok_and(|found| found.route.kind == RouteType::Local && found.prefix_len == 32)
    }

    /// The device that has a local address (`__ip_dev_find`).
    pub fn local_device(&self, addr: Ipv4Addr) -> Option<IfIndex> {
        let found = self.lookup_table_blind(table::LOCAL, &Flow4::to(addr));
        found
            .ok()
            .filter(|found| found.route.kind == RouteType::Local)
            .map(|found| found.first_oif())
    }

    /// Chooses among several next hops by the hash of the flow (`fib_select_multipath`).
    #[inline]
    pub fn select_path<'a>(
        &self,
        mut found: Result4<'a>,
        flow: &Flow4,
        links: &impl Links,
    ) -> Result4<'a> {
        if flow.oif == 0 && found.route.nexthops.len() > 1 {
            let hash = multipath::hash(flow.src.into(), flow.dst.into());
            let alive = |nexthop: &Nexthop| alive(nexthop, links);
            let chosen = multipath::select(found.route.nexthops.iter(), hash, alive);
            found.nexthop = chosen.unwrap_or(found.nexthop);
        }
        found
    }

    /// The source address of packets by a route (`fib_result_prefsrc`).
    pub fn source_of(&self, found: &Result4<'_>, links: &impl Links) -> Option<Ipv4Addr> {
        if found.route.prefsrc.is_some() {
            return found.route.prefsrc;
        }
        let nexthop = found.nexthop();
        let gateway = match nexthop.gateway {
            Some(IpAddr::V4(gateway)) => Some(gateway),
            _ => None,
        };
        links.select_addr4(nexthop.oif, gateway, found.route.scope)
    }
}

/// Whether a next hop counts among several (`fib_rebalance`).
fn alive(nexthop: &Nexthop, links: &impl Links) -> bool {
    !nexthop.has(DEAD) && (!nexthop.has(LINKDOWN) || !links.ignores_linkdown4(nexthop.oif))
}

fn suppressed(info: &RuleInfo, found: &Result4<'_>, links: &impl Links) -> bool {
    let group = || match found.first_oif() {
        0 => None,
        oif => Some(links.group(oif)),
    };
    info.suppresses(found.prefix_len, group)
}

/// The route of the longest prefix that has one for this flow.
#[inline]
fn search<'a>(
    tables: Pair<'a>,
    id: u32,
    flow: &Flow4,
    good: impl Fn(&Nexthop) -> bool,
) -> Result<Result4<'a>, Errno> {
    let mut walk = Merged::new(tables, flow.dst.to_bits());
    while let Some((owner, prefix_len, list)) = walk.next() {
        let Some(found) = pick(list, flow, &good) else {
            continue;
        };
        return found.map(|(route, nexthop)| Result4 {
            route,
            prefix: flow.dst.to_bits().masked(prefix_len).into(),
            prefix_len,
            nexthop,
            table: id,
            owner,
        });
    }
    Err(Errno::Eagain)
}

/// The first route of a prefix that is for this flow, or the error that it stands for.
#[inline]
fn pick<'a>(
    list: &'a Few<Route4>,
    flow: &Flow4,
    good: impl Fn(&Nexthop) -> bool,
) -> Option<Result<(&'a Route4, usize), Errno>> {
    for route in list.iter() {
        if route.tos != 0 && route.tos != flow.tos & TOS_MASK || route.scope < flow.scope {
            continue;
        }
        if let Some(errno) = route.kind.error() {
            return Some(Err(errno));
        }
        if route.flags & DEAD != 0 {
            continue;
        }
        if let Some(nexthop) = route.nexthops.iter().position(&good) {
            return Some(Ok((route, nexthop)));
        }
    }
    None
}

/// The prefixes of up to two tables that contain an address, longest first; of equal ones that
/// of the first table comes first (the aliases of one leaf, local before main).
struct Merged<'a> {
    walks: [Option<Walk<'a>>; 2],
}

/// The id of a table, and its prefixes that contain an address.
type Walk<'a> = (u32, Matches<'a, u32, Few<Route4>>);

impl<'a> Merged<'a> {
    #[inline]
    fn new(tables: Pair<'a>, addr: u32) -> Self {
        let walk = |table: &'a Table4| (table.id, table.routes().matches(addr));
        let [first, second] = tables;
        Self {
            walks: [first.map(walk), second.map(walk)],
        }
    }

    #[inline]
    fn next(&mut self) -> Option<(u32, u8, &'a Few<Route4>)> {
        let [first, second] = &mut self.walks;
        let len = |walk: &Option<Walk<'a>>| walk.as_ref().and_then(|(_, walk)| walk.peek_len());
        let longer = if len(first) >= len(second) {
            first
        } else {
            second
        };
        let (id, walk) = longer.as_mut()?;
        let (len, list) = walk.next()?;
        Some((*id, len, list))
    }
}
