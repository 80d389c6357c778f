//! What time does to a connection (tcp_timer.c): retransmissions, probes, late acknowledgements, the end.
//! When it is asked is the kernel's business: too early does no harm.

use std::time::Duration;

use super::rtt::RTO_MAX_MS;
use super::state::TcpState;
use super::tcb::{ATO_MIN, Tcb};
use crate::units::{Errno, SimTime};

/// Timeouts of a connection without a process before it is given up (`tcp_orphan_retries`, 0 is 8).
const ORPHAN_RETRIES: u32 = 8;

impl Tcb {
    /// Does what is due.
    pub(super) fn run_timers(&mut self, now: SimTime) {
        if self.ack.at <= now {
            self.ack.at = SimTime::NEVER;
            self.late_ack();
        }
        if self.rtx_at <= now {
            self.rtx_at = SimTime::NEVER;
            self.timeout(now);
        }
        if self.life_at <= now {
            self.fail(None);
        }
    }

    /// Nothing came that could carry the acknowledgement (`tcp_delack_timer_handler`).
    fn late_ack(&mut self) {
        if !self.ack.scheduled {
            return;
        }
        match self.ack.pingpong {
            // The process answered after all too late: it is no conversation.
            true => (self.ack.pingpong, self.ack.ato) = (false, ATO_MIN),
            false => self.ack.ato = (self.ack.ato * 2).min(self.rtt.timeout(0)),
        }
        self.ack.now = true;
    }

    fn timeout(&mut self, now: SimTime) {
        match self.state {
            TcpState::SynSent => self.syn_timeout(now),
            TcpState::SynRecv if self.retransmits >= self.params.synack_retries => self.fail(None),
            TcpState::SynRecv => {
                self.back_off(now);
                self.syn_due = true;
            }
            _ if !self.board.is_empty() => self.data_timeout(now),
            _ => self.window_timeout(now),
        }
    }

    /// The first timeouts of a SYN are not doubled (`tcp_syn_linear_timeouts`).
    fn syn_timeout(&mut self, now: SimTime) {
        if self.retransmits >= self.params.syn_retries + self.params.syn_linear {
            return self.fail(Some(self.soft_error.unwrap_or(Errno::Etimedout)));
        }
        self.retransmits += 1;
        if self.retransmits > self.params.syn_linear {
            self.backoff += 1;
        }
        let timeout = self.rtt.timeout(self.backoff);
        self.rtx_at = match self.retransmits <= self.params.syn_linear {
            true => Self::late(now + timeout),
            false => now + timeout,
        };
        self.syn_due = true;
    }

    /// When a timer of about a second fires: the wheel of timers turns by eight ticks then (`calc_index`).
    pub(super) fn late(due: SimTime) -> SimTime {
        const STEP: u64 = 8 * 4_000_000;
        SimTime::from_nanos((due.as_nanos() / STEP + 1).saturating_mul(STEP))
    }

    fn back_off(&mut self, now: SimTime) {
        self.retransmits += 1;
        self.backoff += 1;
        self.rtx_at = now + self.rtt.timeout(self.backoff);
    }

    /// Whether the other end has been silent for so long that it is given up (`tcp_write_timeout`).
    fn gives_up(&mut self, now: SimTime) -> bool {
        let since = *self.stalled_since.get_or_insert(now);
        let retries = match self.owner.is_none() && self.parent.is_none() {
            true => ORPHAN_RETRIES,
            false => self.params.retries,
        };
        self.retransmits > 0 && now.since(since) >= patience(retries)
    }

    fn data_timeout(&mut self, now: SimTime) {
        if self.gives_up(now) {
            return self.fail(Some(self.soft_error.unwrap_or(Errno::Etimedout)));
        }
        self.board.lose_all();
        self.recover = self.nxt;
        self.reno.enter_loss();
        self.duplicates = 0;
        self.back_off(now);
    }

    /// The window is closed (`tcp_probe_timer`).
    fn window_timeout(&mut self, now: SimTime) {
        let waits = self.nxt.before(self.data_end()) || (self.fin_queued && !self.fin_sent());
        if !waits || !self.state.is_synchronized() {
            return;
        }
        // Probes are answered, so that silence alone ends this.
        if self.retransmits > self.params.retries {
            return self.fail(Some(self.soft_error.unwrap_or(Errno::Etimedout)));
        }
        self.back_off(now);
        self.probe = true;
    }
}

/// How long so many timeouts take, the first being the shortest there is (`tcp_model_timeout`).
fn patience(retries: u32) -> Duration {
    const FIRST_MS: u64 = 200;
    let doublings = (u64::from(RTO_MAX_MS) / FIRST_MS).ilog2();
    let doubled = ((2 << retries.min(doublings)) - 1) * FIRST_MS;
    let rest = u64::from(retries.saturating_sub(doublings)) * u64::from(RTO_MAX_MS);
    Duration::from_millis(doubled + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_timeouts_are_the_924_seconds_of_the_manual() {
        assert_eq!(patience(15), Duration::from_millis(924_600));
        assert_eq!(patience(8), Duration::from_millis(102_200));
    }
}
