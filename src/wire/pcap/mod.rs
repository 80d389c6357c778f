//! Capture files: reads pcap (both byte orders, micro- and nanoseconds) and the packet blocks of pcapng, writes pcap.
//! Bytes in, bytes out: files are for others.

mod classic;
mod ng;

use thiserror::Error;

use super::print::{LinkType, SNAPLEN_MAX};

/// The snapshot length that tcpdump writes by default.
pub const SNAPLEN_DEFAULT: u32 = SNAPLEN_MAX as u32;

/// Why a capture file cannot be read (further); the words are libpcap's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PcapError {
    /// The file starts like no capture file.
    #[error("unknown file format")]
    UnknownFormat,
    /// The file is of an older version than any that is still written.
    #[error("archaic pcap savefile format")]
    Archaic,
    /// The file is of a version that is not known.
    #[error("unsupported {format} savefile version {major}.{minor}")]
    Version {
        /// `pcap` or `pcapng`.
        format: &'static str,
        /// Major version.
        major: u16,
        /// Minor version.
        minor: u16,
    },
    /// The file ends within a header.
    #[error("truncated dump file; tried to read {wanted} {what}, only got {got}")]
    Truncated {
        /// What was to be read.
        what: &'static str,
        /// How many bytes of it.
        wanted: usize,
        /// How many there were.
        got: usize,
    },
    /// A pcapng file ends within a block.
    #[error("truncated pcapng dump file; tried to read {wanted} bytes, only got {got}")]
    TruncatedBlock {
        /// How many bytes were to be read.
        wanted: usize,
        /// How many there were.
        got: usize,
    },
    /// A record claims to be larger than any frame.
    #[error("invalid packet capture length {captured}, bigger than {limit_name} of {limit}")]
    TooLong {
        /// The length that the record claims.
        captured: u32,
        /// `snaplen` or `maximum`.
        limit_name: &'static str,
        /// What it may be at most.
        limit: u32,
    },
    /// A block that breaks pcapng.
    #[error("{0}")]
    Block(String),
}

/// A link type as files number it (`LINKTYPE_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkNumber(pub u32);

impl LinkNumber {
    /// `LINKTYPE_ETHERNET`.
    pub const ETHERNET: Self = Self(1);
    /// `LINKTYPE_RAW`.
    pub const RAW: Self = Self(101);
    /// `LINKTYPE_LINUX_SLL`.
    pub const LINUX_SLL: Self = Self(113);
    /// `LINKTYPE_LINUX_SLL2`.
    pub const LINUX_SLL2: Self = Self(276);

    /// The link type, if its frames can be printed.
    pub fn link_type(self) -> Option<LinkType> {
        match self.0 {
            1 => Some(LinkType::Ethernet),
            12 | 14 | 101 => Some(LinkType::Raw),
            113 => Some(LinkType::LinuxSll),
            276 => Some(LinkType::LinuxSll2),
            _ => None,
        }
    }

    /// Name and description, as banners show them.
    pub fn description(self) -> Option<(&'static str, &'static str)> {
        match self.link_type()? {
            LinkType::Ethernet => Some(("EN10MB", "Ethernet")),
            LinkType::Raw => Some(("RAW", "Raw IP")),
            LinkType::LinuxSll => Some(("LINUX_SLL", "Linux cooked v1")),
            LinkType::LinuxSll2 => Some(("LINUX_SLL2", "Linux cooked v2")),
        }
    }
}

impl From<LinkType> for LinkNumber {
    fn from(link: LinkType) -> Self {
        match link {
            LinkType::Ethernet => Self::ETHERNET,
            LinkType::Raw => Self::RAW,
            LinkType::LinuxSll => Self::LINUX_SLL,
            LinkType::LinuxSll2 => Self::LINUX_SLL2,
        }
    }
}

/// A captured frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// When, in nanoseconds since 1970.
    pub time_ns: u64,
    /// Length on the wire.
    pub original_len: u32,
    /// What was captured of it.
    pub bytes: &'a [u8],
}

/// Reads the records of a capture file; stops at the first error.
///
/// ```
/// use vethlab::wire::pcap::{LinkNumber, Reader, Writer};
///
/// let mut writer = Writer::new(LinkNumber::ETHERNET, 262_144);
/// writer.record(1_500_000_000, 60, &[0; 42]);
/// let file = writer.into_bytes();
///
/// let mut reader = Reader::new(&file)?;
/// let record = reader.next().expect("one record")?;
/// assert_eq!((record.time_ns, record.original_len), (1_500_000_000, 60));
/// assert!(reader.next().is_none());
/// # Ok::<(), vethlab::wire::pcap::PcapError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    format: Format<'a>,
    failed: bool,
}

#[derive(Clone, Debug)]
enum Format<'a> {
    Classic(classic::Reader<'a>),
    Ng(ng::Reader<'a>),
}

impl<'a> Reader<'a> {
    /// Reads the header of a file.
    pub fn new(file: &'a [u8]) -> Result<Self, PcapError> {
        let Some(magic) = file.first_chunk::<4>() else {
            return Err(PcapError::Truncated {
                what: "file header bytes",
                wanted: 4,
                got: file.len(),
            });
        };
        let format = if *magic == ng::SECTION_HEADER {
            Format::Ng(ng::Reader::new(file)?)
        } else {
            Format::Classic(classic::Reader::new(file, *magic)?)
        };
        Ok(Self {
            format,
            failed: false,
        })
    }

    /// The link type of all frames.
    pub fn link(&self) -> LinkNumber {
        match &self.format {
            Format::Classic(reader) => reader.link,
            Format::Ng(reader) => reader.link,
        }
    }

    /// How many bytes of a frame were captured at most.
    pub fn snaplen(&self) -> u32 {
        match &self.format {
            Format::Classic(reader) => reader.snaplen,
            Format::Ng(reader) => reader.snaplen,
        }
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Record<'a>, PcapError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let record = match &mut self.format {
            Format::Classic(reader) => reader.record().transpose(),
            Format::Ng(reader) => reader.record().transpose(),
        };
        self.failed = matches!(record, Some(Err(_)));
        record
    }
}

/// A snapshot length that says nothing stands for the largest (`pcap_adjust_snapshot`).
fn adjusted_snaplen(snaplen: u32) -> u32 {
    if snaplen == 0 || snaplen > i32::MAX as u32 {
        SNAPLEN_DEFAULT
    } else {
        snaplen
    }
}

/// Writes a pcap file in memory, with microseconds, as `tcpdump -w` does on a little-endian machine.
#[derive(Clone, Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    nanoseconds: bool,
}

impl Writer {
    /// A file without records.
    pub fn new(link: LinkNumber, snaplen: u32) -> Self {
        Self::with_precision(link, snaplen, false)
    }

    /// A file without records, with times in nanoseconds if so asked (`--nano`).
    pub fn with_precision(link: LinkNumber, snaplen: u32, nanoseconds: bool) -> Self {
        let magic = if nanoseconds {
            classic::MAGIC_NANO
        } else {
            classic::MAGIC_MICRO
        };
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&magic.to_le_bytes());
        bytes.extend_from_slice(&2u16.to_le_bytes());
        bytes.extend_from_slice(&4u16.to_le_bytes());
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(&snaplen.to_le_bytes());
        bytes.extend_from_slice(&link.0.to_le_bytes());
        Self { bytes, nanoseconds }
    }

    /// Appends a frame: when, its length on the wire, and what was captured of it.
    pub fn record(&mut self, time_ns: u64, original_len: u32, captured: &[u8]) {
        let seconds = (time_ns / 1_000_000_000) as u32;
        let fraction = (time_ns % 1_000_000_000) as u32;
        let fraction = if self.nanoseconds {
            fraction
        } else {
            fraction / 1000
        };
        let len = u32::try_from(captured.len()).expect("a frame is shorter than 4 GiB");
        for word in [seconds, fraction, len, original_len] {
            self.bytes.extend_from_slice(&word.to_le_bytes());
        }
        self.bytes.extend_from_slice(captured);
    }

    /// The file so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was appended since the last call: for a file that grows (`-U`).
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// The whole file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut writer = Writer::new(LinkNumber::ETHERNET, SNAPLEN_DEFAULT);
        writer.record(1_000_002_000, 3, &[1, 2, 3]);
        writer.record(2_000_000_000, 9, &[4, 5]);
        writer.into_bytes()
    }

    fn error_of(file: &[u8]) -> String {
        match Reader::new(file) {
            Err(error) => error.to_string(),
            Ok(reader) => {
                let error = reader.filter_map(Result::err).next();
                error.map_or(String::new(), |error| error.to_string())
            }
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let file = sample();
        let reader = Reader::new(&file).expect("a good file");
        assert_eq!(reader.link(), LinkNumber::ETHERNET);
        assert_eq!(reader.snaplen(), 262_144);
        let records: Vec<Record<'_>> = reader.map(|record| record.expect("whole")).collect();
        assert_eq!(records.len(), 2);
        assert_eq!(records[0].time_ns, 1_000_002_000);
        assert_eq!(records[1].original_len, 9);
        assert_eq!(records[1].bytes, [4, 5]);
    }

    #[test]
    fn a_file_of_the_other_byte_order_is_read() {
        let mut file = Vec::new();
        file.extend_from_slice(&0xa1b2_3c4du32.to_be_bytes());
        file.extend_from_slice(&[
            0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 1,
        ]);
        file.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 60, 0xaa]);
        let mut reader = Reader::new(&file).expect("a good file");
        let record = reader.next().expect("one").expect("whole");
        assert_eq!((record.time_ns, record.original_len), (1_000_000_007, 60));
        assert_eq!(reader.snaplen(), 65535);
    }

    #[test]
    fn a_damaged_file_ends_with_the_words_of_libpcap() {
        let file = sample();
        let cases = [
            (
                &file[..0],
                "truncated dump file; tried to read 4 file header bytes, only got 0",
            ),
            (
                &file[..10],
                "truncated dump file; tried to read 24 file header bytes, only got 6",
            ),
            (
                &file[..30],
                "truncated dump file; tried to read 16 header bytes, only got 6",
            ),
            (
                &file[..41],
                "truncated dump file; tried to read 3 captured bytes, only got 1",
            ),
            (b"hello world".as_slice(), "unknown file format"),
            (&file[..], ""),
        ];
        for (file, words) in cases {
            assert_eq!(error_of(file), words);
        }
    }

    #[test]
    fn a_record_beyond_all_frames_is_refused() {
        let mut file = sample();
        file[32..36].copy_from_slice(&300_000u32.to_le_bytes());
        assert_eq!(
            error_of(&file),
            "invalid packet capture length 300000, bigger than snaplen of 262144"
        );
    }
}
