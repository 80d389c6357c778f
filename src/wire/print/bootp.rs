//! BOOTP and DHCP messages (RFC 951, RFC 2131).
//! Options are in `bootp_options`.

use super::bootp_options;
use super::context::{Context, Result, bit_names, say};

const REQUEST: u8 = 1;
const REPLY: u8 = 2;
const MAGIC_COOKIE: u32 = 0x6382_5363;
const VENDOR_AT: usize = 236;

/// A message (`bootp_print`).
pub(super) fn bootp(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    cx.protocol = "bootp";
    let operation = cx.u8(at)?;
    match operation {
        REQUEST => say!(cx, "BOOTP/DHCP, Request"),
        REPLY => say!(cx, "BOOTP/DHCP, Reply"),
        other => say!(cx, "BOOTP/DHCP, unknown (0x{other:02x})"),
    }
    let hardware = (cx.u8(at + 1)?, cx.u8(at + 2)?);
    let ethernet = hardware == (1, 6);
    if ethernet && operation == REQUEST {
        say!(cx, " from {}", cx.mac(at + 28)?);
    }
    say!(cx, ", length {length}");
    if cx.verbose() == 0 {
        return Ok(());
    }
    if cx.lacks(at + 8, 2) {
        return Ok(());
    }
    fixed_fields(cx, at)?;
    addresses(cx, at)?;
    if ethernet {
        say!(cx, "\n\t  Client-Ethernet-Address {}", cx.mac(at + 28)?);
    }
    if !text_field(cx, "sname", at + 44, 64)? || !text_field(cx, "file", at + 108, 128)? {
        return Ok(());
    }
    let vendor = at + VENDOR_AT;
    if cx.lacks(vendor, 4) {
        return Ok(());
    }
    match cx.be32(vendor)? {
        MAGIC_COOKIE => bootp_options::options(cx, vendor),
        0 => Ok(()),
        other => {
            say!(cx, "\n\t  Vendor-#0x{other:x}");
            Ok(())
        }
    }
}

fn fixed_fields(cx: &mut Context<'_>, at: usize) -> Result {
    let (hardware, len) = (cx.u8(at + 1)?, cx.u8(at + 2)?);
    if hardware != 1 {
        say!(cx, ", htype {hardware}");
    }
    if hardware != 1 || len != 6 {
        say!(cx, ", hlen {len}");
    }
    let hops = cx.u8(at + 3)?;
    if hops != 0 {
        say!(cx, ", hops {hops}");
    }
    let transaction = cx.be32(at + 4)?;
    if transaction != 0 {
        say!(cx, ", xid 0x{transaction:x}");
    }
    let seconds = cx.be16(at + 8)?;
    if seconds != 0 {
        say!(cx, ", secs {seconds}");
    }
    let flags = cx.be16(at + 10)?;
    let names = bit_names(&[(0x8000, "Broadcast")], u32::from(flags), ", ", "none");
    say!(cx, ", Flags [{names}]");
    if cx.verbose() > 1 {
        say!(cx, " (0x{flags:04x})");
    }
    Ok(())
}

fn addresses(cx: &mut Context<'_>, at: usize) -> Result {
    for (name, field) in [
        ("Client-IP", at + 12),
        ("Your-IP", at + 16),
        ("Server-IP", at + 20),
        ("Gateway-IP", at + 24),
    ] {
        if cx.be32(field)? != 0 {
            say!(cx, "\n\t  {name} {}", cx.ipv4(field)?);
        }
    }
    Ok(())
}

/// A field of text, if it is not empty; false where its end is missing.
fn text_field(cx: &mut Context<'_>, name: &str, at: usize, len: usize) -> Result<bool> {
    if cx.u8(at)? == 0 {
        return Ok(true);
    }
    say!(cx, "\n\t  {name} \"");
    let ended = cx.visible_zero_ended(at, len).is_some();
    say!(cx, "\"");
    if !ended {
        cx.truncated();
    }
    Ok(ended)
}
