//! What rules compare with: families, networks, ranges, each plain or turned by `!`.
//! Which packet is meant is in `matches`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 or IPv6: each has tables of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Family {
    /// `iptables`.
    V4,
    /// `ip6tables`.
    V6,
}

impl Family {
    /// The bits of an address.
    pub fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    /// The address of that number.
    pub fn addr(self, number: u128) -> IpAddr {
        match self {
            Self::V4 => Ipv4Addr::from(number as u32).into(),
            Self::V6 => Ipv6Addr::from(number).into(),
        }
    }

    /// The mask of a prefix.
    pub fn mask(self, len: u8) -> u128 {
        let all = match self {
            Self::V4 => u128::from(u32::MAX),
            Self::V6 => u128::MAX,
        };
        let host = u32::from(self.bits().saturating_sub(len));
        all & u128::MAX.checked_shl(host).unwrap_or(0)
    }
}

/// The number of an address, of either family.
pub fn number(addr: IpAddr) -> u128 {
    match addr {
        IpAddr::V4(addr) => addr.to_bits().into(),
        IpAddr::V6(addr) => addr.to_bits(),
    }
}

/// A value that a packet has, or that it has not (`!`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Maybe<T> {
    /// Whether the packet must not have it.
    pub not: bool,
    /// The value.
    pub value: T,
}

impl<T> Maybe<T> {
    /// A packet must have it.
    pub fn is(value: T) -> Self {
        Self { not: false, value }
    }

    /// A packet must not have it.
    pub fn not(value: T) -> Self {
        Self { not: true, value }
    }

    /// Whether a packet for which `holds` says what is so passes.
    #[inline]
    pub fn test(&self, holds: impl FnOnce(&T) -> bool) -> bool {
        holds(&self.value) != self.not
    }
}

/// Addresses: those that equal `addr` where `mask` has ones. IPv4 is in the low 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Net {
    /// The address, zero where the mask is.
    pub addr: u128,
    /// The mask; for IPv4 the upper 96 bits are zero.
    pub mask: u128,
}

impl Net {
    /// The network of a prefix.
    pub fn new(family: Family, addr: IpAddr, prefix_len: u8) -> Self {
        let mask = family.mask(prefix_len);
        Self {
            addr: number(addr) & mask,
            mask,
        }
    }

    /// Whether an address is in it.
    #[inline]
    pub fn holds(&self, addr: u128) -> bool {
        addr & self.mask == self.addr
    }
}

/// An inclusive range, of ports or of other numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Range {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}

impl Range {
    /// One number alone.
    pub fn one(number: u16) -> Self {
        Self {
            first: number,
            last: number,
        }
    }

    /// Whether a number is in it.
    #[inline]
    pub fn holds(&self, number: u16) -> bool {
        self.first <= number && number <= self.last
    }
}
