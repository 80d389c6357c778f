//! `docker`: words to requests of the engine on this host, and its answers as docker's client prints them.
//! What an engine does is in `docker`; what it builds is the kernel floor's.

mod clock;
mod commands;
mod container;
mod exec;
mod files;
mod flags;
mod help;
mod inspect;
mod list;
mod network;
mod network_view;
mod ports;
mod ps;
mod run;
mod service;
mod swarm;
pub mod table;
mod template;
#[cfg(test)]
mod tests;

use crate::docker::{Era, Fault};
use crate::tool::{Call, Failure, Outcome};

pub(in crate::tool) use files::file_of_container;
use flags::Read;

/// What a verb gives.
type Said = Result<Outcome, Failure>;

/// A verb of docker's: its words, how it is called, and what it does.
#[derive(Clone, Copy)]
struct Command {
    /// `network create`.
    path: &'static str,
    /// What follows the path in its usage.
    usage: &'static str,
    /// What it is for.
    about: &'static str,
    /// How few and how many words it takes.
    words: (usize, usize),
    /// The options that it takes.
    flags: &'static [flags::Flag],
    /// Whether options end at the first word that is none.
    stops: bool,
    /// What it does.
    run: fn(&mut Call<'_>, &Read) -> Said,
}

/// No bound on the words of a verb.
const ANY: usize = usize::MAX;

/// Runs `docker`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words: Vec<&str> = argv.iter().skip(1).map(String::as_str).collect();
    dispatch(call, &words).unwrap_or_else(|failure| failure.report(call.console))
}

fn dispatch(call: &mut Call<'_>, words: &[&str]) -> Said {
    let words = skip_globals(words);
    if let ["container", "--ended", rest @ ..] = words {
        return Ok(run::ended(call, rest));
    }
    let (command, rest) = match commands::find(words) {
        commands::Found::Command(command, rest) => (command, rest),
        commands::Found::Help(text) => {
            call.console.out(text);
            return Ok(Outcome::Exit(0));
        }
        commands::Found::Unknown(word) => return Err(help::unknown(era(call), &word)),
        commands::Found::NotSimulated(word) => {
            return Err(Failure::not_simulated(format_args!("docker {word}")));
        }
    };
    let read = flags::read(command.flags, rest, command.stops)
        .map_err(|words| help::bad_flag(era(call), &command, &words))?;
    if read.help {
        call.console.out(help::of(&command));
        return Ok(Outcome::Exit(0));
    }
    let count = read.words.len();
    if count < command.words.0 || count > command.words.1 {
        return Err(help::bad_count(era(call), &command));
    }
    (command.run)(call, &read)
}

/// Options before the verb: which engine, how chatty. There is one engine.
fn skip_globals<'a, 'b>(mut words: &'a [&'b str]) -> &'a [&'b str] {
    loop {
        words = match words {
            ["-D" | "--debug" | "--tls" | "--tlsverify", rest @ ..] => rest,
            [
                "-H" | "--host" | "-c" | "--context" | "-l" | "--log-level" | "--config",
                _,
                rest @ ..,
            ] => rest,
            [word, rest @ ..]
                if ["--host=", "--context=", "--log-level=", "--config="]
                    .iter()
                    .any(|option| word.starts_with(option)) =>
            {
                rest
            }
            _ => return words,
        };
    }
}

/// The generation of the engines.
fn era(call: &Call<'_>) -> Era {
    call.docker.era
}

/// What the engine refused, as the client prints it.
fn refused(era: Era, fault: &Fault) -> Failure {
    let words = fault.words(era);
    Failure::line(1, format_args!("Error response from daemon: {words}"))
}

/// What was not found, as the client of the era prints it: up to 20.10 clients had words of their own for it.
fn not_found(era: Era, fault: &Fault) -> Failure {
    match (era, fault) {
        (Era::Article, Fault::NetworkNotFound(name)) => {
            Failure::line(1, format_args!("Error: No such network: {name}"))
        }
        _ => refused(era, fault),
    }
}

/// Does something for each word, prints the words that went well, and then what did not.
fn each(
    call: &mut Call<'_>,
    words: &[String],
    mut act: impl FnMut(&mut Call<'_>, &str) -> Result<(), Fault>,
) -> Said {
    let mut failed = String::new();
    for word in words {
        match act(call, word) {
            Ok(()) => call.console.out(format!("{word}\n")),
            Err(fault) => failed.push_str(&not_found(era(call), &fault).stderr),
        }
    }
    if failed.is_empty() {
        return Ok(Outcome::Exit(0));
    }
    call.console.err(failed);
    Ok(Outcome::Exit(1))
}
