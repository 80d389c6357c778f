//! `nc` connects: one port after another, with `open` or the error for each.
//! What passes then is in `talk`.

use std::net::SocketAddr;

use super::talk::Talk;
use super::{Console, Nc, Phase, Step};
use crate::kernel::World;
use crate::netns::socket::tcp::TcpState;
use crate::netns::socket::{SocketKind, SocketOption};
use crate::units::{Errno, SimTime, SockId};
use crate::wire::services;
use crate::wire::services::Transport;

/// A connection that is being opened.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) socket: SockId,
    /// When it is given up.
    until: Option<SimTime>,
    port: u16,
}

impl Nc {
    /// Begins with the next port (`doconnect`).
    pub(super) fn try_port(&mut self, world: &mut World, console: &mut Console) -> Step {
        let Some((target, port)) = self.target() else {
            return Step::End(1);
        };
        let socket = match self.open(world, console) {
            Ok(socket) => socket,
            Err(step) => return step,
        };
        let result = world.connect(socket, target);
        let until = self.config.wait.map(|wait| world.now() + wait);
        self.phase = Phase::Connect(Attempt {
            socket,
            until,
            port,
        });
        match result {
            Ok(()) if self.config.zero => self.probe_udp(world, console, socket, port),
            Ok(()) => self.opened(world, console, socket, port),
            Err(Errno::Einprogress) => Step::Go,
            Err(errno) => self.failed(world, console, socket, port, errno),
        }
    }

    fn target(&self) -> Option<(SocketAddr, u16)> {
        let port = *self.config.ports.get(self.port_at)?;
        let mut target = self.config.target?;
        target.set_port(port);
        Some((target, port))
    }

    /// A socket, bound where the words say so.
    pub(super) fn open(&self, world: &mut World, console: &mut Console) -> Result<SockId, Step> {
        let config = &self.config;
        let kind = match (config.udp, config.v6) {
            (true, false) => SocketKind::Udp4,
            (true, true) => SocketKind::Udp6,
            (false, false) => SocketKind::Tcp4,
            (false, true) => SocketKind::Tcp6,
        };
        let socket = world.socket(self.netns, kind).map_err(|_| Step::End(1))?;
        let options = [
            Some(SocketOption::ReuseAddr(true)),
            Some(SocketOption::ReusePort(true)),
            config.tos.map(SocketOption::Tos),
            config.broadcast.then_some(SocketOption::Broadcast(true)),
        ];
        for option in options.into_iter().flatten() {
            let _ = world.socket_option(socket, option);
        }
        if config.source.is_none() && config.local_port == 0 && !config.listen {
            return Ok(socket);
        }
        let any = kind.unspecified().ip();
        let at = SocketAddr::new(config.source.unwrap_or(any), config.local_port);
        match world.bind(socket, at) {
            Ok(()) => Ok(socket),
            Err(errno) => {
                console.err(format!("Can't grab {at} with bind : {errno}\n"));
                world.close_socket(socket);
                Err(Step::End(1))
            }
        }
    }

    pub(super) fn look_at_attempt(&mut self, world: &mut World, console: &mut Console) -> Step {
        let Phase::Connect(Attempt {
            socket,
            until,
            port,
        }) = self.phase
        else {
            return Step::Go;
        };
        if self.config.udp {
            return self.udp_answer(world, console, socket, port, until);
        }
        if let Some(errno) = world.socket_error(socket) {
            return self.failed(world, console, socket, port, errno);
        }
        match world.tcp_state(socket) {
            Some(TcpState::SynSent | TcpState::SynRecv) => match until {
                Some(until) if until <= world.now() => {
                    self.failed(world, console, socket, port, Errno::Etimedout)
                }
                until => Step::Wait(until),
            },
            _ => self.opened(world, console, socket, port),
        }
    }

    /// Over UDP a port counts as open when nothing says otherwise (`udptest`).
    fn probe_udp(
        &mut self,
        world: &mut World,
        console: &mut Console,
        socket: SockId,
        port: u16,
    ) -> Step {
        if let Err(errno) = world.send(socket, None, b"\0") {
            return self.failed(world, console, socket, port, errno);
        }
        let wait = self
            .config
            .wait
            .unwrap_or(std::time::Duration::from_secs(1));
        let until = Some(world.now() + wait);
        self.phase = Phase::Connect(Attempt {
            socket,
            until,
            port,
        });
        Step::Go
    }

    fn udp_answer(
        &mut self,
        world: &mut World,
        console: &mut Console,
        socket: SockId,
        port: u16,
        until: Option<SimTime>,
    ) -> Step {
        if let Some(errno) = world.socket_error(socket) {
            return self.failed(world, console, socket, port, errno);
        }
        match until {
            Some(until) if until > world.now() => Step::Wait(Some(until)),
            _ => self.opened(world, console, socket, port),
        }
    }

    fn opened(
        &mut self,
        world: &mut World,
        console: &mut Console,
        socket: SockId,
        port: u16,
    ) -> Step {
        if self.config.verbose > 0 {
            console.err(format!("{} open\n", self.place(port)));
        }
        if self.config.zero {
            world.close_socket(socket);
            return self.next_port(world);
        }
        let talk = match self.config.udp {
            true => Talk::new(world.now(), socket, true),
            false => Talk::stands(world.now(), socket, false),
        };
        self.phase = Phase::Talk(talk);
        Step::Go
    }

    fn failed(
        &mut self,
        world: &mut World,
        console: &mut Console,
        socket: SockId,
        port: u16,
        errno: Errno,
    ) -> Step {
        world.close_socket(socket);
        let (single, verbose) = (self.config.ports.len() == 1, self.config.verbose);
        let worth = single || verbose > 1 || errno != Errno::Econnrefused;
        if worth && (verbose > 0 || (single && !self.config.zero)) {
            console.err(format!("{} : {errno}\n", self.place(port)));
        }
        if single {
            return Step::End(1);
        }
        self.next_port(world)
    }

    /// `NAME [ADDRESS] PORT (SERVICE)`.
    fn place(&self, port: u16) -> String {
        let ip = self.config.target.map(|target| target.ip().to_string());
        let transport = match self.config.udp {
            true => Transport::Udp,
            false => Transport::Tcp,
        };
        let service = services::port_name(port, transport)
            .filter(|_| true)
            .unwrap_or("?");
        format!(
            "{} [{}] {port} ({service})",
            self.config.name,
            ip.unwrap_or_default()
        )
    }
}
