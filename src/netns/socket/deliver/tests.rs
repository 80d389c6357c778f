//! Which sockets get a packet, and which hear of an ICMP error.
//! Streams are tested beside `tcp`.

use super::super::kinds::{SocketKind, SocketOption};
use super::*;
use crate::engine::Seed;
use crate::units::{Arena, Errno};

struct Bench {
    ids: Arena<SockId, ()>,
    sockets: Sockets,
    random: crate::engine::Random,
}

impl Bench {
    fn new() -> Self {
        Self {
            ids: Arena::default(),
            sockets: Sockets::new(crate::engine::Seed(1).stream("tcp")),
            random: Seed(0).stream("ports"),
        }
    }

    fn open(&mut self, kind: SocketKind) -> SockId {
        let id = self.ids.insert(());
        self.sockets.open(id, kind);
        id
    }

    fn bound(&mut self, kind: SocketKind, to: &str) -> SockId {
        let id = self.open(kind);
        let to = to.parse().expect("an address");
        self.sockets.bind(id, to, &mut self.random).expect("free");
        id
    }

    fn connected(&mut self, kind: SocketKind, to: &str, source: &str) -> SockId {
        let id = self.open(kind);
        let (to, source) = (to.parse().expect("to"), source.parse().expect("source"));
        self.sockets
            .connect(id, to, source, &mut self.random)
            .expect("connected");
        id
    }

    fn deliver(&mut self, packet: &[u8]) -> (Taken, Vec<SockId>) {
        let mut woken = Vec::new();
        let arrival = Arrival {
            packet,
            ifindex: 2,
            packet_type: PacketType::Host,
            broadcast: false,
        };
        let taken = self.sockets.deliver(SimTime::ZERO, &arrival, &mut woken);
        (taken, woken)
    }

    fn udp(&mut self, from: &str, to: &str) -> Vec<u8> {
        let from: SocketAddr = from.parse().expect("from");
        let mut far = Bench::new();
        let id = far.bound(SocketKind::Udp4, &from.to_string());
        far.sockets
            .compose(SimTime::ZERO, id, to.parse().expect("to"), from.ip(), b"hi")
            .expect("a packet")
    }
}

#[test]
fn a_connected_socket_goes_before_a_bound_one_and_a_bound_one_before_the_wildcard() {
    let mut bench = Bench::new();
    let wildcard = bench.bound(SocketKind::Udp4, "0.0.0.0:53");
    let packet = bench.udp("10.0.0.2:4000", "10.0.0.1:53");
    assert_eq!(bench.deliver(&packet).1, [wildcard]);
    let id = bench.open(SocketKind::Udp4);
    let reuse = SocketOption::ReuseAddr(true);
    let to = "10.0.0.1:53".parse().expect("an address");
    assert_eq!(
        bench.sockets.bind(id, to, &mut bench.random),
        Err(Errno::Eaddrinuse)
    );
    bench.sockets.set(id, reuse).expect("open");
    bench.sockets.set(wildcard, reuse).expect("open");
    bench
        .sockets
        .bind(id, to, &mut bench.random)
        .expect("both reuse");
    assert_eq!(bench.deliver(&packet).1, [id]);
    let other = bench.udp("10.0.0.3:4000", "10.0.0.9:53");
    assert_eq!(bench.deliver(&other).1, [wildcard]);
    let far = "10.0.0.2:4000".parse().expect("an address");
    let source = "10.0.0.1".parse().expect("an address");
    bench
        .sockets
        .connect(wildcard, far, source, &mut bench.random)
        .expect("connected");
    assert_eq!(bench.deliver(&packet).1, [wildcard]);
    assert_eq!(
        bench.sockets.recv(wildcard).expect("a datagram").bytes,
        b"hi"
    );
}

#[test]
fn nobody_at_the_port_is_for_the_caller_to_answer() {
    let mut bench = Bench::new();
    let packet = bench.udp("10.0.0.2:4000", "10.0.0.1:53");
    assert_eq!(bench.deliver(&packet).0, Taken::default());
}

#[test]
fn every_raw_socket_gets_a_copy_with_the_header_as_it_came() {
    let mut bench = Bench::new();
    let first = bench.open(SocketKind::Raw4(1));
    let second = bench.open(SocketKind::Raw4(1));
    let udp = bench.open(SocketKind::Raw4(17));
    bench
        .sockets
        .set(first, SocketOption::Tos(0x10))
        .expect("open");
    let to = "10.0.0.1:0".parse().expect("an address");
    let source = "10.0.0.2".parse().expect("an address");
    let echo = [0, 0, 0, 0, 0, 1, 0, 1];
    let packet = bench
        .sockets
        .compose(SimTime::ZERO, first, to, source, &echo)
        .expect("a packet");
    assert_eq!(bench.deliver(&packet).1, [first, second]);
    assert_eq!(bench.sockets.recv(second).expect("a copy").bytes, packet);
    assert!(bench.sockets.recv(udp).is_none());
    bench
        .sockets
        .set(second, SocketOption::IcmpFilter(1))
        .expect("open");
    assert_eq!(bench.deliver(&packet).1, [first]);
}

#[test]
fn a_quoted_datagram_finds_its_sender() {
    let mut bench = Bench::new();
    let id = bench.connected(SocketKind::Udp4, "10.0.0.2:33434", "10.0.0.1");
    bench
        .sockets
        .set(id, SocketOption::RecvErr(true))
        .expect("open");
    let local = bench.sockets.local(id).expect("bound");
    assert!((32_768..=60_999).contains(&local.port()));
    let quoted = bench
        .sockets
        .compose(
            SimTime::ZERO,
            id,
            "10.0.0.2:33434".parse().expect("to"),
            local.ip(),
            b"probe",
        )
        .expect("a packet");
    let arrival = IcmpArrival {
        kind: 11,
        code: 0,
        info: 0,
        offender: "10.0.0.254".parse().expect("an address"),
        ttl: 64,
        quoted: &quoted,
        ifindex: 2,
    };
    let mut woken = Vec::new();
    bench
        .sockets
        .icmp_error(SimTime::ZERO, &arrival, &mut woken);
    assert_eq!(woken, [id]);
    assert_eq!(bench.sockets.take_error(id), Some(Errno::Ehostunreach));
    let error = bench.sockets.recv_error(id).expect("queued");
    assert_eq!(
        (error.kind, error.to.port(), &error.bytes[..]),
        (11, 33_434, &b"probe"[..])
    );
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut bench = Bench::new();
    let id = bench.bound(SocketKind::Udp4, "0.0.0.0:53");
    let packet = bench.udp("10.0.0.2:4000", "10.0.0.1:53");
    bench.deliver(&packet);
    let mut fork = bench.sockets.clone();
    assert!(bench.sockets.recv(id).is_some() && bench.sockets.recv(id).is_none());
    assert_eq!(fork.recv(id).expect("kept in the fork").bytes, b"hi");
}

#[test]
fn broken_packets_reach_nobody() {
    let mut bench = Bench::new();
    bench.open(SocketKind::Raw4(1));
    bench.open(SocketKind::Raw6(58));
    for len in 0..60 {
        for version in [0x40_u8, 0x45, 0x4f, 0x60, 0xf0] {
            let mut packet = vec![0xff; len];
            if let Some(first) = packet.first_mut() {
                *first = version;
            }
            bench.deliver(&packet);
        }
    }
}
