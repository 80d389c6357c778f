//! `nc`: the words of Debian's netcat-traditional 1.10-47, and what people type for OpenBSD's.
//! What it does is in `program::nc`.
//!
//! OpenBSD's `-4`, `-6` and `-N` are taken, and `nc -l PORT` listens there, where netcat-traditional draws a port.
//! A program behind the connection (`-e`, `-c`), source routes and hex dumps are not simulated.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::program::Program;
use crate::program::nc::{Config, Nc};
use crate::program::resolve;
use crate::tool::getopt::{Opt, getopt};
use crate::tool::{Call, Failure, Outcome};
use crate::wire::services;
use crate::wire::services::Transport;

const HELP: &str = "[v1.10-47]
connect to somewhere:\tnc [-options] hostname port[s] [ports] ... 
listen for inbound:\tnc -l -p port [-options] [hostname] [port]
options:
\t-c shell commands\tas `-e'; use /bin/sh to exec [dangerous!!]
\t-e filename\t\tprogram to exec after connect [dangerous!!]
\t-b\t\t\tallow broadcasts
\t-g gateway\t\tsource-routing hop point[s], up to 8
\t-G num\t\t\tsource-routing pointer: 4, 8, 12, ...
\t-h\t\t\tthis cruft
\t-i secs\t\t\tdelay interval for lines sent, ports scanned
        -k                      set keepalive option on socket
\t-l\t\t\tlisten mode, for inbound connects
\t-n\t\t\tnumeric-only IP addresses, no DNS
\t-o file\t\t\thex dump of traffic
\t-p port\t\t\tlocal port number
\t-r\t\t\trandomize local and remote ports
\t-q secs\t\t\tquit after EOF on stdin and delay of secs
\t-s addr\t\t\tlocal source address
\t-T tos\t\t\tset Type Of Service
\t-t\t\t\tanswer TELNET negotiation
\t-u\t\t\tUDP mode
\t-v\t\t\tverbose [use twice to be more verbose]
\t-w secs\t\t\ttimeout for connects and final net reads
\t-C\t\t\tSend CRLF as line-ending
\t-z\t\t\tzero-I/O mode [used for scanning]
port numbers can be individual or ranges: lo-hi [inclusive];
hyphens in port names must be backslash escaped (e.g. 'ftp\\-data').
";
/// The most ports of one call: all there are.
const PORTS_MAX: usize = 65_536;

/// Runs `nc`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    answer(call, argv).unwrap_or_else(|failure| failure.report(call.console))
}

fn answer(call: &mut Call<'_>, argv: &[String]) -> Result<Outcome, Failure> {
    let (options, operands) = getopt(argv, "46Nc:e:g:G:i:klno:p:q:rs:T:tuvw:Czbh");
    let mut config = Config::default();
    let mut family = None;
    for option in &options {
        match option {
            Opt::Flag('h') => {
                call.console.err(HELP);
                return Ok(Outcome::Exit(0));
            }
            Opt::Flag('4') => family = Some(false),
            Opt::Flag('6') => family = Some(true),
            Opt::Bad(why) => return Err(failed(format!("nc: {why}nc -h for help"))),
            option => take(call, &mut config, option)?,
        }
    }
    if operands.is_empty() && !config.listen {
        return Err(failed("Cmd line: wrong"));
    }
    let operands = listening_port(&mut config, &operands);
    find_target(call, &mut config, operands.first().copied(), family)?;
    for word in operands.iter().skip(1) {
        add_ports(&mut config, word)?;
    }
    if config.ports.is_empty() && !config.listen {
        return Err(failed("no port[s] to connect to"));
    }
    let nc = Nc::new(call.netns, call.host, config);
    Ok(Outcome::Start(Box::new(Program::Nc(Box::new(nc)))))
}

fn take(call: &Call<'_>, config: &mut Config, option: &Opt<'_>) -> Result<(), Failure> {
    match *option {
        Opt::Flag('l') => config.listen = true,
        Opt::Flag('u') => config.udp = true,
        Opt::Flag('v') => config.verbose += 1,
        Opt::Flag('z') => config.zero = true,
        Opt::Flag('n') => config.numeric = true,
        Opt::Flag('k') => config.keep = true,
        Opt::Flag('C') => config.crlf = true,
        Opt::Flag('b') => config.broadcast = true,
        Opt::Flag('N') => config.quit = config.quit.or(Some(Duration::from_secs(86_400 * 365))),
        Opt::Value('w', word) => match word.parse() {
            Ok(seconds) if seconds > 0 => config.wait = Some(Duration::from_secs(seconds)),
            _ => return Err(failed(format!("invalid wait-time {word}"))),
        },
        Opt::Value('i', word) => match word.parse() {
            Ok(seconds) if seconds > 0 => config.pause = Some(Duration::from_secs(seconds)),
            _ => return Err(failed(format!("invalid interval time {word}"))),
        },
        Opt::Value('q', word) => {
            // A number below 0 means never.
            config.quit = word.parse().ok().map(Duration::from_secs);
        }
        Opt::Value('p', word) => {
            let port = port(word, config.udp);
            config.local_port = port.ok_or_else(|| failed(format!("invalid local port {word}")))?;
        }
        Opt::Value('s', word) => config.source = Some(address(call, word, None)?.ip()),
        Opt::Value('T', word) => config.tos = word.parse().ok(),
        Opt::Value('e' | 'c', _) => {
            return Err(Failure::not_simulated("a program behind nc (-e, -c)"));
        }
        Opt::Value(letter @ ('g' | 'G' | 'o'), _) => {
            return Err(Failure::not_simulated(format_args!("nc -{letter}")));
        }
        _ => {}
    }
    Ok(())
}

/// `nc -l PORT`, and `nc -l ADDRESS PORT`, as OpenBSD's takes them, where no `-p` says otherwise.
fn listening_port<'a>(config: &mut Config, operands: &[&'a str]) -> Vec<&'a str> {
    if !config.listen || config.local_port != 0 {
        return operands.to_vec();
    }
    let number = |word: &&str| word.parse::<u16>().ok().filter(|&port| port != 0);
    match operands {
        [word] if number(word).is_some() => {
            config.local_port = number(word).unwrap_or(0);
            Vec::new()
        }
        [at, word] if number(word).is_some() && at.parse::<IpAddr>().is_ok() => {
            config.local_port = number(word).unwrap_or(0);
            config.source = at.parse().ok();
            Vec::new()
        }
        _ => operands.to_vec(),
    }
}

fn find_target(
    call: &mut Call<'_>,
    config: &mut Config,
    word: Option<&str>,
    family: Option<bool>,
) -> Result<(), Failure> {
    config.v6 = family.unwrap_or(config.source.is_some_and(|ip| ip.is_ipv6()));
    let Some(word) = word else {
        return Ok(());
    };
    if config.numeric && word.parse::<IpAddr>().is_err() && resolve::inet_aton(word).is_none() {
        return Err(failed(format!("Can't parse {word} as an IP address")));
    }
    let target = address(call, word, family)?;
    config.v6 = target.is_ipv6();
    let host = call.world.host(call.host).name.clone();
    let literal = word.parse::<IpAddr>().is_ok() || resolve::inet_aton(word).is_some();
    config.name = match literal {
        false => word.to_owned(),
        true if config.numeric => "(UNKNOWN)".to_owned(),
        true => match resolve::name_of(call.world, call.netns, &host, target.ip()) {
            Some(name) => name,
            None => {
                if config.verbose > 0 {
                    let ip = target.ip();
                    call.console.err(format!(
                        "{ip}: inverse host lookup failed: Host name lookup failure\n"
                    ));
                }
                "(UNKNOWN)".to_owned()
            }
        },
    };
    config.target = Some(target);
    Ok(())
}

fn address(call: &Call<'_>, word: &str, family: Option<bool>) -> Result<SocketAddr, Failure> {
    let host = &call.world.host(call.host).name;
    let found = resolve::lookup(call.world, call.netns, host, word);
    let found = found.map_err(|_| {
        failed(format!(
            "{word}: forward host lookup failed: Host name lookup failure : Resource temporarily unavailable"
        ))
    })?;
    let fits = |at: &&SocketAddr| family.is_none_or(|v6| at.is_ipv6() == v6);
    let first = found.iter().find(fits).copied();
    first.ok_or_else(|| failed(format!("{word}: forward host lookup failed: Unknown host")))
}

/// A port or a range of them; ranges are tried from the top down, as netcat does.
fn add_ports(config: &mut Config, word: &str) -> Result<(), Failure> {
    let invalid = || failed(format!("invalid port {word}"));
    let dash = word
        .find('-')
        .filter(|&at| at > 0 && !word[..at].ends_with('\\'));
    match dash {
        Some(at) => {
            let low = port(&word[..at], config.udp).ok_or_else(invalid)?;
            let high = port(&word[at + 1..], config.udp).ok_or_else(invalid)?;
            if low > high {
                return Err(invalid());
            }
            config.ports.extend((low..=high).rev());
        }
        None => {
            let plain = word.replace("\\-", "-");
            config
                .ports
                .push(port(&plain, config.udp).ok_or_else(invalid)?);
        }
    }
    config.ports.truncate(PORTS_MAX);
    Ok(())
}

fn port(word: &str, udp: bool) -> Option<u16> {
    let transport = if udp { Transport::Udp } else { Transport::Tcp };
    match word.parse::<u16>() {
        Ok(0) => None,
        Ok(port) => Some(port),
        Err(_) => services::port_number(word, transport),
    }
}

fn failed(line: impl std::fmt::Display) -> Failure {
    Failure::line(1, line)
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn words_that_say_nothing_are_refused_as_netcat_does() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        let said = [
            ("nc", "Cmd line: wrong\n"),
            ("nc 10.0.0.2", "no port[s] to connect to\n"),
            ("nc -w 0 10.0.0.2 80", "invalid wait-time 0\n"),
            (
                "nc -n example.com 80",
                "Can't parse example.com as an IP address\n",
            ),
            ("nc -n 10.0.0.2 nosuch", "invalid port nosuch\n"),
            (
                "nc -n 10.0.0.2 80",
                "(UNKNOWN) [10.0.0.2] 80 (http) : Network is unreachable\n",
            ),
        ];
        for (line, want) in said {
            let finished = shell.run(line);
            assert_eq!(
                (finished.stderr.as_str(), finished.status),
                (want, 1),
                "{line}"
            );
        }
    }

    #[test]
    fn a_scan_finds_the_ports_that_are_open() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        let scan = shell.run("nc -zvn 127.0.0.1 78-82");
        assert_eq!((scan.stderr.as_str(), scan.status), ("", 0));
        let refused = shell.run("nc -zvn 127.0.0.1 80");
        let want = "(UNKNOWN) [127.0.0.1] 80 (http) : Connection refused\n";
        assert_eq!((refused.stderr.as_str(), refused.status), (want, 1));
    }
}
