//! The type of a device and its options: which reader reads them.
//! Types that Linux has and the simulator has not are told from words that are no type.

use crate::kernel::netlink::{
    BridgeOptions, BridgePortOptions, IpvlanOptions, LinkKind, NlError, VethPeer, VxlanOptions,
};
use crate::tool::Failure;
use crate::tool::ip::args::{Args, Family, duplicate, matches};
use crate::tool::ip::help;
use crate::tool::ip::lookup::Lookup;
use crate::units::Errno;

use super::parse::{Verb, garbage_instead, parse as parse_words};
use super::{bridge, ipvlan, macvlan, port, vlan, vxlan};

/// A type with its options.
pub enum Kind {
    /// A device's type.
    Link(LinkKind),
    /// `bridge_slave`: what a port of a bridge has.
    Port(Box<BridgePortOptions>),
    /// A type that Linux has and the simulator has not.
    Known(String),
    /// No type at all.
    Unknown,
}

/// What was read, and what is to be said on standard error.
pub struct Read {
    /// The type with its options.
    pub kind: Kind,
    /// Warnings.
    pub said: String,
}

impl Kind {
    /// Why a device of this type cannot be made: a name that is taken comes first.
    pub fn refusal(&self, exists: bool) -> Failure {
        match self {
            _ if exists => NlError::from(Errno::Eexist).into(),
            Self::Known(name) => Failure::not_simulated(format_args!("a device of type {name}")),
            Self::Link(_) | Self::Port(_) | Self::Unknown => {
                NlError::with_text(Errno::Eopnotsupp, "Unknown device type").into()
            }
        }
    }
}

/// Types that Linux has, of which devices are not simulated; iproute2 knows options of these.
const KNOWN: &[&str] = &[
    "amt",
    "bareudp",
    "bond",
    "bond_slave",
    "erspan",
    "geneve",
    "gre",
    "gretap",
    "gtp",
    "ip6erspan",
    "ip6gre",
    "ip6gretap",
    "ip6tnl",
    "ipip",
    "ipoib",
    "macsec",
    "rmnet",
    "sit",
    "vrf",
    "vti",
    "vxcan",
    "wwan",
    "xfrm",
];

/// The same, without options.
const PLAIN: &[&str] = &[
    "dsa",
    "ifb",
    "netdevsim",
    "nlmon",
    "team",
    "team_slave",
    "vcan",
    "virt_wifi",
];

/// Reads the words after a type.
///
/// # Errors
/// The words and statuses of iproute2.
pub fn parse<S: AsRef<str>>(
    kind: &str,
    args: &mut Args<'_, S>,
    verb: Verb,
    family: Family,
    lookup: &dyn Lookup,
) -> Result<Read, Failure> {
    let mut said = String::new();
    let kind = match kind {
        "veth" => Kind::Link(LinkKind::Veth(veth(args, lookup)?)),
        "bridge" if args.is_empty() => {
            Kind::Link(LinkKind::Bridge(Box::<BridgeOptions>::default()))
        }
        "bridge" => Kind::Link(LinkKind::Bridge(Box::new(bridge::parse(args)?))),
        "bridge_slave" => Kind::Port(Box::new(port::parse(args, lookup)?)),
        "vxlan" if args.is_empty() => Kind::Link(LinkKind::Vxlan(Box::<VxlanOptions>::default())),
        "vxlan" => {
            let create = verb == Verb::Create;
            let (options, warning) = vxlan::parse(args, create, family, lookup)?;
            said = warning;
            Kind::Link(LinkKind::Vxlan(Box::new(options)))
        }
        "vlan" => Kind::Link(LinkKind::Vlan(Box::new(vlan::parse(args)?))),
        "macvlan" => Kind::Link(LinkKind::Macvlan(macvlan::parse(args, kind)?)),
        "ipvlan" if args.is_empty() => Kind::Link(LinkKind::Ipvlan(IpvlanOptions::default())),
        "ipvlan" => Kind::Link(LinkKind::Ipvlan(ipvlan::parse(args, kind)?)),
        "macvtap" => {
            macvlan::parse(args, kind)?;
            Kind::Known(kind.to_owned())
        }
        "ipvtap" => {
            ipvlan::parse(args, kind)?;
            Kind::Known(kind.to_owned())
        }
        known if KNOWN.contains(&known) => Kind::Known(known.to_owned()),
        other => {
            plain(args)?;
            match other {
                "dummy" => Kind::Link(LinkKind::Dummy),
                other if PLAIN.contains(&other) => Kind::Known(other.to_owned()),
                _ => Kind::Unknown,
            }
        }
    };
    Ok(Read { kind, said })
}

/// A type without options of its own.
fn plain<S: AsRef<str>>(args: &mut Args<'_, S>) -> Result<(), Failure> {
    match args.take() {
        None => Ok(()),
        Some(word) if matches(word, "help") => Err(help::link()),
        Some(word) => Err(garbage_instead(1, word)),
    }
}

const VETH: &str = "Usage: ip link <options> type veth [peer <options>]\n\
    To get <options> type 'ip link add help'\n";

/// `peer` and the words of the other end.
fn veth<S: AsRef<str>>(
    args: &mut Args<'_, S>,
    lookup: &dyn Lookup,
) -> Result<Option<Box<VethPeer>>, Failure> {
    match args.take() {
        None => return Ok(None),
        Some("peer") => {}
        Some(_) => {
            return Err(Failure {
                stderr: VETH.to_owned(),
                status: 1,
            });
        }
    }
    let (words, kind) = parse_words(args, Verb::Create, lookup)?;
    if let Some(kind) = kind {
        return Err(duplicate("type", kind));
    }
    Ok(Some(Box::new(VethPeer {
        ifindex: words.index,
        attributes: words.attributes()?,
        tx_queues: words.tx_queues,
        rx_queues: words.rx_queues,
    })))
}

/// The help of a type.
pub fn usage(kind: &str) -> Option<String> {
    Some(match kind {
        "veth" => VETH.to_owned(),
        "bridge" => bridge::usage(),
        "bridge_slave" => port::usage(),
        "vxlan" => vxlan::usage(),
        "vlan" => vlan::usage(),
        "macvlan" | "macvtap" => macvlan::usage(kind),
        "ipvlan" | "ipvtap" => ipvlan::usage(kind),
        _ => return None,
    })
}
