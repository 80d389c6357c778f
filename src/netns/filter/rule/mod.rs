//! One rule of the packet filter as plain data: what it matches and what it does.
//! How it is written is in `save`, how it is read in `words`, how it decides in `eval`.

mod amounts;
mod matches;
mod remembering;
mod target;
mod value;

pub use amounts::{Contents, HASH_MODES, HashLimit};
pub use matches::{
    ADDR_TYPES, CtMatch, HopLimit, IcmpType, Match, Physdev, Ports, PortsOf, TcpMatch, state,
    status,
};
pub use remembering::{ConnLimit, Owner, Recent, RecentDo};
pub use target::{ConnMark, Log, NatTo, Nflog, Reject, TOS_NAMES, Target, TtlChange};
pub use value::{Family, Maybe, Net, Range, number};

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
                Match::Conntrack(_) | Match::State(_) | Match::ConnMark(_) | Match::ConnLimit(_)
            )
        };
        let by_target = matches!(
            self.target,
            Some(
                Target::Masquerade(_)
                    | Target::Snat(_)
                    | Target::Dnat(_)
                    | Target::Redirect(_)
                    | Target::Netmap(_)
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
