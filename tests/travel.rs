//! Counterexamples travel: whatever was done in a lab, its scenario file does again, and every line ends as it did.
//! What the lines do is for `check`.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use vethlab::check::strategy::{fault, part, step};
use vethlab::check::{FaultKind, Lab, Network, Part, Step, Travel, Trouble};

/// Writes the scenario of a lab and lets `vethlab run` replay it.
fn replayed(travel: &Travel, name: &str) -> Output {
    let file: PathBuf =
        std::env::temp_dir().join(format!("vethlab-{name}-{}.yaml", std::process::id()));
    std::fs::write(&file, travel.scenario(name, "As it was found."))
        .expect("a file can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_vethlab"));
    let output = command
        .arg("run")
        .arg(&file)
        .output()
        .expect("vethlab starts");
    let _ = std::fs::remove_file(&file);
    output
}

fn assert_travels(lab: &Lab, name: &str) {
    let output = replayed(&lab.travel, name);
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let file = lab.travel.scenario(name, "As it was found.");
    assert_eq!(output.status.code(), Some(0), "{out}{err}\n{file}");
}

/// Something of every kind: two hosts, a tunnel between bridges, a router, overlays, containers.
fn everything() -> Network {
    let vni = vethlab::check::OverlayNet::Vxlan(0);
    let vlan = vethlab::check::OverlayNet::Vlan(0);
    Network::new(&[
        Part::Host,
        Part::Bridge { host: 1 },
        Part::Bridge { host: 0 },
        Part::Trunk { a: 0, b: 1 },
        Part::Router { a: 0, b: 2 },
        Part::Station { on: 0 },
        Part::Station { on: 1 },
        Part::Station { on: 2 },
        Part::Overlay { on: 0, net: vni },
        Part::Overlay { on: 1, net: vlan },
        Part::DockerNet { host: 0 },
        Part::DockerNet { host: 1 },
        Part::Container { on: 0 },
        Part::Container { on: 1 },
        Part::Container { on: 1 },
    ])
}

/// A value that a strategy draws and that is wanted.
fn drawn<T: std::fmt::Debug>(
    runner: &mut TestRunner,
    strategy: &impl Strategy<Value = T>,
    wanted: impl Fn(&T) -> bool,
) -> T {
    loop {
        let tree = strategy
            .new_tree(runner)
            .expect("nothing is filtered for long");
        let value = tree.current();
        if wanted(&value) {
            return value;
        }
    }
}

#[test]
fn every_kind_of_traffic_travels() {
    let network = everything();
    let mut lab = network.build(0).expect("every network builds");
    let mut runner = TestRunner::deterministic();
    let kinds: [fn(&Step) -> bool; 8] = [
        |step| matches!(step, Step::Ping { .. }),
        |step| matches!(step, Step::Trace(..)),
        |step| matches!(step, Step::Ask(..)),
        |step| matches!(step, Step::Connect(..)),
        |step| matches!(step, Step::Fetch(..)),
        |step| matches!(step, Step::Raw(..)),
        |step| matches!(step, Step::Blocked(..)),
        |step| matches!(step, Step::Refused(..)),
    ];
    for kind in kinds {
        for _ in 0..4 {
            let lines = drawn(&mut runner, &step(), kind).commands(&network);
            assert!(!lines.is_empty());
            for line in lines {
                let done = lab.run(&line);
                assert!(!matches!(done.status, 3 | 127), "{line}: {done:?}");
            }
            lab.wait(Duration::from_millis(1500)).expect("no storm");
        }
    }
    assert_travels(&lab, "traffic");
}

#[test]
fn every_kind_of_fault_travels() {
    let network = everything();
    let mut lab = network.build(0).expect("every network builds");
    let mut runner = TestRunner::deterministic();
    let kinds: [fn(FaultKind) -> bool; 7] = [
        |kind| kind == FaultKind::Cut,
        |kind| kind == FaultKind::Mend,
        |kind| kind == FaultKind::Restart,
        |kind| matches!(kind, FaultKind::Bad(Trouble::Loss(_))),
        |kind| matches!(kind, FaultKind::Bad(Trouble::Delay(_))),
        |kind| matches!(kind, FaultKind::Bad(Trouble::Reorder(_))),
        |kind| matches!(kind, FaultKind::Bad(Trouble::Duplicate(_))),
    ];
    for kind in kinds {
        for _ in 0..3 {
            let fault = drawn(&mut runner, &fault(), |fault| kind(fault.kind));
            lab.wait(fault.after).expect("no storm");
            let lines = fault.commands(&network);
            assert!(!lines.is_empty());
            for line in lines {
                let done = lab.run(&line);
                assert!(!matches!(done.status, 3 | 127), "{line}: {done:?}");
            }
        }
    }
    for one in network.endpoints() {
        for other in network.endpoints() {
            let (enter, address) = (network.enter(one), network.address_of(other));
            lab.run(&format!("{enter}ping -c 1 -W 1 {address}"));
        }
    }
    assert_travels(&lab, "faults");
}

#[test]
fn every_restart_builds_what_was_there() {
    let network = everything();
    let mut lab = network.build(0).expect("every network builds");
    for machine in network.machines() {
        for line in network.restart(machine) {
            let done = lab.run(&line);
            assert_eq!(done.status, 0, "{machine:?}: {line}: {done:?}");
        }
    }
    assert_travels(&lab, "restarts");
}

#[test]
fn what_is_drawn_travels() {
    let mut runner = TestRunner::deterministic();
    let strategy = (
        proptest::collection::vec(part(), 0..10),
        proptest::collection::vec(step(), 1..8),
    );
    for number in 0..8 {
        let (parts, steps) = drawn(&mut runner, &strategy, |_| true);
        let network = Network::new(&parts);
        let mut lab = network.build(0).expect("every network builds");
        for step in steps {
            match step {
                Step::Wait(seconds) => lab
                    .wait(Duration::from_secs(seconds.into()))
                    .expect("no storm"),
                step => step
                    .commands(&network)
                    .iter()
                    .for_each(|line| drop(lab.run(line))),
            }
        }
        assert_travels(&lab, &format!("drawn-{number}"));
    }
}

/// The script is the same lines for a shell: what it begins with for several hosts, and nothing that a shell would
/// take for something else.
#[test]
fn scripts_have_the_same_lines() {
    let network = everything();
    let mut lab = network.build(0).expect("every network builds");
    lab.run("on h1 ip netns exec s0 ping -c 1 -W 1 10.0.0.2");
    let script = lab.travel.script("Everything");
    let mut lines = script
        .lines()
        .skip_while(|line| *line != network.commands()[0]);
    for line in network.commands() {
        assert_eq!(lines.next(), Some(line.as_str()));
        let plain = |c: char| c.is_ascii_alphanumeric() || " -_./:=,".contains(c);
        assert!(line.chars().all(plain), "{line}");
    }
    assert!(
        script.contains("ip netns add h2\n") && script.contains("on() {"),
        "{script}"
    );
    assert!(script.ends_with("ping -c 1 -W 1 10.0.0.2\n"), "{script}");
}
