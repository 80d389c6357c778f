//! What a process does to its connection: write, read, shut down, close; and what ICMP tells it (tcp.c, tcp_ipv4.c).
//! Opening and listening are in `table`.

use std::time::Duration;

use super::state::TcpState;
use super::tcb::Tcb;
use crate::units::{Errno, SimTime};

/// How long `connect` holds the socket when it sends the SYN: all that devices without a queue of their own
/// do with it is done then, over some of them one behind the other.
const CONNECTING: Duration = Duration::from_micros(50);

impl Tcb {
    /// Takes bytes to be sent: as many as there is room for (`tcp_sendmsg`).
    pub(in super::super) fn write(&mut self, bytes: &[u8]) -> Result<usize, Errno> {
        self.told = false;
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        match self.state {
            TcpState::SynSent | TcpState::SynRecv => return Err(Errno::Eagain),
            state if !state.may_send() || self.fin_queued => return Err(Errno::Epipe),
            _ => {}
        }
        let count = bytes.len().min(self.room());
        if count == 0 && !bytes.is_empty() {
            self.wants_room = true;
            return Err(Errno::Eagain);
        }
        self.wants_room = count < bytes.len();
        self.tx.extend(&bytes[..count]);
        self.pushed = self.data_end();
        Ok(count)
    }

    /// Takes up to `limit` received bytes: 0 is the end (`tcp_recvmsg`).
    pub(in super::super) fn take(
        &mut self,
        now: SimTime,
        into: Option<&mut Vec<u8>>,
        limit: usize,
    ) -> Result<usize, Errno> {
        self.told = false;
        if self.listening.is_some() {
            return Err(Errno::Enotconn);
        }
        if !self.rx.is_empty() {
            return Ok(self.read(now, into, limit));
        }
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        match self.state {
            _ if self.at_end() && self.remote.is_some() => Ok(0),
            TcpState::Closed => Err(Errno::Enotconn),
            _ => Err(Errno::Eagain),
        }
    }

    /// Says that nothing more will be written, or read (`tcp_shutdown`).
    pub(in super::super) fn shut_down(
        &mut self,
        reading: bool,
        writing: bool,
    ) -> Result<(), Errno> {
        if self.state == TcpState::Closed || self.listening.is_some() {
            return Err(Errno::Enotconn);
        }
        if reading {
            self.read_shut = true;
            self.wake = true;
        }
        if writing {
            self.finish();
        }
        Ok(())
    }

    /// The FIN is due, behind what was written.
    fn finish(&mut self) {
        let next = match self.state {
            TcpState::Established | TcpState::SynRecv => TcpState::FinWait1,
            TcpState::CloseWait => TcpState::LastAck,
            TcpState::SynSent => return self.fail(None),
            _ => return,
        };
        self.state = next;
        self.fin_queued = true;
    }

    /// The process is gone from it. What it has not read makes the end a reset (RFC 2525, section 2.17).
    pub(super) fn close(&mut self, now: SimTime) {
        if self.state == TcpState::Closed {
            return;
        }
        if !self.rx.is_empty() || self.settings.abort {
            return self.abort();
        }
        self.finish();
        if self.state == TcpState::FinWait2 {
            self.life_at = now + self.orphan_timeout();
        }
    }

    /// Ends at once, and says so to the other end (`tcp_send_active_reset`).
    pub(super) fn abort(&mut self) {
        let speaks = self.state.is_synchronized() || self.state == TcpState::SynRecv;
        self.reset = speaks && self.state != TcpState::TimeWait;
        let error = self.error;
        self.fail(error);
    }

    /// An ICMP message says that segments do not arrive (`tcp_v4_err`): while it opens this ends it,
    /// later it is remembered for the day on which patience ends. So it is where the message comes back
    /// while `connect` still sends the SYN (`sock_owned_by_user`).
    pub(in super::super) fn unreachable(&mut self, now: SimTime, errno: Errno) {
        let connecting = self.retransmits == 0 && now < self.syn_at + CONNECTING;
        match self.state {
            TcpState::SynSent if connecting => {
                (self.soft_error, self.wake) = (Some(errno), true);
            }
            TcpState::SynSent => self.fail(Some(errno)),
            TcpState::SynRecv if self.parent.is_some() => {}
            TcpState::SynRecv => self.fail(Some(errno)),
            TcpState::Closed | TcpState::Listen | TcpState::TimeWait => {}
            _ => self.soft_error = Some(errno),
        }
    }
}
