//! One device's IPv6: what happens to it as its link comes, changes and goes (addrconf.c).
//! Addresses of their own are in `addr`, their probing in `dad`.

use std::net::Ipv6Addr;

use super::in6::{
    DadState, IFA_F_NODAD, IFA_F_NOPREFIXROUTE, IFA_F_OPTIMISTIC, IFA_F_PERMANENT,
    IFA_F_STABLE_PRIVACY, IFA_F_TENTATIVE, Ifaddr6, LINK_LOCAL, eui64, insert, is_link_local,
    prefix_of, with_interface_id,
};
use super::mld::{ALL_NODES, ALL_ROUTERS, HOST_ALL_NODES, HOST_ALL_ROUTERS, SITE_ALL_ROUTERS};
use super::{Action, AddressEvent, Link, Route6, RouteKind};
use crate::engine::{Random, Seed};
use crate::netns::conf::Conf6;
use crate::netns::group::Groups;
use crate::units::{Rare, SimTime};
use crate::wire::solicited_node;

/// The loopback's own address comes from the kernel (`IFAPROT_KERNEL_LO`).
const PROTO_LOOPBACK: u8 = 1;
/// So does a link-local one (`IFAPROT_KERNEL_LL`).
const PROTO_LINK_LOCAL: u8 = 3;

/// IPv6 on one device (`struct inet6_dev`). See the module's page for how it is called.
#[derive(Clone, Debug)]
pub struct Inet6Device {
    pub(super) addrs: Vec<Ifaddr6>,
    /// Subnet-router anycast addresses with their users (`ac_list`).
    pub(super) anycast: Rare<Vec<(Ipv6Addr, u32)>>,
    pub(super) groups: Groups<Ipv6Addr>,
    pub(super) random: Random,
    /// The link is ready for IPv6 (`IF_READY`).
    pub(super) ready: bool,
    pub(super) solicitation: Rare<super::ra::Solicitation>,
}

impl Inet6Device {
    /// IPv6 begins on a device (`ipv6_add_dev`).
    pub fn register(
        now: SimTime,
        link: &Link<'_>,
        mut random: Random,
        out: &mut Vec<Action>,
    ) -> Self {
        let mut device = Self {
            addrs: Vec::new(),
            anycast: Rare::default(),
            groups: Groups::new(fork(&mut random)),
            random,
            ready: link.up && link.oper_up,
            solicitation: Rare::default(),
        };
        device.join(now, link, HOST_ALL_NODES, out);
        device.join(now, link, ALL_NODES, out);
        if link.on(Conf6::Forwarding) && link.multicast {
            device.join(now, link, ALL_ROUTERS, out);
        }
        device
    }

    /// The same with other random numbers, from which nothing was drawn yet.
    pub(super) fn with_random(&self, mut random: Random) -> Self {
        Self {
            groups: self.groups.with_random(fork(&mut random)),
            random,
            ..self.clone()
        }
    }

    /// IPv6 ends on a device: its addresses, groups and routes go (`addrconf_ifdown`).
    pub fn unregister(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        self.take_down(now, link, true, out);
    }

    /// The addresses, in the kernel's order.
    pub fn addresses(&self) -> &[Ifaddr6] {
        &self.addrs
    }

    /// The subnet-router anycast addresses that a router answers to.
    pub fn anycast(&self) -> impl Iterator<Item = Ipv6Addr> {
        self.anycast.iter().map(|(addr, _)| *addr)
    }

    /// Whether a packet to it is for this host by this device: a usable own address, an anycast
    /// address, or a group.
    pub fn is_own(&self, addr: Ipv6Addr) -> bool {
        if addr.is_multicast() {
            return self.listens_to(addr);
        }
        let own = self
            .addrs
            .iter()
            .any(|ifa| ifa.addr == addr && ifa.is_usable());
        own || self.anycast.iter().any(|(own, _)| *own == addr)
    }

    /// The first link-local address that is neither tentative nor a duplicate (`ipv6_get_lladdr`).
    pub fn link_local(&self) -> Option<Ipv6Addr> {
        let mut own = self
            .addrs
            .iter()
            .rev()
            .filter(|ifa| is_link_local(ifa.addr));
        own.find(|ifa| !ifa.has(IFA_F_TENTATIVE))
            .map(|ifa| ifa.addr)
    }

    /// The device is up, or IPv6 is on again (NETDEV_UP in `addrconf_notify`).
    pub fn link_up(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        if link.on(Conf6::DisableIpv6) {
            return;
        }
        self.restore_permanent(now, link, out);
        if !link.oper_up {
            return;
        }
        self.ready = true;
        self.become_ready(now, link, out);
    }

    /// Carrier or operational state of a device that is up changed (NETDEV_CHANGE).
    pub fn link_changed(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        if link.on(Conf6::DisableIpv6) || !link.up || !link.oper_up {
            return;
        }
        if self.ready {
            // It may have moved to another switch, which wants to know the groups.
            self.groups_up(now, link, out);
            return;
        }
        self.ready = true;
        self.become_ready(now, link, out);
    }

    /// The device goes down, or IPv6 is switched off (NETDEV_DOWN).
    pub fn link_down(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        self.take_down(now, link, false, out);
    }

    /// `forwarding` has another value (`dev_forward_change`).
    pub fn forwarding_changed(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        let on = link.on(Conf6::Forwarding);
        if link.multicast {
            for group in [ALL_ROUTERS, HOST_ALL_ROUTERS, SITE_ALL_ROUTERS] {
                match on {
                    true => self.join(now, link, group, out),
                    false => self.leave(now, link, group, out),
                }
            }
        }
        for at in 0..self.addrs.len() {
            let settled = self.addrs.get(at).filter(|ifa| !ifa.has(IFA_F_TENTATIVE));
            let Some((addr, len)) = settled.map(|ifa| (ifa.addr, ifa.prefix_len)) else {
                continue;
            };
            match on {
                true => self.join_anycast(now, link, addr, len, out),
                false => self.leave_anycast(now, link, addr, len, out),
            }
        }
    }

    /// Makes the addresses that a device has by itself (`addrconf_init_auto_addrs`): also
    /// when `addr_gen_mode` is written through sysctl.
    pub fn generate(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        if link.loopback {
            self.add_loopback(now, link, out);
            return;
        }
        if link.up {
            self.groups_up(now, link, out);
        }
        if link.multicast {
            route_groups(out);
        }
        match link.dev.of(Conf6::AddrGenMode) {
            0 => self.add_link_local(now, link, eui64(LINK_LOCAL, link.mac), 0, out),
            2 | 3 => {
                let addr = self.random_address(LINK_LOCAL);
                let flags = IFA_F_STABLE_PRIVACY;
                if !self.addrs.iter().any(|ifa| is_link_local(ifa.addr)) {
                    self.add_link_local(now, link, addr, flags, out);
                }
            }
            _ => {}
        }
    }

    /// When [`Inet6Device::handle_timers`] is to be called next.
    pub fn next_timer(&self) -> Option<SimTime> {
        let dad = self.addrs.iter().filter_map(|ifa| ifa.dad_at);
        let ends = self.addrs.iter().flat_map(super::addr::ends_of);
        let own = [self.groups.next_timer(), self.solicitation.at];
        dad.chain(ends).chain(own.into_iter().flatten()).min()
    }

    /// Does what is due.
    pub fn handle_timers(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        self.dad_timers(now, link, out);
        self.lifetime_timers(now, link, out);
        self.solicitation_timer(now, link, out);
        self.groups_timers(now, link, out);
    }

    /// A random interface identifier for a prefix (stable in the simulation, as the seed is).
    pub(super) fn random_address(&mut self, prefix: Ipv6Addr) -> Ipv6Addr {
        let id = self.random.next_u64().max(1);
        with_interface_id(prefix, id)
    }

    pub(super) fn add_route(out: &mut Vec<Action>, kind: RouteKind, ifa: &Ifaddr6) {
        out.push(Action::AddRoute(route_of(kind, ifa)));
    }

    /// The group by which neighbours look for an address (`addrconf_join_solict`).
    pub(super) fn join_solicited(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        addr: Ipv6Addr,
        out: &mut Vec<Action>,
    ) {
        if !link.loopback && !link.noarp {
            self.join(now, link, solicited_node(addr), out);
        }
    }

    pub(super) fn leave_solicited(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        addr: Ipv6Addr,
        out: &mut Vec<Action>,
    ) {
        if !link.loopback && !link.noarp {
            self.leave(now, link, solicited_node(addr), out);
        }
    }

    /// A router answers to the first address of its prefixes (`addrconf_join_anycast`).
    pub(super) fn join_anycast(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        addr: Ipv6Addr,
        len: u8,
        out: &mut Vec<Action>,
    ) {
        let anycast = prefix_of(addr, len);
        if len >= 127 || anycast.is_unspecified() {
            return;
        }
        let mut known = self.anycast.iter_mut();
        if let Some((_, users)) = known.find(|(own, _)| *own == anycast) {
            *users += 1;
            return;
        }
        self.anycast.insert(0, (anycast, 1));
        out.push(Action::AddRoute(anycast_route(anycast)));
        self.join_solicited(now, link, anycast, out);
    }

    pub(super) fn leave_anycast(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        addr: Ipv6Addr,
        len: u8,
        out: &mut Vec<Action>,
    ) {
        let anycast = prefix_of(addr, len);
        let found = self.anycast.iter().position(|(own, _)| *own == anycast);
        let Some(at) = found.filter(|_| len < 127) else {
            return;
        };
        if let Some((_, users)) = self.anycast.get_mut(at)
            && *users > 1
        {
            *users -= 1;
            return;
        }
        self.anycast.remove(at);
        out.push(Action::DeleteRoute(anycast_route(anycast)));
        self.leave_solicited(now, link, anycast, out);
    }

    fn become_ready(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        self.generate(now, link, out);
        // Addresses that waited for the link (`addrconf_dad_run`).
        for at in 0..self.addrs.len() {
            let waits = self.addrs.get(at).is_some_and(|ifa| {
                ifa.has(IFA_F_TENTATIVE) && ifa.state == DadState::Running && ifa.dad_at.is_none()
            });
            if waits {
                self.dad_kick(now, link, at);
            }
        }
    }

    /// Addresses that outlived the last down get their routes back (`addrconf_permanent_addr`).
    fn restore_permanent(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        let permanent: Vec<Ipv6Addr> = self
            .addrs
            .iter()
            .filter(|ifa| ifa.has(IFA_F_PERMANENT))
            .map(|ifa| ifa.addr)
            .collect();
        for addr in permanent {
            let Some(ifa) = self.addrs.iter().find(|ifa| ifa.addr == addr) else {
                continue;
            };
            if !ifa.has(IFA_F_NOPREFIXROUTE) {
                Self::add_route(out, RouteKind::Prefix, ifa);
            }
            if ifa.state == DadState::Before {
                self.dad_start(now, link, addr, out);
            }
        }
    }

    fn add_loopback(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        if self.addrs.iter().any(|ifa| ifa.addr.is_loopback()) || link.on(Conf6::DisableIpv6) {
            return;
        }
        let mut own = Ifaddr6::new(now, Ipv6Addr::LOCALHOST, 128, IFA_F_PERMANENT);
        own.proto = PROTO_LOOPBACK;
        own.state = DadState::Over;
        own.ready = true;
        Self::add_route(out, RouteKind::Local, &own);
        out.push(Action::Address(own.addr, AddressEvent::Ready));
        insert(&mut self.addrs, own);
    }

    /// `addrconf_add_linklocal`.
    fn add_link_local(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        addr: Ipv6Addr,
        flags: u32,
        out: &mut Vec<Action>,
    ) {
        if self.addrs.iter().any(|ifa| ifa.addr == addr) {
            return;
        }
        let mut flags = flags | IFA_F_PERMANENT | IFA_F_TENTATIVE;
        if link.either(Conf6::OptimisticDad) && !link.on(Conf6::Forwarding) {
            flags |= IFA_F_OPTIMISTIC;
        }
        let mut own = Ifaddr6::new(now, addr, 64, flags);
        own.proto = PROTO_LINK_LOCAL;
        Self::add_route(out, RouteKind::Prefix, &own);
        insert(&mut self.addrs, own);
        self.dad_start(now, link, addr, out);
    }

    /// Down, for a while or for ever (`addrconf_ifdown`).
    fn take_down(&mut self, now: SimTime, link: &Link<'_>, for_ever: bool, out: &mut Vec<Action>) {
        out.push(Action::FlushRoutes);
        let keep = !for_ever
            && !link.on(Conf6::DisableIpv6)
            && match link.all.of(Conf6::KeepAddrOnDown) {
                0 => link.dev.of(Conf6::KeepAddrOnDown) > 0,
                all => all > 0,
            };
        let was_ready = std::mem::take(&mut self.ready);
        self.solicitation = Rare::default();
        for mut ifa in std::mem::take(&mut self.addrs) {
            ifa.dad_at = None;
            let local = ifa.addr.is_loopback() || is_link_local(ifa.addr);
            if link.on(Conf6::Forwarding) && ifa.ready {
                self.leave_anycast(now, link, ifa.addr, ifa.prefix_len, out);
            }
            self.leave_solicited_of(now, link, &ifa, out);
            if keep && ifa.has(IFA_F_PERMANENT) && !local {
                ifa.state = DadState::Before;
                ifa.ready = false;
                if !ifa.has(IFA_F_NODAD) {
                    ifa.flags |= IFA_F_TENTATIVE;
                }
                self.addrs.push(ifa);
            } else {
                out.push(Action::Address(ifa.addr, AddressEvent::Gone));
            }
        }
        if for_ever || was_ready {
            self.groups_down(now, link, out);
        }
    }

    /// Leaves the group of an address, if its probing ever joined it.
    pub(super) fn leave_solicited_of(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        ifa: &Ifaddr6,
        out: &mut Vec<Action>,
    ) {
        if ifa.state != DadState::Before {
            self.leave_solicited(now, link, ifa.addr, out);
        }
    }
}

/// A stream of its own for the groups, so that joins do not shift the probes' delays.
fn fork(random: &mut Random) -> Random {
    Seed(random.next_u64()).stream("groups")
}

pub(super) fn route_of(kind: RouteKind, ifa: &Ifaddr6) -> Route6 {
    let (prefix, prefix_len) = match kind {
        RouteKind::Prefix => (prefix_of(ifa.addr, ifa.prefix_len), ifa.prefix_len),
        RouteKind::Local | RouteKind::Anycast | RouteKind::Multicast | RouteKind::Default => {
            (ifa.addr, 128)
        }
    };
    let connected = kind == RouteKind::Prefix;
    Route6 {
        kind,
        prefix,
        prefix_len,
        gateway: None,
        metric: match (connected, ifa.metric) {
            (false, _) => 0,
            (true, 0) => super::in6::METRIC_ADDRCONF,
            (true, metric) => metric,
        },
        expires: match connected {
            true => ifa.valid_until,
            false => SimTime::NEVER,
        },
        from_router: false,
        preference: 0,
    }
}

fn anycast_route(addr: Ipv6Addr) -> Route6 {
    Route6 {
        kind: RouteKind::Anycast,
        prefix: addr,
        prefix_len: 128,
        gateway: None,
        metric: 0,
        expires: SimTime::NEVER,
        from_router: false,
        preference: 0,
    }
}

/// The way to all groups by this device (`addrconf_add_mroute`); it is no matter where it is there already.
pub fn route_groups(out: &mut Vec<Action>) {
    out.push(Action::AddRoute(multicast_route()));
}

fn multicast_route() -> Route6 {
    Route6 {
        kind: RouteKind::Multicast,
        prefix: Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0),
        prefix_len: 8,
        gateway: None,
        metric: super::in6::METRIC_ADDRCONF,
        expires: SimTime::NEVER,
        from_router: false,
        preference: 0,
    }
}
