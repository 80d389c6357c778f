//! Policy rules and queueing disciplines that are asked for.
//! What is asked of devices, addresses and routes is in the module above.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{name, net, number};
use crate::device::qdisc::{NetemChange, ROOT, TbfConfig, Unit};
use crate::kernel::netlink::{FqCodelOptions, QdiscDelete, QdiscKind, QdiscRequest};
use crate::netns::fib::{Rule, RuleAction};

/// A rule with its family, and whether an equal one is refused.
pub(super) fn rule() -> impl Strategy<Value = (bool, Rule, bool)> {
    let actions = vec![
        RuleAction::ToTable,
        RuleAction::Blackhole,
        RuleAction::Prohibit,
        RuleAction::Nop,
        RuleAction::Goto(2),
    ];
    let priority = option::of(select(vec![0_u32, 1, 2, 3, 32_766, u32::MAX]));
    let whose = (option::of(net()), option::of(name()), option::of(0..3_u32));
    let asked = (
        priority,
        select(actions),
        select(vec![254_u32, 100, 0]),
        whose,
    );
    (asked, any::<[bool; 2]>()).prop_map(|((priority, action, table, whose), [v6, excl])| {
        let (src, iif, mark) = whose;
        let v6 = src.map_or(v6, |src| src.addr().is_ipv6());
        let rule = Rule {
            priority,
            table: if action == RuleAction::ToTable {
                table
            } else {
                0
            },
            action,
            src,
            iif,
            mark,
            ..Rule::new(0)
        };
        (v6, rule, excl)
    })
}

/// Handles and parents: few, so that requests meet.
fn place() -> impl Strategy<Value = (u32, u32)> {
    let parents = vec![ROOT, 0, 0x1_0001, 0x1_0000];
    let handles = vec![0_u32, 0x1_0000, 0x2_0000, u32::MAX];
    (select(parents), select(handles))
}

/// A queueing discipline that is made or changed.
pub(super) fn qdisc() -> impl Strategy<Value = QdiscRequest> {
    let asked = (number(), place(), option::weighted(0.9, kind()));
    (asked, any::<[bool; 3]>()).prop_map(|((ifindex, (parent, handle), kind), flags)| {
        let [create, excl, replace] = flags;
        QdiscRequest {
            ifindex,
            parent,
            handle,
            kind,
            create: !create,
            excl,
            replace,
        }
    })
}

/// One that goes.
pub(super) fn gone() -> impl Strategy<Value = QdiscDelete> {
    let kinds = option::weighted(0.3, select(vec!["tbf", "pfifo"]));
    (number(), place(), kinds).prop_map(|(ifindex, (parent, handle), kind)| QdiscDelete {
        ifindex,
        parent,
        handle,
        kind: kind.map(str::to_owned),
    })
}

fn kind() -> impl Strategy<Value = QdiscKind> {
    let limit = || option::of(0..3_u32);
    let tbf = (
        select(vec![0_u64, 1000, 1_000_000]),
        0..3000_u32,
        0..3000_u32,
    );
    prop_oneof![
        limit().prop_map(|limit| QdiscKind::Fifo(Unit::Packets, limit)),
        limit().prop_map(|limit| QdiscKind::Fifo(Unit::Bytes, limit)),
        Just(QdiscKind::PfifoFast),
        Just(QdiscKind::Noqueue),
        Just(QdiscKind::FqCodel(FqCodelOptions::default())),
        tbf.prop_map(|(rate, burst, limit)| QdiscKind::Tbf(TbfConfig {
            rate,
            burst,
            limit,
            peakrate: 0,
            mtu: 0,
            mpu: 0,
            overhead: 0,
            atm: false,
        })),
        (0..3_u32, 0..1_000_000_i64).prop_map(|(limit, latency_ns)| {
            QdiscKind::Netem(Box::new(NetemChange {
                limit,
                latency_ns,
                ..NetemChange::default()
            }))
        }),
        Just(QdiscKind::Unknown("htb".to_owned())),
    ]
}
