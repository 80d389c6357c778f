//! The matches `string`, `quota` and `hashlimit` as data, and in words (`xt_string.h`, `xt_quota.h`, `xt_hashlimit.h`).
//! What they mean for a packet is in `eval`.

use std::fmt::Write;

/// Bytes that are looked for in a packet.
#[derive(Clone, PartialEq, Eq, Default, Hash, Debug)]
pub struct Contents {
    /// The bytes.
    pub pattern: Vec<u8>,
    /// How they are looked for: `bm` or `kmp`, which find the same.
    pub algo: String,
    /// From which byte of the packet on.
    pub from: u16,
    /// Up to which one; nothing is its end.
    pub to: Option<u16>,
    /// Whether small and capital letters are the same.
    pub icase: bool,
    /// Whether a packet without them is meant.
    pub not: bool,
}

impl Contents {
    /// Whether bytes of a packet hold the pattern, all of it between `from` and `to` (`skb_find_text`).
    pub fn is_in(&self, packet: &[u8]) -> bool {
        let end = self.to.map_or(packet.len(), usize::from).min(packet.len());
        let part = packet.get(usize::from(self.from)..end).unwrap_or_default();
        let same = |window: &[u8]| match self.icase {
            true => window.eq_ignore_ascii_case(&self.pattern),
            false => window == self.pattern,
        };
        !self.pattern.is_empty() && part.windows(self.pattern.len()).any(same)
    }

    /// In quotes; as numbers where a character cannot be seen.
    fn text(&self) -> (bool, String) {
        let seen = self.pattern.iter().all(|byte| (0x20..0x7f).contains(byte));
        if !seen || self.pattern.last() == Some(&b'\\') {
            let digits: String = self
                .pattern
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            return (true, format!("\"|{digits}|\""));
        }
        let text = String::from_utf8_lossy(&self.pattern);
        (
            false,
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        )
    }

    /// As `-S` prints it.
    pub fn saved(&self) -> String {
        let (hex, text) = self.text();
        let not = if self.not { " !" } else { "" };
        let option = if hex { "--hex-string" } else { "--string" };
        let mut out = format!(" -m string{not} {option} {text} --algo {}", self.algo);
        if self.from != 0 {
            let _ = write!(out, " --from {}", self.from);
        }
        if let Some(to) = self.to {
            let _ = write!(out, " --to {to}");
        }
        out += if self.icase { " --icase" } else { "" };
        out
    }

    /// As `-L` prints it.
    pub fn listed(&self) -> String {
        let not = if self.not { "!" } else { "" };
        let mut out = format!(
            "STRING match {not} {} ALGO name {}",
            self.text().1,
            self.algo
        );
        if self.from != 0 {
            let _ = write!(out, " FROM {}", self.from);
        }
        if let Some(to) = self.to {
            let _ = write!(out, " TO {to}");
        }
        out += if self.icase { " ICASE" } else { "" };
        out
    }
}

/// A rate for each sender, receiver or service.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct HashLimit {
    /// Whether what is above the rate is meant, and not what is within it; nothing while the options are being read.
    pub above: Option<bool>,
    /// The time for one packet, in 1/10000 s.
    pub period: u32,
    /// The unit of the rate, in seconds: entries are forgotten after as long.
    pub unit: u32,
    /// Packets that a full bucket holds.
    pub burst: u32,
    /// What buckets are told apart by: 1 destination address, 2 its port, 4 source address, 8 its port.
    pub mode: u8,
    /// The modes in the order in which they were given.
    pub modes: Vec<&'static str>,
    /// The name of the table.
    pub name: String,
    /// Leading bits of the source, and of the destination, that count.
    pub bits: (Option<u8>, Option<u8>),
    /// Buckets of the table, entries at most, milliseconds between two sweeps, milliseconds that an entry is kept.
    pub table: [Option<u32>; 4],
}

impl Default for HashLimit {
    fn default() -> Self {
        Self {
            above: None,
            period: 10_000,
            unit: 1,
            burst: 5,
            mode: 0,
            modes: Vec::new(),
            name: String::new(),
            bits: (None, None),
            table: [None; 4],
        }
    }
}

/// The modes with their bits, in the order in which they are printed.
pub const HASH_MODES: [(&str, u8); 4] =
    [("srcip", 4), ("srcport", 8), ("dstip", 1), ("dstport", 2)];

const TABLE: [&str; 4] = ["size", "max", "gcinterval", "expire"];

impl HashLimit {
    fn mode_text(&self, between: &str) -> String {
        let set = HASH_MODES.iter().filter(|(_, bit)| self.mode & bit != 0);
        let names: Vec<&str> = set.map(|(name, _)| *name).collect();
        names.join(between)
    }

    /// As `-S` prints it; `rate` in words.
    pub fn saved(&self, rate: &str) -> String {
        let how = if self.above == Some(true) {
            "above"
        } else {
            "upto"
        };
        let burst = self.burst;
        let mut out = format!(" -m hashlimit --hashlimit-{how} {rate} --hashlimit-burst {burst}");
        if self.mode != 0 {
            let _ = write!(out, " --hashlimit-mode {}", self.mode_text(","));
        }
        let _ = write!(out, " --hashlimit-name {}", self.name);
        for (name, value) in TABLE.iter().zip(self.table) {
            if let Some(value) = value {
                let _ = write!(out, " --hashlimit-htable-{name} {value}");
            }
        }
        for (name, bits) in [("src", self.bits.0), ("dst", self.bits.1)] {
            if let Some(bits) = bits {
                let _ = write!(out, " --hashlimit-{name}mask {bits}");
            }
        }
        out
    }

    /// As `-L` prints it.
    pub fn listed(&self, rate: &str) -> String {
        let how = if self.above == Some(true) {
            "above"
        } else {
            "up to"
        };
        let mut out = format!("limit: {how} {rate} burst {}", self.burst);
        if self.mode != 0 {
            let _ = write!(out, " mode {}", self.mode_text("-"));
        }
        for (name, value) in TABLE.iter().zip(self.table) {
            if let Some(value) = value {
                let _ = write!(out, " htable-{name} {value}");
            }
        }
        for (name, bits) in [("src", self.bits.0), ("dst", self.bits.1)] {
            if let Some(bits) = bits {
                let _ = write!(out, " {name}mask {bits}");
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_within_their_bounds_only() {
        let mut wanted = Contents {
            pattern: b"abc".to_vec(),
            ..Contents::default()
        };
        assert!(wanted.is_in(b"xxabcxx"));
        assert!(!wanted.is_in(b"xxABCxx"));
        wanted.icase = true;
        assert!(wanted.is_in(b"xxABCxx"));
        wanted.to = Some(4);
        assert!(!wanted.is_in(b"xxabcxx"));
        (wanted.to, wanted.from) = (None, 3);
        assert!(!wanted.is_in(b"xxabcxx"));
        wanted.from = 300;
        assert!(!wanted.is_in(b"xxabcxx"));
    }

    #[test]
    fn what_cannot_be_seen_is_written_as_numbers() {
        let text = |pattern: &[u8]| {
            let contents = Contents {
                pattern: pattern.to_vec(),
                ..Contents::default()
            };
            contents.text().1
        };
        assert_eq!(text(b"GET /"), "\"GET /\"");
        assert_eq!(text(b"a\"b"), "\"a\\\"b\"");
        assert_eq!(text(&[0xde, 0xad, b'x']), "\"|dead78|\"");
        assert_eq!(text(b"a\\"), "\"|615c|\"");
    }
}
