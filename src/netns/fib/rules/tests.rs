//! Tables of rules, packets and which rules they meet, in order.
//! What the tables then say is tested with them.

use super::select::Selector;
use super::*;
use crate::units::Errno;

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
