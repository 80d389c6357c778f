//! The sequence numbers that TCP conversations started with, so that later ones print relative to them.
//! Not a reassembler: nothing else of a conversation is remembered.

use std::collections::HashMap;

/// Conversations beyond this many forget the earlier ones.
const FLOWS_MAX: usize = 65_536;

/// Both ends of a conversation, the lower port first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct FlowKey {
    low: (u16, Vec<u8>),
    high: (u16, Vec<u8>),
}

impl FlowKey {
    /// The key of a segment, and whether it goes from the higher to the lower end.
    pub(super) fn new(source: (u16, &[u8]), destination: (u16, &[u8])) -> (Self, bool) {
        let own = |(port, address): (u16, &[u8])| (port, address.to_vec());
        let reverse = source > destination;
        let (low, high) = if reverse {
            (own(destination), own(source))
        } else {
            (own(source), own(destination))
        };
        (Self { low, high }, reverse)
    }
}

/// What both ends started from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// Of the lower end.
    pub(super) seq: u32,
    /// Of the higher end.
    pub(super) ack: u32,
}

/// The conversations of a capture, looked up only by key.
#[derive(Clone, Debug, Default)]
pub(super) struct Flows {
    bases: HashMap<FlowKey, Base>,
}

/// A segment's numbers as they print, and what they are relative to.
pub(super) struct Relative {
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) base: Base,
    pub(super) reverse: bool,
}

impl Flows {
    /// Numbers of a segment with an acknowledgement; the first of a conversation prints as it is.
    pub(super) fn relative(
        &mut self,
        (key, reverse): (FlowKey, bool),
        seq: u32,
        ack: u32,
        starts: bool,
    ) -> Relative {
        let known = self.bases.get(&key).copied().filter(|_| !starts);
        let base = known.unwrap_or(if reverse {
            Base {
                seq: ack.wrapping_sub(1),
                ack: seq,
            }
        } else {
            Base {
                seq,
                ack: ack.wrapping_sub(1),
            }
        });
        if known.is_none() {
            if self.bases.len() >= FLOWS_MAX {
                self.bases.clear();
            }
            self.bases.insert(key, base);
        }
        let (seq_base, ack_base) = match (known.is_some(), reverse) {
            (false, _) => (0, 0),
            (true, true) => (base.ack, base.seq),
            (true, false) => (base.seq, base.ack),
        };
        Relative {
            seq: seq.wrapping_sub(seq_base),
            ack: ack.wrapping_sub(ack_base),
            base,
            reverse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: (u16, &[u8]) = (1000, &[10, 0, 0, 1]);
    const B: (u16, &[u8]) = (80, &[10, 0, 0, 2]);

    #[test]
    fn numbers_are_relative_to_the_first_segment_with_an_acknowledgement() {
        let mut flows = Flows::default();
        let first = flows.relative(FlowKey::new(B, A), 5000, 101, true);
        assert_eq!((first.seq, first.ack), (5000, 101));
        let reply = flows.relative(FlowKey::new(A, B), 101, 5001, false);
        assert_eq!((reply.seq, reply.ack), (1, 1));
        let data = flows.relative(FlowKey::new(B, A), 5001, 151, false);
        assert_eq!((data.seq, data.ack), (1, 51));
    }

    #[test]
    fn a_new_syn_starts_over() {
        let mut flows = Flows::default();
        flows.relative(FlowKey::new(B, A), 5000, 101, true);
        let again = flows.relative(FlowKey::new(B, A), 9000, 201, true);
        assert_eq!((again.seq, again.ack), (9000, 201));
        let reply = flows.relative(FlowKey::new(A, B), 201, 9001, false);
        assert_eq!((reply.seq, reply.ack), (1, 1));
    }
}
