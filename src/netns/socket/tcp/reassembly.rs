//! Bytes that came before those in front of them: the out-of-order queue (`tcp_data_queue_ofo`).
//! How much of it there may be is the receive window's business.

use std::collections::VecDeque;

use super::segment::{Ranges, SACK_RANGES_MAX};
use super::seq::Seq;

/// A run of bytes without a gap.
#[derive(Clone, Debug)]
struct Run {
    start: Seq,
    bytes: Vec<u8>,
    /// The run grew with the so-manieth segment.
    age: u64,
}

impl Run {
    fn end(&self) -> Seq {
        self.start + self.bytes.len() as u32
    }
}

/// The runs, in their order, none touching another.
#[derive(Clone, Debug, Default)]
pub struct Reassembly {
    runs: Vec<Run>,
    age: u64,
}

impl Reassembly {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many runs there are.
    pub fn runs(&self) -> usize {
        self.runs.len()
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.bytes.len()).sum()
    }

    /// Keeps bytes that begin at `start`; says which range of them was here already.
    pub fn insert(&mut self, mut start: Seq, mut bytes: &[u8]) -> Option<(Seq, Seq)> {
        self.age += 1;
        let end = start + bytes.len() as u32;
        let place = self.runs.partition_point(|run| run.end().before(start));
        let mut known = None;
        // The usual case: the next segment of a run whose front is missing.
        if let Some(run) = self.runs.get_mut(place)
            && !run.start.after(start)
        {
            let run_end = run.end();
            if !end.after(run_end) {
                run.age = self.age;
                return Some((start, end));
            }
            if start.before(run_end) {
                known = Some((start, run_end));
                bytes = &bytes[run_end.since(start) as usize..];
                start = run_end;
            }
            debug_assert_eq!(start, run_end);
            run.bytes.extend_from_slice(bytes);
            run.age = self.age;
        } else {
            let run = Run {
                start,
                bytes: bytes.to_vec(),
                age: self.age,
            };
            self.runs.insert(place, run);
        }
        self.join(place);
        known
    }

    /// Joins a run with those behind it that it now reaches.
    fn join(&mut self, place: usize) {
        while self.runs.len() > place + 1 {
            let end = self.runs[place].end();
            if self.runs[place + 1].start.after(end) {
                return;
            }
            let next = self.runs.remove(place + 1);
            if next.end().after(end) {
                let overlap = end.since(next.start) as usize;
                self.runs[place]
                    .bytes
                    .extend_from_slice(&next.bytes[overlap..]);
            }
        }
    }

    /// Takes what follows on `next` without a gap; gives the number behind it.
    pub fn take(&mut self, next: Seq, into: &mut VecDeque<u8>) -> Seq {
        let mut at = next;
        while let Some(run) = self.runs.first() {
            if run.start.after(at) {
                break;
            }
            let run = self.runs.remove(0);
            if run.end().after(at) {
                let overlap = at.since(run.start) as usize;
                into.extend(&run.bytes[overlap..]);
                at = run.end();
            }
        }
        at
    }

    /// The ranges to tell the sender, the one that grew last in front (RFC 2018, section 4).
    pub fn ranges(&self, limit: usize) -> Ranges {
        let mut ranges: Ranges = [None; SACK_RANGES_MAX];
        let mut below = u64::MAX;
        for slot in ranges.iter_mut().take(limit) {
            let newest = self
                .runs
                .iter()
                .filter(|run| run.age < below)
                .max_by_key(|run| run.age);
            let Some(newest) = newest else { break };
            below = newest.age;
            *slot = Some((newest.start, newest.end()));
        }
        ranges
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.runs = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_in_any_order_come_out_in_theirs() {
        let text: Vec<u8> = (0..=255).collect();
        let mut queue = Reassembly::default();
        for at in [200_usize, 40, 120, 80, 160] {
            let base = Seq(u32::MAX - 100);
            assert_eq!(queue.insert(base + at as u32, &text[at..at + 40]), None);
        }
        let base = Seq(u32::MAX - 100);
        assert_eq!(queue.ranges(3)[0], Some((base + 40, base + 240)));
        let mut out = VecDeque::new();
        assert_eq!(queue.take(base, &mut out), base);
        assert_eq!(queue.take(base + 50, &mut out), base + 240);
        assert_eq!(out, &text[50..240]);
        assert!(queue.is_empty());
    }

    #[test]
    fn what_comes_twice_is_named() {
        let mut queue = Reassembly::default();
        queue.insert(Seq(10), b"abcdef");
        assert_eq!(queue.insert(Seq(12), b"cd"), Some((Seq(12), Seq(14))));
        assert_eq!(queue.insert(Seq(14), b"efgh"), Some((Seq(14), Seq(16))));
        assert_eq!(queue.len(), 8);
    }

    #[test]
    fn the_range_that_grew_last_is_told_first() {
        let mut queue = Reassembly::default();
        queue.insert(Seq(10), b"a");
        queue.insert(Seq(30), b"b");
        queue.insert(Seq(20), b"c");
        queue.insert(Seq(11), b"d");
        let starts: Vec<u32> = queue
            .ranges(2)
            .iter()
            .flatten()
            .map(|range| range.0.0)
            .collect();
        assert_eq!(starts, [10, 20]);
    }
}
