//! Which frames a command caused: those of its sockets, and what was made because of these.
//! Where no socket sent anything, all frames count.

use std::collections::BTreeSet;

use crate::engine::trace::{FrameId, Journey, Maker, Verdict};
use crate::units::SockId;

/// The socket that sent a frame, where one did.
pub(super) fn sender(journey: &Journey) -> Option<SockId> {
    journey
        .stations
        .iter()
        .find_map(|station| match station.verdict {
            Verdict::Made(Maker::Socket(socket)) => Some(socket),
            _ => None,
        })
}

/// The journeys that `sockets` caused, or any socket where none is given; all of them where none of these sent
/// anything. In the order in which the frames began.
pub fn caused_by<'a>(journeys: &'a [Journey], sockets: &[SockId]) -> Vec<&'a Journey> {
    let is_root = |journey: &Journey| {
        sender(journey).is_some_and(|socket| sockets.is_empty() || sockets.contains(&socket))
    };
    if !journeys.iter().any(is_root) {
        // Only connections that no program has any more, or nobody at all.
        return journeys.iter().collect();
    }
    let mut chosen: BTreeSet<FrameId> = BTreeSet::new();
    let mut all = Vec::new();
    for journey in journeys {
        // A cause has begun before what it causes.
        let caused = journey.cause.is_some_and(|cause| chosen.contains(&cause));
        if is_root(journey) || caused {
            chosen.insert(journey.frame);
            all.push(journey);
        }
    }
    all
}
