//! Devices that become ports of a bridge, change and leave (br_if.c).
//! What a port does with a frame is in `bridge`.

use crate::device::bridge::{Bridge, PortDevice};
use crate::device::stacked::AbovePort;
use crate::kernel::bridge::refused;
use crate::kernel::device::{Device, DeviceKind, TSO_MAX_SIZE};
use crate::kernel::netlink::{NlError, NlResult};
use crate::kernel::world::World;
use crate::units::{DevId, Errno};

/// What a veth or bridge tells of its speed, in Mbit/s.
const VIRTUAL_SPEED: u32 = 10_000;

impl World {
    /// What a bridge has to know of a port's device.
    fn port_device(&self, device: &Device) -> PortDevice {
        PortDevice {
            mac: device.address,
            mtu: device.mtu,
            speed_mbit: self.speed_of(device),
            up: device.is_up(),
            oper_up: device.carrier && device.is_oper_up(),
        }
    }

    /// What a device tells of its speed; a tunnel is as fast as what it stands on (`vxlan_get_link_ksettings`).
    fn speed_of(&self, device: &Device) -> Option<u32> {
        let lower = match &device.kind {
            DeviceKind::Vxlan(tunnel) => self.devices.find(tunnel.lower?)?,
            _ => device,
        };
        matches!(lower.kind, DeviceKind::Veth { .. }).then_some(VIRTUAL_SPEED)
    }

    /// Makes a device a port (`br_add_if`).
    pub(crate) fn enslave(&mut self, dev: DevId, master: DevId) -> NlResult<()> {
        let now = self.now;
        let device = self.devices.find(dev).ok_or(Errno::Enodev)?;
        match device.kind {
            DeviceKind::Loopback => return Err(Errno::Einval.into()),
            DeviceKind::Bridge(_) => {
                return Err(NlError::with_text(
                    Errno::Eloop,
                    "Can not enslave a bridge to a bridge",
                ));
            }
            DeviceKind::Veth { .. }
            | DeviceKind::Dummy
            | DeviceKind::Vxlan(_)
            | DeviceKind::Nic(_)
            | DeviceKind::Stacked(_) => {}
        }
        let taken = device
            .above
            .as_ref()
            .is_some_and(|above| !matches!(above.port, AbovePort::None));
        if device.master.is_some() || taken || self.stands_on(dev, master) {
            return Err(Errno::Ebusy.into());
        }
        let port = self.port_device(device);
        if let Some(device) = self.devices.find_mut(dev) {
            device.master = Some(master);
            device.promiscuity += 1;
            device.allmulti += 1;
        }
        self.sync_lower(dev);
        let added = self.with_bridge(master, |bridge| bridge.add_port(now, dev, port));
        match added {
            Some(Err(refusal)) => {
                self.free_from_master(dev);
                return Err(refused(refusal));
            }
            Some(Ok(port_no)) => {
                if let Some(device) = self.devices.find_mut(dev) {
                    device.port_no = port_no;
                }
            }
            None => {}
        }
        self.sync_interface(dev);
        self.port_joined(dev, master);
        self.tell_link(dev);
        Ok(())
    }

    /// The bridge adapts to a new port; to look at that one is enough where it asks for nothing less.
    fn port_joined(&mut self, dev: DevId, master: DevId) {
        let (Some(port), Some(bridge)) = (self.devices.find(dev), self.devices.find(master)) else {
            return;
        };
        let only = self
            .bridge_ref(master)
            .is_some_and(|bridge| bridge.port_count() == 1);
        let (less_tso, less_mtu) = (
            port.tso_max_size < bridge.tso_max_size,
            port.mtu < bridge.mtu,
        );
        if only || less_tso {
            self.adjust_bridge_limits(master);
        }
        if only || less_mtu {
            self.adjust_bridge_mtu(master);
        }
    }

    /// Takes a port out of its bridge (`br_del_if`).
    pub(crate) fn release_port(&mut self, dev: DevId) {
        #[cfg(feature = "proptest")]
        if self.is(crate::engine::Mutant::PortsStay) {
            return;
        }
        let now = self.now;
        let Some(master) = self.devices.find(dev).and_then(|device| device.master) else {
            return;
        };
        self.free_from_master(dev);
        self.with_bridge(master, |bridge| bridge.remove_port(now, dev));
        self.sync_interface(dev);
        self.adjust_bridge_limits(master);
        self.adjust_bridge_mtu(master);
        self.tell_link(dev);
    }

    fn free_from_master(&mut self, dev: DevId) {
        if let Some(device) = self.devices.find_mut(dev) {
            device.master = None;
            device.port_no = 0;
            device.promiscuity = device.promiscuity.saturating_sub(1);
            device.allmulti = device.allmulti.saturating_sub(1);
        }
        self.sync_lower(dev);
    }

    /// A bridge lets go of all its ports before it is removed.
    pub(crate) fn release_ports(&mut self, dev: DevId) {
        let Some(bridge) = self.bridge_ref(dev) else {
            return;
        };
        let ports: Vec<DevId> = bridge.ports_by_number().map(|port| port.dev).collect();
        for port in ports {
            self.release_port(port);
        }
    }

    /// The bridge cuts no larger packets than its ports do (`br_set_gso_limits`).
    fn adjust_bridge_limits(&mut self, master: DevId) {
        let Some(bridge) = self.bridge_ref(master) else {
            return;
        };
        let ports = bridge
            .ports_by_number()
            .filter_map(|port| self.devices.find(port.dev));
        let least = ports
            .map(|port| port.tso_max_size)
            .min()
            .unwrap_or(TSO_MAX_SIZE);
        if let Some(device) = self.devices.find_mut(master) {
            device.tso_max_size = least;
        }
    }

    /// The bridge follows the smallest mtu of its ports (`br_mtu_auto_adjust`).
    fn adjust_bridge_mtu(&mut self, master: DevId) {
        let Some(mtu) = self.bridge_ref(master).and_then(Bridge::auto_mtu) else {
            return;
        };
        if let Some(device) = self
            .devices
            .find_mut(master)
            .filter(|device| device.mtu != mtu)
        {
            let old = std::mem::replace(&mut device.mtu, mtu);
            self.sync_interface(master);
            self.notify_mtu(master, old);
        }
    }

    /// A device that may be a port has changed (`br_device_event`).
    pub(crate) fn bridge_port_changed(&mut self, dev: DevId) {
        let now = self.now;
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let Some(master) = device.master else {
            return;
        };
        let port = self.port_device(device);
        self.with_bridge(master, |bridge| bridge.port_changed(now, dev, port));
        self.adjust_bridge_mtu(master);
    }

    /// A port is told of as changed, whatever it is (NETDEV_CHANGE).
    pub(crate) fn bridge_port_told(&mut self, dev: DevId) {
        let now = self.now;
        let master = self.devices.find(dev).and_then(|device| device.master);
        if let Some(master) = master {
            self.with_bridge(master, |bridge| bridge.port_told(now, dev));
        }
    }

    /// Promiscuous mode and all multicast of the bridge device itself.
    pub(crate) fn bridge_listening_changed(&mut self, dev: DevId) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let (promisc, allmulti) = (device.promiscuity > 0, device.allmulti > 0);
        if let Some(bridge) = self.bridge_mut(dev) {
            bridge.set_promisc(promisc, allmulti);
        }
    }
}
