//! Options as the C library's `getopt` takes them: joined, with values, among the operands.
//! What an option means is the tool's.

/// One option of a command line, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opt<'a> {
    /// An option without a value.
    Flag(char),
    /// An option with its value.
    Value(char, &'a str),
    /// An option that there is not, or that lacks its value: the words of `getopt` without the
    /// tool's name, newline included.
    Bad(String),
}

/// Sorts the words of a command, the first one its name, into options and operands. `spec` names the
/// options as `getopt` takes them: a colon follows one that has a value. Behind `--` all are operands.
///
/// ```
/// use vethlab::tool::getopt::{Opt, getopt};
///
/// let argv: Vec<String> = ["ping", "10.0.0.1", "-qc2"].map(String::from).into();
/// let (options, operands) = getopt(&argv, "c:q");
/// assert_eq!(options, [Opt::Flag('q'), Opt::Value('c', "2")]);
/// assert_eq!(operands, ["10.0.0.1"]);
/// ```
pub fn getopt<'a>(argv: &'a [String], spec: &str) -> (Vec<Opt<'a>>, Vec<&'a str>) {
    let (mut options, mut operands) = (Vec::new(), Vec::new());
    let mut words = argv.iter().skip(1).map(String::as_str);
    while let Some(word) = words.next() {
        match word.strip_prefix('-') {
            Some("-") => operands.extend(words.by_ref()),
            Some(letters) if !letters.is_empty() => {
                cluster(letters, spec, &mut words, &mut options);
            }
            _ => operands.push(word),
        }
    }
    (options, operands)
}

/// The options of one word.
fn cluster<'a>(
    letters: &'a str,
    spec: &str,
    words: &mut impl Iterator<Item = &'a str>,
    options: &mut Vec<Opt<'a>>,
) {
    let mut rest = letters.chars();
    while let Some(letter) = rest.next() {
        let known = spec.find(letter).filter(|_| letter != ':');
        let Some(at) = known else {
            options.push(Opt::Bad(format!("invalid option -- '{letter}'\n")));
            continue;
        };
        if !spec[at + letter.len_utf8()..].starts_with(':') {
            options.push(Opt::Flag(letter));
            continue;
        }
        let value = match rest.as_str() {
            "" => words.next(),
            joined => Some(joined),
        };
        options.push(match value {
            Some(value) => Opt::Value(letter, value),
            None => Opt::Bad(format!("option requires an argument -- '{letter}'\n")),
        });
        return;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(line: &str) -> (Vec<String>, Vec<String>) {
        let argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let (options, operands) = getopt(&argv, "ac:w:");
        let shown = options.iter().map(|option| format!("{option:?}")).collect();
        (shown, operands.into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn options_and_operands_may_be_mixed() {
        let (options, operands) = sorted("x one -ac 3 two -w5 -- -a");
        assert_eq!(
            options,
            ["Flag('a')", "Value('c', \"3\")", "Value('w', \"5\")"]
        );
        assert_eq!(operands, ["one", "two", "-a"]);
    }

    #[test]
    fn a_lone_dash_is_an_operand() {
        assert_eq!(sorted("x - -a").1, ["-"]);
    }

    #[test]
    fn what_is_wrong_has_its_place_in_the_order() {
        let (options, _) = sorted("x -azc");
        assert_eq!(options[0], "Flag('a')");
        assert_eq!(options[1], r#"Bad("invalid option -- 'z'\n")"#);
        assert_eq!(options[2], r#"Bad("option requires an argument -- 'c'\n")"#);
    }
}
