//! What can be set on a bridge and on a port: values, defaults, and requests to change them.
//! The kernel's bounds are in `change` and `change_port`.

use crate::units::{DevId, MacAddr};

use super::port::PortFlags;
use super::ticks::Ticks;

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
    /// VLANs are told apart.
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

/// What to change on a bridge (`IFLA_BR_*`); only what is given is changed, times are in hundredths of a second (clock_t).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(
    missing_docs,
    reason = "each is named as the word that `ip link set type bridge` takes"
)]
pub struct BridgeChange {
    pub forward_delay: Option<u32>,
    pub hello_time: Option<u32>,
    pub max_age: Option<u32>,
    pub ageing_time: Option<u32>,
    pub stp_state: Option<u32>,
    pub priority: Option<u16>,
    pub vlan_filtering: Option<bool>,
    pub vlan_protocol: Option<u16>,
    pub vlan_default_pvid: Option<u16>,
    pub vlan_stats_enabled: Option<bool>,
    pub vlan_stats_per_port: Option<bool>,
    pub group_fwd_mask: Option<u16>,
    pub group_address: Option<MacAddr>,
    pub fdb_flush: bool,
    pub mcast_router: Option<u8>,
    pub mcast_snooping: Option<bool>,
    pub mcast_vlan_snooping: Option<bool>,
    pub mcast_query_use_ifaddr: Option<bool>,
    pub mcast_querier: Option<bool>,
    pub mcast_hash_elasticity: Option<u32>,
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
