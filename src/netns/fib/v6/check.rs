//! What an IPv6 route may be: its device, its gateway, its source.
//! After `fib6_nh_init` and `ip6_validate_gw` of net/ipv6/route.c.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Net};

use super::lookup::{Lookup, Result6};
use super::{Fib6, Flow6, Route6};
use crate::netns::fib::config::{NexthopConfig, RouteConfig, RouteError};
use crate::netns::fib::links::Links;
use crate::netns::fib::route::nexthop_flags::{LINKDOWN, ONLINK};
use crate::netns::fib::route::{Nexthop, RouteType, protocol, scope, table};
use crate::units::{Errno, IfIndex, SimTime};

/// The loopback's number.
pub(super) const LOOPBACK: IfIndex = 1;
/// `IP6_RT_PRIO_USER`: the metric of a route of which none is said.
const METRIC_USER: u32 = 1024;

const fn invalid(text: &'static str) -> RouteError {
    RouteError::new(Errno::Einval, text)
}

/// The destination of a request; host bits are cleared, as the kernel does.
pub(super) fn destination(config: &RouteConfig) -> Result<Ipv6Net, RouteError> {
    match config.dst {
        IpNet::V6(dst) => Ok(dst.trunc()),
        IpNet::V4(_) => Err(Errno::Eafnosupport.into()),
    }
}

fn rejects(kind: RouteType) -> bool {
    matches!(
        kind,
        RouteType::Blackhole | RouteType::Unreachable | RouteType::Prohibit | RouteType::Throw
    )
}

impl Fib6 {
    /// The route that is asked for by one of its ways, where it may be (`ip6_route_info_create`).
    pub(super) fn judge(
        &self,
        config: &RouteConfig,
        way: &NexthopConfig,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Route6, RouteError> {
        let dst = destination(config)?;
        config.metrics.check()?;
        let nexthop = self.judge_way(config, dst, way, links)?;
        let reject = is_reject(config.kind, nexthop.oif, dst.addr(), links);
        Ok(Route6 {
            kind: match config.kind {
                RouteType::Unspec => RouteType::Unicast,
                kind => kind,
            },
            reject,
            protocol: match config.protocol {
                protocol::UNSPEC => protocol::BOOT,
                given => given,
            },
            addrconf: config.addrconf,
            pref: config.pref,
            metric: match config.metric {
                0 if config.protocol != protocol::KERNEL => METRIC_USER,
                given => given,
            },
            prefsrc: checked_source(config, nexthop.oif, links)?,
            nexthop,
            expires: config.expires_s.map_or(SimTime::NEVER, |seconds| {
                now + std::time::Duration::from_secs(seconds.into())
            }),
            metrics: (!config.metrics.is_empty()).then(|| Box::new(config.metrics.clone())),
        })
    }

    /// `fib6_nh_init`.
    fn judge_way(
        &self,
        config: &RouteConfig,
        dst: Ipv6Net,
        way: &NexthopConfig,
        links: &impl Links,
    ) -> Result<Nexthop, RouteError> {
        let no_device = RouteError::from(Errno::Enodev);
        let mut hop = Nexthop {
            oif: way.oif,
            gateway: way.gateway,
            weight: way.weight.clamp(1, 256),
            flags: 0,
            scope: scope::UNIVERSE,
            realms: 0,
        };
        if hop.oif != 0 && !links.exists(hop.oif) {
            return Err(no_device);
        }
        if way.flags & ONLINK != 0 {
            check_onlink_device(hop.oif, links)?;
            hop.flags |= ONLINK;
        }
        if let Some(gateway) = way.gateway.filter(|_| !rejects(config.kind)) {
            let IpAddr::V6(gateway) = gateway else {
                return Err(invalid("Invalid gateway address"));
            };
            hop.oif = self.check_gateway(gateway, way, config.table_id(), links)?;
        }
        if is_reject(config.kind, hop.oif, dst.addr(), links) {
            hop.oif = LOOPBACK;
            hop.gateway = None;
            return Ok(hop);
        }
        if hop.oif == 0 {
            return Err(no_device);
        }
        // The kernel's own routes to its addresses are there before the device is up.
        let own = config.protocol == protocol::KERNEL
            && matches!(config.kind, RouteType::Local | RouteType::Anycast);
        if links.lacks_ipv6(hop.oif) {
            return Err(no_device);
        }
        if !links.has_ipv6(hop.oif) {
            let text = "IPv6 is disabled on nexthop device";
            return Err(RouteError::new(Errno::Eacces, text));
        }
        if !links.is_up(hop.oif) && !own {
            return Err(RouteError::new(Errno::Enetdown, "Nexthop device is not up"));
        }
        let own_address = matches!(config.kind, RouteType::Local | RouteType::Anycast);
        if !own_address && !links.has_carrier(hop.oif) {
            hop.flags |= LINKDOWN;
        }
        Ok(hop)
    }

    /// The device by which a gateway is reached (`ip6_validate_gw`).
    fn check_gateway(
        &self,
        gateway: Ipv6Addr,
        way: &NexthopConfig,
        id: u32,
        links: &impl Links,
    ) -> Result<IfIndex, RouteError> {
        let link_local = gateway.is_unicast_link_local();
        let is_ours = |oif: IfIndex| {
            let on = link_local.then_some(oif);
            links.has_addr6_even_tentative(gateway, on)
        };
        if way.oif != 0 && is_ours(way.oif) {
            return Err(invalid("Gateway can not be a local address"));
        }
        let mut oif = way.oif;
        if !link_local {
            if gateway.is_multicast() || gateway.is_unspecified() {
                return Err(invalid("Invalid gateway address"));
            }
            if way.flags & ONLINK != 0 {
                self.check_onlink(gateway, oif, links)?;
            } else {
                oif = self.find_gateway(gateway, oif, id, links)?;
            }
        }
        if oif == 0 {
            return Err(invalid("Egress device not specified"));
        }
        if links.is_loopback(oif) {
            return Err(invalid(
                "Egress device can not be loopback device for this route",
            ));
        }
        if way.oif == 0 && is_ours(oif) {
            return Err(invalid("Gateway can not be a local address"));
        }
        Ok(oif)
    }

    /// `ip6_route_check_nh_onlink`: no route that is not the default may contradict.
    fn check_onlink(
        &self,
        gateway: Ipv6Addr,
        oif: IfIndex,
        links: &impl Links,
    ) -> Result<(), RouteError> {
        let flow = Flow6 {
            oif,
            ..Flow6::to(gateway)
        };
        let found = self.lookup_table(table::MAIN, &flow, Lookup::default(), links, SimTime::ZERO);
        let contradicts = found.is_some_and(|found| {
            !found.route.reject
                && found.prefix_len > 0
                && (found.route.kind != RouteType::Unicast || found.route.nexthop.oif != oif)
        });
        match contradicts {
            true => Err(invalid("Nexthop has invalid gateway or device mismatch")),
            false => Ok(()),
        }
    }

    /// `ip6_route_check_nh`: a direct route must lead to the gateway, by the device if one is said.
    fn find_gateway(
        &self,
        gateway: Ipv6Addr,
        oif: IfIndex,
        id: u32,
        links: &impl Links,
    ) -> Result<IfIndex, RouteError> {
        let flow = Flow6 {
            oif,
            ..Flow6::to(gateway)
        };
        let strict = Lookup {
            iface: true,
            ..Lookup::default()
        };
        let direct =
            |found: &Result6<'_>| !found.route.reject && found.route.nexthop.gateway.is_none();
        let by_device = |found: &Result6<'_>| oif == 0 || found.route.nexthop.oif == oif;
        let in_table = self
            .lookup_table(id, &flow, strict, links, SimTime::ZERO)
            .filter(|found| direct(found) && by_device(found));
        let found = in_table.or_else(|| {
            self.lookup(&flow, strict, links, SimTime::ZERO)
                .ok()
                .filter(direct)
        });
        found
            .filter(by_device)
            .map(|found| found.route.nexthop.oif)
            .ok_or(Errno::Ehostunreach.into())
    }

    /// The device of an IPv6 gateway of an IPv4 route (`fib_check_nh_v6_gw`).
    pub(in crate::netns::fib) fn gateway_for_v4(
        &self,
        gateway: Ipv6Addr,
        oif: IfIndex,
        onlink: bool,
        id: u32,
        links: &impl Links,
    ) -> Result<IfIndex, RouteError> {
        let way = NexthopConfig {
            oif,
            gateway: Some(gateway.into()),
            weight: 1,
            flags: if onlink { ONLINK } else { 0 },
            realms: 0,
        };
        let any = IpNet::V6(Ipv6Net::default());
        let config = RouteConfig {
            table: id,
            ..RouteConfig::new(any)
        };
        let hop = self.judge_way(&config, Ipv6Net::default(), &way, links)?;
        Ok(hop.oif)
    }
}

fn check_onlink_device(oif: IfIndex, links: &impl Links) -> Result<(), RouteError> {
    if oif == 0 {
        let text = "Nexthop device required for onlink";
        return Err(RouteError::new(Errno::Enodev, text));
    }
    if !links.is_up(oif) {
        let text = "Nexthop device is not up";
        return Err(RouteError::new(Errno::Enetdown, text));
    }
    Ok(())
}

/// Whether a route refuses packets: by its type, or as it leads to the loopback, which would make
/// packets go round (`fib6_is_reject`).
fn is_reject(kind: RouteType, oif: IfIndex, dst: Ipv6Addr, links: &impl Links) -> bool {
    let to_itself = oif != 0
        && links.is_loopback(oif)
        && !dst.is_loopback()
        && !matches!(kind, RouteType::Local | RouteType::Anycast);
    rejects(kind) || to_itself
}

/// The preferred source, which must be an address of ours.
fn checked_source(
    config: &RouteConfig,
    oif: IfIndex,
    links: &impl Links,
) -> Result<Option<Ipv6Addr>, RouteError> {
    match config.prefsrc {
        None => Ok(None),
        Some(source) if source.is_unspecified() => Ok(None),
        Some(IpAddr::V6(source)) => {
            let on = source.is_unicast_link_local().then_some(oif);
            match links.has_addr6(source, on) {
                true => Ok(Some(source)),
                false => Err(invalid("Invalid source address")),
            }
        }
        Some(IpAddr::V4(_)) => Err(invalid("Invalid source address")),
    }
}
