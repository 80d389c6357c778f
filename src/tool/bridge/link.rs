//! `bridge link`: ports as the kernel has them, and their settings.
//! What the kernel makes of a value is not decided here.

use crate::device::bridge::PortState;
use crate::kernel::BridgeSide;
use crate::kernel::netlink::{BridgePortInfo, BridgePortOptions, LinkFlags, LinkInfo};
use crate::tool::ip::args::{Args, matches};
use crate::tool::ip::link::show::print_flags;
use crate::tool::ip::options::Options;
use crate::tool::print::{Color, Printer};
use crate::tool::{Call, Failure, Outcome};

use super::{answered, atoi, failed, help, ifindex, ifname, only_device, unknown_command};

/// Runs `bridge link`.
pub(super) fn run(
    call: &mut Call<'_>,
    options: &Options,
    words: &[&str],
) -> Result<Outcome, Failure> {
    let Some((word, rest)) = words.split_first() else {
        return show(call, options, &[]);
    };
    let is = |full| matches(word, full);
    if is("set") || is("change") {
        set(call, rest)
    } else if is("show") || is("lst") || is("list") {
        show(call, options, rest)
    } else if is("help") {
        Err(help::link())
    } else {
        Err(unknown_command(word, "link"))
    }
}

fn show(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let dev = only_device(words)?;
    let wanted = match dev {
        None => None,
        Some(name) => match ifindex(call, name) {
            Some(index) => Some(index),
            None => return Ok(failed(call, format_args!("Cannot find device \"{name}\""))),
        },
    };
    let mut out = options.printer();
    let links = call.world.links(call.netns);
    for link in &links {
        if wanted.is_none_or(|wanted| wanted == link.ifindex) {
            print(call, &mut out, options, link, &links);
        }
    }
    call.console.out(out.finish());
    Ok(Outcome::Exit(0))
}

/// Prints a device that is a port (`print_linkinfo`).
fn print(
    call: &Call<'_>,
    out: &mut Printer,
    options: &Options,
    link: &LinkInfo,
    links: &[LinkInfo],
) {
    let Some(port) = &link.bridge_port else {
        return;
    };
    out.open_object(None);
    out.any("ifindex", link.ifindex, format_args!("{}: ", link.ifindex));
    let peer_down = print_name(call, out, link, links);
    print_flags(out, link.flags, peer_down);
    out.number("mtu", "mtu", link.mtu);
    if let Some(master) = link.master {
        let master = ifname(call, master);
        out.any("master", &master, format_args!("master {master} "));
    }
    print_port(call, out, options, port);
    out.word("\n");
    out.close_object();
}

/// `va@vb: `. The peer's number is looked up in this namespace, wherever the peer is, and is
/// left out where it is the port's own. Gives whether the device found is down.
fn print_name(call: &Call<'_>, out: &mut Printer, link: &LinkInfo, links: &[LinkInfo]) -> bool {
    let name = link.name.to_string();
    let Some(below) = link
        .link
        .filter(|below| *below != link.ifindex && *below != 0)
    else {
        out.painted(Color::Ifname, "ifname", &name, format_args!("{name}: "));
        return false;
    };
    let found = links.iter().find(|other| other.ifindex == below);
    let other = ifname(call, below);
    out.json_only("link", &other);
    out.painted(
        Color::Ifname,
        "ifname",
        &name,
        format_args!("{name}@{other}: "),
    );
    found.is_some_and(|found| !found.flags.has(LinkFlags::UP))
}

/// The settings of a port (`print_protinfo`).
fn print_port(call: &Call<'_>, out: &mut Printer, options: &Options, port: &BridgePortInfo) {
    match PortState::from_number(port.state) {
        Some(state) => {
            out.any(
                "state",
                state.name(),
                format_args!("state {} ", state.name()),
            );
        }
        None => out.any("state", port.state, format_args!("state ({}) ", port.state)),
    }
    out.number("priority", "priority", port.priority);
    out.number("cost", "cost", port.cost);
    if options.details == 0 {
        return;
    }
    out.line_break();
    out.word("    ");
    for (key, on) in [
        ("hairpin", port.hairpin),
        ("guard", port.guard),
        ("root_block", port.root_block),
        ("fastleave", port.fastleave),
        ("learning", port.learning),
        ("flood", port.flood),
        ("mcast_flood", port.mcast_flood),
        ("bcast_flood", port.bcast_flood),
    ] {
        out.on_off(key, on);
    }
    out.number("mcast_router", "mcast_router", port.mcast_router);
    out.on_off("mcast_to_unicast", port.mcast_to_unicast);
    out.on_off("neigh_suppress", port.neigh_suppress);
    out.on_off("vlan_tunnel", port.vlan_tunnel);
    if let Some(backup) = port.backup_port {
        let backup = ifname(call, backup);
        out.any(
            "backup_port",
            &backup,
            format_args!("backup_port {backup} "),
        );
    }
    out.on_off("isolated", port.isolated);
    out.on_off("locked", port.locked);
}

type Switch = fn(&mut BridgePortOptions) -> &mut Option<bool>;

/// The settings that are on or off. The kernel takes `learning_sync` and does nothing with it.
const SWITCHES: &[(&str, Switch)] = &[
    ("guard", |o| &mut o.guard),
    ("hairpin", |o| &mut o.hairpin),
    ("fastleave", |o| &mut o.fastleave),
    ("root_block", |o| &mut o.root_block),
    ("learning", |o| &mut o.learning),
    ("flood", |o| &mut o.flood),
    ("mcast_flood", |o| &mut o.mcast_flood),
    ("bcast_flood", |o| &mut o.bcast_flood),
    ("mcast_to_unicast", |o| &mut o.mcast_to_unicast),
    ("neigh_suppress", |o| &mut o.neigh_suppress),
    ("vlan_tunnel", |o| &mut o.vlan_tunnel),
    ("isolated", |o| &mut o.isolated),
    ("locked", |o| &mut o.locked),
];

/// What `bridge link set` asks for.
#[derive(Default)]
struct Asked<'a> {
    dev: Option<&'a str>,
    side: BridgeSide,
    hwmode: bool,
    port: BridgePortOptions,
}

fn set(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let mut asked = Asked::default();
    while let Some(word) = args.take() {
        let step = match word {
            "dev" => {
                asked.dev = Some(args.required()?);
                Ok(())
            }
            "backup_port" => {
                let name = args.required()?;
                asked.port.backup_port = ifindex(call, name);
                match asked.port.backup_port {
                    Some(_) => Ok(()),
                    None => Err((255, format!("Error: device {name} does not exist"))),
                }
            }
            word => setting(word, &mut args, &mut asked)?,
        };
        if let Err((status, text)) = step {
            call.console.err(format!("{text}\n"));
            return Ok(Outcome::Exit(status));
        }
    }
    let Some(dev) = asked.dev else {
        return Ok(failed(call, "Device is a required argument."));
    };
    let Some(index) = ifindex(call, dev) else {
        return Ok(failed(
            call,
            format_args!("Cannot find bridge device \"{dev}\""),
        ));
    };
    let netns = call.netns;
    let done = match asked.hwmode && !asked.side.master {
        // No device here has a hardware bridge whose mode could be set.
        true => Err(crate::units::Errno::Eopnotsupp.into()),
        false => call
            .world
            .bridge_setlink(netns, index, asked.side, &asked.port),
    };
    Ok(answered(call, done))
}

type Step = Result<(), (i32, String)>;

/// One setting. The inner error ends the command, but not a batch.
fn setting(word: &str, args: &mut Args<'_>, asked: &mut Asked<'_>) -> Result<Step, Failure> {
    if let Some((name, place)) = SWITCHES.iter().find(|(name, _)| *name == word) {
        return on_off(name, args.required()?, |on| {
            *place(&mut asked.port) = Some(on)
        });
    }
    match word {
        "learning_sync" => return on_off(word, args.required()?, |_| {}),
        "mcast_router" => {
            let router = atoi(args.required()?) as i8;
            asked.port.mcast_router = u8::try_from(router).ok();
        }
        "cost" => {
            let cost = atoi(args.required()?) as u32;
            asked.port.cost = Some(cost).filter(|cost| *cost > 0);
        }
        "priority" => {
            let priority = atoi(args.required()?) as i16;
            asked.port.priority = u16::try_from(priority).ok();
        }
        "state" => return Ok(state(args.required()?, asked)),
        "hwmode" => {
            asked.side.own = true;
            asked.hwmode = true;
            if !matches!(args.required()?, "vepa" | "veb") {
                let text = "Mode argument must be \"vepa\" or \"veb\".";
                return Ok(Err((255, text.to_owned())));
            }
        }
        "self" => asked.side.own = true,
        "master" => asked.side.master = true,
        "nobackup_port" => asked.port.backup_port = Some(0),
        _ => return Err(help::link()),
    }
    Ok(Ok(()))
}

/// A state by its number, or else by its whole name.
fn state(word: &str, asked: &mut Asked<'_>) -> Step {
    let number = crate::tool::number::strtoull(word, 10).filter(|(_, _, rest)| rest.is_empty());
    let named = (0..=4)
        .find(|state| PortState::from_number(*state).is_some_and(|state| state.name() == word));
    asked.port.state = match (number, named) {
        (Some(_), _) => u8::try_from(atoi(word) as i8).ok(),
        (None, Some(state)) => Some(state),
        (None, None) => return Err((255, "Error: invalid STP port state".to_owned())),
    };
    Ok(())
}

/// `parse_on_off`; its status is the low byte of -EINVAL.
fn on_off(key: &str, word: &str, put: impl FnOnce(bool)) -> Result<Step, Failure> {
    let on = match word {
        word if matches(word, "off") => false,
        word if matches(word, "on") => true,
        word => {
            let text = format!(
                "Error: argument of \"{key}\" must be one of \"off\", \"on\", not \"{word}\""
            );
            return Ok(Err((234, text)));
        }
    };
    put(on);
    Ok(Ok(()))
}
