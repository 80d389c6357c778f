//! Containers come, run, end and go; while they run they have a sandbox on their networks.
//! What runs in one is a command of the caller's, not the engine's.

use std::time::Duration;

use indexmap::IndexMap;

use crate::docker::engine::Engine;
use crate::docker::era::Era;
use crate::docker::fault::{Done, Fault};
use crate::docker::image::{Image, Kind, ends};
use crate::docker::model::{
    Container, ContainerSpec, Driver, EndpointSettings, Mode, Network, State,
};
use crate::docker::net;
use crate::kernel::World;

/// The exit status of a container that was stopped: its first process dies of SIGKILL or SIGTERM.
const STOPPED: i32 = 137;

impl Engine {
    /// Makes a container that does not run yet; gives its id.
    ///
    /// # Errors
    /// As Docker's: a name that is taken, addresses that are not to be chosen.
    pub fn container_create(&mut self, world: &World, spec: ContainerSpec) -> Done<String> {
        let id = self.draw.id();
        let name = match &spec.name {
            Some(name) => self.free_name(name)?,
            None => loop {
                let name = self.draw.name();
                if self.free_name(&name).is_ok() {
                    break name;
                }
            },
        };
        if let Mode::Container(other) = &spec.mode {
            self.container(other)?;
        }
        for (word, _) in &spec.links {
            if self.container(word).is_err() {
                return Err(Fault::Other(format!(
                    "could not get container for {word}: No such container: {word}"
                )));
            }
        }
        for (word, settings) in &spec.networks {
            let on_default = word == "bridge" || word == "default";
            if self.era == Era::Current
                && on_default
                && (settings.ip.is_some() || settings.ip6.is_some())
            {
                return Err(Fault::AddressOnDefault);
            }
        }
        let container = Container {
            id: id.clone(),
            named: spec.name.is_some(),
            name,
            networks: IndexMap::new(),
            state: State::Created,
            pid: 0,
            created: world.now(),
            started: None,
            finished: None,
            ends: None,
            restarts: 0,
            sandbox: None,
            bound: Vec::new(),
            log: Vec::new(),
            spec,
        };
        self.containers.insert(id.clone(), container);
        Ok(id)
    }

    /// A name, where no container has it.
    fn free_name(&self, name: &str) -> Done<String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !begins || name.len() < 2 || !name.chars().all(plain) {
            return Err(Fault::Other(format!(
                "Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
            )));
        }
        match self.containers.values().find(|one| one.name == name) {
            Some(other) => Err(Fault::NameTaken {
                name: name.to_owned(),
                id: other.id.clone(),
            }),
            None => Ok(name.to_owned()),
        }
    }

    /// Starts a container: its sandbox, its endpoints, its ports.
    ///
    /// # Errors
    /// As Docker's; the container is as it was then.
    pub fn container_start(&mut self, world: &mut World, id: &str) -> Done<()> {
        let container = self
            .containers
            .get(id)
            .ok_or_else(|| Fault::NoContainer(id.to_owned()))?;
        if container.is_running() {
            return Ok(());
        }
        self.resolve_networks(id)?;
        self.overlays_first(world, id)?;
        let sandbox = self.sandbox_for(world, id)?;
        let container = self.container_mut(id)?;
        container.sandbox = Some(sandbox.clone());
        if let Err(fault) = self.connect_all(world, id, &sandbox) {
            self.unplug_all(world, id);
            return Err(fault.in_setup());
        }
        let pid = self.new_pid();
        let now = world.now();
        let container = self.container_mut(id)?;
        container.state = State::Running;
        container.pid = pid;
        container.started = Some(now);
        container.finished = None;
        let own = end_of(&container.spec).filter(|_| !container.spec.foreground);
        container.ends = own.map(|(after, status)| (now + after, status));
        self.update_view(world, &sandbox);
        self.serve(world, id);
        Ok(())
    }

    /// The networks of a container by their real names.
    fn resolve_networks(&mut self, id: &str) -> Done<()> {
        let container = self.container_mut(id)?;
        if !container.networks.is_empty() || container.spec.mode != Mode::Networks {
            return Ok(());
        }
        let mut asked = container.spec.networks.clone();
        if asked.is_empty() {
            asked.insert("bridge".to_owned(), EndpointSettings::default());
        }
        let mut found = IndexMap::new();
        for (word, settings) in asked {
            let word = if word == "default" { "bridge" } else { &word };
            let net = self.network(word).map_err(Fault::in_setup)?;
            check_settings(self.era, net, &settings).map_err(Fault::in_setup)?;
            found.insert(net.name.clone(), settings);
        }
        self.container_mut(id)?.networks = found;
        Ok(())
    }

    /// Before 28 networks were joined before the container's namespace was there.
    fn overlays_first(&mut self, world: &mut World, id: &str) -> Done<()> {
        if self.facts().peer_made_inside {
            return Ok(());
        }
        let names: Vec<String> = self.container_mut(id)?.networks.keys().cloned().collect();
        for name in names {
            let net = self.network(&name)?;
            if net.driver == Driver::Overlay {
                let network = net.id.clone();
                self.overlay_sandbox(world, &network)?;
            }
        }
        Ok(())
    }

    fn sandbox_for(&mut self, world: &mut World, id: &str) -> Done<String> {
        let spec = self.container_mut(id)?.spec.clone();
        match &spec.mode {
            Mode::Host => Ok(self.host_sandbox(world)),
            Mode::Container(other) => {
                let other = self.container(other)?;
                other.sandbox.clone().ok_or_else(|| {
                    Fault::Other(format!(
                        "cannot join network of a non running container: {}",
                        other.id
                    ))
                })
            }
            Mode::None | Mode::Networks => {
                let sandbox = self.sandbox_create(world, None, None)?;
                let netns = self.sandbox(&sandbox)?.netns;
                if self.facts().open_sysctls {
                    net::sysctl(world, netns, "net.ipv4.ip_unprivileged_port_start", "0");
                    net::sysctl(world, netns, "net.ipv4.ping_group_range", "0 2147483647");
                }
                for (key, value) in &spec.sysctls {
                    net::sysctl(world, netns, key, value);
                }
                Ok(sandbox)
            }
        }
    }

    /// Puts a container on all its networks, in their order.
    fn connect_all(&mut self, world: &mut World, id: &str, sandbox: &str) -> Done<()> {
        let container = self.container_mut(id)?.clone();
        if container.spec.mode != Mode::Networks {
            return Ok(());
        }
        let mut ids = Vec::new();
        let mut priorities = IndexMap::new();
        for (name, settings) in &container.networks {
            let net = self.network(name)?;
            ids.push(net.id.clone());
            priorities.insert(net.id.clone(), settings.gateway_priority);
        }
        let priority = |id: &str| priorities.get(id).copied().unwrap_or(0);
        for network in self.order(&ids, priority) {
            self.connect_one(world, id, sandbox, &network)?;
        }
        self.update_gateway(world, sandbox, priority)?;
        self.bind_ports(world, id)?;
        if container
            .networks
            .keys()
            .any(|name| self.network(name).is_ok_and(Network::has_names))
        {
            self.resolver(world, sandbox);
        }
        Ok(())
    }

    fn connect_one(
        &mut self,
        world: &mut World,
        id: &str,
        sandbox: &str,
        network: &str,
    ) -> Done<()> {
        let container = self.container_mut(id)?.clone();
        let name = self.net(network)?.name.clone();
        let settings = container.networks.get(&name).cloned().unwrap_or_default();
        let endpoint = self.join(world, network, sandbox, &container.name, &settings)?;
        let names = self.names_of(&container, &settings);
        self.tell_names(world, network, &endpoint, &names);
        Ok(())
    }

    /// The names that lead to a container.
    fn names_of(&self, container: &Container, settings: &EndpointSettings) -> Vec<String> {
        let mut names = Vec::new();
        if container.named || self.era == Era::Current {
            names.push(container.name.clone());
        }
        let more = settings
            .aliases
            .iter()
            .cloned()
            .chain([container.short().to_owned()]);
        let hostname = container
            .spec
            .hostname
            .iter()
            .filter(|_| self.era == Era::Current);
        for name in more.chain(hostname.cloned()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Takes a container off all networks, and its sandbox away.
    fn unplug_all(&mut self, world: &mut World, id: &str) {
        self.unserve(world, id);
        self.release_ports(world, id);
        let Some(container) = self.containers.get_mut(id) else {
            return;
        };
        let Some(sandbox) = container.sandbox.take() else {
            return;
        };
        let shared = self.container_of_sandbox(&sandbox).is_some();
        if !shared {
            self.sandbox_delete(world, &sandbox);
        }
        if let Some(container) = self.containers.get_mut(id) {
            for settings in container.networks.values_mut() {
                settings.assigned.clear();
            }
        }
    }

    /// The first process of a container has ended.
    pub fn container_ended(&mut self, world: &mut World, id: &str, status: i32) {
        self.unplug_all(world, id);
        let now = world.now();
        if let Some(container) = self.containers.get_mut(id) {
            container.state = State::Exited(status);
            container.pid = 0;
            container.finished = Some(now);
            container.ends = None;
        }
    }

    /// Containers whose command has ended by itself in the meantime.
    pub fn overdue(&self, world: &World) -> Vec<(String, i32, bool)> {
        let due = self.containers.values().filter_map(|one| {
            let (at, status) = one.ends.filter(|(at, _)| *at <= world.now())?;
            let _ = at;
            Some((one.id.clone(), status, one.spec.remove))
        });
        due.collect()
    }

    /// Stops a container; one that does not run stays as it is.
    pub fn container_stop(&mut self, world: &mut World, id: &str) {
        if self.containers.get(id).is_some_and(Container::is_running) {
            let status = self
                .containers
                .get(id)
                .map_or(0, |one| stopped_status(&one.spec));
            self.container_ended(world, id, status);
        }
    }

    /// Removes a container that does not run, or any where `force`.
    ///
    /// # Errors
    /// Where it runs.
    pub fn container_remove(&mut self, world: &mut World, id: &str, force: bool) -> Done<()> {
        let container = self.container(id)?;
        if container.is_running() {
            if !force {
                return Err(Fault::RemoveRunning {
                    name: container.name.clone(),
                    id: container.id.clone(),
                });
            }
            self.container_ended(world, id, STOPPED);
        }
        self.containers.shift_remove(id);
        Ok(())
    }

    /// Gives a container another name.
    ///
    /// # Errors
    /// Where it is taken.
    pub fn container_rename(&mut self, world: &mut World, id: &str, name: &str) -> Done<()> {
        let name = self.free_name(name)?;
        let container = self.container_mut(id)?;
        let old = std::mem::replace(&mut container.name, name.clone());
        container.named = true;
        let (sandbox, networks) = (container.sandbox.clone(), container.networks.clone());
        for title in networks.keys() {
            let Ok(net) = self.network(title) else {
                continue;
            };
            let net = net.id.clone();
            let sandbox = sandbox.as_deref();
            self.rename_endpoint(world, &net, sandbox, &old, &name);
        }
        Ok(())
    }

    fn rename_endpoint(
        &mut self,
        world: &mut World,
        net: &str,
        sandbox: Option<&str>,
        old: &str,
        name: &str,
    ) {
        let Some(net) = self.networks.get_mut(net) else {
            return;
        };
        let (scope, title) = (net.scope(), net.name.clone());
        let served = net.has_names();
        let mine = |one: &&mut super::model::Endpoint| Some(one.sandbox.as_str()) == sandbox;
        let Some(endpoint) = net.endpoints.iter_mut().find(mine) else {
            return;
        };
        endpoint.name = name.to_owned();
        endpoint.names.retain(|known| known != old);
        if !served {
            return;
        }
        endpoint.names.insert(0, name.to_owned());
        for address in &endpoint.addresses {
            let ip = address.addr();
            world.name_remove(scope, old, ip);
            world.name_remove(scope, &format!("{old}.{title}"), ip);
            world.name_add(scope, name, ip);
            world.name_add(scope, &format!("{name}.{title}"), ip);
            world.name_reverse(scope, ip, Some(&format!("{name}.{title}")));
        }
    }

    /// Puts a container on one more network (`docker network connect`).
    ///
    /// # Errors
    /// As Docker's.
    pub fn network_connect(
        &mut self,
        world: &mut World,
        network: &str,
        id: &str,
        settings: EndpointSettings,
    ) -> Done<()> {
        let net = self.net(network)?.clone();
        let container = self.container_mut(id)?.clone();
        match (&container.spec.mode, net.driver) {
            (_, Driver::Host) => return Err(Fault::HostNetwork),
            (Mode::Host | Mode::Container(_), _) => return Err(Fault::SharedNetwork),
            (Mode::None, _) | (_, Driver::Null) => return Err(Fault::NoneNetwork),
            (Mode::Networks, _) => {}
        }
        check_settings(self.era, &net, &settings)?;
        if container.networks.contains_key(&net.name) && container.is_running() {
            return Err(Fault::AlreadyConnected {
                container: container.name.clone(),
                network: net.name.clone(),
                swarm: net.swarm,
            });
        }
        if container.networks.is_empty() && container.sandbox.is_none() {
            self.resolve_networks(id)?;
        }
        self.container_mut(id)?
            .networks
            .insert(net.name.clone(), settings);
        let Some(sandbox) = container
            .sandbox
            .filter(|_| container.state == State::Running)
        else {
            return Ok(());
        };
        let joined = self.connect_one(world, id, &sandbox, network);
        if let Err(fault) = joined {
            self.container_mut(id)?.networks.shift_remove(&net.name);
            return Err(fault);
        }
        self.networks_changed(world, id, &sandbox)?;
        if self.container_mut(id)?.bound.is_empty() {
            self.bind_ports(world, id)?;
        }
        Ok(())
    }

    /// Takes a container off a network (`docker network disconnect`).
    ///
    /// # Errors
    /// Where it is not on it.
    pub fn network_disconnect(&mut self, world: &mut World, network: &str, id: &str) -> Done<()> {
        let net = self.net(network)?.clone();
        let container = self.container_mut(id)?.clone();
        if net.driver == Driver::Host || container.spec.mode == Mode::Host {
            return Err(Fault::HostNetwork);
        }
        let fault = Fault::NotConnected {
            id: container.id.clone(),
            network: net.name.clone(),
        };
        let spec_has = container.spec.networks.contains_key(&net.name)
            || container.spec.networks.is_empty() && net.is_default_bridge();
        // One that runs may have been taken off all of its networks.
        let unresolved = container.networks.is_empty() && container.sandbox.is_none();
        let on_it = container.networks.contains_key(&net.name)
            || unresolved && spec_has && container.spec.mode == Mode::Networks;
        if !on_it {
            return Err(fault);
        }
        if unresolved {
            self.resolve_networks(id)?;
        }
        self.container_mut(id)?.networks.shift_remove(&net.name);
        let Some(sandbox) = container.sandbox else {
            return Ok(());
        };
        let endpoint = net.endpoints.iter().find(|one| one.sandbox == sandbox);
        if let Some(endpoint) = endpoint {
            self.release_ports(world, id);
            self.leave(world, network, &endpoint.id);
            self.networks_changed(world, id, &sandbox)?;
            self.bind_ports(world, id)?;
        }
        Ok(())
    }

    fn networks_changed(&mut self, world: &mut World, id: &str, sandbox: &str) -> Done<()> {
        let container = self.container_mut(id)?.clone();
        let mut priorities = IndexMap::new();
        for (name, settings) in &container.networks {
            if let Ok(net) = self.network(name) {
                priorities.insert(net.id.clone(), settings.gateway_priority);
            }
        }
        self.update_gateway(world, sandbox, |id| {
            priorities.get(id).copied().unwrap_or(0)
        })?;
        self.update_view(world, sandbox);
        if container
            .networks
            .keys()
            .any(|name| self.network(name).is_ok_and(Network::has_names))
        {
            self.resolver(world, sandbox);
        }
        Ok(())
    }
}

/// What Docker checks of an endpoint before it makes one.
fn check_settings(era: Era, net: &Network, settings: &EndpointSettings) -> Done<()> {
    if !settings.assigned.is_empty() {
        return Ok(());
    }
    let asked: Vec<_> = [settings.ip, settings.ip6].into_iter().flatten().collect();
    if net.is_default_bridge() || !net.has_names() {
        if !asked.is_empty() {
            return Err(Fault::AddressOnDefault);
        }
        if !settings.aliases.is_empty() {
            return Err(Fault::AliasOnDefault);
        }
        return Ok(());
    }
    for ip in asked {
        let inside = net
            .subnets
            .iter()
            .any(|subnet| subnet.pool.subnet.contains(&ip));
        // Since 25 an address of a default subnet may be chosen too.
        if !inside || era != Era::Current && !net.subnet_given {
            return Err(Fault::AddressOutside(ip));
        }
    }
    Ok(())
}

/// When a container's command ends by itself, and with which status.
fn end_of(spec: &ContainerSpec) -> Option<(Duration, i32)> {
    let entry = spec.entrypoint.as_deref().into_iter();
    let words: Vec<&str> = entry
        .chain(spec.command.iter().map(String::as_str))
        .collect();
    if !words.is_empty() {
        let (seconds, status) = ends(&words)?;
        return Some((Duration::from_secs(seconds), status));
    }
    let waits = spec.tty || spec.interactive;
    match Image::of(&spec.image).kind {
        Kind::Once => Some((Duration::ZERO, 0)),
        Kind::Shell if !waits => Some((Duration::ZERO, 0)),
        Kind::Shell | Kind::Http | Kind::Service => None,
    }
}

/// The status of a container that was told to stop: servers end well, whoever takes no notice is killed.
fn stopped_status(spec: &ContainerSpec) -> i32 {
    let own = spec.command.is_empty() && spec.entrypoint.is_none();
    match Image::of(&spec.image).kind {
        Kind::Http | Kind::Service if own => 0,
        _ => STOPPED,
    }
}
