//! `ip rule show` and `flush`: which rules are meant.
//! How they look is in `show`.

use std::net::IpAddr;

use ipnet::IpNet;

use super::modify::{device, fwmark, ip_protocol, ports, preference, tos, tunnel, uids};
use crate::netns::fib::{Range, RuleInfo};
use crate::tool::Failure;
use crate::tool::ip::args::{Args, Family, Prefix, invalid, matches, prefix};
use crate::tool::ip::names::{PROTOCOLS, TABLES};
use crate::units::IfName;

/// What is done with the rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// They are shown.
    List,
    /// They are deleted.
    Flush,
}

/// Which rules are meant; what is not said is any.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RuleFilter {
    priority: Option<u32>,
    invert: bool,
    tos: Option<u8>,
    mark: u32,
    mask: u32,
    iif: Option<IfName>,
    oif: Option<IfName>,
    l3mdev: bool,
    uids: Option<Range<u32>>,
    tun_id: u64,
    table: u32,
    src: Option<Prefix>,
    dst: Option<Prefix>,
    /// Only a flush looks at it.
    protocol: Option<u8>,
    ip_proto: u8,
    sport: Option<Range<u16>>,
    dport: Option<Range<u16>>,
}

impl RuleFilter {
    /// Whether a rule is meant (`filter_nlmsg` of iprule.c).
    pub fn passes(&self, info: &RuleInfo) -> bool {
        let rule = &info.rule;
        fn same<T: PartialEq>(asked: Option<T>, own: Option<T>) -> bool {
            asked.is_none() || asked == own
        }
        let ports =
            |asked: Option<Range<u16>>, own| asked.is_none_or(|(low, _)| low == 0) || asked == own;
        same(self.priority, Some(rule.priority.unwrap_or(0)))
            && (!self.invert || rule.invert)
            && inside(self.src, rule.src)
            && inside(self.dst, rule.dst)
            && same(self.tos, Some(rule.tos))
            && (self.mark == 0 || rule.mark == Some(self.mark))
            && (self.mask == 0 || rule.mark_mask == Some(self.mask))
            && same(self.iif, rule.iif)
            && same(self.oif, rule.oif)
            && (!self.l3mdev || rule.l3mdev)
            && same(self.uids, rule.uids)
            && (self.ip_proto == 0 || self.ip_proto == rule.ip_proto)
            && ports(self.sport, rule.sport)
            && ports(self.dport, rule.dport)
            && (self.tun_id == 0 || self.tun_id == rule.tun_id)
            && (self.table == 0 || self.table == rule.table)
    }

    /// Whether a flush takes it: not those of priority 0.
    pub fn may_be_flushed(&self, info: &RuleInfo) -> bool {
        info.rule.priority.unwrap_or(0) != 0
            && self.protocol.is_none_or(|id| id == info.rule.protocol)
    }

    fn word(&mut self, word: &str, args: &mut Args<'_>, family: Family) -> Result<(), Failure> {
        match word {
            "not" => self.invert = true,
            "tos" | "dsfield" => self.tos = Some(tos(args.required()?)?),
            "fwmark" => {
                let (mark, mask) = fwmark(args.required()?)?;
                (self.mark, self.mask) = (mark.unwrap_or(0), mask.unwrap_or(0));
            }
            "dev" | "iif" => self.iif = Some(device(args.required()?, "\"iif\"/\"dev\"")?),
            "oif" => self.oif = Some(device(args.required()?, "\"oif\"")?),
            "l3mdev" => self.l3mdev = true,
            "uidrange" => self.uids = Some(uids(args.required()?)?),
            "ipproto" => self.ip_proto = ip_protocol(args.required()?)?,
            "sport" => self.sport = Some(ports(args.required()?, "port")?),
            "dport" => self.dport = Some(ports(args.required()?, "dport")?),
            word => return self.abbreviation(word, args, family),
        }
        Ok(())
    }

    fn abbreviation(
        &mut self,
        word: &str,
        args: &mut Args<'_>,
        family: Family,
    ) -> Result<(), Failure> {
        let is = |full| matches(word, full);
        if is("preference") || is("order") || is("priority") {
            self.priority = Some(preference(args.required()?)?);
        } else if is("tun_id") {
            self.tun_id = tunnel(args.required()?)?;
        } else if is("lookup") || is("table") {
            let text = args.required()?;
            let wrong = || invalid("table id value is invalid\n", text);
            self.table = TABLES.number(text).ok_or_else(wrong)?;
        } else if is("from") || is("src") {
            self.src = Some(prefix(args.required()?, family)?);
        } else if is("protocol") {
            let text = args.required()?;
            let id = PROTOCOLS.number(text).and_then(|id| u8::try_from(id).ok());
            self.protocol = match (id, text) {
                (Some(id), _) => Some(id),
                (None, "all") => None,
                (None, text) => return Err(invalid("invalid \"protocol\"\n", text)),
            };
        } else {
            let text = match is("dst") || is("to") {
                true => args.required()?,
                false => word,
            };
            self.dst = Some(prefix(text, family)?);
        }
        Ok(())
    }
}

/// Whether a rule's prefix is inside the one that is asked for; one without address fits all.
fn inside(asked: Option<Prefix>, own: Option<IpNet>) -> bool {
    let Some(asked) = asked else { return true };
    let own_len = own.map_or(0, |net| net.prefix_len());
    let addr = own.map(|net| net.addr());
    let matches = |addr: IpAddr| asked.contains(addr);
    asked.len <= own_len && (asked.len == 0 || addr.is_none_or(matches))
}

/// Reads the words after `show` or `flush`.
///
/// # Errors
/// As iproute2's.
pub fn parse(mut args: Args<'_>, family: Family) -> Result<RuleFilter, Failure> {
    let family = match family {
        Family::Unspec => Family::Inet,
        family => family,
    };
    let mut filter = RuleFilter::default();
    while let Some(word) = args.take() {
        filter.word(word, &mut args, family)?;
    }
    Ok(filter)
}
