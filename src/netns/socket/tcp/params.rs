//! What a connection takes over from its namespace and its socket: sysctls and options.
//! Nothing is decided here.

use crate::netns::socket::kinds::Options;
use crate::netns::sysctl::Sysctls;
use crate::units::IfIndex;

/// The sysctls that a connection looks at, as they were when it began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Params {
    /// `tcp_sack`.
    pub sack: bool,
    /// `tcp_timestamps`.
    pub timestamps: bool,
    /// `tcp_window_scaling`.
    pub scaling: bool,
    /// The room of a fresh socket to receive, in bytes, overhead included (`tcp_rmem`).
    pub receive_default: u32,
    /// The most room to receive, in bytes, overhead included (`tcp_rmem`).
    pub receive_max: u32,
    /// The most bytes that wait to be sent or acknowledged (`tcp_wmem`).
    pub send_max: u32,
    /// `tcp_syn_retries`.
    pub syn_retries: u32,
    /// `tcp_syn_linear_timeouts`.
    pub syn_linear: u32,
    /// `tcp_synack_retries`.
    pub synack_retries: u32,
    /// `tcp_retries2`.
    pub retries: u32,
    /// `tcp_fin_timeout`, in seconds.
    pub fin_timeout_s: u32,
    /// `tcp_max_syn_backlog`.
    pub syn_backlog: u32,
}

/// The largest number that a sysctl of bytes may have here, so that a buffer stays a bounded thing.
const BYTES_MAX: u32 = 64 << 20;

impl Params {
    /// As the sysctls of a namespace say.
    pub fn new(sysctls: &Sysctls) -> Self {
        let number = |key: &str, most: u32| {
            let value = sysctls.number(key).clamp(0, i64::from(most));
            u32::try_from(value).unwrap_or(most)
        };
        let third = |key: &str, place: usize, default: u32| {
            let text = sysctls.text(key).unwrap_or_default();
            let word = text.split_whitespace().nth(place);
            let value = word.and_then(|word| word.parse::<u32>().ok());
            value.unwrap_or(default).clamp(2_304, BYTES_MAX)
        };
        Self {
            sack: number("net.ipv4.tcp_sack", 1) != 0,
            timestamps: number("net.ipv4.tcp_timestamps", 2) != 0,
            scaling: number("net.ipv4.tcp_window_scaling", 1) != 0,
            receive_default: third("net.ipv4.tcp_rmem", 1, 131_072),
            receive_max: third("net.ipv4.tcp_rmem", 2, 6_291_456),
            send_max: third("net.ipv4.tcp_wmem", 2, 4_194_304),
            syn_retries: number("net.ipv4.tcp_syn_retries", 127),
            syn_linear: number("net.ipv4.tcp_syn_linear_timeouts", 127),
            synack_retries: number("net.ipv4.tcp_synack_retries", 255),
            retries: number("net.ipv4.tcp_retries2", 255),
            fin_timeout_s: number("net.ipv4.tcp_fin_timeout", 86_400),
            syn_backlog: number("net.ipv4.tcp_max_syn_backlog", 1 << 20),
        }
    }

    /// The shift of its windows: so that the largest buffer can be offered (`tcp_select_initial_window`).
    pub fn window_shift(&self) -> u8 {
        if !self.scaling {
            return 0;
        }
        // The kernel takes `rmem_max` into account too: 212992 needs a shift of 2 only.
        let space = self.receive_default.max(self.receive_max).max(212_992);
        (space.ilog2().saturating_sub(15)).min(14) as u8
    }
}

/// The options of a socket that its segments follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// The TTL, where the socket says one.
    pub ttl: Option<u8>,
    /// TOS or traffic class.
    pub tos: u8,
    /// The mark of its packets.
    pub mark: u32,
    /// The device that it is bound to.
    pub bound_dev: Option<IfIndex>,
    /// SO_REUSEADDR.
    pub reuse_addr: bool,
    /// SO_REUSEPORT.
    pub reuse_port: bool,
    /// IPV6_V6ONLY.
    pub v6_only: bool,
    /// TCP_NODELAY: small segments do not wait for an acknowledgement.
    pub no_delay: bool,
    /// SO_LINGER with a time of 0: closing resets.
    pub abort: bool,
}

impl From<&Options> for Settings {
    fn from(options: &Options) -> Self {
        Self {
            ttl: options.ttl,
            tos: options.tos,
            mark: options.mark,
            bound_dev: options.bound_dev,
            reuse_addr: options.reuse_addr,
            reuse_port: options.reuse_port,
            v6_only: options.v6_only,
            no_delay: options.no_delay,
            abort: options.linger_abort,
        }
    }
}
