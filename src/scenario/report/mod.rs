//! How a run is told: to a person, to a program that reads TAP, to a CI system.
//! What is told is in `scenario::run`; nothing is printed here.

pub mod github;
#[cfg(not(target_family = "wasm"))]
pub mod junit;
pub mod script;
pub mod tap;
pub mod text;

use std::time::Duration;

use super::fault::Fault;
use super::run::{Failure, Report};

/// What became of one file of a test.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file, as it was named.
    pub file: String,
    /// How long it took on the wall.
    pub took: Duration,
    /// What became of it.
    pub result: CaseResult,
}

/// What became of a file.
#[derive(Clone, Debug)]
pub enum CaseResult {
    /// It ran; rules may have failed.
    Ran(Box<Report>),
    /// It is wrong.
    Wrong(Fault),
    /// It could not be read, in the system's words.
    Unreadable(String),
}

impl Case {
    /// Whether it ran and everything held.
    pub fn held(&self) -> bool {
        match &self.result {
            CaseResult::Ran(report) => report.held(),
            CaseResult::Wrong(_) | CaseResult::Unreadable(_) => false,
        }
    }

    /// What it is called: the scenario's name, where it could be read.
    pub fn name(&self) -> &str {
        match &self.result {
            CaseResult::Ran(report) => &report.name,
            CaseResult::Wrong(_) | CaseResult::Unreadable(_) => &self.file,
        }
    }
}

/// The exit status of `run` and `test`: 0 held, 1 a rule did not hold, 2 a file is wrong.
pub fn status(cases: &[Case]) -> i32 {
    let of = |case: &Case| match &case.result {
        CaseResult::Ran(report) if report.held() => 0,
        CaseResult::Ran(_) => 1,
        CaseResult::Wrong(_) | CaseResult::Unreadable(_) => 2,
    };
    cases.iter().map(of).max().unwrap_or(0)
}

/// A failure as lines, without its place: what was looked at, what was expected, what was got, and the way of a frame.
pub(crate) fn failure_lines(failure: &Failure) -> Vec<String> {
    let mut lines = Vec::new();
    for (word, text) in [("expected", &failure.expected), ("got", &failure.got)] {
        let mut rows = text.lines();
        lines.push(format!("{word:>8}: {}", rows.next().unwrap_or("")));
        lines.extend(rows.map(|row| format!("          {row}")));
    }
    if !failure.journey.is_empty() {
        lines.push(" journey: the way of the lost frame".to_owned());
        lines.extend(failure.journey.iter().map(|row| format!("          {row}")));
    }
    lines
}
