//! What the IP layers and masters are told when a device changes (the netdevice notifier chain).
//! Why it changed is in `linkwatch` and `link`.

use std::net::Ipv4Addr;

use crate::kernel::device::Device;
use crate::kernel::stacked::LowerEvent;
use crate::kernel::world::World;
use crate::netns::inet::{IPV4_MIN_MTU, Ifaddr4, SCOPE_HOST};
use crate::netns::interface::Interface;
use crate::units::{DevId, IfIndex, IfName, MacAddr, NetnsId};

impl World {
    /// NETDEV_UP.
    pub(crate) fn notify_up(&mut self, dev: DevId) {
        let Some((netns, ifindex)) = self.place_of(dev) else {
            return;
        };
        self.loopback_address(netns, ifindex);
        self.inet_up(netns, ifindex);
        self.inet6_up(dev);
        self.bridge_port_changed(dev);
        self.tell_above(dev, LowerEvent::Up);
    }

    /// NETDEV_DOWN.
    pub(crate) fn notify_down(&mut self, dev: DevId) {
        let Some((netns, ifindex)) = self.place_of(dev) else {
            return;
        };
        self.inet_down(netns, ifindex);
        self.inet6_down(dev);
        self.bridge_port_changed(dev);
        self.tell_above(dev, LowerEvent::Down);
    }

    /// NETDEV_CHANGE: the carrier of a device that is up.
    pub(crate) fn notify_change(&mut self, dev: DevId) {
        let Some((netns, ifindex)) = self.place_of(dev) else {
            return;
        };
        self.inet_carrier(netns, ifindex);
        self.inet6_change(dev);
        self.bridge_port_changed(dev);
        self.bridge_port_told(dev);
        self.tell_above(dev, LowerEvent::Change);
    }

    /// NETDEV_CHANGEADDR.
    pub(crate) fn notify_address(&mut self, dev: DevId) {
        self.neigh_device_changed(dev);
        self.announce4(dev);
        self.inet6_address_changed(dev);
        self.bridge_port_changed(dev);
        self.tell_above(dev, LowerEvent::Address);
    }

    /// NETDEV_CHANGEMTU.
    pub(crate) fn notify_mtu(&mut self, dev: DevId, old: u32) {
        self.routes_mtu(dev, old);
        self.inet_mtu_changed(dev);
        self.inet6_mtu_changed(dev);
        self.bridge_port_changed(dev);
        self.tell_above(dev, LowerEvent::Mtu);
    }

    /// What stands on the device hears of it too.
    fn tell_above(&mut self, dev: DevId, event: LowerEvent) {
        if self
            .devices
            .find(dev)
            .is_some_and(|device| device.above.is_some())
        {
            self.tell_uppers(dev, event);
        }
    }

    /// NETDEV_CHANGENAME: labels that begin with the old name follow (`inetdev_changename`).
    pub(crate) fn notify_rename(&mut self, dev: DevId, old: IfName) {
        self.attach_rules(dev);
        let Some(interface) = self.interface_mut(dev) else {
            return;
        };
        let new = interface.name;
        for position in 0..interface.inet.addrs().len() {
            interface.inet.change(position, |addr| {
                let own = addr.label.take();
                let rest = own
                    .as_deref()
                    .and_then(|own| own.strip_prefix(old.as_str()));
                if let Some(rest) = rest {
                    let label: String = format!("{new}{rest}").chars().take(15).collect();
                    addr.label = (label != new.as_str()).then(|| label.into());
                }
            });
        }
    }

    /// The loopback gets its address when it goes up (`inetdev_event`).
    fn loopback_address(&mut self, netns: NetnsId, ifindex: IfIndex) {
        let Some(interface) = self
            .netns
            .find_mut(netns)
            .and_then(|ns| ns.interfaces.get_mut(&ifindex))
        else {
            return;
        };
        let room = interface.mtu >= IPV4_MIN_MTU;
        if !interface.loopback || !room {
            return;
        }
        let mut own = Ifaddr4::new(Ipv4Addr::LOCALHOST, 8, SCOPE_HOST);
        own.proto = 1;
        // The routes follow with the rest of the device's addresses in `inet_up`.
        // Where it is there already, it stays.
        let _ = interface.inet.insert(own);
    }

    /// All IPv4 addresses go with the device (`inetdev_destroy`), then what IPv6 and ARP knew.
    pub(crate) fn inet_unregister(&mut self, dev: DevId) {
        let Some((netns, ifindex)) = self.place_of(dev) else {
            return;
        };
        self.remove_all_v4(dev);
        self.inet6_unregister(dev);
        self.forget_device(netns, ifindex);
    }

    /// Below 68 bytes there is no IPv4 (`inetdev_valid_mtu`), and no address comes back by itself.
    fn inet_mtu_changed(&mut self, dev: DevId) {
        let mtu = self.interface(dev).map(|interface| interface.mtu);
        if mtu.is_some_and(|mtu| mtu < IPV4_MIN_MTU) {
            self.remove_all_v4(dev);
        }
    }

    fn remove_all_v4(&mut self, dev: DevId) {
        let Some((netns, ifindex)) = self.place_of(dev) else {
            return;
        };
        let left = |world: &Self| {
            world
                .interface(dev)
                .is_some_and(|i| !i.inet.addrs().is_empty())
        };
        while left(self) {
            self.remove_v4(netns, ifindex, 0);
        }
    }

    pub(crate) fn place_of(&self, dev: DevId) -> Option<(NetnsId, IfIndex)> {
        self.devices
            .find(dev)
            .map(|device: &Device| (device.netns, device.ifindex))
    }

    pub(crate) fn interface(&self, dev: DevId) -> Option<&Interface> {
        let (netns, ifindex) = self.place_of(dev)?;
        self.netns
            .find(netns)?
            .interfaces
            .get(&ifindex)
            .map(Box::as_ref)
    }

    pub(crate) fn interface_mut(&mut self, dev: DevId) -> Option<&mut Interface> {
        let (netns, ifindex) = self.place_of(dev)?;
        self.netns
            .find_mut(netns)?
            .interfaces
            .get_mut(&ifindex)
            .map(Box::as_mut)
    }

    pub(crate) fn join_group(&mut self, dev: DevId, group: MacAddr) {
        // The loopback has no such filter (`arp_mc_map`).
        if let Some(device) = self.devices.find_mut(dev).filter(|dev| !dev.is_loopback()) {
            device.join(group);
        }
        self.sync_lower(dev);
    }

    pub(crate) fn leave_group(&mut self, dev: DevId, group: MacAddr) {
        if let Some(device) = self.devices.find_mut(dev).filter(|dev| !dev.is_loopback()) {
            device.leave(group);
        }
        self.sync_lower(dev);
    }
}
