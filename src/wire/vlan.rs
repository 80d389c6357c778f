//! The tag of a VLAN (IEEE 802.1Q, 9.6): read, pushed and taken off, in the headroom of a frame.
//! Who tags what is decided elsewhere.

use super::{ETH_P_8021Q, Frame};

/// EtherType of a service tag (IEEE 802.1ad).
pub const ETH_P_8021AD: u16 = 0x88a8;
/// Length of a tag: its ethertype, and 16 bits of control information.
pub const VLAN_HLEN: usize = 4;
/// Where the ethertype of an untagged frame is.
const TYPE_AT: usize = 12;

/// A tag: the ethertype that says that it is one, and its control information.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VlanTag {
    /// 0x8100 or 0x88a8.
    pub protocol: u16,
    /// Priority (3 bits), drop eligible (1 bit), VLAN (12 bits).
    pub tci: u16,
}

impl VlanTag {
    /// A tag of a VLAN, of priority 0.
    pub const fn new(protocol: u16, vid: u16) -> Self {
        Self {
            protocol,
            tci: vid & 0xfff,
        }
    }

    /// The VLAN; 0 for a frame that has a priority only.
    pub const fn vid(self) -> u16 {
        self.tci & 0xfff
    }

    /// The same tag for another VLAN.
    pub const fn with_vid(self, vid: u16) -> Self {
        Self {
            protocol: self.protocol,
            tci: self.tci & 0xf000 | vid & 0xfff,
        }
    }

    /// The outermost tag of a frame, which starts with its Ethernet header.
    #[inline]
    pub fn of(frame: &[u8]) -> Option<Self> {
        let (head, _) = frame.split_first_chunk::<18>()?;
        let [.., a, b, c, d, _, _] = *head;
        let protocol = u16::from_be_bytes([a, b]);
        matches!(protocol, ETH_P_8021Q | ETH_P_8021AD).then_some(Self {
            protocol,
            tci: u16::from_be_bytes([c, d]),
        })
    }

    /// Puts the tag between the addresses of a frame and what follows them (`vlan_insert_tag`).
    pub fn push(self, frame: &mut Frame) {
        let Some(&addresses) = frame.bytes().first_chunk::<TYPE_AT>() else {
            return;
        };
        let mut header = [0; TYPE_AT + VLAN_HLEN];
        header[..TYPE_AT].copy_from_slice(&addresses);
        header[TYPE_AT..TYPE_AT + 2].copy_from_slice(&self.protocol.to_be_bytes());
        header[TYPE_AT + 2..].copy_from_slice(&self.tci.to_be_bytes());
        frame.pull(TYPE_AT);
        frame.push(&header);
        frame.set_tag_beside(true);
    }

    /// Takes the outermost tag off a frame, where there is one (`skb_vlan_untag`).
    pub fn pop(frame: &mut Frame) -> Option<Self> {
        let tag = Self::of(frame.bytes())?;
        let addresses = *frame.bytes().first_chunk::<TYPE_AT>()?;
        frame.pull(TYPE_AT + VLAN_HLEN);
        frame.push(&addresses);
        Some(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &[u8] = &[1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 8, 0, 0xaa, 0xbb];

    #[test]
    fn a_tag_that_is_pushed_is_read_and_popped_again() {
        let mut frame = Frame::new(PLAIN);
        let tag = VlanTag {
            protocol: 0x8100,
            tci: 0xa00a,
        };
        tag.push(&mut frame);
        assert_eq!(frame.bytes()[12..18], [0x81, 0, 0xa0, 0x0a, 8, 0]);
        assert_eq!((tag.vid(), frame.len()), (10, PLAIN.len() + 4));
        assert_eq!(frame.link_len(), PLAIN.len());
        assert_eq!(VlanTag::pop(&mut frame), Some(tag));
        assert_eq!(frame.bytes(), PLAIN);
        assert_eq!(VlanTag::pop(&mut frame), None);
    }

    #[test]
    fn tags_nest_and_the_last_pushed_is_the_outermost() {
        let mut frame = Frame::new(PLAIN);
        VlanTag::new(0x8100, 5).push(&mut frame);
        VlanTag::new(ETH_P_8021AD, 100).push(&mut frame);
        assert_eq!(VlanTag::of(frame.bytes()).map(VlanTag::vid), Some(100));
        assert_eq!(frame.link_len(), PLAIN.len() + 4, "the inner tag counts");
        VlanTag::pop(&mut frame);
        assert_eq!(VlanTag::of(frame.bytes()).map(VlanTag::vid), Some(5));
        assert_eq!(frame.link_len(), frame.len());
    }

    #[test]
    fn a_copy_keeps_its_tag_when_the_other_loses_it() {
        let mut frame = Frame::new(PLAIN);
        VlanTag::new(0x8100, 5).push(&mut frame);
        let copy = frame.clone();
        VlanTag::pop(&mut frame);
        assert_eq!(VlanTag::of(copy.bytes()).map(VlanTag::vid), Some(5));
    }

    #[test]
    fn a_frame_too_short_for_a_tag_has_none() {
        let mut short = Frame::new(&[0x81; 17]);
        assert_eq!(VlanTag::pop(&mut short), None);
        VlanTag::new(0x8100, 5).push(&mut Frame::new(&[1, 2, 3]));
    }
}
