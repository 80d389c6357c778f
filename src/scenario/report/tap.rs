//! Tests as lines of the Test Anything Protocol: one for each file, and comments for what did not hold.
//! It knows no colours.

use std::fmt::Write as _;

use super::{Case, CaseResult, failure_lines};
use crate::scenario::run::shown;

/// The plan: how many files there are.
pub fn plan(count: usize) -> String {
    format!("TAP version 14\n1..{count}\n")
}

/// One file.
pub fn line(number: usize, case: &Case) -> String {
    let verdict = if case.held() { "ok" } else { "not ok" };
    let mut text = match &case.result {
        CaseResult::Ran(report) => format!(
            "{verdict} {number} - {}: {} # {} steps, {} rules, {} virtual\n",
            case.file,
            report.name.replace('#', "\\#"),
            report.steps.len(),
            report.rules(),
            shown(report.ended)
        ),
        CaseResult::Wrong(_) | CaseResult::Unreadable(_) => {
            format!("{verdict} {number} - {}\n", case.file)
        }
    };
    for line in comments(case) {
        let _ = writeln!(text, "{}", format!("# {line}").trim_end());
    }
    text
}

fn comments(case: &Case) -> Vec<String> {
    match &case.result {
        CaseResult::Ran(report) => {
            let mut lines = Vec::new();
            for failure in report.failures() {
                lines.push(format!("{}:{}: {}", case.file, failure.place, failure.what));
                lines.extend(failure_lines(failure));
            }
            lines
        }
        CaseResult::Wrong(fault) => vec![format!("{}:{}: {}", case.file, fault.place, fault.words)],
        CaseResult::Unreadable(words) => vec![format!("{}: {words}", case.file)],
    }
}
