//! Whether a packet is as a rule asks (the `match` functions of xtables).
//! How the options are written is in `words`.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::amounts::{hashlimit_holds, quota_holds};
use super::remembering::{connlimit_holds, owner_holds};
use super::{Context, Way};
use crate::netns::fib::{Links, RouteType};
use crate::netns::filter::conntrack::unpack;
use crate::netns::filter::packet::Parts;
use crate::netns::filter::rule::{
    CtMatch, Family, HopLimit, IcmpType, Match, Maybe, Physdev, Ports, PortsOf, Range, Rule,
    TcpMatch, status,
};
use crate::netns::filter::tables::Tokens;
use crate::netns::socket::PacketType;
use crate::units::IfIndex;

/// Whether a name is the one asked for, `+` at its end standing for anything.
fn is_device(name: &str, wanted: &Option<Maybe<String>>) -> bool {
    wanted.as_ref().is_none_or(|wanted| {
        wanted.test(|pattern| match pattern.strip_suffix('+') {
            Some(front) => name.starts_with(front),
            None => name == pattern,
        })
    })
}

/// Whether a packet is as a rule asks.
pub(super) fn matches(rule: &Rule, tokens: &mut Tokens, context: &mut Context<'_, '_>) -> bool {
    let (parts, way) = (&context.parts, context.way);
    rule.src
        .is_none_or(|net| net.test(|net| net.holds(parts.src)))
        && rule
            .dst
            .is_none_or(|net| net.test(|net| net.holds(parts.dst)))
        && is_device(way.in_name, &rule.iif)
        && is_device(way.out_name, &rule.oif)
        && rule
            .protocol
            .is_none_or(|wanted| wanted.test(|protocol| *protocol == parts.protocol))
        && rule
            .fragment
            .is_none_or(|wanted| wanted.test(|()| parts.later_fragment))
        && rule.matches.iter().all(|one| holds(one, tokens, context))
}

fn ports_hold(ports: &Ports, found: Option<(u16, u16)>) -> bool {
    if ports.source.is_none() && ports.destination.is_none() {
        return true;
    }
    found.is_some_and(|(source, destination)| {
        let is = |wanted: Option<Maybe<Range>>, port| {
            wanted.is_none_or(|wanted| wanted.test(|range| range.holds(port)))
        };
        is(ports.source, source) && is(ports.destination, destination)
    })
}

/// Whether one match holds.
fn holds(one: &Match, tokens: &mut Tokens, context: &mut Context<'_, '_>) -> bool {
    let parts = context.parts;
    let bytes = context.frame.bytes();
    match one {
        Match::Tcp(what) => tcp_holds(what, &parts, bytes),
        Match::Udp(ports) | Match::Sctp(ports) => ports_hold(ports, parts.ports(bytes)),
        Match::Icmp(wanted) => icmp_holds(wanted, &parts, bytes),
        Match::Conntrack(what) => conntrack_holds(what, context),
        Match::State(states) => {
            let bits = context.connections.state_bits(context.frame.ct);
            states.test(|wanted| wanted & bits != 0)
        }
        Match::AddrType {
            source,
            destination,
            limit_in,
            limit_out,
        } => {
            let on = match (limit_in, limit_out) {
                (true, _) => Some(context.way.iif),
                (_, true) => Some(context.way.oif),
                _ => None,
            };
            let is = |wanted: &Option<Maybe<u16>>, addr| {
                wanted.is_none_or(|wanted| {
                    wanted.test(|kinds| kinds & addr_kind(context, addr, on) != 0)
                })
            };
            is(source, parts.src) && is(destination, parts.dst)
        }
        Match::Mark(mark) => {
            let found = context.frame.mark;
            mark.test(|(value, mask)| found & mask == *value)
        }
        Match::ConnMark(mark) => {
            let entry = unpack(context.frame.ct).and_then(|(id, _)| context.connections.entry(id));
            entry.is_some_and(|entry| mark.test(|(value, mask)| entry.mark & mask == *value))
        }
        Match::Comment(_) => true,
        Match::Multiport { of, ports } => {
            parts.ports(bytes).is_some_and(|(source, destination)| {
                ports.test(|ranges| {
                    ranges.iter().any(|range| match of {
                        PortsOf::Source => range.holds(source),
                        PortsOf::Destination => range.holds(destination),
                        PortsOf::Either => range.holds(source) || range.holds(destination),
                    })
                })
            })
        }
        Match::Limit { period, burst } => limit_holds(*period, *burst, tokens, context),
        Match::Mac(mac) => context
            .way
            .mac
            .is_some_and(|(_, source)| mac.test(|wanted| *wanted == source)),
        Match::Physdev(what) => physdev_holds(what, context.way),
        Match::Length(range) => {
            let len = u16::try_from(parts.len).unwrap_or(u16::MAX);
            range.test(|range| range.holds(len))
        }
        Match::Ttl(how, value) => match how {
            HopLimit::Eq => parts.ttl == *value,
            HopLimit::Ne => parts.ttl != *value,
            HopLimit::Lt => parts.ttl < *value,
            HopLimit::Gt => parts.ttl > *value,
        },
        Match::PktType(kind) => kind.test(|kind| {
            *kind
                == match context.way.for_whom {
                    PacketType::Broadcast => 1,
                    PacketType::Multicast => 2,
                    _ => 0,
                }
        }),
        Match::IpRange {
            source,
            destination,
        } => {
            let is = |wanted: &Option<Maybe<(u128, u128)>>, addr| {
                wanted.is_none_or(|wanted| {
                    wanted.test(|(first, last)| *first <= addr && addr <= *last)
                })
            };
            is(source, parts.src) && is(destination, parts.dst)
        }
        Match::Nth(nth) => {
            let (every, packet) = nth.value;
            let every = every.max(1);
            let at = tokens.seen;
            tokens.seen = (tokens.seen + 1) % every;
            (at == packet % every) != nth.not
        }
        Match::Random(share) => {
            let drawn = context.random.next_u32() >> 1;
            share.test(|share| drawn < *share)
        }
        Match::Tos(tos) => tos.test(|(value, mask)| parts.tos & mask == *value),
        Match::Dscp(dscp) => dscp.test(|value| parts.tos >> 2 == *value),
        Match::Owner(owner) => owner_holds(owner, context),
        Match::ConnLimit(limit) => connlimit_holds(limit, tokens, context),
        Match::Recent(recent) => context.recents.holds(recent, context.facts.now, &parts),
        Match::Contents(what) => what.is_in(context.frame.bytes()) != what.not,
        Match::Quota(quota) => quota.test(|quota| quota_holds(*quota, tokens, parts.len as u64)),
        Match::HashLimit(what) => hashlimit_holds(what, tokens, context),
    }
}

fn tcp_holds(what: &TcpMatch, parts: &Parts, bytes: &[u8]) -> bool {
    if parts.later_fragment {
        return false;
    }
    let above = parts.above(bytes);
    let Some(&flags) = above.get(13) else {
        return false;
    };
    let has_option = |wanted: &u8| {
        let length = usize::from(above[12] >> 4) * 4;
        let mut at = 20;
        while let (Some(&kind), true) = (above.get(at), at < length) {
            if kind == *wanted {
                return true;
            }
            at += match kind {
                0 | 1 => 1,
                _ => usize::from(above.get(at + 1).copied().unwrap_or(1)).max(1),
            };
        }
        false
    };
    ports_hold(&what.ports, parts.ports(bytes))
        && what
            .flags
            .is_none_or(|wanted| wanted.test(|(mask, set)| flags & mask == *set))
        && what.option.is_none_or(|wanted| wanted.test(has_option))
}

fn icmp_holds(wanted: &Maybe<IcmpType>, parts: &Parts, bytes: &[u8]) -> bool {
    let Some((kind, code)) = parts.icmp(bytes) else {
        return false;
    };
    wanted.test(|wanted| {
        let any = wanted.kind == 255 && parts.family == Family::V4;
        let (first, last) = wanted.codes;
        any || (wanted.kind == kind && first <= code && code <= last)
    })
}

fn conntrack_holds(what: &CtMatch, context: &Context<'_, '_>) -> bool {
    let bits = context.connections.state_bits(context.frame.ct);
    if !what
        .state
        .is_none_or(|state| state.test(|wanted| wanted & bits != 0))
    {
        return false;
    }
    let found = unpack(context.frame.ct)
        .and_then(|(id, info)| Some((context.connections.entry(id)?, info)));
    let Some((entry, info)) = found else {
        // Only its state can be asked of a packet without a connection.
        let bare = CtMatch {
            state: what.state,
            ..CtMatch::default()
        };
        return *what == bare;
    };
    let addrs = [
        entry.original.src,
        entry.original.dst,
        entry.reply.src,
        entry.reply.dst,
    ];
    let ports = [
        entry.original.sport,
        entry.original.dport,
        entry.reply.sport,
        entry.reply.dport,
    ];
    let mut found_status = 0;
    for (is, bit) in [
        (entry.status.seen_reply, status::SEEN_REPLY),
        (entry.status.assured, status::ASSURED),
        (entry.status.confirmed, status::CONFIRMED),
    ] {
        found_status |= if is { bit } else { 0 };
    }
    let left = entry.until.since(context.facts.now).as_secs();
    what.original
        .is_none_or(|original| original != info.is_reply())
        && what
            .proto
            .is_none_or(|proto| proto.test(|proto| *proto == entry.original.protocol))
        && what
            .addrs
            .iter()
            .zip(addrs)
            .all(|(wanted, addr)| wanted.is_none_or(|net| net.test(|net| net.holds(addr))))
        && what
            .ports
            .iter()
            .zip(ports)
            .all(|(wanted, port)| wanted.is_none_or(|range| range.test(|range| range.holds(port))))
        && what.status.is_none_or(|status| {
            status.test(|wanted| match wanted {
                0 => found_status == 0,
                wanted => wanted & found_status != 0,
            })
        })
        && what.expire.is_none_or(|expire| {
            expire.test(|(first, last)| u64::from(*first) <= left && left <= u64::from(*last))
        })
}

/// The kind of an address as a bit (`inet_addr_type`, xt_addrtype.c).
fn addr_kind(context: &Context<'_, '_>, addr: u128, on: Option<IfIndex>) -> u16 {
    const UNSPEC: u16 = 1;
    const UNICAST: u16 = 2;
    const LOCAL: u16 = 4;
    const BROADCAST: u16 = 8;
    const ANYCAST: u16 = 16;
    const MULTICAST: u16 = 32;
    const UNREACHABLE: u16 = 128;
    let links = &context.facts.links;
    match context.parts.family {
        Family::V4 => {
            let addr = Ipv4Addr::from_bits(addr as u32);
            let kind = context.facts.fib.v4.address_kind(addr);
            let elsewhere = on.is_some_and(|on| {
                let interface = links.interface(on);
                let own = interface.is_some_and(|interface| {
                    interface.inet.addrs().iter().any(|one| one.local == addr)
                });
                kind == RouteType::Local && !own
            });
            match kind {
                _ if elsewhere => UNICAST,
                RouteType::Local => LOCAL,
                RouteType::Broadcast => BROADCAST,
                RouteType::Multicast => MULTICAST,
                RouteType::Anycast => ANYCAST,
                _ if addr.is_unspecified() => UNSPEC | BROADCAST,
                _ => UNICAST,
            }
        }
        Family::V6 => {
            let addr = Ipv6Addr::from_bits(addr);
            if addr.is_unspecified() {
                return UNSPEC;
            }
            if addr.is_multicast() {
                return MULTICAST | UNICAST;
            }
            if addr.is_loopback() || links.has_addr6(addr, on) {
                return LOCAL | UNICAST;
            }
            let flow = crate::netns::fib::Flow6::to(addr);
            match context.facts.route_output6(&flow) {
                Ok(_) => UNICAST,
                Err(_) => UNREACHABLE,
            }
        }
    }
}

/// A bucket that fills in virtual time (xt_limit.c).
fn limit_holds(period: u32, burst: u32, tokens: &mut Tokens, context: &Context<'_, '_>) -> bool {
    bucket_holds(period, burst, tokens, context.facts.now.as_nanos())
}

/// Whether a bucket that fills by the time has enough for one packet, which it then gives.
pub(super) fn bucket_holds(period: u32, burst: u32, tokens: &mut Tokens, now: u64) -> bool {
    let cost = u64::from(period) * 100_000;
    let most = cost.saturating_mul(burst.into());
    if !tokens.started {
        (tokens.started, tokens.credit_ns) = (true, most);
    } else {
        let waited = now.saturating_sub(tokens.at_ns);
        tokens.credit_ns = tokens.credit_ns.saturating_add(waited).min(most);
    }
    tokens.at_ns = now;
    if tokens.credit_ns < cost {
        return false;
    }
    tokens.credit_ns -= cost;
    true
}

fn physdev_holds(what: &Physdev, way: &Way<'_>) -> bool {
    let is = |wanted: Option<bool>, found: bool| wanted.is_none_or(|wanted| wanted == found);
    is(what.is_in, !way.phys_in.is_empty())
        && is(what.is_out, !way.phys_out.is_empty())
        && is(
            what.is_bridged,
            !way.phys_in.is_empty() && !way.phys_out.is_empty(),
        )
        && is_device(way.phys_in, &what.iif)
        && is_device(way.phys_out, &what.oif)
}
