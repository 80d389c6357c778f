//! Tests of tcpdump's words and of captures in a world.
//! What files show is compared in `tests/captures.rs`.

use super::*;
use crate::program::tcpdump::{Direction, TimeStyle};
use crate::wire::print::Hex;

fn parsed(line: &str) -> Result<Options, Early> {
    let argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
    parse(&argv)
}

fn good(line: &str) -> Options {
    parsed(line).expect("good words")
}

fn complaint(line: &str) -> String {
    let early = parsed(line).expect_err("bad words");
    assert_eq!(early.status, 1, "{line}");
    early.stderr.lines().next().unwrap_or("").to_owned()
}

use crate::kernel::World;
use crate::program::{Console, Piece, Poll, Signal};
use crate::tool::Shell;

/// A world with two namespaces, and neighbours that know each other.
fn pair() -> World {
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    for line in [
        "ip netns add peer",
        "ip link add va type veth peer name vb netns peer",
        "ip link set va up",
        "ip addr add 10.0.0.1/24 dev va",
        "ip -n peer link set vb up",
        "ip -n peer addr add 10.0.0.2/24 dev vb",
        "ping -c 1 10.0.0.2",
    ] {
        let finished = shell.run(line);
        assert_eq!(finished.status, 0, "{line}: {}", finished.stderr);
    }
    world
}

fn capture(world: &mut World, line: &str) -> (Capture, Console) {
    let options = good(line);
    let filter = options.filter.clone();
    let place = Place {
        netns: world.host(world.default_host()).root,
        stdout_tty: false,
    };
    let mut console = Console::default();
    let opened = Capture::open(world, place, options, &filter, &mut console);
    let mut capture = opened.expect("a device that is up");
    capture.poll(world, &mut console);
    (capture, console)
}

fn texts(console: &Console) -> (String, String, Vec<u8>) {
    let (mut out, mut err, mut file) = (Vec::new(), Vec::new(), Vec::new());
    for piece in &console.pieces {
        match piece {
            Piece::Out(bytes) => out.extend_from_slice(bytes),
            Piece::Err(bytes) => err.extend_from_slice(bytes),
            Piece::File { bytes, .. } => file.extend_from_slice(bytes),
        }
    }
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (text(out), text(err), file)
}

/// Without the time in front.
fn untimed(out: &str) -> Vec<&str> {
    let lines = out.lines();
    lines
        .map(|line| line.split_once(' ').map_or(line, |(_, rest)| rest))
        .collect()
}

#[test]
fn a_capture_prints_what_passes_until_it_is_interrupted() {
    let mut world = pair();
    let (mut capture, mut console) = capture(&mut world, "tcpdump -ni va icmp");
    assert_eq!(Shell::new(&mut world).run("ping -c 1 10.0.0.2").status, 0);
    let poll = capture.signal(&mut world, &mut console, Signal::Interrupt);
    assert_eq!(poll, Poll::Exit(0));
    let (out, err, _) = texts(&console);
    let lines = untimed(&out);
    assert!(lines[0].starts_with("IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id "));
    assert!(lines[1].starts_with("IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id "));
    assert_eq!(&lines[2..], [""], "the line that an interrupt begins");
    assert_eq!(
        err,
        "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n\
         listening on va, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n\
         2 packets captured\n2 packets received by filter\n0 packets dropped by kernel\n"
    );
}

#[test]
fn a_capture_writes_a_file_and_ends_at_its_count() {
    let mut world = pair();
    let line = "tcpdump -i va -c 1 -Q out -s 60 -w x.pcap icmp";
    let (mut capture, mut console) = capture(&mut world, line);
    assert_eq!(Shell::new(&mut world).run("ping -c 1 10.0.0.2").status, 0);
    let Poll::Wait(Some(due)) = capture.poll(&mut world, &mut console) else {
        panic!("a block is not handed over before its time");
    };
    world.run_until(due).expect("a quiet world");
    assert_eq!(capture.poll(&mut world, &mut console), Poll::Exit(0));
    let (out, err, file) = texts(&console);
    assert_eq!(out, "");
    assert!(err.contains("1 packet captured\n2 packets received by filter\n"));
    assert_eq!(file.len(), 24 + 16 + 60);
}

#[test]
fn any_shows_the_device_and_the_direction() {
    let mut world = pair();
    let (mut capture, mut console) = capture(&mut world, "tcpdump -ni any -c 2 icmp");
    assert_eq!(Shell::new(&mut world).run("ping -c 1 10.0.0.2").status, 0);
    let Poll::Wait(Some(due)) = capture.poll(&mut world, &mut console) else {
        panic!("a block is not handed over before its time");
    };
    world.run_until(due).expect("a quiet world");
    assert_eq!(capture.poll(&mut world, &mut console), Poll::Exit(0));
    let (out, err, _) = texts(&console);
    let lines = untimed(&out);
    assert!(lines[0].starts_with("va    Out IP 10.0.0.1 > 10.0.0.2: ICMP echo request"));
    assert!(lines[1].starts_with("va    In  IP 10.0.0.2 > 10.0.0.1: ICMP echo reply"));
    assert!(err.starts_with("tcpdump: data link type LINUX_SLL2\n"));
}

#[test]
fn a_device_must_be_there_and_up() {
    let mut world = pair();
    let mut shell = Shell::new(&mut world);
    let missing = shell.run("tcpdump -i nope");
    assert_eq!(
        (missing.stderr.as_str(), missing.status),
        (
            "tcpdump: nope: No such device exists\n(No such device exists)\n",
            1
        )
    );
    shell.run("ip link set va down");
    let down = shell.run("tcpdump -i va");
    assert_eq!(down.stderr, "tcpdump: va: That device is not up\n");
    assert_eq!(
        shell.run("tcpdump -L -i lo").stderr,
        "Data link types for lo (use option -y to set):\n  EN10MB (Ethernet)\n  DOCSIS (DOCSIS) (printing not supported)\n"
    );
}

#[test]
fn options_are_joined_and_mixed_with_the_expression() {
    let options = good("tcpdump -i veth1 icmp -c 2 -nvvU -w out.pcap or arp");
    assert_eq!(options.interface.as_deref(), Some("veth1"));
    assert_eq!(options.filter, "icmp or arp");
    assert_eq!((options.count, options.print.verbose), (Some(2), 2));
    assert!(options.packet_buffered && options.print.numeric);
    assert_eq!(options.write.as_deref(), Some("out.pcap"));
    assert_eq!(
        good("tcpdump -nr x.pcap -XX").print.hex,
        Some(Hex::LinkBytesText)
    );
    assert_eq!(good("tcpdump -c5 -ttt").time, TimeStyle::SincePrevious);
    assert_eq!(
        good("tcpdump --interface=lo --count").interface.as_deref(),
        Some("lo")
    );
    assert_eq!(good("tcpdump --snap 96").snaplen, 96);
    assert_eq!(good("tcpdump -s 0").snaplen, 262_144);
    assert_eq!(good("tcpdump -- -i").filter, "-i");
    assert_eq!(good("tcpdump -Q IN").direction, Direction::In);
}

#[test]
fn complaints_are_tcpdumps() {
    let cases = [
        ("tcpdump -c 0", "tcpdump: invalid packet count 0"),
        ("tcpdump -c abc -r x", "tcpdump: invalid packet count abc"),
        (
            "tcpdump -s 300000",
            "tcpdump: invalid snaplen 300000 (must be >= 0 and <= 262144)",
        ),
        ("tcpdump -k", "tcpdump: invalid option -- 'k'"),
        ("tcpdump -c", "tcpdump: option requires an argument -- 'c'"),
        ("tcpdump --foo", "tcpdump: unrecognized option '--foo'"),
        (
            "tcpdump --int",
            "tcpdump: option '--interface' requires an argument",
        ),
        (
            "tcpdump --count=3",
            "tcpdump: option '--count' doesn't allow an argument",
        ),
        (
            "tcpdump --t",
            "tcpdump: option '--t' is ambiguous; possibilities: '--time-stamp-type' '--time-stamp-precision'",
        ),
        ("tcpdump -Q up", "tcpdump: unknown capture direction `up'"),
        (
            "tcpdump -tttttt",
            "tcpdump: only -t, -tt, -ttt, -tttt and -ttttt are supported",
        ),
        ("tcpdump -T foo", "tcpdump: unknown packet type `foo'"),
        (
            "tcpdump -V x -r y",
            "tcpdump: -V and -r are mutually exclusive.",
        ),
        (
            "tcpdump -f -r y",
            "tcpdump: -f can not be used with -V or -r",
        ),
    ];
    for (line, words) in cases {
        assert_eq!(complaint(line), words, "{line}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let help = parsed("tcpdump -h").expect_err("ends early");
    assert!(help.stdout.starts_with("tcpdump version 4.99.3\n"));
    assert!(help.stdout.ends_with("[ expression ]\n"));
    assert_eq!((help.stderr.as_str(), help.status), ("", 0));
    let version = parsed("tcpdump --version").expect_err("ends early");
    assert_eq!(version.stdout.lines().count(), 3);
}

#[test]
fn what_is_not_simulated_says_so() {
    let early = parsed("tcpdump -d icmp").expect_err("ends early");
    assert_eq!(early.status, 3);
    assert_eq!(early.stderr, "vethlab: tcpdump -d is not simulated\n");
}
