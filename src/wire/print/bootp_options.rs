//! Options of DHCP (RFC 2132), as tcpdump names and formats them.
//! Of the relay agent's suboptions only the common ones have names.

use super::bootp_tables::{
    AddressPairs, Addresses, Bytes, Format, HARDWARE, MESSAGES, OPTIONS, Shorts, SignedWords,
    Special, Switches, Text, Words,
};
use super::context::{Context, Result, name_of, say};
use super::hex;

const PAD: u8 = 0;
const END: u8 = 255;

/// The options behind the magic cookie at `at` (`rfc1048_print`).
pub(super) fn options(cx: &mut Context<'_>, at: usize) -> Result {
    say!(cx, "\n\t  Vendor-rfc1048 Extensions");
    say!(cx, "\n\t    Magic Cookie 0x{:08x}", cx.be32(at)?);
    let mut at = at + 4;
    while cx.has(at, 1) {
        let tag = cx.u8(at)?;
        at += 1;
        if tag == PAD && cx.verbose() < 3 {
            continue;
        }
        if tag == END && cx.verbose() < 3 {
            return Ok(());
        }
        let mut len = 0;
        if tag != PAD && tag != END {
            len = usize::from(cx.u8(at)?);
            at += 1;
        }
        let (format, name) = named(tag);
        let colon = if len > 0 { ": " } else { "" };
        say!(cx, "\n\t    {name} ({tag}), length {len}{colon}");
        if tag == PAD {
            at += pads(cx, at)?;
        }
        if !cx.has(at, len) {
            cx.truncated();
            return Ok(());
        }
        let format = format.unwrap_or(match len {
            len if len & 1 != 0 => Bytes,
            len if len & 2 != 0 => Shorts,
            _ => Words,
        });
        let printed = match tag {
            53 if len == 1 => {
                message(cx, at)?;
                len
            }
            55 => {
                requested(cx, at, len)?;
                len
            }
            _ => value(cx, tag, format, at, len)?,
        };
        if printed < len {
            say!(cx, "\n\t  trailing data length {}", len - printed);
        }
        at += len;
    }
    Ok(())
}

fn named(tag: u8) -> (Option<Format>, &'static str) {
    OPTIONS
        .iter()
        .find(|(known, ..)| *known == tag)
        .map_or((None, "Unknown"), |(_, format, name)| {
            (Some(*format), *name)
        })
}

/// How many more pads follow.
fn pads(cx: &mut Context<'_>, at: usize) -> Result<usize> {
    let mut more = 0;
    while cx.has(at + more, 1) && cx.u8(at + more)? == PAD {
        more += 1;
    }
    if more > 0 {
        say!(cx, ", occurs {}", more + 1);
    }
    Ok(more)
}

fn message(cx: &mut Context<'_>, at: usize) -> Result {
    let kind = cx.u8(at)?;
    match name_of(MESSAGES, u32::from(kind)) {
        Some(name) => say!(cx, "{name}"),
        None => say!(cx, "Unknown ({kind})"),
    }
    Ok(())
}

/// The options that a client asks for, four a line.
fn requested(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    for index in 0..len {
        let tag = cx.u8(at + index)?;
        let separator = if index % 4 == 0 { "\n\t      " } else { ", " };
        say!(cx, "{separator}{} ({tag})", named(tag).1);
    }
    Ok(())
}

/// The value of an option; gives how many bytes of it were written.
fn value(cx: &mut Context<'_>, tag: u8, format: Format, at: usize, len: usize) -> Result<usize> {
    let size = match format {
        Addresses | Words | SignedWords => 4,
        AddressPairs => 8,
        Shorts => 2,
        Switches | Bytes => 1,
        Text => {
            quoted(cx, at, len);
            return Ok(len);
        }
        Special => return special(cx, tag, at, len),
    };
    let separator = if format == Bytes { "." } else { "," };
    for (index, field) in (at..at + len).step_by(size).enumerate() {
        if field + size > at + len {
            break;
        }
        if index > 0 {
            say!(cx, "{separator}");
        }
        match format {
            Addresses => say!(cx, "{}", cx.ipv4(field)?),
            AddressPairs => say!(cx, "({}:{})", cx.ipv4(field)?, cx.ipv4(field + 4)?),
            SignedWords => say!(cx, "{}", cx.be32(field)? as i32),
            Words => say!(cx, "{}", cx.be32(field)?),
            Shorts => say!(cx, "{}", cx.be16(field)?),
            Switches => switch(cx, field)?,
            Bytes | Text | Special => say!(cx, "{}", cx.u8(field)?),
        }
    }
    Ok(len - len % size)
}

fn quoted(cx: &mut Context<'_>, at: usize, len: usize) {
    say!(cx, "\"");
    cx.visible_n(at, len);
    say!(cx, "\"");
}

fn switch(cx: &mut Context<'_>, at: usize) -> Result {
    match cx.u8(at)? {
        0 => say!(cx, "N"),
        1 => say!(cx, "Y"),
        other => say!(cx, "{other}?"),
    }
    Ok(())
}

/// Options with a form of their own.
fn special(cx: &mut Context<'_>, tag: u8, at: usize, len: usize) -> Result<usize> {
    match tag {
        46 | 52 if len < 1 => {
            say!(cx, "[ERROR: length < 1 bytes]");
            return Ok(0);
        }
        46 => choice(
            cx,
            at,
            &[(1, "b-node"), (2, "p-node"), (4, "m-node"), (8, "h-node")],
        )?,
        52 => choice(cx, at, &[(1, "file"), (2, "sname"), (3, "file+sname")])?,
        61 => client_id(cx, at, len)?,
        77 => user_class(cx, at, len)?,
        81 => client_name(cx, at, len)?,
        82 => relay_agent(cx, at, len)?,
        121 | 249 => classless_routes(cx, at, len)?,
        _ => say!(cx, "[unknown special tag {tag}, size {len}]"),
    }
    Ok(if matches!(tag, 46 | 52) { 1 } else { len })
}

fn choice(cx: &mut Context<'_>, at: usize, table: &[(u32, &'static str)]) -> Result {
    let value = cx.u8(at)?;
    match name_of(table, u32::from(value)) {
        Some(name) => say!(cx, "{name}"),
        None => say!(cx, "#{value}"),
    }
    Ok(())
}

fn client_id(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    if len < 1 {
        say!(cx, "[ERROR: length < 1 bytes]");
        return Ok(());
    }
    let kind = cx.u8(at)?;
    if kind == 0 {
        quoted(cx, at + 1, len - 1);
        return Ok(());
    }
    match name_of(HARDWARE, u32::from(kind)) {
        Some(name) => say!(cx, "{name} "),
        None => say!(cx, "hardware-type {kind}, "),
    }
    let address = super::names::hex_with_colons(cx.bytes(at + 1, len - 1)?);
    say!(cx, "{address}");
    Ok(())
}

fn user_class(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    if len < 2 {
        say!(cx, "[ERROR: length < 2 bytes]");
        return Ok(());
    }
    let end = at + len;
    let mut at = at;
    let mut number = 1;
    while at < end {
        let len = usize::from(cx.u8(at)?);
        at += 1;
        say!(cx, "\n\t      instance#{number}: ");
        if len == 0 {
            say!(cx, "[ERROR: suboption length must be non-zero]");
            return Ok(());
        }
        if at + len > end {
            say!(cx, "[ERROR: invalid option]");
            return Ok(());
        }
        quoted(cx, at, len);
        say!(cx, ", length {len}");
        at += len;
        number += 1;
    }
    Ok(())
}

/// RFC 4702.
fn client_name(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    if len < 3 {
        say!(cx, "[ERROR: length < 3 bytes]");
        return Ok(());
    }
    let flags = cx.u8(at)?;
    if flags & 0xf0 != 0 {
        say!(cx, "[ERROR: MBZ nibble 0x{:x} != 0] ", flags >> 4);
    }
    if flags & 0x0f != 0 {
        let letters: String = [(1, 'S'), (2, 'O'), (4, 'E'), (8, 'N')]
            .iter()
            .filter(|(bit, _)| flags & bit != 0)
            .map(|(_, letter)| *letter)
            .collect();
        say!(cx, "[{letters}] ");
    }
    let (first, second) = (cx.u8(at + 1)?, cx.u8(at + 2)?);
    if first != 0 || second != 0 {
        say!(cx, "{first}/{second} ");
    }
    quoted(cx, at + 3, len - 3);
    Ok(())
}

/// RFC 3046.
fn relay_agent(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    const NAMES: &[(u32, &str)] = &[(1, "Circuit-ID"), (2, "Remote-ID"), (6, "Subscriber-ID")];
    let end = at + len;
    let mut at = at;
    while at + 2 <= end {
        let (option, len) = (cx.u8(at)?, usize::from(cx.u8(at + 1)?));
        at += 2;
        let name = name_of(NAMES, u32::from(option));
        let title = name.unwrap_or("Unknown");
        say!(cx, "\n\t      {title} SubOption {option}, length {len}: ");
        if at + len > end {
            say!(cx, "length goes past end of option");
            return Ok(());
        }
        if name.is_some() {
            cx.visible_n(at, len);
        } else {
            hex::unknown_data(cx, "\n\t\t", at, len)?;
        }
        at += len;
    }
    Ok(())
}

/// RFC 3442.
fn classless_routes(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    if len < 5 {
        say!(cx, "[ERROR: length < 5 bytes]");
        return Ok(());
    }
    let end = at + len;
    let start = at;
    let mut at = at;
    while at < end {
        if at > start {
            say!(cx, ",");
        }
        let width = cx.u8(at)?;
        at += 1;
        if width > 32 {
            say!(cx, "[ERROR: Mask width ({width}) > 32]");
            return Ok(());
        }
        let octets = usize::from(width).div_ceil(8);
        if at + octets + 4 > end {
            say!(
                cx,
                "[ERROR: Remaining length ({}) < {} bytes]",
                end - at,
                octets + 4
            );
            return Ok(());
        }
        if width == 0 {
            say!(cx, "(default");
        } else {
            let mut network = [0; 4];
            network[..octets].copy_from_slice(cx.bytes(at, octets)?);
            let [a, b, c, d] = network;
            say!(cx, "({a}.{b}.{c}.{d}/{width}");
        }
        say!(cx, ":{})", cx.ipv4(at + octets)?);
        at += octets + 4;
    }
    Ok(())
}
