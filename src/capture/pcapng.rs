//! The blocks of a pcapng file (draft-ietf-opsawg-pcapng): a section, one interface, packets with comments.
//! Bytes only; files are the folder's.

/// `LINKTYPE_ETHERNET`.
const ETHERNET: u16 = 1;
/// The most bytes of a frame that are written.
const SNAPLEN: u32 = 262_144;
/// The longest comment, in bytes: an option's length has 16 bits.
const COMMENT_MAX: usize = 4096;

/// Which way a frame went, seen from the interface (`epb_flags`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// It came in.
    In,
    /// It went out.
    Out,
}

/// The beginning of a file: the section, and the description of its only interface, in nanoseconds.
///
/// ```
/// use vethlab::capture::pcapng::{Direction, head, packet};
/// use vethlab::wire::pcap::Reader;
///
/// let mut file = head("veth1", "namespace red of host");
/// packet(&mut file, 1_500_000_001, Direction::Out, &[0; 60], Some("lost: NO_SOCKET"));
/// let mut reader = Reader::new(&file)?;
/// let record = reader.next().expect("one")?;
/// assert_eq!((record.time_ns, record.bytes.len()), (1_500_000_001, 60));
/// # Ok::<(), vethlab::wire::pcap::PcapError>(())
/// ```
pub fn head(name: &str, description: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut body = Vec::new();
    body.extend(0x1a2b_3c4d_u32.to_le_bytes());
    body.extend(1_u16.to_le_bytes());
    body.extend(0_u16.to_le_bytes());
    body.extend(u64::MAX.to_le_bytes());
    option(&mut body, 4, b"vethlab");
    end_of_options(&mut body);
    block(&mut out, 0x0a0d_0d0a, &body);
    body.clear();
    body.extend(ETHERNET.to_le_bytes());
    body.extend(0_u16.to_le_bytes());
    body.extend(SNAPLEN.to_le_bytes());
    option(&mut body, 2, name.as_bytes());
    option(&mut body, 3, description.as_bytes());
    option(&mut body, 9, &[9]);
    end_of_options(&mut body);
    block(&mut out, 1, &body);
    out
}

/// A packet at a virtual time, with a comment where there is one.
pub fn packet(
    out: &mut Vec<u8>,
    time_ns: u64,
    direction: Direction,
    frame: &[u8],
    comment: Option<&str>,
) {
    let captured = frame.get(..SNAPLEN as usize).unwrap_or(frame);
    let word = |len: usize| u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes();
    let mut body = Vec::with_capacity(captured.len() + 64);
    body.extend(0_u32.to_le_bytes());
    body.extend(((time_ns >> 32) as u32).to_le_bytes());
    body.extend((time_ns as u32).to_le_bytes());
    body.extend(word(captured.len()));
    body.extend(word(frame.len()));
    body.extend(captured);
    pad(&mut body);
    if let Some(comment) = comment {
        option(&mut body, 1, cut(comment).as_bytes());
    }
    let flags: u32 = match direction {
        Direction::In => 1,
        Direction::Out => 2,
    };
    option(&mut body, 2, &flags.to_le_bytes());
    end_of_options(&mut body);
    block(out, 6, &body);
}

/// At most so much of a comment as an option takes.
fn cut(comment: &str) -> &str {
    let mut end = comment.len().min(COMMENT_MAX);
    while !comment.is_char_boundary(end) {
        end -= 1;
    }
    &comment[..end]
}

fn block(out: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let length = u32::try_from(body.len() + 12).unwrap_or(u32::MAX);
    out.extend(kind.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(body);
    out.extend(length.to_le_bytes());
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    body.extend(code.to_le_bytes());
    body.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_le_bytes());
    body.extend(value);
    pad(body);
}

fn end_of_options(body: &mut Vec<u8>) {
    body.extend([0; 4]);
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::pcap::{LinkNumber, Reader};

    #[test]
    fn every_length_of_frame_and_comment_reads_back() {
        for length in 0..70 {
            let mut file = head("eth0.1", "namespace of h");
            let frame: Vec<u8> = (0..length).collect();
            let comment = "x".repeat(usize::from(length));
            packet(&mut file, 5, Direction::In, &frame, Some(&comment));
            packet(&mut file, u64::MAX / 2, Direction::Out, &frame, None);
            let mut reader = Reader::new(&file).expect("a good file");
            assert_eq!(reader.link(), LinkNumber::ETHERNET);
            let first = reader.next().expect("one").expect("whole");
            assert_eq!((first.time_ns, first.bytes), (5, &frame[..]));
            let second = reader.next().expect("two").expect("whole");
            assert_eq!(second.time_ns, u64::MAX / 2);
            assert!(reader.next().is_none());
        }
    }

    #[test]
    fn a_comment_is_cut_between_characters() {
        let long = "ü".repeat(COMMENT_MAX);
        assert!(cut(&long).len() <= COMMENT_MAX && cut(&long).chars().all(|c| c == 'ü'));
    }
}
