//! The routes that the kernel makes for IPv6 addresses and devices, and takes away with them.
//! When that is decided by the addresses (`addrconf_prefix_route`, `addrconf_f6i_alloc`, ..).

use std::net::Ipv6Addr;

use ipnet::Ipv6Net;

use super::Fib6;
use crate::netns::fib::config::{NewFlags, NexthopConfig, RouteConfig, RouteError};
use crate::netns::fib::links::Links;
use crate::netns::fib::route::{RouteType, protocol, table};
use crate::units::{IfIndex, SimTime};

/// `IP6_RT_PRIO_ADDRCONF`: the metric of prefix routes of which none is said.
pub const METRIC_ADDRCONF: u32 = 256;

/// A route of the kernel's own by a device.
fn own(kind: RouteType, table: u32, dst: Ipv6Net, metric: u32, ifindex: IfIndex) -> RouteConfig {
    RouteConfig {
        table,
        kind,
        protocol: protocol::KERNEL,
        metric,
        nexthop: NexthopConfig {
            oif: ifindex,
            ..NexthopConfig::default()
        },
        ..RouteConfig::new(dst.into())
    }
}

impl Fib6 {
    /// The route to an own address, once it is not tentative any more (`ip6_ins_rt` of `ifp->rt`), or
    /// to an anycast address (`addrconf_join_anycast`).
    ///
    /// # Errors
    /// EEXIST where it is there already.
    pub fn add_own_address(
        &mut self,
        kind: RouteType,
        addr: Ipv6Addr,
        ifindex: IfIndex,
        links: &impl Links,
        now: SimTime,
    ) -> Result<(), RouteError> {
        let config = own(kind, table::LOCAL, addr.into(), 0, ifindex);
        self.add(&config, NewFlags::PREPEND, links, now)
    }

    /// Takes the route to an own address away.
    ///
    /// # Errors
    /// ESRCH where it is not there.
    pub fn del_own_address(&mut self, addr: Ipv6Addr, ifindex: IfIndex) -> Result<(), RouteError> {
        self.delete(&own(
            RouteType::Local,
            table::LOCAL,
            addr.into(),
            0,
            ifindex,
        ))
    }

    /// The route to the prefix of an address (`addrconf_prefix_route`); `metric` 0 is 256.
    ///
    /// # Errors
    /// ENETDOWN where the device is down, EEXIST where it is there already.
    pub fn add_prefix(
        &mut self,
        prefix: Ipv6Net,
        ifindex: IfIndex,
        metric: u32,
        expires_s: Option<u32>,
        links: &impl Links,
        now: SimTime,
    ) -> Result<(), RouteError> {
        let metric = if metric == 0 { METRIC_ADDRCONF } else { metric };
        let mut config = own(RouteType::Unicast, table::MAIN, prefix, metric, ifindex);
        config.expires_s = expires_s;
        self.add(&config, NewFlags::PREPEND, links, now)
    }

    /// Takes the route to a prefix away (`cleanup_prefix_route`); `metric` 0 is any.
    ///
    /// # Errors
    /// ESRCH where it is not there.
    pub fn del_prefix(
        &mut self,
        prefix: Ipv6Net,
        ifindex: IfIndex,
        metric: u32,
    ) -> Result<(), RouteError> {
        let config = own(RouteType::Unicast, table::MAIN, prefix, metric, ifindex);
        self.delete(&config)
    }

    /// The route to all groups by a device (`addrconf_add_mroute`).
    ///
    /// # Errors
    /// ENETDOWN where the device is down, EEXIST where it is there already.
    pub fn add_multicast(
        &mut self,
        ifindex: IfIndex,
        links: &impl Links,
        now: SimTime,
    ) -> Result<(), RouteError> {
        let groups =
            Ipv6Net::new(Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8).expect("at most 128 bits");
        let config = own(
            RouteType::Multicast,
            table::LOCAL,
            groups,
            METRIC_ADDRCONF,
            ifindex,
        );
        self.add(&config, NewFlags::PREPEND, links, now)
    }
}
