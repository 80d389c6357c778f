//! Networks and faults as proptest draws and shrinks them.
//! What must hold of them is for the caller.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::case::{Case, Refusal, Step};
use super::network::{Link, Network, OverlayNet, Part};

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
        2 => (0..4_u8, overlay_net()).prop_map(|(on, net)| Part::Overlay { on, net }),
    ]
}

fn overlay_net() -> impl Strategy<Value = OverlayNet> {
    prop_oneof![
        (0..3_u8).prop_map(OverlayNet::Vxlan),
        (0..3_u8).prop_map(OverlayNet::Vlan),
    ]
}

/// Cases of at most so many parts and steps.
pub fn cases(parts: usize, steps: usize) -> impl Strategy<Value = Case> {
    let parts = vec(part(), 0..=parts);
    let steps = vec(step(), 0..=steps);
    (parts, steps).prop_map(|(parts, steps)| Case { parts, steps })
}

/// One step: traffic most of the time.
pub fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        4 => (index(), index(), 0..2000_u16, prop_oneof![4 => Just(64_u8), 1 => 1..5_u8])
            .prop_map(|(from, to, size, ttl)| Step::Ping { from, to, size, ttl }),
        1 => (index(), index()).prop_map(|(from, to)| Step::Trace(from, to)),
        1 => (index(), index()).prop_map(|(from, to)| Step::Ask(from, to)),
        1 => (1..700_u16).prop_map(Step::Wait),
        2 => (index(), any::<bool>()).prop_map(|(which, whole)| Step::Link(which, whole)),
        1 => (index(), any::<bool>()).prop_map(|(which, blocked)| Step::Blocked(which, blocked)),
        1 => (index(), 600..1500_u16).prop_map(|(which, mtu)| Step::Mtu(which, mtu)),
        1 => index().prop_map(Step::Delete),
        2 => (index(), refusal()).prop_map(|(which, refusal)| Step::Refused(which, refusal)),
    ]
}

fn refusal() -> impl Strategy<Value = Refusal> {
    prop_oneof![
        Just(Refusal::Mtu),
        Just(Refusal::BridgeUnderBridge),
        Just(Refusal::NameTaken),
        Just(Refusal::AddressTwice),
        Just(Refusal::GatewayNowhere),
        Just(Refusal::GroupEntry),
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
