//! The traces and captures of scenarios that run: where they go, and a bar for the one who waits.
//! The formats are the library's.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use clap::Args;
use vethlab::capture::{Header, ScenarioWriter};
use vethlab::engine::trace::Noted;
use vethlab::kernel::World;
use vethlab::scenario::Checked;
use vethlab::scenario::checked::{Command, Step};
use vethlab::scenario::run::Watcher;
use vethlab::units::SimTime;

/// What is written of a run.
#[derive(Args, Clone, PartialEq, Eq, Debug, Default)]
pub struct WriteArgs {
    /// Write a pcapng file for each device that sent or got a frame; of several scenarios each into DIR/NAME
    #[arg(long, value_name = "DIR")]
    pcap: Option<PathBuf>,
    /// Write what happened as JSON lines; of several scenarios FILE is a directory, and each goes into FILE/NAME.jsonl
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
}

/// Where the traces and captures of some scenario files go.
#[derive(Clone, Debug, Default)]
pub struct Places {
    args: WriteArgs,
    several: bool,
}

impl Places {
    /// The places for these files.
    ///
    /// # Errors
    /// Two of them have the same name; what the system says of a directory.
    pub fn new(args: &WriteArgs, files: &[PathBuf], several: bool) -> Result<Self, String> {
        let places = Self {
            args: args.clone(),
            several,
        };
        if args == &WriteArgs::default() || !several {
            return Ok(places);
        }
        let mut names = BTreeMap::new();
        for file in files {
            if let Some(other) = names.insert(name(file), file) {
                return Err(format!(
                    "the traces and captures of {} and {} would have the same name",
                    other.display(),
                    file.display()
                ));
            }
        }
        match &args.trace {
            Some(folder) => std::fs::create_dir_all(folder)
                .map_err(|error| failed(folder, &error))
                .map(|()| places),
            None => Ok(places),
        }
    }

    /// Begins to write what happens in a scenario.
    ///
    /// # Errors
    /// What the system says of a file.
    pub fn writer(
        &self,
        file: &Path,
        text: &[u8],
        checked: &Checked,
        seed: Option<u64>,
    ) -> Result<ScenarioWriter, String> {
        let mut writer = ScenarioWriter::default();
        if let Some(path) = &self.args.trace {
            let path = match self.several {
                true => path.join(format!("{}.jsonl", name(file))),
                false => path.clone(),
            };
            let header = Header {
                seed: seed.unwrap_or(checked.seed),
                scenario: Some(String::from_utf8_lossy(text).into_owned()),
                ..Header::default()
            };
            let begun = File::create(&path)
                .and_then(|out| writer.trace_into(Box::new(BufWriter::new(out)), &header));
            begun.map_err(|error| failed(&path, &error))?;
        }
        if let Some(path) = &self.args.pcap {
            let path = match self.several {
                true => path.join(name(file)),
                false => path.clone(),
            };
            let begun = writer.captures(&path);
            begun.map_err(|error| failed(&path, &error))?;
        }
        Ok(writer)
    }
}

fn failed(path: &Path, error: &io::Error) -> String {
    format!("failed to write {}: {error}", path.display())
}

/// What the files of a scenario are called: as it is, without its ending.
fn name(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or(file.as_os_str());
    stem.to_string_lossy().into_owned()
}

/// A writer, and somebody who is told how far it is.
pub struct Shown<'s> {
    /// Writes what happens.
    pub writer: &'s mut ScenarioWriter,
    /// Gets the index of a step that begins, and how many there are.
    pub progress: &'s mut dyn FnMut(usize, usize),
}

impl Watcher for Shown<'_> {
    fn step(&mut self, at: SimTime, index: usize, steps: usize, step: &Step) {
        (self.progress)(index, steps);
        self.writer.step(at, index, steps, step);
    }

    fn command(&mut self, at: SimTime, number: u64, host: &str, command: &Command) {
        self.writer.command(at, number, host, command);
    }

    fn ended(&mut self, at: SimTime, number: u64, status: i32) {
        self.writer.ended(at, number, status);
    }

    fn hops(&mut self, noted: &[Noted], world: &World) {
        self.writer.hops(noted, world);
    }

    fn end(&mut self, at: SimTime) {
        self.writer.end(at);
    }
}
