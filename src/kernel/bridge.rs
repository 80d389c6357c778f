//! What the world does with a bridge: its ports come and go, its decisions take effect (br_if.c, br_device.c).
//! The decisions are in `device::bridge`; the way of a frame through it is in `bridge_path`.

use crate::device::bridge::{
    Action, Bridge, BridgeChange, BridgeId, PortChange, PortDevice, PortFlags, Refusal, StpState,
    Ticks, options,
};
use crate::kernel::device::{Device, DeviceKind};
use crate::kernel::netlink::{
    BridgeInfo, BridgeOptions, BridgePortInfo, BridgePortOptions, LinkRef, NlError, NlResult,
};
use crate::kernel::timer::Timer;
use crate::kernel::world::World;
use crate::units::{DevId, Errno, IfIndex, MacAddr, NetnsId, SimTime};
use crate::wire::Frame;

/// What a veth says of its speed, in Mbit/s (`veth_get_link_ksettings`).
const VETH_SPEED: u32 = 10_000;

impl From<Refusal> for NlError {
    fn from(refusal: Refusal) -> Self {
        Self {
            errno: refusal.errno,
            extack: refusal.extack.map(Into::into),
        }
    }
}

/// What a bridge has to know of a device that is its port.
fn port_device(device: &Device) -> PortDevice {
    PortDevice {
        mac: device.address,
        mtu: device.mtu,
        speed_mbit: matches!(device.kind, DeviceKind::Veth { .. }).then_some(VETH_SPEED),
        up: device.is_up(),
        oper_up: device.is_oper_up(),
    }
}

impl World {
    pub(crate) fn new_bridge(&self, address: MacAddr) -> DeviceKind {
        DeviceKind::Bridge(Box::new(Bridge::new(address)))
    }

    /// The bridge of that name or number, to read.
    ///
    /// # Errors
    /// `ENODEV` where there is no such device, `EOPNOTSUPP` where it is no bridge.
    pub fn bridge_at(&self, netns: NetnsId, link: &LinkRef) -> NlResult<&Bridge> {
        let dev = self.find_link(netns, link)?;
        Ok(self.bridge(dev).ok_or(Errno::Eopnotsupp)?)
    }

    fn bridge_mut(&mut self, dev: DevId) -> Option<&mut Bridge> {
        match &mut self.devices.find_mut(dev)?.kind {
            DeviceKind::Bridge(bridge) => Some(bridge),
            _ => None,
        }
    }

    /// Lets a bridge decide, and does what follows, also where it refuses.
    pub(crate) fn with_bridge<T>(
        &mut self,
        dev: DevId,
        decide: impl FnOnce(&mut Bridge, SimTime) -> Result<T, Refusal>,
    ) -> NlResult<T> {
        let now = self.now;
        let bridge = self.bridge_mut(dev).ok_or(Errno::Eopnotsupp)?;
        let decided = decide(bridge, now);
        let actions = bridge.take_actions();
        let timer = bridge.next_timer();
        for action in actions {
            self.act(dev, action);
        }
        if let Some(at) = timer {
            self.arm(at, Timer::Bridge(dev));
        }
        Ok(decided?)
    }

    fn act(&mut self, bridge: DevId, action: Action) {
        match action {
            Action::Transmit { dev, frame } => self.send_from_bridge(dev, Frame::new(&frame)),
            Action::PortState { dev, .. } => self.tell_link(dev),
            Action::Carrier(true) => self.carrier_on(bridge),
            Action::Carrier(false) => self.carrier_off(bridge),
            Action::Address(mac) => {
                if let Some(device) = self.devices.find_mut(bridge) {
                    device.address = mac;
                }
                self.sync_interface(bridge);
                self.notify_address(bridge);
            }
        }
    }

    /// A bridge's timers may have ended.
    pub(crate) fn run_bridge_timer(&mut self, dev: DevId) {
        let _ = self.with_bridge(dev, |bridge, now| {
            bridge.expire_timers(now);
            Ok(())
        });
    }

    pub(crate) fn open_bridge(&mut self, dev: DevId) {
        self.put_up(dev, true);
    }

    pub(crate) fn close_bridge(&mut self, dev: DevId) {
        self.put_up(dev, false);
    }

    fn put_up(&mut self, dev: DevId, up: bool) {
        let _ = self.with_bridge(dev, |bridge, now| {
            bridge.set_up(now, up);
            Ok(())
        });
    }

    /// A user gives the bridge device an address (`br_set_mac_address`).
    pub(crate) fn set_bridge_address(&mut self, dev: DevId, mac: MacAddr) -> NlResult<()> {
        self.with_bridge(dev, |bridge, now| bridge.set_mac(now, mac))
    }

    /// A bridge that goes lets all its ports go (`br_dev_delete`).
    pub(crate) fn release_ports(&mut self, dev: DevId) {
        let Some(bridge) = self.bridge(dev) else {
            return;
        };
        let ports: Vec<DevId> = bridge.ports().map(|port| port.dev).collect();
        for port in ports {
            self.set_master(port, None);
        }
    }

    /// Makes a device a port of the bridge `master` (`br_add_if`).
    pub(crate) fn enslave(&mut self, dev: DevId, master: DevId) -> NlResult<()> {
        let device = self.devices.find(dev).ok_or(Errno::Enodev)?;
        if device.is_loopback() {
            return Err(Errno::Einval.into());
        }
        if matches!(device.kind, DeviceKind::Bridge(_)) {
            return Err(NlError::with_text(
                Errno::Eloop,
                "Can not enslave a bridge to a bridge",
            ));
        }
        if device.master.is_some() {
            return Err(Errno::Ebusy.into());
        }
        let known = port_device(device);
        self.set_master(dev, Some(master));
        let added = self.with_bridge(master, |bridge, now| bridge.add_port(now, dev, known));
        if let Err(error) = added {
            self.forget_master(dev);
            return Err(error);
        }
        self.adjust_mtu(master);
        Ok(())
    }

    /// Notes the master of a device; without one it leaves the bridge whose port it was (`br_del_if`).
    pub(crate) fn set_master(&mut self, dev: DevId, master: Option<DevId>) {
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        match (device.master, master) {
            (None, Some(_)) => {
                device.master = master;
                device.promiscuity += 1;
                device.allmulti += 1;
                self.sync_interface(dev);
            }
            (Some(old), None) => {
                let _ = self.with_bridge(old, |bridge, now| bridge.remove_port(now, dev));
                self.forget_master(dev);
                self.adjust_mtu(old);
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }

    fn forget_master(&mut self, dev: DevId) {
        if let Some(device) = self.devices.find_mut(dev) {
            device.master = None;
            device.promiscuity = device.promiscuity.saturating_sub(1);
            device.allmulti = device.allmulti.saturating_sub(1);
        }
        self.sync_interface(dev);
    }

    /// A device changed: its bridge is told (`br_device_event`).
    pub(crate) fn bridge_port_changed(&mut self, dev: DevId) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let Some(master) = device.master else { return };
        let known = port_device(device);
        let _ = self.with_bridge(master, |bridge, now| {
            bridge.port_changed(now, dev, known);
            Ok(())
        });
        self.adjust_mtu(master);
    }

    /// The bridge device takes its own mtu from its ports (`br_mtu_auto_adjust`).
    fn adjust_mtu(&mut self, dev: DevId) {
        let Some(mtu) = self.bridge(dev).and_then(Bridge::auto_mtu) else {
            return;
        };
        let Some(device) = self.devices.find_mut(dev) else {
            return;
        };
        if device.mtu != mtu {
            device.mtu = mtu;
            self.sync_interface(dev);
            self.notify_mtu(dev);
        }
    }

    /// A user chose the mtu of a device that may be a bridge (`br_change_mtu`).
    pub(crate) fn bridge_mtu_chosen(&mut self, dev: DevId) {
        if let Some(bridge) = self.bridge_mut(dev) {
            bridge.set_mtu();
        }
    }

    /// The flags of a device that may be a bridge changed: who listens to all.
    pub(crate) fn bridge_flags_changed(&mut self, dev: DevId) {
        let Some(device) = self.devices.find(dev) else {
            return;
        };
        let (promisc, allmulti) = (device.promiscuity > 0, device.allmulti > 0);
        if let Some(bridge) = self.bridge_mut(dev) {
            bridge.set_promisc(promisc, allmulti);
        }
    }

    pub(crate) fn configure_bridge(&mut self, dev: DevId, options: &BridgeOptions) -> NlResult<()> {
        let device = self.devices.find(dev).ok_or(Errno::Enodev)?;
        // The address that came with the request for a new bridge is a user's (`br_dev_newlink`).
        if device.address_set && !self.bridge(dev).is_none_or(Bridge::mac_set_by_user) {
            self.set_bridge_address(dev, device.address)?;
        }
        let change = bridge_change(options);
        self.with_bridge(dev, |bridge, now| bridge.change(now, &change))
    }

    pub(crate) fn configure_bridge_port(
        &mut self,
        dev: DevId,
        options: &BridgePortOptions,
    ) -> NlResult<()> {
        let device = self.devices.find(dev).ok_or(Errno::Enodev)?;
        let master = device.master.ok_or(Errno::Eopnotsupp)?;
        let mut change = port_change(options);
        if let Some(backup) = options.backup_port {
            change.backup = Some(match backup {
                0 => None,
                ifindex => Some(self.dev_at(device.netns, ifindex).ok_or(Errno::Enoent)?),
            });
        }
        self.with_bridge(master, |bridge, now| bridge.change_port(now, dev, &change))
    }

    pub(crate) fn bridge_port_info(&self, dev: DevId) -> Option<Box<BridgePortInfo>> {
        let master = self.devices.find(dev)?.master?;
        let port = self.bridge(master)?.port_of(dev)?;
        let flag = |flag| port.flags.has(flag);
        let [message_age_timer, forward_delay_timer, hold_timer] = port.timer_clocks(self.now);
        let backup = port.backup.and_then(|backup| self.devices.find(backup));
        Some(Box::new(BridgePortInfo {
            state: port.state.number(),
            priority: port.priority.into(),
            cost: port.path_cost,
            hairpin: flag(PortFlags::HAIRPIN),
            guard: flag(PortFlags::GUARD),
            root_block: flag(PortFlags::ROOT_BLOCK),
            fastleave: flag(PortFlags::FAST_LEAVE),
            learning: flag(PortFlags::LEARNING),
            flood: flag(PortFlags::FLOOD),
            port_id: port.port_id(),
            port_no: port.port_no,
            designated_port: port.designated_port,
            designated_cost: port.designated_cost as u16,
            designated_bridge: pair(port.designated_bridge),
            designated_root: pair(port.designated_root),
            hold_timer,
            message_age_timer,
            forward_delay_timer,
            topology_change_ack: port.topology_change_ack,
            config_pending: port.config_pending,
            proxy_arp: flag(PortFlags::PROXY_ARP),
            proxy_arp_wifi: flag(PortFlags::PROXY_ARP_WIFI),
            mcast_router: port.multicast_router,
            mcast_flood: flag(PortFlags::MCAST_FLOOD),
            bcast_flood: flag(PortFlags::BCAST_FLOOD),
            mcast_to_unicast: flag(PortFlags::MCAST_TO_UNICAST),
            neigh_suppress: flag(PortFlags::NEIGH_SUPPRESS),
            group_fwd_mask: port.group_fwd_mask,
            vlan_tunnel: flag(PortFlags::VLAN_TUNNEL),
            isolated: flag(PortFlags::ISOLATED),
            locked: flag(PortFlags::LOCKED),
            mab: flag(PortFlags::MAB),
            backup_port: backup.map(|backup| backup.ifindex),
        }))
    }

    /// A bridge as a dump tells it (`br_fill_info`).
    pub(crate) fn bridge_info(&self, bridge: &Bridge) -> BridgeInfo {
        let (stp, set, mcast) = (&bridge.stp, &bridge.options, &bridge.options.mcast);
        let [hello_timer, tcn_timer, topology_change_timer, gc_timer] =
            bridge.timer_clocks(self.now);
        BridgeInfo {
            forward_delay: clock(stp.forward_delay),
            hello_time: clock(stp.hello_time),
            max_age: clock(stp.max_age),
            ageing_time: clock(stp.ageing_time),
            stp_state: u32::from(stp.state == StpState::Kernel),
            priority: stp.priority,
            vlan_filtering: set.vlan_filtering,
            vlan_protocol: set.vlan_protocol,
            vlan_default_pvid: 0,
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
            vlan_stats_enabled: false,
            vlan_stats_per_port: false,
            group_fwd_mask: set.group_fwd_mask,
            group_address: set.group_address,
            no_linklocal_learn: set.no_linklocal_learn,
            mcast_snooping: mcast.snooping,
            mcast_vlan_snooping: mcast.vlan_snooping,
            mcast_router: mcast.router,
            mcast_query_use_ifaddr: mcast.query_use_ifaddr,
            mcast_querier: mcast.querier,
            mcast_hash_elasticity: options::MCAST_HASH_ELASTICITY,
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
            nf_call_iptables: set.nf_call_iptables,
            nf_call_ip6tables: set.nf_call_ip6tables,
            nf_call_arptables: set.nf_call_arptables,
        }
    }

    /// The numbers of a bridge's ports, as `brctl` lists them: by port number.
    ///
    /// # Errors
    /// `ENODEV` where there is no such device, `EOPNOTSUPP` where it is no bridge.
    pub fn bridge_ports(&self, netns: NetnsId, link: &LinkRef) -> NlResult<Vec<IfIndex>> {
        let bridge = self.bridge_at(netns, link)?;
        let ports = bridge.ports_by_number();
        let numbers = ports.filter_map(|port| Some(self.devices.find(port.dev)?.ifindex));
        Ok(numbers.collect())
    }
}

fn pair(id: BridgeId) -> (u16, MacAddr) {
    (id.priority, id.mac)
}

/// A span in hundredths of a second, as wide as its attribute.
fn clock(ticks: Ticks) -> u32 {
    u32::try_from(ticks.clock()).unwrap_or(u32::MAX)
}

fn bridge_change(options: &BridgeOptions) -> BridgeChange {
    BridgeChange {
        forward_delay: options.forward_delay,
        hello_time: options.hello_time,
        max_age: options.max_age,
        ageing_time: options.ageing_time,
        stp_state: options.stp_state,
        priority: options.priority,
        vlan_filtering: options.vlan_filtering,
        group_fwd_mask: options.group_fwd_mask,
        group_address: options.group_address,
        fdb_flush: options.fdb_flush,
        mcast_router: options.mcast_router,
        mcast_snooping: options.mcast_snooping,
        mcast_vlan_snooping: options.mcast_vlan_snooping,
        mcast_query_use_ifaddr: options.mcast_query_use_ifaddr,
        mcast_querier: options.mcast_querier,
        mcast_hash_max: options.mcast_hash_max,
        mcast_last_member_count: options.mcast_last_member_count,
        mcast_startup_query_count: options.mcast_startup_query_count,
        mcast_last_member_interval: options.mcast_last_member_interval,
        mcast_membership_interval: options.mcast_membership_interval,
        mcast_querier_interval: options.mcast_querier_interval,
        mcast_query_interval: options.mcast_query_interval,
        mcast_query_response_interval: options.mcast_query_response_interval,
        mcast_startup_query_interval: options.mcast_startup_query_interval,
        mcast_stats_enabled: options.mcast_stats_enabled,
        mcast_igmp_version: options.mcast_igmp_version,
        mcast_mld_version: options.mcast_mld_version,
        nf_call_iptables: options.nf_call_iptables,
        nf_call_ip6tables: options.nf_call_ip6tables,
        nf_call_arptables: options.nf_call_arptables,
        no_linklocal_learn: options.no_linklocal_learn,
        fdb_max_learned: options.fdb_max_learned,
    }
}

fn port_change(options: &BridgePortOptions) -> PortChange {
    let switches = [
        (PortFlags::HAIRPIN, options.hairpin),
        (PortFlags::GUARD, options.guard),
        (PortFlags::FAST_LEAVE, options.fastleave),
        (PortFlags::ROOT_BLOCK, options.root_block),
        (PortFlags::LEARNING, options.learning),
        (PortFlags::FLOOD, options.flood),
        (PortFlags::MCAST_FLOOD, options.mcast_flood),
        (PortFlags::MCAST_TO_UNICAST, options.mcast_to_unicast),
        (PortFlags::BCAST_FLOOD, options.bcast_flood),
        (PortFlags::PROXY_ARP, options.proxy_arp),
        (PortFlags::PROXY_ARP_WIFI, options.proxy_arp_wifi),
        (PortFlags::VLAN_TUNNEL, options.vlan_tunnel),
        (PortFlags::NEIGH_SUPPRESS, options.neigh_suppress),
        (PortFlags::ISOLATED, options.isolated),
        (PortFlags::LOCKED, options.locked),
        (PortFlags::MAB, options.mab),
    ];
    PortChange {
        flags: switches
            .into_iter()
            .filter_map(|(flag, on)| Some((flag, on?)))
            .collect(),
        cost: options.cost,
        priority: options.priority,
        state: options.state,
        fdb_flush: options.fdb_flush,
        multicast_router: options.mcast_router,
        group_fwd_mask: options.group_fwd_mask,
        ..PortChange::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::bridge::PortState;
    use crate::kernel::netlink::{LinkChange, LinkFlags, LinkKind, LinkNew, VethPeer};
    use std::time::Duration;

    fn name(name: &str) -> LinkRef {
        LinkRef::Name(name.to_owned())
    }

    fn new(world: &mut World, kind: LinkKind, called: &str, address: Option<MacAddr>) {
        let attributes = LinkChange {
            name: Some(called.parse().unwrap()),
            address,
            ..LinkChange::default()
        };
        let new = LinkNew {
            kind,
            ifindex: None,
            link: None,
            tx_queues: None,
            rx_queues: None,
            attributes,
        };
        let root = world.host(world.default_host()).root;
        world.link_add(root, &new).unwrap();
    }

    /// A world with br0 and the pair va, vb.
    fn lab(address: Option<MacAddr>) -> (World, NetnsId) {
        let mut world = World::new(0);
        let root = world.host(world.default_host()).root;
        new(&mut world, LinkKind::Bridge(Box::default()), "br0", address);
        let peer = LinkChange {
            name: Some("vb".parse().unwrap()),
            ..LinkChange::default()
        };
        let peer = VethPeer {
            attributes: peer,
            ..VethPeer::default()
        };
        new(
            &mut world,
            LinkKind::Veth(Some(Box::new(peer))),
            "va",
            Some(MacAddr([2, 0, 0, 0, 0, 1])),
        );
        (world, root)
    }

    fn set(world: &mut World, netns: NetnsId, link: &str, change: LinkChange) -> NlResult<()> {
        world.link_set(netns, &name(link), &change)
    }

    fn up() -> LinkChange {
        LinkChange {
            up: Some(true),
            ..LinkChange::default()
        }
    }

    fn master(world: &mut World, netns: NetnsId, link: &str) -> LinkChange {
        let ifindex = world.link(netns, &name(link)).unwrap().ifindex;
        LinkChange {
            master: Some(ifindex),
            ..LinkChange::default()
        }
    }

    #[test]
    fn a_port_that_gets_a_carrier_forwards_and_gives_the_bridge_its_address() {
        let (mut world, root) = lab(None);
        let to_br0 = master(&mut world, root, "br0");
        set(&mut world, root, "va", to_br0).unwrap();
        for link in ["br0", "va", "vb"] {
            set(&mut world, root, link, up()).unwrap();
        }
        world
            .run_until(SimTime::ZERO + Duration::from_secs(2))
            .unwrap();
        let port = world.link(root, &name("va")).unwrap();
        let info = port.bridge_port.unwrap();
        assert_eq!(
            (info.state, info.port_id, info.cost),
            (PortState::Forwarding.number(), 0x8001, 2)
        );
        assert_eq!((port.promiscuity, port.allmulti), (1, 1));
        let bridge = world.link(root, &name("br0")).unwrap();
        assert_eq!(bridge.address, MacAddr([2, 0, 0, 0, 0, 1]));
        assert!(bridge.flags.has(LinkFlags::LOWER_UP));
        let told = world.fdb_dump(root, None, Some(bridge.ifindex));
        assert!(
            told.iter()
                .any(|e| e.mac == bridge.address && e.ifindex == port.ifindex)
        );
        world.link_del(root, &name("br0")).unwrap();
        let port = world.link(root, &name("va")).unwrap();
        assert_eq!((port.master, port.promiscuity), (None, 0));
    }

    #[test]
    fn a_bridge_takes_no_bridge_and_no_loopback() {
        let (mut world, root) = lab(None);
        let to_br0 = master(&mut world, root, "br0");
        let error = set(&mut world, root, "br0", to_br0.clone()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Error: Can not enslave a bridge to a bridge."
        );
        let error = set(&mut world, root, "lo", to_br0).unwrap_err();
        assert_eq!(error.errno, Errno::Einval);
    }

    #[test]
    fn a_bridge_of_a_chosen_address_keeps_it_and_has_no_carrier_without_ports() {
        let mac = MacAddr([2, 0, 0, 0, 0, 0xf0]);
        let (mut world, root) = lab(Some(mac));
        let to_br0 = master(&mut world, root, "br0");
        set(&mut world, root, "va", to_br0).unwrap();
        set(&mut world, root, "br0", up()).unwrap();
        let bridge = world.link(root, &name("br0")).unwrap();
        assert_eq!(bridge.address, mac);
        assert!(!bridge.flags.has(LinkFlags::LOWER_UP));
    }

    #[test]
    fn the_mtu_of_a_bridge_follows_its_ports() {
        let (mut world, root) = lab(None);
        let to_br0 = master(&mut world, root, "br0");
        set(&mut world, root, "va", to_br0).unwrap();
        let small = LinkChange {
            mtu: Some(1400),
            ..LinkChange::default()
        };
        set(&mut world, root, "va", small).unwrap();
        assert_eq!(world.link(root, &name("br0")).unwrap().mtu, 1400);
        let large = LinkChange {
            mtu: Some(1450),
            ..LinkChange::default()
        };
        set(&mut world, root, "br0", large).unwrap();
        let none = LinkChange {
            master: Some(0),
            ..LinkChange::default()
        };
        set(&mut world, root, "va", none).unwrap();
        assert_eq!(world.link(root, &name("br0")).unwrap().mtu, 1450);
    }
}
