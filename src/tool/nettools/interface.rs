//! Interfaces as net-tools see them: devices, and labels with a colon as interfaces of their own.
//! How they are changed is `ifconfig`'s.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr};

use crate::kernel::netlink::{AddrInfo, LinkFlags, LinkInfo};
use crate::tool::Call;

use super::mask_of;

/// One interface: a device, or an alias of one.
pub struct Interface {
    /// Its name: a device's, or a label with a colon.
    pub name: String,
    /// The device.
    pub link: LinkInfo,
    /// Its IPv4 address: the first one with this label.
    pub inet: Option<AddrInfo>,
    /// The IPv6 addresses; an alias has none.
    pub inet6: Vec<AddrInfo>,
}

impl Interface {
    /// Whether it is an alias: it has no statistics.
    pub fn is_alias(&self) -> bool {
        self.name.contains(':')
    }

    /// Whether it is up.
    pub fn is_up(&self) -> bool {
        self.link.flags.has(LinkFlags::UP)
    }
}

/// All interfaces, by name as people count (`nstrcmp`).
pub fn all(call: &mut Call<'_>) -> Vec<Interface> {
    let addrs = call.world.addrs(call.netns);
    let mut found = Vec::new();
    for link in call.world.links(call.netns) {
        let device = link.name.to_string();
        let mut names = vec![device.clone()];
        for addr in addrs.iter().filter(|addr| addr.ifindex == link.ifindex) {
            let label = addr.label.as_ref().filter(|label| label.contains(':'));
            match label {
                Some(label) if !names.contains(label) => names.push(label.clone()),
                _ => {}
            }
        }
        for name in names {
            found.push(interface(name, &link, &addrs));
        }
    }
    found.sort_by(|a, b| natural(&a.name, &b.name));
    found
}

/// One interface by name; an alias may be one that has no address.
pub fn named(call: &mut Call<'_>, name: &str) -> Option<Interface> {
    let device = name.split(':').next().unwrap_or(name);
    let link = crate::kernel::netlink::LinkRef::Name(device.to_owned());
    let link = call.world.link(call.netns, &link).ok()?;
    let addrs = call.world.addrs(call.netns);
    Some(interface(name.to_owned(), &link, &addrs))
}

fn interface(name: String, link: &LinkInfo, addrs: &[AddrInfo]) -> Interface {
    let own = || addrs.iter().filter(|addr| addr.ifindex == link.ifindex);
    let inet = own().find(|addr| addr.local.is_ipv4() && addr.label.as_ref() == Some(&name));
    let alias = name.contains(':');
    let inet6 = own().filter(|addr| addr.local.is_ipv6() && !alias);
    Interface {
        inet: inet.cloned(),
        inet6: inet6.cloned().collect(),
        link: link.clone(),
        name,
    }
}

/// Compares names so that `eth2` comes before `eth10`.
fn natural(a: &str, b: &str) -> Ordering {
    let split = |name: &str| {
        let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (head, tail) = name.split_at(name.len() - digits);
        (head.to_owned(), tail.parse::<u64>().unwrap_or(0))
    };
    let ((head_a, number_a), (head_b, number_b)) = (split(a), split(b));
    match head_a == head_b {
        true => number_a.cmp(&number_b).then_with(|| a.cmp(b)),
        false => a.cmp(b),
    }
}

/// The flags in the order of `ifconfig`, with the letter of the short form.
const FLAGS: [(u32, &str); 14] = [
    (0x1, "UP"),
    (0x2, "BROADCAST"),
    (0x4, "DEBUG"),
    (0x8, "LOOPBACK"),
    (0x10, "POINTOPOINT"),
    (0x20, "NOTRAILERS"),
    (0x40, "RUNNING"),
    (0x80, "NOARP"),
    (0x100, "PROMISC"),
    (0x200, "ALLMULTI"),
    (0x800, "SLAVE"),
    (0x400, "MASTER"),
    (0x1000, "MULTICAST"),
    (0x8000, "DYNAMIC"),
];

/// The long form (`ife_print_long`).
pub fn long(interface: &Interface) -> String {
    let link = &interface.link;
    let flags = link.flags.0 & 0xffff;
    let names: Vec<&str> = FLAGS
        .iter()
        .filter(|(bit, _)| flags & bit != 0)
        .map(|(_, name)| *name)
        .collect();
    let mut text = format!(
        "{}: flags={flags}<{}>  mtu {}\n",
        interface.name,
        names.join(","),
        link.mtu
    );
    if let Some(addr) = &interface.inet {
        text.push_str(&inet_line(addr, flags));
    }
    for addr in &interface.inet6 {
        text.push_str(&inet6_line(addr));
    }
    text.push_str(&hardware_line(link));
    if !interface.is_alias() {
        text.push_str(&counters(link));
    }
    text.push('\n');
    text
}

fn inet_line(addr: &AddrInfo, flags: u32) -> String {
    let mut text = format!(
        "        inet {}  netmask {}",
        addr.local,
        mask_of(addr.prefix_len)
    );
    if flags & LinkFlags::BROADCAST != 0 {
        let none = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let broadcast = addr.broadcast.unwrap_or(none);
        text.push_str(&format!("  broadcast {broadcast}"));
    }
    if flags & LinkFlags::POINTOPOINT != 0 {
        text.push_str(&format!("  destination {}", addr.address));
    }
    text.push('\n');
    text
}

fn inet6_line(addr: &AddrInfo) -> String {
    let scope = match addr.scope {
        254 => "0x10<host>",
        253 => "0x20<link>",
        200 => "0x40<site>",
        _ => "0x0<global>",
    };
    format!(
        "        inet6 {}  prefixlen {}  scopeid {scope}\n",
        addr.local, addr.prefix_len
    )
}

fn hardware_line(link: &LinkInfo) -> String {
    let queue = format!("txqueuelen {}", link.txqlen);
    if link.loopback {
        format!("        loop  {queue}  (Local Loopback)\n")
    } else {
        format!("        ether {}  {queue}  (Ethernet)\n", link.address)
    }
}

fn counters(link: &LinkInfo) -> String {
    let s = &link.stats;
    format!(
        "        RX packets {}  bytes {} ({})\n        RX errors {}  dropped {}  overruns 0  frame 0\n        TX packets {}  bytes {} ({})\n        TX errors {}  dropped {} overruns 0  carrier {}  collisions {}\n",
        s.rx_packets,
        s.rx_bytes,
        scaled(s.rx_bytes),
        s.rx_errors,
        s.rx_dropped,
        s.tx_packets,
        s.tx_bytes,
        scaled(s.tx_bytes),
        s.tx_errors,
        s.tx_dropped,
        s.tx_carrier,
        s.collisions
    )
}

/// Bytes with one decimal, cut off: `3.7 KiB`.
fn scaled(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let power = (1..6u32)
        .rev()
        .find(|power| bytes > 1 << (10 * power))
        .unwrap_or(0);
    let tenths = (u128::from(bytes) * 10) >> (10 * power);
    let unit = units.get(power as usize).unwrap_or(&"B");
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// A line of the short form (`ife_print_short`).
pub fn short(interface: &Interface) -> String {
    let (link, s) = (&interface.link, &interface.link.stats);
    let mut text = format!("{:<15.15} {:>5} ", interface.name, link.mtu);
    if interface.is_alias() {
        text.push_str(&format!("{:<56}", "     - no statistics available -"));
    } else {
        text.push_str(&format!(
            "{:>8} {:>6} {:>6} {:<6} {:>8} {:>6} {:>6} {:>6} ",
            s.rx_packets, s.rx_errors, s.rx_dropped, 0, s.tx_packets, s.tx_errors, s.tx_dropped, 0
        ));
    }
    text.push_str(&letters(link.flags.0));
    text.push('\n');
    text
}

/// The flags of the short form.
fn letters(flags: u32) -> String {
    let table = [
        (0x200, 'A'),
        (0x2, 'B'),
        (0x4, 'D'),
        (0x8, 'L'),
        (0x1000, 'M'),
        (0x8000, 'd'),
        (0x100, 'P'),
        (0x20, 'N'),
        (0x80, 'O'),
        (0x10, 'p'),
        (0x800, 's'),
        (0x400, 'm'),
        (0x40, 'R'),
        (0x1, 'U'),
    ];
    if flags & 0xffff == 0 {
        return "[NO FLAGS]".to_owned();
    }
    let set = table.iter().filter(|(bit, _)| flags & bit != 0);
    set.map(|(_, letter)| *letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_as_people_count() {
        let mut names = ["vb", "eth10", "eth2", "lo", "va:1", "va"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["eth2", "eth10", "lo", "va", "va:1", "vb"]);
    }

    #[test]
    fn bytes_are_cut_to_one_decimal() {
        for (bytes, want) in [
            (0, "0.0 B"),
            (978, "978.0 B"),
            (3806, "3.7 KiB"),
            (1 << 20, "1024.0 KiB"),
        ] {
            assert_eq!(scaled(bytes), want);
        }
    }
}
