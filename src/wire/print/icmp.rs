//! ICMP (RFC 792, RFC 1191, RFC 4884) over IPv4.
//! The packet that an error quotes is printed with `-v`; MPLS extensions are not decoded.

use super::checksum::{checksum, should_be};
use super::context::{Context, Result, name_of, say};
use super::demux::Payload;
use super::{hex, ip, names};
use crate::wire::services::Transport;

const NAMES: &[(u32, &str)] = &[
    (0, "echo reply"),
    (4, "source quench"),
    (8, "echo request"),
    (10, "router solicitation"),
    (13, "time stamp request"),
    (14, "time stamp reply"),
    (15, "information request"),
    (16, "information reply"),
    (17, "address mask request"),
];

const EXTENSION_OBJECTS: &[(u32, &str)] =
    &[(1, "MPLS Stack Entry"), (2, "Interface Identification")];

/// Where an extension starts: behind 128 bytes of quoted packet.
const EXTENSION_AT: usize = 8 + 128;

/// An ICMP message (`icmp_print`).
pub(super) fn icmp(cx: &mut Context<'_>, payload: Payload) -> Result {
    cx.protocol = "icmp";
    let (at, length) = (payload.at, payload.length);
    let kind = cx.u8(at)?;
    if !has_checked_fields(cx, at, kind)? {
        cx.truncated();
        return Ok(());
    }
    let text = message(cx, at, kind)?;
    say!(cx, "ICMP {text}, length {length}");
    if cx.verbose() == 0 {
        return Ok(());
    }
    if !payload.fragmented && cx.has(at, length) {
        check(cx, at, length)?;
    }
    if matches!(kind, 3 | 4 | 5 | 11 | 12) {
        quoted(cx, at + 8)?;
    }
    cx.protocol = "icmp";
    if matches!(kind, 3 | 11 | 12) && length > EXTENSION_AT {
        extensions(cx, at, length)?;
    }
    Ok(())
}

/// Whether the fields are there whose lack ends a message without further words.
fn has_checked_fields(cx: &Context<'_>, at: usize, kind: u8) -> Result<bool> {
    Ok(match (kind, cx.u8(at + 1)?) {
        (3, 3) => cx.has(at + 17, 1),
        (9, _) => cx.has(at + 4, 4),
        (11, _) => cx.has(at + 24, 4),
        (14, _) => cx.has(at + 16, 4),
        _ => true,
    })
}

fn check(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    let sum = checksum(&[cx.bytes(at, length)?]);
    if sum != 0 {
        let found = cx.be16(at + 2)?;
        let right = should_be(found, sum);
        say!(cx, " (wrong icmp cksum {found:x} (->{right:x})!)");
    }
    Ok(())
}

/// The packet that an error is about.
fn quoted(cx: &mut Context<'_>, at: usize) -> Result {
    say!(cx, "\n\t");
    let length = usize::from(cx.be16(at + 2)?);
    cx.with_end(at + length, |cx| {
        // A length that cuts off itself is ICMP's fault.
        cx.need(at + 2, 2)?;
        ip::ip(cx, at, length)
    })
}

fn message(cx: &Context<'_>, at: usize, kind: u8) -> Result<String> {
    let code = cx.u8(at + 1)?;
    let text = match kind {
        0 | 8 => format!(
            "echo {}, id {}, seq {}",
            if kind == 8 { "request" } else { "reply" },
            cx.be16(at + 4)?,
            cx.be16(at + 6)?
        ),
        3 => unreachable(cx, at, code)?,
        5 => redirect(cx, at, code)?,
        9 => router_advertisement(cx, at)?,
        11 => match code {
            0 => "time exceeded in-transit".to_owned(),
            1 => "ip reassembly time exceeded".to_owned(),
            _ => format!("time exceeded-#{code}"),
        },
        12 if code != 0 => format!("parameter problem - code {code}"),
        12 => format!("parameter problem - octet {}", cx.u8(at + 4)?),
        13 => format!(
            "time stamp query id {} seq {}",
            cx.be16(at + 4)?,
            cx.be16(at + 6)?
        ),
        14 => timestamp_reply(cx, at)?,
        18 => format!("address mask is 0x{:08x}", cx.be32(at + 8)?),
        _ => name_of(NAMES, u32::from(kind)).map_or(format!("type-#{kind}"), str::to_owned),
    };
    Ok(text)
}

/// Why something is unreachable. The destination is the quoted packet's.
fn unreachable(cx: &Context<'_>, at: usize, code: u8) -> Result<String> {
    let quoted = at + 8;
    if code == 3 {
        return port_unreachable(cx, quoted);
    }
    let mtu = if code == 4 { cx.be16(at + 6)? } else { 0 };
    let target = cx.ipv4(quoted + 16)?;
    Ok(match code {
        0 => format!("net {target} unreachable"),
        1 => format!("host {target} unreachable"),
        2 => format!("{target} protocol {} unreachable", cx.u8(quoted + 9)?),
        4 if mtu != 0 => format!("{target} unreachable - need to frag (mtu {mtu})"),
        4 => format!("{target} unreachable - need to frag"),
        5 => format!("{target} unreachable - source route failed"),
        6 => format!("net {target} unreachable - unknown"),
        7 => format!("host {target} unreachable - unknown"),
        8 => format!("{target} unreachable - source host isolated"),
        9 => format!("net {target} unreachable - admin prohibited"),
        10 => format!("host {target} unreachable - admin prohibited"),
        11 => format!("net {target} unreachable - tos prohibited"),
        12 => format!("host {target} unreachable - tos prohibited"),
        13 => format!("host {target} unreachable - admin prohibited filter"),
        14 => format!("host {target} unreachable - host precedence violation"),
        15 => format!("host {target} unreachable - precedence cutoff"),
        _ => format!("{target} unreachable - #{code}"),
    })
}

fn port_unreachable(cx: &Context<'_>, quoted: usize) -> Result<String> {
    let protocol = cx.u8(quoted + 9)?;
    let header_len = usize::from(cx.u8(quoted)? & 0xf) * 4;
    let port = cx.be16(quoted + header_len + 2)?;
    let target = cx.ipv4(quoted + 16)?;
    let numeric = cx.options.numeric;
    Ok(match protocol {
        6 => format!(
            "{target} tcp port {} unreachable",
            names::port(port, Transport::Tcp, numeric)
        ),
        17 => format!(
            "{target} udp port {} unreachable",
            names::port(port, Transport::Udp, numeric)
        ),
        _ => format!("{target} protocol {protocol} port {port} unreachable"),
    })
}

fn redirect(cx: &Context<'_>, at: usize, code: u8) -> Result<String> {
    let target = cx.ipv4(at + 24)?;
    let gateway = cx.ipv4(at + 4)?;
    Ok(match code {
        0 => format!("redirect {target} to net {gateway}"),
        1 => format!("redirect {target} to host {gateway}"),
        2 => format!("redirect-tos {target} to net {gateway}"),
        3 => format!("redirect-tos {target} to host {gateway}"),
        _ => format!("redirect-#{code} {target} to {gateway}"),
    })
}

fn router_advertisement(cx: &Context<'_>, at: usize) -> Result<String> {
    let count = cx.u8(at + 4)?;
    let size = cx.u8(at + 5)?;
    let lifetime = cx.be16(at + 6)?;
    let (minutes, seconds) = (lifetime / 60, lifetime % 60);
    let lifetime = match lifetime {
        0..60 => format!("{lifetime}"),
        60..3600 => format!("{minutes}:{seconds:02}"),
        _ => format!("{}:{:02}:{seconds:02}", minutes / 60, minutes % 60),
    };
    let mut text = format!("router advertisement lifetime {lifetime} {count}:");
    if size != 2 {
        return Ok(format!("{text} [size {size}]"));
    }
    for index in 0..usize::from(count) {
        let entry = at + 8 + index * 8;
        text.push_str(&format!(" {{{} {}}}", cx.ipv4(entry)?, cx.be32(entry + 4)?));
    }
    // The original's buffer.
    text.truncate(1124);
    Ok(text)
}

fn timestamp_reply(cx: &Context<'_>, at: usize) -> Result<String> {
    Ok(format!(
        "time stamp reply id {} seq {}: org {}, recv {}, xmit {}",
        cx.be16(at + 4)?,
        cx.be16(at + 6)?,
        since_midnight(cx.be32(at + 8)?),
        since_midnight(cx.be32(at + 12)?),
        since_midnight(cx.be32(at + 16)?)
    ))
}

fn since_midnight(milliseconds: u32) -> String {
    let seconds = milliseconds / 1000;
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        milliseconds % 1000
    )
}

/// What follows the quoted packet (RFC 4884).
fn extensions(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    let start = at + EXTENSION_AT;
    let len = length - EXTENSION_AT;
    if cx.lacks(at, EXTENSION_AT + 5) {
        return Ok(());
    }
    let whole = cx.has(start, len);
    let correct = whole && checksum(&[cx.bytes(start, len)?]) == 0;
    if cx.u8(at + 5)? == 0 && whole && !correct {
        return Ok(());
    }
    let version = cx.u8(start)? >> 4;
    say!(cx, "\n\tICMP Multi-Part extension v{version}");
    if version != 2 {
        say!(cx, " packet not supported");
        return Ok(());
    }
    if whole {
        say!(
            cx,
            ", checksum 0x{:04x} ({}correct), length {len}",
            cx.be16(start + 2)?,
            if correct { "" } else { "in" }
        );
    }
    extension_objects(cx, start + 4, len.saturating_sub(4))
}

fn extension_objects(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    let (mut at, mut left) = (at, length);
    while left > 4 {
        if cx.lacks(at, 4) {
            return Ok(());
        }
        let len = usize::from(cx.be16(at)?);
        let class = cx.u8(at + 2)?;
        let name = name_of(EXTENSION_OBJECTS, u32::from(class)).unwrap_or("unknown");
        say!(
            cx,
            "\n\t  {name} Object ({class}), Class-Type: {}, length {len}",
            cx.u8(at + 3)?
        );
        if class == 0 || len < 4 {
            return Ok(());
        }
        at += 4;
        left -= 4;
        let body = len - 4;
        hex::unknown_data(cx, "\n\t    ", at, body)?;
        if left < body {
            return Ok(());
        }
        at += body;
        left -= body;
    }
    Ok(())
}
