//! What a command line needs to know of the network while it is read: devices and namespaces by name.
//! It changes nothing; the world answers it, or a table in tests.

use crate::tool::Call;
use crate::units::{IfIndex, NetnsId};

/// Finds what names stand for, in the caller's namespace and on its host.
pub trait Lookup {
    /// The index of a device by name, alternative name or `if7` (`ll_name_to_index`).
    fn ifindex(&self, name: &str) -> Option<IfIndex>;

    /// A namespace by the name of its mount, or by a path that contains a slash
    /// (`netns_get_fd`).
    fn netns(&self, name: &str) -> Option<NetnsId>;

    /// The namespace of a process.
    fn netns_of_process(&self, pid: i32) -> Option<NetnsId>;

    /// The id by which the caller's namespace knows another one.
    fn nsid(&self, netns: NetnsId) -> Option<i32>;
}

/// The names that a call sees.
pub struct Here<'a, 'c>(pub &'a Call<'c>);

impl Lookup for Here<'_, '_> {
    fn ifindex(&self, name: &str) -> Option<IfIndex> {
        let known = self.0.world.ifindex(self.0.netns, name);
        known.or_else(|| index_in_name(name))
    }

    fn netns(&self, name: &str) -> Option<NetnsId> {
        if !name.contains('/') {
            return self.0.world.netns_named(self.0.host, name);
        }
        match mount_in_path(name) {
            Some(mount) => self.0.world.netns_named(self.0.host, mount),
            None if name == "/proc/self/ns/net" => Some(self.0.netns),
            None => match self.0.world.host(self.0.host).netns_at(name) {
                Some(bound) => Some(bound),
                None => self.netns_of_process(process_in_path(name)?),
            },
        }
    }

    fn netns_of_process(&self, pid: i32) -> Option<NetnsId> {
        let pid = u32::try_from(pid).ok()?;
        match self.0.env.processes.get(&pid) {
            Some(netns) => Some(*netns),
            None if pid == 1 => Some(self.0.world.host(self.0.host).root),
            None if pid == self.0.env.pid || pid == self.0.env.ppid => Some(self.0.netns),
            None => self.0.docker.netns_of_process(self.0.host, pid),
        }
    }

    fn nsid(&self, netns: NetnsId) -> Option<i32> {
        self.0.world.nsid(self.0.netns, netns)
    }
}

/// The index in a name of the form `if7` (`ll_idx_a2n`).
pub fn index_in_name(name: &str) -> Option<IfIndex> {
    let digits = name.strip_prefix("if")?;
    let len = digits.bytes().take_while(u8::is_ascii_digit).count();
    digits.get(..len)?.parse().ok().filter(|index| *index > 0)
}

/// The name of the mount that a path like `/var/run/netns/red` leads to.
pub fn mount_in_path(path: &str) -> Option<&str> {
    let name = path
        .strip_prefix("/var/run/netns/")
        .or_else(|| path.strip_prefix("/run/netns/"))?;
    (!name.is_empty() && !name.contains('/')).then_some(name)
}

/// The process whose namespace a path like `/proc/12/ns/net` leads to.
pub fn process_in_path(path: &str) -> Option<i32> {
    let rest = path.strip_prefix("/proc/")?.strip_suffix("/ns/net")?;
    rest.parse().ok().filter(|pid| *pid > 0)
}

/// Whether a word can name a device (`check_altifname`); `check_ifname` bounds it to 15 bytes too.
pub fn is_ifname(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '/' || c.is_ascii_whitespace() || c == '\x0b')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_mounts_and_processes_are_found_in_names() {
        assert_eq!(index_in_name("if7"), Some(7));
        assert_eq!(index_in_name("if7x"), Some(7));
        assert_eq!(index_in_name("if"), None);
        assert_eq!(index_in_name("eth0"), None);
        assert_eq!(mount_in_path("/var/run/netns/red"), Some("red"));
        assert_eq!(mount_in_path("/run/netns/a/b"), None);
        assert_eq!(process_in_path("/proc/12/ns/net"), Some(12));
        assert_eq!(process_in_path("/proc/self/ns/net"), None);
    }

    #[test]
    fn names_with_slashes_and_spaces_are_no_device_names() {
        assert!(is_ifname("veth0") && is_ifname("a:b"));
        assert!(!is_ifname("") && !is_ifname("a/b") && !is_ifname("a b"));
    }
}
