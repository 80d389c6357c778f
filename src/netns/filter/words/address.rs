//! Addresses, masks, ports and protocols as iptables reads them.
//! Names are looked up in the tables that every system has; there is no name service.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::netns::filter::rule::{Family, Net, PROTOCOLS, Range, number as addr_number};
use crate::netns::filter::words::{WordsError, number};
use crate::wire::services::{Transport, port_number};

/// One address, in numbers or as `localhost`.
pub(super) fn address(family: Family, text: &str) -> Option<IpAddr> {
    match family {
        Family::V4 if text == "localhost" => Some(Ipv4Addr::LOCALHOST.into()),
        Family::V4 => short_v4(text).map(IpAddr::V4),
        Family::V6 => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
    }
}

/// An IPv4 address whose last parts may be missing: zero (`numeric_to_ip4addr`).
fn short_v4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for (octet, part) in octets.iter_mut().zip(&mut parts) {
        *octet = u8::try_from(number(part, 255)?).ok()?;
    }
    parts.next().is_none().then_some(octets.into())
}

/// The networks that have a name where nobody has named another (`/etc/networks` of Debian).
const NETWORKS: [(&str, Ipv4Addr); 3] = [
    ("default", Ipv4Addr::UNSPECIFIED),
    ("loopback", Ipv4Addr::new(127, 0, 0, 0)),
    ("link-local", Ipv4Addr::new(169, 254, 0, 0)),
];

/// Networks with commas between them (`-s`, `-d`).
pub(super) fn networks(family: Family, text: &str) -> Result<Vec<Net>, WordsError> {
    text.split(',').map(|one| network(family, one)).collect()
}

/// An address with a mask or a prefix length, which a single one does not need.
pub(super) fn network(family: Family, text: &str) -> Result<Net, WordsError> {
    let (name, mask) = match text.split_once('/') {
        Some((name, mask)) => (name, mask_of(family, mask)?),
        None => (text, family.mask(family.bits())),
    };
    if mask == 0 {
        return Ok(Net { addr: 0, mask: 0 });
    }
    let named = NETWORKS.iter().find(|(known, _)| *known == name);
    let named = named.filter(|_| family == Family::V4);
    let addr = named
        .map(|(_, addr)| IpAddr::V4(*addr))
        .or_else(|| address(family, name))
        .ok_or_else(|| WordsError::problem(format_args!("host/network `{name}' not found")))?;
    Ok(Net {
        addr: addr_number(addr) & mask,
        mask,
    })
}

fn mask_of(family: Family, text: &str) -> Result<u128, WordsError> {
    let bad = || WordsError::problem(format_args!("invalid mask `{text}' specified"));
    if let Ok(len) = text.parse::<u8>() {
        return match len <= family.bits() {
            true => Ok(family.mask(len)),
            false => Err(bad()),
        };
    }
    let whole: Option<IpAddr> = match family {
        Family::V4 => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        Family::V6 => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
    };
    whole.map(addr_number).ok_or_else(bad)
}

/// A protocol by name or number; nothing is any.
pub(super) fn protocol(text: &str) -> Result<Option<u8>, WordsError> {
    let lower = text.to_ascii_lowercase();
    let known = match lower.as_str() {
        "all" | "0" => return Ok(None),
        "icmpv6" | "icmp6" => Some(58),
        "mh" => Some(135),
        name => {
            let listed = PROTOCOLS.iter().find(|(known, _)| *known == name);
            let listed = listed.map(|(_, number)| *number);
            listed.or_else(|| u8::try_from(number(name, 255)?).ok())
        }
    };
    known
        .map(Some)
        .ok_or_else(|| WordsError::problem(format_args!("unknown protocol \"{lower}\" specified")))
}

/// How a protocol's ports are named.
pub(super) fn transport(protocol: u8) -> Transport {
    match protocol {
        17 | 136 => Transport::Udp,
        _ => Transport::Tcp,
    }
}

/// A port by name or number.
pub(super) fn port(text: &str, protocol: u8) -> Result<u16, WordsError> {
    let numeric = number(text, 65_535).and_then(|port| u16::try_from(port).ok());
    numeric
        .or_else(|| port_number(text, transport(protocol)))
        .ok_or_else(|| WordsError::problem(format_args!("invalid port/service `{text}' specified")))
}

/// Ports of the match `udp`, which keeps the last sixteen bits of a number and takes ports in any order.
pub(super) fn udp_ports(text: &str) -> Result<Range, WordsError> {
    let one = |text: &str| match number(text, u32::MAX.into()) {
        Some(number) => Ok((number & 0xffff) as u16),
        None => port(text, 17),
    };
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let either = |text: &str, missing| {
        if text.is_empty() {
            Ok(missing)
        } else {
            one(text)
        }
    };
    Ok(Range {
        first: either(first, 0)?,
        last: either(last, 65_535)?,
    })
}

/// Ports from and to, either of which may be left out.
pub(super) fn ports(text: &str, protocol: u8) -> Result<Range, WordsError> {
    let Some((first, last)) = text.split_once(':') else {
        return Ok(Range::one(port(text, protocol)?));
    };
    let range = Range {
        first: if first.is_empty() {
            0
        } else {
            port(first, protocol)?
        },
        last: if last.is_empty() {
            65_535
        } else {
            port(last, protocol)?
        },
    };
    if range.first > range.last {
        return Err(WordsError::problem("invalid portrange (min > max)"));
    }
    Ok(range)
}
