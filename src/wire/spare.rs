//! The memory of short frames that nobody needs any more, for those that come next.
//! Whose frames these are, and when they have come to their end, is for others.

use std::sync::Arc;

use super::frame::Frame;

/// So many pieces of memory are kept at most: 16 KiB in all.
const PIECES_MAX: usize = 64;

/// Pieces of memory that wait for their next frame. A burst of frames is beyond what an allocator has at hand.
///
/// ```
/// use vethlab::wire::Spare;
///
/// let mut spare = Spare::default();
/// let frame = spare.frame(b"one");
/// spare.put(frame);
/// assert_eq!(spare.frame(b"two").bytes(), b"two");
/// ```
#[derive(Debug, Default)]
pub struct Spare(Vec<Arc<[u8]>>);

impl Clone for Spare {
    /// What is spare in one world is not in another.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Spare {
    /// As [`Frame::new`], in memory of an earlier frame where there is some.
    #[inline]
    pub fn frame(&mut self, bytes: &[u8]) -> Frame {
        let piece = self.0.pop();
        match piece.and_then(|piece| Frame::in_memory_of(piece, bytes)) {
            Some(frame) => frame,
            None => Frame::new(bytes),
        }
    }

    /// A frame that nobody needs any more.
    #[inline]
    pub fn put(&mut self, frame: Frame) {
        if self.0.len() < PIECES_MAX
            && let Some(piece) = frame.into_memory()
        {
            self.0.push(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::HEADROOM;
    use super::*;

    #[test]
    fn a_frame_in_used_memory_is_as_a_fresh_one() {
        let mut spare = Spare::default();
        let mut first = spare.frame(&[7; 100]);
        first.push(&[9; 40]);
        first.mark = 3;
        spare.put(first);
        let mut second = spare.frame(b"short");
        assert!(spare.0.is_empty());
        assert_eq!((second.bytes(), second.mark), (&b"short"[..], 0));
        second.extend(b"er");
        assert_eq!(second.bytes(), b"shorter");
        second.unpull(HEADROOM);
        assert_eq!(second.bytes()[..HEADROOM], [0; HEADROOM]);
    }

    #[test]
    fn memory_that_is_shared_or_long_or_too_short_is_not_used_again() {
        let mut spare = Spare::default();
        let frame = Frame::new(b"shared");
        let other = frame.clone();
        spare.put(frame);
        spare.put(Frame::new(&[0; 2000]));
        assert!(spare.0.is_empty());
        assert_eq!(other.bytes(), b"shared");
        spare.put(Frame::new(b"short"));
        assert_eq!(spare.frame(&[1; 60]).bytes(), [1; 60]);
    }

    #[test]
    fn no_more_is_kept_than_a_burst_needs() {
        let mut spare = Spare::default();
        for _ in 0..PIECES_MAX + 9 {
            spare.put(Frame::new(b"frame"));
        }
        assert_eq!(spare.0.len(), PIECES_MAX);
        assert!(spare.clone().0.is_empty());
    }
}
