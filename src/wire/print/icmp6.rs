//! ICMPv6 (RFC 4443) and neighbour discovery's messages (RFC 4861).
//! Options of neighbour discovery are in `nd_options`, listener discovery in `mld`.

use super::checksum::{should_be, with_pseudo_header};
use super::context::{Context, Result, bit_names, name_of, say};
use super::demux::Payload;
use super::{hex, mld, names, nd_options};
use crate::wire::services::Transport;

const TYPES: &[(u32, &str)] = &[
    (1, "destination unreachable"),
    (2, "packet too big"),
    (3, "time exceeded in-transit"),
    (4, "parameter problem"),
    (128, "echo request"),
    (129, "echo reply"),
    (130, "multicast listener query"),
    (131, "multicast listener report"),
    (132, "multicast listener done"),
    (133, "router solicitation"),
    (134, "router advertisement"),
    (135, "neighbor solicitation"),
    (136, "neighbor advertisement"),
    (137, "redirect"),
    (138, "router renumbering"),
    (141, "inverse neighbor solicitation"),
    (142, "inverse neighbor advertisement"),
    (143, "multicast listener report v2"),
    (144, "ha discovery request"),
    (145, "ha discovery reply"),
    (146, "mobile router solicitation"),
    (147, "mobile router advertisement"),
    (139, "who-are-you request"),
    (140, "who-are-you reply"),
    (201, "mtrace message"),
    (200, "mtrace response"),
    (155, "RPL"),
];

/// The space in front of the second is tcpdump's.
const UNREACHABLE: &[(u32, &str)] = &[
    (0, "unreachable route"),
    (1, " unreachable prohibited"),
    (2, "beyond scope"),
    (3, "unreachable address"),
    (4, "unreachable port"),
];

const ROUTER_FLAGS: &[(u32, &str)] = &[
    (0x80, "managed"),
    (0x40, "other stateful"),
    (0x20, "home agent"),
    (0x02, "ipv6 only"),
];

const NEIGHBOUR_FLAGS: &[(u32, &str)] = &[
    (0x8000_0000, "router"),
    (0x4000_0000, "solicited"),
    (0x2000_0000, "override"),
];

/// An ICMPv6 message (`icmp6_print`).
pub(super) fn icmp6(cx: &mut Context<'_>, payload: Payload) -> Result {
    cx.protocol = "icmp6";
    let (at, length) = (payload.at, payload.length);
    if length == 0 {
        say!(cx, "ICMP6, length 0");
        cx.invalid();
        return Ok(());
    }
    if cx.verbose() > 0 && !payload.fragmented && cx.has(at, length) {
        check(cx, &payload)?;
    }
    let kind = cx.u8(at)?;
    match name_of(TYPES, u32::from(kind)) {
        Some(name) => say!(cx, "ICMP6, {name}"),
        None => say!(cx, "ICMP6, unknown icmp6 type ({kind})"),
    }
    if cx.verbose() > 0 && matches!(kind, 133..=137 | 145 | 147) {
        say!(cx, ", length {length}");
    }
    if message(cx, at, length, kind)? && cx.verbose() == 0 {
        say!(cx, ", length {length}");
    }
    Ok(())
}

fn check(cx: &mut Context<'_>, payload: &Payload) -> Result {
    let found = cx.be16(payload.at + 2)?;
    let sum = with_pseudo_header(cx, payload.network, payload.at, payload.length, 58)?;
    if sum == 0 {
        say!(cx, "[icmp6 sum ok] ");
    } else {
        let right = should_be(found, sum);
        say!(cx, "[bad icmp6 cksum 0x{found:04x} -> 0x{right:04x}!] ");
    }
    Ok(())
}

/// What a message says; false where the line is complete with it.
fn message(cx: &mut Context<'_>, at: usize, length: usize, kind: u8) -> Result<bool> {
    let code = cx.u8(at + 1)?;
    let verbose = cx.verbose() > 0;
    let length_signed = length as isize;
    match kind {
        1 => return unreachable(cx, at, length, code),
        2 => say!(cx, ", mtu {}", cx.be32(at + 4)?),
        3 => match code {
            0 => say!(cx, " for {}", cx.ipv6(at + 8 + 24)?),
            1 => say!(cx, " (reassembly)"),
            _ => say!(cx, ", unknown code ({code})"),
        },
        4 if cx.lacks(at + 8 + 24, 16) => return Ok(false),
        4 => parameter_problem(cx, at, code)?,
        128 | 129 => {
            say!(cx, ", id {}, seq {}", cx.be16(at + 4)?, cx.be16(at + 6)?);
        }
        130 => mld::query(cx, at, length)?,
        131 | 132 => mld::v1(cx, at)?,
        133 if verbose => return nd_options::options(cx, at + 8, length_signed - 8),
        134 if verbose => return router_advertisement(cx, at, length_signed),
        135 => {
            say!(cx, ", who has {}", cx.ipv6(at + 8)?);
            if verbose {
                return nd_options::options(cx, at + 24, length_signed - 24);
            }
        }
        136 => {
            say!(cx, ", tgt is {}", cx.ipv6(at + 8)?);
            if verbose {
                let flags = bit_names(NEIGHBOUR_FLAGS, cx.be32(at + 4)?, ", ", "none");
                say!(cx, ", Flags [{flags}]");
                return nd_options::options(cx, at + 24, length_signed - 24);
            }
        }
        137 => {
            let destination = cx.ipv6(at + 24)?;
            say!(cx, ", {destination}");
            say!(cx, " to {}", cx.ipv6(at + 8)?);
            if verbose {
                return nd_options::options(cx, at + 40, length_signed - 40);
            }
        }
        143 => mld::report_v2(cx, at, length)?,
        144 | 146 => say!(cx, ", id 0x{:04x}", cx.be16(at + 4)?),
        133 | 134 | 138..=142 | 145 | 147 | 155 => {}
        _ => {
            say!(cx, ", length {length}");
            if cx.verbose() <= 1 {
                hex::unknown_data(cx, "\n\t", at, length)?;
            }
            return Ok(false);
        }
    }
    Ok(true)
}

fn unreachable(cx: &mut Context<'_>, at: usize, length: usize, code: u8) -> Result<bool> {
    match name_of(UNREACHABLE, u32::from(code)) {
        Some(name) => say!(cx, ", {name}"),
        None => say!(cx, ", unknown unreach code ({code})"),
    }
    let quoted = at + 8;
    match code {
        0 | 1 | 3 => say!(cx, " {}", cx.ipv6(quoted + 24)?),
        2 => {
            let target = cx.ipv6(quoted + 24)?;
            say!(cx, " {target}, source address {}", cx.ipv6(quoted + 8)?);
        }
        4 => return port_unreachable(cx, quoted),
        _ if cx.verbose() <= 1 => {
            hex::unknown_data(cx, "\n\t", at, length)?;
            return Ok(false);
        }
        _ => {}
    }
    Ok(true)
}

fn port_unreachable(cx: &mut Context<'_>, quoted: usize) -> Result<bool> {
    let Some((protocol, upper)) = upper_layer(cx, quoted) else {
        cx.truncated();
        return Ok(false);
    };
    let port = cx.be16(upper + 2)?;
    let target = cx.ipv6(quoted + 24)?;
    let (name, transport) = if protocol == 6 {
        ("tcp", Transport::Tcp)
    } else {
        ("udp", Transport::Udp)
    };
    let port = names::port(port, transport, cx.options.numeric);
    say!(cx, ", {target} {name} port {port}");
    Ok(true)
}

/// The TCP or UDP header of a quoted packet, if it was captured (`get_upperlayer`).
fn upper_layer(cx: &Context<'_>, quoted: usize) -> Option<(u8, usize)> {
    let mut next = cx.u8(quoted + 6).ok()?;
    let mut at = quoted;
    let mut advance = 40;
    while at < cx.end() {
        at += advance;
        match next {
            6 | 17 => return cx.has(at + 2, 2).then_some((next, at)),
            0 | 43 | 60 => {
                let len = cx.u8(at + 1).ok()?;
                next = cx.u8(at).ok()?;
                advance = (usize::from(len) + 1) * 8;
            }
            44 => {
                if cx.be16(at + 2).ok()? & 0xfff8 != 0 {
                    return None;
                }
                next = cx.u8(at).ok()?;
                advance = 8;
            }
            51 => {
                let len = cx.u8(at + 1).ok()?;
                next = cx.u8(at).ok()?;
                advance = (usize::from(len) + 2) * 4;
            }
            _ => return None,
        }
    }
    None
}

fn parameter_problem(cx: &mut Context<'_>, at: usize, code: u8) -> Result {
    let what = match code {
        0 => "erroneous",
        1 => "next header",
        2 => "option",
        3 => "incomplete header chain",
        _ => {
            say!(cx, ", code-#{code}");
            return Ok(());
        }
    };
    say!(cx, ", {what} - octet {}", cx.be32(at + 4)?);
    Ok(())
}

fn router_advertisement(cx: &mut Context<'_>, at: usize, length: isize) -> Result<bool> {
    let flags = cx.u8(at + 5)?;
    say!(
        cx,
        "\n\thop limit {}, Flags [{}], pref {}, router lifetime {}s, reachable time {}ms, retrans timer {}ms",
        cx.u8(at + 4)?,
        bit_names(ROUTER_FLAGS, u32::from(flags), ", ", "none"),
        nd_options::preference(flags),
        cx.be16(at + 6)?,
        cx.be32(at + 8)?,
        cx.be32(at + 12)?
    );
    nd_options::options(cx, at + 16, length - 16)
}
