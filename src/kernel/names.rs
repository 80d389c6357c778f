//! What processes of a namespace know by name beside the host's files: a container's own `/etc/hosts`,
//! host name and name service. It sends no query: a name service is a table that its owner fills.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::kernel::world::World;
use crate::units::{HostId, NetnsId};

/// A table of names that several namespaces share, as the members of one network do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NameScope(pub u64);

/// The names of all scopes and namespaces.
#[derive(Clone, Debug, Default)]
pub struct Names {
    views: BTreeMap<NetnsId, NameView>,
    scopes: BTreeMap<NameScope, BTreeMap<String, Vec<IpAddr>>>,
    reverse: BTreeMap<(NameScope, IpAddr), String>,
}

/// What the processes of one namespace see: their own files instead of the host's.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NameView {
    /// What `hostname` prints there.
    pub hostname: String,
    /// `/etc/hosts`, the addresses of the loopback left out.
    pub hosts: Vec<(IpAddr, String)>,
    /// The tables that its name service answers from, the first hit wins.
    pub scopes: Vec<NameScope>,
}

impl World {
    /// Gives a namespace files and a host name of its own; nothing takes them away.
    pub fn set_name_view(&mut self, netns: NetnsId, view: Option<NameView>) {
        match view {
            Some(view) => self.names.views.insert(netns, view),
            None => self.names.views.remove(&netns),
        };
    }

    /// What a namespace has of its own.
    pub fn name_view(&self, netns: NetnsId) -> Option<&NameView> {
        self.names.views.get(&netns)
    }

    /// What `hostname` prints in a namespace of a host.
    pub fn hostname(&self, host: HostId, netns: NetnsId) -> &str {
        match self.names.views.get(&netns) {
            Some(view) => &view.hostname,
            None => &self.host(host).name,
        }
    }

    /// Adds an address to a name; the newest comes last.
    pub fn name_add(&mut self, scope: NameScope, name: &str, address: IpAddr) {
        let names = self.names.scopes.entry(scope).or_default();
        let addresses = names.entry(name.to_owned()).or_default();
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }

    /// Takes an address from a name.
    pub fn name_remove(&mut self, scope: NameScope, name: &str, address: IpAddr) {
        let Some(names) = self.names.scopes.get_mut(&scope) else {
            return;
        };
        if let Some(addresses) = names.get_mut(name) {
            addresses.retain(|known| *known != address);
            if addresses.is_empty() {
                names.remove(name);
            }
        }
        if names.is_empty() {
            self.names.scopes.remove(&scope);
        }
    }

    /// The name to which a scope resolves an address (PTR), or none any more.
    pub fn name_reverse(&mut self, scope: NameScope, address: IpAddr, name: Option<&str>) {
        match name {
            Some(name) => self.names.reverse.insert((scope, address), name.to_owned()),
            None => self.names.reverse.remove(&(scope, address)),
        };
    }

    /// The addresses of a name in a namespace that has names of its own.
    pub fn names_lookup(&self, netns: NetnsId, name: &str) -> Vec<IpAddr> {
        let Some(view) = self.names.views.get(&netns) else {
            return Vec::new();
        };
        let in_file = view.hosts.iter().filter(|(_, known)| known == name);
        let in_file: Vec<IpAddr> = in_file.map(|&(address, _)| address).collect();
        if !in_file.is_empty() {
            return in_file;
        }
        self.names_served(netns, name)
    }

    /// The addresses that the name service of a namespace knows of a name.
    pub fn names_served(&self, netns: NetnsId, name: &str) -> Vec<IpAddr> {
        let view = self.names.views.get(&netns);
        let scopes = view.into_iter().flat_map(|view| &view.scopes);
        let mut tables = scopes.filter_map(|scope| self.names.scopes.get(scope));
        tables
            .find_map(|names| names.get(name).cloned())
            .unwrap_or_default()
    }

    /// The name that the name service of a namespace knows of an address.
    pub fn names_served_reverse(&self, netns: NetnsId, address: IpAddr) -> Option<&str> {
        let view = self.names.views.get(&netns)?;
        let served = |scope: &NameScope| self.names.reverse.get(&(*scope, address));
        view.scopes.iter().find_map(served).map(String::as_str)
    }

    /// The name of an address in a namespace that has names of its own.
    pub fn names_reverse(&self, netns: NetnsId, address: IpAddr) -> Option<&str> {
        let view = self.names.views.get(&netns)?;
        let in_file = view.hosts.iter().find(|(known, _)| *known == address);
        in_file
            .map(|(_, name)| name.as_str())
            .or_else(|| self.names_served_reverse(netns, address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_sees_its_own_file_first_and_then_its_scopes() {
        let mut world = World::new(0);
        let host = world.default_host();
        let root = world.host(host).root;
        let (a, b) = (NameScope(1), NameScope(2));
        let address = |last| IpAddr::from([10, 0, 0, last]);
        world.name_add(a, "web", address(2));
        world.name_add(a, "web", address(3));
        world.name_add(b, "web", address(4));
        world.name_reverse(a, address(2), Some("web.net"));
        assert!(world.names_lookup(root, "web").is_empty());
        let view = NameView {
            hostname: "c1".into(),
            hosts: vec![(address(9), "c1".into())],
            scopes: vec![a, b],
        };
        world.set_name_view(root, Some(view));
        assert_eq!(world.names_lookup(root, "web"), [address(2), address(3)]);
        assert_eq!(world.names_lookup(root, "c1"), [address(9)]);
        assert_eq!(world.names_reverse(root, address(2)), Some("web.net"));
        assert_eq!(world.names_reverse(root, address(4)), None);
        assert_eq!(world.hostname(host, root), "c1");
        world.name_remove(a, "web", address(2));
        world.name_remove(a, "web", address(3));
        assert_eq!(world.names_lookup(root, "web"), [address(4)]);
        world.set_name_view(root, None);
        assert_eq!(world.hostname(host, root), "host");
    }
}
