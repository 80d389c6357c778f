//! IPv6 headers and extension headers (RFC 8200).
//! Mobility headers are only named; payloads are behind `demux`.

use super::checksum::NetworkHeader;
use super::context::{Context, Result, name_of, say};
use super::demux::{self, Payload};
use super::ip::prints_own_addresses;
use super::ip6_options::{Jumbo, destination_options, option_header};
use super::tables::IP_PROTOCOLS;

const HEADER_LEN: usize = 40;
const FRAGMENT_LEN: usize = 8;
const OFFSET_MASK: u16 = 0xfff8;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION_OPTIONS: u8 = 60;
const MOBILITY: u8 = 135;
const MOBILITY_OLD: u8 = 62;

/// An IPv6 packet of `length` bytes at `at` (`ip6_print`).
pub(super) fn ip6(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.nested(|cx| packet(cx, at, length))
}

fn packet(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.protocol = "ip6";
    if cx.lacks(at, HEADER_LEN) {
        return Ok(());
    }
    if length < HEADER_LEN {
        say!(cx, "truncated-ip6 {length}");
        return Ok(());
    }
    if !cx.options.ether {
        say!(cx, "IP6 ");
    }
    let version = cx.u8(at)? >> 4;
    if version != 6 {
        say!(cx, "version error: {version} != 6");
        return Ok(());
    }
    let payload_len = usize::from(cx.be16(at + 4)?);
    let mut total = payload_len + HEADER_LEN;
    if payload_len == 0 {
        total = length + HEADER_LEN;
    } else if length < total {
        say!(cx, "truncated-ip6 - {} bytes missing!", total - length);
    }
    if cx.verbose() > 0 {
        print_header(cx, at, payload_len)?;
    }
    cx.push_end(at, total);
    let mut chain = Chain {
        start: at,
        at: at + HEADER_LEN,
        next: cx.u8(at + 6)?,
        previous: None,
        left: total - HEADER_LEN,
        length,
        payload_len,
        jumbo: false,
        hop_by_hop: false,
        fragmented: false,
        extended: false,
    };
    if !prints_own_addresses(chain.next) {
        say!(cx, "{} > {}: ", cx.ipv6(at + 8)?, cx.ipv6(at + 24)?);
    }
    while chain.step(cx)? {}
    cx.pop_end();
    Ok(())
}

/// The parentheses of `-v`.
fn print_header(cx: &mut Context<'_>, at: usize, payload_len: usize) -> Result {
    let flow = cx.be32(at)?;
    let next = cx.u8(at + 6)?;
    say!(cx, "(");
    if flow & 0x0ff0_0000 != 0 {
        say!(cx, "class 0x{:02x}, ", (flow & 0x0ff0_0000) >> 20);
    }
    if flow & 0x000f_ffff != 0 {
        say!(cx, "flowlabel 0x{:05x}, ", flow & 0x000f_ffff);
    }
    say!(
        cx,
        "hlim {}, next-header {} ({next}) payload length: {payload_len}) ",
        cx.u8(at + 7)?,
        name_of(IP_PROTOCOLS, u32::from(next)).unwrap_or("unknown")
    );
    Ok(())
}

/// The chain of headers, and what is left of the packet behind them.
struct Chain {
    start: usize,
    at: usize,
    next: u8,
    previous: Option<u8>,
    left: usize,
    length: usize,
    payload_len: usize,
    jumbo: bool,
    hop_by_hop: bool,
    fragmented: bool,
    extended: bool,
}

impl Chain {
    /// Prints one header or the payload; whether a header follows.
    fn step(&mut self, cx: &mut Context<'_>) -> Result<bool> {
        let advance = match self.next {
            HOP_BY_HOP => self.hop_by_hop(cx)?,
            DESTINATION_OPTIONS => destination_options(cx, self.at)?,
            FRAGMENT => self.fragment(cx)?,
            ROUTING => routing(cx, self.at)?,
            MOBILITY | MOBILITY_OLD => {
                cx.protocol = "mobility";
                cx.need(self.at, 8)?;
                say!(
                    cx,
                    "mobility: type-#{} len={}",
                    cx.u8(self.at + 2)?,
                    cx.u8(self.at + 1)?
                );
                None
            }
            _ => {
                self.payload(cx)?;
                None
            }
        };
        let Some(advance) = advance else {
            return Ok(false);
        };
        self.extended = true;
        self.previous = Some(self.next);
        self.next = cx.u8(self.at)?;
        cx.protocol = "ip6";
        if self.at >= cx.end() {
            return Ok(false);
        }
        if self.left < advance {
            cx.truncated();
            return Ok(false);
        }
        self.at += advance;
        self.left -= advance;
        Ok(true)
    }

    fn hop_by_hop(&mut self, cx: &mut Context<'_>) -> Result<Option<usize>> {
        let complaint = if self.hop_by_hop {
            Some("[The Hop-by-Hop Options header was already found]")
        } else if self.previous.is_some() {
            Some("[The Hop-by-Hop Options header don't follow the IPv6 header]")
        } else {
            None
        };
        if let Some(complaint) = complaint {
            say!(cx, "{complaint}");
            cx.invalid();
            return Ok(None);
        }
        let mut jumbo = Jumbo {
            payload_len: Some(self.payload_len),
            found: None,
        };
        let advance = option_header(cx, self.at, "hbhopt", "HBH ", &mut jumbo, true)?;
        if let Some(len) = jumbo.found {
            self.jumbo = true;
            self.payload_len = len;
        }
        if self.payload_len == 0 && !self.jumbo {
            say!(cx, "[No valid Jumbo Payload Hop-by-Hop option found]");
            cx.invalid();
            return Ok(None);
        }
        self.hop_by_hop = true;
        Ok(advance)
    }

    /// A fragment header (`frag6_print`); of a later fragment nothing else is known.
    fn fragment(&mut self, cx: &mut Context<'_>) -> Result<Option<usize>> {
        cx.protocol = "frag6";
        let offset = cx.be16(self.at + 2)? & OFFSET_MASK;
        let header = self.at - self.start + FRAGMENT_LEN;
        let stated = HEADER_LEN + usize::from(cx.be16(self.start + 4)?);
        let len = stated.wrapping_sub(header);
        if cx.verbose() > 0 {
            let id = cx.be32(self.at + 4)?;
            say!(cx, "frag (0x{id:08x}:{offset}|{len})");
        } else {
            say!(cx, "frag ({offset}|{len})");
        }
        if offset != 0 {
            return Ok(None);
        }
        say!(cx, " ");
        if cx.end() <= self.at + FRAGMENT_LEN {
            return Ok(None);
        }
        self.fragmented = true;
        Ok(Some(FRAGMENT_LEN))
    }

    fn payload(&mut self, cx: &mut Context<'_>) -> Result {
        let headers = self.at - self.start;
        if self.jumbo {
            let total = self.payload_len + HEADER_LEN;
            if total < headers {
                cx.truncated();
                return Ok(());
            }
            if self.length < total {
                say!(cx, "truncated-ip6 - {} bytes missing!", total - self.length);
            }
            cx.change_end(self.start, total);
            self.left = total - headers;
        } else if self.payload_len == 0 {
            if self.extended {
                cx.truncated();
                return Ok(());
            }
            cx.change_end(self.start, HEADER_LEN);
            self.left = 0;
        }
        demux::payload(
            cx,
            Payload {
                network: NetworkHeader {
                    at: self.start,
                    version: 6,
                },
                protocol: self.next,
                at: self.at,
                length: self.left,
                fragmented: self.fragmented,
            },
        )
    }
}

/// A routing header (`rt6_print`): source routes of types 0 and 2, segments of type 4.
fn routing(cx: &mut Context<'_>, at: usize) -> Result<Option<usize>> {
    if cx.lacks(at, 1) {
        return Ok(None);
    }
    cx.protocol = "rt6";
    say!(cx, "RT6");
    let len = usize::from(cx.u8(at + 1)?);
    say!(cx, " (len={len}");
    let kind = cx.u8(at + 2)?;
    say!(cx, ", type={kind}");
    if kind == 0 {
        say!(cx, " [Deprecated]");
    }
    say!(cx, ", segleft={}", cx.u8(at + 3)?);
    match kind {
        0 | 2 => {
            let reserved = cx.be32(at + 4)?;
            if reserved != 0 || cx.verbose() > 0 {
                say!(cx, ", rsv=0x{reserved:x}");
            }
        }
        4 => {
            say!(cx, ", last-entry={}", cx.u8(at + 4)?);
            let flags = cx.u8(at + 5)?;
            if flags != 0 || cx.verbose() > 0 {
                say!(cx, ", flags=0x{flags:x}");
            }
            say!(cx, ", tag={:x}", cx.be16(at + 6)?);
        }
        _ => {
            say!(cx, " (unknown type)");
            cx.invalid();
            return Ok(None);
        }
    }
    if len % 2 == 1 {
        say!(cx, " (invalid length {len})");
        cx.invalid();
        return Ok(None);
    }
    for index in 0..len / 2 {
        say!(cx, ", [{index}]{}", cx.ipv6(at + 8 + index * 16)?);
    }
    say!(cx, ") ");
    Ok(Some((len + 1) * 8))
}

/// Where the last destination is: the header's, or the end of a routing header (`ip6_finddst`).
pub(super) fn final_destination(cx: &Context<'_>, start: usize) -> usize {
    let in_header = start + 24;
    routed_destination(cx, start)
        .ok()
        .flatten()
        .unwrap_or(in_header)
}

fn routed_destination(cx: &Context<'_>, start: usize) -> Result<Option<usize>> {
    let mut at = start + HEADER_LEN;
    let mut next = cx.u8(start + 6)?;
    while at < cx.end() {
        let advance = match next {
            HOP_BY_HOP | DESTINATION_OPTIONS | MOBILITY | MOBILITY_OLD => {
                (usize::from(cx.u8(at + 1)?) + 1) * 8
            }
            FRAGMENT => FRAGMENT_LEN,
            ROUTING => return last_hop(cx, at),
            _ => return Ok(None),
        };
        next = cx.u8(at)?;
        at += advance;
    }
    Ok(None)
}

fn last_hop(cx: &Context<'_>, at: usize) -> Result<Option<usize>> {
    cx.need(at, 4)?;
    let len = usize::from(cx.u8(at + 1)?);
    if len % 2 == 1 {
        return Ok(None);
    }
    let hops = at + 8;
    let last = match cx.u8(at + 2)? {
        0 | 2 if len >= 2 => hops + (len / 2 - 1) * 16,
        4 => hops,
        _ => return Ok(None),
    };
    Ok(cx.has(last, 16).then_some(last))
}
