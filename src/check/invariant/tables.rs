//! What must hold of netlink's tables: nothing in them names what is not there, and who is refused changes nothing.
//! What the tables mean is the kernel's.

use std::fmt::Write as _;

use super::{Broken, Story};
use crate::kernel::World;
use crate::kernel::device::DeviceKind;
use crate::kernel::netlink::NeighDump;
use crate::netns::fib::DumpFilter;
use crate::units::{DevId, IfIndex, NetnsId};

const RULE: &str = "netlink's tables are consistent";

/// No table names a device, master or peer that is not there.
///
/// # Errors
/// An entry that does.
pub fn consistent_tables(story: &Story<'_>) -> Result<(), Broken> {
    let namespaces: Vec<NetnsId> = story.world.netns.iter().map(|(netns, _)| netns).collect();
    // A dump needs the world to itself.
    let mut world = story.world.clone();
    devices(story)?;
    for netns in namespaces {
        let broken = |what| story.broken_at(RULE, netns, None, what);
        for ifindex in named(&mut world, netns) {
            if !has(story.world, netns, ifindex.0) {
                return Err(broken(format!("{} names device {}", ifindex.1, ifindex.0)));
            }
        }
    }
    Ok(())
}

/// Whether a namespace has a device of that number.
fn has(world: &World, netns: NetnsId, ifindex: IfIndex) -> bool {
    let ns = world.netns.find(netns);
    ns.is_some_and(|ns| ns.interfaces.contains_key(&ifindex))
}

/// The devices that the tables of a namespace name, each with the entry.
fn named(world: &mut World, netns: NetnsId) -> Vec<(IfIndex, String)> {
    let mut named = Vec::new();
    for addr in world.addrs(netns) {
        named.push((addr.ifindex, format!("address {}", addr.local)));
    }
    for route in world
        .route_dump(netns, DumpFilter::default())
        .unwrap_or_default()
    {
        let ways = route.nexthops.iter().filter(|way| way.oif != 0);
        named.extend(ways.map(|way| (way.oif, format!("route {}", route.dst))));
    }
    for neigh in world.neigh_dump(netns, &EVERY_NEIGHBOUR) {
        named.push((neigh.ifindex, format!("neighbour {}", neigh.addr)));
    }
    for entry in world.fdb_dump(netns, None, None) {
        let what = format!("forwarding entry {}", entry.mac);
        named.extend(entry.master.map(|master| (master, what.clone())));
        named.push((entry.ifindex, what));
    }
    named
}

const EVERY_NEIGHBOUR: NeighDump = NeighDump {
    v4: true,
    v6: true,
    ifindex: None,
    master: None,
    proxy: false,
};

/// Devices and namespaces know one another; masters know their ports, peers their peers.
fn devices(story: &Story<'_>) -> Result<(), Broken> {
    let world = story.world;
    for (dev, device) in world.devices.iter() {
        let broken = |what: &str| Err(story.broken_dev(RULE, dev, what.to_owned()));
        let interface = world
            .netns
            .find(device.netns)
            .and_then(|ns| ns.interfaces.get(&device.ifindex));
        if interface.is_none_or(|interface| interface.dev != dev) {
            return broken("its namespace does not know it");
        }
        if device
            .master
            .is_some_and(|master| !is_port(world, master, dev))
        {
            return broken("its master does not know it");
        }
        if let DeviceKind::Bridge(bridge) = &device.kind {
            for port in bridge.ports() {
                let at = world
                    .devices
                    .find(port.dev)
                    .and_then(|device| device.master);
                if at != Some(dev) {
                    return broken("a port of it is not there");
                }
            }
        }
        if let DeviceKind::Veth { peer: Some(peer) } = device.kind {
            let back = world.devices.find(peer).map(|device| &device.kind);
            if !matches!(back, Some(DeviceKind::Veth { peer: Some(back) }) if *back == dev) {
                return broken("its peer does not know it");
            }
        }
    }
    for (netns, ns) in world.netns.iter() {
        for interface in ns.interfaces.values() {
            if world
                .devices
                .find(interface.dev)
                .is_none_or(|device| device.netns != netns)
            {
                let what = format!("{} is not there", interface.name);
                return Err(story.broken_at(RULE, netns, None, what));
            }
        }
    }
    Ok(())
}

fn is_port(world: &World, master: DevId, dev: DevId) -> bool {
    match world.devices.find(master).map(|master| &master.kind) {
        Some(DeviceKind::Bridge(bridge)) => bridge.port_of(dev).is_some(),
        _ => false,
    }
}

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
            for link in world.links(netns) {
                let _ = writeln!(text, "{link:?}");
            }
            for addr in world.addrs(netns) {
                let _ = writeln!(text, "{addr:?}");
            }
            for route in world
                .route_dump(netns, DumpFilter::default())
                .unwrap_or_default()
            {
                let _ = writeln!(text, "{route:?}");
            }
            for rule in [false, true].map(|v6| world.rules(netns, v6)) {
                let _ = writeln!(text, "{rule:?}");
            }
            for neigh in world.neigh_dump(netns, &EVERY_NEIGHBOUR) {
                let _ = writeln!(text, "{neigh:?}");
            }
            for entry in world.fdb_dump(netns, None, None) {
                let _ = writeln!(text, "{entry:?}");
            }
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
