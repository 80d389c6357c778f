//! The queue of events, totally ordered by (time, order of insertion).
//! It does not run anything: it only says what comes next.

use std::collections::VecDeque;

use crate::units::SimTime;

/// Slots of a 64-bit radix wheel: one for each highest differing bit.
const SLOTS: usize = 64;

/// A monotone priority queue: nothing may be pushed before the last popped time.
///
/// A radix wheel. An event lies in the slot of the highest bit in which its time
/// differs from the last popped time; when the lowest occupied slot is opened, its
/// events spread over the slots below it, or become the due ones as they are where they
/// are all of one time. Events of one time are always in one slot and
/// in the order in which they came, so their order needs no sequence number.
///
/// ```
/// use vethlab::engine::Queue;
/// use vethlab::units::SimTime;
///
/// let mut queue = Queue::default();
/// queue.push(SimTime::from_nanos(9), "late");
/// queue.push(SimTime::from_nanos(5), "first");
/// queue.push(SimTime::from_nanos(5), "second");
/// assert_eq!(queue.next_time(), Some(SimTime::from_nanos(5)));
/// assert_eq!(queue.pop(), Some((SimTime::from_nanos(5), "first")));
/// assert_eq!(queue.pop(), Some((SimTime::from_nanos(5), "second")));
/// assert_eq!(queue.pop(), Some((SimTime::from_nanos(9), "late")));
/// ```
#[derive(Clone, Debug)]
pub struct Queue<E> {
    /// The time of the last popped event.
    last: u64,
    /// The events of `last` itself.
    due: VecDeque<(u64, E)>,
    slots: [VecDeque<(u64, E)>; SLOTS],
    /// The earliest and the latest time in each slot; meaningful where the slot is occupied.
    span: [(u64, u64); SLOTS],
    /// A bit for each occupied slot.
    occupied: u64,
    len: usize,
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self {
            last: 0,
            due: VecDeque::new(),
            slots: std::array::from_fn(|_| VecDeque::new()),
            span: [(u64::MAX, 0); SLOTS],
            occupied: 0,
            len: 0,
        }
    }
}

impl<E> Queue<E> {
    /// Adds an event. A time before the last popped one counts as that one.
    pub fn push(&mut self, time: SimTime, event: E) {
        self.len += 1;
        self.place(time.as_nanos().max(self.last), event);
    }

    #[inline]
    fn place(&mut self, time: u64, event: E) {
        let differing = time ^ self.last;
        if differing == 0 {
            self.due.push_back((time, event));
            return;
        }
        let slot = (63 - differing.leading_zeros()) as usize;
        let span = &mut self.span[slot];
        if self.occupied & (1 << slot) == 0 {
            self.occupied |= 1 << slot;
            *span = (time, time);
        } else {
            *span = (span.0.min(time), span.1.max(time));
        }
        self.slots[slot].push_back((time, event));
    }

    /// When the next event is.
    #[inline]
    pub fn next_time(&self) -> Option<SimTime> {
        if !self.due.is_empty() {
            return Some(SimTime::from_nanos(self.last));
        }
        if self.occupied == 0 {
            return None;
        }
        let slot = self.occupied.trailing_zeros() as usize;
        Some(SimTime::from_nanos(self.span[slot].0))
    }

    /// Takes the next event.
    #[inline]
    pub fn pop(&mut self) -> Option<(SimTime, E)> {
        if self.due.is_empty() {
            self.open_lowest_slot();
        }
        let (_, event) = self.due.pop_front()?;
        self.len -= 1;
        Some((SimTime::from_nanos(self.last), event))
    }

    /// Takes the next event where it is not later than `until`.
    #[inline]
    pub fn pop_until(&mut self, until: SimTime) -> Option<(SimTime, E)> {
        if self.next_time()? > until {
            return None;
        }
        self.pop()
    }

    fn open_lowest_slot(&mut self) {
        if self.occupied == 0 {
            return;
        }
        let slot = self.occupied.trailing_zeros() as usize;
        self.occupied &= !(1 << slot);
        let (earliest, latest) = self.span[slot];
        self.last = earliest;
        if earliest == latest {
            std::mem::swap(&mut self.due, &mut self.slots[slot]);
            return;
        }
        let mut events = std::mem::take(&mut self.slots[slot]);
        for (time, event) in events.drain(..) {
            self.place(time, event);
        }
        // Spreading goes to lower slots only, so this one's memory can be kept.
        self.slots[slot] = events;
    }

    /// The events that wait, in no order that may be seen.
    pub fn unordered(&self) -> impl Iterator<Item = &E> {
        let slots = self.slots.iter().flatten();
        self.due.iter().chain(slots).map(|(_, event)| event)
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no event waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    #[test]
    fn an_event_in_the_past_comes_now() {
        let mut queue = Queue::default();
        queue.push(SimTime::from_nanos(10), 1);
        queue.pop();
        queue.push(SimTime::from_nanos(3), 2);
        assert_eq!(queue.pop(), Some((SimTime::from_nanos(10), 2)));
        assert_eq!(queue.pop(), None);
    }

    proptest! {
        /// A binary heap of (time, sequence) is the oracle.
        #[test]
        fn events_come_in_the_order_of_a_heap(steps in prop::collection::vec((any::<bool>(), 0u64..2000), 1..400)) {
            let mut queue = Queue::default();
            let mut heap = BinaryHeap::new();
            let mut now = 0;
            for (sequence, (pop, delay)) in steps.into_iter().enumerate() {
                if pop {
                    let expected = heap.pop().map(|Reverse((time, seq))| (SimTime::from_nanos(time), seq));
                    prop_assert_eq!(queue.next_time(), expected.map(|(time, _)| time));
                    let got = queue.pop();
                    prop_assert_eq!(got, expected);
                    now = got.map_or(now, |(time, _)| time.as_nanos());
                } else {
                    queue.push(SimTime::from_nanos(now + delay), sequence);
                    heap.push(Reverse((now + delay, sequence)));
                }
                prop_assert_eq!(queue.len(), heap.len());
            }
        }
    }
}
