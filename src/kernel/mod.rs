//! F5: the kernel: all effects. Hosts, namespaces, devices, receive, transmit, timers.
//! It decides nothing that a lower floor can decide.

pub mod netlink;
