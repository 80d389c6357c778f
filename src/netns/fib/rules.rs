//! Policy rules of one family: the list, its changes, and which rule a packet matches.
//! The tables that they name are elsewhere (net/core/fib_rules.c, net/ipv4/fib_rules.c).

use std::net::IpAddr;

use ipnet::IpNet;

use super::route::{RouteError, protocol, table};
use crate::units::{Errno, IfIndex, IfName};

/// What a rule does (`FR_ACT_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuleAction {
    /// Looks into the rule's table.
    ToTable,
    /// Goes on at the rule of this priority.
    Goto(u32),
    /// Does nothing.
    Nop,
    /// Drops: the lookup fails with EINVAL.
    Blackhole,
    /// The lookup fails with ENETUNREACH.
    Unreachable,
    /// The lookup fails with EACCES.
    Prohibit,
    /// Another type that was typed (`nat`, `local`, ..), by its number: drops, as a blackhole.
    Other(u8),
}

/// A range of port numbers or user ids, both ends included.
pub type Range<T> = (T, T);

/// A policy rule (`struct fib_rule`), as it is asked for and as it is reported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Its place in the order; nothing in a request lets the kernel choose.
    pub priority: Option<u32>,
    /// What it does.
    pub action: RuleAction,
    /// The table; 0 where the action has none.
    pub table: u32,
    /// Source prefix, as typed.
    pub src: Option<IpNet>,
    /// Destination prefix, as typed.
    pub dst: Option<IpNet>,
    /// Type of service.
    pub tos: u8,
    /// The device by which the packet came in; `lo` for what is sent from here.
    pub iif: Option<IfName>,
    /// The device that the sender is bound to.
    pub oif: Option<IfName>,
    /// The mark; with a request nothing means any.
    pub mark: Option<u32>,
    /// Which bits of the mark count.
    pub mark_mask: Option<u32>,
    /// IP protocol; 0 is any.
    pub ip_proto: u8,
    /// Source ports.
    pub sport: Option<Range<u16>>,
    /// Destination ports.
    pub dport: Option<Range<u16>>,
    /// User ids.
    pub uids: Option<Range<u32>>,
    /// Tunnel id.
    pub tun_id: u64,
    /// Whether it is for devices of an L3 master.
    pub l3mdev: bool,
    /// Routes of at most this prefix length do not count.
    pub suppress_prefixlen: Option<u32>,
    /// Routes by a device of this group do not count.
    pub suppress_ifgroup: Option<u32>,
    /// Whether all that it selects is turned around (`not`).
    pub invert: bool,
    /// `RTPROT_*`: who made it.
    pub protocol: u8,
    /// Realms; iproute2 prints them.
    pub realms: u32,
}

impl Rule {
    /// A rule that sends everything to a table.
    pub fn new(table: u32) -> Self {
        Self {
            priority: None,
            action: RuleAction::ToTable,
            table,
            src: None,
            dst: None,
            tos: 0,
            iif: None,
            oif: None,
            mark: None,
            mark_mask: None,
            ip_proto: 0,
            sport: None,
            dport: None,
            uids: None,
            tun_id: 0,
            l3mdev: false,
            suppress_prefixlen: None,
            suppress_ifgroup: None,
            invert: false,
            protocol: protocol::UNSPEC,
            realms: 0,
        }
    }
}

/// A rule in the list, with what the kernel knows about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleInfo {
    /// The rule; its priority, mark and mask are set.
    pub rule: Rule,
    /// The device of `iif`, where it exists.
    pub iif: Option<IfIndex>,
    /// The device of `oif`, where it exists.
    pub oif: Option<IfIndex>,
    /// Whether the target of a `goto` does not exist.
    pub unresolved: bool,
}

/// What of a packet the rules look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Selector {
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

/// The rules of one family, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    v6: bool,
    list: Vec<RuleInfo>,
}

impl Rules {
    /// The rules that a namespace begins with (`fib_default_rules_init`, `fib6_rules_net_init`).
    pub(super) fn new(v6: bool) -> Self {
        let mut defaults = vec![(0, table::LOCAL), (0x7ffe, table::MAIN)];
        if !v6 {
            defaults.push((0x7fff, table::DEFAULT));
        }
        let list = defaults.into_iter().map(|(priority, table)| {
            let mut rule = Rule::new(table);
            rule.priority = Some(priority);
            rule.protocol = protocol::KERNEL;
            RuleInfo::new(rule)
        });
        Self {
            v6,
            list: list.collect(),
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
        self.list.insert(at, info);
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
        self.list.remove(at);
        self.resolve_gotos();
        Ok(())
    }

    /// A device of this name is here now (NETDEV_REGISTER, NETDEV_CHANGENAME).
    pub fn attach(&mut self, name: &IfName, ifindex: IfIndex) {
        for info in &mut self.list {
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
        for info in &mut self.list {
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
                self.list[at].unresolved = !found;
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
    pub(super) fn walk<T>(
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

impl RuleInfo {
    fn new(rule: Rule) -> Self {
        Self {
            rule,
            iif: None,
            oif: None,
            unresolved: false,
        }
    }

    /// Whether a packet is selected (`fib_rule_match`, `fib4_rule_match`, `fib6_rule_match`).
    #[inline]
    fn selects(&self, packet: &Selector) -> bool {
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
    pub(super) fn suppresses(&self, prefix_len: u8, group: impl FnOnce() -> Option<u32>) -> bool {
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
    fn fits(&self, asked: &Self) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(src: &str, mark: u32) -> Selector {
        Selector {
            src: src.parse().unwrap(),
            dst: "8.8.8.8".parse().unwrap(),
            tos: 0,
            iif: 1,
            oif: 0,
            mark,
            proto: 0,
            sport: 0,
            dport: 0,
            uid: 0,
        }
    }

    fn visited(rules: &Rules, packet: &Selector) -> Vec<u32> {
        let mut seen = Vec::new();
        let end: Result<(), Errno> = rules.walk(packet, |info| {
            seen.push(info.rule.priority.unwrap());
            Err(Errno::Eagain)
        });
        assert_eq!(end, Err(Errno::Enetunreach));
        seen
    }

    fn none(_: &IfName) -> Option<IfIndex> {
        None
    }

    #[test]
    fn a_rule_without_priority_goes_one_before_the_second() {
        let mut rules = Rules::new(false);
        for table in [7, 8] {
            rules.add(Rule::new(table), true, none).unwrap();
        }
        let order: Vec<_> = rules.list().iter().map(|i| i.rule.priority).collect();
        assert_eq!(
            order,
            [0, 32764, 32765, 32766, 32767].map(Some),
            "as `ip rule add` twice"
        );
    }

    #[test]
    fn selectors_and_their_negation_hold_together() {
        let mut rules = Rules::new(false);
        let mut rule = Rule::new(7);
        rule.src = Some("10.0.0.0/8".parse().unwrap());
        rule.mark = Some(5);
        rule.priority = Some(10);
        rules.add(rule.clone(), true, none).unwrap();
        rule.priority = Some(11);
        rule.invert = true;
        rules.add(rule, true, none).unwrap();
        assert_eq!(visited(&rules, &packet("10.1.1.1", 5))[..2], [0, 10]);
        assert_eq!(visited(&rules, &packet("10.1.1.1", 6))[..2], [0, 11]);
        assert_eq!(visited(&rules, &packet("11.1.1.1", 5))[..2], [0, 11]);
    }

    #[test]
    fn goto_leads_forward_and_over_a_missing_target() {
        let mut rules = Rules::new(false);
        let mut jump = Rule::new(0);
        jump.action = RuleAction::Goto(32767);
        jump.priority = Some(5);
        rules.add(jump.clone(), true, none).unwrap();
        assert_eq!(visited(&rules, &packet("1.1.1.1", 0)), [0, 32767]);
        jump.action = RuleAction::Goto(99);
        jump.priority = Some(4);
        rules.add(jump.clone(), true, none).unwrap();
        assert!(rules.list()[1].unresolved);
        assert_eq!(visited(&rules, &packet("1.1.1.1", 0)), [0, 32767]);
        jump.priority = Some(99);
        let backwards = rules.add(jump, true, none).unwrap_err();
        assert_eq!(backwards.extack, Some("Backward goto not supported"));
    }

    #[test]
    fn a_rule_for_a_device_that_is_not_there_matches_nothing() {
        let mut rules = Rules::new(false);
        let name: IfName = "vb".parse().unwrap();
        let mut rule = Rule::new(7);
        rule.iif = Some(name);
        rule.priority = Some(3);
        rules.add(rule, true, none).unwrap();
        let mut from_vb = packet("1.1.1.1", 0);
        from_vb.iif = 4;
        assert!(!visited(&rules, &from_vb).contains(&3));
        rules.attach(&name, 4);
        assert!(visited(&rules, &from_vb).contains(&3));
        rules.detach(4);
        assert!(!visited(&rules, &from_vb).contains(&3));
    }

    #[test]
    fn delete_takes_the_first_that_has_all_that_is_asked() {
        let mut rules = Rules::new(false);
        rules.add(Rule::new(7), true, none).unwrap();
        let mut asked = Rule::new(0);
        asked.priority = Some(12345);
        assert_eq!(rules.delete(&asked).unwrap_err().errno, Errno::Enoent);
        assert!(rules.delete(&Rule::new(7)).is_ok());
        assert_eq!(rules.list().len(), 3);
    }
}
