//! Requests and replies about the groups of bridges (RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB).
//! How groups are learned is in `device::bridge`.

use crate::device::bridge::GroupKey;
use crate::units::IfIndex;

/// A membership to write or to delete.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MdbRequest {
    /// The bridge.
    pub bridge: IfIndex,
    /// The port, or the bridge itself.
    pub port: IfIndex,
    /// The group.
    pub key: GroupKey,
    /// Whether it stays for good.
    pub permanent: bool,
}

/// A membership as a dump tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MdbInfo {
    /// The bridge.
    pub bridge: IfIndex,
    /// The port, or the bridge itself.
    pub port: IfIndex,
    /// The group.
    pub key: GroupKey,
    /// Whether it stays for good.
    pub permanent: bool,
    /// Who wrote it; nothing for a membership of the bridge itself: a user, or else the kernel.
    pub by_user: Option<bool>,
    /// What is left of it, in hundredths of a second.
    pub timer: u64,
}

/// A port behind which a multicast router is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MdbRouterInfo {
    /// The bridge.
    pub bridge: IfIndex,
    /// The port.
    pub port: IfIndex,
    /// What is left of it, in hundredths of a second; 0 where it stays.
    pub timer: u64,
}
