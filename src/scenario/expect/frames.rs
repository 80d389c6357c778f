//! Rules about the frames that a device sent or got during a step.
//! A frame counts once for each time that it passed the device.

use super::{Context, Differs};
use crate::scenario::names::DevName;
use crate::scenario::schema::Count;
use crate::wire::filter::Filter;

/// So many frames passed.
pub(super) fn count(
    context: &Context<'_>,
    dev: &DevName,
    filter: &str,
    want: Count,
) -> Option<Differs> {
    let of = match filter {
        "" => format!("{want} frames at {dev}"),
        filter => format!("{want} frames at {dev} that match `{filter}`"),
    };
    let Some(frames) = context.observed.frames.get(dev) else {
        return Some(Differs::new(
            of,
            format!("there was no device {dev} when the step began"),
        ));
    };
    if context.observed.missed > 0 {
        let words = format!(
            "more frames than are kept: {} missed",
            context.observed.missed
        );
        return Some(Differs::new(of, words));
    }
    let Ok(compiled) = Filter::compile(filter) else {
        return Some(Differs::new(of, "the filter makes no sense"));
    };
    let count = frames
        .iter()
        .filter(|frame| compiled.matches(frame, frame.len()))
        .count();
    let all = frames.len();
    (!want.holds(count as u64))
        .then(|| Differs::new(of, format!("{count} frames, of {all} in all")))
}
