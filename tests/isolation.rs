//! The example of docs/checking.md: an assumption of one's own, and the counterexample to which it shrinks.
//! What holds of every network is in `check`.

// docs/checking.md shows what stands between the two lines of dashes, word for word.
// ---
use std::time::Duration;

use proptest::test_runner::{TestCaseError, TestError, TestRunner};
use vethlab::check::strategy::{faults, networks};
use vethlab::check::{Endpoint, Fault, Network, Travel};

/// "No container of network A ever reaches network B, whatever links fail."
fn stay_apart(network: &Network, faults: &[Fault]) -> Result<(), Travel> {
    let mut lab = network.build(0).expect("every network builds");
    for fault in faults {
        lab.wait(fault.after).expect("no storm");
        for line in fault.commands(network) {
            lab.run(&line);
        }
    }
    lab.wait(Duration::from_secs(60)).expect("no storm");
    for (number, from) in network.stations.iter().enumerate() {
        for to in &network.stations {
            let enter = network.enter(Endpoint::Station(number));
            let line = format!("{enter}ping -c 1 -W 1 {}", to.address);
            let apart = network.subnets[from.bridge] != network.subnets[to.bridge];
            if apart && lab.quietly(&line).status == 0 {
                lab.travel.ran(&line, 1); // what we claim: nobody answers
                return Err(lab.travel);
            }
        }
    }
    Ok(())
}

fn counterexample() -> Travel {
    let drawn = (networks(8), faults(3));
    let found = TestRunner::deterministic().run(&drawn, |(network, faults)| {
        stay_apart(&network, &faults).map_err(|_| TestCaseError::fail("reached"))
    });
    let Err(TestError::Fail(_, (network, faults))) = found else {
        panic!("no router was ever drawn: {found:?}");
    };
    stay_apart(&network, &faults).expect_err("it failed before")
}
// ---

#[test]
fn an_assumption_that_forgets_routers_shrinks_to_one_router_and_travels() {
    let travel = counterexample();
    let script = travel.script("A reaches B");
    let namespaces = script.matches("ip netns add").count();
    assert_eq!(namespaces, 3, "two stations and a router:\n{script}");
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

#[test]
#[ignore = "runs a script on the kernel: Linux and root"]
fn the_counterexample_is_the_same_on_a_kernel() {
    let script = counterexample().script("A reaches B");
    let file = std::env::temp_dir().join(format!("vethlab-isolation-{}.sh", std::process::id()));
    std::fs::write(&file, script).expect("a file can be written");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vethlab"));
    let output = command
        .arg("diff-kernel")
        .arg(&file)
        .output()
        .expect("vethlab starts");
    let _ = std::fs::remove_file(&file);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("no difference"), "{text}");
}

#[test]
fn the_docs_show_this_example_and_its_counterexample() {
    let docs = include_str!("../docs/checking.md");
    let here = include_str!("isolation.rs");
    let example = here.split("// ---\n").nth(1).expect("two lines of dashes");
    assert!(
        docs.contains(example),
        "docs/checking.md has another example"
    );
    let script = counterexample().script("A reaches B");
    let lines = format!("```sh\n{script}```\n");
    assert!(
        docs.contains(&lines),
        "docs/checking.md has another counterexample than\n{script}"
    );
}
