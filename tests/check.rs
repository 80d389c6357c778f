//! Networks that proptest invents, with cables cut and mended: the simulator agrees with a naive reference.

use std::time::Duration;

use proptest::prelude::*;
use vethlab::check::strategy::{cases, faults, networks};
use vethlab::check::{Network, Reference};
use vethlab::kernel::World;
use vethlab::tool::Shell;

/// Until the spanning tree has converged and old entries of forwarding tables are gone.
const SETTLE: Duration = Duration::from_secs(400);

/// Every ordered pair of stations: a ping is answered where the reference says so.
fn assert_agreement(
    world: &mut World,
    network: &Network,
    reference: &Reference<'_>,
) -> Result<(), TestCaseError> {
    let count = network.stations.len();
    for (from, to) in (0..count).flat_map(|from| (0..count).map(move |to| (from, to))) {
        if from == to {
            continue;
        }
        let line = format!(
            "ip netns exec s{from} ping -c 1 -W 2 {}",
            network.stations[to].address
        );
        let answered = Shell::new(world).run(&line).status == 0;
        let expected = reference.answers(from, to);
        prop_assert_eq!(
            answered,
            expected,
            "{}\nafter\n{}",
            line,
            network.commands().join("\n")
        );
    }
    let members = &network.members;
    let count = members.len();
    for (from, to) in (0..count).flat_map(|from| (0..count).map(move |to| (from, to))) {
        if from == to {
            continue;
        }
        let line = format!("ip netns exec v{from} ping -c 1 -W 2 {}", members[to].inner);
        let answered = Shell::new(world).run(&line).status == 0;
        let expected = reference.members_answer(from, to);
        prop_assert_eq!(
            answered,
            expected,
            "{}\nafter\n{}",
            line,
            network.commands().join("\n")
        );
    }
    Ok(())
}

fn settle(world: &mut World) {
    world
        .run_until(world.now() + SETTLE)
        .expect("no loop without a spanning tree");
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
    fn stations_reach_each_other_as_a_naive_reference_says(network in networks(12), faults in faults(3)) {
        let mut world = World::new(0);
        prop_assert_eq!(network.build(&mut world), Ok(()));
        settle(&mut world);
        let mut reference = Reference::new(&network);
        assert_agreement(&mut world, &network, &reference)?;
        for fault in faults {
            let Some(link) = fault.link(&network) else { break };
            prop_assert_eq!(Shell::new(&mut world).run(&fault.command(link)).status, 0);
            reference.set(link, fault.whole);
            settle(&mut world);
            assert_agreement(&mut world, &network, &reference)?;
        }
    }
}

proptest! {
    #![proptest_config(config(160))]

    #[test]
    fn invariants_hold_whatever_is_done(case in cases(7, 7)) {
        let mut world = World::new(0);
        if let Err(failed) = case.run(&mut world) {
            let script = failed.travel.script(&failed.broken.to_string());
            prop_assert!(false, "{}\n{script}", failed.broken);
        }
    }
}

/// The file of a case, replayed by `vethlab run`: every line ends as it did here.
#[test]
fn a_case_travels_as_a_scenario() {
    let mut world = World::new(0);
    let network = Network::new(&[
        vethlab::check::Part::Station { on: 0 },
        vethlab::check::Part::Station { on: 0 },
    ]);
    network.build(&mut world).expect("every network builds");
    let mut travel = vethlab::check::Travel::new(network.commands());
    travel.waited(Duration::from_secs(3));
    for line in [
        "ip netns exec s0 ping -c 1 10.0.0.2",
        "ip link set p1 mtu 1",
        "ip netns exec s0 ping -c 1 -W 1 10.0.0.9",
    ] {
        travel.ran(line, Shell::new(&mut world).run(line).status);
    }
    let file = std::env::temp_dir().join(format!("vethlab-travel-{}.yaml", std::process::id()));
    std::fs::write(&file, travel.scenario("A case", "As it was found."))
        .expect("a file can be written");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vethlab"));
    let output = command
        .arg("run")
        .arg(&file)
        .output()
        .expect("vethlab starts");
    let _ = std::fs::remove_file(&file);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
}
