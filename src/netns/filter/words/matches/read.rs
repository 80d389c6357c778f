//! The options of each match, read one by one (the `parse` functions of the extensions).
//! Which option belongs to which match is in the module above.

use super::value::{addr_types, dscp_class, masked, probability, rate};
use super::{MatchBuild, amounts, conntrack, icmp, ports, remembering};
use crate::netns::filter::rule::{
    Family, HopLimit, Match, Maybe, Physdev, Range, number as addr_number,
};
use crate::netns::filter::words::builder::Words;
use crate::netns::filter::words::{WordsError, address, number};

/// One option as it stands in the command: its name, its word, and whether `!` is before it.
#[derive(Clone, Copy)]
struct Given<'a> {
    name: &'static str,
    option: &'static str,
    text: &'a str,
    not: bool,
}

impl MatchBuild {
    /// What is said of the options that were read: a range whose ends are the wrong way round.
    pub(in crate::netns::filter::words) fn warning(&self, text: &str) -> Option<String> {
        let Match::IpRange {
            source,
            destination,
        } = &self.what
        else {
            return None;
        };
        let last = match *self.given.last()? {
            "src-range" => source,
            _ => destination,
        };
        let (first, last) = (*last)?.value;
        (first > last).then(|| format!("xt_iprange: range {text} is reversed and will never match"))
    }

    /// Takes one option; `words` gives a second word, where one is needed.
    pub(in crate::netns::filter::words) fn read(
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
        let given = Given {
            name,
            option,
            text,
            not,
        };
        match &mut self.what {
            Match::Tcp(tcp) => ports::read_tcp(tcp, option, text, words, not)?,
            Match::Udp(udp) => ports::read_ports(udp, option, text, 17, not)?,
            Match::Sctp(sctp) => ports::read_ports(sctp, option, text, 132, not)?,
            Match::Multiport { of, ports } => {
                ports::read_multiport(of, ports, option, text, protocol, not)?;
            }
            Match::Icmp(kind) => *kind = given.maybe(icmp::icmp_type(family, text)?),
            Match::Conntrack(ct) => conntrack::read_conntrack(family, ct, option, text, not)?,
            Match::State(states) => *states = given.maybe(given.states()?),
            Match::AddrType {
                source,
                destination,
                limit_in,
                limit_out,
            } => match option {
                "src-type" => *source = Some(given.maybe(addr_types(text)?)),
                "dst-type" => *destination = Some(given.maybe(addr_types(text)?)),
                "limit-iface-in" => *limit_in = true,
                _ => *limit_out = true,
            },
            Match::Mark(mark) | Match::ConnMark(mark) => *mark = given.maybe(given.mark()?),
            Match::Comment(_) | Match::Limit { .. } if not => return Err(given.cannot_turn()),
            Match::Comment(comment) => *comment = given.comment()?,
            Match::Limit { period, .. } if option == "limit" => *period = rate(text)?,
            Match::Limit { burst, .. } => {
                *burst = match given.whole(10_000, " (0-10000)")? {
                    0 => 5,
                    burst => burst,
                };
            }
            Match::Mac(mac) => {
                let bad = |_| WordsError::problem("Invalid MAC address specified.");
                *mac = given.maybe(text.parse().map_err(bad)?);
            }
            Match::Physdev(physdev) => given.physdev(physdev),
            Match::Length(range) => *range = given.maybe(given.length()?),
            Match::Ttl(how, limit) => {
                *limit = given.whole(255, " (0-255)")? as u8;
                *how = given.hop_limit();
            }
            Match::PktType(kind) => *kind = given.maybe(given.packet_type()?),
            Match::IpRange {
                source,
                destination,
            } => {
                let range = Some(given.maybe(given.addresses(family)?));
                match option {
                    "src-range" => *source = range,
                    _ => *destination = range,
                }
            }
            Match::Nth(_) | Match::Random(_) => given.statistic(&mut self.what)?,
            Match::Tos(tos) => *tos = given.maybe(given.type_of_service()?),
            Match::Dscp(dscp) => *dscp = given.maybe(given.code_point()?),
            Match::Owner(owner) => remembering::read_owner(owner, option, text, not)?,
            Match::ConnLimit(_) | Match::Recent(_) if not && !remembering::turns(option) => {
                return Err(given.cannot_turn());
            }
            Match::Contents(_) if not && !matches!(option, "string" | "hex-string") => {
                return Err(given.cannot_turn());
            }
            Match::Contents(what) => {
                amounts::read_string(what, &self.given, option, text, not)?;
            }
            Match::Quota(quota) => *quota = given.maybe(amounts::quota(text)?),
            Match::HashLimit(what) => amounts::read_hashlimit(what, option, text, not)?,
            Match::ConnLimit(limit) => {
                remembering::read_connlimit(family, limit, option, text, not)?;
            }
            Match::Recent(recent) => {
                remembering::read_recent(family, recent, option, text, not)?;
            }
        }
        Ok(())
    }
}

impl Given<'_> {
    /// A value, turned where `!` was given.
    fn maybe<T>(&self, value: T) -> Maybe<T> {
        Maybe {
            not: self.not,
            value,
        }
    }

    fn cannot_turn(&self) -> WordsError {
        let Self { name, option, .. } = self;
        WordsError::problem(format_args!(
            "{name}: option \"--{option}\" cannot be inverted.\n"
        ))
    }

    /// A number up to `most`; `range` says so in the error, and from where.
    fn whole(&self, most: u32, range: &str) -> Result<u32, WordsError> {
        let Self { name, option, .. } = self;
        let least = u32::from(range.starts_with(" (1-"));
        number(self.text, most.into())
            .map(|value| value as u32)
            .filter(|&value| value >= least)
            .ok_or_else(|| {
                WordsError::problem(format_args!(
                    "{name}: bad value for option \"--{option}\", or out of range{range}.\n"
                ))
            })
    }

    fn states(&self) -> Result<u8, WordsError> {
        let bad = || WordsError::problem(format_args!("Bad state \"{}\"", self.text));
        conntrack::states_of(self.text, false).ok_or_else(bad)
    }

    fn mark(&self) -> Result<(u32, u32), WordsError> {
        masked(self.text).ok_or_else(|| {
            WordsError::problem(format_args!(
                "{}: bad integer value for option \"--mark\", or out of range.\n",
                self.name
            ))
        })
    }

    fn comment(&self) -> Result<String, WordsError> {
        if self.text.len() > 255 {
            return Err(WordsError::problem(
                "comment: Argument passed to --comment is too long (max 255)",
            ));
        }
        Ok(self.text.to_owned())
    }

    fn physdev(&self, physdev: &mut Physdev) {
        let device = || Some(self.maybe(self.text.to_owned()));
        match self.option {
            "physdev-in" => physdev.iif = device(),
            "physdev-out" => physdev.oif = device(),
            "physdev-is-in" => physdev.is_in = Some(!self.not),
            "physdev-is-out" => physdev.is_out = Some(!self.not),
            _ => physdev.is_bridged = Some(!self.not),
        }
    }

    fn length(&self) -> Result<Range, WordsError> {
        let bad = |near: &str| {
            WordsError::problem(format_args!(
                "length: bad value for option \"--length\" near \"{near}\", or out of range (0-65535).\n"
            ))
        };
        let (first, last) = self.text.split_once(':').unwrap_or((self.text, self.text));
        let one = |text: &str, open: u16| match text {
            "" => Some(open),
            text => u16::try_from(number(text, 65_535)?).ok(),
        };
        Ok(Range {
            first: one(first, 0).ok_or_else(|| bad(self.text))?,
            last: one(last, 65_535).ok_or_else(|| bad(last))?,
        })
    }

    fn hop_limit(&self) -> HopLimit {
        match self.option {
            "ttl-lt" | "hl-lt" => HopLimit::Lt,
            "ttl-gt" | "hl-gt" => HopLimit::Gt,
            _ if self.not => HopLimit::Ne,
            _ => HopLimit::Eq,
        }
    }

    fn packet_type(&self) -> Result<u8, WordsError> {
        match self.text.to_ascii_lowercase().as_str() {
            "unicast" | "to-us" => Ok(0),
            "broadcast" => Ok(1),
            "multicast" => Ok(2),
            _ => Err(WordsError::problem(format_args!(
                "Bad packet type '{}'",
                self.text
            ))),
        }
    }

    /// A range of addresses, as numbers.
    fn addresses(&self, family: Family) -> Result<(u128, u128), WordsError> {
        let Self { option, text, .. } = *self;
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let one = |word: &str| {
            let bad = || {
                WordsError::problem(format_args!(
                    "iprange: Bad value for \"--{option}\" option: \"{word}\""
                ))
            };
            address::address(family, word)
                .map(addr_number)
                .ok_or_else(bad)
        };
        Ok((one(first)?, one(last)?))
    }

    fn statistic(&self, what: &mut Match) -> Result<(), WordsError> {
        let text = self.text;
        match (self.option, &mut *what) {
            ("mode", _) => {
                *what = match text {
                    "random" => Match::Random(Maybe::is(0)),
                    "nth" => Match::Nth(Maybe::is((0, 0))),
                    _ => return Err(WordsError::problem(format_args!("Bad mode \"{text}\""))),
                };
            }
            ("every", Match::Nth(nth)) => {
                (nth.not, nth.value.0) = (self.not, self.whole(u32::MAX, " (1-4294967295)")?);
            }
            ("packet", Match::Nth(nth)) => nth.value.1 = self.whole(u32::MAX, "")?,
            ("probability", Match::Random(share)) => {
                let value = probability(text).ok_or_else(|| self.bad_statistic())?;
                *share = self.maybe(value);
            }
            _ => return Err(self.bad_statistic()),
        }
        Ok(())
    }

    fn bad_statistic(&self) -> WordsError {
        WordsError::problem(format_args!(
            "statistic: bad value for option \"--{}\", or out of range (0-1).\n",
            self.option
        ))
    }

    fn type_of_service(&self) -> Result<(u8, u8), WordsError> {
        let (value, mask) = self.text.split_once('/').unwrap_or((self.text, "0xff"));
        match (number(value, 255), number(mask, 255)) {
            (Some(value), Some(mask)) => Ok((value as u8, mask as u8)),
            _ => Err(WordsError::problem(format_args!(
                "Symbolic name \"{}\" is unknown",
                self.text
            ))),
        }
    }

    fn code_point(&self) -> Result<u8, WordsError> {
        let value = match self.option {
            "dscp" => number(self.text, 63),
            _ => dscp_class(self.text),
        };
        value.map(|value| value as u8).ok_or_else(|| {
            WordsError::problem(format_args!("Invalid DSCP value `{}'\n", self.text))
        })
    }
}
