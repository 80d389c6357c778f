//! The types of ICMP and ICMPv6 by name and number (libipt_icmp, libip6t_icmp6).
//! It knows no packet.

use crate::netns::filter::rule::{Family, IcmpType};
use crate::netns::filter::words::{WordsError, number};

/// The names of the types of ICMP, with type, first and last code.
pub(in crate::netns::filter::words) const ICMP_NAMES: &[(&str, u8, u8, u8)] = &[
    ("any", 255, 0, 255),
    ("echo-reply", 0, 0, 255),
    ("pong", 0, 0, 255),
    ("destination-unreachable", 3, 0, 255),
    ("network-unreachable", 3, 0, 0),
    ("host-unreachable", 3, 1, 1),
    ("protocol-unreachable", 3, 2, 2),
    ("port-unreachable", 3, 3, 3),
    ("fragmentation-needed", 3, 4, 4),
    ("source-route-failed", 3, 5, 5),
    ("network-unknown", 3, 6, 6),
    ("host-unknown", 3, 7, 7),
    ("network-prohibited", 3, 9, 9),
    ("host-prohibited", 3, 10, 10),
    ("TOS-network-unreachable", 3, 11, 11),
    ("TOS-host-unreachable", 3, 12, 12),
    ("communication-prohibited", 3, 13, 13),
    ("host-precedence-violation", 3, 14, 14),
    ("precedence-cutoff", 3, 15, 15),
    ("source-quench", 4, 0, 255),
    ("redirect", 5, 0, 255),
    ("network-redirect", 5, 0, 0),
    ("host-redirect", 5, 1, 1),
    ("TOS-network-redirect", 5, 2, 2),
    ("TOS-host-redirect", 5, 3, 3),
    ("echo-request", 8, 0, 255),
    ("ping", 8, 0, 255),
    ("router-advertisement", 9, 0, 255),
    ("router-solicitation", 10, 0, 255),
    ("time-exceeded", 11, 0, 255),
    ("ttl-exceeded", 11, 0, 255),
    ("ttl-zero-during-transit", 11, 0, 0),
    ("ttl-zero-during-reassembly", 11, 1, 1),
    ("parameter-problem", 12, 0, 255),
    ("ip-header-bad", 12, 0, 0),
    ("required-option-missing", 12, 1, 1),
    ("timestamp-request", 13, 0, 255),
    ("timestamp-reply", 14, 0, 255),
    ("address-mask-request", 17, 0, 255),
    ("address-mask-reply", 18, 0, 255),
];

/// The same of ICMPv6.
pub(in crate::netns::filter::words) const ICMP6_NAMES: &[(&str, u8, u8, u8)] = &[
    ("destination-unreachable", 1, 0, 255),
    ("no-route", 1, 0, 0),
    ("communication-prohibited", 1, 1, 1),
    ("beyond-scope", 1, 2, 2),
    ("address-unreachable", 1, 3, 3),
    ("port-unreachable", 1, 4, 4),
    ("failed-policy", 1, 5, 5),
    ("reject-route", 1, 6, 6),
    ("packet-too-big", 2, 0, 255),
    ("time-exceeded", 3, 0, 255),
    ("ttl-exceeded", 3, 0, 255),
    ("ttl-zero-during-transit", 3, 0, 0),
    ("ttl-zero-during-reassembly", 3, 1, 1),
    ("parameter-problem", 4, 0, 255),
    ("bad-header", 4, 0, 0),
    ("unknown-header-type", 4, 1, 1),
    ("unknown-option", 4, 2, 2),
    ("echo-request", 128, 0, 255),
    ("ping", 128, 0, 255),
    ("echo-reply", 129, 0, 255),
    ("pong", 129, 0, 255),
    ("mld-listener-query", 130, 0, 255),
    ("mld-listener-report", 131, 0, 255),
    ("mld-listener-done", 132, 0, 255),
    ("mld-listener-reduction", 132, 0, 255),
    ("router-solicitation", 133, 0, 255),
    ("router-advertisement", 134, 0, 255),
    ("neighbour-solicitation", 135, 0, 255),
    ("neighbor-solicitation", 135, 0, 255),
    ("neighbour-advertisement", 136, 0, 255),
    ("neighbor-advertisement", 136, 0, 255),
    ("redirect", 137, 0, 255),
];

/// A type by its name, the beginning of one, or as `TYPE[/CODE]`.
pub(super) fn icmp_type(family: Family, text: &str) -> Result<IcmpType, WordsError> {
    let (names, title) = match family {
        Family::V4 => (ICMP_NAMES, "ICMP"),
        Family::V6 => (ICMP6_NAMES, "ICMPv6"),
    };
    let lower = text.to_ascii_lowercase();
    let exact = names
        .iter()
        .find(|(name, ..)| name.to_ascii_lowercase() == lower);
    let mut begun = names
        .iter()
        .filter(|(name, ..)| !lower.is_empty() && name.to_ascii_lowercase().starts_with(&lower));
    let found = match (exact, begun.next(), begun.next()) {
        (Some(exact), ..) => Some(exact),
        (None, Some(first), Some(second)) => {
            return Err(WordsError::problem(format_args!(
                "Ambiguous {title} type `{text}': `{}' or `{}'?",
                first.0, second.0
            )));
        }
        (None, first, _) => first,
    };
    if let Some(&(_, kind, first, last)) = found {
        return Ok(IcmpType {
            kind,
            codes: (first, last),
        });
    }
    let (kind, code) = match text.split_once('/') {
        Some((kind, code)) => (kind, Some(code)),
        None => (text, None),
    };
    let unknown = || WordsError::problem(format_args!("Unknown {title} type `{text}'"));
    let kind = number(kind, 255).ok_or_else(unknown)? as u8;
    let codes = match code {
        None => (0, 255),
        Some(code) => {
            let code = number(code, 255).ok_or_else(unknown)? as u8;
            (code, code)
        }
    };
    Ok(IcmpType { kind, codes })
}
