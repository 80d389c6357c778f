//! `vethlab diff-kernel`: a script on this machine's kernel and in the simulator, both in namespaces of their own.
//! What differs, and which scripts are invented, is the library's.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use vethlab::transcript::frames::{FrameDifference, Frames, frame_differences, split};
use vethlab::transcript::{Difference, Step, blank, differences, random, script_lines};

use super::{DiffArgs, WRONG, fail};

const DIFFERENT: i32 = 1;
/// What `isolated.sh` ends with where it cannot keep a script in.
const REFUSED: i32 = 77;
/// No more of a transcript is read than this.
const OUTPUT_MAX_BYTES: u64 = 16 << 20;
/// So many runs, at most, make the script of a difference shorter.
const SHRINK_RUNS_MAX: usize = 60;
const ISOLATED: &str = include_str!("isolated.sh");

/// Runs the verb, and gives the exit status.
pub fn run(args: &DiffArgs) -> i32 {
    if args.print {
        let scripts = (0..args.random.unwrap_or(0)).map(|index| random::script(args.seed, index));
        for script in scripts {
            out(&script.join("\n"));
            out("\n\n");
        }
        return 0;
    }
    let script = match args.script.as_deref().map(read).transpose() {
        Ok(script) => script,
        Err(words) => {
            fail(&words);
            return WRONG;
        }
    };
    let stop = Arc::new(AtomicUsize::new(0));
    let result =
        Runner::new(args, Arc::clone(&stop)).and_then(|runner| match (&args.script, script) {
            (Some(path), Some(script)) => one(&runner, path, &script),
            _ => many(&runner, args.random.unwrap_or(0), args.seed),
        });
    // What was made is gone by now: the signal may do what it does.
    match i32::try_from(stop.load(Ordering::SeqCst)) {
        Ok(signal @ 1..) => {
            let _ = signal_hook::low_level::emulate_default_handler(signal);
            128 + signal
        }
        _ => result.unwrap_or_else(|words| fail(&words)),
    }
}

fn out(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

/// A script that has a step.
fn read(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let script =
        fs::read_to_string(path).map_err(|error| format!("failed to read {shown}: {error}"))?;
    if script.contains('\0') {
        return Err(format!("{shown}: a script has no NUL byte"));
    }
    match script_lines(&script).is_empty() {
        true => Err(format!("{shown}: no line to run")),
        false => Ok(script),
    }
}

/// Compares one script, and prints its first difference.
fn one(runner: &Runner, path: &Path, script: &str) -> Result<i32, String> {
    let compared = runner.compare(script)?;
    let steps = compared.steps;
    if compared.unsteady > 0 {
        let count = compared.unsteady;
        out(&format!(
            "{count} of {steps} steps differ between two runs of the kernel itself\n"
        ));
    }
    let Some(first) = compared.found.first() else {
        return Ok(frames(&compared, &path.display().to_string()));
    };
    out(&format!("{}:{}", path.display(), shown(script, first)));
    out(&format!(
        "{} of {steps} steps differ\n",
        compared.found.len()
    ));
    Ok(DIFFERENT)
}

/// Prints the first device that saw other frames, where no step differs.
fn frames(compared: &Compared, script: &str) -> i32 {
    let steps = compared.steps;
    let seen = match compared.devices {
        0 => String::new(),
        devices => format!(", frames of {devices} devices"),
    };
    let Some(first) = compared.frames.first() else {
        out(&format!("{steps} steps{seen}, no difference\n"));
        return 0;
    };
    let (netns, device) = first.device.split_once(' ').unwrap_or_default();
    let place = match netns {
        "." => String::new(),
        netns => format!(" in namespace {netns}"),
    };
    out(&format!("{script}: frames of {device}{place}\n{first}"));
    let differ = compared.frames.len();
    out(&format!(
        "{steps} steps, no difference; {differ} of {} devices saw other frames\n",
        compared.devices
    ));
    DIFFERENT
}

/// Compares scripts that are invented, and prints the first difference of each with the script made short.
fn many(runner: &Runner, count: u64, seed: u64) -> Result<i32, String> {
    let (mut steps, mut differing) = (0, 0);
    for index in 0..count {
        let script = random::script(seed, index);
        let compared = runner.compare(&script.join("\n"))?;
        steps += compared.steps;
        let Some(first) = compared.found.first() else {
            if !compared.frames.is_empty() {
                differing += 1;
                out(&format!("{}\n", script.join("\n")));
                frames(&compared, &format!("script {index} of seed {seed}"));
            }
            continue;
        };
        differing += 1;
        let script = shrink(runner, script, first)?;
        let compared = runner.compare(&script.join("\n"))?;
        let first = compared.found.first().unwrap_or(first);
        let text = script.join("\n");
        out(&format!(
            "script {index} of seed {seed}:\n{text}\n{}\n",
            shown(&text, first)
        ));
    }
    out(&format!(
        "{count} scripts, {steps} steps: {differing} scripts differ\n"
    ));
    Ok(if differing > 0 { DIFFERENT } else { 0 })
}

/// `LINE: STEP` and both outputs.
fn shown(script: &str, difference: &Difference) -> String {
    let mut text = String::new();
    let line = script_lines(script).get(difference.index).copied();
    let (number, line) = line.unwrap_or((0, "(no such step)"));
    let _ = write!(text, "{number}: {line}\n{difference}");
    text
}

/// The shortest script that this finds in which the same line still differs: the lines up to it, without
/// each that may be left out.
fn shrink(
    runner: &Runner,
    mut script: Vec<String>,
    difference: &Difference,
) -> Result<Vec<String>, String> {
    script.truncate(difference.index + 1);
    let mut runs = 0;
    let mut chunk = script.len() / 2;
    while chunk > 0 {
        let mut end = script.len().saturating_sub(1);
        while end > 0 && runs < SHRINK_RUNS_MAX {
            let start = end.saturating_sub(chunk);
            let mut shorter = script.clone();
            shorter.drain(start..end);
            runs += 1;
            let found = runner.compare(&shorter.join("\n"))?.found;
            if found.iter().any(|found| found.index + 1 == shorter.len()) {
                script = shorter;
            }
            end = start;
        }
        chunk /= 2;
    }
    Ok(script)
}

/// What came of a script.
struct Compared {
    steps: usize,
    /// Steps in which two runs of the kernel agree, and the simulator does not.
    found: Vec<Difference>,
    /// Steps in which the kernel does not agree with itself.
    unsteady: usize,
    /// Devices that saw other frames.
    frames: Vec<FrameDifference>,
    /// How many saw any.
    devices: usize,
}

/// Runs scripts, each in namespaces that end with it.
struct Runner {
    /// The namespaces of this process, which no script may run in.
    own: [PathBuf; 2],
    binary: PathBuf,
    seed: u64,
    timeout: Duration,
    /// Whether frames are compared.
    frames: bool,
    /// The signal that asked us to end; 0 while none did.
    stop: Arc<AtomicUsize>,
    scratch: Scratch,
}

/// A directory that ends with us.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Runner {
    /// # Errors
    /// Why nothing can be run here.
    fn new(args: &DiffArgs, stop: Arc<AtomicUsize>) -> Result<Self, String> {
        if !cfg!(target_os = "linux") {
            return Err("scripts run on a kernel of Linux only".to_owned());
        }
        if !rustix::process::geteuid().is_root() {
            return Err("scripts run on the kernel as root only".to_owned());
        }
        let own = |name: &str| {
            fs::read_link(format!("/proc/self/ns/{name}"))
                .map_err(|error| format!("failed to tell this process's namespaces: {error}"))
        };
        for (signal, number) in [(SIGHUP, 1), (SIGINT, 2), (SIGTERM, 15)] {
            signal_hook::flag::register_usize(signal, Arc::clone(&stop), number)
                .map_err(|error| format!("failed to catch a signal: {error}"))?;
        }
        let scratch = std::env::temp_dir().join(format!("vethlab-diff-{}", std::process::id()));
        fs::create_dir_all(&scratch)
            .and_then(|()| fs::create_dir_all("/run/netns"))
            .map_err(|error| format!("failed to make a directory: {error}"))?;
        Ok(Self {
            own: [own("net")?, own("mnt")?],
            binary: std::env::current_exe()
                .map_err(|error| format!("failed to find this program: {error}"))?,
            seed: args.seed,
            timeout: Duration::from_secs(args.timeout),
            frames: args.frames,
            stop,
            scratch: Scratch(scratch),
        })
    }

    /// Runs a script on the kernel and in the simulator; on the kernel once more where they differ.
    fn compare(&self, script: &str) -> Result<Compared, String> {
        let path = self.scratch.0.join("script");
        fs::write(&path, script).map_err(|error| format!("failed to write a script: {error}"))?;
        let kernel = self.begin("kernel", &path, Path::new(""))?;
        let simulator = self.begin("simulator", &path, &self.binary);
        let kernel = self.end(kernel);
        let simulator = self.end(simulator?)?;
        let ((kernel, kernel_frames), (simulator, simulator_frames)) = (kernel?, simulator);
        let mut found = differences(&kernel, &simulator);
        let mut frames = frame_differences(&kernel_frames, &kernel_frames, &simulator_frames);
        let all = found.len();
        if all > 0 || !frames.is_empty() {
            let (again, again_frames) = self.end(self.begin("kernel", &path, Path::new(""))?)?;
            found.retain(|found| again.get(found.index) == kernel.get(found.index));
            frames = frame_differences(&kernel_frames, &again_frames, &simulator_frames);
        }
        Ok(Compared {
            steps: kernel.len(),
            unsteady: all - found.len(),
            found,
            frames,
            devices: kernel_frames.len().max(simulator_frames.len()),
        })
    }

    /// Starts a script; `binary` is the simulator, or empty for the kernel.
    fn begin(&self, name: &'static str, script: &Path, binary: &Path) -> Result<Run, String> {
        let output = self.scratch.0.join(name);
        let errors = self.scratch.0.join(format!("{name}-errors"));
        let open = |path: &Path| {
            File::create(path).map_err(|error| format!("failed to write a transcript: {error}"))
        };
        let words = "--net --mount --uts --ipc --pid --fork --kill-child --mount-proc --propagation private";
        let child = Command::new("unshare")
            .args(words.split(' '))
            .args(["bash", "-c", ISOLATED, "isolated"])
            .args(&self.own)
            .args([script, binary])
            .arg(self.seed.to_string())
            .arg(if self.frames { "frames" } else { "" })
            .stdin(Stdio::null())
            .stdout(open(&output)?)
            .stderr(open(&errors)?)
            .spawn()
            .map_err(|error| format!("failed to start unshare: {error}"))?;
        Ok(Run {
            name,
            child,
            begun: Instant::now(),
            output,
            errors,
        })
    }

    /// Waits for a script, and reads its transcript.
    fn end(&self, mut run: Run) -> Result<(Vec<Step>, Frames), String> {
        let status = loop {
            // A signal of the terminal ends the script too: it is asked for first.
            let ended = run.child.try_wait();
            if self.stop.load(Ordering::SeqCst) != 0 {
                return Err("a signal came".to_owned());
            }
            match ended {
                Ok(Some(status)) => break status,
                Ok(None) if run.begun.elapsed() < self.timeout => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Ok(None) => {
                    let seconds = self.timeout.as_secs();
                    return Err(format!(
                        "the script did not end within {seconds} s in the {}",
                        run.name
                    ));
                }
                Err(error) => return Err(format!("failed to wait for a script: {error}")),
            }
        };
        let read = |path: &Path| -> Result<String, String> {
            let mut bytes = Vec::new();
            File::open(path)
                .and_then(|file| file.take(OUTPUT_MAX_BYTES).read_to_end(&mut bytes))
                .map_err(|error| format!("failed to read a transcript: {error}"))?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        if status.code() == Some(0) {
            let text = read(&run.output)?;
            let (steps, frames) = split(&text);
            return Ok((blank(steps), frames));
        }
        let errors = read(&run.errors)?;
        let why = errors.lines().last().unwrap_or("unshare failed");
        Err(match status.code() {
            Some(REFUSED) => format!("refused to run the script in the {}: {why}", run.name),
            _ => format!("failed to run the script in the {}: {why}", run.name),
        })
    }
}

/// A script that runs. Dropped, it is killed with all that it started.
struct Run {
    name: &'static str,
    child: Child,
    begun: Instant,
    output: PathBuf,
    errors: PathBuf,
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_ends_the_script_and_the_directory() {
        let name = format!("vethlab-diff-test-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).unwrap();
        let runner = Runner {
            own: [PathBuf::new(), PathBuf::new()],
            binary: PathBuf::new(),
            seed: 0,
            timeout: Duration::from_secs(60),
            frames: false,
            stop: Arc::new(AtomicUsize::new(15)),
            scratch: Scratch(directory.clone()),
        };
        let child = Command::new("sleep").arg("60").spawn().unwrap();
        let begun = Instant::now();
        let run = Run {
            name: "kernel",
            child,
            begun,
            output: PathBuf::new(),
            errors: PathBuf::new(),
        };
        assert_eq!(runner.end(run).err().as_deref(), Some("a signal came"));
        assert!(begun.elapsed() < Duration::from_secs(30));
        drop(runner);
        assert!(!directory.exists());
    }
}
