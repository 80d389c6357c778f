//! `iperf3 -c`: leads a test, and prints what came of it.
//! What answers is in `server`.

use std::net::SocketAddr;
use std::time::Duration;

use super::Test;
use super::report::{self, RULE};
use super::server::{announce, id};
use super::stream::{Stream, block, lines};
use crate::kernel::World;
use crate::netns::socket::SocketKind;
use crate::netns::socket::tcp::TcpState;
use crate::program::{Console, Poll};
use crate::units::{Errno, NetnsId, SimTime, SockId};

/// Where a test stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Begin,
    Control,
    Asked,
    Streams,
    Going,
    Ending,
}

/// A running client.
#[derive(Clone, Debug)]
pub struct Client {
    netns: NetnsId,
    test: Test,
    host: String,
    to: SocketAddr,
    json: bool,
    stage: Stage,
    control: Option<SockId>,
    kept: Vec<u8>,
    streams: Vec<Stream>,
    block: Vec<u8>,
    began: SimTime,
    ended: SimTime,
    line_from: SimTime,
    /// Lines for `-J`: of each interval its end and its bytes.
    intervals: Vec<(SimTime, SimTime, u64)>,
}

impl Client {
    /// A client that has not begun; `host` is the server as it was typed.
    pub fn new(netns: NetnsId, host: &str, to: SocketAddr, test: Test, json: bool) -> Self {
        Self {
            netns,
            block: block(&test),
            test,
            host: host.to_owned(),
            to,
            json,
            stage: Stage::Begin,
            control: None,
            kept: Vec::new(),
            streams: Vec::new(),
            began: SimTime::ZERO,
            ended: SimTime::ZERO,
            line_from: SimTime::ZERO,
            intervals: Vec::new(),
        }
    }

    /// The sockets whose news it waits for.
    pub fn sockets(&self) -> Vec<SockId> {
        let streams = self.streams.iter().map(|stream| stream.socket);
        self.control.into_iter().chain(streams).collect()
    }

    /// Ctrl-C: what there is is printed.
    pub fn interrupt(&mut self, world: &mut World, console: &mut Console) -> Poll {
        if self.stage == Stage::Going {
            self.ended = world.now();
            self.summary(world, console, &[]);
        }
        console.err("iperf3: interrupt - the client has terminated\n");
        Poll::Exit(1)
    }

    fn say(&self, console: &mut Console, text: impl AsRef<str>) {
        if !self.json {
            console.out(text.as_ref());
        }
    }

    /// Does what can be done now.
    pub fn poll(&mut self, world: &mut World, console: &mut Console) -> Poll {
        loop {
            let before = self.stage;
            let poll = match self.stage {
                Stage::Begin => self.begin(world, console),
                Stage::Control => self.connected(world, console),
                Stage::Asked | Stage::Ending => self.listen_to_server(world, console),
                Stage::Streams => self.open_streams(world, console),
                Stage::Going => self.go_on(world, console),
            };
            match poll {
                Poll::Wait(_) if self.stage != before => {}
                poll => return poll,
            }
        }
    }

    fn fail(&self, console: &mut Console, what: &str) -> Poll {
        match self.json {
            true => console.out(format!("{{\n\t\"start\":\t{{}},\n\t\"intervals\":\t[],\n\t\"end\":\t{{}},\n\t\"error\":\t\"error - {what}\"\n}}\n")),
            false => console.err(format!("iperf3: error - {what}\n")),
        }
        Poll::Exit(1)
    }

    fn refused(&self, console: &mut Console, errno: Errno) -> Poll {
        let what = "unable to connect to server - server may have stopped running or use a different port, firewall issue, etc.";
        self.fail(console, &format!("{what}: {errno}"))
    }

    fn begin(&mut self, world: &mut World, console: &mut Console) -> Poll {
        let (host, port) = (&self.host, self.to.port());
        self.say(console, format!("Connecting to host {host}, port {port}\n"));
        match self.connect(world) {
            Ok(socket) => self.control = Some(socket),
            Err(errno) => return self.refused(console, errno),
        }
        self.stage = Stage::Control;
        Poll::Wait(None)
    }

    fn connect(&self, world: &mut World) -> Result<SockId, Errno> {
        let kind = match (self.test.udp && self.control.is_some(), self.to.is_ipv6()) {
            (false, false) => SocketKind::Tcp4,
            (false, true) => SocketKind::Tcp6,
            (true, false) => SocketKind::Udp4,
            (true, true) => SocketKind::Udp6,
        };
        let socket = world.socket(self.netns, kind)?;
        match world.connect(socket, self.to) {
            Ok(()) | Err(Errno::Einprogress) => Ok(socket),
            Err(errno) => {
                world.close_socket(socket);
                Err(errno)
            }
        }
    }

    fn connected(&mut self, world: &mut World, console: &mut Console) -> Poll {
        let Some(socket) = self.control else {
            return Poll::Exit(1);
        };
        if let Some(errno) = world.socket_error(socket) {
            return self.refused(console, errno);
        }
        if world.tcp_state(socket) == Some(TcpState::Established) {
            let _ = world.send(socket, None, self.test.line().as_bytes());
            self.stage = Stage::Asked;
        }
        Poll::Wait(None)
    }

    fn listen_to_server(&mut self, world: &mut World, console: &mut Console) -> Poll {
        let Some(socket) = self.control else {
            return Poll::Exit(1);
        };
        let (words, open) = lines(world, socket, &mut self.kept);
        for word in words {
            match word.strip_prefix("result") {
                Some(numbers) if self.stage == Stage::Ending => {
                    let numbers = numbers.split_whitespace().filter_map(|n| n.parse().ok());
                    let numbers: Vec<u64> = numbers.collect();
                    self.summary(world, console, &numbers);
                    self.say(console, "\niperf Done.\n");
                    return Poll::Exit(0);
                }
                None if word == "ready" => {
                    for _ in 0..if self.test.udp { 1 } else { self.test.streams } {
                        if let Ok(socket) = self.connect(world) {
                            let (now, sends) = (world.now(), !self.test.reverse);
                            self.streams
                                .push(Stream::new(now, socket, sends, self.test.udp));
                        }
                    }
                    self.stage = Stage::Streams;
                    return Poll::Wait(None);
                }
                _ => {}
            }
        }
        match open {
            true => Poll::Wait(None),
            false => self.fail(console, "control socket has closed unexpectedly"),
        }
    }

    fn open_streams(&mut self, world: &mut World, console: &mut Console) -> Poll {
        let up = |stream: &Stream| {
            self.test.udp || world.tcp_state(stream.socket) == Some(TcpState::Established)
        };
        if !self.streams.iter().all(up) {
            return Poll::Wait(None);
        }
        if !self.json {
            for (index, stream) in self.streams.iter().enumerate() {
                announce(world, console, index + 1, stream.socket);
            }
        }
        self.say(
            console,
            report::heading(match (self.test.udp, self.test.reverse) {
                (true, false) => "         Total Datagrams",
                (true, true) => "         Jitter    Lost/Total Datagrams",
                (false, false) => "         Retr  Cwnd",
                (false, true) => "",
            }),
        );
        let now = world.now();
        (self.began, self.line_from) = (now, now);
        self.streams
            .iter_mut()
            .for_each(|stream| stream.restart(now));
        self.stage = Stage::Going;
        Poll::Wait(None)
    }

    fn go_on(&mut self, world: &mut World, console: &mut Console) -> Poll {
        let now = world.now();
        let end = self.began + self.test.span;
        let mut wake: Option<SimTime> = None;
        for stream in &mut self.streams {
            let next = match stream.sends {
                true if self.test.bytes.is_some() || now < end => {
                    stream.send(world, &self.test, &self.block)
                }
                true => None,
                false => {
                    stream.receive(world);
                    None
                }
            };
            wake = [wake, next].into_iter().flatten().min();
        }
        let done = match self.test.bytes {
            Some(bytes) => self.streams.iter().all(|stream| stream.total >= bytes),
            None => now >= end,
        };
        let line = self.test.interval.map(|interval| self.line_from + interval);
        if line.is_some_and(|line| now >= line) || (done && now > self.line_from) {
            self.interval(world, console);
        }
        if done {
            self.ended = now;
            self.stage = Stage::Ending;
            let control = self.control;
            if let Some(control) = control {
                let _ = world.send(control, None, b"end\n");
            }
            return Poll::Wait(None);
        }
        let line = self.test.interval.map(|interval| self.line_from + interval);
        let end = self.test.bytes.is_none().then_some(end);
        Poll::Wait([wake, line, end].into_iter().flatten().min())
    }

    fn interval(&mut self, world: &World, console: &mut Console) {
        let now = world.now();
        let (from, to) = (self.line_from.since(self.began), now.since(self.began));
        let (udp, sends) = (self.test.udp, !self.test.reverse);
        let (mut sum, mut sum_again, mut text) = (0, 0, String::new());
        for (index, stream) in self.streams.iter_mut().enumerate() {
            let line = report::line(&id(index), from, to, stream.since_line);
            let (retrans, window) = stream.tcp_state(world);
            let again = retrans - stream.retrans_seen;
            stream.retrans_seen = retrans;
            text += &match (udp, sends) {
                (true, true) => format!("{line}  {}  \n", stream.packets_line),
                (true, false) => {
                    let losses = report::losses(stream.jitter_ns, stream.lost, stream.packets);
                    format!("{line}  {losses}  \n")
                }
                (false, true) => format!("{line}  {again:>3}   {}       \n", report::bytes(window)),
                (false, false) => format!("{line}                  \n"),
            };
            sum += stream.since_line;
            sum_again += again;
            (stream.since_line, stream.packets_line) = (0, 0);
        }
        if self.streams.len() > 1 {
            let line = report::line("SUM", from, to, sum);
            text += &match sends {
                true => format!("{line}  {sum_again:>3}             \n{RULE}"),
                false => format!("{line}                  \n{RULE}"),
            };
        }
        self.say(console, text);
        self.intervals.push((self.line_from, now, sum));
        self.line_from = now;
    }

    /// The sums: of the sender and, as the other end says, of the receiver.
    fn summary(&self, world: &World, console: &mut Console, theirs: &[u64]) {
        if self.json {
            return self.print_json(world, console, theirs);
        }
        let to = self.ended.since(self.began);
        let (udp, sends) = (self.test.udp, !self.test.reverse);
        let mut text = format!(
            "{RULE}{}",
            report::heading(if udp {
                "         Jitter    Lost/Total Datagrams"
            } else {
                "         Retr"
            })
        );
        let (mut sent_sum, mut got_sum, mut again_sum) = (0, 0, 0);
        for (index, stream) in self.streams.iter().enumerate() {
            let other = theirs.get(4 * index..4 * index + 4).unwrap_or(&[0; 4]);
            let ours = [stream.total, stream.packets, stream.lost, stream.jitter_ns];
            let (sent, got) = if sends {
                (&ours[..], other)
            } else {
                (other, &ours[..])
            };
            let again = stream.tcp_state(world).0;
            let lines = [
                report::line(&id(index), Duration::ZERO, to, sent[0]),
                report::line(&id(index), Duration::ZERO, to, got[0]),
            ];
            text += &match udp {
                true => format!(
                    "{}  {}  sender\n{}  {}  receiver\n",
                    lines[0],
                    report::losses(0, 0, sent[1]),
                    lines[1],
                    report::losses(got[3], got[2], got[1])
                ),
                false => format!(
                    "{}  {again:>3}             sender\n{}                  receiver\n",
                    lines[0], lines[1]
                ),
            };
            sent_sum += sent[0];
            got_sum += got[0];
            again_sum += again;
        }
        if self.streams.len() > 1 {
            text += &format!(
                "{}  {again_sum:>3}             sender\n{}                  receiver\n",
                report::line("SUM", Duration::ZERO, to, sent_sum),
                report::line("SUM", Duration::ZERO, to, got_sum)
            );
        }
        console.out(text);
    }

    /// The part of the real one's JSON that scripts look at.
    fn print_json(&self, world: &World, console: &mut Console, theirs: &[u64]) {
        let seconds = |span: Duration| span.as_micros() as u64;
        let sum = |bytes: u64, span: Duration| {
            let us = seconds(span).max(1);
            let bits = u128::from(bytes) * 8_000_000 / u128::from(us);
            format!(
                "{{ \"start\": 0, \"end\": {0}.{1:06}, \"seconds\": {0}.{1:06}, \"bytes\": {bytes}, \"bits_per_second\": {bits}",
                us / 1_000_000,
                us % 1_000_000
            )
        };
        let ours: u64 = self.streams.iter().map(|stream| stream.total).sum();
        let other: u64 = theirs.iter().step_by(4).sum();
        let (sent, got) = if self.test.reverse {
            (other, ours)
        } else {
            (ours, other)
        };
        let again: u64 = self
            .streams
            .iter()
            .map(|stream| stream.tcp_state(world).0)
            .sum();
        let span = self.ended.since(self.began);
        let intervals: Vec<String> = self
            .intervals
            .iter()
            .map(|&(from, to, bytes)| {
                format!("    {{ \"sum\": {} }} }}", sum(bytes, to.since(from)))
            })
            .collect();
        console.out(format!(
            "{{\n  \"start\": {{ \"connecting_to\": {{ \"host\": \"{}\", \"port\": {} }} }},\n  \"intervals\": [\n{}\n  ],\n  \"end\": {{\n    \"sum_sent\": {}, \"retransmits\": {again} }},\n    \"sum_received\": {} }}\n  }}\n}}\n",
            self.host.replace(['"', '\\'], ""),
            self.to.port(),
            intervals.join(",\n"),
            sum(sent, span),
            sum(got, span)
        ));
    }
}
