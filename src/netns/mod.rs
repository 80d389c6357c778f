//! F4: what one namespace knows and decides: addresses, routes, neighbours, IP.
//! It changes no device and sends nothing: the kernel floor acts on its decisions.

pub mod conf;
pub mod fib;
pub mod inet;
pub mod neigh;
