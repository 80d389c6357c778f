//! The options of DNS's OPT record (RFC 6891).
//! Those of DNSSEC's algorithms are shown as bytes.

use super::context::{Context, Result, name_of, say};
use super::domain_tables::EDNS_OPTIONS;
use super::names;

/// The options of an OPT record (`eopt_print`).
pub(super) fn edns_options(cx: &mut Context<'_>, mut at: usize, end: usize) -> Result<Option<()>> {
    if at >= end {
        return Ok(Some(()));
    }
    say!(cx, " [");
    while at < end {
        if !cx.has(at, 2) {
            return Ok(None);
        }
        let option = cx.be16(at)?;
        match name_of(EDNS_OPTIONS, u32::from(option)) {
            Some(name) => say!(cx, "{name}"),
            None => say!(cx, "Opt{option}"),
        }
        if !cx.has(at + 2, 2) {
            return Ok(None);
        }
        let len = usize::from(cx.be16(at + 2)?);
        at += 4;
        if !cx.has(at, len) {
            return Ok(None);
        }
        if len > 0 {
            say!(cx, " ");
            edns_option(cx, option, at, len)?;
        }
        at += len;
        if at < end {
            say!(cx, ",");
        }
    }
    say!(cx, "]");
    Ok(Some(()))
}

fn edns_option(cx: &mut Context<'_>, option: u16, at: usize, len: usize) -> Result {
    match option {
        8 => client_subnet(cx, at, len)?,
        9 if len == 4 => say!(cx, "{} sec", cx.be32(at)?),
        10 if len == 8 || (16..=40).contains(&len) => {
            hex(cx, at, 8)?;
            if len > 8 {
                say!(cx, " ");
            }
            hex(cx, at + 8, len - 8)?;
        }
        11 if len == 2 => {
            let tenths = cx.be16(at)?;
            say!(cx, "{}.{} sec", tenths / 10, tenths % 10);
        }
        12 => say!(cx, "({len})"),
        14 if len.is_multiple_of(2) => {
            for offset in (0..len).step_by(2) {
                let separator = if offset > 0 { " " } else { "" };
                say!(cx, "{separator}{}", cx.be16(at + offset)?);
            }
        }
        9..=11 | 14 => cx.invalid(),
        _ => hex(cx, at, len)?,
    }
    Ok(())
}

fn hex(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    for byte in cx.bytes(at, len)? {
        say!(cx, "{byte:02x}");
    }
    Ok(())
}

/// RFC 7871.
fn client_subnet(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    if len < 4 {
        cx.invalid();
        return Ok(());
    }
    let (family, source, scope) = (cx.be16(at)?, cx.u8(at + 2)?, cx.u8(at + 3)?);
    let bits = match family {
        1 => 32,
        2 => 128,
        _ => {
            cx.invalid();
            return Ok(());
        }
    };
    let given = len - 4;
    let fits = given <= bits / 8
        && usize::from(source) <= bits
        && usize::from(scope) <= bits
        && usize::from(source).div_ceil(8) == given;
    if !fits {
        cx.invalid();
        return Ok(());
    }
    let mut padded = [0; 16];
    padded[..given].copy_from_slice(cx.bytes(at + 4, given)?);
    let text = if family == 1 {
        let [a, b, c, d, ..] = padded;
        names::ipv4([a, b, c, d], true)
    } else {
        names::ipv6(padded)
    };
    say!(cx, "{text}/{source}/{scope}");
    Ok(())
}
