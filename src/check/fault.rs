//! Faults: what goes wrong in a network, and when.
//! How they are drawn is in `strategy`; what they mean for who reaches whom is in `reference`.

use std::time::Duration;

use proptest::sample::Index;

use super::build::Machine;
use super::network::{Link, Network};
use super::reference::Reference;

/// One thing that goes wrong, or is mended.
///
/// ```
/// use proptest::prelude::*;
/// use proptest::strategy::ValueTree;
/// use proptest::test_runner::TestRunner;
/// use vethlab::check::strategy::fault;
/// use vethlab::check::{Network, Part};
///
/// let network = Network::new(&[Part::Station { on: 0 }]);
/// let drawn = fault().new_tree(&mut TestRunner::deterministic()).unwrap().current();
/// for line in drawn.commands(&network) {
///     println!("after {:?}: {line}", drawn.after);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// The cable or machine, modulo how many there are.
    pub which: Index,
    /// What happens to it.
    pub kind: FaultKind,
    /// How long after the fault before, in virtual time.
    pub after: Duration,
}

/// What may happen to a cable or a machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// A cable is mended.
    Mend,
    /// A cable is cut.
    Cut,
    /// A cable that ends at a bridge is bad from there on, until [`Trouble::None`].
    Bad(Trouble),
    /// A machine loses all that it has, and is built again.
    Restart,
}

/// What a bad cable does to frames that leave the bridge by it: `netem`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// Nothing: it is a good cable.
    None,
    /// It is late, by so many milliseconds.
    Delay(u16),
    /// It carries so many of 100 frames twice.
    Duplicate(u8),
    /// It lets so many of 100 frames overtake the others, which are 10 ms late.
    Reorder(u8),
    /// It loses so many of 100 frames.
    Loss(u8),
}

impl Trouble {
    /// The line that makes the cable of this port so.
    pub fn command(self, network: &Network, link: Link) -> String {
        let on = network.on(network.host_of(link));
        let device = link.device().unwrap_or_default();
        let netem = match self {
            Self::None => return format!("{on}tc qdisc replace dev {device} root pfifo"),
            Self::Delay(ms) => format!("delay {ms}ms"),
            Self::Duplicate(percent) => format!("duplicate {percent}%"),
            Self::Reorder(percent) => format!("delay 10ms reorder {percent}%"),
            Self::Loss(percent) => format!("loss {percent}%"),
        };
        format!("{on}tc qdisc replace dev {device} root netem {netem}")
    }
}

impl Fault {
    /// The cable that is meant, where the fault is one of cables and the network has any.
    pub fn link(&self, network: &Network) -> Option<Link> {
        match self.kind {
            FaultKind::Cut | FaultKind::Mend => pick(&self.which, &network.links()),
            FaultKind::Bad(_) => pick(&self.which, &network.ports()),
            FaultKind::Restart => None,
        }
    }

    /// The machine that is meant, where the fault is one of machines.
    pub fn machine(&self, network: &Network) -> Option<Machine> {
        match self.kind {
            FaultKind::Restart => pick(&self.which, &network.machines()),
            FaultKind::Cut | FaultKind::Mend | FaultKind::Bad(_) => None,
        }
    }

    /// The command lines that do it; none where the network has nothing of the kind.
    pub fn commands(&self, network: &Network) -> Vec<String> {
        let link = self.link(network);
        let line = match self.kind {
            FaultKind::Cut => link.map(|link| network.pull(link, false)),
            FaultKind::Mend => link.map(|link| network.pull(link, true)),
            FaultKind::Bad(trouble) => link.map(|link| trouble.command(network, link)),
            FaultKind::Restart => {
                let machine = self.machine(network);
                return machine.map_or_else(Vec::new, |machine| network.restart(machine));
            }
        };
        line.into_iter().collect()
    }

    /// Whether it changes anything: a cable that is cut already is not cut again.
    pub fn matters(&self, network: &Network, reference: &Reference<'_>) -> bool {
        match (self.kind, self.link(network)) {
            (FaultKind::Cut, Some(link)) => reference.is_whole(link),
            (FaultKind::Mend, Some(link)) => !reference.is_whole(link),
            (FaultKind::Bad(_), link) => link.is_some(),
            (FaultKind::Restart, _) => self.machine(network).is_some(),
            (FaultKind::Cut | FaultKind::Mend, None) => false,
        }
    }

    /// Tells the reference.
    pub fn tell(&self, network: &Network, reference: &mut Reference<'_>) {
        match (self.kind, self.link(network)) {
            (FaultKind::Cut, Some(link)) => reference.set(link, false),
            (FaultKind::Mend, Some(link)) => reference.set(link, true),
            _ => {}
        }
        let mended = self
            .machine(network)
            .map(|machine| network.mended_by(machine));
        for link in mended.into_iter().flatten() {
            reference.set(link, true);
        }
    }
}

fn pick<T: Copy>(which: &Index, all: &[T]) -> Option<T> {
    (!all.is_empty()).then(|| *which.get(all))
}
