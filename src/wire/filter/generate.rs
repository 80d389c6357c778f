//! From the pieces of an expression to tests on bytes, as libpcap's `gencode.c` makes them for Linux's link types.
//! Each test knows only offsets; `vlan` moves the offsets of all that follows it.

use std::net::Ipv6Addr;

use super::lexer::Protocol;
use super::names;
use super::parser::{Direction, Kind, Qualifier};
use super::program::{Condition, Load, Operation, Relation, Value};
use super::{FilterError, Source};
use crate::wire::print::LinkType;
use crate::wire::services::{Transport, port_number};

type Generated = Result<Condition, FilterError>;

const ETHERTYPE_IP: u32 = 0x0800;
const ETHERTYPE_ARP: u32 = 0x0806;
const ETHERTYPE_RARP: u32 = 0x8035;
const ETHERTYPE_IPV6: u32 = 0x86dd;
const LENGTH_MAX: u32 = 1500;
const SAP_SPANNING_TREE: u32 = 0x42;
const COOKED_802_2: u32 = 4;

const TCP: u32 = 6;
const UDP: u32 = 17;
const SCTP: u32 = 132;
const FRAGMENT_HEADER: u32 = 44;

fn invalid<T>(words: impl Into<String>) -> Result<T, FilterError> {
    Err(FilterError::Invalid(words.into()))
}

/// A number that is computed, and what must hold so that it means something.
pub(super) struct Arithmetic {
    value: Value,
    guard: Option<Condition>,
}

fn both(first: Option<Condition>, second: Option<Condition>) -> Option<Condition> {
    match (first, second) {
        (Some(first), Some(second)) => Some(first.and(second)),
        (first, second) => first.or(second),
    }
}

impl Arithmetic {
    pub(super) fn constant(value: u32) -> Self {
        Self {
            value: Value::Constant(value),
            guard: None,
        }
    }

    pub(super) fn length() -> Self {
        Self {
            value: Value::Length,
            guard: None,
        }
    }

    pub(super) fn operate(self, operation: Operation, right: Self) -> Result<Self, FilterError> {
        match (operation, right.value.constant()) {
            (Operation::Divide, Some(0)) => return invalid("division by zero"),
            (Operation::Modulo, Some(0)) => return invalid("modulus by zero"),
            (Operation::ShiftLeft | Operation::ShiftRight, Some(32..)) => {
                return invalid("shift by more than 31 bits");
            }
            _ => {}
        }
        let known = match (self.value.constant(), right.value.constant()) {
            (Some(left), Some(right)) => operation.apply(left, right).ok(),
            _ => None,
        };
        let value = known.map_or_else(
            || Value::Operation(operation, Box::new(self.value), Box::new(right.value)),
            Value::Constant,
        );
        Ok(Self {
            value,
            guard: both(self.guard, right.guard),
        })
    }

    pub(super) fn compare(self, relation: Relation, right: Self, negated: bool) -> Condition {
        let test = match (self.value.constant(), right.value.constant()) {
            (Some(left), Some(right)) => Condition::Constant(relation.holds(left, right)),
            _ => Condition::Test(self.value, relation, right.value),
        };
        let test = if negated { test.not() } else { test };
        match both(self.guard, right.guard) {
            Some(guard) => guard.and(test),
            None => test,
        }
    }
}

/// Where the headers are, at this point of the expression.
pub(super) struct Generator {
    source: Source,
    /// Where the type of the payload is; a raw packet has none.
    type_at: Option<u32>,
    /// Where the network header is.
    network_at: u32,
    tags: u32,
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

    fn is_ethernet(&self) -> bool {
        self.source.link == LinkType::Ethernet
    }

    fn link_name(&self) -> &'static str {
        match self.source.link {
            LinkType::Ethernet => "Ethernet",
            LinkType::Raw => "Raw IP",
            LinkType::LinuxSll => "Linux cooked v1",
            LinkType::LinuxSll2 => "Linux cooked v2",
        }
    }

    fn network(&self, offset: u32, size: u32, value: u32) -> Condition {
        Condition::compare(self.network_at + offset, size, Relation::Equal, value)
    }

    // --- Types of payload ------------------------------------------------------------------

    /// The frame carries this EtherType, or this service access point (`gen_linktype`).
    fn carries(&self, protocol: u32) -> Condition {
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

    fn first_fragment(&self) -> Condition {
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
    fn encapsulated(&self, number: u32, qualifier: Qualifier) -> Generated {
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
            Some(other) => invalid(format!("'{} proto' is bogus", word(other))),
        }
    }

    // --- Addresses -------------------------------------------------------------------------

    /// An address in words (`gen_scode`).
    pub(super) fn named(&self, name: &str, qualifier: Qualifier) -> Generated {
        match qualifier.kind {
            Kind::Undefined => Err(FilterError::NoQualifier),
            Kind::Net => match names::network(name) {
                Some((address, mask)) => self.host(address, mask, qualifier),
                None => invalid(format!("unknown network '{name}'")),
            },
            Kind::Unsaid | Kind::Host => self.named_host(name, qualifier),
            Kind::Port => self.named_port(name, qualifier),
            Kind::PortRange => self.named_port_range(name, qualifier),
            Kind::Gateway => invalid("'gateway' not supported in this configuration"),
            Kind::ProtoChain => Err(FilterError::NotSimulated("protochain")),
            Kind::Proto => {
                let number = match qualifier.protocol {
                    None | Some(Protocol::Ip | Protocol::Ip6) => {
                        names::ip_protocol(name).ok_or_else(|| format!("unknown ip proto '{name}'"))
                    }
                    Some(Protocol::Link) => names::ether_protocol(name)
                        .ok_or_else(|| format!("unknown ether proto '{name}'")),
                    Some(_) => Err(format!("unknown protocol: {name}")),
                };
                self.encapsulated(number.map_err(FilterError::Invalid)?, qualifier)
            }
        }
    }

    fn named_host(&self, name: &str, qualifier: Qualifier) -> Generated {
        if qualifier.protocol == Some(Protocol::Link) {
            if !self.is_ethernet() {
                return invalid(
                    "only ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel supports link-level host name",
                );
            }
            return invalid(format!("unknown ether host '{name}'"));
        }
        match names::host(name) {
            None => invalid(format!("unknown host '{name}'")),
            Some(address) => self.host(address.to_bits(), u32::MAX, qualifier),
        }
    }

    /// A number that is no part of arithmetic (`gen_ncode`).
    pub(super) fn numbered(&self, value: u32, qualifier: Qualifier) -> Generated {
        match qualifier.kind {
            Kind::Undefined => Err(FilterError::NoQualifier),
            Kind::Unsaid | Kind::Host | Kind::Net => {
                if qualifier.protocol == Some(Protocol::Link) {
                    return invalid("illegal link layer address");
                }
                let (mut address, mut mask) = (value, u32::MAX);
                while qualifier.kind == Kind::Net && address != 0 && address >> 24 == 0 {
                    address <<= 8;
                    mask <<= 8;
                }
                self.host(address, mask, qualifier)
            }
            Kind::Port | Kind::PortRange => {
                let transports = self.transports(qualifier)?;
                if value > 65535 {
                    return invalid(format!("illegal port number {value} > 65535"));
                }
                Ok(self.ports(value, value, &transports, qualifier.direction))
            }
            Kind::Gateway => invalid("'gateway' requires a name"),
            Kind::Proto => self.encapsulated(value, qualifier),
            Kind::ProtoChain => Err(FilterError::NotSimulated("protochain")),
        }
    }

    /// An IPv4 address, whole or its start.
    pub(super) fn ipv4(&self, text: &str, qualifier: Qualifier) -> Generated {
        let modifier = match qualifier.kind {
            Kind::Undefined => return Err(FilterError::NoQualifier),
            Kind::Port => "port",
            Kind::PortRange => "portrange",
            Kind::Proto => "proto",
            Kind::ProtoChain => "protochain",
            Kind::Gateway => return invalid("'gateway' requires a name"),
            Kind::Unsaid | Kind::Host | Kind::Net => {
                let (value, bits) = parts(text)?;
                if qualifier.protocol == Some(Protocol::Link) {
                    return invalid("illegal link layer address");
                }
                let mask = u32::MAX << (32 - bits);
                return self.host(value << (32 - bits), mask, qualifier);
            }
        };
        invalid(format!("'{modifier}' modifier applied to ip host"))
    }

    /// `net 10.0.0.0/8`
    fn network_of(&self, address: u32, mask: u32, qualifier: Qualifier) -> Generated {
        if qualifier.kind != Kind::Net {
            return invalid("Mask syntax for networks only");
        }
        self.host(address, mask, qualifier)
    }

    pub(super) fn network_with_prefix(
        &self,
        text: &str,
        prefix: u32,
        qualifier: Qualifier,
    ) -> Generated {
        let (value, bits) = parts(text)?;
        let address = value << (32 - bits);
        if prefix > 32 {
            return invalid("mask length must be <= 32");
        }
        let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
        if address & !mask != 0 {
            return invalid(format!("non-network bits set in \"{text}/{prefix}\""));
        }
        self.network_of(address, mask, qualifier)
    }

    /// `net 10.0.0.0 mask 255.0.0.0`
    pub(super) fn masked_network(
        &self,
        text: &str,
        mask_text: &str,
        qualifier: Qualifier,
    ) -> Generated {
        let (value, bits) = parts(text)?;
        let (mask, mask_bits) = parts(mask_text)?;
        let (address, mask) = (value << (32 - bits), mask << (32 - mask_bits));
        if address & !mask != 0 {
            return invalid(format!(
                "non-network bits set in \"{text} mask {mask_text}\""
            ));
        }
        self.network_of(address, mask, qualifier)
    }

    /// An IPv4 address under a mask, of IP and of ARP (`gen_host`).
    fn host(&self, address: u32, mask: u32, qualifier: Qualifier) -> Generated {
        let ends = |protocol, source, destination| {
            let end = |offset| {
                let bytes = Condition::masked(self.network_at + offset, 4, mask, address);
                self.carries(protocol).and(bytes)
            };
            in_direction(qualifier.direction, source, destination, end)
        };
        let kind = if qualifier.kind == Kind::Net {
            "net"
        } else {
            "host"
        };
        Ok(match qualifier.protocol {
            None => ends(ETHERTYPE_IP, 12, 16)
                .or(ends(ETHERTYPE_ARP, 14, 24))
                .or(ends(ETHERTYPE_RARP, 14, 24)),
            Some(Protocol::Ip) => ends(ETHERTYPE_IP, 12, 16),
            Some(Protocol::Arp) => ends(ETHERTYPE_ARP, 14, 24),
            Some(Protocol::Rarp) => ends(ETHERTYPE_RARP, 14, 24),
            Some(Protocol::Link) => {
                return invalid(format!("link-layer modifier applied to {kind}"));
            }
            Some(Protocol::Ip6) => return invalid("'ip6' modifier applied to ip host"),
            Some(other) => {
                return invalid(format!("'{}' modifier applied to {kind}", word(other)));
            }
        })
    }

    /// An IPv6 address, whole or a prefix (`gen_mcode6`).
    pub(super) fn ipv6(
        &self,
        address: Ipv6Addr,
        text: &str,
        prefix: u32,
        qualifier: Qualifier,
    ) -> Generated {
        if prefix > 128 {
            return invalid("mask length must be <= 128");
        }
        let bits = address.to_bits();
        let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
        if bits & !mask != 0 {
            return invalid(format!("non-network bits set in \"{text}/{prefix}\""));
        }
        let kind = match qualifier.kind {
            Kind::Net => "net",
            Kind::Unsaid | Kind::Host if prefix == 128 => "host",
            Kind::Unsaid | Kind::Host => return invalid("Mask syntax for networks only"),
            _ => return invalid("invalid qualifier against IPv6 address"),
        };
        match qualifier.protocol {
            None | Some(Protocol::Ip6) => {}
            Some(Protocol::Link) => {
                return invalid(format!("link-layer modifier applied to ip6 {kind}"));
            }
            Some(other) => {
                return invalid(format!("'{}' modifier applied to ip6 {kind}", word(other)));
            }
        }
        let end = |offset: u32| {
            let words = (0..4u32).map(|word| {
                let shift = 96 - 32 * word;
                let part = |value: u128| (value >> shift) as u32;
                let at = self.network_at + offset + 4 * word;
                Condition::masked(at, 4, part(mask), part(bits))
            });
            words.fold(self.carries(ETHERTYPE_IPV6), Condition::and)
        };
        Ok(in_direction(qualifier.direction, 8, 24, end))
    }

    /// An Ethernet address (`gen_ecode`).
    pub(super) fn mac(&self, address: [u8; 6], qualifier: Qualifier) -> Generated {
        let kind_fits = matches!(qualifier.kind, Kind::Unsaid | Kind::Host);
        if !kind_fits || qualifier.protocol != Some(Protocol::Link) {
            return invalid("ethernet address used in non-ether expression");
        }
        if !self.is_ethernet() {
            return invalid(
                "ethernet addresses supported only on ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel",
            );
        }
        let end = |offset| mac_at(offset, address);
        Ok(in_direction(qualifier.direction, 6, 0, end))
    }

    // --- Ports -----------------------------------------------------------------------------

    /// The protocols that a port is looked for in.
    fn transports(&self, qualifier: Qualifier) -> Result<Vec<u32>, FilterError> {
        let kind = if qualifier.kind == Kind::Port {
            "port"
        } else {
            "portrange"
        };
        match qualifier.protocol {
            None => Ok(vec![TCP, UDP, SCTP]),
            Some(Protocol::Tcp) => Ok(vec![TCP]),
            Some(Protocol::Udp) => Ok(vec![UDP]),
            Some(Protocol::Sctp) => Ok(vec![SCTP]),
            Some(_) => invalid(format!("illegal qualifier of '{kind}'")),
        }
    }

    fn named_port(&self, name: &str, qualifier: Qualifier) -> Generated {
        let allowed = self.transports(qualifier)?;
        let Some((port, of)) = port_of(name) else {
            return invalid(format!("unknown port '{name}'"));
        };
        let transports = common_transports(&allowed, of, &format!("port '{name}'"))?;
        Ok(self.ports(port, port, &transports, qualifier.direction))
    }

    fn named_port_range(&self, name: &str, qualifier: Qualifier) -> Generated {
        let allowed = self.transports(qualifier)?;
        let unknown = || FilterError::Invalid(format!("unknown port in range '{name}'"));
        let (first, last) = name.split_once('-').ok_or_else(unknown)?;
        let (first, of_first) = port_of(first).ok_or_else(unknown)?;
        let (last, of_last) = port_of(last).ok_or_else(unknown)?;
        let of = if of_first == of_last { of_first } else { None };
        let transports = common_transports(&allowed, of, &format!("port in range '{name}'"))?;
        for port in [first, last] {
            if port > 65535 {
                return invalid(format!("illegal port number {port} > 65535"));
            }
        }
        let (low, high) = (first.min(last), first.max(last));
        Ok(self.ports(low, high, &transports, qualifier.direction))
    }

    /// Ports of first fragments over IPv4, and of packets without extension headers over IPv6.
    fn ports(&self, low: u32, high: u32, transports: &[u32], direction: Direction) -> Condition {
        let within = |value: Value| {
            if low == high {
                return Condition::Test(value, Relation::Equal, Value::Constant(low));
            }
            let from = Condition::Test(
                value.clone(),
                Relation::GreaterOrEqual,
                Value::Constant(low),
            );
            from.and(Condition::Test(value, Relation::Greater, Value::Constant(high)).not())
        };
        let network_at = self.network_at;
        let over_ip4 = transports.iter().map(|transport| {
            let end = |offset| {
                within(Value::Load(Box::new(Load {
                    base: network_at + offset,
                    behind_ipv4: Some(network_at),
                    index: Value::Constant(0),
                    size: 2,
                })))
            };
            self.network(9, 1, *transport)
                .and(self.first_fragment())
                .and(in_direction(direction, 0, 2, end))
        });
        let over_ip6 = transports.iter().map(|transport| {
            let end = |offset| within(Value::load(network_at + 40 + offset, 2));
            self.network(6, 1, *transport)
                .and(in_direction(direction, 0, 2, end))
        });
        let ip6 = self.carries(ETHERTYPE_IPV6).and(any(over_ip6));
        let ip4 = self.carries(ETHERTYPE_IP).and(any(over_ip4));
        ip6.or(ip4)
    }

    // --- The rest --------------------------------------------------------------------------

    pub(super) fn broadcast(&self, protocol: Option<Protocol>) -> Generated {
        match protocol {
            None | Some(Protocol::Link) if self.is_ethernet() => Ok(mac_at(0, [0xff; 6])),
            None | Some(Protocol::Link) => invalid("not a broadcast link"),
            // tcpdump knows no netmask, so that all bits must be zero or one.
            Some(Protocol::Ip) => {
                let ends = self.network(16, 4, 0).or(self.network(16, 4, u32::MAX));
                Ok(self.carries(ETHERTYPE_IP).and(ends))
            }
            Some(_) => invalid("only link-layer/IP broadcast filters supported"),
        }
    }

    pub(super) fn multicast(&self, protocol: Option<Protocol>) -> Generated {
        match protocol {
            None | Some(Protocol::Link) if self.is_ethernet() => {
                Ok(Condition::compare(0, 1, Relation::Intersect, 1))
            }
            Some(Protocol::Ip) => {
                let at = self.network_at + 16;
                let group = Condition::compare(at, 1, Relation::GreaterOrEqual, 224);
                Ok(self.carries(ETHERTYPE_IP).and(group))
            }
            Some(Protocol::Ip6) => Ok(self.carries(ETHERTYPE_IPV6).and(self.network(24, 1, 0xff))),
            _ => invalid(
                "link-layer multicast filters supported only on ethernet/FDDI/token ring/ARCNET/802.11/ATM LANE/Fibre Channel",
            ),
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

    /// Only cooked headers tell the direction; a live Ethernet capture would have to ask the kernel.
    pub(super) fn inbound(&self, inbound: bool) -> Generated {
        let outgoing = match self.source.link {
            LinkType::LinuxSll => Condition::compare(0, 2, Relation::Equal, 4),
            LinkType::LinuxSll2 => Condition::compare(10, 1, Relation::Equal, 4),
            LinkType::Ethernet | LinkType::Raw if self.source.live => {
                return Err(FilterError::NotSimulated(if inbound {
                    "inbound"
                } else {
                    "outbound"
                }));
            }
            LinkType::Ethernet | LinkType::Raw => {
                return invalid(format!(
                    "inbound/outbound not supported on {} when reading savefiles",
                    self.link_name()
                ));
            }
        };
        Ok(if inbound { outgoing.not() } else { outgoing })
    }

    pub(super) fn interface_index(&self, index: u32) -> Generated {
        match self.source.link {
            LinkType::LinuxSll2 => Ok(Condition::compare(4, 4, Relation::Equal, index)),
            _ if self.source.live => Err(FilterError::NotSimulated("ifindex")),
            _ => invalid(format!(
                "ifindex not supported on {} when reading savefiles",
                self.link_name()
            )),
        }
    }

    /// A tag, and with a number that tag; what follows is looked for behind it (`gen_vlan`).
    pub(super) fn vlan(&mut self, number: Option<u32>) -> Generated {
        if !self.is_ethernet() {
            return invalid(format!("no VLAN support for {}", self.link_name()));
        }
        if let Some(number @ 4096..) = number {
            return invalid(format!("VLAN tag {number} greater than maximum 4095"));
        }
        self.tags += 1;
        if self.source.live && self.tags == 1 {
            return Ok(Condition::OffloadedTag(number.map(|number| number as u16)));
        }
        let tagged = self
            .carries(0x8100)
            .or(self.carries(0x88a8))
            .or(self.carries(0x9100));
        let condition = match number {
            None => tagged,
            Some(number) => tagged.and(Condition::masked(self.network_at, 2, 0x0fff, number)),
        };
        self.network_at += 4;
        self.type_at = self.type_at.map(|at| at + 4);
        Ok(condition)
    }

    /// Bytes of a protocol's header (`gen_load`).
    pub(super) fn load(
        &self,
        protocol: Protocol,
        index: Arithmetic,
        size: u32,
    ) -> Result<Arithmetic, FilterError> {
        if !matches!(size, 1 | 2 | 4) {
            return invalid("data size must be 1, 2, or 4");
        }
        let (base, behind_ipv4, guard) = match protocol {
            Protocol::Link => (0, None, None),
            Protocol::Radio => return invalid("radio information not present in capture"),
            Protocol::Ip
            | Protocol::Arp
            | Protocol::Rarp
            | Protocol::Ip6
            | Protocol::Atalk
            | Protocol::Decnet
            | Protocol::Sca
            | Protocol::Lat
            | Protocol::Moprc
            | Protocol::Mopdl => (self.network_at, None, Some(self.protocol(protocol)?)),
            Protocol::Tcp
            | Protocol::Udp
            | Protocol::Sctp
            | Protocol::Icmp
            | Protocol::Igmp
            | Protocol::Igrp
            | Protocol::Pim
            | Protocol::Vrrp
            | Protocol::Carp => {
                let first = self.protocol(protocol)?.and(self.first_fragment());
                let guard = self.carries(ETHERTYPE_IP).and(first);
                (self.network_at, Some(self.network_at), Some(guard))
            }
            Protocol::Icmp6 => {
                let guard = self.carries(ETHERTYPE_IPV6).and(self.network(6, 1, 58));
                (self.network_at + 40, None, Some(guard))
            }
            Protocol::Ah
            | Protocol::Esp
            | Protocol::Aarp
            | Protocol::Iso
            | Protocol::Stp
            | Protocol::Ipx
            | Protocol::Netbeui => return invalid("unsupported index operation"),
        };
        Ok(Arithmetic {
            value: Value::Load(Box::new(Load {
                base,
                behind_ipv4,
                index: index.value,
                size,
            })),
            guard: both(index.guard, guard),
        })
    }
}

/// A test of the source, of the destination, or of both, by the direction.
fn in_direction(
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
fn mac_at(offset: u32, address: [u8; 6]) -> Condition {
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

fn any(conditions: impl Iterator<Item = Condition>) -> Condition {
    conditions
        .reduce(Condition::or)
        .unwrap_or(Condition::Constant(false))
}

/// The numbers of a dotted address, and how many bits they make (`__pcap_atoin`).
fn parts(text: &str) -> Result<(u32, u32), FilterError> {
    let mut value = 0u32;
    let mut bits = 0;
    for part in text.split('.') {
        let number: Option<u32> = match part.strip_prefix("0x") {
            Some(_) => None,
            None => part.parse().ok(),
        };
        match number {
            Some(number @ 0..=255) if bits < 32 => value = value << 8 | number,
            _ => return invalid(format!("invalid IPv4 address '{text}'")),
        }
        bits += 8;
    }
    Ok((value, bits))
}

/// The number of a named port, and the one transport that has it, if only one has.
fn port_of(name: &str) -> Option<(u32, Option<u32>)> {
    if let Ok(number) = name.parse() {
        return Some((number, None));
    }
    let tcp = port_number(name, Transport::Tcp);
    let udp = port_number(name, Transport::Udp);
    match (tcp, udp) {
        (Some(tcp), Some(udp)) if tcp == udp => Some((u32::from(tcp), None)),
        (Some(tcp), _) => Some((u32::from(tcp), Some(TCP))),
        (None, Some(udp)) => Some((u32::from(udp), Some(UDP))),
        (None, None) => None,
    }
}

/// The transports to look in for a named port.
fn common_transports(
    allowed: &[u32],
    of: Option<u32>,
    what: &str,
) -> Result<Vec<u32>, FilterError> {
    let Some(only) = of else {
        return Ok(allowed.to_vec());
    };
    if allowed.contains(&only) {
        return Ok(vec![only]);
    }
    let name = if only == TCP { "tcp" } else { "udp" };
    invalid(format!("{what} is {name}"))
}

/// The word of a protocol, in complaints.
fn word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Link => "link",
        Protocol::Ip => "ip",
        Protocol::Arp => "arp",
        Protocol::Rarp => "rarp",
        Protocol::Sctp => "sctp",
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Icmp => "icmp",
        Protocol::Igmp => "igmp",
        Protocol::Igrp => "igrp",
        Protocol::Pim => "pim",
        Protocol::Vrrp => "vrrp",
        Protocol::Carp => "carp",
        Protocol::Ip6 => "ip6",
        Protocol::Icmp6 => "icmp6",
        Protocol::Ah => "ah",
        Protocol::Esp => "esp",
        Protocol::Atalk => "atalk",
        Protocol::Aarp => "aarp",
        Protocol::Decnet => "decnet",
        Protocol::Lat => "lat",
        Protocol::Sca => "sca",
        Protocol::Moprc => "moprc",
        Protocol::Mopdl => "mopdl",
        Protocol::Iso => "iso",
        Protocol::Stp => "stp",
        Protocol::Ipx => "ipx",
        Protocol::Netbeui => "netbeui",
        Protocol::Radio => "radio",
    }
}
