//! The options of `type bridge_slave`: reading them, and printing them with `-d`.
//! What the kernel makes of a value is not decided here.

use crate::kernel::netlink::{BridgePortInfo, BridgePortOptions};
use crate::tool::ip::args::{Args, invalid, matches};
use crate::tool::ip::help;
use crate::tool::ip::lookup::Lookup;
use crate::tool::print::Printer;
use crate::tool::{Failure, number};
use crate::units::IfIndex;

use super::bridge::{bridge_id, hex, timer};
use super::parse::one_of_on_off;

type Switch = fn(&mut BridgePortOptions) -> &mut Option<bool>;

/// The options that are on or off, in the order in which iproute2 tries their abbreviations.
const SWITCHES: &[(&str, Switch)] = &[
    ("hairpin", |o| &mut o.hairpin),
    ("guard", |o| &mut o.guard),
    ("root_block", |o| &mut o.root_block),
    ("fastleave", |o| &mut o.fastleave),
    ("learning", |o| &mut o.learning),
    ("flood", |o| &mut o.flood),
    ("mcast_flood", |o| &mut o.mcast_flood),
    ("bcast_flood", |o| &mut o.bcast_flood),
    ("mcast_to_unicast", |o| &mut o.mcast_to_unicast),
    ("proxy_arp", |o| &mut o.proxy_arp),
    ("proxy_arp_wifi", |o| &mut o.proxy_arp_wifi),
    ("mcast_fast_leave", |o| &mut o.fastleave),
    ("neigh_suppress", |o| &mut o.neigh_suppress),
    ("vlan_tunnel", |o| &mut o.vlan_tunnel),
    ("isolated", |o| &mut o.isolated),
    ("locked", |o| &mut o.locked),
];

/// Reads the options of a bridge port.
///
/// # Errors
/// `bridge_slave: unknown option "foo"?` with the help, status 1; a wrong number, 255.
pub fn parse<S: AsRef<str>>(
    args: &mut Args<'_, S>,
    lookup: &dyn Lookup,
) -> Result<BridgePortOptions, Failure> {
    let mut options = BridgePortOptions::default();
    while let Some(word) = args.take() {
        if numbers(word, args, &mut options)? || backup(word, args, &mut options, lookup)? {
            continue;
        }
        match SWITCHES.iter().find(|(name, _)| matches(word, name)) {
            Some((name, place)) => *place(&mut options) = Some(switch(name, args.required()?)?),
            None if matches(word, "help") => return Err(explain("")),
            None => {
                let why = format!("bridge_slave: unknown option \"{word}\"?\n");
                return Err(explain(&why));
            }
        }
    }
    Ok(options)
}

fn switch(name: &str, value: &str) -> Result<bool, Failure> {
    one_of_on_off(name, value).map_err(|failure| Failure {
        status: 1,
        ..failure
    })
}

fn numbers<S: AsRef<str>>(
    word: &str,
    args: &mut Args<'_, S>,
    options: &mut BridgePortOptions,
) -> Result<bool, Failure> {
    let wrong = |value: &str, name: &str| invalid(format_args!("{name} is invalid"), value);
    let odd = |value: &str, name: &str| invalid(format_args!("invalid {name}"), value);
    if matches(word, "fdb_flush") {
        options.fdb_flush = true;
    } else if matches(word, "state") {
        let value = args.required()?;
        options.state = Some(number::u8_in(value, 0).ok_or_else(|| wrong(value, "state"))?);
    } else if matches(word, "priority") {
        let value = args.required()?;
        options.priority = Some(number::u16_in(value, 0).ok_or_else(|| wrong(value, "priority"))?);
    } else if matches(word, "cost") {
        let value = args.required()?;
        options.cost = Some(number::u32_in(value, 0).ok_or_else(|| wrong(value, "cost"))?);
    } else if matches(word, "mcast_router") {
        let value = args.required()?;
        let router = number::u8_in(value, 0).ok_or_else(|| odd(value, "mcast_router"))?;
        options.mcast_router = Some(router);
    } else if matches(word, "group_fwd_mask") && !matches(word, "guard") {
        let value = args.required()?;
        let mask = number::u16_in(value, 0).ok_or_else(|| odd(value, "group_fwd_mask"))?;
        options.group_fwd_mask = Some(mask);
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn backup<S: AsRef<str>>(
    word: &str,
    args: &mut Args<'_, S>,
    options: &mut BridgePortOptions,
    lookup: &dyn Lookup,
) -> Result<bool, Failure> {
    if matches(word, "backup_port") {
        let dev = args.required()?;
        let index = lookup
            .ifindex(dev)
            .ok_or_else(|| invalid("Device does not exist\n", dev))?;
        options.backup_port = Some(index);
    } else if word.len() > 2 && matches(word, "nobackup_port") {
        options.backup_port = Some(0);
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn explain(why: &str) -> Failure {
    Failure {
        stderr: format!("{why}{}", usage()),
        status: 1,
    }
}

/// The help of the type; `?` stands for `{on | off}`.
pub fn usage() -> String {
    let words = [
        "fdb_flush",
        "state STATE",
        "priority PRIO",
        "cost COST",
        "guard ?",
        "hairpin ?",
        "fastleave ?",
        "root_block ?",
        "learning ?",
        "flood ?",
        "proxy_arp ?",
        "proxy_arp_wifi ?",
        "mcast_router MULTICAST_ROUTER",
        "mcast_fast_leave ?",
        "mcast_flood ?",
        "bcast_flood ?",
        "mcast_to_unicast ?",
        "group_fwd_mask MASK",
        "neigh_suppress ?",
        "vlan_tunnel ?",
        "isolated ?",
        "locked ?",
        "backup_port DEVICE ] [ nobackup_port",
    ]
    .map(|word| format!("[ {} ]", word.replace('?', "{on | off}")));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    help::kind("bridge_slave", "\n\t\t\t", &words)
}

/// The state of a port in words (`BR_STATE_*`).
pub fn state_name(state: u8) -> Option<&'static str> {
    [
        "disabled",
        "listening",
        "learning",
        "forwarding",
        "blocking",
    ]
    .get(usize::from(state))
    .copied()
}

/// Prints a port's state (`bridge_slave_print_opt`); `name` finds a device's name.
pub fn print(out: &mut Printer, info: &BridgePortInfo, name: &dyn Fn(IfIndex) -> String) {
    match state_name(info.state) {
        Some(state) => out.any("state", state, format_args!("state {state} ")),
        None => out.any(
            "state_index",
            info.state,
            format_args!("state ({}) ", info.state),
        ),
    }
    out.number("priority", "priority", info.priority);
    out.number("cost", "cost", info.cost);
    for (key, on) in [
        ("hairpin", info.hairpin),
        ("guard", info.guard),
        ("root_block", info.root_block),
        ("fastleave", info.fastleave),
        ("learning", info.learning),
        ("flood", info.flood),
    ] {
        out.on_off(key, on);
    }
    hex(out, "id", "port_id", info.port_id.into());
    hex(out, "no", "port_no", info.port_no.into());
    out.number("designated_port", "designated_port", info.designated_port);
    out.number("designated_cost", "designated_cost", info.designated_cost);
    let bridge = bridge_id(info.designated_bridge);
    out.any(
        "bridge_id",
        &bridge,
        format_args!("designated_bridge {bridge} "),
    );
    let root = bridge_id(info.designated_root);
    out.any("root_id", &root, format_args!("designated_root {root} "));
    timer(out, "hold_timer", info.hold_timer);
    timer(out, "message_age_timer", info.message_age_timer);
    timer(out, "forward_delay_timer", info.forward_delay_timer);
    let ack = u8::from(info.topology_change_ack);
    out.number("topology_change_ack", "topology_change_ack", ack);
    out.number(
        "config_pending",
        "config_pending",
        u8::from(info.config_pending),
    );
    out.on_off("proxy_arp", info.proxy_arp);
    out.on_off("proxy_arp_wifi", info.proxy_arp_wifi);
    out.number("multicast_router", "mcast_router", info.mcast_router);
    let fast = if info.fastleave { "on" } else { "off" };
    out.fp(format_args!("mcast_fast_leave {fast} "));
    out.on_off("mcast_flood", info.mcast_flood);
    out.on_off("bcast_flood", info.bcast_flood);
    out.on_off("mcast_to_unicast", info.mcast_to_unicast);
    out.on_off("neigh_suppress", info.neigh_suppress);
    hex(
        out,
        "group_fwd_mask",
        "group_fwd_mask",
        info.group_fwd_mask.into(),
    );
    let groups = mask_names(info.group_fwd_mask);
    out.any(
        "group_fwd_mask_str",
        &groups,
        format_args!("group_fwd_mask_str {groups} "),
    );
    out.on_off("vlan_tunnel", info.vlan_tunnel);
    out.on_off("isolated", info.isolated);
    out.on_off("locked", info.locked);
    if let Some(backup) = info.backup_port {
        let dev = name(backup);
        out.any("backup_port", &dev, format_args!("backup_port {dev} "));
    }
}

/// The protocols of a mask of link-local groups.
fn mask_names(mask: u16) -> String {
    let named = |bit: u32| match bit {
        0 => "stp".to_owned(),
        2 => "lacp".to_owned(),
        14 => "lldp".to_owned(),
        bit => format!("{:#x}", 1u32 << bit),
    };
    let names: Vec<String> = (0..16)
        .filter(|bit| mask >> bit & 1 == 1)
        .map(named)
        .collect();
    if names.is_empty() {
        "0x0".to_owned()
    } else {
        names.join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::ip::link::tests::Table;

    #[test]
    fn switches_and_numbers_are_read() {
        let words = [
            "state",
            "3",
            "hairpin",
            "on",
            "isolated",
            "off",
            "prio",
            "7",
            "nobackup_port",
        ];
        let options = parse(&mut Args::new(&words), &Table::default()).unwrap();
        assert_eq!(options.state, Some(3));
        assert_eq!(options.hairpin, Some(true));
        assert_eq!(options.isolated, Some(false));
        assert_eq!(options.priority, Some(7));
        assert_eq!(options.backup_port, Some(0));
    }

    #[test]
    fn what_is_neither_on_nor_off_is_refused() {
        assert_eq!(
            parse(&mut Args::new(&["hairpin", "maybe"]), &Table::default()).unwrap_err(),
            Failure::line(
                1,
                "Error: argument of \"hairpin\" must be one of \"off\", \"on\", not \"maybe\""
            )
        );
        let failure = parse(&mut Args::new(&["foo"]), &Table::default()).unwrap_err();
        assert!(
            failure
                .stderr
                .starts_with("bridge_slave: unknown option \"foo\"?\nUsage: ")
        );
    }

    #[test]
    fn group_masks_are_named() {
        assert_eq!(mask_names(0), "0x0");
        assert_eq!(mask_names(0x4005), "stp,lacp,lldp");
        assert_eq!(mask_names(0x8), "0x8");
    }
}
