//! Pings in small networks, held against what the real one printed.

use super::{Options, Ping};
use crate::program::tests::{Bench, blank, text};
use crate::program::{Console, Program};

fn ping(
    bench: &mut Bench,
    ns: &str,
    target: &str,
    change: impl FnOnce(&mut Options),
) -> (String, i32) {
    let mut options = Options {
        count: Some(1),
        ident: 77,
        ..Options::default()
    };
    change(&mut options);
    let mut console = Console::default();
    let netns = bench.ns(ns);
    let begun = Ping::start(
        &mut bench.world,
        netns,
        "host",
        options,
        target,
        &mut console,
    );
    let status = match begun {
        Ok(ping) => bench.run(Program::Ping(Box::new(ping)), &mut console),
        Err(status) => status,
    };
    (blank(&text(&mut console)), status)
}

#[test]
fn a_reply_is_shown_with_statistics() {
    let mut bench = Bench::pair();
    let (shown, status) = ping(&mut bench, "", "10.0.0.2", |options| {
        options.count = Some(2)
    });
    assert_eq!(
        shown,
        "PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.\n\
         64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=# ms\n\
         64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=# ms\n\n\
         --- 10.0.0.2 ping statistics ---\n\
         2 packets transmitted, 2 received, 0% packet loss, time #ms\n\
         rtt #\n"
    );
    assert_eq!(status, 0);
}

#[test]
fn the_loopback_has_a_name() {
    let mut bench = Bench::new();
    let (shown, status) = ping(&mut bench, "", "localhost", |_| ());
    assert!(
        shown.contains("64 bytes from localhost (127.0.0.1): icmp_seq=1 ttl=64 time=# ms\n"),
        "{shown}"
    );
    assert_eq!(status, 0);
}

#[test]
fn nobody_there_is_host_unreachable_after_three_questions() {
    let mut bench = Bench::pair();
    let (shown, status) = ping(&mut bench, "", "10.0.0.9", |_| ());
    assert_eq!(
        shown,
        "PING 10.0.0.9 (10.0.0.9) 56(84) bytes of data.\n\
         From 10.0.0.1 icmp_seq=1 Destination Host Unreachable\n\n\
         --- 10.0.0.9 ping statistics ---\n\
         1 packets transmitted, 0 received, +1 errors, 100% packet loss, time #ms\n\n"
    );
    assert_eq!(status, 1);
}

#[test]
fn no_route_ends_it_before_it_begins() {
    let mut bench = Bench::new();
    let shown = ping(&mut bench, "", "10.99.0.1", |_| ());
    assert_eq!(
        shown,
        ("ping: connect: Network is unreachable\n".to_owned(), 2)
    );
}

#[test]
fn a_packet_too_long_is_a_local_error() {
    let mut bench = Bench::pair();
    let (shown, status) = ping(&mut bench, "", "10.0.0.2", |options| {
        options.size = 1_473;
        options.mtu_discover = Some(crate::netns::socket::MtuDiscover::Do);
    });
    assert!(
        shown.contains("ping: local error: message too long, mtu=1500\n"),
        "{shown}"
    );
    assert!(shown.contains("+1 errors, 100% packet loss"), "{shown}");
    assert_eq!(status, 1);
}

#[test]
fn a_broadcast_wants_to_be_asked_for() {
    let mut bench = Bench::pair();
    let shown = ping(&mut bench, "", "10.0.0.255", |_| ());
    let want =
        "ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n";
    assert_eq!(shown, (want.to_owned(), 2));
}

#[test]
fn a_flood_ends_as_soon_as_the_replies_are_there() {
    let mut bench = Bench::pair();
    let (shown, _) = ping(&mut bench, "", "10.0.0.2", |options| {
        options.flood = true;
        options.count = Some(5);
    });
    assert!(shown.contains(".\u{8} \u{8}.\u{8} \u{8}"), "{shown:?}");
    assert!(
        shown.contains("5 packets transmitted, 5 received"),
        "{shown}"
    );
}

#[test]
fn a_deadline_ends_it_with_status_1_where_replies_are_missing() {
    let mut bench = Bench::pair();
    let (shown, status) = ping(&mut bench, "", "10.0.0.2", |options| {
        options.deadline_s = 2;
        options.count = Some(10);
    });
    assert!(
        shown.contains("2 packets transmitted, 2 received")
            || shown.contains("3 packets transmitted, 3 received"),
        "{shown}"
    );
    assert_eq!(status, 1);
}
