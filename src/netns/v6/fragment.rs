//! Fragments of IPv6 packets: made at their source, put together at their destination
//! (RFC 8200, section 4.5; ip6_output.c, reassembly.c).
//! Whether a packet may be fragmented is decided by the caller.

use std::net::Ipv6Addr;
use std::time::Duration;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::extension::{BAD_FIELD, Fault, INCOMPLETE_CHAIN, fragmentable};
use crate::engine::trace::DropReason;
use crate::netns::ip::fragment::Expired;
use crate::units::{Blank, IfIndex, SimTime};
use crate::wire::Frame;
use crate::wire::ipv6::{IPPROTO_FRAGMENT, IPV6_HLEN, Ipv6View};

/// How long fragments wait for the others (`net.ipv6.ip6frag_time`).
const TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes that may wait in one namespace (`net.ipv6.ip6frag_high_thresh`).
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Largest payload of a packet.
const PAYLOAD_MAX: usize = 65_535;
/// Length of a fragment header.
const HEADER: usize = 8;

/// Cuts a packet so that each part fits in `mtu` bytes; `id` tells its parts from others'.
pub fn split(packet: &Frame, mtu: usize, id: u32) -> Vec<Frame> {
    let bytes = packet.bytes();
    let (at, named_at) = fragmentable(bytes);
    let (Some((head, payload)), Some(&next)) = (bytes.split_at_checked(at), bytes.get(named_at))
    else {
        return Vec::new();
    };
    let room = mtu.saturating_sub(head.len() + HEADER) & !7;
    if room == 0 {
        return Vec::new();
    }
    let parts = payload.len().div_ceil(room);
    let part = |(index, chunk): (usize, &[u8])| {
        let more = index + 1 < parts;
        let offset = u16::try_from(index * room).unwrap_or(u16::MAX) & !7 | u16::from(more);
        let mut whole = head.to_vec();
        whole.extend([next, 0]);
        whole.extend(offset.to_be_bytes());
        whole.extend(id.to_be_bytes());
        whole.extend(chunk);
        name_next(&mut whole, named_at, IPPROTO_FRAGMENT);
        let mut frame = Frame::new(&whole);
        (frame.mark, frame.id) = (packet.mark, packet.id);
        frame
    };
    payload.chunks(room).enumerate().map(part).collect()
}

/// Writes the number of a header and the length of the packet.
fn name_next(packet: &mut [u8], named_at: usize, next: u8) {
    let len = packet.len().saturating_sub(IPV6_HLEN);
    if let Some(name) = packet.get_mut(named_at) {
        *name = next;
    }
    if let Some(field) = packet.get_mut(4..6) {
        let len = u16::try_from(len).unwrap_or(u16::MAX);
        field.copy_from_slice(&len.to_be_bytes());
    }
}

/// Which fragments belong together; those of a link's addresses only by the same device.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Key {
    src: Ipv6Addr,
    dst: Ipv6Addr,
    id: u32,
    ifindex: IfIndex,
}

#[derive(Clone, Debug)]
struct Partial {
    /// Offset and payload, without overlaps, sorted.
    parts: Vec<(usize, Vec<u8>)>,
    /// Length of the whole payload, once the last part is there.
    total: Option<usize>,
    /// The first part as it came, with the place of its fragment header and of that one's number.
    first: Option<(Frame, usize, usize)>,
    until: SimTime,
    ifindex: IfIndex,
    bytes: usize,
}

/// The packets that wait for their parts.
#[derive(Clone, Debug)]
pub struct Reassembly6 {
    waiting: IndexMap<Key, Partial, FixedState>,
    bytes: usize,
}

impl Blank for Reassembly6 {
    const BLANK: Self = Self {
        waiting: IndexMap::with_hasher(FixedState::with_seed(0)),
        bytes: 0,
    };
    const SHARED: &'static Self = &Self::BLANK;
}

/// One fragment taken apart.
struct Part {
    offset: usize,
    payload: Vec<u8>,
    more: bool,
    id: u32,
}

impl Reassembly6 {
    /// Takes in a fragment whose header begins at `at`, with its number at `named_at`; gives the whole
    /// packet with its last missing part (`ipv6_frag_rcv`). A fragment that overlaps another one makes
    /// the whole packet lost (RFC 5722).
    ///
    /// # Errors
    /// What is wrong with the fragment.
    pub fn insert(
        &mut self,
        now: SimTime,
        ifindex: IfIndex,
        frame: Frame,
        (at, named_at): (usize, usize),
    ) -> Result<Option<Frame>, Fault> {
        const BAD: Fault = Fault::Dropped(DropReason::IpInhdr);
        let part = read(frame.bytes(), at)?;
        let view = Ipv6View::new(frame.bytes()).ok_or(BAD)?;
        if self.bytes + part.payload.len() > BYTES_MAX {
            return Err(Fault::Dropped(DropReason::FragTooFar));
        }
        let near = view.dst().is_multicast() || view.src().is_unicast_link_local();
        let key = Key {
            src: view.src(),
            dst: view.dst(),
            id: part.id,
            ifindex: if near { ifindex } else { 0 },
        };
        let until = now + TIMEOUT;
        let partial = self.waiting.entry(key).or_insert_with(|| Partial {
            parts: Vec::new(),
            total: None,
            first: None,
            until,
            ifindex,
            bytes: 0,
        });
        if partial.has(&part) {
            return Err(Fault::Dropped(DropReason::DupFrag));
        }
        if !partial.accepts(&part) {
            if let Some(lost) = self.waiting.shift_remove(&key) {
                self.bytes -= lost.bytes;
            }
            return Err(BAD);
        }
        self.bytes += part.payload.len();
        partial.take(part, frame, (at, named_at));
        if partial.total != Some(partial.bytes) {
            return Ok(None);
        }
        let whole = self.waiting.shift_remove(&key).ok_or(BAD)?;
        self.bytes -= whole.bytes;
        whole.join().map(Some).ok_or(BAD)
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
            first: lost.first.map(|(frame, ..)| frame),
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

/// Takes a fragment apart and checks it (`ip6_frag_queue`).
fn read(packet: &[u8], at: usize) -> Result<Part, Fault> {
    let cut = Fault::Dropped(DropReason::PktTooSmall);
    let header: [u8; HEADER] = packet
        .get(at..)
        .and_then(|rest| rest.first_chunk().copied())
        .ok_or(cut)?;
    let [next, _, o0, o1, i0, i1, i2, i3] = header;
    let word = u16::from_be_bytes([o0, o1]);
    let (offset, more) = (usize::from(word & !7), word & 1 != 0);
    let payload = packet.get(at + HEADER..).ok_or(cut)?.to_vec();
    if offset + payload.len() > PAYLOAD_MAX {
        let field = u32::try_from(at + 2).unwrap_or(u32::MAX);
        return Err(Fault::Problem(BAD_FIELD, field));
    }
    if more && payload.len() % 8 != 0 {
        // The pointer is at the length in the first header.
        return Err(Fault::Problem(BAD_FIELD, 4));
    }
    if payload.is_empty() {
        return Err(cut);
    }
    if offset == 0 && payload.len() < least(next) {
        return Err(Fault::Problem(INCOMPLETE_CHAIN, 0));
    }
    Ok(Part {
        offset,
        payload,
        more,
        id: u32::from_be_bytes([i0, i1, i2, i3]),
    })
}

/// How much of an upper protocol's header the first fragment must hold (`ipv6frag_thdr_truncated`).
fn least(protocol: u8) -> usize {
    match protocol {
        6 => 20,
        17 | 58 => 8,
        _ => 1,
    }
}

impl Partial {
    fn has(&self, new: &Part) -> bool {
        self.parts
            .iter()
            .any(|(at, part)| *at == new.offset && part.len() == new.payload.len())
    }

    /// Neither overlaps a part nor contradicts the end.
    fn accepts(&self, new: &Part) -> bool {
        let end = new.offset + new.payload.len();
        let overlaps = self
            .parts
            .iter()
            .any(|(at, part)| new.offset < at + part.len() && *at < end);
        let known_end = self.parts.last().map_or(0, |(at, part)| at + part.len());
        let fits = match (self.total, new.more) {
            (Some(total), true) => end <= total,
            (Some(total), false) => end == total,
            (None, true) => true,
            (None, false) => end >= known_end,
        };
        !overlaps && fits
    }

    fn take(&mut self, new: Part, frame: Frame, places: (usize, usize)) {
        self.bytes += new.payload.len();
        if !new.more {
            self.total = Some(new.offset + new.payload.len());
        }
        if new.offset == 0 {
            self.first = Some((frame, places.0, places.1));
        }
        let position = self.parts.partition_point(|(at, _)| *at < new.offset);
        self.parts.insert(position, (new.offset, new.payload));
    }

    /// The packet, without a fragment header.
    fn join(self) -> Option<Frame> {
        let (first, at, named_at) = self.first?;
        let next = *first.bytes().get(at)?;
        let mut whole = first.bytes().get(..at)?.to_vec();
        for (_, part) in &self.parts {
            whole.extend(part);
        }
        if whole.len() - IPV6_HLEN > PAYLOAD_MAX {
            return None;
        }
        name_next(&mut whole, named_at, next);
        let mut frame = Frame::new(&whole);
        (frame.mark, frame.id) = (first.mark, first.id);
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netns::v6::extension::{Carried, walk};
    use crate::wire::ipv6::Ipv6Header;
    use proptest::prelude::*;

    fn packet(payload: &[u8]) -> Frame {
        let header = Ipv6Header {
            src: "fd00::1".parse().unwrap(),
            dst: "fd00::2".parse().unwrap(),
            next_header: 17,
            hop_limit: 64,
            traffic_class: 0,
        };
        let mut frame = Frame::new(payload);
        header.push(&mut frame);
        frame
    }

    fn places(part: &Frame) -> (usize, usize) {
        match walk(part.bytes(), 8).unwrap() {
            Carried::Fragment { at, named_at } => (at, named_at),
            Carried::Upper { .. } => panic!("no fragment"),
        }
    }

    #[test]
    fn an_echo_of_1461_bytes_makes_parts_of_1448_and_13() {
        let parts = split(&packet(&[1; 1461]), 1500, 7);
        let lens: Vec<usize> = parts.iter().map(|part| part.len() - 48).collect();
        assert_eq!(lens, [1448, 13]);
    }

    #[test]
    fn a_part_that_is_no_multiple_of_eight_is_told_of() {
        let mut part = split(&packet(&[1; 100]), 100, 7).remove(0);
        part.truncate(part.len() - 1);
        let mut table = Reassembly6::BLANK;
        let places = places(&part);
        assert_eq!(
            table.insert(SimTime::ZERO, 2, part, places),
            Err(Fault::Problem(BAD_FIELD, 4))
        );
        assert!(table.is_empty());
    }

    #[test]
    fn parts_that_wait_for_a_minute_are_given_up_with_the_first_of_them() {
        let part = split(&packet(&[1; 100]), 100, 7).remove(0);
        let mut table = Reassembly6::BLANK;
        let places = places(&part);
        assert_eq!(table.insert(SimTime::ZERO, 2, part, places), Ok(None));
        let end = table.next_timer().unwrap();
        assert_eq!(end.as_millis(), 60_000);
        assert!(table.expire(SimTime::ZERO).is_none());
        assert!(table.expire(end).unwrap().first.is_some());
        assert!(table.is_empty());
    }

    proptest! {
        #[test]
        fn parts_in_any_order_make_the_packet_again(
            len in 60usize..5000, mtu in 68usize..1500,
            swaps in prop::collection::vec(any::<prop::sample::Index>(), 8)
        ) {
            let payload: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let whole = packet(&payload);
            let mut parts = split(&whole, mtu, 7);
            prop_assume!(parts.len() > 1);
            for swap in swaps {
                let at = swap.index(parts.len());
                parts.swap(0, at);
            }
            let mut table = Reassembly6::BLANK;
            let count = parts.len();
            for (index, part) in parts.into_iter().enumerate() {
                prop_assert!(part.len() <= mtu);
                let places = places(&part);
                let joined = table.insert(SimTime::ZERO, 2, part, places).unwrap();
                prop_assert_eq!(joined.is_some(), index + 1 == count);
                if let Some(joined) = joined {
                    prop_assert_eq!(joined.bytes(), whole.bytes());
                }
            }
            prop_assert!(table.is_empty());
        }
    }
}
