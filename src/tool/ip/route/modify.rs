//! `ip route add`, `change`, `replace`, `append`, `delete`: from words to a request.
//! Whether such a route may be is the kernel's to say.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use super::{help, metrics};
use crate::netns::fib::{
    NewFlags, NexthopConfig, RouteConfig, RouteType, nexthop_flags, protocol, scope, table,
};
use crate::tool::Failure;
use crate::tool::ip::args::{
    Args, Family, Prefix, address, garbage, invalid, matches, no_device, prefix,
};
use crate::tool::ip::names::{DSFIELDS, PROTOCOLS, SCOPES, TABLES, realms_number, type_number};
use crate::tool::number::{u8_in, u32_in};
use crate::units::IfIndex;

/// A route to make or to delete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RouteRequest {
    /// The route.
    pub config: RouteConfig,
    /// How it is to be made; nothing to delete it.
    pub flags: Option<NewFlags>,
}

/// What has been read so far.
struct Reading<'f> {
    config: RouteConfig,
    family: Family,
    dst: Option<Prefix>,
    dev: Option<&'f str>,
    has_via: bool,
    has_scope: bool,
    has_table: bool,
    find: &'f dyn Fn(&str) -> Option<IfIndex>,
}

/// Reads the words after `add` and the like; `find` gives the number of a device.
///
/// # Errors
/// As iproute2's.
pub fn parse(
    mut args: Args<'_>,
    flags: Option<NewFlags>,
    family: Family,
    find: &dyn Fn(&str) -> Option<IfIndex>,
) -> Result<RouteRequest, Failure> {
    let mut config = RouteConfig::new(IpNet::V4(Ipv4Net::default()));
    config.table = table::MAIN;
    if flags.is_none() {
        (config.protocol, config.scope) = (protocol::UNSPEC, scope::NOWHERE);
        config.kind = RouteType::Unspec;
    }
    let mut reading = Reading {
        config,
        family,
        dst: None,
        dev: None,
        has_via: false,
        has_scope: false,
        has_table: false,
        find,
    };
    let mut ways = None;
    while let Some(word) = args.take() {
        if word == "nexthop" {
            ways = Some(args.clone());
            break;
        }
        reading.word(word, &mut args)?;
    }
    let Some(dst) = reading.dst else {
        return Err(help::usage());
    };
    if let Some(name) = reading.dev {
        reading.config.nexthop.oif = find(name).ok_or_else(|| no_device(name))?;
    }
    if let Some(args) = ways {
        reading.config.nexthops = reading.nexthops(args)?;
    }
    reading.finish(dst, flags)
}

fn wrong(name: &str, text: &str) -> Failure {
    invalid(format_args!("\"{name}\" value is invalid\n"), text)
}

impl<'f> Reading<'f> {
    /// Reads one keyword with its value, in the order in which iproute2 compares them.
    fn word<'a: 'f>(&mut self, word: &'a str, args: &mut Args<'a>) -> Result<(), Failure> {
        match word {
            "src" => self.prefsrc(args.required()?),
            "as" => Err(Failure::not_simulated("ip route .. as")),
            "via" => self.via(word, args),
            "from" => self.from(args.required()?),
            "tos" => self.tos(args.required()?),
            "expires" => {
                let text = args.required()?;
                self.config.expires_s = Some(u32_in(text, 0).ok_or_else(|| wrong(word, text))?);
                Ok(())
            }
            "scope" => self.scope(args.required()?),
            "onlink" => {
                self.config.nexthop.flags |= nexthop_flags::ONLINK;
                Ok(())
            }
            "nhid" => nexthop_id(args.required()?),
            "dev" | "oif" => {
                self.dev = Some(args.required()?);
                Ok(())
            }
            "encap" => Err(Failure::not_simulated("ip route .. encap")),
            "ttl-propagate" => propagate(args.required()?),
            word => self.abbreviation(word, args),
        }
    }

    /// Keywords that may be abbreviated.
    fn abbreviation<'a: 'f>(&mut self, word: &'a str, args: &mut Args<'a>) -> Result<(), Failure> {
        let is = |full| matches(word, full);
        if is("dsfield") {
            return self.tos(args.required()?);
        }
        if is("metric") || is("priority") || word == "preference" {
            let text = args.required()?;
            self.config.metric = u32_in(text, 0).ok_or_else(|| wrong("metric", text))?;
            return Ok(());
        }
        if metrics::parse(word, args, &mut self.config.metrics)? {
            return Ok(());
        }
        if is("realms") {
            let text = args.required()?;
            self.config.nexthop.realms = realms_number(text).ok_or_else(|| wrong("realm", text))?;
        } else if is("protocol") {
            let text = args.required()?;
            let id = PROTOCOLS.number(text).and_then(|id| u8::try_from(id).ok());
            self.config.protocol = id.ok_or_else(|| wrong("protocol", text))?;
        } else if is("table") {
            let text = args.required()?;
            self.config.table = TABLES.number(text).ok_or_else(|| wrong("table", text))?;
            self.has_table = true;
        } else if is("vrf") {
            return Err(invalid("Invalid VRF\n", args.required()?));
        } else if is("pref") {
            self.config.pref = preference(args.required()?)?;
        } else if is("fastopen_no_cookie") {
            metrics::fastopen(args, &mut self.config.metrics)?;
        } else {
            self.destination(word, args)?;
        }
        Ok(())
    }

    /// The type and the prefix of the destination.
    fn destination<'a>(&mut self, word: &'a str, args: &mut Args<'a>) -> Result<(), Failure> {
        let mut word = match word {
            "to" => args.required()?,
            word => word,
        };
        let is_name = !word.starts_with(|c: char| c.is_ascii_digit());
        if let Some(id) = type_number(word).filter(|_| is_name) {
            self.config.kind = route_type(id)?;
            word = args.required()?;
        }
        if matches(word, "help") {
            return Err(help::usage());
        }
        if self.dst.is_some() {
            return Err(garbage("to", word));
        }
        let dst = prefix(word, self.family)?;
        self.settle(dst.family);
        self.dst = Some(dst);
        Ok(())
    }

    /// The first address decides the family.
    fn settle(&mut self, family: Family) {
        if self.family == Family::Unspec {
            self.family = family;
        }
    }

    fn prefsrc(&mut self, text: &str) -> Result<(), Failure> {
        let source = address(text, self.family)?;
        self.settle(source.family);
        // The kernel's policy refuses an attribute without an address.
        let refused = || Failure::line(2, "Error: Attribute failed policy validation.");
        self.config.prefsrc = Some(source.addr.ok_or_else(refused)?);
        Ok(())
    }

    fn via(&mut self, word: &str, args: &mut Args<'_>) -> Result<(), Failure> {
        if self.has_via {
            let why = "use nexthop syntax to specify multiple via\n";
            return Err(invalid(why, word));
        }
        self.has_via = true;
        self.config.nexthop.gateway = self.gateway(args)?;
        Ok(())
    }

    /// `[FAMILY] ADDRESS`.
    fn gateway(&mut self, args: &mut Args<'_>) -> Result<Option<IpAddr>, Failure> {
        let text = args.required()?;
        let (family, text) = match Family::named(text) {
            Some(family) => (family, args.required()?),
            None => (self.family, text),
        };
        let gateway = address(text, family)?;
        self.settle(gateway.family);
        Ok(gateway.addr)
    }

    fn from(&mut self, text: &str) -> Result<(), Failure> {
        let from = prefix(text, self.family)?;
        self.settle(from.family);
        if from.family == Family::Inet6 && from.len > 0 {
            return Err(Failure::not_simulated("ip -6 route .. from"));
        }
        Ok(())
    }

    fn tos(&mut self, text: &str) -> Result<(), Failure> {
        let id = DSFIELDS.number(text).and_then(|id| u8::try_from(id).ok());
        self.config.tos = id.ok_or_else(|| wrong("tos", text))?;
        Ok(())
    }

    fn scope(&mut self, text: &str) -> Result<(), Failure> {
        let id = SCOPES.number(text).and_then(|id| u8::try_from(id).ok());
        self.config.scope = id.ok_or_else(|| invalid("invalid \"scope\" value\n", text))?;
        self.has_scope = true;
        Ok(())
    }

    /// The ways after the first `nexthop` (`parse_nexthops`).
    fn nexthops(&mut self, mut args: Args<'_>) -> Result<Vec<NexthopConfig>, Failure> {
        let mut ways = Vec::new();
        loop {
            if args.is_empty() {
                let text = "Error: unexpected end of line after \"nexthop\"";
                return Err(Failure::line(255, text));
            }
            ways.push(self.nexthop(&mut args)?);
            match args.take() {
                None => return Ok(ways),
                Some("nexthop") => {}
                Some(word) => {
                    let text = format_args!(
                        "Error: \"nexthop\" or end of line is expected instead of \"{word}\""
                    );
                    return Err(Failure::line(255, text));
                }
            }
        }
    }

    /// One way, up to a word that is none of its (`parse_one_nh`).
    fn nexthop(&mut self, args: &mut Args<'_>) -> Result<NexthopConfig, Failure> {
        let mut way = NexthopConfig::default();
        while let Some(word) = args.peek() {
            if !is_nexthop_word(word) {
                break;
            }
            args.take();
            match word {
                "via" => way.gateway = self.gateway(args)?,
                "dev" => {
                    let name = args.required()?;
                    way.oif = (self.find)(name).ok_or_else(|| cannot_parse(name))?;
                }
                "weight" => way.weight = weight(args.required()?)?,
                "onlink" => way.flags |= nexthop_flags::ONLINK,
                "encap" | "as" => {
                    return Err(Failure::not_simulated(format_args!("nexthop .. {word}")));
                }
                _ => {
                    let text = args.required()?;
                    way.realms = realms_number(text).ok_or_else(|| wrong("realm", text))?;
                }
            }
        }
        Ok(way)
    }

    /// What follows from all that was said: destination, table and scope.
    fn finish(mut self, dst: Prefix, flags: Option<NewFlags>) -> Result<RouteRequest, Failure> {
        let family = match self.family {
            Family::Unspec => Family::Inet,
            family => family,
        };
        self.config.dst = dst.net(family)?;
        let config = &mut self.config;
        let own_table = matches!(
            config.kind,
            RouteType::Local | RouteType::Broadcast | RouteType::Nat | RouteType::Anycast
        );
        if !self.has_table && own_table {
            config.table = table::LOCAL;
        }
        if !self.has_scope {
            let gateway = self.has_via || !config.nexthops.is_empty();
            let scope = default_scope(config.kind, family, gateway, flags.is_none());
            config.scope = scope.unwrap_or(config.scope);
        }
        Ok(RouteRequest {
            config: self.config,
            flags,
        })
    }
}

fn is_nexthop_word(word: &str) -> bool {
    matches!(word, "via" | "dev" | "weight" | "onlink" | "encap" | "as") || matches(word, "realms")
}

fn cannot_parse(name: &str) -> Failure {
    let mut failure = no_device(name);
    failure.stderr += "Error: cannot parse nexthop\n";
    failure.status = 255;
    failure
}

/// The scope of a route of which none was said, where iproute2 has one for it.
fn default_scope(kind: RouteType, family: Family, gateway: bool, delete: bool) -> Option<u8> {
    if family == Family::Inet6 {
        return Some(scope::UNIVERSE);
    }
    match kind {
        RouteType::Local | RouteType::Nat => Some(scope::HOST),
        RouteType::Broadcast | RouteType::Multicast | RouteType::Anycast => Some(scope::LINK),
        RouteType::Unicast | RouteType::Unspec if delete => Some(scope::NOWHERE),
        RouteType::Unicast | RouteType::Unspec if !gateway => Some(scope::LINK),
        _ => None,
    }
}

/// The type of a number; the kernel knows those up to 11.
pub(super) fn route_type(id: u8) -> Result<RouteType, Failure> {
    const TYPES: [RouteType; 12] = [
        RouteType::Unspec,
        RouteType::Unicast,
        RouteType::Local,
        RouteType::Broadcast,
        RouteType::Anycast,
        RouteType::Multicast,
        RouteType::Blackhole,
        RouteType::Unreachable,
        RouteType::Prohibit,
        RouteType::Throw,
        RouteType::Nat,
        RouteType::Xresolve,
    ];
    let refused = || Failure::line(2, "Error: Invalid route type.");
    TYPES.get(usize::from(id)).copied().ok_or_else(refused)
}

fn weight(text: &str) -> Result<u16, Failure> {
    let value = u32_in(text, 0).filter(|weight| (1..=256).contains(weight));
    value
        .and_then(|weight| u16::try_from(weight).ok())
        .ok_or_else(|| invalid("\"weight\" is invalid\n", text))
}

fn preference(text: &str) -> Result<u8, Failure> {
    match text {
        "low" => Ok(3),
        "medium" => Ok(0),
        "high" => Ok(1),
        text => u8_in(text, 0).ok_or_else(|| wrong("pref", text)),
    }
}

fn nexthop_id(text: &str) -> Result<(), Failure> {
    match u32_in(text, 0) {
        None => Err(wrong("id", text)),
        Some(_) => Err(Failure::line(2, "Error: Nexthop id does not exist.")),
    }
}

fn propagate(text: &str) -> Result<(), Failure> {
    match matches(text, "enabled") || matches(text, "disabled") {
        true => Ok(()),
        false => Err(wrong("ttl-propagate", text)),
    }
}
