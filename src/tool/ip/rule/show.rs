//! A rule as text or JSON (`print_rule` of iproute2).
//! Which rules are shown is in `list`.

use ipnet::IpNet;

use crate::netns::fib::{Range, RuleAction, RuleInfo, protocol};
use crate::tool::ip::args::Family;
use crate::tool::ip::names::{
    DSFIELDS, GROUPS, PROTOCOLS, REALMS, TABLES, ip_protocol_name, type_name,
};
use crate::tool::ip::options::Options;
use crate::tool::json::Value;
use crate::tool::print::{Color, Printer};
use crate::units::{IfIndex, IfName};

/// Prints one rule.
pub fn print(out: &mut Printer, info: &RuleInfo, options: &Options) {
    let rule = &info.rule;
    out.open_object(None);
    let priority = rule.priority.unwrap_or(0);
    out.any("priority", priority, format_args!("{priority}:\t"));
    if rule.invert {
        out.any("not", Value::Null, format_args!("not "));
    }
    print_net(out, ["src", "srclen"], "from ", rule.src.as_ref(), true);
    print_net(out, ["dst", "dstlen"], " to ", rule.dst.as_ref(), false);
    print_packet(out, info, options);
    print_devices(out, info);
    print_stream(out, info, options);
    print_table(out, info, options);
    print_action(out, info, options);
    let detailed = options.details > 0;
    if detailed || !matches!(rule.protocol, protocol::UNSPEC | protocol::KERNEL) {
        let name = PROTOCOLS.name(rule.protocol.into(), options.numeric);
        out.any("protocol", &*name, format_args!(" proto {name}"));
    }
    out.word("\n");
    out.close_object();
}

fn print_net(out: &mut Printer, keys: [&str; 2], word: &str, net: Option<&IpNet>, always: bool) {
    let Some(net) = net else {
        if always {
            out.any(keys[0], "all", format_args!("{word}all"));
        }
        return;
    };
    let (addr, len) = (net.addr(), net.prefix_len());
    out.word(word);
    out.painted(Color::of(addr), keys[0], addr, format_args!("{addr}"));
    if len != Family::of(addr).bits() {
        out.any(keys[1], len, format_args!("/{len}"));
    }
}

/// Type of service and mark.
fn print_packet(out: &mut Printer, info: &RuleInfo, options: &Options) {
    let rule = &info.rule;
    if rule.tos != 0 {
        let tos = DSFIELDS.name(rule.tos.into(), options.numeric);
        out.any("tos", &*tos, format_args!(" tos {tos}"));
    }
    let (mark, mask) = (rule.mark.unwrap_or(0), rule.mark_mask.unwrap_or(0));
    if mark == 0 && mask == 0 {
        return;
    }
    let text = hex(mark);
    out.any("fwmark", &text, format_args!(" fwmark {text}"));
    if mask != 0 && mask != u32::MAX {
        let text = hex(mask);
        out.any("fwmask", &text, format_args!("/{text}"));
    }
}

/// `%#x`: zero has no prefix.
fn hex(value: u32) -> String {
    match value {
        0 => "0".to_owned(),
        value => format!("{value:#x}"),
    }
}

fn print_devices(out: &mut Printer, info: &RuleInfo) {
    let mut device = |key: &str, detached: &str, name: Option<IfName>, at: Option<IfIndex>| {
        let Some(name) = name else { return };
        out.fp(format_args!(" {key} "));
        out.painted(Color::Ifname, key, name, format_args!("{name}"));
        if at.is_none() {
            out.any(detached, Value::Null, format_args!(" [detached]"));
        }
    };
    device("iif", "iif_detached", info.rule.iif, info.iif);
    device("oif", "oif_detached", info.rule.oif, info.oif);
}

/// What needs the upper layers, the user or a tunnel.
fn print_stream(out: &mut Printer, info: &RuleInfo, options: &Options) {
    let rule = &info.rule;
    if rule.l3mdev {
        out.any(
            "l3mdev",
            Value::Null,
            format_args!(" lookup [l3mdev-table]"),
        );
    }
    if let Some((low, high)) = rule.uids {
        out.any("uid_start", low, format_args!(" uidrange {low}"));
        out.any("uid_end", high, format_args!("-{high}"));
    }
    if rule.ip_proto != 0 {
        let name = ip_protocol_name(rule.ip_proto, options.numeric);
        out.any("ipproto", &*name, format_args!(" ipproto {name}"));
    }
    print_ports(out, ["sport", "sport_start", "sport_end"], rule.sport);
    print_ports(out, ["dport", "dport_start", "dport_end"], rule.dport);
    if rule.tun_id != 0 {
        out.any(
            "tun_id",
            rule.tun_id,
            format_args!(" tun_id {}", rule.tun_id),
        );
    }
}

fn print_ports(out: &mut Printer, keys: [&str; 3], range: Option<Range<u16>>) {
    let [one, start, end] = keys;
    match range {
        None => {}
        Some((low, high)) if low == high => out.any(one, low, format_args!(" {one} {low}")),
        Some((low, high)) => {
            out.any(start, low, format_args!(" {one} {low}"));
            out.any(end, high, format_args!("-{high}"));
        }
    }
}

fn print_table(out: &mut Printer, info: &RuleInfo, options: &Options) {
    let rule = &info.rule;
    if rule.table != 0 {
        let name = TABLES.name(rule.table, options.numeric);
        out.any("table", &*name, format_args!(" lookup {name}"));
        if let Some(len) = rule.suppress_prefixlen {
            let text = format_args!(" suppress_prefixlength {len}");
            out.any("suppress_prefixlen", len, text);
        }
        if let Some(group) = rule.suppress_ifgroup {
            let name = GROUPS.name(group, options.numeric);
            let text = format_args!(" suppress_ifgroup {name}");
            out.any("suppress_ifgroup", &*name, text);
        }
    }
    if rule.realms != 0 {
        let (from, to) = (rule.realms >> 16, rule.realms & 0xffff);
        if from == 0 {
            out.word(" realms ");
        } else {
            let from = REALMS.name(from, options.numeric);
            out.any("flow_from", &*from, format_args!(" realms {from}/"));
        }
        let to = REALMS.name(to, options.numeric);
        out.any("flow_to", &*to, format_args!("{to}"));
    }
}

fn print_action(out: &mut Printer, info: &RuleInfo, options: &Options) {
    let number = match info.rule.action {
        RuleAction::ToTable => return,
        RuleAction::Goto(target) => {
            out.any("goto", target, format_args!(" goto {target}"));
            if info.unresolved {
                out.any("unresolved", Value::Null, format_args!(" [unresolved]"));
            }
            return;
        }
        RuleAction::Nop => {
            out.any("nop", Value::Null, format_args!(" nop"));
            return;
        }
        RuleAction::Other(10) => {
            out.any("masquerade", Value::Null, format_args!(" masquerade"));
            return;
        }
        RuleAction::Blackhole => 6,
        RuleAction::Unreachable => 7,
        RuleAction::Prohibit => 8,
        RuleAction::Other(number) => number,
    };
    let name = type_name(number, options.numeric);
    out.any("action", &*name, format_args!(" {name}"));
}
