//! What is written of a scenario while it runs: a trace, and a capture of each device.
//! An error is kept to the end, and nothing is written after it.

use std::io::{self, Write};
use std::path::Path;

use super::{CaptureFolder, Header, Input, TraceWriter};
use crate::engine::trace::Noted;
use crate::kernel::World;
use crate::scenario::checked::{Command, Step};
use crate::scenario::run::Watcher;
use crate::units::SimTime;

/// Writes what happens in a scenario.
#[derive(Default)]
pub struct ScenarioWriter {
    trace: Option<TraceWriter<Box<dyn Write + Send>>>,
    captures: Option<CaptureFolder>,
    error: Option<String>,
}

impl ScenarioWriter {
    /// Writes a trace.
    ///
    /// # Errors
    /// What the writer says.
    pub fn trace_into(&mut self, out: Box<dyn Write + Send>, header: &Header) -> io::Result<()> {
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

    /// Writes what is left.
    ///
    /// # Errors
    /// The first thing that could not be written.
    pub fn finish(mut self) -> Result<(), String> {
        if let Some(captures) = &mut self.captures {
            let done = captures.finish();
            note(&mut self.error, "captures", done);
        }
        self.error.map_or(Ok(()), Err)
    }

    fn traced(
        &mut self,
        write: impl FnOnce(&mut TraceWriter<Box<dyn Write + Send>>) -> io::Result<()>,
    ) {
        if self.error.is_none()
            && let Some(trace) = &mut self.trace
        {
            let done = write(trace);
            note(&mut self.error, "trace", done);
        }
    }
}

fn note(error: &mut Option<String>, what: &str, done: io::Result<()>) {
    if let Err(words) = done
        && error.is_none()
    {
        *error = Some(format!("failed to write the {what}: {words}"));
    }
}

impl Watcher for ScenarioWriter {
    fn step(&mut self, at: SimTime, index: usize, _: usize, step: &Step) {
        self.traced(|trace| trace.step(at, index + 1, step.say.as_deref().unwrap_or("")));
    }

    fn command(&mut self, at: SimTime, number: u64, host: &str, command: &Command) {
        let input = || Input {
            number,
            host: host.to_owned(),
            argv: command.words.clone(),
            ..Input::default()
        };
        self.traced(|trace| trace.input(at, &input()));
    }

    fn ended(&mut self, at: SimTime, number: u64, status: i32) {
        self.traced(|trace| trace.output(at, number, Some(status)));
    }

    fn hops(&mut self, noted: &[Noted], world: &World) {
        self.traced(|trace| trace.events(noted, world));
        if self.error.is_none()
            && let Some(captures) = &mut self.captures
        {
            let done = captures.add(noted, world);
            note(&mut self.error, "captures", done);
        }
    }

    fn end(&mut self, at: SimTime) {
        if self.error.is_none()
            && let Some(trace) = self.trace.take()
        {
            let done = trace.finish(at).map(|_| ());
            note(&mut self.error, "trace", done);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Options, check, read, run};

    /// A file that takes so many bytes.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.0.checked_sub(bytes.len()) {
                Some(left) => {
                    self.0 = left;
                    Ok(bytes.len())
                }
                None => Err(io::Error::other("no space")),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(space: usize) -> (String, Result<(), String>) {
        let text = "name: loopback\nsteps:\n  - say: Me.\n    ping: {to: 127.0.0.1}\n";
        let checked = check(&read(text.as_bytes()).unwrap()).unwrap();
        let mut writer = ScenarioWriter::default();
        let begun = writer.trace_into(Box::new(Full(space)), &Header::default());
        begun.unwrap();
        let report = run::run_watched(&checked, Options::default(), &mut writer);
        (report.digest, writer.finish())
    }

    #[test]
    fn a_full_disk_is_told_at_the_end_and_changes_no_digest() {
        let (digest, done) = written(1 << 20);
        assert_eq!(done, Ok(()));
        let (same, done) = written(500);
        assert_eq!(done, Err("failed to write the trace: no space".to_owned()));
        assert_eq!(digest, same);
    }
}
