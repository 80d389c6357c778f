//! The command line of `iptables`: words to a request, as iptables 1.8.9 reads them.
//! What the request does is for the tables; its listing is the tool's.

mod address;
mod builder;
mod matches;
mod options;
mod rewriting;
mod targets;

use std::fmt;

use crate::netns::filter::rule::{Counters, Family, Rule};
use crate::netns::filter::tables::{Change, FilterError, Hook, TableName};
use builder::Builder;

/// What is asked of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Changes, one after another, until one fails.
    Change(Vec<Change>),
    /// `-L`: the rules as a table; of one chain, of one rule by its number.
    List(Option<String>, Option<usize>),
    /// `-S`: the rules as words.
    ListRules(Option<String>, Option<usize>),
    /// `-h`.
    Help,
    /// `-V`.
    Version,
}

/// A command line, understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Command {
    /// Of which family.
    pub family: Family,
    /// Of which table.
    pub table: TableName,
    /// What is asked.
    pub action: Action,
    /// `-Z` beside a listing: counters begin at zero behind it.
    pub zero: bool,
    /// `-n`: numbers instead of names.
    pub numeric: bool,
    /// How often `-v`.
    pub verbose: u8,
    /// `-x`: numbers whole.
    pub exact: bool,
    /// `--line-numbers`.
    pub line_numbers: bool,
    /// What is said on standard error before anything is done.
    pub warnings: Vec<String>,
}

/// Why a command line makes no sense.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WordsError {
    /// What is wrong, in the words of iptables, without its name.
    pub text: String,
    /// The exit status: 2 for a wrong word, 3 for what is not there.
    pub status: u8,
    /// Whether the tool's name and version stand in front.
    pub named: bool,
    /// Whether the line that points to the help follows.
    pub hint: bool,
}

impl WordsError {
    /// A wrong word: status 2.
    pub fn problem(text: impl fmt::Display) -> Self {
        Self {
            text: text.to_string(),
            status: 2,
            named: true,
            hint: true,
        }
    }

    /// What iptables has and the simulator has not: status 3.
    pub fn not_simulated(what: impl fmt::Display) -> Self {
        Self {
            text: format!("vethlab: {what} is not simulated"),
            status: 3,
            named: false,
            hint: false,
        }
    }
}

impl fmt::Display for WordsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.trim_end())
    }
}

impl std::error::Error for WordsError {}

/// Reads a command line without the tool's name: `["-t", "nat", "-A", "POSTROUTING", ...]`.
///
/// # Errors
/// A word that iptables does not know, or that does not fit the others.
///
/// ```
/// use vethlab::netns::filter::rule::Family;
/// use vethlab::netns::filter::words::{Action, parse};
///
/// let words = ["-A", "FORWARD", "-i", "docker0", "!", "-o", "docker0", "-j", "ACCEPT"];
/// let command = parse(Family::V4, &words).expect("a rule that iptables takes");
/// assert!(matches!(command.action, Action::Change(changes) if changes.len() == 1));
/// assert!(parse(Family::V4, &["-A", "FORWARD", "--nope"]).is_err());
/// ```
pub fn parse(family: Family, words: &[impl AsRef<str>]) -> Result<Command, WordsError> {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let mut builder = Builder::new(family);
    builder.read(&words)?;
    builder.finish()
}

/// Reads the words of one rule, without table and chain: `["-s", "10.0.0.0/8", "-j", "DROP"]`. Lists of
/// addresses are not taken.
///
/// # Errors
/// As [`parse`].
pub fn parse_rule(family: Family, words: &[impl AsRef<str>]) -> Result<Rule, WordsError> {
    let mut line = vec!["-A", "FORWARD"];
    line.extend(words.iter().map(AsRef::as_ref));
    let command = parse(family, &line)?;
    match command.action {
        Action::Change(changes) => match changes.into_iter().next() {
            Some(Change::Append { rule, .. }) => Ok(rule),
            _ => Err(WordsError::problem("no rule specified")),
        },
        _ => Err(WordsError::problem("no rule specified")),
    }
}

/// The table of a name.
///
/// # Errors
/// The words for a table that there is not.
pub fn table_of(name: &str) -> Result<TableName, WordsError> {
    TableName::of(name).ok_or_else(|| {
        let error = FilterError::NoTable(name.to_owned());
        WordsError {
            text: error.to_string(),
            status: 3,
            named: true,
            hint: false,
        }
    })
}

/// The names of the types of ICMP, or of ICMPv6, with type, first and last code.
pub fn icmp_names(family: Family) -> &'static [(&'static str, u8, u8, u8)] {
    match family {
        Family::V4 => matches::ICMP_NAMES,
        Family::V6 => matches::ICMP6_NAMES,
    }
}

/// The longest name of a chain (`XT_EXTENSION_MAXNAMELEN`).
const CHAIN_NAME_MAX: usize = 29;

/// Whether a chain may be named so.
fn check_chain_name(name: &str) -> Result<(), WordsError> {
    if name.len() >= CHAIN_NAME_MAX {
        return Err(WordsError::problem(format_args!(
            "chain name `{name}' too long (must be under {CHAIN_NAME_MAX} chars)"
        )));
    }
    match name.chars().next() {
        Some(first @ ('-' | '!')) => Err(WordsError::problem(format_args!(
            "chain name not allowed to start with `{first}'"
        ))),
        _ if targets::is_target(name) => Err(WordsError::problem(
            "chain name may not clash with target name",
        )),
        _ => Ok(()),
    }
}

/// A device may be asked for where it is known only (`-i` on the way out, `-o` on the way in).
fn check_devices(chain: &str, rule: &Rule) -> Result<(), WordsError> {
    let of = |hooks: &[Hook]| hooks.iter().any(|hook| hook.name() == chain);
    let wrong = if rule.iif.is_some() && of(&[Hook::Output, Hook::PostRouting]) {
        'i'
    } else if rule.oif.is_some() && of(&[Hook::PreRouting, Hook::Input]) {
        'o'
    } else {
        return Ok(());
    };
    Err(WordsError::problem(format_args!(
        "Can't use -{wrong} with {chain}\n"
    )))
}

/// A decimal, octal or hexadecimal number as C reads it, up to a bound.
fn number(text: &str, max: u64) -> Option<u64> {
    let parsed = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16),
        None if text.len() > 1 && text.starts_with('0') => u64::from_str_radix(text, 8),
        None => text.parse(),
    };
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    parsed.ok().filter(|&value| digits && value <= max)
}

/// Packets and bytes as `-c` takes them.
fn counters(packets: &str, bytes: &str) -> Result<Counters, WordsError> {
    let bad = |what| WordsError::problem(format_args!("-c {what} counter not numeric"));
    Ok(Counters {
        packets: packets.parse().map_err(|_| bad("packet"))?,
        bytes: bytes.parse().map_err(|_| bad("byte"))?,
    })
}

#[cfg(test)]
mod tests;
