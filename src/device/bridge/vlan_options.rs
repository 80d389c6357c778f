//! Settings of single VLANs: of one port, and of the bridge as a whole (net/bridge/br_vlan_options.c).
//! Which VLANs are where is in `vlan`.

use crate::units::{DevId, Errno, SimTime};

use super::change::set;
use super::options::BridgeChange;
use super::port::{PortNo, PortState};
use super::stp::StpState;
use super::{Bridge, Refusal};

/// What to change on a VLAN of a port or of the bridge device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VlanChange {
    /// The state by number.
    pub state: Option<u8>,
    /// Multicast routers behind it.
    pub mcast_router: Option<u8>,
}

fn missing(extack: &'static str) -> Refusal {
    Refusal {
        errno: Errno::Enoent,
        extack: Some(extack),
    }
}

impl Bridge {
    /// Changes VLANs of a port, or with nothing of the bridge device, up to the first that is refused
    /// (`br_vlan_process_options`).
    ///
    /// # Errors
    /// `ENOENT` for a VLAN that is not there, `EINVAL` for a value that is none, `EBUSY` while STP runs.
    pub fn vlan_change(
        &mut self,
        port: Option<DevId>,
        (first, last): (u16, u16),
        change: &VlanChange,
    ) -> Result<(), Refusal> {
        let port_no = match port {
            None => 0,
            Some(dev) => self.port_no(dev).ok_or(Errno::Einval)?,
        };
        if !self.has_vid(port_no, first) {
            let text = "bridge: Vlan range start doesn't exist, can't process options";
            return Err(missing(text));
        }
        for vid in first..=last {
            if !self.has_vid(port_no, vid) {
                let text = "bridge: Vlan in range doesn't exist, can't process options";
                return Err(missing(text));
            }
            self.change_vlan(port_no, vid, change)?;
        }
        Ok(())
    }

    fn change_vlan(
        &mut self,
        port_no: PortNo,
        vid: u16,
        change: &VlanChange,
    ) -> Result<(), Refusal> {
        let stp = self.stp.state == StpState::Kernel;
        let routers = if port_no == 0 { 2 } else { 3 };
        let group = self.vlans_mut(port_no).ok_or(Errno::Einval)?;
        let vlan = group.find_mut(vid).ok_or(Errno::Enoent)?;
        if let Some(state) = change.state {
            vlan.state = vlan_state(state, stp)?;
        }
        match change.mcast_router {
            Some(router) if router > routers => return Err(Errno::Einval.into()),
            router => set(&mut vlan.mcast_router, router),
        }
        Ok(())
    }

    /// Changes what counts for VLANs as a whole (`br_vlan_rtm_process_global_options`).
    ///
    /// # Errors
    /// `ENOENT` for a VLAN that nobody is in, `EINVAL` for a version that is none.
    pub fn vlan_change_global(
        &mut self,
        now: SimTime,
        (first, last): (u16, u16),
        change: &BridgeChange,
    ) -> Result<(), Refusal> {
        for vid in first..=last {
            let vlans = self.vlans.as_deref_mut();
            let Some(options) = vlans.and_then(|vlans| vlans.global.get_mut(&vid)) else {
                let text = "bridge: Vlan in range doesn't exist, can't process global options";
                return Err(missing(text));
            };
            let asked = options.querier;
            set(&mut options.snooping, change.mcast_snooping);
            set(&mut options.querier, change.mcast_querier);
            let begins = options.querier && !asked;
            options.change(change)?;
            if begins {
                self.become_querier_in(now, vid);
            }
        }
        Ok(())
    }
}

fn vlan_state(state: u8, stp: bool) -> Result<PortState, Refusal> {
    let refuse = |errno, text| Refusal {
        errno,
        extack: Some(text),
    };
    let wrong = || refuse(Errno::Einval, "bridge: Invalid vlan state");
    let state = PortState::from_number(state).ok_or_else(wrong)?;
    match stp {
        true => Err(refuse(
            Errno::Ebusy,
            "bridge: Can't modify vlan state when using kernel STP",
        )),
        false => Ok(state),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, bridge_of};
    use super::super::{BridgeChange, VlanAdd};
    use super::*;
    use crate::wire::VlanTag;

    #[test]
    fn a_vlan_that_blocks_at_a_port_lets_nothing_in_or_out() {
        let (mut bridge, devs) = bridge_of(2);
        let filtering = BridgeChange {
            vlan_filtering: Some(true),
            ..BridgeChange::default()
        };
        bridge.change(at(0), &filtering).unwrap();
        let add = VlanAdd {
            vid: 10,
            pvid: true,
            untagged: true,
        };
        bridge.vlan_add(at(0), Some(devs[0]), add).unwrap();
        let state = |state| VlanChange {
            state: Some(state),
            mcast_router: None,
        };
        let port = Some(devs[0]);
        let bytes = [[0xff; 6], [2, 0, 0, 0, 0, 9]].concat();
        let bytes = [&bytes[..], &[8, 0], &[0; 46]].concat();
        let vid = |bridge: &Bridge| bridge.admit(1, &bytes).map(|(tag, _)| VlanTag::vid(tag));
        assert_eq!(vid(&bridge), Some(10));
        bridge.vlan_change(port, (10, 10), &state(4)).unwrap();
        assert_eq!(vid(&bridge), None);
        assert_eq!(bridge.leaves_untagged(1, 10), None);
        assert!(bridge.vlan_change(port, (11, 11), &state(4)).is_err());
        assert!(bridge.vlan_change(port, (10, 10), &state(7)).is_err());
    }

    #[test]
    fn what_counts_for_a_vlan_goes_with_its_last_member() {
        let (mut bridge, devs) = bridge_of(1);
        let add = VlanAdd {
            vid: 10,
            pvid: false,
            untagged: false,
        };
        let change = BridgeChange {
            mcast_querier: Some(true),
            ..BridgeChange::default()
        };
        let set = |bridge: &mut Bridge| bridge.vlan_change_global(at(0), (10, 10), &change);
        bridge.vlan_add(at(0), Some(devs[0]), add).unwrap();
        assert!(set(&mut bridge).is_ok());
        bridge.vlan_delete(Some(devs[0]), 10).unwrap();
        assert_eq!(set(&mut bridge).unwrap_err().errno, Errno::Enoent);
    }
}
