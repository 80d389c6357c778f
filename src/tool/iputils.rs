//! What ping and arping read in common: numbers in the words of iputils, and its version.
//! The options are the tools' own.

use super::Failure;
use crate::units::Errno;

/// What `-V` prints behind the tool's name.
pub(super) const VERSION: &str = " from iputils 20221126\n\
    libcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n";

/// A number at the front of `text` as C's `strtol` reads it, clamped, and what follows it. Nothing
/// where there is none. The flag says whether it was clamped.
pub(super) fn strtol(text: &str, radix: u32) -> Option<(i64, &str, bool)> {
    let trimmed = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let (negative, digits) = match trimmed.as_bytes().first() {
        Some(b'-') => (true, &trimmed[1..]),
        Some(b'+') => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let end = digits
        .find(|c: char| !c.is_digit(radix))
        .unwrap_or(digits.len());
    if end == 0 {
        return None;
    }
    let mut value: i64 = 0;
    let mut clamped = false;
    for digit in digits[..end].chars().filter_map(|c| c.to_digit(radix)) {
        let digit = if negative {
            -i64::from(digit)
        } else {
            i64::from(digit)
        };
        let next = value
            .checked_mul(i64::from(radix))
            .and_then(|v| v.checked_add(digit));
        value = next.unwrap_or(if negative { i64::MIN } else { i64::MAX });
        clamped |= next.is_none();
    }
    Some((value, &digits[end..], clamped))
}

/// A whole number within bounds (`strtol_or_err`).
pub(super) fn number(tool: &str, text: &str, min: i64, max: i64) -> Result<i64, Failure> {
    let wrong =
        |why: &str| Failure::line(1, format_args!("{tool}: invalid argument: '{text}'{why}"));
    match strtol(text, 10) {
        Some((_, "", true)) => Err(wrong(&format!(": {}", Errno::Erange))),
        Some((value, "", false)) if (min..=max).contains(&value) => Ok(value),
        Some((_, "", false)) => Err(wrong(&format!(": out of range: {min} <= value <= {max}"))),
        _ => Err(wrong("")),
    }
}

/// A decimal number at the front of `text` as C's `strtod` reads it, and what follows it.
pub(super) fn strtod(text: &str) -> (f64, &str) {
    let trimmed = text.trim_start();
    let longest = (1..=trimmed.len())
        .rev()
        .filter(|&end| trimmed.is_char_boundary(end))
        .find_map(|end| Some((trimmed[..end].parse::<f64>().ok()?, &trimmed[end..])));
    longest.unwrap_or((0.0, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_and_within_bounds() {
        let say = |text: &str| match number("ping", text, 1, 9) {
            Ok(value) => value.to_string(),
            Err(failure) => failure.stderr,
        };
        assert_eq!(say("7"), "7");
        assert_eq!(say("+7"), "7");
        assert_eq!(say("abc"), "ping: invalid argument: 'abc'\n");
        assert_eq!(say("7x"), "ping: invalid argument: '7x'\n");
        assert_eq!(say(""), "ping: invalid argument: ''\n");
        assert_eq!(
            say("0"),
            "ping: invalid argument: '0': out of range: 1 <= value <= 9\n"
        );
        let long = "99999999999999999999";
        let want = format!("ping: invalid argument: '{long}': Numerical result out of range\n");
        assert_eq!(say(long), want);
    }

    #[test]
    fn decimals_stop_where_they_end() {
        assert_eq!(strtod("0.2x"), (0.2, "x"));
        assert_eq!(strtod("abc"), (0.0, "abc"));
        assert_eq!(strtod("1e3"), (1000.0, ""));
        assert_eq!(strtod("-1"), (-1.0, ""));
    }
}
