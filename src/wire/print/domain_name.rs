//! Names in DNS messages (RFC 1035, section 4.1.4), with the pointers that shorten them.
//! Bytes of labels are shown as they are, dots in them too.

use super::context::{Context, Result, say};

/// Where the next thing in a message starts; `None` where the message is cut off.
pub(super) type Next = Result<Option<usize>>;

const NAME_MAX: usize = 255;

/// What the first byte of a label says.
enum Label {
    End,
    Text(usize),
    Pointer(u8),
    Bits(usize),
}

/// The label at `at`, or the words for one that is none.
fn label(cx: &Context<'_>, at: usize) -> Result<std::result::Result<Label, String>> {
    let first = cx.u8(at)?;
    Ok(match first & 0xc0 {
        0x00 if first == 0 => Ok(Label::End),
        0x00 => Ok(Label::Text(usize::from(first))),
        0xc0 => Ok(Label::Pointer(first)),
        0x40 if first == 0x41 => match cx.u8(at + 1)? {
            0 => Ok(Label::Bits(256)),
            bits => Ok(Label::Bits(usize::from(bits))),
        },
        0x40 => Err(format!("<ELT {}>", first & 0x3f)),
        _ => Err("<BAD LABEL TYPE>".to_owned()),
    })
}

/// Behind the name at `at`, without printing it (`ns_nskip`).
pub(super) fn skip_name(cx: &Context<'_>, mut at: usize) -> Next {
    loop {
        if !cx.has(at, 1) {
            return Ok(None);
        }
        match label(cx, at) {
            Ok(Ok(Label::End)) => return Ok(Some(at + 1)),
            Ok(Ok(Label::Text(len))) => at += 1 + len,
            Ok(Ok(Label::Pointer(_))) => return Ok(Some(at + 2)),
            Ok(Ok(Label::Bits(bits))) => at += 2 + bits.div_ceil(8),
            Ok(Err(_)) | Err(_) => return Ok(None),
        }
    }
}

/// Prints the name at `at` of the message at `start`; gives where it ends (`fqdn_print`).
pub(super) fn name(cx: &mut Context<'_>, at: usize, start: usize) -> Next {
    let mut at = at;
    let mut end = None;
    let mut limit = at.saturating_sub(start);
    let mut printed = 0;
    let mut first = true;
    loop {
        if !cx.has(at, 1) {
            return Ok(None);
        }
        // A label whose text was not captured at all ends the name without a word.
        let first_byte = cx.u8(at)?;
        if first_byte != 0 && at + 1 >= cx.end() {
            return Ok(end.or(Some(at + 1 + usize::from(first_byte))));
        }
        let label = match label(cx, at) {
            Ok(Ok(label)) => label,
            Ok(Err(complaint)) => {
                say!(cx, "{complaint}");
                return Ok(None);
            }
            Err(_) => return Ok(None),
        };
        match label {
            Label::End => break,
            Label::Pointer(high) => {
                if !cx.has(at + 1, 1) {
                    return Ok(None);
                }
                let low = cx.u8(at + 1)?;
                end = end.or(Some(at + 2));
                let offset = usize::from(high & 0x3f) << 8 | usize::from(low);
                if offset >= limit {
                    say!(cx, "<BAD PTR>");
                    return Ok(None);
                }
                limit = offset;
                at = start + offset;
                first = false;
                continue;
            }
            Label::Bits(bits) => {
                bit_label(cx, at + 2, bits)?;
                at += 2 + bits.div_ceil(8);
            }
            Label::Text(len) => {
                let shown = len.min(NAME_MAX.saturating_sub(printed));
                if cx.visible_n(at + 1, shown) {
                    return Ok(None);
                }
                printed += len;
                at += 1 + len;
            }
        }
        first = false;
        if printed <= NAME_MAX {
            say!(cx, ".");
        }
        printed += 1;
    }
    if first {
        say!(cx, ".");
    }
    if printed > NAME_MAX {
        say!(cx, "<DOMAIN NAME TOO LONG>");
    }
    Ok(end.or(Some(at + 1)))
}

/// RFC 2673.
fn bit_label(cx: &mut Context<'_>, at: usize, bits: usize) -> Result {
    say!(cx, "\\[x");
    for byte in cx.bytes(at, bits.div_ceil(8))? {
        say!(cx, "{byte:02x}");
    }
    say!(cx, "/{bits}]");
    Ok(())
}
