//! Two tables with a wire between them that loses, doubles, delays and swaps segments.
//! The way of a segment through IP is tested in the kernel floor.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use proptest::prelude::*;

use super::params::Params;
use super::segment::Segment;
use super::state::TcpState;
use super::table::{Came, Received, TcpTable};
use crate::engine::Seed;
use crate::netns::sysctl::Sysctls;
use crate::units::{Arena, Errno, SimTime, SockId, TcpId};
use crate::wire::Frame;

/// What the wire does to a segment.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Pass,
    Lose,
    Double,
    Late(u8),
}

/// One of the two hosts.
struct End {
    table: TcpTable,
    ip: IpAddr,
    woken: Vec<SockId>,
    ids: Vec<TcpId>,
}

/// Two hosts and the segments between them.
struct Wire {
    now: SimTime,
    ends: [End; 2],
    /// When, in which order, for whom.
    flying: Vec<(SimTime, u64, usize, Frame)>,
    sent: u64,
    fates: Vec<Fate>,
    mtu: u32,
}

const PORT: u16 = 80;
const CROSSING: Duration = Duration::from_micros(100);
const RANGE: (u16, u16) = (32_768, 60_999);

fn params() -> Params {
    Params::new(&Sysctls::default())
}

impl Wire {
    fn new(fates: Vec<Fate>) -> Self {
        let end = |name: &str, ip: &str| End {
            table: TcpTable::new(Seed(1).stream(name)),
            ip: ip.parse().unwrap(),
            woken: Vec::new(),
            ids: Vec::new(),
        };
        Self {
            now: SimTime::ZERO,
            ends: [end("a", "10.0.0.1"), end("b", "10.0.0.2")],
            flying: Vec::new(),
            sent: 0,
            fates,
            mtu: 1500,
        }
    }

    fn sock(number: usize) -> SockId {
        let mut arena: Arena<SockId, ()> = Arena::default();
        let mut last = arena.insert(());
        (0..number).for_each(|_| last = arena.insert(()));
        last
    }

    /// A listener at the second end, and a connection that is being opened from the first.
    fn open(&mut self, params: Params) -> (TcpId, TcpId) {
        let listener = self.ends[1].table.open(Self::sock(0), false, params);
        let at = SocketAddr::new(self.ends[1].ip, PORT);
        self.ends[1].table.bind(listener, at, RANGE).unwrap();
        self.ends[1].table.listen(listener, 5, RANGE).unwrap();
        let client = self.ends[0].table.open(Self::sock(1), false, params);
        let source = self.ends[0].ip;
        self.ends[0]
            .table
            .connect(client, at, source, self.mtu, RANGE)
            .unwrap();
        self.flush(0, client);
        (client, listener)
    }

    fn flush(&mut self, end: usize, id: TcpId) {
        while let Some(frame) = self.ends[end].table.dispatch(self.now, id) {
            let fate = self
                .fates
                .get(self.sent as usize)
                .copied()
                .unwrap_or(Fate::Pass);
            self.sent += 1;
            let mut send = |delay: Duration| {
                let order = self.flying.len() as u64 + self.sent * 1_000;
                self.flying
                    .push((self.now + delay, order, 1 - end, frame.clone()));
            };
            match fate {
                Fate::Pass => send(CROSSING),
                Fate::Lose => {}
                Fate::Double => {
                    send(CROSSING);
                    send(CROSSING * 2);
                }
                Fate::Late(by) => send(CROSSING * (1 + u32::from(by))),
            }
        }
        let here = &mut self.ends[end];
        here.table.settle(id, &mut here.woken);
        if here.table.deadline(id).is_some() && !here.ids.contains(&id) {
            here.ids.push(id);
        }
    }

    fn deliver(&mut self, end: usize, frame: &Frame) {
        let (src, dst) = (self.ends[1 - end].ip, self.ends[end].ip);
        let came = Came {
            src,
            dst,
            ifindex: 2,
            segment: Segment::parse(frame.bytes()).unwrap(),
        };
        match self.ends[end].table.receive(self.now, &came) {
            Received::Taken(id) => self.flush(end, id),
            Received::Asked(listener) => {
                let mtu = self.mtu;
                if let Some(id) = self.ends[end].table.answer_syn(listener, &came, mtu) {
                    self.flush(end, id);
                }
            }
            Received::Refused(id) => {
                self.flush(end, id);
                self.refuse(end, src, dst, frame);
            }
            Received::Nobody => self.refuse(end, src, dst, frame),
            Received::Ignored => {}
        }
    }

    fn refuse(&mut self, end: usize, src: IpAddr, dst: IpAddr, frame: &Frame) {
        if let Some(reset) = crate::netns::ip::reset::answer(src, dst, frame.bytes()) {
            self.flying
                .push((self.now + CROSSING, self.sent * 1_000, 1 - end, reset));
        }
    }

    /// Lets the next thing happen; whether there was one.
    fn step(&mut self) -> bool {
        let arrival = self.flying.iter().map(|&(at, order, ..)| (at, order)).min();
        let timer = (0..2)
            .flat_map(|end| self.ends[end].ids.iter().map(move |&id| (end, id)))
            .filter_map(|(end, id)| Some((self.ends[end].table.find(id)?.deadline(), end, id)))
            .filter(|&(at, ..)| at != SimTime::NEVER)
            .min_by_key(|&(at, end, _)| (at, end));
        match (arrival, timer) {
            (Some((at, order)), timer) if timer.is_none_or(|(timer, ..)| at <= timer) => {
                self.now = self.now.max(at);
                let found = self
                    .flying
                    .iter()
                    .position(|&(t, o, ..)| (t, o) == (at, order));
                let (_, _, end, frame) = self.flying.swap_remove(found.unwrap());
                self.deliver(end, &frame);
            }
            (_, Some((at, end, id))) => {
                self.now = self.now.max(at);
                self.ends[end].table.run_timers(self.now, id);
                self.flush(end, id);
            }
            _ => return false,
        }
        true
    }

    fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            if !self.step() {
                return;
            }
        }
    }

    fn accept(&mut self, listener: TcpId) -> Option<TcpId> {
        let id = self.ends[1].table.accept(listener).ok()?;
        self.ends[1].table.find_mut(id).unwrap().owner = Some(Self::sock(7));
        Some(id)
    }

    fn state(&self, end: usize, id: TcpId) -> Option<TcpState> {
        self.ends[end].table.find(id).map(|tcb| tcb.state)
    }

    fn write(&mut self, end: usize, id: TcpId, bytes: &[u8]) -> Result<usize, Errno> {
        let count = self.ends[end].table.find_mut(id).unwrap().write(bytes)?;
        self.flush(end, id);
        Ok(count)
    }

    fn read(&mut self, end: usize, id: TcpId, into: &mut Vec<u8>) -> Result<usize, Errno> {
        let now = self.now;
        let tcb = self.ends[end].table.find_mut(id).unwrap();
        let count = tcb.take(now, Some(into), 10_000)?;
        self.flush(end, id);
        Ok(count)
    }

    fn shut(&mut self, end: usize, id: TcpId) {
        let tcb = self.ends[end].table.find_mut(id).unwrap();
        tcb.shut_down(false, true).unwrap();
        self.flush(end, id);
    }

    fn close(&mut self, end: usize, id: TcpId) {
        let now = self.now;
        for id in self.ends[end].table.close(now, id) {
            self.flush(end, id);
        }
    }
}

fn established() -> (Wire, TcpId, TcpId) {
    let mut wire = Wire::new(Vec::new());
    let (client, listener) = wire.open(params());
    (0..3).for_each(|_| assert!(wire.step()));
    let server = wire.accept(listener).unwrap();
    (wire, client, server)
}

#[test]
fn a_handshake_takes_three_segments() {
    let (wire, client, server) = established();
    assert_eq!(wire.sent, 3);
    assert_eq!(wire.state(0, client), Some(TcpState::Established));
    assert_eq!(wire.state(1, server), Some(TcpState::Established));
    assert_eq!(wire.ends[1].woken.len(), 1);
}

#[test]
fn a_close_on_both_sides_ends_in_time_wait_and_then_in_nothing() {
    let (mut wire, client, server) = established();
    wire.close(0, client);
    wire.step();
    assert_eq!(wire.state(1, server), Some(TcpState::CloseWait));
    assert_eq!(wire.read(1, server, &mut Vec::new()), Ok(0));
    wire.close(1, server);
    wire.step();
    assert_eq!(wire.state(0, client), Some(TcpState::TimeWait));
    wire.step();
    assert_eq!(wire.state(1, server), None);
    let since = wire.now;
    wire.run(10);
    assert_eq!(wire.state(0, client), None);
    assert!(wire.now.since(since) >= Duration::from_secs(59));
}

#[test]
fn unread_bytes_make_the_close_a_reset() {
    let (mut wire, client, server) = established();
    wire.write(0, client, b"never read").unwrap();
    wire.step();
    wire.close(1, server);
    wire.run(4);
    assert_eq!(wire.state(1, server), None);
    assert_eq!(wire.write(0, client, b"more"), Err(Errno::Econnreset));
    assert_eq!(wire.write(0, client, b"more"), Err(Errno::Epipe));
}

#[test]
fn a_port_without_a_listener_refuses() {
    let mut wire = Wire::new(Vec::new());
    let (client, listener) = wire.open(params());
    wire.close(1, listener);
    wire.run(9);
    assert_eq!(wire.state(0, client), Some(TcpState::Closed));
    assert_eq!(
        wire.ends[0].table.find(client).unwrap().error,
        Some(Errno::Econnrefused)
    );
}

#[test]
fn a_silent_host_gets_eleven_syns_in_131_seconds() {
    let mut wire = Wire::new(vec![Fate::Lose; 99]);
    let (client, _) = wire.open(params());
    let mut sent_at = vec![0];
    while wire.step() {
        if wire.sent as usize > sent_at.len() {
            sent_at.push(wire.now.as_millis() / 1_000);
        }
    }
    assert_eq!(sent_at, [0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67]);
    // The first timers are late by what the wheel of timers leaves out.
    assert_eq!(wire.now.as_millis(), 131_120);
    assert_eq!(
        wire.ends[0].table.find(client).unwrap().error,
        Some(Errno::Etimedout)
    );
}

#[test]
fn a_closed_window_is_probed_until_it_opens() {
    let (mut wire, client, server) = established();
    let bytes = vec![b'x'; 4_000_000];
    let mut written = 0;
    for _ in 0..3_000 {
        written += wire.write(0, client, &bytes[written..]).unwrap_or(0);
        wire.step();
    }
    let stuck = wire.ends[1].table.find(server).unwrap().rx.len();
    assert!(stuck <= 66_560 && written > stuck, "{stuck} of {written}");
    let begun = wire.now;
    wire.run(20);
    assert!(
        wire.now.since(begun) > Duration::from_secs(1),
        "probes take their time"
    );
    let mut got = Vec::new();
    for _ in 0..100_000 {
        let _ = wire.read(1, server, &mut got);
        written += wire.write(0, client, &bytes[written..]).unwrap_or(0);
        if got.len() == bytes.len() {
            break;
        }
        wire.step();
    }
    assert_eq!(got.len(), bytes.len());
}

#[test]
fn one_loss_is_repaired_without_a_timeout() {
    // The fourth segment is the first with data.
    let mut fates = vec![Fate::Pass; 3];
    fates.push(Fate::Lose);
    let mut wire = Wire::new(fates);
    let (client, listener) = wire.open(params());
    wire.run(3);
    let server = wire.accept(listener).unwrap();
    wire.write(0, client, &[7; 14_000]).unwrap();
    let mut got = Vec::new();
    for _ in 0..30 {
        wire.step();
        let _ = wire.read(1, server, &mut got);
    }
    assert_eq!(got, [7; 14_000]);
    assert!(
        wire.now < SimTime::ZERO + Duration::from_millis(5),
        "{}",
        wire.now
    );
    assert_eq!(wire.ends[0].table.find(client).unwrap().counts.retrans, 1);
}

#[test]
fn small_writes_wait_for_the_acknowledgement_of_the_one_before() {
    let (mut wire, client, _) = established();
    let before = wire.sent;
    for _ in 0..5 {
        wire.write(0, client, b"x").unwrap();
    }
    assert_eq!(wire.sent - before, 1);
    let tcb = wire.ends[0].table.find_mut(client).unwrap();
    tcb.settings.no_delay = true;
    wire.flush(0, client);
    assert_eq!(wire.sent - before, 2);
}

#[test]
fn a_path_that_takes_less_gets_shorter_segments() {
    let mut fates = vec![Fate::Pass; 3];
    fates.extend([Fate::Lose; 3]);
    let mut wire = Wire::new(fates);
    let (client, listener) = wire.open(params());
    wire.run(3);
    let server = wire.accept(listener).unwrap();
    wire.write(0, client, &[1; 3 * 1_448]).unwrap();
    wire.ends[0]
        .table
        .find_mut(client)
        .unwrap()
        .path_takes(1_400);
    wire.flush(0, client);
    assert!(
        wire.flying
            .iter()
            .all(|(_, _, _, frame)| frame.len() <= 1_380)
    );
    let mut got = Vec::new();
    for _ in 0..30 {
        wire.step();
        let _ = wire.read(1, server, &mut got);
    }
    assert_eq!(got.len(), 3 * 1_448);
    assert!(wire.now < SimTime::ZERO + Duration::from_millis(100));
}

#[test]
fn bind_conflicts_follow_address_and_reuse() {
    let mut table = TcpTable::new(Seed(1).stream("t"));
    let mut open = |at: &str, v6: bool, reuse: bool, listen: bool| {
        let id = table.open(Wire::sock(0), v6, params());
        table.find_mut(id).unwrap().settings.reuse_addr = reuse;
        table.bind(id, at.parse().unwrap(), RANGE)?;
        if listen {
            table.listen(id, 1, RANGE)
        } else {
            Ok(())
        }
    };
    let busy = Err(Errno::Eaddrinuse);
    assert_eq!(open("10.0.0.1:80", false, false, true), Ok(()));
    assert_eq!(open("10.0.0.2:80", false, false, true), Ok(()));
    assert_eq!(open("0.0.0.0:80", false, true, true), busy);
    assert_eq!(open("[::]:80", true, false, false), busy);
    assert_eq!(open("[fd00::1]:80", true, false, true), Ok(()));
    assert_eq!(open("10.0.0.9:90", false, true, false), Ok(()));
    assert_eq!(open("10.0.0.9:90", false, true, true), Ok(()));
    assert_eq!(open("10.0.0.9:90", false, true, true), busy);
}

#[test]
fn a_full_accept_queue_makes_connections_wait() {
    let mut wire = Wire::new(Vec::new());
    let (_, listener) = wire.open(params());
    let at = SocketAddr::new(wire.ends[1].ip, PORT);
    wire.ends[1].table.listen(listener, 0, RANGE).unwrap();
    wire.run(3);
    let second = wire.ends[0].table.open(Wire::sock(2), false, params());
    let source = wire.ends[0].ip;
    wire.ends[0]
        .table
        .connect(second, at, source, 1500, RANGE)
        .unwrap();
    wire.flush(0, second);
    wire.run(2);
    assert_eq!(
        wire.state(0, second),
        Some(TcpState::SynSent),
        "its SYN was dropped"
    );
    assert!(wire.accept(listener).is_some());
    wire.run(9);
    assert_eq!(wire.state(0, second), Some(TcpState::Established));
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Pass),
        1 => Just(Fate::Lose),
        1 => Just(Fate::Double),
        1 => (1_u8..30).prop_map(Fate::Late),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn bytes_arrive_whole_and_in_order_whatever_the_wire_does(
        fates in prop::collection::vec(fate(), 0..400),
        len in 1_usize..120_000,
        chunk in 1_usize..9_000,
        sack in any::<bool>(),
        timestamps in any::<bool>(),
        scaling in any::<bool>(),
    ) {
        let mut wire = Wire::new(fates);
        let params = Params { sack, timestamps, scaling, ..params() };
        let (client, listener) = wire.open(params);
        let text: Vec<u8> = (0..len).map(|i| (i * 31 / 7) as u8).collect();
        let (mut there, mut back) = (Vec::new(), Vec::new());
        let (mut written, mut answered) = (0, 0);
        let mut server = None;
        let mut shut = [false; 2];
        for _ in 0..200_000 {
            server = server.or_else(|| wire.accept(listener));
            if written < len {
                let end = (written + chunk).min(len);
                written += wire.write(0, client, &text[written..end]).unwrap_or(0);
            } else if !shut[0] {
                wire.shut(0, client);
                shut[0] = true;
            }
            let _ = wire.read(0, client, &mut back);
            if let Some(server) = server.filter(|_| !shut[1]) {
                let end = wire.read(1, server, &mut there) == Ok(0);
                if answered < there.len() {
                    answered += wire.write(1, server, &there[answered..]).unwrap_or(0);
                } else if end {
                    wire.shut(1, server);
                    shut[1] = true;
                }
            }
            if !wire.step() {
                break;
            }
        }
        prop_assert!(there == text, "{} of {len} bytes arrived", there.len());
        prop_assert!(back == text, "{} of {len} bytes came back", back.len());
        prop_assert!(wire.now < SimTime::ZERO + Duration::from_secs(600), "it took {}", wire.now);
    }
}
