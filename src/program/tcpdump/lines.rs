//! A captured frame as the lines that tcpdump prints for it: the time in front, the frame behind.
//! Times are of UTC.

use super::Options;
use crate::wire::pcap::Record;
use crate::wire::print::{LinkType, Names, Printer, impossible};

/// How the time in front of a line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeStyle {
    /// The time of day.
    #[default]
    Clock,
    /// `-t`: nothing.
    Absent,
    /// `-tt`: seconds since 1970.
    Seconds,
    /// `-ttt`: since the frame before.
    SincePrevious,
    /// `-tttt`: date and time of day.
    Date,
    /// `-ttttt`: since the first frame.
    SinceFirst,
}

/// Makes the lines of frames, one frame after the other.
///
/// ```
/// use vethlab::program::tcpdump::{Lines, Options};
/// use vethlab::wire::pcap::Record;
/// use vethlab::wire::print::LinkType;
///
/// let mut frame = [0; 42];
/// frame[12..14].copy_from_slice(&[0x08, 0x06]);
/// frame[14..22].copy_from_slice(&[0, 1, 8, 0, 6, 4, 0, 1]);
/// let record = Record { time_ns: 3_723_000_004_000, original_len: 42, bytes: &frame };
/// let mut lines = Lines::new(&Options::default());
/// assert_eq!(
///     lines.frame(&record, LinkType::Ethernet),
///     "01:02:03.000004 ARP, Request who-has 0.0.0.0 tell 0.0.0.0, length 28\n"
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Lines {
    printer: Printer,
    time: TimeStyle,
    nanoseconds: bool,
    numbered: bool,
    frames: u32,
    /// The time that others are relative to, in the unit that is shown.
    reference: Option<u64>,
}

impl Lines {
    /// Lines for a capture that has not begun.
    pub fn new(options: &Options) -> Self {
        Self {
            printer: Printer::new(options.print.clone()),
            time: options.time,
            nanoseconds: options.nanoseconds,
            numbered: options.numbered,
            frames: 0,
            reference: None,
        }
    }

    /// The names of interfaces, which the frames of `-i any` show.
    pub fn with_interface_names(mut self, names: Names) -> Self {
        self.printer = self.printer.with_interface_names(names);
        self
    }

    /// The name of an interface, which the frames of `-i any` show.
    pub fn name_interface(&mut self, ifindex: u32, name: &str) {
        self.printer.name_interface(ifindex, name);
    }

    /// The lines of the next frame, with the last line feed (`pretty_print_packet`).
    pub fn frame(&mut self, record: &Record<'_>, link: LinkType) -> String {
        self.frames = self.frames.saturating_add(1);
        let number = if self.numbered {
            format!("{:5}  ", self.frames)
        } else {
            String::new()
        };
        let original = record.original_len as usize;
        if let Some(complaint) = impossible(record.bytes.len(), original) {
            return format!("{number}{complaint}\n");
        }
        let time = self.time(record.time_ns);
        let frame = self.printer.frame(record.bytes, original, link);
        format!("{number}{time}{frame}\n")
    }

    /// The time in front of a line (`ts_print`).
    fn time(&mut self, time_ns: u64) -> String {
        let per_second = if self.nanoseconds {
            1_000_000_000
        } else {
            1_000_000
        };
        let ticks = time_ns / (1_000_000_000 / per_second);
        let (seconds, fraction) = (ticks / per_second, ticks % per_second);
        let digits = if self.nanoseconds { 9 } else { 6 };
        match self.time {
            TimeStyle::Absent => String::new(),
            _ if seconds & 0x8000_0000 != 0 => "[Error converting time] ".to_owned(),
            TimeStyle::Clock => format!("{}.{fraction:0digits$} ", clock(seconds)),
            TimeStyle::Seconds => format!("{seconds}.{fraction:0digits$} "),
            TimeStyle::Date => {
                format!("{} {}.{fraction:0digits$} ", date(seconds), clock(seconds))
            }
            TimeStyle::SincePrevious | TimeStyle::SinceFirst => {
                let reference = *self.reference.get_or_insert(ticks);
                if self.time == TimeStyle::SincePrevious {
                    self.reference = Some(ticks);
                }
                let sign = if ticks < reference { "-" } else { " " };
                let since = ticks.abs_diff(reference);
                let (seconds, fraction) = (since / per_second, since % per_second);
                format!("{sign}{}.{fraction:0digits$} ", clock(seconds))
            }
        }
    }
}

/// The time of day.
fn clock(seconds: u64) -> String {
    let of_day = seconds % 86_400;
    format!(
        "{:02}:{:02}:{:02}",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// The day, of the Gregorian calendar; counted from the first of March, so that leap days come last.
fn date(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let (month, next_year) = if month_from_march < 10 {
        (month_from_march + 3, 0)
    } else {
        (month_from_march - 9, 1)
    };
    let year = era * 400 + year_of_era + next_year;
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(style: TimeStyle, nanoseconds: bool) -> Vec<String> {
        let options = Options {
            time: style,
            nanoseconds,
            ..Options::default()
        };
        let mut lines = Lines::new(&options);
        [
            1_700_000_000_123_456_789,
            1_700_000_001_000_000_000,
            1_699_999_999_000_000_000,
        ]
        .into_iter()
        .map(|time_ns| lines.time(time_ns))
        .collect()
    }

    #[test]
    fn each_style_has_its_form() {
        let cases = [
            (
                TimeStyle::Clock,
                ["22:13:20.123456 ", "22:13:21.000000 ", "22:13:19.000000 "],
            ),
            (TimeStyle::Absent, ["", "", ""]),
            (
                TimeStyle::Seconds,
                [
                    "1700000000.123456 ",
                    "1700000001.000000 ",
                    "1699999999.000000 ",
                ],
            ),
            (
                TimeStyle::SincePrevious,
                [
                    " 00:00:00.000000 ",
                    " 00:00:00.876544 ",
                    "-00:00:02.000000 ",
                ],
            ),
            (
                TimeStyle::Date,
                [
                    "2023-11-14 22:13:20.123456 ",
                    "2023-11-14 22:13:21.000000 ",
                    "2023-11-14 22:13:19.000000 ",
                ],
            ),
            (
                TimeStyle::SinceFirst,
                [
                    " 00:00:00.000000 ",
                    " 00:00:00.876544 ",
                    "-00:00:01.123456 ",
                ],
            ),
        ];
        for (style, expected) in cases {
            assert_eq!(times(style, false), expected, "{style:?}");
        }
        assert_eq!(times(TimeStyle::Clock, true)[0], "22:13:20.123456789 ");
    }

    #[test]
    fn leap_days_are_days() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(951_868_800), "2000-03-01");
        assert_eq!(date(1_735_603_200), "2024-12-31");
    }
}
