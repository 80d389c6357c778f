//! `tcpdump`: its words, for captures and for files; the work is `program::tcpdump`'s.
//! Compiled filters (`-d`), rotated files (`-C`, `-G`, `-W`, `-z`), lists of files (`-V`) and secrets are not simulated.

mod words;

pub use words::{Early, parse};

use super::{Call, FileError, Outcome};
use crate::program::Program;
use crate::program::tcpdump::{
    self, Action, Capture, Options, Place, interface_list_of, interface_names, link_types,
};

/// Runs `tcpdump`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    match parse(argv) {
        Ok(options) => start(call, options),
        Err(early) => {
            call.console.out(early.stdout);
            call.console.err(early.stderr);
            Outcome::Exit(early.status)
        }
    }
}

fn start(call: &mut Call<'_>, options: Options) -> Outcome {
    match options.action {
        Action::ListInterfaces => {
            call.console.out(interface_list_of(call.world, call.netns));
            return Outcome::Exit(0);
        }
        Action::ListLinkTypes | Action::ListTimeStampTypes => {
            return list_types(call, options);
        }
        Action::Frames => {}
    }
    if let Some(name) = options.read.clone() {
        return read(call, options, &name);
    }
    let filter = match filter_text(call, &options) {
        Ok(filter) => filter,
        Err(FilterText::Later) => return Outcome::Wait,
        Err(FilterText::Complaint(complaint)) => {
            call.console.err(format!("tcpdump: {complaint}\n"));
            return Outcome::Exit(1);
        }
    };
    let place = Place {
        netns: call.netns,
        stdout_tty: call.env.stdout_tty,
    };
    match Capture::open(call.world, place, options, &filter, call.console) {
        Ok(capture) => Outcome::Start(Box::new(Program::Tcpdump(Box::new(capture)))),
        Err(status) => Outcome::Exit(status),
    }
}

/// Opens the device as a capture would, and lists its types.
fn list_types(call: &mut Call<'_>, options: Options) -> Outcome {
    let place = Place {
        netns: call.netns,
        stdout_tty: false,
    };
    let (action, interface) = (options.action, options.interface.clone());
    let mut quiet = crate::program::Console::default();
    let capture = match Capture::open(call.world, place, options, "", &mut quiet) {
        Ok(capture) => capture,
        Err(status) => {
            call.console.pieces.append(&mut quiet.pieces);
            return Outcome::Exit(status);
        }
    };
    call.world.close_socket(capture.socket());
    let name = interface.unwrap_or_else(|| capture.name().to_owned());
    call.console.err(if action == Action::ListLinkTypes {
        link_types(&name)
    } else {
        format!("Time stamp types for {name} (use option -j to set):\n  host (Host)\n")
    });
    Outcome::Exit(0)
}

fn read(call: &mut Call<'_>, options: Options, name: &str) -> Outcome {
    let content = if name == "-" {
        call.files.stdin()
    } else {
        call.files.read(name)
    };
    let content = match content {
        Ok(content) => content,
        Err(FileError::Wait) => return Outcome::Wait,
        Err(error) => {
            call.console.err(format!("tcpdump: {name}: {error}\n"));
            return Outcome::Exit(1);
        }
    };
    let filter = match filter_text(call, &options) {
        Ok(filter) => Ok(filter),
        Err(FilterText::Later) => return Outcome::Wait,
        Err(FilterText::Complaint(complaint)) => Err(complaint),
    };
    let filter = filter.as_deref().map_err(String::clone);
    let names = interface_names(call.world, call.netns);
    let status = tcpdump::read(&options, name, &content, filter, names, call.console);
    Outcome::Exit(status)
}

/// Why there is no filter expression.
enum FilterText {
    /// Its file is not there yet.
    Later,
    /// Its file cannot be read.
    Complaint(String),
}

/// The filter expression: the operands, or what is in the file of `-F`, without comments.
fn filter_text(call: &mut Call<'_>, options: &Options) -> Result<String, FilterText> {
    let Some(file) = &options.filter_file else {
        return Ok(options.filter.clone());
    };
    match call.files.read(file) {
        Ok(content) => {
            let text = String::from_utf8_lossy(&content).into_owned();
            let lines = text
                .lines()
                .map(|line| line.split('#').next().unwrap_or(""));
            Ok(lines.collect::<Vec<_>>().join("\n"))
        }
        Err(FileError::Wait) => Err(FilterText::Later),
        Err(error) => {
            let words = format!("can't open {file}: {error}");
            Err(FilterText::Complaint(words))
        }
    }
}

#[cfg(test)]
mod tests;
