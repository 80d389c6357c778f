//! What an engine remembers: networks, endpoints, sandboxes and containers.
//! Plain data: what is done with it is in the modules beside.

use std::collections::BTreeMap;
use std::net::IpAddr;

use indexmap::IndexMap;
use ipnet::IpNet;

use crate::docker::ipam::Pool;
use crate::kernel::NameScope;
use crate::units::{MacAddr, NetnsId, SimTime};

/// What builds a network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Driver {
    /// A Linux bridge of the host.
    Bridge,
    /// VXLAN between the nodes of a swarm.
    Overlay,
    /// Devices with MACs of their own on a device of the host.
    Macvlan,
    /// Devices that share the MAC of a device of the host.
    Ipvlan,
    /// The host's own namespace.
    Host,
    /// Nothing but a loopback.
    Null,
}

impl Driver {
    /// The driver of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "bridge" => Self::Bridge,
            "overlay" => Self::Overlay,
            "macvlan" => Self::Macvlan,
            "ipvlan" => Self::Ipvlan,
            "host" => Self::Host,
            "null" => Self::Null,
            _ => return None,
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Overlay => "overlay",
            Self::Macvlan => "macvlan",
            Self::Ipvlan => "ipvlan",
            Self::Host => "host",
            Self::Null => "null",
        }
    }
}

/// One subnet of a network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subnet {
    /// Its addresses.
    pub pool: Pool,
    /// The gateway.
    pub gateway: Option<IpAddr>,
    /// Whether the user chose the gateway.
    pub gateway_given: bool,
    /// Addresses that belong to others, by name.
    pub aux: BTreeMap<String, IpAddr>,
}

/// A network on one host.
#[derive(Clone, Debug)]
pub struct Network {
    /// 64 hexadecimal digits, or 25 of base 36 for one of a swarm.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What builds it.
    pub driver: Driver,
    /// Whether it is a swarm's.
    pub swarm: bool,
    /// When it was made.
    pub created: SimTime,
    /// Whether it leads nowhere else.
    pub internal: bool,
    /// Whether single containers may join a swarm's network.
    pub attachable: bool,
    /// Whether it spreads published ports.
    pub ingress: bool,
    /// Whether it has IPv6.
    pub ipv6: bool,
    /// Its subnets.
    pub subnets: Vec<Subnet>,
    /// Whether the user chose the subnet.
    pub subnet_given: bool,
    /// The options of the driver.
    pub options: BTreeMap<String, String>,
    /// The options of the address management.
    pub ipam_options: Option<BTreeMap<String, String>>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Who is on it, on this host.
    pub endpoints: Vec<Endpoint>,
    /// What the driver remembers.
    pub state: DriverState,
}

/// What a driver remembers of a network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DriverState {
    /// The bridge's name.
    Bridge(String),
    /// The VNI and the sandbox, once there is one.
    Overlay(OverlayState),
    /// The parent device, and whether it was made for the network.
    Parent {
        /// Its name.
        name: String,
        /// Whether it goes with the network.
        made: bool,
    },
    /// Nothing.
    Nothing,
}

/// What the overlay driver remembers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OverlayState {
    /// The VXLAN network identifier.
    pub vni: u32,
    /// How often the sandbox was made.
    pub epoch: u32,
    /// The namespace with `br0` and `vxlan0`, and the name of its file.
    pub sandbox: Option<(NetnsId, String)>,
    /// The number of the next `veth` in it.
    pub next_veth: u32,
    /// The endpoints of other nodes that are known in it.
    pub peers: Vec<Peer>,
}

/// An endpoint of another node, as entries lead to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// Its MAC address.
    pub mac: MacAddr,
    /// The address of its node.
    pub vtep: IpAddr,
}

/// Where a sandbox is on a network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// 64 hexadecimal digits.
    pub id: String,
    /// The container's name, or that of what else it is for.
    pub name: String,
    /// The sandbox that has it.
    pub sandbox: String,
    /// Its addresses with the prefix of the subnet, IPv4 first.
    pub addresses: Vec<IpNet>,
    /// Its MAC address.
    pub mac: MacAddr,
    /// The end outside the sandbox.
    pub outside: String,
    /// The device in the sandbox.
    pub device: String,
    /// The names that it resolves to on its network.
    pub names: Vec<String>,
}

impl Endpoint {
    /// Its IPv4 address.
    pub fn v4(&self) -> Option<IpNet> {
        self.addresses
            .iter()
            .find(|net| net.addr().is_ipv4())
            .copied()
    }

    /// Its IPv6 address.
    pub fn v6(&self) -> Option<IpNet> {
        self.addresses
            .iter()
            .find(|net| net.addr().is_ipv6())
            .copied()
    }
}

/// A namespace that an engine made, with the endpoints in it.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// 64 hexadecimal digits.
    pub id: String,
    /// The name of its file.
    pub key: String,
    /// The namespace.
    pub netns: NetnsId,
    /// Whether it is the host's own.
    pub is_host: bool,
    /// The number of the next device.
    pub next_device: u32,
    /// The id of each network that it is on, with the endpoint's.
    pub joined: Vec<(String, String)>,
}

/// How a container is to be on a network.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EndpointSettings {
    /// The IPv4 address that is asked for.
    pub ip: Option<IpAddr>,
    /// The IPv6 address that is asked for.
    pub ip6: Option<IpAddr>,
    /// The MAC address that is asked for.
    pub mac: Option<MacAddr>,
    /// The addresses that the swarm chose.
    pub assigned: Vec<IpNet>,
    /// Names on this network.
    pub aliases: Vec<String>,
    /// Networks of a higher priority give the default route.
    pub gateway_priority: i64,
    /// Options of the driver.
    pub options: BTreeMap<String, String>,
}

/// A port that a container publishes or only names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Port {
    /// `tcp` or `udp`.
    pub proto: &'static str,
    /// The container's.
    pub inside: u16,
    /// The host's address and port, where it is published: 0 for any port.
    pub outside: Option<(Option<IpAddr>, u16)>,
}

/// What a container's process is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It has not run yet.
    Created,
    /// It runs.
    Running,
    /// It has ended with a status.
    Exited(i32),
}

/// Which network a container is on (`--network`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Networks by name.
    Networks,
    /// The host's namespace.
    Host,
    /// A loopback only.
    None,
    /// Another container's namespace.
    Container(String),
}

/// What a container is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContainerSpec {
    /// Its name, where one is given.
    pub name: Option<String>,
    /// The image's name.
    pub image: String,
    /// The command, where one is given.
    pub command: Vec<String>,
    /// The command that comes before it (`--entrypoint`).
    pub entrypoint: Option<String>,
    /// What it calls itself, where that is given.
    pub hostname: Option<String>,
    /// Its environment.
    pub env: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// How it is connected.
    pub mode: Mode,
    /// The networks by name or id as typed, with the settings of each; none for the default bridge.
    pub networks: IndexMap<String, EndpointSettings>,
    /// The word of `--network`.
    pub network_word: String,
    /// Ports.
    pub ports: Vec<Port>,
    /// Whether every port that the image names is published.
    pub publish_all: bool,
    /// Whether it goes when it ends.
    pub remove: bool,
    /// Whether somebody is attached, who says when its command has ended.
    pub foreground: bool,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Whether its standard input stays open.
    pub interactive: bool,
    /// Kernel settings in its namespace.
    pub sysctls: Vec<(String, String)>,
    /// Other containers on the default bridge with the names that they have here (`--link`).
    pub links: Vec<(String, String)>,
    /// More lines of `/etc/hosts`.
    pub extra_hosts: Vec<(IpAddr, String)>,
    /// The task of a service that it is.
    pub task: Option<TaskRef>,
}

/// The task that a container is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskRef {
    /// The service.
    pub service: String,
    /// The task.
    pub task: String,
}

/// A container.
#[derive(Clone, Debug)]
pub struct Container {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether the user gave it its name.
    pub named: bool,
    /// What it is to be.
    pub spec: ContainerSpec,
    /// The networks, by their real names.
    pub networks: IndexMap<String, EndpointSettings>,
    /// What its process is doing.
    pub state: State,
    /// Its process, 0 where none runs.
    pub pid: u32,
    /// When it was made.
    pub created: SimTime,
    /// When it began.
    pub started: Option<SimTime>,
    /// When it ended.
    pub finished: Option<SimTime>,
    /// When its command will end by itself.
    pub ends: Option<(SimTime, i32)>,
    /// How often it was started again.
    pub restarts: u32,
    /// Its sandbox, while it runs.
    pub sandbox: Option<String>,
    /// The ports that are in use: with the host's real port.
    pub bound: Vec<Bound>,
    /// What its commands printed.
    pub log: Vec<u8>,
}

/// A port that is bound on the host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bound {
    /// `tcp` or `udp`.
    pub proto: &'static str,
    /// The container's port.
    pub inside: u16,
    /// The host's address, all where there is none.
    pub address: Option<IpAddr>,
    /// The host's port.
    pub outside: u16,
}

impl Container {
    /// The first twelve digits of its id.
    pub fn short(&self) -> &str {
        short(&self.id)
    }

    /// Whether its process runs.
    pub fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// What it calls itself.
    pub fn hostname(&self) -> &str {
        self.spec
            .hostname
            .as_deref()
            .unwrap_or_else(|| self.short())
    }
}

impl Network {
    /// Whether it is one of those that are there from the start.
    pub fn is_predefined(&self) -> bool {
        matches!(self.name.as_str(), "bridge" | "host" | "none") && !self.swarm
    }

    /// Whether it is the one of `docker0`.
    pub fn is_default_bridge(&self) -> bool {
        self.name == "bridge" && self.driver == Driver::Bridge
    }

    /// Whether it is the bridge by which containers of overlay networks go out.
    pub fn is_gwbridge(&self) -> bool {
        self.name == GWBRIDGE
    }

    /// Whether names are resolved on it.
    pub fn has_names(&self) -> bool {
        let served = matches!(
            self.driver,
            Driver::Bridge | Driver::Overlay | Driver::Macvlan | Driver::Ipvlan
        );
        served && !self.is_default_bridge() && !self.is_gwbridge() && !self.ingress
    }

    /// The table of the names on it.
    pub fn scope(&self) -> NameScope {
        scope_of(&self.id)
    }

    /// The gateway of IPv4.
    pub fn gateway4(&self) -> Option<IpAddr> {
        let mut gateways = self.subnets.iter().filter_map(|subnet| subnet.gateway);
        gateways.find(IpAddr::is_ipv4)
    }

    /// The gateway of IPv6.
    pub fn gateway6(&self) -> Option<IpAddr> {
        let mut gateways = self.subnets.iter().filter_map(|subnet| subnet.gateway);
        gateways.find(IpAddr::is_ipv6)
    }

    /// The subnet of IPv4.
    pub fn subnet4(&self) -> Option<IpNet> {
        let mut nets = self.subnets.iter().map(|subnet| subnet.pool.subnet);
        nets.find(|net| net.addr().is_ipv4())
    }

    /// The subnet of IPv6.
    pub fn subnet6(&self) -> Option<IpNet> {
        let mut nets = self.subnets.iter().map(|subnet| subnet.pool.subnet);
        nets.find(|net| net.addr().is_ipv6())
    }

    /// The name of its bridge.
    pub fn bridge(&self) -> Option<&str> {
        match &self.state {
            DriverState::Bridge(name) => Some(name),
            DriverState::Overlay(_) | DriverState::Parent { .. } | DriverState::Nothing => None,
        }
    }

    /// The mtu of its devices.
    pub fn mtu(&self) -> u32 {
        let option = self.options.get("com.docker.network.driver.mtu");
        let asked = option.and_then(|mtu| mtu.parse().ok()).unwrap_or(1500_u32);
        match self.driver {
            Driver::Overlay if self.options.contains_key("encrypted") => {
                asked.saturating_sub(50 + 26) & !3
            }
            Driver::Overlay => asked.saturating_sub(50),
            _ => asked,
        }
    }

    /// Whether an option of the driver is on; `default` where it is not given.
    pub fn option_on(&self, name: &str, default: bool) -> bool {
        match self.options.get(name).map(String::as_str) {
            Some("true" | "1") => true,
            Some("false" | "0") => false,
            _ => default,
        }
    }
}

/// The bridge by which containers of overlay networks go out.
pub const GWBRIDGE: &str = "docker_gwbridge";

/// The first twelve digits of an id.
pub fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// The table of names of a network: a number made of its id, so that all nodes of a swarm mean one.
pub fn scope_of(id: &str) -> NameScope {
    let digits = id.bytes().take(15);
    let number = digits.fold(0_u64, |sum, digit| {
        let value = char::from(digit).to_digit(36).unwrap_or(0);
        sum.wrapping_mul(36).wrapping_add(u64::from(value))
    });
    NameScope(number)
}
