//! The settings of a namespace's devices: `net.ipv4.conf.*` and `net.ipv6.conf.*`.
//! It holds and combines values; what a setting does is decided where it is obeyed.

use std::sync::{Arc, LazyLock};

use crate::units::make_room;

/// Settings that have a value of their own, each by its number.
#[derive(Clone, Debug, Default)]
struct Changed {
    /// A bit for each setting that has a value of its own.
    own: u64,
    /// A bit for each setting that was given a value by hand.
    touched: u64,
    /// The values, in the order of the settings.
    values: Vec<i64>,
}

impl Changed {
    #[inline]
    fn of(&self, setting: u64) -> Option<i64> {
        let bit = 1 << setting;
        let place = (self.own & (bit - 1)).count_ones() as usize;
        (self.own & bit != 0).then(|| self.values[place])
    }

    fn put(&mut self, setting: u64, value: i64) {
        let bit = 1 << setting;
        let place = (self.own & (bit - 1)).count_ones() as usize;
        if self.own & bit != 0 {
            self.values[place] = value;
        } else {
            self.own |= bit;
            make_room(&mut self.values, 1);
            self.values.insert(place, value);
        }
    }
}

macro_rules! settings {
    ($(#[$doc:meta])* $enum:ident, $table:ident: $($name:ident = $key:literal, $default:literal;)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[expect(missing_docs, reason = "each is named as the key that sysctl shows")]
        pub enum $enum {
            $($name,)*
        }

        impl $enum {
            /// Every setting, sorted by key.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The key under `conf.DEV`.
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$name => $key,)*
                }
            }

            /// The setting of a key.
            pub fn of_key(key: &str) -> Option<Self> {
                match key {
                    $($key => Some(Self::$name),)*
                    _ => None,
                }
            }
        }

        /// The value of every setting, of one device or of `all` or `default`.
        ///
        /// Only what differs from the kernel's defaults is kept, and is shared until it is changed: a namespace has
        /// a table for each device, and nearly all of them say the same.
        #[derive(Clone, Debug, Default)]
        pub struct $table(Option<Arc<Changed>>);

        impl $table {
            /// What the kernel starts a namespace with.
            const DEFAULTS: [i64; $enum::ALL.len()] = [$($default,)*];

            /// The value of a setting.
            #[inline]
            pub fn of(&self, setting: $enum) -> i64 {
                let own = self.0.as_ref().and_then(|changed| changed.of(setting as u64));
                own.unwrap_or(Self::DEFAULTS[setting as usize])
            }

            /// Whether a setting is not 0.
            #[inline]
            pub fn on(&self, setting: $enum) -> bool {
                self.of(setting) != 0
            }

            /// What differs from the defaults, to be changed.
            fn changed(&mut self) -> &mut Changed {
                Arc::make_mut(self.0.get_or_insert_default())
            }

            fn put(&mut self, setting: $enum, value: i64) {
                if value != self.of(setting) {
                    self.changed().put(setting as u64, value);
                }
            }

            /// Gives a setting a value.
            pub fn assign(&mut self, setting: $enum, value: i64) {
                self.put(setting, value);
                if !self.is_touched(setting) {
                    self.changed().touched |= 1 << setting as u64;
                }
            }

            /// Follows a new default, where the setting was never given a value by hand.
            pub fn follow(&mut self, setting: $enum, value: i64) {
                if !self.is_touched(setting) {
                    self.put(setting, value);
                }
            }

            /// Whether a setting was given a value by hand.
            fn is_touched(&self, setting: $enum) -> bool {
                let changed = self.0.as_ref();
                changed.is_some_and(|changed| changed.touched & (1 << setting as u64) != 0)
            }

            /// Whether all is as the kernel has it.
            pub fn is_default(&self) -> bool {
                self.0.is_none()
            }

            /// The same values for a new device: none of them set by hand.
            pub fn for_new_device(&self) -> Self {
                let mut new = self.clone();
                if new.0.as_ref().is_some_and(|changed| changed.touched != 0) {
                    new.changed().touched = 0;
                }
                new
            }
        }

        const _: () = assert!($enum::ALL.len() <= 64, "a bit for each setting");
    };
}

settings! {
    /// A setting under `net.ipv4.conf.DEV` (devinet.c).
    Conf4, Settings4:
    AcceptLocal = "accept_local", 0;
    AcceptRedirects = "accept_redirects", 1;
    AcceptSourceRoute = "accept_source_route", 1;
    ArpAccept = "arp_accept", 0;
    ArpAnnounce = "arp_announce", 0;
    ArpEvictNocarrier = "arp_evict_nocarrier", 1;
    ArpFilter = "arp_filter", 0;
    ArpIgnore = "arp_ignore", 0;
    ArpNotify = "arp_notify", 0;
    BcForwarding = "bc_forwarding", 0;
    BootpRelay = "bootp_relay", 0;
    DisablePolicy = "disable_policy", 0;
    DisableXfrm = "disable_xfrm", 0;
    DropGratuitousArp = "drop_gratuitous_arp", 0;
    DropUnicastInL2Multicast = "drop_unicast_in_l2_multicast", 0;
    ForceIgmpVersion = "force_igmp_version", 0;
    Forwarding = "forwarding", 0;
    Igmpv2UnsolicitedReportInterval = "igmpv2_unsolicited_report_interval", 10000;
    Igmpv3UnsolicitedReportInterval = "igmpv3_unsolicited_report_interval", 1000;
    IgnoreRoutesWithLinkdown = "ignore_routes_with_linkdown", 0;
    LogMartians = "log_martians", 0;
    McForwarding = "mc_forwarding", 0;
    MediumId = "medium_id", 0;
    PromoteSecondaries = "promote_secondaries", 0;
    ProxyArp = "proxy_arp", 0;
    ProxyArpPvlan = "proxy_arp_pvlan", 0;
    RouteLocalnet = "route_localnet", 0;
    RpFilter = "rp_filter", 0;
    SecureRedirects = "secure_redirects", 1;
    SendRedirects = "send_redirects", 1;
    SharedMedia = "shared_media", 1;
    SrcValidMark = "src_valid_mark", 0;
    Tag = "tag", 0;
}

settings! {
    /// A setting under `net.ipv6.conf.DEV` (addrconf.c).
    Conf6, Settings6:
    AcceptDad = "accept_dad", 1;
    AcceptRa = "accept_ra", 1;
    AcceptRaDefrtr = "accept_ra_defrtr", 1;
    AcceptRaFromLocal = "accept_ra_from_local", 0;
    AcceptRaMinHopLimit = "accept_ra_min_hop_limit", 1;
    AcceptRaMinLft = "accept_ra_min_lft", 0;
    AcceptRaMtu = "accept_ra_mtu", 1;
    AcceptRaPinfo = "accept_ra_pinfo", 1;
    AcceptRaRtInfoMaxPlen = "accept_ra_rt_info_max_plen", 0;
    AcceptRaRtInfoMinPlen = "accept_ra_rt_info_min_plen", 0;
    AcceptRaRtrPref = "accept_ra_rtr_pref", 1;
    AcceptRedirects = "accept_redirects", 1;
    AcceptSourceRoute = "accept_source_route", 0;
    AcceptUntrackedNa = "accept_untracked_na", 0;
    AddrGenMode = "addr_gen_mode", 0;
    Autoconf = "autoconf", 1;
    DadTransmits = "dad_transmits", 1;
    DisableIpv6 = "disable_ipv6", 0;
    DisablePolicy = "disable_policy", 0;
    DropUnicastInL2Multicast = "drop_unicast_in_l2_multicast", 0;
    DropUnsolicitedNa = "drop_unsolicited_na", 0;
    EnhancedDad = "enhanced_dad", 1;
    ForceForwarding = "force_forwarding", 0;
    ForceMldVersion = "force_mld_version", 0;
    ForceTllao = "force_tllao", 0;
    Forwarding = "forwarding", 0;
    HopLimit = "hop_limit", 64;
    IgnoreRoutesWithLinkdown = "ignore_routes_with_linkdown", 0;
    Ioam6Enabled = "ioam6_enabled", 0;
    Ioam6Id = "ioam6_id", 65535;
    Ioam6IdWide = "ioam6_id_wide", 4294967295;
    KeepAddrOnDown = "keep_addr_on_down", 0;
    MaxAddresses = "max_addresses", 16;
    MaxDesyncFactor = "max_desync_factor", 600;
    McForwarding = "mc_forwarding", 0;
    Mldv1UnsolicitedReportInterval = "mldv1_unsolicited_report_interval", 10000;
    Mldv2UnsolicitedReportInterval = "mldv2_unsolicited_report_interval", 1000;
    Mtu = "mtu", 1280;
    NdiscEvictNocarrier = "ndisc_evict_nocarrier", 1;
    NdiscNotify = "ndisc_notify", 0;
    NdiscTclass = "ndisc_tclass", 0;
    OptimisticDad = "optimistic_dad", 0;
    ProxyNdp = "proxy_ndp", 0;
    RaDefrtrMetric = "ra_defrtr_metric", 1024;
    RaHonorPioLife = "ra_honor_pio_life", 0;
    RaHonorPioPflag = "ra_honor_pio_pflag", 0;
    RegenMaxRetry = "regen_max_retry", 3;
    RegenMinAdvance = "regen_min_advance", 2;
    RouterProbeInterval = "router_probe_interval", 60;
    RouterSolicitationDelay = "router_solicitation_delay", 1;
    RouterSolicitationInterval = "router_solicitation_interval", 4;
    RouterSolicitationMaxInterval = "router_solicitation_max_interval", 3600;
    RouterSolicitations = "router_solicitations", -1;
    RplSegEnabled = "rpl_seg_enabled", 0;
    Seg6Enabled = "seg6_enabled", 0;
    Seg6RequireHmac = "seg6_require_hmac", 0;
    SuppressFragNdisc = "suppress_frag_ndisc", 1;
    TempPreferedLft = "temp_prefered_lft", 86400;
    TempValidLft = "temp_valid_lft", 604800;
    UseOifAddrsOnly = "use_oif_addrs_only", 0;
    UseOptimistic = "use_optimistic", 0;
    UseTempaddr = "use_tempaddr", 0;
}

/// `all` begins with one other value than `default` in each family.
static ALL4: LazyLock<Settings4> = LazyLock::new(|| {
    let mut all = Settings4::default();
    all.assign(Conf4::AcceptSourceRoute, 0);
    all
});
static ALL6: LazyLock<Settings6> = LazyLock::new(|| {
    let mut all = Settings6::default();
    all.assign(Conf6::AcceptDad, 0);
    all
});

/// What devices of the usual MTUs begin with, those of Ethernet and of the loopback.
static OF_MTU: LazyLock<[(u32, Settings6); 2]> =
    LazyLock::new(|| [1500, 65536].map(|mtu| (mtu, with_mtu(Settings6::default(), mtu))));

fn with_mtu(mut settings: Settings6, mtu: u32) -> Settings6 {
    settings.assign(Conf6::Mtu, mtu.into());
    settings
}

impl Settings4 {
    /// `net.ipv4.conf.all` of a new namespace.
    pub fn all() -> Self {
        ALL4.clone()
    }
}

impl Settings6 {
    /// `net.ipv6.conf.all` of a new namespace.
    pub fn all() -> Self {
        ALL6.clone()
    }

    /// The settings of a device with that MTU on which IPv6 begins, where these are `default` (`ipv6_add_dev`).
    pub fn for_ipv6(&self, mtu: u32) -> Self {
        let usual = OF_MTU.iter().find(|(usual, _)| *usual == mtu);
        match usual.filter(|_| self.is_default()) {
            Some((_, settings)) => settings.clone(),
            None => with_mtu(self.clone(), mtu),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_leads_back_to_its_setting() {
        for &setting in Conf4::ALL {
            assert_eq!(Conf4::of_key(setting.key()), Some(setting));
        }
        for &setting in Conf6::ALL {
            assert_eq!(Conf6::of_key(setting.key()), Some(setting));
        }
        assert_eq!(Conf4::of_key("no_such_key"), None);
    }

    #[test]
    fn a_setting_keeps_its_value_whatever_others_get() {
        let mut four = Settings4::default();
        four.assign(Conf4::RpFilter, 2);
        four.assign(Conf4::ArpIgnore, 1);
        four.assign(Conf4::SendRedirects, 1);
        four.assign(Conf4::RpFilter, 0);
        assert_eq!(
            (four.of(Conf4::RpFilter), four.of(Conf4::ArpIgnore)),
            (0, 1)
        );
        four.follow(Conf4::RpFilter, 1);
        four.follow(Conf4::ProxyArp, 1);
        assert_eq!((four.of(Conf4::RpFilter), four.of(Conf4::ProxyArp)), (0, 1));
        assert!(four.for_new_device().on(Conf4::ArpIgnore));
    }

    #[test]
    fn a_new_namespace_has_the_kernels_defaults() {
        let (four, six) = (Settings4::default(), Settings6::default());
        assert_eq!(four.of(Conf4::Forwarding), 0);
        assert!(four.on(Conf4::SendRedirects));
        assert_eq!(six.of(Conf6::HopLimit), 64);
        assert_eq!(six.of(Conf6::RouterSolicitations), -1);
    }
}
