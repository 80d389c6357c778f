//! VXLAN devices in the world: making, changing, going up and down, and what becomes of them when what they
//! stand on goes (vxlan_core.c). What a device decides is in `device::vxlan`; frames are in `tx` and `rx`.

mod fdb;
mod pmtu;
mod proxy;
mod rx;
mod socket;
mod tx;
mod vni;

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use crate::device::vxlan::{Config, Flags, Remote, SWEEP_INTERVAL, Vxlan, VxlanOptions};
use crate::kernel::bridge::refused;
use crate::kernel::device::{Device, DeviceKind};
use crate::kernel::netlink::{LinkNew, NlError, NlResult};
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::units::{DevId, Errno, MacAddr, NetnsId};

use socket::Sockets;

/// Smallest mtu that a device below leaves (`ETH_MIN_MTU`).
const MTU_MIN: u32 = 68;

/// A VXLAN device with its place in the world.
#[derive(Clone, Debug)]
pub struct Tunnel {
    /// What it decides.
    pub vxlan: Vxlan,
    /// The namespace in which it was made: its socket and its way out stay there wherever it is moved.
    pub net: NetnsId,
    /// The device below, of that namespace.
    pub lower: Option<DevId>,
}

/// What the world knows of all VXLAN devices.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tunnels {
    /// All of them, the oldest first.
    devices: Vec<DevId>,
    /// The sockets of those that are up.
    sockets: Sockets,
    /// Kept so that a frame allocates nothing.
    remotes: Vec<Remote>,
    /// How many tunnels the frame in hand is inside of just now.
    depth: u8,
}

fn refuse<T>(errno: Errno, text: &'static str) -> NlResult<T> {
    Err(NlError::with_text(errno, text))
}

impl World {
    pub(crate) fn tunnel(&self, dev: DevId) -> Option<&Tunnel> {
        match &self.devices.find(dev)?.kind {
            DeviceKind::Vxlan(tunnel) => Some(tunnel),
            _ => None,
        }
    }

    pub(crate) fn tunnel_mut(&mut self, dev: DevId) -> Option<&mut Tunnel> {
        match &mut self.devices.find_mut(dev)?.kind {
            DeviceKind::Vxlan(tunnel) => Some(tunnel),
            _ => None,
        }
    }

    /// A new device that is registered nowhere yet (`vxlan_newlink`).
    pub(crate) fn new_vxlan(
        &mut self,
        netns: NetnsId,
        target: NetnsId,
        new: &LinkNew,
        options: &VxlanOptions,
    ) -> NlResult<Device> {
        validate_vxlan(new, options)?;
        let config = Config::new(options).map_err(refused)?;
        if config.flags.has(Flags::GPE) {
            return refuse(Errno::Eopnotsupp, "VXLAN GPE is not simulated");
        }
        let lower = self.check_lower(netns, &config)?;
        self.check_unused(netns, &config, None)?;
        let name = self.name_for(target, new.attributes.name, "vxlan%d")?;
        let address = self.random_mac(target, name);
        let tunnel = Tunnel {
            vxlan: Vxlan::new(self.now, config),
            net: netns,
            lower,
        };
        let kind = DeviceKind::Vxlan(Box::new(tunnel));
        Ok(Device::new(kind, target, name, address))
    }

    /// What a device takes from the one below, when it is made and changed (`vxlan_config_apply`).
    pub(crate) fn fit_vxlan(&self, device: &mut Device, mtu_given: bool) {
        let DeviceKind::Vxlan(tunnel) = &device.kind else {
            return;
        };
        let lower = tunnel.lower.and_then(|lower| self.devices.find(lower));
        let Some(lower) = lower else {
            return;
        };
        let most = lower.mtu.saturating_sub(tunnel.vxlan.config.headroom());
        let most = most.max(MTU_MIN);
        device.mtu = if mtu_given {
            device.mtu.min(most)
        } else {
            most
        };
        device.tso_max_size = lower.tso_max_size;
    }

    /// The device is registered: its kind is remembered.
    pub(crate) fn vxlan_registered(&mut self, dev: DevId) {
        self.tunnels.devices.push(dev);
    }

    /// The device below, which has to be there.
    fn check_lower(&self, netns: NetnsId, config: &Config) -> NlResult<Option<DevId>> {
        if config.ifindex == 0 {
            return Ok(None);
        }
        let Some(lower) = self.dev_at(netns, config.ifindex) else {
            return refuse(Errno::Enodev, "Invalid local interface, device not found");
        };
        if config.is_v6() && !self.has_inet6(lower) {
            return refuse(Errno::Eperm, "IPv6 support disabled by administrator");
        }
        Ok(Some(lower))
    }

    /// No other device may have the same network on the same port (`vxlan_vni_in_use`).
    fn check_unused(&self, netns: NetnsId, config: &Config, own: Option<DevId>) -> NlResult<()> {
        let others = self.tunnels.devices.iter().filter(|dev| Some(**dev) != own);
        let mut tunnels = others.filter_map(|dev| self.tunnel(*dev));
        let taken =
            tunnels.any(|tunnel| tunnel.net == netns && tunnel.vxlan.config.collides_with(config));
        match taken {
            true => refuse(
                Errno::Eexist,
                "A VXLAN device with the specified VNI already exists",
            ),
            false => Ok(()),
        }
    }

    /// Changes a device (`vxlan_changelink`).
    pub(crate) fn configure_vxlan(&mut self, dev: DevId, options: &VxlanOptions) -> NlResult<()> {
        let tunnel = self.tunnel(dev).ok_or(Errno::Eopnotsupp)?;
        check_given(options)?;
        let (net, old, stood_on) = (tunnel.net, tunnel.vxlan.config.clone(), tunnel.lower);
        let config = old.changed(options).map_err(refused)?;
        let lower = self.check_lower(net, &config)?;
        self.check_unused(net, &config, Some(dev))?;
        let up = self.devices.find(dev).is_some_and(Device::is_up);
        let moved = old.remote != config.remote || old.ifindex != config.ifindex;
        if up && moved {
            self.leave_group_of(dev);
        }
        let (now, ageing_changed) = (self.now, old.ageing_s != config.ageing_s);
        if let Some(tunnel) = self.tunnel_mut(dev) {
            tunnel.vxlan.configure(now, config);
            tunnel.lower = lower.or(tunnel.lower);
        }
        if lower.is_some() && lower != stood_on {
            self.refit_vxlan(dev);
        }
        if ageing_changed {
            self.arm(now, Timer::Vxlan(dev));
        }
        match up && moved {
            true => self.join_group_of(dev),
            false => Ok(()),
        }
    }

    /// After a change of the device below: its mtu is a limit again.
    fn refit_vxlan(&mut self, dev: DevId) {
        let Some(mut device) = self.devices.find(dev).cloned() else {
            return;
        };
        let old = device.mtu;
        self.fit_vxlan(&mut device, true);
        if let Some(known) = self.devices.find_mut(dev) {
            (known.mtu, known.tso_max_size) = (device.mtu, device.tso_max_size);
        }
        if device.mtu != old {
            self.sync_interface(dev);
            self.notify_mtu(dev, old);
        }
    }

    /// The mtu that the device below leaves (`vxlan_change_mtu`).
    pub(crate) fn check_vxlan_mtu(&self, dev: DevId, mtu: u32) -> NlResult<()> {
        let Some(tunnel) = self.tunnel(dev) else {
            return Ok(());
        };
        let lower = tunnel.lower.and_then(|lower| self.devices.find(lower));
        let headroom = tunnel.vxlan.config.headroom();
        match lower {
            Some(lower) if mtu + headroom > lower.mtu => Err(Errno::Einval.into()),
            Some(_) | None => Ok(()),
        }
    }

    /// The device goes up: its socket opens, its group is joined (`vxlan_open`).
    pub(crate) fn open_vxlan(&mut self, dev: DevId) -> NlResult<()> {
        self.open_tunnel_sockets(dev)?;
        if let Err(error) = self.join_group_of(dev) {
            self.close_tunnel_sockets(dev);
            return Err(error);
        }
        self.arm(self.now + SWEEP_INTERVAL, Timer::Vxlan(dev));
        Ok(())
    }

    /// The device goes down (`vxlan_stop`).
    pub(crate) fn close_vxlan(&mut self, dev: DevId) {
        self.leave_group_of(dev);
        if let Some(tunnel) = self.tunnel_mut(dev) {
            tunnel.vxlan.forget_learned();
        }
        self.close_tunnel_sockets(dev);
    }

    /// Sweeps what is too old, while the device is up (`vxlan_cleanup`).
    pub(crate) fn run_vxlan_timer(&mut self, dev: DevId) {
        let now = self.now;
        if !self.devices.find(dev).is_some_and(Device::is_up) {
            return;
        }
        if let Some(tunnel) = self.tunnel_mut(dev) {
            let ageing_s = tunnel.vxlan.config.ageing_s;
            let next = tunnel.vxlan.fdb.sweep(now, ageing_s);
            self.arm(next, Timer::Vxlan(dev));
        }
    }

    /// Devices that stand on one that leaves its namespace go (`vxlan_handle_lowerdev_unregister`).
    pub(crate) fn remove_tunnels_on(&mut self, lower: DevId) {
        if self.tunnels.devices.is_empty() {
            return;
        }
        let on = |tunnel: &Tunnel| tunnel.lower == Some(lower);
        self.remove_tunnels(on);
    }

    /// Devices whose way out is through a namespace go with it (`vxlan_exit_batch_rtnl`).
    pub(crate) fn remove_tunnels_of(&mut self, net: NetnsId) {
        self.remove_tunnels(|tunnel| tunnel.net == net);
    }

    fn remove_tunnels(&mut self, goes: impl Fn(&Tunnel) -> bool) {
        let all = self.tunnels.devices.iter().copied();
        let going: Vec<DevId> = all
            .filter(|dev| self.tunnel(*dev).is_some_and(&goes))
            .collect();
        for dev in going {
            self.unregister(dev);
        }
    }

    /// The device is gone.
    pub(crate) fn forget_vxlan(&mut self, dev: DevId) {
        self.tunnels.devices.retain(|known| *known != dev);
    }

    /// Whether another device that is up listens to the group through the same socket (`vxlan_group_used`).
    fn shares_group(&self, dev: DevId, group: IpAddr) -> bool {
        let door = |dev| {
            let tunnel = self.tunnel(dev)?;
            let config = &tunnel.vxlan.config;
            Some((tunnel.net, config.port, config.ifindex))
        };
        let own = door(dev);
        self.tunnels.devices.iter().any(|other| {
            let up = self.devices.find(*other).is_some_and(Device::is_up);
            let same = *other != dev && up && own.is_some() && door(*other) == own;
            same && self.groups_of(*other).contains(&group)
        })
    }

    fn join_group_of(&mut self, dev: DevId) -> NlResult<()> {
        let groups = self.groups_of(dev);
        groups
            .into_iter()
            .try_for_each(|group| self.join_tunnel_group(dev, group))
    }

    fn join_tunnel_group(&mut self, dev: DevId, group: IpAddr) -> NlResult<()> {
        if self.shares_group(dev, group) {
            return Ok(());
        }
        let lower = self.below_tunnel(dev).ok_or(Errno::Enodev)?;
        match group {
            IpAddr::V4(group) => self.igmp_join(lower, group),
            IpAddr::V6(group) => {
                self.with_in6(lower, |now, in6, link, out| in6.join(now, link, group, out));
            }
        }
        Ok(())
    }

    /// The device below, by the number that was given.
    fn below_tunnel(&self, dev: DevId) -> Option<DevId> {
        let tunnel = self.tunnel(dev)?;
        self.dev_at(tunnel.net, tunnel.vxlan.config.ifindex)
    }

    fn leave_group_of(&mut self, dev: DevId) {
        for group in self.groups_of(dev) {
            self.leave_tunnel_group(dev, group);
        }
    }

    fn leave_tunnel_group(&mut self, dev: DevId, group: IpAddr) {
        if self.shares_group(dev, group) {
            return;
        }
        let Some(lower) = self.below_tunnel(dev) else {
            return;
        };
        match group {
            IpAddr::V4(group) => self.igmp_leave(lower, group),
            IpAddr::V6(group) => {
                self.with_in6(lower, |now, in6, link, out| {
                    in6.leave(now, link, group, out)
                });
            }
        }
    }
}

/// What the kind refuses before anything is looked up (`vxlan_validate`).
pub(crate) fn validate_vxlan(new: &LinkNew, options: &VxlanOptions) -> NlResult<()> {
    check_attributes(new)?;
    check_given(options)?;
    match options.srcport {
        Some((first, last)) if first > last => refuse(Errno::Einval, "Invalid source port range"),
        _ => Ok(()),
    }
}

/// A request has to say something of the kind (`vxlan_validate`).
fn check_given(options: &VxlanOptions) -> NlResult<()> {
    match *options == VxlanOptions::default() {
        true => refuse(
            Errno::Einval,
            "Required attributes not provided to perform the operation",
        ),
        false => Ok(()),
    }
}

/// What the kind refuses before anything is made (`vxlan_validate`).
fn check_attributes(new: &LinkNew) -> NlResult<()> {
    let wrong = |address: MacAddr| !address.is_station();
    if new.attributes.address.is_some_and(wrong) {
        let text = "Provided Ethernet address is not unicast";
        return refuse(Errno::Eaddrnotavail, text);
    }
    let fits = |mtu: u32| (MTU_MIN..=65535).contains(&mtu);
    match new.attributes.mtu {
        Some(mtu) if !fits(mtu) => refuse(Errno::Einval, "MTU must be between 68 and 65535"),
        Some(_) | None => Ok(()),
    }
}
