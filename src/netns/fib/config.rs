//! What a request for a route asks for, and why one is refused.
//! Whether a route may be is judged in `v4` and `v6`.

use std::net::IpAddr;

use ipnet::IpNet;

use super::metrics::Metrics;
use super::route::{RouteType, protocol, scope, table};
use crate::units::{Errno, IfIndex};

/// One of several ways of a route that is asked for (`struct rtnexthop`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NexthopConfig {
    /// The device; 0 lets the kernel find it.
    pub oif: IfIndex,
    /// The gateway.
    pub gateway: Option<IpAddr>,
    /// Its share, 1 to 256; 0 is 1.
    pub weight: u16,
    /// [`nexthop_flags`](crate::netns::fib::nexthop_flags): onlink, pervasive.
    pub flags: u8,
    /// The realm, that of sources above 2^16 (IPv4).
    pub realms: u32,
}

/// A route as a request describes it (RTM_NEWROUTE, RTM_DELROUTE; `struct fib_config`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RouteConfig {
    /// The table; 0 is the main one.
    pub table: u32,
    /// The destination; its family is the route's.
    pub dst: IpNet,
    /// Type of service (IPv4).
    pub tos: u8,
    /// The type.
    pub kind: RouteType,
    /// [`protocol`]: who makes it; a delete matches any with 0.
    pub protocol: u8,
    /// [`scope`] (IPv4).
    pub scope: u8,
    /// The metric; 0 is the family's default, and any for a delete.
    pub metric: u32,
    /// The preferred source address.
    pub prefsrc: Option<IpAddr>,
    /// The way, where there is one.
    pub nexthop: NexthopConfig,
    /// The ways, where there are several (RTA_MULTIPATH).
    pub nexthops: Vec<NexthopConfig>,
    /// Metrics.
    pub metrics: Metrics,
    /// Router preference (IPv6): 0 medium, 1 high, 3 low.
    pub pref: u8,
    /// How long it lives, in seconds (IPv6).
    pub expires_s: Option<u32>,
    /// Made by a router advertisement or for an address (`RTF_ADDRCONF`, IPv6).
    pub addrconf: bool,
}

impl RouteConfig {
    /// A unicast route to `dst` in the main table, with nothing else said.
    pub fn new(dst: IpNet) -> Self {
        Self {
            table: table::UNSPEC,
            dst,
            tos: 0,
            kind: RouteType::Unicast,
            protocol: protocol::BOOT,
            scope: scope::UNIVERSE,
            metric: 0,
            prefsrc: None,
            nexthop: NexthopConfig::default(),
            nexthops: Vec::new(),
            metrics: Metrics::default(),
            pref: 0,
            expires_s: None,
            addrconf: false,
        }
    }

    /// The table that it is about.
    pub(super) fn table_id(&self) -> u32 {
        match self.table {
            table::UNSPEC => table::MAIN,
            id => id,
        }
    }
}

/// The `NLM_F_*` flags of a request for a new route.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NewFlags {
    /// NLM_F_CREATE: make it where there is none.
    pub create: bool,
    /// NLM_F_EXCL: fail where there is one.
    pub excl: bool,
    /// NLM_F_REPLACE: change the one that is there.
    pub replace: bool,
    /// NLM_F_APPEND: put it behind those that are there.
    pub append: bool,
}

impl NewFlags {
    /// `ip route add`.
    pub const ADD: Self = Self::of(true, true, false, false);
    /// `ip route change`.
    pub const CHANGE: Self = Self::of(false, false, true, false);
    /// `ip route replace`.
    pub const REPLACE: Self = Self::of(true, false, true, false);
    /// `ip route prepend`.
    pub const PREPEND: Self = Self::of(true, false, false, false);
    /// `ip route append`, and what the kernel makes by itself.
    pub const APPEND: Self = Self::of(true, false, false, true);
    /// `ip route test`.
    pub const TEST: Self = Self::of(false, true, false, false);

    const fn of(create: bool, excl: bool, replace: bool, append: bool) -> Self {
        Self {
            create,
            excl,
            replace,
            append,
        }
    }
}

/// Why a request about routes or rules failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{errno}")]
pub struct RouteError {
    /// The error number.
    pub errno: Errno,
    /// The kernel's own words, where it has some.
    pub extack: Option<&'static str>,
}

impl RouteError {
    /// An error with the kernel's own words.
    pub const fn new(errno: Errno, text: &'static str) -> Self {
        Self {
            errno,
            extack: Some(text),
        }
    }
}

impl From<Errno> for RouteError {
    fn from(errno: Errno) -> Self {
        Self {
            errno,
            extack: None,
        }
    }
}
