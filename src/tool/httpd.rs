//! `httpd`, as busybox has it: a small web server in the namespace.
//! It serves one page, or the file `index.html` of its directory; what serves is `program::http`.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::program::Program;
use crate::program::http::{Http, Log, Site};
use crate::tool::getopt::{Opt, getopt};
use crate::tool::{Call, Failure, FileError, Outcome};

const USAGE: &str = "Usage: httpd [-ifv] [-p [IP:]PORT] [-h HOME]\n";

/// Runs `httpd`. It stays in the foreground, with `-f` or without.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    answer(call, argv).unwrap_or_else(|failure| failure.report(call.console))
}

fn answer(call: &mut Call<'_>, argv: &[String]) -> Result<Outcome, Failure> {
    let (options, operands) = getopt(argv, "fvip:h:c:u:r:");
    let any = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    let (mut at, mut home, mut log) = (SocketAddr::new(any, 80), String::new(), false);
    for option in &options {
        match option {
            Opt::Value('p', word) => at = place(word).ok_or_else(|| usage(""))?,
            Opt::Value('h', word) => home = format!("{}/", word.trim_end_matches('/')),
            Opt::Flag('v') => log = true,
            Opt::Bad(why) => return Err(usage(&format!("httpd: {why}"))),
            Opt::Flag(_) | Opt::Value(..) => {}
        }
    }
    if let Some(word) = operands.first() {
        at = place(word).ok_or_else(|| usage(""))?;
    }
    let content = match call.files.read(&format!("{home}index.html")) {
        Ok(content) => content,
        Err(FileError::Wait) => return Ok(Outcome::Wait),
        Err(_) => b"<html><body><h1>It works!</h1></body></html>\n".to_vec(),
    };
    let site = Site::page("", "text/html", content);
    let server = Http::listen_at(call.world, call.netns, at, site)
        .map_err(|errno| Failure::line(1, format_args!("httpd: bind: {errno}")))?;
    let server = if log {
        server.with_log(Log::Short)
    } else {
        server
    };
    Ok(Outcome::Start(Box::new(Program::Http(Box::new(server)))))
}

/// `PORT`, `ADDRESS:PORT`.
fn place(word: &str) -> Option<SocketAddr> {
    if let Ok(port) = word.parse::<u16>() {
        return Some(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port));
    }
    word.parse().ok()
}

fn usage(why: &str) -> Failure {
    Failure {
        stderr: format!("{why}{USAGE}"),
        status: 1,
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::program::fetch::curl::{Config, Curl};
    use crate::program::fetch::{Job, Sink, Url};
    use crate::program::http::{Http, Site};
    use crate::program::{Console, Piece, Poll, Program};

    #[test]
    fn a_page_comes_to_curl_whole() {
        let mut world = World::new(0);
        let netns = world.host(world.default_host()).root;
        let server = Http::listen(
            &mut world,
            netns,
            80,
            Site::page("", "text/plain", "hello\n"),
        );
        let mut server = Program::Http(Box::new(server.unwrap()));
        let job = Job {
            url: Url::parse("http://127.0.0.1/").unwrap(),
            addresses: vec![([127, 0, 0, 1], 80).into()],
            sink: Sink::Out,
        };
        let host = world.default_host();
        let mut client = Curl::new(&world, netns, host, Config::default(), vec![job]);
        let (mut console, mut other) = (Console::default(), Console::default());
        let mut status = None;
        for _ in 0..200 {
            if let Poll::Exit(code) = client.poll(&mut world, &mut console) {
                status = Some(code);
                break;
            }
            server.poll(&mut world, &mut other);
            world.step().unwrap();
        }
        assert_eq!(status, Some(0));
        assert_eq!(console.take(), [Piece::Out(b"hello\n".to_vec())]);
    }
}
