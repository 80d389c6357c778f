//! `traceroute` and its kin: the options of the modern traceroute 2.1.2, to be run by `program::traceroute`.
//! Source routes, AS lookups and the methods dccp, udplite, tcpconn and raw are not simulated.

mod help;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::iputils::strtod;
use super::number::strtoull;
use super::{Call, Failure, Outcome};
use crate::program::Program;
use crate::program::resolve::{self, NameError};
use crate::program::traceroute::{Method, Options, Traceroute};

const VERSION: &str = "Modern traceroute for Linux, version 2.1.2
Copyright (c) 2016  Dmitry Butskoy,   License: GPL v2 or any later
";
const MAX_HOPS: u64 = 255;
const MAX_PROBES: u64 = 10;
const MAX_PACKET_LEN: i64 = 65_000;

/// An option: its letter, its long name, the name of its value.
struct Spec(char, &'static str, &'static str);

/// All options; no letter is `\0`, no long name or value is empty.
const SPECS: &[Spec] = &[
    Spec('4', "", ""),
    Spec('6', "", ""),
    Spec('d', "debug", ""),
    Spec('F', "dont-fragment", ""),
    Spec('f', "first", "first_ttl"),
    Spec('g', "gateway", "gate,..."),
    Spec('I', "icmp", ""),
    Spec('T', "tcp", ""),
    Spec('i', "interface", "device"),
    Spec('m', "max-hops", "max_ttl"),
    Spec('N', "sim-queries", "squeries"),
    Spec('n', "", ""),
    Spec('p', "port", "port"),
    Spec('t', "tos", "tos"),
    Spec('l', "flowlabel", "flow_label"),
    Spec('w', "wait", "MAX,HERE,NEAR"),
    Spec('q', "queries", "nqueries"),
    Spec('r', "", ""),
    Spec('s', "source", "src_addr"),
    Spec('z', "sendwait", "sendwait"),
    Spec('e', "extensions", ""),
    Spec('A', "as-path-lookups", ""),
    Spec('M', "module", "name"),
    Spec('O', "options", "OPTS,..."),
    Spec('\0', "sport", "num"),
    Spec('\0', "fwmark", "num"),
    Spec('U', "udp", ""),
    Spec('D', "dccp", ""),
    Spec('P', "protocol", "prot"),
    Spec('\0', "mtu", ""),
    Spec('\0', "back", ""),
    Spec('V', "version", ""),
    Spec('\0', "help", ""),
];

/// The shortest prefix of a long name that stands for it, where it may be cut at all.
const SHORTEST_PREFIX: usize = 3;

impl Spec {
    fn has_value(&self) -> bool {
        !self.2.is_empty()
    }

    /// As the complaints show it: by its letter or by its long name, without or with its value.
    fn shown(&self, by_letter: bool, value: bool) -> String {
        match (by_letter, value && self.has_value()) {
            (true, false) => format!("-{}", self.0),
            (true, true) => format!("-{} {}", self.0, self.2),
            (false, false) => format!("--{}", self.1),
            (false, true) => format!("--{}={}", self.1, self.2),
        }
    }
}

/// A reading of the command line that has begun.
struct Reading<'c, 'a> {
    call: &'c mut Call<'a>,
    hostname: String,
    v6: Option<bool>,
    options: Options,
    max_hops: u64,
    first_hop: u64,
    probes_per_hop: u64,
    wait_s: [f64; 3],
    send_wait_s: f64,
    packet_len: Option<i64>,
    source: Option<SocketAddr>,
    module: String,
}

/// How the reading ends early.
enum End {
    Failure(Failure),
    Version,
    Help,
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

fn fail(words: impl std::fmt::Display) -> End {
    Failure::line(2, words).into()
}

/// Runs `traceroute`; `argv[0]` may say `traceroute6` or `tcptraceroute`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let name = argv.first().map_or("traceroute", String::as_str);
    let name = name.rsplit('/').next().unwrap_or(name);
    let hostname = call.world.hostname(call.host, call.netns).to_owned();
    let ident = call.env.ident;
    let mut reading = Reading {
        hostname: hostname.clone(),
        v6: match name.as_bytes().last() {
            Some(b'6') => Some(true),
            Some(b'4') => Some(false),
            _ => None,
        },
        options: Options {
            ident,
            ..Options::default()
        },
        max_hops: 30,
        first_hop: 1,
        probes_per_hop: 3,
        wait_s: [5.0, 3.0, 10.0],
        send_wait_s: 0.0,
        packet_len: None,
        source: None,
        module: match name {
            _ if name.starts_with("tcp") => "tcp",
            "tracert" => "icmp",
            _ => "default",
        }
        .to_owned(),
        call,
    };
    let read = reading.read(argv).and_then(|target| {
        reading.check()?;
        Ok(target)
    });
    let Reading { call, options, .. } = reading;
    match read {
        Ok((target, to)) => {
            let target = (target.as_str(), to);
            let begun = Traceroute::start(
                call.world,
                call.netns,
                &hostname,
                options,
                target,
                call.console,
            );
            match begun {
                Ok(program) => Outcome::Start(Box::new(Program::Traceroute(Box::new(program)))),
                Err(status) => Outcome::Exit(status),
            }
        }
        Err(End::Failure(failure)) => failure.report(call.console),
        Err(End::Version) => {
            call.console.out(VERSION);
            Outcome::Exit(0)
        }
        Err(End::Help) => {
            call.console.err(help::HELP);
            Outcome::Exit(0)
        }
    }
}

impl Reading<'_, '_> {
    /// Reads all options, then the operands; gives the target as typed and its address.
    fn read(&mut self, argv: &[String]) -> Result<(String, SocketAddr), End> {
        if argv.len() <= 1 {
            return Err(End::Help);
        }
        let mut operands: Vec<(usize, &str)> = Vec::new();
        let mut at = 1;
        let mut options_over = false;
        while let Some(word) = argv.get(at).map(String::as_str) {
            match word.strip_prefix('-') {
                Some("-") if !options_over => options_over = true,
                Some(long) if !options_over && long.starts_with('-') && !long.starts_with("--") => {
                    self.long(&long[1..], word, at)?;
                }
                Some("UL") if !options_over => {
                    return Err(Failure::not_simulated("traceroute -UL").into());
                }
                Some(letters)
                    if !options_over && !letters.is_empty() && !letters.starts_with('-') =>
                {
                    at = self.letters(letters, argv, at)?;
                }
                _ => operands.push((at, word)),
            }
            at += 1;
        }
        self.operands(&operands)
    }

    /// A long option; its value stands behind `=` (`find_long`).
    fn long(&mut self, long: &str, word: &str, at: usize) -> Result<(), End> {
        let (name, value) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (long, None),
        };
        let cut = |spec: &Spec| {
            ["dont-fragment", "extensions"].contains(&spec.1)
                && name.len() >= SHORTEST_PREFIX
                && spec.1.starts_with(name)
        };
        let whole = SPECS.iter().find(|spec| !name.is_empty() && spec.1 == name);
        let found = whole.or_else(|| SPECS.iter().find(|spec| cut(spec)));
        let Some(spec) = found.filter(|spec| value.is_none() || spec.has_value()) else {
            let with = value.map_or_else(String::new, |value| format!(" (with arg `{value}')"));
            return Err(fail(format_args!("Bad option `{word}'{with} (argc {at})")));
        };
        if spec.has_value() && value.is_none() {
            return Err(lacks_value(spec, false, at));
        }
        self.take(spec, value.unwrap_or(""), false, at)
    }

    /// A word of letters; gives the place of the last word that it took.
    fn letters(&mut self, letters: &str, argv: &[String], mut at: usize) -> Result<usize, End> {
        for (place, letter) in letters.char_indices() {
            let Some(spec) = SPECS.iter().find(|spec| spec.0 == letter && letter != '\0') else {
                return Err(fail(format_args!("Bad option `-{letter}' (argc {at})")));
            };
            let rest = &letters[place + letter.len_utf8()..];
            if !spec.has_value() {
                self.take(spec, "", true, at)?;
                continue;
            }
            let value = match (rest, argv.get(at + 1)) {
                ("", Some(next)) => {
                    at += 1;
                    next
                }
                // A value is joined to a letter only where that stands alone.
                (joined, _) if !joined.is_empty() && place == 0 => joined,
                _ => return Err(lacks_value(spec, true, at)),
            };
            self.take(spec, value, true, at)?;
            return Ok(at);
        }
        Ok(at)
    }

    fn take(&mut self, spec: &Spec, value: &str, by_letter: bool, at: usize) -> Result<(), End> {
        match self.set(spec, value) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let shown = spec.shown(by_letter, false);
                Err(fail(format_args!(
                    "Cannot handle `{shown}' option with arg `{value}' (argc {at})"
                )))
            }
            Err(end) => Err(end),
        }
    }

    /// Sets what an option asks for; false where it cannot have that value.
    fn set(&mut self, spec: &Spec, value: &str) -> Result<bool, End> {
        let name = if spec.1.is_empty() { "" } else { spec.1 };
        match (spec.0, name) {
            ('4', _) => self.v6 = Some(false),
            ('6', _) => self.v6 = Some(true),
            ('d' | 'e', _) => {}
            ('F', _) => self.options.dont_fragment = true,
            ('I', _) => self.module = "icmp".to_owned(),
            ('T', _) => self.module = "tcp".to_owned(),
            ('U', _) => self.module = "udp".to_owned(),
            ('D', _) => self.module = "dccp".to_owned(),
            ('P', _) => self.module = "raw".to_owned(),
            ('M', _) => self.module = value.to_owned(),
            ('i', _) => self.options.device = Some(value.to_owned()),
            ('n', _) => self.options.numeric = true,
            ('r', _) => self.options.dont_route = true,
            ('g', _) => return Err(Failure::not_simulated("traceroute -g").into()),
            ('A', _) => return Err(Failure::not_simulated("traceroute -A").into()),
            ('O', _) => return Err(Failure::not_simulated("traceroute -O").into()),
            (_, "mtu") => self.options.discover_mtu = true,
            (_, "back") => self.options.backward = true,
            ('V', _) => return Err(End::Version),
            (_, "help") => return Err(End::Help),
            ('w', _) => return Ok(self.wait(value)),
            ('z', _) => {
                return Ok(double(value).is_some_and(|s| {
                    self.send_wait_s = s;
                    true
                }));
            }
            ('s', _) => {
                self.source = self.address(value);
                return Ok(self.source.is_some());
            }
            ('p', _) => return Ok(self.port(value, false)),
            (_, "sport") => return Ok(self.port(value, true)),
            _ => return Ok(unsigned(value).is_some_and(|number| self.number(spec, number))),
        }
        Ok(true)
    }

    fn number(&mut self, spec: &Spec, number: u64) -> bool {
        let narrow = (number & 0xffff_ffff) as u32;
        match (spec.0, spec.1) {
            ('f', _) => self.first_hop = narrow.into(),
            ('m', _) => self.max_hops = narrow.into(),
            ('N', _) => self.options.sim_probes = narrow,
            ('q', _) => self.probes_per_hop = narrow.into(),
            ('t', _) => self.options.tos = (narrow & 0xff) as u8,
            ('l', _) => self.options.flow_label = narrow & 0xf_ffff,
            (_, "fwmark") => self.options.mark = Some(narrow),
            _ => return false,
        }
        true
    }

    /// A port by number, or by the name of its service.
    fn port(&mut self, value: &str, source: bool) -> bool {
        let number = match strtoull(value, 0) {
            Some((false, number, _)) => number,
            Some((true, number, _)) => number.wrapping_neg(),
            None => match value {
                "domain" => 53,
                "http" => 80,
                "https" => 443,
                "ssh" => 22,
                "telnet" => 23,
                "smtp" => 25,
                _ => return false,
            },
        };
        let port = (number & 0xffff) as u16;
        match source {
            true => self.options.source_port = port,
            false => self.options.port = port,
        }
        true
    }

    /// `MAX`, `MAX,HERE` or `MAX,HERE,NEAR` (`set_wait_specs`).
    fn wait(&mut self, value: &str) -> bool {
        self.wait_s = [0.0; 3];
        let mut rest = value;
        for place in 0..3 {
            let (number, behind) = strtod(rest);
            if behind.len() == rest.len() {
                return false;
            }
            self.wait_s[place] = number;
            match behind.char_indices().nth(1) {
                _ if behind.is_empty() => return true,
                Some((next, _)) => rest = &behind[next..],
                None => rest = "",
            }
        }
        false
    }

    /// An address by name; the complaint about a name that has none is printed here (`getaddr`).
    fn address(&mut self, name: &str) -> Option<SocketAddr> {
        let call = &mut *self.call;
        let found = match resolve::lookup(call.world, call.netns, &self.hostname, name) {
            Ok(found) => found,
            Err(error) => {
                call.console.err(format!("{name}: {error}\n"));
                return None;
            }
        };
        let wanted = |address: &&SocketAddr| self.v6.is_none_or(|v6| v6 == address.is_ipv6());
        let fitting: Vec<SocketAddr> = found.iter().filter(wanted).copied().collect();
        let chosen = fitting
            .iter()
            .find(|address| address.is_ipv4())
            .or(fitting.first());
        if chosen.is_none() {
            let literal = name.contains(':') || resolve::inet_aton(name).is_some();
            let error = match literal {
                true => NameError::Family,
                false => NameError::TemporaryFailure,
            };
            call.console.err(format!("{name}: {error}\n"));
        }
        chosen.copied().map(unmapped)
    }

    /// The target and the length of packets.
    fn operands(&mut self, operands: &[(usize, &str)]) -> Result<(String, SocketAddr), End> {
        let Some(&(host_at, host)) = operands.first() else {
            return Err(fail("Specify \"host\" missing argument."));
        };
        if let Some((at, extra)) = operands.get(2) {
            return Err(fail(format_args!(
                "Extra arg `{extra}' (position 3, argc {at})"
            )));
        }
        let bad = |what: &str, arg: &str, place: usize, at: usize| {
            fail(format_args!(
                "Cannot handle \"{what}\" cmdline arg `{arg}' on position {place} (argc {at})"
            ))
        };
        let to = self
            .address(host)
            .ok_or_else(|| bad("host", host, 1, host_at))?;
        if let Some(&(at, len)) = operands.get(1) {
            let parsed = match strtoull(len, 0) {
                Some((negative, len, "")) => i64::try_from(len)
                    .ok()
                    .map(|l| if negative { -l } else { l }),
                _ => None,
            };
            self.packet_len = Some(parsed.ok_or_else(|| bad("packetlen", len, 2, at))?);
        }
        self.v6.get_or_insert(to.is_ipv6());
        Ok((host.to_owned(), to))
    }

    /// What is looked at when all is read (`main`).
    fn check(&mut self) -> Result<(), End> {
        self.options.method = match self.module.as_str() {
            "default" => Method::Default,
            "udp" => Method::Udp,
            "icmp" => Method::Icmp,
            "tcp" => Method::Tcp,
            known @ ("dccp" | "raw" | "tcpconn" | "udplite") => {
                return Err(Failure::not_simulated(format_args!("traceroute -M {known}")).into());
            }
            unknown => return Err(fail(format_args!("Unknown traceroute module {unknown}"))),
        };
        if self.first_hop == 0 || self.first_hop > self.max_hops {
            return Err(fail("first hop out of range"));
        }
        if self.max_hops > MAX_HOPS {
            return Err(fail("max hops cannot be more than 255"));
        }
        if self.probes_per_hop == 0 || self.probes_per_hop > MAX_PROBES {
            return Err(fail("no more than 10 probes per hop"));
        }
        let [wait, here, near] = self.wait_s;
        if self.wait_s.iter().any(|&value| value < 0.0) {
            return Err(fail(format_args!(
                "bad wait specifications `{wait},{here},{near}' used"
            )));
        }
        if let Some(len) = self.packet_len.filter(|&len| len > MAX_PACKET_LEN) {
            return Err(fail(format_args!("too big packetlen {len} specified")));
        }
        if self
            .source
            .is_some_and(|source| Some(source.is_ipv6()) != self.v6)
        {
            return Err(fail("IP version mismatch in addresses specified"));
        }
        if self.send_wait_s < 0.0 {
            let wait = self.send_wait_s;
            return Err(fail(format_args!("bad sendtime `{wait}' specified")));
        }
        self.settle();
        Ok(())
    }

    fn settle(&mut self) {
        let [wait, here, near] = self.wait_s;
        let thousandths = |value: f64| (value * 1_000.0) as u64;
        let send_wait = match self.send_wait_s {
            milliseconds @ 10.0.. => milliseconds / 1_000.0,
            seconds => seconds,
        };
        let options = &mut self.options;
        options.first_hop = (self.first_hop & 0xff) as u32;
        options.max_hops = (self.max_hops & 0xff) as u32;
        options.probes_per_hop = (self.probes_per_hop & 0xff) as u32;
        options.wait = seconds(wait);
        options.here_factor = thousandths(here);
        options.near_factor = thousandths(near);
        options.send_wait = seconds(send_wait);
        options.packet_len = self.packet_len.and_then(|len| usize::try_from(len).ok());
        options.source = self.source.map(|source| source.ip());
    }
}

/// At most a year: longer waits are for ever.
fn seconds(value: f64) -> Duration {
    Duration::from_micros((value.min(31_536_000.0) * 1e6) as u64)
}

/// No mapped addresses are on a real network: they are taken for IPv4.
fn unmapped(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => SocketAddr::new(IpAddr::V4(v4), address.port()),
            None => address,
        },
        IpAddr::V4(_) => address,
    }
}

fn unsigned(value: &str) -> Option<u64> {
    match strtoull(value, 0) {
        Some((negative, number, "")) => Some(if negative {
            number.wrapping_neg()
        } else {
            number
        }),
        _ => None,
    }
}

fn double(value: &str) -> Option<f64> {
    match strtod(value) {
        (number, "") if !value.is_empty() => Some(number),
        _ => None,
    }
}

fn lacks_value(spec: &Spec, by_letter: bool, at: usize) -> End {
    let (bare, whole) = (spec.shown(by_letter, false), spec.shown(by_letter, true));
    fail(format_args!(
        "Option `{bare}' (argc {at}) requires an argument: `{whole}'"
    ))
}
