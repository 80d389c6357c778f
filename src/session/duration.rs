//! The commands `sleep` and `timeout` of the GNU coreutils: their arguments and words.
//! Their time passes in the session's server.

use super::backend::Invocation;
use super::proto::Timed;
use super::signals;

/// What a call of `sleep` or `timeout` comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Plan {
    /// Sleep this many nanoseconds.
    Sleep(u64),
    /// Run a command for so long, then send it the signal, and kill it later still.
    Timeout {
        command: Timed,
        limit_ns: u64,
        signal: i32,
        kill_after_ns: Option<u64>,
    },
    /// Print to standard output and end well.
    Print(String),
    /// Print to standard error and end with this status.
    Fail(String, i32),
}

/// The nanoseconds of a time as the coreutils take it: `1`, `0.5`, `1e3`, `2m`, `infinity`.
/// Saturates where no clock goes; finer than a nanosecond is rounded up.
pub(super) fn parse_duration(word: &str) -> Option<u64> {
    let lower = word.to_ascii_lowercase();
    let (number, unit) = match lower.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(number) if !number.is_empty() => (number, lower.as_bytes()[number.len()]),
        _ => (lower.as_str(), b's'),
    };
    // The suffixes are small letters only; what `strtod` reads has none of them at its end.
    if word.ends_with(['S', 'M', 'H', 'D']) {
        return None;
    }
    let number = number.strip_prefix('+').unwrap_or(number);
    if matches!(number, "inf" | "infinity") {
        return Some(u64::MAX);
    }
    let unit_ns: u128 = match unit {
        b'm' => 60,
        b'h' => 3_600,
        b'd' => 86_400,
        _ => 1,
    } * 1_000_000_000;
    decimal_times(number, unit_ns)
}

/// A decimal number times `unit`, in whole units of the product, rounded up.
fn decimal_times(number: &str, unit: u128) -> Option<u64> {
    let (mantissa, exponent) = match number.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (number, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let scale = i64::from(exponent) - i64::try_from(fraction.len()).ok()?;
    let (mut value, mut dropped, mut left) = (0_u128, false, scale);
    for digit in digits() {
        match value
            .checked_mul(10)
            .filter(|value| *value < u128::MAX / unit / 100)
        {
            Some(ten) => value = ten + u128::from(digit - b'0'),
            None => {
                left += 1;
                dropped |= digit != b'0';
            }
        }
    }
    let mut product = value.saturating_mul(unit);
    while left > 0 && product > 0 && product < u128::from(u64::MAX) {
        product = product.saturating_mul(10);
        left -= 1;
    }
    while left < 0 && product > 0 {
        dropped |= product % 10 != 0;
        product /= 10;
        left += 1;
    }
    product += u128::from(dropped || (product == 0 && value > 0));
    Some(u64::try_from(product).unwrap_or(u64::MAX))
}

/// The plan of a call of `sleep`.
pub(super) fn plan_sleep(call: &Invocation) -> Plan {
    let mut words = call.argv.get(1..).unwrap_or_default();
    if words.len() == 1 && (words[0] == "--help" || words[0] == "--version") {
        return Plan::Print(
            "Usage: sleep NUMBER[SUFFIX]...\nThe virtual clock moves on; SUFFIX is s, m, h or d.\n"
                .into(),
        );
    }
    let fail = |text: String| {
        Plan::Fail(
            format!("sleep: {text}\nTry 'sleep --help' for more information.\n"),
            1,
        )
    };
    match words.first().map(String::as_str) {
        Some("--") => words = &words[1..],
        Some(word) if word.starts_with("--") => {
            return fail(format!("unrecognized option '{word}'"));
        }
        Some(word) if word.len() > 1 && word.starts_with('-') => {
            let letter = word.chars().nth(1).unwrap_or('-');
            return fail(format!("invalid option -- '{letter}'"));
        }
        _ => {}
    }
    if words.is_empty() {
        return fail("missing operand".into());
    }
    let mut total = 0_u64;
    let mut wrong = String::new();
    for word in words {
        match parse_duration(word) {
            Some(span) => total = total.saturating_add(span),
            None => wrong += &format!("sleep: invalid time interval {}\n", quote(call, word)),
        }
    }
    match wrong.is_empty() {
        true => Plan::Sleep(total),
        false => Plan::Fail(wrong + "Try 'sleep --help' for more information.\n", 1),
    }
}

/// The plan of a call of `timeout`.
pub(super) fn plan_timeout(call: &Invocation) -> Plan {
    let mut options = TimeoutOptions::default();
    match options.parse(call) {
        Ok(plan) | Err(plan) => plan,
    }
}

#[derive(Default)]
struct TimeoutOptions {
    command: Timed,
    signal: Option<i32>,
    kill_after_ns: Option<u64>,
}

impl TimeoutOptions {
    fn parse(&mut self, call: &Invocation) -> Result<Plan, Plan> {
        let mut words = call.argv.get(1..).unwrap_or_default().iter();
        let mut operands = Vec::new();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--" => break,
                word if word.len() > 1 && word.starts_with('-') => {
                    self.option(call, word, &mut words)?;
                }
                _ => {
                    operands.push(word.clone());
                    break;
                }
            }
        }
        operands.extend(words.cloned());
        if operands.len() < 2 {
            return Err(timeout_usage("missing operand"));
        }
        let limit_ns = self.duration(call, &operands[0])?;
        self.command.argv = operands.split_off(1);
        Ok(Plan::Timeout {
            command: std::mem::take(&mut self.command),
            limit_ns,
            signal: self.signal.unwrap_or(15),
            kill_after_ns: self.kill_after_ns,
        })
    }

    fn option<'a>(
        &mut self,
        call: &Invocation,
        word: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), Plan> {
        let (name, joined) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ if word.starts_with("--") => (word, None),
            _ if word.is_char_boundary(2) && word.len() > 2 => {
                (&word[..2], Some(word[2..].to_owned()))
            }
            _ => (word, None),
        };
        match name {
            "--help" | "--version" => {
                return Err(Plan::Print(
                    "Usage: timeout [OPTION] DURATION COMMAND [ARG]...\nThe time is virtual. Options: -k DURATION, -s SIGNAL, -v, --foreground, --preserve-status.\n"
                        .into(),
                ));
            }
            "--foreground" | "-f" => self.command.foreground = true,
            "--preserve-status" | "-p" => self.command.preserve_status = true,
            "--verbose" | "-v" => self.command.verbose = true,
            "--kill-after" | "-k" => {
                let value = value_of(name, joined, rest)?;
                self.kill_after_ns = Some(self.duration(call, &value)?);
            }
            "--signal" | "-s" => {
                let value = value_of(name, joined, rest)?;
                self.signal = Some(signals::parse(&value).ok_or_else(|| {
                    timeout_usage(&format!("{}: invalid signal", quote(call, &value)))
                })?);
            }
            _ if name.starts_with("--") => {
                return Err(timeout_usage(&format!("unrecognized option '{word}'")));
            }
            _ => {
                let letter = name.chars().nth(1).unwrap_or('-');
                return Err(timeout_usage(&format!("invalid option -- '{letter}'")));
            }
        }
        Ok(())
    }

    fn duration(&self, call: &Invocation, word: &str) -> Result<u64, Plan> {
        parse_duration(word)
            .ok_or_else(|| timeout_usage(&format!("invalid time interval {}", quote(call, word))))
    }
}

/// The value of an option, joined to it or the next word.
fn value_of<'a>(
    name: &str,
    joined: Option<String>,
    rest: &mut impl Iterator<Item = &'a String>,
) -> Result<String, Plan> {
    if let Some(value) = joined.or_else(|| rest.next().cloned()) {
        return Ok(value);
    }
    Err(timeout_usage(&match name.strip_prefix("--") {
        Some(_) => format!("option '{name}' requires an argument"),
        None => format!("option requires an argument -- '{}'", &name[1..]),
    }))
}

fn timeout_usage(text: &str) -> Plan {
    Plan::Fail(
        format!("timeout: {text}\nTry 'timeout --help' for more information.\n"),
        125,
    )
}

/// A word in quotes as the coreutils choose them: curly ones where the locale has UTF-8.
pub(super) fn quote(call: &Invocation, word: &str) -> String {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(|name| call.env.get(*name))
        .find(|value| !value.is_empty())
        .map(|value| value.to_ascii_lowercase())
        .unwrap_or_default();
    match locale.contains("utf-8") || locale.contains("utf8") {
        true => format!("\u{2018}{word}\u{2019}"),
        false => format!("'{word}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(line: &str) -> Invocation {
        Invocation {
            argv: line.split(' ').map(str::to_owned).collect(),
            ..Invocation::default()
        }
    }

    #[test]
    fn times_are_read_as_the_coreutils_read_them() {
        const S: u64 = 1_000_000_000;
        for (word, want) in [
            ("1", Some(S)),
            ("0", Some(0)),
            ("0.5", Some(S / 2)),
            (".5", Some(S / 2)),
            ("5.", Some(5 * S)),
            ("1e1", Some(10 * S)),
            ("1e-3", Some(S / 1000)),
            ("2m", Some(120 * S)),
            ("1.5h", Some(5400 * S)),
            ("1d", Some(86_400 * S)),
            ("+3s", Some(3 * S)),
            ("0.0000000001", Some(1)),
            ("infinity", Some(u64::MAX)),
            ("inf", Some(u64::MAX)),
            (
                "99999999999999999999999999999999999999999999999",
                Some(u64::MAX),
            ),
            ("1e999999999", Some(u64::MAX)),
            ("1e-999999999", Some(1)),
            ("", None),
            (".", None),
            ("s", None),
            ("-1", None),
            ("1x", None),
            ("1S", None),
            ("1ss", None),
            ("nan", None),
            ("1e", None),
        ] {
            assert_eq!(parse_duration(word), want, "{word}");
        }
    }

    #[test]
    fn sleep_adds_its_arguments() {
        assert_eq!(
            plan_sleep(&call("sleep 1 0.5 1m")),
            Plan::Sleep(61_500_000_000)
        );
    }

    #[test]
    fn sleep_names_each_wrong_argument() {
        let want = "sleep: invalid time interval 'a'\nsleep: invalid time interval 'b'\nTry 'sleep --help' for more information.\n";
        assert_eq!(plan_sleep(&call("sleep a 1 b")), Plan::Fail(want.into(), 1));
        let want = "sleep: missing operand\nTry 'sleep --help' for more information.\n";
        assert_eq!(plan_sleep(&call("sleep")), Plan::Fail(want.into(), 1));
        let want = "sleep: invalid option -- '1'\nTry 'sleep --help' for more information.\n";
        assert_eq!(plan_sleep(&call("sleep -1")), Plan::Fail(want.into(), 1));
    }

    #[test]
    fn timeout_takes_signal_and_second_limit() {
        let plan = plan_timeout(&call("timeout -s INT -k 2 5 ping -c 1 10.0.0.1"));
        let Plan::Timeout {
            command,
            limit_ns,
            signal,
            kill_after_ns,
        } = plan
        else {
            panic!("{plan:?}");
        };
        assert_eq!(command.argv, ["ping", "-c", "1", "10.0.0.1"]);
        assert_eq!((limit_ns, signal), (5_000_000_000, 2));
        assert_eq!(kill_after_ns, Some(2_000_000_000));
        let plan = plan_timeout(&call("timeout --signal=9 -k1 --foreground 1m x"));
        assert!(matches!(
            plan,
            Plan::Timeout {
                signal: 9,
                limit_ns: 60_000_000_000,
                ..
            }
        ));
    }

    #[test]
    fn timeout_without_command_is_an_error_of_its_own() {
        for (line, want) in [
            ("timeout 5", "timeout: missing operand\n"),
            ("timeout x true", "timeout: invalid time interval 'x'\n"),
            (
                "timeout -s NOPE 1 true",
                "timeout: 'NOPE': invalid signal\n",
            ),
            (
                "timeout -k",
                "timeout: option requires an argument -- 'k'\n",
            ),
        ] {
            let want = format!("{want}Try 'timeout --help' for more information.\n");
            assert_eq!(plan_timeout(&call(line)), Plan::Fail(want, 125), "{line}");
        }
    }

    #[test]
    fn quotes_follow_the_locale() {
        let mut call = call("sleep x");
        assert_eq!(quote(&call, "x"), "'x'");
        call.env.insert("LANG".into(), "en_US.UTF-8".into());
        assert_eq!(quote(&call, "x"), "\u{2018}x\u{2019}");
        call.env.insert("LC_ALL".into(), "C".into());
        assert_eq!(quote(&call, "x"), "'x'");
    }
}
