//! IPv6 on one device: addresses, duplicate detection, routers, groups (addrconf.c, ndisc.c, mcast.c).
//! It decides and keeps time; the kernel floor transmits, routes and tells.
//!
//! [`Inet6Device`] is one device's `struct inet6_dev`. Every call takes the time, a [`Link`] (what
//! the device is like and its settings) and a list to which it pushes [`Action`]s; carry them out
//! in their order, then ask [`Inet6Device::next_timer`] again.
//!
//! | what happens | call |
//! |---|---|
//! | NETDEV_REGISTER, or the MTU is 1280 or more again (then `link_up` too) | [`Inet6Device::register`] |
//! | NETDEV_UP, or `disable_ipv6` goes to 0 on a device that is up | [`Inet6Device::link_up`] |
//! | NETDEV_CHANGE (carrier, operational state) of a device that is up | [`Inet6Device::link_changed`] |
//! | NETDEV_DOWN, or `disable_ipv6` goes to 1 | [`Inet6Device::link_down`] |
//! | NETDEV_UNREGISTER, or the MTU falls below 1280; then drop the value | [`Inet6Device::unregister`] |
//! | NETDEV_CHANGEADDR, NETDEV_NOTIFY_PEERS | [`Inet6Device::announce`] |
//! | `forwarding` of the device changed | [`Inet6Device::forwarding_changed`] |
//! | RTM_NEWADDR, RTM_DELADDR | [`Inet6Device::add_address`], [`Inet6Device::delete_address`] |
//! | an ICMPv6 message of neighbour or listener discovery came in | [`ndisc::receive`], [`Inet6Device::receive_mld`] |
//! | the neighbour table wants somebody asked | [`Inet6Device::solicit`] |
//! | the clock reaches `next_timer` | [`Inet6Device::handle_timers`] |
//!
//! ```
//! use vethlab::engine::Seed;
//! use vethlab::netns::conf::Settings6;
//! use vethlab::netns::v6::{Action, Inet6Device, Link};
//! use vethlab::units::{MacAddr, SimTime};
//!
//! let settings = Settings6::default();
//! let link = Link::ethernet(2, MacAddr([2, 0, 0, 0, 0, 1]), &settings, &settings);
//! let mut out = Vec::new();
//! let mut device = Inet6Device::register(SimTime::ZERO, &link, Seed(0).stream("v6 veth1"), &mut out);
//! device.link_up(SimTime::ZERO, &link, &mut out);
//! let own = &device.addresses()[0];
//! assert_eq!(own.addr.to_string(), "fe80::ff:fe00:1");
//! assert!(!own.is_usable(), "it is tentative");
//! while let Some(next) = device.next_timer().filter(|next| next.as_millis() < 3000) {
//!     device.handle_timers(next, &link, &mut out);
//! }
//! assert!(device.addresses()[0].is_usable());
//! assert!(out.iter().any(|action| matches!(action, Action::Output { .. })));
//! ```

mod addr;
mod dad;
mod device;
pub mod extension;
pub mod fragment;
pub mod icmp;
pub mod in6;
mod in6dev;
pub mod mld;
pub mod ndisc;
mod ra;
pub mod select;

#[cfg(test)]
mod tests;

use std::net::Ipv6Addr;
use std::time::Duration;

pub use addr::{AddressError, AddressRequest};
pub use device::{Inet6Device, route_groups};
pub use in6::Ifaddr6;
pub use in6dev::In6;
pub use ra::{RouterFacts, RouterInfo};

use crate::netns::conf::{Conf6, Settings6};
use crate::units::{IfIndex, MacAddr, SimTime};
use crate::wire::Frame;

/// What a device is like, and the settings that hold for it.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    /// Its number.
    pub ifindex: IfIndex,
    /// Its station address.
    pub mac: MacAddr,
    /// Its largest packet.
    pub mtu: u32,
    /// It is administratively up (`IFF_UP`).
    pub up: bool,
    /// It is operational: up, with carrier, not dormant (`netif_oper_up`).
    pub oper_up: bool,
    /// It is the loopback.
    pub loopback: bool,
    /// It resolves nothing (`IFF_NOARP`).
    pub noarp: bool,
    /// It can multicast.
    pub multicast: bool,
    /// `retrans_time_ms` of its IPv6 neighbours.
    pub retrans_time: Duration,
    /// `net.ipv6.conf.all`.
    pub all: &'a Settings6,
    /// `net.ipv6.conf.DEV`.
    pub dev: &'a Settings6,
}

impl<'a> Link<'a> {
    /// An Ethernet device that is up and running.
    pub fn ethernet(
        ifindex: IfIndex,
        mac: MacAddr,
        all: &'a Settings6,
        dev: &'a Settings6,
    ) -> Self {
        Self {
            ifindex,
            mac,
            mtu: 1500,
            up: true,
            oper_up: true,
            loopback: false,
            noarp: false,
            multicast: true,
            retrans_time: Duration::from_secs(1),
            all,
            dev,
        }
    }

    pub(super) fn on(&self, setting: Conf6) -> bool {
        self.dev.on(setting)
    }

    pub(super) fn either(&self, setting: Conf6) -> bool {
        self.dev.on(setting) || self.all.on(setting)
    }

    pub(super) fn seconds(&self, setting: Conf6) -> Duration {
        Duration::from_secs(u64::try_from(self.dev.of(setting)).unwrap_or(0))
    }

    /// Whether router advertisements are listened to (`ipv6_accept_ra`).
    pub(super) fn accepts_ra(&self) -> bool {
        let accept = self.dev.of(Conf6::AcceptRa);
        match self.on(Conf6::Forwarding) {
            true => accept == 2,
            false => accept != 0,
        }
    }
}

/// What kind of route follows an address or a router.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RouteKind {
    /// `local ADDR`, table local, proto kernel, metric 0.
    Local,
    /// `anycast ADDR`, table local, proto kernel, metric 0.
    Anycast,
    /// `multicast ff00::/8`, table local, proto kernel, metric 256.
    Multicast,
    /// A connected prefix, table main, proto kernel, or ra where a router announced it.
    Prefix,
    /// `default via GATEWAY`, table main, proto ra.
    Default,
}

/// A route that comes or goes with an address or a router; all are by this device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Route6 {
    /// What kind.
    pub kind: RouteKind,
    /// The destination.
    pub prefix: Ipv6Addr,
    /// Its length.
    pub prefix_len: u8,
    /// The gateway, of a default route.
    pub gateway: Option<Ipv6Addr>,
    /// Its metric.
    pub metric: u32,
    /// When it goes by itself; never for [`SimTime::NEVER`].
    pub expires: SimTime,
    /// A router announced it.
    pub from_router: bool,
    /// Router preference: 0 medium, 1 high, 3 low.
    pub preference: u8,
}

/// What a listener of the kernel's address events hears (`RTM_NEWADDR`, `RTM_DELADDR`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressEvent {
    /// It was added, tentative, or it changed.
    Changed,
    /// It may be used from now on.
    Ready,
    /// Somebody else on the link has it.
    Duplicate,
    /// It is gone.
    Gone,
}

/// What the kernel floor has to do for a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Send an IPv6 packet by this device to `next_hop`: through the neighbour table, as Linux
    /// does, so that groups get their entries and a neighbour that is answered is used.
    Output {
        /// The packet, from its IP header on.
        packet: Frame,
        /// Its destination, a neighbour or a group.
        next_hop: Ipv6Addr,
    },
    /// The device's filter takes this group station from now on.
    JoinMac(MacAddr),
    /// One user of that station less.
    LeaveMac(MacAddr),
    /// A route comes, or its lifetime is renewed.
    AddRoute(Route6),
    /// A route goes.
    DeleteRoute(Route6),
    /// All IPv6 routes by this device go (`rt6_disable_ip`).
    FlushRoutes,
    /// An address event.
    Address(Ipv6Addr, AddressEvent),
    /// The link-local address is a duplicate and `accept_dad` is 2: `disable_ipv6` becomes 1.
    Disable,
    /// A router's words about the link are to be taken over.
    Learned(RouterInfo),
}
