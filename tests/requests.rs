//! Typed requests of netlink in any order, valid and not: what must hold whoever asks what.
//! What command lines do is in `check`.

use proptest::prelude::*;
use vethlab::check::strategy::conversations;

/// How many cases the property is tried on: `VETHLAB_CASES` where it is given.
fn config(few: u32) -> ProptestConfig {
    let asked = std::env::var("VETHLAB_CASES").ok();
    ProptestConfig {
        cases: asked.and_then(|cases| cases.parse().ok()).unwrap_or(few),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(160))]

    #[test]
    fn requests_leave_tables_consistent_and_refused_ones_leave_no_trace(all in conversations(24)) {
        let once = all.run(3);
        prop_assert!(once.is_ok(), "{once:?}");
        prop_assert_eq!(once, all.run(3), "not the same twice");
    }
}
