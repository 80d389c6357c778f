//! Machines come into a swarm and leave it.
//! Managers do not vote: the first one leads as long as it is there.

use std::collections::BTreeMap;
use std::net::IpAddr;

use indexmap::IndexMap;

use crate::docker::Engines;
use crate::docker::draw::Draw;
use crate::docker::fault::{Done, Fault};
use crate::docker::swarm::{Cluster, FIRST_MARK, FIRST_VNI, Node};
use crate::kernel::World;
use crate::units::HostId;

impl Engines {
    /// The swarm of a host.
    pub fn swarm(&self, host: HostId) -> Option<&Cluster> {
        let (number, _) = self.engine(host)?.node.as_ref()?;
        self.swarms.get(*number)
    }

    /// The number of the swarm that a host manages.
    ///
    /// # Errors
    /// Where it is in none, or a worker.
    pub(in crate::docker) fn managed(&self, host: HostId) -> Done<usize> {
        let node = self.engine(host).and_then(|engine| engine.node.clone());
        let (number, id) = node.ok_or(Fault::NotManager)?;
        let manager = self.swarms[number]
            .nodes
            .get(&id)
            .is_some_and(|node| node.manager);
        if manager {
            Ok(number)
        } else {
            Err(Fault::Worker)
        }
    }

    /// Begins a swarm on a host; gives the node's id.
    ///
    /// # Errors
    /// As Docker's: where the host is in one, or has no address or several.
    pub fn swarm_init(
        &mut self,
        world: &mut World,
        host: HostId,
        advertise: Option<&str>,
    ) -> Done<String> {
        if self.start(world, host)?.node.is_some() {
            return Err(Fault::AlreadySwarm);
        }
        let address = self.advertised(world, host, advertise)?;
        let number = self.swarms.len();
        let mut draw = Draw::new(world.seed, &format!("swarm {number}"));
        let cluster = Cluster {
            id: draw.swarm_id(),
            nodes: IndexMap::new(),
            networks: IndexMap::new(),
            services: IndexMap::new(),
            tasks: IndexMap::new(),
            balancers: BTreeMap::new(),
            worker_token: token(&mut draw, None),
            manager_token: String::new(),
            draw,
            next_vni: FIRST_VNI,
            next_subnet: 0,
            next_mark: FIRST_MARK,
        };
        self.swarms.push(cluster);
        let cluster = &mut self.swarms[number];
        let root = cluster
            .worker_token
            .split('-')
            .nth(2)
            .unwrap_or_default()
            .to_owned();
        cluster.manager_token = token(&mut cluster.draw, Some(&root));
        self.make_ingress(world, number)?;
        self.enter(world, host, number, address, true)
    }

    /// Puts a host into a swarm by a token and a manager's address; says whether it manages.
    ///
    /// # Errors
    /// As Docker's.
    pub fn swarm_join(
        &mut self,
        world: &mut World,
        host: HostId,
        token: &str,
        remote: &str,
        advertise: Option<&str>,
    ) -> Done<bool> {
        if self.start(world, host)?.node.is_some() {
            return Err(Fault::AlreadySwarm);
        }
        let (remote_ip, port) = remote.rsplit_once(':').unwrap_or((remote, "2377"));
        let listens = |cluster: &Cluster| {
            let mut nodes = cluster.nodes.values();
            nodes.any(|node| {
                node.manager
                    && node.ready
                    && node.address.to_string() == remote_ip
                    && node.host != host
            })
        };
        let found = self
            .swarms
            .iter()
            .position(listens)
            .filter(|_| port == "2377");
        let number = found.ok_or_else(|| Fault::NoAnswer(format!("{remote_ip}:{port}")))?;
        let cluster = &self.swarms[number];
        let manager = match token {
            token if token == cluster.worker_token => false,
            token if token == cluster.manager_token => true,
            _ => return Err(Fault::BadToken),
        };
        let address = match advertise {
            Some(_) => self.advertised(world, host, advertise)?,
            // The address from which the manager is reached.
            None => source_for(world, host, remote_ip)
                .map_or_else(|| self.advertised(world, host, None), Ok)?,
        };
        self.enter(world, host, number, address, manager)?;
        Ok(manager)
    }

    fn enter(
        &mut self,
        world: &mut World,
        host: HostId,
        number: usize,
        address: IpAddr,
        manager: bool,
    ) -> Done<String> {
        let cluster = &mut self.swarms[number];
        let id = cluster.draw.swarm_id();
        let node = Node {
            id: id.clone(),
            host,
            hostname: world.host(host).name.clone(),
            manager,
            address,
            ready: true,
            availability: "active",
        };
        cluster.nodes.insert(id.clone(), node);
        let engine = self.start(world, host)?;
        engine.node = Some((number, id.clone()));
        engine.raise_neighbour_limits(world);
        self.build_ingress(world, host, number)?;
        self.place_global_tasks(world, number)?;
        self.settle_swarm(world, number);
        Ok(id)
    }

    /// Takes a host out of its swarm.
    ///
    /// # Errors
    /// Where it is in none, or manages it and is not forced.
    pub fn swarm_leave(&mut self, world: &mut World, host: HostId, force: bool) -> Done<()> {
        let node = self.start(world, host)?.node.clone();
        let (number, id) = node.ok_or(Fault::NotSwarm)?;
        if self.swarms[number]
            .nodes
            .get(&id)
            .is_some_and(|node| node.manager)
            && !force
        {
            return Err(Fault::ManagerLeaves);
        }
        let tasks: Vec<String> = self.swarms[number]
            .tasks
            .values()
            .filter(|task| task.node == id && task.runs)
            .map(|task| task.id.clone())
            .collect();
        for task in &tasks {
            self.end_task(world, number, task);
        }
        let engine = self.start(world, host)?;
        engine.leave_swarm(world);
        if let Some(node) = self.swarms[number].nodes.get_mut(&id) {
            node.ready = false;
        }
        // Addresses of its load balancers are free again.
        let lost: Vec<_> = self.swarms[number]
            .balancers
            .keys()
            .filter(|(node, _)| *node == id)
            .cloned()
            .collect();
        for key in lost {
            if let Some(address) = self.swarms[number].balancers.remove(&key) {
                self.swarms[number].release(&key.1, address);
            }
        }
        let _ = self.replace_tasks(world, number);
        self.settle_swarm(world, number);
        Ok(())
    }

    /// The address by which others are to know a host.
    fn advertised(&self, world: &mut World, host: HostId, asked: Option<&str>) -> Done<IpAddr> {
        let addresses = self.host_addresses(world, host);
        match asked {
            None => match addresses.as_slice() {
                [] => Err(Fault::NoAddressToAdvertise),
                [(_, only)] => Ok(*only),
                several => {
                    let text = several
                        .iter()
                        .map(|(dev, ip)| (ip.to_string(), dev.clone()));
                    Err(Fault::ManyAddresses(text.collect()))
                }
            },
            Some(word) => {
                let word = word.strip_suffix(":2377").unwrap_or(word);
                if let Ok(address) = word.parse() {
                    return Ok(address);
                }
                let on = addresses.iter().find(|(dev, _)| dev == word);
                on.map(|(_, ip)| *ip).ok_or_else(|| {
                    Fault::Other("advertise address must be a non-zero IP address or network interface (with optional port number)".to_owned())
                })
            }
        }
    }

    /// The addresses of a host's devices, those of the engine's own bridges left out.
    fn host_addresses(&self, world: &mut World, host: HostId) -> Vec<(String, IpAddr)> {
        let root = world.host(host).root;
        let own: Vec<String> = self
            .engine(host)
            .map(|engine| {
                engine
                    .networks
                    .values()
                    .filter_map(|net| net.bridge().map(str::to_owned))
                    .collect()
            })
            .unwrap_or_default();
        let addresses = world.addrs(root).into_iter().filter(|addr| {
            addr.local.is_ipv4()
                && !addr.local.is_loopback()
                && !own.iter().any(|name| *name == addr.dev.as_str())
        });
        addresses
            .map(|addr| (addr.dev.to_string(), addr.local))
            .collect()
    }
}

/// The host's own address on the network of another.
fn source_for(world: &mut World, host: HostId, remote: &str) -> Option<IpAddr> {
    let remote: IpAddr = remote.parse().ok()?;
    let root = world.host(host).root;
    let addresses = world.addrs(root).into_iter();
    let mut near = addresses.filter(|addr| {
        ipnet::IpNet::new(addr.local, addr.prefix_len).is_ok_and(|net| net.contains(&remote))
    });
    near.next().map(|addr| addr.local)
}

/// `SWMTKN-1-<50 digits of the root's digest>-<25 digits>`.
fn token(draw: &mut Draw, root: Option<&str>) -> String {
    let root = root.map_or_else(|| draw.secret(50), str::to_owned);
    format!("SWMTKN-1-{root}-{}", draw.secret(25))
}
