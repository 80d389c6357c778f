//! `netstat`: routes (`-r`), interfaces (`-i`), groups (`-g`), and the headings of socket lists.
//! UNIX sockets are not listed, nor counters of protocols (`-s`).

use crate::kernel::netlink::Maddr;
use crate::netns::socket::tcp::TcpState;
use crate::program::resolve;
use crate::tool::getopt::{Opt, getopt};
use crate::tool::sockets::{Proto, Row, rows};
use crate::tool::{Call, Failure, Outcome};
use crate::wire::services::{Transport, port_name};

use std::net::SocketAddr;

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
    protos: Vec<Proto>,
    family: Option<bool>,
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
            Opt::Flag('t') => flags.want(Proto::Tcp),
            Opt::Flag('u') => flags.want(Proto::Udp),
            Opt::Flag('w') => flags.want(Proto::Raw),
            Opt::Flag('U' | 'S') => flags.internet = true,
            Opt::Flag('4') => flags.family = Some(false),
            Opt::Flag('x') => flags.unix = true,
            Opt::Flag('6') if !argv.iter().any(|word| word.contains('r')) => {
                flags.family = Some(true);
            }
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
        Ok(self.sockets(call))
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

    /// The lists of sockets.
    fn sockets(&self, call: &Call<'_>) -> String {
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
            text.push_str(&self.internet_rows(call));
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

impl Flags {
    fn want(&mut self, proto: Proto) {
        self.internet = true;
        self.protos.push(proto);
    }

    fn wants(&self, row: &Row) -> bool {
        let passive = match row.proto {
            Proto::Tcp => row.state == TcpState::Listen,
            Proto::Udp | Proto::Raw => row.remote.is_none(),
        };
        let asked = self.protos.is_empty() || self.protos.contains(&row.proto);
        let family = self.family.is_none_or(|v6| v6 == row.v6);
        asked && family && (self.everything || passive == self.listening)
    }

    /// TCP, then UDP, then raw sockets, of each IPv4's first.
    fn internet_rows(&self, call: &Call<'_>) -> String {
        let mut all = rows(call.world, call.netns);
        all.retain(|row| self.wants(row));
        all.sort_by_key(|row| (std::cmp::Reverse(row.proto), row.v6));
        all.iter().map(|row| self.row(call, row)).collect()
    }

    fn row(&self, call: &Call<'_>, row: &Row) -> String {
        let name = match row.proto {
            Proto::Tcp => "tcp",
            Proto::Udp => "udp",
            Proto::Raw => "raw",
        };
        let state = match (row.proto, row.state) {
            (Proto::Tcp, state) => state.netstat_name(),
            (_, TcpState::Established) => "ESTABLISHED",
            (Proto::Raw, _) => "7",
            (Proto::Udp, _) => "",
        };
        let name = format!("{name}{}", if row.v6 { "6" } else { "" });
        let send_queue = if row.state == TcpState::Listen {
            0
        } else {
            row.send_queue
        };
        let (local, remote) = (
            self.end(call, row, Some(row.local)),
            self.end(call, row, row.remote),
        );
        let mut text = format!(
            "{name:<4}  {:>6} {send_queue:>6} {local:<23} {remote:<23} {state:<11}",
            row.receive_queue
        );
        if self.programs {
            let owner = row.socket.and_then(|socket| call.env.owners.get(&socket));
            let owner = owner.map_or("-".to_owned(), |(name, pid)| format!("{pid}/{name}"));
            text += &format!(" {owner:<20}");
        }
        text + "\n"
    }

    fn end(&self, call: &Call<'_>, row: &Row, at: Option<SocketAddr>) -> String {
        let any = if row.v6 { "::" } else { "0.0.0.0" };
        let (address, port) = match at {
            None => (any.to_owned(), 0),
            Some(at) if at.ip().is_unspecified() => (any.to_owned(), at.port()),
            Some(at) => {
                let host = &call.world.host(call.host).name;
                let name = resolve::name_of(call.world, call.netns, host, at.ip());
                let plain = row.shown(at.ip()).to_string();
                (name.filter(|_| !self.numeric).unwrap_or(plain), at.port())
            }
        };
        let transport = match row.proto {
            Proto::Udp => Transport::Udp,
            _ => Transport::Tcp,
        };
        let port = match (row.proto, port) {
            (Proto::Raw, _) if at.is_some() => row.protocol.to_string(),
            (_, 0) => "*".to_owned(),
            (_, port) => match port_name(port, transport).filter(|_| !self.numeric) {
                Some(name) => name.to_owned(),
                None => port.to_string(),
            },
        };
        let room = 22_usize.saturating_sub(port.len());
        format!("{}:{port}", address.chars().take(room).collect::<String>())
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
