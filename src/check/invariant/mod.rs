//! What must hold of any network: small functions over a world and the hops that were noted in it.
//! When they are asked is decided by the caller, or by [`Monitor`](super::Monitor).
//!
//! An invariant takes a [`Story`] and answers `Ok`, or with a [`Broken`] that names the rule, what broke it
//! and where. Those of [`ALWAYS`] hold at every instant; others, as [`tree`], when the caller says so.
//!
//! ```
//! use vethlab::check::invariant::{self, Story};
//! use vethlab::kernel::World;
//! use vethlab::tool::Shell;
//!
//! let mut world = World::new(0);
//! world.watch();
//! Shell::new(&mut world).run("ping -c 1 127.0.0.1");
//! let noted = world.take_noted();
//! let story = Story::new(&world, &noted);
//! assert_eq!(invariant::all(&story), Ok(()));
//! ```

mod bridges;
mod fingerprint;
mod frames;
mod learned;
mod ledger;
mod paths;
mod tables;

pub use bridges::{broadcasts_arrive_once, only_forwarding_ports, tree, turns_nothing_back};
pub use fingerprint::Fingerprint;
pub use frames::{fits_mtu, once_per_socket, ttl_falls_at_routers};
pub(super) use learned::{Ages, Heard};
pub use learned::{ages, learns_where_heard};
pub(super) use ledger::Ledger;
pub use ledger::conservation;
pub use paths::{along_devices, vlans_apart, vnis_apart};
pub(super) use tables::Tables;
pub use tables::consistent_tables;

use crate::engine::trace::{HopNo, Names, Noted};
use crate::kernel::World;
use crate::units::{DevId, NetnsId};

/// A rule that does not hold: which, by what, and where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{rule}: {what} ({place})")]
pub struct Broken {
    /// The rule.
    pub rule: &'static str,
    /// What broke it.
    pub what: String,
    /// Where, as journeys name places.
    pub place: String,
}

/// A world, and what was noted in it so far.
#[derive(Clone, Copy, Debug)]
pub struct Story<'a> {
    /// The world as it is now.
    pub world: &'a World,
    noted: &'a [Noted],
    fresh: usize,
}

/// A rule that holds at every instant.
pub type Invariant = fn(&Story<'_>) -> Result<(), Broken>;

/// The rules that hold of every network at every instant, and that look at what has just happened only.
pub const ALWAYS: &[Invariant] = &[
    once_per_socket,
    along_devices,
    vnis_apart,
    vlans_apart,
    only_forwarding_ports,
    turns_nothing_back,
    ttl_falls_at_routers,
    fits_mtu,
];

/// The rules that hold of every network at every instant too, and that look at all of it. A
/// [`Monitor`](super::Monitor) remembers what it has judged of them, and so asks after every event.
pub const AT_REST: &[Invariant] = &[conservation, learns_where_heard, ages, consistent_tables];

/// Every rule of [`ALWAYS`] and [`AT_REST`].
///
/// # Errors
/// The first that is broken.
pub fn all(story: &Story<'_>) -> Result<(), Broken> {
    ALWAYS
        .iter()
        .chain(AT_REST)
        .try_for_each(|invariant| invariant(story))
}

impl<'a> Story<'a> {
    /// The story of these hops, the oldest first, all of which are fresh.
    pub fn new(world: &'a World, noted: &'a [Noted]) -> Self {
        let fresh = 0;
        Self {
            world,
            noted,
            fresh,
        }
    }

    /// The same where the first `seen` hops were judged before.
    pub fn after(self, seen: usize) -> Self {
        let fresh = seen.min(self.noted.len());
        Self { fresh, ..self }
    }

    /// All hops.
    pub fn hops(&self) -> &'a [Noted] {
        self.noted
    }

    /// The hops that nobody has judged yet.
    pub fn fresh(&self) -> &'a [Noted] {
        &self.noted[self.fresh..]
    }

    /// The hop of a number.
    pub fn hop(&self, no: HopNo) -> Option<&'a Noted> {
        let index = self
            .noted
            .binary_search_by_key(&no, |noted| noted.no)
            .ok()?;
        self.noted.get(index)
    }

    /// The hop before, of the same frame.
    pub fn before(&self, noted: &Noted) -> Option<&'a Noted> {
        self.hop(noted.hop.after)
            .filter(|before| before.hop.frame == noted.hop.frame)
    }

    /// A rule that a hop breaks.
    fn broken(&self, rule: &'static str, noted: &Noted, what: impl Into<String>) -> Broken {
        let what = format!("frame {}: {}", noted.hop.frame, what.into());
        self.broken_at(rule, noted.hop.netns, noted.hop.dev, what)
    }

    /// A rule that is broken at a place.
    fn broken_at(
        &self,
        rule: &'static str,
        netns: NetnsId,
        dev: Option<DevId>,
        what: String,
    ) -> Broken {
        let place = self.world.place(netns, dev).to_string();
        Broken { rule, what, place }
    }

    /// A rule that is broken at a device.
    fn broken_dev(&self, rule: &'static str, dev: DevId, what: String) -> Broken {
        match self.world.devices.find(dev) {
            Some(device) => self.broken_at(rule, device.netns, Some(dev), what),
            None => Broken {
                rule,
                what,
                place: "(gone)".to_owned(),
            },
        }
    }

    /// The name of a device.
    fn name(&self, dev: DevId) -> String {
        Names::device(self.world, dev)
    }
}
