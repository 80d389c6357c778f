//! ARP and ND that a bridge answers in the name of a neighbour, or keeps from ports that need not hear it
//! (`br_do_proxy_suppress_arp` and `br_do_suppress_nd` of Linux 6.18). The neighbour tables are the caller's, who also sends the answer.

use std::net::Ipv6Addr;

use crate::units::{DevId, MacAddr};
use crate::wire::ipv6::{IPPROTO_ICMPV6, Ipv6View};
use crate::wire::{Arp, ETH_HLEN, ETH_P_ARP, ETH_P_IPV6, NdBody, NdMessage, VLAN_HLEN, VlanTag};

use super::Bridge;
use super::forward::{Forward, flooded};
use super::port::PortFlags;

/// The flags of ports that make a bridge look into ARP and ND.
const ANSWERING: PortFlags = PortFlags::PROXY_ARP
    .union(PortFlags::PROXY_ARP_WIFI)
    .union(PortFlags::NEIGH_SUPPRESS);
/// Ports that do not get what was answered.
const QUIET: PortFlags = PortFlags::PROXY_ARP_WIFI.union(PortFlags::NEIGH_SUPPRESS);

/// What a frame asks of a bridge that knows the neighbours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Question {
    /// Nothing: it announces or probes, which quiet ports need not hear.
    Told,
    /// Who has an address (RFC 826).
    Arp(Arp),
    /// Who has an address (RFC 4861, section 4.3).
    Solicitation {
        /// The address that is looked for.
        target: Ipv6Addr,
        /// Who asks.
        from: Ipv6Addr,
        /// The asker's station.
        station: MacAddr,
    },
}

impl Bridge {
    /// Whether any port wants ARP and ND to be answered or kept back.
    #[inline]
    pub fn answers(&self) -> bool {
        self.answering.has_any(ANSWERING)
    }

    /// Whether any port wants ARP and ND kept back (`BROPT_NEIGH_SUPPRESS_ENABLED`).
    pub fn suppresses(&self) -> bool {
        self.answering.has(PortFlags::NEIGH_SUPPRESS)
    }

    /// The flags of ports have changed (`br_recalculate_neigh_suppress_enabled`).
    pub(super) fn update_answering(&mut self) {
        let all = self
            .ports()
            .fold(PortFlags::NONE, |all, port| all.union(port.flags));
        self.answering = all;
    }

    /// What a frame asks that came in at the port of a device, or is the bridge's own.
    #[cold]
    pub fn question(&self, from: Option<DevId>, frame: &[u8]) -> Option<Question> {
        let at = from.and_then(|dev| self.port_of(dev));
        let behind = at.is_some_and(|port| port.flags.has(PortFlags::NEIGH_SUPPRESS));
        if behind {
            return None;
        }
        let head = match VlanTag::of(frame) {
            Some(_) if !self.options.vlan_filtering => return None,
            Some(_) => ETH_HLEN + VLAN_HLEN,
            None => ETH_HLEN,
        };
        let &[high, low] = frame.get(head - 2..)?.first_chunk()?;
        let (packet, source) = (frame.get(head..)?, frame.get(6..)?.first_chunk()?);
        match u16::from_be_bytes([high, low]) {
            ETH_P_ARP => arp_question(packet, self.suppresses()),
            ETH_P_IPV6 if self.suppresses() => nd_question(packet, MacAddr(*source)),
            _ => None,
        }
    }

    /// Whether the bridge answers in the name of a station that it knows in a VLAN, and whether quiet ports are kept from the question.
    pub fn answers_for(
        &self,
        from: Option<DevId>,
        question: &Question,
        (station, vid): (MacAddr, u16),
    ) -> (bool, bool) {
        let Some(entry) = self.fdb.find(station, vid) else {
            return (false, false);
        };
        let asked = from.and_then(|dev| self.port_of(dev));
        let behind = self.port_at(entry.port_no);
        let by_arp = matches!(question, Question::Arp(_));
        let quiet = match by_arp {
            true => QUIET,
            false => PortFlags::NEIGH_SUPPRESS,
        };
        let answers = asked.is_some_and(|port| by_arp && port.flags.has(PortFlags::PROXY_ARP))
            || behind.is_some_and(|port| port.flags.has_any(quiet));
        (answers, answers || self.suppresses())
    }

    /// The same decision without the ports that need not hear what was answered.
    pub fn keep_quiet(&self, forward: Forward, out: &mut Vec<DevId>) -> Forward {
        let Forward::Flood { local } = forward else {
            return forward;
        };
        out.retain(|dev| {
            self.port_of(*dev)
                .is_none_or(|port| !port.flags.has_any(QUIET))
        });
        flooded(out, local)
    }
}

fn arp_question(packet: &[u8], suppresses: bool) -> Option<Question> {
    let arp = Arp::parse(packet)?;
    if arp.target_ip.is_loopback() || arp.target_ip.is_multicast() {
        return None;
    }
    let told = arp.sender_ip.octets()[0] == 0 || arp.sender_ip == arp.target_ip;
    if suppresses && told {
        return Some(Question::Told);
    }
    arp.is_request.then_some(Question::Arp(arp))
}

fn nd_question(packet: &[u8], source: MacAddr) -> Option<Question> {
    let view = Ipv6View::new(packet).filter(|view| view.next_header() == IPPROTO_ICMPV6)?;
    let message = NdMessage::parse(view.payload()).ok()?;
    match message.body {
        NdBody::NeighbourAdvertisement {
            solicited: false, ..
        } => Some(Question::Told),
        NdBody::NeighbourSolicitation { .. }
            if view.src().is_unspecified() || view.src() == view.dst() =>
        {
            Some(Question::Told)
        }
        NdBody::NeighbourSolicitation { target } => Some(Question::Solicitation {
            target,
            from: view.src(),
            station: message.options.source_lladdr.unwrap_or(source),
        }),
        _ => None,
    }
}
