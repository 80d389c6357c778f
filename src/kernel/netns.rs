//! Namespaces come, get names and ids, and go (net_namespace.c, and iproute2's mounts).
//! Moving devices between them is in `register`.

use crate::kernel::host::canonical;
use crate::kernel::netlink::{NlError, NlResult, NsidInfo};
use crate::kernel::world::World;
use crate::netns::Netns;
use crate::units::{DevId, Errno, HostId, NetnsId, make_room};

impl World {
    /// Makes a namespace with a loopback and gives it a name (`ip netns add`).
    ///
    /// # Errors
    /// `EEXIST` where the name is taken, `ENOSPC` where the budget of namespaces is used up.
    pub fn netns_add(&mut self, host: HostId, name: &str) -> Result<NetnsId, Errno> {
        if self.host(host).netns_named(name).is_some() {
            return Err(Errno::Eexist);
        }
        if self.netns.len() >= self.budget.namespaces || self.devices.len() >= self.budget.devices {
            return Err(Errno::Enospc);
        }
        let label = self
            .seed
            .label()
            .text(&self.host(host).name)
            .text("/")
            .text(name)
            .text("/");
        let made = Netns::new(host, name, |what| label.text(what).stream());
        let netns = self.netns.insert(made);
        self.create_loopback(netns);
        self.mount(host, name, netns);
        Ok(netns)
    }

    /// Gives a namespace a name on a host.
    pub fn mount(&mut self, host: HostId, name: &str, netns: NetnsId) {
        if let Some(host) = self.hosts.find_mut(host) {
            host.symlinks.remove(name);
            host.placeholders.remove(name);
            host.mounts.insert(name, netns);
        }
    }

    /// Makes a name under `/run/netns` a symbolic link to a namespace, as people do with `/proc/PID/ns/net`: it
    /// leads nowhere once nothing else keeps the namespace.
    pub fn netns_symlink(&mut self, host: HostId, name: &str, netns: NetnsId) {
        if let Some(host) = self.hosts.find_mut(host) {
            host.mounts.insert(name, netns);
            host.placeholders.remove(name);
            host.symlinks.insert(name.to_owned());
        }
    }

    /// Makes an empty file under `/run/netns`, for a namespace to be bound to.
    pub fn netns_placeholder(&mut self, host: HostId, name: &str) {
        let budget = self.budget.namespaces;
        if let Some(host) = self
            .hosts
            .find_mut(host)
            .filter(|host| host.placeholders.len() < budget)
        {
            host.placeholders.insert(name.to_owned());
        }
    }

    /// Takes a name away, and with its last name the namespace with all its devices (`ip netns delete`).
    ///
    /// # Errors
    /// `ENOENT` where nothing has that name.
    pub fn netns_delete(&mut self, host: HostId, name: &str) -> Result<(), Errno> {
        let machine = self.hosts.find_mut(host).ok_or(Errno::Enoent)?;
        machine.symlinks.remove(name);
        if machine.placeholders.remove(name) {
            return Ok(());
        }
        let netns = match machine.mounts.remove(name) {
            Some(netns) => netns,
            None => {
                let dir = machine.linked.as_deref().ok_or(Errno::Enoent)?;
                let path = format!("{dir}/{name}");
                machine.bound.remove(&path).ok_or(Errno::Enoent)?
            }
        };
        self.destroy_if_unused(netns);
        Ok(())
    }

    /// Makes a namespace that processes hold, without a name (`unshare`); `label` names its random streams.
    ///
    /// # Errors
    /// `ENOSPC` where the budget of namespaces is used up.
    pub fn netns_unshare(&mut self, host: HostId, label: &str) -> Result<NetnsId, Errno> {
        if self.netns.len() >= self.budget.namespaces {
            return Err(Errno::Enospc);
        }
        let streams = self
            .seed
            .label()
            .text(&self.host(host).name)
            .text("/")
            .text(label)
            .text("/");
        let mut made = Netns::new(host, label, |what| streams.text(what).stream());
        made.held = true;
        let netns = self.netns.insert(made);
        self.create_loopback(netns);
        Ok(netns)
    }

    /// The processes that held a namespace are gone: without a name it goes too.
    pub fn netns_release(&mut self, netns: NetnsId) {
        if let Some(ns) = self.netns.find_mut(netns) {
            ns.held = false;
            self.destroy_if_unused(netns);
        }
    }

    /// Processes hold a namespace from now on, until [`World::netns_release`]; says whether nobody held it before.
    pub fn netns_hold(&mut self, netns: NetnsId) -> bool {
        let Some(ns) = self.netns.find_mut(netns) else {
            return false;
        };
        !std::mem::replace(&mut ns.held, true)
    }

    /// Whether no file leads to a namespace, so that it lives only as long as a process in it.
    pub fn netns_is_nameless(&self, netns: NetnsId) -> bool {
        self.netns.find(netns).is_some_and(|ns| {
            let host = self.host(ns.host);
            !host.mounts.has(netns) && !host.bound.has(netns) && host.root != netns
        })
    }

    fn destroy_if_unused(&mut self, netns: NetnsId) {
        let Some(ns) = self.netns.find(netns) else {
            return;
        };
        let host = self.host(ns.host);
        if !host.keeps(netns) && !ns.held && host.root != netns {
            self.destroy_netns(netns);
        }
    }

    /// Binds a namespace to a file, as container engines do.
    pub fn netns_bind(&mut self, host: HostId, path: &str, netns: NetnsId) {
        if let Some(host) = self.hosts.find_mut(host) {
            host.bound.insert(&canonical(path), netns);
        }
    }

    /// Unmounts and removes such a file; says whether it was there.
    pub fn netns_unbind(&mut self, host: HostId, path: &str) -> bool {
        let path = canonical(path);
        let Some(machine) = self.hosts.find_mut(host) else {
            return false;
        };
        let Some(netns) = machine.bound.remove(&path) else {
            return false;
        };
        self.destroy_if_unused(netns);
        true
    }

    /// Makes `/run/netns` a link to another directory, or a directory of its own again.
    pub fn netns_link_directory(&mut self, host: HostId, dir: Option<&str>) {
        if let Some(host) = self.hosts.find_mut(host) {
            host.linked = dir.map(canonical);
        }
    }

    fn destroy_netns(&mut self, netns: NetnsId) {
        let Some(ns) = self.netns.find(netns) else {
            return;
        };
        let mut inside: Vec<DevId> = ns.interfaces.values().map(|at| at.dev).collect();
        inside.sort_unstable();
        for dev in inside {
            // An earlier one may have taken its peer along; a network card goes home.
            if self.devices.find(dev).is_some() && !self.nic_goes_home(dev) {
                self.unregister(dev);
            }
        }
        self.remove_tunnels_of(netns);
        let known_by = self.netns.remove(netns).map(|ns| ns.known_by);
        self.set_name_view(netns, None);
        for other in known_by.unwrap_or_default() {
            if let Some(ns) = self.netns.find_mut(other) {
                ns.nsids.remove(netns);
            }
        }
    }

    /// The namespace with that name on a host.
    pub fn netns_named(&self, host: HostId, name: &str) -> Option<NetnsId> {
        let named = self.host(host).netns_named(name);
        named.filter(|netns| self.has_netns(*netns))
    }

    /// The names on a host with their namespaces, newest first.
    pub fn netns_names(&self, host: HostId) -> Vec<(String, NetnsId)> {
        let names = self.host(host).names();
        names.map(|(name, id)| (name.to_owned(), id)).collect()
    }

    /// The host that a namespace is on.
    pub fn host_of(&self, netns: NetnsId) -> Option<HostId> {
        self.netns.find(netns).map(|ns| ns.host)
    }

    /// Whether the namespace is still there.
    pub fn has_netns(&self, netns: NetnsId) -> bool {
        self.netns.find(netns).is_some()
    }

    /// Gives `target` an id in `netns`, the lowest free one where none is asked for (`RTM_NEWNSID`).
    ///
    /// # Errors
    /// `EEXIST` where the target has an id, `ENOSPC` where the id is taken.
    pub fn netns_set_id(
        &mut self,
        netns: NetnsId,
        target: NetnsId,
        nsid: Option<i32>,
    ) -> NlResult<()> {
        let ns = self.ns(netns)?;
        if ns.nsids.id_of(target).is_some() {
            return Err(NlError::with_text(
                Errno::Eexist,
                "Peer netns already has a nsid assigned.",
            ));
        }
        let nsid = nsid.filter(|&nsid| nsid >= 0);
        if nsid.is_some_and(|nsid| ns.nsids.has(nsid)) {
            return Err(NlError::with_text(
                Errno::Enospc,
                "The specified nsid is already used.",
            ));
        }
        self.nsid_insert(netns, target, nsid);
        Ok(())
    }

    fn nsid_insert(&mut self, netns: NetnsId, target: NetnsId, nsid: Option<i32>) -> Option<i32> {
        let known_by = &mut self.netns.find_mut(target)?.known_by;
        make_room(known_by, 1);
        known_by.push(netns);
        Some(self.netns.find_mut(netns)?.nsids.insert(nsid, target))
    }

    /// The id by which `netns` knows `target`.
    pub fn nsid(&self, netns: NetnsId, target: NetnsId) -> Option<i32> {
        self.netns.find(netns)?.nsids.id_of(target)
    }

    /// All ids of a namespace, ascending.
    pub fn nsids(&self, netns: NetnsId) -> Vec<NsidInfo> {
        let ids = self.netns.find(netns).map(|ns| ns.nsids.iter());
        let info = |(nsid, netns)| NsidInfo { nsid, netns };
        ids.into_iter().flatten().map(info).collect()
    }

    /// The id by which `netns` knows `target`, given now where there was none (`peernet2id_alloc`).
    pub(crate) fn nsid_alloc(&mut self, netns: NetnsId, target: NetnsId) -> Option<i32> {
        match self.netns.find(netns)?.nsids.id_of(target) {
            Some(nsid) => Some(nsid),
            None => self.nsid_insert(netns, target, None),
        }
    }
}
