//! Tests for ports, over IPv4 and IPv6.
//! No port is looked for behind IPv6's extension headers, nor in later fragments.

use super::FilterError;
use super::generate::{
    ETHERTYPE_IP, ETHERTYPE_IPV6, Generated, Generator, any, in_direction, invalid,
};
use super::program::{Condition, Load, Relation, Value};
use super::qualifier::{Direction, Kind, Qualifier};
use super::words::Protocol;
use crate::wire::services::{Transport, port_number};

pub(super) const TCP: u32 = 6;
pub(super) const UDP: u32 = 17;
pub(super) const SCTP: u32 = 132;

impl Generator {
    /// The protocols that a port is looked for in.
    pub(super) fn transports(&self, qualifier: Qualifier) -> Result<Vec<u32>, FilterError> {
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

    pub(super) fn named_port(&self, name: &str, qualifier: Qualifier) -> Generated {
        let allowed = self.transports(qualifier)?;
        let Some((port, of)) = port_of(name) else {
            return invalid(format!("unknown port '{name}'"));
        };
        let transports = common_transports(&allowed, of, &format!("port '{name}'"))?;
        Ok(self.ports(port, port, &transports, qualifier.direction))
    }

    pub(super) fn named_port_range(&self, name: &str, qualifier: Qualifier) -> Generated {
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
    pub(super) fn ports(
        &self,
        low: u32,
        high: u32,
        transports: &[u32],
        direction: Direction,
    ) -> Condition {
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
