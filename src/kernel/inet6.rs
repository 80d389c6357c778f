//! IPv6 of the devices: what happens to them is told to `netns::v6`, and what that wants is done (addrconf.c).
//! Requests about addresses are in `addr6`, packets in `ipv6`.

use std::time::Duration;

use ipnet::{IpNet, Ipv6Net};

use crate::kernel::neigh::Leaving;
use crate::kernel::netlink::AddrGenMode;
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::netns::conf::Conf6;
use crate::netns::facts::LinkFacts;
use crate::netns::fib::{
    Fib6, IPV6_MIN_MTU, NewFlags, NexthopConfig, RouteConfig, RouteType, protocol,
};
use crate::netns::interface::Interface;
use crate::netns::v6::{
    Action, AddressEvent, In6, Inet6Device, Link, Route6, RouteKind, RouterInfo,
};
use crate::units::{DevId, IfIndex, SimTime};

impl World {
    /// Changes IPv6 of a device and does what follows; nothing where it has none.
    pub(crate) fn with_in6<T>(
        &mut self,
        dev: DevId,
        change: impl FnOnce(SimTime, &mut Inet6Device, &Link<'_>, &mut Vec<Action>) -> T,
    ) -> Option<T> {
        let (netns, ifindex) = self.place_of(dev)?;
        let now = self.now;
        let ns = self.netns.find_mut(netns)?;
        let retrans_time = ns.neigh6.params(Some(ifindex)).retrans_time;
        let interface = ns.interfaces.get_mut(&ifindex)?;
        let (in6, link) = interface.in6_and_link(&ns.all6, retrans_time);
        let in6 = in6.live()?;
        let mut actions = std::mem::take(&mut self.inet6_actions);
        let answer = change(now, in6, &link, &mut actions);
        let next = in6.next_timer();
        self.act_inet6(dev, actions);
        if let Some(next) = next {
            self.arm(next, Timer::Inet6(dev));
        }
        Some(answer)
    }

    pub(crate) fn run_inet6_timers(&mut self, dev: DevId) {
        self.with_in6(dev, |now, in6, link, out| in6.handle_timers(now, link, out));
    }

    /// A new device (NETDEV_REGISTER).
    pub(crate) fn inet6_register(&mut self, dev: DevId) {
        self.inet6_begin(dev);
    }

    /// IPv6 begins on a device that has none and takes its packets (`ipv6_add_dev`).
    pub(crate) fn inet6_begin(&mut self, dev: DevId) {
        let now = self.now;
        let Some(device) = self.devices.find(dev).filter(|d| d.mtu >= IPV6_MIN_MTU) else {
            return;
        };
        let random = self.device_stream(device, "in6");
        let (netns, ifindex) = (device.netns, device.ifindex);
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        let Some(interface) = ns.interfaces.get_mut(&ifindex) else {
            return;
        };
        if interface.in6.is_on() {
            return;
        }
        interface.conf6 = ns.default6.for_ipv6(interface.mtu);
        let retrans_time = ns.neigh6.params(Some(ifindex)).retrans_time;
        let mut actions = std::mem::take(&mut self.inet6_actions);
        let (in6, link) = interface.in6_and_link(&ns.all6, retrans_time);
        *in6 = In6::begin(now, &link, random, &mut actions);
        let mode = interface.conf6.of(Conf6::AddrGenMode);
        if let Some(device) = self.devices.find_mut(dev) {
            device.addrgenmode = mode_of(mode);
        }
        self.act_inet6(dev, actions);
    }

    /// IPv6 ends on a device (NETDEV_UNREGISTER, or an mtu that is too small).
    pub(crate) fn inet6_unregister(&mut self, dev: DevId) {
        self.with_in6(dev, |now, in6, link, out| in6.unregister(now, link, out));
        if let Some(interface) = self.interface_mut(dev) {
            interface.in6 = In6::Off;
        }
    }

    /// NETDEV_UP.
    pub(crate) fn inet6_up(&mut self, dev: DevId) {
        self.inet6_begin(dev);
        let idle = |interface: &Interface| interface.in6.is_fresh() && !interface.oper_up;
        if self.interface(dev).is_some_and(idle) {
            // There is no address to be restored or told of, and the link is not ready for one.
            return;
        }
        self.with_in6(dev, |now, in6, link, out| {
            in6.link_up(now, link, out);
            in6.announce(link, out);
        });
    }

    /// NETDEV_DOWN.
    pub(crate) fn inet6_down(&mut self, dev: DevId) {
        self.with_in6(dev, |now, in6, link, out| in6.link_down(now, link, out));
    }

    /// NETDEV_CHANGE: carrier or operational state of a device that is up.
    pub(crate) fn inet6_change(&mut self, dev: DevId) {
        self.inet6_begin(dev);
        self.with_in6(dev, |now, in6, link, out| in6.link_changed(now, link, out));
    }

    /// NETDEV_CHANGEADDR.
    pub(crate) fn inet6_address_changed(&mut self, dev: DevId) {
        self.with_in6(dev, |_, in6, link, out| in6.announce(link, out));
    }

    /// NETDEV_CHANGEMTU: below 1280 there is no IPv6.
    pub(crate) fn inet6_mtu_changed(&mut self, dev: DevId) {
        let Some(interface) = self.interface_mut(dev) else {
            return;
        };
        let (mtu, there, loopback) = (interface.mtu, interface.in6.is_on(), interface.loopback);
        match (mtu >= IPV6_MIN_MTU, there) {
            (true, true) => interface.conf6.assign(Conf6::Mtu, mtu.into()),
            (true, false) => self.inet6_up(dev),
            (false, true) if loopback => self.inet6_down(dev),
            (false, true) => self.inet6_unregister(dev),
            (false, false) => {}
        }
    }

    /// `ip link set DEV addrgenmode MODE` (`inet6_set_link_af`): it holds from the next time on.
    pub(crate) fn notify_addrgenmode(&mut self, dev: DevId) {
        let Some(mode) = self.devices.find(dev).map(|device| device.addrgenmode) else {
            return;
        };
        if let Some(interface) = self.interface_mut(dev) {
            let mode = match mode {
                AddrGenMode::Eui64 => 0,
                AddrGenMode::None => 1,
                AddrGenMode::StableSecret => 2,
                AddrGenMode::Random => 3,
            };
            interface.conf6.assign(Conf6::AddrGenMode, mode);
        }
    }

    /// Whether messages about a device speak of its IPv6.
    pub(crate) fn has_inet6(&self, dev: DevId) -> bool {
        self.interface(dev).is_some_and(|i| i.in6.is_on())
    }

    /// A setting of a device has another value.
    pub(crate) fn inet6_conf_changed(&mut self, dev: DevId, setting: Conf6, old: i64, new: i64) {
        let toggled = (old != 0) != (new != 0);
        match setting {
            Conf6::DisableIpv6 if toggled && new != 0 => self.inet6_down(dev),
            Conf6::DisableIpv6 if toggled => self.inet6_up(dev),
            Conf6::Forwarding if toggled => self.forwarding6_changed(dev, new != 0),
            Conf6::AddrGenMode => {
                if let Some(device) = self.devices.find_mut(dev) {
                    device.addrgenmode = mode_of(new);
                }
                self.with_in6(dev, |now, in6, link, out| {
                    if link.up && !link.dev.on(Conf6::DisableIpv6) {
                        in6.generate(now, link, out);
                    }
                });
            }
            _ => {}
        }
    }

    /// A router joins the groups of routers and believes no other router (`dev_forward_change`).
    fn forwarding6_changed(&mut self, dev: DevId, on: bool) {
        self.with_in6(dev, |now, in6, link, out| {
            in6.forwarding_changed(now, link, out)
        });
        if let Some((netns, _)) = self.place_of(dev)
            && let Some(ns) = self.netns.find_mut(netns)
            && on
        {
            ns.fib.v6.purge_default_routers();
        }
    }

    /// Does what IPv6 of a device wants.
    pub(crate) fn act_inet6(&mut self, dev: DevId, mut actions: Vec<Action>) {
        let Some((netns, ifindex)) = self.place_of(dev) else {
            return;
        };
        for action in actions.drain(..) {
            match action {
                Action::Output { packet, next_hop } => {
                    self.output_neigh6(netns, ifindex, next_hop, packet);
                }
                Action::JoinMac(group) => self.join_group(dev, group),
                Action::LeaveMac(group) => self.leave_group(dev, group),
                Action::AddRoute(route) => {
                    self.with_fib6(dev, |fib, links, now| add(fib, ifindex, &route, links, now));
                    self.arm_routes(netns);
                }
                Action::DeleteRoute(route) => {
                    self.with_fib6(dev, |fib, _, _| delete(fib, ifindex, &route));
                }
                Action::FlushRoutes => {
                    #[cfg(feature = "proptest")]
                    if self.is(crate::engine::Mutant::RoutesStay) {
                        continue;
                    }
                    self.with_fib6(dev, |fib, _, _| fib.device_down(ifindex));
                    self.neigh_device_left(netns, ifindex, Leaving::Ipv6Off);
                }
                Action::Address(addr, AddressEvent::Gone) => {
                    self.with_fib6(dev, |fib, _, _| fib.forget_source(addr));
                }
                Action::Address(
                    _,
                    AddressEvent::Changed | AddressEvent::Ready | AddressEvent::Duplicate,
                ) => {}
                Action::Disable => self.disable_ipv6(dev),
                Action::Learned(info) => self.learn_link(dev, &info),
            }
        }
        self.inet6_actions = actions;
    }

    fn with_fib6(&mut self, dev: DevId, change: impl FnOnce(&mut Fib6, &LinkFacts<'_>, SimTime)) {
        let now = self.now;
        if let Some((netns, _)) = self.place_of(dev)
            && let Some(ns) = self.netns.find_mut(netns)
        {
            let (fib, links) = ns.fib_and_links();
            change(&mut fib.v6, &links, now);
        }
    }

    /// The link-local address belongs to somebody else, and `accept_dad` is 2.
    fn disable_ipv6(&mut self, dev: DevId) {
        if let Some(interface) = self.interface_mut(dev) {
            interface.conf6.assign(Conf6::DisableIpv6, 1);
        }
        self.inet6_down(dev);
    }

    /// A router says how the link is to be used (`ndisc_router_discovery`).
    fn learn_link(&mut self, dev: DevId, info: &RouterInfo) {
        let Some((netns, ifindex)) = self.place_of(dev) else {
            return;
        };
        let Some(ns) = self.netns.find_mut(netns) else {
            return;
        };
        if let Some(interface) = ns.interfaces.get_mut(&ifindex) {
            if let Some(hop_limit) = info.hop_limit {
                interface.conf6.assign(Conf6::HopLimit, hop_limit.into());
            }
            if let Some(mtu) = info.mtu {
                interface.conf6.assign(Conf6::Mtu, mtu.into());
            }
        }
        if info.base_reachable_time.is_none() && info.retrans_time.is_none() {
            return;
        }
        let mut params = ns.neigh6.params(Some(ifindex)).clone();
        if let Some(time) = info.base_reachable_time {
            params.base_reachable_time = time;
            params.gc_stale_time = time * 3;
        }
        params.retrans_time = info.retrans_time.unwrap_or(params.retrans_time);
        ns.neigh6.set_params(Some(ifindex), params);
    }
}

/// `IN6_ADDR_GEN_MODE_*`.
fn mode_of(value: i64) -> AddrGenMode {
    match value {
        1 => AddrGenMode::None,
        2 => AddrGenMode::StableSecret,
        3 => AddrGenMode::Random,
        _ => AddrGenMode::Eui64,
    }
}

/// Makes a route that is there already live as long as the new one; other refusals are what Linux
/// ignores too: the device is down, or the route is there.
fn add(fib: &mut Fib6, ifindex: IfIndex, route: &Route6, links: &LinkFacts<'_>, now: SimTime) {
    let kind = match route.kind {
        RouteKind::Local => RouteType::Local,
        RouteKind::Anycast => RouteType::Anycast,
        RouteKind::Multicast => {
            let _ = fib.add_multicast(ifindex, links, now);
            return;
        }
        RouteKind::Prefix | RouteKind::Default => {
            let config = config_of(route, ifindex, now);
            if route.from_router {
                let _ = fib.delete(&config);
            }
            let _ = fib.add(&config, NewFlags::PREPEND, links, now);
            return;
        }
    };
    let _ = fib.add_own_address(kind, route.prefix, ifindex, links, now);
}

/// A route that is gone already needs no deleting.
fn delete(fib: &mut Fib6, ifindex: IfIndex, route: &Route6) {
    let _ = match route.kind {
        RouteKind::Local | RouteKind::Anycast => fib.del_own_address(route.prefix, ifindex),
        RouteKind::Prefix | RouteKind::Multicast | RouteKind::Default => {
            fib.delete(&config_of(route, ifindex, SimTime::ZERO))
        }
    };
}

/// A connected prefix or a default route, as a request for it (`addrconf_prefix_route`, `rt6_add_dflt_router`).
fn config_of(route: &Route6, ifindex: IfIndex, now: SimTime) -> RouteConfig {
    let prefix = Ipv6Net::new(route.prefix, route.prefix_len.min(128)).unwrap_or_default();
    let default = route.kind == RouteKind::Default;
    let left = route.expires.since(now);
    let left = left
        .saturating_add(Duration::from_nanos(999_999_999))
        .as_secs();
    RouteConfig {
        protocol: if default {
            protocol::RA
        } else {
            protocol::KERNEL
        },
        metric: route.metric,
        nexthop: NexthopConfig {
            oif: ifindex,
            gateway: route.gateway.map(Into::into),
            ..NexthopConfig::default()
        },
        pref: route.preference,
        expires_s: (route.expires != SimTime::NEVER)
            .then(|| u32::try_from(left).unwrap_or(u32::MAX)),
        addrconf: route.from_router,
        ..RouteConfig::new(IpNet::V6(prefix))
    }
}
