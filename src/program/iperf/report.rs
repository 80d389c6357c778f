//! The lines of `iperf3`: intervals and sums, as its formats have them.
//! What is counted is in `stream`.

use std::time::Duration;

/// Under the lines of a test.
pub(super) const RULE: &str = "- - - - - - - - - - - - - - - - - - - - - - - - -\n";
/// Around the server's words.
pub(super) const FENCE: &str = "-----------------------------------------------------------\n";

/// An amount with three digits and its unit (`unit_snprintf`).
fn scaled(amount: u128, step: u128, units: [&str; 5]) -> String {
    let mut unit = 0;
    let mut divisor = 1;
    while unit + 1 < units.len() && amount >= divisor * step {
        divisor *= step;
        unit += 1;
    }
    let thousandths = amount * 1_000 / divisor;
    let digits = if thousandths < 9_995 {
        let hundredths = (thousandths + 5) / 10;
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    } else if thousandths < 99_950 {
        let tenths = (thousandths + 50) / 100;
        format!("{}.{}", tenths / 10, tenths % 10)
    } else {
        ((thousandths + 500) / 1_000).to_string()
    };
    format!("{digits:>4} {}", units[unit])
}

/// An amount of bytes.
pub(super) fn bytes(amount: u64) -> String {
    scaled(
        amount.into(),
        1_024,
        ["Bytes", "KBytes", "MBytes", "GBytes", "TBytes"],
    )
}

/// Bytes in a time, as bits a second.
pub(super) fn rate(amount: u64, span: Duration) -> String {
    let bits = u128::from(amount) * 8_000_000_000 / span.as_nanos().max(1);
    let units = [
        "bits/sec",
        "Kbits/sec",
        "Mbits/sec",
        "Gbits/sec",
        "Tbits/sec",
    ];
    scaled(bits, 1_000, units)
}

fn seconds(span: Duration) -> String {
    format!("{}.{:02}", span.as_secs(), span.subsec_millis() / 10)
}

/// `[  5]   0.00-1.00   sec  1.10 GBytes  9.41 Gbits/sec`; `id` is a number or `SUM`.
pub(super) fn line(id: &str, from: Duration, to: Duration, amount: u64) -> String {
    format!(
        "[{id:>3}] {:>6}-{:<6} sec  {}  {}",
        seconds(from),
        seconds(to),
        bytes(amount),
        rate(amount, to.saturating_sub(from))
    )
}

/// `0.012 ms  0/906 (0%)`.
pub(super) fn losses(jitter_ns: u64, lost: u64, all: u64) -> String {
    let percent = match (lost, all) {
        (0, _) | (_, 0) => "0".to_owned(),
        _ if lost * 10 < all => {
            let tenths = lost * 1_000 / all;
            let text = format!("{}.{}", tenths / 10, tenths % 10);
            text.trim_end_matches(".0").to_owned()
        }
        _ => (lost * 100 / all).to_string(),
    };
    let us = jitter_ns / 1_000;
    format!(
        "{}.{:03} ms  {lost}/{all} ({percent}%)",
        us / 1_000,
        us % 1_000
    )
}

/// The headings above intervals.
pub(super) fn heading(what: &str) -> String {
    format!("[ ID] Interval           Transfer     Bitrate{what}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_as_iperf3_prints_them() {
        let (from, to) = (Duration::ZERO, Duration::from_secs(1));
        assert_eq!(
            line("5", from, to, 1_181_116_006),
            "[  5]   0.00-1.00   sec  1.10 GBytes  9.45 Gbits/sec"
        );
        assert_eq!(
            line(
                "5",
                Duration::from_secs(9),
                Duration::from_secs(10),
                131_768
            ),
            "[  5]   9.00-10.00  sec   129 KBytes  1.05 Mbits/sec"
        );
        assert_eq!(losses(12_345, 0, 906), "0.012 ms  0/906 (0%)");
        assert_eq!(losses(0, 5, 1_000), "0.000 ms  5/1000 (0.5%)");
    }
}
