//! What `/proc` says of a process: the line `stat`, and its children.
//! What follows from it is `tree`'s business.

use std::fs;

/// The numbers of `/proc/PID/stat` that matter here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Stat {
    pub comm: String,
    pub state: u8,
    pub parent: u32,
    pub group: u32,
    pub threads: u32,
    pub start: u64,
}

/// The decimal numbers in a text.
pub(super) fn numbers(text: &[u8]) -> impl Iterator<Item = u64> + '_ {
    text.split(u8::is_ascii_whitespace)
        .filter_map(|word| std::str::from_utf8(word).ok()?.parse().ok())
}

/// What follows the name in `stat`: the name is in parentheses and may hold any character.
fn after_name(text: &[u8]) -> Option<&[u8]> {
    let end = text.iter().rposition(|byte| *byte == b')')?;
    text.get(end + 2..)
}

/// The numbers of one line of `stat`.
pub(super) fn parse_stat(text: &[u8]) -> Option<Stat> {
    let start = text.iter().position(|byte| *byte == b'(')?;
    let after = after_name(text)?;
    let end = text.len() - after.len() - 2;
    let words: Vec<&[u8]> = after.split(|byte| *byte == b' ').collect();
    // Fields 3 (state), 4 (parent), 5 (group), 20 (threads) and 22 (start) of proc_pid_stat(5).
    let number = |field: usize| -> Option<u64> {
        std::str::from_utf8(words.get(field - 3)?)
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    Some(Stat {
        comm: String::from_utf8_lossy(text.get(start + 1..end)?).into_owned(),
        state: *words.first()?.first()?,
        parent: u32::try_from(number(4)?).ok()?,
        group: u32::try_from(number(5)?).ok()?,
        threads: u32::try_from(number(20)?).ok()?,
        start: number(22)?,
    })
}

/// The children of every thread of a process.
pub(super) fn children_of_threads(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let mut found = Vec::new();
    for entry in threads.into_iter().flatten().flatten() {
        let text = fs::read(entry.path().join("children")).unwrap_or_default();
        found.extend(numbers(&text).filter_map(|number| u32::try_from(number).ok()));
    }
    found
}

/// The children of a process where the kernel lists none: everybody whose parent it is.
pub(super) fn children_by_parent(pid: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc");
    let mut found: Vec<u32> = processes
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|child| parent_of(*child) == Some(pid))
        .collect();
    found.sort_unstable();
    found
}

fn parent_of(pid: u32) -> Option<u32> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    parse_stat(&text).map(|stat| stat.parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_line_with_a_strange_name_is_read() {
        let text =
            b"42 (a) b (c) S 1 40 40 34816 40 4194304 90 0 0 0 1 2 3 4 20 0 5 0 777 8192 1\n";
        let want = Stat {
            comm: "a) b (c".into(),
            state: b'S',
            parent: 1,
            group: 40,
            threads: 5,
            start: 777,
        };
        assert_eq!(parse_stat(text), Some(want));
        for end in 0..text.len() {
            let _ = parse_stat(&text[..end]);
        }
    }
}
