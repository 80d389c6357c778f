//! Up, down and carrier of devices, and when that is told (dev.c, link_watch.c, operstates).
//! What IP makes of it is in `notify`.

use std::time::Duration;

use crate::kernel::device::{DeviceKind, Qdisc};
use crate::kernel::netlink::{LinkFlags, NlError, NlResult, OperState};
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
        if device.qdisc == Qdisc::Noop {
            device.qdisc = Qdisc::Noqueue;
        }
        match device.kind {
            DeviceKind::Veth { peer } => {
                let peer = peer.ok_or(NlError::from(Errno::Enotconn));
                if peer.is_err() {
                    device.flags &= !LinkFlags::UP;
                }
                self.open_veth(dev, peer?);
            }
            DeviceKind::Bridge(_) => self.open_bridge(dev),
            DeviceKind::Loopback | DeviceKind::Dummy => {}
        }
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
        match device.kind {
            DeviceKind::Veth { peer } => {
                self.carrier_off(dev);
                if let Some(peer) = peer {
                    self.carrier_off(peer);
                }
            }
            DeviceKind::Bridge(_) => self.close_bridge(dev),
            DeviceKind::Loopback | DeviceKind::Dummy => {}
        }
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
        self.sync_interface(dev);
        self.linkwatch_fire(dev);
    }

    /// Has a change of the carrier told: at once where it is urgent, else within a second.
    fn linkwatch_fire(&mut self, dev: DevId) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        // A stacked device's users wait for it (`linkwatch_urgent_event`).
        let stacked = match device.kind {
            DeviceKind::Veth { .. } => true,
            DeviceKind::Loopback | DeviceKind::Bridge(_) | DeviceKind::Dummy => false,
        };
        let urgent = device.is_up() && (stacked || device.carrier);
        device.linkwatch_pending = true;
        let at = if urgent {
            self.now
        } else {
            self.linkwatch_next
        };
        self.arm(at, Timer::Linkwatch);
    }

    /// Tells all changes of carriers that wait (`__linkwatch_run_queue`).
    pub(crate) fn run_linkwatch(&mut self) {
        self.linkwatch_next = self.now + LINKWATCH_INTERVAL;
        let waiting = self
            .devices
            .iter()
            .filter(|(_, device)| device.linkwatch_pending);
        let waiting: Vec<DevId> = waiting.map(|(dev, _)| dev).collect();
        for dev in waiting {
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
        let DeviceKind::Veth { peer: Some(peer) } = device.kind else {
            return OperState::Down;
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
        interface.oper_up = device.is_oper_up();
        interface.noarp = device.flags & (LinkFlags::NOARP | LinkFlags::LOOPBACK) != 0;
        interface.multicast = device.flags & LinkFlags::MULTICAST != 0;
        interface.mtu = device.mtu;
        interface.mac = device.address;
        interface.master = master;
    }
}
