//! `bridge vlan`: VLANs of bridges and ports, and the networks of tunnels that they are mapped to. While no
//! bridge knows of VLANs they are as on a kernel without VLAN filtering. Settings are in `vlan_set`.

use crate::kernel::BridgeSide;
use crate::kernel::netlink::BridgeVlanRequest;
use crate::tool::ip::args::{Args, duplicate, invalid, matches};
use crate::tool::ip::options::Options;
use crate::tool::number::u32_in;
use crate::tool::{Call, Failure, Outcome};
use crate::units::Errno;

use super::{
    answered, atoi, failed, help, ifindex, ifname, unknown_command, vlan_print, vlan_print_global,
    vlan_set,
};

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
        vlan_set::set(call, rest)
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

/// Prints one of the tables. A kernel without VLANs does not answer where details or global settings are asked for.
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
    if !options.json {
        call.console.out(header);
    }
    let vid = u16::try_from(vid.unwrap_or(0)).unwrap_or(u16::MAX);
    let form = vlan_print::Form { options, vid };
    let mut out = options.printer();
    let only = dev.and_then(|dev| ifindex(call, dev));
    let wanted = |ifindex: u32| only.is_none_or(|only| only == ifindex);
    if table == Table::Global {
        for info in call.world.bridge_vlan_globals(call.netns) {
            if wanted(info.ifindex) {
                let name = ifname(call, info.ifindex);
                vlan_print_global::print(&mut out, vid, &name, &info.vlans);
            }
        }
    }
    let shown = known
        .iter()
        .filter(|info| table != Table::Global && wanted(info.ifindex));
    for info in shown {
        let name = ifname(call, info.ifindex);
        match table {
            Table::Tunnels => vlan_print::print_tunnels(&mut out, &form, &name, info),
            Table::Vlans | Table::Global => vlan_print::print(&mut out, &form, &name, info),
        }
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
    tunnel: Option<(u32, Option<u32>)>,
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
            "tunnel_info" => asked.tunnel = Some(tunnel(&mut args)?),
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
    let request = BridgeVlanRequest {
        link: index,
        side: asked.side,
        vids: (vid as u16, asked.end.map_or(vid as u16, |end| end as u16)),
        pvid: asked.pvid,
        untagged: asked.untagged,
        tunnel: asked.tunnel,
        add,
    };
    let done = call.world.bridge_vlan(netns, &request);
    Ok(answered(call, done))
}

/// `10` or `10-20`.
pub(super) fn range(word: &str) -> (Option<i16>, Option<i16>) {
    match word.split_once('-') {
        Some((start, end)) => (Some(atoi(start) as i16), Some(atoi(end) as i16)),
        None => (Some(atoi(word) as i16), None),
    }
}

pub(super) fn wrong_vid(vid: i16, end: Option<i16>) -> Option<String> {
    if vid >= 4096 {
        return Some(format!("Invalid VLAN ID \"{vid}\""));
    }
    let end = end?;
    let wrong = end == -1 || end >= 4096 || vid >= end;
    wrong.then(|| format!("Invalid VLAN range \"{}-{}\"", vid as u16, end as u16))
}

/// `tunnel_info id N` or `N-M`.
fn tunnel(args: &mut Args<'_>) -> Result<(u32, Option<u32>), Failure> {
    let word = args.required()?;
    if !matches(word, "id") {
        return Err(invalid("tunnel id expected", word));
    }
    let value = args.required()?;
    let id = |text| {
        let id = u32_in(text, 0).filter(|id| *id < 1 << 24);
        id.ok_or_else(|| invalid("invalid tun id", text))
    };
    match value.split_once('-') {
        Some((first, last)) => Ok((id(first)?, Some(id(last)?))),
        None => Ok((id(value)?, None)),
    }
}

/// `bridge vlan global`.
fn global(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    match words.split_first() {
        None => show(call, options, &[], Table::Global),
        Some((&("show" | "lst" | "list"), rest)) => show(call, options, rest, Table::Global),
        Some((&"set", rest)) => vlan_set::global(call, rest),
        Some(_) => Err(help::vlan()),
    }
}
