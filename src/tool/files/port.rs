//! The attributes of a bridge and of its ports in `/sys/class/net` (br_sysfs_br.c, br_sysfs_if.c).
//! Nothing is written here: `ip link set .. type bridge` does.

use crate::kernel::netlink::{BridgeInfo, BridgePortInfo};
use crate::units::MacAddr;

/// One attribute. It has no value where it can be written only.
pub(super) struct Attribute {
    pub name: &'static str,
    pub mode: &'static str,
    pub value: Option<String>,
}

fn writable(name: &'static str, value: impl ToString) -> Attribute {
    Attribute {
        name,
        mode: "-rw-r--r--",
        value: Some(value.to_string() + "\n"),
    }
}

fn readable(name: &'static str, value: impl ToString) -> Attribute {
    Attribute {
        mode: "-r--r--r--",
        ..writable(name, value)
    }
}

const FLUSH: Attribute = Attribute {
    name: "flush",
    mode: "--w-------",
    value: None,
};

/// `8000.020000000001`.
fn id((priority, mac): (u16, MacAddr)) -> String {
    let digits: String = mac.0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{priority:04x}.{digits}")
}

/// The attributes in `bridge/`. Times are in hundredths of a second.
pub(super) fn bridge(info: &BridgeInfo) -> Vec<Attribute> {
    let flag = |is: bool| u8::from(is);
    let mut all = vec![
        FLUSH,
        writable("ageing_time", info.ageing_time),
        readable("bridge_id", id(info.bridge_id)),
        writable("forward_delay", info.forward_delay),
        readable("gc_timer", info.gc_timer),
        writable("group_addr", info.group_address),
        writable("group_fwd_mask", format!("{:#x}", info.group_fwd_mask)),
        writable("hash_elasticity", info.mcast_hash_elasticity),
        writable("hash_max", info.mcast_hash_max),
        writable("hello_time", info.hello_time),
        readable("hello_timer", info.hello_timer),
        writable("max_age", info.max_age),
        writable("multicast_igmp_version", info.mcast_igmp_version),
        writable("multicast_last_member_count", info.mcast_last_member_count),
        writable(
            "multicast_last_member_interval",
            info.mcast_last_member_interval,
        ),
        writable(
            "multicast_membership_interval",
            info.mcast_membership_interval,
        ),
        writable("multicast_mld_version", info.mcast_mld_version),
        writable("multicast_querier", flag(info.mcast_querier)),
        writable("multicast_querier_interval", info.mcast_querier_interval),
        writable("multicast_query_interval", info.mcast_query_interval),
        writable(
            "multicast_query_response_interval",
            info.mcast_query_response_interval,
        ),
        writable(
            "multicast_query_use_ifaddr",
            flag(info.mcast_query_use_ifaddr),
        ),
        writable("multicast_router", info.mcast_router),
        writable("multicast_snooping", flag(info.mcast_snooping)),
        writable(
            "multicast_startup_query_count",
            info.mcast_startup_query_count,
        ),
        writable(
            "multicast_startup_query_interval",
            info.mcast_startup_query_interval,
        ),
        writable("multicast_stats_enabled", flag(info.mcast_stats_enabled)),
        writable("nf_call_arptables", flag(info.nf_call_arptables)),
        writable("nf_call_ip6tables", flag(info.nf_call_ip6tables)),
        writable("nf_call_iptables", flag(info.nf_call_iptables)),
        writable("no_linklocal_learn", flag(info.no_linklocal_learn)),
        writable("priority", info.priority),
        readable("root_id", id(info.designated_root)),
        readable("root_path_cost", info.root_path_cost),
        readable("root_port", info.root_port),
        writable("stp_state", info.stp_state),
        readable("tcn_timer", info.tcn_timer),
        readable("topology_change", flag(info.topology_change)),
        readable(
            "topology_change_detected",
            flag(info.topology_change_detected),
        ),
        readable("topology_change_timer", info.topology_change_timer),
    ];
    if let Some(pvid) = info.vlan_default_pvid {
        all.extend([
            writable("default_pvid", pvid),
            writable("vlan_filtering", flag(info.vlan_filtering)),
            writable("vlan_protocol", format!("{:#06x}", info.vlan_protocol)),
            writable("vlan_stats_enabled", flag(info.vlan_stats_enabled)),
            writable("vlan_stats_per_port", flag(info.vlan_stats_per_port)),
        ]);
    }
    all
}

/// The attributes in `brport/`. Timers are in hundredths of a second.
pub(super) fn port(info: &BridgePortInfo) -> Vec<Attribute> {
    let flag = |is: bool| u8::from(is);
    vec![
        FLUSH,
        Attribute {
            name: "backup_port",
            mode: "-rw-r--r--",
            value: Some(String::new()),
        },
        writable("bpdu_guard", flag(info.guard)),
        writable("broadcast_flood", flag(info.bcast_flood)),
        readable("change_ack", flag(info.topology_change_ack)),
        readable("config_pending", flag(info.config_pending)),
        readable("designated_bridge", id(info.designated_bridge)),
        readable("designated_cost", info.designated_cost),
        readable("designated_port", info.designated_port),
        readable("designated_root", id(info.designated_root)),
        readable("forward_delay_timer", info.forward_delay_timer),
        writable("group_fwd_mask", format!("{:#x}", info.group_fwd_mask)),
        writable("hairpin_mode", flag(info.hairpin)),
        readable("hold_timer", info.hold_timer),
        writable("isolated", flag(info.isolated)),
        writable("learning", flag(info.learning)),
        readable("message_age_timer", info.message_age_timer),
        writable("multicast_fast_leave", flag(info.fastleave)),
        writable("multicast_flood", flag(info.mcast_flood)),
        writable("multicast_router", info.mcast_router),
        writable("multicast_to_unicast", flag(info.mcast_to_unicast)),
        writable("neigh_suppress", flag(info.neigh_suppress)),
        writable("path_cost", info.cost),
        readable("port_id", format!("{:#x}", info.port_id)),
        readable("port_no", format!("{:#x}", info.port_no)),
        writable("priority", info.priority),
        writable("proxyarp", flag(info.proxy_arp)),
        writable("proxyarp_wifi", flag(info.proxy_arp_wifi)),
        writable("root_block", flag(info.root_block)),
        readable("state", info.state),
        writable("unicast_flood", flag(info.flood)),
    ]
}
