//! Which processes of a session run in which namespace, as `ip netns pids` and `nsenter -t` ask.
//! It reads `/proc`; where there is none it knows only those that the session itself moved.

use std::collections::BTreeMap;
use std::fs;

use crate::units::{Key, NetnsId};

use super::client::SOCKET;
use super::lab::NETNS_KEY;

/// Whether a command asks for processes: looking at all of them takes a millisecond or two.
pub(super) fn are_asked_for(argv: &[String]) -> bool {
    let mut words = argv.iter().map(String::as_str);
    let tool = words.next().unwrap_or("");
    let tool = tool.rsplit('/').next().unwrap_or(tool);
    let asks = |word: &str| {
        let number = word.bytes().all(|b| b.is_ascii_digit());
        let asked = |full: &str| full.starts_with(word);
        !word.is_empty() && (number || asked("pids") || asked("identify") || asked("attach"))
    };
    match tool {
        "nsenter" => true,
        "ln" | "ls" | "mount" | "readlink" => words.any(|word| word.starts_with("/proc/")),
        "ip" => {
            let words: Vec<&str> = words.collect();
            let about = |word: &str| word.len() > 2 && "netns".starts_with(word);
            words.iter().any(|word| about(word)) && words.iter().any(|word| asks(word))
        }
        _ => false,
    }
}

/// Whether a command may take names of namespaces away: a namespace with a process in it stays.
pub(super) fn may_delete_names(argv: &[String]) -> bool {
    let mut words = argv.iter().map(String::as_str);
    let tool = words.next().unwrap_or("");
    tool.rsplit('/').next() == Some("ip")
        && argv
            .iter()
            .any(|word| word.len() > 2 && "netns".starts_with(word.as_str()))
        && words.any(|word| !word.is_empty() && "delete".starts_with(word))
}

/// Whether a command may name a process, by its number, its files, or in a batch: who started the caller is looked up for these only.
pub(super) fn may_be_named(argv: &[String]) -> bool {
    are_asked_for(argv)
        || argv
            .iter()
            .any(|word| word.contains("/proc/") || word.starts_with("-b"))
}

/// The processes of the session that `caller` belongs to: those that `moved` says, while they live,
/// and those whose environment names a namespace; all others are in `root`.
pub(super) fn of_session(
    caller: u32,
    moved: &BTreeMap<u32, NetnsId>,
    root: NetnsId,
) -> BTreeMap<u32, NetnsId> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir("/proc") else {
        return moved.clone();
    };
    let own = fs::read(format!("/proc/{caller}/environ")).unwrap_or_default();
    let Some(socket) = variable(&own, SOCKET) else {
        return moved.clone();
    };
    for entry in entries.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let Ok(environment) = fs::read(entry.path().join("environ")) else {
            continue;
        };
        if variable(&environment, SOCKET) != Some(socket) {
            continue;
        }
        let key = variable(&environment, NETNS_KEY).and_then(|key| key.parse().ok());
        let inherited = key.map_or(root, |key| NetnsId::from(Key::from_bits(key)));
        found.insert(pid, moved.get(&pid).copied().unwrap_or(inherited));
    }
    found
}

/// The value of a variable in an environment as `/proc` shows it.
fn variable<'a>(environment: &'a [u8], name: &str) -> Option<&'a str> {
    environment
        .split(|byte| *byte == 0)
        .filter_map(|entry| std::str::from_utf8(entry).ok()?.split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_commands_about_processes_look_at_them() {
        let asked = |line: &str| {
            let argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
            are_asked_for(&argv)
        };
        assert!(asked("ip netns pids red") && asked("ip netns identify"));
        assert!(asked("ip link set vb netns 4711") && asked("nsenter -t 1 -n ip link"));
        assert!(!asked("ip netns exec red ip addr") && !asked("ip link set va mtu 1400"));
    }

    #[test]
    fn only_commands_that_take_names_away_are_looked_at_for_that() {
        let may = |line: &str| {
            let argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
            may_delete_names(&argv)
        };
        assert!(
            may("ip netns del red") && may("ip -all netns delete") && may("/sbin/ip netns d x")
        );
        assert!(!may("ip netns add red") && !may("ip link del va"));
    }

    #[test]
    fn a_variable_is_found_by_its_whole_name() {
        let environment = b"A=1\0VETHLAB_NETNS=red\0VETHLAB_NETNS_KEY=7\0";
        assert_eq!(variable(environment, "VETHLAB_NETNS_KEY"), Some("7"));
        assert_eq!(variable(environment, "VETHLAB"), None);
    }
}
