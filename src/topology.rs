//! F6: a view of the world as a graph: devices, and what joins them. Segments, loops, who can reach whom at layer 2.
//! It looks and changes nothing; routes and filters are not in it.

mod draw;

use std::collections::BTreeSet;

use petgraph::algo;
use petgraph::graph::{EdgeIndex, NodeIndex, UnGraph};
use petgraph::unionfind::UnionFind;
use petgraph::visit::{EdgeFiltered, EdgeRef, IntoEdgeReferences};

use crate::device::bridge::PortState;
use crate::device::stacked::StackedKind;
use crate::engine::trace::Names;
use crate::kernel::World;
use crate::kernel::device::{Device, DeviceKind};
use crate::units::{DevId, IfIndex, NetnsId};

/// Tunnel end points of one network of which each pair is joined; more of them are joined in a row.
const MESH_MAX: usize = 32;

/// A device of the graph.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// The host.
    pub host: String,
    /// The namespace; empty for the root of the host.
    pub netns: String,
    /// The device, or the name of a switch between hosts.
    pub dev: String,
    /// `veth`, `bridge`, `vxlan`, ...; `switch` for a switch between hosts.
    pub kind: &'static str,
    /// Its addresses, as `ip` prints them.
    pub addresses: Vec<String>,
    /// Whether it is up and has a carrier.
    pub up: bool,
    id: Option<DevId>,
}

/// What joins two devices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge {
    /// How they are joined.
    pub kind: EdgeKind,
    /// Whether frames pass: both sides are up, and a port forwards.
    pub open: bool,
}

/// How two devices are joined.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EdgeKind {
    /// The two ends of a veth pair.
    Veth,
    /// A port and its bridge.
    Port,
    /// A device and the one below it.
    Stacked,
    /// Two tunnel end points of one VXLAN network.
    Tunnel(u32),
    /// A network card and the switch or cable that it is plugged into.
    Wire,
}

impl EdgeKind {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Veth => "veth",
            Self::Port => "port",
            Self::Stacked => "stacked",
            Self::Tunnel(_) => "tunnel",
            Self::Wire => "wire",
        }
    }
}

/// The graph of a world at an instant.
///
/// ```
/// use vethlab::kernel::World;
/// use vethlab::tool::Shell;
/// use vethlab::topology::Topology;
///
/// let mut world = World::new(0);
/// let mut shell = Shell::new(&mut world);
/// for line in [
///     "ip link add a0 type veth peer name a1",
///     "ip link add br0 type bridge",
///     "ip link set br0 up",
///     "ip link set a0 up",
///     "ip link set a1 master br0 up",
///     "sleep 1",
/// ] {
///     shell.run(line);
/// }
/// let topology = Topology::of(&mut world);
/// assert_eq!(topology.segments().len(), 1);
/// assert!(topology.loops().is_empty());
/// assert!(topology.dot().starts_with("graph"));
/// ```
#[derive(Clone, Debug)]
pub struct Topology {
    graph: UnGraph<Node, Edge>,
}

impl Topology {
    /// Looks at a world.
    pub fn of(world: &mut World) -> Self {
        let mut topology = Self {
            graph: UnGraph::default(),
        };
        let namespaces: Vec<NetnsId> = world.netns.iter().map(|(id, _)| id).collect();
        for netns in namespaces {
            topology.add_devices(world, netns);
        }
        topology.add_switches(world);
        topology.join(world);
        topology
    }

    /// Devices of a namespace, by number; a loopback only where it has an address of its own.
    fn add_devices(&mut self, world: &mut World, netns: NetnsId) {
        let addresses = world.addrs(netns);
        let mut devices: Vec<(IfIndex, DevId)> = world
            .devices
            .iter()
            .filter(|(_, device)| device.netns == netns)
            .map(|(id, device)| (device.ifindex, id))
            .collect();
        devices.sort_unstable();
        for (ifindex, id) in devices {
            let Some(device) = world.devices.find(id) else {
                continue;
            };
            let of_device = addresses
                .iter()
                .filter(|address| address.ifindex == ifindex);
            let of_device = of_device.filter(|address| !is_own_habit(address.local));
            let addresses: Vec<String> = of_device
                .map(|address| format!("{}/{}", address.local, address.prefix_len))
                .collect();
            if device.is_loopback() && addresses.is_empty() {
                continue;
            }
            let place = world.place(netns, Some(id));
            self.graph.add_node(Node {
                host: place.host,
                netns: place.netns,
                dev: place.dev,
                kind: kind_word(device),
                addresses,
                up: device.is_up() && device.carrier,
                id: Some(id),
            });
        }
    }

    fn add_switches(&mut self, world: &World) {
        for segment in world.segment_list() {
            let switch = self.graph.add_node(Node {
                host: String::new(),
                netns: String::new(),
                dev: world.segment_name(segment).unwrap_or("").to_owned(),
                kind: "switch",
                addresses: Vec::new(),
                up: true,
                id: None,
            });
            for &card in world.segment_ports(segment) {
                if let Some(node) = self.node_of(card) {
                    let open = self.graph[node].up && !world.is_cut(card);
                    let kind = EdgeKind::Wire;
                    self.graph.add_edge(node, switch, Edge { kind, open });
                }
            }
        }
    }

    fn join(&mut self, world: &World) {
        let mut tunnels: Vec<(u32, NodeIndex)> = Vec::new();
        for node in self.graph.node_indices() {
            let device = self.graph[node]
                .id
                .and_then(|id| Some((id, world.devices.find(id)?)));
            let Some((id, device)) = device else { continue };
            match &device.kind {
                // Each pair once: by its lower id.
                DeviceKind::Veth { peer: Some(peer) } if id < *peer => {
                    self.link(node, *peer, EdgeKind::Veth, true);
                }
                DeviceKind::Stacked(stacked) => {
                    self.link(node, stacked.lower(), EdgeKind::Stacked, true);
                }
                DeviceKind::Vxlan(tunnel) => {
                    tunnels.push((tunnel.vxlan.config.vni.value(), node));
                }
                DeviceKind::Veth { .. }
                | DeviceKind::Loopback
                | DeviceKind::Bridge(_)
                | DeviceKind::Dummy
                | DeviceKind::Nic(_) => {}
            }
            if let Some(master) = device.master {
                let forwards =
                    world
                        .devices
                        .find(master)
                        .is_some_and(|bridge| match &bridge.kind {
                            DeviceKind::Bridge(bridge) => bridge
                                .port_of(id)
                                .is_some_and(|port| port.state == PortState::Forwarding),
                            _ => true,
                        });
                self.link(node, master, EdgeKind::Port, forwards);
            }
        }
        tunnels.sort();
        self.mesh(&tunnels);
    }

    fn mesh(&mut self, tunnels: &[(u32, NodeIndex)]) {
        for group in tunnels.chunk_by(|(a, _), (b, _)| a == b) {
            for (index, &(vni, node)) in group.iter().enumerate() {
                let others = if group.len() <= MESH_MAX {
                    group.len()
                } else {
                    index + 2
                };
                for &(_, other) in group.iter().take(others).skip(index + 1) {
                    let open = self.graph[node].up && self.graph[other].up;
                    let kind = EdgeKind::Tunnel(vni);
                    self.graph.add_edge(node, other, Edge { kind, open });
                }
            }
        }
    }

    fn link(&mut self, node: NodeIndex, other: DevId, kind: EdgeKind, passes: bool) {
        if let Some(other) = self.node_of(other) {
            let up = self.graph[node].up;
            // A bridge without a carrier still joins its ports: only its own stack is cut off.
            let open = passes && up && (kind == EdgeKind::Port || self.graph[other].up);
            self.graph.add_edge(node, other, Edge { kind, open });
        }
    }

    fn node_of(&self, id: DevId) -> Option<NodeIndex> {
        self.graph
            .node_indices()
            .find(|&node| self.graph[node].id == Some(id))
    }

    /// The graph itself.
    pub fn graph(&self) -> &UnGraph<Node, Edge> {
        &self.graph
    }

    /// The broadcast domains: sets of devices between which frames pass, bridges and stacked devices included.
    pub fn segments(&self) -> Vec<Vec<&Node>> {
        let open = EdgeFiltered::from_fn(&self.graph, |edge| is_joined(edge.weight()));
        let mut parts = UnionFind::new(self.graph.node_count());
        for edge in open.edge_references() {
            parts.union(edge.source().index(), edge.target().index());
        }
        let labels = parts.into_labeling();
        let roots: BTreeSet<usize> = labels.iter().copied().collect();
        let of = |root: usize| {
            let nodes = self
                .graph
                .node_indices()
                .filter(|node| labels[node.index()] == root);
            nodes.map(|node| &self.graph[node]).collect()
        };
        roots.into_iter().map(of).collect()
    }

    /// The loops that broadcasts would run round: one for each connection that closes one, as the devices on it.
    pub fn loops(&self) -> Vec<Vec<&Node>> {
        let mut parts = UnionFind::new(self.graph.node_count());
        let mut tree: BTreeSet<EdgeIndex> = BTreeSet::new();
        let mut closing = Vec::new();
        for edge in self
            .graph
            .edge_references()
            .filter(|edge| is_bridged(edge.weight()))
        {
            if parts.union(edge.source().index(), edge.target().index()) {
                tree.insert(edge.id());
            } else {
                closing.push((edge.source(), edge.target()));
            }
        }
        let forest = EdgeFiltered::from_fn(&self.graph, |edge| tree.contains(&edge.id()));
        let way = |(from, to): (NodeIndex, NodeIndex)| {
            algo::astar(&forest, from, |node| node == to, |_| 1_u32, |_| 0)
        };
        let ways = closing.into_iter().filter_map(way);
        ways.map(|(_, way)| way.into_iter().map(|node| &self.graph[node]).collect())
            .collect()
    }

    /// Whether frames of one device can reach another through cables, bridges and tunnels.
    /// Devices are named `DEV` or `NETNS/DEV`.
    pub fn reaches(&self, from: &str, to: &str) -> bool {
        let node = |name: &str| {
            self.graph
                .node_indices()
                .find(|&node| self.graph[node].path() == name)
        };
        let (Some(from), Some(to)) = (node(from), node(to)) else {
            return false;
        };
        let open = EdgeFiltered::from_fn(&self.graph, |edge| is_joined(edge.weight()));
        algo::has_path_connecting(&open, from, to, None)
    }
}

impl Node {
    /// `DEV` in a root namespace, else `NETNS/DEV`.
    pub fn path(&self) -> String {
        match self.netns.as_str() {
            "" => self.dev.clone(),
            netns => format!("{netns}/{}", self.dev),
        }
    }
}

fn is_joined(edge: &Edge) -> bool {
    edge.open
}

/// What a frame crosses without being looked at by IP: a VLAN device or a tunnel is a network of its own.
fn is_bridged(edge: &Edge) -> bool {
    edge.open && edge.kind != EdgeKind::Stacked
}

/// Addresses that every device gives itself.
fn is_own_habit(address: std::net::IpAddr) -> bool {
    match address {
        std::net::IpAddr::V4(address) => address.is_loopback(),
        std::net::IpAddr::V6(address) => address.is_loopback() || address.is_unicast_link_local(),
    }
}

fn kind_word(device: &Device) -> &'static str {
    match &device.kind {
        DeviceKind::Loopback => "loopback",
        DeviceKind::Veth { .. } => "veth",
        DeviceKind::Bridge(_) => "bridge",
        DeviceKind::Dummy => "dummy",
        DeviceKind::Vxlan(_) => "vxlan",
        DeviceKind::Nic(_) => "nic",
        DeviceKind::Stacked(stacked) => match stacked.kind {
            StackedKind::Vlan(_) => "vlan",
            StackedKind::Macvlan(_) => "macvlan",
            StackedKind::Ipvlan(_) => "ipvlan",
        },
    }
}
