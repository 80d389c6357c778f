//! Multicast listener discovery of both versions (RFC 2710, RFC 3810).
//! Their relatives of IPv4 are in `igmp`.

use super::context::{Context, Result, name_of, say};
use super::igmp::RECORDS;

/// A query of either version, told apart by its length.
pub(super) fn query(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    if length == 24 {
        v1(cx, at)
    } else if length >= 28 {
        say!(cx, " v2");
        query_v2(cx, at, length)
    } else {
        say!(cx, " unknown-version (len {length}) ");
        Ok(())
    }
}

/// A message of version 1, if all of it was captured (`mld6_print`).
pub(super) fn v1(cx: &mut Context<'_>, at: usize) -> Result {
    if !cx.has(at, 24) {
        return Ok(());
    }
    say!(cx, "max resp delay: {} ", cx.be16(at + 4)?);
    say!(cx, "addr: {}", cx.ipv6(at + 8)?);
    Ok(())
}

/// The time that a code of sixteen bits stands for (RFC 3810 section 5.1.3).
fn exponential(code: u16) -> u32 {
    if code < 32768 {
        return u32::from(code);
    }
    (u32::from(code & 0x0fff) | 0x1000) << (((code & 0x7000) >> 12) + 3)
}

/// The interval that a code of eight bits stands for (RFC 3810 section 5.1.9).
fn interval(code: u8) -> u32 {
    if code < 128 {
        return u32::from(code);
    }
    (u32::from(code & 0x0f) | 0x10) << (((code & 0x70) >> 4) + 3)
}

fn query_v2(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    let delay = exponential(cx.be16(at + 4)?);
    if cx.verbose() > 0 {
        say!(cx, " [max resp delay={delay}]");
    }
    say!(cx, " [gaddr {}", cx.ipv6(at + 8)?);
    if cx.verbose() > 0 {
        let flags = cx.u8(at + 24)?;
        if flags & 0x08 != 0 {
            say!(cx, " sflag");
        }
        if flags & 0x07 != 0 {
            say!(cx, " robustness={}", flags & 0x07);
        }
        say!(cx, " qqi={}", interval(cx.u8(at + 25)?));
    }
    let sources = usize::from(cx.be16(at + 26)?);
    if sources > 0 {
        if length < 28 + sources * 16 {
            say!(cx, " [invalid number of sources]");
        } else if cx.verbose() > 1 {
            print_sources(cx, at + 28, sources)?;
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
        say!(cx, " {}", cx.ipv6(at + index * 16)?);
    }
    say!(cx, " }}");
    Ok(())
}

/// The group records of a report (`mldv2_report_print`).
pub(super) fn report_v2(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    if length < 8 {
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
        if length < record + 20 {
            say!(cx, " [invalid number of groups]");
            return Ok(());
        }
        say!(cx, " [gaddr {}", cx.ipv6(at + record + 4)?);
        let kind = cx.u8(at + record)?;
        match name_of(RECORDS, u32::from(kind)) {
            Some(name) => say!(cx, " {name}"),
            None => say!(cx, "  [v2-report-#{kind}]"),
        }
        let sources = usize::from(cx.be16(at + record + 2)?);
        if length < record + 20 + sources * 16 {
            say!(cx, " [invalid number of sources {sources}]");
            return Ok(());
        }
        if cx.verbose() == 1 {
            say!(cx, ", {sources} source(s)");
        } else {
            print_sources(cx, at + record + 20, sources)?;
        }
        record += 20 + sources * 16;
        say!(cx, "]");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_codes_are_exponential() {
        assert_eq!(exponential(1000), 1000);
        assert_eq!(exponential(0x8000), 32768);
        assert_eq!(interval(0x80), 128);
    }
}
