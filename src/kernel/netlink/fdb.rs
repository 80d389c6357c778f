//! Requests and replies about forwarding databases (RTM_NEWNEIGH and its kin of AF_BRIDGE).
//! What a bridge does with them is in `device::bridge`.

use std::net::IpAddr;

use crate::device::bridge::fdb::FdbFlags;
use crate::device::bridge::{FdbState, NewFlags};
use crate::units::{IfIndex, MacAddr};

/// An entry to write or to delete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FdbRequest {
    /// The device that the station is behind.
    pub link: IfIndex,
    /// The station.
    pub mac: MacAddr,
    /// Its VLAN, where one is given.
    pub vid: Option<u16>,
    /// How long the entry lives.
    pub state: FdbState,
    /// Create, replace, exclusive.
    pub flags: NewFlags,
    /// For the device's own table (`self`).
    pub to_self: bool,
    /// For the table of the device's bridge (`master`).
    pub to_master: bool,
    /// The station is a router.
    pub router: bool,
    /// The entry stays at its port.
    pub sticky: bool,
    /// As if a frame of the station had come in.
    pub use_now: bool,
    /// A control plane learned it.
    pub extern_learn: bool,
    /// The far end of a tunnel.
    pub dst: Option<IpAddr>,
    /// The UDP port there.
    pub port: Option<u16>,
    /// The VNI there.
    pub vni: Option<u32>,
    /// The VNI here.
    pub src_vni: Option<u32>,
    /// The device through which it is reached.
    pub via: Option<IfIndex>,
    /// The next hop object instead of a far end.
    pub nhid: Option<u32>,
}

/// Which entry is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FdbGet {
    /// The device.
    pub link: Option<IfIndex>,
    /// The bridge.
    pub master: Option<IfIndex>,
    /// The station.
    pub mac: MacAddr,
    /// Its VLAN.
    pub vid: Option<u16>,
    /// Of the device's own table.
    pub to_self: bool,
    /// Of the table of its bridge.
    pub to_master: bool,
    /// The VNI.
    pub vni: Option<u32>,
}

/// Which entries go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FdbFlushRequest {
    /// The device.
    pub link: IfIndex,
    /// Its own table.
    pub to_self: bool,
    /// The table of its bridge.
    pub to_master: bool,
    /// Those of that port only.
    pub brport: Option<IfIndex>,
    /// Those of that VLAN only.
    pub vid: Option<u16>,
    /// The flags that are looked at.
    pub mask: FdbFlags,
    /// What they have to be.
    pub flags: FdbFlags,
}

/// An entry as a dump tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FdbEntryInfo {
    /// The device that the station is behind.
    pub ifindex: IfIndex,
    /// The station.
    pub mac: MacAddr,
    /// Its VLAN, 0 for none.
    pub vid: u16,
    /// How long the entry lives.
    pub state: FdbState,
    /// It is of the device's own table.
    pub of_self: bool,
    /// The station is a router.
    pub router: bool,
    /// A control plane learned it.
    pub extern_learn: bool,
    /// Hardware has it.
    pub offload: bool,
    /// It stays at its port.
    pub sticky: bool,
    /// The bridge in whose table it is.
    pub master: Option<IfIndex>,
    /// Hundredths of a second since it was used, and since it was heard.
    pub cache: Option<(u64, u64)>,
    /// The far end of a tunnel.
    pub dst: Option<IpAddr>,
    /// The UDP port there.
    pub port: Option<u16>,
    /// The VNI there.
    pub vni: Option<u32>,
    /// The VNI here.
    pub src_vni: Option<u32>,
    /// The device through which it is reached.
    pub via: Option<IfIndex>,
    /// The next hop object.
    pub nhid: Option<u32>,
    /// The id of the namespace in which the far end is reached, where it is another one.
    pub link_netnsid: Option<i32>,
}

impl FdbEntryInfo {
    /// An entry of a device's own table of addresses.
    pub fn own(ifindex: IfIndex, mac: MacAddr) -> Self {
        Self {
            ifindex,
            mac,
            vid: 0,
            state: FdbState::Permanent,
            of_self: true,
            router: false,
            extern_learn: false,
            offload: false,
            sticky: false,
            master: None,
            cache: None,
            dst: None,
            port: None,
            vni: None,
            src_vni: None,
            via: None,
            nhid: None,
            link_netnsid: None,
        }
    }
}
