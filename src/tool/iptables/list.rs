//! How `iptables -L` shows rules: columns, then matches and targets in words.
//! The words of `-S` are in `netns::filter::save`.

use std::fmt::Write;

use crate::netns::filter::rule::{
    ConnMark, Counters, CtMatch, Family, HopLimit, Log, Match, Maybe, NatTo, Net, Physdev, Ports,
    PortsOf, Range, Reject, Rule, Target, TcpMatch, TtlChange, protocol_name,
};
use crate::netns::filter::save::{
    Coloned, Dashed, MatchText, NatText, NetText, addr_type_names, pkt_type_name, probability_text,
    rate_text, short_net, state_names, status_names, tcp_flag_names,
};
use crate::netns::filter::tables::{Chain, Stored};
use crate::netns::filter::words::icmp_names;
use crate::wire::services::{Transport, port_name};

/// How a listing is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub numeric: bool,
    pub verbose: bool,
    pub exact: bool,
    pub line_numbers: bool,
}

/// The two lines above the rules of a chain.
pub(super) fn head(out: &mut String, chain: &Chain, references: usize, look: Look) {
    let _ = match chain.hook {
        Some(_) => {
            let policy = if chain.policy_drops { "DROP" } else { "ACCEPT" };
            let _ = write!(out, "Chain {} (policy {policy}", chain.name);
            if look.verbose {
                let Counters { packets, bytes } = chain.counters;
                let (packets, bytes) = (short(packets, look.exact), short(bytes, look.exact));
                let _ = write!(out, " {packets} packets, {bytes} bytes");
            }
            out.write_str(")\n")
        }
        None => writeln!(out, "Chain {} ({references} references)", chain.name),
    };
    if look.line_numbers {
        out.push_str("num  ");
    }
    if look.verbose {
        out.push_str(if look.exact {
            "    pkts      bytes "
        } else {
            " pkts bytes "
        });
    }
    out.push_str("target     prot opt");
    if look.verbose {
        out.push_str(" in     out    ");
    }
    out.push_str(" source               destination         \n");
}

/// A number as a policy shows it.
fn short(number: u64, exact: bool) -> String {
    match exact || number <= 99_999 {
        true => number.to_string(),
        false => scaled(number, 0),
    }
}

/// A number of more than five digits, in thousands and so on (`xtables_print_num`).
fn scaled(number: u64, width: usize) -> String {
    let mut number = number;
    for unit in ["K", "M", "G", "T"] {
        number = number.saturating_add(500) / 1000;
        if number <= 9999 || unit == "T" {
            return format!("{number:>width$}{unit}");
        }
    }
    String::new()
}

fn count(number: u64, exact: bool) -> String {
    match (exact, number) {
        (true, number) => format!("{number:>8} "),
        (false, 0..=99_999) => format!("{number:>5} "),
        (false, number) => scaled(number, 4) + " ",
    }
}

/// One line of a listing.
pub(super) fn line(out: &mut String, number: usize, stored: &Stored, look: Look) {
    if look.line_numbers {
        let _ = write!(out, "{number:<4} ");
    }
    if look.verbose {
        out.push_str(&count(stored.counters.packets, look.exact));
        out.push_str(&count(stored.counters.bytes, look.exact));
    }
    let rule = &stored.rule;
    let _ = write!(out, "{:<9} ", target_name(rule));
    let (not, protocol) = protocol_text(rule, look.numeric);
    let _ = write!(out, "{}{protocol:<4} {} ", mark_of(not), fragment(rule));
    if look.verbose {
        let any = if look.numeric { "*" } else { "any" };
        let _ = write!(out, " {:<6} ", device(&rule.iif, any));
        let _ = write!(out, "{:<6} ", device(&rule.oif, any));
    }
    for net in [&rule.src, &rule.dst] {
        let (not, text) = address(rule.family, net, look.numeric);
        let _ = write!(out, "{}{text:<19} ", mark_of(not));
    }
    details(out, rule, look.numeric);
    out.push('\n');
}

/// What `-v` says of a rule that is changed.
pub(super) fn change(rule: &Rule) -> String {
    let mut out = format!("{} ", target_name(rule));
    let (not, protocol) = protocol_text(rule, false);
    let _ = write!(out, "{}{protocol} opt {} ", mark_of(not), fragment(rule));
    let _ = write!(out, "in {} ", device(&rule.iif, "*"));
    let _ = write!(out, "out {} ", device(&rule.oif, "*"));
    let (not, text) = address(rule.family, &rule.src, true);
    let _ = write!(out, "{}{text} ", mark_of(not));
    let (not, text) = address(rule.family, &rule.dst, true);
    let _ = write!(out, "{}-> {text}  ", mark_of(not));
    details(&mut out, rule, true);
    out.push('\n');
    out
}

fn mark_of(not: bool) -> char {
    if not { '!' } else { ' ' }
}

fn fragment(rule: &Rule) -> &'static str {
    match rule.fragment {
        None => "--",
        Some(Maybe { not: false, .. }) => "-f",
        Some(Maybe { not: true, .. }) => "!f",
    }
}

fn protocol_text(rule: &Rule, numeric: bool) -> (bool, String) {
    let Some(protocol) = rule.protocol else {
        return (false, if numeric { "0" } else { "all" }.to_owned());
    };
    let name = protocol_name(protocol.value).filter(|_| !numeric);
    let text = name.map_or_else(|| protocol.value.to_string(), str::to_owned);
    (protocol.not, text)
}

fn device(name: &Option<Maybe<String>>, any: &str) -> String {
    match name {
        Some(Maybe { not: true, value }) => format!("!{value}"),
        Some(Maybe { value, .. }) => value.clone(),
        None => any.to_owned(),
    }
}

fn address(family: Family, net: &Option<Maybe<Net>>, numeric: bool) -> (bool, String) {
    let Some(net) = net else {
        let every = match (numeric, family) {
            (false, _) => "anywhere",
            (true, Family::V4) => "0.0.0.0/0",
            (true, Family::V6) => "::/0",
        };
        return (false, every.to_owned());
    };
    let text = short_net(family, net.value);
    let named = match (numeric, text.as_str()) {
        (false, "127.0.0.1") => "localhost".to_owned(),
        (false, "::1") => "localhost".to_owned(),
        (false, _) if family == Family::V4 && net.value.addr == 0x7f00_0000 => {
            match NetText(family, net.value).prefix_len() {
                Some(len) => format!("loopback/{len}"),
                None => text,
            }
        }
        _ => text,
    };
    (net.not, named)
}

fn target_name(rule: &Rule) -> &str {
    match &rule.target {
        None => "",
        Some(target) => match target {
            Target::Accept => "ACCEPT",
            Target::Drop => "DROP",
            Target::Return => "RETURN",
            Target::Jump(chain) | Target::Goto(chain) => chain,
            Target::Reject(_) => "REJECT",
            Target::Masquerade(_) => "MASQUERADE",
            Target::Snat(_) => "SNAT",
            Target::Dnat(_) => "DNAT",
            Target::Redirect(_) => "REDIRECT",
            Target::Mark { .. } => "MARK",
            Target::ConnMark(_) => "CONNMARK",
            Target::Log(_) => "LOG",
            Target::NoTrack { .. } => "CT",
            Target::Ttl(_) if rule.family == Family::V6 => "HL",
            Target::Ttl(_) => "TTL",
            Target::TcpMss(_) => "TCPMSS",
            Target::Trace => "TRACE",
            Target::Checksum => "CHECKSUM",
        },
    }
}

fn details(out: &mut String, rule: &Rule, numeric: bool) {
    if matches!(rule.target, Some(Target::Goto(_))) {
        out.push_str("[goto] ");
    }
    for one in &rule.matches {
        let text = match_text(rule, one, numeric);
        out.push(' ');
        out.push_str(&text);
    }
    if let Some(target) = &rule.target {
        target_text(out, rule.family, target, numeric);
    }
}

fn bang(not: bool) -> &'static str {
    if not { "!" } else { "" }
}

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
    crate::netns::filter::save::Masked(value, mask).to_string()
}

/// One match, in words.
fn match_text(rule: &Rule, one: &Match, numeric: bool) -> String {
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
    }
}

fn nat_flags(out: &mut String, to: &NatTo) {
    out.push_str(if to.random { " random" } else { "" });
    out.push_str(if to.random_fully { " random-fully" } else { "" });
    out.push_str(if to.persistent { " persistent" } else { "" });
}

fn mark_words(out: &mut String, title: &str, value: u32, mask: u32) {
    let _ = match (value, mask) {
        (0, mask) => write!(out, " {title} and 0x{:x}", !mask),
        (value, mask) if value == mask => write!(out, " {title} or 0x{value:x}"),
        (value, 0) => write!(out, " {title} xor 0x{value:x}"),
        (value, u32::MAX) => write!(out, " {title} set 0x{value:x}"),
        (value, mask) => write!(out, " {title} xset 0x{value:x}/0x{mask:x}"),
    };
}

/// What a target says behind the matches, blanks in front.
fn target_text(out: &mut String, family: Family, target: &Target, numeric: bool) {
    let _ = match target {
        Target::Reject(kind) => {
            let names = Reject::names(family);
            let name = names.iter().find(|(_, _, known)| known == kind);
            let name = name.map_or("icmp-port-unreachable", |(name, _, _)| name);
            write!(out, " reject-with {name}")
        }
        Target::Masquerade(to) => {
            if let Some(ports) = to.ports {
                let _ = write!(out, " masq ports: {}", Dashed(ports));
            }
            nat_flags(out, to);
            Ok(())
        }
        Target::Redirect(to) => {
            if let Some(ports) = to.ports {
                let _ = write!(out, " redir ports {}", Dashed(ports));
            }
            nat_flags(out, to);
            Ok(())
        }
        Target::Snat(to) | Target::Dnat(to) => {
            let _ = write!(out, " to:{}", NatText(family, *to));
            nat_flags(out, to);
            Ok(())
        }
        Target::Mark { value, mask } => {
            mark_words(out, "MARK", *value, *mask);
            Ok(())
        }
        Target::ConnMark(what) => connmark(out, *what),
        Target::Log(log) => log_text(out, log, numeric),
        Target::NoTrack { old_name: true } => out.write_str(" NOTRACK"),
        Target::NoTrack { old_name: false } => out.write_str(" CT notrack"),
        Target::Ttl(how) => {
            let name = if family == Family::V4 { "TTL" } else { "HL" };
            match how {
                TtlChange::Set(value) => write!(out, " {name} set to {value}"),
                TtlChange::Inc(value) => write!(out, " {name} increment by {value}"),
                TtlChange::Dec(value) => write!(out, " {name} decrement by {value}"),
            }
        }
        Target::TcpMss(None) => out.write_str(" TCPMSS clamp to PMTU"),
        Target::TcpMss(Some(mss)) => write!(out, " TCPMSS set {mss}"),
        Target::Checksum => out.write_str(" CHECKSUM fill"),
        Target::Accept
        | Target::Drop
        | Target::Return
        | Target::Jump(_)
        | Target::Goto(_)
        | Target::Trace => Ok(()),
    };
}

fn connmark(out: &mut String, what: ConnMark) -> std::fmt::Result {
    let (name, nfmask, ctmask) = match what {
        ConnMark::Set { value, mask } => {
            mark_words(out, "CONNMARK", value, mask);
            return Ok(());
        }
        ConnMark::Save { nfmask, ctmask } => ("save", nfmask, ctmask),
        ConnMark::Restore { nfmask, ctmask } => ("restore", nfmask, ctmask),
    };
    write!(out, " CONNMARK {name}")?;
    match (nfmask, ctmask) {
        (u32::MAX, u32::MAX) => Ok(()),
        (one, other) if one == other => write!(out, " mask 0x{one:x}"),
        (one, other) => write!(out, " nfmask 0x{one:x} ctmask ~0x{other:x}"),
    }
}

fn log_text(out: &mut String, log: &Log, numeric: bool) -> std::fmt::Result {
    const LEVELS: [&str; 8] = [
        "emerg", "alert", "crit", "err", "warn", "notice", "info", "debug",
    ];
    const FLAGS: [(&str, u8); 5] = [
        ("tcp-sequence", 1),
        ("tcp-options", 2),
        ("ip-options", 4),
        ("uid", 8),
        ("macdecode", 32),
    ];
    if numeric {
        write!(out, " LOG flags {} level {}", log.flags, log.level)?;
    } else {
        let level = LEVELS.get(usize::from(log.level)).copied().unwrap_or("");
        write!(out, " LOG level {level}")?;
        for (name, bit) in FLAGS {
            if log.flags & bit != 0 {
                write!(out, " {name}")?;
            }
        }
    }
    match log.prefix.as_str() {
        "" => Ok(()),
        prefix => write!(out, " prefix \"{prefix}\""),
    }
}
