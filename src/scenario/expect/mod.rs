//! Holds one rule against what happened: nothing where it holds, what was expected and what was got where not.
//! Which rules there are is in `scenario::checked`.

mod frames;
mod journey;
mod ping;
mod table;
mod text;

use super::checked::{Expectation, Rule, Step};
use super::run::{Actor, Done, Failure};
use crate::engine::trace::Noted;
use crate::kernel::World;
use crate::tool::Finished;

/// What rules are held against.
pub(crate) struct Context<'a> {
    /// The world, after the step.
    pub world: &'a mut World,
    /// Who looks at tables.
    pub actor: &'a mut Actor,
    /// The step.
    pub step: &'a Step,
    /// What was typed.
    pub done: &'a [Done],
    /// The hops of the step.
    pub noted: &'a [Noted],
}

impl Context<'_> {
    /// What the last command left.
    fn last(&self) -> Option<&Finished> {
        self.done.last().map(|done| &done.finished)
    }
}

/// What was expected, what was got, and the way of a frame that tells why.
struct Differs {
    expected: String,
    got: String,
    journey: Vec<String>,
}

impl Differs {
    fn new(expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            got: got.into(),
            journey: Vec::new(),
        }
    }
}

/// Holds a rule; gives how it fails.
pub(crate) fn hold(context: &mut Context<'_>, rule: &Expectation) -> Option<Failure> {
    let (what, differs) = match &rule.rule {
        Rule::Status(status) => ("status", text::status(context, *status)),
        Rule::Text(stream, text) => text::text(context, *stream, text),
        Rule::Received(count) => ("received", ping::received(context, *count)),
        Rule::Lost(count) => ("lost", ping::lost(context, *count)),
        Rule::Path(path) => ("path", journey::path(context, path)),
        Rule::Drop { reason, at } => ("drop", journey::drop(context, *reason, at.as_ref())),
        Rule::Has(look, line) => (table::name(look), table::has(context, look, line)),
        Rule::Lacks(look, line) => (table::name(look), table::lacks(context, look, line)),
        Rule::Lines(look, count) => (table::name(look), table::lines(context, look, *count)),
        Rule::Frames { dev, filter, count } => {
            ("frames", frames::count(context, dev, filter, *count))
        }
    };
    differs.map(|differs| Failure {
        place: rule.place,
        what,
        expected: differs.expected,
        got: differs.got,
        journey: differs.journey,
    })
}

/// How a command ended, in words.
pub(crate) fn ending(finished: &Finished) -> String {
    let words = [finished.stderr.trim(), finished.stdout.trim()];
    let words = words
        .into_iter()
        .find(|words| !words.is_empty())
        .unwrap_or("");
    match words {
        "" => format!("status {}", finished.status),
        words => format!("status {}: {}", finished.status, words),
    }
}
