//! New endpoints announce their addresses: ARP requests for themselves, so that neighbours and bridges know them at once.
//! Only newer engines do so, and only for IPv4 here (libnetwork/osl, advertiseAddrs; RFC 5227, section 3).

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::docker::engine::Engine;
use crate::kernel::World;
use crate::netns::socket::SocketKind;
use crate::units::{IfIndex, MacAddr, NetnsId, SimTime, SockId};
use crate::wire::ETH_P_ARP;

/// How often an address is announced.
const TIMES: u32 = 3;
/// How long it is from one to the next.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long the engine waits for a device and its port to be up; a kernel needs a millisecond.
const SETTLE: Duration = Duration::from_millis(2);

/// An address that is still to be announced.
#[derive(Clone, Debug)]
pub(super) struct Announcement {
    endpoint: String,
    socket: SockId,
    ifindex: IfIndex,
    frame: Vec<u8>,
    left: u32,
    due: SimTime,
}

/// A request for one's own address, to all stations.
fn request(mac: MacAddr, address: Ipv4Addr) -> Vec<u8> {
    let mut frame = vec![0xff; 6];
    frame.extend_from_slice(&mac.0);
    frame.extend_from_slice(&ETH_P_ARP.to_be_bytes());
    frame.extend_from_slice(&[0, 1, 8, 0, 6, 4, 0, 1]);
    frame.extend_from_slice(&mac.0);
    frame.extend_from_slice(&address.octets());
    frame.extend_from_slice(&[0; 6]);
    frame.extend_from_slice(&address.octets());
    frame
}

impl Engine {
    /// Announces the address of a new endpoint: once now, and twice more later.
    pub(super) fn announce(
        &mut self,
        world: &mut World,
        endpoint: &str,
        (netns, device): (NetnsId, &str),
        mac: MacAddr,
        address: Ipv4Addr,
    ) {
        // A storm ends what is running at its next step: nothing is to be said of it here.
        let _ = world.run_until(world.now() + SETTLE);
        let Some(ifindex) = world.ifindex(netns, device) else {
            return;
        };
        let kind = SocketKind::Packet {
            ifindex: Some(ifindex),
            ethertype: 0,
        };
        let Ok(socket) = world.socket(netns, kind) else {
            return;
        };
        let mut announcement = Announcement {
            endpoint: endpoint.to_owned(),
            socket,
            ifindex,
            frame: request(mac, address),
            left: TIMES,
            due: world.now(),
        };
        announcement.send(world);
        self.announcements.push(announcement);
    }

    /// Sends what is due.
    pub(super) fn announce_due(&mut self, world: &mut World) {
        let now = world.now();
        for one in &mut self.announcements {
            while one.left > 0 && one.due <= now {
                one.send(world);
            }
        }
        self.announcements.retain(|one| {
            if one.left == 0 {
                world.close_socket(one.socket);
            }
            one.left > 0
        });
    }

    /// When the next announcement is due.
    pub(super) fn next_announcement(&self) -> Option<SimTime> {
        self.announcements.iter().map(|one| one.due).min()
    }

    /// An endpoint that goes announces nothing more.
    pub(super) fn hush(&mut self, world: &mut World, endpoint: &str) {
        self.announcements.retain(|one| {
            if one.endpoint == endpoint {
                world.close_socket(one.socket);
            }
            one.endpoint != endpoint
        });
    }
}

impl Announcement {
    fn send(&mut self, world: &mut World) {
        // A device that is down or gone says nothing.
        let _ = world.send_frame(self.socket, self.ifindex, &self.frame);
        self.left -= 1;
        self.due += INTERVAL;
    }
}
