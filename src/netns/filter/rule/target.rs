//! The targets of rules as data (the `targinfo` structures of `xt_*.h`).
//! What they do is in `eval`.

use super::value::{Family, Net, Range};

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

/// The types of service that have names (RFC 1349).
pub const TOS_NAMES: [(&str, u8); 5] = [
    ("Minimize-Delay", 0x10),
    ("Maximize-Throughput", 0x08),
    ("Maximize-Reliability", 0x04),
    ("Minimize-Cost", 0x02),
    ("Normal-Service", 0x00),
];

/// What `NFLOG` tells a listener.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Nflog {
    /// Which listeners.
    pub group: u16,
    /// What stands in front.
    pub prefix: String,
    /// How much of the packet.
    pub size: Option<u32>,
    /// How many are gathered; 0 is not said.
    pub threshold: u16,
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
    /// The network part of its address becomes another: of the source on the way out, else of the destination.
    Netmap(Net),
    /// Its type of service becomes `(tos & !mask) ^ value`.
    Tos {
        /// What is xored in.
        value: u8,
        /// What is cleared first.
        mask: u8,
    },
    /// Its code point of the differentiated services becomes another.
    Dscp(u8),
    /// It is shown to listeners of user space, of which there are none here.
    Nflog(Nflog),
    /// It is left to a listener of user space: lost, where there is none and it may not pass by.
    Nfqueue {
        /// The first queue and the last.
        queues: (u16, u16),
        /// Whether it passes where nobody listens.
        bypass: bool,
        /// Whether the queue follows from the processor.
        cpu_fanout: bool,
    },
    /// The audit system hears of it, which shows nothing here: 0 of an accepted one, 1 of a lost one, 2 of a refused one.
    Audit(u8),
}
