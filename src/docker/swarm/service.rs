//! Services: made, found, scaled, updated and removed, with their names, addresses and ports.
//! Their tasks are the scheduler's; what leads to these is in `loadbalancer` and `ingress`.

use std::collections::BTreeMap;

use crate::docker::Engines;
use crate::docker::fault::{Done, Fault};
use crate::docker::swarm::Service;
use crate::kernel::World;
use crate::units::HostId;

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
}
