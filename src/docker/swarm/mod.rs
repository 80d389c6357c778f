//! A swarm: its nodes, networks, services and tasks, as its managers agree on them.
//! Its gossip is not traffic here: what a node would hear of is written into its tables at once.

mod ingress;
mod loadbalancer;
mod network;
mod node;
mod scheduler;
mod service;

use indexmap::IndexMap;

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::docker::draw::Draw;
use crate::docker::model::Network;
use crate::units::{HostId, SimTime};

pub use service::{Published, ServiceSpec};

/// The first VXLAN network identifier that a swarm gives away.
const FIRST_VNI: u32 = 4096;
/// The first firewall mark of a service.
const FIRST_MARK: u32 = 256;

/// What the managers of a swarm know.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its id.
    pub id: String,
    /// The nodes by id, in the order in which they came.
    pub nodes: IndexMap<String, Node>,
    /// The networks by id; their pools give the addresses.
    pub networks: IndexMap<String, Network>,
    /// The services by id.
    pub services: IndexMap<String, Service>,
    /// The tasks by id, the oldest first.
    pub tasks: IndexMap<String, Task>,
    /// The address of each node's load balancer on each network.
    pub balancers: BTreeMap<(String, String), IpNet>,
    /// The secret that makes a worker.
    pub worker_token: String,
    /// The secret that makes a manager.
    pub manager_token: String,
    draw: Draw,
    next_vni: u32,
    next_subnet: u32,
    next_mark: u32,
}

/// A machine in a swarm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// The host.
    pub host: HostId,
    /// The host's name.
    pub hostname: String,
    /// Whether it manages the swarm.
    pub manager: bool,
    /// The address by which the others know it, and at which its tunnels end.
    pub address: IpAddr,
    /// Whether it is still there.
    pub ready: bool,
    /// Whether it takes tasks: `active`, `pause` or `drain`.
    pub availability: &'static str,
}

/// A service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// Its id.
    pub id: String,
    /// What it is to be.
    pub spec: ServiceSpec,
    /// When it was made.
    pub created: SimTime,
    /// Its networks by id, that of published ports first.
    pub networks: Vec<String>,
    /// Its address on each network.
    pub vips: BTreeMap<String, IpNet>,
    /// Its mark on each network.
    pub marks: BTreeMap<String, u32>,
    /// The published ports, with the number of each.
    pub ports: Vec<Published>,
}

/// One container of a service, on one node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// The service.
    pub service: String,
    /// Its number among the replicas; of a global service 0.
    pub slot: u32,
    /// The node.
    pub node: String,
    /// Its addresses by network.
    pub addresses: BTreeMap<String, IpNet>,
    /// Its container on that node.
    pub container: Option<String>,
    /// Whether it is to run.
    pub runs: bool,
    /// Since when it is as it is.
    pub since: SimTime,
    /// Why it could not run.
    pub error: String,
}

impl Cluster {
    /// The node of a host.
    pub fn node_on(&self, host: HostId) -> Option<&Node> {
        self.nodes
            .values()
            .find(|node| node.host == host && node.ready)
    }

    /// The tasks of a service that are to run, by slot.
    pub fn running(&self, service: &str) -> Vec<&Task> {
        let mut tasks: Vec<&Task> = self
            .tasks
            .values()
            .filter(|task| task.service == service && task.runs)
            .collect();
        tasks.sort_by_key(|task| task.slot);
        tasks
    }

    /// The name of a task: `web.1`.
    pub fn task_name(&self, task: &Task) -> String {
        let name = self
            .services
            .get(&task.service)
            .map_or(task.service.as_str(), |one| &one.spec.name);
        match task.slot {
            0 => format!("{name}.{}", task.node),
            slot => format!("{name}.{slot}"),
        }
    }
}
