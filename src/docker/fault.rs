//! Why an engine refuses, and the words in which each era says so.
//! The prefix `Error response from daemon: ` and the exit status are the client's.

use std::net::IpAddr;

use crate::docker::era::Era;
use crate::kernel::netlink::NlError;
use crate::units::Errno;

/// What a request of an engine gives.
pub type Done<T> = Result<T, Fault>;

/// Why an engine refuses.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the fields are named as what they hold")]
pub enum Fault {
    /// No network has this name or id.
    NetworkNotFound(String),
    /// A name is taken.
    NetworkExists(String),
    /// Endpoints are on it.
    ActiveEndpoints {
        network: String,
        id: String,
        endpoints: Vec<(String, String)>,
    },
    /// A name is the beginning of several ids, or several networks have it.
    NetworkAmbiguous(String),
    /// One of the engine's own networks.
    Predefined(String),
    /// A name that is the engine's own.
    PredefinedName(String),
    /// The subnet is somebody's.
    PoolOverlap,
    /// No default subnet is left.
    PoolsExhausted,
    /// No address is left.
    NoAddress(String),
    /// Two networks would have one bridge.
    SameBridge {
        id: String,
        other: String,
        bridge: String,
    },
    /// A gateway that is not of the subnet, and the like.
    AddressPool(String),
    /// The address is somebody's.
    AddressInUse,
    /// Addresses are chosen on user-defined networks only.
    AddressOnDefault,
    /// Addresses are chosen from the user's own subnets only.
    AddressOutside(IpAddr),
    /// Aliases are for user-defined networks only.
    AliasOnDefault,
    /// The container is on that network.
    AlreadyConnected {
        container: String,
        network: String,
        swarm: bool,
    },
    /// The container is not on that network.
    NotConnected { id: String, network: String },
    /// Another program of the host listens at the port.
    Listens {
        /// The container's name.
        container: String,
        /// The endpoint's id.
        endpoint: String,
        /// What Go says of it: `listen tcp4 0.0.0.0:80: bind: address already in use`.
        listen: String,
    },
    /// The port is another container's.
    PortTaken {
        container: String,
        endpoint: String,
        place: String,
    },
    /// The name is another container's.
    NameTaken { name: String, id: String },
    /// No container has this name or id.
    NoContainer(String),
    /// It does not run.
    NotRunning(String),
    /// It runs.
    RemoveRunning { name: String, id: String },
    /// The node is in no swarm.
    NotManager,
    /// The node is a worker.
    Worker,
    /// The node is in a swarm.
    AlreadySwarm,
    /// The node is in no swarm that it could leave.
    NotSwarm,
    /// The last manager cannot go.
    ManagerLeaves,
    /// The host has several addresses.
    ManyAddresses(Vec<(String, String)>),
    /// The host has none.
    NoAddressToAdvertise,
    /// The network takes no single containers.
    NotAttachable(String),
    /// An object of the swarm is in use.
    InUse {
        network: String,
        kind: &'static str,
        by: String,
    },
    /// The host's network takes nobody, and gives nobody away.
    HostNetwork,
    /// Who shares a namespace gets no other network.
    SharedNetwork,
    /// Who has no network gets none.
    NoneNetwork,
    /// There is one host network only.
    OneHost,
    /// There is one null network only.
    OneNull,
    /// A macvlan or ipvlan has that parent.
    ParentInUse { network: String, parent: String },
    /// No service has this name or id.
    NoService(String),
    /// A service has this name.
    ServiceExists(String),
    /// No node has this name or id.
    NoNode(String),
    /// The token is wrong.
    BadToken,
    /// Nobody answers there.
    NoAnswer(String),
    /// While a container was given its networks.
    Setup(Box<Fault>),
    /// The kernel refused.
    Kernel(String),
    /// Anything else, in words.
    Other(String),
}

impl Fault {
    /// The words of an era.
    pub fn words(&self, era: Era) -> String {
        let current = era == Era::Current;
        let either = |now: &str, then: &str| (if current { now } else { then }).to_owned();
        match self {
            Self::NetworkNotFound(name) => format!("network {name} not found"),
            Self::NetworkExists(name) => format!("network with name {name} already exists"),
            Self::NetworkAmbiguous(name) => {
                format!("network {name} is ambiguous (2 matches found on name)")
            }
            Self::ActiveEndpoints {
                network,
                id,
                endpoints,
            } => active(current, network, id, endpoints),
            Self::Predefined(name) => {
                format!("{name} is a pre-defined network and cannot be removed")
            }
            Self::PredefinedName(name) => {
                format!("operation is not permitted on predefined {name} network ")
            }
            Self::PoolOverlap => either(
                "invalid pool request: Pool overlaps with other one on this address space",
                "Pool overlaps with other one on this address space",
            ),
            Self::PoolsExhausted => either(
                "all predefined address pools have been fully subnetted",
                "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
            ),
            Self::NoAddress(subnet) => match current {
                true => format!("no available IPv4 addresses on this network's address pools: {subnet}"),
                false => format!("no available IPv4 addresses on this network's address pools: {subnet}"),
            },
            Self::SameBridge { id, other, bridge } => format!(
                "cannot create network {id} ({bridge}): conflicts with network {other} ({bridge}): networks have same bridge name"
            ),
            Self::AddressPool(words) | Self::Kernel(words) | Self::Other(words) => words.clone(),
            Self::AddressInUse => "Address already in use".to_owned(),
            Self::AddressOnDefault => either(
                "invalid endpoint settings:\nuser-specified IP address is supported on user-defined networks only",
                "user specified IP address is supported on user defined networks only",
            ),
            Self::AddressOutside(address) => match current {
                true => format!(
                    "invalid endpoint settings:\nno configured subnet contains IP address {address}"
                ),
                false => "user specified IP address is supported only when connecting to networks with user configured subnets".to_owned(),
            },
            Self::AliasOnDefault => either(
                "invalid endpoint settings:\nnetwork-scoped aliases are only supported for user-defined networks",
                "network-scoped alias is supported only for containers in user defined networks",
            ),
            Self::AlreadyConnected {
                container,
                network,
                swarm: false,
            } => format!("endpoint with name {container} already exists in network {network}"),
            Self::AlreadyConnected {
                container,
                network,
                swarm: true,
            } => format!("{container} is already attached to network {network}"),
            Self::NotConnected { id, network } => {
                format!("container {id} is not connected to network {network}")
            }
            Self::Listens {
                container,
                endpoint,
                listen,
            } => {
                let why = match current {
                    true => not_bound(listen),
                    false => format!("Error starting userland proxy: {listen}"),
                };
                format!(
                    "driver failed programming external connectivity on endpoint {container} ({endpoint}): {why}"
                )
            }
            Self::PortTaken {
                container,
                endpoint,
                place,
            } => format!(
                "driver failed programming external connectivity on endpoint {container} ({endpoint}): Bind for {place} failed: port is already allocated"
            ),
            Self::NameTaken { name, id } => format!(
                "Conflict. The container name \"/{name}\" is already in use by container \"{id}\". You have to remove (or rename) that container to be able to reuse that name."
            ),
            Self::NoContainer(name) => format!("No such container: {name}"),
            Self::NotRunning(id) => match current {
                true => format!("container {id} is not running"),
                false => format!("Container {id} is not running"),
            },
            Self::RemoveRunning { name, id } => match current {
                true => format!(
                    "cannot remove container \"{name}\": container is running: stop the container before removing or force remove"
                ),
                false => format!(
                    "You cannot remove a running container {id}. Stop the container before attempting removal or force remove"
                ),
            },
            Self::NotManager => "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.".to_owned(),
            Self::Worker => "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.".to_owned(),
            Self::AlreadySwarm => "This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one.".to_owned(),
            Self::NotSwarm => "This node is not part of a swarm".to_owned(),
            Self::ManagerLeaves => "You are attempting to leave the swarm on a node that is participating as a manager. Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message.".to_owned(),
            Self::ManyAddresses(addresses) => many(addresses),
            Self::NoAddressToAdvertise => "could not find the system's IP address - specify one with --advertise-addr".to_owned(),
            Self::NotAttachable(network) => format!(
                "Could not attach to network {network}: rpc error: code = PermissionDenied desc = network {network} not manually attachable"
            ),
            Self::InUse { network, kind, by } => format!(
                "rpc error: code = FailedPrecondition desc = network {network} is in use by {kind} {by}"
            ),
            Self::HostNetwork => "container cannot be disconnected from host network or connected to host network".to_owned(),
            Self::SharedNetwork => "container sharing network namespace with another container or host cannot be connected to any other network".to_owned(),
            Self::NoneNetwork => "container cannot be connected to multiple networks with one of the networks in private (none) mode".to_owned(),
            Self::OneHost => "only one instance of \"host\" network is allowed".to_owned(),
            Self::OneNull => "only one instance of \"null\" network is allowed".to_owned(),
            Self::ParentInUse { network, parent } => {
                format!("network {network} is already using parent interface {parent}")
            }
            Self::NoService(name) => format!("service {name} not found"),
            Self::ServiceExists(name) => format!(
                "rpc error: code = AlreadyExists desc = name conflicts with an existing object: service {name} already exists"
            ),
            Self::NoNode(name) => format!("node {name} not found"),
            Self::BadToken => "invalid join token".to_owned(),
            Self::NoAnswer(address) => format!(
                "rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial tcp {address}: connect: connection refused\""
            ),
            Self::Setup(inner) => {
                let prefix = either("failed to set up container networking: ", "");
                prefix + &inner.words(era)
            }
        }
    }

    /// The fault as it is told where a container was about to start.
    pub fn in_setup(self) -> Self {
        match self {
            Self::Setup(_)
            | Self::AddressOnDefault
            | Self::AddressOutside(_)
            | Self::AliasOnDefault
            | Self::NotAttachable(_) => self,
            other => Self::Setup(Box::new(other)),
        }
    }
}

/// Since 28 the engine itself takes the port of the host: `failed to bind host port 0.0.0.0:80/tcp: address already in use`.
fn not_bound(listen: &str) -> String {
    let mut words = listen.splitn(3, ' ');
    let proto = if listen.starts_with("listen udp") {
        "udp"
    } else {
        "tcp"
    };
    let place = words.nth(2).unwrap_or(listen);
    match place.split_once(": bind: ") {
        Some((at, why)) => format!("failed to bind host port {at}/{proto}: {why}"),
        None => listen.to_owned(),
    }
}

fn active(current: bool, network: &str, id: &str, endpoints: &[(String, String)]) -> String {
    if !current {
        return format!(
            "error while removing network: network {network} id {id} has active endpoints"
        );
    }
    let one = |(name, id): &(String, String)| {
        let short = id.get(..12).unwrap_or(id);
        format!("name:\"{name}\" id:\"{short}\"")
    };
    let list: Vec<String> = endpoints.iter().map(one).collect();
    let list = list.join(", ");
    format!("error while removing network: network {network} has active endpoints ({list})")
}

/// Where no address to advertise can be chosen (daemon/cluster/listen_addr.go).
fn many(addresses: &[(String, String)]) -> String {
    let hint = "specify one with --advertise-addr";
    let [(first, on), (second, at), ..] = addresses else {
        return format!("could not choose an IP address to advertise - {hint}");
    };
    if on == at {
        return format!(
            "could not choose an IP address to advertise since this system has multiple addresses on interface {on} ({first} and {second}) - {hint}"
        );
    }
    format!(
        "could not choose an IP address to advertise since this system has multiple addresses on different interfaces ({first} on {on} and {second} on {at}) - {hint}"
    )
}

impl From<NlError> for Fault {
    fn from(error: NlError) -> Self {
        Self::from(error.errno)
    }
}

impl From<Errno> for Fault {
    /// Go's words for an error number are the C library's without capitals.
    fn from(errno: Errno) -> Self {
        Self::Kernel(errno.text().to_lowercase())
    }
}
