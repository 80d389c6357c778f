//! The example of docs/checking.md: an assumption of one's own, and the counterexample to which it shrinks.
//! What holds of every network is in `check`.

use std::time::Duration;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use vethlab::check::strategy::{Fault, faults, networks};
use vethlab::check::{Network, Travel};
use vethlab::kernel::World;
use vethlab::tool::Shell;

/// "No container of network A ever reaches network B, whatever links fail."
fn stay_apart(network: &Network, faults: &[Fault]) -> Result<(), Travel> {
    let mut world = World::new(0);
    network.build(&mut world).expect("every network builds");
    let mut travel = Travel::new(network.commands());
    for fault in faults {
        if let Some(link) = fault.link(network) {
            let line = fault.command(link);
            travel.ran(&line, Shell::new(&mut world).run(&line).status);
        }
    }
    let minute = Duration::from_secs(60);
    travel.waited(minute);
    world.run_until(world.now() + minute).expect("no storm");
    for (number, from) in network.stations.iter().enumerate() {
        for to in &network.stations {
            let line = format!("ip netns exec s{number} ping -c 1 -W 1 {}", to.address);
            let one_network = network.subnets[from.bridge] == network.subnets[to.bridge];
            if !one_network && Shell::new(&mut world).run(&line).status == 0 {
                travel.ran(&line, 1);
                return Err(travel);
            }
        }
    }
    Ok(())
}

/// The counterexample.
fn shrunk() -> Travel {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config {
        failure_persistence: None,
        cases: 2000,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let found = runner.run(&(networks(8), faults(3)), |(network, faults)| {
        stay_apart(&network, &faults).map_err(|_| TestCaseError::fail("reached"))
    });
    let Err(TestError::Fail(_, (network, faults))) = found else {
        panic!("no router was ever drawn: {found:?}");
    };
    stay_apart(&network, &faults).expect_err("it failed before")
}

#[test]
fn an_assumption_that_forgets_routers_shrinks_to_one_router_and_travels() {
    let travel = shrunk();
    let script = travel.script("A reaches B");
    let namespaces = script.matches("ip netns add").count();
    assert!(
        namespaces <= 4,
        "two stations, a router, at most one more:\n{script}"
    );
    assert_eq!(travel.lines(), 1, "no link has to fail:\n{script}");
    let about = "No container of network A ever reaches network B.";
    let file = std::env::temp_dir().join(format!("vethlab-isolation-{}.yaml", std::process::id()));
    std::fs::write(&file, travel.scenario("A reaches B", about)).expect("a file can be written");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vethlab"));
    let output = command
        .arg("run")
        .arg(&file)
        .output()
        .expect("vethlab starts");
    let _ = std::fs::remove_file(&file);
    let text = String::from_utf8_lossy(&output.stdout);
    // The file claims status 1, nobody answers; it fails, as the property did.
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("1 received"), "{text}");
}
