//! How the rules of a table decide about a packet (`nft_do_chain`).
//! Which tables are asked, in which order, is in `hook`.

mod amounts;
mod matches;
mod remembering;
mod target;

use std::net::IpAddr;

pub use self::amounts::Buckets;
use self::matches::matches;
use self::target::{Acted, act};
use crate::engine::Random;
use crate::netns::facts::Facts;
use crate::netns::filter::conntrack::Conntrack;
use crate::netns::filter::log;
use crate::netns::filter::memory::Recents;
use crate::netns::filter::packet::Parts;
use crate::netns::filter::rule::{NatTo, Reject, Target};
use crate::netns::filter::tables::{Hook, JUMPS_MAX, Table, TableName};
use crate::netns::socket::PacketType;
use crate::units::{IfIndex, MacAddr};
use crate::wire::Frame;

/// Where a packet is: the devices that it came by and leaves by, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Way<'a> {
    /// The hook.
    pub hook: Hook,
    /// The device in.
    pub iif: IfIndex,
    /// The device out.
    pub oif: IfIndex,
    /// The name of the device in, or nothing.
    pub in_name: &'a str,
    /// The name of the device out, or nothing.
    pub out_name: &'a str,
    /// The bridge port in, where it came by one.
    pub phys_in: &'a str,
    /// The bridge port out, where it is bridged.
    pub phys_out: &'a str,
    /// The source of its Ethernet header, where it has one.
    pub mac: Option<(MacAddr, MacAddr)>,
    /// For whom its frame was.
    pub for_whom: PacketType,
    /// The neighbour that it goes to next.
    pub next_hop: Option<IpAddr>,
}

/// What the rules of a table say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// It passes.
    Accept,
    /// It is lost.
    Drop(Place),
    /// It is lost, and its sender is told.
    Reject(Place, Reject),
    /// A side is translated.
    Nat(NatTo),
}

/// The rule that decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The table.
    pub table: TableName,
    /// The place of the chain.
    pub chain: usize,
    /// The place of the rule; nothing is the policy.
    pub rule: Option<usize>,
}

/// What the rules read and change beside their counters.
pub(super) struct Context<'a, 'f> {
    pub facts: &'a Facts<'f>,
    pub frame: &'a mut Frame,
    pub parts: Parts,
    pub way: &'a Way<'a>,
    pub connections: &'a mut Conntrack,
    pub random: &'a mut Random,
    pub recents: &'a mut Recents,
    pub log: &'a mut log::KernelLog,
}

/// Shows a packet to the chain of a hook.
pub(super) fn run(table: &mut Table, context: &mut Context<'_, '_>) -> Said {
    let hook = context.way.hook;
    let Some(base) = table
        .chains
        .iter()
        .position(|chain| chain.hook == Some(hook))
    else {
        return Said::Accept;
    };
    let mut stack = [(0_usize, 0_usize); JUMPS_MAX];
    let mut depth = 0;
    let (mut chain, mut at) = (base, 0);
    loop {
        let Some(stored) = table.chains[chain].rules.get_mut(at) else {
            if depth > 0 {
                depth -= 1;
                (chain, at) = stack[depth];
                continue;
            }
            return policy(table, base, context);
        };
        at += 1;
        if !matches(&stored.rule, &mut stored.tokens, context) {
            continue;
        }
        stored.counters.packets += 1;
        stored.counters.bytes += context.parts.len as u64;
        let place = Place {
            table: table.name,
            chain,
            rule: Some(at - 1),
        };
        match &stored.rule.target {
            None => {}
            Some(Target::Accept) => return Said::Accept,
            Some(Target::Drop) => return Said::Drop(place),
            Some(Target::Return) if depth > 0 => {
                depth -= 1;
                (chain, at) = stack[depth];
            }
            Some(Target::Return) => return policy(table, base, context),
            Some(Target::Jump(_)) => {
                if let Some(next) = stored.next.filter(|_| depth < JUMPS_MAX) {
                    stack[depth] = (chain, at);
                    depth += 1;
                    (chain, at) = (next, 0);
                }
            }
            Some(Target::Goto(_)) => {
                if let Some(next) = stored.next {
                    (chain, at) = (next, 0);
                }
            }
            Some(Target::Reject(kind)) => return Said::Reject(place, *kind),
            Some(target) => match act(target, context) {
                Acted::Goes => {}
                Acted::Nat(to) => return Said::Nat(to),
                Acted::Accept => return Said::Accept,
                Acted::Drop => return Said::Drop(place),
            },
        }
    }
}

fn policy(table: &mut Table, base: usize, context: &Context<'_, '_>) -> Said {
    let (name, chain) = (table.name, &mut table.chains[base]);
    if chain.counted {
        chain.counters.packets += 1;
        chain.counters.bytes += context.parts.len as u64;
    }
    match chain.policy_drops {
        false => Said::Accept,
        true => Said::Drop(Place {
            table: name,
            chain: base,
            rule: None,
        }),
    }
}
