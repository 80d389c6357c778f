//! The IPv6 addresses of a device: flags, scopes, lifetimes, and their order (`struct inet6_ifaddr`).
//! Duplicate detection is in `dad`, routes and groups follow in `addr`.

use std::net::Ipv6Addr;

use crate::netns::inet::{SCOPE_HOST, SCOPE_LINK, SCOPE_SITE, SCOPE_UNIVERSE};
use crate::units::{MacAddr, SimTime, make_room};

/// `IFA_F_TEMPORARY`.
pub const IFA_F_TEMPORARY: u32 = 0x01;
/// `IFA_F_NODAD`.
pub const IFA_F_NODAD: u32 = 0x02;
/// `IFA_F_OPTIMISTIC`.
pub const IFA_F_OPTIMISTIC: u32 = 0x04;
/// `IFA_F_DADFAILED`.
pub const IFA_F_DADFAILED: u32 = 0x08;
/// `IFA_F_HOMEADDRESS`.
pub const IFA_F_HOMEADDRESS: u32 = 0x10;
/// `IFA_F_DEPRECATED`.
pub const IFA_F_DEPRECATED: u32 = 0x20;
/// `IFA_F_TENTATIVE`.
pub const IFA_F_TENTATIVE: u32 = 0x40;
/// `IFA_F_PERMANENT`.
pub const IFA_F_PERMANENT: u32 = 0x80;
/// `IFA_F_MANAGETEMPADDR`.
pub const IFA_F_MANAGETEMPADDR: u32 = 0x100;
/// `IFA_F_NOPREFIXROUTE`.
pub const IFA_F_NOPREFIXROUTE: u32 = 0x200;
/// `IFA_F_MCAUTOJOIN`.
pub const IFA_F_MCAUTOJOIN: u32 = 0x400;
/// `IFA_F_STABLE_PRIVACY`.
pub const IFA_F_STABLE_PRIVACY: u32 = 0x800;

/// The metric of a connected prefix that has none of its own (`IP6_RT_PRIO_ADDRCONF`).
pub const METRIC_ADDRCONF: u32 = 256;

/// Where an address stands in duplicate detection (`INET6_IFADDR_STATE_*`).
///
/// ```text
/// PREDAD -> DAD -> (no answer) done
///            \-> (somebody answers) ERRDAD -> failed
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DadState {
    /// Not begun.
    #[default]
    Before,
    /// Begun; it waits, asks, or waits for its device.
    Running,
    /// Somebody else has it.
    Conflict,
    /// Over, well or badly.
    Over,
}

/// One address of a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ifaddr6 {
    /// The address of this end.
    pub addr: Ipv6Addr,
    /// The length of its prefix.
    pub prefix_len: u8,
    /// The other end's address.
    pub peer: Option<Ipv6Addr>,
    /// `IFA_F_*`.
    pub flags: u32,
    /// `IFAPROT_*`: 1 loopback, 2 router advertisement, 3 link-local.
    pub proto: u8,
    /// The metric of its prefix route, 0 for the usual one.
    pub metric: u32,
    /// When it goes.
    pub valid_until: SimTime,
    /// When it becomes deprecated.
    pub preferred_until: SimTime,
    /// When it was made, for `cstamp`.
    pub created: SimTime,
    /// When it last changed, for `tstamp`.
    pub updated: SimTime,
    pub(super) state: DadState,
    pub(super) probes: u32,
    pub(super) nonce: Option<[u8; 6]>,
    pub(super) dad_at: Option<SimTime>,
    /// Its own route is in place: it receives.
    pub(super) ready: bool,
    pub(super) conflicts: u8,
}

impl Ifaddr6 {
    /// An address with flags, for ever, that nobody has tried yet.
    pub fn new(now: SimTime, addr: Ipv6Addr, prefix_len: u8, flags: u32) -> Self {
        Self {
            addr,
            prefix_len,
            peer: None,
            flags,
            proto: 0,
            metric: 0,
            valid_until: SimTime::NEVER,
            preferred_until: SimTime::NEVER,
            created: now,
            updated: now,
            state: DadState::Before,
            probes: 0,
            nonce: None,
            dad_at: None,
            ready: false,
            conflicts: 0,
        }
    }

    /// Whether any of these flags is set.
    pub fn has(&self, flags: u32) -> bool {
        self.flags & flags != 0
    }

    /// Its scope, as netlink tells it.
    pub fn scope(&self) -> u8 {
        scope_of(self.addr)
    }

    /// Whether packets to it are for this host: it is not tentative, or optimistic.
    pub fn is_usable(&self) -> bool {
        !self.has(IFA_F_TENTATIVE) || self.has(IFA_F_OPTIMISTIC)
    }

    /// Seconds that it stays valid; nothing for ever.
    pub fn valid_s(&self, now: SimTime) -> Option<u32> {
        seconds_left(self.valid_until, now)
    }

    /// Seconds that it stays preferred; nothing for ever.
    pub fn preferred_s(&self, now: SimTime) -> Option<u32> {
        seconds_left(self.preferred_until, now)
    }

    /// Whether another address is in its prefix.
    pub fn shares_prefix(&self, other: &Self) -> bool {
        self.prefix_len == other.prefix_len
            && prefix_of(self.addr, self.prefix_len) == prefix_of(other.addr, self.prefix_len)
    }
}

fn seconds_left(until: SimTime, now: SimTime) -> Option<u32> {
    if until == SimTime::NEVER {
        return None;
    }
    // The kernel counts whole seconds since the change, so that 2 s read `2sec` at first.
    let nanos = until.since(now).as_nanos().div_ceil(1_000_000_000);
    Some(u32::try_from(nanos).unwrap_or(u32::MAX))
}

/// `RT_SCOPE_*` of an address (`ipv6_addr_scope`, `rt_scope`).
pub fn scope_of(addr: Ipv6Addr) -> u8 {
    let first = addr.segments()[0];
    match first {
        _ if addr.is_loopback() => SCOPE_HOST,
        0xff00..=0xffff => match first & 0x0f {
            1 => SCOPE_HOST,
            2 => SCOPE_LINK,
            5 => SCOPE_SITE,
            _ => SCOPE_UNIVERSE,
        },
        0xfe80..=0xfebf => SCOPE_LINK,
        0xfec0..=0xfeff => SCOPE_SITE,
        _ => SCOPE_UNIVERSE,
    }
}

/// The scope by which lists are sorted and sources compared (`ipv6_addr_src_scope`).
pub(super) fn source_scope(addr: Ipv6Addr) -> u8 {
    let [first, second, ..] = addr.octets();
    match scope_of(addr) {
        _ if addr.is_unspecified() => 0,
        _ if first == 0xff => second & 0x0f,
        SCOPE_HOST | SCOPE_LINK => 0x02,
        SCOPE_SITE => 0x05,
        _ => 0x0e,
    }
}

/// The first `len` bits of an address.
pub fn prefix_of(addr: Ipv6Addr, len: u8) -> Ipv6Addr {
    let mask = match len {
        0 => 0,
        len => u128::MAX << (128 - u32::from(len.min(128))),
    };
    Ipv6Addr::from(u128::from(addr) & mask)
}

/// The address of a prefix for a station (RFC 4291, appendix A).
pub fn eui64(prefix: Ipv6Addr, mac: MacAddr) -> Ipv6Addr {
    let [a, b, c, d, e, f] = mac.0;
    let id = u64::from_be_bytes([a ^ 2, b, c, 0xff, 0xfe, d, e, f]);
    with_interface_id(prefix, id)
}

/// The address of a /64 prefix with this interface identifier.
pub fn with_interface_id(prefix: Ipv6Addr, id: u64) -> Ipv6Addr {
    let high = u128::from(prefix) >> 64 << 64;
    Ipv6Addr::from(high | u128::from(id))
}

/// `fe80::`, the prefix of all link-local addresses that are made.
pub const LINK_LOCAL: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0);

/// Whether it is in fe80::/10.
pub fn is_link_local(addr: Ipv6Addr) -> bool {
    addr.segments()[0] & 0xffc0 == 0xfe80
}

/// Puts an address into a list: before the first whose scope is no larger
/// (`ipv6_link_dev_addr`), so that the newest global one leads.
pub(super) fn insert(list: &mut Vec<Ifaddr6>, new: Ifaddr6) {
    let scope = source_scope(new.addr);
    let at = list
        .iter()
        .position(|old| scope >= source_scope(old.addr))
        .unwrap_or(list.len());
    make_room(list, 1);
    list.insert(at, new);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> Ipv6Addr {
        text.parse().unwrap()
    }

    #[test]
    fn the_newest_global_address_leads_and_link_local_follows() {
        let mut list = Vec::new();
        for text in ["fe80::1", "fd00::1", "fe80::2", "fd00::2"] {
            insert(&mut list, Ifaddr6::new(SimTime::ZERO, addr(text), 64, 0));
        }
        let order: Vec<_> = list.iter().map(|ifa| ifa.addr.to_string()).collect();
        assert_eq!(order, ["fd00::2", "fd00::1", "fe80::2", "fe80::1"]);
    }

    #[test]
    fn a_station_gives_the_link_local_address() {
        let mac = MacAddr([2, 0, 0, 0, 0, 1]);
        assert_eq!(eui64(LINK_LOCAL, mac), addr("fe80::ff:fe00:1"));
    }

    #[test]
    fn scopes_are_those_of_netlink() {
        assert_eq!(scope_of(addr("::1")), SCOPE_HOST);
        assert_eq!(scope_of(addr("fe80::1")), SCOPE_LINK);
        assert_eq!(scope_of(addr("fec0::1")), SCOPE_SITE);
        assert_eq!(scope_of(addr("fd00::1")), SCOPE_UNIVERSE);
        assert_eq!(source_scope(addr("ff02::1")), 2);
    }

    #[test]
    fn prefixes_of_all_lengths_are_cut() {
        assert_eq!(prefix_of(addr("fd00:1:2:3::4"), 64), addr("fd00:1:2:3::"));
        assert_eq!(prefix_of(addr("fd00::4"), 0), Ipv6Addr::UNSPECIFIED);
        assert_eq!(prefix_of(addr("fd00::4"), 200), addr("fd00::4"));
    }
}
