//! The rules of one family in their order: adding, deleting, and walking them for a packet.
//! After net/core/fib_rules.c; which packets a rule is for is in `select`.

use std::sync::{Arc, LazyLock};

use ipnet::IpNet;

use super::select::Selector;
use super::{Range, Rule, RuleAction, RuleInfo};
use crate::netns::fib::config::RouteError;
use crate::netns::fib::route::{protocol, table};
use crate::units::{Errno, IfIndex, IfName};

/// The rules of one family, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    v6: bool,
    /// Shared by all clones until one is changed: few namespaces change theirs.
    list: Arc<Vec<RuleInfo>>,
}

/// The rules that every namespace begins with, of IPv4 and of IPv6.
static DEFAULTS: LazyLock<[Arc<Vec<RuleInfo>>; 2]> =
    LazyLock::new(|| [false, true].map(|v6| Arc::new(defaults(v6))));

fn defaults(v6: bool) -> Vec<RuleInfo> {
    let mut defaults = vec![(0, table::LOCAL), (0x7ffe, table::MAIN)];
    if !v6 {
        defaults.push((0x7fff, table::DEFAULT));
    }
    let rules = defaults.into_iter().map(|(priority, table)| {
        let mut rule = Rule::new(table);
        rule.priority = Some(priority);
        rule.protocol = protocol::KERNEL;
        RuleInfo::new(rule)
    });
    rules.collect()
}

impl Rules {
    /// The rules that a namespace begins with (`fib_default_rules_init`, `fib6_rules_net_init`).
    pub(in crate::netns::fib) fn new(v6: bool) -> Self {
        Self {
            v6,
            list: Arc::clone(&DEFAULTS[usize::from(v6)]),
        }
    }

    /// The rules, in order.
    pub fn list(&self) -> &[RuleInfo] {
        &self.list
    }

    /// Adds a rule (RTM_NEWRULE with NLM_F_CREATE, and `excl` for NLM_F_EXCL). `find` gives the number of
    /// a device.
    ///
    /// # Errors
    /// EINVAL with the kernel's words where it is malformed, EEXIST where `excl` and it is there.
    pub fn add(
        &mut self,
        mut rule: Rule,
        excl: bool,
        find: impl Fn(&IfName) -> Option<IfIndex>,
    ) -> Result<(), RouteError> {
        self.check(&rule)?;
        let priority = rule.priority.unwrap_or_else(|| self.default_priority());
        rule.priority = Some(priority);
        check_goto(&rule, priority)?;
        if rule.mark.is_some_and(|mark| mark != 0) && rule.mark_mask.is_none() {
            rule.mark_mask = Some(u32::MAX);
        }
        let mut info = RuleInfo::new(rule);
        if excl && self.list.iter().any(|old| old.rule == info.rule) {
            return Err(Errno::Eexist.into());
        }
        info.iif = info.rule.iif.as_ref().and_then(&find);
        info.oif = info.rule.oif.as_ref().and_then(&find);
        let at = self
            .list
            .partition_point(|old| old.rule.priority <= info.rule.priority);
        Arc::make_mut(&mut self.list).insert(at, info);
        self.resolve_gotos();
        Ok(())
    }

    /// Takes the first rule that has all that `asked` says (`rule_find`).
    ///
    /// # Errors
    /// ENOENT where there is none.
    pub fn delete(&mut self, asked: &Rule) -> Result<(), RouteError> {
        self.check(asked)?;
        let at = self
            .list
            .iter()
            .position(|info| info.rule.fits(asked))
            .ok_or(Errno::Enoent)?;
        Arc::make_mut(&mut self.list).remove(at);
        self.resolve_gotos();
        Ok(())
    }

    /// A device of this name is here now (NETDEV_REGISTER, NETDEV_CHANGENAME).
    pub fn attach(&mut self, name: &IfName, ifindex: IfIndex) {
        let names = |info: &RuleInfo| {
            [&info.rule.iif, &info.rule.oif]
                .into_iter()
                .any(|known| known.as_ref() == Some(name))
        };
        if !self.list.iter().any(names) {
            return;
        }
        for info in Arc::make_mut(&mut self.list) {
            if info.rule.iif.as_ref() == Some(name) {
                info.iif = Some(ifindex);
            }
            if info.rule.oif.as_ref() == Some(name) {
                info.oif = Some(ifindex);
            }
        }
    }

    /// The device of this number is gone, or has another name (NETDEV_UNREGISTER).
    pub fn detach(&mut self, ifindex: IfIndex) {
        let there = |info: &RuleInfo| info.iif == Some(ifindex) || info.oif == Some(ifindex);
        if !self.list.iter().any(there) {
            return;
        }
        for info in Arc::make_mut(&mut self.list) {
            if info.iif == Some(ifindex) {
                info.iif = None;
            }
            if info.oif == Some(ifindex) {
                info.oif = None;
            }
        }
    }

    /// One below the second rule (`fib_default_rule_pref`).
    fn default_priority(&self) -> u32 {
        let second = self.list.get(1).and_then(|info| info.rule.priority);
        second.unwrap_or(0).saturating_sub(1)
    }

    /// What is wrong with a rule whatever the others are (`fib_nl2rule`, `fib4_rule_configure`).
    fn check(&self, rule: &Rule) -> Result<(), RouteError> {
        let bad = |text| Err(RouteError::new(Errno::Einval, text));
        let foreign = |net: &Option<IpNet>| {
            net.is_some_and(|net| matches!(net, IpNet::V6(_)) != self.v6 && net.prefix_len() > 0)
        };
        if foreign(&rule.src) {
            return bad("Invalid source address");
        }
        if foreign(&rule.dst) {
            return bad("Invalid destination address");
        }
        if rule.tos & 3 != 0 {
            return bad("Invalid dsfield (tos): ECN bits must be 0");
        }
        if !self.v6 && rule.tos & !0x1e != 0 {
            return bad("Invalid tos");
        }
        let backwards = |range: Option<Range<u16>>| {
            range.is_some_and(|(low, high)| low == 0 || high == u16::MAX || low > high)
        };
        if backwards(rule.sport) {
            return bad("Invalid sport range");
        }
        if backwards(rule.dport) {
            return bad("Invalid dport range");
        }
        if rule.uids.is_some_and(|(low, high)| low > high) {
            return bad("Invalid uid range");
        }
        Ok(())
    }

    fn resolve_gotos(&mut self) {
        for at in 0..self.list.len() {
            if let RuleAction::Goto(target) = self.list[at].rule.action {
                let found = self.position_of(target).is_some();
                Arc::make_mut(&mut self.list)[at].unresolved = !found;
            }
        }
    }

    fn position_of(&self, priority: u32) -> Option<usize> {
        self.list
            .iter()
            .position(|info| info.rule.priority == Some(priority))
    }

    /// Walks the rules for a packet (`fib_rules_lookup`): `visit` is called with each rule that
    /// matches, and ends the walk with anything but EAGAIN.
    #[inline]
    pub(in crate::netns::fib) fn walk<T>(
        &self,
        packet: &Selector,
        mut visit: impl FnMut(&RuleInfo) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let mut at = 0;
        while let Some(info) = self.list.get(at) {
            at += 1;
            if !info.selects(packet) {
                continue;
            }
            match info.rule.action {
                RuleAction::Goto(target) => {
                    // Only forward jumps are taken in, so the walk ends.
                    at = self.position_of(target).unwrap_or(at).max(at);
                    continue;
                }
                RuleAction::Nop => continue,
                _ => {}
            }
            match visit(info) {
                Err(Errno::Eagain) => {}
                done => return done,
            }
        }
        Err(Errno::Enetunreach)
    }
}

/// `goto` only leads forward, so that there is no loop.
fn check_goto(rule: &Rule, priority: u32) -> Result<(), RouteError> {
    match rule.action {
        RuleAction::Goto(target) if target <= priority => Err(RouteError::new(
            Errno::Einval,
            "Backward goto not supported",
        )),
        _ => Ok(()),
    }
}
