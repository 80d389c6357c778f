//! Requests of family AF_BRIDGE about devices: settings of ports (rtnl_bridge_setlink, br_setlink).
//! The settings are judged in `device::bridge`; VLANs are in `bridge_vlan`.

use crate::kernel::netlink::{BridgePortOptions, LinkRef, NlResult};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, IfIndex, NetnsId};

/// Which side of a device a request is for: neither word means its bridge.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BridgeSide {
    /// The device itself (`self`).
    pub own: bool,
    /// The bridge of which it is a port (`master`).
    pub master: bool,
}

impl World {
    /// Settles the state of a device, as the kernel does for whoever asks for it by name: what iproute2
    /// does with each name that it reads (`rtnl_getlink`).
    pub fn settle_link(&mut self, netns: NetnsId, link: IfIndex) {
        if let Some(dev) = self.dev_at(netns, link) {
            self.sync_linkwatch(dev);
        }
    }

    /// The number of a device's master, asked for without settling anything.
    ///
    /// # Errors
    /// `ENODEV` where there is no such device.
    pub fn master_of(&self, netns: NetnsId, link: &LinkRef) -> NlResult<Option<IfIndex>> {
        let dev = self.find_link(netns, link)?;
        let master = self.devices.find(dev).and_then(|device| device.master);
        let master = master.and_then(|master| self.devices.find(master));
        Ok(master.map(|master| master.ifindex))
    }

    /// Changes a port (`bridge link set`).
    ///
    /// # Errors
    /// `EOPNOTSUPP` where the device is no port, or has no settings of its own; what the bridge refuses.
    pub fn bridge_setlink(
        &mut self,
        netns: NetnsId,
        link: IfIndex,
        side: BridgeSide,
        options: &BridgePortOptions,
    ) -> NlResult<()> {
        let dev = self.dev_at(netns, link).ok_or(Errno::Enodev)?;
        if side.master || !side.own {
            self.configure_bridge_port(dev, options)?;
        }
        match side.own && self.bridge_ref(dev).is_none() {
            true => Err(Errno::Eopnotsupp.into()),
            false => Ok(()),
        }
    }

    /// Whether a request finds what its words `self` and `master` name.
    pub(super) fn has_bridge_side(&self, dev: DevId, side: BridgeSide) -> bool {
        let port = self
            .devices
            .find(dev)
            .is_some_and(|device| device.master.is_some());
        let master = port || side.own && !side.master;
        let own = !side.own || self.bridge_ref(dev).is_some();
        master && own
    }
}
