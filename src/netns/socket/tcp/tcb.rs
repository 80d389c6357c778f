//! One connection: its numbers, windows, buffers and timers (`struct tcp_sock`).
//! What a segment does to it is in `input`, what it sends in `output`, what time does in `timers`.

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use super::congestion::Congestion;
use super::params::{Params, Settings};
use super::reassembly::Reassembly;
use super::rtt::Rtt;
use super::scoreboard::Scoreboard;
use super::segment::{Heard, TCP_HLEN, TIMESTAMP_LEN};
use super::seq::Seq;
use super::state::TcpState;
use crate::units::{Errno, SimTime, SockId, TcpId};

/// The longest delay of an acknowledgement that Linux begins with (`TCP_ATO_MIN`).
pub(super) const ATO_MIN: Duration = Duration::from_millis(40);
/// Segments acknowledged at once at the beginning (`TCP_MAX_QUICKACKS`).
pub(super) const QUICK_MAX: u32 = 16;
/// What is supposed of a peer that names no MSS (`TCP_MSS_DEFAULT`).
const MSS_DEFAULT: u32 = 536;
/// The smallest that is believed (`tcp_min_snd_mss` less the header).
const MSS_MIN: u32 = 48;
/// Half of what a small segment costs beside its bytes (`skb->truesize`).
const OVERHEAD: u32 = 768;

/// What a listener holds.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Listening {
    /// How many connections may wait to be accepted, less one.
    pub(super) backlog: u32,
    /// Connections that wait to be accepted, in the order in which they were made.
    pub(super) ready: VecDeque<TcpId>,
    /// Connections of which the last handshake segment is not there.
    pub(super) half_open: BTreeSet<TcpId>,
}

/// When acknowledgements are sent (`icsk_ack`).
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct AckState {
    /// Something has to be acknowledged.
    pub(super) scheduled: bool,
    /// And at once.
    pub(super) now: bool,
    /// A small segment with PSH came: acknowledge when it has been read.
    pub(super) pushed: bool,
    /// So many more are acknowledged at once.
    pub(super) quick: u32,
    /// The process answers what it gets: acknowledgements wait for its answer.
    pub(super) pingpong: bool,
    /// How long to wait.
    pub(super) ato: Duration,
    /// When waiting ends.
    pub(super) at: SimTime,
    /// The size of full segments, guessed.
    pub(super) mss: u32,
    /// When data came last.
    pub(super) data_at: SimTime,
}

impl Default for AckState {
    fn default() -> Self {
        Self {
            scheduled: false,
            now: false,
            pushed: false,
            quick: 0,
            pingpong: false,
            ato: Duration::ZERO,
            at: SimTime::NEVER,
            mss: MSS_DEFAULT,
            data_at: SimTime::ZERO,
        }
    }
}

/// Counts for `ss -i`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Bytes sent, those sent again included.
    pub bytes_sent: u64,
    /// Bytes sent again.
    pub bytes_retrans: u64,
    /// Bytes that the other end has acknowledged.
    pub bytes_acked: u64,
    /// Bytes received in order.
    pub bytes_received: u64,
    /// Segments sent.
    pub segs_out: u64,
    /// Segments received.
    pub segs_in: u64,
    /// Segments with data sent.
    pub data_segs_out: u64,
    /// Segments with data received.
    pub data_segs_in: u64,
    /// Segments sent again.
    pub retrans: u64,
}

/// One end of a connection, or a listener, or a socket that is neither yet.
#[derive(Clone, Debug)]
pub(in super::super) struct Tcb {
    pub(in super::super) state: TcpState,
    /// The socket of a process; nothing for connections that nobody has accepted, or closed.
    pub(in super::super) owner: Option<SockId>,
    /// The listener that it waits at.
    pub(super) parent: Option<TcpId>,
    /// Whether a process bound it to its port, or it came from such a listener.
    pub(super) port_bound: bool,
    /// Whether it is of an IPv6 socket, be its addresses IPv4's.
    pub(super) v6: bool,
    pub(in super::super) settings: Settings,
    pub(in super::super) params: Params,
    pub(in super::super) local: SocketAddr,
    pub(in super::super) remote: Option<SocketAddr>,
    pub(super) listening: Option<Listening>,
    pub(in super::super) error: Option<Errno>,
    pub(in super::super) soft_error: Option<Errno>,
    /// The process may have a look.
    pub(super) wake: bool,
    /// The process was told and has not looked since.
    pub(in super::super) told: bool,
    /// The process was told that there is no room to write.
    pub(super) wants_room: bool,

    // Sending (RFC 9293, section 3.3.1).
    pub(super) iss: Seq,
    pub(super) una: Seq,
    pub(super) nxt: Seq,
    pub(super) snd_wnd: u32,
    pub(super) wl1: Seq,
    pub(super) snd_wscale: u8,
    /// Data of a full segment.
    pub(super) mss: u32,
    pub(super) peer_mss: u32,
    pub(super) path_mtu: u32,
    /// What was told the other end.
    pub(super) adv_mss: u32,
    /// Bytes not acknowledged yet, from `tx_base` on.
    pub(super) tx: VecDeque<u8>,
    pub(super) tx_base: Seq,
    /// The end of the last write.
    pub(super) pushed: Seq,
    /// Behind the last segment that was not full (`snd_sml`).
    pub(super) small_end: Seq,
    /// This end has no more to say.
    pub(super) fin_queued: bool,
    pub(super) board: Scoreboard,
    pub(super) reno: Congestion,
    /// What was out when a loss was found.
    pub(super) recover: Seq,
    pub(super) duplicates: u32,
    /// The window held the sender back since the last acknowledgement.
    pub(super) limited: bool,
    pub(super) rtt: Rtt,
    pub(super) backoff: u32,
    pub(super) retransmits: u32,
    /// When the first of a row of timeouts was.
    pub(super) stalled_since: Option<SimTime>,
    pub(super) sent_at: SimTime,
    pub(super) probe: bool,
    pub(super) reset: bool,
    /// The SYN or its answer has to be sent (again).
    pub(super) syn_due: bool,

    // Receiving.
    pub(super) irs: Seq,
    pub(super) rcv_nxt: Seq,
    pub(super) rcv_wup: Seq,
    pub(super) rcv_wnd: u32,
    pub(super) rcv_wscale: u8,
    pub(super) rcv_ssthresh: u32,
    /// Room for received bytes.
    pub(super) capacity: u32,
    pub(super) rx: VecDeque<u8>,
    /// What the received bytes cost of the room.
    pub(super) charge: u32,
    pub(super) ooo: Reassembly,
    pub(super) fin_received: bool,
    pub(super) read_shut: bool,
    /// Bytes read since `rtt_began`, to let the buffer grow (`tcp_rcv_space_adjust`).
    pub(super) copied: u32,
    pub(super) copied_best: u32,
    pub(super) rtt_began: SimTime,
    pub(super) timestamps: bool,
    pub(super) ts_recent: u32,
    pub(super) ts_offset: u32,
    pub(super) sack: bool,
    pub(super) dsack: Option<(Seq, Seq)>,
    pub(super) ack: AckState,

    // Deadlines.
    pub(super) rtx_at: SimTime,
    /// The first SYN was sent then.
    pub(super) syn_at: SimTime,
    /// When it is forgotten.
    pub(super) life_at: SimTime,
    /// The deadline that the kernel knows of.
    pub(super) armed: SimTime,
    pub(super) counts: Counts,
}

impl Tcb {
    /// A socket without a connection.
    pub(super) fn new(owner: Option<SockId>, v6: bool, local: SocketAddr, params: Params) -> Self {
        Self {
            state: TcpState::Closed,
            owner,
            parent: None,
            port_bound: false,
            v6,
            settings: Settings::default(),
            params,
            local,
            remote: None,
            listening: None,
            error: None,
            soft_error: None,
            wake: false,
            told: false,
            wants_room: false,
            iss: Seq(0),
            una: Seq(0),
            nxt: Seq(0),
            snd_wnd: 0,
            wl1: Seq(0),
            snd_wscale: 0,
            mss: MSS_DEFAULT,
            peer_mss: MSS_DEFAULT,
            path_mtu: 0,
            adv_mss: MSS_DEFAULT,
            tx: VecDeque::new(),
            tx_base: Seq(0),
            pushed: Seq(0),
            small_end: Seq(0),
            fin_queued: false,
            board: Scoreboard::default(),
            reno: Congestion::default(),
            recover: Seq(0),
            duplicates: 0,
            limited: false,
            rtt: Rtt::default(),
            backoff: 0,
            retransmits: 0,
            stalled_since: None,
            sent_at: SimTime::ZERO,
            probe: false,
            reset: false,
            syn_due: false,
            irs: Seq(0),
            rcv_nxt: Seq(0),
            rcv_wup: Seq(0),
            rcv_wnd: 0,
            rcv_wscale: 0,
            rcv_ssthresh: 0,
            capacity: params.receive_default / 2,
            rx: VecDeque::new(),
            charge: 0,
            ooo: Reassembly::default(),
            fin_received: false,
            read_shut: false,
            copied: 0,
            copied_best: 0,
            rtt_began: SimTime::ZERO,
            timestamps: false,
            ts_recent: 0,
            ts_offset: 0,
            sack: false,
            dsack: None,
            ack: AckState::default(),
            rtx_at: SimTime::NEVER,
            syn_at: SimTime::ZERO,
            life_at: SimTime::NEVER,
            armed: SimTime::NEVER,
            counts: Counts::default(),
        }
    }

    /// Length of the IP header that its segments get.
    fn ip_header(&self) -> u32 {
        if self.remote.is_some_and(|remote| remote.is_ipv6()) {
            40
        } else {
            20
        }
    }

    /// Begins: the first number, what the path takes, and the options that are offered.
    fn begin(&mut self, iss: Seq, ts_offset: u32, mtu: u32) {
        (self.iss, self.una, self.nxt) = (iss, iss, iss);
        (self.tx_base, self.pushed, self.small_end) = (iss + 1, iss + 1, iss + 1);
        self.recover = iss;
        self.ts_offset = ts_offset;
        self.path_mtu = mtu;
        self.adv_mss = mtu
            .saturating_sub(self.ip_header() + TCP_HLEN as u32)
            .clamp(MSS_MIN, 65_495);
        self.syn_due = true;
    }

    /// Opens a connection (`tcp_connect`): the SYN is to be sent.
    pub(super) fn open(&mut self, iss: Seq, ts_offset: u32, mtu: u32) {
        self.begin(iss, ts_offset, mtu);
        self.state = TcpState::SynSent;
        self.timestamps = self.params.timestamps;
        self.sack = self.params.sack;
        self.rcv_wscale = self.params.window_shift();
        self.offer_window(self.adv_mss);
    }

    /// Takes the SYN of another end (`tcp_conn_request`): its answer is to be sent.
    pub(super) fn answer(&mut self, iss: Seq, ts_offset: u32, mtu: u32, syn: (Seq, u16, Heard)) {
        self.begin(iss, ts_offset, mtu);
        self.state = TcpState::SynRecv;
        self.rcv_wscale = self.params.window_shift();
        self.hear_syn(syn.0, &syn.2);
        self.snd_wnd = u32::from(syn.1);
        let stamps = if self.timestamps {
            TIMESTAMP_LEN as u32
        } else {
            0
        };
        self.offer_window(self.adv_mss.saturating_sub(stamps));
    }

    /// The first window, whole segments of it (`tcp_select_initial_window`).
    fn offer_window(&mut self, mss: u32) {
        let space = self.capacity.min(65_535);
        self.rcv_wnd = if space > mss {
            space - space % mss
        } else {
            space
        };
        self.rcv_ssthresh = self.rcv_wnd;
    }

    /// What the other end says of itself when it opens.
    pub(super) fn hear_syn(&mut self, seq: Seq, heard: &Heard) {
        self.irs = seq;
        (self.rcv_nxt, self.rcv_wup, self.wl1) = (seq + 1, seq + 1, seq);
        self.peer_mss = u32::from(heard.mss.unwrap_or(MSS_DEFAULT as u16));
        match heard.wscale.filter(|_| self.params.scaling) {
            Some(shift) => self.snd_wscale = shift,
            None => (self.snd_wscale, self.rcv_wscale) = (0, 0),
        }
        self.timestamps = self.params.timestamps && heard.timestamp.is_some();
        self.ts_recent = heard.timestamp.map_or(0, |(value, _)| value);
        self.sack = self.params.sack && heard.sack_ok;
        self.size_segments();
    }

    /// The path takes packets of this length (`tcp_sync_mss`). Longer segments that are out are lost.
    pub(in super::super) fn path_takes(&mut self, mtu: u32) {
        if mtu == self.path_mtu || self.path_mtu == 0 {
            return;
        }
        let shorter = mtu < self.path_mtu;
        self.path_mtu = mtu;
        self.size_segments();
        if shorter && self.state.is_synchronized() && self.board.lose_longer(self.mss) {
            self.recover = self.nxt;
        }
    }

    fn size_segments(&mut self) {
        let header = self.ip_header() + TCP_HLEN as u32;
        let path = self.path_mtu.saturating_sub(header);
        let stamps = if self.timestamps {
            TIMESTAMP_LEN as u32
        } else {
            0
        };
        self.mss = path.min(self.peer_mss).saturating_sub(stamps).max(MSS_MIN);
        // `tcp_initialize_rcv_mss`.
        if self.counts.data_segs_in == 0 {
            self.ack.mss = self.mss.min(self.adv_mss).min(MSS_DEFAULT);
        }
    }

    /// The timestamp of now: the kernel's clock runs in milliseconds.
    pub(super) fn stamp(&self, now: SimTime) -> u32 {
        self.ts_offset.wrapping_add(now.as_millis() as u32)
    }

    /// Behind the last byte that was written.
    pub(super) fn data_end(&self) -> Seq {
        self.tx_base + self.tx.len() as u32
    }

    /// Whether the FIN was sent.
    pub(super) fn fin_sent(&self) -> bool {
        self.fin_queued && self.nxt.after(self.data_end())
    }

    /// How many bytes may be written: twice the window, and no more than `tcp_wmem` (`tcp_sndbuf_expand`).
    pub(in super::super) fn room(&self) -> usize {
        let wanted = 2 * u64::from(self.reno.window.max(10) + 1) * u64::from(self.mss);
        let limit = wanted.min(u64::from(self.params.send_max)) as usize;
        limit.saturating_sub(self.tx.len())
    }

    /// The part of the window that is still open (`tcp_receive_window`).
    pub(super) fn open_window(&self) -> u32 {
        let end = self.rcv_wup + self.rcv_wnd;
        if end.before(self.rcv_nxt) {
            0
        } else {
            end.since(self.rcv_nxt)
        }
    }

    /// Room for more bytes (`tcp_space`).
    fn free(&self) -> u32 {
        self.capacity
            .saturating_sub(self.charge + self.ooo.len() as u32)
    }

    /// What the window should be now (`__tcp_select_window`).
    pub(super) fn fresh_window(&self) -> u32 {
        let step = 1 << self.rcv_wscale;
        let mss = self.ack.mss.min(self.capacity);
        let mut free = self.free();
        if free < self.capacity / 2 {
            free -= free % step;
            if free < self.capacity >> 4 || free < mss {
                return 0;
            }
        }
        free = free.min(self.rcv_ssthresh);
        if self.rcv_wscale > 0 {
            return free.next_multiple_of(step);
        }
        // Without a shift whole segments are offered, as long as what stood is far from right.
        match self.rcv_wnd {
            stood if stood <= free.saturating_sub(mss) || stood > free => free - free % mss.max(1),
            stood => stood,
        }
    }

    /// The window to write into a segment; it never shrinks (`tcp_select_window`).
    pub(super) fn select_window(&mut self) -> u16 {
        let open = self.open_window();
        let mut window = self.fresh_window();
        if window < open {
            window = open.next_multiple_of(1 << self.rcv_wscale);
        }
        window = window.min(65_535 << self.rcv_wscale);
        (self.rcv_wnd, self.rcv_wup) = (window, self.rcv_nxt);
        (window >> self.rcv_wscale) as u16
    }

    /// Data came: the window may open further (`tcp_grow_window`).
    pub(super) fn grow_window(&mut self) {
        let bound = self.capacity.min(self.free());
        if self.rcv_ssthresh < bound {
            self.rcv_ssthresh += (bound - self.rcv_ssthresh).min(2 * self.adv_mss);
        }
    }

    /// Bytes were put into the buffer.
    pub(super) fn charge(&mut self, len: usize) {
        let len = len as u32;
        self.charge += len.max((len + OVERHEAD) / 2);
    }

    /// Takes up to `limit` bytes of what was received, at its end behind `into`.
    pub(super) fn read(&mut self, now: SimTime, into: Option<&mut Vec<u8>>, limit: usize) -> usize {
        let count = limit.min(self.rx.len());
        if let Some(into) = into {
            let (front, back) = self.rx.as_slices();
            let first = count.min(front.len());
            into.extend_from_slice(&front[..first]);
            into.extend_from_slice(&back[..count - first]);
        }
        self.rx.drain(..count);
        self.charge = match self.rx.len() as u32 {
            0 => 0,
            left => self.charge.saturating_sub(count as u32).max(left),
        };
        self.has_read(now, count as u32);
        count
    }

    /// The process has read: the window may have opened (`tcp_cleanup_rbuf`), the buffer grows.
    fn has_read(&mut self, now: SimTime, count: u32) {
        if count == 0 {
            return;
        }
        self.adjust_capacity(now, count);
        if self.ack.scheduled {
            let much = self.rcv_nxt.since(self.rcv_wup) > self.ack.mss;
            let asked = self.ack.pushed && !self.ack.pingpong && self.rx.is_empty();
            self.ack.now |= much || asked;
        }
        let open = self.open_window();
        if self.state.may_receive() && 2 * open <= self.capacity {
            let fresh = self.fresh_window();
            self.ack.now |= fresh > 0 && fresh >= 2 * open;
        }
    }

    /// Once a round trip: room for twice what was read in it (`tcp_rcv_space_adjust`).
    fn adjust_capacity(&mut self, now: SimTime, count: u32) {
        self.copied = self.copied.saturating_add(count);
        let round = self.rtt.smoothed().unwrap_or(Duration::from_micros(100));
        if now.since(self.rtt_began) < round {
            return;
        }
        if self.copied > self.copied_best {
            self.copied_best = self.copied;
            let wanted = self
                .copied
                .saturating_mul(2)
                .saturating_add(16 * self.adv_mss);
            let limit = self.params.receive_max / 2;
            self.capacity = self.capacity.max(wanted.min(limit));
        }
        (self.copied, self.rtt_began) = (0, now);
    }

    /// Whether a read would not block: bytes, the end, or an error.
    pub(in super::super) fn is_readable(&self) -> bool {
        let ready = self
            .listening
            .as_ref()
            .is_some_and(|at| !at.ready.is_empty());
        !self.rx.is_empty() || self.at_end() || self.error.is_some() || ready
    }

    /// Whether nothing more will come.
    pub(super) fn at_end(&self) -> bool {
        self.fin_received
            || self.read_shut
            || matches!(self.state, TcpState::Closed | TcpState::TimeWait)
    }

    /// Ends at once, with an error for the process (`tcp_done_with_error`).
    pub(super) fn fail(&mut self, error: Option<Errno>) {
        if let Some(error) = error {
            self.error = Some(error);
        }
        self.state = TcpState::Closed;
        (self.rtx_at, self.life_at, self.ack.at) = (SimTime::NEVER, SimTime::NEVER, SimTime::NEVER);
        (self.ack.scheduled, self.ack.now, self.syn_due) = (false, false, false);
        self.board = Scoreboard::default();
        self.tx = VecDeque::new();
        self.ooo.clear();
        self.wake = true;
    }

    /// Waits for late segments (`tcp_time_wait`).
    pub(super) fn wait_out(&mut self, now: SimTime) {
        self.state = TcpState::TimeWait;
        self.life_at = now + Duration::from_secs(60);
        (self.rtx_at, self.ack.at) = (SimTime::NEVER, SimTime::NEVER);
        self.board = Scoreboard::default();
        self.tx = VecDeque::new();
        self.wake = true;
    }

    /// The earliest of its deadlines.
    pub(super) fn deadline(&self) -> SimTime {
        self.rtx_at.min(self.ack.at).min(self.life_at)
    }
}
