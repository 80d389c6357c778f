//! F5: the kernel: all effects. Hosts, namespaces, devices, receive, transmit, timers.
//! It decides nothing that a lower floor can decide.

mod addr;
mod bridge;
pub mod device;
mod host;
mod inet;
mod inet6;
mod link;
mod linkwatch;
pub mod netlink;
mod netns;
mod notify;
mod register;
mod report;
mod rx;
mod socket;
mod timer;
mod world;

pub use host::Host;
pub use world::World;
