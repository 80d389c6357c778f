//! `iperf3`: the words of version 3.12.
//! What it does is in `program::iperf`.

use std::time::Duration;

use crate::program::Program;
use crate::program::iperf::client::Client;
use crate::program::iperf::server::Server;
use crate::program::iperf::{PORT, Test, UDP_RATE};
use crate::program::resolve;
use crate::tool::getopt::{Opt, getopt};
use crate::tool::{Call, Failure, Outcome};

/// Runs `iperf3`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    answer(call, argv).unwrap_or_else(|failure| failure.report(call.console))
}

fn answer(call: &mut Call<'_>, argv: &[String]) -> Result<Outcome, Failure> {
    let argv: Vec<String> = argv.iter().map(|word| short(word)).collect();
    let (options, _) = getopt(&argv, "sc:p:t:n:ub:RP:1Ji:l:46Dvhw:f:VN");
    let (mut server, mut host, mut port) = (false, None, PORT);
    let (mut once, mut json, mut family) = (false, false, None);
    let (mut test, mut block, mut rate) = (Test::default(), None, None);
    for option in &options {
        match *option {
            Opt::Flag('s') => server = true,
            Opt::Value('c', word) => host = Some(word),
            Opt::Value('p', word) => port = number(word)? as u16,
            Opt::Value('t', word) => test.span = Duration::from_secs(number(word)?),
            Opt::Value('n', word) => test.bytes = Some(amount(word, 1_024)?),
            Opt::Value('b', word) => rate = Some(amount(word, 1_000)?),
            Opt::Value('P', word) => test.streams = number(word)?.clamp(1, 128) as u32,
            Opt::Value('l', word) => block = Some(amount(word, 1_024)? as usize),
            Opt::Value('i', word) => test.interval = interval(word)?,
            Opt::Flag('u') => test.udp = true,
            Opt::Flag('R') => test.reverse = true,
            Opt::Flag('1') => once = true,
            Opt::Flag('J') => json = true,
            Opt::Flag('4') => family = Some(false),
            Opt::Flag('6') => family = Some(true),
            Opt::Flag('v') => {
                call.console.out("iperf 3.12 (vethlab)\n");
                return Ok(Outcome::Exit(0));
            }
            Opt::Flag('h') => {
                call.console.out(USAGE);
                return Ok(Outcome::Exit(0));
            }
            Opt::Bad(ref why) => return Err(parameter(&format!("iperf3: {why}"))),
            Opt::Flag(_) | Opt::Value(..) => {}
        }
    }
    if server && host.is_some() {
        return Err(parameter(
            "iperf3: parameter error - cannot be both server and client\n\n",
        ));
    }
    if server {
        let server = Server::listen(call.world, call.netns, port, once).map_err(|errno| {
            Failure::line(
                1,
                format_args!("iperf3: error - unable to start listener for connections: {errno}"),
            )
        })?;
        return Ok(Outcome::Start(Box::new(Program::IperfServer(Box::new(
            server,
        )))));
    }
    let Some(host) = host else {
        return Err(parameter(
            "iperf3: parameter error - must either be a client (-c) or server (-s)\n\n",
        ));
    };
    if test.udp {
        if test.streams > 1 || test.reverse {
            return Err(Failure::not_simulated("iperf3 -u with -P or -R"));
        }
        test.block = block.unwrap_or(1_448).clamp(16, 65_507);
        test.rate = Some(rate.filter(|&rate| rate > 0).unwrap_or(UDP_RATE));
    } else {
        test.block = block.unwrap_or(test.block).clamp(1, 1 << 20);
        test.rate = rate.filter(|&rate| rate > 0);
    }
    if test.reverse && test.bytes.is_some() {
        return Err(Failure::not_simulated("iperf3 -R with -n"));
    }
    let own = call.world.host(call.host).name.clone();
    let found = resolve::lookup(call.world, call.netns, &own, host).unwrap_or_default();
    let fits = |at: &std::net::SocketAddr| family.is_none_or(|v6| at.is_ipv6() == v6);
    let Some(mut to) = found.into_iter().find(fits) else {
        let said = "iperf3: error - unable to connect to server - server may have stopped running or use a different port, firewall issue, etc.: Temporary failure in name resolution";
        return Err(Failure::line(1, said));
    };
    to.set_port(port);
    let client = Client::new(call.netns, host, to, test, json);
    Ok(Outcome::Start(Box::new(Program::IperfClient(Box::new(
        client,
    )))))
}

const USAGE: &str = "Usage: iperf3 [-s|-c host] [options]
       iperf3 [-h|--help] [-v|--version]

";

fn short(word: &str) -> String {
    const LONG: [(&str, &str); 13] = [
        ("--server", "-s"),
        ("--client", "-c"),
        ("--port", "-p"),
        ("--time", "-t"),
        ("--bytes", "-n"),
        ("--udp", "-u"),
        ("--bitrate", "-b"),
        ("--bandwidth", "-b"),
        ("--reverse", "-R"),
        ("--parallel", "-P"),
        ("--one-off", "-1"),
        ("--json", "-J"),
        ("--interval", "-i"),
    ];
    let (name, value) = word.split_once('=').unwrap_or((word, ""));
    match LONG.iter().find(|(long, _)| *long == name) {
        Some((_, letter)) => format!("{letter}{value}"),
        None => word.to_owned(),
    }
}

fn parameter(why: &str) -> Failure {
    Failure {
        stderr: format!("{why}{USAGE}Try `iperf3 --help' for more information.\n"),
        status: 1,
    }
}

fn number(word: &str) -> Result<u64, Failure> {
    word.parse()
        .map_err(|_| parameter(&format!("iperf3: parameter error - bad number {word}\n\n")))
}

/// A number with a letter behind it: `10M`.
fn amount(word: &str, step: u64) -> Result<u64, Failure> {
    let (digits, factor) = match word.chars().last() {
        Some('k' | 'K') => (&word[..word.len() - 1], step),
        Some('m' | 'M') => (&word[..word.len() - 1], step.pow(2)),
        Some('g' | 'G') => (&word[..word.len() - 1], step.pow(3)),
        _ => (word, 1),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = format!("{part:0<3}");
    let thousandths = number(whole)?
        .saturating_mul(1_000)
        .saturating_add(number(part.get(..3).unwrap_or("0"))?);
    Ok((u128::from(thousandths) * u128::from(factor) / 1_000) as u64)
}

/// Seconds with a fraction; 0 is none.
fn interval(word: &str) -> Result<Option<Duration>, Failure> {
    let millis = amount(&format!("{word}k"), 1_000)?;
    Ok((millis > 0).then(|| Duration::from_millis(millis.max(100))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn amounts_have_letters() {
        assert_eq!(amount("10M", 1_000).unwrap(), 10_000_000);
        assert_eq!(amount("1.5k", 1_024).unwrap(), 1_536);
        assert!(amount("x", 1_000).is_err());
    }

    #[test]
    fn without_a_server_it_says_so() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        let finished = shell.run("iperf3 -c 127.0.0.1");
        assert_eq!(finished.status, 1);
        assert!(
            finished
                .stdout
                .starts_with("Connecting to host 127.0.0.1, port 5201\n")
        );
        assert!(
            finished.stderr.ends_with("etc.: Connection refused\n"),
            "{}",
            finished.stderr
        );
        assert_eq!(shell.run("iperf3").status, 1);
    }
}
