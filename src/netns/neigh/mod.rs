//! The neighbour tables of ARP and ND: who is where on a link, as Linux keeps it.
//! They decide what to send and when; they send nothing.
//!
//! One [`NeighTable`] a family and namespace. The kernel floor calls, in short:
//!
//! | what happens | call |
//! |---|---|
//! | a device appears, goes, goes down, loses carrier, changes its MAC | [`NeighTable::add_device`], [`NeighTable::remove_device`], [`NeighTable::device_down`], [`NeighTable::carrier_lost`], [`NeighTable::device_changed`] |
//! | a packet has a next hop | [`NeighTable::resolve`] |
//! | ARP or ND taught something | [`arp::process`], [`NeighTable::update`], [`NeighTable::learn`] |
//! | TCP made progress, a socket sends with `MSG_CONFIRM` | [`NeighTable::confirm`] |
//! | the clock reaches [`NeighTable::next_timer`] | [`NeighTable::handle_timers`] |
//! | an administrator asks | [`NeighTable::add`], [`NeighTable::delete`], [`NeighTable::get`], [`NeighTable::dump`] |
//!
//! Each call that can have effects pushes [`Action`]s; carry them out in their order, then ask
//! `next_timer` again. Every packet that goes in comes out exactly once: in the [`Resolution`],
//! or in `Release`, `Unreachable` or `Dropped`.
//!
//! ```
//! use std::net::Ipv4Addr;
//! use vethlab::engine::Seed;
//! use vethlab::netns::neigh::{Action, AddrKind, NeighDevice, NeighTable, Nud, Resolution,
//!     Update, UpdateFlags};
//! use vethlab::units::{MacAddr, SimTime};
//! use vethlab::wire::Frame;
//!
//! let mut table: NeighTable<Ipv4Addr, Frame> = NeighTable::new(Seed(0).stream("arp"));
//! table.add_device(2, NeighDevice::ethernet(MacAddr([2, 0, 0, 0, 0, 1])));
//! let (now, far) = (SimTime::ZERO, Ipv4Addr::new(10, 0, 0, 2));
//! let mut out = Vec::new();
//! let sent = table.resolve(now, 2, far, AddrKind::Unicast, Frame::new(&[0; 84]), &mut out);
//! assert_eq!(sent, Resolution::Queued);
//! assert!(matches!(out[..], [Action::Solicit { unicast_to: None, .. }]));
//!
//! let answer = Update {
//!     lladdr: Some(MacAddr([2, 0, 0, 0, 0, 2])),
//!     state: Nud::Reachable,
//!     flags: UpdateFlags::OVERRIDE,
//! };
//! out.clear();
//! table.update(now, 2, far, answer, &mut out).expect("it is asked for");
//! assert!(matches!(&out[..], [Action::Release { packets, .. }] if packets.len() == 1));
//! ```

mod admin;
pub mod arp;
mod params;
mod proxy;
mod state;
mod table;
mod timers;
mod update;

#[cfg(test)]
mod arp_tests;
#[cfg(test)]
mod tests;

pub use admin::{NeighError, NeighInfo, NeighRequest};
pub use params::{NeighParams, TableLimits, truesize};
pub use proxy::Proxy;
pub use state::{AddrKind, NeighAddr, NeighFlags, Nud, UpdateFlags};
pub use table::{Action, NeighDevice, NeighTable, Resolution, SourceOf, Waiting};
pub use update::{Known, Update, UpdateError};
