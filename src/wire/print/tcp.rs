//! TCP headers (RFC 9293): flags, relative sequence numbers, window, payload length.
//! Options are in `tcp_options`; of payloads the text protocols and DNS are printed.

use super::checksum::{should_be, with_pseudo_header};
use super::context::{Context, Result, bit_names, say};
use super::demux::Payload;
use super::flows::{Base, FlowKey, Relative};
use super::{domain, tcp_options, text, udp};
use crate::wire::services::Transport;

const HEADER_LEN: usize = 20;
const FIN_SYN_RST: u8 = 0x07;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;
const URG: u8 = 0x20;

const FLAGS: &[(u32, &str)] = &[
    (0x01, "F"),
    (0x02, "S"),
    (0x04, "R"),
    (0x08, "P"),
    (0x10, "."),
    (0x20, "U"),
    (0x40, "E"),
    (0x80, "W"),
];

/// Of the data in a reset, so much is shown.
const RESET_DATA_MAX: usize = 30;

/// A TCP segment (`tcp_print`).
pub(super) fn tcp(cx: &mut Context<'_>, payload: Payload) -> Result {
    cx.protocol = "tcp";
    let at = payload.at;
    if !cx.has(at + 2, 2) {
        return without_ports(cx, &payload);
    }
    let ports = (cx.be16(at)?, cx.be16(at + 2)?);
    udp::print_ends(cx, &payload, Some(ports), Transport::Tcp)?;
    if cx.lacks(at, HEADER_LEN) {
        return Ok(());
    }
    let header_len = usize::from(cx.u8(at + 12)? >> 4) * 4;
    let data_len = (payload.length as u32).wrapping_sub(header_len as u32);
    if header_len < HEADER_LEN {
        say!(
            cx,
            " tcp {data_len} [bad hdr length {header_len} - too short, < {HEADER_LEN}]"
        );
        return Ok(());
    }
    if cx.options.quiet > 0 {
        say!(cx, "tcp {data_len}");
        too_long(cx, header_len, payload.length);
        return Ok(());
    }
    let flags = cx.u8(at + 13)?;
    say!(
        cx,
        "Flags [{}]",
        bit_names(FLAGS, u32::from(flags), "", "none")
    );
    let numbers = numbers(cx, &payload, ports, flags)?;
    if too_long(cx, header_len, payload.length) {
        return Ok(());
    }
    if cx.verbose() > 0 && !cx.options.no_checksums && !payload.fragmented {
        check(cx, &payload)?;
    }
    let data_len = payload.length - header_len;
    print_numbers(cx, at, flags, &numbers, data_len)?;
    if header_len > HEADER_LEN {
        let options = tcp_options::Options {
            at: at + HEADER_LEN,
            len: header_len - HEADER_LEN,
            data_captured: cx.has(at + header_len, data_len),
        };
        if !tcp_options::options(cx, options, &numbers)? {
            return Ok(());
        }
    }
    say!(cx, ", length {data_len}");
    if data_len == 0 {
        return Ok(());
    }
    if !cx.has(at, header_len) {
        say!(
            cx,
            " [remaining caplen({}) < header length({header_len})]",
            cx.available(at)
        );
    }
    cx.need(at, header_len)?;
    if flags & RST != 0 && cx.verbose() > 0 {
        reset_data(cx, at + header_len, data_len);
        return Ok(());
    }
    application(cx, ports, at + header_len, data_len)
}

fn without_ports(cx: &mut Context<'_>, payload: &Payload) -> Result {
    let at = payload.network.at;
    let (from, to) = if payload.network.version == 6 {
        (cx.ipv6(at + 8)?, cx.ipv6(at + 24)?)
    } else {
        (cx.ipv4(at + 12)?, cx.ipv4(at + 16)?)
    };
    say!(cx, "{from} > {to}:");
    cx.truncated();
    Ok(())
}

fn too_long(cx: &mut Context<'_>, header_len: usize, length: usize) -> bool {
    if header_len > length {
        say!(cx, " [bad hdr length {header_len} - too long, > {length}]");
    }
    header_len > length
}

/// Sequence and acknowledgement as they print: relative, where an earlier segment was seen.
fn numbers(
    cx: &mut Context<'_>,
    payload: &Payload,
    ports: (u16, u16),
    flags: u8,
) -> Result<Relative> {
    let (seq, ack) = (cx.be32(payload.at + 4)?, cx.be32(payload.at + 8)?);
    if cx.options.absolute_seq || flags & ACK == 0 {
        return Ok(Relative {
            seq,
            ack,
            base: Base { seq: 0, ack: 0 },
            reverse: false,
        });
    }
    let (at, len, address) = if payload.network.version == 6 {
        (payload.network.at, 16, 8)
    } else {
        (payload.network.at, 4, 12)
    };
    let source = cx.bytes(at + address, len)?;
    let destination = cx.bytes(at + address + len, len)?;
    let key = FlowKey::new((ports.0, source), (ports.1, destination));
    Ok(cx.flows.relative(key, seq, ack, flags & SYN != 0))
}

fn check(cx: &mut Context<'_>, payload: &Payload) -> Result {
    if !cx.has(payload.at, payload.length) {
        return Ok(());
    }
    let sum = with_pseudo_header(cx, payload.network, payload.at, payload.length, 6)?;
    let found = cx.be16(payload.at + 16)?;
    say!(cx, ", cksum 0x{found:04x}");
    if sum == 0 {
        say!(cx, " (correct)");
    } else {
        say!(cx, " (incorrect -> 0x{:04x})", should_be(found, sum));
    }
    Ok(())
}

fn print_numbers(
    cx: &mut Context<'_>,
    at: usize,
    flags: u8,
    numbers: &Relative,
    data_len: usize,
) -> Result {
    if cx.verbose() > 1 || data_len > 0 || flags & FIN_SYN_RST != 0 {
        say!(cx, ", seq {}", numbers.seq);
        if data_len > 0 {
            say!(cx, ":{}", numbers.seq.wrapping_add(data_len as u32));
        }
    }
    if flags & ACK != 0 {
        say!(cx, ", ack {}", numbers.ack);
    }
    say!(cx, ", win {}", cx.be16(at + 14)?);
    if flags & URG != 0 {
        say!(cx, ", urg {}", cx.be16(at + 18)?);
    }
    Ok(())
}

/// The reason that a reset may carry (RFC 1122 section 4.2.2.12).
fn reset_data(cx: &mut Context<'_>, at: usize, length: usize) {
    let mark = if cx.has(at, length) { "" } else { "!" };
    let more = if length > RESET_DATA_MAX { "+" } else { "" };
    say!(cx, " [{mark}RST{more} ");
    cx.visible_n(at, length.min(RESET_DATA_MAX));
    say!(cx, "]");
}

/// Prints what the port stands for, where it is text or DNS.
fn application(
    cx: &mut Context<'_>,
    (source, destination): (u16, u16),
    at: usize,
    length: usize,
) -> Result {
    let either = |port| source == port || destination == port;
    if either(25) {
        text::plain(cx, "smtp", at, length)
    } else if either(43) {
        text::plain(cx, "whois", at, length)
    } else if either(22) {
        text::ssh(cx, at, length)
    } else if either(21) {
        text::plain(cx, "ftp", at, length)
    } else if either(80) || either(8080) {
        text::http(cx, at, length)
    } else if either(554) || either(8554) {
        text::rtsp(cx, at, length)
    } else if either(53) {
        domain::domain(cx, at, length, domain::Carrier::Tcp)
    } else {
        Ok(())
    }
}
