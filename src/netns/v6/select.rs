//! Which of our addresses a packet comes from (RFC 6724, `ipv6_dev_get_saddr`).
//! It only compares; who the candidates are is the caller's knowledge.

use std::net::Ipv6Addr;

use super::in6::{
    IFA_F_DEPRECATED, IFA_F_HOMEADDRESS, IFA_F_OPTIMISTIC, IFA_F_TEMPORARY, Ifaddr6, source_scope,
};
use crate::netns::conf::{Conf6, Settings6};
use crate::units::IfIndex;

/// An address that could be the source.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The device that has it.
    pub ifindex: IfIndex,
    /// `net.ipv6.conf.DEV` of that device.
    pub conf: &'a Settings6,
    /// The address.
    pub ifa: &'a Ifaddr6,
}

/// The labels of RFC 6724, section 2.1, as the kernel has them (`ip6addrlbl_init_table`).
const LABELS: [(u128, u8, u8); 10] = [
    (1, 128, 0),
    (0xffff_0000_0000, 96, 4),
    (0, 96, 3),
    (0x2001_0000 << 96, 32, 6),
    (0x2001_0010 << 96, 28, 7),
    (0x3ffe << 112, 16, 12),
    (0x2002 << 112, 16, 2),
    (0xfec0 << 112, 10, 11),
    (0xfc00 << 112, 7, 5),
    (0, 0, 1),
];

fn label(addr: Ipv6Addr) -> u8 {
    let bits = u128::from(addr);
    let fits = |&&(prefix, len, _): &&(u128, u8, u8)| common_bits(bits, prefix) >= len;
    LABELS.iter().find(fits).map_or(1, |(.., label)| *label)
}

fn common_bits(a: u128, b: u128) -> u8 {
    u8::try_from((a ^ b).leading_zeros()).unwrap_or(128)
}

/// The source address for a packet to `target` that leaves by `out` (nothing where that is not
/// known yet). Candidates are taken in their order, devices by number; of equal ones the first.
///
/// Only addresses of `out` count where `target` is a group or link-local, or where
/// `use_oif_addrs_only` is on.
pub fn source<'a>(
    target: Ipv6Addr,
    out: Option<IfIndex>,
    only_out: bool,
    candidates: impl Iterator<Item = Candidate<'a>>,
) -> Option<Ipv6Addr> {
    let near = target.is_multicast() || source_scope(target) <= 2;
    let only_out = out.is_some() && (near || only_out);
    let mut best: Option<(Score, Ipv6Addr)> = None;
    for candidate in candidates {
        let elsewhere = only_out && out != Some(candidate.ifindex);
        let addr = candidate.ifa.addr;
        if elsewhere || !candidate.ifa.is_usable() || addr.is_multicast() || addr.is_unspecified() {
            continue;
        }
        let score = Score::of(target, out, &candidate);
        if best.is_none_or(|(known, _)| score > known) {
            best = Some((score, addr));
        }
    }
    best.map(|(_, addr)| addr)
}

/// The rules in their order; larger is better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Score {
    /// Rule 1: the destination itself.
    same: bool,
    /// Rule 2: the smallest scope that reaches; else the largest.
    scope: i16,
    /// Rule 3: neither deprecated nor, without `use_optimistic`, optimistic.
    preferred: bool,
    /// Rule 4.
    home: bool,
    /// Rule 5: of the device that sends.
    device: bool,
    /// Rule 6.
    label: bool,
    /// Rule 7: public or temporary, as `use_tempaddr` wants.
    privacy: bool,
    /// Rule 8.
    prefix: u8,
    settled: bool,
}

impl Score {
    fn of(target: Ipv6Addr, out: Option<IfIndex>, candidate: &Candidate<'_>) -> Self {
        let ifa = candidate.ifa;
        let (own, wanted) = (source_scope(ifa.addr), source_scope(target));
        let avoided = match candidate.conf.on(Conf6::UseOptimistic) {
            true => IFA_F_DEPRECATED,
            false => IFA_F_DEPRECATED | IFA_F_OPTIMISTIC,
        };
        let temporary = ifa.has(IFA_F_TEMPORARY);
        let bits = common_bits(u128::from(ifa.addr), u128::from(target));
        Self {
            same: ifa.addr == target,
            scope: match own >= wanted {
                true => -i16::from(own),
                false => i16::from(own) - 128,
            },
            preferred: !ifa.has(avoided),
            home: ifa.has(IFA_F_HOMEADDRESS),
            device: out.is_none_or(|out| out == candidate.ifindex),
            label: label(ifa.addr) == label(target),
            privacy: temporary == (candidate.conf.of(Conf6::UseTempaddr) >= 2),
            prefix: bits.min(ifa.prefix_len),
            settled: !ifa.has(IFA_F_OPTIMISTIC),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimTime;

    fn ifa(text: &str, flags: u32) -> Ifaddr6 {
        Ifaddr6::new(SimTime::ZERO, text.parse().unwrap(), 64, flags)
    }

    fn choose(target: &str, out: IfIndex, all: &[(IfIndex, Ifaddr6)]) -> Option<String> {
        let conf = Settings6::default();
        let candidates = all.iter().map(|(ifindex, ifa)| Candidate {
            ifindex: *ifindex,
            conf: &conf,
            ifa,
        });
        let chosen = source(target.parse().unwrap(), Some(out), false, candidates);
        chosen.map(|addr| addr.to_string())
    }

    #[test]
    fn the_longest_common_prefix_wins_among_equals() {
        let all = [
            (2, ifa("fd00:2::1", 0)),
            (2, ifa("fd00:1::1", 0)),
            (2, ifa("fe80::1", 0)),
        ];
        assert_eq!(choose("fd00:1::9", 2, &all).unwrap(), "fd00:1::1");
        assert_eq!(choose("fe80::9", 2, &all).unwrap(), "fe80::1");
        assert_eq!(choose("2001:db8::9", 2, &all).unwrap(), "fd00:2::1");
    }

    #[test]
    fn a_deprecated_address_is_the_last_choice() {
        let all = [
            (2, ifa("fd00::1", IFA_F_DEPRECATED)),
            (2, ifa("fd00::9", 0)),
        ];
        assert_eq!(choose("fd00::2", 2, &all).unwrap(), "fd00::9");
        assert_eq!(choose("fd00::2", 2, &all[..1]).unwrap(), "fd00::1");
    }

    #[test]
    fn a_tentative_address_is_no_choice() {
        let all = [(2, ifa("fd00::1", super::super::in6::IFA_F_TENTATIVE))];
        assert_eq!(choose("fd00::2", 2, &all), None);
    }

    #[test]
    fn a_group_is_sent_to_from_the_device_itself() {
        let all = [(1, ifa("fd00::1", 0)), (2, ifa("fe80::2", 0))];
        assert_eq!(choose("ff02::1", 2, &all).unwrap(), "fe80::2");
        assert_eq!(choose("ff02::1", 3, &all), None);
    }

    #[test]
    fn labels_are_those_of_the_default_table() {
        let of = |text: &str| label(text.parse().unwrap());
        assert_eq!(of("::1"), 0);
        assert_eq!(of("2001:db8::1"), 1);
        assert_eq!(of("2002::1"), 2);
        assert_eq!(of("::ffff:10.0.0.1"), 4);
        assert_eq!(of("fd00::1"), 5);
        assert_eq!(of("2001::1"), 6);
    }
}
