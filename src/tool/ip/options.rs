//! The global options of `ip`: what stands before the object.
//! What they do to an object's output is the object's own.

use crate::tool::ip::args::{Args, Family, invalid, matches};
use crate::tool::ip::help;
use crate::tool::number;
use crate::tool::print::{Palette, Printer};
use crate::tool::{Env, Failure};

/// The global options of one call, in the words of `ip.c`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// `-4`, `-6`, `-0`, `-M`, `-B`, `-f NAME`.
    pub family: Family,
    /// How often `-s` was given.
    pub stats: u32,
    /// How often `-d` was given.
    pub details: u32,
    /// `-o`.
    pub oneline: bool,
    /// `-br`.
    pub brief: bool,
    /// `-j`.
    pub json: bool,
    /// `-p`.
    pub pretty: bool,
    /// `-h`: counters with k, M, G.
    pub human: bool,
    /// `-iec`: powers of 1024.
    pub iec: bool,
    /// `-N`: numbers in place of names.
    pub numeric: bool,
    /// `-r`: names in place of addresses; nothing here resolves names, so it changes nothing.
    pub resolve: bool,
    /// `-a`: every namespace.
    pub all: bool,
    /// `-compressvlans` of `bridge`: ranges of VLANs.
    pub compress: bool,
    /// `-force`: a batch goes on after an error.
    pub force: bool,
    /// `-echo`: the kernel's reply to a change is printed.
    pub echo: bool,
    /// `-t` and `-ts`: timestamps, of `ip monitor` only.
    pub timestamp: u32,
    /// `-l`: the most rounds of a flush; 0 for no limit.
    pub loops: u32,
    /// `-b FILE`: commands from a file, or from standard input (`-`).
    pub batch: Option<String>,
    /// `-n NAME`, each in the order given; the last one counts.
    pub netns: Vec<String>,
    /// `-c`, `-c=always`, `-c=auto`, `-c=never`.
    pub color: When,
    /// The colours of text, where `color` asks for them.
    pub palette: Option<Palette>,
}

/// When text is coloured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum When {
    /// Never: the default.
    #[default]
    Never,
    /// On a terminal.
    Auto,
    /// Always: what `-c` alone says.
    Always,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            family: Family::Unspec,
            stats: 0,
            details: 0,
            oneline: false,
            brief: false,
            json: false,
            pretty: false,
            human: false,
            iec: false,
            numeric: false,
            resolve: false,
            all: false,
            compress: false,
            force: false,
            echo: false,
            timestamp: 0,
            loops: 10,
            batch: None,
            netns: Vec::new(),
            color: When::Never,
            palette: None,
        }
    }
}

/// What the options ask for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Parsed {
    /// A command, or a batch, with these options.
    Run(Options),
    /// `-V`.
    Version,
}

impl Options {
    /// A printer in the form that the options ask for.
    pub fn printer(&self) -> Printer {
        if self.json {
            Printer::json(self.pretty)
        } else {
            Printer::text(self.oneline).with_colors(self.palette)
        }
    }

    /// Chooses the colours for the caller's terminal (`check_enable_color`).
    pub fn choose_colors(&mut self, env: &Env) {
        let wanted = match self.color {
            When::Never => false,
            When::Auto => env.stdout_tty,
            When::Always => true,
        };
        let background = env.vars.get("COLORFGBG").and_then(|v| v.rsplit_once(';'));
        let dark = background
            .is_some_and(|(_, b)| matches!(b, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "8"));
        let palette = if dark { Palette::Dark } else { Palette::Light };
        self.palette = wanted.then_some(palette);
    }

    /// Reads the options off the front of `args`.
    ///
    /// # Errors
    /// An unknown option, a value that is missing or wrong: status 255.
    pub fn parse<S: AsRef<str>>(args: &mut Args<'_, S>) -> Result<Parsed, Failure> {
        let mut options = Self::default();
        while let Some(word) = args.peek() {
            if !word.starts_with('-') {
                break;
            }
            let _ = args.take();
            if word == "--" {
                break;
            }
            let opt = if word.starts_with("--") {
                word.get(1..).unwrap_or_default()
            } else {
                word
            };
            if options.valued(opt, args)? || options.exact(opt) || options.abbreviated(opt)? {
                continue;
            }
            if matches(opt, "-Version") {
                return Ok(Parsed::Version);
            }
            return Err(Failure::line(
                255,
                format_args!("Option \"{opt}\" is unknown, try \"ip -help\"."),
            ));
        }
        Ok(Parsed::Run(options))
    }

    /// Options with a value. The order of the abbreviations is that of `ip.c`.
    fn valued<S: AsRef<str>>(
        &mut self,
        opt: &str,
        args: &mut Args<'_, S>,
    ) -> Result<bool, Failure> {
        if matches(opt, "-loops") {
            let value = args.take().ok_or_else(help::usage)?;
            let (negative, loops, _) = number::strtoull(value, 10).unwrap_or((false, 0, ""));
            self.loops = if negative {
                0
            } else {
                u32::try_from(loops).unwrap_or(u32::MAX)
            };
        } else if matches(opt, "-family") {
            let value = args
                .take()
                .filter(|v| *v != "help")
                .ok_or_else(help::usage)?;
            self.family =
                Family::named(value).ok_or_else(|| invalid("invalid protocol family", value))?;
        } else if matches(opt, "-batch") {
            self.batch = Some(args.take().ok_or_else(help::usage)?.to_owned());
        } else if matches(opt, "-rcvbuf") && !matches(opt, "-resolve") {
            let value = args.take().ok_or_else(help::usage)?;
            if number::u32_in(value, 0).is_none() {
                return Err(Failure::line(
                    255,
                    format_args!("Invalid rcvbuf size '{value}'"),
                ));
            }
        } else if matches(opt, "-netns") {
            // Where no name follows, iproute2 opens what the C library prints for none.
            self.netns.push(args.take().unwrap_or("(null)").to_owned());
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Options that are not abbreviated.
    fn exact(&mut self, opt: &str) -> bool {
        match opt {
            "-4" => self.family = Family::Inet,
            "-6" => self.family = Family::Inet6,
            "-0" => self.family = Family::Link,
            "-M" => self.family = Family::Mpls,
            "-B" => self.family = Family::Bridge,
            "-echo" => self.echo = true,
            _ => return false,
        }
        true
    }

    /// Options without a value, in the order in which `ip.c` compares abbreviations.
    fn abbreviated(&mut self, opt: &str) -> Result<bool, Failure> {
        let is = |full| matches(opt, full);
        if is("-human") || is("-human-readable") {
            self.human = true;
        } else if is("-iec") {
            self.iec = true;
        } else if is("-stats") || is("-statistics") {
            self.stats = self.stats.saturating_add(1);
        } else if is("-details") {
            self.details = self.details.saturating_add(1);
        } else if is("-resolve") {
            self.resolve = true;
        } else if is("-oneline") {
            self.oneline = true;
        } else if is("-timestamp") || is("-tshort") {
            self.timestamp = self.timestamp.saturating_add(1);
        } else if is("-force") {
            self.force = true;
        } else if is("-brief") {
            self.brief = true;
        } else if is("-json") {
            self.json = true;
        } else if is("-pretty") {
            self.pretty = true;
        } else if let Some(when) = color(opt) {
            self.color = when;
        } else if is("-help") {
            return Err(help::usage());
        } else if is("-Numeric") {
            self.numeric = true;
        } else if is("-all") {
            self.all = true;
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

/// `-c`, `-color`, `-c=WHEN` (`matches_color`).
pub fn color(opt: &str) -> Option<When> {
    let (name, when) = opt.split_once('=').unwrap_or((opt, ""));
    if !matches(name, "-color") {
        return None;
    }
    match when {
        "" | "always" => Some(When::Always),
        "auto" => Some(When::Auto),
        "never" => Some(When::Never),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<(Options, Vec<String>), Failure> {
        let mut args = Args::new(words);
        match Options::parse(&mut args)? {
            Parsed::Run(options) => Ok((
                options,
                args.rest().iter().map(|w| (*w).to_owned()).collect(),
            )),
            Parsed::Version => Ok((Options::default(), vec!["version".to_owned()])),
        }
    }

    #[test]
    fn abbreviations_are_those_of_iproute2() {
        let (options, rest) = parse(&[
            "-4", "-br", "-o", "-d", "-s", "-s", "-j", "-p", "-N", "-a", "-c", "-h", "-iec", "-n",
            "red", "-fo", "addr", "-x",
        ])
        .unwrap();
        assert_eq!(options.family, Family::Inet);
        assert!(options.brief && options.oneline && options.json && options.pretty);
        assert!(options.numeric && options.all && options.human && options.iec && options.force);
        assert_eq!((options.stats, options.details), (2, 1));
        assert_eq!(options.netns, ["red"]);
        assert_eq!(rest, ["addr", "-x"]);
    }

    #[test]
    fn values_are_taken_and_double_dashes_understood() {
        let (options, rest) = parse(&["-f", "inet6", "-b", "-", "--json", "--", "-x"]).unwrap();
        assert_eq!(options.family, Family::Inet6);
        assert_eq!(options.batch.as_deref(), Some("-"));
        assert!(options.json);
        assert_eq!(rest, ["-x"]);
        assert_eq!(parse(&["-V"]).unwrap().1, ["version"]);
    }

    #[test]
    fn unknown_options_and_families_are_refused() {
        assert_eq!(
            parse(&["-foo"]).unwrap_err(),
            Failure::line(255, "Option \"-foo\" is unknown, try \"ip -help\".")
        );
        assert_eq!(
            parse(&["-f", "foo"]).unwrap_err().stderr,
            "Error: argument \"foo\" is wrong: invalid protocol family\n"
        );
        assert!(
            parse(&["-help"])
                .unwrap_err()
                .stderr
                .starts_with("Usage: ip ")
        );
    }
}
