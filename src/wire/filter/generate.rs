//! From the pieces of an expression to tests on bytes, as libpcap's `gencode.c` makes them for Linux's link types.
//! Each test knows only offsets; `vlan` moves the offsets of all that follows it.

use super::ports::{SCTP, TCP, UDP};
use super::program::{Condition, Relation, Value};
use super::qualifier::{Direction, Qualifier};
use super::words::Protocol;
use super::{FilterError, Source};
use crate::wire::print::LinkType;

pub(super) type Generated = Result<Condition, FilterError>;

pub(super) const ETHERTYPE_IP: u32 = 0x0800;
pub(super) const ETHERTYPE_ARP: u32 = 0x0806;
pub(super) const ETHERTYPE_RARP: u32 = 0x8035;
pub(super) const ETHERTYPE_IPV6: u32 = 0x86dd;
const LENGTH_MAX: u32 = 1500;
const SAP_SPANNING_TREE: u32 = 0x42;
const COOKED_802_2: u32 = 4;

const FRAGMENT_HEADER: u32 = 44;

pub(super) fn invalid<T>(words: impl Into<String>) -> Result<T, FilterError> {
    Err(FilterError::Invalid(words.into()))
}

/// Where the headers are, at this point of the expression.
pub(super) struct Generator {
    pub(super) source: Source,
    /// Where the type of the payload is; a raw packet has none.
    pub(super) type_at: Option<u32>,
    /// Where the network header is.
    pub(super) network_at: u32,
    pub(super) tags: u32,
}

impl Generator {
    pub(super) fn new(source: Source) -> Self {
        let (type_at, network_at) = match source.link {
            LinkType::Ethernet => (Some(12), 14),
            LinkType::LinuxSll => (Some(14), 16),
            LinkType::LinuxSll2 => (Some(0), 20),
            LinkType::Raw => (None, 0),
        };
        Self {
            source,
            type_at,
            network_at,
            tags: 0,
        }
    }

    pub(super) fn is_ethernet(&self) -> bool {
        self.source.link == LinkType::Ethernet
    }

    pub(super) fn link_name(&self) -> &'static str {
        match self.source.link {
            LinkType::Ethernet => "Ethernet",
            LinkType::Raw => "Raw IP",
            LinkType::LinuxSll => "Linux cooked v1",
            LinkType::LinuxSll2 => "Linux cooked v2",
        }
    }

    pub(super) fn network(&self, offset: u32, size: u32, value: u32) -> Condition {
        Condition::compare(self.network_at + offset, size, Relation::Equal, value)
    }

    // --- Types of payload ------------------------------------------------------------------

    /// The frame carries this EtherType, or this service access point (`gen_linktype`).
    pub(super) fn carries(&self, protocol: u32) -> Condition {
        let Some(type_at) = self.type_at else {
            return match protocol {
                ETHERTYPE_IP => Condition::masked(0, 1, 0xf0, 0x40),
                ETHERTYPE_IPV6 => Condition::masked(0, 1, 0xf0, 0x60),
                _ => Condition::Constant(false),
            };
        };
        if protocol > LENGTH_MAX {
            return Condition::compare(type_at, 2, Relation::Equal, protocol);
        }
        let is_802_2 = if self.is_ethernet() {
            Condition::compare(type_at, 2, Relation::Greater, LENGTH_MAX).not()
        } else {
            Condition::compare(type_at, 2, Relation::Equal, COOKED_802_2)
        };
        let points = match protocol {
            0xfe | 0x06 | 0xf0 => self.network(0, 2, protocol << 8 | protocol),
            _ => self.network(0, 1, protocol),
        };
        is_802_2.and(points)
    }

    fn ip_carries(&self, protocol: u32) -> Condition {
        self.carries(ETHERTYPE_IP).and(self.network(9, 1, protocol))
    }

    /// In the header, or behind a fragment header.
    fn ip6_carries(&self, protocol: u32) -> Condition {
        let fragmented = self
            .network(6, 1, FRAGMENT_HEADER)
            .and(self.network(40, 1, protocol));
        let carried = self.network(6, 1, protocol).or(fragmented);
        self.carries(ETHERTYPE_IPV6).and(carried)
    }

    fn any_ip_carries(&self, protocol: u32) -> Condition {
        self.ip_carries(protocol).or(self.ip6_carries(protocol))
    }

    pub(super) fn first_fragment(&self) -> Condition {
        Condition::compare(self.network_at + 6, 2, Relation::Intersect, 0x1fff).not()
    }

    /// A protocol that stands alone (`gen_proto_abbrev`).
    pub(super) fn protocol(&self, protocol: Protocol) -> Generated {
        Ok(match protocol {
            Protocol::Link => return invalid("link layer applied in wrong context"),
            Protocol::Radio => return invalid("'radio' is not a valid protocol type"),
            Protocol::Ip => self.carries(ETHERTYPE_IP),
            Protocol::Ip6 => self.carries(ETHERTYPE_IPV6),
            Protocol::Arp => self.carries(ETHERTYPE_ARP),
            Protocol::Rarp => self.carries(ETHERTYPE_RARP),
            Protocol::Tcp => self.any_ip_carries(TCP),
            Protocol::Udp => self.any_ip_carries(UDP),
            Protocol::Sctp => self.any_ip_carries(SCTP),
            Protocol::Pim => self.any_ip_carries(103),
            Protocol::Ah => self.any_ip_carries(51),
            Protocol::Esp => self.any_ip_carries(50),
            Protocol::Icmp => self.ip_carries(1),
            Protocol::Igmp => self.ip_carries(2),
            Protocol::Igrp => self.ip_carries(9),
            Protocol::Vrrp | Protocol::Carp => self.ip_carries(112),
            Protocol::Icmp6 => self.ip6_carries(58),
            Protocol::Stp => self.carries(SAP_SPANNING_TREE),
            Protocol::Iso => self.carries(0xfe),
            Protocol::Netbeui => self.carries(0xf0),
            Protocol::Ipx => self.carries(0x8137).or(self.carries(0xe0)),
            Protocol::Atalk => self.carries(0x809b),
            Protocol::Aarp => self.carries(0x80f3),
            Protocol::Decnet => self.carries(0x6003),
            Protocol::Lat => self.carries(0x6004),
            Protocol::Sca => self.carries(0x6007),
            Protocol::Mopdl => self.carries(0x6001),
            Protocol::Moprc => self.carries(0x6002),
        })
    }

    /// `ip proto 17` (`gen_proto`).
    pub(super) fn encapsulated(&self, number: u32, qualifier: Qualifier) -> Generated {
        if qualifier.direction != Direction::Unsaid {
            return invalid("direction applied to 'proto'");
        }
        match qualifier.protocol {
            None => Ok(self.any_ip_carries(number)),
            Some(Protocol::Link) => Ok(self.carries(number)),
            Some(Protocol::Ip) => Ok(self.ip_carries(number)),
            Some(Protocol::Ip6) => Ok(self.ip6_carries(number)),
            Some(Protocol::Iso) => Ok(self.carries(0xfe).and(self.network(3, 1, number))),
            Some(Protocol::Arp) => invalid("arp does not encapsulate another protocol"),
            Some(Protocol::Rarp) => invalid("rarp does not encapsulate another protocol"),
            Some(other) => invalid(format!("'{} proto' is bogus", other.word())),
        }
    }

    pub(super) fn longer_than(&self, length: u32) -> Condition {
        Condition::Test(Value::Length, Relation::Greater, Value::Constant(length))
    }

    pub(super) fn at_least(&self, length: u32) -> Condition {
        Condition::Test(
            Value::Length,
            Relation::GreaterOrEqual,
            Value::Constant(length),
        )
    }
}

/// A test of the source, of the destination, or of both, by the direction.
pub(super) fn in_direction(
    direction: Direction,
    source: u32,
    destination: u32,
    end: impl Fn(u32) -> Condition,
) -> Condition {
    match direction {
        Direction::Source => end(source),
        Direction::Destination => end(destination),
        Direction::Both => end(source).and(end(destination)),
        Direction::Unsaid | Direction::Either => end(source).or(end(destination)),
    }
}

/// An Ethernet address at an offset, its end first, as most differ there.
pub(super) fn mac_at(offset: u32, address: [u8; 6]) -> Condition {
    let [a, b, c, d, e, f] = address;
    let low = u32::from_be_bytes([c, d, e, f]);
    let high = u32::from(u16::from_be_bytes([a, b]));
    Condition::compare(offset + 2, 4, Relation::Equal, low).and(Condition::compare(
        offset,
        2,
        Relation::Equal,
        high,
    ))
}

pub(super) fn any(conditions: impl Iterator<Item = Condition>) -> Condition {
    conditions
        .reduce(Condition::or)
        .unwrap_or(Condition::Constant(false))
}
