//! Requests and replies about the VLANs of bridges (RTM_SETLINK and RTM_GETLINK of AF_BRIDGE).
//! What a bridge does with them is in `device::bridge`.

use crate::device::bridge::{PortState, VlanStats};
use crate::kernel::BridgeSide;
use crate::kernel::netlink::BridgeOptions;
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
    /// The networks of a tunnel that they are mapped to, the first and for a range the last: then nothing but
    /// the mapping is added or taken away.
    pub tunnel: Option<(u32, Option<u32>)>,
    /// Add, not take away.
    pub add: bool,
}

/// What to change on VLANs of a bridge as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BridgeVlanGlobalRequest {
    /// The bridge.
    pub link: IfIndex,
    /// The first and the last.
    pub vids: (u16, u16),
    /// The settings of multicast; others are passed over.
    pub options: BridgeOptions,
}

/// The settings of a bridge for its VLANs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BridgeVlanGlobalInfo {
    /// The bridge.
    pub ifindex: IfIndex,
    /// Number and settings of each VLAN, by number.
    pub vlans: Vec<(u16, BridgeVlanGlobal)>,
}

/// What counts for a VLAN as a whole; times in hundredths of a second.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(
    missing_docs,
    reason = "each is named as the word of `bridge vlan global`"
)]
pub struct BridgeVlanGlobal {
    pub mcast_snooping: bool,
    pub mcast_querier: bool,
    pub mcast_igmp_version: u8,
    pub mcast_mld_version: u8,
    pub mcast_last_member_count: u32,
    pub mcast_last_member_interval: u64,
    pub mcast_startup_query_count: u32,
    pub mcast_startup_query_interval: u64,
    pub mcast_membership_interval: u64,
    pub mcast_querier_interval: u64,
    pub mcast_query_interval: u64,
    pub mcast_query_response_interval: u64,
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
    /// What is done with its frames.
    pub state: PortState,
    /// Multicast routers behind the port in it.
    pub mcast_router: u8,
    /// The network of a tunnel that it is mapped to; 0 for none.
    pub tunnel: u32,
    /// What passed in it.
    pub stats: VlanStats,
}
