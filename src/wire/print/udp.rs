//! UDP (RFC 768), and by the port to what it carries.
//! Of the application protocols DNS, DHCP, the tunnels and SIP are printed; the others by their length.

use super::checksum::{should_be, with_pseudo_header};
use super::context::{Context, Result, say};
use super::demux::Payload;
use super::{Force, bootp, domain, names, text, tunnel};
use crate::wire::services::Transport;

const HEADER_LEN: usize = 8;

/// Whether the header in front says itself that this protocol follows, so that its addresses are shown here.
pub(super) fn follows_directly(cx: &Context<'_>, payload: &Payload) -> Result<bool> {
    let field = if payload.network.version == 6 { 6 } else { 9 };
    Ok(cx.u8(payload.network.at + field)? == payload.protocol)
}

/// Both ends of a packet, with ports where these were captured.
pub(super) fn print_ends(
    cx: &mut Context<'_>,
    payload: &Payload,
    ports: Option<(u16, u16)>,
    transport: Transport,
) -> Result {
    let at = payload.network.at;
    let numeric = cx.options.numeric;
    let port = |port| names::port(port, transport, numeric);
    if !follows_directly(cx, payload)? {
        if let Some((source, destination)) = ports {
            say!(cx, "{} > {}: ", port(source), port(destination));
        }
        return Ok(());
    }
    let (from, to) = if payload.network.version == 6 {
        (cx.ipv6(at + 8)?, cx.ipv6(at + 24)?)
    } else {
        (cx.ipv4(at + 12)?, cx.ipv4(at + 16)?)
    };
    match ports {
        Some((source, destination)) => {
            say!(cx, "{from}.{} > {to}.{}: ", port(source), port(destination));
        }
        None => say!(cx, "{from} > {to}: "),
    }
    Ok(())
}

/// A UDP datagram (`udp_print`).
pub(super) fn udp(cx: &mut Context<'_>, payload: Payload) -> Result {
    cx.protocol = "udp";
    let at = payload.at;
    if !cx.has(at + 2, 2) {
        print_ends(cx, &payload, None, Transport::Udp)?;
        cx.truncated();
        return Ok(());
    }
    let ports = (cx.be16(at)?, cx.be16(at + 2)?);
    print_ends(cx, &payload, Some(ports), Transport::Udp)?;
    if payload.length < HEADER_LEN {
        say!(cx, "truncated-udp {}", payload.length);
        return Ok(());
    }
    if cx.lacks(at + 4, 2) {
        return Ok(());
    }
    let mut stated = usize::from(cx.be16(at + 4)?);
    if stated == 0 && payload.length > 65535 {
        stated = payload.length;
    }
    if stated < HEADER_LEN {
        say!(cx, "truncated-udplength {stated}");
        return Ok(());
    }
    let stated = stated - HEADER_LEN;
    let length = stated.min(payload.length - HEADER_LEN);
    if cx.lacks(at + HEADER_LEN, 0) {
        return Ok(());
    }
    if let Some(force) = cx.options.force {
        return match force {
            Force::Vxlan => tunnel::vxlan(cx, at + HEADER_LEN, length),
            Force::Domain => domain::domain(cx, at + HEADER_LEN, length, domain::Carrier::Udp),
        };
    }
    if cx.verbose() > 0 && !cx.options.no_checksums && !payload.fragmented {
        check(cx, &payload, length)?;
    }
    if cx.options.quiet == 0 && application(cx, ports, at + HEADER_LEN, length)? {
        return Ok(());
    }
    if stated > length && !payload.fragmented {
        say!(cx, "UDP, bad length {stated} > {length}");
    } else {
        say!(cx, "UDP, length {stated}");
    }
    Ok(())
}

/// The checksum's verdict: of IPv6 with `-v`, of IPv4 with `-vv`.
fn check(cx: &mut Context<'_>, payload: &Payload, length: usize) -> Result {
    let is_ipv4 = payload.network.version == 4;
    if is_ipv4 && cx.verbose() < 2 {
        return Ok(());
    }
    let found = cx.be16(payload.at + 6);
    if is_ipv4 && let Ok(0) = found {
        say!(cx, "[no cksum] ");
        return Ok(());
    }
    if !cx.has(payload.at, length + HEADER_LEN) {
        return found.map(|_| ());
    }
    let found = found?;
    let sum = with_pseudo_header(
        cx,
        payload.network,
        payload.at,
        length + HEADER_LEN,
        payload.protocol,
    )?;
    if sum == 0 {
        say!(cx, "[udp sum ok] ");
    } else {
        let right = should_be(found, sum);
        say!(cx, "[bad udp cksum 0x{found:04x} -> 0x{right:04x}!] ");
    }
    Ok(())
}

/// Prints what the port stands for; false where it is only data.
fn application(
    cx: &mut Context<'_>,
    (source, destination): (u16, u16),
    at: usize,
    length: usize,
) -> Result<bool> {
    let either = |port| source == port || destination == port;
    if either(53) {
        domain::domain(cx, at, length, domain::Carrier::Udp)?;
    } else if either(5353) {
        domain::domain(cx, at, length, domain::Carrier::MulticastDns)?;
    } else if either(67) || either(68) {
        bootp::bootp(cx, at, length)?;
    } else if either(5060) {
        text::sip(cx, at, length)?;
    } else if either(514) {
        text::syslog(cx, at, length)?;
    } else if either(8472) {
        tunnel::otv(cx, at, length)?;
    } else if either(4789) {
        tunnel::vxlan(cx, at, length)?;
    } else if either(6081) {
        tunnel::geneve(cx, at, length)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}
