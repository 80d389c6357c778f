//! Bytes from one namespace to another over a bridge, by one TCP connection.
//! Programs that do this (`iperf3`, `nc`) are in `program`.

use std::net::SocketAddr;
use std::time::Duration;

use super::{namespaces, settle};
use crate::kernel::World;
use crate::netns::socket::SocketKind;
use crate::units::{Errno, SockId};

/// What the sender writes at once, and the receiver reads.
const PIECE: usize = 65_536;
/// So much virtual time passes between two looks at the sockets: some ten round trips.
const STEP: Duration = Duration::from_micros(20);

/// A connection over which bytes flow one way.
#[derive(Clone, Debug)]
pub struct Bulk {
    world: World,
    sender: SockId,
    receiver: SockId,
    piece: Vec<u8>,
    read: Vec<u8>,
}

impl Bulk {
    /// Two namespaces on a bridge, connected.
    ///
    /// # Panics
    /// Where the connection is not made, which is a fault of the simulator.
    pub fn new() -> Self {
        let (mut world, stations) = namespaces(2);
        settle(&mut world).expect("one bridge has no loop");
        let listener = world
            .socket(stations[1], SocketKind::Tcp4)
            .expect("a first socket");
        let at = |text: &str| -> SocketAddr { text.parse().expect("an address") };
        world
            .bind(listener, at("0.0.0.0:5201"))
            .expect("it is free");
        world.listen(listener, 1).expect("it is bound");
        let sender = world
            .socket(stations[0], SocketKind::Tcp4)
            .expect("a first socket");
        let begun = world.connect(sender, at("10.0.0.2:5201"));
        assert_eq!(begun, Err(Errno::Einprogress), "a connection begins");
        let until = world.now() + Duration::from_millis(10);
        world.run_until(until).expect("one bridge has no loop");
        let (receiver, _) = world.accept(listener).expect("it came");
        Self {
            world,
            sender,
            receiver,
            piece: vec![0x5a; PIECE],
            read: Vec::with_capacity(PIECE),
        }
    }

    /// Has `bytes` bytes or some more arrive; gives how many did.
    ///
    /// # Panics
    /// Where the flow stops, which is a fault of the simulator.
    pub fn run(&mut self, bytes: u64) -> u64 {
        let (mut arrived, mut idle) = (0, 0);
        while arrived < bytes {
            while self.world.send(self.sender, None, &self.piece).is_ok() {}
            let until = self.world.now() + STEP;
            self.world.run_until(until).expect("one bridge has no loop");
            let before = arrived;
            loop {
                self.read.clear();
                match self.world.recv_stream(self.receiver, &mut self.read, PIECE) {
                    Ok(count) if count > 0 => arrived += count as u64,
                    _ => break,
                }
            }
            idle = if arrived > before { 0 } else { idle + 1 };
            assert!(idle < 100_000, "bytes flow");
        }
        arrived
    }
}

impl Default for Bulk {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_flow_and_all_arrive_in_order() {
        let mut bulk = Bulk::new();
        assert!(bulk.run(1_000_000) >= 1_000_000);
        assert!(bulk.read.iter().all(|&byte| byte == 0x5a));
    }
}
