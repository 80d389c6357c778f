//! The packets of a pcapng file: section headers, interface descriptions, and the three kinds of packet blocks.
//! Names, statistics, comments and secrets are skipped.

use super::classic::{half, word};
use super::{LinkNumber, PcapError, Record, SNAPLEN_DEFAULT, adjusted_snaplen};

/// How a file starts, in either byte order.
pub(super) const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

const OPTION_RESOLUTION: u16 = 9;
const OPTION_OFFSET: u16 = 14;

/// Larger blocks are refused (`INITIAL_MAX_BLOCKSIZE`).
const BLOCK_MAX: u32 = 16 * 1024 * 1024;

#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    pub(super) link: LinkNumber,
    pub(super) snaplen: u32,
    rest: &'a [u8],
    big_endian: bool,
    interfaces: Vec<Interface>,
}

/// How the times of an interface are to be read.
#[derive(Clone, Copy, Debug)]
struct Interface {
    per_second: u64,
    offset_seconds: u64,
}

struct Block<'a> {
    kind: u32,
    body: &'a [u8],
}

fn broken(words: impl Into<String>) -> PcapError {
    PcapError::Block(words.into())
}

impl<'a> Reader<'a> {
    /// Reads up to the first interface, which tells the link type of the file.
    pub(super) fn new(file: &'a [u8]) -> Result<Self, PcapError> {
        let magic = file.get(8..12).ok_or(PcapError::UnknownFormat)?;
        let big_endian = match u32::from_le_bytes([magic[0], magic[1], magic[2], magic[3]]) {
            BYTE_ORDER_MAGIC => false,
            other if other.swap_bytes() == BYTE_ORDER_MAGIC => true,
            _ => return Err(PcapError::UnknownFormat),
        };
        let mut reader = Self {
            link: LinkNumber::ETHERNET,
            snaplen: 0,
            rest: file,
            big_endian,
            interfaces: Vec::new(),
        };
        let section = reader.block()?.ok_or(PcapError::UnknownFormat)?;
        reader.section(section.body)?;
        reader.first_interface()?;
        Ok(reader)
    }

    fn first_interface(&mut self) -> Result<(), PcapError> {
        loop {
            let block = self
                .block()?
                .ok_or_else(|| broken("the capture file has no Interface Description Blocks"))?;
            match block.kind {
                INTERFACE => return self.interface(block.body, true),
                PACKET | SIMPLE_PACKET | ENHANCED_PACKET => {
                    return Err(broken(
                        "the capture file has a packet block before any Interface Description Blocks",
                    ));
                }
                _ => {}
            }
        }
    }

    /// The next packet; nothing at the end.
    pub(super) fn record(&mut self) -> Result<Option<Record<'a>>, PcapError> {
        while let Some(block) = self.block()? {
            match block.kind {
                SECTION => self.section(block.body)?,
                INTERFACE => self.interface(block.body, false)?,
                ENHANCED_PACKET | PACKET => return self.timed(&block).map(Some),
                SIMPLE_PACKET => return self.simple(block.body).map(Some),
                _ => {}
            }
        }
        Ok(None)
    }

    fn block(&mut self) -> Result<Option<Block<'a>>, PcapError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        if self.rest.len() < 8 {
            return Err(PcapError::TruncatedBlock {
                wanted: 8,
                got: self.rest.len(),
            });
        }
        let kind = word(self.rest, 0, self.big_endian);
        let length = word(self.rest, 4, self.big_endian);
        if length < 12 {
            return Err(broken(format!(
                "block in pcapng dump file has a length of {length} < 12"
            )));
        }
        if !length.is_multiple_of(4) {
            return Err(broken(format!(
                "block in pcapng dump file has a length of {length} that is not a multiple of 4"
            )));
        }
        if length > BLOCK_MAX {
            return Err(broken(format!(
                "pcapng block size {length} > maximum {BLOCK_MAX}"
            )));
        }
        let len = length as usize;
        let Some((block, rest)) = self.rest.split_at_checked(len) else {
            return Err(PcapError::TruncatedBlock {
                wanted: len - 8,
                got: self.rest.len() - 8,
            });
        };
        if word(block, len - 4, self.big_endian) != length {
            return Err(broken(
                "block total length in header and trailer don't match",
            ));
        }
        self.rest = rest;
        Ok(Some(Block {
            kind,
            body: &block[8..len - 4],
        }))
    }

    fn field(&self, body: &[u8], at: usize) -> u32 {
        word(body, at, self.big_endian)
    }

    fn section(&mut self, body: &[u8]) -> Result<(), PcapError> {
        enough(SECTION, body, 16)?;
        match self.field(body, 0) {
            BYTE_ORDER_MAGIC => {}
            other if other.swap_bytes() == BYTE_ORDER_MAGIC => {
                return Err(broken("the file has sections with different byte orders"));
            }
            _ => {
                return Err(broken(
                    "the file has a section with a bad byte order magic field",
                ));
            }
        }
        let major = half(body, 4, self.big_endian);
        let minor = half(body, 6, self.big_endian);
        if major != 1 || !matches!(minor, 0 | 2) {
            return Err(PcapError::Version {
                format: "pcapng",
                major,
                minor,
            });
        }
        self.interfaces.clear();
        Ok(())
    }

    fn interface(&mut self, body: &[u8], first: bool) -> Result<(), PcapError> {
        enough(INTERFACE, body, 8)?;
        let link = LinkNumber(u32::from(half(body, 0, self.big_endian)));
        let stated = self.field(body, 4);
        let snaplen = adjusted_snaplen(stated);
        if first {
            (self.link, self.snaplen) = (link, snaplen);
        } else if link != self.link {
            return Err(broken(format!(
                "an interface has a type {} different from the type of the first interface",
                link.0
            )));
        } else if snaplen != self.snaplen {
            return Err(broken(format!(
                "an interface has a snapshot length {stated} different from the snapshot length of the first interface"
            )));
        }
        let interface = self.interface_options(&body[8..])?;
        self.interfaces.push(interface);
        Ok(())
    }

    fn interface_options(&self, mut options: &[u8]) -> Result<Interface, PcapError> {
        let mut interface = Interface {
            per_second: 1_000_000,
            offset_seconds: 0,
        };
        while options.len() >= 4 {
            let code = half(options, 0, self.big_endian);
            let len = usize::from(half(options, 2, self.big_endian));
            let value = options.get(4..4 + len);
            match (code, value) {
                (0, _) => break,
                (OPTION_RESOLUTION, Some(&[resolution])) => {
                    interface.per_second = per_second(resolution)?;
                }
                (OPTION_OFFSET, Some(value)) if len == 8 => {
                    let (high, low) = if self.big_endian { (0, 4) } else { (4, 0) };
                    interface.offset_seconds = u64::from(self.field(value, high)) << 32
                        | u64::from(self.field(value, low));
                }
                (_, None) => return Err(short(INTERFACE)),
                _ => {}
            }
            options = options.get(4 + len.next_multiple_of(4)..).unwrap_or(&[]);
        }
        Ok(interface)
    }

    /// A packet with a time: the enhanced block, or the obsolete one.
    fn timed(&self, block: &Block<'a>) -> Result<Record<'a>, PcapError> {
        let body = block.body;
        enough(block.kind, body, 20)?;
        let interface = if block.kind == PACKET {
            u32::from(half(body, 0, self.big_endian))
        } else {
            self.field(body, 0)
        };
        let ticks = u64::from(self.field(body, 4)) << 32 | u64::from(self.field(body, 8));
        let time_ns = self.time_ns(interface, ticks)?;
        let captured = self.field(body, 12);
        self.packet(time_ns, captured, self.field(body, 16), &body[20..])
    }

    fn simple(&self, body: &'a [u8]) -> Result<Record<'a>, PcapError> {
        enough(SIMPLE_PACKET, body, 4)?;
        let original = self.field(body, 0);
        let time_ns = self.time_ns(0, 0)?;
        self.packet(time_ns, original.min(self.snaplen), original, &body[4..])
    }

    fn time_ns(&self, interface: u32, ticks: u64) -> Result<u64, PcapError> {
        let Some(times) = self.interfaces.get(interface as usize) else {
            return Err(broken(format!(
                "a packet arrived on interface {interface}, but there's no Interface Description Block for that interface"
            )));
        };
        let seconds = (ticks / times.per_second).wrapping_add(times.offset_seconds);
        let fraction = u128::from(ticks % times.per_second) * 1_000_000_000;
        let fraction = (fraction / u128::from(times.per_second)) as u64;
        Ok(seconds.wrapping_mul(1_000_000_000).wrapping_add(fraction))
    }

    fn packet(
        &self,
        time_ns: u64,
        captured: u32,
        original_len: u32,
        data: &'a [u8],
    ) -> Result<Record<'a>, PcapError> {
        if captured > self.snaplen.min(SNAPLEN_DEFAULT) {
            return Err(PcapError::TooLong {
                captured,
                limit_name: "snaplen",
                limit: self.snaplen,
            });
        }
        let bytes = data
            .get(..captured as usize)
            .ok_or_else(|| short(ENHANCED_PACKET))?;
        Ok(Record {
            time_ns,
            original_len,
            bytes,
        })
    }
}

fn short(kind: u32) -> PcapError {
    broken(format!(
        "block of type {kind} in pcapng dump file is too short"
    ))
}

fn enough(kind: u32, body: &[u8], len: usize) -> Result<(), PcapError> {
    if body.len() < len {
        return Err(short(kind));
    }
    Ok(())
}

/// The `if_tsresol` option: a negative power of ten, or of two.
fn per_second(resolution: u8) -> Result<u64, PcapError> {
    let exponent = u32::from(resolution & 0x7f);
    let (base, value) = if resolution & 0x80 == 0 {
        (10, 10u64.checked_pow(exponent))
    } else {
        (2, 1u64.checked_shl(exponent))
    };
    value.ok_or_else(|| {
        broken(format!(
            "Interface Description Block if_tsresol option resolution {base}^-{exponent} is too high"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::super::Reader;

    fn block(kind: u32, body: &[u8]) -> Vec<u8> {
        let len = (body.len() + 12) as u32;
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&kind.to_le_bytes());
        bytes.extend_from_slice(&len.to_le_bytes());
        bytes.extend_from_slice(body);
        bytes.extend_from_slice(&len.to_le_bytes());
        bytes
    }

    fn file(blocks: &[Vec<u8>]) -> Vec<u8> {
        let mut section = Vec::from(0x1a2b_3c4du32.to_le_bytes());
        section.extend_from_slice(&[1, 0, 0, 0]);
        section.extend_from_slice(&[0xff; 8]);
        let mut file = block(0x0a0d_0d0a, &section);
        file.extend(blocks.iter().flatten());
        file
    }

    #[test]
    fn packets_carry_the_resolution_of_their_interface() {
        let nanoseconds = [1, 0, 0, 0, 0, 0, 4, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0];
        let mut packet = vec![0; 4];
        packet.extend_from_slice(&0u32.to_le_bytes());
        packet.extend_from_slice(&1_000_000_007u32.to_le_bytes());
        packet.extend_from_slice(&3u32.to_le_bytes());
        packet.extend_from_slice(&60u32.to_le_bytes());
        packet.extend_from_slice(&[1, 2, 3, 0]);
        let file = file(&[block(1, &nanoseconds), block(5, &[]), block(6, &packet)]);
        let mut reader = Reader::new(&file).expect("a good file");
        let record = reader.next().expect("one").expect("whole");
        assert_eq!((record.time_ns, record.original_len), (1_000_000_007, 60));
        assert_eq!(record.bytes, [1, 2, 3]);
        assert!(reader.next().is_none());
    }

    #[test]
    fn a_packet_needs_an_interface() {
        let error = Reader::new(&file(&[block(6, &[0; 20])])).expect_err("no interface");
        assert_eq!(
            error.to_string(),
            "the capture file has a packet block before any Interface Description Blocks"
        );
    }
}
