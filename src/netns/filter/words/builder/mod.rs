//! The command line as it is read, word by word (`do_parse` of xshared.c).
//! Matches and targets read their own options in `matches` and `targets`.

mod finish;

use self::finish::rule_number;
use crate::netns::filter::rule::{Counters, Family, Maybe, Net, Rule};
use crate::netns::filter::tables::TableName;
use crate::netns::filter::words::matches::{self, MatchBuild};
use crate::netns::filter::words::options::{self, GLOBAL};
use crate::netns::filter::words::targets::TargetBuild;
use crate::netns::filter::words::{WordsError, address, check_chain_name, counters, table_of};

/// What has been read.
pub(super) struct Builder<'w> {
    family: Family,
    table: TableName,
    command: Option<(char, &'w str, Vec<&'w str>)>,
    zero: bool,
    numeric: bool,
    verbose: u8,
    exact: bool,
    line_numbers: bool,
    rule: Rule,
    sources: Vec<Net>,
    destinations: Vec<Net>,
    inverted: [bool; 2],
    any_protocol: bool,
    counters: Counters,
    matches: Vec<MatchBuild>,
    target: Option<TargetBuild>,
    /// The letters of the options of a rule, as they came.
    given: Vec<char>,
    warnings: Vec<String>,
    waits: bool,
    wait_interval: bool,
}

/// The words that are still to be read.
pub(super) struct Words<'a, 'w> {
    words: &'a [&'w str],
    at: usize,
}

impl<'w> Words<'_, 'w> {
    pub(super) fn next(&mut self) -> Option<&'w str> {
        let word = self.words.get(self.at).copied();
        self.at += usize::from(word.is_some());
        word
    }

    /// The next word, where it is no option (`xs_has_arg`).
    fn next_operand(&mut self) -> Option<&'w str> {
        let next = self.words.get(self.at)?;
        if next.starts_with(['-', '!']) {
            return None;
        }
        self.next()
    }
}

/// Where an option was found.
enum Found {
    Global(char, bool),
    Match(usize, options::Opt),
    Target(options::Opt),
}

impl<'w> Builder<'w> {
    pub(super) fn new(family: Family) -> Self {
        Self {
            family,
            table: TableName::Filter,
            command: None,
            zero: false,
            numeric: false,
            verbose: 0,
            exact: false,
            line_numbers: false,
            rule: Rule::new(family),
            sources: Vec::new(),
            destinations: Vec::new(),
            inverted: [false; 2],
            any_protocol: false,
            counters: Counters::default(),
            matches: Vec::new(),
            target: None,
            given: Vec::new(),
            warnings: Vec::new(),
            waits: false,
            wait_interval: false,
        }
    }

    pub(super) fn read(&mut self, words: &[&'w str]) -> Result<(), WordsError> {
        let mut words = Words { words, at: 0 };
        let mut not = false;
        while let Some(word) = words.next() {
            if word == "!" {
                if not {
                    return Err(WordsError::problem("multiple consecutive ! not allowed"));
                }
                not = true;
                continue;
            }
            let inverted = std::mem::take(&mut not);
            match word.strip_prefix("--") {
                Some(long) if !long.is_empty() => self.long(long, &mut words, inverted)?,
                _ if word.len() > 1 && word.starts_with('-') => {
                    self.short(&word[1..], &mut words, inverted)?;
                }
                _ => {
                    return Err(WordsError {
                        named: false,
                        ..WordsError::problem(format_args!("Bad argument `{word}'"))
                    });
                }
            }
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Option<Found> {
        let global = GLOBAL.iter();
        let exact = global.clone().find(|(known, ..)| *known == name);
        if let Some(&(_, letter, takes)) = exact {
            return Some(Found::Global(letter, takes));
        }
        // An extension's whole name comes before an abbreviation of another's.
        for whole in [true, false] {
            for (at, one) in self.matches.iter().enumerate().rev() {
                let options = one.options(self.family);
                let named = options.iter().map(|option| (option.name, *option));
                let found = options::find(name, named);
                if let Some(found) = found.filter(|found| !whole || found.name == name) {
                    return Some(Found::Match(at, found));
                }
            }
            if let Some(target) = &self.target {
                let named = target.options().iter().map(|option| (option.name, *option));
                let found = options::find(name, named);
                if let Some(found) = found.filter(|found| !whole || found.name == name) {
                    return Some(Found::Target(found));
                }
            }
        }
        let named = global.map(|&(known, letter, takes)| (known, (letter, takes)));
        options::find(name, named).map(|(letter, takes)| Found::Global(letter, takes))
    }

    fn long(
        &mut self,
        word: &'w str,
        words: &mut Words<'_, 'w>,
        not: bool,
    ) -> Result<(), WordsError> {
        let (name, joined) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let mut found = self.find(name);
        if found.is_none() && self.load_protocol_match() {
            found = self.find(name);
        }
        let Some(found) = found else {
            return Err(WordsError::problem(format_args!(
                "unknown option \"--{word}\""
            )));
        };
        let takes = match &found {
            Found::Global(_, takes) => *takes,
            Found::Match(_, option) | Found::Target(option) => option.takes,
        };
        let argument = match takes {
            true => Some(joined.or_else(|| words.next()).ok_or_else(|| {
                WordsError::problem(format_args!("option \"--{name}\" requires an argument"))
            })?),
            false => joined,
        };
        match found {
            Found::Global(letter, _) => {
                self.option(letter, argument.unwrap_or(""), words, not, joined)
            }
            Found::Match(at, option) => {
                let protocol = self.rule.protocol;
                let one = &mut self.matches[at];
                let argument = argument.unwrap_or("");
                one.read(self.family, protocol, option.name, argument, words, not)?;
                self.warnings.extend(one.warning(argument));
                Ok(())
            }
            Found::Target(option) => {
                let rule = &self.rule;
                let target = self.target.as_mut().expect("it was found in it");
                target.read(rule, option.name, argument.unwrap_or(""), not)
            }
        }
    }

    fn short(
        &mut self,
        letters: &'w str,
        words: &mut Words<'_, 'w>,
        not: bool,
    ) -> Result<(), WordsError> {
        let mut rest = letters;
        while let Some(letter) = rest.chars().next() {
            rest = &rest[letter.len_utf8()..];
            let known = GLOBAL.iter().find(|(_, known, _)| *known == letter);
            let Some(&(_, _, takes)) = known.filter(|_| letter != '0') else {
                return Err(WordsError::problem(format_args!(
                    "unknown option \"-{letter}\""
                )));
            };
            let optional = matches!(letter, 'L' | 'S' | 'F' | 'Z' | 'X' | 'w' | 'W');
            let joined = Some(rest).filter(|rest| !rest.is_empty() && (takes || optional));
            let argument = match takes {
                true => joined.or_else(|| words.next()).ok_or_else(|| {
                    WordsError::problem(format_args!("option \"-{letter}\" requires an argument"))
                })?,
                false => "",
            };
            self.option(letter, argument, words, not, joined)?;
            if joined.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn option(
        &mut self,
        letter: char,
        argument: &'w str,
        words: &mut Words<'_, 'w>,
        not: bool,
        joined: Option<&'w str>,
    ) -> Result<(), WordsError> {
        if not && !matches!(letter, 's' | 'd' | 'p' | 'i' | 'o' | 'f') {
            return Err(WordsError::problem(format_args!(
                "cannot have ! before -{letter}"
            )));
        }
        match letter {
            'A' | 'D' | 'C' | 'I' | 'R' | 'N' | 'E' | 'P' => {
                self.command(letter, argument, words, None)
            }
            'L' | 'S' | 'F' | 'Z' | 'X' => self.command(letter, "", words, joined),
            's' | 'd' | 'p' | 'i' | 'o' | 'j' | 'g' | 'f' => {
                self.rule_option(letter, argument, words, not)
            }
            'm' => self.load_match(argument),
            't' => {
                self.table = table_of(argument)?;
                Ok(())
            }
            'c' => {
                let (packets, bytes) = match argument.split_once(',') {
                    Some((packets, bytes)) => (packets, Some(bytes)),
                    None => (argument, words.next_operand()),
                };
                let bytes = bytes
                    .ok_or_else(|| WordsError::problem("-c requires packet and byte counter"))?;
                self.counters = counters(packets, bytes)?;
                Ok(())
            }
            _ => self.plain_option(letter, words, joined),
        }
    }

    /// Options about how things are shown, and about the other program that may change tables too.
    fn plain_option(
        &mut self,
        letter: char,
        words: &mut Words<'_, 'w>,
        joined: Option<&'w str>,
    ) -> Result<(), WordsError> {
        match letter {
            'n' => self.numeric = true,
            'v' => self.verbose = self.verbose.saturating_add(1),
            'x' => self.exact = true,
            '0' => self.line_numbers = true,
            'w' => {
                self.waits = true;
                if joined.is_none() {
                    words.next_operand();
                }
            }
            'W' => {
                self.wait_interval = true;
                if joined.is_none() {
                    words.next_operand();
                }
                self.warnings
                    .push("Ignoring deprecated --wait-interval option.".to_owned());
            }
            'h' => self.command = Some(('h', "", Vec::new())),
            'V' => self.command = Some(('V', "", Vec::new())),
            '4' | '6' => {
                let other = if self.family == Family::V4 { '6' } else { '4' };
                if letter == other {
                    return Err(WordsError {
                        text: String::new(),
                        named: false,
                        ..WordsError::problem("")
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn command(
        &mut self,
        letter: char,
        argument: &'w str,
        words: &mut Words<'_, 'w>,
        joined: Option<&'w str>,
    ) -> Result<(), WordsError> {
        let beside_listing = |one, other| matches!(one, 'L' | 'S') && other == 'Z';
        match &self.command {
            Some((old, ..)) if beside_listing(*old, letter) => {
                self.zero = true;
                return Ok(());
            }
            Some(('Z', ..)) if beside_listing(letter, 'Z') => {
                self.zero = true;
                self.command = None;
            }
            Some((old, ..)) if !matches!(old, 'h' | 'V') => {
                return Err(WordsError::problem(format_args!(
                    "Cannot use -{letter} with -{old}"
                )));
            }
            _ => {}
        }
        let mut more = Vec::new();
        let chain = match letter {
            'L' | 'S' | 'F' | 'Z' | 'X' => {
                let chain = joined.or_else(|| words.next_operand()).unwrap_or("");
                if matches!(letter, 'L' | 'S' | 'Z') && !chain.is_empty() {
                    more.extend(words.next_operand());
                }
                chain
            }
            'I' | 'D' | 'R' => {
                more.extend(words.next_operand());
                argument
            }
            'E' | 'P' => {
                more.extend(words.next_operand());
                argument
            }
            _ => argument,
        };
        match (letter, more.first()) {
            ('R', None) => return Err(WordsError::problem("-R requires a rule number")),
            ('E', None) => {
                return Err(WordsError::problem(
                    "-E requires old-chain-name and new-chain-name",
                ));
            }
            ('P', None) => return Err(WordsError::problem("-P requires a chain and a policy")),
            ('I' | 'D' | 'R' | 'L' | 'S' | 'Z', Some(number)) => {
                rule_number(number)?;
            }
            _ => {}
        }
        if letter == 'N' {
            check_chain_name(chain)?;
        }
        if let ('E', Some(name)) = (letter, more.first()) {
            check_chain_name(name)?;
        }
        self.command = Some((letter, chain, more));
        Ok(())
    }

    fn rule_option(
        &mut self,
        letter: char,
        argument: &'w str,
        words: &mut Words<'_, 'w>,
        not: bool,
    ) -> Result<(), WordsError> {
        let same = if letter == 'g' { 'j' } else { letter };
        if self.given.contains(&same) {
            return Err(WordsError::problem(format_args!(
                "multiple -{letter} flags not allowed"
            )));
        }
        self.given.push(same);
        if argument == "!" {
            return Err(WordsError {
                named: false,
                ..WordsError::problem(format_args!(
                    "Bad argument `{}'",
                    words.next().unwrap_or("!")
                ))
            });
        }
        match letter {
            's' => {
                self.sources = address::networks(self.family, argument)?;
                self.inverted[0] = not;
            }
            'd' => {
                self.destinations = address::networks(self.family, argument)?;
                self.inverted[1] = not;
            }
            'p' => {
                let protocol = address::protocol(argument)?;
                self.any_protocol = protocol.is_none();
                if not && protocol.is_none() {
                    return Err(WordsError::problem("rule would never match protocol"));
                }
                self.rule.protocol = protocol.map(|value| Maybe { not, value });
            }
            'i' => self.rule.iif = self.device(argument, not)?,
            'o' => self.rule.oif = self.device(argument, not)?,
            'f' if self.family == Family::V6 => {
                return Err(WordsError::problem(
                    "`-f' is not supported in IPv6, use -m frag instead",
                ));
            }
            'f' => self.rule.fragment = Some(Maybe { not, value: () }),
            _ => self.target = Some(TargetBuild::new(self.family, argument, letter == 'g')?),
        }
        Ok(())
    }

    fn device(&mut self, name: &str, not: bool) -> Result<Option<Maybe<String>>, WordsError> {
        if name.len() > 15 {
            return Err(WordsError::problem(format_args!(
                "interface name `{name}' must be shorter than IFNAMSIZ (15)"
            )));
        }
        if name.contains(['/', ' ']) {
            self.warnings.push(format!(
                "Warning: weird character in interface `{name}' ('/' and ' ' are not allowed by the kernel)."
            ));
        }
        let everything = (name == "+" || name.is_empty()) && !not;
        Ok((!everything).then(|| Maybe {
            not,
            value: name.to_owned(),
        }))
    }

    fn load_match(&mut self, name: &str) -> Result<(), WordsError> {
        let found = matches::named(self.family, name)?;
        self.matches.push(found);
        Ok(())
    }

    /// `-p tcp` brings the match of that name with it once one of its options is met.
    fn load_protocol_match(&mut self) -> bool {
        let Some(protocol) = self.rule.protocol.filter(|protocol| !protocol.not) else {
            return false;
        };
        let Some(build) = matches::of_protocol(self.family, protocol.value) else {
            return false;
        };
        if self.matches.iter().any(|one| one.name() == build.name()) {
            return false;
        }
        self.matches.push(build);
        true
    }
}
