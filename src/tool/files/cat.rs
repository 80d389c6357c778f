//! `cat` of files, of which some are the network's.
//! Where all are the machine's own, the real command is called instead.

use super::{Fault, Node, look, not_simulated, real};
use crate::tool::call::FileError;
use crate::tool::{Call, Outcome};
use crate::units::Errno;

/// Prints files, or becomes the real `cat`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words = argv.get(1..).unwrap_or_default();
    let (options, paths): (Vec<&String>, Vec<&String>) = words
        .iter()
        .partition(|word| word.starts_with('-') && word.len() > 1);
    let numbered = options
        .iter()
        .any(|option| *option == "-n" || *option == "--number");
    if let Some(option) = options
        .iter()
        .find(|option| !matches!(option.as_str(), "-n" | "--number" | "-u" | "--"))
    {
        call.console.err(format!(
            "vethlab: cat {option} of a file of the network is not simulated\n"
        ));
        return Outcome::Exit(3);
    }
    let mut contents = Vec::new();
    let mut ours = false;
    for path in paths {
        match look(call, path) {
            Some(found) => {
                ours = true;
                contents.push((path, text_of(found)));
            }
            None => match machines_own(call, path) {
                Err(FileError::Wait) => return Outcome::Wait,
                content => contents.push((path, content.map_err(Complaint::File))),
            },
        }
    }
    match ours {
        true => print(call, contents, numbered),
        false => real(call, "cat", argv),
    }
}

/// What a file cannot be printed for.
enum Complaint {
    Ours(Fault),
    File(FileError),
}

fn text_of(found: Result<Node, Fault>) -> Result<Vec<u8>, Complaint> {
    match found {
        Ok(Node::File(text)) => Ok(text.into_bytes()),
        Ok(Node::Directory(_)) => Err(Complaint::Ours(Errno::Eisdir.into())),
        Err(fault) => Err(Complaint::Ours(fault)),
    }
}

fn machines_own(call: &mut Call<'_>, path: &str) -> Result<Vec<u8>, FileError> {
    match path {
        "-" => call.files.stdin(),
        path => call.files.read(path),
    }
}

fn print(
    call: &mut Call<'_>,
    contents: Vec<(&String, Result<Vec<u8>, Complaint>)>,
    numbered: bool,
) -> Outcome {
    let (mut status, mut line) = (0, 0);
    for (path, content) in contents {
        match content {
            Ok(bytes) if numbered => {
                for text in bytes.split_inclusive(|&byte| byte == b'\n') {
                    line += 1;
                    call.console.out(format!("{line:>6}\t"));
                    call.console.out(text);
                }
            }
            Ok(bytes) => call.console.out(&bytes),
            Err(Complaint::Ours(Fault::NotSimulated)) => status = not_simulated(call, path),
            Err(Complaint::Ours(Fault::Errno(errno))) => {
                call.console.err(format!("cat: {path}: {errno}\n"));
                status = status.max(1);
            }
            Err(Complaint::File(error)) => {
                call.console.err(format!("cat: {path}: {error}\n"));
                status = status.max(1);
            }
        }
    }
    Outcome::Exit(status)
}
