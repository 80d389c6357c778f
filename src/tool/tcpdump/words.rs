//! The words of a tcpdump call, in the order and with the complaints of C's `getopt_long`.
//! What can only be decided on the running system, such as whether a device is there, is not decided here.

use crate::program::tcpdump::{Action, Direction, Options, TimeStyle};
use crate::tool::Failure;
use crate::wire::pcap::SNAPLEN_DEFAULT;
use crate::wire::print::{Force, Hex};

const VERSION: &str = "tcpdump version 4.99.3\n\
    libpcap version 1.10.3 (with TPACKET_V3)\n\
    OpenSSL 3.0.19 27 Jan 2026\n";

const USAGE: &str =
    "Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]
\t\t[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]
\t\t[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]
\t\t[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]
\t\t[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]
\t\t[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]
\t\t[ --time-stamp-precision precision ] [ --micro ] [ --nano ]
\t\t[ -z postrotate-command ] [ -Z user ] [ expression ]
";

/// Letters, and behind a colon those with a value.
const SPEC: &str = "aAbB:c:C:dDeE:fF:G:hHi:Ij:JKlLm:M:nNOpqQ:r:s:StT:uUvV:w:W:xXy:Yz:Z:#";

/// An option, whatever its spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Letter(char),
    Version,
    Precision,
    Immediate,
    Print,
    Micro,
    Nano,
    FloatType,
    Count,
}

/// Long options, whether they take a value, and what they stand for.
const LONG: &[(&str, bool, Name)] = &[
    ("buffer-size", true, Name::Letter('B')),
    ("list-interfaces", false, Name::Letter('D')),
    ("help", false, Name::Letter('h')),
    ("interface", true, Name::Letter('i')),
    ("monitor-mode", false, Name::Letter('I')),
    ("time-stamp-type", true, Name::Letter('j')),
    ("list-time-stamp-types", false, Name::Letter('J')),
    ("micro", false, Name::Micro),
    ("nano", false, Name::Nano),
    ("time-stamp-precision", true, Name::Precision),
    ("dont-verify-checksums", false, Name::Letter('K')),
    ("list-data-link-types", false, Name::Letter('L')),
    ("no-optimize", false, Name::Letter('O')),
    ("no-promiscuous-mode", false, Name::Letter('p')),
    ("direction", true, Name::Letter('Q')),
    ("snapshot-length", true, Name::Letter('s')),
    ("absolute-tcp-sequence-numbers", false, Name::Letter('S')),
    ("packet-buffered", false, Name::Letter('U')),
    ("linktype", true, Name::Letter('y')),
    ("immediate-mode", false, Name::Immediate),
    ("debug-filter-parser", false, Name::Letter('Y')),
    ("relinquish-privileges", true, Name::Letter('Z')),
    ("count", false, Name::Count),
    ("fp-type", false, Name::FloatType),
    ("number", false, Name::Letter('#')),
    ("print", false, Name::Print),
    ("version", false, Name::Version),
];

/// How a call ends while its words are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Early {
    /// What it says on standard output.
    pub stdout: String,
    /// What it says on standard error.
    pub stderr: String,
    /// Its exit status.
    pub status: i32,
}

impl Early {
    /// `tcpdump: ...`, status 1.
    fn error(words: impl std::fmt::Display) -> Self {
        Self {
            stdout: String::new(),
            stderr: format!("tcpdump: {words}\n"),
            status: 1,
        }
    }

    fn usage(words: impl std::fmt::Display) -> Self {
        Self {
            stdout: String::new(),
            stderr: format!("tcpdump: {words}\n{VERSION}{USAGE}"),
            status: 1,
        }
    }

    fn success(stdout: String) -> Self {
        Self {
            stdout,
            stderr: String::new(),
            status: 0,
        }
    }

    fn not_simulated(what: &str) -> Self {
        let failure = Failure::not_simulated(format_args!("tcpdump {what}"));
        Self {
            stdout: String::new(),
            stderr: failure.stderr,
            status: failure.status.into(),
        }
    }
}

/// What the words of a call mean, the first one being the tool's name.
///
/// ```
/// use vethlab::tool::tcpdump::parse;
///
/// let argv: Vec<String> = ["tcpdump", "-enr", "x.pcap", "arp", "or", "icmp"].map(String::from).into();
/// let options = parse(&argv).expect("good words");
/// assert_eq!(options.read.as_deref(), Some("x.pcap"));
/// assert_eq!(options.filter, "arp or icmp");
/// assert!(options.print.ether && options.print.numeric);
/// ```
///
/// # Errors
/// How the call ends at once: a complaint, or the help that was asked for.
pub fn parse(argv: &[String]) -> Result<Options, Early> {
    let mut words = Words::default();
    let mut operands: Vec<&str> = Vec::new();
    let mut rest = argv.iter().skip(1).map(String::as_str);
    while let Some(word) = rest.next() {
        match word.strip_prefix('-') {
            Some("-") => operands.extend(rest.by_ref()),
            Some(long) if long.starts_with('-') => {
                let (name, value) = long_option(&long[1..], &mut rest)?;
                words.option(name, value)?;
            }
            Some(letters) if !letters.is_empty() => words.letters(letters, &mut rest)?,
            _ => operands.push(word),
        }
    }
    words.finish(operands.join(" "))
}

/// A long option by its name or by the start of it.
fn long_option<'a>(
    word: &'a str,
    rest: &mut impl Iterator<Item = &'a str>,
) -> Result<(Name, &'a str), Early> {
    let (name, joined) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    };
    let exact = LONG.iter().find(|(known, ..)| *known == name);
    let mut starting = LONG.iter().filter(|(known, ..)| known.starts_with(name));
    let found = match (exact, starting.next(), starting.next()) {
        (Some(exact), ..) => exact,
        (None, None, _) => {
            return Err(Early::usage(format_args!("unrecognized option '--{name}'")));
        }
        (None, Some(only), None) => only,
        (None, Some(_), Some(_)) => return Err(ambiguous(name)),
    };
    let (known, takes_value, meaning) = *found;
    match (takes_value, joined) {
        (false, Some(_)) => Err(Early::usage(format_args!(
            "option '--{known}' doesn't allow an argument"
        ))),
        (false, None) => Ok((meaning, "")),
        (true, Some(value)) => Ok((meaning, value)),
        (true, None) => match rest.next() {
            Some(value) => Ok((meaning, value)),
            None => Err(Early::usage(format_args!(
                "option '--{known}' requires an argument"
            ))),
        },
    }
}

fn ambiguous(name: &str) -> Early {
    let possibilities: Vec<String> = LONG
        .iter()
        .filter(|(known, ..)| known.starts_with(name))
        .map(|(known, ..)| format!("'--{known}'"))
        .collect();
    Early::usage(format_args!(
        "option '--{name}' is ambiguous; possibilities: {}",
        possibilities.join(" ")
    ))
}

/// What was said so far.
#[derive(Default)]
struct Words {
    options: Options,
    times: u8,
    hex: u8,
    hex_text: u8,
    text: u8,
    foreign: bool,
    file_list: Option<String>,
    list_interfaces: bool,
    unsimulated: Option<String>,
}

impl Words {
    /// The options of one word.
    fn letters<'a>(
        &mut self,
        letters: &'a str,
        rest: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), Early> {
        let mut chars = letters.chars();
        while let Some(letter) = chars.next() {
            let Some(at) = SPEC.find(letter).filter(|_| letter != ':') else {
                return Err(Early::usage(format_args!("invalid option -- '{letter}'")));
            };
            if !SPEC[at + letter.len_utf8()..].starts_with(':') {
                self.option(Name::Letter(letter), "")?;
                continue;
            }
            let value = match chars.as_str() {
                "" => rest.next(),
                joined => Some(joined),
            };
            let value = value.ok_or_else(|| {
                Early::usage(format_args!("option requires an argument -- '{letter}'"))
            })?;
            return self.option(Name::Letter(letter), value);
        }
        Ok(())
    }

    fn option(&mut self, name: Name, value: &str) -> Result<(), Early> {
        match name {
            Name::Letter(letter) => return self.letter(letter, value),
            Name::Version => return Err(Early::success(VERSION.to_owned())),
            Name::FloatType => self.unsimulated("--fp-type"),
            Name::Micro => self.options.nanoseconds = false,
            Name::Nano => self.options.nanoseconds = true,
            Name::Print => self.options.print_too = true,
            Name::Count => self.options.count_only = true,
            Name::Immediate => self.options.immediate = true,
            Name::Precision => match value {
                _ if value.starts_with("nano") => self.options.nanoseconds = true,
                _ if value.starts_with("micro") => self.options.nanoseconds = false,
                _ => return Err(Early::error("unsupported time stamp precision")),
            },
        }
        Ok(())
    }

    fn letter(&mut self, letter: char, value: &str) -> Result<(), Early> {
        let print = &mut self.options.print;
        match letter {
            'n' => print.numeric = true,
            'e' => print.ether = true,
            'v' => print.verbose = print.verbose.saturating_add(1),
            'q' => print.quiet = print.quiet.saturating_add(1),
            'S' => print.absolute_seq = true,
            'K' => print.no_checksums = true,
            'x' => self.hex = self.hex.saturating_add(1),
            'X' => self.hex_text = self.hex_text.saturating_add(1),
            'A' => self.text = self.text.saturating_add(1),
            't' => self.times = self.times.saturating_add(1),
            '#' => self.options.numbered = true,
            'l' => self.options.line_buffered = true,
            'U' => self.options.packet_buffered = true,
            'p' => self.options.promiscuous = false,
            'f' => self.foreign = true,
            'D' => self.list_interfaces = true,
            'L' => self.options.action = Action::ListLinkTypes,
            'J' => self.options.action = Action::ListTimeStampTypes,
            'h' => return Err(Early::success(format!("{VERSION}{USAGE}"))),
            'i' => self.options.interface = Some(value.to_owned()),
            'r' => self.options.read = Some(value.to_owned()),
            'w' => self.options.write = Some(value.to_owned()),
            'F' => self.options.filter_file = Some(value.to_owned()),
            'V' => self.file_list = Some(value.to_owned()),
            'c' => self.options.count = Some(positive("packet count", value)?),
            's' => self.options.snaplen = snaplen(value)?,
            'B' => {
                positive("packet buffer size", value)?;
            }
            'W' => {
                positive("number of output files", value)?;
                self.unsimulated("-W");
            }
            'Q' => self.options.direction = direction(value)?,
            'T' => self.packet_type(value)?,
            'y' => self.options.link_type = Some(link_type(value)?),
            'd' | 'E' | 'M' | 'm' | 'C' | 'G' | 'z' | 'I' | 'Y' => {
                self.unsimulated(&format!("-{letter}"));
            }
            // Without an effect on what is seen: a b H j N O u Z.
            _ => {}
        }
        Ok(())
    }

    /// `-T`: datagrams are taken for packets of this protocol.
    fn packet_type(&mut self, value: &str) -> Result<(), Early> {
        const OTHERS: [&str; 18] = [
            "vat",
            "wb",
            "rpc",
            "rtp",
            "rtcp",
            "snmp",
            "cnfp",
            "tftp",
            "aodv",
            "carp",
            "radius",
            "zmtp1",
            "pgm",
            "pgm_zmtp1",
            "lmp",
            "resp",
            "ptp",
            "someip",
        ];
        let lower = value.to_ascii_lowercase();
        match lower.as_str() {
            "vxlan" => self.options.print.force = Some(Force::Vxlan),
            "domain" => self.options.print.force = Some(Force::Domain),
            other if OTHERS.contains(&other) => self.unsimulated(&format!("-T {other}")),
            _ => return Err(Early::error(format_args!("unknown packet type `{value}'"))),
        }
        Ok(())
    }

    fn unsimulated(&mut self, what: &str) {
        self.unsimulated.get_or_insert_with(|| what.to_owned());
    }

    fn finish(mut self, filter: String) -> Result<Options, Early> {
        if self.list_interfaces {
            self.options.action = Action::ListInterfaces;
            return Ok(self.options);
        }
        self.options.time = match self.times {
            0 => TimeStyle::Clock,
            1 => TimeStyle::Absent,
            2 => TimeStyle::Seconds,
            3 => TimeStyle::SincePrevious,
            4 => TimeStyle::Date,
            5 => TimeStyle::SinceFirst,
            _ => {
                return Err(Early::error(
                    "only -t, -tt, -ttt, -tttt and -ttttt are supported",
                ));
            }
        };
        let reads = self.options.read.is_some();
        if self.foreign && (reads || self.file_list.is_some()) {
            return Err(Early::error("-f can not be used with -V or -r"));
        }
        if self.file_list.is_some() {
            if reads {
                return Err(Early::error("-V and -r are mutually exclusive."));
            }
            self.unsimulated("-V");
        }
        if let Some(what) = &self.unsimulated {
            return Err(Early::not_simulated(what));
        }
        self.options.print.hex = match (self.hex_text, self.hex, self.text) {
            (2.., ..) => Some(Hex::LinkBytesText),
            (1, ..) => Some(Hex::BytesText),
            (0, 2.., _) => Some(Hex::LinkBytes),
            (0, 1, _) => Some(Hex::Bytes),
            (0, 0, 2..) => Some(Hex::LinkText),
            (0, 0, 1) => Some(Hex::Text),
            (0, 0, 0) => None,
        };
        if self.options.snaplen == 0 {
            self.options.snaplen = SNAPLEN_DEFAULT;
        }
        if reads {
            self.options.action = Action::Frames;
        }
        self.options.filter = filter;
        Ok(self.options)
    }
}

/// A number as C's `atoi` reads it: the digits in front.
fn positive(what: &str, text: &str) -> Result<u32, Early> {
    let trimmed = text.trim_start().trim_start_matches('+');
    let digits = trimmed
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(trimmed.len());
    match trimmed[..digits].parse::<u32>() {
        Ok(value @ 1..=0x7fff_ffff) => Ok(value),
        _ => Err(Early::error(format_args!("invalid {what} {text}"))),
    }
}

fn snaplen(text: &str) -> Result<u32, Early> {
    let value = match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u32::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    };
    match value {
        Some(value) if value <= SNAPLEN_DEFAULT => Ok(value),
        _ => Err(Early::error(format_args!(
            "invalid snaplen {text} (must be >= 0 and <= {SNAPLEN_DEFAULT})"
        ))),
    }
}

/// A link type by its name, in any case.
fn link_type(text: &str) -> Result<&'static str, Early> {
    const NAMES: [&str; 9] = [
        "EN10MB",
        "LINUX_SLL",
        "LINUX_SLL2",
        "RAW",
        "DOCSIS",
        "NULL",
        "PPP",
        "IEEE802_11",
        "LOOP",
    ];
    let text_upper = text.to_ascii_uppercase();
    let known = NAMES.into_iter().find(|name| *name == text_upper);
    known.ok_or_else(|| Early::error(format_args!("invalid data link type {text}")))
}

fn direction(text: &str) -> Result<Direction, Early> {
    match text.to_ascii_lowercase().as_str() {
        "in" => Ok(Direction::In),
        "out" => Ok(Direction::Out),
        "inout" => Ok(Direction::Both),
        _ => Err(Early::error(format_args!(
            "unknown capture direction `{text}'"
        ))),
    }
}
