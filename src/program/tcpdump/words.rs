//! What tcpdump says around the frames: banners, statistics, lists.
//! Which device and how many is the caller's.

use std::fmt::Write;

use super::Options;
use crate::wire::pcap::LinkNumber;

/// What is said when a capture begins: on standard error.
pub fn listening(options: &Options, interface: &str, link: LinkNumber) -> String {
    let start = if options.print.verbose == 0 && options.write.is_none() {
        "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n"
    } else {
        "tcpdump: "
    };
    format!(
        "{start}listening on {interface}, {}, snapshot length {} bytes\n",
        link_type(link),
        options.snaplen
    )
}

/// What is said when a file is read: on standard error.
pub fn reading(file: &str, link: LinkNumber, snaplen: u32) -> String {
    let mut banner = format!(
        "reading from file {file}, {}, snapshot length {snaplen}\n",
        link_type(link)
    );
    if link == LinkNumber::LINUX_SLL2 {
        banner.push_str("Warning: interface names might be incorrect\n");
    }
    banner
}

fn link_type(link: LinkNumber) -> String {
    match link.description() {
        Some((name, description)) => format!("link-type {name} ({description})"),
        None => format!("link-type {}", link.0),
    }
}

fn packets(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} packet{plural} {what}")
}

/// What is said when a capture ends: on standard error.
///
/// ```
/// use vethlab::program::tcpdump::statistics;
///
/// assert_eq!(
///     statistics(1, 2, 0),
///     "1 packet captured\n2 packets received by filter\n0 packets dropped by kernel\n"
/// );
/// ```
pub fn statistics(captured: u64, received: u64, dropped: u64) -> String {
    format!(
        "{}\n{}\n{}\n",
        packets(captured, "captured"),
        packets(received, "received by filter"),
        packets(dropped, "dropped by kernel")
    )
}

/// What is said at SIGUSR1: on standard error.
pub fn short_statistics(captured: u64, received: u64, dropped: u64) -> String {
    format!(
        "tcpdump: {}, {}, {}\n",
        packets(captured, "captured"),
        packets(received, "received by filter"),
        packets(dropped, "dropped by kernel")
    )
}

/// A device that can be captured on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// IFF_UP.
    pub up: bool,
    /// IFF_RUNNING.
    pub running: bool,
    /// IFF_LOOPBACK.
    pub loopback: bool,
    /// Whether it has a carrier.
    pub connected: bool,
}

/// What libpcap lists beside devices, and whether it is wireless.
const PSEUDO_DEVICES: [(&str, &str, &str); 5] = [
    ("bluetooth-monitor", "Bluetooth Linux Monitor", "Wireless"),
    ("nflog", "Linux netfilter log (NFLOG) interface", "none"),
    (
        "nfqueue",
        "Linux netfilter queue (NFQUEUE) interface",
        "none",
    ),
    ("dbus-system", "D-Bus system bus", "none"),
    ("dbus-session", "D-Bus session bus", "none"),
];

/// One line of the list, and its place in it.
struct Entry {
    rank: u8,
    name: String,
    rest: String,
}

impl Interface {
    /// The better a device is to capture on, the earlier it is listed (`get_figure_of_merit`).
    fn rank(&self) -> u8 {
        let disconnected = !self.loopback && !self.connected;
        u8::from(!self.running) << 7
            | u8::from(!self.up) << 6
            | u8::from(disconnected) << 5
            | u8::from(self.loopback) << 4
    }

    fn entry(&self) -> Entry {
        let mut flags: Vec<&str> = [
            (self.up, "Up"),
            (self.running, "Running"),
            (self.loopback, "Loopback"),
        ]
        .into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, name)| name)
        .collect();
        if flags.is_empty() {
            flags.push("none");
        }
        match (self.loopback, self.connected) {
            (true, _) => {}
            (false, true) => flags.push("Connected"),
            (false, false) => flags.push("Disconnected"),
        }
        Entry {
            rank: self.rank(),
            name: self.name.clone(),
            rest: format!(" [{}]", flags.join(", ")),
        }
    }
}

/// All that can be captured on, in libpcap's order.
fn entries(interfaces: &[Interface]) -> Vec<Entry> {
    let any = Entry {
        rank: 0x08,
        name: "any".to_owned(),
        rest: " (Pseudo-device that captures on all interfaces) [Up, Running]".to_owned(),
    };
    let pseudo = PSEUDO_DEVICES
        .iter()
        .map(|(name, description, flags)| Entry {
            rank: 0xc0,
            name: (*name).to_owned(),
            rest: format!(" ({description}) [{flags}]"),
        });
    let devices = interfaces.iter().map(Interface::entry);
    let mut entries: Vec<Entry> = devices.chain([any]).chain(pseudo).collect();
    entries.sort_by_key(|entry| entry.rank);
    entries
}

/// What `-D` prints.
pub fn interface_list(interfaces: &[Interface]) -> String {
    let mut list = String::new();
    for (index, entry) in entries(interfaces).iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = writeln!(list, "{}.{}{}", index + 1, entry.name, entry.rest);
    }
    list
}

/// The name that is listed at this place, counted from 1.
pub(super) fn listed(interfaces: &[Interface], number: usize) -> Option<String> {
    let entries = entries(interfaces);
    let entry = entries.get(number.checked_sub(1)?)?;
    Some(entry.name.clone())
}

/// What `-L` prints: on standard error.
pub fn link_types(interface: &str) -> String {
    let types = if interface == "any" {
        "  LINUX_SLL (Linux cooked v1)\n  LINUX_SLL2 (Linux cooked v2)\n"
    } else {
        "  EN10MB (Ethernet)\n  DOCSIS (DOCSIS) (printing not supported)\n"
    };
    format!("Data link types for {interface} (use option -y to set):\n{types}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str, up: bool, connected: bool) -> Interface {
        Interface {
            name: name.to_owned(),
            up,
            running: up && connected,
            loopback: name == "lo",
            connected,
        }
    }

    #[test]
    fn devices_are_listed_by_how_good_they_are() {
        let devices = [
            interface("lo", true, true),
            interface("veth2", false, false),
            interface("veth1", true, false),
            interface("br0", true, true),
        ];
        let list = interface_list(&devices);
        let lines: Vec<&str> = list.lines().collect();
        assert_eq!(lines[0], "1.br0 [Up, Running, Connected]");
        assert_eq!(
            lines[1],
            "2.any (Pseudo-device that captures on all interfaces) [Up, Running]"
        );
        assert_eq!(lines[2], "3.lo [Up, Running, Loopback]");
        assert_eq!(lines[3], "4.veth1 [Up, Disconnected]");
        assert_eq!(
            lines[4],
            "5.bluetooth-monitor (Bluetooth Linux Monitor) [Wireless]"
        );
        assert_eq!(lines[9], "10.veth2 [none, Disconnected]");
        assert_eq!(listed(&devices, 3).as_deref(), Some("lo"));
        assert_eq!(listed(&devices, 0), None);
        assert_eq!(listed(&devices, 11), None);
    }

    #[test]
    fn banners_depend_on_what_is_asked() {
        let mut options = Options::default();
        assert_eq!(
            listening(&options, "veth1", LinkNumber::ETHERNET),
            "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n\
             listening on veth1, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n"
        );
        options.write = Some("x.pcap".to_owned());
        assert_eq!(
            listening(&options, "veth1", LinkNumber::ETHERNET),
            "tcpdump: listening on veth1, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n"
        );
        assert_eq!(
            reading("x.pcap", LinkNumber(147), 96),
            "reading from file x.pcap, link-type 147, snapshot length 96\n"
        );
    }
}
