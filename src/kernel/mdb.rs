//! Requests about the groups of bridges (rtnl_mdb_add and its kin of net/core/rtnetlink.c, br_mdb.c).
//! The rules of memberships are in `device::bridge`.

use crate::device::bridge::{Bridge, Group, MdbChange, Refusal};
use crate::kernel::bridge::refused;
use crate::kernel::netlink::{MdbInfo, MdbRequest, MdbRouterInfo, NlError, NlResult};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, IfIndex, NetnsId};

/// What the kernel has to say about a group that is none (`rtnl_validate_mdb_entry`).
fn check(request: &MdbRequest) -> NlResult<()> {
    let all_nodes = std::net::Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
    let wrong = match request.key.group {
        Group::V4(group) if !group.is_multicast() && group.octets()[0] != 0 => {
            "IPv4 entry group address is not multicast or 0.0.0.0"
        }
        Group::V4(group) if group.octets()[..3] == [224, 0, 0] => {
            "IPv4 entry group address is local multicast"
        }
        Group::V6(group) if group == all_nodes => {
            "IPv6 entry group address is link-local all nodes"
        }
        Group::Mac(group) if !group.is_multicast() => "L2 entry group is not multicast",
        _ if request.key.vid >= 4095 => "Invalid entry VLAN id",
        Group::V4(_) | Group::V6(_) | Group::Mac(_) => return Ok(()),
    };
    Err(NlError::with_text(Errno::Einval, wrong))
}

impl World {
    /// Writes a membership (`rtnl_mdb_add`).
    ///
    /// # Errors
    /// As the kernel's.
    pub fn mdb_add(&mut self, netns: NetnsId, request: &MdbRequest) -> NlResult<()> {
        let now = self.now;
        self.mdb_change(netns, request, |bridge, change| bridge.mdb_add(now, change))
    }

    /// Deletes a membership (`rtnl_mdb_del`).
    ///
    /// # Errors
    /// As the kernel's.
    pub fn mdb_del(&mut self, netns: NetnsId, request: &MdbRequest) -> NlResult<()> {
        self.mdb_change(netns, request, |bridge, change| bridge.mdb_delete(change))
    }

    fn mdb_change(
        &mut self,
        netns: NetnsId,
        request: &MdbRequest,
        does: impl FnOnce(&mut Bridge, &MdbChange) -> Result<(), Refusal>,
    ) -> NlResult<()> {
        check(request)?;
        let bridge = self.dev_at(netns, request.bridge).ok_or(Errno::Enodev)?;
        let port = self.dev_at(netns, request.port);
        let change = MdbChange {
            key: request.key,
            port: port.filter(|port| *port != bridge),
            permanent: request.permanent,
        };
        let done = self.with_bridge(bridge, |bridge| does(bridge, &change));
        let unsupported =
            || NlError::with_text(Errno::Eopnotsupp, "Device does not support MDB operations");
        done.ok_or_else(unsupported)?.map_err(refused)
    }

    /// The bridges of a namespace.
    fn bridges(&self, netns: NetnsId) -> Vec<(IfIndex, &Bridge)> {
        let Some(ns) = self.netns.find(netns) else {
            return Vec::new();
        };
        let devices = ns.interfaces.iter();
        devices
            .filter_map(|(ifindex, interface)| Some((*ifindex, self.bridge_ref(interface.dev)?)))
            .collect()
    }

    /// All memberships in a namespace, bridge by bridge.
    pub fn mdb_dump(&self, netns: NetnsId) -> Vec<MdbInfo> {
        let mut entries = Vec::new();
        for (ifindex, bridge) in self.bridges(netns) {
            entries.extend(bridge.mdb_dump(self.now).iter().map(|told| MdbInfo {
                bridge: ifindex,
                port: told.dev.map_or(ifindex, |dev| self.number(dev)),
                key: told.key,
                permanent: told.permanent,
                by_user: told.dev.map(|_| told.by_user),
                timer: told.timer_clock,
            }));
        }
        entries
    }

    /// All ports with multicast routers in a namespace, bridge by bridge.
    pub fn mdb_routers(&self, netns: NetnsId) -> Vec<MdbRouterInfo> {
        let mut routers = Vec::new();
        for (ifindex, bridge) in self.bridges(netns) {
            routers.extend(
                bridge
                    .mdb_routers(self.now)
                    .iter()
                    .map(|(dev, timer)| MdbRouterInfo {
                        bridge: ifindex,
                        port: self.number(*dev),
                        timer: *timer,
                    }),
            );
        }
        routers
    }

    fn number(&self, dev: DevId) -> IfIndex {
        self.devices.find(dev).map_or(0, |device| device.ifindex)
    }
}
