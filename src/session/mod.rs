//! Sessions: any script runs, and its network commands act on a simulated world.
//! What the commands do is behind the trait [`Backend`]; the protocol is in `docs/session.md`.
//!
//! [`exec`] and [`shell`] are the server's side: a private directory with a socket
//! and a link to this binary for each tool, a command with these first on `PATH`, and
//! a loop that serves calls and moves the virtual clock. [`client()`] is the other
//! side: what the binary does when it is called by one of the links.

mod backend;
mod blocked;
mod calls;
mod children;
mod client;
mod clock;
mod connection;
mod directory;
mod door;
#[cfg(test)]
mod dummy;
mod duration;
mod frame;
mod lab;
mod leave;
mod processes;
mod procfs;
mod prompt;
mod proto;
mod record;
mod replay;
mod run;
mod server;
mod signals;
mod sinks;
mod stand_in;
#[cfg(test)]
mod tests;
mod tree;

pub use backend::{
    Backend, ClientId, Create, Each, Event, Exec, FileHandle, HostError, HostIo, Invocation,
    Output, Running, Signal, Status, TOOL_COST_NS, base_name,
};
pub use client::run as client;
pub use lab::Lab;
pub use leave::leaves_simulation;
pub use replay::{Replayed, replay};
pub use run::{exec, shell};
pub use sinks::Sinks;

/// The tools that are the session's own, and only pass time.
pub const OWN_TOOLS: [&str; 2] = ["sleep", "timeout"];

/// The tools that a world is expected to have, and those that change networks and are not simulated: these
/// are linked too, so that they never act on the real machine.
pub const TOOLS: [&str; 101] = [
    "arp",
    "arping",
    "arptables",
    "arptables-legacy",
    "arptables-nft",
    "arptables-restore",
    "arptables-save",
    "bpftool",
    "brctl",
    "bridge",
    "conntrack",
    "conntrackd",
    "dcb",
    "devlink",
    "dhclient",
    "dhcpcd",
    "dmesg",
    "docker",
    "ebtables",
    "ebtables-legacy",
    "ebtables-nft",
    "ebtables-restore",
    "ebtables-save",
    "ethtool",
    "explain",
    "firewall-cmd",
    "genl",
    "hostapd",
    "hostname",
    "ifconfig",
    "ifdown",
    "ifenslave",
    "ifup",
    "ip",
    "ip6tables",
    "ip6tables-apply",
    "ip6tables-restore",
    "ip6tables-save",
    "ip6tables-translate",
    "iperf3",
    "ipmaddr",
    "ipset",
    "iptables",
    "iptables-apply",
    "iptables-restore",
    "iptables-restore-translate",
    "iptables-save",
    "iptables-translate",
    "iptables-xml",
    "iptunnel",
    "ipvsadm",
    "iw",
    "iwconfig",
    "lsns",
    "mii-tool",
    "modprobe",
    "nameif",
    "nc",
    "netcat",
    "netplan",
    "netstat",
    "networkctl",
    "nfct",
    "nft",
    "nmcli",
    "nsenter",
    "nstat",
    "on",
    "openvpn",
    "ovs-appctl",
    "ovs-ofctl",
    "ovs-vsctl",
    "ping",
    "ping6",
    "rarp",
    "rdma",
    "route",
    "ss",
    "sudo",
    "sysctl",
    "tc",
    "tcpdump",
    "teamd",
    "teamdctl",
    "teamnl",
    "tipc",
    "traceroute",
    "traceroute6",
    "tunctl",
    "udhcpc",
    "ufw",
    "unshare",
    "vconfig",
    "vdpa",
    "wg",
    "wg-quick",
    "wpa_supplicant",
    "xtables-legacy-multi",
    "xtables-monitor",
    "xtables-multi",
    "xtables-nft-multi",
];

/// Whether a process called `name` is one of the links rather than `vethlab` itself.
///
/// ```
/// assert!(vethlab::session::is_client("/tmp/x/bin/ip", false));
/// assert!(!vethlab::session::is_client("target/release/vethlab", true));
/// ```
pub fn is_client(name: &str, in_session: bool) -> bool {
    let name = base_name(name);
    !name.starts_with("vethlab")
        && (in_session || TOOLS.contains(&name) || OWN_TOOLS.contains(&name))
}

/// Whether this process was started within a session.
pub fn in_session() -> bool {
    std::env::var_os(client::SOCKET).is_some()
}
