//! What the world does with IPv6's decisions (addrconf.c).
//! The decisions are in `netns::v6`.

use crate::kernel::netlink::{AddrDelete, AddrInfo, AddrNew, NlResult};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, NetnsId};

impl World {
    pub(crate) fn inet6_register(&mut self, _dev: DevId) {}
    pub(crate) fn inet6_unregister(&mut self, _dev: DevId) {}
    pub(crate) fn inet6_up(&mut self, _dev: DevId) {}
    pub(crate) fn inet6_down(&mut self, _dev: DevId) {}
    pub(crate) fn inet6_change(&mut self, _dev: DevId) {}
    pub(crate) fn inet6_address_changed(&mut self, _dev: DevId) {}
    pub(crate) fn inet6_mtu_changed(&mut self, _dev: DevId) {}
    pub(crate) fn notify_addrgenmode(&mut self, _dev: DevId) {}
    pub(crate) fn has_inet6(&self, _dev: DevId) -> bool {
        true
    }
    pub(crate) fn addr_add_v6(
        &mut self,
        _netns: NetnsId,
        _new: &AddrNew,
        _local: ipnet::Ipv6Net,
    ) -> NlResult<()> {
        Err(Errno::Eopnotsupp.into())
    }
    pub(crate) fn addr_del_v6(
        &mut self,
        _netns: NetnsId,
        _old: &AddrDelete,
        _local: ipnet::Ipv6Net,
    ) -> NlResult<()> {
        Err(Errno::Eopnotsupp.into())
    }
    pub(crate) fn addrs_v6(&self, _netns: NetnsId) -> Vec<AddrInfo> {
        Vec::new()
    }
    pub(crate) fn inet6_conf_changed(
        &mut self,
        _dev: DevId,
        _setting: crate::netns::conf::Conf6,
        _value: i64,
    ) {
    }
    pub(crate) fn receive_ipv6(
        &mut self,
        _dev: DevId,
        _packet: crate::wire::Frame,
        _for_whom: crate::netns::socket::PacketType,
    ) {
    }
    pub(crate) fn act_neigh6(
        &mut self,
        _netns: NetnsId,
        _actions: Vec<crate::netns::neigh::Action<std::net::Ipv6Addr, crate::wire::Frame>>,
    ) {
    }
    pub(crate) fn output_neigh6_for_ipv4(
        &mut self,
        _netns: NetnsId,
        _ifindex: u32,
        _gateway: std::net::Ipv6Addr,
        _packet: crate::wire::Frame,
    ) {
    }
}
