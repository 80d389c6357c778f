//! F7: the command languages: argv to typed requests, and typed replies to the tool's text or JSON.
//! It changes no network itself: requests go to the kernel floor, words come back.

pub mod ip;
pub mod json;
pub mod number;
pub mod print;

/// How a tool ends early: what it says on standard error, and its exit status.
///
/// iproute2 leaves with `exit(-1)`, 255, where the command line is malformed, with 1 where an
/// object is not found, and with 2 where the kernel refuses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The whole text, newlines included.
    pub stderr: String,
    /// The exit status.
    pub status: u8,
}

impl Failure {
    /// A failure that says `text`, a newline added, and exits with `status`.
    pub fn line(status: u8, text: impl std::fmt::Display) -> Self {
        Self {
            stderr: format!("{text}\n"),
            status,
        }
    }
}
