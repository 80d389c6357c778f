//! The metrics of a route on the command line: `mtu lock 1400`, `rtt 1.5s`, `congctl cubic`.
//! What they do is TCP's and the path MTU's.

use crate::netns::fib::{Metric, Metrics};
use crate::tool::Failure;
use crate::tool::ip::args::{Args, invalid, matches};
use crate::tool::number::{strtoull, u32_in};

/// `RTAX_FEATURE_ECN`.
const FEATURE_ECN: u32 = 1;

/// How a metric's word is compared: whole, or by `matches()`.
type Same = fn(&str, &str) -> bool;

fn whole(word: &str, full: &str) -> bool {
    word == full
}

/// What kind of value a metric has.
#[derive(Clone, Copy)]
enum Kind {
    /// A number.
    Number,
    /// A number up to 255.
    Byte,
    /// A time, which the kernel holds in this fraction of a millisecond.
    Time(u32),
    /// A time that is always locked.
    LockedTime,
    /// 0 or 1.
    Bit,
}

/// A word, the name in its errors, how it is compared, the metric and its value.
type Word = (&'static str, &'static str, Same, Metric, Kind);

/// The words in the order in which iproute2 compares them; whether `lock` may follow is the kind's.
const WORDS: &[Word] = &[
    ("mtu", "mtu", whole, Metric::Mtu, Kind::Number),
    ("hoplimit", "hoplimit", whole, Metric::HopLimit, Kind::Byte),
    ("advmss", "mss", whole, Metric::AdvMss, Kind::Number),
    (
        "reordering",
        "reordering",
        matches,
        Metric::Reordering,
        Kind::Number,
    ),
    ("rtt", "rtt", whole, Metric::Rtt, Kind::Time(8)),
    (
        "rto_min",
        "rto_min",
        whole,
        Metric::RtoMin,
        Kind::LockedTime,
    ),
    ("window", "window", matches, Metric::Window, Kind::Number),
    ("cwnd", "cwnd", matches, Metric::Cwnd, Kind::Number),
    (
        "initcwnd",
        "initcwnd",
        matches,
        Metric::InitCwnd,
        Kind::Number,
    ),
    (
        "initrwnd",
        "initrwnd",
        matches,
        Metric::InitRwnd,
        Kind::Number,
    ),
    ("quickack", "quickack", matches, Metric::QuickAck, Kind::Bit),
    ("rttvar", "rttvar", matches, Metric::RttVar, Kind::Time(4)),
    (
        "ssthresh",
        "ssthresh",
        matches,
        Metric::SsThresh,
        Kind::Number,
    ),
];

/// Reads a metric if `word` names one; says whether it did.
///
/// # Errors
/// `Error: argument "x" is wrong: "mtu" value is invalid`, status 255.
pub fn parse(word: &str, args: &mut Args<'_>, metrics: &mut Metrics) -> Result<bool, Failure> {
    if let Some(found) = WORDS.iter().find(|(full, _, same, ..)| same(word, full)) {
        return value(found, args, metrics).map(|()| true);
    }
    if matches(word, "features") {
        let name = args.required()?;
        if name != "ecn" {
            return Err(invalid("\"features\" value not valid\n", name));
        }
        metrics.insert(Metric::Features, FEATURE_ECN);
    } else if matches(word, "congctl") {
        if args.take_if("lock") {
            metrics.lock(Metric::CcAlgo);
        }
        metrics.congestion = Some(args.required()?.to_owned());
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Reads `fastopen_no_cookie`, which iproute2 compares after all else.
///
/// # Errors
/// As [`parse`].
pub fn fastopen(args: &mut Args<'_>, metrics: &mut Metrics) -> Result<(), Failure> {
    let (name, metric) = ("fastopen_no_cookie", Metric::FastopenNoCookie);
    value(&(name, name, matches, metric, Kind::Bit), args, metrics)
}

fn value(word: &Word, args: &mut Args<'_>, metrics: &mut Metrics) -> Result<(), Failure> {
    let (_, name, _, metric, kind) = *word;
    let text = match (args.required()?, kind) {
        ("lock", Kind::Number | Kind::Byte | Kind::Time(_)) => {
            metrics.lock(metric);
            args.required()?
        }
        (text, _) => text,
    };
    let read = match kind {
        Kind::Number | Kind::Bit => u32_in(text, 0),
        Kind::Byte => u32_in(text, 0).filter(|value| *value <= 255),
        Kind::Time(parts) => time(text).map(|(value, raw)| match raw {
            true => value,
            false => value.saturating_mul(parts),
        }),
        Kind::LockedTime => {
            metrics.lock(metric);
            time(text).map(|(value, _)| value)
        }
    };
    let wrong = || invalid(format_args!("\"{name}\" value is invalid\n"), text);
    let read = read.ok_or_else(wrong)?;
    if matches!(kind, Kind::Bit) && read > 1 {
        let why = format_args!("\"{name}\" value should be 0 or 1\n");
        return Err(invalid(why, text));
    }
    metrics.insert(metric, read);
    Ok(())
}

/// A time in milliseconds, rounded up, and whether it had no unit (`get_time_rtt`).
fn time(text: &str) -> Option<(u32, bool)> {
    let (thousandths, rest) = decimal(text)?;
    let (scale, raw) = match rest.to_ascii_lowercase().as_str() {
        "" => (1, true),
        "s" | "sec" | "secs" => (1000, false),
        "ms" | "msec" | "msecs" => (1, false),
        _ => return None,
    };
    let value = thousandths.checked_mul(scale)?.div_ceil(1000);
    Some((u32::try_from(value).ok()?, raw))
}

/// A number with up to three decimals, in thousandths, and what follows it.
fn decimal(text: &str) -> Option<(u64, &str)> {
    let Some((whole, fraction)) = text.split_once('.') else {
        let (negative, value, rest) = strtoull(text, 0)?;
        return (!negative).then_some((value.checked_mul(1000)?, rest));
    };
    let len = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = fraction.split_at_checked(len)?;
    let whole: u64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let mut thousandths = whole.checked_mul(1000)?;
    for (digit, weight) in digits.bytes().zip([100u64, 10, 1]) {
        thousandths += u64::from(digit - b'0') * weight;
    }
    Some((thousandths, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_and_fractions() {
        assert_eq!(time("100"), Some((100, true)));
        assert_eq!(time("1.5s"), Some((1500, false)));
        assert_eq!(time("0.2ms"), Some((1, false)));
        assert_eq!(time("5 s"), None);
        assert_eq!(time("abc"), None);
    }

    #[test]
    fn a_metric_can_be_locked_where_iproute2_has_it() {
        let words = ["lock", "1300"];
        let mut metrics = Metrics::default();
        assert!(parse("mtu", &mut Args::new(&words), &mut metrics).unwrap());
        assert!(metrics.is_locked(Metric::Mtu));
        assert_eq!(metrics.value(Metric::Mtu), Some(1300));
        let failure = parse("quickack", &mut Args::new(&["lock"]), &mut metrics);
        assert!(failure.is_err());
        assert!(!parse("nosuch", &mut Args::new(&words), &mut metrics).unwrap());
    }
}
