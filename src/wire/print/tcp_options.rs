//! Options of a TCP header.
//! Multipath TCP's are shown as bytes; MD5 signatures are not verified.

use super::context::{Context, Result, name_of, say};
use super::flows::Relative;

const NAMES: &[(u32, &str)] = &[
    (0, "eol"),
    (1, "nop"),
    (2, "mss"),
    (3, "wscale"),
    (4, "sackOK"),
    (5, "sack"),
    (6, "echo"),
    (7, "echoreply"),
    (8, "TS"),
    (11, "cc"),
    (12, "ccnew"),
    (13, ""),
    (19, "md5"),
    (20, "scps"),
    (28, "uto"),
    (29, "tcp-ao"),
    (30, "mptcp"),
    (34, "tfo"),
    (254, "exp"),
];

/// How far a list of options could be printed.
enum Printed {
    /// This many bytes of the option's value.
    Value(usize),
    /// The option is broken.
    Bad,
    /// The option was not captured.
    Cut,
}

/// Where the options are, and whether the data behind them were captured.
#[derive(Clone, Copy)]
pub(super) struct Options {
    pub(super) at: usize,
    pub(super) len: usize,
    pub(super) data_captured: bool,
}

/// All options in brackets; false where the line ends in them.
pub(super) fn options(cx: &mut Context<'_>, options: Options, numbers: &Relative) -> Result<bool> {
    let (mut at, mut left) = (options.at, options.len);
    say!(cx, ", options [");
    let mut first = true;
    while left > 0 {
        if !first {
            say!(cx, ",");
        }
        let kind = cx.u8(at)?;
        at += 1;
        let mut len = 1;
        if kind > 1 {
            len = usize::from(cx.u8(at)?);
            at += 1;
            if len < 2 || len > left {
                return Ok(bad(cx, first));
            }
            left -= 1;
        }
        left -= 1;
        match name_of(NAMES, u32::from(kind)) {
            Some(name) => say!(cx, "{name}"),
            None => say!(cx, "unknown-{kind}"),
        }
        let value = Value {
            at,
            len,
            left,
            data_captured: options.data_captured,
        };
        let printed = match print_value(cx, kind, &value, numbers)? {
            Printed::Value(printed) => printed,
            Printed::Bad => return Ok(bad(cx, first)),
            Printed::Cut => return Ok(cut(cx, first)),
        };
        at += printed;
        left -= printed;
        let consumed = printed + if kind > 1 { 2 } else { 1 };
        if consumed != len {
            say!(cx, "[len {len}]");
        }
        first = false;
        if kind == 0 {
            break;
        }
    }
    say!(cx, "]");
    Ok(true)
}

fn bad(cx: &mut Context<'_>, first: bool) -> bool {
    say!(cx, "[bad opt]");
    if !first {
        say!(cx, "]");
    }
    false
}

fn cut(cx: &mut Context<'_>, first: bool) -> bool {
    cx.truncated();
    if !first {
        say!(cx, ">");
    }
    false
}

/// The value of an option: where it is, the length that the option states, and what the header has left.
struct Value {
    at: usize,
    len: usize,
    left: usize,
    data_captured: bool,
}

impl Value {
    /// Whether `len` bytes are there; if not, how the line ends.
    fn lacks(&self, cx: &Context<'_>, len: usize) -> Option<Printed> {
        if len > self.left {
            Some(Printed::Bad)
        } else if !cx.has(self.at, len) {
            Some(Printed::Cut)
        } else {
            None
        }
    }

    fn stated(&self) -> usize {
        self.len.saturating_sub(2)
    }
}

fn print_value(
    cx: &mut Context<'_>,
    kind: u8,
    value: &Value,
    numbers: &Relative,
) -> Result<Printed> {
    let at = value.at;
    let needed = match kind {
        0 | 1 | 4 => 0,
        3 => 1,
        2 | 20 | 28 => 2,
        6 | 7 | 11..=13 => 4,
        8 => 8,
        19 => 16,
        30 | 34 | 254 => value.stated(),
        5 => return selective(cx, value, numbers),
        29 => return authentication(cx, value),
        _ => return unknown(cx, value),
    };
    if let Some(lack) = value.lacks(cx, needed) {
        return Ok(lack);
    }
    match kind {
        2 => say!(cx, " {}", cx.be16(at)?),
        3 => say!(cx, " {}", cx.u8(at)?),
        6 | 7 | 11..=13 => say!(cx, " {}", cx.be32(at)?),
        8 => say!(cx, " val {} ecr {}", cx.be32(at)?, cx.be32(at + 4)?),
        19 => signature(cx, value)?,
        20 => say!(cx, " cap {:02x} id {}", cx.u8(at)?, cx.u8(at + 1)?),
        28 => user_timeout(cx, at)?,
        30 => say!(cx, " {}", hex(cx.bytes(at, needed)?)),
        34 => {
            say!(cx, " ");
            fast_open(cx, at, needed)?;
        }
        254 => return experiment(cx, at, needed),
        _ => {}
    }
    Ok(Printed::Value(needed))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Selective acknowledgements, relative as the segment's numbers are.
fn selective(cx: &mut Context<'_>, value: &Value, numbers: &Relative) -> Result<Printed> {
    let len = value.stated();
    if !len.is_multiple_of(8) {
        say!(cx, " invalid sack");
        return Ok(Printed::Value(len));
    }
    say!(cx, " {} ", len / 8);
    let base = if numbers.reverse {
        numbers.base.seq
    } else {
        numbers.base.ack
    };
    for offset in (0..len).step_by(8) {
        for needed in [offset + 4, offset + 8] {
            if let Some(lack) = value.lacks(cx, needed) {
                return Ok(lack);
            }
        }
        let from = cx.be32(value.at + offset)?.wrapping_sub(base);
        let to = cx.be32(value.at + offset + 4)?.wrapping_sub(base);
        say!(cx, "{{{from}:{to}}}");
    }
    Ok(Printed::Value(len))
}

/// RFC 2385.
fn signature(cx: &mut Context<'_>, value: &Value) -> Result {
    let reason = if value.data_captured {
        "shared secret not supplied with -M"
    } else {
        "snaplen too short"
    };
    say!(
        cx,
        " {reason}, can't check - {}",
        hex(cx.bytes(value.at, 16)?)
    );
    Ok(())
}

fn user_timeout(cx: &mut Context<'_>, at: usize) -> Result {
    let value = cx.be16(at)?;
    let seconds = if value & 1 != 0 {
        u32::from(value >> 1) * 60
    } else {
        u32::from(value >> 1)
    };
    say!(cx, " 0x{value:x} {seconds}");
    Ok(())
}

/// RFC 5925.
fn authentication(cx: &mut Context<'_>, value: &Value) -> Result<Printed> {
    let len = value.stated();
    if len < 2 {
        cx.invalid();
        return Ok(Printed::Value(len));
    }
    for (needed, name) in [(1, " keyid"), (2, " rnextkeyid")] {
        if let Some(lack) = value.lacks(cx, needed) {
            return Ok(lack);
        }
        say!(cx, "{name} {}", cx.u8(value.at + needed - 1)?);
    }
    if len > 2 {
        say!(cx, " mac 0x");
    }
    for offset in 2..len {
        if let Some(lack) = value.lacks(cx, offset + 1) {
            return Ok(lack);
        }
        say!(cx, "{:02x}", cx.u8(value.at + offset)?);
    }
    Ok(Printed::Value(len))
}

fn unknown(cx: &mut Context<'_>, value: &Value) -> Result<Printed> {
    let len = value.stated();
    if len > 0 {
        say!(cx, " 0x");
    }
    for offset in 0..len {
        if let Some(lack) = value.lacks(cx, offset + 1) {
            return Ok(lack);
        }
        say!(cx, "{:02x}", cx.u8(value.at + offset)?);
    }
    Ok(Printed::Value(len))
}

/// RFC 7413.
fn fast_open(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    if len == 0 {
        say!(cx, " cookiereq");
    } else if !len.is_multiple_of(2) || !(4..=16).contains(&len) {
        cx.invalid();
    } else {
        say!(cx, " cookie {}", hex(cx.bytes(at, len)?));
    }
    Ok(())
}

/// RFC 6994.
fn experiment(cx: &mut Context<'_>, at: usize, len: usize) -> Result<Printed> {
    if len < 2 {
        return Ok(Printed::Bad);
    }
    let magic = cx.be16(at)?;
    say!(cx, "-");
    if magic == 0xf989 {
        say!(cx, "tfo");
        fast_open(cx, at + 2, len - 2)?;
    } else {
        say!(cx, "{magic:04x}");
    }
    Ok(Printed::Value(len))
}
