//! Where a packet goes: the answer of the tables, as a value of its own.
//! The tables and rules behind it are in `fib`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::engine::trace::Verdict;
use crate::netns::fib::RouteType;
use crate::units::{DevId, IfIndex};

/// The way of a packet (`struct rtable`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way4 {
    /// Unicast, local, broadcast or multicast.
    pub kind: RouteType,
    /// The source address.
    pub src: Ipv4Addr,
    /// The destination.
    pub dst: Ipv4Addr,
    /// The device out; the loopback for local ones.
    pub oif: IfIndex,
    /// The gateway; the destination itself is the neighbour without one.
    pub gateway: Option<IpAddr>,
    /// `RTCF_*`.
    pub flags: u32,
    /// Largest packet on the way, in bytes.
    pub mtu: u32,
    /// The table that the route is in; 0 where none was asked.
    pub table: u32,
}

impl Way4 {
    /// The way as a journey tells it.
    pub fn told(&self, dev: DevId) -> Verdict {
        Verdict::Routed {
            dev,
            gateway: self.gateway,
            table: self.table,
        }
    }
}

/// The way of an IPv6 packet (`struct rt6_info`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way6 {
    /// Unicast, local, anycast or multicast.
    pub kind: RouteType,
    /// The source address.
    pub src: Ipv6Addr,
    /// The destination.
    pub dst: Ipv6Addr,
    /// The device out; the loopback for local ones.
    pub oif: IfIndex,
    /// The device of the route: of a local one that of the address.
    pub dev: IfIndex,
    /// The gateway; the destination itself is the neighbour without one.
    pub gateway: Option<Ipv6Addr>,
    /// The length of the route's prefix.
    pub prefix_len: u8,
    /// Largest packet on the way, in bytes.
    pub mtu: u32,
    /// The hop limit of packets that nothing else is said about.
    pub hop_limit: u8,
    /// The table that the route is in.
    pub table: u32,
}

impl Way6 {
    /// Whether it ends at this host.
    pub fn is_local(&self) -> bool {
        matches!(self.kind, RouteType::Local | RouteType::Anycast)
    }

    /// The way as a journey tells it.
    pub fn told(&self, dev: DevId) -> Verdict {
        Verdict::Routed {
            dev,
            gateway: self.gateway.map(IpAddr::V6),
            table: self.table,
        }
    }

    /// The neighbour that the packet goes to.
    pub fn next_hop(&self) -> Ipv6Addr {
        self.gateway.unwrap_or(self.dst)
    }
}
