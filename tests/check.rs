//! Networks that proptest invents, with faults: the simulator agrees with a naive reference, and the rules hold.
//! How planted faults are found is in `mutants`; how failing cases are written down is in `travel`.

use std::time::Duration;

use proptest::prelude::*;
use vethlab::check::strategy::{cases, faults, networks};
use vethlab::check::{Endpoint, FaultKind, Lab, Monitor, Network, Part, Reference, Trouble};

/// Until the spanning tree has converged and old entries of forwarding tables are gone.
const SETTLE: Duration = Duration::from_secs(400);

/// Every ordered pair of endpoints: a ping is answered where the reference says so. Where a cable loses frames a
/// ping may fail nevertheless.
fn assert_agreement(
    lab: &mut Lab,
    network: &Network,
    reference: &Reference<'_>,
    lossy: bool,
) -> Result<(), TestCaseError> {
    let endpoints = network.endpoints();
    let pairs = |from: Endpoint| endpoints.iter().map(move |&to| (from, to));
    for (from, to) in endpoints.iter().flat_map(|&from| pairs(from)) {
        if from == to {
            continue;
        }
        let (enter, address) = (network.enter(from), network.address_of(to));
        let line = format!("{enter}ping -c 1 -W 2 {address}");
        let answered = lab.run(&line).status == 0;
        let expected = reference.answers(from, to);
        // What a bad cable duplicates and delays is not to answer the next one.
        lab.wait(Duration::from_millis(100)).expect("no storm");
        prop_assert!(
            answered == expected || lossy && !answered,
            "{line}: answered {answered}, expected {expected}, after\n{}",
            lab.travel.script("They disagree")
        );
    }
    Ok(())
}

fn settle(lab: &mut Lab) {
    lab.wait(SETTLE).expect("no loop without a spanning tree");
}

/// How many cases a property is tried on: `VETHLAB_CASES` where it is given.
fn config(few: u32) -> ProptestConfig {
    let asked = std::env::var("VETHLAB_CASES").ok();
    let cases = asked.and_then(|cases| cases.parse().ok()).unwrap_or(few);
    ProptestConfig {
        cases,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(32))]

    #[test]
    fn everybody_reaches_whom_a_naive_reference_says(network in networks(12), faults in faults(3)) {
        let mut lab = network.build(0).expect("every network builds");
        settle(&mut lab);
        let mut reference = Reference::new(&network);
        assert_agreement(&mut lab, &network, &reference, false)?;
        let mut lossy = false;
        for fault in faults {
            lab.wait(fault.after).expect("no storm");
            if !fault.matters(&network, &reference) {
                continue;
            }
            for line in fault.commands(&network) {
                let done = lab.run(&line);
                prop_assert_eq!(done.status, 0, "{}: {}\n{}", line, done.stderr, lab.travel.script("Refused"));
            }
            fault.tell(&network, &mut reference);
            lossy |= matches!(fault.kind, FaultKind::Bad(Trouble::Loss(_)));
            settle(&mut lab);
            assert_agreement(&mut lab, &network, &reference, lossy)?;
        }
    }
}

proptest! {
    #![proptest_config(config(160))]

    #[test]
    fn invariants_hold_whatever_is_done(case in cases(7, 7)) {
        if let Err(failed) = case.run(0) {
            let script = failed.travel.script(&failed.broken.to_string());
            prop_assert!(false, "{}\n{script}", failed.broken);
        }
    }
}

/// Found by a long run: a segment was on its way to a container that was restarted, and vanished.
#[test]
fn what_is_on_its_way_to_a_device_that_goes_is_lost_with_a_reason() {
    let network = Network::new(&[Part::Container { on: 0 }, Part::DockerNet { host: 0 }]);
    let mut lab = network.build(0).expect("every network builds");
    let mut monitor = Monitor::new(&mut lab.world);
    for line in [
        "docker exec c0 nc -z -w 2 172.30.0.2 80",
        "docker restart c0",
    ] {
        assert_eq!(lab.run(line).status, 0, "{line}");
        lab.wait(Duration::from_secs(3)).expect("no storm");
    }
    let judged = monitor.judge(&mut lab.world);
    assert_eq!(judged, Ok(()));
    let story = monitor.story(&lab.world);
    assert_eq!(vethlab::check::invariant::conservation(&story), Ok(()));
}
