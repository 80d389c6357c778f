//! Rules about the frames that a device sent or got during a step.
//! A frame counts once for each time that it passed the device.

use super::{Context, Differs};
use crate::engine::trace::Verdict;
use crate::scenario::names::DevName;
use crate::scenario::run;
use crate::scenario::schema::Count;
use crate::wire::filter::Filter;

/// So many frames passed.
pub(super) fn count(
    context: &Context<'_>,
    name: &DevName,
    filter: &str,
    want: Count,
) -> Option<Differs> {
    let of = match filter {
        "" => format!("{want} frames at {name}"),
        filter => format!("{want} frames at {name} that match `{filter}`"),
    };
    let dev = run::device(context.world, name)
        .and_then(|(netns, ifindex)| context.world.dev_at(netns, ifindex));
    let Some(dev) = dev else {
        return Some(Differs::new(of, format!("there is no device {name}")));
    };
    let Ok(compiled) = Filter::compile(filter) else {
        return Some(Differs::new(of, "the filter makes no sense"));
    };
    let passed = context.noted.iter().filter(|noted| {
        let verdict = &noted.hop.verdict;
        noted.hop.dev == Some(dev) && matches!(verdict, Verdict::Received | Verdict::Transmitted)
    });
    let (mut count, mut all) = (0, 0);
    for noted in passed {
        let bytes = noted.bytes.bytes();
        all += 1;
        count += u64::from(compiled.matches(bytes, bytes.len()));
    }
    (!want.holds(count)).then(|| Differs::new(of, format!("{count} frames, of {all} in all")))
}
