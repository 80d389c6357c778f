//! How docker's client complains about a command line, era by era, and what `--help` prints.
//! What the engine refuses is said elsewhere.

use crate::docker::Era;
use crate::tool::Failure;

use super::Command;

/// An option that the verb does not have, or that lacks its value.
pub(super) fn bad_flag(era: Era, command: &Command, words: &str) -> Failure {
    let Command { path, usage, .. } = command;
    let text = match era {
        Era::Article | Era::Classic => format!("{words}\nSee 'docker {path} --help'."),
        Era::Current => format!(
            "{words}\n\nUsage:  docker {path} {usage}\n\nRun 'docker {path} --help' for more information"
        ),
    };
    Failure::line(125, text)
}

/// Too few or too many words.
pub(super) fn bad_count(era: Era, command: &Command) -> Failure {
    let Command {
        path,
        usage,
        about,
        words: (least, most),
        ..
    } = command;
    let plural = |count: usize| if count == 1 { "argument" } else { "arguments" };
    let need = match (*least, *most) {
        (least, most) if least == most && least == 0 => "accepts no arguments".to_owned(),
        (least, most) if least == most && era == Era::Current => {
            format!("requires {least} {}", plural(least))
        }
        (least, most) if least == most => format!("requires exactly {least} {}", plural(least)),
        (least, super::ANY) => format!("requires at least {least} {}", plural(least)),
        (_, most) => format!("requires at most {most} {}", plural(most)),
    };
    let text = match era {
        Era::Article | Era::Classic => format!(
            "\"docker {path}\" {need}.\nSee 'docker {path} --help'.\n\nUsage:  docker {path} {usage}\n\n{about}"
        ),
        Era::Current => format!(
            "docker: 'docker {path}' {need}\n\nUsage:  docker {path} {usage}\n\nRun 'docker {path} --help' for more information"
        ),
    };
    Failure::line(1, text)
}

/// A verb that there is not.
pub(super) fn unknown(era: Era, word: &str) -> Failure {
    let text = match era {
        Era::Article | Era::Classic => {
            format!("docker: '{word}' is not a docker command.\nSee 'docker --help'")
        }
        Era::Current => {
            format!(
                "docker: unknown command: docker {word}\n\nRun 'docker --help' for more information"
            )
        }
    };
    Failure::line(1, text)
}

/// What `docker run` and `docker create` say where they fail.
pub(super) fn not_run(era: Era, verb: &str, words: &str) -> Failure {
    let text = match era {
        Era::Article | Era::Classic => format!("docker: {words}.\nSee 'docker {verb} --help'."),
        Era::Current => {
            format!("docker: {words}\n\nRun 'docker {verb} --help' for more information")
        }
    };
    Failure::line(125, text)
}

/// What `--help` prints.
pub(super) fn of(command: &Command) -> String {
    let Command {
        path,
        usage,
        about,
        flags,
        ..
    } = command;
    let mut text = format!("\nUsage:  docker {path} {usage}\n\n{about}\n");
    if !flags.is_empty() {
        text.push_str("\nOptions:\n");
        let mut flags: Vec<_> = flags.iter().collect();
        flags.sort_by_key(|flag| flag.long);
        for flag in flags {
            let letter = flag
                .short
                .map_or("    ".to_owned(), |letter| format!("-{letter}, "));
            let value = if flag.value { " string" } else { "" };
            text.push_str(&format!("  {letter}--{}{value}\n", flag.long));
        }
    }
    text
}
