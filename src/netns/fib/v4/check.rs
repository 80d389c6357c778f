//! What an IPv4 route may be: its scope, its next hops, its source.
//! After `fib_create_info` and `fib_check_nh` of net/ipv4/fib_semantics.c.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;

use super::lookup::LookupFlags;
use super::{Fib4, Flow4, Route4};
use crate::netns::fib::config::{NexthopConfig, RouteConfig, RouteError};
use crate::netns::fib::few::Few;
use crate::netns::fib::links::Links;
use crate::netns::fib::route::nexthop_flags::{DEAD, LINKDOWN, ONLINK, PERVASIVE};
use crate::netns::fib::route::{Nexthop, RouteType, scope, table};
use crate::netns::fib::v6::Fib6;
use crate::units::{Errno, IfIndex};

const fn invalid(text: &'static str) -> RouteError {
    RouteError::new(Errno::Einval, text)
}

impl Fib4 {
    /// The route that is asked for, where it may be. `v6` judges gateways of IPv6; a route of an address has none.
    pub(super) fn judge(
        &self,
        config: &RouteConfig,
        dst: Ipv4Net,
        links: &impl Links,
        v6: Option<&Fib6>,
    ) -> Result<Route4, RouteError> {
        if config.kind.properties().0 > config.scope {
            return Err(invalid("Invalid scope"));
        }
        config.metrics.check()?;
        let mut nexthops = wanted_nexthops(config)?;
        self.judge_nexthops(config, &mut nexthops, links, v6)?;
        let all_linkdown = nexthops.iter().all(|nexthop| nexthop.has(LINKDOWN));
        let linkdown = if all_linkdown { LINKDOWN } else { 0 };
        Ok(Route4 {
            tos: config.tos,
            kind: config.kind,
            protocol: config.protocol,
            scope: config.scope,
            flags: linkdown | config.nexthop.flags,
            priority: config.metric,
            prefsrc: self.checked_source(config, dst)?,
            nexthops,
            metrics: (!config.metrics.is_empty()).then(|| Box::new(config.metrics.clone())),
        })
    }

    fn judge_nexthops(
        &self,
        config: &RouteConfig,
        nexthops: &mut [Nexthop],
        links: &impl Links,
        v6: Option<&Fib6>,
    ) -> Result<(), RouteError> {
        if config.kind.error().is_some() {
            return check_nowhere(config);
        }
        if config.kind == RouteType::Unspec {
            return Err(invalid("Invalid route type"));
        }
        if config.scope > scope::HOST {
            return Err(invalid("Invalid scope"));
        }
        if config.scope == scope::HOST {
            return check_host_route(nexthops, links);
        }
        for nexthop in nexthops {
            self.check_nexthop(config, nexthop, links, v6)?;
        }
        Ok(())
    }

    fn check_nexthop(
        &self,
        config: &RouteConfig,
        nexthop: &mut Nexthop,
        links: &impl Links,
        v6: Option<&Fib6>,
    ) -> Result<(), RouteError> {
        match nexthop.gateway {
            None => check_direct(nexthop, links),
            Some(IpAddr::V4(gateway)) if nexthop.has(ONLINK) => {
                self.check_onlink(config, nexthop, gateway, links)
            }
            Some(IpAddr::V4(gateway)) => self.check_gateway(config, nexthop, gateway, links),
            Some(IpAddr::V6(gateway)) => {
                let onlink = nexthop.has(ONLINK);
                if let Some(v6) = v6 {
                    nexthop.oif =
                        v6.gateway_for_v4(gateway, nexthop.oif, onlink, config.table_id(), links)?;
                }
                nexthop.scope = scope::LINK;
                note_carrier(nexthop, links);
                Ok(())
            }
        }
    }

    /// A gateway that is forced on link (first half of `fib_check_nh_v4_gw`).
    fn check_onlink(
        &self,
        config: &RouteConfig,
        nexthop: &mut Nexthop,
        gateway: Ipv4Addr,
        links: &impl Links,
    ) -> Result<(), RouteError> {
        if config.scope >= scope::LINK {
            return Err(invalid("Nexthop has invalid scope"));
        }
        if !links.exists(nexthop.oif) {
            let text = "Nexthop device required for onlink";
            return Err(RouteError::new(Errno::Enodev, text));
        }
        if !links.is_up(nexthop.oif) {
            let text = "Nexthop device is not up";
            return Err(RouteError::new(Errno::Enetdown, text));
        }
        if self.address_type(gateway, table::LOCAL, Some(nexthop.oif)) != RouteType::Unicast {
            return Err(invalid("Nexthop has invalid gateway"));
        }
        note_carrier(nexthop, links);
        nexthop.scope = scope::LINK;
        Ok(())
    }

    /// A gateway that a narrower route must lead to (second half of `fib_check_nh_v4_gw`).
    fn check_gateway(
        &self,
        config: &RouteConfig,
        nexthop: &mut Nexthop,
        gateway: Ipv4Addr,
        links: &impl Links,
    ) -> Result<(), RouteError> {
        let flow = Flow4 {
            oif: nexthop.oif,
            scope: config.scope.saturating_add(1).max(scope::LINK),
            ..Flow4::to(gateway)
        };
        let id = config.table_id();
        let flags = LookupFlags::IGNORE_LINKSTATE;
        let in_table = (id != table::MAIN)
            .then(|| self.lookup_table(id, &flow, flags, links))
            .and_then(Result::ok);
        let found = match in_table {
            Some(found) => found,
            None => self
                .lookup_with(&flow, flags, links)
                .map_err(|errno| RouteError::new(errno, "Nexthop has invalid gateway"))?,
        };
        if !matches!(found.route.kind, RouteType::Unicast | RouteType::Local) {
            return Err(invalid("Nexthop has invalid gateway"));
        }
        let oif = found.nexthop().oif;
        if !links.exists(oif) {
            return Err(invalid("No egress device for nexthop gateway"));
        }
        nexthop.scope = found.route.scope;
        nexthop.oif = oif;
        note_carrier(nexthop, links);
        match links.is_up(oif) {
            true => Ok(()),
            false => Err(Errno::Enetdown.into()),
        }
    }

    /// The preferred source, which must be an address of ours (`fib_valid_prefsrc`).
    fn checked_source(
        &self,
        config: &RouteConfig,
        dst: Ipv4Net,
    ) -> Result<Option<Ipv4Addr>, RouteError> {
        let source = match config.prefsrc {
            None => return Ok(None),
            Some(source) if source.is_unspecified() => return Ok(None),
            Some(IpAddr::V4(source)) => source,
            Some(IpAddr::V6(_)) => return Err(invalid("Invalid prefsrc address")),
        };
        let itself = config.kind == RouteType::Local && dst.addr() == source;
        let own_table = match config.table_id() {
            table::MAIN => table::LOCAL,
            id => id,
        };
        let is_local = |id| self.address_type(source, id, None) == RouteType::Local;
        if itself || is_local(own_table) || is_local(table::LOCAL) {
            return Ok(Some(source));
        }
        Err(invalid("Invalid prefsrc address"))
    }

    /// What an address is by a table (`inet_addr_type_table`): with `on`, a match by another
    /// device does not count.
    pub(super) fn address_type(&self, addr: Ipv4Addr, id: u32, on: Option<IfIndex>) -> RouteType {
        if addr.is_broadcast() || addr.is_unspecified() {
            return RouteType::Broadcast;
        }
        if addr.is_multicast() {
            return RouteType::Multicast;
        }
        if !self.has_table(id) {
            return RouteType::Broadcast;
        }
        match self.lookup_table_blind(id, &Flow4::to(addr)) {
            Ok(found) if on.is_none_or(|oif| found.first_oif() == oif) => found.route.kind,
            _ => RouteType::Unicast,
        }
    }
}

/// The next hops as they are asked for (`fib_get_nhs`, `fib_nh_init`).
fn wanted_nexthops(config: &RouteConfig) -> Result<Few<Nexthop>, RouteError> {
    let make = |way: &NexthopConfig| Nexthop {
        oif: way.oif,
        gateway: way.gateway.filter(|gateway| !gateway.is_unspecified()),
        weight: way.weight.clamp(1, 256),
        flags: way.flags,
        scope: scope::NOWHERE,
        realms: way.realms,
    };
    let bad = |way: &NexthopConfig| way.flags & (DEAD | LINKDOWN) != 0;
    if bad(&config.nexthop) {
        return Err(invalid(
            "Invalid rtm_flags - can not contain DEAD or LINKDOWN",
        ));
    }
    if config.nexthops.iter().any(bad) {
        return Err(invalid(
            "Invalid flags for nexthop - can not contain DEAD or LINKDOWN",
        ));
    }
    let Some(first) = config.nexthops.first() else {
        return Ok(Few::One(make(&config.nexthop)));
    };
    if config.nexthop.oif != 0 && config.nexthop.oif != first.oif {
        return Err(invalid("Nexthop device index does not match RTA_OIF"));
    }
    if config.nexthop.gateway.is_some() && config.nexthop.gateway != first.gateway {
        return Err(invalid(
            "Nexthop gateway does not match RTA_GATEWAY or RTA_VIA",
        ));
    }
    Ok(config.nexthops.iter().map(make).collect())
}

/// A route that leads nowhere names no way.
fn check_nowhere(config: &RouteConfig) -> Result<(), RouteError> {
    let way = &config.nexthop;
    if way.gateway.is_some() || way.oif != 0 || !config.nexthops.is_empty() {
        return Err(invalid(
            "Gateway, device and multipath can not be specified for this route type",
        ));
    }
    Ok(())
}

/// A route of host scope leads to one device and no gateway.
fn check_host_route(nexthops: &mut [Nexthop], links: &impl Links) -> Result<(), RouteError> {
    let [nexthop] = nexthops else {
        return Err(invalid(
            "Route with host scope can not have multiple nexthops",
        ));
    };
    if nexthop.gateway.is_some() {
        return Err(invalid("Route with host scope can not have a gateway"));
    }
    if !links.exists(nexthop.oif) {
        return Err(Errno::Enodev.into());
    }
    nexthop.scope = scope::NOWHERE;
    Ok(())
}

/// A way without gateway (`fib_check_nh_nongw`).
fn check_direct(nexthop: &mut Nexthop, links: &impl Links) -> Result<(), RouteError> {
    if nexthop.has(PERVASIVE | ONLINK) {
        return Err(invalid(
            "Invalid flags for nexthop - PERVASIVE and ONLINK can not be set",
        ));
    }
    if !links.exists(nexthop.oif) || !links.has_ipv4(nexthop.oif) {
        return Err(Errno::Enodev.into());
    }
    if !links.is_up(nexthop.oif) {
        let text = "Device for nexthop is not up";
        return Err(RouteError::new(Errno::Enetdown, text));
    }
    nexthop.scope = scope::HOST;
    note_carrier(nexthop, links);
    Ok(())
}

fn note_carrier(nexthop: &mut Nexthop, links: &impl Links) {
    if !links.has_carrier(nexthop.oif) {
        nexthop.flags |= LINKDOWN;
    }
}
