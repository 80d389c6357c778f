//! The settings of a namespace that belong to no device: `net.ipv4.*`, `net.ipv6.*`, `net.core.*`.
//! It keeps their text; the few that something obeys are read where they are obeyed.

use std::collections::BTreeMap;

/// Every key with the value that a new namespace has, sorted.
const DEFAULTS: &[(&str, &str)] = &[
    ("net.bridge.bridge-nf-call-arptables", "1"),
    ("net.bridge.bridge-nf-call-ip6tables", "1"),
    ("net.bridge.bridge-nf-call-iptables", "1"),
    ("net.bridge.bridge-nf-filter-pppoe-tagged", "0"),
    ("net.bridge.bridge-nf-filter-vlan-tagged", "0"),
    ("net.bridge.bridge-nf-pass-vlan-input-dev", "0"),
    ("net.core.optmem_max", "131072"),
    ("net.core.rmem_default", "212992"),
    ("net.core.rmem_max", "212992"),
    ("net.core.rps_default_mask", "0"),
    ("net.core.somaxconn", "4096"),
    ("net.core.tstamp_allow_data", "1"),
    ("net.core.txrehash", "1"),
    ("net.core.wmem_default", "212992"),
    ("net.core.wmem_max", "212992"),
    ("net.ipv4.fib_multipath_hash_fields", "7"),
    ("net.ipv4.fib_multipath_hash_policy", "0"),
    ("net.ipv4.fib_multipath_hash_seed", "0"),
    ("net.ipv4.fib_multipath_use_neigh", "0"),
    ("net.ipv4.fib_notify_on_flag_change", "0"),
    ("net.ipv4.fwmark_reflect", "0"),
    ("net.ipv4.icmp_echo_enable_probe", "0"),
    ("net.ipv4.icmp_echo_ignore_all", "0"),
    ("net.ipv4.icmp_echo_ignore_broadcasts", "1"),
    ("net.ipv4.icmp_errors_use_inbound_ifaddr", "0"),
    ("net.ipv4.icmp_ignore_bogus_error_responses", "1"),
    ("net.ipv4.icmp_msgs_burst", "50"),
    ("net.ipv4.icmp_msgs_per_sec", "1000"),
    ("net.ipv4.icmp_ratelimit", "1000"),
    ("net.ipv4.icmp_ratemask", "6168"),
    ("net.ipv4.igmp_link_local_mcast_reports", "1"),
    ("net.ipv4.igmp_max_memberships", "20"),
    ("net.ipv4.igmp_max_msf", "10"),
    ("net.ipv4.igmp_qrv", "2"),
    ("net.ipv4.ip_autobind_reuse", "0"),
    ("net.ipv4.ip_default_ttl", "64"),
    ("net.ipv4.ip_dynaddr", "0"),
    ("net.ipv4.ip_early_demux", "1"),
    ("net.ipv4.ip_forward_update_priority", "1"),
    ("net.ipv4.ip_forward_use_pmtu", "0"),
    ("net.ipv4.ip_local_port_range", "32768\t60999"),
    ("net.ipv4.ip_local_reserved_ports", ""),
    ("net.ipv4.ip_no_pmtu_disc", "0"),
    ("net.ipv4.ip_nonlocal_bind", "0"),
    ("net.ipv4.ip_unprivileged_port_start", "1024"),
    ("net.ipv4.ipfrag_high_thresh", "4194304"),
    ("net.ipv4.ipfrag_low_thresh", "3145728"),
    ("net.ipv4.ipfrag_max_dist", "64"),
    ("net.ipv4.ipfrag_time", "30"),
    ("net.ipv4.nexthop_compat_mode", "1"),
    ("net.ipv4.ping_group_range", "1\t0"),
    ("net.ipv4.raw_l3mdev_accept", "1"),
    ("net.ipv4.route.min_adv_mss", "256"),
    ("net.ipv4.route.min_pmtu", "552"),
    ("net.ipv4.route.mtu_expires", "600"),
    ("net.ipv4.tcp_abort_on_overflow", "0"),
    ("net.ipv4.tcp_adv_win_scale", "1"),
    ("net.ipv4.tcp_allowed_congestion_control", "reno cubic"),
    ("net.ipv4.tcp_app_win", "31"),
    ("net.ipv4.tcp_autocorking", "1"),
    ("net.ipv4.tcp_available_congestion_control", "reno cubic"),
    ("net.ipv4.tcp_backlog_ack_defer", "1"),
    ("net.ipv4.tcp_base_mss", "1024"),
    ("net.ipv4.tcp_challenge_ack_limit", "2147483647"),
    ("net.ipv4.tcp_child_ehash_entries", "0"),
    ("net.ipv4.tcp_comp_sack_delay_ns", "1000000"),
    ("net.ipv4.tcp_comp_sack_nr", "44"),
    ("net.ipv4.tcp_comp_sack_slack_ns", "100000"),
    ("net.ipv4.tcp_congestion_control", "cubic"),
    ("net.ipv4.tcp_dsack", "1"),
    ("net.ipv4.tcp_early_demux", "1"),
    ("net.ipv4.tcp_early_retrans", "3"),
    ("net.ipv4.tcp_ecn", "2"),
    ("net.ipv4.tcp_ecn_fallback", "1"),
    ("net.ipv4.tcp_ecn_option", "2"),
    ("net.ipv4.tcp_ecn_option_beacon", "3"),
    ("net.ipv4.tcp_ehash_entries", "-262144"),
    ("net.ipv4.tcp_fack", "0"),
    ("net.ipv4.tcp_fastopen", "1"),
    ("net.ipv4.tcp_fastopen_blackhole_timeout_sec", "0"),
    (
        "net.ipv4.tcp_fastopen_key",
        "00000000-00000000-00000000-00000000",
    ),
    ("net.ipv4.tcp_fin_timeout", "60"),
    ("net.ipv4.tcp_frto", "2"),
    ("net.ipv4.tcp_fwmark_accept", "0"),
    ("net.ipv4.tcp_invalid_ratelimit", "500"),
    ("net.ipv4.tcp_keepalive_intvl", "75"),
    ("net.ipv4.tcp_keepalive_probes", "9"),
    ("net.ipv4.tcp_keepalive_time", "7200"),
    ("net.ipv4.tcp_l3mdev_accept", "0"),
    ("net.ipv4.tcp_limit_output_bytes", "4194304"),
    ("net.ipv4.tcp_max_reordering", "300"),
    ("net.ipv4.tcp_max_syn_backlog", "2048"),
    ("net.ipv4.tcp_max_tw_buckets", "131072"),
    ("net.ipv4.tcp_migrate_req", "0"),
    ("net.ipv4.tcp_min_rtt_wlen", "300"),
    ("net.ipv4.tcp_min_snd_mss", "48"),
    ("net.ipv4.tcp_min_tso_segs", "2"),
    ("net.ipv4.tcp_moderate_rcvbuf", "1"),
    ("net.ipv4.tcp_mtu_probe_floor", "48"),
    ("net.ipv4.tcp_mtu_probing", "0"),
    ("net.ipv4.tcp_no_metrics_save", "0"),
    ("net.ipv4.tcp_no_ssthresh_metrics_save", "1"),
    ("net.ipv4.tcp_notsent_lowat", "4294967295"),
    ("net.ipv4.tcp_orphan_retries", "0"),
    ("net.ipv4.tcp_pacing_ca_ratio", "120"),
    ("net.ipv4.tcp_pacing_ss_ratio", "200"),
    ("net.ipv4.tcp_pingpong_thresh", "1"),
    ("net.ipv4.tcp_plb_cong_thresh", "128"),
    ("net.ipv4.tcp_plb_enabled", "0"),
    ("net.ipv4.tcp_plb_idle_rehash_rounds", "3"),
    ("net.ipv4.tcp_plb_rehash_rounds", "12"),
    ("net.ipv4.tcp_plb_suspend_rto_sec", "60"),
    ("net.ipv4.tcp_probe_interval", "600"),
    ("net.ipv4.tcp_probe_threshold", "8"),
    ("net.ipv4.tcp_recovery", "1"),
    ("net.ipv4.tcp_reflect_tos", "0"),
    ("net.ipv4.tcp_reordering", "3"),
    ("net.ipv4.tcp_retrans_collapse", "1"),
    ("net.ipv4.tcp_retries1", "3"),
    ("net.ipv4.tcp_retries2", "15"),
    ("net.ipv4.tcp_rfc1337", "0"),
    ("net.ipv4.tcp_rmem", "4096\t131072\t6291456"),
    ("net.ipv4.tcp_rto_max_ms", "120000"),
    ("net.ipv4.tcp_rto_min_us", "200000"),
    ("net.ipv4.tcp_sack", "1"),
    ("net.ipv4.tcp_shrink_window", "0"),
    ("net.ipv4.tcp_slow_start_after_idle", "1"),
    ("net.ipv4.tcp_stdurg", "0"),
    ("net.ipv4.tcp_syn_linear_timeouts", "4"),
    ("net.ipv4.tcp_syn_retries", "6"),
    ("net.ipv4.tcp_synack_retries", "5"),
    ("net.ipv4.tcp_syncookies", "1"),
    ("net.ipv4.tcp_thin_linear_timeouts", "0"),
    ("net.ipv4.tcp_timestamps", "1"),
    ("net.ipv4.tcp_tso_rtt_log", "9"),
    ("net.ipv4.tcp_tso_win_divisor", "3"),
    ("net.ipv4.tcp_tw_reuse", "2"),
    ("net.ipv4.tcp_tw_reuse_delay", "1000"),
    ("net.ipv4.tcp_window_scaling", "1"),
    ("net.ipv4.tcp_wmem", "4096\t16384\t4194304"),
    ("net.ipv4.tcp_workaround_signed_windows", "0"),
    ("net.ipv4.udp_child_hash_entries", "0"),
    ("net.ipv4.udp_early_demux", "1"),
    ("net.ipv4.udp_hash_entries", "-16384"),
    ("net.ipv4.udp_l3mdev_accept", "0"),
    ("net.ipv4.udp_rmem_min", "4096"),
    ("net.ipv4.udp_wmem_min", "4096"),
    ("net.ipv6.anycast_src_echo_reply", "0"),
    ("net.ipv6.auto_flowlabels", "1"),
    ("net.ipv6.bindv6only", "0"),
    ("net.ipv6.fib_multipath_hash_fields", "7"),
    ("net.ipv6.fib_multipath_hash_policy", "0"),
    ("net.ipv6.fib_notify_on_flag_change", "0"),
    ("net.ipv6.flowlabel_consistency", "1"),
    ("net.ipv6.flowlabel_reflect", "0"),
    ("net.ipv6.flowlabel_state_ranges", "0"),
    ("net.ipv6.fwmark_reflect", "0"),
    ("net.ipv6.icmp.echo_ignore_all", "0"),
    ("net.ipv6.icmp.echo_ignore_anycast", "0"),
    ("net.ipv6.icmp.echo_ignore_multicast", "0"),
    ("net.ipv6.icmp.error_anycast_as_unicast", "0"),
    ("net.ipv6.icmp.ratelimit", "100"),
    ("net.ipv6.icmp.ratemask", "0-1,3-127"),
    ("net.ipv6.idgen_delay", "1"),
    ("net.ipv6.idgen_retries", "3"),
    ("net.ipv6.ioam6_id", "16777215"),
    ("net.ipv6.ioam6_id_wide", "72057594037927935"),
    ("net.ipv6.ip6frag_high_thresh", "4194304"),
    ("net.ipv6.ip6frag_low_thresh", "3145728"),
    ("net.ipv6.ip6frag_time", "60"),
    ("net.ipv6.ip_nonlocal_bind", "0"),
    ("net.ipv6.max_dst_opts_length", "2147483647"),
    ("net.ipv6.max_dst_opts_number", "8"),
    ("net.ipv6.max_hbh_length", "2147483647"),
    ("net.ipv6.max_hbh_opts_number", "8"),
    ("net.ipv6.route.gc_elasticity", "9"),
    ("net.ipv6.route.gc_interval", "30"),
    ("net.ipv6.route.gc_min_interval", "0"),
    ("net.ipv6.route.gc_min_interval_ms", "500"),
    ("net.ipv6.route.gc_thresh", "1024"),
    ("net.ipv6.route.gc_timeout", "60"),
    ("net.ipv6.route.max_size", "2147483647"),
    ("net.ipv6.route.min_adv_mss", "1220"),
    ("net.ipv6.route.mtu_expires", "600"),
    ("net.ipv6.route.skip_notify_on_dev_down", "0"),
    ("net.ipv6.seg6_flowlabel", "0"),
    ("net.netfilter.nf_conntrack_acct", "0"),
    ("net.netfilter.nf_conntrack_buckets", "262144"),
    ("net.netfilter.nf_conntrack_checksum", "1"),
    ("net.netfilter.nf_conntrack_count", "0"),
    ("net.netfilter.nf_conntrack_events", "2"),
    ("net.netfilter.nf_conntrack_expect_max", "4096"),
    ("net.netfilter.nf_conntrack_frag6_high_thresh", "4194304"),
    ("net.netfilter.nf_conntrack_frag6_low_thresh", "3145728"),
    ("net.netfilter.nf_conntrack_frag6_timeout", "60"),
    ("net.netfilter.nf_conntrack_generic_timeout", "600"),
    ("net.netfilter.nf_conntrack_gre_timeout", "30"),
    ("net.netfilter.nf_conntrack_gre_timeout_stream", "180"),
    ("net.netfilter.nf_conntrack_icmp_timeout", "30"),
    ("net.netfilter.nf_conntrack_icmpv6_timeout", "30"),
    ("net.netfilter.nf_conntrack_log_invalid", "0"),
    ("net.netfilter.nf_conntrack_max", "262144"),
    ("net.netfilter.nf_conntrack_sctp_timeout_closed", "10"),
    ("net.netfilter.nf_conntrack_sctp_timeout_cookie_echoed", "3"),
    ("net.netfilter.nf_conntrack_sctp_timeout_cookie_wait", "3"),
    ("net.netfilter.nf_conntrack_sctp_timeout_established", "210"),
    (
        "net.netfilter.nf_conntrack_sctp_timeout_heartbeat_sent",
        "30",
    ),
    (
        "net.netfilter.nf_conntrack_sctp_timeout_shutdown_ack_sent",
        "3",
    ),
    ("net.netfilter.nf_conntrack_sctp_timeout_shutdown_recd", "3"),
    ("net.netfilter.nf_conntrack_sctp_timeout_shutdown_sent", "3"),
    ("net.netfilter.nf_conntrack_tcp_be_liberal", "0"),
    ("net.netfilter.nf_conntrack_tcp_ignore_invalid_rst", "0"),
    ("net.netfilter.nf_conntrack_tcp_loose", "1"),
    ("net.netfilter.nf_conntrack_tcp_max_retrans", "3"),
    ("net.netfilter.nf_conntrack_tcp_timeout_close", "10"),
    ("net.netfilter.nf_conntrack_tcp_timeout_close_wait", "60"),
    (
        "net.netfilter.nf_conntrack_tcp_timeout_established",
        "432000",
    ),
    ("net.netfilter.nf_conntrack_tcp_timeout_fin_wait", "120"),
    ("net.netfilter.nf_conntrack_tcp_timeout_last_ack", "30"),
    ("net.netfilter.nf_conntrack_tcp_timeout_max_retrans", "300"),
    ("net.netfilter.nf_conntrack_tcp_timeout_syn_recv", "60"),
    ("net.netfilter.nf_conntrack_tcp_timeout_syn_sent", "120"),
    ("net.netfilter.nf_conntrack_tcp_timeout_time_wait", "120"),
    (
        "net.netfilter.nf_conntrack_tcp_timeout_unacknowledged",
        "300",
    ),
    ("net.netfilter.nf_conntrack_timestamp", "0"),
    ("net.netfilter.nf_conntrack_udp_timeout", "30"),
    ("net.netfilter.nf_conntrack_udp_timeout_stream", "120"),
    ("net.netfilter.nf_hooks_lwtunnel", "0"),
    ("net.unix.max_dgram_qlen", "10"),
];

/// A number as the kernel reads one of a setting: in the bases of C, a sign before it, what follows
/// behind a blank passed over; 32 bits with sign, or without where it is not negative.
pub fn integer(text: &str) -> Option<i64> {
    let word = text.split_ascii_whitespace().next()?;
    let (negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match lower.strip_prefix("0x") {
        Some(hex) => (16, hex),
        None if lower.len() > 1 && lower.starts_with('0') => (8, lower.get(1..)?),
        None => (10, lower.as_str()),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = i64::from_str_radix(digits, base).ok()?;
    let value = if negative { -value } else { value };
    (i64::from(i32::MIN)..=i64::from(u32::MAX))
        .contains(&value)
        .then_some(value)
}

/// The values that a key takes (`extra1`, `extra2` of its table entry).
fn range(key: &str) -> std::ops::RangeInclusive<i64> {
    match key {
        "net.ipv4.ip_default_ttl" => 1..=255,
        "net.ipv4.icmp_echo_ignore_all"
        | "net.ipv4.icmp_echo_ignore_broadcasts"
        | "net.ipv4.icmp_echo_enable_probe"
        | "net.ipv4.icmp_ignore_bogus_error_responses"
        | "net.ipv4.icmp_errors_use_inbound_ifaddr"
        | "net.ipv4.ip_forward_update_priority"
        | "net.ipv4.fib_multipath_use_neigh"
        | "net.ipv4.nexthop_compat_mode" => 0..=1,
        "net.ipv4.fib_multipath_hash_policy" | "net.ipv6.fib_multipath_hash_policy" => 0..=3,
        "net.ipv4.ip_unprivileged_port_start" => 0..=65535,
        _ => i64::MIN..=i64::MAX,
    }
}

/// The settings of a namespace.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sysctls(Option<Box<Own>>);

/// What a namespace has of its own that was given settings.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Own {
    /// The settings that differ from their defaults.
    changed: BTreeMap<&'static str, String>,
    /// What every packet asks for, as numbers.
    hot: Hot,
}

/// The settings that are looked at for every packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hot {
    /// `net.ipv4.ip_default_ttl`.
    pub default_ttl: u8,
    /// `net.ipv4.icmp_echo_ignore_all`.
    pub echo_ignore_all: bool,
    /// `net.ipv4.icmp_echo_ignore_broadcasts`.
    pub echo_ignore_broadcasts: bool,
    /// `net.ipv6.max_hbh_opts_number`; where it is negative, its distance from 0.
    pub hop_options_max: u32,
    /// `net.ipv6.max_dst_opts_number`, likewise.
    pub destination_options_max: u32,
    /// `net.ipv6.auto_flowlabels`, whether it is not 0.
    pub auto_flowlabels: bool,
}

impl Hot {
    /// What follows from the defaults: a new namespace looks up nothing.
    const DEFAULT: Self = Self {
        default_ttl: 64,
        echo_ignore_all: false,
        echo_ignore_broadcasts: true,
        hop_options_max: 8,
        destination_options_max: 8,
        auto_flowlabels: true,
    };
}

impl Default for Own {
    fn default() -> Self {
        Self {
            changed: BTreeMap::new(),
            hot: Hot::DEFAULT,
        }
    }
}

/// Why a value was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SysctlFault {
    /// There is no such key.
    Unknown,
    /// The value is of another kind than the default: not as many numbers.
    Invalid,
}

impl Sysctls {
    /// The settings that are looked at for every packet.
    #[inline]
    pub fn hot(&self) -> Hot {
        self.0.as_ref().map_or(Hot::DEFAULT, |own| own.hot)
    }

    fn warm_up(&mut self) {
        let hot = Hot {
            default_ttl: u8::try_from(self.number("net.ipv4.ip_default_ttl")).unwrap_or(64),
            echo_ignore_all: self.number("net.ipv4.icmp_echo_ignore_all") != 0,
            echo_ignore_broadcasts: self.number("net.ipv4.icmp_echo_ignore_broadcasts") != 0,
            hop_options_max: self.distance("net.ipv6.max_hbh_opts_number"),
            destination_options_max: self.distance("net.ipv6.max_dst_opts_number"),
            auto_flowlabels: self.number("net.ipv6.auto_flowlabels") != 0,
        };
        self.0.get_or_insert_default().hot = hot;
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        let position = DEFAULTS
            .binary_search_by_key(&key, |&(known, _)| known)
            .ok()?;
        let (key, default) = DEFAULTS[position];
        let own = self.0.as_ref().and_then(|own| own.changed.get(key));
        Some(own.map_or(default, String::as_str))
    }

    /// The number of a key; 0 where it is none.
    pub fn number(&self, key: &str) -> i64 {
        self.text(key)
            .and_then(|text| text.parse().ok())
            .unwrap_or(0)
    }

    /// How far the number of a key is from 0.
    fn distance(&self, key: &str) -> u32 {
        u32::try_from(self.number(key).unsigned_abs()).unwrap_or(u32::MAX)
    }

    /// Gives a key a value: as many numbers as the default has, where that is numbers.
    ///
    /// # Errors
    /// Where there is no such key, or the value is not of its kind.
    pub fn assign(&mut self, key: &str, value: &str) -> Result<(), SysctlFault> {
        let position = DEFAULTS.binary_search_by_key(&key, |&(known, _)| known);
        let (key, default) = DEFAULTS[position.map_err(|_| SysctlFault::Unknown)?];
        let words: Vec<&str> = value.split_ascii_whitespace().collect();
        let count = default.split_ascii_whitespace().count();
        let numeric = count > 0
            && default
                .split_ascii_whitespace()
                .all(|word| integer(word).is_some());
        if !numeric {
            self.put(key, words.join("\t"));
            return Ok(());
        }
        // More numbers than there is room for are passed over (`proc_dointvec`).
        let numbers: Option<Vec<i64>> =
            words.iter().take(count).map(|word| integer(word)).collect();
        let numbers = numbers.filter(|numbers| numbers.len() == count);
        let numbers = numbers.ok_or(SysctlFault::Invalid)?;
        if !numbers.iter().all(|number| range(key).contains(number)) {
            return Err(SysctlFault::Invalid);
        }
        let words: Vec<String> = numbers.iter().map(i64::to_string).collect();
        self.put(key, words.join("\t"));
        self.warm_up();
        Ok(())
    }

    fn put(&mut self, key: &'static str, text: String) {
        let own = self.0.get_or_insert_default();
        own.changed.insert(key, text);
    }

    /// Every key, sorted.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        DEFAULTS.iter().map(|&(key, _)| key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_so_that_they_are_found() {
        assert!(DEFAULTS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn what_is_at_hand_for_every_packet_is_what_the_keys_say() {
        let mut settings = Sysctls::default();
        settings.warm_up();
        assert_eq!(settings.hot(), Hot::DEFAULT);
        let key = "net.ipv6.max_hbh_opts_number";
        assert_eq!(settings.assign(key, "-3"), Ok(()));
        assert_eq!(settings.hot().hop_options_max, 3);
    }

    #[test]
    fn a_value_is_read_back_and_words_for_a_number_are_refused() {
        let mut settings = Sysctls::default();
        assert_eq!(settings.number("net.ipv4.ip_default_ttl"), 64);
        assert_eq!(settings.assign("net.ipv4.ip_default_ttl", " 32 "), Ok(()));
        assert_eq!(settings.text("net.ipv4.ip_default_ttl"), Some("32"));
        assert_eq!(
            settings.assign("net.ipv4.ip_default_ttl", "many"),
            Err(SysctlFault::Invalid)
        );
        assert_eq!(
            settings.assign("net.ipv4.no_such", "1"),
            Err(SysctlFault::Unknown)
        );
        assert_eq!(settings.assign("net.ipv4.ping_group_range", "0 10"), Ok(()));
        assert_eq!(settings.text("net.ipv4.ping_group_range"), Some("0\t10"));
    }
}
