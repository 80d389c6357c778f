//! Links the program `vethlab` without shared libraries, at a fixed address, where the system has what that takes.
//! It changes no other program and no test, and where something is missing it changes nothing.
//!
//! A session starts this program for each command of a script. Finding and binding three shared libraries, and
//! touching 70 pages to relocate pointers, is half of such a start. Rust's own switch (`-C target-feature=+crt-static`)
//! is refused where procedural macros are built for the same target, so each library that the linker is asked for
//! is shadowed here by a linker script that names its archive. `VETHLAB_SHARED=1` in the environment of the build
//! leaves the program as it would be.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// What std asks the linker for, and the archive that has it.
const ARCHIVES: [(&str, &str); 7] = [
    ("gcc_s", "gcc_eh"),
    ("c", "c"),
    ("m", "m"),
    ("dl", "dl"),
    ("rt", "rt"),
    ("util", "util"),
    ("pthread", "pthread"),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=VETHLAB_SHARED");
    if !is_wanted() {
        return;
    }
    let directory = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("archives");
    if shadow(&directory).is_ok() {
        for argument in ["-static", "-no-pie"] {
            println!("cargo::rustc-link-arg-bin=vethlab={argument}");
        }
        let directory = directory.display();
        println!("cargo::rustc-link-arg-bin=vethlab=-L{directory}");
    }
}

/// Whether the target is the GNU system that this runs on, and nobody asked for something else.
fn is_wanted() -> bool {
    let set = |name: &str| env::var(name).unwrap_or_default();
    let flags = set("CARGO_ENCODED_RUSTFLAGS");
    set("CARGO_CFG_TARGET_OS") == "linux"
        && set("CARGO_CFG_TARGET_ENV") == "gnu"
        && set("TARGET") == set("HOST")
        && set("VETHLAB_SHARED").is_empty()
        // Somebody has another way to link in mind, or a runtime that is shared.
        && env::var_os("RUSTC_LINKER").is_none()
        && !["crt-static", "sanitizer", "linker", "link-arg", "relocation-model", "prefer-dynamic"]
            .iter()
            .any(|flag| flags.contains(flag))
}

/// Writes a script for each library. The error says that an archive is not there.
fn shadow(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for (library, archive) in ARCHIVES {
        let archive = path_of(&format!("lib{archive}.a"))?;
        let script = format!("INPUT(\"{}\")\n", archive.display());
        fs::write(directory.join(format!("lib{library}.so")), script)?;
    }
    Ok(())
}

/// Where the C compiler finds a file: it answers with the bare name where it does not.
fn path_of(file: &str) -> io::Result<PathBuf> {
    let asked = format!("-print-file-name={file}");
    let output = Command::new("cc").arg(asked).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let path = PathBuf::from(text.trim());
    match path.is_absolute() && path.is_file() {
        true => Ok(path),
        false => Err(io::ErrorKind::NotFound.into()),
    }
}
