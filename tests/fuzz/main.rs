//! Every committed input of every fuzz target, and mutations of them, through the same functions that libFuzzer calls.
//! What the code does with an input does not steer the mutations here: `docs/checking.md` says how libFuzzer runs.

mod entry;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vethlab::engine::{Random, Seed};

/// So many mutations are tried of each target, where `VETHLAB_FUZZ` does not say another number.
const MUTATIONS: u64 = 40;
/// An input that takes longer, unoptimised, hangs.
const SLOW: Duration = Duration::from_secs(30);

/// The committed inputs of a target, by name.
fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/corpus")
        .join(target);
    let files = fs::read_dir(&corpus).expect("every target has a corpus");
    let mut paths: Vec<_> = files
        .map(|file| file.expect("a readable directory").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no input in {}", corpus.display());
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).expect("a readable file");
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

/// Whether a target takes an input without a panic, and in time.
fn takes(target: &str, bytes: &[u8]) -> bool {
    let begun = Instant::now();
    catch_unwind(|| entry::run(target, bytes)).is_ok() && begun.elapsed() < SLOW
}

#[test]
fn committed_inputs_find_nothing() {
    let mut failed = Vec::new();
    for (target, _) in entry::TARGETS {
        let inputs = corpus(target).into_iter();
        failed.extend(
            inputs
                .filter(|(_, bytes)| !takes(target, bytes))
                .map(|(path, _)| path),
        );
    }
    assert!(failed.is_empty(), "panics or hangs: {failed:?}");
}

#[test]
fn mutations_of_committed_inputs_find_nothing() {
    let count = std::env::var("VETHLAB_FUZZ").ok();
    let count = count.map_or(MUTATIONS, |text| {
        text.parse().expect("VETHLAB_FUZZ is a number")
    });
    let only = std::env::var("VETHLAB_FUZZ_TARGET").ok();
    let mut failed = Vec::new();
    for (target, _) in entry::TARGETS {
        if only.as_ref().is_some_and(|only| only != target) {
            continue;
        }
        let inputs = corpus(target);
        let mut random = Seed(0).stream(target);
        for number in 0..count {
            let bytes = mutation(&inputs, &mut random);
            if !takes(target, &bytes) {
                let path =
                    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{target}-{number}"));
                fs::write(&path, bytes).expect("a writable directory");
                failed.push(path);
            }
        }
    }
    assert!(failed.is_empty(), "panics or hangs: {failed:?}");
}

/// An input with a few things changed: bytes, pieces of other inputs, pieces left out or doubled.
fn mutation(inputs: &[(PathBuf, Vec<u8>)], random: &mut Random) -> Vec<u8> {
    let below = |random: &mut Random, count: usize| {
        random.below(u32::try_from(count.max(1)).expect("inputs are short")) as usize
    };
    let mut bytes = inputs[below(random, inputs.len())].1.clone();
    for _ in 0..=below(random, 6) {
        let at = below(random, bytes.len());
        let end = at + below(random, 24.min(bytes.len() - at + 1));
        match random.below(6) {
            _ if bytes.is_empty() => bytes.push(1),
            0 | 1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][below(random, 5)],
            2 => bytes[at] ^= 1 << random.below(8),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let other = &inputs[below(random, inputs.len())].1;
                let from = below(random, other.len());
                let piece = other[from..other.len().min(from + 40)].to_vec();
                bytes.splice(at..end, piece);
            }
        }
    }
    bytes
}
