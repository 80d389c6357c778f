//! Where a frame goes: `br_handle_frame`, `br_flood` and `br_dev_xmit` of Linux 6.18 as decisions.
//! It moves no frame: the caller has the bytes, and sends them where the decision says.

use crate::engine::trace::DropReason;
use crate::units::{DevId, MacAddr, SimTime};
use crate::wire::VlanTag;

use super::Bridge;
use super::fdb::FdbFlags;
use super::mdb::{Snooped, Spread};
use super::port::{Port, PortFlags, PortNo, PortState};
use super::stp::StpState;

/// What becomes of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forward {
    /// It is for the port's own device, as if that were in no bridge (`RX_HANDLER_PASS`):
    /// a BPDU while STP runs, or another link-local group that bridges do not forward.
    Pass,
    /// It is for the bridge device, and goes nowhere else.
    Local,
    /// It leaves by one port, and goes to the bridge device as well where `local`.
    Unicast {
        /// The device of the port.
        to: DevId,
        /// Whether the bridge device gets it too.
        local: bool,
    },
    /// It leaves by each device that the caller's list now holds, in that order, and
    /// goes to the bridge device as well, after them, where `local`.
    Flood {
        /// Whether the bridge device gets it too.
        local: bool,
    },
    /// It is lost.
    Drop(DropReason),
}

/// A decision, and whether the frame's source was new to the bridge or had moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// Where it goes.
    pub forward: Forward,
    /// Whether an entry was made or moved.
    pub learned: bool,
    /// The tag of the frame within the bridge, where VLANs are told apart.
    pub tag: Option<VlanTag>,
}

/// How a destination spreads (`br_pkt_type`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cast {
    Unicast,
    Multicast,
    Broadcast,
}

impl Cast {
    #[inline]
    fn of(destination: MacAddr) -> Self {
        if !destination.is_multicast() {
            Self::Unicast
        } else if destination.is_broadcast() {
            Self::Broadcast
        } else {
            Self::Multicast
        }
    }
}

/// Where a frame comes from: a port, or the bridge device itself.
#[derive(Clone, Copy)]
struct Ingress {
    port_no: PortNo,
    isolated: bool,
    /// 0 where VLANs are not told apart.
    vid: u16,
}

impl Ingress {
    const OWN: Self = Self {
        port_no: 0,
        isolated: false,
        vid: 0,
    };
}

/// Destination and source of a frame that has a whole Ethernet header.
#[inline]
fn addresses(frame: &[u8]) -> Option<(MacAddr, MacAddr)> {
    let (header, _) = frame.split_first_chunk::<14>()?;
    let [a, b, c, d, e, f, g, h, i, j, k, l, _, _] = *header;
    Some((MacAddr([a, b, c, d, e, f]), MacAddr([g, h, i, j, k, l])))
}

/// Whether it is one of 01:80:c2:00:00:00 to 0f (`is_link_local_ether_addr`).
#[inline]
pub fn is_link_local(mac: MacAddr) -> bool {
    matches!(mac.0, [0x01, 0x80, 0xc2, 0, 0, last] if last < 0x10)
}

impl Bridge {
    /// A frame, from its Ethernet header on, came in at a port (`br_handle_frame`). A flood
    /// replaces what `out` holds by the devices of the ports that it leaves by.
    #[inline]
    pub fn receive(
        &mut self,
        now: SimTime,
        dev: DevId,
        frame: &[u8],
        out: &mut Vec<DevId>,
    ) -> Decision {
        let dropped = |reason| Decision {
            forward: Forward::Drop(reason),
            learned: false,
            tag: None,
        };
        let Some((destination, source)) = addresses(frame) else {
            return dropped(DropReason::PktTooSmall);
        };
        if !source.is_station() {
            return dropped(DropReason::MacInvalidSource);
        }
        if is_link_local(destination)
            && let Some(decision) = self.receive_link_local(now, dev, (destination, source), frame)
        {
            return decision;
        }
        let port = match self.port_of(dev) {
            Some(port) if port.state.learns() => port,
            _ => return dropped(DropReason::BridgeIngressStpState),
        };
        let (port_no, flags, mut state) = (port.port_no, port.flags, port.state);
        let mut tag = None;
        if self.options.vlan_filtering {
            let Some((admitted, of_vlan)) = self.admit(port_no, frame) else {
                return dropped(DropReason::BridgeVlanFilter);
            };
            if state == PortState::Forwarding {
                state = of_vlan;
            }
            tag = Some(admitted);
        }
        let decision = self.receive_admitted(
            now,
            (port_no, flags, state),
            (destination, source),
            (frame, tag),
            out,
        );
        #[cfg(feature = "proptest")]
        let decision = match self.mutant {
            Some(mutant) => self.decide_wrongly(now, mutant, (dev, source), decision, out),
            None => decision,
        };
        decision
    }

    /// What happens to link-local groups (802.1D-1998, table 7-10); nothing where
    /// the frame is forwarded as any other.
    #[cold]
    fn receive_link_local(
        &mut self,
        now: SimTime,
        dev: DevId,
        (destination, source): (MacAddr, MacAddr),
        frame: &[u8],
    ) -> Option<Decision> {
        let port = self.port_of(dev)?;
        let last = destination.0[5];
        let mut mask = self.group_fwd_mask_required() | port.group_fwd_mask;
        match last {
            0x00 if self.stp.state == StpState::Off => return None,
            0x00 => {}
            0x01 => {
                let forward = Forward::Drop(DropReason::MacIeeeMacControl);
                return Some(Decision {
                    forward,
                    learned: false,
                    tag: None,
                });
            }
            _ => mask |= self.options.group_fwd_mask,
        }
        if mask & (1 << last) != 0 {
            return None;
        }
        let (port_no, learns) = (
            port.port_no,
            port.flags.has(PortFlags::LEARNING)
                && port.state.learns()
                && !self.options.no_linklocal_learn,
        );
        // In no VLAN of the port nothing is learned (`br_should_learn`).
        let vid = match self.options.vlan_filtering {
            true => self.admit(port_no, frame).map(|(tag, _)| tag.vid()),
            false => Some(0),
        };
        let learned =
            learns && vid.is_some_and(|vid| self.learn(now, port_no, source, vid, FdbFlags::NONE));
        Some(Decision {
            forward: Forward::Pass,
            learned,
            tag: None,
        })
    }

    /// `br_handle_frame_finish`, for a port that learns or forwards.
    fn receive_admitted(
        &mut self,
        now: SimTime,
        (port_no, flags, state): (PortNo, PortFlags, PortState),
        (destination, source): (MacAddr, MacAddr),
        (frame, tag): (&[u8], Option<VlanTag>),
        out: &mut Vec<DevId>,
    ) -> Decision {
        let vid = tag.map_or(0, VlanTag::vid);
        if flags.has(PortFlags::LOCKED) && !self.may_send(now, (port_no, vid), flags, source) {
            let forward = Forward::Drop(DropReason::BridgeLocked);
            return Decision {
                forward,
                learned: false,
                tag,
            };
        }
        let learned =
            flags.has(PortFlags::LEARNING) && self.learn(now, port_no, source, vid, FdbFlags::NONE);
        let cast = Cast::of(destination);
        let snooped = match cast {
            Cast::Multicast => self.snoop_tagged(now, Some(port_no), vid, frame),
            Cast::Unicast | Cast::Broadcast => Snooped::default(),
        };
        if snooped.malformed {
            let forward = Forward::Drop(DropReason::NotSpecified);
            return Decision {
                forward,
                learned,
                tag,
            };
        }
        if state == PortState::Learning {
            let forward = Forward::Drop(DropReason::BridgeIngressStpState);
            return Decision {
                forward,
                learned,
                tag,
            };
        }
        let from = Ingress {
            port_no,
            isolated: flags.has(PortFlags::ISOLATED),
            vid,
        };
        let forward = match cast {
            Cast::Unicast => self.unicast(now, from, destination, self.promisc, out),
            Cast::Broadcast => self.flood(from, cast, true, out),
            Cast::Multicast => self.multicast(now, from, &snooped, out),
        };
        Decision {
            forward,
            learned,
            tag,
        }
    }

    /// Whether a station may send into a locked port; with MAC authentication bypass
    /// an unknown one is written down.
    fn may_send(
        &mut self,
        now: SimTime,
        (port_no, vid): (PortNo, u16),
        flags: PortFlags,
        source: MacAddr,
    ) -> bool {
        let known = self
            .fdb
            .find(source, vid)
            .map(|entry| (entry.port_no, entry.flags));
        match known {
            None => {
                if flags.has(PortFlags::MAB) {
                    self.learn(now, port_no, source, vid, FdbFlags::LOCKED);
                }
                false
            }
            Some((at, flags)) if at != port_no || flags.has(FdbFlags::LOCAL) => false,
            Some((_, flags)) if flags.has(FdbFlags::LOCKED) => {
                self.learn(now, port_no, source, vid, FdbFlags::LOCKED);
                false
            }
            Some(_) => true,
        }
    }

    /// A frame for one station. `local` says that the bridge device listens to all.
    fn unicast(
        &mut self,
        now: SimTime,
        from: Ingress,
        destination: MacAddr,
        local: bool,
        out: &mut Vec<DevId>,
    ) -> Forward {
        let Some(entry) = self.fdb.find_mut(destination, from.vid) else {
            return self.flood(from, Cast::Unicast, local, out);
        };
        if from.port_no != 0 {
            if entry.flags.has(FdbFlags::LOCAL) {
                return Forward::Local;
            }
            entry.used = now;
        }
        let to = entry.port_no;
        self.forward_to(from, to, local)
    }

    /// `br_forward`: to one port, or to its backup where it has no carrier.
    fn forward_to(&self, from: Ingress, to: PortNo, local: bool) -> Forward {
        let lost = match local {
            true => Forward::Local,
            false => Forward::Drop(DropReason::BridgeNonForwarding),
        };
        let Some(mut port) = self.port_at(to) else {
            return lost;
        };
        if let Some(backup) = port.backup
            && !port.device.oper_up
        {
            let Some(backup) = self.port_of(backup) else {
                return lost;
            };
            port = backup;
        }
        match should_deliver(from, port) {
            true => Forward::Unicast {
                to: port.dev,
                local,
            },
            false => lost,
        }
    }

    /// `br_flood`: the ports that a frame for nobody in particular leaves by, newest
    /// port first.
    fn flood(&self, from: Ingress, cast: Cast, local: bool, out: &mut Vec<DevId>) -> Forward {
        let needed = match cast {
            Cast::Unicast => PortFlags::FLOOD,
            _ if from.port_no == 0 => PortFlags::NONE,
            Cast::Multicast => PortFlags::MCAST_FLOOD,
            Cast::Broadcast => PortFlags::BCAST_FLOOD,
        };
        out.clear();
        out.extend(
            self.ports()
                .filter(|port| port.flags.has(needed) && !port.flags.has(PortFlags::PROXY_ARP))
                .filter(|port| should_deliver(from, port))
                .map(|port| port.dev),
        );
        flooded(out, local)
    }

    /// A frame for a group: to its members and the routers where a querier keeps track
    /// of them, to all otherwise (`br_multicast_flood`).
    fn multicast(
        &mut self,
        now: SimTime,
        from: Ingress,
        snooped: &Snooped,
        out: &mut Vec<DevId>,
    ) -> Forward {
        let own = from.port_no == 0;
        match self.spread(now, snooped) {
            Spread::Everywhere => self.flood(from, Cast::Multicast, !own, out),
            Spread::Members { ports, host } => {
                out.clear();
                let copies = ports.iter().filter_map(|(port_no, listener)| {
                    let port = self.port_at(*port_no)?;
                    // A station does not hear itself, not even by a hairpin (`maybe_deliver_addr`).
                    let own = from.port_no == *port_no && snooped.source == *listener;
                    (should_deliver(from, port) && !own).then_some((port.dev, *listener))
                });
                let copies: Vec<_> = copies.collect();
                out.extend(copies.iter().map(|(dev, _)| *dev));
                if copies.iter().any(|(_, listener)| !listener.is_broadcast()) {
                    self.listeners = copies;
                }
                flooded(out, !own && (host || self.promisc || self.allmulti))
            }
        }
    }

    /// The bridge device itself sends a frame (`br_dev_xmit`).
    pub fn transmit(&mut self, now: SimTime, frame: &[u8], out: &mut Vec<DevId>) -> Forward {
        let Some((destination, _)) = addresses(frame) else {
            return Forward::Drop(DropReason::PktTooSmall);
        };
        self.transmit_in(now, Ingress::OWN, destination, frame, out)
    }

    fn transmit_in(
        &mut self,
        now: SimTime,
        from: Ingress,
        destination: MacAddr,
        frame: &[u8],
        out: &mut Vec<DevId>,
    ) -> Forward {
        let cast = Cast::of(destination);
        match cast {
            Cast::Unicast => self.unicast(now, from, destination, false, out),
            Cast::Broadcast => self.flood(from, cast, false, out),
            Cast::Multicast => {
                let snooped = self.snoop_tagged(now, None, from.vid, frame);
                if snooped.malformed {
                    return Forward::Drop(DropReason::NotSpecified);
                }
                self.multicast(now, from, &snooped, out)
            }
        }
    }

    /// As [`Bridge::transmit`], where VLANs are told apart: gives the tag of the frame within the bridge too.
    #[cold]
    pub fn transmit_filtered(
        &mut self,
        now: SimTime,
        frame: &[u8],
        out: &mut Vec<DevId>,
    ) -> (Forward, Option<VlanTag>) {
        let Some((destination, _)) = addresses(frame) else {
            return (Forward::Drop(DropReason::PktTooSmall), None);
        };
        let Some((tag, _)) = self.admit(0, frame) else {
            return (Forward::Drop(DropReason::BridgeVlanFilter), None);
        };
        let from = Ingress {
            vid: tag.vid(),
            ..Ingress::OWN
        };
        (
            self.transmit_in(now, from, destination, frame, out),
            Some(tag),
        )
    }

    /// What a frame for a group is within its tag, where it has one.
    fn snoop_tagged(
        &mut self,
        now: SimTime,
        port_no: Option<PortNo>,
        vid: u16,
        frame: &[u8],
    ) -> Snooped {
        match VlanTag::of(frame) {
            None => self.snoop(now, port_no, vid, frame),
            Some(_) => {
                let inner = [&frame[..12], &frame[16..]].concat();
                self.snoop(now, port_no, vid, &inner)
            }
        }
    }
}

/// What a list of ports means: nowhere to go is a loss unless the frame is for this machine too.
pub(super) fn flooded(out: &[DevId], local: bool) -> Forward {
    match (out.is_empty(), local) {
        (true, true) => Forward::Local,
        (true, false) => Forward::Drop(DropReason::NoTxTarget),
        (false, local) => Forward::Flood { local },
    }
}

/// Never back where it came from, never where nothing is forwarded, never from an
/// isolated port to another (`should_deliver`).
#[inline]
fn should_deliver(from: Ingress, to: &Port) -> bool {
    (from.port_no != to.port_no || to.flags.has(PortFlags::HAIRPIN))
        && to.state == PortState::Forwarding
        && !(from.isolated && to.flags.has(PortFlags::ISOLATED))
        && (from.vid == 0 || to.vlans.sends(from.vid))
}
