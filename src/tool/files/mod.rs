//! What stands at the paths of the network: `/proc/sys/net`, `/proc/net`, `/sys/class/net`, `/run/netns`, and a container's `/etc/hosts`;
//! and `cat`, `ls`, `ln`, `readlink` and `tee` of them.
//! All other files are the machine's own, and so are these tools where no word names a path of ours.

mod cat;
mod class;
mod ls;
mod names;
mod port;
mod proc_net;
mod readlink;
mod tee;
#[cfg(test)]
mod tests;

pub use cat::run as cat;
pub use ls::run as ls;
pub use names::{ln, mkdir, mount, rm, touch, umount};
pub use readlink::run as readlink;
pub use tee::run as tee;

use std::collections::BTreeMap;

use crate::kernel::canonical;
use crate::tool::ip::lookup::{Here, Lookup};
use crate::tool::{Call, ExecRequest, Outcome, python};
use crate::units::{Errno, Key};

/// Where `ip netns` looks.
const NETNS: &str = "/run/netns";

/// The tools that are the machine's own, except for paths of the network.
const STAND_INS: [&str; 10] = [
    "cat", "ln", "ls", "mkdir", "mount", "readlink", "rm", "tee", "touch", "umount",
];

/// What can be read at a path.
#[derive(Debug)]
enum Node {
    /// A file with its text.
    File(String),
    /// What a directory has, by name.
    Directory(BTreeMap<String, Entry>),
}

/// An entry of a directory, as `ls -l` shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Entry {
    /// A file, with its mode and its size in bytes.
    File(&'static str, u32),
    /// A directory, with its mode and its number of links.
    Directory(&'static str, u32),
    /// A symbolic link, with what it names.
    Link(String),
}

/// Why there is nothing to be read or written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// As the system says it.
    Errno(Errno),
    /// Linux has it, the simulator has not.
    NotSimulated,
}

impl From<Errno> for Fault {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

/// Whether a call of `argv` from the directory `cwd` is the machine's own tool, since no word names a path of the network, or a Python
/// that serves nothing. For tools that are always simulated this is false.
///
/// ```
/// use vethlab::tool::stays_real;
///
/// let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
/// assert!(stays_real(&words("cat /etc/fstab"), "/"));
/// assert!(!stays_real(&words("cat /proc/net/dev"), "/"));
/// assert!(!stays_real(&words("cat net/dev"), "/proc"));
/// assert!(!stays_real(&words("ip link"), "/"));
/// ```
pub fn stays_real(argv: &[String], cwd: &str) -> bool {
    let Some((name, words)) = argv.split_first() else {
        return false;
    };
    let name = name.rsplit('/').next().unwrap_or(name);
    let here = name == "ls" && words.iter().all(|word| word.starts_with('-')) && is_ours(cwd, ".");
    if name.starts_with("python") {
        return !python::serves(words);
    }
    STAND_INS.contains(&name) && !here && !words.iter().any(|word| is_ours(cwd, word))
}

/// Whether a path may be one of ours: `/etc/hosts` is only in a container.
fn is_ours(cwd: &str, path: &str) -> bool {
    let path = absolute(cwd, path);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let dir = |known: &str| {
        path == known
            || path
                .strip_prefix(known)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    matches!(
        parts[..],
        ["proc", "net", ..]
            | ["proc", "sys", "net", ..]
            | ["proc", _, "ns", "net"]
            | ["proc", "self" | "thread-self", "net", ..]
            | ["sys", "class", "net", ..]
            | ["sys", "devices", "virtual", "net", ..]
            | ["etc", "hosts" | "hostname" | "resolv.conf"]
    ) || dir(NETNS)
        || path == "/run"
        || dir(crate::docker::NETNS_DIR)
}

/// A path from the root, without `.` and `..`, doubled slashes and the link `/var/run`.
fn absolute(cwd: &str, path: &str) -> String {
    let whole = match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("{cwd}/{path}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    canonical(&parts.join("/"))
}

/// What stands at a path; nothing where it is the machine's own.
fn look(call: &mut Call<'_>, path: &str) -> Option<Result<Node, Fault>> {
    let path = absolute(&call.env.cwd, path);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts[..] {
        ["proc", "sys", "net", ref rest @ ..] => Some(setting(call, rest)),
        ["proc", "net", ref rest @ ..] | ["proc", "self" | "thread-self", "net", ref rest @ ..] => {
            Some(proc_net::look(call, rest))
        }
        ["sys", "class", "net", ref rest @ ..]
        | ["sys", "devices", "virtual", "net", ref rest @ ..] => Some(class::look(call, rest)),
        ["proc", _, "ns", "net"] => namespace_link(call, &path).map(|_| Err(Errno::Einval.into())),
        ["etc", _] => {
            let text = super::docker::file_of_container(call, &path)?;
            Some(Ok(Node::File(text)))
        }
        _ => namespaces(call, &path),
    }
}

/// A setting, or a directory of them (`/proc/sys/net`). A key has slashes for the dots within a part.
fn setting(call: &Call<'_>, parts: &[&str]) -> Result<Node, Fault> {
    let mut key = "net".to_owned();
    for part in parts {
        key.push('.');
        key.push_str(&part.replace('.', "/"));
    }
    match call.world.sysctl_read(call.netns, &key) {
        Ok(value) => return Ok(Node::File(format!("{value}\n"))),
        Err(Errno::Enoent) => {}
        Err(errno) => return Err(errno.into()),
    }
    let below = format!("{key}.");
    let mut entries = BTreeMap::new();
    for key in call.world.sysctl_keys(call.netns) {
        let Some(rest) = key.strip_prefix(&below) else {
            continue;
        };
        let (name, entry) = match rest.split_once('.') {
            Some((name, _)) => (name, Entry::Directory("dr-xr-xr-x", 1)),
            None => (rest, Entry::File("-rw-r--r--", 0)),
        };
        entries.insert(name.replace('/', "."), entry);
    }
    match entries.is_empty() {
        true => Err(Errno::Enoent.into()),
        false => Ok(Node::Directory(entries)),
    }
}

/// The files of namespaces, where there are any. They hold nothing to be read (`nsfs`).
fn namespaces(call: &Call<'_>, path: &str) -> Option<Result<Node, Fault>> {
    let host = call.world.host(call.host);
    let names: Vec<String> = match path {
        NETNS => host.names().map(|(name, _)| name.to_owned()).collect(),
        dir => host
            .bound_names(dir)
            .map(|(name, _)| name.to_owned())
            .collect(),
    };
    if !names.is_empty() {
        let entry = |name| (name, Entry::File("-r--r--r--", 0));
        return Some(Ok(Node::Directory(names.into_iter().map(entry).collect())));
    }
    let (dir, name) = path.rsplit_once('/')?;
    let bound = match dir {
        NETNS => host.names().any(|(known, _)| known == name),
        dir => host.bound_names(dir).any(|(known, _)| known == name),
    };
    bound.then_some(Err(Errno::Einval.into()))
}

/// What the link to a process's namespace names, `net:[4026532001]`: a number that stays, here by the order of creation.
fn namespace_link(call: &Call<'_>, path: &str) -> Option<String> {
    /// The first namespace's (`PROC_NET_INIT_INO`), and what is below those of others.
    const FIRST: u64 = 4_026_531_833;
    const OTHERS: u64 = 4_026_532_000;
    let process = path.strip_prefix("/proc/")?.strip_suffix("/ns/net")?;
    let netns = match process {
        "self" | "thread-self" => call.netns,
        _ => Here(call).netns(path)?,
    };
    let number = match call.world.host(call.host).root == netns {
        true => FIRST,
        false => OTHERS + (Key::from(netns).to_bits() & 0xffff_ffff),
    };
    Some(format!("net:[{number}]"))
}

/// Becomes the real command of a name, by its place: the one on PATH is ours.
pub(super) fn real(call: &Call<'_>, name: &str, argv: &[String]) -> Outcome {
    let script = format!(
        "for real in /bin/{name} /usr/bin/{name} /usr/local/bin/{name}; do if [ -x \"$real\" ]; then exec \"$real\" \"$@\"; fi; done; echo '{name}: command not found' >&2; exit 127"
    );
    let mut words = vec!["sh".to_owned(), "-c".to_owned(), script];
    words.extend(argv.iter().cloned());
    Outcome::Exec(ExecRequest {
        host: call.host,
        netns: call.netns,
        netns_name: None,
        argv: words,
        failure: format!("{name}: {{}}\n"),
        failure_status: 127,
    })
}

/// Says that Linux has a file and the simulator has not, and gives the exit status.
fn not_simulated(call: &mut Call<'_>, path: &str) -> i32 {
    let line = format!("vethlab: {path} is not simulated\n");
    call.console.err(line);
    3
}

#[cfg(test)]
mod path_tests {
    use super::*;

    #[test]
    fn only_paths_of_the_network_are_ours() {
        for (cwd, path, ours) in [
            ("/", "/proc/net/dev", true),
            ("/", "/proc/self/net/arp", true),
            ("/", "/proc/sys/net", true),
            ("/", "/proc/sys/net/ipv4/../ipv6", true),
            ("/sys/class", "net/eth0", true),
            ("/sys/class/net/eth0", "..", true),
            ("/", "/var/run/netns/red", true),
            ("/", "/run/docker/netns", true),
            ("/", "/etc/hosts", true),
            ("/", "/proc/sys/kernel/hostname", false),
            ("/", "/proc/network", false),
            ("/home", "proc/net", false),
            ("/", "/run/netnsx", false),
            ("/", "/proc/self/ns/net", true),
            ("/", "/proc/12/ns/net", true),
            ("/", "/proc/12/ns/pid", false),
            ("/", "/etc/passwd", false),
        ] {
            assert_eq!(is_ours(cwd, path), ours, "{cwd} {path}");
        }
    }
}
