//! What there is to see of connections: the rows of `ss` and `netstat` (tcp_diag.c, `tcp_get_info`).
//! It changes nothing.

use std::net::SocketAddr;

use super::state::TcpState;
use super::table::TcpTable;
use super::tcb::{Counts, Tcb};
use crate::units::{IfIndex, SimTime, SockId, TcpId};

/// One connection or listener, as `ss` lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TcpInfo {
    /// Its state.
    pub state: TcpState,
    /// Whether it is an IPv6 socket.
    pub v6: bool,
    /// This end.
    pub local: SocketAddr,
    /// The other end.
    pub remote: Option<SocketAddr>,
    /// Bytes received and not read; of a listener the connections that wait.
    pub receive_queue: u32,
    /// Bytes sent and not acknowledged, or not sent; of a listener the backlog.
    pub send_queue: u32,
    /// The socket of a process.
    pub socket: Option<SockId>,
    /// The device that it is bound to.
    pub bound_dev: Option<IfIndex>,
    /// Whether an IPv6 socket takes no IPv4.
    pub v6_only: bool,
    /// Its timer (`on`, `persist`, `timewait`), when it ends, and how often it has.
    pub timer: Option<(&'static str, SimTime, u32)>,
    /// What `ss -i` shows.
    pub detail: Detail,
}

/// The inner state of a connection (`struct tcp_info`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[expect(
    missing_docs,
    reason = "named as in struct tcp_info; times in microseconds, sizes in bytes"
)]
pub struct Detail {
    pub timestamps: bool,
    pub sack: bool,
    pub snd_wscale: u8,
    pub rcv_wscale: u8,
    pub rto_ms: u64,
    pub backoff: u32,
    pub rtt_us: u64,
    pub rttvar_us: u64,
    pub ato_ms: u64,
    pub mss: u32,
    pub pmtu: u32,
    pub rcv_mss: u32,
    pub adv_mss: u32,
    pub cwnd: u32,
    pub ssthresh: Option<u32>,
    pub unacked: u32,
    pub sacked: u32,
    pub lost: u32,
    pub retrans_out: u32,
    pub rcv_space: u32,
    pub rcv_ssthresh: u32,
    pub snd_wnd: u32,
    pub last_sent: SimTime,
    pub last_received: SimTime,
    pub counts: Counts,
}

impl TcpTable {
    /// What is to be known of a connection.
    pub fn info(&self, id: TcpId) -> Option<TcpInfo> {
        self.all.find(id).map(Tcb::info)
    }

    /// Every connection and listener, in the order in which they were made.
    pub fn list(&self) -> Vec<TcpInfo> {
        let listed = self
            .all
            .iter()
            .filter(|(_, tcb)| tcb.state != TcpState::Closed);
        listed.map(|(_, tcb)| tcb.info()).collect()
    }
}

impl Tcb {
    pub(super) fn info(&self) -> TcpInfo {
        let (sacked, lost, again) = self.board.counts();
        let (receive_queue, send_queue) = match &self.listening {
            Some(listening) => (listening.ready.len() as u32, listening.backlog),
            None => (self.rx.len() as u32, self.unacked()),
        };
        TcpInfo {
            state: self.state,
            v6: self.v6,
            local: self.local,
            remote: self.remote,
            receive_queue,
            send_queue,
            socket: self.owner,
            bound_dev: self.settings.bound_dev,
            v6_only: self.settings.v6_only,
            timer: self.timer(),
            detail: Detail {
                timestamps: self.timestamps,
                sack: self.sack,
                snd_wscale: self.snd_wscale,
                rcv_wscale: self.rcv_wscale,
                rto_ms: self.rtt.timeout(self.backoff).as_millis() as u64,
                backoff: self.backoff,
                rtt_us: self.rtt.smoothed().map_or(0, |rtt| rtt.as_micros() as u64),
                rttvar_us: self.rtt.deviation().as_micros() as u64,
                ato_ms: self.ack.ato.as_millis() as u64,
                mss: self.mss,
                pmtu: self.path_mtu,
                rcv_mss: self.ack.mss,
                adv_mss: self.adv_mss,
                cwnd: self.reno.window,
                ssthresh: self.reno.threshold,
                unacked: self.board.len(),
                sacked,
                lost,
                retrans_out: again,
                rcv_space: self.copied_best.max(self.adv_mss.saturating_mul(10)),
                rcv_ssthresh: self.rcv_ssthresh,
                snd_wnd: self.snd_wnd,
                last_sent: self.sent_at,
                last_received: self.ack.data_at,
                counts: self.counts,
            },
        }
    }

    /// What was written, or a FIN, and is not acknowledged.
    fn unacked(&self) -> u32 {
        match self.state {
            TcpState::SynSent => 1,
            TcpState::TimeWait | TcpState::FinWait2 | TcpState::SynRecv => 0,
            _ => {
                self.tx.len() as u32 + u32::from(self.fin_queued && self.una != self.data_end() + 1)
            }
        }
    }

    fn timer(&self) -> Option<(&'static str, SimTime, u32)> {
        match self.state {
            TcpState::TimeWait => Some(("timewait", self.life_at, 0)),
            TcpState::FinWait2 if self.owner.is_none() => Some(("timewait", self.life_at, 0)),
            _ if self.rtx_at == SimTime::NEVER => None,
            _ if self.board.is_empty() => Some(("persist", self.rtx_at, self.retransmits)),
            _ => Some(("on", self.rtx_at, self.retransmits)),
        }
    }
}
