//! The simulated tcpdump against the real one: capture files, and what tcpdump 4.99.3 printed for them.
//! `NAME.OPTIONS.txt` is what `tcpdump -OPTIONS NAME.pcap` prints; `filters.txt` how many frames of
//! `protocols.pcap` match an expression, or what is wrong with it.

use std::fs;
use std::path::{Path, PathBuf};

use vethlab::kernel::World;
use vethlab::tool::{FileError, Files, Finished, Shell};
use vethlab::units::Errno;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

/// The files of the folder.
struct Captures;

impl Files for Captures {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, FileError> {
        fs::read(folder().join(path)).map_err(|_| FileError::Errno(Errno::Enoent))
    }

    fn stdin(&mut self) -> Result<Vec<u8>, FileError> {
        Ok(Vec::new())
    }
}

fn tcpdump(words: &[&str]) -> Finished {
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    let line = ["tcpdump"].iter().chain(words);
    let line: Vec<String> = line.map(|word| (*word).to_owned()).collect();
    shell.run_words(&line, &mut Captures)
}

/// The first line that differs, with its number.
fn difference(want: &str, got: &str) -> Option<String> {
    let (mut want_lines, mut got_lines) = (want.lines(), got.lines());
    for number in 1.. {
        match (want_lines.next(), got_lines.next()) {
            (None, None) => return None,
            (want, got) if want == got => {}
            (want, got) => return Some(format!("line {number}:\n want {want:?}\n got  {got:?}")),
        }
    }
    None
}

#[test]
fn frames_print_as_tcpdump_prints_them() {
    let mut checked = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(folder()).expect("the folder of captures") {
        let path = entry.expect("a readable entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("");
        let parts: Vec<&str> = name.split('.').collect();
        let [capture, options, "txt"] = parts[..] else {
            continue;
        };
        let want = fs::read_to_string(&path).expect("text");
        let file = format!("{capture}.pcap");
        let words = format!("-{options}");
        let got = tcpdump(&[&words, &file]);
        if let Some(difference) = difference(&want, &got.stdout) {
            wrong.push(format!("tcpdump {words} {file}, {difference}"));
        }
        assert_eq!(
            got.stderr,
            format!(
                "reading from file {file}, link-type EN10MB (Ethernet), snapshot length 262144\n"
            )
        );
        checked += 1;
    }
    assert!(checked >= 10, "the captures were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn filters_match_what_tcpdumps_match() {
    let cases = fs::read_to_string(folder().join("filters.txt")).expect("the list of filters");
    let mut wrong = Vec::new();
    for case in cases.lines() {
        let (expression, want) = case
            .rsplit_once(" => ")
            .expect("an expression and its result");
        let got = tcpdump(&["--count", "-r", "protocols.pcap", expression]);
        let said = got
            .stderr
            .lines()
            .find_map(|line| line.strip_prefix("tcpdump: "));
        let result = said.unwrap_or(got.stdout.trim_end());
        if result != want {
            wrong.push(format!("{expression:?}: want {want}, got {result}"));
        }
    }
    assert!(cases.lines().count() > 200, "the filters were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_that_is_written_anew_is_the_same() {
    let finished = tcpdump(&["-r", "bridge.pcap", "-w", "copy.pcap"]);
    let original = fs::read(folder().join("bridge.pcap")).expect("the capture");
    assert_eq!(finished.files, [("copy.pcap".to_owned(), original)]);
}
