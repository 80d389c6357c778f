//! The VLANs of a bridge and of its ports (net/bridge/br_vlan.c): which are where, PVID, what is tagged.
//! Tags are pushed and taken off by the caller.
//!
//! A bridge knows of no VLANs until one is asked for: it is then as one of a kernel that is built without
//! VLAN filtering, and its tables show no VLAN. From the first `vlan_filtering 1`, default PVID or added VLAN
//! in the world all bridges are as those of a kernel built with it, whose tables show VLAN 1 as well.

use std::collections::BTreeMap;

use crate::units::{DevId, Errno, Rare, SimTime};
use crate::wire::VlanTag;

use super::options::McastOptions;
use super::port::{PortNo, PortState};
use super::{Bridge, Refusal};

/// What the kernel calls no VLAN any more (`VLAN_VID_MASK`).
const VID_END: u16 = 4095;

/// A VLAN of a port, or of the bridge device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BridgeVlan {
    /// Its number.
    pub vid: u16,
    /// Whether its frames leave without a tag.
    pub untagged: bool,
    /// What is done with its frames here, where the port itself forwards (`bridge vlan set .. state`).
    pub state: PortState,
    /// Multicast routers behind the port in it: 0 none, 1 those that are heard, 2 one for good.
    pub mcast_router: u8,
    /// The network of a tunnel that it is mapped to; 0 for none.
    pub tunnel: u32,
}

impl BridgeVlan {
    const fn new(vid: u16, untagged: bool) -> Self {
        Self {
            vid,
            untagged,
            state: PortState::Forwarding,
            mcast_router: 1,
            tunnel: 0,
        }
    }
}

/// The VLANs of one port, or of the bridge device (`struct net_bridge_vlan_group`).
#[derive(Clone, Debug, Default)]
pub struct VlanGroup {
    vlans: Rare<Vec<BridgeVlan>>,
    /// The VLAN of frames without a tag; 0 for none.
    pub pvid: u16,
}

impl VlanGroup {
    fn at(&self, vid: u16) -> Result<usize, usize> {
        self.vlans.binary_search_by_key(&vid, |vlan| vlan.vid)
    }

    /// The VLAN of that number.
    #[inline]
    pub fn find(&self, vid: u16) -> Option<BridgeVlan> {
        self.at(vid).ok().map(|at| self.vlans[at])
    }

    /// The VLAN of that number, to change it.
    pub(super) fn find_mut(&mut self, vid: u16) -> Option<&mut BridgeVlan> {
        let at = self.at(vid).ok()?;
        self.vlans.get_mut(at)
    }

    /// Whether frames of a VLAN may leave (`br_allowed_egress`).
    #[inline]
    pub(super) fn sends(&self, vid: u16) -> bool {
        self.find(vid)
            .is_some_and(|vlan| vlan.state == PortState::Forwarding)
    }

    /// The VLANs, to change them.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut BridgeVlan> {
        self.vlans.iter_mut()
    }

    /// The VLANs by number.
    pub fn iter(&self) -> impl Iterator<Item = BridgeVlan> {
        self.vlans.iter().copied()
    }

    fn vids(&self) -> Vec<u16> {
        self.vlans.iter().map(|vlan| vlan.vid).collect()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.vlans.is_empty()
    }

    /// Writes a VLAN with its flags (`__vlan_flags_update`); tells whether it is new.
    fn put(&mut self, vid: u16, pvid: bool, untagged: bool) -> bool {
        match (pvid, self.pvid == vid) {
            (true, _) => self.pvid = vid,
            (false, true) => self.pvid = 0,
            (false, false) => {}
        }
        match self.at(vid) {
            Ok(at) => {
                self.vlans[at].untagged = untagged;
                false
            }
            Err(at) => {
                self.vlans.insert(at, BridgeVlan::new(vid, untagged));
                true
            }
        }
    }

    fn remove(&mut self, vid: u16) -> bool {
        let Ok(at) = self.at(vid) else {
            return false;
        };
        self.vlans.remove(at);
        if self.pvid == vid {
            self.pvid = 0;
        }
        true
    }

    /// Whether `vid` is the PVID, untagged, as the default is (`vlan_default_pvid`).
    fn is_default(&self, vid: u16) -> bool {
        self.pvid == vid && self.find(vid).is_some_and(|vlan| vlan.untagged)
    }
}

/// What passed in one VLAN; bytes without Ethernet headers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VlanStats {
    /// Received bytes and packets.
    pub rx: (u64, u64),
    /// Sent bytes and packets.
    pub tx: (u64, u64),
}

/// What a bridge knows of VLANs.
#[derive(Clone, Debug)]
pub struct Vlans {
    /// Those of the bridge device.
    pub own: VlanGroup,
    /// What new ports get as PVID; 0 for nothing.
    pub default_pvid: u16,
    /// Whether VLANs are counted.
    pub stats_enabled: bool,
    /// Whether they are counted for each port.
    pub stats_per_port: bool,
    stats: BTreeMap<(PortNo, u16), VlanStats>,
    /// What counts for a VLAN as a whole, as long as the bridge or a port is in it.
    pub(super) global: BTreeMap<u16, McastOptions>,
}

impl Vlans {
    /// The VLANs by number, with what counts for each as a whole.
    pub fn globals(&self) -> impl Iterator<Item = (u16, &McastOptions)> {
        self.global.iter().map(|(vid, options)| (*vid, options))
    }
}

/// A VLAN to add, with its flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VlanAdd {
    /// Its number.
    pub vid: u16,
    /// Whether frames without a tag belong to it.
    pub pvid: bool,
    /// Whether its frames leave without a tag.
    pub untagged: bool,
}

impl Bridge {
    /// What the bridge knows of VLANs, once it knows of any.
    pub fn vlans(&self) -> Option<&Vlans> {
        self.vlans.as_deref()
    }

    /// What is asked of a bridge that knows of no VLANs takes effect when it does.
    pub(super) fn note_vlan_wishes(
        &mut self,
        change: &super::options::BridgeChange,
    ) -> Result<(), Refusal> {
        let (pvid, stats) = &mut self.vlan_wishes;
        *stats = change.vlan_stats_enabled.unwrap_or(*stats);
        match change.vlan_default_pvid {
            Some(VID_END..) => return Err(Errno::Einval.into()),
            asked => *pvid = asked.unwrap_or(*pvid),
        }
        Ok(())
    }

    /// From now on the bridge knows of VLANs.
    pub fn know_vlans(&mut self, now: SimTime) {
        self.wake_vlans(now);
    }

    /// From now on the bridge knows of VLANs: it and its ports are in VLAN 1, as if from their beginnings.
    pub(super) fn wake_vlans(&mut self, now: SimTime) -> &mut Vlans {
        if self.vlans.is_none() {
            self.vlans = Some(Box::new(Vlans {
                own: VlanGroup::default(),
                default_pvid: self.vlan_wishes.0,
                stats_enabled: self.vlan_wishes.1,
                stats_per_port: false,
                stats: BTreeMap::new(),
                global: BTreeMap::new(),
            }));
            let ports: Vec<PortNo> = self.ports_by_number().map(|port| port.port_no).collect();
            for port_no in std::iter::once(0).chain(ports) {
                let vid = self.vlan_wishes.0;
                if vid != 0 {
                    self.put_default(now, port_no, vid);
                    self.fdb.place_beside(self.mac_of(port_no), vid);
                }
            }
        }
        self.vlans
            .as_deref_mut()
            .expect("it was made where there was none")
    }

    fn put_default(&mut self, now: SimTime, port_no: PortNo, vid: u16) {
        let add = VlanAdd {
            vid,
            pvid: true,
            untagged: true,
        };
        self.put_vlan(now, port_no, add);
    }

    /// A new port is in the default VLAN (`nbp_vlan_init`).
    pub(super) fn vlans_of_new_port(&mut self, now: SimTime, port_no: PortNo) {
        if let Some(vid) = self.vlans().map(|vlans| vlans.default_pvid)
            && vid != 0
        {
            self.put_default(now, port_no, vid);
        }
    }

    fn mac_of(&self, port_no: PortNo) -> crate::units::MacAddr {
        self.port_at(port_no)
            .map_or(self.mac, |port| port.device.mac)
    }

    pub(super) fn vlans_at(&self, port_no: PortNo) -> Option<&VlanGroup> {
        match port_no {
            0 => self.vlans().map(|vlans| &vlans.own),
            port_no => self.port_at(port_no).map(|port| &port.vlans),
        }
    }

    pub(super) fn vlans_mut(&mut self, port_no: PortNo) -> Option<&mut VlanGroup> {
        match port_no {
            0 => self.vlans.as_deref_mut().map(|vlans| &mut vlans.own),
            port_no => self.port_mut(port_no).map(|port| &mut port.vlans),
        }
    }

    /// The VLANs of a port, or with 0 of the bridge device, by number.
    pub(super) fn vids(&self, port_no: PortNo) -> Vec<u16> {
        self.vlans_at(port_no)
            .map_or_else(Vec::new, VlanGroup::vids)
    }

    /// Whether a port, or with 0 the bridge device, is in a VLAN.
    pub(super) fn has_vid(&self, port_no: PortNo, vid: u16) -> bool {
        self.vlans_at(port_no)
            .is_some_and(|group| group.find(vid).is_some())
    }

    /// Puts a port, or with 0 the bridge device, into a VLAN (`__vlan_add`).
    fn put_vlan(&mut self, now: SimTime, port_no: PortNo, add: VlanAdd) {
        let Some(group) = self.vlans_mut(port_no) else {
            return;
        };
        if group.put(add.vid, add.pvid, add.untagged) {
            if let Some(vlans) = self.vlans.as_deref_mut() {
                vlans.global.entry(add.vid).or_default();
            }
            // An address that cannot be one leaves the VLAN without a local entry.
            let _ = self.add_local_in(now, port_no, self.mac_of(port_no), add.vid);
        }
    }

    /// A number of a VLAN, 1 to 4094 (`br_vlan_valid_id`).
    ///
    /// # Errors
    /// `EINVAL`, with the kernel's words.
    pub fn check_vid(vid: u16) -> Result<(), Refusal> {
        match (1..VID_END).contains(&vid) {
            true => Ok(()),
            false => Err(Refusal {
                errno: Errno::Einval,
                extack: Some("bridge: Vlan id is invalid"),
            }),
        }
    }

    /// Adds a VLAN to a port, or to the bridge device where there is none (`nbp_vlan_add`, `br_vlan_add`).
    pub fn vlan_add(
        &mut self,
        now: SimTime,
        port: Option<DevId>,
        add: VlanAdd,
    ) -> Result<(), Refusal> {
        Self::check_vid(add.vid)?;
        self.wake_vlans(now);
        let port_no = match port {
            None => 0,
            Some(dev) => self.port_no(dev).ok_or(Errno::Einval)?,
        };
        self.put_vlan(now, port_no, add);
        Ok(())
    }

    /// Takes a VLAN from a port, or from the bridge device (`nbp_vlan_delete`, `br_vlan_delete`); what is not
    /// there is no error.
    pub fn vlan_delete(&mut self, port: Option<DevId>, vid: u16) -> Result<(), Refusal> {
        Self::check_vid(vid)?;
        let port_no = match port {
            None => 0,
            Some(dev) => self.port_no(dev).ok_or(Errno::Einval)?,
        };
        self.drop_vlan(port_no, vid);
        Ok(())
    }

    fn drop_vlan(&mut self, port_no: PortNo, vid: u16) {
        if !self.has_vid(port_no, vid) {
            return;
        }
        let mac = self.mac_of(port_no);
        let local = self.fdb.find(mac, vid);
        if local.is_some_and(|entry| entry.is_own_local(port_no)) {
            self.delete_local(port_no, mac, vid);
        }
        self.fdb_delete_by_port_in(port_no, vid);
        if let Some(group) = self.vlans_mut(port_no) {
            group.remove(vid);
        }
        self.forget_unused_vlan(vid);
    }

    /// Once nobody is in a VLAN, what was set for it as a whole is forgotten (`br_vlan_put_master`).
    pub(super) fn forget_unused_vlan(&mut self, vid: u16) {
        let used = self.has_vid(0, vid) || self.ports().any(|p| p.vlans.find(vid).is_some());
        if let Some(vlans) = self.vlans.as_deref_mut().filter(|_| !used) {
            vlans.global.remove(&vid);
        }
    }

    /// Another default PVID, for the ports and the bridge device that have the old one, or none
    /// (`__br_vlan_set_default_pvid`).
    pub(super) fn set_default_pvid(&mut self, now: SimTime, vid: u16) -> Result<(), Refusal> {
        if vid >= VID_END {
            return Err(Errno::Einval.into());
        }
        let old = self.wake_vlans(now).default_pvid;
        if old == vid {
            return Ok(());
        }
        let ports: Vec<PortNo> = self.ports().map(|port| port.port_no).collect();
        for port_no in std::iter::once(0).chain(ports) {
            let Some(group) = self.vlans_at(port_no) else {
                continue;
            };
            let had = old != 0 && group.is_default(old);
            if old != 0 && !had || vid != 0 && group.find(vid).is_some() {
                continue;
            }
            if vid != 0 {
                self.put_default(now, port_no, vid);
            }
            if old != 0 {
                self.drop_vlan(port_no, old);
            }
        }
        self.wake_vlans(now).default_pvid = vid;
        Ok(())
    }

    /// Switches the counting of VLANs (`br_vlan_set_stats`, `br_vlan_set_stats_per_port`).
    pub(super) fn set_vlan_stats(
        &mut self,
        now: SimTime,
        enabled: Option<bool>,
        per_port: Option<bool>,
    ) -> Result<(), Refusal> {
        if let Some(enabled) = enabled {
            self.wake_vlans(now).stats_enabled = enabled;
        }
        let Some(per_port) = per_port else {
            return Ok(());
        };
        // Ports that are in VLANs count somewhere already.
        self.wake_vlans(now);
        if self.ports().any(|port| !port.vlans.is_empty()) {
            return Err(Errno::Ebusy.into());
        }
        self.wake_vlans(now).stats_per_port = per_port;
        Ok(())
    }

    /// What passed in a VLAN of a port, or with 0 of the bridge device.
    pub fn vlan_stats(&self, port_no: PortNo, vid: u16) -> VlanStats {
        let Some(vlans) = self.vlans() else {
            return VlanStats::default();
        };
        let port_no = if vlans.stats_per_port { port_no } else { 0 };
        vlans
            .stats
            .get(&(port_no, vid))
            .copied()
            .unwrap_or_default()
    }

    /// Counts a frame in a VLAN, where VLANs are counted.
    pub fn count_vlan(&mut self, port_no: PortNo, vid: u16, bytes: u64, sent: bool) {
        let Some(vlans) = self
            .vlans
            .as_deref_mut()
            .filter(|vlans| vlans.stats_enabled)
        else {
            return;
        };
        let port_no = if vlans.stats_per_port { port_no } else { 0 };
        let stats = vlans.stats.entry((port_no, vid)).or_default();
        let counted = if sent { &mut stats.tx } else { &mut stats.rx };
        counted.0 += bytes;
        counted.1 += 1;
    }

    /// The tag of a frame within the bridge: its own, or that of the PVID; nothing where the port, or with 0
    /// the bridge device, is not in that VLAN, or the VLAN blocks there (`__allowed_ingress`).
    #[cold]
    pub(super) fn admit(&self, port_no: PortNo, frame: &[u8]) -> Option<(VlanTag, PortState)> {
        let group = self.vlans_at(port_no)?;
        let protocol = self.options.vlan_protocol;
        // A tag of another protocol belongs to what the bridge carries.
        let own = VlanTag::of(frame).filter(|tag| tag.protocol == protocol);
        let tag = match own {
            Some(tag) if tag.vid() != 0 => tag,
            Some(tag) => tag.with_vid(group.pvid),
            None => VlanTag::new(protocol, group.pvid),
        };
        let vlan = group.find(tag.vid())?;
        vlan.state.learns().then_some((tag, vlan.state))
    }

    /// Whether a frame of a VLAN leaves by a port, or with 0 reaches the bridge device, without its tag;
    /// nothing where it does not at all (`br_handle_vlan`).
    pub fn leaves_untagged(&self, port_no: PortNo, vid: u16) -> Option<bool> {
        let vlan = self.vlans_at(port_no)?.find(vid)?;
        (vlan.state == PortState::Forwarding).then_some(vlan.untagged)
    }

    /// Whether the bridge device takes every frame.
    pub fn is_promisc(&self) -> bool {
        self.promisc
    }
}
