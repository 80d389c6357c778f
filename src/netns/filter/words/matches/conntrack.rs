//! The matches of connections: `conntrack` and `state` (libxt_conntrack, libxt_state).
//! What a connection is stands in `conntrack` of the filter.

use crate::netns::filter::rule::{CtMatch, Family, Maybe, state, status};
use crate::netns::filter::words::{WordsError, address, number};

pub(super) fn read_conntrack(
    family: Family,
    ct: &mut CtMatch,
    option: &str,
    text: &str,
    not: bool,
) -> Result<(), WordsError> {
    let place = |names: [&str; 4]| names.iter().position(|name| *name == option);
    if let Some(at) = place(["ctorigsrc", "ctorigdst", "ctreplsrc", "ctrepldst"]) {
        let value = address::network(family, text)?;
        ct.addrs[at] = Some(Maybe { not, value });
        return Ok(());
    }
    let names = [
        "ctorigsrcport",
        "ctorigdstport",
        "ctreplsrcport",
        "ctrepldstport",
    ];
    if let Some(at) = place(names) {
        let value = address::ports(text, 6)?;
        ct.ports[at] = Some(Maybe { not, value });
        return Ok(());
    }
    let bad = || WordsError::problem(format_args!("Bad {option} \"{text}\""));
    match option {
        "ctstate" => {
            let value = states_of(text, true).ok_or_else(bad)?;
            ct.state = Some(Maybe { not, value });
        }
        "ctproto" => {
            let value = address::protocol(text)?.ok_or_else(bad)?;
            ct.proto = Some(Maybe { not, value });
        }
        "ctstatus" => {
            let value = text.split(',').try_fold(0, |bits, name| {
                let name = name.to_ascii_uppercase();
                let found = status::NAMES.iter().find(|(known, _)| *known == name);
                let bit = found.map(|(_, bit)| *bit).or((name == "NONE").then_some(0));
                bit.map(|bit| bits | bit)
            });
            ct.status = Some(Maybe {
                not,
                value: value.ok_or_else(bad)?,
            });
        }
        "ctexpire" => {
            let (first, last) = text.split_once(':').unwrap_or((text, text));
            let one = |text| number(text, u32::MAX.into()).map(|value| value as u32);
            let value = one(first).zip(one(last)).ok_or_else(bad)?;
            ct.expire = Some(Maybe { not, value });
        }
        _ => {
            ct.original = Some(match text.to_ascii_uppercase().as_str() {
                "ORIGINAL" => !not,
                "REPLY" => not,
                _ => return Err(bad()),
            });
        }
    }
    Ok(())
}

/// States with commas between them, a prefix of the name being enough.
pub(super) fn states_of(text: &str, with_nat: bool) -> Option<u8> {
    text.split(',').try_fold(0, |bits, name| {
        let upper = name.to_ascii_uppercase();
        let known = state::NAMES.iter().take(if with_nat { 7 } else { 5 });
        let found = known.clone().find(|(known, _)| *known == upper)?;
        Some(bits | found.1)
    })
}
