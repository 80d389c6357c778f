//! `tc qdisc`: from words to requests (tc_qdisc.c).
//! What each kind takes is in `kinds` and `netem`, how it is printed in `show`.

use crate::device::qdisc::ROOT;
use crate::kernel::netlink::{QdiscDelete, QdiscRequest};
use crate::tool::ip::args::{Args, duplicate, invalid, matches};
use crate::tool::ip::options::Options;
use crate::tool::number::strtoull;
use crate::tool::{Call, Failure, Outcome};
use crate::units::IfIndex;

use super::{kinds, show};

const USAGE: &str = "Usage: tc qdisc [ add | del | replace | change | show ] dev STRING\n\
    \x20      [ handle QHANDLE ] [ root | ingress | clsact | parent CLASSID ]\n\
    \x20      [ estimator INTERVAL TIME_CONSTANT ]\n\
    \x20      [ stab [ help | STAB_OPTIONS] ]\n\
    \x20      [ ingress_block BLOCK_INDEX ] [ egress_block BLOCK_INDEX ]\n\
    \x20      [ [ QDISC_KIND ] [ help | OPTIONS ] ]\n\
    \n\
    \x20      tc qdisc { show | list } [ dev STRING ] [ QDISC_ID ] [ invisible ]\n\
    Where:\n\
    QDISC_KIND := { [p|b]fifo | tbf | prio | cbq | red | etc. }\n\
    OPTIONS := ... try tc qdisc add <desired QDISC_KIND> help\n\
    STAB_OPTIONS := ... try tc qdisc add stab help\n\
    QDISC_ID := { root | ingress | handle QHANDLE | parent CLASSID }\n";

fn usage(status: u8) -> Failure {
    Failure {
        stderr: USAGE.to_owned(),
        status,
    }
}

/// Which request it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Add,
    Change,
    Replace,
    Link,
    Delete,
}

/// Runs `tc qdisc` with the words after it.
pub fn run(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let Some((word, rest)) = words.split_first() else {
        return list(call, options, &[]);
    };
    let is = |full| matches(word, full);
    let verbs = [
        ("add", Verb::Add),
        ("change", Verb::Change),
        ("replace", Verb::Replace),
        ("link", Verb::Link),
        ("delete", Verb::Delete),
    ];
    if let Some(&(_, verb)) = verbs.iter().find(|&&(name, _)| is(name)) {
        return modify(call, verb, rest);
    }
    if is("list") || is("show") || is("lst") {
        return list(call, options, rest);
    }
    if is("help") {
        return Err(usage(0));
    }
    let text = format_args!("Command \"{word}\" is unknown, try \"tc qdisc help\".");
    Err(Failure::line(255, text))
}

/// The words before the kind.
#[derive(Default)]
struct Place<'a> {
    dev: Option<&'a str>,
    handle: u32,
    parent: u32,
    kind: Option<&'a str>,
}

fn modify(call: &mut Call<'_>, verb: Verb, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let place = place(&mut args)?;
    let kind = place
        .kind
        .map(|name| kinds::parse(name, &mut args))
        .transpose()?;
    let ifindex = match place.dev {
        Some(name) => device(call, name)?,
        None => 0,
    };
    let done = if verb == Verb::Delete {
        let request = QdiscDelete {
            ifindex,
            parent: place.parent,
            handle: place.handle,
            kind: place.kind.map(str::to_owned),
        };
        call.world.qdisc_delete(call.netns, &request)
    } else {
        let request = QdiscRequest {
            ifindex,
            parent: place.parent,
            handle: place.handle,
            kind,
            create: matches!(verb, Verb::Add | Verb::Replace),
            excl: verb == Verb::Add,
            replace: matches!(verb, Verb::Replace | Verb::Link),
        };
        call.world.qdisc_modify(call.netns, &request)
    };
    done?;
    Ok(Outcome::Exit(0))
}

fn place<'a>(args: &mut Args<'a, &'a str>) -> Result<Place<'a>, Failure> {
    let mut place = Place::default();
    while let Some(word) = args.take() {
        match word {
            "dev" => {
                let name = args.required()?;
                if place.dev.is_some() {
                    return Err(duplicate("dev", name));
                }
                place.dev = Some(name);
            }
            "handle" => {
                if place.handle != 0 {
                    return Err(duplicate("handle", word));
                }
                let text = args.required()?;
                place.handle = handle(text).ok_or_else(|| invalid("invalid qdisc ID", text))?;
            }
            "root" => {
                if place.parent != 0 {
                    return Err(Failure::line(255, "Error: \"root\" is duplicate parent ID"));
                }
                place.parent = ROOT;
            }
            "ingress" | "clsact" => {
                return Err(Failure::not_simulated(format_args!("the qdisc {word}")));
            }
            "parent" => {
                let text = args.required()?;
                if place.parent != 0 {
                    return Err(duplicate("parent", text));
                }
                place.parent = class(text).ok_or_else(|| invalid("invalid parent ID", text))?;
            }
            word if matches(word, "estimator") || matches(word, "stab") => {
                return Err(Failure::not_simulated(format_args!("tc qdisc {word}")));
            }
            word if matches(word, "ingress_block") || matches(word, "egress_block") => {
                return Err(Failure::not_simulated(format_args!("tc qdisc {word}")));
            }
            word if matches(word, "help") => return Err(usage(255)),
            kind => {
                place.kind = Some(kind);
                break;
            }
        }
    }
    Ok(place)
}

fn device(call: &Call<'_>, name: &str) -> Result<IfIndex, Failure> {
    // A name is cut where the kernel's would end.
    let name: String = name.chars().take(15).collect();
    let found = call.world.ifindex(call.netns, &name);
    found.ok_or_else(|| Failure::line(1, format_args!("Cannot find device \"{name}\"")))
}

/// `1:` or `1` (`get_qdisc_handle`).
fn handle(text: &str) -> Option<u32> {
    if text == "none" {
        return Some(0);
    }
    let (_, major, rest) = strtoull(text, 16)?;
    let fits = major < 1 << 16 && (rest.is_empty() || rest.starts_with(':'));
    u32::try_from(major)
        .ok()
        .filter(|_| fits)
        .map(|major| major << 16)
}

/// `1:1`, `:1`, `root` (`get_tc_classid`).
fn class(text: &str) -> Option<u32> {
    match text {
        "root" => return Some(ROOT),
        "none" => return Some(0),
        _ => {}
    }
    let (major, rest) = match strtoull(text, 16) {
        Some((_, major, rest)) => (major, rest),
        None => (0, text),
    };
    let Some(minor) = rest.strip_prefix(':') else {
        return u32::try_from(major)
            .ok()
            .filter(|_| rest.is_empty() && rest != text);
    };
    let minor = match strtoull(minor, 16) {
        Some((_, minor, "")) => minor,
        None if minor.is_empty() => 0,
        _ => return None,
    };
    let fits = major < 1 << 16 && minor < 1 << 16;
    u32::try_from(major << 16 | minor).ok().filter(|_| fits)
}

/// Which qdiscs a listing shows.
#[derive(Default)]
struct Filter {
    parent: u32,
    handle: u32,
}

impl Filter {
    fn check(&self, word: &str) -> Result<(), Failure> {
        match (self.parent, self.handle) {
            (0, 0) => Ok(()),
            (0, _) => Err(invalid("handle is already specified", word)),
            _ => Err(invalid("parent is already specified", word)),
        }
    }
}

fn list(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let mut filter = Filter::default();
    let mut dev = None;
    while let Some(word) = args.take() {
        match word {
            "dev" => dev = Some(args.required()?),
            "root" => {
                filter.check(word)?;
                filter.parent = ROOT;
            }
            "ingress" | "clsact" => {
                filter.check(word)?;
                // No device has one.
                filter.parent = 0xffff_fff1;
            }
            word if matches(word, "parent") => {
                filter.check(word)?;
                let text = args.required()?;
                filter.parent = class(text).ok_or_else(|| invalid("invalid parent ID", text))?;
            }
            word if matches(word, "handle") => {
                filter.check(word)?;
                let text = args.required()?;
                filter.handle = handle(text).ok_or_else(|| invalid("invalid handle ID", text))?;
            }
            word if matches(word, "help") => return Err(usage(255)),
            "invisible" => {}
            word => {
                let text = format_args!("What is \"{word}\"? Try \"tc qdisc help\".");
                return Err(Failure::line(255, text));
            }
        }
    }
    let only = dev.map(|name| device(call, name)).transpose()?;
    let mut out = options.printer();
    for info in call.world.qdiscs(call.netns) {
        let shown = only.is_none_or(|index| index == info.ifindex)
            && (filter.handle == 0 || filter.handle == info.handle)
            && (filter.parent == 0 || filter.parent == info.parent);
        if shown {
            show::print(&mut out, options, &info, only.is_none());
        }
    }
    call.console.out(out.finish());
    Ok(Outcome::Exit(0))
}
