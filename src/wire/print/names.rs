//! How addresses and ports are written, with and without names (`-n`).
//! Resolves nothing but what every host knows by itself: localhost, broadcast and the service names.

use super::context::name_of;
use crate::wire::services::{Transport, port_name};

/// Vendors that tcpdump knows by the first three octets of an address (its `oui.c`).
pub(super) const OUIS: &[(u32, &str)] = &[
    (0x00_0000, "Ethernet"),
    (0x00_000c, "Cisco"),
    (0x00_005e, "IANA"),
    (0x00_0081, "Nortel Networks SONMP"),
    (0x00_00f8, "Cisco bridged"),
    (0x00_80c2, "Ethernet bridged"),
    (0x00_a03e, "ATM Forum"),
    (0x00_e02f, "DOCSIS Spanning Tree"),
    (0x08_0007, "Appletalk"),
    (0x00_9069, "Juniper"),
    (0x08_0009, "Hewlett-Packard"),
    (0x00_120f, "IEEE 802.3 Private"),
    (0x00_12bb, "ANSI/TIA"),
    (0x00_1b21, "DCBX"),
    (0x00_2320, "Nicira Networks"),
    (0x5c_16c7, "Big Switch Networks"),
    (0xb0_d2f5, "Vello Systems"),
    (0x00_2481, "HP"),
    (0x00_04ea, "HP-Labs"),
    (0x74_8771, "Infoblox Inc"),
    (0xa4_2305, "Open Networking Lab"),
    (0x00_049f, "Freescale"),
    (0x00_15ad, "Netronome"),
    (0x00_1018, "Broadcom"),
    (0x00_e004, "PMC-Sierra"),
    (0xd0_f0db, "Ericsson"),
];

/// An Ethernet address; with names, its vendor follows.
pub(super) fn mac(bytes: [u8; 6], numeric: bool) -> String {
    if !numeric && bytes == [0xff; 6] {
        return "Broadcast".to_owned();
    }
    let text = hex_with_colons(&bytes);
    if numeric {
        return text;
    }
    let oui = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
    format!("{text} (oui {})", name_of(OUIS, oui).unwrap_or("Unknown"))
}

/// Octets in hex, with colons between.
pub(super) fn hex_with_colons(bytes: &[u8]) -> String {
    let octets: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    octets.join(":")
}

/// An IPv4 address.
pub(super) fn ipv4(bytes: [u8; 4], numeric: bool) -> String {
    if !numeric && bytes == [127, 0, 0, 1] {
        return "localhost".to_owned();
    }
    let [a, b, c, d] = bytes;
    format!("{a}.{b}.{c}.{d}")
}

/// An IPv6 address (RFC 5952); one that embeds an IPv4 address ends with it.
pub(super) fn ipv6(bytes: [u8; 16]) -> String {
    let address = std::net::Ipv6Addr::from(bytes);
    let words = address.segments();
    let embeds = words[..6] == [0; 6] && words[6] != 0;
    if embeds {
        let [.., a, b, c, d] = bytes;
        return format!("::{a}.{b}.{c}.{d}");
    }
    address.to_string()
}

/// A port.
pub(super) fn port(port: u16, transport: Transport, numeric: bool) -> String {
    match port_name(port, transport) {
        Some(name) if !numeric => name.to_owned(),
        _ => port.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_numbers_or_names() {
        assert_eq!(mac([0xff; 6], true), "ff:ff:ff:ff:ff:ff");
        assert_eq!(mac([0xff; 6], false), "Broadcast");
        assert_eq!(
            mac([0, 0, 0x0c, 1, 2, 3], false),
            "00:00:0c:01:02:03 (oui Cisco)"
        );
        assert_eq!(ipv4([127, 0, 0, 1], false), "localhost");
        assert_eq!(ipv4([10, 0, 0, 1], false), "10.0.0.1");
        assert_eq!(port(80, Transport::Tcp, false), "http");
        assert_eq!(port(80, Transport::Tcp, true), "80");
    }

    #[test]
    fn an_embedded_ipv4_address_keeps_its_dots() {
        let mut bytes = [0; 16];
        bytes[12..].copy_from_slice(&[10, 0, 0, 1]);
        assert_eq!(ipv6(bytes), "::10.0.0.1");
        bytes[10..12].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(ipv6(bytes), "::ffff:10.0.0.1");
    }
}
