//! IGMP of all three versions (RFC 1112, RFC 2236, RFC 3376).
//! DVMRP and PIM version 1, which share its protocol number, are only named.

use super::checksum::checksum;
use super::context::{Context, Result, name_of, say};

/// What a group record says.
pub(super) const RECORDS: &[(u32, &str)] = &[
    (1, "is_in"),
    (2, "is_ex"),
    (3, "to_in"),
    (4, "to_ex"),
    (5, "allow"),
    (6, "block"),
];

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

/// The time that a code of eight bits stands for (RFC 3376 section 4.1.1).
fn exponential(code: u8) -> u32 {
    if code < 128 {
        return u32::from(code);
    }
    (u32::from(code & 0x0f) | 0x10) << (((code & 0x70) >> 4) + 3)
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
    let sources = usize::from(cx.be16(at + 10)?);
    if sources > 0 {
        if length < 12 + sources * 4 {
            say!(cx, " [invalid number of sources]");
        } else if cx.verbose() > 1 {
            print_sources(cx, at + 12, sources)?;
        } else {
            say!(cx, ", {sources} source(s)");
        }
    }
    say!(cx, "]");
    Ok(())
}

fn print_sources(cx: &mut Context<'_>, at: usize, count: usize) -> Result {
    say!(cx, " {{");
    for index in 0..count {
        say!(cx, " {}", cx.ipv4(at + index * 4)?);
    }
    say!(cx, " }}");
    Ok(())
}

fn report_v3(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    if length < 16 || length & 3 != 0 {
        say!(cx, " [invalid len {length}]");
        return Ok(());
    }
    let groups = cx.be16(at + 6)?;
    say!(cx, ", {groups} group record(s)");
    if cx.verbose() == 0 {
        return Ok(());
    }
    let mut record = 8;
    for _ in 0..groups {
        if length < record + 8 {
            say!(cx, " [invalid number of groups]");
            return Ok(());
        }
        say!(cx, " [gaddr {}", cx.ipv4(at + record + 4)?);
        let kind = cx.u8(at + record)?;
        match name_of(RECORDS, u32::from(kind)) {
            Some(name) => say!(cx, " {name}"),
            None => say!(cx, "  [v3-report-#{kind}]"),
        }
        let sources = usize::from(cx.be16(at + record + 2)?);
        if length < record + 8 + sources * 4 {
            say!(cx, " [invalid number of sources {sources}]");
            return Ok(());
        }
        if cx.verbose() == 1 {
            say!(cx, ", {sources} source(s)");
        } else {
            print_sources(cx, at + record + 8, sources)?;
        }
        record += 8 + sources * 4;
        say!(cx, "]");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::exponential;

    #[test]
    fn large_codes_are_exponential() {
        assert_eq!(exponential(100), 100);
        assert_eq!(exponential(0x80), 128);
        assert_eq!(exponential(0xff), 31744);
    }
}
