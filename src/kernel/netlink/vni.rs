//! Requests and replies about the networks that VXLAN devices take (RTM_NEWTUNNEL, RTM_DELTUNNEL, RTM_GETTUNNEL).
//! What a device does with them is in `device::vxlan`.

use std::net::IpAddr;

use crate::device::vxlan::VniEntry;
use crate::units::IfIndex;

/// Networks to put on the list of a device, or to take off it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VniRequest {
    /// The device.
    pub link: IfIndex,
    /// The first and the last; both 0 say none.
    pub vnis: (u32, u32),
    /// Where frames of them go that have no entry.
    pub remote: Option<IpAddr>,
    /// Add, not take away.
    pub add: bool,
}

/// The networks on the list of one device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VniInfo {
    /// The device.
    pub ifindex: IfIndex,
    /// Number and what is known of each, by number.
    pub vnis: Vec<(u32, VniEntry)>,
}
