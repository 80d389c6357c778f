//! The same work on this machine's kernel, in namespaces that end with the script that makes them.
//! What is done there is in `kernel.sh`; who sends and answers is `worker`.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const SCRIPT: &str = include_str!("kernel.sh");
/// Calls of `ip link show lo` that are timed together.
const CALLS: &str = "200";

/// A kernel on which workloads can be run.
pub struct Kernel {
    /// The namespaces of this process, in which nothing is done.
    own: [PathBuf; 2],
    binary: PathBuf,
}

impl Kernel {
    /// # Errors
    /// Why nothing can be run here.
    pub fn new() -> Result<Self, String> {
        if !cfg!(target_os = "linux") {
            return Err("only a kernel of Linux can be compared with".to_owned());
        }
        if !rustix::process::geteuid().is_root() {
            return Err("only root can run on the kernel".to_owned());
        }
        let own = |name: &str| {
            fs::read_link(format!("/proc/self/ns/{name}"))
                .map_err(|error| format!("failed to tell this process's namespaces: {error}"))
        };
        let binary = std::env::current_exe()
            .map_err(|error| format!("failed to find this program: {error}"))?;
        Ok(Self {
            own: [own("net")?, own("mnt")?],
            binary,
        })
    }

    /// Runs a workload once; gives nanoseconds for a unit.
    ///
    /// Whatever ends this process ends `unshare`, with it its child, which is the first process of its namespace, and so
    /// all that the script began; its namespaces and mounts end with the last of them.
    ///
    /// # Errors
    /// Why it failed: the script's last words.
    pub fn measure(&self, workload: &str) -> Result<f64, String> {
        let (what, size) = workload.split_once('-').unwrap_or((workload, CALLS));
        let words = "--pdeathsig KILL unshare --net --mount --uts --ipc --pid --fork --kill-child --mount-proc --propagation private";
        let output = Command::new("setpriv")
            .args(words.split(' '))
            .args(["bash", "-c", SCRIPT, "kernel"])
            .args(&self.own)
            .arg(&self.binary)
            .args([what, size])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("failed to start setpriv: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut numbers = text.split_whitespace().map(str::parse::<u64>);
        match (output.status.success(), numbers.next(), numbers.next()) {
            (true, Some(Ok(units)), Some(Ok(ns))) if units > 0 => Ok(ns as f64 / units as f64),
            (true, Some(Ok(0)), _) => Err("nothing arrived".to_owned()),
            _ => {
                let words = String::from_utf8_lossy(&output.stderr);
                Err(words.lines().last().unwrap_or("it was ended").to_owned())
            }
        }
    }
}
