//! Requests and replies about the VLANs of bridges (RTM_SETLINK and RTM_GETLINK of AF_BRIDGE).
//! What a bridge does with them is in `device::bridge`.

use crate::device::bridge::VlanStats;
use crate::kernel::BridgeSide;
use crate::units::IfIndex;

/// VLANs to add to a port or a bridge device, or to take away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BridgeVlanRequest {
    /// The device.
    pub link: IfIndex,
    /// The device itself, or the bridge of which it is a port.
    pub side: BridgeSide,
    /// The first and the last.
    pub vids: (u16, u16),
    /// Frames without a tag belong to it.
    pub pvid: bool,
    /// Its frames leave without a tag.
    pub untagged: bool,
    /// Add, not take away.
    pub add: bool,
}

/// The VLANs of one device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BridgeVlanInfo {
    /// The port, or the bridge device.
    pub ifindex: IfIndex,
    /// Whether it is the bridge device.
    pub bridge: bool,
    /// Its VLANs by number.
    pub vlans: Vec<BridgeVlanEntry>,
}

/// One VLAN of a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BridgeVlanEntry {
    /// Its number.
    pub vid: u16,
    /// Frames without a tag belong to it.
    pub pvid: bool,
    /// Its frames leave without a tag.
    pub untagged: bool,
    /// What passed in it.
    pub stats: VlanStats,
}
