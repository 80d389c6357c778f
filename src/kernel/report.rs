//! What a dump of the devices tells (rtnl_fill_ifinfo).
//! It changes nothing but the ids of namespaces, which a dump gives away.

use crate::kernel::device::{Device, DeviceKind};
use crate::kernel::netlink::{LinkInfo, LinkKindInfo, LinkRef, NlResult};
use crate::kernel::world::World;
use crate::units::{DevId, Errno, IfIndex, IfName, NetnsId};

impl World {
    /// The devices of a namespace, by number.
    pub fn links(&mut self, netns: NetnsId) -> Vec<LinkInfo> {
        let Some(ns) = self.netns.find(netns) else {
            return Vec::new();
        };
        let devices: Vec<DevId> = ns
            .interfaces
            .values()
            .map(|interface| interface.dev)
            .collect();
        devices
            .into_iter()
            .filter_map(|dev| self.link_info(dev))
            .collect()
    }

    /// One device.
    ///
    /// # Errors
    /// `ENODEV` where there is none.
    pub fn link(&mut self, netns: NetnsId, link: &LinkRef) -> NlResult<LinkInfo> {
        let dev = self.find_link(netns, link)?;
        self.sync_linkwatch(dev);
        Ok(self.link_info(dev).ok_or(Errno::Enodev)?)
    }

    /// The number of the device with this name, or alternative name.
    pub fn ifindex(&self, netns: NetnsId, name: &str) -> Option<IfIndex> {
        let dev = self
            .find_link(netns, &LinkRef::Name(name.to_owned()))
            .ok()?;
        Some(self.devices.find(dev)?.ifindex)
    }

    /// The name of the device with this number.
    pub fn ifname(&self, netns: NetnsId, ifindex: IfIndex) -> Option<IfName> {
        let dev = self.find_link(netns, &LinkRef::Index(ifindex)).ok()?;
        Some(self.devices.find(dev)?.name)
    }

    fn link_info(&mut self, dev: DevId) -> Option<LinkInfo> {
        let (link, peer_netns) = self.lower_of(dev);
        let netns = self.devices.find(dev)?.netns;
        let link_netnsid = peer_netns.filter(|&other| other != netns);
        let link_netnsid = link_netnsid.and_then(|other| self.nsid_alloc(netns, other));
        let kind = self.kind_info(dev);
        let bridge_port = self.bridge_port_info(dev);
        let has_inet6 = self.has_inet6(dev);
        let device = self.devices.find(dev)?;
        let master = device.master.and_then(|master| self.devices.find(master));
        Some(LinkInfo {
            ifindex: device.ifindex,
            name: device.name,
            altnames: device.seldom.altnames.clone(),
            link,
            link_netnsid,
            flags: device.shown_flags(),
            mtu: device.mtu,
            min_mtu: device.min_mtu,
            max_mtu: device.max_mtu,
            qdisc: device.qdisc_name(),
            master: master.map(|master| master.ifindex),
            operstate: device.shown_operstate(),
            dormant_mode: device.dormant_mode,
            group: device.group,
            txqlen: device.txqlen,
            loopback: device.is_loopback(),
            address: device.address,
            broadcast: device.broadcast,
            permanent_address: device.seldom.permanent_address,
            alias: device.seldom.alias.clone(),
            promiscuity: device.promiscuity,
            allmulti: device.allmulti,
            tx_queues: device.queues.1,
            rx_queues: device.queues.0,
            gso: [65536, 65535, device.tso_max_size, 65535, 65536],
            addrgenmode: device.addrgenmode,
            has_inet6,
            protodown: device.protodown,
            kind,
            bridge_port,
            stats: self.shown_stats(device),
        })
    }

    fn shown_stats(&self, device: &Device) -> crate::kernel::netlink::LinkStats {
        let (counted, more) = (&device.stats, &device.stats.more);
        crate::kernel::netlink::LinkStats {
            rx_bytes: counted.rx_bytes,
            rx_packets: counted.rx_packets,
            rx_errors: more.rx_errors,
            rx_dropped: more.rx_dropped,
            rx_missed: more.rx_missed,
            multicast: more.multicast,
            tx_bytes: counted.tx_bytes,
            tx_packets: counted.tx_packets,
            tx_errors: more.tx_errors,
            tx_dropped: more.tx_dropped,
            tx_carrier: more.tx_carrier,
            collisions: more.collisions,
            carrier_changes: device.carrier_changes,
        }
    }

    /// The peer's or lower device's number and namespace (`dev_get_iflink`, `get_link_net`).
    fn lower_of(&self, dev: DevId) -> (Option<u32>, Option<NetnsId>) {
        let Some(device) = self.devices.find(dev) else {
            return (None, None);
        };
        match &device.kind {
            DeviceKind::Stacked(stacked) => {
                let lower = self.devices.find(stacked.lower());
                (
                    lower.map(|lower| lower.ifindex),
                    lower.map(|lower| lower.netns),
                )
            }
            DeviceKind::Veth { peer } => {
                let peer = peer.and_then(|peer| self.devices.find(peer));
                (peer.map(|peer| peer.ifindex), peer.map(|peer| peer.netns))
            }
            // A tunnel is on no device, but its socket may be in another namespace (`rtnl_fill_link_netnsid`).
            DeviceKind::Vxlan(tunnel) if tunnel.net != device.netns => {
                (Some(device.ifindex), Some(tunnel.net))
            }
            DeviceKind::Loopback
            | DeviceKind::Bridge(_)
            | DeviceKind::Dummy
            | DeviceKind::Vxlan(_)
            | DeviceKind::Nic(_) => (None, None),
        }
    }

    fn kind_info(&self, dev: DevId) -> Option<LinkKindInfo> {
        match &self.devices.find(dev)?.kind {
            DeviceKind::Loopback | DeviceKind::Nic(_) => None,
            DeviceKind::Veth { .. } => Some(LinkKindInfo::Veth),
            DeviceKind::Bridge(bridge) => {
                Some(LinkKindInfo::Bridge(Box::new(self.bridge_info(bridge))))
            }
            DeviceKind::Dummy => Some(LinkKindInfo::Dummy),
            DeviceKind::Vxlan(tunnel) => {
                let told = tunnel.vxlan.config.told();
                Some(LinkKindInfo::Vxlan(Box::new(told)))
            }
            DeviceKind::Stacked(stacked) => Some(self.stacked_info(stacked)),
        }
    }
}
