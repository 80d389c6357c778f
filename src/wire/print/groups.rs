//! What IGMP and MLD say alike: the group records of a report and the sources of a query.
//! What they say each in its own way is in `igmp` and `mld`.

use super::context::{Context, Result, name_of, say};

/// What a group record says.
const RECORDS: &[(u32, &str)] = &[
    (1, "is_in"),
    (2, "is_ex"),
    (3, "to_in"),
    (4, "to_ex"),
    (5, "allow"),
    (6, "block"),
];

/// One of the two protocols.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// IGMP version 3, RFC 3376.
    Igmp,
    /// MLD version 2, RFC 3810.
    Mld,
}

impl Family {
    /// Bytes of an address.
    fn address_len(self) -> usize {
        match self {
            Self::Igmp => 4,
            Self::Mld => 16,
        }
    }

    /// Bytes of a group record before its sources.
    fn record_len(self) -> usize {
        4 + self.address_len()
    }

    fn address(self, cx: &Context<'_>, at: usize) -> Result<String> {
        match self {
            Self::Igmp => cx.ipv4(at),
            Self::Mld => cx.ipv6(at),
        }
    }

    fn report_name(self) -> &'static str {
        match self {
            Self::Igmp => "v3-report",
            Self::Mld => "v2-report",
        }
    }

    /// How many sources a query of `length` bytes names, whose addresses are its last part; with them, if asked.
    pub(super) fn query_sources(
        self,
        cx: &mut Context<'_>,
        at: usize,
        length: usize,
        head: usize,
    ) -> Result {
        let sources = usize::from(cx.be16(at + head - 2)?);
        if sources == 0 {
            return Ok(());
        }
        if length < head + sources * self.address_len() {
            say!(cx, " [invalid number of sources]");
        } else if cx.verbose() > 1 {
            self.sources(cx, at + head, sources)?;
        } else {
            say!(cx, ", {sources} source(s)");
        }
        Ok(())
    }

    fn sources(self, cx: &mut Context<'_>, at: usize, count: usize) -> Result {
        say!(cx, " {{");
        for index in 0..count {
            say!(
                cx,
                " {}",
                self.address(cx, at + index * self.address_len())?
            );
        }
        say!(cx, " }}");
        Ok(())
    }

    /// The group records of a report that begins at `at` (`print_igmpv3_report`, `mldv2_report_print`).
    pub(super) fn records(self, cx: &mut Context<'_>, at: usize, length: usize) -> Result {
        let groups = cx.be16(at + 6)?;
        say!(cx, ", {groups} group record(s)");
        if cx.verbose() == 0 {
            return Ok(());
        }
        let mut record = 8;
        for _ in 0..groups {
            let sources_at = record + self.record_len();
            if length < sources_at {
                say!(cx, " [invalid number of groups]");
                return Ok(());
            }
            say!(cx, " [gaddr {}", self.address(cx, at + record + 4)?);
            let kind = cx.u8(at + record)?;
            match name_of(RECORDS, u32::from(kind)) {
                Some(name) => say!(cx, " {name}"),
                None => say!(cx, "  [{}-#{kind}]", self.report_name()),
            }
            let sources = usize::from(cx.be16(at + record + 2)?);
            record = sources_at + sources * self.address_len();
            if length < record {
                say!(cx, " [invalid number of sources {sources}]");
                return Ok(());
            }
            if cx.verbose() == 1 {
                say!(cx, ", {sources} source(s)");
            } else {
                self.sources(cx, at + sources_at, sources)?;
            }
            say!(cx, "]");
        }
        Ok(())
    }
}

/// The time that a code of eight bits stands for (RFC 3376 section 4.1.1, RFC 3810 section 5.1.9).
pub(super) fn exponential(code: u8) -> u32 {
    if code < 128 {
        return u32::from(code);
    }
    (u32::from(code & 0x0f) | 0x10) << (((code & 0x70) >> 4) + 3)
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
