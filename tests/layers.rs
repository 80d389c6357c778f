//! The floors of the house: no module uses a higher one.
//! The floors themselves are described in the crate's design.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules of the crate by floor, the lowest first.
const FLOORS: &[&[&str]] = &[
    &["units"],
    &["wire"],
    &["engine"],
    &["device"],
    &["netns"],
    &["kernel"],
    &["program", "topology", "docker"],
    &["tool"],
    &[
        "workload",
        "scenario",
        "capture",
        "check",
        "session",
        "transcript",
        "cli",
    ],
];

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the source folder is there") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The modules that a file names behind `crate::`, with the line of each. Comments do not count.
fn uses(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or("");
        for part in code.split("crate::").skip(1) {
            let name: String = part
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            found.push((number + 1, name));
        }
    }
    found
}

#[test]
fn no_module_uses_a_higher_floor() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    for file in &files {
        let relative = file.strip_prefix(&src).expect("files of the folder");
        let first = relative
            .components()
            .next()
            .expect("a path")
            .as_os_str()
            .to_string_lossy()
            .replace(".rs", "");
        let Some(own) = floor_of(&first) else {
            assert!(
                ["lib", "main"].contains(&first.as_str()),
                "{first} stands on no floor"
            );
            continue;
        };
        let text = fs::read_to_string(file).expect("source is text");
        for (line, used) in uses(&text) {
            if floor_of(&used).is_some_and(|floor| floor > own) {
                wrong.push(format!(
                    "{}:{line}: {first} (F{own}) uses {used}",
                    relative.display()
                ));
            }
        }
    }
    assert!(files.len() > 20, "the source was found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_one_module_is_a_door_to_smoltcp() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    for file in &files {
        let relative = file.strip_prefix(&src).expect("files of the folder");
        let text = fs::read_to_string(file).expect("source is text");
        let uses_it = text
            .lines()
            .any(|line| line.trim_start().starts_with("use smoltcp"));
        let door = relative.starts_with("wire") || relative.starts_with("netns/socket");
        assert!(
            !uses_it || door,
            "{} uses smoltcp directly",
            relative.display()
        );
    }
}
