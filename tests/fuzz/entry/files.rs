//! Files that the command line reads: scenarios, traces, captures.
//! Nothing is run that a file may make as long as it likes.

use std::fs;
use std::sync::OnceLock;

use vethlab::docker::Engines;
use vethlab::kernel::World;
use vethlab::scenario;
use vethlab::session::{Lab, replay};
use vethlab::tool::{FileError, Files, Shell};
use vethlab::wire::pcap::Reader;

/// A scenario: read, and judged.
pub fn scenario(bytes: &[u8]) {
    let read = scenario::read(bytes);
    let checked = read.and_then(|read| scenario::check(&read));
    if let Err(fault) = checked {
        assert!(!fault.to_string().is_empty());
    }
}

/// A trace: replayed up to its first difference.
pub fn trace(bytes: &[u8]) {
    static PATH: OnceLock<std::path::PathBuf> = OnceLock::new();
    let path = PATH.get_or_init(|| {
        let name = format!("vethlab-fuzz-trace-{}", std::process::id());
        std::env::temp_dir().join(name)
    });
    fs::write(path, bytes).expect("there is a directory for such files");
    let replayed = replay(path, |header| {
        Ok(Lab::new(World::new(header.seed)).with_docker(Engines::default()))
    });
    drop(replayed);
    let _ = fs::remove_file(path);
}

/// The one file that there is.
struct Capture<'a>(&'a [u8]);

impl Files for Capture<'_> {
    fn read(&mut self, _path: &str) -> Result<Vec<u8>, FileError> {
        Ok(self.0.to_vec())
    }

    fn stdin(&mut self) -> Result<Vec<u8>, FileError> {
        Ok(self.0.to_vec())
    }
}

/// A capture: its records, and what tcpdump prints of it.
pub fn pcap(bytes: &[u8]) {
    if let Ok(reader) = Reader::new(bytes) {
        reader.for_each(drop);
    }
    let mut world = World::new(0);
    let mut shell = Shell::new(&mut world);
    for line in [
        "tcpdump -nn -e -vvv -XX -r x",
        "tcpdump -tttt -q -A -r x",
        "tcpdump -n -v -S -# -r x ip or ip6 or vlan or arp",
    ] {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        shell.run_words(&words, &mut Capture(bytes));
    }
}
