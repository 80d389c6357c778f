//! Tests for addresses: hosts, networks and Ethernet addresses, under their qualifiers.
//! Names are looked up in a system's own tables only.

use std::net::Ipv6Addr;

use super::FilterError;
use super::generate::{
    ETHERTYPE_ARP, ETHERTYPE_IP, ETHERTYPE_IPV6, ETHERTYPE_RARP, Generated, Generator,
    in_direction, invalid, mac_at,
};
use super::names;
use super::program::Condition;
use super::qualifier::{Kind, Qualifier};
use super::words::Protocol;

impl Generator {
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
                return invalid(format!("'{}' modifier applied to {kind}", other.word()));
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
                return invalid(format!("'{}' modifier applied to ip6 {kind}", other.word()));
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
