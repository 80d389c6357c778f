//! What a client may ask of the engine on a host, by the names that people type.
//! Each request ends with what follows from it on other nodes of the swarm.

use crate::docker::fault::{Done, Fault};
use crate::docker::model::{Container, ContainerSpec, EndpointSettings, Network};
use crate::docker::network::NetworkSpec;
use crate::docker::{Engine, Engines};
use crate::kernel::World;
use crate::units::HostId;

impl Engines {
    /// Makes a network; gives its id.
    ///
    /// # Errors
    /// As Docker's.
    pub fn network_create(
        &mut self,
        world: &mut World,
        host: HostId,
        spec: NetworkSpec,
    ) -> Done<String> {
        self.start(world, host)?;
        match spec.driver.as_str() {
            "overlay" => self.overlay_create(world, host, spec),
            _ => {
                let known = self.swarm_networks(host).any(|net| net.name == spec.name);
                if known {
                    return Err(Fault::NetworkExists(spec.name));
                }
                self.start(world, host)?.network_create(world, spec)
            }
        }
    }

    /// The networks that a client on a host sees.
    ///
    /// # Errors
    /// Where the engine cannot start.
    pub fn networks(&mut self, world: &mut World, host: HostId) -> Done<Vec<Network>> {
        self.start(world, host)?;
        let here = self
            .engine(host)
            .into_iter()
            .flat_map(|engine| engine.networks.values());
        let here: Vec<Network> = here.cloned().collect();
        let away = self
            .swarm_networks(host)
            .filter(|net| !here.iter().any(|known| known.id == net.id));
        let away: Vec<Network> = away.cloned().collect();
        Ok(here.into_iter().chain(away).collect())
    }

    /// The networks of the swarm that a host manages.
    fn swarm_networks(&self, host: HostId) -> impl Iterator<Item = &Network> {
        let number = self.managed(host).ok();
        let cluster = number.and_then(|number| self.swarms.get(number));
        cluster
            .into_iter()
            .flat_map(|cluster| cluster.networks.values())
    }

    /// One of the networks that a client on a host sees.
    ///
    /// # Errors
    /// Where there is none of that name or id.
    pub fn network(&mut self, world: &mut World, host: HostId, word: &str) -> Done<Network> {
        let engine = self.start(world, host)?;
        match engine.network(word) {
            Ok(net) => Ok(net.clone()),
            Err(fault) => {
                let begun = |net: &&Network| !word.is_empty() && net.id.starts_with(word);
                let mut known = self.swarm_networks(host);
                let named = known.find(|net| net.name == word);
                let found = named.or_else(|| self.swarm_networks(host).find(begun));
                found.cloned().ok_or(fault)
            }
        }
    }

    /// Removes a network.
    ///
    /// # Errors
    /// As Docker's.
    pub fn network_remove(&mut self, world: &mut World, host: HostId, word: &str) -> Done<()> {
        let net = self.network(world, host, word)?;
        if net.swarm {
            return self.overlay_remove(world, host, &net.id);
        }
        self.start(world, host)?.network_remove(world, &net.id)
    }

    /// Puts a container on a network.
    ///
    /// # Errors
    /// As Docker's.
    pub fn network_connect(
        &mut self,
        world: &mut World,
        host: HostId,
        (network, container): (&str, &str),
        mut settings: EndpointSettings,
    ) -> Done<()> {
        let engine = self.start(world, host)?;
        let known = engine.container(container)?;
        let id = known.id.clone();
        let twice = known
            .is_running()
            .then(|| known.networks.keys().cloned().collect::<Vec<_>>());
        let name = known.name.clone();
        if self
            .network(world, host, network)
            .is_ok_and(|net| net.swarm && twice.is_some_and(|names| names.contains(&net.name)))
        {
            return Err(Fault::AlreadyConnected {
                container: name,
                network: network.to_owned(),
                swarm: true,
            });
        }
        let swarm = self.prepare_attachment(world, host, network, &mut settings)?;
        let network = swarm.unwrap_or_else(|| network.to_owned());
        let engine = self.start(world, host)?;
        let network = engine.network(&network)?.id.clone();
        let done = engine.network_connect(world, &network, &id, settings);
        self.settle(world, host);
        done
    }

    /// Takes a container off a network.
    ///
    /// # Errors
    /// As Docker's.
    pub fn network_disconnect(
        &mut self,
        world: &mut World,
        host: HostId,
        network: &str,
        container: &str,
    ) -> Done<()> {
        let engine = self.start(world, host)?;
        let network = engine.network(network)?.id.clone();
        let id = engine.container(container)?.id.clone();
        let done = engine.network_disconnect(world, &network, &id);
        self.settle(world, host);
        done
    }

    /// Makes a container; gives its id.
    ///
    /// # Errors
    /// As Docker's.
    pub fn container_create(
        &mut self,
        world: &mut World,
        host: HostId,
        spec: ContainerSpec,
    ) -> Done<String> {
        let engine = self.start(world, host)?;
        engine.container_create(world, spec)
    }

    /// A container by name, id or the beginning of an id.
    ///
    /// # Errors
    /// Where there is none.
    pub fn container(&mut self, world: &mut World, host: HostId, word: &str) -> Done<Container> {
        self.start(world, host)?.container(word).cloned()
    }

    /// Starts a container.
    ///
    /// # Errors
    /// As Docker's.
    pub fn container_start(&mut self, world: &mut World, host: HostId, word: &str) -> Done<()> {
        let engine = self.start(world, host)?;
        let container = engine.container(word)?.clone();
        let mut networks = match container.networks.is_empty() {
            true => container.spec.networks.clone(),
            false => container.networks.clone(),
        };
        if !container.is_running() {
            for (word, settings) in &mut networks {
                self.prepare_attachment(world, host, word, settings)
                    .map_err(Fault::in_setup)?;
            }
        }
        let engine = self.start(world, host)?;
        if let Some(known) = engine.containers.get_mut(&container.id) {
            match known.networks.is_empty() {
                true => known.spec.networks = networks,
                false => known.networks = networks,
            }
        }
        let done = engine.container_start(world, &container.id);
        if let Some(known) = engine.containers.get_mut(&container.id) {
            for settings in known.spec.networks.values_mut() {
                settings.assigned.clear();
            }
        }
        self.settle(world, host);
        done
    }

    /// Does something to one container.
    ///
    /// # Errors
    /// Where there is no such container, and what `act` gives.
    pub fn with_container<T>(
        &mut self,
        world: &mut World,
        host: HostId,
        word: &str,
        act: impl FnOnce(&mut Engine, &mut World, &str) -> Done<T>,
    ) -> Done<T> {
        let engine = self.start(world, host)?;
        let id = engine.container(word)?.id.clone();
        let done = act(engine, world, &id);
        self.settle(world, host);
        done
    }

    /// The first process of a container has ended with a status; a container that is to go goes.
    pub fn container_ended(&mut self, world: &mut World, host: HostId, id: &str, status: i32) {
        let Some(engine) = self.engines.get_mut(&host) else {
            return;
        };
        if !engine.containers.get(id).is_some_and(Container::is_running) {
            return;
        }
        engine.container_ended(world, id, status);
        if engine.containers.get(id).is_some_and(|one| one.spec.remove) {
            engine.containers.shift_remove(id);
        }
        self.settle(world, host);
    }

    /// Stops a container; one that is to go then goes.
    ///
    /// # Errors
    /// Where there is none.
    pub fn container_stop(&mut self, world: &mut World, host: HostId, word: &str) -> Done<()> {
        self.with_container(world, host, word, |engine, world, id| {
            engine.container_stop(world, id);
            if engine.containers.get(id).is_some_and(|one| one.spec.remove) {
                engine.containers.shift_remove(id);
            }
            Ok(())
        })
    }

    /// Whether a container runs, for what needs that.
    ///
    /// # Errors
    /// Where it does not, or is not there.
    pub fn running(&mut self, world: &mut World, host: HostId, word: &str) -> Done<Container> {
        let container = self.container(world, host, word)?;
        match container.is_running() {
            true => Ok(container),
            false => Err(Fault::NotRunning(container.id)),
        }
    }

    /// A name for something that was given none.
    pub fn random_name(&mut self, host: HostId) -> String {
        let engine = self.engines.get_mut(&host);
        engine.map_or_else(String::new, |engine| engine.draw.name())
    }

    /// Forgets a node that has left, or any other than this one where `force`.
    ///
    /// # Errors
    /// Where it is not there, or still takes part.
    pub fn node_remove(&mut self, host: HostId, word: &str, force: bool) -> Done<()> {
        let number = self.managed(host)?;
        let nodes = &mut self.swarms[number].nodes;
        let found = nodes
            .values()
            .find(|node| node.hostname == word || node.id.starts_with(word));
        let node = found.ok_or_else(|| Fault::NoNode(word.to_owned()))?;
        if node.ready && !force {
            return Err(Fault::Other(format!(
                "rpc error: code = FailedPrecondition desc = node {} is not down and can't be removed",
                node.id
            )));
        }
        let id = node.id.clone();
        nodes.shift_remove(&id);
        Ok(())
    }
}
