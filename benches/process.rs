//! One command through a session, and one scenario from process start: whole processes, as a user starts them.
//! Set-up of a session is not timed.

use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

const BINARY: &str = env!("CARGO_BIN_EXE_vethlab");
const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/one-ping.yaml");

/// Runs `ip link show lo` so often within one session, and gives the time that the session's shell took for it.
fn commands(count: u64) -> Duration {
    let script = format!(
        "begun=${{EPOCHREALTIME//[!0-9]/}}
        for ((i = 0; i < {count}; i++)); do ip link show lo > /dev/null || exit 1; done
        echo $((${{EPOCHREALTIME//[!0-9]/}} - begun))"
    );
    let output = Command::new(BINARY)
        .args(["exec", "--", "bash", "-c", &script])
        .stdin(Stdio::null())
        .output()
        .expect("the session starts");
    let text = String::from_utf8_lossy(&output.stdout);
    Duration::from_micros(text.trim().parse().expect("every command succeeds"))
}

fn exec(c: &mut Criterion) {
    let mut group = c.benchmark_group("exec");
    group.sample_size(10);
    group.bench_function("ip-link-show-lo", |b| b.iter_custom(commands));
    group.finish();
}

fn scenario(c: &mut Criterion) {
    let mut group = c.benchmark_group("scenario");
    group.sample_size(20);
    group.bench_function("one-ping", |b| {
        b.iter(|| {
            let status = Command::new(BINARY)
                .args(["run", SCENARIO])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .status();
            assert!(status.expect("it starts").success());
        });
    });
    group.finish();
}

criterion_group!(benches, exec, scenario);
criterion_main!(benches);
