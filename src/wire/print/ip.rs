//! IPv4 headers (RFC 791) and fragments.
//! Options are in `ip_options`, payloads behind `demux`.

use super::checksum::{NetworkHeader, checksum, should_be};
use super::context::{Context, Result, bit_names, name_of, say};
use super::demux::{self, Payload};
use super::ip_options;
use super::tables::{IP_PROTOCOLS, PROTOCOL_NAMES};

const HEADER_LEN: usize = 20;
const OFFSET_MASK: u16 = 0x1fff;
const MORE_FRAGMENTS: u16 = 0x2000;

const FLAGS: &[(u32, &str)] = &[(0x2000, "+"), (0x4000, "DF"), (0x8000, "rsvd")];

/// TCP and UDP print the addresses themselves, with the ports.
pub(super) fn prints_own_addresses(protocol: u8) -> bool {
    matches!(protocol, 6 | 17)
}

/// An IPv4 packet of `length` bytes at `at` (`ip_print`).
pub(super) fn ip(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.nested(|cx| packet(cx, at, length))
}

fn packet(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.protocol = "ip";
    let version = cx.u8(at)? >> 4;
    if version != 4 {
        if version == 6 {
            say!(cx, "IP6, wrong link-layer encapsulation");
        } else {
            say!(cx, "IP{version}");
        }
        cx.invalid();
        return Ok(());
    }
    if !cx.options.ether {
        say!(cx, "IP ");
    }
    if cx.lacks(at, HEADER_LEN) {
        return Ok(());
    }
    if length < HEADER_LEN {
        say!(cx, "truncated-ip {length}");
        return Ok(());
    }
    let header_len = usize::from(cx.u8(at)? & 0xf) * 4;
    if header_len < HEADER_LEN {
        say!(cx, "bad-hlen {header_len}");
        return Ok(());
    }
    let total = usize::from(cx.be16(at + 2)?);
    if length < total {
        say!(cx, "truncated-ip - {} bytes missing! ", total - length);
    }
    if total < header_len {
        say!(cx, "bad-len {total}");
        return Ok(());
    }
    cx.push_end(at, total);
    if cx.verbose() == 0 || print_header(cx, at, header_len)? {
        print_payload(cx, at, header_len, total - header_len)?;
    } else {
        print_ends(cx, at)?;
        say!(cx, " ");
        cx.truncated();
    }
    cx.pop_end();
    Ok(())
}

/// The line of `-v`; false where the options are cut off.
fn print_header(cx: &mut Context<'_>, at: usize, header_len: usize) -> Result<bool> {
    let tos = cx.u8(at + 1)?;
    say!(cx, "(tos 0x{tos:x}");
    match tos & 3 {
        1 => say!(cx, ",ECT(1)"),
        2 => say!(cx, ",ECT(0)"),
        3 => say!(cx, ",CE"),
        _ => {}
    }
    let ttl = cx.u8(at + 8)?;
    if ttl >= 1 {
        say!(cx, ", ttl {ttl}");
    }
    let fragment = cx.be16(at + 6)?;
    let protocol = cx.u8(at + 9)?;
    say!(
        cx,
        ", id {}, offset {}, flags [{}], proto {} ({protocol})",
        cx.be16(at + 4)?,
        u32::from(fragment & OFFSET_MASK) * 8,
        bit_names(FLAGS, u32::from(fragment), ", ", "none"),
        name_of(IP_PROTOCOLS, u32::from(protocol)).unwrap_or("unknown")
    );
    say!(cx, ", length {}", cx.be16(at + 2)?);
    let mut whole = true;
    if header_len > HEADER_LEN {
        say!(cx, ", options (");
        whole = ip_options::options(cx, at + HEADER_LEN, header_len - HEADER_LEN)?;
        if !whole {
            say!(cx, " [truncated-option]");
        }
        say!(cx, ")");
    }
    if !cx.options.no_checksums && cx.has(at, header_len) {
        let sum = checksum(&[cx.bytes(at, header_len)?]);
        if sum != 0 {
            let found = cx.be16(at + 10)?;
            say!(cx, ", bad cksum {found:x} (->{:x})!", should_be(found, sum));
        }
    }
    say!(cx, ")\n    ");
    Ok(whole)
}

fn print_ends(cx: &mut Context<'_>, at: usize) -> Result {
    say!(cx, "{} > {}:", cx.ipv4(at + 12)?, cx.ipv4(at + 16)?);
    Ok(())
}

fn print_payload(cx: &mut Context<'_>, at: usize, header_len: usize, length: usize) -> Result {
    let fragment = cx.be16(at + 6)?;
    let protocol = cx.u8(at + 9)?;
    if fragment & OFFSET_MASK != 0 {
        return later_fragment(cx, at, protocol);
    }
    if !prints_own_addresses(protocol) {
        print_ends(cx, at)?;
        say!(cx, " ");
    }
    if !cx.has(at, header_len) {
        say!(
            cx,
            " [remaining caplen({}) < header length({header_len})]",
            cx.available(at)
        );
        cx.need(at, header_len)?;
    }
    let payload = Payload {
        network: NetworkHeader { at, version: 4 },
        protocol,
        at: at + header_len,
        length,
        fragmented: fragment & MORE_FRAGMENTS != 0,
    };
    demux::payload(cx, payload)
}

/// A fragment other than the first has no upper header: only the protocol is known.
fn later_fragment(cx: &mut Context<'_>, at: usize, protocol: u8) -> Result {
    if cx.options.quiet > 1 {
        return Ok(());
    }
    print_ends(cx, at)?;
    say!(cx, " {}", protocol_name(cx, protocol));
    Ok(())
}

/// An IP protocol that has no printer.
pub(super) fn protocol_name(cx: &Context<'_>, protocol: u8) -> String {
    match name_of(PROTOCOL_NAMES, u32::from(protocol)) {
        Some(name) if !cx.options.numeric => name.to_owned(),
        _ => format!("ip-proto-{protocol}"),
    }
}

/// Where the last destination is: the header's, or the end of a source route (`ip_finddst`).
pub(super) fn final_destination(cx: &Context<'_>, at: usize) -> Result<usize> {
    let in_header = at + 16;
    let header_len = usize::from(cx.u8(at)? & 0xf) * 4;
    let end = at + header_len;
    let mut option = at + HEADER_LEN;
    while option < end {
        let kind = cx.u8(option)?;
        let len = match kind {
            0 => break,
            1 => 1,
            _ => usize::from(cx.u8(option + 1)?),
        };
        if len == 0 || (kind != 1 && len < 2) || option + len > end || !cx.has(option, len) {
            break;
        }
        if matches!(kind, 131 | 137) && len >= 7 {
            return Ok(option + len - 4);
        }
        option += len;
    }
    Ok(in_header)
}
