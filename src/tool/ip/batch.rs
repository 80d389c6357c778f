//! `ip -batch FILE`: one command a line, with comments, quotes and continuation lines.
//! What a line does is the object's own.

use crate::tool::call::FileError;
use crate::tool::{Call, Failure, Outcome};

use super::options::Options;

/// Runs the lines of `file`, or of standard input (`-`), until one fails.
///
/// # Errors
/// What leaves the whole of `ip`: a malformed line, a quote that is not closed.
pub fn run(call: &mut Call<'_>, options: &Options, file: &str) -> Result<Outcome, Failure> {
    run_with(call, options, file, super::object)
}

/// The same for any tool of iproute2: `object` runs the words of a line.
///
/// # Errors
/// What leaves the whole of the tool.
pub fn run_with(
    call: &mut Call<'_>,
    options: &Options,
    file: &str,
    object: super::Object,
) -> Result<Outcome, Failure> {
    let content = if file == "-" {
        call.files.stdin()
    } else {
        call.files.read(file)
    };
    let content = match content {
        Ok(content) => content,
        Err(FileError::Wait) => return Ok(Outcome::Wait),
        Err(error) => {
            let text = format_args!("Cannot open file \"{file}\" for reading: {error}");
            return Err(Failure::line(1, text));
        }
    };
    let content = String::from_utf8_lossy(&content);
    let netns = call.netns;
    let mut status = 0;
    for (number, line) in logical_lines(&content) {
        let words = words(&line)?;
        if words.is_empty() {
            continue;
        }
        let failed = command(call, options, &words, object)?;
        call.netns = netns;
        if failed {
            call.console
                .err(format!("Command failed {file}:{number}\n"));
            status = 1;
            if !options.force {
                break;
            }
        }
    }
    Ok(Outcome::Exit(status))
}

/// Whether a command failed. One that leaves `ip` by itself ends the batch with its status.
fn command(
    call: &mut Call<'_>,
    options: &Options,
    words: &[&str],
    object: super::Object,
) -> Result<bool, Failure> {
    match object(call, options, words) {
        Ok(Outcome::Exit(status)) => Ok(status != 0),
        Ok(Outcome::Start(_) | Outcome::Wait | Outcome::Each(_) | Outcome::Then(_)) => Err(
            Failure::not_simulated("a command that takes time in a batch of ip"),
        ),
        Ok(Outcome::Exec(request)) => match crate::tool::run_now(call, &request) {
            Some(status) => Ok(status != 0),
            None => Err(Failure::not_simulated(
                "a command that takes time in a batch of ip",
            )),
        },
        Err(failure) if leaves(&failure) => Err(failure),
        Err(failure) => {
            failure.report(call.console);
            Ok(true)
        }
    }
}

/// Whether iproute2 exits at once, in the middle of its code, and does not go back to its loop.
fn leaves(failure: &Failure) -> bool {
    failure.status == 255 || failure.stderr.contains(" is expected rather than \"")
}

/// The lines with the number of the last physical line of each: comments cut off, and lines
/// that end in a backslash joined (`getcmdline`).
fn logical_lines(content: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut pending = String::new();
    for (number, line) in (1..).zip(content.lines()) {
        let line = line.split('#').next().unwrap_or_default();
        match line.strip_suffix('\\') {
            Some(begun) => pending.push_str(begun),
            None => {
                pending.push_str(line);
                lines.push((number, std::mem::take(&mut pending)));
            }
        }
    }
    lines
}

/// The words of a line; a word that begins with a quote ends with it (`makeargs`).
fn words(line: &str) -> Result<Vec<&str>, Failure> {
    let blank = [' ', '\t', '\r', '\n'];
    let mut words = Vec::new();
    let mut rest = line.trim_start_matches(blank);
    while let Some(first) = rest.chars().next() {
        let (word, after) = if first == '\'' || first == '"' {
            rest.get(1..)
                .and_then(|quoted| quoted.split_once(first))
                .ok_or_else(|| Failure::line(1, "Unterminated quoted string"))?
        } else {
            rest.split_at(rest.find(blank).unwrap_or(rest.len()))
        };
        words.push(word);
        rest = after.trim_start_matches(blank);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_cut_and_continued_lines_joined() {
        let lines = logical_lines("link add a\\\n type veth # pair\n\n# all\naddr\n");
        assert_eq!(
            lines,
            [
                (2, "link add a type veth ".to_owned()),
                (3, String::new()),
                (4, String::new()),
                (5, "addr".to_owned()),
            ]
        );
    }

    #[test]
    fn quoted_words_keep_their_blanks() {
        assert_eq!(
            words("link set a alias 'up link' \"\"").unwrap(),
            ["link", "set", "a", "alias", "up link", ""]
        );
        assert_eq!(
            words("link 'a").unwrap_err().stderr,
            "Unterminated quoted string\n"
        );
    }
}
