//! Addresses, states, carrier and settings.
//! What they do to frames is in `forwarding`.

use super::super::*;
use super::*;

#[test]
fn the_bridge_takes_the_lowest_address_of_its_ports_and_none_without() {
    let mut bridge = Bridge::new(station(0xf0));
    let d = devices(2);
    assert_eq!(bridge.stp.bridge_id().to_string(), "8000.000000000000");
    bridge.add_port(at(0), d[0], veth(7)).unwrap();
    assert_eq!(bridge.mac(), veth(7).mac);
    bridge.add_port(at(0), d[1], veth(3)).unwrap();
    assert_eq!(bridge.mac(), veth(3).mac);
    bridge.port_changed(at(1), d[0], veth(1));
    assert_eq!(bridge.mac(), veth(1).mac);
    assert!(
        bridge
            .take_actions()
            .contains(&Action::Address(veth(1).mac))
    );
    bridge.remove_port(at(2), d[0]).unwrap();
    bridge.remove_port(at(2), d[1]).unwrap();
    assert_eq!(bridge.mac(), MacAddr::ZERO);
}

#[test]
fn an_address_that_a_user_chose_stays() {
    let mut bridge = Bridge::new(station(0xf0));
    let d = devices(1);
    bridge.set_mac(at(0), station(0xf1)).unwrap();
    bridge.add_port(at(0), d[0], veth(1)).unwrap();
    assert_eq!(bridge.mac(), station(0xf1));
    let group = bridge.set_mac(at(0), MacAddr::BROADCAST).unwrap_err();
    assert_eq!(group.errno, Errno::Eaddrnotavail);
}

#[test]
fn carrier_is_there_while_some_port_forwards() {
    let (mut bridge, d) = bridge_of(2);
    assert!(bridge.carrier());
    bridge.port_changed(
        at(1),
        d[0],
        PortDevice {
            oper_up: false,
            ..veth(1)
        },
    );
    assert!(bridge.carrier());
    bridge.port_changed(
        at(2),
        d[1],
        PortDevice {
            up: false,
            ..veth(2)
        },
    );
    assert!(!bridge.carrier());
    let said = bridge.take_actions();
    assert_eq!(
        said.iter()
            .filter(|a| **a == Action::Carrier(false))
            .count(),
        1
    );
}

#[test]
fn a_port_goes_through_no_states_without_stp() {
    let (bridge, d) = bridge_of(1);
    let port = bridge.port_of(d[0]).unwrap();
    assert_eq!((port.state, port.path_cost), (PortState::Forwarding, 2));
    assert_eq!(port.timer_clocks(at(5)), [0, 1000, 0]);
}

#[test]
fn the_mtu_is_the_least_of_the_ports_until_a_user_sets_one() {
    let (mut bridge, d) = bridge_of(2);
    bridge.port_changed(
        at(1),
        d[1],
        PortDevice {
            mtu: 1400,
            ..veth(2)
        },
    );
    assert_eq!(bridge.auto_mtu(), Some(1400));
    bridge.set_mtu();
    assert_eq!(bridge.auto_mtu(), None);
    assert_eq!(Bridge::new(station(1)).auto_mtu(), Some(1500));
}

#[test]
fn a_port_state_is_set_by_hand_only_where_the_kernel_lets_it() {
    let (mut bridge, d) = bridge_of(2);
    let set = |bridge: &mut Bridge, dev, state| {
        let change = PortChange {
            state: Some(state),
            ..PortChange::default()
        };
        bridge
            .change_port(at(1), dev, &change)
            .map_err(|refusal| refusal.errno)
    };
    // Blocking does not last: the selection of states makes the port forward again.
    assert_eq!(set(&mut bridge, d[0], 4), Ok(()));
    assert_eq!(bridge.port_of(d[0]).unwrap().state, PortState::Forwarding);
    assert_eq!(set(&mut bridge, d[0], 2), Ok(()));
    assert_eq!(bridge.port_of(d[0]).unwrap().state, PortState::Learning);
    assert_eq!(set(&mut bridge, d[0], 9), Err(Errno::Einval));
    bridge.port_changed(
        at(2),
        d[1],
        PortDevice {
            oper_up: false,
            ..veth(2)
        },
    );
    assert_eq!(set(&mut bridge, d[1], 1), Err(Errno::Enetdown));
    assert_eq!(set(&mut bridge, d[1], 0), Ok(()));
    bridge.stp.state = StpState::Kernel;
    assert_eq!(set(&mut bridge, d[0], 3), Err(Errno::Ebusy));
}

#[test]
fn times_have_the_bounds_of_the_kernel() {
    let (mut bridge, _) = bridge_of(0);
    let refused = |bridge: &mut Bridge, change: BridgeChange| {
        bridge
            .change(at(1), &change)
            .err()
            .map(|refusal| refusal.errno)
    };
    let none = BridgeChange::default();
    for (change, want) in [
        (
            BridgeChange {
                hello_time: Some(100),
                ..none.clone()
            },
            None,
        ),
        (
            BridgeChange {
                hello_time: Some(50),
                ..none.clone()
            },
            Some(Errno::Erange),
        ),
        (
            BridgeChange {
                max_age: Some(5000),
                ..none.clone()
            },
            Some(Errno::Erange),
        ),
        (
            BridgeChange {
                forward_delay: Some(100),
                ..none.clone()
            },
            None,
        ),
        (
            BridgeChange {
                stp_state: Some(1),
                ..none.clone()
            },
            None,
        ),
        (
            BridgeChange {
                forward_delay: Some(100),
                ..none.clone()
            },
            Some(Errno::Erange),
        ),
        (
            BridgeChange {
                group_fwd_mask: Some(1),
                ..none.clone()
            },
            Some(Errno::Einval),
        ),
        (
            BridgeChange {
                group_fwd_mask: Some(8),
                ..none.clone()
            },
            None,
        ),
        (
            BridgeChange {
                group_address: Some(station(1)),
                ..none.clone()
            },
            Some(Errno::Einval),
        ),
    ] {
        assert_eq!(refused(&mut bridge, change.clone()), want, "{change:?}");
    }
    assert_eq!(
        bridge.stp.forward_delay,
        Ticks::from_secs(2),
        "STP raises it to its least"
    );
}

#[test]
fn what_comes_before_a_refusal_holds() {
    let (mut bridge, d) = bridge_of(1);
    bridge.port_changed(
        at(1),
        d[0],
        PortDevice {
            up: false,
            ..veth(1)
        },
    );
    let change = PortChange {
        flags: vec![(PortFlags::HAIRPIN, true)],
        cost: Some(77),
        priority: Some(10),
        state: Some(2),
        group_fwd_mask: Some(8),
        ..PortChange::default()
    };
    let refusal = bridge.change_port(at(1), d[0], &change).unwrap_err();
    assert_eq!(refusal.errno, Errno::Enetdown);
    let port = bridge.port_of(d[0]).unwrap();
    assert_eq!(
        (port.path_cost, port.port_id(), port.group_fwd_mask),
        (77, 0x2801, 0)
    );
    assert!(port.flags.has(PortFlags::HAIRPIN));
}

#[test]
fn a_disabled_port_keeps_the_bridge_id_that_it_knew() {
    let mut bridge = Bridge::new(station(0xf0));
    let d = devices(1);
    bridge.set_mac(at(0), station(0xf0)).unwrap();
    bridge
        .add_port(
            at(0),
            d[0],
            PortDevice {
                up: false,
                ..veth(1)
            },
        )
        .unwrap();
    bridge
        .change(
            at(1),
            &BridgeChange {
                priority: Some(4096),
                ..Default::default()
            },
        )
        .unwrap();
    let change = PortChange {
        priority: Some(16),
        ..PortChange::default()
    };
    bridge.change_port(at(2), d[0], &change).unwrap();
    let port = bridge.port_of(d[0]).unwrap();
    assert_eq!(bridge.stp.designated_root.to_string(), "1000.0200000000f0");
    assert_eq!(port.designated_root.to_string(), "8000.0200000000f0");
    assert_eq!((port.port_id(), port.designated_port), (0x4001, 0x8001));
}
