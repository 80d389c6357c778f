//! `bridge vlan` and `bridge vni`: VLANs of bridges and ports. While no bridge knows of VLANs they are as on
//! a kernel without VLAN filtering. Settings of single VLANs, and tunnels, are not simulated.

use crate::kernel::BridgeSide;
use crate::kernel::netlink::{BridgeVlanRequest, LinkKindInfo};
use crate::tool::ip::args::{Args, duplicate, invalid, matches};
use crate::tool::ip::options::Options;
use crate::tool::number::u32_in;
use crate::tool::{Call, Failure, Outcome};
use crate::units::Errno;

use super::{answered, atoi, failed, help, ifindex, unknown_command, vlan_print};

/// The settings of `bridge vlan global set`.
pub(super) const GLOBAL: &[&str] = &[
    "mcast_snooping",
    "mcast_querier",
    "mcast_igmp_version",
    "mcast_mld_version",
    "mcast_last_member_count",
    "mcast_last_member_interval",
    "mcast_startup_query_count",
    "mcast_startup_query_interval",
    "mcast_membership_interval",
    "mcast_querier_interval",
    "mcast_query_interval",
    "mcast_query_response_interval",
];

/// Runs `bridge vlan`.
pub(super) fn run(
    call: &mut Call<'_>,
    options: &Options,
    words: &[&str],
) -> Result<Outcome, Failure> {
    let Some((word, rest)) = words.split_first() else {
        return show(call, options, &[], Table::Vlans);
    };
    let is = |full| matches(word, full);
    if is("add") {
        modify(call, rest, true)
    } else if is("delete") {
        modify(call, rest, false)
    } else if is("show") || is("lst") || is("list") {
        show(call, options, rest, Table::Vlans)
    } else if is("tunnelshow") {
        show(call, options, rest, Table::Tunnels)
    } else if is("set") {
        set(call, rest)
    } else if *word == "global" {
        global(call, options, rest)
    } else if is("help") {
        Err(help::vlan())
    } else {
        Err(unknown_command(word, "vlan"))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Vlans,
    Tunnels,
    Global,
}

/// Prints a table of no rows. With details, and of global settings, the kernel is asked in
/// a way that it does not answer.
fn show(
    call: &mut Call<'_>,
    options: &Options,
    words: &[&str],
    table: Table,
) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let (mut dev, mut vid) = (None, None);
    while let Some(word) = args.take() {
        match word {
            "dev" if dev.is_some() => return Err(duplicate("dev", args.required()?)),
            "vid" if vid.is_some_and(|vid| vid != 0) => {
                return Err(duplicate("vid", args.required()?));
            }
            "dev" => dev = Some(args.required()?),
            "vid" => vid = Some(atoi(args.required()?)),
            _ => {}
        }
    }
    if let Some(name) = dev
        && ifindex(call, name).is_none()
    {
        return Ok(failed(call, format_args!("Cannot find device \"{name}\"")));
    }
    let header = match table {
        Table::Tunnels => format!("{:<16}  {:<9}  tunnel-id\n", "port", "vlan-id"),
        // With statistics the columns that would follow break the line.
        Table::Vlans if options.stats > 0 && options.details == 0 => {
            "port              vlan-id\n".to_owned()
        }
        Table::Vlans | Table::Global => format!("{:<16}  {:<9}\n", "port", "vlan-id"),
    };
    let known = call.world.bridge_vlans(call.netns);
    let unanswered = table == Table::Global || table == Table::Vlans && options.details > 0;
    if unanswered && known.is_empty() {
        call.console.err(format!(
            "RTNETLINK answers: {}\nDump terminated\n",
            Errno::Eopnotsupp
        ));
        call.console
            .out(if options.json { "[".to_owned() } else { header });
        return Ok(Outcome::Exit(1));
    }
    if table == Table::Global {
        return Err(Failure::not_simulated("bridge vlan global"));
    }
    if !options.json {
        call.console.out(header);
    }
    let vid = u16::try_from(vid.unwrap_or(0)).unwrap_or(u16::MAX);
    let form = vlan_print::Form { options, vid };
    let mut out = options.printer();
    let only = dev.and_then(|dev| ifindex(call, dev));
    let shown = known
        .iter()
        .filter(|info| table == Table::Vlans && only.is_none_or(|only| only == info.ifindex));
    for info in shown {
        let name = call.world.ifname(call.netns, info.ifindex);
        let name = name.map_or_else(|| format!("if{}", info.ifindex), |name| name.to_string());
        vlan_print::print(&mut out, &form, &name, info);
    }
    call.console.out(out.finish());
    Ok(Outcome::Exit(0))
}

/// What `add` and `del` are told.
#[derive(Default)]
struct Asked<'a> {
    dev: Option<&'a str>,
    vid: Option<i16>,
    end: Option<i16>,
    pvid: bool,
    untagged: bool,
    tunnel: bool,
    side: BridgeSide,
}

fn modify(call: &mut Call<'_>, words: &[&str], add: bool) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let mut asked = Asked::default();
    while let Some(word) = args.take() {
        match word {
            "dev" => asked.dev = Some(args.required()?),
            "vid" => (asked.vid, asked.end) = range(args.required()?),
            "self" => asked.side.own = true,
            "master" => asked.side.master = true,
            "pvid" => asked.pvid = true,
            "untagged" => asked.untagged = true,
            "tunnel_info" => asked.tunnel = tunnel(&mut args)?,
            word if matches(word, "help") => {
                args.required()?;
            }
            _ => {}
        }
    }
    let (Some(dev), Some(vid)) = (asked.dev, asked.vid.filter(|vid| *vid != -1)) else {
        return Ok(failed(call, "Device and VLAN ID are required arguments."));
    };
    let Some(index) = ifindex(call, dev) else {
        return Ok(failed(
            call,
            format_args!("Cannot find bridge device \"{dev}\""),
        ));
    };
    if let Some(wrong) = wrong_vid(vid, asked.end) {
        return Ok(failed(call, wrong));
    }
    if asked.end.is_some() && asked.pvid {
        return Ok(failed(call, "pvid cannot be configured for a vlan range"));
    }
    let netns = call.netns;
    let done = match asked.tunnel {
        true => Err(Errno::Einval.into()),
        false => call.world.bridge_vlan(
            netns,
            &BridgeVlanRequest {
                link: index,
                side: asked.side,
                vids: (vid as u16, asked.end.map_or(vid as u16, |end| end as u16)),
                pvid: asked.pvid,
                untagged: asked.untagged,
                add,
            },
        ),
    };
    Ok(answered(call, done))
}

/// `10` or `10-20`.
fn range(word: &str) -> (Option<i16>, Option<i16>) {
    match word.split_once('-') {
        Some((start, end)) => (Some(atoi(start) as i16), Some(atoi(end) as i16)),
        None => (Some(atoi(word) as i16), None),
    }
}

fn wrong_vid(vid: i16, end: Option<i16>) -> Option<String> {
    if vid >= 4096 {
        return Some(format!("Invalid VLAN ID \"{vid}\""));
    }
    let end = end?;
    let wrong = end == -1 || end >= 4096 || vid >= end;
    wrong.then(|| format!("Invalid VLAN range \"{}-{}\"", vid as u16, end as u16))
}

/// `tunnel_info id N` or `N-M`; gives true.
fn tunnel(args: &mut Args<'_>) -> Result<bool, Failure> {
    let word = args.required()?;
    if !matches(word, "id") {
        return Err(invalid("tunnel id expected", word));
    }
    let value = args.required()?;
    for id in value.split('-').take(2) {
        if u32_in(id, 0).is_none_or(|id| id >= 1 << 24) {
            return Err(invalid("invalid tun id", id));
        }
    }
    Ok(true)
}

/// `bridge vlan set`.
fn set(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let (mut dev, mut vid) = (None, None);
    while let Some(word) = args.take() {
        match word {
            "dev" | "vid" => {
                if let Some(wrong) = place(call, word, args.required()?, &mut dev, &mut vid) {
                    return Ok(failed(call, wrong));
                }
            }
            "state" => {
                let state = args.required()?;
                let states = [
                    "disabled",
                    "listening",
                    "learning",
                    "forwarding",
                    "blocking",
                ];
                if !states.contains(&state) && u32_in(state, 10).is_none() {
                    return Ok(failed(call, "Error: invalid STP state"));
                }
            }
            "mcast_router" => {
                let value = args.required()?;
                if u32_in(value, 0).is_none_or(|router| router > 255) {
                    return Err(invalid("invalid mcast_router", value));
                }
            }
            word if matches(word, "help") => {
                args.required()?;
            }
            _ => {}
        }
    }
    Ok(unanswered(call, dev, vid))
}

/// The device and the VLAN of the settings of a VLAN; what is wrong with them.
fn place<'a>(
    call: &Call<'_>,
    key: &str,
    value: &'a str,
    dev: &mut Option<&'a str>,
    vid: &mut Option<i16>,
) -> Option<String> {
    if key == "dev" {
        *dev = Some(value);
        return ifindex(call, value)
            .is_none()
            .then(|| format!("Cannot find network device \"{value}\""));
    }
    let (start, end) = range(value);
    *vid = start;
    wrong_vid(start.unwrap_or(0), end)
}

fn unanswered(call: &mut Call<'_>, dev: Option<&str>, vid: Option<i16>) -> Outcome {
    match (dev, vid) {
        (Some(_), Some(_)) => answered(call, Err(Errno::Eopnotsupp.into())),
        _ => failed(call, "Device and VLAN ID are required arguments."),
    }
}

/// `bridge vlan global`.
fn global(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    match words.split_first() {
        None => show(call, options, &[], Table::Global),
        Some((&("show" | "lst" | "list"), rest)) => show(call, options, rest, Table::Global),
        Some((&"set", rest)) => global_set(call, rest),
        Some(_) => Err(help::vlan()),
    }
}

fn global_set(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let (mut dev, mut vid) = (None, None);
    while let Some(word) = args.take() {
        match word {
            "dev" | "vid" => {
                if let Some(wrong) = place(call, word, args.required()?, &mut dev, &mut vid) {
                    return Ok(failed(call, wrong));
                }
            }
            word if GLOBAL.contains(&word) => {
                let value = args.required()?;
                if crate::tool::number::u64_in(value, 0).is_none() {
                    return Err(invalid(format_args!("invalid {word}"), value));
                }
            }
            "help" => {
                args.required()?;
            }
            _ => {}
        }
    }
    Ok(unanswered(call, dev, vid))
}

fn vni_modify(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let named = words.iter().position(|word| *word == "dev");
    let Some(dev) = named.and_then(|at| words.get(at + 1)) else {
        return Ok(failed(call, "Device and VNI ID are required arguments."));
    };
    let link = crate::kernel::netlink::LinkRef::Name((*dev).to_owned());
    let kind = call
        .world
        .link(call.netns, &link)
        .ok()
        .and_then(|link| link.kind);
    match kind {
        Some(LinkKindInfo::Vxlan(_)) => {
            Err(Failure::not_simulated("a vxlan device that filters VNIs"))
        }
        Some(_) => Ok(failed(
            call,
            "Error: vxlan: The device is not a vxlan device.",
        )),
        None => Ok(failed(
            call,
            format_args!("Cannot find bridge device \"{dev}\""),
        )),
    }
}

/// Runs `bridge vni`: no device here filters VNIs.
pub(super) fn run_vni(
    call: &mut Call<'_>,
    options: &Options,
    words: &[&str],
) -> Result<Outcome, Failure> {
    let word = words.first().copied().unwrap_or("show");
    let is = |full| matches(word, full);
    if is("add") || is("delete") {
        return vni_modify(call, words.get(1..).unwrap_or_default());
    }
    if is("help") {
        return Err(help::vni());
    }
    if !(is("show") || is("lst") || is("list")) {
        return Err(unknown_command(word, "vni"));
    }
    let empty = options.printer().finish();
    let header = format!("{:<16}  {:<15}  {:<15}\n", "dev", "vni", "group/remote");
    call.console.out(if options.json { empty } else { header });
    Ok(Outcome::Exit(0))
}
