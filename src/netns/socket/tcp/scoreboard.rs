//! What is sent and not acknowledged, segment by segment: sacked, lost, sent again (RFC 6675, `tcp_rtx_queue`).
//! It keeps no bytes: those are in the connection's buffer.
//!
//! Losses are found as RFC 6675 says, by three segments sacked beyond; Linux's RACK, which goes by time, and
//! its tail loss probe are not here. A segment that is lost twice waits for the timeout.

use std::collections::VecDeque;

use super::segment::Ranges;
use super::seq::Seq;
use crate::units::SimTime;

/// So many segments beyond a gap tell that it is a loss (`tcp_reordering`).
const DUPLICATES: usize = 3;

/// One segment that is out.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Its first number.
    pub start: Seq,
    /// Behind its last.
    pub end: Seq,
    /// When it was sent last.
    at: SimTime,
    sacked: bool,
    lost: bool,
    again: bool,
}

/// What an acknowledgement did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Acked {
    /// Segments that are through now, sacked ones included only once.
    pub segments: u32,
    /// When the newest of them was sent, where that is known: it was sent once (Karn).
    pub sent_at: Option<SimTime>,
}

/// All segments that are out, in their order.
#[derive(Clone, Debug, Default)]
pub struct Scoreboard {
    queue: VecDeque<Sent>,
    sacked: u32,
    lost: u32,
    /// Lost and sent again.
    again: u32,
    /// No lost segment before this place waits to be sent again.
    first_lost: usize,
}

impl Scoreboard {
    /// Whether nothing is out.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Segments that are out.
    pub fn len(&self) -> u32 {
        self.queue.len() as u32
    }

    /// How many segments are on the way (`tcp_packets_in_flight`).
    pub fn in_flight(&self) -> u32 {
        (self.len() + self.again).saturating_sub(self.sacked + self.lost)
    }

    /// How many are sacked, lost, and lost but sent again.
    pub fn counts(&self) -> (u32, u32, u32) {
        (self.sacked, self.lost, self.again)
    }

    /// A new segment was sent.
    pub fn push(&mut self, start: Seq, end: Seq, at: SimTime) {
        self.queue.push_back(Sent {
            start,
            end,
            at,
            sacked: false,
            lost: false,
            again: false,
        });
    }

    /// Everything before `upto` has arrived (`tcp_clean_rtx_queue`).
    pub fn acknowledge(&mut self, upto: Seq) -> Acked {
        let mut acked = Acked::default();
        while let Some(first) = self.queue.front_mut() {
            if first.end.after(upto) {
                if first.start.before(upto) {
                    first.start = upto;
                }
                break;
            }
            let first = *first;
            self.queue.pop_front();
            self.forget(first);
            self.first_lost = self.first_lost.saturating_sub(1);
            if !first.sacked {
                acked.segments += 1;
                acked.sent_at = match first.again {
                    true => None,
                    false => Some(first.at),
                };
            }
        }
        acked
    }

    /// Ranges have arrived out of order (`tcp_sacktag_write_queue`): how many segments that are news.
    pub fn sack(&mut self, ranges: &Ranges) -> u32 {
        let mut news = 0;
        for &(start, end) in ranges.iter().flatten() {
            let first = self.queue.partition_point(|sent| sent.start.before(start));
            for sent in self.queue.iter_mut().skip(first) {
                if sent.end.after(end) {
                    break;
                }
                if sent.sacked {
                    continue;
                }
                let old = *sent;
                (sent.sacked, sent.lost, sent.again) = (true, false, false);
                self.lost -= u32::from(old.lost);
                self.again -= u32::from(old.lost && old.again);
                self.sacked += 1;
                news += 1;
            }
        }
        news
    }

    /// Marks what three sacked segments have overtaken: whether anything is newly lost.
    pub fn find_losses(&mut self) -> bool {
        if (self.sacked as usize) < DUPLICATES {
            return false;
        }
        let (mut beyond, mut found) = (0, false);
        for sent in self.queue.iter_mut().rev() {
            if sent.sacked {
                beyond += 1;
            } else if beyond >= DUPLICATES && !sent.lost && !sent.again {
                sent.lost = true;
                self.lost += 1;
                found = true;
            }
        }
        if found {
            self.first_lost = 0;
        }
        found
    }

    /// The first segment counts as lost: without SACK, duplicates told so.
    pub fn lose_first(&mut self) -> bool {
        let Some(first) = self.queue.front_mut().filter(|first| !first.lost) else {
            return false;
        };
        first.lost = true;
        self.lost += 1;
        self.first_lost = 0;
        true
    }

    /// A timeout: all but what is sacked counts as lost, once more.
    pub fn lose_all(&mut self) {
        for sent in self.queue.iter_mut().filter(|sent| !sent.sacked) {
            self.lost += u32::from(!sent.lost);
            self.again -= u32::from(sent.lost && sent.again);
            (sent.lost, sent.again) = (true, false);
        }
        self.first_lost = 0;
    }

    /// Segments longer than the path now takes count as lost (`tcp_simple_retransmit`).
    pub fn lose_longer(&mut self, mss: u32) -> bool {
        let mut found = false;
        for sent in &mut self.queue {
            if sent.end.since(sent.start) > mss && !sent.sacked && !sent.lost {
                (sent.lost, sent.again) = (true, false);
                self.lost += 1;
                found = true;
            }
        }
        if found {
            self.first_lost = 0;
        }
        found
    }

    /// The next segment to be sent again, at most `mss` long: a longer one is cut in two.
    pub fn next_lost(&mut self, mss: u32) -> Option<(Seq, Seq)> {
        let place = self
            .queue
            .iter()
            .skip(self.first_lost)
            .position(|sent| sent.lost && !sent.again);
        let Some(place) = place.map(|place| place + self.first_lost) else {
            self.first_lost = self.queue.len();
            return None;
        };
        self.first_lost = place;
        let sent = &mut self.queue[place];
        if sent.end.since(sent.start) > mss.saturating_add(1) {
            let mut rest = *sent;
            sent.end = sent.start + mss;
            rest.start = sent.end;
            let cut = *sent;
            self.queue.insert(place + 1, rest);
            self.lost += 1;
            return Some((cut.start, cut.end));
        }
        Some((sent.start, sent.end))
    }

    /// The segment that [`Self::next_lost`] gave was sent again.
    pub fn sent_again(&mut self, at: SimTime) {
        if let Some(sent) = self.queue.get_mut(self.first_lost) {
            self.again += u32::from(sent.lost && !sent.again);
            (sent.again, sent.at) = (true, at);
        }
    }

    fn forget(&mut self, sent: Sent) {
        self.sacked -= u32::from(sent.sacked);
        self.lost -= u32::from(sent.lost);
        self.again -= u32::from(sent.lost && sent.again);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(count: u32) -> Scoreboard {
        let mut board = Scoreboard::default();
        for i in 0..count {
            board.push(
                Seq(i * 100),
                Seq((i + 1) * 100),
                SimTime::from_nanos(u64::from(i)),
            );
        }
        board
    }

    fn range(start: u32, end: u32) -> Ranges {
        [Some((Seq(start), Seq(end))), None, None]
    }

    #[test]
    fn three_segments_beyond_a_gap_make_it_a_loss_and_two_do_not() {
        let mut board = of(6);
        assert_eq!(board.sack(&range(100, 300)), 2);
        assert!(!board.find_losses());
        assert_eq!(board.sack(&range(100, 400)), 1);
        assert!(board.find_losses());
        assert_eq!(board.counts(), (3, 1, 0));
        assert_eq!(board.in_flight(), 2);
        assert_eq!(board.next_lost(100), Some((Seq(0), Seq(100))));
        board.sent_again(SimTime::from_nanos(9));
        assert_eq!((board.next_lost(100), board.in_flight()), (None, 3));
        assert!(!board.find_losses());
    }

    #[test]
    fn what_was_sent_again_gives_no_time() {
        let mut board = of(2);
        board.lose_all();
        assert!(board.next_lost(100).is_some());
        board.sent_again(SimTime::from_nanos(50));
        assert_eq!(board.acknowledge(Seq(100)).sent_at, None);
        let acked = board.acknowledge(Seq(200));
        assert_eq!(
            acked,
            Acked {
                segments: 1,
                sent_at: Some(SimTime::from_nanos(1))
            }
        );
        assert!(board.is_empty());
        assert_eq!(board.counts(), (0, 0, 0));
    }

    #[test]
    fn a_segment_that_the_path_does_not_take_is_cut() {
        let mut board = Scoreboard::default();
        board.push(Seq(0), Seq(1448), SimTime::ZERO);
        assert!(board.lose_longer(1000));
        assert_eq!(board.next_lost(1000), Some((Seq(0), Seq(1000))));
        board.sent_again(SimTime::ZERO);
        assert_eq!(board.next_lost(1000), Some((Seq(1000), Seq(1448))));
    }

    #[test]
    fn an_acknowledgement_within_a_segment_leaves_the_rest_of_it() {
        let mut board = of(1);
        assert_eq!(board.acknowledge(Seq(40)).segments, 0);
        board.lose_all();
        assert_eq!(board.next_lost(1000), Some((Seq(40), Seq(100))));
    }
}
