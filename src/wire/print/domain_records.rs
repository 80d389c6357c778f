//! Questions and resource records of DNS (RFC 1035, section 4.1).
//! Records of types without a format of their own show their name only.

use super::context::{Context, Result, name_of, say};
use super::domain::{CLASS_IN, MULTICAST_BIT, Message, TYPE_OPT, some};
use super::domain_name::{Next, name, skip_name};
use super::domain_tables::{CLASSES, TYPES};
use super::edns::edns_options;

impl Message {
    /// A question (`ns_qprint`).
    pub(super) fn question(&self, cx: &mut Context<'_>, at: usize) -> Next {
        let fields = some!(skip_name(cx, at)?);
        if !cx.has(fields, 4) {
            return Ok(None);
        }
        let kind = cx.be16(fields)?;
        say!(cx, " {}", type_name(kind));
        let class = cx.be16(fields + 2)?;
        self.print_class(cx, class);
        if self.multicast {
            let unicast = class & MULTICAST_BIT != 0;
            say!(cx, "{}", if unicast { " (QU)" } else { " (QM)" });
        }
        say!(cx, "? ");
        let end = some!(name(cx, at, self.start)?);
        Ok(Some(end + 4))
    }

    fn class(&self, class: u16) -> u16 {
        if self.multicast {
            class & !MULTICAST_BIT
        } else {
            class
        }
    }

    fn print_class(&self, cx: &mut Context<'_>, class: u16) {
        let class = self.class(class);
        if class == CLASS_IN {
            return;
        }
        match name_of(CLASSES, u32::from(class)) {
            Some(name) => say!(cx, " {name}"),
            None => say!(cx, " (Class {class})"),
        }
    }

    /// A resource record (`ns_rprint`).
    pub(super) fn record(&self, cx: &mut Context<'_>, at: usize) -> Next {
        let fields = if cx.verbose() > 0 {
            say!(cx, " ");
            Some(some!(name(cx, at, self.start)?))
        } else {
            skip_name(cx, at)?
        };
        let Some(fields) = fields.filter(|fields| cx.has(*fields, 10)) else {
            return Ok(Some(cx.end()));
        };
        let (kind, class) = (cx.be16(fields)?, cx.be16(fields + 2)?);
        if kind != TYPE_OPT {
            self.print_class(cx, class);
        }
        if self.multicast && class & MULTICAST_BIT != 0 {
            say!(cx, " (Cache flush)");
        }
        if kind != TYPE_OPT && cx.verbose() > 2 {
            say!(cx, " [");
            let ttl = cx.be32(fields + 4)?;
            cx.duration(ttl);
            say!(cx, "]");
        }
        let len = usize::from(cx.be16(fields + 8)?);
        let data = fields + 10;
        say!(cx, " {}", type_name(kind));
        if data + len > cx.end() {
            return Ok(None);
        }
        if kind == TYPE_OPT {
            let flags = cx.be16(fields + 6)?;
            say!(cx, " UDPsize={}", self.class(class));
            if flags & 0x8000 != 0 {
                say!(cx, " DO");
            }
            some!(edns_options(cx, data, data + len)?);
        } else {
            some!(self.data(cx, kind, data, len)?);
        }
        Ok(Some(data + len))
    }

    /// What a record says.
    fn data(&self, cx: &mut Context<'_>, kind: u16, at: usize, len: usize) -> Next {
        match kind {
            1 => {
                if !cx.has(at, 4) {
                    return Ok(None);
                }
                // Never by name, not even localhost.
                let [a, b, c, d] = cx.be32(at)?.to_be_bytes();
                say!(cx, " {a}.{b}.{c}.{d}");
            }
            2 | 5 | 12 | 39 => {
                say!(cx, " ");
                some!(name(cx, at, self.start)?);
            }
            6 if cx.verbose() > 0 => some!(self.start_of_authority(cx, at)?),
            15 => {
                say!(cx, " ");
                if !cx.has(at, 2) {
                    return Ok(None);
                }
                some!(name(cx, at + 2, self.start)?);
                say!(cx, " {}", cx.be16(at)?);
            }
            16 => some!(strings(cx, at, at + len)?),
            28 => {
                if !cx.has(at, 16) {
                    return Ok(None);
                }
                say!(cx, " {}", cx.ipv6(at)?);
            }
            33 => {
                say!(cx, " ");
                if !cx.has(at, 6) {
                    return Ok(None);
                }
                some!(name(cx, at + 6, self.start)?);
                say!(
                    cx,
                    ":{} {} {}",
                    cx.be16(at + 4)?,
                    cx.be16(at)?,
                    cx.be16(at + 2)?
                );
            }
            104 => {
                cx.visible_n(at, len);
            }
            256 => {
                say!(cx, " {} {} ", cx.be16(at)?, cx.be16(at + 2)?);
                cx.visible_n(at + 4, len.saturating_sub(4));
            }
            _ => {}
        }
        Ok(Some(at))
    }

    fn start_of_authority(&self, cx: &mut Context<'_>, at: usize) -> Result<Option<()>> {
        let mut at = at;
        for _ in 0..2 {
            say!(cx, " ");
            at = some!(name(cx, at, self.start)?);
        }
        if !cx.has(at, 20) {
            return Ok(None);
        }
        for index in 0..5 {
            say!(cx, " {}", cx.be32(at + index * 4)?);
        }
        Ok(Some(()))
    }
}

pub(super) fn type_name(kind: u16) -> String {
    name_of(TYPES, u32::from(kind)).map_or(format!("Type{kind}"), str::to_owned)
}

/// The strings of a TXT record.
fn strings(cx: &mut Context<'_>, mut at: usize, end: usize) -> Result<Option<()>> {
    while at < end {
        say!(cx, " \"");
        if !cx.has(at, 1) {
            return Ok(None);
        }
        let len = usize::from(cx.u8(at)?);
        if cx.visible_n(at + 1, len) {
            return Ok(None);
        }
        at += 1 + len;
        say!(cx, "\"");
    }
    Ok(Some(()))
}
