//! The same scenario gives the same digest on this machine and as WebAssembly, which node runs.
//! Where node or the target is missing the test says so and compares nothing.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use vethlab::scenario::{Options, check, read, run};

const TARGET: &str = "wasm32-unknown-unknown";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a command gives; nothing where it is not there or fails.
fn output(command: &mut Command) -> Option<Output> {
    command
        .output()
        .ok()
        .filter(|output| output.status.success())
}

/// Whether the standard library is there for the target.
fn has_target() -> bool {
    let mut rustc = Command::new("rustc");
    let printed = output(rustc.args(["--print", "target-libdir", "--target", TARGET]));
    let folder = printed.map(|printed| String::from_utf8_lossy(&printed.stdout).trim().to_owned());
    folder.is_some_and(|folder| Path::new(&folder).is_dir())
}

/// Says why nothing was compared.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

#[test]
fn digests_are_the_same_as_webassembly() {
    if output(Command::new("node").arg("--version")).is_none() {
        skipped("there is no node to run WebAssembly");
        return;
    }
    if !has_target() {
        skipped(&format!("rustup target add {TARGET}"));
        return;
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasm");
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--bin",
            "wasm-digests",
            "--features",
            "wasm-digests",
        ])
        .args(["--target", TARGET, "--target-dir"])
        .arg(&target)
        .current_dir(root())
        .output()
        .expect("cargo starts");
    let errors = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{errors}");
    let module = target.join(TARGET).join("debug/wasm-digests.wasm");
    let node = Command::new("node")
        .arg(root().join("tests/wasm/read.mjs"))
        .arg(module)
        .output()
        .expect("node starts");
    let there = String::from_utf8_lossy(&node.stdout).into_owned();
    assert!(
        node.status.success(),
        "{}",
        String::from_utf8_lossy(&node.stderr)
    );

    let lines = there.trim_start_matches("vethlab-digests:").lines();
    let mut count = 0;
    for line in lines.take_while(|line| *line != "end") {
        let (name, digest) = line.split_once(' ').expect("a name and a digest");
        let path = root().join("scenarios").join(format!("{name}.yaml"));
        let bytes = std::fs::read(path).expect("the scenario");
        let checked = check(&read(&bytes).expect("a scenario")).expect("it makes sense");
        let here = run(&checked, Options::default());
        assert_eq!(here.digest, digest, "{name}");
        assert!(here.held(), "{name}");
        count += 1;
    }
    assert!(count >= 5, "{there}");
}
