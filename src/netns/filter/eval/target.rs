//! What targets do to a packet and its connection (the `target` functions of xtables).
//! Verdicts are in the module above.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Context;
use crate::netns::fib::Links;
use crate::netns::filter::conntrack::{UNTRACKED, unpack};
use crate::netns::filter::log;
use crate::netns::filter::rule::{ConnMark, Family, Log, NatTo, Net, Target, TtlChange, number};
use crate::netns::filter::tables::Hook;
use crate::wire::ipv4;

/// What becomes of the packet then.
pub(super) enum Acted {
    Goes,
    Nat(NatTo),
    Accept,
    Drop,
}

/// What a target does that is no verdict.
pub(super) fn act(target: &Target, context: &mut Context<'_, '_>) -> Acted {
    match target {
        Target::Mark { value, mask } => {
            context.frame.mark = (context.frame.mark & !mask) ^ value;
        }
        Target::ConnMark(what) => connmark(*what, context),
        Target::Log(what) => write_log(what, context),
        Target::NoTrack { .. } => {
            if context.frame.ct == 0 {
                context.frame.ct = UNTRACKED;
            }
        }
        Target::Ttl(how) => change_ttl(*how, context),
        Target::TcpMss(mss) => clamp_mss(*mss, context),
        Target::Snat(to) | Target::Dnat(to) => return Acted::Nat(*to),
        Target::Masquerade(to) => {
            let entry = unpack(context.frame.ct).map(|(id, _)| context.connections.entry_mut(id));
            if let Some(Some(entry)) = entry {
                entry.masked_by = context.way.oif;
            }
            return match masquerade(context) {
                Some(addr) => Acted::Nat(NatTo {
                    addrs: Some((addr, addr)),
                    ..*to
                }),
                None => Acted::Drop,
            };
        }
        Target::Redirect(to) => {
            return match redirect(context) {
                Some(addr) => Acted::Nat(NatTo {
                    addrs: Some((addr, addr)),
                    ..*to
                }),
                None => Acted::Drop,
            };
        }
        Target::Accept
        | Target::Drop
        | Target::Return
        | Target::Jump(_)
        | Target::Goto(_)
        | Target::Reject(_)
        | Target::Trace
        | Target::Nflog(_)
        | Target::Audit(_)
        | Target::Checksum => {}
        Target::Netmap(to) => return Acted::Nat(netmap(*to, context)),
        Target::Tos { value, mask } => change_tos(context, *mask, *value),
        Target::Dscp(value) => change_tos(context, 0xfc, value << 2),
        Target::Nfqueue { bypass: true, .. } => return Acted::Accept,
        Target::Nfqueue { bypass: false, .. } => return Acted::Drop,
    }
    Acted::Goes
}

/// The address in another network, its host part kept (xt_NETMAP.c).
fn netmap(to: Net, context: &Context<'_, '_>) -> NatTo {
    let old = match context.way.hook {
        Hook::PostRouting | Hook::Input => context.parts.src,
        Hook::PreRouting | Hook::Output | Hook::Forward => context.parts.dst,
    };
    let addr = (old & !to.mask) | (to.addr & to.mask);
    NatTo {
        addrs: Some((addr, addr)),
        ..NatTo::default()
    }
}

/// The type of service, or the class of IPv6 (xt_DSCP.c).
fn change_tos(context: &mut Context<'_, '_>, mask: u8, value: u8) {
    let new = (context.parts.tos & !mask) ^ value;
    context.parts.tos = new;
    let bytes = context.frame.bytes_mut();
    match context.parts.family {
        Family::V4 => {
            if let Some(byte) = bytes.get_mut(1) {
                *byte = new;
            }
            ipv4::mend_checksum(context.frame);
        }
        Family::V6 => {
            if let Some([first, second]) =
                bytes.get_mut(..2).and_then(|head| head.first_chunk_mut())
            {
                *first = (*first & 0xf0) | (new >> 4);
                *second = (*second & 0x0f) | (new << 4);
            }
        }
    }
}

/// The address of the device out (`nf_nat_masquerade_ipv4`, `nf_nat_masquerade_ipv6`).
fn masquerade(context: &Context<'_, '_>) -> Option<u128> {
    let (links, way) = (&context.facts.links, context.way);
    let addr: IpAddr = match context.parts.family {
        Family::V4 => {
            let next = match way.next_hop {
                Some(IpAddr::V4(next)) => next,
                _ => Ipv4Addr::from_bits(context.parts.dst as u32),
            };
            links.select_addr4(way.oif, Some(next), 0)?.into()
        }
        Family::V6 => links
            .source6(way.oif, Ipv6Addr::from_bits(context.parts.dst))?
            .into(),
    };
    Some(number(addr))
}

/// The address of the device in, or of the loopback for packets of this host (`nf_nat_redirect_ipv4`).
fn redirect(context: &Context<'_, '_>) -> Option<u128> {
    let (links, way) = (&context.facts.links, context.way);
    let addr: IpAddr = match (context.parts.family, way.hook) {
        (Family::V4, Hook::Output) => Ipv4Addr::LOCALHOST.into(),
        (Family::V6, Hook::Output) => Ipv6Addr::LOCALHOST.into(),
        (Family::V4, _) => {
            let interface = links.interface(way.iif)?;
            interface.inet.addrs().first()?.local.into()
        }
        (Family::V6, _) => links
            .source6(way.iif, Ipv6Addr::from_bits(context.parts.src))?
            .into(),
    };
    Some(number(addr))
}

fn connmark(what: ConnMark, context: &mut Context<'_, '_>) {
    let Some((id, _)) = unpack(context.frame.ct) else {
        return;
    };
    let Some(entry) = context.connections.entry_mut(id) else {
        return;
    };
    match what {
        ConnMark::Set { value, mask } => entry.mark = (entry.mark & !mask) ^ value,
        ConnMark::Save { nfmask, ctmask } => {
            entry.mark = (entry.mark & !ctmask) ^ (context.frame.mark & nfmask);
        }
        ConnMark::Restore { nfmask, ctmask } => {
            context.frame.mark = (context.frame.mark & !nfmask) ^ (entry.mark & ctmask);
        }
    }
}

fn write_log(what: &Log, context: &mut Context<'_, '_>) {
    let now = context.facts.now;
    let line = log::line(
        what,
        context.frame.bytes(),
        &context.parts,
        context.way,
        context.frame.mark,
    );
    context.log.push(now, line);
}

fn change_ttl(how: TtlChange, context: &mut Context<'_, '_>) {
    let old = context.parts.ttl;
    let new = match how {
        TtlChange::Set(value) => value,
        TtlChange::Inc(value) => old.saturating_add(value),
        TtlChange::Dec(value) => old.saturating_sub(value),
    };
    context.parts.ttl = new;
    let at = match context.parts.family {
        Family::V4 => 8,
        Family::V6 => 7,
    };
    if let Some(byte) = context.frame.bytes_mut().get_mut(at) {
        *byte = new;
    }
    if context.parts.family == Family::V4 {
        ipv4::mend_checksum(context.frame);
    }
}

/// Lowers the largest segment that a SYN offers (xt_TCPMSS.c).
fn clamp_mss(wanted: Option<u16>, context: &mut Context<'_, '_>) {
    let parts = context.parts;
    let overhead = match parts.family {
        Family::V4 => 40,
        Family::V6 => 60,
    };
    let mtu_of = |ifindex| {
        let interface = context.facts.interface(ifindex);
        interface.map_or(u32::from(u16::MAX), |interface| interface.mtu)
    };
    let mss = wanted.unwrap_or_else(|| {
        let mtu = mtu_of(context.way.oif).min(mtu_of(context.way.iif));
        u16::try_from(mtu.saturating_sub(overhead)).unwrap_or(u16::MAX)
    });
    let bytes = context.frame.bytes();
    let above = parts.above(bytes);
    let Some(length) = above.get(12).map(|byte| usize::from(byte >> 4) * 4) else {
        return;
    };
    let mut at = 20;
    while let (Some(&kind), true) = (above.get(at), at < length) {
        match (kind, above.get(at + 1)) {
            (0, _) => return,
            (1, _) => at += 1,
            (2, Some(4)) => {
                let Some(&[high, low]) = above.get(at + 2..).and_then(|rest| rest.first_chunk())
                else {
                    return;
                };
                let old = u16::from_be_bytes([high, low]);
                if old <= mss && wanted.is_none() {
                    return;
                }
                let place = parts.upper + at + 2;
                let sum_at = parts.upper + 16;
                let frame = context.frame.bytes_mut();
                frame[place..place + 2].copy_from_slice(&mss.to_be_bytes());
                crate::netns::filter::packet::fix_sum(frame, sum_at, old, mss);
                return;
            }
            (_, Some(&length)) if length >= 2 => at += usize::from(length),
            _ => return,
        }
    }
}
