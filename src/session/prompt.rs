//! The interactive shell of `vethlab shell`: which one, and a prompt that shows host and namespace.
//! No file of the user is touched: what a shell reads is in the session's directory.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where one is, in front of the prompt: read anew for each prompt.
const PLACE: &str = "(vethlab ${VETHLAB_HOST:-host}${VETHLAB_NETNS:+ $VETHLAB_NETNS})";

/// An interactive shell, and the rc file that other ones of `bash` get.
pub(super) struct Shell {
    pub command: Command,
    pub rcfile: PathBuf,
}

/// The user's shell with a prompt of ours; its files go into `directory`.
pub(super) fn shell(directory: &Path) -> io::Result<Shell> {
    let path = std::env::var_os("SHELL").filter(|path| !path.is_empty());
    let path = path.unwrap_or_else(|| OsString::from("/bin/sh"));
    let name = Path::new(&path).file_name().unwrap_or_default();
    let rcfile = directory.join("bashrc");
    fs::write(&rcfile, bashrc())?;
    let mut command = Command::new(&path);
    match name.to_str().unwrap_or_default() {
        "bash" => drop(command.arg("--rcfile").arg(&rcfile).arg("-i")),
        "zsh" => {
            fs::write(directory.join(".zshrc"), zshrc())?;
            command.arg("-i").env("ZDOTDIR", directory);
            if let Some(own) = std::env::var_os("ZDOTDIR") {
                command.env("VETHLAB_ZDOTDIR", own);
            }
        }
        "fish" => drop(command.arg("--init-command").arg(fish())),
        _ => drop(command.arg("-i").env("PS1", format!("{PLACE} $ "))),
    }
    Ok(Shell { command, rcfile })
}

fn bashrc() -> String {
    format!(
        "[ -f /etc/bash.bashrc ] && . /etc/bash.bashrc\n[ -f ~/.bashrc ] && . ~/.bashrc\nPS1='{PLACE} '\"$PS1\"\n{}",
        path_first()
    )
}

fn zshrc() -> String {
    format!(
        "ZDOTDIR=\"${{VETHLAB_ZDOTDIR:-$HOME}}\"\n[ -f \"$ZDOTDIR/.zshrc\" ] && . \"$ZDOTDIR/.zshrc\"\nsetopt prompt_subst\nPROMPT='{PLACE} '\"$PROMPT\"\n{}",
        path_first()
    )
}

fn fish() -> String {
    "functions -c fish_prompt vethlab_own_prompt; function fish_prompt; \
     set -q VETHLAB_HOST; and set -l h $VETHLAB_HOST; or set -l h host; \
     echo -n \"(vethlab $h\"(set -q VETHLAB_NETNS; and echo \" $VETHLAB_NETNS\")\") \"; vethlab_own_prompt; end; \
     set -gx PATH (dirname $VETHLAB_SOCKET)/bin $PATH"
        .to_owned()
}

/// A user's rc file may have put other directories before ours.
fn path_first() -> &'static str {
    "PATH=\"${VETHLAB_SOCKET%/*}/bin:$PATH\"\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompt_is_read_anew_and_the_links_stay_first() {
        for rc in [bashrc(), zshrc()] {
            assert!(rc.contains("'(vethlab ${VETHLAB_HOST:-host}"), "{rc}");
            assert!(rc.contains("/bin:$PATH"), "{rc}");
        }
    }
}
