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
    /// Namespaces that are bound to files elsewhere, by path, newest first.
    pub bound: Vec<(String, NetnsId)>,
    /// The directory that `/run/netns` is a link to, where it is one.
    pub linked: Option<String>,
}

impl Host {
    /// The namespace with that name.
    pub fn netns_named(&self, name: &str) -> Option<NetnsId> {
        self.names()
            .find(|(known, _)| *known == name)
            .map(|(_, id)| id)
    }

    /// The newest name of a namespace.
    pub fn name_of(&self, netns: NetnsId) -> Option<&str> {
        self.names()
            .find(|&(_, id)| id == netns)
            .map(|(name, _)| name)
    }

    /// What a listing of `/run/netns` shows: with a link also the files where it leads to.
    pub fn names(&self) -> impl Iterator<Item = (&str, NetnsId)> {
        let there = self.linked.as_deref();
        let linked = self.bound.iter().filter_map(move |(path, id)| {
            let (dir, name) = path.rsplit_once('/')?;
            (Some(dir) == there).then_some((name, *id))
        });
        let mounts = self.mounts.iter().map(|(name, id)| (name.as_str(), *id));
        linked.chain(mounts)
    }

    /// The namespace that is bound to a file (`/var/run` is `/run`).
    pub fn netns_at(&self, path: &str) -> Option<NetnsId> {
        let path = canonical(path);
        self.bound
            .iter()
            .find(|(known, _)| *known == path)
            .map(|&(_, id)| id)
    }
}

/// The path without the link `/var/run` and doubled slashes.
pub fn canonical(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let parts = match parts.as_slice() {
        ["var", "run", ..] => &parts[1..],
        parts => parts,
    };
    format!("/{}", parts.join("/"))
}
