//! What must hold of netlink's tables: nothing in them names what is not there.
//! What the tables mean is the kernel's; that who is refused changes nothing is for `fingerprint`.

use std::collections::BTreeMap;

use super::{Broken, Story};
use crate::kernel::World;
use crate::kernel::device::{Device, DeviceKind};
use crate::kernel::netlink::NeighDump;
use crate::netns::fib::DumpFilter;
use crate::units::{DevId, IfIndex, NetnsId};

const RULE: &str = "netlink's tables are consistent";

/// No table names a device, master or peer that is not there.
///
/// Addresses have no device to name: they are kept with it. The devices in rules are names, which may be of nobody, and
/// so are those in the far ends of a tunnel (`via`), which the kernel leaves as numbers.
///
/// # Errors
/// An entry that does.
pub fn consistent_tables(story: &Story<'_>) -> Result<(), Broken> {
    devices(story)?;
    let mut namespaces = story.world.netns.iter();
    namespaces.try_for_each(|(netns, _)| tables(story, netns))
}

/// The tables as they were judged last.
#[derive(Clone, Debug, Default)]
pub(in crate::check) struct Tables {
    devices: usize,
    sizes: BTreeMap<NetnsId, [usize; 5]>,
}

impl Tables {
    /// Judges the tables in which there is more or less than there was, and all of them where there are more or fewer
    /// devices.
    pub fn judge(&mut self, story: &Story<'_>) -> Result<(), Broken> {
        let world = story.world;
        if self.devices != world.devices.len() {
            consistent_tables(story)?;
            self.devices = world.devices.len();
        }
        for (netns, ns) in world.netns.iter() {
            let now = [
                ns.interfaces.len(),
                ns.fib.v4.len(),
                ns.fib.v6.len(),
                ns.neigh4.len(),
                ns.neigh6.len(),
            ];
            if self.sizes.get(&netns) != Some(&now) {
                tables(story, netns)?;
                self.sizes.insert(netns, now);
            }
        }
        Ok(())
    }
}

/// No table of a namespace names a device that is not there.
fn tables(story: &Story<'_>, netns: NetnsId) -> Result<(), Broken> {
    for (ifindex, what) in named(story.world, netns) {
        if story.world.dev_at(netns, ifindex).is_none() {
            let what = format!("{what} names device {ifindex}");
            return Err(story.broken_at(RULE, netns, None, what));
        }
    }
    Ok(())
}

/// The devices that the tables of a namespace name, each with the entry.
fn named(world: &World, netns: NetnsId) -> Vec<(IfIndex, String)> {
    let mut named = Vec::new();
    let Some(ns) = world.netns.find(netns) else {
        return named;
    };
    let routes = ns.fib.route_dump(DumpFilter::default(), &ns.links());
    for route in routes.unwrap_or_default() {
        let ways = route.nexthops.iter().filter(|way| way.oif != 0);
        named.extend(ways.map(|way| (way.oif, format!("route {}", route.dst))));
    }
    for rule in [false, true].iter().flat_map(|v6| ns.fib.rules(*v6).list()) {
        let devices = [rule.iif, rule.oif].into_iter().flatten();
        let what = || format!("rule {}", rule.rule.priority.unwrap_or_default());
        named.extend(devices.map(|device| (device, what())));
    }
    for proxy in [false, true] {
        let all = world.neigh_dump(netns, &neighbours(proxy)).into_iter();
        let of_a_device = all.filter(|neigh| neigh.ifindex != 0);
        named.extend(of_a_device.map(|neigh| (neigh.ifindex, format!("neighbour {}", neigh.addr))));
    }
    for entry in world.fdb_dump(netns, None, None) {
        let what = format!("forwarding entry {}", entry.mac);
        named.extend(entry.master.map(|master| (master, what.clone())));
        named.push((entry.ifindex, what));
    }
    for group in world.mdb_dump(netns) {
        named.push((group.port, format!("group {:?}", group.key)));
    }
    named
}

/// All neighbours, or all addresses that are answered for.
pub(super) fn neighbours(proxy: bool) -> NeighDump {
    NeighDump {
        v4: true,
        v6: true,
        ifindex: None,
        master: None,
        proxy,
    }
}

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
        if let Some(lower) = lower(world, device)
            && lower.is_none_or(|lower| world.devices.find(lower).is_none())
        {
            return broken("what it stands on is not there");
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

/// What a device stands on, where it stands on anything; nothing inside where nobody has that number.
fn lower(world: &World, device: &Device) -> Option<Option<DevId>> {
    match &device.kind {
        DeviceKind::Stacked(stacked) => Some(Some(stacked.lower())),
        DeviceKind::Vxlan(tunnel) => {
            let number = tunnel.vxlan.config.ifindex;
            let numbered = (number != 0).then(|| world.dev_at(tunnel.net, number));
            tunnel.lower.map(Some).or(numbered)
        }
        _ => None,
    }
}

fn is_port(world: &World, master: DevId, dev: DevId) -> bool {
    match world.devices.find(master).map(|master| &master.kind) {
        Some(DeviceKind::Bridge(bridge)) => bridge.port_of(dev).is_some(),
        _ => false,
    }
}
