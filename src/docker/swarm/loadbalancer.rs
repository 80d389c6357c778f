//! The addresses of services lead to their tasks: in the namespace of a balancer, or in each container.
//! Linux balances with IPVS, which is not simulated: rules of the packet filter stand for it, as docs/docker.md says.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::docker::Engines;
use crate::docker::era::VipPlace;
use crate::docker::filter::{self, Place, Rule, Table};
use crate::docker::firewall;
use crate::docker::net;
use crate::docker::swarm::Service;
use crate::kernel::World;
use crate::units::{HostId, NetnsId};

impl Engines {
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
            if let (true, false, Some(own)) = (balancer, lines.is_empty(), own) {
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
    pub(super) fn unwrite_service(&mut self, world: &mut World, number: usize, service: &Service) {
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
}

/// One rule for each of several far ends: each gets its share of the connections, one after the other.
pub(super) fn spread(matched: &str, tasks: &[IpAddr]) -> Vec<String> {
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
