//! F7: `conntrack` of conntrack-tools 1.4: connections listed, counted and forgotten; and `dmesg`.
//! Connections are not made, changed or watched here.

use std::fmt::Write;

use crate::netns::filter::conntrack::{Entry, Tuple};
use crate::netns::filter::rule::{Family, protocol_name};
use crate::tool::{Call, Failure, Outcome};
use crate::units::SimTime;

/// What connections are asked for.
#[derive(Clone, Default)]
struct Wanted {
    family: Option<Family>,
    protocol: Option<u8>,
    /// Source and destination of the first packet, and of the answers.
    addrs: [Option<String>; 4],
    /// Ports of the first packet.
    ports: [Option<u16>; 2],
}

/// Runs `conntrack`; `argv` begins with its name.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words: Vec<&str> = argv.iter().skip(1).map(String::as_str).collect();
    tool(call, &words).unwrap_or_else(|failure| failure.report(call.console))
}

fn tool(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let wrong = |text: String| {
        Failure::line(
            2,
            format_args!(
                "conntrack v1.4.7 (conntrack-tools): {text}\nTry `conntrack -h' or 'conntrack --help' for more information."
            ),
        )
    };
    let Some((command, options)) = words.split_first() else {
        return Err(wrong("You need to supply at least one command".to_owned()));
    };
    let options = match options {
        // The name of the table may stand behind the command.
        ["conntrack", rest @ ..] => rest,
        rest => rest,
    };
    let wanted = read(options).map_err(wrong)?;
    let now = call.world.now();
    let family = wanted.family.unwrap_or(Family::V4);
    let is_one = |entry: &Entry| {
        let of_family = match wanted.family {
            Some(family) => entry.original.family == family,
            None => true,
        };
        of_family && fits(entry, &wanted)
    };
    match *command {
        "-L" | "--dump" => {
            let mut out = String::new();
            let mut count = 0;
            for entry in call.world.connections(call.netns) {
                if entry.original.family == family && fits(entry, &wanted) {
                    out.push_str(&line(entry, now));
                    count += 1;
                }
            }
            call.console.out(out);
            call.console.err(format!(
                "conntrack v1.4.7 (conntrack-tools): {count} flow entries have been shown.\n"
            ));
            Ok(Outcome::Exit(0))
        }
        "-C" | "--count" => {
            let count = call.world.connections(call.netns).len();
            call.console.out(format!("{count}\n"));
            Ok(Outcome::Exit(0))
        }
        "-F" | "--flush" => {
            call.world.connections_forget(call.netns, |_| true);
            call.console.err(
                "conntrack v1.4.7 (conntrack-tools): connection tracking table has been emptied.\n",
            );
            Ok(Outcome::Exit(0))
        }
        "-D" | "--delete" => {
            let count = call.world.connections_forget(call.netns, is_one);
            call.console.err(format!(
                "conntrack v1.4.7 (conntrack-tools): {count} flow entries have been deleted.\n"
            ));
            Ok(Outcome::Exit(i32::from(count == 0)))
        }
        "-V" | "--version" => {
            call.console.out("conntrack v1.4.7 (conntrack-tools)\n");
            Ok(Outcome::Exit(0))
        }
        "-E" | "--event" | "-S" | "--stats" | "-I" | "--create" | "-U" | "--update" | "-G"
        | "--get" | "-A" | "--add" => Err(Failure::not_simulated(format_args!(
            "`conntrack {command}'"
        ))),
        other => Err(wrong(format!("unknown option `{other}'"))),
    }
}

fn read(words: &[&str]) -> Result<Wanted, String> {
    let mut wanted = Wanted::default();
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .ok_or_else(|| format!("option `{word}' requires an argument"))
        };
        match word {
            "-f" | "--family" => {
                wanted.family = Some(match value()? {
                    "ipv6" => Family::V6,
                    _ => Family::V4,
                });
            }
            "-p" | "--proto" => {
                let name = value()?;
                let known = match name {
                    "icmp" => Some(1),
                    "tcp" => Some(6),
                    "udp" => Some(17),
                    "icmpv6" => Some(58),
                    number => number.parse().ok(),
                };
                wanted.protocol =
                    Some(known.ok_or_else(|| format!("`{name}' unsupported protocol"))?);
            }
            "-s" | "--src" | "--orig-src" => wanted.addrs[0] = Some(value()?.to_owned()),
            "-d" | "--dst" | "--orig-dst" => wanted.addrs[1] = Some(value()?.to_owned()),
            "-r" | "--reply-src" => wanted.addrs[2] = Some(value()?.to_owned()),
            "-q" | "--reply-dst" => wanted.addrs[3] = Some(value()?.to_owned()),
            "--sport" | "--orig-port-src" => wanted.ports[0] = value()?.parse().ok(),
            "--dport" | "--orig-port-dst" => wanted.ports[1] = value()?.parse().ok(),
            other => return Err(format!("unknown option `{other}'")),
        }
    }
    Ok(wanted)
}

fn fits(entry: &Entry, wanted: &Wanted) -> bool {
    let (first, answers) = (&entry.original, &entry.reply);
    let addrs = [first.src, first.dst, answers.src, answers.dst];
    let same = |wanted: &Option<String>, addr| {
        wanted
            .as_ref()
            .is_none_or(|wanted| *wanted == first.family.addr(addr).to_string())
    };
    wanted
        .protocol
        .is_none_or(|protocol| protocol == first.protocol)
        && wanted
            .addrs
            .iter()
            .zip(addrs)
            .all(|(wanted, addr)| same(wanted, addr))
        && wanted.ports[0].is_none_or(|port| port == first.sport)
        && wanted.ports[1].is_none_or(|port| port == first.dport)
}

/// One direction of a connection.
fn direction(out: &mut String, tuple: &Tuple) {
    let (src, dst) = (tuple.family.addr(tuple.src), tuple.family.addr(tuple.dst));
    let _ = write!(out, "src={src} dst={dst} ");
    if tuple.is_icmp() {
        let [kind, code] = tuple.dport.to_be_bytes();
        let _ = write!(out, "type={kind} code={code} id={} ", tuple.sport);
    } else if matches!(tuple.protocol, 6 | 17 | 132) {
        let _ = write!(out, "sport={} dport={} ", tuple.sport, tuple.dport);
    }
}

/// A connection as `conntrack -L` shows it.
fn line(entry: &Entry, now: SimTime) -> String {
    let protocol = entry.original.protocol;
    let name = match protocol {
        58 => "icmpv6",
        number => protocol_name(number).unwrap_or("unknown"),
    };
    let left = entry.until.since(now).as_secs();
    let mut out = format!("{name:<8} {protocol} {left} ");
    if protocol == 6 {
        let _ = write!(out, "{} ", entry.tcp.name());
    }
    direction(&mut out, &entry.original);
    if !entry.status.seen_reply {
        out.push_str("[UNREPLIED] ");
    }
    direction(&mut out, &entry.reply);
    if entry.status.assured {
        out.push_str("[ASSURED] ");
    }
    let _ = writeln!(out, "mark={} use=1", entry.mark);
    out
}

/// `dmesg`: what rules of the host's root namespace have logged.
pub fn dmesg(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let options: Vec<&str> = argv.iter().skip(1).map(String::as_str).collect();
    let quiet = options.contains(&"-t") || options.contains(&"--notime");
    let clears = |short: &str, long: &str| options.contains(&short) || options.contains(&long);
    if !clears("-C", "--clear") {
        let mut out = String::new();
        for (at, text) in call.world.kernel_log(call.host) {
            let micros = at.as_nanos() / 1000;
            let _ = match quiet {
                true => writeln!(out, "{text}"),
                false => writeln!(
                    out,
                    "[{:5}.{:06}] {text}",
                    micros / 1_000_000,
                    micros % 1_000_000
                ),
            };
        }
        call.console.out(out);
    }
    if clears("-C", "--clear") || clears("-c", "--read-clear") {
        call.world.clear_kernel_log(call.host);
    }
    Outcome::Exit(0)
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn a_ping_is_a_connection_for_half_a_minute() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        for line in [
            "iptables -A INPUT -m conntrack --ctstate NEW -j LOG --log-prefix \"new \"",
            "ping -c 1 127.0.0.1",
        ] {
            assert_eq!(shell.run(line).status, 0, "{line}");
        }
        let shown = shell.run("conntrack -L").stdout;
        assert!(shown.starts_with("icmp     1 29 src=127.0.0.1 dst=127.0.0.1 type=8 code=0 id="));
        let log = shell.run("dmesg").stdout;
        assert!(
            log.contains("] new IN=lo OUT= MAC=00:00:00:00:00:00:"),
            "{log}"
        );
        assert!(log.contains("PROTO=ICMP TYPE=8 CODE=0 ID="), "{log}");
        assert_eq!(shell.run("sleep 40").status, 0);
        assert_eq!(shell.run("conntrack -C").stdout, "0\n");
    }
}
