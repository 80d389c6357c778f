//! A host: a machine of the world, with a root namespace and the names of the others.
//! The names are files of user space (`/run/netns`), not the kernel's.

use crate::units::NetnsId;

/// A machine: a root namespace, and the namespaces that have names on it.
#[derive(Clone, Debug)]
pub struct Host {
    /// What `hostname` prints.
    pub name: String,
    /// The namespace of the machine itself.
    pub root: NetnsId,
    /// The names under `/run/netns`, newest first as a tmpfs lists them.
    pub mounts: Vec<(String, NetnsId)>,
}

impl Host {
    /// The namespace with that name.
    pub fn netns_named(&self, name: &str) -> Option<NetnsId> {
        self.mounts
            .iter()
            .find(|(known, _)| known == name)
            .map(|&(_, id)| id)
    }

    /// The newest name of a namespace.
    pub fn name_of(&self, netns: NetnsId) -> Option<&str> {
        self.mounts
            .iter()
            .find(|&&(_, id)| id == netns)
            .map(|(name, _)| name.as_str())
    }
}
