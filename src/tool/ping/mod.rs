//! `ping`, `ping4` and `ping6` of iputils: their options, to be run by `program::ping`.
//! Node information queries (`-N`) and timestamps of given nodes (`-T tsprespec`) are not simulated.

mod options;
mod words;

use self::words::NODE_INFO_HELP;
use super::getopt::getopt;
use super::iputils::VERSION;
use super::{Call, Failure, Outcome};
use crate::program::Program;
use crate::program::ping::{Options, Ping};

const SPEC: &str = "h?4bRT:6F:N:aABc:CdDe:fi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:";

/// A reading of the options that has begun.
struct Reading<'c, 'a> {
    call: &'c mut Call<'a>,
    tool: String,
    options: Options,
    pattern: Option<String>,
}

/// How the reading ends early: with a failure, or as it should.
enum End {
    Failure(Failure),
    Version,
    Help,
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Runs `ping`, or `ping4`, `ping6`: `argv[0]` says which.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let tool = argv.first().map_or("ping", String::as_str).to_owned();
    let v6 = match tool.as_bytes().last() {
        Some(b'4') => Some(false),
        Some(b'6') => Some(true),
        _ => None,
    };
    let options = Options {
        tool: tool.clone(),
        v6,
        ident: call.env.ident,
        columns: call.env.columns.filter(|_| call.env.stdout_tty),
        ..Options::default()
    };
    let (given, targets) = getopt(argv, SPEC);
    let mut reading = Reading {
        call,
        tool,
        options,
        pattern: None,
    };
    let read = given
        .into_iter()
        .try_for_each(|option| reading.take(option));
    let finished = read.and_then(|()| reading.finish(&targets));
    let Reading {
        call,
        tool,
        options,
        ..
    } = reading;
    match finished {
        Ok(target) => start(call, options, &target),
        Err(End::Failure(failure)) => failure.report(call.console),
        Err(End::Version) => {
            call.console.out(tool_version(&tool));
            Outcome::Exit(0)
        }
        Err(End::Help) => {
            call.console.out(NODE_INFO_HELP);
            Outcome::Exit(0)
        }
    }
}

/// `-V` always names `ping`, however it was called.
fn tool_version(_tool: &str) -> String {
    format!("ping{VERSION}")
}

fn start(call: &mut Call<'_>, options: Options, target: &str) -> Outcome {
    let hostname = call.world.hostname(call.host, call.netns).to_owned();
    let begun = Ping::start(
        call.world,
        call.netns,
        &hostname,
        options,
        target,
        call.console,
    );
    match begun {
        Ok(ping) => Outcome::Start(Box::new(Program::Ping(Box::new(ping)))),
        Err(status) => Outcome::Exit(status),
    }
}

#[cfg(test)]
mod tests;
