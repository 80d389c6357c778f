//! Fragments of IPv4 packets: made at a link that takes less, put together at their destination
//! (RFC 791; ip_output.c, ip_fragment.c).
//! Whether a packet may be fragmented is decided by the caller.

use std::net::Ipv4Addr;
use std::time::Duration;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use crate::engine::trace::DropReason;
use crate::units::{Blank, IfIndex, SimTime};
use crate::wire::Frame;
use crate::wire::ipv4::{IPV4_HLEN, Ipv4View, checksum};

/// How long fragments wait for the others (`net.ipv4.ipfrag_time`).
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes that may wait in one namespace (`net.ipv4.ipfrag_high_thresh`).
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Largest IPv4 packet.
const PACKET_MAX: usize = 65535;

/// Cuts a checked packet so that each part fits in `mtu` bytes. Options whose copy flag is not set
/// stand in the first part only.
pub fn split(packet: &Frame, mtu: usize) -> Vec<Frame> {
    let Some(view) = Ipv4View::new(packet.bytes()) else {
        return Vec::new();
    };
    let (header, payload) = view.bytes().split_at(view.header_len());
    let room = mtu.saturating_sub(header.len()) & !7;
    if room == 0 {
        return Vec::new();
    }
    let (base, more) = (view.fragment_offset(), view.more_fragments());
    let parts = payload.len().div_ceil(room);
    let part = |(index, chunk): (usize, &[u8])| {
        let mut frame = Frame::zeroed(header.len() + chunk.len());
        frame.mark = packet.mark;
        frame.id = packet.id;
        let bytes = frame.bytes_mut();
        bytes[..header.len()].copy_from_slice(header);
        bytes[header.len()..].copy_from_slice(chunk);
        if index > 0 {
            blank_uncopied_options(&mut bytes[IPV4_HLEN..header.len()]);
        }
        let last = index + 1 == parts && !more;
        stamp(bytes, header.len(), base + index * room, !last);
        frame
    };
    payload.chunks(room).enumerate().map(part).collect()
}

/// Writes length, offset and the flag for more to come, and mends the checksum.
fn stamp(bytes: &mut [u8], header_len: usize, offset: usize, more: bool) {
    let total = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let offset = (offset / 8) as u16 & 0x1fff;
    let keep = u16::from(bytes[6] & 0x40) << 8;
    bytes[2..4].copy_from_slice(&total.to_be_bytes());
    bytes[6..8].copy_from_slice(&(keep | offset | u16::from(more) << 13).to_be_bytes());
    bytes[10..12].fill(0);
    let sum = checksum(&bytes[..header_len]);
    bytes[10..12].copy_from_slice(&sum.to_be_bytes());
}

/// Overwrites with NOPs the options that only the first fragment carries (`ip_options_fragment`).
fn blank_uncopied_options(options: &mut [u8]) {
    let mut at = 0;
    while let Some(&kind) = options.get(at) {
        match kind {
            0 => return,
            1 => at += 1,
            _ => {
                let len = usize::from(options.get(at + 1).copied().unwrap_or(0));
                let Some(option) = options.get_mut(at..at + len).filter(|_| len >= 2) else {
                    return;
                };
                if kind & 0x80 == 0 {
                    option.fill(1);
                }
                at += len;
            }
        }
    }
}

/// Which fragments belong together (RFC 791, 3.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Key {
    src: Ipv4Addr,
    dst: Ipv4Addr,
    id: u16,
    protocol: u8,
}

#[derive(Clone, Debug)]
struct Partial {
    /// Offset and payload, without overlaps, sorted.
    parts: Vec<(usize, Vec<u8>)>,
    /// Length of the whole payload, once the last part is there.
    total: Option<usize>,
    /// The first part as it came, for the header and for an ICMP error.
    first: Option<Frame>,
    until: SimTime,
    ifindex: IfIndex,
    bytes: usize,
}

/// The packets that wait for their parts.
#[derive(Clone, Debug)]
pub struct Reassembly {
    waiting: IndexMap<Key, Partial, FixedState>,
    bytes: usize,
}

impl Blank for Reassembly {
    const BLANK: Self = Self {
        waiting: IndexMap::with_hasher(FixedState::with_seed(0)),
        bytes: 0,
    };
    const SHARED: &'static Self = &Self::BLANK;
}

/// A packet whose time ran out.
#[derive(Clone, Debug)]
pub struct Expired {
    /// The first fragment, where it had come: a time-exceeded error quotes it.
    pub first: Option<Frame>,
    /// Where fragments came in.
    pub ifindex: IfIndex,
}

impl Reassembly {
    /// Takes in a checked fragment; gives the whole packet with its last missing part.
    /// A fragment that overlaps another one, or that does not fit, makes the whole packet lost.
    ///
    /// # Errors
    /// Why the fragment is lost.
    pub fn insert(
        &mut self,
        now: SimTime,
        ifindex: IfIndex,
        frame: Frame,
    ) -> Result<Option<Frame>, DropReason> {
        let view = Ipv4View::new(frame.bytes()).ok_or(DropReason::PktTooSmall)?;
        let key = Key {
            src: view.src(),
            dst: view.dst(),
            id: view.id(),
            protocol: view.protocol(),
        };
        let (offset, payload) = (view.fragment_offset(), view.payload().to_vec());
        let (more, end) = (view.more_fragments(), offset + payload.len());
        let odd = more && payload.len() % 8 != 0;
        if end > PACKET_MAX || odd || payload.is_empty() {
            return Err(DropReason::IpInhdr);
        }
        if self.bytes + payload.len() > BYTES_MAX {
            return Err(DropReason::FragTooFar);
        }
        let until = now + TIMEOUT;
        let partial = self.waiting.entry(key).or_insert_with(|| Partial {
            parts: Vec::new(),
            total: None,
            first: None,
            until,
            ifindex,
            bytes: 0,
        });
        if partial
            .parts
            .iter()
            .any(|(at, part)| *at == offset && part.len() == payload.len())
        {
            return Err(DropReason::DupFrag);
        }
        if !partial.accepts(offset, end, more) {
            if let Some(lost) = self.waiting.shift_remove(&key) {
                self.bytes -= lost.bytes;
            }
            return Err(DropReason::IpInhdr);
        }
        partial.bytes += payload.len();
        self.bytes += payload.len();
        if !more {
            partial.total = Some(end);
        }
        if offset == 0 {
            partial.first = Some(frame);
        }
        let position = partial.parts.partition_point(|(at, _)| *at < offset);
        partial.parts.insert(position, (offset, payload));
        if partial.total != Some(partial.bytes) {
            return Ok(None);
        }
        let whole = self.waiting.shift_remove(&key);
        let whole = whole.ok_or(DropReason::IpInhdr)?;
        self.bytes -= whole.bytes;
        whole.join().map(Some).ok_or(DropReason::IpInhdr)
    }

    /// When the next packet's time runs out.
    pub fn next_timer(&self) -> Option<SimTime> {
        self.waiting.first().map(|(_, partial)| partial.until)
    }

    /// Gives up packets whose time has run out; the oldest comes first.
    pub fn expire(&mut self, now: SimTime) -> Option<Expired> {
        let (_, oldest) = self.waiting.first()?;
        if oldest.until > now {
            return None;
        }
        let (_, lost) = self.waiting.shift_remove_index(0)?;
        self.bytes -= lost.bytes;
        Some(Expired {
            first: lost.first,
            ifindex: lost.ifindex,
        })
    }

    /// How many packets wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no packet waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl Partial {
    /// Neither overlaps a part nor contradicts the end (RFC 5722 as the kernel applies it to IPv4).
    fn accepts(&self, offset: usize, end: usize, more: bool) -> bool {
        let overlaps = self
            .parts
            .iter()
            .any(|(at, part)| offset < at + part.len() && *at < end);
        let known_end = self.parts.last().map_or(0, |(at, part)| at + part.len());
        let beyond = match self.total {
            Some(total) => end > total || (!more && end != total),
            None => !more && known_end > end,
        };
        !overlaps && !beyond
    }

    fn join(self) -> Option<Frame> {
        let first = self.first?;
        let header_len = Ipv4View::new(first.bytes())?.header_len();
        let mut whole = Frame::zeroed(header_len + self.bytes);
        (whole.mark, whole.id) = (first.mark, first.id);
        let bytes = whole.bytes_mut();
        bytes[..header_len].copy_from_slice(&first.bytes()[..header_len]);
        for (offset, part) in &self.parts {
            bytes[header_len + offset..header_len + offset + part.len()].copy_from_slice(part);
        }
        stamp(bytes, header_len, 0, false);
        Some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ipv4::{Ipv4Header, check};
    use proptest::prelude::*;

    fn packet(payload: &[u8]) -> Frame {
        let header = Ipv4Header {
            src: [10, 0, 0, 1].into(),
            dst: [10, 0, 0, 2].into(),
            protocol: 17,
            ttl: 9,
            tos: 0,
            id: 77,
            dont_fragment: false,
            router_alert: false,
        };
        let mut frame = Frame::new(payload);
        header.push(&mut frame);
        frame
    }

    #[test]
    fn a_packet_of_4028_bytes_makes_three_parts_at_an_mtu_of_1500() {
        let parts = split(&packet(&[1; 4008]), 1500);
        let lens: Vec<usize> = parts.iter().map(Frame::len).collect();
        assert_eq!(lens, [1500, 1500, 1068]);
        let last = Ipv4View::new(parts[2].bytes()).unwrap();
        assert_eq!(
            (last.fragment_offset(), last.more_fragments()),
            (2960, false)
        );
    }

    #[test]
    fn an_overlap_loses_the_whole_packet() {
        let parts = split(&packet(&[1; 100]), 60);
        let mut table = Reassembly::BLANK;
        assert_eq!(table.insert(SimTime::ZERO, 2, parts[0].clone()), Ok(None));
        let mut overlapping = parts[1].clone();
        let bytes = overlapping.bytes_mut();
        stamp(bytes, IPV4_HLEN, 16, true);
        assert!(table.insert(SimTime::ZERO, 2, overlapping).is_err());
        assert!(table.is_empty());
    }

    #[test]
    fn parts_that_wait_too_long_are_given_up_with_the_first_of_them() {
        let parts = split(&packet(&[1; 100]), 60);
        let mut table = Reassembly::BLANK;
        let _ = table.insert(SimTime::ZERO, 2, parts[0].clone());
        let end = table.next_timer().unwrap();
        assert!(table.expire(SimTime::ZERO).is_none());
        assert!(table.expire(end).unwrap().first.is_some());
        assert!(table.is_empty());
    }

    proptest! {
        #[test]
        fn parts_in_any_order_make_the_packet_again(
            len in 1usize..5000, mtu in 68usize..1500, swaps in prop::collection::vec(any::<prop::sample::Index>(), 8)
        ) {
            let payload: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let whole = packet(&payload);
            let mut parts = split(&whole, mtu);
            for part in &mut parts {
                prop_assert!(part.len() <= mtu);
                prop_assert_eq!(check(part), Ok(()));
            }
            for swap in swaps {
                let at = swap.index(parts.len());
                parts.swap(0, at);
            }
            let mut table = Reassembly::BLANK;
            let count = parts.len();
            for (index, part) in parts.into_iter().enumerate() {
                if count == 1 {
                    prop_assert_eq!(part.bytes(), whole.bytes());
                    continue;
                }
                let joined = table.insert(SimTime::ZERO, 2, part).ok().flatten();
                prop_assert_eq!(joined.is_some(), index + 1 == count);
                if let Some(joined) = joined {
                    prop_assert_eq!(joined.bytes(), whole.bytes());
                }
            }
            prop_assert!(table.is_empty());
        }
    }
}
