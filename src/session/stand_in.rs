//! The links that stand in for the machine's own tools: `cat`, `ls`, `ln`, `tee`.
//! They are decided on before a session is asked; which paths are the network's is known to `tool`.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::client::{FAILED, SOCKET, print};
use crate::tool::stays_real;

/// Becomes the machine's own tool, where the call names no path of the network; else gives the words back.
pub(super) fn become_real(tool: &str, argv: Vec<OsString>) -> Result<i32, Vec<OsString>> {
    let words: Vec<String> = argv
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let cwd = std::env::current_dir().unwrap_or_default();
    if !stays_real(&words, &cwd.to_string_lossy()) {
        return Err(argv);
    }
    let links = std::env::var_os(SOCKET).map(|socket| Path::new(&socket).with_file_name("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let Some(program) = next_on_path(&path, links.as_deref(), tool) else {
        let line = format!("{tool}: command not found\n");
        let _ = print(std::io::stderr(), line.as_bytes());
        return Ok(127);
    };
    let error = Command::new(program)
        .arg0(tool)
        .args(argv.into_iter().skip(1))
        .exec();
    let line = format!("{tool}: {error}\n");
    let _ = print(std::io::stderr(), line.as_bytes());
    Ok(FAILED)
}

/// The first such program on a path that is not among the links.
fn next_on_path(path: &OsStr, links: Option<&Path>, tool: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        .filter(|dir| Some(dir.as_path()) != links)
        .map(|dir| dir.join(tool))
        .find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_links_themselves_are_passed_over() {
        let path = OsStr::new("/bin:/usr/bin");
        let usual = next_on_path(path, None, "ls").unwrap();
        assert_eq!(usual, Path::new("/bin/ls"));
        let other = next_on_path(path, Some(Path::new("/bin")), "ls").unwrap();
        assert_eq!(other, Path::new("/usr/bin/ls"));
        assert_eq!(next_on_path(path, None, "no-such-program"), None);
    }
}
