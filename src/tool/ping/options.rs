//! One option of `ping` after another, and what is looked at when all are read.
//! Which letters there are is said in the specification for `getopt`.

use super::words::USAGE;
use super::{End, Reading};
use crate::netns::socket::MtuDiscover;
use crate::program::ping::Record;
use crate::tool::Failure;
use crate::tool::getopt::Opt;
use crate::tool::iputils::{number, strtod, strtol};

const INT_MAX: i64 = i32::MAX as i64;

impl Reading<'_, '_> {
    fn fail(&self, words: impl std::fmt::Display) -> End {
        Failure::line(2, format_args!("{}: {words}", self.tool)).into()
    }

    fn number(&self, text: &str, min: i64, max: i64) -> Result<i64, End> {
        Ok(number(&self.tool, text, min, max)?)
    }

    pub(super) fn take(&mut self, option: Opt<'_>) -> Result<(), End> {
        match option {
            Opt::Flag(letter) => self.flag(letter),
            Opt::Value(letter, value) => self.value(letter, value),
            Opt::Bad(said) => Err(usage(&self.tool, &said).into()),
        }
    }

    fn flag(&mut self, letter: char) -> Result<(), End> {
        let options = &mut self.options;
        match letter {
            '4' | '6' => return self.family(letter == '6'),
            'a' => options.audible = true,
            'A' => options.adaptive = true,
            'b' => options.broadcast = true,
            'B' => options.strict_source = true,
            'C' => options.connect = true,
            'd' => {}
            'D' => options.timestamps = true,
            'f' => options.flood = true,
            'L' => options.no_loop = true,
            'n' => options.numeric = true,
            'O' => options.outstanding = true,
            'q' => options.quiet = true,
            'r' => options.dont_route = true,
            'R' if options.record.is_some_and(|record| record != Record::Route) => {
                return Err(self.fail("only one of -T or -R may be used"));
            }
            'R' => options.record = Some(Record::Route),
            'U' => options.latency = true,
            'v' => options.verbose = true,
            'V' => return Err(End::Version),
            _ => return Err(usage(&self.tool, "").into()),
        }
        Ok(())
    }

    fn family(&mut self, v6: bool) -> Result<(), End> {
        if self.options.v6 == Some(!v6) {
            return Err(self.fail("only one -4 or -6 option may be specified"));
        }
        self.options.v6 = Some(v6);
        Ok(())
    }

    fn value(&mut self, letter: char, value: &str) -> Result<(), End> {
        match letter {
            'c' => self.options.count = Some(self.number(value, 1, i64::MAX)?.unsigned_abs()),
            'e' => self.options.ident = narrow(self.number(value, 0, 0xffff)?),
            'F' => self.options.flow_label = Some(self.flow_label(value)?),
            'i' => self.interval(value)?,
            'I' => self.source(value)?,
            'l' => self.options.preload = narrow(self.number(value, 1, 0x1_0000)?),
            'm' => self.options.mark = Some(narrow(self.number(value, 0, u32::MAX.into())?)),
            'M' => self.options.mtu_discover = Some(self.mtu_discover(value)?),
            'N' if value == "help" => return Err(End::Help),
            'N' => return Err(Failure::not_simulated("ping -N").into()),
            'p' => self.pattern = Some(value.to_owned()),
            'Q' => self.options.tos = self.tos(value)?,
            's' => self.options.size = narrow(self.number(value, 0, INT_MAX)?),
            'S' => {
                self.number(value, 1, INT_MAX)?;
            }
            't' => self.options.ttl = Some(narrow(self.number(value, 0, 255)?)),
            'T' => self.timestamp(value)?,
            'w' => self.options.deadline_s = narrow(self.number(value, 0, INT_MAX)?),
            _ => self.linger(value)?,
        }
        Ok(())
    }

    /// A number of seconds, in milliseconds; garbage behind it is only complained of (`ping_strtod`).
    fn seconds(&mut self, value: &str, what: &str) -> Result<f64, End> {
        let (seconds, rest) = strtod(value);
        if value.is_empty() {
            return Err(self.fail(format_args!("{what}: {value}")));
        }
        if !rest.is_empty() {
            let tool = &self.tool;
            self.call.console.err(format!(
                "{tool}: option argument contains garbage: {rest}\n\
                 {tool}: this will become fatal error in the future\n"
            ));
        }
        if !seconds.is_finite() || (seconds != 0.0 && !seconds.is_normal()) {
            let errno = crate::units::Errno::Erange;
            return Err(self.fail(format_args!("{what}: {value}: {errno}")));
        }
        Ok(seconds)
    }

    fn interval(&mut self, value: &str) -> Result<(), End> {
        let seconds = self.seconds(value, "bad timing interval")?;
        if seconds > f64::from(i32::MAX) / 1_000.0 {
            return Err(self.fail(format_args!("bad timing interval: {value}")));
        }
        self.options.interval_ms = ((seconds * 1_000.0) as i32).into();
        self.options.interval_given = true;
        Ok(())
    }

    fn linger(&mut self, value: &str) -> Result<(), End> {
        let seconds = self.seconds(value, "bad linger time")?;
        if seconds < 0.0 || seconds > f64::from(i32::MAX) / 1_000.0 {
            return Err(self.fail(format_args!("bad linger time: {value}")));
        }
        self.options.linger_ms = (seconds * 1_000.0) as u32;
        Ok(())
    }

    fn flow_label(&self, value: &str) -> Result<u32, End> {
        let parsed = match value
            .strip_prefix("0x")
            .or_else(|| value.strip_prefix("0X"))
        {
            Some(hex) => strtol(hex, 16),
            None => strtol(value, 10),
        };
        match parsed {
            Some((label @ 0..=0xf_ffff, "", _)) => Ok(narrow(label)),
            Some((_, "", _)) => {
                Err(self.fail(format_args!("flow value is greater than 20 bits: {value}")))
            }
            _ => Err(self.fail(format_args!("bad value for flowinfo: {value}"))),
        }
    }

    fn tos(&self, value: &str) -> Result<u8, End> {
        let parsed = match value
            .strip_prefix("0x")
            .or_else(|| value.strip_prefix("0X"))
        {
            Some(hex) => strtol(hex, 16),
            None => strtol(value, 10),
        };
        match parsed {
            Some((tos, "", _)) if tos > 255 => Err(self.fail(format_args!(
                "the decimal value of TOS bits must be in range 0-255: {tos}"
            ))),
            Some((tos, "", _)) => Ok((tos & 0xff) as u8),
            _ => Err(self.fail(format_args!("bad TOS value: {value}"))),
        }
    }

    fn mtu_discover(&self, value: &str) -> Result<MtuDiscover, End> {
        match value {
            "do" => Ok(MtuDiscover::Do),
            "dont" => Ok(MtuDiscover::Dont),
            "want" => Ok(MtuDiscover::Want),
            _ => Err(self.fail(format_args!("invalid -M argument: {value}"))),
        }
    }

    fn timestamp(&mut self, value: &str) -> Result<(), End> {
        if self.options.record == Some(Record::Route) {
            return Err(self.fail("only one of -T or -R may be used"));
        }
        self.options.record = Some(match value {
            "tsonly" => Record::Time,
            "tsandaddr" => Record::AddressAndTime,
            "tsprespec" => return Err(Failure::not_simulated("ping -T tsprespec").into()),
            _ => return Err(self.fail(format_args!("invalid timestamp type: {value}"))),
        });
        Ok(())
    }

    /// An address to send from, or a device.
    fn source(&mut self, value: &str) -> Result<(), End> {
        if value.contains(':') {
            let (address, device) = match value.split_once('%') {
                Some((address, device)) => (address, Some(device)),
                None => (value, None),
            };
            if let Some(device) = device {
                self.options.device = Some(device.to_owned());
            }
            match address.parse() {
                Ok(source) => self.options.source6 = Some(source),
                Err(_) => {
                    return Err(self.fail(format_args!("invalid source address: {value}")));
                }
            }
            self.options.strict_source = true;
        } else if let Ok(source) = value.parse() {
            self.options.source4 = Some(source);
            self.options.strict_source = true;
        } else {
            self.options.device = Some(value.to_owned());
        }
        Ok(())
    }

    /// What is looked at when all options are read; gives the target.
    pub(super) fn finish(&mut self, targets: &[&str]) -> Result<String, End> {
        let Some(target) = targets.last() else {
            let errno = crate::units::Errno::Edestaddrreq;
            return Err(
                Failure::line(1, format_args!("{}: usage error: {errno}", self.tool)).into(),
            );
        };
        if let Some(pattern) = self.pattern.take() {
            if let Some(at) = pattern.find(|c: char| !c.is_ascii_hexdigit()) {
                let rest = &pattern[at..];
                return Err(self.fail(format_args!(
                    "patterns must be specified as hex digits: {rest}"
                )));
            }
            self.options.pattern = Some(pattern_bytes(&pattern));
        }
        match targets.len() {
            1 => Ok((*target).to_owned()),
            2..=10 if !target.contains(':') => {
                Err(self.fail("record route: Operation not permitted"))
            }
            _ => Err(usage(&self.tool, "").into()),
        }
    }
}

/// Up to 16 bytes of two hexadecimal digits each; the last may have one.
fn pattern_bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).take(16);
    pairs
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// A number whose bounds were checked, in its own type.
fn narrow<T: TryFrom<i64>>(value: i64) -> T {
    T::try_from(value).unwrap_or_else(|_| unreachable!("the bounds were checked"))
}

/// The usage, behind what `getopt` said.
fn usage(tool: &str, said: &str) -> Failure {
    let said = match said {
        "" => String::new(),
        said => format!("{tool}: {said}"),
    };
    Failure {
        stderr: said + USAGE,
        status: 2,
    }
}
