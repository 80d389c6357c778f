//! What follows in IPv4 from addresses and devices: routes, neighbours and groups (fib_frontend.c, igmp.c).
//! The tables are in `netns::fib` and `netns::neigh`.

use crate::kernel::neigh::Leaving;
use crate::kernel::world::World;
use crate::netns::conf::Conf4;
use crate::netns::inet::Removed;
use crate::units::{IfIndex, NetnsId};

impl World {
    /// A device went up: its group, and the routes of its addresses (`ip_mc_up`, `fib_netdev_event`).
    pub(crate) fn inet_up(&mut self, netns: NetnsId, ifindex: IfIndex) {
        let Some(dev) = self.dev_at(netns, ifindex) else {
            return;
        };
        self.igmp_up(dev);
        self.announce4(dev);
        self.routes_device_up(netns, ifindex);
    }

    /// A device went down: its neighbours and routes go (`fib_disable_ip`, `arp_ifdown`).
    pub(crate) fn inet_down(&mut self, netns: NetnsId, ifindex: IfIndex) {
        if let Some(dev) = self.dev_at(netns, ifindex) {
            self.igmp_down(dev);
        }
        self.masks_gone(netns, ifindex);
        #[cfg(feature = "proptest")]
        if self.stays(netns, ifindex, Leaving::Down) {
            return;
        }
        self.routes_device_down(netns, ifindex);
        self.neigh_device_left(netns, ifindex, Leaving::Down);
    }

    /// The carrier of a device that is up changed (NETDEV_CHANGE).
    pub(crate) fn inet_carrier(&mut self, netns: NetnsId, ifindex: IfIndex) {
        let Some(ns) = self.netns.find(netns) else {
            return;
        };
        let Some(interface) = ns.interfaces.get(&ifindex) else {
            return;
        };
        let carrier = interface.carrier;
        let evict = interface.both(&ns.all4, Conf4::ArpEvictNocarrier);
        self.routes_carrier(netns, ifindex, carrier);
        if !carrier && evict {
            self.neigh_device_left(netns, ifindex, Leaving::CarrierLost);
        }
    }

    /// A device is gone: nothing of it stays.
    pub(crate) fn forget_device(&mut self, netns: NetnsId, ifindex: IfIndex) {
        #[cfg(feature = "proptest")]
        if self.stays(netns, ifindex, Leaving::Gone) {
            return;
        }
        self.neigh_device_left(netns, ifindex, Leaving::Gone);
        self.routes_device_gone(netns, ifindex);
    }

    /// Addresses are gone, or promoted: the routes follow (`fib_inetaddr_event`).
    pub(crate) fn addresses_removed(
        &mut self,
        netns: NetnsId,
        ifindex: IfIndex,
        removed: &Removed,
    ) {
        self.masks_gone(netns, ifindex);
        self.routes_addresses_removed(netns, ifindex, removed);
        let interface = self
            .netns
            .find(netns)
            .and_then(|ns| ns.interfaces.get(&ifindex));
        if interface.is_some_and(|interface| interface.inet.addrs().is_empty()) {
            self.neigh_device_left(netns, ifindex, Leaving::LastAddress4);
        }
    }
}
