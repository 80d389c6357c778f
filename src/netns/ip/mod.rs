//! IPv4's decisions: what to make of a packet, whole or in parts.
//! Routes come from `fib`; packets are moved by the kernel floor.

pub mod fragment;
pub mod icmp;
pub mod options;
pub mod reset;
pub mod route;
