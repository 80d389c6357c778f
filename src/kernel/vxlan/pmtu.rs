//! Frames that do not fit into the outer packet's path (`skb_tunnel_check_pmtu`): the inner sender's route learns
//! of it, or the sender is answered in the far end's name.

use crate::device::vxlan::{too_big4, too_big6};
use crate::engine::trace::DropReason;
use crate::kernel::rx::ethernet_header;
use crate::kernel::world::World;
use crate::netns::fib::{Flow4, Flow6, RouteType};
use crate::units::{DevId, IfIndex, NetnsId};
use crate::wire::ipv4::Ipv4View;
use crate::wire::ipv6::Ipv6View;
use crate::wire::{ETH_HLEN, ETH_P_IP, ETH_P_IPV6, Frame};

impl World {
    /// Whether a frame is too long for the path and its sender was told so in the frame's stead; `mtu` is what
    /// the path leaves for the inner packet.
    pub(super) fn answered_too_big(&mut self, dev: DevId, frame: &Frame, mtu: u32) -> bool {
        let len = frame.len().saturating_sub(ETH_HLEN);
        if len <= mtu as usize {
            return false;
        }
        self.refuse_too_big(dev, frame, mtu)
    }

    #[cold]
    fn refuse_too_big(&mut self, dev: DevId, frame: &Frame, mtu: u32) -> bool {
        self.teach_sender(dev, frame, mtu);
        let enslaved = self
            .devices
            .find(dev)
            .is_some_and(|device| device.master.is_some());
        if !enslaved {
            return false;
        }
        let answer = too_big4(frame.bytes(), mtu).or_else(|| too_big6(frame.bytes(), mtu));
        let Some(mut answer) = answer else {
            return false;
        };
        self.lose(dev, frame, DropReason::FragNeeded);
        self.stamp_made(dev, &mut answer);
        self.bypass_tunnel(dev, dev, answer, false);
        true
    }

    /// A packet of this namespace was routed into the device: the route learns what the path takes.
    fn teach_sender(&mut self, dev: DevId, frame: &Frame, mtu: u32) {
        let Some((netns, oif)) = self.route_into(dev, frame) else {
            return;
        };
        let packet = frame.bytes().get(ETH_HLEN..).unwrap_or_default();
        match ethernet_header(frame.bytes()).map(|(_, _, kind)| kind) {
            Some(ETH_P_IP) => {
                let Some(view) = Ipv4View::new(packet) else {
                    return;
                };
                let flow = Flow4 {
                    oif,
                    ..Flow4::to(view.dst())
                };
                self.learn_mtu4(netns, &flow, mtu);
            }
            Some(ETH_P_IPV6) => {
                let Some(view) = Ipv6View::new(packet) else {
                    return;
                };
                let flow = Flow6 {
                    oif,
                    ..Flow6::to(view.dst())
                };
                self.learn_mtu6(netns, &flow, mtu);
            }
            Some(_) | None => {}
        }
    }

    /// The device that routes of this namespace name for such a frame: this one, or the bridge that it is a
    /// port of where the packet is from an address of this host.
    fn route_into(&self, dev: DevId, frame: &Frame) -> Option<(NetnsId, IfIndex)> {
        let device = self.devices.find(dev)?;
        let Some(master) = device.master else {
            return Some((device.netns, device.ifindex));
        };
        let view = Ipv4View::new(frame.bytes().get(ETH_HLEN..)?)?;
        let ns = self.netns.find(device.netns)?;
        let ours = ns.fib.v4.address_kind(view.src()) == RouteType::Local;
        let master = self.devices.find(master)?;
        ours.then_some((master.netns, master.ifindex))
    }
}
