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
        self.start(world, host)?.network_create(world, spec)
    }

    /// The networks that a client on a host sees.
    ///
    /// # Errors
    /// Where the engine cannot start.
    pub fn networks(&mut self, world: &mut World, host: HostId) -> Done<Vec<Network>> {
        let engine = self.start(world, host)?;
        Ok(engine.networks.values().cloned().collect())
    }

    /// One of the networks that a client on a host sees.
    ///
    /// # Errors
    /// Where there is none of that name or id.
    pub fn network(&mut self, world: &mut World, host: HostId, word: &str) -> Done<Network> {
        let engine = self.start(world, host)?;
        engine.network(word).cloned()
    }

    /// Removes a network.
    ///
    /// # Errors
    /// As Docker's.
    pub fn network_remove(&mut self, world: &mut World, host: HostId, word: &str) -> Done<()> {
        let engine = self.start(world, host)?;
        let id = engine.network(word)?.id.clone();
        engine.network_remove(world, &id)
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
        settings: EndpointSettings,
    ) -> Done<()> {
        let engine = self.start(world, host)?;
        let id = engine.container(container)?.id.clone();
        let network = engine.network(network)?.id.clone();
        engine.network_connect(world, &network, &id, settings)
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
        engine.network_disconnect(world, &network, &id)
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
        let id = engine.container(word)?.id.clone();
        engine.container_start(world, &id)?;
        self.settle(world, host);
        Ok(())
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
}
