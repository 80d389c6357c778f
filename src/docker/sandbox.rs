//! Sandboxes: namespaces with the endpoints in them, their names, devices, routes and resolvers.
//! What lies outside a sandbox is the drivers' (libnetwork's sandbox, endpoint and osl).

use std::cmp::Reverse;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::docker::engine::{Engine, Notice};
use crate::docker::era::{Choice, MacFrom};
use crate::docker::fault::{Done, Fault};
use crate::docker::ipam::AddressFault;
use crate::docker::model::{
    Container, Driver, Endpoint, EndpointSettings, GWBRIDGE, Network, Sandbox, short,
};
use crate::docker::net;
use crate::docker::network::NetworkSpec;
use crate::kernel::NameView;
use crate::kernel::World;
use crate::units::{MacAddr, NetnsId};

/// Where engines bind the namespaces that they make.
pub const NETNS_DIR: &str = "/run/docker/netns";

/// How an endpoint's device comes into its sandbox.
pub(super) struct Plug<'a> {
    /// The sandbox's namespace.
    pub netns: NetnsId,
    /// The name that the device gets there.
    pub device: &'a str,
    /// Its MAC address; nothing where it keeps its own.
    pub mac: Option<MacAddr>,
    /// Its addresses.
    pub addresses: &'a [IpNet],
    /// Whether they get a broadcast address.
    pub broadcast: bool,
    /// Whether the device has IPv6 switched off, as one of a network without it.
    pub no_ipv6: bool,
}

impl Plug<'_> {
    /// Brings a device from `from` into the sandbox: down, renamed, with its addresses, up.
    pub(super) fn bring_in(&self, world: &mut World, from: NetnsId, name: &str) -> Done<()> {
        if from != self.netns {
            net::move_to(world, from, name, self.netns)?;
        }
        net::set_up(world, self.netns, name, false)?;
        net::rename(world, self.netns, name, self.device)?;
        if let Some(mac) = self.mac {
            net::set_mac(world, self.netns, self.device, mac)?;
        }
        if self.no_ipv6 {
            let key = format!("net.ipv6.conf.{}.disable_ipv6", self.device);
            net::sysctl(world, self.netns, &key, "1");
        }
        for address in self.addresses {
            if address.addr().is_ipv6() {
                let key = format!("net.ipv6.conf.{}.disable_ipv6", self.device);
                net::sysctl(world, self.netns, &key, "0");
                net::add_address_at_once(world, self.netns, self.device, *address)?;
                continue;
            }
            net::add_address(world, self.netns, self.device, *address, self.broadcast)?;
        }
        net::set_up(world, self.netns, self.device, true)
    }
}

impl Engine {
    /// Makes a sandbox with a file of that name; its id is drawn where none is given.
    pub(super) fn sandbox_create(
        &mut self,
        world: &mut World,
        id: Option<&str>,
        key: Option<&str>,
    ) -> Done<String> {
        let id = id.map_or_else(|| self.draw.id(), str::to_owned);
        let key = key.unwrap_or_else(|| short(&id)).to_owned();
        let netns = world.netns_unshare(self.host, &key)?;
        world.netns_bind(self.host, &format!("{NETNS_DIR}/{key}"), netns);
        if !self.facts().ipv6_off_each {
            net::sysctl(world, netns, "net.ipv6.conf.all.disable_ipv6", "1");
        }
        net::set_up(world, netns, "lo", true)?;
        self.inherit_forwarding(world, netns);
        let sandbox = Sandbox {
            id: id.clone(),
            key,
            netns,
            is_host: false,
            next_device: 0,
            joined: Vec::new(),
        };
        self.sandboxes.insert(id.clone(), sandbox);
        Ok(id)
    }

    /// A new namespace has the settings of IPv4 that the machine's first one has (devinet_init_net): Docker has
    /// switched forwarding on there.
    pub(super) fn inherit_forwarding(&self, world: &mut World, netns: NetnsId) {
        const KEY: &str = "net.ipv4.ip_forward";
        if let Ok(value) = world.sysctl_read(self.root, KEY) {
            net::sysctl(world, netns, KEY, value.trim());
        }
    }

    /// The sandbox of containers in the host's own namespace.
    pub(super) fn host_sandbox(&mut self, world: &mut World) -> String {
        let known = self.sandboxes.values().find(|one| one.is_host);
        if let Some(known) = known {
            return known.id.clone();
        }
        let id = self.draw.id();
        world.netns_bind(self.host, &format!("{NETNS_DIR}/default"), self.root);
        let sandbox = Sandbox {
            id: id.clone(),
            key: "default".to_owned(),
            netns: self.root,
            is_host: true,
            next_device: 0,
            joined: Vec::new(),
        };
        self.sandboxes.insert(id.clone(), sandbox);
        id
    }

    /// Takes a sandbox away with everything in it.
    pub(super) fn sandbox_delete(&mut self, world: &mut World, id: &str) {
        let Some(sandbox) = self.sandboxes.get(id) else {
            return;
        };
        if sandbox.is_host {
            return;
        }
        self.unserve_names(world, id);
        let joined = self.sandboxes.get(id).map(|one| one.joined.clone());
        for (network, endpoint) in joined.unwrap_or_default() {
            self.leave(world, &network, &endpoint);
        }
        if let Some(sandbox) = self.sandboxes.shift_remove(id) {
            world.netns_unbind(self.host, &format!("{NETNS_DIR}/{}", sandbox.key));
            world.netns_release(sandbox.netns);
        }
    }

    /// Puts a sandbox on a network; gives the id of the endpoint.
    ///
    /// # Errors
    /// As Docker's, about addresses.
    pub(super) fn join(
        &mut self,
        world: &mut World,
        network: &str,
        sandbox: &str,
        name: &str,
        settings: &EndpointSettings,
    ) -> Done<String> {
        let addresses = self.take_addresses(network, settings)?;
        let joined = self.join_at(world, network, sandbox, name, settings, &addresses);
        if joined.is_err() {
            self.give_back(network, &addresses);
        }
        joined
    }

    fn join_at(
        &mut self,
        world: &mut World,
        network: &str,
        sandbox: &str,
        name: &str,
        settings: &EndpointSettings,
        addresses: &[IpNet],
    ) -> Done<String> {
        let id = self.draw.id();
        let net = self.net(network)?.clone();
        let v4 = addresses.iter().find(|one| one.addr().is_ipv4()).copied();
        let from = match net.driver {
            Driver::Overlay => MacFrom::Docker,
            _ => self.facts().container_mac,
        };
        let mac = match settings.mac {
            Some(mac) => mac,
            None => self.container_mac(from, v4),
        };
        let device = self.device_name(world, &net, sandbox)?;
        let plug = Plug {
            netns: self.sandbox(sandbox)?.netns,
            device: &device,
            mac: (net.driver != Driver::Ipvlan).then_some(mac),
            addresses,
            broadcast: self.facts().broadcast,
            no_ipv6: self.facts().ipv6_off_each && !net.ipv6,
        };
        let outside = match net.driver {
            Driver::Bridge => self.bridge_plug(world, &net, &plug)?,
            Driver::Overlay => self.overlay_plug(world, network, &plug)?,
            Driver::Macvlan | Driver::Ipvlan => self.parent_plug(world, &net, &plug)?,
            Driver::Host | Driver::Null => String::new(),
        };
        let mac = match net.driver {
            Driver::Ipvlan => device_mac(world, plug.netns, &device).unwrap_or(mac),
            _ => mac,
        };
        let endpoint = Endpoint {
            id: id.clone(),
            name: name.to_owned(),
            sandbox: sandbox.to_owned(),
            addresses: addresses.to_vec(),
            mac,
            outside,
            device: device.clone(),
            names: Vec::new(),
        };
        self.net_mut(network)?.endpoints.push(endpoint);
        let joined = (network.to_owned(), id.clone());
        self.box_mut(sandbox)?.joined.push(joined);
        if net.driver == Driver::Overlay {
            self.outbox.push(Notice::Joined(network.to_owned()));
        }
        let keeps_mac = net.driver == Driver::Ipvlan;
        if let (true, false, Some(IpAddr::V4(v4))) = (
            self.facts().announces,
            keeps_mac,
            v4.map(|address| address.addr()),
        ) {
            let place = (self.sandbox(sandbox)?.netns, device.as_str());
            self.announce(world, &id, place, mac, v4);
        }
        Ok(id)
    }

    /// Takes an endpoint away.
    pub(super) fn leave(&mut self, world: &mut World, network: &str, endpoint: &str) {
        let Some(net) = self.networks.get_mut(network) else {
            return;
        };
        let Some(place) = net.endpoints.iter().position(|one| one.id == endpoint) else {
            return;
        };
        let gone = net.endpoints.remove(place);
        let net = net.clone();
        if let Some(sandbox) = self.sandboxes.get_mut(&gone.sandbox) {
            sandbox.joined.retain(|(_, id)| id != endpoint);
        }
        self.hush(world, endpoint);
        self.forget_names(world, &net, &gone);
        match net.driver {
            Driver::Bridge => self.bridge_unplug(world, &net, &gone.outside, &gone.addresses),
            Driver::Overlay => self.overlay_unplug(world, network, &gone),
            Driver::Macvlan | Driver::Ipvlan => {
                if let Ok(sandbox) = self.sandbox(&gone.sandbox) {
                    net::delete(world, sandbox.netns, &gone.device);
                }
            }
            Driver::Host | Driver::Null => {}
        }
        self.give_back(network, &gone.addresses);
    }

    /// Addresses for an endpoint: those asked for, those of the swarm, or free ones.
    fn take_addresses(&mut self, network: &str, settings: &EndpointSettings) -> Done<Vec<IpNet>> {
        if !settings.assigned.is_empty() {
            return Ok(settings.assigned.clone());
        }
        let net = self.net_mut(network)?;
        let mut taken: Vec<IpNet> = Vec::new();
        for v4 in [true, false] {
            let asked = if v4 { settings.ip } else { settings.ip6 };
            let mut subnets = net.subnets.iter_mut().filter(|subnet| {
                let of = subnet.pool.subnet;
                of.addr().is_ipv4() == v4 && asked.is_none_or(|ip| of.contains(&ip))
            });
            let Some(subnet) = subnets.next() else {
                continue;
            };
            let address = match asked {
                Some(ip) => subnet.pool.claim(ip).map(|()| ip),
                None => subnet.pool.take(Choice::Lowest),
            };
            let length = subnet.pool.subnet.prefix_len();
            let found = match address {
                Ok(address) => IpNet::new(address, length).map_err(|_| Fault::AddressInUse),
                Err(AddressFault::InUse | AddressFault::Outside) => Err(Fault::AddressInUse),
                Err(AddressFault::Exhausted) => {
                    Err(Fault::NoAddress(subnet.pool.subnet.to_string()))
                }
            };
            match found {
                Ok(found) => taken.push(found),
                Err(fault) => {
                    self.give_back(network, &taken);
                    return Err(fault);
                }
            }
        }
        Ok(taken)
    }

    fn give_back(&mut self, network: &str, addresses: &[IpNet]) {
        let Some(net) = self.networks.get_mut(network) else {
            return;
        };
        if net.driver == Driver::Overlay {
            let left = addresses
                .iter()
                .map(|one| Notice::Left(network.to_owned(), *one));
            self.outbox.extend(left);
            return;
        }
        for address in addresses {
            for subnet in &mut net.subnets {
                if subnet.pool.subnet.contains(&address.addr()) {
                    subnet.pool.release(address.addr());
                }
            }
        }
    }

    /// The name of the next device of a sandbox.
    fn device_name(&mut self, world: &World, net: &Network, sandbox: &str) -> Done<String> {
        let option = net.options.get("com.docker.network.container_iface_prefix");
        let prefix = option.map_or("eth", String::as_str).to_owned();
        let choice = self.facts().device_number;
        let sandbox = self.box_mut(sandbox)?;
        let number = match choice {
            Choice::Next => sandbox.next_device,
            Choice::Lowest => (0..)
                .find(|number| {
                    !super::bridge::has_device(world, sandbox.netns, &format!("{prefix}{number}"))
                })
                .unwrap_or(0),
        };
        sandbox.next_device = number + 1;
        Ok(format!("{prefix}{number}"))
    }

    /// The networks in the order in which they matter to a sandbox (libnetwork's `Less`).
    pub(super) fn order(&self, networks: &[String], priority: impl Fn(&str) -> i64) -> Vec<String> {
        let mut ids = networks.to_vec();
        ids.sort_by_key(|id| {
            let net = self.networks.get(id);
            let name = net.map(|net| net.name.clone()).unwrap_or_default();
            let gateways = net.map_or(0, |net| {
                usize::from(self.gives_gateway(net)) + usize::from(net.gateway6().is_some())
            });
            (
                Reverse(priority(id)),
                name == GWBRIDGE,
                net.is_some_and(|net| net.internal),
                Reverse(gateways),
                name,
            )
        });
        ids
    }

    /// Whether endpoints on a network have a way out by it.
    fn gives_gateway(&self, net: &Network) -> bool {
        match net.driver {
            Driver::Bridge => {
                net.gateway4().is_some() && (!net.internal || self.facts().internal_gateway)
            }
            Driver::Macvlan | Driver::Ipvlan => net.gateway4().is_some() && !net.internal,
            Driver::Overlay | Driver::Host | Driver::Null => false,
        }
    }

    /// The way out of a sandbox follows its networks: the endpoint on the gateway bridge comes or goes, and
    /// the default route is that of the first network that has one.
    pub(super) fn update_gateway(
        &mut self,
        world: &mut World,
        sandbox: &str,
        priority: impl Fn(&str) -> i64,
    ) -> Done<()> {
        let joined = self.sandbox(sandbox)?.joined.clone();
        let nets: Vec<&Network> = joined
            .iter()
            .filter_map(|(id, _)| self.networks.get(id))
            .collect();
        let own = nets
            .iter()
            .filter(|net| !net.is_gwbridge() && !net.internal);
        let has_way = own.clone().any(|net| self.gives_gateway(net));
        let needs = own.clone().any(|net| net.driver == Driver::Overlay) && !has_way;
        let on_bridge = joined
            .iter()
            .find(|(id, _)| self.networks.get(id).is_some_and(Network::is_gwbridge));
        match (needs, on_bridge.cloned()) {
            (true, None) => self.join_gwbridge(world, sandbox)?,
            (false, Some((network, endpoint))) => self.leave(world, &network, &endpoint),
            _ => {}
        }
        self.set_default_route(world, sandbox, priority)
    }

    fn join_gwbridge(&mut self, world: &mut World, sandbox: &str) -> Done<()> {
        let known = self.networks.values().find(|net| net.is_gwbridge());
        let network = match known.map(|net| net.id.clone()) {
            Some(id) => id,
            None => self.network_create(world, NetworkSpec::gateway_bridge())?,
        };
        let name = format!("gateway_{}", short(sandbox));
        self.join(
            world,
            &network,
            sandbox,
            &name,
            &EndpointSettings::default(),
        )?;
        Ok(())
    }

    fn set_default_route(
        &mut self,
        world: &mut World,
        sandbox: &str,
        priority: impl Fn(&str) -> i64,
    ) -> Done<()> {
        let Sandbox {
            netns,
            joined,
            is_host,
            ..
        } = self.sandbox(sandbox)?.clone();
        if is_host {
            return Ok(());
        }
        let ids: Vec<String> = joined.iter().map(|(id, _)| id.clone()).collect();
        net::delete_defaults(world, netns);
        for v6 in [false, true] {
            for id in self.order(&ids, &priority) {
                let Some(net) = self.networks.get(&id) else {
                    continue;
                };
                let Some(endpoint) = net.endpoints.iter().find(|one| one.sandbox == sandbox) else {
                    continue;
                };
                let by_device = super::parent::routes_by_device(net);
                let gateway = if v6 { net.gateway6() } else { net.gateway4() };
                let usable = !net.internal || self.facts().internal_gateway;
                let leads = net.driver != Driver::Overlay && usable;
                if v6 && endpoint.v6().is_none() || !leads || gateway.is_none() && !by_device {
                    continue;
                }
                let gateway = gateway.filter(|_| !by_device);
                net::add_default(world, netns, &endpoint.device, gateway, v6)?;
                break;
            }
        }
        Ok(())
    }

    /// An endpoint's names become known on its network.
    pub(super) fn tell_names(
        &mut self,
        world: &mut World,
        network: &str,
        endpoint: &str,
        names: &[String],
    ) {
        let Some(net) = self.networks.get_mut(network) else {
            return;
        };
        let (scope, has_names, title) = (net.scope(), net.has_names(), net.name.clone());
        let Some(endpoint) = net.endpoints.iter_mut().find(|one| one.id == endpoint) else {
            return;
        };
        if !has_names {
            return;
        }
        for address in &endpoint.addresses {
            for name in names {
                world.name_add(scope, name, address.addr());
                let full = format!("{name}.{title}");
                world.name_add(scope, &full, address.addr());
            }
            let reverse = names.first().map(|name| format!("{name}.{title}"));
            world.name_reverse(scope, address.addr(), reverse.as_deref());
        }
        endpoint.names.extend_from_slice(names);
    }

    fn forget_names(&mut self, world: &mut World, net: &Network, endpoint: &Endpoint) {
        let scope = net.scope();
        for address in &endpoint.addresses {
            for name in &endpoint.names {
                world.name_remove(scope, name, address.addr());
                let full = format!("{name}.{}", net.name);
                world.name_remove(scope, &full, address.addr());
            }
            if !endpoint.names.is_empty() {
                world.name_reverse(scope, address.addr(), None);
            }
        }
    }

    /// The names of the containers that one has links to, each at its address on a network of both.
    fn linked(&self, container: &Container) -> Vec<(IpAddr, String)> {
        let mut found = Vec::new();
        for (word, alias) in &container.spec.links {
            let Ok(other) = self.container(word) else {
                continue;
            };
            let shared = self.networks.values().filter(|net| {
                container.networks.contains_key(&net.name) && other.networks.contains_key(&net.name)
            });
            let address = shared.flat_map(|net| &net.endpoints).find_map(|one| {
                let theirs = Some(&one.sandbox) == other.sandbox.as_ref();
                one.v4().filter(|_| theirs)
            });
            let Some(address) = address else { continue };
            let mut names = vec![alias.clone()];
            for name in [other.hostname(), &other.name] {
                if !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
            found.extend(names.into_iter().map(|name| (address.addr(), name)));
        }
        found
    }

    /// A sandbox's host name, its lines of `/etc/hosts`, and the tables of its name server.
    pub(super) fn update_view(&self, world: &mut World, sandbox: &str) {
        let Ok(place) = self.sandbox(sandbox) else {
            return;
        };
        let Some(container) = self.container_of_sandbox(sandbox) else {
            return;
        };
        if place.is_host {
            return;
        }
        let mut hosts: Vec<(IpAddr, String)> = container.spec.extra_hosts.clone();
        hosts.extend(self.linked(container));
        let mut scopes = Vec::new();
        let ids: Vec<String> = place.joined.iter().map(|(id, _)| id.clone()).collect();
        for id in self.order(&ids, |_| 0) {
            let Some(net) = self.networks.get(&id) else {
                continue;
            };
            if net.is_gwbridge() {
                continue;
            }
            if net.has_names() {
                scopes.push(net.scope());
            }
            let endpoint = net.endpoints.iter().find(|one| one.sandbox == sandbox);
            let addresses = endpoint.into_iter().flat_map(|one| &one.addresses);
            let own = container.hostname().to_owned();
            hosts.extend(addresses.map(|net| (net.addr(), own.clone())));
        }
        let view = NameView {
            hostname: container.hostname().to_owned(),
            hosts,
            scopes,
        };
        world.set_name_view(place.netns, Some(view));
    }
}

fn device_mac(world: &mut World, netns: NetnsId, name: &str) -> Option<MacAddr> {
    let link = world.link(netns, &net::by_name(name)).ok()?;
    Some(link.address)
}
