//! What every printer of a protocol shares: the bytes with the end of what was captured, and the text so far.
//! Knows no protocol.

use std::fmt;

use super::flows::Flows;
use super::{Names, PrintOptions};

/// The captured bytes end before what a printer needs (`nd_trunc_longjmp`).
pub(super) struct Truncated;

/// What a printer returns: an error ends the line with ` [|protocol]`.
pub(super) type Result<T = ()> = std::result::Result<T, Truncated>;

/// How deep packets may be nested (tunnels, quoted packets) before the rest counts as cut off.
const DEPTH_MAX: usize = 64;

/// One frame while it is printed.
pub(super) struct Context<'a> {
    data: &'a [u8],
    end: usize,
    saved: Vec<usize>,
    depth: usize,
    out: String,
    /// The protocol that ` [|..]` names.
    pub(super) protocol: &'static str,
    /// Length of the link header that was printed, for `-x`.
    pub(super) link_header_len: usize,
    pub(super) options: &'a PrintOptions,
    pub(super) flows: &'a mut Flows,
    /// Interface names, for the cooked header of `-i any`.
    pub(super) names: &'a Names,
}

/// Appends formatted text to the line of a [`Context`].
macro_rules! say {
    ($context:expr, $($arguments:tt)*) => {
        $context.say(format_args!($($arguments)*))
    };
}
pub(super) use say;

impl<'a> Context<'a> {
    pub(super) fn new(
        data: &'a [u8],
        options: &'a PrintOptions,
        flows: &'a mut Flows,
        names: &'a Names,
    ) -> Self {
        Self {
            data,
            end: data.len(),
            saved: Vec::new(),
            depth: 0,
            out: String::new(),
            protocol: "",
            link_header_len: 0,
            options,
            flows,
            names,
        }
    }

    pub(super) fn say(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = fmt::Write::write_fmt(&mut self.out, text);
    }

    pub(super) fn into_text(self) -> String {
        self.out
    }

    /// ` [|protocol]`: the rest was not captured.
    pub(super) fn truncated(&mut self) {
        let protocol = self.protocol;
        say!(self, " [|{protocol}]");
    }

    /// ` (invalid)`: the bytes break the protocol.
    pub(super) fn invalid(&mut self) {
        self.say(format_args!(" (invalid)"));
    }

    /// How verbose: the number of `-v`.
    pub(super) fn verbose(&self) -> u8 {
        self.options.verbose
    }

    // --- The bytes -------------------------------------------------------------------------

    /// Where the captured bytes, or the packet that is printed, end.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// How many bytes there are from `at` on.
    pub(super) fn available(&self, at: usize) -> usize {
        self.end.saturating_sub(at)
    }

    /// Whether `len` bytes at `at` were captured.
    pub(super) fn has(&self, at: usize, len: usize) -> bool {
        at.checked_add(len).is_some_and(|end| end <= self.end)
    }

    /// Ends the printer where `len` bytes at `at` were not captured.
    pub(super) fn need(&self, at: usize, len: usize) -> Result {
        if self.has(at, len) {
            Ok(())
        } else {
            Err(Truncated)
        }
    }

    /// Whether `len` bytes at `at` are missing; the line then ends, but the frame's link header counts as
    /// printed (a `goto trunc`, where `need` is a `longjmp`).
    pub(super) fn lacks(&mut self, at: usize, len: usize) -> bool {
        let missing = !self.has(at, len);
        if missing {
            self.truncated();
        }
        missing
    }

    /// `len` bytes at `at`.
    pub(super) fn bytes(&self, at: usize, len: usize) -> Result<&'a [u8]> {
        self.need(at, len)?;
        self.data.get(at..at + len).ok_or(Truncated)
    }

    /// Up to `len` bytes at `at`: what was captured of them.
    pub(super) fn captured(&self, at: usize, len: usize) -> &'a [u8] {
        let len = len.min(self.available(at));
        self.data.get(at..at + len).unwrap_or(&[])
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N]> {
        self.bytes(at, N)?.try_into().map_err(|_| Truncated)
    }

    pub(super) fn u8(&self, at: usize) -> Result<u8> {
        Ok(self.array::<1>(at)?[0])
    }

    pub(super) fn be16(&self, at: usize) -> Result<u16> {
        Ok(u16::from_be_bytes(self.array(at)?))
    }

    pub(super) fn le16(&self, at: usize) -> Result<u16> {
        Ok(u16::from_le_bytes(self.array(at)?))
    }

    pub(super) fn be24(&self, at: usize) -> Result<u32> {
        let [a, b, c] = self.array(at)?;
        Ok(u32::from_be_bytes([0, a, b, c]))
    }

    pub(super) fn be32(&self, at: usize) -> Result<u32> {
        Ok(u32::from_be_bytes(self.array(at)?))
    }

    /// The IPv4 address at `at`, as text.
    pub(super) fn ipv4(&self, at: usize) -> Result<String> {
        Ok(super::names::ipv4(self.array(at)?, self.options.numeric))
    }

    /// The IPv6 address at `at`, as text.
    pub(super) fn ipv6(&self, at: usize) -> Result<String> {
        Ok(super::names::ipv6(self.array(at)?))
    }

    /// The hardware address at `at`, as text.
    pub(super) fn mac(&self, at: usize) -> Result<String> {
        Ok(super::names::mac(self.array(at)?, self.options.numeric))
    }

    // --- Packets in packets ----------------------------------------------------------------

    /// The packet that starts at `at` ends after `len` bytes, if so much was captured (`nd_push_snaplen`).
    pub(super) fn push_end(&mut self, at: usize, len: usize) {
        self.saved.push(self.end);
        self.end = self.end.min(at.saturating_add(len));
    }

    /// Undoes the last [`push_end`](Self::push_end).
    pub(super) fn pop_end(&mut self) {
        if let Some(end) = self.saved.pop() {
            self.end = end;
        }
    }

    /// Forgets all packets that a printer did not finish.
    pub(super) fn reset_end(&mut self) {
        self.saved.clear();
        self.end = self.data.len();
    }

    /// Moves the end that [`push_end`](Self::push_end) set (`nd_change_snaplen`).
    pub(super) fn change_end(&mut self, at: usize, len: usize) {
        let limit = self.saved.last().copied().unwrap_or(self.end);
        self.end = limit.min(at.saturating_add(len));
    }

    /// Runs a printer with the end at most at `end`, and puts the old end back.
    pub(super) fn with_end(
        &mut self,
        end: usize,
        print: impl FnOnce(&mut Self) -> Result,
    ) -> Result {
        let outer = self.end;
        self.end = outer.min(end);
        print(self)?;
        self.end = outer;
        Ok(())
    }

    /// Runs the printer of an inner packet, unless packets are nested beyond reason.
    pub(super) fn nested(&mut self, print: impl FnOnce(&mut Self) -> Result) -> Result {
        if self.depth == DEPTH_MAX {
            return Err(Truncated);
        }
        self.depth += 1;
        print(self)?;
        self.depth -= 1;
        Ok(())
    }

    // --- Common pieces ---------------------------------------------------------------------

    /// A character so that it can be seen on a terminal (`fn_print_char`).
    pub(super) fn visible(&mut self, byte: u8) {
        let mut c = byte;
        if c >= 0x80 {
            c &= 0x7f;
            say!(self, "M-");
        }
        if !(0x20..0x7f).contains(&c) {
            c ^= 0x40;
            say!(self, "^");
        }
        say!(self, "{}", char::from(c));
    }

    /// Up to `len` characters; whether the captured bytes ended before (`nd_printn`).
    pub(super) fn visible_n(&mut self, at: usize, len: usize) -> bool {
        for &byte in self.captured(at, len) {
            self.visible(byte);
        }
        self.available(at) < len
    }

    /// Up to `len` characters, ended by a zero; `None` without one (`nd_printztn`).
    pub(super) fn visible_zero_ended(&mut self, at: usize, len: usize) -> Option<usize> {
        for (index, &byte) in self.captured(at, len).iter().enumerate() {
            if byte == 0 {
                return Some(index + 1);
            }
            self.visible(byte);
        }
        None
    }

    /// Seconds in the form `1h2m3s` (`unsigned_relts_print`).
    pub(super) fn duration(&mut self, seconds: u32) {
        const UNITS: [(u32, &str); 6] = [
            (31_536_000, "y"),
            (604_800, "w"),
            (86_400, "d"),
            (3_600, "h"),
            (60, "m"),
            (1, "s"),
        ];
        if seconds == 0 {
            say!(self, "0s");
        }
        let mut left = seconds;
        for (unit, name) in UNITS {
            if left >= unit {
                say!(self, "{}{name}", left / unit);
                left %= unit;
            }
        }
    }
}

/// The name of `value`, where the table has one (`tok2str`).
pub(super) fn name_of(table: &[(u32, &'static str)], value: u32) -> Option<&'static str> {
    table
        .iter()
        .find(|(key, _)| *key == value)
        .map(|(_, name)| *name)
}

/// The names of the bits of `value`, separated; `none` without any (`bittok2str`).
pub(super) fn bit_names(
    table: &[(u32, &'static str)],
    value: u32,
    separator: &str,
    none: &str,
) -> String {
    let names: Vec<&str> = table
        .iter()
        .filter(|(bits, _)| *bits != 0 && value & bits == *bits)
        .map(|(_, name)| *name)
        .collect();
    if names.is_empty() {
        none.to_owned()
    } else {
        names.join(separator)
    }
}
