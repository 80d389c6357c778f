//! VLANs of a port that are networks of a tunnel (net/bridge/br_vlan_tunnel.c): which is which.
//! Frames get their network, and lose it, where they are moved.

use crate::units::{DevId, Errno};

use super::port::{PortFlags, PortNo};
use super::{Bridge, BridgeVlan, Refusal};

impl Bridge {
    /// Maps a VLAN of a port to a network (`nbp_vlan_tunnel_info_add`).
    ///
    /// # Errors
    /// `EINVAL` where the port has no tunnels or is not in the VLAN, `EEXIST` where either is mapped already.
    pub fn tunnel_add(&mut self, port: Option<DevId>, vid: u16, vni: u32) -> Result<(), Refusal> {
        let port_no = self.tunnel_port(port)?;
        let group = self.vlans_mut(port_no).ok_or(Errno::Einval)?;
        let taken = group.iter().any(|vlan| vlan.tunnel == vni);
        let vlan = group.find_mut(vid).ok_or(Errno::Einval)?;
        if vlan.tunnel != 0 || taken {
            return Err(Errno::Eexist.into());
        }
        vlan.tunnel = vni;
        Ok(())
    }

    /// Takes a mapping away (`nbp_vlan_tunnel_info_delete`), where there is one.
    ///
    /// # Errors
    /// `EINVAL` where the port has no tunnels.
    pub fn tunnel_delete(&mut self, port: Option<DevId>, vid: u16) -> Result<(), Refusal> {
        let port_no = self.tunnel_port(port)?;
        let group = self.vlans_mut(port_no).ok_or(Errno::Einval)?;
        if let Some(vlan) = group.find_mut(vid) {
            vlan.tunnel = 0;
        }
        Ok(())
    }

    fn tunnel_port(&self, port: Option<DevId>) -> Result<PortNo, Refusal> {
        let port = port.and_then(|dev| self.port_of(dev));
        let with_tunnels = port.filter(|port| port.flags.has(PortFlags::VLAN_TUNNEL));
        Ok(with_tunnels.ok_or(Errno::Einval)?.port_no)
    }

    /// The port has tunnels no longer (`nbp_vlan_tunnel_info_flush`).
    pub(super) fn forget_tunnels(&mut self, port_no: PortNo) {
        if let Some(group) = self.vlans_mut(port_no) {
            group.iter_mut().for_each(|vlan| vlan.tunnel = 0);
        }
    }

    /// The VLAN in which a frame of a network comes in at a port (`br_handle_ingress_vlan_tunnel`).
    pub fn vlan_of_tunnel(&self, port: DevId, vni: u32) -> Option<BridgeVlan> {
        let port = self.port_of(port)?;
        let known = port.vlans.iter().find(|vlan| vlan.tunnel == vni);
        known.filter(|_| vni != 0 && port.flags.has(PortFlags::VLAN_TUNNEL))
    }

    /// The network into which a frame of a VLAN leaves by a port (`br_handle_egress_vlan_tunnel`).
    pub fn tunnel_of_vlan(&self, port_no: PortNo, vid: u16) -> Option<u32> {
        let port = self.port_at(port_no)?;
        if !port.flags.has(PortFlags::VLAN_TUNNEL) {
            return None;
        }
        let vlan = port.vlans.find(vid)?;
        Some(vlan.tunnel).filter(|vni| *vni != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, bridge_of};
    use super::super::{PortChange, VlanAdd};
    use super::*;

    fn with_tunnels(on: bool) -> PortChange {
        PortChange {
            flags: vec![(PortFlags::VLAN_TUNNEL, on)],
            ..PortChange::default()
        }
    }

    #[test]
    fn a_vlan_is_one_network_and_a_network_one_vlan() {
        let (mut bridge, devs) = bridge_of(1);
        let port = Some(devs[0]);
        for vid in [10, 20] {
            let add = VlanAdd {
                vid,
                pvid: false,
                untagged: false,
            };
            bridge.vlan_add(at(0), port, add).unwrap();
        }
        let errno = |done: Result<(), Refusal>| done.unwrap_err().errno;
        assert_eq!(errno(bridge.tunnel_add(port, 10, 100)), Errno::Einval);
        bridge
            .change_port(at(0), devs[0], &with_tunnels(true))
            .unwrap();
        bridge.tunnel_add(port, 10, 100).unwrap();
        assert_eq!(errno(bridge.tunnel_add(port, 10, 101)), Errno::Eexist);
        assert_eq!(errno(bridge.tunnel_add(port, 20, 100)), Errno::Eexist);
        assert_eq!(errno(bridge.tunnel_add(port, 30, 300)), Errno::Einval);
        assert_eq!(bridge.tunnel_of_vlan(1, 10), Some(100));
        assert_eq!(bridge.vlan_of_tunnel(devs[0], 100).map(|v| v.vid), Some(10));
        assert_eq!(bridge.vlan_of_tunnel(devs[0], 0), None);
        bridge
            .change_port(at(0), devs[0], &with_tunnels(false))
            .unwrap();
        bridge
            .change_port(at(0), devs[0], &with_tunnels(true))
            .unwrap();
        assert_eq!(bridge.tunnel_of_vlan(1, 10), None);
    }
}
