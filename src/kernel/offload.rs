//! Switching the features and channels of a device, and asking which there are (`ETHTOOL_MSG_FEATURES_*`, `_CHANNELS_*`).
//! What hangs on what is decided in `device::offload`.

use crate::device::offload::{Features, HW_CSUM, Kind, Switched, fixed, of_bridge};
use crate::kernel::device::DeviceKind;
use crate::kernel::netlink::{LinkRef, NlResult};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, NetnsId};

/// The features of a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offloads {
    /// What it is to do.
    pub wanted: Features,
    /// What it does.
    pub active: Features,
    /// What can be switched.
    pub changeable: Features,
}

impl World {
    /// The features of a device.
    ///
    /// # Errors
    /// `ENODEV`; `EOPNOTSUPP` for a type of which nothing is known here.
    pub fn offloads(&self, netns: NetnsId, link: &LinkRef) -> NlResult<Offloads> {
        let dev = self.find_link(netns, link)?;
        Ok(self.offloads_of(dev).ok_or(Errno::Eopnotsupp)?)
    }

    /// Switches the features among `asked` to what they are in `values` (`netdev_update_features`); what cannot be
    /// switched stays.
    ///
    /// # Errors
    /// As [`World::offloads`].
    pub fn set_offloads(
        &mut self,
        netns: NetnsId,
        link: &LinkRef,
        (asked, values): (Features, Features),
    ) -> NlResult<Offloads> {
        let dev = self.find_link(netns, link)?;
        let kind = self.offload_kind(dev).ok_or(Errno::Eopnotsupp)?;
        let asked = asked & kind.changeable();
        let switched = self.switched.entry(dev).or_default();
        let wanted = kind.wanted() ^ switched.features;
        let wanted = (wanted & !asked) | (values & asked);
        switched.features = wanted ^ kind.wanted();
        Ok(self.offloads_of(dev).ok_or(Errno::Eopnotsupp)?)
    }

    fn switched_of(&self, dev: DevId) -> Switched {
        self.switched.get(&dev).copied().unwrap_or_default()
    }

    fn offload_kind(&self, dev: DevId) -> Option<Kind> {
        match self.devices.find(dev)?.kind {
            DeviceKind::Veth { .. } => Some(Kind::Veth),
            DeviceKind::Bridge(_) => Some(Kind::Bridge),
            DeviceKind::Loopback => Some(Kind::Loopback),
            DeviceKind::Vxlan(_) => Some(Kind::Vxlan),
            DeviceKind::Dummy | DeviceKind::Nic(_) | DeviceKind::Stacked(_) => None,
        }
    }

    fn offloads_of(&self, dev: DevId) -> Option<Offloads> {
        let kind = self.offload_kind(dev)?;
        let wanted = kind.wanted() ^ self.switched_of(dev).features;
        let possible = match kind {
            Kind::Bridge => {
                let features = self.ports_of(dev).into_iter().map(|port| {
                    let own = self.offloads_of(port);
                    own.map_or(Kind::Veth.wanted(), |offloads| offloads.active)
                });
                of_bridge(wanted, features)
            }
            Kind::Veth | Kind::Loopback | Kind::Vxlan => wanted,
        };
        Some(Offloads {
            wanted,
            active: fixed(possible),
            changeable: kind.changeable(),
        })
    }

    fn ports_of(&self, bridge: DevId) -> Vec<DevId> {
        let netns = self.devices.find(bridge).map(|device| device.netns);
        let ns = netns.and_then(|netns| self.netns.find(netns));
        let inside = ns
            .into_iter()
            .flat_map(|ns| ns.interfaces.values().map(|at| at.dev));
        let is_port = |dev: &DevId| {
            let device = self.devices.find(*dev);
            device.is_some_and(|device| device.master == Some(bridge))
        };
        inside.filter(is_port).collect()
    }

    /// Whether sums are whole when a frame leaves by a device: its driver adds none up.
    pub(crate) fn sums_up(&self, dev: DevId) -> bool {
        let switched = self.switched_of(dev).features != 0;
        switched
            && self
                .offloads_of(dev)
                .is_some_and(|offloads| offloads.active & HW_CSUM == 0)
    }

    /// The channels of a veth device in use and at most, of receiving and transmitting.
    ///
    /// # Errors
    /// `ENODEV`; `EOPNOTSUPP` for any other type.
    pub fn channels(&self, netns: NetnsId, link: &LinkRef) -> NlResult<[(u32, u32); 2]> {
        let dev = self.find_link(netns, link)?;
        let device = self.devices.find(dev).ok_or(Errno::Enodev)?;
        if !matches!(device.kind, DeviceKind::Veth { .. }) {
            return Err(Errno::Eopnotsupp.into());
        }
        let (rx, tx) = self.switched_of(dev).channels;
        let queues = device.queues;
        Ok([(rx.max(1), queues.0), (tx.max(1), queues.1)])
    }

    /// Has a veth device use as many channels (`veth_set_channels`); nothing leaves a number as it is.
    ///
    /// # Errors
    /// `EINVAL` with the kernel's words; as [`World::channels`].
    pub fn set_channels(
        &mut self,
        netns: NetnsId,
        link: &LinkRef,
        wanted: [Option<u32>; 2],
    ) -> NlResult<()> {
        let now = self.channels(netns, link)?;
        let rx = wanted[0].unwrap_or(now[0].0);
        let tx = wanted[1].unwrap_or(now[1].0);
        let refused = |text| {
            Err(crate::kernel::netlink::NlError::with_text(
                Errno::Einval,
                text,
            ))
        };
        if rx > now[0].1 || tx > now[1].1 {
            return refused("requested channel count exceeds maximum");
        }
        if rx == 0 || tx == 0 {
            return refused(
                "requested channel counts would result in no RX or TX channel being configured",
            );
        }
        let dev = self.find_link(netns, link)?;
        self.switched.entry(dev).or_default().channels = (rx, tx);
        Ok(())
    }
}
