//! `nc -l`: waits for one connection, or for the first datagram (`dolisten`).
//! What passes then is in `talk`.

use std::net::SocketAddr;

use super::talk::Talk;
use super::{Console, Nc, Phase, Step};
use crate::kernel::World;
use crate::units::SockId;

impl Nc {
    pub(super) fn begin_listening(&mut self, world: &mut World, console: &mut Console) -> Step {
        let socket = match self.open(world, console) {
            Ok(socket) => socket,
            Err(step) => return step,
        };
        // One connection is taken; Linux lets one more wait.
        if !self.config.udp
            && let Err(errno) = world.listen(socket, 1)
        {
            console.err(format!("listen failed : {errno}\n"));
            world.close_socket(socket);
            return Step::End(1);
        }
        if self.config.verbose > 0 {
            let port = world.local_addr(socket).map_or(0, |at| at.port());
            let at = self
                .config
                .source
                .map_or("any".to_owned(), |ip| ip.to_string());
            console.err(format!("listening on [{at}] {port} ...\n"));
        }
        self.phase = Phase::Listen(socket);
        Step::Go
    }

    pub(super) fn look_at_listener(&mut self, world: &mut World, console: &mut Console) -> Step {
        let Phase::Listen(socket) = self.phase else {
            return Step::Go;
        };
        if self.config.udp {
            return self.first_datagram(world, console, socket);
        }
        let Ok((taken, from)) = world.accept(socket) else {
            return Step::Wait(None);
        };
        if !self.wanted(from) {
            world.close_socket(taken);
            console.err(format!(
                "invalid connection to [{}] from {}\n",
                here(world, taken),
                from
            ));
            return Step::Go;
        }
        if !self.config.keep {
            world.close_socket(socket);
        }
        self.announce(world, console, taken, from);
        let mut talk = Talk::stands(world.now(), taken, true);
        talk.listener = self.config.keep.then_some(socket);
        self.phase = Phase::Talk(talk);
        Step::Go
    }

    /// The socket belongs to whoever sends first.
    fn first_datagram(&mut self, world: &mut World, console: &mut Console, socket: SockId) -> Step {
        let Some(datagram) = world.recv(socket) else {
            return Step::Wait(None);
        };
        if !self.wanted(datagram.from) {
            return Step::Go;
        }
        if let Err(errno) = world.connect(socket, datagram.from) {
            console.err(format!("no connection : {errno}\n"));
            return Step::End(1);
        }
        self.announce(world, console, socket, datagram.from);
        console.out(&datagram.bytes);
        let mut talk = Talk::new(world.now(), socket, true);
        talk.received += datagram.bytes.len() as u64;
        self.phase = Phase::Talk(talk);
        Step::Go
    }

    /// Where an address and a port were named, only connections from there are taken.
    fn wanted(&self, from: SocketAddr) -> bool {
        let ports = &self.config.ports;
        self.config
            .target
            .is_none_or(|target| target.ip() == from.ip())
            && (ports.is_empty() || ports.contains(&from.port()))
    }

    fn announce(&self, world: &mut World, console: &mut Console, socket: SockId, from: SocketAddr) {
        if self.config.verbose == 0 {
            return;
        }
        let ip = from.ip();
        let name = self.name_of(world, console, ip);
        let here = here(world, socket);
        console.err(format!(
            "connect to [{here}] from {name} [{ip}] {}\n",
            from.port()
        ));
    }
}

fn here(world: &World, socket: SockId) -> String {
    world
        .local_addr(socket)
        .map_or(String::new(), |at| at.ip().to_string())
}
