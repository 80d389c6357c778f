//! The userland proxy of a published UDP port: each client has a socket of its own to the container, over which
//! answers come back (cmd/docker-proxy). Connections of TCP are in `proxy`.

use std::net::SocketAddr;
use std::time::Duration;

use crate::kernel::World;
use crate::netns::socket::{SocketKind, SocketOption};
use crate::units::{Errno, NetnsId, SimTime, SockId};

/// A client that has said nothing for so long is forgotten.
const IDLE: Duration = Duration::from_secs(90);
/// So many clients are known at a time.
const CLIENTS_MAX: usize = 1024;

/// The proxy of one published UDP port at one address of the host.
#[derive(Clone, Debug)]
pub(super) struct UdpProxy {
    /// The container that it leads to.
    pub container: String,
    /// Its process.
    pub pid: u32,
    netns: NetnsId,
    listener: SockId,
    target: SocketAddr,
    clients: Vec<Client>,
}

/// One client, and the proxy's socket that is connected to the container for it.
#[derive(Clone, Debug)]
struct Client {
    address: SocketAddr,
    own: SockId,
    last: SimTime,
}

impl UdpProxy {
    /// Listens at an address of the host.
    ///
    /// # Errors
    /// As `bind` says it.
    pub(super) fn start(
        world: &mut World,
        (container, pid): (&str, u32),
        netns: NetnsId,
        at: SocketAddr,
        target: SocketAddr,
    ) -> Result<Self, Errno> {
        let kind = match at.is_ipv6() {
            true => SocketKind::Udp6,
            false => SocketKind::Udp4,
        };
        let listener = world.socket(netns, kind)?;
        let mut ready = Ok(());
        if at.is_ipv6() {
            ready = world.socket_option(listener, SocketOption::V6Only(true));
        }
        if let Err(errno) = ready.and_then(|()| world.bind(listener, at)) {
            world.close_socket(listener);
            return Err(errno);
        }
        let mut proxy = Self {
            container: container.to_owned(),
            pid,
            netns,
            listener,
            target,
            clients: Vec::new(),
        };
        // From now on it waits for its first datagram.
        proxy.poll(world);
        Ok(proxy)
    }

    /// Its sockets.
    pub(super) fn sockets(&self) -> impl Iterator<Item = SockId> {
        let own = self.clients.iter().map(|client| client.own);
        std::iter::once(self.listener).chain(own)
    }

    /// Carries what has come, both ways.
    pub(super) fn poll(&mut self, world: &mut World) {
        let now = world.now();
        while let Some(datagram) = world.recv(self.listener) {
            if let Some(own) = self.client(world, datagram.from, now) {
                let _ = world.send(own, None, &datagram.bytes);
            }
        }
        for client in &mut self.clients {
            while let Some(datagram) = world.recv(client.own) {
                client.last = now;
                let _ = world.send(self.listener, Some(client.address), &datagram.bytes);
            }
            // What the container's host refused is not told to the client.
            let _ = world.socket_error(client.own);
        }
    }

    /// The socket of a client, made now where it is new.
    fn client(&mut self, world: &mut World, address: SocketAddr, now: SimTime) -> Option<SockId> {
        self.clients.retain(|client| {
            let stays = now.since(client.last) < IDLE;
            if !stays {
                world.close_socket(client.own);
            }
            stays
        });
        if let Some(known) = self.clients.iter_mut().find(|one| one.address == address) {
            known.last = now;
            return Some(known.own);
        }
        if self.clients.len() >= CLIENTS_MAX {
            return None;
        }
        let own = world.socket(self.netns, SocketKind::Udp4).ok()?;
        if world.connect(own, self.target).is_err() {
            world.close_socket(own);
            return None;
        }
        self.clients.push(Client {
            address,
            own,
            last: now,
        });
        Some(own)
    }

    /// Ends it.
    pub(super) fn close(&mut self, world: &mut World) {
        let sockets: Vec<SockId> = self.sockets().collect();
        for socket in sockets {
            world.close_socket(socket);
        }
    }
}
