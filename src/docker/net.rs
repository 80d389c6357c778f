//! The kernel's typed requests as an engine uses them: one short call for each step of its drivers.
//! Nothing here knows a network of Docker's: only devices, addresses and routes.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::docker::fault::{Done, Fault};
use crate::kernel::World;
use crate::kernel::netlink::{
    AddrDelete, AddrFlags, AddrNew, BridgeOptions, LinkChange, LinkKind, LinkNew, LinkRef,
    NlResult, VethPeer,
};
use crate::netns::fib::{NewFlags, RouteConfig};
use crate::units::{Errno, IfName, MacAddr, NetnsId};

/// A device's name, which the engine makes short enough, or which the user gave.
pub fn ifname(name: &str) -> Done<IfName> {
    let refuse = |_| Fault::Other(format!("invalid interface name: {name}"));
    name.parse().map_err(refuse)
}

/// A device by its name.
pub fn by_name(name: &str) -> LinkRef {
    LinkRef::Name(name.to_owned())
}

/// What a new device gets; Docker's devices have no queue.
pub fn named(name: &str) -> Done<LinkChange> {
    Ok(LinkChange {
        name: Some(ifname(name)?),
        txqlen: Some(0),
        ..LinkChange::default()
    })
}

/// A new device of a kind.
pub fn link_new(kind: LinkKind, attributes: LinkChange) -> LinkNew {
    LinkNew {
        kind,
        ifindex: None,
        link: None,
        tx_queues: None,
        rx_queues: None,
        attributes,
    }
}

/// Makes a bridge.
pub fn add_bridge(
    world: &mut World,
    netns: NetnsId,
    name: &str,
    address: Option<MacAddr>,
) -> Done<()> {
    let kind = LinkKind::Bridge(Box::<BridgeOptions>::default());
    let mut attributes = named(name)?;
    attributes.address = address;
    Ok(world.link_add(netns, &link_new(kind, attributes))?)
}

/// Makes a pair; the second end may be made in another namespace.
pub fn add_veth(
    world: &mut World,
    netns: NetnsId,
    name: &str,
    (peer_netns, peer): (NetnsId, &str),
) -> Done<()> {
    let mut far = VethPeer {
        attributes: named(peer)?,
        ..VethPeer::default()
    };
    if peer_netns != netns {
        far.attributes.netns = Some(peer_netns);
    }
    let kind = LinkKind::Veth(Some(Box::new(far)));
    Ok(world.link_add(netns, &link_new(kind, named(name)?))?)
}

/// Changes a device.
pub fn set(world: &mut World, netns: NetnsId, name: &str, change: &LinkChange) -> Done<()> {
    Ok(world.link_set(netns, &by_name(name), change)?)
}

/// Sets a device up or down.
pub fn set_up(world: &mut World, netns: NetnsId, name: &str, up: bool) -> Done<()> {
    let change = LinkChange {
        up: Some(up),
        ..LinkChange::default()
    };
    set(world, netns, name, &change)
}

/// Sets the mtu of a device.
pub fn set_mtu(world: &mut World, netns: NetnsId, name: &str, mtu: u32) -> Done<()> {
    let change = LinkChange {
        mtu: Some(mtu),
        ..LinkChange::default()
    };
    set(world, netns, name, &change)
}

/// Renames a device.
pub fn rename(world: &mut World, netns: NetnsId, name: &str, to: &str) -> Done<()> {
    let change = LinkChange {
        name: Some(ifname(to)?),
        ..LinkChange::default()
    };
    set(world, netns, name, &change)
}

/// Gives a device a MAC address.
pub fn set_mac(world: &mut World, netns: NetnsId, name: &str, mac: MacAddr) -> Done<()> {
    let change = LinkChange {
        address: Some(mac),
        ..LinkChange::default()
    };
    set(world, netns, name, &change)
}

/// Makes a device the port of a bridge.
pub fn set_master(world: &mut World, netns: NetnsId, name: &str, master: &str) -> Done<()> {
    let change = LinkChange {
        master: Some(index(world, netns, master)?),
        ..LinkChange::default()
    };
    set(world, netns, name, &change)
}

/// Moves a device to another namespace.
pub fn move_to(world: &mut World, netns: NetnsId, name: &str, target: NetnsId) -> Done<()> {
    let change = LinkChange {
        netns: Some(target),
        ..LinkChange::default()
    };
    set(world, netns, name, &change)
}

/// Deletes a device, if it is there.
pub fn delete(world: &mut World, netns: NetnsId, name: &str) {
    let _ = world.link_del(netns, &by_name(name));
}

/// The number of a device.
pub fn index(world: &World, netns: NetnsId, name: &str) -> Done<u32> {
    let found = world.ifindex(netns, name);
    found.ok_or_else(|| Fault::Other(format!("Link {name} not found")))
}

/// Gives a device an address; with a broadcast address where `broadcast`.
pub fn add_address(
    world: &mut World,
    netns: NetnsId,
    name: &str,
    address: IpNet,
    broadcast: bool,
) -> Done<()> {
    let broadcast = match address {
        IpNet::V4(v4) if broadcast && v4.prefix_len() < 31 => Some(IpAddr::V4(v4.broadcast())),
        IpNet::V4(_) | IpNet::V6(_) => None,
    };
    let new = AddrNew {
        broadcast,
        ..AddrNew::new(index(world, netns, name)?, address)
    };
    Ok(world.addr_add(netns, &new)?)
}

/// Gives a device an address of IPv6 that is used at once: whoever chose it knows that nobody else has it.
pub fn add_address_at_once(
    world: &mut World,
    netns: NetnsId,
    name: &str,
    address: IpNet,
) -> Done<()> {
    let new = AddrNew {
        flags: AddrFlags::NODAD,
        ..AddrNew::new(index(world, netns, name)?, address)
    };
    Ok(world.addr_add(netns, &new)?)
}

/// Takes an address from a device, if it is there.
pub fn delete_address(world: &mut World, netns: NetnsId, name: &str, address: IpNet) {
    if let Some(ifindex) = world.ifindex(netns, name) {
        let old = AddrDelete {
            ifindex,
            local: address,
            peer: None,
            label: None,
        };
        let _ = world.addr_del(netns, &old);
    }
}

/// The default route, by a gateway or by a device alone.
fn default_route(
    world: &World,
    netns: NetnsId,
    name: &str,
    gateway: Option<IpAddr>,
    v6: bool,
) -> Done<RouteConfig> {
    let everything = if v6 { "::/0" } else { "0.0.0.0/0" };
    let everything: IpNet = everything.parse().expect("a prefix of no bits");
    let mut config = RouteConfig::new(everything);
    config.nexthop.oif = index(world, netns, name)?;
    config.nexthop.gateway = gateway;
    if gateway.is_none() && !v6 {
        config.scope = crate::netns::fib::scope::LINK;
    }
    Ok(config)
}

/// Sets the default route.
pub fn add_default(
    world: &mut World,
    netns: NetnsId,
    name: &str,
    gateway: Option<IpAddr>,
    v6: bool,
) -> Done<()> {
    let config = default_route(world, netns, name, gateway, v6)?;
    let added = world.route_new(netns, &config, NewFlags::ADD);
    Ok(unless(added, Errno::Eexist)?)
}

/// Takes the default routes away.
pub fn delete_defaults(world: &mut World, netns: NetnsId) {
    for everything in ["0.0.0.0/0", "::/0"] {
        let everything: IpNet = everything.parse().expect("a prefix of no bits");
        let config = RouteConfig {
            protocol: 0,
            scope: crate::netns::fib::scope::NOWHERE,
            ..RouteConfig::new(everything)
        };
        while world.route_delete(netns, &config).is_ok() {}
    }
}

/// Writes a setting of the kernel; one that there is not is passed over.
pub fn sysctl(world: &mut World, netns: NetnsId, key: &str, value: &str) {
    let _ = world.sysctl_write(netns, key, value);
}

fn unless(result: NlResult<()>, passed: Errno) -> NlResult<()> {
    match result {
        Err(error) if error.errno == passed => Ok(()),
        other => other,
    }
}
