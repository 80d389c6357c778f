//! Adding, changing and deleting IPv6 addresses, and their lifetimes (`inet6_addr_add` and around).
//! The checks are the kernel's; what the tool checks is the tool's work.

use std::net::Ipv6Addr;
use std::time::Duration;

use super::device::route_of;
use super::in6::{
    IFA_F_DADFAILED, IFA_F_DEPRECATED, IFA_F_HOMEADDRESS, IFA_F_MANAGETEMPADDR, IFA_F_MCAUTOJOIN,
    IFA_F_NODAD, IFA_F_NOPREFIXROUTE, IFA_F_OPTIMISTIC, IFA_F_PERMANENT, IFA_F_TENTATIVE, Ifaddr6,
    insert,
};
use super::{Action, AddressEvent, Inet6Device, Link, Route6, RouteKind};
use crate::netns::conf::Conf6;
use crate::units::{Errno, SimTime};

/// The flags that a request may set.
const SETTABLE: u32 = IFA_F_NODAD
    | IFA_F_HOMEADDRESS
    | IFA_F_MANAGETEMPADDR
    | IFA_F_NOPREFIXROUTE
    | IFA_F_MCAUTOJOIN
    | IFA_F_OPTIMISTIC;

/// `RTM_NEWADDR` for IPv6, as typed data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddressRequest {
    /// The address of this end.
    pub addr: Ipv6Addr,
    /// The length of its prefix.
    pub prefix_len: u8,
    /// The other end's address.
    pub peer: Option<Ipv6Addr>,
    /// `IFA_F_*` as given.
    pub flags: u32,
    /// How long it is valid; nothing for ever.
    pub valid: Option<Duration>,
    /// How long it is preferred; nothing for ever.
    pub preferred: Option<Duration>,
    /// The metric of its prefix route, 0 for the usual one.
    pub metric: u32,
    /// `IFAPROT_*`.
    pub proto: u8,
    /// NLM_F_REPLACE.
    pub replace: bool,
    /// NLM_F_EXCL.
    pub exclusive: bool,
}

/// Why a request fails; the text is the kernel's, after `ipv6: `.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressError {
    /// More than 128 bits of prefix.
    #[error("Invalid prefix length")]
    PrefixLength,
    /// Valid for no time, or preferred for longer than valid.
    #[error("address lifetime invalid")]
    Lifetime,
    /// mngtmpaddr wants a /64.
    #[error("address with \"mngtmpaddr\" flag must have a prefix length of 64")]
    TemporaryPrefix,
    /// IPv6 is off (EACCES on adding, ENXIO on deleting).
    #[error("IPv6 is disabled on this device")]
    Disabled(Errno),
    /// nodad and optimistic.
    #[error("IFA_F_NODAD and IFA_F_OPTIMISTIC are mutually exclusive")]
    Contradiction,
    /// It is there.
    #[error("address already assigned")]
    Exists,
    /// The unspecified address.
    #[error("Invalid address")]
    Unspecified,
    /// A group.
    #[error("Cannot assign multicast address without \"IFA_F_MCAUTOJOIN\" flag")]
    Multicast,
    /// ::1 elsewhere than on the loopback.
    #[error("Cannot assign loopback address on this device")]
    Loopback,
    /// It is not there.
    #[error("address not found")]
    NotFound,
    /// mngtmpaddr for an address that cannot have it; without words.
    #[error("")]
    Invalid,
}

impl AddressError {
    /// The error number of the answer.
    pub const fn errno(self) -> Errno {
        match self {
            Self::PrefixLength
            | Self::Lifetime
            | Self::TemporaryPrefix
            | Self::Contradiction
            | Self::Invalid => Errno::Einval,
            Self::Disabled(errno) => errno,
            Self::Exists => Errno::Eexist,
            Self::Unspecified | Self::Multicast | Self::Loopback | Self::NotFound => {
                Errno::Eaddrnotavail
            }
        }
    }
}

impl Inet6Device {
    /// Carries out `RTM_NEWADDR` (`inet6_rtm_newaddr`).
    ///
    /// # Errors
    /// See [`AddressError`]. As in the kernel, the groups of a device that is up are
    /// reported again even where the address is refused.
    pub fn add_address(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        request: &AddressRequest,
        out: &mut Vec<Action>,
    ) -> Result<(), AddressError> {
        let mut flags = request.flags & SETTABLE;
        if link.up && !link.loopback {
            // `ipv6_find_idev` reports all groups again whenever it is called.
            self.groups_up(now, link, out);
        }
        if !link.either(Conf6::OptimisticDad) || link.on(Conf6::Forwarding) {
            flags &= !IFA_F_OPTIMISTIC;
        }
        if flags & IFA_F_NODAD != 0 && flags & IFA_F_OPTIMISTIC != 0 {
            return Err(AddressError::Contradiction);
        }
        let known = self.addrs.iter().position(|ifa| ifa.addr == request.addr);
        let Some(at) = known else {
            return self.add_new(now, link, request, flags, out);
        };
        if request.exclusive || !request.replace {
            return Err(AddressError::Exists);
        }
        self.modify(now, at, request, flags, out)
    }

    /// Carries out `RTM_DELADDR` (`inet6_addr_del`).
    ///
    /// # Errors
    /// [`AddressError::NotFound`]: there is no such address with that prefix length.
    pub fn delete_address(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        addr: Ipv6Addr,
        prefix_len: u8,
        out: &mut Vec<Action>,
    ) -> Result<(), AddressError> {
        if prefix_len > 128 {
            return Err(AddressError::PrefixLength);
        }
        let same = |ifa: &Ifaddr6| ifa.addr == addr && ifa.prefix_len == prefix_len;
        let at = self
            .addrs
            .iter()
            .position(same)
            .ok_or(AddressError::NotFound)?;
        let joined = self
            .addrs
            .get(at)
            .is_some_and(|ifa| ifa.has(IFA_F_MCAUTOJOIN));
        self.remove_at(now, link, at, out);
        if joined && addr.is_multicast() {
            self.leave(now, link, addr, out);
        }
        Ok(())
    }

    fn add_new(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        request: &AddressRequest,
        flags: u32,
        out: &mut Vec<Action>,
    ) -> Result<(), AddressError> {
        check(request, flags)?;
        if link.on(Conf6::DisableIpv6) {
            return Err(AddressError::Disabled(Errno::Eacces));
        }
        check_kind(request.addr, flags, link)?;
        if flags & IFA_F_MCAUTOJOIN != 0 && request.addr.is_multicast() {
            self.join(now, link, request.addr, out);
        }
        let mut new = Ifaddr6::new(now, request.addr, request.prefix_len, flags);
        new.peer = request.peer.filter(|peer| *peer != request.addr);
        new.metric = request.metric;
        new.proto = request.proto;
        if flags & IFA_F_NODAD == 0 {
            new.flags |= IFA_F_TENTATIVE;
        }
        set_lifetimes(&mut new, now, request);
        if !new.has(IFA_F_NOPREFIXROUTE) {
            Self::add_route(out, RouteKind::Prefix, &new);
        }
        if !new.has(IFA_F_OPTIMISTIC | IFA_F_NODAD) {
            out.push(Action::Address(new.addr, AddressEvent::Changed));
        }
        let addr = new.addr;
        insert(&mut self.addrs, new);
        self.dad_start(now, link, addr, out);
        Ok(())
    }

    /// Changes lifetimes, flags and metric (`inet6_addr_modify`).
    fn modify(
        &mut self,
        now: SimTime,
        at: usize,
        request: &AddressRequest,
        mut flags: u32,
        out: &mut Vec<Action>,
    ) -> Result<(), AddressError> {
        const KEPT: u32 = !(IFA_F_DEPRECATED
            | IFA_F_PERMANENT
            | IFA_F_NODAD
            | IFA_F_HOMEADDRESS
            | IFA_F_MANAGETEMPADDR
            | IFA_F_NOPREFIXROUTE);
        let Some(ifa) = self.addrs.get_mut(at) else {
            return Err(AddressError::NotFound);
        };
        check_lifetime(request)?;
        if flags & IFA_F_MANAGETEMPADDR != 0 && ifa.prefix_len != 64 {
            return Err(AddressError::Invalid);
        }
        if !ifa.has(IFA_F_TENTATIVE) || ifa.has(IFA_F_DADFAILED) {
            flags &= !IFA_F_OPTIMISTIC;
        }
        let before = ifa.clone();
        ifa.flags = ifa.flags & KEPT | flags;
        ifa.updated = now;
        ifa.proto = request.proto;
        if request.metric != 0 {
            ifa.metric = request.metric;
        }
        if let Some(peer) = request.peer {
            ifa.peer = Some(peer).filter(|peer| *peer != ifa.addr);
        }
        set_lifetimes(ifa, now, request);
        let after = ifa.clone();
        if !after.has(IFA_F_TENTATIVE) {
            out.push(Action::Address(after.addr, AddressEvent::Changed));
        }
        let (old, new) = (prefix_route(&before), prefix_route(&after));
        if old != new {
            out.extend(old.map(Action::DeleteRoute));
            out.extend(new.map(Action::AddRoute));
        }
        Ok(())
    }

    /// Takes an address out with its routes and groups (`ipv6_del_addr`).
    pub(super) fn remove_at(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        at: usize,
        out: &mut Vec<Action>,
    ) {
        if at >= self.addrs.len() {
            return;
        }
        let gone = self.addrs.remove(at);
        if link.on(Conf6::Forwarding) && gone.ready {
            self.leave_anycast(now, link, gone.addr, gone.prefix_len, out);
        }
        self.leave_solicited_of(now, link, &gone, out);
        if let Some(peer) = gone.peer {
            out.push(Action::DeleteRoute(peer_route(&gone, peer)));
        }
        if gone.ready {
            out.push(Action::DeleteRoute(route_of(RouteKind::Local, &gone)));
        }
        out.push(Action::Address(gone.addr, AddressEvent::Gone));
        let owns = gone.has(IFA_F_PERMANENT) && !gone.has(IFA_F_NOPREFIXROUTE);
        let shared = self.addrs.iter().find(|other| other.shares_prefix(&gone));
        match shared {
            None if owns => out.push(Action::DeleteRoute(route_of(RouteKind::Prefix, &gone))),
            Some(other) if owns && !other.has(IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE) => {
                out.push(Action::AddRoute(route_of(RouteKind::Prefix, other)));
            }
            None | Some(_) => {}
        }
    }

    /// Deprecates and removes what is over (`addrconf_verify_rtnl`).
    pub(super) fn lifetime_timers(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        while let Some(at) = self.addrs.iter().position(|ifa| ifa.valid_until <= now) {
            self.remove_at(now, link, at, out);
        }
        for ifa in &mut self.addrs {
            if ifa.preferred_until <= now && !ifa.has(IFA_F_DEPRECATED) {
                ifa.flags |= IFA_F_DEPRECATED;
                out.push(Action::Address(ifa.addr, AddressEvent::Changed));
            }
        }
    }
}

/// When an address ends or is no longer preferred.
pub(super) fn ends_of(ifa: &Ifaddr6) -> impl Iterator<Item = SimTime> + use<> {
    let preferred = (!ifa.has(IFA_F_DEPRECATED)).then_some(ifa.preferred_until);
    let ends = [Some(ifa.valid_until), preferred];
    ends.into_iter()
        .flatten()
        .filter(|end| *end != SimTime::NEVER)
}

/// The route to the other end of an address.
pub(super) fn peer_route(ifa: &Ifaddr6, peer: Ipv6Addr) -> Route6 {
    let mut route = route_of(RouteKind::Prefix, ifa);
    (route.prefix, route.prefix_len) = (peer, 128);
    route.expires = SimTime::NEVER;
    route
}

fn prefix_route(ifa: &Ifaddr6) -> Option<Route6> {
    (!ifa.has(IFA_F_NOPREFIXROUTE)).then(|| route_of(RouteKind::Prefix, ifa))
}

fn check_lifetime(request: &AddressRequest) -> Result<(), AddressError> {
    let valid = request.valid.unwrap_or(Duration::MAX);
    let preferred = request.preferred.unwrap_or(Duration::MAX);
    match valid.is_zero() || preferred > valid {
        true => Err(AddressError::Lifetime),
        false => Ok(()),
    }
}

fn check(request: &AddressRequest, flags: u32) -> Result<(), AddressError> {
    if request.prefix_len > 128 {
        return Err(AddressError::PrefixLength);
    }
    check_lifetime(request)?;
    if flags & IFA_F_MANAGETEMPADDR != 0 && request.prefix_len != 64 {
        return Err(AddressError::TemporaryPrefix);
    }
    Ok(())
}

fn check_kind(addr: Ipv6Addr, flags: u32, link: &Link<'_>) -> Result<(), AddressError> {
    if addr.is_unspecified() {
        return Err(AddressError::Unspecified);
    }
    if addr.is_multicast() && flags & IFA_F_MCAUTOJOIN == 0 {
        return Err(AddressError::Multicast);
    }
    if addr.is_loopback() && !link.loopback {
        return Err(AddressError::Loopback);
    }
    Ok(())
}

fn set_lifetimes(ifa: &mut Ifaddr6, now: SimTime, request: &AddressRequest) {
    ifa.valid_until = request.valid.map_or(SimTime::NEVER, |valid| now + valid);
    ifa.preferred_until = request.preferred.map_or(SimTime::NEVER, |span| now + span);
    if request.valid.is_none() {
        ifa.flags |= IFA_F_PERMANENT;
    }
    if request.preferred.is_some_and(|span| span.is_zero()) {
        ifa.flags |= IFA_F_DEPRECATED;
    }
}
