//! A host: a machine of the world, with a root namespace and the names of the others.
//! The names are files of user space (`/run/netns`), not the kernel's.

use std::collections::BTreeSet;

use crate::kernel::bindings::Bindings;
use crate::kernel::world::World;
use crate::netns::Netns;
use crate::units::{Arena, Errno, HostId, NetnsId};

/// A machine: a root namespace, and the namespaces that have names on it.
#[derive(Clone, Debug)]
pub struct Host {
    /// What `hostname` prints.
    pub name: String,
    /// The namespace of the machine itself.
    pub root: NetnsId,
    /// The names under `/run/netns`, newest first as a tmpfs lists them.
    pub mounts: Bindings,
    /// Those names under `/run/netns` that are symbolic links: they keep no namespace alive.
    pub symlinks: BTreeSet<String>,
    /// Files under `/run/netns` to which nothing is bound.
    pub placeholders: BTreeSet<String>,
    /// Namespaces that are bound to files elsewhere, by path, newest first.
    pub bound: Bindings,
    /// The directory that `/run/netns` is a link to, where it is one.
    pub linked: Option<String>,
    /// The handle that was given to a qdisc last.
    pub qdisc_handle: u32,
}

impl Host {
    /// The namespace with that name.
    pub fn netns_named(&self, name: &str) -> Option<NetnsId> {
        self.linked_netns(name).or_else(|| self.mounts.find(name))
    }

    /// The newest name of a namespace.
    pub fn name_of(&self, netns: NetnsId) -> Option<&str> {
        let linked = self
            .linked_names()
            .find(|&(_, id)| id == netns)
            .map(|(name, _)| name);
        linked.or_else(|| self.mounts.name_of(netns))
    }

    /// What a listing of `/run/netns` shows: with a link also the files where it leads to.
    pub fn names(&self) -> impl Iterator<Item = (&str, NetnsId)> {
        self.linked_names().chain(self.mounts.iter())
    }

    /// The files in the directory that `/run/netns` is a link to.
    fn linked_names(&self) -> impl Iterator<Item = (&str, NetnsId)> {
        let there = self.linked.as_deref();
        there.into_iter().flat_map(|dir| self.bound_names(dir))
    }

    /// The files of namespaces in a directory other than `/run/netns`.
    pub fn bound_names<'a>(&'a self, dir: &'a str) -> impl Iterator<Item = (&'a str, NetnsId)> {
        self.bound.iter().filter_map(move |(path, id)| {
            let (of, name) = path.rsplit_once('/')?;
            (of == dir).then_some((name, id))
        })
    }

    /// Whether a file keeps a namespace alive.
    pub(super) fn keeps(&self, netns: NetnsId) -> bool {
        let mounted = self.mounts.has(netns)
            && (self.symlinks.is_empty()
                || self
                    .mounts
                    .iter()
                    .any(|(name, id)| id == netns && !self.symlinks.contains(name)));
        mounted || self.bound.has(netns)
    }

    fn linked_netns(&self, name: &str) -> Option<NetnsId> {
        let dir = self.linked.as_deref()?;
        self.bound.find(&format!("{dir}/{name}"))
    }

    /// The namespace that is bound to a file (`/var/run` is `/run`).
    pub fn netns_at(&self, path: &str) -> Option<NetnsId> {
        self.bound.find(&canonical(path))
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

impl World {
    /// Adds a machine: a root namespace with a loopback that is up, and nothing else.
    ///
    /// # Errors
    /// `EEXIST` where a host has that name, `ENOSPC` where a budget is used up.
    ///
    /// ```
    /// use vethlab::kernel::World;
    ///
    /// let mut world = World::with_host(0, "h1");
    /// let h2 = world.host_add("h2").expect("a second host");
    /// assert_eq!(world.host_named("h2"), Some(h2));
    /// assert_ne!(world.host(h2).root, world.host(world.default_host()).root);
    /// ```
    pub fn host_add(&mut self, name: &str) -> Result<HostId, Errno> {
        if self.host_named(name).is_some() {
            return Err(Errno::Eexist);
        }
        if self.netns.len() >= self.budget.namespaces || self.devices.len() >= self.budget.devices {
            return Err(Errno::Enospc);
        }
        let host = self.hosts.insert(Host {
            name: name.to_owned(),
            // Host and root name each other: this is no namespace yet.
            root: Arena::<NetnsId, ()>::default().insert(()),
            mounts: Bindings::default(),
            symlinks: BTreeSet::new(),
            placeholders: BTreeSet::new(),
            bound: Bindings::default(),
            linked: None,
            qdisc_handle: 0,
        });
        let seed = self.seed;
        let stream = |what: &str| seed.stream(&format!("{name}//{what}"));
        let root = self.netns.insert(Netns::new(host, "", stream));
        if let Some(host) = self.hosts.find_mut(host) {
            host.root = root;
        }
        let lo = self.create_loopback(root);
        self.open(lo).expect("a loopback can always go up");
        Ok(host)
    }

    /// The first host: that of a world with one host.
    pub fn default_host(&self) -> HostId {
        self.first_host
    }

    /// The host with that name.
    pub fn host_named(&self, name: &str) -> Option<HostId> {
        self.hosts
            .iter()
            .find(|(_, host)| host.name == name)
            .map(|(id, _)| id)
    }

    /// All hosts, in the order in which they were added.
    pub fn host_list(&self) -> Vec<HostId> {
        self.hosts.iter().map(|(id, _)| id).collect()
    }

    /// A host.
    ///
    /// # Panics
    /// Where the id is of another world: hosts are never removed.
    pub fn host(&self, host: HostId) -> &Host {
        self.hosts.find(host).expect("hosts are never removed")
    }

    /// Gives a host another name.
    pub fn rename_host(&mut self, host: HostId, name: &str) {
        if let Some(host) = self.hosts.find_mut(host) {
            host.name = name.to_owned();
        }
    }
}
