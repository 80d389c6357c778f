//! `arping` of iputils: its options, to be run by `program::arping`.
//! What goes over the wire is not decided here.

use super::getopt::{Opt, getopt};
use super::iputils::{VERSION, number};
use super::{Call, Failure, Outcome};
use crate::program::Program;
use crate::program::arping::{Arping, Options};

const SPEC: &str = "h?bfDUAqc:w:i:s:I:V";
const INT_MAX: i64 = i32::MAX as i64;

const USAGE: &str = "
Usage:
  arping [options] <destination>

Options:
  -f            quit on first reply
  -q            be quiet
  -b            keep on broadcasting, do not unicast
  -D            duplicate address detection mode
  -U            unsolicited ARP mode, update your neighbours
  -A            ARP answer mode, update your neighbours
  -V            print version and exit
  -c <count>    how many packets to send
  -w <timeout>  how long to wait for a reply
  -i <interval> set interval between packets (default: 1 second)
  -I <device>   which ethernet device to use
  -s <source>   source ip address
  <destination> dns name or ip address

For more details see arping(8).
";

/// Runs `arping`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let tool = argv.first().map_or("arping", String::as_str).to_owned();
    let mut options = Options {
        tool,
        ..Options::default()
    };
    let (given, targets) = getopt(argv, SPEC);
    for option in given {
        match take(&mut options, option) {
            Ok(true) => {}
            Ok(false) => {
                call.console.out(format!("arping{VERSION}"));
                return Outcome::Exit(0);
            }
            Err(failure) => return failure.report(call.console),
        }
    }
    let [target] = targets[..] else {
        return usage("").report(call.console);
    };
    let hostname = call.world.hostname(call.host, call.netns).to_owned();
    let begun = Arping::start(
        call.world,
        call.netns,
        &hostname,
        options,
        target,
        call.console,
    );
    match begun {
        Ok(arping) => Outcome::Start(Box::new(Program::Arping(Box::new(arping)))),
        Err(status) => Outcome::Exit(status),
    }
}

fn usage(said: &str) -> Failure {
    Failure {
        stderr: format!("{said}{USAGE}"),
        status: 2,
    }
}

/// Takes one option; false is `-V`.
fn take(options: &mut Options, option: Opt<'_>) -> Result<bool, Failure> {
    match option {
        Opt::Flag(letter) => return flag(options, letter),
        Opt::Value(letter, value) => take_value(options, letter, value)?,
        Opt::Bad(said) => return Err(usage(&format!("{}: {said}", options.tool))),
    }
    Ok(true)
}

fn flag(options: &mut Options, letter: char) -> Result<bool, Failure> {
    match letter {
        'b' => options.broadcast_only = true,
        'D' => {
            options.detect_duplicates = true;
            options.quit_on_reply = true;
        }
        'U' => options.unsolicited = true,
        'A' => {
            options.answer = true;
            options.unsolicited = true;
        }
        'q' => options.quiet = true,
        'f' => options.quit_on_reply = true,
        'V' => return Ok(false),
        _ => return Err(usage("")),
    }
    Ok(true)
}

fn take_value(options: &mut Options, letter: char, value: &str) -> Result<(), Failure> {
    let tool = options.tool.clone();
    let whole = |min: i64| {
        let number = number(&tool, value, min, INT_MAX)?;
        Ok::<u32, Failure>(u32::try_from(number).unwrap_or(u32::MAX))
    };
    match letter {
        'c' => options.count = Some(whole(1)?),
        'w' => options.timeout_s = whole(0)?,
        'i' => options.interval_s = whole(0)?,
        'I' => options.device = Some(value.to_owned()),
        _ => options.source = Some(value.to_owned()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::program::tests::Bench;
    use crate::tool::Shell;

    fn said(bench: &mut Bench, line: &str) -> String {
        let finished = Shell::new(&mut bench.world).run(line);
        let blanked: Vec<String> = (finished.stdout + &finished.stderr)
            .lines()
            .map(|line| match line.rsplit_once("  0.") {
                Some((head, _)) => format!("{head}  #ms"),
                None => line.to_owned(),
            })
            .collect();
        format!("{}\n[{}]", blanked.join("\n"), finished.status)
    }

    /// The root with `va` 10.0.0.1/24, a namespace with `vb` 10.0.0.2/24 and a known station.
    fn pair() -> Bench {
        let mut bench = Bench::pair();
        bench
            .world
            .link_set(
                bench.ns("peer"),
                &crate::kernel::netlink::LinkRef::Name("vb".to_owned()),
                &crate::kernel::netlink::LinkChange {
                    address: Some(crate::units::MacAddr([2, 0, 0, 0, 0, 0xb])),
                    ..Default::default()
                },
            )
            .expect("an address");
        bench
    }

    #[test]
    fn replies_are_counted_and_shown() {
        let mut bench = pair();
        let reply = "Unicast reply from 10.0.0.2 [02:00:00:00:00:0B]  #ms";
        assert_eq!(
            said(&mut bench, "arping -c 2 -I va 10.0.0.2"),
            format!(
                "ARPING 10.0.0.2 from 10.0.0.1 va\n{reply}\n{reply}\n\
                 Sent 2 probes (1 broadcast(s))\nReceived 2 response(s)\n[0]"
            )
        );
        assert_eq!(
            said(&mut bench, "arping -f 10.0.0.2"),
            format!(
                "ARPING 10.0.0.2 from 10.0.0.1 va\n{reply}\n\
                 Sent 1 probes (1 broadcast(s))\nReceived 1 response(s)\n[0]"
            )
        );
        let want = "ARPING 10.0.0.77 from 10.0.0.1 va\n\
                    Sent 3 probes (3 broadcast(s))\nReceived 0 response(s)\n[1]";
        assert_eq!(said(&mut bench, "arping -w 2 -I va 10.0.0.77"), want);
    }

    #[test]
    fn a_duplicate_is_found_and_a_free_address_is_not() {
        let mut bench = pair();
        assert_eq!(
            said(&mut bench, "arping -D -c 2 -I va 10.0.0.2"),
            "ARPING 10.0.0.2 from 0.0.0.0 va\n\
             Unicast reply from 10.0.0.2 [02:00:00:00:00:0B]  #ms\n\
             Sent 1 probes (1 broadcast(s))\nReceived 1 response(s)\n[1]"
        );
        assert_eq!(
            said(&mut bench, "arping -D -c 1 -w 1 -I va 10.0.0.77"),
            "ARPING 10.0.0.77 from 0.0.0.0 va\n\
             Sent 1 probes (1 broadcast(s))\nReceived 0 response(s)\n[0]"
        );
    }

    #[test]
    fn complaints_are_those_of_the_real_one() {
        let mut bench = pair();
        let lines = [
            (
                "arping -c 1 -I nosuch 10.0.0.2",
                "arping: Device nosuch not available.\n[2]",
            ),
            (
                "arping -c 1 -I lo 127.0.0.1",
                "Interface \"lo\" is not ARPable\n[2]",
            ),
            (
                "arping -c 1 -I va foo",
                "arping: foo: Temporary failure in name resolution\n[2]",
            ),
            (
                "arping -c abc -I va 10.0.0.2",
                "arping: invalid argument: 'abc'\n[1]",
            ),
            (
                "arping -c 0 -I va 10.0.0.2",
                "arping: invalid argument: '0': out of range: 1 <= value <= 2147483647\n[1]",
            ),
            (
                "arping -i 0.2 -I va 10.0.0.2",
                "arping: invalid argument: '0.2'\n[1]",
            ),
            (
                "arping -c 1 -s 10.0.0.9 -I va 10.0.0.2",
                "arping: bind: Cannot assign requested address\n[2]",
            ),
            (
                "arping -c 1 -s foo -I va 10.0.0.2",
                "arping: invalid source foo\n[2]",
            ),
            (
                "arping -U -c 1 -I va 10.0.0.77",
                "arping: bind: Cannot assign requested address\n[2]",
            ),
            ("arping -q -c 1 -I va 10.0.0.77", "\n[1]"),
        ];
        for (line, want) in lines {
            assert_eq!(said(&mut bench, line), want, "{line}");
        }
        assert!(
            said(&mut bench, "arping -z").starts_with("arping: invalid option -- 'z'\n\nUsage:\n")
        );
    }

    #[test]
    fn unsolicited_answers_are_no_failure() {
        let mut bench = pair();
        assert_eq!(
            said(&mut bench, "arping -A -c 2 -I va 10.0.0.1"),
            "ARPING 10.0.0.1 from 10.0.0.1 va\n\
             Sent 2 probes (2 broadcast(s))\nReceived 0 response(s)\n[0]"
        );
    }
}
