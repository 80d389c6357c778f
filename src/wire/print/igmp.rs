//! IGMP of all three versions (RFC 1112, RFC 2236, RFC 3376).
//! DVMRP and PIM version 1, which share its protocol number, are only named.

use super::checksum::checksum;
use super::context::{Context, Result, say};
use super::groups::{Family, exponential};

/// An IGMP message (`igmp_print`).
pub(super) fn igmp(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.protocol = "igmp";
    if cx.options.quiet > 0 {
        say!(cx, "igmp");
        return Ok(());
    }
    let kind = cx.u8(at)?;
    match kind {
        0x11 => query(cx, at, length)?,
        0x12 => {
            say!(cx, "igmp v1 report {}", cx.ipv4(at + 4)?);
            if length != 8 {
                say!(cx, " [len {length}]");
            }
        }
        0x16 => say!(cx, "igmp v2 report {}", cx.ipv4(at + 4)?),
        0x17 => say!(cx, "igmp leave {}", cx.ipv4(at + 4)?),
        0x22 => {
            say!(cx, "igmp v3 report");
            report_v3(cx, at, length)?;
        }
        0x13 => say!(cx, "igmp dvmrp"),
        0x14 => say!(cx, "igmp pimv1"),
        _ => say!(cx, "igmp-{kind}"),
    }
    if cx.verbose() > 0 && length >= 4 && cx.has(at, length) {
        let wrong = checksum(&[cx.bytes(at, length)?]) != 0;
        if wrong {
            say!(cx, " bad igmp cksum {:x}!", cx.be16(at + 2)?);
        }
    }
    Ok(())
}

fn query(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    say!(cx, "igmp query");
    if length >= 12 {
        return query_v3(cx, at, length);
    }
    match cx.u8(at + 1)? {
        0 => say!(cx, " v1"),
        100 => say!(cx, " v2"),
        time => say!(cx, " v2 [max resp time {time}]"),
    }
    if cx.be32(at + 4)? != 0 {
        say!(cx, " [gaddr {}]", cx.ipv4(at + 4)?);
    }
    if length != 8 {
        say!(cx, " [len {length}]");
    }
    Ok(())
}

fn query_v3(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    say!(cx, " v3");
    if length & 3 != 0 {
        say!(cx, " [invalid len {length}]");
        return Ok(());
    }
    let code = cx.u8(at + 1)?;
    if code != 100 {
        let tenths = exponential(code);
        say!(cx, " [max resp time ");
        if tenths < 600 {
            say!(cx, "{}.{}s", tenths / 10, tenths % 10);
        } else {
            cx.duration(tenths / 10);
        }
        say!(cx, "]");
    }
    if cx.be32(at + 4)? == 0 {
        return Ok(());
    }
    say!(cx, " [gaddr {}", cx.ipv4(at + 4)?);
    Family::Igmp.query_sources(cx, at, length, 12)?;
    say!(cx, "]");
    Ok(())
}

fn report_v3(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    if length < 16 || length & 3 != 0 {
        say!(cx, " [invalid len {length}]");
        return Ok(());
    }
    Family::Igmp.records(cx, at, length)
}
