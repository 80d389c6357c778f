//! The matches of `iptables` and their options (the `libxt_*` and `libipt_*` extensions).
//! What they mean for a packet is in `eval`.

use std::net::IpAddr;

use crate::netns::filter::rule::{
    ADDR_TYPES, CtMatch, Family, HopLimit, IcmpType, Match, Maybe, Physdev, Ports, PortsOf, Range,
    TcpMatch, number as addr_number, state, status,
};
use crate::netns::filter::words::builder::Words;
use crate::netns::filter::words::options::{Opt, flag, value};
use crate::netns::filter::words::{WordsError, address, number};
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
    "connlimit",
    "cpu",
    "dccp",
    "devgroup",
    "dst",
    "ecn",
    "esp",
    "eui64",
    "frag",
    "hashlimit",
    "hbh",
    "helper",
    "ipcomp",
    "ipv6header",
    "ipvs",
    "mh",
    "nfacct",
    "osf",
    "owner",
    "policy",
    "quota",
    "rateest",
    "realm",
    "recent",
    "rpfilter",
    "rt",
    "set",
    "socket",
    "srh",
    "string",
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

    /// Takes one option; `words` gives a second word, where one is needed.
    pub(super) fn read(
        &mut self,
        family: Family,
        protocol: Option<Maybe<u8>>,
        option: &'static str,
        text: &str,
        words: &mut Words<'_, '_>,
        not: bool,
    ) -> Result<(), WordsError> {
        let name = self.name;
        let option = match option {
            "source-port" => "sport",
            "destination-port" => "dport",
            "source-ports" => "sports",
            "destination-ports" => "dports",
            option => option,
        };
        if self.given.contains(&option) {
            return Err(WordsError::problem(format_args!(
                "{name}: option \"--{option}\" can be used only once.\n"
            )));
        }
        self.given.push(option);
        let cannot_turn = || {
            WordsError::problem(format_args!(
                "{name}: option \"--{option}\" cannot be inverted.\n"
            ))
        };
        match &mut self.what {
            Match::Tcp(tcp) => read_tcp(tcp, option, text, words, not),
            Match::Udp(ports) => read_ports(ports, option, text, 17, not),
            Match::Sctp(ports) => read_ports(ports, option, text, 132, not),
            Match::Icmp(kind) => {
                *kind = Maybe {
                    not,
                    value: icmp_type(family, text)?,
                };
                Ok(())
            }
            Match::Conntrack(ct) => read_conntrack(family, ct, option, text, not),
            Match::State(states) => {
                *states = Maybe {
                    not,
                    value: states_of(text, false)
                        .ok_or_else(|| WordsError::problem(format_args!("Bad state \"{text}\"")))?,
                };
                Ok(())
            }
            Match::AddrType {
                source,
                destination,
                limit_in,
                limit_out,
            } => {
                match option {
                    "src-type" => {
                        *source = Some(Maybe {
                            not,
                            value: addr_types(text)?,
                        })
                    }
                    "dst-type" => {
                        *destination = Some(Maybe {
                            not,
                            value: addr_types(text)?,
                        })
                    }
                    "limit-iface-in" => *limit_in = true,
                    _ => *limit_out = true,
                }
                Ok(())
            }
            Match::Mark(mark) | Match::ConnMark(mark) => {
                *mark = Maybe {
                    not,
                    value: masked(text).ok_or_else(|| {
                        WordsError::problem(format_args!(
                            "{name}: bad integer value for option \"--mark\", or out of range.\n"
                        ))
                    })?,
                };
                Ok(())
            }
            Match::Comment(_) if not => Err(cannot_turn()),
            Match::Comment(comment) => {
                if text.len() > 255 {
                    return Err(WordsError::problem(
                        "comment: Argument passed to --comment is too long (max 255)",
                    ));
                }
                text.clone_into(comment);
                Ok(())
            }
            Match::Multiport { of, ports } => {
                let protocol = multiport_protocol(protocol)?;
                *of = match option {
                    "sports" => PortsOf::Source,
                    "dports" => PortsOf::Destination,
                    _ => PortsOf::Either,
                };
                let list = text
                    .split(',')
                    .map(|one| address::ports(one, protocol))
                    .collect::<Result<Vec<_>, _>>()?;
                let slots: usize = list
                    .iter()
                    .map(|range| 1 + usize::from(range.first != range.last))
                    .sum();
                if slots > 15 {
                    return Err(WordsError::problem("too many ports specified"));
                }
                *ports = Maybe { not, value: list };
                Ok(())
            }
            Match::Limit { .. } if not => Err(cannot_turn()),
            Match::Limit { period, burst } => {
                match option {
                    "limit" => *period = rate(text)?,
                    _ => {
                        let parsed = number(text, 10_000).ok_or_else(|| {
                            WordsError::problem(format_args!(
                                "limit: bad value for option \"--limit-burst\", or out of range (0-10000).\n"
                            ))
                        })?;
                        *burst = parsed as u32;
                    }
                }
                Ok(())
            }
            Match::Mac(mac) => {
                let value = text
                    .parse()
                    .map_err(|_| WordsError::problem("Invalid MAC address specified."))?;
                *mac = Maybe { not, value };
                Ok(())
            }
            Match::Physdev(physdev) => {
                let device = || {
                    Some(Maybe {
                        not,
                        value: text.to_owned(),
                    })
                };
                match option {
                    "physdev-in" => physdev.iif = device(),
                    "physdev-out" => physdev.oif = device(),
                    "physdev-is-in" => physdev.is_in = Some(!not),
                    "physdev-is-out" => physdev.is_out = Some(!not),
                    _ => physdev.is_bridged = Some(!not),
                }
                Ok(())
            }
            Match::Length(range) => {
                let bad = || {
                    WordsError::problem(format_args!(
                        "length: bad value for option \"--length\", or out of range (0-65535).\n"
                    ))
                };
                let (first, last) = text.split_once(':').unwrap_or((text, text));
                let one = |text: &str, open: u16| match text {
                    "" => Some(open),
                    text => u16::try_from(number(text, 65_535)?).ok(),
                };
                *range = Maybe {
                    not,
                    value: Range {
                        first: one(first, 0).ok_or_else(bad)?,
                        last: one(last, 65_535).ok_or_else(bad)?,
                    },
                };
                Ok(())
            }
            Match::Ttl(how, limit) => {
                *limit = number(text, 255).ok_or_else(|| {
                    WordsError::problem(format_args!(
                        "{name}: bad value for option \"--{option}\", or out of range (0-255).\n"
                    ))
                })? as u8;
                *how = match option {
                    "ttl-lt" | "hl-lt" => HopLimit::Lt,
                    "ttl-gt" | "hl-gt" => HopLimit::Gt,
                    _ if not => HopLimit::Ne,
                    _ => HopLimit::Eq,
                };
                Ok(())
            }
            Match::PktType(kind) => {
                let value = match text.to_ascii_lowercase().as_str() {
                    "unicast" | "to-us" => 0,
                    "broadcast" => 1,
                    "multicast" => 2,
                    _ => {
                        return Err(WordsError::problem(format_args!(
                            "Bad packet type '{text}'"
                        )));
                    }
                };
                *kind = Maybe { not, value };
                Ok(())
            }
            Match::IpRange {
                source,
                destination,
            } => {
                let (first, last) = text.split_once('-').unwrap_or((text, text));
                let one = |text: &str| {
                    address::address(family, text)
                        .map(addr_number)
                        .ok_or_else(|| {
                            WordsError::problem(format_args!(
                                "iprange: Bad value for \"--{option}\" option: \"{text}\""
                            ))
                        })
                };
                let range = Some(Maybe {
                    not,
                    value: (one(first)?, one(last)?),
                });
                match option {
                    "src-range" => *source = range,
                    _ => *destination = range,
                }
                Ok(())
            }
            Match::Nth(_) | Match::Random(_) => self.read_statistic(option, text, not),
            Match::Tos(tos) => {
                let (value, mask) = text.split_once('/').unwrap_or((text, "0xff"));
                let both = (number(value, 255), number(mask, 255));
                let (Some(value), Some(mask)) = both else {
                    return Err(WordsError::problem(format_args!(
                        "Symbolic name \"{text}\" is unknown"
                    )));
                };
                *tos = Maybe {
                    not,
                    value: (value as u8, mask as u8),
                };
                Ok(())
            }
            Match::Dscp(dscp) => {
                let value = match option {
                    "dscp" => number(text, 63),
                    _ => dscp_class(text),
                };
                let value = value.ok_or_else(|| {
                    WordsError::problem(format_args!("Invalid DSCP value `{text}'\n"))
                })?;
                *dscp = Maybe {
                    not,
                    value: value as u8,
                };
                Ok(())
            }
        }
    }

    fn read_statistic(&mut self, option: &str, text: &str, not: bool) -> Result<(), WordsError> {
        let bad = || {
            WordsError::problem(format_args!(
                "statistic: bad value for option \"--{option}\", or out of range.\n"
            ))
        };
        let whole = || {
            number(text, u32::MAX.into())
                .map(|value| value as u32)
                .ok_or_else(bad)
        };
        match (option, &mut self.what) {
            ("mode", what) => {
                *what = match text {
                    "random" => Match::Random(Maybe::is(0)),
                    "nth" => Match::Nth(Maybe::is((0, 0))),
                    _ => return Err(WordsError::problem(format_args!("Bad mode \"{text}\""))),
                };
            }
            ("every", Match::Nth(nth)) => (nth.not, nth.value.0) = (not, whole()?),
            ("packet", Match::Nth(nth)) => nth.value.1 = whole()?,
            ("probability", Match::Random(share)) => {
                *share = Maybe {
                    not,
                    value: probability(text).ok_or_else(bad)?,
                };
            }
            _ => return Err(bad()),
        }
        Ok(())
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
                multiport_protocol(protocol)?;
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
            Match::Nth(_) if !given("mode") => Err(must("mode")),
            Match::Nth(_) if !given("every") => Err(must("every")),
            Match::Random(_) if !given("probability") => Err(must("probability")),
            Match::Tos(_) if self.given.is_empty() => Err(must("tos")),
            Match::Dscp(_) if self.given.is_empty() => Err(must("dscp")),
            _ => Ok(self.what),
        }
    }
}

fn read_ports(
    ports: &mut Ports,
    option: &str,
    text: &str,
    protocol: u8,
    not: bool,
) -> Result<(), WordsError> {
    let range = Some(Maybe {
        not,
        value: address::ports(text, protocol)?,
    });
    match option {
        "sport" => ports.source = range,
        _ => ports.destination = range,
    }
    Ok(())
}

fn read_tcp(
    tcp: &mut TcpMatch,
    option: &str,
    text: &str,
    words: &mut Words<'_, '_>,
    not: bool,
) -> Result<(), WordsError> {
    match option {
        "syn" => {
            tcp.flags = Some(Maybe {
                not,
                value: (0x17, 0x02),
            })
        }
        "tcp-flags" => {
            let set = words
                .next()
                .filter(|word| !word.starts_with(['-', '!']))
                .ok_or_else(|| WordsError::problem("--tcp-flags requires two args."))?;
            let value = (tcp_flags(text)?, tcp_flags(set)?);
            tcp.flags = Some(Maybe { not, value });
        }
        "tcp-option" => {
            let value = number(text, 255)
                .filter(|&value| value > 0)
                .ok_or_else(|| WordsError::problem(format_args!("Bad TCP option \"{text}\"")))?;
            tcp.option = Some(Maybe {
                not,
                value: value as u8,
            });
        }
        _ => read_ports(&mut tcp.ports, option, text, 6, not)?,
    }
    Ok(())
}

fn tcp_flags(text: &str) -> Result<u8, WordsError> {
    text.split(',').try_fold(0, |flags, name| {
        let bits = match name.to_ascii_uppercase().as_str() {
            "FIN" => 1,
            "SYN" => 2,
            "RST" => 4,
            "PSH" => 8,
            "ACK" => 16,
            "URG" => 32,
            "ALL" => 63,
            "NONE" => 0,
            _ => {
                return Err(WordsError::problem(format_args!(
                    "Unknown TCP flag `{name}'"
                )));
            }
        };
        Ok(flags | bits)
    })
}

fn multiport_protocol(protocol: Option<Maybe<u8>>) -> Result<u8, WordsError> {
    match protocol {
        Some(Maybe { not: true, .. }) => Err(WordsError::problem(
            "multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP",
        )),
        Some(Maybe { value, .. }) if matches!(value, 6 | 17 | 33 | 132 | 136) => Ok(value),
        Some(_) => Err(WordsError::problem(
            "multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP",
        )),
        None => Err(WordsError::problem(
            "multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'",
        )),
    }
}

fn read_conntrack(
    family: Family,
    ct: &mut CtMatch,
    option: &str,
    text: &str,
    not: bool,
) -> Result<(), WordsError> {
    let place = |names: [&str; 4]| names.iter().position(|name| *name == option);
    if let Some(at) = place(["ctorigsrc", "ctorigdst", "ctreplsrc", "ctrepldst"]) {
        let value = address::network(family, text)?;
        ct.addrs[at] = Some(Maybe { not, value });
        return Ok(());
    }
    let names = [
        "ctorigsrcport",
        "ctorigdstport",
        "ctreplsrcport",
        "ctrepldstport",
    ];
    if let Some(at) = place(names) {
        let value = address::ports(text, 6)?;
        ct.ports[at] = Some(Maybe { not, value });
        return Ok(());
    }
    let bad = || WordsError::problem(format_args!("Bad {option} \"{text}\""));
    match option {
        "ctstate" => {
            let value = states_of(text, true).ok_or_else(bad)?;
            ct.state = Some(Maybe { not, value });
        }
        "ctproto" => {
            let value = address::protocol(text)?.ok_or_else(bad)?;
            ct.proto = Some(Maybe { not, value });
        }
        "ctstatus" => {
            let value = text.split(',').try_fold(0, |bits, name| {
                let name = name.to_ascii_uppercase();
                let found = status::NAMES.iter().find(|(known, _)| *known == name);
                let bit = found.map(|(_, bit)| *bit).or((name == "NONE").then_some(0));
                bit.map(|bit| bits | bit)
            });
            ct.status = Some(Maybe {
                not,
                value: value.ok_or_else(bad)?,
            });
        }
        "ctexpire" => {
            let (first, last) = text.split_once(':').unwrap_or((text, text));
            let one = |text| number(text, u32::MAX.into()).map(|value| value as u32);
            let value = one(first).zip(one(last)).ok_or_else(bad)?;
            ct.expire = Some(Maybe { not, value });
        }
        _ => {
            ct.original = Some(match text.to_ascii_uppercase().as_str() {
                "ORIGINAL" => !not,
                "REPLY" => not,
                _ => return Err(bad()),
            });
        }
    }
    Ok(())
}

/// States with commas between them, a prefix of the name being enough.
fn states_of(text: &str, with_nat: bool) -> Option<u8> {
    text.split(',').try_fold(0, |bits, name| {
        let upper = name.to_ascii_uppercase();
        let known = state::NAMES.iter().take(if with_nat { 7 } else { 5 });
        let found = known.clone().find(|(known, _)| *known == upper)?;
        Some(bits | found.1)
    })
}

fn addr_types(text: &str) -> Result<u16, WordsError> {
    text.split(',').try_fold(0, |bits, name| {
        let upper = name.to_ascii_uppercase();
        let at = ADDR_TYPES.iter().position(|known| *known == upper);
        at.map(|at| bits | 1 << at)
            .ok_or_else(|| WordsError::problem(format_args!("addrtype: bad type \"{name}\"")))
    })
}

/// A mark, with a mask behind a slash.
pub(super) fn masked(text: &str) -> Option<(u32, u32)> {
    let (value, mask) = match text.split_once('/') {
        Some((value, mask)) => (value, number(mask, u32::MAX.into())?),
        None => (text, u32::MAX.into()),
    };
    let value = number(value, u32::MAX.into())?;
    Some((value as u32, mask as u32))
}

/// A rate as the time for one packet, in 1/10000 s (`parse_rate` of libxt_limit).
fn rate(text: &str) -> Result<u32, WordsError> {
    let bad = || WordsError::problem(format_args!("bad rate \"{text}\"'"));
    let (count, unit) = match text.split_once('/') {
        Some((count, unit)) => (count, unit.to_ascii_lowercase()),
        None => (text, "second".to_owned()),
    };
    let begins = |whole: &str| !unit.is_empty() && whole.starts_with(&unit);
    let span = if begins("second") {
        10_000
    } else if begins("minute") {
        600_000
    } else if begins("hour") {
        36_000_000
    } else if begins("day") {
        864_000_000
    } else {
        return Err(bad());
    };
    let count = number(count, u32::MAX.into())
        .filter(|&count| count > 0)
        .ok_or_else(bad)?;
    match u64::from(span as u32) / count {
        0 => Err(WordsError::problem(format_args!(
            "Rate too fast \"{text}\""
        ))),
        period => Ok(period as u32),
    }
}

/// A decimal fraction as a share of 2^31.
fn probability(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = if whole.is_empty() {
        0
    } else {
        whole.parse::<u64>().ok()?
    };
    let digits: String = fraction.chars().take(12).collect();
    let scale = 10_u128.pow(digits.len() as u32);
    let part: u128 = if digits.is_empty() {
        0
    } else {
        digits.parse().ok()?
    };
    let shares = (u128::from(whole) << 31) + ((part << 31) + scale / 2) / scale;
    u32::try_from(shares)
        .ok()
        .filter(|&shares| shares <= 1 << 31)
}

fn dscp_class(name: &str) -> Option<u64> {
    let upper = name.to_ascii_uppercase();
    match upper.as_str() {
        "BE" => return Some(0),
        "EF" => return Some(46),
        _ => {}
    }
    if let Some(class) = upper.strip_prefix("CS") {
        return class
            .parse()
            .ok()
            .filter(|&class: &u64| class < 8)
            .map(|class| class * 8);
    }
    let mut digits = upper.strip_prefix("AF")?.chars().map(|c| c.to_digit(10));
    let (class, drop) = (digits.next()??, digits.next()??);
    Some(u64::from(class * 8 + drop * 2))
}

/// The names of the types of ICMP, with type, first and last code.
pub(super) const ICMP_NAMES: &[(&str, u8, u8, u8)] = &[
    ("any", 255, 0, 255),
    ("echo-reply", 0, 0, 255),
    ("pong", 0, 0, 255),
    ("destination-unreachable", 3, 0, 255),
    ("network-unreachable", 3, 0, 0),
    ("host-unreachable", 3, 1, 1),
    ("protocol-unreachable", 3, 2, 2),
    ("port-unreachable", 3, 3, 3),
    ("fragmentation-needed", 3, 4, 4),
    ("source-route-failed", 3, 5, 5),
    ("network-unknown", 3, 6, 6),
    ("host-unknown", 3, 7, 7),
    ("network-prohibited", 3, 9, 9),
    ("host-prohibited", 3, 10, 10),
    ("TOS-network-unreachable", 3, 11, 11),
    ("TOS-host-unreachable", 3, 12, 12),
    ("communication-prohibited", 3, 13, 13),
    ("host-precedence-violation", 3, 14, 14),
    ("precedence-cutoff", 3, 15, 15),
    ("source-quench", 4, 0, 255),
    ("redirect", 5, 0, 255),
    ("network-redirect", 5, 0, 0),
    ("host-redirect", 5, 1, 1),
    ("TOS-network-redirect", 5, 2, 2),
    ("TOS-host-redirect", 5, 3, 3),
    ("echo-request", 8, 0, 255),
    ("ping", 8, 0, 255),
    ("router-advertisement", 9, 0, 255),
    ("router-solicitation", 10, 0, 255),
    ("time-exceeded", 11, 0, 255),
    ("ttl-exceeded", 11, 0, 255),
    ("ttl-zero-during-transit", 11, 0, 0),
    ("ttl-zero-during-reassembly", 11, 1, 1),
    ("parameter-problem", 12, 0, 255),
    ("ip-header-bad", 12, 0, 0),
    ("required-option-missing", 12, 1, 1),
    ("timestamp-request", 13, 0, 255),
    ("timestamp-reply", 14, 0, 255),
    ("address-mask-request", 17, 0, 255),
    ("address-mask-reply", 18, 0, 255),
];

/// The same of ICMPv6.
pub(super) const ICMP6_NAMES: &[(&str, u8, u8, u8)] = &[
    ("destination-unreachable", 1, 0, 255),
    ("no-route", 1, 0, 0),
    ("communication-prohibited", 1, 1, 1),
    ("beyond-scope", 1, 2, 2),
    ("address-unreachable", 1, 3, 3),
    ("port-unreachable", 1, 4, 4),
    ("failed-policy", 1, 5, 5),
    ("reject-route", 1, 6, 6),
    ("packet-too-big", 2, 0, 255),
    ("time-exceeded", 3, 0, 255),
    ("ttl-exceeded", 3, 0, 255),
    ("ttl-zero-during-transit", 3, 0, 0),
    ("ttl-zero-during-reassembly", 3, 1, 1),
    ("parameter-problem", 4, 0, 255),
    ("bad-header", 4, 0, 0),
    ("unknown-header-type", 4, 1, 1),
    ("unknown-option", 4, 2, 2),
    ("echo-request", 128, 0, 255),
    ("ping", 128, 0, 255),
    ("echo-reply", 129, 0, 255),
    ("pong", 129, 0, 255),
    ("mld-listener-query", 130, 0, 255),
    ("mld-listener-report", 131, 0, 255),
    ("mld-listener-done", 132, 0, 255),
    ("mld-listener-reduction", 132, 0, 255),
    ("router-solicitation", 133, 0, 255),
    ("router-advertisement", 134, 0, 255),
    ("neighbour-solicitation", 135, 0, 255),
    ("neighbor-solicitation", 135, 0, 255),
    ("neighbour-advertisement", 136, 0, 255),
    ("neighbor-advertisement", 136, 0, 255),
    ("redirect", 137, 0, 255),
];

fn icmp_type(family: Family, text: &str) -> Result<IcmpType, WordsError> {
    let (names, title) = match family {
        Family::V4 => (ICMP_NAMES, "ICMP"),
        Family::V6 => (ICMP6_NAMES, "ICMPv6"),
    };
    let lower = text.to_ascii_lowercase();
    let exact = names
        .iter()
        .find(|(name, ..)| name.to_ascii_lowercase() == lower);
    let mut begun = names
        .iter()
        .filter(|(name, ..)| !lower.is_empty() && name.to_ascii_lowercase().starts_with(&lower));
    let found = match (exact, begun.next(), begun.next()) {
        (Some(exact), ..) => Some(exact),
        (None, Some(first), Some(second)) => {
            return Err(WordsError::problem(format_args!(
                "Ambiguous {title} type `{text}': `{}' or `{}'?",
                first.0, second.0
            )));
        }
        (None, first, _) => first,
    };
    if let Some(&(_, kind, first, last)) = found {
        return Ok(IcmpType {
            kind,
            codes: (first, last),
        });
    }
    let (kind, code) = match text.split_once('/') {
        Some((kind, code)) => (kind, Some(code)),
        None => (text, None),
    };
    let unknown = || WordsError::problem(format_args!("Unknown {title} type `{text}'"));
    let kind = number(kind, 255).ok_or_else(unknown)? as u8;
    let codes = match code {
        None => (0, 255),
        Some(code) => {
            let code = number(code, 255).ok_or_else(unknown)? as u8;
            (code, code)
        }
    };
    Ok(IcmpType { kind, codes })
}

/// Whether an address can stand in a rule of a family.
pub(super) fn is_of(family: Family, addr: IpAddr) -> bool {
    matches!(
        (family, addr),
        (Family::V4, IpAddr::V4(_)) | (Family::V6, IpAddr::V6(_))
    )
}
