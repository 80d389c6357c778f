//! What an ICMP message, or a failed send, tells the socket that sent the packet: its pending
//! error and its error queue (IP_RECVERR). Path MTUs are learned elsewhere.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use super::kinds::{MtuDiscover, Options};
use crate::units::{Errno, IfIndex, SimTime};

/// The longest error queue; later errors are lost.
const QUEUE_LEN_MAX: usize = 256;

/// Who reported an error (`SO_EE_ORIGIN_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorOrigin {
    /// This kernel.
    Local,
    /// An ICMP message.
    Icmp,
    /// An ICMPv6 message.
    Icmp6,
}

/// An entry of the error queue (`struct sock_extended_err`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SocketError {
    /// The error number.
    pub errno: Errno,
    /// Who reported it.
    pub origin: ErrorOrigin,
    /// ICMP type.
    pub kind: u8,
    /// ICMP code.
    pub code: u8,
    /// The MTU, or the pointer of a parameter problem.
    pub info: u32,
    /// The node that reported it.
    pub offender: Option<IpAddr>,
    /// The TTL of the message; 0 where this kernel reports.
    pub ttl: u8,
    /// The device by which the message came; 0 where this kernel reports.
    pub ifindex: IfIndex,
    /// Where the packet was to go.
    pub to: SocketAddr,
    /// The payload of the quoted packet.
    pub bytes: Vec<u8>,
    /// When it arrived.
    pub at: SimTime,
}

/// An ICMP error message that arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IcmpArrival<'p> {
    /// ICMP type.
    pub kind: u8,
    /// ICMP code.
    pub code: u8,
    /// The MTU of `Fragmentation needed` and `Packet too big`, the pointer of a parameter
    /// problem, the new next hop of a redirect, else 0.
    pub info: u32,
    /// The node that sent the message.
    pub offender: IpAddr,
    /// The TTL or hop limit with which the message came.
    pub ttl: u8,
    /// The packet that it quotes, cut off wherever the message ends.
    pub quoted: &'p [u8],
    /// The device by which the message came.
    pub ifindex: IfIndex,
}

/// The error state of one socket.
#[derive(Clone, Debug, Default)]
pub(super) struct Errors {
    /// `sk_err`: what the next call on the socket returns, once.
    pub(super) pending: Option<Errno>,
    queue: VecDeque<SocketError>,
}

impl Errors {
    /// Queues an error (`sock_queue_err_skb`).
    pub(super) fn push(&mut self, error: SocketError) {
        if self.queue.len() < QUEUE_LEN_MAX {
            self.queue.push_back(error);
        }
    }

    /// Takes the oldest error; the next one, where an ICMP message brought it, becomes
    /// pending (`sock_dequeue_err_skb`).
    pub(super) fn pop(&mut self) -> Option<SocketError> {
        let error = self.queue.pop_front()?;
        match self.queue.front() {
            Some(next) if next.origin != ErrorOrigin::Local => self.pending = Some(next.errno),
            Some(_) => {}
            None if error.origin != ErrorOrigin::Local => self.pending = None,
            None => {}
        }
        Some(error)
    }

    /// Whether an error waits in the queue or is pending.
    pub(super) fn waiting(&self) -> bool {
        self.pending.is_some() || !self.queue.is_empty()
    }
}

/// What a message means to a socket: the error number, and whether it is hard (`icmp_err_convert`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Meaning {
    pub(super) errno: Errno,
    pub(super) hard: bool,
}

const fn soft(errno: Errno) -> Option<Meaning> {
    Some(Meaning { errno, hard: false })
}

const fn hard(errno: Errno) -> Option<Meaning> {
    Some(Meaning { errno, hard: true })
}

/// The meaning of an ICMP message; nothing where sockets do not hear of it (`raw_err`, `__udp4_lib_err`).
pub(super) fn meaning_v4(kind: u8, code: u8, options: &Options) -> Option<Meaning> {
    match (kind, code) {
        // Source quench and redirect change no socket.
        (4 | 5, _) => None,
        (12, _) => hard(Errno::Eproto),
        (3, 4) => Some(Meaning {
            errno: Errno::Emsgsize,
            hard: options.mtu_discover != MtuDiscover::Dont,
        }),
        (3, 0 | 11) => soft(Errno::Enetunreach),
        (3, 6 | 9) => hard(Errno::Enetunreach),
        (3, 2) => hard(Errno::Enoprotoopt),
        (3, 3) => hard(Errno::Econnrefused),
        (3, 5) => soft(Errno::Eopnotsupp),
        (3, 7) => hard(Errno::Ehostdown),
        (3, 8) => hard(Errno::Enonet),
        (3, 10 | 13 | 14 | 15) => hard(Errno::Ehostunreach),
        // An unknown code of destination unreachable.
        (3, 16..) => None,
        _ => soft(Errno::Ehostunreach),
    }
}

/// The meaning of an ICMPv6 message (`icmpv6_err_convert`).
pub(super) fn meaning_v6(kind: u8, code: u8, options: &Options) -> Option<Meaning> {
    match (kind, code) {
        (1, 0) => soft(Errno::Enetunreach),
        (1, 2 | 3) => soft(Errno::Ehostunreach),
        (1, 1 | 5 | 6) => hard(Errno::Eacces),
        (1, 4) => hard(Errno::Econnrefused),
        (2, _) => Some(Meaning {
            errno: Errno::Emsgsize,
            hard: options.mtu_discover == MtuDiscover::Do,
        }),
        (3, _) => soft(Errno::Ehostunreach),
        (137, _) => None,
        _ => hard(Errno::Eproto),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(origin: ErrorOrigin, errno: Errno) -> SocketError {
        SocketError {
            errno,
            origin,
            kind: 3,
            code: 1,
            info: 0,
            offender: None,
            ttl: 0,
            ifindex: 0,
            to: SocketAddr::from(([10, 0, 0, 9], 0)),
            bytes: Vec::new(),
            at: SimTime::ZERO,
        }
    }

    #[test]
    fn taking_an_error_makes_the_next_one_pending() {
        let mut errors = Errors::default();
        errors.push(error(ErrorOrigin::Icmp, Errno::Ehostunreach));
        errors.push(error(ErrorOrigin::Icmp, Errno::Enetunreach));
        errors.pending = None;
        assert!(errors.waiting());
        assert!(errors.pop().is_some());
        assert_eq!(errors.pending, Some(Errno::Enetunreach));
        assert!(errors.pop().is_some() && !errors.waiting());
    }

    #[test]
    fn a_queue_that_nobody_reads_is_bounded() {
        let mut errors = Errors::default();
        for _ in 0..1_000 {
            errors.push(error(ErrorOrigin::Local, Errno::Emsgsize));
        }
        assert_eq!(errors.queue.len(), QUEUE_LEN_MAX);
    }

    #[test]
    fn messages_mean_what_the_kernel_takes_them_for() {
        let options = Options::default();
        assert_eq!(meaning_v4(3, 3, &options), hard(Errno::Econnrefused));
        assert_eq!(meaning_v4(11, 0, &options), soft(Errno::Ehostunreach));
        assert_eq!(meaning_v4(5, 1, &options), None);
        assert_eq!(meaning_v6(2, 0, &options), soft(Errno::Emsgsize));
        assert_eq!(meaning_v6(1, 1, &options), hard(Errno::Eacces));
    }
}
