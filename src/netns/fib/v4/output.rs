//! The way of an IPv4 packet that is sent from here: device, gateway, source.
//! After `ip_route_output_key_hash_rcu` and `__mkroute_output` of net/ipv4/route.c.

use std::net::{IpAddr, Ipv4Addr};

use super::{Fib4, Flow4, Result4};
use crate::netns::fib::exceptions::WayId;
use crate::netns::fib::info::info_flags::{BROADCAST, LOCAL, MULTICAST, REDIRECTED};
use crate::netns::fib::links::Links;
use crate::netns::fib::metrics::{Metric, Metrics};
use crate::netns::fib::route::{RouteType, scope, table};
use crate::units::{Errno, IfIndex, SimTime};

/// The loopback's number.
pub(super) const LOOPBACK: IfIndex = 1;
/// IP protocol number of IGMP.
pub(super) const IGMP: u8 = 2;

/// Where an IPv4 packet goes (`struct rtable`).
#[derive(Clone, Copy, Debug)]
pub struct Dst4<'a> {
    /// Unicast, local, broadcast or multicast.
    pub kind: RouteType,
    /// The source address: the packet's, or the one that was chosen.
    pub src: Ipv4Addr,
    /// The destination; all zeros became this host.
    pub dst: Ipv4Addr,
    /// The device that it leaves by; the loopback where it is for this host.
    pub oif: IfIndex,
    /// The gateway; without one the destination is on the link.
    pub gateway: Option<IpAddr>,
    /// `RTCF_*` of [`crate::netns::fib::info_flags`].
    pub flags: u32,
    /// Largest packet that the route or the path takes, where that is known.
    pub mtu: Option<u32>,
    /// Whether the MTU is locked: packets are fragmented here rather than path MTU discovered.
    pub mtu_locked: bool,
    /// When the path MTU or redirect is forgotten.
    pub expires: Option<SimTime>,
    /// The route; none where no table was asked.
    pub found: Option<Result4<'a>>,
}

impl<'a> Dst4<'a> {
    /// Whether it is delivered to this host, be it among others (RTCF_LOCAL).
    pub fn is_local(&self) -> bool {
        self.flags & LOCAL != 0
    }

    /// The address whose neighbour the packet goes to.
    pub fn next_address(&self) -> IpAddr {
        self.gateway.unwrap_or(IpAddr::V4(self.dst))
    }

    /// The way that something may be learned about; none where no route led here.
    pub fn way_id(&self) -> Option<WayId> {
        self.found.map(|found| found.way_id())
    }

    /// Metrics of the route, where it has some.
    pub fn metrics(&self) -> Option<&'a Metrics> {
        self.found.and_then(|found| found.route.metrics.as_deref())
    }

    /// The table that the route came from.
    pub fn table(&self) -> u32 {
        self.found.map_or(table::UNSPEC, |found| found.table)
    }
}

/// What was decided before the route is made.
#[derive(Clone, Copy)]
struct Decided<'a> {
    kind: RouteType,
    found: Option<Result4<'a>>,
    oif: IfIndex,
    flags: u32,
}

impl Fib4 {
    /// The way of a packet of this host (`ip_route_output_key`).
    ///
    /// # Errors
    /// As [`Self::lookup`]; EINVAL of a source that cannot be, ENETUNREACH where it is not ours,
    /// ENODEV where the device is not there.
    pub fn output(
        &self,
        flow: &Flow4,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Dst4<'_>, Errno> {
        let mut flow = *flow;
        let decided = self.decide(&mut flow, links)?;
        self.make_output(&flow, decided, links, now)
    }

    fn decide(&self, flow: &mut Flow4, links: &impl Links) -> Result<Decided<'_>, Errno> {
        let to = |oif, kind, flags| Decided {
            kind,
            found: None,
            oif,
            flags,
        };
        if let Some(oif) = self.check_source(flow)? {
            flow.oif = oif;
            return Ok(to(oif, RouteType::Unicast, 0));
        }
        if flow.oif != 0 && self.check_device(flow, links)? {
            return Ok(to(flow.oif, RouteType::Unicast, 0));
        }
        if flow.dst.is_unspecified() {
            if flow.src.is_unspecified() {
                flow.src = Ipv4Addr::LOCALHOST;
            }
            flow.dst = flow.src;
            flow.oif = LOOPBACK;
            return Ok(to(LOOPBACK, RouteType::Local, LOCAL));
        }
        match self.lookup(flow, links) {
            Ok(found) => Ok(self.follow(flow, found, links)),
            Err(_) if flow.oif != 0 => {
                // The tables may be wrong: whoever binds to a device knows better.
                if flow.src.is_unspecified() {
                    flow.src = source(links, flow.oif, scope::LINK);
                }
                Ok(to(flow.oif, RouteType::Unicast, 0))
            }
            Err(errno) => Err(errno),
        }
    }

    /// A source that is given must be ours; it says the device of groups and broadcasts.
    fn check_source(&self, flow: &Flow4) -> Result<Option<IfIndex>, Errno> {
        let src = flow.src;
        if src.is_unspecified() {
            return Ok(None);
        }
        if src.is_multicast() || src.is_broadcast() || src.is_unspecified() {
            return Err(Errno::Einval);
        }
        if flow.oif == 0 && (flow.dst.is_multicast() || flow.dst.is_broadcast()) {
            return self.local_device(src).ok_or(Errno::Enetunreach).map(Some);
        }
        if !flow.any_source && self.local_device(src).is_none() {
            return Err(Errno::Enetunreach);
        }
        Ok(None)
    }

    /// The device that is asked for; whether it decides alone.
    fn check_device(&self, flow: &mut Flow4, links: &impl Links) -> Result<bool, Errno> {
        if !links.exists(flow.oif) {
            return Err(Errno::Enodev);
        }
        if !links.is_up(flow.oif) || !links.has_ipv4(flow.oif) {
            return Err(Errno::Enetunreach);
        }
        let [a, b, c, _] = flow.dst.octets();
        let local_group = (a, b, c) == (224, 0, 0);
        let alone = local_group || flow.dst.is_broadcast() || flow.proto == IGMP;
        if flow.src.is_unspecified() {
            if alone {
                flow.src = source(links, flow.oif, scope::LINK);
            } else if flow.dst.is_multicast() {
                flow.src = source(links, flow.oif, flow.scope);
            } else if flow.dst.is_unspecified() {
                flow.src = source(links, flow.oif, scope::HOST);
            }
        }
        Ok(alone)
    }

    /// The route decides.
    fn follow<'a>(
        &'a self,
        flow: &mut Flow4,
        found: Result4<'a>,
        links: &impl Links,
    ) -> Decided<'a> {
        let kind = found.route.kind;
        if kind == RouteType::Local {
            if flow.src.is_unspecified() {
                flow.src = found.route.prefsrc.unwrap_or(flow.dst);
            }
            flow.oif = LOOPBACK;
            return Decided {
                kind,
                found: Some(found),
                oif: LOOPBACK,
                flags: LOCAL,
            };
        }
        let found = self.select_path(found, flow, links);
        if flow.src.is_unspecified() {
            let chosen = self.source_of(&found, links);
            flow.src = chosen.unwrap_or(Ipv4Addr::UNSPECIFIED);
        }
        flow.oif = found.nexthop().oif;
        Decided {
            kind,
            found: Some(found),
            oif: flow.oif,
            flags: 0,
        }
    }

    fn make_output<'a>(
        &'a self,
        flow: &Flow4,
        decided: Decided<'a>,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Dst4<'a>, Errno> {
        let Decided {
            mut kind,
            found,
            oif,
            mut flags,
        } = decided;
        let loopback = links.is_loopback(oif);
        if flow.src.is_loopback() && !loopback && !links.routes_localnet(oif) {
            return Err(Errno::Einval);
        }
        let mut way = found;
        if flow.dst.is_broadcast() {
            kind = RouteType::Broadcast;
            way = None;
        } else if flow.dst.is_multicast() {
            kind = RouteType::Multicast;
        } else if flow.dst.is_unspecified() {
            return Err(Errno::Einval);
        }
        if loopback {
            flags |= LOCAL;
        }
        match kind {
            RouteType::Broadcast => flags |= BROADCAST | LOCAL,
            RouteType::Multicast => {
                let member = links.is_member4(oif, flow.dst);
                flags |= MULTICAST | if member { LOCAL } else { 0 };
                // A default route is no multicast route: no gateway then.
                way = way.filter(|found| found.prefix_len >= 4);
            }
            _ => {}
        }
        let mut dst = Dst4 {
            kind,
            src: flow.src,
            dst: flow.dst,
            oif,
            gateway: None,
            flags,
            mtu: None,
            mtu_locked: false,
            expires: None,
            found,
        };
        if let Some(way) = way {
            self.set_nexthop(&mut dst, way, now);
        }
        Ok(dst)
    }

    /// Gateway and MTU by the next hop and what was learned about it (`rt_set_nexthop`).
    pub(super) fn set_nexthop(&self, dst: &mut Dst4<'_>, way: Result4<'_>, now: SimTime) {
        let nexthop = way.nexthop();
        if nexthop.scope == scope::LINK {
            dst.gateway = nexthop.gateway;
        }
        if let Some(metrics) = way.route.metrics.as_deref() {
            dst.mtu = metrics.value(Metric::Mtu);
            dst.mtu_locked = metrics.is_locked(Metric::Mtu);
        }
        if self.exceptions.is_empty() {
            return;
        }
        let known = self.exceptions.find(dst.dst, way.way_id(), now);
        if let Some(known) = known {
            if known.gateway.is_some() {
                dst.flags |= REDIRECTED;
            }
            dst.gateway = known.gateway.or(dst.gateway);
            dst.mtu = known.mtu.or(dst.mtu);
            dst.mtu_locked |= known.locked;
            dst.expires = Some(known.expires);
        }
    }
}

fn source(links: &impl Links, oif: IfIndex, scope: u8) -> Ipv4Addr {
    links
        .select_addr4(oif, None, scope)
        .unwrap_or(Ipv4Addr::UNSPECIFIED)
}
