//! `/sys/class/net`: the attributes of devices (net-sysfs.c). Those of bridges and their ports are in `port`.
//! Queues and power management are not simulated.

use std::collections::BTreeMap;

use super::{Entry, Fault, Node, port};
use crate::kernel::netlink::{
    LinkChange, LinkFlags, LinkInfo, LinkKindInfo, LinkRef, LinkStats, OperState,
};
use crate::netns::sysctl::integer;
use crate::program::Console;
use crate::tool::{self, Call, NoFiles, Outcome, ethtool};
use crate::units::Errno;

/// A file that can be written.
const WRITABLE: &str = "-rw-r--r--";
/// A file that can only be read.
const READABLE: &str = "-r--r--r--";
/// The size of an attribute, as `ls` shows it.
const SIZE: u32 = 4096;

/// What stands below `/sys/class/net`.
pub(super) fn look(call: &mut Call<'_>, parts: &[&str]) -> Result<Node, Fault> {
    let links = call.world.links(call.netns);
    let Some((name, rest)) = parts.split_first() else {
        let entry = |link: &LinkInfo| {
            let name = link.name.to_string();
            (
                name.clone(),
                Entry::Link(format!("../../devices/virtual/net/{name}")),
            )
        };
        return Ok(Node::Directory(links.iter().map(entry).collect()));
    };
    let link = links.iter().find(|link| link.name.as_str() == *name);
    device(call, &links, link.ok_or(Errno::Enoent)?, rest)
}

/// The devices above and below one in its namespace, by the names of their links.
fn neighbours<'a>(links: &'a [LinkInfo], link: &LinkInfo) -> BTreeMap<String, &'a LinkInfo> {
    let mut named = BTreeMap::new();
    for other in links {
        if link.master == Some(other.ifindex) {
            named.insert("master".to_owned(), other);
        }
        if link.master == Some(other.ifindex) || is_below(link, other) {
            named.insert(format!("upper_{}", other.name), other);
        }
        if other.master == Some(link.ifindex) || is_below(other, link) {
            named.insert(format!("lower_{}", other.name), other);
        }
    }
    named
}

/// Whether a device sends through another one of its namespace.
fn is_below(below: &LinkInfo, above: &LinkInfo) -> bool {
    let stacked = matches!(
        above.kind,
        Some(LinkKindInfo::Vlan(_) | LinkKindInfo::Macvlan(_) | LinkKindInfo::Ipvlan(_))
    );
    stacked && above.link == Some(below.ifindex) && above.link_netnsid.is_none()
}

fn device(
    call: &mut Call<'_>,
    links: &[LinkInfo],
    link: &LinkInfo,
    parts: &[&str],
) -> Result<Node, Fault> {
    let near = neighbours(links, link);
    let bridge = match &link.kind {
        Some(LinkKindInfo::Bridge(info)) => Some(port::bridge(info)),
        _ => None,
    };
    let brport = link.bridge_port.as_ref().map(|info| port::port(info));
    let ports = || {
        links
            .iter()
            .filter(|port| port.master == Some(link.ifindex))
    };
    match *parts {
        [] => Ok(Node::Directory(directory(
            &near,
            link.rx_queues + link.tx_queues,
            bridge.is_some(),
            brport.is_some(),
        ))),
        ["statistics"] => {
            let entry = |(name, _)| (str::to_owned(name), Entry::File(READABLE, SIZE));
            Ok(Node::Directory(
                statistics(&link.stats).into_iter().map(entry).collect(),
            ))
        }
        ["statistics", name] => {
            let all = statistics(&link.stats);
            let found = all.iter().find(|(known, _)| *known == name);
            let (_, value) = found.ok_or(Errno::Enoent)?;
            Ok(Node::File(format!("{value}\n")))
        }
        ["bridge", ref rest @ ..] => attributes(bridge.ok_or(Errno::Enoent)?, rest),
        ["brif"] if bridge.is_some() => {
            let entry = |port: &LinkInfo| {
                (
                    port.name.to_string(),
                    Entry::Link(format!("../../{}/brport", port.name)),
                )
            };
            Ok(Node::Directory(ports().map(entry).collect()))
        }
        ["brif", name, ref rest @ ..] if bridge.is_some() => {
            let port = ports().find(|port| port.name.as_str() == name);
            let whole: Vec<&str> = ["brport"].iter().chain(rest).copied().collect();
            device(call, links, port.ok_or(Errno::Enoent)?, &whole)
        }
        ["brport", "bridge", ref rest @ ..] => {
            let master = near.get("master").ok_or(Errno::Enoent)?;
            device(call, links, master, rest)
        }
        ["brport"] => {
            let mut node = attributes(brport.ok_or(Errno::Enoent)?, &[])?;
            if let (Node::Directory(entries), Some(master)) = (&mut node, near.get("master")) {
                entries.insert(
                    "bridge".to_owned(),
                    Entry::Link(format!("../../{}", master.name)),
                );
            }
            Ok(node)
        }
        ["brport", ref rest @ ..] => attributes(brport.ok_or(Errno::Enoent)?, rest),
        ["queues" | "power" | "brforward", ..] => Err(Fault::NotSimulated),
        [name, ref rest @ ..] if near.contains_key(name) => device(call, links, near[name], rest),
        [name] => value(call, link, name).map(Node::File),
        _ => Err(Errno::Enoent.into()),
    }
}

/// Attributes with their modes, or one of them.
fn attributes(all: Vec<port::Attribute>, parts: &[&str]) -> Result<Node, Fault> {
    match parts {
        [] => {
            let entry = |one: &port::Attribute| (one.name.to_owned(), Entry::File(one.mode, SIZE));
            Ok(Node::Directory(all.iter().map(entry).collect()))
        }
        [name] => {
            let found = all.iter().find(|one| one.name == *name);
            match found.ok_or(Errno::Enoent)?.value.as_deref() {
                Some(value) => Ok(Node::File(value.to_owned())),
                None => Err(Errno::Eacces.into()),
            }
        }
        _ => Err(Errno::Enoent.into()),
    }
}

/// The attributes of a device, and whether each can be written.
const ATTRIBUTES: [(&str, bool); 28] = [
    ("addr_assign_type", false),
    ("addr_len", false),
    ("address", false),
    ("broadcast", false),
    ("carrier", true),
    ("carrier_changes", false),
    ("carrier_down_count", false),
    ("carrier_up_count", false),
    ("dev_id", false),
    ("dev_port", false),
    ("dormant", false),
    ("duplex", false),
    ("flags", true),
    ("gro_flush_timeout", true),
    ("ifalias", true),
    ("ifindex", false),
    ("iflink", false),
    ("link_mode", false),
    ("mtu", true),
    ("napi_defer_hard_irqs", true),
    ("netdev_group", true),
    ("operstate", false),
    ("proto_down", true),
    ("speed", false),
    ("testing", false),
    ("threaded", true),
    ("tx_queue_len", true),
    ("type", false),
];

fn directory(
    near: &BTreeMap<String, &LinkInfo>,
    queues: u32,
    bridge: bool,
    port: bool,
) -> BTreeMap<String, Entry> {
    let mut entries = BTreeMap::new();
    for (name, writable) in ATTRIBUTES {
        let mode = if writable { WRITABLE } else { READABLE };
        entries.insert(name.to_owned(), Entry::File(mode, SIZE));
    }
    entries.insert("name_assign_type".to_owned(), Entry::File(READABLE, SIZE));
    entries.insert("uevent".to_owned(), Entry::File(WRITABLE, SIZE));
    let mut directories = vec!["power", "queues", "statistics"];
    if bridge {
        directories.extend(["bridge", "brif"]);
        entries.insert("brforward".to_owned(), Entry::File(READABLE, 0));
    }
    if port {
        directories.push("brport");
    }
    for name in directories {
        let links = if name == "queues" { 2 + queues } else { 2 };
        entries.insert(name.to_owned(), Entry::Directory("drwxr-xr-x", links));
    }
    entries.insert(
        "subsystem".to_owned(),
        Entry::Link("../../../../class/net".to_owned()),
    );
    for (name, other) in near {
        entries.insert(name.clone(), Entry::Link(format!("../{}", other.name)));
    }
    entries
}

/// The text of an attribute.
fn value(call: &mut Call<'_>, link: &LinkInfo, name: &str) -> Result<String, Fault> {
    let up = link.flags.has(LinkFlags::UP);
    // What only a device that is up can tell (`netif_running`).
    let running = |is: bool| match up {
        true => Ok(u32::from(is).to_string()),
        false => Err(Errno::Einval),
    };
    let changes = link.stats.carrier_changes;
    let number = |number: u32| Ok(number.to_string());
    let text = match name {
        "addr_assign_type" => number(assigned(link)),
        "addr_len" => number(6),
        "address" => Ok(link.address.to_string()),
        "broadcast" => Ok(link.broadcast.to_string()),
        "carrier" => running(link.flags.has(LinkFlags::LOWER_UP)),
        "carrier_changes" => number(changes),
        "carrier_down_count" => number(changes.div_ceil(2)),
        "carrier_up_count" => number(changes / 2),
        "dev_id" => Ok("0x0".to_owned()),
        "dev_port" | "gro_flush_timeout" | "napi_defer_hard_irqs" | "threaded" => number(0),
        "dormant" => running(link.flags.has(LinkFlags::DORMANT)),
        "duplex" => speed(call, link).map(|(_, duplex)| duplex.to_owned()),
        "flags" => Ok(format!("{:#x}", own_flags(link))),
        "ifalias" => {
            let alias = link.alias.as_ref();
            return Ok(alias.map_or_else(String::new, |alias| format!("{alias}\n")));
        }
        "ifindex" => number(link.ifindex),
        "iflink" => number(link.link.unwrap_or(link.ifindex)),
        "link_mode" => number(u32::from(link.dormant_mode)),
        "mtu" => number(link.mtu),
        // Named by the kernel itself, or by the user.
        "name_assign_type" => number(if link.loopback { 2 } else { 3 }),
        "netdev_group" => number(link.group),
        "operstate" => Ok(state_name(link.operstate).to_owned()),
        "proto_down" => number(u32::from(link.protodown)),
        "speed" => speed(call, link).map(|(speed, _)| speed.to_string()),
        "testing" => running(link.operstate == OperState::Testing),
        "tx_queue_len" => number(link.txqlen),
        "type" => number(if link.loopback { 772 } else { 1 }),
        "uevent" => Ok(uevent(link)),
        _ => Err(Errno::Enoent),
    };
    Ok(text? + "\n")
}

/// `NET_ADDR_*`: permanent, random, or set by the user.
fn assigned(link: &LinkInfo) -> u32 {
    match link.permanent_address {
        _ if link.loopback => 0,
        Some(first) if first != link.address => 3,
        _ => 1,
    }
}

/// `dev->flags`: without what the operational state adds, with what others than the user want (`promiscuity`).
fn own_flags(link: &LinkInfo) -> u32 {
    let shown = LinkFlags::RUNNING | LinkFlags::LOWER_UP | LinkFlags::DORMANT;
    let mut flags = link.flags.0 & !shown;
    if link.promiscuity > 0 {
        flags |= LinkFlags::PROMISC;
    }
    if link.allmulti > 0 {
        flags |= LinkFlags::ALLMULTI;
    }
    flags
}

/// Speed in Mbit/s, -1 where it is unknown, and duplex.
fn speed(call: &mut Call<'_>, link: &LinkInfo) -> Result<(i32, &'static str), Errno> {
    if !link.flags.has(LinkFlags::UP) {
        return Err(Errno::Einval);
    }
    let duplex = match link.kind {
        _ if ethtool::is_as_a_wire(link) => return Ok((10_000, "full")),
        Some(LinkKindInfo::Bridge(_) | LinkKindInfo::Vxlan(_)) => "unknown",
        _ => return Err(Errno::Einval),
    };
    match ethtool::has_fast_port(call, link) {
        true => Ok((10_000, duplex)),
        false => Ok((-1, duplex)),
    }
}

fn state_name(state: OperState) -> &'static str {
    match state {
        OperState::Unknown => "unknown",
        OperState::NotPresent => "notpresent",
        OperState::Down => "down",
        OperState::LowerLayerDown => "lowerlayerdown",
        OperState::Testing => "testing",
        OperState::Dormant => "dormant",
        OperState::Up => "up",
    }
}

fn uevent(link: &LinkInfo) -> String {
    let kind = match link.kind {
        Some(LinkKindInfo::Bridge(_)) => "DEVTYPE=bridge\n",
        Some(LinkKindInfo::Vxlan(_)) => "DEVTYPE=vxlan\n",
        Some(LinkKindInfo::Vlan(_)) => "DEVTYPE=vlan\n",
        Some(LinkKindInfo::Macvlan(_)) => "DEVTYPE=macvlan\n",
        Some(LinkKindInfo::Ipvlan(_)) => "DEVTYPE=ipvlan\n",
        Some(LinkKindInfo::Veth | LinkKindInfo::Dummy) | None => "",
    };
    format!("{kind}INTERFACE={}\nIFINDEX={}", link.name, link.ifindex)
}

fn statistics(stats: &LinkStats) -> Vec<(&'static str, u64)> {
    vec![
        ("collisions", stats.collisions),
        ("multicast", stats.multicast),
        ("rx_bytes", stats.rx_bytes),
        ("rx_compressed", 0),
        ("rx_crc_errors", 0),
        ("rx_dropped", stats.rx_dropped),
        ("rx_errors", stats.rx_errors),
        ("rx_fifo_errors", 0),
        ("rx_frame_errors", 0),
        ("rx_length_errors", 0),
        ("rx_missed_errors", stats.rx_missed),
        ("rx_nohandler", 0),
        ("rx_over_errors", 0),
        ("rx_packets", stats.rx_packets),
        ("tx_aborted_errors", 0),
        ("tx_bytes", stats.tx_bytes),
        ("tx_carrier_errors", stats.tx_carrier),
        ("tx_compressed", 0),
        ("tx_dropped", stats.tx_dropped),
        ("tx_errors", stats.tx_errors),
        ("tx_fifo_errors", 0),
        ("tx_heartbeat_errors", 0),
        ("tx_packets", stats.tx_packets),
        ("tx_window_errors", 0),
    ]
}

/// Writes an attribute of a device, or of a bridge.
pub(super) fn write(call: &mut Call<'_>, parts: &[&str], text: &str) -> Result<(), Fault> {
    let text = text.trim_end();
    match *parts {
        [device, name] => write_own(call, device, name, text),
        [device, "bridge", name] => write_bridge(call, device, name, text),
        _ => Err(Fault::NotSimulated),
    }
}

fn write_own(call: &mut Call<'_>, device: &str, name: &str, text: &str) -> Result<(), Fault> {
    let index = call.world.ifindex(call.netns, device);
    let link = LinkRef::Index(index.ok_or(Errno::Enoent)?);
    let number = || {
        let number = integer(text).and_then(|number| u32::try_from(number).ok());
        number.ok_or(Errno::Einval)
    };
    let mut change = LinkChange::default();
    match name {
        "mtu" => change.mtu = Some(number()?),
        "tx_queue_len" => change.txqlen = Some(number()?),
        "netdev_group" => change.group = Some(number()?),
        "ifalias" => change.alias = Some(text.to_owned()),
        "proto_down" => change.protodown = Some(number()? != 0),
        name if ATTRIBUTES.contains(&(name, false)) => return Err(Errno::Eacces.into()),
        _ => return Err(Fault::NotSimulated),
    }
    let done = call.world.link_set(call.netns, &link, &change);
    done.map_err(|error| error.errno.into())
}

/// As `ip link set DEVICE type bridge` writes it: what that refuses is an invalid argument here.
fn write_bridge(call: &mut Call<'_>, device: &str, name: &str, text: &str) -> Result<(), Fault> {
    let word = match name {
        "group_addr" => "group_address".to_owned(),
        "default_pvid" => "vlan_default_pvid".to_owned(),
        "hash_max" | "hash_elasticity" => format!("mcast_{name}"),
        name => name.replace("multicast_", "mcast_"),
    };
    let words = [
        "ip", "link", "set", "dev", device, "type", "bridge", &word, text,
    ];
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let mut inner = Call {
        world: call.world,
        docker: call.docker,
        host: call.host,
        netns: call.netns,
        console: &mut Console::default(),
        files: &mut NoFiles,
        env: call.env,
    };
    match tool::run(&mut inner, &words) {
        Some(Outcome::Exit(0)) => Ok(()),
        _ => Err(Errno::Einval.into()),
    }
}
