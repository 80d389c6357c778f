//! Networks of a swarm: made once, built on each node that needs them, and told of each other's endpoints.
//! What a network is made of on a node is the overlay driver's.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use crate::docker::Engines;
use crate::docker::engine::{Engine, Notice};
use crate::docker::era::{Choice, VipPlace};
use crate::docker::fault::{Done, Fault};
use crate::docker::ipam;
use crate::docker::model::{Driver, DriverState, EndpointSettings, Network, OverlayState, Peer};
use crate::docker::net;
use crate::docker::network::NetworkSpec;
use crate::docker::swarm::Cluster;
use crate::kernel::World;
use crate::units::HostId;

/// The sandbox of published ports.
pub(in crate::docker) const INGRESS_BOX: &str = "ingress-sbox";
/// A swarm's pool is 10.0.0.0/8, in pieces of /24.
const PIECES: u32 = 1 << 16;

impl Cluster {
    /// Gives an address of a network back.
    pub(in crate::docker) fn release(&mut self, network: &str, address: IpNet) {
        if let Some(net) = self.networks.get_mut(network) {
            for subnet in &mut net.subnets {
                if subnet.pool.subnet.contains(&address.addr()) {
                    subnet.pool.release(address.addr());
                }
            }
        }
    }

    /// Takes the next address of a network.
    pub(in crate::docker) fn take(&mut self, network: &str) -> Done<IpNet> {
        let missing = || Fault::NetworkNotFound(network.to_owned());
        let net = self.networks.get_mut(network).ok_or_else(missing)?;
        let subnet = net.subnets.first_mut().ok_or_else(missing)?;
        let of = subnet.pool.subnet;
        let address = subnet
            .pool
            .take(Choice::Next)
            .map_err(|_| Fault::NoAddress(of.to_string()))?;
        IpNet::new(address, of.prefix_len()).map_err(|_| Fault::AddressInUse)
    }

    /// Takes a certain address of a network.
    pub(in crate::docker) fn claim(&mut self, network: &str, address: IpAddr) -> Done<IpNet> {
        let missing = || Fault::NetworkNotFound(network.to_owned());
        let net = self.networks.get_mut(network).ok_or_else(missing)?;
        let subnet = net.subnets.first_mut().ok_or_else(missing)?;
        subnet
            .pool
            .claim(address)
            .map_err(|_| Fault::AddressInUse)?;
        IpNet::new(address, subnet.pool.subnet.prefix_len()).map_err(|_| Fault::AddressInUse)
    }

    /// A piece of the pool that no network has.
    fn free_subnet(&mut self) -> Done<IpNet> {
        for step in 0..PIECES {
            let piece = (self.next_subnet + step) % PIECES;
            let [_, _, high, low] = piece.to_be_bytes();
            let net = IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(10, high, low, 0), 24));
            if !self.has_subnet(&net) {
                self.next_subnet = (piece + 1) % PIECES;
                return Ok(net);
            }
        }
        Err(Fault::PoolsExhausted)
    }

    fn has_subnet(&self, subnet: &IpNet) -> bool {
        let mut known = self.networks.values().flat_map(|net| &net.subnets);
        known.any(|known| ipam::overlap(&known.pool.subnet, subnet))
    }
}

impl Engines {
    /// Makes a network of the swarm that a host manages.
    pub(in crate::docker) fn overlay_create(
        &mut self,
        world: &mut World,
        host: HostId,
        spec: NetworkSpec,
    ) -> Done<String> {
        let number = self.managed(host)?;
        let engine = self.start(world, host)?;
        let known = engine.networks.values().any(|net| net.name == spec.name);
        if known
            || self.swarms[number]
                .networks
                .values()
                .any(|net| net.name == spec.name)
        {
            return Err(Fault::NetworkExists(spec.name));
        }
        self.add_network(world, number, spec)
    }

    fn add_network(&mut self, world: &World, number: usize, spec: NetworkSpec) -> Done<String> {
        let era = self.era;
        let plain = Engine::subnet_of;
        let cluster = &mut self.swarms[number];
        let mut subnets = Vec::new();
        for asked in &spec.subnets {
            let asked = asked.trunc();
            if cluster.has_subnet(&asked) {
                return Err(Fault::PoolOverlap);
            }
            subnets.push(plain(&spec, asked)?);
        }
        if subnets.is_empty() {
            let net = cluster.free_subnet()?;
            subnets.push(plain(&spec, net)?);
        }
        let _ = era;
        let id = cluster.draw.swarm_id();
        let vni = cluster.next_vni;
        cluster.next_vni += 1;
        let network = Network {
            id: id.clone(),
            name: spec.name,
            driver: Driver::Overlay,
            swarm: true,
            created: world.now(),
            internal: spec.internal,
            attachable: spec.attachable,
            ingress: spec.ingress,
            ipv6: spec.ipv6,
            subnets,
            subnet_given: !spec.subnets.is_empty(),
            options: spec.options,
            ipam_options: None,
            labels: spec.labels,
            endpoints: Vec::new(),
            state: DriverState::Overlay(OverlayState {
                vni,
                epoch: 0,
                sandbox: None,
                next_veth: 0,
                peers: Vec::new(),
            }),
        };
        cluster.networks.insert(id.clone(), network);
        Ok(id)
    }

    /// The network of published ports, the first of a swarm.
    pub(in crate::docker) fn make_ingress(&mut self, world: &World, number: usize) -> Done<()> {
        let facts = self.era.facts();
        let subnet = facts.ingress_subnet.and_then(|net| net.parse().ok());
        let spec = NetworkSpec {
            name: "ingress".to_owned(),
            ingress: true,
            subnets: subnet.into_iter().collect(),
            ..NetworkSpec::default()
        };
        self.add_network(world, number, spec)?;
        Ok(())
    }

    /// Removes a network of the swarm that a host manages.
    pub(in crate::docker) fn overlay_remove(
        &mut self,
        world: &mut World,
        host: HostId,
        id: &str,
    ) -> Done<()> {
        let number = self.managed(host)?;
        let cluster = &self.swarms[number];
        let Some(net) = cluster.networks.get(id) else {
            return Err(Fault::NetworkNotFound(id.to_owned()));
        };
        let user = cluster
            .services
            .values()
            .find(|service| service.networks.iter().any(|known| known == id));
        if let Some(service) = user {
            return Err(Fault::InUse {
                network: net.id.clone(),
                kind: "service",
                by: service.id.clone(),
            });
        }
        for host in self.hosts_of(number) {
            let Some(engine) = self.engines.get(&host) else {
                continue;
            };
            let Some(net) = engine.networks.get(id) else {
                continue;
            };
            let mut containers = net
                .endpoints
                .iter()
                .filter_map(|one| engine.container_of_sandbox(&one.sandbox).map(|_| one));
            if let Some(endpoint) = containers.next() {
                return Err(Fault::InUse {
                    network: id.to_owned(),
                    kind: "task",
                    by: endpoint.id.chars().take(25).collect(),
                });
            }
        }
        for host in self.hosts_of(number) {
            self.dismantle(world, host, number, id);
        }
        self.swarms[number].networks.shift_remove(id);
        Ok(())
    }

    /// The hosts of a swarm's nodes.
    pub(in crate::docker) fn hosts_of(&self, number: usize) -> Vec<HostId> {
        let nodes = self.swarms[number].nodes.values();
        nodes
            .filter(|node| node.ready)
            .map(|node| node.host)
            .collect()
    }

    /// Builds a network of the swarm on a node that needs it: with a load balancer where the era has them.
    pub(in crate::docker) fn instantiate(
        &mut self,
        world: &mut World,
        host: HostId,
        number: usize,
        id: &str,
    ) -> Done<()> {
        let engine = self.start(world, host)?;
        if engine.networks.contains_key(id) {
            return Ok(());
        }
        let facts = engine.facts();
        let network = self.swarms[number].networks.get(id).cloned();
        let network = network.ok_or_else(|| Fault::NetworkNotFound(id.to_owned()))?;
        let ingress = network.ingress;
        let name = network.name.clone();
        let engine = self.start(world, host)?;
        let state = DriverState::Overlay(OverlayState {
            vni: vni_of(&network),
            epoch: engine.epochs.get(id).copied().unwrap_or(0),
            sandbox: None,
            next_veth: 0,
            peers: Vec::new(),
        });
        engine
            .networks
            .insert(id.to_owned(), Network { state, ..network });
        if ingress || facts.vip != VipPlace::LoadBalancer {
            return Ok(());
        }
        let address = self.balancer_address(host, number, id)?;
        let engine = self.start(world, host)?;
        let sandbox = format!("lb-{name}");
        let key = format!("lb_{}", id.get(..9).unwrap_or(id));
        engine.sandbox_create(world, Some(&sandbox), Some(&key))?;
        let settings = EndpointSettings {
            assigned: vec![address],
            ..EndpointSettings::default()
        };
        engine.join(world, id, &sandbox, &format!("{name}-endpoint"), &settings)?;
        self.settle_swarm(world, number);
        self.write_balancers(world, host, number, id);
        Ok(())
    }

    /// The address of a node's load balancer on a network, taken now where there is none.
    fn balancer_address(&mut self, host: HostId, number: usize, id: &str) -> Done<IpNet> {
        let cluster = &mut self.swarms[number];
        let node = cluster
            .node_on(host)
            .map(|node| node.id.clone())
            .unwrap_or_default();
        let key = (node, id.to_owned());
        if let Some(known) = cluster.balancers.get(&key) {
            return Ok(*known);
        }
        let address = cluster.take(id)?;
        cluster.balancers.insert(key, address);
        Ok(address)
    }

    /// The sandbox of published ports, on the network of published ports and on the gateway bridge.
    pub(in crate::docker) fn build_ingress(
        &mut self,
        world: &mut World,
        host: HostId,
        number: usize,
    ) -> Done<()> {
        let ingress = self.swarms[number]
            .networks
            .values()
            .find(|net| net.ingress);
        let Some(id) = ingress.map(|net| net.id.clone()) else {
            return Ok(());
        };
        self.instantiate(world, host, number, &id)?;
        let address = self.balancer_address(host, number, &id)?;
        let engine = self.start(world, host)?;
        engine.sandbox_create(world, Some(INGRESS_BOX), Some("ingress_sbox"))?;
        let settings = EndpointSettings {
            assigned: vec![address],
            ..EndpointSettings::default()
        };
        engine.join(world, &id, INGRESS_BOX, "ingress-endpoint", &settings)?;
        engine.update_gateway(world, INGRESS_BOX, |_| 0)?;
        self.settle_swarm(world, number);
        Ok(())
    }

    /// Takes a network of the swarm off a node where no container needs it any more.
    pub(in crate::docker) fn dismantle(
        &mut self,
        world: &mut World,
        host: HostId,
        number: usize,
        id: &str,
    ) {
        let Some(engine) = self.engines.get_mut(&host) else {
            return;
        };
        let Some(net) = engine.networks.get(id) else {
            return;
        };
        if net.ingress
            || net
                .endpoints
                .iter()
                .any(|one| engine.container_of_sandbox(&one.sandbox).is_some())
        {
            return;
        }
        if let DriverState::Overlay(state) = &net.state {
            engine.epochs.insert(id.to_owned(), state.epoch);
        }
        let sandbox = format!("lb-{}", net.name);
        engine.sandbox_delete(world, &sandbox);
        engine.network_drop(world, id);
        engine.outbox.clear();
        let node = self.swarms[number]
            .node_on(host)
            .map(|node| node.id.clone());
        if let Some(node) = node
            && let Some(address) = self.swarms[number].balancers.remove(&(node, id.to_owned()))
        {
            self.swarms[number].release(id, address);
        }
        self.tell_peers(world, number, id);
    }

    /// What has happened on networks of a swarm becomes known on its other nodes.
    pub(in crate::docker) fn settle_swarm(&mut self, world: &mut World, number: usize) {
        let mut touched: Vec<String> = Vec::new();
        for host in self.hosts_of(number) {
            let Some(engine) = self.engines.get_mut(&host) else {
                continue;
            };
            for notice in std::mem::take(&mut engine.outbox) {
                let network = match notice {
                    Notice::Joined(network) => network,
                    Notice::Left(network, address) => {
                        self.swarms[number].release(&network, address);
                        network
                    }
                };
                if !touched.contains(&network) {
                    touched.push(network);
                }
            }
        }
        for network in touched {
            self.tell_peers(world, number, &network);
        }
    }

    /// Each node that has a network gets entries for the endpoints of all others.
    fn tell_peers(&mut self, world: &mut World, number: usize, id: &str) {
        let hosts = self.hosts_of(number);
        let mut all: Vec<(HostId, Peer)> = Vec::new();
        for &host in &hosts {
            let Some(net) = self.engine(host).and_then(|engine| engine.networks.get(id)) else {
                continue;
            };
            let Some(node) = self.swarms[number].node_on(host) else {
                continue;
            };
            for endpoint in &net.endpoints {
                let Some(address) = endpoint.v4() else {
                    continue;
                };
                let peer = Peer {
                    address: address.addr(),
                    mac: endpoint.mac,
                    vtep: node.address,
                };
                all.push((host, peer));
            }
        }
        for host in hosts {
            let others = all
                .iter()
                .filter(|(of, _)| *of != host)
                .map(|(_, peer)| peer.clone());
            let others: Vec<Peer> = others.collect();
            if let Some(engine) = self.engines.get_mut(&host)
                && engine.networks.contains_key(id)
            {
                engine.overlay_peers(world, id, &others);
            }
        }
    }

    /// Prepares the networks of a container that are a swarm's: they are built here, and their addresses taken.
    pub(in crate::docker) fn prepare_attachment(
        &mut self,
        world: &mut World,
        host: HostId,
        word: &str,
        settings: &mut EndpointSettings,
    ) -> Done<Option<String>> {
        let Some(number) = self
            .engine(host)
            .and_then(|engine| engine.node.as_ref())
            .map(|(number, _)| *number)
        else {
            return Ok(None);
        };
        let found = self.swarms[number].networks.values().find(|net| {
            net.name == word || net.id == word || word.len() >= 12 && net.id.starts_with(word)
        });
        let Some(net) = found else { return Ok(None) };
        let (id, name) = (net.id.clone(), net.name.clone());
        if !settings.assigned.is_empty() {
            return Ok(Some(name));
        }
        if !net.attachable {
            return Err(Fault::NotAttachable(name));
        }
        let address = match settings.ip {
            Some(ip) => self.swarms[number].claim(&id, ip)?,
            None => self.swarms[number].take(&id)?,
        };
        settings.assigned = vec![address];
        self.instantiate(world, host, number, &id)?;
        Ok(Some(name))
    }

    /// Networks of the swarm that a node had for containers that are gone.
    pub(in crate::docker) fn sweep_networks(&mut self, world: &mut World, host: HostId) {
        let Some((number, _)) = self.engine(host).and_then(|engine| engine.node.clone()) else {
            return;
        };
        self.settle_swarm(world, number);
        let Some(engine) = self.engines.get(&host) else {
            return;
        };
        let swarm = engine
            .networks
            .values()
            .filter(|net| net.swarm && !net.ingress);
        let ids: Vec<String> = swarm.map(|net| net.id.clone()).collect();
        for id in ids {
            self.dismantle(world, host, number, &id);
        }
    }
}

/// The identifier of a network's tunnels.
fn vni_of(net: &Network) -> u32 {
    match &net.state {
        DriverState::Overlay(state) => state.vni,
        DriverState::Bridge(_) | DriverState::Parent { .. } | DriverState::Nothing => 0,
    }
}

impl Engine {
    /// The overlay driver makes room for many neighbours (ostweaks_linux.go).
    pub(in crate::docker) fn raise_neighbour_limits(&self, world: &mut World) {
        for (number, value) in [("1", 8192), ("2", 49152), ("3", 65536)] {
            let key = format!("net.ipv4.neigh.default.gc_thresh{number}");
            let known = world.sysctl_read(self.root, &key);
            let known = known.ok().and_then(|text| text.trim().parse::<u32>().ok());
            if known.is_none_or(|known| known < value) {
                net::sysctl(world, self.root, &key, &value.to_string());
            }
        }
    }

    /// Everything of a swarm goes but the gateway bridge, which Docker keeps.
    pub(in crate::docker) fn leave_swarm(&mut self, world: &mut World) {
        self.sandbox_delete(world, INGRESS_BOX);
        let swarm = self.networks.values().filter(|net| net.swarm);
        let swarm: Vec<(String, String)> = swarm
            .map(|net| (net.id.clone(), net.name.clone()))
            .collect();
        for (id, name) in swarm {
            self.sandbox_delete(world, &format!("lb-{name}"));
            self.network_drop(world, &id);
        }
        self.clear_ingress_ports(world);
        self.node = None;
        self.epochs = BTreeMap::new();
        self.outbox.clear();
    }
}
