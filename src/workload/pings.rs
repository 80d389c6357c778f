//! Every station pings every other once, ARP included.
//! A ping is an echo request by a raw socket, and its reply read by the same.

use std::time::Duration;

use super::{namespaces, pairs_of};
use crate::kernel::World;
use crate::netns::socket::SocketKind;
use crate::units::SockId;

/// So many stations on one bridge.
#[derive(Clone, Debug)]
pub struct AllPairs {
    world: World,
    sockets: Vec<SockId>,
}

impl AllPairs {
    /// `count` stations whose neighbour tables are empty.
    ///
    /// # Panics
    /// Where a request fails, which is a fault of the simulator.
    pub fn new(count: u32) -> Self {
        let (mut world, stations) = namespaces(count);
        super::settle(&mut world).expect("one bridge has no loop");
        let sockets = stations
            .iter()
            .map(|&netns| world.socket(netns, SocketKind::Raw4(1)).expect("a socket"))
            .collect();
        Self { world, sockets }
    }

    /// One ping for each ordered pair; gives how many were answered.
    ///
    /// # Panics
    /// Where one is not answered, which is a fault of the simulator.
    pub fn run(&mut self) -> u64 {
        let count = u32::try_from(self.sockets.len()).expect("few stations");
        let mut answered = 0;
        for (from, to) in pairs_of(count) {
            let socket = self.sockets[from as usize];
            // Echo request 1 of process 1, with its checksum.
            let request = [8, 0, 0xf7, 0xfd, 0, 1, 0, 1];
            let target = (std::net::IpAddr::V4(to), 0).into();
            self.world
                .send(socket, Some(target), &request)
                .expect("the station is on the link");
            self.world
                .run_until(self.world.now() + Duration::from_millis(1))
                .expect("one bridge has no loop");
            while let Some(reply) = self.world.recv(socket) {
                answered += u64::from(reply.bytes.get(20) == Some(&0));
            }
        }
        assert_eq!(answered, u64::from(count) * u64::from(count - 1), "pings");
        answered
    }
}
