//! What the tables report: routes of a dump, the answer to a lookup, and the lookup that is asked for.
//! Words for people are made by the tools.

use std::net::IpAddr;

use ipnet::IpNet;

use super::metrics::Metrics;
use super::route::{Nexthop, RouteType, protocol, scope};
use crate::units::{IfIndex, SimTime};

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
    /// `rtm_flags`: [`nexthop_flags`](crate::netns::fib::nexthop_flags), `RTM_F_*` and, of a lookup, `RTCF_*`.
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
    /// A better gateway was learned of.
    pub const REDIRECTED: u32 = 0x0004_0000;
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
