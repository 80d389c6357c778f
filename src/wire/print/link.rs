//! The link headers that are not Ethernet's: none at all, and the cooked headers of packet sockets.
//! Ethernet itself is in `ether`.

use super::context::{Context, Result, name_of, say};
use super::tables::ETHERTYPES;
use super::{ether, hex, ip, ip6, llc};

const SLL_LEN: usize = 16;
const SLL2_LEN: usize = 20;

/// `PACKET_HOST` and its like.
const PACKET_TYPES: &[(u32, &str)] = &[(0, "In"), (1, "B"), (2, "M"), (3, "P"), (4, "Out")];

/// A packet without a link header (`raw_if_print`, `ipN_print`).
pub(super) fn raw(cx: &mut Context<'_>, length: usize) -> Result {
    cx.protocol = "raw";
    if cx.options.ether {
        say!(cx, "ip: ");
    }
    cx.protocol = "ipn";
    match cx.u8(0)? >> 4 {
        4 => ip::ip(cx, 0, length),
        6 => ip6::ip6(cx, 0, length),
        version => {
            say!(cx, "unknown ip {version}");
            Ok(())
        }
    }
}

/// A frame with the first cooked header (`sll_if_print`).
pub(super) fn sll(cx: &mut Context<'_>, length: usize, captured: usize) -> Result {
    cx.protocol = "sll";
    cx.need(0, SLL_LEN)?;
    if cx.options.ether {
        sll_header(cx, length)?;
    }
    let ethertype = cx.be16(14)?;
    cooked_payload(cx, SLL_LEN, length, captured, ethertype, sll_header)
}

/// A frame with the second cooked header, which names the interface (`sll2_if_print`).
pub(super) fn sll2(cx: &mut Context<'_>, length: usize, captured: usize) -> Result {
    cx.protocol = "sll2";
    cx.need(0, SLL2_LEN)?;
    let index = cx.be32(4)?;
    let name = cx.names.get(&index).map_or("?", String::as_str);
    say!(cx, "{name:<5} ");
    let kind = name_of(PACKET_TYPES, u32::from(cx.u8(10)?)).unwrap_or("?");
    say!(cx, "{kind:<3} ");
    if cx.options.ether {
        sll2_header(cx, length)?;
    }
    let ethertype = cx.be16(0)?;
    cooked_payload(cx, SLL2_LEN, length, captured, ethertype, sll2_header)
}

fn sll_header(cx: &mut Context<'_>, length: usize) -> Result {
    cx.protocol = "sll";
    let kind = name_of(PACKET_TYPES, u32::from(cx.be16(0)?)).unwrap_or("?");
    say!(cx, "{kind:>3} ");
    if cx.be16(4)? == 6 {
        say!(cx, "{} ", cx.mac(6)?);
    }
    let ethertype = cx.be16(14)?;
    cooked_type(cx, ethertype, length);
    Ok(())
}

fn sll2_header(cx: &mut Context<'_>, length: usize) -> Result {
    cx.protocol = "sll2";
    say!(cx, "ifindex {} ", cx.be32(4)?);
    if cx.u8(11)? == 6 {
        say!(cx, "{} ", cx.mac(12)?);
    }
    let ethertype = cx.be16(0)?;
    cooked_type(cx, ethertype, length);
    Ok(())
}

fn cooked_type(cx: &mut Context<'_>, ethertype: u16, length: usize) {
    if cx.options.quiet > 0 {
        return;
    }
    match ethertype {
        1 => say!(cx, "802.3"),
        4 => say!(cx, "802.2"),
        other if usize::from(other) <= ether::LENGTH_MAX => {
            say!(cx, "ethertype Unknown (0x{other:04x})");
        }
        other => {
            let name = name_of(ETHERTYPES, u32::from(other)).unwrap_or("Unknown");
            say!(cx, "ethertype {name} (0x{other:04x})");
        }
    }
    say!(cx, ", length {length}: ");
}

/// The payload behind a cooked header, tags first.
fn cooked_payload(
    cx: &mut Context<'_>,
    header: usize,
    length: usize,
    captured: usize,
    mut ethertype: u16,
    print_header: fn(&mut Context<'_>, usize) -> Result,
) -> Result {
    let mut at = header;
    while ethertype == 0x8100 {
        if captured - at < 4 {
            cx.protocol = "vlan";
            cx.truncated();
            cx.link_header_len = captured;
            return Ok(());
        }
        if cx.options.ether {
            let tag = cx.be16(at)?;
            say!(cx, "{}, ", ether::tag_text(tag));
        }
        ethertype = cx.be16(at + 2)?;
        if usize::from(ethertype) <= ether::LENGTH_MAX {
            ethertype = 4;
        }
        if cx.options.quiet == 0 {
            let name = name_of(ETHERTYPES, u32::from(ethertype)).unwrap_or("Unknown");
            say!(cx, "ethertype {name}, ");
        }
        at += 4;
    }
    let (rest, captured) = (length.saturating_sub(at), captured - at);
    let mut header_len = at;
    match ethertype {
        4 => match llc::llc(cx, at, rest, captured, None)? {
            llc::Payload::Known(len) => header_len += len,
            llc::Payload::Unknown(_) => hex::unknown_packet(cx, at, captured)?,
        },
        other if usize::from(other) <= ether::LENGTH_MAX => hex::unknown_packet(cx, at, captured)?,
        other => {
            if !ether::ethertype(cx, other, at, rest, captured)? {
                if !cx.options.ether {
                    print_header(cx, rest + header)?;
                }
                hex::unknown_packet(cx, at, captured)?;
            }
        }
    }
    cx.link_header_len = header_len;
    Ok(())
}
