//! The tools of net-tools 2.10: `ifconfig`, `route`, `arp`, `netstat`.
//! They make the same requests as the ioctls of the real ones do; sockets are not listed.

mod arp;
mod ifconfig;
mod interface;
mod netstat;
mod route;

pub use arp::run as arp;
pub(super) use arp::{entries as arp_entries, name as arp_device};
pub use ifconfig::run as ifconfig;
pub use netstat::run as netstat;
pub use route::run as route;
pub(super) use route::{is_refusing, listed as listed_routes};

use std::net::Ipv4Addr;

use crate::tool::Failure;
use crate::tool::ip::args::{Family, parse_address};

/// What `--version` of every tool begins with.
const VERSION: &str = "net-tools 2.10\n";

/// An IPv4 address as an argument; there is no name service but for `localhost`.
///
/// # Errors
/// `foo: Host name lookup failure`, with this status.
fn resolve(text: &str, status: u8) -> Result<Ipv4Addr, Failure> {
    if text == "localhost" {
        return Ok(Ipv4Addr::LOCALHOST);
    }
    let found = parse_address(text, Family::Inet).and_then(|prefix| prefix.addr);
    if let (Some(std::net::IpAddr::V4(addr)), true) = (found, text != "default") {
        return Ok(addr);
    }
    let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let why = if digits {
        "Unknown host"
    } else {
        "Host name lookup failure"
    };
    Err(Failure::line(status, format_args!("{text}: {why}")))
}

/// The mask of a prefix length.
pub(super) fn mask_of(len: u8) -> Ipv4Addr {
    u32::MAX
        .checked_shl(32 - u32::from(len.min(32)))
        .unwrap_or(0)
        .into()
}

/// The length of a mask; nothing where it has holes.
fn len_of(mask: Ipv4Addr) -> Option<u8> {
    let bits = u32::from(mask);
    let len = bits.leading_ones();
    (len + bits.trailing_zeros() >= 32).then(|| u8::try_from(len).unwrap_or(32))
}

/// The length of an address's class (`inet_abc_len`).
fn class_len(addr: Ipv4Addr) -> u8 {
    match addr.octets() {
        [0, 0, 0, 0] => 0,
        [0..=127, ..] => 8,
        [128..=191, ..] => 16,
        [192..=223, ..] => 24,
        _ => 32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_lengths_and_classes() {
        assert_eq!(mask_of(24), Ipv4Addr::new(255, 255, 255, 0));
        assert_eq!(mask_of(0), Ipv4Addr::UNSPECIFIED);
        assert_eq!(len_of(Ipv4Addr::new(255, 255, 0, 0)), Some(16));
        assert_eq!(len_of(Ipv4Addr::new(255, 0, 255, 0)), None);
        assert_eq!(class_len(Ipv4Addr::new(172, 16, 0, 1)), 16);
        assert_eq!(
            resolve("foo", 1).unwrap_err().stderr,
            "foo: Host name lookup failure\n"
        );
        assert_eq!(
            resolve("300.0.0.1", 1).unwrap_err().stderr,
            "300.0.0.1: Unknown host\n"
        );
    }
}
