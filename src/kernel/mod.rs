//! F5: the kernel: all effects. Hosts, namespaces, devices, receive, transmit, timers.
//! It decides nothing that a lower floor can decide.

mod addr;
mod addr6;
mod bindings;
mod bridge;
mod bridge_config;
mod bridge_query;
mod bridge_request;
mod decider;
mod deliver;
pub mod device;
mod fdb;
mod host;
mod icmp;
mod icmpv6;
mod igmp;
mod inet;
mod inet6;
mod ipv4;
mod ipv6;
mod journal;
mod link;
mod linkwatch;
mod mdb;
mod names;
mod ndisc;
mod neigh;
mod neigh6;
mod neigh_request;
mod netfilter;
pub mod netlink;
mod netns;
pub mod nic;
mod notify;
mod register;
mod report;
mod route;
mod rx;
mod send;
mod send6;
mod socket;
mod sysctl;
mod tcp;
#[cfg(test)]
mod tests;
mod timer;
mod tx;
mod world;

pub use bridge_request::BridgeSide;
pub use host::Host;
pub use journal::Journal;
pub use names::{NameScope, NameView};
pub use netfilter::IptablesError;
pub use tx::{LOOPBACK_CROSSING, VETH_CROSSING};
pub use world::World;
