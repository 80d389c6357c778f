//! `readlink` of the links between devices in `/sys/class/net`.
//! Any other link is the real command's to read.

use super::{Entry, ls, real};
use crate::tool::{Call, Outcome};

/// Prints what links name, or becomes the real `readlink`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words = argv.get(1..).unwrap_or_default();
    if words.iter().any(|word| word.starts_with('-')) {
        return real(call, "readlink", argv);
    }
    let mut status = 0;
    for path in words {
        match ls::entry_of(call, path) {
            Some(Entry::Link(to)) => call.console.out(format!("{to}\n")),
            _ => status = 1,
        }
    }
    Outcome::Exit(status)
}
