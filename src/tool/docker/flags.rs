//! Options as docker's command line takes them: `--name web`, `--name=web`, `-it`, `-p8080:80`.
//! What an option means is the verb's business.

/// An option that a verb takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flag {
    /// Its long name.
    pub long: &'static str,
    /// Its letter.
    pub short: Option<char>,
    /// Whether it takes a value; else it is on or off.
    pub value: bool,
}

/// An option with a value.
pub const fn takes(long: &'static str) -> Flag {
    Flag {
        long,
        short: None,
        value: true,
    }
}

/// An option with a value, and its letter.
pub const fn takes_short(long: &'static str, short: char) -> Flag {
    Flag {
        long,
        short: Some(short),
        value: true,
    }
}

/// An option that is on or off.
pub const fn switch(long: &'static str) -> Flag {
    Flag {
        long,
        short: None,
        value: false,
    }
}

/// An option that is on or off, and its letter.
pub const fn switch_short(long: &'static str, short: char) -> Flag {
    Flag {
        long,
        short: Some(short),
        value: false,
    }
}

/// A command line that has been read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Read {
    given: Vec<(&'static str, String)>,
    /// What is no option.
    pub words: Vec<String>,
    /// Whether help was asked for.
    pub help: bool,
}

impl Read {
    /// The last value of an option.
    pub fn value(&self, long: &str) -> Option<&str> {
        let mut given = self.given.iter().rev();
        let found = given.find(|(known, _)| *known == long);
        found.map(|(_, value)| value.as_str())
    }

    /// All values of an option.
    pub fn values<'a>(&'a self, long: &'a str) -> impl Iterator<Item = &'a str> {
        let given = self.given.iter().filter(move |(known, _)| *known == long);
        given.map(|(_, value)| value.as_str())
    }

    /// Whether a switch is on.
    pub fn on(&self, long: &str) -> bool {
        matches!(
            self.value(long),
            Some("true" | "1" | "t" | "T" | "TRUE" | "True")
        )
    }
}

/// Reads the words after the verb; where `stops`, the first word that is no option ends them.
///
/// # Errors
/// The words of the complaint, without the hint to the help.
pub fn read(flags: &[Flag], words: &[&str], stops: bool) -> Result<Read, String> {
    let mut read = Read::default();
    let mut rest = words;
    while let Some((&word, after)) = rest.split_first() {
        rest = after;
        if word == "--" {
            read.words
                .extend(rest.iter().map(|word| (*word).to_owned()));
            break;
        }
        if let Some(long) = word.strip_prefix("--") {
            rest = read_long(flags, long, rest, &mut read)?;
        } else if word.len() > 1 && word.starts_with('-') {
            rest = read_letters(flags, word, rest, &mut read)?;
        } else {
            read.words.push(word.to_owned());
            if stops {
                read.words
                    .extend(rest.iter().map(|word| (*word).to_owned()));
                break;
            }
        }
    }
    Ok(read)
}

fn read_long<'a, 'b>(
    flags: &[Flag],
    word: &str,
    rest: &'a [&'b str],
    read: &mut Read,
) -> Result<&'a [&'b str], String> {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    };
    let Some(flag) = flags.iter().find(|flag| flag.long == name) else {
        if name == "help" {
            read.help = true;
            return Ok(rest);
        }
        return Err(format!("unknown flag: --{name}"));
    };
    let (value, rest) = match (value, flag.value, rest.split_first()) {
        (Some(value), ..) => (value, rest),
        (None, false, _) => ("true", rest),
        (None, true, Some((value, rest))) => (*value, rest),
        (None, true, None) => return Err(format!("flag needs an argument: --{name}")),
    };
    read.given.push((flag.long, value.to_owned()));
    Ok(rest)
}

fn read_letters<'a, 'b>(
    flags: &[Flag],
    word: &str,
    mut rest: &'a [&'b str],
    read: &mut Read,
) -> Result<&'a [&'b str], String> {
    let letters = word.get(1..).unwrap_or_default();
    for (at, letter) in letters.char_indices() {
        let Some(flag) = flags.iter().find(|flag| flag.short == Some(letter)) else {
            if letter == 'h' {
                read.help = true;
                return Ok(rest);
            }
            return Err(format!("unknown shorthand flag: '{letter}' in {word}"));
        };
        let tail = letters.get(at + letter.len_utf8()..).unwrap_or_default();
        if !flag.value {
            let value = tail.strip_prefix('=');
            read.given
                .push((flag.long, value.unwrap_or("true").to_owned()));
            if value.is_some() {
                break;
            }
            continue;
        }
        let value = match (tail, rest.split_first()) {
            ("", Some((value, after))) => {
                rest = after;
                *value
            }
            ("", None) => return Err(format!("flag needs an argument: '{letter}' in {word}")),
            (tail, _) => tail.strip_prefix('=').unwrap_or(tail),
        };
        read.given.push((flag.long, value.to_owned()));
        break;
    }
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[
        switch_short("interactive", 'i'),
        switch_short("tty", 't'),
        switch("rm"),
        takes("name"),
        takes_short("publish", 'p'),
    ];

    fn words(line: &str, stops: bool) -> Result<Read, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        read(FLAGS, &words, stops)
    }

    #[test]
    fn options_have_all_their_forms() {
        for line in [
            "-it --rm --name web -p 8080:80 alpine ls -l",
            "-ti --rm=true --name=web -p8080:80 alpine ls -l",
            "-i=true -t --rm --name web -p=8080:80 -- alpine ls -l",
        ] {
            let read = words(line, true).unwrap();
            assert!(
                read.on("interactive") && read.on("tty") && read.on("rm"),
                "{line}"
            );
            assert_eq!(read.value("name"), Some("web"));
            assert_eq!(read.value("publish"), Some("8080:80"), "{line}");
            assert_eq!(read.words, ["alpine", "ls", "-l"], "{line}");
        }
        assert_eq!(words("a --rm b", false).unwrap().words, ["a", "b"]);
        assert!(!words("--rm=false", false).unwrap().on("rm"));
    }

    #[test]
    fn complaints_name_the_option() {
        for (line, want) in [
            ("--nope", "unknown flag: --nope"),
            ("-x", "unknown shorthand flag: 'x' in -x"),
            ("--name", "flag needs an argument: --name"),
            ("-ip", "flag needs an argument: 'p' in -ip"),
        ] {
            assert_eq!(words(line, false), Err(want.to_owned()), "{line}");
        }
    }
}
