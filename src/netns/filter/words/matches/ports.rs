//! The matches of ports: `tcp`, `udp`, `sctp` and `multiport` (libxt_tcp, libxt_udp, libxt_multiport).
//! How a port is written is in `address`.

use crate::netns::filter::rule::{Maybe, Ports, PortsOf, Range, TcpMatch};
use crate::netns::filter::words::builder::Words;
use crate::netns::filter::words::{WordsError, address, number};

pub(super) fn read_ports(
    ports: &mut Ports,
    option: &str,
    text: &str,
    protocol: u8,
    not: bool,
) -> Result<(), WordsError> {
    let range = Some(Maybe {
        not,
        value: match protocol {
            17 => address::udp_ports(text)?,
            _ => address::ports(text, protocol)?,
        },
    });
    let all = Range {
        first: 0,
        last: 65_535,
    };
    let range = range.filter(|range| range.not || range.value != all);
    match option {
        "sport" => ports.source = range,
        _ => ports.destination = range,
    }
    Ok(())
}

pub(super) fn read_tcp(
    tcp: &mut TcpMatch,
    option: &str,
    text: &str,
    words: &mut Words<'_, '_>,
    not: bool,
) -> Result<(), WordsError> {
    match option {
        "syn" => {
            tcp.flags = Some(Maybe {
                not,
                value: (0x17, 0x02),
            })
        }
        "tcp-flags" => {
            let set = words
                .next()
                .filter(|word| !word.starts_with(['-', '!']))
                .ok_or_else(|| WordsError::problem("--tcp-flags requires two args."))?;
            let value = (tcp_flags(text)?, tcp_flags(set)?);
            tcp.flags = Some(Maybe { not, value });
        }
        "tcp-option" => {
            let value = number(text, 255)
                .filter(|&value| value > 0)
                .ok_or_else(|| WordsError::problem(format_args!("Bad TCP option \"{text}\"")))?;
            tcp.option = Some(Maybe {
                not,
                value: value as u8,
            });
        }
        _ => read_ports(&mut tcp.ports, option, text, 6, not)?,
    }
    Ok(())
}

fn tcp_flags(text: &str) -> Result<u8, WordsError> {
    text.split(',').try_fold(0, |flags, name| {
        let bits = match name.to_ascii_uppercase().as_str() {
            "FIN" => 1,
            "SYN" => 2,
            "RST" => 4,
            "PSH" => 8,
            "ACK" => 16,
            "URG" => 32,
            "ALL" => 63,
            "NONE" => 0,
            _ => {
                return Err(WordsError::problem(format_args!(
                    "Unknown TCP flag `{name}'"
                )));
            }
        };
        Ok(flags | bits)
    })
}

/// A list of ports and ranges; a range takes two of the fifteen places.
pub(super) fn read_multiport(
    of: &mut PortsOf,
    ports: &mut Maybe<Vec<Range>>,
    option: &str,
    text: &str,
    protocol: Option<Maybe<u8>>,
    not: bool,
) -> Result<(), WordsError> {
    let protocol = multiport_protocol(protocol)?;
    *of = match option {
        "sports" => PortsOf::Source,
        "dports" => PortsOf::Destination,
        _ => PortsOf::Either,
    };
    let list = text
        .split(',')
        .map(|one| multiport_range(one, protocol))
        .collect::<Result<Vec<_>, _>>()?;
    let slots: usize = list
        .iter()
        .map(|range| 1 + usize::from(range.first != range.last))
        .sum();
    if slots > 15 {
        return Err(WordsError::problem("too many ports specified"));
    }
    *ports = Maybe { not, value: list };
    Ok(())
}

/// One port, or a range with both ends.
fn multiport_range(text: &str, protocol: u8) -> Result<Range, WordsError> {
    let one = |text: &str| address::port(text, protocol);
    let range = match text.split_once(':') {
        Some((first, last)) => Range {
            first: one(first)?,
            last: one(last)?,
        },
        None => Range::one(one(text)?),
    };
    match range.first > range.last {
        true => Err(WordsError::problem("invalid portrange specified")),
        false => Ok(range),
    }
}

/// The protocol that a rule with `multiport` must name.
pub(super) fn multiport_protocol(protocol: Option<Maybe<u8>>) -> Result<u8, WordsError> {
    match protocol {
        Some(Maybe { not: true, .. }) => Err(WordsError::problem(
            "multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP",
        )),
        Some(Maybe { value, .. }) if matches!(value, 6 | 17 | 33 | 132 | 136) => Ok(value),
        Some(_) => Err(WordsError::problem(
            "multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP",
        )),
        None => Err(WordsError::problem(
            "multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'",
        )),
    }
}
