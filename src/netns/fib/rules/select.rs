//! Which packets a rule is for, and which rule a delete is about.
//! After `fib_rule_match`, `fib4_rule_match` and `rule_find` of the kernel.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Range, Rule, RuleAction, RuleInfo};
use crate::units::{IfIndex, IfName};

/// What of a packet the rules look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::netns::fib) struct Selector {
    pub src: IpAddr,
    pub dst: IpAddr,
    pub tos: u8,
    pub iif: IfIndex,
    pub oif: IfIndex,
    pub mark: u32,
    pub proto: u8,
    pub sport: u16,
    pub dport: u16,
    pub uid: u32,
}

impl RuleInfo {
    pub(super) fn new(rule: Rule) -> Self {
        Self {
            rule,
            iif: None,
            oif: None,
            unresolved: false,
        }
    }

    /// Whether a packet is selected (`fib_rule_match`, `fib4_rule_match`, `fib6_rule_match`).
    #[inline]
    pub(super) fn selects(&self, packet: &Selector) -> bool {
        self.selects_plainly(packet) != self.rule.invert
    }

    fn selects_plainly(&self, packet: &Selector) -> bool {
        let rule = &self.rule;
        let device = |name: &Option<IfName>, known: Option<IfIndex>, has: IfIndex| {
            name.is_none() || known == Some(has)
        };
        let within = |range: Option<Range<u16>>, port: u16| {
            range.is_none_or(|(low, high)| (low..=high).contains(&port))
        };
        device(&rule.iif, self.iif, packet.iif)
            && device(&rule.oif, self.oif, packet.oif)
            && (rule.mark.unwrap_or(0) ^ packet.mark) & rule.mark_mask.unwrap_or(0) == 0
            && rule.tun_id == 0
            && !rule.l3mdev
            && rule
                .uids
                .is_none_or(|(low, high)| (low..=high).contains(&packet.uid))
            && rule.src.is_none_or(|net| within_net(net, packet.src))
            && rule.dst.is_none_or(|net| within_net(net, packet.dst))
            && (rule.tos == 0 || rule.tos == packet.tos)
            && (rule.ip_proto == 0 || rule.ip_proto == packet.proto)
            && within(rule.sport, packet.sport)
            && within(rule.dport, packet.dport)
    }

    /// Whether a route does not count for this rule (`fib4_rule_suppress`).
    pub(in crate::netns::fib) fn suppresses(
        &self,
        prefix_len: u8,
        group: impl FnOnce() -> Option<u32>,
    ) -> bool {
        let short = |limit| u32::from(prefix_len) <= limit;
        self.rule.suppress_prefixlen.is_some_and(short)
            || self
                .rule
                .suppress_ifgroup
                .is_some_and(|bad| group() == Some(bad))
    }
}

/// A prefix of length 0 has everything in it, of whichever family it was typed.
fn within_net(net: IpNet, addr: IpAddr) -> bool {
    net.prefix_len() == 0 || net.contains(&addr)
}

impl Rule {
    /// Whether it has all that a delete asks for (`rule_find`, `fib4_rule_compare`).
    pub(super) fn fits(&self, asked: &Self) -> bool {
        fn same<T: PartialEq>(asked: Option<T>, own: Option<T>) -> bool {
            asked.is_none() || asked == own
        }
        let action = match (asked.action, self.action) {
            // A request without action asks for none.
            (RuleAction::ToTable, _) => true,
            (RuleAction::Goto(_), RuleAction::Goto(_)) => true,
            (asked, own) => asked == own,
        };
        let mark = asked.mark.filter(|mark| *mark != 0);
        action
            && (asked.table == 0 || asked.table == self.table)
            && same(asked.priority, self.priority)
            && same(asked.iif, self.iif)
            && same(asked.oif, self.oif)
            && same(mark, self.mark)
            && same(asked.mark_mask, self.mark_mask)
            && (asked.tun_id == 0 || asked.tun_id == self.tun_id)
            && same(asked.uids, self.uids)
            && (!asked.l3mdev || self.l3mdev)
            && (asked.ip_proto == 0 || asked.ip_proto == self.ip_proto)
            && same(asked.sport, self.sport)
            && same(asked.dport, self.dport)
            && (asked.tos == 0 || asked.tos == self.tos)
            && same(asked.suppress_prefixlen, self.suppress_prefixlen)
            && same(asked.suppress_ifgroup, self.suppress_ifgroup)
            && same_net(asked.src, self.src)
            && same_net(asked.dst, self.dst)
    }
}

/// A prefix that is asked for must be typed alike; one of length 0 asks for nothing.
fn same_net(asked: Option<IpNet>, own: Option<IpNet>) -> bool {
    match asked.filter(|net| net.prefix_len() > 0) {
        None => true,
        asked => asked == own,
    }
}
