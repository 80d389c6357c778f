//! Values that several matches take: marks, rates, shares, classes, kinds of address.
//! Each is read from one word.

use std::net::IpAddr;

use crate::netns::filter::rule::{ADDR_TYPES, Family};
use crate::netns::filter::words::{WordsError, number};

/// Kinds of address with commas between them, as bits.
pub(super) fn addr_types(text: &str) -> Result<u16, WordsError> {
    text.split(',').try_fold(0, |bits, name| {
        let upper = name.to_ascii_uppercase();
        let begins = |known: &str| !upper.is_empty() && known.starts_with(&upper);
        let at = ADDR_TYPES.iter().position(|known| begins(known));
        at.map(|at| bits | 1 << at)
            .ok_or_else(|| WordsError::problem(format_args!("addrtype: bad type \"{name}\"")))
    })
}

/// A mark, with a mask behind a slash.
pub(in crate::netns::filter::words) fn masked(text: &str) -> Option<(u32, u32)> {
    let (value, mask) = match text.split_once('/') {
        Some((value, mask)) => (value, number(mask, u32::MAX.into())?),
        None => (text, u32::MAX.into()),
    };
    let value = number(value, u32::MAX.into())?;
    Some((value as u32, mask as u32))
}

/// A rate as the time for one packet, in 1/10000 s (`parse_rate` of libxt_limit).
pub(super) fn rate(text: &str) -> Result<u32, WordsError> {
    let bad = || WordsError::problem(format_args!("bad rate \"{text}\"'"));
    let (count, unit) = match text.split_once('/') {
        Some((count, unit)) => (count, unit.to_ascii_lowercase()),
        None => (text, "second".to_owned()),
    };
    let begins = |whole: &str| !unit.is_empty() && whole.starts_with(&unit);
    let span = if begins("second") {
        10_000
    } else if begins("minute") {
        600_000
    } else if begins("hour") {
        36_000_000
    } else if begins("day") {
        864_000_000
    } else {
        return Err(bad());
    };
    let count = number(count, u32::MAX.into())
        .filter(|&count| count > 0)
        .ok_or_else(bad)?;
    match u64::from(span as u32) / count {
        0 => Err(WordsError::problem(format_args!(
            "Rate too fast \"{text}\""
        ))),
        period => Ok(period as u32),
    }
}

/// A decimal fraction as a share of 2^31.
pub(super) fn probability(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = if whole.is_empty() {
        0
    } else {
        whole.parse::<u64>().ok()?
    };
    let digits: String = fraction.chars().take(12).collect();
    let scale = 10_u128.pow(digits.len() as u32);
    let part: u128 = if digits.is_empty() {
        0
    } else {
        digits.parse().ok()?
    };
    let shares = (u128::from(whole) << 31) + ((part << 31) + scale / 2) / scale;
    u32::try_from(shares)
        .ok()
        .filter(|&shares| shares <= 1 << 31)
}

/// A class of the differentiated services by its name (RFC 2474, RFC 2597, RFC 3246).
pub(in crate::netns::filter::words) fn dscp_class(name: &str) -> Option<u64> {
    let upper = name.to_ascii_uppercase();
    match upper.as_str() {
        "BE" => return Some(0),
        "EF" => return Some(46),
        _ => {}
    }
    if let Some(class) = upper.strip_prefix("CS") {
        return class
            .parse()
            .ok()
            .filter(|&class: &u64| class < 8)
            .map(|class| class * 8);
    }
    let mut digits = upper.strip_prefix("AF")?.chars().map(|c| c.to_digit(10));
    let (class, drop) = (digits.next()??, digits.next()??);
    Some(u64::from(class * 8 + drop * 2))
}

/// Whether an address can stand in a rule of a family.
pub(in crate::netns::filter::words) fn is_of(family: Family, addr: IpAddr) -> bool {
    matches!(
        (family, addr),
        (Family::V4, IpAddr::V4(_)) | (Family::V6, IpAddr::V6(_))
    )
}
