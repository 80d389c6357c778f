//! Congestion control: Reno as in tcp_cong.c (RFC 5681), in segments and integers.
//! What is lost is found by `scoreboard`; CUBIC and BBR are not here.

/// The window of a fresh connection, in segments (RFC 6928).
pub const INITIAL_WINDOW: u32 = 10;

/// What the sender thinks of the path (`icsk_ca_state`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Phase {
    /// Nothing is amiss.
    #[default]
    Open,
    /// Losses were found by acknowledgements and are being repaired.
    Recovery,
    /// A timeout: everything not acknowledged counts as lost.
    Loss,
}

/// The congestion window of one connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Congestion {
    /// The window, in segments.
    pub window: u32,
    /// Where slow start ends, in segments; nothing before the first loss.
    pub threshold: Option<u32>,
    /// Acknowledged segments that have not opened the window yet.
    count: u32,
    /// The phase.
    pub phase: Phase,
}

impl Default for Congestion {
    fn default() -> Self {
        Self {
            window: INITIAL_WINDOW,
            threshold: None,
            count: 0,
            phase: Phase::Open,
        }
    }
}

impl Congestion {
    /// Segments were acknowledged while the window was what held the sender back
    /// (`tcp_reno_cong_avoid`). Nothing grows during recovery.
    pub fn acknowledged(&mut self, mut segments: u32, limited: bool) {
        if !limited || self.phase == Phase::Recovery {
            return;
        }
        let threshold = self.threshold.unwrap_or(u32::MAX);
        if self.window < threshold {
            let grown = self.window.saturating_add(segments).min(threshold);
            segments -= grown - self.window;
            self.window = grown;
        }
        self.count = self.count.saturating_add(segments);
        if segments > 0 && self.count >= self.window {
            let steps = self.count / self.window;
            self.count -= steps * self.window;
            self.window = self.window.saturating_add(steps);
        }
    }

    /// Losses were found: half the window (`tcp_enter_recovery`).
    pub fn enter_recovery(&mut self) {
        self.halve();
        self.window = self.threshold.unwrap_or(self.window);
        self.phase = Phase::Recovery;
    }

    /// A timeout: from one segment on (`tcp_enter_loss`).
    pub fn enter_loss(&mut self) {
        if self.phase == Phase::Open {
            self.halve();
        }
        self.window = 1;
        self.count = 0;
        self.phase = Phase::Loss;
    }

    /// All that was out when the loss was found is acknowledged.
    pub fn repaired(&mut self) {
        self.phase = Phase::Open;
    }

    /// Nothing was sent for so many timeouts: the window is no longer known to fit
    /// (`tcp_cwnd_restart`, RFC 2861).
    pub fn idle(&mut self, timeouts: u32) {
        let restart = self.window.min(INITIAL_WINDOW);
        self.threshold = Some(self.threshold.unwrap_or(0).max(self.window / 4 * 3))
            .filter(|_| self.threshold.is_some());
        self.window = (self.window >> timeouts.min(31)).max(restart);
    }

    fn halve(&mut self) {
        self.threshold = Some((self.window / 2).max(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_start_doubles_and_avoidance_adds_one() {
        let mut reno = Congestion::default();
        reno.acknowledged(10, true);
        assert_eq!(reno.window, 20);
        reno.enter_recovery();
        reno.acknowledged(5, true);
        assert_eq!((reno.window, reno.threshold), (10, Some(10)));
        reno.repaired();
        reno.acknowledged(10, true);
        assert_eq!(reno.window, 11);
    }

    #[test]
    fn a_timeout_begins_with_one_segment_and_halves_once() {
        let mut reno = Congestion::default();
        reno.enter_loss();
        reno.enter_loss();
        assert_eq!((reno.window, reno.threshold), (1, Some(5)));
        reno.acknowledged(4, true);
        reno.acknowledged(2, true);
        assert_eq!(reno.window, 5);
    }

    #[test]
    fn a_sender_that_was_not_held_back_learns_nothing() {
        let mut reno = Congestion::default();
        reno.acknowledged(10, false);
        assert_eq!(reno.window, INITIAL_WINDOW);
    }
}
