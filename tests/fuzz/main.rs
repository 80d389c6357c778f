//! Every committed input of every fuzz target, through the same functions that libFuzzer calls.
//! It makes no inputs: `docs/checking.md` says how libFuzzer does.

mod entry;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

#[test]
fn committed_inputs_find_nothing() {
    let mut failed = Vec::new();
    for (target, _) in entry::TARGETS {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fuzz/corpus")
            .join(target);
        let files = fs::read_dir(&corpus).expect("every target has a corpus");
        let mut paths: Vec<_> = files
            .map(|file| file.expect("a readable directory").path())
            .collect();
        paths.sort();
        assert!(!paths.is_empty(), "no input in {}", corpus.display());
        for path in paths {
            let bytes = fs::read(&path).expect("a readable file");
            if catch_unwind(|| entry::run(target, &bytes)).is_err() {
                failed.push(path);
            }
        }
    }
    assert!(failed.is_empty(), "panics: {failed:?}");
}
