//! The classic pcap format: a header of 24 bytes, then records of 16 bytes and data.
//! The older formats with swapped lengths are read, that of a patched libpcap too.

use super::{LinkNumber, PcapError, Record, SNAPLEN_DEFAULT, adjusted_snaplen};

pub(super) const MAGIC_MICRO: u32 = 0xa1b2_c3d4;
pub(super) const MAGIC_NANO: u32 = 0xa1b2_3c4d;
const MAGIC_PATCHED: u32 = 0xa1b2_cd34;

const FILE_HEADER_LEN: usize = 24;

#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    pub(super) link: LinkNumber,
    pub(super) snaplen: u32,
    rest: &'a [u8],
    big_endian: bool,
    header_len: usize,
    fraction_ns: u64,
    lengths: Lengths,
}

/// Which of the two lengths of a record comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    SmallerIsCaptured,
    OriginalFirst,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a [u8], magic: [u8; 4]) -> Result<Self, PcapError> {
        let known = |magic| matches!(magic, MAGIC_MICRO | MAGIC_NANO | MAGIC_PATCHED);
        let big_endian = known(u32::from_be_bytes(magic));
        let magic = if big_endian {
            u32::from_be_bytes(magic)
        } else {
            u32::from_le_bytes(magic)
        };
        if !known(magic) {
            return Err(PcapError::UnknownFormat);
        }
        if file.len() < FILE_HEADER_LEN {
            return Err(PcapError::Truncated {
                what: "file header bytes",
                wanted: FILE_HEADER_LEN,
                got: file.len() - 4,
            });
        }
        let (header, rest) = file.split_at(FILE_HEADER_LEN);
        let lengths = lengths(half(header, 4, big_endian), half(header, 6, big_endian))?;
        Ok(Self {
            link: LinkNumber(word(header, 20, big_endian) & 0x03ff_ffff),
            snaplen: adjusted_snaplen(word(header, 16, big_endian)),
            rest,
            big_endian,
            header_len: if magic == MAGIC_PATCHED { 24 } else { 16 },
            fraction_ns: if magic == MAGIC_NANO { 1 } else { 1000 },
            lengths,
        })
    }

    /// The next record; nothing at the end.
    pub(super) fn record(&mut self) -> Result<Option<Record<'a>>, PcapError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (header, rest) =
            self.rest
                .split_at_checked(self.header_len)
                .ok_or(PcapError::Truncated {
                    what: "header bytes",
                    wanted: self.header_len,
                    got: self.rest.len(),
                })?;
        let field = |at| word(header, at, self.big_endian);
        let (captured, original) = match (self.lengths, field(8), field(12)) {
            (Lengths::OriginalFirst, original, captured) => (captured, original),
            (Lengths::SmallerIsCaptured, first, second) if first > second => (second, first),
            (_, captured, original) => (captured, original),
        };
        self.check(captured)?;
        let len = captured as usize;
        let (data, rest) = rest.split_at_checked(len).ok_or(PcapError::Truncated {
            what: "captured bytes",
            wanted: len,
            got: rest.len(),
        })?;
        self.rest = rest;
        Ok(Some(Record {
            time_ns: u64::from(field(0)) * 1_000_000_000 + u64::from(field(4)) * self.fraction_ns,
            original_len: original,
            bytes: &data[..len.min(self.snaplen as usize)],
        }))
    }

    fn check(&self, captured: u32) -> Result<(), PcapError> {
        if captured <= SNAPLEN_DEFAULT {
            return Ok(());
        }
        let (limit_name, limit) = if captured > self.snaplen {
            ("snaplen", self.snaplen)
        } else {
            ("maximum", SNAPLEN_DEFAULT)
        };
        Err(PcapError::TooLong {
            captured,
            limit_name,
            limit,
        })
    }
}

fn lengths(major: u16, minor: u16) -> Result<Lengths, PcapError> {
    match (major, minor) {
        (0..2, _) => Err(PcapError::Archaic),
        (2, 0..3) | (543, 0) => Ok(Lengths::OriginalFirst),
        (2, 3) => Ok(Lengths::SmallerIsCaptured),
        (2, 4) => Ok(Lengths::CapturedFirst),
        _ => Err(PcapError::Version {
            format: "pcap",
            major,
            minor,
        }),
    }
}

/// Two bytes of a header whose length was checked.
pub(super) fn half(header: &[u8], at: usize, big_endian: bool) -> u16 {
    let bytes = match header.get(at..at + 2) {
        Some(bytes) => [bytes[0], bytes[1]],
        None => [0; 2],
    };
    if big_endian {
        u16::from_be_bytes(bytes)
    } else {
        u16::from_le_bytes(bytes)
    }
}

/// Four bytes of a header whose length was checked.
pub(super) fn word(header: &[u8], at: usize, big_endian: bool) -> u32 {
    let bytes = match header.get(at..at + 4) {
        Some(bytes) => [bytes[0], bytes[1], bytes[2], bytes[3]],
        None => [0; 4],
    };
    if big_endian {
        u32::from_be_bytes(bytes)
    } else {
        u32::from_le_bytes(bytes)
    }
}
