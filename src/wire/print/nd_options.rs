//! Options of neighbour discovery (RFC 4861 section 4.6, RFC 4191, RFC 8106).
//! Unknown options are dumped.

use super::context::{Context, Result, bit_names, name_of, say};
use super::{domain_name, hex, names};

const NAMES: &[(u32, &str)] = &[
    (1, "source link-address"),
    (2, "destination link-address"),
    (3, "prefix info"),
    (4, "redirected header"),
    (5, "mtu"),
    (25, "rdnss"),
    (31, "dnssl"),
    (7, "advertisement interval"),
    (8, "homeagent information"),
    (24, "route info"),
];

const PREFIX_FLAGS: &[(u32, &str)] = &[(0x80, "onlink"), (0x40, "auto"), (0x20, "router")];

/// All options; false where the line ends in them because they are cut off (`icmp6_opt_print`).
pub(super) fn options(cx: &mut Context<'_>, start: usize, length: isize) -> Result<bool> {
    let mut at = start;
    let mut left = length;
    while at < cx.end() {
        if !cx.has(at + 1, 1) {
            return cut(cx);
        }
        if left <= 0 {
            break;
        }
        let kind = cx.u8(at)?;
        let units = usize::from(cx.u8(at + 1)?);
        let len = units * 8;
        if units == 0 || at + len > cx.end() {
            return cut(cx);
        }
        say!(
            cx,
            "\n\t  {} option ({kind}), length {len} ({units}): ",
            name_of(NAMES, u32::from(kind)).unwrap_or("unknown")
        );
        let known = match option(cx, kind, at, units, start)? {
            Printed::Known => true,
            Printed::Unknown => false,
            Printed::Cut => return cut(cx),
        };
        if !known && cx.verbose() <= 1 {
            hex::unknown_data(cx, "\n\t  ", at + 2, len - 2)?;
            return Ok(true);
        }
        if cx.verbose() > 1 {
            hex::unknown_data(cx, "\n\t    ", at + 2, len - 2)?;
        }
        at += len;
        left -= len as isize;
    }
    Ok(true)
}

fn cut(cx: &mut Context<'_>) -> Result<bool> {
    cx.truncated();
    Ok(false)
}

enum Printed {
    Known,
    Unknown,
    Cut,
}

fn option(
    cx: &mut Context<'_>,
    kind: u8,
    at: usize,
    units: usize,
    start: usize,
) -> Result<Printed> {
    match kind {
        1 | 2 => {
            let address = names::hex_with_colons(cx.bytes(at + 2, units * 8 - 2)?);
            say!(cx, "{address}");
        }
        3 => prefix(cx, at, units)?,
        // The dump starts at the first option, as tcpdump's does.
        4 => hex::unknown_data(cx, "\n\t    ", start, units * 8)?,
        5 => {
            let complaint = if units == 1 { "" } else { "bad option length" };
            say!(cx, " {}{complaint}", cx.be32(at + 4)?);
        }
        7 => say!(cx, " {}ms", cx.be32(at + 4)?),
        8 => say!(
            cx,
            " preference {}, lifetime {}",
            cx.be16(at + 4)?,
            cx.be16(at + 6)?
        ),
        24 => return route(cx, at, units),
        25 => {
            say!(cx, " lifetime {}s,", cx.be32(at + 4)?);
            for index in 0..(units - 1) / 2 {
                say!(cx, " addr: {}", cx.ipv6(at + 8 + index * 16)?);
            }
        }
        31 => return search_list(cx, at, units, start),
        _ => return Ok(Printed::Unknown),
    }
    Ok(Printed::Known)
}

fn prefix(cx: &mut Context<'_>, at: usize, units: usize) -> Result {
    let flags = u32::from(cx.u8(at + 3)?);
    say!(
        cx,
        "{}/{}{}, Flags [{}], valid time {}",
        cx.ipv6(at + 16)?,
        cx.u8(at + 2)?,
        if units == 4 { "" } else { "badlen" },
        bit_names(PREFIX_FLAGS, flags, ", ", "none"),
        lifetime(cx.be32(at + 4)?)
    );
    say!(cx, ", pref. time {}", lifetime(cx.be32(at + 8)?));
    Ok(())
}

fn route(cx: &mut Context<'_>, at: usize, units: usize) -> Result<Printed> {
    if !cx.has(at + 4, 4) || units > 3 {
        return Ok(Printed::Cut);
    }
    let mut address = [0; 16];
    let len = (units - 1) * 8;
    address[..len].copy_from_slice(cx.bytes(at + 8, len)?);
    let flags = cx.u8(at + 3)?;
    say!(
        cx,
        " {}/{}, pref={}, lifetime={}",
        names::ipv6(address),
        cx.u8(at + 2)?,
        preference(flags),
        lifetime(cx.be32(at + 4)?)
    );
    Ok(Printed::Known)
}

fn search_list(cx: &mut Context<'_>, at: usize, units: usize, start: usize) -> Result<Printed> {
    say!(cx, " lifetime {}s, domain(s):", cx.be32(at + 4)?);
    let end = at + units * 8;
    let mut name = at + 8;
    while name < end && cx.u8(name)? != 0 {
        say!(cx, " ");
        match domain_name::name(cx, name, start)? {
            Some(next) => name = next,
            None => return Ok(Printed::Cut),
        }
    }
    Ok(Printed::Known)
}

/// The preference of a router or a route (RFC 4191 section 2.1).
pub(super) fn preference(flags: u8) -> &'static str {
    match flags >> 3 & 3 {
        0 => "medium",
        1 => "high",
        2 => "rsv",
        _ => "low",
    }
}

fn lifetime(seconds: u32) -> String {
    if seconds == u32::MAX {
        "infinity".to_owned()
    } else {
        format!("{seconds}s")
    }
}
