//! The workloads that the benchmarks measure: each is built first, then run as often as asked.
//! Nothing here looks at a clock; who measures is in `benches/` and behind `vethlab bench`.

mod build;
mod bulk;
mod catalogue;
mod frames;
mod pings;
mod tables;
mod tunnel;

pub use build::{Tree, bare_namespaces, commands, namespaces, pairs_of, run_commands, veth_pairs};
pub use bulk::Bulk;
pub use catalogue::{Prepared, Workload};
pub use frames::{Chain, Flood};
pub use pings::AllPairs;
pub use tables::{Learned, Routes};
pub use tunnel::Tunnel;

use std::time::Duration;

use crate::engine::Exhausted;
use crate::kernel::World;
use crate::kernel::netlink::{LinkChange, LinkKind, LinkNew, LinkRef, NlResult, VethPeer};
use crate::units::{MacAddr, NetnsId};

/// Until DAD, MLD and the like have said what they have to say.
const SETTLE: Duration = Duration::from_secs(60);

/// Lets a new network come to rest.
fn settle(world: &mut World) -> Result<(), Exhausted> {
    world.run_until(world.now() + SETTLE)
}

/// A namespace whose devices say nothing of their own accord: no IPv6, so no solicitations.
fn quiet_netns(world: &mut World, name: &str) -> NetnsId {
    let host = world.default_host();
    let netns = world.netns_add(host, name).expect("names differ");
    silence(world, netns);
    netns
}

fn silence(world: &mut World, netns: NetnsId) {
    world
        .sysctl_write(netns, "net.ipv6.conf.default.disable_ipv6", "1")
        .expect("every namespace has it");
}

/// One end of a veth pair.
#[derive(Clone, Copy)]
struct End<'a> {
    netns: NetnsId,
    name: &'a str,
    address: Option<MacAddr>,
    mtu: Option<u32>,
}

impl<'a> End<'a> {
    const fn new(netns: NetnsId, name: &'a str) -> Self {
        Self {
            netns,
            name,
            address: None,
            mtu: None,
        }
    }

    fn attributes(self) -> LinkChange {
        LinkChange {
            name: self.name.parse().ok(),
            address: self.address,
            mtu: self.mtu,
            netns: Some(self.netns),
            ..LinkChange::default()
        }
    }
}

/// A veth pair with both ends up.
fn veth(world: &mut World, near: End<'_>, far: End<'_>) -> NlResult<()> {
    let peer = VethPeer {
        attributes: far.attributes(),
        ..VethPeer::default()
    };
    add(world, near, LinkKind::Veth(Some(Box::new(peer))))?;
    set_up(world, near)?;
    set_up(world, far)
}

fn set_up(world: &mut World, end: End<'_>) -> NlResult<()> {
    let change = LinkChange {
        up: Some(true),
        ..LinkChange::default()
    };
    world.link_set(end.netns, &LinkRef::Name(end.name.to_owned()), &change)
}

/// A bridge that is up.
fn bridge(world: &mut World, at: End<'_>) -> NlResult<()> {
    add(world, at, LinkKind::Bridge(Box::default()))?;
    set_up(world, at)
}

fn add(world: &mut World, at: End<'_>, kind: LinkKind) -> NlResult<()> {
    let new = LinkNew {
        kind,
        ifindex: None,
        link: None,
        tx_queues: None,
        rx_queues: None,
        attributes: at.attributes(),
    };
    world.link_add(at.netns, &new)
}

/// Makes a device a port of a bridge of its namespace.
fn enslave(world: &mut World, netns: NetnsId, port: &str, bridge: &str) -> NlResult<()> {
    let master = world
        .link(netns, &LinkRef::Name(bridge.to_owned()))?
        .ifindex;
    let change = LinkChange {
        master: Some(master),
        ..LinkChange::default()
    };
    world.link_set(netns, &LinkRef::Name(port.to_owned()), &change)
}
