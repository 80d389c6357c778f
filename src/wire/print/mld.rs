//! Multicast listener discovery of both versions (RFC 2710, RFC 3810).
//! Their relatives of IPv4 are in `igmp`.

use super::context::{Context, Result, say};
use super::groups::{self, Family};

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
fn delay(code: u16) -> u32 {
    if code < 32768 {
        return u32::from(code);
    }
    (u32::from(code & 0x0fff) | 0x1000) << (((code & 0x7000) >> 12) + 3)
}

fn query_v2(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    let delay = delay(cx.be16(at + 4)?);
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
        say!(cx, " qqi={}", groups::exponential(cx.u8(at + 25)?));
    }
    Family::Mld.query_sources(cx, at, length, 28)?;
    say!(cx, "]");
    Ok(())
}

/// The group records of a report (`mldv2_report_print`).
pub(super) fn report_v2(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    if length < 8 {
        say!(cx, " [invalid len {length}]");
        return Ok(());
    }
    Family::Mld.records(cx, at, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_codes_are_exponential() {
        assert_eq!(delay(1000), 1000);
        assert_eq!(delay(0x8000), 32768);
    }
}
