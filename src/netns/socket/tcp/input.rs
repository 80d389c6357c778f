//! What a segment does to a connection (RFC 9293, section 3.10.7; tcp_input.c).
//! Listeners and lookups are in `table`; nothing is sent here, only marked to be sent.

use std::time::Duration;

use super::congestion::Phase;
use super::segment::Segment;
use super::seq::Seq;
use super::state::TcpState;
use super::tcb::{ATO_MIN, QUICK_MAX, Tcb};
use crate::units::{Errno, SimTime};

/// More runs beyond gaps than this are not kept.
const OUT_OF_ORDER_MAX: usize = 2_048;

/// What is to be said to a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The connection has taken it, and sends what is due.
    Taken,
    /// It belongs to no connection: a reset.
    Reset,
}

impl Tcb {
    /// Takes in a segment of this connection.
    pub(super) fn receive(&mut self, now: SimTime, segment: &Segment<'_>) -> Answer {
        self.counts.segs_in += 1;
        match self.state {
            TcpState::Closed | TcpState::Listen => Answer::Reset,
            TcpState::SynSent => self.receive_syn_sent(now, segment),
            TcpState::TimeWait => self.receive_time_wait(now, segment),
            _ => self.receive_synchronized(now, segment),
        }
    }

    /// An answer to the SYN is waited for (`tcp_rcv_synsent_state_process`).
    fn receive_syn_sent(&mut self, now: SimTime, segment: &Segment<'_>) -> Answer {
        if let Some(ack) = segment.ack
            && (!ack.after(self.una) || ack.after(self.nxt))
        {
            return if segment.rst {
                Answer::Taken
            } else {
                Answer::Reset
            };
        }
        if segment.rst {
            if segment.ack.is_some() {
                self.fail(Some(Errno::Econnrefused));
            }
            return Answer::Taken;
        }
        if !segment.syn {
            return Answer::Taken;
        }
        self.hear_syn(segment.seq, &segment.options);
        self.snd_wnd = u32::from(segment.window);
        if segment.ack.is_none() {
            // Both have opened at once (RFC 9293, figure 8).
            self.state = TcpState::SynRecv;
            self.syn_due = true;
            return Answer::Taken;
        }
        self.acknowledged_upto(now, self.iss + 1);
        self.establish(now);
        (self.ack.scheduled, self.ack.now) = (true, true);
        Answer::Taken
    }

    fn establish(&mut self, now: SimTime) {
        self.state = TcpState::Established;
        self.wake = true;
        self.rtt_began = now;
        self.sent_at = now;
        (self.retransmits, self.backoff, self.stalled_since) = (0, 0, None);
    }

    /// Late segments (`tcp_timewait_state_process`): a FIN that comes again is acknowledged again.
    fn receive_time_wait(&mut self, now: SimTime, segment: &Segment<'_>) -> Answer {
        if segment.rst {
            if segment.seq == self.rcv_nxt {
                self.fail(None);
            }
            return Answer::Taken;
        }
        if segment.fin {
            self.life_at = now + Duration::from_secs(60);
        }
        if segment.fin || !segment.payload.is_empty() || segment.syn {
            (self.ack.scheduled, self.ack.now) = (true, true);
        }
        Answer::Taken
    }

    fn receive_synchronized(&mut self, now: SimTime, segment: &Segment<'_>) -> Answer {
        if !self.acceptable(segment) {
            return Answer::Taken;
        }
        if segment.rst {
            self.take_reset(segment);
            return Answer::Taken;
        }
        if segment.syn {
            // The answer to the SYN was lost, or this is no honest segment (RFC 5961, section 4).
            match self.state {
                TcpState::SynRecv if segment.seq == self.irs => self.syn_due = true,
                _ => self.challenge(),
            }
            return Answer::Taken;
        }
        let Some(ack) = segment.ack else {
            return Answer::Taken;
        };
        if self.state == TcpState::SynRecv {
            if !ack.after(self.una) || ack.after(self.nxt) {
                return Answer::Reset;
            }
            self.establish(now);
            self.update_window(segment, ack, true);
        }
        self.remember_stamp(segment);
        if !self.receive_ack(now, segment, ack) {
            return Answer::Taken;
        }
        self.after_ack(now);
        if self.state == TcpState::Closed {
            return Answer::Taken;
        }
        self.receive_data(now, segment)
    }

    /// Old timestamps (PAWS, RFC 7323) and numbers outside the window (`tcp_validate_incoming`).
    fn acceptable(&mut self, segment: &Segment<'_>) -> bool {
        if self.timestamps && !segment.rst {
            let old = |(value, _): (u32, u32)| (value.wrapping_sub(self.ts_recent) as i32) < 0;
            if segment.options.timestamp.is_some_and(old) {
                self.duplicate(segment);
                return false;
            }
        }
        let end = segment.end();
        let window_end = self.rcv_nxt + self.open_window();
        if !end.before(self.rcv_wup) && !segment.seq.after(window_end) {
            return true;
        }
        match (segment.rst, segment.syn, self.state) {
            (true, ..) => {}
            (_, true, TcpState::SynRecv) => self.syn_due = true,
            (_, true, _) => self.challenge(),
            _ => self.duplicate(segment),
        }
        false
    }

    /// An acknowledgement that tells where this end stands (RFC 5961, section 3).
    fn challenge(&mut self) {
        (self.ack.scheduled, self.ack.now) = (true, true);
    }

    /// What was here already is acknowledged at once, and named (`tcp_send_dupack`, RFC 2883).
    fn duplicate(&mut self, segment: &Segment<'_>) {
        let len = segment.payload.len() as u32;
        if self.sack && len > 0 && segment.seq.before(self.rcv_nxt) {
            let end = segment.end().earliest(self.rcv_nxt);
            self.dsack = Some((segment.seq, end));
        }
        if self.state == TcpState::SynRecv {
            // Its sender has not heard the answer to its SYN.
            self.syn_due = true;
            return;
        }
        self.enter_quick();
        self.challenge();
    }

    /// A reset counts where its number is the next one (RFC 5961, section 3.2).
    fn take_reset(&mut self, segment: &Segment<'_>) {
        if segment.seq != self.rcv_nxt {
            return self.challenge();
        }
        let error = match self.state {
            TcpState::SynRecv => None,
            TcpState::CloseWait => Some(Errno::Epipe),
            TcpState::LastAck | TcpState::Closing => None,
            _ => Some(Errno::Econnreset),
        };
        self.fail(error);
    }

    fn remember_stamp(&mut self, segment: &Segment<'_>) {
        if let Some((value, _)) = segment.options.timestamp
            && self.timestamps
            && !segment.seq.after(self.rcv_wup)
        {
            self.ts_recent = value;
        }
    }

    /// Acknowledgements, windows and losses (`tcp_ack`): whether the segment's data counts.
    fn receive_ack(&mut self, now: SimTime, segment: &Segment<'_>, ack: Seq) -> bool {
        if ack.after(self.nxt) {
            // It acknowledges what was never sent.
            self.challenge();
            return false;
        }
        if ack.before(self.una) {
            self.take_sack(&segment.options.sack, ack);
            return true;
        }
        let progress = ack.after(self.una);
        let window_before = self.snd_wnd;
        self.update_window(segment, ack, false);
        let sacked = self.take_sack(&segment.options.sack, ack);
        if progress {
            self.acknowledged_upto(now, ack);
            self.after_progress(ack);
        } else if segment.payload.is_empty() && !segment.fin && !self.board.is_empty() {
            let same = self.snd_wnd == window_before;
            self.count_duplicate(same || sacked > 0);
        }
        if self.board.find_losses() {
            self.enter_recovery();
        }
        if !progress && self.board.is_empty() && self.una != self.data_end() {
            // A probe was answered; where the window has opened no more are needed.
            self.retransmits = 0;
            if self.snd_wnd > 0 {
                (self.backoff, self.rtx_at) = (0, SimTime::NEVER);
            }
        }
        true
    }

    fn update_window(&mut self, segment: &Segment<'_>, ack: Seq, first: bool) {
        let window = u32::from(segment.window) << self.snd_wscale;
        let newer = segment.seq.after(self.wl1)
            || (segment.seq == self.wl1 && window > self.snd_wnd)
            || ack.after(self.una);
        if newer || first {
            (self.snd_wnd, self.wl1) = (window, segment.seq);
        }
    }

    fn take_sack(&mut self, ranges: &super::segment::Ranges, ack: Seq) -> u32 {
        if !self.sack || ranges[0].is_none() {
            return 0;
        }
        let (una, nxt) = (ack, self.nxt);
        // A range below the acknowledgement names a duplicate (RFC 2883).
        let honest =
            |&(start, end): &(Seq, Seq)| start.before(end) && !start.before(una) && !end.after(nxt);
        let ranges = ranges.map(|range| range.filter(honest));
        self.board.sack(&ranges)
    }

    /// Everything before `ack` has arrived.
    fn acknowledged_upto(&mut self, now: SimTime, ack: Seq) {
        let acked = self.board.acknowledge(ack);
        if let Some(sent_at) = acked.sent_at {
            self.rtt.sample(now.since(sent_at));
        }
        let bytes = match ack.before(self.tx_base) {
            true => 0,
            false => (ack.since(self.tx_base) as usize).min(self.tx.len()),
        };
        self.tx.drain(..bytes);
        self.tx_base += bytes as u32;
        self.una = ack;
        self.counts.bytes_acked += bytes as u64;
        (self.duplicates, self.backoff, self.retransmits) = (0, 0, 0);
        (self.stalled_since, self.soft_error) = (None, None);
        self.rtx_at = match self.board.is_empty() {
            true => SimTime::NEVER,
            false => now + self.rtt.timeout(0),
        };
        self.reno.acknowledged(acked.segments, self.limited);
        if self.wants_room && self.room() > self.tx.len() / 2 {
            self.wants_room = false;
            self.wake = true;
        }
    }

    /// Where losses were being repaired: whether they are, and what a partial acknowledgement tells
    /// without SACK (RFC 6582).
    fn after_progress(&mut self, ack: Seq) {
        if self.reno.phase == Phase::Open {
            return;
        }
        if !ack.before(self.recover) {
            self.reno.repaired();
        } else if !self.sack && self.reno.phase == Phase::Recovery {
            self.board.lose_first();
        }
    }

    /// Acknowledges nothing new: without SACK three of these tell a loss (RFC 5681, section 3.2).
    fn count_duplicate(&mut self, counts: bool) {
        if !counts {
            return;
        }
        self.duplicates += 1;
        if !self.sack && self.duplicates == 3 && self.reno.phase == Phase::Open {
            self.board.lose_first();
            self.enter_recovery();
        }
    }

    fn enter_recovery(&mut self) {
        if self.reno.phase == Phase::Open {
            self.recover = self.nxt;
            self.reno.enter_recovery();
        }
    }

    /// Where the FIN is acknowledged, the state goes on.
    fn after_ack(&mut self, now: SimTime) {
        let fin_acked = self.fin_sent() && self.una == self.nxt;
        match self.state {
            TcpState::FinWait1 if fin_acked => {
                self.state = TcpState::FinWait2;
                self.wake = true;
                if self.owner.is_none() {
                    self.life_at = now + Duration::from_secs(self.params.fin_timeout_s.into());
                }
            }
            TcpState::Closing if fin_acked => self.wait_out(now),
            TcpState::LastAck if fin_acked => self.fail(None),
            _ => {}
        }
    }

    /// The bytes and the FIN of a segment (`tcp_data_queue`, `tcp_fin`).
    fn receive_data(&mut self, now: SimTime, segment: &Segment<'_>) -> Answer {
        let len = segment.payload.len();
        if len == 0 && !segment.fin {
            return Answer::Taken;
        }
        if !self.state.may_receive() {
            // Behind a FIN nothing new can come.
            self.duplicate(segment);
            return Answer::Taken;
        }
        let gone = self.owner.is_none() && self.parent.is_none();
        if gone && len > 0 && segment.end().after(self.rcv_nxt) {
            // Nobody will read this: the other end must know (RFC 2525, section 2.17).
            self.fail(None);
            return Answer::Reset;
        }
        self.counts.data_segs_in += u64::from(len > 0);
        if !segment.end().after(self.rcv_nxt) {
            self.duplicate(segment);
            return Answer::Taken;
        }
        self.note_arrival(now, segment);
        self.queue_data(now, segment);
        Answer::Taken
    }

    fn queue_data(&mut self, now: SimTime, segment: &Segment<'_>) {
        // What is before the window was here, what is behind it has no room.
        let window_end = self.rcv_nxt + self.open_window();
        let skip = match segment.seq.before(self.rcv_nxt) {
            true => self.rcv_nxt.since(segment.seq) as usize,
            false => 0,
        };
        let start = segment.seq + skip as u32;
        let mut bytes = segment.payload.get(skip..).unwrap_or_default();
        let room = if start.before(window_end) {
            window_end.since(start) as usize
        } else {
            0
        };
        let cut = bytes.len() > room;
        bytes = &bytes[..bytes.len().min(room)];
        if cut && bytes.is_empty() {
            return self.challenge();
        }
        if start != self.rcv_nxt {
            // A FIN beyond a gap comes again with what is missing.
            return self.queue_beyond(start, bytes);
        }
        if !bytes.is_empty() {
            self.rx.extend(bytes);
            self.charge(bytes.len());
            self.rcv_nxt = start + bytes.len() as u32;
            self.fill_gap();
            self.counts.bytes_received += bytes.len() as u64;
            self.grow_window();
            self.wake = true;
        }
        let fin_at = segment.seq + segment.payload.len() as u32;
        if segment.fin && !cut && self.rcv_nxt == fin_at {
            self.take_fin(now);
        }
    }

    fn queue_beyond(&mut self, start: Seq, bytes: &[u8]) {
        if !bytes.is_empty() && self.ooo.runs() < OUT_OF_ORDER_MAX {
            let known = self.ooo.insert(start, bytes);
            if self.sack {
                self.dsack = known;
            }
        }
        self.challenge();
    }

    fn fill_gap(&mut self) {
        if self.ooo.is_empty() {
            return;
        }
        let before = self.rx.len();
        self.rcv_nxt = self.ooo.take(self.rcv_nxt, &mut self.rx);
        let filled = self.rx.len() - before;
        self.charge += filled as u32;
        self.counts.bytes_received += filled as u64;
        // The sender waits to hear of it.
        self.ack.now = true;
    }

    fn take_fin(&mut self, now: SimTime) {
        self.rcv_nxt += 1;
        self.fin_received = true;
        self.ack.scheduled = true;
        self.wake = true;
        self.ooo.clear();
        match self.state {
            TcpState::Established => self.state = TcpState::CloseWait,
            TcpState::FinWait1 => {
                self.state = TcpState::Closing;
                self.challenge();
            }
            TcpState::FinWait2 => {
                self.challenge();
                self.wait_out(now);
            }
            _ => {}
        }
        self.ack.pingpong |= self.state == TcpState::CloseWait;
    }

    /// How soon what came is acknowledged (`tcp_event_data_recv`, `__tcp_ack_snd_check`).
    fn note_arrival(&mut self, now: SimTime, segment: &Segment<'_>) {
        let len = segment.payload.len() as u32;
        let ack = &mut self.ack;
        ack.scheduled = true;
        if len >= ack.mss {
            ack.mss = len.min(self.adv_mss);
            ack.pushed = false;
        } else if len > 0 {
            ack.pushed = true;
        }
        let since = now.since(ack.data_at);
        if ack.ato.is_zero() {
            ack.ato = ATO_MIN;
            self.enter_quick();
        } else if since <= ATO_MIN / 2 {
            ack.ato = ack.ato / 2 + ATO_MIN / 2;
        } else if since < ack.ato {
            ack.ato = ack.ato / 2 + since;
        } else if since > self.rtt.timeout(0) {
            self.enter_quick();
        }
        self.ack.data_at = now;
    }

    /// The next segments are acknowledged at once (`tcp_incr_quickack`).
    fn enter_quick(&mut self) {
        let segments = self.rcv_wnd / (2 * self.ack.mss.max(1));
        let quick = segments.clamp(2, QUICK_MAX);
        self.ack.quick = self.ack.quick.max(quick);
        self.ack.ato = ATO_MIN;
        self.ack.pingpong = false;
    }

    /// After a segment: acknowledge at once, or wait for more (`__tcp_ack_snd_check`).
    pub(super) fn check_ack(&mut self, now: SimTime) {
        if !self.ack.scheduled || self.ack.now {
            return;
        }
        let pending = self.rcv_nxt.since(self.rcv_wup);
        let full = pending > self.ack.mss && self.fresh_window() >= self.open_window();
        let quick = self.ack.quick > 0 && !self.ack.pingpong;
        if full || quick || !self.ooo.is_empty() {
            self.ack.now = true;
        } else if self.ack.at == SimTime::NEVER {
            let round = self.rtt.smoothed().unwrap_or(ATO_MIN).max(ATO_MIN);
            let longest = round.min(Duration::from_millis(200));
            self.ack.at = now + self.ack.ato.clamp(ATO_MIN, longest.max(ATO_MIN));
        }
    }
}
