//! Failures as annotations of GitHub's workflow commands, which show at the line of the file.
//! Whether they are wanted is the caller's question.

use super::{Case, CaseResult, failure_lines};
use crate::scenario::Place;

/// The annotations of one file, a line for each failure.
pub fn annotations(case: &Case) -> String {
    match &case.result {
        CaseResult::Ran(report) => {
            let one = |failure| annotation(case, failure);
            report.failures().map(one).collect()
        }
        CaseResult::Wrong(fault) => {
            command(&case.file, fault.place, "wrong scenario", &fault.words)
        }
        CaseResult::Unreadable(words) => {
            command(&case.file, Place::START, "unreadable scenario", words)
        }
    }
}

fn annotation(case: &Case, failure: &crate::scenario::run::Failure) -> String {
    let title = format!("{}: {} is not as expected", case.name(), failure.what);
    command(
        &case.file,
        failure.place,
        &title,
        &failure_lines(failure).join("\n"),
    )
}

fn command(file: &str, place: Place, title: &str, message: &str) -> String {
    format!(
        "::error file={},line={},col={},title={}::{}\n",
        property(file),
        place.line,
        place.column,
        property(title),
        data(message)
    )
}

/// What stands behind the two colons.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_with_a_meaning_are_escaped() {
        let line = command(
            "a,b.yaml",
            Place { line: 3, column: 7 },
            "x: y",
            "50%\nlost",
        );
        assert_eq!(
            line,
            "::error file=a%2Cb.yaml,line=3,col=7,title=x%3A y::50%25%0Alost\n"
        );
    }
}
