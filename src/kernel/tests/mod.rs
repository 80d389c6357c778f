//! Small worlds in which devices, addresses and packets meet.
//! What a single layer decides is tested beside it.

mod inet6;
mod ipv6;
mod sizes;
mod tcp;

use std::time::Duration;

use crate::kernel::World;
use crate::kernel::netlink::{AddrNew, LinkChange, LinkKind, LinkNew, LinkRef, VethPeer};
use crate::units::{IfIndex, MacAddr, NetnsId};

/// Two namespaces with a veth pair between them: `left` has `va`, `right` has `vb`; both up.
pub(super) struct Pair {
    pub world: World,
    pub left: NetnsId,
    pub right: NetnsId,
}

/// The number of the veth in each namespace, which has nothing else but a loopback.
pub(super) const VETH: IfIndex = 2;
pub(super) const MAC_A: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xa]);
pub(super) const MAC_B: MacAddr = MacAddr([2, 0, 0, 0, 0, 0xb]);

impl Pair {
    /// The pair, down.
    pub(super) fn down() -> Self {
        let mut world = World::new(0);
        let host = world.default_host();
        let left = world.netns_add(host, "left").unwrap();
        let right = world.netns_add(host, "right").unwrap();
        add_veth(&mut world, (left, "va", MAC_A), (right, "vb", MAC_B));
        Self { world, left, right }
    }

    /// The pair, up since this instant.
    pub(super) fn up() -> Self {
        let mut pair = Self::down();
        pair.set_up(pair.left, 1);
        pair.set_up(pair.right, 1);
        pair.set_up(pair.left, VETH);
        pair.set_up(pair.right, VETH);
        pair
    }

    pub(super) fn set_up(&mut self, netns: NetnsId, ifindex: IfIndex) {
        set(&mut self.world, netns, ifindex, |change| {
            change.up = Some(true)
        });
    }

    /// Lets some milliseconds pass.
    pub(super) fn pass(&mut self, millis: u64) {
        pass(&mut self.world, millis);
    }

    pub(super) fn add_addr(&mut self, netns: NetnsId, ifindex: IfIndex, addr: &str) {
        add_addr(&mut self.world, netns, ifindex, addr, 0);
    }
}

pub(super) fn pass(world: &mut World, millis: u64) {
    let until = world.now() + Duration::from_millis(millis);
    world.run_until(until).unwrap();
}

pub(super) fn set(
    world: &mut World,
    netns: NetnsId,
    ifindex: IfIndex,
    what: impl FnOnce(&mut LinkChange),
) {
    let mut change = LinkChange::default();
    what(&mut change);
    world
        .link_set(netns, &LinkRef::Index(ifindex), &change)
        .unwrap();
}

type End<'a> = (NetnsId, &'a str, MacAddr);

/// A veth pair whose ends are each in their namespace, down.
pub(super) fn add_veth(world: &mut World, near: End<'_>, far: End<'_>) {
    let attributes = |end: End<'_>| LinkChange {
        name: Some(end.1.parse().unwrap()),
        address: Some(end.2),
        netns: Some(end.0),
        ..LinkChange::default()
    };
    let peer = VethPeer {
        attributes: attributes(far),
        ..VethPeer::default()
    };
    add_link(
        world,
        near.0,
        LinkKind::Veth(Some(Box::new(peer))),
        attributes(near),
    );
}

pub(super) fn add_link(world: &mut World, netns: NetnsId, kind: LinkKind, attributes: LinkChange) {
    let new = LinkNew {
        kind,
        ifindex: None,
        link: None,
        tx_queues: None,
        rx_queues: None,
        attributes,
    };
    world.link_add(netns, &new).unwrap();
}

/// Adds an address with its prefix length; `flags` are `IFA_F_*`.
pub(super) fn add_addr(
    world: &mut World,
    netns: NetnsId,
    ifindex: IfIndex,
    addr: &str,
    flags: u32,
) {
    let new = AddrNew {
        flags,
        ..AddrNew::new(ifindex, addr.parse().unwrap())
    };
    world.addr_add(netns, &new).unwrap();
}

/// The IPv6 addresses of a namespace but for the loopback's, each with its flags.
pub(super) fn addrs6(world: &mut World, netns: NetnsId) -> Vec<(String, u32)> {
    let all = world.addrs(netns).into_iter();
    all.filter(|info| info.local.is_ipv6() && info.ifindex != 1)
        .map(|info| (format!("{}/{}", info.local, info.prefix_len), info.flags))
        .collect()
}
