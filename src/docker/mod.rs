//! F6: container engines: what `docker` knows and decides on each host, and what it asks of the kernel floor.
//! Mechanism is the kernel's: everything that is built here can be seen with `ip`, `bridge` and `iptables`.

mod announce;
mod api;
mod bridge;
mod container;
pub mod draw;
mod engine;
pub mod era;
mod fault;
mod filter;
pub mod firewall;
pub mod image;
pub mod ipam;
mod model;
mod nameserver;
mod net;
mod network;
mod overlay;
mod parent;
mod ports;
mod proxy;
mod sandbox;
mod servers;
pub mod swarm;
mod udp_proxy;

use std::collections::BTreeMap;

pub use engine::Engine;
pub use era::Era;
pub use fault::{Done, Fault};
pub use model::{
    Bound, Container, ContainerSpec, Driver, DriverState, Endpoint, EndpointSettings, GWBRIDGE,
    Mode, Network, OverlayState, Peer, Port, Sandbox, State, Subnet, TaskRef, short,
};
pub use network::NetworkSpec;
pub use sandbox::NETNS_DIR;

use crate::docker::swarm::Cluster;
use crate::kernel::World;
use crate::units::{HostId, NetnsId, SockId};

/// The engines of all hosts of a world: plain data beside the world, cloned with it.
#[derive(Clone, Debug, Default)]
pub struct Engines {
    /// As which generation of Docker the engines behave.
    pub era: Era,
    engines: BTreeMap<HostId, Engine>,
    swarms: Vec<Cluster>,
}

impl Engines {
    /// Engines of a generation; each starts when `docker` is first called on its host.
    pub fn new(era: Era) -> Self {
        Self {
            era,
            engines: BTreeMap::new(),
            swarms: Vec::new(),
        }
    }

    /// The engine of a host, where it has started.
    pub fn engine(&self, host: HostId) -> Option<&Engine> {
        self.engines.get(&host)
    }

    /// The engine of a host, started now where it had not: its networks appear.
    ///
    /// # Errors
    /// As the kernel's.
    pub fn start(&mut self, world: &mut World, host: HostId) -> Done<&mut Engine> {
        if !self.engines.contains_key(&host) {
            let engine = Engine::start(world, host, self.era)?;
            self.engines.insert(host, engine);
        }
        self.settle(world, host);
        self.engines
            .get_mut(&host)
            .ok_or_else(|| Fault::Other("the engine is gone".to_owned()))
    }

    /// What has happened by itself since the last call on a host: commands that have ended.
    pub(crate) fn settle(&mut self, world: &mut World, host: HostId) {
        let Some(engine) = self.engines.get_mut(&host) else {
            return;
        };
        for (id, status, remove) in engine.overdue(world) {
            engine.container_ended(world, &id, status);
            if remove {
                engine.containers.shift_remove(&id);
            }
        }
        if !engine.outbox.is_empty() {
            self.sweep_networks(world, host);
        }
    }

    /// The namespace of a container's process.
    pub fn netns_of_process(&self, host: HostId, pid: u32) -> Option<NetnsId> {
        let engine = self.engines.get(&host)?;
        let container = engine
            .containers
            .values()
            .find(|one| one.pid == pid && pid != 0)?;
        engine.netns_of(container)
    }

    /// The process of a container or of an engine that has a socket: its name and number.
    pub fn owner_of(&self, socket: SockId) -> Option<(String, u32)> {
        self.engines
            .values()
            .find_map(|engine| engine.owner_of(socket))
    }

    /// The nodes that have a network of the swarm, by name and address; nothing for a network of one host.
    pub fn peers(&self, host: HostId, net: &Network) -> Option<Vec<(String, String)>> {
        let cluster = self.swarm(host).filter(|_| net.swarm)?;
        if !self.engine(host)?.networks.contains_key(&net.id) {
            return None;
        }
        let nodes = cluster.nodes.values().filter(|node| {
            let engine = self.engine(node.host);
            node.ready && engine.is_some_and(|engine| engine.networks.contains_key(&net.id))
        });
        let peer = |node: &swarm::Node| (short(&node.id).to_owned(), node.address.to_string());
        Some(nodes.map(peer).collect())
    }
}
