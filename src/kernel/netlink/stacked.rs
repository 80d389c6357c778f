//! Requests and replies about devices that stand on another one: vlan, macvlan, ipvlan (if_link.h, if_vlan.h).
//! What such a device does with frames is in `device`.

use crate::units::MacAddr;

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

/// The flags of a vlan device, a set (`enum vlan_flags`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VlanFlags(pub u32);

impl VlanFlags {
    /// The tag is taken out of what the device shows.
    pub const REORDER_HDR: Self = Self(0x1);
    /// The VLAN is announced by GVRP; of no effect.
    pub const GVRP: Self = Self(0x2);
    /// The device goes up and down by itself.
    pub const LOOSE_BINDING: Self = Self(0x4);
    /// The VLAN is announced by MVRP; of no effect.
    pub const MVRP: Self = Self(0x8);
    /// The carrier follows the ports of the bridge below that have the VLAN.
    pub const BRIDGE_BINDING: Self = Self(0x10);

    /// Whether all of `flags` are on.
    pub const fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// These flags with `flags` switched.
    pub const fn with(self, flags: Self, on: bool) -> Self {
        match on {
            true => Self(self.0 | flags.0),
            false => Self(self.0 & !flags.0),
        }
    }
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

/// What the children of one device are to each other (`enum macvlan_mode`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MacvlanMode {
    /// They never hear each other.
    Private,
    /// They hear each other where a switch outside sends frames back.
    #[default]
    Vepa,
    /// They hear each other at once.
    Bridge,
    /// One child takes all there is.
    Passthru,
    /// Frames of listed sources.
    Source,
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
    /// The sources of mode `source`.
    pub sources: Vec<MacAddr>,
}

/// Up to which layer the children of one device share it (`enum ipvlan_mode`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IpvlanMode {
    /// Each child resolves neighbours by itself.
    L2,
    /// The parent's namespace routes.
    #[default]
    L3,
    /// The same, through the packet filter of the parent's namespace.
    L3s,
}

/// What the children of one device are to each other (`IPVLAN_F_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IpvlanFlag {
    /// They reach each other.
    #[default]
    Bridge,
    /// They never reach each other.
    Private,
    /// All they send goes out.
    Vepa,
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
