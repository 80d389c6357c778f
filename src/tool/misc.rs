//! Small tools around a lab: `hostname`, `nsenter`, `sudo`, `unshare`, `modprobe`.
//! They change no network: they name a host, or say where a command runs.

use crate::tool::ip::lookup::{Here, Lookup};
use crate::tool::{Call, ExecRequest, Failure, Outcome};
use crate::units::NetnsId;

/// `hostname`: shows the host's name or addresses, or names it.
pub fn hostname(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words: Vec<&str> = argv.iter().skip(1).map(String::as_str).collect();
    host(call, &words).unwrap_or_else(|failure| failure.report(call.console))
}

fn host(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let name = call.world.hostname(call.host, call.netns).to_owned();
    let text = match words {
        [] | ["-b" | "--boot"] => format!("{name}\n"),
        ["-s" | "--short"] => format!("{}\n", name.split('.').next().unwrap_or(&name)),
        ["-V" | "--version"] => "hostname 3.23\n".to_owned(),
        ["-I" | "--all-ip-addresses"] => addresses(call),
        ["-A" | "--all-fqdns"] => "\n".to_owned(),
        ["-y" | "--yp" | "--nis"] => {
            return Err(Failure::line(1, "hostname: Local domain name not set"));
        }
        ["-h" | "--help" | "-?"] => return Err(hostname_usage("")),
        ["-F" | "--file", file] => {
            let content = call.files.read(file);
            let content =
                content.map_err(|error| Failure::line(1, format_args!("hostname: {error}")))?;
            let content = String::from_utf8_lossy(&content).into_owned();
            let name = content
                .lines()
                .find(|line| !line.is_empty() && !line.starts_with('#'));
            return rename(call, name.unwrap_or_default());
        }
        [option, ..] if is_name_query(option) => {
            // There is no name service here.
            return Err(Failure::line(
                1,
                "hostname: Temporary failure in name resolution",
            ));
        }
        [option, ..] if option.starts_with('-') => {
            let letter = option.trim_start_matches('-');
            return Err(hostname_usage(&format!(
                "hostname: invalid option -- '{letter}'\n"
            )));
        }
        [name] => return rename(call, name),
        _ => return Err(hostname_usage("")),
    };
    call.console.out(text);
    Ok(Outcome::Exit(0))
}

/// Options that ask the resolver.
fn is_name_query(option: &str) -> bool {
    let long = ["--alias", "--domain", "--fqdn", "--long", "--ip-address"];
    let short = option.strip_prefix('-').unwrap_or("");
    let letters = !short.is_empty() && short.chars().all(|c| "adfis".contains(c));
    long.contains(&option) || letters
}

fn hostname_usage(why: &str) -> Failure {
    Failure {
        stderr: format!(
            "{why}Usage: hostname [-b] {{hostname|-F file}}         set host name (from file)\n       hostname [-I|-s]                         display formatted name\n       hostname                                 display host name\n"
        ),
        status: 255,
    }
}

fn rename(call: &mut Call<'_>, name: &str) -> Result<Outcome, Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let good = name.len() <= 64
        && name.chars().all(plain)
        && edge(name.chars().next())
        && edge(name.chars().next_back());
    if !good {
        return Err(Failure::line(
            1,
            "hostname: the specified hostname is invalid",
        ));
    }
    call.world.rename_host(call.host, name);
    Ok(Outcome::Exit(0))
}

/// `-I`: all addresses but those of the loopback and link-local ones, as `getifaddrs` lists them.
fn addresses(call: &mut Call<'_>) -> String {
    let mut text = String::new();
    for addr in call.world.addrs(call.netns) {
        let hidden = match addr.local {
            std::net::IpAddr::V4(v4) => v4.is_loopback(),
            std::net::IpAddr::V6(v6) => v6.is_loopback() || v6.is_unicast_link_local(),
        };
        if !hidden && addr.dev.as_str() != "lo" {
            text.push_str(&format!("{} ", addr.local));
        }
    }
    text.push('\n');
    text
}

/// `nsenter`: runs a command in the namespace of a file or of a process.
pub fn nsenter(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words: Vec<&str> = argv.iter().skip(1).map(String::as_str).collect();
    enter(call, &words).unwrap_or_else(|failure| failure.report(call.console))
}

/// Which namespace is to be entered.
#[derive(Default)]
struct Target<'a> {
    pid: Option<&'a str>,
    net: bool,
    file: Option<&'a str>,
}

fn enter(call: &mut Call<'_>, words: &[&str]) -> Result<Outcome, Failure> {
    let mut target = Target::default();
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        if *word == "--" {
            rest = after;
            break;
        }
        if word.len() < 2 || !word.starts_with('-') {
            break;
        }
        rest = target.option(call, word, after)?;
    }
    let netns = target.netns(call)?.unwrap_or(call.netns);
    let shell = call.env.vars.get("SHELL").cloned();
    let argv: Vec<String> = match rest {
        [] => vec![shell.unwrap_or_else(|| "/bin/sh".to_owned())],
        words => words.iter().map(|word| (*word).to_owned()).collect(),
    };
    let command = argv.first().cloned().unwrap_or_default();
    let failure = format!("nsenter: failed to execute {command}: {{}}\n");
    Ok(Outcome::Exec(request(call, netns, argv, failure, 127)))
}

impl<'a> Target<'a> {
    fn option<'w>(
        &mut self,
        call: &mut Call<'_>,
        word: &'a str,
        after: &'w [&'a str],
    ) -> Result<&'w [&'a str], Failure> {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) if word.starts_with("--") => (name, Some(value)),
            _ => (word, None),
        };
        match name {
            "--net" => (self.net, self.file) = (true, value.or(self.file)),
            "--target" | "-t" => {
                let (pid, after) = match (value, after.split_first()) {
                    (Some(value), _) => (value, after),
                    (None, Some((pid, after))) => (*pid, after),
                    (None, None) => return Err(nsenter_bad("option requires an argument -- 't'")),
                };
                self.pid(pid)?;
                return Ok(after);
            }
            "-V" | "--version" => {
                call.console.out("nsenter from util-linux 2.38.1\n");
                return Err(Failure {
                    stderr: String::new(),
                    status: 0,
                });
            }
            "--all" | "-a" => self.net = true,
            "--mount"
            | "--uts"
            | "--ipc"
            | "--pid"
            | "--cgroup"
            | "--user"
            | "--time"
            | "--no-fork"
            | "--preserve-credentials"
            | "--root"
            | "--wd" => {}
            name if name.starts_with("--") => {
                return Err(nsenter_bad(&format!("unrecognized option '{name}'")));
            }
            _ => self.letters(word.get(1..).unwrap_or_default())?,
        }
        Ok(after)
    }

    /// Joined letters; the value of `-n` and `-t` is what follows in the word.
    fn letters(&mut self, word: &'a str) -> Result<(), Failure> {
        for (at, letter) in word.char_indices() {
            let value = word.get(at + letter.len_utf8()..).unwrap_or_default();
            match letter {
                'n' => {
                    self.net = true;
                    let is_file = value.starts_with(['/', '=', '.']);
                    if is_file {
                        self.file = Some(value);
                        return Ok(());
                    }
                }
                't' => return self.pid(value),
                'm' | 'u' | 'i' | 'p' | 'C' | 'U' | 'T' | 'F' | 'a' => {
                    self.net |= letter == 'a';
                }
                other => return Err(nsenter_bad(&format!("invalid option -- '{other}'"))),
            }
        }
        Ok(())
    }

    fn pid(&mut self, pid: &'a str) -> Result<(), Failure> {
        if pid.is_empty() || !pid.bytes().all(|b| b.is_ascii_digit()) {
            let text = format_args!("nsenter: failed to parse pid: '{pid}'");
            return Err(Failure::line(1, text));
        }
        self.pid = Some(pid);
        Ok(())
    }

    fn netns(&self, call: &Call<'_>) -> Result<Option<NetnsId>, Failure> {
        if !self.net {
            return Ok(None);
        }
        let here = Here(call);
        let (path, found) = match (self.file, self.pid) {
            (Some(file), _) => (file.to_owned(), here.netns(file)),
            (None, Some(pid)) => {
                let known = pid.parse().ok().and_then(|pid| here.netns_of_process(pid));
                (format!("/proc/{pid}/ns/net"), known)
            }
            (None, None) => {
                let text = "nsenter: neither filename nor target pid supplied for ns/net";
                return Err(Failure::line(1, text));
            }
        };
        let missing = format!("nsenter: cannot open {path}: No such file or directory");
        found.map(Some).ok_or_else(|| Failure::line(1, missing))
    }
}

fn nsenter_bad(why: &str) -> Failure {
    Failure::line(
        1,
        format_args!("nsenter: {why}\nTry 'nsenter --help' for more information."),
    )
}

/// A command in a namespace, with its name where it has one.
fn request(
    call: &Call<'_>,
    netns: NetnsId,
    argv: Vec<String>,
    failure: String,
    failure_status: i32,
) -> ExecRequest {
    let names = call.world.netns_names(call.host);
    let name = names.into_iter().find(|(_, known)| *known == netns);
    ExecRequest {
        host: call.host,
        netns,
        netns_name: name.map(|(name, _)| name),
        argv,
        failure,
        failure_status,
    }
}

/// `sudo`: everybody is root here, so the command runs as it is.
pub fn sudo(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words = argv.get(1..).unwrap_or_default();
    let mut rest = words;
    let mut login = false;
    while let Some((word, after)) = rest.split_first() {
        match word.as_str() {
            "--" => {
                rest = after;
                break;
            }
            "-u" | "-g" | "-p" | "-C" | "-h" | "-r" | "-t" | "-T" | "-R" | "-D" | "--user"
            | "--group" | "--prompt" | "--chdir" => rest = after.get(1..).unwrap_or_default(),
            "-i" | "-s" | "--login" | "--shell" => (login, rest) = (true, after),
            "-V" | "--version" => {
                call.console.out("Sudo version 1.9.13p3\n");
                return Outcome::Exit(0);
            }
            word if word.len() > 1 && word.starts_with('-') => rest = after,
            _ => break,
        }
    }
    let shell = call.env.vars.get("SHELL").cloned();
    let shell = shell.unwrap_or_else(|| "/bin/sh".to_owned());
    let argv: Vec<String> = match rest {
        [] if login => vec![shell],
        // `sudo -v`, `-k`, `-l` and the like have nothing to do; `sudo` alone says how it is used.
        [] if !words.is_empty() => return Outcome::Exit(0),
        [] => {
            call.console
                .err("usage: sudo [-E] [-n] [-u user] [VAR=value] [-i | -s] [command [arg ...]]\n");
            return Outcome::Exit(1);
        }
        [first, ..] if first.contains('=') => std::iter::once("env".to_owned())
            .chain(rest.iter().cloned())
            .collect(),
        rest => rest.to_vec(),
    };
    let command = argv.first().cloned().unwrap_or_default();
    let failure = format!("sudo: {command}: command not found\n");
    Outcome::Exec(request(call, call.netns, argv, failure, 1))
}

/// `unshare`: runs a command in a namespace of its own, which ends with it. Only namespaces of the network are made;
/// those of mounts, users and the like are passed over.
pub fn unshare(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let mut rest = argv.get(1..).unwrap_or_default();
    let mut net = false;
    while let Some((word, after)) = rest.split_first() {
        match word.as_str() {
            "--" => {
                rest = after;
                break;
            }
            "-V" | "--version" => {
                call.console.out("unshare from util-linux 2.38.1\n");
                return Outcome::Exit(0);
            }
            "--net" => net = true,
            word if word.starts_with("--net=") => {
                let what = "unshare --net=FILE (make a namespace with `ip netns add`)";
                return Failure::not_simulated(what).report(call.console);
            }
            "--propagation" | "--setgroups" | "--map-user" | "--map-group" | "-R" | "-w" | "-S"
            | "-G" | "--root" | "--wd" | "--setuid" | "--setgid" => {
                rest = after.get(1..).unwrap_or_default();
                continue;
            }
            word if word.starts_with("--") => {}
            word if word.len() > 1 && word.starts_with('-') => {
                let bad = |letter: &char| !"imnpuUCTfrckm".contains(*letter);
                if let Some(letter) = word.chars().skip(1).find(bad) {
                    let text = format_args!(
                        "unshare: invalid option -- '{letter}'\nTry 'unshare --help' for more information."
                    );
                    return Failure::line(1, text).report(call.console);
                }
                net |= word.contains('n');
            }
            _ => break,
        }
        rest = after;
    }
    let shell = call.env.vars.get("SHELL").cloned();
    let argv = match rest {
        [] => vec![shell.unwrap_or_else(|| "/bin/sh".to_owned())],
        words => words.to_vec(),
    };
    let label = format!("unshare {}", call.world.now().as_nanos());
    let netns = match net {
        false => Ok(call.netns),
        true => call.world.netns_unshare(call.host, &label),
    };
    let netns = match netns {
        Ok(netns) => netns,
        Err(errno) => {
            let text = format_args!("unshare: unshare failed: {errno}");
            return Failure::line(1, text).report(call.console);
        }
    };
    let command = argv.first().cloned().unwrap_or_default();
    let failure = format!("unshare: failed to execute {command}: {{}}\n");
    Outcome::Exec(request(call, netns, argv, failure, 127))
}

/// Modules that are built into what is simulated.
const MODULES: [&str; 12] = [
    "veth",
    "bridge",
    "vxlan",
    "dummy",
    "8021q",
    "br_netfilter",
    "ip_tables",
    "ip6_tables",
    "iptable_nat",
    "overlay",
    "nf_conntrack",
    "udp_tunnel",
];

/// `modprobe`: what is simulated is there already.
pub fn modprobe(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let mut status = 0;
    let mut names = argv.iter().skip(1).filter(|word| !word.starts_with('-'));
    let all = argv.iter().any(|word| word == "-a" || word == "-r");
    let wanted: Vec<&String> = if all {
        names.collect()
    } else {
        names.next().into_iter().collect()
    };
    for name in wanted {
        let plain = name.replace('-', "_");
        if !MODULES.contains(&plain.as_str()) {
            call.console.err(format!(
                "modprobe: FATAL: Module {name} not found in directory /lib/modules/6.18.0\n"
            ));
            status = 1;
        }
    }
    Outcome::Exit(status)
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn commands_run_in_the_namespace_that_is_entered() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        assert_eq!(shell.run("ip netns add red").status, 0);
        for line in [
            "nsenter --net=/var/run/netns/red ip netns identify",
            "nsenter -n/run/netns/red -- ip netns identify",
            "sudo -E -u root nsenter --net=/run/netns/red ip netns identify",
            "sudo ip netns exec red ip netns identify",
        ] {
            assert_eq!(shell.run(line).stdout, "red\n", "{line}");
        }
        let done = shell.run("nsenter --net=/run/netns/nosuch ip link");
        assert_eq!(
            done.stderr,
            "nsenter: cannot open /run/netns/nosuch: No such file or directory\n"
        );
        assert_eq!(shell.run("nsenter -n ip link").status, 1);
        assert_eq!(shell.run("nsenter -t abc -n ip link").status, 1);
    }

    #[test]
    fn the_host_can_be_renamed() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        assert_eq!(shell.run("hostname").stdout, "host\n");
        assert_eq!(shell.run("hostname lab.example").status, 0);
        assert_eq!(shell.run("hostname -s").stdout, "lab\n");
        let done = shell.run("hostname 'bad name!'");
        assert_eq!(done.stderr, "hostname: the specified hostname is invalid\n");
        assert_eq!(shell.run("hostname -f").status, 1);
        assert_eq!(
            shell.run("unshare -n ip -br link").stdout,
            "lo               DOWN           00:00:00:00:00:00 <LOOPBACK> \n"
        );
        assert_eq!(shell.run("modprobe -q veth").status, 0);
        assert_eq!(shell.run("modprobe nosuch").status, 1);
    }
}
