//! Prints a device as `ip link show` and `ip addr show` print it (`print_linkinfo`).
//! Which devices are printed is decided by the list.

use std::collections::BTreeMap;

use crate::kernel::netlink::{AddrGenMode, LinkFlags, LinkInfo, LinkKindInfo, LinkRef, OperState};
use crate::tool::Call;
use crate::tool::ip::args::Family;
use crate::tool::ip::names::GROUPS;
use crate::tool::ip::options::Options;
use crate::tool::print::{Color, Printer};
use crate::units::IfIndex;

use super::{bridge, ipvlan, macvlan, port, stats, vlan, vxlan};

/// What the words after the object ask for.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// The global options.
    pub options: &'a Options,
    /// Whether it is `ip link`, not `ip addr`.
    pub link: bool,
    /// The family that is shown.
    pub family: Family,
    /// Whether the devices come from a dump of IPv6, which tells less of them
    /// (`inet6_fill_ifinfo`).
    pub short: bool,
}

/// What is known about the devices and namespaces that a device refers to.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Devices of this namespace by number: name, and whether it is up.
    pub devices: BTreeMap<IfIndex, (String, bool)>,
    /// Names of namespaces by their id in this one.
    pub namespaces: BTreeMap<i32, String>,
}

impl Around {
    /// Looks up all that `links` refer to.
    pub fn of(call: &mut Call<'_>, links: &[LinkInfo]) -> Self {
        let mut around = Self::default();
        for (name, netns) in call.world.netns_names(call.host) {
            if let Some(id) = call.world.nsid(call.netns, netns) {
                around.namespaces.entry(id).or_insert(name);
            }
        }
        for index in links.iter().flat_map(referred) {
            if let Ok(info) = call.world.link(call.netns, &LinkRef::Index(index)) {
                let up = info.flags.has(LinkFlags::UP);
                around.devices.insert(index, (info.name.to_string(), up));
            }
        }
        around
    }

    /// The name of a device, or `if7` where there is none (`ll_index_to_name`).
    pub fn name(&self, index: IfIndex) -> String {
        match self.devices.get(&index) {
            Some((name, _)) => name.clone(),
            None => format!("if{index}"),
        }
    }
}

/// The devices of its own namespace that a device refers to.
fn referred(link: &LinkInfo) -> Vec<IfIndex> {
    let below = link.link;
    let underlay = match &link.kind {
        Some(LinkKindInfo::Vxlan(options)) => options.dev,
        Some(_) | None => None,
    };
    let backup = link.bridge_port.as_ref().and_then(|port| port.backup_port);
    [below, link.master, underlay, backup]
        .into_iter()
        .flatten()
        .collect()
}

/// Prints a device; with `-br` the line is left open for addresses.
pub fn print(out: &mut Printer, form: Form<'_>, link: &LinkInfo, around: &Around) {
    if form.options.brief {
        print_brief(out, form, link, around);
        return;
    }
    out.any("ifindex", link.ifindex, format_args!("{}: ", link.ifindex));
    let peer_down = print_name(out, form, link, around);
    print_flags(out, link.flags, peer_down);
    out.number("mtu", "mtu", link.mtu);
    if !form.short {
        out.any("qdisc", link.qdisc, format_args!("qdisc {} ", link.qdisc));
        if let Some(master) = link.master {
            let master = around.name(master);
            out.any("master", &master, format_args!("master {master} "));
        }
    }
    let state = operstate_name(link.operstate);
    out.word("state ");
    out.painted(
        state_color(link),
        "operstate",
        state,
        format_args!("{state} "),
    );
    if form.link {
        let mode = if link.dormant_mode {
            "DORMANT"
        } else {
            "DEFAULT"
        };
        out.any("linkmode", mode, format_args!("mode {mode} "));
    }
    if !form.short {
        let group = GROUPS.name(link.group, form.options.numeric);
        out.any("group", &*group, format_args!("group {group} "));
    }
    if link.txqlen != 0 {
        // iproute2 prints the number with a sign.
        let txqlen = link.txqlen.cast_signed();
        out.any("txqlen", txqlen, format_args!("qlen {txqlen}"));
    }
    let details = form.options.details > 0;
    if details || matches!(form.family, Family::Unspec | Family::Link) {
        print_addresses(out, form, link);
    }
    if !form.short {
        print_rest(out, form, link, around);
    }
    out.word("\n");
}

/// All that stands behind the addresses.
fn print_rest(out: &mut Printer, form: Form<'_>, link: &LinkInfo, around: &Around) {
    let details = form.options.details > 0;
    print_namespace(out, link, around);
    if link.protodown {
        out.any("proto_down", true, format_args!(" protodown on "));
    }
    if details {
        print_details(out, form, link, around);
    }
    if let Some(alias) = link.alias.as_ref().filter(|_| form.link || details) {
        indent(out);
        out.any("ifalias", alias, format_args!("alias {alias}"));
    }
    if form.link && form.options.stats > 0 {
        out.line_break();
        stats::print(out, form.options, &link.stats);
    }
    print_altnames(out, &link.altnames);
}

fn state_color(link: &LinkInfo) -> Color {
    match link.operstate {
        OperState::Up => Color::Up,
        OperState::Down => Color::Down,
        OperState::Unknown
        | OperState::NotPresent
        | OperState::LowerLayerDown
        | OperState::Testing
        | OperState::Dormant => Color::Plain,
    }
}

fn indent(out: &mut Printer) {
    out.line_break();
    out.word("    ");
}

/// `NAME STATE`, and of `ip link` the address and the flags.
fn print_brief(out: &mut Printer, form: Form<'_>, link: &LinkInfo, around: &Around) {
    let peer_down = print_name(out, form, link, around);
    let state = operstate_name(link.operstate);
    out.painted(
        state_color(link),
        "operstate",
        state,
        format_args!("{state:<14} "),
    );
    if form.family == Family::Link {
        let address = link.address;
        out.painted(Color::Mac, "address", address, format_args!("{address} "));
        print_flags(out, link.flags, peer_down);
        out.word("\n");
    }
}

/// `veth0@veth1`: the name with what it is linked to (`print_name_and_link`).
/// Gives whether that device is in this namespace and down.
fn print_name(out: &mut Printer, form: Form<'_>, link: &LinkInfo, around: &Around) -> bool {
    let mut name = link.name.to_string();
    let mut peer_down = false;
    let below = link
        .link
        .filter(|index| !form.short || *index != link.ifindex);
    match below {
        None => {}
        Some(0) if out.is_json() => out.json_only("link", crate::tool::json::Value::Null),
        Some(0) => name.push_str("@NONE"),
        Some(index) if link.link_netnsid.is_some() && !form.short => {
            out.json_only("link_index", index);
            if !out.is_json() {
                name.push_str(&format!("@if{index}"));
            }
        }
        Some(index) => {
            let below = around.name(index);
            out.json_only("link", &below);
            if !out.is_json() {
                name.push_str(&format!("@{below}"));
            }
            peer_down = around.devices.get(&index).is_some_and(|(_, up)| !up);
        }
    }
    if form.options.brief {
        out.painted(Color::Ifname, "ifname", &name, format_args!("{name:<16} "));
    } else {
        out.painted(Color::Ifname, "ifname", &name, format_args!("{name}: "));
    }
    peer_down
}

/// The flags in the order in which iproute2 prints them; the rest is hexadecimal.
const FLAGS: [(u32, &str); 18] = [
    (LinkFlags::LOOPBACK, "LOOPBACK"),
    (LinkFlags::BROADCAST, "BROADCAST"),
    (LinkFlags::POINTOPOINT, "POINTOPOINT"),
    (LinkFlags::MULTICAST, "MULTICAST"),
    (LinkFlags::NOARP, "NOARP"),
    (LinkFlags::ALLMULTI, "ALLMULTI"),
    (LinkFlags::PROMISC, "PROMISC"),
    (0x400, "MASTER"),
    (0x800, "SLAVE"),
    (0x4, "DEBUG"),
    (0x8000, "DYNAMIC"),
    (0x4000, "AUTOMEDIA"),
    (0x2000, "PORTSEL"),
    (0x20, "NOTRAILERS"),
    (LinkFlags::UP, "UP"),
    (LinkFlags::LOWER_UP, "LOWER_UP"),
    (LinkFlags::DORMANT, "DORMANT"),
    (0x4_0000, "ECHO"),
];

/// `<BROADCAST,MULTICAST,UP,LOWER_UP> ` (`print_link_flags`).
pub fn print_flags(out: &mut Printer, flags: LinkFlags, peer_down: bool) {
    out.open_array(Some("flags"));
    out.word("<");
    let mut first = true;
    let mut item = |out: &mut Printer, name: &str| {
        let comma = if first { "" } else { "," };
        first = false;
        out.item(name, format_args!("{comma}{name}"));
    };
    if flags.has(LinkFlags::UP) && !flags.has(LinkFlags::RUNNING) {
        item(out, "NO-CARRIER");
    }
    let mut rest = flags.0 & !LinkFlags::RUNNING;
    for (bit, name) in FLAGS {
        if rest & bit != 0 {
            rest &= !bit;
            item(out, name);
        }
    }
    if rest != 0 {
        item(out, &format!("{rest:x}"));
    }
    if peer_down {
        item(out, "M-DOWN");
    }
    out.close_array();
    out.word("> ");
}

/// The operational state as iproute2 calls it.
pub fn operstate_name(state: OperState) -> &'static str {
    match state {
        OperState::Unknown => "UNKNOWN",
        OperState::NotPresent => "NOTPRESENT",
        OperState::Down => "DOWN",
        OperState::LowerLayerDown => "LOWERLAYERDOWN",
        OperState::Testing => "TESTING",
        OperState::Dormant => "DORMANT",
        OperState::Up => "UP",
    }
}

fn print_addresses(out: &mut Printer, form: Form<'_>, link: &LinkInfo) {
    out.line_break();
    let kind = if link.loopback { "loopback" } else { "ether" };
    out.any("link_type", kind, format_args!("    link/{kind} "));
    let address = link.address;
    out.painted(Color::Mac, "address", address, format_args!("{address}"));
    if form.short {
        return;
    }
    if link.flags.has(LinkFlags::POINTOPOINT) {
        out.word(" peer ");
        out.json_only("link_pointtopoint", true);
    } else {
        out.word(" brd ");
    }
    let broadcast = link.broadcast;
    out.painted(
        Color::Mac,
        "broadcast",
        broadcast,
        format_args!("{broadcast}"),
    );
    if let Some(own) = link.permanent_address.filter(|own| *own != address) {
        out.word(" permaddr ");
        out.painted(Color::Mac, "permaddr", own, format_args!("{own}"));
    }
}

/// ` link-netns red`, or the number where the namespace has no name.
fn print_namespace(out: &mut Printer, link: &LinkInfo, around: &Around) {
    let Some(id) = link.link_netnsid else {
        return;
    };
    out.json_only("link_netnsid", id);
    match around.namespaces.get(&id) {
        Some(name) => out.fp(format_args!(" link-netns {name}")),
        None if id < 0 => out.word(" link-netnsid unknown"),
        None => out.fp(format_args!(" link-netnsid {id}")),
    }
}

fn print_details(out: &mut Printer, form: Form<'_>, link: &LinkInfo, around: &Around) {
    out.any(
        "promiscuity",
        link.promiscuity,
        format_args!(" promiscuity {} ", link.promiscuity),
    );
    out.any(
        "allmulti",
        link.allmulti,
        format_args!(" allmulti {} ", link.allmulti),
    );
    out.number("min_mtu", "minmtu", link.min_mtu);
    out.number("max_mtu", "maxmtu", link.max_mtu);
    if link.kind.is_some() || link.bridge_port.is_some() {
        out.open_object(Some("linkinfo"));
        print_kind(out, link, around);
        print_port(out, link, around);
        out.close_object();
    }
    if form.link && link.has_inet6 {
        let mode = addrgenmode_name(link.addrgenmode);
        out.any(
            "inet6_addr_gen_mode",
            mode,
            format_args!("addrgenmode {mode} "),
        );
    }
    out.number("num_tx_queues", "numtxqueues", link.tx_queues);
    out.number("num_rx_queues", "numrxqueues", link.rx_queues);
    let names = [
        "gso_max_size",
        "gso_max_segs",
        "tso_max_size",
        "tso_max_segs",
        "gro_max_size",
    ];
    for (name, value) in names.into_iter().zip(link.gso) {
        out.number(name, name, value);
    }
}

fn print_kind(out: &mut Printer, link: &LinkInfo, around: &Around) {
    let Some(kind) = &link.kind else {
        return;
    };
    out.line_break();
    let name = kind_name(kind);
    out.any("info_kind", name, format_args!("    {name} "));
    match kind {
        LinkKindInfo::Veth | LinkKindInfo::Dummy => {}
        LinkKindInfo::Vlan(info) => {
            out.open_object(Some("info_data"));
            vlan::print(out, info);
            out.close_object();
        }
        LinkKindInfo::Macvlan(info) => {
            out.open_object(Some("info_data"));
            macvlan::print(out, info);
            out.close_object();
        }
        LinkKindInfo::Ipvlan(info) => {
            out.open_object(Some("info_data"));
            ipvlan::print(out, info);
            out.close_object();
        }
        LinkKindInfo::Bridge(info) => {
            out.open_object(Some("info_data"));
            bridge::print(out, info);
            out.close_object();
        }
        LinkKindInfo::Vxlan(options) => {
            out.open_object(Some("info_data"));
            vxlan::print(out, options, &|index| around.name(index));
            out.close_object();
        }
    }
}

fn print_port(out: &mut Printer, link: &LinkInfo, around: &Around) {
    let Some(info) = &link.bridge_port else {
        return;
    };
    out.line_break();
    out.any(
        "info_slave_kind",
        "bridge",
        format_args!("    bridge_slave "),
    );
    out.open_object(Some("info_slave_data"));
    port::print(out, info, &|index| around.name(index));
    out.close_object();
}

/// The kind as the kernel calls it (`IFLA_INFO_KIND`).
pub fn kind_name(kind: &LinkKindInfo) -> &'static str {
    match kind {
        LinkKindInfo::Veth => "veth",
        LinkKindInfo::Bridge(_) => "bridge",
        LinkKindInfo::Dummy => "dummy",
        LinkKindInfo::Vxlan(_) => "vxlan",
        LinkKindInfo::Vlan(_) => "vlan",
        LinkKindInfo::Macvlan(_) => "macvlan",
        LinkKindInfo::Ipvlan(_) => "ipvlan",
    }
}

fn addrgenmode_name(mode: AddrGenMode) -> &'static str {
    match mode {
        AddrGenMode::Eui64 => "eui64",
        AddrGenMode::None => "none",
        AddrGenMode::StableSecret => "stable_secret",
        AddrGenMode::Random => "random",
    }
}

fn print_altnames(out: &mut Printer, names: &[String]) {
    if names.is_empty() {
        return;
    }
    out.open_array(Some("altnames"));
    for name in names {
        indent(out);
        out.word("altname ");
        out.item(name, format_args!("{name}"));
    }
    out.close_array();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::ip::link::tests::veth;

    fn shown(link: &LinkInfo, around: &Around, options: &Options) -> String {
        let mut out = options.printer();
        let form = Form {
            options,
            link: true,
            family: Family::Link,
            short: false,
        };
        if out.is_json() {
            out.open_object(None);
            print(&mut out, form, link, around);
            out.close_object();
        } else {
            print(&mut out, form, link, around);
        }
        out.finish()
    }

    fn around() -> Around {
        let mut around = Around::default();
        around.devices.insert(2, ("vb".to_owned(), false));
        around.namespaces.insert(0, "blue".to_owned());
        around
    }

    #[test]
    fn a_veth_whose_peer_is_down_says_so() {
        assert_eq!(
            shown(&veth(), &around(), &Options::default()),
            "3: va@vb: <BROADCAST,MULTICAST,M-DOWN> mtu 1500 qdisc noop state DOWN mode DEFAULT group default qlen 1000\n    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n"
        );
    }

    #[test]
    fn a_peer_in_another_namespace_is_a_number_and_a_name() {
        let link = LinkInfo {
            link_netnsid: Some(0),
            ..veth()
        };
        let text = shown(&link, &around(), &Options::default());
        assert!(
            text.starts_with("3: va@if2: <BROADCAST,MULTICAST> mtu 1500 "),
            "{text}"
        );
        assert!(
            text.ends_with("brd ff:ff:ff:ff:ff:ff link-netns blue\n"),
            "{text}"
        );
        let unnamed = shown(&link, &Around::default(), &Options::default());
        assert!(unnamed.ends_with(" link-netnsid 0\n"), "{unnamed}");
    }

    #[test]
    fn details_name_the_kind_and_the_limits() {
        let options = Options {
            details: 1,
            ..Options::default()
        };
        assert!(shown(&veth(), &around(), &options).ends_with(
            "brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 68 maxmtu 65535 \n    veth addrgenmode eui64 numtxqueues 2 numrxqueues 2 gso_max_size 65536 gso_max_segs 65535 tso_max_size 524280 tso_max_segs 65535 gro_max_size 65536 \n"
        ));
    }

    #[test]
    fn json_and_brief_forms_are_those_of_iproute2() {
        let json = Options {
            json: true,
            ..Options::default()
        };
        let link = LinkInfo {
            altnames: vec!["a1".to_owned(), "a2".to_owned()],
            ..veth()
        };
        assert_eq!(
            shown(&link, &around(), &json),
            "[{\"ifindex\":3,\"link\":\"vb\",\"ifname\":\"va\",\"flags\":[\"BROADCAST\",\"MULTICAST\",\"M-DOWN\"],\"mtu\":1500,\"qdisc\":\"noop\",\"operstate\":\"DOWN\",\"linkmode\":\"DEFAULT\",\"group\":\"default\",\"txqlen\":1000,\"link_type\":\"ether\",\"address\":\"02:00:00:00:00:01\",\"broadcast\":\"ff:ff:ff:ff:ff:ff\",\"altnames\":[\"a1\",\"a2\"]}]\n"
        );
        let brief = Options {
            brief: true,
            ..Options::default()
        };
        assert_eq!(
            shown(&veth(), &around(), &brief),
            "va@vb            DOWN           02:00:00:00:00:01 <BROADCAST,MULTICAST,M-DOWN> \n"
        );
    }
}
