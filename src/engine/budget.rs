//! Bounds on a run, so that a storm of frames ends with an error and not with the machine's memory.
//! What each bound is for is the caller's knowledge.

use crate::units::SimTime;

/// How much a run may use.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Events in one millisecond of virtual time.
    pub events_per_ms: u64,
    /// Events that wait at one time (frames in flight are events).
    pub pending_events: usize,
    /// Devices in a world.
    pub devices: usize,
    /// Namespaces in a world.
    pub namespaces: usize,
    /// Entries in one table (FDB, routes, addresses of a device).
    pub table_entries: usize,
    /// When the millisecond ends in which events are counted.
    window_end: SimTime,
    in_window: u64,
}

/// Which budget ran out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Exhausted {
    /// More events within a millisecond than [`Budget::events_per_ms`].
    #[error("more than {0} events within one millisecond: a forwarding loop")]
    Events(u64),
    /// More events waiting than [`Budget::pending_events`].
    #[error("more than {0} frames and timers pending: a forwarding loop")]
    Pending(usize),
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            events_per_ms: 1_000_000,
            pending_events: 4_000_000,
            devices: 400_000,
            namespaces: 200_000,
            table_entries: 2_000_000,
            window_end: SimTime::ZERO,
            in_window: 0,
        }
    }
}

impl Budget {
    /// Counts one event at `now`, with `pending` more of them waiting.
    ///
    /// # Errors
    /// Where this is one event too many.
    #[inline]
    pub fn spend_event(&mut self, now: SimTime, pending: usize) -> Result<(), Exhausted> {
        if now >= self.window_end {
            self.window_end = SimTime::from_nanos((now.as_millis() + 1).saturating_mul(1_000_000));
            self.in_window = 0;
        }
        self.in_window += 1;
        if self.in_window > self.events_per_ms {
            return Err(Exhausted::Events(self.events_per_ms));
        }
        if pending > self.pending_events {
            return Err(Exhausted::Pending(self.pending_events));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_count_begins_anew_with_each_millisecond() {
        let mut budget = Budget {
            events_per_ms: 2,
            ..Budget::default()
        };
        let now = SimTime::ZERO;
        assert!(budget.spend_event(now, 0).is_ok());
        assert!(budget.spend_event(now, 0).is_ok());
        assert_eq!(budget.spend_event(now, 0), Err(Exhausted::Events(2)));
        assert!(
            budget
                .spend_event(now + Duration::from_millis(1), 0)
                .is_ok()
        );
    }
}
