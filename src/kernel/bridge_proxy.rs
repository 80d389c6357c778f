//! A bridge answers ARP and ND in the name of neighbours that its namespace knows (`br_arp_send`, `br_nd_send`).
//! What is answered, and which ports need not hear the question, is decided in `device::bridge`.

use std::net::IpAddr;

use crate::device::bridge::{Forward, Question};
use crate::device::vxlan::advertisement;
use crate::engine::trace::DropReason;
use crate::kernel::netlink::LinkFlags;
use crate::kernel::world::World;
use crate::units::{DevId, MacAddr};
use crate::wire::{Frame, VlanTag};

impl World {
    /// A frame that a bridge got at a port, or that is its own, may be a question: answers it where a neighbour is known, and gives
    /// the decision without the ports that need not hear it.
    #[cold]
    pub(super) fn answer_at_bridge(
        &mut self,
        (from, master): (Option<DevId>, DevId),
        frame: &Frame,
        (forward, tag): (Forward, Option<VlanTag>),
        out: &mut Vec<DevId>,
    ) -> Forward {
        let passes = match forward {
            Forward::Pass => false,
            Forward::Drop(reason) => reason == DropReason::NoTxTarget,
            Forward::Local | Forward::Unicast { .. } | Forward::Flood { .. } => true,
        };
        let device = self.devices.find(master);
        let noarp = device.is_none_or(|device| device.flags & LinkFlags::NOARP != 0);
        let question = match self.bridge_ref(master) {
            Some(bridge) if passes => bridge.question(from, frame.bytes()),
            _ => None,
        };
        let Some(question) = question.filter(|_| !noarp) else {
            return forward;
        };
        let quiet = self.answer_question((from, master), &question, tag);
        match self.bridge_ref(master) {
            Some(bridge) if quiet => bridge.keep_quiet(forward, out),
            _ => forward,
        }
    }

    /// Answers where it can; says whether quiet ports are kept from the question.
    fn answer_question(
        &mut self,
        (from, master): (Option<DevId>, DevId),
        question: &Question,
        tag: Option<VlanTag>,
    ) -> bool {
        let target: IpAddr = match question {
            Question::Told => return true,
            Question::Arp(arp) => arp.target_ip.into(),
            Question::Solicitation { target, .. } => (*target).into(),
        };
        // The neighbours of a VLAN are those of the vlan device on the bridge.
        let vid = tag.map_or(0, VlanTag::vid);
        let table = match tag {
            Some(tag) => {
                let above = self.above(master);
                above.and_then(|above| above.vlans.find(tag.protocol, vid))
            }
            None => Some(master),
        };
        let Some(table) = table else {
            return false;
        };
        let suppresses = self
            .bridge_ref(master)
            .is_some_and(|bridge| bridge.suppresses());
        if suppresses && self.is_local_above(table, target) {
            return true;
        }
        let Some(station) = self.neighbour_of(table, target) else {
            return false;
        };
        let (answers, quiet) = match self.bridge_ref(master) {
            Some(bridge) => bridge.answers_for(from, question, (station, vid)),
            None => return false,
        };
        if let Some(port) = from.filter(|_| answers) {
            self.answer_in_name(port, master, question, station, tag);
        }
        quiet
    }

    /// Whether an address is one of a device, or of a device on it (`br_is_local_ip`, `br_is_local_ip6`).
    fn is_local_above(&self, dev: DevId, addr: IpAddr) -> bool {
        self.has_address(dev, addr)
            || self
                .uppers(dev)
                .into_iter()
                .any(|dev| self.has_address(dev, addr))
    }

    /// The station of a neighbour that is known.
    fn neighbour_of(&self, dev: DevId, addr: IpAddr) -> Option<MacAddr> {
        let (netns, ifindex) = self.place_of(dev)?;
        let netns = self.netns.find(netns)?;
        match addr {
            IpAddr::V4(addr) => netns.neigh4.station(ifindex, addr),
            IpAddr::V6(addr) => netns.neigh6.station(ifindex, addr),
        }
    }

    /// The answer leaves by the port where the question came in, in its VLAN.
    fn answer_in_name(
        &mut self,
        port: DevId,
        master: DevId,
        question: &Question,
        station: MacAddr,
        tag: Option<VlanTag>,
    ) {
        let mut reply = match *question {
            Question::Told => return,
            Question::Arp(arp) => arp.reply(station).frame(station, arp.sender_mac),
            Question::Solicitation {
                target,
                from,
                station: asker,
            } => advertisement((target, station), (from, asker), false),
        };
        let pvid = self.bridge_ref(master).and_then(|bridge| {
            let port = bridge.port_of(port)?;
            Some(port.vlans.pvid)
        });
        if let Some(tag) = tag.filter(|tag| pvid != Some(tag.vid())) {
            tag.push(&mut reply);
        }
        self.stamp_made(port, &mut reply);
        self.transmit(port, reply);
    }
}
