//! The states of a connection (RFC 9293, section 3.3.2) and their names.
//! What leads from one to another is in `input`, `calls` and `timers`.

/// The state of a connection, in the order of Linux's numbers (`TCP_ESTABLISHED`, ...).
///
/// ```text
///                  listen            connect: send SYN
///          CLOSED ---------> LISTEN      CLOSED ---------> SYN-SENT
///                               |                           |    |
///          rcv SYN: send SYN,ACK|     rcv SYN: send SYN,ACK |    | rcv SYN,ACK: send ACK
///                               v                           |    |
///                           SYN-RECV <----------------------+    |
///                               |                                |
///                     rcv ACK   +---------> ESTAB <--------------+
///                                          |     |
///                        close: send FIN   |     |  rcv FIN: send ACK
///                    +---------------------+     +-------------------+
///                    v                                               v
///               FIN-WAIT-1 ---- rcv FIN: send ACK ---> CLOSING   CLOSE-WAIT
///                    |                                   |           | close: send FIN
///    rcv ACK of FIN  v                                   |           v
///               FIN-WAIT-2 -- rcv FIN: send ACK --+      |        LAST-ACK
///                                                 v      v           |
///                                              TIME-WAIT <-+         | rcv ACK of FIN
///                                                 | 60 s             v
///                                                 +-------------> CLOSED
/// ```
///
/// A reset leads from each state to CLOSED, but that a listener ignores it. Linux keeps TIME-WAIT for
/// 60 s (`TCP_TIMEWAIT_LEN`), and FIN-WAIT-2 without a process as long (`tcp_fin_timeout`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TcpState {
    /// Both may send.
    Established,
    /// A connection was asked for.
    SynSent,
    /// A SYN came and was answered.
    SynRecv,
    /// This end has no more to say; its FIN is not acknowledged.
    FinWait1,
    /// This end has no more to say, and the other knows it.
    FinWait2,
    /// All is said; late segments are waited for.
    TimeWait,
    /// There is no connection.
    Closed,
    /// The other end has no more to say.
    CloseWait,
    /// After CLOSE-WAIT this end has no more to say either; its FIN is not acknowledged.
    LastAck,
    /// It takes connections.
    Listen,
    /// Both ends sent a FIN at once; that of this end is not acknowledged.
    Closing,
}

impl TcpState {
    /// The name as `ss` prints it.
    pub const fn ss_name(self) -> &'static str {
        match self {
            Self::Established => "ESTAB",
            Self::SynSent => "SYN-SENT",
            Self::SynRecv => "SYN-RECV",
            Self::FinWait1 => "FIN-WAIT-1",
            Self::FinWait2 => "FIN-WAIT-2",
            Self::TimeWait => "TIME-WAIT",
            Self::Closed => "UNCONN",
            Self::CloseWait => "CLOSE-WAIT",
            Self::LastAck => "LAST-ACK",
            Self::Listen => "LISTEN",
            Self::Closing => "CLOSING",
        }
    }

    /// The name as `netstat` prints it.
    pub const fn netstat_name(self) -> &'static str {
        match self {
            Self::Established => "ESTABLISHED",
            Self::SynSent => "SYN_SENT",
            Self::SynRecv => "SYN_RECV",
            Self::FinWait1 => "FIN_WAIT1",
            Self::FinWait2 => "FIN_WAIT2",
            Self::TimeWait => "TIME_WAIT",
            Self::Closed => "CLOSE",
            Self::CloseWait => "CLOSE_WAIT",
            Self::LastAck => "LAST_ACK",
            Self::Listen => "LISTEN",
            Self::Closing => "CLOSING",
        }
    }

    /// Whether both ends have agreed to talk, whoever has ended since.
    pub const fn is_synchronized(self) -> bool {
        !matches!(
            self,
            Self::Closed | Self::Listen | Self::SynSent | Self::SynRecv
        )
    }

    /// Whether data of the other end may still come.
    pub const fn may_receive(self) -> bool {
        matches!(self, Self::Established | Self::FinWait1 | Self::FinWait2)
    }

    /// Whether the process may still write.
    pub const fn may_send(self) -> bool {
        matches!(self, Self::Established | Self::CloseWait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_has_closed_receives_until_the_other_closes() {
        assert!(TcpState::FinWait2.may_receive() && !TcpState::FinWait2.may_send());
        assert!(TcpState::CloseWait.may_send() && !TcpState::CloseWait.may_receive());
        assert!(!TcpState::SynRecv.is_synchronized() && TcpState::TimeWait.is_synchronized());
    }
}
