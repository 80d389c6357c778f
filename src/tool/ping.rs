//! `ping`, `ping4` and `ping6` of iputils: their options, to be run by `program::ping`.
//! Node information queries (`-N`) and timestamps of given nodes (`-T tsprespec`) are not simulated.

use super::getopt::{Opt, getopt};
use super::iputils::{VERSION, number, strtod, strtol};
use super::{Call, Failure, Outcome};
use crate::netns::socket::MtuDiscover;
use crate::program::Program;
use crate::program::ping::{Options, Ping, Record};

const SPEC: &str = "h?4bRT:6F:N:aABc:CdDe:fi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:";
const INT_MAX: i64 = i32::MAX as i64;

const USAGE: &str = "
Usage
  ping [options] <destination>

Options:
  <destination>      dns name or ip address
  -a                 use audible ping
  -A                 use adaptive ping
  -B                 sticky source address
  -c <count>         stop after <count> replies
  -C                 call connect() syscall on socket creation
  -D                 print timestamps
  -d                 use SO_DEBUG socket option
  -e <identifier>    define identifier for ping session, default is random for
                     SOCK_RAW and kernel defined for SOCK_DGRAM
                     Imply using SOCK_RAW (for IPv4 only for identifier 0)
  -f                 flood ping
  -h                 print help and exit
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -L                 suppress loopback of multicast packets
  -l <preload>       send <preload> number of packages while waiting replies
  -m <mark>          tag the packets going out
  -M <pmtud opt>     define mtu discovery, can be one of <do|dont|want>
  -n                 no dns name resolution
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -q                 quiet output
  -Q <tclass>        use quality of service <tclass> bits
  -s <size>          use <size> as number of data bytes to be sent
  -S <size>          use <size> as SO_SNDBUF socket option value
  -t <ttl>           define time to live
  -U                 print user-to-user latency
  -v                 verbose output
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4
  -b                 allow pinging broadcast
  -R                 record route
  -T <timestamp>     define timestamp, can be one of <tsonly|tsandaddr|tsprespec>

IPv6 options:
  -6                 use IPv6
  -F <flowlabel>     define flow label, default is random
  -N <nodeinfo opt>  use icmp6 node info query, try <help> as argument

For more details see ping(8).
";

const NODE_INFO_HELP: &str = "ping -6 -N <nodeinfo opt>
Help:
  help
Query:
  name
  ipv6
  ipv6-all
  ipv6-compatible
  ipv6-global
  ipv6-linklocal
  ipv6-sitelocal
  ipv4
  ipv4-all
Subject:
  subject-ipv6=addr
  subject-ipv4=addr
  subject-name=name
  subject-fqdn=name
";

/// A reading of the options that has begun.
struct Reading<'c, 'a> {
    call: &'c mut Call<'a>,
    tool: String,
    options: Options,
    pattern: Option<String>,
}

/// How the reading ends early: with a failure, or as it should.
enum End {
    Failure(Failure),
    Version,
    Help,
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Runs `ping`, or `ping4`, `ping6`: `argv[0]` says which.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let tool = argv.first().map_or("ping", String::as_str).to_owned();
    let v6 = match tool.as_bytes().last() {
        Some(b'4') => Some(false),
        Some(b'6') => Some(true),
        _ => None,
    };
    let options = Options {
        tool: tool.clone(),
        v6,
        ident: call.env.ident,
        columns: call.env.columns.filter(|_| call.env.stdout_tty),
        ..Options::default()
    };
    let (given, targets) = getopt(argv, SPEC);
    let mut reading = Reading {
        call,
        tool,
        options,
        pattern: None,
    };
    let read = given
        .into_iter()
        .try_for_each(|option| reading.take(option));
    let finished = read.and_then(|()| reading.finish(&targets));
    let Reading {
        call,
        tool,
        options,
        ..
    } = reading;
    match finished {
        Ok(target) => start(call, options, &target),
        Err(End::Failure(failure)) => failure.report(call.console),
        Err(End::Version) => {
            call.console.out(tool_version(&tool));
            Outcome::Exit(0)
        }
        Err(End::Help) => {
            call.console.out(NODE_INFO_HELP);
            Outcome::Exit(0)
        }
    }
}

/// `-V` always names `ping`, however it was called.
fn tool_version(_tool: &str) -> String {
    format!("ping{VERSION}")
}

fn start(call: &mut Call<'_>, options: Options, target: &str) -> Outcome {
    let hostname = call.world.hostname(call.host, call.netns).to_owned();
    let begun = Ping::start(
        call.world,
        call.netns,
        &hostname,
        options,
        target,
        call.console,
    );
    match begun {
        Ok(ping) => Outcome::Start(Box::new(Program::Ping(Box::new(ping)))),
        Err(status) => Outcome::Exit(status),
    }
}

/// The usage, behind what `getopt` said.
fn usage(tool: &str, said: &str) -> Failure {
    let said = match said {
        "" => String::new(),
        said => format!("{tool}: {said}"),
    };
    Failure {
        stderr: said + USAGE,
        status: 2,
    }
}

impl Reading<'_, '_> {
    fn fail(&self, words: impl std::fmt::Display) -> End {
        Failure::line(2, format_args!("{}: {words}", self.tool)).into()
    }

    fn number(&self, text: &str, min: i64, max: i64) -> Result<i64, End> {
        Ok(number(&self.tool, text, min, max)?)
    }

    fn take(&mut self, option: Opt<'_>) -> Result<(), End> {
        match option {
            Opt::Flag(letter) => self.flag(letter),
            Opt::Value(letter, value) => self.value(letter, value),
            Opt::Bad(said) => Err(usage(&self.tool, &said).into()),
        }
    }

    fn flag(&mut self, letter: char) -> Result<(), End> {
        let options = &mut self.options;
        match letter {
            '4' | '6' => return self.family(letter == '6'),
            'a' => options.audible = true,
            'A' => options.adaptive = true,
            'b' => options.broadcast = true,
            'B' => options.strict_source = true,
            'C' => options.connect = true,
            'd' => {}
            'D' => options.timestamps = true,
            'f' => options.flood = true,
            'L' => options.no_loop = true,
            'n' => options.numeric = true,
            'O' => options.outstanding = true,
            'q' => options.quiet = true,
            'r' => options.dont_route = true,
            'R' if options.record.is_some_and(|record| record != Record::Route) => {
                return Err(self.fail("only one of -T or -R may be used"));
            }
            'R' => options.record = Some(Record::Route),
            'U' => options.latency = true,
            'v' => options.verbose = true,
            'V' => return Err(End::Version),
            _ => return Err(usage(&self.tool, "").into()),
        }
        Ok(())
    }

    fn family(&mut self, v6: bool) -> Result<(), End> {
        if self.options.v6 == Some(!v6) {
            return Err(self.fail("only one -4 or -6 option may be specified"));
        }
        self.options.v6 = Some(v6);
        Ok(())
    }

    fn value(&mut self, letter: char, value: &str) -> Result<(), End> {
        match letter {
            'c' => self.options.count = Some(self.number(value, 1, i64::MAX)?.unsigned_abs()),
            'e' => self.options.ident = narrow(self.number(value, 0, 0xffff)?),
            'F' => self.options.flow_label = Some(self.flow_label(value)?),
            'i' => self.interval(value)?,
            'I' => self.source(value)?,
            'l' => self.options.preload = narrow(self.number(value, 1, 0x1_0000)?),
            'm' => self.options.mark = Some(narrow(self.number(value, 0, u32::MAX.into())?)),
            'M' => self.options.mtu_discover = Some(self.mtu_discover(value)?),
            'N' if value == "help" => return Err(End::Help),
            'N' => return Err(Failure::not_simulated("ping -N").into()),
            'p' => self.pattern = Some(value.to_owned()),
            'Q' => self.options.tos = self.tos(value)?,
            's' => self.options.size = narrow(self.number(value, 0, INT_MAX)?),
            'S' => {
                self.number(value, 1, INT_MAX)?;
            }
            't' => self.options.ttl = Some(narrow(self.number(value, 0, 255)?)),
            'T' => self.timestamp(value)?,
            'w' => self.options.deadline_s = narrow(self.number(value, 0, INT_MAX)?),
            _ => self.linger(value)?,
        }
        Ok(())
    }

    /// A number of seconds, in milliseconds; garbage behind it is only complained of (`ping_strtod`).
    fn seconds(&mut self, value: &str, what: &str) -> Result<f64, End> {
        let (seconds, rest) = strtod(value);
        if value.is_empty() {
            return Err(self.fail(format_args!("{what}: {value}")));
        }
        if !rest.is_empty() {
            let tool = &self.tool;
            self.call.console.err(format!(
                "{tool}: option argument contains garbage: {rest}\n\
                 {tool}: this will become fatal error in the future\n"
            ));
        }
        if !seconds.is_finite() || (seconds != 0.0 && !seconds.is_normal()) {
            let errno = crate::units::Errno::Erange;
            return Err(self.fail(format_args!("{what}: {value}: {errno}")));
        }
        Ok(seconds)
    }

    fn interval(&mut self, value: &str) -> Result<(), End> {
        let seconds = self.seconds(value, "bad timing interval")?;
        if seconds > f64::from(i32::MAX) / 1_000.0 {
            return Err(self.fail(format_args!("bad timing interval: {value}")));
        }
        self.options.interval_ms = ((seconds * 1_000.0) as i32).into();
        self.options.interval_given = true;
        Ok(())
    }

    fn linger(&mut self, value: &str) -> Result<(), End> {
        let seconds = self.seconds(value, "bad linger time")?;
        if seconds < 0.0 || seconds > f64::from(i32::MAX) / 1_000.0 {
            return Err(self.fail(format_args!("bad linger time: {value}")));
        }
        self.options.linger_ms = (seconds * 1_000.0) as u32;
        Ok(())
    }

    fn flow_label(&self, value: &str) -> Result<u32, End> {
        let parsed = match value
            .strip_prefix("0x")
            .or_else(|| value.strip_prefix("0X"))
        {
            Some(hex) => strtol(hex, 16),
            None => strtol(value, 10),
        };
        match parsed {
            Some((label @ 0..=0xf_ffff, "", _)) => Ok(narrow(label)),
            Some((_, "", _)) => {
                Err(self.fail(format_args!("flow value is greater than 20 bits: {value}")))
            }
            _ => Err(self.fail(format_args!("bad value for flowinfo: {value}"))),
        }
    }

    fn tos(&self, value: &str) -> Result<u8, End> {
        let parsed = match value
            .strip_prefix("0x")
            .or_else(|| value.strip_prefix("0X"))
        {
            Some(hex) => strtol(hex, 16),
            None => strtol(value, 10),
        };
        match parsed {
            Some((tos, "", _)) if tos > 255 => Err(self.fail(format_args!(
                "the decimal value of TOS bits must be in range 0-255: {tos}"
            ))),
            Some((tos, "", _)) => Ok((tos & 0xff) as u8),
            _ => Err(self.fail(format_args!("bad TOS value: {value}"))),
        }
    }

    fn mtu_discover(&self, value: &str) -> Result<MtuDiscover, End> {
        match value {
            "do" => Ok(MtuDiscover::Do),
            "dont" => Ok(MtuDiscover::Dont),
            "want" => Ok(MtuDiscover::Want),
            _ => Err(self.fail(format_args!("invalid -M argument: {value}"))),
        }
    }

    fn timestamp(&mut self, value: &str) -> Result<(), End> {
        if self.options.record == Some(Record::Route) {
            return Err(self.fail("only one of -T or -R may be used"));
        }
        self.options.record = Some(match value {
            "tsonly" => Record::Time,
            "tsandaddr" => Record::AddressAndTime,
            "tsprespec" => return Err(Failure::not_simulated("ping -T tsprespec").into()),
            _ => return Err(self.fail(format_args!("invalid timestamp type: {value}"))),
        });
        Ok(())
    }

    /// An address to send from, or a device.
    fn source(&mut self, value: &str) -> Result<(), End> {
        if value.contains(':') {
            let (address, device) = match value.split_once('%') {
                Some((address, device)) => (address, Some(device)),
                None => (value, None),
            };
            if let Some(device) = device {
                self.options.device = Some(device.to_owned());
            }
            match address.parse() {
                Ok(source) => self.options.source6 = Some(source),
                Err(_) => {
                    return Err(self.fail(format_args!("invalid source address: {value}")));
                }
            }
            self.options.strict_source = true;
        } else if let Ok(source) = value.parse() {
            self.options.source4 = Some(source);
            self.options.strict_source = true;
        } else {
            self.options.device = Some(value.to_owned());
        }
        Ok(())
    }

    /// What is looked at when all options are read; gives the target.
    fn finish(&mut self, targets: &[&str]) -> Result<String, End> {
        let Some(target) = targets.last() else {
            let errno = crate::units::Errno::Edestaddrreq;
            return Err(
                Failure::line(1, format_args!("{}: usage error: {errno}", self.tool)).into(),
            );
        };
        if let Some(pattern) = self.pattern.take() {
            if let Some(at) = pattern.find(|c: char| !c.is_ascii_hexdigit()) {
                let rest = &pattern[at..];
                return Err(self.fail(format_args!(
                    "patterns must be specified as hex digits: {rest}"
                )));
            }
            self.options.pattern = Some(pattern_bytes(&pattern));
        }
        match targets.len() {
            1 => Ok((*target).to_owned()),
            2..=10 if !target.contains(':') => {
                Err(self.fail("record route: Operation not permitted"))
            }
            _ => Err(usage(&self.tool, "").into()),
        }
    }
}

/// Up to 16 bytes of two hexadecimal digits each; the last may have one.
fn pattern_bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).take(16);
    pairs
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// A number whose bounds were checked, in its own type.
fn narrow<T: TryFrom<i64>>(value: i64) -> T {
    T::try_from(value).unwrap_or_else(|_| unreachable!("the bounds were checked"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Console;
    use crate::program::tests::{Bench, blank, text};
    use crate::tool::{Env, NoFiles};

    fn shell(bench: &mut Bench, line: &str) -> String {
        let argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let mut console = Console::default();
        let (host, netns) = (bench.world.default_host(), bench.root());
        let outcome = run(
            &mut Call {
                world: &mut bench.world,
                docker: &mut crate::docker::Engines::default(),
                host,
                netns,
                console: &mut console,
                files: &mut NoFiles,
                env: &Env::default(),
            },
            &argv,
        );
        let status = match outcome {
            Outcome::Exit(status) => status,
            Outcome::Start(program) => bench.run(*program, &mut console),
            _ => panic!("ping becomes no other command"),
        };
        let exit = if status == 0 {
            String::new()
        } else {
            format!("[exit {status}]\n")
        };
        blank(&text(&mut console)) + &exit
    }

    #[test]
    fn complaints_are_those_of_the_real_one() {
        let said = [
            (
                "ping",
                "ping: usage error: Destination address required\n[exit 1]\n",
            ),
            (
                "ping -c abc 127.0.0.1",
                "ping: invalid argument: 'abc'\n[exit 1]\n",
            ),
            (
                "ping -c 0 127.0.0.1",
                "ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807\n[exit 1]\n",
            ),
            (
                "ping -i 3000000 -c 1 127.0.0.1",
                "ping: bad timing interval: 3000000\n[exit 2]\n",
            ),
            (
                "ping -W -1 -c 1 127.0.0.1",
                "ping: bad linger time: -1\n[exit 2]\n",
            ),
            (
                "ping -t 0 -c 1 127.0.0.1",
                "ping: cannot set unicast time-to-live: Invalid argument\n[exit 2]\n",
            ),
            (
                "ping -M probe -c 1 127.0.0.1",
                "ping: invalid -M argument: probe\n[exit 2]\n",
            ),
            (
                "ping -Q 256 -c 1 127.0.0.1",
                "ping: the decimal value of TOS bits must be in range 0-255: 256\n[exit 2]\n",
            ),
            (
                "ping -Q zz -c 1 127.0.0.1",
                "ping: bad TOS value: zz\n[exit 2]\n",
            ),
            (
                "ping -p zz -c 1 127.0.0.1",
                "ping: patterns must be specified as hex digits: zz\n[exit 2]\n",
            ),
            (
                "ping -I nosuch -c 1 127.0.0.1",
                "ping: SO_BINDTODEVICE nosuch: No such device\n[exit 2]\n",
            ),
            (
                "ping -I 10.9.9.9 -c 1 127.0.0.1",
                "ping: bind: Cannot assign requested address\n[exit 2]\n",
            ),
            (
                "ping -I fe80::zz -c 1 ::1",
                "ping: invalid source address: fe80::zz\n[exit 2]\n",
            ),
            (
                "ping -T foo -c 1 127.0.0.1",
                "ping: invalid timestamp type: foo\n[exit 2]\n",
            ),
            (
                "ping -F zz -c 1 ::1",
                "ping: bad value for flowinfo: zz\n[exit 2]\n",
            ),
            (
                "ping -F 0x100000 -c 1 ::1",
                "ping: flow value is greater than 20 bits: 0x100000\n[exit 2]\n",
            ),
            (
                "ping -4 -6 -c 1 a",
                "ping: only one -4 or -6 option may be specified\n[exit 2]\n",
            ),
            (
                "ping -4 -c 1 ::1",
                "ping: ::1: Address family for hostname not supported\n[exit 2]\n",
            ),
            (
                "ping6 -c 1 127.0.0.1",
                "ping6: 127.0.0.1: Address family for hostname not supported\n[exit 2]\n",
            ),
            (
                "ping -c 1 nosuch",
                "ping: nosuch: Temporary failure in name resolution\n[exit 2]\n",
            ),
            (
                "ping -c 1 10.99.0.1",
                "ping: connect: Network is unreachable\n[exit 2]\n",
            ),
            (
                "ping -N name -c 1 ::1",
                "vethlab: ping -N is not simulated\n[exit 3]\n",
            ),
        ];
        for (line, want) in said {
            assert_eq!(shell(&mut Bench::new(), line), want, "{line}");
        }
    }

    #[test]
    fn what_getopt_refuses_is_followed_by_the_usage() {
        let said = shell(&mut Bench::new(), "ping -c");
        assert!(
            said.starts_with("ping: option requires an argument -- 'c'\n\nUsage\n"),
            "{said}"
        );
        assert!(
            said.ends_with("For more details see ping(8).\n[exit 2]\n"),
            "{said}"
        );
    }

    #[test]
    fn sizes_too_small_for_a_time_show_none() {
        let said = shell(&mut Bench::new(), "ping -s 15 -c 1 127.0.0.1");
        let want = "PING 127.0.0.1 (127.0.0.1) 15(43) bytes of data.\n\
                    23 bytes from 127.0.0.1: icmp_seq=1 ttl=64\n\n\
                    --- 127.0.0.1 ping statistics ---\n\
                    1 packets transmitted, 1 received, 0% packet loss, time #ms\n\n";
        assert_eq!(said, want);
    }

    #[test]
    fn the_longest_packet_goes_and_a_longer_one_does_not() {
        let mut bench = Bench::new();
        let said = shell(&mut bench, "ping -s 65507 -c 1 127.0.0.1");
        assert!(
            said.contains("65515 bytes from 127.0.0.1: icmp_seq=1"),
            "{said}"
        );
        let said = shell(&mut bench, "ping -s 65508 -c 1 127.0.0.1");
        assert!(
            said.contains("ping: local error: message too long, mtu="),
            "{said}"
        );
        let said = shell(&mut bench, "ping -s 100000 -c 1 -W 1 127.0.0.1");
        assert!(
            said.contains("1 packets transmitted, 0 received, 100% packet loss"),
            "{said}"
        );
    }

    #[test]
    fn garbage_behind_an_interval_is_only_complained_of() {
        let said = shell(&mut Bench::new(), "ping -i 0.2x -c 2 127.0.0.1");
        let want = "ping: option argument contains garbage: x\n\
                    ping: this will become fatal error in the future\n\
                    PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.\n";
        assert!(said.starts_with(want), "{said}");
    }

    #[test]
    fn three_packets_at_once_make_a_pipe() {
        let said = shell(&mut Bench::new(), "ping -l 3 -c 5 -q 127.0.0.1");
        assert!(
            said.contains("5 packets transmitted, 5 received, 0% packet loss"),
            "{said}"
        );
    }
}
