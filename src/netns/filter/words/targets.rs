//! The targets of `iptables` and their options (the `libxt_*` and `libipt_*` extensions).
//! What they do to a packet is in `eval` and `nat`.

use crate::netns::filter::rule::{
    ConnMark, Family, Log, Maybe, NatTo, Net, Nflog, Range, Reject, Rule, Target, TtlChange,
    number as addr_number,
};
use crate::netns::filter::words::matches::masked;
use crate::netns::filter::words::options::{Opt, flag, value};
use crate::netns::filter::words::{WordsError, address, number, rewriting};

/// A target whose options are being read.
#[derive(Clone, Debug)]
pub(super) struct TargetBuild {
    family: Family,
    name: String,
    what: Target,
    given: Vec<&'static str>,
    /// The masks of `CONNMARK`.
    masks: [Option<u32>; 3],
}

const RANDOM: [Opt; 2] = [flag("random"), flag("random-fully")];

const TARGETS: &[(&str, &[Opt])] = &[
    ("REJECT", &[value("reject-with")]),
    ("MASQUERADE", &[value("to-ports"), RANDOM[0], RANDOM[1]]),
    (
        "SNAT",
        &[value("to-source"), RANDOM[0], RANDOM[1], flag("persistent")],
    ),
    (
        "DNAT",
        &[value("to-destination"), RANDOM[0], flag("persistent")],
    ),
    ("REDIRECT", &[value("to-ports"), RANDOM[0]]),
    (
        "MARK",
        &[
            value("set-xmark"),
            value("set-mark"),
            value("and-mark"),
            value("or-mark"),
            value("xor-mark"),
        ],
    ),
    (
        "CONNMARK",
        &[
            value("set-xmark"),
            value("set-mark"),
            value("and-mark"),
            value("or-mark"),
            value("xor-mark"),
            flag("save-mark"),
            flag("restore-mark"),
            value("ctmask"),
            value("nfmask"),
            value("mask"),
        ],
    ),
    (
        "LOG",
        &[
            value("log-level"),
            value("log-prefix"),
            flag("log-tcp-sequence"),
            flag("log-tcp-options"),
            flag("log-ip-options"),
            flag("log-uid"),
            flag("log-macdecode"),
        ],
    ),
    ("NOTRACK", &[]),
    ("CT", &[flag("notrack"), value("zone"), value("helper")]),
    (
        "TTL",
        &[value("ttl-set"), value("ttl-inc"), value("ttl-dec")],
    ),
    ("HL", &[value("hl-set"), value("hl-inc"), value("hl-dec")]),
    ("TCPMSS", &[value("set-mss"), flag("clamp-mss-to-pmtu")]),
    ("TRACE", &[]),
    ("CHECKSUM", &[flag("checksum-fill")]),
    ("NETMAP", &[value("to")]),
    (
        "TOS",
        &[
            value("set-tos"),
            value("and-tos"),
            value("or-tos"),
            value("xor-tos"),
        ],
    ),
    ("DSCP", &[value("set-dscp"), value("set-dscp-class")]),
    (
        "NFLOG",
        &[
            value("nflog-group"),
            value("nflog-prefix"),
            value("nflog-range"),
            value("nflog-size"),
            value("nflog-threshold"),
        ],
    ),
    (
        "NFQUEUE",
        &[
            value("queue-num"),
            value("queue-balance"),
            flag("queue-bypass"),
            flag("queue-cpu-fanout"),
        ],
    ),
    ("AUDIT", &[value("type")]),
];

/// Targets that iptables has and the simulator has not.
const NOT_SIMULATED: &[&str] = &[
    "CLASSIFY",
    "CLUSTERIP",
    "CONNSECMARK",
    "DNPT",
    "ECN",
    "HMARK",
    "IDLETIMER",
    "LED",
    "QUEUE",
    "RATEEST",
    "SECMARK",
    "SET",
    "SNPT",
    "SYNPROXY",
    "TCPOPTSTRIP",
    "TEE",
    "TPROXY",
    "ULOG",
];

/// Whether a chain of that name could not be told from a target.
pub(super) fn is_target(name: &str) -> bool {
    matches!(name, "ACCEPT" | "DROP" | "RETURN")
        || TARGETS.iter().any(|(known, _)| *known == name)
        || NOT_SIMULATED.contains(&name)
}

impl TargetBuild {
    pub(super) fn new(family: Family, name: &str, goto: bool) -> Result<Self, WordsError> {
        let mark = Target::Mark { value: 0, mask: 0 };
        let what = match name {
            _ if goto => Target::Goto(name.to_owned()),
            "ACCEPT" => Target::Accept,
            "DROP" => Target::Drop,
            "RETURN" => Target::Return,
            "REJECT" => Target::Reject(Reject::default_of(family)),
            "MASQUERADE" => Target::Masquerade(NatTo::default()),
            "SNAT" => Target::Snat(NatTo::default()),
            "DNAT" => Target::Dnat(NatTo::default()),
            "REDIRECT" => Target::Redirect(NatTo::default()),
            "MARK" => mark,
            "CONNMARK" => Target::ConnMark(ConnMark::Set { value: 0, mask: 0 }),
            "LOG" => Target::Log(Log {
                prefix: String::new(),
                level: 4,
                flags: 0,
            }),
            "NOTRACK" => Target::NoTrack { old_name: true },
            "CT" => Target::NoTrack { old_name: false },
            "TTL" if family == Family::V4 => Target::Ttl(TtlChange::Set(0)),
            "HL" if family == Family::V6 => Target::Ttl(TtlChange::Set(0)),
            "TCPMSS" => Target::TcpMss(None),
            "TRACE" => Target::Trace,
            "CHECKSUM" => Target::Checksum,
            "NETMAP" => Target::Netmap(Net { addr: 0, mask: 0 }),
            "TOS" => Target::Tos { value: 0, mask: 0 },
            "DSCP" => Target::Dscp(0),
            "NFLOG" => Target::Nflog(Nflog::default()),
            "NFQUEUE" => Target::Nfqueue {
                queues: (0, 0),
                bypass: false,
                cpu_fanout: false,
            },
            "AUDIT" => Target::Audit(0),
            name if NOT_SIMULATED.contains(&name) => {
                return Err(WordsError::not_simulated(format_args!(
                    "the target `{name}' of iptables"
                )));
            }
            chain => Target::Jump(chain.to_owned()),
        };
        Ok(Self {
            family,
            name: name.to_owned(),
            what,
            given: Vec::new(),
            masks: [None; 3],
        })
    }

    pub(super) fn options(&self) -> &'static [Opt] {
        if matches!(self.what, Target::Goto(_) | Target::Jump(_)) {
            return &[];
        }
        let found = TARGETS.iter().find(|(known, _)| *known == self.name);
        found.map_or(&[], |(_, options)| options)
    }

    pub(super) fn read(
        &mut self,
        rule: &Rule,
        option: &'static str,
        text: &str,
        not: bool,
    ) -> Result<(), WordsError> {
        let name = self.name.clone();
        if self.given.contains(&option) {
            return Err(WordsError::problem(format_args!(
                "{name}: option \"--{option}\" can be used only once.\n"
            )));
        }
        if not {
            return Err(WordsError::problem(format_args!(
                "{name}: option \"--{option}\" cannot be inverted.\n"
            )));
        }
        self.given.push(option);
        let bad = || {
            WordsError::problem(format_args!(
                "{name}: bad integer value for option \"--{option}\", or out of range.\n"
            ))
        };
        let beyond = |range: &str| {
            WordsError::problem(format_args!(
                "{name}: bad value for option \"--{option}\", or out of range ({range}).\n"
            ))
        };
        match &mut self.what {
            Target::Reject(kind) => {
                let known = Reject::names(self.family).iter();
                let named = |(name, alias, _): &&(&str, &str, Reject)| {
                    (name.starts_with(text) || alias.starts_with(text)) && !text.is_empty()
                };
                *kind = known
                    .clone()
                    .find(named)
                    .map(|(_, _, kind)| *kind)
                    .ok_or_else(|| {
                        WordsError::problem(format_args!("unknown reject type \"{text}\""))
                    })?;
                Ok(())
            }
            Target::Masquerade(to) | Target::Redirect(to) if option == "to-ports" => {
                to.ports = Some(nat_ports(text, rule.protocol)?);
                Ok(())
            }
            Target::Masquerade(to) | Target::Redirect(to) | Target::Snat(to) | Target::Dnat(to) => {
                match option {
                    "random" => to.random = true,
                    "random-fully" => to.random_fully = true,
                    "persistent" => to.persistent = true,
                    _ => {
                        let (addrs, ports) = nat_to(self.family, text, rule.protocol)?;
                        (to.addrs, to.ports) = (addrs, ports);
                    }
                }
                Ok(())
            }
            Target::Mark { value, mask } => {
                (*value, *mask) = mark_change(option, text).ok_or_else(bad)?;
                Ok(())
            }
            Target::ConnMark(_) => {
                match option {
                    "save-mark" | "restore-mark" => {}
                    "nfmask" => self.masks[0] = Some(masked(text).ok_or_else(bad)?.0),
                    "ctmask" => self.masks[1] = Some(masked(text).ok_or_else(bad)?.0),
                    "mask" => self.masks[2] = Some(masked(text).ok_or_else(bad)?.0),
                    _ => {
                        let (value, mask) = mark_change(option, text).ok_or_else(bad)?;
                        self.what = Target::ConnMark(ConnMark::Set { value, mask });
                    }
                }
                Ok(())
            }
            Target::Log(log) => read_log(log, option, text),
            Target::NoTrack { .. } if option == "notrack" => Ok(()),
            Target::NoTrack { .. } => Err(WordsError::not_simulated(format_args!(
                "the option `--{option}' of the target CT"
            ))),
            Target::Ttl(how) => {
                let least = u64::from(!option.ends_with("-set"));
                let value = number(text, 255).filter(|&value| value >= least);
                let value = value.ok_or_else(|| beyond(&format!("{least}-255")))? as u8;
                *how = match option {
                    "ttl-set" | "hl-set" => TtlChange::Set(value),
                    "ttl-inc" | "hl-inc" => TtlChange::Inc(value),
                    _ => TtlChange::Dec(value),
                };
                Ok(())
            }
            Target::TcpMss(mss) => {
                *mss = match option {
                    "set-mss" => {
                        let value = number(text, 65_515);
                        Some(value.ok_or_else(|| beyond("0-65515"))? as u16)
                    }
                    _ => None,
                };
                Ok(())
            }
            Target::Netmap(_)
            | Target::Tos { .. }
            | Target::Dscp(_)
            | Target::Nflog(_)
            | Target::Nfqueue { .. }
            | Target::Audit(_) => rewriting::read(self.family, &mut self.what, &name, option, text),
            Target::Accept
            | Target::Drop
            | Target::Return
            | Target::Jump(_)
            | Target::Goto(_)
            | Target::Trace
            | Target::Checksum => Ok(()),
        }
    }

    pub(super) fn finish(mut self, _protocol: Option<Maybe<u8>>) -> Result<Target, WordsError> {
        let name = &self.name;
        let must = |option: &str| {
            WordsError::problem(format_args!(
                "{name}: option \"--{option}\" must be specified\n"
            ))
        };
        let given = |option| self.given.contains(&option);
        match &self.what {
            Target::Snat(to) if to.addrs.is_none() && to.ports.is_none() => Err(must("to-source")),
            Target::Dnat(to) if to.addrs.is_none() && to.ports.is_none() => {
                Err(must("to-destination"))
            }
            Target::Mark { .. } if self.given.is_empty() => Err(WordsError::problem(
                "MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required",
            )),
            Target::ConnMark(_) if self.given.is_empty() => Err(WordsError::problem(
                "CONNMARK target: No operation specified",
            )),
            Target::ConnMark(_) if given("save-mark") || given("restore-mark") => {
                let both = self.masks[2];
                let nfmask = self.masks[0].or(both).unwrap_or(u32::MAX);
                let ctmask = self.masks[1].or(both).unwrap_or(u32::MAX);
                self.what = Target::ConnMark(match given("save-mark") {
                    true => ConnMark::Save { nfmask, ctmask },
                    false => ConnMark::Restore { nfmask, ctmask },
                });
                Ok(self.what)
            }
            Target::Ttl(_) if self.given.len() > 1 => {
                // In the order of the library's list, and from its end.
                let rank = |option: &&str| match option.rsplit('-').next() {
                    Some("set") => 0,
                    Some("dec") => 1,
                    _ => 2,
                };
                let first = self
                    .given
                    .iter()
                    .copied()
                    .min_by_key(rank)
                    .unwrap_or_default();
                let last = self
                    .given
                    .iter()
                    .copied()
                    .max_by_key(rank)
                    .unwrap_or_default();
                Err(WordsError::problem(format_args!(
                    "{name}: option \"--{first}\" cannot be used together with \"--{last}\".\n"
                )))
            }
            Target::Ttl(_) if self.given.is_empty() => {
                Err(WordsError::problem("TTL: You must specify an action"))
            }
            Target::Netmap(_) if self.given.is_empty() => Err(must("to")),
            Target::Tos { .. } if self.given.is_empty() => {
                Err(WordsError::problem("TOS: An action is required"))
            }
            Target::Dscp(_) if self.given.is_empty() => Err(WordsError::problem(
                "DSCP target: Parameter --set-dscp is required",
            )),
            Target::Audit(_) if self.given.is_empty() => Err(must("type")),
            Target::TcpMss(_) if self.given.is_empty() => Err(WordsError::problem(
                "TCPMSS target: At least one parameter is required",
            )),
            _ => Ok(self.what),
        }
    }
}

fn mark_change(option: &str, text: &str) -> Option<(u32, u32)> {
    let (value, mask) = masked(text)?;
    Some(match option {
        "set-xmark" => (value, mask),
        "set-mark" => (value, value | mask),
        "and-mark" => (0, !value),
        "or-mark" => (value, value),
        _ => (value, 0),
    })
}

fn read_log(log: &mut Log, option: &str, text: &str) -> Result<(), WordsError> {
    const LEVELS: [(&str, u8); 9] = [
        ("alert", 1),
        ("crit", 2),
        ("debug", 7),
        ("emerg", 0),
        ("error", 3),
        ("info", 6),
        ("notice", 5),
        ("panic", 0),
        ("warning", 4),
    ];
    match option {
        "log-level" => {
            let lower = text.to_ascii_lowercase();
            let known = LEVELS.iter().find(|(name, _)| *name == lower);
            let level = known.map(|(_, level)| *level);
            let level = level.or_else(|| number(text, 7).map(|level| level as u8));
            log.level = level.ok_or_else(|| {
                WordsError::problem(format_args!("log level \"{text}\" unknown\n"))
            })?;
        }
        "log-prefix" => {
            if text.contains('\n') {
                return Err(WordsError::problem(
                    "LOG: Newlines not allowed in --log-prefix",
                ));
            }
            // `struct xt_log_info` has 30 bytes with the end.
            log.prefix = text.chars().take(29).collect();
        }
        "log-tcp-sequence" => log.flags |= 1,
        "log-tcp-options" => log.flags |= 2,
        "log-ip-options" => log.flags |= 4,
        "log-uid" => log.flags |= 8,
        _ => log.flags |= 32,
    }
    Ok(())
}

/// Ports need a protocol that has some.
fn needs_ports(protocol: Option<Maybe<u8>>) -> Result<u8, WordsError> {
    match protocol {
        Some(one) if !one.not && matches!(one.value, 6 | 17 | 33 | 132 | 1 | 58) => Ok(one.value),
        _ => Err(WordsError::problem(
            "Need TCP, UDP, SCTP or DCCP with port specification",
        )),
    }
}

fn nat_ports(text: &str, protocol: Option<Maybe<u8>>) -> Result<Range, WordsError> {
    let protocol = needs_ports(protocol)?;
    let bad = |text: &str| WordsError::problem(format_args!("Port `{text}' not valid"));
    let numeric = |text: &str| number(text, 65_535).map(|port| port as u16);
    // A range has numbers at both ends; what is no number is one name.
    let range = match text.split_once('-') {
        Some((first, last)) => Range {
            first: numeric(first).ok_or_else(|| bad(text))?,
            last: numeric(last).ok_or_else(|| bad(last))?,
        },
        None => Range::one(address::port(text, protocol).map_err(|_| bad(text))?),
    };
    if range.first > range.last {
        let last = text.split_once('-').map_or(text, |(_, last)| last);
        return Err(WordsError::problem(format_args!(
            "Port range `{last}' funky"
        )));
    }
    Ok(range)
}

type Addrs = Option<(u128, u128)>;

/// Addresses and ports to translate to; an IPv6 address with ports has brackets.
fn nat_to(
    family: Family,
    text: &str,
    protocol: Option<Maybe<u8>>,
) -> Result<(Addrs, Option<Range>), WordsError> {
    let (addrs, ports) = match family {
        Family::V4 => match text.split_once(':') {
            Some((addrs, ports)) => (addrs, Some(ports)),
            None => (text, None),
        },
        Family::V6 => match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((addrs, rest)) => (addrs, rest.strip_prefix(':')),
            None => (text, None),
        },
    };
    let ports = match ports {
        Some(ports) => Some(nat_ports(ports, protocol)?),
        None => None,
    };
    if addrs.is_empty() {
        return Ok((None, ports));
    }
    let one = |text: &str| {
        let addr =
            address::address(family, text).filter(|addr| super::matches::is_of(family, *addr));
        addr.map(addr_number)
            .ok_or_else(|| WordsError::problem(format_args!("Bad IP address \"{text}\"")))
    };
    let (first, last) = addrs.split_once('-').unwrap_or((addrs, addrs));
    Ok((Some((one(first)?, one(last)?)), ports))
}
