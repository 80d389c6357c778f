//! `iperf3 -s`: one test after another.
//! The client leads; see `client`.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::Test;
use super::report::{self, FENCE, RULE};
use super::stream::{Stream, block, lines};
use crate::kernel::World;
use crate::netns::socket::{SocketKind, SocketOption};
use crate::program::{Console, Poll};
use crate::units::{Errno, NetnsId, SimTime, SockId};

/// A test that runs.
#[derive(Clone, Debug)]
struct Running {
    control: SockId,
    kept: Vec<u8>,
    test: Option<Test>,
    streams: Vec<Stream>,
    block: Vec<u8>,
    began: SimTime,
    line_at: SimTime,
    goes: bool,
}

/// A running server.
#[derive(Clone, Debug)]
pub struct Server {
    netns: NetnsId,
    port: u16,
    listener: SockId,
    once: bool,
    number: u32,
    begun: bool,
    running: Option<Running>,
}

const SECOND: Duration = Duration::from_secs(1);

impl Server {
    /// A server at a port; `once` ends it after one test.
    ///
    /// # Errors
    /// EADDRINUSE where the port is taken.
    pub fn listen(world: &mut World, netns: NetnsId, port: u16, once: bool) -> Result<Self, Errno> {
        let listener = world.socket(netns, SocketKind::Tcp6)?;
        let at = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port);
        let ready = world
            .socket_option(listener, SocketOption::ReuseAddr(true))
            .and_then(|()| world.bind(listener, at))
            .and_then(|()| world.listen(listener, 128));
        if let Err(errno) = ready {
            world.close_socket(listener);
            return Err(errno);
        }
        Ok(Self {
            netns,
            port,
            listener,
            once,
            number: 1,
            begun: false,
            running: None,
        })
    }

    /// The sockets whose news it waits for.
    pub fn sockets(&self) -> Vec<SockId> {
        let running = self.running.iter().flat_map(|running| {
            std::iter::once(running.control).chain(running.streams.iter().map(|s| s.socket))
        });
        std::iter::once(self.listener).chain(running).collect()
    }

    /// Does what can be done now.
    pub fn poll(&mut self, world: &mut World, console: &mut Console) -> Poll {
        if !std::mem::replace(&mut self.begun, true) {
            self.greet(console);
        }
        self.accept(world, console);
        let mut wake = None;
        if let Some(mut running) = self.running.take() {
            match self.go_on(world, console, &mut running) {
                Some(at) => {
                    wake = at;
                    self.running = Some(running);
                }
                None => {
                    self.end(world, &running);
                    if self.once {
                        return Poll::Exit(0);
                    }
                    self.greet(console);
                }
            }
        }
        Poll::Wait(wake)
    }

    fn greet(&self, console: &mut Console) {
        let (port, number) = (self.port, self.number);
        console.out(format!(
            "{FENCE}Server listening on {port} (test #{number})\n{FENCE}"
        ));
    }

    /// The first connection is the control connection, the others are streams of its test.
    fn accept(&mut self, world: &mut World, console: &mut Console) {
        while let Ok((socket, from)) = world.accept(self.listener) {
            let now = world.now();
            match &mut self.running {
                None => {
                    console.out(format!(
                        "Accepted connection from {}, port {}\n",
                        from.ip(),
                        from.port()
                    ));
                    self.running = Some(Running {
                        control: socket,
                        kept: Vec::new(),
                        test: None,
                        streams: Vec::new(),
                        block: Vec::new(),
                        began: now,
                        line_at: now,
                        goes: false,
                    });
                }
                Some(running) => match &running.test {
                    Some(test) if !test.udp && running.streams.len() < test.streams as usize => {
                        let sends = test.reverse;
                        running.streams.push(Stream::new(now, socket, sends, false));
                        announce(world, console, running.streams.len(), socket);
                        running.start_when_complete(world, console);
                    }
                    // It is busy.
                    _ => world.close_socket(socket),
                },
            }
        }
    }

    /// Goes on with a test: when to look again; nothing at its end.
    fn go_on(
        &self,
        world: &mut World,
        console: &mut Console,
        running: &mut Running,
    ) -> Option<Option<SimTime>> {
        let (words, open) = lines(world, running.control, &mut running.kept);
        for word in words {
            if let Some(test) = Test::parse(&word) {
                self.prepare(world, console, running, test);
            } else if word == "end" {
                running.receive(world);
                running.report(world, console, true);
                let answer = running.result();
                let _ = world.send(running.control, None, answer.as_bytes());
                return None;
            }
        }
        if !open {
            return None;
        }
        Some(running.work(world, console))
    }

    fn prepare(&self, world: &mut World, console: &mut Console, running: &mut Running, test: Test) {
        if test.udp
            && let Ok(socket) = world.socket(self.netns, SocketKind::Udp6)
        {
            let v4 = world
                .peer_addr(running.control)
                .is_some_and(|at| at.is_ipv4());
            let (socket, any) = match v4 {
                false => (socket, IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
                true => {
                    world.close_socket(socket);
                    match world.socket(self.netns, SocketKind::Udp4) {
                        Ok(socket) => (socket, IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED)),
                        Err(_) => return,
                    }
                }
            };
            let _ = world.bind(socket, SocketAddr::new(any, self.port));
            let now = world.now();
            running
                .streams
                .push(Stream::new(now, socket, test.reverse, true));
        }
        running.block = block(&test);
        running.test = Some(test);
        let _ = world.send(running.control, None, b"ready\n");
        if running.test.as_ref().is_some_and(|test| test.udp) {
            running.goes = true;
            running.began = world.now();
            running.line_at = running.began + SECOND;
            console.out(report::heading("         Jitter    Lost/Total Datagrams"));
        }
    }

    fn end(&mut self, world: &mut World, running: &Running) {
        for stream in &running.streams {
            world.close_socket(stream.socket);
        }
        world.close_socket(running.control);
        self.number += 1;
    }
}

pub(super) fn announce(world: &World, console: &mut Console, number: usize, socket: SockId) {
    if let (Some(here), Some(there)) = (world.local_addr(socket), world.peer_addr(socket)) {
        let id = id(number - 1);
        console.out(format!(
            "[{id:>3}] local {} port {} connected to {} port {}\n",
            here.ip(),
            here.port(),
            there.ip(),
            there.port()
        ));
    }
}

/// The number of a stream as it is printed: the file descriptors of the real one.
pub(super) fn id(index: usize) -> String {
    (5 + 2 * index).to_string()
}

impl Running {
    fn start_when_complete(&mut self, world: &World, console: &mut Console) {
        let wanted = self.test.as_ref().map_or(0, |test| test.streams as usize);
        if self.streams.len() < wanted || self.goes {
            return;
        }
        self.goes = true;
        self.began = world.now();
        self.line_at = self.began + SECOND;
        let sends = self.test.as_ref().is_some_and(|test| test.reverse);
        console.out(report::heading(if sends {
            "         Retr  Cwnd"
        } else {
            ""
        }));
        let now = world.now();
        self.streams
            .iter_mut()
            .for_each(|stream| stream.restart(now));
    }

    fn receive(&mut self, world: &mut World) {
        for stream in self.streams.iter_mut().filter(|stream| !stream.sends) {
            stream.receive(world);
        }
    }

    /// Moves bytes, prints intervals; when to look again.
    fn work(&mut self, world: &mut World, console: &mut Console) -> Option<SimTime> {
        self.receive(world);
        let test = self.test.clone().filter(|_| self.goes)?;
        let now = world.now();
        let mut wake: Option<SimTime> = None;
        if now < self.began + test.span {
            for stream in self.streams.iter_mut().filter(|stream| stream.sends) {
                let next = stream.send(world, &test, &self.block);
                wake = [wake, next].into_iter().flatten().min();
            }
        }
        if now >= self.line_at {
            self.report(world, console, false);
            self.line_at += SECOND;
        }
        [wake, Some(self.line_at)].into_iter().flatten().min()
    }

    /// An interval, or the whole test.
    fn report(&mut self, world: &World, console: &mut Console, all: bool) {
        let now = world.now();
        let udp = self.test.as_ref().is_some_and(|test| test.udp);
        let sends = self.test.as_ref().is_some_and(|test| test.reverse);
        let to = now.since(self.began);
        let from = match all {
            true => Duration::ZERO,
            false => to.saturating_sub(SECOND),
        };
        if all {
            console.out(RULE);
            console.out(report::heading(match (udp, sends) {
                (true, _) => "         Jitter    Lost/Total Datagrams",
                (false, true) => "         Retr",
                (false, false) => "",
            }));
        }
        for (index, stream) in self.streams.iter_mut().enumerate() {
            let amount = if all { stream.total } else { stream.since_line };
            let line = report::line(&id(index), from, to, amount);
            let role = match (all, sends) {
                (false, _) => "",
                (true, true) => "sender",
                (true, false) => "receiver",
            };
            let (retrans, window) = stream.tcp_state(world);
            console.out(match (udp, sends, all) {
                (true, ..) => {
                    let losses = report::losses(stream.jitter_ns, stream.lost, stream.packets);
                    format!("{line}  {losses}  {role}\n")
                }
                (_, true, false) => {
                    let again = retrans - stream.retrans_seen;
                    stream.retrans_seen = retrans;
                    format!("{line}  {again:>3}   {}       \n", report::bytes(window))
                }
                (_, true, true) => format!("{line}  {retrans:>3}             {role}\n"),
                (_, false, _) => format!("{line}                  {role}\n"),
            });
            stream.since_line = 0;
        }
    }

    /// What came, as a line of the control connection.
    fn result(&self) -> String {
        let mut text = "result".to_owned();
        for stream in &self.streams {
            text += &format!(
                " {} {} {} {}",
                stream.total, stream.packets, stream.lost, stream.jitter_ns
            );
        }
        text + "\n"
    }
}
