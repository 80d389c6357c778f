//! Frames in, decisions out.
//! Who learns what is looked at only as far as it decides.

use super::super::*;
use super::*;
use crate::engine::trace::DropReason;

fn set(bridge: &mut Bridge, dev: DevId, flag: PortFlags, on: bool) {
    let change = PortChange {
        flags: vec![(flag, on)],
        ..PortChange::default()
    };
    bridge.change_port(SimTime::ZERO, dev, &change).unwrap();
}

#[test]
fn an_unknown_station_is_flooded_to_all_other_ports_newest_first() {
    let (mut bridge, d) = bridge_of(3);
    let (forward, out) = receive(&mut bridge, at(1), d[0], station(9), station(1));
    assert_eq!(forward, Forward::Flood { local: false });
    assert_eq!(out, [d[2], d[1]]);
}

#[test]
fn a_known_station_is_sent_to_its_port_only() {
    let (mut bridge, d) = bridge_of(3);
    receive(&mut bridge, at(1), d[0], station(9), station(1));
    let (forward, _) = receive(&mut bridge, at(2), d[1], station(1), station(2));
    assert_eq!(
        forward,
        Forward::Unicast {
            to: d[0],
            local: false
        }
    );
}

#[test]
fn a_station_behind_the_ingress_port_is_dropped_and_not_flooded() {
    let (mut bridge, d) = bridge_of(3);
    receive(&mut bridge, at(1), d[0], station(9), station(1));
    let (forward, _) = receive(&mut bridge, at(2), d[0], station(1), station(2));
    assert_eq!(forward, Forward::Drop(DropReason::BridgeNonForwarding));
    set(&mut bridge, d[0], PortFlags::HAIRPIN, true);
    let (forward, _) = receive(&mut bridge, at(2), d[0], station(1), station(2));
    assert_eq!(
        forward,
        Forward::Unicast {
            to: d[0],
            local: false
        }
    );
}

#[test]
fn a_broadcast_goes_to_the_ports_and_to_the_bridge_itself() {
    let (mut bridge, d) = bridge_of(2);
    let (forward, out) = receive(&mut bridge, at(1), d[0], MacAddr::BROADCAST, station(1));
    assert_eq!((forward, out), (Forward::Flood { local: true }, vec![d[1]]));
}

#[test]
fn the_only_port_has_nowhere_to_flood_to_but_the_bridge() {
    let (mut bridge, d) = bridge_of(1);
    let (forward, _) = receive(&mut bridge, at(1), d[0], MacAddr::BROADCAST, station(1));
    assert_eq!(forward, Forward::Local);
    let (forward, _) = receive(&mut bridge, at(1), d[0], station(9), station(1));
    assert_eq!(forward, Forward::Drop(DropReason::NoTxTarget));
}

#[test]
fn the_addresses_of_the_bridge_and_of_its_ports_are_local() {
    let (mut bridge, d) = bridge_of(2);
    let own = bridge.mac();
    for destination in [own, veth(1).mac, veth(2).mac] {
        let (forward, _) = receive(&mut bridge, at(1), d[0], destination, station(1));
        assert_eq!(forward, Forward::Local, "{destination}");
    }
}

#[test]
fn a_promiscuous_bridge_gets_what_it_forwards() {
    let (mut bridge, d) = bridge_of(2);
    bridge.set_promisc(true, false);
    receive(&mut bridge, at(1), d[0], MacAddr::BROADCAST, station(1));
    let (forward, _) = receive(&mut bridge, at(1), d[1], station(1), station(2));
    assert_eq!(
        forward,
        Forward::Unicast {
            to: d[0],
            local: true
        }
    );
}

#[test]
fn a_group_or_no_address_as_source_is_dropped_and_not_learned() {
    let (mut bridge, d) = bridge_of(2);
    for source in [
        MacAddr::BROADCAST,
        MacAddr([1, 0, 0x5e, 0, 0, 1]),
        MacAddr::ZERO,
    ] {
        let (forward, _) = receive(&mut bridge, at(1), d[0], station(9), source);
        assert_eq!(forward, Forward::Drop(DropReason::MacInvalidSource));
        assert_eq!(bridge.fdb.find(source, 0), None);
    }
}

#[test]
fn isolated_ports_reach_the_others_and_not_each_other() {
    let (mut bridge, d) = bridge_of(3);
    set(&mut bridge, d[0], PortFlags::ISOLATED, true);
    set(&mut bridge, d[1], PortFlags::ISOLATED, true);
    let (_, out) = receive(&mut bridge, at(1), d[0], MacAddr::BROADCAST, station(1));
    assert_eq!(out, [d[2]]);
    let (forward, _) = receive(&mut bridge, at(1), d[1], station(1), station(2));
    assert_eq!(forward, Forward::Drop(DropReason::BridgeNonForwarding));
    let (forward, _) = receive(&mut bridge, at(1), d[2], station(1), station(3));
    assert_eq!(
        forward,
        Forward::Unicast {
            to: d[0],
            local: false
        }
    );
}

#[test]
fn each_flood_flag_stops_its_own_kind_of_frame() {
    let group = MacAddr([1, 0, 0x5e, 1, 1, 1]);
    for (flag, destination) in [
        (PortFlags::FLOOD, station(9)),
        (PortFlags::MCAST_FLOOD, group),
        (PortFlags::BCAST_FLOOD, MacAddr::BROADCAST),
    ] {
        let (mut bridge, d) = bridge_of(3);
        set(&mut bridge, d[2], flag, false);
        for other in [station(9), group, MacAddr::BROADCAST] {
            let (_, out) = receive(&mut bridge, at(1), d[0], other, station(1));
            let want = if other == destination {
                vec![d[1]]
            } else {
                vec![d[2], d[1]]
            };
            assert_eq!(out, want, "{flag:?} {other}");
        }
    }
}

#[test]
fn what_the_bridge_itself_sends_obeys_the_flood_flag_for_unicast_only() {
    let (mut bridge, d) = bridge_of(2);
    for flag in [
        PortFlags::FLOOD,
        PortFlags::MCAST_FLOOD,
        PortFlags::BCAST_FLOOD,
    ] {
        set(&mut bridge, d[1], flag, false);
    }
    let own = bridge.mac();
    let mut out = Vec::new();
    let broadcast = bridge.transmit(at(1), &frame(MacAddr::BROADCAST, own), &mut out);
    assert_eq!(
        (broadcast, &out[..]),
        (Forward::Flood { local: false }, &[d[1], d[0]][..])
    );
    let unknown = bridge.transmit(at(1), &frame(station(9), own), &mut out);
    assert_eq!(
        (unknown, &out[..]),
        (Forward::Flood { local: false }, &[d[0]][..])
    );
}

#[test]
fn a_locked_port_lets_known_stations_in_only() {
    let (mut bridge, d) = bridge_of(2);
    set(&mut bridge, d[0], PortFlags::LOCKED, true);
    let (forward, _) = receive(&mut bridge, at(1), d[0], MacAddr::BROADCAST, station(1));
    assert_eq!(forward, Forward::Drop(DropReason::BridgeLocked));
    assert_eq!(bridge.fdb.find(station(1), 0), None);
    set(&mut bridge, d[0], PortFlags::MAB, true);
    receive(&mut bridge, at(1), d[0], MacAddr::BROADCAST, station(1));
    let entry = *bridge.fdb.find(station(1), 0).unwrap();
    assert!(entry.flags.has(super::super::fdb::FdbFlags::LOCKED));
    let (forward, _) = receive(&mut bridge, at(1), d[0], MacAddr::BROADCAST, station(1));
    assert_eq!(forward, Forward::Drop(DropReason::BridgeLocked));
}

#[test]
fn link_local_groups_pass_up_unless_a_mask_opens_them() {
    let group = |last| MacAddr([1, 0x80, 0xc2, 0, 0, last]);
    let (mut bridge, d) = bridge_of(2);
    let fate = |bridge: &mut Bridge, last| receive(bridge, at(1), d[0], group(last), station(1)).0;
    assert_eq!(fate(&mut bridge, 0), Forward::Flood { local: true });
    assert_eq!(
        fate(&mut bridge, 1),
        Forward::Drop(DropReason::MacIeeeMacControl)
    );
    assert_eq!(fate(&mut bridge, 0xe), Forward::Pass);
    bridge.options.group_fwd_mask = 1 << 0xe;
    assert_eq!(fate(&mut bridge, 0xe), Forward::Flood { local: true });
    bridge.stp.state = StpState::Kernel;
    assert_eq!(fate(&mut bridge, 0), Forward::Pass);
}

#[test]
fn a_port_without_carrier_hands_over_to_its_backup() {
    let (mut bridge, d) = bridge_of(3);
    receive(&mut bridge, at(1), d[0], MacAddr::BROADCAST, station(1));
    let change = PortChange {
        backup: Some(Some(d[2])),
        ..PortChange::default()
    };
    bridge.change_port(at(1), d[0], &change).unwrap();
    bridge.port_changed(
        at(2),
        d[0],
        PortDevice {
            oper_up: false,
            ..veth(1)
        },
    );
    let (forward, _) = receive(&mut bridge, at(3), d[1], station(1), station(2));
    assert_eq!(
        forward,
        Forward::Unicast {
            to: d[2],
            local: false
        }
    );
}

#[test]
fn a_frame_without_a_whole_header_is_dropped() {
    let (mut bridge, d) = bridge_of(1);
    let decision = bridge.receive(at(1), d[0], &[0xff; 13], &mut Vec::new());
    assert_eq!(decision.forward, Forward::Drop(DropReason::PktTooSmall));
}

#[test]
fn a_bridge_that_is_down_forwards_nothing() {
    let (mut bridge, d) = bridge_of(2);
    bridge.set_up(at(1), false);
    let (forward, _) = receive(&mut bridge, at(1), d[0], MacAddr::BROADCAST, station(1));
    assert_eq!(forward, Forward::Drop(DropReason::BridgeIngressStpState));
    assert!(!bridge.carrier());
}
