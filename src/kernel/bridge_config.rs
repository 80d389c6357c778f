//! Requests and reports about bridges, ports and forwarding entries (br_netlink.c, br_fdb.c).
//! The settings are kept and judged in `device::bridge`.

use crate::device::bridge::options::MCAST_HASH_ELASTICITY;
use crate::device::bridge::{
    Bridge, BridgeId, FdbAdd, FdbDump, FdbFlush, FdbRow, PortChange, PortFlags, StpState,
};
use crate::kernel::bridge::refused;
use crate::kernel::device::Device;
use crate::kernel::netlink::{
    BridgeInfo, BridgeOptions, BridgePortInfo, BridgePortOptions, NlResult,
};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, MacAddr, NetnsId};

impl World {
    /// Changes the settings of a bridge (`br_changelink`).
    pub(crate) fn configure_bridge(&mut self, dev: DevId, options: &BridgeOptions) -> NlResult<()> {
        let now = self.now;
        let snooped = self.snoops(dev);
        let changed = self.with_bridge(dev, |bridge| bridge.change(now, options));
        self.bridges_know_vlans(dev);
        let snoops = self.snoops(dev);
        if snoops != snooped && self.devices.find(dev).is_some_and(Device::is_up) {
            self.bridge_snoopers(dev, snoops);
        }
        changed.ok_or(Errno::Eopnotsupp)?.map_err(refused)
    }

    /// Whether a bridge looks into IGMP and MLD.
    pub(crate) fn snoops(&self, dev: DevId) -> bool {
        let bridge = self.bridge_ref(dev);
        bridge.is_some_and(|bridge| bridge.options.mcast.snooping)
    }

    /// Changes the settings of a bridge port (`br_setport`).
    pub(crate) fn configure_bridge_port(
        &mut self,
        dev: DevId,
        options: &BridgePortOptions,
    ) -> NlResult<()> {
        let now = self.now;
        let device = self.devices.find(dev).ok_or(Errno::Enodev)?;
        let (master, netns) = (device.master.ok_or(Errno::Eopnotsupp)?, device.netns);
        let mut change = port_change(options);
        change.backup = match options.backup_port {
            None => None,
            Some(0) => Some(None),
            Some(ifindex) => Some(Some(self.dev_at(netns, ifindex).ok_or(Errno::Enoent)?)),
        };
        let changed = self.with_bridge(master, |bridge| bridge.change_port(now, dev, &change));
        changed.ok_or(Errno::Eopnotsupp)?.map_err(refused)
    }

    /// Writes a forwarding entry of a bridge (RTM_NEWNEIGH with `master`).
    ///
    /// # Errors
    /// As the kernel's: `EEXIST`, `ENOENT`, `EINVAL`; `EOPNOTSUPP` where the device is no bridge.
    pub fn bridge_fdb_add(&mut self, bridge: DevId, entry: &FdbAdd) -> NlResult<()> {
        let now = self.now;
        let done = self.with_bridge(bridge, |bridge| bridge.fdb_add(now, entry));
        done.ok_or(Errno::Eopnotsupp)?.map_err(refused)
    }

    /// Deletes a forwarding entry of a bridge.
    ///
    /// # Errors
    /// `ENOENT` where it is not there.
    pub fn bridge_fdb_delete(
        &mut self,
        bridge: DevId,
        mac: MacAddr,
        vid: u16,
        port: Option<DevId>,
    ) -> NlResult<()> {
        let done = self.with_bridge(bridge, |bridge| bridge.fdb_delete(port, mac, vid));
        done.ok_or(Errno::Eopnotsupp)?.map_err(refused)
    }

    /// Flushes forwarding entries of a bridge.
    ///
    /// # Errors
    /// `EOPNOTSUPP` where the device is no bridge, or what the bridge refuses.
    pub fn bridge_fdb_flush(&mut self, bridge: DevId, flush: &FdbFlush) -> NlResult<()> {
        let done = self.with_bridge(bridge, |bridge| bridge.fdb_flush(flush));
        done.ok_or(Errno::Eopnotsupp)?.map_err(refused)
    }

    /// One forwarding entry.
    ///
    /// # Errors
    /// `ENOENT` where it is not there.
    pub fn bridge_fdb_get(&self, bridge: DevId, mac: MacAddr, vid: u16) -> NlResult<FdbDump> {
        let bridge = self.bridge_ref(bridge).ok_or(Errno::Eopnotsupp)?;
        bridge.fdb_get(self.now, mac, vid).map_err(refused)
    }

    /// The forwarding entries of a bridge; none where the device is no bridge.
    pub fn bridge_fdb(&self, bridge: DevId) -> Vec<FdbDump> {
        self.bridge_ref(bridge)
            .map_or_else(Vec::new, |bridge| bridge.fdb_dump(self.now))
    }

    /// The forwarding entries as `brctl showmacs` reads them.
    pub fn bridge_fdb_rows(&self, bridge: DevId) -> Vec<FdbRow> {
        self.bridge_ref(bridge)
            .map_or_else(Vec::new, |bridge| bridge.fdb_rows(self.now))
    }

    /// The bridge itself, to read.
    pub fn bridge(&self, dev: DevId) -> Option<&Bridge> {
        self.bridge_ref(dev)
    }

    /// The device of a number or name, for the requests that take one.
    ///
    /// # Errors
    /// `ENODEV` where there is none.
    pub fn device_id(
        &self,
        netns: NetnsId,
        link: &crate::kernel::netlink::LinkRef,
    ) -> NlResult<DevId> {
        self.find_link(netns, link)
    }

    /// Number and namespace of a device.
    pub fn device_place(&self, dev: DevId) -> Option<(NetnsId, u32)> {
        self.place_of(dev)
    }

    /// The multicast addresses that a device listens to, in the order in which they were asked for.
    pub fn device_groups(&self, dev: DevId) -> Vec<(MacAddr, u32)> {
        self.devices
            .find(dev)
            .map_or_else(Vec::new, |device| device.multicast.clone())
    }

    pub(crate) fn bridge_info(&self, bridge: &Bridge) -> BridgeInfo {
        let (options, stp, mcast) = (&bridge.options, &bridge.stp, &bridge.options.mcast);
        let [hello_timer, tcn_timer, topology_change_timer, gc_timer] =
            bridge.timer_clocks(self.now);
        let clock =
            |ticks: crate::device::bridge::Ticks| u32::try_from(ticks.clock()).unwrap_or(u32::MAX);
        BridgeInfo {
            forward_delay: clock(stp.forward_delay),
            hello_time: clock(stp.hello_time),
            max_age: clock(stp.max_age),
            ageing_time: clock(stp.ageing_time),
            stp_state: u32::from(stp.state != StpState::Off),
            priority: stp.priority,
            vlan_filtering: options.vlan_filtering,
            vlan_protocol: options.vlan_protocol,
            vlan_default_pvid: bridge.vlans().map(|vlans| vlans.default_pvid),
            bridge_id: pair(stp.bridge_id()),
            designated_root: pair(stp.designated_root),
            root_port: stp.root_port,
            root_path_cost: stp.root_path_cost,
            topology_change: stp.topology_change,
            topology_change_detected: stp.topology_change_detected,
            hello_timer,
            tcn_timer,
            topology_change_timer,
            gc_timer,
            fdb_n_learned: bridge.fdb.learned(),
            fdb_max_learned: bridge.fdb.max_learned,
            vlan_stats_enabled: bridge.vlans().is_some_and(|vlans| vlans.stats_enabled),
            vlan_stats_per_port: bridge.vlans().is_some_and(|vlans| vlans.stats_per_port),
            group_fwd_mask: options.group_fwd_mask,
            group_address: options.group_address,
            no_linklocal_learn: options.no_linklocal_learn,
            mcast_snooping: mcast.snooping,
            mcast_vlan_snooping: mcast.vlan_snooping,
            mcast_router: mcast.router,
            mcast_query_use_ifaddr: mcast.query_use_ifaddr,
            mcast_querier: mcast.querier,
            mcast_hash_elasticity: MCAST_HASH_ELASTICITY,
            mcast_hash_max: mcast.hash_max,
            mcast_last_member_count: mcast.last_member_count,
            mcast_startup_query_count: mcast.startup_query_count,
            mcast_last_member_interval: mcast.last_member_interval.clock(),
            mcast_membership_interval: mcast.membership_interval.clock(),
            mcast_querier_interval: mcast.querier_interval.clock(),
            mcast_query_interval: mcast.query_interval.clock(),
            mcast_query_response_interval: mcast.query_response_interval.clock(),
            mcast_startup_query_interval: mcast.startup_query_interval.clock(),
            mcast_stats_enabled: mcast.stats_enabled,
            mcast_igmp_version: mcast.igmp_version,
            mcast_mld_version: mcast.mld_version,
            nf_call_iptables: options.nf_call_iptables,
            nf_call_ip6tables: options.nf_call_ip6tables,
            nf_call_arptables: options.nf_call_arptables,
        }
    }

    pub(crate) fn bridge_port_info(&self, dev: DevId) -> Option<Box<BridgePortInfo>> {
        let master = self.devices.find(dev)?.master?;
        let port = self.bridge_ref(master)?.port_of(dev)?;
        let [message_age_timer, forward_delay_timer, hold_timer] = port.timer_clocks(self.now);
        let has = |flag: PortFlags| port.flags.has(flag);
        let backup = port.backup.and_then(|backup| self.devices.find(backup));
        Some(Box::new(BridgePortInfo {
            state: port.state.number(),
            priority: u16::from(port.priority),
            cost: port.path_cost,
            hairpin: has(PortFlags::HAIRPIN),
            guard: has(PortFlags::GUARD),
            root_block: has(PortFlags::ROOT_BLOCK),
            fastleave: has(PortFlags::FAST_LEAVE),
            learning: has(PortFlags::LEARNING),
            flood: has(PortFlags::FLOOD),
            port_id: port.port_id(),
            port_no: port.port_no,
            designated_port: port.designated_port,
            designated_cost: u16::try_from(port.designated_cost).unwrap_or(u16::MAX),
            designated_bridge: pair(port.designated_bridge),
            designated_root: pair(port.designated_root),
            hold_timer,
            message_age_timer,
            forward_delay_timer,
            topology_change_ack: port.topology_change_ack,
            config_pending: port.config_pending,
            proxy_arp: has(PortFlags::PROXY_ARP),
            proxy_arp_wifi: has(PortFlags::PROXY_ARP_WIFI),
            mcast_router: port.multicast_router,
            mcast_flood: has(PortFlags::MCAST_FLOOD),
            bcast_flood: has(PortFlags::BCAST_FLOOD),
            mcast_to_unicast: has(PortFlags::MCAST_TO_UNICAST),
            neigh_suppress: has(PortFlags::NEIGH_SUPPRESS),
            group_fwd_mask: port.group_fwd_mask,
            vlan_tunnel: has(PortFlags::VLAN_TUNNEL),
            isolated: has(PortFlags::ISOLATED),
            locked: has(PortFlags::LOCKED),
            mab: has(PortFlags::MAB),
            backup_port: backup.map(|backup| backup.ifindex),
        }))
    }
}

fn pair(id: BridgeId) -> (u16, MacAddr) {
    (id.priority, id.mac)
}

fn port_change(options: &BridgePortOptions) -> PortChange {
    let switches = [
        (PortFlags::GUARD, options.guard),
        (PortFlags::ROOT_BLOCK, options.root_block),
        (PortFlags::HAIRPIN, options.hairpin),
        (PortFlags::FAST_LEAVE, options.fastleave),
        (PortFlags::LEARNING, options.learning),
        (PortFlags::FLOOD, options.flood),
        (PortFlags::PROXY_ARP, options.proxy_arp),
        (PortFlags::PROXY_ARP_WIFI, options.proxy_arp_wifi),
        (PortFlags::MCAST_FLOOD, options.mcast_flood),
        (PortFlags::BCAST_FLOOD, options.bcast_flood),
        (PortFlags::MCAST_TO_UNICAST, options.mcast_to_unicast),
        (PortFlags::NEIGH_SUPPRESS, options.neigh_suppress),
        (PortFlags::VLAN_TUNNEL, options.vlan_tunnel),
        (PortFlags::ISOLATED, options.isolated),
        (PortFlags::LOCKED, options.locked),
        (PortFlags::MAB, options.mab),
    ];
    let flags = switches
        .into_iter()
        .filter_map(|(flag, on)| Some((flag, on?)));
    PortChange {
        flags: flags.collect(),
        cost: options.cost,
        priority: options.priority,
        state: options.state,
        fdb_flush: options.fdb_flush,
        multicast_router: options.mcast_router,
        group_fwd_mask: options.group_fwd_mask,
        ..PortChange::default()
    }
}
