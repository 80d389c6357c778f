//! Builds the machines of a plan: hosts, network cards, switches, cables, addresses, default routes.
//! Whether the plan makes sense has been judged before.

use std::net::IpAddr;

use ipnet::IpNet;

use super::outside;
use super::plan::{Card, Host, Plan};
use crate::kernel::World;
use crate::kernel::netlink::{AddrNew, LinkChange, LinkRef, NlResult};
use crate::netns::fib::{NewFlags, NexthopConfig, RouteConfig, RouteType};
use crate::scenario::{Fault, Place};
use crate::units::{DevId, HostId, IfIndex, NetnsId, SegmentId};

impl Plan {
    /// The world of these machines, at the instant 0: all cards up, the addresses usable at once.
    ///
    /// # Errors
    /// Where a machine refuses what the plan says, with the place of the machine.
    pub fn world(&self, seed: u64) -> Result<World, Fault> {
        let first = self.hosts.first().map_or("host", |host| host.name.as_str());
        let mut world = World::with_host(seed, first);
        let networks = self.networks.iter();
        let segments: Vec<SegmentId> = networks
            .map(|network| world.segment_add(&network.name))
            .collect();
        let mut built: Vec<Vec<DevId>> = Vec::new();
        for (number, host) in self.hosts.iter().enumerate() {
            let id = match number {
                0 => world.default_host(),
                _ => world
                    .host_add(&host.name)
                    .map_err(|error| refused(host.place, error))?,
            };
            let mut cards = Vec::new();
            for card in &host.cards {
                let dev = build_card(&mut world, id, card, &segments);
                cards.push(dev.map_err(|error| refused(card.place, error))?);
            }
            built.push(cards);
        }
        for &((host_a, a), (host_b, b), wire, place) in &self.cables {
            let cable = world.cable(built[host_a][a], built[host_b][b], wire);
            cable.map_err(|error| refused(place, error))?;
        }
        for host in &self.hosts {
            set_up(&mut world, host).map_err(|error| refused(host.place, error))?;
        }
        let routers = self.networks.iter().zip(&segments);
        let routers: Vec<_> = routers
            .filter_map(|(network, &segment)| {
                Some((
                    segment,
                    IpNet::new(network.router?.into(), network.subnet.prefix_len()).ok()?,
                ))
            })
            .collect();
        if !routers.is_empty() {
            outside::build(&mut world, &routers).map_err(|error| refused(Place::START, error))?;
        }
        Ok(world)
    }
}

fn refused(place: Place, error: impl std::fmt::Display) -> Fault {
    Fault::new(place, format!("{error}"))
}

fn build_card(
    world: &mut World,
    host: HostId,
    card: &Card,
    segments: &[SegmentId],
) -> NlResult<DevId> {
    let dev = world.nic_add(host, card.name)?;
    let root = world.host(host).root;
    let link = LinkRef::Name(card.name.to_string());
    let change = LinkChange {
        address: card.mac,
        mtu: Some(card.mtu),
        ..LinkChange::default()
    };
    world.link_set(root, &link, &change)?;
    if let Some((network, up, down)) = card.plug {
        world.plug(dev, segments[network], up, down)?;
    }
    Ok(dev)
}

/// Cards up with their addresses, and the ways out.
fn set_up(world: &mut World, host: &Host) -> NlResult<()> {
    let root = match world.host_named(&host.name) {
        Some(id) => world.host(id).root,
        None => return Ok(()),
    };
    for card in &host.cards {
        let name = card.name.as_str();
        for address in &card.addresses {
            address_add(world, root, name, address.value)?;
        }
        if card.up {
            quietly_up(world, root, name)?;
        }
    }
    for gateway in &host.gateways {
        let way = NexthopConfig {
            gateway: Some(gateway.value),
            ..NexthopConfig::default()
        };
        let everything = match gateway.value {
            IpAddr::V4(_) => "0.0.0.0/0",
            IpAddr::V6(_) => "::/0",
        };
        let dst = everything.parse().expect("a fine prefix");
        route_add(world, root, dst, RouteType::Unicast, way)?;
    }
    Ok(())
}

/// Brings a device up as on a machine that has been running for long: its IPv6 addresses need no detection of
/// duplicates any more, and it has given up looking for a router.
pub(super) fn quietly_up(world: &mut World, netns: NetnsId, name: &str) -> NlResult<()> {
    let keys = ["accept_dad", "router_solicitations"];
    let dotless = name.replace('.', "/");
    let keys = keys.map(|key| format!("net.ipv6.conf.{dotless}.{key}"));
    let before = keys.each_ref().map(|key| world.sysctl_read(netns, key));
    for key in &keys {
        world.sysctl_write(netns, key, "0")?;
    }
    let change = LinkChange {
        up: Some(true),
        ..LinkChange::default()
    };
    world.link_set(netns, &LinkRef::Name(name.to_owned()), &change)?;
    // The link is noticed at once.
    let noticed = world.run_until(world.now());
    debug_assert!(noticed.is_ok(), "nothing has been sent yet");
    for (key, value) in keys.iter().zip(before) {
        world.sysctl_write(netns, key, &value?)?;
    }
    Ok(())
}

/// Gives a device an address, with the broadcast address of its subnet.
pub(super) fn address_add(
    world: &mut World,
    netns: NetnsId,
    name: &str,
    local: IpNet,
) -> NlResult<()> {
    let broadcast = match local {
        IpNet::V4(v4) if v4.prefix_len() < 31 => Some(IpAddr::V4(v4.broadcast())),
        IpNet::V4(_) | IpNet::V6(_) => None,
    };
    let new = AddrNew {
        broadcast,
        ..AddrNew::new(ifindex(world, netns, name), local)
    };
    world.addr_add(netns, &new)
}

pub(super) fn ifindex(world: &World, netns: NetnsId, name: &str) -> IfIndex {
    world.ifindex(netns, name).unwrap_or(0)
}

pub(super) fn route_add(
    world: &mut World,
    netns: NetnsId,
    dst: IpNet,
    kind: RouteType,
    nexthop: NexthopConfig,
) -> NlResult<()> {
    let config = RouteConfig {
        kind,
        nexthop,
        ..RouteConfig::new(dst)
    };
    world.route_new(netns, &config, NewFlags::ADD)
}
