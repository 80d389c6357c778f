//! Numbers as `tc` reads and prints them: rates, sizes, times and parts.
//! Only this text is in floating point; what the kernel floor gets is whole numbers.

/// One so long as the kernel's clock of packets counts: 64 nanoseconds (`/proc/net/psched`).
pub const TICK_NS: i64 = 64;

/// The number at the front of a text, and what follows it (`strtod`, for decimal numbers).
pub fn strtod(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_start_matches([' ', '\t']);
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut end = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(end);
    end += whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        if whole + fraction > 0 {
            end += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return None;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let (number, rest) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, rest))
}

/// A part of all: `30%` or `30` (`parse_percent`).
pub fn percent(text: &str) -> Option<f64> {
    let (number, rest) = strtod(text)?;
    let part = number / 100.;
    ((0. ..=1.).contains(&part) && matches!(rest, "" | "%")).then_some(part)
}

/// A part as the kernel keeps it: of 2^32 - 1 (`set_percent`).
pub fn part(value: f64) -> u32 {
    (value * f64::from(u32::MAX)).round_ties_even() as u32
}

/// Bytes per second (`get_rate64`).
pub fn rate(text: &str) -> Option<u64> {
    let (number, rest) = strtod(text)?;
    let scale = match rest.to_ascii_lowercase().as_str() {
        "" | "bit" => 1.,
        "kibit" => 1024.,
        "kbit" => 1000.,
        "mibit" => 1024. * 1024.,
        "mbit" => 1e6,
        "gibit" => 1024. * 1024. * 1024.,
        "gbit" => 1e9,
        "tibit" => 1024. * 1024. * 1024. * 1024.,
        "tbit" => 1e12,
        "bps" => 8.,
        "kibps" => 8. * 1024.,
        "kbps" => 8e3,
        "mibps" => 8. * 1024. * 1024.,
        "mbps" => 8e6,
        "gibps" => 8. * 1024. * 1024. * 1024.,
        "gbps" => 8e9,
        "tibps" => 8. * 1024. * 1024. * 1024. * 1024.,
        "tbps" => 8e12,
        _ => return None,
    };
    Some((number * scale / 8.) as u64)
}

/// Bytes (`get_size`).
pub fn size(text: &str) -> Option<u32> {
    let (number, rest) = strtod(text)?;
    let scale = match rest.to_ascii_lowercase().as_str() {
        "" | "b" => 1.,
        "k" | "kb" => 1024.,
        "m" | "mb" => 1024. * 1024.,
        "g" | "gb" => 1024. * 1024. * 1024.,
        "kbit" => 128.,
        "mbit" => 128. * 1024.,
        "gbit" => 128. * 1024. * 1024.,
        _ => return None,
    };
    let bytes = number * scale;
    (0. ..4_294_967_296.)
        .contains(&bytes)
        .then_some(bytes as u32)
}

/// Microseconds (`get_time`).
pub fn time_us(text: &str) -> Option<u32> {
    let (number, rest) = strtod(text)?;
    let scale = match rest.to_ascii_lowercase().as_str() {
        "" | "us" | "usec" | "usecs" => 1.,
        "ms" | "msec" | "msecs" => 1e3,
        "s" | "sec" | "secs" => 1e6,
        _ => return None,
    };
    Some((number * scale) as u32)
}

/// Nanoseconds (`get_time64`).
pub fn time_ns(text: &str) -> Option<i64> {
    let (number, rest) = strtod(text)?;
    let scale = match rest.to_ascii_lowercase().as_str() {
        "" | "ns" | "nsec" | "nsecs" => 1.,
        "us" | "usec" | "usecs" => 1e3,
        "ms" | "msec" | "msecs" => 1e6,
        "s" | "sec" | "secs" => 1e9,
        _ => return None,
    };
    Some((number * scale) as i64)
}

/// A number as `%.*g` prints it.
pub fn general(value: f64, digits: usize) -> String {
    let digits = digits.max(1);
    if value == 0. {
        return "0".to_owned();
    }
    let scientific = format!("{:.*e}", digits - 1, value);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    let digits = i32::try_from(digits).unwrap_or(i32::MAX);
    if exponent < -4 || exponent >= digits {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs());
    }
    let decimals = usize::try_from(digits - 1 - exponent).unwrap_or(0);
    trimmed(&format!("{value:.decimals$}"))
}

/// A rate of bytes per second, as bits (`print_rate`).
pub fn shown_rate(bytes: u64, iec: bool) -> String {
    let kilo = if iec { 1024 } else { 1000 };
    let mut rate = bytes.wrapping_mul(8);
    let units = ["", "K", "M", "G", "T"];
    let mut unit = 0;
    while unit < units.len() - 1 {
        if rate < kilo || !rate.is_multiple_of(kilo) && rate < 1000 * kilo {
            break;
        }
        rate /= kilo;
        unit += 1;
    }
    let i = if iec && unit > 0 { "i" } else { "" };
    format!("{rate}{}{i}bit", units[unit])
}

/// A number of bytes (`sprint_size`).
pub fn shown_size(bytes: u32) -> String {
    const KILO: i64 = 1024;
    const MEGA: i64 = KILO * KILO;
    let exact = i64::from(bytes);
    let rounded = |unit: i64| (f64::from(bytes) / unit as f64).round_ties_even();
    let near = |unit: i64, within: i64| {
        exact >= unit && (unit * rounded(unit) as i64 - exact).abs() < within
    };
    if near(MEGA, 1024) {
        format!("{}Mb", general(rounded(MEGA), 6))
    } else if near(KILO, 16) {
        format!("{}Kb", general(rounded(KILO), 6))
    } else {
        format!("{bytes}b")
    }
}

/// A time in microseconds (`sprint_time`).
pub fn shown_us(micros: u32) -> String {
    let value = f64::from(micros);
    match micros {
        1_000_000.. => format!("{}s", general(value / 1e6, 3)),
        1_000.. => format!("{}ms", general(value / 1e3, 3)),
        _ => format!("{micros}us"),
    }
}

/// A time in nanoseconds (`sprint_time64`).
pub fn shown_ns(nanos: i64) -> String {
    let value = nanos as f64;
    match nanos {
        1_000_000_000.. => format!("{}s", general(value / 1e9, 3)),
        1_000_000.. => format!("{}ms", general(value / 1e6, 3)),
        1_000.. => format!("{}us", general(value / 1e3, 3)),
        _ => format!("{nanos}ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_printf_does() {
        for (value, digits, text) in [
            (0.1, 6, "0.1"),
            (0.003, 6, "0.003"),
            (30.000000001, 6, "30"),
            (1.499, 3, "1.5"),
            (99.9999, 3, "100"),
            (1234567., 6, "1.23457e+06"),
            (0.00001234, 6, "1.234e-05"),
            (43.75, 3, "43.8"),
            (0., 6, "0"),
        ] {
            assert_eq!(general(value, digits), text);
        }
    }

    #[test]
    fn rates_sizes_and_times_are_those_of_tc() {
        assert_eq!(rate("1mbit"), Some(125_000));
        assert_eq!(rate("1MBps"), Some(1_000_000));
        assert_eq!(rate("256kbit"), Some(32_000));
        assert_eq!(rate("1parsec"), None);
        assert_eq!(size("32kbit"), Some(4096));
        assert_eq!(size("1600"), Some(1600));
        assert_eq!(size("5g"), None);
        assert_eq!(time_us("1.5ms"), Some(1500));
        assert_eq!(time_us("abc"), None);
        assert_eq!(time_ns("20ms"), Some(20_000_000));
        assert_eq!(shown_rate(125_000, false), "1Mbit");
        assert_eq!(shown_rate(187_500, false), "1500Kbit");
        assert_eq!(shown_size(4096), "4Kb");
        assert_eq!(shown_size(1600), "1600b");
        assert_eq!(shown_size(1 << 20), "1Mb");
        assert_eq!(shown_us(43_750), "43.8ms");
        assert_eq!(percent("0.3%"), Some(0.003));
        assert_eq!(percent("200%"), None);
        assert_eq!(strtod("1e3x"), Some((1000., "x")));
        assert_eq!(strtod("."), None);
    }
}
