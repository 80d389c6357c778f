//! The real programs that would leave the simulation when run in a simulated namespace.
//! It only knows names; whoever starts a program decides whether to say so.

use super::backend::base_name;

/// Programs that use the network of the machine they run on, whatever namespace the session is in.
const NETWORK_PROGRAMS: [&str; 74] = [
    "ab",
    "aria2c",
    "avahi-browse",
    "busctl",
    "conntrack",
    "curl",
    "dhclient",
    "dhcpcd",
    "dhcpd",
    "dig",
    "dnsmasq",
    "drill",
    "elinks",
    "fping",
    "ftp",
    "git",
    "go",
    "gobgpd",
    "haproxy",
    "host",
    "hping3",
    "http",
    "iperf",
    "iperf3",
    "ipvsadm",
    "java",
    "kubectl",
    "links",
    "lynx",
    "mosh",
    "mtr",
    "mysql",
    "ncat",
    "netperf",
    "netserver",
    "nft",
    "nginx",
    "nmap",
    "node",
    "npm",
    "nping",
    "nslookup",
    "ntpdate",
    "openssl",
    "ovs-ofctl",
    "ovs-vsctl",
    "perl",
    "php",
    "podman",
    "psql",
    "python",
    "python2",
    "python3",
    "qperf",
    "radvd",
    "redis-cli",
    "rsync",
    "ruby",
    "scapy",
    "scp",
    "sftp",
    "smbclient",
    "snmpwalk",
    "socat",
    "sockperf",
    "ssh",
    "sshd",
    "telnet",
    "tftp",
    "tshark",
    "wget",
    "whois",
    "wireshark",
    "wrk",
];

/// The line that says so, where `program` is a real network program. `namespace` is as the user
/// calls it; empty for a host's own.
///
/// ```
/// use vethlab::session::leaves_simulation;
///
/// let line = leaves_simulation("/usr/bin/curl", "red").unwrap();
/// assert!(line.contains("curl"));
/// assert_eq!(leaves_simulation("bash", "red"), None);
/// ```
pub fn leaves_simulation(program: &str, namespace: &str) -> Option<String> {
    let name = base_name(program);
    // `python3.11` and the like are what they are without their version.
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if !NETWORK_PROGRAMS.contains(&name) && !NETWORK_PROGRAMS.contains(&plain) {
        return None;
    }
    let place = match namespace {
        "" => "the simulated host".to_owned(),
        namespace => format!("the simulated namespace {namespace}"),
    };
    Some(format!(
        "vethlab: {name} is a real program: it sees this machine's network, not that of {place}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_programs_are_named_and_others_are_not() {
        for program in [
            "curl",
            "/usr/bin/ssh",
            "python3",
            "python3.11",
            "nmap",
            "telnet",
        ] {
            assert!(leaves_simulation(program, "red").is_some(), "{program}");
        }
        for program in ["bash", "sh", "cat", "/bin/true", "jq", "", "3", "env"] {
            assert_eq!(leaves_simulation(program, "red"), None, "{program}");
        }
    }
}
