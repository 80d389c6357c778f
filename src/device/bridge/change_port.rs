//! Changes of a port's settings, with the kernel's bounds and in its order (`br_setport`).
//! What they do to frames is in `forward`.

use crate::units::{DevId, Errno, SimTime};

use super::change::set;
use super::fdb::FdbFlags;
use super::options::PortChange;
use super::port::{PortFlags, PortNo, PortState};
use super::stp::StpState;
use super::{Bridge, Refusal};

/// Those that a port's mask may not open: pause frames (`BR_GROUPFWD_MACPAUSE`).
const GROUP_FWD_PAUSE: u16 = 0x0002;
/// Port priorities have six bits (`BR_MAX_PORT_PRIORITY`).
const PORT_PRIORITY_MAX: u16 = 0x3f;

impl Bridge {
    /// Changes a port in the kernel's order, up to the first thing that it refuses;
    /// what comes before holds (`br_setport`).
    pub fn change_port(
        &mut self,
        now: SimTime,
        dev: DevId,
        change: &PortChange,
    ) -> Result<(), Refusal> {
        let port_no = self.port_no(dev).ok_or(Errno::Einval)?;
        self.change_port_flags(port_no, change)?;
        if let Some(cost) = change.cost {
            self.set_path_cost(now, port_no, cost)?;
        }
        if let Some(priority) = change.priority {
            self.set_port_priority(now, port_no, priority)?;
        }
        if let Some(state) = change.state {
            self.set_port_state(now, port_no, state)?;
        }
        if change.fdb_flush {
            self.fdb_delete_by_port(port_no, false);
        }
        self.change_port_rest(now, port_no, change)
    }

    fn change_port_flags(&mut self, port_no: PortNo, change: &PortChange) -> Result<(), Refusal> {
        let port = self.port_mut(port_no).ok_or(Errno::Einval)?;
        let old = port.flags;
        for &(flag, on) in &change.flags {
            port.flags = port.flags.with(flag, on);
        }
        let new = port.flags;
        let enough = PortFlags::LOCKED.union(PortFlags::LEARNING);
        if new.has(PortFlags::MAB) && !new.has(enough) {
            port.flags = old;
            return Err(Refusal {
                errno: Errno::Einval,
                extack: Some(
                    "bridge: Bridge port must be locked and have learning enabled when MAB is enabled",
                ),
            });
        }
        if old.has(PortFlags::VLAN_TUNNEL) && !new.has(PortFlags::VLAN_TUNNEL) {
            self.forget_tunnels(port_no);
        }
        self.update_answering();
        if old.has(PortFlags::MAB) && !new.has(PortFlags::MAB) {
            self.fdb
                .remove_where(|e| e.port_no == port_no && e.flags.has(FdbFlags::LOCKED));
        }
        Ok(())
    }

    /// `br_stp_set_path_cost`.
    fn set_path_cost(&mut self, now: SimTime, port_no: PortNo, cost: u32) -> Result<(), Refusal> {
        if !(1..=65535).contains(&cost) {
            return Err(Errno::Erange.into());
        }
        if let Some(port) = self.port_mut(port_no) {
            port.flags = port.flags.with(PortFlags::ADMIN_COST, true);
            port.path_cost = cost;
        }
        self.configuration_update(now);
        self.select_port_states(now);
        Ok(())
    }

    /// `br_stp_set_port_priority`.
    fn set_port_priority(
        &mut self,
        now: SimTime,
        port_no: PortNo,
        priority: u16,
    ) -> Result<(), Refusal> {
        if priority > PORT_PRIORITY_MAX {
            return Err(Errno::Erange.into());
        }
        let own = self.stp.bridge_id();
        let port = self.port_mut(port_no).ok_or(Errno::Einval)?;
        let designated = port.is_designated(own);
        port.priority = priority as u8;
        if designated {
            port.designated_port = port.port_id();
        }
        if port.designated_bridge == own && port.port_id() < port.designated_port {
            self.become_designated(port_no);
            self.select_port_states(now);
        }
        Ok(())
    }

    /// `br_set_port_state`.
    fn set_port_state(&mut self, now: SimTime, port_no: PortNo, state: u8) -> Result<(), Refusal> {
        let state = PortState::from_number(state).ok_or(Errno::Einval)?;
        self.stp.ran = true;
        if self.stp.state == StpState::Kernel {
            return Err(Errno::Ebusy.into());
        }
        let device = self.port_at(port_no).ok_or(Errno::Einval)?.device;
        if !device.up || !device.oper_up && state != PortState::Disabled {
            return Err(Errno::Enetdown.into());
        }
        self.set_state(port_no, state);
        self.select_port_states(now);
        Ok(())
    }

    fn change_port_rest(
        &mut self,
        _now: SimTime,
        port_no: PortNo,
        change: &PortChange,
    ) -> Result<(), Refusal> {
        let backup = match change.backup {
            Some(Some(dev)) => {
                let other = self.port_no(dev).ok_or(Errno::Enoent)?;
                if other == port_no {
                    return Err(Errno::Einval.into());
                }
                Some(Some(dev))
            }
            other => other,
        };
        let port = self.port_mut(port_no).ok_or(Errno::Einval)?;
        if let Some(router) = change.multicast_router {
            if router > 3 {
                return Err(Errno::Einval.into());
            }
            port.multicast_router = router;
        }
        set(
            &mut port.mcast_eht_hosts_limit,
            change.mcast_eht_hosts_limit,
        );
        set(&mut port.mcast_max_groups, change.mcast_max_groups);
        if let Some(mask) = change.group_fwd_mask {
            if mask & GROUP_FWD_PAUSE != 0 {
                return Err(Errno::Einval.into());
            }
            port.group_fwd_mask = mask;
        }
        set(&mut port.backup, backup);
        set(&mut port.backup_nhid, change.backup_nhid);
        Ok(())
    }
}
