//! Prints an entry of a forwarding database as `bridge fdb` does (`print_fdb`).
//! Which table it is from is told by the entry.

use crate::device::bridge::FdbState;
use crate::kernel::netlink::FdbEntryInfo;
use crate::tool::Call;
use crate::tool::ip::options::Options;
use crate::tool::print::{Color, Printer};
use crate::units::IfIndex;

use super::ifname;

/// `NUD_PERMANENT`.
pub(super) const PERMANENT: u32 = 0x80;
/// `NUD_NOARP`.
pub(super) const STATIC: u32 = 0x40;
/// `NUD_STALE`.
pub(super) const STALE: u32 = 0x04;
/// `NUD_REACHABLE`.
pub(super) const REACHABLE: u32 = 0x02;

/// Which entries are shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filter {
    /// Those of one device, whose name is then left out.
    pub ifindex: Option<IfIndex>,
    /// Those of one VLAN, 0 for all.
    pub vlan: u32,
    /// Those in one of these states, 0 for all.
    pub state: u32,
    /// Those that are not permanent.
    pub dynamic: bool,
}

impl Filter {
    fn shows(&self, entry: &FdbEntryInfo) -> bool {
        let state = bits(entry.state);
        self.ifindex.is_none_or(|ifindex| ifindex == entry.ifindex)
            && (self.state == 0 || self.state & state != 0)
            && (self.vlan == 0 || self.vlan == u32::from(entry.vid))
            && !(self.dynamic && state == PERMANENT)
    }
}

fn bits(state: FdbState) -> u32 {
    match state {
        FdbState::Permanent => PERMANENT,
        FdbState::Static => STATIC,
        FdbState::Stale => STALE,
        FdbState::Reachable => REACHABLE,
    }
}

/// Prints an entry, if the filter shows it.
pub(super) fn print(
    call: &Call<'_>,
    out: &mut Printer,
    options: &Options,
    filter: &Filter,
    entry: &FdbEntryInfo,
) {
    if !filter.shows(entry) {
        return;
    }
    out.open_object(None);
    out.painted(Color::Mac, "mac", entry.mac, format_args!("{} ", entry.mac));
    if filter.ifindex.is_none() && entry.ifindex != 0 {
        let name = ifname(call, entry.ifindex);
        out.word("dev ");
        out.painted(Color::Ifname, "ifname", &name, format_args!("{name} "));
    }
    print_far_end(call, out, entry);
    if let Some((used, updated)) = entry.cache.filter(|_| options.stats > 0) {
        let (used, updated) = (used / 100, updated / 100);
        out.json_only("used", used);
        out.json_only("updated", updated);
        out.fp(format_args!("used {used}/{updated} "));
    }
    print_flags(out, entry);
    if let Some(master) = entry.master {
        let master = ifname(call, master);
        out.any("master", &master, format_args!("master {master} "));
    }
    let state = match entry.state {
        FdbState::Permanent => "permanent",
        FdbState::Static => "static",
        FdbState::Stale => "stale",
        FdbState::Reachable => "",
    };
    out.any("state", state, format_args!("{state}\n"));
    out.close_object();
}

/// Where a tunnel leads.
fn print_far_end(call: &Call<'_>, out: &mut Printer, entry: &FdbEntryInfo) {
    if let Some(dst) = entry.dst {
        out.word("dst ");
        out.painted(Color::of(dst), "dst", dst, format_args!("{dst} "));
    }
    if entry.vid != 0 {
        out.number("vlan", "vlan", entry.vid);
    }
    if let Some(port) = entry.port {
        out.number("port", "port", port);
    }
    if let Some(vni) = entry.vni {
        out.number("vni", "vni", vni);
    }
    if let Some(vni) = entry.src_vni {
        out.number("src_vni", "src_vni", vni);
    }
    match (entry.via, entry.link_netnsid) {
        (Some(via), Some(_)) => out.any("viaIfIndex", via, format_args!("via ifindex {via} ")),
        (Some(via), None) => {
            let via = ifname(call, via);
            out.any("viaIf", &via, format_args!("via {via} "));
        }
        (None, _) => {}
    }
    if let Some(nhid) = entry.nhid {
        out.number("nhid", "nhid", nhid);
    }
    if let Some(id) = entry.link_netnsid {
        out.any("linkNetNsId", id, format_args!("link-netnsid {id} "));
    }
}

fn print_flags(out: &mut Printer, entry: &FdbEntryInfo) {
    out.open_array(Some("flags"));
    for (on, name) in [
        (entry.of_self, "self"),
        (entry.router, "router"),
        (entry.extern_learn, "extern_learn"),
        (entry.offload, "offload"),
        (entry.sticky, "sticky"),
    ] {
        if on {
            out.item(name, format_args!("{name} "));
        }
    }
    out.close_array();
}
