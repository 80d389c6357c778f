//! Which of several next hops a flow takes: always the same one for the same addresses.
//! The kernel seeds its hash at boot; here the seed is fixed, so that a run repeats.

use std::net::IpAddr;

use super::route::Nexthop;

/// The hash of a flow, 31 bits, over its addresses (`fib_multipath_hash`, policy 0).
pub(super) fn hash(src: IpAddr, dst: IpAddr) -> u32 {
    let word = |addr: IpAddr| match addr {
        IpAddr::V4(addr) => u64::from(addr.to_bits()),
        IpAddr::V6(addr) => {
            let bits = addr.to_bits();
            mix((bits >> 64) as u64) ^ bits as u64
        }
    };
    let mixed = mix(mix(word(src)).wrapping_add(word(dst)));
    (mixed >> 33) as u32
}

/// The finaliser of SplitMix64.
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The index of the next hop whose share of the 31-bit range holds `hash`
/// (`fib_select_multipath` over the bounds of `fib_rebalance`). None lives: nothing.
pub(super) fn select<'a>(
    nexthops: impl Iterator<Item = &'a Nexthop> + Clone,
    hash: u32,
    alive: impl Fn(&Nexthop) -> bool,
) -> Option<usize> {
    let living = || {
        let all = nexthops.clone().enumerate();
        all.filter(|(_, hop)| alive(hop))
    };
    let total: u64 = living().map(|(_, hop)| u64::from(hop.weight)).sum();
    let mut sum = 0;
    for (index, hop) in living() {
        sum += u64::from(hop.weight);
        // The bound is the rounded share of 2^31, less one, and itself included.
        let bound = ((sum << 31) + total / 2).checked_div(total).unwrap_or(0);
        if u64::from(hash) < bound {
            return Some(index);
        }
    }
    living().last().map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(weight: u16, flags: u8) -> Nexthop {
        Nexthop {
            oif: 2,
            gateway: None,
            weight,
            flags,
            scope: 0,
            realms: 0,
        }
    }

    #[test]
    fn flows_spread_by_weight_and_each_keeps_its_way() {
        let hops = [hop(1, 0), hop(3, 0), hop(9, 1)];
        let mut counts = [0u32; 3];
        for host in 0u32..4000 {
            let dst = IpAddr::V4((0x0a00_0000 + host).into());
            let src = IpAddr::V4([192, 168, 0, 1].into());
            let pick = || select(hops.iter(), hash(src, dst), |hop| !hop.has(1)).unwrap();
            assert_eq!(pick(), pick());
            counts[pick()] += 1;
        }
        assert_eq!(counts[2], 0, "a dead next hop gets nothing");
        assert!((900..1100).contains(&counts[0]), "{counts:?}");
    }

    #[test]
    fn the_hash_has_31_bits() {
        let any = hash([1, 2, 3, 4].into(), [5, 6, 7, 8].into());
        assert!(any < 1 << 31);
        assert_eq!(select([hop(1, 0)].iter(), (1 << 31) - 1, |_| true), Some(0));
        assert_eq!(select([hop(1, 0)].iter(), 0, |_| false), None);
    }
}
