//! Networks and faults as proptest draws and shrinks them.
//! What must hold of them is for the caller.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::network::{Link, Network, Part};

/// Networks of at most `parts` parts beside the first bridge.
///
/// They shrink by leaving parts out and by lower numbers, and are networks at every step.
pub fn networks(parts: usize) -> impl Strategy<Value = Network> {
    vec(part(), 0..=parts).prop_map(|parts| Network::new(&parts))
}

/// One part: stations are the most frequent.
pub fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        4 => (0..4_u8).prop_map(|on| Part::Station { on }),
        2 => Just(Part::Bridge),
        1 => (0..4_u8, 0..4_u8).prop_map(|(a, b)| Part::Trunk { a, b }),
        1 => (0..4_u8, 0..4_u8).prop_map(|(a, b)| Part::Router { a, b }),
    ]
}

/// A cable that is cut, or mended.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    which: Index,
    /// Whether it is whole from now on.
    pub whole: bool,
}

impl Fault {
    /// The cable that is meant, where the network has any.
    pub fn link(&self, network: &Network) -> Option<Link> {
        let links = network.links();
        (!links.is_empty()).then(|| *self.which.get(&links))
    }

    /// The command line that does it.
    pub fn command(&self, link: Link) -> String {
        let state = if self.whole { "up" } else { "down" };
        format!("ip link set {} {state}", link.device())
    }
}

/// At most `most` cuts and repairs, one after another.
pub fn faults(most: usize) -> impl Strategy<Value = Vec<Fault>> {
    let fault = (any::<Index>(), any::<bool>()).prop_map(|(which, whole)| Fault { which, whole });
    vec(fault, 0..=most)
}
