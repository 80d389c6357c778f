//! Numbers that are computed from a frame's bytes.
//! Bytes that a frame does not have make its test fail, whatever the comparison.

use super::FilterError;
use super::generate::{ETHERTYPE_IP, ETHERTYPE_IPV6, Generator, invalid};
use super::program::{Condition, Load, Operation, Relation, Value};
use super::words::Protocol;

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

impl Generator {
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
