//! `wget`: the words that people type to fetch a page.
//! What it does is in `program::fetch`.

use std::time::Duration;

use crate::program::Program;
use crate::program::fetch::wget::{Config, Wget};
use crate::program::fetch::{Job, Sink, Url};
use crate::program::resolve;
use crate::tool::{Call, Failure, Outcome};

/// Runs `wget`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    answer(call, argv).unwrap_or_else(|failure| failure.report(call.console))
}

fn answer(call: &mut Call<'_>, argv: &[String]) -> Result<Outcome, Failure> {
    let mut config = Config {
        tries: 20,
        ..Config::default()
    };
    let (mut urls, mut document, mut family) = (Vec::new(), None, None);
    let mut words = argv.iter().skip(1).map(String::as_str);
    while let Some(word) = words.next() {
        let (name, inline) = match word.split_once('=').filter(|_| word.starts_with("--")) {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let mut value = || inline.or_else(|| words.next());
        match name {
            "--quiet" => config.quiet = true,
            "-nv" | "--no-verbose" => config.terse = true,
            "--server-response" => config.server = true,
            "--spider" => config.spider = true,
            "--output-document" => document = value(),
            "--timeout" | "--connect-timeout" => config.timeout = value().and_then(seconds),
            "--tries" => config.tries = number(value().unwrap_or_default())?,
            "--inet4-only" => family = Some(false),
            "--inet6-only" => family = Some(true),
            "--no-check-certificate" | "--no-cache" | "--no-proxy" => {}
            _ if name.starts_with("--") => return Err(unknown(name)),
            _ if word.starts_with('-') && word.len() > 1 => {
                let mut letters = word[1..].chars();
                while let Some(letter) = letters.next() {
                    let inline = Some(letters.as_str()).filter(|rest| !rest.is_empty());
                    match letter {
                        'q' => config.quiet = true,
                        'S' => config.server = true,
                        '4' => family = Some(false),
                        '6' => family = Some(true),
                        'O' | 'T' | 't' => {
                            let value = inline.or_else(|| words.next());
                            let value = value.ok_or_else(|| lacks(letter))?;
                            match letter {
                                'O' => document = Some(value),
                                'T' => config.timeout = seconds(value),
                                _ => config.tries = number(value)?,
                            }
                            break;
                        }
                        _ => {
                            return Err(usage(&format!("wget: invalid option -- '{letter}'\n")));
                        }
                    }
                }
            }
            _ => urls.push(word),
        }
    }
    if urls.is_empty() {
        return Err(usage("wget: missing URL\n"));
    }
    let host = call.world.host(call.host).name.clone();
    let mut jobs = Vec::new();
    for text in urls {
        let url = Url::parse(text)
            .ok_or_else(|| Failure::line(1, format_args!("{text}: Invalid host name.")))?;
        if url.scheme != "http" {
            return Err(Failure::not_simulated(format_args!(
                "wget of {}",
                url.scheme
            )));
        }
        let found = resolve::lookup(call.world, call.netns, &host, &url.host);
        let mut addresses = found.unwrap_or_default();
        addresses.retain(|at| family.is_none_or(|v6| v6 == at.is_ipv6()));
        addresses.iter_mut().for_each(|at| at.set_port(url.port()));
        let name = url.path.rsplit('/').next().filter(|name| !name.is_empty());
        let sink = Sink::named(document.unwrap_or(name.unwrap_or("index.html")));
        jobs.push(Job {
            url,
            addresses,
            sink,
        });
    }
    let wget = Wget::new(call.world, call.netns, config, jobs);
    Ok(Outcome::Start(Box::new(Program::Wget(Box::new(wget)))))
}

/// Seconds; 0 waits for ever.
fn seconds(text: &str) -> Option<Duration> {
    let millis = match text.split_once('.') {
        Some((whole, part)) => {
            let part = format!("{part:0<3}");
            whole.parse::<u64>().ok()? * 1_000 + part.get(..3)?.parse::<u64>().ok()?
        }
        None => text.parse::<u64>().ok()?.checked_mul(1_000)?,
    };
    (millis > 0).then(|| Duration::from_millis(millis))
}

fn number(text: &str) -> Result<u32, Failure> {
    text.parse()
        .map_err(|_| usage(&format!("wget: --tries: Invalid number '{text}'.\n")))
}

fn lacks(letter: char) -> Failure {
    usage(&format!(
        "wget: option requires an argument -- '{letter}'\n"
    ))
}

fn unknown(name: &str) -> Failure {
    usage(&format!("wget: unrecognized option '{name}'\n"))
}

fn usage(why: &str) -> Failure {
    Failure {
        stderr: format!(
            "{why}Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n"
        ),
        status: 1,
    }
}
