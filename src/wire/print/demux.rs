//! From an IP protocol number to the printer of that protocol.
//! Protocols without a printer are shown with their number or name, and their length.

use super::checksum::NetworkHeader;
use super::context::{Context, Result, name_of, say};
use super::tables::IP_PROTOCOLS;
use super::{ether, icmp, icmp6, igmp, ip, ip6, tcp, tunnel, udp};

/// What an IP packet carries, behind its headers.
#[derive(Clone, Copy)]
pub(super) struct Payload {
    /// The header in front.
    pub(super) network: NetworkHeader,
    /// The IP protocol.
    pub(super) protocol: u8,
    /// Where it starts.
    pub(super) at: usize,
    /// How long it is, by the header.
    pub(super) length: usize,
    /// Whether it is a part of a larger one.
    pub(super) fragmented: bool,
}

/// Prints a payload (`ip_demux_print`).
pub(super) fn payload(cx: &mut Context<'_>, mut payload: Payload) -> Result {
    while payload.protocol == 51 {
        if !cx.has(payload.at, 1) {
            cx.protocol = "ah";
            cx.truncated();
            return Ok(());
        }
        let next = cx.u8(payload.at)?;
        let advance = tunnel::authentication(cx, payload.at)?;
        payload.protocol = next;
        payload.at += advance;
        payload.length = payload.length.saturating_sub(advance);
    }
    let version = payload.network.version;
    match payload.protocol {
        6 => tcp::tcp(cx, payload),
        17 => udp::udp(cx, payload),
        1 if version == 4 => icmp::icmp(cx, payload),
        58 if version == 6 => icmp6::icmp6(cx, payload),
        2 if version == 4 => igmp::igmp(cx, payload.at, payload.length),
        143 if version == 6 => ether::inner(cx, payload.at, payload.length),
        1 | 2 => requires(cx, payload.protocol, "IPv4"),
        58 | 143 => requires(cx, payload.protocol, "IPv6"),
        4 => ip::ip(cx, payload.at, payload.length),
        41 => ip6::ip6(cx, payload.at, payload.length),
        47 => tunnel::gre(cx, payload.at, payload.length),
        50 => tunnel::encapsulated_security(cx, payload.at, payload.length),
        59 => {
            say!(cx, "no next header");
            Ok(())
        }
        protocol => {
            let name = ip::protocol_name(cx, protocol);
            say!(cx, " {name} {}", payload.length);
            Ok(())
        }
    }
}

fn requires(cx: &mut Context<'_>, protocol: u8, version: &str) -> Result {
    let name = name_of(IP_PROTOCOLS, u32::from(protocol)).unwrap_or("unknown");
    say!(cx, "[{name} requires {version}]");
    cx.invalid();
    Ok(())
}
