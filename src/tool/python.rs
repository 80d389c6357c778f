//! `python3 -m http.server`: the web server that people start in a namespace to have something to ask.
//! It serves `index.html` of its directory, or an empty listing; any other Python is the machine's own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::files::real;
use crate::program::Program;
use crate::program::http::{Http, Log, Site};
use crate::tool::{Call, FileError, Outcome};

/// The `Server` header of Debian 12's Python.
const SERVER: &str = "SimpleHTTP/0.6 Python/3.11.2";

const LISTING: &str = "<!DOCTYPE HTML>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<title>Directory listing for /</title>
</head>
<body>
<h1>Directory listing for /</h1>
<hr>
<ul>
</ul>
<hr>
</body>
</html>
";

/// Serves, or becomes the real Python.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words = argv.get(1..).unwrap_or_default();
    let Some(Server { at, directory }) = Server::parse(words) else {
        return real(
            call,
            argv.first()
                .map_or("python3", |name| name.rsplit('/').next().unwrap_or(name)),
            argv,
        );
    };
    let content = match call.files.read(&format!("{directory}index.html")) {
        Ok(content) => content,
        Err(FileError::Wait) => return Outcome::Wait,
        Err(_) => LISTING.into(),
    };
    let site = Site::page(SERVER, "text/html; charset=utf-8", content);
    match Http::listen_at(call.world, call.netns, at, site) {
        Ok(server) => {
            // What it prints to a pipe stays in its buffer.
            if call.env.stdout_tty {
                let (ip, port) = (at.ip(), at.port());
                call.console.out(format!(
                    "Serving HTTP on {ip} port {port} (http://{at}/) ...\n"
                ));
            }
            Outcome::Start(Box::new(Program::Http(Box::new(
                server.with_log(Log::Python),
            ))))
        }
        Err(errno) => {
            // The last line of what a real one prints.
            let number = errno.number();
            call.console
                .err(format!("OSError: [Errno {number}] {errno}\n"));
            Outcome::Exit(1)
        }
    }
}

/// Whether the words after `python3` start its web server.
pub(super) fn serves(words: &[String]) -> bool {
    Server::parse(words).is_some()
}

/// Where it serves what.
#[derive(PartialEq, Eq, Debug)]
struct Server {
    at: SocketAddr,
    /// With a slash at its end where it is not the working directory.
    directory: String,
}

impl Server {
    fn parse(words: &[String]) -> Option<Self> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let words = match words[..] {
            ["-u", ref rest @ ..] => rest,
            ref words => words,
        };
        let ["-m", "http.server", rest @ ..] = words else {
            return None;
        };
        let (mut ip, mut port, mut directory) =
            (IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8000, String::new());
        let mut rest = rest.iter();
        while let Some(word) = rest.next() {
            match *word {
                "-b" | "--bind" => ip = rest.next()?.parse().ok()?,
                "-d" | "--directory" => {
                    directory = format!("{}/", rest.next()?.trim_end_matches('/'))
                }
                word => port = word.parse().ok()?,
            }
        }
        let at = SocketAddr::new(ip, port);
        Some(Self { at, directory })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_server_is_ours() {
        for (line, want) in [
            ("-m http.server", Some("0.0.0.0:8000")),
            ("-m http.server --bind 10.0.0.1 5000", Some("10.0.0.1:5000")),
            ("-u -m http.server 80 -d /srv/", Some("0.0.0.0:80")),
            ("-m http.server --cgi", None),
            ("-m json.tool", None),
            ("script.py", None),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let server = Server::parse(&words);
            assert_eq!(
                server.map(|server| server.at.to_string()).as_deref(),
                want,
                "{line}"
            );
        }
    }
}
