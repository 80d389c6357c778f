//! A device as its namespace's IP layers see it (`in_device` and `inet6_dev`).
//! The device itself belongs to the kernel floor, which keeps these facts fresh.

use crate::netns::conf::{Conf4, Conf6, Settings4, Settings6};
use crate::netns::inet::InetDevice;
use crate::units::{DevId, IfIndex, IfName, MacAddr};

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
        self.mtu >= 1280 && !self.conf6.on(Conf6::DisableIpv6)
    }

    /// Whether the device is in an IPv4 group (`ip_check_mc_rcu`).
    pub fn is_member4(&self, group: std::net::Ipv4Addr) -> bool {
        group == std::net::Ipv4Addr::new(224, 0, 0, 1)
    }
}
