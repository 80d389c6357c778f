//! How `iptables -L` shows rules: columns, then matches and targets in words.
//! The words of `-S` are in `netns::filter::save`.

mod matches;
mod target;

use crate::netns::filter::rule::{Counters, Family, Maybe, Net, Rule, Target, protocol_name};
use crate::netns::filter::save::{NetText, short_net};
use crate::netns::filter::tables::{Chain, Stored};
use matches::match_text;
use std::fmt::Write;
use target::target_text;

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
            Target::Netmap(_) => "NETMAP",
            Target::Tos { .. } => "TOS",
            Target::Dscp(_) => "DSCP",
            Target::Nflog(_) => "NFLOG",
            Target::Nfqueue { .. } => "NFQUEUE",
            Target::Audit(_) => "AUDIT",
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
