//! Tasks: as many as a service wants, on the nodes that have room for them (swarmkit's orchestrator and scheduler).
//! What leads to a task is in `loadbalancer` and `ingress`.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use ipnet::IpNet;

use crate::docker::Engines;
use crate::docker::engine::Engine;
use crate::docker::era::VipPlace;
use crate::docker::fault::Done;
use crate::docker::filter::{self};
use crate::docker::model::{ContainerSpec, EndpointSettings, Mode, TaskRef};
use crate::docker::net;
use crate::docker::swarm::ingress::task_port_rules;
use crate::docker::swarm::{Service, Task};
use crate::kernel::World;
use crate::units::{HostId, NetnsId};

impl Engines {
    /// Tasks come and go until there are as many as there should be.
    pub(super) fn fill(&mut self, world: &mut World, number: usize, id: &str) -> Done<()> {
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
        self.write_all_balancers(world, number);
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
        self.write_all_balancers(world, number);
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
