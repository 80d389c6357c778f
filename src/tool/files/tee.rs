//! `tee` into settings: how `sudo` writes them, since the shell's own `>` is the user's.
//! Into files of the machine it is the real command.

use super::{Fault, absolute, class, is_ours, not_simulated, real};
use crate::tool::call::FileError;
use crate::tool::{Call, Outcome};
use crate::units::Errno;

/// Writes standard input into settings and to standard output, or becomes the real `tee`.
pub fn run(call: &mut Call<'_>, argv: &[String]) -> Outcome {
    let words = argv.get(1..).unwrap_or_default();
    let paths: Vec<&String> = words.iter().filter(|word| !word.starts_with('-')).collect();
    let ours = paths.iter().filter(|path| is_setting(call, path)).count();
    if ours == 0 {
        return real(call, "tee", argv);
    }
    if ours < paths.len() {
        call.console
            .err("vethlab: tee into settings and into files at once is not simulated\n");
        return Outcome::Exit(3);
    }
    let input = match call.files.stdin() {
        Ok(input) => input,
        Err(FileError::Wait) => return Outcome::Wait,
        Err(error) => {
            call.console.err(format!("tee: read error: {error}\n"));
            return Outcome::Exit(1);
        }
    };
    let text = String::from_utf8_lossy(&input).into_owned();
    let mut status = 0;
    // What cannot be opened is complained of before anything is printed.
    let is_shut = |written: &Result<(), Fault>| {
        matches!(written, Err(Fault::Errno(Errno::Enoent | Errno::Eacces)))
    };
    let (shut, open): (Vec<_>, Vec<_>) = paths
        .into_iter()
        .map(|path| (path, write(call, path, &text)))
        .partition(|(_, written)| is_shut(written));
    complain(call, shut, &mut status);
    call.console.out(&input);
    complain(call, open, &mut status);
    Outcome::Exit(status)
}

/// Says of each file why it was not written.
fn complain(call: &mut Call<'_>, files: Vec<(&String, Result<(), Fault>)>, status: &mut i32) {
    for (path, written) in files {
        match written {
            Ok(()) => {}
            Err(Fault::NotSimulated) => *status = not_simulated(call, path),
            Err(Fault::Errno(errno)) => {
                call.console.err(format!("tee: {path}: {errno}\n"));
                *status = (*status).max(1);
            }
        }
    }
}

fn is_setting(call: &Call<'_>, path: &str) -> bool {
    let whole = absolute(&call.env.cwd, path);
    is_ours(&call.env.cwd, path) && (whole.starts_with("/proc/") || whole.starts_with("/sys/"))
}

fn write(call: &mut Call<'_>, path: &str, text: &str) -> Result<(), Fault> {
    let path = absolute(&call.env.cwd, path);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts[..] {
        ["proc", "sys", "net", ref rest @ ..] if !rest.is_empty() => {
            let parts: Vec<String> = rest.iter().map(|part| part.replace('.', "/")).collect();
            let key = format!("net.{}", parts.join("."));
            // Nothing written changes nothing.
            match text.is_empty() {
                true => Ok(()),
                false => Ok(call.world.sysctl_write(call.netns, &key, text.trim_end())?),
            }
        }
        ["sys", "class", "net", ref rest @ ..]
        | ["sys", "devices", "virtual", "net", ref rest @ ..] => class::write(call, rest, text),
        _ => Err(Errno::Eacces.into()),
    }
}
