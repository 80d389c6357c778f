//! VLANs of bridges: who is let in, what leaves how, and that no VLAN reaches another.

use proptest::prelude::*;

use super::*;
use crate::device::bridge::{BridgeChange, VlanAdd};
use crate::engine::trace::DropReason;
use crate::units::Errno;
use crate::wire::{Frame, VlanTag};

const Q: u16 = 0x8100;

/// A bridge of `ports` ports that tells VLANs apart, all in VLAN 1.
fn aware(ports: usize) -> (Bridge, Vec<DevId>) {
    let (mut bridge, devs) = bridge_of(ports);
    let filtering = BridgeChange {
        vlan_filtering: Some(true),
        ..BridgeChange::default()
    };
    bridge.change(at(0), &filtering).unwrap();
    (bridge, devs)
}

fn add(bridge: &mut Bridge, port: Option<DevId>, vid: u16, pvid: bool, untagged: bool) {
    let add = VlanAdd {
        vid,
        pvid,
        untagged,
    };
    bridge.vlan_add(at(0), port, add).unwrap();
}

fn frame(to: MacAddr, from: MacAddr, tag: Option<(u16, u16)>) -> Vec<u8> {
    let bytes = [&to.0[..], &from.0, &[8, 0], &[0; 46]].concat();
    let mut frame = Frame::new(&bytes);
    if let Some((protocol, vid)) = tag {
        VlanTag::new(protocol, vid).push(&mut frame);
    }
    frame.bytes().to_vec()
}

#[test]
fn a_frame_is_in_the_vlan_of_its_tag_or_of_the_pvid_or_lost() {
    let (mut bridge, d) = aware(2);
    add(&mut bridge, Some(d[0]), 10, false, false);
    let mut out = Vec::new();
    for (tag, pvid, want) in [
        (None, true, Some(1)),
        (Some((Q, 10)), true, Some(10)),
        (Some((Q, 20)), true, None),
        (Some((Q, 0)), true, Some(1)),
        (Some((0x88a8, 20)), true, Some(1)),
        (None, false, None),
        (Some((Q, 0)), false, None),
        (Some((Q, 10)), false, Some(10)),
    ] {
        add(&mut bridge, Some(d[0]), 1, pvid, true);
        let bytes = frame(MacAddr::BROADCAST, station(1), tag);
        let decision = bridge.receive(at(1), d[0], &bytes, &mut out);
        assert_eq!(decision.tag.map(VlanTag::vid), want, "{tag:?} {pvid}");
        let lost = decision.forward == Forward::Drop(DropReason::BridgeVlanFilter);
        assert_eq!(lost, want.is_none(), "{tag:?} {pvid}");
    }
}

#[test]
fn a_station_is_learned_in_its_vlan_only() {
    let (mut bridge, d) = aware(3);
    for port in &d {
        add(&mut bridge, Some(*port), 10, false, false);
    }
    let mut out = Vec::new();
    let from_a = frame(MacAddr::BROADCAST, station(7), Some((Q, 10)));
    bridge.receive(at(1), d[0], &from_a, &mut out);
    let to_a = |vid| frame(station(7), station(8), Some((Q, vid)));
    let known = bridge.receive(at(2), d[1], &to_a(10), &mut out);
    assert_eq!(
        known.forward,
        Forward::Unicast {
            to: d[0],
            local: false
        }
    );
    let unknown = bridge.receive(at(2), d[1], &to_a(1), &mut out);
    assert_eq!(unknown.forward, Forward::Flood { local: false });
}

#[test]
fn what_leaves_without_a_tag_is_a_matter_of_the_port() {
    let (mut bridge, d) = aware(2);
    add(&mut bridge, Some(d[0]), 10, false, true);
    add(&mut bridge, Some(d[1]), 10, false, false);
    let at_port = |bridge: &Bridge, dev| bridge.leaves_untagged(bridge.port_no(dev).unwrap(), 10);
    assert_eq!(at_port(&bridge, d[0]), Some(true));
    assert_eq!(at_port(&bridge, d[1]), Some(false));
    assert_eq!(bridge.leaves_untagged(0, 10), None);
}

#[test]
fn a_bridge_that_knows_of_no_vlans_shows_none_and_wakes_with_vlan_1() {
    let (mut bridge, d) = bridge_of(1);
    assert!(bridge.vlans().is_none());
    let vids = |bridge: &Bridge| -> Vec<u16> {
        let told = bridge.fdb_dump(at(0));
        told.iter().map(|told| told.entry.vid).collect()
    };
    assert!(vids(&bridge).iter().all(|vid| *vid == 0));
    bridge.know_vlans(at(1));
    assert_eq!(bridge.port_of(d[0]).unwrap().vlans.pvid, 1);
    assert!(vids(&bridge).contains(&1));
    let unaware = frame(MacAddr::BROADCAST, station(1), Some((Q, 77)));
    let decision = bridge.receive(at(2), d[0], &unaware, &mut Vec::new());
    assert_eq!((decision.tag, decision.forward), (None, Forward::Local));
}

#[test]
fn numbers_that_are_no_vlans_are_refused() {
    let (mut bridge, d) = aware(1);
    for vid in [0, 4095, 4096, u16::MAX] {
        let add = VlanAdd {
            vid,
            pvid: false,
            untagged: false,
        };
        let refused = bridge.vlan_add(at(0), Some(d[0]), add).unwrap_err();
        assert_eq!(refused.errno, Errno::Einval, "{vid}");
        assert!(bridge.vlan_delete(Some(d[0]), vid).is_err(), "{vid}");
    }
    let pvid = BridgeChange {
        vlan_default_pvid: Some(4095),
        ..BridgeChange::default()
    };
    assert!(bridge.change(at(0), &pvid).is_err());
}

#[test]
fn the_default_pvid_moves_those_that_have_it() {
    let (mut bridge, d) = aware(2);
    add(&mut bridge, Some(d[1]), 10, true, true);
    let pvid = |vid| BridgeChange {
        vlan_default_pvid: Some(vid),
        ..BridgeChange::default()
    };
    bridge.change(at(0), &pvid(7)).unwrap();
    let of = |bridge: &Bridge, dev: DevId| bridge.port_of(dev).unwrap().vlans.pvid;
    assert_eq!((of(&bridge, d[0]), of(&bridge, d[1])), (7, 10));
    bridge.change(at(0), &pvid(0)).unwrap();
    assert_eq!((of(&bridge, d[0]), of(&bridge, d[1])), (0, 10));
}

proptest! {
    /// Whatever was learned, a frame leaves only by ports that are in its VLAN, and never by its own.
    #[test]
    fn vlans_never_mix(
        members in prop::collection::vec((0..5_usize, 1..6_u16, any::<bool>(), any::<bool>()), 0..20),
        frames in prop::collection::vec((0..5_usize, 0..8_u8, 0..8_u8, prop::option::of(0..8_u16)), 1..40),
    ) {
        let (mut bridge, d) = aware(5);
        for (port, vid, pvid, untagged) in members {
            add(&mut bridge, Some(d[port]), vid, pvid, untagged);
        }
        let mut out = Vec::new();
        for (port, to, from, tag) in frames {
            let to = if to == 0 { MacAddr::BROADCAST } else { station(to) };
            let bytes = frame(to, station(100 + from), tag.map(|vid| (Q, vid)));
            let decision = bridge.receive(at(1), d[port], &bytes, &mut out);
            let ports: &[DevId] = match &decision.forward {
                Forward::Unicast { to, .. } => std::slice::from_ref(to),
                Forward::Flood { .. } => &out,
                _ => &[],
            };
            let group = &bridge.port_of(d[port]).unwrap().vlans;
            let vid = match tag {
                Some(vid) if vid != 0 => vid,
                _ => group.pvid,
            };
            prop_assert!(ports.is_empty() || group.find(vid).is_some());
            for leaves in ports {
                prop_assert_ne!(*leaves, d[port]);
                prop_assert!(bridge.port_of(*leaves).unwrap().vlans.find(vid).is_some());
            }
        }
    }
}
