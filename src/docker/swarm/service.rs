//! Services: their tasks are spread over the nodes, and their addresses lead to the tasks.
//! Linux balances with IPVS, which is not simulated: rules of the packet filter stand for it, as docs/docker.md says.

use std::collections::BTreeMap;
use std::net::IpAddr;

use indexmap::IndexMap;
use ipnet::IpNet;

use crate::docker::Engines;
use crate::docker::engine::Engine;
use crate::docker::era::VipPlace;
use crate::docker::fault::{Done, Fault};
use crate::docker::filter::{self, Place, Rule, Table};
use crate::docker::firewall;
use crate::docker::model::{ContainerSpec, EndpointSettings, Mode, TaskRef};
use crate::docker::net;
use crate::docker::swarm::network::INGRESS_BOX;
use crate::docker::swarm::{Service, Task};
use crate::kernel::World;
use crate::units::{HostId, NetnsId};

/// Ports that a swarm chooses begin here.
const FIRST_PORT: u16 = 30000;

/// A service that is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceSpec {
    /// Its name.
    pub name: String,
    /// The image.
    pub image: String,
    /// The command.
    pub command: Vec<String>,
    /// How many tasks; nothing for one on each node.
    pub replicas: Option<u32>,
    /// The networks as typed, with names of the service on each.
    pub networks: Vec<(String, Vec<String>)>,
    /// The ports that are published.
    pub ports: Vec<Published>,
    /// Whether clients get the addresses of the tasks themselves.
    pub dns_round_robin: bool,
    /// Where its tasks may be: `node.hostname==h2`.
    pub constraints: Vec<String>,
    /// The environment.
    pub env: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// A port that a service publishes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Published {
    /// `tcp` or `udp`.
    pub proto: &'static str,
    /// The port of every node, 0 for a free one.
    pub published: u16,
    /// The tasks' port.
    pub target: u16,
    /// Whether it is the port of the task's own node only.
    pub host_mode: bool,
}

impl Engines {
    /// Makes a service and its tasks; gives its id.
    ///
    /// # Errors
    /// As Docker's.
    pub fn service_create(
        &mut self,
        world: &mut World,
        host: HostId,
        spec: ServiceSpec,
    ) -> Done<String> {
        self.start(world, host)?;
        let number = self.managed(host)?;
        let cluster = &mut self.swarms[number];
        if cluster
            .services
            .values()
            .any(|known| known.spec.name == spec.name)
        {
            return Err(Fault::ServiceExists(spec.name));
        }
        let mut networks = Vec::new();
        if spec.ports.iter().any(|port| !port.host_mode) {
            networks.extend(
                cluster
                    .networks
                    .values()
                    .find(|net| net.ingress)
                    .map(|net| net.id.clone()),
            );
        }
        for (word, _) in &spec.networks {
            let found = cluster
                .networks
                .values()
                .find(|net| net.name == *word || net.id.starts_with(word.as_str()));
            let net = found.ok_or_else(|| Fault::NetworkNotFound(word.clone()))?;
            networks.push(net.id.clone());
        }
        let ports = self.choose_ports(number, &spec)?;
        let cluster = &mut self.swarms[number];
        let id = cluster.draw.swarm_id();
        let (mut vips, mut marks) = (BTreeMap::new(), BTreeMap::new());
        for network in &networks {
            if !spec.dns_round_robin {
                vips.insert(network.clone(), cluster.take(network)?);
                marks.insert(network.clone(), cluster.next_mark);
                cluster.next_mark += 1;
            }
        }
        let service = Service {
            id: id.clone(),
            spec,
            created: world.now(),
            networks,
            vips,
            marks,
            ports,
        };
        self.tell_service(world, number, &service, true);
        self.swarms[number].services.insert(id.clone(), service);
        self.fill(world, number, &id)?;
        self.publish(world, number);
        Ok(id)
    }

    /// The names of a service lead to its address.
    fn tell_service(&self, world: &mut World, number: usize, service: &Service, come: bool) {
        for (network, vip) in &service.vips {
            let Some(net) = self.swarms[number]
                .networks
                .get(network)
                .filter(|net| net.has_names())
            else {
                continue;
            };
            let asked = service
                .spec
                .networks
                .iter()
                .find(|(word, _)| *word == net.name || net.id.starts_with(word.as_str()));
            let aliases = asked
                .map(|(_, aliases)| aliases.clone())
                .unwrap_or_default();
            for name in std::iter::once(&service.spec.name).chain(&aliases) {
                match come {
                    true => world.name_add(net.scope(), name, vip.addr()),
                    false => world.name_remove(net.scope(), name, vip.addr()),
                }
            }
        }
    }

    fn choose_ports(&self, number: usize, spec: &ServiceSpec) -> Done<Vec<Published>> {
        let cluster = &self.swarms[number];
        let mut chosen: Vec<Published> = Vec::new();
        for port in &spec.ports {
            let known = cluster
                .services
                .values()
                .flat_map(|one| one.ports.iter().map(move |port| (one, port)));
            let holder = |wanted: u16| {
                let mut same = known.clone().filter(|(_, other)| {
                    !other.host_mode && other.proto == port.proto && other.published == wanted
                });
                same.next().map(|(one, _)| one)
            };
            let published = match port.published {
                0 => (FIRST_PORT..=32767)
                    .find(|&wanted| {
                        holder(wanted).is_none()
                            && !chosen.iter().any(|other| other.published == wanted)
                    })
                    .ok_or(Fault::Other("no port is free".to_owned()))?,
                wanted => {
                    if let Some(other) = holder(wanted).filter(|_| !port.host_mode) {
                        return Err(Fault::Other(format!(
                            "rpc error: code = InvalidArgument desc = port '{wanted}' is already in use by service '{}' ({}) as an ingress port",
                            other.spec.name, other.id
                        )));
                    }
                    wanted
                }
            };
            chosen.push(Published {
                published,
                ..port.clone()
            });
        }
        Ok(chosen)
    }

    /// A service of the swarm that a host manages.
    ///
    /// # Errors
    /// Where there is none of that name or id.
    pub fn service(&mut self, world: &mut World, host: HostId, word: &str) -> Done<Service> {
        self.start(world, host)?;
        let number = self.managed(host)?;
        let services = &self.swarms[number].services;
        let named = services
            .values()
            .find(|one| one.spec.name == word || one.id == word);
        let begun = || {
            services
                .values()
                .find(|one| !word.is_empty() && one.id.starts_with(word))
        };
        named
            .or_else(begun)
            .cloned()
            .ok_or_else(|| Fault::NoService(word.to_owned()))
    }

    /// Changes the number of a service's tasks.
    ///
    /// # Errors
    /// Where there is no such service, or one task runs on each node.
    pub fn service_scale(
        &mut self,
        world: &mut World,
        host: HostId,
        word: &str,
        replicas: u32,
    ) -> Done<()> {
        let id = self.service(world, host, word)?.id;
        let number = self.managed(host)?;
        let Some(service) = self.swarms[number].services.get_mut(&id) else {
            return Ok(());
        };
        if service.spec.replicas.is_none() {
            return Err(Fault::Other(
                "scale can only be used with replicated or replicated-job mode".to_owned(),
            ));
        }
        service.spec.replicas = Some(replicas);
        self.fill(world, number, &id)?;
        self.write_all_balancers(world, number);
        Ok(())
    }

    /// Starts every task of a service anew, with another image where one is given.
    ///
    /// # Errors
    /// Where there is no such service.
    pub fn service_update(
        &mut self,
        world: &mut World,
        host: HostId,
        word: &str,
        image: Option<&str>,
        force: bool,
    ) -> Done<()> {
        let id = self.service(world, host, word)?.id;
        let number = self.managed(host)?;
        let Some(service) = self.swarms[number].services.get_mut(&id) else {
            return Ok(());
        };
        let changed = image.is_some_and(|image| image != service.spec.image);
        if let Some(image) = image {
            service.spec.image = image.to_owned();
        }
        if changed || force {
            let tasks: Vec<String> = self.swarms[number]
                .running(&id)
                .iter()
                .map(|task| task.id.clone())
                .collect();
            for task in tasks {
                self.end_task(world, number, &task);
                self.fill(world, number, &id)?;
            }
            self.write_all_balancers(world, number);
        }
        Ok(())
    }

    /// Removes a service with its tasks.
    ///
    /// # Errors
    /// Where there is none.
    pub fn service_remove(&mut self, world: &mut World, host: HostId, word: &str) -> Done<()> {
        let service = self.service(world, host, word)?;
        let number = self.managed(host)?;
        let tasks: Vec<String> = self.swarms[number]
            .tasks
            .values()
            .filter(|task| task.service == service.id)
            .map(|task| task.id.clone())
            .collect();
        for task in &tasks {
            self.end_task(world, number, task);
            self.swarms[number].tasks.shift_remove(task);
        }
        self.tell_service(world, number, &service, false);
        self.unwrite_service(world, number, &service);
        self.swarms[number].services.shift_remove(&service.id);
        for (network, vip) in &service.vips {
            self.swarms[number].release(network, *vip);
        }
        for host in self.hosts_of(number) {
            self.sweep_networks(world, host);
        }
        self.publish(world, number);
        Ok(())
    }

    /// Tasks come and go until there are as many as there should be.
    fn fill(&mut self, world: &mut World, number: usize, id: &str) -> Done<()> {
        let Some(service) = self.swarms[number].services.get(id).cloned() else {
            return Ok(());
        };
        let Some(replicas) = service.spec.replicas else {
            return self.place_global(world, number, &service);
        };
        let running: Vec<Task> = self.swarms[number]
            .running(id)
            .into_iter()
            .cloned()
            .collect();
        for task in running.iter().filter(|task| task.slot > replicas) {
            self.end_task(world, number, &task.id);
        }
        let missing = (1..=replicas).filter(|slot| !running.iter().any(|task| task.slot == *slot));
        let missing: Vec<u32> = missing.collect();
        // All addresses are taken before the first task is placed.
        let mut made = Vec::new();
        for slot in missing {
            made.push(self.new_task(world, number, &service, slot)?);
        }
        for task in made {
            let Some(node) = self.choose_node(number, &service) else {
                continue;
            };
            self.place(world, number, &service, task, &node)?;
        }
        for host in self.hosts_of(number) {
            self.sweep_networks(world, host);
        }
        Ok(())
    }

    fn new_task(
        &mut self,
        world: &World,
        number: usize,
        service: &Service,
        slot: u32,
    ) -> Done<Task> {
        let cluster = &mut self.swarms[number];
        let mut addresses = BTreeMap::new();
        for network in &service.networks {
            addresses.insert(network.clone(), cluster.take(network)?);
        }
        Ok(Task {
            id: cluster.draw.swarm_id(),
            service: service.id.clone(),
            slot,
            node: String::new(),
            addresses,
            container: None,
            runs: true,
            since: world.now(),
            error: String::new(),
        })
    }

    /// The node with the fewest tasks of the service, and of all; the first of several.
    fn choose_node(&self, number: usize, service: &Service) -> Option<String> {
        let cluster = &self.swarms[number];
        let count = |node: &str, of: Option<&str>| {
            let tasks = cluster
                .tasks
                .values()
                .filter(|task| task.node == node && task.runs);
            tasks
                .filter(|task| of.is_none_or(|of| task.service == of))
                .count()
        };
        let nodes = cluster.nodes.values().filter(|node| {
            node.ready
                && node.availability == "active"
                && service.spec.constraints.iter().all(|one| fits(one, node))
        });
        let best =
            nodes.min_by_key(|node| (count(&node.id, Some(&service.id)), count(&node.id, None)));
        best.map(|node| node.id.clone())
    }

    fn place_global(&mut self, world: &mut World, number: usize, service: &Service) -> Done<()> {
        let cluster = &self.swarms[number];
        let running = cluster.running(&service.id);
        let free = cluster.nodes.values().filter(|node| {
            node.ready
                && node.availability == "active"
                && service.spec.constraints.iter().all(|one| fits(one, node))
                && !running.iter().any(|task| task.node == node.id)
        });
        let free: Vec<String> = free.map(|node| node.id.clone()).collect();
        for node in free {
            let task = self.new_task(world, number, service, 0)?;
            self.place(world, number, service, task, &node)?;
        }
        Ok(())
    }

    /// A new node gets its tasks of the services that run everywhere.
    pub(in crate::docker) fn place_global_tasks(
        &mut self,
        world: &mut World,
        number: usize,
    ) -> Done<()> {
        let global = self.swarms[number]
            .services
            .values()
            .filter(|one| one.spec.replicas.is_none());
        let global: Vec<Service> = global.cloned().collect();
        for service in global {
            self.place_global(world, number, &service)?;
        }
        self.publish(world, number);
        Ok(())
    }

    /// Tasks of a node that has gone are placed anew.
    pub(in crate::docker) fn replace_tasks(
        &mut self,
        world: &mut World,
        number: usize,
    ) -> Done<()> {
        let ids: Vec<String> = self.swarms[number].services.keys().cloned().collect();
        for id in ids {
            self.fill(world, number, &id)?;
        }
        self.write_all_balancers(world, number);
        Ok(())
    }

    /// Runs a task on a node.
    fn place(
        &mut self,
        world: &mut World,
        number: usize,
        service: &Service,
        mut task: Task,
        node: &str,
    ) -> Done<()> {
        let Some(host) = self.swarms[number].nodes.get(node).map(|node| node.host) else {
            return Ok(());
        };
        task.node = node.to_owned();
        for network in &service.networks {
            self.instantiate(world, host, number, network)?;
        }
        let name = format!("{}.{}", self.swarms[number].task_name(&task), task.id);
        let mut networks = IndexMap::new();
        for (network, address) in &task.addresses {
            let net = &self.swarms[number].networks[network];
            let aliases = if service.spec.dns_round_robin {
                vec![service.spec.name.clone()]
            } else {
                Vec::new()
            };
            let settings = EndpointSettings {
                assigned: vec![*address],
                aliases: aliases
                    .into_iter()
                    .chain([format!("tasks.{}", service.spec.name)])
                    .collect(),
                ..EndpointSettings::default()
            };
            networks.insert(net.name.clone(), settings);
        }
        let host_ports = service.ports.iter().filter(|port| port.host_mode);
        let host_ports = host_ports.map(|port| crate::docker::model::Port {
            proto: port.proto,
            inside: port.target,
            outside: Some((None, port.published)),
        });
        let spec = ContainerSpec {
            name: Some(name),
            image: service.spec.image.clone(),
            command: service.spec.command.clone(),
            entrypoint: None,
            hostname: None,
            env: service.spec.env.clone(),
            labels: service.spec.labels.clone(),
            mode: Mode::Networks,
            networks,
            network_word: String::new(),
            ports: host_ports.collect(),
            publish_all: false,
            remove: false,
            foreground: false,
            // Tasks go on: whoever makes a service of a shell wants it to stay.
            tty: true,
            interactive: false,
            sysctls: Vec::new(),
            links: Vec::new(),
            extra_hosts: Vec::new(),
            task: Some(TaskRef {
                service: service.id.clone(),
                task: task.id.clone(),
            }),
        };
        let engine = self.start(world, host)?;
        let container = engine.container_create(world, spec)?;
        engine.container_start(world, &container)?;
        task.container = Some(container.clone());
        let netns = engine
            .containers
            .get(&container)
            .and_then(|one| engine.netns_of(one));
        self.swarms[number]
            .tasks
            .insert(task.id.clone(), task.clone());
        self.settle_swarm(world, number);
        if let Some(netns) = netns {
            self.dress_task(world, host, number, service, &task, netns);
        }
        self.write_all_balancers(world, number);
        Ok(())
    }

    /// What a task's namespace has beside its devices: the VIP of the article's era, and the way of published ports.
    fn dress_task(
        &mut self,
        world: &mut World,
        host: HostId,
        number: usize,
        service: &Service,
        task: &Task,
        netns: NetnsId,
    ) {
        let Some(engine) = self.engine(host) else {
            return;
        };
        let facts = engine.facts();
        for (network, vip) in &service.vips {
            if facts.vip != VipPlace::Containers {
                break;
            }
            let Some(device) = device_on(engine, network, task) else {
                continue;
            };
            if let Ok(vip) = IpNet::new(vip.addr(), 32) {
                let _ = net::add_address(world, netns, &device, vip, false);
            }
        }
        let ingress = self.swarms[number]
            .networks
            .values()
            .find(|net| net.ingress)
            .map(|net| net.id.clone());
        let address = ingress.and_then(|id| task.addresses.get(&id).copied());
        let Some(address) = address else { return };
        for port in service.ports.iter().filter(|port| !port.host_mode) {
            for rule in task_port_rules(address.addr(), port) {
                filter::ensure(world, netns, &rule);
            }
        }
    }

    /// Stops a task and frees its addresses.
    pub(in crate::docker) fn end_task(&mut self, world: &mut World, number: usize, id: &str) {
        let Some(task) = self.swarms[number].tasks.get(id).cloned() else {
            return;
        };
        let host = self.swarms[number]
            .nodes
            .get(&task.node)
            .map(|node| node.host);
        if let (Some(host), Some(container)) = (host, &task.container)
            && let Some(engine) = self.engines.get_mut(&host)
        {
            let _ = engine.container_remove(world, container, true);
        }
        let now = world.now();
        if let Some(task) = self.swarms[number].tasks.get_mut(id) {
            task.runs = false;
            task.container = None;
            task.since = now;
        }
        self.settle_swarm(world, number);
    }

    /// The rules of every service's address on every node that has its networks.
    pub(in crate::docker) fn write_all_balancers(&mut self, world: &mut World, number: usize) {
        let networks: Vec<String> = self.swarms[number].networks.keys().cloned().collect();
        for host in self.hosts_of(number) {
            for network in &networks {
                self.write_balancers(world, host, number, network);
            }
        }
    }

    /// The rules of the services' addresses on one network of one node.
    pub(in crate::docker) fn write_balancers(
        &mut self,
        world: &mut World,
        host: HostId,
        number: usize,
        network: &str,
    ) {
        let Some(engine) = self.engine(host) else {
            return;
        };
        let Some(net) = engine.networks.get(network) else {
            return;
        };
        let cluster = &self.swarms[number];
        let services: Vec<&Service> = cluster
            .services
            .values()
            .filter(|one| one.vips.contains_key(network))
            .collect();
        let backends = |service: &Service| {
            let tasks = cluster.running(&service.id);
            let found: Vec<IpAddr> = tasks
                .iter()
                .filter(|task| task.container.is_some())
                .filter_map(|task| task.addresses.get(network))
                .map(IpNet::addr)
                .collect();
            found
        };
        let mut sandboxes: Vec<(NetnsId, String, bool)> = Vec::new();
        match (net.ingress, engine.facts().vip) {
            (true, _) => return self.write_ingress(world, host, number),
            (false, VipPlace::LoadBalancer) => {
                let sandbox = engine.sandboxes.get(&format!("lb-{}", net.name));
                sandboxes.extend(sandbox.map(|one| (one.netns, "eth0".to_owned(), true)));
            }
            (false, VipPlace::Containers) => {
                for endpoint in &net.endpoints {
                    let sandbox = engine.sandboxes.get(&endpoint.sandbox);
                    sandboxes
                        .extend(sandbox.map(|one| (one.netns, endpoint.device.clone(), false)));
                }
            }
        }
        let own = net
            .endpoints
            .iter()
            .find(|one| one.sandbox == format!("lb-{}", net.name))
            .and_then(|one| one.v4());
        let mut lines = Vec::new();
        for service in services {
            let Some(vip) = service.vips.get(network) else {
                continue;
            };
            lines.push((
                vip.addr(),
                service.marks.get(network).copied().unwrap_or(0),
                backends(service),
            ));
        }
        for (netns, device, balancer) in sandboxes {
            for (vip, mark, tasks) in &lines {
                if balancer && let Ok(address) = IpNet::new(*vip, 32) {
                    let _ = net::add_address(world, netns, &device, address, false);
                }
                balance(world, netns, balancer, *vip, *mark, tasks);
            }
            if let (true, Some(own)) = (balancer, own) {
                let words = format!(
                    "-s {} -m addrtype ! --src-type LOCAL -j SNAT --to-source {}",
                    own.trunc(),
                    own.addr()
                );
                filter::ensure(
                    world,
                    netns,
                    &Rule::new(Table::Nat, "POSTROUTING", Place::End, words),
                );
            }
        }
    }

    /// The address of a service goes from every node.
    fn unwrite_service(&mut self, world: &mut World, number: usize, service: &Service) {
        for host in self.hosts_of(number) {
            let Some(engine) = self.engine(host) else {
                continue;
            };
            for (network, vip) in &service.vips {
                let Some(net) = engine.networks.get(network) else {
                    continue;
                };
                let mark = service.marks.get(network).copied().unwrap_or(0);
                let boxes: Vec<NetnsId> = net
                    .endpoints
                    .iter()
                    .filter_map(|one| engine.sandboxes.get(&one.sandbox))
                    .map(|one| one.netns)
                    .collect();
                for netns in boxes {
                    let balancer = engine.facts().vip == VipPlace::LoadBalancer;
                    unbalance(world, netns, balancer, vip.addr(), mark);
                    if let Ok(address) = IpNet::new(vip.addr(), 32) {
                        net::delete_address(world, netns, "eth0", address);
                    }
                }
            }
        }
    }

    /// Published ports: rules on every node, and the sandbox of published ports.
    pub(in crate::docker) fn publish(&mut self, world: &mut World, number: usize) {
        let services = self.swarms[number].services.values();
        let ports = services.flat_map(|one| one.ports.iter().filter(|port| !port.host_mode));
        let ports: Vec<(&'static str, u16)> =
            ports.map(|port| (port.proto, port.published)).collect();
        for host in self.hosts_of(number) {
            if let Some(engine) = self.engines.get_mut(&host) {
                engine.set_ingress_ports(world, &ports);
            }
            self.write_ingress(world, host, number);
        }
    }

    fn write_ingress(&mut self, world: &mut World, host: HostId, number: usize) {
        let Some(engine) = self.engine(host) else {
            return;
        };
        let Some(sandbox) = engine.sandboxes.get(INGRESS_BOX) else {
            return;
        };
        let netns = sandbox.netns;
        let cluster = &self.swarms[number];
        let Some(net) = engine.networks.values().find(|net| net.ingress) else {
            return;
        };
        let own = net
            .endpoints
            .iter()
            .find(|one| one.sandbox == INGRESS_BOX)
            .and_then(|one| one.v4());
        let publishes = |one: &Service| one.ports.iter().any(|port| !port.host_mode);
        let any = cluster.services.values().any(publishes);
        if !any && !filter::has_chain(world, netns, "PREROUTING") {
            return;
        }
        filter::flush(world, netns, Table::Nat, "PREROUTING");
        filter::flush(world, netns, Table::Mangle, "PREROUTING");
        for service in cluster.services.values() {
            let tasks = cluster.running(&service.id);
            let tasks: Vec<IpAddr> = tasks
                .iter()
                .filter_map(|task| task.addresses.get(&net.id))
                .map(IpNet::addr)
                .collect();
            let mark = service.marks.get(&net.id).copied().unwrap_or(0);
            for port in service.ports.iter().filter(|port| !port.host_mode) {
                let proto = port.proto;
                let matched = format!("-p {proto} -m {proto} --dport {}", port.published);
                let words = format!("{matched} -j MARK --set-xmark {mark:#x}/0xffffffff");
                filter::ensure(
                    world,
                    netns,
                    &Rule::new(Table::Mangle, "PREROUTING", Place::End, words),
                );
                for words in spread(&matched, &tasks) {
                    filter::ensure(
                        world,
                        netns,
                        &Rule::new(Table::Nat, "PREROUTING", Place::End, words),
                    );
                }
            }
        }
        if let Some(own) = own.filter(|_| any) {
            let words = format!("-d {} -j SNAT --to-source {}", own.trunc(), own.addr());
            filter::ensure(
                world,
                netns,
                &Rule::new(Table::Nat, "POSTROUTING", Place::End, words),
            );
        }
    }
}

impl Engine {
    /// The rules of the host for the swarm's published ports.
    pub(in crate::docker) fn set_ingress_ports(
        &mut self,
        world: &mut World,
        ports: &[(&'static str, u16)],
    ) {
        let Some(to) = self.ingress_address() else {
            return;
        };
        let gone: Vec<_> = self
            .ingress_ports
            .iter()
            .filter(|port| !ports.contains(port))
            .copied()
            .collect();
        for (proto, port) in gone {
            for rule in firewall::ingress_rules(self.facts(), false, proto, port, to) {
                filter::remove(world, self.root, &rule);
            }
        }
        for &(proto, port) in ports
            .iter()
            .filter(|port| !self.ingress_ports.contains(port))
        {
            let first = !filter::has_chain(world, self.root, "DOCKER-INGRESS");
            if first {
                filter::new_chain(world, self.root, Table::Nat, "DOCKER-INGRESS");
                filter::new_chain(world, self.root, Table::Filter, "DOCKER-INGRESS");
                net::sysctl(
                    world,
                    self.root,
                    "net.ipv4.conf.docker_gwbridge.route_localnet",
                    "1",
                );
            }
            for rule in firewall::ingress_rules(self.facts(), first, proto, port, to) {
                filter::ensure(world, self.root, &rule);
            }
        }
        self.ingress_ports = ports.to_vec();
        self.arrange_jumps(world);
    }

    /// The address of the sandbox of published ports on the gateway bridge.
    fn ingress_address(&self) -> Option<IpAddr> {
        let bridge = self.networks.values().find(|net| net.is_gwbridge())?;
        let endpoint = bridge
            .endpoints
            .iter()
            .find(|one| one.sandbox == INGRESS_BOX)?;
        endpoint.v4().map(|net| net.addr())
    }

    pub(in crate::docker) fn clear_ingress_ports(&mut self, world: &mut World) {
        self.set_ingress_ports(world, &[]);
        self.ingress_ports.clear();
    }
}

/// The device by which a task is on a network.
fn device_on(engine: &Engine, network: &str, task: &Task) -> Option<String> {
    let container = engine.containers.get(task.container.as_ref()?)?;
    let net = engine.networks.get(network)?;
    let endpoint = net
        .endpoints
        .iter()
        .find(|one| Some(&one.sandbox) == container.sandbox.as_ref())?;
    Some(endpoint.device.clone())
}

/// Whether a node is one that a constraint allows.
fn fits(constraint: &str, node: &crate::docker::swarm::Node) -> bool {
    let (key, value, same) = match (constraint.split_once("!="), constraint.split_once("==")) {
        (Some((key, value)), _) => (key, value, false),
        (None, Some((key, value))) => (key, value, true),
        (None, None) => return false,
    };
    let role = if node.manager { "manager" } else { "worker" };
    let have = match key.trim() {
        "node.role" => role,
        "node.hostname" => &node.hostname,
        "node.id" => &node.id,
        "node.platform.os" => "linux",
        _ => "",
    };
    (have == value.trim()) == same
}

/// One rule for each of several far ends: each gets its share of the connections, one after the other.
fn spread(matched: &str, tasks: &[IpAddr]) -> Vec<String> {
    let count = tasks.len();
    let rule = |(at, task): (usize, &IpAddr)| {
        let left = count - at;
        let turn = match left {
            1 => String::new(),
            left => format!(" -m statistic --mode nth --every {left} --packet 0"),
        };
        format!("{matched}{turn} -j DNAT --to-destination {task}")
    };
    tasks.iter().enumerate().map(rule).collect()
}

/// The rules of one address of a service in one namespace: marks as Docker makes them, and our stand-in for IPVS.
fn balance(
    world: &mut World,
    netns: NetnsId,
    balancer: bool,
    vip: IpAddr,
    mark: u32,
    tasks: &[IpAddr],
) {
    unbalance(world, netns, balancer, vip, mark);
    let chain = if balancer { "PREROUTING" } else { "OUTPUT" };
    for rule in mark_rules(balancer, vip, mark) {
        filter::ensure(world, netns, &rule);
    }
    for proto in ["tcp", "udp"] {
        for words in spread(&format!("-d {vip}/32 -p {proto}"), tasks) {
            filter::ensure(
                world,
                netns,
                &Rule::new(Table::Nat, chain, Place::End, words),
            );
        }
    }
}

fn unbalance(world: &mut World, netns: NetnsId, balancer: bool, vip: IpAddr, mark: u32) {
    let chain = if balancer { "PREROUTING" } else { "OUTPUT" };
    filter::remove_about(world, netns, Table::Nat, chain, vip);
    for rule in mark_rules(balancer, vip, mark) {
        filter::remove(world, netns, &rule);
    }
}

fn mark_rules(balancer: bool, vip: IpAddr, mark: u32) -> Vec<Rule> {
    if balancer {
        return firewall::balancer_rules(vip, mark);
    }
    let words = format!("-d {vip}/32 -j MARK --set-xmark {mark:#x}/0xffffffff");
    let ping =
        format!("-d {vip}/32 -p icmp -m icmp --icmp-type 8 -j DNAT --to-destination 127.0.0.1");
    vec![
        Rule::new(Table::Mangle, "OUTPUT", Place::End, words),
        Rule::new(Table::Nat, "OUTPUT", Place::End, ping),
    ]
}

/// The way of a published port inside a task: the port of the swarm becomes the task's own.
fn task_port_rules(address: IpAddr, port: &Published) -> Vec<Rule> {
    let Published {
        proto,
        published,
        target,
        ..
    } = port;
    let to = format!("-d {address}/32");
    let from = format!("-s {address}/32");
    let rule = |table, chain, place, words: String| Rule::new(table, chain, place, words);
    let known = "-m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT";
    vec![
        rule(
            Table::Nat,
            "PREROUTING",
            Place::End,
            format!(
                "{to} -p {proto} -m {proto} --dport {published} -j REDIRECT --to-ports {target}"
            ),
        ),
        rule(
            Table::Filter,
            "INPUT",
            Place::Top,
            format!("{to} -p {proto} -m {proto} --dport {target} {known}"),
        ),
        rule(
            Table::Filter,
            "OUTPUT",
            Place::Top,
            format!(
                "{from} -p {proto} -m {proto} --sport {target} -m conntrack --ctstate ESTABLISHED -j ACCEPT"
            ),
        ),
        rule(
            Table::Filter,
            "INPUT",
            Place::End,
            format!("{to} -p sctp -j DROP"),
        ),
        rule(
            Table::Filter,
            "INPUT",
            Place::End,
            format!("{to} -p udp -j DROP"),
        ),
        rule(
            Table::Filter,
            "INPUT",
            Place::End,
            format!("{to} -p tcp -j DROP"),
        ),
        rule(
            Table::Filter,
            "OUTPUT",
            Place::End,
            format!("{from} -p sctp -j DROP"),
        ),
        rule(
            Table::Filter,
            "OUTPUT",
            Place::End,
            format!("{from} -p udp -j DROP"),
        ),
        rule(
            Table::Filter,
            "OUTPUT",
            Place::End,
            format!("{from} -p tcp -j DROP"),
        ),
    ]
}
