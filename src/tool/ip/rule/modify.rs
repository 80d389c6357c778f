//! `ip rule add` and `delete`: from words to a request.
//! Whether such a rule may be is the kernel's to say.

use ipnet::IpNet;

use super::help;
use crate::netns::fib::{Range, Rule, RuleAction, table};
use crate::tool::Failure;
use crate::tool::ip::args::{Args, Family, invalid, ipv4, matches, prefix};
use crate::tool::ip::lookup::is_ifname;
use crate::tool::ip::names::{
    DSFIELDS, GROUPS, PROTOCOLS, TABLES, ip_protocol_number, realms_number, type_number,
};
use crate::tool::number::{i32_in, strtoull, u32_in, u64_in};
use crate::units::IfName;

/// A rule to make or to delete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleRequest {
    /// Whether it is IPv6's.
    pub v6: bool,
    /// The rule, or what the one to delete must have.
    pub rule: Rule,
    /// What is said on standard error first.
    pub warning: String,
}

/// What has been read so far.
struct Reading {
    rule: Rule,
    family: Family,
    has_table: bool,
    warning: String,
}

/// Reads the words after `add` or `delete`.
///
/// # Errors
/// As iproute2's.
pub fn parse(mut args: Args<'_>, add: bool, family: Family) -> Result<RuleRequest, Failure> {
    if args.is_empty() {
        let command = if add { "add" } else { "del" };
        let text = format_args!("\"ip rule {command}\" requires arguments.");
        return Err(Failure::line(1, text));
    }
    let mut reading = Reading {
        rule: Rule::new(table::UNSPEC),
        family,
        has_table: false,
        warning: String::new(),
    };
    while let Some(word) = args.take() {
        reading.word(word, &mut args)?;
    }
    reading.finish(add)
}

impl Reading {
    /// Keywords that are compared whole, in iproute2's order where that matters.
    fn word(&mut self, word: &str, args: &mut Args<'_>) -> Result<(), Failure> {
        match word {
            "not" => self.rule.invert = true,
            "from" => self.rule.src = self.net(args.required()?)?,
            "to" => self.rule.dst = self.net(args.required()?)?,
            "tos" => self.rule.tos = tos(args.required()?)?,
            "fwmark" => (self.rule.mark, self.rule.mark_mask) = fwmark(args.required()?)?,
            "lookup" => self.table(args.required()?)?,
            "sup_pl" => self.suppress_prefix(args.required()?)?,
            "sup_group" => self.suppress_group(args.required()?)?,
            "dev" | "iif" => self.rule.iif = Some(device(args.required()?, "\"iif\"/\"dev\"")?),
            "oif" => self.rule.oif = Some(device(args.required()?, "\"oif\"")?),
            "l3mdev" => {
                self.rule.l3mdev = true;
                self.has_table = true;
            }
            "uidrange" => self.rule.uids = Some(uids(args.required()?)?),
            "nat" => self.nat(args.required()?)?,
            "ipproto" => self.rule.ip_proto = ip_protocol(args.required()?)?,
            "sport" => self.rule.sport = Some(ports(args.required()?, "port")?),
            "dport" => self.rule.dport = Some(ports(args.required()?, "dport")?),
            word => return self.abbreviation(word, args),
        }
        Ok(())
    }

    /// Keywords that may be abbreviated.
    fn abbreviation(&mut self, word: &str, args: &mut Args<'_>) -> Result<(), Failure> {
        let is = |full| matches(word, full);
        if is("preference") || is("order") || is("priority") {
            self.rule.priority = Some(preference(args.required()?)?);
        } else if is("dsfield") {
            self.rule.tos = tos(args.required()?)?;
        } else if is("realms") {
            let text = args.required()?;
            let wrong = || invalid("invalid realms\n", text);
            self.rule.realms = realms_number(text).ok_or_else(wrong)?;
        } else if is("protocol") {
            let text = args.required()?;
            let id = PROTOCOLS.number(text).and_then(|id| u8::try_from(id).ok());
            let wrong = || invalid("\"protocol\" value is invalid\n", text);
            self.rule.protocol = id.ok_or_else(wrong)?;
        } else if is("tun_id") {
            self.rule.tun_id = tunnel(args.required()?)?;
        } else if is("table") {
            self.table(args.required()?)?;
        } else if is("suppress_prefixlength") {
            self.suppress_prefix(args.required()?)?;
        } else if is("suppress_ifgroup") {
            self.suppress_group(args.required()?)?;
        } else if is("map-to") {
            self.nat(args.required()?)?;
        } else {
            self.action(word, args)?;
        }
        Ok(())
    }

    /// `[type] goto N`, `nop`, or a route type.
    fn action(&mut self, word: &str, args: &mut Args<'_>) -> Result<(), Failure> {
        let word = match word {
            "type" => args.required()?,
            word => word,
        };
        let is = |full| matches(word, full);
        self.rule.action = if is("help") {
            return Err(help::usage());
        } else if is("goto") {
            let text = args.required()?;
            let target = u32_in(text, 0).ok_or_else(|| invalid("invalid target\n", text))?;
            RuleAction::Goto(target)
        } else if is("nop") {
            RuleAction::Nop
        } else {
            let wrong = || invalid("Failed to parse rule type", word);
            action_of(type_number(word).ok_or_else(wrong)?)
        };
        self.has_table = true;
        Ok(())
    }

    fn net(&self, text: &str) -> Result<Option<IpNet>, Failure> {
        let asked = prefix(text, self.family)?;
        match asked.addr {
            Some(_) if asked.len > 0 => asked.net(asked.family).map(Some),
            _ => Ok(None),
        }
    }

    fn table(&mut self, text: &str) -> Result<(), Failure> {
        let wrong = || invalid("invalid table ID\n", text);
        self.rule.table = TABLES.number(text).ok_or_else(wrong)?;
        self.has_table = true;
        Ok(())
    }

    fn suppress_prefix(&mut self, text: &str) -> Result<(), Failure> {
        let len = i32_in(text, 0).and_then(|len| u32::try_from(len).ok());
        let wrong = || invalid("suppress_prefixlength value is invalid\n", text);
        self.rule.suppress_prefixlen = Some(len.ok_or_else(wrong)?);
        Ok(())
    }

    fn suppress_group(&mut self, text: &str) -> Result<(), Failure> {
        let wrong = || invalid("Invalid \"suppress_ifgroup\" value\n", text);
        self.rule.suppress_ifgroup = Some(GROUPS.number(text).ok_or_else(wrong)?);
        Ok(())
    }

    fn nat(&mut self, text: &str) -> Result<(), Failure> {
        self.warning += "Warning: route NAT is deprecated\n";
        ipv4(text)?;
        self.rule.action = RuleAction::Other(10);
        Ok(())
    }

    fn finish(mut self, add: bool) -> Result<RuleRequest, Failure> {
        if self.rule.l3mdev && self.rule.table != table::UNSPEC {
            // The tool returns -EINVAL to its main.
            let text = "table can not be specified for l3mdev rules";
            return Err(Failure::line(22, text));
        }
        if !self.has_table && add {
            self.rule.table = table::MAIN;
        }
        Ok(RuleRequest {
            v6: self.family == Family::Inet6,
            rule: self.rule,
            warning: self.warning,
        })
    }
}

/// The action of a route type's number (`FR_ACT_*`).
fn action_of(id: u8) -> RuleAction {
    match id {
        1 => RuleAction::ToTable,
        3 => RuleAction::Nop,
        6 => RuleAction::Blackhole,
        7 => RuleAction::Unreachable,
        8 => RuleAction::Prohibit,
        other => RuleAction::Other(other),
    }
}

pub(super) fn preference(text: &str) -> Result<u32, Failure> {
    u32_in(text, 0).ok_or_else(|| invalid("preference value is invalid\n", text))
}

pub(super) fn tos(text: &str) -> Result<u8, Failure> {
    let id = DSFIELDS.number(text).and_then(|id| u8::try_from(id).ok());
    id.ok_or_else(|| invalid("TOS value is invalid\n", text))
}

/// `MARK` or `MARK/MASK`.
pub(super) fn fwmark(text: &str) -> Result<(Option<u32>, Option<u32>), Failure> {
    let (mark, mask) = match text.split_once('/') {
        Some((mark, mask)) => (mark, Some(mask)),
        None => (text, None),
    };
    let value = u32_in(mark, 0).ok_or_else(|| invalid("fwmark value is invalid\n", mark))?;
    let mask = match mask {
        Some(mask) => {
            let wrong = || invalid("fwmask value is invalid\n", mask);
            Some(u32_in(mask, 0).ok_or_else(wrong)?)
        }
        None => None,
    };
    Ok((Some(value), mask))
}

pub(super) fn tunnel(text: &str) -> Result<u64, Failure> {
    u64_in(text, 0).ok_or_else(|| invalid("\"tun_id\" value is invalid\n", text))
}

pub(super) fn ip_protocol(text: &str) -> Result<u8, Failure> {
    let wrong = || invalid("Invalid \"ipproto\" value\n", text);
    ip_protocol_number(text).ok_or_else(wrong)
}

pub(super) fn device(text: &str, what: &str) -> Result<IfName, Failure> {
    let name = text.parse().ok().filter(|_| is_ifname(text));
    name.ok_or_else(|| invalid(format_args!("{what} not a valid ifname"), text))
}

/// `A-B` of user ids (`sscanf("%u-%u")`).
pub(super) fn uids(text: &str) -> Result<Range<u32>, Failure> {
    let wrong = || invalid("invalid UID range\n", text);
    match scan(text) {
        Some((low, Some(high))) => Ok((low as u32, high as u32)),
        _ => Err(wrong()),
    }
}

/// `A` or `A-B` of port numbers (`sscanf("%hu-%hu")`).
pub(super) fn ports(text: &str, what: &str) -> Result<Range<u16>, Failure> {
    let wrong = || invalid(format_args!("invalid {what} range\n"), text);
    let (low, high) = scan(text).ok_or_else(wrong)?;
    Ok((low as u16, high.unwrap_or(low) as u16))
}

/// One or two decimal numbers with a dash between, as `sscanf` reads them.
fn scan(text: &str) -> Option<(u64, Option<u64>)> {
    let (_, low, rest) = strtoull(text, 10)?;
    let high = rest.strip_prefix('-').and_then(|rest| strtoull(rest, 10));
    Some((low, high.map(|(_, high, _)| high)))
}
