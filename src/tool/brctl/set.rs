//! The settings of `brctl`: times, priorities, costs, STP and hairpin.
//! The kernel's bounds are the kernel's: here are the words and what they are read as.

use crate::kernel::netlink::{BridgeOptions, BridgePortOptions, LinkChange, LinkKind, LinkRef};
use crate::units::Errno;

use super::{Access, Command, bridge_named, cut};

/// Changes a bridge, by file or request alike (`br_set`).
fn set_bridge(command: &mut Command<'_, '_>, options: BridgeOptions) -> Result<(), Errno> {
    bridge_named(command.call, command.word(0)).map_err(|error| error.errno)?;
    let link = LinkRef::Name(cut(command.word(0)).to_owned());
    let change = LinkChange {
        kind: Some(LinkKind::Bridge(Box::new(options))),
        ..LinkChange::default()
    };
    let (world, netns) = (&mut command.call.world, command.call.netns);
    world
        .link_set(netns, &link, &change)
        .map_err(|error| error.errno)
}

fn told(command: &mut Command<'_, '_>, done: Result<(), Errno>, what: &str) -> i32 {
    match done {
        Ok(()) => 0,
        Err(errno) => command
            .said
            .error(format_args!("set {what} failed: {errno}")),
    }
}

/// Seconds with a fraction, as `sscanf("%lf")` reads them off the front of a word, in
/// hundredths of a second by way of microseconds (`__tv_to_jiffies`).
fn time(word: &str) -> Option<u32> {
    let word = word.trim_start();
    let len = (1..=word.len())
        .rev()
        .filter(|len| word.is_char_boundary(*len))
        .find(|len| word[..*len].parse::<f64>().is_ok())?;
    let secs: f64 = word[..len].parse().ok()?;
    let whole = secs as i64;
    let micros = (1_000_000.0 * (secs - whole as f64)) as i64;
    let total = (whole as u64)
        .wrapping_mul(1_000_000)
        .wrapping_add(micros as u64);
    Some(u32::try_from(total / 10_000).unwrap_or(u32::MAX))
}

/// A whole number as `sscanf("%i")` reads it off the front of a word.
fn number(word: &str) -> Option<i32> {
    let (negative, value, _) = crate::tool::number::strtoull(word, 0)?;
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    Some(if negative {
        value.wrapping_neg() as i32
    } else {
        value as i32
    })
}

macro_rules! times {
    ($($name:ident, $field:ident, $bad:literal, $what:literal;)*) => {
        $(pub(super) fn $name(command: &mut Command<'_, '_>) -> i32 {
            let Some(clock) = time(command.word(1)) else {
                return command.said.error(concat!("bad ", $bad, " value"));
            };
            let options = BridgeOptions { $field: Some(clock), ..BridgeOptions::default() };
            let done = set_bridge(command, options);
            told(command, done, $what)
        })*
    };
}

times! {
    ageing, ageing_time, "ageing time", "ageing time";
    forward_delay, forward_delay, "forward delay", "forward delay";
    hello, hello_time, "hello timer", "hello timer";
    max_age, max_age, "max age", "max age";
}

pub(super) fn bridge_priority(command: &mut Command<'_, '_>) -> i32 {
    let Some(priority) = number(command.word(1)) else {
        return command.said.error("bad priority");
    };
    // The kernel keeps the lower sixteen bits and says nothing.
    let options = BridgeOptions {
        priority: Some(priority as u16),
        ..BridgeOptions::default()
    };
    let done = set_bridge(command, options);
    told(command, done, "bridge priority")
}

fn on_off(word: &str) -> Option<bool> {
    match word {
        "on" | "yes" | "1" => Some(true),
        "off" | "no" | "0" => Some(false),
        _ => None,
    }
}

pub(super) fn stp(command: &mut Command<'_, '_>) -> i32 {
    let Some(on) = on_off(command.word(1)) else {
        return command.said.error("expect on/off for argument");
    };
    let options = BridgeOptions {
        stp_state: Some(on.into()),
        ..BridgeOptions::default()
    };
    let done = set_bridge(command, options);
    told(command, done, "stp status")
}

/// Changes a port (`port_set`). By file the bridge's name plays no part; by request the port is
/// looked for in the bridge, and where it is not found the error is that of the file.
fn set_port(command: &mut Command<'_, '_>, options: BridgePortOptions) -> Result<(), Errno> {
    let netns = command.call.netns;
    let link = command.link(1);
    let change = LinkChange {
        bridge_port: Some(options),
        ..LinkChange::default()
    };
    let master = command
        .call
        .world
        .master_of(netns, &link)
        .map_err(|_| Errno::Enodev)?;
    if command.access == Access::Ioctl || master.is_none() {
        bridge_named(command.call, command.word(0)).map_err(|error| error.errno)?;
        let bridge = command.call.world.ifindex(netns, cut(command.word(0)));
        if master.is_none() || master != bridge {
            return Err(Errno::Enoent);
        }
    }
    command
        .call
        .world
        .link_set(netns, &link, &change)
        .map_err(|error| error.errno)
}

pub(super) fn path_cost(command: &mut Command<'_, '_>) -> i32 {
    let Some(cost) = number(command.word(2)) else {
        return command.said.error("bad path cost value");
    };
    let options = BridgePortOptions {
        cost: Some(cost as u32),
        ..BridgePortOptions::default()
    };
    let done = set_port(command, options);
    told(command, done, "path cost")
}

pub(super) fn port_priority(command: &mut Command<'_, '_>) -> i32 {
    let Some(priority) = number(command.word(2)) else {
        return command.said.error("bad path priority value");
    };
    let priority = u16::try_from(priority).unwrap_or(u16::MAX);
    let options = BridgePortOptions {
        priority: Some(priority),
        ..BridgePortOptions::default()
    };
    let done = set_port(command, options);
    told(command, done, "port priority")
}

pub(super) fn hairpin(command: &mut Command<'_, '_>) -> i32 {
    let Some(on) = on_off(command.word(2)) else {
        return command.said.error("expect on/off for argument");
    };
    let (bridge, port) = (command.word(0).to_owned(), command.word(1).to_owned());
    if !command.exists(&port) {
        return command
            .said
            .error(format_args!("interface {port} does not exist!"));
    }
    if !command.exists(&bridge) {
        return command
            .said
            .error(format_args!("bridge {bridge} does not exist!"));
    }
    match set_hairpin(command, on) {
        Ok(()) => 0,
        Err(errno) => command.said.error(format_args!(
            "can't set {port} to hairpin on bridge {bridge}: {errno}"
        )),
    }
}

/// There is a file for it, and no request.
fn set_hairpin(command: &mut Command<'_, '_>, on: bool) -> Result<(), Errno> {
    match command.access {
        Access::Sysfs => {
            let options = BridgePortOptions {
                hairpin: Some(on),
                ..BridgePortOptions::default()
            };
            set_port(command, options)
        }
        Access::Ioctl => {
            set_port(command, BridgePortOptions::default())?;
            Err(Errno::Eopnotsupp)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_the_c_library_reads_them() {
        for (word, want) in [
            ("100", Some(10_000)),
            ("4.1", Some(409)),
            ("2.5s", Some(250)),
            (" 1e1", Some(1000)),
            ("-1", Some(u32::MAX)),
            ("abc", None),
            ("", None),
        ] {
            assert_eq!(time(word), want, "{word:?}");
        }
    }

    #[test]
    fn numbers_may_be_hexadecimal_and_followed_by_anything() {
        for (word, want) in [
            ("0x10", Some(16)),
            ("12x", Some(12)),
            ("-1", Some(-1)),
            ("x", None),
        ] {
            assert_eq!(number(word), want, "{word:?}");
        }
    }
}
