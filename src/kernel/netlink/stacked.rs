//! Requests and replies about devices that stand on another one: vlan, macvlan, ipvlan (if_link.h, if_vlan.h).
//! What such a device does with frames is in `device`.

pub use crate::device::ipvlan::{IpvlanFlag, IpvlanMode};
pub use crate::device::macvlan::MacvlanMode;
pub use crate::device::vlan::VlanFlags;

/// The options of a vlan device; only what is given is changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VlanOptions {
    /// The VLAN, 0 to 4094; only a new device takes it.
    pub id: Option<u16>,
    /// The ethertype of the tag: 0x8100 (802.1Q) or 0x88a8 (802.1ad); only a new device takes it.
    pub protocol: Option<u16>,
    /// The flags that are given, each with what it shall be.
    pub flags: Vec<(VlanFlags, bool)>,
    /// Priorities of the tag that become priorities of the packet.
    pub ingress_qos: Vec<(u32, u32)>,
    /// Priorities of the packet that become priorities of the tag.
    pub egress_qos: Vec<(u32, u32)>,
}

/// A vlan device as the kernel reports it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VlanInfo {
    /// The VLAN.
    pub id: u16,
    /// The ethertype of the tag.
    pub protocol: u16,
    /// Its flags.
    pub flags: VlanFlags,
    /// Priorities of the tag that become priorities of the packet.
    pub ingress_qos: Vec<(u32, u32)>,
    /// Priorities of the packet that become priorities of the tag.
    pub egress_qos: Vec<(u32, u32)>,
}

/// The options of a macvlan device; only what is given is changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MacvlanOptions {
    /// The mode; a new device has `vepa` where none is given.
    pub mode: Option<MacvlanMode>,
    /// Bit 0 is `nopromisc`, bit 1 `nodst`.
    pub flags: Option<u16>,
    /// Length of the queue of received broadcasts.
    pub bcqueuelen: Option<u32>,
}

/// A macvlan device as the kernel reports it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MacvlanInfo {
    /// The mode.
    pub mode: MacvlanMode,
    /// Bit 0 is `nopromisc`, bit 1 `nodst`.
    pub flags: u16,
    /// What this device asked for.
    pub bcqueuelen: u32,
    /// The longest that a child of the same device asked for.
    pub bcqueuelen_used: u32,
}

/// The options of an ipvlan device; both count for all children of the same parent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct IpvlanOptions {
    /// The mode; a new device brings `l3` where none is given.
    pub mode: Option<IpvlanMode>,
    /// The flag.
    pub flag: Option<IpvlanFlag>,
}

/// An ipvlan device as the kernel reports it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IpvlanInfo {
    /// The mode.
    pub mode: IpvlanMode,
    /// The flag.
    pub flag: IpvlanFlag,
}
