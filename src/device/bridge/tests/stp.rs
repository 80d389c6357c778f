//! Several bridges with wires between them, which find a tree.
//! Frames take a millisecond; there are no hosts.

use std::collections::BTreeMap;

use super::super::*;
use super::*;

/// One end of a wire: which bridge, and its port's device.
type End = (usize, DevId);

struct Lab {
    now: SimTime,
    bridges: Vec<Bridge>,
    wires: BTreeMap<End, End>,
    flying: Vec<(SimTime, End, Vec<u8>)>,
}

impl Lab {
    /// Bridges with the priorities, each pair of a wire joined by new ports.
    fn new(priorities: &[u16], pairs: &[(usize, usize)]) -> Self {
        let mut lab = Self {
            now: SimTime::ZERO,
            bridges: vec![],
            wires: BTreeMap::new(),
            flying: vec![],
        };
        let devs = devices(pairs.len() * 2);
        for (last, priority) in (1..).zip(priorities) {
            let mut bridge = Bridge::new(station(last));
            bridge.set_mac(SimTime::ZERO, station(last)).unwrap();
            let change = BridgeChange {
                stp_state: Some(1),
                priority: Some(*priority),
                ..BridgeChange::default()
            };
            bridge.change(SimTime::ZERO, &change).unwrap();
            bridge.set_up(SimTime::ZERO, true);
            lab.bridges.push(bridge);
        }
        for ((a, b), dev) in pairs.iter().zip(devs.chunks(2)) {
            lab.wires.insert((*a, dev[0]), (*b, dev[1]));
            lab.wires.insert((*b, dev[1]), (*a, dev[0]));
            for (bridge, dev) in [(*a, dev[0]), (*b, dev[1])] {
                let last = lab.wires.len() as u8 * 2 + u8::from(bridge == *b);
                lab.bridges[bridge]
                    .add_port(SimTime::ZERO, dev, veth(last))
                    .unwrap();
                lab.collect(bridge);
            }
        }
        lab
    }

    fn collect(&mut self, bridge: usize) {
        for action in self.bridges[bridge].take_actions() {
            if let Action::Transmit { dev, frame } = action
                && let Some(far) = self.wires.get(&(bridge, dev))
            {
                let arrives = self.now + std::time::Duration::from_millis(1);
                self.flying.push((arrives, *far, frame));
            }
        }
    }

    fn run_until(&mut self, end: SimTime) {
        loop {
            let timer = self.bridges.iter().filter_map(Bridge::next_timer).min();
            let flight = self.flying.iter().map(|(at, ..)| *at).min();
            let Some(next) = [timer, flight]
                .into_iter()
                .flatten()
                .min()
                .filter(|at| *at <= end)
            else {
                self.now = end;
                return;
            };
            self.now = next;
            let (landed, flying) = std::mem::take(&mut self.flying)
                .into_iter()
                .partition(|(at, ..)| *at <= next);
            self.flying = flying;
            let landed: Vec<(SimTime, End, Vec<u8>)> = landed;
            for (_, (bridge, dev), frame) in landed {
                let group = MacAddr(crate::wire::BPDU_GROUP);
                self.bridges[bridge].receive_bpdu(next, dev, group, &frame[14..]);
                self.collect(bridge);
            }
            for bridge in 0..self.bridges.len() {
                let actions = self.bridges[bridge].handle_timers(next);
                self.bridges[bridge].actions = actions;
                self.collect(bridge);
            }
        }
    }

    fn cut(&mut self, end: End) {
        let far = self.wires[&end];
        for (bridge, dev) in [end, far] {
            let device = self.bridges[bridge].port_of(dev).unwrap().device;
            let device = PortDevice {
                oper_up: false,
                ..device
            };
            self.bridges[bridge].port_changed(self.now, dev, device);
            self.collect(bridge);
        }
    }

    /// Ports that forward, and ports that block, over all bridges.
    fn states(&self) -> (usize, usize) {
        let ports = || self.bridges.iter().flat_map(Bridge::ports);
        let count = |state| ports().filter(|port| port.state == state).count();
        (count(PortState::Forwarding), count(PortState::Blocking))
    }

    fn roots(&self) -> Vec<String> {
        self.bridges
            .iter()
            .map(|b| b.stp.designated_root.to_string())
            .collect()
    }
}

#[test]
fn a_ring_of_three_blocks_one_port() {
    let mut lab = Lab::new(&[0x8000; 3], &[(0, 1), (1, 2), (2, 0)]);
    lab.run_until(at(60));
    assert_eq!(lab.states(), (5, 1));
    assert_eq!(lab.roots(), ["8000.020000000001"; 3]);
    assert_eq!(lab.bridges[0].stp.root_port, 0);
    assert_eq!(
        lab.bridges
            .iter()
            .map(|b| b.stp.root_path_cost)
            .collect::<Vec<_>>(),
        [0, 2, 2]
    );
}

#[test]
fn ports_listen_and_learn_for_the_forward_delay_each() {
    let mut lab = Lab::new(&[0x8000; 2], &[(0, 1)]);
    let state = |lab: &Lab| lab.bridges[0].ports().next().unwrap().state;
    for (secs, want) in [
        (14, PortState::Listening),
        (16, PortState::Learning),
        (29, PortState::Learning),
        (31, PortState::Forwarding),
    ] {
        lab.run_until(at(secs));
        assert_eq!(state(&lab), want, "after {secs} s");
        assert_eq!(lab.bridges[0].carrier(), want == PortState::Forwarding);
    }
}

#[test]
fn the_lower_priority_wins_over_the_lower_address() {
    let mut lab = Lab::new(&[0x8000, 0x8000, 0x1000], &[(0, 1), (1, 2), (2, 0)]);
    lab.run_until(at(60));
    assert_eq!(lab.roots(), ["1000.020000000003"; 3]);
    let change = BridgeChange {
        priority: Some(0),
        ..BridgeChange::default()
    };
    let now = lab.now;
    lab.bridges[1].change(now, &change).unwrap();
    lab.collect(1);
    lab.run_until(at(120));
    assert_eq!(lab.roots(), ["0000.020000000002"; 3]);
    assert_eq!(lab.states(), (5, 1));
}

#[test]
fn a_ring_that_is_cut_uses_the_port_that_was_blocked() {
    let mut lab = Lab::new(&[0x8000; 3], &[(0, 1), (1, 2), (2, 0)]);
    lab.run_until(at(60));
    let end = *lab.wires.keys().find(|(bridge, _)| *bridge == 0).unwrap();
    lab.cut(end);
    lab.run_until(at(160));
    assert_eq!(lab.states(), (4, 0));
    assert_eq!(lab.roots(), ["8000.020000000001"; 3]);
}

#[test]
fn a_silent_root_is_given_up_after_its_max_age() {
    let mut lab = Lab::new(&[0x8000; 3], &[(0, 1), (1, 2)]);
    lab.run_until(at(60));
    // The wire stays up, but nothing comes through any more.
    lab.wires
        .retain(|(bridge, _), (far, _)| *bridge != 0 && *far != 0);
    lab.run_until(at(75));
    assert_eq!(lab.roots()[1], "8000.020000000001");
    lab.run_until(at(90));
    assert_eq!(lab.roots()[1..], ["8000.020000000002"; 2]);
}

#[test]
fn a_change_is_told_to_the_root_and_shortens_the_ageing_everywhere() {
    let mut lab = Lab::new(&[0x8000; 3], &[(0, 1), (1, 2), (2, 0)]);
    lab.run_until(at(120));
    assert!(
        lab.bridges.iter().all(|b| !b.stp.topology_change),
        "it has settled"
    );
    let end = *lab
        .wires
        .iter()
        .find(|((a, _), (b, _))| (*a, *b) == (0, 1))
        .unwrap()
        .0;
    lab.cut(end);
    // 20 s until the old word is too old, and 15 s each to listen and to learn.
    lab.run_until(at(120 + 55));
    for bridge in &lab.bridges {
        assert!(bridge.stp.topology_change);
        assert_eq!(bridge.hold_time(), Ticks::from_secs(15));
        assert_eq!(bridge.stp.ageing_time, Ticks::from_secs(30));
    }
    lab.run_until(at(300));
    assert!(
        lab.bridges
            .iter()
            .all(|b| b.stp.ageing_time == Ticks::from_secs(300))
    );
}

#[test]
fn a_guarded_port_is_shut_by_a_bpdu() {
    let mut lab = Lab::new(&[0x8000; 2], &[(0, 1)]);
    let (_, dev) = *lab.wires.keys().find(|(bridge, _)| *bridge == 1).unwrap();
    let change = PortChange {
        flags: vec![(PortFlags::GUARD, true)],
        ..PortChange::default()
    };
    lab.bridges[1].change_port(at(0), dev, &change).unwrap();
    lab.run_until(at(5));
    assert_eq!(
        lab.bridges[1].port_of(dev).unwrap().state,
        PortState::Disabled
    );
}

#[test]
fn a_root_blocked_port_does_not_lead_to_the_root() {
    let mut lab = Lab::new(&[0x8000; 2], &[(0, 1)]);
    let (_, dev) = *lab.wires.keys().find(|(bridge, _)| *bridge == 1).unwrap();
    let change = PortChange {
        flags: vec![(PortFlags::ROOT_BLOCK, true)],
        ..PortChange::default()
    };
    lab.bridges[1].change_port(at(0), dev, &change).unwrap();
    lab.run_until(at(60));
    assert_eq!(lab.bridges[1].stp.root_port, 0);
    assert_ne!(
        lab.bridges[1].port_of(dev).unwrap().state,
        PortState::Forwarding
    );
}

#[test]
fn configurations_are_held_to_one_a_second() {
    let (mut bridge, d) = bridge_of(1);
    bridge
        .change(
            at(1),
            &BridgeChange {
                stp_state: Some(1),
                ..Default::default()
            },
        )
        .unwrap();
    let sent = |bridge: &mut Bridge, now| {
        bridge.send_configs(now);
        let actions = bridge.take_actions();
        actions
            .iter()
            .filter(|a| matches!(a, Action::Transmit { dev, .. } if *dev == d[0]))
            .count()
    };
    assert_eq!(sent(&mut bridge, at(2)), 1);
    assert_eq!(sent(&mut bridge, at(2)), 0);
    let later = bridge.handle_timers(at(3));
    assert!(
        later
            .iter()
            .any(|action| matches!(action, Action::Transmit { .. }))
    );
}

#[test]
fn hostile_bpdus_change_nothing() {
    let (mut bridge, d) = bridge_of(1);
    bridge
        .change(
            at(1),
            &BridgeChange {
                stp_state: Some(1),
                ..Default::default()
            },
        )
        .unwrap();
    let group = MacAddr(crate::wire::BPDU_GROUP);
    let before = bridge.stp.designated_root;
    for bytes in [
        &[][..],
        &[0x42],
        &[0x42, 0x42, 3],
        &[0x42, 0x42, 3, 0, 0, 0, 0],
        &[0xff; 60],
    ] {
        assert_eq!(
            bridge.receive_bpdu(at(2), d[0], group, bytes),
            BpduFate::Ignored
        );
    }
    let old = crate::wire::BpduRepr::Config(crate::wire::BpduConfig {
        topology_change: false,
        topology_change_ack: false,
        root: [0; 8],
        root_path_cost: u32::MAX,
        bridge: [0; 8],
        port: 0,
        message_age: 2,
        max_age: 1,
        hello_time: 0,
        forward_delay: 0,
    });
    let frame = old.frame(group.0, [2, 0, 0, 0, 0, 9]);
    assert_eq!(
        bridge.receive_bpdu(at(2), d[0], group, &frame[14..]),
        BpduFate::Ignored
    );
    assert_eq!(bridge.stp.designated_root, before);
}
