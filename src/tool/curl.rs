//! `curl`: the words that people type to look whether a server answers.
//! What it does is in `program::fetch`.

use std::net::SocketAddr;
use std::time::Duration;

use crate::program::Program;
use crate::program::fetch::curl::{Config, Curl};
use crate::program::fetch::{Job, Sink, Url};
use crate::program::resolve;
use crate::tool::{Call, Failure, Outcome};

/// Runs `curl`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    answer(call, argv).unwrap_or_else(|failure| failure.report(call.console))
}

/// What the words name.
#[derive(Default)]
struct Words {
    config: Config,
    urls: Vec<String>,
    sinks: Vec<Sink>,
    by_name: bool,
}

fn answer(call: &mut Call<'_>, argv: &[String]) -> Result<Outcome, Failure> {
    let mut words = Words::default();
    let mut rest = argv.iter().skip(1).map(String::as_str);
    let mut only_urls = false;
    while let Some(word) = rest.next() {
        match word.strip_prefix('-') {
            _ if only_urls => words.urls.push(word.to_owned()),
            None | Some("") => words.urls.push(word.to_owned()),
            Some("-") => only_urls = true,
            Some(long) if long.starts_with('-') => words.long(word, &mut rest)?,
            Some(letters) => words.short(letters, &mut rest)?,
        }
        if let Some(done) = words.early(call, word) {
            return Ok(done);
        }
    }
    if words.urls.is_empty() {
        return Err(Failure::line(
            2,
            "curl: try 'curl --help' or 'curl --manual' for more information",
        ));
    }
    words.start(call)
}

impl Words {
    fn early(&self, call: &mut Call<'_>, word: &str) -> Option<Outcome> {
        match word {
            "-V" | "--version" => call.console.out("curl 7.88.1 (vethlab)\nProtocols: http\n"),
            "-h" | "--help" => call.console.out("Usage: curl [options...] <url>\n"),
            _ => return None,
        }
        Some(Outcome::Exit(0))
    }

    fn short<'a>(
        &mut self,
        letters: &str,
        rest: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), Failure> {
        let mut chars = letters.chars();
        while let Some(letter) = chars.next() {
            let name = format!("-{letter}");
            if !"owmXdHA".contains(letter) {
                self.flag(&name)?;
                continue;
            }
            let value = match chars.as_str() {
                "" => rest.next().ok_or_else(|| parameter(&name))?,
                inline => inline,
            };
            return self.value(&name, value);
        }
        Ok(())
    }

    fn long<'a>(
        &mut self,
        word: &str,
        rest: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), Failure> {
        const FLAGS: [(&str, &str); 14] = [
            ("--silent", "-s"),
            ("--show-error", "-S"),
            ("--verbose", "-v"),
            ("--include", "-i"),
            ("--head", "-I"),
            ("--fail", "-f"),
            ("--location", "-L"),
            ("--ipv4", "-4"),
            ("--ipv6", "-6"),
            ("--remote-name", "-O"),
            ("--globoff", "-g"),
            ("--insecure", "-k"),
            ("--version", "-V"),
            ("--help", "-h"),
        ];
        const VALUES: [(&str, &str); 11] = [
            ("--output", "-o"),
            ("--write-out", "-w"),
            ("--max-time", "-m"),
            ("--request", "-X"),
            ("--data", "-d"),
            ("--data-raw", "-d"),
            ("--header", "-H"),
            ("--user-agent", "-A"),
            ("--connect-timeout", "--connect-timeout"),
            ("--resolve", "--resolve"),
            ("--url", "--url"),
        ];
        if let Some((_, short)) = FLAGS.iter().find(|(long, _)| *long == word) {
            return self.flag(short);
        }
        if matches!(
            word,
            "--no-progress-meter" | "--http1.1" | "--compressed" | "--no-keepalive"
        ) {
            self.config.meter = false;
            return Ok(());
        }
        match VALUES.iter().find(|(long, _)| *long == word) {
            Some((_, name)) => {
                let value = rest.next().ok_or_else(|| parameter(word))?;
                self.value(name, value)
            }
            None => Err(unknown(word)),
        }
    }

    fn flag(&mut self, name: &str) -> Result<(), Failure> {
        let config = &mut self.config;
        match name {
            "-s" => config.silent = true,
            "-S" => config.show_error = true,
            "-v" => config.verbose = true,
            "-i" => config.include = true,
            "-I" => config.head = true,
            "-f" => config.fail = true,
            "-L" => config.follow = true,
            "-4" => config.family = Some(false),
            "-6" => config.family = Some(true),
            "-O" => self.by_name = true,
            "-g" | "-k" | "-N" | "-V" | "-h" | "-#" => {}
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    fn value(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let config = &mut self.config;
        match name {
            "-o" => self.sinks.push(Sink::named(value)),
            "-w" => config.write_out = value.to_owned(),
            "-m" => config.max_time = Some(seconds(name, value)?),
            "--connect-timeout" => config.connect_timeout = Some(seconds(name, value)?),
            "-X" => config.method = Some(value.to_owned()),
            "-H" => config.headers.push(value.to_owned()),
            "-A" => config.agent = Some(value.to_owned()),
            "--url" => self.urls.push(value.to_owned()),
            "-d" => {
                let data = config.data.get_or_insert_with(Vec::new);
                if !data.is_empty() {
                    data.push(b'&');
                }
                data.extend_from_slice(value.as_bytes());
            }
            "--resolve" => {
                let mut parts = value.splitn(3, ':');
                let mut part = || parts.next().unwrap_or_default();
                let (host, port, at) = (part(), part(), part());
                let port = port.parse().ok();
                let at = at.trim_matches(['[', ']']).parse().ok();
                let (Some(port), Some(at)) = (port, at) else {
                    return Err(Failure::line(
                        49,
                        "curl: (49) Couldn't parse CURLOPT_RESOLVE entry",
                    ));
                };
                config
                    .resolve
                    .push((host.to_owned(), port, SocketAddr::new(at, port)));
            }
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    fn start(mut self, call: &mut Call<'_>) -> Result<Outcome, Failure> {
        let host = call.world.host(call.host).name.clone();
        let mut sinks = std::mem::take(&mut self.sinks).into_iter();
        let mut jobs = Vec::new();
        for text in &self.urls {
            let Some(url) = Url::parse(text) else {
                let said = "curl: (3) URL using bad/illegal format or missing URL";
                return Err(Failure::line(3, said));
            };
            let given = self.config.resolve.iter();
            let given = given.filter(|(name, port, _)| *name == url.host && *port == url.port());
            let mut addresses: Vec<SocketAddr> = given.map(|&(.., at)| at).collect();
            if addresses.is_empty() {
                let found = resolve::lookup(call.world, call.netns, &host, &url.host);
                addresses = found.unwrap_or_default();
                addresses.iter_mut().for_each(|at| at.set_port(url.port()));
            }
            let name = url.path.rsplit('/').next().unwrap_or_default().to_owned();
            let sink = match self.by_name {
                true => Sink::named(&name),
                false => sinks.next().unwrap_or(Sink::Out),
            };
            jobs.push(Job {
                url,
                addresses,
                sink,
            });
        }
        self.config.meter = !call.env.stdout_tty;
        let curl = Curl::new(call.world, call.netns, call.host, self.config, jobs);
        Ok(Outcome::Start(Box::new(Program::Curl(Box::new(curl)))))
    }
}

/// Seconds with a fraction.
fn seconds(name: &str, value: &str) -> Result<Duration, Failure> {
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let number = |text: &str| text.parse::<u64>().ok();
    let millis = format!("{part:0<3}");
    let millis = number(millis.get(..3).unwrap_or("000"));
    match (number(whole), millis) {
        (Some(whole), Some(millis)) => {
            Ok(Duration::from_millis(whole.saturating_mul(1_000) + millis))
        }
        _ => Err(Failure::line(
            2,
            format_args!("curl: option {name}: expected a proper numerical parameter\n{TRY}"),
        )),
    }
}

const TRY: &str = "curl: try 'curl --help' or 'curl --manual' for more information";

fn unknown(name: &str) -> Failure {
    Failure::line(2, format_args!("curl: option {name}: is unknown\n{TRY}"))
}

fn parameter(name: &str) -> Failure {
    Failure::line(
        2,
        format_args!("curl: option {name}: requires parameter\n{TRY}"),
    )
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn failures_have_the_words_and_statuses_of_curl() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        let said = [
            (
                "curl",
                2,
                "curl: try 'curl --help' or 'curl --manual' for more information\n",
            ),
            (
                "curl -sS http://127.0.0.1:8080/",
                7,
                "curl: (7) Failed to connect to 127.0.0.1 port 8080 after 0 ms: Couldn't connect to server\n",
            ),
            (
                "curl -sS http://nosuch.invalid/",
                6,
                "curl: (6) Could not resolve host: nosuch.invalid\n",
            ),
            (
                "curl -sS foo://127.0.0.1/",
                1,
                "curl: (1) Protocol \"foo\" not supported or disabled in libcurl\n",
            ),
            ("curl -s http://127.0.0.1/", 7, ""),
            (
                "curl -sS http://10.9.9.9:80/",
                7,
                "curl: (7) Failed to connect to 10.9.9.9 port 80 after 0 ms: Couldn't connect to server\n",
            ),
        ];
        for (line, status, want) in said {
            let finished = shell.run(line);
            assert_eq!(
                (finished.stderr.as_str(), finished.status),
                (want, status),
                "{line}"
            );
        }
    }
}
