//! Instants and spans as docker prints them: `5 seconds ago`, `2024-03-01T10:00:00.123Z`.
//! The world's clock begins at an instant of its own choice, the same at every run.

use std::time::Duration;

use crate::units::SimTime;

/// The instant at which the world's clock begins: 2024-03-01 10:00:00 UTC.
const BEGIN_S: u64 = 1_709_287_200;

/// A span in words (go-units' HumanDuration).
pub fn human(span: Duration) -> String {
    let seconds = span.as_secs();
    let minutes = seconds / 60;
    // Hours are rounded, the rest is cut.
    let hours = (minutes + 30) / 60;
    match (seconds, minutes, hours) {
        (0, ..) => "Less than a second".to_owned(),
        (1, ..) => "1 second".to_owned(),
        (2..=59, ..) => format!("{seconds} seconds"),
        (_, 1, _) => "About a minute".to_owned(),
        (_, 2..=59, _) => format!("{minutes} minutes"),
        (_, _, 1) => "About an hour".to_owned(),
        (_, _, 2..=47) => format!("{hours} hours"),
        (_, _, 48..=335) => format!("{} days", hours / 24),
        (_, _, 336..=1439) => format!("{} weeks", hours / 24 / 7),
        (_, _, 1440..=17519) => format!("{} months", hours / 24 / 30),
        _ => format!("{} years", hours / 24 / 365),
    }
}

/// An instant in RFC 3339 with nanoseconds, trailing zeros cut.
pub fn stamp(at: SimTime) -> String {
    let (date, time, nanos) = parts(at);
    let fraction = format!("{nanos:09}");
    let fraction = fraction.trim_end_matches('0');
    match fraction {
        "" => format!("{date}T{time}Z"),
        fraction => format!("{date}T{time}.{fraction}Z"),
    }
}

/// An instant as tables show it: `2024-03-01 10:00:00 +0000 UTC`.
pub fn plain(at: SimTime) -> String {
    let (date, time, _) = parts(at);
    format!("{date} {time} +0000 UTC")
}

fn parts(at: SimTime) -> (String, String, u32) {
    let nanos = at.as_nanos();
    let seconds = BEGIN_S + nanos / 1_000_000_000;
    let (days, of_day) = (seconds / 86400, seconds % 86400);
    let (year, month, day) = civil(days as i64);
    let date = format!("{year:04}-{month:02}-{day:02}");
    let time = format!(
        "{:02}:{:02}:{:02}",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    );
    (date, time, (nanos % 1_000_000_000) as u32)
}

/// The date of a day counted from 1970-01-01 (proleptic Gregorian; years begin in March).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_in_words() {
        for (seconds, want) in [
            (0, "Less than a second"),
            (1, "1 second"),
            (5, "5 seconds"),
            (61, "About a minute"),
            (150, "2 minutes"),
            (3600, "About an hour"),
            (3 * 3600, "3 hours"),
            (47 * 3600, "47 hours"),
            (50 * 3600, "2 days"),
            (15 * 86400, "2 weeks"),
            (90 * 86400, "3 months"),
        ] {
            assert_eq!(human(Duration::from_secs(seconds)), want, "{seconds}");
        }
    }

    #[test]
    fn the_clock_begins_on_the_first_of_march() {
        assert_eq!(stamp(SimTime::ZERO), "2024-03-01T10:00:00Z");
        assert_eq!(
            stamp(SimTime::from_nanos(1_500_000_000)),
            "2024-03-01T10:00:01.5Z"
        );
        assert_eq!(
            plain(SimTime::from_nanos(14 * 3600 * 1_000_000_000)),
            "2024-03-02 00:00:00 +0000 UTC"
        );
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(-1), (1969, 12, 31));
    }
}
