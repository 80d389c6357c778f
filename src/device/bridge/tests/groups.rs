//! Who gets frames for a group, and how memberships come and go.
//! How messages are read is tested beside `snoop`.

use std::net::Ipv4Addr;

use super::super::*;
use super::*;

const GROUP: Ipv4Addr = Ipv4Addr::new(239, 1, 1, 1);

/// A frame with an IPv4 packet of that protocol, to that group.
fn packet(protocol: u8, group: Ipv4Addr, payload: &[u8]) -> Vec<u8> {
    let mut bytes = frame(MacAddr::of_ipv4_group(group), station(1));
    bytes[12..].copy_from_slice(&[8, 0]);
    bytes.extend_from_slice(&[0x45, 0]);
    bytes.extend_from_slice(&(20 + payload.len() as u16).to_be_bytes());
    bytes.extend_from_slice(&[0, 0, 0x40, 0, 1, protocol, 0, 0, 10, 0, 0, 1]);
    bytes.extend_from_slice(&group.octets());
    bytes.extend_from_slice(payload);
    bytes
}

fn igmp(kind: u8, group: Ipv4Addr) -> Vec<u8> {
    let mut message = [kind, 0, 0, 0, 0, 0, 0, 0];
    message[4..].copy_from_slice(&group.octets());
    let sum: u32 = message
        .chunks(2)
        .map(|w| u32::from(w[0]) << 8 | u32::from(w[1]))
        .sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    message[2..4].copy_from_slice(&(!(sum as u16)).to_be_bytes());
    packet(2, group, &message)
}

fn send(bridge: &mut Bridge, secs: u64, dev: DevId, frame: &[u8]) -> (Forward, Vec<DevId>) {
    let mut out = Vec::new();
    let decision = bridge.receive(at(secs), dev, frame, &mut out);
    (decision.forward, out)
}

fn data() -> Vec<u8> {
    packet(17, GROUP, &[0; 8])
}

#[test]
fn without_a_querier_groups_are_flooded_though_members_are_known() {
    let (mut bridge, d) = bridge_of(3);
    send(&mut bridge, 1, d[0], &igmp(0x16, GROUP));
    assert_eq!(bridge.mdb_dump(at(1)).len(), 1);
    let (forward, out) = send(&mut bridge, 2, d[1], &data());
    assert_eq!(
        (forward, out),
        (Forward::Flood { local: true }, vec![d[2], d[0]])
    );
}

#[test]
fn with_a_querier_members_and_routers_get_it_and_nobody_else() {
    let (mut bridge, d) = bridge_of(4);
    send(&mut bridge, 1, d[3], &igmp(0x11, Ipv4Addr::UNSPECIFIED));
    send(&mut bridge, 12, d[0], &igmp(0x16, GROUP));
    let (forward, out) = send(&mut bridge, 13, d[1], &data());
    assert_eq!(
        (forward, out),
        (Forward::Flood { local: false }, vec![d[3], d[0]])
    );
    // Nobody joined: routers only.
    let other = packet(17, Ipv4Addr::new(239, 9, 9, 9), &[0; 8]);
    let (_, out) = send(&mut bridge, 13, d[1], &other);
    assert_eq!(out, [d[3]]);
    // The local groups of IPv4 go everywhere.
    let local = packet(17, Ipv4Addr::new(224, 0, 0, 251), &[0; 8]);
    let (_, out) = send(&mut bridge, 13, d[1], &local);
    assert_eq!(out, [d[3], d[2], d[0]]);
}

#[test]
fn a_membership_ends_after_its_interval_or_soon_after_a_leave() {
    let (mut bridge, d) = bridge_of(2);
    send(&mut bridge, 1, d[0], &igmp(0x16, GROUP));
    assert_eq!(bridge.mdb_dump(at(1))[0].timer_clock, 26000);
    assert_eq!(bridge.mdb_next_timer(), Some(at(261)));
    send(&mut bridge, 10, d[0], &igmp(0x17, GROUP));
    assert_eq!(bridge.mdb_next_timer(), Some(at(12)));
    bridge.handle_timers(at(12));
    assert!(bridge.mdb_dump(at(12)).is_empty());
}

#[test]
fn the_first_membership_to_end_is_known_whichever_is_prolonged() {
    let (mut bridge, d) = bridge_of(2);
    let other = Ipv4Addr::new(239, 9, 9, 9);
    for (secs, dev, group, first) in [
        (1, d[0], GROUP, 261),
        (5, d[1], other, 261),
        (9, d[1], GROUP, 261),
        (12, d[1], other, 261),
        (20, d[0], GROUP, 269),
        (21, d[1], GROUP, 272),
        (22, d[1], other, 280),
    ] {
        send(&mut bridge, secs, dev, &igmp(0x16, group));
        assert_eq!(bridge.mdb_next_timer(), Some(at(first)), "at {secs} s");
    }
}

#[test]
fn a_fast_leave_takes_effect_at_once() {
    let (mut bridge, d) = bridge_of(2);
    let change = PortChange {
        flags: vec![(PortFlags::FAST_LEAVE, true)],
        ..PortChange::default()
    };
    bridge.change_port(at(1), d[0], &change).unwrap();
    send(&mut bridge, 1, d[0], &igmp(0x16, GROUP));
    send(&mut bridge, 2, d[0], &igmp(0x17, GROUP));
    assert!(bridge.mdb_dump(at(2)).is_empty());
}

#[test]
fn memberships_by_hand_have_the_words_of_the_kernel() {
    let (mut bridge, d) = bridge_of(1);
    let change = MdbChange {
        key: Group::V4(GROUP).into(),
        port: Some(d[0]),
        permanent: true,
    };
    bridge.mdb_add(at(1), &change).unwrap();
    let again = bridge.mdb_add(at(1), &change).unwrap_err();
    assert_eq!(
        again.extack,
        Some("bridge: (*, G) group is already joined by port")
    );
    bridge.mdb_delete(&change).unwrap();
    assert_eq!(bridge.mdb_delete(&change).unwrap_err().errno, Errno::Einval);
    let host = MdbChange {
        port: None,
        ..change
    };
    let refusal = bridge.mdb_add(at(1), &host).unwrap_err();
    assert_eq!(
        refusal.extack,
        Some("bridge: Flags are not allowed for host groups")
    );
    bridge.set_up(at(2), false);
    let refusal = bridge.mdb_add(at(2), &change).unwrap_err();
    assert_eq!(refusal.extack, Some("bridge: Bridge device is not running"));
}

#[test]
fn a_port_that_goes_down_is_no_member_any_more_unless_for_good() {
    let (mut bridge, d) = bridge_of(1);
    send(&mut bridge, 1, d[0], &igmp(0x16, GROUP));
    let kept = Group::V4(Ipv4Addr::new(239, 2, 2, 2));
    let change = MdbChange {
        key: kept.into(),
        port: Some(d[0]),
        permanent: true,
    };
    bridge.mdb_add(at(1), &change).unwrap();
    bridge.port_changed(
        at(2),
        d[0],
        PortDevice {
            up: false,
            ..veth(1)
        },
    );
    let left: Vec<Group> = bridge
        .mdb_dump(at(2))
        .iter()
        .map(|told| told.key.group)
        .collect();
    assert_eq!(left, [kept]);
}

#[test]
fn too_many_groups_end_the_snooping() {
    let (mut bridge, d) = bridge_of(1);
    let change = BridgeChange {
        mcast_hash_max: Some(1),
        ..BridgeChange::default()
    };
    bridge.change(at(1), &change).unwrap();
    send(&mut bridge, 1, d[0], &igmp(0x16, GROUP));
    send(
        &mut bridge,
        1,
        d[0],
        &igmp(0x16, Ipv4Addr::new(239, 2, 2, 2)),
    );
    assert!(!bridge.options.mcast.snooping);
}

/// A report or leave of a station.
fn of(last: u8, kind: u8) -> Vec<u8> {
    let mut report = igmp(kind, GROUP);
    report[6..12].copy_from_slice(&station(last).0);
    report
}

/// A bridge that asks for members, whose first port is to send to each of them.
fn bridge_to_unicast() -> (Bridge, Vec<DevId>) {
    let (mut bridge, d) = bridge_of(3);
    let flags = [
        PortFlags::MCAST_TO_UNICAST,
        PortFlags::HAIRPIN,
        PortFlags::FAST_LEAVE,
    ];
    let change = PortChange {
        flags: flags.map(|flag| (flag, true)).to_vec(),
        ..PortChange::default()
    };
    bridge.change_port(at(0), d[0], &change).unwrap();
    send(&mut bridge, 1, d[2], &igmp(0x11, Ipv4Addr::UNSPECIFIED));
    for last in [7, 8, 8, 9] {
        send(&mut bridge, 12, d[0], &of(last, 0x16));
    }
    send(&mut bridge, 12, d[1], &of(5, 0x16));
    send(&mut bridge, 12, d[1], &of(6, 0x16));
    (bridge, d)
}

#[test]
fn a_port_that_sends_to_each_listener_gets_one_copy_for_each() {
    let (mut bridge, d) = bridge_to_unicast();
    let (_, out) = send(&mut bridge, 13, d[2], &data());
    let (group, one, two, three) = (MacAddr::BROADCAST, station(7), station(8), station(9));
    assert_eq!(out, [d[1], d[0], d[0], d[0]]);
    let want = [(d[1], group), (d[0], one), (d[0], two), (d[0], three)];
    assert_eq!(bridge.take_listeners(), want);
    assert!(bridge.take_listeners().is_empty());
    // A fast leave is that of one station.
    send(&mut bridge, 14, d[0], &of(8, 0x17));
    let (_, out) = send(&mut bridge, 15, d[2], &data());
    assert_eq!(out, [d[1], d[0], d[0]]);
    let want = [(d[1], group), (d[0], one), (d[0], three)];
    assert_eq!(bridge.take_listeners(), want);
}

#[test]
fn no_listener_hears_itself_though_its_port_is_a_hairpin() {
    let (mut bridge, d) = bridge_to_unicast();
    let mut own = data();
    own[6..12].copy_from_slice(&station(7).0);
    let (_, out) = send(&mut bridge, 13, d[0], &own);
    assert_eq!(out, [d[2], d[1], d[0], d[0]]);
    let told = bridge.take_listeners();
    assert_eq!(told[2..], [(d[0], station(8)), (d[0], station(9))]);
}

#[test]
fn a_router_behind_such_a_port_gets_the_group_in_place_of_its_first_listener() {
    let (mut bridge, d) = bridge_to_unicast();
    send(&mut bridge, 13, d[0], &igmp(0x11, Ipv4Addr::UNSPECIFIED));
    let (_, out) = send(&mut bridge, 14, d[2], &data());
    assert_eq!(out, [d[1], d[0], d[0], d[0]]);
    let told = bridge.take_listeners();
    assert_eq!(told[1..3], [(d[0], MacAddr::BROADCAST), (d[0], station(8))]);
}
