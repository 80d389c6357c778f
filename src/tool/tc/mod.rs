//! F7: the `tc` command of iproute2 6.1: its options, batches, and the object `qdisc`.
//! Classes and filters are not simulated: the qdiscs here need none.

mod kinds;
mod netem;
mod number;
mod qdisc;
mod show;

use crate::tool::ip::args::{Args, matches};
use crate::tool::ip::batch;
use crate::tool::ip::cannot_open;
use crate::tool::ip::lookup::{Here, Lookup};
use crate::tool::ip::options::{Options, Parsed, color};
use crate::tool::{Call, Failure, Outcome};

const USAGE: &str = "Usage:\ttc [ OPTIONS ] OBJECT { COMMAND | help }\n\
    \ttc [-force] -batch filename\n\
    where  OBJECT := { qdisc | class | filter | chain |\n\
    \t\t    action | monitor | exec }\n\
    \x20      OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[aw] |\n\
    \t\t    -o[neline] | -j[son] | -p[retty] | -c[olor]\n\
    \t\t    -b[atch] [filename] | -n[etns] name | -N[umeric] |\n\
    \t\t     -nm | -nam[es] | { -cf | -conf } path\n\
    \t\t     -br[ief] }\n";

/// Runs `tc`; `argv` begins with its name.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let netns = call.netns;
    let outcome = start(call, argv.get(1..).unwrap_or_default());
    call.netns = netns;
    outcome.unwrap_or_else(|failure| failure.report(call.console))
}

fn start(call: &mut Call<'_>, words: &[String]) -> Result<Outcome, Failure> {
    let mut args = Args::new(words);
    let mut options = match parse_options(&mut args)? {
        Parsed::Run(options) => options,
        Parsed::Version => {
            call.console
                .out("tc utility, iproute2-6.1.0, libbpf 1.1.2\n");
            return Ok(Outcome::Exit(0));
        }
    };
    options.choose_colors(call.env);
    for name in &options.netns {
        let netns = Here(call).netns(name);
        call.netns = netns.ok_or_else(|| cannot_open(name))?;
    }
    if let Some(file) = &options.batch {
        return batch::run_with(call, &options, file, object);
    }
    let words: Vec<&str> = args.rest().iter().map(String::as_str).collect();
    if words.is_empty() {
        return Err(usage());
    }
    object(call, &options, &words)
}

/// The usage: not a failure of `tc`.
fn usage() -> Failure {
    Failure {
        stderr: USAGE.to_owned(),
        status: 0,
    }
}

/// Reads the options off the front of `args`, in the order in which `tc.c` compares abbreviations.
fn parse_options(args: &mut Args<'_, String>) -> Result<Parsed, Failure> {
    let mut options = Options::default();
    while let Some(word) = args.peek().filter(|word| word.starts_with('-')) {
        let _ = args.take();
        let is = |full| matches(word, full);
        if is("-stats") || is("-statistics") {
            options.stats = options.stats.saturating_add(1);
        } else if is("-details") {
            options.details = options.details.saturating_add(1);
        } else if is("-raw") {
            // The place of `ip -r`, which `tc` has not.
            options.resolve = true;
        } else if is("-pretty") {
            options.pretty = true;
        } else if is("-graph") {
            // Of classes only.
        } else if is("-Version") {
            return Ok(Parsed::Version);
        } else if is("-iec") {
            options.iec = true;
        } else if is("-help") {
            return Err(usage());
        } else if is("-force") {
            options.force = true;
        } else if is("-batch") {
            options.batch = Some(args.take().ok_or_else(usage)?.to_owned());
        } else if is("-netns") {
            options.netns.push(args.required()?.to_owned());
        } else if is("-Numeric") || is("-names") || is("-nm") {
            // There are no names of classes.
        } else if is("-cf") || is("-conf") {
            args.required()?;
        } else if let Some(when) = color(word) {
            options.color = when;
        } else if is("-timestamp") || is("-tshort") {
            options.timestamp = options.timestamp.saturating_add(1);
        } else if is("-json") {
            options.json = true;
        } else if is("-oneline") {
            options.oneline = true;
        } else if is("-brief") {
            options.brief = true;
        } else {
            let text = format_args!("Option \"{word}\" is unknown, try \"tc -help\".");
            return Err(Failure::line(255, text));
        }
    }
    Ok(Parsed::Run(options))
}

/// Runs an object's command: `words` are the object and what follows.
fn object(call: &mut Call<'_>, options: &Options, words: &[&str]) -> Result<Outcome, Failure> {
    let (word, rest) = words.split_first().unwrap_or((&"", &[]));
    let is = |full| matches(word, full);
    if is("qdisc") {
        return qdisc::run(call, options, rest);
    }
    for other in ["class", "filter", "chain", "actions", "monitor", "exec"] {
        if is(other) {
            return Err(Failure::not_simulated(format_args!("tc {other}")));
        }
    }
    if is("help") {
        return Err(usage());
    }
    let text = format_args!("Object \"{word}\" is unknown, try \"tc help\".");
    Err(Failure::line(255, text))
}

#[cfg(test)]
mod tests;
