//! One rule of the packet filter as plain data: what it matches and what it does.
//! How it is written is in `save`, how it is read in `words`, how it decides in `eval`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::units::MacAddr;

/// IPv4 or IPv6: each has tables of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Family {
    /// `iptables`.
    V4,
    /// `ip6tables`.
    V6,
}

impl Family {
    /// The bits of an address.
    pub fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    /// The address of that number.
    pub fn addr(self, number: u128) -> IpAddr {
        match self {
            Self::V4 => Ipv4Addr::from(number as u32).into(),
            Self::V6 => Ipv6Addr::from(number).into(),
        }
    }

    /// The mask of a prefix.
    pub fn mask(self, len: u8) -> u128 {
        let all = match self {
            Self::V4 => u128::from(u32::MAX),
            Self::V6 => u128::MAX,
        };
        let host = u32::from(self.bits().saturating_sub(len));
        all & u128::MAX.checked_shl(host).unwrap_or(0)
    }
}

/// The number of an address, of either family.
pub fn number(addr: IpAddr) -> u128 {
    match addr {
        IpAddr::V4(addr) => addr.to_bits().into(),
        IpAddr::V6(addr) => addr.to_bits(),
    }
}

/// A value that a packet has, or that it has not (`!`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Maybe<T> {
    /// Whether the packet must not have it.
    pub not: bool,
    /// The value.
    pub value: T,
}

impl<T> Maybe<T> {
    /// A packet must have it.
    pub fn is(value: T) -> Self {
        Self { not: false, value }
    }

    /// A packet must not have it.
    pub fn not(value: T) -> Self {
        Self { not: true, value }
    }

    /// Whether a packet for which `holds` says what is so passes.
    #[inline]
    pub fn test(&self, holds: impl FnOnce(&T) -> bool) -> bool {
        holds(&self.value) != self.not
    }
}

/// Addresses: those that equal `addr` where `mask` has ones. IPv4 is in the low 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Net {
    /// The address, zero where the mask is.
    pub addr: u128,
    /// The mask; for IPv4 the upper 96 bits are zero.
    pub mask: u128,
}

impl Net {
    /// The network of a prefix.
    pub fn new(family: Family, addr: IpAddr, prefix_len: u8) -> Self {
        let mask = family.mask(prefix_len);
        Self {
            addr: number(addr) & mask,
            mask,
        }
    }

    /// Whether an address is in it.
    #[inline]
    pub fn holds(&self, addr: u128) -> bool {
        addr & self.mask == self.addr
    }
}

/// An inclusive range, of ports or of other numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Range {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}

impl Range {
    /// One number alone.
    pub fn one(number: u16) -> Self {
        Self {
            first: number,
            last: number,
        }
    }

    /// Whether a number is in it.
    #[inline]
    pub fn holds(&self, number: u16) -> bool {
        self.first <= number && number <= self.last
    }
}

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
}

/// What `REJECT` answers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reject {
    /// An ICMP or ICMPv6 error of this type and code.
    Icmp(u8, u8),
    /// A reset of TCP.
    TcpReset,
}

impl Reject {
    /// Name, alias, and what is sent.
    pub fn names(family: Family) -> &'static [(&'static str, &'static str, Self)] {
        const V4: &[(&str, &str, Reject)] = &[
            ("icmp-net-unreachable", "net-unreach", Reject::Icmp(3, 0)),
            ("icmp-host-unreachable", "host-unreach", Reject::Icmp(3, 1)),
            (
                "icmp-proto-unreachable",
                "proto-unreach",
                Reject::Icmp(3, 2),
            ),
            ("icmp-port-unreachable", "port-unreach", Reject::Icmp(3, 3)),
            ("icmp-net-prohibited", "net-prohib", Reject::Icmp(3, 9)),
            ("icmp-host-prohibited", "host-prohib", Reject::Icmp(3, 10)),
            ("tcp-reset", "tcp-rst", Reject::TcpReset),
            ("icmp-admin-prohibited", "admin-prohib", Reject::Icmp(3, 13)),
        ];
        const V6: &[(&str, &str, Reject)] = &[
            ("icmp6-no-route", "no-route", Reject::Icmp(1, 0)),
            ("icmp6-adm-prohibited", "adm-prohibited", Reject::Icmp(1, 1)),
            ("icmp6-addr-unreachable", "addr-unreach", Reject::Icmp(1, 3)),
            ("icmp6-port-unreachable", "port-unreach", Reject::Icmp(1, 4)),
            ("tcp-reset", "tcp-reset", Reject::TcpReset),
            ("icmp6-policy-fail", "policy-fail", Reject::Icmp(1, 5)),
            ("icmp6-reject-route", "reject-route", Reject::Icmp(1, 6)),
        ];
        match family {
            Family::V4 => V4,
            Family::V6 => V6,
        }
    }

    /// What is sent where nothing is said.
    pub fn default_of(family: Family) -> Self {
        match family {
            Family::V4 => Self::Icmp(3, 3),
            Family::V6 => Self::Icmp(1, 4),
        }
    }
}

/// What an address or port is translated to.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash, Debug)]
pub struct NatTo {
    /// First and last address.
    pub addrs: Option<(u128, u128)>,
    /// The ports.
    pub ports: Option<Range>,
    /// A port by chance.
    pub random: bool,
    /// A port wholly by chance.
    pub random_fully: bool,
    /// The same address for the same client.
    pub persistent: bool,
}

/// What `CONNMARK` does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ConnMark {
    /// The connection's mark becomes `(mark & !mask) ^ value`.
    Set {
        /// What is xored in.
        value: u32,
        /// What is cleared first.
        mask: u32,
    },
    /// The packet's mark goes to the connection.
    Save {
        /// Of the packet.
        nfmask: u32,
        /// Of the connection.
        ctmask: u32,
    },
    /// The connection's mark goes to the packet.
    Restore {
        /// Of the packet.
        nfmask: u32,
        /// Of the connection.
        ctmask: u32,
    },
}

/// What `LOG` writes beside the packet.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Log {
    /// What stands in front.
    pub prefix: String,
    /// The level of syslog.
    pub level: u8,
    /// 1 sequence numbers, 2 options of TCP, 4 options of IP, 8 the user, 32 the link's addresses.
    pub flags: u8,
}

/// How the time to live is changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TtlChange {
    /// To a value.
    Set(u8),
    /// Up.
    Inc(u8),
    /// Down.
    Dec(u8),
}

/// What is done with a packet that matches.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Target {
    /// It passes this table.
    Accept,
    /// It is lost.
    Drop,
    /// Back to the chain that called this one.
    Return,
    /// On in another chain.
    Jump(String),
    /// On in another chain, without coming back here.
    Goto(String),
    /// It is lost, and its sender is told.
    Reject(Reject),
    /// Its source becomes the address of the device out.
    Masquerade(NatTo),
    /// Its source becomes another.
    Snat(NatTo),
    /// Its destination becomes another.
    Dnat(NatTo),
    /// Its destination becomes this host.
    Redirect(NatTo),
    /// Its mark becomes `(mark & !mask) ^ value`.
    Mark {
        /// What is xored in.
        value: u32,
        /// What is cleared first.
        mask: u32,
    },
    /// The mark of its connection.
    ConnMark(ConnMark),
    /// It is written to the kernel's log.
    Log(Log),
    /// Its connection is not followed; by the old name `NOTRACK` or not.
    NoTrack {
        /// Written as `NOTRACK`.
        old_name: bool,
    },
    /// Its time to live is changed.
    Ttl(TtlChange),
    /// The largest segment of TCP is lowered; nothing follows the mtu of the way.
    TcpMss(Option<u16>),
    /// It is followed through the tables, which shows nothing here.
    Trace,
    /// Its checksum is filled in, which it is here already.
    Checksum,
}

/// Packets and bytes that a rule or a policy has met.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counters {
    /// Packets.
    pub packets: u64,
    /// Bytes from the IP header on.
    pub bytes: u64,
}

/// One rule without its counters.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Rule {
    /// Of which tables it is.
    pub family: Family,
    /// The source.
    pub src: Option<Maybe<Net>>,
    /// The destination.
    pub dst: Option<Maybe<Net>>,
    /// The device in; `+` at the end stands for anything.
    pub iif: Option<Maybe<String>>,
    /// The device out; `+` at the end stands for anything.
    pub oif: Option<Maybe<String>>,
    /// The protocol.
    pub protocol: Option<Maybe<u8>>,
    /// Whether it is a fragment but the first (`-f`).
    pub fragment: Option<Maybe<()>>,
    /// What else is asked, in order.
    pub matches: Vec<Match>,
    /// What is done; nothing only counts.
    pub target: Option<Target>,
}

impl Rule {
    /// A rule that all packets match and that only counts.
    pub fn new(family: Family) -> Self {
        Self {
            family,
            src: None,
            dst: None,
            iif: None,
            oif: None,
            protocol: None,
            fragment: None,
            matches: Vec::new(),
            target: None,
        }
    }

    /// The chain that it goes on in.
    pub fn chain(&self) -> Option<&str> {
        match &self.target {
            Some(Target::Jump(name) | Target::Goto(name)) => Some(name),
            _ => None,
        }
    }

    /// Whether connections have to be followed for it (`nf_ct_netns_get`).
    pub fn needs_conntrack(&self) -> bool {
        let by_match = |found: &Match| {
            matches!(
                found,
                Match::Conntrack(_) | Match::State(_) | Match::ConnMark(_)
            )
        };
        let by_target = matches!(
            self.target,
            Some(
                Target::Masquerade(_)
                    | Target::Snat(_)
                    | Target::Dnat(_)
                    | Target::Redirect(_)
                    | Target::ConnMark(_)
                    | Target::NoTrack { old_name: false }
            )
        );
        by_target || self.matches.iter().any(by_match)
    }
}

/// The protocols of `/etc/protocols` that have a name here.
pub const PROTOCOLS: &[(&str, u8)] = &[
    ("icmp", 1),
    ("igmp", 2),
    ("ggp", 3),
    ("ipencap", 4),
    ("tcp", 6),
    ("egp", 8),
    ("udp", 17),
    ("ipv6", 41),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("ipv6-icmp", 58),
    ("ospf", 89),
    ("pim", 103),
    ("vrrp", 112),
    ("l2tp", 115),
    ("sctp", 132),
    ("mobility-header", 135),
    ("udplite", 136),
];

/// The name of a protocol.
pub fn protocol_name(number: u8) -> Option<&'static str> {
    let found = PROTOCOLS.iter().find(|(_, known)| *known == number);
    found.map(|(name, _)| *name)
}
