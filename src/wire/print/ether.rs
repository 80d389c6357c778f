//! Ethernet frames: addresses, tags, type or length, and the way to the payload's printer.
//! The payloads have files of their own.

use super::context::{Context, Result, name_of, say};
use super::llc::Payload;
use super::tables::ETHERTYPES;
use super::{arp, hex, ip, ip6, llc};

/// A type field up to this is a length (IEEE 802.3 clause 3.2.6).
pub(super) const LENGTH_MAX: usize = 1500;

const HEADER_LEN: usize = 14;
const TAG_TYPES: [u16; 4] = [0x8100, 0x9100, 0x9200, 0x88a8];

/// Where the addresses of the frame are, for printers that name them themselves.
#[derive(Clone, Copy)]
pub(super) struct Addresses {
    pub(super) source: usize,
    pub(super) destination: usize,
}

/// An Ethernet frame at `at`; gives the length of its header (`ether_common_print`).
pub(super) fn ether(
    cx: &mut Context<'_>,
    at: usize,
    length: usize,
    captured: usize,
) -> Result<usize> {
    if length < captured {
        say!(cx, "[length {length} < caplen {captured}]");
        cx.invalid();
        return Ok(length);
    }
    if captured < HEADER_LEN {
        cx.truncated();
        return Ok(captured);
    }
    let addresses = Addresses {
        source: at + 6,
        destination: at,
    };
    if cx.options.ether {
        print_addresses(cx, addresses)?;
    }
    let mut frame = Frame {
        at: at + 12,
        whole: length,
        length: length - 12,
        captured: captured - 12,
        length_printed: false,
    };
    let ethertype = frame.take_type(cx)?;
    let Some(ethertype) = tags(cx, &mut frame, ethertype)? else {
        return Ok((frame.at - at) + frame.captured.min(frame.length));
    };
    let inside = payload(cx, &mut frame, ethertype, addresses)?;
    Ok(frame.at - at + inside)
}

/// An Ethernet frame inside another packet.
pub(super) fn inner(cx: &mut Context<'_>, at: usize, length: usize) -> Result {
    let captured = cx.available(at);
    cx.protocol = "ether";
    cx.nested(|cx| ether(cx, at, length, captured).map(|_| ()))
}

/// What is left of a frame while its header is read.
struct Frame {
    at: usize,
    whole: usize,
    length: usize,
    captured: usize,
    length_printed: bool,
}

impl Frame {
    fn skip(&mut self, count: usize) {
        self.at += count;
        self.length = self.length.saturating_sub(count);
        self.captured = self.captured.saturating_sub(count);
    }

    fn take_type(&mut self, cx: &Context<'_>) -> Result<u16> {
        let ethertype = cx.be16(self.at)?;
        self.skip(2);
        Ok(ethertype)
    }

    /// `, length N: ` the first time, a comma after it.
    fn print_length(&mut self, cx: &mut Context<'_>) {
        if self.length_printed {
            say!(cx, ", ");
        } else {
            say!(cx, ", length {}: ", self.whole);
        }
        self.length_printed = true;
    }
}

/// Skips the tags; gives the type behind them, or nothing where they are cut off.
fn tags(cx: &mut Context<'_>, frame: &mut Frame, mut ethertype: u16) -> Result<Option<u16>> {
    while TAG_TYPES.contains(&ethertype) {
        if frame.captured < 4 || frame.length < 4 {
            cx.protocol = "vlan";
            cx.truncated();
            return Ok(None);
        }
        if cx.options.ether {
            let tag = cx.be16(frame.at)?;
            print_type(cx, ethertype);
            frame.print_length(cx);
            say!(cx, "{}, ", tag_text(tag));
        }
        ethertype = cx.be16(frame.at + 2)?;
        frame.skip(4);
    }
    Ok(Some(ethertype))
}

/// Prints what the frame carries; gives the length of an LLC header.
fn payload(
    cx: &mut Context<'_>,
    frame: &mut Frame,
    ethertype: u16,
    addresses: Addresses,
) -> Result<usize> {
    if usize::from(ethertype) <= LENGTH_MAX {
        return llc_payload(cx, frame, usize::from(ethertype), addresses);
    }
    if cx.options.ether {
        print_type(cx, ethertype);
        frame.print_length(cx);
    }
    if !self::ethertype(cx, ethertype, frame.at, frame.length, frame.captured)? {
        if !cx.options.ether {
            print_addresses(cx, addresses)?;
            print_type(cx, ethertype);
            say!(cx, ", length {}: ", frame.whole);
        }
        hex::unknown_packet(cx, frame.at, frame.captured)?;
    }
    Ok(0)
}

fn llc_payload(
    cx: &mut Context<'_>,
    frame: &mut Frame,
    stated: usize,
    addresses: Addresses,
) -> Result<usize> {
    if stated < frame.length {
        frame.length = stated;
        frame.captured = frame.captured.min(stated);
    }
    cx.push_end(frame.at, frame.length);
    if cx.options.ether {
        say!(cx, "802.3");
        if !frame.length_printed {
            say!(cx, ", length {}: ", frame.length);
        }
    }
    let printed = llc::llc(cx, frame.at, frame.length, frame.captured, Some(addresses))?;
    let header = match printed {
        Payload::Known(header) => header,
        Payload::Unknown(header) => {
            hex::unknown_packet(cx, frame.at, frame.captured)?;
            header
        }
    };
    cx.pop_end();
    Ok(header)
}

/// The payload of an EtherType; false where it is unknown (`ethertype_print`).
pub(super) fn ethertype(
    cx: &mut Context<'_>,
    ethertype: u16,
    at: usize,
    length: usize,
    captured: usize,
) -> Result<bool> {
    match ethertype {
        0x0800 => ip::ip(cx, at, length)?,
        0x86dd => ip6::ip6(cx, at, length)?,
        0x0806 | 0x8035 => arp::arp(cx, at, length, captured)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn print_addresses(cx: &mut Context<'_>, addresses: Addresses) -> Result {
    say!(
        cx,
        "{} > {}, ",
        cx.mac(addresses.source)?,
        cx.mac(addresses.destination)?
    );
    Ok(())
}

fn print_type(cx: &mut Context<'_>, ethertype: u16) {
    let name = name_of(ETHERTYPES, u32::from(ethertype));
    if cx.options.quiet == 0 {
        let name = name.unwrap_or("Unknown");
        say!(cx, "ethertype {name} (0x{ethertype:04x})");
        return;
    }
    match name {
        Some(name) => say!(cx, "{name}"),
        None => say!(cx, "Unknown Ethertype (0x{ethertype:04x})"),
    }
}

/// The tag control information of an 802.1Q tag (`ieee8021q_tci_string`).
pub(super) fn tag_text(tag: u16) -> String {
    let drop_eligible = if tag & 0x1000 != 0 { ", DEI" } else { "" };
    format!("vlan {}, p {}{drop_eligible}", tag & 0xfff, tag >> 13)
}
