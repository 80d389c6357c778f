//! One frame or packet: shared bytes with room in front for more headers.
//! What the bytes mean is for others.

use std::fmt;
use std::sync::Arc;

/// Room in front of a fresh frame: an outer Ethernet, IPv6, UDP and VXLAN header, and a tag.
pub const HEADROOM: usize = 96;
/// The longest frame that is put together without memory of its own.
const SHORT: usize = 160;

/// The bytes of a frame. A clone shares them; writing to shared bytes copies them first.
///
/// ```
/// use vethlab::wire::Frame;
///
/// let mut frame = Frame::new(b"payload");
/// frame.push(b"head:");
/// let copy = frame.clone();
/// assert_eq!(copy.bytes(), b"head:payload");
/// frame.pull(5);
/// assert_eq!(frame.bytes(), b"payload");
/// ```
#[derive(Clone)]
pub struct Frame {
    buffer: Arc<[u8]>,
    start: u32,
    end: u32,
    /// The packet mark (`skb->mark`).
    pub mark: u32,
    /// The number by which a journey knows it; 0 where nobody watches.
    pub id: u64,
    /// The connection that it belongs to in its namespace, and how; 0 is none (`skb->_nfct`).
    pub ct: u32,
    /// The number of the station of its journey that this copy was at last.
    pub hop: u32,
    /// The network of `tunnel`.
    vni: [u8; 3],
    /// What `vni` means.
    tunnel: Beside,
    /// Whether the tag in front was put there by a device or a bridge, beside the bytes as far as lengths go.
    tag_beside: bool,
    /// How far before the end the segment or datagram begins whose sum is left to the device; 0 is none.
    unsummed: u16,
}

/// Whether a frame has a network of a tunnel beside its bytes, and of which way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Beside {
    Nothing,
    Received,
    ToSend,
    /// It left by the loopback though its address is another's: whoever hears it takes it.
    ForHere,
}

/// The network of a tunnel of many networks, which travels beside a frame (`struct ip_tunnel_info`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TunnelInfo {
    /// The frame came out of a tunnel, of this network.
    Received(u32),
    /// A tunnel is to send it into this network (`IP_TUNNEL_INFO_TX`).
    ToSend(u32),
}

impl Frame {
    /// A frame of these bytes, with [`HEADROOM`] in front.
    pub fn new(bytes: &[u8]) -> Self {
        // Put together where it costs nothing, a frame is one piece of memory; a long one is copied twice.
        if bytes.len() <= SHORT {
            let mut whole = [0; HEADROOM + SHORT];
            whole[HEADROOM..HEADROOM + bytes.len()].copy_from_slice(bytes);
            return Self::of_buffer(Arc::from(&whole[..HEADROOM + bytes.len()]));
        }
        let mut buffer = Vec::with_capacity(HEADROOM + bytes.len());
        buffer.resize(HEADROOM, 0);
        buffer.extend_from_slice(bytes);
        Self::of_buffer(buffer.into())
    }

    /// A frame of `len` zero bytes, with [`HEADROOM`] in front.
    pub fn zeroed(len: usize) -> Self {
        if len <= SHORT {
            return Self::of_buffer(Arc::from(&[0; HEADROOM + SHORT][..HEADROOM + len]));
        }
        Self::of_buffer(vec![0; HEADROOM + len].into())
    }

    /// A frame of these bytes in memory that another one had; nothing where that is too short.
    #[inline]
    pub(super) fn in_memory_of(mut buffer: Arc<[u8]>, bytes: &[u8]) -> Option<Self> {
        let end = HEADROOM + bytes.len();
        let (head, body) = Arc::get_mut(&mut buffer)?.split_first_chunk_mut::<HEADROOM>()?;
        *head = [0; HEADROOM];
        body.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self::within(buffer, end))
    }

    /// The memory of a short frame that nobody else has.
    #[inline]
    pub(super) fn into_memory(mut self) -> Option<Arc<[u8]>> {
        let own = Arc::get_mut(&mut self.buffer).is_some_and(|all| all.len() <= HEADROOM + SHORT);
        own.then_some(self.buffer)
    }

    /// The frame of a buffer that has its headroom.
    fn of_buffer(buffer: Arc<[u8]>) -> Self {
        let end = buffer.len();
        Self::within(buffer, end)
    }

    /// The frame of a buffer that has its headroom, up to `end`.
    #[inline]
    fn within(buffer: Arc<[u8]>, end: usize) -> Self {
        Self {
            start: HEADROOM as u32,
            end: narrow(end),
            buffer,
            mark: 0,
            ct: 0,
            id: 0,
            hop: 0,
            vni: [0; 3],
            tunnel: Beside::Nothing,
            tag_beside: false,
            unsummed: 0,
        }
    }

    /// Notes that the sum of the segment or datagram in the last `upper_len` bytes is left to the device
    /// (`CHECKSUM_PARTIAL`): captures see it so. The bytes have it all the same.
    #[inline]
    pub fn leave_sum(&mut self, upper_len: usize) {
        self.unsummed = u16::try_from(upper_len).unwrap_or(0);
    }

    /// The sum is whole from now on (`skb_checksum_help`).
    #[inline]
    pub fn sum_up(&mut self) {
        self.unsummed = 0;
    }

    /// The length of the segment or datagram at the end whose sum is left to the device.
    #[inline]
    pub fn unsummed(&self) -> Option<usize> {
        (self.unsummed != 0).then_some(self.unsummed.into())
    }

    /// The bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start as usize..self.end as usize]
    }

    /// How many bytes there are.
    #[inline]
    pub fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// How long the frame is for a driver: a tag that a device or a bridge put in front does not count, as it
    /// travels beside the packet (`skb_vlan_tag_present`).
    #[inline]
    pub fn link_len(&self) -> usize {
        self.len() - if self.tag_beside { 4 } else { 0 }
    }

    /// Notes that the tag in front counts, or does not count, for [`Frame::link_len`].
    pub(super) fn set_tag_beside(&mut self, beside: bool) {
        self.tag_beside = beside && self.len() >= 4;
    }

    /// The network of a tunnel, where one travels beside the bytes (`skb_tunnel_info`).
    #[inline]
    pub fn tunnel(&self) -> Option<TunnelInfo> {
        let [a, b, c] = self.vni;
        let vni = u32::from_be_bytes([0, a, b, c]);
        match self.tunnel {
            Beside::Nothing | Beside::ForHere => None,
            Beside::Received => Some(TunnelInfo::Received(vni)),
            Beside::ToSend => Some(TunnelInfo::ToSend(vni)),
        }
    }

    /// Puts the network of a tunnel beside the bytes, or takes it away; of 24 bits.
    #[inline]
    pub fn set_tunnel(&mut self, info: Option<TunnelInfo>) {
        let (tunnel, vni) = match info {
            None => (Beside::Nothing, 0),
            Some(TunnelInfo::Received(vni)) => (Beside::Received, vni),
            Some(TunnelInfo::ToSend(vni)) => (Beside::ToSend, vni),
        };
        let [_, a, b, c] = vni.to_be_bytes();
        (self.tunnel, self.vni) = (tunnel, [a, b, c]);
    }

    /// Its route leads out of the loopback: it is delivered where it is heard, whatever its address (`RTCF_LOCAL`).
    pub fn set_for_here(&mut self) {
        self.tunnel = Beside::ForHere;
    }

    /// Whether its route was one out of the loopback.
    #[inline]
    pub fn is_for_here(&self) -> bool {
        self.tunnel == Beside::ForHere
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// The bytes, to write to; copies them first where they are shared.
    #[inline]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let (start, end) = (self.start as usize, self.end as usize);
        &mut Arc::make_mut(&mut self.buffer)[start..end]
    }

    /// Takes `count` bytes off the front, or all where there are fewer (`skb_pull`).
    #[inline]
    pub fn pull(&mut self, count: usize) {
        self.tag_beside = false;
        self.start += narrow(count.min(self.len()));
    }

    /// Puts the last `count` pulled bytes back in front (`skb_push` over an old header).
    /// Bytes that were never there read as zero.
    pub fn unpull(&mut self, count: usize) {
        match self.start.checked_sub(narrow(count)) {
            Some(start) => self.start = start,
            None => {
                let head = vec![0; count];
                self.push(&head);
            }
        }
    }

    /// The same frame to a journey: a part of it, or what it became.
    #[must_use]
    pub fn continues(mut self, earlier: &Self) -> Self {
        (self.id, self.hop) = (earlier.id, earlier.hop);
        self
    }

    /// Cuts the end off, so that at most `len` bytes stay (`pskb_trim`).
    #[inline]
    pub fn truncate(&mut self, len: usize) {
        self.tag_beside &= len >= 4;
        if len < self.len() {
            self.unsummed = 0;
        }
        self.end = self.start + narrow(len.min(self.len()));
    }

    /// Puts a header in front.
    #[inline]
    pub fn push(&mut self, header: &[u8]) {
        self.tag_beside = false;
        let room = self.start as usize;
        if room < header.len() {
            let mut longer = Self::zeroed(header.len() + self.len());
            let bytes = longer.bytes_mut();
            bytes[..header.len()].copy_from_slice(header);
            bytes[header.len()..].copy_from_slice(self.bytes());
            (self.buffer, self.start, self.end) = (longer.buffer, longer.start, longer.end);
            return;
        }
        let start = room - header.len();
        Arc::make_mut(&mut self.buffer)[start..room].copy_from_slice(header);
        self.start = narrow(start);
    }

    /// Puts bytes behind.
    pub fn extend(&mut self, tail: &[u8]) {
        self.unsummed = 0;
        let end = self.end as usize;
        let mut buffer = self.buffer[..end].to_vec();
        buffer.extend_from_slice(tail);
        self.end = narrow(buffer.len());
        self.buffer = buffer.into();
    }
}

/// Frames are far below 4 GiB.
#[inline]
fn narrow(len: usize) -> u32 {
    u32::try_from(len).expect("a frame is shorter than 4 GiB")
}

impl PartialEq for Frame {
    /// Frames are equal where their bytes are.
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Frame {}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_to_one_clone_leaves_the_other() {
        let mut frame = Frame::new(b"abc");
        let copy = frame.clone();
        frame.bytes_mut()[0] = b'x';
        assert_eq!((frame.bytes(), copy.bytes()), (&b"xbc"[..], &b"abc"[..]));
    }

    #[test]
    fn a_header_longer_than_the_headroom_moves_the_bytes() {
        let mut frame = Frame::new(b"tail");
        frame.push(&[7; HEADROOM]);
        frame.push(b"front");
        assert_eq!(frame.len(), HEADROOM + 9);
        assert!(frame.bytes().starts_with(b"front\x07") && frame.bytes().ends_with(b"\x07tail"));
    }

    #[test]
    fn pulling_and_truncating_stop_at_the_ends() {
        let mut frame = Frame::new(b"abcdef");
        frame.pull(2);
        frame.truncate(3);
        assert_eq!(frame.bytes(), b"cde");
        frame.unpull(2);
        assert_eq!(frame.bytes(), b"abcde");
        frame.pull(99);
        assert!(frame.is_empty());
    }

    #[test]
    fn bytes_put_behind_do_not_show_in_a_clone() {
        let mut frame = Frame::new(b"ab");
        let copy = frame.clone();
        frame.extend(b"cd");
        assert_eq!((frame.bytes(), copy.bytes()), (&b"abcd"[..], &b"ab"[..]));
    }
}
