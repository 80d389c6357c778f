//! Prints what counts for VLANs as a whole as `bridge vlan global show` does.
//! Which bridges and VLANs are asked for is read elsewhere.

use crate::kernel::netlink::BridgeVlanGlobal;
use crate::tool::print::{Color, Printer};

/// Prints the VLANs of one bridge, those of equal settings that follow each other at once; nothing where none is
/// asked for.
pub(super) fn print(out: &mut Printer, vid: u16, name: &str, vlans: &[(u16, BridgeVlanGlobal)]) {
    let ranges = vlans.chunk_by(|(a, before), (b, after)| a + 1 == *b && before == after);
    let asked = ranges.filter(|range| {
        let [(first, _), ..] = range else {
            return false;
        };
        let last = range.last().map_or(*first, |(last, _)| *last);
        vid == 0 || (*first..=last).contains(&vid)
    });
    let mut asked = asked.peekable();
    if asked.peek().is_none() {
        return;
    }
    out.open_object(None);
    if out.is_json() {
        out.json_only("ifname", name);
    } else {
        out.painted(Color::Ifname, "ifname", name, format_args!("{name:<16}  "));
    }
    out.open_array(Some("vlans"));
    let mut indent = "";
    for range in asked {
        out.open_object(None);
        out.word(indent);
        indent = "                  ";
        print_range(out, range);
        out.close_object();
    }
    out.close_array();
    out.close_object();
}

fn print_range(out: &mut Printer, range: &[(u16, BridgeVlanGlobal)]) {
    let Some((first, settings)) = range.first() else {
        return;
    };
    out.any("vlan", *first, format_args!("{first}"));
    if let Some((last, _)) = range.last().filter(|(last, _)| last != first) {
        out.any("vlanEnd", *last, format_args!("-{last}"));
    }
    out.word("\n                    ");
    let s = settings;
    for (key, value) in [
        ("mcast_snooping", u64::from(s.mcast_snooping)),
        ("mcast_querier", s.mcast_querier.into()),
        ("mcast_igmp_version", s.mcast_igmp_version.into()),
        ("mcast_mld_version", s.mcast_mld_version.into()),
        ("mcast_last_member_count", s.mcast_last_member_count.into()),
        ("mcast_last_member_interval", s.mcast_last_member_interval),
        (
            "mcast_startup_query_count",
            s.mcast_startup_query_count.into(),
        ),
        (
            "mcast_startup_query_interval",
            s.mcast_startup_query_interval,
        ),
        ("mcast_membership_interval", s.mcast_membership_interval),
        ("mcast_querier_interval", s.mcast_querier_interval),
        ("mcast_query_interval", s.mcast_query_interval),
        (
            "mcast_query_response_interval",
            s.mcast_query_response_interval,
        ),
    ] {
        out.number(key, key, value);
    }
    out.word("\n");
}
