//! Routers: asking for them, and what their advertisements change (`ndisc_router_discovery`,
//! `addrconf_prefix_rcv`, `addrconf_rs_timer`). It routes nothing itself.

use std::net::Ipv6Addr;
use std::time::Duration;

use super::in6::{
    IFA_F_DEPRECATED, IFA_F_MANAGETEMPADDR, IFA_F_STABLE_PRIVACY, IFA_F_TENTATIVE, Ifaddr6, eui64,
    insert, is_link_local, prefix_of,
};
use super::mld::ALL_ROUTERS;
use super::{Action, AddressEvent, Inet6Device, Link, Route6, RouteKind};
use crate::netns::conf::Conf6;
use crate::units::{Blank, SimTime};
use crate::wire::{NdBody, NdMessage, NdPrefix};

/// `IFAPROT_KERNEL_RA`.
const PROTO_RA: u8 = 2;
/// An address that is in use is not cut below this by an unauthenticated router (RFC 4862, 5.5.3).
const MIN_VALID: Duration = Duration::from_secs(7200);
/// A lifetime of all ones.
const FOR_EVER: u32 = u32::MAX;

/// How far asking for routers has come.
#[derive(Clone, Debug)]
pub(super) struct Solicitation {
    pub at: Option<SimTime>,
    interval: Duration,
    sent: i64,
    /// A question was sent, and an answer to it came (`IF_RS_SENT`, `IF_RA_RCVD`).
    asked: bool,
    answered: bool,
}

impl Blank for Solicitation {
    const BLANK: Self = Self {
        at: None,
        interval: Duration::ZERO,
        sent: 0,
        asked: false,
        answered: false,
    };
    const SHARED: &'static Self = &Self::BLANK;
}

/// What a router says about the link.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RouterInfo {
    /// The hop limit of the device from now on (`net.ipv6.conf.DEV.hop_limit`).
    pub hop_limit: Option<u8>,
    /// The MTU of IPv6 from now on (`net.ipv6.conf.DEV.mtu`).
    pub mtu: Option<u32>,
    /// `base_reachable_time_ms` of the device's neighbours; `gc_stale_time` is three times that.
    pub base_reachable_time: Option<Duration>,
    /// `retrans_time_ms` of the device's neighbours.
    pub retrans_time: Option<Duration>,
}

/// What the receiver of an advertisement has to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RouterFacts {
    /// The metric of the default route by this router and device, where there is one.
    pub default_route: Option<u32>,
    /// The router's address is one of this namespace.
    pub source_is_own: bool,
}

impl Inet6Device {
    /// The first question after the link-local address is ready.
    pub(super) fn solicit_routers(&mut self, now: SimTime, link: &Link<'_>, out: &mut Vec<Action>) {
        let wanted =
            link.accepts_ra() && link.dev.of(Conf6::RouterSolicitations) != 0 && !link.loopback;
        let Some(own) = self.link_local().filter(|_| wanted) else {
            return;
        };
        out.push(router_solicitation(link, own));
        let interval = self.vary(
            link.seconds(Conf6::RouterSolicitationInterval),
            900_000,
            1_100_000,
        );
        *self.solicitation = Solicitation {
            at: Some(now + interval),
            interval,
            sent: 1,
            asked: true,
            answered: false,
        };
    }

    /// Asks again, after about twice the last wait (RFC 7559).
    pub(super) fn solicitation_timer(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        out: &mut Vec<Action>,
    ) {
        if self.solicitation.at.is_none_or(|at| at > now) {
            return;
        }
        self.solicitation.at = None;
        if !self.ready || !link.accepts_ra() || self.solicitation.answered {
            return;
        }
        let most = link.dev.of(Conf6::RouterSolicitations);
        let sent = self.solicitation.sent;
        self.solicitation.sent = sent.saturating_add(1);
        if most >= 0 && sent >= most {
            return;
        }
        let Some(own) = self.link_local() else {
            return;
        };
        out.push(router_solicitation(link, own));
        let longest = link.seconds(Conf6::RouterSolicitationMaxInterval);
        let mut interval = self.vary(self.solicitation.interval, 1_900_000, 2_100_000);
        if interval > longest {
            interval = self.vary(longest, 900_000, 1_100_000);
        }
        self.solicitation.interval = interval;
        let last = self.solicitation.sent == most;
        let wait = match last {
            true => link.seconds(Conf6::RouterSolicitationDelay),
            false => interval,
        };
        self.solicitation.at = Some(now + wait.max(Duration::from_millis(4)));
    }

    /// `span` times a random number of millionths (`rfc3315_s14_backoff_init`, `_update`).
    fn vary(&mut self, span: Duration, from: u32, to: u32) -> Duration {
        let factor = from.saturating_add(self.random.below(to - from + 1));
        let nanos = span.as_nanos().saturating_mul(u128::from(factor)) / 1_000_000;
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// An advertisement that `ndisc` has found to be valid.
    pub(super) fn router_advertised(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        router: Ipv6Addr,
        message: &NdMessage,
        facts: &RouterFacts,
        out: &mut Vec<Action>,
    ) {
        let NdBody::RouterAdvertisement {
            hop_limit,
            preference,
            lifetime_s,
            reachable_ms,
            retrans_ms,
            ..
        } = message.body
        else {
            return;
        };
        if !link.accepts_ra() {
            return;
        }
        if self.solicitation.asked {
            self.solicitation.answered = true;
        }
        let mut info = RouterInfo::default();
        if link.on(Conf6::AcceptRaDefrtr) && may_be_default(link, lifetime_s, facts) {
            default_route(now, link, router, lifetime_s, preference, facts, out);
            let least = link.dev.of(Conf6::AcceptRaMinHopLimit);
            let wanted = hop_limit > 0 && i64::from(hop_limit) >= least;
            info.hop_limit = Some(hop_limit).filter(|_| wanted);
        }
        let at_least = |millis: u32, least: u64| {
            (millis > 0).then(|| Duration::from_millis(u64::from(millis).max(least)))
        };
        info.retrans_time = at_least(retrans_ms, 10);
        info.base_reachable_time = at_least(reachable_ms, 100);
        info.mtu = message
            .options
            .mtu
            .filter(|mtu| link.on(Conf6::AcceptRaMtu) && (1280..=link.mtu).contains(mtu));
        if info != RouterInfo::default() {
            out.push(Action::Learned(info));
        }
        if link.on(Conf6::AcceptRaPinfo) {
            for prefix in &message.options.prefixes {
                self.prefix_advertised(now, link, prefix, out);
            }
        }
    }

    /// A prefix of the link: a route to it, and an address in it (`addrconf_prefix_rcv`).
    fn prefix_advertised(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        info: &NdPrefix,
        out: &mut Vec<Action>,
    ) {
        let odd = info.prefix.is_multicast() || is_link_local(info.prefix) || info.prefix_len > 128;
        if odd || info.preferred_s > info.valid_s {
            return;
        }
        if info.on_link {
            let route = announced_prefix(now, info);
            out.push(match info.valid_s {
                0 => Action::DeleteRoute(route),
                _ => Action::AddRoute(route),
            });
        }
        if info.autonomous && link.on(Conf6::Autoconf) && info.prefix_len == 64 {
            self.autoconfigure(now, link, info, out);
        }
    }

    /// Makes an address of a prefix, or renews it (`addrconf_prefix_rcv_add_addr`).
    fn autoconfigure(
        &mut self,
        now: SimTime,
        link: &Link<'_>,
        info: &NdPrefix,
        out: &mut Vec<Action>,
    ) {
        let known = self.addrs.iter().position(|ifa| {
            ifa.proto == PROTO_RA && prefix_of(ifa.addr, 64) == prefix_of(info.prefix, 64)
        });
        if let Some(at) = known {
            self.renew(now, at, info, out);
            return;
        }
        let max = usize::try_from(link.dev.of(Conf6::MaxAddresses)).unwrap_or(0);
        if info.valid_s == 0 || (max > 0 && self.addrs.len() >= max) {
            return;
        }
        let stable = matches!(link.dev.of(Conf6::AddrGenMode), 2 | 3);
        let addr = match stable {
            true => self.random_address(info.prefix),
            false => eui64(info.prefix, link.mac),
        };
        if self.addrs.iter().any(|ifa| ifa.addr == addr) {
            return;
        }
        let mut flags = IFA_F_TENTATIVE | IFA_F_MANAGETEMPADDR;
        if stable {
            flags |= IFA_F_STABLE_PRIVACY;
        }
        let mut new = Ifaddr6::new(now, addr, 64, flags);
        new.proto = PROTO_RA;
        new.valid_until = until(now, info.valid_s);
        new.preferred_until = until(now, info.preferred_s);
        insert(&mut self.addrs, new);
        out.push(Action::Address(addr, AddressEvent::Changed));
        self.dad_start(now, link, addr, out);
    }

    fn renew(&mut self, now: SimTime, at: usize, info: &NdPrefix, out: &mut Vec<Action>) {
        let Some(ifa) = self.addrs.get_mut(at) else {
            return;
        };
        let left = ifa.valid_until.since(now);
        let wanted = until(now, info.valid_s);
        let floor = now + left.min(MIN_VALID);
        ifa.valid_until = wanted.max(floor);
        ifa.preferred_until = until(now, info.preferred_s).min(ifa.valid_until);
        ifa.updated = now;
        if info.preferred_s > 0 {
            ifa.flags &= !IFA_F_DEPRECATED;
        }
        out.push(Action::Address(ifa.addr, AddressEvent::Changed));
    }
}

/// Whether the router's lifetime is to be obeyed at all.
fn may_be_default(link: &Link<'_>, lifetime_s: u16, facts: &RouterFacts) -> bool {
    let least = link.dev.of(Conf6::AcceptRaMinLft);
    let long_enough = lifetime_s == 0 || i64::from(lifetime_s) >= least;
    long_enough && (link.on(Conf6::AcceptRaFromLocal) || !facts.source_is_own)
}

fn default_route(
    now: SimTime,
    link: &Link<'_>,
    router: Ipv6Addr,
    lifetime_s: u16,
    preference: u8,
    facts: &RouterFacts,
    out: &mut Vec<Action>,
) {
    let metric = u32::try_from(link.dev.of(Conf6::RaDefrtrMetric)).unwrap_or(1024);
    let usable = link.on(Conf6::AcceptRaRtrPref) && preference != 2;
    let route = |metric| Route6 {
        kind: RouteKind::Default,
        prefix: Ipv6Addr::UNSPECIFIED,
        prefix_len: 0,
        gateway: Some(router),
        metric,
        expires: now + Duration::from_secs(u64::from(lifetime_s)),
        from_router: true,
        preference: if usable { preference } else { 0 },
    };
    if let Some(old) = facts.default_route
        && (lifetime_s == 0 || old != metric)
    {
        out.push(Action::DeleteRoute(route(old)));
    }
    if lifetime_s > 0 {
        out.push(Action::AddRoute(route(metric)));
    }
}

fn announced_prefix(now: SimTime, info: &NdPrefix) -> Route6 {
    Route6 {
        kind: RouteKind::Prefix,
        prefix: prefix_of(info.prefix, info.prefix_len),
        prefix_len: info.prefix_len,
        gateway: None,
        metric: super::in6::METRIC_ADDRCONF,
        expires: until(now, info.valid_s),
        from_router: true,
        preference: 0,
    }
}

fn until(now: SimTime, seconds: u32) -> SimTime {
    match seconds {
        FOR_EVER => SimTime::NEVER,
        seconds => now + Duration::from_secs(u64::from(seconds)),
    }
}

fn router_solicitation(link: &Link<'_>, own: Ipv6Addr) -> Action {
    let mut message = NdMessage::new(NdBody::RouterSolicitation);
    message.options.source_lladdr = Some(link.mac);
    Action::Output {
        packet: message.packet(own, ALL_ROUTERS),
        next_hop: ALL_ROUTERS,
    }
}
