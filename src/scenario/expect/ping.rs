//! Rules about echo requests: how many were answered, from the summary that `ping` prints.
//! Which way they went is in `journey`.

use super::{Context, Differs, ending, journey};
use crate::scenario::checked::Action;
use crate::scenario::schema::Count;

/// So many replies came.
pub(super) fn received(context: &Context<'_>, want: Count) -> Option<Differs> {
    let (_, received) = tally(context);
    differs(context, want, received, "received")
}

/// So many requests got no reply.
pub(super) fn lost(context: &Context<'_>, want: Count) -> Option<Differs> {
    let (sent, received) = tally(context);
    differs(context, want, sent.saturating_sub(received), "lost")
}

fn differs(context: &Context<'_>, want: Count, got: u64, what: &str) -> Option<Differs> {
    if want.holds(got) {
        return None;
    }
    let finished = context.last()?;
    let said = if summary(&finished.stdout).is_some() {
        String::new()
    } else {
        format!(" ({})", ending(finished))
    };
    Some(Differs {
        expected: format!("{want} {what}"),
        got: format!("{got} {what}{said}"),
        journey: journey::lost_frame(context),
    })
}

/// How many were to be sent, and how many were answered.
fn tally(context: &Context<'_>) -> (u64, u64) {
    let count = match &context.step.action {
        Action::Ping { count, .. } => u64::from(*count),
        Action::Run(_) | Action::Wait(_) | Action::Fault(_) | Action::Cut { .. } | Action::Look => {
            0
        }
    };
    let printed = context
        .last()
        .map_or("", |finished| finished.stdout.as_str());
    match summary(printed) {
        Some((sent, received)) => (sent.max(count), received),
        None => (count, 0),
    }
}

/// The numbers of the line `N packets transmitted, M received, ...`.
fn summary(printed: &str) -> Option<(u64, u64)> {
    let line = printed
        .lines()
        .find(|line| line.contains(" packets transmitted, "))?;
    let mut numbers = line
        .split(", ")
        .filter_map(|part| part.split(' ').next()?.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_ping_is_read() {
        let line = "\n--- 10.0.0.2 ping statistics ---\n3 packets transmitted, 1 received, +2 errors, 66% packet loss, time 2003ms\n";
        assert_eq!(summary(line), Some((3, 1)));
        assert_eq!(summary("ping: connect: Network is unreachable\n"), None);
    }
}
