//! The digest of a trace: SHA-256 over its lines, as they are written.
//! What the lines are is for who writes them.

use sha2::{Digest as _, Sha256};

/// A digest that grows line by line.
///
/// ```
/// use vethlab::engine::trace::Digest;
///
/// let mut digest = Digest::default();
/// digest.add(b"abc");
/// assert!(digest.hex().starts_with("ba7816bf8f01cfea"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Digest(Sha256);

impl Digest {
    /// Takes further bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes so far, in hexadecimal.
    pub fn hex(&self) -> String {
        let sum = self.0.clone().finalize();
        sum.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
