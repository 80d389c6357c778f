//! What a fuzz target does with bytes: one function each, which ends soon and never panics whatever the bytes are.
//! Who makes the bytes is not known here: libFuzzer does (`fuzz/`), and `cargo test` takes the committed ones.

mod bytes;
mod files;
mod frames;
mod lines;
mod requests;

/// A target: it returns, whatever the bytes are.
pub type Target = fn(&[u8]);

/// Every target: its name, which is that of its corpus, and its function.
pub const TARGETS: &[(&str, Target)] = &[
    ("bridge", frames::bridge),
    ("namespace", frames::namespace),
    ("vtep", frames::vtep),
    ("commands", lines::commands),
    ("filter", lines::filter),
    ("scenario", files::scenario),
    ("trace", files::trace),
    ("pcap", files::pcap),
    ("requests", requests::requests),
];

/// Runs one input of a target.
///
/// # Panics
/// Where the target finds something, or is not known.
pub fn run(target: &str, bytes: &[u8]) {
    let found = TARGETS.iter().find(|(name, _)| *name == target);
    let (_, function) = found.expect("a target of the list");
    function(bytes);
}
