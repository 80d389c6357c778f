//! Learning, ageing, local entries, and what netlink may do to the database.
//! The words of the refusals are as a 6.18 kernel has them.

use super::super::fdb::FdbFlags;
use super::super::*;
use super::*;

fn add(mac: MacAddr, port: Option<DevId>, state: FdbState) -> FdbAdd {
    FdbAdd {
        mac,
        vid: 0,
        port,
        state,
        flags: NewFlags {
            create: true,
            exclusive: true,
            ..NewFlags::default()
        },
        sticky: false,
        use_now: false,
        extern_learn: false,
    }
}

fn refusal(result: Result<(), Refusal>) -> Errno {
    result.unwrap_err().errno
}

#[test]
fn station_that_moves_port_is_relearned() {
    let (mut bridge, d) = bridge_of(2);
    for dev in [d[0], d[1]] {
        receive(&mut bridge, at(1), dev, station(9), station(1));
        assert_eq!(bridge.station_port(station(1), 0).map(|p| p.dev), Some(dev));
    }
}

#[test]
fn a_static_station_moves_and_stays_static_and_a_sticky_one_stays() {
    let (mut bridge, d) = bridge_of(2);
    let fixed = add(station(1), Some(d[0]), FdbState::Static);
    bridge.fdb_add(at(1), &fixed).unwrap();
    bridge
        .fdb_add(
            at(1),
            &FdbAdd {
                mac: station(2),
                sticky: true,
                ..fixed
            },
        )
        .unwrap();
    for mac in [station(1), station(2)] {
        receive(&mut bridge, at(2), d[1], station(9), mac);
    }
    let told = |mac| bridge.fdb_get(at(3), mac, 0).unwrap();
    assert_eq!(
        (told(station(1)).dev, told(station(1)).state),
        (Some(d[1]), FdbState::Static)
    );
    assert_eq!(told(station(2)).dev, Some(d[0]));
}

#[test]
fn the_address_of_a_port_heard_elsewhere_changes_nothing() {
    let (mut bridge, d) = bridge_of(2);
    receive(&mut bridge, at(1), d[1], station(9), veth(1).mac);
    assert_eq!(
        bridge.fdb_get(at(1), veth(1).mac, 0).unwrap().dev,
        Some(d[0])
    );
}

#[test]
fn an_entry_ages_and_the_sweep_comes_when_the_first_is_due() {
    let (mut bridge, d) = bridge_of(2);
    bridge.gc(at(0));
    receive(&mut bridge, at(10), d[0], station(9), station(1));
    receive(&mut bridge, at(20), d[0], station(9), station(2));
    assert_eq!(bridge.next_gc(), Some(at(300)));
    bridge.gc(at(300));
    assert_eq!(bridge.next_gc(), Some(at(310)));
    assert_eq!(
        bridge.fdb_get(at(311), station(1), 0).unwrap().state,
        FdbState::Stale
    );
    bridge.gc(at(310));
    assert!(bridge.fdb.find(station(1), 0).is_none() && bridge.fdb.find(station(2), 0).is_some());
    assert_eq!(bridge.next_gc(), Some(at(320)));
}

#[test]
fn no_ageing_time_means_always_flood() {
    let (mut bridge, d) = bridge_of(2);
    let change = BridgeChange {
        ageing_time: Some(0),
        ..BridgeChange::default()
    };
    bridge.change(at(1), &change).unwrap();
    receive(&mut bridge, at(1), d[0], station(9), station(1));
    assert_eq!(bridge.fdb.find(station(1), 0), None);
}

#[test]
fn a_port_that_does_not_learn_leaves_no_entry() {
    let (mut bridge, d) = bridge_of(2);
    let change = PortChange {
        flags: vec![(PortFlags::LEARNING, false)],
        ..PortChange::default()
    };
    bridge.change_port(at(1), d[0], &change).unwrap();
    receive(&mut bridge, at(1), d[0], station(9), station(1));
    assert_eq!(bridge.fdb.find(station(1), 0), None);
}

#[test]
fn the_bound_on_learned_entries_floods_what_is_beyond() {
    let (mut bridge, d) = bridge_of(2);
    let change = BridgeChange {
        fdb_max_learned: Some(1),
        ..BridgeChange::default()
    };
    bridge.change(at(1), &change).unwrap();
    receive(&mut bridge, at(1), d[0], station(9), station(1));
    receive(&mut bridge, at(1), d[0], station(9), station(2));
    assert_eq!(bridge.fdb.find(station(2), 0), None);
    bridge
        .fdb_add(at(1), &add(station(2), Some(d[0]), FdbState::Reachable))
        .unwrap();
    assert_eq!(bridge.fdb.learned(), 1);
}

#[test]
fn a_port_that_goes_down_forgets_what_it_learned_and_nothing_else() {
    let (mut bridge, d) = bridge_of(2);
    receive(&mut bridge, at(1), d[0], station(9), station(1));
    receive(&mut bridge, at(1), d[1], station(9), station(2));
    bridge
        .fdb_add(at(1), &add(station(3), Some(d[0]), FdbState::Static))
        .unwrap();
    let learned = FdbAdd {
        extern_learn: true,
        ..add(station(4), Some(d[0]), FdbState::Reachable)
    };
    bridge.fdb_add(at(1), &learned).unwrap();
    bridge.port_changed(
        at(2),
        d[0],
        PortDevice {
            up: false,
            ..veth(1)
        },
    );
    let here = |mac| bridge.fdb.find(mac, 0).is_some();
    assert!(!here(station(1)));
    assert!(here(station(2)) && here(station(3)) && here(station(4)) && here(veth(1).mac));
}

#[test]
fn a_port_that_leaves_takes_all_its_entries_along() {
    let (mut bridge, d) = bridge_of(2);
    bridge
        .fdb_add(at(1), &add(station(3), Some(d[0]), FdbState::Static))
        .unwrap();
    bridge.remove_port(at(2), d[0]).unwrap();
    assert!(bridge.fdb.find(station(3), 0).is_none());
    assert!(bridge.fdb.find(veth(1).mac, 0).is_none());
    assert_eq!(bridge.add_port(at(3), d[0], veth(1)), Ok(1));
}

#[test]
fn two_ports_of_one_address_share_the_local_entry() {
    let mut bridge = Bridge::new(station(0xf0));
    let d = devices(2);
    bridge.add_port(at(0), d[0], veth(1)).unwrap();
    bridge.add_port(at(0), d[1], veth(1)).unwrap();
    bridge.remove_port(at(1), d[0]).unwrap();
    assert_eq!(
        bridge.fdb_get(at(1), veth(1).mac, 0).unwrap().dev,
        Some(d[1])
    );
}

#[test]
fn a_second_add_exists_and_a_replace_moves() {
    let (mut bridge, d) = bridge_of(2);
    let entry = add(station(1), Some(d[0]), FdbState::Static);
    bridge.fdb_add(at(1), &entry).unwrap();
    assert_eq!(refusal(bridge.fdb_add(at(1), &entry)), Errno::Eexist);
    let flags = NewFlags {
        create: true,
        replace: true,
        ..NewFlags::default()
    };
    bridge
        .fdb_add(
            at(1),
            &FdbAdd {
                port: Some(d[1]),
                flags,
                ..entry
            },
        )
        .unwrap();
    assert_eq!(
        refusal(bridge.fdb_delete(Some(d[0]), station(1), 0)),
        Errno::Enoent
    );
    bridge.fdb_delete(Some(d[1]), station(1), 0).unwrap();
    assert_eq!(
        refusal(bridge.fdb_delete(Some(d[1]), station(1), 0)),
        Errno::Enoent
    );
}

#[test]
fn what_cannot_be_is_refused_as_the_kernel_does() {
    let (mut bridge, d) = bridge_of(1);
    let foreign = devices(9)[8];
    let fixed = add(station(1), Some(d[0]), FdbState::Static);
    for (entry, want) in [
        (
            FdbAdd {
                mac: MacAddr::ZERO,
                ..fixed
            },
            Errno::Einval,
        ),
        (FdbAdd { vid: 5, ..fixed }, Errno::Einval),
        (
            FdbAdd {
                port: Some(foreign),
                ..fixed
            },
            Errno::Einval,
        ),
        (
            FdbAdd {
                port: None,
                ..fixed
            },
            Errno::Einval,
        ),
        (
            FdbAdd {
                sticky: true,
                state: FdbState::Permanent,
                ..fixed
            },
            Errno::Einval,
        ),
        (
            FdbAdd {
                port: None,
                use_now: true,
                ..fixed
            },
            Errno::Einval,
        ),
        (
            FdbAdd {
                flags: NewFlags::default(),
                ..fixed
            },
            Errno::Enoent,
        ),
    ] {
        assert_eq!(refusal(bridge.fdb_add(at(1), &entry)), want, "{entry:?}");
    }
    bridge.port_changed(
        at(1),
        d[0],
        PortDevice {
            up: false,
            ..veth(1)
        },
    );
    let dynamic = FdbAdd {
        state: FdbState::Reachable,
        ..fixed
    };
    assert_eq!(refusal(bridge.fdb_add(at(1), &dynamic)), Errno::Eperm);
}

#[test]
fn get_of_a_stranger_says_so_in_words() {
    let (bridge, _) = bridge_of(1);
    let refusal = bridge.fdb_get(at(1), station(1), 0).unwrap_err();
    assert_eq!(
        (refusal.errno, refusal.extack),
        (Errno::Enoent, Some("Fdb entry not found"))
    );
}

#[test]
fn flush_takes_all_and_its_filters_less() {
    let (mut bridge, d) = bridge_of(2);
    receive(&mut bridge, at(1), d[0], station(9), station(1));
    receive(&mut bridge, at(1), d[1], station(9), station(2));
    bridge
        .fdb_add(at(1), &add(station(3), Some(d[0]), FdbState::Static))
        .unwrap();
    let one = FdbFlush {
        port: Some(Some(d[0])),
        ..FdbFlush::DYNAMIC
    };
    bridge.fdb_flush(&one).unwrap();
    let here = |bridge: &Bridge, mac| bridge.fdb.find(mac, 0).is_some();
    assert!(!here(&bridge, station(1)) && here(&bridge, station(2)) && here(&bridge, station(3)));
    bridge.fdb_flush(&FdbFlush::default()).unwrap();
    assert!(bridge.fdb.is_empty());
}

#[test]
fn the_rows_of_brctl_leave_out_the_bridge_itself_and_count_from_when_it_was_heard() {
    let mut bridge = Bridge::new(station(0xf0));
    let d = devices(1);
    bridge.set_mac(at(0), station(0xf0)).unwrap();
    bridge.add_port(at(0), d[0], veth(1)).unwrap();
    bridge.set_up(at(0), true);
    receive(&mut bridge, at(1), d[0], station(9), station(1));
    let rows = bridge.fdb_rows(SimTime::from_nanos(1_504_000_000));
    let told: Vec<_> = rows
        .iter()
        .map(|r| (r.mac, r.is_local, r.ageing_clock))
        .collect();
    assert_eq!(told, [(station(1), false, 50), (veth(1).mac, true, 0)]);
    assert!(
        bridge
            .fdb
            .find(station(0xf0), 0)
            .unwrap()
            .flags
            .has(FdbFlags::LOCAL)
    );
}
