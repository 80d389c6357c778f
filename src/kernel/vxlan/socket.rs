//! The UDP sockets of VXLAN devices: shared by all devices of a port that take the same headers
//! (`vxlan_sock_add`, `vxlan_vs_find_vni`). Programs see them as any other socket; nothing is queued in them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::device::vxlan::Flags;
use crate::kernel::netlink::NlResult;
use crate::kernel::world::World;
use crate::netns::socket::SocketKind;
use crate::units::{DevId, Errno, IfIndex, NetnsId, SockId};

/// Where a socket listens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Door {
    pub(super) net: NetnsId,
    pub(super) v6: bool,
    pub(super) port: u16,
}

/// How a device is found behind a door: by its network, and of tunnels between link-local addresses by the
/// device below.
type Key = (u32, IfIndex);

/// A socket with the networks behind it.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    id: SockId,
    /// What headers it takes.
    pub(super) flags: Flags,
    /// The devices that are up.
    users: Vec<DevId>,
    /// Devices by network; of tunnels between link-local addresses by the device below too.
    devices: HashMap<Key, DevId, FixedState>,
}

impl Shared {
    /// The device of a network, for a packet that came by the device `via` (`vxlan_vs_find_vni`).
    #[inline]
    pub(super) fn device(&self, vni: u32, via: IfIndex) -> Option<DevId> {
        let vni = match self.flags.has(Flags::EXTERNAL) {
            true if self.flags.has(Flags::VNIFILTER) => vni,
            true => 0,
            false => vni,
        };
        let any = self.devices.get(&(vni, 0));
        any.or_else(|| self.devices.get(&(vni, via))).copied()
    }
}

#[cfg(feature = "proptest")]
impl Shared {
    /// The device of the lowest network.
    pub(super) fn first_device(&self) -> Option<DevId> {
        let first = self.devices.iter().min_by_key(|(network, _)| **network);
        first.map(|(_, dev)| *dev)
    }
}

/// All sockets, by where they listen.
pub(super) type Sockets = HashMap<Door, Shared, FixedState>;

impl World {
    /// Whether any VXLAN device is up: else nobody looks at packets.
    #[inline]
    pub(crate) fn has_tunnels(&self) -> bool {
        !self.tunnels.sockets.is_empty()
    }

    /// The doors of a device, and how it is found behind them.
    fn doors_of(&self, dev: DevId) -> Option<(Vec<Door>, Flags, Vec<Key>)> {
        let tunnel = self.tunnel(dev)?;
        let config = &tunnel.vxlan.config;
        let near = config.flags.has(Flags::IPV6_LINKLOCAL);
        let via = if near { config.ifindex } else { 0 };
        let keys = match tunnel.vxlan.filters() {
            true => tunnel.vxlan.vnis().keys().map(|vni| (*vni, via)).collect(),
            false => vec![(config.vni.value(), via)],
        };
        let door = |v6| Door {
            net: tunnel.net,
            v6,
            port: config.port,
        };
        let doors = match config.is_external() {
            true => vec![door(true), door(false)],
            false => vec![door(config.is_v6())],
        };
        Some((doors, config.flags.received_by(), keys))
    }

    pub(super) fn open_tunnel_sockets(&mut self, dev: DevId) -> NlResult<()> {
        let (doors, flags, keys) = self.doors_of(dev).ok_or(Errno::Enodev)?;
        for door in doors {
            if let Err(errno) = self.enter_door(door, flags, &keys, dev) {
                self.close_tunnel_sockets(dev);
                return Err(errno.into());
            }
        }
        Ok(())
    }

    fn enter_door(
        &mut self,
        door: Door,
        flags: Flags,
        keys: &[Key],
        dev: DevId,
    ) -> Result<(), Errno> {
        let named = keys.iter().map(|key| (*key, dev));
        if let Some(shared) = self.tunnels.sockets.get_mut(&door) {
            if shared.flags != flags {
                return Err(Errno::Eaddrinuse);
            }
            shared.users.push(dev);
            shared.devices.extend(named);
            return Ok(());
        }
        let id = self.open_door(door)?;
        let shared = Shared {
            id,
            flags,
            users: vec![dev],
            devices: named.collect(),
        };
        self.tunnels.sockets.insert(door, shared);
        Ok(())
    }

    /// The list of a device that filters has changed: it is found by what is on it now, where it is up.
    pub(super) fn rename_tunnel(&mut self, dev: DevId) {
        let Some((doors, _, keys)) = self.doors_of(dev) else {
            return;
        };
        for door in doors {
            let shared = self.tunnels.sockets.get_mut(&door);
            if let Some(shared) = shared.filter(|shared| shared.users.contains(&dev)) {
                shared.devices.retain(|_, other| *other != dev);
                shared.devices.extend(keys.iter().map(|key| (*key, dev)));
            }
        }
    }

    fn open_door(&mut self, door: Door) -> Result<SockId, Errno> {
        let (kind, any): (_, IpAddr) = match door.v6 {
            true => (SocketKind::Udp6, Ipv6Addr::UNSPECIFIED.into()),
            false => (SocketKind::Udp4, Ipv4Addr::UNSPECIFIED.into()),
        };
        let id = self.socket(door.net, kind)?;
        let bound = self.bind(id, SocketAddr::new(any, door.port));
        bound.inspect_err(|_| self.close_socket(id))?;
        Ok(id)
    }

    pub(super) fn close_tunnel_sockets(&mut self, dev: DevId) {
        let Some((doors, _, _)) = self.doors_of(dev) else {
            return;
        };
        for door in doors {
            let Some(shared) = self.tunnels.sockets.get_mut(&door) else {
                continue;
            };
            shared.devices.retain(|_, other| *other != dev);
            shared.users.retain(|other| *other != dev);
            if shared.users.is_empty() {
                let id = shared.id;
                self.tunnels.sockets.remove(&door);
                self.close_socket(id);
            }
        }
    }

    /// The socket at a door.
    #[inline]
    pub(super) fn tunnel_socket(&self, door: Door) -> Option<&Shared> {
        self.tunnels.sockets.get(&door)
    }

    /// The device on this host that would take a packet of a device like `dev` (`vxlan_find_vni`).
    pub(super) fn tunnel_here(&self, dev: DevId, port: u16, vni: u32) -> Option<DevId> {
        let tunnel = self.tunnel(dev)?;
        let door = Door {
            net: tunnel.net,
            v6: tunnel.vxlan.config.is_v6(),
            port,
        };
        let shared = self.tunnel_socket(door)?;
        let same = shared.flags == tunnel.vxlan.config.flags.received_by();
        same.then(|| shared.device(vni, tunnel.vxlan.config.ifindex))?
    }
}
