//! Raw frames through bridges: chains that forward, and one that floods.
//! They carry an ethertype of local experiments, so that no protocol answers.

use std::time::Duration;

use super::{End, Tree, bridge, enslave, quiet_netns, settle, silence, veth};
use crate::engine::Exhausted;
use crate::kernel::World;
use crate::kernel::netlink::LinkRef;
use crate::netns::socket::SocketKind;
use crate::units::{IfIndex, MacAddr, NetnsId, SockId};
use crate::wire::ETH_HLEN;

/// IEEE 802, local experimental ethertype 1.
const ETHERTYPE: u16 = 0x88b5;
pub(super) const STATION: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
pub(super) const SINK: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);
/// Frames that are under way together.
pub(super) const BURST: u32 = 64;

/// A station in a namespace of its own, with a packet socket.
#[derive(Clone, Debug)]
pub(super) struct Station {
    netns: NetnsId,
    pub(super) socket: SockId,
    ifindex: IfIndex,
}

impl Station {
    pub(super) fn new(world: &mut World, netns: NetnsId, device: &str) -> Self {
        let ifindex = world
            .link(netns, &LinkRef::Name(device.to_owned()))
            .expect("the device was just made")
            .ifindex;
        let socket = world
            .socket(
                netns,
                SocketKind::Packet {
                    ifindex: Some(ifindex),
                    ethertype: 0,
                },
            )
            .expect("a first socket");
        Self {
            netns,
            socket,
            ifindex,
        }
    }

    pub(super) fn received(&self, world: &mut World) -> u64 {
        world
            .link(self.netns, &LinkRef::Index(self.ifindex))
            .map_or(0, |link| link.stats.rx_packets)
    }
}

/// A frame of `len` bytes, the header included, from one station to another.
pub(super) fn frame(to: MacAddr, from: MacAddr, len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len);
    bytes.extend_from_slice(&to.0);
    bytes.extend_from_slice(&from.0);
    bytes.extend_from_slice(&ETHERTYPE.to_be_bytes());
    bytes.resize(len.max(60), 0);
    bytes
}

pub(super) fn burst(
    world: &mut World,
    station: &Station,
    bytes: &[u8],
    count: u32,
) -> Result<(), Exhausted> {
    for _ in 0..count {
        world
            .send_frame(station.socket, station.ifindex, bytes)
            .expect("the device is up");
    }
    world.run_until(world.now() + Duration::from_millis(2))
}

/// Two stations with so many bridges in a row between them, each bridge in a namespace of its own.
#[derive(Clone, Debug)]
pub struct Chain {
    world: World,
    bridges: u32,
    from: Station,
    to: Station,
    bytes: Vec<u8>,
    /// The frames of the far station's counter that were reported.
    seen: u64,
}

impl Chain {
    /// A chain whose bridges have learned both stations; the frames have `len` bytes.
    ///
    /// # Panics
    /// Where a device cannot be made, which is a fault of the simulator.
    pub fn new(bridges: u32, len: usize) -> Self {
        Self::beside(0, bridges, len)
    }

    /// The same beside so many namespaces on a tree of bridges of their own, which have nothing to do with it.
    ///
    /// # Panics
    /// See [`Self::new`]; also where `idle` is beyond the budgets of a world.
    pub fn beside(idle: u32, bridges: u32, len: usize) -> Self {
        let mut world = match idle {
            0 => World::new(0),
            _ => Tree::new(idle).into_world(),
        };
        let first = quiet_netns(&mut world, "first");
        let last = quiet_netns(&mut world, "last");
        let made: Vec<NetnsId> = (0..bridges)
            .map(|number| quiet_netns(&mut world, &format!("b{number}")))
            .collect();
        let mtu = u32::try_from(len.saturating_sub(ETH_HLEN))
            .ok()
            .filter(|&mtu| mtu > 1500);
        let end = |netns, name| End {
            mtu,
            ..End::new(netns, name)
        };
        let mut near = End {
            address: Some(STATION),
            ..end(first, "eth0")
        };
        for &netns in &made {
            bridge(&mut world, End::new(netns, "br0")).expect("a new name");
            veth(&mut world, near, end(netns, "left")).expect("new names");
            if near.netns != first {
                enslave(&mut world, near.netns, "right", "br0").expect("both are there");
            }
            enslave(&mut world, netns, "left", "br0").expect("both are there");
            near = end(netns, "right");
        }
        let far = End {
            address: Some(SINK),
            ..end(last, "eth0")
        };
        veth(&mut world, near, far).expect("new names");
        if near.netns != first {
            enslave(&mut world, near.netns, "right", "br0").expect("both are there");
        }
        let from = Station::new(&mut world, first, "eth0");
        let to = Station::new(&mut world, last, "eth0");
        settle(&mut world).expect("a chain has no loop");
        // A hello each way, from which the bridges learn.
        burst(&mut world, &to, &frame(STATION, SINK, len), 1).expect("a chain has no loop");
        burst(&mut world, &from, &frame(SINK, STATION, len), 1).expect("a chain has no loop");
        world.close_socket(to.socket);
        let seen = to.received(&mut world);
        Self {
            world,
            bridges,
            from,
            to,
            bytes: frame(SINK, STATION, len),
            seen,
        }
    }

    /// Sends a frame from the far station to the near one: bridges learn from it.
    pub(super) fn answer(&mut self, bytes: &[u8]) {
        let kind = SocketKind::Packet {
            ifindex: Some(self.to.ifindex),
            ethertype: 0,
        };
        let socket = self.world.socket(self.to.netns, kind).expect("one more");
        self.world
            .send_frame(socket, self.to.ifindex, bytes)
            .expect("the device is up");
        self.world.close_socket(socket);
        self.pass();
    }

    /// Sends a frame from the near station.
    pub(super) fn ask(&mut self, bytes: &[u8]) {
        self.world
            .send_frame(self.from.socket, self.from.ifindex, bytes)
            .expect("the device is up");
        self.pass();
    }

    fn pass(&mut self) {
        let until = self.world.now() + Duration::from_micros(100);
        self.world.run_until(until).expect("a chain has no loop");
    }

    /// How many frames came to the far station since this was asked last; it must be `wanted`.
    pub(super) fn arrived(&mut self, wanted: u64) -> u64 {
        let received = self.to.received(&mut self.world);
        let arrived = received - std::mem::replace(&mut self.seen, received);
        assert_eq!(arrived, wanted, "frames that arrived");
        arrived
    }

    /// Sends `frames` frames in bursts; gives the frame-hops: each crossing of a cable is one.
    ///
    /// # Panics
    /// Where not all frames arrive, which is a fault of the simulator.
    pub fn run(&mut self, frames: u32) -> u64 {
        let before = self.to.received(&mut self.world);
        let mut left = frames;
        while left > 0 {
            let now = left.min(BURST);
            burst(&mut self.world, &self.from, &self.bytes, now).expect("a chain has no loop");
            left -= now;
        }
        let arrived = self.to.received(&mut self.world) - before;
        assert_eq!(arrived, u64::from(frames), "frames that arrived");
        arrived * u64::from(self.bridges + 1)
    }
}

/// A station on a bridge with so many other stations.
#[derive(Clone, Debug)]
pub struct Flood {
    world: World,
    ports: u32,
    from: Station,
    sample: Station,
    bytes: Vec<u8>,
}

impl Flood {
    /// A bridge with `ports` stations beside the one that sends broadcasts of `len` bytes.
    ///
    /// # Panics
    /// Where a device cannot be made, which is a fault of the simulator.
    pub fn new(ports: u32, len: usize) -> Self {
        let mut world = World::new(0);
        let host = world.default_host();
        let root = world.host(host).root;
        silence(&mut world, root);
        bridge(&mut world, End::new(root, "br0")).expect("a new name");
        let mut stations = Vec::new();
        for number in 0..=ports {
            let netns = quiet_netns(&mut world, &format!("s{number}"));
            let port = format!("p{number}");
            veth(&mut world, End::new(root, &port), End::new(netns, "eth0")).expect("new names");
            enslave(&mut world, root, &port, "br0").expect("both are there");
            stations.push(netns);
        }
        settle(&mut world).expect("one bridge has no loop");
        let from = Station::new(&mut world, stations[0], "eth0");
        let sample = Station::new(&mut world, stations[stations.len() - 1], "eth0");
        world.close_socket(sample.socket);
        Self {
            world,
            ports,
            from,
            sample,
            bytes: frame(MacAddr::BROADCAST, STATION, len),
        }
    }

    /// Sends `frames` broadcasts; gives the copies that stations received.
    ///
    /// # Panics
    /// Where a copy is missing, which is a fault of the simulator.
    pub fn run(&mut self, frames: u32) -> u64 {
        let before = self.sample.received(&mut self.world);
        for _ in 0..frames {
            burst(&mut self.world, &self.from, &self.bytes, 1).expect("one bridge has no loop");
        }
        let arrived = self.sample.received(&mut self.world) - before;
        assert_eq!(arrived, u64::from(frames), "frames that arrived");
        arrived * u64::from(self.ports)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_carries_every_frame() {
        assert_eq!(Chain::new(2, 9000).run(10), 30);
        assert_eq!(Chain::beside(3, 2, 64).run(10), 30);
        let mut chain = Chain::new(4, 64);
        assert_eq!(chain.run(200), 1000);
    }

    #[test]
    fn a_flood_reaches_every_station() {
        let mut flood = Flood::new(8, 64);
        assert_eq!(flood.run(5), 40);
    }
}
