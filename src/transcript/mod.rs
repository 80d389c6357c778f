//! F8: transcripts: the lines of a script with what each printed, and where two transcripts differ.
//! It runs no script: whoever has a kernel or a simulator does.
//!
//! A transcript has for each line `$ LINE`, what it printed, and `[exit N]` where N is not 0. Two honest
//! runs differ in random addresses, times and the order of hashes; [`blank`] takes these out.

pub mod compare;
pub mod frames;
mod normalise;
pub mod random;

pub use compare::{Difference, differences};
pub use normalise::blank;

/// One line of a script with what it printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The line, behind a `$ `.
    pub command: String,
    /// What it printed, and `[exit N]`.
    pub output: Vec<String>,
}

/// The lines of a script that are steps, with their numbers from 1: blank lines and comments are none.
///
/// ```
/// let script = "# a comment\n\nip link\n";
/// assert_eq!(vethlab::transcript::script_lines(script), [(3, "ip link")]);
/// ```
pub fn script_lines(script: &str) -> Vec<(usize, &str)> {
    let is_step = |line: &str| !line.starts_with('#') && line.chars().any(|c| c != ' ');
    let numbered = script.lines().enumerate();
    let steps = numbered.filter(|(_, line)| is_step(line));
    steps.map(|(index, line)| (index + 1, line)).collect()
}
