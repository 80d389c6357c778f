//! What is written of a session while it runs: a trace, captures, a scenario.
//! The formats are elsewhere; a file that cannot be written is told at the end.

use std::io::{self, Write};
use std::path::Path;

use super::record::Recorder;
use crate::capture::{CaptureFolder, Header, Input, TraceWriter};
use crate::docker::Era;
use crate::engine::trace::Noted;
use crate::kernel::World;
use crate::units::SimTime;

/// Where a trace goes.
pub(super) type TraceFile = Box<dyn Write + Send>;

/// Everything that is written of a session.
#[derive(Default)]
pub struct Sinks {
    trace: Option<TraceWriter<TraceFile>>,
    captures: Option<CaptureFolder>,
    record: Option<Recorder>,
    error: Option<String>,
}

impl Sinks {
    /// Writes a trace into a file.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn trace(&mut self, path: &Path, header: &Header) -> io::Result<()> {
        let file = io::BufWriter::new(std::fs::File::create(path)?);
        self.trace_into(Box::new(file), header)
    }

    /// Writes a trace.
    ///
    /// # Errors
    /// What the writer says.
    pub(super) fn trace_into(&mut self, out: TraceFile, header: &Header) -> io::Result<()> {
        self.trace = Some(TraceWriter::new(out, header)?);
        Ok(())
    }

    /// Writes a capture of each device into a directory.
    ///
    /// # Errors
    /// What the system says of the directory.
    pub fn captures(&mut self, directory: &Path) -> io::Result<()> {
        self.captures = Some(CaptureFolder::new(directory)?);
        Ok(())
    }

    /// Writes the session as a scenario.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn record(
        &mut self,
        path: &Path,
        seed: u64,
        era: Era,
        hosts: Option<&str>,
    ) -> io::Result<()> {
        self.record = Some(Recorder::new(path, seed, era, hosts)?);
        Ok(())
    }

    /// Whether anything is written of hops.
    pub(super) fn wants_hops(&self) -> bool {
        self.trace.is_some() || self.captures.is_some()
    }

    /// Whether the order of calls and events has to be the same when the session is replayed.
    pub(super) fn wants_order(&self) -> bool {
        self.trace.is_some()
    }

    /// Whether anything is written of commands.
    pub(super) fn wants_inputs(&self) -> bool {
        self.trace.is_some() || self.record.is_some()
    }

    fn note(&mut self, what: &str, result: io::Result<()>) {
        if let Err(error) = result
            && self.error.is_none()
        {
            self.error = Some(format!("failed to write the {what}: {error}"));
        }
    }

    pub(super) fn hops(&mut self, noted: &[Noted], world: &World) {
        if self.error.is_some() || noted.is_empty() {
            return;
        }
        if let Some(trace) = &mut self.trace {
            let done = trace.events(noted, world);
            self.note("trace", done);
        }
        if let Some(captures) = &mut self.captures {
            let done = captures.add(noted, world);
            self.note("captures", done);
        }
    }

    pub(super) fn input(&mut self, at: SimTime, pid: u32, input: &Input) {
        if let Some(trace) = &mut self.trace {
            let done = trace.input(at, input);
            self.note("trace", done);
        }
        if let Some(record) = &mut self.record {
            record.input(at, pid, input);
        }
    }

    /// A command has ended with a status, or became another one, simulated or not.
    pub(super) fn output(&mut self, at: SimTime, number: u64, how: Ending) {
        if let Some(trace) = &mut self.trace {
            let done = match how {
                Ending::Status(status) => trace.output(at, number, Some(status)),
                Ending::Becomes { .. } => trace.output(at, number, None),
                Ending::Listens => Ok(()),
            };
            self.note("trace", done);
        }
        if let Some(record) = &mut self.record {
            let done = record.output(at, number, how);
            self.note("scenario", done);
        }
    }

    pub(super) fn stdin(&mut self, at: SimTime, number: u64, part: &[u8]) {
        if let Some(trace) = &mut self.trace {
            let done = trace.stdin(at, number, part);
            self.note("trace", done);
        }
    }

    pub(super) fn signal(&mut self, at: SimTime, number: u64, word: &str) {
        if let Some(trace) = &mut self.trace {
            let done = trace.signal(at, number, word);
            self.note("trace", done);
        }
    }

    /// Writes what is left.
    pub(super) fn finish(&mut self, at: SimTime) -> Result<(), String> {
        if let Some(trace) = self.trace.take() {
            let done = trace.finish(at).map(|_| ());
            self.note("trace", done);
        }
        if let Some(mut captures) = self.captures.take() {
            let done = captures.finish();
            self.note("captures", done);
        }
        if let Some(record) = self.record.take() {
            let done = record.finish();
            self.note("scenario", done);
        }
        self.error.take().map_or(Ok(()), Err)
    }
}

/// How a call of a tool ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ending {
    /// Not yet: it only listens, while others run.
    Listens,
    /// With this exit status.
    Status(i32),
    /// Its process became another command.
    Becomes {
        /// Whether that is a simulated tool.
        simulated: bool,
    },
}
