//! The matches of `iptables` and their options (the `libxt_*` and `libipt_*` extensions).
//! What they mean for a packet is in `eval`.

mod amounts;
mod conntrack;
mod icmp;
mod ports;
mod read;
mod remembering;
mod value;

pub(super) use icmp::{ICMP_NAMES, ICMP6_NAMES};
pub(super) use value::{dscp_class, is_of, masked};

use super::WordsError;
use super::options::{Opt, flag, value};
use crate::netns::filter::rule::{
    ConnLimit, CtMatch, Family, HopLimit, IcmpType, Match, Maybe, Owner, Physdev, Ports, PortsOf,
    Range, Recent, TcpMatch,
};
use crate::units::MacAddr;

/// A match whose options are being read.
#[derive(Clone, Debug)]
pub(super) struct MatchBuild {
    name: &'static str,
    what: Match,
    given: Vec<&'static str>,
}

/// Matches that iptables has and the simulator has not.
const NOT_SIMULATED: &[&str] = &[
    "ah",
    "bpf",
    "cgroup",
    "cluster",
    "connbytes",
    "connlabel",
    "cpu",
    "dccp",
    "devgroup",
    "dst",
    "ecn",
    "esp",
    "eui64",
    "frag",
    "hbh",
    "helper",
    "ipcomp",
    "ipv6header",
    "ipvs",
    "mh",
    "nfacct",
    "osf",
    "policy",
    "rateest",
    "realm",
    "rpfilter",
    "rt",
    "set",
    "socket",
    "srh",
    "tcpmss",
    "time",
    "u32",
];

const MATCHES: &[(&str, &[Opt])] = &[
    (
        "tcp",
        &[
            value("source-port"),
            value("sport"),
            value("destination-port"),
            value("dport"),
            flag("syn"),
            value("tcp-flags"),
            value("tcp-option"),
        ],
    ),
    (
        "udp",
        &[
            value("source-port"),
            value("sport"),
            value("destination-port"),
            value("dport"),
        ],
    ),
    (
        "sctp",
        &[
            value("source-port"),
            value("sport"),
            value("destination-port"),
            value("dport"),
        ],
    ),
    ("icmp", &[value("icmp-type")]),
    ("icmp6", &[value("icmpv6-type")]),
    (
        "conntrack",
        &[
            value("ctstate"),
            value("ctproto"),
            value("ctorigsrc"),
            value("ctorigdst"),
            value("ctreplsrc"),
            value("ctrepldst"),
            value("ctorigsrcport"),
            value("ctorigdstport"),
            value("ctreplsrcport"),
            value("ctrepldstport"),
            value("ctstatus"),
            value("ctexpire"),
            value("ctdir"),
        ],
    ),
    ("state", &[value("state")]),
    (
        "addrtype",
        &[
            value("src-type"),
            value("dst-type"),
            flag("limit-iface-in"),
            flag("limit-iface-out"),
        ],
    ),
    ("mark", &[value("mark")]),
    ("connmark", &[value("mark")]),
    ("comment", &[value("comment")]),
    (
        "multiport",
        &[
            value("source-ports"),
            value("sports"),
            value("destination-ports"),
            value("dports"),
            value("ports"),
        ],
    ),
    ("limit", &[value("limit"), value("limit-burst")]),
    ("mac", &[value("mac-source")]),
    (
        "physdev",
        &[
            value("physdev-in"),
            value("physdev-out"),
            flag("physdev-is-in"),
            flag("physdev-is-out"),
            flag("physdev-is-bridged"),
        ],
    ),
    ("length", &[value("length")]),
    ("ttl", &[value("ttl-eq"), value("ttl-lt"), value("ttl-gt")]),
    ("hl", &[value("hl-eq"), value("hl-lt"), value("hl-gt")]),
    ("pkttype", &[value("pkt-type")]),
    ("iprange", &[value("src-range"), value("dst-range")]),
    (
        "statistic",
        &[
            value("mode"),
            value("every"),
            value("packet"),
            value("probability"),
        ],
    ),
    ("tos", &[value("tos")]),
    ("dscp", &[value("dscp"), value("dscp-class")]),
    (
        "owner",
        &[
            value("uid-owner"),
            value("gid-owner"),
            flag("socket-exists"),
        ],
    ),
    (
        "connlimit",
        &[
            value("connlimit-above"),
            value("connlimit-upto"),
            value("connlimit-mask"),
            flag("connlimit-saddr"),
            flag("connlimit-daddr"),
        ],
    ),
    (
        "recent",
        &[
            flag("set"),
            flag("rcheck"),
            flag("update"),
            flag("remove"),
            value("seconds"),
            flag("reap"),
            value("hitcount"),
            flag("rttl"),
            value("name"),
            flag("rsource"),
            flag("rdest"),
            value("mask"),
        ],
    ),
    (
        "string",
        &[
            value("algo"),
            value("from"),
            value("to"),
            value("string"),
            value("hex-string"),
            flag("icase"),
        ],
    ),
    ("quota", &[value("quota")]),
    (
        "hashlimit",
        &[
            value("hashlimit-upto"),
            value("hashlimit-above"),
            value("hashlimit"),
            value("hashlimit-burst"),
            value("hashlimit-mode"),
            value("hashlimit-name"),
            value("hashlimit-srcmask"),
            value("hashlimit-dstmask"),
            value("hashlimit-htable-size"),
            value("hashlimit-htable-max"),
            value("hashlimit-htable-gcinterval"),
            value("hashlimit-htable-expire"),
        ],
    ),
];

/// The match of a name (`-m`).
pub(super) fn named(family: Family, name: &str) -> Result<MatchBuild, WordsError> {
    let other = match family {
        Family::V4 => ["icmp6", "hl"],
        Family::V6 => ["icmp", "ttl"],
    };
    let alias = match (name, family) {
        ("icmpv6", Family::V6) => "icmp6",
        (name, _) => name,
    };
    let known = MATCHES.iter().find(|(known, _)| *known == alias);
    if let Some(&(name, _)) = known.filter(|(known, _)| !other.contains(known)) {
        return Ok(build(name));
    }
    if NOT_SIMULATED.contains(&name) {
        return Err(WordsError::not_simulated(format_args!(
            "the match `{name}' of iptables"
        )));
    }
    Err(WordsError::problem(format_args!(
        "Couldn't load match `{name}':No such file or directory\n"
    )))
}

/// The match that a protocol brings with it.
pub(super) fn of_protocol(family: Family, protocol: u8) -> Option<MatchBuild> {
    let name = match (protocol, family) {
        (6, _) => "tcp",
        (17, _) => "udp",
        (132, _) => "sctp",
        (1, Family::V4) => "icmp",
        (58, Family::V6) => "icmp6",
        _ => return None,
    };
    Some(build(name))
}

fn build(name: &'static str) -> MatchBuild {
    let any_icmp = IcmpType {
        kind: 255,
        codes: (0, 255),
    };
    let what = match name {
        "tcp" => Match::Tcp(TcpMatch::default()),
        "udp" => Match::Udp(Ports::default()),
        "sctp" => Match::Sctp(Ports::default()),
        "icmp" | "icmp6" => Match::Icmp(Maybe::is(any_icmp)),
        "conntrack" => Match::Conntrack(CtMatch::default()),
        "state" => Match::State(Maybe::is(0)),
        "addrtype" => Match::AddrType {
            source: None,
            destination: None,
            limit_in: false,
            limit_out: false,
        },
        "mark" => Match::Mark(Maybe::is((0, 0))),
        "connmark" => Match::ConnMark(Maybe::is((0, 0))),
        "comment" => Match::Comment(String::new()),
        "multiport" => Match::Multiport {
            of: PortsOf::Either,
            ports: Maybe::is(Vec::new()),
        },
        "limit" => Match::Limit {
            period: 12_000_000,
            burst: 5,
        },
        "mac" => Match::Mac(Maybe::is(MacAddr::ZERO)),
        "physdev" => Match::Physdev(Physdev::default()),
        "length" => Match::Length(Maybe::is(Range::one(0))),
        "ttl" | "hl" => Match::Ttl(HopLimit::Eq, 0),
        "pkttype" => Match::PktType(Maybe::is(0)),
        "iprange" => Match::IpRange {
            source: None,
            destination: None,
        },
        "statistic" => Match::Nth(Maybe::is((0, 0))),
        "tos" => Match::Tos(Maybe::is((0, 0))),
        "owner" => Match::Owner(Owner::default()),
        "connlimit" => Match::ConnLimit(ConnLimit::default()),
        "recent" => Match::Recent(Recent::default()),
        "string" => Match::Contents(Box::default()),
        "quota" => Match::Quota(Maybe::is(0)),
        "hashlimit" => Match::HashLimit(Box::default()),
        _ => Match::Dscp(Maybe::is(0)),
    };
    MatchBuild {
        name,
        what,
        given: Vec::new(),
    }
}

impl MatchBuild {
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn options(&self, _family: Family) -> &'static [Opt] {
        let found = MATCHES.iter().find(|(known, _)| *known == self.name);
        found.map_or(&[], |(_, options)| options)
    }

    /// All options are read: the match, where they are enough.
    pub(super) fn finish(self, protocol: Option<Maybe<u8>>) -> Result<Match, WordsError> {
        let name = self.name;
        let must = |option: &str| {
            WordsError::problem(format_args!(
                "{name}: option \"--{option}\" must be specified\n"
            ))
        };
        let of = |number| protocol.is_some_and(|one| one.value == number && !one.not);
        let given = |option| self.given.contains(&option);
        match &self.what {
            Match::Tcp(_) if !of(6) => Err(WordsError::problem("TCP match requires '-p tcp'")),
            Match::Udp(_) if !of(17) => Err(WordsError::problem("UDP match requires '-p udp'")),
            Match::Icmp(_) if self.given.is_empty() => Err(must(match name {
                "icmp" => "icmp-type",
                _ => "icmpv6-type",
            })),
            Match::Conntrack(_) if self.given.is_empty() => Err(WordsError::problem(
                "conntrack: At least one option is required",
            )),
            Match::State(_) if self.given.is_empty() => Err(must("state")),
            Match::Mark(_) | Match::ConnMark(_) if self.given.is_empty() => Err(must("mark")),
            Match::Comment(_) if self.given.is_empty() => Err(must("comment")),
            Match::AddrType { .. } if !given("src-type") && !given("dst-type") => Err(
                WordsError::problem("addrtype: you must specify --src-type or --dst-type"),
            ),
            Match::Multiport { .. } if self.given.is_empty() => {
                Err(WordsError::problem("multiport expection an option"))
            }
            Match::Multiport { .. } => {
                ports::multiport_protocol(protocol)?;
                Ok(self.what)
            }
            Match::Mac(_) if self.given.is_empty() => Err(must("mac-source")),
            Match::Physdev(_) if self.given.is_empty() => {
                Err(WordsError::problem("PHYSDEV: no physdev option specified"))
            }
            Match::Length(_) if self.given.is_empty() => Err(must("length")),
            Match::PktType(_) if self.given.is_empty() => Err(must("pkt-type")),
            Match::Nth(_) if given("every") && !given("packet") => Err(WordsError::problem(
                "statistic: option \"--every\" also requires \"--packet\".\n",
            )),
            Match::Nth(_) if given("packet") && !given("every") => Err(WordsError::problem(
                "statistic: option \"--packet\" also requires \"--every\".\n",
            )),
            Match::Nth(nth) if given("packet") && nth.value.1 >= nth.value.0.max(1) => {
                let text = "the --packet p must be 0 <= p <= n-1";
                Err(WordsError::problem(text))
            }
            Match::Nth(_) if !given("mode") => Err(must("mode")),
            Match::Nth(_) if !given("every") => Err(must("every")),
            Match::Random(_) if !given("probability") => Err(must("probability")),
            Match::Tos(_) if self.given.is_empty() => Err(must("tos")),
            Match::Dscp(_) if self.given.is_empty() => Err(must("dscp")),
            Match::Owner(_) if self.given.is_empty() => Err(WordsError::problem(
                "owner: At least one of --uid-owner, --gid-owner or --socket-exists is required",
            )),
            Match::ConnLimit(_) if !given("connlimit-above") && !given("connlimit-upto") => {
                Err(WordsError::problem(
                    "You must specify \"--connlimit-above\" or \"--connlimit-upto\".",
                ))
            }
            Match::Contents(_) if !given("algo") => Err(must("algo")),
            Match::Contents(_) if !given("string") && !given("hex-string") => Err(
                WordsError::problem("STRING match: You must specify `--string' or `--hex-string'"),
            ),
            Match::Quota(_) if self.given.is_empty() => Err(must("quota")),
            Match::HashLimit(what) if what.above.is_none() => {
                Err(WordsError::problem("You have to specify --hashlimit"))
            }
            Match::HashLimit(what) if what.name.is_empty() => Err(must("hashlimit-name")),
            Match::Recent(recent) if recent.what.is_none() => Err(WordsError::problem(
                "recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'",
            )),
            Match::Recent(recent) if recent.reap && !given("seconds") => Err(WordsError::problem(
                "recent: option \"--reap\" also requires \"--seconds\".\n",
            )),
            _ => Ok(self.what),
        }
    }
}
