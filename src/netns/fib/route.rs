//! The words of routing: types, scopes, tables, next hops, metrics, and what a request asks for.
//! Plain data: what a table does with it is in `v4` and `v6`.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::units::{Errno, IfIndex, SimTime};

/// What a route does with a packet (`RTN_*` of linux/rtnetlink.h).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum RouteType {
    /// Not said: a delete matches any type with it.
    Unspec = 0,
    /// A gateway or a direct route.
    Unicast = 1,
    /// Accepted here.
    Local = 2,
    /// Accepted here as broadcast, sent as broadcast.
    Broadcast = 3,
    /// Accepted here as broadcast, sent as unicast.
    Anycast = 4,
    /// A multicast route.
    Multicast = 5,
    /// Dropped without a word.
    Blackhole = 6,
    /// Destination is unreachable.
    Unreachable = 7,
    /// Administratively prohibited.
    Prohibit = 8,
    /// Not in this table.
    Throw = 9,
    /// Translated; no kernel does it.
    Nat = 10,
    /// Resolved outside the kernel; no kernel does it.
    Xresolve = 11,
}

impl RouteType {
    /// The narrowest scope that a route of this type may have, and the error of a lookup that
    /// finds it (`fib_props`).
    pub(super) const fn properties(self) -> (u8, Option<Errno>) {
        match self {
            Self::Unspec => (scope::NOWHERE, None),
            Self::Unicast | Self::Multicast => (scope::UNIVERSE, None),
            Self::Local => (scope::HOST, None),
            Self::Broadcast | Self::Anycast => (scope::LINK, None),
            Self::Blackhole => (scope::UNIVERSE, Some(Errno::Einval)),
            Self::Unreachable => (scope::UNIVERSE, Some(Errno::Ehostunreach)),
            Self::Prohibit => (scope::UNIVERSE, Some(Errno::Eacces)),
            Self::Throw => (scope::UNIVERSE, Some(Errno::Eagain)),
            Self::Nat | Self::Xresolve => (scope::NOWHERE, Some(Errno::Einval)),
        }
    }

    /// The error of a lookup that finds a route of this type, if it is one.
    pub const fn error(self) -> Option<Errno> {
        self.properties().1
    }
}

/// `RT_SCOPE_*`: how far a destination is.
pub mod scope {
    /// Anywhere, behind a gateway.
    pub const UNIVERSE: u8 = 0;
    /// Inside this site.
    pub const SITE: u8 = 200;
    /// On this link.
    pub const LINK: u8 = 253;
    /// On this host.
    pub const HOST: u8 = 254;
    /// Does not exist; a delete matches any scope with it.
    pub const NOWHERE: u8 = 255;
}

/// `RT_TABLE_*`: the tables that every namespace knows.
pub mod table {
    /// Not said.
    pub const UNSPEC: u32 = 0;
    /// Looked up last.
    pub const DEFAULT: u32 = 253;
    /// The one that `ip route` shows.
    pub const MAIN: u32 = 254;
    /// The kernel's own.
    pub const LOCAL: u32 = 255;
}

/// `RTPROT_*`: who made a route.
pub mod protocol {
    /// Not said.
    pub const UNSPEC: u8 = 0;
    /// An ICMP redirect.
    pub const REDIRECT: u8 = 1;
    /// The kernel, by itself.
    pub const KERNEL: u8 = 2;
    /// A command, at boot.
    pub const BOOT: u8 = 3;
    /// The administrator.
    pub const STATIC: u8 = 4;
    /// A router advertisement.
    pub const RA: u8 = 9;
}

/// `RTNH_F_*`: what is the matter with a next hop, and with a route as a whole.
pub mod nexthop_flags {
    /// Its device is down.
    pub const DEAD: u8 = 1;
    /// Do recursive gateway lookup.
    pub const PERVASIVE: u8 = 2;
    /// The gateway is forced on link.
    pub const ONLINK: u8 = 4;
    /// Offloaded to hardware.
    pub const OFFLOAD: u8 = 8;
    /// Its device has no carrier.
    pub const LINKDOWN: u8 = 16;
}

/// Where a route leads: a device, and a gateway on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Nexthop {
    /// The device; 0 where there is none (blackhole and the like).
    pub oif: IfIndex,
    /// The gateway; an IPv4 route may have an IPv6 one (`via inet6`).
    pub gateway: Option<IpAddr>,
    /// Its share among several, 1 to 256.
    pub weight: u16,
    /// [`nexthop_flags`].
    pub flags: u8,
    /// How far the gateway is (`nhc_scope`; IPv4 only).
    pub scope: u8,
    /// The realm of its packets, that of their sources above 2^16 (IPv4 only).
    pub realms: u32,
}

impl Nexthop {
    /// Whether any of these flags is set.
    pub const fn has(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }

    /// Whether it is the same way out, whatever the state of the device (`nh_comp`).
    pub(super) fn same_way(&self, other: &Self) -> bool {
        use nexthop_flags::{DEAD, LINKDOWN, OFFLOAD};
        let compared = !(DEAD | LINKDOWN | OFFLOAD);
        (self.oif, self.gateway, self.weight, self.scope)
            == (other.oif, other.gateway, other.weight, other.scope)
            && self.realms == other.realms
            && (self.flags ^ other.flags) & compared == 0
    }
}

/// `RTAX_*`: the metrics of a route, by their netlink numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Metric {
    /// Path MTU, in bytes.
    Mtu = 2,
    /// Largest window, in bytes.
    Window = 3,
    /// Round-trip time, in eighths of a millisecond.
    Rtt = 4,
    /// Its variance, in quarters of a millisecond.
    RttVar = 5,
    /// Slow start threshold.
    SsThresh = 6,
    /// Congestion window.
    Cwnd = 7,
    /// Largest segment to advertise, in bytes.
    AdvMss = 8,
    /// How much reordering to expect.
    Reordering = 9,
    /// Hop limit of packets that leave this way.
    HopLimit = 10,
    /// First congestion window, in segments.
    InitCwnd = 11,
    /// `RTAX_FEATURE_*` bits.
    Features = 12,
    /// Smallest retransmission time-out, in milliseconds.
    RtoMin = 13,
    /// First receive window, in segments.
    InitRwnd = 14,
    /// No delayed acknowledgements.
    QuickAck = 15,
    /// Congestion control; its name is in [`Metrics::congestion`].
    CcAlgo = 16,
    /// TCP Fast Open without cookie.
    FastopenNoCookie = 17,
}

/// The metrics of a route; most routes have none.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Metrics {
    /// What was set, in the order of the numbers.
    values: Vec<(Metric, u32)>,
    /// A bit `1 << RTAX_x` for each metric that the kernel must leave alone.
    pub locked: u32,
    /// Name of the congestion control.
    pub congestion: Option<String>,
}

impl Metrics {
    /// Sets one, to no more than the kernel takes (`ip_metrics_convert`).
    pub fn insert(&mut self, metric: Metric, value: u32) {
        let value = match metric {
            Metric::AdvMss => value.min(65_495),
            Metric::Mtu => value.min(65_520),
            Metric::HopLimit => value.min(255),
            _ => value,
        };
        match self.values.binary_search_by_key(&metric, |(m, _)| *m) {
            Ok(at) => self.values[at].1 = value,
            Err(at) => self.values.insert(at, (metric, value)),
        }
    }

    /// One metric; nothing where it is not set, or is 0.
    pub fn value(&self, metric: Metric) -> Option<u32> {
        let found = self.values.iter().find(|(m, _)| *m == metric);
        found.map(|(_, value)| *value).filter(|value| *value != 0)
    }

    /// Whether the kernel must leave a metric alone.
    pub fn is_locked(&self, metric: Metric) -> bool {
        self.locked & (1 << metric as u8) != 0
    }

    /// Locks a metric.
    pub fn lock(&mut self, metric: Metric) {
        self.locked |= 1 << metric as u8;
    }

    /// What was set, in the order of the numbers.
    pub fn iter(&self) -> impl Iterator<Item = (Metric, u32)> {
        self.values.iter().copied()
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.locked == 0 && self.congestion.is_none()
    }

    /// What the kernel has against them (`ip_metrics_convert`).
    pub(super) fn check(&self) -> Result<(), RouteError> {
        let known = |name: &String| ["reno", "cubic", "bbr"].contains(&name.as_str());
        let bad = |text| Err(RouteError::new(Errno::Einval, text));
        match &self.congestion {
            Some(name) if !known(name) => bad("Unknown tcp congestion algorithm"),
            _ if self.value(Metric::Features).unwrap_or(0) & !0xf != 0 => {
                bad("Unknown flag set in feature mask in metrics attribute")
            }
            _ => Ok(()),
        }
    }

    /// Whether all that `asked` sets is so here (`fib_metrics_match`).
    pub(super) fn has_all(&self, asked: &Self) -> bool {
        asked
            .iter()
            .all(|(metric, value)| self.value(metric).unwrap_or(0) == value)
            && (asked.congestion.is_none() || asked.congestion == self.congestion)
    }
}

/// One of several ways of a route that is asked for (`struct rtnexthop`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NexthopConfig {
    /// The device; 0 lets the kernel find it.
    pub oif: IfIndex,
    /// The gateway.
    pub gateway: Option<IpAddr>,
    /// Its share, 1 to 256; 0 is 1.
    pub weight: u16,
    /// [`nexthop_flags`]: onlink, pervasive.
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

/// A route as the kernel reports it (RTM_NEWROUTE): from a dump, or the answer to a lookup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RouteInfo {
    /// The table.
    pub table: u32,
    /// The destination: a prefix, or the address that was looked up.
    pub dst: IpNet,
    /// The source that was looked up with (RTA_SRC).
    pub src: Option<IpAddr>,
    /// Type of service.
    pub tos: u8,
    /// The type.
    pub kind: RouteType,
    /// [`protocol`].
    pub protocol: u8,
    /// [`scope`].
    pub scope: u8,
    /// The metric (RTA_PRIORITY); IPv6 always has one.
    pub metric: Option<u32>,
    /// The preferred source, or the one that was chosen.
    pub prefsrc: Option<IpAddr>,
    /// The ways; one without `multipath` is the route's own.
    pub nexthops: Vec<Nexthop>,
    /// Whether the ways are a list (RTA_MULTIPATH).
    pub multipath: bool,
    /// `rtm_flags`: [`nexthop_flags`], `RTM_F_*` and, of a lookup, `RTCF_*`.
    pub flags: u32,
    /// Metrics.
    pub metrics: Metrics,
    /// Router preference (IPv6).
    pub pref: Option<u8>,
    /// When it ends.
    pub expires: Option<SimTime>,
    /// The mark that was looked up with.
    pub mark: u32,
    /// The user that was looked up for; nothing for packets that come in.
    pub uid: Option<u32>,
    /// The device that was looked up for (RTA_IIF).
    pub iif: Option<IfIndex>,
}

impl RouteInfo {
    /// A route of which nothing else is said.
    pub(super) fn new(table: u32, dst: IpNet, kind: RouteType) -> Self {
        Self {
            table,
            dst,
            src: None,
            tos: 0,
            kind,
            protocol: protocol::UNSPEC,
            scope: scope::UNIVERSE,
            metric: None,
            prefsrc: None,
            nexthops: Vec::new(),
            multipath: false,
            flags: 0,
            metrics: Metrics::default(),
            pref: None,
            expires: None,
            mark: 0,
            uid: None,
            iif: None,
        }
    }
}

/// A lookup that is asked for (RTM_GETROUTE without NLM_F_DUMP; `ip route get`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RouteGet {
    /// Destination.
    pub dst: IpAddr,
    /// Source.
    pub src: Option<IpAddr>,
    /// As if it came in by this device; 0 is sent from here.
    pub iif: IfIndex,
    /// The device to leave by; 0 is any.
    pub oif: IfIndex,
    /// The mark.
    pub mark: u32,
    /// Type of service.
    pub tos: u8,
    /// The user that sends.
    pub uid: u32,
    /// IP protocol.
    pub proto: u8,
    /// Source port.
    pub sport: u16,
    /// Destination port.
    pub dport: u16,
    /// Whether the route itself is asked for (RTM_F_FIB_MATCH).
    pub fib_match: bool,
}

impl RouteGet {
    /// The way to `dst`, with nothing else said.
    pub const fn to(dst: IpAddr) -> Self {
        Self {
            dst,
            src: None,
            iif: 0,
            oif: 0,
            mark: 0,
            tos: 0,
            uid: 0,
            proto: 0,
            sport: 0,
            dport: 0,
            fib_match: false,
        }
    }
}

/// `RTM_F_*` and `RTCF_*`: bits of [`RouteInfo::flags`] above those of a next hop.
pub mod info_flags {
    /// The route was cloned for one destination: the answer to a lookup.
    pub const CLONED: u32 = 0x200;
    /// The source was told of a better gateway.
    pub const DOREDIRECT: u32 = 0x0100_0000;
    /// The destination was an address of a neighbour, source-routed.
    pub const DIRECTSRC: u32 = 0x0400_0000;
    /// A broadcast.
    pub const BROADCAST: u32 = 0x1000_0000;
    /// A multicast.
    pub const MULTICAST: u32 = 0x2000_0000;
    /// Delivered here.
    pub const LOCAL: u32 = 0x8000_0000;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_of_zero_is_none_and_matches_an_unset_one() {
        let mut asked = Metrics::default();
        asked.insert(Metric::Mtu, 0);
        assert_eq!(asked.value(Metric::Mtu), None);
        assert!(Metrics::default().has_all(&asked));
        asked.insert(Metric::Mtu, 1400);
        assert!(!Metrics::default().has_all(&asked));
    }
}
