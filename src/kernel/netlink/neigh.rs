//! Requests and replies about neighbours (RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH) and about
//! the groups that a device listens to. What they do is decided by the namespace.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::netns::neigh::{NeighFlags, Nud};
use crate::units::{IfIndex, IfName, MacAddr};

/// Adds or changes a neighbour or a proxy entry (`ip neigh add|change|replace`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NeighNew {
    /// The device; a proxy entry may do without.
    pub ifindex: Option<IfIndex>,
    /// The neighbour's address.
    pub addr: IpAddr,
    /// Its link layer address as given; an Ethernet device takes the first six bytes, and
    /// refuses fewer (`Invalid link address`).
    pub lladdr: Option<Vec<u8>>,
    /// The state to have.
    pub state: Nud,
    /// `NTF_*`, the extended ones from bit 8 on.
    pub flags: NeighFlags,
    /// Who makes it; 0 for nobody in particular.
    pub protocol: u8,
    /// NLM_F_CREATE.
    pub create: bool,
    /// NLM_F_EXCL.
    pub excl: bool,
    /// NLM_F_REPLACE.
    pub replace: bool,
}

/// Names one neighbour or proxy entry, to delete or to get it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NeighRef {
    /// The device; a proxy entry may do without.
    pub ifindex: Option<IfIndex>,
    /// The address.
    pub addr: IpAddr,
    /// It is a proxy entry.
    pub proxy: bool,
}

/// Which entries a dump has; IPv4 before IPv6.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NeighDump {
    /// Those of IPv4.
    pub v4: bool,
    /// Those of IPv6.
    pub v6: bool,
    /// Only those of this device.
    pub ifindex: Option<IfIndex>,
    /// Only those of devices with this master; `Some(None)` for devices without one.
    pub master: Option<Option<IfIndex>>,
    /// Proxy entries instead of neighbours.
    pub proxy: bool,
}

/// One neighbour or proxy entry as a dump shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NeighInfo {
    /// The device's number; 0 for a proxy entry of all devices.
    pub ifindex: IfIndex,
    /// The device's name.
    pub dev: Option<IfName>,
    /// The address.
    pub addr: IpAddr,
    /// Its station, where the state is valid.
    pub lladdr: Option<MacAddr>,
    /// Its state.
    pub state: Nud,
    /// Its flags.
    pub flags: NeighFlags,
    /// Who made it.
    pub protocol: u8,
    /// How it was used; a proxy entry has none of it.
    pub cache: Option<NeighCache>,
}

/// The use of a neighbour (`NDA_CACHEINFO`, `NDA_PROBES`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NeighCache {
    /// Whole seconds since a packet went to it.
    pub used_s: u64,
    /// Whole seconds since it was confirmed.
    pub confirmed_s: u64,
    /// Whole seconds since it changed.
    pub updated_s: u64,
    /// Who holds it besides the table.
    pub references: u32,
    /// Questions asked.
    pub probes: u32,
}

/// A group that a device listens to (`/proc/net/dev_mcast`, `igmp`, `igmp6`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MaddrInfo {
    /// The device's number.
    pub ifindex: IfIndex,
    /// The device's name.
    pub dev: IfName,
    /// The group.
    pub group: Maddr,
    /// How many want it.
    pub users: u32,
    /// An administrator is one of them (`ip maddr add`).
    pub is_static: bool,
}

/// A group address of any layer, in the order in which `ip maddr` lists them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Maddr {
    /// An Ethernet group.
    Link(MacAddr),
    /// An IPv4 group.
    Inet(Ipv4Addr),
    /// An IPv6 group.
    Inet6(Ipv6Addr),
}
