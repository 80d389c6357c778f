//! Ways through small networks, and complaints, held against what the real one printed.

use crate::program::tests::Bench;
use crate::tool::Shell;

fn said(bench: &mut Bench, line: &str) -> String {
    let finished = Shell::new(&mut bench.world).run(line);
    assert!(
        finished.stdout.is_empty()
            || finished.stderr.is_empty()
            || finished.stderr.starts_with('\n')
    );
    format!(
        "{}[{}]",
        blank(&(finished.stdout + &finished.stderr)),
        finished.status
    )
}

/// Round trips blanked.
fn blank(text: &str) -> String {
    let blanked = text.split("  ").map(|piece| match piece.split_once(" ms") {
        Some((number, rest)) if number.parse::<f64>().is_ok() => format!("# ms{rest}"),
        _ => piece.to_owned(),
    });
    blanked.collect::<Vec<_>>().join("  ")
}

/// left 10.1.0.2 - 10.1.0.1 mid 10.2.0.1 - 10.2.0.2 right, with default routes by mid.
fn router() -> Bench {
    let mut bench = Bench::new();
    for name in ["left", "mid", "right"] {
        bench.netns(name);
    }
    bench.veth(("left", "l0", "10.1.0.2/24"), ("mid", "m0", "10.1.0.1/24"));
    bench.veth(("right", "r0", "10.2.0.2/24"), ("mid", "m1", "10.2.0.1/24"));
    said(&mut bench, "ip -n left route add default via 10.1.0.1");
    said(&mut bench, "ip -n right route add default via 10.2.0.1");
    let mid = bench.ns("mid");
    bench
        .world
        .sysctl_write(mid, "net.ipv4.ip_forward", "1")
        .expect("a setting");
    bench
}

fn left(bench: &mut Bench, line: &str) -> String {
    said(bench, &format!("ip netns exec left {line}"))
}

#[test]
fn a_router_and_the_end_answer_with_each_method() {
    for method in ["", "-U ", "-I ", "-T "] {
        let mut bench = router();
        let shown = left(&mut bench, &format!("traceroute -n -q 1 {method}10.2.0.2"));
        assert_eq!(
            shown,
            "traceroute to 10.2.0.2 (10.2.0.2), 30 hops max, 60 byte packets\n 1  \
             10.1.0.1  # ms\n 2  10.2.0.2  # ms\n[0]",
            "{method:?}"
        );
    }
}

#[test]
fn without_n_addresses_stand_twice() {
    let mut bench = router();
    let shown = left(&mut bench, "traceroute 10.2.0.2");
    assert!(shown.contains(" 1  10.1.0.1 (10.1.0.1)  # ms"), "{shown}");
}

#[test]
fn a_router_without_a_route_ends_it() {
    let mut bench = router();
    let shown = left(&mut bench, "traceroute -n -q 1 10.9.0.1");
    assert!(shown.ends_with(" 1  10.1.0.1  # ms !N\n[0]"), "{shown}");
}

#[test]
fn no_route_of_our_own_is_an_error_behind_the_header() {
    let mut bench = router();
    said(&mut bench, "ip -n left route del default");
    let shown = left(&mut bench, "traceroute 10.9.0.1");
    let want = "60 byte packets\nconnect: Network is unreachable\n[1]";
    assert!(shown.ends_with(want), "{shown}");
}

#[test]
fn nobody_there_is_a_star_for_each_probe() {
    let mut bench = router();
    let shown = left(&mut bench, "traceroute -n -q 1 -m 3 -w 1 10.1.0.77");
    assert!(shown.ends_with(" 1  *\n 2  *\n 3  *\n[0]"), "{shown}");
}

#[test]
fn a_path_that_takes_less_is_found_out() {
    let mut bench = router();
    said(&mut bench, "ip -n mid link set m1 mtu 1400");
    assert_eq!(
        left(&mut bench, "traceroute -n -q 1 --mtu 10.2.0.2"),
        "traceroute to 10.2.0.2 (10.2.0.2), 30 hops max, 65000 byte packets\n 1  \
         10.1.0.1  # ms F=1500\n 2  10.2.0.2  # ms F=1400\n[0]"
    );
}

#[test]
fn complaints_are_those_of_the_real_one() {
    let lines = [
        ("traceroute -Z 10.0.0.1", "Bad option `-Z' (argc 1)\n[2]"),
        (
            "traceroute --bogus 10.0.0.1",
            "Bad option `--bogus' (argc 1)\n[2]",
        ),
        (
            "traceroute -m",
            "Option `-m' (argc 1) requires an argument: `-m max_ttl'\n[2]",
        ),
        (
            "traceroute -m abc 127.0.0.1",
            "Cannot handle `-m' option with arg `abc' (argc 2)\n[2]",
        ),
        ("traceroute -m 0 127.0.0.1", "first hop out of range\n[2]"),
        (
            "traceroute -m 256 127.0.0.1",
            "max hops cannot be more than 255\n[2]",
        ),
        (
            "traceroute -q 11 127.0.0.1",
            "no more than 10 probes per hop\n[2]",
        ),
        (
            "traceroute -w -1 127.0.0.1",
            "bad wait specifications `-1,0,0' used\n[2]",
        ),
        (
            "traceroute -w x 127.0.0.1",
            "Cannot handle `-w' option with arg `x' (argc 2)\n[2]",
        ),
        (
            "traceroute -z -1 127.0.0.1",
            "bad sendtime `-1' specified\n[2]",
        ),
        (
            "traceroute 127.0.0.1 70000",
            "too big packetlen 70000 specified\n[2]",
        ),
        (
            "traceroute 127.0.0.1 abc",
            "Cannot handle \"packetlen\" cmdline arg `abc' on position 2 (argc 2)\n[2]",
        ),
        (
            "traceroute 127.0.0.1 60 60",
            "Extra arg `60' (position 3, argc 3)\n[2]",
        ),
        (
            "traceroute -s ::1 127.0.0.1",
            "IP version mismatch in addresses specified\n[2]",
        ),
        (
            "traceroute nosuch",
            "nosuch: Temporary failure in name resolution\n\
             Cannot handle \"host\" cmdline arg `nosuch' on position 1 (argc 1)\n[2]",
        ),
        (
            "traceroute -4 ::1",
            "::1: Address family for hostname not supported\n\
             Cannot handle \"host\" cmdline arg `::1' on position 1 (argc 2)\n[2]",
        ),
        (
            "traceroute -M foo 127.0.0.1",
            "Unknown traceroute module foo\n[2]",
        ),
        (
            "traceroute -nq1 127.0.0.1",
            "Option `-q' (argc 1) requires an argument: `-q nqueries'\n[2]",
        ),
        (
            "traceroute --queries 1 127.0.0.1",
            "Option `--queries' (argc 1) requires an argument: `--queries=nqueries'\n[2]",
        ),
        (
            "traceroute -g 10.0.0.1 127.0.0.1",
            "vethlab: traceroute -g is not simulated\n[3]",
        ),
        (
            "traceroute -i nosuch 127.0.0.1",
            "traceroute to 127.0.0.1 (127.0.0.1), 30 hops max, 60 byte packets\n\
             setsockopt SO_BINDTODEVICE: No such device\n[1]",
        ),
        (
            "traceroute -s 10.9.9.9 127.0.0.1",
            "traceroute to 127.0.0.1 (127.0.0.1), 30 hops max, 60 byte packets\n\
             bind: Cannot assign requested address\n[1]",
        ),
    ];
    for (line, want) in lines {
        assert_eq!(said(&mut Bench::new(), line), want, "{line}");
    }
}

#[test]
fn the_loopback_is_one_hop() {
    let mut bench = Bench::new();
    for line in [
        "traceroute -q 1 localhost",
        "traceroute --max-hops=30 -q1 127.1",
        "traceroute -q 1 -I 127.0.0.1 60",
    ] {
        let shown = said(&mut bench, line);
        assert!(
            shown.ends_with("60 byte packets\n 1  localhost (127.0.0.1)  # ms\n[0]"),
            "{shown}"
        );
    }
    let shown = said(&mut bench, "traceroute 127.0.0.1 10 -q 1");
    assert!(shown.contains("28 byte packets"), "{shown}");
}
