//! Rules about what was printed, and about the exit status.
//! White space at the end of a text does not count.

use super::{Context, Differs, ending};
use crate::scenario::checked::{Stream, TextRule};

/// The exit status of the last command.
pub(super) fn status(context: &Context<'_>, want: i32) -> Option<Differs> {
    let finished = context.last()?;
    (finished.status != want).then(|| Differs::new(format!("status {want}"), ending(finished)))
}

/// What was printed by all commands of the step.
pub(super) fn text(
    context: &Context<'_>,
    stream: Stream,
    rule: &TextRule,
) -> (&'static str, Option<Differs>) {
    let pieces = context.done.iter().map(|done| match stream {
        Stream::Output => done.finished.stdout.as_str(),
        Stream::Errors => done.finished.stderr.as_str(),
    });
    let printed: String = pieces.collect();
    let what = match stream {
        Stream::Output => "output",
        Stream::Errors => "errors",
    };
    (what, differs(&printed, rule))
}

fn differs(printed: &str, rule: &TextRule) -> Option<Differs> {
    let got = || match printed.trim_end() {
        "" => "nothing".to_owned(),
        text => text.to_owned(),
    };
    let (holds, expected) = match rule {
        TextRule::Contains(part) => (
            printed.contains(part.trim_end_matches('\n')),
            format!("a text that contains `{}`", part.trim_end()),
        ),
        TextRule::Lacks(part) => (
            !printed.contains(part.trim_end_matches('\n')),
            format!("a text without `{}`", part.trim_end()),
        ),
        TextRule::Equals(whole) => (same(printed, whole), whole.trim_end().to_owned()),
        TextRule::Matches(pattern) => (
            pattern.is_match(printed),
            format!("a text that matches `{pattern}`"),
        ),
    };
    (!holds).then(|| Differs::new(expected, got()))
}

/// Equal line by line, white space at the ends of lines and of the whole left off.
fn same(one: &str, other: &str) -> bool {
    let lines = |text: &str| -> Vec<String> {
        text.trim_end()
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    lines(one) == lines(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::RegexBuilder;

    #[test]
    fn texts_are_held_against_rules() {
        let pattern = |text| RegexBuilder::new(text).multi_line(true).build().unwrap();
        for (rule, holds) in [
            (TextRule::Contains("two".into()), true),
            (TextRule::Contains("four".into()), false),
            (TextRule::Lacks("four".into()), true),
            (TextRule::Lacks("two".into()), false),
            (TextRule::Equals("one\ntwo \nthree\n\n".into()), true),
            (TextRule::Equals("one\ntwo".into()), false),
            (TextRule::Matches(pattern("^t.o$")), true),
            (TextRule::Matches(pattern("^wo")), false),
        ] {
            let differs = differs("one\ntwo\nthree\n", &rule);
            assert_eq!(differs.is_none(), holds, "{rule:?}");
        }
    }
}
