//! ARP and RARP (RFC 826, RFC 903).
//! ATM's variant is not printed.

use super::context::{Context, Result, name_of, say};
use super::hex::default_print;
use super::names::hex_with_colons;
use super::tables::ETHERTYPES;

const HARDWARE: &[(u32, &str)] = &[
    (1, "Ethernet"),
    (6, "TokenRing"),
    (7, "ArcNet"),
    (15, "FrameRelay"),
    (23, "Strip"),
    (24, "IEEE 1394"),
    (19, "ATM"),
    (32, "InfiniBand"),
];

const OPERATIONS: &[(u32, &str)] = &[
    (1, "Request"),
    (2, "Reply"),
    (3, "Reverse Request"),
    (4, "Reverse Reply"),
    (8, "Inverse Request"),
    (9, "Inverse Reply"),
    (10, "NACK Reply"),
];

/// The fields of fixed length, and where the addresses are.
struct Packet {
    hardware: u16,
    protocol: u16,
    hardware_len: usize,
    protocol_len: usize,
    operation: u16,
    source_mac: usize,
    source_ip: usize,
    target_mac: usize,
    target_ip: usize,
}

impl Packet {
    fn parse(cx: &Context<'_>, at: usize) -> Result<Self> {
        cx.need(at, 8)?;
        let hardware_len = usize::from(cx.u8(at + 4)?);
        let protocol_len = usize::from(cx.u8(at + 5)?);
        let source_mac = at + 8;
        let source_ip = source_mac + hardware_len;
        let target_mac = source_ip + protocol_len;
        let target_ip = target_mac + hardware_len;
        cx.need(target_ip, protocol_len)?;
        Ok(Self {
            hardware: cx.be16(at)?,
            protocol: cx.be16(at + 2)?,
            hardware_len,
            protocol_len,
            operation: cx.be16(at + 6)?,
            source_mac,
            source_ip,
            target_mac,
            target_ip,
        })
    }

    fn is_ip(&self) -> bool {
        matches!(self.protocol, 0x0800 | 0x1000)
    }

    fn ip(&self, cx: &Context<'_>, at: usize) -> Result<String> {
        if !self.is_ip() {
            Ok("<wrong proto type>".to_owned())
        } else if self.protocol_len != 4 {
            Ok("<wrong len>".to_owned())
        } else {
            cx.ipv4(at)
        }
    }

    fn mac(&self, cx: &Context<'_>, at: usize) -> Result<String> {
        match self.hardware_len {
            0 => Ok("<empty>".to_owned()),
            6 if self.hardware != 15 => cx.mac(at),
            len => Ok(hex_with_colons(cx.bytes(at, len)?)),
        }
    }
}

/// An ARP packet (`arp_print`).
pub(super) fn arp(cx: &mut Context<'_>, at: usize, length: usize, captured: usize) -> Result {
    cx.protocol = "arp";
    let packet = Packet::parse(cx, at)?;
    if !cx.options.ether {
        say!(cx, "ARP, ");
    }
    let odd = !packet.is_ip() || packet.protocol_len != 4 || packet.hardware_len == 0;
    if odd || cx.verbose() > 0 {
        print_kinds(cx, &packet);
        if cx.verbose() == 0 {
            say!(cx, ", length {length}");
            return Ok(());
        }
        say!(cx, ", ");
    }
    match name_of(OPERATIONS, u32::from(packet.operation)) {
        Some(name) => say!(cx, "{name} "),
        None => say!(cx, "Unknown ({}) ", packet.operation),
    }
    if print_operation(cx, &packet)? {
        say!(cx, ", length {length}");
        Ok(())
    } else {
        default_print(cx, at, captured)
    }
}

fn print_kinds(cx: &mut Context<'_>, packet: &Packet) {
    let hardware = name_of(HARDWARE, u32::from(packet.hardware)).map_or(
        format!("Unknown Hardware ({})", packet.hardware),
        str::to_owned,
    );
    let protocol = name_of(ETHERTYPES, u32::from(packet.protocol)).map_or(
        format!("Unknown Protocol (0x{:04x})", packet.protocol),
        str::to_owned,
    );
    say!(
        cx,
        "{hardware} (len {}), {protocol} (len {})",
        packet.hardware_len,
        packet.protocol_len
    );
}

/// What is asked or answered; false for an operation that has no words.
fn print_operation(cx: &mut Context<'_>, packet: &Packet) -> Result<bool> {
    match packet.operation {
        1 => print_request(cx, packet)?,
        2 => {
            let ip = packet.ip(cx, packet.source_ip)?;
            say!(cx, "{ip} is-at {}", packet.mac(cx, packet.source_mac)?);
        }
        3 | 8 => {
            let target = packet.mac(cx, packet.target_mac)?;
            let source = packet.mac(cx, packet.source_mac)?;
            say!(cx, "who-is {target} tell {source}");
        }
        4 => {
            let mac = packet.mac(cx, packet.target_mac)?;
            say!(cx, "{mac} at {}", packet.ip(cx, packet.target_ip)?);
        }
        9 => {
            let mac = packet.mac(cx, packet.source_mac)?;
            say!(cx, "{mac} at {}", packet.ip(cx, packet.source_ip)?);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// A target address that is not zero is shown: a probe of a known neighbour, or an announcement.
fn print_request(cx: &mut Context<'_>, packet: &Packet) -> Result {
    let target = packet.ip(cx, packet.target_ip)?;
    say!(cx, "who-has {target}");
    let mac = cx.bytes(packet.target_mac, packet.hardware_len)?;
    if mac.iter().any(|byte| *byte != 0) {
        let mac = packet.mac(cx, packet.target_mac)?;
        say!(cx, " ({mac})");
    }
    let source = packet.ip(cx, packet.source_ip)?;
    say!(cx, " tell {source}");
    Ok(())
}
