//! Requests about namespaces: the ids by which one knows another (RTM_GETNSID).
//! The names under which a host mounts namespaces are not the kernel's: see `Host`.

use crate::units::NetnsId;

/// One namespace as another one knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NsidInfo {
    /// The id (`nsid`), not negative.
    pub nsid: i32,
    /// The namespace that it names.
    pub netns: NetnsId,
}
