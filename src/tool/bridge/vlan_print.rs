//! Prints the VLANs of bridges and ports as `bridge vlan show` does.
//! Which devices and VLANs are asked for is read elsewhere.

use crate::kernel::netlink::{BridgeVlanEntry, BridgeVlanInfo};
use crate::tool::ip::options::Options;
use crate::tool::print::{Color, Printer};

/// What `bridge vlan show` is asked for.
pub(super) struct Form<'a> {
    /// The global options.
    pub options: &'a Options,
    /// One VLAN only; 0 for all.
    pub vid: u16,
}

/// Consecutive VLANs of the same flags, as they are told at once.
struct Range {
    first: BridgeVlanEntry,
    last: u16,
}

fn ranges(vlans: &[BridgeVlanEntry], form: &Form<'_>) -> Vec<Range> {
    let details = form.options.details > 0;
    let counts = form.options.stats > 0;
    let merges = form.options.compress && !details || details && !counts;
    let mut ranges: Vec<Range> = Vec::new();
    for vlan in vlans {
        let next = ranges.last_mut().filter(|range| {
            let same = |v: &BridgeVlanEntry| (v.pvid, v.untagged);
            let alike = same(&range.first) == same(vlan) && !vlan.pvid;
            let settings = |v: &BridgeVlanEntry| (v.state, v.mcast_router);
            let differ = details && settings(&range.first) != settings(vlan);
            let tunnels = details && !continues(range, vlan);
            merges && range.last + 1 == vlan.vid && alike && !differ && !tunnels
        });
        match next {
            Some(range) => range.last = vlan.vid,
            None => ranges.push(Range {
                first: *vlan,
                last: vlan.vid,
            }),
        }
    }
    ranges.retain(|range| form.vid == 0 || (range.first.vid..=range.last).contains(&form.vid));
    ranges
}

/// Whether the tunnel of a VLAN is the next of a range's, or neither has one (`vlan_tunid_inrange`).
fn continues(range: &Range, vlan: &BridgeVlanEntry) -> bool {
    let steps = u32::from(vlan.vid - range.first.vid);
    match range.first.tunnel {
        0 => vlan.tunnel == 0,
        first => vlan.tunnel == first.saturating_add(steps),
    }
}

/// Prints the networks of tunnels that the VLANs of one device are mapped to; nothing where there are none.
pub(super) fn print_tunnels(out: &mut Printer, form: &Form<'_>, name: &str, info: &BridgeVlanInfo) {
    let mapped = info.vlans.iter().filter(|vlan| vlan.tunnel != 0);
    let mut ranges: Vec<Range> = Vec::new();
    for vlan in mapped {
        match ranges.last_mut() {
            Some(range) if range.last + 1 == vlan.vid && continues(range, vlan) => {
                range.last = vlan.vid;
            }
            _ => ranges.push(Range {
                first: *vlan,
                last: vlan.vid,
            }),
        }
    }
    ranges.retain(|range| form.vid == 0 || (range.first.vid..=range.last).contains(&form.vid));
    if ranges.is_empty() {
        return;
    }
    out.open_object(None);
    print_name(out, name);
    out.open_array(Some("tunnels"));
    let mut indent = "";
    for range in &ranges {
        out.open_object(None);
        out.word(indent);
        indent = "                  ";
        print_tunnel(out, range);
        out.close_object();
    }
    out.close_array();
    out.close_object();
}

/// Two columns, of which the first is ten wide.
fn print_tunnel(out: &mut Printer, range: &Range) {
    let steps = u32::from(range.last - range.first.vid);
    let (vid, vni) = (range.first.vid, range.first.tunnel);
    let (last_vid, last_vni) = (range.last, vni + steps);
    let many = steps > 0;
    if many {
        out.any("vlan", vid, format_args!("{vid}"));
        let column = 9_usize.saturating_sub(format!("{vid}-").len());
        out.any("vlanEnd", last_vid, format_args!("-{last_vid:<column$}  "));
        out.any("tunid", vni, format_args!("{vni}"));
        out.any("tunidEnd", last_vni, format_args!("-{last_vni}"));
    } else {
        out.any("vlan", vid, format_args!("{vid:<9}  "));
        out.any("tunid", vni, format_args!("{vni}"));
    }
    out.word("\n");
}

fn print_name(out: &mut Printer, name: &str) {
    if out.is_json() {
        out.json_only("ifname", name);
    } else {
        out.painted(Color::Ifname, "ifname", name, format_args!("{name:<16}  "));
    }
}

/// Prints the VLANs of one device; nothing where none of them is asked for.
pub(super) fn print(out: &mut Printer, form: &Form<'_>, name: &str, info: &BridgeVlanInfo) {
    let ranges = ranges(&info.vlans, form);
    if ranges.is_empty() {
        return;
    }
    out.open_object(None);
    print_name(out, name);
    out.open_array(Some("vlans"));
    let mut indent = "";
    for range in &ranges {
        out.open_object(None);
        out.word(indent);
        indent = "                  ";
        print_range(out, form, range);
        out.close_object();
    }
    out.close_array();
    out.close_object();
}

fn print_range(out: &mut Printer, form: &Form<'_>, range: &Range) {
    let vid = range.first.vid;
    let counts = form.options.stats > 0;
    let key = match counts && form.options.details == 0 {
        true => "vid",
        false => "vlan",
    };
    out.any(key, vid, format_args!("{vid}"));
    if range.last > vid {
        let (end, last) = (format!("{key}End"), range.last);
        out.any(&end, last, format_args!("-{last}"));
    }
    let ranged = range.last > vid && form.options.details == 0;
    if range.first.pvid || range.first.untagged || ranged {
        out.open_array(Some("flags"));
        if range.first.pvid {
            out.item("PVID", format_args!(" PVID"));
        }
        if range.first.untagged {
            out.item("Egress Untagged", format_args!(" Egress Untagged"));
        }
        out.close_array();
    }
    out.word("\n");
    if form.options.details > 0 {
        let (state, router) = (range.first.state.name(), range.first.mcast_router);
        let text = format_args!("                    state {state} ");
        out.any("state", state, text);
        out.number("mcast_router", "mcast_router", router);
        out.word("\n");
    }
    if counts {
        let stats = &range.first.stats;
        for (word, (bytes, packets)) in [("RX", stats.rx), ("TX", stats.tx)] {
            let key = word.to_ascii_lowercase();
            let text = format_args!("                    {word}: {bytes} bytes");
            out.any(&format!("{key}_bytes"), bytes, text);
            out.any(
                &format!("{key}_packets"),
                packets,
                format_args!(" {packets} packets\n"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vlan(vid: u16, pvid: bool, untagged: bool) -> BridgeVlanEntry {
        BridgeVlanEntry {
            vid,
            pvid,
            untagged,
            state: crate::device::bridge::PortState::Forwarding,
            mcast_router: 1,
            tunnel: 0,
            stats: Default::default(),
        }
    }

    fn shown(options: &Options, vid: u16) -> String {
        let info = BridgeVlanInfo {
            ifindex: 3,
            bridge: false,
            vlans: vec![
                vlan(1, true, true),
                vlan(20, false, false),
                vlan(21, false, false),
                vlan(23, false, false),
            ],
        };
        let mut out = options.printer();
        print(&mut out, &Form { options, vid }, "p1", &info);
        out.finish()
    }

    #[test]
    fn vlans_stand_one_below_the_other_with_their_flags() {
        let options = Options::default();
        let want = "p1                1 PVID Egress Untagged\n                  20\n                  21\n                  23\n";
        assert_eq!(shown(&options, 0), want);
        assert_eq!(shown(&options, 23), "p1                23\n");
        assert_eq!(shown(&options, 9), "");
    }

    #[test]
    fn neighbours_of_equal_flags_are_a_range_where_that_is_asked_for() {
        let options = Options {
            compress: true,
            json: true,
            ..Options::default()
        };
        let want = "\"vlans\":[{\"vlan\":1,\"flags\":[\"PVID\",\"Egress Untagged\"]},{\"vlan\":20,\"vlanEnd\":21,\"flags\":[]},{\"vlan\":23}]";
        assert!(shown(&options, 0).contains(want), "{}", shown(&options, 0));
    }
}
