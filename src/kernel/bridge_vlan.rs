//! A bridge that tells VLANs apart: frames in one of them, requests and dumps (br_vlan.c, br_netlink.c).
//! Which VLANs are where is kept in `device::bridge`.

use crate::device::bridge::options::McastOptions;
use crate::device::bridge::{Bridge, Forward, Refusal, VlanAdd, VlanChange, VlanGroup};
use crate::engine::trace::DropReason;
use crate::engine::trace::Verdict;
use crate::kernel::bridge::{addressed, flooded, refused};
use crate::kernel::netlink::{
    BridgeVlanEntry, BridgeVlanGlobal, BridgeVlanGlobalInfo, BridgeVlanGlobalRequest,
    BridgeVlanInfo, BridgeVlanRequest, NlError, NlResult,
};
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::units::{DevId, Errno, IfIndex, MacAddr, NetnsId, SimTime};
use crate::wire::{ETH_HLEN, Frame, TunnelInfo, VlanTag};

impl World {
    /// A frame that was let in at a port, with the tag that it has within the bridge: it leaves each port as
    /// that port has it.
    #[cold]
    pub(super) fn forward_in_vlan(
        &mut self,
        dev: DevId,
        master: DevId,
        mut frame: Frame,
        (forward, tag): (Forward, VlanTag),
        (ports, listeners): (&[DevId], Vec<(DevId, MacAddr)>),
    ) {
        untag(&mut frame, tag);
        self.count_in_vlan(master, Some(dev), &frame, tag, false);
        match forward {
            Forward::Local => {
                self.pass(dev, &mut frame, |_| Verdict::ForwardedTo(master));
                self.pass_up_in_vlan(master, frame, tag);
            }
            Forward::Unicast { to, local } => {
                self.pass(dev, &mut frame, |_| Verdict::ForwardedTo(to));
                if local {
                    self.pass_up_in_vlan(master, frame.clone(), tag);
                }
                self.push_in_vlan(master, &[to], frame, tag);
            }
            Forward::Flood { local } => {
                let own = local.then_some(master);
                self.pass(dev, &mut frame, |_| flooded(ports, own));
                self.flood_in_vlan(master, (ports, listeners), frame.clone(), tag);
                if local && self.reaches_bridge(master, tag) {
                    self.pass_up_in_vlan(master, frame, tag);
                }
            }
            Forward::Drop(reason) => self.lose(dev, &frame, reason),
            // Link-local groups have no tag within the bridge.
            Forward::Pass => {}
        }
    }

    /// The bridge device itself sends a frame.
    #[cold]
    pub(super) fn transmit_bridge_in_vlan(&mut self, dev: DevId, mut frame: Frame) {
        let now = self.now;
        let mut ports = std::mem::take(&mut self.flood_list);
        let Some(bridge) = self.bridge_mut(dev) else {
            self.flood_list = ports;
            return;
        };
        let (mut forward, tag) = bridge.transmit_filtered(now, frame.bytes(), &mut ports);
        let answers = bridge.answers();
        let listeners = match forward {
            Forward::Flood { .. } => bridge.take_listeners(),
            _ => Vec::new(),
        };
        if bridge.take_timer_moved() {
            let next = bridge.next_timer();
            self.arm(next.unwrap_or(SimTime::NEVER), Timer::Bridge(dev));
        }
        if answers {
            forward = self.answer_at_bridge((None, dev), &frame, (forward, tag), &mut ports);
        }
        match (forward, tag) {
            (Forward::Unicast { to, .. }, Some(tag)) => {
                untag(&mut frame, tag);
                self.count_in_vlan(dev, None, &frame, tag, false);
                self.pass(dev, &mut frame, |_| Verdict::ForwardedTo(to));
                self.push_in_vlan(dev, &[to], frame, tag);
            }
            (Forward::Flood { .. }, Some(tag)) => {
                untag(&mut frame, tag);
                self.count_in_vlan(dev, None, &frame, tag, false);
                self.pass(dev, &mut frame, |_| flooded(&ports, None));
                self.flood_in_vlan(dev, (&ports, listeners), frame, tag);
            }
            (Forward::Drop(reason), _) => self.lose(dev, &frame, reason),
            (_, _) => self.lose(dev, &frame, DropReason::NoTxTarget),
        }
        ports.clear();
        self.flood_list = ports;
    }

    /// As `push_in_vlan`, each copy for its listener where there are such.
    fn flood_in_vlan(
        &mut self,
        master: DevId,
        (ports, listeners): (&[DevId], Vec<(DevId, MacAddr)>),
        frame: Frame,
        tag: VlanTag,
    ) {
        if listeners.is_empty() {
            return self.push_in_vlan(master, ports, frame, tag);
        }
        for (port, copy) in addressed(ports, listeners, &frame) {
            self.push_in_vlan(master, &[port], copy, tag);
        }
    }

    /// Out of ports, tagged where they want a tag (`br_handle_vlan`).
    fn push_in_vlan(&mut self, master: DevId, ports: &[DevId], frame: Frame, tag: VlanTag) {
        let mut tagged = None;
        for &port in ports {
            let bridge = self.bridge_ref(master);
            let port_no = bridge.and_then(|bridge| bridge.port_no(port));
            let untagged = match (bridge, port_no) {
                (Some(bridge), Some(port_no)) => bridge.leaves_untagged(port_no, tag.vid()),
                _ => None,
            };
            let tunnel = bridge
                .zip(port_no)
                .and_then(|(bridge, port_no)| bridge.tunnel_of_vlan(port_no, tag.vid()));
            let copy = match untagged {
                Some(true) => frame.clone(),
                Some(false) if tunnel.is_some() => {
                    let mut copy = frame.clone();
                    copy.set_tunnel(tunnel.map(TunnelInfo::ToSend));
                    copy
                }
                Some(false) => tagged.get_or_insert_with(|| with_tag(&frame, tag)).clone(),
                None => {
                    self.lose(port, &frame, DropReason::BridgeVlanFilter);
                    continue;
                }
            };
            self.count_in_vlan(master, Some(port), &frame, tag, true);
            self.push_to_port(port, copy);
        }
    }

    fn reaches_bridge(&self, master: DevId, tag: VlanTag) -> bool {
        self.bridge_ref(master).is_some_and(|bridge| {
            bridge.is_promisc() || bridge.leaves_untagged(0, tag.vid()).is_some()
        })
    }

    /// To the bridge device, which has to be in the VLAN unless it listens to all (`br_pass_frame_up`).
    fn pass_up_in_vlan(&mut self, master: DevId, mut frame: Frame, tag: VlanTag) {
        if !self.reaches_bridge(master, tag) {
            return self.lose(master, &frame, DropReason::BridgeVlanFilter);
        }
        self.count_in_vlan(master, None, &frame, tag, true);
        let bridge = self.bridge_ref(master);
        let untagged = bridge.and_then(|bridge| bridge.leaves_untagged(0, tag.vid()));
        if untagged != Some(true) {
            tag.push(&mut frame);
        }
        self.pass_up(master, frame);
    }

    /// Counts a frame without its tag in a VLAN of a port, or of the bridge device.
    fn count_in_vlan(
        &mut self,
        master: DevId,
        port: Option<DevId>,
        frame: &Frame,
        tag: VlanTag,
        sent: bool,
    ) {
        let Some(bridge) = self.bridge_mut(master) else {
            return;
        };
        if !bridge.vlans().is_some_and(|vlans| vlans.stats_enabled) {
            return;
        }
        let port_no = port.and_then(|port| bridge.port_no(port)).unwrap_or(0);
        let bytes = frame.len().saturating_sub(ETH_HLEN) as u64;
        bridge.count_vlan(port_no, tag.vid(), bytes, sent);
    }

    /// Adds VLANs to a port or to a bridge device, or takes them away (`br_vlan_info`).
    ///
    /// # Errors
    /// `EOPNOTSUPP` where the device is no port, or with `self` no bridge; `EINVAL` where a number is none.
    pub fn bridge_vlan(&mut self, netns: NetnsId, request: &BridgeVlanRequest) -> NlResult<()> {
        let dev = self.dev_at(netns, request.link).ok_or(Errno::Enodev)?;
        if !self.has_bridge_side(dev, request.side) {
            return Err(Errno::Eopnotsupp.into());
        }
        let master = self.devices.find(dev).and_then(|device| device.master);
        let (bridge, port) = match master.filter(|_| request.side.master || !request.side.own) {
            Some(master) => (master, Some(dev)),
            None => (dev, None),
        };
        let now = self.now;
        let done = self.with_bridge(bridge, |bridge| match request.tunnel {
            Some(tunnel) => change_tunnels(bridge, port, request, tunnel),
            None => change_vlans(now, bridge, port, request),
        });
        self.bridges_know_vlans(bridge);
        done.ok_or(Errno::Eopnotsupp)?.map_err(refused)
    }

    /// The bridge of a device that is one, or a port of one (`br_vlan_rtm_process`).
    fn vlan_bridge_of(&self, netns: NetnsId, link: IfIndex) -> NlResult<(DevId, Option<DevId>)> {
        let dev = self.dev_at(netns, link).ok_or(Errno::Enodev)?;
        if self.bridge_ref(dev).is_some() {
            return Ok((dev, None));
        }
        let master = self.devices.find(dev).and_then(|device| device.master);
        let wrong = "bridge: The device is not a valid bridge or bridge port";
        match master.filter(|master| self.bridge_ref(*master).is_some()) {
            Some(master) => Ok((master, Some(dev))),
            None => Err(NlError::with_text(Errno::Einval, wrong)),
        }
    }

    /// Changes VLANs of a port or of a bridge device (RTM_NEWVLAN).
    ///
    /// # Errors
    /// `EINVAL` where the device is neither, or a number or value is none; `ENOENT` where a VLAN is not there.
    pub fn bridge_vlan_set(
        &mut self,
        netns: NetnsId,
        link: IfIndex,
        vids: (u16, u16),
        change: &VlanChange,
    ) -> NlResult<()> {
        let (bridge, port) = self.vlan_bridge_of(netns, link)?;
        let done = self.with_bridge(bridge, |bridge| {
            Bridge::check_vid(vids.0)?;
            bridge.vlan_change(port, vids, change)
        });
        done.ok_or(Errno::Eopnotsupp)?.map_err(refused)
    }

    /// Changes what counts for VLANs of a bridge as a whole.
    ///
    /// # Errors
    /// As [`World::bridge_vlan_set`]; `EINVAL` for a port too.
    pub fn bridge_vlan_global_set(
        &mut self,
        netns: NetnsId,
        request: &BridgeVlanGlobalRequest,
    ) -> NlResult<()> {
        let (bridge, port) = self.vlan_bridge_of(netns, request.link)?;
        if port.is_some() {
            let text = "bridge: Global vlan options can only be set on bridge device";
            return Err(NlError::with_text(Errno::Einval, text));
        }
        let now = self.now;
        let change = &request.options;
        let done = self.with_bridge(bridge, |bridge| {
            Bridge::check_vid(request.vids.0)?;
            bridge.vlan_change_global(now, request.vids, change)
        });
        done.ok_or(Errno::Eopnotsupp)?.map_err(refused)
    }

    /// What counts for the VLANs of the bridges of a namespace, by bridge.
    pub fn bridge_vlan_globals(&self, netns: NetnsId) -> Vec<BridgeVlanGlobalInfo> {
        let Some(ns) = self.netns.find(netns) else {
            return Vec::new();
        };
        let of_device = |(ifindex, dev): (u32, DevId)| {
            let vlans = self.bridge_ref(dev)?.vlans()?;
            let settings = vlans.globals().map(|(vid, mcast)| (vid, told(mcast)));
            Some(BridgeVlanGlobalInfo {
                ifindex,
                vlans: settings.collect(),
            })
        };
        let devices = ns.interfaces.iter().map(|(ifindex, i)| (*ifindex, i.dev));
        devices.filter_map(of_device).collect()
    }

    /// A frame that came out of a tunnel is in the VLAN that its network is mapped to (`br_handle_ingress_vlan_tunnel`).
    #[cold]
    pub(super) fn enter_vlan_of_tunnel(&mut self, dev: DevId, master: DevId, frame: &mut Frame) {
        let Some(TunnelInfo::Received(vni)) = frame.tunnel() else {
            return;
        };
        frame.set_tunnel(None);
        let Some(bridge) = self.bridge_ref(master) else {
            return;
        };
        let protocol = bridge.options.vlan_protocol;
        if let (None, Some(vlan)) = (VlanTag::of(frame.bytes()), bridge.vlan_of_tunnel(dev, vni)) {
            VlanTag::new(protocol, vlan.vid).push(frame);
        }
    }

    /// A bridge was told of VLANs: from the first on, all bridges know of them.
    pub(super) fn bridges_know_vlans(&mut self, bridge: DevId) {
        let knows = self
            .bridge_ref(bridge)
            .is_some_and(|bridge| bridge.vlans().is_some());
        if !knows || self.vlans_known {
            return;
        }
        self.vlans_known = true;
        let now = self.now;
        let all: Vec<DevId> = self.devices.iter().map(|(dev, _)| dev).collect();
        for dev in all {
            if let Some(bridge) = self.bridge_mut(dev) {
                bridge.know_vlans(now);
            }
        }
    }

    /// The VLANs of all bridges and ports of a namespace, by device.
    pub fn bridge_vlans(&self, netns: NetnsId) -> Vec<BridgeVlanInfo> {
        let Some(ns) = self.netns.find(netns) else {
            return Vec::new();
        };
        let of_device = |(ifindex, dev): (u32, DevId)| {
            let master = self.devices.find(dev)?.master;
            let (bridge, port_no) = match self.bridge_ref(dev) {
                Some(bridge) => (bridge, 0),
                None => {
                    let bridge = self.bridge_ref(master?)?;
                    (bridge, bridge.port_no(dev)?)
                }
            };
            let vlans = vlans_of(bridge, port_no);
            (!vlans.is_empty()).then_some(BridgeVlanInfo {
                ifindex,
                bridge: port_no == 0,
                vlans,
            })
        };
        let devices = ns.interfaces.iter().map(|(ifindex, i)| (*ifindex, i.dev));
        devices.filter_map(of_device).collect()
    }
}

/// Adds VLANs, or takes them away.
fn change_vlans(
    now: SimTime,
    bridge: &mut Bridge,
    port: Option<DevId>,
    request: &BridgeVlanRequest,
) -> Result<(), Refusal> {
    let (first, last) = request.vids;
    for vid in [first, last] {
        let checked = Bridge::check_vid(vid);
        // A deletion is refused without words (`br_dellink`).
        checked.map_err(|refusal| match request.add {
            true => refusal,
            false => refusal.errno.into(),
        })?;
    }
    for vid in first..=last {
        if !request.add {
            bridge.vlan_delete(port, vid)?;
            continue;
        }
        let add = VlanAdd {
            vid,
            pvid: request.pvid,
            untagged: request.untagged,
        };
        bridge.vlan_add(now, port, add)?;
    }
    Ok(())
}

/// Maps VLANs to networks of a tunnel, or takes the mappings away (`br_process_vlan_tunnel_info`).
fn change_tunnels(
    bridge: &mut Bridge,
    port: Option<DevId>,
    request: &BridgeVlanRequest,
    (vni, last_vni): (u32, Option<u32>),
) -> Result<(), Refusal> {
    let (first, last) = request.vids;
    let long = i64::from(last) - i64::from(first);
    let networks = last_vni.map(|end| i64::from(end) - i64::from(vni));
    if long != 0 && networks != Some(long) {
        return Err(Errno::Einval.into());
    }
    // A range that ends before it begins has nothing in it, and is no error.
    for (vid, at) in (first..=last).zip(0..) {
        match request.add {
            true => bridge.tunnel_add(port, vid, vni.wrapping_add(at))?,
            false => bridge.tunnel_delete(port, vid)?,
        }
    }
    Ok(())
}

fn told(mcast: &McastOptions) -> BridgeVlanGlobal {
    BridgeVlanGlobal {
        mcast_snooping: mcast.snooping,
        mcast_querier: mcast.querier,
        mcast_igmp_version: mcast.igmp_version,
        mcast_mld_version: mcast.mld_version,
        mcast_last_member_count: mcast.last_member_count,
        mcast_last_member_interval: mcast.last_member_interval.clock(),
        mcast_startup_query_count: mcast.startup_query_count,
        mcast_startup_query_interval: mcast.startup_query_interval.clock(),
        mcast_membership_interval: mcast.membership_interval.clock(),
        mcast_querier_interval: mcast.querier_interval.clock(),
        mcast_query_interval: mcast.query_interval.clock(),
        mcast_query_response_interval: mcast.query_response_interval.clock(),
    }
}

fn vlans_of(bridge: &Bridge, port_no: u16) -> Vec<BridgeVlanEntry> {
    let Some(vlans) = bridge.vlans() else {
        return Vec::new();
    };
    let group: Option<&VlanGroup> = match port_no {
        0 => Some(&vlans.own),
        port_no => bridge.port_at(port_no).map(|port| &port.vlans),
    };
    let entry = |group: &VlanGroup, vlan: crate::device::bridge::BridgeVlan| BridgeVlanEntry {
        vid: vlan.vid,
        pvid: group.pvid == vlan.vid,
        untagged: vlan.untagged,
        state: vlan.state,
        mcast_router: vlan.mcast_router,
        tunnel: vlan.tunnel,
        stats: bridge.vlan_stats(port_no, vlan.vid),
    };
    group.map_or_else(Vec::new, |group| {
        group.iter().map(|vlan| entry(group, vlan)).collect()
    })
}

/// Takes off the tag that a frame came with, where it is one of the bridge's own.
fn untag(frame: &mut Frame, tag: VlanTag) {
    if VlanTag::of(frame.bytes()).is_some_and(|own| own.protocol == tag.protocol) {
        VlanTag::pop(frame);
    }
}

fn with_tag(frame: &Frame, tag: VlanTag) -> Frame {
    let mut tagged = frame.clone();
    tag.push(&mut tagged);
    tagged
}
