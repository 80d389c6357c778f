//! What a world tells of itself, to be compared: who is refused changes nothing.
//! Whether what is told makes sense is for `tables`.

use std::fmt::{Debug, Write as _};

use super::Broken;
use super::tables::neighbours;
use crate::kernel::World;
use crate::netns::fib::DumpFilter;
use crate::netns::filter::rule::Family;
use crate::units::NetnsId;

/// Everything that netlink tells of a world, to be compared: a request that fails leaves it as it was.
///
/// ```
/// use vethlab::check::invariant::Fingerprint;
/// use vethlab::kernel::World;
/// use vethlab::kernel::netlink::{LinkChange, LinkRef};
///
/// let mut world = World::new(0);
/// let before = Fingerprint::of(&world);
/// let root = world.host(world.default_host()).root;
/// let nobody = LinkRef::Name("br7".to_owned());
/// assert!(world.link_set(root, &nobody, &LinkChange::default()).is_err());
/// assert_eq!(before.unchanged(&world), Ok(()));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// What netlink tells now. Counters and ages count too.
    pub fn of(world: &World) -> Self {
        let mut world = world.clone();
        let mut text = String::new();
        let namespaces: Vec<NetnsId> = world.netns.iter().map(|(netns, _)| netns).collect();
        for host in world.host_list() {
            let _ = writeln!(text, "{:?}", world.netns_names(host));
        }
        for netns in namespaces {
            of_devices(&mut world, netns, &mut text);
            of_routes(&mut world, netns, &mut text);
            of_bridges(&world, netns, &mut text);
            of_filters(&world, netns, &mut text);
        }
        Self(text)
    }

    /// A request that fails changes nothing: the world is as it was.
    ///
    /// # Errors
    /// The first thing that is not.
    pub fn unchanged(&self, world: &World) -> Result<(), Broken> {
        let now = Self::of(world);
        if now == *self {
            return Ok(());
        }
        let (mut before, mut after) = (self.0.lines(), now.0.lines());
        loop {
            let (one, other) = (before.next(), after.next());
            if one != other {
                return Err(Broken {
                    rule: "who is refused changes nothing",
                    what: format!(
                        "there was {}, and is {}",
                        one.unwrap_or("nothing"),
                        other.unwrap_or("nothing")
                    ),
                    place: "netlink".to_owned(),
                });
            }
        }
    }
}

/// A line for each.
fn tell<T: Debug>(text: &mut String, all: impl IntoIterator<Item = T>) {
    for one in all {
        let _ = writeln!(text, "{one:?}");
    }
}

/// Devices with their settings, addresses, groups and queues.
fn of_devices(world: &mut World, netns: NetnsId, text: &mut String) {
    let links = world.links(netns);
    tell(text, links);
    tell(text, world.addrs(netns));
    tell(text, world.qdiscs(netns));
    let Some(ns) = world.netns.find(netns) else {
        return;
    };
    for interface in ns.interfaces.values() {
        let settings = (&interface.conf4, &interface.conf6, &interface.igmp);
        tell(text, [(interface.name, settings)]);
    }
    tell(text, [(&ns.all4, &ns.default4)]);
    tell(text, [(&ns.all6, &ns.default6)]);
    tell(text, [&ns.sysctls]);
}

/// Routes, rules and neighbours.
fn of_routes(world: &mut World, netns: NetnsId, text: &mut String) {
    let routes = world.route_dump(netns, DumpFilter::default());
    tell(text, routes.unwrap_or_default());
    tell(text, world.route_cache_dump(netns, DumpFilter::default()));
    for v6 in [false, true] {
        tell(text, world.rules(netns, v6));
    }
    for proxy in [false, true] {
        tell(text, world.neigh_dump(netns, &neighbours(proxy)));
    }
}

/// Forwarding tables, groups, VLANs, and the networks of tunnels.
fn of_bridges(world: &World, netns: NetnsId, text: &mut String) {
    tell(text, world.fdb_dump(netns, None, None));
    tell(text, world.mdb_dump(netns));
    tell(text, world.mdb_routers(netns));
    tell(text, world.bridge_vlans(netns));
    tell(text, world.bridge_vlan_globals(netns));
    tell(text, world.vni_dump(netns, None).unwrap_or_default());
}

/// Packet filters, and the connections that they follow.
fn of_filters(world: &World, netns: NetnsId, text: &mut String) {
    for family in [Family::V4, Family::V6] {
        tell(text, world.filter_tables(netns, family));
    }
    tell(text, world.connections(netns));
}
