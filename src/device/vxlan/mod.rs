//! A VXLAN tunnel end point as Linux 6.18 has it (RFC 7348, drivers/net/vxlan): options, forwarding
//! database, outer headers. It decides where frames go and in what; it sends nothing and knows no namespace.
//!
//! The caller asks [`Vxlan::ask_of`] what a frame is that the device is to send, [`Vxlan::route`] for
//! its far ends and [`Vxlan::outer`] for the headers to each; what comes in is told to [`Vxlan::learn`].

mod fdb;
mod fdb_request;
mod flags;
mod flow;
mod forward;
mod options;
mod proxy;
mod vni;

use crate::units::SimTime;

pub use fdb::{Entry, EntryFlags, Fdb, Remote, SWEEP_INTERVAL};
pub use fdb_request::EntryRequest;
pub use flags::Flags;
pub use flow::{flow_hash, source_port};
pub use forward::{Ecn, Outer, ecn_decapsulate};
pub use options::{Config, Df, VxlanOptions};
pub use proxy::{Ask, advertisement, too_big4, too_big6};
pub use vni::{VniEntry, VniStats, Vnis};

/// A VXLAN device.
#[derive(Clone, Debug)]
pub struct Vxlan {
    /// What it is set to.
    pub config: Config,
    /// Where stations are.
    pub fdb: Fdb,
    /// The networks that it takes, where it filters.
    vnis: Vnis,
}

impl Vxlan {
    /// A new device, with an entry for its remote where it has one.
    pub fn new(now: SimTime, config: Config) -> Self {
        let mut vxlan = Self {
            config,
            fdb: Fdb::default(),
            vnis: Vnis::new(),
        };
        vxlan.move_default(now, None);
        vxlan
    }

    /// Sets it anew; the entry for its remote follows (`vxlan_changelink`).
    pub fn configure(&mut self, now: SimTime, config: Config) {
        let old = self.default_remote();
        self.config = config;
        self.move_default(now, Some(old));
        if old.ip != self.config.remote {
            self.vnis_follow(now, old.ip);
        }
    }

    /// It goes down: what it has learned is forgotten (`vxlan_stop`).
    pub fn forget_learned(&mut self) {
        self.fdb.retain(Entry::is_static);
    }
}
