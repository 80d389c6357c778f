//! Where planted faults act on the kernel floor, and what tests ask about frames under way (feature `proptest`).
//! What the faults are is in `engine`; those of bridges act in `device::bridge`.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::engine::Mutant;
use crate::engine::trace::HopNo;
use crate::kernel::device::DeviceKind;
use crate::kernel::neigh::Leaving;
use crate::kernel::tx::VETH_CROSSING;
use crate::kernel::world::{Event, World};
use crate::units::{DevId, IfIndex, NetnsId};
use crate::wire::{ETH_HLEN, Frame};

/// A frame longer than that is one that a pair may lose silently: longer than what the stack says by itself.
const LONG: usize = 96;
/// How many frames have crossed in all worlds: what nothing that is seeded may ask.
static CROSSED: AtomicU64 = AtomicU64::new(0);

impl World {
    /// Plants a fault, in bridges that are there and in those to come.
    ///
    /// ```
    /// use vethlab::engine::Mutant;
    /// use vethlab::kernel::World;
    /// use vethlab::tool::Shell;
    ///
    /// let mut world = World::new(0);
    /// world.plant(Mutant::HalfRequest);
    /// let finished = Shell::new(&mut world).run("ip link set lo mtu 4000000000");
    /// assert_ne!(finished.status, 0, "it is refused, and something has changed nevertheless");
    /// ```
    pub fn plant(&mut self, mutant: Mutant) {
        self.mutant = Some(mutant);
        let all: Vec<DevId> = self.devices.iter().map(|(dev, _)| dev).collect();
        for dev in all {
            if let Some(bridge) = self.bridge_mut(dev) {
                bridge.mutant = Some(mutant);
            }
        }
    }

    /// Whether this fault is planted.
    #[inline]
    pub(crate) fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    /// The hops after which copies of frames are under way: on a wire, or in a loop.
    pub fn under_way(&self) -> BTreeSet<HopNo> {
        let hops = self.queue.unordered().filter_map(|event| match event {
            Event::Receive(_, frame)
            | Event::Spread(_, frame)
            | Event::Switch(_, frame)
            | Event::Wire(_, frame)
            | Event::Loop(_, frame)
            | Event::Hear(_, frame) => Some(frame.hop),
            Event::Timer(_) => None,
        });
        hops.filter(|&hop| hop != 0).collect()
    }

    /// A pair carries a frame: says whether it does no more than that.
    #[cold]
    pub(super) fn cross_wrongly(&mut self, dev: DevId, peer: DevId, frame: &Frame) -> bool {
        match self.mutant {
            Some(Mutant::SilentLoss) => frame.len() <= LONG,
            Some(Mutant::Duplicate) => {
                self.schedule(
                    self.now + VETH_CROSSING,
                    Event::Receive(peer, frame.clone()),
                );
                true
            }
            Some(Mutant::Crosstalk) => {
                if let Some(third) = self.somebody_else(dev, peer) {
                    self.schedule(
                        self.now + VETH_CROSSING,
                        Event::Receive(third, frame.clone()),
                    );
                }
                true
            }
            Some(Mutant::Reflect) => {
                let device = self.devices.find(dev);
                let from_bridge = device.is_some_and(|device| device.master.is_some());
                if from_bridge {
                    self.schedule(self.now + VETH_CROSSING, Event::Receive(dev, frame.clone()));
                }
                !from_bridge
            }
            Some(Mutant::Unseeded) => {
                let late = Duration::from_nanos(CROSSED.fetch_add(1, Ordering::Relaxed));
                self.schedule(
                    self.now + VETH_CROSSING + late,
                    Event::Receive(peer, frame.clone()),
                );
                false
            }
            _ => true,
        }
    }

    /// An end of a pair in a namespace of neither of these devices.
    fn somebody_else(&self, dev: DevId, peer: DevId) -> Option<DevId> {
        let home = |dev| self.devices.find(dev).map(|device| device.netns);
        let homes = [home(dev), home(peer)];
        let other = self.devices.iter().find(|(_, device)| {
            matches!(device.kind, DeviceKind::Veth { .. }) && !homes.contains(&Some(device.netns))
        });
        other.map(|(dev, _)| dev)
    }

    /// Whether the neighbours of a device stay that went down or is gone; its routes go.
    pub(super) fn stays(&mut self, netns: NetnsId, ifindex: IfIndex, how: Leaving) -> bool {
        if !self.is(Mutant::NeighboursStay) {
            return false;
        }
        match how {
            Leaving::Gone => self.routes_device_gone(netns, ifindex),
            _ => self.routes_device_down(netns, ifindex),
        }
        true
    }

    /// A frame as a bridge forwards it.
    #[inline]
    pub(super) fn forwarded_wrongly(&self, mut frame: Frame) -> Frame {
        const IPV4: [u8; 2] = [8, 0];
        if self.is(Mutant::BridgeLowersTtl) && frame.bytes().get(12..14) == Some(&IPV4) {
            let bytes = frame.bytes_mut();
            if let Some(ttl) = bytes.get_mut(ETH_HLEN + 8) {
                *ttl = ttl.saturating_sub(1);
            }
        }
        frame
    }

    /// A request was refused.
    #[cold]
    pub(super) fn leave_something(&mut self) {
        if self.is(Mutant::HalfRequest) {
            let first = self.devices.iter().map(|(dev, _)| dev).next();
            if let Some(device) = first.and_then(|dev| self.devices.find_mut(dev)) {
                device.txqlen += 1;
            }
        }
    }
}
