//! `netstat`: routes (`-r`), interfaces (`-i`), groups (`-g`), and the headings of socket lists.
//! Sockets are not listed, nor counters of protocols (`-s`).

use crate::kernel::netlink::Maddr;
use crate::tool::getopt::{Opt, getopt};
use crate::tool::{Call, Failure, Outcome};

use super::VERSION;
use super::interface::{all, long, short};
use super::route::{Columns, list};

/// What the options say.
#[derive(Default)]
struct Flags {
    routes: bool,
    interfaces: bool,
    groups: bool,
    numeric: bool,
    extended: u32,
    listening: bool,
    everything: bool,
    programs: bool,
    internet: bool,
    unix: bool,
}

/// Runs `netstat`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    answer(call, argv).unwrap_or_else(|failure| failure.report(call.console))
}

fn answer(call: &mut Call<'_>, argv: &[String]) -> Result<Outcome, Failure> {
    let argv: Vec<String> = argv
        .iter()
        .map(|word| short_option(word).to_owned())
        .collect();
    let (options, _) = getopt(&argv, "46A:CFMWZacegilnNoprstuUSvwxVh");
    let mut flags = Flags::default();
    for option in &options {
        match option {
            Opt::Flag('r') => flags.routes = true,
            Opt::Flag('i') => flags.interfaces = true,
            Opt::Flag('g') => flags.groups = true,
            Opt::Flag('n') => flags.numeric = true,
            Opt::Flag('e') => flags.extended += 1,
            Opt::Flag('l') => flags.listening = true,
            Opt::Flag('a') => flags.everything = true,
            Opt::Flag('p') => flags.programs = true,
            Opt::Flag('t' | 'u' | 'w' | 'U' | 'S') => flags.internet = true,
            Opt::Flag('x') => flags.unix = true,
            Opt::Flag('6') | Opt::Value('A', _) => {
                return Err(Failure::not_simulated(
                    "netstat of IPv6 (use `ip -6 route`)",
                ));
            }
            Opt::Flag('s' | 'M' | 'C' | 'c') => {
                return Err(Failure::not_simulated("this list of netstat"));
            }
            Opt::Flag('V') => {
                call.console.out(VERSION);
                return Ok(Outcome::Exit(0));
            }
            Opt::Flag('h') => return Err(usage("")),
            Opt::Bad(why) => return Err(usage(&format!("netstat: {why}"))),
            Opt::Flag(_) | Opt::Value(..) => {}
        }
    }
    let text = flags.text(call)?;
    call.console.out(text);
    Ok(Outcome::Exit(0))
}

/// The letter of a long option.
fn short_option(word: &str) -> &str {
    match word {
        "--route" => "-r",
        "--interfaces" => "-i",
        "--groups" => "-g",
        "--statistics" => "-s",
        "--numeric" | "--numeric-hosts" | "--numeric-ports" | "--numeric-users" => "-n",
        "--extend" => "-e",
        "--listening" => "-l",
        "--all" => "-a",
        "--programs" => "-p",
        "--tcp" => "-t",
        "--udp" => "-u",
        "--raw" => "-w",
        "--unix" => "-x",
        "--version" => "-V",
        "--help" => "-h",
        word => word,
    }
}

fn usage(why: &str) -> Failure {
    Failure {
        stderr: format!(
            "{why}usage: netstat [-een] -r         netstat {{-V|--version|-h|--help}}\n       netstat [-nael] [-t|-u|-w|-x]\n       netstat {{ [-een a] -i | -g }}\n"
        ),
        status: 3,
    }
}

impl Flags {
    fn text(&self, call: &mut Call<'_>) -> Result<String, Failure> {
        if self.routes {
            let columns = match self.extended {
                0 => Columns::Netstat,
                1 => Columns::Route,
                _ => Columns::Both,
            };
            return list(call, self.numeric, columns);
        }
        if self.interfaces {
            return Ok(self.interfaces(call));
        }
        if self.groups {
            return Ok(groups(call));
        }
        Ok(self.sockets())
    }

    fn interfaces(&self, call: &mut Call<'_>) -> String {
        let mut text = "Kernel Interface table\n".to_owned();
        if self.extended == 0 {
            text.push_str("Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n");
        }
        for interface in all(call).iter().filter(|i| self.everything || i.is_up()) {
            text.push_str(&match self.extended {
                0 => short(interface),
                _ => long(interface),
            });
        }
        text
    }

    /// The headings of the lists of sockets.
    fn sockets(&self) -> String {
        let which = match (self.everything, self.listening) {
            (true, _) => "servers and established",
            (false, true) => "only servers",
            (false, false) => "w/o servers",
        };
        let mut text = String::new();
        if self.internet || !self.unix {
            let program = if self.programs {
                " PID/Program name    "
            } else {
                ""
            };
            text.push_str(&format!(
                "Active Internet connections ({which})\nProto Recv-Q Send-Q Local Address           Foreign Address         State      {program}\n"
            ));
        }
        if self.unix || !self.internet {
            let program = if self.programs {
                "    PID/Program name    "
            } else {
                "    "
            };
            let program = program.get(1..).unwrap_or_default();
            text.push_str(&format!(
                "Active UNIX domain sockets ({which})\nProto RefCnt Flags       Type       State         I-Node{program}Path\n"
            ));
        }
        text
    }
}

/// The groups that devices listen to, IPv4 first.
fn groups(call: &mut Call<'_>) -> String {
    let mut text = "IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n--------------- ------ ---------------------\n".to_owned();
    let all = call.world.maddrs(call.netns);
    for v6 in [false, true] {
        for info in &all {
            let group = match info.group {
                Maddr::Inet(group) if !v6 => group.to_string(),
                Maddr::Inet6(group) if v6 => group.to_string(),
                Maddr::Link(_) | Maddr::Inet(_) | Maddr::Inet6(_) => continue,
            };
            let dev = info.dev.to_string();
            text.push_str(&format!("{dev:<15} {:<6} {group}\n", info.users));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::kernel::World;
    use crate::tool::Shell;

    #[test]
    fn headings_say_which_sockets_are_meant() {
        let mut world = World::new(0);
        let mut shell = Shell::new(&mut world);
        assert_eq!(
            shell.run("netstat -tuln").stdout,
            "Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State      \n"
        );
        assert!(shell.run("netstat -an").stdout.ends_with(
            "Active UNIX domain sockets (servers and established)\nProto RefCnt Flags       Type       State         I-Node   Path\n"
        ));
        assert!(shell.run("netstat -i").stdout.ends_with("0 LRU\n"));
        assert_eq!(shell.run("netstat -z").status, 3);
    }
}
