//! The devices that a capture can be on, and their link types.
//! No device is ever added or removed here.

use super::Options;
use super::words::{self, Interface};
use crate::kernel::World;
use crate::kernel::netlink::LinkFlags;
use crate::program::Console;
use crate::units::{IfIndex, NetnsId};
use crate::wire::print::LinkType;

pub(super) fn is_loopback(world: &World, netns: NetnsId, ifindex: IfIndex) -> bool {
    let dev = world.dev_at(netns, ifindex);
    dev.and_then(|dev| world.devices.find(dev))
        .is_some_and(|device| device.is_loopback())
}

/// The devices that can be captured on, in the order of their numbers.
pub(super) fn interfaces(world: &World, netns: NetnsId) -> Vec<Interface> {
    let Ok(ns) = world.ns(netns) else {
        return Vec::new();
    };
    let devices = ns.interfaces.values();
    devices
        .filter_map(|interface| world.devices.find(interface.dev))
        .map(|device| {
            let flags = device.shown_flags().0;
            Interface {
                name: device.name.as_str().to_owned(),
                up: flags & LinkFlags::UP != 0,
                running: flags & LinkFlags::RUNNING != 0,
                loopback: flags & LinkFlags::LOOPBACK != 0,
                connected: flags & LinkFlags::LOWER_UP != 0,
            }
        })
        .collect()
}

/// The link type that was asked for, which the device must have.
pub(super) fn link_type(
    options: &Options,
    link: LinkType,
    console: &mut Console,
) -> Result<LinkType, String> {
    let own = match link {
        LinkType::LinuxSll2 => Some("LINUX_SLL2"),
        _ => None,
    };
    let Some(name) = options.link_type.or(own) else {
        return Ok(link);
    };
    let chosen = match (name, link) {
        ("EN10MB", LinkType::Ethernet) => LinkType::Ethernet,
        ("LINUX_SLL", LinkType::LinuxSll | LinkType::LinuxSll2) => LinkType::LinuxSll,
        ("LINUX_SLL2", LinkType::LinuxSll | LinkType::LinuxSll2) => LinkType::LinuxSll2,
        _ => {
            return Err(format!(
                "{name} is not one of the DLTs supported by this device"
            ));
        }
    };
    console.err(format!("tcpdump: data link type {name}\n"));
    Ok(chosen)
}

/// The device of that name or number, which must be up; nothing for `any`.
pub(super) fn device(
    world: &World,
    netns: NetnsId,
    asked: &str,
) -> Result<(String, Option<IfIndex>), String> {
    let name = match (asked, world.ifindex(netns, asked), asked.parse::<usize>()) {
        ("any", ..) | (_, Some(_), _) => asked.to_owned(),
        (_, None, Ok(number)) => words::listed(&interfaces(world, netns), number)
            .ok_or_else(|| "Invalid adapter index".to_owned())?,
        (_, None, Err(_)) => {
            return Err(format!(
                "{asked}: No such device exists\n(No such device exists)"
            ));
        }
    };
    if name == "any" {
        return Ok((name, None));
    }
    let ifindex = world
        .ifindex(netns, &name)
        .ok_or_else(|| format!("{name}: That device doesn't support capturing"))?;
    let dev = world.dev_at(netns, ifindex);
    let up = dev
        .and_then(|dev| world.devices.find(dev))
        .is_some_and(|device| device.is_up());
    if !up {
        return Err(format!("{name}: That device is not up"));
    }
    Ok((name, Some(ifindex)))
}
