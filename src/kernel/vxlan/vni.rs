//! Requests about the networks that a VXLAN device takes (`vxlan_vnifilter_process`, `vxlan_vnifilter_dump`).
//! The list itself is in `device::vxlan`.

use std::net::IpAddr;

use crate::device::vxlan::Config;
use crate::kernel::bridge::refused;
use crate::kernel::device::Device;
use crate::kernel::netlink::{NlError, NlResult, VniInfo, VniRequest};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, IfIndex, NetnsId};

impl World {
    /// Puts networks on the list of a device that filters, or takes them off it.
    ///
    /// # Errors
    /// `EINVAL` where the device is no VXLAN device, or the request says no network; `EOPNOTSUPP` where it does
    /// not filter; `EEXIST` where another device has a network already; `ENOENT` where one is not there.
    pub fn vni_change(&mut self, netns: NetnsId, request: &VniRequest) -> NlResult<()> {
        let dev = self.dev_at(netns, request.link).ok_or(Errno::Enodev)?;
        let refuse = |text| Err(NlError::with_text(Errno::Einval, text));
        let Some(tunnel) = self.tunnel(dev) else {
            return refuse("vxlan: The device is not a vxlan device");
        };
        if !tunnel.vxlan.filters() {
            return Err(Errno::Eopnotsupp.into());
        }
        let (first, last) = request.vnis;
        if (first, last) == (0, 0) {
            return refuse("vni start nor end found in vni entry");
        }
        let group = request.remote.is_some_and(|remote| remote.is_multicast());
        if group && tunnel.vxlan.config.ifindex == 0 {
            return refuse("Local interface required for multicast remote group");
        }
        let done = (first..=last).try_for_each(|vni| self.vni_change_one(dev, vni, request));
        self.rename_tunnel(dev);
        done
    }

    fn vni_change_one(&mut self, dev: DevId, vni: u32, request: &VniRequest) -> NlResult<()> {
        let now = self.now;
        let before = self.groups_of(dev);
        let tunnel = self.tunnel(dev).ok_or(Errno::Enodev)?;
        if request.add && !tunnel.vxlan.vnis().contains_key(&vni) {
            let (net, config) = (tunnel.net, tunnel.vxlan.config.clone());
            if self.vni_in_use(net, &config, dev, vni) {
                return Err(NlError::with_text(Errno::Eexist, "VNI in use"));
            }
        }
        let tunnel = self.tunnel_mut(dev).ok_or(Errno::Enodev)?;
        let done = match request.add {
            true => tunnel.vxlan.vni_add(now, vni, request.remote),
            false => tunnel.vxlan.vni_delete(vni),
        };
        done.map_err(refused)?;
        if self.devices.find(dev).is_some_and(Device::is_up) {
            let after = self.groups_of(dev);
            before
                .iter()
                .filter(|group| !after.contains(group))
                .for_each(|group| self.leave_tunnel_group(dev, *group));
            for group in after.iter().filter(|group| !before.contains(group)) {
                self.join_tunnel_group(dev, *group)?;
            }
        }
        Ok(())
    }

    /// Whether a device other than `own` takes a network at the same port (`vxlan_vni_in_use`).
    fn vni_in_use(&self, net: NetnsId, config: &Config, own: DevId, vni: u32) -> bool {
        let others = self.tunnels.devices.iter().filter(|dev| **dev != own);
        let mut others = others.filter_map(|dev| self.tunnel(*dev));
        others.any(|other| {
            let taken = other.vxlan.filters() && other.vxlan.vnis().contains_key(&vni);
            taken && other.net == net && other.vxlan.config.shares_door_with(config)
        })
    }

    /// The lists of all devices of a namespace that filter, or of one device, by device.
    ///
    /// # Errors
    /// `EINVAL` where the one device has no list.
    pub fn vni_dump(&self, netns: NetnsId, only: Option<IfIndex>) -> NlResult<Vec<VniInfo>> {
        let ns = self.netns.find(netns).ok_or(Errno::Enodev)?;
        if let Some(link) = only {
            let dev = self.dev_at(netns, link).ok_or(Errno::Enodev)?;
            let Some(tunnel) = self.tunnel(dev) else {
                let text = "The device is not a vxlan device";
                return Err(NlError::with_text(Errno::Einval, text));
            };
            if !tunnel.vxlan.filters() {
                return Err(Errno::Einval.into());
            }
        }
        let devices = ns.interfaces.iter();
        let wanted = devices.filter(|(ifindex, _)| only.is_none_or(|only| only == **ifindex));
        let told = wanted.filter_map(|(ifindex, interface)| {
            let vnis = self.tunnel(interface.dev)?.vxlan.vnis();
            Some(VniInfo {
                ifindex: *ifindex,
                vnis: vnis.iter().map(|(vni, entry)| (*vni, *entry)).collect(),
            })
        });
        Ok(told.filter(|info| !info.vnis.is_empty()).collect())
    }

    /// The groups that a device is to listen to, each once.
    pub(super) fn groups_of(&self, dev: DevId) -> Vec<IpAddr> {
        let Some(tunnel) = self.tunnel(dev) else {
            return Vec::new();
        };
        let of_vnis = tunnel.vxlan.vnis().values().filter_map(|vni| vni.remote);
        let mut groups: Vec<IpAddr> = std::iter::once(tunnel.vxlan.config.remote)
            .chain(of_vnis)
            .filter(IpAddr::is_multicast)
            .collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}
