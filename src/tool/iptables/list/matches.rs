//! What a listing says of a match.
//! Its place in the line is `list`'s.

use super::bang;
use crate::netns::filter::rule::{
    CtMatch, Family, HopLimit, Match, Maybe, Physdev, Ports, PortsOf, Range, Rule, TcpMatch,
};
use crate::netns::filter::save::{
    Coloned, Masked, MatchText, addr_type_names, pkt_type_name, probability_text, rate_text,
    short_net, state_names, status_names, tcp_flag_names,
};
use crate::netns::filter::words::icmp_names;
use crate::wire::services::{Transport, port_name};
use std::fmt::Write;

fn port(number: u16, transport: Transport, numeric: bool) -> String {
    let name = port_name(number, transport).filter(|_| !numeric);
    name.map_or_else(|| number.to_string(), str::to_owned)
}

fn port_range(range: Range, transport: Transport, numeric: bool) -> String {
    let first = port(range.first, transport, numeric);
    match range.first == range.last {
        true => first,
        false => format!("{first}:{}", port(range.last, transport, numeric)),
    }
}

fn ports(out: &mut String, ports: &Ports, transport: Transport, numeric: bool) {
    for (name, range) in [("spt", ports.source), ("dpt", ports.destination)] {
        let Some(range) = range else { continue };
        let many = if range.value.first == range.value.last {
            ""
        } else {
            "s"
        };
        let text = port_range(range.value, transport, numeric);
        let _ = write!(out, " {name}{many}:{}{text}", bang(range.not));
    }
}

fn tcp(tcp: &TcpMatch, numeric: bool) -> String {
    let mut out = "tcp".to_owned();
    ports(&mut out, &tcp.ports, Transport::Tcp, numeric);
    if let Some(option) = tcp.option {
        let _ = write!(out, " option={}{}", bang(option.not), option.value);
    }
    if let Some(flags) = tcp.flags {
        let (mask, set) = flags.value;
        let _ = write!(out, " flags:{}", bang(flags.not));
        let _ = match numeric {
            true => write!(out, "0x{mask:02X}/0x{set:02X}"),
            false => write!(out, "{}/{}", tcp_flag_names(mask), tcp_flag_names(set)),
        };
    }
    out
}

fn icmp(
    family: Family,
    kind: &Maybe<crate::netns::filter::rule::IcmpType>,
    numeric: bool,
) -> String {
    let title = match family {
        Family::V4 => "icmp",
        Family::V6 => "ipv6-icmp",
    };
    let value = kind.value;
    let (first, last) = value.codes;
    let mut names = icmp_names(family).iter();
    let named = names.find(|(_, kind, from, to)| (*kind, *from, *to) == (value.kind, first, last));
    if let Some((name, ..)) = named.filter(|_| !numeric) {
        return format!("{title} {}{name}", bang(kind.not));
    }
    let code = match (first, last) {
        (0, 255) => String::new(),
        (code, same) if code == same => format!(" code {code}"),
        (from, to) => format!(" codes {from}-{to}"),
    };
    let not = if kind.not { " !" } else { "" };
    format!("{title}{not}type {}{code}", value.kind)
}

fn conntrack(family: Family, ct: &CtMatch) -> String {
    const ADDRS: [&str; 4] = ["ctorigsrc", "ctorigdst", "ctreplsrc", "ctrepldst"];
    const PORTS: [&str; 4] = [
        "ctorigsrcport",
        "ctorigdstport",
        "ctreplsrcport",
        "ctrepldstport",
    ];
    let mut parts = Vec::new();
    let mut part = |not: bool, name: &str, value: String| {
        parts.push(format!("{}{name} {value}", if not { "! " } else { "" }));
    };
    if let Some(state) = ct.state {
        part(state.not, "ctstate", state_names(state.value));
    }
    if let Some(proto) = ct.proto {
        part(proto.not, "ctproto", proto.value.to_string());
    }
    for (name, net) in ADDRS.iter().zip(ct.addrs) {
        if let Some(net) = net {
            part(net.not, name, short_net(family, net.value));
        }
    }
    for (name, range) in PORTS.iter().zip(ct.ports) {
        if let Some(range) = range {
            part(range.not, name, Coloned(range.value).to_string());
        }
    }
    if let Some(status) = ct.status {
        let names = match status.value {
            0 => "NONE".to_owned(),
            bits => status_names(bits),
        };
        part(status.not, "ctstatus", names);
    }
    if let Some(expire) = ct.expire {
        let (first, last) = expire.value;
        let span = match first == last {
            true => first.to_string(),
            false => format!("{first}:{last}"),
        };
        part(expire.not, "ctexpire", span);
    }
    if let Some(original) = ct.original {
        part(
            false,
            "ctdir",
            if original { "ORIGINAL" } else { "REPLY" }.to_owned(),
        );
    }
    parts.join(" ")
}

fn physdev(family: Family, what: &Physdev) -> String {
    let words = MatchText(family, &Match::Physdev(what.clone())).to_string();
    let words = words
        .trim_start()
        .trim_start_matches("-m physdev")
        .trim_start();
    format!("PHYSDEV match {words}")
}

fn masked((value, mask): (u32, u32)) -> String {
    Masked(value, mask).to_string()
}

/// One match, in words.
pub(super) fn match_text(rule: &Rule, one: &Match, numeric: bool) -> String {
    let family = rule.family;
    match one {
        Match::Tcp(what) => tcp(what, numeric),
        Match::Udp(what) => {
            let mut out = "udp".to_owned();
            ports(&mut out, what, Transport::Udp, numeric);
            out
        }
        Match::Sctp(what) => {
            let mut out = "sctp".to_owned();
            ports(&mut out, what, Transport::Tcp, true);
            out
        }
        Match::Icmp(kind) => icmp(family, kind, numeric),
        Match::Conntrack(ct) => conntrack(family, ct),
        Match::State(states) => {
            let not = if states.not { "! " } else { "" };
            format!("{not}state {}", state_names(states.value))
        }
        Match::AddrType {
            source,
            destination,
            limit_in,
            limit_out,
        } => {
            let mut out = "ADDRTYPE match".to_owned();
            for (name, kinds) in [("src-type", source), ("dst-type", destination)] {
                if let Some(kinds) = kinds {
                    let names = addr_type_names(kinds.value);
                    let _ = write!(out, " {name} {}{names}", bang(kinds.not));
                }
            }
            out.push_str(if *limit_in { " limit-in" } else { "" });
            out.push_str(if *limit_out { " limit-out" } else { "" });
            out
        }
        Match::Mark(mark) => {
            let not = if mark.not { " !" } else { "" };
            format!("mark match{not} {}", masked(mark.value))
        }
        Match::ConnMark(mark) => {
            format!("connmark match {} {}", bang(mark.not), masked(mark.value))
        }
        Match::Comment(text) => format!("/* {text} */"),
        Match::Multiport { of, ports } => {
            let transport = match rule.protocol {
                Some(Maybe {
                    value: 17 | 136, ..
                }) => Transport::Udp,
                _ => Transport::Tcp,
            };
            let name = match of {
                PortsOf::Source => "sports",
                PortsOf::Destination => "dports",
                PortsOf::Either => "ports",
            };
            let not = if ports.not { " !" } else { "" };
            let ranges = ports.value.iter();
            let list: Vec<String> = ranges
                .map(|range| port_range(*range, transport, numeric))
                .collect();
            format!("multiport {name} {not}{}", list.join(","))
        }
        Match::Limit { period, burst } => {
            format!("limit: avg {} burst {burst}", rate_text(*period))
        }
        Match::Mac(mac) => {
            let not = if mac.not { " !" } else { "" };
            format!("MAC{not} {}", mac.value)
        }
        Match::Physdev(what) => physdev(family, what),
        Match::Length(range) => {
            format!("length {}{}", bang(range.not), Coloned(range.value))
        }
        Match::Ttl(how, value) => {
            let name = if family == Family::V4 { "TTL" } else { "HL" };
            let how = match how {
                HopLimit::Eq => "==",
                HopLimit::Ne => "!=",
                HopLimit::Lt => "<",
                HopLimit::Gt => ">",
            };
            format!("{name} match {name} {how} {value}")
        }
        Match::PktType(kind) => {
            let how = if kind.not { "!=" } else { "=" };
            format!("PKTTYPE {how} {}", pkt_type_name(kind.value))
        }
        Match::IpRange {
            source,
            destination,
        } => {
            let mut parts = Vec::new();
            for (name, range) in [("source", source), ("destination", destination)] {
                if let Some(range) = range {
                    let (first, last) = range.value;
                    let not = if range.not { "! " } else { "" };
                    let (first, last) = (family.addr(first), family.addr(last));
                    parts.push(format!("{name} IP range {not}{first}-{last}"));
                }
            }
            parts.join(" ")
        }
        Match::Nth(nth) => {
            let (every, packet) = nth.value;
            let not = if nth.not { " !" } else { "" };
            let from = match packet {
                0 => String::new(),
                packet => format!(" packet {packet}"),
            };
            format!("statistic mode nth{not} every {every}{from}")
        }
        Match::Random(share) => {
            let not = if share.not { " !" } else { "" };
            let text = probability_text(share.value);
            format!("statistic mode random{not} probability {text}")
        }
        Match::Tos(tos) => {
            let (value, mask) = tos.value;
            format!("tos match{}0x{value:02x}/0x{mask:02x}", bang(tos.not))
        }
        Match::Dscp(dscp) => format!("DSCP match {}0x{:02x}", bang(dscp.not), dscp.value),
        Match::Owner(owner) => owner.listed(numeric),
        Match::ConnLimit(limit) => limit.listed(family),
        Match::Recent(recent) => recent.listed(family),
        Match::Contents(what) => what.listed(),
        Match::Quota(quota) => format!("quota: {} bytes", quota.value),
        Match::HashLimit(what) => what.listed(&rate_text(what.period)),
    }
}
