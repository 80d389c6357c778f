//! The options of `string`, `quota` and `hashlimit` (libxt_string, libxt_quota, libxt_hashlimit).
//! What they mean for a packet is in `eval`.

use super::value::rate;
use crate::netns::filter::rule::{Contents, HASH_MODES, HashLimit};
use crate::netns::filter::words::{WordsError, number};

fn bad(name: &str, option: &str, text: &str) -> WordsError {
    WordsError::problem(format_args!(
        "{name}: Bad value for \"--{option}\" option: \"{text}\""
    ))
}

fn whole(name: &str, option: &str, text: &str, max: u64) -> Result<u64, WordsError> {
    number(text, max).ok_or_else(|| {
        WordsError::problem(format_args!(
            "{name}: bad value for option \"--{option}\", or out of range (0-{max}).\n"
        ))
    })
}

fn together(name: &str, a: &str, b: &str) -> WordsError {
    WordsError::problem(format_args!(
        "{name}: option \"--{a}\" cannot be used together with \"--{b}\".\n"
    ))
}

/// The longest pattern (`XT_STRING_MAX_PATTERN_SIZE`).
const PATTERN_MAX: usize = 128;

pub(super) fn read_string(
    what: &mut Contents,
    given: &[&'static str],
    option: &str,
    text: &str,
    not: bool,
) -> Result<(), WordsError> {
    match option {
        "string" | "hex-string" => {
            if given.contains(&"string") && given.contains(&"hex-string") {
                return Err(together("string", "string", "hex-string"));
            }
            what.not = not;
            what.pattern = match option {
                "string" => text.bytes().take(PATTERN_MAX).collect(),
                _ => hex_pattern(text)?,
            };
        }
        "algo" => what.algo = text.chars().take(15).collect(),
        "from" => what.from = whole("string", option, text, 0xffff)? as u16,
        "to" => {
            let to = whole("string", option, text, 0xffff)? as u16;
            what.to = (to != u16::MAX).then_some(to);
        }
        _ => what.icase = true,
    }
    Ok(())
}

/// Text with blocks of numbers between bars: `|de ad|x`.
fn hex_pattern(text: &str) -> Result<Vec<u8>, WordsError> {
    let mut pattern = Vec::new();
    for (at, part) in text.split('|').enumerate() {
        if at % 2 == 0 {
            pattern.extend_from_slice(part.as_bytes());
            continue;
        }
        let digits: Vec<char> = part.chars().filter(|c| *c != ' ').collect();
        if let Some(odd) = digits.iter().find(|c| !c.is_ascii_hexdigit()) {
            return Err(WordsError::problem(format_args!(
                "Invalid hex char '{odd}'"
            )));
        }
        for pair in digits.chunks(2) {
            let pair: String = pair.iter().collect();
            let byte = u8::from_str_radix(&pair, 16);
            pattern.push(byte.map_err(|_| WordsError::problem("Invalid hex block"))?);
        }
    }
    if text.matches('|').count() % 2 == 1 {
        return Err(WordsError::problem("Invalid hex block"));
    }
    pattern.truncate(PATTERN_MAX);
    Ok(pattern)
}

pub(super) fn quota(text: &str) -> Result<u64, WordsError> {
    whole("quota", "quota", text, u64::MAX)
}

pub(super) fn read_hashlimit(
    what: &mut HashLimit,
    option: &str,
    text: &str,
    not: bool,
) -> Result<(), WordsError> {
    let name = "hashlimit";
    match option {
        "hashlimit-upto" | "hashlimit-above" | "hashlimit" => {
            if what.above.is_some() {
                return Err(together(name, "hashlimit-upto", "hashlimit-above"));
            }
            let bytes = |count: &str| {
                count.ends_with('b') && count.starts_with(|c: char| c.is_ascii_digit())
            };
            if text.split('/').next().is_some_and(bytes) {
                return Err(WordsError::not_simulated("a rate of bytes of hashlimit"));
            }
            what.period = rate(text).map_err(|_| bad(name, option, text))?;
            what.unit = match text.split_once('/').map(|(_, unit)| unit.as_bytes()) {
                Some([b'm' | b'M', ..]) => 60,
                Some([b'h' | b'H', ..]) => 3600,
                Some([b'd' | b'D', ..]) => 86_400,
                _ => 1,
            };
            what.above = Some((option == "hashlimit-above") != not);
        }
        "hashlimit-burst" => what.burst = whole(name, option, text, 1_000_000)? as u32,
        "hashlimit-mode" => {
            for word in text.split(',') {
                let known = HASH_MODES.iter().find(|(known, _)| *known == word);
                what.mode |= known.ok_or_else(|| bad(name, option, text))?.1;
            }
        }
        "hashlimit-name" => what.name = text.chars().take(255).collect(),
        "hashlimit-srcmask" => what.bits.0 = Some(whole(name, option, text, 128)? as u8),
        "hashlimit-dstmask" => what.bits.1 = Some(whole(name, option, text, 128)? as u8),
        option => {
            let at = ["size", "max", "gcinterval", "expire"]
                .iter()
                .position(|end| option.ends_with(end))
                .ok_or_else(|| bad(name, option, text))?;
            what.table[at] = Some(whole(name, option, text, u32::MAX.into())? as u32);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_between_bars_are_bytes() {
        assert_eq!(hex_pattern("|de ad|x").ok(), Some(vec![0xde, 0xad, b'x']));
        assert_eq!(hex_pattern("plain").ok(), Some(b"plain".to_vec()));
        assert!(hex_pattern("|zz|").is_err());
        assert!(hex_pattern("|41").is_err());
    }
}
