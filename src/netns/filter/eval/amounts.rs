//! The matches `quota` and `hashlimit` for a packet (xt_quota.c, xt_hashlimit.c).
//! What a rule remembers of them is in its `Tokens`.

use std::collections::BTreeMap;

use super::Context;
use super::matches::bucket_holds;
use crate::netns::filter::rule::HashLimit;
use crate::netns::filter::tables::Tokens;

/// Senders of a rule that are remembered at once; more are passed over as above the rate.
const ENTRIES_MAX: usize = 4096;

/// Buckets of a `hashlimit`, by addresses and ports, with when each was last asked.
pub type Buckets = BTreeMap<(u128, u128, u16, u16), Tokens>;

/// Whether the amount of bytes is not used up (`quota_mt`).
pub(super) fn quota_holds(quota: u64, tokens: &mut Tokens, len: u64) -> bool {
    if !tokens.started {
        (tokens.started, tokens.credit_ns) = (true, quota);
    }
    let enough = tokens.credit_ns >= len;
    tokens.credit_ns = if enough { tokens.credit_ns - len } else { 0 };
    enough
}

/// Whether the packets of a sender are within their rate, or above it (`hashlimit_mt_common`).
pub(super) fn hashlimit_holds(
    what: &HashLimit,
    tokens: &mut Tokens,
    context: &Context<'_, '_>,
) -> bool {
    let parts = &context.parts;
    let masked = |bit: u8, addr: u128, bits: Option<u8>| match what.mode & bit {
        0 => 0,
        _ => {
            addr & parts
                .family
                .mask(bits.unwrap_or(parts.family.bits()).min(parts.family.bits()))
        }
    };
    let ports = parts.ports(context.frame.bytes()).unwrap_or((0, 0));
    let key = (
        masked(4, parts.src, what.bits.0),
        masked(1, parts.dst, what.bits.1),
        if what.mode & 8 != 0 { ports.0 } else { 0 },
        if what.mode & 2 != 0 { ports.1 } else { 0 },
    );
    let now = context.facts.now.as_nanos();
    let expire_ms = what.table[3].unwrap_or(what.unit.saturating_mul(1000));
    let kept = u64::from(expire_ms) * 1_000_000;
    let buckets = tokens.buckets.get_or_insert_default();
    if buckets.len() >= ENTRIES_MAX {
        buckets.retain(|_, bucket| now.saturating_sub(bucket.at_ns) <= kept);
    }
    if buckets.len() >= ENTRIES_MAX && !buckets.contains_key(&key) {
        return what.above == Some(true);
    }
    let bucket = buckets.entry(key).or_default();
    if now.saturating_sub(bucket.at_ns) > kept {
        *bucket = Tokens::default();
    }
    let within = bucket_holds(what.period, what.burst, bucket, now);
    within != (what.above == Some(true))
}
