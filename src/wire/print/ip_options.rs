//! Options of an IPv4 header (RFC 791 section 3.1).
//! Prints them; acts on none.

use super::context::{Context, Result, name_of, say};

const NAMES: &[(u32, &str)] = &[
    (0, "EOL"),
    (1, "NOP"),
    (68, "timestamp"),
    (130, "security"),
    (7, "RR"),
    (137, "SSRR"),
    (131, "LSRR"),
    (148, "RA"),
    (82, "traceroute"),
];

/// The options in `length` bytes at `at`; false where they are cut off (`ip_optprint`).
pub(super) fn options(cx: &mut Context<'_>, at: usize, length: usize) -> Result<bool> {
    let (mut at, mut left) = (at, length);
    let mut separator = "";
    while left > 0 {
        say!(cx, "{separator}");
        separator = ",";
        let code = cx.u8(at)?;
        match name_of(NAMES, u32::from(code)) {
            Some(name) => say!(cx, "{name}"),
            None => say!(cx, "unknown {code}"),
        }
        let len = if code < 2 {
            1
        } else {
            usize::from(cx.u8(at + 1)?)
        };
        if (code >= 2 && len < 2) || len > left {
            say!(cx, " [bad length {len}]");
            return Ok(true);
        }
        if !cx.has(at, len) {
            return Ok(false);
        }
        match code {
            0 => return Ok(true),
            68 => timestamps(cx, at, len)?,
            7 | 131 | 137 => route(cx, at, len)?,
            148 => router_alert(cx, at, len)?,
            _ => {}
        }
        at += len;
        left -= len;
    }
    Ok(true)
}

fn router_alert(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    if len < 4 {
        say!(cx, " [bad length {len}]");
        return Ok(());
    }
    let value = cx.be16(at + 2)?;
    if value != 0 {
        say!(cx, " value {value}");
    }
    Ok(())
}

/// The addresses of a recorded or a source route (`ip_printroute`).
fn route(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    if len < 3 {
        say!(cx, " [bad length {len}]");
        return Ok(());
    }
    if (len + 1) & 3 != 0 {
        say!(cx, " [bad length {len}]");
    }
    let stated = cx.u8(at + 2)?;
    let pointer = usize::from(stated).wrapping_sub(1);
    if pointer < 3 || pointer.wrapping_add(1) & 3 != 0 || pointer > len + 1 {
        say!(cx, " [bad ptr {stated}]");
    }
    for offset in (3..len).step_by(4) {
        say!(cx, " {}", cx.ipv4(at + offset)?);
        if pointer > offset {
            say!(cx, ",");
        }
    }
    Ok(())
}

/// The timestamps that routers left (`ip_printts`).
fn timestamps(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    if len < 4 {
        say!(cx, "[bad length {len}]");
        return Ok(());
    }
    say!(cx, " TS{{");
    let flags = cx.u8(at + 3)?;
    let hop_len = if flags & 0xf == 0 { 4 } else { 8 };
    if (len - 4) & (hop_len - 1) != 0 {
        say!(cx, "[bad length {len}]");
    }
    let stated = cx.u8(at + 2)?;
    let pointer = usize::from(stated).wrapping_sub(1);
    if pointer < 4 || pointer.wrapping_sub(4) & (hop_len - 1) != 0 || pointer > len + 1 {
        say!(cx, "[bad ptr {stated}]");
    }
    let mut offset = 0;
    match flags & 0xf {
        0 => say!(cx, "TSONLY"),
        1 => say!(cx, "TS+ADDR"),
        3 => say!(cx, "PRESPEC"),
        kind => say!(cx, "[bad ts type {kind}]"),
    }
    if matches!(flags & 0xf, 0 | 1 | 3) {
        offset = 4;
        while offset < len {
            let mark = if pointer == offset { " ^ " } else { " " };
            cx.need(at + offset, hop_len)?;
            let time = cx.be32(at + offset + hop_len - 4)?;
            let address = if hop_len == 8 {
                cx.ipv4(at + offset)?
            } else {
                String::new()
            };
            say!(cx, "{mark}{time}@{address}");
            offset += hop_len;
        }
    }
    if pointer == offset {
        say!(cx, " ^ ");
    }
    match flags >> 4 {
        0 => say!(cx, "}}"),
        missed => say!(cx, " [{missed} hops not recorded]}} "),
    }
    Ok(())
}
