//! Options of IPv6's hop-by-hop and destination headers (RFC 8200, section 4.2).
//! Those of CALIPSO, RPL and the like show only number and length.

use super::context::{Context, Result, say};

/// The jumbo payload option (RFC 2675): the length that it may replace, and what it says.
pub(super) struct Jumbo {
    pub(super) payload_len: Option<usize>,
    pub(super) found: Option<usize>,
}

pub(super) fn destination_options(cx: &mut Context<'_>, at: usize) -> Result<Option<usize>> {
    let mut no_jumbo = Jumbo {
        payload_len: None,
        found: None,
    };
    let shown = cx.verbose() > 0;
    option_header(cx, at, "dstopt", "DSTOPT ", &mut no_jumbo, shown)
}

/// A header of options; gives its length, or nothing where it is cut off.
pub(super) fn option_header(
    cx: &mut Context<'_>,
    at: usize,
    protocol: &'static str,
    title: &str,
    jumbo: &mut Jumbo,
    read: bool,
) -> Result<Option<usize>> {
    cx.protocol = protocol;
    let len = (usize::from(cx.u8(at + 1)?) + 1) * 8;
    if !cx.has(at, len) {
        cx.truncated();
        return Ok(None);
    }
    say!(cx, "{title}");
    if read && !options(cx, at + 2, len - 2, jumbo)? {
        cx.truncated();
        return Ok(None);
    }
    Ok(Some(len))
}

/// The options of a header; false where they are broken (`ip6_opt_process`).
fn options(cx: &mut Context<'_>, at: usize, length: usize, jumbo: &mut Jumbo) -> Result<bool> {
    let verbose = cx.verbose() > 0;
    let mut offset = 0;
    let mut jumbo_seen = false;
    while offset < length {
        let option = at + offset;
        let kind = cx.u8(option)?;
        let left = length - offset;
        if kind == 0 {
            if verbose {
                say!(cx, "(pad1)");
            }
            offset += 1;
            continue;
        }
        if left < 2 {
            return Ok(false);
        }
        let value_len = usize::from(cx.u8(option + 1)?);
        if value_len + 2 > left {
            return Ok(false);
        }
        let fits = match kind {
            5 => expect_len(cx, "rtalert", left, value_len, 2),
            194 => expect_len(cx, "jumbo", left, value_len, 4),
            201 => left >= 18 && value_len >= 16,
            _ => true,
        };
        if !fits {
            return Ok(false);
        }
        match kind {
            194 => {
                jumbo_option(cx, option, jumbo, jumbo_seen)?;
                jumbo_seen = true;
            }
            _ if !verbose => {}
            1 => say!(cx, "(padn)"),
            5 => say!(cx, "(rtalert: 0x{:04x}) ", cx.be16(option + 2)?),
            201 => say!(cx, "(homeaddr: {})", cx.ipv6(option + 2)?),
            _ => say!(cx, "(opt_type 0x{kind:02x}: len={value_len})"),
        }
        offset += value_len + 2;
    }
    if verbose {
        say!(cx, " ");
    }
    Ok(true)
}

fn expect_len(
    cx: &mut Context<'_>,
    name: &str,
    left: usize,
    value_len: usize,
    expected: usize,
) -> bool {
    if left < expected + 2 {
        say!(cx, "({name}: trunc)");
        return false;
    }
    if value_len != expected {
        say!(cx, "({name}: invalid len {value_len})");
    }
    value_len == expected
}

fn jumbo_option(cx: &mut Context<'_>, at: usize, jumbo: &mut Jumbo, seen: bool) -> Result {
    let len = cx.be32(at + 2)?;
    let complaint = if seen {
        " - already seen"
    } else {
        match jumbo.payload_len {
            None => " - not a hop-by-hop option",
            Some(1..) => " - payload len != 0",
            Some(0) if len < 65536 => " - < 65536",
            Some(0) => {
                jumbo.found = Some(len as usize);
                ""
            }
        }
    };
    if cx.verbose() > 0 {
        say!(cx, "(jumbo: {len}{complaint}) ");
    }
    Ok(())
}
