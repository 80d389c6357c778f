//! The options of targets that rewrite a header or show packets to user space: `NETMAP`, `TOS`, `DSCP`, `NFLOG`, `NFQUEUE`, `AUDIT`.
//! What they do to a packet is in `eval`.

use crate::netns::filter::rule::{Family, Net, TOS_NAMES, Target, number as addr_number};
use crate::netns::filter::save::AUDIT_TYPES;
use crate::netns::filter::words::matches::dscp_class;
use crate::netns::filter::words::{WordsError, address, number};

/// Reads one option of such a target.
pub(super) fn read(
    family: Family,
    target: &mut Target,
    name: &str,
    option: &str,
    text: &str,
) -> Result<(), WordsError> {
    let ranged = |max: u64| {
        number(text, max).ok_or_else(|| {
            WordsError::problem(format_args!(
                "{name}: bad value for option \"--{option}\", or out of range (0-{max}).\n"
            ))
        })
    };
    match target {
        Target::Netmap(to) => *to = network(family, text)?,
        Target::Tos { value, mask } => (*value, *mask) = type_of_service(option, text)?,
        Target::Dscp(value) => {
            *value = match option {
                "set-dscp" => ranged(63)? as u8,
                _ => dscp_class(text).ok_or_else(|| {
                    WordsError::problem(format_args!("Invalid DSCP value `{text}'"))
                })? as u8,
            };
        }
        Target::Nflog(what) => match option {
            "nflog-group" => what.group = ranged(0xffff)? as u16,
            "nflog-threshold" => what.threshold = ranged(0xffff)? as u16,
            "nflog-size" => what.size = Some(ranged(0xffff_ffff)? as u32),
            // It has never worked; iptables warns and goes on.
            "nflog-range" => drop(ranged(0xffff_ffff)?),
            _ => what.prefix = text.chars().take(63).collect(),
        },
        Target::Nfqueue {
            queues,
            bypass,
            cpu_fanout,
        } => match option {
            "queue-num" => {
                let queue = ranged(0xffff)? as u16;
                *queues = (queue, queue);
            }
            "queue-balance" => *queues = balance(name, text)?,
            "queue-bypass" => *bypass = true,
            _ => *cpu_fanout = true,
        },
        Target::Audit(kind) => {
            let known = AUDIT_TYPES.iter().position(|known| *known == text);
            *kind = known.ok_or_else(|| {
                WordsError::problem(format_args!("Bad action type value \"{text}\""))
            })? as u8;
        }
        _ => {}
    }
    Ok(())
}

/// An address with its mask; a length that is none counts as the whole address (`xtopt_parse_hostmask`).
fn network(family: Family, text: &str) -> Result<Net, WordsError> {
    let (name, mask) = text.split_once('/').unwrap_or((text, ""));
    let addr = address::address(family, name).ok_or_else(|| {
        WordsError::problem("getaddrinfo: Temporary failure in name resolution\n")
    })?;
    let whole = family.mask(family.bits());
    let mask = match (mask.parse::<u8>(), mask.parse::<std::net::IpAddr>()) {
        (Ok(len), _) if len <= family.bits() => family.mask(len),
        (_, Ok(mask)) => addr_number(mask) & whole,
        _ => whole,
    };
    Ok(Net {
        addr: addr_number(addr) & mask,
        mask,
    })
}

/// `0x10`, `0x10/0x1c` or a name of RFC 1349 (`tos_parse_symbolic`).
fn type_of_service(option: &str, text: &str) -> Result<(u8, u8), WordsError> {
    let small = |text: &str| number(text, 255).map(|value| value as u8);
    let bad = || WordsError::problem(format_args!("Symbolic name \"{text}\" is unknown"));
    if option != "set-tos" {
        let value = small(text).ok_or_else(|| {
            WordsError::problem(format_args!(
                "TOS: bad value for option \"--{option}\", or out of range (0-255).\n"
            ))
        })?;
        return Ok(match option {
            "and-tos" => (0, !value),
            "or-tos" => (value, value),
            _ => (value, 0),
        });
    }
    if let Some((value, mask)) = text.split_once('/') {
        return Ok((small(value).ok_or_else(bad)?, small(mask).ok_or_else(bad)?));
    }
    if let Some(value) = small(text) {
        return Ok((value, 0xff));
    }
    let lower = text.to_ascii_lowercase();
    let begins = |(name, _): &&(&str, u8)| name.to_ascii_lowercase().starts_with(&lower);
    let mut known = TOS_NAMES.iter().filter(begins);
    match (known.next(), known.next()) {
        (Some((_, value)), None) if !text.is_empty() => Ok((*value, 0x3f)),
        (Some(_), Some(_)) => Err(WordsError::problem(format_args!(
            "Symbolic name \"{text}\" is ambiguous"
        ))),
        _ => Err(bad()),
    }
}

fn balance(name: &str, text: &str) -> Result<(u16, u16), WordsError> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let queue = |text: &str| number(text, 0xffff).map(|value| value as u16);
    match (queue(first), queue(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        (Some(first), Some(last)) => Err(WordsError::problem(format_args!(
            "{name}: {first} should be less than {last}"
        ))),
        _ => Err(WordsError::problem(format_args!(
            "{name}: bad value for option \"--queue-balance\" near \"{text}\", or out of range (0-65535).\n"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_service_is_a_number_or_a_name() {
        for (option, text, want) in [
            ("set-tos", "0x10", Some((0x10, 0xff))),
            ("set-tos", "0x10/0x1c", Some((0x10, 0x1c))),
            ("set-tos", "minimize-cost", Some((2, 0x3f))),
            ("set-tos", "maximize", None),
            ("set-tos", "frob", None),
            ("and-tos", "0xf0", Some((0, 0x0f))),
            ("xor-tos", "8", Some((8, 0))),
        ] {
            assert_eq!(type_of_service(option, text).ok(), want, "{option} {text}");
        }
    }

    #[test]
    fn a_network_is_cut_to_its_mask() {
        let net = |text| {
            network(Family::V4, text)
                .map(|net| (net.addr, net.mask))
                .ok()
        };
        let whole = Family::V4.mask(32);
        assert_eq!(
            net("10.2.0.5/255.255.0.0"),
            Some((0x0a02_0000, Family::V4.mask(16)))
        );
        assert_eq!(net("10.2.0.0/33"), Some((0x0a02_0000, whole)));
        assert_eq!(net("frob"), None);
    }
}
