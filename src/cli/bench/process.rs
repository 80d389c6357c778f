//! Whole processes of this program: one command in a session, one scenario from start to end.
//! Workloads within one process are the library's.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Commands that are timed together.
const CALLS: u32 = 100;
const SCENARIO: &str = include_str!("../../../benches/one-ping.yaml");

/// A workload of whole processes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Process {
    /// `ip link show lo` in a session: the session's start is not counted.
    Exec,
    /// A scenario with one ping.
    Scenario,
}

impl Process {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exec => "exec",
            Self::Scenario => "scenario",
        }
    }

    /// What is counted.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Exec => "command",
            Self::Scenario => "process",
        }
    }
}

/// What the processes need; its files end with it.
pub struct Runner {
    binary: PathBuf,
    scenario: PathBuf,
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.scenario);
    }
}

impl Runner {
    /// # Errors
    /// Where this program is not found, or a file cannot be written.
    pub fn new() -> Result<Self, String> {
        let binary = std::env::current_exe()
            .map_err(|error| format!("failed to find this program: {error}"))?;
        let name = format!("vethlab-bench-{}.yaml", std::process::id());
        let scenario = std::env::temp_dir().join(name);
        fs::write(&scenario, SCENARIO)
            .map_err(|error| format!("failed to write a scenario: {error}"))?;
        Ok(Self { binary, scenario })
    }

    /// One round; gives the units and the nanoseconds that they took.
    ///
    /// # Errors
    /// Where a process fails.
    pub fn round(&self, process: Process) -> Result<(u64, u64), String> {
        match process {
            Process::Exec => self.calls(),
            Process::Scenario => {
                let begun = Instant::now();
                let output = Command::new(&self.binary)
                    .arg("run")
                    .arg(&self.scenario)
                    .stdin(Stdio::null())
                    .output()
                    .map_err(|error| format!("failed to start: {error}"))?;
                let took = begun.elapsed().as_nanos();
                match output.status.success() {
                    true => Ok((1, u64::try_from(took).unwrap_or(u64::MAX))),
                    false => Err("the scenario failed".to_owned()),
                }
            }
        }
    }

    fn calls(&self) -> Result<(u64, u64), String> {
        let script = format!(
            "begun=${{EPOCHREALTIME//[!0-9]/}}
            for ((i = 0; i < {CALLS}; i++)); do ip link show lo > /dev/null || exit 1; done
            echo $(((${{EPOCHREALTIME//[!0-9]/}} - begun) * 1000))"
        );
        let output = Command::new(&self.binary)
            .args(["exec", "--", "bash", "-c", &script])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("failed to start: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        match (output.status.success(), text.trim().parse()) {
            (true, Ok(ns)) => Ok((u64::from(CALLS), ns)),
            _ => Err("the session failed".to_owned()),
        }
    }
}
