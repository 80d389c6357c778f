//! Networks come and go: names, subnets and gateways are checked, and the driver builds.
//! What each driver builds is in its own module.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use crate::docker::engine::Engine;
use crate::docker::era::Choice;
use crate::docker::fault::{Done, Fault};
use crate::docker::ipam::{self, AddressFault, Pool};
use crate::docker::model::{Driver, DriverState, Network, Subnet};
use crate::kernel::World;
use crate::netns::fib::scope;

/// A network that is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NetworkSpec {
    /// Its name.
    pub name: String,
    /// The driver's name.
    pub driver: String,
    /// Its subnets.
    pub subnets: Vec<IpNet>,
    /// The gateway of each.
    pub gateways: Vec<IpAddr>,
    /// The ranges of addresses that are given by themselves.
    pub ranges: Vec<IpNet>,
    /// Addresses that belong to others.
    pub aux: BTreeMap<String, IpAddr>,
    /// Whether it leads nowhere else.
    pub internal: bool,
    /// Whether single containers may join a swarm's network.
    pub attachable: bool,
    /// Whether it spreads published ports.
    pub ingress: bool,
    /// Whether it has IPv6.
    pub ipv6: bool,
    /// Options of the driver.
    pub options: BTreeMap<String, String>,
    /// Options of the address management; nothing for the engine's own networks.
    pub ipam_options: Option<BTreeMap<String, String>>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

impl NetworkSpec {
    /// The network of `docker0`.
    pub fn default_bridge() -> Self {
        let option = |name: &str, value: &str| {
            let name = format!("com.docker.network.{name}");
            (name, value.to_owned())
        };
        Self {
            name: "bridge".to_owned(),
            driver: "bridge".to_owned(),
            options: BTreeMap::from([
                option("bridge.default_bridge", "true"),
                option("bridge.enable_icc", "true"),
                option("bridge.enable_ip_masquerade", "true"),
                option("bridge.host_binding_ipv4", "0.0.0.0"),
                option("bridge.name", "docker0"),
                option("driver.mtu", "1500"),
            ]),
            ..Self::default()
        }
    }

    /// The network by which containers of overlay networks go out.
    pub fn gateway_bridge() -> Self {
        let option = |name: &str, value: &str| {
            let name = format!("com.docker.network.bridge.{name}");
            (name, value.to_owned())
        };
        Self {
            name: super::model::GWBRIDGE.to_owned(),
            driver: "bridge".to_owned(),
            options: BTreeMap::from([
                option("enable_icc", "false"),
                option("enable_ip_masquerade", "true"),
                option("name", super::model::GWBRIDGE),
            ]),
            ..Self::default()
        }
    }
}

impl Engine {
    /// Makes a network of this host and gives its id.
    ///
    /// # Errors
    /// As Docker's: names and subnets that are taken, gateways that do not fit.
    pub fn network_create(&mut self, world: &mut World, spec: NetworkSpec) -> Done<String> {
        let is_own = matches!(spec.name.as_str(), "bridge" | "host" | "none");
        if is_own && self.networks.values().any(|net| net.name == spec.name) {
            return Err(Fault::PredefinedName(spec.name));
        }
        let driver =
            Driver::named(&spec.driver).ok_or_else(|| Fault::Other(no_plugin(&spec.driver)))?;
        match driver {
            Driver::Host => return Err(Fault::OneHost),
            Driver::Null => return Err(Fault::OneNull),
            Driver::Overlay => return Err(Fault::NotManager),
            Driver::Bridge | Driver::Macvlan | Driver::Ipvlan => {}
        }
        if self.networks.values().any(|net| net.name == spec.name) {
            return Err(Fault::NetworkExists(spec.name));
        }
        let id = self.draw.id();
        let subnets = self.subnets_for(world, &spec)?;
        let network = Network {
            id: id.clone(),
            name: spec.name,
            driver,
            swarm: false,
            created: world.now(),
            internal: spec.internal,
            attachable: spec.attachable,
            ingress: spec.ingress,
            ipv6: spec.ipv6,
            subnets,
            subnet_given: !spec.subnets.is_empty(),
            options: spec.options,
            ipam_options: spec.ipam_options,
            labels: spec.labels,
            endpoints: Vec::new(),
            state: DriverState::Nothing,
        };
        let state = match driver {
            Driver::Bridge => self.bridge_create(world, &network)?,
            Driver::Macvlan | Driver::Ipvlan => self.parent_create(world, &network)?,
            Driver::Overlay | Driver::Host | Driver::Null => DriverState::Nothing,
        };
        self.networks
            .insert(id.clone(), Network { state, ..network });
        Ok(id)
    }

    /// The subnets that were asked for, or a default one.
    fn subnets_for(&mut self, world: &mut World, spec: &NetworkSpec) -> Done<Vec<Subnet>> {
        let mut found = Vec::new();
        for subnet in &spec.subnets {
            let subnet = subnet.trunc();
            if self.has_subnet(&subnet)
                || found
                    .iter()
                    .any(|other: &Subnet| ipam::overlap(&other.pool.subnet, &subnet))
            {
                return Err(Fault::PoolOverlap);
            }
            found.push(Self::subnet_of(spec, subnet)?);
        }
        if !found
            .iter()
            .any(|subnet| subnet.pool.subnet.addr().is_ipv4())
        {
            let net = self.default_subnet(world)?;
            found.insert(0, Self::subnet_of(spec, IpNet::V4(net))?);
        }
        if spec.ipv6
            && !found
                .iter()
                .any(|subnet| subnet.pool.subnet.addr().is_ipv6())
        {
            if !self.facts().shows_ipv4 {
                return Err(Fault::Other(
                    "could not find an available, non-overlapping IPv6 address pool among the defaults to assign to the network".to_owned(),
                ));
            }
            let net = self.unique_local();
            found.push(Self::subnet_of(spec, net)?);
        }
        let fits = |gateway: &&IpAddr| found.iter().any(|s| s.pool.subnet.contains(*gateway));
        if let Some(stray) = spec.gateways.iter().find(|gateway| !fits(gateway)) {
            return Err(Fault::Other(format!(
                "no matching subnet for gateway {stray}"
            )));
        }
        Ok(found)
    }

    /// One subnet with its gateway taken out of it.
    pub(super) fn subnet_of(spec: &NetworkSpec, net: IpNet) -> Done<Subnet> {
        let range = spec
            .ranges
            .iter()
            .find(|range| net.contains(*range))
            .copied();
        if let Some(stray) = spec
            .ranges
            .iter()
            .find(|range| range.addr().is_ipv4() == net.addr().is_ipv4() && !net.contains(*range))
            && spec.subnets.len() < 2
        {
            return Err(Fault::Other(format!(
                "no matching subnet for range {stray}"
            )));
        }
        let given = spec
            .gateways
            .iter()
            .find(|gateway| net.contains(*gateway))
            .copied();
        let mut pool = Pool::new(net, range);
        let aux = spec
            .aux
            .iter()
            .filter(|(_, address)| net.contains(*address));
        let aux: BTreeMap<String, IpAddr> = aux.map(|(name, ip)| (name.clone(), *ip)).collect();
        for address in aux.values() {
            pool.claim(*address).map_err(|_| Fault::AddressInUse)?;
        }
        let gateway = match given {
            Some(address) => pool.claim(address).map(|()| address),
            None => {
                // The gateway is the first of the range, where there is one.
                pool.take(Choice::Lowest)
            }
        };
        let gateway = gateway.map_err(|fault| match fault {
            AddressFault::InUse | AddressFault::Outside => Fault::AddressInUse,
            AddressFault::Exhausted => Fault::NoAddress(net.to_string()),
        })?;
        Ok(Subnet {
            pool,
            gateway: Some(gateway),
            gateway_given: given.is_some(),
            aux,
        })
    }

    /// Whether a network of this host has addresses of a subnet.
    fn has_subnet(&self, subnet: &IpNet) -> bool {
        let local = self.networks.values().filter(|net| !net.swarm);
        let mut nets = local.flat_map(|net| &net.subnets);
        nets.any(|known| ipam::overlap(&known.pool.subnet, subnet))
    }

    /// A default subnet that no network has, and to which no device of the host leads.
    fn default_subnet(&mut self, world: &mut World) -> Done<Ipv4Net> {
        let defaults = ipam::local_defaults();
        let onlink = onlink_of(world, self.root);
        let taken = |net: &Ipv4Net| {
            let net = IpNet::V4(*net);
            self.has_subnet(&net) || onlink.iter().any(|known| ipam::overlap(known, &net))
        };
        let start = match self.facts().local_subnet {
            Choice::Next => self.next_subnet,
            Choice::Lowest => 0,
        };
        let found = ipam::first_free(&defaults, start, taken);
        let (place, net) = found.ok_or(Fault::PoolsExhausted)?;
        self.next_subnet = (place + 1) % defaults.len();
        Ok(net)
    }

    /// A subnet of unique local addresses of this engine (RFC 4193).
    fn unique_local(&mut self) -> IpNet {
        let taken = self.networks.values().filter(|net| net.ipv6).count() as u16;
        let [_, _, b, c, d, e] = self.draw.mac().0;
        let address = std::net::Ipv6Addr::from([
            0xfd,
            b,
            c,
            d,
            e,
            0x42,
            (taken >> 8) as u8,
            taken as u8,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ]);
        IpNet::new_assert(IpAddr::V6(address), 64)
    }

    /// Removes a network of this host by its id.
    ///
    /// # Errors
    /// As Docker's: its own networks stay, and so do those with endpoints.
    pub fn network_remove(&mut self, world: &mut World, id: &str) -> Done<()> {
        let network = self.net(id)?;
        if network.is_predefined() {
            return Err(Fault::Predefined(network.name.clone()));
        }
        if !network.endpoints.is_empty() {
            let endpoint = |one: &super::model::Endpoint| (one.name.clone(), one.id.clone());
            return Err(Fault::ActiveEndpoints {
                network: network.name.clone(),
                id: network.id.clone(),
                endpoints: network.endpoints.iter().map(endpoint).collect(),
            });
        }
        self.network_drop(world, id);
        Ok(())
    }

    /// Takes a network without endpoints away.
    pub(super) fn network_drop(&mut self, world: &mut World, id: &str) {
        let Some(network) = self.networks.shift_remove(id) else {
            return;
        };
        match network.driver {
            Driver::Bridge => self.bridge_delete(world, &network),
            Driver::Overlay => self.overlay_delete(world, &network),
            Driver::Macvlan | Driver::Ipvlan => self.parent_delete(world, &network),
            Driver::Host | Driver::Null => {}
        }
    }
}

/// The words for a driver that there is not.
fn no_plugin(name: &str) -> String {
    format!("could not find plugin {name} in v1 plugin registry: plugin not found")
}

/// The prefixes that are on a device of a namespace (routes of scope link).
fn onlink_of(world: &mut World, netns: crate::units::NetnsId) -> Vec<IpNet> {
    let addrs = world.addrs(netns).into_iter();
    let nets = addrs.filter(|addr| addr.local.is_ipv4() && addr.scope < scope::HOST);
    let nets = nets.filter(|addr| addr.prefix_len < 32 && addr.prefix_len > 0);
    nets.filter_map(|addr| IpNet::new(addr.local, addr.prefix_len).ok())
        .map(|net| net.trunc())
        .collect()
}
