//! Up, down and carrier of devices, and when that is told (dev.c, link_watch.c, operstates).
//! What IP makes of it is in `notify`.

use std::time::Duration;

use crate::kernel::device::{DeviceKind, Qdisc};
use crate::kernel::netlink::{LinkFlags, NlResult, OperState};
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::units::{DevId, Errno};

/// Changes of the carrier that are not urgent are told at most once in this time.
const LINKWATCH_INTERVAL: Duration = Duration::from_secs(1);

impl World {
    /// Brings a device up (`dev_open`).
    pub(crate) fn open(&mut self, dev: DevId) -> NlResult<()> {
        let device = self.devices.find_mut(dev).ok_or(Errno::Enodev)?;
        if device.is_up() {
            return Ok(());
        }
        device.flags |= LinkFlags::UP;
        match device.kind {
            DeviceKind::Veth { peer: Some(peer) } => self.open_veth(dev, peer),
            DeviceKind::Veth { peer: None } => {
                device.flags &= !LinkFlags::UP;
                return Err(Errno::Enotconn.into());
            }
            DeviceKind::Bridge(_) => self.open_bridge(dev),
            DeviceKind::Vxlan(_) => {
                if let Err(error) = self.open_vxlan(dev) {
                    if let Some(device) = self.devices.find_mut(dev) {
                        device.flags &= !LinkFlags::UP;
                    }
                    return Err(error);
                }
            }
            DeviceKind::Stacked(_) => {
                if let Err(error) = self.open_stacked(dev) {
                    if let Some(device) = self.devices.find_mut(dev) {
                        device.flags &= !LinkFlags::UP;
                    }
                    return Err(error);
                }
            }
            // Its carrier comes when the queue is there.
            DeviceKind::Nic(_) | DeviceKind::Loopback | DeviceKind::Dummy => {}
        }
        if let Some(device) = self.devices.find_mut(dev) {
            device.qdisc = device.own_qdisc();
            device.qdisc_active = device.carrier;
            if matches!(device.kind, DeviceKind::Nic(_)) {
                self.open_nic(dev);
            }
        }
        self.unicast_changed(dev);
        self.sync_interface(dev);
        self.notify_up(dev);
        self.tell_link(dev);
        Ok(())
    }

    fn open_veth(&mut self, dev: DevId, peer: DevId) {
        if self.devices.find(peer).is_some_and(|peer| peer.is_up()) {
            self.carrier_on(dev);
            self.carrier_on(peer);
        }
    }

    /// Brings a device down (`dev_close`).
    pub(crate) fn close(&mut self, dev: DevId) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if !device.is_up() {
            return;
        }
        device.flags &= !LinkFlags::UP;
        device.qdisc_active = false;
        match device.kind {
            DeviceKind::Veth { peer } => {
                self.carrier_off(dev);
                if let Some(peer) = peer {
                    self.carrier_off(peer);
                }
            }
            DeviceKind::Bridge(_) => self.close_bridge(dev),
            DeviceKind::Nic(_) => self.close_nic(dev),
            DeviceKind::Vxlan(_) => self.close_vxlan(dev),
            DeviceKind::Stacked(_) => self.close_stacked(dev),
            DeviceKind::Loopback | DeviceKind::Dummy => {}
        }
        self.reset_queue(dev);
        self.sync_interface(dev);
        self.notify_down(dev);
        self.tell_link(dev);
    }

    /// The driver has a carrier (`netif_carrier_on`).
    pub(crate) fn carrier_on(&mut self, dev: DevId) {
        self.set_carrier(dev, true);
    }

    /// The driver has lost its carrier (`netif_carrier_off`).
    pub(crate) fn carrier_off(&mut self, dev: DevId) {
        self.set_carrier(dev, false);
    }

    fn set_carrier(&mut self, dev: DevId, carrier: bool) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if device.carrier == carrier {
            return;
        }
        device.carrier = carrier;
        device.carrier_changes += 1;
        if !carrier {
            self.reset_queue(dev);
        }
        self.sync_interface(dev);
        self.linkwatch_fire(dev);
    }

    /// Has a change of the carrier told: at once where it is urgent, else within a second (`linkwatch_fire_event`).
    pub(crate) fn linkwatch_fire(&mut self, dev: DevId) {
        let urgent = self.is_urgent(dev);
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if !device.linkwatch_pending {
            device.linkwatch_pending = true;
            self.linkwatch_waiting.push(dev);
        }
        let at = if urgent {
            self.now
        } else {
            self.linkwatch_next
        };
        self.arm(at, Timer::Linkwatch);
    }

    /// Whether somebody waits for the change: another device is stacked on this one, or its queue is about to
    /// start. A veth counts as stacked by its peer's number, which the kernel compares with its own
    /// (`linkwatch_urgent_event`).
    fn is_urgent(&self, dev: DevId) -> bool {
        let Some(device) = self.devices.find(dev).filter(|device| device.is_up()) else {
            return false;
        };
        let stacked = match device.kind {
            DeviceKind::Veth { peer } => {
                let peer = peer.and_then(|peer| self.devices.find(peer));
                peer.is_some_and(|peer| peer.ifindex != device.ifindex)
            }
            DeviceKind::Stacked(ref stacked) => {
                let lower = self.devices.find(stacked.lower());
                lower.is_some_and(|lower| lower.ifindex != device.ifindex)
            }
            DeviceKind::Loopback
            | DeviceKind::Bridge(_)
            | DeviceKind::Dummy
            | DeviceKind::Vxlan(_)
            | DeviceKind::Nic(_) => false,
        };
        let starting = device.carrier && device.qdisc != Qdisc::Noop && !device.qdisc_active;
        stacked || starting
    }

    /// Tells the changes of carriers that wait; before their time only the urgent ones (`__linkwatch_run_queue`).
    pub(crate) fn run_linkwatch(&mut self) {
        let urgent_only = self.linkwatch_next > self.now;
        if !urgent_only {
            self.linkwatch_next = self.now + LINKWATCH_INTERVAL;
        }
        let waiting = std::mem::take(&mut self.linkwatch_waiting);
        for dev in waiting {
            if urgent_only && !self.is_urgent(dev) {
                self.linkwatch_waiting.push(dev);
            } else {
                self.linkwatch_do(dev);
            }
        }
        if !self.linkwatch_waiting.is_empty() {
            self.arm(self.linkwatch_next, Timer::Linkwatch);
        }
    }

    /// Whoever asks for one device gets its state as it is now (`linkwatch_sync_dev`).
    pub(crate) fn sync_linkwatch(&mut self, dev: DevId) {
        if self
            .devices
            .find(dev)
            .is_some_and(|device| device.linkwatch_pending)
        {
            self.linkwatch_waiting.retain(|&waiting| waiting != dev);
            self.linkwatch_do(dev);
        }
    }

    fn linkwatch_do(&mut self, dev: DevId) {
        let operstate = self.default_operstate(dev);
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        device.linkwatch_pending = false;
        device.operstate = operstate;
        let up = device.is_up();
        device.qdisc_active = up && device.carrier;
        self.sync_interface(dev);
        if up {
            self.notify_change(dev);
            self.tell_link(dev);
        }
    }

    /// The operational state that follows from the carrier (`default_operstate`).
    fn default_operstate(&self, dev: DevId) -> OperState {
        let Some(device) = self.devices.find(dev) else {
            return OperState::NotPresent;
        };
        if device.carrier {
            return if device.dormant_mode {
                OperState::Dormant
            } else {
                OperState::Up
            };
        }
        let peer = match &device.kind {
            DeviceKind::Veth { peer: Some(peer) } => *peer,
            DeviceKind::Stacked(stacked) => stacked.lower(),
            _ => return OperState::Down,
        };
        // The kernel looks the peer's number up in the device's own namespace, be the peer there or not.
        let number = self.devices.find(peer).map_or(0, |peer| peer.ifindex);
        if number == device.ifindex {
            return OperState::Down;
        }
        let lower = self
            .dev_at(device.netns, number)
            .and_then(|lower| self.devices.find(lower));
        match lower {
            Some(lower) if !lower.carrier => OperState::LowerLayerDown,
            Some(_) | None => OperState::Down,
        }
    }

    /// Keeps what IP knows of a device equal to the device.
    pub(crate) fn sync_interface(&mut self, dev: DevId) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let master = device
            .master
            .and_then(|master| self.devices.find(master))
            .map_or(0, |m| m.ifindex);
        let Some(ns) = self.netns.find_mut(device.netns) else {
            return;
        };
        let Some(interface) = ns.interfaces.get_mut(&device.ifindex) else {
            return;
        };
        interface.name = device.name;
        interface.up = device.is_up();
        interface.carrier = device.carrier;
        // Without a carrier the queue stays shut, whatever state is shown (`qdisc_tx_is_noop`).
        interface.oper_up = device.is_oper_up() && device.qdisc_active;
        interface.noarp = device.flags & (LinkFlags::NOARP | LinkFlags::LOOPBACK) != 0;
        interface.multicast = device.flags & LinkFlags::MULTICAST != 0;
        interface.mtu = device.mtu;
        interface.mac = device.address;
        interface.master = master;
    }
}
