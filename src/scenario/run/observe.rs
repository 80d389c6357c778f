//! Watches a step: the hops of its frames, and copies of the frames at the devices that its rules ask about.
//! What they mean for a rule is in `scenario::expect`.

use std::collections::BTreeMap;

use super::actor;
use crate::engine::trace::Hop;
use crate::kernel::World;
use crate::netns::socket::SocketKind;
use crate::scenario::checked::{Expectation, Rule};
use crate::scenario::names::DevName;
use crate::units::SockId;

/// All ethertypes, and what leaves too.
const ETH_P_ALL: u16 = 3;

/// What was seen since the step began.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Every hop.
    pub hops: Vec<Hop>,
    /// Every frame of the devices that are watched.
    pub frames: BTreeMap<DevName, Vec<Vec<u8>>>,
    /// Frames that were not kept because there were too many.
    pub missed: u64,
}

/// A watch that runs.
pub struct Observer {
    sockets: BTreeMap<DevName, Option<SockId>>,
    observed: Observed,
}

impl Observer {
    /// Begins to watch what the rules of a step need.
    pub fn begin(world: &mut World, rules: &[Expectation]) -> Self {
        let mut sockets = BTreeMap::new();
        for rule in rules {
            if let Rule::Frames { dev, .. } = &rule.rule {
                let socket = open(world, dev);
                sockets.entry(dev.clone()).or_insert(socket);
            }
        }
        world.watch();
        Self {
            sockets,
            observed: Observed::default(),
        }
    }

    /// Takes what was seen since the last look.
    pub fn look(&mut self, world: &mut World) {
        if let Some(journal) = world.unwatch() {
            self.observed.hops.extend(journal.hops);
        }
        world.watch();
        for (dev, socket) in &self.sockets {
            let Some(socket) = *socket else { continue };
            let frames = self.observed.frames.entry(dev.clone()).or_default();
            while let Some(datagram) = world.recv(socket) {
                frames.push(datagram.bytes);
            }
            self.observed.missed = self.observed.missed.max(world.frames_lost(socket));
        }
    }

    /// What was seen.
    pub fn observed(&self) -> &Observed {
        &self.observed
    }

    /// Ends watching, and gives every hop.
    pub fn end(mut self, world: &mut World) -> Vec<Hop> {
        self.look(world);
        world.unwatch();
        for socket in self.sockets.into_values().flatten() {
            world.close_socket(socket);
        }
        self.observed.hops
    }
}

/// A packet socket at a device, where there is such a device by now.
fn open(world: &mut World, dev: &DevName) -> Option<SockId> {
    let (netns, ifindex) = actor::device(world, dev)?;
    let kind = SocketKind::Packet {
        ifindex: Some(ifindex),
        ethertype: ETH_P_ALL,
    };
    world.socket(netns, kind).ok()
}
