//! The words of a match.
//! How its values are written is in `value`.

use super::value::{
    Coloned, Masked, Quoted, addr_type_names, pkt_type_name, probability_text, rate_text,
    short_net, state_names, status_names, tcp_flag_names,
};
use super::{bang, option};
use crate::netns::filter::rule::{
    CtMatch, Family, HopLimit, IcmpType, Match, Maybe, Physdev, Ports, PortsOf, TcpMatch,
};
use std::fmt::{self, Display, Formatter};

fn ports(f: &mut Formatter<'_>, ports: &Ports) -> fmt::Result {
    for (name, range) in [("--sport", &ports.source), ("--dport", &ports.destination)] {
        if let Some(range) = range {
            option(f, name, range, Coloned(range.value))?;
        }
    }
    Ok(())
}

fn tcp(f: &mut Formatter<'_>, tcp: &TcpMatch) -> fmt::Result {
    f.write_str(" -m tcp")?;
    ports(f, &tcp.ports)?;
    if let Some(wanted) = &tcp.option {
        option(f, "--tcp-option", wanted, wanted.value)?;
    }
    if let Some(flags) = &tcp.flags {
        let (mask, set) = flags.value;
        let names = format!("{} {}", tcp_flag_names(mask), tcp_flag_names(set));
        option(f, "--tcp-flags", flags, names)?;
    }
    Ok(())
}

fn conntrack(f: &mut Formatter<'_>, family: Family, ct: &CtMatch) -> fmt::Result {
    const ADDRS: [&str; 4] = ["--ctorigsrc", "--ctorigdst", "--ctreplsrc", "--ctrepldst"];
    const PORTS: [&str; 4] = [
        "--ctorigsrcport",
        "--ctorigdstport",
        "--ctreplsrcport",
        "--ctrepldstport",
    ];
    f.write_str(" -m conntrack")?;
    if let Some(state) = &ct.state {
        option(f, "--ctstate", state, state_names(state.value))?;
    }
    if let Some(proto) = &ct.proto {
        option(f, "--ctproto", proto, proto.value)?;
    }
    for (name, net) in ADDRS.iter().zip(&ct.addrs) {
        if let Some(net) = net {
            option(f, name, net, short_net(family, net.value))?;
        }
    }
    for (name, range) in PORTS.iter().zip(&ct.ports) {
        if let Some(range) = range {
            option(f, name, range, Coloned(range.value))?;
        }
    }
    if let Some(status) = &ct.status {
        let names = match status.value {
            0 => "NONE".to_owned(),
            bits => status_names(bits),
        };
        option(f, "--ctstatus", status, names)?;
    }
    if let Some(expire) = &ct.expire {
        let (first, last) = expire.value;
        let span = match first == last {
            true => first.to_string(),
            false => format!("{first}:{last}"),
        };
        option(f, "--ctexpire", expire, span)?;
    }
    match ct.original {
        Some(true) => f.write_str(" --ctdir ORIGINAL"),
        Some(false) => f.write_str(" --ctdir REPLY"),
        None => Ok(()),
    }
}

fn physdev(f: &mut Formatter<'_>, physdev: &Physdev) -> fmt::Result {
    f.write_str(" -m physdev")?;
    let flag = |f: &mut Formatter<'_>, name: &str, value: Option<bool>| match value {
        Some(is) => write!(f, " {}{name}", bang(!is)),
        None => Ok(()),
    };
    flag(f, "--physdev-is-in", physdev.is_in)?;
    if let Some(name) = &physdev.iif {
        option(f, "--physdev-in", name, &name.value)?;
    }
    flag(f, "--physdev-is-out", physdev.is_out)?;
    if let Some(name) = &physdev.oif {
        option(f, "--physdev-out", name, &name.value)?;
    }
    flag(f, "--physdev-is-bridged", physdev.is_bridged)
}

/// The words of a match, a blank in front.
pub struct MatchText<'a>(pub Family, pub &'a Match);

impl Display for MatchText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let family = self.0;
        match self.1 {
            Match::Tcp(what) => tcp(f, what),
            Match::Udp(what) => {
                f.write_str(" -m udp")?;
                ports(f, what)
            }
            Match::Sctp(what) => {
                f.write_str(" -m sctp")?;
                ports(f, what)
            }
            Match::Icmp(kind) => icmp(f, family, kind),
            Match::Conntrack(what) => conntrack(f, family, what),
            Match::State(states) => {
                f.write_str(" -m state")?;
                option(f, "--state", states, state_names(states.value))
            }
            Match::AddrType {
                source,
                destination,
                limit_in,
                limit_out,
            } => {
                f.write_str(" -m addrtype")?;
                for (name, kinds) in [("--src-type", source), ("--dst-type", destination)] {
                    if let Some(kinds) = kinds {
                        option(f, name, kinds, addr_type_names(kinds.value))?;
                    }
                }
                f.write_str(if *limit_in { " --limit-iface-in" } else { "" })?;
                f.write_str(if *limit_out { " --limit-iface-out" } else { "" })
            }
            Match::Mark(mark) => {
                f.write_str(" -m mark")?;
                option(f, "--mark", mark, Masked(mark.value.0, mark.value.1))
            }
            Match::ConnMark(mark) => {
                f.write_str(" -m connmark")?;
                option(f, "--mark", mark, Masked(mark.value.0, mark.value.1))
            }
            Match::Comment(text) => write!(f, " -m comment --comment {}", Quoted(text)),
            Match::Multiport { of, ports } => {
                f.write_str(" -m multiport")?;
                let name = match of {
                    PortsOf::Source => "--sports",
                    PortsOf::Destination => "--dports",
                    PortsOf::Either => "--ports",
                };
                let list: Vec<String> = ports
                    .value
                    .iter()
                    .map(|&range| Coloned(range).to_string())
                    .collect();
                option(f, name, ports, list.join(","))
            }
            Match::Limit { period, burst } => {
                write!(f, " -m limit --limit {}", rate_text(*period))?;
                match burst {
                    5 => Ok(()),
                    burst => write!(f, " --limit-burst {burst}"),
                }
            }
            Match::Mac(mac) => {
                f.write_str(" -m mac")?;
                option(f, "--mac-source", mac, mac.value)
            }
            Match::Physdev(what) => physdev(f, what),
            Match::Length(range) => {
                f.write_str(" -m length")?;
                option(f, "--length", range, Coloned(range.value))
            }
            Match::Ttl(how, value) => {
                let name = if family == Family::V4 { "ttl" } else { "hl" };
                let (not, how) = match how {
                    HopLimit::Eq => ("", "eq"),
                    HopLimit::Ne => ("! ", "eq"),
                    HopLimit::Lt => ("", "lt"),
                    HopLimit::Gt => ("", "gt"),
                };
                write!(f, " -m {name} {not}--{name}-{how} {value}")
            }
            Match::PktType(kind) => {
                f.write_str(" -m pkttype")?;
                option(f, "--pkt-type", kind, pkt_type_name(kind.value))
            }
            Match::IpRange {
                source,
                destination,
            } => {
                f.write_str(" -m iprange")?;
                for (name, range) in [("--src-range", source), ("--dst-range", destination)] {
                    if let Some(range) = range {
                        let (first, last) = range.value;
                        let text = format!("{}-{}", family.addr(first), family.addr(last));
                        option(f, name, range, text)?;
                    }
                }
                Ok(())
            }
            Match::Nth(nth) => {
                let (every, packet) = nth.value;
                let not = bang(nth.not);
                write!(
                    f,
                    " -m statistic --mode nth {not}--every {every} --packet {packet}"
                )
            }
            Match::Random(share) => {
                let not = bang(share.not);
                let text = probability_text(share.value);
                write!(f, " -m statistic --mode random {not}--probability {text}")
            }
            Match::Tos(tos) => {
                f.write_str(" -m tos")?;
                let (value, mask) = tos.value;
                option(f, "--tos", tos, format!("0x{value:02x}/0x{mask:02x}"))
            }
            Match::Dscp(dscp) => {
                f.write_str(" -m dscp")?;
                option(f, "--dscp", dscp, format!("0x{:02x}", dscp.value))
            }
            Match::Owner(owner) => f.write_str(&owner.saved()),
            Match::ConnLimit(limit) => f.write_str(&limit.saved(family)),
            Match::Recent(recent) => f.write_str(&recent.saved(family)),
            Match::Contents(what) => f.write_str(&what.saved()),
            Match::Quota(quota) => {
                f.write_str(" -m quota")?;
                option(f, "--quota", quota, quota.value)
            }
            Match::HashLimit(what) => f.write_str(&what.saved(&rate_text(what.period))),
        }
    }
}

fn icmp(f: &mut Formatter<'_>, family: Family, kind: &Maybe<IcmpType>) -> fmt::Result {
    let name = match family {
        Family::V4 => {
            f.write_str(" -m icmp")?;
            "--icmp-type"
        }
        Family::V6 => {
            f.write_str(" -m icmp6")?;
            "--icmpv6-type"
        }
    };
    let value = &kind.value;
    let text = match (value.kind, value.codes) {
        (255, _) if family == Family::V4 => "any".to_owned(),
        (kind, (0, 255)) => kind.to_string(),
        (kind, (code, _)) => format!("{kind}/{code}"),
    };
    option(f, name, kind, text)
}
