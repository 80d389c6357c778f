//! `/proc/net`: counters of devices, neighbours, routes and addresses as the kernel prints them.
//! Its other files are known by name, and not simulated.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Entry, Fault, Node};
use crate::netns::fib::Metric;
use crate::netns::neigh::Nud;
use crate::tool::{Call, nettools};
use crate::units::Errno;

/// The files that can be read here.
const READABLE: [&str; 4] = ["arp", "dev", "if_inet6", "route"];

/// Files and directories that a kernel has besides.
const OTHERS: [&str; 48] = [
    "anycast6",
    "arp_tables_matches",
    "arp_tables_names",
    "arp_tables_targets",
    "dev_mcast",
    "dev_snmp6",
    "fib_trie",
    "fib_triestat",
    "icmp",
    "icmp6",
    "igmp",
    "igmp6",
    "ip6_flowlabel",
    "ip6_mr_cache",
    "ip6_mr_vif",
    "ip6_tables_names",
    "ip_mr_cache",
    "ip_mr_vif",
    "ip_tables_names",
    "ipv6_route",
    "mcfilter",
    "mcfilter6",
    "netfilter",
    "netlink",
    "netstat",
    "nf_conntrack",
    "packet",
    "protocols",
    "psched",
    "ptype",
    "raw",
    "raw6",
    "rt6_stats",
    "rt_cache",
    "snmp",
    "snmp6",
    "sockstat",
    "sockstat6",
    "softnet_stat",
    "stat",
    "tcp",
    "tcp6",
    "udp",
    "udp6",
    "udplite",
    "udplite6",
    "unix",
    "vlan",
];

/// What stands below `/proc/net`.
pub(super) fn look(call: &mut Call<'_>, parts: &[&str]) -> Result<Node, Fault> {
    let text = match *parts {
        [] => {
            let names = READABLE.iter().chain(&OTHERS);
            let entry = |name: &&str| ((*name).to_owned(), Entry::File("-r--r--r--", 0));
            return Ok(Node::Directory(
                names.map(entry).collect::<BTreeMap<_, _>>(),
            ));
        }
        ["arp"] => arp(call),
        ["dev"] => dev(call),
        ["if_inet6"] => if_inet6(call),
        ["route"] => route(call),
        [name, ..] if OTHERS.contains(&name) => return Err(Fault::NotSimulated),
        _ => return Err(Errno::Enoent.into()),
    };
    Ok(Node::File(text))
}

/// Counters of each device (`dev_seq_printf_stats`).
fn dev(call: &mut Call<'_>) -> String {
    let mut text = "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n".to_owned();
    for link in call.world.links(call.netns) {
        let stats = &link.stats;
        text.push_str(&format!(
            "{:>6}: {:>7} {:>7} {:>4} {:>4} {:>4} {:>5} {:>10} {:>9} {:>8} {:>7} {:>4} {:>4} {:>4} {:>5} {:>7} {:>10}\n",
            link.name.as_str(),
            stats.rx_bytes,
            stats.rx_packets,
            stats.rx_errors,
            stats.rx_dropped + stats.rx_missed,
            0,
            0,
            0,
            stats.multicast,
            stats.tx_bytes,
            stats.tx_packets,
            stats.tx_errors,
            stats.tx_dropped,
            0,
            stats.collisions,
            stats.tx_carrier,
            0
        ));
    }
    text
}

/// The neighbours of IPv4 (`arp_format_neigh_entry`): 2 is known, 4 permanent.
fn arp(call: &Call<'_>) -> String {
    let mut text =
        "IP address       HW type     Flags       HW address            Mask     Device\n"
            .to_owned();
    for entry in nettools::arp_entries(call) {
        let flags = match entry.state {
            Nud::Permanent => 6,
            state if state.is_valid() => 2,
            _ => 0,
        };
        let mac = entry.lladdr.unwrap_or_default().to_string();
        let (addr, dev) = (entry.addr.to_string(), nettools::arp_device(&entry));
        text.push_str(&format!(
            "{addr:<16} 0x{:<10x}0x{flags:<10x}{mac:<17}     *        {dev}\n",
            1
        ));
    }
    text
}

/// The addresses of IPv6 (`if6_seq_show`).
fn if_inet6(call: &mut Call<'_>) -> String {
    let mut text = String::new();
    for addr in call.world.addrs(call.netns) {
        let IpAddr::V6(local) = addr.local else {
            continue;
        };
        let digits: String = local
            .octets()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let scope = match () {
            () if local.is_loopback() => 0x10,
            () if local.is_unicast_link_local() => 0x20,
            () => 0,
        };
        let (index, len, flags) = (addr.ifindex, addr.prefix_len, addr.flags & 0xff);
        text.push_str(&format!(
            "{digits} {index:02x} {len:02x} {scope:02x} {flags:02x} {:>8}\n",
            addr.dev.as_str()
        ));
    }
    text
}

/// The main table of IPv4 (`fib_route_seq_show`): addresses as numbers of the machine's byte order, each line as long as the first.
fn route(call: &mut Call<'_>) -> String {
    const WIDTH: usize = 127;
    let number = |addr: IpAddr| match addr {
        IpAddr::V4(addr) => u32::from_le_bytes(addr.octets()),
        IpAddr::V6(_) => 0,
    };
    let mut lines = vec![
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"
            .to_owned(),
    ];
    for route in nettools::listed_routes(call) {
        let hop = route.nexthops.first();
        let dev = hop.and_then(|hop| call.world.ifname(call.netns, hop.oif));
        let dev = dev.map_or_else(|| "*".to_owned(), |dev| dev.to_string());
        let gateway = hop.and_then(|hop| hop.gateway).map_or(0, number);
        let mask = IpAddr::V4(nettools::mask_of(route.dst.prefix_len()));
        let mut flags = 1;
        if nettools::is_refusing(&route) {
            flags |= 0x200;
        }
        if gateway != 0 {
            flags |= 2;
        }
        if route.dst.prefix_len() == 32 {
            flags |= 4;
        }
        let of = |name: Metric| route.metrics.value(name).unwrap_or(0);
        let mtu = match of(Metric::AdvMss) {
            0 => 0,
            mss => mss + 40,
        };
        lines.push(format!(
            "{dev}\t{:08X}\t{gateway:08X}\t{flags:04X}\t0\t0\t{}\t{:08X}\t{mtu}\t{}\t{}",
            number(route.dst.addr()),
            route.metric.unwrap_or(0),
            number(mask),
            of(Metric::Window),
            of(Metric::Rtt) / 8
        ));
    }
    lines
        .iter()
        .map(|line| format!("{line:<WIDTH$}\n"))
        .collect()
}
