//! The way of an IPv4 packet that came in: to this host, onwards, or nowhere.
//! After `ip_route_input_slow` and `fib_validate_source` of net/ipv4.

use std::net::{IpAddr, Ipv4Addr};

use super::lookup::LookupFlags;
use super::output::{IGMP, LOOPBACK};
use super::{Dst4, Fib4, Flow4, Result4};
use crate::netns::fib::info::info_flags::{BROADCAST, DOREDIRECT, LOCAL, MULTICAST};
use crate::netns::fib::links::Links;
use crate::netns::fib::route::{RouteType, scope};
use crate::units::{Errno, IfIndex, SimTime};

/// Why a packet that came in has no way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Its source cannot be (a martian): EINVAL.
    MartianSource,
    /// Its source is an address of this host: EINVAL.
    LocalSource,
    /// Its source does not lead back by the device that it came in by: EXDEV.
    ReversePath,
    /// Its destination cannot be: EINVAL.
    MartianDestination,
    /// It is for a group that the device has not joined: EINVAL.
    NotJoined,
    /// There is no route. The sender is told so where this host forwards, by the error: net or
    /// host unreachable, prohibited; of a blackhole (EINVAL) nothing.
    NoRoute(Errno),
}

impl Refusal {
    /// The error number, as `ip route get .. iif ..` answers.
    pub const fn errno(self) -> Errno {
        match self {
            Self::MartianSource
            | Self::LocalSource
            | Self::MartianDestination
            | Self::NotJoined => Errno::Einval,
            Self::ReversePath => Errno::Exdev,
            Self::NoRoute(errno) => errno,
        }
    }
}

impl Fib4 {
    /// The way of a packet that came in by `flow.iif` (`ip_route_input`).
    ///
    /// # Errors
    /// Why it goes nowhere.
    pub fn input(
        &self,
        flow: &Flow4,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Dst4<'_>, Refusal> {
        let (src, dst, iif) = (flow.src, flow.dst, flow.iif);
        if dst.is_multicast() {
            return self.input_multicast(flow, links);
        }
        if src.is_multicast() || src.is_broadcast() {
            return Err(Refusal::MartianSource);
        }
        if dst.is_broadcast() || (src.is_unspecified() && dst.is_unspecified()) {
            return self.input_broadcast(flow, None, links);
        }
        if src.is_unspecified() {
            return Err(Refusal::MartianSource);
        }
        if dst.is_unspecified() {
            return Err(Refusal::MartianDestination);
        }
        if !links.routes_localnet(iif) && !links.is_loopback(iif) {
            if dst.is_loopback() {
                return Err(Refusal::MartianDestination);
            }
            if src.is_loopback() {
                return Err(Refusal::MartianSource);
            }
        }
        let forwards = links.forwards4(iif);
        let onward = Flow4 { oif: 0, ..*flow };
        let found = self.lookup(&onward, links).map_err(|errno| {
            Refusal::NoRoute(if forwards { errno } else { Errno::Ehostunreach })
        })?;
        match found.route.kind {
            RouteType::Broadcast if links.forwards_broadcast(iif) => {}
            RouteType::Broadcast => return self.input_broadcast(flow, Some(found), links),
            RouteType::Local => {
                self.validate_source(flow, 0, links)?;
                return Ok(local(flow, RouteType::Local, LOCAL, Some(found)));
            }
            _ if !forwards => return Err(Refusal::NoRoute(Errno::Ehostunreach)),
            RouteType::Unicast => {}
            _ => return Err(Refusal::MartianDestination),
        }
        self.forward(flow, found, links, now)
    }

    /// A group: delivered where the device has joined it (`ip_route_input_mc`).
    fn input_multicast(&self, flow: &Flow4, links: &impl Links) -> Result<Dst4<'_>, Refusal> {
        let (src, dst, iif) = (flow.src, flow.dst, flow.iif);
        if !links.is_member4(iif, dst) {
            return Err(Refusal::NotJoined);
        }
        let outside = src.is_loopback() && !links.routes_localnet(iif) && !links.is_loopback(iif);
        if src.is_multicast() || src.is_broadcast() || outside {
            return Err(Refusal::MartianSource);
        }
        if src.is_unspecified() {
            if dst.octets()[..3] != [224, 0, 0] && flow.proto != IGMP {
                return Err(Refusal::MartianSource);
            }
        } else {
            self.validate_source(&flow.to_nobody(), 0, links)?;
        }
        Ok(local(flow, RouteType::Multicast, MULTICAST | LOCAL, None))
    }

    fn input_broadcast<'a>(
        &'a self,
        flow: &Flow4,
        found: Option<Result4<'a>>,
        links: &impl Links,
    ) -> Result<Dst4<'a>, Refusal> {
        if !flow.src.is_unspecified() {
            self.validate_source(&flow.to_nobody(), 0, links)?;
        }
        Ok(local(flow, RouteType::Broadcast, LOCAL | BROADCAST, found))
    }

    /// The packet is to be sent on (`ip_mkroute_input`).
    fn forward<'a>(
        &'a self,
        flow: &Flow4,
        found: Result4<'a>,
        links: &impl Links,
        now: SimTime,
    ) -> Result<Dst4<'a>, Refusal> {
        let found = self.select_path(found, &Flow4 { oif: 0, ..*flow }, links);
        let nexthop = found.nexthop();
        let source_on_link = self.validate_source(flow, nexthop.oif, links)?;
        let mut dst = Dst4 {
            kind: found.route.kind,
            src: flow.src,
            dst: flow.dst,
            oif: nexthop.oif,
            gateway: None,
            flags: 0,
            mtu: None,
            mtu_locked: false,
            expires: None,
            found: Some(found),
        };
        let iif = flow.iif;
        if nexthop.oif == iif && source_on_link && links.sends_redirects(iif) {
            let gateway = match nexthop.gateway {
                Some(IpAddr::V4(gateway)) => Some(gateway),
                _ => None,
            };
            if links.has_shared_media(iif) || links.same_subnet4(iif, flow.src, gateway) {
                dst.flags |= DOREDIRECT;
            }
        }
        self.set_nexthop(&mut dst, found, now);
        Ok(dst)
    }

    /// Whether the source may be, and whether it is on the link of the device that the packet
    /// came in by (`fib_validate_source`). `oif` is where it will leave, 0 for this host.
    ///
    /// # Errors
    /// A martian, or what the reverse path filter refuses.
    pub fn validate_source(
        &self,
        flow: &Flow4,
        oif: IfIndex,
        links: &impl Links,
    ) -> Result<bool, Refusal> {
        let iif = flow.iif;
        let filter = links.rp_filter(iif);
        if filter == 0 && (iif != oif || !links.sends_redirects(iif)) {
            if links.accepts_local(iif) {
                return Ok(false);
            }
            if !self.custom_local && !self.custom_rules {
                return match self.is_own(flow.src) && !links.is_loopback(iif) {
                    true => Err(Refusal::LocalSource),
                    false => Ok(false),
                };
            }
        }
        self.validate_fully(flow, oif, filter, links)
    }

    /// `__fib_validate_source`: looks the source up as a destination.
    fn validate_fully(
        &self,
        flow: &Flow4,
        oif: IfIndex,
        filter: u8,
        links: &impl Links,
    ) -> Result<bool, Refusal> {
        let iif = flow.iif;
        let last_resort = match filter {
            0 => Ok(false),
            _ => Err(Refusal::ReversePath),
        };
        let marked = links.checks_source_with_mark(iif);
        let mut back = Flow4 {
            dst: flow.src,
            src: flow.dst,
            oif: 0,
            iif: if oif == 0 { LOOPBACK } else { oif },
            mark: if marked { flow.mark } else { 0 },
            proto: flow.proto,
            sport: flow.dport,
            dport: flow.sport,
            ..*flow
        };
        let Ok(found) = self.lookup(&back, links) else {
            return last_resort;
        };
        let is_local = found.route.kind == RouteType::Local;
        if found.route.kind != RouteType::Unicast
            && !(is_local && (links.accepts_local(iif) || links.is_loopback(iif)))
        {
            return Err(Refusal::LocalSource);
        }
        let by_device = found.route.nexthops.iter().any(|hop| hop.oif == iif);
        if by_device || (is_local && links.is_loopback(iif)) {
            return Ok(found.nexthop().scope >= scope::HOST);
        }
        if !links.has_any_addr4(iif) {
            return last_resort;
        }
        if filter == 1 {
            return Err(Refusal::ReversePath);
        }
        back.oif = iif;
        let loose = self.lookup_with(&back, LookupFlags::IGNORE_LINKSTATE, links);
        Ok(loose.is_ok_and(|found| {
            found.route.kind == RouteType::Unicast && found.nexthop().scope >= scope::HOST
        }))
    }
}

/// A packet that is delivered here.
fn local<'a>(flow: &Flow4, kind: RouteType, flags: u32, found: Option<Result4<'a>>) -> Dst4<'a> {
    Dst4 {
        kind,
        src: flow.src,
        dst: flow.dst,
        oif: LOOPBACK,
        gateway: None,
        flags,
        mtu: None,
        mtu_locked: false,
        expires: None,
        found,
    }
}

impl Flow4 {
    /// The flow of a source that is checked without regard to the destination.
    fn to_nobody(self) -> Self {
        Self {
            dst: Ipv4Addr::UNSPECIFIED,
            ..self
        }
    }
}
