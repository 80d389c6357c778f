//! Tables that have grown: a bridge that has learned many stations, a namespace with many routes.
//! What is kept in them is in `device::bridge` and `netns::fib`.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use super::frames::{Chain, frame};
use super::{End, quiet_netns, veth};
use crate::kernel::World;
use crate::kernel::netlink::LinkRef;
use crate::netns::fib::{NewFlags, RouteConfig, RouteGet};
use crate::units::{MacAddr, NetnsId};

/// Entries are asked for in steps of this many, so that one is not the next one's neighbour in memory.
const STRIDE: u32 = 40_503;

/// A chain of one bridge that has learned many stations behind one port.
#[derive(Clone, Debug)]
pub struct Learned {
    chain: Chain,
    entries: u32,
    next: u32,
    len: usize,
}

fn station(number: u32) -> MacAddr {
    let [a, b, c, d] = number.to_be_bytes();
    MacAddr([6, 0, a, b, c, d])
}

impl Learned {
    /// A bridge with that many entries, at least one.
    ///
    /// # Panics
    /// Where a device cannot be made, which is a fault of the simulator.
    pub fn new(entries: u32) -> Self {
        let mut chain = Chain::new(1, 64);
        for number in 0..entries {
            chain.answer(&frame(super::frames::STATION, station(number), 64));
        }
        Self {
            chain,
            entries: entries.max(1),
            next: 0,
            len: 64,
        }
    }

    /// Sends frames to `frames` of the stations; gives how many arrived: all.
    ///
    /// # Panics
    /// Where not all frames arrive, which is a fault of the simulator.
    pub fn run(&mut self, frames: u32) -> u64 {
        for _ in 0..frames {
            self.next = (self.next + STRIDE) % self.entries;
            let bytes = frame(station(self.next), super::frames::STATION, self.len);
            self.chain.ask(&bytes);
        }
        self.chain.arrived(u64::from(frames))
    }
}

/// A namespace with many routes.
#[derive(Clone, Debug)]
pub struct Routes {
    world: World,
    netns: NetnsId,
    count: u32,
    next: u32,
}

fn network(number: u32) -> Ipv4Addr {
    // 11.0.0.0/24 and on.
    Ipv4Addr::from((11 << 24) + (number << 8))
}

impl Routes {
    /// A namespace with `count` routes, at least one, by one device.
    ///
    /// # Panics
    /// Where a request fails, which is a fault of the simulator.
    pub fn new(count: u32) -> Self {
        let mut world = World::new(0);
        let netns = quiet_netns(&mut world, "router");
        let other = quiet_netns(&mut world, "other");
        veth(&mut world, End::new(netns, "eth0"), End::new(other, "eth0")).expect("new names");
        let link = world.link(netns, &LinkRef::Name("eth0".to_owned()));
        let ifindex = link.expect("it was just made").ifindex;
        for number in 0..count.max(1) {
            let prefix = Ipv4Net::new(network(number), 24).expect("24 is a prefix length");
            let mut route = RouteConfig::new(IpNet::V4(prefix));
            route.nexthop.oif = ifindex;
            route.scope = crate::netns::fib::scope::LINK;
            world
                .route_new(netns, &route, NewFlags::ADD)
                .expect("networks differ");
        }
        Self {
            world,
            netns,
            count: count.max(1),
            next: 0,
        }
    }

    /// Asks for the way to `lookups` addresses; gives how many have one: all.
    ///
    /// # Panics
    /// Where one has none, which is a fault of the simulator.
    pub fn run(&mut self, lookups: u32) -> u64 {
        for _ in 0..lookups {
            self.next = (self.next + STRIDE) % self.count;
            let to = Ipv4Addr::from(u32::from(network(self.next)) + 9);
            self.world
                .route_get(self.netns, &RouteGet::to(IpAddr::V4(to)))
                .expect("there is a route");
        }
        u64::from(lookups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_to_all_that_was_learned_arrive() {
        assert_eq!(Learned::new(500).run(700), 700);
    }

    #[test]
    fn every_route_is_found() {
        assert_eq!(Routes::new(300).run(300), 300);
    }
}
