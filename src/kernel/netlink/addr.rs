//! Requests and replies about addresses (RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR).
//! Which routes follow an address is decided by the namespace.

use std::net::IpAddr;
use std::time::Duration;

use crate::units::{IfIndex, IfName};

/// An address with the length of its prefix; the host bits may be set.
pub type IpNet = ipnet::IpNet;

/// Adds an address to a device, or changes it (`ip addr add|change|replace`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddrNew {
    /// The device.
    pub ifindex: IfIndex,
    /// The address of this end, with the prefix length of the subnet (or of the peer).
    pub local: IpNet,
    /// The address of the other end of a point-to-point link.
    pub peer: Option<IpAddr>,
    /// The broadcast address, where one is given.
    pub broadcast: Option<IpAddr>,
    /// The anycast address, where one is given.
    pub anycast: Option<IpAddr>,
    /// The label, of IPv4 addresses only.
    pub label: Option<String>,
    /// `RT_SCOPE_*`; IPv6 derives it from the address.
    pub scope: u8,
    /// `IFA_F_*` as given: nodad, home, mngtmpaddr, noprefixroute, autojoin, optimistic.
    pub flags: u32,
    /// How long the address is valid; nothing for ever.
    pub valid: Option<Duration>,
    /// How long the address is preferred; nothing for ever.
    pub preferred: Option<Duration>,
    /// Metric of the prefix route.
    pub metric: Option<u32>,
    /// `IFAPROT_*`.
    pub proto: u8,
    /// NLM_F_REPLACE: an address that exists is changed.
    pub replace: bool,
    /// NLM_F_CREATE: an address that does not exist is made.
    pub create: bool,
    /// NLM_F_EXCL: an address that exists is an error.
    pub excl: bool,
}

impl AddrNew {
    /// What `ip addr add LOCAL dev` asks for: an address that is not there yet, for ever.
    pub const fn new(ifindex: IfIndex, local: IpNet) -> Self {
        Self {
            ifindex,
            local,
            peer: None,
            broadcast: None,
            anycast: None,
            label: None,
            scope: 0,
            flags: 0,
            valid: None,
            preferred: None,
            metric: None,
            proto: 0,
            replace: false,
            create: true,
            excl: true,
        }
    }
}

/// The `IFA_F_*` bits of an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddrFlags;

impl AddrFlags {
    /// IFA_F_SECONDARY of IPv4, IFA_F_TEMPORARY of IPv6.
    pub const SECONDARY: u32 = 0x01;
    /// IFA_F_NODAD.
    pub const NODAD: u32 = 0x02;
    /// IFA_F_OPTIMISTIC.
    pub const OPTIMISTIC: u32 = 0x04;
    /// IFA_F_DADFAILED.
    pub const DADFAILED: u32 = 0x08;
    /// IFA_F_HOMEADDRESS.
    pub const HOMEADDRESS: u32 = 0x10;
    /// IFA_F_DEPRECATED.
    pub const DEPRECATED: u32 = 0x20;
    /// IFA_F_TENTATIVE.
    pub const TENTATIVE: u32 = 0x40;
    /// IFA_F_PERMANENT.
    pub const PERMANENT: u32 = 0x80;
    /// IFA_F_MANAGETEMPADDR.
    pub const MANAGETEMPADDR: u32 = 0x100;
    /// IFA_F_NOPREFIXROUTE.
    pub const NOPREFIXROUTE: u32 = 0x200;
    /// IFA_F_MCAUTOJOIN.
    pub const MCAUTOJOIN: u32 = 0x400;
    /// IFA_F_STABLE_PRIVACY.
    pub const STABLE_PRIVACY: u32 = 0x800;
}

/// Takes an address off a device (`ip addr del`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddrDelete {
    /// The device.
    pub ifindex: IfIndex,
    /// The address; a prefix length narrows the choice.
    pub local: IpNet,
    /// The peer, where one was given.
    pub peer: Option<IpAddr>,
    /// The label, where one was given.
    pub label: Option<String>,
}

/// An address as the kernel reports it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddrInfo {
    /// The device.
    pub ifindex: IfIndex,
    /// The device's name.
    pub dev: IfName,
    /// The address of this end.
    pub local: IpAddr,
    /// The other end's address where there is a peer, else `local`.
    pub address: IpAddr,
    /// Length of the prefix.
    pub prefix_len: u8,
    /// The broadcast address.
    pub broadcast: Option<IpAddr>,
    /// The anycast address.
    pub anycast: Option<IpAddr>,
    /// The label (IPv4 only).
    pub label: Option<String>,
    /// `RT_SCOPE_*`.
    pub scope: u8,
    /// `IFA_F_*`.
    pub flags: u32,
    /// Seconds that the address stays valid; nothing for ever.
    pub valid_s: Option<u32>,
    /// Seconds that the address stays preferred; nothing for ever.
    pub preferred_s: Option<u32>,
    /// Metric of the prefix route; 0 for the default.
    pub metric: u32,
    /// `IFAPROT_*`: 0 unspecified, 1 loopback, 2 router advertisement, 3 link-local.
    pub proto: u8,
}
