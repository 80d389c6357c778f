//! The words of routing: types, scopes, tables, protocols, next hops.
//! Plain data: what a table does with it is in `v4` and `v6`.

use std::net::IpAddr;

use crate::units::{Errno, IfIndex};

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
