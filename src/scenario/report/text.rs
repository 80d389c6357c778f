//! A run as a person reads it: each step's sentence, what was typed, what it printed, and what did not hold.
//! Colours are asked for by the caller, who knows the terminal.

use std::fmt::Write as _;

use super::failure_lines;
use crate::scenario::fault::Fault;
use crate::scenario::run::{Done, Failure, Report, StepReport, shown};

/// Words in colours, or plain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Style {
    /// Whether there are colours.
    pub colour: bool,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// A heading.
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// What is less important.
    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// What holds.
    pub fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// What does not.
    pub fn bad(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    /// What was typed.
    pub fn typed(self, text: &str) -> String {
        self.paint("36", text)
    }
}

/// A whole run. `about` is what the file says of itself.
pub fn run(file: &str, about: Option<&str>, report: &Report, style: Style) -> String {
    let mut text = format!("{}\n", style.bold(&report.name));
    for line in about.unwrap_or("").lines() {
        let _ = writeln!(text, "{}", format!("  {line}").trim_end());
    }
    if let Some(failure) = &report.setup {
        for done in &report.built {
            text += &command(done, style);
        }
        text += &failed(file, failure, style);
    }
    for (index, step) in report.steps.iter().enumerate() {
        text += &self::step(file, index + 1, step, style);
    }
    text + &summary(report, style)
}

/// One step.
fn step(file: &str, number: usize, step: &StepReport, style: Style) -> String {
    let said = step.say.as_deref().unwrap_or("");
    let mut lines = said.lines();
    let first = format!("{number}. {}", lines.next().unwrap_or(""));
    let mut text = format!(
        "\n{} {}\n",
        style.bold(first.trim_end()),
        style.dim(&format!("({})", shown(step.began)))
    );
    for line in lines {
        let _ = writeln!(text, "   {}", style.bold(line));
    }
    for done in &step.done {
        text += &command(done, style);
    }
    for failure in &step.failures {
        text += &failed(file, failure, style);
    }
    if step.failures.is_empty() && step.rules > 0 {
        let rules = match step.rules {
            1 => "as expected".to_owned(),
            rules => format!("as expected: {rules} rules hold"),
        };
        let _ = writeln!(text, "   {}", style.good(&format!("✓ {rules}")));
    }
    text
}

fn command(done: &Done, style: Style) -> String {
    let prompt = match &done.host {
        Some(host) => format!("{host}$ {}", done.typed),
        None => format!("$ {}", done.typed),
    };
    let mut text = format!("   {}\n", style.typed(&prompt));
    for line in done.finished.stdout.lines() {
        let _ = writeln!(text, "{}", format!("   {line}").trim_end());
    }
    for line in done.finished.stderr.lines() {
        let _ = writeln!(text, "   {}", style.paint("33", line));
    }
    text
}

fn failed(file: &str, failure: &Failure, style: Style) -> String {
    let head = format!(
        "✗ {file}:{}: {} is not as expected",
        failure.place, failure.what
    );
    let mut text = format!("   {}\n", style.bad(&head));
    for line in failure_lines(failure) {
        let _ = writeln!(text, "{}", format!("     {line}").trim_end());
    }
    text
}

fn summary(report: &Report, style: Style) -> String {
    let failures = report.failures().count();
    let verdict = match failures {
        0 => style.good("held"),
        _ => style.bad("did not hold"),
    };
    let numbers = format!(
        "{} steps, {} rules, {failures} failed; {} of virtual time; seed {}; digest {}",
        report.steps.len(),
        report.rules(),
        shown(report.ended),
        report.seed,
        &report.digest[..16.min(report.digest.len())]
    );
    format!("\n{verdict}: {}\n", style.dim(&numbers))
}

/// A fault of a file: `FILE:LINE:COLUMN: error: ...`, and the line itself with a mark.
pub fn fault(file: &str, source: &[u8], fault: &Fault, style: Style) -> String {
    let mut text = format!(
        "{file}:{}: {}: {}\n",
        fault.place,
        style.bad("error"),
        fault.words
    );
    let line = usize::try_from(fault.place.line)
        .unwrap_or(1)
        .saturating_sub(1);
    let row = source.split(|&byte| byte == b'\n').nth(line).unwrap_or(b"");
    let row: String = String::from_utf8_lossy(row)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(120)
        .collect();
    let column = usize::try_from(fault.place.column).unwrap_or(1).max(1);
    if !row.trim().is_empty() && column <= row.chars().count() + 1 {
        let _ = writeln!(
            text,
            "  {} {row}",
            style.dim(&format!("{:>4} |", fault.place.line))
        );
        let _ = writeln!(text, "       {}{}", " ".repeat(column), style.bad("^"));
    }
    text
}
