//! Dumps of bytes in hex and in text (`-x`, `-X`, `-A`).
//! Decides nothing about what is dumped.

use super::context::{Context, Result, Truncated, say};

/// Hex and text, sixteen bytes a line, each line after `indent` (`hex_and_ascii_print`).
pub(super) fn hex_and_ascii(cx: &mut Context<'_>, indent: &str, at: usize, len: usize) -> Result {
    for (row, bytes) in cx.captured(at, len).chunks(16).enumerate() {
        let mut hex = String::new();
        for pair in bytes.chunks(2) {
            hex.push(' ');
            for byte in pair {
                hex.push_str(&format!("{byte:02x}"));
            }
        }
        let text: String = bytes
            .iter()
            .map(|byte| match byte {
                0x21..=0x7e => char::from(*byte),
                _ => '.',
            })
            .collect();
        say!(cx, "{indent}0x{:04x}: {hex:<40}  {text}", row * 16);
    }
    whole(cx, at, len)
}

/// Hex only, sixteen bytes a line, each line after `indent` (`hex_print`).
pub(super) fn hex(cx: &mut Context<'_>, indent: &str, at: usize, len: usize) -> Result {
    for (row, bytes) in cx.captured(at, len).chunks(16).enumerate() {
        say!(cx, "{indent}0x{:04x}: ", row * 16);
        for pair in bytes.chunks(2) {
            say!(cx, " ");
            for byte in pair {
                say!(cx, "{byte:02x}");
            }
        }
    }
    whole(cx, at, len)
}

/// The text of the bytes (`ascii_print`).
pub(super) fn ascii(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    cx.protocol = "ascii";
    say!(cx, "\n");
    let bytes = cx.captured(at, len);
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'\r' => {
                let rest = &bytes[index + 1..];
                if rest.len() > 1 && rest[0] != b'\n' {
                    say!(cx, ".");
                }
            }
            b'\t' | b'\n' | b' '..=b'~' => say!(cx, "{}", char::from(*byte)),
            _ => say!(cx, "."),
        }
    }
    whole(cx, at, len)
}

/// Data that no printer knows, as much as there is (`print_unknown_data`).
pub(super) fn unknown_data(cx: &mut Context<'_>, indent: &str, at: usize, len: usize) -> Result {
    if !cx.has(at, 0) {
        say!(
            cx,
            "{indent}Dissector error: print_unknown_data called with pointer past end of packet"
        );
        return Ok(());
    }
    let len = len.min(cx.available(at));
    hex(cx, indent, at, len)
}

/// The dump of a packet of unknown type (`ND_DEFAULTPRINT`), unless `-q`, `-x` or `-X` leave it out.
pub(super) fn unknown_packet(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    if cx.options.dumps_unknown() {
        default_print(cx, at, len)?;
    }
    Ok(())
}

/// The dump of a packet of unknown type, whatever the options.
pub(super) fn default_print(cx: &mut Context<'_>, at: usize, len: usize) -> Result {
    hex_and_ascii(cx, "\n\t", at, len)
}

fn whole(cx: &Context<'_>, at: usize, len: usize) -> Result {
    if len > cx.available(at) {
        Err(Truncated)
    } else {
        Ok(())
    }
}
