//! Prints a device's counters, `ip -s link` and `ip -s -s link` (`print_stats64`).
//! Counters that nothing here counts are zero, as on a device that never met the error.

use crate::kernel::netlink::LinkStats;
use crate::tool::ip::options::Options;
use crate::tool::print::Printer;

/// Prints the counters, with no newline at the end.
pub fn print(out: &mut Printer, options: &Options, stats: &LinkStats) {
    if out.is_json() {
        print_json(out, options, stats);
    } else {
        print_text(out, options, stats);
    }
}

fn print_json(out: &mut Printer, options: &Options, stats: &LinkStats) {
    let errors = options.stats > 1;
    out.open_object(Some("stats64"));
    out.open_object(Some("rx"));
    out.json_only("bytes", stats.rx_bytes);
    out.json_only("packets", stats.rx_packets);
    out.json_only("errors", stats.rx_errors);
    out.json_only("dropped", stats.rx_dropped);
    out.json_only("over_errors", 0u64);
    out.json_only("multicast", stats.multicast);
    if errors {
        for key in ["length_errors", "crc_errors", "frame_errors", "fifo_errors"] {
            out.json_only(key, 0u64);
        }
        out.json_only("missed_errors", stats.rx_missed);
    }
    out.close_object();
    out.open_object(Some("tx"));
    out.json_only("bytes", stats.tx_bytes);
    out.json_only("packets", stats.tx_packets);
    out.json_only("errors", stats.tx_errors);
    out.json_only("dropped", stats.tx_dropped);
    out.json_only("carrier_errors", stats.tx_carrier);
    out.json_only("collisions", stats.collisions);
    if errors {
        for key in [
            "aborted_errors",
            "fifo_errors",
            "window_errors",
            "heartbeat_errors",
        ] {
            out.json_only(key, 0u64);
        }
        out.json_only("carrier_changes", u64::from(stats.carrier_changes));
    }
    out.close_object();
    out.close_object();
}

/// The columns: as wide as their longest heading or number.
const HEADINGS: [&str; 8] = [
    "*X errors:",
    "packets",
    "errors",
    "dropped",
    "heartbt",
    "overrun",
    "compressed",
    "otherhost",
];

fn print_text(out: &mut Printer, options: &Options, stats: &LinkStats) {
    let rx = [
        stats.rx_bytes,
        stats.rx_packets,
        stats.rx_errors,
        stats.rx_dropped,
        stats.rx_missed,
        stats.multicast,
    ];
    let tx = [
        stats.tx_bytes,
        stats.tx_packets,
        stats.tx_errors,
        stats.tx_dropped,
        stats.tx_carrier,
        stats.collisions,
    ];
    let errors = options.stats > 1;
    let mut columns = HEADINGS.map(str::len);
    if !options.human {
        let changes = if errors {
            u64::from(stats.carrier_changes)
        } else {
            0
        };
        for numbers in [rx, tx, [0, 0, 0, 0, 0, changes]] {
            for (column, number) in columns.iter_mut().zip(numbers) {
                *column = number.to_string().len().max(*column);
            }
        }
    }
    let [bytes, ..] = columns;
    heading(
        out,
        "RX:",
        &columns,
        ["bytes", "packets", "errors", "dropped", "missed", "mcast"],
    );
    numbers(out, options, 4, &columns, &rx);
    if errors {
        out.line_break();
        error_heading(
            out,
            "RX errors:",
            &columns,
            ["length", "crc", "frame", "fifo", "overrun"],
        );
        out.line_break();
        numbers(
            out,
            options,
            bytes + 5,
            columns.get(1..).unwrap_or_default(),
            &[0; 5],
        );
    }
    out.line_break();
    heading(
        out,
        "TX:",
        &columns,
        [
            "bytes", "packets", "errors", "dropped", "carrier", "collsns",
        ],
    );
    numbers(out, options, 4, &columns, &tx);
    if errors {
        out.line_break();
        error_heading(
            out,
            "TX errors:",
            &columns,
            ["aborted", "fifo", "window", "heartbt", "transns"],
        );
        out.line_break();
        let changes = u64::from(stats.carrier_changes);
        let rest = columns.get(1..).unwrap_or_default();
        numbers(out, options, bytes + 5, rest, &[0, 0, 0, 0, changes]);
    }
}

/// A line of headings, the last column left empty, and the line break.
fn heading(out: &mut Printer, title: &str, columns: &[usize; 8], words: [&str; 6]) {
    let [bytes, .., compressed, _] = *columns;
    out.fp(format_args!("    {title}"));
    for (i, (word, width)) in words.into_iter().zip(columns).enumerate() {
        let width = if i == 0 { bytes - 4 } else { *width };
        out.fp(format_args!(" {word:>width$}"));
    }
    out.fp(format_args!(" {:compressed$}", ""));
    out.line_break();
}

fn error_heading(out: &mut Printer, title: &str, columns: &[usize; 8], words: [&str; 5]) {
    let [bytes, ..] = *columns;
    let pad = bytes - 10;
    out.fp(format_args!("    {title}{:pad$}", ""));
    for (word, width) in words.into_iter().zip(columns.iter().skip(1)) {
        out.fp(format_args!(" {word:>width$}"));
    }
}

fn numbers(out: &mut Printer, options: &Options, indent: usize, columns: &[usize], values: &[u64]) {
    out.fp(format_args!("{:indent$}", ""));
    for (value, width) in values.iter().zip(columns) {
        let text = number(options, *value);
        out.fp(format_args!("{text:>width$} "));
    }
}

/// A counter as it is, or shortened with `-h` to three digits (`print_num`).
pub fn number(options: &Options, value: u64) -> String {
    let base: u64 = if options.iec { 1024 } else { 1000 };
    if !options.human || value < base {
        return value.to_string();
    }
    let mut unit = base;
    let mut prefixes = "kMGTPE".chars().peekable();
    let mut prefix = prefixes.next().unwrap_or('k');
    while value / base >= unit {
        let Some(next) = prefixes.next() else { break };
        prefix = next;
        unit = unit.saturating_mul(base);
    }
    let precision = match value / unit {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let suffix = if options.iec { "i" } else { "" };
    format!("{}{prefix}{suffix}", decimal(value, unit, precision))
}

/// `value / unit` with so many decimals, rounded as printf rounds (half to even, where exact).
fn decimal(value: u64, unit: u64, precision: u32) -> String {
    let scale = 10u128.pow(precision);
    let (value, unit) = (u128::from(value) * scale, u128::from(unit));
    let (whole, rest) = (value / unit, value % unit);
    let up = match (rest * 2).cmp(&unit) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => whole & 1,
        std::cmp::Ordering::Greater => 1,
    };
    let rounded = whole + up;
    if precision == 0 {
        return rounded.to_string();
    }
    let width = precision as usize;
    format!("{}.{:0width$}", rounded / scale, rounded % scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(options: &Options, stats: &LinkStats) -> String {
        let mut out = options.printer();
        print(&mut out, options, stats);
        out.finish()
    }

    #[test]
    fn columns_are_those_of_iproute2() {
        let options = Options {
            stats: 1,
            ..Options::default()
        };
        let stats = LinkStats {
            rx_bytes: 1234,
            rx_packets: 15,
            tx_bytes: 12_345_678_901,
            tx_packets: 9,
            ..LinkStats::default()
        };
        assert_eq!(
            shown(&options, &stats),
            "    RX:   bytes packets errors dropped  missed   mcast           \n           1234      15      0       0       0       0 \n    TX:   bytes packets errors dropped carrier collsns           \n    12345678901       9      0       0       0       0 "
        );
    }

    #[test]
    fn the_second_s_adds_the_kinds_of_errors() {
        let options = Options {
            stats: 2,
            ..Options::default()
        };
        let stats = LinkStats {
            carrier_changes: 2,
            ..LinkStats::default()
        };
        assert!(shown(&options, &stats).ends_with(
            "    TX errors: aborted   fifo  window heartbt transns\n                     0      0       0       0       2 "
        ));
    }

    #[test]
    fn human_numbers_have_three_digits() {
        let human = Options {
            human: true,
            ..Options::default()
        };
        let iec = Options {
            iec: true,
            ..human.clone()
        };
        for (value, decimal, binary) in [
            (999, "999", "999"),
            (1234, "1.23k", "1.21ki"),
            (12_345, "12.3k", "12.1ki"),
            (123_456, "123k", "121ki"),
            (1_500_000, "1.50M", "1.43Mi"),
        ] {
            assert_eq!(number(&human, value), decimal);
            assert_eq!(number(&iec, value), binary);
        }
    }
}
