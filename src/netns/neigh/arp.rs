//! What an ARP packet makes the namespace do: answer, learn, or nothing (`arp_process`),
//! and from which address a question is asked (`arp_solicit`).
//! Addresses and routes are known to others; they are asked through [`LocalFacts`].

use std::net::Ipv4Addr;

use super::state::{AddrKind, Nud, UpdateFlags};
use super::table::{Action, NeighTable, Waiting};
use super::update::Update;
use crate::engine::trace::DropReason;
use crate::netns::conf::{Conf4, Settings4};
use crate::netns::inet::{SCOPE_HOST, SCOPE_LINK};
use crate::units::{IfIndex, MacAddr, SimTime};
use crate::wire::{Arp, Frame};

/// What ARP asks about addresses and routes of its namespace.
pub trait LocalFacts {
    /// What kind of address this is for the device (`inet_addr_type_dev_table`).
    fn addr_kind(&self, ifindex: IfIndex, addr: Ipv4Addr) -> AddrKind;

    /// Where a packet from `source` to `target` that came in at the device would go:
    /// the kind of the route and the device out. Nothing where it is refused, by
    /// rp_filter too (`ip_route_input`).
    fn route_input(
        &self,
        ifindex: IfIndex,
        source: Ipv4Addr,
        target: Ipv4Addr,
    ) -> Option<(AddrKind, IfIndex)>;

    /// The device by which a packet of our own from `source` to `target` would leave
    /// (`ip_route_output`).
    fn route_output(&self, target: Ipv4Addr, source: Ipv4Addr) -> Option<IfIndex>;

    /// Whether `local`, or any address where it is unspecified, is ours at this device or,
    /// without one, at any, of a scope up to `scope`, and in one subnet with `target` where
    /// that is specified (`inet_confirm_addr`).
    fn confirm_addr(
        &self,
        ifindex: Option<IfIndex>,
        target: Ipv4Addr,
        local: Ipv4Addr,
        scope: u8,
    ) -> bool;

    /// Whether both addresses are in one subnet of the device (`inet_addr_onlink`).
    fn are_onlink(&self, ifindex: IfIndex, target: Ipv4Addr, source: Ipv4Addr) -> bool;

    /// The address to use towards `target` by this device (`inet_select_addr` with link
    /// scope); unspecified where there is none.
    fn select_source(&self, ifindex: IfIndex, target: Ipv4Addr) -> Ipv4Addr;

    /// `medium_id` of another device, for proxy_arp.
    fn medium_id(&self, ifindex: IfIndex) -> i64;
}

/// The settings of one device that ARP obeys, combined with those of `all`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ArpConf {
    /// `arp_ignore`, the larger of both.
    pub ignore: i64,
    /// `arp_announce`, the larger of both.
    pub announce: i64,
    /// `arp_accept`, the larger of both.
    pub accept: i64,
    /// `arp_filter` of either.
    pub filter: bool,
    /// `proxy_arp` of either.
    pub proxy: bool,
    /// `proxy_arp_pvlan` of either.
    pub proxy_pvlan: bool,
    /// `route_localnet` of either.
    pub route_localnet: bool,
    /// `drop_gratuitous_arp` of either.
    pub drop_gratuitous: bool,
    /// `forwarding` of the device.
    pub forwarding: bool,
    /// `medium_id` of the device.
    pub medium_id: i64,
}

impl ArpConf {
    /// As the `IN_DEV_*` macros combine them.
    pub fn combine(all: &Settings4, dev: &Settings4) -> Self {
        let most = |setting| all.of(setting).max(dev.of(setting));
        let any = |setting| all.on(setting) || dev.on(setting);
        Self {
            ignore: most(Conf4::ArpIgnore),
            announce: most(Conf4::ArpAnnounce),
            accept: most(Conf4::ArpAccept),
            filter: any(Conf4::ArpFilter),
            proxy: any(Conf4::ProxyArp),
            proxy_pvlan: any(Conf4::ProxyArpPvlan),
            route_localnet: any(Conf4::RouteLocalnet),
            drop_gratuitous: any(Conf4::DropGratuitousArp),
            forwarding: dev.on(Conf4::Forwarding),
            medium_id: dev.of(Conf4::MediumId),
        }
    }
}

/// One ARP packet that came in.
#[derive(Clone, Debug)]
pub struct Received<'a> {
    /// At which device.
    pub ifindex: IfIndex,
    /// The device's own station.
    pub own_mac: MacAddr,
    /// The whole frame, from its Ethernet header on.
    pub frame: &'a Frame,
    /// It was sent to this station alone, not to all (`PACKET_HOST`).
    pub to_host: bool,
    /// It comes from [`Action::ProxyRedo`]: it has waited already.
    pub locally_enqueued: bool,
}

/// What becomes of an ARP packet.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Transmit this frame through the device it came from.
    Reply(Frame),
    /// It was taken note of; nothing is sent.
    Consumed,
    /// A proxy answers later, see [`Action::ProxyRedo`].
    Delayed,
    /// It is of no use to this namespace.
    Dropped(DropReason),
}

/// Decides about a packet that came in at a device that is up and does ARP; the caller has
/// dropped what is for another station (`arp_rcv`, `arp_process`).
pub fn process<P: Waiting<Ipv4Addr>>(
    table: &mut NeighTable<Ipv4Addr, P>,
    facts: &impl LocalFacts,
    conf: &ArpConf,
    now: SimTime,
    received: &Received<'_>,
    out: &mut Vec<Action<Ipv4Addr, P>>,
) -> Verdict {
    let body = received.frame.bytes().get(crate::wire::ETH_HLEN..);
    let Some(arp) = body.and_then(Arp::parse) else {
        return Verdict::Dropped(DropReason::NotSpecified);
    };
    if !is_acceptable(&arp, conf) {
        return Verdict::Dropped(DropReason::ArpIgnored);
    }
    if arp.sender_ip.is_unspecified() {
        return answer_probe(facts, conf, received, &arp);
    }
    if arp.is_request
        && let Some(verdict) = answer(table, facts, conf, now, received, &arp, out)
    {
        return verdict;
    }
    take_note(table, facts, conf, now, received, &arp, out);
    Verdict::Consumed
}

/// The source address of a question that [`Action::Solicit`] wants asked; `source` is that
/// action's (`arp_solicit`).
pub fn solicit_source(
    facts: &impl LocalFacts,
    conf: &ArpConf,
    ifindex: IfIndex,
    target: Ipv4Addr,
    source: Option<Ipv4Addr>,
) -> Ipv4Addr {
    let own = source.filter(|source| facts.addr_kind(ifindex, *source) == AddrKind::Local);
    let wanted = match conf.announce {
        1 => own.filter(|source| facts.are_onlink(ifindex, target, *source)),
        2 => None,
        _ => own,
    };
    wanted.unwrap_or_else(|| facts.select_source(ifindex, target))
}

/// The question itself, from `own_mac`, to one station or to all.
pub fn solicitation(
    own_mac: MacAddr,
    source: Ipv4Addr,
    target: Ipv4Addr,
    unicast_to: Option<MacAddr>,
) -> Frame {
    let request = Arp::request(own_mac, source, target);
    request.frame(own_mac, unicast_to.unwrap_or(MacAddr::BROADCAST))
}

/// The announcement of an own address (`inetdev_send_gratuitous_arp`): sent for every address
/// when the device comes up or changes its MAC with `arp_notify`, and on `NETDEV_NOTIFY_PEERS`.
pub fn gratuitous(own_mac: MacAddr, addr: Ipv4Addr) -> Frame {
    Arp::request(own_mac, addr, addr).frame(own_mac, MacAddr::BROADCAST)
}

/// Neither about a group or a loopback, nor gratuitous where that is unwanted.
fn is_acceptable(arp: &Arp, conf: &ArpConf) -> bool {
    let odd = arp.target_ip.is_multicast() || (arp.target_ip.is_loopback() && !conf.route_localnet);
    let unwanted = conf.drop_gratuitous && arp.sender_ip == arp.target_ip;
    !odd && !unwanted
}

/// Somebody asks whether an address is free (RFC 2131, RFC 5227).
fn answer_probe(
    facts: &impl LocalFacts,
    conf: &ArpConf,
    received: &Received<'_>,
    arp: &Arp,
) -> Verdict {
    let ours = facts.addr_kind(received.ifindex, arp.target_ip) == AddrKind::Local;
    if arp.is_request && ours && !is_ignored(facts, conf, received.ifindex, arp) {
        return reply(received, arp);
    }
    Verdict::Consumed
}

/// A request for one of our addresses, or for one that we answer for; nothing for another.
fn answer<P: Waiting<Ipv4Addr>>(
    table: &mut NeighTable<Ipv4Addr, P>,
    facts: &impl LocalFacts,
    conf: &ArpConf,
    now: SimTime,
    received: &Received<'_>,
    arp: &Arp,
    out: &mut Vec<Action<Ipv4Addr, P>>,
) -> Option<Verdict> {
    let ifindex = received.ifindex;
    let (kind, oif) = facts.route_input(ifindex, arp.sender_ip, arp.target_ip)?;
    if kind == AddrKind::Local {
        let silent = is_ignored(facts, conf, ifindex, arp)
            || (conf.filter && is_filtered(facts, ifindex, arp));
        if silent {
            return Some(Verdict::Dropped(DropReason::ArpIgnored));
        }
        let learned = table.learn_asker(now, ifindex, arp.sender_ip, arp.sender_mac, out);
        return Some(match learned {
            Ok(()) => reply(received, arp),
            Err(reason) => Verdict::Dropped(reason),
        });
    }
    let proxied = kind == AddrKind::Unicast
        && conf.forwarding
        && is_proxied(table, facts, conf, ifindex, oif, arp);
    if !proxied {
        return None;
    }
    let _ = table.learn_asker(now, ifindex, arp.sender_ip, arp.sender_mac, out);
    let at_once = received.locally_enqueued
        || received.to_host
        || table.params(Some(ifindex)).proxy_delay.is_zero();
    if at_once {
        return Some(reply(received, arp));
    }
    Some(
        match table.enqueue_proxied(now, ifindex, received.frame.clone()) {
            Ok(()) => Verdict::Delayed,
            Err(_) => Verdict::Dropped(DropReason::ArpIgnored),
        },
    )
}

/// Whether the namespace answers on behalf of somebody behind the device `oif`
/// (`arp_fwd_proxy`, `arp_fwd_pvlan`, `pneigh_lookup`).
fn is_proxied<P: Waiting<Ipv4Addr>>(
    table: &NeighTable<Ipv4Addr, P>,
    facts: &impl LocalFacts,
    conf: &ArpConf,
    ifindex: IfIndex,
    oif: IfIndex,
    arp: &Arp,
) -> bool {
    if oif == ifindex {
        return conf.proxy_pvlan && arp.sender_ip != arp.target_ip;
    }
    let other_medium = || match conf.medium_id {
        0 => true,
        -1 => false,
        own => {
            let other = facts.medium_id(oif);
            other != own && other != -1
        }
    };
    (conf.proxy && other_medium()) || table.proxy(ifindex, arp.target_ip).is_some()
}

/// Whether `arp_ignore` keeps us silent (`arp_ignore`).
fn is_ignored(facts: &impl LocalFacts, conf: &ArpConf, ifindex: IfIndex, arp: &Arp) -> bool {
    let any = Ipv4Addr::UNSPECIFIED;
    let (dev, source, scope) = match conf.ignore {
        1 => (Some(ifindex), any, SCOPE_HOST),
        2 => (Some(ifindex), arp.sender_ip, SCOPE_HOST),
        3 => (None, any, SCOPE_LINK),
        8 => return true,
        _ => return false,
    };
    !facts.confirm_addr(dev, source, arp.target_ip, scope)
}

/// Whether our answer to the asker would leave by another device (`arp_filter`).
fn is_filtered(facts: &impl LocalFacts, ifindex: IfIndex, arp: &Arp) -> bool {
    facts.route_output(arp.sender_ip, arp.target_ip) != Some(ifindex)
}

fn reply(received: &Received<'_>, arp: &Arp) -> Verdict {
    let answer = arp.reply(received.own_mac);
    Verdict::Reply(answer.frame(received.own_mac, arp.sender_mac))
}

/// Updates what is known of the sender; a new entry only where `arp_accept` says so.
fn take_note<P: Waiting<Ipv4Addr>>(
    table: &mut NeighTable<Ipv4Addr, P>,
    facts: &impl LocalFacts,
    conf: &ArpConf,
    now: SimTime,
    received: &Received<'_>,
    arp: &Arp,
    out: &mut Vec<Action<Ipv4Addr, P>>,
) {
    let (ifindex, sender) = (received.ifindex, arp.sender_ip);
    let known = table.known(now, ifindex, sender);
    let accept = known.is_none() && is_accepted(facts, conf, ifindex, sender);
    if known.is_none() && !accept {
        return;
    }
    let unicast = || facts.addr_kind(ifindex, sender) == AddrKind::Unicast;
    let gratuitous = is_gratuitous(arp) && unicast();
    if known.is_none() && !gratuitous && (arp.is_request || !unicast()) {
        return;
    }
    let believed = gratuitous || known.is_none_or(|known| !known.locked);
    let state = match !arp.is_request && received.to_host {
        true => Nud::Reachable,
        false => Nud::Stale,
    };
    let update = Update {
        lladdr: Some(arp.sender_mac),
        state,
        flags: match believed {
            true => UpdateFlags::OVERRIDE,
            false => UpdateFlags::EMPTY,
        },
    };
    let _ = table.learn(now, ifindex, sender, update, out);
}

/// Whether an unknown sender may become known (`arp_accept`).
fn is_accepted(
    facts: &impl LocalFacts,
    conf: &ArpConf,
    ifindex: IfIndex,
    sender: Ipv4Addr,
) -> bool {
    let any = Ipv4Addr::UNSPECIFIED;
    match conf.accept {
        1 => true,
        2 => facts.confirm_addr(Some(ifindex), sender, any, SCOPE_LINK),
        _ => false,
    }
}

/// Whether it announces the sender (`arp_is_garp`); a reply has to name the station twice.
fn is_gratuitous(arp: &Arp) -> bool {
    arp.sender_ip == arp.target_ip && (arp.is_request || arp.sender_mac == arp.target_mac)
}
