//! `tcpdump`: its words, for captures and for files; the work is `program::tcpdump`'s.
//! Compiled filters (`-d`), rotated files (`-C`, `-G`, `-W`, `-z`), lists of files (`-V`) and secrets are not simulated.

use super::{Call, Failure, FileError, Outcome};
use crate::program::Program;
use crate::program::tcpdump::{
    self, Action, Capture, Direction, Options, Place, TimeStyle, interface_list_of,
    interface_names, link_types,
};
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

/// Runs `tcpdump`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    match parse(argv) {
        Ok(options) => start(call, options),
        Err(early) => {
            call.console.out(early.stdout);
            call.console.err(early.stderr);
            Outcome::Exit(early.status)
        }
    }
}

fn start(call: &mut Call<'_>, options: Options) -> Outcome {
    match options.action {
        Action::ListInterfaces => {
            call.console.out(interface_list_of(call.world, call.netns));
            return Outcome::Exit(0);
        }
        Action::ListLinkTypes | Action::ListTimeStampTypes => {
            return list_types(call, options);
        }
        Action::Frames => {}
    }
    if let Some(name) = options.read.clone() {
        return read(call, options, &name);
    }
    let filter = match filter_text(call, &options) {
        Ok(filter) => filter,
        Err(FilterText::Later) => return Outcome::Wait,
        Err(FilterText::Complaint(complaint)) => {
            call.console.err(format!("tcpdump: {complaint}\n"));
            return Outcome::Exit(1);
        }
    };
    let place = Place {
        netns: call.netns,
        stdout_tty: call.env.stdout_tty,
    };
    match Capture::open(call.world, place, options, &filter, call.console) {
        Ok(capture) => Outcome::Start(Box::new(Program::Tcpdump(Box::new(capture)))),
        Err(status) => Outcome::Exit(status),
    }
}

/// Opens the device as a capture would, and lists its types.
fn list_types(call: &mut Call<'_>, options: Options) -> Outcome {
    let place = Place {
        netns: call.netns,
        stdout_tty: false,
    };
    let (action, interface) = (options.action, options.interface.clone());
    let mut quiet = crate::program::Console::default();
    let capture = match Capture::open(call.world, place, options, "", &mut quiet) {
        Ok(capture) => capture,
        Err(status) => {
            call.console.pieces.append(&mut quiet.pieces);
            return Outcome::Exit(status);
        }
    };
    call.world.close_socket(capture.socket());
    let name = interface.unwrap_or_else(|| capture.name().to_owned());
    call.console.err(if action == Action::ListLinkTypes {
        link_types(&name)
    } else {
        format!("Time stamp types for {name} (use option -j to set):\n  host (Host)\n")
    });
    Outcome::Exit(0)
}

fn read(call: &mut Call<'_>, options: Options, name: &str) -> Outcome {
    let content = if name == "-" {
        call.files.stdin()
    } else {
        call.files.read(name)
    };
    let content = match content {
        Ok(content) => content,
        Err(FileError::Wait) => return Outcome::Wait,
        Err(error) => {
            call.console.err(format!("tcpdump: {name}: {error}\n"));
            return Outcome::Exit(1);
        }
    };
    let filter = match filter_text(call, &options) {
        Ok(filter) => Ok(filter),
        Err(FilterText::Later) => return Outcome::Wait,
        Err(FilterText::Complaint(complaint)) => Err(complaint),
    };
    let filter = filter.as_deref().map_err(String::clone);
    let names = interface_names(call.world, call.netns);
    let status = tcpdump::read(&options, name, &content, filter, names, call.console);
    Outcome::Exit(status)
}

/// Why there is no filter expression.
enum FilterText {
    /// Its file is not there yet.
    Later,
    /// Its file cannot be read.
    Complaint(String),
}

/// The filter expression: the operands, or what is in the file of `-F`, without comments.
fn filter_text(call: &mut Call<'_>, options: &Options) -> Result<String, FilterText> {
    let Some(file) = &options.filter_file else {
        return Ok(options.filter.clone());
    };
    match call.files.read(file) {
        Ok(content) => {
            let text = String::from_utf8_lossy(&content).into_owned();
            let lines = text
                .lines()
                .map(|line| line.split('#').next().unwrap_or(""));
            Ok(lines.collect::<Vec<_>>().join("\n"))
        }
        Err(FileError::Wait) => Err(FilterText::Later),
        Err(error) => {
            let words = format!("can't open {file}: {error}");
            Err(FilterText::Complaint(words))
        }
    }
}

// --- Words ---------------------------------------------------------------------------------

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

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Options, Early> {
        let argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
        parse(&argv)
    }

    fn good(line: &str) -> Options {
        parsed(line).expect("good words")
    }

    fn complaint(line: &str) -> String {
        let early = parsed(line).expect_err("bad words");
        assert_eq!(early.status, 1, "{line}");
        early.stderr.lines().next().unwrap_or("").to_owned()
    }

    use crate::kernel::World;
    use crate::program::{Console, Piece, Poll, Signal};
    use crate::tool::Shell;

    /// A world with two namespaces, and neighbours that know each other.
    fn pair() -> World {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        for line in [
            "ip netns add peer",
            "ip link add va type veth peer name vb netns peer",
            "ip link set va up",
            "ip addr add 10.0.0.1/24 dev va",
            "ip -n peer link set vb up",
            "ip -n peer addr add 10.0.0.2/24 dev vb",
            "ping -c 1 10.0.0.2",
        ] {
            let finished = shell.run(line);
            assert_eq!(finished.status, 0, "{line}: {}", finished.stderr);
        }
        world
    }

    fn capture(world: &mut World, line: &str) -> (Capture, Console) {
        let options = good(line);
        let filter = options.filter.clone();
        let place = Place {
            netns: world.host(world.default_host()).root,
            stdout_tty: false,
        };
        let mut console = Console::default();
        let opened = Capture::open(world, place, options, &filter, &mut console);
        let mut capture = opened.expect("a device that is up");
        capture.poll(world, &mut console);
        (capture, console)
    }

    fn texts(console: &Console) -> (String, String, Vec<u8>) {
        let (mut out, mut err, mut file) = (Vec::new(), Vec::new(), Vec::new());
        for piece in &console.pieces {
            match piece {
                Piece::Out(bytes) => out.extend_from_slice(bytes),
                Piece::Err(bytes) => err.extend_from_slice(bytes),
                Piece::File { bytes, .. } => file.extend_from_slice(bytes),
            }
        }
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (text(out), text(err), file)
    }

    /// Without the time in front.
    fn untimed(out: &str) -> Vec<&str> {
        let lines = out.lines();
        lines
            .map(|line| line.split_once(' ').map_or(line, |(_, rest)| rest))
            .collect()
    }

    #[test]
    fn a_capture_prints_what_passes_until_it_is_interrupted() {
        let mut world = pair();
        let (mut capture, mut console) = capture(&mut world, "tcpdump -ni va icmp");
        assert_eq!(Shell::new(&mut world).run("ping -c 1 10.0.0.2").status, 0);
        let poll = capture.signal(&mut world, &mut console, Signal::Interrupt);
        assert_eq!(poll, Poll::Exit(0));
        let (out, err, _) = texts(&console);
        let lines = untimed(&out);
        assert!(lines[0].starts_with("IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id "));
        assert!(lines[1].starts_with("IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id "));
        assert_eq!(&lines[2..], [""], "the line that an interrupt begins");
        assert_eq!(
            err,
            "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n\
             listening on va, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n\
             2 packets captured\n2 packets received by filter\n0 packets dropped by kernel\n"
        );
    }

    #[test]
    fn a_capture_writes_a_file_and_ends_at_its_count() {
        let mut world = pair();
        let line = "tcpdump -i va -c 1 -Q out -s 60 -w x.pcap icmp";
        let (mut capture, mut console) = capture(&mut world, line);
        assert_eq!(Shell::new(&mut world).run("ping -c 1 10.0.0.2").status, 0);
        let Poll::Wait(Some(due)) = capture.poll(&mut world, &mut console) else {
            panic!("a block is not handed over before its time");
        };
        world.run_until(due).expect("a quiet world");
        assert_eq!(capture.poll(&mut world, &mut console), Poll::Exit(0));
        let (out, err, file) = texts(&console);
        assert_eq!(out, "");
        assert!(err.contains("1 packet captured\n2 packets received by filter\n"));
        assert_eq!(file.len(), 24 + 16 + 60);
    }

    #[test]
    fn any_shows_the_device_and_the_direction() {
        let mut world = pair();
        let (mut capture, mut console) = capture(&mut world, "tcpdump -ni any -c 2 icmp");
        assert_eq!(Shell::new(&mut world).run("ping -c 1 10.0.0.2").status, 0);
        let Poll::Wait(Some(due)) = capture.poll(&mut world, &mut console) else {
            panic!("a block is not handed over before its time");
        };
        world.run_until(due).expect("a quiet world");
        assert_eq!(capture.poll(&mut world, &mut console), Poll::Exit(0));
        let (out, err, _) = texts(&console);
        let lines = untimed(&out);
        assert!(lines[0].starts_with("va    Out IP 10.0.0.1 > 10.0.0.2: ICMP echo request"));
        assert!(lines[1].starts_with("va    In  IP 10.0.0.2 > 10.0.0.1: ICMP echo reply"));
        assert!(err.starts_with("tcpdump: data link type LINUX_SLL2\n"));
    }

    #[test]
    fn a_device_must_be_there_and_up() {
        let mut world = pair();
        let mut shell = Shell::new(&mut world);
        let missing = shell.run("tcpdump -i nope");
        assert_eq!(
            (missing.stderr.as_str(), missing.status),
            (
                "tcpdump: nope: No such device exists\n(No such device exists)\n",
                1
            )
        );
        shell.run("ip link set va down");
        let down = shell.run("tcpdump -i va");
        assert_eq!(down.stderr, "tcpdump: va: That device is not up\n");
        assert_eq!(
            shell.run("tcpdump -L -i lo").stderr,
            "Data link types for lo (use option -y to set):\n  EN10MB (Ethernet)\n  DOCSIS (DOCSIS) (printing not supported)\n"
        );
    }

    #[test]
    fn options_are_joined_and_mixed_with_the_expression() {
        let options = good("tcpdump -i veth1 icmp -c 2 -nvvU -w out.pcap or arp");
        assert_eq!(options.interface.as_deref(), Some("veth1"));
        assert_eq!(options.filter, "icmp or arp");
        assert_eq!((options.count, options.print.verbose), (Some(2), 2));
        assert!(options.packet_buffered && options.print.numeric);
        assert_eq!(options.write.as_deref(), Some("out.pcap"));
        assert_eq!(
            good("tcpdump -nr x.pcap -XX").print.hex,
            Some(Hex::LinkBytesText)
        );
        assert_eq!(good("tcpdump -c5 -ttt").time, TimeStyle::SincePrevious);
        assert_eq!(
            good("tcpdump --interface=lo --count").interface.as_deref(),
            Some("lo")
        );
        assert_eq!(good("tcpdump --snap 96").snaplen, 96);
        assert_eq!(good("tcpdump -s 0").snaplen, 262_144);
        assert_eq!(good("tcpdump -- -i").filter, "-i");
        assert_eq!(good("tcpdump -Q IN").direction, Direction::In);
    }

    #[test]
    fn complaints_are_tcpdumps() {
        let cases = [
            ("tcpdump -c 0", "tcpdump: invalid packet count 0"),
            ("tcpdump -c abc -r x", "tcpdump: invalid packet count abc"),
            (
                "tcpdump -s 300000",
                "tcpdump: invalid snaplen 300000 (must be >= 0 and <= 262144)",
            ),
            ("tcpdump -k", "tcpdump: invalid option -- 'k'"),
            ("tcpdump -c", "tcpdump: option requires an argument -- 'c'"),
            ("tcpdump --foo", "tcpdump: unrecognized option '--foo'"),
            (
                "tcpdump --int",
                "tcpdump: option '--interface' requires an argument",
            ),
            (
                "tcpdump --count=3",
                "tcpdump: option '--count' doesn't allow an argument",
            ),
            (
                "tcpdump --t",
                "tcpdump: option '--t' is ambiguous; possibilities: '--time-stamp-type' '--time-stamp-precision'",
            ),
            ("tcpdump -Q up", "tcpdump: unknown capture direction `up'"),
            (
                "tcpdump -tttttt",
                "tcpdump: only -t, -tt, -ttt, -tttt and -ttttt are supported",
            ),
            ("tcpdump -T foo", "tcpdump: unknown packet type `foo'"),
            (
                "tcpdump -V x -r y",
                "tcpdump: -V and -r are mutually exclusive.",
            ),
            (
                "tcpdump -f -r y",
                "tcpdump: -f can not be used with -V or -r",
            ),
        ];
        for (line, words) in cases {
            assert_eq!(complaint(line), words, "{line}");
        }
    }

    #[test]
    fn help_and_version_are_no_errors() {
        let help = parsed("tcpdump -h").expect_err("ends early");
        assert!(help.stdout.starts_with("tcpdump version 4.99.3\n"));
        assert!(help.stdout.ends_with("[ expression ]\n"));
        assert_eq!((help.stderr.as_str(), help.status), ("", 0));
        let version = parsed("tcpdump --version").expect_err("ends early");
        assert_eq!(version.stdout.lines().count(), 3);
    }

    #[test]
    fn what_is_not_simulated_says_so() {
        let early = parsed("tcpdump -d icmp").expect_err("ends early");
        assert_eq!(early.status, 3);
        assert_eq!(early.stderr, "vethlab: tcpdump -d is not simulated\n");
    }
}
