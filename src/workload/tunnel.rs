//! Raw frames from container to container over a VXLAN tunnel between two hosts, a bridge in each.
//! Chains without tunnels are in `frames`.

use std::net::IpAddr;

use super::frames::{BURST, SINK, STATION, Station, burst, frame};
use super::{End, add, bridge, enslave, quiet_netns, set_up, settle, veth};
use crate::kernel::World;
use crate::kernel::netlink::{AddrNew, LinkKind, LinkRef, VxlanOptions};
use crate::units::{MacAddr, NetnsId, Vni};
use crate::wire::VXLAN_PORT;

/// Two containers, each behind the bridge of its host, and a tunnel between the hosts.
#[derive(Clone, Debug)]
pub struct Tunnel {
    world: World,
    from: Station,
    to: Station,
    bytes: Vec<u8>,
}

/// One host with its container: the veth to the other host is `wire`, with an address of 192.0.2.0/24.
fn host(world: &mut World, number: u8, netns: NetnsId, station: MacAddr) -> NetnsId {
    let container = quiet_netns(world, &format!("c{number}"));
    let address = |last: u8| IpAddr::from([192, 0, 2, last]);
    let wire = LinkRef::Name("wire".to_owned());
    let ifindex = world.link(netns, &wire).expect("it was just made").ifindex;
    let prefix = format!("{}/24", address(number));
    let own = AddrNew::new(ifindex, prefix.parse().expect("an address"));
    world.addr_add(netns, &own).expect("a first address");
    let near = End {
        address: Some(station),
        ..End::new(container, "eth0")
    };
    bridge(world, End::new(netns, "br0")).expect("a new name");
    veth(world, near, End::new(netns, "port")).expect("new names");
    enslave(world, netns, "port", "br0").expect("both are there");
    let options = VxlanOptions {
        id: Vni::new(42),
        local: Some(address(number)),
        remote: Some(address(3 - number)),
        dstport: Some(VXLAN_PORT),
        ..VxlanOptions::default()
    };
    let end = End::new(netns, "vxlan0");
    add(world, end, LinkKind::Vxlan(Box::new(options))).expect("a new name");
    set_up(world, end).expect("its port is free");
    enslave(world, netns, "vxlan0", "br0").expect("both are there");
    container
}

impl Tunnel {
    /// A tunnel whose ends have learned both stations; the inner frames have `len` bytes.
    ///
    /// # Panics
    /// Where a device cannot be made, which is a fault of the simulator.
    pub fn new(len: usize) -> Self {
        let mut world = World::new(0);
        let [one, two] = ["h1", "h2"].map(|name| quiet_netns(&mut world, name));
        veth(&mut world, End::new(one, "wire"), End::new(two, "wire")).expect("new names");
        let first = host(&mut world, 1, one, STATION);
        let last = host(&mut world, 2, two, SINK);
        let from = Station::new(&mut world, first, "eth0");
        let to = Station::new(&mut world, last, "eth0");
        settle(&mut world).expect("a tunnel has no loop");
        // A hello each way, from which all learn.
        burst(&mut world, &to, &frame(STATION, SINK, len), 1).expect("a tunnel has no loop");
        burst(&mut world, &from, &frame(SINK, STATION, len), 1).expect("a tunnel has no loop");
        world.close_socket(to.socket);
        Self {
            world,
            from,
            to,
            bytes: frame(SINK, STATION, len),
        }
    }

    /// Sends `frames` frames in bursts; gives how many arrived: all.
    ///
    /// # Panics
    /// Where not all frames arrive, which is a fault of the simulator.
    pub fn run(&mut self, frames: u32) -> u64 {
        let before = self.to.received(&mut self.world);
        let mut left = frames;
        while left > 0 {
            let now = left.min(BURST);
            burst(&mut self.world, &self.from, &self.bytes, now).expect("a tunnel has no loop");
            left -= now;
        }
        let arrived = self.to.received(&mut self.world) - before;
        assert_eq!(arrived, u64::from(frames), "frames that arrived");
        arrived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_comes_out_of_the_tunnel() {
        let mut tunnel = Tunnel::new(64);
        assert_eq!(tunnel.run(100), 100);
        assert_eq!(tunnel.run(100), 100);
    }
}
