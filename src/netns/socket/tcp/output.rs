//! What a connection sends, and when (RFC 9293, sections 3.8 and 3.10; tcp_output.c).
//! Where a segment goes is the namespace's business.

use std::time::Duration;

use super::congestion::Phase;
use super::segment::{Outgoing, SACK_RANGES_MAX};
use super::seq::Seq;
use super::state::TcpState;
use super::tcb::{ATO_MIN, Tcb};
use crate::units::SimTime;
use crate::wire::Frame;

impl Tcb {
    /// The next segment that is due, without an IP header; nothing where none is.
    pub(super) fn dispatch(&mut self, now: SimTime) -> Option<Frame> {
        if self.reset {
            self.reset = false;
            return Some(self.emit(
                now,
                self.nxt,
                0,
                Flags {
                    rst: true,
                    ..Flags::default()
                },
            ));
        }
        if self.syn_due {
            return self.send_syn(now);
        }
        if !self.state.is_synchronized() {
            return None;
        }
        let due = self.send_again(now).or_else(|| self.send_new(now));
        due.or_else(|| self.send_probe(now))
            .or_else(|| self.send_ack(now))
    }

    fn send_syn(&mut self, now: SimTime) -> Option<Frame> {
        self.syn_due = false;
        if self.nxt == self.iss {
            self.nxt = self.iss + 1;
            self.board.push(self.iss, self.nxt, now);
            self.syn_at = now;
            self.rtx_at = Tcb::late(now + self.rtt.timeout(0));
        } else {
            self.counts.retrans += 1;
            self.board.lose_all();
            if self.board.next_lost(1).is_some() {
                self.board.sent_again(now);
            }
        }
        let flags = Flags {
            syn: true,
            ..Flags::default()
        };
        Some(self.emit(now, self.iss, 0, flags))
    }

    /// What was lost, as the congestion window lets it (`tcp_xmit_retransmit_queue`).
    fn send_again(&mut self, now: SimTime) -> Option<Frame> {
        if self.board.is_empty() || self.board.in_flight() >= self.reno.window {
            return None;
        }
        let (start, end) = self.board.next_lost(self.mss)?;
        self.board.sent_again(now);
        if self.rtx_at == SimTime::NEVER {
            self.rtx_at = now + self.rtt.timeout(self.backoff);
        }
        let data_end = end.earliest(self.data_end());
        let len = if start.before(data_end) {
            data_end.since(start)
        } else {
            0
        };
        let fin = end.after(self.data_end());
        self.counts.retrans += 1;
        self.counts.bytes_retrans += u64::from(len);
        Some(self.emit(
            now,
            start,
            len,
            Flags {
                fin,
                ..Flags::default()
            },
        ))
    }

    /// What was written and not sent (`tcp_write_xmit`).
    fn send_new(&mut self, now: SimTime) -> Option<Frame> {
        let data_end = self.data_end();
        if self.fin_sent() || (self.nxt == data_end && !self.fin_queued) {
            return None;
        }
        self.restart_after_idle(now);
        let waiting = data_end.since(self.nxt);
        let in_flight = self.board.in_flight();
        if waiting > 0 && in_flight >= self.reno.window {
            self.limited = true;
            return None;
        }
        let window_end = self.una + self.snd_wnd;
        let room = if self.nxt.before(window_end) {
            window_end.since(self.nxt)
        } else {
            0
        };
        let len = waiting.min(self.mss).min(room);
        let fin = self.fin_queued && len == waiting && (room > len || waiting == 0);
        if waiting > 0 && (len == 0 || self.must_wait(len, waiting)) && !(fin && len == waiting) {
            self.watch_window(now);
            return None;
        }
        let end = self.nxt + len + u32::from(fin);
        let start = self.nxt;
        if len < self.mss {
            self.small_end = start + len;
        }
        self.board.push(start, end, now);
        self.nxt = end;
        self.sent_at = now;
        if in_flight == 0 || self.rtx_at == SimTime::NEVER {
            self.rtx_at = now + self.rtt.timeout(self.backoff);
        }
        // In slow start the window counts as used where half of it is (`tcp_is_cwnd_limited`).
        let used = self.board.in_flight();
        let slow = self
            .reno
            .threshold
            .is_none_or(|threshold| self.reno.window < threshold);
        self.limited = used >= self.reno.window || (slow && 2 * used >= self.reno.window);
        Some(self.emit(
            now,
            start,
            len,
            Flags {
                fin,
                ..Flags::default()
            },
        ))
    }

    /// A small segment waits while another one is out, or while the window is the reason
    /// that it is small (Nagle with Minshall's change; RFC 9293, section 3.8.6.2.1).
    fn must_wait(&self, len: u32, waiting: u32) -> bool {
        if len >= self.mss {
            return false;
        }
        if len < waiting {
            return !self.board.is_empty();
        }
        let small_out = self.small_end.after(self.una) && !self.board.is_empty();
        !self.settings.no_delay && small_out
    }

    /// Nothing is out and the window is closed: ask for it when a timeout has passed.
    fn watch_window(&mut self, now: SimTime) {
        if self.board.is_empty() && self.rtx_at == SimTime::NEVER {
            self.rtx_at = now + self.rtt.timeout(self.backoff);
        }
    }

    fn restart_after_idle(&mut self, now: SimTime) {
        let timeout = self.rtt.timeout(0);
        let idle = now.since(self.sent_at);
        if !self.board.is_empty() || idle <= timeout || self.reno.phase != Phase::Open {
            return;
        }
        let timeouts = idle.as_millis() / timeout.as_millis().max(1);
        self.reno.idle(u32::try_from(timeouts).unwrap_or(u32::MAX));
        self.sent_at = now;
    }

    /// A number that was acknowledged makes the other end tell its window (`tcp_xmit_probe_skb`).
    fn send_probe(&mut self, now: SimTime) -> Option<Frame> {
        if !self.probe {
            return None;
        }
        self.probe = false;
        Some(self.emit(now, Seq(self.una.0.wrapping_sub(1)), 0, Flags::default()))
    }

    fn send_ack(&mut self, now: SimTime) -> Option<Frame> {
        if !self.ack.now {
            return None;
        }
        Some(self.emit(now, self.nxt, 0, Flags::default()))
    }

    /// Makes the segment; whatever is sent carries the acknowledgement.
    fn emit(&mut self, now: SimTime, seq: Seq, len: u32, flags: Flags) -> Frame {
        let acks = !(flags.syn && self.state == TcpState::SynSent);
        let window = match flags {
            // A window in a SYN is never scaled (RFC 7323, section 2.2).
            Flags { syn: true, .. } => self.rcv_wnd.min(65_535) as u16,
            Flags { rst: true, .. } => 0,
            _ => self.select_window(),
        };
        let scale =
            (self.params.scaling && (self.rcv_wscale > 0 || !acks)).then_some(self.rcv_wscale);
        let echo = if acks { self.ts_recent } else { 0 };
        let out = Outgoing {
            seq,
            ack: acks.then_some(self.rcv_nxt),
            syn: flags.syn,
            fin: flags.fin,
            rst: flags.rst,
            psh: len > 0 && self.is_pushed(seq + len),
            window,
            opening: flags.syn.then_some((self.adv_mss as u16, scale)),
            sack_ok: flags.syn && self.sack,
            timestamp: (self.timestamps && !flags.rst).then(|| (self.stamp(now), echo)),
            sack: match flags.syn || flags.rst {
                true => [None; SACK_RANGES_MAX],
                false => self.sack_ranges(),
            },
            len: len as usize,
        };
        self.note_sent(now, len, acks);
        let (local, remote) = (self.local, self.remote.unwrap_or(self.local));
        let from = seq.since(self.tx_base) as usize;
        let tx = &self.tx;
        out.write(
            (local.ip(), local.port()),
            (remote.ip(), remote.port()),
            |data| copy(tx, from, data),
        )
    }

    /// Whether a segment that ends there is the end of what was written.
    fn is_pushed(&self, end: Seq) -> bool {
        end == self.data_end() || end == self.pushed
    }

    fn sack_ranges(&mut self) -> super::segment::Ranges {
        let duplicate = self.dsack.take();
        if !self.sack || (duplicate.is_none() && self.ooo.is_empty()) {
            return [None; SACK_RANGES_MAX];
        }
        let Some(duplicate) = duplicate else {
            return self.ooo.ranges(SACK_RANGES_MAX);
        };
        let [first, second, _] = self.ooo.ranges(SACK_RANGES_MAX - 1);
        [Some(duplicate), first, second]
    }

    /// Counts, and what a segment with an acknowledgement settles (`tcp_event_ack_sent`).
    fn note_sent(&mut self, now: SimTime, len: u32, acks: bool) {
        self.counts.segs_out += 1;
        if len > 0 {
            self.counts.data_segs_out += 1;
            self.counts.bytes_sent += u64::from(len);
            // It answers what came just now (`tcp_event_data_sent`).
            if !self.ack.ato.is_zero() && now.since(self.ack.data_at) < self.ack.ato {
                self.ack.pingpong = true;
            }
        }
        if acks {
            if self.ack.quick > 0 && self.ack.scheduled {
                self.ack.quick -= 1;
                if self.ack.quick == 0 {
                    self.ack.ato = ATO_MIN;
                }
            }
            (self.ack.scheduled, self.ack.now, self.ack.pushed) = (false, false, false);
            self.ack.at = SimTime::NEVER;
        }
    }

    /// How long a state without a process is kept.
    pub(super) fn orphan_timeout(&self) -> Duration {
        Duration::from_secs(self.params.fin_timeout_s.into())
    }
}

/// The flags that are not the same in all segments.
#[derive(Clone, Copy, Default)]
struct Flags {
    syn: bool,
    fin: bool,
    rst: bool,
}

/// Copies bytes out of a ring, from a place on.
fn copy(ring: &std::collections::VecDeque<u8>, from: usize, into: &mut [u8]) {
    let (front, back) = ring.as_slices();
    let (head, tail) = match front.get(from..) {
        Some(rest) => (rest, back),
        None => (back.get(from - front.len()..).unwrap_or_default(), &[][..]),
    };
    let first = head.len().min(into.len());
    into[..first].copy_from_slice(&head[..first]);
    let second = into.len() - first;
    into[first..].copy_from_slice(&tail[..second]);
}
