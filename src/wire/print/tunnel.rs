//! Headers around other packets: VXLAN (RFC 7348), OTV, Geneve, GRE (RFC 2784), AH and ESP.
//! What an ESP packet hides stays hidden.

use super::context::{Context, Result, bit_names, name_of, say};
use super::tables::ETHERTYPES;
use super::{ether, ip, ip6};

const VXLAN_LEN: usize = 8;

/// A VXLAN header, and the inner frame on the next line (`vxlan_print`).
pub(super) fn vxlan(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.protocol = "vxlan";
    say!(cx, "VXLAN");
    if length < VXLAN_LEN {
        cx.invalid();
        return Ok(());
    }
    let flags = cx.u8(at)?;
    let name = if flags & 0x08 != 0 { "I" } else { "invalid" };
    say!(cx, ", flags [{name}] (0x{flags:02x}), ");
    say!(cx, "vni {}\n", cx.be24(at + 4)?);
    cx.need(at + 7, 1)?;
    ether::inner(cx, at + VXLAN_LEN, length - VXLAN_LEN)
}

/// Linux's own VXLAN port, 8472, is OTV's by number, and so it is printed (`otv_print`).
pub(super) fn otv(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.protocol = "otv";
    say!(cx, "OTV, ");
    if length < VXLAN_LEN {
        say!(cx, "[length {length} < {VXLAN_LEN}]");
        cx.invalid();
        return cx.need(at, length);
    }
    let flags = cx.u8(at)?;
    let name = if flags & 0x08 != 0 { "I" } else { "." };
    say!(cx, "flags [{name}] (0x{flags:02x}), ");
    say!(cx, "overlay {}, ", cx.be24(at + 1)?);
    say!(cx, "instance {}\n", cx.be24(at + 4)?);
    cx.need(at + 7, 1)?;
    ether::inner(cx, at + VXLAN_LEN, length - VXLAN_LEN)
}

/// A Geneve header (RFC 8926) and what it carries (`geneve_print`).
pub(super) fn geneve(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.protocol = "geneve";
    say!(cx, "Geneve");
    if length < 8 {
        say!(cx, " [length {length} < 8]");
        cx.invalid();
        return Ok(());
    }
    if cx.lacks(at, 8) {
        return Ok(());
    }
    let first = cx.u8(at)?;
    if first >> 6 != 0 {
        say!(cx, " ERROR: unknown-version {}", first >> 6);
        return Ok(());
    }
    let flags = u32::from(cx.u8(at + 1)?);
    let protocol = cx.be16(at + 2)?;
    let names = bit_names(GENEVE_FLAGS, flags, "", "none");
    say!(cx, ", Flags [{names}], vni 0x{:x}", cx.be24(at + 4)?);
    let reserved = cx.u8(at + 7)?;
    if reserved != 0 {
        say!(cx, ", rsvd 0x{reserved:x}");
    }
    if cx.options.ether {
        let name = name_of(ETHERTYPES, u32::from(protocol)).unwrap_or("unknown");
        say!(cx, ", proto {name} (0x{protocol:04x})");
    }
    let options = usize::from(first & 0x3f) * 4;
    let rest = length - 8;
    if rest < options {
        say!(cx, " truncated-geneve - {} bytes missing", options - rest);
        return Ok(());
    }
    if cx.lacks(at + 8, options) {
        return Ok(());
    }
    if options > 0 {
        say!(cx, ", options [{options} bytes]");
    }
    let separator = if cx.verbose() < 1 { ": " } else { "\n\t" };
    say!(cx, "{separator}");
    geneve_payload(cx, protocol, at + 8 + options, rest - options)
}

fn geneve_payload(cx: &mut Context<'_>, protocol: u16, at: usize, length: usize) -> Result {
    let captured = cx.available(at);
    if ether::ethertype(cx, protocol, at, length, captured)? {
        return Ok(());
    }
    if protocol == 0x6558 {
        return ether::inner(cx, at, length);
    }
    say!(cx, "geneve-proto-0x{protocol:x}");
    Ok(())
}

const GENEVE_FLAGS: &[(u32, &str)] = &[(0x80, "O"), (0x40, "C")];

const GRE_FLAGS: &[(u32, &str)] = &[
    (0x8000, "checksum present"),
    (0x4000, "routing present"),
    (0x2000, "key present"),
    (0x1000, "sequence# present"),
    (0x0800, "source routing present"),
    (0x0080, "ack present"),
];

/// A GRE header and what it carries (`gre_print`); the PPP frames of version 1 stay closed.
pub(super) fn gre(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.protocol = "gre";
    if !cx.has(at, 2) || length < 2 {
        cx.truncated();
        return Ok(());
    }
    let flags = cx.be16(at)?;
    let version = flags & 7;
    say!(cx, "GREv{version}");
    match version {
        0 => gre_payload(cx, at, length, flags),
        1 => gre_point_to_point(cx, at, length, flags),
        _ => {
            say!(cx, " ERROR: unknown-version");
            Ok(())
        }
    }
}

fn gre_payload(cx: &mut Context<'_>, start: usize, length: usize, flags: u16) -> Result {
    if cx.verbose() > 0 {
        let names = bit_names(GRE_FLAGS, u32::from(flags), ", ", "none");
        say!(cx, ", Flags [{names}]");
    }
    let lacks =
        |cx: &mut Context<'_>, at: usize, len| at - start + len > length || !cx.has(at, len);
    let mut at = start + 4;
    let mut missing = lacks(cx, start + 2, 2);
    if !missing && flags & 0xc000 != 0 {
        missing = lacks(cx, at, 2);
        if !missing && cx.verbose() > 0 {
            say!(cx, ", sum 0x{:x}", cx.be16(at)?);
        }
        missing = missing || lacks(cx, at + 2, 2);
        if !missing {
            say!(cx, ", off 0x{:x}", cx.be16(at + 2)?);
        }
        at += 4;
    }
    for (bit, name) in [(0x2000, "key=0x"), (0x1000, "seq ")] {
        if missing || flags & bit == 0 {
            continue;
        }
        missing = lacks(cx, at, 4);
        if !missing && bit == 0x2000 {
            say!(cx, ", {name}{:x}", cx.be32(at)?);
        } else if !missing {
            say!(cx, ", {name}{}", cx.be32(at)?);
        }
        at += 4;
    }
    if missing {
        cx.truncated();
        return Ok(());
    }
    let protocol = cx.be16(start + 2)?;
    if cx.options.ether {
        let name = name_of(ETHERTYPES, u32::from(protocol)).unwrap_or("unknown");
        say!(cx, ", proto {name} (0x{protocol:04x})");
    }
    say!(cx, ", length {length}");
    let demarcation = if cx.verbose() < 1 { ": " } else { "\n\t" };
    say!(cx, "{demarcation}");
    let rest = length - (at - start);
    match protocol {
        0x0800 => ip::ip(cx, at, rest),
        0x86dd => ip6::ip6(cx, at, rest),
        0x6558 => ether::inner(cx, at, rest),
        other => {
            say!(cx, "gre-proto-0x{other:x}");
            Ok(())
        }
    }
}

/// The header of version 1, that of PPTP (RFC 2637).
fn gre_point_to_point(cx: &mut Context<'_>, start: usize, length: usize, flags: u16) -> Result {
    if cx.verbose() > 0 {
        let names = bit_names(GRE_FLAGS, u32::from(flags), ", ", "none");
        say!(cx, ", Flags [{names}]");
    }
    let mut at = start + 4;
    for (bit, name) in [(0, ""), (0x2000, "call"), (0x1000, "seq"), (0x0080, "ack")] {
        if bit != 0 && flags & bit == 0 {
            continue;
        }
        let from = if bit == 0 { start } else { at };
        if !cx.has(from, 4) || from - start + 4 > length {
            cx.truncated();
            return Ok(());
        }
        if bit == 0 {
            continue;
        }
        let value = cx.be32(at)?;
        let value = if name == "call" {
            value & 0xffff
        } else {
            value
        };
        say!(cx, ", {name} {value}");
        at += 4;
    }
    let sequenced = flags & 0x1000 != 0;
    if !sequenced {
        say!(cx, ", no-payload");
    }
    let protocol = cx.be16(start + 2)?;
    if cx.options.ether {
        let name = name_of(ETHERTYPES, u32::from(protocol)).unwrap_or("unknown");
        say!(cx, ", proto {name} (0x{protocol:04x})");
    }
    say!(cx, ", length {length}");
    if sequenced {
        let demarcation = if cx.verbose() < 1 { ": " } else { "\n\t" };
        say!(cx, "{demarcation}gre-proto-0x{protocol:x}");
    }
    Ok(())
}

/// An encrypted payload: its association and sequence number (`esp_print`).
pub(super) fn encapsulated_security(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.protocol = "esp";
    if !cx.has(at, 9) {
        cx.truncated();
        return Ok(());
    }
    say!(
        cx,
        "ESP(spi=0x{:08x},seq=0x{:x})",
        cx.be32(at)?,
        cx.be32(at + 4)?
    );
    say!(cx, ", length {length}");
    Ok(())
}

/// An authentication header; gives its length (`ah_print`).
pub(super) fn authentication(cx: &mut Context<'_>, at: usize) -> Result<usize> {
    cx.protocol = "ah";
    say!(cx, "AH");
    let words = usize::from(cx.u8(at + 1)?);
    let len = (words + 2) * 4;
    say!(cx, "(");
    if cx.verbose() > 0 {
        say!(cx, "length={words}({len}-bytes),");
    }
    let reserved = cx.be16(at + 2)?;
    if reserved != 0 {
        say!(cx, "reserved=0x{reserved:x}[MustBeZero],");
    }
    say!(cx, "spi=0x{:08x},", cx.be32(at + 4)?);
    say!(cx, "seq=0x{:x},", cx.be32(at + 8)?);
    say!(cx, "icv=0x");
    for offset in 12..len {
        say!(cx, "{:02x}", cx.u8(at + offset)?);
    }
    say!(cx, "): ");
    Ok(len)
}
