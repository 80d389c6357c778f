//! Scripts of real command lines, invented from a seed: some build, some break, some ask.
//! Whether they make sense is left to chance: what is refused must be refused in the same words.

use std::fmt::Write as _;

use crate::engine::{Random, Seed};

/// How many lines are drawn for a script, beside those that begin it.
const LINES: u32 = 22;

/// What a `%x` in a line stands for, one of which is drawn.
const CHOICES: &[(char, &[&str])] = &[
    ('d', &["va", "vb", "br0", "br1", "vx0", "vc", "lo"]),
    ('v', &["va", "vb", "vc", "vd"]),
    ('b', &["br0", "br1"]),
    ('n', &["red", "blue"]),
    (
        'a',
        &[
            "10.0.0.1/24",
            "10.0.0.2/24",
            "10.0.1.1/24",
            "10.0.0.3/16",
            "10.9.9.9/32",
            "192.168.7.1/30",
            "10.0.0.129/25",
        ],
    ),
    (
        'h',
        &[
            "10.0.0.1",
            "10.0.0.2",
            "10.0.0.77",
            "10.0.1.1",
            "10.9.9.9",
            "127.0.0.1",
            "192.168.7.2",
        ],
    ),
    (
        'p',
        &[
            "10.5.0.0/16",
            "10.5.1.0/24",
            "default",
            "10.6.6.6",
            "10.0.0.0/24",
            "172.16.0.0/12",
            "0.0.0.0/1",
        ],
    ),
    (
        '6',
        &[
            "fd00::1/64",
            "fd00::2/64",
            "fd00:1::1/48",
            "fd00::77/128",
            "2001:db8::1/64",
        ],
    ),
    (
        'g',
        &["fd00::1", "fd00::2", "fd00::5", "fd00:1::9", "2001:db8::1"],
    ),
    ('q', &["fd05::/16", "fd05:1::/64", "default", "fd06::6"]),
    (
        'm',
        &[
            "02:00:00:00:00:01",
            "02:00:00:00:00:02",
            "02:00:00:00:00:03",
            "01:00:5e:00:00:01",
            "00:00:00:00:00:00",
        ],
    ),
    ('s', &["up", "down"]),
    ('o', &["on", "off"]),
    ('i', &["0", "1", "2", "7", "42", "100", "4095", "70000"]),
    ('t', &["main", "local", "100", "200", "all", "default"]),
    (
        'u',
        &[
            "68", "500", "1280", "1450", "1500", "9000", "65535", "65536", "67",
        ],
    ),
];

/// Lines that change something.
const CHANGES: &[&str] = &[
    "ip link add %v type veth peer name %v",
    "ip link add %b type bridge",
    "ip link add vx0 type vxlan id %i dstport 4789 dev %d local %h",
    "ip link add vx0 type vxlan id %i remote %h dstport 4789",
    "ip link set %d %s",
    "ip link set %d %s",
    "ip link set %d up",
    "ip link set %d up",
    "ip link set %d master %b",
    "ip link set %d master %b up",
    "ip link set %d nomaster",
    "ip link set %d mtu %u",
    "ip link set %d address %m",
    "ip link set %v netns %n",
    "ip -n %n link set %v up",
    "ip -n %n link set %v netns 1",
    "ip -n %n addr add %a dev %v",
    "ip link set %d alias word%i",
    "ip link set %d txqueuelen %i",
    "ip link set %d promisc %o",
    "ip link set %d arp %o",
    "ip link set %d multicast %o",
    "ip link set %d group %i",
    "ip link set %v name %v",
    "ip link set %b type bridge ageing_time %i",
    "ip link set %b type bridge forward_delay %i00",
    "ip link set %b type bridge priority %i",
    "ip link set %b type bridge mcast_snooping %i",
    "ip link set %v type bridge_slave cost %i",
    "ip link set %v type bridge_slave priority %i",
    "ip link del %d",
    "ip addr add %a dev %d",
    "ip addr add %a dev %d",
    "ip addr add %a brd + dev %d",
    "ip addr add %a dev %d scope link",
    "ip addr add %a dev %d label %d:x",
    "ip addr add %h peer %h dev %d",
    "ip addr add %a dev %d metric %i",
    "ip addr add %a dev %d noprefixroute",
    "ip addr replace %a dev %d",
    "ip addr del %a dev %d",
    "ip addr flush dev %d",
    "ip addr flush to %p",
    "ip route add %p via %h",
    "ip route add %p dev %d",
    "ip route add %p via %h dev %d metric %i",
    "ip route add %p via %h src %h",
    "ip route add %p dev %d table %t",
    "ip route add blackhole %p",
    "ip route add unreachable %p metric %i",
    "ip route add prohibit %p table %t",
    "ip route add %p nexthop via %h weight 2 nexthop via %h",
    "ip route add %p via %h onlink dev %d",
    "ip route add %p dev %d scope link mtu %u",
    "ip route append %p via %h",
    "ip route replace %p via %h",
    "ip route change %p dev %d",
    "ip route del %p",
    "ip route del %p via %h",
    "ip route flush table %t",
    "ip route flush dev %d",
    "ip rule add from %p lookup %t",
    "ip rule add to %p table %t prio %i",
    "ip rule add iif %d lookup %t",
    "ip rule add fwmark %i lookup %t",
    "ip rule del prio %i",
    "ip rule del from %p",
    "ip neigh add %h lladdr %m dev %d",
    "ip neigh add %h lladdr %m dev %d nud noarp",
    "ip neigh replace %h lladdr %m dev %d nud permanent",
    "ip neigh change %h lladdr %m dev %d",
    "ip neigh del %h dev %d",
    "ip neigh add proxy %h dev %d",
    "ip neigh flush dev %d",
    "bridge fdb add %m dev %d master",
    "bridge fdb add %m dev %d master static",
    "bridge fdb append %m dev vx0 dst %h",
    "bridge fdb replace %m dev %d self permanent",
    "bridge fdb del %m dev %d master",
    "bridge link set dev %d learning %o",
    "bridge link set dev %d flood %o",
    "bridge link set dev %d hairpin %o",
    "bridge link set dev %d isolated %o",
    "bridge link set dev %d cost %i",
    "bridge link set dev %d guard %o",
    "brctl addbr %b",
    "brctl addif %b %d",
    "brctl delif %b %d",
    "brctl stp %b %o",
    "brctl setbridgeprio %b %i",
    "brctl setpathcost %b %d %i",
    "brctl setfd %b %i",
    "brctl delbr %b",
    "sysctl -w net.ipv4.ip_forward=%i",
    "sysctl -w net.ipv4.conf.%d.forwarding=1",
    "sysctl -w net.ipv4.conf.%d.rp_filter=%i",
    "sysctl -w net.ipv4.conf.all.arp_ignore=1",
    "sysctl -w net.ipv4.neigh.%d.gc_stale_time=%i",
    "iptables -A INPUT -s %h -j DROP",
    "iptables -A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT",
    "iptables -A FORWARD -i %d -o %d -j ACCEPT",
    "iptables -I OUTPUT -d %h -p tcp --dport %i -j REJECT",
    "iptables -t nat -A POSTROUTING -s %h -j MASQUERADE",
    "iptables -t nat -A PREROUTING -i %d -p tcp --dport 80 -j DNAT --to-destination %h:8080",
    "iptables -N CHAIN%i",
    "iptables -A CHAIN%i -j RETURN",
    "iptables -D INPUT -s %h -j DROP",
    "iptables -P FORWARD DROP",
    "iptables -F INPUT",
    "iptables -X CHAIN%i",
    "ip netns add %n",
    "ip netns del %n",
];

/// Lines that only ask.
const QUESTIONS: &[&str] = &[
    "ip link",
    "ip link show %d",
    "ip -d link show %d",
    "ip -br link",
    "ip -j link show %d",
    "ip addr",
    "ip addr show %d",
    "ip -br addr",
    "ip -4 addr show up",
    "ip addr show to %p",
    "ip route",
    "ip route show table %t",
    "ip route show table all",
    "ip route get %h",
    "ip route get %h from %h iif %d",
    "ip -d route",
    "ip -j route",
    "ip route show dev %d",
    "ip route show root %p",
    "ip rule",
    "ip -j rule",
    "ip neigh show nud permanent",
    "ip neigh show proxy",
    "bridge link",
    "bridge -d link show dev %d",
    "bridge fdb show dev %d",
    "bridge fdb show br %b",
    "brctl show",
    "brctl showmacs %b",
    "sysctl net.ipv4.conf.%d.forwarding",
    "sysctl net.ipv4.ip_forward",
    "iptables -S",
    "iptables -L -n",
    "iptables -t nat -S",
    "iptables -L INPUT -n -v --line-numbers",
    "ip -n %n link",
    "ip -n %n addr",
    "ip netns",
    "ping -c 1 -W 1 %h",
    "ping -c 1 -W 1 -I %d %h",
    "ip netns exec %n ping -c 1 -W 1 %h",
    "ethtool -i %d",
    "ip -s link show %d up",
];

/// Lines of IPv6, for the scripts that have it.
const SIX: &[&str] = &[
    "ip addr add %6 dev %d nodad",
    "ip addr add %6 dev %d nodad",
    "ip addr del %6 dev %d",
    "ip -6 route add %q via %g dev %d",
    "ip -6 route add %q dev %d metric %i",
    "ip -6 route add blackhole %q",
    "ip -6 route del %q",
    "ip -6 route replace %q dev %d",
    "ip -6 route",
    "ip -6 route show table all",
    "ip -6 route get %g",
    "ip -6 addr show dev %d",
    "ip -6 neigh add %g lladdr %m dev %d",
    "ip -6 neigh show nud permanent",
    "ip -6 rule add from %q lookup %t",
    "ip -6 rule",
];

/// One line of a list with each of its `%x` drawn.
fn line(random: &mut Random, lines: &[&str]) -> String {
    let pick = |random: &mut Random, words: &[&'static str]| {
        let count = u32::try_from(words.len()).expect("the lists are short");
        words[random.below(count) as usize]
    };
    let count = u32::try_from(lines.len()).expect("the lists are short");
    let pattern = lines[random.below(count) as usize];
    let mut text = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        let kind = match letter {
            '%' => letters.next(),
            _ => {
                text.push(letter);
                None
            }
        };
        let words = kind.and_then(|kind| CHOICES.iter().find(|(of, _)| *of == kind));
        if let Some((_, words)) = words {
            text.push_str(pick(random, words));
        }
    }
    text
}

/// The script of a seed and a number: the same lines for ever, in the same version.
///
/// ```
/// use vethlab::transcript::random::script;
///
/// assert_eq!(script(7, 3), script(7, 3));
/// assert_ne!(script(7, 3), script(7, 4));
/// ```
pub fn script(seed: u64, index: u64) -> Vec<String> {
    let mut label = String::from("script ");
    let _ = write!(label, "{index}");
    let mut random = Seed(seed).stream(&label);
    let six = random.below(4) == 0;
    let mut lines: Vec<String> = match six {
        // Addresses are there at once, not after a second or two.
        true => {
            ["all", "default"].map(|which| format!("sysctl -qw net.ipv6.conf.{which}.accept_dad=0"))
        }
        false => ["all", "default"]
            .map(|which| format!("sysctl -qw net.ipv6.conf.{which}.disable_ipv6=1")),
    }
    .into();
    let begin = [
        "ip link add va type veth peer name vb",
        "ip link add br0 type bridge",
        "ip netns add red",
    ];
    lines.extend(begin.map(str::to_owned));
    for _ in 0..LINES {
        let list = match random.below(10) {
            0..=5 => CHANGES,
            _ => QUESTIONS,
        };
        let list = if six && random.below(3) == 0 {
            SIX
        } else {
            list
        };
        lines.push(line(&mut random, list));
    }
    lines.extend(["ip addr", "ip route show table all", "bridge link"].map(str::to_owned));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_is_drawn() {
        for index in 0..200 {
            let script = script(1, index);
            assert!(script.iter().all(|line| !line.contains('%')), "{script:?}");
        }
        let lists = [CHANGES, QUESTIONS, SIX];
        for pattern in lists.iter().flat_map(|list| list.iter()) {
            for part in pattern.split('%').skip(1) {
                let kind = part.chars().next();
                assert!(CHOICES.iter().any(|(of, _)| Some(*of) == kind), "{pattern}");
            }
        }
    }
}
