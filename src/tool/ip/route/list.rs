//! `ip route show` and `flush`: which routes are meant.
//! How they look is in `show`.

use std::net::IpAddr;

use super::help;
use super::modify::route_type;
use crate::netns::fib::{RouteInfo, RouteType, info_flags, table};
use crate::tool::Failure;
use crate::tool::ip::args::{Args, Family, Prefix, invalid, matches, no_device, prefix, same_bits};
use crate::tool::ip::names::{DSFIELDS, PROTOCOLS, SCOPES, TABLES, realms_number, type_number};
use crate::tool::number::u32_in;
use crate::units::IfIndex;

/// What is done with the routes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// They are shown.
    List,
    /// They are deleted.
    Flush,
}

/// Which routes are meant; what is not said is any.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RouteFilter {
    /// The family that was asked for (`-4`, `-6`).
    pub family: Family,
    /// The family that the kernel is asked for.
    pub dump_family: Family,
    /// The table; 0 is all.
    pub table: u32,
    /// Learned ways in place of routes.
    pub cloned: bool,
    pub(super) any_cloned: bool,
    pub(super) protocol: Option<u8>,
    pub(super) scope: Option<u8>,
    pub(super) kind: Option<u8>,
    pub(super) tos: Option<u8>,
    pub(super) iif: Option<IfIndex>,
    pub(super) oif: Option<IfIndex>,
    pub(super) mark: Option<u32>,
    pub(super) metric: Option<u32>,
    /// Value and mask.
    pub(super) realms: Option<(u32, u32)>,
    pub(super) via: Option<Prefix>,
    pub(super) prefsrc: Option<Prefix>,
    /// Destinations inside this prefix.
    pub(super) root: Option<Prefix>,
    /// Destinations around this prefix.
    pub(super) around: Option<Prefix>,
    pub(super) src_root: Option<Prefix>,
    pub(super) src_around: Option<Prefix>,
}

impl RouteFilter {
    /// Everything passes: the filter of `ip route get`.
    pub fn everything() -> Self {
        Self {
            family: Family::Unspec,
            dump_family: Family::Unspec,
            table: 0,
            cloned: false,
            any_cloned: true,
            protocol: None,
            scope: None,
            kind: None,
            tos: None,
            iif: None,
            oif: None,
            mark: None,
            metric: None,
            realms: None,
            via: None,
            prefsrc: None,
            root: None,
            around: None,
            src_root: None,
            src_around: None,
        }
    }

    /// Whether it is about the main table, whose absence is no error.
    pub fn is_of_main(&self) -> bool {
        self.table == table::MAIN
    }

    /// Whether a route is meant (`filter_nlmsg`).
    pub fn passes(&self, info: &RouteInfo) -> bool {
        let family = Family::of(info.dst.addr());
        let cloned = info.flags & info_flags::CLONED != 0;
        // What the tool knows of the main table of IPv6 dates from before there were others.
        let old_local =
            family == Family::Inet6 && self.is_of_main() && info.kind == RouteType::Local;
        let plain = |asked: Option<u8>, own: u8| asked.is_none_or(|asked| asked == own);
        (self.family == Family::Unspec || self.family == family)
            && (self.any_cloned || self.cloned == cloned)
            && !old_local
            && (self.table == 0 || self.table == info.table)
            && plain(self.protocol, info.protocol)
            && plain(self.scope, info.scope)
            && plain(self.kind, info.kind as u8)
            && plain(self.tos, info.tos)
            && self.destination_passes(info, family)
            && self.source_passes(info)
            && self.way_passes(info, family)
    }

    fn destination_passes(&self, info: &RouteInfo, family: Family) -> bool {
        let (addr, len) = (info.dst.addr(), info.dst.prefix_len());
        let of_family = |asked: &Prefix| asked.family == Family::Unspec || asked.family == family;
        let inside = |root: Prefix| {
            let counts = root.family != Family::Unspec || root.explicit;
            !counts || of_family(&root) && root.len <= len && root.contains(addr)
        };
        let around = |around: Prefix| {
            let counts = around.family != Family::Unspec || around.explicit;
            !counts || of_family(&around) && around.len >= len && covers(&around, addr, len)
        };
        self.root.is_none_or(inside) && self.around.is_none_or(around)
    }

    /// No route here has a source prefix: only those pass that ask for a source around everything.
    fn source_passes(&self, _info: &RouteInfo) -> bool {
        let passes = |asked: &Option<Prefix>| asked.is_none_or(|asked| asked.len == 0);
        passes(&self.src_root)
    }

    fn way_passes(&self, info: &RouteInfo, family: Family) -> bool {
        let only = match info.multipath {
            false => info.nexthops.first(),
            true => None,
        };
        let via = |asked: Prefix| {
            let gateway = only.and_then(|hop| hop.gateway);
            let own_family = gateway.map_or(family, Family::of);
            own_family == asked.family
                && (asked.len == 0 || gateway.is_some_and(|gateway| asked.contains(gateway)))
        };
        let prefsrc = |asked: Prefix| {
            asked.family == family
                && (asked.len == 0 || info.prefsrc.is_some_and(|own| asked.contains(own)))
        };
        let realms = only.map_or(0, |hop| hop.realms);
        self.via.is_none_or(via)
            && self.prefsrc.is_none_or(prefsrc)
            && self
                .realms
                .is_none_or(|(value, mask)| (value ^ realms) & mask == 0)
            && self.iif.is_none_or(|asked| info.iif == Some(asked))
            && self
                .oif
                .is_none_or(|asked| only.map_or(0, |hop| hop.oif) == asked)
            && self.mark.is_none_or(|asked| info.mark == asked)
            && self
                .metric
                .is_none_or(|asked| info.metric.unwrap_or(0) == asked)
    }

    /// Whether a flush may take a route: the last resort of IPv6 stays.
    pub fn may_be_flushed(&self, info: &RouteInfo) -> bool {
        !(matches!(info.dst.addr(), IpAddr::V6(_))
            && info.dst.prefix_len() == 0
            && info.kind == RouteType::Unreachable
            && info.metric == Some(u32::MAX))
    }
}

/// Whether `addr/len` contains the asked address.
fn covers(asked: &Prefix, addr: IpAddr, len: u8) -> bool {
    asked
        .addr
        .is_none_or(|own| len == 0 || same_bits(own, addr, len))
}

/// Reads the words after `show` or `flush`; `find` gives the number of a device.
///
/// # Errors
/// As iproute2's.
pub fn parse(
    mut args: Args<'_>,
    action: Action,
    family: Family,
    find: &dyn Fn(&str) -> Option<IfIndex>,
) -> Result<RouteFilter, Failure> {
    if action == Action::Flush && args.is_empty() {
        return Err(Failure::line(1, "\"ip route flush\" requires arguments."));
    }
    let mut filter = RouteFilter {
        family,
        dump_family: family,
        table: table::MAIN,
        any_cloned: false,
        ..RouteFilter::everything()
    };
    let (mut iif, mut oif) = (None, None);
    while let Some(word) = args.take() {
        match word {
            "dev" | "oif" => oif = Some(args.required()?),
            "iif" => iif = Some(args.required()?),
            word => filter.word(word, &mut args)?,
        }
    }
    if family == Family::Unspec && filter.table != 0 {
        filter.dump_family = Family::Inet;
    }
    for (name, place) in [(iif, &mut filter.iif), (oif, &mut filter.oif)] {
        if let Some(name) = name {
            *place = Some(find(name).ok_or_else(|| no_device(name))?);
        }
    }
    Ok(filter)
}

impl RouteFilter {
    fn word<'a>(&mut self, word: &'a str, args: &mut Args<'a>) -> Result<(), Failure> {
        let is = |full| matches(word, full);
        if is("table") {
            self.table(args.required()?)
        } else if is("vrf") {
            Err(invalid("Invalid VRF\n", args.required()?))
        } else if is("cached") || is("cloned") {
            self.cloned = true;
            Ok(())
        } else if word == "tos" || is("dsfield") {
            let text = args.required()?;
            let id = DSFIELDS.number(text).and_then(|id| u8::try_from(id).ok());
            self.tos = Some(id.ok_or_else(|| invalid("TOS value is invalid\n", text))?);
            Ok(())
        } else if is("protocol") {
            let text = args.required()?;
            self.protocol = named(PROTOCOLS.number(text), text, "protocol")?;
            Ok(())
        } else if is("scope") {
            let text = args.required()?;
            self.scope = named(SCOPES.number(text), text, "scope")?;
            Ok(())
        } else if is("type") {
            let text = args.required()?;
            let wrong = || invalid("node type value is invalid\n", text);
            let id = type_number(text).ok_or_else(wrong)?;
            self.kind = Some(route_type(id).map_or(id, |kind| kind as u8));
            Ok(())
        } else {
            self.number_or_address(word, args)
        }
    }

    fn table(&mut self, text: &str) -> Result<(), Failure> {
        match (TABLES.number(text), text) {
            (Some(id), _) => self.table = id,
            (None, "all") => self.table = 0,
            (None, "cache") => self.cloned = true,
            (None, "help") => return Err(help::usage()),
            (None, text) => return Err(invalid("table id value is invalid\n", text)),
        }
        Ok(())
    }

    fn number_or_address<'a>(&mut self, word: &'a str, args: &mut Args<'a>) -> Result<(), Failure> {
        let is = |full| matches(word, full);
        if word == "mark" {
            let text = args.required()?;
            let mark = u32_in(text, 0).ok_or_else(|| invalid("invalid mark value", text))?;
            self.mark = Some(mark);
        } else if is("metric") || is("priority") || word == "preference" {
            let text = args.required()?;
            let wrong = || invalid("\"metric\" value is invalid\n", text);
            self.metric = Some(u32_in(text, 0).ok_or_else(wrong)?);
        } else if word == "via" {
            let text = args.required()?;
            let (family, text) = match Family::named(text) {
                Some(family) => (family, args.required()?),
                None => (self.family, text),
            };
            self.via = Some(prefix(text, family)?);
        } else if word == "src" {
            self.prefsrc = Some(prefix(args.required()?, self.family)?);
        } else if is("realms") {
            self.realms = Some(realms(args.required()?)?);
        } else if is("from") {
            let text = args.required()?;
            (self.src_root, self.src_around) =
                self.bounds(text, args, self.src_root, self.src_around)?;
        } else {
            let text = if is("to") { args.required()? } else { word };
            (self.root, self.around) = self.bounds(text, args, self.root, self.around)?;
        }
        Ok(())
    }

    /// `root PREFIX`, `match PREFIX`, or a prefix that both bounds are, with or without `exact`.
    fn bounds(
        &self,
        text: &str,
        args: &mut Args<'_>,
        root: Option<Prefix>,
        around: Option<Prefix>,
    ) -> Result<(Option<Prefix>, Option<Prefix>), Failure> {
        if matches(text, "root") {
            return Ok((Some(prefix(args.required()?, self.family)?), around));
        }
        if matches(text, "match") {
            return Ok((root, Some(prefix(args.required()?, self.family)?)));
        }
        let text = match matches(text, "exact") {
            true => args.required()?,
            false => text,
        };
        let exact = Some(prefix(text, self.family)?);
        Ok((exact, exact))
    }
}

/// A named byte, or `all` for any.
fn named(id: Option<u32>, text: &str, what: &str) -> Result<Option<u8>, Failure> {
    match (id.and_then(|id| u8::try_from(id).ok()), text) {
        (Some(id), _) => Ok(Some(id)),
        (None, "all") => Ok(None),
        (None, text) => Err(invalid(format_args!("invalid \"{what}\"\n"), text)),
    }
}

/// Realms with the bits that count: a missing half is any.
fn realms(text: &str) -> Result<(u32, u32), Failure> {
    let value = realms_number(text).ok_or_else(|| invalid("invalid realms\n", text))?;
    let mut mask = u32::MAX;
    if value & 0xffff == 0 && text.ends_with('/') {
        mask &= !0xffff;
    }
    if value & 0xffff_0000 == 0 && (!text.contains('/') || text.starts_with('/')) {
        mask &= !0xffff_0000;
    }
    Ok((value, mask))
}
