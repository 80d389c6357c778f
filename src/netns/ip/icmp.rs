//! ICMP (RFC 792, RFC 1122, 3.2.2): answers, errors, and how many errors are sent.
//! Which packet deserves an error is decided by the caller.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use crate::units::{Blank, SimTime};
use crate::wire::Frame;
use crate::wire::ipv4::{IPPROTO_ICMP, Ipv4View, checksum};

/// Type of an echo reply.
pub const ICMP_ECHOREPLY: u8 = 0;
/// Type of destination unreachable.
pub const ICMP_DEST_UNREACH: u8 = 3;
/// Type of source quench.
pub const ICMP_SOURCE_QUENCH: u8 = 4;
/// Type of a redirect.
pub const ICMP_REDIRECT: u8 = 5;
/// Type of an echo request.
pub const ICMP_ECHO: u8 = 8;
/// Type of time exceeded.
pub const ICMP_TIME_EXCEEDED: u8 = 11;
/// Type of a parameter problem.
pub const ICMP_PARAMETERPROB: u8 = 12;
/// Type of a timestamp request.
pub const ICMP_TIMESTAMP: u8 = 13;
/// Type of a timestamp reply.
pub const ICMP_TIMESTAMPREPLY: u8 = 14;

/// An error's type, code and the rest of its header: an mtu, a gateway, a pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IcmpError {
    /// The type.
    pub kind: u8,
    /// The code.
    pub code: u8,
    /// The second word.
    pub info: u32,
}

impl IcmpError {
    const fn unreachable(code: u8) -> Self {
        Self {
            kind: ICMP_DEST_UNREACH,
            code,
            info: 0,
        }
    }

    /// No route to the network.
    pub const NET_UNREACH: Self = Self::unreachable(0);
    /// The host does not answer.
    pub const HOST_UNREACH: Self = Self::unreachable(1);
    /// Nothing takes the protocol.
    pub const PROT_UNREACH: Self = Self::unreachable(2);
    /// Nothing listens at the port.
    pub const PORT_UNREACH: Self = Self::unreachable(3);
    /// A route forbids it (code 13).
    pub const PKT_FILTERED: Self = Self::unreachable(13);
    /// The time to live is used up.
    pub const TTL_EXCEEDED: Self = Self {
        kind: ICMP_TIME_EXCEEDED,
        code: 0,
        info: 0,
    };
    /// Fragments did not come in time.
    pub const FRAGTIME: Self = Self {
        kind: ICMP_TIME_EXCEEDED,
        code: 1,
        info: 0,
    };

    /// The packet would have to be fragmented and may not be.
    pub const fn frag_needed(mtu: u32) -> Self {
        Self {
            kind: ICMP_DEST_UNREACH,
            code: 4,
            info: mtu,
        }
    }

    /// Another gateway is nearer.
    pub fn redirect_host(gateway: Ipv4Addr) -> Self {
        Self {
            kind: ICMP_REDIRECT,
            code: 1,
            info: gateway.to_bits(),
        }
    }
}

/// Bytes of an error at most, header included (RFC 1812, 4.3.2.3).
const ERROR_MAX: usize = 576;

/// The ICMP message of an error about `packet`, without an IP header (`__icmp_send`).
pub fn error_message(packet: &[u8], error: IcmpError) -> Frame {
    let room = ERROR_MAX - 20 - 8;
    let quoted = &packet[..packet.len().min(room)];
    let mut frame = Frame::zeroed(8 + quoted.len());
    let bytes = frame.bytes_mut();
    bytes[0] = error.kind;
    bytes[1] = error.code;
    bytes[4..8].copy_from_slice(&error.info.to_be_bytes());
    bytes[8..].copy_from_slice(quoted);
    let sum = checksum(bytes);
    bytes[2..4].copy_from_slice(&sum.to_be_bytes());
    frame
}

/// Whether a packet may be answered with an error at all: not a later fragment, and not an ICMP
/// error itself (RFC 1122, 3.2.2).
pub fn deserves_error(view: Ipv4View<'_>) -> bool {
    if view.fragment_offset() != 0 {
        return false;
    }
    if view.protocol() != IPPROTO_ICMP {
        return true;
    }
    let kind = view.payload().first();
    kind.is_some_and(|&kind| !is_error(kind))
}

/// Whether a message of this type tells of an error.
pub fn is_error(kind: u8) -> bool {
    matches!(
        kind,
        ICMP_DEST_UNREACH
            | ICMP_SOURCE_QUENCH
            | ICMP_REDIRECT
            | ICMP_TIME_EXCEEDED
            | ICMP_PARAMETERPROB
    )
}

/// Turns a checked echo request into its reply, in place: type, addresses and checksum; TTL and
/// identification are the output's (`icmp_echo`).
pub fn turn_into_reply(message: &mut [u8]) {
    if message.len() < 8 {
        return;
    }
    message[0] = ICMP_ECHOREPLY;
    message[2..4].fill(0);
    let sum = checksum(message);
    message[2..4].copy_from_slice(&sum.to_be_bytes());
}

/// Most burst of errors to one destination (`XRLIM_BURST_FACTOR`).
const BURST: u64 = 6;
/// Most redirects to one host before it is left alone (`ip_rt_redirect_number`).
const REDIRECTS_MAX: u32 = 9;
/// The first wait between two redirects (`ip_rt_redirect_load`).
const REDIRECT_LOAD: Duration = Duration::from_millis(20);
/// After so long the count begins anew (`ip_rt_redirect_silence`).
const REDIRECT_SILENCE: Duration = Duration::from_millis(20 << 10);
/// What a bucket counts in where only redirects ask.
const ROUTE_ERROR_COST_NS: u64 = 1_000_000_000;
/// Destinations whose errors are counted.
const PEERS_MAX: usize = 4096;

/// How many errors may be sent: a bucket for each destination (`inet_peer_xrlim_allow`), and one
/// for all (`icmp_global_allow`).
#[derive(Clone, Debug)]
pub struct RateLimit {
    peers: IndexMap<IpAddr, Bucket, FixedState>,
    global: Bucket,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    credit_ns: u64,
    last: SimTime,
    /// Redirects since the last pause.
    redirects: u32,
}

impl Blank for RateLimit {
    const BLANK: Self = Self {
        peers: IndexMap::with_hasher(FixedState::with_seed(0)),
        global: Bucket {
            credit_ns: 50_000_000,
            last: SimTime::ZERO,
            redirects: 0,
        },
    };
    const SHARED: &'static Self = &Self::BLANK;
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::BLANK
    }
}

impl Bucket {
    fn allow(&mut self, now: SimTime, cost_ns: u64, most_ns: u64) -> bool {
        let gained = u64::try_from(now.since(self.last).as_nanos()).unwrap_or(u64::MAX);
        self.credit_ns = self.credit_ns.saturating_add(gained).min(most_ns);
        self.last = now;
        if self.credit_ns < cost_ns {
            return false;
        }
        self.credit_ns -= cost_ns;
        true
    }
}

impl RateLimit {
    /// Whether a packet without a route may be answered with an error at all: it takes a token of its own, of
    /// a bucket that counts as five at most here (`ip_error`).
    pub fn allow_route_error(&mut self, now: SimTime, dst: Ipv4Addr, limit: Duration) -> bool {
        let cost = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
        if cost == 0 {
            return true;
        }
        self.bucket(now, dst, cost)
            .allow(now, cost, cost.saturating_mul(BURST - 1))
    }

    /// Whether one more redirect may go to `dst` now: each one doubles the wait for the next, nine at most until
    /// it has been quiet for a while. The time is kept in the errors' bucket (`ip_rt_send_redirect`).
    pub fn allow_redirect(&mut self, now: SimTime, dst: Ipv4Addr) -> bool {
        let bucket = self.bucket(now, dst, ROUTE_ERROR_COST_NS);
        if bucket.redirects == 0 || now.since(bucket.last) > REDIRECT_SILENCE {
            (bucket.credit_ns, bucket.redirects) = (0, 0);
        }
        if bucket.redirects >= REDIRECTS_MAX {
            bucket.last = now;
            return false;
        }
        let wait = REDIRECT_LOAD * (1 << bucket.redirects);
        if bucket.redirects > 0 && now.since(bucket.last) <= wait {
            return false;
        }
        bucket.last = now;
        bucket.redirects += 1;
        true
    }

    /// Whether one more error may go to `dst` now; `limit` is the time between two
    /// (`net.ipv4.icmp_ratelimit`), zero for no limit.
    pub fn allow(&mut self, now: SimTime, dst: impl Into<IpAddr>, limit: Duration) -> bool {
        let cost = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
        if cost == 0 {
            return true;
        }
        // 1000 messages a second, 50 at once: `icmp_msgs_per_sec` and `icmp_msgs_burst`.
        if !self.global.allow(now, 1_000_000, 50_000_000) {
            return false;
        }
        self.bucket(now, dst, cost)
            .allow(now, cost, cost.saturating_mul(BURST))
    }

    fn bucket(&mut self, now: SimTime, dst: impl Into<IpAddr>, cost: u64) -> &mut Bucket {
        let dst = dst.into();
        if self.peers.len() >= PEERS_MAX && !self.peers.contains_key(&dst) {
            self.peers.shift_remove_index(0);
        }
        let fresh = Bucket {
            credit_ns: cost.saturating_mul(BURST),
            last: now,
            redirects: 0,
        };
        self.peers.entry(dst).or_insert(fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_errors_go_at_once_and_then_one_a_second() {
        let mut limit = RateLimit::default();
        let second = Duration::from_secs(1);
        let dst = Ipv4Addr::new(10, 0, 0, 1);
        let sent = (0..10)
            .filter(|_| limit.allow(SimTime::ZERO, dst, second))
            .count();
        assert_eq!(sent, 6);
        let later = SimTime::ZERO + second;
        assert!(limit.allow(later, dst, second));
        assert!(!limit.allow(later, dst, second));
        assert!(limit.allow(later, Ipv4Addr::new(10, 0, 0, 2), second));
    }

    #[test]
    fn an_error_quotes_at_most_548_bytes() {
        let message = error_message(&[7; 1500], IcmpError::frag_needed(1400));
        assert_eq!(message.len(), 556);
        assert_eq!(checksum(message.bytes()), 0);
        assert_eq!(&message.bytes()[4..8], &1400_u32.to_be_bytes());
    }

    #[test]
    fn a_reply_differs_from_its_request_in_type_and_checksum() {
        let mut echo = [8, 0, 0, 0, 1, 2, 0, 1, 42];
        let sum = checksum(&echo);
        echo[2..4].copy_from_slice(&sum.to_be_bytes());
        turn_into_reply(&mut echo);
        assert_eq!(checksum(&echo), 0);
        assert_eq!((echo[0], &echo[4..]), (0, &[1, 2, 0, 1, 42][..]));
    }
}
