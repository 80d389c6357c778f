//! What is asked of bridges: entries of their tables, VLANs, members of groups.
//! What is asked of devices, addresses and routes is in the module above.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{near, number};
use crate::check::strategy::mac;
use crate::device::bridge::{FdbState, Group, GroupKey, NewFlags as FdbNew};
use crate::kernel::BridgeSide;
use crate::kernel::netlink::{BridgeVlanRequest, FdbRequest, MdbRequest};

/// An entry of a forwarding table.
pub(super) fn entry() -> impl Strategy<Value = FdbRequest> {
    let states = vec![FdbState::Permanent, FdbState::Static, FdbState::Reachable];
    let vid = option::weighted(0.2, 0..4_u16);
    let asked = (number(), mac(), select(states), option::of(near()), vid);
    (asked, any::<[bool; 6]>()).prop_map(|((link, mac, state, dst, vid), flags)| {
        let [create, exclusive, append, replace, to_self, to_master] = flags;
        FdbRequest {
            link,
            mac,
            vid,
            state,
            flags: FdbNew {
                create: !create,
                exclusive,
                append,
                replace,
            },
            to_self,
            to_master,
            router: false,
            sticky: false,
            use_now: false,
            extern_learn: false,
            dst,
            port: None,
            vni: None,
            src_vni: None,
            via: None,
            nhid: None,
        }
    })
}

/// One VLAN or several; the first and the last number may be the wrong way round, or too large.
pub(super) fn vlans() -> impl Strategy<Value = BridgeVlanRequest> {
    let vids = || prop_oneof![4 => 1..5_u16, 1 => select(vec![0_u16, 4094, 4095])];
    let tunnel = option::weighted(0.2, (0..4_u32, option::of(0..4_u32)));
    let asked = (number(), vids(), vids(), tunnel);
    (asked, any::<[bool; 4]>()).prop_map(|((link, first, last, tunnel), flags)| {
        let [pvid, untagged, of_bridge, gone] = flags;
        BridgeVlanRequest {
            link,
            side: BridgeSide {
                own: of_bridge,
                master: !of_bridge,
            },
            vids: (first, last),
            pvid,
            untagged,
            tunnel,
            add: !gone,
        }
    })
}

/// A member of a group; some groups are none.
pub(super) fn member() -> impl Strategy<Value = MdbRequest> {
    let v4 = (0..3_u8).prop_map(|last| Group::V4(Ipv4Addr::new(239, 1, 1, last)));
    let v6 = (0..3_u16).prop_map(|last| Group::V6(Ipv6Addr::new(0xff05, 0, 0, 0, 0, 0, 0, last)));
    let nobody = select(vec![
        Group::V4(Ipv4Addr::new(224, 0, 0, 1)),
        Group::V4(Ipv4Addr::new(10, 0, 0, 1)),
    ]);
    let group = prop_oneof![3 => v4, 2 => v6, 1 => mac().prop_map(Group::Mac), 1 => nobody];
    let source = option::weighted(0.2, near());
    let vid = prop_oneof![3 => Just(0_u16), 1 => 1..4_u16];
    (number(), number(), group, source, vid, any::<bool>()).prop_map(
        |(bridge, port, group, source, vid, permanent)| MdbRequest {
            bridge,
            port,
            key: GroupKey {
                group,
                source: source.filter(|source| of_family(source, &group)),
                vid,
            },
            permanent,
        },
    )
}

/// Whether a source may send to a group: no tool asks for another.
fn of_family(source: &IpAddr, group: &Group) -> bool {
    match group {
        Group::V4(_) => source.is_ipv4(),
        Group::V6(_) => source.is_ipv6(),
        Group::Mac(_) => false,
    }
}
