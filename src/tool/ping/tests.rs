//! Options of `ping`: what is taken, and how the rest is complained of.
//! Replies and statistics are tested with the program.

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
