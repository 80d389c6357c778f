//! What a neighbour discovery message makes a host do: answer, learn, give up an address
//! (`ndisc_recv_ns`, `_na`, `_rs`, `ndisc_router_discovery`, redirects). It sends nothing.

use std::net::Ipv6Addr;

use super::in6::{IFA_F_OPTIMISTIC, IFA_F_TENTATIVE, is_link_local};
use super::mld::ALL_NODES;
use super::ra::RouterFacts;
use super::{Action, Inet6Device, Link};
use crate::engine::trace::DropReason;
use crate::netns::conf::Conf6;
use crate::netns::neigh::{self, NeighFlags, NeighTable, Nud, Update, UpdateFlags, Waiting};
use crate::units::{MacAddr, SimTime};
use crate::wire::{Frame, NdBody, NdMessage, is_solicited_node, solicited_node};

/// A message that came in, with hop limit 255, code 0, unfragmented and with a right checksum;
/// the caller checks these.
#[derive(Clone, Debug)]
pub struct Received<'a> {
    /// The whole IPv6 packet, which a proxy's delay keeps.
    pub packet: &'a Frame,
    /// Its source.
    pub source: Ipv6Addr,
    /// Its destination.
    pub target: Ipv6Addr,
    /// The message from its ICMPv6 type on.
    pub message: &'a [u8],
    /// It came to this station alone (`PACKET_HOST`).
    pub to_host: bool,
    /// It comes from [`neigh::Action::ProxyRedo`]: it has waited already.
    pub locally_enqueued: bool,
}

/// What the routes know, for advertisements and for proxies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// About the router that advertises.
    pub router: RouterFacts,
    /// The address from which a packet to the asker would go, for answers on behalf of others
    /// (`ipv6_dev_get_saddr`).
    pub source_for_proxy: Option<Ipv6Addr>,
}

/// What becomes of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It was taken note of, and answered where it asked.
    Consumed,
    /// A proxy answers later, see [`neigh::Action::ProxyRedo`].
    Delayed,
    /// It is of no use to this host.
    Dropped(DropReason),
    /// A router is no longer one: its default routes go (`rt6_clean_tohost`).
    NotARouter(Ipv6Addr),
    /// A router knows a better next hop: replace the route to `destination`, where
    /// `accept_redirects` allows it. The next hop is known to the table already.
    Redirect {
        /// For packets to it.
        destination: Ipv6Addr,
        /// The better next hop, or the destination itself where it is on the link.
        next_hop: Ipv6Addr,
    },
}

/// Everything a message may change.
pub struct Parts<'a, 'l, P> {
    /// IPv6 of the device where it came in.
    pub device: &'a mut Inet6Device,
    /// That device.
    pub link: &'a Link<'l>,
    /// The neighbours of the namespace.
    pub table: &'a mut NeighTable<Ipv6Addr, P>,
    /// What is to be done for the device.
    pub out: &'a mut Vec<Action>,
    /// What is to be done for the neighbours.
    pub neigh_out: &'a mut Vec<neigh::Action<Ipv6Addr, P>>,
}

const IGNORED: Verdict = Verdict::Dropped(DropReason::NdiscIgnored);

/// Decides about one message (`ndisc_rcv`).
pub fn receive<P: Waiting<Ipv6Addr>>(
    now: SimTime,
    received: &Received<'_>,
    facts: &Facts,
    parts: &mut Parts<'_, '_, P>,
) -> Verdict {
    let Ok(message) = NdMessage::parse(received.message) else {
        return IGNORED;
    };
    match message.body {
        NdBody::NeighbourSolicitation { target } => {
            asked(now, received, facts, &message, target, parts)
        }
        NdBody::NeighbourAdvertisement { target, .. } => {
            answered(now, received, &message, target, parts)
        }
        NdBody::RouterSolicitation => router_asked(now, received, &message, parts),
        NdBody::RouterAdvertisement { .. } => advertised(now, received, facts, &message, parts),
        NdBody::Redirect {
            target,
            destination,
        } => redirected(now, received, &message, target, destination, parts),
    }
}

/// A neighbour solicitation.
fn asked<P: Waiting<Ipv6Addr>>(
    now: SimTime,
    received: &Received<'_>,
    facts: &Facts,
    message: &NdMessage,
    target: Ipv6Addr,
    parts: &mut Parts<'_, '_, P>,
) -> Verdict {
    let probe = received.source.is_unspecified();
    let lladdr = message.options.source_lladdr;
    let misdirected = probe && (!is_solicited_node(received.target) || lladdr.is_some());
    if target.is_multicast() || misdirected {
        return IGNORED;
    }
    let own = parts.device.addrs.iter().find(|ifa| ifa.addr == target);
    let is_own = own.is_some();
    let mut router = parts.link.on(Conf6::Forwarding);
    if let Some(ifa) = own {
        if ifa.has(IFA_F_TENTATIVE | IFA_F_OPTIMISTIC) {
            if probe {
                let looped = ifa.nonce.is_some() && ifa.nonce == message.options.nonce;
                if !looped {
                    parts.device.dad_conflict(now, parts.link, target);
                }
                return Verdict::Consumed;
            }
            if !ifa.has(IFA_F_OPTIMISTIC) {
                return Verdict::Consumed;
            }
        }
    } else if !parts.device.anycast.iter().any(|(own, _)| *own == target) {
        let proxied = proxy_flags(parts, target);
        let Some(flags) = proxied else {
            return IGNORED;
        };
        router = flags.has(NeighFlags::ROUTER);
        if let Some(verdict) = delay(now, received, parts) {
            return verdict;
        }
    } else if let Some(verdict) = delay(now, received, parts) {
        return verdict;
    }
    let source = match is_own {
        true => target,
        false => match facts.source_for_proxy.or(parts.device.link_local()) {
            Some(source) => source,
            None => return IGNORED,
        },
    };
    if probe {
        parts.out.push(advertisement_from(
            parts.link,
            source,
            target,
            ALL_NODES,
            [router, false, is_own],
            true,
        ));
        return Verdict::Consumed;
    }
    let to_group = received.target.is_multicast();
    if !learn_asker(now, received, lladdr, to_group, parts) {
        return Verdict::Consumed;
    }
    let bits = [router, true, is_own && to_group];
    let with_lladdr = to_group || parts.link.on(Conf6::ForceTllao);
    parts.out.push(advertisement_from(
        parts.link,
        source,
        target,
        received.source,
        bits,
        with_lladdr,
    ));
    Verdict::Consumed
}

/// The flags of the proxy entry for an address that a router answers for (`pndisc_is_router`).
fn proxy_flags<P: Waiting<Ipv6Addr>>(
    parts: &Parts<'_, '_, P>,
    target: Ipv6Addr,
) -> Option<NeighFlags> {
    let on = parts.link.on(Conf6::Forwarding) && parts.link.either(Conf6::ProxyNdp);
    let proxy = parts.table.proxy(parts.link.ifindex, target);
    proxy.filter(|_| on).map(|proxy| proxy.flags)
}

/// Answers for anycast and proxied addresses wait a random time (RFC 4861, 7.2.7 and 7.2.8).
fn delay<P: Waiting<Ipv6Addr>>(
    now: SimTime,
    received: &Received<'_>,
    parts: &mut Parts<'_, '_, P>,
) -> Option<Verdict> {
    let ifindex = parts.link.ifindex;
    let at_once = received.locally_enqueued
        || received.to_host
        || !received.target.is_multicast()
        || parts.table.params(Some(ifindex)).proxy_delay.is_zero();
    if at_once {
        return None;
    }
    let queued = parts
        .table
        .enqueue_proxied(now, ifindex, received.packet.clone());
    Some(match queued {
        Ok(()) => Verdict::Delayed,
        Err(_) => IGNORED,
    })
}

/// The asker becomes known; says whether it may be answered.
fn learn_asker<P: Waiting<Ipv6Addr>>(
    now: SimTime,
    received: &Received<'_>,
    lladdr: Option<MacAddr>,
    to_group: bool,
    parts: &mut Parts<'_, '_, P>,
) -> bool {
    let ifindex = parts.link.ifindex;
    let known = parts.table.known(now, ifindex, received.source).is_some();
    if !known && to_group && lladdr.is_none() {
        return false;
    }
    let update = Update {
        lladdr,
        state: Nud::Stale,
        flags: UpdateFlags::WEAK_OVERRIDE | UpdateFlags::OVERRIDE,
    };
    parts
        .table
        .learn(now, ifindex, received.source, update, parts.neigh_out)
        .is_ok()
}

/// A neighbour advertisement.
fn answered<P: Waiting<Ipv6Addr>>(
    now: SimTime,
    received: &Received<'_>,
    message: &NdMessage,
    target: Ipv6Addr,
    parts: &mut Parts<'_, '_, P>,
) -> Verdict {
    let NdBody::NeighbourAdvertisement {
        router,
        solicited,
        over,
        ..
    } = message.body
    else {
        return IGNORED;
    };
    let odd = target.is_multicast() || (received.target.is_multicast() && solicited);
    if odd || (!solicited && parts.link.on(Conf6::DropUnsolicitedNa)) {
        return IGNORED;
    }
    if let Some(ifa) = parts.device.addrs.iter().find(|ifa| ifa.addr == target) {
        if ifa.has(IFA_F_TENTATIVE) {
            parts.device.dad_conflict(now, parts.link, target);
        }
        return Verdict::Consumed;
    }
    let (ifindex, lladdr) = (parts.link.ifindex, message.options.target_lladdr);
    let known = parts.table.known(now, ifindex, target);
    let accepts = parts.link.on(Conf6::Forwarding) && parts.link.on(Conf6::AcceptUntrackedNa);
    let state = match (known, solicited) {
        (Some(known), _) if known.state == Nud::Failed => return Verdict::Consumed,
        (None, _) if lladdr.is_none() || !accepts => return Verdict::Consumed,
        (Some(_), true) => Nud::Reachable,
        (Some(_), false) | (None, _) => Nud::Stale,
    };
    let mirrored = lladdr == Some(parts.link.mac)
        && parts.link.on(Conf6::Forwarding)
        && parts.link.either(Conf6::ProxyNdp)
        && parts.table.proxy(ifindex, target).is_some();
    if mirrored {
        return Verdict::Consumed;
    }
    let mut flags = UpdateFlags::WEAK_OVERRIDE | UpdateFlags::OVERRIDE_ISROUTER;
    for (set, flag) in [
        (over, UpdateFlags::OVERRIDE),
        (router, UpdateFlags::ISROUTER),
    ] {
        flags = if set { flags | flag } else { flags };
    }
    let update = Update {
        lladdr,
        state,
        flags,
    };
    let _ = parts
        .table
        .learn(now, ifindex, target, update, parts.neigh_out);
    let was_router = known.is_some_and(|known| known.flags.has(NeighFlags::ROUTER));
    match was_router && !router {
        true => Verdict::NotARouter(received.source),
        false => Verdict::Consumed,
    }
}

/// A router solicitation: routers learn who asks; the kernel itself never answers.
fn router_asked<P: Waiting<Ipv6Addr>>(
    now: SimTime,
    received: &Received<'_>,
    message: &NdMessage,
    parts: &mut Parts<'_, '_, P>,
) -> Verdict {
    if !parts.link.on(Conf6::Forwarding) || received.source.is_unspecified() {
        return Verdict::Consumed;
    }
    let update = Update {
        lladdr: message.options.source_lladdr,
        state: Nud::Stale,
        flags: UpdateFlags::WEAK_OVERRIDE | UpdateFlags::OVERRIDE | UpdateFlags::OVERRIDE_ISROUTER,
    };
    let ifindex = parts.link.ifindex;
    let _ = parts
        .table
        .learn(now, ifindex, received.source, update, parts.neigh_out);
    Verdict::Consumed
}

/// A router advertisement.
fn advertised<P: Waiting<Ipv6Addr>>(
    now: SimTime,
    received: &Received<'_>,
    facts: &Facts,
    message: &NdMessage,
    parts: &mut Parts<'_, '_, P>,
) -> Verdict {
    if !is_link_local(received.source) {
        return IGNORED;
    }
    let update = Update {
        lladdr: message.options.source_lladdr,
        state: Nud::Stale,
        flags: UpdateFlags::WEAK_OVERRIDE
            | UpdateFlags::OVERRIDE
            | UpdateFlags::OVERRIDE_ISROUTER
            | UpdateFlags::ISROUTER,
    };
    let ifindex = parts.link.ifindex;
    let _ = parts
        .table
        .learn(now, ifindex, received.source, update, parts.neigh_out);
    parts.device.router_advertised(
        now,
        parts.link,
        received.source,
        message,
        &facts.router,
        parts.out,
    );
    Verdict::Consumed
}

/// A redirect (`ndisc_redirect_rcv`, `rt6_do_redirect`).
fn redirected<P: Waiting<Ipv6Addr>>(
    now: SimTime,
    received: &Received<'_>,
    message: &NdMessage,
    target: Ipv6Addr,
    destination: Ipv6Addr,
    parts: &mut Parts<'_, '_, P>,
) -> Verdict {
    let on_link = target == destination;
    let odd = !is_link_local(received.source)
        || destination.is_multicast()
        || (!on_link && !is_link_local(target));
    let refused = parts.link.on(Conf6::Forwarding) || !parts.link.on(Conf6::AcceptRedirects);
    if odd || refused {
        return IGNORED;
    }
    let mut flags = UpdateFlags::WEAK_OVERRIDE | UpdateFlags::OVERRIDE;
    if !on_link {
        flags = flags | UpdateFlags::OVERRIDE_ISROUTER | UpdateFlags::ISROUTER;
    }
    let update = Update {
        lladdr: message.options.target_lladdr,
        state: Nud::Stale,
        flags,
    };
    let ifindex = parts.link.ifindex;
    let _ = parts
        .table
        .learn(now, ifindex, target, update, parts.neigh_out);
    Verdict::Redirect {
        destination,
        next_hop: target,
    }
}

impl Inet6Device {
    /// Asks for a neighbour, as [`neigh::Action::Solicit`] wants it (`ndisc_solicit`): from the
    /// packet's source where that is a settled address of this device, else from the link-local
    /// one. Nothing is sent where there is neither.
    pub fn solicit(
        &self,
        link: &Link<'_>,
        target: Ipv6Addr,
        unicast_to: Option<MacAddr>,
        source: Option<Ipv6Addr>,
        out: &mut Vec<Action>,
    ) {
        let settled = |source: &Ipv6Addr| {
            let mut own = self.addrs.iter().filter(|ifa| ifa.addr == *source);
            own.any(|ifa| !ifa.has(IFA_F_TENTATIVE | IFA_F_OPTIMISTIC))
        };
        let Some(source) = source.filter(settled).or_else(|| self.link_local()) else {
            return;
        };
        let next_hop = match unicast_to {
            Some(_) => target,
            None => solicited_node(target),
        };
        let mut message = NdMessage::new(NdBody::NeighbourSolicitation { target });
        message.options.source_lladdr = Some(link.mac);
        out.push(Action::Output {
            packet: message.packet(source, next_hop),
            next_hop,
        });
    }

    /// Tells the link about all settled addresses, where `ndisc_notify` is on: after
    /// the station address changed (`ndisc_send_unsol_na`).
    pub fn announce(&self, link: &Link<'_>, out: &mut Vec<Action>) {
        if !link.either(Conf6::NdiscNotify) || !self.ready {
            return;
        }
        for ifa in &self.addrs {
            if !ifa.has(IFA_F_TENTATIVE) {
                out.push(advertisement(
                    link, ifa.addr, ifa.addr, ALL_NODES, false, true, true,
                ));
            }
        }
    }
}

/// The probe of duplicate detection: from `::` to the address's group.
pub(super) fn probe(target: Ipv6Addr, nonce: Option<[u8; 6]>) -> Action {
    let mut message = NdMessage::new(NdBody::NeighbourSolicitation { target });
    message.options.nonce = nonce;
    let group = solicited_node(target);
    Action::Output {
        packet: message.packet(Ipv6Addr::UNSPECIFIED, group),
        next_hop: group,
    }
}

/// An advertisement of an own address, with the router bit of the device.
pub(super) fn advertisement(
    link: &Link<'_>,
    source: Ipv6Addr,
    target: Ipv6Addr,
    next_hop: Ipv6Addr,
    solicited: bool,
    over: bool,
    with_lladdr: bool,
) -> Action {
    let router = link.on(Conf6::Forwarding);
    let bits = [router, solicited, over];
    advertisement_from(link, source, target, next_hop, bits, with_lladdr)
}

/// `ndisc_send_na`; `bits` are router, solicited, override.
fn advertisement_from(
    link: &Link<'_>,
    source: Ipv6Addr,
    target: Ipv6Addr,
    next_hop: Ipv6Addr,
    [router, solicited, over]: [bool; 3],
    with_lladdr: bool,
) -> Action {
    let mut message = NdMessage::new(NdBody::NeighbourAdvertisement {
        router,
        solicited,
        over,
        target,
    });
    message.options.target_lladdr = with_lladdr.then_some(link.mac);
    Action::Output {
        packet: message.packet(source, next_hop),
        next_hop,
    }
}
