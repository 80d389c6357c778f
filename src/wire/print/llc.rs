//! Logical link control (IEEE 802.2) and SNAP, as bridges use it for their protocols.
//! Prints the payloads of STP, IP and SNAP; of others only the header.

use super::context::{Context, Result, name_of, say};
use super::ether::{self, Addresses};
use super::hex::default_print;
use super::names::OUIS;
use super::tables::ETHERTYPES;
use super::{ip, stp};

/// Whether the payload was printed, and how long the header is.
pub(super) enum Payload {
    /// Printed.
    Known(usize),
    /// Not printed: the caller dumps it.
    Unknown(usize),
}

const SAPS: &[(u32, &str)] = &[
    (0x00, "Null"),
    (0xff, "Global"),
    (0x02, "802.1B I"),
    (0x03, "802.1B G"),
    (0x06, "IP"),
    (0x04, "SNA"),
    (0x0e, "ProWay NM"),
    (0x42, "STP"),
    (0x4e, "RS511"),
    (0x7e, "ISO8208"),
    (0x8e, "ProWay"),
    (0xaa, "SNAP"),
    (0xe0, "IPX"),
    (0xf0, "NetBeui"),
    (0xfe, "OSI"),
];

const COMMANDS: &[(u32, &str)] = &[
    (0x03, "ui"),
    (0xe3, "test"),
    (0xaf, "xid"),
    (0x63, "ua"),
    (0x43, "disc"),
    (0x0f, "dm"),
    (0x6f, "sabme"),
    (0x87, "frmr"),
];

const FLAGS: &[(u32, &str)] = &[
    (0, "Command"),
    (1, "Response"),
    (0x10, "Poll"),
    (0x11, "Final"),
    (0x100, "Poll"),
    (0x101, "Final"),
];

const SUPERVISORY: &[(u32, &str)] = &[
    (0, "Receiver Ready"),
    (1, "Receiver not Ready"),
    (2, "Reject"),
];

const CISCO_PIDS: &[(u32, &str)] = &[
    (0x2000, "CDP"),
    (0x2003, "VTP"),
    (0x2004, "DTP"),
    (0x0111, "UDLD"),
    (0x010b, "PVST"),
    (0x010c, "VLAN Bridge"),
];

const BRIDGED_PIDS: &[(u32, &str)] = &[
    (0x0001, "Ethernet + FCS"),
    (0x0007, "Ethernet w/o FCS"),
    (0x0002, "802.4 + FCS"),
    (0x0008, "802.4 w/o FCS"),
    (0x0003, "Token Ring + FCS"),
    (0x0009, "Token Ring w/o FCS"),
    (0x0004, "FDDI + FCS"),
    (0x000a, "FDDI w/o FCS"),
    (0x0005, "802.6 + FCS"),
    (0x000b, "802.6 w/o FCS"),
    (0x000e, "BPDU"),
];

const UNNUMBERED_INFORMATION: u16 = 0x03;
const OUI_ETHERNET: u32 = 0;
const OUI_CISCO: u32 = 0x0c;
const OUI_CISCO_BRIDGED: u32 = 0xf8;
const OUI_BRIDGED: u32 = 0x80c2;
const OUI_APPLETALK: u32 = 0x08_0007;

struct Header {
    dsap_field: u8,
    ssap_field: u8,
    control: u16,
    unnumbered: bool,
    len: usize,
}

/// An LLC header and what it carries (`llc_print`).
pub(super) fn llc(
    cx: &mut Context<'_>,
    at: usize,
    length: usize,
    captured: usize,
    addresses: Option<Addresses>,
) -> Result<Payload> {
    cx.protocol = "llc";
    let Some(header) = header(cx, at, length, captured)? else {
        cx.truncated();
        default_print(cx, at, captured)?;
        return Ok(Payload::Known(captured.min(length)));
    };
    if header.ssap_field == 0xff && header.dsap_field == 0xff {
        return novell(cx, at, length);
    }
    let (dsap, ssap) = (header.dsap_field & !1, header.ssap_field & !1);
    if cx.options.ether {
        print_header(cx, &header);
    }
    let (payload, rest) = (at + header.len, length - header.len);
    let captured = captured - header.len;
    let same = (dsap == ssap && header.control == UNNUMBERED_INFORMATION).then_some(dsap);
    match same {
        Some(0xaa) => {
            let known = snap(cx, payload, rest, captured, addresses)?;
            let len = header.len + 5;
            return Ok(if known {
                Payload::Known(len)
            } else {
                Payload::Unknown(len)
            });
        }
        Some(0x42) => stp::stp(cx, payload, rest)?,
        Some(0x06) => ip::ip(cx, payload, rest)?,
        _ => return other(cx, &header, payload, rest, captured, addresses),
    }
    Ok(Payload::Known(header.len))
}

fn header(cx: &Context<'_>, at: usize, length: usize, captured: usize) -> Result<Option<Header>> {
    let there = length.min(captured);
    if there < 3 {
        return Ok(None);
    }
    let first = cx.u8(at + 2)?;
    let unnumbered = first & 3 == 3;
    if !unnumbered && there < 4 {
        return Ok(None);
    }
    Ok(Some(Header {
        dsap_field: cx.u8(at)?,
        ssap_field: cx.u8(at + 1)?,
        control: if unnumbered {
            u16::from(first)
        } else {
            cx.le16(at + 2)?
        },
        unnumbered,
        len: if unnumbered { 3 } else { 4 },
    }))
}

/// IPX straight behind an 802.3 header; its packets are not printed.
fn novell(cx: &mut Context<'_>, at: usize, length: usize) -> Result<Payload> {
    if cx.options.ether {
        say!(cx, "IPX 802.3: ");
    }
    cx.protocol = "ipx";
    cx.need(at, length.min(30))?;
    say!(cx, "IPX, length {length}");
    Ok(Payload::Known(0))
}

fn print_header(cx: &mut Context<'_>, header: &Header) {
    let (dsap, ssap) = (header.dsap_field & !1, header.ssap_field & !1);
    let group = if header.dsap_field & 1 == 0 {
        "Individual"
    } else {
        "Group"
    };
    let direction = if header.ssap_field & 1 == 0 {
        "Command"
    } else {
        "Response"
    };
    let sap = |value: u8| name_of(SAPS, u32::from(value)).unwrap_or("Unknown");
    say!(
        cx,
        "LLC, dsap {} (0x{dsap:02x}) {group}, ssap {} (0x{ssap:02x}) {direction}",
        sap(dsap),
        sap(ssap)
    );
    if header.unnumbered {
        say!(cx, ", ctrl 0x{:02x}: ", header.control);
    } else {
        say!(cx, ", ctrl 0x{:04x}: ", header.control);
    }
}

/// A payload that is not known: the frame's kind, and its sequence numbers.
fn other(
    cx: &mut Context<'_>,
    header: &Header,
    at: usize,
    length: usize,
    captured: usize,
    addresses: Option<Addresses>,
) -> Result<Payload> {
    if !cx.options.ether {
        print_ends(cx, header, addresses)?;
    }
    let whole = length + header.len;
    let control = header.control;
    let poll_bit = if header.unnumbered { 0x10 } else { 0x100 };
    let flags = u32::from(header.ssap_field & 1) | u32::from(control & poll_bit);
    let flags = name_of(FLAGS, flags).unwrap_or("?");
    if header.unnumbered {
        let command = u32::from(control & 0xef);
        let command = name_of(COMMANDS, command).map_or(format!("{command:02x}"), str::to_owned);
        say!(cx, "Unnumbered, {command}, Flags [{flags}], length {whole}");
        if control & !0x10 == 0xaf && length > 0 {
            return exchange_identification(cx, header, at, length, captured);
        }
    } else if control & 3 == 1 {
        let function = name_of(SUPERVISORY, u32::from(control >> 2 & 3)).unwrap_or("?");
        say!(
            cx,
            "Supervisory, {function}, rcv seq {}, Flags [{flags}], length {whole}",
            control >> 9 & 0x7f
        );
        return Ok(Payload::Known(header.len));
    } else {
        say!(
            cx,
            "Information, send seq {}, rcv seq {}, Flags [{flags}], length {whole}",
            control >> 1 & 0x7f,
            control >> 9 & 0x7f
        );
    }
    Ok(Payload::Unknown(header.len))
}

fn exchange_identification(
    cx: &mut Context<'_>,
    header: &Header,
    at: usize,
    length: usize,
    captured: usize,
) -> Result<Payload> {
    if captured < 1 {
        cx.truncated();
        return Ok(Payload::Known(header.len));
    }
    if cx.u8(at)? != 0x81 {
        return Ok(Payload::Unknown(header.len));
    }
    if captured < 3 || length < 3 {
        cx.truncated();
        default_print(cx, at, captured)?;
    } else {
        say!(cx, ": {:02x} {:02x}", cx.u8(at + 1)?, cx.u8(at + 2)?);
    }
    Ok(Payload::Known(header.len))
}

fn print_ends(cx: &mut Context<'_>, header: &Header, addresses: Option<Addresses>) -> Result {
    let (dsap, ssap) = (header.dsap_field & !1, header.ssap_field & !1);
    let name = |what: &str, sap: u8| {
        name_of(SAPS, u32::from(sap)).map_or(format!("Unknown {what} 0x{sap:02x}"), str::to_owned)
    };
    let to = name("DSAP", dsap);
    let from = name("SSAP", ssap);
    let macs = match addresses {
        None => None,
        Some(ends) => Some((cx.mac(ends.source)?, cx.mac(ends.destination)?)),
    };
    match (macs, dsap == ssap) {
        (None, true) => say!(cx, "{to} "),
        (None, false) => say!(cx, "{from} > {to} "),
        (Some((source, destination)), true) => say!(cx, "{source} > {destination} {to} "),
        (Some((source, destination)), false) => {
            say!(cx, "{source} {from} > {destination} {to} ");
        }
    }
    Ok(())
}

/// A SNAP header and what it carries; false where that is unknown (`snap_print`).
fn snap(
    cx: &mut Context<'_>,
    at: usize,
    length: usize,
    captured: usize,
    addresses: Option<Addresses>,
) -> Result<bool> {
    cx.protocol = "snap";
    if !cx.has(at, 5) || captured < 5 || length < 5 {
        cx.truncated();
        return Ok(true);
    }
    let oui = cx.be24(at)?;
    let pid = cx.be16(at + 3)?;
    let (payload, rest, captured) = (at + 5, length - 5, captured - 5);
    if cx.options.ether {
        let kind = if oui == OUI_ETHERNET {
            "ethertype"
        } else {
            "pid"
        };
        say!(
            cx,
            "oui {} (0x{oui:06x}), {kind} {} (0x{pid:04x}), length {rest}: ",
            name_of(OUIS, oui).unwrap_or("Unknown"),
            pid_name(oui, pid)
        );
    }
    let known = match (oui, pid) {
        (OUI_ETHERNET | OUI_CISCO_BRIDGED, _) => {
            ether::ethertype(cx, pid, payload, rest, captured)?
        }
        (OUI_CISCO, 0x010b | 0x010c) | (OUI_BRIDGED, 0x000e) => {
            stp::stp(cx, payload, rest)?;
            true
        }
        (OUI_BRIDGED, 0x0001 | 0x0007) => {
            cx.need(payload, 2)?;
            ether::inner(cx, payload + 2, rest.saturating_sub(2))?;
            true
        }
        _ => false,
    };
    if !known && !cx.options.ether {
        print_snap_header(cx, oui, pid, rest, addresses)?;
    }
    Ok(known)
}

fn print_snap_header(
    cx: &mut Context<'_>,
    oui: u32,
    pid: u16,
    length: usize,
    addresses: Option<Addresses>,
) -> Result {
    if let Some(ends) = addresses {
        say!(
            cx,
            "{} > {} ",
            cx.mac(ends.source)?,
            cx.mac(ends.destination)?
        );
    }
    let name = pid_name(oui, pid);
    if oui == OUI_ETHERNET {
        say!(
            cx,
            "SNAP, ethertype {name} (0x{pid:04x}), length {length}: "
        );
    } else {
        say!(
            cx,
            "SNAP, oui {} (0x{oui:06x}), pid {name} (0x{pid:04x}), length {length}: ",
            name_of(OUIS, oui).unwrap_or("Unknown")
        );
    }
    Ok(())
}

fn pid_name(oui: u32, pid: u16) -> &'static str {
    let table = match oui {
        OUI_ETHERNET | OUI_CISCO_BRIDGED | OUI_APPLETALK => ETHERTYPES,
        OUI_CISCO => CISCO_PIDS,
        OUI_BRIDGED => BRIDGED_PIDS,
        _ => &[],
    };
    name_of(table, u32::from(pid)).unwrap_or("Unknown")
}
