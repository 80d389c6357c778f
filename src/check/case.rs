//! A case: a network, and what is done in it step by step, watched by the invariants.
//! How a case that fails is written down is in `travel`; how cases are drawn is in `strategy`.

use std::net::Ipv4Addr;
use std::time::Duration;

use proptest::sample::Index;

use super::invariant::{self, Broken, Fingerprint};
use super::{Monitor, Network, Part, Reference, Travel};
use crate::kernel::World;
use crate::tool::Shell;

/// Until addresses are tried out and neighbours asked.
const QUIET: Duration = Duration::from_secs(3);
/// Until the spanning tree has converged.
const CONVERGED: Duration = Duration::from_secs(60);
/// Events of a millisecond that are a storm in networks of this size.
const STORM: u64 = 20_000;

/// One thing that is done. Devices and stations are meant by number, modulo how many there are.
#[derive(Clone, Debug)]
pub enum Step {
    /// Time passes, in seconds.
    Wait(u16),
    /// An echo request.
    Ping {
        /// From whom.
        from: Index,
        /// To whom.
        to: Index,
        /// Bytes of payload.
        size: u16,
        /// Time to live.
        ttl: u8,
    },
    /// A UDP datagram to a port where nobody listens, with a small time to live at first.
    Trace(Index, Index),
    /// A question for a station address.
    Ask(Index, Index),
    /// A cable is cut, or mended.
    Link(Index, bool),
    /// The port of a cable is shut for frames, or opened, by hand.
    Blocked(Index, bool),
    /// The largest packet of the port of a cable, in bytes.
    Mtu(Index, u16),
    /// A cable goes for good.
    Delete(Index),
    /// A request that is refused.
    Refused(Index, Refusal),
}

/// Requests that the kernel refuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// An MTU that no device takes.
    Mtu,
    /// A bridge under a bridge.
    BridgeUnderBridge,
    /// A name that is taken.
    NameTaken,
    /// An address that is there already.
    AddressTwice,
    /// A gateway that nothing leads to.
    GatewayNowhere,
    /// A forwarding entry of a group address.
    GroupEntry,
}

/// What a step is in a network.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Act {
    line: String,
    /// A request: one that fails must change nothing.
    request: bool,
    /// Afterwards the reference no longer knows who reaches whom.
    unknown: bool,
}

/// A network with what is done in it.
///
/// ```
/// use vethlab::check::{Case, Part};
/// use vethlab::kernel::World;
///
/// let parts = vec![Part::Station { on: 0 }, Part::Station { on: 0 }];
/// let case = Case { parts, steps: Vec::new() };
/// assert!(case.run(&mut World::new(0)).is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct Case {
    /// The parts of the network.
    pub parts: Vec<Part>,
    /// What is done, in order.
    pub steps: Vec<Step>,
}

/// A case that failed: the rule, and the lines up to there.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The rule that is broken.
    pub broken: Broken,
    /// How to get there again.
    pub travel: Travel,
}

impl Case {
    /// Runs it in a world of one host, otherwise empty.
    ///
    /// # Errors
    /// The first rule that is broken, with the lines that were run.
    pub fn run(&self, world: &mut World) -> Result<Monitor, Box<Failed>> {
        let network = Network::new(&self.parts);
        let mut run = Run {
            reference: Reference::new(&network),
            network: &network,
            monitor: Monitor::new(world),
            travel: Travel::new(network.commands()),
            known: true,
        };
        world.budget.events_per_ms = STORM;
        match run.all(world, &self.steps) {
            Ok(()) => Ok(run.monitor),
            Err(broken) => {
                let travel = run.travel;
                Err(Box::new(Failed { broken, travel }))
            }
        }
    }
}

/// A case as it runs.
struct Run<'n> {
    network: &'n Network,
    reference: Reference<'n>,
    monitor: Monitor,
    travel: Travel,
    /// Whether the reference knows who reaches whom.
    known: bool,
}

impl Run<'_> {
    fn all(&mut self, world: &mut World, steps: &[Step]) -> Result<(), Broken> {
        if let Err((line, finished)) = self.network.build(world) {
            return Err(Broken {
                rule: "the network builds",
                what: format!("{line}: {}", finished.stderr),
                place: "setup".to_owned(),
            });
        }
        self.monitor.judge_all(world)?;
        self.settle(world)?;
        for step in steps {
            self.step(world, step)?;
        }
        Ok(())
    }

    fn step(&mut self, world: &mut World, step: &Step) -> Result<(), Broken> {
        if let Step::Wait(seconds) = *step {
            self.wait(world, Duration::from_secs(seconds.into()))?;
            return self.monitor.judge_all(world);
        }
        let Some(act) = step.act(self.network) else {
            return Ok(());
        };
        let since = world.now();
        let mut twin = world.clone();
        let status = Shell::new(world).run(&act.line).status;
        self.travel.ran(&act.line, status);
        self.monitor.judge(world)?;
        if act.request && status != 0 {
            // The same time has passed for somebody who did not ask.
            let _ = twin.run_until(world.now());
            Fingerprint::of(&twin).unchanged(world)?;
        }
        if let Step::Link(which, whole) = step
            && let Some(link) = pick(which, &self.network.links())
            && status == 0
        {
            self.reference.set(link, *whole);
        }
        self.known &= !act.unknown;
        if act.request && status == 0 {
            return self.settle(world);
        }
        self.wait(world, QUIET)?;
        self.monitor.judge_all(world)?;
        match self.known {
            true => {
                let story = self.monitor.story(world);
                invariant::broadcasts_arrive_once(&story, self.network, &self.reference, since)
            }
            false => Ok(()),
        }
    }

    /// After a change, until nothing changes any more.
    fn settle(&mut self, world: &mut World) -> Result<(), Broken> {
        let time = if self.network.ring { CONVERGED } else { QUIET };
        self.wait(world, time)?;
        self.monitor.judge_all(world)?;
        match self.known {
            true => invariant::tree(&self.monitor.story(world)),
            false => Ok(()),
        }
    }

    fn wait(&mut self, world: &mut World, time: Duration) -> Result<(), Broken> {
        self.travel.waited(time);
        self.monitor.run_until(world, world.now() + time)
    }
}

fn pick<T: Clone>(which: &Index, all: &[T]) -> Option<T> {
    (!all.is_empty()).then(|| which.get(all).clone())
}

impl Step {
    /// What it is in a network; nothing where the network has nothing of the kind.
    fn act(&self, network: &Network) -> Option<Act> {
        let port = |which: &Index| Some(pick(which, &network.links())?.device());
        let traffic = |line| {
            Some(Act {
                line,
                request: false,
                unknown: false,
            })
        };
        let change = |line, unknown| {
            Some(Act {
                line,
                request: true,
                unknown,
            })
        };
        match self {
            Self::Wait(_) => None,
            Self::Ping {
                from,
                to,
                size,
                ttl,
            } => {
                let (netns, address) = pair(network, from, to)?;
                traffic(format!(
                    "ip netns exec {netns} ping -c 1 -W 1 -s {size} -t {ttl} {address}"
                ))
            }
            Self::Trace(from, to) => {
                let (netns, address) = pair(network, from, to)?;
                traffic(format!(
                    "ip netns exec {netns} traceroute -n -q 1 -m 3 -w 1 {address}"
                ))
            }
            Self::Ask(from, to) => {
                let (netns, _) = pick(from, &network.legs())?;
                let (_, address) = pick(to, &network.endpoints())?;
                traffic(format!(
                    "ip netns exec {netns} arping -c 1 -w 1 -I eth0 {address}"
                ))
            }
            Self::Link(which, whole) => {
                let state = if *whole { "up" } else { "down" };
                change(format!("ip link set {} {state}", port(which)?), false)
            }
            Self::Blocked(which, blocked) => {
                let state = if *blocked { 4 } else { 3 };
                change(
                    format!("bridge link set dev {} state {state}", port(which)?),
                    true,
                )
            }
            Self::Mtu(which, mtu) => {
                change(format!("ip link set {} mtu {mtu}", port(which)?), true)
            }
            Self::Delete(which) => change(format!("ip link del {}", port(which)?), true),
            Self::Refused(which, refusal) => change(refusal.line(&port(which)?, network), false),
        }
    }
}

/// The namespace of one endpoint, and the address of another.
fn pair(network: &Network, from: &Index, to: &Index) -> Option<(String, Ipv4Addr)> {
    let endpoints = network.endpoints();
    let (netns, _) = pick(from, &endpoints)?;
    let (_, address) = pick(to, &endpoints)?;
    Some((netns, address))
}

impl Refusal {
    fn line(self, port: &str, network: &Network) -> String {
        let (netns, device) = network.legs().into_iter().next().unwrap_or_default();
        match self {
            Self::Mtu => format!("ip link set {port} mtu 4000000000"),
            Self::BridgeUnderBridge => "ip link set br0 master br0".to_owned(),
            Self::NameTaken => format!("ip link add {port} type dummy"),
            Self::AddressTwice => format!("ip -n {netns} addr add 10.0.0.1/24 dev {device}"),
            Self::GatewayNowhere => format!("ip -n {netns} route add 10.200.0.0/16 via 192.0.2.1"),
            Self::GroupEntry => {
                format!("bridge fdb add 01:00:5e:00:00:01 dev {port} master static")
            }
        }
    }
}
