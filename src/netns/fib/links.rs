//! What the tables must know about devices and addresses, asked of whoever owns them.
//! Nothing here knows a device.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::units::IfIndex;

/// The facts about devices and their addresses that routing asks for. A namespace implements it.
pub trait Links {
    /// Whether there is a device of this number (`__dev_get_by_index`).
    fn exists(&self, ifindex: IfIndex) -> bool;
    /// Whether it is administratively up (IFF_UP).
    fn is_up(&self, ifindex: IfIndex) -> bool;
    /// Whether it has a carrier (`netif_carrier_ok`).
    fn has_carrier(&self, ifindex: IfIndex) -> bool;
    /// The source address for a destination on a device: the first primary address of at most
    /// `scope`, on the subnet of `dst` where there is one, else of another device
    /// (`inet_select_addr`).
    fn select_addr4(&self, oif: IfIndex, dst: Option<Ipv4Addr>, scope: u8) -> Option<Ipv4Addr>;
    /// The source address for a destination that leaves by a device (RFC 6724, `ipv6_dev_get_saddr`).
    fn select_addr6(&self, oif: IfIndex, dst: Ipv6Addr) -> Option<Ipv6Addr>;
    /// Whether an address, not tentative, is one of a device's, or of any where none is said
    /// (`ipv6_chk_addr`).
    fn has_addr6(&self, addr: Ipv6Addr, on: Option<IfIndex>) -> bool;
    /// As [`Self::has_addr6`], tentative ones included (`ipv6_chk_addr_and_flags` without banned flags).
    fn has_addr6_even_tentative(&self, addr: Ipv6Addr, on: Option<IfIndex>) -> bool {
        self.has_addr6(addr, on)
    }
    /// Whether the device is a loopback (IFF_LOOPBACK).
    fn is_loopback(&self, ifindex: IfIndex) -> bool {
        ifindex == 1
    }
    /// Whether IPv4 is on the device (`__in_dev_get_rcu`).
    fn has_ipv4(&self, ifindex: IfIndex) -> bool {
        self.exists(ifindex)
    }
    /// Whether IPv4 has an address on the device.
    fn has_any_addr4(&self, ifindex: IfIndex) -> bool {
        self.exists(ifindex)
    }
    /// Whether the device has no IPv6 at all, for its mtu is below 1280; it may be disabled where it has.
    fn lacks_ipv6(&self, _ifindex: IfIndex) -> bool {
        false
    }
    /// Whether IPv6 is on the device and not disabled (`disable_ipv6`, mtu below 1280).
    fn has_ipv6(&self, ifindex: IfIndex) -> bool {
        self.exists(ifindex)
    }
    /// The device group.
    fn group(&self, _ifindex: IfIndex) -> u32 {
        0
    }
    /// Sysctl `net.ipv4.conf.DEV.ignore_routes_with_linkdown`, `all` included.
    fn ignores_linkdown4(&self, _ifindex: IfIndex) -> bool {
        false
    }
    /// Sysctl `net.ipv6.conf.DEV.ignore_routes_with_linkdown`, `all` included.
    fn ignores_linkdown6(&self, _ifindex: IfIndex) -> bool {
        false
    }
    /// Sysctl `net.ipv4.conf.DEV.forwarding`.
    fn forwards4(&self, _ifindex: IfIndex) -> bool {
        false
    }
    /// Sysctl `net.ipv6.conf.all.forwarding`.
    fn forwards6(&self) -> bool {
        false
    }
    /// Whether the device has joined an IPv4 group (`ip_check_mc_rcu`).
    fn is_member4(&self, _ifindex: IfIndex, _group: Ipv4Addr) -> bool {
        false
    }
    /// Sysctl `rp_filter`, the larger of `all` and the device's.
    fn rp_filter(&self, _ifindex: IfIndex) -> u8 {
        0
    }
    /// Sysctl `accept_local`, of `all` or the device.
    fn accepts_local(&self, _ifindex: IfIndex) -> bool {
        false
    }
    /// Sysctl `route_localnet`, of `all` or the device.
    fn routes_localnet(&self, _ifindex: IfIndex) -> bool {
        false
    }
    /// Sysctl `send_redirects`, of `all` or the device.
    fn sends_redirects(&self, _ifindex: IfIndex) -> bool {
        true
    }
    /// Sysctl `shared_media`, of `all` or the device.
    fn has_shared_media(&self, _ifindex: IfIndex) -> bool {
        true
    }
    /// Sysctl `bc_forwarding`, of `all` and the device.
    fn forwards_broadcast(&self, _ifindex: IfIndex) -> bool {
        false
    }
    /// Sysctl `src_valid_mark`, of `all` or the device.
    fn checks_source_with_mark(&self, _ifindex: IfIndex) -> bool {
        false
    }
    /// Whether both addresses are in one subnet of the device (`inet_addr_onlink`).
    fn same_subnet4(&self, _ifindex: IfIndex, _a: Ipv4Addr, _b: Option<Ipv4Addr>) -> bool {
        false
    }
    /// Whether the neighbour entry of an IPv6 router is failed (`rt6_check_neigh`).
    fn router_failed6(&self, _ifindex: IfIndex, _gateway: Ipv6Addr) -> bool {
        false
    }
}
