//! The process tree below a session: is everybody in it waiting, and for what?
//! It reads `/proc` and changes nothing; where there is no `/proc` it takes all for quiet.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::blocked::{Blocked, blocked_on};
use super::procfs::{Stat, children_by_parent, children_of_threads, numbers, parse_stat};

/// How the clock may move when everybody waits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Pace {
    /// All wait for the simulated world, or for one another.
    Jump,
    /// Somebody may wait for something real: only a program that drives the clock makes it jump.
    Unsure,
    /// Somebody waits for a person, a real clock or the outside.
    Wall,
}

/// Where a process stands in the tree: from the root's child down, when each was started and its number.
/// Siblings are in the order in which they were forked.
pub(super) type Place = Vec<(u64, u32)>;

/// The processes that are connected to the session, and whether each reads its standard input.
pub(super) type Clients = BTreeMap<u32, bool>;

/// What one look at the tree found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Look {
    /// Nobody ran at one and the same instant.
    Quiet(Pace),
    /// Somebody runs, or is about to call.
    Busy,
}

/// A process of the tree, as the kernel shows it at one reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Mark {
    pid: u32,
    /// Nanoseconds run and times taken up, from `schedstat`: equal at two
    /// readings means that it did not run in between.
    ran: (u64, u64),
}

/// What is kept open and known of a process.
struct Known {
    stat: File,
    sched: Option<File>,
    children: Option<File>,
    /// What it waits for, and its mark when that was read.
    blocked: Option<(Mark, Blocked)>,
    /// Its processor time when it was first seen running in this wait.
    busy_from: Option<u64>,
    /// For how much processor time it has been waited for in vain.
    given_up: Duration,
    /// When it was first seen dead.
    dead_since: Option<Instant>,
}

impl Known {
    fn open(pid: u32) -> Option<Self> {
        Some(Self {
            stat: File::open(format!("/proc/{pid}/stat")).ok()?,
            sched: File::open(format!("/proc/{pid}/schedstat")).ok(),
            children: File::open(format!("/proc/{pid}/task/{pid}/children")).ok(),
            blocked: None,
            busy_from: None,
            given_up: Duration::ZERO,
            dead_since: None,
        })
    }

    /// Whether it died so lately that its parent may not have been woken yet: a process shows as a zombie
    /// a moment before that (`exit_notify`), and a virtual processor may stand still in that moment.
    fn has_just_died(&mut self) -> bool {
        let since = self.dead_since.get_or_insert_with(Instant::now);
        since.elapsed() < MOURNING
    }
}

/// The processes below one root.
pub(super) struct ProcessTree {
    root: Option<u32>,
    /// Names of our links, cut as the kernel cuts a process's name.
    links: BTreeSet<String>,
    binary: Option<PathBuf>,
    /// Device and inode of our own standard input: who reads it waits for the outside.
    stdin: Option<(u64, u64)>,
    known: BTreeMap<u32, Known>,
    /// Whether some process was asked what it waits for, at this look.
    asked: bool,
    /// Room for what is read.
    text: Vec<u8>,
}

/// For how long nothing moves after a death that no parent has asked about.
const MOURNING: Duration = Duration::from_millis(50);
/// How deep a tree is looked at.
const DEPTH_MAX: usize = 1024;
/// How many bytes the kernel leaves of a process's name (`TASK_COMM_LEN`).
const COMM_MAX: usize = 15;

impl ProcessTree {
    /// The tree below this process. `links` are the names under which our binary is a client.
    pub(super) fn below_self<'a>(links: impl Iterator<Item = &'a str>) -> Self {
        let mut tree = Self::none();
        let root = std::process::id();
        tree.root = fs::metadata("/proc/self/stat").is_ok().then_some(root);
        tree.links = links.map(comm_of).collect();
        tree.binary = fs::read_link("/proc/self/exe").ok();
        tree.stdin = fs::metadata("/proc/self/fd/0")
            .ok()
            .filter(|meta| !meta.file_type().is_file())
            .map(|meta| (meta.dev(), meta.ino()));
        tree
    }

    /// No tree: always quiet.
    pub(super) fn none() -> Self {
        Self {
            root: None,
            links: BTreeSet::new(),
            binary: None,
            stdin: None,
            known: BTreeMap::new(),
            asked: false,
            text: vec![0; 4096],
        }
    }

    /// Whether the tree can be seen.
    pub(super) fn is_visible(&self) -> bool {
        self.root.is_some()
    }

    /// A process's place in the tree.
    ///
    /// The numbers of processes alone would not do: two shells that fork at once get theirs in any order.
    pub(super) fn place_of(&mut self, pid: u32) -> Place {
        let mut place = Place::new();
        let Some(root) = self.root else {
            return place;
        };
        let mut pid = pid;
        while pid != root && pid > 1 && place.len() < DEPTH_MAX {
            let Some(stat) = self.stat(pid) else {
                break;
            };
            place.push((stat.start, pid));
            pid = stat.parent;
        }
        place.reverse();
        place
    }

    /// Begins to wait for quiet: processes that run get a fresh allowance.
    pub(super) fn begin(&mut self) {
        for known in self.known.values_mut() {
            known.busy_from = None;
        }
    }

    /// Looks once. `clients` are the processes that are connected; who runs for longer
    /// than `allowance` of processor time is not waited for. `force` gives
    /// up on everybody who still runs.
    pub(super) fn look(&mut self, clients: &Clients, allowance: Duration, force: bool) -> Look {
        if self.root.is_none() {
            return Look::Quiet(Pace::Jump);
        }
        let Some((before, hogs)) = self.pass(clients, allowance, force) else {
            return Look::Busy;
        };
        let alone = before.len() <= 1 && !hogs;
        let root = self.root;
        self.known
            .retain(|pid, _| root == Some(*pid) || before.iter().any(|mark| mark.pid == *pid));
        self.asked = false;
        let pace = self.pace(&before, clients);
        // Nobody may have run since the marks were read: between the first and the last of them, nor before what it
        // waits for was read. A shell that takes a child's status shows as sleeping although it runs, and has the
        // next child a moment later.
        if !force && (!alone || self.asked) {
            match self.pass(clients, allowance, force) {
                Some((after, _)) if after == before => {}
                _ => return Look::Busy,
            }
        }
        if hogs || force {
            return Look::Quiet(pace.filter(|_| !hogs).unwrap_or(Pace::Wall));
        }
        pace.map_or(Look::Busy, Look::Quiet)
    }

    /// The descendants that share the process group `group`.
    pub(super) fn in_group(&mut self, group: u32) -> Vec<u32> {
        let (mut found, mut queue) = (Vec::new(), self.children_of_root());
        while let Some(pid) = queue.pop() {
            if let Some(stat) = self.stat(pid) {
                queue.extend(self.children(pid, stat.threads));
                if stat.group == group {
                    found.push(pid);
                }
            }
        }
        found
    }

    /// Reads every process once, from the root down. `None` where one is busy; else
    /// their marks, and whether one runs that is no longer waited for.
    fn pass(
        &mut self,
        clients: &Clients,
        allowance: Duration,
        force: bool,
    ) -> Option<(Vec<Mark>, bool)> {
        let mut marks = Vec::new();
        let mut hogs = false;
        let mut queue = self.children_of_root();
        while let Some(pid) = queue.pop() {
            let Some(stat) = self.stat(pid) else {
                // It ended while we looked: its parent is about to notice.
                if force {
                    continue;
                }
                return None;
            };
            let state = self.state(pid, &stat);
            let mut ran = self.ran(pid);
            match state {
                b'Z' | b'X' => {
                    let fresh = self.known.get_mut(&pid).is_some_and(Known::has_just_died);
                    if fresh && !force {
                        return None;
                    }
                    ran = (0, 0);
                }
                b'R' | b'D' | b'I' => {
                    if !self.is_given_up(pid, ran.0, allowance, force) {
                        return None;
                    }
                    hogs = true;
                    ran = (0, 0);
                }
                _ => {
                    if let Some(known) = self.known.get_mut(&pid) {
                        known.given_up = Duration::ZERO;
                        known.busy_from = None;
                    }
                    if !force && !clients.contains_key(&pid) && self.is_calling(pid, &stat) {
                        return None;
                    }
                }
            }
            marks.push(Mark { pid, ran });
            if state != b'Z' && state != b'X' {
                queue.extend(self.children(pid, stat.threads));
            }
        }
        Some((marks, hogs))
    }

    /// Whether a process that runs has had its allowance.
    fn is_given_up(&mut self, pid: u32, ran_ns: u64, allowance: Duration, force: bool) -> bool {
        let Some(known) = self.known.get_mut(&pid) else {
            return force;
        };
        let from = *known.busy_from.get_or_insert(ran_ns);
        if force || u128::from(ran_ns.saturating_sub(from)) >= allowance.as_nanos() {
            known.given_up = known.given_up.max(allowance);
        }
        known.given_up >= allowance
    }

    /// Whether a process is our binary on its way to call us.
    fn is_calling(&self, pid: u32, stat: &Stat) -> bool {
        self.links.contains(&stat.comm)
            && stat.state != b'T'
            && fs::read_link(format!("/proc/{pid}/exe")).ok() == self.binary
    }

    /// The slowest pace that one of the processes asks for; nothing where one does not sleep at all.
    fn pace(&mut self, marks: &[Mark], clients: &Clients) -> Option<Pace> {
        let mut pace = Pace::Jump;
        for mark in marks {
            let client = clients.get(&mark.pid);
            // A client that reads no input waits for our answer and for nothing else.
            if client == Some(&false) {
                continue;
            }
            let asked = match self.blocked(*mark) {
                Blocked::Runs => return None,
                Blocked::Inside => Pace::Jump,
                Blocked::Unsure => Pace::Unsure,
                Blocked::Outside => Pace::Wall,
            };
            pace = pace.max(match client {
                Some(true) if is_outside(mark.pid, 0, self.stdin) => Pace::Wall,
                Some(_) => Pace::Jump,
                None => asked,
            });
        }
        Some(pace)
    }

    fn blocked(&mut self, mark: Mark) -> Blocked {
        let stdin = self.stdin;
        let Some(known) = self.known.get_mut(&mark.pid) else {
            return Blocked::Inside;
        };
        match known.blocked {
            Some((then, blocked)) if then == mark => blocked,
            _ => {
                self.asked = true;
                let blocked = blocked_on(mark.pid, &|fd| is_outside(mark.pid, fd, stdin));
                known.blocked = (blocked != Blocked::Runs).then_some((mark, blocked));
                blocked
            }
        }
    }

    fn children_of_root(&mut self) -> Vec<u32> {
        let Some(root) = self.root else {
            return Vec::new();
        };
        let threads = self.stat(root).map_or(1, |stat| stat.threads);
        self.children(root, threads)
    }

    fn stat(&mut self, pid: u32) -> Option<Stat> {
        if let Entry::Vacant(entry) = self.known.entry(pid) {
            entry.insert(Known::open(pid)?);
        }
        let known = self.known.get(&pid)?;
        let stat = known
            .stat
            .read_at(&mut self.text, 0)
            .ok()
            .and_then(|length| parse_stat(self.text.get(..length)?));
        if stat.is_none() {
            self.known.remove(&pid);
        }
        stat
    }

    /// The state of the busiest thread.
    fn state(&self, pid: u32, stat: &Stat) -> u8 {
        if stat.threads <= 1 || !matches!(stat.state, b'S' | b'I') {
            return stat.state;
        }
        let threads = fs::read_dir(format!("/proc/{pid}/task"));
        let states = threads.into_iter().flatten().flatten().filter_map(|entry| {
            let text = fs::read(entry.path().join("stat")).ok()?;
            parse_stat(&text).map(|stat| stat.state)
        });
        let mut all = stat.state;
        for state in states {
            if matches!(state, b'R' | b'D') {
                all = state;
            }
        }
        all
    }

    fn ran(&mut self, pid: u32) -> (u64, u64) {
        let file = self.known.get(&pid).and_then(|known| known.sched.as_ref());
        let length = file.and_then(|file| file.read_at(&mut self.text, 0).ok());
        let text = self.text.get(..length.unwrap_or(0)).unwrap_or_default();
        let mut numbers = numbers(text);
        (numbers.next().unwrap_or(0), numbers.nth(1).unwrap_or(0))
    }

    fn children(&mut self, pid: u32, threads: u32) -> Vec<u32> {
        if threads > 1 {
            return children_of_threads(pid);
        }
        let Some(file) = self
            .known
            .get(&pid)
            .and_then(|known| known.children.as_ref())
        else {
            return children_by_parent(pid);
        };
        let mut found = Vec::new();
        let mut offset = 0;
        // Read on: the list may be longer than the room for it, and is cut between any two digits.
        let mut text = Vec::new();
        while let Ok(length @ 1..) = file.read_at(&mut self.text, offset) {
            text.extend_from_slice(&self.text[..length]);
            offset += length as u64;
            if length < self.text.len() {
                break;
            }
        }
        found.extend(numbers(&text).filter_map(|number| u32::try_from(number).ok()));
        found
    }
}

/// Whether an open file of a process leads to a person or to whoever feeds our standard input.
fn is_outside(pid: u32, fd: u64, stdin: Option<(u64, u64)>) -> bool {
    let path = format!("/proc/{pid}/fd/{fd}");
    let Ok(meta) = fs::metadata(&path) else {
        return false;
    };
    let terminal = || {
        let target = fs::read_link(&path).unwrap_or_default();
        target.starts_with("/dev/pts")
            || target.starts_with("/dev/tty")
            || target.starts_with("/dev/console")
    };
    stdin == Some((meta.dev(), meta.ino())) || (meta.file_type().is_char_device() && terminal())
}

fn comm_of(name: &str) -> String {
    String::from_utf8_lossy(name.as_bytes().get(..COMM_MAX).unwrap_or(name.as_bytes())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_cut_as_the_kernel_cuts_it() {
        assert_eq!(comm_of("iptables-restore"), "iptables-restor");
        assert_eq!(comm_of("ip"), "ip");
    }

    #[test]
    fn no_tree_is_quiet() {
        let look = ProcessTree::none().look(&Clients::new(), Duration::ZERO, false);
        assert_eq!(look, Look::Quiet(Pace::Jump));
    }
}
