//! The steps of a case: what may be done in a network, and the command lines that do it.
//! How they are judged is in `case`.

use proptest::sample::Index;

use super::fault::{Fault, FaultKind, Trouble};
use super::frame::RawFrame;
use super::network::{Endpoint, Link, Network};

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
    /// A UDP datagram of so many bytes to a port where nobody listens, with a small time to live at first.
    Trace(Index, Index, u16),
    /// A TCP connection to the port where containers have their web servers, and nobody else anything.
    Connect(Index, Index),
    /// A page by HTTP over TCP, from whoever has one.
    Fetch(Index, Index),
    /// A raw frame, valid or broken, from a device that stands on a bridge.
    Raw(Index, RawFrame),
    /// A question for a station address.
    Ask(Index, Index),
    /// A cable is cut or mended, turns bad or good; a machine restarts.
    Fault(Fault),
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
    /// A master that is no bridge.
    NoMaster,
    /// A gateway that nothing leads to.
    GatewayNowhere,
    /// A forwarding entry of a group address.
    GroupEntry,
}

/// What a step is in a network.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Act {
    /// What is typed.
    pub lines: Vec<String>,
    /// A request: one that fails must change nothing.
    pub request: bool,
    /// Something has changed: time passes until it has settled.
    pub change: bool,
    /// Afterwards broadcasts need no longer arrive, and no tree need be left.
    pub unknown: bool,
}

fn pick<T: Clone>(which: &Index, all: &[T]) -> Option<T> {
    (!all.is_empty()).then(|| which.get(all).clone())
}

impl Step {
    /// The command lines that do it; none where time passes, or where the network has nothing of the kind.
    ///
    /// ```
    /// use vethlab::check::{Network, Part, Step};
    ///
    /// let network = Network::new(&[Part::Station { on: 0 }]);
    /// assert!(Step::Wait(3).commands(&network).is_empty());
    /// ```
    pub fn commands(&self, network: &Network) -> Vec<String> {
        self.act(network).map_or_else(Vec::new, |act| act.lines)
    }

    /// What it is in a network; nothing where the network has nothing of the kind.
    pub(super) fn act(&self, network: &Network) -> Option<Act> {
        match self {
            Self::Wait(_) => None,
            Self::Fault(fault) => Some(of_fault(fault, network)),
            Self::Blocked(which, _)
            | Self::Mtu(which, _)
            | Self::Delete(which)
            | Self::Refused(which, _) => self.change(network, pick(which, &network.ports())?),
            _ => Some(Act {
                lines: vec![self.traffic(network)?],
                ..Act::default()
            }),
        }
    }

    /// A line that sends something.
    fn traffic(&self, network: &Network) -> Option<String> {
        let both = |from: &Index, to: &Index| {
            let endpoints = network.endpoints();
            let (from, to): (Endpoint, Endpoint) = (pick(from, &endpoints)?, pick(to, &endpoints)?);
            Some((network.enter(from), network.address_of(to)))
        };
        match self {
            Self::Ping {
                from,
                to,
                size,
                ttl,
            } => {
                let (enter, address) = both(from, to)?;
                Some(format!(
                    "{enter}ping -c 1 -W 1 -s {size} -t {ttl} {address}"
                ))
            }
            Self::Trace(from, to, size) => {
                let (enter, address) = both(from, to)?;
                let size = (*size).max(28);
                Some(format!(
                    "{enter}traceroute -n -q 1 -m 3 -w 1 {address} {size}"
                ))
            }
            Self::Connect(from, to) => {
                let (enter, address) = both(from, to)?;
                Some(format!("{enter}nc -z -w 2 {address} 80"))
            }
            Self::Fetch(from, to) => {
                let (enter, address) = both(from, to)?;
                Some(format!("{enter}curl -s -m 3 http://{address}/"))
            }
            Self::Ask(from, to) => {
                let (on, netns, device) = leg(network, from)?;
                let to: Endpoint = pick(to, &network.endpoints())?;
                let address = network.address_of(to);
                Some(format!(
                    "{on}ip netns exec {netns} arping -c 1 -w 1 -I {device} {address}"
                ))
            }
            Self::Raw(from, frame) => {
                let (on, netns, device) = leg(network, from)?;
                Some(format!(
                    "{on}ip netns exec {netns} mausezahn {device} -q {frame}"
                ))
            }
            _ => None,
        }
    }

    /// A request about the port of a cable.
    fn change(&self, network: &Network, link: Link) -> Option<Act> {
        let on = network.on(network.host_of(link));
        let port = link.device()?;
        let (line, unknown) = match self {
            Self::Blocked(_, blocked) => {
                let state = if *blocked { 4 } else { 3 };
                (
                    format!("{on}bridge link set dev {port} state {state}"),
                    true,
                )
            }
            Self::Mtu(_, mtu) => (format!("{on}ip link set {port} mtu {mtu}"), true),
            Self::Delete(_) => (format!("{on}ip link del {port}"), true),
            Self::Refused(_, refusal) => (refusal.line(network, link), false),
            _ => return None,
        };
        Some(Act {
            lines: vec![line],
            request: true,
            change: true,
            unknown,
        })
    }
}

/// A fault: one that is a single line is a request.
fn of_fault(fault: &Fault, network: &Network) -> Act {
    let lines = fault.commands(network);
    Act {
        request: lines.len() == 1 && fault.kind != FaultKind::Restart,
        change: true,
        unknown: !matches!(
            fault.kind,
            FaultKind::Cut | FaultKind::Mend | FaultKind::Restart | FaultKind::Bad(Trouble::None)
        ),
        lines,
    }
}

/// What stands before a command of its host, the namespace and the name of a device on a bridge.
fn leg(network: &Network, which: &Index) -> Option<(String, String, String)> {
    let (host, netns, device) = pick(which, &network.legs())?;
    Some((network.on(host), netns, device))
}

impl Refusal {
    fn line(self, network: &Network, link: Link) -> String {
        let on = network.on(network.host_of(link));
        let port = link.device().unwrap_or_default();
        let legs = network.legs().into_iter();
        let here = |&(host, ..): &(usize, String, String)| host == network.host_of(link);
        let (_, netns, device) = legs.clone().find(here).unwrap_or_default();
        let bridge = network
            .bridges
            .iter()
            .position(|&host| host == network.host_of(link));
        let line = match self {
            Self::Mtu => format!("ip link set {port} mtu 4000000000"),
            Self::BridgeUnderBridge => {
                format!("ip link set br{0} master br{0}", bridge.unwrap_or(0))
            }
            Self::NameTaken => format!("ip link add {port} type dummy"),
            Self::NoMaster => format!("ip -n {netns} link set {device} master {device}"),
            Self::GatewayNowhere => format!("ip -n {netns} route add 10.200.0.0/16 via 192.0.2.1"),
            Self::GroupEntry => {
                format!("bridge fdb add 01:00:5e:00:00:01 dev {port} master static")
            }
        };
        on + &line
    }
}
