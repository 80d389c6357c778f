//! A device as its namespace's IP layers see it (`in_device` and `inet6_dev`).
//! The device itself belongs to the kernel floor, which keeps these facts fresh.

use std::time::Duration;

use crate::netns::conf::{Conf4, Conf6, Settings4, Settings6};
use crate::netns::igmp::IgmpDevice;
use crate::netns::inet::InetDevice;
use crate::netns::v6::{In6, Link};
use crate::units::{DevId, FewMap, IfIndex, IfName, MacAddr};

/// The devices of a namespace by number.
pub type Interfaces = FewMap<IfIndex, Box<Interface>>;

/// What IP knows of one device.
#[derive(Clone, Debug)]
pub struct Interface {
    /// The device's number.
    pub ifindex: IfIndex,
    /// The device.
    pub dev: DevId,
    /// Its name.
    pub name: IfName,
    /// Whether it is administratively up.
    pub up: bool,
    /// Whether it has a carrier, as last told (`netif_carrier_ok`).
    pub carrier: bool,
    /// Whether it is operational.
    pub oper_up: bool,
    /// Whether it is the loopback.
    pub loopback: bool,
    /// Whether ARP and ND are off.
    pub noarp: bool,
    /// Whether it can multicast.
    pub multicast: bool,
    /// Largest packet, in bytes.
    pub mtu: u32,
    /// Its station address.
    pub mac: MacAddr,
    /// Its master's number; 0 for none.
    pub master: IfIndex,
    /// `net.ipv4.conf.DEV`.
    pub conf4: Settings4,
    /// `net.ipv6.conf.DEV`.
    pub conf6: Settings6,
    /// Its IPv4 addresses.
    pub inet: InetDevice,
    /// Its IPv4 groups.
    pub igmp: IgmpDevice,
    /// Its IPv6; none while the mtu is too small for that.
    pub in6: In6,
}

impl Interface {
    /// A setting that holds where it is on for the device or for `all` (`IN_DEV_ORCONF`).
    #[inline]
    pub fn either(&self, all: &Settings4, setting: Conf4) -> bool {
        self.conf4.on(setting) || all.on(setting)
    }

    /// A setting that holds where it is on for the device and for `all` (`IN_DEV_ANDCONF`).
    #[inline]
    pub fn both(&self, all: &Settings4, setting: Conf4) -> bool {
        self.conf4.on(setting) && all.on(setting)
    }

    /// The larger of the device's value and that of `all` (`IN_DEV_MAXCONF`).
    #[inline]
    pub fn larger(&self, all: &Settings4, setting: Conf4) -> i64 {
        self.conf4.of(setting).max(all.of(setting))
    }

    /// Whether IPv6 is on the device.
    pub fn has_ipv6(&self) -> bool {
        self.in6.is_on() && !self.conf6.on(Conf6::DisableIpv6)
    }

    /// Its IPv6, to change it, beside what that has to know of the device.
    pub fn in6_and_link<'a>(
        &'a mut self,
        all: &'a Settings6,
        retrans_time: Duration,
    ) -> (&'a mut In6, Link<'a>) {
        let link = Link {
            ifindex: self.ifindex,
            mac: self.mac,
            mtu: self.mtu,
            up: self.up,
            oper_up: self.up && self.oper_up,
            loopback: self.loopback,
            noarp: self.noarp,
            multicast: self.multicast,
            retrans_time,
            all,
            dev: &self.conf6,
        };
        (&mut self.in6, link)
    }

    /// Whether the device is in an IPv4 group (`ip_check_mc_rcu`).
    pub fn is_member4(&self, group: std::net::Ipv4Addr) -> bool {
        self.igmp.has(group)
    }
}
