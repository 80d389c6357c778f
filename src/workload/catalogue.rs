//! The workloads by name, each prepared once and then run for so many rounds.
//! It measures nothing.

use super::{AllPairs, Bulk, Chain, Flood, Tree, Tunnel, namespaces, run_commands};

/// The largest tree: a namespace has three devices, and a world 400 000 at most.
const TREE_MAX: u32 = 100_000;
/// Bytes in a round of TCP.
const TCP_ROUND: u64 = 4 << 20;

/// A workload of the catalogue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Workload {
    /// 64-byte frames through so many bridges in a row.
    Chain(u32),
    /// The same through 16 bridges, beside so many namespaces that have nothing to do with it.
    Beside(u32),
    /// Broadcasts to so many ports.
    Flood(u32),
    /// 64-byte frames from container to container over a VXLAN tunnel.
    Tunnel,
    /// Bytes over one TCP connection between two namespaces on a bridge.
    Tcp,
    /// So many namespaces on a tree of bridges, and a ping across.
    Tree(u32),
    /// Every one of so many stations pings every other, ARP included.
    AllPairs(u32),
    /// So many namespaces by typed requests.
    Build(u32),
    /// The same by command lines.
    Commands(u32),
}

impl Workload {
    /// Every workload that is reported, in the order of the report.
    pub const ALL: [Self; 17] = [
        Self::Build(100),
        Self::Build(1000),
        Self::Commands(100),
        Self::Commands(1000),
        Self::AllPairs(50),
        Self::Chain(1),
        Self::Chain(4),
        Self::Chain(16),
        Self::Chain(64),
        Self::Beside(10),
        Self::Beside(1000),
        Self::Beside(10_000),
        Self::Flood(8),
        Self::Flood(64),
        Self::Flood(512),
        Self::Tunnel,
        Self::Tcp,
    ];

    /// Its name: what it is, and how large.
    pub fn name(self) -> String {
        match self {
            Self::Chain(bridges) => format!("chain-{bridges}"),
            Self::Beside(idle) => format!("beside-{idle}"),
            Self::Flood(ports) => format!("flood-{ports}"),
            Self::Tunnel => "vxlan".to_owned(),
            Self::Tcp => "tcp".to_owned(),
            Self::Tree(count) => format!("tree-{count}"),
            Self::AllPairs(stations) => format!("ping-{stations}"),
            Self::Build(count) => format!("build-{count}"),
            Self::Commands(count) => format!("commands-{count}"),
        }
    }

    /// The workload of a name, whatever its size.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "vxlan" => return Some(Self::Tunnel),
            "tcp" => return Some(Self::Tcp),
            _ => {}
        }
        let (what, size) = name.split_once('-')?;
        // A bridge has no more ports; a tree has many bridges.
        let most = match what {
            "tree" | "beside" => TREE_MAX,
            _ => 1000,
        };
        let size = size.parse().ok().filter(|size| (1..=most).contains(size))?;
        match what {
            "chain" => Some(Self::Chain(size)),
            "beside" => Some(Self::Beside(size)),
            "flood" => Some(Self::Flood(size)),
            "ping" => Some(Self::AllPairs(size)),
            "build" => Some(Self::Build(size)),
            "tree" => Some(Self::Tree(size)),
            "commands" => Some(Self::Commands(size)),
            _ => None,
        }
    }

    /// What is counted.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Chain(_) | Self::Beside(_) => "frame-hop",
            Self::Flood(_) => "copy",
            Self::Tunnel => "frame",
            Self::AllPairs(_) => "ping",
            Self::Tcp => "byte",
            Self::Tree(_) | Self::Build(_) | Self::Commands(_) => "namespace",
        }
    }

    /// Builds what it runs on.
    ///
    /// # Panics
    /// Where a request fails, which is a fault of the simulator.
    pub fn prepare(self) -> Prepared {
        match self {
            Self::Chain(bridges) => Prepared::Chain(Box::new(Chain::new(bridges, 64))),
            Self::Beside(idle) => Prepared::Chain(Box::new(Chain::beside(idle, 16, 64))),
            Self::Flood(ports) => Prepared::Flood(Box::new(Flood::new(ports, 64))),
            Self::Tunnel => Prepared::Tunnel(Box::new(Tunnel::new(64))),
            Self::AllPairs(stations) => Prepared::AllPairs(Box::new(AllPairs::new(stations))),
            Self::Build(count) => Prepared::Build(count),
            Self::Tcp => Prepared::Tcp(Box::default()),
            Self::Tree(count) => Prepared::Tree(count),
            Self::Commands(count) => Prepared::Commands(super::commands(count)),
        }
    }
}

/// A workload that is ready to run.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// See [`Workload::Chain`].
    Chain(Box<Chain>),
    /// See [`Workload::Flood`].
    Flood(Box<Flood>),
    /// See [`Workload::Tunnel`].
    Tunnel(Box<Tunnel>),
    /// See [`Workload::AllPairs`].
    AllPairs(Box<AllPairs>),
    /// See [`Workload::Build`].
    Build(u32),
    /// See [`Workload::Commands`].
    Commands(String),
    /// See [`Workload::Tcp`].
    Tcp(Box<Bulk>),
    /// See [`Workload::Tree`].
    Tree(u32),
}

impl Prepared {
    /// One round; gives the units of work that were done.
    ///
    /// # Panics
    /// Where work is missing, which is a fault of the simulator.
    pub fn round(&mut self) -> u64 {
        match self {
            Self::Chain(chain) => chain.run(64),
            Self::Flood(flood) => flood.run(4),
            Self::Tunnel(tunnel) => tunnel.run(64),
            Self::AllPairs(pings) => pings.run(),
            Self::Build(count) => namespaces(*count).1.len() as u64,
            Self::Commands(lines) => run_commands(lines),
            Self::Tcp(bulk) => bulk.run(TCP_ROUND),
            Self::Tree(count) => {
                assert!(Tree::new(*count).ping_across(), "a ping across the tree");
                u64::from(*count)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workload_is_found_by_its_name() {
        for workload in Workload::ALL {
            assert_eq!(Workload::named(&workload.name()), Some(workload));
        }
        assert_eq!(Workload::named("chain-0"), None);
        assert_eq!(
            Workload::named("beside-100000"),
            Some(Workload::Beside(100_000))
        );
        assert_eq!(Workload::named("chain-99999999999"), None);
        assert_eq!(Workload::named("nothing"), None);
    }

    #[test]
    fn every_workload_does_its_work() {
        for (name, units) in [
            ("chain-2", 192),
            ("beside-2", 64 * 17),
            ("flood-3", 12),
            ("vxlan", 64),
            ("ping-3", 6),
            ("build-2", 2),
            ("commands-2", 2),
            ("tree-3", 3),
        ] {
            let workload = Workload::named(name).expect("it is there");
            assert_eq!(workload.prepare().round(), units, "{name}");
        }
    }
}
