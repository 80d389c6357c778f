//! The states of a TCP connection as a router sees them (nf_conntrack_proto_tcp.c).
//! Sequence numbers are not followed: a segment outside the window counts like any other.

/// A state.
///
/// ```text
/// None --SYN--> SynSent --SYN,ACK--> SynRecv --ACK--> Established
/// Established --FIN--> FinWait --ACK--> CloseWait --FIN--> LastAck --ACK--> TimeWait
/// any --RST--> Close
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TcpState {
    /// Nothing was seen.
    None,
    /// A SYN.
    SynSent,
    /// A SYN and its answer.
    SynRecv,
    /// All three.
    Established,
    /// A FIN of one end.
    FinWait,
    /// That FIN was acknowledged.
    CloseWait,
    /// A FIN of the other end too.
    LastAck,
    /// Both were acknowledged.
    TimeWait,
    /// A reset.
    Close,
    /// A SYN of both ends at once.
    SynSent2,
}

/// What a segment does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The connection is in this state now.
    To(TcpState),
    /// The segment is of the connection and changes nothing.
    Ignore,
    /// The segment is of no connection.
    Invalid,
}

/// What a segment says, by its flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// SYN.
    Syn,
    /// SYN and ACK.
    SynAck,
    /// FIN.
    Fin,
    /// ACK alone.
    Ack,
    /// RST.
    Rst,
    /// None of these.
    None,
}

/// What the flags of a header say.
pub fn said(flags: u8) -> Said {
    let has = |bit: u8| flags & bit != 0;
    if has(4) {
        Said::Rst
    } else if has(2) {
        if has(16) { Said::SynAck } else { Said::Syn }
    } else if has(1) {
        Said::Fin
    } else if has(16) {
        Said::Ack
    } else {
        Said::None
    }
}

/// What a segment of the first packet's direction, or of the answers', does in a state.
pub fn step(state: TcpState, said: Said, reply: bool) -> Step {
    match reply {
        false => step_original(state, said),
        true => step_reply(state, said),
    }
}

fn step_original(state: TcpState, said: Said) -> Step {
    use Step::{Ignore, Invalid, To};
    use TcpState as S;
    match (said, state) {
        (Said::Syn, S::None | S::SynSent | S::TimeWait | S::Close) => To(S::SynSent),
        (Said::Syn, S::SynSent2) => To(S::SynSent2),
        (Said::Syn, _) => Ignore,
        (Said::SynAck, S::SynRecv | S::SynSent2) => To(S::SynRecv),
        (Said::SynAck, _) => Invalid,
        (Said::Fin, S::SynRecv | S::Established) => To(S::FinWait),
        (Said::Fin, S::FinWait | S::CloseWait | S::LastAck) => To(S::LastAck),
        (Said::Ack, S::None | S::SynRecv | S::Established) => To(S::Established),
        (Said::Ack, S::FinWait | S::CloseWait) => To(S::CloseWait),
        (Said::Ack, S::LastAck) => To(S::TimeWait),
        (Said::Fin | Said::Ack, S::TimeWait) => To(S::TimeWait),
        (Said::Fin | Said::Ack, S::Close) => To(S::Close),
        (Said::Fin, S::None | S::SynSent | S::SynSent2) => Invalid,
        (Said::Ack, S::SynSent | S::SynSent2) => Invalid,
        (Said::Rst, S::None) => Invalid,
        (Said::Rst, _) => To(S::Close),
        (Said::None, _) => Invalid,
    }
}

fn step_reply(state: TcpState, said: Said) -> Step {
    use Step::{Ignore, Invalid, To};
    use TcpState as S;
    match (said, state) {
        (Said::Syn, S::SynSent | S::SynSent2) => To(S::SynSent2),
        (Said::Syn, S::TimeWait) => To(S::SynSent),
        (Said::Syn, _) => Invalid,
        (Said::SynAck, S::SynSent | S::SynSent2) => To(S::SynRecv),
        (Said::SynAck, S::None) => Invalid,
        (Said::SynAck, _) => Ignore,
        (Said::Fin, S::SynRecv | S::Established) => To(S::FinWait),
        (Said::Fin, S::FinWait | S::CloseWait | S::LastAck) => To(S::LastAck),
        (Said::Ack, S::SynSent | S::SynSent2) => Ignore,
        (Said::Ack, S::SynRecv) => To(S::SynRecv),
        (Said::Ack, S::Established) => To(S::Established),
        (Said::Ack, S::FinWait | S::CloseWait) => To(S::CloseWait),
        (Said::Ack, S::LastAck) => To(S::TimeWait),
        (Said::Fin | Said::Ack, S::TimeWait) => To(S::TimeWait),
        (Said::Fin | Said::Ack, S::Close) => To(S::Close),
        (Said::Fin, S::None | S::SynSent | S::SynSent2) | (Said::Ack, S::None) => Invalid,
        (Said::Rst, S::None) => Invalid,
        (Said::Rst, _) => To(S::Close),
        (Said::None, _) => Invalid,
    }
}

impl TcpState {
    /// The name by which `conntrack -L` shows it, and by which its timeout is set.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::SynSent => "SYN_SENT",
            Self::SynRecv => "SYN_RECV",
            Self::Established => "ESTABLISHED",
            Self::FinWait => "FIN_WAIT",
            Self::CloseWait => "CLOSE_WAIT",
            Self::LastAck => "LAST_ACK",
            Self::TimeWait => "TIME_WAIT",
            Self::Close => "CLOSE",
            Self::SynSent2 => "SYN_SENT2",
        }
    }

    /// The setting that says how long it is kept, in seconds.
    pub fn timeout_key(self) -> &'static str {
        match self {
            Self::None | Self::SynSent | Self::SynSent2 => {
                "net.netfilter.nf_conntrack_tcp_timeout_syn_sent"
            }
            Self::SynRecv => "net.netfilter.nf_conntrack_tcp_timeout_syn_recv",
            Self::Established => "net.netfilter.nf_conntrack_tcp_timeout_established",
            Self::FinWait => "net.netfilter.nf_conntrack_tcp_timeout_fin_wait",
            Self::CloseWait => "net.netfilter.nf_conntrack_tcp_timeout_close_wait",
            Self::LastAck => "net.netfilter.nf_conntrack_tcp_timeout_last_ack",
            Self::TimeWait => "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
            Self::Close => "net.netfilter.nf_conntrack_tcp_timeout_close",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_opens_and_closes() {
        let segments = [
            (2, false, TcpState::SynSent),
            (0x12, true, TcpState::SynRecv),
            (0x10, false, TcpState::Established),
            (0x18, true, TcpState::Established),
            (0x11, false, TcpState::FinWait),
            (0x10, true, TcpState::CloseWait),
            (0x11, true, TcpState::LastAck),
            (0x10, false, TcpState::TimeWait),
        ];
        let mut state = TcpState::None;
        for (flags, reply, next) in segments {
            assert_eq!(
                step(state, said(flags), reply),
                Step::To(next),
                "{flags:#x}"
            );
            state = next;
        }
    }

    #[test]
    fn a_late_answer_to_nothing_is_invalid() {
        assert_eq!(step(TcpState::None, Said::SynAck, false), Step::Invalid);
        assert_eq!(step(TcpState::Established, Said::Syn, false), Step::Ignore);
    }
}
