//! What a driver does for the stack: the features of a device, which can be switched, and what hangs on what (netdev_features.h).
//! No frame here is cut or summed up by a driver; captures show which sums would be left to it.

/// The features in the order of the kernel's bits, by the names that `ethtool` knows; those that nothing here has are left out.
pub const NAMES: [&str; 62] = [
    "tx-scatter-gather",
    "tx-checksum-ipv4",
    "tx-checksum-ip-generic",
    "tx-checksum-ipv6",
    "highdma",
    "tx-scatter-gather-fraglist",
    "tx-vlan-hw-insert",
    "rx-vlan-hw-parse",
    "rx-vlan-filter",
    "vlan-challenged",
    "tx-generic-segmentation",
    "rx-gro",
    "rx-lro",
    "tx-tcp-segmentation",
    "tx-gso-robust",
    "tx-tcp-ecn-segmentation",
    "tx-tcp-mangleid-segmentation",
    "tx-tcp6-segmentation",
    "tx-fcoe-segmentation",
    "tx-gre-segmentation",
    "tx-gre-csum-segmentation",
    "tx-ipxip4-segmentation",
    "tx-ipxip6-segmentation",
    "tx-udp_tnl-segmentation",
    "tx-udp_tnl-csum-segmentation",
    "tx-gso-partial",
    "tx-tunnel-remcsum-segmentation",
    "tx-sctp-segmentation",
    "tx-esp-segmentation",
    "tx-udp-segmentation",
    "tx-gso-list",
    "tx-tcp-accecn-segmentation",
    "tx-checksum-fcoe-crc",
    "tx-checksum-sctp",
    "rx-ntuple-filter",
    "rx-hashing",
    "rx-checksum",
    "tx-nocache-copy",
    "loopback",
    "rx-fcs",
    "rx-all",
    "tx-vlan-stag-hw-insert",
    "rx-vlan-stag-hw-parse",
    "rx-vlan-stag-filter",
    "l2-fwd-offload",
    "hw-tc-offload",
    "esp-hw-offload",
    "esp-tx-csum-hw-offload",
    "rx-udp_tunnel-port-offload",
    "tls-hw-tx-offload",
    "tls-hw-rx-offload",
    "rx-gro-hw",
    "tls-hw-record",
    "rx-gro-list",
    "macsec-hw-offload",
    "rx-udp-gro-forwarding",
    "hsr-tag-ins-offload",
    "hsr-tag-rm-offload",
    "hsr-fwd-offload",
    "hsr-dup-offload",
    "",
    "",
];

/// A set of features: a bit for each place in [`NAMES`].
pub type Features = u64;

/// The bit of a feature by its name; 0 where there is none.
pub const fn bit(name: &str) -> Features {
    let mut at = 0;
    while at < NAMES.len() {
        if same(NAMES[at].as_bytes(), name.as_bytes()) {
            return 1 << at;
        }
        at += 1;
    }
    0
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() || a.is_empty() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Adds up sums: a device without it gets whole ones (`NETIF_F_HW_CSUM`).
pub const HW_CSUM: Features = bit("tx-checksum-ip-generic");
const SG: Features = bit("tx-scatter-gather");
const GSO: Features = bit("tx-generic-segmentation");
const TSO: Features = bit("tx-tcp-segmentation");
const TSO_ECN: Features = bit("tx-tcp-ecn-segmentation");
const TSO_MANGLEID: Features = bit("tx-tcp-mangleid-segmentation");
const TSO6: Features = bit("tx-tcp6-segmentation");
const ALL_TSO: Features = TSO | TSO_ECN | TSO_MANGLEID | TSO6;
const GSO_UDP_L4: Features = bit("tx-udp-segmentation");
/// What a bridge has where one port has it (`NETIF_F_ONE_FOR_ALL`).
const ONE_FOR_ALL: Features = ALL_TSO
    | bit("tx-sctp-segmentation")
    | GSO_UDP_L4
    | bit("tx-gso-list")
    | bit("tx-tcp-accecn-segmentation")
    | bit("tx-gso-robust")
    | SG
    | bit("highdma")
    | bit("tx-scatter-gather-fraglist")
    | bit("vlan-challenged");
/// What a bridge has where all ports have it (`NETIF_F_ALL_FOR_ALL`).
const ALL_FOR_ALL: Features = bit("tx-nocache-copy") | bit("tx-fcoe-segmentation");

/// What hangs on another feature goes without it (`netdev_fix_features`).
pub const fn fixed(mut features: Features) -> Features {
    if features & HW_CSUM == 0 {
        features &= !(ALL_TSO | GSO_UDP_L4);
    }
    if features & SG == 0 {
        features &= !(ALL_TSO | GSO);
    }
    if features & ALL_TSO == TSO_ECN {
        features &= !TSO_ECN;
    }
    if features & TSO == 0 {
        features &= !TSO_MANGLEID;
    }
    features
}

/// What a bridge can do with these ports, of what it is to do (`br_features_recompute`).
pub fn of_bridge(wanted: Features, ports: impl Iterator<Item = Features>) -> Features {
    let mut ports = ports.peekable();
    if ports.peek().is_none() {
        return wanted;
    }
    let mut all = wanted & !ONE_FOR_ALL;
    for port in ports {
        all |= port & (ONE_FOR_ALL | HW_CSUM) & wanted;
        all &= port | !ALL_FOR_ALL;
    }
    // TSO that a port lacks is done in software (`netdev_add_tso_features`).
    all | (ALL_TSO & wanted)
}

/// The type of a device as far as its features go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// One end of a veth pair.
    Veth,
    /// A bridge.
    Bridge,
    /// The loopback.
    Loopback,
    /// A VXLAN tunnel.
    Vxlan,
}

/// What each type has: `1` on, `0` off, `F` on and fixed; of veth, bridge, loopback and vxlan. All else is off and fixed.
const STATES: &[(&str, &str)] = &[
    ("tx-scatter-gather", "11F1"),
    ("tx-checksum-ip-generic", "11F1"),
    ("highdma", "11Ff"),
    ("tx-scatter-gather-fraglist", "11F1"),
    ("tx-vlan-hw-insert", "11ff"),
    ("rx-vlan-hw-parse", "1fff"),
    ("vlan-challenged", "ffFf"),
    ("tx-generic-segmentation", "1111"),
    ("rx-gro", "0111"),
    ("tx-tcp-segmentation", "1111"),
    ("tx-gso-robust", "f1ff"),
    ("tx-tcp-ecn-segmentation", "1111"),
    ("tx-tcp-mangleid-segmentation", "1111"),
    ("tx-tcp6-segmentation", "1111"),
    ("tx-fcoe-segmentation", "f1ff"),
    ("tx-gre-segmentation", "11ff"),
    ("tx-gre-csum-segmentation", "11ff"),
    ("tx-ipxip4-segmentation", "11ff"),
    ("tx-ipxip6-segmentation", "11ff"),
    ("tx-udp_tnl-segmentation", "11ff"),
    ("tx-udp_tnl-csum-segmentation", "11ff"),
    ("tx-gso-partial", "f1ff"),
    ("tx-tunnel-remcsum-segmentation", "f1ff"),
    ("tx-sctp-segmentation", "1111"),
    ("tx-esp-segmentation", "f1ff"),
    ("tx-udp-segmentation", "1111"),
    ("tx-gso-list", "1111"),
    ("tx-tcp-accecn-segmentation", "1111"),
    ("tx-checksum-sctp", "1fFf"),
    ("rx-checksum", "1fF1"),
    ("tx-nocache-copy", "00f0"),
    ("loopback", "ffFf"),
    ("tx-vlan-stag-hw-insert", "11ff"),
    ("rx-vlan-stag-hw-parse", "1fff"),
    ("rx-gro-list", "0000"),
    ("rx-udp-gro-forwarding", "0000"),
];

impl Kind {
    fn having(self, states: &[u8]) -> Features {
        let column = match self {
            Self::Veth => 0,
            Self::Bridge => 1,
            Self::Loopback => 2,
            Self::Vxlan => 3,
        };
        let having = STATES.iter().filter(|(_, each)| {
            let state = each.as_bytes().get(column);
            state.is_some_and(|state| states.contains(state))
        });
        having.fold(0, |all, (name, _)| all | bit(name))
    }

    /// What a new device of this type is to do.
    pub fn wanted(self) -> Features {
        self.having(b"1F")
    }

    /// What can be switched (`hw_features`).
    pub fn changeable(self) -> Features {
        self.having(b"10")
    }
}

/// What was switched on a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Switched {
    /// The features that are not as a new device has them.
    pub features: Features,
    /// Receive and transmit channels in use, 0 where it is 1.
    pub channels: (u32, u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_of_a_feature_that_there_is() {
        for (name, states) in STATES {
            assert_ne!(bit(name), 0, "{name}");
            assert_eq!(states.len(), 4, "{name}");
        }
    }

    #[test]
    fn without_sums_there_are_no_segments() {
        let veth = Kind::Veth.wanted();
        assert_eq!(fixed(veth), veth);
        assert_eq!(
            veth & !fixed(veth & !HW_CSUM),
            HW_CSUM | ALL_TSO | GSO_UDP_L4
        );
        assert_eq!(veth & !fixed(veth & !SG), SG | ALL_TSO | GSO);
    }

    #[test]
    fn a_bridge_has_what_one_port_has_and_nothing_that_one_lacks() {
        let wanted = Kind::Bridge.wanted();
        assert_eq!(of_bridge(wanted, std::iter::empty()), wanted);
        let veth = Kind::Veth.wanted();
        let lost = wanted & !of_bridge(wanted, [veth].into_iter());
        assert_eq!(lost, bit("tx-gso-robust") | bit("tx-fcoe-segmentation"));
        let poor = veth & !bit("highdma");
        let both = of_bridge(wanted, [poor, veth].into_iter());
        assert_ne!(both & bit("highdma"), 0);
    }
}
