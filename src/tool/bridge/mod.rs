//! F7: the `bridge` command of iproute2 6.1: its options, its objects, batches.
//! Each object turns argv into requests and dumps into text; they are in the files beside this one.

mod fdb;
mod fdb_print;
mod help;
mod link;
mod mdb;
mod vlan;
mod vlan_print;
mod vlan_print_global;
mod vlan_set;
mod vni;

use crate::kernel::netlink::NlError;
use crate::tool::ip::args::{Args, Family, duplicate, invalid, matches};
use crate::tool::ip::batch;
use crate::tool::ip::cannot_open;
use crate::tool::ip::lookup::{Here, Lookup};
use crate::tool::ip::options::{Options, Parsed, color};
use crate::tool::{Call, Failure, Outcome};
use crate::units::{IfIndex, MacAddr};

/// Runs `bridge`; `argv` begins with its name.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let netns = call.netns;
    let outcome = start(call, argv.get(1..).unwrap_or_default());
    call.netns = netns;
    outcome.unwrap_or_else(|failure| failure.report(call.console))
}

fn start(call: &mut Call<'_>, words: &[String]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let mut options = match parse_options(&mut args)? {
        Parsed::Run(options) => options,
        Parsed::Version => {
            call.console.out("bridge utility, 6.1.0\n");
            return Ok(Outcome::Exit(0));
        }
    };
    options.choose_colors(call.env);
    for name in &options.netns {
        let netns = Here(call).netns(name);
        call.netns = netns.ok_or_else(|| cannot_open(name))?;
    }
    if let Some(file) = &options.batch {
        return batch::run_with(call, &options, file, object);
    }
    let words: Vec<&str> = args.rest().iter().map(String::as_str).collect();
    if words.is_empty() {
        return Err(help::usage());
    }
    object(call, &options, &words)
}

/// Reads the options off the front of `args`, in the order in which `bridge.c` compares abbreviations.
fn parse_options(args: &mut Args<'_, String>) -> Result<Parsed, Failure> {
    let mut options = Options::default();
    while let Some(word) = args.peek().filter(|word| word.starts_with('-')) {
        let _ = args.take();
        if word == "--" {
            break;
        }
        let opt = word
            .strip_prefix('-')
            .filter(|opt| opt.starts_with('-'))
            .unwrap_or(word);
        let is = |full| matches(opt, full);
        if is("-help") {
            return Err(help::usage());
        } else if is("-Version") {
            return Ok(Parsed::Version);
        } else if is("-stats") || is("-statistics") {
            options.stats = options.stats.saturating_add(1);
        } else if is("-details") {
            options.details = options.details.saturating_add(1);
        } else if is("-oneline") {
            options.oneline = true;
        } else if is("-timestamp") {
            options.timestamp = options.timestamp.saturating_add(1);
        } else if is("-family") {
            options.family = family(args.take().ok_or_else(help::usage)?)?;
        } else if opt == "-4" {
            options.family = Family::Inet;
        } else if opt == "-6" {
            options.family = Family::Inet6;
        } else if is("-netns") {
            // Where the name is missing iproute2 tries to open the null string.
            options
                .netns
                .push(args.take().unwrap_or("(null)").to_owned());
        } else if let Some(when) = color(opt) {
            options.color = when;
        } else if is("-compressvlans") {
            options.compress = true;
        } else if is("-force") {
            options.force = true;
        } else if is("-json") {
            options.json = true;
        } else if is("-pretty") {
            options.pretty = true;
        } else if is("-batch") {
            options.batch = Some(args.take().ok_or_else(help::usage)?.to_owned());
        } else {
            return Err(Failure::line(
                255,
                format_args!("Option \"{opt}\" is unknown, try \"bridge help\"."),
            ));
        }
    }
    Ok(Parsed::Run(options))
}

fn family(word: &str) -> Result<Family, Failure> {
    match word {
        "inet" => Ok(Family::Inet),
        "inet6" => Ok(Family::Inet6),
        "help" => Err(help::usage()),
        word => Err(invalid("invalid protocol family", word)),
    }
}

/// Runs an object's command: `words` are the object and what follows.
fn object(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let (word, rest) = words.split_first().unwrap_or((&"", &[]));
    let is = |full| matches(word, full);
    if is("link") {
        link::run(call, options, rest)
    } else if is("fdb") {
        fdb::run(call, options, rest)
    } else if is("mdb") {
        mdb::run(call, options, rest)
    } else if is("vlan") {
        vlan::run(call, options, rest)
    } else if is("vni") {
        vni::run(call, options, rest)
    } else if is("monitor") {
        monitor(rest)
    } else if is("help") {
        Err(help::usage())
    } else {
        Ok(failed(
            call,
            format_args!("Object \"{word}\" is unknown, try \"bridge help\"."),
        ))
    }
}

fn monitor(words: &[&str]) -> Result<Outcome, Failure> {
    for word in words {
        let known = ["file", "link", "fdb", "mdb", "vlan", "vni"];
        if matches(word, "help") {
            return Err(help::monitor());
        }
        if *word != "all" && !known.iter().any(|known| matches(word, known)) {
            return Err(Failure::line(
                255,
                format_args!("Argument \"{word}\" is unknown, try \"bridge monitor help\"."),
            ));
        }
    }
    Err(Failure::not_simulated("bridge monitor"))
}

/// A command that fails without leaving `bridge`: a batch may go on after it.
pub(super) fn failed(call: &mut Call<'_>, text: impl std::fmt::Display) -> Outcome {
    call.console.err(format!("{text}\n"));
    Outcome::Exit(255)
}

/// What the kernel answered to a request.
pub(super) fn answered(call: &mut Call<'_>, done: Result<(), NlError>) -> Outcome {
    match done {
        Ok(()) => Outcome::Exit(0),
        Err(error) => failed(call, error),
    }
}

/// A command that the object does not have.
pub(super) fn unknown_command(word: &str, object: &str) -> Failure {
    Failure::line(
        255,
        format_args!("Command \"{word}\" is unknown, try \"bridge {object} help\"."),
    )
}

/// The device that a listing is limited to (`dev NAME`); other words say nothing to it.
pub(super) fn only_device<'a>(words: &'a [&'a str]) -> Result<Option<&'a str>, Failure> {
    let mut args = Args::new(words);
    let mut dev = None;
    while let Some(word) = args.take() {
        if word == "dev" {
            let name = args.required()?;
            if dev.is_some() {
                return Err(duplicate("dev", name));
            }
            dev = Some(name);
        }
    }
    Ok(dev)
}

/// The number of a device.
pub(super) fn ifindex(call: &Call<'_>, name: &str) -> Option<IfIndex> {
    Here(call).ifindex(name)
}

/// The name of a device, or `if7` where there is none (`ll_index_to_name`).
pub(super) fn ifname(call: &Call<'_>, index: IfIndex) -> String {
    match call.world.ifname(call.netns, index) {
        Some(name) => name.to_string(),
        None => format!("if{index}"),
    }
}

/// A number off the front of a word, 0 where there is none (`atoi`).
pub(super) fn atoi(word: &str) -> i32 {
    match crate::tool::number::strtoull(word, 10) {
        Some((true, value, _)) => (value as i64).wrapping_neg() as i32,
        Some((false, value, _)) => value as i32,
        None => 0,
    }
}

/// Six bytes as `sscanf("%hhx:%hhx:..")` reads them: each may be longer, and keeps its
/// last two digits; what follows the sixth is passed over.
pub(super) fn scan_mac(text: &str) -> Option<MacAddr> {
    let mut bytes = [0; 6];
    let mut rest = text;
    for (at, byte) in bytes.iter_mut().enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(':')?;
        }
        let (negative, value, after) = crate::tool::number::strtoull(rest, 16)?;
        *byte = if negative {
            value.wrapping_neg() as u8
        } else {
            value as u8
        };
        rest = after;
    }
    Some(MacAddr(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_scanned_as_loosely_as_the_c_library_does() {
        for (text, want) in [
            ("2:0:0:0:0:123", Some("02:00:00:00:00:23")),
            ("0x02:0:0:0:0:5", Some("02:00:00:00:00:05")),
            ("02:00:00:00:00:ca:ff", Some("02:00:00:00:00:ca")),
            ("02:00:00:00:00", None),
            ("foo", None),
        ] {
            let read = scan_mac(text).map(|mac| mac.to_string());
            assert_eq!(read.as_deref(), want, "{text}");
        }
    }

    #[test]
    fn atoi_gives_zero_for_words() {
        assert_eq!((atoi("abc"), atoi("12x"), atoi("-1")), (0, 12, -1));
    }
}
