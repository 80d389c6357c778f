//! Published ports: host ports are taken, and rules lead from them to the container.
//! The proxy beside the rules is in `proxy`.

use std::net::IpAddr;

use crate::docker::engine::Engine;
use crate::docker::fault::{Done, Fault};
use crate::docker::filter::{self, Rule};
use crate::docker::firewall;
use crate::docker::image::Image;
use crate::docker::model::{Bound, Container, Driver, Endpoint, Network};
use crate::kernel::World;

/// Free ports are taken from here on (`net.ipv4.ip_local_port_range`).
const FIRST_FREE: u16 = 32768;

impl Engine {
    /// The endpoint by which a container is reached from outside.
    fn outer_endpoint(&self, container: &Container) -> Option<(&Network, &Endpoint)> {
        let sandbox = container.sandbox.as_deref()?;
        let joined = &self.sandboxes.get(sandbox)?.joined;
        let ids: Vec<String> = joined.iter().map(|(id, _)| id.clone()).collect();
        let ids = self.order(&ids, |_| 0);
        let mut nets = ids.iter().filter_map(|id| self.networks.get(id));
        let net = nets.find(|net| net.driver == Driver::Bridge && !net.internal)?;
        let endpoint = net.endpoints.iter().find(|one| one.sandbox == sandbox)?;
        Some((net, endpoint))
    }

    /// Takes the ports that a container publishes.
    ///
    /// # Errors
    /// Where one is taken.
    pub(super) fn bind_ports(&mut self, world: &mut World, id: &str) -> Done<()> {
        let container = self.container_mut(id)?.clone();
        let Some((net, endpoint)) = self.outer_endpoint(&container) else {
            return Ok(());
        };
        let bridge = net.bridge().unwrap_or_default().to_owned();
        let binding = net
            .options
            .get("com.docker.network.bridge.host_binding_ipv4");
        let binding: Option<IpAddr> = binding.and_then(|address| address.parse().ok());
        let (endpoint_id, address) = (endpoint.id.clone(), endpoint.v4().map(|net| net.addr()));
        let address6 = endpoint.v6().map(|net| net.addr());
        let Some(address) = address else {
            return Ok(());
        };
        for bound in self.wanted(&container, binding) {
            let taken = Fault::PortTaken {
                container: container.name.clone(),
                endpoint: endpoint_id.clone(),
                place: format!(
                    "{}:{}",
                    bound
                        .address
                        .map_or("0.0.0.0".to_owned(), |ip| ip.to_string()),
                    bound.outside
                ),
            };
            let bound = self.free_port(&bound).ok_or(taken)?;
            let listens = |listen| Fault::Listens {
                container: container.name.clone(),
                endpoint: endpoint_id.clone(),
                listen,
            };
            self.start_proxies(world, id, &bound, address)
                .map_err(listens)?;
            for rule in self.rules_of_port(&bridge, (address, address6), &bound) {
                filter::ensure(world, self.root, &rule);
            }
            self.container_mut(id)?.bound.push(bound);
        }
        Ok(())
    }

    /// The rules of a port, in each family in which the container and the host's address are.
    fn rules_of_port(
        &self,
        bridge: &str,
        (v4, v6): (IpAddr, Option<IpAddr>),
        bound: &Bound,
    ) -> Vec<Rule> {
        let v6 = v6.filter(|_| self.facts().ip6tables);
        let both = [Some(v4), v6].into_iter().flatten();
        let fitting = both.filter(|own| {
            let at = bound.address.map(|at| at.is_ipv4());
            at.is_none_or(|at| at == own.is_ipv4())
        });
        fitting
            .flat_map(|own| firewall::port_rules(self.facts(), bridge, own, bound))
            .collect()
    }

    /// What a container publishes: host port 0 stands for a free one.
    fn wanted(&self, container: &Container, binding: Option<IpAddr>) -> Vec<Bound> {
        let spec = &container.spec;
        let published = spec.ports.iter().filter_map(|port| {
            let (address, outside) = port.outside?;
            Some((port.proto, port.inside, address, outside))
        });
        let mut wanted: Vec<_> = published.collect();
        if spec.publish_all {
            let named = spec.ports.iter().filter(|port| port.outside.is_none());
            let named = named.map(|port| (port.proto, port.inside));
            let image = Image::of(&spec.image).port.map(|port| ("tcp", port));
            for (proto, inside) in named.chain(image) {
                if !wanted
                    .iter()
                    .any(|known| (known.0, known.1) == (proto, inside))
                {
                    wanted.push((proto, inside, None, 0));
                }
            }
        }
        wanted.sort_by_key(|&(proto, inside, ..)| (inside, proto));
        let bound = |(proto, inside, address, outside): (_, _, Option<IpAddr>, _)| Bound {
            proto,
            inside,
            address: address.or(binding).filter(|ip| !ip.is_unspecified()),
            outside,
        };
        wanted.into_iter().map(bound).collect()
    }

    /// The port where nobody has it; a free one for 0.
    fn free_port(&self, bound: &Bound) -> Option<Bound> {
        let clashes = |port: u16| {
            let all = self.containers.values().flat_map(|one| &one.bound);
            let same = |other: &Bound| {
                let meets = match (other.address, bound.address) {
                    (Some(a), Some(b)) => a == b,
                    _ => true,
                };
                other.outside == port && other.proto == bound.proto && meets
            };
            all.into_iter().any(same) || self.ingress_ports.contains(&(bound.proto, port))
        };
        let outside = match bound.outside {
            0 => (FIRST_FREE..=60999).find(|port| !clashes(*port))?,
            port if clashes(port) => return None,
            port => port,
        };
        Some(Bound {
            outside,
            ..bound.clone()
        })
    }

    /// Gives the ports of a container back.
    pub(super) fn release_ports(&mut self, world: &mut World, id: &str) {
        let Some(container) = self.containers.get(id).cloned() else {
            return;
        };
        self.stop_proxies(world, id);
        let outer = self.outer_endpoint(&container);
        let place = outer.and_then(|(net, endpoint)| {
            let addresses = (endpoint.v4()?.addr(), endpoint.v6().map(|net| net.addr()));
            Some((net.bridge()?.to_owned(), addresses))
        });
        if let Some((bridge, addresses)) = place {
            for bound in &container.bound {
                for rule in self.rules_of_port(&bridge, addresses, bound) {
                    filter::remove(world, self.root, &rule);
                }
            }
        }
        if let Some(container) = self.containers.get_mut(id) {
            container.bound.clear();
        }
    }

    /// The rules by which the name server in a sandbox is reached.
    pub(super) fn resolver(&mut self, world: &mut World, sandbox: &str) {
        let Ok(place) = self.sandbox(sandbox) else {
            return;
        };
        let netns = place.netns;
        if place.is_host || filter::has_chain(world, netns, "DOCKER_OUTPUT") {
            return;
        }
        let (tcp, udp) = (self.draw.port(), self.draw.port());
        for chain in ["DOCKER_OUTPUT", "DOCKER_POSTROUTING"] {
            filter::new_chain(world, netns, filter::Table::Nat, chain);
        }
        self.serve_names(world, sandbox, netns, (tcp, udp));
        for rule in firewall::resolver_rules(tcp, udp) {
            filter::ensure(world, netns, &rule);
        }
    }
}
