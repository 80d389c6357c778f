//! One command line as typed in a shell: its words, and words written so that a shell reads them back.
//! What a shell does beyond words (pipes, variables, redirections) is refused with its name.

/// The words of a command line; nothing for a comment.
///
/// # Errors
/// Where a quote is not closed, or where the line needs a real shell.
///
/// ```
/// use vethlab::scenario::line::words;
///
/// assert_eq!(words("ip link set 'my dev' up # now").unwrap(), ["ip", "link", "set", "my dev", "up"]);
/// assert!(words("ip link | grep br0").unwrap_err().contains("a pipe"));
/// ```
pub fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '#' if word.is_none() => break,
            '\\' => word
                .get_or_insert_default()
                .push(chars.next().ok_or("a backslash at the end of the line")?),
            '\'' => single(&mut chars, word.get_or_insert_default())?,
            '"' => double(&mut chars, word.get_or_insert_default())?,
            _ => match needs_shell(c) {
                Some(what) => return Err(refused(what)),
                None => word.get_or_insert_default().push(c),
            },
        }
    }
    words.extend(word);
    Ok(words)
}

fn refused(what: &str) -> String {
    format!(
        "{what} needs a real shell (`vethlab exec`): here each line is one command; quote the sign if it is meant"
    )
}

fn needs_shell(c: char) -> Option<&'static str> {
    match c {
        '|' => Some("a pipe"),
        '&' => Some("`&`"),
        ';' => Some("`;`"),
        '<' | '>' => Some("a redirection"),
        '(' | ')' => Some("a subshell"),
        '$' => Some("a variable"),
        '`' => Some("a command substitution"),
        _ => None,
    }
}

fn single(chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), String> {
    loop {
        match chars.next() {
            Some('\'') => return Ok(()),
            Some(c) => word.push(c),
            None => return Err("a quote that is not closed".to_owned()),
        }
    }
}

/// What stands in double quotes: a backslash keeps its meaning before `$`, backtick, `"` and itself only.
fn double(chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), String> {
    loop {
        match chars.next() {
            Some('"') => return Ok(()),
            Some('\\') => match chars.next() {
                Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                Some(c) => word.extend(['\\', c]),
                None => return Err("a quote that is not closed".to_owned()),
            },
            Some('$') => return Err(refused("a variable")),
            Some('`') => return Err(refused("a command substitution")),
            Some(c) => word.push(c),
            None => return Err("a quote that is not closed".to_owned()),
        }
    }
}

/// A word as a shell has to be given it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+^".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Words as one command line.
pub fn joined(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_needs_a_shell_is_named() {
        for (line, what) in [
            ("ip a | wc", "a pipe"),
            ("ip a > f", "a redirection"),
            ("ip a; ip r", "`;`"),
            ("sleep 3 &", "`&`"),
            ("echo $x", "a variable"),
            ("echo \"$x\"", "a variable"),
            ("echo `x`", "a command substitution"),
            ("(ip a)", "a subshell"),
        ] {
            assert!(words(line).unwrap_err().starts_with(what), "{line}");
        }
        assert!(words("echo 'a|b' \"c;d\"").is_ok());
        assert!(words("echo 'open").is_err());
    }

    proptest! {
        #[test]
        fn joined_words_are_read_back(all in prop::collection::vec("\\PC{0,8}", 0..6)) {
            prop_assert_eq!(words(&joined(&all)).unwrap(), all);
        }
    }
}
