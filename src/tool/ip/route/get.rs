//! `ip route get`: from words to a lookup.
//! The answer is the kernel's, its look is in `show`.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::help;
use crate::netns::fib::RouteGet;
use crate::tool::Failure;
use crate::tool::ip::args::{Args, Family, Prefix, address, invalid, matches, no_device, prefix};
use crate::tool::ip::names::{DSFIELDS, ip_protocol_number};
use crate::tool::number::{u16_in, u32_in};
use crate::units::IfIndex;

/// What `ip route get` asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GetRequest {
    /// The lookup.
    pub asked: RouteGet,
    /// Whether it is asked again with the source that was chosen.
    pub connected: bool,
    /// What is said on standard error first.
    pub warning: String,
}

/// What has been read so far.
struct Reading<'a> {
    asked: RouteGet,
    connected: bool,
    family: Family,
    dst: Option<Prefix>,
    iif: Option<&'a str>,
    oif: Option<&'a str>,
    warning: String,
    /// Whether a new destination (`as`) was asked for, which the kernel refuses.
    has_new_dst: bool,
}

/// Reads the words after `get`; `find` gives the number of a device.
///
/// # Errors
/// As iproute2's.
pub fn parse(
    mut args: Args<'_>,
    family: Family,
    find: &dyn Fn(&str) -> Option<IfIndex>,
) -> Result<GetRequest, Failure> {
    let mut reading = Reading {
        asked: RouteGet::to(Ipv4Addr::UNSPECIFIED.into()),
        connected: false,
        family,
        dst: None,
        iif: None,
        oif: None,
        warning: String::new(),
        has_new_dst: false,
    };
    while let Some(word) = args.take() {
        reading.word(word, &mut args)?;
    }
    let Some(dst) = reading.dst else {
        return Err(Failure::line(1, "need at least a destination address"));
    };
    let mut asked = reading.asked;
    let index = |name: Option<&str>| match name {
        Some(name) => find(name).ok_or_else(|| no_device(name)),
        None => Ok(0),
    };
    (asked.iif, asked.oif) = (index(reading.iif)?, index(reading.oif)?);
    asked.dst = dst.addr.unwrap_or(match reading.family {
        Family::Inet6 => Ipv6Addr::UNSPECIFIED.into(),
        _ => Ipv4Addr::UNSPECIFIED.into(),
    });
    if reading.has_new_dst {
        let refused = match reading.family {
            Family::Inet6 => "Error: ipv6: Unsupported attribute in get route request.",
            _ => "Error: ipv4: Unsupported attribute in route get request.",
        };
        return Err(Failure::line(2, refused));
    }
    Ok(GetRequest {
        asked,
        connected: reading.connected,
        warning: reading.warning,
    })
}

impl<'a> Reading<'a> {
    fn word(&mut self, word: &'a str, args: &mut Args<'a>) -> Result<(), Failure> {
        let is = |full| matches(word, full);
        if word == "tos" || is("dsfield") {
            let text = args.required()?;
            let id = DSFIELDS.number(text).and_then(|id| u8::try_from(id).ok());
            self.asked.tos = id.ok_or_else(|| invalid("TOS value is invalid\n", text))?;
        } else if is("from") {
            self.from(args.required()?)?;
        } else if is("iif") {
            self.iif = Some(args.required()?);
        } else if is("mark") {
            let text = args.required()?;
            let wrong = || invalid("invalid mark value", text);
            self.asked.mark = u32_in(text, 0).ok_or_else(wrong)?;
        } else if is("oif") || word == "dev" {
            self.oif = Some(args.required()?);
        } else if is("notify") {
            // Nobody listens for the notification.
        } else if is("connected") {
            self.connected = true;
        } else if is("vrf") {
            return Err(invalid("Invalid VRF\n", args.required()?));
        } else if is("uid") {
            let text = args.required()?;
            self.asked.uid = u32_in(text, 0).ok_or_else(|| invalid("invalid UID\n", text))?;
        } else if is("fibmatch") {
            self.asked.fib_match = true;
        } else {
            return self.more(word, args);
        }
        Ok(())
    }

    fn more(&mut self, word: &'a str, args: &mut Args<'a>) -> Result<(), Failure> {
        let is = |full| matches(word, full);
        if word == "as" {
            args.take_if("to");
            let to = address(args.required()?, self.family)?;
            self.settle(to.family);
            self.has_new_dst = true;
        } else if is("sport") {
            let text = args.required()?;
            self.asked.sport = u16_in(text, 0).ok_or_else(|| invalid("invalid sport\n", text))?;
        } else if is("dport") {
            let text = args.required()?;
            self.asked.dport = u16_in(text, 0).ok_or_else(|| invalid("invalid dport\n", text))?;
        } else if is("ipproto") {
            let text = args.required()?;
            let wrong = || invalid("Invalid \"ipproto\" value\n", text);
            self.asked.proto = ip_protocol_number(text).ok_or_else(wrong)?;
        } else {
            let text = match word {
                "to" => args.required()?,
                word => word,
            };
            self.destination(text)?;
        }
        Ok(())
    }

    fn settle(&mut self, family: Family) {
        if self.family == Family::Unspec {
            self.family = family;
        }
    }

    fn from(&mut self, text: &str) -> Result<(), Failure> {
        if matches(text, "help") {
            return Err(help::usage());
        }
        let from = prefix(text, self.family)?;
        self.settle(from.family);
        self.asked.src = from.addr;
        Ok(())
    }

    fn destination(&mut self, text: &str) -> Result<(), Failure> {
        if matches(text, "help") {
            return Err(help::usage());
        }
        let dst = prefix(text, self.family)?;
        self.settle(dst.family);
        let whole = self.family.bits();
        if matches!(self.family, Family::Inet | Family::Inet6) && dst.len != whole {
            self.warning += &format!(
                "Warning: /{} as prefix is invalid, only /{whole} (or none) is supported.\n",
                dst.len
            );
        }
        self.dst = Some(dst);
        Ok(())
    }
}
