//! Duplicate address detection (RFC 4862, section 5.4; `addrconf_dad_work`): a random wait,
//! a probe, a second of silence, and the address is ours. It sends nothing itself.

use std::net::Ipv6Addr;
use std::time::Duration;

use super::in6::{
    DadState, IFA_F_DADFAILED, IFA_F_NODAD, IFA_F_OPTIMISTIC, IFA_F_PERMANENT,
    IFA_F_STABLE_PRIVACY, IFA_F_TEMPORARY, IFA_F_TENTATIVE, Ifaddr6, LINK_LOCAL, eui64, insert,
    is_link_local, prefix_of,
};
use super::mld::ALL_NODES;
use super::ndisc::{advertisement, probe};
use super::{Action, AddressEvent, Inet6Device, Link, RouteKind};
use crate::netns::conf::Conf6;
use crate::units::SimTime;

/// How often another stable address is tried (`idgen_retries`), and the wait before (`idgen_delay`).
const GENERATION_RETRIES: u8 = 3;
const GENERATION_DELAY: Duration = Duration::from_secs(1);

impl Inet6Device {
    /// Begins with an address that is in the list (`addrconf_dad_start`, `addrconf_dad_begin`).
    pub(super) fn dad_start(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        addr: Ipv6Addr,
        out: &mut Vec<Action>,
    ) {
        self.join_solicited(now, link, addr, out);
        let ready = self.ready;
        let Some(at) = self.addrs.iter().position(|ifa| ifa.addr == addr) else {
            return;
        };
        let Some(ifa) = self.addrs.get_mut(at) else {
            return;
        };
        ifa.state = DadState::Running;
        let accepts = link.all.of(Conf6::AcceptDad) >= 1 || link.dev.of(Conf6::AcceptDad) >= 1;
        let no_need = link.noarp
            || link.loopback
            || !accepts
            || !ifa.has(IFA_F_TENTATIVE)
            || ifa.has(IFA_F_NODAD);
        if no_need {
            self.dad_done(now, link, at, out);
        } else if ready {
            if ifa.has(IFA_F_OPTIMISTIC) {
                ifa.ready = true;
                Self::add_route(out, RouteKind::Local, &ifa.clone());
            }
            self.dad_kick(now, link, at);
        }
        // On a device that is not ready it stays tentative and waits (`addrconf_dad_stop`).
    }

    /// Draws the wait before the first probe, up to `router_solicitation_delay` (`addrconf_dad_kick`).
    pub(super) fn dad_kick(&mut self, now: SimTime, link: &Link<'_>, at: usize) {
        let longest = link.seconds(Conf6::RouterSolicitationDelay);
        let nanos = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
        let wait = Duration::from_nanos(self.random.below_u64(nanos));
        let nonce = link.either(Conf6::EnhancedDad).then(|| {
            let [a, b, c, d, e, f, _, _] = self.random.next_u64().max(1).to_le_bytes();
            [a, b, c, d, e, f]
        });
        if let Some(ifa) = self.addrs.get_mut(at) {
            let hasty = ifa.has(IFA_F_OPTIMISTIC);
            ifa.probes = u32::try_from(link.dev.of(Conf6::DadTransmits)).unwrap_or(0);
            ifa.nonce = nonce;
            ifa.dad_at = Some(if hasty { now } else { now + wait });
        }
    }

    /// Probes, and ends the waits that are over.
    pub(super) fn dad_timers(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        let due: Vec<Ipv6Addr> = self
            .addrs
            .iter()
            .filter(|ifa| ifa.dad_at.is_some_and(|at| at <= now))
            .map(|ifa| ifa.addr)
            .collect();
        for addr in due {
            if let Some(at) = self.addrs.iter().position(|ifa| ifa.addr == addr) {
                self.dad_work(now, link, at, out);
            }
        }
    }

    fn dad_work(&mut self, now: SimTime, link: &Link<'_>, at: usize, out: &mut Vec<Action>) {
        let ready = self.ready;
        let Some(ifa) = self.addrs.get_mut(at) else {
            return;
        };
        ifa.dad_at = None;
        match ifa.state {
            DadState::Conflict => self.dad_failed(now, link, at, out),
            DadState::Before => {
                let addr = ifa.addr;
                self.dad_start(now, link, addr, out);
            }
            DadState::Running | DadState::Over if !ready => {}
            DadState::Running | DadState::Over if ifa.probes == 0 => {
                self.dad_done(now, link, at, out);
            }
            DadState::Running | DadState::Over => {
                ifa.probes -= 1;
                let wait = link.retrans_time.max(Duration::from_millis(10));
                ifa.dad_at = Some(now + wait);
                out.push(probe(ifa.addr, ifa.nonce));
            }
        }
    }

    /// The address is ours (`addrconf_dad_completed`).
    fn dad_done(&mut self, now: SimTime, link: &Link<'_>, at: usize, out: &mut Vec<Action>) {
        let Some(ifa) = self.addrs.get_mut(at) else {
            return;
        };
        let tell = ifa.has(IFA_F_TENTATIVE) && !ifa.has(IFA_F_OPTIMISTIC);
        ifa.flags &= !(IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED);
        ifa.dad_at = None;
        ifa.ready = true;
        let own = ifa.clone();
        Self::add_route(out, RouteKind::Local, &own);
        if link.on(Conf6::Forwarding) {
            self.join_anycast(now, link, own.addr, own.prefix_len, out);
        }
        if let Some(peer) = own.peer {
            out.push(Action::AddRoute(super::addr::peer_route(&own, peer)));
        }
        out.push(Action::Address(own.addr, AddressEvent::Ready));
        let first_link_local = is_link_local(own.addr) && self.is_lonely(own.addr);
        if first_link_local {
            self.groups_source_ready(now, link, out);
        }
        if tell && link.either(Conf6::NdiscNotify) {
            out.push(advertisement(
                link, own.addr, own.addr, ALL_NODES, false, true, true,
            ));
        }
        if first_link_local {
            self.solicit_routers(now, link, out);
        }
    }

    /// Whether no other link-local address of the device is settled (`ipv6_lonely_lladdr`).
    fn is_lonely(&self, addr: Ipv6Addr) -> bool {
        const STATE: u32 = IFA_F_PERMANENT | IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED;
        !self.addrs.iter().any(|ifa| {
            ifa.addr != addr && is_link_local(ifa.addr) && ifa.flags & STATE == IFA_F_PERMANENT
        })
    }

    /// Somebody else on the link has or wants the address (`addrconf_dad_failure`).
    pub(super) fn dad_conflict(&mut self, now: SimTime, link: &Link<'_>, addr: Ipv6Addr) {
        let found = self.addrs.iter_mut().find(|ifa| ifa.addr == addr);
        let Some(ifa) = found.filter(|ifa| ifa.state == DadState::Running) else {
            return;
        };
        ifa.state = DadState::Conflict;
        ifa.dad_at = Some(now);
        let retry = ifa.has(IFA_F_STABLE_PRIVACY) && ifa.conflicts < GENERATION_RETRIES;
        if retry {
            let mut next = ifa.clone();
            next.conflicts += 1;
            next.addr = self.random_address(prefix_of(next.addr, 64));
            next.state = DadState::Before;
            next.dad_at = Some(now + GENERATION_DELAY);
            let max = usize::try_from(link.dev.of(Conf6::MaxAddresses)).unwrap_or(0);
            if max == 0 || self.addrs.len() < max {
                insert(&mut self.addrs, next);
            }
        }
    }

    /// `DAD_ABORT`: the address stays, tentative for ever, or goes.
    fn dad_failed(&mut self, now: SimTime, link: &Link<'_>, at: usize, out: &mut Vec<Action>) {
        let Some(ifa) = self.addrs.get_mut(at) else {
            return;
        };
        ifa.state = DadState::Over;
        ifa.flags |= IFA_F_DADFAILED | IFA_F_TENTATIVE;
        ifa.flags &= !IFA_F_OPTIMISTIC;
        let failed: Ifaddr6 = ifa.clone();
        if failed.has(IFA_F_TEMPORARY) || !failed.has(IFA_F_PERMANENT) {
            self.remove_at(now, link, at, out);
        } else {
            out.push(Action::Address(failed.addr, AddressEvent::Duplicate));
        }
        let strict = link.all.of(Conf6::AcceptDad) > 1 || link.dev.of(Conf6::AcceptDad) > 1;
        let by_station = failed.addr == eui64(LINK_LOCAL, link.mac);
        if strict && by_station && !failed.has(IFA_F_STABLE_PRIVACY) {
            out.push(Action::Disable);
            self.link_down(now, link, out);
        }
    }
}
