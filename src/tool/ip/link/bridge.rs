//! The options of `type bridge`: reading them, and printing them with `-d`.
//! What the kernel makes of a value is not decided here.

use crate::kernel::netlink::{BridgeInfo, BridgeOptions};
use crate::tool::ip::args::{Args, invalid, matches};
use crate::tool::ip::help;
use crate::tool::print::Printer;
use crate::tool::{Failure, number};
use crate::units::MacAddr;

use super::parse::lladdr;

/// How the value of an option is read, and where it goes.
enum Field {
    U8(fn(&mut BridgeOptions) -> &mut Option<u8>),
    U16(fn(&mut BridgeOptions) -> &mut Option<u16>),
    U32(fn(&mut BridgeOptions) -> &mut Option<u32>),
    U64(fn(&mut BridgeOptions) -> &mut Option<u64>),
    /// A byte of which the kernel looks at whether it is 0.
    Truth(fn(&mut BridgeOptions) -> &mut Option<bool>),
    Protocol,
    GroupAddress,
    Flush,
}

use Field::{Flush, GroupAddress, Protocol, Truth, U8, U16, U32, U64};

/// The options in the order in which iproute2 tries their abbreviations; the second
/// word is the value in the help.
const OPTIONS: &[(&str, &str, Field)] = &[
    (
        "forward_delay",
        "FORWARD_DELAY",
        U32(|o| &mut o.forward_delay),
    ),
    ("hello_time", "HELLO_TIME", U32(|o| &mut o.hello_time)),
    ("max_age", "MAX_AGE", U32(|o| &mut o.max_age)),
    ("ageing_time", "AGEING_TIME", U32(|o| &mut o.ageing_time)),
    ("stp_state", "STP_STATE", U32(|o| &mut o.stp_state)),
    ("priority", "PRIORITY", U16(|o| &mut o.priority)),
    (
        "vlan_filtering",
        "VLAN_FILTERING",
        Truth(|o| &mut o.vlan_filtering),
    ),
    ("vlan_protocol", "VLAN_PROTOCOL", Protocol),
    ("group_fwd_mask", "MASK", U16(|o| &mut o.group_fwd_mask)),
    ("group_address", "ADDRESS", GroupAddress),
    (
        "no_linklocal_learn",
        "NO_LINKLOCAL_LEARN",
        Truth(|o| &mut o.no_linklocal_learn),
    ),
    ("fdb_flush", "", Flush),
    (
        "vlan_default_pvid",
        "VLAN_DEFAULT_PVID",
        U16(|o| &mut o.vlan_default_pvid),
    ),
    (
        "vlan_stats_enabled",
        "VLAN_STATS_ENABLED",
        Truth(|o| &mut o.vlan_stats_enabled),
    ),
    (
        "vlan_stats_per_port",
        "VLAN_STATS_PER_PORT",
        Truth(|o| &mut o.vlan_stats_per_port),
    ),
    (
        "mcast_router",
        "MULTICAST_ROUTER",
        U8(|o| &mut o.mcast_router),
    ),
    (
        "mcast_snooping",
        "MULTICAST_SNOOPING",
        Truth(|o| &mut o.mcast_snooping),
    ),
    (
        "mcast_vlan_snooping",
        "MULTICAST_VLAN_SNOOPING",
        Truth(|o| &mut o.mcast_vlan_snooping),
    ),
    (
        "mcast_query_use_ifaddr",
        "MCAST_QUERY_USE_IFADDR",
        Truth(|o| &mut o.mcast_query_use_ifaddr),
    ),
    (
        "mcast_querier",
        "MULTICAST_QUERIER",
        Truth(|o| &mut o.mcast_querier),
    ),
    (
        "mcast_hash_elasticity",
        "HASH_ELASTICITY",
        U32(|o| &mut o.mcast_hash_elasticity),
    ),
    ("mcast_hash_max", "HASH_MAX", U32(|o| &mut o.mcast_hash_max)),
    (
        "mcast_last_member_count",
        "LAST_MEMBER_COUNT",
        U32(|o| &mut o.mcast_last_member_count),
    ),
    (
        "mcast_startup_query_count",
        "STARTUP_QUERY_COUNT",
        U32(|o| &mut o.mcast_startup_query_count),
    ),
    (
        "mcast_last_member_interval",
        "LAST_MEMBER_INTERVAL",
        U64(|o| &mut o.mcast_last_member_interval),
    ),
    (
        "mcast_membership_interval",
        "MEMBERSHIP_INTERVAL",
        U64(|o| &mut o.mcast_membership_interval),
    ),
    (
        "mcast_querier_interval",
        "QUERIER_INTERVAL",
        U64(|o| &mut o.mcast_querier_interval),
    ),
    (
        "mcast_query_interval",
        "QUERY_INTERVAL",
        U64(|o| &mut o.mcast_query_interval),
    ),
    (
        "mcast_query_response_interval",
        "QUERY_RESPONSE_INTERVAL",
        U64(|o| &mut o.mcast_query_response_interval),
    ),
    (
        "mcast_startup_query_interval",
        "STARTUP_QUERY_INTERVAL",
        U64(|o| &mut o.mcast_startup_query_interval),
    ),
    (
        "mcast_stats_enabled",
        "MCAST_STATS_ENABLED",
        Truth(|o| &mut o.mcast_stats_enabled),
    ),
    (
        "mcast_igmp_version",
        "IGMP_VERSION",
        U8(|o| &mut o.mcast_igmp_version),
    ),
    (
        "mcast_mld_version",
        "MLD_VERSION",
        U8(|o| &mut o.mcast_mld_version),
    ),
    (
        "nf_call_iptables",
        "NF_CALL_IPTABLES",
        Truth(|o| &mut o.nf_call_iptables),
    ),
    (
        "nf_call_ip6tables",
        "NF_CALL_IP6TABLES",
        Truth(|o| &mut o.nf_call_ip6tables),
    ),
    (
        "nf_call_arptables",
        "NF_CALL_ARPTABLES",
        Truth(|o| &mut o.nf_call_arptables),
    ),
];

/// Reads the options of a bridge.
///
/// # Errors
/// `bridge: unknown command "foo"?` with the help, status 1; a value that is no number, 255.
pub fn parse<S: AsRef<str>>(args: &mut Args<'_, S>) -> Result<BridgeOptions, Failure> {
    let mut options = BridgeOptions::default();
    while let Some(word) = args.take() {
        let found = OPTIONS.iter().find(|(name, ..)| match *name {
            "no_linklocal_learn" | "mcast_vlan_snooping" => word == *name,
            name => matches(word, name),
        });
        match found {
            Some((name, _, field)) => read(name, field, args, &mut options)?,
            None if matches(word, "help") => return Err(explain("")),
            None => return Err(explain(&format!("bridge: unknown command \"{word}\"?\n"))),
        }
    }
    Ok(options)
}

fn read<S: AsRef<str>>(
    name: &str,
    field: &Field,
    args: &mut Args<'_, S>,
    options: &mut BridgeOptions,
) -> Result<(), Failure> {
    if matches!(field, Flush) {
        options.fdb_flush = true;
        return Ok(());
    }
    let value = args.required()?;
    let wrong = || invalid(format_args!("invalid {name}"), value);
    match field {
        U8(place) => *place(options) = Some(number::u8_in(value, 0).ok_or_else(wrong)?),
        U16(place) => *place(options) = Some(number::u16_in(value, 0).ok_or_else(wrong)?),
        U32(place) => *place(options) = Some(number::u32_in(value, 0).ok_or_else(wrong)?),
        U64(place) => *place(options) = Some(number::u64_in(value, 0).ok_or_else(wrong)?),
        Truth(place) => *place(options) = Some(number::u8_in(value, 0).ok_or_else(wrong)? != 0),
        Protocol => options.vlan_protocol = Some(protocol(value).ok_or_else(wrong)?),
        GroupAddress => {
            let bytes = lladdr(value)?;
            options.group_address = <[u8; 6]>::try_from(bytes).ok().map(MacAddr);
        }
        Flush => {}
    }
    Ok(())
}

/// An Ethernet type by its name or in hexadecimal (`ll_proto_a2n`).
pub fn protocol(value: &str) -> Option<u16> {
    match value.to_ascii_lowercase().as_str() {
        "802.1q" => Some(0x8100),
        "802.1ad" => Some(0x88a8),
        _ => number::u16_in(value, 0),
    }
}

/// The help of the type, after `why`. Status 1.
fn explain(why: &str) -> Failure {
    Failure {
        stderr: format!("{why}{}", usage()),
        status: 1,
    }
}

/// The options whose place in the help is another than among the abbreviations, each with
/// the one that it stands before.
const MOVED: &[(&str, &str)] = &[
    ("fdb_flush", "forward_delay"),
    ("group_fwd_mask", "vlan_filtering"),
    ("group_address", "vlan_filtering"),
    ("no_linklocal_learn", "vlan_filtering"),
    ("mcast_router", "mcast_query_use_ifaddr"),
];

/// The help of the type.
pub fn usage() -> String {
    let mut names: Vec<&str> = OPTIONS.iter().map(|(name, ..)| *name).collect();
    for (name, before) in MOVED {
        names.retain(|known| known != name);
        let at = names.iter().position(|known| known == before);
        names.insert(at.unwrap_or(0), name);
    }
    let value = |name: &str| {
        let option = OPTIONS.iter().find(|(known, ..)| *known == name);
        option.map_or("", |(_, value, _)| value)
    };
    let words: Vec<String> = names
        .iter()
        .map(|name| format!("[ {} ]", format!("{name} {}", value(name)).trim_end()))
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let options = help::kind("bridge", "\n\t\t  ", &words);
    format!("{options}\nWhere: VLAN_PROTOCOL := {{ 802.1Q | 802.1ad }}\n")
}

/// A timer in hundredths of a second, as a field of its own form.
pub fn timer(out: &mut Printer, key: &str, hundredths: u64) {
    let (whole, part) = (hundredths / 100, hundredths % 100);
    if out.is_json() {
        out.raw(key, &format!("{whole}.{part:02}"));
    } else {
        out.fp(format_args!("{key} {whole:4}.{part:02} "));
    }
}

/// A bridge's id: priority in four digits, and the MAC without leading zeros (`ether_ntoa`).
pub fn bridge_id((priority, mac): (u16, MacAddr)) -> String {
    let [a, b, c, d, e, f] = mac.0;
    format!("{priority:04x}.{a:x}:{b:x}:{c:x}:{d:x}:{e:x}:{f:x}")
}

/// Prints a bridge's state (`bridge_print_opt`).
pub fn print(out: &mut Printer, info: &BridgeInfo) {
    out.number("forward_delay", "forward_delay", info.forward_delay);
    out.number("hello_time", "hello_time", info.hello_time);
    out.number("max_age", "max_age", info.max_age);
    out.number("ageing_time", "ageing_time", info.ageing_time);
    out.number("stp_state", "stp_state", info.stp_state);
    out.number("priority", "priority", info.priority);
    out.number(
        "vlan_filtering",
        "vlan_filtering",
        u8::from(info.vlan_filtering),
    );
    if info.vlan_default_pvid.is_some() {
        let name = super::vlan::protocol_name(info.vlan_protocol);
        out.any(
            "vlan_protocol",
            &*name,
            format_args!("vlan_protocol {name} "),
        );
    }
    let id = bridge_id(info.bridge_id);
    out.any("bridge_id", &id, format_args!("bridge_id {id} "));
    // iproute2 prints the bridge's own id here, also where another one is the root.
    out.any("root_id", &id, format_args!("designated_root {id} "));
    out.number("root_port", "root_port", info.root_port);
    out.number("root_path_cost", "root_path_cost", info.root_path_cost);
    out.number(
        "topology_change",
        "topology_change",
        u8::from(info.topology_change),
    );
    let detected = u8::from(info.topology_change_detected);
    out.number(
        "topology_change_detected",
        "topology_change_detected",
        detected,
    );
    timer(out, "hello_timer", info.hello_timer);
    timer(out, "tcn_timer", info.tcn_timer);
    timer(out, "topology_change_timer", info.topology_change_timer);
    timer(out, "gc_timer", info.gc_timer);
    if let Some(pvid) = info.vlan_default_pvid {
        out.number("vlan_default_pvid", "vlan_default_pvid", pvid);
        let enabled = u8::from(info.vlan_stats_enabled);
        out.number("vlan_stats_enabled", "vlan_stats_enabled", enabled);
        let per_port = u8::from(info.vlan_stats_per_port);
        out.number("vlan_stats_per_port", "vlan_stats_per_port", per_port);
    }
    hex(
        out,
        "group_fwd_mask",
        "group_fwd_mask",
        info.group_fwd_mask.into(),
    );
    let group = info.group_address;
    out.shown("group_addr", group, format_args!("group_address {group} "));
    print_multicast(out, info);
    out.number(
        "nf_call_iptables",
        "nf_call_iptables",
        u8::from(info.nf_call_iptables),
    );
    out.number(
        "nf_call_ip6tables",
        "nf_call_ip6tables",
        u8::from(info.nf_call_ip6tables),
    );
    out.number(
        "nf_call_arptables",
        "nf_call_arptables",
        u8::from(info.nf_call_arptables),
    );
}

fn print_multicast(out: &mut Printer, info: &BridgeInfo) {
    let truth = u8::from;
    out.number(
        "mcast_snooping",
        "mcast_snooping",
        truth(info.mcast_snooping),
    );
    out.number(
        "no_linklocal_learn",
        "no_linklocal_learn",
        truth(info.no_linklocal_learn),
    );
    out.number(
        "mcast_vlan_snooping",
        "mcast_vlan_snooping",
        truth(info.mcast_vlan_snooping),
    );
    out.number("mcast_router", "mcast_router", info.mcast_router);
    let ifaddr = truth(info.mcast_query_use_ifaddr);
    out.number("mcast_query_use_ifaddr", "mcast_query_use_ifaddr", ifaddr);
    out.number("mcast_querier", "mcast_querier", truth(info.mcast_querier));
    out.number(
        "mcast_hash_elasticity",
        "mcast_hash_elasticity",
        info.mcast_hash_elasticity,
    );
    out.number("mcast_hash_max", "mcast_hash_max", info.mcast_hash_max);
    for (key, word, count) in [
        (
            "mcast_last_member_cnt",
            "mcast_last_member_count",
            info.mcast_last_member_count,
        ),
        (
            "mcast_startup_query_cnt",
            "mcast_startup_query_count",
            info.mcast_startup_query_count,
        ),
    ] {
        out.number(key, word, count);
    }
    for (key, word, interval) in [
        (
            "mcast_last_member_intvl",
            "mcast_last_member_interval",
            info.mcast_last_member_interval,
        ),
        (
            "mcast_membership_intvl",
            "mcast_membership_interval",
            info.mcast_membership_interval,
        ),
        (
            "mcast_querier_intvl",
            "mcast_querier_interval",
            info.mcast_querier_interval,
        ),
        (
            "mcast_query_intvl",
            "mcast_query_interval",
            info.mcast_query_interval,
        ),
        (
            "mcast_query_response_intvl",
            "mcast_query_response_interval",
            info.mcast_query_response_interval,
        ),
        (
            "mcast_startup_query_intvl",
            "mcast_startup_query_interval",
            info.mcast_startup_query_interval,
        ),
    ] {
        out.number(key, word, interval);
    }
    out.number(
        "mcast_stats_enabled",
        "mcast_stats_enabled",
        truth(info.mcast_stats_enabled),
    );
    out.number(
        "mcast_igmp_version",
        "mcast_igmp_version",
        info.mcast_igmp_version,
    );
    out.number(
        "mcast_mld_version",
        "mcast_mld_version",
        info.mcast_mld_version,
    );
}

/// A number as `%#llx` has it, a string in JSON (`print_0xhex`).
pub fn hex(out: &mut Printer, key: &str, word: &str, value: u64) {
    let text = if value == 0 {
        "0".to_owned()
    } else {
        format!("{value:#x}")
    };
    out.any(key, &text, format_args!("{word} {text} "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_by_name_and_by_abbreviation() {
        let words = [
            "forward_delay",
            "400",
            "stp",
            "1",
            "pri",
            "0x7000",
            "mcast_sn",
            "0",
            "fdb_flush",
        ];
        let options = parse(&mut Args::new(&words)).unwrap();
        assert_eq!(options.forward_delay, Some(400));
        assert_eq!(options.stp_state, Some(1));
        assert_eq!(options.priority, Some(0x7000));
        assert_eq!(options.mcast_snooping, Some(false));
        assert!(options.fdb_flush);
    }

    #[test]
    fn unknown_words_and_values_are_refused() {
        let failure = parse(&mut Args::new(&["foo"])).unwrap_err();
        assert_eq!(failure.status, 1);
        assert!(
            failure
                .stderr
                .starts_with("bridge: unknown command \"foo\"?\nUsage: ... bridge ")
        );
        assert_eq!(
            parse(&mut Args::new(&["forward_delay", "abc"])).unwrap_err(),
            Failure::line(
                255,
                "Error: argument \"abc\" is wrong: invalid forward_delay"
            )
        );
    }

    #[test]
    fn ids_have_no_leading_zeros_and_timers_two_decimals() {
        let mac = "02:42:00:0a:00:ff".parse().unwrap();
        assert_eq!(bridge_id((0x8000, mac)), "8000.2:42:0:a:0:ff");
        let mut out = Printer::text(false);
        timer(&mut out, "gc_timer", 29601);
        assert_eq!(out.finish(), "gc_timer  296.01 ");
    }
}
