//! DNS messages (RFC 1035), over UDP, TCP and multicast.
//! Names are `domain_name`'s, the options of OPT records `edns`'s.

use super::context::{Context, Result, say};
use super::domain_name::{Next, skip_name};
use super::domain_tables::{OPERATIONS, RESPONSES};

const HEADER_LEN: usize = 12;
pub(super) const CLASS_IN: u16 = 1;
pub(super) const TYPE_OPT: u16 = 41;
pub(super) const MULTICAST_BIT: u16 = 0x8000;

/// What brought the message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    /// A datagram to port 53.
    Udp,
    /// A stream, with the length in front.
    Tcp,
    /// A datagram to port 5353.
    MulticastDns,
}

/// A message (`domain_print`).
pub(super) fn domain(
    cx: &mut Context<'_>,
    mut at: usize,
    mut length: usize,
    carrier: Carrier,
) -> Result {
    cx.protocol = "domain";
    if carrier == Carrier::Tcp {
        if length < 2 {
            say!(cx, " [DNS over TCP: length {length} < 2]");
            cx.invalid();
            return Ok(());
        }
        length -= 2;
        let stated = cx.be16(at)?;
        if usize::from(stated) != length {
            say!(cx, " [prefix length({stated}) != length({length})]");
            cx.invalid();
            return Ok(());
        }
        at += 2;
        say!(cx, " ");
    }
    if length < HEADER_LEN {
        say!(cx, "domain [length {length} < {HEADER_LEN}]");
        cx.invalid();
        return Ok(());
    }
    if cx.lacks(at, HEADER_LEN) {
        return Ok(());
    }
    let message = Message {
        start: at,
        multicast: carrier == Carrier::MulticastDns,
        flags: cx.be16(at + 2)?,
        questions: cx.be16(at + 4)?,
        answers: cx.be16(at + 6)?,
        authorities: cx.be16(at + 8)?,
        additionals: cx.be16(at + 10)?,
    };
    let whole = if message.flags & 0x8000 != 0 {
        message.response(cx)?
    } else {
        message.request(cx)?
    };
    match whole {
        Some(_) => say!(cx, " ({length})"),
        None => cx.truncated(),
    }
    Ok(())
}

pub(super) struct Message {
    pub(super) start: usize,
    pub(super) multicast: bool,
    flags: u16,
    questions: u16,
    answers: u16,
    authorities: u16,
    additionals: u16,
}

/// Continues behind the thing, or gives up where it was cut off.
macro_rules! some {
    ($next:expr) => {
        match $next {
            Some(next) => next,
            None => return Ok(None),
        }
    };
}
pub(super) use some;

impl Message {
    fn response(&self, cx: &mut Context<'_>) -> Next {
        let rcode = self.response_code(cx)?;
        let flag = |bit, set, unset| if self.flags & bit != 0 { set } else { unset };
        let rcode = match RESPONSES.get(usize::from(rcode)) {
            Some(name) => (*name).to_owned(),
            None => format!(" Resp{}", rcode & 0xfff),
        };
        say!(
            cx,
            "{}{}{rcode}{}{}{}{}",
            cx.be16(self.start)?,
            self.operation(),
            flag(0x0400, "*", ""),
            flag(0x0080, "", "-"),
            flag(0x0200, "|", ""),
            flag(0x0020, "$", "")
        );
        if self.questions != 1 {
            say!(cx, " [{}q]", self.questions);
        }
        let mut at = self.start + HEADER_LEN;
        for index in 0..self.questions {
            if index > 0 {
                say!(cx, ",");
            }
            if cx.verbose() > 1 {
                say!(cx, " q:");
                at = some!(self.question(cx, at)?);
            } else {
                at = some!(skip_name(cx, at)?) + 4;
            }
        }
        say!(
            cx,
            " {}/{}/{}",
            self.answers,
            self.authorities,
            self.additionals
        );
        at = some!(self.records(cx, at, self.answers)?);
        if cx.verbose() > 1 {
            at = some!(self.section(cx, at, " ns:", self.authorities)?);
            at = some!(self.section(cx, at, " ar:", self.additionals)?);
        }
        Ok(Some(at))
    }

    fn request(&self, cx: &mut Context<'_>) -> Next {
        say!(
            cx,
            "{}{}{}{}",
            cx.be16(self.start)?,
            self.operation(),
            if self.flags & 0x0100 != 0 { "+" } else { "" },
            if self.flags & 0x0010 != 0 { "%" } else { "" }
        );
        if self.flags & 0x6cf != 0 {
            say!(cx, " [b2&3=0x{:x}]", self.flags);
        }
        self.odd_counts(cx);
        let mut at = self.start + HEADER_LEN;
        let mut left = self.questions;
        while left > 0 {
            if left != self.questions && at >= cx.end() {
                return Ok(None);
            }
            at = some!(self.question(cx, at)?);
            left -= 1;
        }
        if cx.verbose() > 1 {
            at = some!(self.records(cx, at, self.answers)?);
            at = some!(self.section(cx, at, " ns:", self.authorities)?);
            at = some!(self.section(cx, at, " ar:", self.additionals)?);
        }
        Ok(Some(at))
    }

    /// Counts that a plain query does not have.
    fn odd_counts(&self, cx: &mut Context<'_>) {
        let inverse = self.flags >> 11 & 0xf == 1;
        if inverse {
            if self.questions != 0 {
                say!(cx, " [{}q]", self.questions);
            }
            if self.answers != 1 {
                say!(cx, " [{}a]", self.answers);
            }
        } else {
            if self.answers != 0 {
                say!(cx, " [{}a]", self.answers);
            }
            if self.questions != 1 {
                say!(cx, " [{}q]", self.questions);
            }
        }
        if self.authorities != 0 {
            say!(cx, " [{}n]", self.authorities);
        }
        if self.additionals != 0 {
            say!(cx, " [{}au]", self.additionals);
        }
    }

    fn operation(&self) -> &'static str {
        OPERATIONS[usize::from(self.flags >> 11 & 0xf)]
    }

    /// The code of the header, with the upper bits of an OPT record (RFC 6891 section 6.1.3).
    fn response_code(&self, cx: &Context<'_>) -> Result<u16> {
        let code = self.flags & 0xf;
        let extended = self.opt_record(cx)?;
        let Some(ttl) = extended else {
            return Ok(code);
        };
        Ok(code | u16::from(cx.u8(ttl)?) << 4)
    }

    /// Where the first byte of the OPT record's TTL is.
    fn opt_record(&self, cx: &Context<'_>) -> Next {
        let mut at = self.start + HEADER_LEN;
        for _ in 0..self.questions {
            at = some!(skip_name(cx, at)?) + 4;
            if at >= cx.end() {
                return Ok(None);
            }
        }
        for _ in 0..u32::from(self.answers) + u32::from(self.authorities) {
            at = some!(skip_name(cx, at)?) + 8;
            if at + 2 > cx.end() {
                return Ok(None);
            }
            at += 2 + usize::from(cx.be16(at)?);
            if at >= cx.end() {
                return Ok(None);
            }
        }
        for _ in 0..self.additionals {
            at = some!(skip_name(cx, at)?);
            if at + 2 > cx.end() {
                return Ok(None);
            }
            let kind = cx.be16(at)?;
            at += 4;
            if at + 1 > cx.end() {
                return Ok(None);
            }
            if kind == TYPE_OPT {
                return Ok(Some(at));
            }
            at += 4;
            if at + 2 > cx.end() {
                return Ok(None);
            }
            at += 2 + usize::from(cx.be16(at)?);
            if at >= cx.end() {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// A section with its name, if anything of it is there.
    fn section(&self, cx: &mut Context<'_>, at: usize, title: &str, count: u16) -> Next {
        if count == 0 {
            return Ok(Some(at));
        }
        if at >= cx.end() {
            return Ok(None);
        }
        say!(cx, "{title}");
        self.records(cx, at, count)
    }

    fn records(&self, cx: &mut Context<'_>, mut at: usize, count: u16) -> Next {
        for index in 0..count {
            if index > 0 {
                if at >= cx.end() {
                    return Ok(None);
                }
                say!(cx, ",");
            }
            at = some!(self.record(cx, at)?);
        }
        Ok(Some(at))
    }
}
