//! Tests as a JUnit file, and the files of several shards as one.
//! Files are written by the caller.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Case, CaseResult, failure_lines};

/// The suite's name.
const SUITE: &str = "vethlab";

/// A JUnit file: one suite, a test case for each scenario.
pub fn file(cases: &[Case]) -> String {
    let mut suite = TestSuite::new(SUITE);
    let mut took = Duration::ZERO;
    for case in cases {
        suite.add_test_case(test_case(case));
        took += case.took;
    }
    suite.set_time(took);
    let mut report = Report::new(SUITE);
    report.set_time(took);
    report.add_test_suite(suite);
    text(&report)
}

/// One file of many: each suite of one name becomes one, in the order of the files.
///
/// # Errors
/// Why a text is no JUnit file, with its number from 0.
pub fn join(files: &[String]) -> Result<String, (usize, String)> {
    let mut joined = Report::new(SUITE);
    let mut took = Duration::ZERO;
    for (index, text) in files.iter().enumerate() {
        let report =
            Report::deserialize_from_str(text).map_err(|error| (index, error.to_string()))?;
        took += report.time.unwrap_or_default();
        for suite in report.test_suites {
            add_suite(&mut joined, suite);
        }
    }
    joined.set_time(took);
    Ok(text(&joined))
}

fn add_suite(joined: &mut Report, suite: TestSuite) {
    let known = joined
        .test_suites
        .iter_mut()
        .find(|known| known.name == suite.name);
    match known {
        Some(known) => {
            let took = known.time.unwrap_or_default() + suite.time.unwrap_or_default();
            known.set_time(took);
            known.add_test_cases(suite.test_cases);
        }
        None => {
            joined.add_test_suite(suite);
        }
    }
    // The sums are made from the suites anew.
    let suites = std::mem::take(&mut joined.test_suites);
    (joined.tests, joined.failures, joined.errors) = (0, 0, 0);
    joined.add_test_suites(suites);
}

/// The text; without the attribute `skipped` of the root, which the common schema does not have.
fn text(report: &Report) -> String {
    let text = report
        .to_string()
        .expect("a report in memory can be written");
    text.replacen(" skipped=\"0\"", "", 1)
}

fn test_case(case: &Case) -> TestCase {
    let mut test = TestCase::new(case.name(), status(case));
    test.set_classname(case.file.as_str());
    test.set_time(case.took);
    if let CaseResult::Ran(report) = &case.result {
        let rules = report.rules();
        let line = format!(
            "{rules} rules; seed {}; digest {}",
            report.seed, report.digest
        );
        test.set_system_out(line);
    }
    test
}

fn status(case: &Case) -> TestCaseStatus {
    match &case.result {
        CaseResult::Ran(report) if report.held() => TestCaseStatus::success(),
        CaseResult::Ran(report) => {
            let mut description = String::new();
            for failure in report.failures() {
                let lines = failure_lines(failure).join("\n");
                description += &format!(
                    "{}:{}: {}\n{lines}\n",
                    case.file, failure.place, failure.what
                );
            }
            let failure = report.failures().next();
            let message = failure.map_or_else(String::new, |failure| {
                format!("{}:{}: {}", case.file, failure.place, failure.what)
            });
            non_success(
                NonSuccessKind::Failure,
                &message,
                "expectation",
                &description,
            )
        }
        CaseResult::Wrong(fault) => {
            let message = format!("{}:{}: {}", case.file, fault.place, fault.words);
            non_success(NonSuccessKind::Error, &message, "wrong scenario", &message)
        }
        CaseResult::Unreadable(words) => {
            let message = format!("{}: {words}", case.file);
            non_success(NonSuccessKind::Error, &message, "unreadable", &message)
        }
    }
}

fn non_success(kind: NonSuccessKind, message: &str, ty: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status
        .set_message(message)
        .set_type(ty)
        .set_description(description);
    status
}
