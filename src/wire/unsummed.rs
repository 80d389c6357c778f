//! The checksum of a TCP segment or UDP datagram that was left to the device (`CHECKSUM_PARTIAL`), as a capture shows it.
//! The bytes of a frame always hold the whole sum; only copies for captures are made here.

use std::net::IpAddr;

use super::{Frame, udp_pseudo_sum};

/// Where the sum is in a TCP header, and in a UDP header.
const TCP_SUM: usize = 16;
const UDP_SUM: usize = 6;

/// The bytes of a frame as a packet socket sees them before anybody has summed them up: the field holds the sum over the
/// pseudo header only. Nothing where the frame's sum is whole.
pub fn as_captured(frame: &Frame) -> Option<Vec<u8>> {
    let upper_len = frame.unsummed()?;
    let at = frame.len().checked_sub(upper_len)?;
    let (sum, place) = pseudo_sum(frame.bytes(), at, upper_len)?;
    let mut bytes = frame.bytes().to_vec();
    bytes
        .get_mut(at + place..at + place + 2)?
        .copy_from_slice(&sum.to_be_bytes());
    Some(bytes)
}

/// The sum over the pseudo header of what begins at `at` (RFC 9293, 3.1; RFC 8200, 8.1), and where its field is.
fn pseudo_sum(bytes: &[u8], at: usize, upper_len: usize) -> Option<(u16, usize)> {
    let v4 = at.checked_sub(20).and_then(|head| bytes.get(head..at));
    let v6 = at.checked_sub(40).and_then(|head| bytes.get(head..at));
    // An IPv6 header ends with an address, which may look like an IPv4 header: the length field decides.
    let whole = |head: &[u8], len: usize| {
        let field = head.get(2..4).map(|f| u16::from_be_bytes([f[0], f[1]]));
        field.map(usize::from) == Some(len)
    };
    let (addresses, protocol) = match (v4, v6) {
        (Some(head), _) if head[0] == 0x45 && whole(head, 20 + upper_len) => {
            (&head[12..20], head[9])
        }
        (_, Some(head)) if head[0] >> 4 == 6 => (&head[8..40], head[6]),
        _ => return None,
    };
    let place = match protocol {
        6 => TCP_SUM,
        17 => UDP_SUM,
        _ => return None,
    };
    let sum = words_of(addresses) + u64::from(protocol) + upper_len as u64;
    Some((folded(sum), place))
}

/// The checksum of a UDP datagram that carries a frame whose own sum is left to the device: what is left out of one is
/// known to cancel itself out (`lco_csum`). The field in the header is still 0. Nothing where no sum was left.
pub fn outer_sum(source: IpAddr, target: IpAddr, datagram: &Frame) -> Option<u16> {
    let upper_len = datagram.unsummed()?;
    let at = datagram.len().checked_sub(upper_len)?;
    let (inner, _) = pseudo_sum(datagram.bytes(), at, upper_len)?;
    let headers = words_of(datagram.bytes().get(..at)?);
    let outer = udp_pseudo_sum(source, target, datagram.len());
    match !folded(headers + u64::from(outer) + u64::from(!inner)) {
        0 => Some(0xffff),
        sum => Some(sum),
    }
}

fn words_of(bytes: &[u8]) -> u64 {
    let words = bytes.chunks_exact(2);
    let words = words.map(|pair| u64::from(u16::from_be_bytes([pair[0], pair[1]])));
    words.sum()
}

/// A sum in ones' complement, of 16 bits.
fn folded(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    u16::try_from(sum).expect("folded to 16 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment() -> Frame {
        let mut bytes = vec![0; 14];
        bytes.extend_from_slice(&[0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0]);
        bytes.extend_from_slice(&[10, 0, 0, 1, 10, 0, 0, 2]);
        bytes.extend_from_slice(&[0xaa; 20]);
        Frame::new(&bytes)
    }

    #[test]
    fn a_capture_sees_the_sum_over_the_pseudo_header() {
        let mut frame = segment();
        assert_eq!(as_captured(&frame), None);
        frame.leave_sum(20);
        let seen = as_captured(&frame).expect("a TCP segment");
        // 0a00 + 0001 + 0a00 + 0002 + 6 + 20.
        assert_eq!(seen[14 + 20 + 16..14 + 20 + 18], [0x14, 0x1d]);
        assert_eq!(seen[..50], frame.bytes()[..50]);
    }

    #[test]
    fn headers_in_front_change_nothing_and_a_changed_end_sums_up() {
        let mut frame = segment();
        frame.leave_sum(20);
        frame.push(&[7; 50]);
        let seen = as_captured(&frame).expect("still one");
        assert_eq!(seen[50 + 50..50 + 52], [0x14, 0x1d]);
        frame.truncate(60);
        assert_eq!(as_captured(&frame), None);
    }

    #[test]
    fn what_is_neither_tcp_nor_udp_stays_as_it_is() {
        let mut frame = segment();
        frame.bytes_mut()[14 + 9] = 1;
        frame.leave_sum(20);
        assert_eq!(as_captured(&frame), None);
        frame.leave_sum(5000);
        assert_eq!(as_captured(&frame), None);
    }
}
