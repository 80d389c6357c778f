//! The simulator against transcripts of a real kernel: every case of `tests/transcripts/cases`, step by step.
//! What still differs is listed, with its reason, in `tests/transcripts/differences.txt`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use vethlab::transcript::{Step, blank};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

/// `CASE:LINE` for each step that is known to differ, LINE being the step's number from 1; with `~` in front
/// where two runs of the kernel itself differ.
fn known_differences() -> BTreeSet<String> {
    let text =
        fs::read_to_string(folder().join("differences.txt")).expect("the list of differences");
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or("").trim());
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A directory that is gone when the test is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("vethlab-transcripts-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a scratch directory can be made");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn simulate(case: &str) -> Vec<Step> {
    let scratch = Scratch::new(case);
    let output = Command::new(env!("CARGO_BIN_EXE_vethlab"))
        .args(["exec", "--", "bash"])
        .arg(folder().join("transcript"))
        .arg(folder().join("cases").join(format!("{case}.sh")))
        .current_dir(&scratch.0)
        .output()
        .expect("vethlab starts");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    blank(&text)
}

/// The steps of a case that differ: number, and both outputs.
fn differences(case: &str) -> Vec<(String, String)> {
    let want = fs::read_to_string(folder().join("want").join(format!("{case}.txt")))
        .expect("a transcript");
    let (want, got) = (blank(&want), simulate(case));
    let mut found = Vec::new();
    for (index, step) in want.iter().enumerate() {
        let mine = got.get(index);
        if mine != Some(step) {
            let shown = |step: &Step| step.output.join("\n    ");
            let mine = mine.map_or("(nothing)".to_owned(), shown);
            let text = format!(
                "{}\n  kernel:\n    {}\n  simulator:\n    {mine}\n",
                step.command,
                shown(step)
            );
            found.push((format!("{case}:{}", index + 1), text));
        }
    }
    found
}

#[test]
fn every_step_is_what_a_real_kernel_printed() {
    let mut cases: Vec<String> = fs::read_dir(folder().join("cases"))
        .expect("the cases")
        .map(|entry| entry.expect("a readable entry").path())
        .map(|path| {
            path.file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    cases.sort();
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let differing = differences(case);
                    found.lock().expect("no thread panicked").extend(differing);
                }
            });
        }
    });
    let mut found = found.into_inner().expect("no thread panicked");
    found.sort();
    let known = known_differences();
    let differing: BTreeSet<&String> = found.iter().map(|(step, _)| step).collect();
    let news: Vec<String> = found
        .iter()
        .filter(|(step, _)| !known.contains(step) && !known.contains(&format!("~{step}")))
        .map(|(step, text)| format!("{step} {text}"))
        .collect();
    let mended: Vec<&String> = known
        .iter()
        .filter(|step| !step.starts_with('~') && !differing.contains(step))
        .collect();
    assert!(
        news.is_empty(),
        "{} steps differ from the kernel:\n{}",
        news.len(),
        news.join("\n")
    );
    assert!(
        mended.is_empty(),
        "no longer different, take them off differences.txt: {mended:?}"
    );
}

#[test]
fn the_same_script_gives_the_same_bytes_twice() {
    for case in ["article-bridge", "capture-article", "router", "ipv6"] {
        assert_eq!(simulate(case), simulate(case), "{case}");
    }
}
