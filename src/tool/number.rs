//! Numbers as the C library reads them: `strtoul` and its family, bases and all.
//! Which range an argument may have is said by the caller's choice of function.

/// What `strtoull` finds: the magnitude, the sign and what follows the digits.
/// Nothing where there is no digit. The magnitude saturates.
pub fn strtoull(text: &str, base: u32) -> Option<(bool, u64, &str)> {
    let trimmed = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let (base, digits) = detect_base(digits, base);
    let len = digits
        .bytes()
        .take_while(|b| (*b as char).is_digit(base))
        .count();
    let (number, rest) = digits.split_at_checked(len)?;
    if number.is_empty() {
        return None;
    }
    let value = u64::from_str_radix(number, base).unwrap_or(u64::MAX);
    Some((negative, value, rest))
}

/// The base of `digits` where 0 or 16 was asked for, and what follows its prefix.
/// `0x` without a hexadecimal digit is a zero and a rest.
fn detect_base(digits: &str, base: u32) -> (u32, &str) {
    let hex = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_hexdigit()));
    match (base, hex) {
        (0 | 16, Some(rest)) => (16, rest),
        (0, None) if digits.starts_with('0') => (8, digits),
        (0, None) => (10, digits),
        (base, _) => (base.clamp(2, 36), digits),
    }
}

/// The whole of `text` as `get_u64` reads it: `-1` wraps around.
pub fn u64_in(text: &str, base: u32) -> Option<u64> {
    let (negative, value, rest) = strtoull(text, base)?;
    if !rest.is_empty() {
        return None;
    }
    Some(if negative {
        value.wrapping_neg()
    } else {
        value
    })
}

/// The whole of `text` as `get_unsigned` and `get_u32` read it.
///
/// ```
/// use vethlab::tool::number::u32_in;
///
/// assert_eq!(u32_in("0x10", 0), Some(16));
/// assert_eq!(u32_in("010", 0), Some(8));
/// assert_eq!(u32_in("-1", 0), None);
/// assert_eq!(u32_in("5s", 0), None);
/// ```
pub fn u32_in(text: &str, base: u32) -> Option<u32> {
    u64_in(text, base)?.try_into().ok()
}

/// The whole of `text` as `get_u16` reads it.
pub fn u16_in(text: &str, base: u32) -> Option<u16> {
    u64_in(text, base)?.try_into().ok()
}

/// The whole of `text` as `get_u8` reads it.
pub fn u8_in(text: &str, base: u32) -> Option<u8> {
    u64_in(text, base)?.try_into().ok()
}

/// The whole of `text` as `get_integer` and `get_s32` read it.
pub fn i32_in(text: &str, base: u32) -> Option<i32> {
    let (negative, value, rest) = strtoull(text, base)?;
    if !rest.is_empty() {
        return None;
    }
    let value = i64::try_from(value).ok()?;
    i32::try_from(if negative { -value } else { value }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_signs_and_rests_are_those_of_the_c_library() {
        assert_eq!(strtoull("12ms", 0), Some((false, 12, "ms")));
        assert_eq!(strtoull(" +0x1fg", 0), Some((false, 31, "g")));
        assert_eq!(strtoull("0x", 0), Some((false, 0, "x")));
        assert_eq!(strtoull("08", 0), Some((false, 0, "8")));
        assert_eq!(strtoull("ff", 16), Some((false, 255, "")));
        assert_eq!(strtoull("é", 0), None);
        assert_eq!(strtoull("", 0), None);
    }

    #[test]
    fn ranges_hold_at_both_ends() {
        assert_eq!(u8_in("255", 0), Some(255));
        assert_eq!(u8_in("256", 0), None);
        assert_eq!(u32_in("4294967295", 0), Some(u32::MAX));
        assert_eq!(u32_in("4294967296", 0), None);
        assert_eq!(i32_in("-2147483648", 0), Some(i32::MIN));
        assert_eq!(i32_in("-2147483649", 0), None);
        assert_eq!(i32_in("99999999999999999999", 0), None);
        assert_eq!(u64_in("-1", 0), Some(u64::MAX));
    }
}
