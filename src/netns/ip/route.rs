//! Where an IPv4 packet goes: the answer of the tables, as a value of its own.
//! The tables and rules behind it are in `fib`.

use std::net::{IpAddr, Ipv4Addr};

use crate::netns::fib::RouteType;
use crate::units::IfIndex;

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
}
