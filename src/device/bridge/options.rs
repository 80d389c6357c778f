//! What can be set on a bridge and on a port, with the kernel's bounds and order
//! (`br_changelink`, `br_setport`). It parses no words: that is the tools' work.

use crate::units::{DevId, Errno, MacAddr, SimTime};

use super::fdb::FdbFlags;
use super::fdb_rules::FdbFlush;
use super::forward::is_link_local;
use super::port::{PortFlags, PortNo, PortState};
use super::stp::StpState;
use super::ticks::Ticks;
use super::{Bridge, Refusal};

/// Link-local groups that `group_fwd_mask` may not open: 0, 1 and 2 (`BR_GROUPFWD_RESTRICTED`).
const GROUP_FWD_RESTRICTED: u16 = 0x0007;
/// Those that a port's mask may not open: pause frames (`BR_GROUPFWD_MACPAUSE`).
const GROUP_FWD_PAUSE: u16 = 0x0002;
/// Port priorities have six bits (`BR_MAX_PORT_PRIORITY`).
const PORT_PRIORITY_MAX: u16 = 0x3f;

/// The settings of a bridge that its other parts do not keep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// Link-local groups that are forwarded, a bit for each last byte.
    pub group_fwd_mask: u16,
    /// Where BPDUs go, 01:80:c2:00:00:00.
    pub group_address: MacAddr,
    /// Whether a user chose `group_address`.
    pub group_address_set: bool,
    /// Sources of link-local groups are not learned.
    pub no_linklocal_learn: bool,
    /// VLANs are told apart; the kernel that is followed cannot.
    pub vlan_filtering: bool,
    /// The ethertype of tags.
    pub vlan_protocol: u16,
    /// The multicast settings.
    pub mcast: McastOptions,
    /// Frames pass through `iptables`.
    pub nf_call_iptables: bool,
    /// Frames pass through `ip6tables`.
    pub nf_call_ip6tables: bool,
    /// Frames pass through `arptables`.
    pub nf_call_arptables: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            group_fwd_mask: 0,
            group_address: MacAddr(crate::wire::BPDU_GROUP),
            group_address_set: false,
            no_linklocal_learn: false,
            vlan_filtering: false,
            vlan_protocol: 0x8100,
            mcast: McastOptions::default(),
            nf_call_iptables: false,
            nf_call_ip6tables: false,
            nf_call_arptables: false,
        }
    }
}

/// The multicast settings (`br_multicast_init`, `br_multicast_ctx_init`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct McastOptions {
    /// Whether the bridge itself is a multicast router: 0 no, 1 when it hears itself, 2 yes.
    pub router: u8,
    /// Whether groups are learned.
    pub snooping: bool,
    /// Whether groups are learned for each VLAN.
    pub vlan_snooping: bool,
    /// Queries carry the bridge's address.
    pub query_use_ifaddr: bool,
    /// The bridge asks for members.
    pub querier: bool,
    /// Most groups.
    pub hash_max: u32,
    /// Queries before a group is given up.
    pub last_member_count: u32,
    /// Queries at the start.
    pub startup_query_count: u32,
    /// Between the queries for a last member.
    pub last_member_interval: Ticks,
    /// How long a membership lasts.
    pub membership_interval: Ticks,
    /// How long another querier is believed in.
    pub querier_interval: Ticks,
    /// Between queries.
    pub query_interval: Ticks,
    /// How long members may take to answer.
    pub query_response_interval: Ticks,
    /// Between queries at the start.
    pub startup_query_interval: Ticks,
    /// Whether reports are counted.
    pub stats_enabled: bool,
    /// 2 or 3.
    pub igmp_version: u8,
    /// 1 or 2.
    pub mld_version: u8,
}

impl Default for McastOptions {
    fn default() -> Self {
        let query_interval = Ticks::from_secs(125);
        Self {
            router: 1,
            snooping: true,
            vlan_snooping: false,
            query_use_ifaddr: false,
            querier: false,
            hash_max: 4096,
            last_member_count: 2,
            startup_query_count: 2,
            last_member_interval: Ticks::from_secs(1),
            membership_interval: Ticks::from_secs(260),
            querier_interval: Ticks::from_secs(255),
            query_interval,
            query_response_interval: Ticks::from_secs(10),
            startup_query_interval: query_interval.divided(4),
            stats_enabled: false,
            igmp_version: 2,
            mld_version: 1,
        }
    }
}

/// The bucket limit that the kernel still tells and no longer obeys.
pub const MCAST_HASH_ELASTICITY: u32 = 16;

/// What to change on a bridge (`IFLA_BR_*`); times in hundredths of a second.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(
    missing_docs,
    reason = "each is named as the option of `ip link set type bridge`"
)]
pub struct BridgeChange {
    pub forward_delay: Option<u32>,
    pub hello_time: Option<u32>,
    pub max_age: Option<u32>,
    pub ageing_time: Option<u32>,
    pub stp_state: Option<u32>,
    pub priority: Option<u16>,
    pub vlan_filtering: Option<bool>,
    pub group_fwd_mask: Option<u16>,
    pub group_address: Option<MacAddr>,
    pub fdb_flush: bool,
    pub mcast_router: Option<u8>,
    pub mcast_snooping: Option<bool>,
    pub mcast_vlan_snooping: Option<bool>,
    pub mcast_query_use_ifaddr: Option<bool>,
    pub mcast_querier: Option<bool>,
    pub mcast_hash_max: Option<u32>,
    pub mcast_last_member_count: Option<u32>,
    pub mcast_startup_query_count: Option<u32>,
    pub mcast_last_member_interval: Option<u64>,
    pub mcast_membership_interval: Option<u64>,
    pub mcast_querier_interval: Option<u64>,
    pub mcast_query_interval: Option<u64>,
    pub mcast_query_response_interval: Option<u64>,
    pub mcast_startup_query_interval: Option<u64>,
    pub mcast_stats_enabled: Option<bool>,
    pub mcast_igmp_version: Option<u8>,
    pub mcast_mld_version: Option<u8>,
    pub nf_call_iptables: Option<bool>,
    pub nf_call_ip6tables: Option<bool>,
    pub nf_call_arptables: Option<bool>,
    pub no_linklocal_learn: Option<bool>,
    pub fdb_max_learned: Option<u32>,
}

/// What to change on a port (`IFLA_BRPORT_*`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PortChange {
    /// Switches, each with what it shall be.
    pub flags: Vec<(PortFlags, bool)>,
    /// The cost of the way over it.
    pub cost: Option<u32>,
    /// The priority.
    pub priority: Option<u16>,
    /// The state by number.
    pub state: Option<u8>,
    /// Forget what was learned here.
    pub fdb_flush: bool,
    /// Multicast routers behind it.
    pub multicast_router: Option<u8>,
    /// How many hosts are tracked.
    pub mcast_eht_hosts_limit: Option<u32>,
    /// How many groups may be joined.
    pub mcast_max_groups: Option<u32>,
    /// Link-local groups that pass.
    pub group_fwd_mask: Option<u16>,
    /// The backup port; the inner nothing takes it away.
    pub backup: Option<Option<DevId>>,
    /// The backup next hop.
    pub backup_nhid: Option<u32>,
}

/// Sets a field where a value is given.
fn set<T>(field: &mut T, value: Option<T>) {
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
        match change.vlan_filtering {
            None => Ok(()),
            Some(_) => Err(Errno::Eopnotsupp.into()),
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
        set(&mut mcast.last_member_count, change.mcast_last_member_count);
        set(
            &mut mcast.startup_query_count,
            change.mcast_startup_query_count,
        );
        let span = |clock: Option<u64>| clock.map(Ticks::from_clock);
        // Queries come a second apart at the least (`BR_MULTICAST_QUERY_INTVL_MIN`).
        let apart = |clock| span(clock).map(|ticks| ticks.max(Ticks::from_secs(1)));
        set(
            &mut mcast.last_member_interval,
            span(change.mcast_last_member_interval),
        );
        set(
            &mut mcast.membership_interval,
            span(change.mcast_membership_interval),
        );
        set(
            &mut mcast.querier_interval,
            span(change.mcast_querier_interval),
        );
        set(
            &mut mcast.query_interval,
            apart(change.mcast_query_interval),
        );
        set(
            &mut mcast.query_response_interval,
            span(change.mcast_query_response_interval),
        );
        set(
            &mut mcast.startup_query_interval,
            apart(change.mcast_startup_query_interval),
        );
        set(&mut mcast.stats_enabled, change.mcast_stats_enabled);
        if let Some(version) = change.mcast_igmp_version {
            if !(2..=3).contains(&version) {
                return Err(Errno::Einval.into());
            }
            mcast.igmp_version = version;
        }
        if let Some(version) = change.mcast_mld_version {
            if !(1..=2).contains(&version) {
                return Err(Errno::Einval.into());
            }
            mcast.mld_version = version;
        }
        Ok(())
    }

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
