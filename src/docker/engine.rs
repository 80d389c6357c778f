//! One engine: what it remembers, how it starts, and how names and ids are found.
//! What it does to networks and containers is in the modules beside.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use ipnet::IpNet;

use crate::docker::announce::Announcement;
use crate::docker::draw::Draw;
use crate::docker::era::{Era, Facts};
use crate::docker::fault::{Done, Fault};
use crate::docker::filter::{self};
use crate::docker::firewall;
use crate::docker::model::{Container, Driver, DriverState, Network, Sandbox};
use crate::docker::nameserver::NameServer;
use crate::docker::net;
use crate::docker::network::NetworkSpec;
use crate::docker::proxy::Proxy;
use crate::docker::servers::Server;
use crate::docker::udp_proxy::UdpProxy;
use crate::kernel::World;
use crate::netns::filter::rule::Family;
use crate::units::{HostId, NetnsId, SockId};

/// The engine of one host.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The host.
    pub host: HostId,
    /// The host's own namespace.
    pub root: NetnsId,
    /// Its generation.
    pub era: Era,
    /// The networks on this host by id, the oldest first.
    pub networks: IndexMap<String, Network>,
    /// The containers by id, the oldest first.
    pub containers: IndexMap<String, Container>,
    /// The namespaces that it made, by id.
    pub sandboxes: IndexMap<String, Sandbox>,
    /// What runs in containers, by their ids.
    pub(super) servers: IndexMap<String, Server>,
    /// The userland proxies of published ports.
    pub(super) proxies: Vec<Proxy>,
    /// The same for UDP.
    pub(super) udp_proxies: Vec<UdpProxy>,
    /// The name servers in sandboxes.
    pub(super) nameservers: Vec<NameServer>,
    /// Addresses that are still to be announced.
    pub(super) announcements: Vec<Announcement>,
    /// Its node in a swarm: the swarm's number and the node's id.
    pub node: Option<(usize, String)>,
    /// What has happened on networks of the swarm.
    pub(super) outbox: Vec<Notice>,
    /// How often the sandbox of an overlay network was made.
    pub epochs: BTreeMap<String, u32>,
    /// Ports that the swarm publishes.
    pub(super) ingress_ports: Vec<(&'static str, u16)>,
    pub(super) draw: Draw,
    pub(super) next_subnet: usize,
    pub(super) last_pid: u32,
}

/// What has happened on a network of the swarm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Notice {
    /// An endpoint came.
    Joined(String),
    /// An endpoint went, and its address is free.
    Left(String, IpNet),
}

/// The first process of a container has about this number on a machine that has just started.
const FIRST_PID: u32 = 2_000;
/// The number of the engine's own process.
const ENGINE_PID: u32 = 1_042;

impl Engine {
    /// Starts the engine of a host: the networks `none`, `host` and `bridge`, and the rules that it begins with.
    ///
    /// # Errors
    /// As the kernel's.
    pub fn start(world: &mut World, host: HostId, era: Era) -> Done<Self> {
        let machine = world.host(host);
        let (root, name) = (machine.root, machine.name.clone());
        let mut engine = Self {
            host,
            root,
            era,
            networks: IndexMap::new(),
            containers: IndexMap::new(),
            sandboxes: IndexMap::new(),
            servers: IndexMap::new(),
            proxies: Vec::new(),
            udp_proxies: Vec::new(),
            nameservers: Vec::new(),
            announcements: Vec::new(),
            node: None,
            outbox: Vec::new(),
            epochs: BTreeMap::new(),
            ingress_ports: Vec::new(),
            draw: Draw::new(world.seed, &name),
            next_subnet: 0,
            last_pid: FIRST_PID,
        };
        engine.prepare_host(world);
        for (name, driver) in [("none", Driver::Null), ("host", Driver::Host)] {
            engine.add_plain(world, name, driver);
        }
        engine.network_create(world, NetworkSpec::default_bridge())?;
        Ok(engine)
    }

    /// What the bridge driver does to its host before there is any network.
    fn prepare_host(&mut self, world: &mut World) {
        let facts = self.facts();
        let root = self.root;
        if facts.br_netfilter {
            net::sysctl(world, root, "net.bridge.bridge-nf-call-iptables", "1");
        }
        let forwards = world.sysctl_read(root, "net.ipv4.ip_forward");
        if forwards.is_ok_and(|value| value.trim() == "0") {
            net::sysctl(world, root, "net.ipv4.ip_forward", "1");
            filter::drop_forwarded(Family::V4, world, root);
        }
        for &family in self.families() {
            for (table, chain) in firewall::chains(facts) {
                filter::new_chain_of(family, world, root, table, chain);
            }
            for rule in firewall::first_rules(facts, family) {
                filter::ensure(world, root, &rule);
            }
        }
        self.arrange_jumps(world);
    }

    /// The jumps of FORWARD to Docker's chains go to its top again.
    pub(super) fn arrange_jumps(&self, world: &mut World) {
        let ingress = filter::has_chain(world, self.root, "DOCKER-INGRESS");
        for &family in self.families() {
            for jump in firewall::top_jumps(self.facts(), ingress) {
                filter::move_to_place(world, self.root, &jump.of(family));
            }
        }
    }

    /// The families that have rules.
    pub(super) fn families(&self) -> &'static [Family] {
        match self.facts().ip6tables {
            true => &[Family::V4, Family::V6],
            false => &[Family::V4],
        }
    }

    /// The first network with IPv6 makes a router of the machine, which forwards nothing but what rules take.
    pub(super) fn forward_ipv6(&self, world: &mut World) {
        if !self.facts().ip6tables {
            return;
        }
        let forwards = world.sysctl_read(self.root, "net.ipv6.conf.all.forwarding");
        if forwards.is_ok_and(|value| value.trim() == "0") {
            net::sysctl(world, self.root, "net.ipv6.conf.default.forwarding", "1");
            net::sysctl(world, self.root, "net.ipv6.conf.all.forwarding", "1");
            filter::drop_forwarded(Family::V6, world, self.root);
        }
    }

    fn add_plain(&mut self, world: &World, name: &str, driver: Driver) {
        let id = self.draw.id();
        let network = Network {
            id: id.clone(),
            name: name.to_owned(),
            driver,
            swarm: false,
            created: world.now(),
            internal: false,
            attachable: false,
            ingress: false,
            ipv6: false,
            subnets: Vec::new(),
            subnet_given: false,
            options: BTreeMap::new(),
            ipam_options: None,
            labels: BTreeMap::new(),
            endpoints: Vec::new(),
            state: DriverState::Nothing,
        };
        self.networks.insert(id, network);
    }

    /// What is so in its era.
    pub fn facts(&self) -> &'static Facts {
        self.era.facts()
    }

    /// The network of a name, an id or the beginning of an id.
    ///
    /// # Errors
    /// Where there is none, or more than one.
    pub fn network(&self, word: &str) -> Done<&Network> {
        let named = self.networks.values().find(|net| net.name == word);
        if let Some(found) = named.or_else(|| self.networks.get(word)) {
            return Ok(found);
        }
        let mut begun = self
            .networks
            .values()
            .filter(|net| net.id.starts_with(word));
        match (begun.next(), begun.next()) {
            (Some(found), None) if !word.is_empty() => Ok(found),
            (Some(_), Some(_)) if !word.is_empty() => Err(Fault::NetworkAmbiguous(word.to_owned())),
            _ => Err(Fault::NetworkNotFound(word.to_owned())),
        }
    }

    /// The container of a name, an id or the beginning of an id.
    ///
    /// # Errors
    /// Where there is none, or more than one.
    pub fn container(&self, word: &str) -> Done<&Container> {
        let name = word.strip_prefix('/').unwrap_or(word);
        let named = self.containers.values().find(|one| one.name == name);
        if let Some(found) = self.containers.get(word).or(named) {
            return Ok(found);
        }
        let mut begun = self
            .containers
            .values()
            .filter(|one| one.id.starts_with(word));
        match (begun.next(), begun.next()) {
            (Some(found), None) if !word.is_empty() => Ok(found),
            (Some(_), Some(_)) if !word.is_empty() => Err(Fault::Other(format!(
                "Multiple IDs found with provided prefix: {word}"
            ))),
            _ => Err(Fault::NoContainer(word.to_owned())),
        }
    }

    pub(super) fn net_mut(&mut self, id: &str) -> Done<&mut Network> {
        let found = self.networks.get_mut(id);
        found.ok_or_else(|| Fault::NetworkNotFound(id.to_owned()))
    }

    pub(super) fn net(&self, id: &str) -> Done<&Network> {
        let found = self.networks.get(id);
        found.ok_or_else(|| Fault::NetworkNotFound(id.to_owned()))
    }

    pub(super) fn box_mut(&mut self, id: &str) -> Done<&mut Sandbox> {
        let found = self.sandboxes.get_mut(id);
        found.ok_or_else(|| Fault::Other(format!("sandbox {id} not found")))
    }

    pub(super) fn sandbox(&self, id: &str) -> Done<&Sandbox> {
        let found = self.sandboxes.get(id);
        found.ok_or_else(|| Fault::Other(format!("sandbox {id} not found")))
    }

    pub(super) fn container_mut(&mut self, id: &str) -> Done<&mut Container> {
        let found = self.containers.get_mut(id);
        found.ok_or_else(|| Fault::NoContainer(id.to_owned()))
    }

    /// The container that has a sandbox.
    pub fn container_of_sandbox(&self, sandbox: &str) -> Option<&Container> {
        let owns = |one: &&Container| one.sandbox.as_deref() == Some(sandbox);
        self.containers.values().find(owns)
    }

    /// The namespace of a container that runs.
    pub fn netns_of(&self, container: &Container) -> Option<NetnsId> {
        let sandbox = self.sandboxes.get(container.sandbox.as_deref()?)?;
        Some(sandbox.netns)
    }

    /// The container that runs in a namespace.
    pub fn container_in(&self, netns: NetnsId) -> Option<&Container> {
        let runs = |one: &&Container| self.netns_of(one) == Some(netns);
        self.containers.values().find(runs)
    }

    /// The process that has a socket: a server in a container, a proxy, or the engine itself.
    pub(super) fn owner_of(&self, socket: SockId) -> Option<(String, u32)> {
        let serves = |(id, server): (&String, &Server)| {
            let container = self.containers.get(id)?;
            let name = server.owner(&container.spec.image, socket)?;
            Some((name, container.pid))
        };
        if let Some(found) = self.servers.iter().find_map(serves) {
            return Some(found);
        }
        let tcp = self.proxies.iter();
        let tcp = tcp.map(|proxy| (proxy.pid, proxy.sockets().any(|one| one == socket)));
        let udp = self.udp_proxies.iter();
        let udp = udp.map(|proxy| (proxy.pid, proxy.sockets().any(|one| one == socket)));
        if let Some((pid, _)) = tcp.chain(udp).find(|(_, has)| *has) {
            return Some(("docker-proxy".to_owned(), pid));
        }
        let mut named = self.nameservers.iter();
        let serves = named.any(|server| server.sockets().any(|one| one == socket));
        serves.then(|| ("dockerd".to_owned(), ENGINE_PID))
    }

    /// A number for a new process: the next after some others that have come and gone.
    pub(super) fn new_pid(&mut self) -> u32 {
        self.last_pid += 20 + self.draw.pid.below(80);
        self.last_pid
    }
}
