//! One number for everything that happened in a run, equal on every machine.
//! It is a SHA-256 over lines: commands with what they printed, and every hop.

use sha2::{Digest as _, Sha256};

use crate::engine::trace::Noted;
use crate::tool::Finished;
use crate::units::SimTime;

/// A digest that grows line by line.
#[derive(Clone, Debug, Default)]
pub struct Digest {
    hash: Sha256,
    lines: Vec<String>,
    lines_max: usize,
}

impl Digest {
    /// An empty one, which keeps so many lines at most.
    pub fn new(lines_max: usize) -> Self {
        Self {
            hash: Sha256::new(),
            lines: Vec::new(),
            lines_max,
        }
    }

    /// Adds a line.
    pub fn line(&mut self, line: &str) {
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
        if self.lines.len() < self.lines_max {
            self.lines.push(line.to_owned());
        }
    }

    /// Adds a command and what came of it.
    pub fn command(&mut self, now: SimTime, host: Option<&str>, typed: &str, finished: &Finished) {
        let at = now.as_nanos();
        self.line(&format!("{at} {}$ {typed}", host.unwrap_or("")));
        for line in finished.stdout.lines() {
            self.line(&format!("{at} out {line}"));
        }
        for line in finished.stderr.lines() {
            self.line(&format!("{at} err {line}"));
        }
        for (path, bytes) in &finished.files {
            self.line(&format!("{at} file {path} {}", hex(&Sha256::digest(bytes))));
        }
        self.line(&format!("{at} status {}", finished.status));
    }

    /// Adds hops, each with the bytes of its frame, and the number of those that were not kept.
    pub fn hops(&mut self, noted: &[Noted], missed: u64) {
        for noted in noted {
            let at = noted.hop.at.as_nanos();
            self.line(&format!("{at} hop {} {:?}", noted.no, noted.hop));
            self.hash.update(noted.bytes.bytes());
        }
        self.line(&format!("hops missed {missed}"));
    }

    /// The digest in hexadecimal digits, and the lines that were kept.
    pub fn finish(self) -> (String, Vec<String>) {
        (hex(&self.hash.finalize()), self.lines)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_counts_and_so_does_their_order() {
        let digest = |lines: &[&str]| {
            let mut digest = Digest::new(0);
            lines.iter().for_each(|line| digest.line(line));
            digest.finish().0
        };
        assert_eq!(digest(&["a", "b"]), digest(&["a", "b"]));
        assert_ne!(digest(&["a", "b"]), digest(&["b", "a"]));
        assert_ne!(digest(&["a", "b"]), digest(&["ab"]));
        assert_eq!(digest(&[]).len(), 64);
    }
}
