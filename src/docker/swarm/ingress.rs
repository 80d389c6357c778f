//! Published ports of services: rules on every node, in `ingress_sbox`, and in the tasks.
//! The network of published ports itself is built in `network`.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::docker::Engines;
use crate::docker::engine::Engine;
use crate::docker::filter::{self, Place, Rule, Table};
use crate::docker::firewall;
use crate::docker::net;
use crate::docker::swarm::loadbalancer::spread;
use crate::docker::swarm::network::INGRESS_BOX;
use crate::docker::swarm::{Published, Service};
use crate::kernel::World;
use crate::units::HostId;

impl Engines {
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

    pub(super) fn write_ingress(&mut self, world: &mut World, host: HostId, number: usize) {
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

/// The way of a published port inside a task: the port of the swarm becomes the task's own.
pub(super) fn task_port_rules(address: IpAddr, port: &Published) -> Vec<Rule> {
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
