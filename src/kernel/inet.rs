//! What follows in IPv4 from addresses and devices: routes and groups (fib_frontend.c, igmp.c).
//! The tables are in `netns::fib`.

use crate::kernel::world::World;
use crate::netns::inet::Ifaddr4;
use crate::units::{DevId, IfIndex, NetnsId};

impl World {
    pub(crate) fn inet_up(&mut self, _netns: NetnsId, _ifindex: IfIndex) {}
    pub(crate) fn inet_down(&mut self, _netns: NetnsId, _ifindex: IfIndex) {}
    pub(crate) fn inet_carrier(&mut self, _netns: NetnsId, _ifindex: IfIndex) {}
    pub(crate) fn inet_mtu(&mut self, _dev: DevId) {}
    pub(crate) fn neigh_device_changed(&mut self, _dev: DevId) {}
    pub(crate) fn forget_device(&mut self, _netns: NetnsId, _ifindex: IfIndex) {}
    pub(crate) fn address_added(&mut self, _netns: NetnsId, _ifindex: IfIndex, _addr: &Ifaddr4) {}
    pub(crate) fn address_removed(&mut self, _netns: NetnsId, _ifindex: IfIndex, _addr: &Ifaddr4) {}
    pub(crate) fn address_metric_changed(
        &mut self,
        _netns: NetnsId,
        _ifindex: IfIndex,
        _addr: &Ifaddr4,
        _old: u32,
    ) {
    }
}
