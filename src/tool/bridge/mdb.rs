//! `bridge mdb`: the groups of bridges, and memberships by hand.
//! How groups are learned is the bridge's own.

use std::net::IpAddr;

use crate::device::bridge::{Group, GroupKey};
use crate::kernel::netlink::{MdbInfo, MdbRequest, MdbRouterInfo};
use crate::tool::ip::args::{Args, duplicate, matches};
use crate::tool::ip::options::Options;
use crate::tool::print::{Color, Printer};
use crate::tool::{Call, Failure, Outcome};
use crate::units::{IfIndex, MacAddr};

use super::{answered, atoi, failed, help, ifindex, ifname, unknown_command};

/// Runs `bridge mdb`.
pub(super) fn run(
    call: &mut Call<'_>,
    options: &Options,
    words: &[&str],
) -> Result<Outcome, Failure> {
    let Some((word, rest)) = words.split_first() else {
        return show(call, options, &[]);
    };
    let is = |full| matches(word, full);
    if is("add") {
        modify(call, rest, true)
    } else if is("delete") {
        modify(call, rest, false)
    } else if is("show") || is("lst") || is("list") {
        show(call, options, rest)
    } else if is("help") {
        Err(help::mdb())
    } else {
        Err(unknown_command(word, "mdb"))
    }
}

fn show(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let (mut dev, mut vid) = (None, 0);
    while let Some(word) = args.take() {
        match word {
            "dev" if dev.is_some() => return Err(duplicate("dev", args.required()?)),
            "vid" if vid != 0 => return Err(duplicate("vid", args.required()?)),
            "dev" => dev = Some(args.required()?),
            "vid" => vid = atoi(args.required()?),
            _ => {}
        }
    }
    let wanted = match dev {
        None => None,
        Some(name) => match ifindex(call, name) {
            Some(index) => Some(index),
            None => return Ok(failed(call, format_args!("Cannot find device \"{name}\""))),
        },
    };
    let seen = |bridge: IfIndex| wanted.is_none_or(|wanted| wanted == bridge);
    let mut out = options.printer();
    out.open_object(None);
    out.open_array(Some("mdb"));
    for entry in call.world.mdb_dump(call.netns) {
        if seen(entry.bridge) && (vid == 0 || vid == i32::from(entry.key.vid)) {
            print(call, &mut out, options, &entry);
        }
    }
    out.close_array();
    out.open_object(Some("router"));
    if options.details > 0 {
        let routers = call.world.mdb_routers(call.netns);
        let routers: Vec<_> = routers
            .into_iter()
            .filter(|router| seen(router.bridge))
            .collect();
        for bridge in routers.chunk_by(|a, b| a.bridge == b.bridge) {
            print_routers(call, &mut out, options, bridge);
        }
    }
    out.close_object();
    out.close_object();
    call.console.out(out.finish());
    Ok(Outcome::Exit(0))
}

/// Hundredths of a second, to four places in front (`format_timer`).
fn timer(hundredths: u64) -> String {
    format!("{:4}.{:02}", hundredths / 100, hundredths % 100)
}

/// One membership (`print_mdb_entry`).
fn print(call: &Call<'_>, out: &mut Printer, options: &Options, entry: &MdbInfo) {
    let (dev, port) = (ifname(call, entry.bridge), ifname(call, entry.port));
    out.open_object(None);
    out.json_only("index", entry.bridge);
    out.painted(Color::Ifname, "dev", &dev, format_args!("dev {dev}"));
    out.any("port", &port, format_args!(" port {port}"));
    let (color, group) = match entry.key.group {
        Group::V4(group) => (Color::Inet, group.to_string()),
        Group::V6(group) => (Color::Inet6, group.to_string()),
        Group::Mac(group) => (Color::Plain, group.to_string()),
    };
    out.painted(color, "grp", &group, format_args!(" grp {group}"));
    if let Some(source) = entry.key.source {
        out.painted(color, "src", source, format_args!(" src {source}"));
    }
    let state = if entry.permanent { "permanent" } else { "temp" };
    out.any("state", state, format_args!(" {state}"));
    if let Some(by_user) = entry.by_user.filter(|_| options.details > 0) {
        let protocol = if by_user { "static" } else { "kernel" };
        out.any("protocol", protocol, format_args!(" proto {protocol} "));
    }
    out.open_array(Some("flags"));
    out.close_array();
    if entry.key.vid != 0 {
        out.any("vid", entry.key.vid, format_args!(" vid {}", entry.key.vid));
    }
    if options.stats > 0 {
        let left = timer(entry.timer);
        out.any("timer", &left, format_args!(" {left}"));
    }
    out.line_break();
    out.close_object();
}

/// The ports of one bridge behind which routers are (`br_print_router_ports`).
fn print_routers(call: &Call<'_>, out: &mut Printer, options: &Options, routers: &[MdbRouterInfo]) {
    let Some(first) = routers.first() else {
        return;
    };
    let bridge = ifname(call, first.bridge);
    out.open_array(Some(&bridge));
    if options.stats == 0 {
        out.fp(format_args!("router ports on {bridge}: "));
    }
    for router in routers {
        let port = ifname(call, router.port);
        out.open_object(None);
        out.json_only("port", &port);
        if options.stats > 0 {
            let (left, kind) = (
                timer(router.timer),
                if router.timer == 0 {
                    "permanent"
                } else {
                    "temp"
                },
            );
            out.fp(format_args!("router ports on {bridge}: {port}"));
            out.any("timer", &left, format_args!(" {left}"));
            out.any("type", kind, format_args!(" {kind}"));
            out.word("\n");
        } else {
            out.fp(format_args!("{port} "));
        }
        out.close_object();
    }
    if options.stats == 0 {
        out.line_break();
    }
    out.close_array();
}

fn modify(call: &mut Call<'_>, words: &[&str], add: bool) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let (mut dev, mut port, mut group, mut source) = (None, None, None, None);
    let (mut permanent, mut vid) = (false, 0);
    while let Some(word) = args.take() {
        match word {
            "dev" => dev = Some(args.required()?),
            "grp" => group = Some(args.required()?),
            "port" => port = Some(args.required()?),
            "permanent" => permanent = add,
            "temp" => {}
            "vid" => vid = atoi(args.required()?) as u16,
            "src" => source = Some(args.required()?),
            word if matches(word, "help") => return Err(help::mdb()),
            _ => {}
        }
    }
    let (Some(dev), Some(group), Some(port)) = (dev, group, port) else {
        let text = "Device, group address and port name are required arguments.";
        return Ok(failed(call, text));
    };
    let mut numbers = [0; 2];
    for (number, name) in numbers.iter_mut().zip([dev, port]) {
        match ifindex(call, name) {
            Some(index) => *number = index,
            None => return Ok(failed(call, format_args!("Cannot find device \"{name}\""))),
        }
    }
    let Some(group) = parse_group(call, group) else {
        return Ok(failed(call, format_args!("Invalid address \"{group}\"")));
    };
    let source: Option<IpAddr> = match source.map(|text| (text, text.parse())) {
        None => None,
        Some((_, Ok(source))) => Some(source),
        Some((text, Err(_))) => {
            return Ok(failed(
                call,
                format_args!("Invalid source address \"{text}\""),
            ));
        }
    };
    let [bridge, port] = numbers;
    let request = MdbRequest {
        bridge,
        port,
        key: GroupKey { group, source, vid },
        permanent,
    };
    let netns = call.netns;
    let done = match add {
        true => call.world.mdb_add(netns, &request),
        false => call.world.mdb_del(netns, &request),
    };
    Ok(answered(call, done))
}

/// An address of IPv4, of IPv6 or of six bytes; about bytes that are none iproute2 complains twice.
fn parse_group(call: &mut Call<'_>, text: &str) -> Option<Group> {
    match text.parse() {
        Ok(IpAddr::V4(group)) => return Some(Group::V4(group)),
        Ok(IpAddr::V6(group)) => return Some(Group::V6(group)),
        Err(_) => {}
    }
    let odd = |byte: &str| crate::tool::number::strtoull(byte, 16).is_none();
    if let Some(byte) = text.split(':').find(|byte| odd(byte)) {
        call.console.err(format!("\"{byte}\" is invalid lladdr.\n"));
    }
    text.parse::<MacAddr>().ok().map(Group::Mac)
}
