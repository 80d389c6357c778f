//! Changes of a bridge's settings, with the kernel's bounds and in its order (`br_changelink`).
//! It parses no words: that is the tools' work.

use crate::units::{Errno, SimTime};
use crate::wire::{ETH_P_8021AD, ETH_P_8021Q};

use super::fdb_request::FdbFlush;
use super::forward::is_link_local;
use super::options::{BridgeChange, McastOptions};
use super::port::PortState;
use super::stp::StpState;
use super::ticks::Ticks;
use super::{Bridge, Refusal};

/// Link-local groups that `group_fwd_mask` may not open: 0, 1 and 2 (`BR_GROUPFWD_RESTRICTED`).
const GROUP_FWD_RESTRICTED: u16 = 0x0007;

/// Sets a field where a value is given.
pub(super) fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// The span, if it is within whole seconds.
fn bounded(clock: u32, secs: std::ops::RangeInclusive<u64>) -> Result<Ticks, Refusal> {
    let ticks = Ticks::from_clock(clock.into());
    let bounds = Ticks::from_secs(*secs.start())..=Ticks::from_secs(*secs.end());
    match bounds.contains(&ticks) {
        true => Ok(ticks),
        false => Err(Errno::Erange.into()),
    }
}

impl Bridge {
    /// Changes settings in the kernel's order, up to the first that it refuses; those
    /// before it hold (`br_changelink`).
    pub fn change(&mut self, now: SimTime, change: &BridgeChange) -> Result<(), Refusal> {
        self.change_times(now, change)?;
        self.change_stp(now, change)?;
        self.change_groups(change)?;
        if change.fdb_flush {
            self.fdb_flush(&FdbFlush::DYNAMIC)?;
        }
        self.change_mcast(now, change)?;
        let options = &mut self.options;
        set(&mut options.nf_call_iptables, change.nf_call_iptables);
        set(&mut options.nf_call_ip6tables, change.nf_call_ip6tables);
        set(&mut options.nf_call_arptables, change.nf_call_arptables);
        set(&mut options.no_linklocal_learn, change.no_linklocal_learn);
        set(&mut options.mcast.vlan_snooping, change.mcast_vlan_snooping);
        set(&mut self.fdb.max_learned, change.fdb_max_learned);
        Ok(())
    }

    fn change_times(&mut self, now: SimTime, change: &BridgeChange) -> Result<(), Refusal> {
        if let Some(clock) = change.forward_delay {
            self.set_forward_delay(clock)?;
        }
        if let Some(clock) = change.hello_time {
            self.stp.bridge_hello_time = bounded(clock, 1..=10)?;
            if self.stp.is_root() {
                self.stp.hello_time = self.stp.bridge_hello_time;
            }
        }
        if let Some(clock) = change.max_age {
            self.stp.bridge_max_age = bounded(clock, 6..=40)?;
            if self.stp.is_root() {
                self.stp.max_age = self.stp.bridge_max_age;
            }
        }
        if let Some(clock) = change.ageing_time {
            self.stp.bridge_ageing_time = Ticks::from_clock(clock.into());
            self.stp.ageing_time = self.stp.bridge_ageing_time;
            self.gc(now);
        }
        Ok(())
    }

    /// Any span while STP is off, 2 to 30 seconds while it runs (`br_set_forward_delay`).
    fn set_forward_delay(&mut self, clock: u32) -> Result<(), Refusal> {
        let ticks = match self.stp.state {
            StpState::Off => Ticks::from_clock(clock.into()),
            StpState::Kernel => bounded(clock, 2..=30)?,
        };
        self.put_forward_delay(ticks);
        Ok(())
    }

    fn put_forward_delay(&mut self, ticks: Ticks) {
        self.stp.bridge_forward_delay = ticks;
        if self.stp.is_root() {
            self.stp.forward_delay = ticks;
        }
    }

    fn change_stp(&mut self, now: SimTime, change: &BridgeChange) -> Result<(), Refusal> {
        match change.stp_state {
            None => {}
            Some(0) => self.stp.state = StpState::Off,
            Some(_) => self.start_stp(now),
        }
        if let Some(priority) = change.priority {
            self.set_priority(now, priority);
        }
        self.change_vlans(now, change)
    }

    /// What is told of VLANs, in the order of `br_changelink`.
    fn change_vlans(&mut self, now: SimTime, change: &BridgeChange) -> Result<(), Refusal> {
        if let Some(on) = change.vlan_filtering
            && on != self.options.vlan_filtering
        {
            self.wake_vlans(now);
            self.options.vlan_filtering = on;
            self.recalculate_group();
        }
        match change.vlan_protocol {
            None => {}
            Some(protocol @ (ETH_P_8021Q | ETH_P_8021AD)) => {
                self.options.vlan_protocol = protocol;
                self.recalculate_group();
            }
            Some(_) => return Err(Errno::Eprotonosupport.into()),
        }
        if self.vlans().is_none() {
            return self.note_vlan_wishes(change);
        }
        if let Some(vid) = change.vlan_default_pvid {
            self.set_default_pvid(now, vid)?;
        }
        match (change.vlan_stats_enabled, change.vlan_stats_per_port) {
            (None, None) => Ok(()),
            (enabled, per_port) => self.set_vlan_stats(now, enabled, per_port),
        }
    }

    /// Where BPDUs go follows the protocol of tags, unless it was chosen (`recalculate_group_addr`).
    fn recalculate_group(&mut self) {
        let provider = self.options.vlan_filtering && self.options.vlan_protocol == ETH_P_8021AD;
        if !self.options.group_address_set {
            self.options.group_address.0[5] = if provider { 0x08 } else { 0x00 };
        }
    }

    /// `br_stp_start`: the kernel runs it, as outside of the first namespace there is
    /// no helper to ask.
    fn start_stp(&mut self, now: SimTime) {
        if self.stp.state == StpState::Kernel {
            return;
        }
        let bounds = (Ticks::from_secs(2), Ticks::from_secs(30));
        let delay = self.stp.bridge_forward_delay.clamp(bounds.0, bounds.1);
        if delay != self.stp.bridge_forward_delay {
            self.put_forward_delay(delay);
        }
        self.stp.state = StpState::Kernel;
        self.stp.ran = true;
        if self.up {
            self.stp.timers.hello = Some(now + self.stp.hello_time.duration());
        }
        self.select_port_states(now);
    }

    /// `br_stp_set_bridge_priority`.
    fn set_priority(&mut self, now: SimTime, priority: u16) {
        let was_root = self.stp.is_root();
        let own = self.stp.bridge_id();
        for port in self.ports_mut() {
            if port.state != PortState::Disabled && port.is_designated(own) {
                port.designated_bridge.priority = priority;
            }
        }
        self.stp.priority = priority;
        self.settle(now, was_root);
    }

    fn change_groups(&mut self, change: &BridgeChange) -> Result<(), Refusal> {
        if let Some(mask) = change.group_fwd_mask {
            if mask & GROUP_FWD_RESTRICTED != 0 {
                return Err(Errno::Einval.into());
            }
            self.options.group_fwd_mask = mask;
        }
        if let Some(group) = change.group_address {
            if !is_link_local(group) || (1..=3).contains(&group.0[5]) {
                return Err(Errno::Einval.into());
            }
            self.options.group_address = group;
            self.options.group_address_set = true;
        }
        Ok(())
    }

    /// Groups that must be forwarded because BPDUs go elsewhere. Only a provider bridge
    /// has any (`br_recalculate_fwd_mask`).
    pub(super) fn group_fwd_mask_required(&self) -> u16 {
        match self.options.vlan_protocol {
            _ if !self.options.vlan_filtering => 0,
            // 802.1ad: all the groups of a customer bridge, but for its own.
            0x88a8 => 0xb801 & !(1 << (self.options.group_address.0[5] & 0xf)),
            _ => 0,
        }
    }

    /// Snooping, and asking for members, both of which begin at once.
    fn change_querier(&mut self, now: SimTime, change: &BridgeChange) {
        let mcast = &mut self.options.mcast;
        let (snooped, asked) = (mcast.snooping, mcast.querier);
        set(&mut mcast.snooping, change.mcast_snooping);
        set(&mut mcast.querier, change.mcast_querier);
        if mcast.querier && !asked {
            self.become_querier(now);
        } else if mcast.snooping && !snooped {
            self.start_asking_all(now);
        }
        if snooped && !self.options.mcast.snooping {
            // What was learned at ports goes; what the bridge itself joined stays (`br_multicast_toggle`).
            let ports: Vec<_> = self.ports().map(|port| port.port_no).collect();
            for port_no in ports {
                self.mdb_disable_port(port_no);
            }
        }
    }

    fn change_mcast(&mut self, now: SimTime, change: &BridgeChange) -> Result<(), Refusal> {
        self.change_querier(now, change);
        let mcast = &mut self.options.mcast;
        if let Some(router) = change.mcast_router {
            if router > 2 {
                return Err(Errno::Einval.into());
            }
            mcast.router = router;
        }
        set(&mut mcast.query_use_ifaddr, change.mcast_query_use_ifaddr);
        set(&mut mcast.hash_max, change.mcast_hash_max);
        set(&mut mcast.stats_enabled, change.mcast_stats_enabled);
        mcast.change(change)
    }
}

impl McastOptions {
    /// Changes what a bridge has for all its VLANs, and a VLAN for itself (`br_vlan_process_global_one_opts`).
    pub(super) fn change(&mut self, change: &BridgeChange) -> Result<(), Refusal> {
        set(&mut self.last_member_count, change.mcast_last_member_count);
        set(
            &mut self.startup_query_count,
            change.mcast_startup_query_count,
        );
        let span = |clock: Option<u64>| clock.map(Ticks::from_clock);
        // Queries come a second apart at the least (`BR_MULTICAST_QUERY_INTVL_MIN`).
        let apart = |clock| span(clock).map(|ticks| ticks.max(Ticks::from_secs(1)));
        set(
            &mut self.last_member_interval,
            span(change.mcast_last_member_interval),
        );
        set(
            &mut self.membership_interval,
            span(change.mcast_membership_interval),
        );
        set(
            &mut self.querier_interval,
            span(change.mcast_querier_interval),
        );
        set(&mut self.query_interval, apart(change.mcast_query_interval));
        set(
            &mut self.query_response_interval,
            span(change.mcast_query_response_interval),
        );
        set(
            &mut self.startup_query_interval,
            apart(change.mcast_startup_query_interval),
        );
        if let Some(version) = change.mcast_igmp_version {
            if !(2..=3).contains(&version) {
                return Err(Errno::Einval.into());
            }
            self.igmp_version = version;
        }
        if let Some(version) = change.mcast_mld_version {
            if !(1..=2).contains(&version) {
                return Err(Errno::Einval.into());
            }
            self.mld_version = version;
        }
        Ok(())
    }
}
