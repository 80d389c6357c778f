//! The matches of rules as data (the `info` structures of `xt_*.h`).
//! How a packet is held against them is in `eval`.

use super::amounts::{Contents, HashLimit};
use super::remembering::{ConnLimit, Owner, Recent};
use super::value::{Maybe, Net, Range};
use crate::units::MacAddr;

/// The ports of a segment or datagram.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash, Debug)]
pub struct Ports {
    /// The source port.
    pub source: Option<Maybe<Range>>,
    /// The destination port.
    pub destination: Option<Maybe<Range>>,
}

/// What is asked of a TCP header.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash, Debug)]
pub struct TcpMatch {
    /// Its ports.
    pub ports: Ports,
    /// Of these flags, those are set.
    pub flags: Option<Maybe<(u8, u8)>>,
    /// It has this option.
    pub option: Option<Maybe<u8>>,
}

/// A type of ICMP, and codes of it; no type is any.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct IcmpType {
    /// The type; 255 of IPv4 is any.
    pub kind: u8,
    /// The codes.
    pub codes: (u8, u8),
}

/// States of connections as bits (`--ctstate`).
pub mod state {
    /// Of no connection, or broken.
    pub const INVALID: u8 = 1;
    /// Both directions have been seen.
    pub const ESTABLISHED: u8 = 2;
    /// An ICMP error about a connection.
    pub const RELATED: u8 = 4;
    /// The first packet.
    pub const NEW: u8 = 8;
    /// Not followed on purpose (`CT --notrack`).
    pub const UNTRACKED: u8 = 0x40;
    /// Its source is translated.
    pub const SNAT: u8 = 0x10;
    /// Its destination is translated.
    pub const DNAT: u8 = 0x20;
    /// In the order in which they are printed.
    pub const NAMES: [(&str, u8); 7] = [
        ("INVALID", INVALID),
        ("NEW", NEW),
        ("RELATED", RELATED),
        ("ESTABLISHED", ESTABLISHED),
        ("UNTRACKED", UNTRACKED),
        ("SNAT", SNAT),
        ("DNAT", DNAT),
    ];
}

/// What is asked of a packet's connection.
#[derive(Clone, PartialEq, Eq, Default, Hash, Debug)]
pub struct CtMatch {
    /// Its state.
    pub state: Option<Maybe<u8>>,
    /// Its protocol.
    pub proto: Option<Maybe<u8>>,
    /// Source and destination of its first packet, and of its answers.
    pub addrs: [Option<Maybe<Net>>; 4],
    /// Ports: source and destination of its first packet, and of its answers.
    pub ports: [Option<Maybe<Range>>; 4],
    /// What has become of it: [`status`].
    pub status: Option<Maybe<u8>>,
    /// Seconds until it is forgotten.
    pub expire: Option<Maybe<(u32, u32)>>,
    /// Whether the packet goes the way of the first one.
    pub original: Option<bool>,
}

/// What has become of a connection, as bits (`--ctstatus`).
pub mod status {
    /// A helper expected it.
    pub const EXPECTED: u8 = 1;
    /// An answer was seen.
    pub const SEEN_REPLY: u8 = 2;
    /// It stays when room is needed.
    pub const ASSURED: u8 = 4;
    /// Its first packet has left.
    pub const CONFIRMED: u8 = 8;
    /// In the order in which they are printed.
    pub const NAMES: [(&str, u8); 4] = [
        ("EXPECTED", EXPECTED),
        ("SEEN_REPLY", SEEN_REPLY),
        ("ASSURED", ASSURED),
        ("CONFIRMED", CONFIRMED),
    ];
}

/// Kinds of addresses as bits (`RTN_*`).
pub const ADDR_TYPES: [&str; 12] = [
    "UNSPEC",
    "UNICAST",
    "LOCAL",
    "BROADCAST",
    "ANYCAST",
    "MULTICAST",
    "BLACKHOLE",
    "UNREACHABLE",
    "PROHIBIT",
    "THROW",
    "NAT",
    "XRESOLVE",
];

/// Which ports a list is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PortsOf {
    /// `--sports`.
    Source,
    /// `--dports`.
    Destination,
    /// `--ports`: either.
    Either,
}

/// A number compared (`-m ttl`, `-m hl`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HopLimit {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Greater.
    Gt,
}

/// What is asked of the bridge ports that a packet passes.
#[derive(Clone, PartialEq, Eq, Default, Hash, Debug)]
pub struct Physdev {
    /// The port in.
    pub iif: Option<Maybe<String>>,
    /// The port out.
    pub oif: Option<Maybe<String>>,
    /// Whether it came by a port.
    pub is_in: Option<bool>,
    /// Whether it leaves by a port.
    pub is_out: Option<bool>,
    /// Whether it is bridged.
    pub is_bridged: Option<bool>,
}

/// One match.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Match {
    /// `-m tcp`.
    Tcp(TcpMatch),
    /// `-m udp`.
    Udp(Ports),
    /// `-m sctp`.
    Sctp(Ports),
    /// `-m icmp`, `-m icmp6`.
    Icmp(Maybe<IcmpType>),
    /// `-m conntrack`.
    Conntrack(CtMatch),
    /// `-m state`.
    State(Maybe<u8>),
    /// `-m addrtype`.
    AddrType {
        /// The kinds of the source.
        source: Option<Maybe<u16>>,
        /// The kinds of the destination.
        destination: Option<Maybe<u16>>,
        /// As the device in sees it.
        limit_in: bool,
        /// As the device out sees it.
        limit_out: bool,
    },
    /// `-m mark`: value and mask.
    Mark(Maybe<(u32, u32)>),
    /// `-m connmark`: value and mask.
    ConnMark(Maybe<(u32, u32)>),
    /// `-m comment`: matches always.
    Comment(String),
    /// `-m multiport`.
    Multiport {
        /// Which ports.
        of: PortsOf,
        /// The ports.
        ports: Maybe<Vec<Range>>,
    },
    /// `-m limit`: a bucket of tokens.
    Limit {
        /// The time for one packet, in 1/10000 s.
        period: u32,
        /// Packets that a full bucket holds.
        burst: u32,
    },
    /// `-m mac`.
    Mac(Maybe<MacAddr>),
    /// `-m physdev`.
    Physdev(Physdev),
    /// `-m length`: bytes of the packet.
    Length(Maybe<Range>),
    /// `-m ttl`, `-m hl`.
    Ttl(HopLimit, u8),
    /// `-m pkttype`: 0 unicast, 1 broadcast, 2 multicast.
    PktType(Maybe<u8>),
    /// `-m iprange`: source and destination.
    IpRange {
        /// First and last of the source.
        source: Option<Maybe<(u128, u128)>>,
        /// First and last of the destination.
        destination: Option<Maybe<(u128, u128)>>,
    },
    /// `-m statistic --mode nth`: every, and the first.
    Nth(Maybe<(u32, u32)>),
    /// `-m statistic --mode random`: of 2^31.
    Random(Maybe<u32>),
    /// `-m tos`, `-m dscp` of the header: value and mask; a DSCP has no mask to print.
    Tos(Maybe<(u8, u8)>),
    /// `-m dscp`.
    Dscp(Maybe<u8>),
    /// `-m owner`.
    Owner(Owner),
    /// `-m connlimit`.
    ConnLimit(ConnLimit),
    /// `-m recent`.
    Recent(Recent),
    /// `-m string`.
    Contents(Box<Contents>),
    /// `-m quota`: bytes.
    Quota(Maybe<u64>),
    /// `-m hashlimit`.
    HashLimit(Box<HashLimit>),
}
