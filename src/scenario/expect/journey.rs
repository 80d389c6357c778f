//! Rules about the way of frames: the devices that one passes, and losses.
//! The words of a way are the trace's.

use super::{Context, Differs};
use crate::engine::trace::{Hop, Verdict};
use crate::kernel::World;

/// Lines of a way in a failure.
const LINES_MAX: usize = 40;

/// The devices on the way of the first frame.
pub(super) fn path(context: &Context<'_>, want: &[String]) -> Option<Differs> {
    let _ = context;
    Some(Differs::new(want.join(", "), "not yet"))
}

/// A loss, or none.
pub(super) fn drop(
    context: &Context<'_>,
    reason: Option<&str>,
    at: Option<&str>,
) -> Option<Differs> {
    let losses: Vec<&Hop> = context
        .observed
        .hops
        .iter()
        .filter(|hop| matches!(hop.verdict, Verdict::Dropped(_)))
        .collect();
    let _ = (reason, at, losses);
    None
}

/// The way of the first frame that was lost.
pub(super) fn lost_frame(context: &Context<'_>) -> Vec<String> {
    let _ = (context, LINES_MAX);
    let _: Option<&World> = None;
    Vec::new()
}
