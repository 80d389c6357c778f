//! F7: `brctl` of bridge-utils 1.7: bridges by the old words.
//! What it shows of a bridge is in `show`; settings are in `set`.

mod set;
mod show;

use crate::kernel::netlink::{LinkChange, LinkKind, LinkNew, LinkRef, NlResult};
use crate::program::Console;
use crate::tool::{Call, Outcome};
use crate::units::Errno;

/// How `brctl` looks at bridges. It prefers files under `/sys/class/net`, which are there where the
/// namespace's own `/sys` is mounted, and otherwise falls back on old requests that can less.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Access {
    /// By files: a machine has its `/sys`, and `ip netns exec` mounts one of the namespace.
    Sysfs,
    /// By requests, where `/sys` is that of another namespace.
    Ioctl,
}

/// What a command has printed, each stream by itself: with a pipe or a file behind it the C
/// library holds standard output back until the end.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn error(&mut self, line: impl std::fmt::Display) -> i32 {
        self.err.push_str(&format!("{line}\n"));
        1
    }

    fn tell(self, console: &mut Console) {
        console.err(self.err);
        console.out(self.out);
    }
}

/// The words of a command behind its name, and what it is called with.
pub(super) struct Command<'a, 'c> {
    pub call: &'a mut Call<'c>,
    pub access: Access,
    pub words: &'a [&'a str],
    pub said: &'a mut Said,
}

impl Command<'_, '_> {
    /// The word at that place, which the number of arguments promises.
    pub fn word(&self, at: usize) -> &str {
        self.words.get(at).copied().unwrap_or("")
    }

    /// The device of that place's name.
    pub fn link(&self, at: usize) -> LinkRef {
        LinkRef::Name(self.word(at).to_owned())
    }

    /// Whether there is a device of that name.
    pub fn exists(&self, name: &str) -> bool {
        self.call.world.ifindex(self.call.netns, name).is_some()
    }
}

type Run = fn(&mut Command<'_, '_>) -> i32;

/// The commands: how many words each needs, its name, what it does and its help.
const COMMANDS: &[(usize, &str, Run, &str)] = &[
    (1, "addbr", addbr, "<bridge>\t\tadd bridge"),
    (1, "delbr", delbr, "<bridge>\t\tdelete bridge"),
    (
        2,
        "addif",
        addif,
        "<bridge> <device>\tadd interface to bridge",
    ),
    (
        2,
        "delif",
        delif,
        "<bridge> <device>\tdelete interface from bridge",
    ),
    (
        3,
        "hairpin",
        set::hairpin,
        "<bridge> <port> {on|off}\tturn hairpin on/off",
    ),
    (
        2,
        "setageing",
        set::ageing,
        "<bridge> <time>\t\tset ageing time",
    ),
    (
        2,
        "setbridgeprio",
        set::bridge_priority,
        "<bridge> <prio>\t\tset bridge priority",
    ),
    (
        2,
        "setfd",
        set::forward_delay,
        "<bridge> <time>\t\tset bridge forward delay",
    ),
    (
        2,
        "sethello",
        set::hello,
        "<bridge> <time>\t\tset hello time",
    ),
    (
        2,
        "setmaxage",
        set::max_age,
        "<bridge> <time>\t\tset max message age",
    ),
    (
        3,
        "setpathcost",
        set::path_cost,
        "<bridge> <port> <cost>\tset path cost",
    ),
    (
        3,
        "setportprio",
        set::port_priority,
        "<bridge> <port> <prio>\tset port priority",
    ),
    (
        0,
        "show",
        show::bridges,
        "[ <bridge> ]\t\tshow a list of bridges",
    ),
    (
        1,
        "showmacs",
        show::macs,
        "<bridge>\t\tshow a list of mac addrs",
    ),
    (1, "showstp", show::stp, "<bridge>\t\tshow bridge stp info"),
    (2, "stp", set::stp, "<bridge> {on|off}\tturn stp on/off"),
];

/// Runs `brctl`; `argv` begins with its name.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let mut said = Said::default();
    let status = start(call, argv.get(1..).unwrap_or_default(), &mut said);
    said.tell(call.console);
    Outcome::Exit(status)
}

fn start(call: &mut Call<'_>, words: &[String], said: &mut Said) -> i32 {
    let operands = match options(words, said) {
        Ok(operands) => operands,
        Err(status) => return status,
    };
    let Some((name, rest)) = operands.split_first() else {
        help(said);
        return 1;
    };
    let Some((needed, name, run, usage)) = COMMANDS.iter().find(|(_, known, ..)| known == name)
    else {
        let status = said.error(format_args!("never heard of command [{name}]"));
        help(said);
        return status;
    };
    if rest.len() < *needed {
        said.out
            .push_str("Incorrect number of arguments for command\n");
        said.out.push_str(&format!("Usage: brctl {name} {usage}\n"));
        return 1;
    }
    // A machine, with a card or with an engine of Docker's, has its own `/sys`; a namespace made for one script has not.
    let root = call.world.host(call.host).root;
    let machine =
        || !call.world.nics(call.host).is_empty() || call.docker.engine(call.host).is_some();
    let access = if call.netns == root && !machine() {
        Access::Ioctl
    } else {
        Access::Sysfs
    };
    run(&mut Command {
        call,
        access,
        words: rest,
        said,
    })
}

/// Reads the options, wherever they stand, and gives the other words; or the exit status
/// of an option that ends it all.
fn options<'a>(words: &'a [String], said: &mut Said) -> Result<Vec<&'a str>, i32> {
    let mut operands = Vec::new();
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word.strip_prefix('-') {
            Some("-") => operands.extend(words.by_ref()),
            Some(option) if !option.is_empty() => return Err(ending_option(option, said)),
            _ => operands.push(word),
        }
    }
    Ok(operands)
}

/// All options end the command: help, version, and any that there is not.
fn ending_option(option: &str, said: &mut Said) -> i32 {
    let long = option.strip_prefix('-');
    let is = |letter, name: &str| match long {
        Some(long) => name.starts_with(long),
        None => option.starts_with(letter),
    };
    if is('h', "help") {
        help(said);
        return 0;
    }
    if is('V', "version") {
        said.out.push_str("bridge-utils, 1.7\n");
        return 0;
    }
    let letter: String = option.chars().take(1).collect();
    match long {
        Some(_) => said.error(format_args!("brctl: unrecognized option '-{option}'")),
        None => said.error(format_args!("brctl: invalid option -- '{letter}'")),
    };
    said.error("Unknown option '?'");
    help(said);
    1
}

fn help(said: &mut Said) {
    said.out.push_str("Usage: brctl [commands]\ncommands:\n");
    for (_, name, _, usage) in COMMANDS {
        said.out.push_str(&format!("\t{name:<10}\t{usage}\n"));
    }
}

/// The first 15 bytes of a name, which is all that the request has room for.
fn cut(name: &str) -> &str {
    let mut end = name.len().min(15);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

fn addbr(command: &mut Command<'_, '_>) -> i32 {
    let typed = command.word(0).to_owned();
    match add_bridge(command.call, cut(&typed)) {
        Ok(()) => 0,
        Err(Errno::Eexist) => command.said.error(format_args!(
            "device {typed} already exists; can't create bridge with the same name"
        )),
        Err(errno) => command
            .said
            .error(format_args!("add bridge failed: {errno}")),
    }
}

fn add_bridge(call: &mut Call<'_>, name: &str) -> Result<(), Errno> {
    let name = name.parse().map_err(|_| Errno::Einval)?;
    let attributes = LinkChange {
        name: Some(name),
        ..LinkChange::default()
    };
    let new = LinkNew {
        kind: LinkKind::Bridge(Box::default()),
        ifindex: None,
        link: None,
        tx_queues: None,
        rx_queues: None,
        attributes,
    };
    call.world
        .link_add(call.netns, &new)
        .map_err(|error| error.errno)
}

fn delbr(command: &mut Command<'_, '_>) -> i32 {
    let name = command.word(0).to_owned();
    match del_bridge(command.call, &name) {
        Ok(()) => 0,
        Err(Errno::Enxio) => command
            .said
            .error(format_args!("bridge {name} doesn't exist; can't delete it")),
        Err(Errno::Ebusy) => command
            .said
            .error(format_args!("bridge {name} is still up; can't delete it")),
        Err(errno) => command
            .said
            .error(format_args!("can't delete bridge {name}: {errno}")),
    }
}

/// `br_del_bridge`: only bridges that are down.
fn del_bridge(call: &mut Call<'_>, name: &str) -> Result<(), Errno> {
    let link = LinkRef::Name(cut(name).to_owned());
    let dev = call
        .world
        .device_id(call.netns, &link)
        .map_err(|_| Errno::Enxio)?;
    if call.world.bridge(dev).is_none() {
        return Err(Errno::Eperm);
    }
    if call.world.bridge(dev).is_some_and(|bridge| bridge.is_up()) {
        return Err(Errno::Ebusy);
    }
    call.world
        .link_del(call.netns, &link)
        .map_err(|error| error.errno)
}

/// The bridge that a request names (`br_dev_ioctl`).
pub(super) fn bridge_named(call: &Call<'_>, name: &str) -> NlResult<crate::units::DevId> {
    let link = LinkRef::Name(cut(name).to_owned());
    let dev = call.world.device_id(call.netns, &link)?;
    match call.world.bridge(dev) {
        Some(_) => Ok(dev),
        None => Err(Errno::Eopnotsupp.into()),
    }
}

fn addif(command: &mut Command<'_, '_>) -> i32 {
    let bridge = command.word(0).to_owned();
    for at in 1..command.words.len() {
        let dev = command.word(at).to_owned();
        let Err(errno) = add_interface(command.call, &bridge, &dev) else {
            continue;
        };
        let text = match errno {
            Errno::Enodev => absent(command, &bridge, &dev),
            Errno::Ebusy => format!(
                "device {dev} is already a member of a bridge; can't add it to bridge {bridge}."
            ),
            Errno::Eloop => format!(
                "device {dev} is a bridge device itself; can't add a bridge device to a bridge device."
            ),
            errno => format!("can't add {dev} to bridge {bridge}: {errno}"),
        };
        return command.said.error(text);
    }
    0
}

/// Which of the two is not there.
fn absent(command: &Command<'_, '_>, bridge: &str, dev: &str) -> String {
    match command.exists(dev) {
        false => format!("interface {dev} does not exist!"),
        true => format!("bridge {bridge} does not exist!"),
    }
}

fn add_interface(call: &mut Call<'_>, bridge: &str, dev: &str) -> Result<(), Errno> {
    let link = LinkRef::Name(dev.to_owned());
    let known = call
        .world
        .master_of(call.netns, &link)
        .map_err(|_| Errno::Enodev)?;
    bridge_named(call, bridge).map_err(|error| error.errno)?;
    if known.is_some() {
        return Err(Errno::Ebusy);
    }
    let master = call.world.ifindex(call.netns, cut(bridge));
    let change = LinkChange {
        master,
        ..LinkChange::default()
    };
    call.world
        .link_set(call.netns, &link, &change)
        .map_err(|error| error.errno)
}

fn delif(command: &mut Command<'_, '_>) -> i32 {
    let bridge = command.word(0).to_owned();
    for at in 1..command.words.len() {
        let dev = command.word(at).to_owned();
        let Err(errno) = del_interface(command.call, &bridge, &dev) else {
            continue;
        };
        let text = match errno {
            Errno::Enodev => absent(command, &bridge, &dev),
            Errno::Einval => format!("device {dev} is not a port of {bridge}"),
            errno => format!("can't delete {dev} from {bridge}: {errno}"),
        };
        return command.said.error(text);
    }
    0
}

fn del_interface(call: &mut Call<'_>, bridge: &str, dev: &str) -> Result<(), Errno> {
    let link = LinkRef::Name(dev.to_owned());
    let known = call
        .world
        .master_of(call.netns, &link)
        .map_err(|_| Errno::Enodev)?;
    bridge_named(call, bridge).map_err(|error| error.errno)?;
    if known.is_none() || known != call.world.ifindex(call.netns, cut(bridge)) {
        return Err(Errno::Einval);
    }
    let change = LinkChange {
        master: Some(0),
        ..LinkChange::default()
    };
    call.world
        .link_set(call.netns, &link, &change)
        .map_err(|error| error.errno)
}
